/* What a picture says: positions on it, read back as values by the labels of its axes alone. */
#ifndef PROFICIO_TESTS_SUPPORT_PICTURE_H
#define PROFICIO_TESTS_SUPPORT_PICTURE_H

#include "tests/support/xml.h"

/* value = a + b * position, by the first and the last label of an axis. */
typedef struct picture_scale {
  double a, b;
  int n_ticks;
} picture_scale;

/* of: "x ticks" or "y ticks"; n: the n-th axis of that kind, from 0. Fails unless every label
 * stands where a straight scale has it, within half a pixel. */
picture_scale picture_axis(const xml_document *d, const char *of, int n);
double picture_value(const picture_scale *s, double position);

/* The middle of a point, by its shape; i_group: an element of class "point". */
void picture_point(const xml_document *d, int i_group, double *x, double *y);

/* A label as a number: "-1 234", "40 %" is 0.4. */
double picture_number(const char *label);

#endif
