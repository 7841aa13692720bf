/* The life of a connection: opening, requests, bodies, and standing in line; see stage.h. */
#include "stage.h"

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

	open_stage(&stage, t,
		(struct http_config){.jobs_max = 1, .body_ms = 400, .body_rate = 1000});
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
	const str invitation = S("HTTP/1.1 100 Continue\r\n\r\n");
	const str expect = S("Expect: 100-continue\r\n");
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

static int refuse_all(void *who, const struct http_request *q, int *share)
{
	(void)q;
	(void)share;
	return *(const int *)who;
}

static int of_mei(void *who, const struct http_request *q, int *share)
{
	(void)who;
	*share = http_share_of(http_header(q, S("From")));
	return 0;
}

static str large(struct test_case *t, const char *method, str more)
{
	return str_fmt(t->arena, "%s /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n%.*s\r\n",
		method, STR_ARG(more));
}

/* One person has an eighth of the jobs for uploads, however many addresses they come from, and
   whether or not a request of theirs has ended before; somebody else has theirs. */
TEST(uploads_count_for_who_sends_them, "")
{
	struct stage stage;
	int taken = 0;

	open_stage(&stage, t, (struct http_config){.jobs_max = 32, .judge_upload = of_mei});
	for (int i = 0; i < 8; i++) {
		struct client one = arrive(&stage,
			cstr(t->arena, str_fmt(t->arena, "192.0.2.%d", i)));
		say(&one, large(t, "POST", S("From: mei\r\n")));
		taken += one.c->state == CONN_BODY;
	}
	CHECK_INT(taken, 4);
	struct client other = arrive(&stage, "192.0.2.1");
	say(&other, large(t, "POST", S("From: hanna\r\n")));
	CHECK_INT(other.c->state, CONN_BODY);
	close_stage(&stage);
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

TEST_MAIN()
