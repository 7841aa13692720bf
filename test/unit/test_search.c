/* Search: what is found and by what words, how much of it, and that the index is right. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "records.h"
#include "store.h"

#include <sqlite3.h>

/* ---- what a record is found by ---- */

/* How many records the words find. */
static isize found(struct test_case *t, struct call *c, str words)
{
	struct hits hits;

	if (!kind_search(c, words, &hits)) {
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(words), c->err.text);
		err_clear(&c->err);
		return -1;
	}
	return hits.count;
}

/* A word of its own for each place that holds texts, put in place of what stands there. */
struct marked {
	int count;
	int secret[200]; /* which of them stand in secret fields */
	int secret_count;
};

static str mark(struct arena *a, struct marked *m, bool secret)
{
	if (secret)
		m->secret[m->secret_count++] = m->count;
	return str_fmt(a, "q%dz", m->count++);
}

/* What a row must have, and a word of its own where it has room for one. */
static void mark_cell(
	struct arena *a, struct marked *m, void *row, const struct field *col, bool secret)
{
	switch (col->type) {
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		*(int64_t *)kind_slot(row, col) = col->required ? col->min : INT_NONE;
		break;
	case FIELD_ENUM:
		*(int *)kind_slot(row, col) = col->required;
		break;
	case FIELD_REF:
		*(str *)kind_slot(row, col) = col->required ? S("ZZ-1") : S("");
		break;
	default:
		*(str *)kind_slot(row, col) = S("");
		if (!col->check && (col->max == 0 || col->max > 6))
			*(str *)kind_slot(row, col) = mark(a, m, secret);
	}
}

static void mark_rows(struct arena *a, struct marked *m, void *rec, const struct field *f)
{
	struct any_rows *rows = kind_slot(rec, f);

	rows->count = f->max == 1 ? 1 : 2;
	rows->item = arena_take(a, f->row_size, (isize) _Alignof(max_align_t), rows->count);
	for (isize i = 0; i < rows->count; i++)
		for (int n = 0; n < f->col_count; n++)
			if (f->col[n].type != FIELD_FLAG && f->col[n].type != FIELD_WORDS)
				mark_cell(a, m, (char *)rows->item + i * f->row_size, &f->col[n],
					f->secret);
}

static void mark_field(struct arena *a, struct marked *m, struct rec *r, const struct field *f)
{
	struct words *w;

	if (f->type == FIELD_TEXT || f->type == FIELD_PROSE) {
		if (!f->check && (f->max == 0 || f->max > 6))
			*(str *)kind_slot(r, f) = mark(a, m, f->secret);
	} else if (f->type == FIELD_WORDS && !f->ref_count && !f->check) {
		w = kind_slot(r, f);
		*w = (struct words){.item = NEW(a, str, 2), .count = 2};
		w->item[0] = mark(a, m, f->secret);
		w->item[1] = mark(a, m, f->secret);
	} else if (f->type == FIELD_ROWS) {
		mark_rows(a, m, r, f);
	}
}

static bool is_secret(const struct marked *m, int n)
{
	for (int i = 0; i < m->secret_count; i++)
		if (m->secret[i] == n)
			return true;
	return false;
}

/* Puts it twice, so that the words of the first revision are gone. */
static void check_kind(struct test_case *t, struct call *c, const struct kind *k)
{
	uint64_t state = 1;
	struct marked m = {0};
	struct rec *r = random_record(t->arena, &state, k);

	if (!kind_put(c, r, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(k->name), c->err.text);
	for (int i = 0; i < k->field_count; i++)
		mark_field(t->arena, &m, r, &k->field[i]);
	if (!kind_put(c, r, S("test.update"))) {
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(k->name), c->err.text);
		for (const struct issue *i = c->err.issues; i; i = i->next)
			printf("# %.*s\n", STR_ARG(i->text));
	}
	for (int i = 0; i < m.count; i++)
		if (found(t, c, str_fmt(t->arena, "q%dz", i)) != !is_secret(&m, i))
			test_fail(t, __FILE__, __LINE__, "%.*s: word %d of %d", STR_ARG(k->name), i,
				m.count);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM search WHERE ref = $1"), V(r->ref)), 1);
	CHECK(db_exec(c->db, SQL_FREE("DELETE FROM search WHERE ref = $1"), V(r->ref)));
}

TEST(a_record_is_found_by_every_text_that_is_not_secret, "POL-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 0; i < kind_count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		check_kind(t, c, &kinds[i]);
		arena_rewind(t->arena, mark);
	}
	store_close(t, c);
}

static struct asset *new_asset(const struct call *c, const char *title)
{
	struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);

	a->rec.title = str_of(title);
	a->type = 1;
	return a;
}

TEST(words_of_lists_are_found_dates_and_references_are_not, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = new_asset(c, "Lamp");
	const struct field *type = kind_field(&kinds[KIND_ASSET], S("type"));

	a->location = S("hall");
	a->rec.review_due = 20726; /* 30 Sep 2026 */
	a->rec.owner = S("PERSON-77");
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_INT(found(t, c, kind_value_words(c->arena, a, type)), 1);
	CHECK_INT(found(t, c, S("Sep")), 0);
	CHECK_INT(found(t, c, S("77")), 0);
	CHECK_INT(found(t, c, a->rec.ref), 1);
	CHECK_INT(found(t, c, S("asset")), 0);
	store_close(t, c);
}

/* ---- the words ---- */

TEST(words_are_taken_by_their_beginning_and_all_must_be_there, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	static const struct {
		const char *words;
		isize count;
	} cases[] = {{"lamp", 2}, {"lam", 2}, {"lamps", 0}, {"la oil", 1}, {"oil la", 1},
		{"oil gas", 0}, {"\"lamp\"", 2}, {"la\"mp", 0}, {"\"", 0}, {"", 0}, {"  ", 0},
		{"AND", 0}, {"lamp OR", 0}, {"title:lamp", 0}, {"z\xc3\xbcrich", 1}, {"zurich", 1},
		{"*", 0}, {"(", 0}};

	CHECK(kind_put(c, new_asset(c, "Lamp with oil"), S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "A lamp of Zurich"), S("asset.create")));
	for (isize i = 0; i < COUNT_OF(cases); i++)
		if (found(t, c, str_of(cases[i].words)) != cases[i].count)
			test_fail(t, __FILE__, __LINE__, "%s", cases[i].words);
	/* Nothing of what stands behind the words. */
	CHECK_INT(found(t, c, str_part(S("lampxx"), 0, 4)), 2);
	store_close(t, c);
}

/* `count` times the word, with blanks between. */
static str repeated(struct call *c, str word, int count)
{
	struct buf b;

	buf_init(&b, c->arena, 1000);
	for (int i = 0; i < count; i++)
		buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(word));
	return buf_str(&b);
}

static bool is_refused(struct call *c, str words)
{
	struct hits hits;
	bool ok = kind_search(c, words, &hits);
	bool refused = !ok && c->err.code == ERR_LIMIT;

	err_clear(&c->err);
	return refused;
}

TEST(a_search_takes_so_many_words_and_no_more, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	enum { MOST = LIMIT_SEARCH_WORDS };

	CHECK(!is_refused(c, repeated(c, S("w"), MOST)));
	CHECK(is_refused(c, repeated(c, S("w"), MOST + 1)));
	CHECK(!is_refused(c, repeated(c, S(" - w, "), MOST)));
	str longer = repeated(c, S("w"), MOST + 1);
	CHECK(!is_refused(c, str_part(longer, 0, longer.n - 1)));
	CHECK(!kind_search(c, longer, &(struct hits){0}));
	CHECK_STR(err_text(&c->err), S("a search takes 16 words at the most; these are 17"));
	err_clear(&c->err);
	/* What parts two words for the engine does here. */
	for (int ch = 1; ch < 128; ch++) {
		bool is_letter = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
			(ch >= 'A' && ch <= 'Z');
		str word = str_fmt(c->arena, "x%cx", ch);
		bool refused = is_refused(c, repeated(c, word, MOST / 2 + 1));
		if (refused == is_letter)
			test_fail(t, __FILE__, __LINE__, "character %d", ch);
	}
	CHECK(!is_refused(c, repeated(c, S("a\xc4\x80z\xf0\x9f\x98\x80"), MOST)));
	store_close(t, c);
}

/* ---- how much ---- */

/* `count` assets from A-`first` on, for the summary and the index alone. */
static void many(struct test_case *t, struct call *c, int first, int count, const char *title,
	const char *class)
{
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO record(ref, id, kind, prefix, number, rev, title, state, "
			 "owner, "
			 "product, classification, review_due, changed) WITH RECURSIVE n(i) AS "
			 "(SELECT "
			 "$1 UNION ALL SELECT i + 1 FROM n WHERE i < $2) SELECT 'A-' || i, CAST(i "
			 "AS "
			 "BLOB), 'asset', 'A', i, 1, $3, 'planned', '', '', $4, NULL, 1 FROM n"),
		V(first), V(first + count - 1), V(str_of(title)), V(str_of(class))));
	/* The numbers of the rows fall while those of the records rise. */
	CHECK(db_exec(c->db,
		SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) SELECT 1000000 - "
			 "number, ref, "
			 "kind, title, 'beside the lamp' FROM record WHERE number >= $1 AND number "
			 "< $2"),
		V(first), V(first + count)));
}

static str first_found(struct test_case *t, struct call *c, const char *words)
{
	struct hits hits;

	CHECK(kind_search(c, str_of(words), &hits));
	return hits.count ? hits.item[0].ref : S("");
}

TEST(two_hundred_are_shown_and_more_are_said_to_be_there, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct hits hits;

	many(t, c, 100, SEARCH_ROWS, "Thing", "");
	CHECK(kind_search(c, S("lamp"), &hits));
	CHECK_INT(hits.count, SEARCH_ROWS);
	CHECK(!hits.more);
	many(t, c, 1000, 1, "Thing", "");
	CHECK(kind_search(c, S("lamp"), &hits));
	CHECK_INT(hits.count, SEARCH_ROWS);
	CHECK(hits.more);
	for (isize i = 1; i < hits.count; i++)
		CHECK(str_cmp(hits.item[i - 1].ref, hits.item[i].ref) < 0);
	store_close(t, c);
}

TEST(what_is_best_comes_first_however_many_do_not_match, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct hits hits;

	many(t, c, 10000, SEARCH_RANKED + 1, "Thing", "");
	many(t, c, 2000, 6, "Oil", "");
	many(t, c, 1000, 1, "Thing with oil", "");
	CHECK(kind_search(c, S("oil"), &hits));
	CHECK_INT(hits.count, 7);
	CHECK_STR(hits.item[6].ref, S("A-1000"));
	for (int i = 0; i < 6; i++)
		CHECK_STR(hits.item[i].ref, str_fmt(t->arena, "A-%d", 2000 + i));
	/* More than are ranked: by title first, in no order. */
	many(t, c, 3000, 1, "Lamp", "");
	CHECK_STR(first_found(t, c, "lamp"), S("A-3000"));
	CHECK(kind_search(c, S("lamp"), &hits));
	CHECK(hits.more && hits.count == SEARCH_ROWS);
	store_close(t, c);
}

/* Those that the caller may not see take no room from those they may. */
static void check_last(struct test_case *t, int hidden, bool in_title)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct who before = c->who;
	struct grant g = {0};
	struct hits hits;

	many(t, c, 10000, hidden, in_title ? "Lamp" : "Thing", "restricted");
	many(t, c, 90000, 1, "Thing", "");
	right_match(S("asset.read"), g.right);
	c->who = (struct who){.ref = S("P1"), .grant = &g, .grant_count = 1};
	CHECK(kind_search(c, S("lamp"), &hits));
	CHECK_INT(hits.count, 1);
	CHECK(!hits.more);
	CHECK_STR(hits.item[0].ref, S("A-90000"));
	c->who = before;
	store_close(t, c);
}

TEST(what_is_hidden_takes_no_room_from_what_is_found, "POL-REQ-01")
{
	check_last(t, 10, false);
	check_last(t, SEARCH_RANKED - 1, false);
	check_last(t, SEARCH_RANKED, false);
	check_last(t, SEARCH_RANKED, true);
}

TEST(ranking_ends_where_it_says, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	/* All the same: ranked by reference, else by the number of the row. */
	many(t, c, 10000, SEARCH_RANKED, "Thing", "");
	CHECK_STR(first_found(t, c, "lamp"), S("A-10000"));
	many(t, c, 90000, 1, "Thing", "");
	CHECK_STR(first_found(t, c, "lamp"), S("A-90000"));
	store_close(t, c);
}

/* ---- briefs ---- */

TEST(a_brief_says_what_the_record_shows_of_itself, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct asset *a = new_asset(c, "Lamp");
	struct brief b;

	a->rec.owner = S("P1");
	a->rec.product = S("PRD-1");
	a->rec.review_due = 20726;
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "Other"), S("asset.create")));
	CHECK(kind_brief(c, a->rec.ref, &b));
	CHECK(b.kind == &kinds[KIND_ASSET]);
	CHECK_STR(b.ref, a->rec.ref);
	CHECK_STR(b.title, S("Lamp"));
	CHECK_STR(b.state, S("Planned"));
	CHECK_STR(b.owner, S("P1"));
	CHECK_STR(b.product, S("PRD-1"));
	CHECK_INT(b.review_due, 20726);
	CHECK_INT(b.changed, a->rec.since);
	CHECK(kind_brief(c, S("A-2"), &b));
	CHECK_STR(b.title, S("Other"));
	CHECK_INT(b.review_due, DAY_NONE);
	CHECK(!kind_brief(c, S("A-3"), &b));
	CHECK_INT(c->err.code, ERR_NONE);
	/* What this program does not know. */
	CHECK(db_exec(c->db, SQL_FREE("UPDATE record SET state = 'nothing' WHERE ref = 'A-1'")));
	CHECK(kind_brief(c, S("A-1"), &b));
	CHECK_STR(b.state, S(""));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE record SET kind = 'nothing' WHERE ref = 'A-1'")));
	CHECK(!kind_brief(c, S("A-1"), &b));
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK(!kind_brief(c, S("A-2"), &b));
	store_undo(t, c);
	store_close(t, c);
}

TEST(briefs_of_many_are_those_of_each, "")
{
	enum { MOST = 40, ROOM = MOST + 20 };
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct brief out[ROOM];
	str ref[ROOM];

	many(t, c, 100, ROOM, "Thing", "");
	many(t, c, 500, 1, "Shut", "");
	for (isize n = 0; n <= MOST; n++) {
		/* From the last, so that the first by reference are others. */
		for (isize i = 0; i < ROOM; i++) {
			ref[i] = str_fmt(t->arena, "A-%td", 100 + ROOM - 1 - i);
			out[i] = (struct brief){0};
		}
		if (n > 2) {
			ref[1] = S("A-404");
			ref[n] = ref[n - 1] = ref[0];
		}
		CHECK(kind_briefs(c, ref, n, out));
		for (isize i = 0; i < n; i++) {
			bool is_there = n <= 2 || i != 1;
			CHECK((out[i].kind != NULL) == is_there);
			CHECK_STR(out[i].ref, is_there ? ref[i] : S(""));
		}
		for (isize i = n; i < ROOM; i++)
			CHECK(!out[i].kind);
	}
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK(!kind_briefs(c, ref, 1, out) && !kind_briefs(c, ref, 20, out));
	CHECK(!kind_search(c, S("lamp"), &(struct hits){0}));
	store_undo(t, c);
	store_close(t, c);
}

TEST(a_brief_is_for_who_may_see_the_record, "POL-REQ-01")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct message *m = kind_new(c->arena, &kinds[KIND_MESSAGE]);
	struct who before = c->who;
	struct brief b;
	struct grant g = {0};
	static const char *const classes[] = {
		"", "public", "internal", "confidential", "restricted", "?"};

	m->rec.title = S("Report");
	m->rec.need_to_know = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
	m->rec.need_to_know.item[0] = S("P2");
	m->is_protected = true;
	m->direction = m->type = 1;
	if (!kind_put(c, m, S("message.create")))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	struct asset *a = new_asset(c, "Lamp");
	a->rec.owner = S("P3");
	CHECK(kind_put(c, a, S("asset.create")));
	right_match(S("*.read"), g.right);
	g.right[CAN_RESTRICTED_READ / 64] &= ~(UINT64_C(1) << (CAN_RESTRICTED_READ % 64));
	c->who = (struct who){.ref = S("P1"), .grant = &g, .grant_count = 1};
	CHECK(!kind_brief(c, m->rec.ref, &b));
	struct brief both[2] = {{0}, {0}};
	CHECK(kind_briefs(c, (str[]){m->rec.ref, a->rec.ref}, 2, both));
	CHECK(!both[0].kind && !both[0].owner.n && both[1].kind);
	c->who.ref = S("P2");
	CHECK(kind_brief(c, m->rec.ref, &b));
	for (isize i = 0; i < COUNT_OF(classes); i++) {
		CHECK(db_exec(c->db, SQL_FREE("UPDATE record SET classification = $1"),
			V(str_of(classes[i]))));
		CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET f_classification = NULLIF($1, '')"),
			V(str_of(classes[i]))));
		CHECK_INT(kind_brief(c, a->rec.ref, &b), i < 4);
	}
	CHECK(db_exec(c->db, SQL_FREE("UPDATE record SET classification = ''")));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET f_classification = NULL")));
	g = (struct grant){0};
	c->who.ref = S("P3");
	CHECK(!kind_brief(c, a->rec.ref, &b));
	right_match(S("asset.read"), g.right);
	CHECK(kind_brief(c, a->rec.ref, &b));
	c->who = before;
	store_close(t, c);
}

/* ---- the index, verified ---- */

#define ROW(ref) "search [\"" ref "\"] is not what its record says\n"
#define INDEX    "the search index is not what the records say\n"

/* The findings about the rows of search and its words, each with a line end. */
static str findings_of(struct test_case *t, struct call *store)
{
	struct call c = {.arena = t->arena, .err.arena = t->arena, .at_us = TIME_NONE};
	struct ledger_report report = {0};
	struct ledger_known known = {0};
	struct buf b;

	buf_init(&b, t->arena, 4000);
	CHECK(store_commit(t, store));
	CHECK(db_open(&c.db, t->arena,
		str_fmt(t->arena, "%.*s/ward.db", STR_ARG(store_folder(store))), DB_AUDIT, &c.err));
	CHECK(db_begin_read(c.db, &c.err));
	CHECK(store_verify(&c, &known, store_schema(t->arena, S("sqlite")), &report));
	/* Whoever verifies goes on reading. */
	CHECK(db_ok(c.db));
	for (const struct ledger_finding *f = report.findings; f; f = f->next)
		if (str_starts(f->text, S("the search index is not what the records say")))
			buf_add(&b, S(INDEX));
		else if (str_starts(f->text, S("search [")) || str_starts(f->text, S("the search")))
			buf_fmt(&b, "%.*s\n", STR_ARG(f->text));
	db_rollback(c.db);
	db_close(c.db);
	return buf_str(&b);
}

/* Assets with rows 300, 200 and 100 of the index: the order of these is not that of references. */
static struct call *open_indexed(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 1; i <= 3; i++) {
		struct asset *a = new_asset(c, "Lamp");
		a->rec.ref = str_fmt(c->arena, "A-%d", i);
		CHECK(kind_put(c, a, S("asset.create")));
	}
	CHECK(store_commit(t, c));
	return c;
}

/* The reference of the index's first, second or third row. */
static str row_ref(struct call *c, int n)
{
	struct rows r;
	str ref = S("");

	db_query(c->db, &r, SQL("SELECT ref FROM search ORDER BY rowid LIMIT 1 OFFSET $1"), V(n));
	if (rows_next(&r))
		ref = str_dup(c->arena, rows_str(&r, 0));
	bool ok = rows_done(&r);
	assert(ok);
	return ref;
}

static void change(struct test_case *t, struct call *c, struct value sql, str ref)
{
	struct value v[] = {sql, V(ref)};

	CHECK(db_exec_values(c->db, v, ref.n ? 2 : 1));
}

TEST(a_row_of_the_index_that_was_changed_is_named, "")
{
	const struct value changes[] = {
		SQL_FREE("UPDATE search SET ref = ref || 'x' WHERE ref = $1"),
		SQL_FREE("UPDATE search SET kind = 'risk' WHERE ref = $1"),
		SQL_FREE("UPDATE search SET title = 'Other' WHERE ref = $1"),
		SQL_FREE("UPDATE search SET body = 'Other' WHERE ref = $1"),
		SQL_FREE("DELETE FROM search WHERE ref = $1")};
	struct call *c = open_indexed(t);

	CHECK_STR(findings_of(t, c), S(""));
	for (int n = 0; n < 3; n++)
		for (isize i = 0; i < COUNT_OF(changes); i++) {
			struct arena_mark mark = arena_here(t->arena);
			str ref = row_ref(c, n);
			void *rec;
			change(t, c, changes[i], ref);
			str want =
				str_fmt(t->arena, ROW("%.*s%s"), STR_ARG(ref), i == 0 ? "x" : "");
			str said = findings_of(t, c);
			CHECK(str_starts(said, want));
			CHECK(said.n == want.n || str_eq(str_part(said, want.n, said.n), S(INDEX)));
			/* Writing the record makes it good again. */
			CHECK(kind_get(c, &kinds[KIND_ASSET], ref, &rec));
			((struct rec *)rec)->review_due = 20000 + n * 10 + i;
			CHECK(kind_put(c, rec, S("asset.update")));
			CHECK_STR(findings_of(t, c), S(""));
			arena_rewind(t->arena, mark);
		}
	store_close(t, c);
}

TEST(a_row_too_many_of_the_index_is_named_alone, "")
{
	const struct value extras[] = {SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) "
						"VALUES(1, 'A-9', 'asset', 'A-9 x', 'x')"),
		SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) "
			 "VALUES(9223372036854775807, 'A-9', 'asset', 'A-9 x', 'x')"),
		SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) SELECT min(rowid) + 1, "
			 "'A-9', 'asset', 'A-9 x', 'x' FROM search")};
	struct call *c = open_indexed(t);

	for (isize i = 0; i < COUNT_OF(extras); i++) {
		change(t, c, extras[i], S(""));
		CHECK_STR(findings_of(t, c), S(ROW("A-9") INDEX));
		change(t, c, SQL_FREE("DELETE FROM search WHERE ref = $1"), S("A-9"));
	}
	/* The same as the first, under another number. */
	str first = row_ref(c, 0);
	change(t, c,
		SQL_FREE("INSERT INTO search(rowid, ref, kind, title, body) SELECT 1, ref, kind, "
			 "title, "
			 "body FROM search WHERE ref = $1"),
		first);
	CHECK_STR(findings_of(t, c), str_fmt(t->arena, ROW("%.*s") INDEX, STR_ARG(first)));
	change(t, c, SQL_FREE("DELETE FROM search WHERE rowid <> 0"), S(""));
	str said = findings_of(t, c);
	int lines = 0;
	for (isize i = 0; i < said.n; i++)
		lines += said.p[i] == '\n';
	CHECK_INT(lines, 4);
	store_close(t, c);
}

/* What the port refuses, as somebody with the file would do it. */
static void tamper(struct test_case *t, struct call *c, const char *sql)
{
	sqlite3 *h = NULL;

	CHECK(store_commit(t, c));
	db_rollback(c->db);
	str name = str_fmt(t->arena, "%.*s/ward.db", STR_ARG(store_folder(c)));
	CHECK_INT(sqlite3_open(cstr(t->arena, name), &h), SQLITE_OK);
	CHECK_INT(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
	CHECK(db_begin(c->db, &c->err));
}

/* The words of the index are not its rows: who changes one can leave the other. */
TEST(words_of_the_index_that_its_rows_do_not_say_are_found, "")
{
	struct call *c = open_indexed(t);

	change(t, c, SQL_FREE("UPDATE search SET title = 'Other' WHERE ref = $1"), S("A-2"));
	tamper(t, c, "UPDATE search_content SET c2 = 'A-2 Lamp' WHERE c0 = 'A-2'");
	CHECK_STR(findings_of(t, c), S(INDEX));
	tamper(t, c, "DROP TABLE search_data");
	CHECK(str_find(findings_of(t, c), S("the search index cannot be read: ")) >= 0);
	store_close(t, c);
}

TEST_MAIN()
