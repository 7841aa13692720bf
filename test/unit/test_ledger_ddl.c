/* The tables of the ledger: what the store takes, and what it refuses to change. */
#include "db/db.h"
#include "ledger/ledger.h"
#include "test.h"

/* A row of each table, and whether the ledger keeps what it has of them. */
static const struct {
	const char *name, *row;
	bool is_kept;
} tables[] = {{"entry", "0, 1, 'act', 'object', 'actor', 'ok', 'why', x'00', x'00'", true},
	{"entry_body", "0, 'body', x'00', x'00'", false}, {"tile", "0, x'00', x'00'", true},
	{"checkpoint", "1, 'note', 2", true}, {"cosignature", "1, 'key', 'line'", false},
	{"anchor", "1, 'kind', x'00'", false}, {"erasure", "0, 'body', 0", false}};

static str script(struct test_case *t, str engine)
{
	struct buf b;

	buf_init(&b, t->arena, 20000);
	ledger_ddl(&b, engine);
	CHECK(!b.full);
	return buf_str(&b);
}

static bool runs(struct db *db, str statement)
{
	struct err e = {0};

	return db_script(db, statement, &e);
}

TEST(entries_tiles_and_checkpoints_are_kept_and_every_table_takes_its_rows, "")
{
	struct err e = {0};
	struct db *db;
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	CHECK(db_open(&db, t->arena, str_join(t->arena, folder, S("/store")), DB_CREATE, &e));
	CHECK(db_script(db, script(t, S("sqlite")), &e));
	CHECK_STR(err_text(&e), S(""));
	for (int i = 0; i < COUNT_OF(tables); i++) {
		const char *name = tables[i].name;
		CHECK(runs(
			db, str_fmt(t->arena, "INSERT INTO %s VALUES(%s);", name, tables[i].row)));
		CHECK(!runs(
			db, str_fmt(t->arena, "INSERT INTO %s VALUES(%s);", name, tables[i].row)));
		CHECK_INT(!runs(db, str_fmt(t->arena, "UPDATE %s SET rowid = rowid;", name)),
			tables[i].is_kept);
	}
	/* From the last one, which nothing refers to. */
	for (int i = COUNT_OF(tables) - 1; i >= 0; i--)
		CHECK_INT(!runs(db, str_fmt(t->arena, "DELETE FROM %s;", tables[i].name)),
			tables[i].is_kept);
	CHECK(db_begin_read(db, &e));
	CHECK_INT(db_int(db, SQL("SELECT count(*) FROM pragma_index_info('entry_object')")), 2);
	db_rollback(db);
	db_close(db);
	CHECK(folder_remove(t->arena, folder, &e));
}

static int count_of(str text, const char *what)
{
	int n = 0;

	for (isize at = 0; (at = str_find(text, str_of(what))) >= 0; n++)
		text = str_part(text, at + 1, text.n);
	return n;
}

/* There is no such engine here: the text is held to what it has in common with the other. */
TEST(the_other_engine_has_the_same_tables_and_keeps_the_same, "")
{
	str lite = script(t, S("sqlite")), big = script(t, S("postgres"));

	CHECK_INT(count_of(big, "CREATE TABLE "), COUNT_OF(tables));
	CHECK_INT(count_of(big, "CREATE INDEX "), count_of(lite, "CREATE INDEX "));
	CHECK_INT(count_of(big, "CREATE FUNCTION ledger_kept()"), 1);
	CHECK_INT(count_of(big, "STRICT") + count_of(big, "INTEGER") + count_of(big, "BLOB"), 0);
	CHECK_INT(
		count_of(lite, "BIGINT") + count_of(lite, "BYTEA") + count_of(lite, "plpgsql"), 0);
	CHECK_INT(count_of(lite, " STRICT;"), COUNT_OF(tables));
	CHECK(count_of(big, "BIGINT") == count_of(lite, "INTEGER"));
	CHECK(count_of(big, "BYTEA") == count_of(lite, "BLOB"));
	for (int i = 0; i < COUNT_OF(tables); i++) {
		str table = str_fmt(t->arena, "CREATE TABLE %s(", tables[i].name);
		str trigger = str_fmt(t->arena,
			"CREATE TRIGGER %s_kept BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE"
			" FUNCTION ledger_kept();",
			tables[i].name, tables[i].name);
		CHECK(str_find(big, table) >= 0);
		CHECK_INT(str_find(big, trigger) >= 0, tables[i].is_kept);
	}
}

TEST_MAIN()
