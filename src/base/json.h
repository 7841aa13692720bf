/*
 * JSON (RFC 8259), strictly: a pull reader, a tree with positions, a writer,
 * and the canonical form of RFC 8785 for what the ledger keeps.
 *
 * Refused, beyond what the RFC refuses: duplicate keys, invalid UTF-8, lone
 * surrogates, U+0000, integers beyond 64 bits where an integer is asked for,
 * numbers that no double holds, nesting beyond LIMIT_JSON_DEPTH, and trees of
 * more than LIMIT_JSON_NODES values.  Numbers stay text until asked for, so
 * nothing is rounded.  Every error names line and column (from 1, in bytes).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include "base/buf.h"
#include "base/err.h"

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/* ---- the pull reader ---- */

enum json_event {
	JSON_BAD, /* the error is set; ends the reading */
	JSON_END, /* the text is over */
	JSON_KEY, /* text is the key, unescaped */
	JSON_OPEN_OBJECT,
	JSON_OPEN_ARRAY,
	JSON_CLOSE,
	JSON_SCALAR /* type is null, false, true, number or string; text is its text, unescaped */
};

struct json_reader {
	str in;
	isize at;
	struct arena *arena;
	struct err *err;
	enum json_type type; /* of the last scalar */
	str text;            /* of the last key or scalar */
	isize from;          /* where the last event began in `in` */
	int depth;
	bool want_value, want_comma, done;
	struct json_level *level, *spare; /* open ones; closed ones, to be used again */
};

/* Over the whole of `in`, which must outlive the texts that hold no escapes. */
void json_open(struct json_reader *r, struct arena *a, struct err *e, str in);
enum json_event json_next(struct json_reader *r);
/* Line and column, from 1, of byte `at` of `in`. */
void json_place(str in, isize at, int64_t *line, int64_t *column);

/* ---- the tree ---- */

struct json {
	enum json_type type;
	isize from;  /* where it begins in the text, for messages */
	isize nth;   /* nodes before it in the text: a number of its own */
	str key;     /* inside an object, else "" */
	str text;    /* number or string */
	isize count; /* of array or object */
	struct json *first, *next;
};

/* Reads the whole of `in`.  NULL when it is not JSON: `e` holds ERR_SYNTAX with line and column,
   or ERR_LIMIT when the arena has no room. */
const struct json *json_parse(struct arena *a, struct err *e, str in) CHECKED;
/* Makes `item` the last of an array or object; `last` is the one before it, NULL for none, and
   follows. */
void json_append(struct json *to, struct json **last, struct json *item);
/* The member `key` of an object, or NULL; NULL for NULL and for what is not an object. */
const struct json *json_member(const struct json *j, str key);
/* The string or the number's text of member `key`; "" when there is none. */
str json_text(const struct json *j, str key);
/* A number without fraction or exponent that fits. */
CHECKED bool json_int(const struct json *j, int64_t *out);
/* true and false; `other` for what is neither, and for NULL. */
bool json_bool(const struct json *j, bool other);

/* Nodes of a tree that json_parse made. */
isize json_nodes(const struct json *root);
/* Numbers the nodes of a tree that was put together in the order of the tree. */
void json_number(struct json *root);

#define json_each(item, parent)                                                                    \
	for (const struct json *item = (parent) ? (parent)->first : NULL; item; item = item->next)

/* ---- writing ---- */

/* A quoted string, with the escapes of RFC 8785 (the shortest there are). */
void json_put_string(struct buf *b, str s);
/* `"key":`, preceded by a comma unless `*first`, which becomes false. */
void json_put_key(struct buf *b, bool *first, str key);
/* A member whose value is a string, or a whole number. */
void json_put_text(struct buf *b, bool *first, str key, str value);
void json_put_int(struct buf *b, bool *first, str key, int64_t value);
/* The tree as it stands: members in their order, numbers as they were written.  `indent` is how
   deep the text begins, in tabs; -1 writes all on one line. */
void json_print(struct buf *b, const struct json *j, int indent);
/* The canonical form of RFC 8785: keys sorted by UTF-16 units, shortest escapes, no blanks,
   numbers as ECMAScript prints them. */
void json_canonical(struct buf *b, struct arena *scratch, const struct json *j);
#endif
