#include "db/db.h"
#include "faults.h"
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
	CHECK(str_ends(db_written(db), S(" thing [1]\n")));
	db_vouched(db);
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
	db_vouched(db);
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

/* An entry takes what was written before it, never what is written after. */
TEST(commit_refuses_what_was_written_after_the_entry, "LED-REQ-01")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);

	CHECK(db_begin(db, &e));
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id) VALUES(1)"));
	db_vouched(db);
	db_exec(db, SQL_CHANGE("UPDATE thing SET name = $1 WHERE id = 1"), V(S("late")));
	CHECK(!db_commit(db));
	CHECK_INT(e.code, ERR_FAULT);
	err_clear(&e);
	/* A statement that hits no row wrote nothing. */
	CHECK(db_begin(db, &e));
	db_exec(db, SQL_CHANGE("UPDATE thing SET name = $1 WHERE id = 9"), V(S("nobody")));
	CHECK_STR(db_written(db), S(""));
	db_exec(db, SQL_CHANGE("INSERT INTO thing(id) VALUES(2)"));
	db_vouched(db);
	db_exec(db, SQL_CHANGE("DELETE FROM thing WHERE id = 2"));
	CHECK_STR(db_written(db), S("- thing [2]\n"));
	CHECK(!db_commit(db));
	db_close(db);
}

/* Each type of value, its length and its place count: no two rows have one digest. */
TEST(rows_that_differ_have_other_digests, "LED-REQ-01")
{
	static const str values[] = {S_INIT("NULL, NULL"), S_INIT("'', NULL"), S_INIT("NULL, ''"),
		S_INIT("x'', NULL"), S_INIT("0, NULL"), S_INIT("'0', NULL"), S_INIT("x'30', NULL"),
		S_INIT("0.0, NULL"), S_INIT("'ab', 'c'"), S_INIT("'a', 'bc'"), S_INIT("-1, 1"),
		S_INIT("1, -1"), S_INIT("'a', 'b'"), S_INIT("'b', 'a'")};
	struct err e = {0};
	str path, line[COUNT_OF(values)];
	struct db *db = open_new(t, &path);
	struct rows r;

	CHECK(db_script(
		db, S("CREATE TABLE any(id INTEGER PRIMARY KEY, a ANY, b ANY) STRICT"), &e));
	for (int i = 0; i < COUNT_OF(values); i++)
		CHECK(db_script(db,
			str_fmt(t->arena, "INSERT INTO any VALUES(%d, %.*s)", i,
				STR_ARG(values[i])),
			&e));
	CHECK(db_begin_read(db, &e));
	db_table_query(db, &r, S("any"));
	for (int i = 0; i < COUNT_OF(values) && rows_next(&r); i++) {
		struct buf b;
		buf_init(&b, t->arena, 1000);
		CHECK(db_row_line(&r, S("any"), &b));
		line[i] = buf_str(&b);
		line[i] = str_cut(&line[i], ' ');
		for (int k = 0; k < i; k++)
			CHECK(!str_eq(line[i], line[k]));
	}
	CHECK(rows_done(&r));
	db_rollback(db);
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
	db_exec(reader, SQL_FREE("INSERT INTO thing(id) VALUES(9)"));
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

/* One job of a batch: a row of `bytes`, with its entry. */
static bool write_thing(struct db *db, struct arena *a, int id, isize bytes)
{
	char *text = NEW(a, char, bytes + 1);

	memset(text, 'x', (size_t)bytes);
	if (!db_exec(db, SQL_CHANGE("INSERT INTO thing(id, name) VALUES($1, $2)"), V(id),
		    V(((str){text, bytes}))) ||
		!db_exec(db, SQL_LEDGER("INSERT INTO entry(seq) VALUES($1)"), V(id)))
		return false;
	db_vouched(db);
	return true;
}

static int64_t things(struct test_case *t, struct db *db)
{
	struct err e = {0};

	CHECK(db_begin_read(db, &e));
	int64_t count = db_int(db, SQL("SELECT count(*) FROM thing"));
	CHECK(db_commit(db));
	return count;
}

TEST(a_transaction_that_the_engine_ended_saves_nothing_and_says_so, "")
{
	struct err e = {0}, job = {0};
	str path;
	struct db *db = open_new(t, &path);

	CHECK(db_begin(db, &e));
	CHECK(db_save(db) && write_thing(db, t->arena, 1, 10) && db_release(db));
	CHECK(db_save(db));
	db_report_to(db, &job);
	CHECK(write_thing(db, t->arena, 2, 10));
	/* What the engine may do by itself when the disk is full, fails, or there is no memory. */
	CHECK(db_script(db, S("ROLLBACK"), &job));
	db_undo(db);
	CHECK(db_is_lost(db));
	/* A third job must not begin a transaction of its own. */
	err_clear(&job);
	CHECK(!db_save(db));
	CHECK(!write_thing(db, t->arena, 3, 10));
	db_report_to(db, &e);
	CHECK(!db_commit(db));
	CHECK_INT(e.code, ERR_FAULT);
	CHECK(!db_is_lost(db) && !db_is_broken(db));
	CHECK_INT(things(t, db), 0);
	err_clear(&e);
	CHECK(db_begin(db, &e) && write_thing(db, t->arena, 4, 10) && db_commit(db));
	CHECK_INT(things(t, db), 1);
	db_close(db);
}

TEST(after_an_fsync_that_failed_nothing_more_is_written, "LED-REQ-07")
{
	struct err e = {0};
	struct db *db, *again = NULL;
	str path;

	db = open_new(t, &path);
	CHECK(db_begin(db, &e) && write_thing(db, t->arena, 1, 10) && db_commit(db));
	CHECK(db_begin(db, &e) && write_thing(db, t->arena, 2, 10));
	fault_at(FAULT_FSYNC, 1, EIO);
	CHECK(!db_commit(db));
	CHECK(fault_off());
	CHECK(db_is_broken(db));
	CHECK(str_find(err_text(&e), S("not certain")) >= 0);
	err_clear(&e);
	CHECK(!db_begin(db, &e));
	CHECK_INT(e.code, ERR_FAULT);
	err_clear(&e);
	CHECK_INT(things(t, db), 1);
	db_close(db);
	CHECK(db_open(&again, t->arena, path, DB_WRITER, &e));
	CHECK(db_begin(again, &e) && write_thing(again, t->arena, 3, 10) && db_commit(again));
	CHECK(things(t, again) >= 2);
	db_close(again);
}

TEST(a_full_disk_is_no_broken_one, "")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);

	CHECK(db_begin(db, &e) && write_thing(db, t->arena, 1, 10));
	fault_at(FAULT_WRITE, 1, ENOSPC);
	CHECK(!db_commit(db));
	CHECK(fault_off());
	CHECK(!db_is_broken(db));
	err_clear(&e);
	CHECK(db_begin(db, &e) && write_thing(db, t->arena, 2, 10) && db_commit(db));
	CHECK_INT(things(t, db), 1);
	db_close(db);
}

TEST(a_read_ends_at_its_limit_and_the_next_one_works, "")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path), *reader = NULL;
	struct rows r;

	CHECK(db_open(&reader, t->arena, path, DB_READER, &e));
	for (int limit = 0; limit < 2; limit++) {
		db_limit(reader, limit ? 50 : 60000, limit ? INT64_MAX : 100000);
		err_clear(&e);
		CHECK(db_begin_read(reader, &e));
		db_query(reader, &r,
			SQL("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
			    " SELECT max(i) FROM n"));
		CHECK(!rows_next(&r));
		CHECK(!rows_done(&r));
		CHECK_INT(e.code, ERR_BUSY);
		db_rollback(reader);
		err_clear(&e);
		CHECK(db_begin_read(reader, &e));
		CHECK_INT(db_int(reader, SQL("SELECT 7")), 7);
		CHECK(db_commit(reader));
	}
	db_close(reader);
	db_close(db);
}

static void leave_early(void *connection)
{
	struct rows r;

	db_query(connection, &r, SQL("SELECT 1 UNION SELECT 2 ORDER BY 1 LIMIT 2"));
	if (rows_next(&r))
		arena_give_up(ARENA_SPENT);
}

TEST(statements_of_work_that_ended_early_are_ended, "")
{
	struct err e = {0};
	str path;
	struct db *db = open_new(t, &path);

	for (int i = 0; i < 1100; i++) {
		CHECK(db_begin_read(db, &e));
		CHECK_INT(arena_run(leave_early, db), ARENA_SPENT);
		db_rollback(db);
	}
	CHECK(db_begin(db, &e));
	CHECK(db_save(db) && write_thing(db, t->arena, 1, 10));
	CHECK_INT(arena_run(leave_early, db), ARENA_SPENT);
	db_undo(db);
	CHECK(db_save(db) && write_thing(db, t->arena, 2, 10) && db_release(db));
	CHECK(db_commit(db));
	CHECK_INT(things(t, db), 1);
	db_close(db);
}

TEST_MAIN()
