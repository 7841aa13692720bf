#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void arena_init(struct arena *a, void *block, isize size)
{
	assert(block && size >= 2 * ARENA_RESERVE);
	*a = (struct arena){.base = block, .size = size};
}

static void *take(struct arena *a, isize bytes, isize align)
{
	isize pad = (isize)(-(uintptr_t)(a->base + a->used) & (uintptr_t)(align - 1));

	if (bytes > a->size - a->used - pad)
		return NULL;
	char *p = a->base + a->used + pad;
	a->used += pad + bytes;
	if (a->used > a->peak)
		a->peak = a->used;
	return p;
}

void *arena_take(struct arena *a, isize size, isize align, isize count)
{
	void *p = NULL;

	assert(size > 0 && count >= 0);
	if (count <= a->size / size)
		p = take(a, size * count, align);
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
	return size <= arena_room(a) - 16 ? take(a, size, 16) : NULL;
}

struct arena_mark arena_here(const struct arena *a)
{
	return (struct arena_mark){.used = a->used};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	assert(mark.used <= a->used);
	a->used = mark.used;
}

void arena_reset(struct arena *a)
{
	a->used = 0;
}
