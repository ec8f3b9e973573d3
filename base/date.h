/* ISO 8601 dates and date-times, proleptic Gregorian, UTC. */
#ifndef PROFICIO_BASE_DATE_H
#define PROFICIO_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PFC_NO_DATE INT32_MIN   /* a missing day */
#define PFC_NO_TIME INT64_MIN   /* a missing second */
#define PFC_FIRST_DAY (-719162) /* 0001-01-01 */
#define PFC_LAST_DAY 2932896    /* 9999-12-31 */
#define PFC_DAY_S 86400         /* seconds of a day */
#define PFC_DATE_TEXT 16        /* room for "YYYY-MM-DD" */
#define PFC_TIME_TEXT 32        /* room for "YYYY-MM-DDThh:mm:ssZ" */

/* Days since 1970-01-01 of a calendar day; false when there is no such day
 * (2023-02-29). Years 1..9999. */
PFC_API bool pfc_date_from_ymd(int year, int month, int day, int32_t *days);

/* Calendar months since January of the year 0; in *day the day of the month, 1..31. */
PFC_API int64_t pfc_date_month(int32_t days, int *day);

/* The same day of the month so many months later (earlier where negative), or the last day of
 * that month where it is shorter; INT32_MAX outside the years 1..9999. */
PFC_API int32_t pfc_date_add_months(int32_t days, int64_t months);

/* "2014-10-01", or a date-time whose day, as written, is taken ("2014-10-01T08:30:00Z");
 * false when s is neither, or names a day or time that does not exist. */
PFC_API bool pfc_date_parse(const char *s, int32_t *days);

/* "2014-10-01T08:30:00Z", with a space for T, with +hh:mm, without zone (UTC),
 * without seconds, with fractional seconds (cut), or a bare date (midnight). */
PFC_API bool pfc_time_parse(const char *s, int64_t *seconds);

/* The day in which a second lies, also before 1970. */
PFC_API int64_t pfc_time_day(int64_t seconds);

/* Empty text for the missing value, and outside the years 1..9999. */
PFC_API void pfc_date_format(int32_t days, char text[PFC_DATE_TEXT]);
PFC_API void pfc_time_format(int64_t seconds, char text[PFC_TIME_TEXT]);

#endif
