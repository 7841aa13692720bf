/*
 * The index of search, verified: nothing that the engine writes is found, and all that somebody
 * else wrote.
 *
 * There are two indexes of the same records: one written at once, as verification derives it, one
 * in some transactions, of words that are not there any more too.  Pages of words are small, so
 * that there are many, and trees over them.  A crime is done to copies of the files; what is said
 * of it is compared word for word.  Pages made by hand are of segment 9, which no search reads: so
 * nothing is said of them but how the tree leads to them.
 */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"
#include "test.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_BYTES = 4 << 20, RECORDS = 60 };

#define WORD(word)                                                                                 \
	"the search index is not what the records say: it differs at the word \"" word "\"\n"
#define TEXT(ref) "search [\"" ref "\"] is not what its record says\n"

#define FAILED(what) "the search index cannot be read: the store failed: " what "\n"
#define DAMAGED                                                                                    \
	"the search index cannot be read: the store's file is damaged; run ward verify, then "     \
	"restore a backup\n"

/* ---- two indexes ---- */

struct pair {
	struct test_case *t;
	str folder, file, right_file, bytes, right_bytes;
};

static void run_sql(struct test_case *t, str file, const char *sql)
{
	char *why = NULL;
	sqlite3 *h;

	CHECK_INT(sqlite3_open(cstr(t->arena, file), &h), SQLITE_OK);
	sqlite3_exec(h, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(h, sql, NULL, NULL, &why) != SQLITE_OK)
		test_fail(t, __FILE__, __LINE__, "%s: %.300s", why, sql);
	sqlite3_free(why);
	sqlite3_close(h);
}

static str read_whole(struct test_case *t, str file)
{
	struct err e = {0};
	str bytes = S("");

	CHECK(file_read(t->arena, file, FILE_BYTES, &bytes, &e));
	return bytes;
}

static void write_whole(struct test_case *t, str file, str bytes)
{
	int fd = open(cstr(t->arena, file), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, bytes.p, (size_t)bytes.n), bytes.n);
	close(fd);
}

#define TABLE                                                                                      \
	"PRAGMA page_size = 1024;"                                                                 \
	"CREATE VIRTUAL TABLE search USING fts5(ref UNINDEXED, kind UNINDEXED, title, body,"       \
	" tokenize='unicode61 remove_diacritics 2');"                                              \
	"INSERT INTO search(search, rank) VALUES('pgsz', 64), ('automerge', 0);"
#define PUT(body, from, to)                                                                        \
	"INSERT INTO search(rowid, ref, kind, title, body) WITH RECURSIVE n(i) AS (SELECT " from   \
	" UNION ALL SELECT i + 1 FROM n WHERE i < " to ") SELECT i * 1000 - 1000, 'A-' || i,"      \
	" 'asset', 'lamp ' || i, " body " FROM n;"
/* One segment of all. */
#define MERGED "INSERT INTO search(search) VALUES('optimize');"
#define BODY   "'oil ' || char(97 + i % 26) || 'x of the hall'"
#define GONE   "'dead' || i || ' old'"

/* The files of both, with what two statements make of them. */
static void pair_make(struct pair *p, const char *sql, const char *right_sql)
{
	struct test_case *t = p->t;

	unlink(cstr(t->arena, p->file));
	unlink(cstr(t->arena, p->right_file));
	run_sql(t, p->file, sql);
	run_sql(t, p->right_file, right_sql);
	p->bytes = read_whole(t, p->file);
	p->right_bytes = read_whole(t, p->right_file);
}

static void pair_open(struct test_case *t, struct pair *p)
{
	struct err e = {0};

	*p = (struct pair){.t = t};
	CHECK(folder_temp(t->arena, &p->folder, &e));
	p->file = str_fmt(t->arena, "%.*s/ward.db", STR_ARG(p->folder));
	p->right_file = str_fmt(t->arena, "%.*s/right", STR_ARG(p->folder));
	pair_make(p,
		TABLE PUT(BODY, "1", "20") PUT(GONE, "21", "30") PUT(BODY, "31",
			"60") "DELETE FROM search WHERE body LIKE '%old%';" PUT(BODY, "21", "30"),
		TABLE "BEGIN;" PUT(BODY, "1", "60") "COMMIT");
}

static void pair_close(struct pair *p)
{
	struct test_case *t = p->t;
	struct err e = {0};

	CHECK(folder_remove(t->arena, p->folder, &e));
}

/* What is said of the files as they are, a line each. */
static str compared(struct pair *p)
{
	struct test_case *t = p->t;
	struct ledger_report report = {.arena = t->arena, .end = &report.findings};
	struct db *db, *right;
	struct err e = {0};
	struct buf b;

	buf_init(&b, t->arena, 1 << 20);
	if (!db_open(&db, t->arena, p->file, DB_AUDIT, &e) ||
		!db_open(&right, t->arena, p->right_file, DB_AUDIT, &e) || !db_begin_read(db, &e) ||
		!db_begin_read(right, &e)) {
		test_fail(t, __FILE__, __LINE__, "not opened: %s", e.text);
		return S("");
	}
	search_compare(db, right, &report);
	/* Whoever verifies goes on reading. */
	CHECK(db_ok(db) && db_ok(right));
	db_rollback(db);
	db_rollback(right);
	db_close(db);
	db_close(right);
	for (const struct ledger_finding *f = report.findings; f; f = f->next)
		buf_fmt(&b, "%.*s\n", STR_ARG(f->text));
	return buf_str(&b);
}

/* What is said when these were done to copies. */
static str said(struct pair *p, const char *sql, const char *right_sql)
{
	struct test_case *t = p->t;

	write_whole(t, p->file, p->bytes);
	write_whole(t, p->right_file, p->right_bytes);
	run_sql(t, p->file, sql);
	run_sql(t, p->right_file, right_sql);
	return compared(p);
}

/* The beginning of the row of random numbers, which is told. */
static uint64_t first_random(void)
{
	const char *given = getenv("WARD_SEED");
	int64_t seed = clock_mono();

	if (given && !str_int(str_of(given), 1, INT64_MAX, &seed))
		printf("# WARD_SEED is no number\n");
	printf("# WARD_SEED=%" PRId64 "\n", seed);
	return (uint64_t)seed;
}

static int64_t flips(void)
{
	const char *given = getenv("WARD_FLIPS");
	int64_t n = 200;

	return given && str_int(str_of(given), 200, INT64_MAX, &n) ? n : 200;
}

struct crime {
	const char *sql, *said;
};

static void try_all(struct test_case *t, const struct crime *crime, isize count)
{
	struct pair p;

	pair_open(t, &p);
	for (isize i = 0; i < count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		str is = said(&p, crime[i].sql, "");
		if (!str_eq(is, str_of(crime[i].said)))
			test_fail(t, __FILE__, __LINE__, "%s: %.*s", crime[i].sql, STR_ARG(is));
		arena_rewind(t->arena, mark);
	}
	pair_close(&p);
}

/* ---- rows ---- */

TEST(each_row_that_is_not_what_its_record_says_is_named, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"", ""},
		{MERGED, ""},
		{"UPDATE search_content SET c0 = 'A-5x' WHERE c0 = 'A-5'", TEXT("A-5x")},
		{"UPDATE search_content SET c1 = 'risk' WHERE c0 = 'A-5'", TEXT("A-5")},
		{"UPDATE search_content SET c2 = 'other' WHERE c0 = 'A-1'", TEXT("A-1")},
		{"UPDATE search_content SET c3 = 'other' WHERE c0 = 'A-60'", TEXT("A-60")},
		{"UPDATE search_content SET c2 = CAST(c2 AS BLOB) WHERE c0 = 'A-5'", TEXT("A-5")},
		{"UPDATE search_content SET c3 = c3 || x'00' || 'z' WHERE c0 = 'A-5'", TEXT("A-5")},
		{"UPDATE search_content SET c0 = c0 || 'q' WHERE c0 > 'A-58'",
			TEXT("A-6q") TEXT("A-7q") TEXT("A-8q") TEXT("A-9q") TEXT("A-59q")
				TEXT("A-60q")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

TEST(a_row_too_many_or_too_few_is_named_alone, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"DELETE FROM search_content WHERE c0 = 'A-1'", TEXT("A-1")},
		{"DELETE FROM search_content WHERE c0 = 'A-30'", TEXT("A-30")},
		{"DELETE FROM search_content WHERE c0 = 'A-60'", TEXT("A-60")},
		{"DELETE FROM search_content WHERE id > 57000", TEXT("A-59") TEXT("A-60")},
		{"INSERT INTO search_content VALUES(-1, 'B-1', 'asset', '', '')", TEXT("B-1")},
		{"INSERT INTO search_content VALUES(1, 'B-1', 'asset', '', '')", TEXT("B-1")},
		{"INSERT INTO search_content VALUES(9223372036854775807, 'B-1', '', '', '')",
			TEXT("B-1")},
		{"UPDATE search_content SET id = 11500 WHERE c0 = 'A-10'",
			TEXT("A-10") TEXT("A-10")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

TEST(lengths_sums_and_settings_are_compared, "LED-REQ-02")
{
	static const char sums[] = "search_config [\"sums\"] is not what its record says\n";
	static const char settings[] = "search_config [\"settings\"] is not what its record says\n";
	static const struct crime crimes[] = {
		{"UPDATE search_docsize SET sz = x'00000203' WHERE id = 5000",
			"search_docsize [\"5000\"] is not what its record says\n"},
		{"UPDATE search_docsize SET sz = CAST(sz AS TEXT) WHERE id = 5000",
			"search_docsize [\"5000\"] is not what its record says\n"},
		{"DELETE FROM search_docsize WHERE id = 5000",
			"search_docsize [\"5000\"] is not what its record says\n"},
		{"UPDATE search_data SET block = CAST(block || x'00' AS BLOB) WHERE id = 1", sums},
		{"UPDATE search_data SET block = CAST(block AS TEXT) WHERE id = 1", sums},
		{"DELETE FROM search_data WHERE id = 1", sums},
		{"UPDATE search_config SET v = 65 WHERE k = 'pgsz'", settings},
		{"UPDATE search_config SET v = '64' WHERE k = 'pgsz'", settings},
		{"INSERT INTO search_config VALUES('usermerge', 4)", settings},
		{"DELETE FROM search_config WHERE k = 'pgsz'", settings},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* ---- words ---- */

/* Words as if the body were another, while the row stays as it is. */
#define AS_IF(title, body, ref)                                                                    \
	"CREATE TEMP TABLE kept AS SELECT * FROM search_content WHERE c0 = '" ref "';"             \
	"CREATE TEMP TABLE size AS SELECT * FROM search_docsize;"                                  \
	"CREATE TEMP TABLE sums AS SELECT * FROM search_data WHERE id = 1;"                        \
	"UPDATE search SET title = " title ", body = " body " WHERE ref = '" ref "';"              \
	"REPLACE INTO search_content SELECT * FROM temp.kept;"                                     \
	"REPLACE INTO search_docsize SELECT * FROM temp.size;"                                     \
	"REPLACE INTO search_data SELECT * FROM temp.sums;"

TEST(words_and_their_places_are_compared, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{AS_IF("title", "body", "A-3"), ""},
		{AS_IF("title", "body || ' aaa'", "A-3"), WORD("aaa")},
		{AS_IF("title", "body || ' zzz'", "A-3"), WORD("zzz")},
		{AS_IF("title", "body || ' hall'", "A-3"), WORD("hall")},
		{AS_IF("title", "'oil dx of the'", "A-3"), WORD("hall")},
		{AS_IF("title", "'dx oil of the hall'", "A-3"), WORD("dx")},
		{AS_IF("'hall 3'", "'oil dx of the lamp'", "A-3"), WORD("hall")},
		{AS_IF("''", "'lamp 3 oil dx of the hall'", "A-3"), WORD("3")},
		{AS_IF("'lamp'", "'oil zx of the hall'", "A-60"), WORD("ix")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* ---- answers ---- */

#define SAID(page, what) "search_idx [" page "] " what "\n"
#define STRAY(page)      SAID(page, "points at no page of words")
#define ASTRAY(page)     SAID(page, "does not lead to the words of its page")
#define UNREAD(page)     SAID(page, "leads to a page that cannot be read")

/* All that is changed here is where the engine begins, or whereto it jumps: the words stand in
   their pages as before. */
TEST(what_is_asked_by_jumps_is_answered_the_same, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		/* A jump to record 2000 passes it by. */
		{MERGED "UPDATE search_data SET block = CAST(substr(block, 1, 2) || x'8f' ||"
			" substr(block, 4) AS BLOB) WHERE id >> 36 & 1 AND id & 2147483647 = 14",
			WORD("hall")},
		{MERGED "DELETE FROM search_data WHERE id >> 36 & 1 AND id & 2147483647 = 14",
			STRAY("0,0") ASTRAY("6,14") DAMAGED},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* ---- the tree ---- */

#define BYTES(segment, number, bytes)                                                              \
	"INSERT INTO search_data VALUES((" segment " << 37) | " number ", CAST(" bytes " AS "      \
	"BLOB));"
#define PAGE(number, hex) BYTES("9", number, "x'" hex "'")
#define FORK(hex, page)   "INSERT INTO search_idx VALUES(9, x'" hex "', 2 * " page ");"
/* The words 0a and 0ab; the word 0c. */
#define AB "0000000e023061010002016201000405"
#define C                                                                                          \
	"0000000902306301000"                                                                      \
	"4"
#define ALONE(hex)   PAGE("1", hex) FORK("", "1")
#define BEHIND(fork) ALONE(AB) PAGE("2", C) FORK(fork, "2")

TEST(the_tree_leads_to_each_page_between_the_words, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{ALONE(AB), ""},
		{PAGE("1", AB) FORK("3061", "1"), ""},
		{PAGE("1", AB) FORK("306100", "1"), ASTRAY("9,1")},
		{PAGE("1", AB) FORK("306162", "1"), ASTRAY("9,1")},
		{PAGE("1", AB), ASTRAY("9,1")},
		{BEHIND("306163"), ""},
		{BEHIND("3062"), ""},
		{BEHIND("3063"), ""},
		{BEHIND("30"), ASTRAY("9,2")},
		{BEHIND("3061"), ASTRAY("9,2")},
		{BEHIND("306162"), ASTRAY("9,2")},
		{BEHIND("306300"), ASTRAY("9,2")},
		{BEHIND("3064"), ASTRAY("9,2")},
		{ALONE(AB) PAGE("2", C), ASTRAY("9,2")},
		/* Each segment begins anew. */
		{BYTES("8", "1", "x'" C "'") "INSERT INTO search_idx VALUES(8, x'', 2);" ALONE(AB),
			""},
		{BYTES("8", "1", "x'" C "'") ALONE(AB), ASTRAY("8,1")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

TEST(what_leads_to_no_page_of_words_is_found, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{ALONE(AB) FORK("3062", "2"), STRAY("9,2")},
		{ALONE(AB) FORK("3061", "1"), STRAY("9,1")},
		{FORK("", "1"), STRAY("9,1")},
		{ALONE(AB) "INSERT INTO search_idx VALUES(8, x'', 2)", STRAY("8,1")},
		{ALONE(AB) "INSERT INTO search_idx VALUES(10, x'', 2)", STRAY("10,1")},
		/* Left over from merging: to a page before the first, and to its words. */
		{PAGE("2", AB) FORK("", "1") FORK("3061", "2"), ""},
		{PAGE("3", AB) FORK("", "1") FORK("3060", "2") FORK("3061", "3"), ""},
		{PAGE("2", AB) FORK("3061", "2") FORK("3062", "1"), STRAY("9,1")},
		{ALONE(AB) FORK("3062", "0"), STRAY("9,0")},
		/* Words in order that lead to pages that are not. */
		{ALONE(AB) PAGE("2", C) PAGE("3", "00000009023064010004") FORK("3062", "3")
				FORK("3064", "2"),
			ASTRAY("9,2") ASTRAY("9,3") STRAY("9,2")},
		/* A page that only goes on with the records of a word. */
		{ALONE(AB) PAGE("2", "000000060100"), ""},
		{ALONE(AB) PAGE("2", "000000060100") FORK("3062", "2"), STRAY("9,2")},
		{ALONE(AB) FORK("3062", "2") PAGE("3", C) FORK("3063", "3"), STRAY("9,2")},
		/* Whether the records of the last word have a tree of their own. */
		{PAGE("1", AB) "INSERT INTO search_idx VALUES(9, x'', 3)",
			STRAY("0,0") ASTRAY("9,1")},
		{PAGE("1", AB) BYTES(
			 "9", "1 | (1 << 36)", "x'ff'") "INSERT INTO search_idx VALUES(9, x'', 3)",
			""},
		{ALONE(AB) BYTES("9", "1 | (1 << 36)", "x'ff'"), STRAY("0,0") ASTRAY("9,1")},
		/* What the engine takes for something else. */
		{PAGE("1", AB) "INSERT INTO search_idx VALUES('9', x'', 2)",
			STRAY("0,0") ASTRAY("9,1")},
		{PAGE("1", AB) "INSERT INTO search_idx VALUES(9, '', 2)",
			STRAY("0,0") ASTRAY("9,1")},
		{PAGE("1", AB) "INSERT INTO search_idx VALUES(9, x'', '2')",
			STRAY("0,0") ASTRAY("9,1")},
		{PAGE("1", AB) "INSERT INTO search_idx VALUES(9, x'', -2)",
			STRAY("-1,2147483647") ASTRAY("9,1")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

TEST(a_page_in_no_form_of_the_engine_is_found, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{ALONE(""), UNREAD("9,1")},
		{ALONE("000000"), UNREAD("9,1")},
		{ALONE("00000005"), UNREAD("9,1")},
		{PAGE("1", "00000004"), ""},
		/* Where the words are said to stand. */
		{ALONE("00000009023063010000"), UNREAD("9,1")},
		{ALONE("0000000902306301000400"), UNREAD("9,1")},
		{ALONE("0130000902306301000004"), UNREAD("9,1")},
		{ALONE("00000009023063010009"), UNREAD("9,1")},
		{ALONE("0000000902306301000a"), UNREAD("9,1")},
		{ALONE("0000000902306301007f"), UNREAD("9,1")},
		{ALONE("00000009023063010084"), UNREAD("9,1")},
		{ALONE("00000009023063010080808004"), ""},
		{ALONE("0000000902306301008080808004"), UNREAD("9,1")},
		/* How long they are. */
		{ALONE("00000009043063017004"), ""},
		{ALONE("00000009053063017004"), UNREAD("9,1")},
		{ALONE("00000009023063018004"
		       "05"),
			UNREAD("9,1")},
		{ALONE("0000000e0230610100020262620004"
		       "05"),
			""},
		{ALONE("0000000e0230610100030262620004"
		       "05"),
			UNREAD("9,1")},
		/* In what order. */
		{ALONE("0000000e0230620100010161010004"
		       "05"),
			UNREAD("9,1")},
		{ALONE("0000000e0230620100010162010004"
		       "05"),
			UNREAD("9,1")},
		{ALONE("0000000e0230620100010163010004"
		       "05"),
			""},
		{ALONE("0000000e0230620100010001010004"
		       "05"),
			UNREAD("9,1")},
		{ALONE("0000000e0230620100020001010004"
		       "05"),
			UNREAD("9,1")},
		/* The words behind it are compared with what was read. */
		{PAGE("1", "") PAGE("2", C) FORK("3062", "2"), UNREAD("9,1")},
		{PAGE("1", "") PAGE("2", C) FORK("", "1") FORK("3062", "2"), UNREAD("9,1")},
		/* What stands under other keys is no page of words. */
		{BYTES("9", "1 | (1 << 36)", "x'ff'"), ""},
		{BYTES("9", "1 | (1 << 31)", "x'ff'"), ""},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* A page with a word of so many zeros, the first of them the engine's own. */
#define LONG(size, count, digits)                                                                  \
	BYTES("9", "1", "x'0000" size count "' || printf('%0" digits "d', 0) || x'04'")

TEST(a_word_is_as_long_as_the_engine_takes_it, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{LONG("0088", "8102", "130") "INSERT INTO search_idx VALUES(9,"
					     " CAST(printf('%0130d', 0) AS BLOB), 2)",
			""},
		{LONG("0088", "8102", "130") "INSERT INTO search_idx VALUES(9,"
					     " CAST(printf('%0131d', 0) AS BLOB), 2)",
			ASTRAY("9,1")},
		{LONG("8008", "828001", "32769") FORK("", "1"), ""},
		{LONG("8009", "828002", "32770") FORK("", "1"), UNREAD("9,1")},
		/* Two words, of which the second has all of the first. */
		{BYTES("9", "1",
			 "x'0000800c828000' || printf('%032768d', 0) || x'828000013104828003'")
				FORK("", "1"),
			""},
		{BYTES("9", "1",
			 "x'0000800d828000' || printf('%032768d', 0) || x'82800002313104828003'")
				FORK("", "1"),
			UNREAD("9,1")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* A word that no record has any more must not be found again, nor make others not to be found. */
TEST(the_tree_leads_to_words_that_are_gone, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"DELETE FROM search_idx WHERE hex(term) LIKE '3064656%'",
			WORD("dead24") ASTRAY("2,4") ASTRAY("4,3") ASTRAY("4,4")},
		{"UPDATE search_idx SET term = CAST(term || 'z' AS BLOB)"
		 " WHERE hex(term) LIKE '3064656%'",
			WORD("dead24") ASTRAY("2,4") ASTRAY("4,3") ASTRAY("4,4")},
		{MERGED "DELETE FROM search_idx WHERE term = x'306f78'", WORD("ox") ASTRAY("6,41")},
	};

	try_all(t, crimes, COUNT_OF(crimes));
}

/* ---- what cannot be read ---- */

/* What cannot be read is not said to be gone; and one table is not read for another. */
TEST(what_cannot_be_read_is_told_and_the_rest_is_compared, "LED-REQ-02")
{
	static const struct crime crimes[] = {
		{"DROP TABLE search_content", FAILED("no such table: main.search_content")},
		{"DROP TABLE search_docsize", FAILED("no such table: search_docsize")},
		{"DROP TABLE search_config",
			FAILED("vtable constructor failed: search")
				FAILED("no such table: search_config")
					FAILED("vtable constructor failed: search")
						FAILED("no such fts5 table: main.search")},
		{"DROP TABLE search_data",
			DAMAGED FAILED("no such table: search_data") DAMAGED DAMAGED},
		{"DROP TABLE search",
			FAILED("no such table: search") FAILED("no such table: search_docsize")
				FAILED("no such table: search_config")
					FAILED("no such table: search")
						FAILED("no such fts5 table: main.search")},
	};
	struct pair p;

	pair_open(t, &p);
	for (isize i = 0; i < COUNT_OF(crimes); i++)
		CHECK_STR(said(&p, "", crimes[i].sql), str_of(crimes[i].said));
	CHECK_STR(said(&p, crimes[0].sql, ""), str_of(crimes[0].said));
	CHECK_STR(said(&p, crimes[1].sql, ""), str_of(crimes[1].said));
	CHECK_STR(said(&p, "DROP TABLE search_idx", ""),
		S(FAILED("no such table: search_idx") FAILED("SQL logic error")));
	CHECK_STR(said(&p, "DROP TABLE search_data; DELETE FROM search_idx", ""),
		S(DAMAGED FAILED("no such table: search_data") FAILED("no such table: search_data")
				DAMAGED));
	CHECK_STR(said(&p,
			  "DROP TABLE search_docsize; UPDATE search_content SET c0 = 'B-5'"
			  " WHERE c0 = 'A-5'",
			  "DROP TABLE search_docsize"),
		S(TEXT("B-5") FAILED("no such table: search_docsize")));
	pair_close(&p);
}

/* ---- what the engine writes ---- */

/* Records come, change and go, and the engine merges as it likes.  Nobody tells it to: of SQLite
   3.40 the command "merge" brings words back that were taken away. */
static str history(struct test_case *t, uint64_t *random)
{
	struct buf b;

	buf_init(&b, t->arena, 1 << 20);
	buf_fmt(&b, "%s INSERT INTO search(search, rank) VALUES('pgsz', %" PRId64 "); BEGIN;",
		TABLE, 32 + test_random(random, 200));
	if (test_random(random, 2))
		buf_add(&b, S("INSERT INTO search(search, rank) VALUES('automerge', 4);"));
	for (int i = 0; i < 24; i++) {
		int64_t first = test_random(random, 50), last = first + test_random(random, 20);
		buf_fmt(&b,
			"DELETE FROM search WHERE rowid BETWEEN %" PRId64 " AND %" PRId64 ";"
			"INSERT INTO search(rowid, ref, kind, title, body) WITH RECURSIVE n(i) AS"
			" (SELECT %" PRId64 " UNION ALL SELECT i + 1 FROM n WHERE i < %" PRId64 ")"
			" SELECT i, 'A-' || i, 'asset', 'lamp ' || i, 'x' || (i * %" PRId64
			" %% 97) || ' y' || (i %% 3) FROM n;",
			first, last, first, last, 1 + test_random(random, 90));
		if (test_random(random, 2))
			buf_add(&b, S("COMMIT; BEGIN;"));
	}
	buf_add(&b, S("COMMIT"));
	return buf_str(&b);
}

static void make_history(struct test_case *t, struct pair *p, uint64_t *random)
{
	const char *sql = cstr(t->arena, history(t, random));

	pair_make(p, sql, sql);
	run_sql(t, p->right_file, "INSERT INTO search(search) VALUES('rebuild')");
	p->right_bytes = read_whole(t, p->right_file);
}

TEST(nothing_that_the_engine_writes_is_found, "LED-REQ-02")
{
	uint64_t random = first_random();
	struct pair p;

	pair_open(t, &p);
	for (int i = 0; i < 8; i++) {
		struct arena_mark mark = arena_here(t->arena);
		make_history(t, &p, &random);
		CHECK_STR(compared(&p), S(""));
		arena_rewind(t->arena, mark);
	}
	pair_close(&p);
}

/* ---- whatever changes an answer ---- */

/* The inner tables; a text may be cut and grow, a number only be another. */
static const struct inner {
	const char *table, *key, *column;
	bool is_text;
} inner[] = {{"content", "id", "c0", true}, {"content", "id", "c1", true},
	{"content", "id", "c2", true}, {"content", "id", "c3", true},
	{"content", "id", "id", false}, {"docsize", "id", "id", false},
	{"docsize", "id", "sz", true}, {"config", "k", "k", true}, {"config", "k", "v", false},
	{"data", "id", "id", false}, {"data", "id", "block", true},
	{"idx", "segid, term", "segid", false}, {"idx", "segid, term", "term", true},
	{"idx", "segid, term", "pgno", false}};

/* A row drawn at random loses a value, its place or itself, or is there twice. */
static const char *spoilt(struct test_case *t, const struct inner *in, uint64_t *random)
{
	const char *c = in->column;
	str where = str_fmt(t->arena,
		"WHERE (%s) = (SELECT %s FROM search_%s LIMIT 1 OFFSET %" PRId64
		" %% (SELECT count(*) FROM search_%s))",
		in->key, in->key, in->table, test_random(random, 1 << 20), in->table);
	int64_t step = 1 + test_random(random, test_random(random, 2) ? 4 : 1 << 20);
	const char byte = (char)test_random(random, 256);
	str value =
		str_fmt(t->arena, "%s %c %" PRId64, c, test_random(random, 2) ? '+' : '-', step);

	if (in->is_text && test_random(random, 2))
		value = str_fmt(t->arena, "CAST(%s || x'%02x' AS BLOB)", c, (unsigned)byte & 255);
	else if (in->is_text && test_random(random, 2))
		value = str_fmt(t->arena, "CAST(substr(%s, 1, length(%s) - %" PRId64 ") AS BLOB)",
			c, c, 1 + test_random(random, 3));
	else if (in->is_text)
		value = str_fmt(t->arena,
			"CAST(substr(%s, 1, %" PRId64 ") || x'%02x' || substr(%s, %" PRId64
			") AS BLOB)",
			c, step % 64, (unsigned)byte & 255, c, step % 64 + 2);
	if (test_random(random, 6) == 0)
		return cstr(t->arena,
			str_fmt(t->arena, "DELETE FROM search_%s %.*s", in->table, STR_ARG(where)));
	if (test_random(random, 6) == 0)
		return cstr(t->arena,
			str_fmt(t->arena,
				"CREATE TEMP TABLE one AS SELECT * FROM search_%s %.*s;"
				"UPDATE temp.one SET %s = %.*s;"
				"INSERT OR IGNORE INTO search_%s SELECT * FROM temp.one",
				in->table, STR_ARG(where), c, STR_ARG(value), in->table));
	return cstr(t->arena,
		str_fmt(t->arena, "UPDATE OR IGNORE search_%s SET %s = %.*s %.*s", in->table, c,
			STR_ARG(value), STR_ARG(where)));
}

static void hash_answer(sqlite3 *h, const char *sql, str word, struct sha256 *sum)
{
	sqlite3_stmt *s = NULL;
	int step = sqlite3_prepare_v2(h, sql, -1, &s, NULL);

	if (step == SQLITE_OK && word.n)
		step = sqlite3_bind_text(s, 1, word.p, (int)word.n, SQLITE_STATIC);
	while (step == SQLITE_OK || step == SQLITE_ROW) {
		step = sqlite3_step(s);
		for (int i = 0; step == SQLITE_ROW && i < sqlite3_column_count(s); i++) {
			int64_t is[] = {sqlite3_column_type(s, i), sqlite3_column_bytes(s, i)};
			const str piece[] = {{(const char *)sum->b, sizeof sum->b},
				{(const char *)is, sizeof is},
				{sqlite3_column_blob(s, i), sqlite3_column_bytes(s, i)}};
			*sum = sha256_of(piece, COUNT_OF(piece));
		}
	}
	const str piece[] = {
		{(const char *)sum->b, sizeof sum->b}, {(const char *)&step, sizeof step}};
	*sum = sha256_of(piece, COUNT_OF(piece));
	sqlite3_finalize(s);
}

/* What is read of the file by whoever searches: texts, settings, and what is answered to the words
   of any record, to words that there were, and to beginnings of words. */
static struct sha256 all_answers(struct pair *p)
{
	static const char *const read[] = {"SELECT * FROM search_content",
		"SELECT * FROM search_docsize", "SELECT * FROM search_config",
		"SELECT block FROM search_data WHERE id = 1"};
	static const char *const asked[] = {
		"SELECT rowid FROM search WHERE search MATCH '\"' || ?1 || '\"' ORDER BY rowid",
		"SELECT rowid FROM search WHERE search MATCH '\"' || ?1 || '\"*' ORDER BY rowid",
		"SELECT rowid FROM search WHERE search MATCH '\"' || ?1 || '\" AND lamp'",
		"SELECT rowid FROM search WHERE search MATCH '\"' || ?1 || '\"'"
		" ORDER BY bm25(search, 0, 0, 8, 1), rowid"};
	struct test_case *t = p->t;
	struct sha256 sum = sha256(S(""));
	sqlite3 *h;

	CHECK_INT(sqlite3_open(cstr(t->arena, p->file), &h), SQLITE_OK);
	for (int i = 0; i < COUNT_OF(read); i++)
		hash_answer(h, read[i], S(""), &sum);
	for (int word = -4; word < 97; word++)
		for (int i = 0; i < COUNT_OF(asked); i++) {
			static const char *const more[] = {"x", "y", "lamp", "y1"};
			char name[16];
			snprintf(name, sizeof name, "x%d", word);
			hash_answer(h, asked[i], str_of(word < 0 ? more[word + 4] : name), &sum);
		}
	sqlite3_close(h);
	return sum;
}

TEST(what_search_would_answer_otherwise_is_found, "LED-REQ-02")
{
	uint64_t random = first_random();
	int64_t stores = flips() / 200, hits = 0;
	struct pair p;

	pair_open(t, &p);
	for (int64_t i = 0; i < stores; i++) {
		struct arena_mark mark = arena_here(t->arena);
		make_history(t, &p, &random);
		struct sha256 before = all_answers(&p);
		for (int n = 0; n < COUNT_OF(inner) * 2; n++) {
			const struct inner *in = &inner[n % COUNT_OF(inner)];
			const char *sql = spoilt(t, in, &random);
			str is = said(&p, sql, "");
			struct sha256 now = all_answers(&p);
			bool is_other = memcmp(before.b, now.b, sizeof now.b) != 0;
			if (is_other && !is.n)
				test_fail(t, __FILE__, __LINE__, "not found: %s", sql);
			hits += is_other;
		}
		arena_rewind(t->arena, mark);
	}
	printf("# %" PRId64 " of %" PRId64 " changed what is answered\n", hits,
		stores * 2 * COUNT_OF(inner));
	CHECK(hits > 2 * stores);
	pair_close(&p);
}

TEST_MAIN()
