/*
 * Reconciliation: every row of every table against the entry that wrote it last.
 *
 * The parts "rows" of the entries, read in order, say for each key what its row must hash to and
 * which entry wrote it.  Then every table that the store has is walked, so that a new table or
 * column is covered the day it is made.  What is not in the journal is named in one place each:
 * the tree's own tables (recomputed by verify.c), the search index (derived, compared by who knows
 * how it is derived), and what db_free says.
 *
 * Memory: 72 bytes a line and as much again, at the most twice that.
 */
#include "ledger/ledger_in.h"

/* Names that are longer are not ours. */
enum { ID_BYTES = 16, NAME_MAX_BYTES = 100 };

struct slot {
	uint8_t id[ID_BYTES];
	struct hash hash;
	int64_t seq;
	bool is_used, is_gone, is_seen;
};

struct journal {
	struct db *db;
	const struct walked *walked;
	struct ledger_report *report;
	struct arena *scratch;
	struct slot *slot;
	uint64_t mask;
};

void note_failure(struct db *db, struct err *e, struct ledger_report *r, const char *what)
{
	if (!e->code)
		return;
	ledger_found(r, -1, "%s cannot be read to the end: %s", what, e->text);
	err_clear(e);
	db_go_on(db);
}

/* The end of a walk; what failed in it is asked for later, by note_failure(). */
static void end(struct rows *r)
{
	bool is_whole = rows_done(r);

	(void)is_whole;
}

/* ---- the journal in memory ---- */

static int64_t count_lines(struct journal *j)
{
	int64_t lines = 0;
	struct rows r;

	db_query(j->db, &r,
		SQL("SELECT seq, value FROM entry_body WHERE part = 'rows' ORDER BY seq"));
	while (rows_next(&r)) {
		str rest = rows_blob(&r, 1);
		struct row_line line;
		bool bad;
		while (!is_spoilt(j->walked, rows_int(&r, 0)) && row_line_next(&rest, &line, &bad))
			lines++;
	}
	end(&r);
	return lines;
}

static struct slot *slot_of(struct journal *j, str table, str key)
{
	const str piece[] = {table, S(" "), key};
	struct sha256 id = sha256_of(piece, COUNT_OF(piece));
	uint64_t at;

	memcpy(&at, id.b, sizeof at);
	for (at &= j->mask; j->slot[at].is_used; at = (at + 1) & j->mask)
		if (memcmp(j->slot[at].id, id.b, ID_BYTES) == 0)
			return &j->slot[at];
	memcpy(j->slot[at].id, id.b, ID_BYTES);
	return &j->slot[at];
}

static void replay(struct journal *j)
{
	struct rows r;

	db_query(j->db, &r,
		SQL("SELECT seq, value FROM entry_body WHERE part = 'rows' ORDER BY seq"));
	while (rows_next(&r)) {
		str rest = rows_blob(&r, 1);
		int64_t seq = rows_int(&r, 0);
		struct row_line line;
		bool bad = false;
		if (is_spoilt(j->walked, seq))
			continue;
		while (row_line_next(&rest, &line, &bad)) {
			struct slot *s = slot_of(j, line.table, line.key);
			s->is_used = true;
			s->is_gone = line.is_gone;
			s->hash = line.hash;
			s->seq = seq;
		}
		if (bad)
			ledger_found(j->report, seq,
				"entry %" PRId64 ": its part \"rows\" is in no form that is known",
				seq);
	}
	end(&r);
}

/* The last checkpoint of all: the next entry will vouch for it, its signature does until then. */
static bool is_newest_checkpoint(struct journal *j, str table, str key)
{
	char want[32];

	snprintf(want, sizeof want, "[%" PRId64 "]", j->walked->end);
	return str_eq(table, S("checkpoint")) && str_eq(key, str_of(want));
}

static void check_row(struct journal *j, str table, str key, const struct hash *hash)
{
	struct slot *s = slot_of(j, table, key);
	bool known = s->is_used;

	j->report->rows++;
	if (!known && is_newest_checkpoint(j, table, key))
		return;
	if (!known)
		ledger_found(j->report, -1, "%.*s %.*s is in the store, but no entry wrote it",
			STR_ARG(table), STR_ARG(key));
	else if (s->is_gone)
		ledger_found(j->report, s->seq,
			"%.*s %.*s is in the store, but entry %" PRId64 " took it away",
			STR_ARG(table), STR_ARG(key), s->seq);
	else if (s->is_seen)
		ledger_found(j->report, s->seq, "%.*s %.*s is in the store twice", STR_ARG(table),
			STR_ARG(key));
	else if (memcmp(s->hash.b, hash->b, HASH_BYTES))
		ledger_found(j->report, s->seq, "%.*s %.*s is not as entry %" PRId64 " wrote it",
			STR_ARG(table), STR_ARG(key), s->seq);
	s->is_seen = true;
}

static void walk_table(struct journal *j, str table)
{
	struct arena_mark mark = arena_here(j->scratch);
	struct rows r;

	db_table_query(j->db, &r, table);
	while (rows_next(&r)) {
		struct row_line line;
		struct buf text;
		bool bad;
		arena_rewind(j->scratch, mark);
		buf_init(&text, j->scratch, LEDGER_ROWS_BYTES);
		str rest = db_row_line(&r, table, &text) ? buf_str(&text) : S("");
		if (row_line_next(&rest, &line, &bad))
			check_row(j, table, line.key, &line.hash);
		else
			ledger_found(j->report, -1, "a row of %.*s cannot be told from others",
				STR_ARG(table));
	}
	end(&r);
	arena_rewind(j->scratch, mark);
}

/* Lines whose row was not found. */
static void check_gone(struct journal *j)
{
	struct rows r;

	db_query(j->db, &r,
		SQL("SELECT seq, value FROM entry_body WHERE part = 'rows' ORDER BY seq"));
	while (rows_next(&r)) {
		str rest = rows_blob(&r, 1);
		int64_t seq = rows_int(&r, 0);
		struct row_line line;
		bool bad;
		if (is_spoilt(j->walked, seq))
			continue;
		while (row_line_next(&rest, &line, &bad)) {
			struct slot *s = slot_of(j, line.table, line.key);
			if (s->is_seen || s->is_gone || s->seq != seq)
				continue;
			s->is_seen = true;
			ledger_found(j->report, seq,
				"%.*s %.*s is gone, but entry %" PRId64 " wrote it",
				STR_ARG(line.table), STR_ARG(line.key), seq);
		}
	}
	end(&r);
}

/* ---- in words ---- */

const struct ledger_check ledger_checks[] = {
	{"entry.leaf", "its hash, the tree, and the root of every checkpoint behind it"},
	{"entry.act, object, actor, outcome, reason, at", "the leaf of the entry"},
	{"entry_body", "the salted commitments in the leaf"},
	{"erasure", "the entry ledger.erase that names the part"},
	{"tile", "the tree computed anew from the leaves"},
	{"checkpoint",
		"the signature of the keeper's key, the root computed anew, and the "
		"keeper's memory or --checkpoint"},
	{"entries that are not signed yet", "the marks that only the keeper's key makes"},
	{"every revision of every record", "the hash in the entry that wrote it"},
	{"every row of every other table", "the entry that wrote it last, which must be there"},
	{"search",
		"an index derived anew from the records: texts, words with their places, "
		"lengths, sums, settings, and what every word is answered with"},
	{"tables, columns, indexes, triggers", "those that this program makes"},
	{"the pages of the file", "the engine's own check"},
	{NULL, NULL},
};

/* ---- which tables ---- */

/* The others are recomputed from the leaves, or derived, or free. */
bool ledger_vouches(str table)
{
	static const str names[] = {S_INIT("entry"), S_INIT("entry_body"), S_INIT("tile"),
		S_INIT("erasure"), S_INIT("search")};

	for (int i = 0; i < COUNT_OF(names); i++)
		if (str_eq(table, names[i]))
			return false;
	return !str_starts(table, S("search_")) && !str_starts(table, S("sqlite_")) &&
		!db_is_free(table, S(""));
}

static void walk_tables(struct journal *j, struct err *e)
{
	struct rows r;

	db_query(j->db, &r,
		SQL("SELECT name FROM sqlite_schema WHERE type = 'table' AND length(name) <= $1"
		    " ORDER BY name"),
		V((int64_t)NAME_MAX_BYTES));
	while (rows_next(&r)) {
		struct arena_mark mark = arena_here(j->scratch);
		str table = rows_str(&r, 0);
		const char *what =
			cstr(j->scratch, str_fmt(j->scratch, "table %.*s", STR_ARG(table)));
		if (ledger_vouches(table)) {
			ledger_findings_of(j->report, what);
			walk_table(j, table);
			note_failure(j->db, e, j->report, what);
		}
		arena_rewind(j->scratch, mark);
	}
	end(&r);
	note_failure(j->db, e, j->report, "the list of tables");
}

static void check_rows(struct journal *j, struct err *e)
{
	replay(j);
	note_failure(j->db, e, j->report, "the row journal");
	walk_tables(j, e);
	ledger_findings_of(j->report, "rows that are gone");
	check_gone(j);
	note_failure(j->db, e, j->report, "the row journal");
}

/* ---- erasures ---- */

bool erasure_names(str object, int64_t seq, str part)
{
	char begin[40];

	snprintf(begin, sizeof begin, "entry:%" PRId64 "/", seq);
	if (!str_starts(object, str_of(begin)))
		return false;
	for (object = str_part(object, str_of(begin).n, object.n); object.n;)
		if (str_eq(str_cut(&object, '+'), part))
			return true;
	return false;
}

/* Each needs its entry, and what it says to be gone has to be gone: else it excused a change. */
static void check_erasures(struct db *db, struct ledger_report *report)
{
	struct rows r;

	db_query(db, &r,
		SQL("SELECT x.seq, x.part, x.by_seq, e.act, e.object, b.seq FROM erasure x"
		    " LEFT JOIN entry e ON e.seq = x.by_seq AND x.by_seq > x.seq AND e.outcome = "
		    "'ok'"
		    " LEFT JOIN entry_body b ON b.seq = x.seq AND b.part = x.part"
		    " ORDER BY x.seq, x.part"));
	while (rows_next(&r)) {
		int64_t seq = rows_int(&r, 0);
		if (!str_eq(rows_str(&r, 3), S("ledger.erase")) ||
			!erasure_names(rows_str(&r, 4), seq, rows_str(&r, 1)))
			ledger_found(report, seq,
				"erasure [%" PRId64
				",\"%.*s\"]: no entry says that this was erased",
				seq, STR_ARG(rows_str(&r, 1)));
		else if (!rows_is_null(&r, 5))
			ledger_found(report, seq,
				"erasure [%" PRId64 ",\"%.*s\"]: what it says was erased is there",
				seq, STR_ARG(rows_str(&r, 1)));
	}
	end(&r);
}

/* ---- the schema ---- */

/* A text that became a blob of the same bytes is another schema, too.  Both are read side by side,
   because a stranger's may be of any size. */
static void objects(struct db *db, struct rows *r)
{
	db_query(db, r,
		SQL("SELECT type || ' ' || name, typeof(type) || typeof(name) || typeof(tbl_name)"
		    " || typeof(sql) || ' ' || tbl_name || ' ' || coalesce(sql, '')"
		    " FROM sqlite_schema ORDER BY type || ' ' || name"));
}

static void check_schema(struct db *db, struct db *fresh, struct ledger_report *report)
{
	struct rows is, should;

	objects(db, &is);
	objects(fresh, &should);
	bool has = rows_next(&is), wants = rows_next(&should);
	while (has || wants) {
		int order = !has     ? 1
			: !wants     ? -1
				     : str_cmp(rows_str(&is, 0), rows_str(&should, 0));
		str name = rows_str(order > 0 ? &should : &is, 0);
		if (order == 0 && !str_eq(rows_str(&is, 1), rows_str(&should, 1)))
			ledger_found(report, -1, "the schema was changed: %.*s is another",
				STR_ARG(name));
		else if (order)
			ledger_found(report, -1, "the schema was changed: %.*s is %s",
				STR_ARG(name), order < 0 ? "too many" : "missing");
		has = order <= 0 ? rows_next(&is) : has;
		wants = order >= 0 ? rows_next(&should) : wants;
	}
	end(&is);
	end(&should);
}

static void close_arena(void *arena)
{
	arena_close(arena);
}

void reconcile(struct db *db, struct db *fresh, const struct walked *walked, struct arena *scratch,
	struct ledger_report *r, struct err *e)
{
	struct journal j = {.db = db, .walked = walked, .report = r, .scratch = scratch};
	struct arena_guard guard;
	struct arena big;
	uint64_t slots = 1024;

	/* Rows that no entry wrote take a slot for a moment each, but are never kept. */
	int64_t lines = count_lines(&j);
	note_failure(db, e, r, "the row journal");
	while ((int64_t)slots < lines * 2)
		slots *= 2;
	arena_open(&big, (isize)(slots * sizeof *j.slot) + (8 << 20));
	arena_guard(&guard, close_arena, &big);
	j.slot = NEW(&big, struct slot, (isize)slots);
	j.mask = slots - 1;
	check_rows(&j, e);
	arena_unguard(&guard);
	arena_close(&big);
	ledger_findings_of(r, "table erasure");
	check_erasures(db, r);
	note_failure(db, e, r, "table erasure");
	ledger_findings_of(r, "the schema");
	if (fresh)
		check_schema(db, fresh, r);
	note_failure(db, e, r, "the schema");
}
