/* Answers that are files: sent whole, piece by piece, and bounded while their readers are slow. */
#include "site.h"

enum { FILE_BYTES = SITE_FILE_PIECES * 26 * 4096 };

static bool is_whole(str body)
{
	for (isize i = 0; i < body.n; i++)
		if (body.p[i] != 'a' + i % 26)
			return false;
	return body.n == FILE_BYTES;
}

static str head_of(str answer)
{
	return str_cut_at(&answer, S("\r\n\r\n"));
}

TEST(a_file_is_sent_whole_and_the_next_answer_after_it, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	int fd = dial(&site);
	say(fd, S(TEXT("HEAD", "/file", "") TEXT("GET", "/file", "")
			TEXT("GET", "/b", "Connection: close\r\n")));
	str all = hear(t, fd);
	str head = head_of(all), rest = str_part(all, head.n + 4, all.n);
	CHECK(str_find(head, S("Content-Length: 42598400")) >= 0);
	CHECK_INT(status_of(rest), 200);
	head = head_of(rest);
	CHECK(is_whole(str_part(rest, head.n + 4, head.n + 4 + FILE_BYTES)));
	rest = str_part(rest, head.n + 4 + FILE_BYTES, rest.n);
	CHECK_INT(status_of(rest), 200);
	CHECK(str_ends(rest, S("/b")));
	close(fd);
	site_close(&site);
}

/* Who reads nothing holds no job, and no descriptor once cut; others get theirs meanwhile. */
TEST(who_does_not_read_a_file_holds_no_job, "")
{
	struct site site;
	int held[3], before;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1, .answer_ms = 300});
	before = descriptors();
	for (int i = 0; i < 3; i++) {
		held[i] = dial(&site);
		say(held[i], S(TEXT("GET", "/file", "")));
		CHECK(wait_for_taken(&site, i + 1));
	}
	CHECK_INT(ask_plainly(&site), 200);
	/* Cut are those of which nothing but our own end is left. */
	CHECK(wait_for_descriptors(before + 3));
	for (int i = 0; i < 3; i++) {
		str got = hear(t, held[i]);
		CHECK(got.n > 0 && got.n < FILE_BYTES);
		close(held[i]);
	}
	site_close(&site);
}

static str hear_some(struct test_case *t, int fd, isize n)
{
	char *bytes = NEW(t->arena, char, n);
	isize got = recv(fd, bytes, (size_t)n, MSG_WAITALL);

	return (str){bytes, got < 0 ? 0 : got};
}

/* The status of a file that is asked for from 127.0.0.`last`; what was heard is given back. */
static int file_status(struct site *site, uint32_t last)
{
	struct arena_mark mark = arena_here(site->t->arena);
	int fd = dial_from(site, INADDR_LOOPBACK - 1 + last);

	say(fd, S(TEXT("GET", "/file", "Connection: close\r\n")));
	int status = status_of(hear(site->t, fd));
	close(fd);
	arena_rewind(site->t->arena, mark);
	return status;
}

/* What the server notices in its own time. */
static bool status_becomes(struct site *site, int status)
{
	int64_t until = clock_mono() + LONG_MS * INT64_C(1000);

	while (file_status(site, 1) != status)
		if (clock_mono() > until)
			return false;
	return true;
}

TEST(files_that_wait_are_bounded_by_client, "")
{
	struct site site;

	site_open(&site, t, listen_here,
		(struct http_config){
			.files_max = (isize)5 * FILE_BYTES, .answer_ms = 4 * PATIENCE_MS});
	int held = dial(&site);
	say(held, S(TEXT("GET", "/file", "")));
	/* Whose answer is the second is refused: the first has to be there. */
	CHECK_STR(hear_some(t, held, 12), S("HTTP/1.1 200"));
	CHECK_INT(file_status(&site, 1), 503);
	CHECK_INT(file_status(&site, 2), 200);
	close(held);
	CHECK(status_becomes(&site, 200));
	site_close(&site);
}

TEST_MAIN()
