/*
 * The way out of work for which there is no memory: the only setjmp() of the program.
 *
 * A thread has a chain of landings, the innermost first, each in the frame of its arena_run().
 * Guards stand in frames above; they are closed before the jump, while those frames still live.
 */
#include "base/arena.h"

#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

struct landing {
	struct landing *outer;
	struct arena_guard *guards;
	enum arena_end why;
	jmp_buf place;
};

static _Thread_local struct landing *innermost;

enum arena_end arena_run(void (*work)(void *), void *what)
{
	struct landing here = {.outer = innermost};

	innermost = &here;
	if (setjmp(here.place) == 0)
		work(what);
	/* Work that left a guard behind would have it closed in a frame that is gone. */
	assert(!here.guards);
	innermost = here.outer;
	return here.why;
}

void arena_give_up(enum arena_end why)
{
	static const char text[] = "ward: there is not enough memory to start\n";
	struct landing *l = innermost;

	assert(why != ARENA_DONE);
	if (!l) {
		ssize_t said = write(STDERR_FILENO, text, sizeof text - 1);
		(void)said;
		abort();
	}
	l->why = why;
	while (l->guards) {
		struct arena_guard *g = l->guards;
		l->guards = g->below;
		g->close(g->what);
	}
	longjmp(l->place, 1);
}

void arena_guard(struct arena_guard *g, void (*close)(void *), void *what)
{
	struct landing *l = innermost;

	*g = (struct arena_guard){.below = l ? l->guards : NULL, .close = close, .what = what};
	if (l)
		l->guards = g;
}

void arena_unguard(struct arena_guard *g)
{
	struct landing *l = innermost;

	if (!l)
		return;
	assert(l->guards == g);
	l->guards = g->below;
}
