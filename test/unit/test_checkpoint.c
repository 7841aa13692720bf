/* Checkpoints: what is signed is what stands in the store, and what was undone does not belong
   to it. */
#include "crypt/keeper.h"
#include "faults.h"
#include "log.h"
#include "serve/keeper.h"

struct bench {
	struct log log;
	struct keeper *keeper;
};

static struct bench *open_bench(struct test_case *t, int count)
{
	struct bench *b = NEW(t->arena, struct bench, 1);
	struct err e = {0};
	int pid;

	log_open(t, &b->log, S("ward.example/checkpoint"));
	str folder = str_join(t->arena, b->log.folder, S("/keeper"));
	CHECK(keeper_create(t->arena, folder, S("ward.example/checkpoint"), &e));
	CHECK(keeper_start(&b->keeper, t->arena, folder, KEEPER_THREAD, &pid, &e));
	CHECK(ledger_keep(b->log.ledger, t->arena, b->log.db, b->keeper, &e));
	log_append_many(t, &b->log, count, 3);
	CHECK_STR(err_text(&e), S(""));
	return b;
}

static void close_bench(struct test_case *t, struct bench *b)
{
	keeper_close(b->keeper);
	log_close(t, &b->log);
}

static bool sign(struct test_case *t, struct bench *b, struct err *e)
{
	return ledger_checkpoint(
		b->log.ledger, b->log.db, b->keeper, t->arena, b->log.call.now_us, e);
}

/* ---- what is refused ---- */

/* What is done to the store behind the ledger's back: 10 entries are signed, 5 are not. */
static const struct {
	const char *sql;
	enum err_code code;
	const char *said;
} crimes[] = {{"", ERR_NONE, ""},
	{"DELETE FROM entry WHERE seq = 14", ERR_TAMPERED,
		"entry 14 is not what was written; nothing is signed"},
	{"DELETE FROM entry WHERE seq = 12", ERR_TAMPERED,
		"entry 12 is not what was written; nothing is signed"},
	{"INSERT INTO entry SELECT 15, at, act, object, actor, outcome, reason, leaf, hash"
	 " FROM entry WHERE seq = 14",
		ERR_TAMPERED, "entry 15 is not what was written; nothing is signed"},
	{"UPDATE entry SET leaf = x'00' WHERE seq = 0", ERR_TAMPERED,
		"entry 0 is not what was written; nothing is signed"},
	{"UPDATE entry SET leaf = x'00' WHERE seq = 14", ERR_TAMPERED,
		"entry 14 is not what was written; nothing is signed"},
	{"UPDATE checkpoint SET note = 'x'", ERR_SYNTAX, ""},
	{"CREATE TRIGGER no_more BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END",
		ERR_FAULT, "the store refused a row"},
	{"ALTER TABLE entry RENAME TO x", ERR_FAULT, "the store failed"},
	{"ALTER TABLE checkpoint RENAME TO x", ERR_FAULT, "the store failed"}};

TEST(what_does_not_stand_in_the_store_is_not_signed, "")
{
	for (int i = 0; i < COUNT_OF(crimes); i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct bench *b = open_bench(t, 10);
		struct keeper_state state;
		struct err e = {0};
		CHECK(sign(t, b, &e));
		log_append_many(t, &b->log, 5, 3);
		log_tamper(t, &b->log,
			str_fmt(t->arena,
				"PRAGMA foreign_keys=OFF; DROP TRIGGER entry_not_deleted;"
				" DROP TRIGGER checkpoint_not_updated; %s;",
				crimes[i].sql));
		bool ok = sign(t, b, &e);
		if (ok != (crimes[i].code == ERR_NONE) || e.code != crimes[i].code ||
			!str_starts(err_text(&e), str_of(crimes[i].said)))
			test_fail(t, __FILE__, __LINE__, "%s: code %d, %s", crimes[i].sql,
				(int)e.code, e.text);
		err_clear(&e);
		CHECK(keeper_ask_state(b->keeper, &state, &e));
		/* A keeper that signed what could not be stored then signs it again. */
		CHECK_INT(state.size,
			ok || str_find(str_of(crimes[i].sql), S("no_more")) >= 0 ? 15 : 10);
		CHECK(db_begin(b->log.db, &e)); /* its transaction has ended */
		db_rollback(b->log.db);
		close_bench(t, b);
		arena_rewind(t->arena, mark);
	}
}

/* The keeper of another log does not sign this one, nor does it end what is open. */
TEST(a_log_of_another_keeper_is_not_signed, "")
{
	struct bench *b = open_bench(t, 3), *other = open_bench(t, 0);
	struct err e = {0}, f = {0};

	CHECK(sign(t, b, &e));
	log_append_many(t, &b->log, 3, 3);
	CHECK(ledger_open(&b->log.ledger, t->arena, b->log.db, &e));
	CHECK(!ledger_checkpoint(b->log.ledger, b->log.db, other->keeper, t->arena, 0, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	CHECK(sign(t, b, &e));
	CHECK_STR(err_text(&e), S(""));
	close_bench(t, b);
	close_bench(t, other);
}

/* Nothing new is nothing to sign, and no error. */
TEST(the_same_tree_is_signed_once, "")
{
	struct bench *b = open_bench(t, 3);
	struct err e = {0};

	for (int i = 0; i < 3; i++)
		CHECK(sign(t, b, &e));
	CHECK_STR(err_text(&e), S(""));
	CHECK(db_begin_read(b->log.db, &e));
	CHECK_INT(db_int(b->log.db, SQL("SELECT count(*) FROM checkpoint")), 1);
	db_rollback(b->log.db);
	close_bench(t, b);
}

/* Whichever write or sync fails, of store or keeper: it is signed, or it is said why not. */
TEST(a_disk_that_fails_is_told, "")
{
	for (int i = 0; i < 60; i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct bench *b = open_bench(t, 3);
		struct err e = {0};
		fault_at(i % 2 ? FAULT_WRITE : FAULT_FSYNC, 1 + i / 2, EIO);
		bool ok = sign(t, b, &e);
		(void)fault_off();
		CHECK_INT(ok, e.code == ERR_NONE);
		close_bench(t, b);
		arena_rewind(t->arena, mark);
	}
}

/* ---- what was undone ---- */

static bool append(struct bench *b, int number)
{
	return log_append(
		&b->log, S("x.y"), str_fmt(b->log.call.arena, "thing:%d", number), S("ok"));
}

/* A savepoint, `count` entries behind it over the end of a tile, and back. */
static void go_and_return(struct test_case *t, struct bench *b, int count)
{
	CHECK(db_save(b->log.db));
	ledger_saved(b->log.ledger);
	for (int i = 0; i < count; i++)
		CHECK(append(b, i));
	db_undo(b->log.db);
	ledger_undone(b->log.ledger);
}

/* Other entries take the places of those that were undone, on both sides of the end of a tile: the
   tree is that of what stands in the store, and opening it anew finds the same. */
TEST(what_was_undone_is_not_in_the_tree, "")
{
	for (int first = 1; first <= 3; first++) {
		struct arena_mark mark = arena_here(t->arena);
		struct bench *b = open_bench(t, 250);
		struct ledger *again;
		struct err e = {0};
		for (int round = 0; round < 4; round++) {
			CHECK(db_begin(b->log.db, &b->log.call.err));
			for (int i = 0; i < first; i++)
				CHECK(append(b, 100 * round + i));
			go_and_return(t, b, 10 + round);
			CHECK(append(b, 1000 * round));
			go_and_return(t, b, 20);
			if (round % 2) {
				CHECK(db_commit(b->log.db));
				ledger_committed(b->log.ledger);
			} else {
				db_rollback(b->log.db);
				ledger_rolled_back(b->log.ledger);
			}
			CHECK(sign(t, b, &e));
			CHECK(ledger_open(&again, t->arena, b->log.db, &e));
			CHECK_INT(ledger_size(again), ledger_size(b->log.ledger));
			CHECK_STR(err_text(&e), S(""));
		}
		close_bench(t, b);
		arena_rewind(t->arena, mark);
	}
}

TEST_MAIN()
