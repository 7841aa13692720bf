/*
 * The event loop round by round, in the test's own thread.  Clients are real ones on loopback.
 */
#ifndef TEST_ROUNDS_H
#define TEST_ROUNDS_H
#include "http/http_in.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ARENA_BYTES = 4 * ARENA_RESERVE, LATE_US = 5000000 };

#define GET "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

struct stage {
	struct http_server *s;
	struct http_config config;
	struct sockaddr_in address;
	struct test_case *t;
};

static inline void open_stage(struct stage *stage, struct test_case *t, struct http_config config)
{
	socklen_t size = sizeof stage->address;
	struct err e = {0};

	*stage = (struct stage){.t = t};
	if (config.listener == 0)
		CHECK(socket_listen(S("127.0.0.1:0"), &config.listener, &e));
	CHECK(getsockname(config.listener, (struct sockaddr *)&stage->address, &size) == 0);
	config.connections_max = config.connections_max ? config.connections_max : 100;
	config.connections_per_peer =
		config.connections_per_peer ? config.connections_per_peer : 100;
	config.jobs_max = config.jobs_max ? config.jobs_max : 4;
	config.body_max = 1 << 20;
	config.job_arena_bytes = ARENA_BYTES;
	stage->config = config;
	CHECK(http_server_start(&stage->s, &config, &e));
}

static inline void close_stage(struct stage *stage)
{
	http_server_close(stage->s);
	close(stage->config.listener);
}

/* One round that finds at least the counter of the workers. */
static inline void round_of(struct stage *stage)
{
	uint64_t one = 1;

	if (write(stage->s->wake, &one, sizeof one) < 0)
		abort();
	/* Left by a call before. */
	errno = EBADF;
	server_round(stage->s);
}

static inline int share_of_address(uint32_t address)
{
	struct sockaddr_storage from = {0};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
	struct http_peer peer;

	memcpy(&from, &in, sizeof in);
	peer_of_socket(&from, &peer);
	return (int)(str_hash((str){(const char *)peer.address, HTTP_PEER_BYTES}) % HTTP_SHARES);
}

/* The n-th of 127.0.0.1 and those behind it: who under the key of this process would count for
   one client with one before is passed over. */
static inline uint32_t address_of(int number)
{
	enum { MOST = 16 };
	uint32_t out = INADDR_LOOPBACK - 1;
	int share[MOST];

	assert(number > 0 && number <= MOST);
	for (int count = 0; count < number; count++)
		for (bool is_apart = false; !is_apart;) {
			share[count] = share_of_address(++out);
			is_apart = true;
			for (int i = 0; i < count; i++)
				is_apart = is_apart && share[i] != share[count];
		}
	return out;
}

/* From the address of that number. */
static inline int dial_from(struct stage *stage, int number)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct test_case *t = stage->t;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	from.sin_addr.s_addr = htonl(address_of(number));
	CHECK(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
	CHECK(connect(fd, (struct sockaddr *)&stage->address, sizeof stage->address) == 0);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	return fd;
}

static inline int dial(struct stage *stage)
{
	return dial_from(stage, 1);
}

/* The connection that came last. */
static inline struct conn *newest(struct stage *stage)
{
	struct conn *out = NULL;

	for (int i = 0; i < stage->s->used_conn; i++) {
		struct conn *c = &stage->s->conn[i];
		if (c->state != CONN_FREE && (!out || c->fd > out->fd))
			out = c;
	}
	return out;
}

static inline void say(struct test_case *t, int fd, const char *text)
{
	str s = str_of(text);

	CHECK_INT(send(fd, s.p, (size_t)s.n, MSG_NOSIGNAL), s.n);
}

/* What has come, and whether it is all. */
static inline str hear(struct test_case *t, int fd, bool *is_end)
{
	char *p = NEW(t->arena, char, 10000);
	ssize_t n, all = 0;

	while ((n = recv(fd, p + all, (size_t)(10000 - all), 0)) > 0)
		all += n;
	*is_end = n == 0 || errno != EAGAIN;
	return (str){p, all};
}

static inline bool is_cut(struct test_case *t, int fd)
{
	bool is_end;

	hear(t, fd, &is_end);
	return is_end;
}

static inline int status_of(struct test_case *t, int fd)
{
	int64_t status = 0;
	bool is_end;
	str text = hear(t, fd, &is_end);

	return text.n > 12 && str_int(str_part(text, 9, 12), 100, 599, &status) ? (int)status : 0;
}

static inline void reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static inline struct http_job *take(struct stage *stage)
{
	struct test_case *t = stage->t;
	bool is_idle;
	struct http_job *job = http_take_within(stage->s, 0, &is_idle);

	CHECK(job);
	if (!job)
		abort();
	return job;
}

static inline void answer(struct stage *stage, struct http_job *job)
{
	job->reply = (struct http_reply){.status = 200, .body = S("fine")};
	http_answer(stage->s, job);
}

/* How many are open. */
static inline int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The number that the next descriptor gets. */
static inline int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* ---- what the loop does between its events and their work ---- */

/* The loop beats when it knows what time it is and has not yet done anything. */
struct beat {
	struct stage *stage;
	void (*what)(struct http_server *s); /* done at the first beat */
	int count;
};

static inline void beat(void *who)
{
	struct beat *b = who;

	if (b->count++ == 0 && b->what)
		b->what(b->stage->s);
}

static inline struct http_config beating(struct beat *b, struct stage *stage)
{
	*b = (struct beat){.stage = stage};
	return (struct http_config){.beat = beat, .who = b};
}
#endif
