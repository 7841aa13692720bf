/*
 * The arena of releases, which takes blocks from the system: how large they are, which wait to be
 * used again, and what is given back.
 *
 * A build with sanitizers has another arena; there this one is read in under names of its own.
 */
#ifdef __SANITIZE_ADDRESS__
#	define arena_budget     block_budget
#	define arena_init       block_init
#	define arena_open       block_open
#	define arena_take       block_take
#	define arena_room       block_room
#	define arena_bulk       block_bulk
#	define arena_here       block_here
#	define arena_rewind     block_rewind
#	define arena_reset      block_reset
#	define arena_close      block_close
#	define arena_fail_at    block_fail_at
#	define arena_has_failed block_has_failed
#	include "../../src/base/arena.c"
#else
enum { BLOCK = 256 << 10, BLOCK_MAX = 16 << 20, SPARE_MAX = 16, LARGE_MAX = 32 << 20, PAGE = 4096 };
#endif

#include "test.h"

#include <sys/resource.h>

enum { MB = 1 << 20, HEAD = 16, SLACK = 64, MOST = 512 << 20 };

/* Bytes of the newest block. */
static isize block_bytes(const struct arena *a)
{
	return a->end - (char *)a->block;
}

struct take {
	struct arena *arena;
	isize bytes;
	char *got;
};

static void take_it(void *what)
{
	struct take *w = what;

	w->got = NEW(w->arena, char, w->bytes);
}

/* NEW, of which it is told how it ended. */
static enum arena_end end_of(struct arena *a, isize bytes)
{
	struct take w = {.arena = a, .bytes = bytes};

	return arena_run(take_it, &w);
}

static void open_it(void *what)
{
	arena_open(what, MOST);
}

/* Nothing waits any more but one block of ARENA_FIRST. */
static void drop_spare(struct test_case *t)
{
	struct arena a;

	arena_open(&a, MOST);
	arena_budget(1);
	CHECK_INT(end_of(&a, 100 * MB), ARENA_NONE_LEFT);
	arena_budget(INT64_MAX);
	arena_close(&a);
}

/* Bytes of address space that this process has. */
static int64_t mapped(struct test_case *t)
{
	char text[64] = {0};
	int64_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	CHECK(f && fread(text, 1, sizeof text - 1, f) > 0);
	if (f)
		fclose(f);
	str rest = str_of(text);
	CHECK(str_int(str_cut(&rest, ' '), 0, INT64_MAX, &pages));
	return pages * PAGE;
}

/* Half of what is in use is added, within limits, or as much as is asked for. */
TEST(blocks_grow_with_what_is_in_use, "")
{
	struct arena a;

	drop_spare(t);
	arena_open(&a, MOST);
	CHECK_INT(block_bytes(&a), ARENA_FIRST);
	for (int i = 0; i < 60000; i++) {
		struct arena_block *was = a.block;
		isize used = a.used, want = used / 2 / PAGE * PAGE;
		memset(NEW(&a, char, 1500), 1, 1500);
		want = want < BLOCK ? BLOCK : want > BLOCK_MAX ? BLOCK_MAX : want;
		if (a.block != was)
			CHECK_INT(block_bytes(&a), want);
	}
	CHECK_INT(block_bytes(&a), BLOCK_MAX);
	arena_close(&a);
}

TEST(a_large_piece_has_a_block_of_whole_pages, "")
{
	for (isize bytes = BLOCK - 200; bytes < BLOCK + 2 * PAGE; bytes += 8) {
		struct arena a;
		isize need = (bytes + HEAD + SLACK + PAGE - 1) / PAGE * PAGE;
		drop_spare(t);
		arena_open(&a, MOST);
		char *p = NEW(&a, char, bytes);
		CHECK_INT(block_bytes(&a), need > BLOCK ? need : BLOCK);
		CHECK(p > (char *)a.block && p + bytes <= a.end);
		p[0] = p[bytes - 1] = 1;
		arena_close(&a);
	}
}

/* A block that waits serves whoever needs more than half of it. */
TEST(a_block_that_waits_is_used_again_when_it_fits, "")
{
	static const struct {
		isize asked;
		bool fits;
	} cases[] = {{MB, true}, {MB + PAGE, false}, {MB - PAGE, true}, {MB / 2 + PAGE, true},
		{MB / 2, false}, {BLOCK + PAGE, false}, {2 * MB, false}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct arena a;
		drop_spare(t);
		arena_open(&a, MOST);
		NEW(&a, char, MB - HEAD - SLACK);
		struct arena_block *waits = a.block;
		CHECK_INT(block_bytes(&a), MB);
		arena_close(&a);
		int64_t before = mapped(t);
		arena_open(&a, MOST);
		NEW(&a, char, cases[i].asked - HEAD - SLACK);
		CHECK((a.block == waits) == cases[i].fits);
		CHECK_INT(mapped(t) - before, cases[i].fits ? 0 : cases[i].asked);
		CHECK_INT(block_bytes(&a), cases[i].fits ? MB : cases[i].asked);
		arena_close(&a);
	}
}

/* Takes `count` arenas with a block of `bytes` each and closes them: what waits then. */
static int64_t left_waiting(struct test_case *t, int count, isize bytes)
{
	struct arena a[SPARE_MAX + 5];

	drop_spare(t);
	int64_t before = mapped(t);
	for (int i = 0; i < count; i++) {
		arena_open(&a[i], MOST);
		NEW(&a[i], char, bytes - HEAD - SLACK);
	}
	for (int i = 0; i < count; i++)
		arena_close(&a[i]);
	/* Their first blocks wait as well; one did before. */
	return mapped(t) - before - (count - 1) * (int64_t)ARENA_FIRST;
}

TEST(so_many_small_blocks_and_so_many_bytes_of_large_ones_wait, "")
{
	CHECK_INT(left_waiting(t, 3, BLOCK), 3 * BLOCK);
	CHECK_INT(left_waiting(t, SPARE_MAX, BLOCK), SPARE_MAX * BLOCK);
	CHECK_INT(left_waiting(t, SPARE_MAX + 5, BLOCK), SPARE_MAX * BLOCK);
	CHECK_INT(left_waiting(t, 4, 7 * MB), 4 * 7 * MB);
	CHECK_INT(left_waiting(t, 9, 7 * MB), 4 * 7 * MB);
	/* The first block of an arena is among the large ones. */
	CHECK_INT(left_waiting(t, 1, LARGE_MAX - ARENA_FIRST), LARGE_MAX - ARENA_FIRST);
	CHECK_INT(left_waiting(t, 1, LARGE_MAX - ARENA_FIRST + PAGE),
		LARGE_MAX - 2 * ARENA_FIRST + PAGE);
	CHECK_INT(left_waiting(t, 1, LARGE_MAX), LARGE_MAX - ARENA_FIRST);
	CHECK_INT(left_waiting(t, 1, LARGE_MAX + PAGE), 0);
}

/* What was taken out of the list to be used is counted anew when it comes back. */
TEST(what_waits_is_counted_right_however_often_it_is_used, "")
{
	drop_spare(t);
	int64_t before = mapped(t);

	for (int round = 0; round < 50; round++) {
		struct arena a;
		arena_open(&a, MOST);
		NEW(&a, char, BLOCK - HEAD - SLACK);
		NEW(&a, char, 7 * MB - HEAD - SLACK);
		arena_close(&a);
		CHECK_INT(mapped(t) - before, BLOCK + 7 * MB);
	}
}

TEST(a_budget_is_given_to_its_last_byte_and_not_one_more, "")
{
	for (int over = 0; over < 2; over++) {
		struct arena a;
		drop_spare(t);
		arena_open(&a, MOST);
		/* The first block is all that this process has taken. */
		arena_budget(ARENA_FIRST + 3 * MB - over);
		for (int i = 0; i < 5; i++)
			CHECK_INT(end_of(&a, 3 * MB + PAGE), ARENA_NONE_LEFT);
		CHECK_INT(end_of(&a, 3 * MB - HEAD - SLACK), over ? ARENA_NONE_LEFT : ARENA_DONE);
		arena_budget(INT64_MAX);
		arena_close(&a);
	}
}

/* The block that would be added for later is not what somebody goes without. */
TEST(when_there_is_little_a_block_is_as_small_as_it_may_be, "")
{
	struct arena a;

	drop_spare(t);
	arena_open(&a, MOST);
	NEW(&a, char, 4 * MB - HEAD - SLACK);
	arena_budget(ARENA_FIRST + 4 * MB + BLOCK);
	CHECK_INT(end_of(&a, 1000), ARENA_DONE);
	CHECK_INT(block_bytes(&a), BLOCK);
	arena_budget(INT64_MAX);
	arena_close(&a);
	drop_spare(t);
	arena_open(&a, MOST);
	NEW(&a, char, 4 * MB - HEAD - SLACK);
	arena_budget(ARENA_FIRST + 4 * MB + MB);
	CHECK_INT(end_of(&a, MB - HEAD - SLACK), ARENA_DONE);
	CHECK_INT(block_bytes(&a), MB);
	arena_budget(INT64_MAX);
	arena_close(&a);
}

TEST(an_arena_that_cannot_be_opened_ends_the_work, "")
{
	struct arena held[40], a;
	int count = 0;

	drop_spare(t);
	arena_budget(ARENA_FIRST);
	while (count < COUNT_OF(held) && arena_run(open_it, &held[count]) == ARENA_DONE)
		count++;
	CHECK_INT(count, 1);
	CHECK_INT(arena_run(open_it, &a), ARENA_NONE_LEFT);
	arena_budget(INT64_MAX);
	CHECK_INT(arena_run(open_it, &a), ARENA_DONE);
	arena_close(&a);
	arena_close(&held[0]);
}

/* What the system refuses is not counted as taken. */
TEST(memory_that_the_system_refuses_is_none_and_costs_no_budget, "")
{
	struct rlimit was, little;
	struct arena a;

	drop_spare(t);
	arena_open(&a, MOST);
	if (getrlimit(RLIMIT_AS, &was) != 0 || mapped(t) > INT64_C(1) << 40) {
		test_skip(t, "the address space cannot be bounded here");
		arena_close(&a);
		return;
	}
	little = was;
	little.rlim_cur = (rlim_t)mapped(t) + MB;
	CHECK(setrlimit(RLIMIT_AS, &little) == 0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(end_of(&a, 100 * MB), ARENA_NONE_LEFT);
	CHECK(setrlimit(RLIMIT_AS, &was) == 0);
	arena_budget(110 * MB);
	CHECK_INT(end_of(&a, 100 * MB), ARENA_DONE);
	arena_budget(INT64_MAX);
	arena_close(&a);
}

/* ---- pieces ---- */

TEST(pieces_are_aligned_zeroed_and_counted, "")
{
	struct arena a;

	arena_open(&a, MOST);
	for (int i = 0; i < 2000; i++) {
		isize align = (isize)1 << i % 5, before = a.used;
		char *dirty = arena_bulk(&a, 40);
		memset(dirty, 0x55, 40);
		CHECK((uintptr_t)dirty % 16 == 0);
		char *p = arena_take(&a, 1 + i % 7, align, 3);
		CHECK((uintptr_t)p % (uintptr_t)align == 0);
		for (isize k = 0; k < 3 * (1 + i % 7); k++)
			CHECK_INT(p[k], 0);
		CHECK(a.used >= before + 40 + 3 * (1 + i % 7) && a.used < before + 160);
	}
	arena_reset(&a);
	memset(NEW(&a, char, 1000), 0x55, 1000);
	arena_reset(&a);
	char *again = NEW(&a, char, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(again[i], 0);
	arena_close(&a);
}

/* A block of an owner's: it ends where it ends, and nothing is taken from the system. */
TEST(a_block_of_somebody_elses_is_used_to_its_last_byte, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	char *block = os_reserve(BYTES);
	struct arena a;

	arena_init(&a, block, BYTES);
	int64_t before = mapped(t);
	CHECK_INT(arena_room(&a), BYTES - ARENA_RESERVE);
	CHECK_INT(end_of(&a, BYTES + 1), ARENA_SPENT);
	CHECK_INT(end_of(&a, BYTES), ARENA_DONE);
	CHECK_INT(arena_room(&a), 0);
	CHECK_INT(end_of(&a, 1), ARENA_SPENT);
	arena_reset(&a);
	CHECK(a.used == 0 && a.at == block);
	NEW(&a, char, 3);
	CHECK_INT(end_of(&a, BYTES - 3), ARENA_DONE);
	CHECK_INT(mapped(t) - before, 0);
}

static void take_longs(void *what)
{
	struct take *w = what;

	w->got = (char *)NEW(w->arena, int64_t, w->bytes / 8);
}

TEST(what_is_lost_to_alignment_is_not_there_either, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	struct arena a;

	for (int more = 0; more < 2; more++) {
		arena_init(&a, os_reserve(BYTES), BYTES);
		NEW(&a, char, 3);
		struct take w = {.arena = &a, .bytes = BYTES - 8 + 8 * more};
		CHECK_INT(arena_run(take_longs, &w), more ? ARENA_SPENT : ARENA_DONE);
	}
}

static void take_aligned(void *what)
{
	struct take *w = what;

	w->got = arena_take(w->arena, 1, 16, w->bytes);
}

/* What would have fitted but for its place is not taken from elsewhere. */
TEST(a_block_of_somebody_elses_never_grows, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	struct arena a;

	for (int more = 0; more < 2; more++) {
		arena_init(&a, os_reserve(BYTES), BYTES);
		NEW(&a, char, 1);
		struct take w = {.arena = &a, .bytes = BYTES - 16 + more};
		CHECK_INT(arena_run(take_aligned, &w), more ? ARENA_SPENT : ARENA_DONE);
		CHECK(a.block == NULL);
	}
}

TEST(bulk_leaves_the_reserve_and_a_size_is_the_most, "")
{
	enum { BYTES = 3 * ARENA_RESERVE };
	struct arena a;

	arena_open(&a, BYTES);
	isize room = arena_room(&a);
	CHECK_INT(room, BYTES - ARENA_RESERVE);
	CHECK(arena_bulk(&a, room) == NULL && arena_bulk(&a, room - 15) == NULL);
	CHECK(arena_bulk(&a, room - 16) != NULL);
	CHECK(arena_room(&a) <= 16);
	CHECK_INT(end_of(&a, ARENA_RESERVE + arena_room(&a) + 1), ARENA_SPENT);
	CHECK_INT(end_of(&a, ARENA_RESERVE - 100), ARENA_DONE);
	CHECK_INT(arena_room(&a), 0);
	CHECK_INT(end_of(&a, 200), ARENA_SPENT);
	arena_close(&a);
	CHECK(a.block == NULL && a.size == 0);
}

/* A count so large that its bytes do not fit into a number. */
static void take_too_many(void *what)
{
	struct take *w = what;

	w->got = (char *)NEW(w->arena, int64_t, PTRDIFF_MAX / 4);
}

TEST(this_arena_does_not_fail_on_purpose, "")
{
	CHECK(arena_fail_at(0) && !arena_fail_at(1) && !arena_has_failed());
}

TEST(a_count_whose_bytes_overflow_is_refused, "")
{
	struct arena a;

	arena_open(&a, MOST);
	CHECK_INT(arena_run(take_too_many, &(struct take){.arena = &a}), ARENA_SPENT);
	arena_close(&a);
}

TEST(a_rewind_gives_back_the_blocks_since_the_mark, "")
{
	struct arena a;

	drop_spare(t);
	arena_open(&a, MOST);
	NEW(&a, char, 40 * MB);
	struct arena_mark mark = arena_here(&a);
	char *at = a.at, *end = a.end;
	int64_t before = mapped(t);
	for (int i = 0; i < 3; i++)
		NEW(&a, char, 40 * MB);
	CHECK(mapped(t) - before >= 120 * MB);
	arena_rewind(&a, mark);
	CHECK(a.at == at && a.end == end);
	CHECK_INT(mapped(t) - before, 0);
	arena_reset(&a);
	CHECK(a.used == 0 && block_bytes(&a) == ARENA_FIRST && a.at == (char *)a.block + HEAD);
	CHECK(mapped(t) - before <= -40 * MB);
	arena_close(&a);
}

TEST_MAIN()
