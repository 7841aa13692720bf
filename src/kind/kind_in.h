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
	str history;     /* $1 ref: newest first */
	str columns;     /* for lists */
	str standing;    /* $1 ref: what row_standing() takes, of the current revision */
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
/* Before `after` is written over `before`: refuses content in a sealed state, and takes `after`
   back to where a state reopens. */
CHECKED bool approval_keep(struct call *c, const struct rec *before, struct rec *after);
/* Whether the caller is a second person for the record as it stands. */
CHECKED bool approval_by_other(struct call *c, const struct rec *rec);
/* Before `after` is written over `before`: whether the caller, who may not know all of the record,
   leaves alone who may. */
CHECKED bool standing_keep(struct call *c, const struct rec *before, const struct rec *after);
/* Whether a legal hold lets the caller take it to the state: none is on it, and it was not them who
   took the last one off. */
CHECKED bool approval_may_dispose(struct call *c, const struct rec *rec, int to);
CHECKED bool search_put(struct call *c, const struct rec *r);
/* The index is derived, so verification derives it anew: search_expect() puts what a record should
   be found by into the empty store `fresh`; search_compare() reports where the index of `db` has
   other rows or words, answers otherwise, or cannot be read. */
struct ledger_report;
CHECKED bool search_expect(struct call *c, struct db *fresh, const void *record);
void search_compare(struct db *db, struct db *fresh, struct ledger_report *report);
#endif
