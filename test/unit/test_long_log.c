/* Verification takes the same memory however long the log is. */
#include "crime.h"

/* Goes on writing to the copy, as the program does. */
static void go_on(struct test_case *t, struct room *r)
{
	r->call.db = r->db;
	r->call.who.name = S("");
	CHECK(ledger_open(&r->call.ledger, t->arena, r->db, &r->call.err));
	CHECK(db_begin(r->db, &r->call.err));
}

/* Bodies of a megabyte and leaves of four kilobytes, in which every other character is escaped, and
   keys of two, so that reading one takes memory: more than there is, were it not given back. */
TEST(a_long_log_is_verified_in_the_memory_of_a_short_one, "")
{
	enum { BODIES = 36, BODY_BYTES = 1000000, LEAVES = 9500, REASON_BYTES = 1800 };
	char *text = arena_bulk(t->arena, BODY_BYTES);
	struct room r;

	room_open(t, &r);
	room_copy(&r);
	go_on(t, &r);
	for (int i = 0; i < BODY_BYTES; i += 2) {
		text[i] = '\\';
		text[i + 1] = '"';
	}
	struct entry body = {.act = S("risk.look"), .object = S("risk:R9"), .outcome = S("ok")};
	body.body = str_fmt(t->arena, "{\"words\":\"%.*s\"}", BODY_BYTES, text);
	memset(text, '"', REASON_BYTES);
	struct entry leaf = {.act = S("x.y"), .outcome = S("ok"), .reason = {text, REASON_BYTES}};
	for (int i = 0; i < BODIES + LEAVES; i++) {
		struct arena_mark mark = arena_here(t->arena);
		CHECK(db_exec(r.db,
			SQL_CHANGE("INSERT INTO loose(k) VALUES ($1 || hex(zeroblob(1000)))"),
			V(i)));
		CHECK(ledger_append(&r.call, i < BODIES ? &body : &leaf));
		arena_rewind(t->arena, mark);
	}
	CHECK(db_commit(r.db));
	room_verify(&r);
	room_said(&r, "a long log", S(""));
	CHECK_INT(r.report.entries, 325 + BODIES + LEAVES);
	room_drop(&r);
	room_close(&r);
}

TEST_MAIN()
