/*
 * UTF-8 (RFC 3629): the check at the edges, and single characters.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H
#include "base/buf.h"

/* Index of the first byte that is not valid UTF-8 (overlong, surrogate, above U+10FFFF,
   cut short), or -1 when all of `s` is. */
isize utf8_check(str s);
/* Valid UTF-8 without control characters but tab and line feed: fit for a record. */
bool utf8_is_text(str s);
/* Writes one character; one that is none is written as U+FFFD. */
void utf8_put(struct buf *b, uint32_t c);
/* The first character of `*rest`, cut off it; `*rest` is valid and not empty. */
uint32_t utf8_next(str *rest);
/* Characters in valid `s`. */
isize utf8_count(str s);
/* The longest head of valid `s` with at most `count` characters. */
str utf8_head(str s, isize count);
/* The longest head of `s` with at most `bytes` bytes that does not end inside a character. */
str utf8_within(str s, isize bytes);
#endif
