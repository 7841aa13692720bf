/*
 * The canonical form of RFC 8785 and the other ways to write JSON, each against what a plain
 * reading of the rule gives.
 */
#include "base/json.h"
#include "base/utf8.h"

#include "test.h"

static str canonical(struct test_case *t, str text)
{
	struct err e = {.arena = t->arena};
	const struct json *j = json_parse(t->arena, &e, text);
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	if (j)
		json_canonical(&b, t->arena, j);
	else
		test_fail(t, __FILE__, __LINE__, "%s: %.*s", e.text, STR_ARG(text));
	return buf_str(&b);
}

/* ---- numbers ---- */

/* As ECMAScript lays out digits d1…dn of which the point stands behind the `point`th. */
static str laid_out(struct test_case *t, const char *d, int n, int point)
{
	struct buf b;

	buf_init(&b, t->arena, 1000);
	if (point > 21 || point < -5) {
		buf_fmt(&b, n > 1 ? "%c.%s" : "%c%s", d[0], d + 1);
		buf_fmt(&b, "e%c%d", point > 0 ? '+' : '-', point > 0 ? point - 1 : 1 - point);
		return buf_str(&b);
	}
	if (point <= 0)
		buf_add(&b, S("0."));
	for (int i = point; i < 0; i++)
		buf_char(&b, '0');
	for (int i = 0; i < n || i < point; i++) {
		if (i == point && point > 0)
			buf_char(&b, '.');
		buf_char(&b, i < n ? d[i] : '0');
	}
	return buf_str(&b);
}

/* Up to fifteen digits are the shortest of their double, whatever the exponent. */
TEST(numbers_are_laid_out_as_ecmascript_does, "")
{
	static const char *const digits[] = {
		"1", "9", "12", "99", "101", "123456789", "999999999999999", "100000000000001"};

	for (isize i = 0; i < COUNT_OF(digits); i++)
		for (int point = -300; point <= 300; point += point < -12 || point > 27 ? 9 : 1) {
			const char *d = digits[i];
			int n = (int)str_of(d).n;
			str in = str_fmt(t->arena, "0.%se%d", d, point);
			str want = laid_out(t, d, n, point);
			CHECK_STR(canonical(t, in), want);
			CHECK_STR(canonical(t, str_fmt(t->arena, "-%.*s", STR_ARG(in))),
				str_fmt(t->arena, "-%.*s", STR_ARG(want)));
			CHECK_STR(canonical(t, want), want);
		}
}

static double read_back(const char *text)
{
	double v = 0;

	return sscanf(text, "%lf", &v) == 1 ? v : 0;
}

/* The digits of a text without point and exponent, and without zeros at either end. */
static str digits_of(struct test_case *t, str text)
{
	struct buf b;

	buf_init(&b, t->arena, 1000);
	for (isize i = 0; i < text.n && text.p[i] != 'e'; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9' && (b.n || text.p[i] != '0'))
			buf_char(&b, text.p[i]);
	while (buf_back(&b, '0'))
		;
	return buf_str(&b);
}

/* Of so many digits, whether any number reads back: the one nearest below or above. */
static bool can_be_said(double v, int digits)
{
	char text[64], *end;

	snprintf(text, sizeof text, "%.*e", digits - 1, v);
	if (!(read_back(text) < v) && !(read_back(text) > v))
		return true;
	for (int by = -1; by <= 1; by += 2) {
		char other[64];
		memcpy(other, text, sizeof text);
		end = memchr(other, 'e', sizeof other);
		char *last = end - 1;
		if ((by < 0 && *last == '0') || (by > 0 && *last == '9'))
			continue;
		*last = (char)(*last + by);
		if (!(read_back(other) < v) && !(read_back(other) > v))
			return true;
	}
	return false;
}

static void check_shortest(struct test_case *t, double v)
{
	char text[64];
	struct arena_mark mark = arena_here(t->arena);

	snprintf(text, sizeof text, "%.17e", v);
	str got = canonical(t, str_of(text));
	double back = read_back(cstr(t->arena, got));
	isize digits = digits_of(t, got).n;
	if (back < v || back > v)
		test_fail(t, __FILE__, __LINE__, "%s is written %.*s", text, STR_ARG(got));
	if (digits > 1 && can_be_said(v, (int)digits - 1))
		test_fail(t, __FILE__, __LINE__, "%.*s is longer than need be", STR_ARG(got));
	CHECK_STR(canonical(t, got), got);
	arena_rewind(t->arena, mark);
}

TEST(doubles_are_written_with_the_fewest_digits_that_read_back, "")
{
	uint64_t random = 29;

	for (int i = 0; i < 2098; i++) {
		uint64_t bits = i < 52 ? UINT64_C(1) << i : (uint64_t)(i - 51) << 52;
		double v;
		for (int by = -1; by <= 1; by++) {
			uint64_t near = bits + (uint64_t)by;
			memcpy(&v, &near, sizeof v);
			if (near > 0 && near < UINT64_C(0x7ff0000000000000) && i % 7 == by + 1)
				check_shortest(t, v);
		}
	}
	for (int i = 0; i < 2000; i++) {
		uint64_t bits = (uint64_t)test_random(&random, INT64_C(1) << 30) << 33 |
			(uint64_t)test_random(&random, INT64_C(1) << 30) << 3 |
			(uint64_t)test_random(&random, 8);
		double v;
		bits &= UINT64_C(0x7fffffffffffffff);
		memcpy(&v, &bits, sizeof v);
		if (bits < UINT64_C(0x7ff0000000000000))
			check_shortest(t, v);
	}
}

TEST(whole_numbers_that_a_double_holds_keep_their_digits, "")
{
	static const struct {
		str in, out;
	} cases[] = {{S_INIT("9007199254740991"), S_INIT("9007199254740991")},
		{S_INIT("-9007199254740991"), S_INIT("-9007199254740991")},
		{S_INIT("9007199254740992"), S_INIT("9007199254740992")},
		{S_INIT("9007199254740993"), S_INIT("9007199254740992")},
		{S_INIT("-9007199254740993"), S_INIT("-9007199254740992")},
		{S_INIT("0"), S_INIT("0")}, {S_INIT("-0"), S_INIT("0")},
		{S_INIT("-0.0"), S_INIT("0")}, {S_INIT("0e5"), S_INIT("0")},
		{S_INIT("1e-400"), S_INIT("0")}, {S_INIT("-1e-400"), S_INIT("0")}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(canonical(t, cases[i].in), cases[i].out);
}

/* ---- strings and keys ---- */

TEST(strings_have_the_shortest_escapes, "")
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	for (int c = 1; c < 128; c++) {
		char text[] = {'a', (char)c, (char)c, 'z'};
		struct buf b, want;
		isize at = str_index((str){from, sizeof from - 1}, (char)c);
		buf_init(&b, t->arena, 100);
		buf_init(&want, t->arena, 100);
		json_put_string(&b, test_edge((str){text, 4}));
		buf_add(&want, S("\"a"));
		for (int i = 0; i < 2; i++)
			if (at >= 0)
				buf_fmt(&want, "\\%c", to[at]);
			else if (c < 0x20)
				buf_fmt(&want, "\\u%04x", (unsigned)c);
			else
				buf_char(&want, (char)c);
		buf_add(&want, S("z\""));
		CHECK_STR(buf_str(&b), buf_str(&want));
	}
	struct buf b;
	buf_init(&b, t->arena, 100);
	json_put_string(&b, test_edge(S("")));
	json_put_string(&b, test_edge(S("\n")));
	json_put_string(&b, test_edge(S("\xc3\xa4\x7f")));
	CHECK_STR(buf_str(&b), S("\"\"\"\\n\"\"\xc3\xa4\x7f\""));
}

static const uint32_t letters[] = {
	'a', 'b', 0xe9, 0xd7ff, 0xe000, 0xfffd, 0x10000, 0x10001, 0x1f600, 0x10ffff};

/* The k-th key of at most two of them, and its units of UTF-16. */
static str key_at(struct test_case *t, int k, uint16_t unit[5])
{
	struct buf b;
	int n = 0;

	buf_init(&b, t->arena, 20);
	for (; k > 0; k = (k - 1) / COUNT_OF(letters)) {
		uint32_t c = letters[(k - 1) % COUNT_OF(letters)];
		utf8_put(&b, c);
		if (c >= 0x10000) {
			unit[n++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
			unit[n++] = (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			unit[n++] = (uint16_t)c;
		}
	}
	unit[n] = 0;
	return buf_view(&b);
}

static bool is_before(const uint16_t *a, const uint16_t *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a < *b;
}

TEST(keys_stand_in_the_order_of_their_utf16_units, "")
{
	enum { KEYS = 1 + COUNT_OF(letters) + COUNT_OF(letters) * COUNT_OF(letters) };

	for (int i = 0; i < KEYS; i++)
		for (int k = 0; k < KEYS; k++) {
			struct arena_mark mark = arena_here(t->arena);
			uint16_t one[5], two[5];
			str a = key_at(t, i, one), b = key_at(t, k, two);
			if (i != k) {
				bool first = is_before(one, two);
				str low = first ? a : b, high = first ? b : a;
				CHECK_STR(canonical(t,
						  str_fmt(t->arena, "{\"%.*s\":0,\"%.*s\":0}",
							  STR_ARG(a), STR_ARG(b))),
					str_fmt(t->arena, "{\"%.*s\":0,\"%.*s\":0}", STR_ARG(low),
						STR_ARG(high)));
			}
			arena_rewind(t->arena, mark);
		}
}

/* ---- whole texts ---- */

TEST(texts_are_canonical_whatever_their_blanks_and_order, "")
{
	CHECK_STR(canonical(t, S(" [ ] ")), S("[]"));
	CHECK_STR(canonical(t, S("{ }")), S("{}"));
	CHECK_STR(canonical(t, S("[ 1 , [ 2 , { \"b\" : null , \"a\" : [ true , false ] } ] ]")),
		S("[1,[2,{\"a\":[true,false],\"b\":null}]]"));
	CHECK_STR(canonical(t, S("\"\\u00e9\\/\"")), S("\"\xc3\xa9/\""));
}

TEST(members_are_written_one_by_one, "")
{
	bool first = true;
	struct buf b;

	buf_init(&b, t->arena, 100);
	json_put_text(&b, &first, S("a\""), S("b\n"));
	json_put_int(&b, &first, S("n"), INT64_MIN);
	json_put_key(&b, &first, S("k"));
	CHECK(!first);
	CHECK_STR(buf_str(&b), S("\"a\\\"\":\"b\\n\",\"n\":-9223372036854775808,\"k\":"));
}

TEST(a_tree_is_printed_as_it_stands_on_one_line_or_many, "")
{
	struct err e = {.arena = t->arena};
	const struct json *j = json_parse(t->arena, &e,
		S("{\"b\":[1.50,\"x\\u0041\",{}],\"a\":{\"c\":null},\"d\":[],\"e\":\"\"}"));
	struct buf b;

	buf_init(&b, t->arena, 1000);
	json_print(&b, j, -1);
	CHECK_STR(
		buf_str(&b), S("{\"b\":[1.50,\"xA\",{}],\"a\":{\"c\":null},\"d\":[],\"e\":\"\"}"));
	b.n = 0;
	json_print(&b, j, 0);
	CHECK_STR(buf_str(&b),
		S("{\n\t\"b\": [\n\t\t1.50,\n\t\t\"xA\",\n\t\t{}\n\t],\n\t\"a\": {\n\t\t\"c\": "
		  "null\n"
		  "\t},\n\t\"d\": [],\n\t\"e\": \"\"\n}"));
	b.n = 0;
	json_print(&b, json_member(j, S("a")), 2);
	CHECK_STR(buf_str(&b), S("{\n\t\t\t\"c\": null\n\t\t}"));
}

TEST_MAIN()
