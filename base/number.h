/* Decimal numbers as files write them, whatever language the program around us speaks:
 * strtod takes a comma for the point where the locale says so, and hexadecimal, "inf" and
 * "nan" everywhere. */
#ifndef PROFICIO_BASE_NUMBER_H
#define PROFICIO_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Reads size bytes that are one number: a sign or none, digits with a point or none (".5"
 * and "5." too), an exponent or none. False when they are not. The value is the double
 * nearest to it; infinite when it is beyond every double. */
PFC_API bool pfc_number_parse(const char *text, size_t size, double *value);

#endif
