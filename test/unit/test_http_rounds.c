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

/* The number that the next descriptor gets: the same before and after when none was kept. */
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
	int before = next_descriptor();

	config.listener = -1;
	CHECK(!http_server_start(&s, &config, &e));
	CHECK_INT(next_descriptor(), before);
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
	int fd[3], before = next_descriptor();

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
	CHECK_INT(next_descriptor(), before);
}

/* ---- who is admitted ---- */

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

/* ---- stopping ---- */

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
