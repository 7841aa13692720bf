/* A store of an older number is brought to the present one whole, or stays what it was. */
#include "db/db.h"
#include "test.h"

static str new_path(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	str folder = S("");

	if (!folder_temp(t->arena, &folder, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return str_fmt(t->arena, "%.*s/ward.db", STR_ARG(folder));
}

static struct db *open_with(struct test_case *t, str script)
{
	struct err e = {.arena = t->arena};
	struct db *db = NULL;

	if (!db_open(&db, t->arena, new_path(t), DB_CREATE, &e) || !db_script(db, script, &e))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return db;
}

/* All that one statement shows, "a,b;c,d;". */
static str shown(struct test_case *t, struct db *db, struct value sql)
{
	struct err e = {.arena = t->arena};
	struct rows r;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	CHECK(db_begin_read(db, &e));
	db_query_values(db, &r, &sql, 1);
	while (rows_next(&r))
		buf_fmt(&b, "%.*s;", STR_ARG(rows_str(&r, 0)));
	CHECK(rows_done(&r));
	db_rollback(db);
	if (e.code)
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return buf_str(&b);
}

static str objects(struct test_case *t, struct db *db)
{
	return shown(t, db,
		SQL("SELECT type || ' ' || name FROM sqlite_schema WHERE sql IS NOT NULL"
		    " ORDER BY name LIMIT 100"));
}

#define OLD                                                                                        \
	"CREATE TABLE same(id INTEGER PRIMARY KEY, name TEXT) STRICT;"                             \
	"CREATE TABLE more(id INTEGER PRIMARY KEY, name TEXT, gone TEXT) STRICT;"                  \
	"CREATE TABLE part(id INTEGER PRIMARY KEY, more INTEGER REFERENCES more(id)) STRICT;"      \
	"CREATE TABLE left_over(id INTEGER PRIMARY KEY) STRICT;"                                   \
	"CREATE TABLE search_words(word TEXT) STRICT;"                                             \
	"CREATE INDEX by_name ON more(name);CREATE INDEX by_old ON same(name);"                    \
	"CREATE TRIGGER old_rule AFTER INSERT ON same BEGIN SELECT RAISE(ABORT, 'old'); END;"      \
	"INSERT INTO more VALUES(3,'c','x'),(1,'a','y');INSERT INTO part VALUES(7,3),(8,1);"
#define NEW_FORM                                                                                   \
	"CREATE TABLE same(id INTEGER PRIMARY KEY, name TEXT) STRICT;"                             \
	"CREATE TABLE more(id INTEGER PRIMARY KEY, added TEXT, name TEXT) STRICT;"                 \
	"CREATE TABLE part(id INTEGER PRIMARY KEY, more INTEGER REFERENCES more(id)) STRICT;"      \
	"CREATE TABLE brought(id INTEGER PRIMARY KEY) STRICT;"                                     \
	"CREATE TABLE search_index(word TEXT) STRICT;"                                             \
	"CREATE INDEX by_name ON more(added);CREATE INDEX by_new ON same(name);"                   \
	"CREATE TRIGGER new_rule AFTER INSERT ON same BEGIN SELECT RAISE(ABORT, 'new'); END;"

TEST(tables_take_over_the_columns_that_both_have, "")
{
	struct db *db = open_with(t,
		S(OLD "DROP TRIGGER old_rule; INSERT INTO same VALUES(5,'s');"
		      "CREATE TRIGGER old_rule AFTER INSERT ON same BEGIN SELECT "
		      "RAISE(ABORT, 'old'); END;"));
	struct db *fresh = open_with(t, S(NEW_FORM));
	struct err e = {.arena = t->arena}, late = {.arena = t->arena}, link = {.arena = t->arena};

	CHECK(db_rebuild(db, fresh, t->arena, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_STR(objects(t, db),
		S("table brought;index by_name;index by_new;table left_over;table more;"
		  "trigger new_rule;table part;table same;table search_words;"));
	CHECK_STR(shown(t, db, SQL("SELECT id || name FROM same")), S("5s;"));
	CHECK_STR(shown(t, db,
			  SQL("SELECT id || coalesce(added, '-') || name FROM more ORDER BY id")),
		S("1-a;3-c;"));
	CHECK_STR(
		shown(t, db, SQL("SELECT id || ' ' || more FROM part ORDER BY id")), S("7 3;8 1;"));
	CHECK_STR(shown(t, db,
			  SQL("SELECT sql FROM sqlite_schema WHERE name IN ('more', 'by_name')"
			      " ORDER BY name")),
		S("CREATE INDEX by_name ON more(added);"
		  "CREATE TABLE more(id INTEGER PRIMARY KEY, added TEXT, name TEXT) STRICT;"));
	/* The rules of the new form hold, and references are looked at again. */
	CHECK(!db_script(db, S("INSERT INTO same VALUES(6,'t')"), &late));
	CHECK(str_find(err_text(&late), S("new")) >= 0);
	CHECK(!db_script(db, S("INSERT INTO part VALUES(9, 100)"), &link));
	db_close(db);
	db_close(fresh);
}

TEST(a_store_that_is_as_it_should_be_stays_so, "")
{
	struct db *db = open_with(t, S(NEW_FORM)), *fresh = open_with(t, S(NEW_FORM));
	struct err e = {.arena = t->arena};
	str before = objects(t, db);

	for (int i = 0; i < 2; i++) {
		CHECK(db_rebuild(db, fresh, t->arena, &e));
		CHECK_STR(objects(t, db), before);
	}
	db_close(db);
	db_close(fresh);
}

/* What cannot be brought over: a column that must not be empty, nothing in common, a clash. */
TEST(a_store_that_cannot_be_brought_over_stays_what_it_was, "")
{
	static const struct {
		str form;
		const char *says;
	} cases[] = {
		{S_INIT("CREATE TABLE more(id INTEGER PRIMARY KEY, must TEXT NOT NULL) STRICT;"),
			"NOT NULL"},
		{S_INIT("CREATE TABLE more(other INTEGER PRIMARY KEY) STRICT;"), "more"},
		{S_INIT("CREATE TABLE more(id INTEGER PRIMARY KEY CHECK(id < 3)) STRICT;"),
			"CHECK"},
		{S_INIT("CREATE TABLE brought(id INTEGER PRIMARY KEY) STRICT;"
			"CREATE TABLE much(x TEXT) STRICT;CREATE UNIQUE INDEX clash ON much(x);"),
			"UNIQUE"}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct db *db = open_with(t,
			S(OLD "CREATE TABLE much(x TEXT) STRICT;INSERT INTO much "
			      "VALUES('a'),('a');"));
		struct db *fresh = open_with(t, cases[i].form);
		struct err e = {.arena = t->arena}, link = {.arena = t->arena};
		str before = objects(t, db);
		CHECK(!db_rebuild(db, fresh, t->arena, &e));
		CHECK(e.code != ERR_NONE);
		if (str_find(err_text(&e), str_of(cases[i].says)) < 0)
			test_fail(t, __FILE__, __LINE__, "\"%s\", not %s", e.text, cases[i].says);
		CHECK_STR(objects(t, db), before);
		CHECK_STR(shown(t, db, SQL("SELECT id || name || gone FROM more ORDER BY id")),
			S("1ay;3cx;"));
		CHECK(!db_script(db, S("INSERT INTO part VALUES(9, 100)"), &link));
		db_close(db);
		db_close(fresh);
	}
}

#define SETTINGS "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT) STRICT;"

TEST(the_number_of_a_schema_is_one_that_this_program_knows, "")
{
	const char *older = cstr(t->arena, str_fmt(t->arena, "%d", DB_SCHEMA - 1));
	const char *now = cstr(t->arena, str_fmt(t->arena, "%d", DB_SCHEMA));
	const char *newer = cstr(t->arena, str_fmt(t->arena, "%d", DB_SCHEMA + 1));
	const struct {
		const char *value;
		enum err_code number, check; /* what is said of each */
	} cases[] = {{"1", ERR_NONE, ERR_CONFLICT}, {older, ERR_NONE, ERR_CONFLICT},
		{now, ERR_NONE, ERR_NONE}, {newer, ERR_CONFLICT, ERR_CONFLICT},
		{"1000000", ERR_CONFLICT, ERR_CONFLICT}, {"1000001", ERR_TAMPERED, ERR_TAMPERED},
		{"0", ERR_TAMPERED, ERR_TAMPERED}, {"four", ERR_TAMPERED, ERR_TAMPERED},
		{"", ERR_TAMPERED, ERR_TAMPERED}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct db *db = open_with(t, S(SETTINGS));
		struct err e = {.arena = t->arena}, late = {.arena = t->arena};
		int64_t number = -1;
		CHECK(db_script(db,
			str_fmt(t->arena, "INSERT INTO setting VALUES('schema', '%s'), ('x', '4')",
				cases[i].value),
			&e));
		CHECK(db_schema_number(db, t->arena, &number, &e) == (cases[i].number == ERR_NONE));
		CHECK_INT(e.code, cases[i].number);
		CHECK(e.code || number == cases[i].value[0] - '0');
		CHECK(db_schema_check(db, t->arena, &late) == (cases[i].check == ERR_NONE));
		CHECK_INT(late.code, cases[i].check);
		if (late.code == ERR_CONFLICT)
			CHECK(str_find(err_text(&late),
				      cases[i].number ? S("newer ward") : S("older ward")) > 0);
		db_close(db);
	}
}

TEST(a_file_without_settings_is_no_store, "")
{
	struct db *db = open_with(t, S("CREATE TABLE other(id INTEGER PRIMARY KEY) STRICT;"));
	struct err e = {.arena = t->arena};
	int64_t number;

	CHECK(!db_schema_number(db, t->arena, &number, &e));
	CHECK(e.code == ERR_FAULT || e.code == ERR_TAMPERED);
	db_close(db);
}

TEST(a_setting_is_put_once_and_changed_after_that, "")
{
	struct db *db = open_with(t, S(SETTINGS));
	struct err e = {.arena = t->arena};

	CHECK(db_begin(db, &e));
	CHECK_STR(db_setting(db, t->arena, S("origin")), S(""));
	CHECK(db_setting_put(db, S("origin"), S("one")));
	CHECK(db_setting_put(db, S("other"), S("two")));
	CHECK_STR(db_setting(db, t->arena, S("origin")), S("one"));
	CHECK(db_setting_put(db, S("origin"), S("three")));
	CHECK_STR(db_setting(db, t->arena, S("origin")), S("three"));
	CHECK_STR(db_setting(db, t->arena, S("other")), S("two"));
	CHECK_STR(db_setting(db, t->arena, S("")), S(""));
	CHECK_INT(db_int(db, SQL("SELECT count(*) FROM setting")), 2);
	db_rollback(db);
	db_close(db);
}

TEST(every_number_of_a_schema_says_what_it_brought, "")
{
	for (int64_t n = 2; n <= DB_SCHEMA; n++)
		CHECK(str_starts(db_schema_step(n), str_fmt(t->arena, "%" PRId64 ": ", n)));
}

TEST_MAIN()
