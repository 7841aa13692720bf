/*
 * Arenas: memory that vanishes with the call it belongs to.
 *
 * NEW is for things whose number we chose: zeroed, never NULL.  arena_bulk is
 * for things whose size a stranger chose: it returns NULL when they do not fit
 * and always leaves ARENA_RESERVE bytes, so that NEW cannot fail afterwards.
 * There is no free.  A failed NEW is our mistake and ends the process.
 *
 * arena.c moves a pointer through one block.  arena_emu.c (make ARENA=malloc,
 * the sanitizer and fuzz builds) takes every piece from malloc, so that
 * AddressSanitizer sees a step outside a piece.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/str.h"

enum { ARENA_RESERVE = 1 << 20 };

struct arena {
	char *base;                 /* the block, given by the owner */
	isize used, size;           /* bytes */
	isize peak;                 /* most bytes ever used, for giving pages back */
	struct arena_piece *pieces; /* only the emulation */
};

/* A place in the arena to come back to; see arena_rewind(). */
struct arena_mark {
	isize used;
	struct arena_piece *pieces;
};

#define NEW(arena, type, count)                                                                    \
	((type *)arena_take((arena), (isize)sizeof(type), (isize) _Alignof(type), (count)))

/* Over a block of `size` bytes, at least 2 * ARENA_RESERVE, which stays the owner's. */
void arena_init(struct arena *a, void *block, isize size);
/* Zeroed room for `count` things of `size` bytes; ends the process when there is none. */
void *arena_take(struct arena *a, isize size, isize align, isize count)
	__attribute__((returns_nonnull, malloc));
/* Room for `size` bytes, not zeroed, or NULL when that would eat into the reserve. */
void *arena_bulk(struct arena *a, isize size) CHECKED;
/* Bytes that arena_bulk would still give. */
isize arena_room(const struct arena *a);
struct arena_mark arena_here(const struct arena *a);
/* Gives up everything taken since `mark`. */
void arena_rewind(struct arena *a, struct arena_mark mark);
/* Gives up everything. */
void arena_reset(struct arena *a);
#endif
