/*
 * What the guards of people ask of the store.
 *
 * Conflicts of duty, one condition at a time: who asks for the role R-A holds, by the grant GRA-1,
 * the role R-B, and one of the two names the other.  Each row of the table changes a little of
 * that, and says whether the grant is still refused.
 *
 * The revisions of a record are a word: of a role D (draft), E (effective), R (retired), each
 * with + where it names the other as incompatible; of a grant Q (requested), G (granted),
 * V (reviewed), K (revoked), F (refused).
 */
#include "store.h"

enum { TODAY = 20726 }; /* 2026-09-30 */

/* Days are counted from today; 0: none is given.  What is "" is as in the first row. */
struct situation {
	const char *asked, *held, *grant;
	bool is_refused;
	const char *asks, *holder, *of,
		*holds; /* role asked for, who holds, by which grant, what */
	const char *scope, *held_scope;
	int from, until, held_from, held_until;
};

static const struct situation situations[] = {
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true},
	/* what the roles say */
	{.asked = "E", .held = "E", .grant = "G"},
	{.asked = "E", .held = "E+", .grant = "G", .is_refused = true},
	{.asked = "E+", .held = "E+", .grant = "G", .is_refused = true},
	{.asked = "D+", .held = "E", .grant = "G"},
	{.asked = "E+R+", .held = "E", .grant = "G"},
	{.asked = "E+D", .held = "E", .grant = "G", .is_refused = true},
	{.asked = "ED+", .held = "E", .grant = "G"},
	{.asked = "E+E", .held = "E", .grant = "G"},
	{.asked = "EE+", .held = "E", .grant = "G", .is_refused = true},
	{.asked = "E+R+D+", .held = "E", .grant = "G"},
	{.asked = "E", .held = "D+", .grant = "G"},
	{.asked = "E", .held = "E+R+", .grant = "G"},
	{.asked = "E", .held = "E+D", .grant = "G", .is_refused = true},
	{.asked = "E", .held = "ED+", .grant = "G"},
	{.asked = "E", .held = "E+E", .grant = "G"},
	{.asked = "E", .held = "EE+", .grant = "G", .is_refused = true},
	{.asked = "E", .held = "E+R+D+", .grant = "G"},
	{.asked = "E+", .held = "D", .grant = "G"},
	{.asked = "E+", .held = "ER", .grant = "G"},
	{.asked = "D", .held = "E+", .grant = "G"},
	{.asked = "ER", .held = "E+", .grant = "G"},
	/* what became of the grant */
	{.asked = "E+", .held = "E", .grant = "V", .is_refused = true},
	{.asked = "E+", .held = "E", .grant = "Q"},
	{.asked = "E+", .held = "E", .grant = "QG", .is_refused = true},
	{.asked = "E+", .held = "E", .grant = "GQ", .is_refused = true},
	{.asked = "E+", .held = "E", .grant = "VQQ", .is_refused = true},
	{.asked = "E+", .held = "E", .grant = "GK"},
	{.asked = "E+", .held = "E", .grant = "GKQ"},
	{.asked = "E+", .held = "E", .grant = "QF"},
	{.asked = "E+", .held = "E", .grant = "GQF"},
	{.asked = "E+", .held = "E", .grant = "GQFQG", .is_refused = true},
	/* of somebody else, itself, another role */
	{.asked = "E+", .held = "E", .grant = "G", .holder = "P3"},
	{.asked = "E+", .held = "E", .grant = "G", .of = "GRA-9"},
	{.asked = "E+", .held = "E", .grant = "G", .holds = "R-C"},
	{.asked = "E+", .held = "E", .grant = "G", .holds = "R-A"},
	{.asked = "E+", .held = "E", .grant = "G", .asks = "R-C"},
	{.asked = "E", .held = "E+", .grant = "G", .asks = "R-C"},
	/* where */
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .scope = "PRD-1"},
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .held_scope = "PRD-1"},
	{.asked = "E+",
		.held = "E",
		.grant = "G",
		.is_refused = true,
		.scope = "PRD-1",
		.held_scope = "PRD-1"},
	{.asked = "E+", .held = "E", .grant = "G", .scope = "PRD-1", .held_scope = "PRD-2"},
	/* when */
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .from = 5, .held_until = 5},
	{.asked = "E+", .held = "E", .grant = "G", .from = 6, .held_until = 5},
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .held_until = 5},
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .until = 5, .held_from = 5},
	{.asked = "E+", .held = "E", .grant = "G", .until = 5, .held_from = 6},
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .held_from = 900},
	{.asked = "E+", .held = "E", .grant = "G", .is_refused = true, .until = 5},
	{.asked = "E+",
		.held = "E",
		.grant = "G",
		.is_refused = true,
		.from = 1,
		.until = 9,
		.held_from = 2,
		.held_until = 8},
};

static str or (const char *given, const char *otherwise)
{
	return str_of(given ? given : otherwise);
}

static int64_t day(int given)
{
	return given ? TODAY + given : DAY_NONE;
}

static void put(struct test_case *t, struct call *c, void *record)
{
	struct rec *rec = record;

	c->reason = S("test");
	if (!kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name))))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(rec->ref), c->err.text);
}

static struct role *new_role(struct test_case *t, struct call *c, str ref)
{
	struct role *r = kind_new(c->arena, &kinds[KIND_ROLE]);

	r->rec.ref = r->rec.title = ref;
	r->responsibilities = S("Said");
	r->incompatible.item = NEW(c->arena, str, 1);
	put(t, c, r);
	return r;
}

static void revise_role(
	struct test_case *t, struct call *c, struct role *r, const char *revisions, str other)
{
	r->incompatible.item[0] = other;
	for (const char *p = revisions; *p; p++) {
		if (*p == '+')
			continue;
		r->rec.state = *p == 'D' ? ROLE_STATE_DRAFT
			: *p == 'E'      ? ROLE_STATE_EFFECTIVE
					 : ROLE_STATE_RETIRED;
		r->incompatible.count = p[1] == '+';
		put(t, c, r);
	}
}

static void put_grant(struct test_case *t, struct call *c, str ref, str person, str role,
	const char *revisions, const struct situation *s)
{
	struct access_grant *g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	g->rec.ref = g->rec.title = ref;
	g->identity = person;
	g->role = role;
	g->scope = or (s->held_scope, "");
	g->from = day(s->held_from);
	g->until = day(s->held_until);
	for (const char *p = revisions; *p; p++) {
		g->rec.state = *p == 'Q' ? ACCESS_GRANT_STATE_REQUESTED
			: *p == 'G'      ? ACCESS_GRANT_STATE_GRANTED
			: *p == 'V'      ? ACCESS_GRANT_STATE_REVIEWED
			: *p == 'K'      ? ACCESS_GRANT_STATE_REVOKED
					 : ACCESS_GRANT_STATE_REFUSED;
		put(t, c, g);
	}
}

/* Beside the two roles and the grant: a third role that names both, and grants of somebody else,
   all with many revisions. */
static void arrange(struct test_case *t, struct call *c, const struct situation *s)
{
	static const struct situation plain = {0};
	struct role *a = new_role(t, c, S("R-A")), *b = new_role(t, c, S("R-B"));
	struct role *other = new_role(t, c, S("R-C"));

	revise_role(t, c, other, "EDEDE", S(""));
	revise_role(t, c, a, s->asked, S("R-B"));
	revise_role(t, c, b, s->held, S("R-A"));
	put_grant(t, c, S("GRA-8"), S("P4"), S("R-B"), "GQGQG", &plain);
	put_grant(
		t, c, or (s->of, "GRA-1"), or (s->holder, "P2"), or (s->holds, "R-B"), s->grant, s);
}

static void try(struct test_case *t, struct call *c, int number)
{
	const struct situation *s = &situations[number];
	struct access_grant *x = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	arrange(t, c, s);
	x->rec.ref = S("GRA-9");
	x->identity = S("P2");
	x->role = or (s->asks, "R-A");
	x->scope = or (s->scope, "");
	x->from = day(s->from);
	x->until = day(s->until);
	bool ok = grant_allowed(c, x);
	const struct issue *issue = c->err.issues;
	if (ok == s->is_refused)
		test_fail(
			t, __FILE__, __LINE__, "row %d is %s", number, ok ? "granted" : "refused");
	CHECK_INT(ok, c->err.code == ERR_NONE);
	if (issue) {
		CHECK_STR(issue->field, S("role"));
		CHECK_STR(issue->text, S("R-A cannot be held together with R-B"));
		CHECK(!issue->next);
	}
	store_undo(t, c);
}

TEST(roles_that_exclude_each_other_are_not_granted_together, "POL-REQ-02")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 1; i <= 2; i++) {
		struct product *p = kind_new(c->arena, &kinds[KIND_PRODUCT]);
		p->rec.ref = p->rec.title = str_fmt(c->arena, "PRD-%d", i);
		put(t, c, p);
	}
	for (int i = 2; i <= 4; i++) {
		struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
		p->rec.ref = p->rec.title = str_fmt(c->arena, "P%d", i);
		put(t, c, p);
	}
	CHECK_INT(day_of_time(c->now_us), TODAY);
	CHECK(store_commit(t, c));
	for (int i = 0; i < COUNT_OF(situations); i++)
		try(t, c, i);
	store_close(t, c);
}

/* ---- grants, and roles of a product ---- */

/* Somebody with these rights for this product. */
static void become(struct call *c, const char *right, const char *product)
{
	struct grant *grant = NEW(c->arena, struct grant, 1);

	right_match(str_of(right), grant->right);
	grant->product = str_of(product);
	grant->role = S("R-OWN");
	c->who = (struct who){.ref = S("P4"), .grant = grant, .grant_count = 1};
}

static struct access_grant *grant_of(struct call *c, const char *person, const char *scope)
{
	struct access_grant *g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	g->identity = str_of(person);
	g->role = S("R-A");
	g->scope = str_of(scope);
	return g;
}

/* Whether it may be changed so; a refusal says so with ERR_DENIED, or with the scope. */
static bool may_change(struct test_case *t, struct call *c, const struct access_grant *was,
	const struct access_grant *is)
{
	bool ok = grant_may_change(c, was, is);

	CHECK_INT(ok, c->err.code == ERR_NONE);
	CHECK(ok || c->err.code == ERR_DENIED || str_eq(c->err.issues->field, S("scope")));
	err_clear(&c->err);
	return ok;
}

TEST(a_grant_changes_by_who_may_for_its_scope_before_and_after, "POL-REQ-02")
{
	static const char *const scope[] = {"", "PRD-1", "PRD-2"};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 0; i < 3 * 3 * 3; i++) {
		const char *own = scope[i % 3], *before = scope[i / 3 % 3], *after = scope[i / 9];
		bool may_before = !*own || own == before, may_after = !*own || own == after;
		become(c, "access_grant.write", own);
		struct access_grant *was = grant_of(c, "P2", before),
				    *is = grant_of(c, "P2", after);
		CHECK_INT(may_change(t, c, was, is), may_before && may_after);
		CHECK_INT(may_change(t, c, NULL, is), may_after);
		was->identity = S("P4");
		CHECK(!may_change(t, c, was, is)); /* their own */
		CHECK(!may_change(t, c, is, was));
		was->identity = S("P3");
		CHECK_INT(may_change(t, c, was, is), may_before && may_after);
		is->identity = S("P4");
		CHECK_INT(may_change(t, c, NULL, is), may_after); /* to ask is free */
	}
	become(c, "access_grant.read", "");
	CHECK(!may_change(t, c, NULL, grant_of(c, "P2", "")));
	store_close(t, c);
}

/* The role R-A belongs to PRD-1 today; what it was before, and other roles, do not count. */
static struct call *open_product_role(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct role *before = new_role(t, c, S("R-0")), *r;

	for (int i = 1; i <= 2; i++) {
		struct product *p = kind_new(c->arena, &kinds[KIND_PRODUCT]);
		p->rec.ref = p->rec.title = str_fmt(c->arena, "PRD-%d", i);
		put(t, c, p);
	}
	r = new_role(t, c, S("R-A"));
	before->rec.product = r->rec.product = S("PRD-2");
	put(t, c, before);
	put(t, c, r);
	r->rec.product = S("PRD-1");
	put(t, c, r);
	CHECK(store_commit(t, c));
	become(c, "access_grant.write", "");
	return c;
}

TEST(a_role_of_a_product_is_granted_for_it_or_stays_as_it_was, "POL-REQ-02")
{
	struct call *c = open_product_role(t);
	struct access_grant *wide = grant_of(c, "P2", ""), *other = grant_of(c, "P2", "PRD-2");
	struct access_grant *fits = grant_of(c, "P2", "PRD-1"), *again = grant_of(c, "P2", "");

	CHECK(!may_change(t, c, NULL, wide) && !may_change(t, c, NULL, other));
	CHECK(may_change(t, c, NULL, fits) && may_change(t, c, wide, fits));
	CHECK(!may_change(t, c, fits, wide) && !may_change(t, c, other, wide));
	/* One that is wider already is revised and revoked, not granted once more. */
	CHECK(may_change(t, c, wide, again));
	again->rec.state = ACCESS_GRANT_STATE_GRANTED;
	CHECK(!may_change(t, c, wide, again));
	wide->rec.state = ACCESS_GRANT_STATE_REVIEWED;
	CHECK(may_change(t, c, wide, again));
	again->rec.state = ACCESS_GRANT_STATE_REVOKED;
	CHECK(may_change(t, c, wide, again));
	again->rec.state = ACCESS_GRANT_STATE_REVIEWED;
	wide->role = S("R-0");
	CHECK(!may_change(t, c, wide, again)); /* of another role until now */
	fits->rec.state = ACCESS_GRANT_STATE_GRANTED;
	CHECK(may_change(t, c, NULL, fits) && !may_change(t, c, NULL, again));
	store_close(t, c);
}

/* ---- roles, which are approved for those who hold them ---- */

/* Who would hold R-A: revisions of GRA-1, for whom and where; who approves roles where; whether
   they may approve this one. */
static const struct {
	const char *grant, *person, *scope, *own;
	bool may;
} approvals[] = {{"G", "P2", "PRD-1", "", true}, {"G", "P2", "PRD-1", "PRD-1", true},
	{"G", "P2", "PRD-1", "PRD-2", false}, {"G", "P2", "", "PRD-1", false},
	{"G", "P2", "", "", true}, {"G", "P4", "PRD-1", "", false}, {"V", "P4", "PRD-1", "", false},
	{"Q", "P4", "PRD-1", "", true}, {"K", "P4", "PRD-1", "", true},
	{"F", "P4", "PRD-1", "", true}, {"GQ", "P4", "PRD-1", "", false},
	{"GK", "P4", "PRD-1", "", true}, {"GKQ", "P4", "PRD-1", "", true},
	{"Q", "P2", "PRD-2", "PRD-1", true}, {"GQ", "P2", "PRD-2", "PRD-1", false}};

TEST(a_role_is_approved_by_who_does_not_hold_it_and_may_wherever_it_is_held, "POL-REQ-02")
{
	struct call *c = open_product_role(t);
	struct role *before = kind_new(c->arena, &kinds[KIND_ROLE]), *after;
	struct situation of = {0};

	after = kind_new(c->arena, &kinds[KIND_ROLE]);
	after->rec.ref = S("R-A");
	for (int i = 0; i < COUNT_OF(approvals); i++) {
		c->who = (struct who){.ref = S("system"), .actor = S("system"), .is_system = true};
		for (int k = 2; k <= 4; k++) {
			struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
			p->rec.ref = p->rec.title = str_fmt(c->arena, "P%d", k);
			put(t, c, p);
		}
		of.held_scope = approvals[i].scope;
		put_grant(t, c, S("GRA-1"), str_of(approvals[i].person), S("R-A"),
			approvals[i].grant, &of);
		of.held_scope = "PRD-2"; /* another role, and more revisions than any */
		put_grant(t, c, S("GRA-2"), S("P4"), S("R-0"), "GQGQG", &of);
		become(c, "role.approve", approvals[i].own);
		after->rec.state = ROLE_STATE_EFFECTIVE;
		if (role_may_change(c, before, after) != approvals[i].may)
			test_fail(t, __FILE__, __LINE__, "row %d: %s", i, c->err.text);
		CHECK_INT(c->err.code, approvals[i].may ? ERR_NONE : ERR_DENIED);
		err_clear(&c->err);
		CHECK_INT(role_may_change(c, NULL, after), approvals[i].may);
		err_clear(&c->err);
		before->rec.state = ROLE_STATE_EFFECTIVE; /* what was in force stays so */
		CHECK(role_may_change(c, before, after));
		before->rec.state = after->rec.state = ROLE_STATE_DRAFT;
		CHECK(role_may_change(c, before, after));
		store_undo(t, c);
	}
	store_close(t, c);
}

/* ---- teams ---- */

/* Lead, alternate and two seats of two: who sits where. */
static struct team *team_of(struct call *c, const char *const who[6])
{
	struct team *x = kind_new(c->arena, &kinds[KIND_TEAM]);

	x->lead = str_of(who[0]);
	x->lead_alternate = str_of(who[1]);
	x->seat.item = NEW(c->arena, struct team_seat, 2);
	x->seat.count = 2;
	for (int i = 0; i < 2; i++) {
		x->seat.item[i].holder = str_of(who[2 + 2 * i]);
		x->seat.item[i].alternate = str_of(who[3 + 2 * i]);
	}
	return x;
}

/* Each seat empty, of another, of the caller, of a role of theirs: before and after. */
TEST(whoever_has_a_seat_keeps_it_and_nobody_takes_one, "POL-REQ-02")
{
	static const char *const who[] = {"", "P2", "P4", "R-OWN"};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	become(c, "team.write", "");
	for (int i = 0; i < 6 * 4 * 4; i++) {
		const char *was[6] = {"", "P2", "", "P3", "", "P2"}, *is[6] = {"P3", "", "P2"};
		int seat = i / 16;
		for (int k = 3; k < 6; k++)
			is[k] = "";
		was[seat] = who[i % 4];
		is[(seat + 1) % 6] = who[i / 4 % 4];
		bool is_own = i / 4 % 4 >= 2, had = i % 4 == i / 4 % 4;
		CHECK_INT(team_may_change(c, team_of(c, was), team_of(c, is)), !is_own || had);
		err_clear(&c->err);
		CHECK_INT(team_may_change(c, NULL, team_of(c, is)), !is_own);
		CHECK_INT(c->err.code, is_own ? ERR_DENIED : ERR_NONE);
		err_clear(&c->err);
	}
	/* A grant that names no role makes no empty seat one's own. */
	c->who.grant[0].role = S("");
	static const char *const nobody[6] = {"P2", "P2", "P2", "P2", "P2", ""};
	CHECK(team_may_change(c, NULL, team_of(c, nobody)));
	store_close(t, c);
}

/* ---- a store that fails ---- */

TEST(what_cannot_be_asked_is_refused, "")
{
	struct call *c = open_product_role(t);
	struct access_grant *grant = grant_of(c, "P2", "PRD-1");
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);

	person->sign_in = S("ada");
	role->rec.ref = S("R-A");
	role->rec.state = ROLE_STATE_EFFECTIVE;
	become(c, "*", "");
	CHECK(db_script(c->db,
		S("ALTER TABLE access_grant RENAME TO a; ALTER TABLE role RENAME TO b;"
		  " ALTER TABLE credential RENAME TO d;"),
		&c->err));
	for (int i = 0; i < 4; i++) {
		CHECK(!(i == 0           ? grant_allowed(c, grant)
				: i == 1 ? grant_may_change(c, NULL, grant)
				: i == 2 ? role_may_change(c, NULL, role)
					 : person_may_change(c, NULL, person)));
		CHECK_INT(c->err.code, ERR_FAULT);
		err_clear(&c->err);
		db_go_on(c->db);
	}
	store_close(t, c);
}

TEST_MAIN()
