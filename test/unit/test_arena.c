/* Memory that is not there ends the work that asked for it, and nothing else. */
#include "test.h"

enum { SMALL = 4 * ARENA_RESERVE };

struct work {
	struct arena *arena;
	isize bytes;
	int closed, steps;
	bool guards, throws_inside;
};

static void count(void *work)
{
	((struct work *)work)->closed++;
}

static void take_much(void *work)
{
	struct work *w = work;
	struct arena_guard one, two;

	if (w->guards) {
		arena_guard(&one, count, w);
		arena_guard(&two, count, w);
	}
	w->steps++;
	for (isize n = 0; n < w->bytes; n += 1000)
		memset(NEW(w->arena, char, 1000), 1, 1000);
	w->steps++;
	if (w->guards) {
		arena_unguard(&two);
		arena_unguard(&one);
	}
}

TEST(an_arena_that_is_spent_ends_its_work_and_lives, "")
{
	struct arena a;
	struct work w = {.arena = &a, .bytes = SMALL + 1000, .guards = true};

	arena_open(&a, SMALL);
	CHECK_INT(arena_run(take_much, &w), ARENA_SPENT);
	CHECK_INT(w.steps, 1);
	CHECK_INT(w.closed, 2);
	arena_reset(&a);
	w = (struct work){.arena = &a, .bytes = SMALL - 1000, .guards = true};
	CHECK_INT(arena_run(take_much, &w), ARENA_DONE);
	CHECK_INT(w.steps, 2);
	CHECK_INT(w.closed, 0);
	arena_close(&a);
}

static void nest(void *work)
{
	struct work *w = work, inner = {.arena = w->arena, .bytes = SMALL + 1000, .guards = true};
	struct arena_guard guard;

	arena_guard(&guard, count, w);
	w->throws_inside = arena_run(take_much, &inner) == ARENA_SPENT && inner.closed == 2;
	w->steps++;
	arena_unguard(&guard);
}

TEST(the_innermost_work_ends_and_the_outer_goes_on, "")
{
	struct arena a;
	struct work w = {.arena = &a};

	arena_open(&a, SMALL);
	CHECK_INT(arena_run(nest, &w), ARENA_DONE);
	CHECK(w.throws_inside);
	CHECK_INT(w.steps, 1);
	CHECK_INT(w.closed, 0);
	arena_close(&a);
}

/* Marks, bulk and pieces of every size over many blocks: nothing overlaps, all comes back. */
TEST(pieces_do_not_overlap_and_rewind_gives_them_back, "")
{
	enum { PIECES = 400 };
	uint64_t random = 7;
	struct arena a;
	unsigned char *p[PIECES];
	isize n[PIECES];

	arena_open(&a, 64 << 20);
	for (int round = 0; round < 20; round++) {
		struct arena_mark mark = arena_here(&a);
		isize used = a.used;
		for (int i = 0; i < PIECES; i++) {
			n[i] = 1 + test_random(&random, i % 7 == 0 ? 90000 : 300);
			p[i] = i % 3 ? NEW(&a, unsigned char, n[i]) : arena_bulk(&a, n[i]);
			memset(p[i], i & 0xff, (size_t)n[i]);
		}
		for (int i = 0; i < PIECES; i++)
			for (isize k = 0; k < n[i]; k++)
				if (p[i][k] != (i & 0xff)) {
					test_fail(t, __FILE__, __LINE__, "piece %d is damaged", i);
					return;
				}
		if (round % 2)
			arena_reset(&a);
		else
			arena_rewind(&a, mark);
		CHECK_INT(a.used, round % 2 ? 0 : used);
	}
	arena_close(&a);
}

static void take_at_once(void *work)
{
	struct work *w = work;

	memset(NEW(w->arena, char, w->bytes), 1, (size_t)w->bytes);
	w->steps++;
}

/* What waits to be used again still counts: it must not be what somebody goes without.  (Where each
   piece is one of malloc there is no budget, and this proves nothing.) */
TEST(blocks_that_wait_are_given_back_before_somebody_goes_without, "")
{
	enum { MANY = 48 << 20, ONE = 20 << 20 };
	struct arena a;
	struct work many = {.arena = &a, .bytes = MANY}, one = {.arena = &a, .bytes = ONE};

	for (int round = 0; round < 3; round++) {
		arena_open(&a, 64 << 20);
		CHECK_INT(arena_run(take_much, &many), ARENA_DONE);
		arena_close(&a);
		arena_open(&a, 64 << 20);
		arena_budget(24 << 20);
		CHECK_INT(arena_run(take_at_once, &one), ARENA_DONE);
		arena_budget(INT64_MAX);
		arena_close(&a);
	}
	CHECK_INT(one.steps, 3);
}

static void take_whole(void *buffer)
{
	struct buf *b = buffer;

	buf_init(b, b->arena, 8);
	buf_add(b, S("123456789"));
	b->n = buf_str(b).n + 100;
}

TEST(half_a_text_is_never_taken_for_a_whole_one, "")
{
	struct buf b = {.arena = t->arena};

	CHECK_INT(arena_run(take_whole, &b), ARENA_SPENT);
	CHECK_INT(b.n, 0);
	CHECK_STR(buf_view(&b), S(""));
}

static void take_failing(void *work)
{
	struct work *w = work;

	for (int i = 0; i < 10; i++) {
		memset(NEW(w->arena, char, 100), 1, 100);
		w->steps++;
	}
}

TEST(the_nth_allocation_can_be_made_to_fail, "")
{
	struct arena a;

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_open(&a, SMALL);
	for (int n = 1; n <= 11; n++) {
		struct work w = {.arena = &a};
		arena_fail_at(n);
		CHECK_INT(arena_run(take_failing, &w), n <= 10 ? ARENA_NONE_LEFT : ARENA_DONE);
		CHECK_INT(w.steps, n - 1);
		CHECK_INT(arena_has_failed(), n <= 10);
		arena_reset(&a);
	}
	arena_fail_at(0);
	arena_close(&a);
}

TEST_MAIN()
