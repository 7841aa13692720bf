/*
 * Growing output with a maximum.  The bytes live in an arena.
 *
 * A write that would pass the maximum, or for which the arena has no room, writes nothing and sets
 * `full`; so do all later ones.  Writers do not check.  Nobody can take half a text for a whole
 * one: buf_str() of a full buffer ends the work of arena_run(), as a NEW without memory does.  Who
 * has words of their own for it looks at `full` first.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include "base/arena.h"

struct buf {
	char *p;
	isize n, cap, max;
	struct arena *arena;
	bool full;
};

/* At most `max` bytes, grown in `a`. */
void buf_init(struct buf *b, struct arena *a, isize max);
void buf_add(struct buf *b, str s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes back the last byte when it is `c`; whether it was. */
bool buf_back(struct buf *b, char c);
/* What was written; a view that a later write may move.  Does not return when that is not all. */
str buf_str(const struct buf *b);
/* The same of a buffer that may be full: the beginning. */
str buf_view(const struct buf *b);
#endif
