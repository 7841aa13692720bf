/* Reconciliation of rows, erasures and the schema, one crime at a time; see crime.h. */
#include "crime.h"

TEST(rows_are_as_the_last_entry_about_them_says, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"UPDATE note SET v = 'another' WHERE k = 1",
			"307 note [1] is not as entry 307 wrote it\n"},
		{"UPDATE note SET v = NULL WHERE k = 1",
			"307 note [1] is not as entry 307 wrote it\n"},
		{"INSERT INTO note VALUES(2, 'a note')",
			"308 note [2] is in the store, but entry 308 took it away\n"},
		{"INSERT INTO note VALUES(4, 'a note')",
			"- note [4] is in the store, but no entry wrote it\n"},
		{"DELETE FROM note WHERE k = 3", "307 note [3] is gone, but entry 307 wrote it\n"},
		{"DELETE FROM note",
			"307 note [1] is gone, but entry 307 wrote it\n"
			"307 note [3] is gone, but entry 307 wrote it\n"},
		{"UPDATE note SET k = 2 WHERE k = 3",
			"308 note [2] is in the store, but entry 308 took it away\n"
			"307 note [3] is gone, but entry 307 wrote it\n"},
		{"INSERT INTO sign_in_failure VALUES('x'); INSERT INTO search_x VALUES('x')", ""},
		{"INSERT INTO loose VALUES(NULL, 'x')", "322 loose [null] is in the store twice\n"},
		{"INSERT INTO loose VALUES('y', 'x')",
			"- loose [\"y\"] is in the store, but no entry wrote it\n"},
		{"ANALYZE", ""},
		{"UPDATE many SET k = 2000 WHERE k = 1099; DELETE FROM many WHERE k = 0",
			"- many [2000] is in the store, but no entry wrote it\n"
			"321 many [0] is gone, but entry 321 wrote it\n"
			"321 many [1099] is gone, but entry 321 wrote it\n"},
		{"CREATE TABLE zz(v TEXT); INSERT INTO zz VALUES('x')",
			"- a row of zz cannot be told from others\n"},
		{"CREATE TABLE sqlitex(k TEXT PRIMARY KEY) STRICT; INSERT INTO sqlitex VALUES('x')",
			"- sqlitex [\"x\"] is in the store, but no entry wrote it\n"},
		{"DROP TABLE note",
			"307 note [1] is gone, but entry 307 wrote it\n"
			"307 note [3] is gone, but entry 307 wrote it\n"},
		{"DROP TABLE note; CREATE TABLE note(k INTEGER, v TEXT);"
		 " INSERT INTO note VALUES(1, 'a note'), (1, 'a note'), (3, 'a note')",
			"- a row of note cannot be told from others\n"
			"- a row of note cannot be told from others\n"
			"- a row of note cannot be told from others\n"
			"307 note [1] is gone, but entry 307 wrote it\n"
			"307 note [3] is gone, but entry 307 wrote it\n"},
		{"DROP TABLE note; CREATE TABLE note(k INTEGER, v TEXT, PRIMARY KEY(k, v));"
		 " INSERT INTO note VALUES(1, 'a note'), (3, 'a note')",
			"- note [1,\"a note\"] is in the store, but no entry wrote it\n"
			"- note [3,\"a note\"] is in the store, but no entry wrote it\n"
			"307 note [1] is gone, but entry 307 wrote it\n"
			"307 note [3] is gone, but entry 307 wrote it\n"},
		{"UPDATE entry_body SET value = CAST('x' AS BLOB) WHERE seq = 307"
		 " AND part = 'rows'",
			"307 entry 307: its part \"rows\" was changed\n"
			"- note [1] is in the store, but no entry wrote it\n"
			"- note [3] is in the store, but no entry wrote it\n"},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* A hash of its whole length or a minus, a table, a key in brackets. */
TEST(a_line_of_the_journal_has_one_form, "")
{
	static const struct {
		const char *line;
		bool is_good;
	} lines[] = {{HASH " risk [1]", true}, {"- risk [1]", true},
		{HASH " risk [\"a b\",2]", true}, {HASH " risk []", true}, {"AAAA risk [1]", false},
		{"* risk [1]", false}, {HASH "AAAA risk [1]", false}, {" risk [1]", false},
		{HASH "  [1]", false}, {"-  [1]", false}, {HASH " risk 1]", false},
		{"- risk 1]", false}, {HASH " risk [1", false}, {"- risk [1", false},
		{HASH " risk", false}, {HASH, false}, {"-", false}, {"", false}};

	for (int i = 0; i < COUNT_OF(lines); i++)
		for (int more = 0; more < 2; more++) {
			str rest =
				str_fmt(t->arena, "%s\n%s", lines[i].line, more ? "- x [2]\n" : "");
			struct row_line line;
			bool bad = false, ok = row_line_next(&rest, &line, &bad);
			if (ok != lines[i].is_good || bad == ok)
				test_fail(t, __FILE__, __LINE__, "\"%s\"", lines[i].line);
			if (!ok)
				continue;
			CHECK_INT(line.is_gone, lines[i].line[0] == '-');
			CHECK_STR(line.table, S("risk"));
			CHECK_INT(rest.n > 0, more);
			CHECK_INT(row_line_next(&rest, &line, &bad), more);
			CHECK(!bad);
		}
}

TEST(entries_vouch_for_the_rows_of_most_tables, "")
{
	static const char *const not_vouched[] = {"entry", "entry_body", "tile", "erasure",
		"search", "search_data", "search_", "sqlite_stat1", "sqlite_", "sign_in_failure"};
	static const char *const vouched[] = {"risk", "entries", "entr", "checkpoint", "link",
		"searches", "xsearch_data", "sqlite", "xsqlite_stat1", "record", ""};

	for (int i = 0; i < COUNT_OF(not_vouched); i++)
		CHECK(!ledger_vouches(str_of(not_vouched[i])));
	for (int i = 0; i < COUNT_OF(vouched); i++)
		CHECK(ledger_vouches(str_of(vouched[i])));
}

TEST(the_schema_is_that_of_this_program, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"DROP TRIGGER tile_not_updated",
			"- the schema was changed: trigger tile_not_updated is missing\n"},
		{"DROP TRIGGER entry_not_updated",
			"- the schema was changed: trigger entry_not_updated is missing\n"},
		{"DROP TRIGGER entry_not_updated; DROP TRIGGER tile_not_updated;"
		 " CREATE TABLE aa(k); CREATE TABLE zz(k); CREATE VIEW vv AS SELECT 1",
			"- the schema was changed: table aa is too many\n"
			"- the schema was changed: table zz is too many\n"
			"- the schema was changed: trigger entry_not_updated is missing\n"
			"- the schema was changed: trigger tile_not_updated is missing\n"
			"- the schema was changed: view vv is too many\n"},
		{"DROP INDEX entry_object; CREATE INDEX entry_object ON entry(act, seq)",
			"- the schema was changed: index entry_object is another\n"},
		{"ANALYZE note", "- the schema was changed: table sqlite_stat1 is too many\n"},
		{"CREATE TABLE aa(k TEXT PRIMARY KEY)",
			"- the schema was changed: index sqlite_autoindex_aa_1 is too many\n"
			"- the schema was changed: table aa is too many\n"},
		{"DROP TABLE loose",
			"322 loose [null] is gone, but entry 322 wrote it\n"
			"- the schema was changed: index sqlite_autoindex_loose_1 is missing\n"
			"- the schema was changed: table loose is missing\n"},
	};
	struct room r;

	room_open(t, &r);
	r.is_schema_asked = true;
	room_try(&r, crimes, COUNT_OF(crimes));
	room_close(&r);
}

TEST(an_erasure_names_its_entry_and_its_parts, "LED-REQ-05")
{
	static const struct {
		const char *object;
		bool body, personal;
	} cases[] = {{"entry:7/body", true, false}, {"entry:7/private", false, true},
		{"entry:7/body+private", true, true}, {"entry:7/private+body", true, true},
		{"entry:7/", false, false}, {"entry:7", false, false},
		{"entry:7/bod", false, false}, {"entry:7/body2", false, false},
		{"entry:70/body", false, false}, {"entry:/body", false, false}, {"", false, false},
		{"entry:8/body", false, false}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		str object = str_of(cases[i].object);
		CHECK(erasure_names(object, 7, S("body")) == cases[i].body);
		CHECK(erasure_names(object, 7, S("private")) == cases[i].personal);
	}
}

#define TEN "0123456789"
#define NINETY TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* Of a table with a longer name than any of ours that it is there is enough. */
TEST(tables_are_walked_whose_name_could_be_ours, "LED-REQ-02")
{
	static const struct crime crime[] = {
		{"CREATE TABLE \"" NINETY TEN "\"(k INTEGER PRIMARY KEY);"
		 " INSERT INTO \"" NINETY TEN "\" VALUES(1)",
			"- a row of " NINETY TEN " cannot be told from others\n"},
		{"CREATE TABLE \"" NINETY TEN "1\"(k INTEGER PRIMARY KEY);"
		 " INSERT INTO \"" NINETY TEN "1\" VALUES(1)",
			""},
	};
	struct room r;

	room_open(t, &r);
	room_try(&r, crime, COUNT_OF(crime));
	room_close(&r);
}

/* How many findings begin so. */
static int told(const struct room *r, str begin)
{
	int n = 0;

	for (const struct ledger_finding *f = r->report.findings; f; f = f->next)
		n += str_starts(f->text, begin);
	return n;
}

#define MANY                                                                                       \
	"WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n LIMIT 300)"

TEST(no_table_drowns_another, "LED-REQ-02")
{
	struct room r;
	struct buf b;

	room_open(t, &r);
	buf_init(&b, t->arena, 100000);
	buf_add(&b, S("PRAGMA foreign_keys=OFF; DELETE FROM many;"
		      " UPDATE note SET v = 'another' WHERE k = 1;"
		      MANY " INSERT INTO erasure SELECT i, 'body', 0 FROM n;"
		      MANY " INSERT INTO loose SELECT i, 'x' FROM n;"));
	for (int i = 0; i < 300; i++)
		buf_fmt(&b, "CREATE VIEW v%d AS SELECT 1;", i);
	r.is_schema_asked = true;
	room_copy(&r);
	room_tamper(&r, buf_str(&b));
	room_verify(&r);
	CHECK_INT(told(&r, S("loose [")), FINDINGS_OF_PART);
	CHECK_INT(told(&r, S("table loose: ")), 1);
	CHECK_INT(told(&r, S("note [1] is not as")), 1);
	CHECK_INT(told(&r, S("many [")), FINDINGS_OF_PART);
	CHECK_INT(told(&r, S("rows that are gone: ")), 1);
	CHECK_INT(told(&r, S("erasure [")), FINDINGS_OF_PART);
	CHECK_INT(told(&r, S("table erasure: ")), 1);
	CHECK_INT(told(&r, S("the schema was changed: view ")), FINDINGS_OF_PART);
	CHECK_INT(told(&r, S("the schema: ")), 1);
	room_drop(&r);
	room_close(&r);
}

TEST_MAIN()
