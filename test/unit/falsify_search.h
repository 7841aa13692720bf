/* Of test_falsify.c, whose store it uses: what is spoilt in the inner tables of search. */
#ifndef TEST_FALSIFY_SEARCH_H
#define TEST_FALSIFY_SEARCH_H
#include "test.h"

/* ---- the inner tables of search ---- */

struct inner {
	const char *table, *column;
	bool is_text; /* else bytes or a number */
};
static const struct inner inner[] = {{"search_content", "c0", true}, {"search_content", "c1", true},
	{"search_content", "c2", true}, {"search_content", "c3", true},
	{"search_content", "id", false}, {"search_docsize", "id", false},
	{"search_docsize", "sz", true}, {"search_config", "k", true}, {"search_config", "v", false},
	{"search_data", "id", false}, {"search_data", "block", true},
	{"search_idx", "segid", false}, {"search_idx", "term", true},
	{"search_idx", "pgno", false}};

/* The key of a row drawn at random, as a condition. */
static str any_row(struct test_case *t, const struct inner *in, uint64_t *random)
{
	str table = str_of(in->table);
	str key = str_eq(table, S("search_idx"))    ? S("segid, term")
		: str_eq(table, S("search_config")) ? S("k")
						    : S("id");

	return str_fmt(t->arena,
		"(%.*s) = (SELECT %.*s FROM %s LIMIT 1 OFFSET %" PRId64
		" %% (SELECT count(*) FROM %s))",
		STR_ARG(key), STR_ARG(key), in->table, test_random(random, 1 << 20), in->table);
}

/* A row loses a value, its place or itself; true when the file took that. */
static bool spoil_inner(
	struct test_case *t, sqlite3 *h, const struct inner *in, uint64_t *random, str *what)
{
	str where = any_row(t, in, random), c = str_of(in->column), value;

	if (!in->is_text)
		value = str_fmt(t->arena, "%.*s %c %" PRId64, STR_ARG(c),
			test_random(random, 2) ? '+' : '-', 1 + test_random(random, 1 << 20));
	else if (test_random(random, 3) == 0)
		value = str_fmt(t->arena, "CAST(substr(%.*s, 2) || 'q' AS BLOB)", STR_ARG(c));
	else if (test_random(random, 2))
		value = str_fmt(t->arena, "CAST(%.*s || x'01' AS BLOB)", STR_ARG(c));
	else
		value = str_fmt(t->arena, "CAST(substr(%.*s, 1, length(%.*s) / 2) AS BLOB)",
			STR_ARG(c), STR_ARG(c));
	if (test_random(random, 4) == 0)
		*what = str_fmt(t->arena, "DELETE FROM %s WHERE %.*s", in->table, STR_ARG(where));
	else
		*what = str_fmt(t->arena, "UPDATE %s SET %.*s = %.*s WHERE %.*s", in->table,
			STR_ARG(c), STR_ARG(value), STR_ARG(where));
	return changes(t, h, *what);
}

/* Against the store as it was, whose index the first verification has derived anew. */
static bool compare_search(
	struct test_case *t, struct base *b, struct db *right, struct ledger_report *out)
{
	struct err e = {0};
	struct db *db;

	*out = (struct ledger_report){.arena = t->arena, .end = &out->findings};
	if (!db_open(&db, t->arena, b->file, DB_AUDIT, &e))
		return false;
	CHECK(db_begin_read(db, &e));
	search_compare(db, right, out);
	db_rollback(db);
	db_close(db);
	return true;
}

static void check_inner(struct test_case *t, struct base *b, struct db *right,
	const struct sha256 *before, const struct inner *in, uint64_t *random, int *hits)
{
	struct arena_mark mark = arena_here(t->arena);
	struct ledger_report r = {0};
	struct sha256 now;
	sqlite3 *h = open_raw(t, b);
	str what = S("");
	bool done = spoil_inner(t, h, in, random, &what);

	close_raw(t, h);
	bool is_read = !read_all(t, b, &now) || memcmp(now.b, before->b, sizeof now.b) != 0;
	*hits += done && is_read;
	if (done && is_read && compare_search(t, b, right, &r) && r.finding_count == 0)
		test_fail(t, __FILE__, __LINE__, "not found: %.*s", STR_ARG(what));
	arena_rewind(t->arena, mark);
}
#endif
