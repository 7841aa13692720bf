/*
 * Growing output with a maximum.  The bytes live in an arena.
 *
 * A write that would pass the maximum, or for which the arena has no room,
 * writes nothing and sets `full`; so do all later ones.  Writers do not check;
 * whoever hands the result on looks at `full` once.
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
/* What was written; a view that a later write may move. */
str buf_str(const struct buf *b);
#endif
