/* Marks: entries that no signature covers yet are the writer's, or are found. */
#include "call/call.h"
#include "crypt/keeper.h"
#include "ledger/ledger_in.h"
#include "serve/keeper.h"
#include "test.h"

enum { SIGNED = 12, TAIL = 9 };

/* A log of which SIGNED entries are signed, with a keeper. */
struct bench {
	str folder, path;
	struct db *db;
	struct ledger *ledger;
	struct keeper *keeper;
	struct keeper_state state;
	struct call call;
};

static void append(struct test_case *t, struct bench *b, int count)
{
	CHECK(db_begin(b->db, &b->call.err));
	for (int i = 0; i < count; i++) {
		b->call.now_us++;
		CHECK(ledger_append(&b->call,
			&(struct entry){.act = S("risk.update"),
				.object = str_fmt(t->arena, "risk:RSK-%d", i),
				.outcome = S("ok"),
				.reason = S("review"),
				.body = S("{}")}));
	}
	CHECK(db_commit(b->db));
	ledger_committed(b->call.ledger);
}

static bool sign(struct test_case *t, struct bench *b, struct err *e)
{
	return ledger_checkpoint(b->call.ledger, b->db, b->keeper, t->arena, b->call.now_us, e);
}

/* As a program does that is started: with the key of the keeper, or without. */
static void start(struct test_case *t, struct bench *b, bool has_keeper)
{
	struct err e = {0};

	CHECK(ledger_open(&b->call.ledger, t->arena, b->db, &e));
	if (has_keeper)
		CHECK(ledger_keep(b->call.ledger, t->arena, b->db, b->keeper, &e));
	CHECK_STR(err_text(&e), S(""));
}

static void open_bench(struct test_case *t, struct bench *b)
{
	struct err e = {0};
	struct buf ddl;
	int pid;

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &b->folder, &e));
	str keeper = str_fmt(t->arena, "%.*s/keeper", STR_ARG(b->folder));
	CHECK(keeper_create(t->arena, keeper, S("ward.example/test"), &e));
	CHECK(keeper_start(&b->keeper, t->arena, keeper, KEEPER_THREAD, &pid, &e));
	b->path = str_fmt(t->arena, "%.*s/store", STR_ARG(b->folder));
	CHECK(db_open(&b->db, t->arena, b->path, DB_CREATE, &e));
	buf_init(&ddl, t->arena, 20000);
	ledger_ddl(&ddl, S("sqlite"));
	CHECK(db_script(b->db, buf_str(&ddl), &e));
	b->call = (struct call){.arena = t->arena,
		.db = b->db,
		.who = {.name = S("Ada Example"), .actor = S("person:7")},
		.now_us = INT64_C(1790000000000000)};
	start(t, b, true);
	append(t, b, SIGNED);
	CHECK(sign(t, b, &e));
	CHECK(keeper_ask_state(b->keeper, &b->state, &e));
	CHECK_STR(err_text(&e), S(""));
}

static void close_bench(struct test_case *t, struct bench *b)
{
	struct err e = {0};

	db_close(b->db);
	keeper_close(b->keeper);
	CHECK(folder_remove(t->arena, b->folder, &e));
}

static struct ledger_tail look(struct test_case *t, struct bench *b)
{
	struct ledger_tail tail;
	struct err e = {0};

	CHECK(db_begin_read(b->db, &e));
	CHECK(ledger_tail_look(b->db, t->arena, b->keeper, &tail, &e));
	db_rollback(b->db);
	CHECK_STR(err_text(&e), S(""));
	return tail;
}

static struct ledger_report verify(struct test_case *t, struct bench *b, bool has_keeper)
{
	struct ledger_report report = {0};
	struct ledger_known known = ledger_known(&b->state);
	struct err e = {0};

	if (!has_keeper)
		known.mark_key = NULL;
	CHECK(db_begin_read(b->db, &e));
	CHECK(ledger_verify(b->db, t->arena, &known, NULL, &report, &e));
	db_rollback(b->db);
	CHECK_STR(err_text(&e), S(""));
	return report;
}

static str first_finding(const struct ledger_report *r)
{
	return r->findings ? r->findings->text : S("");
}

/* ---- what a writer leaves behind ---- */

TEST(what_a_killed_writer_left_is_signed_by_the_next, "")
{
	struct bench b = {0};
	struct err e = {0};

	open_bench(t, &b);
	append(t, &b, 3);
	append(t, &b, 2);
	for (int i = 0; i < 3; i++) {
		start(t, &b, true);
		CHECK_INT(ledger_tail(b.call.ledger).entries, 5 + i);
		CHECK_INT(ledger_tail(b.call.ledger).unmarked, 0);
		append(t, &b, 1);
	}
	CHECK_INT(look(t, &b).unmarked, 0);
	struct ledger_report r = verify(t, &b, true);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.unsigned_entries, 8);
	CHECK(sign(t, &b, &e));
	CHECK_INT(look(t, &b).entries, 0);
	append(t, &b, 1);
	CHECK_INT(look(t, &b).unmarked, 0);
	r = verify(t, &b, true);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.unsigned_entries, 1);
	close_bench(t, &b);
}

TEST(what_was_rolled_back_leaves_no_gap_in_the_marks, "")
{
	struct bench b = {0};
	struct entry one = {.act = S("x.y"), .outcome = S("ok")};

	open_bench(t, &b);
	for (int round = 0; round < 4; round++) {
		CHECK(db_begin(b.db, &b.call.err));
		CHECK(ledger_append(&b.call, &one));
		CHECK(db_save(b.db));
		ledger_saved(b.call.ledger);
		CHECK(ledger_append(&b.call, &one));
		db_undo(b.db);
		ledger_undone(b.call.ledger);
		CHECK(ledger_append(&b.call, &one));
		if (round % 2) {
			db_rollback(b.db);
			ledger_rolled_back(b.call.ledger);
		} else {
			CHECK(db_commit(b.db));
			ledger_committed(b.call.ledger);
		}
	}
	CHECK_INT(look(t, &b).entries, 4);
	CHECK_INT(look(t, &b).unmarked, 0);
	close_bench(t, &b);
}

/* ---- what somebody without the key puts there ---- */

TEST(what_bears_no_mark_is_found_and_not_signed, "")
{
	struct bench b = {0};
	struct err e = {0};

	open_bench(t, &b);
	append(t, &b, 2);
	start(t, &b, false);
	append(t, &b, 3);
	/* A later writer goes on behind them: its own are its own. */
	start(t, &b, true);
	append(t, &b, 1);
	struct ledger_tail tail = look(t, &b);
	CHECK_INT(tail.entries, 6);
	CHECK_INT(tail.unmarked, 3);
	CHECK_INT(tail.first, SIGNED + 2);
	struct ledger_report r = verify(t, &b, true);
	CHECK_INT(r.finding_count, 1);
	CHECK_STR(first_finding(&r),
		S("3 entries behind the last signed tree, from entry 14 on, bear no mark of this "
		  "keeper"));
	CHECK_INT(r.findings->seq, SIGNED + 2);
	/* Without the keeper nobody can tell, and nobody claims to. */
	r = verify(t, &b, false);
	CHECK_INT(r.finding_count, 0);
	CHECK_INT(r.unsigned_entries, 6);
	CHECK(!sign(t, &b, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK(str_starts(err_text(&e), S("3 entries behind the last signed tree")));
	err_clear(&e);
	/* A start that never asked for the key does not get it signed either. */
	start(t, &b, false);
	CHECK(!sign(t, &b, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	err_clear(&e);
	start(t, &b, true);
	ledger_adopt(b.call.ledger);
	append(t, &b, 1);
	CHECK(sign(t, &b, &e));
	r = verify(t, &b, true);
	CHECK_INT(r.finding_count, 0);
	CHECK_INT(r.unsigned_entries, 0);
	close_bench(t, &b);
}

/* Of a log that nothing was signed of yet, the first entry continues from nothing. */
TEST(marks_begin_with_the_first_entry, "")
{
	struct bench b = {0};
	struct err e = {0};

	open_bench(t, &b);
	memset(&b.state.root, 0, sizeof b.state.root);
	b.state.size = 0;
	CHECK(db_script(
		b.db, S("DROP TRIGGER checkpoint_not_deleted; DELETE FROM checkpoint;"), &e));
	struct ledger_report r = verify(t, &b, true);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.unsigned_entries, SIGNED);
	CHECK(db_script(b.db,
		S("DROP TRIGGER entry_not_updated; UPDATE entry SET leaf ="
		  " CAST(replace(CAST(leaf AS TEXT), 'review', 'rewiev') AS BLOB) WHERE seq = 3;"),
		&e));
	r = verify(t, &b, true);
	bool is_found = false;
	for (const struct ledger_finding *f = r.findings; f; f = f->next)
		is_found |=
			str_find(f->text, S("from entry 3 on, bear no mark of this keeper")) > 0;
	CHECK(is_found);
	CHECK_STR(err_text(&e), S(""));
	close_bench(t, &b);
}

/* A note in no form says nothing of what was signed: not even that it was nothing. */
TEST(a_checkpoint_in_no_form_is_no_place_to_go_on_from, "")
{
	struct bench b = {0};
	struct ledger_tail tail;
	struct err e = {0};

	open_bench(t, &b);
	CHECK(db_script(b.db,
		S("DROP TRIGGER checkpoint_not_updated; UPDATE checkpoint SET note = 'x';"), &e));
	CHECK(!ledger_keep(b.call.ledger, t->arena, b.db, b.keeper, &e));
	CHECK_INT(e.code, ERR_SYNTAX);
	err_clear(&e);
	CHECK(db_begin_read(b.db, &e));
	CHECK(!ledger_tail_look(b.db, t->arena, b.keeper, &tail, &e));
	CHECK_INT(e.code, ERR_SYNTAX);
	db_rollback(b.db);
	close_bench(t, &b);
}

TEST(a_checkpoint_of_another_keeper_is_no_place_to_go_on_from, "")
{
	struct bench b = {0}, other = {0};
	struct ledger_tail tail;
	struct err e = {0};

	open_bench(t, &b);
	open_bench(t, &other);
	CHECK(!ledger_keep(b.call.ledger, t->arena, b.db, other.keeper, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	err_clear(&e);
	CHECK(db_begin_read(b.db, &e));
	CHECK(!ledger_tail_look(b.db, t->arena, other.keeper, &tail, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	db_rollback(b.db);
	close_bench(t, &b);
	close_bench(t, &other);
}

/* ---- any change of the tail, by somebody who computes every hash anew ---- */

/* A leaf of the tail, as it was written. */
struct leaves {
	str text[SIGNED + TAIL];
	int count;
};

static void read_leaves(struct test_case *t, struct bench *b, struct leaves *out)
{
	struct err e = {0};
	struct rows r;

	out->count = 0;
	CHECK(db_begin_read(b->db, &e));
	db_query(b->db, &r, SQL("SELECT leaf FROM entry ORDER BY seq LIMIT 1000"));
	while (out->count < COUNT_OF(out->text) && rows_next(&r))
		out->text[out->count++] = str_dup(t->arena, rows_blob(&r, 0));
	CHECK(rows_done(&r));
	db_rollback(b->db);
}

/* The tail of the file becomes these leaves, each with its hash. */
static void write_tail(struct test_case *t, struct bench *b, const struct leaves *l)
{
	struct err e = {0};
	struct buf sql;

	buf_init(&sql, t->arena, 1 << 20);
	buf_fmt(&sql,
		"DROP TRIGGER IF EXISTS entry_not_updated; DROP TRIGGER IF EXISTS "
		"entry_not_deleted; PRAGMA foreign_keys=OFF; DELETE FROM entry WHERE seq >= %d;",
		SIGNED);
	for (int i = SIGNED; i < l->count; i++) {
		struct hash hash = merkle_leaf(l->text[i]);
		buf_fmt(&sql, "INSERT INTO entry VALUES(%d, 1, 'x', '', 'x', 'ok', '', x'", i);
		hex_print(&sql, l->text[i].p, l->text[i].n);
		buf_add(&sql, S("', x'"));
		hex_print(&sql, hash.b, HASH_BYTES);
		buf_add(&sql, S("');"));
	}
	CHECK(!sql.full);
	CHECK(db_script(b->db, buf_str(&sql), &e));
	CHECK_STR(err_text(&e), S(""));
}

static void move(struct leaves *l, int to, int from)
{
	memmove(&l->text[to], &l->text[from], (size_t)(l->count - from) * sizeof *l->text);
	l->count += to - from;
}

/* One bit, digit or letter of a leaf; its mark too. */
static str spoil(struct test_case *t, str leaf, uint64_t *random)
{
	str copy = str_dup(t->arena, leaf);
	char *at = (char *)(uintptr_t)copy.p + test_random(random, copy.n);

	*at = (char)(*at ^ 1 << test_random(random, 7));
	return copy;
}

/* Changes the tail at random; false when it came out as it was. */
static bool commit_crime(struct test_case *t, struct leaves *l, uint64_t *random)
{
	int at = SIGNED + (int)test_random(random, TAIL - 1), other;
	str was = l->text[at];

	switch (test_random(random, 5)) {
	case 0: /* changed */
		l->text[at] = spoil(t, was, random);
		return true;
	case 1: /* left out, and what follows moves up */
		move(l, at, at + 1);
		return true;
	case 2: /* two change places */
		other = SIGNED + (int)test_random(random, TAIL - 1);
		l->text[at] = l->text[other];
		l->text[other] = was;
		return at != other;
	case 3: /* one of another place of this log, signed or not */
		other = (int)test_random(random, SIGNED + TAIL);
		l->text[at] = l->text[other];
		return at != other;
	default: /* the tail of an earlier time: all behind the first checkpoint, once more */
		l->text[at] = l->text[(int)test_random(random, SIGNED)];
		l->count = at + 1;
		return true;
	}
}

TEST(whatever_is_done_to_the_tail_spoils_a_mark, "")
{
	struct bench b = {0};
	uint64_t random = (uint64_t)clock_mono();
	struct leaves is, changed;

	printf("# seed %" PRIu64 "\n", random);
	open_bench(t, &b);
	append(t, &b, TAIL);
	read_leaves(t, &b, &is);
	write_tail(t, &b, &is);
	CHECK_INT(is.count, SIGNED + TAIL);
	CHECK_INT(look(t, &b).unmarked, 0);
	for (int i = 0; i < 300 && t->failures == 0; i++) {
		struct arena_mark mark = arena_here(t->arena);
		changed = is;
		if (commit_crime(t, &changed, &random)) {
			write_tail(t, &b, &changed);
			CHECK(look(t, &b).unmarked > 0);
		}
		arena_rewind(t->arena, mark);
	}
	/* What marks cannot tell: that the end was cut off before anything signed it. */
	changed = is;
	changed.count = SIGNED + 2;
	write_tail(t, &b, &changed);
	CHECK_INT(look(t, &b).unmarked, 0);
	close_bench(t, &b);
}

/* The tail of a log that a keeper of another key, of another name or at another size would mark. */
TEST(a_mark_is_of_one_log_and_one_place, "")
{
	struct hash_key key = {{1}}, other = {{2}};
	struct hash root = merkle_empty(), another = {{3}};
	struct entry_mark m = mark_first(&key, S("a"), 5, root);
	str leaf = S("{\"reason\":\"x\",\"mark\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"v\":1}");
	struct entry_mark changed[] = {mark_first(&other, S("a"), 5, root),
		mark_first(&key, S("b"), 5, root), mark_first(&key, S("a"), 6, root),
		mark_first(&key, S("a"), 5, another)};

	for (int i = 0; i < COUNT_OF(changed); i++)
		CHECK(memcmp(m.b, changed[i].b, MARK_BYTES) != 0);
	struct entry_mark n = mark_next(&key, m, 5, leaf);
	struct entry_mark next[] = {mark_next(&other, m, 5, leaf), mark_next(&key, n, 5, leaf),
		mark_next(&key, m, 6, leaf), mark_next(&key, m, 5, S("{\"v\":1}"))};
	for (int i = 0; i < COUNT_OF(next); i++)
		CHECK(memcmp(n.b, next[i].b, MARK_BYTES) != 0);
}

TEST(a_mark_is_put_where_it_goes_and_nowhere_else, "")
{
	struct hash_key key = {{1}};
	struct entry_mark m = {{9}}, again;
	struct leaf leaf = {.act = S("a,\"mark\":\"AAAAAAAAAAAAAAAAAAAAAA=="),
		.outcome = S("ok"),
		.reason = S(",\"mark\":\""),
		.has_mark = true};
	struct buf b;

	buf_init(&b, t->arena, LIMIT_LEAF_BYTES);
	leaf_encode(&b, &leaf);
	again = mark_next(&key, m, 7, buf_str(&b));
	CHECK(!mark_is(buf_str(&b), &again));
	mark_put(&b, t->arena, &again);
	CHECK(mark_is(buf_str(&b), &again));
	CHECK(!mark_is(buf_str(&b), &m));
	/* The mark is of the leaf without it. */
	struct entry_mark same = mark_next(&key, m, 7, buf_str(&b));
	CHECK(memcmp(same.b, again.b, MARK_BYTES) == 0);
	CHECK(!mark_is(S("{\"act\":\"x\",\"v\":1}"), &again));
	CHECK(!mark_is(S("{\"act\":\"x\",\"mark\":\"AAAA\",\"v\":1}"), &again));
	CHECK(!mark_is(S(""), &again));
}

TEST_MAIN()
