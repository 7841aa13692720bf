/* What was approved, on a flow of the test's own: from each state to each, and who wrote. */
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

enum { PLAIN, SEALED, FORCE, OPEN, END, GONE, STATES };

/* The names are those of a threat's states, which the store's table is of. */
static const struct state states[STATES] = {
	{.name = S_INIT("identified"), .label = S_INIT("Plain")},
	{.name = S_INIT("assessed"), .label = S_INIT("Sealed"), .is_sealed = true},
	{.name = S_INIT("answered"), .label = S_INIT("Force"), .in_force = true},
	{.name = S_INIT("closed"), .label = S_INIT("Open"), .pending = PLAIN + 1},
	{.name = S_INIT("not_applicable"), .label = S_INIT("End"), .is_end = true},
	{.name = S_INIT("gone"), .label = S_INIT("Gone"), .is_disposed = true}};
/* The first and the last belong to nobody. */
static const struct move moves[] = {{.from = SEALED, .to = PLAIN, .label = S_INIT("Before")},
	{.from = FORCE, .to = PLAIN, .label = S_INIT("Other")},
	{.from = SEALED, .to = FORCE, .label = S_INIT("Enforce")},
	{.from = SEALED, .to = END, .label = S_INIT("End")},
	{.from = PLAIN, .to = SEALED, .label = S_INIT("Approve"), .second_person = true},
	{.from = PLAIN, .to = FORCE, .label = S_INIT("Skip")},
	{.from = FORCE, .to = GONE, .label = S_INIT("Dispose")},
	{.from = SEALED, .to = PLAIN, .label = S_INIT("Revise"), .second_person = true},
	{.from = FORCE, .to = PLAIN, .label = S_INIT("Behind"), .second_person = true}};
static struct kind flow;
static struct grant everything;

static struct call *open_flow(struct test_case *t)
{
	flow = kinds[KIND_THREAT];
	flow.guard = NULL;
	flow.state = states;
	flow.state_count = STATES;
	flow.move = moves + 1;
	flow.move_count = COUNT_OF(moves) - 2;
	everything = (struct grant){0};
	right_match(S("*"), everything.right);
	return store_open(t, S("2026-09-30T08:00:00Z"));
}

static void become(struct call *c, const char *ref)
{
	c->who = (struct who){
		.ref = str_of(ref), .actor = S("person:1"), .grant = &everything, .grant_count = 1};
	if (str_eq(c->who.ref, S("system")))
		c->who.is_system = c->who.is_loader = true;
	c->reason = S("test");
}

static struct threat *create(struct test_case *t, struct call *c, const char *who, int state)
{
	struct threat *x = kind_new(c->arena, &flow);

	become(c, who);
	x->rec.title = S("Thing");
	x->category = 1;
	x->rec.state = state;
	CHECK(kind_put(c, x, S("threat.create")));
	return x;
}

/* "who: what": "w" writes content, "f" a free field, "h" sets a hold, "o" takes it off; a state's
   number moves there by its flow, "=" and a number without one.  True when it was done. */
static bool act(
	struct test_case *t, struct call *c, struct threat *x, const char *who, const char *what)
{
	static int count;

	become(c, who);
	if (*what == '=')
		x->rec.state = what[1] - '0';
	else if (*what == 'w')
		x->rec.body = str_fmt(t->arena, "Text %d", count++);
	else if (*what == 'f')
		x->rec.review_due = 20000 + count++;
	else if (*what == 'h' || *what == 'o')
		x->rec.legal_hold = *what == 'h';
	else
		return kind_move(c, x, *what - '0');
	return kind_put(c, x, S("threat.update"));
}
#define DONE(who, what) CHECK(act(t, c, x, (who), (what)))

/* `said` has "%" where the reference stands. */
static void check_refused(struct test_case *t, int line, struct call *c, struct threat *x,
	bool done, const char *said)
{
	str tail = str_of(said), head = str_cut(&tail, '%');
	str want = str_fmt(
		t->arena, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(x->rec.ref), STR_ARG(tail));

	if (done || !str_eq(err_text(&c->err), want))
		test_fail(t, __FILE__, line, "%d: %s", done, c->err.text);
	err_clear(&c->err);
}
#define REFUSED(who, what, said)                                                                   \
	check_refused(t, __LINE__, c, x, act(t, c, x, (who), (what)), (said))

/* ---- content ---- */

/* What becomes of content that is written while going from one state to another; -1: refused. */
static int expected(int from, int to, bool is_content, bool is_program)
{
	bool stays = to == SEALED || to == FORCE || to == OPEN;

	if (!is_content || is_program || !stays || (from != SEALED && from != OPEN))
		return to;
	return from == OPEN && to == OPEN ? PLAIN : -1;
}

static void check_change(struct test_case *t, struct call *c, int from, int to, int how)
{
	bool is_content = how & 1, is_program = how & 2;
	struct threat *x = create(t, c, "system", from);
	int want = expected(from, to, is_content, is_program);

	become(c, is_program ? "system" : "P1");
	x->rec.state = to;
	if (is_content)
		x->rec.body = S("Else");
	else
		x->rec.review_due = 20000;
	bool done = kind_put(c, x, S("threat.update"));
	if (done != (want >= 0) || (done && x->rec.state != want))
		test_fail(t, __FILE__, __LINE__, "%d to %d (%d): %d, %d: %s", from, to, how, done,
			x->rec.state, c->err.text);
	if (want == PLAIN && from == OPEN && to == OPEN)
		CHECK(x->rec.base);
	if (want < 0)
		CHECK_STR(c->err.issues->text,
			str_fmt(t->arena,
				from == SEALED
					? "%.*s is \"Sealed\" and was approved as it stands: take "
					  "\"Revise\" first, change it, and have somebody else "
					  "approve it again"
					: "%.*s is \"Open\": what it says does not change any more",
				STR_ARG(x->rec.ref)));
	err_clear(&c->err);
}

TEST(content_that_was_approved_is_not_written_over, "POL-REQ-04")
{
	struct call *c = open_flow(t);

	for (int from = 0; from < STATES; from++)
		for (int to = 0; to < STATES; to++)
			for (int how = 0; how < 4; how++)
				check_change(t, c, from, to, how);
	store_close(t, c);
}

/* ---- the second person ---- */

static const char wrote[] = "this needs a second person: you wrote part of % since it was last "
			    "approved";

TEST(who_wrote_since_the_last_approval_does_not_approve, "POL-REQ-04")
{
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P1", PLAIN);

	REFUSED("P1", "1", "this needs a second person: you brought % to \"Plain\" yourself");
	DONE("P2", "w");
	DONE("P3", "f");
	REFUSED("P2", "1", wrote);
	DONE("P3", "1");
	/* Whoever wrote before the approval is as good as anybody after it. */
	DONE("P4", "0");
	DONE("P5", "w");
	REFUSED("P5", "1", wrote);
	REFUSED("P4", "1", "this needs a second person: you brought % to \"Plain\" yourself");
	DONE("P2", "1");
	CHECK_INT(x->rec.state, SEALED);
	store_close(t, c);
}

TEST(only_a_move_that_takes_two_people_is_an_approval, "POL-REQ-04")
{
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P1", FORCE);

	/* One that takes nobody else. */
	DONE("P2", "0");
	REFUSED("P1", "1", wrote);
	DONE("P3", "1");
	/* One that does, and is the last of the flow. */
	x = create(t, c, "P1", SEALED);
	DONE("P2", "0");
	DONE("P1", "1");
	/* From another state to the same. */
	x = create(t, c, "P1", FORCE);
	DONE("system", "=1");
	REFUSED("P1", "0", wrote);
	/* From the same state to another. */
	x = create(t, c, "P1", PLAIN);
	DONE("P2", "2");
	DONE("P3", "0");
	REFUSED("P1", "1", wrote);
	store_close(t, c);
}

/* Whoever brought it there, however often it was saved since. */
TEST(who_brought_it_there_does_not_approve, "POL-REQ-04")
{
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P9", FORCE);
	static const char brought[] =
		"this needs a second person: you brought % to \"Plain\" yourself";

	DONE("P1", "0");
	DONE("P2", "f");
	DONE("P3", "f");
	REFUSED("P1", "1", brought);
	DONE("P2", "1");
	/* Nor the program itself, which otherwise is somebody else whatever it wrote. */
	x = create(t, c, "system", PLAIN);
	REFUSED("system", "1", brought);
	x = create(t, c, "system", FORCE);
	DONE("P1", "0");
	DONE("system", "1");
	store_close(t, c);
}

TEST(an_approval_holds_while_the_content_is_the_same, "POL-REQ-04")
{
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P1", PLAIN);
	bool holds = true;

	DONE("P1", "f");
	CHECK(approval_holds(c, &flow, x->rec.ref, 1, &holds) && holds);
	DONE("P1", "2");
	CHECK(approval_holds(c, &flow, x->rec.ref, 1, &holds) && holds);
	DONE("P1", "w");
	CHECK(approval_holds(c, &flow, x->rec.ref, 1, &holds) && !holds);
	CHECK(approval_holds(c, &flow, x->rec.ref, 4, &holds) && holds);
	CHECK(approval_holds(c, &flow, x->rec.ref, 5, &holds) && !holds);
	/* Nothing of it counts any more. */
	CHECK(db_exec(c->db, SQL_FREE("UPDATE threat SET until = 1")));
	CHECK(approval_holds(c, &flow, x->rec.ref, 4, &holds) && !holds);
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	err_clear(&c->err);
	CHECK(!approval_holds(c, &flow, x->rec.ref, 4, &holds));
	store_undo(t, c);
	store_close(t, c);
}

/* ---- the legal hold ---- */

static const char took_off[] = "you took the legal hold off %: somebody else disposes of it";

TEST(who_took_the_last_hold_off_does_not_dispose, "")
{
	static const char held[] = "% is under a legal hold: it must not go to \"Gone\"";
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P1", FORCE);

	DONE("P1", "h");
	REFUSED("P2", "5", held);
	REFUSED("system", "5", held);
	DONE("P1", "o");
	REFUSED("P1", "5", took_off);
	/* However often it is saved in between; and the last one counts. */
	DONE("P2", "w");
	DONE("P3", "f");
	REFUSED("P1", "5", took_off);
	DONE("P2", "h");
	DONE("P3", "o");
	DONE("P1", "f");
	REFUSED("P3", "5", took_off);
	DONE("P1", "5");
	CHECK_INT(x->rec.state, GONE);
	store_close(t, c);
}

TEST(without_a_hold_whoever_may_disposes, "")
{
	struct call *c = open_flow(t);
	struct threat *x = create(t, c, "P1", FORCE);

	DONE("P1", "w");
	DONE("P1", "5");
	x = create(t, c, "system", FORCE);
	DONE("system", "h");
	/* Elsewhere it goes under a hold, too. */
	DONE("system", "0");
	DONE("system", "2");
	DONE("system", "o");
	DONE("system", "5");
	store_close(t, c);
}

TEST_MAIN()
