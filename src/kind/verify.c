/* Verification of a whole store: the ledger, every row, every record, the index of search. */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"

enum { RECORD_ARENA_BYTES = 64 << 20 };

/* The records of the store for the verifier; what it reads of one is given up with the next. */
struct record_walk {
	struct call call;
	struct db *fresh;
	struct arena arena;
	struct rows rows;
	bool is_walking;
};

/* A record that was just read, as its canonical form hashes; false when reading it failed. */
static bool take_record(struct record_walk *w, bool is_read, const void *rec, bool *found,
	struct hash *out, struct err *e)
{
	struct sha256 hash;
	struct buf canonical;

	*found = is_read;
	if (!is_read && w->call.err.code != ERR_MISSING)
		return FAIL(e, ERR_TAMPERED, "%s",
			w->call.err.code ? w->call.err.text : "the store cannot be read");
	if (!is_read)
		return true;
	buf_init(&canonical, &w->arena, LIMIT_RECORD_BYTES * 4);
	kind_json(&canonical, rec);
	if (canonical.full)
		return FAIL(e, ERR_LIMIT, "it is larger than a record may be");
	hash = sha256(buf_str(&canonical));
	memcpy(out->b, hash.b, sizeof out->b);
	return true;
}

/* A pending revision as it was written; `rev` 0: the newest of the record. */
static bool find_pending(
	struct record_walk *w, str ref, int64_t rev, bool *found, struct hash *out, struct err *e)
{
	struct call *c = &w->call;
	struct rec *rec = NULL;

	arena_reset(&w->arena);
	err_clear(&c->err);
	const struct kind *k = kind_of_ref(c, ref);
	*found = false;
	if (!k)
		return true;
	bool ok = pending_revision(c, k, ref, rev ? rev : pending_newest(c, ref), &rec);
	return (ok && !rec) || take_record(w, ok, rec, found, out, e);
}

static bool find_record(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	struct record_walk *w = from;
	str ref = object, head = str_cut(&ref, ':');
	const struct kind *k = kind_by_name(head);
	void *rec = NULL;

	if (str_eq(head, S("pending")))
		return find_pending(w, ref, 0, found, out, e);

	*found = false;
	if (!k)
		return true;
	arena_reset(&w->arena);
	err_clear(&w->call.err);
	bool is_read = kind_get(&w->call, k, ref, &rec);
	if (!take_record(w, is_read, rec, found, out, e))
		return false;
	/* What fits there fits into the index. */
	return !*found || search_expect(&w->call, w->fresh, rec) ||
		FAIL(e, ERR_FAULT, "there is no room to rebuild the search index");
}

static bool find_revision(
	void *from, str object, int64_t rev, bool *found, struct hash *out, struct err *e)
{
	struct record_walk *w = from;
	str ref = object, head = str_cut(&ref, ':');
	const struct kind *k = kind_by_name(head);
	void *rec = NULL;

	if (str_eq(head, S("pending")))
		return find_pending(w, ref, rev, found, out, e);
	*found = false;
	if (!k)
		return true;
	arena_reset(&w->arena);
	err_clear(&w->call.err);
	bool is_read = kind_get_rev(&w->call, k, ref, rev, &rec);
	return take_record(w, is_read, rec, found, out, e);
}

static bool next_record(void *from, str *object, struct err *e)
{
	struct record_walk *w = from;

	if (!w->is_walking)
		db_query(w->call.db, &w->rows, SQL("SELECT kind, ref FROM record ORDER BY ref"));
	w->is_walking = true;
	arena_reset(&w->arena);
	*object = S("");
	if (rows_next(&w->rows)) {
		*object = str_fmt(&w->arena, "%.*s:%.*s", STR_ARG(rows_str(&w->rows, 0)),
			STR_ARG(rows_str(&w->rows, 1)));
		return true;
	}
	return rows_done(&w->rows) || FAIL(e, ERR_FAULT, "the records cannot be read");
}

/* An empty store of this program, in a file without a name that goes with it: its schema is the
   right one, and its search index is built from the records as they are read. */
static bool open_fresh(struct arena *a, str schema, struct db **out, struct err *e)
{
	if (!db_open(out, a, S(""), DB_CREATE, e))
		return false;
	if (db_script(*out, schema, e) && db_begin(*out, e))
		return true;
	db_close(*out);
	return false;
}

struct comparison {
	struct db *is, *should;
	struct ledger_report *report;
};

static void compare_search(void *comparison)
{
	struct comparison *c = comparison;

	search_compare(c->is, c->should, c->report);
}

/* The engine writes the sums of an index when its transaction ends. */
static void verify_search(struct comparison *c)
{
	struct err e = {0};

	db_report_to(c->should, &e);
	if (!db_commit(c->should) || !db_begin_read(c->should, &e)) {
		ledger_found(c->report, -1, "the search index cannot be derived anew: %s", e.text);
		return;
	}
	ledger_findings_of(c->report, "the search index");
	if (arena_run(compare_search, c) != ARENA_DONE)
		ledger_found(c->report, -1,
			"the search index cannot be verified to the end: it takes more memory "
			"than there is");
	ledger_findings_of(c->report, NULL);
}

bool store_verify(
	struct call *c, const struct ledger_known *known, str schema, struct ledger_report *out)
{
	struct record_walk *walk = NEW(c->arena, struct record_walk, 1);
	struct record_source records = {
		walk, find_record, next_record, NULL, find_revision};
	struct err rest = {0};

	if (!open_fresh(c->arena, schema, &records.fresh, &c->err))
		return false;
	arena_open(&walk->arena, RECORD_ARENA_BYTES);
	walk->fresh = records.fresh;
	walk->call = *c;
	walk->call.who = (struct who){.ref = S("system"), .actor = S("system"), .is_system = true};
	walk->call.arena = walk->call.err.arena = &walk->arena;
	db_report_to(records.fresh, &rest);
	bool ok = ledger_verify(c->db, c->arena, known, &records, out, &c->err);
	if (ok)
		verify_search(&(struct comparison){c->db, records.fresh, out});
	arena_close(&walk->arena);
	db_close(records.fresh);
	db_report_to(c->db, &c->err);
	return ok;
}
