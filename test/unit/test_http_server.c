/*
 * The server as a hostile or clumsy client meets it: a real one on loopback, with deadlines
 * short enough for a test.  Lower bounds of times are exact, upper ones generous.
 */
#include "site.h"

#include <errno.h>
#include <sys/un.h>

/* ---- what is promised ---- */

TEST(requests_are_answered_in_their_order, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	str answer = ask(&site,
		S(TEXT("GET", "/one", "") TEXT("POST", "/echo", "Content-Length: 3\r\n") "two" TEXT(
			"HEAD", "/three", "") TEXT("GET", "/four", "Connection: close\r\n")
				TEXT("GET", "/five", "")));
	str bodies = S("");
	for (int i = 0; answer.n && i < 5; i++) {
		CHECK_INT(status_of(answer), 200);
		str head = str_cut_at(&answer, S("\r\n\r\n"));
		CHECK(str_find(head, S("Content-Length: ")) > 0);
		CHECK_INT(str_find(head, S("Connection: close")) > 0, i == 3);
		isize n = i == 0 ? 4 : i == 1 ? 3 : i == 2 ? 0 : 5;
		bodies = str_join(t->arena, bodies, str_part(answer, 0, n));
		answer = str_part(answer, n, answer.n);
	}
	CHECK_STR(bodies, S("/onetwo/four"));
	CHECK_INT(answer.n, 0);
	CHECK_INT(atomic_load(&site.taken), 4);
	site_close(&site);
}

TEST(requests_may_arrive_byte_by_byte, "")
{
	const str text = S(TEXT("POST", "/echo", "Content-Length: 3\r\n") "two" TEXT(
		"GET", "/four", "Connection: close\r\n"));
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	int fd = dial(&site);
	for (isize i = 0; i < text.n; i++) {
		say(fd, str_part(text, i, i + 1));
		usleep(200);
	}
	str answer = hear(t, fd);
	CHECK(str_find(answer, S("\r\n\r\ntwoHTTP/1.1 200 OK")) > 0);
	CHECK(str_ends(answer, S("\r\n\r\n/four")));
	close(fd);
	site_close(&site);
}

TEST(head_is_answered_without_body, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	str answer = ask(&site, S(TEXT("HEAD", "/hello", "Connection: close\r\n")));
	CHECK_INT(status_of(answer), 200);
	CHECK(str_find(answer, S("Content-Length: 6\r\n")) > 0);
	CHECK_STR(body_of(answer), S(""));
	site_close(&site);
}

TEST(http_1_0_is_answered_and_closed, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	str answer = ask(&site, S("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
	CHECK_INT(status_of(answer), 200);
	CHECK_STR(body_of(answer), S("/old"));
	site_close(&site);
}

TEST(what_cannot_be_parsed_is_refused_and_closed, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	CHECK_INT(status_of(ask(&site, S("\x16\x03\x01\x02"))), 400);
	CHECK_INT(status_of(ask(&site, S("GET / HTTP/1.1\r\n\r\n"))), 400);
	CHECK_INT(status_of(ask(&site,
			  S(TEXT("GET", "/",
				  "Content-Length: 3\r\n"
				  "Transfer-Encoding: chunked\r\n") "0\r\n\r\n"))),
		400);
	CHECK_INT(
		status_of(ask(&site, S(TEXT("POST", "/", "Transfer-Encoding: chunked\r\n")))), 501);
	CHECK_INT(status_of(ask(&site, S(TEXT("GET", "/", "Expect: tea\r\n")))), 417);
	str answer = ask(&site, S(TEXT("HEAD", "/", "Expect: tea\r\n")));
	CHECK_STR(body_of(answer), S(""));
	CHECK_INT(atomic_load(&site.taken), 0);
	site_close(&site);
}

TEST(a_client_that_sends_no_more_is_answered_and_closed, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	for (int i = 0; i < 10; i++) {
		int64_t from = clock_mono();
		int fd = dial(&site);
		say(fd, S(TEXT("GET", "/end", "")));
		shutdown(fd, SHUT_WR);
		CHECK_STR(body_of(hear(t, fd)), S("/end"));
		CHECK(clock_mono() - from < 2000000);
		close(fd);
	}
	site_close(&site);
}

TEST(an_expectation_is_met_before_the_body, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	for (int n = 3; n <= 30000; n += 29997) {
		int fd = dial(&site);
		char *body = NEW(t->arena, char, n);
		memset(body, 'x', (size_t)n);
		say(fd,
			str_fmt(t->arena,
				TEXT("POST", "/echo",
					"Expect: 100-continue\r\n"
					"Connection: close\r\nContent-Length: %d\r\n"),
				n));
		CHECK_STR(hear_one(t, fd), S("HTTP/1.1 100 Continue\r\n\r\n"));
		say(fd, (str){body, n});
		str answer = hear(t, fd);
		CHECK_INT(status_of(answer), 200);
		CHECK_STR(body_of(answer), ((str){body, n}));
		close(fd);
	}
	site_close(&site);
}

TEST(large_bodies_arrive_whole_and_the_next_request_after_them, "")
{
	enum { LARGE = 900000 };
	struct site site;
	char *body = NEW(t->arena, char, LARGE);

	for (int i = 0; i < LARGE; i++)
		body[i] = (char)('a' + i % 26);
	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1});
	for (int round = 0; round < 3; round++) {
		int fd = dial(&site);
		say(fd, S(TEXT("PUT", "/echo", "Content-Length: 900000\r\n")));
		say(fd, (str){body, LARGE});
		say(fd, S(TEXT("GET", "/next", "Connection: close\r\n")));
		str answer = hear(t, fd);
		CHECK_INT(status_of(answer), 200);
		CHECK_STR(str_part(body_of(answer), 0, LARGE), ((str){body, LARGE}));
		CHECK(str_ends(answer, S("\r\n\r\n/next")));
		close(fd);
	}
	site_close(&site);
}

TEST(a_body_too_large_is_refused_even_to_those_who_send_it, "")
{
	enum { LARGE = 900000 };
	struct site site;
	bool is_orderly;

	site_open(&site, t, listen_here, (struct http_config){.body_max = 1000});
	int fd = dial(&site);
	say(fd, S(TEXT("PUT", "/echo", "Content-Length: 900000\r\n")));
	/* Whoever is reset may lose the answer: it must not happen before all is sent. */
	CHECK(say(fd, (str){NEW(t->arena, char, LARGE), LARGE}));
	shutdown(fd, SHUT_WR);
	CHECK_INT(status_of(hear_end(t, fd, PATIENCE_MS, &is_orderly)), 413);
	CHECK(is_orderly);
	close(fd);
	CHECK_INT(atomic_load(&site.taken), 0);
	site_close(&site);
}

TEST(a_dripping_head_is_cut, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.head_ms = 200});
	int fd = dial(&site);
	int64_t ms = drip(
		fd, S("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 20);
	CHECK(ms >= 180 && ms < 1000);
	close(fd);
	/* Not a byte at all, and a head after an answer, are the same. */
	fd = dial(&site);
	CHECK(is_cut(fd, 1000));
	close(fd);
	fd = dial(&site);
	say(fd, S(TEXT("GET", "/", "")));
	ms = drip(fd, S("GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 20);
	CHECK(ms >= 180 && ms < 1000);
	close(fd);
	site_close(&site);
}

TEST(a_dripping_body_is_cut, "")
{
	static const str heads[] = {S_INIT(TEXT("POST", "/echo", "Content-Length: 500\r\n")),
		S_INIT(TEXT("POST", "/echo", "Content-Length: 500000\r\n"))};
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.body_ms = 200});
	for (isize i = 0; i < COUNT_OF(heads); i++) {
		int fd = dial(&site);
		say(fd, heads[i]);
		int64_t ms = drip(
			fd, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 20);
		CHECK(ms >= 180 && ms < 1000);
		close(fd);
	}
	CHECK_INT(atomic_load(&site.taken), 0);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

TEST(a_slow_body_that_keeps_the_rate_is_taken, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.body_ms = 200, .body_rate = 1000});
	int fd = dial(&site);
	say(fd, S(TEXT("POST", "/echo", "Content-Length: 3000\r\nConnection: close\r\n")));
	for (int i = 0; i < 30; i++) {
		say(fd, (str){memset(NEW(t->arena, char, 100), 'x', 100), 100});
		usleep(15000);
	}
	CHECK_INT(body_of(hear(t, fd)).n, 3000);
	close(fd);
	site_close(&site);
}

TEST(an_idle_connection_is_closed, "")
{
	struct site site;
	int64_t from = clock_mono();

	site_open(&site, t, listen_here, (struct http_config){.idle_ms = 200});
	int fd = dial(&site);
	say(fd, S(TEXT("GET", "/a", "")));
	CHECK_INT(status_of(hear(t, fd)), 200);
	int64_t ms = (clock_mono() - from) / 1000;
	CHECK(ms >= 200 && ms < 1500);
	close(fd);
	site_close(&site);
}

TEST(held_half_requests_do_not_keep_others_out, "")
{
	enum { HELD = 200 };
	struct site site;
	int held[HELD];

	site_open(&site, t, listen_here,
		(struct http_config){.connections_max = HELD + 5,
			.connections_per_peer = HELD + 5,
			.jobs_max = 2});
	for (int i = 0; i < HELD; i++) {
		held[i] = dial(&site);
		say(held[i],
			i % 2 ? S("GET / HTTP/1.1\r\nHost")
			      : S(TEXT("POST", "/echo", "Content-Length: 9\r\n") "half"));
	}
	int64_t from = clock_mono();
	for (int i = 0; i < 20; i++)
		CHECK_INT(ask_plainly(&site), 200);
	CHECK(clock_mono() - from < 1000000);
	for (int i = 0; i < HELD; i++)
		close(held[i]);
	site_close(&site);
}

TEST(slow_uploads_do_not_keep_others_out, "")
{
	const str upload = S(TEXT("POST", "/echo", "Content-Length: 100000\r\n") "half");
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 2});
	int held = dial(&site);
	say(held, upload);
	usleep(50000);
	CHECK_INT(status_of(ask(&site, upload)), 503);
	CHECK_INT(ask_plainly(&site), 200);
	close(held);
	usleep(50000);
	int fd = dial(&site);
	say(fd, upload);
	CHECK_STR(hear_for(t, fd, 100), S(""));
	close(fd);
	site_close(&site);
}

TEST(without_a_free_job_the_answer_is_503, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1});
	int fd = dial(&site);
	say(fd, S(TEXT("GET", "/slow", "Connection: close\r\n")));
	CHECK(wait_for_taken(&site, 1));
	str answer = ask(&site, S(TEXT("GET", "/a", "")));
	CHECK_INT(status_of(answer), 503);
	CHECK(str_find(answer, S("Retry-After: 1\r\n")) > 0);
	CHECK(str_find(answer, S("Connection: close\r\n")) > 0);
	atomic_store(&site.may_go, true);
	CHECK_INT(status_of(hear(t, fd)), 200);
	CHECK_INT(ask_plainly(&site), 200);
	close(fd);
	site_close(&site);
}

TEST(without_a_free_job_requests_stand_in_line, "")
{
	struct site site;
	int fd[4];

	site_open(&site, t, listen_here,
		(struct http_config){.jobs_max = 1, .queue_ms = PATIENCE_MS});
	for (int i = 0; i < 4; i++) {
		fd[i] = dial(&site);
		say(fd[i],
			i ? S(TEXT("GET", "/a", "Connection: close\r\n"))
			  : S(TEXT("GET", "/slow", "Connection: close\r\n")));
		if (i == 0)
			CHECK(wait_for_taken(&site, 1));
	}
	/* One of those who wait may go away. */
	close(fd[2]);
	usleep(50000);
	atomic_store(&site.may_go, true);
	for (int i = 0; i < 4; i++)
		if (i != 2) {
			CHECK_INT(status_of(hear(t, fd[i])), 200);
			close(fd[i]);
		}
	site_close(&site);
}

/* Three of four jobs are for one address at the most: a fourth of it waits in line, however many
   are free, and is refused in the end; who comes after it from another address is not. */
TEST(no_address_has_all_jobs, "")
{
	struct site site;
	int held[3];

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 4});
	for (int i = 0; i < 3; i++) {
		held[i] = dial(&site);
		say(held[i], S(TEXT("GET", "/slow", "Connection: close\r\n")));
	}
	CHECK(wait_for_taken(&site, 2));
	usleep(50000);
	int same = dial(&site), other = dial_from(&site, INADDR_LOOPBACK + 1);
	say(same, S(TEXT("GET", "/a", "Connection: close\r\n")));
	usleep(50000);
	say(other, S(TEXT("GET", "/a", "Connection: close\r\n")));
	CHECK_INT(status_of(hear(t, same)), 503);
	atomic_store(&site.may_go, true);
	CHECK_INT(status_of(hear(t, other)), 200);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(status_of(hear(t, held[i])), 200);
		close(held[i]);
	}
	close(same);
	close(other);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

/* What the proxy says counts, for shares too, request by request; without it, the connection. */
TEST(who_asks_is_what_the_trusted_header_says, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.forwarded = S("X-Forwarded-For")});
	int fd = dial(&site);
	say(fd,
		S(TEXT("GET", "/peer",
			"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: x, 192.0.2.1\r\n")));
	CHECK_STR(body_of(hear_one(t, fd)), S("192.0.2.1"));
	say(fd, S(TEXT("GET", "/share", "x-forwarded-for: 2001:db8::1\r\n")));
	CHECK_STR(body_of(hear_one(t, fd)), S("2001:db8::/64"));
	say(fd, S(TEXT("GET", "/peer", "Forwarded: for=192.0.2.1\r\n")));
	CHECK_STR(body_of(hear_one(t, fd)), S("127.0.0.1"));
	say(fd, S(TEXT("GET", "/peer", "X-Forwarded-For: nobody\r\n")));
	CHECK_STR(body_of(hear_one(t, fd)), S("127.0.0.1"));
	close(fd);
	site_close(&site);
	site_open(&site, t, listen_here, (struct http_config){0});
	CHECK_STR(body_of(ask(&site,
			  S(TEXT("GET", "/peer",
				  "X-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n")))),
		S("127.0.0.1"));
	site_close(&site);
}

TEST(an_address_has_its_cap_of_connections, "")
{
	struct site site;
	int fd[3];

	site_open(&site, t, listen_here, (struct http_config){.connections_per_peer = 3});
	for (int i = 0; i < 3; i++) {
		fd[i] = dial(&site);
		say(fd[i], S(TEXT("GET", "/a", "")));
		CHECK_INT(status_of(hear_one(t, fd[i])), 200);
	}
	/* The one that has asked nothing for the longest time makes room. */
	int more = dial(&site);
	say(more, S(TEXT("GET", "/a", "")));
	CHECK_INT(status_of(hear_one(t, more)), 200);
	CHECK(is_cut(fd[0], 1000));
	say(fd[2], S(TEXT("GET", "/b", "Connection: close\r\n")));
	CHECK_STR(body_of(hear(t, fd[2])), S("/b"));
	close(more);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	site_close(&site);
}

/* Of many addresses the one that holds the most makes room, however long another has been idle. */
TEST(whoever_holds_the_most_makes_room, "")
{
	struct site site;
	int fd[4];

	site_open(&site, t, listen_here, (struct http_config){.connections_max = 4});
	for (int i = 0; i < 4; i++) {
		fd[i] = dial_from(&site, INADDR_LOOPBACK + (i > 0));
		say(fd[i], S(TEXT("GET", "/a", "")));
		CHECK_INT(status_of(hear_one(t, fd[i])), 200);
	}
	int more = dial_from(&site, INADDR_LOOPBACK + 2);
	say(more, S(TEXT("GET", "/b", "Connection: close\r\n")));
	CHECK_STR(body_of(hear(t, more)), S("/b"));
	CHECK(is_cut(fd[1], 1000));
	say(fd[0], S(TEXT("GET", "/c", "Connection: close\r\n")));
	CHECK_STR(body_of(hear(t, fd[0])), S("/c"));
	close(more);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	site_close(&site);
}

/* Connections that are at work stay: then the new one is refused. */
TEST(a_cap_is_a_cap_when_nobody_is_idle, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.connections_max = 1});
	int one = dial(&site);
	say(one, S(TEXT("GET", "/big", "")));
	CHECK(wait_for_taken(&site, 1));
	usleep(50000);
	int two = dial(&site);
	CHECK(is_cut(two, 1000));
	close(one);
	close(two);
	site_close(&site);
}

TEST(all_together_have_their_cap_of_connections, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.connections_max = 1});
	int one = dial(&site);
	say(one, S(TEXT("GET", "/a", "")));
	CHECK_INT(status_of(hear_one(t, one)), 200);
	int two = dial(&site);
	say(two, S(TEXT("GET", "/b", "Connection: close\r\n")));
	CHECK_STR(body_of(hear(t, two)), S("/b"));
	CHECK(is_cut(one, 1000));
	close(one);
	close(two);
	site_close(&site);
}

TEST(a_client_that_does_not_read_is_cut, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1, .answer_ms = 300});
	int before = descriptors(), fd = dial(&site);
	say(fd, S(TEXT("GET", "/big", "")));
	CHECK(wait_for_taken(&site, 1));
	CHECK(wait_for_descriptors(before + 1));
	CHECK(hear(t, fd).n < BIG);
	close(fd);
	site_close(&site);
}

/* The only job is free as soon as the answer is there, however many do not read theirs. */
TEST(slow_readers_hold_no_job, "")
{
	const str two = S(TEXT("GET", "/big", "") TEXT("GET", "/big", ""));
	struct site site;
	int held[8];

	site_open(&site, t, listen_here,
		(struct http_config){.jobs_max = 1, .leaving_max = INT64_C(2) << 30});
	for (int i = 0; i < 8; i++) {
		held[i] = dial(&site);
		say(held[i], two);
		CHECK(wait_for_taken(&site, i + i + 1));
		int64_t from = clock_mono();
		while (ask_plainly(&site) != 200 && clock_mono() - from < PATIENCE_MS * 1000)
			usleep(10000);
		CHECK(clock_mono() - from < PATIENCE_MS * 1000);
	}
	for (int i = 0; i < 8; i++)
		close(held[i]);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

TEST(answers_that_wait_are_bounded, "")
{
	struct site site;

	/* A quarter of this is what one address may leave unread: less than one answer. */
	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1, .leaving_max = BIG});
	int fd = dial(&site);
	say(fd, S(TEXT("GET", "/big", "")));
	CHECK(wait_for_taken(&site, 1));
	CHECK(hear(t, fd).n < BIG);
	CHECK_INT(ask_plainly(&site), 200);
	close(fd);
	site_close(&site);
}

static int has_badge(void *who, const struct http_request *q, int *share)
{
	(void)who;
	(void)share;
	return str_eq(http_header(q, S("Badge")), S("good")) ? 0 : 401;
}

TEST(a_large_body_is_read_only_from_those_who_may_send_it, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.judge_upload = has_badge});
	CHECK_INT(
		status_of(ask(&site, S(TEXT("POST", "/echo", "Content-Length: 100000\r\n")))), 401);
	CHECK_INT(status_of(ask(&site,
			  S(TEXT("POST", "/echo",
				  "Badge: bad\r\nContent-Length: 100000\r\n") "half"))),
		401);
	int fd = dial(&site);
	say(fd, S(TEXT("POST", "/echo", "Badge: good\r\nContent-Length: 100000\r\n") "half"));
	CHECK_STR(hear_for(t, fd, 100), S(""));
	close(fd);
	CHECK_INT(status_of(ask(&site,
			  S(TEXT("POST", "/echo",
				  "Connection: close\r\nContent-Length: 3\r\n") "abc"))),
		200);
	CHECK_INT(atomic_load(&site.taken), 1);
	site_close(&site);
}

TEST(a_large_answer_arrives_whole, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1});
	CHECK_INT(body_of(ask(&site, S(TEXT("GET", "/big", "Connection: close\r\n")))).n, BIG);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

TEST(a_reply_whose_head_is_too_long_becomes_500, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1});
	CHECK_INT(status_of(ask(&site, S(TEXT("GET", "/wide", "")))), 500);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

TEST(a_client_that_leaves_meanwhile_does_no_harm, "")
{
	struct linger now = {.l_onoff = 1};
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.jobs_max = 1});
	int fd = dial(&site);
	say(fd, S(TEXT("GET", "/slow", "")));
	CHECK(wait_for_taken(&site, 1));
	/* A linger of 0 resets the connection. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
	usleep(20000);
	atomic_store(&site.may_go, true);
	usleep(20000);
	CHECK_INT(ask_plainly(&site), 200);
	site_close(&site);
}

TEST(stopping_answers_what_has_begun, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){.linger_ms = 100});
	int busy = dial(&site), idle = dial(&site);
	say(busy, S(TEXT("GET", "/slow", "")));
	say(idle, S(TEXT("GET", "/a", "")));
	CHECK(wait_for_taken(&site, 2));
	CHECK_INT(status_of(hear_one(t, idle)), 200);
	http_server_stop(site.server);
	http_server_stop(site.server);
	CHECK(is_cut(idle, 1000));
	CHECK(!atomic_load(&site.has_ended));
	atomic_store(&site.may_go, true);
	str answer = hear_for(t, busy, 1000);
	CHECK_STR(body_of(answer), S("/slow"));
	CHECK(str_find(answer, S("Connection: close\r\n")) > 0);
	site_join(&site);
	CHECK(atomic_load(&site.has_ended));
	close(busy);
	close(idle);
}

TEST(stopping_does_not_wait_forever, "")
{
	struct site site;
	int64_t from;

	site_open(&site, t, listen_here, (struct http_config){.stop_ms = 200});
	int fd = dial(&site);
	say(fd, S(TEXT("GET", "/slow", "")));
	CHECK(wait_for_taken(&site, 1));
	from = clock_mono();
	http_server_stop(site.server);
	while (!atomic_load(&site.has_ended) && clock_mono() - from < PATIENCE_MS * 1000)
		usleep(1000);
	CHECK(clock_mono() - from >= 200000);
	CHECK(atomic_load(&site.has_ended));
	atomic_store(&site.may_go, true);
	site_join(&site);
	close(fd);
}

TEST(a_unix_socket_has_no_address_and_no_cap_for_it, "")
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct err e = {0};
	struct site site;
	int fd[3];
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	str path = str_fmt(t->arena, "%.*s/s", STR_ARG(folder));
	site_open(&site, t, str_join(t->arena, S("unix:"), path),
		(struct http_config){.connections_per_peer = 1});
	memcpy(to.sun_path, path.p, (size_t)path.n);
	for (int i = 0; i < 3; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		CHECK(connect(fd[i], (struct sockaddr *)&to, sizeof to) == 0);
		say(fd[i], S(TEXT("GET", "/peer", "")));
		CHECK_STR(body_of(hear_one(t, fd[i])), S("unix"));
	}
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	site_close(&site);
	CHECK(folder_remove(t->arena, folder, &e));
}

TEST(the_address_of_a_client_is_told, "")
{
	struct site site;

	site_open(&site, t, listen_here, (struct http_config){0});
	CHECK_STR(body_of(ask(&site, S(TEXT("GET", "/peer", "Connection: close\r\n")))),
		S("127.0.0.1"));
	site_close(&site);
}

TEST(a_configuration_that_cannot_work_is_refused, "")
{
	const struct http_config good = {.body_max = 1000,
		.connections_max = 1,
		.connections_per_peer = 1,
		.jobs_max = 1,
		.job_arena_bytes = 1000 + 2 * ARENA_RESERVE,
		.listener = -1};
	struct http_config bad[5];
	struct http_server *s;

	for (isize i = 0; i < COUNT_OF(bad); i++)
		bad[i] = good;
	bad[0].connections_max = 0;
	bad[1].connections_per_peer = 0;
	bad[2].jobs_max = 0;
	bad[3].job_arena_bytes--;
	bad[4].head_ms = -1;
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err e = {0};
		CHECK(!http_server_start(&s, &bad[i], &e));
		CHECK_INT(e.code, ERR_INVALID);
	}
	struct err e = {0};
	CHECK(!http_server_start(&s, &good, &e));
	CHECK_INT(e.code, ERR_FAULT);
}

TEST(a_worker_that_nobody_asks_is_told_so, "")
{
	struct site site;
	bool is_idle = false;
	int64_t from = clock_mono();

	site_open(&site, t, S("127.0.0.1:0"), (struct http_config){0});
	CHECK(!http_take_within(site.server, 30, &is_idle));
	CHECK(is_idle);
	CHECK(clock_mono() - from >= 30000);
	site_close(&site);
	CHECK(clock_mono() - from < PATIENCE_MS * 1000);
}

TEST_MAIN()
