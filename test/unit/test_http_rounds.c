/*
 * The event loop round by round, in the test's own thread: who is admitted, who makes room, what
 * expires, and how it stops.  Clients are real ones on loopback.
 */
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

static void open_stage(struct stage *stage, struct test_case *t, struct http_config config)
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

static void close_stage(struct stage *stage)
{
	http_server_close(stage->s);
	close(stage->config.listener);
}

/* One round that finds at least the counter of the workers. */
static void round_of(struct stage *stage)
{
	uint64_t one = 1;

	if (write(stage->s->wake, &one, sizeof one) < 0)
		abort();
	/* Left by a call before. */
	errno = EBADF;
	server_round(stage->s);
}

/* From 127.0.0.`number`. */
static int dial_from(struct stage *stage, int number)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct test_case *t = stage->t;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + (uint32_t)number);
	CHECK(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
	CHECK(connect(fd, (struct sockaddr *)&stage->address, sizeof stage->address) == 0);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	return fd;
}

static int dial(struct stage *stage)
{
	return dial_from(stage, 1);
}

/* The connection that came last. */
static struct conn *newest(struct stage *stage)
{
	struct conn *out = NULL;

	for (int i = 0; i < stage->s->used_conn; i++) {
		struct conn *c = &stage->s->conn[i];
		if (c->state != CONN_FREE && (!out || c->fd > out->fd))
			out = c;
	}
	return out;
}

static void say(struct test_case *t, int fd, const char *text)
{
	str s = str_of(text);

	CHECK_INT(send(fd, s.p, (size_t)s.n, MSG_NOSIGNAL), s.n);
}

/* What has come, and whether it is all. */
static str hear(struct test_case *t, int fd, bool *is_end)
{
	char *p = NEW(t->arena, char, 10000);
	ssize_t n, all = 0;

	while ((n = recv(fd, p + all, (size_t)(10000 - all), 0)) > 0)
		all += n;
	*is_end = n == 0 || errno != EAGAIN;
	return (str){p, all};
}

static bool is_cut(struct test_case *t, int fd)
{
	bool is_end;

	hear(t, fd, &is_end);
	return is_end;
}

static int status_of(struct test_case *t, int fd)
{
	int64_t status = 0;
	bool is_end;
	str text = hear(t, fd, &is_end);

	return text.n > 12 && str_int(str_part(text, 9, 12), 100, 599, &status) ? (int)status : 0;
}

static void reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static struct http_job *take(struct stage *stage)
{
	struct test_case *t = stage->t;
	bool is_idle;
	struct http_job *job = http_take_within(stage->s, 0, &is_idle);

	CHECK(job);
	if (!job)
		abort();
	return job;
}

static void answer(struct stage *stage, struct http_job *job)
{
	job->reply = (struct http_reply){.status = 200, .body = S("fine")};
	http_answer(stage->s, job);
}

/* ---- starting and closing ---- */

/* How many are open. */
static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The number that the next descriptor gets. */
static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static enum err_code code_of(struct test_case *t, struct http_config config)
{
	struct http_server *s = NULL;
	struct err e = {0};
	int before = count_descriptors();

	config.listener = -1;
	CHECK(!http_server_start(&s, &config, &e));
	CHECK_INT(count_descriptors(), before);
	return e.code;
}

/* ERR_FAULT is the listener that is none: all else was taken. */
TEST(a_configuration_is_taken_up_to_its_limits, "")
{
	const struct http_config good = {.body_max = 1000,
		.connections_max = 1,
		.connections_per_peer = 1,
		.jobs_max = 1,
		.job_arena_bytes = 1000 + 2 * ARENA_RESERVE};
	struct http_config c = good;

	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.connections_max = 0;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c.connections_max = 65536;
	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.connections_max++;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c = good;
	c.connections_per_peer = 0;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c = good;
	c.jobs_max = 0;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c.jobs_max = 4096;
	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.jobs_max++;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c = good;
	c.job_arena_bytes--;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c.body_max = 0;
	c.job_arena_bytes = 2 * ARENA_RESERVE;
	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.job_arena_bytes--;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c = good;
	c.body_max = -1;
	CHECK_INT(code_of(t, c), ERR_INVALID);
}

TEST(what_is_not_said_of_a_configuration_has_its_standard, "")
{
	static const int standard[] = {
		10000, 10000, 16000, 10000, 4000, 5000, 30000, 2000, 5000, 5000, 60000};
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	struct http_config c = stage.s->config;
	int *all[] = {&c.head_ms, &c.body_ms, &c.body_rate, &c.answer_ms, &c.answer_rate,
		&c.queue_ms, &c.idle_ms, &c.linger_ms, &c.stop_ms, &c.beat_ms, &c.stuck_ms};
	CHECK_INT(c.leaving_max, 256 << 20);
	CHECK_INT(c.files_max, (isize)4 << 30);
	for (isize i = 0; i < COUNT_OF(all); i++)
		CHECK_INT(*all[i], standard[i]);
	close_stage(&stage);
	c.listener = -1;
	for (isize i = 0; i < COUNT_OF(all); i++) {
		*all[i] = 1;
		CHECK_INT(code_of(t, c), ERR_FAULT);
		*all[i] = -1;
		CHECK_INT(code_of(t, c), ERR_INVALID);
		*all[i] = standard[i];
	}
	c.leaving_max = 1;
	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.leaving_max = -1;
	CHECK_INT(code_of(t, c), ERR_INVALID);
	c.leaving_max = c.files_max = 1;
	CHECK_INT(code_of(t, c), ERR_FAULT);
	c.files_max = -1;
	CHECK_INT(code_of(t, c), ERR_INVALID);
}

TEST(requests_have_numbers_of_their_server, "")
{
	struct stage one, two;
	char number[2][HTTP_NUMBER_TEXT];

	open_stage(&one, t, (struct http_config){0});
	open_stage(&two, t, (struct http_config){0});
	for (int i = 0; i < 2; i++) {
		struct stage *stage = i ? &two : &one;
		int fd = dial(stage);
		say(t, fd, GET);
		round_of(stage);
		round_of(stage);
		struct http_job *job = take(stage);
		memcpy(number[i], job->number, sizeof number[i]);
		answer(stage, job);
		round_of(stage);
		CHECK_INT(status_of(t, fd), 200);
		close(fd);
	}
	CHECK(str_ends(str_of(number[0]), S("-1")) && str_ends(str_of(number[1]), S("-1")));
	CHECK(!str_eq(str_of(number[0]), str_of(number[1])));
	close_stage(&one);
	close_stage(&two);
}

TEST(closing_a_server_closes_all_it_holds, "")
{
	struct stage stage;
	int fd[3], before = count_descriptors();

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < 3; i++)
		fd[i] = dial(&stage);
	say(t, fd[2], GET);
	round_of(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 3);
	/* Nobody answers it. */
	CHECK(take(&stage));
	close_stage(&stage);
	for (int i = 0; i < 3; i++) {
		CHECK(is_cut(t, fd[i]));
		close(fd[i]);
	}
	CHECK_INT(count_descriptors(), before);
}

/* The number of a connection that was closed may be something else's. */
TEST(closing_a_server_leaves_alone_what_it_has_closed, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	int fd = dial(&stage);
	round_of(&stage);
	int number = newest(&stage)->fd;
	reset(fd);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 0);
	int error = dup2(2, number);
	CHECK_INT(error, number);
	close_stage(&stage);
	CHECK(fcntl(number, F_GETFD) >= 0);
	close(number);
}

static bool is_mapped(char *p)
{
	unsigned char is_there;

	return mincore(p - (uintptr_t)p % 4096, 1, &is_there) == 0;
}

TEST(closing_a_server_gives_back_its_memory, "")
{
	enum { ROOM = 16 << 20, TIMES = 2 * ROOM / ARENA_FIRST };
	struct stage stage;
	char *in, *head;

	/* Spent soon by what one of them would leave behind; a budget counts for release builds. */
	arena_budget(ROOM);
	for (int i = 0; i < TIMES; i++) {
		open_stage(&stage, t, (struct http_config){.jobs_max = 1});
		in = stage.s->in_block;
		head = stage.s->head_block;
		CHECK(is_mapped(in) && is_mapped(head));
		close_stage(&stage);
	}
	arena_budget(INT64_MAX);
	CHECK(!is_mapped(in) && !is_mapped(head));
}

TEST(a_listener_that_waits_is_made_one_that_does_not, "")
{
	struct stage stage;
	int listener;
	struct err e = {0};

	CHECK(socket_listen(S("127.0.0.1:0"), &listener, &e));
	CHECK(fcntl(listener, F_SETFL, 0) == 0);
	open_stage(&stage, t, (struct http_config){.listener = listener});
	CHECK(fcntl(listener, F_GETFL) & O_NONBLOCK);
	close_stage(&stage);
}

TEST(each_job_has_memory_of_its_own, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 3});
	for (int i = 0; i < 3; i++) {
		struct slot *slot = &stage.s->slots[i];
		CHECK(slot->job.arena == &slot->arena);
		CHECK_INT(arena_room(slot->job.arena), ARENA_BYTES - ARENA_RESERVE);
		memset(NEW(slot->job.arena, char, 1 << 10), 'x', 1 << 10);
		memset(slot->head, 'a' + i, HTTP_REPLY_HEAD_BYTES);
	}
	for (int i = 0; i < 3; i++) {
		const char *head = stage.s->slots[i].head;
		CHECK(head[0] == 'a' + i && head[HTTP_REPLY_HEAD_BYTES - 1] == 'a' + i);
	}
	close_stage(&stage);
}

/* ---- what the loop does between its events and their work ---- */

/* The loop beats when it knows what time it is and has not yet done anything. */
struct beat {
	struct stage *stage;
	void (*what)(struct http_server *s); /* done at the first beat */
	int count;
};

static void beat(void *who)
{
	struct beat *b = who;

	if (b->count++ == 0 && b->what)
		b->what(b->stage->s);
}

static struct http_config beating(struct beat *b, struct stage *stage)
{
	*b = (struct beat){.stage = stage};
	return (struct http_config){.beat = beat, .who = b};
}

static void lose_epoll(struct http_server *s)
{
	s->epoll = -1;
}

/* ---- who is admitted ---- */

TEST(whom_the_system_does_not_watch_is_let_go, "")
{
	struct stage stage;
	struct beat b;

	open_stage(&stage, t, beating(&b, &stage));
	int epoll = stage.s->epoll, fd = dial(&stage), before = count_descriptors();
	b.what = lose_epoll;
	round_of(&stage);
	stage.s->epoll = epoll;
	CHECK_INT(b.count, 1);
	CHECK_INT(stage.s->conn_count, 0);
	CHECK(is_cut(t, fd));
	CHECK_INT(count_descriptors(), before);
	close(fd);
	close_stage(&stage);
}

/* Where standard input is closed a client gets its number. */
TEST(a_client_may_have_the_number_0, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	int fd = dial(&stage), input = dup(0);
	close(0);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 1);
	CHECK_INT(stage.s->conn[0].fd, 0);
	close_stage(&stage);
	CHECK(dup2(input, 0) == 0);
	close(input);
	close(fd);
}

TEST(a_unix_socket_has_no_cap_of_an_address, "")
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct http_config config = {.connections_per_peer = 1};
	struct stage stage;
	struct err e = {0};
	int fd[3];
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	str path = str_fmt(t->arena, "%.*s/s", STR_ARG(folder));
	memcpy(to.sun_path, path.p, (size_t)path.n);
	CHECK(socket_listen(str_join(t->arena, S("unix:"), path), &config.listener, &e));
	open_stage(&stage, t, config);
	for (int i = 0; i < 3; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		CHECK(connect(fd[i], (struct sockaddr *)&to, sizeof to) == 0);
		round_of(&stage);
	}
	CHECK_INT(stage.s->conn_count, 3);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	close_stage(&stage);
	CHECK(folder_remove(t->arena, folder, &e));
}

TEST(only_what_is_used_up_is_waited_for, "")
{
	static const int short_of[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
	int count = 0;

	for (int error = 0; error < 200; error++)
		count += server_is_short(error);
	for (int i = 0; i < COUNT_OF(short_of); i++)
		CHECK(server_is_short(short_of[i]));
	CHECK_INT(count, COUNT_OF(short_of));
}

TEST(new_clients_have_64_places_in_a_round, "")
{
	enum { MANY = 70 };
	struct stage stage;
	int fd[MANY];

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < MANY; i++)
		fd[i] = dial(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 64);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, MANY);
	int on = 0;
	socklen_t size = sizeof on;
	CHECK(getsockopt(newest(&stage)->fd, IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0 && on);
	CHECK_STR(str_of(newest(&stage)->peer.name), S("127.0.0.1"));
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	close_stage(&stage);
}

/* Without descriptors clients wait, and the loop does not spin. */
TEST(without_descriptors_clients_are_let_in_later, "")
{
	struct stage stage;
	struct rlimit kept, none;

	open_stage(&stage, t, (struct http_config){0});
	int fd = dial(&stage), log = memfd_create("log", MFD_CLOEXEC), error = dup(2);
	CHECK(getrlimit(RLIMIT_NOFILE, &kept) == 0);
	CHECK(dup2(log, 2) == 2);
	none = kept;
	none.rlim_cur = (rlim_t)next_descriptor();
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	round_of(&stage);
	CHECK(setrlimit(RLIMIT_NOFILE, &kept) == 0);
	CHECK(dup2(error, 2) == 2);
	char said[200];
	ssize_t n = pread(log, said, sizeof said, 0);
	CHECK(str_find((str){said, n > 0 ? n : 0}, S("event=accept_failed why=")) > 0);
	CHECK_INT(stage.s->conn_count, 0);
	CHECK_INT(stage.s->accept_from, stage.s->now + 100000);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 0);
	/* Nothing else is due: this round waits for that moment. */
	server_round(stage.s);
	CHECK_INT(stage.s->accept_from, 0);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 1);
	close(fd);
	close(log);
	close(error);
	close_stage(&stage);
}

TEST(an_address_at_its_cap_makes_room_for_itself, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.connections_per_peer = 2});
	int other = dial_from(&stage, 2), one = dial(&stage);
	round_of(&stage);
	int two = dial(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 3);
	CHECK(!is_cut(t, other) && !is_cut(t, one) && !is_cut(t, two));
	/* A place that is free counts for nobody. */
	close(two);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 2);
	two = dial(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 3);
	int three = dial(&stage);
	round_of(&stage);
	CHECK(is_cut(t, one));
	CHECK(!is_cut(t, other) && !is_cut(t, two) && !is_cut(t, three));
	/* Who is at work stays; then the new one is refused. */
	say(t, two, GET);
	say(t, three, GET);
	round_of(&stage);
	int four = dial(&stage);
	round_of(&stage);
	CHECK_INT(status_of(t, four), 503);
	CHECK(is_cut(t, four));
	CHECK(!is_cut(t, two) && !is_cut(t, three) && !is_cut(t, other));
	int all[] = {one, two, three, four, other};
	for (isize i = 0; i < COUNT_OF(all); i++)
		close(all[i]);
	close_stage(&stage);
}

/* Of those who ask nothing, the one whose time ends first; whatever its place. */
TEST(the_oldest_of_who_holds_the_most_makes_room, "")
{
	for (int oldest = 0; oldest < 3; oldest++) {
		struct stage stage;
		struct conn *c[3];
		int fd[3];
		open_stage(&stage, t, (struct http_config){.connections_max = 5});
		int alone = dial_from(&stage, 2);
		round_of(&stage);
		newest(&stage)->deadline -= 2000000;
		int last = dial_from(&stage, 4);
		round_of(&stage);
		newest(&stage)->deadline -= 2000000;
		for (int i = 0; i < 3; i++) {
			fd[i] = dial_from(&stage, 3);
			round_of(&stage);
			c[i] = newest(&stage);
		}
		c[oldest]->deadline -= 1000000;
		int more = dial_from(&stage, 5);
		round_of(&stage);
		for (int i = 0; i < 3; i++)
			CHECK_INT(is_cut(t, fd[i]), i == oldest);
		CHECK(!is_cut(t, alone) && !is_cut(t, last) && !is_cut(t, more));
		CHECK_INT(stage.s->conn_count, 5);
		for (int i = 0; i < 3; i++)
			close(fd[i]);
		close(alone);
		close(last);
		close(more);
		close_stage(&stage);
	}
}

/* Addresses 127.0.0.n that stand apart in the sieve. */
static void find_apart(int number[3])
{
	int share[3], count = 0;

	for (int n = 2; count < 3; n++) {
		struct sockaddr_storage from = {0};
		struct sockaddr_in *in = (struct sockaddr_in *)&from;
		struct http_peer peer;
		bool is_apart = true;
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + (uint32_t)n);
		peer_of_socket(&from, &peer);
		str address = {(const char *)peer.address, HTTP_PEER_BYTES};
		share[count] = (int)(str_hash(address) % HTTP_SHARES);
		for (int i = 0; i < count; i++)
			is_apart = is_apart && share[i] != share[count];
		if (is_apart)
			number[count++] = n;
	}
}

/* Each row: who came in this order, who left again, and the place that makes room.  Later ones are
   older here, so that it is not their age which spares the first. */
TEST(who_holds_the_most_is_counted_to_the_last_and_now, "")
{
	static const struct {
		const char *came, *left;
		int cut;
	} cases[] = {
		{"abb", "...", 2},       /* the last one makes b the greediest */
		{"aab", "...", 1},       /* and here does not */
		{"ab", "..", 0},         /* of two alike the first */
		{"bbbaac", "bb....", 4}, /* places that are free again are nobody's */
		{"bbaab", "bb...", 3},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct stage stage;
		int number[3], fd[6], n = (int)strlen(cases[i].came), left = 0;
		find_apart(number);
		open_stage(&stage, t, (struct http_config){.connections_max = 6});
		for (int k = 0; k < n; k++) {
			fd[k] = dial_from(&stage, number[cases[i].came[k] - 'a']);
			round_of(&stage);
			stage.s->conn[k].deadline -= k * 1000000;
		}
		for (int k = 0; k < n; k++)
			if (cases[i].left[k] != '.') {
				reset(fd[k]);
				left++;
			}
		round_of(&stage);
		CHECK_INT(stage.s->conn_count, n - left);
		stage.s->config.connections_max = n - left;
		int more = dial_from(&stage, 200);
		round_of(&stage);
		for (int k = 0; k < n; k++)
			if (cases[i].left[k] == '.')
				CHECK_INT(is_cut(t, fd[k]), k == cases[i].cut);
		CHECK(!is_cut(t, more));
		stage.s->config.connections_max = 6;
		for (int k = 0; k < n; k++)
			if (cases[i].left[k] == '.')
				close(fd[k]);
		close(more);
		close_stage(&stage);
	}
}

/* A microsecond counts, and of two as old the first makes room. */
TEST(the_oldest_is_found_to_the_microsecond, "")
{
	for (int older = 0; older < 2; older++) {
		struct stage stage;
		int fd[2];
		open_stage(&stage, t, (struct http_config){.connections_max = 2});
		for (int i = 0; i < 2; i++)
			fd[i] = dial(&stage);
		round_of(&stage);
		stage.s->conn[0].deadline = stage.s->conn[1].deadline + older;
		int more = dial(&stage);
		round_of(&stage);
		CHECK_INT(stage.s->conn[older].deadline, stage.s->now + 10000000);
		CHECK(is_cut(t, fd[older]) && !is_cut(t, fd[!older]) && !is_cut(t, more));
		close(fd[0]);
		close(fd[1]);
		close(more);
		close_stage(&stage);
	}
}

/* When all of the greediest are at work, anybody who asks nothing; when all are, nobody. */
TEST(who_is_at_work_makes_no_room, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.connections_max = 3});
	int idle = dial_from(&stage, 2), busy[2];
	round_of(&stage);
	for (int i = 0; i < 2; i++) {
		busy[i] = dial_from(&stage, 3);
		say(t, busy[i], GET);
		round_of(&stage);
		round_of(&stage);
	}
	int more = dial_from(&stage, 4);
	say(t, more, GET);
	round_of(&stage);
	round_of(&stage);
	CHECK(is_cut(t, idle));
	CHECK_INT(stage.s->conn_count, 3);
	int last = dial_from(&stage, 5);
	round_of(&stage);
	CHECK_INT(status_of(t, last), 503);
	CHECK_INT(stage.s->conn_count, 3);
	for (int i = 0; i < 3; i++)
		answer(&stage, take(&stage));
	round_of(&stage);
	CHECK_INT(status_of(t, busy[0]), 200);
	CHECK_INT(status_of(t, busy[1]), 200);
	CHECK_INT(status_of(t, more), 200);
	int all[] = {idle, busy[0], busy[1], more, last};
	for (isize i = 0; i < COUNT_OF(all); i++)
		close(all[i]);
	close_stage(&stage);
}

/* ---- events ---- */

/* The place of a connection that made room is another's when its event comes. */
TEST(an_event_of_a_connection_before_is_no_event_of_this_one, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.connections_max = 1});
	int old = dial_from(&stage, 2);
	round_of(&stage);
	struct conn *c = newest(&stage);
	uint32_t generation = c->generation;
	int fresh = dial_from(&stage, 3);
	reset(old);
	round_of(&stage);
	CHECK(c->generation != generation);
	CHECK_INT(c->state, CONN_HEAD);
	CHECK(!is_cut(t, fresh));
	say(t, fresh, GET);
	round_of(&stage);
	answer(&stage, take(&stage));
	/* The answer closes it, and then its own event comes. */
	reset(fresh);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 0);
	round_of(&stage);
	close_stage(&stage);
}

TEST(all_that_was_answered_leaves_in_the_same_round, "")
{
	struct stage stage;
	struct http_job *job[3];
	int fd[5];

	open_stage(&stage, t, (struct http_config){.jobs_max = 4});
	for (int i = 0; i < 5; i++) {
		fd[i] = dial(&stage);
		say(t, fd[i], GET);
	}
	round_of(&stage);
	round_of(&stage);
	/* Two of the address stand in line. */
	CHECK_INT(stage.s->waiting_count, 2);
	for (int i = 0; i < 3; i++)
		job[i] = take(&stage);
	for (int i = 0; i < 3; i++)
		answer(&stage, job[i]);
	round_of(&stage);
	CHECK_INT(stage.s->waiting_count, 0);
	for (int i = 0; i < 2; i++)
		answer(&stage, take(&stage));
	round_of(&stage);
	for (int i = 0; i < 5; i++) {
		CHECK_INT(status_of(t, fd[i]), 200);
		close(fd[i]);
	}
	close_stage(&stage);
}

/* ---- deadlines ---- */

/* How long one round takes that nothing wakes, in microseconds. */
static int64_t wait_of(struct stage *stage)
{
	int64_t from = clock_mono();

	server_round(stage->s);
	return clock_mono() - from;
}

TEST(what_is_due_expires_and_the_rest_is_waited_for, "")
{
	struct stage stage;
	int fd[3];

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < 3; i++) {
		fd[i] = dial(&stage);
		round_of(&stage);
	}
	/* That they may be written to is told once. */
	round_of(&stage);
	struct conn *c = stage.s->conn;
	int64_t now = clock_mono();
	c[0].deadline = now + 80000000;
	c[1].deadline = now + 50000;
	c[2].deadline = now + 70000000;
	stage.s->next_due = c[1].deadline;
	/* Where a pause is over later, or not at all, that is nothing to wait for. */
	stage.s->accept_from = now + 90000000;
	int64_t waited = wait_of(&stage);
	CHECK(waited >= 40000 && waited < LATE_US);
	CHECK_INT(c[1].state, CONN_FREE);
	CHECK_INT(c[0].state, CONN_HEAD);
	CHECK_INT(c[2].state, CONN_HEAD);
	CHECK_INT(stage.s->next_due, c[2].deadline);
	CHECK(is_cut(t, fd[1]));
	stage.s->accept_from = 0;
	/* The last place is looked at as well; one that is free is not. */
	c[2].deadline = stage.s->next_due = clock_mono() + 50000;
	waited = wait_of(&stage);
	CHECK(waited >= 40000 && waited < LATE_US);
	CHECK_INT(c[2].state, CONN_FREE);
	CHECK_INT(stage.s->next_due, c[0].deadline);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	close_stage(&stage);
}

TEST(what_is_overdue_is_not_waited_for, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){0});
	for (int late = 0; late < 6000; late += 100) {
		stage.s->next_due = clock_mono() - late;
		CHECK(wait_of(&stage) < LATE_US);
		CHECK_INT(stage.s->next_due, INT64_MAX);
	}
	close_stage(&stage);
}

TEST(a_round_waits_for_what_is_due_first, "")
{
	enum { BEAT = 7, NOW = 1000000 };
	static const struct {
		int64_t next, accept, stop;
		int ms;
	} cases[] = {
		{INT64_MAX, 0, 0, BEAT},
		{NOW + 9000, 0, 0, BEAT},
		{NOW + 7000, 0, 0, BEAT},
		{NOW + 6000, 0, 0, 6},
		{NOW + 5001, 0, 0, 6},
		{NOW + 1, 0, 0, 1},
		{NOW, 0, 0, 0},
		{NOW - 1, 0, 0, 0},
		{NOW - 5000, 0, 0, 0},
		{1, 0, 0, 0},
		{INT64_MAX, NOW + 3000, 0, 3},
		{INT64_MAX, 0, NOW + 3000, 3},
		{NOW + 3001, NOW + 3000, 0, 3},
		{NOW + 3001, 0, NOW + 3000, 3},
		{NOW + 3000, NOW + 3001, NOW + 3001, 3},
		{INT64_MAX, NOW + 3000, NOW + 3001, 3},
		{INT64_MAX, NOW + 3001, NOW + 3000, 3},
	};
	struct http_server *s = NEW(t->arena, struct http_server, 1);

	s->config.beat_ms = BEAT;
	for (int i = 0; i < COUNT_OF(cases); i++) {
		s->next_due = cases[i].next;
		s->accept_from = cases[i].accept;
		s->stop_by = cases[i].stop;
		s->has_pieces = false;
		CHECK_INT(server_wait_ms(s, NOW), cases[i].ms);
		s->has_pieces = true;
		CHECK_INT(server_wait_ms(s, NOW), 0);
	}
}

static void make_all_due(struct http_server *s)
{
	s->conn[0].deadline = s->next_due = s->accept_from = s->now;
	/* To the microsecond, whoever of the rest is first. */
	s->conn[1].deadline = s->now + 20000000;
	s->conn[2].deadline = s->now + 20000001;
	s->conn[3].deadline = s->now + 20000000 - 1;
	s->conn[4].deadline = s->now + 30000000;
}

TEST(what_is_due_now_is_not_late_but_due, "")
{
	struct stage stage;
	struct beat b;
	int fd[5];

	open_stage(&stage, t, beating(&b, &stage));
	for (int i = 0; i < 5; i++)
		fd[i] = dial(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 5);
	b = (struct beat){.stage = &stage, .what = make_all_due};
	round_of(&stage);
	CHECK(is_cut(t, fd[0]));
	CHECK_INT(stage.s->conn_count, 4);
	CHECK_INT(stage.s->accept_from, 0);
	CHECK_INT(stage.s->next_due, stage.s->conn[3].deadline);
	/* Until then they are not looked at. */
	stage.s->conn[3].deadline += 1;
	round_of(&stage);
	CHECK_INT(stage.s->next_due, stage.s->conn[3].deadline - 1);
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	close_stage(&stage);
}

TEST(the_loop_beats_unless_requests_wait_and_nobody_takes_them, "")
{
	struct stage stage;
	struct beat b;

	open_stage(&stage, t, beating(&b, &stage));
	int fd = dial(&stage);
	say(t, fd, GET);
	round_of(&stage);
	round_of(&stage);
	CHECK_INT(b.count, 2);
	CHECK_INT(stage.s->queue_count, 1);
	stage.s->last_take -= INT64_C(1000) * stage.s->config.stuck_ms + 1;
	round_of(&stage);
	round_of(&stage);
	CHECK_INT(b.count, 2);
	answer(&stage, take(&stage));
	round_of(&stage);
	CHECK_INT(b.count, 3);
	close(fd);
	close_stage(&stage);
}

/* Its pieces are sent round by round without anything else that happens. */
TEST(a_file_leaves_in_pieces_while_its_reader_takes_them, "")
{
	enum { ALL = 8 << 20 };
	struct stage stage;
	bool is_end;
	isize got = 0;
	char piece[4096];
	struct err e = {0};
	struct http_reply reply = {.status = 200, .file_bytes = ALL};

	open_stage(&stage, t, (struct http_config){0});
	int fd = dial(&stage);
	say(t, fd, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	round_of(&stage);
	round_of(&stage);
	struct http_job *job = take(&stage);
	CHECK(file_nameless(t->arena, S("/tmp"), &reply.file, &e));
	memset(piece, 'f', sizeof piece);
	for (int i = 0; i < ALL / (int)sizeof piece; i++)
		CHECK(file_add(reply.file, (str){piece, sizeof piece}, &e));
	job->reply = reply;
	http_answer(stage.s, job);
	do {
		server_round(stage.s);
		str s;
		while ((s = hear(t, fd, &is_end)).n)
			got += s.n;
	} while (!is_end);
	CHECK(got > ALL && got < ALL + 1000);
	close(fd);
	close_stage(&stage);
}

/* ---- stopping ---- */

struct worker {
	struct http_server *s;
	pthread_t thread;
	bool is_idle;
};

static void *take_for_long(void *worker)
{
	struct worker *w = worker;

	(void)http_take_within(w->s, 60000, &w->is_idle);
	return NULL;
}

static int count_idle(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	int count = s->idle_count;
	pthread_mutex_unlock(&s->lock);
	return count;
}

TEST(stopping_wakes_all_workers, "")
{
	struct stage stage;
	struct worker worker[3];

	open_stage(&stage, t, (struct http_config){0});
	for (int i = 0; i < 3; i++) {
		worker[i].s = stage.s;
		CHECK(pthread_create(&worker[i].thread, NULL, take_for_long, &worker[i]) == 0);
	}
	while (count_idle(stage.s) < 3)
		usleep(1000);
	http_server_stop(stage.s);
	http_server_run(stage.s);
	for (int i = 0; i < 3; i++) {
		pthread_join(worker[i].thread, NULL);
		CHECK(!worker[i].is_idle);
	}
	close_stage(&stage);
}

static void end_time(struct http_server *s)
{
	s->stop_by = s->now;
}

static void nearly_end_time(struct http_server *s)
{
	s->stop_by = s->now + 1;
}

/* To the microsecond: in a round that ends its time it is over, one before it is not. */
TEST(stopping_ends_with_its_time, "")
{
	for (int more = 0; more < 2; more++) {
		struct stage stage;
		struct beat b;
		struct http_config config = beating(&b, &stage);
		config.stop_ms = 60000;
		open_stage(&stage, t, config);
		int fd = dial(&stage);
		round_of(&stage);
		say(t, fd, GET);
		round_of(&stage);
		CHECK_INT(stage.s->queue_count, 1);
		http_server_stop(stage.s);
		round_of(&stage);
		b = (struct beat){.stage = &stage, .what = more ? nearly_end_time : end_time};
		round_of(&stage);
		http_server_run(stage.s);
		CHECK_INT(b.count, 1 + more);
		close(fd);
		close_stage(&stage);
	}
}

struct running {
	struct http_server *s;
	atomic_bool is_done;
};

static void *run_to_end(void *running)
{
	struct running *r = running;

	http_server_run(r->s);
	atomic_store(&r->is_done, true);
	return NULL;
}

/* Taking answers, closing and emptying the line: each waits for the lock. */
TEST(the_lists_are_left_alone_while_another_holds_them, "")
{
	for (int i = 0; i < 3; i++) {
		struct stage stage;
		pthread_t thread;
		open_stage(&stage, t, (struct http_config){.stop_ms = 50});
		struct running r = {.s = stage.s};
		int fd = dial(&stage);
		say(t, fd, GET);
		round_of(&stage);
		round_of(&stage);
		if (i == 0)
			answer(&stage, take(&stage));
		if (i < 2)
			http_server_stop(stage.s);
		else
			stage.s->stop_by = stage.s->now = 1;
		if (i == 1) {
			uint64_t count;
			CHECK(read(stage.s->wake, &count, sizeof count) == (ssize_t)sizeof count);
			stage.s->next_due = 1;
		}
		pthread_mutex_lock(&stage.s->lock);
		CHECK(pthread_create(&thread, NULL, run_to_end, &r) == 0);
		usleep(30000);
		CHECK(i == 0 ? stage.s->finished != NULL : stage.s->queue_count == 1);
		CHECK(!stage.s->is_closed && !atomic_load(&r.is_done));
		if (i)
			stage.s->queue_count = 0;
		pthread_mutex_unlock(&stage.s->lock);
		pthread_join(thread, NULL);
		close(fd);
		close_stage(&stage);
	}
}

TEST(stopping_cuts_what_is_not_asked_and_answers_what_is, "")
{
	struct stage stage;
	bool is_idle;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1, .stop_ms = 60000});
	int idle = dial_from(&stage, 2), half = dial_from(&stage, 3), busy = dial_from(&stage, 4);
	round_of(&stage);
	say(t, busy, GET);
	round_of(&stage);
	int waits = dial_from(&stage, 5);
	say(t, waits, GET);
	say(t, half, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
	round_of(&stage);
	round_of(&stage);
	CHECK_INT(stage.s->waiting_count, 1);
	struct http_job *job = take(&stage);
	http_server_stop(stage.s);
	round_of(&stage);
	CHECK_INT(stage.s->stop_by, stage.s->now + 60000000);
	CHECK(is_cut(t, idle) && is_cut(t, half) && is_cut(t, waits));
	CHECK(!is_cut(t, busy));
	CHECK(!http_take_within(stage.s, 1000, &is_idle) && !is_idle);
	int late = dial_from(&stage, 6);
	round_of(&stage);
	CHECK_INT(stage.s->conn_count, 1);
	int64_t stop_by = stage.s->stop_by;
	round_of(&stage);
	CHECK_INT(stage.s->stop_by, stop_by);
	/* Answered, nothing is left to do: what lingers is not waited for. */
	answer(&stage, job);
	http_server_run(stage.s);
	CHECK_INT(status_of(t, busy), 200);
	int all[] = {idle, half, busy, waits, late};
	for (isize i = 0; i < COUNT_OF(all); i++)
		close(all[i]);
	close_stage(&stage);
}

TEST(stopping_waits_for_its_time_and_no_longer, "")
{
	struct stage stage;
	bool is_idle;

	open_stage(&stage, t, (struct http_config){.stop_ms = 50});
	int idle = dial(&stage), one = dial(&stage), two = dial(&stage);
	round_of(&stage);
	say(t, one, GET);
	say(t, two, GET);
	round_of(&stage);
	round_of(&stage);
	/* One is being answered, the other still in the line. */
	CHECK(take(&stage));
	int64_t from = clock_mono();
	http_server_stop(stage.s);
	http_server_run(stage.s);
	int64_t took = clock_mono() - from;
	CHECK(took >= 50000 && took < LATE_US);
	CHECK(!http_take_within(stage.s, 1000, &is_idle));
	CHECK(is_cut(t, idle));
	close_stage(&stage);
	close(idle);
	close(one);
	close(two);
}

/* What has not been taken whole by its client is waited for, too. */
TEST(stopping_waits_for_an_answer_that_leaves, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.stop_ms = 50});
	int fd = dial(&stage);
	say(t, fd, GET);
	round_of(&stage);
	round_of(&stage);
	struct http_job *job = take(&stage);
	char *much = NEW(t->arena, char, 32 << 20);
	job->reply = (struct http_reply){.status = 200, .body = {much, 32 << 20}};
	http_answer(stage.s, job);
	round_of(&stage);
	CHECK_INT(newest(&stage)->state, CONN_ANSWER);
	int64_t from = clock_mono();
	http_server_stop(stage.s);
	http_server_run(stage.s);
	CHECK(clock_mono() - from >= 50000);
	close_stage(&stage);
	close(fd);
}

TEST_MAIN()
