/* Decimal numbers as files write them, whatever language the program around us speaks:
 * strtod takes a comma for the point where the locale says so, and hexadecimal, "inf" and
 * "nan" everywhere. */
#ifndef PROFICIO_BASE_NUMBER_H
#define PROFICIO_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Reads size bytes that are one number: a sign or none, digits with a point or none (".5"
 * and "5." too), an exponent or none. False when they are not. The value is the double
 * nearest to it; infinite when it is beyond every double. */
PFC_API bool pfc_number_parse(const char *text, size_t size, double *value);

/* Writes a finite number with the fewest of 15, 16 or 17 significant digits, without zeros at
 * their end, that are read back as the same number: "3.25", "-0", "1e+300". Returns the length;
 * 0, and "", of what is not finite. */
#define PFC_NUMBER_TEXT 32
PFC_API size_t pfc_number_format(double value, char text[PFC_NUMBER_TEXT]);

/* Writes it as printf("%lld") does. Returns the length. */
PFC_API size_t pfc_number_format_whole(int64_t value, char text[PFC_NUMBER_TEXT]);

/* Writes a finite number with 0 to 6 places, byte for byte as printf("%.*f") does, rounded to
 * even where a number lies between two. Returns the length; 0, and "", of what is not finite or
 * does not fit: 1e20 and more. */
PFC_API size_t pfc_number_format_places(double value, int places, char text[PFC_NUMBER_TEXT]);

/* Writes a finite number with 6 significant digits, byte for byte as printf("%.6g") does, in a
 * tenth of the time. Returns the length; 0, and "", of what is not finite. */
PFC_API size_t pfc_number_format6(double value, char text[PFC_NUMBER_TEXT]);

#endif
