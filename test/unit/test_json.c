/*
 * JSON against a reader that is written plainly: all texts of few tokens, all numbers and strings
 * of few letters, each between two pages that cannot be read.
 */
#include "base/json.h"
#include "base/utf8.h"

#include "test.h"

/* ---- which texts are taken ---- */

static const str tokens[] = {S_INIT("{"), S_INIT("}"), S_INIT("["), S_INIT("]"), S_INIT(","),
	S_INIT(":"), S_INIT("\"a\""), S_INIT("\"b\""), S_INIT("1")};
enum { OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, COLON, KEY_A, KEY_B, ONE, TOKENS };

/* A text as tokens, read from `at`. */
struct plain {
	int token[64];
	int count, at;
};

static bool is_next(struct plain *p, int token)
{
	bool is_it = p->at < p->count && p->token[p->at] == token;

	p->at += is_it;
	return is_it;
}

static bool is_value(struct plain *p);

static bool is_object(struct plain *p)
{
	bool seen[2] = {false, false};

	if (is_next(p, CLOSE))
		return true;
	do {
		int key = is_next(p, KEY_A) ? 0 : is_next(p, KEY_B) ? 1 : -1;
		if (key < 0 || seen[key] || !is_next(p, COLON) || !is_value(p))
			return false;
		seen[key] = true;
	} while (is_next(p, COMMA));
	return is_next(p, CLOSE);
}

static bool is_value(struct plain *p)
{
	if (is_next(p, ONE) || is_next(p, KEY_A) || is_next(p, KEY_B))
		return true;
	if (is_next(p, OPEN))
		return is_object(p);
	if (!is_next(p, OPEN_LIST))
		return false;
	if (is_next(p, CLOSE_LIST))
		return true;
	do
		if (!is_value(p))
			return false;
	while (is_next(p, COMMA));
	return is_next(p, CLOSE_LIST);
}

/* Whether the text is taken; what is taken must print as it stood. */
static bool is_taken(struct test_case *t, str text)
{
	struct arena_mark mark = arena_here(t->arena);
	struct err e = {.arena = t->arena};
	str in = test_edge(text);
	const struct json *j = json_parse(t->arena, &e, in);
	struct buf b;

	CHECK((j != NULL) == (e.code == ERR_NONE));
	if (j) {
		buf_init(&b, t->arena, LIMIT_PROSE);
		json_print(&b, j, -1);
		CHECK_STR(buf_str(&b), text);
	}
	arena_rewind(t->arena, mark);
	return j != NULL;
}

/* Whether both readers say the same of the text. */
static bool agree(struct test_case *t, struct plain *p)
{
	bool want, is_one_number = false;
	struct buf b;

	buf_init(&b, t->arena, 1000);
	for (int k = 0; k < p->count; k++) {
		buf_add(&b, tokens[p->token[k]]);
		/* "11" is another number, not two. */
		is_one_number |= k && p->token[k] == ONE && p->token[k - 1] == ONE;
	}
	p->at = 0;
	want = is_value(p) && p->at == p->count;
	if (!is_one_number && is_taken(t, buf_view(&b)) != want)
		test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(buf_view(&b)));
	return want;
}

TEST(texts_of_five_tokens_are_taken_by_the_grammar, "")
{
	isize taken = 0;

	for (int count = 0, texts = 1; count <= 5; count++, texts *= TOKENS)
		for (int i = 0; i < texts; i++) {
			struct arena_mark mark = arena_here(t->arena);
			struct plain p = {.count = count};
			for (int k = 0, rest = i; k < count; k++, rest /= TOKENS)
				p.token[k] = rest % TOKENS;
			taken += agree(t, &p);
			arena_rewind(t->arena, mark);
		}
	CHECK_INT(taken, 28);
}

static void put_value(struct plain *p, uint64_t *random, int depth)
{
	int64_t items = test_random(random, 3);
	bool is_list = test_random(random, 2);

	if (depth == 0 || test_random(random, 3) == 0) {
		p->token[p->count++] = KEY_A + (int)test_random(random, 3);
		return;
	}
	p->token[p->count++] = is_list ? OPEN_LIST : OPEN;
	for (int64_t i = 0; i < items; i++) {
		if (i)
			p->token[p->count++] = COMMA;
		if (!is_list) {
			p->token[p->count++] = i ? KEY_A : KEY_B;
			p->token[p->count++] = COLON;
		}
		put_value(p, random, depth - 1);
	}
	p->token[p->count++] = is_list ? CLOSE_LIST : CLOSE;
}

/* Right ones, and the same with one token replaced or left out. */
TEST(longer_texts_are_taken_by_the_grammar, "")
{
	uint64_t random = 17;
	isize taken = 0;

	for (int round = 0; round < 20000; round++) {
		struct arena_mark mark = arena_here(t->arena);
		struct plain p = {.count = 0};
		put_value(&p, &random, 3);
		int at = (int)test_random(&random, p.count);
		if (round % 3 == 1)
			p.token[at] = (int)test_random(&random, TOKENS);
		if (round % 3 == 2)
			memmove(p.token + at, p.token + at + 1,
				(size_t)(--p.count - at) * sizeof *p.token);
		taken += agree(t, &p);
		arena_rewind(t->arena, mark);
	}
	CHECK(taken > 6000 && taken < 15000);
}

static const char *behind_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static bool is_one_of(const char *p, const char *end, str any)
{
	return p < end && str_index(any, *p) >= 0;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool is_number(const char *p, const char *end)
{
	const char *from = p + is_one_of(p, end, S("-"));

	p = behind_digits(from, end);
	if (p == from || (*from == '0' && p > from + 1))
		return false;
	if (is_one_of(p, end, S("."))) {
		from = p + 1;
		p = behind_digits(from, end);
		if (p == from)
			return false;
	}
	if (is_one_of(p, end, S("eE"))) {
		from = p + 1 + is_one_of(p + 1, end, S("+-"));
		p = behind_digits(from, end);
		if (p == from)
			return false;
	}
	return p == end;
}

TEST(numbers_are_those_of_the_rfc, "")
{
	static const char letters[] = "019-+.eE/:";
	enum { LETTERS = sizeof letters - 1 };

	for (int count = 1, texts = LETTERS; count <= 5; count++, texts *= LETTERS)
		for (int i = 0; i < texts; i++) {
			char text[8];
			for (int k = 0, rest = i; k < count; k++, rest /= LETTERS)
				text[k] = letters[rest % LETTERS];
			/* 1e999 and the like are numbers that no double holds. */
			bool is_large = count == 5 && (text[1] == 'e' || text[1] == 'E') &&
				text[2] == '9' && text[0] != '0';
			bool want = is_number(text, text + count) && !is_large;
			if (is_taken(t, (str){text, count}) != want)
				test_fail(t, __FILE__, __LINE__, "%.*s", count, text);
		}
}

static str zeros(struct test_case *t, int count)
{
	char *p = NEW(t->arena, char, count + 1);

	memset(p, '0', (size_t)count);
	return (str){p, count};
}

/* The largest double is 1.7976931348623157e308, however it is written; above
   1.797693134862315807e308
   there is none. */
TEST(a_number_that_no_double_holds_is_refused_however_it_is_written, "")
{
	static const char *const digits[] = {"17976931348623158", "17976931348623159"};

	for (int beyond = 0; beyond < 2; beyond++) {
		const char *d = digits[beyond];
		for (int k = 0; k < 340; k++) {
			str z = zeros(t, k);
			CHECK(is_taken(t,
				      str_fmt(t->arena, "0.%.*s%se%d", STR_ARG(z), d, 309 + k)) ==
				!beyond);
			CHECK(is_taken(t,
				      str_fmt(t->arena, "-%s%.*s.0E+%d", d, STR_ARG(z), 292 - k)) ==
				(!beyond && k <= 292));
			CHECK(is_taken(t, str_fmt(t->arena, "%s%.*s", d, STR_ARG(z))) ==
				(k < 292 || (k == 292 && !beyond)));
			CHECK(is_taken(t,
				      str_fmt(t->arena, "%s%.*s.0%.*s", d, STR_ARG(z),
					      STR_ARG(z))) == (k < 292 || (k == 292 && !beyond)));
		}
	}
}

TEST(an_exponent_of_any_length_is_understood, "")
{
	static const struct {
		str text;
		bool is_taken;
	} cases[] = {{S_INIT("1e308"), true}, {S_INIT("1e309"), false}, {S_INIT("1E+308"), true},
		{S_INIT("1E+309"), false}, {S_INIT("-1e309"), false}, {S_INIT("1e-309"), true},
		{S_INIT("0e999999999999999999999"), true},
		{S_INIT("-0.00E+999999999999999999999"), true},
		{S_INIT("1e999999999999999999999"), false},
		{S_INIT("1e+999999999999999999999"), false},
		{S_INIT("0.1e-999999999999999999999"), true},
		{S_INIT("10e-999999999999999999999"), true}, {S_INIT("0.01e310"), true},
		{S_INIT("0.01e311"), false}, {S_INIT("100e306"), true}, {S_INIT("100e307"), false}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		if (is_taken(t, cases[i].text) != cases[i].is_taken)
			test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(cases[i].text));
}

/* ---- strings ---- */

/* The text of the string in quotes; "?" when it is refused. */
static str unquoted(struct test_case *t, str raw)
{
	struct err e = {.arena = t->arena};
	str in = test_edge(str_fmt(t->arena, "\"%.*s\"", STR_ARG(raw)));
	const struct json *j = json_parse(t->arena, &e, in);

	if (!j) {
		CHECK_INT(e.code, ERR_SYNTAX);
		return S("?");
	}
	CHECK_INT(j->type, JSON_STRING);
	return str_dup(t->arena, j->text);
}

TEST(of_all_bytes_behind_a_backslash_eight_are_escapes, "")
{
	static const char to[] = "\"\\/\b\f\n\r\t";

	for (int c = 1; c < 256; c++) {
		char raw[] = {'a', '\\', (char)c, 'z'};
		isize at = str_index(S("\"\\/bfnrt"), (char)c);
		str got = unquoted(t, (str){raw, 4});
		if (at < 0)
			CHECK_STR(got, S("?"));
		else
			CHECK_STR(got, str_fmt(t->arena, "a%cz", to[at]));
		char digits[] = {'\\', (char)c, '0', '0', '4', '1'};
		got = unquoted(t, (str){digits, 6});
		if (at < 0)
			CHECK_STR(got, c == 'u' ? S("A") : S("?"));
	}
}

TEST(no_control_stands_in_a_string, "")
{
	for (int c = 0; c < 128; c++) {
		char raw[] = {'"', 'a', (char)c, 'z', '"'};
		struct err e = {.arena = t->arena};
		const struct json *j = json_parse(t->arena, &e, test_edge((str){raw, 5}));
		CHECK((j != NULL) == (c >= 0x20 && c != '"' && c != '\\'));
		CHECK(!j || str_eq(j->text, (str){raw + 1, 3}));
	}
}

static bool is_character(uint32_t unit)
{
	return unit > 0 && (unit < 0xd800 || unit > 0xdfff);
}

/* What two units in a row are: one character of both, each for itself, or nothing; "?". */
static str pair_of(struct test_case *t, uint32_t one, uint32_t two)
{
	struct buf b;

	buf_init(&b, t->arena, 20);
	if (is_character(one) && is_character(two)) {
		utf8_put(&b, one);
		utf8_put(&b, two);
	} else if (one >= 0xd800 && one <= 0xdbff && two >= 0xdc00 && two <= 0xdfff) {
		utf8_put(&b, 0x10000 + (one - 0xd800) * 0x400 + (two - 0xdc00));
	} else {
		buf_char(&b, '?');
	}
	return buf_str(&b);
}

/* Every unit at the limits, alone and with every other behind it. */
TEST(escaped_units_are_characters_or_pairs_of_them, "")
{
	static const uint32_t unit[] = {0, 1, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800,
		0xd801, 0xdbff, 0xdc00, 0xdc01, 0xdfff, 0xe000, 0xfffd, 0xffff};

	for (int i = 0; i < COUNT_OF(unit); i++) {
		struct buf b;
		buf_init(&b, t->arena, 20);
		utf8_put(&b, unit[i]);
		CHECK_STR(unquoted(t, str_fmt(t->arena, "\\u%04x", unit[i])),
			is_character(unit[i]) ? buf_str(&b) : S("?"));
		for (int k = 0; k < COUNT_OF(unit); k++)
			CHECK_STR(
				unquoted(t, str_fmt(t->arena, "\\u%04x\\u%04X", unit[i], unit[k])),
				pair_of(t, unit[i], unit[k]));
	}
}

TEST(an_escape_has_four_hexadecimal_digits, "")
{
	for (int at = 0; at < 4; at++)
		for (int c = 0x20; c < 127; c++) {
			char raw[] = "\\u0041", low[] = "\\ud800\\udc00";
			bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
				(c >= 'A' && c <= 'F');
			raw[2 + at] = (char)c;
			str got = unquoted(t, (str){raw, 6});
			if (c != '"' && c != '\\')
				CHECK(str_eq(got, S("?")) == !is_digit);
			low[8 + at] = (char)c;
			got = unquoted(t, (str){low, 12});
			if (c != '"' && c != '\\' && !is_digit)
				CHECK_STR(got, S("?"));
		}
	for (isize n = 1; n < 12; n++) {
		str got = unquoted(t, str_part(S("\\ud800\\udc00"), 0, n));
		CHECK_STR(got, S("?"));
	}
	CHECK_STR(unquoted(t, S("\\ud800xudc00")), S("?"));
	CHECK_STR(unquoted(t, S("\\ud800\\xdc00")), S("?"));
}

/* ---- what is said of what is wrong ---- */

TEST(an_error_says_what_and_where, "")
{
	static const struct {
		const char *text, *says;
		int64_t line, column;
	} cases[] = {{"", "the JSON text ends too early", 1, 1},
		{" \n ", "the JSON text ends too early", 2, 2},
		{"{\"a\":1", "the JSON text ends too early", 1, 7},
		{"[1,\n\n", "the JSON text ends too early", 3, 1},
		{"{}\n {}", "there is more after the end of the JSON text", 2, 2},
		{"[1 2]", "a comma or a closing bracket was expected", 1, 4},
		{"[1, ]", "a comma stands before a closing bracket", 1, 5},
		{"{\"a\":1 ,}", "a comma stands before a closing bracket", 1, 9},
		{"[1}", "a bracket closes what is not open", 1, 3},
		{"{\"a\":1]", "a bracket closes what is not open", 1, 7},
		{"{\"a\":}", "a bracket closes what is not open", 1, 6},
		{"{1:2}", "a key in quotes was expected", 1, 2},
		{"{\"a\" 1}", "a colon was expected", 1, 6},
		{"{\"a\"", "a colon was expected", 1, 5},
		{"{\"a\":1,\n\"a\":2}", "the key stands twice in its object", 2, 1},
		{"[tru]", "a value was expected", 1, 2}, {"[falsy]", "a value was expected", 1, 2},
		{"[nil]", "a value was expected", 1, 2}, {"[ -]", "a value was expected", 1, 3},
		{"[1e400]", "the number is beyond what a double holds", 1, 2},
		{"[\"a\tb\"]", "a control character in a string", 1, 4},
		{"[\"ab\t", "a control character in a string", 1, 5},
		{"[\"ab", "a string is not closed", 1, 5},
		{"[\"ab\\", "a string is not closed", 1, 6},
		{"[\"a\xff\"]", "the text is not UTF-8", 1, 4},
		{"[\"a\\n\xff\"]", "the text is not UTF-8", 1, 6},
		{"[\"a\\x\"]", "an escape that JSON does not have, or a lone surrogate", 1, 4}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		CHECK(!json_parse(t->arena, &e, test_edge(str_of(cases[i].text))));
		CHECK_STR(err_text(&e), str_of(cases[i].says));
		CHECK_INT(e.line, cases[i].line);
		CHECK_INT(e.column, cases[i].column);
	}
}

/* Nothing is looked at before the text, whatever stands there. */
TEST(a_number_begins_where_it_begins, "")
{
	static const char *const texts[] = {"e1.", "E-", "e-1.", "+1e", "e."};

	for (isize i = 0; i < COUNT_OF(texts); i++) {
		struct err e = {.arena = t->arena};
		str whole = test_edge(str_of(texts[i]));
		CHECK(!json_parse(t->arena, &e, str_part(whole, 1, whole.n)));
		CHECK_STR(err_text(&e), S("a value was expected"));
		CHECK_INT(e.column, 1);
	}
}

TEST(texts_are_nested_up_to_their_limit, "")
{
	for (int depth = LIMIT_JSON_DEPTH - 1; depth <= LIMIT_JSON_DEPTH + 1; depth++)
		for (int objects = 0; objects < 2; objects++) {
			struct err e = {.arena = t->arena};
			struct buf b;
			buf_init(&b, t->arena, LIMIT_PROSE);
			for (int i = 1; i < depth; i++)
				buf_add(&b, objects ? S("{\"a\":") : S("["));
			buf_add(&b, objects ? S("{}") : S("[]"));
			for (int i = 1; i < depth; i++)
				buf_char(&b, objects ? '}' : ']');
			const struct json *j = json_parse(t->arena, &e, buf_str(&b));
			CHECK((j != NULL) == (depth <= LIMIT_JSON_DEPTH));
			if (!j)
				CHECK_STR(err_text(&e), S("the JSON text is nested too deeply"));
			else
				CHECK_INT(json_nodes(j), depth);
		}
}

TEST(a_place_is_counted_in_lines_and_bytes, "")
{
	const str in = test_edge(S("ab\n\ncd"));
	static const int64_t want[][2] = {{1, 1}, {1, 2}, {1, 3}, {2, 1}, {3, 1}, {3, 2}, {3, 3}};

	for (isize at = 0; at <= in.n; at++) {
		int64_t line, column;
		json_place(in, at, &line, &column);
		CHECK_INT(line, want[at][0]);
		CHECK_INT(column, want[at][1]);
	}
	/* A place behind the text is in its last line. */
	int64_t line, column;
	json_place(in, in.n + 5, &line, &column);
	CHECK_INT(line, 3);
	CHECK_INT(column, 8);
}

TEST(a_reader_that_ended_stays_at_its_end, "")
{
	struct err good = {.arena = t->arena}, wrong = {.arena = t->arena};
	struct json_reader r;

	json_open(&r, t->arena, &good, S(" [ ] "));
	CHECK_INT(json_next(&r), JSON_OPEN_ARRAY);
	CHECK_INT(r.from, 1);
	CHECK_INT(r.depth, 1);
	CHECK_INT(json_next(&r), JSON_CLOSE);
	CHECK_INT(r.depth, 0);
	CHECK_INT(json_next(&r), JSON_END);
	CHECK_INT(json_next(&r), JSON_END);
	json_open(&r, t->arena, &wrong, S("]"));
	CHECK_INT(json_next(&r), JSON_BAD);
	CHECK_INT(json_next(&r), JSON_BAD);
	CHECK(wrong.code == ERR_SYNTAX && good.code == ERR_NONE);
}

/* Each event that cannot be read is JSON_BAD at once, and nothing comes behind it. */
TEST(what_cannot_be_read_is_no_event, "")
{
	static const struct {
		const char *text;
		int events; /* before the bad one */
	} cases[] = {{"{\"a", 1}, {"{\"a\\x\":1}", 1}, {"{\"b\":1,\"a", 3}, {"{\"a\":\"b", 2},
		{"[\"a\\x\"]", 1}, {"[\"a\\x\",2]", 1}, {"[1,x]", 2}, {"[1", 2},
		{"{\"a\":1,\"a\":2}", 3}, {"[]]", 2}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct json_reader r;
		json_open(&r, t->arena, &e, test_edge(str_of(cases[i].text)));
		for (int k = 0; k < cases[i].events; k++)
			CHECK(json_next(&r) > JSON_END);
		CHECK_INT(json_next(&r), JSON_BAD);
		CHECK_INT(json_next(&r), JSON_BAD);
	}
}

/* ---- objects of many keys ---- */

/* An object of `count` keys, the one at `again` standing a second time at the end; -1: none. */
static bool object_is_taken(struct test_case *t, int count, int again)
{
	struct arena_mark mark = arena_here(t->arena);
	struct err e = {.arena = t->arena};
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	for (int i = 0; i < count; i++)
		buf_fmt(&b, "%s\"%d\":%d", i ? "," : "[{},{", i * 7919, i);
	if (again >= 0)
		buf_fmt(&b, ",\"%d\":0", again * 7919);
	buf_add(&b, S("}]"));
	const struct json *j = json_parse(t->arena, &e, buf_str(&b));
	for (int i = 0; j && i < count; i++) {
		int64_t v = -1;
		CHECK(json_int(json_member(j->first->next, str_fmt(t->arena, "%d", i * 7919)), &v));
		CHECK_INT(v, i);
	}
	CHECK(!j || j->first->next->count == count);
	arena_rewind(t->arena, mark);
	return j != NULL;
}

TEST(a_key_stands_once_however_many_there_are, "")
{
	for (int count = 1; count < 120; count += count < 60 ? 1 : 17) {
		CHECK(object_is_taken(t, count, -1));
		for (int again = 0; again < count; again++)
			CHECK(!object_is_taken(t, count, again));
	}
}

/* The table of one object serves the next: what stood there must not be found again. */
TEST(objects_in_a_row_know_nothing_of_each_other, "")
{
	for (int keys = 0; keys < 110; keys += 9) {
		struct err e = {.arena = t->arena};
		struct buf b;
		buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
		for (int i = 0; i < 6; i++) {
			buf_add(&b, i ? S(",[{") : S("[[{"));
			for (int k = 0; k < keys; k++)
				buf_fmt(&b, "%s\"k%d\":{\"k%d\":[]}", k ? "," : "", k, k);
			buf_add(&b, S("}]"));
		}
		buf_char(&b, ']');
		const struct json *j = json_parse(t->arena, &e, buf_str(&b));
		CHECK(j != NULL && j->count == 6);
		CHECK(!j || json_nodes(j) == 1 + 6 * (2 + 2 * keys));
	}
}

/* ---- the tree ---- */

TEST(members_are_asked_for_by_name_and_type, "")
{
	struct err e = {.arena = t->arena};
	const struct json *j = json_parse(t->arena, &e,
		S("{\"s\":\"x\",\"n\":12,\"t\":true,\"f\":false,\"z\":null,\"l\":[1],\"h\":1.5,"
		  "\"q\":\"12\"}"));
	int64_t v = 5;

	CHECK_STR(json_text(j, S("s")), S("x"));
	CHECK_STR(json_text(j, S("n")), S("12"));
	CHECK_STR(json_text(j, S("t")), S(""));
	CHECK_STR(json_text(j, S("l")), S(""));
	CHECK_STR(json_text(j, S("none")), S(""));
	CHECK_STR(json_text(NULL, S("s")), S(""));
	CHECK(json_member(json_member(j, S("l")), S("")) == NULL);
	CHECK(json_int(json_member(j, S("n")), &v) && v == 12);
	CHECK(!json_int(json_member(j, S("s")), &v) && !json_int(json_member(j, S("h")), &v));
	CHECK(!json_int(json_member(j, S("q")), &v) && !json_int(json_member(j, S("t")), &v));
	CHECK(!json_int(NULL, &v) && v == 12);
	for (int other = 0; other < 2; other++) {
		CHECK(json_bool(json_member(j, S("t")), other));
		CHECK(!json_bool(json_member(j, S("f")), other));
		CHECK(json_bool(json_member(j, S("z")), other) == other);
		CHECK(json_bool(NULL, other) == other);
	}
}

TEST(nodes_are_numbered_as_they_stand, "")
{
	struct err e = {.arena = t->arena};
	struct json one = {.type = JSON_NUMBER}, two = {.type = JSON_NUMBER, .next = &one},
		    list = {.type = JSON_ARRAY, .first = &two}, three = {.type = JSON_NULL},
		    root = {.type = JSON_ARRAY, .first = &list};
	const struct json *j = json_parse(t->arena, &e, S("[[1,2],{\"a\":[]},3]"));

	list.next = &three;
	json_number(&root);
	CHECK(root.nth == 0 && list.nth == 1 && two.nth == 2 && one.nth == 3 && three.nth == 4);
	CHECK_INT(json_nodes(&root), 5);
	CHECK_INT(json_nodes(j), 7);
	CHECK_INT(j->first->next->nth, 4);
	CHECK_INT(j->first->next->from, 7);
	CHECK_STR(j->first->next->first->key, S("a"));
	CHECK_STR(j->first->next->next->key, S(""));
}

TEST(a_text_is_read_or_refused_whatever_memory_there_is, "")
{
	enum { STEP = 16, BYTES = 2 * ARENA_RESERVE };
	struct arena a;
	struct buf b;
	bool ok = false;
	int refused = 0;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_add(&b, S("{\"list\":[1,\"a\\nb\",{}],\"o\":{"));
	for (int i = 0; i < 40; i++)
		buf_fmt(&b, "%s\"k\\t%d\":\"%d\"", i ? "," : "", i, i);
	buf_add(&b, S("}}"));
	arena_init(&a, os_reserve(BYTES), BYTES);
	for (isize room = STEP; !ok && room < BYTES / 4; room += STEP, refused += !ok) {
		struct err e = {.arena = t->arena};
		test_room(&a, room);
		const struct json *j = json_parse(&a, &e, buf_str(&b));
		ok = j != NULL;
		CHECK_INT(e.code, ok ? ERR_NONE : ERR_LIMIT);
		CHECK(!ok || json_nodes(j) == 46);
	}
	arena_reset(&a);
	CHECK(ok && refused > 200);
}

TEST_MAIN()
