/*
 * Kinds: records declared once, in kinds/, and one engine for all of them.
 *
 * tools/mkkind turns each declaration into a struct and a table of field descriptors
 * (build/gen/kinds.h, kinds.c).  What is here gives every kind its tables, validation, forms,
 * lists, JSON, CSV, history, search, links and state machine.  Nothing here knows a single
 * kind; what a declaration cannot say is a function of guards/ that it names.
 *
 * Records.  A struct of a kind begins with `struct rec`, the envelope.  Texts are "" when
 * empty, dates and times DAY_NONE and TIME_NONE, numbers INT_NONE, enums and flags 0; an enum's
 * words count from 1.  A reference is the `ref` of a record ("RSK-12").  A row table is
 * { item, count }.
 *
 * Revisions.  A kind's table holds every revision; the current one has `until` NULL.  A write
 * closes one row and inserts the next: history, difference, `?at=` and audit are one thing.
 * What was approved is not written over: a change of it is a pending revision (pending.c), in a
 * table of its own, so that whatever reads the tables of kinds reads what is in force.
 *
 * Canonical form: the record as JSON in declared order, empty fields left out, without rev,
 * times and author.  Its SHA-256 is what the ledger commits to and what signatures sign.
 */
#ifndef KIND_KIND_H
#define KIND_KIND_H
#include "base/base.h"
#include "base/json.h"

struct call;
struct kind;
struct rows;

#define INT_NONE INT64_MIN

/* ---- descriptors, written by mkkind ---- */

enum field_type {
	FIELD_TEXT,  /* str            one line                            TEXT    */
	FIELD_PROSE, /* str            Markdown                            TEXT    */
	FIELD_INT,   /* int64_t                                            INTEGER */
	FIELD_FLAG,  /* bool           as a record: yes or left out        INTEGER */
	FIELD_DATE,  /* int64_t        days since 1970                     INTEGER */
	FIELD_TIME,  /* int64_t        µs since 1970                       INTEGER */
	FIELD_ENUM,  /* int            0 or index in `words` + 1           TEXT    */
	FIELD_REF,   /* str            ref of a record                     TEXT    */
	FIELD_WORDS, /* struct words   short texts: tags                   TEXT, a JSON array */
	FIELD_ROWS   /* struct X_rows  a table inside the record           TEXT, a JSON array */
};

struct words {
	str *item;
	isize count;
};

/* The layout that every generated `struct KIND_NAME_rows { struct KIND_NAME *item; isize count; }`
   shares. */
struct any_rows {
	void *item;
	isize count;
};

/* An allowed word of an enum: its name in data and its label for people. */
struct word {
	str name, label;
};
struct wordset {
	str name;
	const struct word *word;
	int count;
};

/* Checks a value that is there; adds issues to c->err under `field`. */
typedef void field_check(struct call *c, str field, str value);

struct field {
	str name, label, help, unit;
	enum field_type type;
	bool required, secret, in_list, is_envelope;
	bool is_free;              /* no part of what an approval is of */
	bool is_tree;              /* names what this is a part of, or replaces: without rings */
	isize at;                  /* offset in the struct */
	int64_t min, max;          /* of a number; `max` characters of a text, rows of a table */
	const struct wordset *set; /* FIELD_ENUM */
	const int *refs;           /* FIELD_REF: kinds allowed; none: any */
	int ref_count;
	const struct field *col; /* FIELD_ROWS: its columns; `at` within the row's struct */
	int col_count;
	int append; /* of a table that only grows: 1 + the column that says when; else 0 */
	isize row_size;
	field_check *check;
};

struct state {
	str name, label;
	bool in_force;    /* what it says holds: saving asks for a reason */
	bool is_end;      /* nothing follows: a review that was due is not done any more */
	bool is_finished; /* the work that the record asks for is done; so it is at an end */
	bool is_sealed;   /* content does not change here */
	bool is_disposed; /* what it was is no more: a legal hold forbids it */
	/* 1 + the state in which a pending revision of what was approved begins; 0: what is here
	   changes in place. */
	int pending;
	const int *open; /* fields, by index, that are still filled in here */
	int open_count;
};

/* Whether the record may take this move; adds issues to c->err.  In guards/. */
typedef bool move_guard(struct call *c, const void *rec);

/* Whether a revision may be written: `before` is NULL for a new record.  Adds issues or fails. */
typedef bool kind_guard(struct call *c, const void *before, const void *after);

struct move {
	int from, to;
	str label;           /* the button's words: "Accept" */
	int right;           /* enum right, 0: the kind's write right */
	bool second_person;  /* not for who moved it into `from`, nor for who wrote of it since the
	                        last approval */
	str meaning;         /* signed with this meaning, or "" */
	const int *requires; /* fields that must be filled, by index */
	int require_count;
	move_guard *guard;
};

struct linktype {
	str type, label;
	bool outgoing;    /* this record is the `from` end */
	bool is_tree;     /* links of the type make no rings */
	const int *kinds; /* of the other end; none: any */
	int kind_count;
};

struct clause {
	str catalog, id; /* "iso-28000-2022", "8.3" */
};

struct kind {
	int id; /* enum kind_id */
	str name, prefix, title, plural, about, area;
	const struct field *field;
	int field_count;
	isize size;
	const struct state *state;
	int state_count;
	const struct move *move;
	int move_count;
	const struct linktype *link;
	int link_count;
	const struct clause *clause;
	int clause_count;
	kind_guard *guard;
	int can_read, can_write; /* enum right */
};

/* A time-ordered UUID (RFC 9562, version 7). */
struct uid {
	uint8_t b[16];
};

/* The envelope; every generated struct begins with it. */
struct rec {
	const struct kind *kind;
	struct uid id;
	str ref;
	int64_t rev;          /* from 1; 0: not stored yet */
	int64_t base;         /* of a pending revision: the one in force that it changes; else 0 */
	int64_t began;        /* the first revision of the pending ones that belong together */
	int64_t since, until; /* recorded times; until is TIME_NONE for the current revision */
	str by, why;          /* who wrote the revision, and the reason given */
	int state;
	bool hidden; /* secret fields were emptied for this caller; saving keeps them */
	/* The fields below are declared in kinds/envelope.kind. */
	str title, body, owner, unit, product, version;
	int classification, review_class, origin;
	int64_t review_due, happened_at;
	str origin_source, retention;
	bool legal_hold;
	struct words tags, need_to_know;
};

extern const struct kind kinds[];
extern const int kind_count;

/* ---- finding kinds and fields ---- */

const struct kind *kind_by_name(str name);
/* The kind with that prefix, "RSK" → risk; NULL when none has. */
const struct kind *kind_by_prefix(str prefix);
const struct field *kind_field(const struct kind *k, str name);
/* Under what name a form says why it changes the record: "reason", or "why" where that is a
   field. */
str kind_reason_name(const struct kind *k);
/* Index in the flow, -1 when there is no such state. */
int kind_state(const struct kind *k, str name);
/* finished.c: the states in which a record asks nobody for its work any more, as bits. */
uint32_t kind_finished(const struct kind *k);
bool rec_is_finished(const struct rec *rec);
/* Those among them behind which nothing follows, a review neither. */
uint32_t kind_ended(const struct kind *k);
/* Whether the day of the record's review has gone by. */
bool rec_review_is_late(const struct rec *rec, int64_t today);
/* The finished states of all kinds, or only those at an end, as a JSON array of "action:done". */
str kind_finished_words(struct arena *a, bool only_ended);
str kind_word(const struct field *f, int value);
/* The number of a word in a set, from 1; 0 when it is none of them. */
int kind_word_find(const struct wordset *set, str word);
/* The place of a field in a record or a row. */
void *kind_slot(const void *rec, const struct field *f);
bool kind_is_empty(const void *rec, const struct field *f);
/* An empty record of the kind, in the first state. */
void *kind_new(struct arena *a, const struct kind *k);
void *kind_copy(struct arena *a, const struct kind *k, const void *rec);

/* ---- forms of a record ---- */

/* The value as data (ISO dates, words, refs), "" when empty. */
str kind_value(struct arena *a, const void *rec, const struct field *f);
/* The same for people: labels, "30 Sep 2026". */
str kind_value_words(struct arena *a, const void *rec, const struct field *f);
/* Sets the field from data in that form; false, with an issue, when it is not one.  Row tables
   take a JSON array. */
CHECKED bool kind_set(struct call *c, void *rec, const struct field *f, str value);
/* Canonical form, with @type (the kind's name), ref and state first. */
void kind_json(struct buf *b, const void *rec);
/* Sets the fields that the object has; unknown members, wrong types and values are issues. */
CHECKED bool kind_json_decode(struct call *c, void *rec, const struct json *j);
/* A table: a head of field names and a line a record (RFC 4180; cells that a spreadsheet would
   take as a formula are preceded by an apostrophe, which reading takes off again). */
void kind_csv_head(struct buf *b, const struct kind *k);
void kind_csv_line(struct buf *b, struct arena *scratch, const void *rec);
/* One cell, in quotes where it needs them. */
void csv_put(struct buf *b, str s);
/* Cuts the next line of CSV into cells; false at the end.  ERR_SYNTAX with the place. */
CHECKED bool csv_next(
	struct arena *a, struct err *e, str *rest, int64_t *line, struct words *cells);
/* Fields and values that hold everywhere: required, lengths, ranges, words, kinds of references,
   named checks.  All issues, not the first. */
CHECKED bool kind_check(struct call *c, const void *rec);
/* The same after some values could not even be read, which c->err has issues about: adds what else
   is wrong, and nothing more about those fields. */
void kind_check_rest(struct call *c, const void *rec);

/* ---- the store ---- */

/* The schema of all kinds and of the engine's own tables, for the engine named. */
void kind_ddl(struct buf *b, str engine);

/*
 * How a record stands now, for the question who may see it (visible.c).  Every path asks it of the
 * newest revision, whichever revision it then shows: what became restricted is so in its past too.
 */
struct standing {
	const struct kind *kind;
	str product, owner;
	int classification;
	bool is_protected; /* only of a kind with such a field */
	struct words need_to_know;
};
/* The standing that a current revision says. */
struct standing record_standing(const struct rec *current);
/* Columns product, owner, classification, need_to_know, is_protected (or NULL), from `at`. */
CHECKED bool row_standing(
	struct call *c, const struct kind *k, const struct rows *r, int at, struct standing *out);
/* The one decision: whether the caller may see the record at all. */
bool standing_seen(const struct call *c, const struct standing *s);
/* Whether the caller, who sees the record, also sees its secret fields. */
bool standing_known(const struct call *c, const struct standing *s);
/* Whether the caller may see the record `ref`, of any kind, as it stands now.  No error when it is
   not for them or not there. */
CHECKED bool kind_seen(struct call *c, str ref);
/* Loads the record `ref`, as of c->at_us when that is set.  The caller's right to read is asked of
   the record as it stands now; one that may not be read is ERR_MISSING. */
CHECKED bool kind_get(struct call *c, const struct kind *k, str ref, void **out);
/* The same for any kind. */
CHECKED bool kind_get_any(struct call *c, str ref, struct rec **out);
/* Loads revision `rev`, which may be a pending one. */
CHECKED bool kind_get_rev(struct call *c, const struct kind *k, str ref, int64_t rev, void **out);
/* The revision that `rec` was made from, NULL before the first: of a pending one the pending one
   before, or what was in force; of what came into force what was pending. */
CHECKED bool kind_get_before(struct call *c, const struct rec *rec, void **out);

/* Writes a revision, of a record that the caller may see, with the right for its product before and
   after: checks values and references, keeps to what was approved (approval.c), closes the row
   before, writes history, search and one ledger entry with act `act` ("risk.create",
   "risk.update", …) and c->reason.  What changes nothing writes nothing.
   A record with rev 0 is new; without a ref it gets its prefix and the next number.
   ERR_CONFLICT when rec->rev is not the current one.  A record in force asks for c->reason.  Where
   what changes was approved, `rec` becomes a pending revision (rec->base) and the record stays as
   it is, but for its free fields; ERR_CONFLICT when there is a pending one already. */
CHECKED bool kind_put(struct call *c, void *rec, str act);
/* Moves to another state as its flow allows: right, second person, required fields, guard.
   Fails with ERR_CONFLICT when the flow has no such move, ERR_DENIED, ERR_INVALID.  A move from
   what is in force to where its revision begins opens a pending revision, which `rec` becomes; a
   pending one that is approved takes the place of what was in force, which `rec` becomes. */
CHECKED bool kind_move(struct call *c, void *rec, int to);

/* ---- pending.c: revisions beside what is in force ---- */

/* The pending revision of the record as it stands now, or NULL: its content, the other fields as
   they are in force.  Where what is in force was changed behind it, both changes together, and
   `base` is not the revision in force: it has to be saved before it can take its place. */
CHECKED bool pending_get(struct call *c, const struct rec *in_force, struct rec **out);
/* Ends it, with c->reason; its revisions stay in the history. */
CHECKED bool pending_withdraw(struct call *c, struct rec *pending);
/* What a form with revision `rev` is about, as it stands now: the pending revision when that is one
   of its revisions, else the record. */
CHECKED bool pending_or_current(struct call *c, str ref, int64_t rev, struct rec **out);
/* Signs the current revision with a meaning ("approved"); the caller proved again who they are
   (c->signs).  21 CFR 11.50, 11.70. */
CHECKED bool kind_sign(struct call *c, const struct rec *rec, str meaning);
/* Whether something differs that an approval of `before` holds. */
bool kind_is_revised(const void *before, const void *after);
/* Whether the content of the record `ref`, as it is in force, is still that of its revision
   `rev`. */
CHECKED bool approval_holds(struct call *c, const struct kind *k, str ref, int64_t rev, bool *out);
struct signed_by {
	int64_t rev, at;
	str signer, name, meaning; /* of a signer who is not for the caller, `name` is the ref */
	bool holds; /* the content is still what was signed */
};
/* Of the record `of`, and whether they hold for what it says; newest first; as of c->at_us. */
CHECKED bool signature_list(
	struct call *c, const struct rec *of, struct signed_by **out, isize *count);
/* The moves out of the record's state that the caller may try. */
isize kind_moves(struct call *c, const void *rec, const struct move **out, isize max);

struct revision {
	int64_t rev, since;
	str by, why, state;
	bool is_pending; /* was not in force */
};
/* Newest first, pending ones among them.  ERR_MISSING when the record is not for the caller. */
CHECKED bool kind_history(
	struct call *c, const struct kind *k, str ref, struct revision **out, isize *count);
struct change {
	str field, label, before, after;
};
/* What differs between two revisions of one record, in declared order. */
isize kind_diff(struct arena *a, const void *before, const void *after, struct change **out);
/* A row that was added (`before` NULL), removed (`after` NULL) or changed; `number` from 1, of the
   row after, of a removed one before. */
struct row_change {
	const void *before, *after;
	isize number;
};
/* What became of the rows of the table `f`, in order; rows that stayed as they were are left out,
   wherever they stand now.  Large tables are compared place by place. */
isize kind_diff_rows(struct arena *a, const struct field *f, const void *before, const void *after,
	struct row_change **out);
/* Takes into `mine`, which was made from the revision `base`, what `theirs` has in the fields that
   `mine` left as they were.  What both changed stays as in `mine`. */
void kind_merge(void *mine, const void *base, const void *theirs);

/* ---- lists ---- */

enum { QUERY_FILTERS = 8 };
struct filter {
	const struct field *field; /* NULL: the state */
	str value;
	bool is_below; /* less than the value, which is a number, a date or a time */
};
struct query {
	struct filter filter[QUERY_FILTERS]; /* all must hold; compared as data */
	int filter_count;
	uint32_t states;          /* a bit for each state that is wanted; 0: any */
	str text;                 /* words in the title, or "" */
	const struct field *sort; /* NULL: by reference */
	bool descending;
	isize from, limit; /* rows to leave out, rows wanted */
};
struct list {
	void **item; /* records of the kind */
	isize count;
	int64_t total; /* rows that match, rights considered */
};
/* As of c->at_us; only what the caller may read.  Two statements, however many rows. */
CHECKED bool kind_list(
	struct call *c, const struct kind *k, const struct query *q, struct list *out);
/* The same records one by one: `each` is called with `who` and the record, whose memory is given
   back when it returns, and may end the walk with an error.  However long the list, it takes the
   memory of one record. */
CHECKED bool kind_each(struct call *c, const struct kind *k, const struct query *q,
	bool (*each)(void *who, const void *rec), void *who);
/* Rows of `k` that the caller may read and that match. */
CHECKED bool kind_tally(struct call *c, const struct kind *k, const struct query *q, int64_t *out);

/* What every record shows of itself where it is named. */
struct brief {
	const struct kind *kind;
	str ref, title, state, owner, product;
	int64_t review_due;
	int64_t changed; /* when its content did: neither its state nor a free field */
};
enum { BRIEF_COLUMNS = 9 };
/* The columns kind, ref, title, state, owner, product, classification, review_due and changed of
   table `record`, from column `at`; false when the record is not for the caller.  Whoever selects
   records by SQL of their own reads them with it. */
CHECKED bool row_brief(struct call *c, const struct rows *r, int at, struct brief *out);
/* Of any kind; what may not be read or does not exist is left out. */
CHECKED bool kind_brief(struct call *c, str ref, struct brief *out);
/* The briefs of `n` references, 16 a query; those missing or not for the caller have kind NULL. */
CHECKED bool kind_briefs(struct call *c, const str *refs, isize n, struct brief *out);
/* What the words find, and the caller may read: the first SEARCH_ROWS, best first.  Where more than
   SEARCH_RANKED records have all of the words, those that have them in the title come first, and in
   no order; no more than 10,000 of these and of the others are looked at. */
enum { SEARCH_ROWS = 200, SEARCH_RANKED = 2000 };
struct hits {
	struct brief *item;
	isize count;
	bool more; /* the caller may read others that match, too */
};
CHECKED bool kind_search(struct call *c, str words, struct hits *out);

/* ---- verify.c ---- */

struct ledger_known;
struct ledger_report;
/* Verifies the store of `c`, which has a reading transaction open, on a connection of DB_AUDIT:
   ledger_verify() with all records, all rows, and the search index against what the records say.
   `schema` is the SQL that makes a store of this program.  What is wrong
   stands in the report; false only when there is no room to work in. */
CHECKED bool store_verify(
	struct call *c, const struct ledger_known *known, str schema, struct ledger_report *out);

/* ---- links ---- */

struct link {
	str type, from, to, note;
	struct brief other; /* the end that was not asked for */
	bool outgoing;
	bool suspect; /* content of an end changed after it was confirmed; making one confirms it */
	int64_t since;
	int64_t changed; /* when an end changed last; of link_list_type(): when `to` did */
};
/* Both directions, by type and reference; as of c->at_us; ends that may not be read left out. */
CHECKED bool link_list(struct call *c, str ref, struct link **out, isize *count);
/* All links of one type whose `to` end the caller may read, by from and to.  They are looked up by
   a `from` that the caller was shown; of others nothing may be told. */
CHECKED bool link_list_type(struct call *c, str type, struct link **out, isize *count);
/* The index of the first of these links that comes from `ref`, or of where it would stand. */
isize link_first_from(const struct link *link, isize count, str ref);
/* ERR_INVALID when no kind declares such a link between the two. */
CHECKED bool link_add(struct call *c, str from, str type, str to, str note);
CHECKED bool link_remove(struct call *c, str from, str type, str to);
/* Says, with an entry "link.confirm", that the link still holds although an end changed: the
   caller, who needs the write right of the `from` end, saw both ends as they were at `seen_us` (a
   link's `changed`).  ERR_CONFLICT when one changed after that, or none since the link was
   confirmed; ERR_MISSING, ERR_DENIED. */
CHECKED bool link_confirm(struct call *c, str from, str type, str to, int64_t seen_us);
#endif
