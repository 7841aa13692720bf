/*
 * The row journal, byte for byte: a row is digested here a second time, from what doc and head of
 * journal.c say, and no two statements are taken for each other.
 */
#include "crypt/crypt.h"
#include "db/db_in.h"
#include "test.h"

static struct db *open_with(struct test_case *t, str script)
{
	struct err e = {.arena = t->arena};
	struct db *db = NULL;
	str folder = S("");

	if (!folder_temp(t->arena, &folder, &e) ||
		!db_open(&db, t->arena, str_fmt(t->arena, "%.*s/ward.db", STR_ARG(folder)),
			DB_CREATE, &e) ||
		!db_script(db, script, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return db;
}

/* ---- a row as bytes, once more ---- */

static void put_eight(struct buf *b, uint64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(b, (char)(v >> shift & 0xff));
}

static void put_bytes(struct buf *b, char type, str bytes)
{
	buf_char(b, type);
	put_eight(b, (uint64_t)bytes.n);
	buf_add(b, bytes);
}

/* "HASH TABLE KEY\n" of the bytes. */
static str line_of(struct test_case *t, const struct buf *row, const char *rest)
{
	struct sha256 h = sha256(buf_str(row));
	struct buf b;

	buf_init(&b, t->arena, 1000);
	base64_print(&b, h.b, sizeof h.b);
	buf_fmt(&b, " %s\n", rest);
	return buf_str(&b);
}

/* The line of the only row of a table. */
static str journal_of(struct test_case *t, struct db *db, str table)
{
	struct err e = {.arena = t->arena};
	struct rows r;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	CHECK(db_begin_read(db, &e));
	db_table_query(db, &r, table);
	CHECK(rows_next(&r));
	CHECK(db_row_line(&r, table, &b));
	CHECK(!rows_next(&r));
	CHECK(rows_done(&r));
	db_rollback(db);
	return buf_str(&b);
}

TEST(a_row_is_digested_with_all_its_columns_and_their_types, "LED-REQ-01")
{
	struct db *db = open_with(t,
		S("CREATE TABLE any(b ANY, id INTEGER, a ANY, c ANY, d ANY, e ANY, PRIMARY KEY(id, "
		  "b)) STRICT;INSERT INTO any VALUES('k\"', -2, NULL, 1.5, x'00ff', "
		  "9007199254740993);"));
	struct buf row;
	double real = 1.5;
	uint64_t bits;

	memcpy(&bits, &real, sizeof bits);
	buf_init(&row, t->arena, 1000);
	put_bytes(&row, 'T', S("any"));
	put_bytes(&row, 't', S("k\""));
	buf_char(&row, 'i');
	put_eight(&row, (uint64_t)-2);
	buf_char(&row, 'n');
	buf_char(&row, 'r');
	put_eight(&row, bits);
	put_bytes(&row, 'b', (str){"\x00\xff", 2});
	buf_char(&row, 'i');
	put_eight(&row, UINT64_C(9007199254740993));
	CHECK_STR(journal_of(t, db, S("any")), line_of(t, &row, "any [-2,\"k\\\"\"]"));
	db_close(db);
}

TEST(empty_text_and_blob_are_not_null, "LED-REQ-01")
{
	struct db *db = open_with(t,
		S("CREATE TABLE any(id INTEGER PRIMARY KEY, a ANY, b ANY) STRICT;"
		  "INSERT INTO any VALUES(1, '', x'');"));
	struct buf row;

	buf_init(&row, t->arena, 1000);
	put_bytes(&row, 'T', S("any"));
	buf_char(&row, 'i');
	put_eight(&row, 1);
	put_bytes(&row, 't', S(""));
	put_bytes(&row, 'b', S(""));
	CHECK_STR(journal_of(t, db, S("any")), line_of(t, &row, "any [1]"));
	db_close(db);
}

TEST(a_row_that_is_too_large_is_refused_and_ends_nothing, "LED-REQ-01")
{
	/* With the name of the table and what stands before each column. */
	enum { MOST = (16 << 20) - 9 - 3 - 9 - 9 };
	struct db *db = open_with(t, S("CREATE TABLE any(id INTEGER PRIMARY KEY, a BLOB) STRICT;"));

	for (int more = 0; more < 2; more++) {
		struct err e = {.arena = t->arena};
		struct rows r;
		struct buf b;
		CHECK(db_script(db,
			str_fmt(t->arena,
				"DELETE FROM any; INSERT INTO any VALUES(1, zeroblob(%d))",
				MOST + more),
			&e));
		buf_init(&b, t->arena, LIMIT_PROSE);
		CHECK(db_begin_read(db, &e));
		db_table_query(db, &r, S("any"));
		CHECK(rows_next(&r));
		CHECK(db_row_line(&r, S("any"), &b) == !more);
		CHECK(rows_done(&r));
		db_rollback(db);
	}
	db_close(db);
}

/* What nothing vouches for is left out of the digest. */
TEST(free_columns_are_those_of_the_table_of_them, "")
{
	for (const struct db_free *f = db_free; f->table; f++) {
		CHECK(db_is_free(str_of(f->table), f->column ? str_of(f->column) : S("any")));
		CHECK(!db_is_free(str_of(f->table), S("other")) == (f->column != NULL));
		CHECK(f->why[0] != 0);
	}
	CHECK(db_is_free(S("sign_in_failure"), S("name")));
	CHECK(!db_is_free(S("sign_in"), S("name")) && !db_is_free(S(""), S("name")));
	struct db *db = open_with(t,
		S("CREATE TABLE sign_in_failure(name TEXT PRIMARY KEY, n INTEGER) STRICT;"
		  "INSERT INTO sign_in_failure VALUES('ada', 3);"));
	struct buf row;
	buf_init(&row, t->arena, 1000);
	put_bytes(&row, 'T', S("sign_in_failure"));
	CHECK_STR(journal_of(t, db, S("sign_in_failure")),
		line_of(t, &row, "sign_in_failure [\"ada\"]"));
	db_close(db);
}

/* The key as a string of JSON, whatever its bytes. */
TEST(keys_are_strings_of_json, "")
{
	static const struct {
		const char *sql, *key;
	} cases[] = {{"'a/b'", "\"a/b\""}, {"'\"'", "\"\\\"\""}, {"'\\'", "\"\\\\\""},
		{"char(1)", "\"\\u0001\""}, {"char(31)", "\"\\u001f\""}, {"' '", "\" \""},
		{"char(126)", "\"~\""}, {"char(127)", "\"\\u007f\""}, {"char(10)", "\"\\u000a\""},
		{"char(128)", "\"\xc2\x80\""}, {"'\xc3\xa4'", "\"\xc3\xa4\""},
		{"cast(x'ff41' as text)", "\"\\u00ffA\""},
		{"cast(x'c3a4ff' as text)", "\"\\u00c3\\u00a4\\u00ff\""},
		{"cast(x'7fff' as text)", "\"\\u007f\\u00ff\""}, {"x'00a0ff'", "\"00a0ff\""},
		{"x''", "\"\""}, {"''", "\"\""}, {"0", "0"},
		{"-9223372036854775808", "-9223372036854775808"}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct db *db = open_with(t,
			str_fmt(t->arena,
				"CREATE TABLE any(id ANY PRIMARY KEY) STRICT;"
				"INSERT INTO any VALUES(%s);",
				cases[i].sql));
		str line = journal_of(t, db, S("any"));
		CHECK(str_ends(line, str_fmt(t->arena, " any [%s]\n", cases[i].key)));
		db_close(db);
	}
	struct db *db = open_with(t,
		S("CREATE TABLE any(a ANY, b ANY, PRIMARY KEY(a, b));INSERT INTO any "
		  "VALUES(NULL, 2);"));
	CHECK(str_ends(journal_of(t, db, S("any")), S(" any [null,2]\n")));
	db_close(db);
}

/* ---- statements and tables ---- */

TEST(a_statement_names_its_table_and_whether_rows_go, "")
{
	static const struct {
		const char *sql, *table;
		bool deletes;
	} cases[] = {{"INSERT INTO thing(id) VALUES(1)", "thing", false},
		{"INSERT INTO thing VALUES(1)", "thing", false},
		{"UPDATE thing SET a = 1", "thing", false}, {"DELETE FROM thing", "thing", true},
		{"DELETE FROM thing WHERE a = 1", "thing", true},
		{"INSERT INTO \"old thing\" VALUES(1)", "old thing", false},
		{"DELETE FROM \"a b\"", "a b", true},
		{"INSERT OR IGNORE INTO thing VALUES(1)", "", false}, {"SELECT 1", "", false},
		{"", "", false}, {"UPDATE ", "", false},
		{"insert into thing VALUES(1)", "", false}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		bool deletes = false;
		CHECK_STR(journal_target(test_edge(str_of(cases[i].sql)), &deletes),
			str_of(cases[i].table));
		CHECK(deletes == cases[i].deletes);
	}
	bool deletes = true;
	CHECK_STR(journal_target(S("UPDATE t SET a = 1"), &deletes), S("t"));
	CHECK(!deletes);
}

/* A table of `keys` columns that are its key, in turn from the last, and `more` others. */
static str table_with(struct test_case *t, str name, int keys, int more)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	buf_fmt(&b, "CREATE TABLE \"%.*s\"(", STR_ARG(name));
	for (int i = 0; i < keys + more; i++)
		buf_fmt(&b, "%sc%d INTEGER", i ? "," : "", i);
	for (int i = keys - 1; i >= 0; i--)
		buf_fmt(&b, "%sc%d", i == keys - 1 ? ",PRIMARY KEY(" : ",", i);
	buf_add(&b, keys ? S(")) STRICT;") : S(") STRICT;"));
	return buf_str(&b);
}

static bool is_there(struct test_case *t, str script, str name, struct journal_table *out)
{
	sqlite3 *handle;

	CHECK(sqlite3_open(":memory:", &handle) == SQLITE_OK);
	CHECK(sqlite3_exec(handle, cstr(t->arena, script), NULL, NULL, NULL) == SQLITE_OK);
	bool found = journal_table(handle, name, out);
	CHECK(sqlite3_close(handle) == SQLITE_OK);
	return found;
}

TEST(a_table_is_known_by_its_name_columns_and_key, "")
{
	struct journal_table one;
	char name[TABLE_NAME_MAX + 1];

	memset(name, 'n', sizeof name);
	for (int keys = 0; keys <= KEY_COLUMNS_MAX; keys++) {
		CHECK(is_there(t, table_with(t, S("x"), keys, 2), S("x"), &one) == (keys > 0));
		CHECK_INT(one.column_count, keys + 2);
		CHECK_INT(one.key_count, keys);
		for (int i = 0; i < keys; i++)
			CHECK_INT(one.key[i], keys - 1 - i);
		for (int i = 0; i < keys + 2; i++)
			CHECK(!one.is_free[i]);
	}
	CHECK(!is_there(t, S(""), S("x"), &one));
	CHECK(is_there(t, table_with(t, S("x"), 1, ROW_COLUMNS_MAX - 1), S("x"), &one));
	CHECK_INT(one.column_count, ROW_COLUMNS_MAX);
	CHECK(is_there(t, table_with(t, S("x"), 1, ROW_COLUMNS_MAX), S("x"), &one));
	CHECK_INT(one.column_count, ROW_COLUMNS_MAX);
	str longest = {name, TABLE_NAME_MAX - 1}, longer = {name, TABLE_NAME_MAX};
	CHECK(is_there(t, table_with(t, longest, 1, 0), longest, &one));
	CHECK_STR(str_of(one.name), longest);
	CHECK(!is_there(t, table_with(t, longer, 1, 0), longer, &one));
	CHECK(is_there(t, S("CREATE TABLE sign_in_failure(name TEXT PRIMARY KEY, n INTEGER);"),
		S("sign_in_failure"), &one));
	CHECK(one.is_free[0] && one.is_free[1]);
}

/* A key of more columns than a line has room for: those are not in it, and nothing behind it is
   touched. */
TEST(a_key_has_a_limit, "")
{
	struct journal_table one;

	CHECK(is_there(t, table_with(t, S("x"), KEY_COLUMNS_MAX + 1, 0), S("x"), &one));
	CHECK_INT(one.key_count, KEY_COLUMNS_MAX);
	CHECK_INT(one.column_count, KEY_COLUMNS_MAX + 1);
	for (int i = 0; i < KEY_COLUMNS_MAX; i++)
		CHECK_INT(one.key[i], KEY_COLUMNS_MAX - i);
}

TEST(a_line_without_a_digest_says_that_the_row_is_gone, "")
{
	struct journal_table one = {.name = "thing"};
	struct buf b;

	buf_init(&b, t->arena, 100);
	journal_line(&b, &one, S("[1]"), NULL);
	CHECK_STR(buf_str(&b), S("- thing [1]\n"));
}

TEST_MAIN()
