/*
 * The life of a connection, step by step and without a clock: the test is the event loop, the
 * worker and the client at once, and says what time it is.
 */
#include "http/http_in.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_MAX = 200000, HEAR_MAX = 20 << 20, START_S = 1000 };

#define MS  INT64_C(1000)
#define NOW (START_S * INT64_C(1000000))
#define GET "GET /a HTTP/1.1\r\nHost: a\r\n"
#define BAD "HEAD /a HTTP/1.0\r\nHost: a b\r\n\r\n"

struct stage {
	struct http_server *s;
	struct http_config config;
	struct test_case *t;
};

static void open_stage(struct stage *stage, struct test_case *t, struct http_config config)
{
	struct err e = {0};

	*stage = (struct stage){.t = t};
	CHECK(socket_listen(S("127.0.0.1:0"), &config.listener, &e));
	config.connections_max = config.connections_max ? config.connections_max : 30;
	config.connections_per_peer = 30;
	config.jobs_max = config.jobs_max ? config.jobs_max : 4;
	config.body_max = BODY_MAX;
	config.job_arena_bytes = BODY_MAX + 4 * ARENA_RESERVE;
	stage->config = config;
	CHECK(http_server_start(&stage->s, &config, &e));
	stage->s->now = NOW;
	stage->s->next_due = INT64_MAX;
}

/* Without any connection left nothing may be held. */
static void close_stage(struct stage *stage)
{
	struct test_case *t = stage->t;
	struct http_server *s = stage->s;
	int count = 0;

	for (int i = 0; i < s->used_conn; i++)
		if (s->conn[i].state != CONN_FREE && s->conn[i].state != CONN_JOB)
			conn_close(s, &s->conn[i]);
	for (struct slot *slot = s->free_slot; slot; slot = slot->next) {
		CHECK_INT(slot->arena.used, 0);
		count++;
	}
	for (int i = 0; i < s->used_conn; i++)
		count += s->conn[i].state == CONN_JOB;
	CHECK_INT(count, s->config.jobs_max);
	CHECK_INT(s->upload_count, 0);
	CHECK_INT(s->waiting_count, 0);
	CHECK_INT(s->leaving_n, 0);
	CHECK_INT(s->files_n, 0);
	/* Nobody closes what is not theirs. */
	CHECK(fcntl(0, F_GETFD) >= 0);
	http_server_close(s);
	close(stage->config.listener);
}

/* A client: its own end, and its connection at the server. */
struct client {
	struct stage *stage;
	struct conn *c;
	int fd;
};

/* "192.0.2.7"; "" for a Unix socket. */
static struct http_peer peer_of(const char *address)
{
	struct http_peer p = {.name = "unix", .share = "unix"};

	if (address[0] && !http_forwarded(str_of(address), false, &p))
		abort();
	return p;
}

static struct client arrive(struct stage *stage, const char *address)
{
	struct test_case *t = stage->t;
	struct http_peer peer = peer_of(address);
	struct client client = {.stage = stage};
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	CHECK(conn_open(stage->s, pair[0], &peer));
	client.fd = pair[1];
	for (int i = 0; i < stage->s->used_conn; i++)
		if (stage->s->conn[i].state != CONN_FREE && stage->s->conn[i].fd == pair[0])
			client.c = &stage->s->conn[i];
	return client;
}

static void event(struct client *client, uint32_t events)
{
	struct http_server *s = client->stage->s;

	conn_event(s, (int)(client->c - s->conn), events);
}

/* What the client says arrives at once. */
static void say(struct client *client, str text)
{
	struct test_case *t = client->stage->t;

	while (text.n) {
		ssize_t n = send(client->fd, text.p, (size_t)text.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			break;
		text = str_part(text, n > 0 ? n : 0, text.n);
		event(client, EPOLLIN | EPOLLOUT);
		if (n < 0 && client->c->state == CONN_FREE)
			break;
	}
	CHECK_INT(text.n, 0);
}

/* All that has come, or the end. */
static str hear(struct client *client)
{
	struct buf b;
	char piece[8192];
	ssize_t n;

	buf_init(&b, client->stage->t->arena, HEAR_MAX);
	while ((n = recv(client->fd, piece, sizeof piece, 0)) > 0)
		buf_add(&b, (str){piece, n});
	return buf_str(&b);
}

/* Whether the server said its last word. */
static bool is_ended(struct client *client)
{
	char byte;

	return recv(client->fd, &byte, 1, 0) == 0;
}

static bool is_gone(const struct client *client)
{
	return client->c->state == CONN_FREE;
}

static void leave(struct client *client)
{
	close(client->fd);
	event(client, EPOLLIN | EPOLLRDHUP);
}

/* The next job of the line, which there must be. */
static struct slot *take(struct stage *stage)
{
	struct test_case *t = stage->t;
	bool is_idle;
	struct http_job *job = http_take_within(stage->s, 0, &is_idle);

	CHECK(job);
	if (!job)
		abort();
	http_let_go(stage->s, job);
	return (struct slot *)job;
}

static void answer_with(struct stage *stage, struct slot *slot, str body)
{
	slot->job.reply =
		(struct http_reply){.status = 200, .type = S("text/plain"), .body = body};
	conn_answer(stage->s, slot);
}

static void answer(struct stage *stage)
{
	answer_with(stage, take(stage), S("fine"));
}

static int status_of(str text)
{
	int64_t status = 0;

	return str_starts(text, S("HTTP/1.1 ")) &&
			str_int(str_part(text, 9, 12), 100, 599, &status)
		? (int)status
		: 0;
}

static str body_of(str text)
{
	str_cut_at(&text, S("\r\n\r\n"));
	return text;
}

static bool has(str text, str part)
{
	return str_find(text, part) >= 0;
}

/* A request whose head has `n` bytes, by a long header. */
static str long_request(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);
	str head = S(GET "A: ");

	memset(p, 'x', (size_t)n);
	memcpy(p, head.p, (size_t)head.n);
	memcpy(p + n - 4, "\r\n\r\n", 4);
	return (str){p, n};
}

static str many(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	return (str){memset(p, 'x', (size_t)n), n};
}

static str post(struct test_case *t, isize length, str more, str body)
{
	return str_fmt(t->arena, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: %td\r\n%.*s\r\n%.*s",
		length, STR_ARG(more), STR_ARG(body));
}

/* ---- opening ---- */

TEST(a_connection_has_until_the_deadline_of_its_head, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.head_ms = 700});
	struct client one = arrive(&stage, "192.0.2.1");
	CHECK_INT(one.c->deadline, NOW + 700 * MS);
	CHECK_INT(stage.s->next_due, NOW + 700 * MS);
	stage.s->now = NOW + 5;
	struct client two = arrive(&stage, "192.0.2.1");
	CHECK_INT(two.c->deadline, NOW + 700 * MS + 5);
	CHECK_INT(stage.s->next_due, NOW + 700 * MS);
	stage.s->now = NOW - 1;
	struct client three = arrive(&stage, "192.0.2.1");
	CHECK_INT(three.c->deadline, NOW + 700 * MS - 1);
	CHECK_INT(stage.s->next_due, NOW + 700 * MS - 1);
	/* What arrives piece by piece gets no more time. */
	stage.s->now = NOW + 10;
	say(&one, S("GET / HT"));
	CHECK_INT(one.c->deadline, NOW + 700 * MS);
	close_stage(&stage);
}

TEST(the_place_of_a_connection_is_given_away_again, "")
{
	struct stage stage;
	struct http_peer peer = peer_of("192.0.2.1");

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < 3; i++) {
		struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.1");
		uint32_t before = one.c->generation;
		CHECK(one.c == &stage.s->conn[0] && two.c == &stage.s->conn[1]);
		CHECK_INT(stage.s->conn_count, 2);
		leave(&one);
		CHECK(is_gone(&one));
		CHECK_INT(stage.s->conn_count, 1);
		struct client three = arrive(&stage, "192.0.2.1");
		CHECK(three.c == one.c && three.c->generation != before);
		CHECK_INT(stage.s->used_conn, 2);
		leave(&two);
		leave(&three);
	}
	CHECK(!conn_open(stage.s, -1, &peer));
	CHECK_INT(stage.s->conn_count, 0);
	CHECK_INT(stage.s->used_conn, 2);
	close_stage(&stage);
}

/* ---- a request and its answer ---- */

TEST(a_request_is_answered_and_the_next_one_waited_for, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.idle_ms = 900, .head_ms = 700});
	struct client one = arrive(&stage, "192.0.2.1");
	for (int i = 0; i < 3; i++) {
		say(&one, S(GET "\r\n"));
		CHECK_INT(one.c->state, CONN_JOB);
		CHECK_INT(one.c->deadline, INT64_MAX);
		struct slot *slot = take(&stage);
		CHECK_STR(slot->job.request.path, S("/a"));
		CHECK_STR(slot->job.request.peer, S("192.0.2.1"));
		CHECK_STR(slot->job.request.share, S("192.0.2.1"));
		CHECK_INT(slot->job.request.body.n, 0);
		CHECK(NEW(&slot->arena, char, 5000));
		answer_with(&stage, slot, S("fine"));
		str text = hear(&one);
		CHECK_INT(status_of(text), 200);
		CHECK_STR(body_of(text), S("fine"));
		CHECK(!has(text, S("Connection: close")));
		CHECK_INT(one.c->state, CONN_HEAD);
		CHECK(one.c->is_idle);
		CHECK_INT(one.c->deadline, stage.s->now + 900 * MS);
		/* The first byte begins the head; the second does not begin it again. */
		stage.s->now += 100 * MS;
		say(&one, S("G"));
		CHECK_INT(one.c->deadline, stage.s->now + 700 * MS);
		stage.s->now += 100 * MS;
		say(&one, S("E"));
		CHECK_INT(one.c->deadline, stage.s->now + 600 * MS);
		say(&one, str_part(S(GET "\r\n"), 2, S(GET "\r\n").n));
		answer(&stage);
		CHECK_INT(status_of(hear(&one)), 200);
	}
	close_stage(&stage);
}

TEST(requests_that_come_together_are_answered_one_by_one, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.head_ms = 700, .idle_ms = 900});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S(GET "\r\n" GET "A: 1\r\n\r\n" GET "B"));
	CHECK_INT(one.c->state, CONN_JOB);
	stage.s->now += 3;
	answer(&stage);
	CHECK_INT(one.c->state, CONN_JOB);
	struct slot *slot = take(&stage);
	CHECK_STR(http_header(&slot->job.request, S("A")), S("1"));
	answer_with(&stage, slot, S("two"));
	/* Half of the third is there. */
	CHECK_INT(one.c->state, CONN_HEAD);
	CHECK(!one.c->is_idle);
	CHECK_INT(one.c->deadline, stage.s->now + 700 * MS);
	say(&one, S(": 2\r\n\r\n"));
	slot = take(&stage);
	CHECK_STR(http_header(&slot->job.request, S("B")), S("2"));
	answer_with(&stage, slot, S("three"));
	CHECK(has(hear(&one), S("two")));
	CHECK_INT(one.c->deadline, stage.s->now + 900 * MS);
	close_stage(&stage);
}

/* More than the buffer holds is there before the first is answered; no event tells of it again. */
TEST(what_filled_the_buffer_is_read_on_without_an_event, "")
{
	struct stage stage;
	struct buf b;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	buf_init(&b, t->arena, 100000);
	for (int i = 0; i < 20; i++)
		buf_add(&b, long_request(t, 3000));
	CHECK_INT(send(one.fd, b.p, (size_t)b.n, 0), b.n);
	event(&one, EPOLLIN | EPOLLOUT);
	for (int i = 0; i < 20; i++)
		answer(&stage);
	CHECK_INT(one.c->state, CONN_HEAD);
	CHECK(one.c->is_idle);
	close_stage(&stage);
}

TEST(a_head_is_taken_however_it_is_cut, "")
{
	const str head = S(GET "A: b\r\n\r\n");
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	for (isize cut = 1; cut < head.n; cut++) {
		say(&one, str_part(head, 0, cut));
		CHECK_INT(one.c->state, CONN_HEAD);
		say(&one, str_part(head, cut, head.n));
		answer(&stage);
		CHECK_INT(status_of(hear(&one)), 200);
	}
	for (isize i = 0; i < head.n; i++)
		say(&one, str_part(head, i, i + 1));
	answer(&stage);
	close_stage(&stage);
}

TEST(what_is_no_request_is_refused_at_once, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.linger_ms = 300});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.1");
	struct client three = arrive(&stage, "192.0.2.1");
	say(&one, S("\x16\x03"));
	str text = hear(&one);
	CHECK(has(text, S("HTTP/1.1 400 Bad Request\r\n")));
	CHECK(has(text, S("Content-Type: text/plain; charset=utf-8\r\n")));
	CHECK(has(text, S("Connection: close\r\n")) && !has(text, S("Retry-After")));
	CHECK_STR(body_of(text), S("400 Bad Request\n"));
	CHECK_INT(one.c->state, CONN_LINGER);
	CHECK_INT(one.c->deadline, NOW + 300 * MS);
	CHECK(is_ended(&one));
	/* A head that fills the buffer, with no line's end in its second half. */
	say(&two, str_part(long_request(t, 20000), 0, 9000));
	CHECK_INT(two.c->state, CONN_HEAD);
	say(&two, str_part(long_request(t, 20000), 9000, HTTP_HEAD_BYTES));
	CHECK_INT(status_of(hear(&two)), 431);
	/* To HEAD nobody gets a body. */
	say(&three, S(BAD));
	text = hear(&three);
	CHECK_INT(status_of(text), 400);
	CHECK_STR(body_of(text), S(""));
	close_stage(&stage);
}

TEST(the_last_word_is_said_to_whom_is_there, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	CHECK(send(one.fd, "\x16", 1, 0) == 1);
	close(one.fd);
	event(&one, EPOLLIN);
	CHECK(is_gone(&one));
	close_stage(&stage);
}

/* ---- what the system says besides ---- */

/* What a call before left in errno says nothing of this one. */
TEST(an_error_of_before_is_none, "")
{
	static const int left[] = {EAGAIN, EINTR, ECONNRESET};

	for (isize i = 0; i < COUNT_OF(left); i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){0});
		struct client one = arrive(&stage, "192.0.2.1");
		CHECK(send(one.fd, GET "\r\n", sizeof GET "\r\n" - 1, 0) > 0);
		errno = left[i];
		event(&one, EPOLLIN | EPOLLOUT);
		CHECK_INT(one.c->state, CONN_JOB);
		struct slot *slot = take(&stage);
		errno = left[i];
		answer_with(&stage, slot, S("fine"));
		CHECK_STR(body_of(hear(&one)), S("fine"));
		CHECK_INT(one.c->state, CONN_HEAD);
		close(one.fd);
		errno = left[i];
		event(&one, EPOLLIN | EPOLLRDHUP);
		CHECK(is_gone(&one));
		close_stage(&stage);
	}
}

TEST(a_client_that_is_gone_is_noticed_when_read_or_written_to, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	/* What it did not read resets the connection. */
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S(GET "\r\n"));
	answer(&stage);
	close(one.fd);
	event(&one, EPOLLIN);
	CHECK(is_gone(&one));
	struct client two = arrive(&stage, "192.0.2.1");
	say(&two, S(GET "\r\n"));
	close(two.fd);
	answer(&stage);
	CHECK(is_gone(&two));
	struct client three = arrive(&stage, "192.0.2.1");
	say(&three, post(t, 10, S("Expect: 100-continue\r\n"), S("")));
	CHECK_STR(hear(&three), S("HTTP/1.1 100 Continue\r\n\r\n"));
	struct client four = arrive(&stage, "192.0.2.1");
	str expecting = post(t, 10, S("Expect: 100-continue\r\n"), S(""));
	CHECK(send(four.fd, expecting.p, (size_t)expecting.n, 0) == expecting.n);
	close(four.fd);
	event(&four, EPOLLIN);
	CHECK(is_gone(&four));
	close_stage(&stage);
}

/* The end may have come before the answer: it is told once. */
TEST(the_end_that_came_early_is_read_after_the_answer, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	CHECK(send(one.fd, GET "\r\n", sizeof GET "\r\n" - 1, 0) > 0);
	CHECK(shutdown(one.fd, SHUT_WR) == 0);
	event(&one, EPOLLIN | EPOLLRDHUP | EPOLLOUT);
	CHECK_INT(one.c->state, CONN_JOB);
	answer(&stage);
	CHECK_INT(status_of(hear(&one)), 200);
	CHECK(is_gone(&one));
	close_stage(&stage);
}

TEST(a_broken_connection_is_closed_unless_a_worker_has_its_request, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.2");
	say(&one, S(GET "\r\n"));
	event(&one, EPOLLHUP | EPOLLERR);
	CHECK_INT(one.c->state, CONN_JOB);
	say(&two, S(GET "\r\n"));
	CHECK_INT(two.c->state, CONN_WAIT);
	event(&two, EPOLLHUP);
	CHECK(is_gone(&two));
	CHECK_INT(stage.s->waiting_count, 0);
	struct client three = arrive(&stage, "192.0.2.1");
	event(&three, EPOLLERR);
	CHECK(is_gone(&three));
	answer(&stage);
	CHECK_INT(status_of(hear(&one)), 200);
	close_stage(&stage);
}

/* ---- bodies ---- */

TEST(a_small_body_is_waited_for_in_the_connections_own_buffer, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.body_ms = 400, .body_rate = 1000});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, post(t, 5, S(""), S("ab")));
	CHECK_INT(one.c->state, CONN_BODY);
	CHECK(!one.c->slot);
	CHECK_INT(one.c->deadline, NOW + 402 * MS);
	stage.s->now += 50 * MS;
	say(&one, S("cd"));
	CHECK_INT(one.c->state, CONN_BODY);
	CHECK_INT(one.c->deadline, NOW + 404 * MS);
	say(&one, S("e" GET "\r\n"));
	struct slot *slot = take(&stage);
	CHECK_STR(slot->job.request.body, S("abcde"));
	answer_with(&stage, slot, S("fine"));
	CHECK_INT(one.c->state, CONN_JOB);
	answer(&stage);
	/* With its head. */
	say(&one, post(t, 5, S(""), S("abcdefgh")));
	slot = take(&stage);
	CHECK_STR(slot->job.request.body, S("abcde"));
	answer_with(&stage, slot, S("fine"));
	close_stage(&stage);
}

/* The last that fits into the buffer takes no job before it is whole; one byte more does. */
TEST(a_body_that_fits_takes_no_job_before_it_is_whole, "")
{
	for (int more = 0; more < 2; more++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.body_ms = 400, .body_rate = 1000});
		struct client one = arrive(&stage, "192.0.2.1");
		isize head_n = post(t, 16000, S(""), S("")).n, n = HTTP_HEAD_BYTES - head_n + more;
		say(&one, post(t, n, S(""), S("")));
		CHECK_INT(one.c->state, CONN_BODY);
		CHECK_INT(one.c->slot != NULL, more);
		CHECK_INT(stage.s->upload_count, more);
		CHECK_INT(one.c->deadline, NOW + 400 * MS);
		say(&one, many(t, 1000));
		CHECK_INT(one.c->deadline, NOW + 1400 * MS);
		say(&one, many(t, n - 1001));
		CHECK_INT(one.c->state, CONN_BODY);
		CHECK_INT(one.c->deadline, NOW + (400 + n - 1) * MS);
		say(&one, S("x"));
		CHECK_INT(stage.s->upload_count, 0);
		struct slot *slot = take(&stage);
		CHECK_STR(slot->job.request.body, many(t, n));
		answer_with(&stage, slot, S("fine"));
		CHECK_INT(status_of(hear(&one)), 200);
		CHECK_INT(one.c->state, CONN_HEAD);
		close_stage(&stage);
	}
}

/* Its first part came with the head, and the buffer is used again afterwards. */
TEST(a_large_body_arrives_whole_in_a_job, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1, .body_ms = 400, .body_rate = 1000});
	struct client one = arrive(&stage, "192.0.2.1");
	for (int round = 0; round < 2; round++) {
		str body = many(t, 100000);
		((char *)(uintptr_t)body.p)[0] = 'A';
		((char *)(uintptr_t)body.p)[99999] = 'Z';
		say(&one, post(t, 100000, S(""), str_part(body, 0, 5000)));
		CHECK_INT(one.c->state, CONN_BODY);
		CHECK_INT(stage.s->upload_count, 1);
		CHECK_INT(one.c->deadline, stage.s->now + 5400 * MS);
		say(&one, str_part(body, 5000, 99999));
		CHECK_INT(one.c->deadline, stage.s->now + (400 + 99999) * MS);
		say(&one, str_part(body, 99999, 100000));
		CHECK_INT(stage.s->upload_count, 0);
		struct slot *slot = take(&stage);
		CHECK_STR(slot->job.request.body, body);
		answer_with(&stage, slot, S("fine"));
		CHECK_INT(status_of(hear(&one)), 200);
		stage.s->now += 1000;
	}
	/* Who leaves meanwhile gives back the job. */
	say(&one, post(t, 100000, S(""), S("half")));
	leave(&one);
	CHECK(is_gone(&one));
	CHECK_INT(stage.s->upload_count, 0);
	close_stage(&stage);
}

TEST(only_who_waits_for_it_is_invited_to_send_a_body, "")
{
	const str invitation = S("HTTP/1.1 100 Continue\r\n\r\n"), expect = S("Expect: 100-continue\r\n");
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client c[5];
	for (int i = 0; i < 5; i++)
		c[i] = arrive(&stage, "192.0.2.1");
	say(&c[0], post(t, 5, expect, S("")));
	CHECK_STR(hear(&c[0]), invitation);
	say(&c[1], post(t, 5, expect, S("a")));
	CHECK_STR(hear(&c[1]), S(""));
	say(&c[2], post(t, 5, S(""), S("")));
	CHECK_STR(hear(&c[2]), S(""));
	say(&c[3], post(t, 0, expect, S("")));
	CHECK_STR(hear(&c[3]), S(""));
	CHECK_INT(c[3].c->state, CONN_JOB);
	answer(&stage);
	say(&c[4], post(t, 100000, expect, S("")));
	CHECK_STR(hear(&c[4]), invitation);
	close_stage(&stage);
}

static int refuse_all(void *who, const struct http_request *q)
{
	(void)q;
	return *(const int *)who;
}

static str large(struct test_case *t, const char *method, str more)
{
	return str_fmt(t->arena, "%s /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n%.*s\r\n",
		method, STR_ARG(more));
}

/* Who may not send it is told why and invited to nothing. */
TEST(a_large_body_that_is_not_wanted_is_refused_before_it_comes, "")
{
	const str expect = S("Expect: 100-continue\r\n");
	int status = 401;
	struct stage stage;

	open_stage(&stage, t,
		(struct http_config){.jobs_max = 1, .judge_upload = refuse_all, .who = &status});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.1");
	say(&one, large(t, "POST", expect));
	str text = hear(&one);
	CHECK_INT(status_of(text), 401);
	CHECK_STR(body_of(text), S("401 Unauthorized\n"));
	CHECK_INT(one.c->state, CONN_LINGER);
	CHECK(!one.c->slot);
	say(&two, large(t, "HEAD", expect));
	CHECK_STR(body_of(hear(&two)), S(""));
	status = 0;
	struct client three = arrive(&stage, "192.0.2.1"), four = arrive(&stage, "192.0.2.2");
	say(&three, large(t, "POST", S("")));
	CHECK_INT(three.c->state, CONN_BODY);
	say(&four, large(t, "POST", expect));
	text = hear(&four);
	CHECK(has(text, S("HTTP/1.1 503 Service Unavailable\r\n")));
	CHECK(has(text, S("Retry-After: 1\r\n")));
	CHECK_STR(body_of(text), S("503 Service Unavailable\n"));
	struct client five = arrive(&stage, "192.0.2.2");
	say(&five, large(t, "HEAD", S("")));
	text = hear(&five);
	CHECK_INT(status_of(text), 503);
	CHECK_STR(body_of(text), S(""));
	leave(&three);
	/* The only job is taken by what is no upload. */
	struct client six = arrive(&stage, "192.0.2.1"), seven = arrive(&stage, "192.0.2.3");
	say(&six, S(GET "\r\n"));
	say(&seven, large(t, "POST", S("")));
	CHECK_INT(status_of(hear(&seven)), 503);
	answer(&stage);
	close_stage(&stage);
}

TEST(without_memory_for_it_a_large_body_is_refused, "")
{
	static const char *const method[] = {"POST", "HEAD"};

	for (int i = 0; i < 2; i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.jobs_max = 1});
		struct client one = arrive(&stage, "192.0.2.1");
		str text = large(t, method[i], S(""));
		struct arena other;
		arena_open(&other, 4 * ARENA_RESERVE);
		arena_budget(1);
		/* The build in which arenas are emulated has no budget. */
		bool is_spent = arena_bulk(&other, ARENA_RESERVE) == NULL;
		say(&one, text);
		arena_budget(INT64_MAX);
		arena_close(&other);
		if (is_spent) {
			text = hear(&one);
			CHECK_INT(status_of(text), 503);
			CHECK_INT(body_of(text).n > 0, i == 0);
			CHECK(stage.s->free_slot);
			CHECK_INT(stage.s->upload_count, 0);
		}
		close_stage(&stage);
	}
}

/* How many of `n` clients of the address may begin a large body. */
static int uploads_of(struct stage *stage, const char *address, int n)
{
	int taken = 0;

	for (int i = 0; i < n; i++) {
		struct client one = arrive(stage, address);
		say(&one, large(stage->t, "POST", S("")));
		taken += one.c->state == CONN_BODY;
	}
	return taken;
}

TEST(large_bodies_have_half_of_the_jobs_and_an_eighth_for_one_address, "")
{
	struct stage stage;
	struct client busy[3];

	open_stage(&stage, t, (struct http_config){.jobs_max = 16});
	/* Requests that are being answered do not count. */
	for (int i = 0; i < 3; i++) {
		busy[i] = arrive(&stage, "192.0.2.1");
		say(&busy[i], S(GET "\r\n"));
	}
	CHECK_INT(uploads_of(&stage, "192.0.2.1", 3), 2);
	CHECK_INT(uploads_of(&stage, "192.0.2.2", 3), 2);
	CHECK_INT(uploads_of(&stage, "", 6), 4);
	CHECK_INT(uploads_of(&stage, "192.0.2.3", 1), 0);
	for (int i = 0; i < 3; i++)
		answer(&stage);
	close_stage(&stage);
	open_stage(&stage, t, (struct http_config){.jobs_max = 16});
	CHECK_INT(uploads_of(&stage, "192.0.2.2", 3), 2);
	CHECK_INT(uploads_of(&stage, "2001:db8::1", 3), 2);
	CHECK_INT(uploads_of(&stage, "2001:db8::2", 3), 0);
	close_stage(&stage);
}

/* ---- standing in line ---- */

/* Requests of the address in jobs of their own, at most `n`; how many got one at once. */
static int jobs_of(struct stage *stage, const char *address, int n, struct client *out)
{
	int taken = 0;

	for (int i = 0; i < n; i++) {
		out[i] = arrive(stage, address);
		say(&out[i], S(GET "\r\n"));
		taken += out[i].c->state == CONN_JOB;
	}
	return taken;
}

/* An address of which the hash is the first of all: its count is like any other. */
static const char *first_share(struct test_case *t)
{
	for (int i = 0; i < 1 << 24; i++) {
		const char *text = cstr(t->arena,
			str_fmt(t->arena, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255));
		struct http_peer p = peer_of(text);
		if (str_hash((str){(const char *)p.address, HTTP_PEER_BYTES}) % HTTP_SHARES == 0)
			return text;
	}
	abort();
}

TEST(one_address_has_three_quarters_of_the_jobs, "")
{
	const char *const all[] = {"192.0.2.1", "2001:db8::1", first_share(t), ""};

	for (isize i = 0; i < COUNT_OF(all); i++) {
		struct client c[6];
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.jobs_max = 4, .queue_ms = 800});
		int most = all[i][0] ? 3 : 4;
		CHECK_INT(jobs_of(&stage, all[i], 6, c), most);
		CHECK_INT(c[most].c->state, CONN_WAIT);
		CHECK_INT(c[most].c->deadline, NOW + 800 * MS);
		CHECK_INT(stage.s->waiting_count, 6 - most);
		/* Nothing changes while none is answered. */
		conn_serve_waiting(stage.s);
		CHECK_INT(stage.s->waiting_count, 6 - most);
		for (int k = 0; k < 6; k++) {
			answer(&stage);
			conn_serve_waiting(stage.s);
		}
		for (int k = 0; k < 6; k++)
			CHECK_INT(status_of(hear(&c[k])), 200);
		for (int k = 0; k <= HTTP_SHARES; k++)
			CHECK_INT(stage.s->jobs_of_share[k], 0);
		close_stage(&stage);
	}
}

TEST(nobody_overtakes_who_stands_in_line, "")
{
	struct client c[4], other[2];
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 4});
	CHECK_INT(jobs_of(&stage, "192.0.2.1", 4, c), 3);
	CHECK_INT(jobs_of(&stage, "192.0.2.2", 2, other), 0);
	CHECK_INT(stage.s->waiting_count, 3);
	conn_serve_waiting(stage.s);
	CHECK_INT(c[3].c->state, CONN_WAIT);
	CHECK_INT(other[0].c->state, CONN_JOB);
	CHECK_INT(other[1].c->state, CONN_WAIT);
	CHECK_INT(stage.s->waiting_count, 2);
	for (int i = 0; i < 6; i++) {
		answer(&stage);
		conn_serve_waiting(stage.s);
	}
	close_stage(&stage);
}

enum { WAITING = 12, ADDRESSES = 4 };

/* Who waits, in the order in which they came, and what each address has. */
struct line {
	struct client client[WAITING];
	int order[WAITING], address[WAITING], jobs[ADDRESSES], left, unused;
};

static const char *const line_address[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"};

/* The next of the line, or -1: the address with the fewest jobs, then who came first. */
static int next_of(const struct line *line, const bool *is_served)
{
	int next = -1;

	for (int i = 0; i < WAITING; i++) {
		int k = line->order[i], jobs = line->jobs[line->address[k]];
		if (!is_served[k] && jobs < 3 &&
			(next < 0 || jobs < line->jobs[line->address[next]]))
			next = k;
	}
	return line->unused ? next : -1;
}

static void fill_line(struct stage *stage, struct line *line, uint64_t *random)
{
	struct client busy[4];

	for (int i = 0; i < 4; i++) {
		int who = (int)test_random(random, ADDRESSES);
		who = line->jobs[who] == 3 ? (who + 1) % ADDRESSES : who;
		line->jobs[who] += jobs_of(stage, line_address[who], 1, &busy[i]);
	}
	for (int i = 0; i < WAITING; i++) {
		int k = (int)test_random(random, i + 1);
		line->order[i] = line->order[k];
		line->order[k] = i;
		line->address[i] = (int)test_random(random, ADDRESSES);
		line->client[i] = arrive(stage, line_address[line->address[i]]);
		/* Between them, one that asks nothing. */
		if (i == 5)
			arrive(stage, line_address[0]);
	}
	line->left = WAITING;
	for (int i = 0; i < WAITING; i++)
		say(&line->client[line->order[i]], S(GET "\r\n"));
}

static void answer_line(struct stage *stage, struct line *line)
{
	struct test_case *t = stage->t;
	struct slot *slot = take(stage);

	for (int who = 0; who < ADDRESSES; who++)
		line->jobs[who] -= str_eq(slot->job.request.peer, str_of(line_address[who]));
	answer_with(stage, slot, S("fine"));
	CHECK_INT(stage->s->waiting_count, line->left);
	line->unused++;
}

/* Whatever place the connection has. */
TEST(who_waits_is_served_in_turn, "")
{
	uint64_t random = 7;

	for (int round = 0; round < 60; round++) {
		bool is_served[WAITING] = {false};
		struct line line = {.left = 0};
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.jobs_max = 4});
		fill_line(&stage, &line, &random);
		CHECK_INT(stage.s->waiting_count, WAITING);
		for (int i = 0; i < WAITING + 4; i++) {
			answer_line(&stage, &line);
			conn_serve_waiting(stage.s);
			for (int next; (next = next_of(&line, is_served)) >= 0;) {
				is_served[next] = true;
				line.unused--;
				line.left--;
				line.jobs[line.address[next]]++;
			}
			CHECK_INT(stage.s->waiting_count, line.left);
			for (int k = 0; k < WAITING; k++)
				CHECK_INT(line.client[k].c->state == CONN_WAIT, !is_served[k]);
		}
		CHECK_INT(line.left, 0);
		close_stage(&stage);
	}
}

/* The body is with it, and the job that it gets is another than the head was parsed in. */
TEST(who_waits_keeps_the_whole_request, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.2");
	say(&two, post(t, 5, S(""), S("ab")));
	say(&one, S(GET "\r\n"));
	say(&two, S("cde"));
	CHECK_INT(two.c->state, CONN_WAIT);
	say(&two, S(GET "\r\n"));
	answer(&stage);
	conn_serve_waiting(stage.s);
	struct slot *slot = take(&stage);
	CHECK_STR(slot->job.request.body, S("abcde"));
	answer_with(&stage, slot, S("fine"));
	answer(&stage);
	close_stage(&stage);
}

TEST(the_trusted_header_says_who_asks_for_each_request, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.forwarded = S("X-Forwarded-For")});
	struct client one = arrive(&stage, "");
	say(&one, S(GET "X-Forwarded-For: 192.0.2.9\r\n\r\n"));
	struct slot *slot = take(&stage);
	CHECK_STR(slot->job.request.peer, S("192.0.2.9"));
	answer_with(&stage, slot, S("fine"));
	say(&one, S(GET "\r\n"));
	slot = take(&stage);
	CHECK_STR(slot->job.request.peer, S("unix"));
	CHECK_STR(slot->job.request.share, S("unix"));
	answer_with(&stage, slot, S("fine"));
	close_stage(&stage);
}

/* ---- answers that end the connection ---- */

TEST(a_connection_is_kept_when_request_answer_and_server_wish_it, "")
{
	for (int mask = 0; mask < 8; mask++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.linger_ms = 300});
		struct client one = arrive(&stage, "192.0.2.1");
		say(&one, mask & 1 ? S(GET "Connection: close\r\n\r\n") : S(GET "\r\n"));
		struct slot *slot = take(&stage);
		slot->job.reply = (struct http_reply){
			.status = 200, .body = S("fine"), .close = mask & 2};
		stage.s->stop_by = mask & 4 ? NOW : 0;
		conn_answer(stage.s, slot);
		str text = hear(&one);
		CHECK_STR(body_of(text), S("fine"));
		CHECK_INT(has(text, S("Connection: close\r\n")), mask != 0);
		CHECK_INT(one.c->state, mask ? CONN_LINGER : CONN_HEAD);
		CHECK(!mask || one.c->deadline == NOW + 300 * MS);
		CHECK_INT(is_ended(&one), mask != 0);
		stage.s->stop_by = 0;
		close_stage(&stage);
	}
}

TEST(after_our_last_word_a_megabyte_is_dropped, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S(GET "Connection: close\r\n\r\n"));
	answer(&stage);
	CHECK_INT(one.c->state, CONN_LINGER);
	say(&one, many(t, 1 << 20));
	CHECK_INT(one.c->state, CONN_LINGER);
	say(&one, S("x"));
	CHECK(is_gone(&one));
	struct client two = arrive(&stage, "192.0.2.1");
	say(&two, S(GET "Connection: close\r\n\r\n"));
	answer(&stage);
	leave(&two);
	CHECK(is_gone(&two));
	close_stage(&stage);
}

TEST(to_head_only_the_head_is_answered, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"));
	answer(&stage);
	str text = hear(&one);
	CHECK(has(text, S("Content-Length: 4\r\n")));
	CHECK_STR(body_of(text), S(""));
	CHECK_INT(one.c->state, CONN_HEAD);
	close_stage(&stage);
}

/* ---- standard error, where the log goes ---- */

static int kept_error;

static int error_to_file(struct test_case *t)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	fflush(stderr);
	kept_error = dup(2);
	CHECK(fd >= 0 && kept_error >= 0 && dup2(fd, 2) == 2);
	return fd;
}

static str error_of_file(struct test_case *t, int fd)
{
	char *p = NEW(t->arena, char, 10000);
	ssize_t n = pread(fd, p, 10000, 0);

	CHECK(dup2(kept_error, 2) == 2);
	close(kept_error);
	close(fd);
	return (str){p, n > 0 ? n : 0};
}

static void answer_widely(struct test_case *t, struct slot *slot)
{
	str value = many(t, 8000);

	slot->job.reply = (struct http_reply){.status = 200, .body = S("fine")};
	for (int i = 0; i < 5; i++)
		http_reply_header(&slot->job.reply, S("X-Wide"), value);
}

TEST(an_answer_whose_head_is_too_long_is_an_error_of_ours, "")
{
	static const char *const method[] = {"GET", "HEAD"};

	for (int i = 0; i < 2; i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.jobs_max = 1});
		struct client one = arrive(&stage, "192.0.2.1");
		str text = str_fmt(t->arena, "%s /wide HTTP/1.1\r\nHost: a\r\n\r\n", method[i]);
		CHECK(send(one.fd, text.p, (size_t)text.n, 0) == text.n);
		bool has_ended = i == 0;
		if (has_ended)
			CHECK(shutdown(one.fd, SHUT_WR) == 0);
		event(&one, EPOLLIN | EPOLLOUT | (has_ended ? EPOLLRDHUP : 0));
		struct slot *slot = take(&stage);
		answer_widely(t, slot);
		int log = error_to_file(t);
		conn_answer(stage.s, slot);
		CHECK(has(error_of_file(t, log), S("event=reply_head_too_long target=\"/wide\"")));
		text = hear(&one);
		CHECK_INT(status_of(text), 500);
		CHECK_INT(body_of(text).n > 0, i == 0);
		/* Where the client had ended before, there is nothing to linger for. */
		CHECK_INT(one.c->state, has_ended ? CONN_FREE : CONN_LINGER);
		CHECK(!one.c->slot);
		CHECK(stage.s->free_slot);
		close_stage(&stage);
	}
}

/* ---- slow readers ---- */

/* Whether the memory is still ours. */
static bool is_mapped(const char *p)
{
	return msync((void *)((uintptr_t)p / 4096 * 4096), 4096, MS_ASYNC) == 0;
}

static void ask_much(struct client *client, isize n)
{
	struct stage *stage = client->stage;

	say(client, S(GET "\r\n"));
	struct slot *slot = take(stage);
	answer_with(stage, slot, many(stage->t, n));
}

TEST(what_is_not_taken_at_once_leaves_the_job_and_arrives_whole, "")
{
	enum { MUCH = 3 << 20 };
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1, .answer_ms = 600});
	struct client one = arrive(&stage, "192.0.2.1");
	ask_much(&one, MUCH);
	CHECK_INT(one.c->state, CONN_ANSWER);
	CHECK(!one.c->slot && stage.s->free_slot);
	CHECK_INT(stage.s->leaving_n, one.c->out.block_n);
	CHECK(one.c->out.block_n > MUCH / 2 && one.c->out.block_n < MUCH);
	CHECK_INT(one.c->deadline, NOW + 600 * MS);
	const char *block = one.c->out.block;
	CHECK(is_mapped(block));
	isize total = 0;
	for (int i = 0; i < 10000 && one.c->state == CONN_ANSWER; i++) {
		total += hear(&one).n;
		event(&one, EPOLLOUT);
	}
	str rest = hear(&one);
	total += rest.n;
	CHECK(total > MUCH && total < MUCH + 300);
	CHECK_INT(one.c->state, CONN_HEAD);
	CHECK_INT(stage.s->leaving_n, 0);
	CHECK(!is_mapped(block));
	/* Who leaves with an answer half taken leaves nothing. */
	ask_much(&one, MUCH);
	block = one.c->out.block;
	close(one.fd);
	event(&one, EPOLLOUT | EPOLLHUP);
	CHECK(is_gone(&one));
	CHECK(!is_mapped(block));
	CHECK_INT(stage.s->leaving_n, 0);
	close_stage(&stage);
}

/* Part of the head is left as well. */
TEST(a_head_that_is_not_taken_at_once_arrives_whole, "")
{
	struct stage stage;
	int small = 1;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1});
	struct client one = arrive(&stage, "192.0.2.1");
	CHECK(setsockopt(one.c->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
	say(&one, S(GET "\r\n"));
	struct slot *slot = take(&stage);
	answer_widely(t, slot);
	slot->job.reply.header_count = 3;
	conn_answer(stage.s, slot);
	CHECK_INT(one.c->state, CONN_ANSWER);
	CHECK(one.c->out.block_n > 10000);
	str text = S("");
	for (int i = 0; i < 1000 && one.c->state == CONN_ANSWER; i++) {
		text = str_join(t->arena, text, hear(&one));
		event(&one, EPOLLOUT);
	}
	text = str_join(t->arena, text, hear(&one));
	CHECK_STR(body_of(text), S("fine"));
	CHECK_INT(text.n, str_find(text, S("\r\n\r\n")) + 8);
	for (int i = 0; i < 3; i++) {
		str rest = text;
		str_cut_at(&rest, S("X-Wide: "));
		CHECK_STR(str_cut(&rest, '\r'), many(t, 8000));
		text = rest;
	}
	close_stage(&stage);
}

/* A quarter of what may wait is for one address, to the byte. */
TEST(an_address_may_leave_a_quarter_unread, "")
{
	enum { MUCH = 2 << 20 };

	for (int less = 0; less < 2; less++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){0});
		struct client two = arrive(&stage, "192.0.2.1"), other = arrive(&stage, "192.0.2.2");
		struct client last = arrive(&stage, "192.0.2.3"), one = arrive(&stage, "192.0.2.1");
		ask_much(&one, MUCH);
		isize n = one.c->out.block_n;
		stage.s->config.leaving_max = 8 * n - less;
		int log = error_to_file(t);
		ask_much(&two, MUCH);
		str said = error_of_file(t, log);
		CHECK_INT(is_gone(&two), less);
		CHECK_INT(has(said, S("event=answer.cut peer=\"192.0.2.1\"")), less);
		ask_much(&last, MUCH);
		CHECK_INT(last.c->state, CONN_ANSWER);
		log = error_to_file(t);
		struct client three = arrive(&stage, "192.0.2.1");
		ask_much(&three, MUCH);
		CHECK(is_gone(&three));
		error_of_file(t, log);
		ask_much(&other, MUCH);
		CHECK_INT(other.c->state, CONN_ANSWER);
		close_stage(&stage);
	}
}

/* All together have their bound, to the byte, whoever they are. */
TEST(answers_that_wait_have_their_bound_together, "")
{
	enum { MUCH = 2 << 20 };
	static const char *const address[] = {"192.0.2.1", "192.0.2.2", "", "", "192.0.2.5"};
	struct stage stage;
	struct client c[5];

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < 5; i++) {
		c[i] = arrive(&stage, address[i]);
		int log = error_to_file(t);
		ask_much(&c[i], MUCH);
		error_of_file(t, log);
		stage.s->config.leaving_max = 4 * c[0].c->out.block_n;
		CHECK_INT(c[i].c->state, i < 4 ? CONN_ANSWER : CONN_FREE);
	}
	close_stage(&stage);
}

/* A client that takes what it must has its time again; one byte less is not enough. */
TEST(a_reader_has_its_time_again_for_what_it_took, "")
{
	enum { MUCH = 3 << 20 };

	for (int less = 0; less < 2; less++) {
		isize took = 0;
		for (int round = 0; round < 2; round++) {
			struct stage stage;
			open_stage(&stage, t,
				(struct http_config){.answer_ms = 600, .answer_rate = 5000});
			struct client one = arrive(&stage, "192.0.2.1");
			ask_much(&one, MUCH);
			CHECK_INT(one.c->due_n, 3000);
			CHECK_INT(one.c->deadline, NOW + 600 * MS);
			CHECK(hear(&one).n > 0);
			stage.s->now += 100 * MS;
			isize before = one.c->sent_n;
			one.c->due_n = round ? before + took + less : 1 << 30;
			event(&one, EPOLLOUT);
			took = one.c->sent_n - before;
			bool is_renewed = round && !less;
			CHECK_INT(one.c->deadline, NOW + (is_renewed ? 700 : 600) * MS);
			if (is_renewed)
				CHECK_INT(one.c->due_n, one.c->sent_n + 3000);
			close_stage(&stage);
		}
	}
}

/* ---- answers that are files ---- */

enum { MIB = 1 << 20 };

/* A file of `n` bytes, all different from their neighbours. */
static int file_of(struct test_case *t, isize n)
{
	int fd = memfd_create("answer", MFD_CLOEXEC);
	char *p = NEW(t->arena, char, n + 1);

	for (isize i = 0; i < n; i++)
		p[i] = (char)('A' + i % 57);
	CHECK(fd >= 0 && write(fd, p, (size_t)n) == n);
	return fd;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Answers the next request with a file that is said to have `said` bytes; its descriptor. */
static int answer_with_file(struct client *client, isize n, isize said)
{
	struct stage *stage = client->stage;
	struct slot *slot = take(stage);
	int fd = file_of(stage->t, n);

	slot->job.reply = (struct http_reply){.status = 200, .file = fd, .file_bytes = said};
	conn_answer(stage->s, slot);
	return fd;
}

/* Takes all of the answer, in the pieces in which it comes; how many there were. */
static int take_pieces(struct client *client, str *all)
{
	struct http_server *s = client->stage->s;
	int pieces = 0;

	*all = S("");
	while (client->c->state == CONN_ANSWER && pieces < 10000) {
		/* Who takes more is sent more, at once or in turn. */
		if (client->c->may_write && !s->has_pieces)
			return -1;
		*all = str_join(client->stage->t->arena, *all, hear(client));
		pieces += s->has_pieces;
		if (s->has_pieces)
			conn_go_on(s);
		else
			event(client, EPOLLOUT);
	}
	*all = str_join(client->stage->t->arena, *all, hear(client));
	return pieces;
}

TEST(a_file_is_sent_whole_and_closed, "")
{
	static const isize bytes[] = {1, 1000, MIB - 1, MIB, MIB + 1, 3 * MIB + 5};

	for (isize i = 0; i < COUNT_OF(bytes); i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){.jobs_max = 1});
		struct client one = arrive(&stage, "192.0.2.1");
		say(&one, S(GET "\r\n"));
		int fd = answer_with_file(&one, bytes[i], bytes[i]);
		CHECK(!one.c->slot && stage.s->free_slot);
		str all;
		CHECK(take_pieces(&one, &all) >= 0);
		str body = body_of(all);
		CHECK(has(all, str_fmt(t->arena, "Content-Length: %td\r\n", bytes[i])));
		CHECK_INT(body.n, bytes[i]);
		for (isize k = 0; k < body.n; k += 499)
			CHECK_INT(body.p[k], 'A' + k % 57);
		CHECK(!is_open(fd));
		CHECK_INT(one.c->state, CONN_HEAD);
		CHECK_INT(stage.s->files_n, 0);
		close_stage(&stage);
	}
}

TEST(to_head_and_to_who_left_no_file_is_sent, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.2");
	say(&one, S("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"));
	int fd = answer_with_file(&one, 1000, 1000);
	str text = hear(&one);
	CHECK(has(text, S("Content-Length: 1000\r\n")));
	CHECK_STR(body_of(text), S(""));
	CHECK(!is_open(fd));
	CHECK_INT(one.c->state, CONN_HEAD);
	say(&two, S(GET "\r\n"));
	fd = answer_with_file(&two, 3 * MIB, 3 * MIB);
	CHECK_INT(stage.s->files_n, 3 * MIB);
	CHECK(is_open(fd));
	close(two.fd);
	event(&two, EPOLLHUP);
	CHECK(is_gone(&two) && !is_open(fd));
	CHECK_INT(stage.s->files_n, 0);
	close_stage(&stage);
}

/* What was said of it is sent, whatever has been added since. */
TEST(of_a_longer_file_no_more_is_sent_than_was_said, "")
{
	static const isize said[] = {1, MIB - 1, MIB, 2 * MIB - 1};

	for (isize i = 0; i < COUNT_OF(said); i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){0});
		struct client one = arrive(&stage, "192.0.2.1");
		int wide = 4 * MIB;
		if (setsockopt(one.c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &wide, sizeof wide) != 0)
			(void)test_skip(t, "no right to widen a socket");
		say(&one, S(GET "\r\n"));
		answer_with_file(&one, 3 * MIB, said[i]);
		str all;
		CHECK(take_pieces(&one, &all) >= 0);
		CHECK_INT(body_of(all).n, said[i]);
		CHECK_INT(one.c->state, CONN_HEAD);
		close_stage(&stage);
	}
}

/* Part of the head is left as well: then the file follows at once. */
TEST(a_file_follows_a_head_that_was_not_taken_at_once, "")
{
	struct stage stage;
	int small = 1;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	CHECK(setsockopt(one.c->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
	say(&one, S(GET "\r\n"));
	struct slot *slot = take(&stage);
	answer_widely(t, slot);
	slot->job.reply.header_count = 3;
	slot->job.reply.body = S("");
	slot->job.reply.file = file_of(t, 5000);
	slot->job.reply.file_bytes = 5000;
	conn_answer(stage.s, slot);
	CHECK(one.c->out.block_n > 10000);
	str all;
	CHECK(take_pieces(&one, &all) >= 0);
	CHECK_INT(body_of(all).n, 5000);
	close_stage(&stage);
}

static str badge_of(void *who, const struct http_request *q)
{
	(void)who;
	return http_header(q, S("Badge"));
}

/* Whom a worker found behind a credential, the next request with it counts for, from anywhere. */
TEST(a_credential_counts_for_its_person_once_it_was_answered, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.credential = badge_of});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.2");
	say(&one, S(GET "Badge: x\r\n\r\n"));
	CHECK(!one.c->is_known);
	struct slot *slot = take(&stage);
	CHECK(http_claim(stage.s, &slot->job, S("P1")));
	int share = slot->job.share;
	http_let_go(stage.s, &slot->job);
	answer_with(&stage, slot, S("fine"));
	say(&two, S(GET "Badge: x\r\n\r\n"));
	CHECK(two.c->is_known);
	CHECK_INT(two.c->share, share);
	answer(&stage);
	say(&two, S(GET "Badge: y\r\n\r\n"));
	CHECK(!two.c->is_known);
	answer(&stage);
	close_stage(&stage);
}

/* The length has been told: what is missing cannot be made good. */
TEST(a_file_that_ends_early_cuts_the_connection, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S(GET "\r\n"));
	int fd = answer_with_file(&one, 1000, 1001);
	str all;
	take_pieces(&one, &all);
	CHECK_INT(body_of(all).n, 1000);
	CHECK(is_gone(&one) && !is_open(fd));
	close_stage(&stage);
}

/* Others have their turn after each piece, and who takes nothing more is left alone. */
TEST(files_are_sent_piece_by_piece_in_turn, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client idle = arrive(&stage, "192.0.2.3"), two = arrive(&stage, "192.0.2.2");
	struct client one = arrive(&stage, "192.0.2.1");
	int wide = 8 * MIB;
	if (setsockopt(one.c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &wide, sizeof wide) != 0) {
		test_skip(t, "no right to widen a socket");
		close_stage(&stage);
		return;
	}
	say(&one, S(GET "\r\n"));
	answer_with_file(&one, 6 * MIB, 6 * MIB);
	say(&two, S(GET "\r\n"));
	answer_with_file(&two, 2 * MIB, 2 * MIB);
	isize had[2] = {one.c->sent_n, two.c->sent_n};
	CHECK(had[0] >= MIB && had[0] < 3 * MIB && had[1] > 0);
	CHECK(stage.s->has_pieces);
	conn_go_on(stage.s);
	/* The second's buffer is full: it is not asked again. */
	CHECK(one.c->sent_n > had[0] && one.c->sent_n < 6 * MIB);
	CHECK_INT(two.c->sent_n, had[1]);
	CHECK_INT(idle.c->state, CONN_HEAD);
	str all;
	take_pieces(&one, &all);
	CHECK_INT(body_of(all).n, 6 * MIB);
	take_pieces(&two, &all);
	CHECK_INT(body_of(all).n, 2 * MIB);
	close_stage(&stage);
}

/* To the byte: a quarter for one client, all for all, and above that the answer says so. */
TEST(files_that_wait_have_their_bounds, "")
{
	static const char *const address[] = {"192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3",
		"192.0.2.4", "192.0.2.5"};
	struct client c[6];
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 8, .files_max = 8 * MIB});
	/* Who asks again came before who holds the file. */
	c[1] = arrive(&stage, address[1]);
	for (int i = 0; i < 6; i++) {
		bool is_own = i == 1, is_over = i == 5;
		if (!is_own)
			c[i] = arrive(&stage, address[i]);
		say(&c[i], S(GET "\r\n"));
		isize n = is_own || is_over ? 1 : 2 * MIB;
		int fd = answer_with_file(&c[i], n, n);
		str text = hear(&c[i]);
		CHECK_INT(status_of(text), i == 0 || (i > 1 && i < 5) ? 200 : 503);
		if (is_own || is_over) {
			CHECK(has(text, S("Retry-After: 60\r\n")));
			CHECK(str_starts(body_of(text), S("Too many large files")));
			CHECK(!is_open(fd));
		}
	}
	CHECK_INT(stage.s->files_n, 8 * MIB);
	close_stage(&stage);
	open_stage(&stage, t, (struct http_config){.files_max = 8 * MIB - 1});
	struct client one = arrive(&stage, address[0]);
	say(&one, S(GET "\r\n"));
	answer_with_file(&one, 2 * MIB, 2 * MIB);
	CHECK_INT(status_of(hear(&one)), 503);
	close_stage(&stage);
}

/* ---- memory of a connection that is idle ---- */

static bool is_given_back(const struct conn *c)
{
	for (int i = 4096; i < HTTP_HEAD_BYTES; i++)
		if (c->in[i])
			return false;
	return true;
}

TEST(an_idle_connection_keeps_one_page, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, long_request(t, 9000));
	CHECK(!is_given_back(one.c));
	answer(&stage);
	CHECK(is_given_back(one.c));
	/* A small request that was left behind a large one. */
	str both = str_join(t->arena, long_request(t, 9000), S(GET "A"));
	say(&one, both);
	answer(&stage);
	say(&one, S(": b\r\n\r\n"));
	answer(&stage);
	CHECK(is_given_back(one.c));
	say(&one, str_part(long_request(t, 9000), 0, 8000));
	leave(&one);
	CHECK(is_gone(&one) && is_given_back(one.c));
	close_stage(&stage);
}

/* ---- deadlines ---- */

TEST(whose_time_is_over_is_told_why_when_it_had_begun, "")
{
	static const struct {
		str said;
		int status;
	} list[] = {
		{S_INIT(""), 0},
		{S_INIT("G"), 408},
		{S_INIT("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), 408},
		{S_INIT("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"), 408},
		{S_INIT("\x16"), 400},
	};

	for (isize i = 0; i < COUNT_OF(list); i++) {
		struct stage stage;
		open_stage(&stage, t, (struct http_config){0});
		struct client one = arrive(&stage, "192.0.2.1");
		if (list[i].said.n)
			say(&one, list[i].said);
		conn_expire(stage.s, one.c);
		str text = hear(&one);
		CHECK_INT(status_of(text), list[i].status);
		CHECK_INT(has(body_of(text), S("HTTP/1.1")), false);
		CHECK(is_ended(&one));
		CHECK(is_gone(&one));
		close_stage(&stage);
	}
}

TEST(who_waited_too_long_for_a_job_is_told_to_come_again, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1});
	struct client one = arrive(&stage, "192.0.2.1"), two = arrive(&stage, "192.0.2.2");
	say(&one, S(GET "\r\n"));
	say(&two, S(GET "\r\n"));
	CHECK_INT(two.c->state, CONN_WAIT);
	conn_expire(stage.s, two.c);
	CHECK(has(hear(&two), S("HTTP/1.1 503 Service Unavailable\r\n")));
	CHECK_INT(stage.s->waiting_count, 0);
	answer(&stage);
	/* Idle after an answer, nothing is said. */
	hear(&one);
	conn_expire(stage.s, one.c);
	CHECK_STR(hear(&one), S(""));
	CHECK(is_gone(&one));
	close_stage(&stage);
}

TEST_MAIN()
