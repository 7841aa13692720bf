/* The lists between event loop and workers, and whose turn it is, without a server around them. */
#include "http/http_in.h"
#include "os/os.h"
#include "test.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SLOTS = 8, ADA = 1, BOB = 2, EVE = 3 };

static struct http_server *make(struct test_case *t, int workers)
{
	struct http_server *s = NEW(t->arena, struct http_server, 1);

	s->config = (struct http_config){.workers = workers, .jobs_max = SLOTS, .stuck_ms = 60000};
	s->slots = NEW(t->arena, struct slot, SLOTS);
	s->queue = NEW(t->arena, struct slot *, SLOTS);
	s->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->mark = 0xc0ffee;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->has_work, NULL);
	return s;
}

static void drop(struct http_server *s)
{
	close(s->wake);
}

static void put(struct http_server *s, int slot, int share)
{
	s->slots[slot].job.share = share;
	queue_put(s, &s->slots[slot]);
}

/* The number of the slot that a worker gets now; -1 when it gets none. */
static int take(struct http_server *s)
{
	bool is_idle;
	struct http_job *job = http_take_within(s, 0, &is_idle);

	return job ? (int)((struct slot *)job - s->slots) : -1;
}

/* ---- whose turn it is ---- */

TEST(whoever_has_the_lowest_turn_is_next_and_of_those_who_came_first, "")
{
	static const int share[] = {ADA, ADA, ADA, BOB}, order[] = {0, 3, 1, 2};
	struct http_server *s = make(t, 8);

	for (int i = 0; i < COUNT_OF(share); i++)
		put(s, i, share[i]);
	for (int i = 0; i < COUNT_OF(order); i++)
		CHECK_INT(take(s), order[i]);
	/* Who comes now stands behind the turns that were given, and behind who has the same. */
	put(s, 4, ADA);
	put(s, 5, EVE);
	CHECK_INT(take(s), 4);
	CHECK_INT(take(s), 5);
	CHECK_INT(take(s), -1);
	drop(s);
}

TEST(a_turn_is_one_after_the_last_of_its_client_and_after_all_that_were_given, "")
{
	struct http_turns *turns = NEW(t->arena, struct http_turns, 1);

	CHECK_INT((int64_t)http_turn(turns, ADA), 1);
	CHECK_INT((int64_t)http_turn(turns, ADA), 2);
	http_turn_given(turns, 5);
	http_turn_given(turns, 3);
	CHECK_INT((int64_t)turns->now, 5);
	CHECK_INT((int64_t)http_turn(turns, BOB), 6);
	turns->last[EVE] = 4;
	CHECK_INT((int64_t)http_turn(turns, EVE), 6);
	turns->last[EVE] = 9;
	CHECK_INT((int64_t)http_turn(turns, EVE), 10);
}

TEST(each_request_has_a_number_of_its_own, "")
{
	struct http_server *s = make(t, 8);

	put(s, 0, ADA);
	put(s, 1, BOB);
	CHECK_INT(take(s), 0);
	CHECK_INT(take(s), 1);
	CHECK_STR(str_of(s->slots[0].job.number), S("00c0ffee-1"));
	CHECK_STR(str_of(s->slots[1].job.number), S("00c0ffee-2"));
	drop(s);
}

/* ---- how many of one ---- */

/* Of so many workers one client has all but one; the only one serves all. */
TEST(one_client_keeps_all_workers_but_one, "")
{
	static const int workers[] = {1, 2, 3, 5}, most[] = {SLOTS, 1, 2, 4};

	for (int i = 0; i < COUNT_OF(workers); i++) {
		struct http_server *s = make(t, workers[i]);
		int n = 0;
		for (int k = 0; k < SLOTS; k++)
			put(s, k, ADA);
		while (n < SLOTS && take(s) == n)
			n++;
		CHECK_INT(n, most[i]);
		/* One that is free lets in the next, however often it says so. */
		http_let_go(s, &s->slots[0].job);
		http_let_go(s, &s->slots[0].job);
		CHECK_INT(take(s), n < SLOTS ? n : -1);
		CHECK_INT(take(s), -1);
		/* What is left at the end is for whoever is free. */
		s->is_closed = true;
		for (n++; n < SLOTS; n++)
			CHECK_INT(take(s), n);
		CHECK_INT(take(s), -1);
		drop(s);
	}
}

TEST(an_answer_makes_room_for_the_next_of_its_client, "")
{
	struct http_server *s = make(t, 2);

	put(s, 0, ADA);
	put(s, 1, ADA);
	CHECK_INT(take(s), 0);
	CHECK_INT(take(s), -1);
	s->slots[0].job.reply.status = 200;
	http_answer(s, &s->slots[0].job);
	CHECK_INT(take(s), 1);
	drop(s);
}

/* Whose request it is comes out while it runs: it goes on, or stands in that person's line. */
TEST(a_request_that_is_claimed_counts_for_its_person, "")
{
	struct http_server *s = make(t, 2);
	int bob = http_share_of(S("bob"));

	put(s, 0, bob == ADA ? BOB : ADA);
	CHECK_INT(take(s), 0);
	CHECK(http_claim(s, &s->slots[0].job, S("bob")));
	CHECK_INT(s->slots[0].job.share, bob);
	CHECK(s->slots[0].job.is_known);
	CHECK_INT(s->running_of_share[bob], 1);
	CHECK_INT(s->running_of_share[bob == ADA ? BOB : ADA], 0);
	put(s, 1, bob == ADA ? BOB : ADA);
	CHECK_INT(take(s), 1);
	CHECK(!http_claim(s, &s->slots[1].job, S("bob")));
	CHECK_INT(s->queue_count, 1);
	CHECK_INT(take(s), -1);
	http_let_go(s, &s->slots[0].job);
	CHECK_INT(take(s), 1);
	drop(s);
}

/* ---- waking ---- */

TEST(the_event_loop_is_woken_for_the_first_answer_that_waits, "")
{
	struct http_server *s = make(t, 8);
	uint64_t count = 0;

	for (int i = 0; i < 3; i++) {
		put(s, i, ADA + i);
		CHECK_INT(take(s), i);
		s->slots[i].job.reply.status = 200;
	}
	http_answer(s, &s->slots[0].job);
	http_answer(s, &s->slots[1].job);
	CHECK_INT(read(s->wake, &count, sizeof count), (isize)sizeof count);
	CHECK_INT((int64_t)count, 1);
	CHECK(s->finished == &s->slots[1] && s->finished->next == &s->slots[0]);
	s->finished = NULL;
	http_answer(s, &s->slots[2].job);
	CHECK_INT(read(s->wake, &count, sizeof count), (isize)sizeof count);
	drop(s);
}

/* It may be called by a handler of signals, whose errno is somebody else's. */
TEST(stopping_wakes_and_keeps_errno, "")
{
	struct http_server *s = make(t, 1);
	uint64_t full = UINT64_MAX - 1, count = 0;

	http_server_stop(s);
	CHECK(atomic_load(&s->must_stop));
	CHECK_INT(read(s->wake, &count, sizeof count), (isize)sizeof count);
	CHECK_INT(write(s->wake, &full, sizeof full), (isize)sizeof full);
	errno = 42;
	http_server_stop(s);
	CHECK_INT(errno, 42);
	drop(s);
}

struct doing {
	struct http_server *server;
	void (*what)(struct http_server *s);
	atomic_bool is_done;
	pthread_t thread;
};

static void *do_it(void *doing)
{
	struct doing *d = doing;

	d->what(d->server);
	atomic_store(&d->is_done, true);
	return NULL;
}

static void take_for_long(struct http_server *s)
{
	bool is_idle;

	(void)http_take_within(s, 20000, &is_idle);
}

static bool ends_within(struct doing *d, int ms)
{
	for (int i = 0; i < ms && !atomic_load(&d->is_done); i++)
		usleep(1000);
	return atomic_load(&d->is_done);
}

static void put_one(struct http_server *s)
{
	put(s, 1, ADA);
}

static void free_one(struct http_server *s)
{
	http_let_go(s, &s->slots[0].job);
}

static int count_idle(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	int count = s->idle_count;
	pthread_mutex_unlock(&s->lock);
	return count;
}

/* A worker that waits is told of a request, and that a client's share has room again. */
TEST(who_waits_for_work_is_told_of_it, "")
{
	for (int i = 0; i < 2; i++) {
		struct http_server *s = make(t, 2);
		struct doing d = {.server = s, .what = take_for_long};
		if (i) {
			put(s, 0, ADA);
			CHECK_INT(take(s), 0);
			put_one(s);
		}
		CHECK_INT(pthread_create(&d.thread, NULL, do_it, &d), 0);
		for (int k = 0; k < 10000 && !count_idle(s); k++)
			usleep(1000);
		CHECK(!ends_within(&d, 20));
		(i ? free_one : put_one)(s);
		CHECK(ends_within(&d, 10000));
		pthread_join(d.thread, NULL);
		CHECK_INT(s->idle_count, 0);
		drop(s);
	}
}

static void ask_stuck(struct http_server *s)
{
	(void)queue_is_stuck(s);
}

static void claim_one(struct http_server *s)
{
	(void)!http_claim(s, &s->slots[0].job, S("bob"));
}

static void answer_one(struct http_server *s)
{
	http_answer(s, &s->slots[0].job);
}

static void take_one(struct http_server *s)
{
	(void)take(s);
}

/* Whatever the two sides do to the lists waits for the other to be done. */
TEST(nothing_is_done_to_the_lists_while_another_holds_them, "")
{
	static void (*const what[])(struct http_server *) = {
		put_one, free_one, ask_stuck, claim_one, answer_one, take_one};

	for (int i = 0; i < COUNT_OF(what); i++) {
		struct http_server *s = make(t, 4);
		struct doing d = {.server = s, .what = what[i]};
		put(s, 0, ADA);
		CHECK_INT(take(s), 0);
		s->slots[0].job.reply.status = 200;
		pthread_mutex_lock(&s->lock);
		CHECK_INT(pthread_create(&d.thread, NULL, do_it, &d), 0);
		CHECK(!ends_within(&d, 30));
		pthread_mutex_unlock(&s->lock);
		CHECK(ends_within(&d, 10000));
		pthread_join(d.thread, NULL);
		drop(s);
	}
}

/* ---- what hangs ---- */

TEST(a_line_that_nobody_takes_from_is_stuck, "")
{
	struct http_server *s = make(t, 2);
	int64_t limit = INT64_C(60000) * 1000, slack = 5000000;

	s->last_take = 0;
	CHECK(!queue_is_stuck(s));
	put(s, 0, ADA);
	CHECK(!queue_is_stuck(s)); /* it came a moment ago, whenever the last was taken */
	s->last_take = clock_mono() - limit + slack;
	put(s, 1, ADA);
	CHECK(s->last_take < clock_mono() - slack); /* the second changes nothing */
	CHECK(!queue_is_stuck(s));
	s->last_take = clock_mono() - limit - slack;
	CHECK(queue_is_stuck(s));
	s->idle_count = 1;
	CHECK(!queue_is_stuck(s));
	s->idle_count = 0;
	CHECK_INT(take(s), 0);
	CHECK(!queue_is_stuck(s));
	drop(s);
}

/* ---- for whom a request counts ---- */

static str token(void *who, const struct http_request *q)
{
	(void)who;
	return q->path;
}

static void learn(struct http_server *s, str path, int share, bool is_known)
{
	struct http_job job = {.request.path = path, .share = share, .is_known = is_known};

	share_learn(s, &job);
}

static struct conn find(struct http_server *s, str path)
{
	struct conn c = {.peer.address = "\1" "10.0.0.1"};

	share_find(s, &c, &(struct http_request){.path = path});
	return c;
}

TEST(a_credential_that_was_known_once_counts_for_its_person, "")
{
	struct http_server *s = make(t, 2);
	struct conn c;
	str first = S(""), none = S("");

	s->config.credential = token;
	/* One that takes the place of those without. */
	for (int i = 0; first.n == 0 || str_hash(first) % KNOWN; i++)
		first = str_fmt(t->arena, "x%d", i);
	int stranger = find(s, none).share;
	CHECK(!find(s, none).is_known && !find(s, first).is_known);
	CHECK_INT(find(s, first).share, stranger);
	learn(s, first, HTTP_NOBODY, false);
	CHECK(!find(s, first).is_known);
	learn(s, first, stranger + 1, true);
	c = find(s, first);
	CHECK(c.is_known);
	CHECK_INT(c.share, stranger + 1);
	/* Nobody in particular takes nobody's place, and is not taken for who has it. */
	learn(s, none, stranger + 2, true);
	learn(s, none, stranger + 2, false);
	CHECK_INT(find(s, first).share, stranger + 1);
	CHECK(!find(s, none).is_known);
	CHECK_INT(find(s, none).share, stranger);
	drop(s);
}

TEST_MAIN()
