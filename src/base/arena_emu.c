/* The arena with one malloc a piece, so that the sanitizers see its edges (make ARENA=malloc). */
#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct arena_piece {
	struct arena_piece *next;
	isize bytes;
	max_align_t data[];
};

void arena_init(struct arena *a, void *block, isize size)
{
	assert(block && size >= 2 * ARENA_RESERVE);
	*a = (struct arena){.at = block, .size = size};
}

void arena_open(struct arena *a, isize size)
{
	assert(size >= 2 * ARENA_RESERVE);
	*a = (struct arena){.size = size};
}

void arena_close(struct arena *a)
{
	arena_reset(a);
	*a = (struct arena){0};
}

/* A budget would count what the sanitizers add. */
void arena_budget(int64_t bytes)
{
	assert(bytes > 0);
}

/* ---- failures on purpose ---- */

static _Thread_local int64_t fail_in;
static _Thread_local bool has_failed;

bool arena_fail_at(int64_t n)
{
	assert(n >= 0);
	fail_in = n;
	has_failed = false;
	return true;
}

bool arena_has_failed(void)
{
	return has_failed;
}

/* The n-th fails and so do those behind it: memory that is gone does not come back. */
static bool must_fail(void)
{
	if (fail_in > 1)
		fail_in--;
	else if (fail_in == 1)
		has_failed = true;
	return fail_in == 1 && has_failed;
}

static void *take(struct arena *a, isize bytes)
{
	if (bytes > a->size - a->used || must_fail())
		return NULL;
	struct arena_piece *piece = malloc(sizeof *piece + (size_t)bytes);
	if (!piece)
		return NULL;
	piece->next = a->pieces;
	piece->bytes = bytes;
	a->pieces = piece;
	a->used += bytes;
	return piece->data;
}

void *arena_take(struct arena *a, isize size, isize align, isize count)
{
	void *p = NULL;

	assert(size > 0 && count >= 0 && align <= (isize) _Alignof(max_align_t));
	if (count > a->size / size || size * count > a->size - a->used)
		arena_give_up(ARENA_SPENT);
	p = take(a, size * count);
	if (!p)
		arena_give_up(ARENA_NONE_LEFT);
	return memset(p, 0, (size_t)(size * count));
}

isize arena_room(const struct arena *a)
{
	isize room = a->size - a->used - ARENA_RESERVE;

	return room > 0 ? room : 0;
}

void *arena_bulk(struct arena *a, isize size)
{
	assert(size >= 0);
	return size <= arena_room(a) - 16 ? take(a, size) : NULL;
}

struct arena_mark arena_here(const struct arena *a)
{
	return (struct arena_mark){.used = a->used, .pieces = a->pieces};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->pieces != mark.pieces) {
		struct arena_piece *gone = a->pieces;
		assert(gone);
		a->pieces = gone->next;
		a->used -= gone->bytes;
		free(gone);
	}
}

/* In arena.c an arena that is given up has its first block at once: what is built then cannot
   fail. */
void arena_reset(struct arena *a)
{
	if (has_failed)
		fail_in = 0;
	arena_rewind(a, (struct arena_mark){0});
}
