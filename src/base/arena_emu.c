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
	*a = (struct arena){.base = block, .size = size};
}

static void *take(struct arena *a, isize bytes)
{
	if (bytes > a->size - a->used)
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
	if (count <= a->size / size)
		p = take(a, size * count);
	if (!p)
		abort();
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

void arena_reset(struct arena *a)
{
	arena_rewind(a, (struct arena_mark){0});
}
