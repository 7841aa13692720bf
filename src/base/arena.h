/*
 * Arenas: memory that vanishes with the call it belongs to.
 *
 * NEW is for things whose number we chose: zeroed, never NULL.  arena_bulk is for things whose
 * size a stranger chose: it returns NULL when they do not fit, and always leaves ARENA_RESERVE
 * bytes for NEW.  There is no free.
 *
 * A NEW that cannot be given does not return: it ends the unit of work that asked, at the
 * arena_run() that started it (a request, a command, a question to the keeper), and the process
 * lives.  unwind.c has the one setjmp() of the program; doc/decisions/out-of-memory.md says what
 * may be jumped over.  Outside any arena_run(), which is while a process starts, it aborts.
 *
 * arena.c gives out blocks that it takes from the system when they are needed.  arena_emu.c
 * (make ARENA=malloc, the sanitizer and fuzz builds) takes every piece from malloc, so that
 * AddressSanitizer sees a step outside a piece.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/str.h"

enum { ARENA_RESERVE = 1 << 20, ARENA_FIRST = 64 << 10 };

struct arena_block;
struct arena {
	struct arena_block *block;  /* the newest; NULL where the memory is the owner's */
	char *at, *end;             /* what is free in it */
	isize used, size;           /* bytes given, and the most that may be */
	struct arena_piece *pieces; /* only the emulation */
};

/* A place in the arena to come back to; see arena_rewind(). */
struct arena_mark {
	struct arena_block *block;
	char *at;
	isize used;
	struct arena_piece *pieces;
};

#define NEW(arena, type, count)                                                                    \
	((type *)arena_take((arena), (isize)sizeof(type), (isize) _Alignof(type), (count)))

/* Over a block of `size` bytes, at least 2 * ARENA_RESERVE, which stays the owner's. */
void arena_init(struct arena *a, void *block, isize size);
/* At most `size` bytes, at least 2 * ARENA_RESERVE, taken from the system as they are needed.  The
   first ARENA_FIRST are there from now on, so that after arena_reset() an error can be told. */
void arena_open(struct arena *a, isize size);
/* Gives everything back to the system; the arena may not be used any more. */
void arena_close(struct arena *a);
/* Zeroed room for `count` things of `size` bytes; ends the work of arena_run() when there is
   none. */
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
/* From now on all arenas of this process together take `bytes` from the system at the most. */
void arena_budget(int64_t bytes);
/* Only for tests: the n-th NEW or arena_bulk of this thread from now on finds no memory, and so
   do those after it; 0: none does.  False where this build cannot (arena.c). */
bool arena_fail_at(int64_t n);
/* Whether the failure asked for has happened. */
bool arena_has_failed(void);

/* ---- unwind.c ---- */

enum arena_end {
	ARENA_DONE,
	ARENA_SPENT,    /* an arena has given all that its work may have */
	ARENA_NONE_LEFT /* the system, or the budget of the process, gives no more */
};
/*
 * Runs work(what).  When memory cannot be given to anything that it calls, on this thread, the
 * guards set since are closed, newest first, and the rest of it never runs.  May be nested; the
 * innermost ends.  What was built half, in arenas that live on, is the caller's to drop.
 */
enum arena_end arena_run(void (*work)(void *), void *what);
/* Ends the work of the innermost arena_run(); for allocations outside arenas. */
void arena_give_up(enum arena_end why) __attribute__((noreturn));

/*
 * Something that is no memory of an arena and must be closed when the work ends early: a parser
 * of a library, a descriptor, a lock.  Lives in the frame of the function that opened it:
 *
 *	arena_guard(&guard, close_parser, parser);
 *	…
 *	arena_unguard(&guard);   on every way out
 */
struct arena_guard {
	struct arena_guard *below;
	void (*close)(void *);
	void *what;
};
void arena_guard(struct arena_guard *g, void (*close)(void *), void *what);
/* `g` must be the newest. */
void arena_unguard(struct arena_guard *g);
#endif
