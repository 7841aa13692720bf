/* Which path a pattern takes, and how an answer begins. */
#include "http/http.h"
#include "test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define OTHERS  "0123456789-_"

/* ---- patterns ---- */

TEST(words_are_of_letters_digits_dash_and_line, "")
{
	for (int byte = 0; byte < 256; byte++) {
		char one = (char)byte, two[2] = {'a', one}, big[2] = {'A', one};
		str arg[1];
		bool is_capital = str_index(S(CAPITAL), one) >= 0;
		bool is_word = is_capital || str_index(S(SMALL OTHERS), one) >= 0;
		CHECK_INT(http_match(S(":name"), (str){&one, 1}, arg, 1), is_word && !is_capital);
		CHECK_INT(http_match(S(":NAME"), (str){&one, 1}, arg, 1), is_capital);
		if (one == '/')
			continue;
		CHECK_INT(http_match(S(":name"), (str){two, 2}, arg, 1), is_word);
		CHECK_INT(http_match(S(":NAME"), (str){big, 2}, arg, 1), is_word);
	}
}

TEST(a_path_is_as_long_as_its_pattern, "")
{
	static const struct {
		str pattern, path;
		bool fits;
	} list[] = {
		{S_INIT("/"), S_INIT("/"), true},
		{S_INIT("/a"), S_INIT("/a"), true},
		{S_INIT("/a"), S_INIT("/b"), false},
		{S_INIT("/a"), S_INIT("/"), false},
		{S_INIT("/a"), S_INIT("/a/b"), false},
		{S_INIT("/a"), S_INIT("/a//"), false},
		{S_INIT("/a/b"), S_INIT("/a"), false},
		{S_INIT("/a/:b"), S_INIT("/a"), false},
		{S_INIT("/a/:b"), S_INIT("/a/"), false},
		{S_INIT("/a/:b/c"), S_INIT("/a//c"), false},
		{S_INIT("/a/:B/c"), S_INIT("/a/X/c"), true},
		{S_INIT("/a/:B/c"), S_INIT("/a/x/c"), false},
		{S_INIT("*"), S_INIT(""), false},
		{S_INIT("*"), S_INIT("/"), true},
	};
	str arg[2];

	for (isize i = 0; i < COUNT_OF(list); i++)
		if (http_match(list[i].pattern, list[i].path, arg, 2) != list[i].fits)
			test_fail(t, __FILE__, __LINE__, "%.*s, %.*s", STR_ARG(list[i].pattern),
				STR_ARG(list[i].path));
}

TEST(no_more_words_are_taken_than_there_is_room_for, "")
{
	str arg[3] = {{0}};

	CHECK(!http_match(S("/:a"), S("/x"), arg, 0));
	CHECK(!http_match(S("/:a/:b"), S("/x/y"), arg, 1));
	CHECK(http_match(S("/:a/:b"), S("/x/y"), arg, 2));
	CHECK_STR(arg[0], S("x"));
	CHECK_STR(arg[1], S("y"));
	CHECK_INT(arg[2].n, 0);
}

TEST(a_star_at_the_end_takes_what_follows, "")
{
	str arg[2];

	CHECK(http_match(S("/ledger/tile/*"), S("/ledger/tile/0/x001/234.p/5"), arg, 1));
	CHECK_STR(arg[0], S("0/x001/234.p/5"));
	CHECK(http_match(S("/:a/*"), S("/x/y"), arg, 2));
	CHECK_STR(arg[1], S("y"));
	CHECK(!http_match(S("/:a/*"), S("/x/y"), arg, 1));
	CHECK(!http_match(S("/ledger/tile/*"), S("/ledger/tile"), arg, 1));
	CHECK(!http_match(S("/ledger/tile/*"), S("/ledger/tile/"), arg, 1));
	CHECK(!http_match(S("/ledger/tile/*"), S("/ledger/tiles/0"), arg, 1));
}

/* ---- answers ---- */

TEST(reply_heads_are_printed_whole, "")
{
	struct http_reply r = {.status = 200, .type = S("text/html"), .body = S("12345")};
	struct buf b;

	http_reply_header(&r, S("ETag"), S("\"3\""));
	buf_init(&b, t->arena, 1000);
	http_print_head(&b, &r, true, INT64_C(784111777) * 1000000);
	CHECK_STR(buf_str(&b),
		S("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		  "Content-Type: text/html\r\nContent-Length: 5\r\n"
		  "ETag: \"3\"\r\n\r\n"));
	r = (struct http_reply){.status = 304};
	buf_init(&b, t->arena, 1000);
	http_print_head(&b, &r, false, 0);
	CHECK_STR(buf_str(&b),
		S("HTTP/1.1 304 Not Modified\r\n"
		  "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
		  "Connection: close\r\n\r\n"));
	CHECK_STR(http_status_text(431), S("Request Header Fields Too Large"));
	CHECK_STR(http_status_text(299), S(""));
}

TEST(an_answer_is_printed_with_what_it_has_and_nothing_else, "")
{
	struct http_reply r = {.status = 204};
	struct buf b;

	buf_init(&b, t->arena, 1000);
	http_reply_header(&r, S("A"), S("1"));
	http_reply_header(&r, S("B"), S("x y\tz ~"));
	http_print_head(&b, &r, true, 0);
	CHECK_STR(buf_str(&b),
		S("HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
		  "A: 1\r\nB: x y\tz ~\r\n\r\n"));
	r = (struct http_reply){.status = 507};
	buf_init(&b, t->arena, 1000);
	http_print_head(&b, &r, true, -1);
	CHECK_STR(buf_str(&b),
		S("HTTP/1.1 507 Insufficient Storage\r\nDate: Wed, 31 Dec 1969 23:59:59 GMT\r\n"
		  "Content-Length: 0\r\n\r\n"));
}

TEST(a_file_is_as_long_as_it_says_and_closed_when_it_is_not_sent, "")
{
	struct http_reply r = {.status = 200, .file = dup(0), .file_bytes = 1 << 20};
	struct buf b;
	int kept = r.file;

	buf_init(&b, t->arena, 1000);
	http_print_head(&b, &r, true, 0);
	CHECK(str_find(buf_str(&b), S("Content-Length: 1048576\r\n")) > 0);
	http_reply_drop(&r);
	CHECK_INT(r.file_bytes, 0);
	CHECK(fcntl(kept, F_GETFD) < 0);
	/* Without a file nothing is closed, whatever the number. */
	r.file = dup(0);
	http_reply_drop(&r);
	CHECK(fcntl(r.file, F_GETFD) >= 0);
	close(r.file);
}

/* Whether adding the header ends the process: it is our own mistake. */
static bool is_asserted(str name, str value)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct http_reply r = {.status = 200};
		close(2);
		http_reply_header(&r, name, value);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/* A line break in a value would begin a header, or a body, of a stranger's choice. */
TEST(a_header_of_an_answer_has_no_control_characters, "")
{
	for (int byte = 0; byte < 256; byte++) {
		char value[3] = {'a', (char)byte, 'b'};
		bool is_bad = (byte < 0x20 && byte != '\t') || byte == 0x7f;
		if (byte > 0x20 && byte < 0x7f && byte != 'x')
			continue;
		CHECK_INT(is_asserted(S("X"), (str){value, 3}), is_bad);
	}
	CHECK(is_asserted(S("X"), S("a\n")));
	CHECK(is_asserted(S("X y"), S("a")));
	CHECK(is_asserted(S(""), S("a")));
}

TEST(headers_that_the_server_writes_are_not_added, "")
{
	static const str ours[] = {S_INIT("date"), S_INIT("Connection"), S_INIT("Content-Length"),
		S_INIT("CONTENT-TYPE"), S_INIT("Transfer-Encoding")};

	for (isize i = 0; i < COUNT_OF(ours); i++)
		CHECK(is_asserted(ours[i], S("a")));
	CHECK(!is_asserted(S("Content-Language"), S("a")));
}

TEST_MAIN()
