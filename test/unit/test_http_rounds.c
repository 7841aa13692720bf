/* The event loop round by round: its events, what expires, and how it stops. */
#include "rounds.h"

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
