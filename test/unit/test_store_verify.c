/* A whole store verified: every record against what the ledger says of it, told by its name. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "store.h"

static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 1; i <= 3; i++) {
		struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
		a->rec.ref = str_fmt(c->arena, "A-%d", i);
		a->rec.title = S("Thing");
		a->type = 1;
		CHECK(kind_put(c, a, S("asset.create")));
	}
	CHECK(store_commit(t, c));
	return c;
}

/* Changes the file, verifies it, and takes the change back.  The findings that name a record of
   the kind, each with a line end. */
static str findings_of(struct test_case *t, struct call *store, struct value sql, const char *about)
{
	struct call c = {.arena = t->arena, .err.arena = t->arena, .at_us = TIME_NONE};
	struct ledger_known known = {0};
	struct ledger_report report = {0};
	struct buf b;

	buf_init(&b, t->arena, 4000);
	CHECK(db_exec_values(store->db, &sql, 1));
	/* In one transaction, which sees what it wrote. */
	c.db = store->db;
	db_report_to(c.db, &c.err);
	CHECK(store_verify(&c, &known, store_schema(t->arena, S("sqlite")), &report));
	CHECK_INT(c.err.code, ERR_NONE);
	for (const struct ledger_finding *f = report.findings; f; f = f->next)
		if (str_starts(f->text, str_of(about)))
			buf_fmt(&b, "%.*s\n", STR_ARG(f->text));
	db_report_to(store->db, &store->err);
	store_undo(t, store);
	return buf_str(&b);
}
#define FINDINGS(sql, about) findings_of(t, c, SQL_FREE(sql), (about))

TEST(what_became_of_each_record_is_told_by_its_name, "")
{
	static const char damaged[] =
		"asset:A-2 cannot be read: A-2 is damaged in the store; run ward "
		"verify\n";
	struct call *c = open_store(t);

	CHECK_STR(FINDINGS("DELETE FROM record WHERE ref = 'A-404'", ""), S(""));
	CHECK_STR(FINDINGS("DELETE FROM search WHERE ref = 'A-2'", "search ["),
		S("search [\"A-2\"] is not what its record says\n"));
	CHECK_STR(FINDINGS("UPDATE asset SET f_title = 'Other' WHERE ref = 'A-2'", "asset:"),
		S("asset:A-2 is not as entry 1 wrote it\n"));
	CHECK_STR(FINDINGS("UPDATE asset SET id = x'00' WHERE ref = 'A-2'", "asset:"),
		str_of(damaged));
	CHECK_STR(FINDINGS("UPDATE asset SET state = 'nothing' WHERE ref = 'A-2'", "asset:"),
		str_of(damaged));
	CHECK_STR(FINDINGS("DELETE FROM asset WHERE ref = 'A-2'", "asset:"),
		S("asset:A-2 is gone, but entry 1 wrote it\n"));
	CHECK_STR(FINDINGS("UPDATE asset SET f_description = printf('%.*c', 5000000, 'x') WHERE "
			   "ref = 'A-2'",
			  "asset:"),
		S("asset:A-2 cannot be read: it is larger than a record may be\n"));
	/* The others are looked at all the same. */
	CHECK_STR(
		FINDINGS(
			"UPDATE asset SET f_title = CASE ref WHEN 'A-1' THEN 'x' ELSE f_title END, "
			"id = CASE ref WHEN 'A-1' THEN id ELSE x'00' END",
			"asset:"),
		S("asset:A-1 is not as entry 0 wrote it\n"
		  "asset:A-2 cannot be read: A-2 is damaged in the store; run ward verify\n"
		  "asset:A-3 cannot be read: A-3 is damaged in the store; run ward verify\n"));
	store_close(t, c);
}

TEST(a_record_that_no_entry_wrote_is_told, "")
{
	struct call *c = open_store(t);

	CHECK_STR(FINDINGS("INSERT INTO record(ref, id, kind, prefix, number, rev, title, state, "
			   "owner, "
			   "product, classification, review_due, changed) VALUES('A-9', x'01', "
			   "'asset', "
			   "'A', 9, 1, 'Thing', 'planned', '', '', '', NULL, 1)",
			  "asset:"),
		S("asset:A-9 is in the store, but no entry wrote it\n"));
	/* Of a kind that this program does not have. */
	CHECK(ledger_append(c,
		&(struct entry){.act = S("ghost.create"),
			.object = S("ghost:G-1"),
			.outcome = S("ok"),
			.body = S("{\"rev\":1,\"hash\":\"0000000000000000000000000000000000000000"
				  "000000000000000000000000\"}")}));
	CHECK(store_commit(t, c));
	CHECK_STR(FINDINGS("DELETE FROM record WHERE ref = 'A-404'", ""),
		S("ghost:G-1 is gone, but entry 3 wrote it\n"));
	CHECK_STR(FINDINGS("UPDATE record SET kind = 'nothing' WHERE ref = 'A-2'", "nothing:"),
		S("nothing:A-2 is in the store, but no entry wrote it\n"));
	store_close(t, c);
}

TEST(a_store_that_cannot_be_set_beside_is_not_verified, "")
{
	struct call *c = open_store(t);
	struct ledger_known known = {0};
	struct ledger_report report = {0};

	CHECK(!store_verify(c, &known, S("nonsense"), &report));
	CHECK(c->err.code != ERR_NONE);
	store_undo(t, c);
	/* What fails afterwards is the caller's again. */
	CHECK(store_verify(c, &known, store_schema(t->arena, S("sqlite")), &report));
	CHECK_INT(c->err.code, ERR_NONE);
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK(c->err.code != ERR_NONE);
	store_undo(t, c);
	/* Records that cannot be listed are told. */
	CHECK(db_exec(c->db, SQL_FREE("ALTER TABLE record RENAME COLUMN kind TO other")));
	CHECK(store_verify(c, &known, store_schema(t->arena, S("sqlite")), &report));
	CHECK(report.finding_count > 0);
	store_undo(t, c);
	store_close(t, c);
}

/* What was changed behind our back goes on into what is written next, whose entry vouches for all
   rows that it wrote.  The hash of its own time tells. */
TEST(a_forgery_is_found_although_it_was_written_over, "LED-REQ-02")
{
	struct call *c = open_store(t);
	void *rec;

	CHECK(kind_get(c, &kinds[KIND_ASSET], S("A-3"), &rec));
	((struct asset *)rec)->type = 2;
	CHECK(kind_put(c, rec, S("asset.update")));
	CHECK(store_commit(t, c));
	CHECK_STR(FINDINGS("DELETE FROM record WHERE ref = 'A-404'", ""), S(""));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET f_title = 'Forged' WHERE ref = 'A-2'")));
	CHECK(kind_get(c, &kinds[KIND_ASSET], S("A-2"), &rec));
	CHECK_STR(((struct rec *)rec)->title, S("Forged"));
	((struct asset *)rec)->type = 2;
	CHECK(kind_put(c, rec, S("asset.update")));
	CHECK(store_commit(t, c));
	CHECK_STR(FINDINGS("DELETE FROM record WHERE ref = 'A-404'", ""),
		S("asset:A-2, revision 1, is not as entry 1 wrote it\n"));
	CHECK_STR(FINDINGS("UPDATE asset SET state = 'nothing' WHERE ref = 'A-3' AND rev = 1",
			  "asset:A-3"),
		S("asset:A-3, revision 1, cannot be read: A-3 is damaged in the store; run ward "
		  "verify\n"));
	CHECK_STR(FINDINGS("DELETE FROM asset WHERE ref = 'A-2' AND rev = 1", "asset:"),
		S("asset:A-2, revision 1, is not as entry 1 wrote it\n"));
	store_close(t, c);
}

/* Of several the newest counts, whatever came after it about something else. */
TEST(when_and_how_the_store_was_verified_last_is_known, "LED-REQ-02")
{
	static const struct {
		int64_t findings;
		bool is_whole, is_done;
		const char *words;
	} said[] = {{0, true, true, "intact"}, {1, false, true, "NOT AS IT WAS WRITTEN"},
		{-1, false, false, "not to the end"}, {0, true, true, "intact"}};
	struct call *c = open_store(t);
	struct ledger_verified v;

	CHECK(ledger_last_verified(c, &v));
	CHECK(v.at_us == TIME_NONE);
	for (int i = 0; i < COUNT_OF(said); i++) {
		struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
		int64_t at = c->now_us;
		CHECK(ledger_note_verified(c, said[i].findings, 5, 7));
		c->now_us++;
		a->rec.title = S("Another");
		a->type = 1;
		CHECK(kind_put(c, a, S("asset.create")));
		CHECK(ledger_last_verified(c, &v));
		CHECK_INT(v.at_us, at);
		CHECK_INT(v.is_whole, said[i].is_whole);
		CHECK_INT(v.is_done, said[i].is_done);
		CHECK_STR(str_of(ledger_verified_words(&v)), str_of(said[i].words));
	}
	store_close(t, c);
}

TEST_MAIN()
