/*
 * Errors that somebody must be told.  The first stays; later ones do not overwrite it.
 *
 *	if (r.rev != rev)
 *		return FAIL(&c->err, ERR_CONFLICT, "revision %" PRId64 " is not the latest", rev);
 *
 * The text is written for the person who asked and says what to do.  ERR_INVALID
 * collects one issue a wrong field, all of them.  What we did wrong ourselves is
 * an assert, never an error.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H
#include "base/arena.h"

/*                 HTTP        exit of the command line */
enum err_code {
	ERR_NONE,
	ERR_INVALID,  /* 422         2  the values are wrong; issues name the fields     */
	ERR_SYNTAX,   /* 400         3  the input cannot be read; line and column are set */
	ERR_DENIED,   /* 403         4  not permitted                                     */
	ERR_MISSING,  /* 404         4  no such thing, or none that you may know of       */
	ERR_CONFLICT, /* 409 or 412  6  changed by somebody else, or a move not allowed   */
	ERR_LIMIT,    /* 413 or 429  2  larger than this program takes                    */
	ERR_BUSY,     /* 503         6  try again                                         */
	ERR_TAMPERED, /* 500         5  the record does not agree with the ledger         */
	ERR_FAULT     /* 500        70  the world or the program failed                   */
};

/* What is wrong with one field. */
struct issue {
	struct issue *next;
	str field; /* its name, or "" for the record as a whole */
	str text;
	str given; /* what was typed there and could not be read, or "" */
};

enum { ISSUES_MAX = 200 }; /* a stranger's input may be wrong in more places */

struct err {
	enum err_code code;
	int64_t line, column; /* where, from 1, when the code is ERR_SYNTAX; else 0 */
	struct arena *arena;  /* for issues; may be NULL where none arise */
	struct issue *issues; /* in the order found, ISSUES_MAX at the most */
	struct issue *last;
	int issue_count;
	char text[400];       /* terminated */
};

#define FAIL(e, code, ...) err_set((e), (code), __VA_ARGS__)

/* Sets `e` unless it is set already.  Returns false, for `return FAIL(…)`. */
bool err_set(struct err *e, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for input that cannot be read at `line`, `column` (from 1). */
bool err_at(struct err *e, int64_t line, int64_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Adds an issue about `field`; the code becomes ERR_INVALID when it was none. */
bool err_issue(struct err *e, str field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Forgets the error and its issues. */
void err_clear(struct err *e);
str err_text(const struct err *e);
#endif
