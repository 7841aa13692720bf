/* Proofs and tiles out of the store: what was asked for is opened and nothing else, and what cannot
   be proven is refused with its reason; see log.h. */
#include "log.h"

static struct log *open_small(struct test_case *t, int count)
{
	struct log *l = NEW(t->arena, struct log, 1);

	log_open(t, l, S("ward.example/prove"));
	if (count)
		log_append_many(t, l, count, count);
	return l;
}

/* An entry of this body and of this person. */
static void append(struct test_case *t, struct log *l, str body, str person)
{
	l->call.who.name = person;
	CHECK(db_begin(l->db, &l->call.err));
	CHECK(ledger_append(&l->call,
		&(struct entry){.act = S("risk.update"),
			.object = S("risk:RSK-9"),
			.outcome = S("ok"),
			.body = body}));
	CHECK(db_commit(l->db));
	ledger_committed(l->ledger);
	l->call.who.name = S("Ada Example");
}

/* ---- what is opened ---- */

#define RECORD "foo\n"
#define BODY   "{\"hash\":\"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c\"}"

/* Whether the openings are these: each name with a blank behind it. */
static void check_opened(
	struct test_case *t, const struct opening *o, int count, const struct disclosed *open)
{
	struct buf *have = log_buffer(t);

	for (int i = 0; i < count; i++)
		buf_fmt(have, "%.*s ", STR_ARG(o[i].name));
	CHECK_STR(buf_str(have),
		str_fmt(t->arena, "%s%s%s", open->body ? "body " : "",
			open->personal ? "private " : "",
			open->body && open->record.n ? "record " : ""));
}

/* Every choice of parts, of the entry and of the proof that it is the last. */
TEST(what_was_asked_for_is_opened_and_nothing_else, "")
{
	struct log *l = open_small(t, 3);

	append(t, l, S(BODY), S("Ada Example"));
	log_sign(t, l);
	CHECK(db_begin_read(l->db, &l->call.err));
	for (int i = 0; i < 8; i++) {
		struct disclosed open = {.body = i & 1, .personal = i & 2};
		struct buf *receipt = log_buffer(t), *latest = log_buffer(t);
		struct err e = {0};
		struct checkpoint c;
		struct receipt r;
		struct latest p;
		open.record = i & 4 ? S(RECORD) : S("");
		CHECK(ledger_prove(&l->call, 3, &open, receipt));
		CHECK(ledger_prove_latest(&l->call, 3, &open, 0, latest));
		CHECK(receipt_check(t->arena, buf_str(receipt), S(""), &l->key, 1, &r, &c, &e));
		CHECK(latest_check(t->arena, buf_str(latest), &l->key, 1, &p, &c, &e));
		CHECK_STR(err_text(&e), S(""));
		check_opened(t, r.opening, r.opening_count, &open);
		check_opened(t, p.opening, p.opening_count, &open);
		if (!open.body && !open.personal)
			CHECK_STR(r.extra, r.leaf);
	}
	CHECK(!ledger_prove(&l->call, 3,
		&(struct disclosed){.body = true, .record = S("another\n")}, log_buffer(t)));
	CHECK_INT(l->call.err.code, ERR_TAMPERED);
	db_rollback(l->db);
	log_close(t, l);
}

TEST(what_an_entry_does_not_have_is_not_asked_for, "")
{
	struct disclosed all = {.body = true, .personal = true};
	struct log *l = open_small(t, 0);
	struct checkpoint c;
	struct receipt r;
	struct err e = {0};

	append(t, l, S(""), S(""));
	log_sign(t, l);
	struct buf *b = log_buffer(t);
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_prove(&l->call, 0, &all, b));
	CHECK(receipt_check(t->arena, buf_str(b), S(""), &l->key, 1, &r, &c, &e));
	CHECK_INT(r.opening_count, 0);
	db_rollback(l->db);
	log_close(t, l);
}

/* ---- refusals ---- */

/* What is done to a log of ten signed entries and one that is not, and asked of it then. */
enum asked { RECEIPT, LATEST, CONTINUES, BUNDLE, HASHES };
static const struct refusal {
	const char *sql;
	enum asked asked;
	int64_t seq; /* or the size of the older log */
	uint64_t size;
	bool is_signed_anew;
	enum err_code code;
	const char *said; /* the beginning */
} refusals[] = {
	{"", RECEIPT, 10, 0, false, ERR_BUSY, "entry 10 is not signed yet"},
	{"", RECEIPT, 99, 0, false, ERR_MISSING, "the ledger has no entry 99"},
	{"", RECEIPT, -1, 0, false, ERR_MISSING, "the ledger has no entry -1"},
	{"DELETE FROM entry_body WHERE part = 'body'", RECEIPT, 9, 0, false, ERR_MISSING,
		"the part \"body\" of entry 9 was erased"},
	{"DELETE FROM entry_body WHERE part = 'private'", RECEIPT, 9, 0, false, ERR_MISSING,
		"the part \"private\" of entry 9 was erased"},
	{"UPDATE entry_body SET salt = substr(salt, 2)", RECEIPT, 9, 0, false, ERR_MISSING,
		"the part \"body\" of entry 9 was erased"},
	{"UPDATE entry_body SET value = x''", RECEIPT, 9, 0, false, ERR_MISSING,
		"the part \"body\" of entry 9 was erased"},
	{"UPDATE entry_body SET value = x'00' WHERE seq = 9", RECEIPT, 9, 0, false, ERR_TAMPERED,
		"the part \"body\" that the proof opens is not what was logged"},
	{"ALTER TABLE entry_body RENAME TO x", RECEIPT, 9, 0, false, ERR_FAULT, "the store failed"},
	{"UPDATE entry SET leaf = CAST('{\"v\":1}' AS BLOB) WHERE seq = 9", RECEIPT, 9, 0, true,
		ERR_SYNTAX, "at byte 2 the leaf"},
	{"UPDATE entry SET hash = zeroblob(32) WHERE seq = 5", RECEIPT, 4, 0, false, ERR_TAMPERED,
		"entry 4 is not the one that was signed"},
	{"UPDATE entry SET hash = x'00' WHERE seq = 5", RECEIPT, 4, 0, false, ERR_TAMPERED,
		"entry 5 of the ledger is missing"},
	{"DELETE FROM checkpoint", RECEIPT, 4, 0, false, ERR_BUSY, "entry 4 is not signed yet"},
	{"UPDATE checkpoint SET note = 'x'", RECEIPT, 4, 0, false, ERR_SYNTAX, ""},
	{"", LATEST, 10, 0, false, ERR_BUSY, "entry 10 is not signed yet"},
	{"", LATEST, 99, 0, false, ERR_MISSING, "the ledger has no entry 99"},
	{"UPDATE entry SET object = 'risk:RSK-4' WHERE seq = 6", LATEST, 4, 0, false, ERR_INVALID,
		"entry 6 wrote risk:RSK-4 later"},
	{"UPDATE entry SET outcome = 'denied' WHERE seq = 4", LATEST, 4, 0, false, ERR_MISSING,
		"the ledger has no entry that wrote risk:RSK-4"},
	{"UPDATE entry SET object = 'x' WHERE seq = 4", LATEST, 4, 0, false, ERR_MISSING,
		"the ledger has no entry that wrote risk:RSK-4"},
	{"UPDATE entry SET leaf = CAST(leaf || x'0a' AS BLOB) WHERE seq = 8", LATEST, 4, 0, true,
		ERR_TAMPERED, "entry 8 is not a line of text"},
	{"UPDATE entry SET leaf = x'0a41' WHERE seq = 8", LATEST, 4, 0, true, ERR_TAMPERED,
		"entry 8 is not a line of text"},
	{"UPDATE entry SET leaf = CAST(leaf || x'0a' AS BLOB) WHERE seq = 10", LATEST, 4, 0, true,
		ERR_TAMPERED, "entry 10 is not a line of text"},
	{"UPDATE entry SET leaf = x'' WHERE seq = 8", LATEST, 4, 0, true, ERR_TAMPERED,
		"entry 8 is not a line of text"},
	{"UPDATE entry SET leaf = x'41' WHERE seq = 8", LATEST, 4, 0, false, ERR_TAMPERED,
		"the 10 entries of this log are not those that were signed"},
	{"DELETE FROM entry WHERE seq = 8", LATEST, 4, 0, false, ERR_TAMPERED,
		"the 10 entries of this log are not those that were signed"},
	{"DELETE FROM entry WHERE seq = 3", LATEST, 4, 0, false, ERR_TAMPERED,
		"entry 3 of the ledger is missing"},
	{"", CONTINUES, 11, 0, false, ERR_MISSING, "the log was signed up to 10 entries, not 11"},
	{"", CONTINUES, 4, 7, false, ERR_MISSING, "there is no checkpoint of 7 entries"},
	{"DELETE FROM checkpoint", CONTINUES, 4, 0, false, ERR_MISSING,
		"nothing has been signed yet"},
	{"ALTER TABLE checkpoint RENAME TO x", CONTINUES, 4, 10, false, ERR_FAULT,
		"the store failed"},
	{"UPDATE checkpoint SET note = 'x'", CONTINUES, 0, 0, false, ERR_SYNTAX, ""},
	{"UPDATE checkpoint SET note = 'x'", CONTINUES, 0, 10, false, ERR_SYNTAX, ""},
	{"DELETE FROM entry WHERE seq = 3", CONTINUES, 4, 0, false, ERR_TAMPERED,
		"entry 3 of the ledger is missing"},
	{"DELETE FROM entry WHERE seq = 8", CONTINUES, 4, 0, false, ERR_TAMPERED,
		"entry 8 of the ledger is missing"},
	{"UPDATE entry SET hash = zeroblob(32) WHERE seq = 8", CONTINUES, 4, 0, false, ERR_TAMPERED,
		"the 10 entries of this log are not those that were signed"},
	{"DELETE FROM entry WHERE seq = 9", BUNDLE, 10, 0, false, ERR_TAMPERED,
		"entry 9 of the ledger is missing"},
	{"UPDATE entry SET leaf = zeroblob(65536) WHERE seq = 4", BUNDLE, 10, 0, false,
		ERR_TAMPERED, "entry 4 of the ledger is missing"},
	{"UPDATE entry SET leaf = zeroblob(65536) WHERE seq = 10", BUNDLE, 10, 0, false, ERR_NONE,
		""},
	{"ALTER TABLE entry RENAME TO x", BUNDLE, 10, 0, false, ERR_FAULT, "the store failed"},
	{"", BUNDLE, 11, 0, false, ERR_MISSING, "the log was signed up to 10 entries"},
	{"", HASHES, 11, 0, false, ERR_MISSING, "the log was signed up to 10 entries"},
	{"DELETE FROM entry WHERE seq = 9", HASHES, 10, 0, false, ERR_TAMPERED,
		"entry 9 of the ledger is missing"},
	{"DELETE FROM entry WHERE seq = 9", HASHES, 9, 0, false, ERR_NONE, ""},
	{"UPDATE checkpoint SET note = 'x'", HASHES, 9, 0, false, ERR_SYNTAX, ""},
};

static bool ask(struct test_case *t, struct log *l, const struct refusal *x)
{
	struct disclosed open = {.body = true, .personal = true};
	struct tile_place place = {x->asked == BUNDLE ? TILE_ENTRIES : 0, 0, (int)x->seq};
	struct buf *b = log_buffer(t);
	str bytes;

	switch (x->asked) {
	case RECEIPT:
		return ledger_prove(&l->call, x->seq, &open, b);
	case LATEST:
		return ledger_prove_latest(&l->call, x->seq, &open, INT64_MAX, b);
	case CONTINUES:
		return ledger_prove_consistency(&l->call, (uint64_t)x->seq, NULL, x->size, b);
	case BUNDLE:
	case HASHES:
		break;
	}
	return ledger_tile(&l->call, &place, &bytes);
}

TEST(what_cannot_be_proven_is_refused_with_its_reason, "")
{
	for (int i = 0; i < COUNT_OF(refusals); i++) {
		struct arena_mark mark = arena_here(t->arena);
		const struct refusal *x = &refusals[i];
		struct log *l = open_small(t, 10);
		log_sign(t, l);
		append(t, l, S(""), S(""));
		log_tamper(t, l,
			str_fmt(t->arena,
				"PRAGMA foreign_keys=OFF; DROP TRIGGER entry_not_deleted;"
				" DROP TRIGGER checkpoint_not_updated; %s;",
				x->sql));
		if (x->is_signed_anew)
			log_sign(t, l);
		CHECK(db_begin_read(l->db, &l->call.err));
		bool ok = ask(t, l, x);
		if (ok != (x->code == ERR_NONE) || l->call.err.code != x->code ||
			!str_starts(err_text(&l->call.err), str_of(x->said)))
			test_fail(t, __FILE__, __LINE__, "row %d, %s: %s, code %d, %s", i, x->sql,
				ok ? "given" : "refused", (int)l->call.err.code, l->call.err.text);
		db_rollback(l->db);
		log_close(t, l);
		arena_rewind(t->arena, mark);
	}
}

/* ---- room ---- */

TEST(a_proof_for_which_there_is_no_room_is_refused, "")
{
	struct log *l = open_small(t, 300);
	struct buf small[3];

	log_sign(t, l);
	CHECK(db_begin_read(l->db, &l->call.err));
	for (int i = 0; i < 3; i++) {
		buf_init(&small[i], t->arena, 300);
		CHECK(!(i == 0 ? ledger_prove(&l->call, 299, &(struct disclosed){0}, &small[i])
				: i == 1
				? ledger_prove_latest(
					  &l->call, 299, &(struct disclosed){0}, 0, &small[i])
				: ledger_prove_consistency(&l->call, 7, NULL, 0, &small[i])));
		CHECK_INT(l->call.err.code, ERR_LIMIT);
		err_clear(&l->call.err);
	}
	db_rollback(l->db);
	log_close(t, l);
}

TEST(a_part_that_no_receipt_can_hold_is_not_opened, "")
{
	char *text = arena_bulk(t->arena, RECEIPT_BYTES);
	struct log *l = open_small(t, 0);

	memset(text, 'x', RECEIPT_BYTES);
	append(t, l, (str){text, RECEIPT_BYTES}, S(""));
	log_sign(t, l);
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(!ledger_prove(&l->call, 0, &(struct disclosed){.body = true}, log_buffer(t)));
	CHECK_INT(l->call.err.code, ERR_LIMIT);
	db_rollback(l->db);
	log_close(t, l);
}

TEST(entries_that_no_bundle_can_hold_are_not_given_out, "")
{
	struct tile_place place = {TILE_ENTRIES, 0, 20};
	struct log *l = open_small(t, 20);
	str bytes;

	log_sign(t, l);
	log_tamper(t, l, S("UPDATE entry SET leaf = zeroblob(65535);"));
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(!ledger_tile(&l->call, &place, &bytes));
	CHECK_INT(l->call.err.code, ERR_TAMPERED);
	db_rollback(l->db);
	log_close(t, l);
}

/* The key of the log was badly guarded: a checkpoint about one entry more than there is. */
TEST(a_checkpoint_that_says_too_much_proves_nothing, "")
{
	struct log *l = open_small(t, 10);
	struct checkpoint c;
	struct err e = {0};

	CHECK(checkpoint_open(t->arena, log_sign(t, l), &l->key, 1, &c, &e));
	c.size++;
	CHECK(db_begin(l->db, &e));
	CHECK(db_exec(l->db,
		SQL_LEDGER("INSERT INTO checkpoint(size, note, at) VALUES ($1, $2, 0)"),
		V((int64_t)c.size), V(log_checkpoint(t, l, &c))));
	CHECK(db_commit(l->db));
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(!ledger_prove_latest(&l->call, 9, &(struct disclosed){0}, 10, log_buffer(t)));
	CHECK_INT(l->call.err.code, ERR_TAMPERED);
	db_rollback(l->db);
	log_close(t, l);
}

/* The newest entry that wrote it, with as many behind it as may be and with one more. */
TEST(the_last_entry_may_have_so_many_behind_it, "")
{
	struct disclosed none = {0};
	struct log *l = open_small(t, 10);
	int64_t seq;

	log_sign(t, l);
	append(t, l, S(""), S("")); /* not signed, and not counted */
	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_latest(&l->call, S("risk:RSK-0"), &seq));
	CHECK_INT(seq, 0);
	CHECK(ledger_prove_latest(&l->call, 0, &none, 9, log_buffer(t)));
	CHECK(!ledger_prove_latest(&l->call, 0, &none, 8, log_buffer(t)));
	CHECK_INT(l->call.err.code, ERR_LIMIT);
	db_rollback(l->db);
	log_close(t, l);
}

TEST_MAIN()
