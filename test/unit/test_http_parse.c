/* The request parser byte by byte: which may stand where, and what a cut or a reused request
   says. */
#include "http/http.h"
#include "test.h"

enum { BODY_MAX = 1000 };

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TOKEN   DIGITS LETTERS "!#$%&'*+-.^_`|~"
#define TARGET  DIGITS LETTERS "!$%&'*+-.^_`|~(),/:;=?@[]{}"
#define VISIBLE TOKEN "\"(),/:;<=>?@[\\]{}"
#define HOST    "\r\nHost: a\r\n\r\n"
#define GET     "GET / HTTP/1.1\r\nHost: a\r\n"

/* 0: right so far; 200: whole; else the status that refuses it. */
static int verdict(str in)
{
	struct http_request q;
	isize used;
	int status;

	switch (http_parse(in, BODY_MAX, &q, &used, &status)) {
	case HTTP_WHOLE:
		return 200;
	case HTTP_MORE:
		return 0;
	case HTTP_BAD:
		break;
	}
	return status;
}

struct judged {
	int status;
	str in;
};

static void check_all(struct test_case *t, const struct judged *list, isize count)
{
	for (isize i = 0; i < count; i++) {
		int got = verdict(list[i].in);
		if (got != list[i].status)
			test_fail(t, __FILE__, __LINE__, "%d instead of %d for %.*s", got,
				list[i].status, STR_ARG(list[i].in));
	}
}

/* Between `before` and `after`, a byte of `fine` is taken, one of `known` gets `status`, any other
   one 400. */
struct place {
	const char *before, *after;
	str fine, known;
	int status;
};

static const struct place places[] = {
	{"XX", " / HTTP/1.1" HOST, S_INIT(""), S_INIT(TOKEN " "), 501},
	{"GET /a", "b HTTP/1.1" HOST, S_INIT(TARGET), S_INIT(""), 400},
	{"GET /a", " HTTP/1.1" HOST, S_INIT(TARGET), S_INIT(""), 400},
	{"GET / HTTP/", ".1" HOST, S_INIT("1"), S_INIT("023456789"), 505},
	{"GET / HTTP/1", "1" HOST, S_INIT("."), S_INIT(""), 400},
	{"GET / HTTP/1.", HOST, S_INIT("01"), S_INIT("23456789"), 505},
	{"GET / HTTP/1.1", HOST, S_INIT(""), S_INIT(""), 400},
	{GET "A", "B: c\r\n\r\n", S_INIT(TOKEN ":"), S_INIT(""), 400},
	{GET "A: b", "c\r\n\r\n", S_INIT(VISIBLE " \t"), S_INIT(""), 400},
	{GET "A: b", "\r\n\r\n", S_INIT(VISIBLE " \t"), S_INIT(""), 400},
	{"GET / HTTP/1.1\r\nHost: a", "b\r\n\r\n", S_INIT(DIGITS LETTERS "-._~"), S_INIT(""), 400},
	{"GET / HTTP/1.1\r\nHost: a:1", "\r\n\r\n", S_INIT(DIGITS " \t"), S_INIT(""), 400},
	{"GET / HTTP/1.1\r\nHost: [a", "]\r\n\r\n", S_INIT(DIGITS LETTERS ":."), S_INIT(""), 400},
	{"GET / HTTP/1.1\r\nHost: [a", ":80\r\n\r\n", S_INIT("]"), S_INIT(""), 400},
	{GET "Content-Length: 1", "\r\n\r\n", S_INIT(DIGITS " \t"), S_INIT(""), 400},
	{GET "Content-Length: ", "1\r\n\r\n", S_INIT(DIGITS " \t"), S_INIT(""), 400},
};

TEST(every_byte_is_taken_or_refused_where_it_stands, "")
{
	for (isize i = 0; i < COUNT_OF(places); i++)
		for (int byte = 0; byte < 256; byte++) {
			const struct place *at = &places[i];
			char c = (char)byte;
			str in = str_fmt(t->arena, "%s%c%s", at->before, c, at->after);
			int want = str_index(at->fine, c) >= 0 ? 200
				: str_index(at->known, c) >= 0 ? at->status
							       : 400;
			int got = verdict(in);
			if (got != want)
				test_fail(t, __FILE__, __LINE__, "byte %d between %s and %s: %d",
					byte, at->before, at->after, got);
		}
}

TEST(forms_that_only_look_like_others_are_refused, "")
{
	static const struct judged list[] = {
		{400, S_INIT("GET HTTP/1.1" HOST)},
		{400, S_INIT("GET  HTTP/1.1" HOST)},
		{400, S_INIT("GET /a b HTTP/1.1" HOST)},
		{400, S_INIT("GET / HTTP/1.12" HOST)},
		{400, S_INIT("GET / HTTP/1.1 HTTP/1.1" HOST)},
		{400, S_INIT("GET wss:///a/b HTTP/1.1" HOST)},
		{400, S_INIT("GET gopher:/a/b HTTP/1.1" HOST)},
		{400, S_INIT("GET http://b HTTP/1.1" HOST)},
		{200, S_INIT("GET http://a HTTP/1.1" HOST)},
		{200, S_INIT("GET http://a?/ HTTP/1.1" HOST)},
		{200, S_INIT("GET / HTTP/1.1\r\nHost:80\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: 80\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: a:\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: a:12345\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: [a]\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: [\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: [abc\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: [a_b]\r\n\r\n")},
		{400, S_INIT("\r\nHost: a\r\n\r\n")},
		{400, S_INIT(GET "A: b\r\nC: d\n\r\n")},
	};

	check_all(t, list, COUNT_OF(list));
}

TEST(what_can_never_be_right_is_refused_before_its_line_ends, "")
{
	static const struct judged list[] = {
		{0, S_INIT("")},
		{0, S_INIT("X!")},
		{400, S_INIT("G(")},
		{400, S_INIT(" ")},
		{400, S_INIT(" /")},
		{501, S_INIT("BREW /")},
		{400, S_INIT("G(T /")},
		{0, S_INIT("GET ")},
		{0, S_INIT("GET / HTTP/1.1\r")},
		{400, S_INIT("GET / HTTP/1.1\rX")},
		{400, S_INIT("\r")},
		{400, S_INIT("\rX")},
		{0, S_INIT(GET "\r")},
		{400, S_INIT(GET "\rX")},
		{400, S_INIT(GET "\n")},
		{0, S_INIT(GET "no colon yet")},
	};

	check_all(t, list, COUNT_OF(list));
}

/* "GET /xxx… HTTP/1.1\r\n" with a target of `n` bytes. */
static str line_with_target(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	memset(p, 'x', (size_t)n);
	p[0] = '/';
	return str_fmt(t->arena, "GET %.*s HTTP/1.1\r\n", (int)n, p);
}

TEST(a_line_is_too_long_when_its_target_must_be, "")
{
	str longest = line_with_target(t, HTTP_TARGET_BYTES);
	str longer = line_with_target(t, HTTP_TARGET_BYTES + 1);

	for (isize n = 0; n < longest.n; n++)
		if (verdict(str_part(longest, 0, n)))
			test_fail(t, __FILE__, __LINE__, "%td bytes are refused", n);
	CHECK_INT(verdict(str_part(longer, 0, longer.n - 2)), 0);
	CHECK_INT(verdict(str_part(longer, 0, longer.n - 1)), 414);
	CHECK_INT(verdict(longer), 414);
}

/* The server parses one request after the other into the same place. */
TEST(a_request_has_nothing_of_the_one_before, "")
{
	struct http_request q;
	isize used;
	int status;
	str first = S(GET "A: 1\r\nCookie: sid=1\r\nX: 2\r\nCookie: late=3\r\n\r\n");

	CHECK_INT(http_parse(first, BODY_MAX, &q, &used, &status), HTTP_WHOLE);
	CHECK_STR(http_header(&q, S("x")), S("2"));
	CHECK_STR(http_cookie(&q, S("late")), S("3"));
	CHECK_INT(http_parse(S(GET "\r\n"), BODY_MAX, &q, &used, &status), HTTP_WHOLE);
	CHECK_STR(http_header(&q, S("a")), S(""));
	CHECK_STR(http_cookie(&q, S("sid")), S(""));
	CHECK_INT(http_parse(S(GET "B: 1\r\n\r\n"), BODY_MAX, &q, &used, &status), HTTP_WHOLE);
	CHECK_STR(http_cookie(&q, S("sid")), S(""));
	CHECK_STR(http_header(&q, S("cookie")), S(""));
	CHECK_STR(http_header(&q, S("b")), S("1"));
	CHECK_INT(q.content_length, -1);
	CHECK(!q.expects_continue);
}

TEST(cookies_lose_their_quotes_only_in_pairs, "")
{
	struct http_request q;
	isize used;
	int status;

	CHECK_INT(http_parse(S(GET "Cookie: a=\"\"; b=\"; c=\"x; d=x\"; e=\"x\"; f=\r\n"
				   "X: g=1\r\n\r\n"),
			  BODY_MAX, &q, &used, &status),
		HTTP_WHOLE);
	CHECK_STR(http_cookie(&q, S("a")), S(""));
	CHECK_STR(http_cookie(&q, S("b")), S("\""));
	CHECK_STR(http_cookie(&q, S("c")), S("\"x"));
	CHECK_STR(http_cookie(&q, S("d")), S("x\""));
	CHECK_STR(http_cookie(&q, S("e")), S("x"));
	CHECK_STR(http_cookie(&q, S("f")), S(""));
	/* Only the header of that name has any. */
	CHECK_STR(http_cookie(&q, S("g")), S(""));
}

static int value_of(const char *digits, int c)
{
	for (int i = 0; digits[i]; i++)
		if (digits[i] == c)
			return i;
	return -1;
}

/* As RFC 3986 says it, or -1. */
static int value_of_hex(int c)
{
	int lower = value_of("0123456789abcdef", c);

	return lower >= 0 ? lower : value_of("0123456789ABCDEF", c);
}

TEST(escapes_are_two_hexadecimal_digits, "")
{
	for (int high = 0; high < 256; high++)
		for (int low = 0; low < 256; low++) {
			int one = value_of_hex(high), two = value_of_hex(low);
			bool is_good = one >= 0 && two >= 0 && one < 8 && one + two > 0;
			char in[3] = {'%', (char)high, (char)low};
			str out;
			bool ok = http_unescape(t->arena, (str){in, 3}, &out);
			if (ok != is_good)
				test_fail(t, __FILE__, __LINE__, "%%, %d, %d", high, low);
			else if (ok)
				CHECK_INT(out.n == 1 ? out.p[0] : -1, one * 16 + two);
		}
}

TEST(an_escape_that_is_cut_is_refused, "")
{
	const str whole = S("a%41b%c3%A4%42");
	str out;

	for (isize n = 0; n <= whole.n; n++) {
		bool ends_well = n < 2 || n == 4 || n == 5 || n == 11 || n == 14;
		if (http_unescape(t->arena, str_part(whole, 0, n), &out) != ends_well)
			test_fail(t, __FILE__, __LINE__, "%td bytes", n);
	}
	CHECK(!http_unescape(t->arena, S("%g0%90%80%80"), &out));
	CHECK(!http_unescape(t->arena, S("\0"), &out));
}

TEST(what_the_arena_has_no_room_for_is_not_decoded, "")
{
	struct arena small;
	char *p = arena_bulk(t->arena, 2 * ARENA_RESERVE);
	str out;

	CHECK(p);
	memset(p, 'x', (size_t)(2 * ARENA_RESERVE));
	arena_open(&small, 2 * ARENA_RESERVE);
	CHECK(!http_unescape(&small, (str){p, 2 * ARENA_RESERVE}, &out));
	CHECK(http_unescape(&small, (str){p, ARENA_RESERVE / 2}, &out));
	CHECK_INT(out.n, ARENA_RESERVE / 2);
	arena_close(&small);
}

/* CRLF, CR and LF by themselves, each as LF. */
static str folded(struct arena *a, str s)
{
	char *p = NEW(a, char, s.n + 1);
	isize n = 0;

	for (isize i = 0; i < s.n; i++) {
		bool is_pair = str_starts(str_part(s, i, s.n), S("\r\n"));
		p[n++] = s.p[i] == '\r' ? '\n' : s.p[i];
		i += is_pair;
	}
	return (str){p, n};
}

TEST(line_ends_of_a_form_come_back_as_one, "")
{
	uint64_t random = 5;

	for (int round = 0; round < 2000; round++) {
		char text[13];
		struct form form;
		struct err e = {0};
		struct buf b;
		isize n = test_random(&random, (int64_t)sizeof text);
		buf_init(&b, t->arena, 100);
		buf_add(&b, S("a=%0D&b="));
		for (isize i = 0; i < n; i++) {
			text[i] = "\r\nx+"[test_random(&random, 4)];
			buf_fmt(&b, "%%%02X", (unsigned)text[i]);
		}
		CHECK(form_parse_query(t->arena, &e, buf_str(&b), &form));
		CHECK_STR(form_value(&form, S("b")), folded(t->arena, (str){text, n}));
	}
}

TEST_MAIN()
