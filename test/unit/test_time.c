/* Days and times against a calendar that counts them one by one. */
#include "base/time.h"

#include "test.h"

static int days_in(int year, int month)
{
	static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month] + (is_leap && month == 2);
}

static struct date next_day(struct date d)
{
	if (++d.day <= days_in(d.year, d.month))
		return d;
	d.day = 1;
	if (++d.month <= 12)
		return d;
	return (struct date){d.year + 1, 1, 1};
}

TEST(every_day_of_the_calendar_has_its_number, "")
{
	struct date d = {1, 1, 1};

	for (int64_t day = DAY_MIN; day <= DAY_MAX; day++, d = next_day(d)) {
		struct date got = date_of(day);
		if (day_of(d) != day || got.year != d.year || got.month != d.month ||
			got.day != d.day) {
			test_fail(t, __FILE__, __LINE__, "%d-%d-%d", d.year, d.month, d.day);
			return;
		}
	}
	CHECK_INT(d.year, 10000);
}

static str printed(struct test_case *t, void (*print)(struct buf *, int64_t), int64_t v)
{
	struct buf b;

	buf_init(&b, t->arena, 100);
	print(&b, v);
	return buf_str(&b);
}

TEST(a_number_outside_the_calendar_is_shown_as_its_end, "")
{
	for (int64_t by = 0; by < 3; by++) {
		CHECK_STR(printed(t, day_print, DAY_MIN - by), S("0001-01-01"));
		CHECK_STR(printed(t, day_print, DAY_MAX + by), S("9999-12-31"));
		CHECK_STR(printed(t, time_print, DAY_MIN * DAY_US - by),
			S("0001-01-01T00:00:00.000000Z"));
		CHECK_STR(printed(t, time_print, (DAY_MAX + 1) * DAY_US - 1 + by),
			S("9999-12-31T23:59:59.999999Z"));
		CHECK_STR(printed(t, time_print_words, (DAY_MAX + 1) * DAY_US - 1 + by),
			S("31 Dec 9999 23:59"));
	}
	CHECK_STR(printed(t, day_print, DAY_MIN + 1), S("0001-01-02"));
	CHECK_STR(printed(t, day_print, DAY_MAX - 1), S("9999-12-30"));
	CHECK_STR(printed(t, time_print, DAY_MIN * DAY_US + 1), S("0001-01-01T00:00:00.000001Z"));
	CHECK_STR(printed(t, time_print, (DAY_MAX + 1) * DAY_US - 2),
		S("9999-12-31T23:59:59.999998Z"));
}

TEST(days_are_shown_in_words_too, "")
{
	static const str words[] = {S_INIT("15 Jan 2026"), S_INIT("15 Feb 2026"),
		S_INIT("15 Mar 2026"), S_INIT("15 Apr 2026"), S_INIT("15 May 2026"),
		S_INIT("15 Jun 2026"), S_INIT("15 Jul 2026"), S_INIT("15 Aug 2026"),
		S_INIT("15 Sep 2026"), S_INIT("15 Oct 2026"), S_INIT("15 Nov 2026"),
		S_INIT("15 Dec 2026")};

	for (int month = 1; month <= 12; month++) {
		int64_t day = day_of((struct date){2026, month, 15});
		CHECK_STR(printed(t, day_print_words, day), words[month - 1]);
		CHECK_STR(printed(t, time_print_words, day * DAY_US + INT64_C(3661000000)),
			str_join(t->arena, words[month - 1], S(" 01:01")));
	}
}

TEST(a_time_falls_on_the_day_that_began_before_it, "")
{
	for (int64_t day = -3; day <= 3; day++) {
		CHECK_INT(day_of_time(day * DAY_US), day);
		CHECK_INT(day_of_time(day * DAY_US - 1), day - 1);
		CHECK_INT(day_of_time(day * DAY_US + 1), day);
	}
}

/* All that have the form, in four years that differ in their leap day. */
TEST(days_that_exist_are_read_and_no_others, "")
{
	static const int years[] = {0, 1, 1900, 2000, 2024, 2026, 9999};

	for (isize y = 0; y < COUNT_OF(years); y++)
		for (int month = 0; month < 100; month++)
			for (int day = 0; day < 100; day++) {
				str s = test_edge(
					str_fmt(t->arena, "%04d-%02d-%02d", years[y], month, day));
				bool is_there = years[y] >= 1 && month >= 1 && month <= 12 &&
					day >= 1 && day <= days_in(years[y], month);
				int64_t got = 0;
				if (day_parse(s, &got) != is_there)
					test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(s));
				if (is_there)
					CHECK_INT(got, day_of((struct date){years[y], month, day}));
			}
}

/* Whatever is taken is what would be printed: no second way to write a moment. */
TEST(no_byte_of_a_time_can_be_another, "")
{
	const str right = S("2026-09-30T12:34:56.123456Z");
	int64_t v;

	for (isize at = 0; at < right.n; at++)
		for (int c = 0; c < 256; c++) {
			char text[40];
			memcpy(text, right.p, (size_t)right.n);
			text[at] = (char)c;
			str s = test_edge((str){text, right.n});
			if (time_parse(s, &v))
				CHECK_STR(printed(t, time_print, v), s);
			s = str_part(s, 0, 10);
			if (day_parse(s, &v))
				CHECK_STR(printed(t, day_print, v), s);
		}
	CHECK(time_parse(right, &v));
	for (isize n = 0; n < right.n; n++) {
		CHECK(!time_parse(test_edge(str_part(right, 0, n)), &v));
		CHECK(day_parse(test_edge(str_part(right, 0, n)), &v) == (n == 10));
	}
}

TEST(hours_minutes_and_seconds_end_where_a_day_does, "")
{
	for (int h = 0; h < 100; h++)
		for (int m = 0; m < 100; m += h == 12 ? 1 : 59)
			for (int s = 0; s < 100; s += m == 0 ? 1 : 59) {
				str text = test_edge(
					str_fmt(t->arena, "1970-01-02T%02d:%02d:%02dZ", h, m, s));
				int64_t v = 0;
				CHECK(time_parse(text, &v) == (h < 24 && m < 60 && s < 60));
				if (h < 24 && m < 60 && s < 60)
					CHECK_INT(v,
						DAY_US +
							((h * 60 + m) * 60 + s) * INT64_C(1000000));
			}
}

TEST(a_second_has_one_to_six_decimals_or_none, "")
{
	static const struct {
		str text;
		int64_t us; /* -1: refused */
	} cases[] = {{S_INIT(""), 0}, {S_INIT("."), -1}, {S_INIT(".5"), 500000},
		{S_INIT(".05"), 50000}, {S_INIT(".123"), 123000}, {S_INIT(".99999"), 999990},
		{S_INIT(".000001"), 1}, {S_INIT(".999999"), 999999}, {S_INIT(".0000001"), -1},
		{S_INIT(".9999990"), -1}, {S_INIT(",5"), -1}, {S_INIT("55"), -1},
		{S_INIT(".5/"), -1}, {S_INIT(".5:"), -1}, {S_INIT("./"), -1}, {S_INIT(".:"), -1},
		{S_INIT(" .5"), -1}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str text = test_edge(
			str_fmt(t->arena, "1970-01-01T00:00:00%.*sZ", STR_ARG(cases[i].text)));
		int64_t v = -1;
		CHECK(time_parse(text, &v) == (cases[i].us >= 0));
		CHECK_INT(v, cases[i].us);
	}
}

TEST_MAIN()
