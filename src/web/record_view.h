/* What the pages of one record show. */
#ifndef WEB_RECORD_VIEW_H
#define WEB_RECORD_VIEW_H
#include "web/web_in.h"

enum { NAMES_MAX = 200, MOVES_MAX = 12, REVISIONS_SHOWN = 5 };

struct record_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;
	bool may_edit, is_product;
	bool may_link; /* some of the links may be removed or confirmed */
	const struct move *move[MOVES_MAX];
	isize move_count;
	str *names; /* references in the fields, and the briefs of what they name */
	struct brief *name;
	isize name_count;
	struct link *link;
	isize link_count;
	struct revision *revision;
	isize revision_count;
	struct signed_by *signature;
	isize signature_count;
};
CHECKED bool record_view_make(
	struct call *c, struct request *q, struct rec *rec, struct record_view *out);
/* What a reference in a field names; NULL when unknown. */
const struct brief *view_name(const struct record_view *v, str ref);
str view_value(const struct record_view *v, const void *rec, const struct field *f);
str view_link_label(const struct record_view *v, const struct link *l);
/* Whether the caller may remove or confirm the link: it belongs to its `from` end. */
bool view_may_link(const struct record_view *v, const struct link *l);
/* The time up to which the changes of both ends have been seen on this page, for the form. */
str view_seen(const struct record_view *v, const struct link *l);

struct edit_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;
	const struct issue *issues;
	str wrong, reason;
	bool has_error;
};
/* Fields shown at once; the others stand behind a fold. */
bool edit_is_first(const struct edit_view *v, const struct field *f);
/* What was typed under `name` and could not be read; "" when it could. */
str edit_unread(const struct edit_view *v, str name);
/* What the input `name` holds: the field's value, or the unread text. */
str edit_value(const struct edit_view *v, const void *rec, const struct field *f, str name);
/* Row `row` of a table in the record, or an empty one behind the last. */
const void *edit_row(const struct edit_view *v, const struct field *f, isize row);
/* The name of a cell in the form, "log.0.at". */
str edit_name(
	const struct edit_view *v, const struct field *rows, isize row, const struct field *col);
/* "person or role": what a reference may name. */
str edit_kinds(const struct edit_view *v, const struct field *f);

struct conflict_view {
	struct frame frame;
	struct call *call;
	struct rec *mine, *theirs;
	str why;
	struct change *change;
	isize change_count;
};
struct history_view {
	struct frame frame;
	struct call *call;
	struct rec *rec;
	struct revision *revision;
	isize revision_count;
	struct change *change;
	isize change_count;
	int64_t from, to;
};
#endif
