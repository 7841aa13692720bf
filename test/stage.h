/*
 * The life of a connection, step by step and without a clock: the test is the event loop, the
 * worker and the client at once, and says what time it is.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H
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

static inline void open_stage(struct stage *stage, struct test_case *t, struct http_config config)
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
static inline void close_stage(struct stage *stage)
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

static inline int share_of_peer(const struct http_peer *p)
{
	return (int)(str_hash((str){(const char *)p->address, HTTP_PEER_BYTES}) % HTTP_SHARES);
}

/* "192.0.2.7"; "" for a Unix socket. */
static inline struct http_peer peer_of(const char *address)
{
	struct http_peer p = {.name = "unix", .share = "unix"};

	if (address[0] && !http_forwarded(str_of(address), false, &p))
		abort();
	/* Under the key of a process two addresses may count for one client, which is not what the
	   tests are about: what stands behind an address of four bytes tells those apart. */
	if (str_starts(str_of(address), S("192.0.2.")))
		for (uint32_t n = 0; share_of_peer(&p) != p.address[4]; n++)
			memcpy(p.address + 5, &n, sizeof n);
	return p;
}

static inline struct client arrive(struct stage *stage, const char *address)
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

static inline void event(struct client *client, uint32_t events)
{
	struct http_server *s = client->stage->s;

	conn_event(s, (int)(client->c - s->conn), events);
}

/* What the client says arrives at once. */
static inline void say(struct client *client, str text)
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
static inline str hear(struct client *client)
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
static inline bool is_ended(struct client *client)
{
	char byte;

	return recv(client->fd, &byte, 1, 0) == 0;
}

static inline bool is_gone(const struct client *client)
{
	return client->c->state == CONN_FREE;
}

static inline void leave(struct client *client)
{
	close(client->fd);
	event(client, EPOLLIN | EPOLLRDHUP);
}

/* The next job of the line, which there must be. */
static inline struct slot *take(struct stage *stage)
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

static inline void answer_with(struct stage *stage, struct slot *slot, str body)
{
	slot->job.reply =
		(struct http_reply){.status = 200, .type = S("text/plain"), .body = body};
	conn_answer(stage->s, slot);
}

static inline void answer(struct stage *stage)
{
	answer_with(stage, take(stage), S("fine"));
}

static inline int status_of(str text)
{
	int64_t status = 0;

	return str_starts(text, S("HTTP/1.1 ")) &&
			str_int(str_part(text, 9, 12), 100, 599, &status)
		? (int)status
		: 0;
}

static inline str body_of(str text)
{
	str_cut_at(&text, S("\r\n\r\n"));
	return text;
}

static inline bool has(str text, str part)
{
	return str_find(text, part) >= 0;
}

/* A request whose head has `n` bytes, by a long header. */
static inline str long_request(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);
	str head = S(GET "A: ");

	memset(p, 'x', (size_t)n);
	memcpy(p, head.p, (size_t)head.n);
	memcpy(p + n - 4, "\r\n\r\n", 4);
	return (str){p, n};
}

static inline str many(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	return (str){memset(p, 'x', (size_t)n), n};
}

static inline str post(struct test_case *t, isize length, str more, str body)
{
	return str_fmt(t->arena,
		"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: %td\r\n%.*s\r\n%.*s", length,
		STR_ARG(more), STR_ARG(body));
}
#endif
