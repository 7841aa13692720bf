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

static bool find_record(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	struct record_walk *w = from;
	str ref = object;
	const struct kind *k = kind_by_name(str_cut(&ref, ':'));
	struct sha256 hash;
	struct buf canonical;
	void *rec = NULL;

	*found = false;
	if (!k)
		return true;
	arena_reset(&w->arena);
	err_clear(&w->call.err);
	if (!kind_get(&w->call, k, ref, &rec)) {
		if (w->call.err.code == ERR_MISSING)
			return true;
		return FAIL(e, ERR_TAMPERED, "%s",
			w->call.err.code ? w->call.err.text : "the store cannot be read");
	}
	*found = true;
	buf_init(&canonical, &w->arena, LIMIT_RECORD_BYTES * 4);
	kind_json(&canonical, rec);
	if (canonical.full)
		return FAIL(e, ERR_LIMIT, "%.*s is larger than a record may be", STR_ARG(object));
	/* What fits there fits into the index. */
	if (!search_expect(&w->call, w->fresh, rec))
		return FAIL(e, ERR_FAULT, "there is no room to rebuild the search index");
	hash = sha256(buf_str(&canonical));
	memcpy(out->b, hash.b, sizeof out->b);
	return true;
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

bool store_verify(
	struct call *c, const struct ledger_known *known, str schema, struct ledger_report *out)
{
	struct record_walk *walk = NEW(c->arena, struct record_walk, 1);
	struct record_source records = {walk, find_record, next_record, NULL};
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
	/* The engine writes the sums of an index when its transaction ends. */
	if (ok && db_commit(records.fresh) && db_begin_read(records.fresh, &rest))
		search_compare(c->db, records.fresh, out);
	else if (ok)
		ledger_found(out, -1, "the search index cannot be derived anew: %s", rest.text);
	arena_close(&walk->arena);
	db_close(records.fresh);
	db_report_to(c->db, &c->err);
	return ok;
}
