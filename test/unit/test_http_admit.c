/*
 * The event loop round by round: how a server is made and given up, who is admitted, and who makes
 * room.
 */
#include "rounds.h"

/* ---- starting and closing ---- */

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
		10000, 10000, 16000, 30000, 4000, 5000, 30000, 2000, 5000, 5000, 60000};
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

/* ---- who is admitted ---- */

static void lose_epoll(struct http_server *s)
{
	s->epoll = -1;
}

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

/* Whoever has a descriptor and asks nothing gives it to who comes. */
TEST(without_descriptors_idle_clients_make_room, "")
{
	struct stage stage;
	struct rlimit kept, none;
	int fd[3];

	open_stage(&stage, t, (struct http_config){0});
	fd[0] = dial(&stage);
	round_of(&stage);
	uint32_t first = newest(&stage)->generation;
	fd[1] = dial(&stage);
	fd[2] = dial(&stage);
	CHECK(getrlimit(RLIMIT_NOFILE, &kept) == 0);
	none = kept;
	none.rlim_cur = (rlim_t)next_descriptor();
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	round_of(&stage);
	CHECK(setrlimit(RLIMIT_NOFILE, &kept) == 0);
	CHECK_INT(stage.s->conn_count, 1);
	CHECK_INT(stage.s->accept_from, 0);
	CHECK(newest(&stage)->generation != first);
	for (int i = 0; i < 3; i++)
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
		int fd[6], n = (int)str_of(cases[i].came).n, left = 0;
		open_stage(&stage, t, (struct http_config){.connections_max = 6});
		for (int k = 0; k < n; k++) {
			fd[k] = dial_from(&stage, cases[i].came[k] - 'a' + 2);
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
		int more = dial_from(&stage, 5);
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

TEST_MAIN()
