/*
 * Falsification, from the schema: whatever is changed in a store behind Ward's back is found.
 *
 * The store holds the worked example with sessions, tokens, signatures, links, checkpoints and an
 * erasure.  Its schema is read, so that a table or column that somebody adds is tried the day it is
 * made: in each column of each table one value is changed; of each table a row is deleted, one is
 * invented, one is copied onto another, two are swapped.  Changes of different tables are made
 * together, one a table, and each table has to be named.  Bits are flipped at random: of values,
 * and of the file of a small store, where whatever changes what SQL reads has to be found.  What
 * is free stands in db_free.  The inner tables of search are for test_search_verify.c.
 *
 * That a change of any column is another line of the journal is tried for all of them; that the
 * whole of verification finds it, for some columns drawn at random, or with WARD_FLIPS for all.
 *
 * WARD_FLIPS is how many bits of each sort are flipped (200), WARD_SEED the beginning of the row
 * of random numbers.
 */
#include "crypt/keeper.h"
#include "db/db_in.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "kind/kind_in.h"
#include "ledger/ledger_in.h"
#include "serve/keeper.h"
#include "store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WORDS_MAX = 10000,
	TABLES_MAX = 200,
	COLUMNS_MAX = 128,
	COLUMNS_TRIED = 8,
	FILE_BYTES = 64 << 20
};

struct table {
	str name;
	str column[COLUMNS_MAX], type[COLUMNS_MAX];
	bool is_key[COLUMNS_MAX];
	int column_count;
	int64_t rows;
	bool is_tree, was_hit;
};

struct base {
	str folder, file, bytes;
	struct ledger_known known;
	struct hash_key mark_key;
	struct table *table;
	int count;
	str *word; /* that search finds */
	isize word_count;
};

/* ---- what the environment asks for ---- */

static int64_t number_of(const char *variable, int64_t otherwise)
{
	const char *given = getenv(variable);
	int64_t n = otherwise;

	return given && str_int(str_of(given), 1, INT64_MAX, &n) ? n : otherwise;
}

/* ---- the store ---- */

static str read_example(struct test_case *t, const char *name)
{
	struct err e = {0};
	str text = S("");

	CHECK(file_read(
		t->arena, str_fmt(t->arena, "examples/surgerycloud/%s", name), 1 << 20, &text, &e));
	return text;
}

static void append(struct test_case *t, struct call *c, str act, str object)
{
	struct entry e = {.act = act, .object = object, .outcome = S("ok"), .body = S("{}")};

	CHECK(ledger_append(c, &e));
}

static void sign(struct test_case *t, struct call *c, struct keeper *k)
{
	struct err e = {0};

	CHECK(store_commit(t, c));
	db_rollback(c->db);
	CHECK(ledger_checkpoint(c->ledger, c->db, k, t->arena, c->now_us, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK(db_begin(c->db, &c->err));
}

/* A pending revision that is open, and one that came into force before. */
static void revise(struct test_case *t, struct call *c)
{
	struct who program = c->who;
	struct rec *rec;

	c->who.is_loader = false;
	c->reason = S("a change");
	for (int i = 0; i < 2; i++) {
		CHECK(kind_get_any(c, S("AGR-01"), &rec));
		rec->body = str_fmt(t->arena, "Version %d", i);
		CHECK(kind_put(c, rec, S("document.update")) && rec->base);
		if (i)
			break;
		((struct document *)rec)->author = S("P05");
		CHECK(kind_put(c, rec, S("document.update")));
		CHECK(kind_move(c, rec, DOCUMENT_STATE_IN_REVIEW));
		c->who.ref = S("P09");
		CHECK(kind_move(c, rec, DOCUMENT_STATE_APPROVED));
		((struct document *)rec)->effective_on = 20000;
		CHECK(kind_put(c, rec, S("document.update")));
		CHECK(kind_move(c, rec, DOCUMENT_STATE_EFFECTIVE) && !rec->base);
	}
	for (const struct issue *x = c->err.issues; x; x = x->next)
		printf("# %.*s: %.*s\n", STR_ARG(x->field), STR_ARG(x->text));
	c->who = program;
}

/* Something in every table that anything writes. */
static void fill(struct test_case *t, struct call *c, struct keeper *k)
{
	struct demo_report *report = NEW(t->arena, struct demo_report, 1);
	struct demo_files files = {read_example(t, "tables.json"), read_example(t, "extra.json")};
	str token, csrf, value, person, id, scope;

	CHECK(db_setting_put(c->db, S("origin"), S("ward.example/test")));
	CHECK(db_setting_put(c->db, S("schema"), str_fmt(t->arena, "%d", DB_SCHEMA)));
	CHECK(demo_load(c, &files, report));
	sign(t, c, k);
	revise(t, c);
	CHECK(credential_put(c, S("P05"), S("mei"), S("$argon2id$one")));
	CHECK(credential_put(c, S("P09"), S("hanna"), S("$argon2id$two")));
	for (int i = 0; i < 3; i++) {
		CHECK(session_open(c, i % 2 ? S("P05") : S("P09"), S(""), &token, &csrf));
		CHECK(token_make(
			c, S("P05"), str_fmt(t->arena, "Script %d", i), S("*"), 10, &value));
	}
	CHECK(token_find(c, value, &person, &id, &scope));
	CHECK(token_revoke(c, id));
	CHECK(session_close(c, token));
	CHECK(credential_failed(c, S("nobody"), S("192.0.2.1")));
	CHECK(setup_make(c, &token));
	append(t, c, S("setup.issue"), S(""));
	sign(t, c, k);
	append(t, c, S("ledger.erase"), S("entry:7/private"));
	int64_t by = db_int(c->db, SQL("SELECT max(seq) FROM entry"));
	CHECK(db_exec(
		c->db, SQL_LEDGER("DELETE FROM entry_body WHERE seq = 7 AND part = 'private'")));
	CHECK(db_exec(c->db,
		SQL_LEDGER("INSERT INTO erasure(seq, part, by_seq) VALUES(7, 'private', $1)"),
		V(by)));
	sign(t, c, k);
	append(t, c, S("store.note"), S(""));
	CHECK(store_commit(t, c));
}

static struct table *read_schema(struct test_case *t, str file, int *count)
{
	struct table *table = NEW(t->arena, struct table, TABLES_MAX);
	sqlite3_stmt *s;
	sqlite3 *h;
	int n = -1;

	CHECK_INT(sqlite3_open_v2(cstr(t->arena, file), &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(h,
			  "SELECT m.name, p.name, p.type, p.pk FROM sqlite_schema m,"
			  " pragma_table_info(m.name) p WHERE m.type = 'table'"
			  " AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search%'"
			  " ORDER BY m.name, p.cid",
			  -1, &s, NULL),
		SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		str name = str_of((const char *)sqlite3_column_text(s, 0));
		if (n < 0 || !str_eq(name, table[n].name))
			table[++n].name = str_dup(t->arena, name);
		struct table *k = &table[n];
		int at = k->column_count++;
		k->column[at] = str_dup(t->arena, str_of((const char *)sqlite3_column_text(s, 1)));
		k->type[at] = str_dup(t->arena, str_of((const char *)sqlite3_column_text(s, 2)));
		k->is_key[at] = sqlite3_column_int(s, 3) > 0;
		static const char *const tree[] = {
			"entry", "entry_body", "tile", "checkpoint", "erasure"};
		for (int i = 0; i < COUNT_OF(tree); i++)
			k->is_tree |= str_eq(k->name, str_of(tree[i]));
	}
	sqlite3_finalize(s);
	*count = n + 1;
	for (int i = 0; i < *count; i++) {
		str sql =
			str_fmt(t->arena, "SELECT count(*) FROM \"%.*s\"", STR_ARG(table[i].name));
		sqlite3_prepare_v2(h, cstr(t->arena, sql), -1, &s, NULL);
		sqlite3_step(s);
		table[i].rows = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
	}
	sqlite3_close(h);
	return table;
}

/* A few rows: what is read for each of many bits has to be short. */
static void fill_little(struct test_case *t, struct call *c, struct keeper *k)
{
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
	str token, csrf;

	CHECK(db_setting_put(c->db, S("origin"), S("ward.example/test")));
	p->rec.title = S("Mei");
	CHECK(kind_put(c, p, S("person.create")));
	for (int i = 0; i < 6; i++) {
		struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
		a->rec.title = str_fmt(c->arena, "Asset %d", i);
		a->rec.owner = p->rec.ref;
		a->type = 1;
		CHECK(kind_put(c, a, S("asset.create")));
		a->rec.title = S("Another title");
		CHECK(kind_put(c, a, S("asset.update")));
	}
	sign(t, c, k);
	CHECK(credential_put(c, p->rec.ref, S("mei"), S("$argon2id$one")));
	CHECK(session_open(c, p->rec.ref, S(""), &token, &csrf));
	append(t, c, S("session.open"), S(""));
	sign(t, c, k);
	append(t, c, S("store.note"), S(""));
	CHECK(store_commit(t, c));
}

static void read_words(struct test_case *t, struct base *b)
{
	sqlite3_stmt *s;
	sqlite3 *h;

	b->word = NEW(t->arena, str, WORDS_MAX);
	CHECK_INT(sqlite3_open_v2(cstr(t->arena, b->file), &h, SQLITE_OPEN_READONLY, NULL),
		SQLITE_OK);
	CHECK_INT(
		sqlite3_exec(h, "CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, search, row)",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_prepare_v2(h, "SELECT term FROM temp.word", -1, &s, NULL);
	while (b->word_count < WORDS_MAX && sqlite3_step(s) == SQLITE_ROW)
		b->word[b->word_count++] =
			str_dup(t->arena, str_of((const char *)sqlite3_column_text(s, 0)));
	sqlite3_finalize(s);
	sqlite3_close(h);
	CHECK(b->word_count > 0);
}

typedef void filler(struct test_case *t, struct call *c, struct keeper *k);

static void make_base(struct test_case *t, struct base *b, filler *fill_in)
{
	struct call *c = store_open(t, S("2025-11-01T06:00:00Z"));
	struct keeper_state state;
	struct keeper *k;
	struct err e = {0};
	str store = store_folder(c), folder;
	int pid;

	CHECK(folder_temp(t->arena, &b->folder, &e));
	folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(b->folder));
	CHECK(keeper_create(t->arena, folder, S("ward.example/test"), &e));
	CHECK(keeper_start(&k, t->arena, folder, KEEPER_THREAD, &pid, &e));
	db_rollback(c->db);
	CHECK(ledger_keep(c->ledger, t->arena, c->db, k, &e));
	CHECK(db_begin(c->db, &c->err));
	fill_in(t, c, k);
	CHECK(keeper_ask_state(k, &state, &e));
	b->mark_key = state.mark_key;
	b->known = (struct ledger_known){
		.key = vkey_make(state.origin, &state.key), .mark_key = &b->mark_key};
	b->known.key.name = str_dup(t->arena, b->known.key.name);
	keeper_close(k);
	db_rollback(c->db);
	CHECK(db_script(c->db, S("PRAGMA wal_checkpoint(TRUNCATE)"), &e));
	CHECK(file_read(t->arena, str_fmt(t->arena, "%.*s/ward.db", STR_ARG(store)), FILE_BYTES,
		&b->bytes, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK(db_begin(c->db, &c->err));
	store_close(t, c);
	b->file = str_fmt(t->arena, "%.*s/ward.db", STR_ARG(b->folder));
	CHECK(file_write(t->arena, b->file, b->bytes, 0600, &e));
	b->table = read_schema(t, b->file, &b->count);
	read_words(t, b);
}

/* ---- verifying ---- */

/* True when the store can be opened and verified at all. */
static bool verify(struct test_case *t, struct base *b, struct ledger_report *out)
{
	struct call c = {.arena = t->arena, .at_us = TIME_NONE};
	bool ok;

	c.err.arena = t->arena;
	if (!db_open(&c.db, t->arena, b->file, DB_AUDIT, &c.err))
		return false;
	ok = db_begin_read(c.db, &c.err) &&
		store_verify(&c, &b->known, store_schema(t->arena, S("sqlite")), out);
	db_rollback(c.db);
	db_close(c.db);
	return ok;
}

/* The rows alone, which is what names them: the rest of a verification takes longer. */
static bool verify_rows(struct test_case *t, struct base *b, struct ledger_report *out)
{
	struct err e = {0};
	struct arena scratch; /* what it gives back must not take the findings along */
	struct db *db;

	if (!db_open(&db, t->arena, b->file, DB_AUDIT, &e))
		return false;
	arena_open(&scratch, FILE_BYTES);
	*out = (struct ledger_report){.arena = t->arena, .end = &out->findings};
	bool ok = db_begin_read(db, &e);
	int64_t entries = db_int(db, SQL("SELECT count(*) FROM entry"));
	struct walked whole = {.end = entries, .is_cut = true};
	reconcile(db, NULL, &whole, &scratch, out, &e);
	arena_close(&scratch);
	db_rollback(db);
	db_close(db);
	return ok;
}

static bool names(const struct ledger_report *r, str begin)
{
	for (const struct ledger_finding *f = r->findings; f; f = f->next)
		if (str_starts(f->text, begin))
			return true;
	return false;
}

/* The ledger and the rows; the records and the index of search, which are not part of the tree,
   take longer. */
static bool verify_tree(struct test_case *t, struct base *b, struct ledger_report *out)
{
	const struct record_source rows_alone = {0};
	struct err e = {0};
	struct db *db;

	if (!db_open(&db, t->arena, b->file, DB_AUDIT, &e))
		return false;
	bool ok = db_begin_read(db, &e) &&
		ledger_verify(db, t->arena, &b->known, &rows_alone, out, &e);
	db_rollback(db);
	db_close(db);
	return ok;
}

/* Puts the bytes back, without waiting for the disk as file_write() would. */
static void restore(struct test_case *t, struct base *b)
{
	int fd;

	for (int i = 0; i < 2; i++)
		unlink(cstr(t->arena,
			str_fmt(t->arena, "%.*s%s", STR_ARG(b->file), i ? "-shm" : "-wal")));
	fd = open(cstr(t->arena, b->file), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, b->bytes.p, (size_t)b->bytes.n), b->bytes.n);
	close(fd);
}

/* The file anew, open for what no code of ours does; the ledger's triggers are out of the way until
   close_raw(). */
static sqlite3 *open_raw(struct test_case *t, struct base *b)
{
	sqlite3 *h;

	restore(t, b);
	CHECK_INT(sqlite3_open(cstr(t->arena, b->file), &h), SQLITE_OK);
	sqlite3_exec(h,
		"BEGIN; CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_schema WHERE type = "
		"'trigger'",
		NULL, NULL, NULL);
	sqlite3_exec(h,
		"DROP TRIGGER entry_not_updated; DROP TRIGGER entry_not_deleted;"
		"DROP TRIGGER tile_not_updated; DROP TRIGGER tile_not_deleted;"
		"DROP TRIGGER checkpoint_not_updated; DROP TRIGGER checkpoint_not_deleted",
		NULL, NULL, NULL);
	return h;
}

static void close_raw(struct test_case *t, sqlite3 *h)
{
	sqlite3_stmt *s;
	str sql[16];
	int n = 0;

	sqlite3_prepare_v2(h, "SELECT sql FROM temp.kept", -1, &s, NULL);
	while (n < 16 && sqlite3_step(s) == SQLITE_ROW)
		sql[n++] = str_dup(t->arena, str_of((const char *)sqlite3_column_text(s, 0)));
	sqlite3_finalize(s);
	CHECK_INT(n, 6);
	for (int i = 0; i < n; i++)
		CHECK_INT(sqlite3_exec(h, cstr(t->arena, sql[i]), NULL, NULL, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_exec(h, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(h);
}

/* True when the statement changed at least one row. */
static bool changes(struct test_case *t, sqlite3 *h, str sql)
{
	int64_t before = sqlite3_total_changes64(h);

	return sqlite3_exec(h, cstr(t->arena, sql), NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_total_changes64(h) > before;
}

/* ---- the crimes ---- */

static bool change_value(struct test_case *t, sqlite3 *h, const struct table *k, int column)
{
	str name = k->column[column], type = k->type[column];
	str quoted = str_fmt(t->arena, "\"%.*s\"", STR_ARG(name));
	char value[200];

	if (str_eq(type, S("INTEGER")))
		snprintf(value, sizeof value, "coalesce(%.*s, 0) + 1000003", STR_ARG(quoted));
	else if (str_eq(type, S("BLOB")))
		snprintf(value, sizeof value, "CAST(coalesce(%.*s, x'') || x'01' AS BLOB)",
			STR_ARG(quoted));
	else
		snprintf(value, sizeof value, "coalesce(%.*s, '') || 'x'", STR_ARG(quoted));
	return changes(t, h,
		str_fmt(t->arena,
			"UPDATE \"%.*s\" SET %.*s = %s WHERE rowid = (SELECT %s(rowid) FROM "
			"\"%.*s\")",
			STR_ARG(k->name), STR_ARG(quoted), value, k->is_tree ? "min" : "max",
			STR_ARG(k->name)));
}

static bool delete_row(struct test_case *t, sqlite3 *h, const struct table *k)
{
	return changes(t, h,
		str_fmt(t->arena,
			"DELETE FROM \"%.*s\" WHERE rowid = (SELECT min(rowid) FROM \"%.*s\")",
			STR_ARG(k->name), STR_ARG(k->name)));
}

/* A copy of a row under another key, or one out of nothing. */
static bool invent_row(struct test_case *t, sqlite3 *h, const struct table *k)
{
	struct buf b;

	buf_init(&b, t->arena, 10000);
	buf_fmt(&b, "INSERT INTO \"%.*s\" SELECT ", STR_ARG(k->name));
	for (int i = 0; i < k->column_count; i++) {
		bool is_number = str_eq(k->type[i], S("INTEGER"));
		bool is_blob = str_eq(k->type[i], S("BLOB"));
		const char *made = is_number ? "4711" : is_blob ? "x'4711'" : "'invented'";
		bool is_unique = k->is_key[i] || str_eq(k->column[i], S("id")) ||
			str_eq(k->column[i], S("sign_in"));
		buf_add(&b, i ? S(", ") : S(""));
		if (k->rows && !is_unique)
			buf_fmt(&b, "\"%.*s\"", STR_ARG(k->column[i]));
		else
			buf_add(&b, str_of(made));
	}
	if (k->rows)
		buf_fmt(&b, " FROM \"%.*s\" LIMIT 1", STR_ARG(k->name));
	return changes(t, h, buf_str(&b));
}

/* The values of a column change places between two rows where they differ. */
static bool swap_rows(struct test_case *t, sqlite3 *h, const struct table *k)
{
	for (int i = k->column_count - 1; i >= 0; i--) {
		str name = k->column[i], table = k->name;
		if (k->is_key[i] || db_is_free(table, name))
			continue;
		if (changes(t, h,
			    str_fmt(t->arena,
				    "WITH p AS (SELECT a.rowid one, b.rowid two FROM \"%.*s\" a,"
				    " \"%.*s\" b WHERE a.\"%.*s\" IS NOT b.\"%.*s\" LIMIT 1)"
				    " UPDATE \"%.*s\" SET \"%.*s\" = (SELECT o.\"%.*s\" FROM "
				    "\"%.*s\""
				    " o, p WHERE o.rowid = CASE \"%.*s\".rowid WHEN p.one THEN "
				    "p.two"
				    " ELSE p.one END) WHERE rowid IN (SELECT one FROM p UNION "
				    "SELECT"
				    " two FROM p)",
				    STR_ARG(table), STR_ARG(table), STR_ARG(name), STR_ARG(name),
				    STR_ARG(table), STR_ARG(name), STR_ARG(name), STR_ARG(table),
				    STR_ARG(table))))
			return true;
	}
	return false;
}

static str columns_of(struct test_case *t, const struct table *k, const char *before)
{
	struct buf b;

	buf_init(&b, t->arena, 10000);
	for (int i = 0; i < k->column_count; i++)
		if (!k->is_key[i] && !db_is_free(k->name, k->column[i]))
			buf_fmt(&b, "%s%s\"%.*s\"", b.n ? ", " : "", before, STR_ARG(k->column[i]));
	return buf_str(&b);
}

/* Takes the contents of two rows that differ; false when there are none. */
static bool take_pair(struct test_case *t, sqlite3 *h, const struct table *k, str columns)
{
	sqlite3_exec(h, "DROP TABLE IF EXISTS temp.pair", NULL, NULL, NULL);
	return columns.n &&
		sqlite3_exec(h,
			cstr(t->arena,
				str_fmt(t->arena,
					"CREATE TEMP TABLE pair AS SELECT rowid rid, * FROM "
					"\"%.*s\""
					" WHERE rowid IN (SELECT min(rowid) FROM \"%.*s\" GROUP BY"
					" %.*s ORDER BY 1 LIMIT 2)",
					STR_ARG(k->name), STR_ARG(k->name), STR_ARG(columns))),
			NULL, NULL, NULL) == SQLITE_OK;
}

/* Everything of one row but its key stands in another too. */
static bool copy_row(struct test_case *t, sqlite3 *h, const struct table *k)
{
	str columns = columns_of(t, k, "");

	return take_pair(t, h, k, columns) &&
		changes(t, h,
			str_fmt(t->arena,
				"UPDATE \"%.*s\" SET (%.*s) = (SELECT %.*s FROM temp.pair"
				" ORDER BY rid LIMIT 1) WHERE rowid = (SELECT max(rid) FROM "
				"temp.pair)"
				" AND (SELECT count(*) FROM temp.pair) = 2",
				STR_ARG(k->name), STR_ARG(columns), STR_ARG(columns)));
}

/* Two rows change keys: two signatures, two links, two grants. */
static bool swap_whole(struct test_case *t, sqlite3 *h, const struct table *k)
{
	str columns = columns_of(t, k, "");

	return take_pair(t, h, k, columns) &&
		changes(t, h,
			str_fmt(t->arena,
				"UPDATE \"%.*s\" SET (%.*s) = (SELECT %.*s FROM temp.pair p WHERE"
				" p.rid <> \"%.*s\".rowid) WHERE rowid IN (SELECT rid FROM "
				"temp.pair)"
				" AND (SELECT count(*) FROM temp.pair) = 2",
				STR_ARG(k->name), STR_ARG(columns), STR_ARG(columns),
				STR_ARG(k->name)));
}

typedef bool crime(struct test_case *t, sqlite3 *h, const struct table *k);

/* Hits table `k` once; true when something was changed. */
static bool hit(struct test_case *t, sqlite3 *h, const struct table *k, crime *commit, int column)
{
	if (k->is_tree)
		return false;
	if (commit)
		return commit(t, h, k);
	if (column >= k->column_count || k->rows == 0)
		return false;
	if (change_value(t, h, k, column))
		return true;
	test_fail(t, __FILE__, __LINE__, "%.*s.%.*s could not be changed: %s", STR_ARG(k->name),
		STR_ARG(k->column[column]), sqlite3_errmsg(h));
	return false;
}

/* What was hit is named, unless it is free; then it is not. */
static void check_named(struct test_case *t, const struct ledger_report *r, const char *what,
	const struct table *k, str column)
{
	str begin = str_fmt(t->arena, "%.*s [", STR_ARG(k->name));
	bool is_free = db_is_free(k->name, column);

	if (k->was_hit && names(r, begin) == is_free)
		test_fail(t, __FILE__, __LINE__, "%s: %.*s.%.*s is %s", what, STR_ARG(k->name),
			STR_ARG(column), is_free ? "free, but found" : "not found");
}

/* Each table that is not the tree's own is hit once, and has to be named. */
static void together(
	struct test_case *t, struct base *b, const char *what, crime *commit, int column)
{
	struct arena_mark mark = arena_here(t->arena);
	struct ledger_report r = {0};
	sqlite3 *h = open_raw(t, b);

	for (int i = 0; i < b->count; i++)
		b->table[i].was_hit = hit(t, h, &b->table[i], commit, column);
	close_raw(t, h);
	CHECK(verify_rows(t, b, &r));
	for (int i = 0; i < b->count; i++) {
		const struct table *k = &b->table[i];
		bool has = !commit && column < k->column_count;
		check_named(t, &r, what, k, has ? k->column[column] : S(""));
	}
	arena_rewind(t->arena, mark);
}

/* A crime against the tree's own tables is committed alone: its findings are about entries. */
static void alone(struct test_case *t, struct base *b, const char *what, const struct table *k,
	crime *commit, int column)
{
	struct arena_mark mark = arena_here(t->arena);
	struct ledger_report r = {0};
	sqlite3 *h = open_raw(t, b);
	bool done = commit ? commit(t, h, k) : change_value(t, h, k, column);

	close_raw(t, h);
	if (done && verify_tree(t, b, &r) && r.finding_count == 0)
		test_fail(t, __FILE__, __LINE__, "%s: %.*s.%.*s is not found", what,
			STR_ARG(k->name), STR_ARG(commit ? S("*") : k->column[column]));
	arena_rewind(t->arena, mark);
}

/* The rows that rights and decisions rest on were there to be hit. */
static void check_hit(struct test_case *t, const struct base *b, const char *what)
{
	static const char *const must[] = {"signature", "link", "access_grant", "session", "risk"};

	for (int i = 0; i < COUNT_OF(must); i++) {
		bool was_hit = false;
		for (int n = 0; n < b->count; n++)
			was_hit |= b->table[n].was_hit && str_eq(b->table[n].name, str_of(must[i]));
		if (!was_hit)
			test_fail(
				t, __FILE__, __LINE__, "%s: no row of %s could be", what, must[i]);
	}
}

/* The line of the journal for the row that change_value() changes. */
static str line_of(struct test_case *t, sqlite3 *h, const struct table *k)
{
	struct journal_table table;
	struct buf key, line;
	uint8_t hash[HASH_BYTES];
	sqlite3_stmt *s;

	str sql = str_fmt(t->arena,
		"SELECT * FROM \"%.*s\" WHERE rowid = (SELECT max(rowid) FROM \"%.*s\")",
		STR_ARG(k->name), STR_ARG(k->name));
	buf_init(&key, t->arena, 1 << 20);
	buf_init(&line, t->arena, 1 << 20);
	CHECK(journal_table(h, k->name, &table));
	CHECK_INT(sqlite3_prepare_v2(h, cstr(t->arena, sql), -1, &s, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_step(s), SQLITE_ROW);
	CHECK(journal_row(s, &table, &key, hash));
	journal_line(&line, &table, buf_str(&key), hash);
	sqlite3_finalize(s);
	return buf_str(&line);
}

/* No column of a table is left out of the lines that verification compares. */
static void check_columns(struct test_case *t, sqlite3 *h, const struct table *k)
{
	str before = line_of(t, h, k);

	for (int i = 0; i < k->column_count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		sqlite3_exec(h, "SAVEPOINT one", NULL, NULL, NULL);
		bool is_free = db_is_free(k->name, k->column[i]);
		if (!change_value(t, h, k, i))
			test_fail(t, __FILE__, __LINE__, "%.*s.%.*s could not be changed: %s",
				STR_ARG(k->name), STR_ARG(k->column[i]), sqlite3_errmsg(h));
		else if (str_eq(before, line_of(t, h, k)) != is_free)
			test_fail(t, __FILE__, __LINE__, "%.*s.%.*s is %s in the journal",
				STR_ARG(k->name), STR_ARG(k->column[i]),
				is_free ? "free, but" : "not");
		sqlite3_exec(h, "ROLLBACK TO one; RELEASE one", NULL, NULL, NULL);
		arena_rewind(t->arena, mark);
	}
}

static void check_journal(struct test_case *t, struct base *b)
{
	sqlite3 *h = open_raw(t, b);
	int tables = 0;

	for (int i = 0; i < b->count; i++) {
		const struct table *k = &b->table[i];
		if (k->is_tree || !k->rows || !ledger_vouches(k->name))
			continue;
		check_columns(t, h, k);
		tables++;
	}
	close_raw(t, h);
	printf("# %d of %d tables have rows\n", tables, b->count);
	CHECK(tables > 50);
}

/* ---- bits ---- */

/* Another value in place of that of one column of a row, which differs in one bit. */
static bool flip_value(struct test_case *t, sqlite3 *h, const struct table *k, uint64_t *random)
{
	str name = k->column[test_random(random, k->column_count)];
	int64_t row = k->rows ? test_random(random, k->rows) : 0;
	sqlite3_stmt *s = NULL, *u = NULL;
	bool done = false;

	str from = str_fmt(t->arena, "SELECT rowid, \"%.*s\" FROM \"%.*s\" LIMIT 1 OFFSET %" PRId64,
		STR_ARG(name), STR_ARG(k->name), row);
	str to = str_fmt(t->arena, "UPDATE \"%.*s\" SET \"%.*s\" = ?2 WHERE rowid = ?1",
		STR_ARG(k->name), STR_ARG(name));
	sqlite3_prepare_v2(h, cstr(t->arena, from), -1, &s, NULL);
	sqlite3_prepare_v2(h, cstr(t->arena, to), -1, &u, NULL);
	int type = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_type(s, 1) : SQLITE_NULL;
	int bytes = type == SQLITE_NULL ? 0 : sqlite3_column_bytes(s, 1);
	sqlite3_bind_int64(u, 1, sqlite3_column_int64(s, 0));
	if (type == SQLITE_INTEGER) {
		int64_t bit = INT64_C(1) << test_random(random, 63);
		sqlite3_bind_int64(u, 2, sqlite3_column_int64(s, 1) ^ bit);
	} else if (bytes) {
		str value = str_dup(t->arena, (str){sqlite3_column_blob(s, 1), bytes});
		char *at = (char *)(uintptr_t)value.p + test_random(random, bytes);
		*at = (char)(*at ^ 1 << test_random(random, 8));
		if (type == SQLITE_BLOB)
			sqlite3_bind_blob(u, 2, value.p, bytes, SQLITE_STATIC);
		else
			sqlite3_bind_text(u, 2, value.p, bytes, SQLITE_STATIC);
	}
	if (type == SQLITE_INTEGER || bytes)
		done = sqlite3_step(u) == SQLITE_DONE && sqlite3_changes(h) == 1;
	sqlite3_finalize(s);
	sqlite3_finalize(u);
	return done;
}

/* A bit of a value of each table; returns how many were flipped. */
static int flip_values(struct test_case *t, struct base *b, uint64_t *random)
{
	struct arena_mark mark = arena_here(t->arena);
	struct ledger_report r = {0};
	sqlite3 *h = open_raw(t, b);
	int flips = 0;

	for (int i = 0; i < b->count; i++) {
		struct table *k = &b->table[i];
		k->was_hit = !k->is_tree && k->rows && flip_value(t, h, k, random);
		flips += k->was_hit;
	}
	close_raw(t, h);
	CHECK(verify_rows(t, b, &r));
	for (int i = 0; i < b->count; i++)
		check_named(t, &r, "a bit of", &b->table[i], S(""));
	arena_rewind(t->arena, mark);
	return flips;
}

/* A bit of the tables that the tree is made of. */
static void flip_tree(struct test_case *t, struct base *b, uint64_t *random)
{
	struct arena_mark mark = arena_here(t->arena);
	struct ledger_report r = {0};
	struct table *k = &b->table[test_random(random, b->count)];

	while (!k->is_tree || k->rows == 0)
		k = &b->table[test_random(random, b->count)];
	sqlite3 *h = open_raw(t, b);
	bool done = flip_value(t, h, k, random);
	close_raw(t, h);
	if (done && verify_tree(t, b, &r) && r.finding_count == 0)
		test_fail(t, __FILE__, __LINE__, "a bit of %.*s is not found", STR_ARG(k->name));
	arena_rewind(t->arena, mark);
}

static void flip_many(struct test_case *t, struct base *b, uint64_t *random)
{
	int64_t want = number_of("WARD_FLIPS", 200), flips = 0;

	while (flips < want && t->failures == 0)
		flips += flip_values(t, b, random);
	for (int64_t i = 0; i < want / 20; i++)
		flip_tree(t, b, random);
	printf("# %" PRId64 " bits of values, %" PRId64 " of the tree\n", flips, want / 20);
}

TEST(whatever_is_changed_behind_our_back_is_found, "LED-REQ-02")
{
	static const struct {
		const char *what;
		crime *commit;
	} kinds_of_crime[] = {{"deleted", delete_row}, {"invented", invent_row},
		{"swapped", swap_rows}, {"copied", copy_row}, {"exchanged", swap_whole}};
	struct base b = {0};
	struct ledger_report r = {0};
	struct err e = {0};
	int columns = 0;

	CHECK(crypt_init());
	make_base(t, &b, fill);
	CHECK(verify(t, &b, &r));
	CHECK_INT(r.finding_count, 0);
	if (r.findings)
		test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(r.findings->text));
	for (int i = 0; i < b.count; i++)
		columns = b.table[i].column_count > columns ? b.table[i].column_count : columns;
	bool tries_all = getenv("WARD_FLIPS") != NULL;
	uint64_t random = (uint64_t)number_of("WARD_SEED", clock_mono());
	printf("# WARD_SEED=%" PRIu64 "\n", random);
	check_journal(t, &b);
	flip_many(t, &b, &random);
	for (int i = 0; i < (tries_all ? columns : COLUMNS_TRIED); i++)
		together(t, &b, "changed", NULL,
			tries_all ? i : (int)test_random(&random, i % 2 ? columns : 16));
	for (int i = 0; i < COUNT_OF(kinds_of_crime); i++) {
		together(t, &b, kinds_of_crime[i].what, kinds_of_crime[i].commit, 0);
		check_hit(t, &b, kinds_of_crime[i].what);
	}
	for (int i = 0; i < b.count; i++) {
		const struct table *k = &b.table[i];
		for (int n = 0; k->is_tree && n < k->column_count; n++)
			alone(t, &b, "changed", k, NULL, n);
		for (int n = 0; k->is_tree && n < COUNT_OF(kinds_of_crime); n++)
			alone(t, &b, kinds_of_crime[n].what, k, kinds_of_crime[n].commit, 0);
	}
	printf("# %d tables, up to %d columns\n", b.count, columns);
	CHECK(folder_remove(t->arena, b.folder, &e));
}

static void hash_answer(sqlite3 *h, const char *sql, str match, struct sha256 *sum, bool *ok)
{
	sqlite3_stmt *s = NULL;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) == SQLITE_OK &&
		(!match.n ||
			sqlite3_bind_text(s, 1, match.p, (int)match.n, SQLITE_STATIC) == SQLITE_OK))
		while ((step = sqlite3_step(s)) == SQLITE_ROW)
			for (int i = 0; i < sqlite3_column_count(s); i++) {
				char type = (char)sqlite3_column_type(s, i);
				int64_t n = sqlite3_column_bytes(s, i);
				const char *p = type == SQLITE_BLOB
					? sqlite3_column_blob(s, i)
					: (const char *)sqlite3_column_text(s, i);
				n = p ? sqlite3_column_bytes(s, i) : 0;
				const str piece[] = {{(const char *)sum->b, sizeof sum->b},
					{&type, 1}, {(const char *)&n, sizeof n}, {p, n}};
				*sum = sha256_of(piece, COUNT_OF(piece));
			}
	*ok = *ok && step == SQLITE_DONE;
	sqlite3_finalize(s);
}

static void hash_rows(sqlite3 *h, const char *sql, struct sha256 *sum, bool *ok)
{
	hash_answer(h, sql, S(""), sum, ok);
}

/* What search answers: each word, from both ends and by rank, and the beginnings of words. */
static void hash_search(
	struct test_case *t, const struct base *b, sqlite3 *h, struct sha256 *sum, bool *ok)
{
	static const char *const asked[] = {
		"SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid",
		"SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC",
		"SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY bm25(search, 0, 0, 8, 1), "
		"rowid"};

	for (isize i = 0; *ok && i < b->word_count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		str word = b->word[i], begin = str_part(word, 0, word.n < 3 ? word.n : 3);
		str match = str_fmt(t->arena, "\"%.*s\"", STR_ARG(word));
		for (int n = 0; n < COUNT_OF(asked); n++)
			hash_answer(h, asked[n], match, sum, ok);
		if (utf8_check(begin) < 0)
			hash_answer(h, asked[0], str_fmt(t->arena, "\"%.*s\"*", STR_ARG(begin)),
				sum, ok);
		arena_rewind(t->arena, mark);
	}
}

/* Everything that a query without an index can read of the file, but what is free. */
static bool read_all(struct test_case *t, const struct base *b, struct sha256 *sum)
{
	static const char *const search[] = {"SELECT * FROM search_content",
		"SELECT * FROM search_docsize", "SELECT * FROM search_config",
		"SELECT block FROM search_data WHERE id = 1"};
	bool ok = true;
	sqlite3 *h;

	*sum = sha256(S(""));
	str name = str_fmt(t->arena, "file:%.*s?immutable=1", STR_ARG(b->file));
	if (sqlite3_open_v2(cstr(t->arena, name), &h, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
		    NULL) != SQLITE_OK)
		ok = false;
	hash_rows(h, "SELECT type, name, tbl_name, sql FROM sqlite_schema", sum, &ok);
	for (int i = 0; ok && i < b->count; i++)
		if (!db_is_free(b->table[i].name, S("")))
			hash_rows(h,
				cstr(t->arena,
					str_fmt(t->arena, "SELECT * FROM \"%.*s\" NOT INDEXED",
						STR_ARG(b->table[i].name))),
				sum, &ok);
	for (int i = 0; ok && i < COUNT_OF(search); i++)
		hash_rows(h, search[i], sum, &ok);
	hash_search(t, b, h, sum, &ok);
	sqlite3_close(h);
	return ok;
}

/* ---- the file ---- */

/* One bit of the file: true when it changes what is read, and so had to be found. */
static bool flip_bit(
	struct test_case *t, struct base *b, isize at, int bit, const struct sha256 *before)
{
	struct arena_mark mark = arena_here(t->arena);
	char flipped = (char)(b->bytes.p[at] ^ 1 << bit);
	struct ledger_report r = {0};
	struct sha256 now;
	int fd = open(cstr(t->arena, b->file), O_WRONLY);

	CHECK_INT(pwrite(fd, &flipped, 1, at), 1);
	bool is_changed = !read_all(t, b, &now) || memcmp(now.b, before->b, sizeof now.b) != 0;
	if (is_changed && verify(t, b, &r) && r.finding_count == 0)
		test_fail(t, __FILE__, __LINE__, "bit %d of byte %td (page %td) is not found", bit,
			at, at / 4096 + 1);
	CHECK_INT(pwrite(fd, b->bytes.p + at, 1, at), 1);
	close(fd);
	arena_rewind(t->arena, mark);
	return is_changed;
}

TEST(a_flipped_bit_of_the_file_is_found, "LED-REQ-02")
{
	int64_t want = number_of("WARD_FLIPS", 200), flips = 0, tries = 0;
	uint64_t random = (uint64_t)number_of("WARD_SEED", clock_mono());
	struct base b = {0};
	struct ledger_report r = {0};
	struct sha256 before;
	struct err e = {0};

	printf("# WARD_SEED=%" PRIu64 "\n", random);
	CHECK(crypt_init());
	make_base(t, &b, fill_little);
	restore(t, &b);
	CHECK(read_all(t, &b, &before));
	CHECK(verify(t, &b, &r));
	CHECK_INT(r.finding_count, 0);
	while (flips < want && t->failures < 20) {
		isize at = (isize)test_random(&random, b.bytes.n);
		/* Most bytes that are zero are room in a page that nothing stands in. */
		if (b.bytes.p[at] == 0 && test_random(&random, 16))
			continue;
		flips += flip_bit(t, &b, at, (int)test_random(&random, 8), &before);
		tries++;
	}
	printf("# %" PRId64 " of %" PRId64 " bits changed what is read\n", flips, tries);
	CHECK(flips == want);
	CHECK(folder_remove(t->arena, b.folder, &e));
}

TEST_MAIN()
