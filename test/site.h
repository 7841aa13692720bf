/*
 * A real server on loopback whose deadlines are short enough for a test, and its clients.  Pages
 * are made up: "/slow" waits until it may go, others say what they were asked.
 */
#ifndef TEST_SITE_H
#define TEST_SITE_H
#include "http/http.h"
#include "os/os.h"
#include "test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	WORKERS = 2,
	BIG = 32 << 20,
	ANSWER_MAX = 64 << 20,
	PATIENCE_MS = 5000,
	LONG_MS = 60000, /* what only a hang keeps from happening */
	SITE_FILE_PIECES = 400
};

struct site {
	struct http_server *server;
	struct http_config config;
	str address;
	pthread_t loop, worker[WORKERS];
	atomic_bool may_go; /* "/slow" waits for it */
	atomic_int taken;
	atomic_int late; /* how many were taken when "/late" was */
	atomic_bool has_ended;
	struct test_case *t;
};

/* ---- the server's side ---- */

/* Letters by their place, too many for one write. */
static inline void site_file(struct http_reply *r)
{
	static _Thread_local struct err e;
	static _Thread_local char piece[26 * 4096];
	struct arena a;

	arena_open(&a, 2 * ARENA_RESERVE);
	for (isize i = 0; i < (isize)sizeof piece; i++)
		piece[i] = (char)('a' + i % 26);
	if (!file_nameless(&a, S("/tmp"), &r->file, &e))
		abort();
	for (int i = 0; i < SITE_FILE_PIECES; i++)
		if (!file_add(r->file, (str){piece, sizeof piece}, &e))
			abort();
	r->file_bytes = SITE_FILE_PIECES * (int64_t)sizeof piece;
	r->body = S("");
	arena_close(&a);
}

static inline void handle(struct site *site, struct http_job *job)
{
	const struct http_request *q = &job->request;
	struct http_reply *r = &job->reply;

	*r = (struct http_reply){.status = 200, .type = S("text/plain"), .body = q->path};
	if (str_eq(q->path, S("/late")))
		atomic_store(&site->late, atomic_load(&site->taken));
	if (str_eq(q->path, S("/echo")))
		r->body = q->body;
	if (str_eq(q->path, S("/peer")))
		r->body = q->peer;
	if (str_eq(q->path, S("/share")))
		r->body = q->share;
	if (str_eq(q->path, S("/big")))
		r->body = (str){NEW(job->arena, char, BIG), BIG};
	if (str_eq(q->path, S("/file")))
		site_file(r);
	if (str_eq(q->path, S("/wide")))
		for (int i = 0; i < 5; i++)
			http_reply_header(r, S("X-Wide"),
				(str){memset(NEW(job->arena, char, 8000), 'x', 8000), 8000});
	while (str_eq(q->path, S("/slow")) && !atomic_load(&site->may_go))
		usleep(1000);
}

static inline void *work(void *arg)
{
	struct site *site = arg;
	struct http_job *job;

	while ((job = http_take(site->server))) {
		/* What begins otherwise is a token that nobody has. */
		str token = http_header(&job->request, S("Authorization"));
		if (!job->is_known && str_starts(token, S("of ")) &&
			!http_claim(site->server, job, token))
			continue;
		atomic_fetch_add(&site->taken, 1);
		handle(site, job);
		http_answer(site->server, job);
	}
	return NULL;
}

static inline void *loop(void *arg)
{
	struct site *site = arg;

	http_server_run(site->server);
	atomic_store(&site->has_ended, true);
	return NULL;
}

/* A running server; zeros of `config` become values that suit a test. */
static inline void site_open(
	struct site *site, struct test_case *t, str listen_at, struct http_config config)
{
	struct err e = {0};

	signal(SIGPIPE, SIG_IGN);
	*site = (struct site){.t = t};
	if (!socket_listen(listen_at, &config.listener, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	config.body_max = config.body_max ? config.body_max : 1 << 20;
	config.connections_max = config.connections_max ? config.connections_max : 20;
	config.connections_per_peer =
		config.connections_per_peer ? config.connections_per_peer : 20;
	config.jobs_max = config.jobs_max ? config.jobs_max : 4;
	config.queue_ms = config.queue_ms ? config.queue_ms : 200;
	config.job_arena_bytes = config.body_max + BIG + 4 * ARENA_RESERVE;
	site->config = config;
	site->address = socket_name(t->arena, config.listener);
	if (!http_server_start(&site->server, &config, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	pthread_create(&site->loop, NULL, loop, site);
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&site->worker[i], NULL, work, site);
}

static inline void site_join(struct site *site)
{
	pthread_join(site->loop, NULL);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(site->worker[i], NULL);
	http_server_close(site->server);
	close(site->config.listener);
}

static inline void site_close(struct site *site)
{
	atomic_store(&site->may_go, true);
	http_server_stop(site->server);
	site_join(site);
}

/* ---- the client's side ---- */

static inline int dial_from(struct site *site, uint32_t address)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
	struct sockaddr_in to = {.sin_family = AF_INET};
	str port = site->address;
	int64_t number = 0;

	str_cut(&port, ':');
	bool is_number = str_int(port, 1, 65535, &number);
	to.sin_port = htons((uint16_t)number);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!is_number || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
		connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		test_fail(site->t, __FILE__, __LINE__, "no connection to %.*s",
			STR_ARG(site->address));
	return fd;
}

static inline int dial(struct site *site)
{
	return dial_from(site, INADDR_LOOPBACK);
}

/* False when the server has gone. */
static inline bool say(int fd, str s)
{
	while (s.n) {
		ssize_t n = send(fd, s.p, (size_t)s.n, MSG_NOSIGNAL);
		if (n < 0)
			return false;
		s = str_part(s, n, s.n);
	}
	return true;
}

/* All that comes until the server closes, or until nothing more has come for `ms`.
   `*is_orderly`: it was not reset. */
static inline str hear_end(struct test_case *t, int fd, int ms, bool *is_orderly)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct buf b;
	char piece[8192];
	ssize_t n = 0;

	buf_init(&b, t->arena, ANSWER_MAX);
	while (poll(&p, 1, ms) == 1 && (n = recv(fd, piece, sizeof piece, 0)) > 0)
		buf_add(&b, (str){piece, n});
	*is_orderly = n >= 0;
	return buf_str(&b);
}

/* Open ones of this process, in which the server runs too. */
static inline int descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	while (folder && readdir(folder))
		n++;
	return folder && closedir(folder) == 0 ? n : -1;
}

/* Until there are no more of them than so many: what the server cuts, it closes, and a client that
   reads nothing sees nothing of that. */
static inline bool wait_for_descriptors(int most)
{
	for (int i = 0; i < LONG_MS && descriptors() > most; i++)
		usleep(1000);
	return descriptors() <= most;
}

static inline str hear_for(struct test_case *t, int fd, int ms)
{
	bool is_orderly;

	return hear_end(t, fd, ms, &is_orderly);
}

/* An answer after which the connection stays: it comes when it comes, and then nothing more. */
static inline str hear_one(struct test_case *t, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, LONG_MS) == 1 ? hear_for(t, fd, 100) : S("");
}

static inline str hear(struct test_case *t, int fd)
{
	return hear_for(t, fd, PATIENCE_MS);
}

/* Whether the server closes within `ms`; drops what it says. */
static inline bool is_cut(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t end = clock_mono() + ms * INT64_C(1000);
	char piece[8192];

	while (clock_mono() < end && poll(&p, 1, ms) == 1)
		if (recv(fd, piece, sizeof piece, 0) <= 0)
			return true;
	return false;
}

/* The status of an answer, 0 when there is none. */
static inline int status_of(str answer)
{
	int64_t status = 0;

	if (str_starts(answer, S("HTTP/1.1 ")) &&
		str_int(str_part(answer, 9, 12), 100, 599, &status))
		return (int)status;
	return 0;
}

static inline str body_of(str answer)
{
	str_cut_at(&answer, S("\r\n\r\n"));
	return answer;
}

#define TEXT(method, path, more) method " " path " HTTP/1.1\r\nHost: a\r\n" more "\r\n"

/* A request on a connection of its own. */
static inline str ask(struct site *site, str text)
{
	int fd = dial(site);

	say(fd, text);
	str answer = hear(site->t, fd);
	close(fd);
	return answer;
}

static inline int ask_plainly(struct site *site)
{
	return status_of(ask(site, S(TEXT("GET", "/a", "Connection: close\r\n"))));
}

static inline bool wait_for_taken(struct site *site, int count)
{
	for (int i = 0; i < PATIENCE_MS && atomic_load(&site->taken) < count; i++)
		usleep(1000);
	return atomic_load(&site->taken) >= count;
}

/* Says `s` byte by byte, one each `pause_ms`, until the server closes; the time it took. */
static inline int64_t drip(int fd, str s, int pause_ms)
{
	int64_t from = clock_mono();

	for (isize i = 0; i < s.n && !is_cut(fd, pause_ms); i++)
		if (!say(fd, str_part(s, i, i + 1)))
			break;
	return (clock_mono() - from) / 1000;
}

#define listen_here S("127.0.0.1:0")
#endif
