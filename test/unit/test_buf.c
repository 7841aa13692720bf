/*
 * Buffers and lists that grow: what was written stays, whatever is taken behind it.
 *
 * A step behind a piece of an arena is seen without a sanitizer by taking the next piece at once
 * and writing all of it.
 */
#include "test.h"

#include <limits.h>

/* Another piece behind the last, full of marks. */
static void take_next(struct test_case *t, struct arena *a)
{
	memset(NEW(a, char, 1), 0x55, 1);
	char *p = arena_bulk(a, 16);

	CHECK(p != NULL);
	if (p)
		memset(p, 0x55, 16);
}

/* The byte that belongs at `i`. */
static char byte_at(isize i)
{
	return (char)('a' + i % 23);
}

static bool is_whole(const struct buf *b, isize n)
{
	bool is_right = b->n == n;

	for (isize i = 0; is_right && i < n; i++)
		is_right = b->p[i] == byte_at(i);
	return is_right;
}

enum way { BY_ADD, BY_CHAR, BY_FORMAT, WAYS };

static void write_some(struct buf *b, enum way way, isize at, isize n)
{
	char text[3000];

	for (isize i = 0; i < n; i++)
		text[i] = byte_at(at + i);
	if (way == BY_ADD)
		buf_add(b, (str){text, n});
	else if (way == BY_FORMAT)
		buf_fmt(b, "%.*s", (int)n, text);
	else
		for (isize i = 0; i < n; i++)
			buf_char(b, text[i]);
}

TEST(what_was_written_stays_while_a_buffer_grows, "")
{
	static const isize sizes[] = {1, 2, 3, 255, 256, 257, 511, 512, 513, 1024, 2999};

	for (int way = 0; way < WAYS; way++)
		for (isize first = 0; first < 600; first += first < 500 ? 97 : 1)
			for (isize k = 0; k < COUNT_OF(sizes); k++) {
				struct buf b;
				buf_init(&b, t->arena, 100000);
				write_some(&b, BY_ADD, 0, first);
				take_next(t, t->arena);
				write_some(&b, (enum way)way, first, sizes[k]);
				take_next(t, t->arena);
				CHECK(!b.full && is_whole(&b, first + sizes[k]));
				arena_reset(t->arena);
			}
}

TEST(a_buffer_takes_its_maximum_and_not_one_byte_more, "")
{
	for (int way = 0; way < WAYS; way++)
		for (isize max = 1; max < 20; max++)
			for (isize before = 0; before <= max; before++)
				for (isize n = 1; n < 22; n++) {
					bool fits = before + n <= max;
					struct buf b;
					buf_init(&b, t->arena, max);
					write_some(&b, BY_ADD, 0, before);
					if (way == BY_CHAR && !fits)
						continue;
					write_some(&b, (enum way)way, before, n);
					CHECK(b.full == !fits);
					CHECK(is_whole(&b, fits ? before + n : before));
				}
}

/* A write that does not fit is the last that is tried. */
TEST(a_full_buffer_takes_nothing_any_more, "")
{
	for (int way = 0; way < WAYS; way++) {
		struct buf b;
		buf_init(&b, t->arena, 10);
		write_some(&b, BY_ADD, 0, 5);
		buf_add(&b, S("123456"));
		write_some(&b, (enum way)way, 5, 1);
		CHECK(b.full && is_whole(&b, 5));
		CHECK(!buf_back(&b, byte_at(4)));
		CHECK(is_whole(&b, 5));
		CHECK_INT(buf_view(&b).n, 5);
	}
}

TEST(a_buffer_without_memory_is_full, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	struct arena a;

	arena_init(&a, os_reserve(BYTES), BYTES);
	for (int way = 0; way < WAYS; way++) {
		struct buf b;
		buf_init(&b, &a, BYTES);
		write_some(&b, BY_ADD, 0, 512);
		CHECK(arena_bulk(&a, arena_room(&a) - 1000) != NULL);
		write_some(&b, (enum way)way, 512, 1);
		CHECK(b.full && is_whole(&b, 512));
		arena_reset(&a);
	}
}

TEST(a_last_byte_is_taken_back_when_it_is_the_one, "")
{
	char page[2] = {'x', 'y'};
	struct buf b = {.p = page + 1, .cap = 1, .max = 1};

	page[0] = ',';
	CHECK(!buf_back(&b, ','));
	CHECK_INT(b.n, 0);
	buf_char(&b, ';');
	CHECK(!buf_back(&b, ','));
	CHECK_INT(b.n, 1);
	CHECK(buf_back(&b, ';'));
	CHECK_INT(b.n, 0);
}

TEST(numbers_are_written_as_printf_does, "")
{
	static const int64_t some[] = {0, 1, -1, 9, -9, 10, -10, 99, 100, 1234567890, INT64_MAX,
		INT64_MIN, INT64_MAX - 1, INT64_MIN + 1};

	for (isize i = 0; i < COUNT_OF(some); i++) {
		struct buf b;
		char want[32];
		buf_init(&b, t->arena, 100);
		buf_int(&b, some[i]);
		int n = snprintf(want, sizeof want, "%" PRId64, some[i]);
		CHECK_STR(buf_str(&b), ((str){want, n}));
	}
}

/* A wide character that the locale lacks. */
TEST(a_format_that_fails_or_is_empty_writes_nothing, "")
{
	struct buf b;

	buf_init(&b, t->arena, 10);
	buf_fmt(&b, "%ls", (const wchar_t[]){0x10ffff, 0});
	buf_fmt(&b, "%s", "");
	CHECK(!b.full && b.n == 0);
}

/* ---- lists ---- */

TEST(a_list_keeps_its_things_and_moves_when_it_is_full, "")
{
	isize room = 0;
	int64_t *list = NULL;

	for (isize i = 0; i < 1000; i++) {
		isize was = room;
		int64_t *now = list_grow(t->arena, list, i, &room, (isize)sizeof *list);
		CHECK(now != NULL && i < room);
		CHECK(i < was ? now == list && room == was : room == (was ? 2 * was : 16));
		list = now;
		list[i] = i * i;
		if (i >= was)
			take_next(t, t->arena);
		for (isize k = 0; k <= i; k++)
			CHECK_INT(list[k], k * k);
	}
}

TEST(a_list_without_memory_says_so_and_stays, "")
{
	enum { BYTES = 2 * ARENA_RESERVE };
	struct arena a;
	isize room = 0;

	arena_init(&a, os_reserve(BYTES), BYTES);
	int64_t *list = list_grow(&a, NULL, 0, &room, (isize)sizeof *list);
	CHECK_INT(room, 16);
	CHECK(arena_bulk(&a, arena_room(&a) - 100) != NULL);
	CHECK(list_grow(&a, list, 15, &room, (isize)sizeof *list) == list);
	CHECK(list_grow(&a, list, 16, &room, (isize)sizeof *list) == NULL);
	CHECK_INT(room, 16);
	arena_reset(&a);
}

TEST_MAIN()
