/* When a session was last used: eight seats of a set, and what counts for who has none. */
#include "ident/ident_in.h"
#include "test.h"

enum { SETS = 1024, WAYS = 8 };

/* Of this process, once for all tests; each test has a day and a set of its own after it. */
#define BEGAN INT64_C(1700000000000000)
#define IDLE  SESSION_IDLE_US

static int64_t day_of_test(int number)
{
	uint8_t id[32] = {0xff, 0xff, 0xff};

	/* The first call of all says when the process began. */
	if (idle_over(id, BEGAN, BEGAN))
		abort();
	return BEGAN + number * DAY_US;
}

struct id {
	uint8_t b[32];
};

/* The `k`-th session of a set. */
static struct id id_of(int set, int k)
{
	struct id id = {{0}};
	uint64_t number = (uint64_t)set + (uint64_t)k * SETS;

	memcpy(id.b, &number, sizeof number);
	return id;
}

static bool use(struct id id, int64_t since, int64_t now)
{
	return idle_use(id.b, since, now);
}

static bool is_over(struct id id, int64_t since, int64_t now)
{
	return idle_over(id.b, since, now);
}

TEST(a_session_is_over_half_an_hour_after_its_last_use, "")
{
	int64_t day = day_of_test(1);
	struct id one = id_of(1, 1), other = id_of(1, 2);

	CHECK(use(one, day, day));
	CHECK(use(other, day, day));
	CHECK(!is_over(one, day, day + IDLE - 1));
	CHECK(is_over(one, day, day + IDLE));
	CHECK(use(one, day, day + IDLE - 1));
	CHECK(is_over(other, day, day + IDLE));
	/* Being looked at, or refused, is no use. */
	CHECK(!use(other, day, day + IDLE));
	CHECK(!use(other, day, day + IDLE));
	CHECK(!is_over(one, day, day + 2 * IDLE - 2));
	CHECK(is_over(one, day, day + 2 * IDLE - 1));
}

TEST(a_session_without_a_seat_was_used_when_it_or_the_process_began, "")
{
	int64_t day = day_of_test(2);
	struct id id = id_of(2, 1);

	CHECK(!is_over(id, day, day + IDLE - 1));
	CHECK(is_over(id, day, day + IDLE));
	CHECK(!is_over(id, BEGAN - DAY_US, BEGAN + IDLE - 1));
	CHECK(is_over(id, BEGAN - DAY_US, BEGAN + IDLE));
	CHECK(!is_over(id, BEGAN + 1, BEGAN + IDLE));
	/* A seat that nobody has is not the seat of a session of zeros. */
	CHECK(!is_over(id_of(0, 0), day, day));
	CHECK(use(id_of(0, 0), day, day));
	CHECK(!is_over(id_of(0, 0), day - DAY_US, day + IDLE - 1));
}

TEST(eight_sessions_of_a_set_keep_their_seats, "")
{
	int64_t day = day_of_test(3);

	for (int k = 0; k < WAYS; k++)
		CHECK(use(id_of(3, k), day, day + k));
	for (int k = 0; k < WAYS; k++) {
		CHECK(!is_over(id_of(3, k), day, day + k + IDLE - 1));
		CHECK(is_over(id_of(3, k), day, day + k + IDLE));
	}
}

/* Whatever the order in which they were used. */
TEST(the_ninth_takes_the_seat_that_was_idle_longest, "")
{
	uint64_t random = 3;

	for (int round = 0; round < 200; round++) {
		int64_t day = day_of_test(10 + round);
		int set = 10 + round, when[WAYS];
		for (int k = 0; k < WAYS; k++) {
			int other = (int)test_random(&random, k + 1);
			when[k] = when[other];
			when[other] = k;
		}
		int first = 0;
		for (int k = 0; k < WAYS; k++) {
			CHECK(use(id_of(set, k), day, day + IDLE / 2 + when[k]));
			first = when[k] ? first : k;
		}
		/* The neighbours' seats are theirs. */
		CHECK(use(id_of(set, WAYS), day, day + IDLE / 2 + WAYS));
		for (int k = 0; k <= WAYS; k++)
			CHECK_INT(is_over(id_of(set, k), day, day + IDLE), k == first);
	}
}

TEST_MAIN()
