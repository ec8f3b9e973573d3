/* The table of degenerate data sets: one line is one data set. */
#ifndef PROFICIO_TESTS_SUPPORT_DEGENERATE_ROWS_H
#define PROFICIO_TESTS_SUPPORT_DEGENERATE_ROWS_H

/* What is expected follows from what each model needs: profile 50 ratings on the scale, not all
 * of one level; affinity an enrolment with a confidence above 0; success 50 starts whose result
 * is known and that could have ended, with both results among them; accept 50 offers whose
 * answer is known, with both answers among them; time 20 episodes that end in proficiency. */
typedef struct degenerate_row {
  const char *base, *edits; /* of degenerate.h; together the row's name */
  const char *fits;         /* models that can be trained, of "PASOT"; "" none; "!" training
                               fails with a message that holds `says` */
  const char *says; /* in the reason of each model that does not fit: of base "ratings" in that
                       of profile alone, of "offers" in that of accept alone, of others in those
                       of the rest; NULL: there is one, whatever it says */
} degenerate_row;

extern degenerate_row degenerate_rows[];
extern const int n_degenerate_rows;

#endif
