/*
 * Falsification, from the schema: whatever is changed in a store behind Ward's back is found.
 *
 * The store holds the worked example with sessions, tokens, signatures, links, checkpoints and an
 * erasure.  Its schema is read, so that a table or column that somebody adds is tried the day it is
 * made: in each column of each table one value is changed; of each table a row is deleted, one is
 * invented, two are swapped; bits of the file are flipped.  Changes of different tables are made
 * together, one a table, and each table has to be named.  What is free stands in db_free.
 */
#include "crypt/keeper.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "ledger/ledger_in.h"
#include "serve/keeper.h"
#include "store.h"

#include <sqlite3.h>
#include <unistd.h>

enum { TABLES_MAX = 200, COLUMNS_MAX = 128, FILE_BYTES = 64 << 20 };

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
	struct verifier_key key;
	struct checkpoint expected;
	struct table *table;
	int count;
};

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
	append(t, c, S("ledger.erase"), S("entry:7"));
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

static void make_base(struct test_case *t, struct base *b)
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
	fill(t, c, k);
	CHECK(keeper_ask_state(k, &state, &e));
	b->key = vkey_make(state.origin, &state.key);
	b->key.name = str_dup(t->arena, b->key.name);
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
		store_verify(&c, &b->key, b->expected.size ? &b->expected : NULL,
			store_schema(t->arena, S("sqlite")), out);
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
	out->entries = db_int(db, SQL("SELECT count(*) FROM entry"));
	reconcile(db, NULL, &scratch, out);
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

/* The file anew, open for what no code of ours does; the ledger's triggers are out of the way until
   close_raw(). */
static sqlite3 *open_raw(struct test_case *t, struct base *b)
{
	struct err e = {0};
	sqlite3 *h;

	for (int i = 0; i < 2; i++)
		unlink(cstr(t->arena,
			str_fmt(t->arena, "%.*s%s", STR_ARG(b->file), i ? "-shm" : "-wal")));
	CHECK(file_write(t->arena, b->file, b->bytes, 0600, &e));
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
	if (done && verify(t, b, &r) && r.finding_count == 0)
		test_fail(t, __FILE__, __LINE__, "%s: %.*s.%.*s is not found", what,
			STR_ARG(k->name), STR_ARG(commit ? S("*") : k->column[column]));
	arena_rewind(t->arena, mark);
}

TEST(whatever_is_changed_behind_our_back_is_found, "LED-REQ-02")
{
	static const struct {
		const char *what;
		crime *commit;
	} kinds_of_crime[] = {
		{"deleted", delete_row}, {"invented", invent_row}, {"swapped", swap_rows}};
	struct base b = {0};
	struct ledger_report r = {0};
	struct err e = {0};
	int columns = 0;

	CHECK(crypt_init());
	make_base(t, &b);
	CHECK(verify(t, &b, &r));
	CHECK_INT(r.finding_count, 0);
	if (r.findings)
		test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(r.findings->text));
	for (int i = 0; i < b.count; i++)
		columns = b.table[i].column_count > columns ? b.table[i].column_count : columns;
	for (int i = 0; i < columns; i++)
		together(t, &b, "changed", NULL, i);
	for (int i = 0; i < COUNT_OF(kinds_of_crime); i++)
		together(t, &b, kinds_of_crime[i].what, kinds_of_crime[i].commit, 0);
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

TEST_MAIN()
