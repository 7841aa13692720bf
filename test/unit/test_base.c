#include "base/json.h"

#include "base/utf8.h"
#include "test.h"

#include <time.h>

TEST(str_cut_leaves_nothing_when_the_mark_is_missing, "")
{
	str rest = S("alone");

	CHECK_STR(str_cut(&rest, ','), S("alone"));
	CHECK_INT(rest.n, 0);
}

TEST(str_int_holds_to_its_range, "")
{
	int64_t v = 7;

	CHECK(str_int(S("-9223372036854775808"), INT64_MIN, INT64_MAX, &v) && v == INT64_MIN);
	CHECK(str_int(S("9223372036854775807"), INT64_MIN, INT64_MAX, &v) && v == INT64_MAX);
	CHECK(!str_int(S("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
	CHECK(!str_int(S(""), 0, 9, &v) && !str_int(S("-"), -9, 9, &v) &&
		!str_int(S("1 "), 0, 9, &v));
	CHECK(!str_int(S("10"), 0, 9, &v) && !str_int(S("+1"), 0, 9, &v));
}

TEST(arena_bulk_leaves_the_reserve, "")
{
	isize room = arena_room(t->arena);

	CHECK(!arena_bulk(t->arena, room));
	CHECK(arena_bulk(t->arena, room / 2) != NULL);
	CHECK(arena_room(t->arena) <= room / 2);
}

TEST(buf_refuses_to_grow_past_its_maximum, "")
{
	struct buf b;

	buf_init(&b, t->arena, 8);
	buf_add(&b, S("12345678"));
	CHECK(!b.full);
	buf_char(&b, '9');
	CHECK(b.full);
	CHECK_STR(buf_view(&b), S("12345678"));
}

TEST(days_and_dates_agree_over_the_whole_calendar, "")
{
	int64_t day;

	CHECK_INT(day_of((struct date){1970, 1, 1}), 0);
	CHECK_INT(day_of((struct date){1, 1, 1}), DAY_MIN);
	CHECK_INT(day_of((struct date){9999, 12, 31}), DAY_MAX);
	for (int64_t d = DAY_MIN; d <= DAY_MAX; d += 97)
		CHECK_INT(day_of(date_of(d)), d);
	CHECK(day_parse(S("2024-02-29"), &day) && !day_parse(S("2023-02-29"), &day));
	CHECK(!day_parse(S("2023-2-9"), &day) && !day_parse(S("0000-01-01"), &day));
}

TEST(times_read_back_as_printed, "")
{
	struct buf b;
	int64_t v;

	buf_init(&b, t->arena, 64);
	time_print(&b, INT64_C(1790751660123456));
	CHECK(time_parse(buf_str(&b), &v) && v == INT64_C(1790751660123456));
	CHECK(!time_parse(S("2026-09-30T24:00:00Z"), &v));
	CHECK(!time_parse(S("2026-09-30T00:00:00+00:00"), &v));
}

TEST(utf8_refuses_what_rfc_3629_refuses, "")
{
	CHECK_INT(utf8_check(S("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), -1);
	CHECK_INT(utf8_check(S("a\xc0\x80")), 1);        /* overlong */
	CHECK_INT(utf8_check(S("\xed\xa0\x80")), 0);     /* surrogate */
	CHECK_INT(utf8_check(S("\xf4\x90\x80\x80")), 0); /* above U+10FFFF */
	CHECK_INT(utf8_check(S("ab\xe2\x82")), 2);       /* cut short */
}

TEST(base64_takes_exactly_what_it_gives, "")
{
	char bytes[8];
	struct buf b;
	isize n;

	buf_init(&b, t->arena, 64);
	base64_print(&b, "ward!", 5);
	CHECK_STR(buf_str(&b), S("d2FyZCE="));
	CHECK(base64_parse(S("d2FyZCE="), bytes, 8, &n) && n == 5);
	CHECK(!base64_parse(S("d2FyZCE"), bytes, 8, &n));
	CHECK(!base64_parse(S("d2FyZCF="), bytes, 8, &n)); /* a spare bit is set */
	CHECK(!base64_parse(S("d2FyZCE="), bytes, 4, &n));
}

TEST(json_names_line_and_column_of_what_is_wrong, "")
{
	struct err e = {.arena = t->arena};

	CHECK(!json_parse(t->arena, &e, S("{\"a\": 1,\n \"b\" 2}")));
	CHECK_INT(e.code, ERR_SYNTAX);
	CHECK_INT(e.line, 2);
	CHECK_INT(e.column, 6);
}

TEST(json_refuses_what_strict_readers_refuse, "")
{
	static const str bad[] = {S_INIT(""), S_INIT("{"), S_INIT("[1,]"), S_INIT("{\"a\":1,}"),
		S_INIT("{\"a\":1,\"a\":2}"), S_INIT("01"), S_INIT("1."), S_INIT(".5"), S_INIT("+1"),
		S_INIT("\"\\u0000\""), S_INIT("\"\\ud800\""), S_INIT("\"\x01\""), S_INIT("\"a"),
		S_INIT("nul"), S_INIT("1 2"), S_INIT("[1}"), S_INIT("{1:2}"), S_INIT("\"\xff\""),
		S_INIT("[,1]"), S_INIT("1e400"),
		S_INIT("-1e999999999999999999999"),
		S_INIT("1.7976931348623159e308"),
		S_INIT("\xef\xbb\xbf{}"), S_INIT("{\"a\"}"), S_INIT("{\"a\":}"), S_INIT("]")};

	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err e = {.arena = t->arena};
		if (json_parse(t->arena, &e, bad[i]))
			test_fail(t, __FILE__, __LINE__, "took %.*s", STR_ARG(bad[i]));
		CHECK_INT(e.code, ERR_SYNTAX);
	}
}

TEST(json_holds_its_depth, "")
{
	struct buf b;
	struct err e = {.arena = t->arena};

	buf_init(&b, t->arena, 4096);
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		buf_char(&b, '[');
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		buf_char(&b, ']');
	CHECK(json_parse(t->arena, &e, buf_str(&b)) != NULL);
	b.n = 0;
	for (int i = 0; i <= LIMIT_JSON_DEPTH; i++)
		buf_char(&b, '[');
	CHECK(!json_parse(t->arena, &e, buf_str(&b)));
}

TEST(json_canonical_form_is_that_of_rfc_8785, "")
{
	static const struct {
		str in, out;
	} cases[] = {
		{S_INIT("{\"b\":1,\"a\":[true,null]}"), S_INIT("{\"a\":[true,null],\"b\":1}")},
		{S_INIT("1e21"), S_INIT("1e+21")},
		{S_INIT("1E20"), S_INIT("100000000000000000000")},
		{S_INIT("0.000001"), S_INIT("0.000001")},
		{S_INIT("1e-7"), S_INIT("1e-7")},
		{S_INIT("-0"), S_INIT("0")},
		{S_INIT("333333333.33333329"), S_INIT("333333333.3333333")},
		{S_INIT("4.50"), S_INIT("4.5")},
		{S_INIT("1000000000000000000000000000000000000000000000000000000000000000000000"),
			S_INIT("1e+69")},
		{S_INIT("0.000000000000000000000000000000000000000000000000000000000000000000"
			"0000"
			"1"),
			S_INIT("1e-71")},
		{S_INIT("1.7976931348623157e308"), S_INIT("1.7976931348623157e+308")},
		{S_INIT("5e-324"), S_INIT("5e-324")},
		{S_INIT("1e-400"), S_INIT("0")},
		{S_INIT("0e999999999999999999999"), S_INIT("0")},
		/* A power of two: the nearest 16 digits belong to the double below. */
		{S_INIT("5.6843418860808015e-14"), S_INIT("5.684341886080802e-14")},
		{S_INIT("9007199254740993"), S_INIT("9007199254740992")},
		{S_INIT("\"\\u20ac$\\u000f\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\""),
			S_INIT("\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct buf b;
		const struct json *j = json_parse(t->arena, &e, cases[i].in);
		buf_init(&b, t->arena, 4096);
		CHECK(j != NULL);
		json_canonical(&b, t->arena, j);
		CHECK_STR(buf_str(&b), cases[i].out);
	}
}

TEST(err_keeps_the_first_and_collects_issues, "")
{
	struct err e = {.arena = t->arena};

	CHECK(!err_issue(&e, S("title"), "is empty"));
	CHECK(!err_issue(&e, S("due"), "is no date"));
	CHECK(!FAIL(&e, ERR_CONFLICT, "later"));
	CHECK_INT(e.code, ERR_INVALID);
	CHECK_STR(err_text(&e), S("is empty"));
	CHECK(e.issues && e.issues->next && !e.issues->next->next);
}

TEST(an_error_is_never_cut_inside_a_character, "")
{
	for (int before = 380; before < 402; before++) {
		struct err e = {.arena = t->arena};
		char *long_text = NEW(t->arena, char, 500);
		memset(long_text, 'a', (size_t)before);
		snprintf(long_text + before, 80, "%s",
			"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa4\xf0\x9f\x98\x80"
			"\xf0\x9f\x98\x80");
		CHECK(!FAIL(&e, ERR_INVALID, "%s", long_text));
		CHECK(utf8_check(err_text(&e)) < 0);
		CHECK(err_text(&e).n > 390 || err_text(&e).n >= before);
		err_clear(&e);
		CHECK(!err_issue(&e, S("title"), "%s", long_text));
		CHECK(utf8_check(e.issues->text) < 0);
	}
}

/* Keys with the same low bits of FNV-1a, met in the middle: three letters forward, three back by
   the inverse of the prime. */
enum { MEET_BITS = 18, LETTERS = 64, THREE = LETTERS * LETTERS * LETTERS };
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static isize colliding(struct test_case *t, struct buf *b, isize want)
{
	const uint32_t mask = (1u << MEET_BITS) - 1, prime = 0x1b3;
	int32_t *next = NEW(t->arena, int32_t, THREE), *head = NEW(t->arena, int32_t, mask + 1);
	uint32_t inverse = 1;
	isize count = 0;

	while ((inverse * prime & mask) != 1)
		inverse += 2;
	for (int32_t i = 0; i < THREE; i++) {
		uint32_t h = 0xcbf29ce484222325u & mask;
		for (int k = 0; k < 3; k++)
			h = (h ^ (unsigned char)letters[i >> 6 * k & 63]) * prime & mask;
		next[i] = head[h];
		head[h] = i + 1;
	}
	for (int32_t i = 0; i < THREE && count < want; i++) {
		uint32_t h = 0;
		for (int k = 2; k >= 0; k--)
			h = (h * inverse ^ (unsigned char)letters[i >> 6 * k & 63]) & mask;
		for (int32_t j = head[h]; j && count < want; j = next[j - 1])
			buf_fmt(b, "%s\"%c%c%c%c%c%c\":1", count++ ? "," : "{",
				letters[(j - 1) & 63], letters[(j - 1) >> 6 & 63],
				letters[(j - 1) >> 12 & 63], letters[i & 63], letters[i >> 6 & 63],
				letters[i >> 12 & 63]);
	}
	buf_char(b, '}');
	return count;
}

static double seconds(struct test_case *t, str in)
{
	struct err e = {.arena = t->arena};
	clock_t from = clock();

	CHECK(json_parse(t->arena, &e, in) != NULL);
	return (double)(clock() - from) / CLOCKS_PER_SEC;
}

TEST(keys_that_a_stranger_chose_to_collide_cost_what_others_cost, "")
{
	enum { KEYS = 100000 };
	struct buf chosen, plain;

	buf_init(&chosen, t->arena, 4 << 20);
	buf_init(&plain, t->arena, 4 << 20);
	CHECK_INT(colliding(t, &chosen, KEYS), KEYS);
	for (int i = 0; i < KEYS; i++)
		buf_fmt(&plain, "%s\"%06d\":1", i ? "," : "{", i);
	buf_char(&plain, '}');
	double other = seconds(t, buf_str(&plain)), cost = seconds(t, buf_str(&chosen));
	if (cost > 5 * other + 0.2)
		test_fail(t, __FILE__, __LINE__, "%.2f s against %.2f s", cost, other);
}

TEST(hashes_are_equal_for_equal_keys_and_spread, "")
{
	int64_t slot[256] = {0};

	CHECK(str_hash(S("abcdefghi")) == str_hash(str_dup(t->arena, S("abcdefghi"))));
	CHECK(str_hash(S("")) != str_hash((str){"\0", 1}));
	for (int i = 0; i < 25600; i++)
		slot[str_hash(str_fmt(t->arena, "k%d", i)) & 255]++;
	for (int i = 0; i < 256; i++)
		CHECK(slot[i] > 40 && slot[i] < 180);
}

TEST(a_byte_that_is_not_utf8_is_found_wherever_it_stands, "")
{
	char text[40];

	for (isize n = 0; n < COUNT_OF(text); n++)
		for (isize at = 0; at < n; at++) {
			memset(text, 'a', sizeof text);
			CHECK_INT(utf8_check((str){text, n}), -1);
			text[at] = (char)0xff;
			CHECK_INT(utf8_check((str){text, n}), at);
			if (at + 1 < n) {
				text[at] = (char)0xc3;
				text[at + 1] = (char)0xa4;
				CHECK_INT(utf8_check((str){text, n}), -1);
			}
		}
}

TEST_MAIN()
