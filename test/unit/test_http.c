#include "http/http.h"
#include "test.h"

enum { BODY_MAX = 1000 };

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

static struct http_request parsed(struct test_case *t, str in)
{
	struct http_request q;
	isize used;
	int status;

	CHECK_INT(http_parse(in, BODY_MAX, &q, &used, &status), HTTP_WHOLE);
	CHECK_INT(used + (q.content_length > 0 ? q.content_length : 0), in.n);
	return q;
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"

/* What the parser says of a whole head: 200 when it is taken. */
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

TEST(request_lines_are_taken_or_refused, "")
{
	static const struct judged list[] = {
		{200, S_INIT(GET "\r\n")},
		{200, S_INIT("HEAD /a?b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{200, S_INIT("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET * HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET  / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /  HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / a HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET\r\nHost: a\r\n\r\n")},
		{400, S_INIT(" GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("\r\n" GET "\r\n")},
		{400, S_INIT("GET / HTTP/1.1 \r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / http/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / HTTP/11\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / HTTP/01.1\r\nHost: a\r\n\r\n")},
		{505, S_INIT("GET / HTTP/1.2\r\nHost: a\r\n\r\n")},
		{505, S_INIT("GET / HTTP/2.0\r\nHost: a\r\n\r\n")},
		{505, S_INIT("GET / HTTP/0.9\r\nHost: a\r\n\r\n")},
		{501, S_INIT("get / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{501, S_INIT("BREW / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{501, S_INIT("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{501, S_INIT("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")},
		{501, S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
		{400, S_INIT("G(T / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("\x16\x03\x01\x02\x00\x01")},
	};

	check_all(t, list, COUNT_OF(list));
}

TEST(targets_are_of_origin_form_or_agree_with_host, "")
{
	static const struct judged list[] = {
		{200, S_INIT("GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{200, S_INIT("GET http://a:80 HTTP/1.1\r\nHost: A:80\r\n\r\n")},
		{200, S_INIT("GET HTTPS://a?b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET http://a/b HTTP/1.0\r\n\r\n")},
		{400, S_INIT("GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET a HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET ?a HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /<b> HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n")},
		{200, S_INIT("GET /a|b{c}^`[d] HTTP/1.1\r\nHost: a\r\n\r\n")},
	};
	struct http_request q;

	check_all(t, list, COUNT_OF(list));
	q = parsed(t, S("GET http://a?b=1?2 HTTP/1.1\r\nHost: a\r\n\r\n"));
	CHECK_STR(q.path, S("/"));
	CHECK_STR(q.query, S("b=1?2"));
	CHECK_STR(q.target, S("http://a?b=1?2"));
}

TEST(hosts_are_exactly_one_and_well_formed, "")
{
	static const struct judged list[] = {
		{400, S_INIT("GET / HTTP/1.1\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.0\r\n\r\n")},
		{400, S_INIT(GET "Host: a\r\n\r\n")},
		{400, S_INIT(GET "hOST: b\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: :80\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n")},
		{400, S_INIT("GET / HTTP/1.1\r\nHost: []\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")},
		{200, S_INIT("GET / HTTP/1.1\r\nHost: ward.example.org\r\n\r\n")},
	};

	check_all(t, list, COUNT_OF(list));
}

TEST(lengths_and_codings_are_never_ambiguous, "")
{
	static const struct judged list[] = {
		{200, S_INIT(GET "Content-Length: 0\r\n\r\n")},
		{200, S_INIT(GET "Content-Length: 1000\r\n\r\n")},
		{413, S_INIT(GET "Content-Length: 1001\r\n\r\n")},
		{413, S_INIT(GET "Content-Length: 99999999999999999999999\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5\r\nContent-Length: 5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5, 5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: +5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: -5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 0x5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5 5\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5.\r\n\r\n")},
		{400, S_INIT(GET "Content-Length:\r\n\r\n")},
		{501, S_INIT(GET "Transfer-Encoding: chunked\r\n\r\n")},
		{501, S_INIT(GET "Transfer-Encoding: gzip, chunked\r\n\r\n")},
		{501, S_INIT(GET "transfer-encoding: xchunked\r\n\r\n")},
		{501, S_INIT(GET "Transfer-Encoding:\r\n\r\n")},
		{400, S_INIT(GET "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")},
		{400, S_INIT(GET "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n")},
		{400, S_INIT(GET "Transfer-Encoding: identity\r\nContent-Length: 2000\r\n\r\n")},
		{400, S_INIT(GET "Transfer-Encoding : chunked\r\n\r\n")},
	};

	check_all(t, list, COUNT_OF(list));
}

TEST(header_lines_are_taken_or_refused, "")
{
	static const struct judged list[] = {
		{400, S_INIT(GET "A : b\r\n\r\n")},
		{400, S_INIT(GET "A\t: b\r\n\r\n")},
		{400, S_INIT(GET ": b\r\n\r\n")},
		{400, S_INIT(GET "A\r\n\r\n")},
		{400, S_INIT(GET "A: b\r\n c\r\n\r\n")},
		{400, S_INIT(GET "A: b\r\n\tc\r\n\r\n")},
		{400, S_INIT(GET "A: b\nC: d\r\n\r\n")},
		{400, S_INIT(GET "A: b\rC: d\r\n\r\n")},
		{400, S_INIT(GET "A: b\r\r\n\r\n")},
		{400, S_INIT(GET "A: b\0c\r\n\r\n")},
		{400, S_INIT(GET "A: \x01\r\n\r\n")},
		{400, S_INIT(GET "A: \x7f\r\n\r\n")},
		{400, S_INIT(GET "A: \xff\r\n\r\n")},
		{400, S_INIT(GET "A: \xc0\xaf\r\n\r\n")},
		{400, S_INIT(GET "A\0: b\r\n\r\n")},
		{400, S_INIT(GET "\xc3\xa4: b\r\n\r\n")},
		{400, S_INIT(GET "A(b): c\r\n\r\n")},
		{400, S_INIT(GET "\n\n")},
		{400, S_INIT(GET "\n")},
		{400, S_INIT("GET / HTTP/1.1\nHost: a\n\n")},
		{400, S_INIT("GET / HTTP/1.1\r\n\nHost: a\r\n\r\n")},
		{400, S_INIT(GET "Content-Type: a/b\r\ncontent-type: c/d\r\n\r\n")},
		{400, S_INIT(GET "Authorization: a\r\nAuthorization: b\r\n\r\n")},
		{417, S_INIT(GET "Expect: tea\r\n\r\n")},
		{400, S_INIT(GET "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n")},
		{200, S_INIT(GET "Expect: 100-Continue\r\n\r\n")},
		{200, S_INIT(GET "A:\r\nB:\t \r\nC: a\tb\r\nD: \xc3\xa4\r\n\r\n")},
		{200, S_INIT(GET "Accept: a\r\nAccept: b\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n")},
	};

	check_all(t, list, COUNT_OF(list));
}

/* "GET /xxx… HTTP/1.1" with a target of `n` bytes. */
static str with_target(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	memset(p, 'x', (size_t)n);
	p[0] = '/';
	return str_fmt(t->arena, "GET %.*s HTTP/1.1\r\nHost: a\r\n\r\n", (int)n, p);
}

TEST(targets_end_at_8_KiB, "")
{
	str long_one = with_target(t, 12000);

	CHECK_INT(verdict(with_target(t, HTTP_TARGET_BYTES)), 200);
	CHECK_INT(verdict(with_target(t, HTTP_TARGET_BYTES + 1)), 414);
	CHECK_INT(verdict(str_part(long_one, 0, 9000)), 414);
	CHECK_INT(verdict(str_part(long_one, 0, 8000)), 0);
}

/* A head of `n` bytes in all. */
static str with_length(struct test_case *t, isize n)
{
	const str head = S(GET "A: "), tail = S("\r\n\r\n");
	char *p = NEW(t->arena, char, n);

	memset(p, 'x', (size_t)n);
	memcpy(p, head.p, (size_t)head.n);
	memcpy(p + n - tail.n, tail.p, (size_t)tail.n);
	return (str){p, n};
}

TEST(heads_end_at_16_KiB, "")
{
	CHECK_INT(verdict(with_length(t, HTTP_HEAD_BYTES)), 200);
	CHECK_INT(verdict(with_length(t, HTTP_HEAD_BYTES + 1)), 431);
	CHECK_INT(verdict(str_part(with_length(t, 20000), 0, HTTP_HEAD_BYTES - 1)), 0);
	CHECK_INT(verdict(str_part(with_length(t, 20000), 0, HTTP_HEAD_BYTES)), 431);
}

TEST(a_head_has_64_headers_at_most, "")
{
	struct buf b;

	buf_init(&b, t->arena, 4000);
	buf_add(&b, S(GET));
	for (int i = 1; i < HTTP_HEADERS; i++)
		buf_fmt(&b, "A%d: b\r\n", i);
	CHECK_INT(verdict(str_join(t->arena, buf_str(&b), S("\r\n"))), 200);
	CHECK_INT(verdict(str_join(t->arena, buf_str(&b), S("A: b\r\n\r\n"))), 431);
}

TEST(every_cut_of_a_good_head_wants_more, "")
{
	const str whole = S("POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
			    "Connection: close\r\n\r\n");

	for (isize n = 0; n < whole.n; n++)
		CHECK_INT(verdict(str_part(whole, 0, n)), 0);
	CHECK_INT(verdict(whole), 200);
}

TEST(a_request_shows_what_was_sent, "")
{
	struct http_request q = parsed(t,
		S("POST /a%20b?c=%C3%A4 HTTP/1.1\r\nHOST: ward:80\r\nContent-Length: 0003\r\n"
		  "X-Long:  a b \t\r\nExpect: 100-continue\r\n\r\nxyz"));

	CHECK_INT(q.method, HTTP_POST);
	CHECK_STR(q.target, S("/a%20b?c=%C3%A4"));
	CHECK_STR(q.path, S("/a%20b"));
	CHECK_STR(q.query, S("c=%C3%A4"));
	CHECK_INT(q.content_length, 3);
	CHECK(q.keep_alive && q.expects_continue);
	CHECK_STR(http_header(&q, S("x-long")), S("a b"));
	CHECK_STR(http_header(&q, S("host")), S("ward:80"));
	CHECK_STR(http_header(&q, S("none")), S(""));
	CHECK_INT(parsed(t, S(GET "\r\n")).content_length, -1);
}

TEST(connections_are_kept_only_by_http_1_1, "")
{
	CHECK(parsed(t, S(GET "\r\n")).keep_alive);
	CHECK(parsed(t, S(GET "Connection: keep-alive\r\n\r\n")).keep_alive);
	CHECK(!parsed(t, S(GET "Connection: close\r\n\r\n")).keep_alive);
	CHECK(!parsed(t, S(GET "Connection: Upgrade , CLOSE\r\n\r\n")).keep_alive);
	CHECK(!parsed(t, S("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).keep_alive);
	CHECK(!parsed(t, S("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")).expects_continue);
}

TEST(cookies_are_found_by_their_whole_name, "")
{
	struct http_request q = parsed(t,
		S(GET "Cookie: xsid=0; sid=a=b;t=\"q\"\r\n"
		      "cookie: late=1; SID=2; empty=\r\n\r\n"));

	CHECK_STR(http_cookie(&q, S("sid")), S("a=b"));
	CHECK_STR(http_cookie(&q, S("t")), S("q"));
	CHECK_STR(http_cookie(&q, S("late")), S("1"));
	CHECK_STR(http_cookie(&q, S("SID")), S("2"));
	CHECK_STR(http_cookie(&q, S("empty")), S(""));
	CHECK_STR(http_cookie(&q, S("id")), S(""));
}

TEST(escapes_are_decoded_or_refused, "")
{
	static const str bad[] = {S_INIT("%"), S_INIT("a%4"), S_INIT("%zz"), S_INIT("%4g"),
		S_INIT("%00"), S_INIT("%ff"), S_INIT("%c3"), S_INIT("%c0%af"), S_INIT("%ed%a0%80")};
	str out;

	CHECK(http_unescape(t->arena, S("/a%20b+%C3%a4%2F"), &out));
	CHECK_STR(out, S("/a b+\xc3\xa4/"));
	CHECK(http_unescape(t->arena, S(""), &out));
	CHECK_STR(out, S(""));
	for (isize i = 0; i < COUNT_OF(bad); i++)
		if (http_unescape(t->arena, bad[i], &out))
			test_fail(t, __FILE__, __LINE__, "%.*s was decoded", STR_ARG(bad[i]));
}

TEST_MAIN()
