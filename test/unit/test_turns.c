/* The line of passwords: nobody is kept out by who asks more often. */
#include "serve/turns.h"
#include "test.h"

enum { JOBS = 4000 };

static struct http_job jobs[JOBS];

static int number_of(const struct http_job *job)
{
	return job ? (int)(job - jobs) : -1;
}

TEST(one_turn_each, "")
{
	struct turns *line = turns_open(t->arena);

	for (int i = 0; i < 40; i++)
		CHECK(turns_put(line, &jobs[i], S("203.0.113.9"), false) == NULL);
	CHECK(turns_put(line, &jobs[40], S("192.0.2.1"), false) == NULL);
	CHECK_INT(number_of(turns_take(line)), 0);
	CHECK_INT(number_of(turns_take(line)), 40);
	for (int i = 1; i < 40; i++)
		CHECK_INT(number_of(turns_take(line)), i);
	CHECK(turns_put(line, &jobs[0], S("a"), false) == NULL);
	turns_close(line);
	CHECK(turns_take(line) == NULL);
	CHECK(turns_put(line, &jobs[0], S("a"), false) == &jobs[0]);
}

TEST(who_is_signed_in_waits_for_one_stranger_at_most, "")
{
	struct turns *line = turns_open(t->arena);

	for (int i = 0; i < TURNS_MAX; i++)
		CHECK(turns_put(line, &jobs[i], str_fmt(t->arena, "2001:db8:0:%d::/64", i),
			      false) == NULL);
	/* Also when every stranger has an address of their own, and the line is full. */
	CHECK(turns_put(line, &jobs[100], S("P02"), true) == &jobs[TURNS_MAX - 1]);
	int first = number_of(turns_take(line)), second = number_of(turns_take(line));
	CHECK(first == 100 || second == 100);
	/* The key of a person is not that of an address. */
	CHECK(turns_put(line, &jobs[101], S("2001:db8:0:1::/64"), true) == NULL);
	first = number_of(turns_take(line));
	second = number_of(turns_take(line));
	CHECK(first == 101 || second == 101);
}

TEST(in_a_full_line_whoever_has_the_most_gives_up_their_last, "")
{
	struct turns *line = turns_open(t->arena);

	for (int i = 0; i < TURNS_MAX; i++)
		CHECK(turns_put(line, &jobs[i], S("203.0.113.9"), false) == NULL);
	CHECK(turns_put(line, &jobs[100], S("203.0.113.9"), false) == &jobs[100]);
	CHECK(turns_put(line, &jobs[101], S("192.0.2.1"), false) == &jobs[TURNS_MAX - 1]);
	CHECK(turns_put(line, &jobs[102], S("192.0.2.2"), false) == &jobs[TURNS_MAX - 2]);
}

TEST(who_is_signed_in_may_be_greedy_too, "")
{
	struct turns *line = turns_open(t->arena);

	for (int i = 0; i < TURNS_MAX; i++)
		CHECK(turns_put(line, &jobs[i], S("P02"), true) == NULL);
	CHECK(turns_put(line, &jobs[100], S("192.0.2.1"), false) == &jobs[TURNS_MAX - 1]);
	int first = number_of(turns_take(line)), second = number_of(turns_take(line));
	CHECK(first == 100 || second == 100);
}

/* Whatever comes: an address that asks again only when it was answered is never refused and waits
   for no more turns than there are addresses, however many the greedy ask for. */
TEST(whoever_asks_one_at_a_time_is_served_within_a_round, "")
{
	enum { GREEDY = 5, MODEST = 12, ROUND = 2 * (GREEDY + MODEST) };
	struct turns *line = turns_open(t->arena);
	int waits_since[MODEST], next = MODEST, served = 0;
	uint32_t random = 7;

	for (int i = 0; i < MODEST; i++)
		waits_since[i] = -1;
	for (int step = 0; step < 1500; step++) {
		for (int n = 0; n < 2; n++) {
			random = random * 1664525 + 1013904223;
			int greedy = (int)(random >> 16) % GREEDY;
			struct http_job *out =
				turns_put(line, &jobs[next++ % (JOBS - MODEST) + MODEST],
					str_fmt(t->arena, "203.0.113.%d", greedy), false);
			CHECK(out == NULL || number_of(out) >= MODEST);
		}
		int who = (int)(random >> 8) % MODEST;
		if (waits_since[who] < 0) {
			struct http_job *out = turns_put(
				line, &jobs[who], str_fmt(t->arena, "192.0.2.%d", who), false);
			CHECK(out == NULL || number_of(out) >= MODEST);
			waits_since[who] = step;
		}
		int got = number_of(turns_take(line));
		if (got < MODEST && got >= 0) {
			CHECK(step - waits_since[got] <= ROUND);
			waits_since[got] = -1;
			served++;
		}
	}
	CHECK(served > 100);
}

TEST_MAIN()
