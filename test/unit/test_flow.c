/* The state machine, on a flow of the test's own: moves that are there, and what each asks for. */
#include "crypt/crypt.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "records.h"
#include "store.h"

enum { DRAFT, REVIEW, DONE, GONE };

/* The names are those of an asset's states, which the store's table is of.  The first and the last
   of each table belong to nobody. */
static const struct state states[] = {{.label = S_INIT("Before")},
	{.name = S_INIT("planned"), .label = S_INIT("Draft")},
	{.name = S_INIT("in_use"), .label = S_INIT("In review")},
	{.name = S_INIT("retired"), .label = S_INIT("Done"), .in_force = true},
	{.name = S_INIT("disposed"), .label = S_INIT("Gone"), .is_end = true, .is_disposed = true},
	{.label = S_INIT("Behind")}};
static bool is_guarded;
static int wanted_fields[] = {0, 0, 0}; /* owner, type, and one behind them */

static bool guard(struct call *c, const void *rec)
{
	(void)rec;
	return !is_guarded || err_issue(&c->err, S("guard"), "not yet");
}

static const struct move moves[] = {{.from = DRAFT, .to = REVIEW, .label = S_INIT("Before")},
	{.from = DRAFT,
		.to = REVIEW,
		.label = S_INIT("Submit"),
		.requires = wanted_fields,
		.require_count = 2},
	{.from = REVIEW,
		.to = DONE,
		.label = S_INIT("Approve"),
		.second_person = true,
		.meaning = S_INIT("approved"),
		.right = CAN_RISK_ACCEPT,
		.guard = guard},
	{.from = REVIEW, .to = DRAFT, .label = S_INIT("Return")},
	{.from = DONE, .to = GONE, .label = S_INIT("Dispose")},
	{.from = DONE, .to = REVIEW, .label = S_INIT("Behind")}};
static struct kind flow;

static int field_index(const char *name)
{
	return (int)(kind_field(&kinds[KIND_ASSET], str_of(name)) - kinds[KIND_ASSET].field);
}

static struct call *open_flow(struct test_case *t)
{
	flow = kinds[KIND_ASSET];
	flow.state = states + 1;
	flow.state_count = COUNT_OF(states) - 2;
	flow.move = moves + 1;
	flow.move_count = COUNT_OF(moves) - 2;
	wanted_fields[0] = field_index("owner");
	wanted_fields[1] = field_index("description");
	wanted_fields[2] = field_index("location");
	is_guarded = false;
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	static const char *const people[] = {"P9", "P2"};
	for (isize i = 0; i < COUNT_OF(people); i++) {
		struct rec *p = kind_new(c->arena, &kinds[KIND_PERSON]);
		p->ref = p->title = str_of(people[i]);
		CHECK(kind_put(c, p, S("person.create")));
	}
	return c;
}

static void become(struct call *c, struct grant *g, const char *ref, const char *patterns)
{
	str rest = str_of(patterns);

	*g = (struct grant){0};
	for (str word = str_word(&rest); word.n; word = str_word(&rest))
		right_match(word, g->right);
	c->who = (struct who){.ref = str_of(ref),
		.name = str_fmt(c->arena, "%s's name", ref),
		.actor = S("person:1"),
		.grant = g,
		.grant_count = 1};
	c->reason = S("");
	c->signs = false;
}

/* In the state, with what "Submit" asks for, written by the program. */
static struct asset *new_asset(struct test_case *t, struct call *c, int state)
{
	struct asset *a = kind_new(c->arena, &flow);

	a->rec.title = S("Thing");
	a->rec.owner = S("P9");
	a->description = S("Said");
	a->type = 1;
	a->rec.state = state;
	CHECK(kind_put(c, a, S("asset.create")));
	return a;
}

static str issues_of(struct call *c)
{
	struct buf b;

	buf_init(&b, c->arena, 1000);
	for (const struct issue *i = c->err.issues; i; i = i->next)
		buf_fmt(&b, "%.*s ", STR_ARG(i->field));
	err_clear(&c->err);
	return buf_str(&b);
}

static str moves_of(struct call *c, const struct asset *a, isize max)
{
	const struct move *out[4] = {NULL, NULL, NULL, NULL};
	struct buf b;

	buf_init(&b, c->arena, 1000);
	isize n = kind_moves(c, a, out, max);
	for (isize i = 0; i < COUNT_OF(out); i++)
		if (out[i])
			buf_fmt(&b, "%.*s ", STR_ARG(out[i]->label));
		else if (i < n)
			buf_add(&b, S("none "));
	return buf_str(&b);
}

TEST(the_moves_shown_are_those_of_the_state_that_the_caller_has_rights_for, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, REVIEW);
	struct grant g;

	CHECK_STR(moves_of(c, a, 4), S("Approve Return "));
	CHECK_STR(moves_of(c, a, 2), S("Approve Return "));
	CHECK_STR(moves_of(c, a, 1), S("Approve "));
	CHECK_STR(moves_of(c, a, 0), S(""));
	struct who before = c->who;
	become(c, &g, "P1", "asset.*");
	CHECK_STR(moves_of(c, a, 4), S("Return "));
	become(c, &g, "P1", "risk.accept");
	CHECK_STR(moves_of(c, a, 4), S("Approve "));
	c->who = before;
	a->rec.state = DRAFT;
	CHECK_STR(moves_of(c, a, 4), S("Submit "));
	a->rec.state = DONE;
	CHECK_STR(moves_of(c, a, 4), S("Dispose "));
	a->rec.state = GONE;
	CHECK_STR(moves_of(c, a, 4), S(""));
	store_close(t, c);
}

static void check_no_move(struct test_case *t, struct call *c, int from, int to, const char *label)
{
	struct asset *a = new_asset(t, c, from);

	CHECK(!kind_move(c, a, to));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	CHECK_STR(err_text(&c->err),
		str_fmt(c->arena, "%.*s cannot go from \"%.*s\" to \"%s\"", STR_ARG(a->rec.ref),
			STR_ARG(states[from + 1].label), label));
	CHECK_INT(a->rec.state, from);
	CHECK_INT(a->rec.rev, 1);
	err_clear(&c->err);
}

TEST(what_is_no_move_of_the_flow_is_refused_by_its_names, "REC-REQ-06")
{
	struct call *c = open_flow(t);

	check_no_move(t, c, DRAFT, DONE, "Done");
	check_no_move(t, c, DRAFT, DRAFT, "Draft");
	check_no_move(t, c, DONE, DRAFT, "Draft");
	check_no_move(t, c, DONE, REVIEW, "In review");
	check_no_move(t, c, GONE, GONE, "Gone");
	check_no_move(t, c, DRAFT, -1, "?");
	check_no_move(t, c, DRAFT, GONE + 1, "?");
	store_close(t, c);
}

TEST(a_move_is_a_revision_in_the_new_state, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT);
	void *now;
	isize count;
	struct signed_by *signature;

	CHECK(kind_move(c, a, REVIEW));
	CHECK(kind_get(c, &flow, a->rec.ref, &now));
	CHECK_INT(((struct rec *)now)->state, REVIEW);
	CHECK_INT(((struct rec *)now)->rev, 2);
	CHECK(kind_move(c, a, DRAFT));
	CHECK_INT(a->rec.rev, 3);
	/* Neither move means anything that is signed. */
	CHECK(signature_list(c, &a->rec, &signature, &count));
	CHECK_INT(count, 0);
	/* Somebody else's save came between. */
	struct asset *old = kind_copy(c->arena, &flow, a);
	CHECK(kind_move(c, a, REVIEW));
	CHECK(!kind_move(c, old, REVIEW));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	store_close(t, c);
}

TEST(everything_that_a_move_misses_is_named_at_once, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT);

	a->rec.owner = a->description = S("");
	CHECK(!kind_move(c, a, REVIEW));
	CHECK_STR(c->err.issues->text, S("Owner: needed before \"Submit\""));
	CHECK_STR(issues_of(c), S("owner description "));
	a->rec.owner = S("P9");
	CHECK(!kind_move(c, a, REVIEW));
	CHECK_STR(issues_of(c), S("description "));
	CHECK_INT(a->rec.state, DRAFT);
	/* But not to who may not move it. */
	struct who before = c->who;
	struct grant g;
	become(c, &g, "P1", "asset.read");
	CHECK(!kind_move(c, a, REVIEW));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_STR(issues_of(c), S(""));
	c->who = before;
	a = new_asset(t, c, DONE);
	a->rec.legal_hold = true;
	CHECK(!kind_move(c, a, GONE));
	CHECK_STR(issues_of(c), S("legal_hold "));
	store_close(t, c);
}

TEST(a_move_asks_for_its_right_a_second_person_and_a_signature, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT);
	struct grant g;

	struct who before = c->who;
	become(c, &g, "P1", "asset.*");
	CHECK(kind_move(c, a, REVIEW));
	/* Who may not move it is not told what it misses. */
	is_guarded = true;
	become(c, &g, "P2", "asset.*");
	CHECK(!kind_move(c, a, DONE));
	CHECK_INT(c->denied, CAN_RISK_ACCEPT);
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_STR(issues_of(c), S(""));
	become(c, &g, "P1", "asset.* risk.accept");
	c->signs = true;
	CHECK(!kind_move(c, a, DONE));
	CHECK_INT(c->err.code, ERR_DENIED); /* their own move */
	CHECK_STR(issues_of(c), S(""));
	is_guarded = false;
	/* Nobody proves who they are for what is not signed, and no second person is asked for. */
	c->signs = false;
	CHECK(kind_move(c, a, DRAFT) && kind_move(c, a, REVIEW));
	become(c, &g, "P2", "asset.* risk.accept");
	is_guarded = true;
	CHECK(!kind_move(c, a, DONE));
	CHECK_STR(issues_of(c), S("guard password "));
	is_guarded = false;
	CHECK(!kind_move(c, a, DONE));
	CHECK_STR(c->err.issues->text, S("sign with your password: \"approved\""));
	CHECK_STR(issues_of(c), S("password "));
	CHECK_INT(a->rec.state, REVIEW);
	c->signs = true;
	CHECK(kind_move(c, a, DONE));
	CHECK_INT(a->rec.state, DONE);
	c->who = before;
	store_close(t, c);
}

TEST(the_program_itself_signs_nothing_with_a_password, "")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, REVIEW);
	struct signed_by *signature;
	isize count;

	/* Another than who brought it there. */
	c->who.ref = S("job");
	CHECK(kind_move(c, a, DONE));
	CHECK(signature_list(c, &a->rec, &signature, &count));
	CHECK_INT(count, 1);
	CHECK_STR(signature[0].meaning, S("approved"));
	CHECK_INT(signature[0].rev, 2);
	c->who.ref = S("system");
	store_close(t, c);
}

/* ---- signatures ---- */

TEST(a_signature_names_who_what_and_the_exact_content, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT);
	struct ledger_row row = {0};
	struct signed_by *list;
	struct grant g;
	struct buf hex;
	struct who before = c->who;
	isize count;

	become(c, &g, "P2", "asset.* person.read");
	CHECK(kind_sign(c, &a->rec, S("\"seen\"")));
	struct sha256 hash = sha256(canonical(c->arena, a));
	buf_init(&hex, c->arena, 100);
	hex_print(&hex, hash.b, (isize)sizeof hash.b);
	CHECK(ledger_get(c, db_int(c->db, SQL("SELECT max(seq) FROM entry")), &row));
	CHECK_STR(row.act, S("sign"));
	CHECK_STR(row.object, str_fmt(c->arena, "signature:%.*s", STR_ARG(a->rec.ref)));
	CHECK_STR(row.body,
		str_fmt(c->arena, "{\"rev\":1,\"signs\":\"%.*s\",\"meaning\":\"\\\"seen\\\"\"}",
			STR_ARG(buf_str(&hex))));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM signature WHERE hash = $1"),
			  V_BLOB(hash.b, (isize)sizeof hash.b)),
		1);
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_INT(count, 1);
	CHECK_INT(list[0].rev, 1);
	CHECK_INT(list[0].at, c->now_us);
	CHECK_STR(list[0].signer, S("P2"));
	CHECK_STR(list[0].name, S("P2's name"));
	CHECK_STR(list[0].meaning, S("\"seen\""));
	CHECK(list[0].holds);
	/* To who may not see the signer it is a reference; before it was given it is not there. */
	become(c, &g, "P3", "asset.*");
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_STR(list[0].name, S("P2"));
	c->who = before;
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_STR(list[0].name, S("P2's name"));
	c->at_us = c->now_us;
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_INT(count, 1);
	c->at_us--;
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_INT(count, 0);
	c->at_us = TIME_NONE;
	store_close(t, c);
}

TEST(signatures_are_listed_newest_first_and_hold_while_the_content_does, "REC-REQ-06")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT), *other = new_asset(t, c, DRAFT);
	struct signed_by *list;
	isize count;
	static const struct {
		const char *signer;
		int64_t rev;
		bool holds;
	} want[] = {{"S5", 3, true}, {"S4", 2, false}, {"S3", 2, false}, {"S2", 1, true},
		{"S1", 1, true}};

	/* The second revision says something else, the third takes it back. */
	for (int i = 1; i <= 5; i++) {
		if (i == 3 || i == 5) {
			a->description = i == 3 ? S("Else") : S("Said");
			CHECK(kind_put(c, a, S("asset.update")));
		}
		c->now_us++;
		c->who.ref = str_fmt(c->arena, "S%d", i);
		CHECK(kind_sign(c, &a->rec, S("seen")));
	}
	CHECK(kind_sign(c, &other->rec, S("seen")));
	CHECK(signature_list(c, &a->rec, &list, &count));
	CHECK_INT(count, COUNT_OF(want));
	for (isize i = 0; i < COUNT_OF(want) && i < count; i++) {
		CHECK_STR(list[i].signer, str_of(want[i].signer));
		/* The program is told the name of whoever has no record, too. */
		CHECK_STR(list[i].name, S("Ward"));
		CHECK_INT(list[i].rev, want[i].rev);
		CHECK_INT(list[i].holds, want[i].holds);
	}
	CHECK(signature_list(c, &other->rec, &list, &count));
	CHECK_INT(count, 1);
	store_close(t, c);
}

TEST(what_is_signed_but_cannot_be_read_is_told, "")
{
	struct call *c = open_flow(t);
	struct asset *a = new_asset(t, c, DRAFT);
	struct signed_by *list;
	isize count;

	CHECK(kind_sign(c, &a->rec, S("seen")) && store_commit(t, c));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET id = x'00'")));
	CHECK(!signature_list(c, &a->rec, &list, &count));
	CHECK_INT(c->err.code, ERR_TAMPERED);
	store_undo(t, c);
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	CHECK(!signature_list(c, &a->rec, &list, &count));
	CHECK(!kind_sign(c, &a->rec, S("read")));
	store_undo(t, c);
	store_close(t, c);
}

TEST_MAIN()
