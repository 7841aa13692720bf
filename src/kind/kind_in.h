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
/* The value as JSON; the field is not empty. */
void field_json(struct buf *b, const void *rec, const struct field *f);
CHECKED bool field_json_decode(
	struct call *c, void *rec, const struct field *f, const struct json *j);

/* Statements of a kind, put together once from its descriptors. */
struct kind_sql {
	str insert;      /* a revision: id rev since until by why state, then every field */
	str close;       /* $1 until, $2 id, $3 rev */
	str get, get_at; /* $1 ref ($2 time): the current revision, the one at a time */
	str get_rev;     /* $1 ref, $2 rev */
	str history;     /* $1 ref: newest first */
	str columns;     /* for lists */
};
const struct kind_sql *kind_sql(const struct kind *k);
enum { REC_COLUMNS = 8 }; /* ref id rev since until by why state, before the fields */
/* The record in the row of a statement that selects kind_sql()->columns. */
void *row_record(struct call *c, const struct kind *k, const struct rows *r);

/* Whether the caller may see this record at all; no error. */
bool record_visible(const struct call *c, const struct rec *r);
/* Empties the secret fields that are not for the caller. */
void record_hide(const struct call *c, struct rec *r);
/* The nine columns of a brief, from column `at`; false when it is not for the caller. */
bool row_brief(struct call *c, const struct rows *r, int at, struct brief *out);
CHECKED bool search_put(struct call *c, const struct rec *r);
/* The index is derived, so verification derives it anew: search_expect() puts what a record should
   be found by into the empty store `fresh`; search_compare() reports where the index of `db` has
   other rows, or other words. */
struct ledger_report;
CHECKED bool search_expect(struct call *c, struct db *fresh, const void *record);
void search_compare(struct db *db, struct db *fresh, struct ledger_report *report);
#endif
