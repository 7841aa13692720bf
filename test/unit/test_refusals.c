/* Refusals are told together, and all of them. */
#include "serve/serve_in.h"
#include "test.h"

enum { MINUTE_US = 60000000, PEOPLE = 300 };

static struct refusal of(struct test_case *t, int person)
{
	struct refusal r = {.right = 1};
	str ref = str_fmt(t->arena, "P%d", person);

	memcpy(r.ref, ref.p, (size_t)ref.n);
	return r;
}

TEST(ten_thousand_refusals_make_a_handful_of_entries, "")
{
	struct refusals *r = NEW(t->arena, struct refusals, 1);
	struct refusal due[4];
	int told = 0;

	refusals_open(r);
	for (int i = 0; i < 10000; i++) {
		struct refusal one = of(t, 1);
		told += refusals_count(r, &one, MINUTE_US + i);
		CHECK_INT(one.count, i + 1);
		CHECK_INT(one.before, 0);
	}
	CHECK_INT(told, 15);
	CHECK_INT(refusals_due(r, 2 * MINUTE_US, false, due, 4), 0);
	CHECK_INT(refusals_due(r, 12 * MINUTE_US, false, due, 4), 1);
	CHECK_INT(due[0].count, 10000);
	CHECK_INT(refusals_due(r, 14 * MINUTE_US, true, due, 4), 0);
	/* Somebody else's first is told whatever the others did. */
	struct refusal other = of(t, 2), again = of(t, 1);
	CHECK(refusals_count(r, &other, 14 * MINUTE_US));
	CHECK(refusals_count(r, &again, 14 * MINUTE_US));
	CHECK_INT(again.count, 1);
}

/* Random people at random times: the entries, and what is due, account for every refusal. */
TEST(no_refusal_is_lost, "")
{
	struct refusals *r = NEW(t->arena, struct refusals, 1);
	struct refusal *due = NEW(t->arena, struct refusal, REFUSED_MAX);
	int64_t *open = NEW(t->arena, int64_t, PEOPLE), all = 0, accounted = 0, now = MINUTE_US;
	uint32_t random = 3;

	refusals_open(r);
	for (int i = 0; i < 30000; i++) {
		random = random * 1664525 + 1013904223;
		/* No more people than there are places: whose count is whose can be said. */
		int person = (int)(random >> 16) % (REFUSED_MAX - 1);
		now += (random >> 8) % 5000000;
		struct refusal one = of(t, person);
		bool tells = refusals_count(r, &one, now);
		all++;
		if (one.count == 1)
			open[person] = 0;
		accounted += one.before;
		if (tells) {
			accounted += one.count - open[person];
			open[person] = one.count;
		}
		CHECK(tells || one.before == 0);
		if (random % 7)
			continue;
		isize n = refusals_due(r, now, false, due, REFUSED_MAX);
		for (isize k = 0; k < n; k++) {
			int64_t who = 0;
			CHECK(str_int(str_part(str_of(due[k].ref), 1, 9), 0, PEOPLE, &who));
			accounted += due[k].count - open[who];
			open[who] = due[k].count;
		}
	}
	isize n = refusals_due(r, now, true, due, REFUSED_MAX);
	for (isize k = 0; k < n; k++) {
		int64_t who = 0;
		CHECK(str_int(str_part(str_of(due[k].ref), 1, 9), 0, PEOPLE, &who));
		accounted += due[k].count - open[who];
	}
	CHECK_INT(accounted, all);
}

TEST(more_people_than_places_are_counted_together, "")
{
	struct refusals *r = NEW(t->arena, struct refusals, 1);
	struct refusal *due = NEW(t->arena, struct refusal, REFUSED_MAX);
	int told = 0;

	refusals_open(r);
	for (int i = 0; i < 100000; i++) {
		struct refusal one = of(t, i);
		told += refusals_count(r, &one, MINUTE_US);
	}
	CHECK(told < REFUSED_MAX + 20);
	CHECK_INT(refusals_due(r, MINUTE_US, true, due, REFUSED_MAX), 1);
	CHECK_INT(due[0].count, 100000 - REFUSED_MAX + 1);
}

TEST_MAIN()
