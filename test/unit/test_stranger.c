/* What strangers get of the ledger: receipts, proofs and tiles; see log.h. */
#include "log.h"

/* ---- compact ranges ---- */

struct leaves {
	struct hash hash[600];
};

static bool from_leaves(void *from, int level, uint64_t index, struct hash *out)
{
	struct leaves *l = from;

	if (level == 0)
		*out = l->hash[index];
	else
		*out = merkle_perfect(&l->hash[index * TILE_WIDTH], TILE_WIDTH);
	return level <= 1;
}

TEST(a_range_goes_on_to_the_root_of_the_whole, "")
{
	struct leaves *l = NEW(t->arena, struct leaves, 1);
	uint64_t state = 2;

	for (int i = 0; i < COUNT_OF(l->hash); i++)
		l->hash[i] = merkle_leaf(str_fmt(t->arena, "leaf %d", i));
	for (int i = 0; i < 300; i++) {
		uint64_t size = (uint64_t)test_random(&state, COUNT_OF(l->hash) + 1);
		uint64_t from = (uint64_t)test_random(&state, (int64_t)size + 1);
		struct proof parts;
		struct range r;
		struct hash want, have;
		CHECK(range_read(from_leaves, l, from, &parts));
		CHECK(range_begin(&r, from, &parts));
		for (uint64_t k = from; k < size; k++)
			range_add(&r, l->hash[k]);
		have = range_root(&r);
		CHECK(merkle_root_at(from_leaves, l, size, &want));
		CHECK(memcmp(want.b, have.b, HASH_BYTES) == 0);
		parts.count++;
		CHECK(!range_begin(&r, from, &parts));
	}
}

/* ---- receipts that open ---- */

static str receipt_of(struct test_case *t, struct log *l, int64_t seq, bool personal)
{
	struct disclosed open = {.body = true, .personal = personal};
	struct buf *b = log_buffer(t);

	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_prove(&l->call, seq, &open, b));
	db_rollback(l->db);
	return buf_str(b);
}

TEST(a_receipt_opens_what_the_entry_is_committed_to, "")
{
	struct log l = {0};
	struct receipt r;
	struct checkpoint c;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 300, 7);
	log_sign(t, &l);
	str text = receipt_of(t, &l, 255, false);
	CHECK(receipt_check(t->arena, text, S(""), &l.key, 1, &r, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_INT(r.opening_count, 1);
	CHECK(str_find(opening_value(r.opening, r.opening_count, S("body")), S("accepted")) > 0);
	CHECK_STR(opening_value(r.opening, r.opening_count, S("private")), S(""));
	CHECK(str_find(text, S("Ada")) < 0 && str_find(r.extra, S("Ada")) < 0);
	text = receipt_of(t, &l, 255, true);
	CHECK(receipt_check(t->arena, text, S(""), &l.key, 1, &r, &c, &e));
	CHECK(str_find(opening_value(r.opening, r.opening_count, S("private")), S("Ada")) > 0);
	log_close(t, &l);
}

/* Each byte of what is opened, and of the leaf before it, changed to another. */
TEST(a_changed_opening_is_refused, "")
{
	struct log l = {0};
	struct receipt r, again;
	struct checkpoint c;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 3, 3);
	log_sign(t, &l);
	CHECK(receipt_check(t->arena, receipt_of(t, &l, 1, true), S(""), &l.key, 1, &r, &c, &e));
	for (isize i = 0; i < r.extra.n; i++) {
		struct buf *extra = log_buffer(t), *b = log_buffer(t);
		buf_add(extra, r.extra);
		extra->p[i] = (char)(extra->p[i] ^ 1);
		struct receipt changed = r;
		changed.extra = buf_str(extra);
		receipt_print(b, &changed);
		struct err f = {0};
		if (receipt_check(t->arena, buf_str(b), S(""), &l.key, 1, &again, &c, &f))
			test_fail(t, __FILE__, __LINE__, "byte %td changed is taken", i);
		CHECK(f.code == ERR_TAMPERED || f.code == ERR_SYNTAX);
	}
	log_close(t, &l);
}

TEST(a_part_that_was_erased_cannot_be_opened, "")
{
	struct log l = {0};
	struct disclosed open = {.body = true};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 3, 3);
	log_sign(t, &l);
	log_tamper(t, &l, S("DELETE FROM entry_body WHERE seq = 1;"));
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(!ledger_prove(&l.call, 1, &open, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_MISSING);
	db_rollback(l.db);
	log_close(t, &l);
}

TEST(an_entry_that_was_changed_since_it_was_signed_has_no_receipt, "")
{
	struct log l = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 3, 3);
	log_sign(t, &l);
	log_tamper(t, &l,
		S("UPDATE entry SET leaf = CAST(replace(leaf, 'ok', 'no') AS BLOB)"
		  " WHERE seq = 1;"));
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(!ledger_prove(&l.call, 1, &(struct disclosed){0}, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_TAMPERED);
	err_clear(&l.call.err);
	CHECK(!ledger_prove_latest(&l.call, 0, &(struct disclosed){0}, 100, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_TAMPERED);
	db_rollback(l.db);
	log_close(t, &l);
}

/* A body that was changed in the store does not have its commitment any more. */
TEST(a_part_that_was_changed_is_not_opened, "")
{
	struct log l = {0};
	struct disclosed open = {.body = true};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 3, 3);
	log_sign(t, &l);
	log_tamper(t, &l, S("UPDATE entry_body SET value = CAST('{\"rev\":4}' AS BLOB);"));
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(!ledger_prove(&l.call, 1, &open, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_TAMPERED);
	db_rollback(l.db);
	log_close(t, &l);
}

/* Somebody whose key is known too signs a checkpoint in the name of the log. */
TEST(a_witness_alone_makes_no_checkpoint, "")
{
	struct log l = {0}, witness = {0};
	struct checkpoint c = {.origin = S("ward.example/stranger"), .root = merkle_empty()}, out;
	struct err e = {0}, f = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_open(t, &witness, S("ward.example/witness"));
	struct verifier_key keys[] = {l.key, witness.key};
	CHECK(checkpoint_open(t->arena, log_checkpoint(t, &l, &c), keys, 2, &out, &e));
	CHECK(!checkpoint_open(t->arena, log_checkpoint(t, &witness, &c), keys, 2, &out, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	log_close(t, &l);
	log_close(t, &witness);
}

/* ---- consistency ---- */

TEST(every_later_log_is_proven_to_continue_every_earlier_one, "")
{
	struct checkpoint old, new;
	struct log l = {0};
	str note[12];

	log_open(t, &l, S("ward.example/stranger"));
	for (int i = 0; i < COUNT_OF(note); i++) {
		log_append_many(t, &l, i % 3 ? 1 + 17 * i : 1, 5);
		note[i] = log_sign(t, &l);
	}
	CHECK(db_begin_read(l.db, &l.call.err));
	for (int i = 0; i < COUNT_OF(note); i++)
		for (int k = i; k < COUNT_OF(note); k++) {
			struct err e = {0}, f = {0};
			struct checkpoint a, b;
			struct buf *out = log_buffer(t);
			CHECK(checkpoint_open(t->arena, note[i], &l.key, 1, &a, &e));
			CHECK(checkpoint_open(t->arena, note[k], &l.key, 1, &b, &e));
			CHECK(ledger_prove_consistency(&l.call, a.size, &a.root, b.size, out));
			CHECK(consistency_check(
				t->arena, buf_str(out), note[i], &l.key, 1, &old, &new, &e));
			CHECK_INT(old.size, a.size);
			CHECK_INT(new.size, b.size);
			str other = note[(i + 1) % COUNT_OF(note)];
			CHECK(!consistency_check(
				t->arena, buf_str(out), other, &l.key, 1, &old, &new, &f));
		}
	CHECK_STR(err_text(&l.call.err), S(""));
	db_rollback(l.db);
	log_close(t, &l);
}

TEST(two_histories_are_not_proven_to_be_one, "")
{
	struct log l = {0}, other = {0};
	struct checkpoint forked, old, new;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_open(t, &other, S("ward.example/stranger"));
	other.key = l.key;
	other.secret = l.secret;
	log_append_many(t, &l, 100, 5);
	log_append_many(t, &other, 100, 6);
	str note = log_sign(t, &other);
	log_append_many(t, &l, 100, 5);
	log_sign(t, &l);
	CHECK(checkpoint_open(t->arena, note, &l.key, 1, &forked, &e));
	CHECK(db_begin_read(l.db, &l.call.err));
	struct buf *out = log_buffer(t);
	CHECK(ledger_prove_consistency(&l.call, forked.size, NULL, 0, out));
	CHECK(!consistency_check(t->arena, buf_str(out), note, &l.key, 1, &old, &new, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK(!ledger_prove_consistency(&l.call, forked.size, &forked.root, 0, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_TAMPERED);
	db_rollback(l.db);
	log_close(t, &l);
	log_close(t, &other);
}

/* The structs of the caller may hold what an earlier check left there: it vouches for nothing. */
TEST(what_was_checked_before_does_not_help_a_proof, "")
{
	struct checkpoint old, new;
	struct log l = {0}, other = {0};
	struct err e = {0}, f = {0}, g = {0};
	struct buf *out = log_buffer(t);

	log_open(t, &l, S("ward.example/stranger"));
	log_open(t, &other, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 5);
	str note = log_sign(t, &l);
	log_append_many(t, &l, 10, 5);
	log_sign(t, &l);
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(ledger_prove_consistency(&l.call, 10, NULL, 0, out));
	CHECK(consistency_check(t->arena, buf_str(out), note, &l.key, 1, &old, &new, &e));
	CHECK(!consistency_check(t->arena, buf_str(out), note, &other.key, 1, &old, &new, &f));
	CHECK(!consistency_check(t->arena, S("x"), note, &l.key, 1, &old, &new, &g));
	CHECK_INT(g.code, ERR_SYNTAX);
	db_rollback(l.db);
	log_close(t, &l);
	log_close(t, &other);
}

/* Two logs of the same entries, and a proof that says another size than its checkpoint. */
TEST(a_proof_is_of_one_log_and_of_the_checkpoint_given, "")
{
	struct log l = {0}, other = {0};
	struct checkpoint old, new, c;
	struct err e = {0}, f = {0}, g = {0};
	struct buf *out = log_buffer(t), *changed = log_buffer(t);

	log_open(t, &l, S("ward.example/one"));
	log_open(t, &other, S("ward.example/two"));
	log_append_many(t, &l, 10, 5);
	str note = log_sign(t, &l);
	CHECK(checkpoint_open(t->arena, note, &l.key, 1, &c, &e));
	c.origin = other.key.name;
	str foreign = log_checkpoint(t, &other, &c);
	log_append_many(t, &l, 10, 5);
	log_sign(t, &l);
	struct verifier_key keys[] = {l.key, other.key};
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(ledger_prove_consistency(&l.call, 10, NULL, 0, out));
	CHECK(consistency_check(t->arena, buf_str(out), note, keys, 2, &old, &new, &e));
	CHECK(!consistency_check(t->arena, buf_str(out), foreign, keys, 2, &old, &new, &f));
	CHECK_INT(f.code, ERR_INVALID);
	isize at = str_find(buf_str(out), S("old 10"));
	buf_add(changed, str_part(buf_str(out), 0, at));
	buf_add(changed, S("old 11"));
	buf_add(changed, str_part(buf_str(out), at + 6, out->n));
	CHECK(!consistency_check(t->arena, buf_str(changed), note, keys, 2, &old, &new, &g));
	CHECK_INT(g.code, ERR_INVALID);
	db_rollback(l.db);
	log_close(t, &l);
	log_close(t, &other);
}

/* ---- the latest entry ---- */

static str latest_of(struct test_case *t, struct log *l, str object)
{
	struct disclosed open = {.body = true};
	struct buf *b = log_buffer(t);
	int64_t seq;

	CHECK(db_begin_read(l->db, &l->call.err));
	CHECK(ledger_latest(&l->call, object, &seq));
	CHECK(ledger_prove_latest(&l->call, seq, &open, INT64_MAX, b));
	CHECK_STR(err_text(&l->call.err), S(""));
	db_rollback(l->db);
	return buf_str(b);
}

TEST(the_last_entry_of_every_record_is_proven_to_be_the_last, "")
{
	struct log l = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 600, 40);
	log_sign(t, &l);
	for (int i = 0; i < 40; i++) {
		str object = str_fmt(t->arena, "risk:RSK-%d", i);
		struct checkpoint c;
		struct err e = {0};
		struct latest p;
		CHECK(latest_check(t->arena, latest_of(t, &l, object), &l.key, 1, &p, &c, &e));
		CHECK_STR(err_text(&e), S(""));
		CHECK_STR(p.leaf.object, object);
		CHECK_INT(p.index, 560 + i);
		CHECK_INT(p.later, 39 - i);
		CHECK_INT(p.opening_count, 1);
	}
	log_close(t, &l);
}

/* The proof that somebody makes who does not ask what the entry is; at most 600 entries. */
static str forge_latest(struct test_case *t, struct log *l, uint64_t index, str note)
{
	struct leaves *leaves = NEW(t->arena, struct leaves, 1);
	struct latest p = {.index = index, .note = note};
	struct buf *b = log_buffer(t), *rest = log_buffer(t);
	struct rows r;
	uint64_t n = 0;

	CHECK(db_begin_read(l->db, &l->call.err));
	db_query(l->db, &r, SQL("SELECT leaf FROM entry ORDER BY seq"));
	for (; rows_next(&r); n++) {
		leaves->hash[n] = merkle_leaf(rows_blob(&r, 0));
		if (n >= index)
			buf_fmt(rest, "%.*s\n", STR_ARG(rows_blob(&r, 0)));
	}
	CHECK(rows_done(&r));
	db_rollback(l->db);
	CHECK(range_read(from_leaves, leaves, index, &p.before));
	latest_print_head(b, &p);
	buf_fmt(b, "%.*s\n%.*s", STR_ARG(buf_str(rest)), STR_ARG(note));
	return buf_str(b);
}

/* One entry earlier, with everything the prover could make for it: the later one gives it away. */
TEST(an_earlier_entry_is_not_proven_to_be_the_last, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 5);
	str note = log_sign(t, &l);
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(!ledger_prove_latest(&l.call, 4, &(struct disclosed){0}, INT64_MAX, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_INVALID);
	db_rollback(l.db);
	err_clear(&l.call.err);
	CHECK(latest_check(t->arena, forge_latest(t, &l, 9, note), &l.key, 1, &p, &c, &e));
	CHECK(!latest_check(t->arena, forge_latest(t, &l, 4, note), &l.key, 1, &p, &c, &e));
	CHECK_STR(err_text(&e), S("entry 9 wrote risk:RSK-4 later"));
	CHECK_INT(e.code, ERR_TAMPERED);
	log_close(t, &l);
}

/* Of an attempt that was refused, or an entry about nothing, there is nothing to be the last. */
TEST(an_entry_that_wrote_nothing_is_not_proven_to_be_the_last, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c;

	log_open(t, &l, S("ward.example/stranger"));
	CHECK(db_begin(l.db, &l.call.err));
	CHECK(log_append(&l, S("risk.update"), S("risk:RSK-1"), S("denied")));
	CHECK(log_append(&l, S("session.open"), S(""), S("ok")));
	CHECK(log_append(&l, S("session.open"), S("nothing"), S("ok")));
	CHECK(db_commit(l.db));
	ledger_committed(l.ledger);
	str note = log_sign(t, &l);
	for (uint64_t i = 0; i < 3; i++) {
		struct err e = {0};
		str text = forge_latest(t, &l, i, note);
		CHECK(!latest_check(t->arena, text, &l.key, 1, &p, &c, &e));
		CHECK_INT(e.code, ERR_TAMPERED);
	}
	log_close(t, &l);
}

/* A log that signs what is not so: more entries than it has, and one that is no leaf. */
TEST(a_proof_of_the_latest_entry_is_not_believed_because_it_is_signed, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c, more;
	struct err e = {0}, f = {0}, g = {0}, h = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 10, 10);
	str note = log_sign(t, &l);
	str good = forge_latest(t, &l, 5, note);
	CHECK(latest_check(t->arena, good, &l.key, 1, &p, &c, &e));
	more = c;
	more.size++;
	str text = forge_latest(t, &l, 5, log_checkpoint(t, &l, &more));
	CHECK(!latest_check(t->arena, text, &l.key, 1, &p, &c, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	log_tamper(t, &l,
		S("UPDATE entry SET leaf = CAST('{\"v\":1}' AS BLOB) WHERE seq = 8;"
		  " DELETE FROM checkpoint;"));
	text = forge_latest(t, &l, 5, log_sign(t, &l));
	CHECK(!latest_check(t->arena, text, &l.key, 1, &p, &c, &g));
	CHECK_INT(g.code, ERR_SYNTAX);
	/* One hash too few: told as such, not as entries that were changed. */
	isize at = str_find(good, S("index 5\n")) + 8;
	str rest = str_part(good, at, good.n);
	str_cut(&rest, '\n');
	text = str_join(t->arena, str_part(good, 0, at), rest);
	CHECK(!latest_check(t->arena, text, &l.key, 1, &p, &c, &h));
	CHECK_STR(err_text(&h), S("the proof has not the hashes of the 5 entries before its own"));
	log_close(t, &l);
}

/* The export of a log is checked with so much memory. */
static void check_export_in(struct test_case *t, struct log *l, isize bytes)
{
	str folder = str_fmt(t->arena, "%.*s/log", STR_ARG(l->folder));
	struct export_report r;
	struct checkpoint c;
	struct err e = {0};
	struct arena small;

	CHECK(db_begin_read(l->db, &e));
	CHECK(ledger_export(l->db, t->arena, folder, &r, &e));
	db_rollback(l->db);
	arena_open(&small, bytes);
	CHECK(exported_check(&small, folder, &l->key, 1, NULL, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_INT(c.size, r.size);
	arena_close(&small);
}

/* Memory for what is shown, not for what is read. */
TEST(a_long_log_is_checked_in_little_memory, "")
{
	enum { LONG = 1600, SMALL = 2 << 20 };
	struct log l = {0};
	struct latest p;
	struct checkpoint c;
	struct err e = {0};
	struct arena small;
	char reason[1700];

	log_open(t, &l, S("ward.example/stranger"));
	memset(reason, '"', sizeof reason);
	CHECK(db_begin(l.db, &l.call.err));
	for (int i = 0; i < LONG; i++) {
		struct arena_mark mark = arena_here(t->arena);
		CHECK(ledger_append(&l.call,
			&(struct entry){.act = S("risk.update"),
				.object = str_fmt(t->arena, "risk:RSK-%d", i),
				.outcome = S("ok"),
				.reason = {reason, sizeof reason}}));
		arena_rewind(t->arena, mark);
	}
	CHECK(db_commit(l.db));
	ledger_committed(l.ledger);
	log_sign(t, &l);
	str text = latest_of(t, &l, S("risk:RSK-0"));
	arena_open(&small, SMALL);
	CHECK(latest_check(&small, text, &l.key, 1, &p, &c, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK_INT(p.later, LONG - 1);
	arena_close(&small);
	check_export_in(t, &l, 5 << 20);
	log_close(t, &l);
}

TEST(of_many_entries_that_name_the_record_some_are_shown, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 1, 1);
	CHECK(db_begin(l.db, &l.call.err));
	for (int i = 0; i < LATER_SHOWN + 50; i++)
		CHECK(log_append(&l, S("sign"), S("signature:RSK-0"), S("ok")));
	CHECK(db_commit(l.db));
	ledger_committed(l.ledger);
	log_sign(t, &l);
	CHECK(latest_check(t->arena, latest_of(t, &l, S("risk:RSK-0")), &l.key, 1, &p, &c, &e));
	CHECK_INT(p.near_count, LATER_SHOWN + 50);
	CHECK_INT(p.near[LATER_SHOWN - 1].index, LATER_SHOWN);
	log_close(t, &l);
}

TEST(entries_that_only_name_the_record_are_shown, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c;
	struct err e = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 3, 3);
	CHECK(db_begin(l.db, &l.call.err));
	CHECK(log_append(&l, S("sign"), S("signature:RSK-1"), S("ok")));
	CHECK(log_append(&l, S("risk.update"), S("risk:RSK-1"), S("denied")));
	CHECK(log_append(&l, S("link.add"), S("link:RSK-11"), S("ok")));
	CHECK(log_append(&l, S("session.open"), S(""), S("ok")));
	CHECK(log_append(&l, S("link.add"), S("link:RSK-1"), S("ok")));
	CHECK(db_commit(l.db));
	ledger_committed(l.ledger);
	log_sign(t, &l);
	CHECK(latest_check(t->arena, latest_of(t, &l, S("risk:RSK-1")), &l.key, 1, &p, &c, &e));
	CHECK_INT(p.index, 1);
	CHECK_INT(p.later, 6);
	CHECK_INT(p.near_count, 3);
	CHECK_STR(p.near[0].object, S("signature:RSK-1"));
	CHECK_STR(p.near[1].outcome, S("denied"));
	CHECK_STR(p.near[2].object, S("link:RSK-1"));
	log_close(t, &l);
}

TEST(a_changed_proof_of_the_latest_entry_is_refused, "")
{
	struct log l = {0};
	struct latest p;
	struct checkpoint c;
	uint64_t state = 3;

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 30, 20);
	log_sign(t, &l);
	str text = latest_of(t, &l, S("risk:RSK-2"));
	for (int i = 0; i < 2000; i++) {
		struct arena_mark mark = arena_here(t->arena);
		char *copy = arena_bulk(t->arena, text.n);
		struct err e = {0};
		memcpy(copy, text.p, (size_t)text.n);
		isize at = test_random(&state, text.n);
		copy[at] = (char)(copy[at] ^ 1 << test_random(&state, 8));
		if (latest_check(t->arena, (str){copy, text.n}, &l.key, 1, &p, &c, &e))
			test_fail(t, __FILE__, __LINE__, "byte %td changed is taken", at);
		arena_rewind(t->arena, mark);
	}
	/* Cut anywhere, a line left out, a line twice. */
	for (isize at = 0; at < text.n; at += 13) {
		struct err e = {0};
		CHECK(!latest_check(t->arena, str_part(text, 0, at), &l.key, 1, &p, &c, &e));
	}
	log_close(t, &l);
}

TEST(too_many_later_entries_are_refused_with_words, "")
{
	struct log l = {0};

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 30, 20);
	log_sign(t, &l);
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(!ledger_prove_latest(&l.call, 12, &(struct disclosed){0}, 16, log_buffer(t)));
	CHECK_INT(l.call.err.code, ERR_LIMIT);
	err_clear(&l.call.err);
	CHECK(ledger_prove_latest(&l.call, 12, &(struct disclosed){0}, 17, log_buffer(t)));
	db_rollback(l.db);
	log_close(t, &l);
}

/* ---- tiles out of the store ---- */

TEST(tiles_of_the_store_are_the_files_of_the_export, "")
{
	struct log l = {0};
	struct export_report r;
	struct err e = {0};
	isize count;
	str *files, want, have;

	log_open(t, &l, S("ward.example/stranger"));
	log_append_many(t, &l, 700, 9);
	log_sign(t, &l);
	log_append_many(t, &l, 100, 9);
	str folder = str_join(t->arena, l.folder, S("/log"));
	CHECK(db_begin_read(l.db, &l.call.err));
	CHECK(ledger_export(l.db, t->arena, folder, &r, &e));
	CHECK(folder_list(t->arena, folder, 1000, &files, &count, &e));
	for (isize i = 0; i < count; i++) {
		struct tile_place place;
		if (!str_starts(files[i], S("tile/")))
			continue;
		CHECK(tile_parse(str_part(files[i], 5, files[i].n), &place));
		CHECK(ledger_tile(&l.call, &place, &have));
		CHECK(file_read(t->arena,
			str_fmt(t->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(files[i])), 2 << 20,
			&want, &e));
		CHECK(str_eq(want, have));
		place.width = place.width == TILE_WIDTH ? place.width : place.width + 1;
		place.index += place.width == TILE_WIDTH ? 3 : 0;
		CHECK(!ledger_tile(&l.call, &place, &have));
		CHECK_INT(l.call.err.code, ERR_MISSING);
		err_clear(&l.call.err);
	}
	db_rollback(l.db);
	CHECK_STR(err_text(&e), S(""));
	log_close(t, &l);
}

TEST_MAIN()
