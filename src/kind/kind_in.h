/* What the files of kind/ share. */
#ifndef KIND_KIND_IN_H
#define KIND_KIND_IN_H
#include "call/call.h"
#include "db/db.h"
#include "kind/kind.h"
#include "kinds.h"

str field_text(const void *rec, const struct field *f);
int64_t field_number(const void *rec, const struct field *f);
void field_clear(void *rec, const struct field *f);
/* Takes the value that `from` has: what lies behind it is shared. */
void field_copy(void *to, const void *from, const struct field *f);
/* The value as JSON; the field is not empty. */
void field_json(struct buf *b, const void *rec, const struct field *f);
CHECKED bool field_json_decode(
	struct call *c, void *rec, const struct field *f, const struct json *j);

/* Statements of a kind, put together once from its descriptors. */
struct kind_sql {
	str insert;      /* a revision: id rev since until by why state, then every field */
	str close;       /* $1 until, $2 ref, $3 rev */
	str get, get_at; /* $1 ref ($2 time): the current revision, the one at a time */
	str get_rev;     /* $1 ref, $2 rev */
	str get_before;  /* $1 ref, $2 rev: the one before that */
	str history;     /* $1 ref: newest first */
	str columns;     /* for lists */
	str standing;    /* $1 ref: what row_standing() takes, of the current revision */
	str *above;      /* by field that is a tree; $1 ref, $2 ref: whether $2 stands above */
	str secrets;     /* $1 ref: how many revisions have a secret field; "" when none can */
};
const struct kind_sql *kind_sql(const struct kind *k);
enum { REC_COLUMNS = 8 }; /* ref id rev since until by why state, before the fields */
/* The record in the row of a statement that selects kind_sql()->columns. */
void *row_record(struct call *c, const struct kind *k, const struct rows *r);

/* How the record stands now; false when it is not there, or with an error. */
CHECKED bool standing_load(struct call *c, const struct kind *k, str ref, struct standing *out);
/* How `r` stands now, which may be an old revision. */
CHECKED bool standing_of(struct call *c, const struct rec *r, struct standing *out);

/* A statement being put together: constant texts, and the values that go with them. */
enum { LIST_VALUES = QUERY_FILTERS + 16 };
struct building {
	struct buf text;
	struct value v[LIST_VALUES];
	int count;
};
void add_value(struct building *b, struct value v);
/* standing_seen() as a condition " AND …" on the columns of the alias `x`, which must be the
   current revision of a record of `k`. */
void add_visible(struct building *b, const struct call *c, const struct kind *k, const char *x);

/* Empties the secret fields when they are not for the caller; of any revision. */
CHECKED bool record_hide(struct call *c, struct rec *r);
/* The kind of the record `ref`, NULL when there is none. */
const struct kind *kind_of_ref(struct call *c, str ref);
bool words_are_same(const struct words *one, const struct words *other);
/* Whether the field has the same value in both. */
bool field_is_same(const void *one, const void *other, const struct field *f);
/* approval.c: whether field `i` is content that an approval in this state holds. */
bool content_has(const struct kind *k, int i, int state);
/* Whether content differs; with `state` -1 all that is not free, else what an approval in that
   state holds. */
bool content_differs(const struct rec *before, const struct rec *after, int state);
/* Before `after` is written over `before` in the same table: refuses a change of content that was
   approved. */
CHECKED bool approval_keep(struct call *c, const struct rec *before, const struct rec *after);
/* Whether the content of `of` is still that of the record's revision `rev`. */
CHECKED bool approval_holds_for(struct call *c, const struct rec *of, int64_t rev, bool *out);
/* Whether the caller is a second person for the record as it stands. */
CHECKED bool approval_by_other(struct call *c, const struct rec *rec);
/* Before `after` is written over `before`: whether the caller, who may not know all of the record,
   leaves alone who may. */
CHECKED bool standing_keep(struct call *c, const struct rec *before, const struct rec *after);
/* Whether a legal hold lets the caller take it to the state: none is on it, and it was not them who
   took the last one off. */
CHECKED bool approval_may_dispose(struct call *c, const struct rec *rec, int to);
CHECKED bool search_put(struct call *c, const struct rec *r);

/* append.c: tables that only grow: new rows get the time of the call, the others are those of
   `before` (NULL: there was none). */
CHECKED bool rows_keep(struct call *c, struct rec *rec, const struct rec *before);
/* hierarchy.c: whether the record stands above itself by none of its fields, which are asked where
   they are not as in `before` (NULL: all). */
CHECKED bool hierarchy_keep(struct call *c, const struct rec *rec, const struct rec *before);
/* Whether a link of the type from `from` to `to` closes no ring. */
CHECKED bool hierarchy_keep_link(struct call *c, str from, str type, str to);

/* ---- write.c ---- */

/* The record of `rec` as it is in force, which the caller sees and may change with the right
   `right` (0: is not asked); sets c->now_us behind it. */
CHECKED bool record_now(struct call *c, const struct rec *rec, int right, struct rec **out);
/* What holds for every record that somebody saves: values, a reason, somebody who may see it. */
CHECKED bool record_check(struct call *c, const struct rec *rec, str act);
/* Writes `rec` over `before` (NULL: it is new) as its next revision.  What may be written is for
   the caller to ask. */
CHECKED bool record_write(struct call *c, struct rec *rec, const struct rec *before, str act);
/* One entry about a revision: "kind:ref", or "pending:ref" of a pending one. */
CHECKED bool log_revision(
	struct call *c, const struct rec *rec, const struct rec *before, str act);
/* Who could not see the secret fields saves the record as if they had not been touched. */
void keep_hidden(struct rec *rec, const void *before);
/* What was not saved goes back to somebody, without them. */
void drop_hidden(struct rec *rec);

/* ---- pending.c ---- */

/* Whether a flow has states that a pending revision changes. */
bool kind_has_pending(const struct kind *k);
/* The newest number of the record's pending revisions, 0 without any. */
int64_t pending_newest(struct call *c, str ref);
/* A pending revision as it was written, NULL when there is none with that number. */
CHECKED bool pending_revision(
	struct call *c, const struct kind *k, str ref, int64_t rev, struct rec **out);
/* What was in force, or stood in its place, before `rec` did; NULL before the first. */
CHECKED bool revision_before(struct call *c, const struct rec *rec, struct rec **out);
/* The revision that `rec` was made from: the pending one before it, the one in force where a
   pending one began, the pending one that became what is in force; NULL before the first. */
CHECKED bool pending_before(struct call *c, const struct rec *rec, struct rec **out);
/* `rec` is a change of content of what is in force: makes it a pending revision. */
CHECKED bool pending_open(struct call *c, struct rec *rec, const struct rec *in_force);
/* Writes `rec` over the pending revision before it. */
CHECKED bool pending_put(struct call *c, struct rec *rec, struct rec *in_force, str act);
/* Takes it to another state, and where that is in force to the place of what was. */
CHECKED bool pending_move(struct call *c, struct rec *rec, int to);
/* What a move of the record itself to `to` does to a pending revision of it. */
CHECKED bool pending_leave(struct call *c, const struct rec *in_force, int to);
/* The index is derived, so verification derives it anew: search_expect() puts what a record should
   be found by into the empty store `fresh`; search_compare() reports where the index of `db` has
   other rows or words, answers otherwise, or cannot be read. */
struct ledger_report;
CHECKED bool search_expect(struct call *c, struct db *fresh, const void *record);
void search_compare(struct db *db, struct db *fresh, struct ledger_report *report);
#endif
