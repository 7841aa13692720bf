#include "db/db.h"
#include "test.h"

static struct db *open_new(struct test_case *t, str *path)
{
	struct err e = {0};
	struct db *db = NULL;
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	*path = str_fmt(t->arena, "%.*s/ward.db", STR_ARG(folder));
	CHECK(db_open(&db, t->arena, *path, DB_CREATE, &e));
	CHECK(db_script(db,
		S("CREATE TABLE thing(id INTEGER PRIMARY KEY, name TEXT) STRICT;"
		  "CREATE TABLE entry(seq INTEGER PRIMARY KEY) STRICT;"),
		&e));
	return db;
}

TEST(commit_refuses_a_change_without_an_entry, "LED-REQ-01")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);

	CHECK(db_begin(db, &e));
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id, name) VALUES($1, $2)"), V(1), V(S("one")));
	CHECK(!db_commit(db));
	CHECK_INT(e.code, ERR_FAULT);
	err_clear(&e);
	CHECK(db_begin(db, &e));
	CHECK_INT(db_int(db, SQL("SELECT count(*) FROM thing")), 0);
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id, name) VALUES($1, $2)"), V(1), V(S("one")));
	db_exec(db, SQL_LEDGER("INSERT INTO entry(seq) VALUES($1)"), V(0));
	CHECK(db_commit(db));
	db_close(db);
}

TEST(a_savepoint_needs_its_own_entry, "LED-REQ-01")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);

	CHECK(db_begin(db, &e));
	CHECK(db_save(db));
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id) VALUES(1)"));
	db_exec(db, SQL_LEDGER("INSERT INTO entry(seq) VALUES(0)"));
	CHECK(db_release(db));
	CHECK(db_save(db));
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id) VALUES(2)"));
	CHECK(!db_release(db));
	db_undo(db);
	CHECK(db_commit(db));
	err_clear(&e);
	CHECK(db_begin_read(db, &e));
	CHECK_INT(db_int(db, SQL("SELECT count(*) FROM thing")), 1);
	CHECK(db_commit(db));
	db_close(db);
}

TEST(parameters_go_by_their_numbers_not_by_their_order, "")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);
	struct rows r;

	CHECK(db_begin_read(db, &e));
	db_query(db, &r, SQL("SELECT $2, $1, $2"), V(1), V(S("two")));
	CHECK(rows_next(&r));
	CHECK_STR(rows_str(&r, 0), S("two"));
	CHECK_INT(rows_int(&r, 1), 1);
	CHECK(rows_done(&r));
	CHECK(db_commit(db));
	db_close(db);
}

TEST(a_reader_cannot_write_and_a_missing_store_is_named, "")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path), *reader = NULL;

	CHECK(db_open(&reader, t->arena, path, DB_READER, &e));
	CHECK(db_begin_read(reader, &e));
	db_exec(reader, SQL_STATE("INSERT INTO thing(id) VALUES(9)"));
	CHECK(!db_ok(reader));
	CHECK_INT(e.code, ERR_FAULT);
	db_rollback(reader);
	db_close(reader);
	err_clear(&e);
	CHECK(!db_open(&reader, t->arena, S("/nowhere/ward.db"), DB_READER, &e));
	CHECK_INT(e.code, ERR_MISSING);
	err_clear(&e);
	CHECK(!db_open(&reader, t->arena, path, DB_CREATE, &e));
	CHECK_INT(e.code, ERR_CONFLICT);
	db_close(db);
}

TEST_MAIN()
