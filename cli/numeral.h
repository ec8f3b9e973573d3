/* Numbers as a page shows them to people: a real minus sign, thousands set apart, no more
 * digits than tell something. */
#ifndef PROFICIO_CLI_NUMERAL_H
#define PROFICIO_CLI_NUMERAL_H

enum { NUMERAL = 64 };

/* "-1 234.50" with so many decimals (0 to 12), the space a narrow one that does not break;
 * beyond 1e12 "1.23e+15"; a dash of what is not finite. Returns text. */
const char *numeral_fixed(double value, int decimals, char text[NUMERAL]);

/* Digits behind the point that numbers of that size need: 0 from 100 on, 3 below 1, more where
 * that would leave fewer than two digits that count. */
int numeral_decimals(double size);

/* With so many: "0.384", "12.3", "1234". */
const char *numeral_short(double value, char text[NUMERAL]);

/* A share in percent with one decimal, none from 10 % on: "3.8 %", "38 %". */
const char *numeral_percent(double share, char text[NUMERAL]);

/* With so many decimals: "38.4 %". */
const char *numeral_percent_fixed(double share, int decimals, char text[NUMERAL]);

#endif
