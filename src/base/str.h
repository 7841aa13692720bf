/*
 * Strings: a pointer and a length, a view, passed by copy, not terminated.
 *
 * A str never owns its bytes; they live in an arena, in the program's text or
 * in a buffer that outlives the view.  Inside the program every str is valid
 * UTF-8 without NUL; the edges (http, cli, importers) check once, with
 * utf8_check().  The empty string is { anything, 0 }.
 */
#ifndef BASE_STR_H
#define BASE_STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef ptrdiff_t isize;
typedef struct {
	const char *p;
	isize n;
} str;

struct arena;

#define CHECKED __attribute__((warn_unused_result))

/* A str of a string literal; anything else does not compile. */
#define S(lit) ((str){"" lit, (isize)sizeof(lit) - 1})
/* The same as a constant initializer of static tables. */
#define S_INIT(lit)                                                                                \
	{                                                                                          \
		"" lit, (isize)sizeof(lit) - 1                                                     \
	}
/* The two arguments of "%.*s". */
#define STR_ARG(s)      (int)(s).n, (s).p
#define COUNT_OF(array) ((isize)(sizeof(array) / sizeof((array)[0])))

str str_of(const char *terminated);
bool str_eq(str a, str b);
/* Order by bytes: negative, zero, positive. */
int str_cmp(str a, str b);
bool str_starts(str s, str head);
bool str_ends(str s, str tail);
/* Index of the first `what` in `s`, or -1. */
isize str_find(str s, str what);
/* Index of the first byte `c` in `s`, or -1. */
isize str_index(str s, char c);
/* The part [from, to) of `s`; both are clamped to its length. */
str str_part(str s, isize from, isize to);
/* Cut `*rest` at the first `at`: returns the part before it, leaves the part after. */
str str_cut(str *rest, char at);
/* The same for a longer separator; without one, all of `*rest` is returned. */
str str_cut_at(str *rest, str at);
/* Cut the next run of bytes that are not blanks (space, tab, CR, LF); empty at the end. */
str str_word(str *rest);
/* Without the blanks (space, tab, CR, LF) at both ends. */
str str_trim(str s);
/* Equal when ASCII letters are folded. */
bool str_eq_fold(str a, str b);
/* A decimal integer with optional '-', the whole of `s`, within [min, max]; else false. */
CHECKED bool str_int(str s, int64_t min, int64_t max, int64_t *out);
/* SipHash-1-3 under a key drawn when the process starts: nobody outside can choose keys that
   collide.  The same for equal keys within one process, and for nothing else. */
uint64_t str_hash(str s);
/* FNV-1a: the same everywhere and for ever, and easily made to collide.  Only for keys of our
   own. */
uint64_t str_hash_fixed(str s);

/* Copies, in the arena. */
str str_dup(struct arena *a, str s);
/* Letters of ASCII in the other case, and all else as it is. */
str str_lower(struct arena *a, str s);
str str_upper(struct arena *a, str s);
str str_join(struct arena *a, str one, str two);
str str_fmt(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Terminated copy, for the last moment before the system wants one. */
char *cstr(struct arena *a, str s);
#endif
