/*
 * Dates and times as numbers: days and microseconds since 1970-01-01 UTC.
 * Nothing here reads a clock.  Years 0001 to 9999, Gregorian.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H
#include "base/buf.h"

#define DAY_US  INT64_C(86400000000)
#define DAY_MIN INT64_C(-719162) /* 0001-01-01 */
#define DAY_MAX INT64_C(2932896) /* 9999-12-31 */
/* No date; a field that is not filled in. */
#define DAY_NONE  INT64_MIN
#define TIME_NONE INT64_MIN

struct date {
	int year, month, day; /* month and day from 1 */
};

int64_t day_of(struct date d);
struct date date_of(int64_t day);
int month_days(int year, int month);
/* The day on which the time falls (UTC). */
int64_t day_of_time(int64_t time_us);
/* Whether a day, or DAY_NONE, has gone by: on the day itself nothing is late. */
bool day_is_past(int64_t day, int64_t today);
/* "2026-09-30"; only this form, only dates that exist. */
CHECKED bool day_parse(str s, int64_t *out);
void day_print(struct buf *b, int64_t day);
/* "30 Sep 2026", for people. */
void day_print_words(struct buf *b, int64_t day);
/* RFC 3339 in UTC: "2026-09-30T06:41:00Z" with up to six decimals of a second. */
CHECKED bool time_parse(str s, int64_t *out);
/* Always with six decimals, as the ledger writes it. */
void time_print(struct buf *b, int64_t time_us);
/* "30 Sep 2026 06:41", for people. */
void time_print_words(struct buf *b, int64_t time_us);
#endif
