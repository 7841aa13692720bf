#include "call/call.h"
#include "crypt/keeper.h"
#include "db/db.h"
#include "ledger/stranger.h"
#include "serve/keeper.h"
#include "test.h"

/* A store with a ledger, a keeper, and one table of records. */
struct bench {
	str folder;
	struct db *db;
	struct ledger *ledger;
	struct keeper *keeper;
	struct verifier_key key;
	struct hash_key mark_key;
	struct call call;
};

static const int64_t start_us = INT64_C(1790000000000000);

static void open_bench(struct test_case *t, struct bench *b)
{
	struct keeper_state state;
	struct err e = {0};
	struct buf ddl;
	int pid;

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &b->folder, &e));
	str keeper = str_fmt(t->arena, "%.*s/keeper", STR_ARG(b->folder));
	CHECK(keeper_create(t->arena, keeper, S("ward.example/test"), &e));
	CHECK(keeper_start(&b->keeper, t->arena, keeper, KEEPER_THREAD, &pid, &e));
	CHECK(keeper_ask_state(b->keeper, &state, &e));
	b->key = vkey_make(state.origin, &state.key);
	b->mark_key = state.mark_key;
	CHECK(db_open(&b->db, t->arena, str_fmt(t->arena, "%.*s/store", STR_ARG(b->folder)),
		DB_CREATE, &e));
	buf_init(&ddl, t->arena, 20000);
	ledger_ddl(&ddl, S("sqlite"));
	buf_add(&ddl, S("CREATE TABLE risk(ref TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;"));
	CHECK(db_script(b->db, buf_str(&ddl), &e));
	CHECK(ledger_open(&b->ledger, t->arena, b->db, &e));
	CHECK(ledger_keep(b->ledger, t->arena, b->db, b->keeper, &e));
	CHECK_STR(err_text(&e), S(""));
	b->call = (struct call){.arena = t->arena,
		.db = b->db,
		.ledger = b->ledger,
		.who = {.name = S("Ada Example"), .actor = S("person:7")},
		.now_us = start_us};
}

static void close_bench(struct test_case *t, struct bench *b)
{
	struct err e = {0};

	db_close(b->db);
	keeper_close(b->keeper);
	CHECK(folder_remove(t->arena, b->folder, &e));
}

/* Writes a record and its entry, in the transaction that is open. */
static bool write_risk(struct bench *b, int number, char fill)
{
	struct arena *a = b->call.arena;
	char hash[65] = {0};
	str ref = str_fmt(a, "RSK-%d", number);

	memset(hash, fill, 64);
	struct entry e = {.act = S("risk.update"),
		.object = str_fmt(a, "risk:%.*s", STR_ARG(ref)),
		.outcome = S("ok"),
		.reason = S("review"),
		.body = str_fmt(a, "{\"hash\":\"%s\",\"rev\":1}", hash)};
	return db_exec(b->db,
		       SQL_CHANGE("INSERT INTO risk(ref, hash) VALUES ($1, $2)"
				  " ON CONFLICT(ref) DO UPDATE SET hash = excluded.hash"),
		       V(ref), V(str_of(hash))) &&
		ledger_append(&b->call, &e);
}

static void write_some(struct test_case *t, struct bench *b, int from, int count)
{
	CHECK(db_begin(b->db, &b->call.err));
	for (int i = from; i < from + count; i++) {
		b->call.now_us++;
		CHECK(write_risk(b, i, 'a'));
	}
	CHECK(db_commit(b->db));
	ledger_committed(b->ledger);
}

static void checkpoint(struct test_case *t, struct bench *b)
{
	struct err e = {0};

	CHECK(ledger_checkpoint(b->ledger, b->db, b->keeper, t->arena, start_us, &e));
	CHECK_STR(err_text(&e), S(""));
}

/* ---- records, as the kind engine will show them ---- */

struct walker {
	struct bench *b;
	int64_t next;
};

static bool find_risk(void *from, str object, bool *found, struct hash *out, struct err *e)
{
	struct walker *w = from;
	struct rows r;
	bool ok = true;

	db_query(w->b->db, &r, SQL("SELECT hash FROM risk WHERE ref = $1"),
		V(str_part(object, 5, object.n)));
	if ((*found = rows_next(&r)))
		ok = hex_parse(rows_str(&r, 0), out->b, HASH_BYTES);
	return rows_done(&r) && (ok || FAIL(e, ERR_FAULT, "the hash is not a hash"));
}

static bool next_risk(void *from, str *object, struct err *e)
{
	struct walker *w = from;
	struct rows r;

	(void)e;
	db_query(w->b->db, &r, SQL("SELECT ref FROM risk ORDER BY ref LIMIT 1 OFFSET $1"),
		V(w->next++));
	*object = rows_next(&r) ? str_fmt(w->b->call.arena, "risk:%.*s", STR_ARG(rows_str(&r, 0)))
				: S("");
	return rows_done(&r);
}

static struct ledger_report verify(
	struct test_case *t, struct bench *b, const struct checkpoint *expected)
{
	struct walker w = {.b = b};
	struct record_source records = {
		.from = &w, .find = find_risk, .next = next_risk};
	struct ledger_report report = {0};
	struct err e = {0};

	CHECK(db_begin_read(b->db, &e));
	struct ledger_known known = {.key = b->key, .mark_key = &b->mark_key};
	if (expected)
		known.expected = *expected;
	CHECK(ledger_verify(b->db, t->arena, &known, &records, &report, &e));
	db_rollback(b->db);
	CHECK_STR(err_text(&e), S(""));
	return report;
}

/* Does what no code of ours may: behind the triggers' back. */
static void tamper(struct test_case *t, struct bench *b, const char *sql)
{
	struct err e = {0};
	str script = str_fmt(t->arena,
		"DROP TRIGGER entry_not_updated; DROP TRIGGER entry_not_deleted;"
		" DROP TRIGGER tile_not_updated; DROP TRIGGER tile_not_deleted;"
		" DROP TRIGGER checkpoint_not_updated; DROP TRIGGER checkpoint_not_deleted;"
		" PRAGMA foreign_keys=OFF; %s;",
		sql);

	CHECK(db_script(b->db, script, &e));
	CHECK_STR(err_text(&e), S(""));
}

static str first_finding(const struct ledger_report *r)
{
	return r->findings ? r->findings->text : S("");
}

/* ---- appending ---- */

TEST(an_entry_can_be_read_back_with_its_parts, "")
{
	struct bench b = {0};
	struct ledger_row row, *list;
	struct err e = {0};
	struct leaf leaf;
	isize count;

	open_bench(t, &b);
	write_some(t, &b, 0, 3);
	CHECK_INT(ledger_size(b.ledger), 3);
	CHECK(db_begin_read(b.db, &b.call.err));
	CHECK(ledger_get(&b.call, 1, &row));
	CHECK_STR(row.act, S("risk.update"));
	CHECK_STR(row.object, S("risk:RSK-1"));
	CHECK_STR(row.name, S("Ada Example"));
	CHECK_STR(row.actor, S("person:7"));
	CHECK(str_starts(row.body, S("{\"hash\":\"aaaa")));
	CHECK(leaf_decode(t->arena, row.leaf, &leaf, &e));
	CHECK_STR(leaf.reason, S("review"));
	CHECK_INT(leaf.at_us, start_us + 2);
	CHECK(str_find(row.leaf, S("Ada")) < 0);
	CHECK(ledger_list(&b.call, S(""), -1, 2, &list, &count));
	CHECK_INT(count, 2);
	CHECK_INT(list[0].seq, 2);
	CHECK_INT(list[0].body.n, 0);
	CHECK_INT(list[1].seq, 1);
	CHECK(ledger_list(&b.call, S("risk:RSK-1"), -1, 10, &list, &count));
	CHECK_INT(count, 1);
	CHECK(ledger_list(&b.call, S(""), 0, 10, &list, &count));
	CHECK_INT(count, 0);
	CHECK(!ledger_get(&b.call, 3, &row));
	CHECK_INT(b.call.err.code, ERR_MISSING);
	db_rollback(b.db);
	close_bench(t, &b);
}

TEST(the_store_refuses_to_change_an_entry, "")
{
	struct bench b = {0};
	struct err e = {0}, f = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 1);
	CHECK(!db_script(b.db, S("UPDATE entry SET act = 'x';"), &e));
	CHECK(!db_script(b.db, S("DELETE FROM entry;"), &f));
	close_bench(t, &b);
}

/* What a savepoint or a rollback undoes must not stand in the tree, over the edges of tiles too. */
TEST(undone_entries_leave_no_trace, "")
{
	struct bench b = {0};
	struct ledger *again;
	struct err e = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 250);
	for (int round = 0; round < 6; round++) {
		CHECK(db_begin(b.db, &b.call.err));
		CHECK(write_risk(&b, 1000, 'b'));
		for (int i = 0; i < 2; i++) {
			CHECK(db_save(b.db));
			ledger_saved(b.ledger);
			for (int k = 0; k < 10 + round; k++)
				CHECK(write_risk(&b, k, 'c'));
			if (i) {
				CHECK(db_release(b.db));
			} else {
				db_undo(b.db);
				ledger_undone(b.ledger);
			}
		}
		if (round % 2) {
			db_rollback(b.db);
			ledger_rolled_back(b.ledger);
		} else {
			CHECK(db_commit(b.db));
			ledger_committed(b.ledger);
		}
		CHECK(ledger_open(&again, t->arena, b.db, &e));
		CHECK_INT(ledger_size(again), ledger_size(b.ledger));
		checkpoint(t, &b);
	}
	CHECK_INT(ledger_size(b.ledger), 250 + 11 + 13 + 15);
	struct ledger_report r = verify(t, &b, NULL);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.entries, 289);
	CHECK_INT(r.tiles, 1);
	CHECK_INT(r.checkpoints, 3);
	CHECK_INT(r.parts, 3 * 289);
	close_bench(t, &b);
}

TEST(a_leaf_beyond_its_limit_is_not_written, "")
{
	struct bench b = {0};
	char long_text[LIMIT_LEAF_BYTES];
	struct entry e = {
		.act = S("x"), .outcome = S("ok"), .reason = {long_text, LIMIT_LEAF_BYTES}};

	open_bench(t, &b);
	memset(long_text, 'x', sizeof long_text);
	CHECK(db_begin(b.db, &b.call.err));
	CHECK(!ledger_append(&b.call, &e));
	CHECK_INT(b.call.err.code, ERR_LIMIT);
	db_rollback(b.db);
	ledger_rolled_back(b.ledger);
	CHECK_INT(ledger_size(b.ledger), 0);
	close_bench(t, &b);
}

/* ---- checkpoints and proofs ---- */

TEST(every_entry_has_a_receipt_once_signed, "")
{
	struct bench b = {0};
	struct receipt receipt;
	struct checkpoint c;
	struct err e = {0};
	struct buf out;
	int64_t at_us;
	str note;

	open_bench(t, &b);
	write_some(t, &b, 0, 100);
	checkpoint(t, &b);
	checkpoint(t, &b);
	write_some(t, &b, 0, 500);
	checkpoint(t, &b);
	write_some(t, &b, 0, 1);
	CHECK(db_begin_read(b.db, &b.call.err));
	CHECK(ledger_newest(&b.call, &note, &c, &at_us));
	CHECK_INT(c.size, 600);
	CHECK_INT(at_us, start_us);
	for (int64_t seq = 0; seq < 600; seq += 37) {
		buf_init(&out, t->arena, RECEIPT_BYTES);
		CHECK(ledger_prove(&b.call, seq, &(struct disclosed){0}, &out));
		CHECK(receipt_check(t->arena, buf_str(&out), S(""), &b.key, 1, &receipt, &c, &e));
		CHECK_INT(receipt.index, seq);
		CHECK(str_find(receipt.extra,
			      str_fmt(t->arena, "risk:RSK-%d\"",
				      (int)(seq < 100 ? seq : seq - 100))) > 0);
	}
	CHECK(!ledger_prove(&b.call, 600, &(struct disclosed){0}, &out));
	CHECK_INT(b.call.err.code, ERR_BUSY);
	db_rollback(b.db);
	close_bench(t, &b);
}

/* A backup put back: the store is older than what the keeper signed. */
TEST(a_restored_store_is_not_signed, "")
{
	struct bench b = {0};
	struct ledger *older;
	struct err e = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 10);
	checkpoint(t, &b);
	tamper(t, &b,
		"DELETE FROM checkpoint; DELETE FROM entry_body WHERE seq > 7;"
		" DELETE FROM entry WHERE seq > 7");
	CHECK(ledger_open(&older, t->arena, b.db, &e));
	CHECK_INT(ledger_size(older), 8);
	CHECK(!ledger_checkpoint(older, b.db, b.keeper, t->arena, start_us, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK(str_starts(
		err_text(&e), S("the ledger has 8 entries, but 10 were signed: 2 are missing")));
	close_bench(t, &b);
}

TEST(opening_finds_what_contradicts_the_checkpoint, "")
{
	static const char *const sql[] = {
		"DELETE FROM entry_body; DELETE FROM entry WHERE seq = 299",
		"UPDATE entry SET hash = zeroblob(32) WHERE seq = 280",
		"UPDATE tile SET root = zeroblob(32)", "DELETE FROM tile"};

	for (isize i = 0; i < COUNT_OF(sql); i++) {
		struct bench b = {0};
		struct ledger *l;
		struct err e = {0};
		open_bench(t, &b);
		write_some(t, &b, 0, 300);
		checkpoint(t, &b);
		tamper(t, &b, sql[i]);
		CHECK(!ledger_open(&l, t->arena, b.db, &e));
		CHECK_INT(e.code, ERR_TAMPERED);
		close_bench(t, &b);
	}
}

TEST(a_leaf_changed_before_signing_is_not_signed, "")
{
	struct bench b = {0};
	struct err e = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 256);
	tamper(t, &b,
		"UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT),"
		" 'review', 'rewiev') AS BLOB) WHERE seq = 200");
	CHECK(!ledger_checkpoint(b.ledger, b.db, b.keeper, t->arena, start_us, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK_STR(err_text(&e), S("entry 200 is not what was written; nothing is signed"));
	close_bench(t, &b);
}

/* ---- verification ---- */

struct crime {
	const char *sql, *finding;
	int64_t seq;
};

static void check_crime(struct test_case *t, const struct crime *crime)
{
	struct bench b = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 300);
	checkpoint(t, &b);
	struct ledger_report clean = verify(t, &b, NULL);
	CHECK_INT(clean.finding_count, 0);
	CHECK_INT(clean.records, 300);
	CHECK_INT(clean.newest.size, 300);
	tamper(t, &b, crime->sql);
	struct ledger_report r = verify(t, &b, &clean.newest);
	CHECK(r.finding_count > 0);
	CHECK_STR(first_finding(&r), str_of(crime->finding));
	if (r.findings)
		CHECK_INT(r.findings->seq, crime->seq);
	close_bench(t, &b);
}

TEST(verification_names_what_was_done, "")
{
	static const struct crime crime[] = {
		{"UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'n1', 'n2') AS BLOB)"
		 " WHERE seq = 7",
			"entry 7 was changed: its leaf has another hash", 7},
		{"UPDATE entry SET actor = 'person:8' WHERE seq = 8",
			"entry 8: its column \"actor\" is not as in its leaf", 8},
		{"UPDATE entry SET at = at + 1 WHERE seq = 9",
			"entry 9: its time is not as in its leaf", 9},
		{"UPDATE entry_body SET value = CAST('{}' AS BLOB) WHERE seq = 10 AND part = "
		 "'body'",
			"entry 10: its part \"body\" was changed", 10},
		{"DELETE FROM entry_body WHERE seq = 11 AND part = 'private'",
			"entry 11: its part \"private\" is gone, and no entry erased it", 11},
		{"DELETE FROM entry WHERE seq = 12",
			"entry 12 is missing; the next one is 13, and from there on "
			"nothing is compared with the tree",
			12},
		{"UPDATE tile SET hashes = zeroblob(8192)",
			"tile 0/0 differs from the entries at hash 0", 0},
		{"DELETE FROM tile", "tile 0/0 is missing", -1},
		{"UPDATE tile SET root = zeroblob(32)", "tile 0/0 has another root than its hashes",
			-1},
		{"UPDATE checkpoint SET note = replace(note, '300', '299')",
			"checkpoint 300: the signature of ward.example/test does not hold", -1},
		{"DELETE FROM entry_body WHERE seq > 297; DELETE FROM entry WHERE seq > 297;"
		 " DELETE FROM checkpoint; DELETE FROM risk WHERE ref IN ('RSK-298', 'RSK-299')",
			"2 entries are missing at the end: a checkpoint that the keeper signed is "
			"about 300",
			-1},
		{"UPDATE risk SET hash = replace(hash, 'a', 'b') WHERE ref = 'RSK-17'",
			"risk:RSK-17 is not as entry 17 wrote it", 17},
		{"DELETE FROM risk WHERE ref = 'RSK-18'",
			"risk:RSK-18 is gone, but entry 18 wrote it", 18},
		{"INSERT INTO risk SELECT 'RSK-999', hash FROM risk WHERE ref = 'RSK-1'",
			"risk:RSK-999 is in the store, but no entry wrote it", -1},
		{"INSERT INTO tile VALUES(5, zeroblob(32), zeroblob(8192))",
			"there are 1 tiles too many", -1},
		{"INSERT INTO erasure VALUES(11, 'private', 12);"
		 " DELETE FROM entry_body WHERE seq = 11 AND part = 'private'",
			"entry 11: its part \"private\" is gone, and no entry erased it", 11}};

	for (isize i = 0; i < COUNT_OF(crime); i++) {
		struct arena_mark mark = arena_here(t->arena);
		check_crime(t, &crime[i]);
		arena_rewind(t->arena, mark);
	}
}

/* Entry and hash changed together, the tree with them: the signature still tells. */
TEST(a_rewritten_history_does_not_fit_the_signature, "")
{
	struct bench b = {0};
	struct ledger_report r;

	open_bench(t, &b);
	write_some(t, &b, 0, 20);
	checkpoint(t, &b);
	tamper(t, &b,
		"UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = 4),"
		" hash = (SELECT hash FROM entry WHERE seq = 4), object = 'risk:RSK-4',"
		" at = (SELECT at FROM entry WHERE seq = 4) WHERE seq = 5");
	r = verify(t, &b, NULL);
	bool is_told = false;
	for (const struct ledger_finding *f = r.findings; f; f = f->next)
		is_told |= str_eq(f->text,
			S("checkpoint 20: the entries before it are not those that"
			  " were signed"));
	CHECK(is_told);
	close_bench(t, &b);
}

/* Erases entry 11; `restates` what the erased part vouched for, or forgets to. */
static void erase(struct test_case *t, struct bench *b, bool restates, str object)
{
	struct entry entry = {.act = S("ledger.erase"), .object = object, .outcome = S("ok")};

	CHECK(db_begin(b->db, &b->call.err));
	CHECK(!restates || db_note_table(b->db, S("risk")));
	CHECK(ledger_append(&b->call, &entry));
	CHECK(db_exec(b->db, SQL_LEDGER("DELETE FROM entry_body WHERE seq = $1"), V(11)));
	CHECK(db_exec(b->db,
		SQL_LEDGER("INSERT INTO erasure(seq, part, by_seq) VALUES ($1, 'private', $2),"
			   " ($1, 'body', $2), ($1, 'rows', $2)"),
		V(11), V(20)));
	CHECK(db_commit(b->db));
	ledger_committed(b->ledger);
	checkpoint(t, b);
}

TEST(an_erasure_that_an_entry_names_is_accepted, "")
{
	struct bench b = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 20);
	erase(t, &b, true, S("entry:11/body+private+rows"));
	struct ledger_report r = verify(t, &b, NULL);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.erased, 3);
	CHECK_INT(r.records, 19);
	/* Its row cannot be changed in its shadow. */
	tamper(t, &b, "UPDATE risk SET hash = 'x' WHERE ref = 'RSK-11'");
	r = verify(t, &b, NULL);
	CHECK_STR(first_finding(&r), S("risk [\"RSK-11\"] is not as entry 20 wrote it"));
	close_bench(t, &b);
}

TEST(an_erasure_must_state_anew_what_it_vouched_for, "")
{
	struct bench b = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 20);
	erase(t, &b, false, S("entry:11/rows+private+body"));
	struct ledger_report r = verify(t, &b, NULL);
	CHECK_STR(first_finding(&r),
		S("risk [\"RSK-11\"] is in the store, but no entry wrote it"));
	close_bench(t, &b);
}

/* Who was asked to erase a name has not said that what was approved may go, too. */
TEST(an_erasure_is_of_the_parts_that_its_entry_names, "")
{
	static const char *const objects[] = {"entry:11", "entry:11/", "entry:11/body+private",
		"entry:1/body+private+rows", "entry:11/body+privates+rows",
		"entry:111/body+private+rows"};
	static const int gone[] = {3, 3, 1, 3, 1, 3};

	for (int i = 0; i < COUNT_OF(objects); i++) {
		struct bench b = {0};
		int found = 0;
		open_bench(t, &b);
		write_some(t, &b, 0, 20);
		erase(t, &b, true, str_of(objects[i]));
		struct ledger_report r = verify(t, &b, NULL);
		for (const struct ledger_finding *f = r.findings; f; f = f->next)
			found += str_starts(f->text, S("erasure [11,"));
		CHECK_INT(found, gone[i]);
		CHECK_INT(r.erased, 3 - gone[i]);
		close_bench(t, &b);
	}
}

/* Lines of other keys, a second of our own, an empty one: the note has what the keeper signed. */
TEST(a_note_has_nothing_but_what_was_signed, "")
{
	static const char *const more[] = {"note || 'x'", "note || char(10)",
		"note || '— somebody AAAAAAAA' || char(10)",
		"note || substr(note, instr(note, char(10) || char(10)) + 2)",
		"replace(note, char(10) || char(10), char(10) || char(10) || '— somebody "
		"AAAAAAAA' || char(10))"};

	for (int i = 0; i < COUNT_OF(more); i++) {
		struct bench b = {0};
		open_bench(t, &b);
		write_some(t, &b, 0, 5);
		checkpoint(t, &b);
		tamper(t, &b,
			cstr(t->arena,
				str_fmt(t->arena, "UPDATE checkpoint SET note = %s", more[i])));
		struct ledger_report r = verify(t, &b, NULL);
		CHECK(str_starts(first_finding(&r), S("checkpoint 5: ")));
		close_bench(t, &b);
	}
}

/* The row of an erasure excuses a missing part, nothing else, and only with its entry. */
TEST(an_erasure_that_was_forged_excuses_nothing, "")
{
	struct bench b = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 20);
	checkpoint(t, &b);
	tamper(t, &b, "INSERT INTO erasure VALUES(11, 'body', 12);"
		      " UPDATE risk SET hash = 'x' WHERE ref = 'RSK-11'");
	struct ledger_report r = verify(t, &b, NULL);
	bool is_forged = false, is_changed = false;
	for (const struct ledger_finding *f = r.findings; f; f = f->next) {
		is_forged |= str_starts(f->text, S("erasure [11,\"body\"]: no entry says"));
		is_changed |= str_eq(
			f->text, S("risk [\"RSK-11\"] is not as entry 11 wrote it"));
	}
	CHECK(is_forged);
	CHECK(is_changed);
	close_bench(t, &b);
}

TEST(a_clock_that_steps_back_is_reported_and_no_failure, "")
{
	struct bench b = {0};

	open_bench(t, &b);
	write_some(t, &b, 0, 3);
	b.call.now_us -= 5000000;
	write_some(t, &b, 3, 3);
	struct ledger_report r = verify(t, &b, NULL);
	CHECK_INT(r.finding_count, 0);
	CHECK_INT(r.clock_steps_back, 1);
	close_bench(t, &b);
}

/* Past the second level: 65,536 entries and some, opened again and signed on. */
TEST(a_log_of_two_levels_opens_and_signs, "")
{
	struct bench b = {0};
	struct ledger *again;
	struct err e = {0};

	open_bench(t, &b);
	b.call.who.name = S("");
	struct entry entry = {.act = S("x.y"), .outcome = S("ok")};
	CHECK(db_begin(b.db, &b.call.err));
	for (int i = 0; i < 65536 + 300; i++) {
		struct arena_mark mark = arena_here(t->arena);
		CHECK(ledger_append(&b.call, &entry));
		arena_rewind(t->arena, mark);
		if (i == 65535)
			ledger_saved(b.ledger);
	}
	CHECK(db_commit(b.db));
	ledger_committed(b.ledger);
	checkpoint(t, &b);
	CHECK(ledger_open(&again, t->arena, b.db, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_INT(ledger_size(again), 65836);
	struct ledger_report r = verify(t, &b, NULL);
	CHECK_STR(first_finding(&r), S(""));
	CHECK_INT(r.tiles, 258);
	close_bench(t, &b);
}

TEST_MAIN()
