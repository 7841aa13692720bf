#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST = 512 };

void buf_init(struct buf *b, struct arena *a, isize max)
{
	assert(max > 0);
	*b = (struct buf){.arena = a, .max = max};
}

static bool grow(struct buf *b, isize more)
{
	isize cap = b->cap ? b->cap : BUF_FIRST;

	while (cap - b->n < more)
		cap *= 2;
	char *p = arena_bulk(b->arena, cap);
	if (!p)
		return !(b->full = true);
	if (b->n)
		memcpy(p, b->p, (size_t)b->n);
	b->p = p;
	b->cap = cap;
	return true;
}

/* `n` bytes to be written by the caller, and `behind` more that do not count; NULL when full. */
static char *buf_room(struct buf *b, isize n, isize behind)
{
	assert(n >= 0);
	if (b->full || n > b->max - b->n) {
		b->full = true;
		return NULL;
	}
	if (b->cap - b->n < n + behind && !grow(b, n + behind))
		return NULL;
	b->n += n;
	return b->p + b->n - n;
}

void buf_add(struct buf *b, str s)
{
	char *p = s.n ? buf_room(b, s.n, 0) : NULL;

	if (p)
		memcpy(p, s.p, (size_t)s.n);
}

void buf_char(struct buf *b, char c)
{
	char *p = buf_room(b, 1, 0);

	if (p)
		*p = c;
}

void buf_int(struct buf *b, int64_t v)
{
	char digits[24];
	int at = sizeof digits;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		digits[--at] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		digits[--at] = '-';
	buf_add(b, (str){digits + at, (isize)sizeof digits - at});
}

void buf_fmt(struct buf *b, const char *format, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	/* vsnprintf writes a final NUL. */
	if (n <= 0 || !(p = buf_room(b, n, 1)))
		return;
	va_start(ap, format);
	vsnprintf(p, (size_t)n + 1, format, ap);
	va_end(ap);
}

bool buf_back(struct buf *b, char c)
{
	bool is_last = !b->full && b->n > 0 && b->p[b->n - 1] == c;

	b->n -= is_last;
	return is_last;
}

str buf_str(const struct buf *b)
{
	if (b->full)
		arena_give_up(ARENA_SPENT);
	return buf_view(b);
}

str buf_view(const struct buf *b)
{
	return (str){b->p, b->n};
}
