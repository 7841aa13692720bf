#include "base/time.h"

#include <assert.h>

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	assert(month >= 1 && month <= 12);
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Both ways after Howard Hinnant's "chrono-compatible low-level date algorithms":
   years begin in March, so that the leap day is the last of its year. */
int64_t day_of(struct date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = y / 400, year = y - era * 400;
	int64_t month = (d.month + 9) % 12;
	int64_t day = (153 * month + 2) / 5 + d.day - 1;

	return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

/* A store that was damaged may hold any number; the calendar ends. */
static int64_t within(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

struct date date_of(int64_t day)
{
	day = within(day, DAY_MIN, DAY_MAX);
	int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t d = z - era * 146097;
	int64_t year = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t in_year = d - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153;
	struct date out;

	out.day = (int)(in_year - (153 * month + 2) / 5 + 1);
	out.month = (int)(month < 10 ? month + 3 : month - 9);
	out.year = (int)(year + era * 400 + (out.month <= 2));
	return out;
}

int64_t day_of_time(int64_t time_us)
{
	return time_us / DAY_US - (time_us % DAY_US < 0);
}

bool day_is_past(int64_t day, int64_t today)
{
	return day != DAY_NONE && day < today;
}

static bool digits(str s, isize from, isize count, int *out)
{
	*out = 0;
	for (isize i = from; i < from + count; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

bool day_parse(str s, int64_t *out)
{
	struct date d;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	if (!digits(s, 0, 4, &d.year) || !digits(s, 5, 2, &d.month) || !digits(s, 8, 2, &d.day))
		return false;
	if (d.year < 1 || d.month < 1 || d.month > 12)
		return false;
	if (d.day < 1 || d.day > month_days(d.year, d.month))
		return false;
	*out = day_of(d);
	return true;
}

void day_print(struct buf *b, int64_t day)
{
	struct date d = date_of(day);

	buf_fmt(b, "%04d-%02d-%02d", d.year, d.month, d.day);
}

void day_print_words(struct buf *b, int64_t day)
{
	static const char *const names[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct date d = date_of(day);

	buf_fmt(b, "%d %s %d", d.day, names[d.month - 1], d.year);
}

/* ".5" to ".123456": decimals of a second in microseconds. */
static bool fraction(str s, int64_t *out)
{
	int64_t us = 0;

	if (s.n == 0) {
		*out = 0;
		return true;
	}
	if (s.n < 2 || s.n > 7 || s.p[0] != '.')
		return false;
	for (isize i = 1; i < 7; i++) {
		int digit = i < s.n ? s.p[i] - '0' : 0;
		if (digit < 0 || digit > 9)
			return false;
		us = us * 10 + digit;
	}
	*out = us;
	return true;
}

bool time_parse(str s, int64_t *out)
{
	int hour, minute, second;
	int64_t day, us;

	if (s.n < 20 || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' || s.p[s.n - 1] != 'Z')
		return false;
	if (!day_parse(str_part(s, 0, 10), &day))
		return false;
	if (!digits(s, 11, 2, &hour) || !digits(s, 14, 2, &minute) || !digits(s, 17, 2, &second))
		return false;
	/* Leap seconds do not exist in our scale, as in POSIX. */
	if (hour > 23 || minute > 59 || second > 59 || !fraction(str_part(s, 19, s.n - 1), &us))
		return false;
	*out = day * DAY_US + ((hour * 60 + minute) * INT64_C(60) + second) * 1000000 + us;
	return true;
}

static int64_t printable(int64_t time_us)
{
	return within(time_us, DAY_MIN * DAY_US, DAY_MAX * DAY_US + DAY_US - 1);
}

void time_print(struct buf *b, int64_t time_us)
{
	time_us = printable(time_us);
	int64_t day = day_of_time(time_us), us = time_us - day * DAY_US, s = us / 1000000;

	day_print(b, day);
	buf_fmt(b, "T%02d:%02d:%02d.%06dZ", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60),
		(int)(us % 1000000));
}

void time_print_words(struct buf *b, int64_t time_us)
{
	time_us = printable(time_us);
	int64_t day = day_of_time(time_us), s = (time_us - day * DAY_US) / 1000000;

	day_print_words(b, day);
	buf_fmt(b, " %02d:%02d", (int)(s / 3600), (int)(s / 60 % 60));
}
