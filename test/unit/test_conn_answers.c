/* The life of a connection: answers, slow readers, files, and deadlines; see stage.h. */
#include "stage.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

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

/* Then not even the error can be told, and the job is free all the same. */
TEST(an_answer_too_long_for_who_is_gone_frees_its_job, "")
{
	struct stage stage;

	open_stage(&stage, t, (struct http_config){.jobs_max = 1});
	struct client one = arrive(&stage, "192.0.2.1");
	say(&one, S(GET "\r\n"));
	struct slot *slot = take(&stage);
	answer_widely(t, slot);
	CHECK(close(one.fd) == 0);
	int log = error_to_file(t);
	conn_answer(stage.s, slot);
	CHECK(has(error_of_file(t, log), S("event=reply_head_too_long")));
	CHECK(is_gone(&one));
	CHECK(stage.s->free_slot == slot);
	close_stage(&stage);
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
		struct client two = arrive(&stage, "192.0.2.1"),
			      other = arrive(&stage, "192.0.2.2");
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

/* Of what the system holds for a client a part is read, and nothing new is asked for: that is
   reading, too.  Who reads nothing is cut. */
TEST(a_slow_reader_is_not_one_that_does_not_read, "")
{
	enum { MUCH = 3 << 20 };

	for (int reads = 0; reads < 2; reads++) {
		struct stage stage;
		static char some[100000]; /* more than a piece that the system holds as one */
		open_stage(&stage, t, (struct http_config){.answer_ms = 600, .answer_rate = 5000});
		struct client one = arrive(&stage, "192.0.2.1");
		ask_much(&one, MUCH);
		CHECK(one.c->queued_n > 3000);
		isize sent = one.c->sent_n;
		if (reads)
			CHECK(recv(one.fd, some, sizeof some, MSG_DONTWAIT) > 3000);
		stage.s->now += 600 * MS;
		int log = error_to_file(t);
		conn_expire(stage.s, one.c);
		str said = error_of_file(t, log);
		CHECK_INT(has(said, S("event=answer.unread peer=\"192.0.2.1\"")), !reads);
		CHECK(is_gone(&one) == !reads);
		if (reads) {
			CHECK_INT(one.c->sent_n, sent);
			CHECK_INT(one.c->deadline, NOW + 1200 * MS);
			/* What was read then does not count again. */
			stage.s->now += 600 * MS;
			conn_expire(stage.s, one.c);
			CHECK(is_gone(&one));
		}
		close_stage(&stage);
	}
}

/* To the byte. */
TEST(who_reads_as_much_as_must_be_is_not_cut, "")
{
	for (int less = 0; less < 2; less++) {
		struct stage stage;
		static char some[100000];
		int left = 0;
		open_stage(&stage, t, (struct http_config){.answer_ms = 1000});
		struct client one = arrive(&stage, "192.0.2.1");
		ask_much(&one, 3 << 20);
		CHECK(recv(one.fd, some, sizeof some, MSG_DONTWAIT) > 0);
		CHECK(ioctl(one.c->fd, SIOCOUTQ, &left) == 0);
		CHECK(one.c->queued_n > left);
		int must = (int)(one.c->queued_n - left) + less;
		stage.s->config.answer_rate = must;
		one.c->due_n = one.c->sent_n + must;
		int log = error_to_file(t);
		conn_expire(stage.s, one.c);
		error_of_file(t, log);
		CHECK_INT(is_gone(&one), less);
		close_stage(&stage);
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
	/* Left by a call before. */
	errno = EAGAIN;
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

/* Those whom nothing tells apart are not one client. */
TEST(files_of_who_has_no_address_are_bounded_together_alone, "")
{
	struct stage stage;
	struct client c[5];

	open_stage(&stage, t, (struct http_config){.jobs_max = 8, .files_max = 8 * MIB});
	for (int i = 0; i < 5; i++) {
		c[i] = arrive(&stage, "");
		say(&c[i], S(GET "\r\n"));
		answer_with_file(&c[i], 2 * MIB, 2 * MIB);
		CHECK_INT(status_of(hear(&c[i])), i < 4 ? 200 : 503);
	}
	CHECK_INT(stage.s->files_n, 8 * MIB);
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
		int log = error_to_file(t);
		conn_expire(stage.s, one.c);
		CHECK_STR(error_of_file(t, log), S(""));
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
