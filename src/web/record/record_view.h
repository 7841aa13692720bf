/* What the pages of one record show. */
#ifndef WEB_RECORD_VIEW_H
#define WEB_RECORD_VIEW_H
#include "web/web_in.h"

enum { NAMES_MAX = 200, MOVES_MAX = 12, REVISIONS_SHOWN = 5 };

/* What the references on a page name; those beyond NAMES_MAX are shown bare. */
struct names {
	struct call *call;
	isize count;
	str ref[NAMES_MAX];
	struct brief brief[NAMES_MAX];
};
struct names *names_new(struct call *c);
void names_add(struct names *n, str ref);
/* Every reference that the record's fields hold. */
void names_add_fields(struct names *n, const struct rec *rec);
CHECKED bool names_load(struct names *n);
/* NULL when unknown, or not for the caller. */
const struct brief *names_find(const struct names *n, str ref);
/* The value of a field for people: "P02 Mei Tanaka", "30 Sep 2026". */

/* Two revisions of one record side by side. */
struct compare {
	const struct names *names;
	const struct rec *before, *after;
	const char *before_label, *after_label;
	bool has_form; /* the fields named have inputs on the page */
	struct change *change;
	isize count;
};

/* The moves of a record, or of its pending revision, that the caller may try. */
struct steps {
	const struct rec *rec;
	const struct move *move[MOVES_MAX];
	isize count;
};

struct record_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;     /* what the page shows: what is in force, or its pending revision */
	struct rec *pending; /* the pending revision beside what is in force, or NULL */
	bool may_edit, is_product;
	bool may_link; /* some of the links may be removed or confirmed */
	struct steps next, pending_next;
	struct compare pending_change; /* from what is in force to what is pending */
	struct names *names;
	struct link *link;
	isize link_count;
	struct revision *revision;
	isize revision_count;
	struct signed_by *signature;
	isize signature_count;
};
/* Takes the pending revision where the address asks for it; ERR_MISSING when there is none. */
CHECKED bool record_choose(struct call *c, const struct request *q, struct rec **rec);
/* The first of the revisions that are pending; NULL when the history is too long to have it. */
const struct revision *view_began(const struct record_view *v);
/* The moves, and what is pending beside the record. */
CHECKED bool record_view_pending(struct record_view *v);
str view_link_label(const struct record_view *v, const struct link *l);
/* Whether the caller may remove or confirm the link: it belongs to its `from` end. */
bool view_may_link(const struct record_view *v, const struct link *l);
/* The time up to which the changes of both ends have been seen on this page, for the form. */
str view_seen(const struct record_view *v, const struct link *l);

struct edit_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;
	const struct rec *stored; /* the revision that the form was made from; NULL of a new one */
	const struct issue *issues;
	str wrong, reason;
	bool has_error, is_unsaved; /* what it holds is stored nowhere */
	bool is_new_version;        /* content that is changed here becomes a pending revision */
};
/* Fields shown at once; the others stand behind a fold. */
bool edit_is_first(const struct edit_view *v, const struct field *f);
/* What was typed under `name` and could not be read; "" when it could. */
str edit_unread(const struct edit_view *v, str name);
/* What the input `name` holds: the field's value, or the unread text. */
str edit_value(const struct edit_view *v, const void *rec, const struct field *f, str name);
/* The words of a list in one input, with commas between them; one that holds a comma or a double
   quote stands in double quotes, as in CSV.  Reading what was printed gives the same words. */
str edit_words(struct arena *a, const struct words *w);
/* At most LIMIT_ROWS words; empty ones are left out. */
void edit_read_words(struct arena *a, str text, struct words *out);
/* An empty row: numbers and dates have their own word for nothing. */
const void *row_empty(struct call *c, const struct field *f);
/* Row `row` of a table in the record, or an empty one behind the last. */
const void *edit_row(const struct edit_view *v, const struct field *f, isize row);
/* Whether row `row` of a table that only grows was saved: its cells are no inputs. */
bool edit_is_kept(const struct edit_view *v, const struct field *f, isize row);
/* The name of a cell in the form, "log.0.at". */
str edit_name(
	const struct edit_view *v, const struct field *rows, isize row, const struct field *col);
/* "person or role": what a reference may name. */
str edit_kinds(const struct edit_view *v, const struct field *f);

/* Compares, and adds what the fields name to `n`, which is loaded then. */
CHECKED bool compare_make(
	struct names *n, const struct rec *before, const struct rec *after, struct compare *out);
/* The field of a change; NULL for the state. */
const struct field *compare_field(const struct compare *x, const struct change *change);
isize compare_rows(const struct compare *x, const struct field *f, struct row_change **out);
/* The cell in a row or NULL, for people. */
str compare_cell(const struct compare *x, const void *row, const struct field *col);
str compare_value(const struct compare *x, const struct rec *rec, const struct change *change);

struct conflict_view {
	struct frame frame;
	struct rec *theirs;
	struct edit_view edit; /* what was typed, on top of theirs */
	struct compare compare;
};
struct history_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;
	struct names *names;
	struct revision *revision;
	isize revision_count;
	struct compare compare;
	int64_t from, to;
};
#endif
