/* Whose rights count: every state of person, role and grant, and every day around its ends. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

static void put(struct test_case *t, struct call *c, void *record, const char *ref)
{
	struct rec *r = record;

	r->ref = str_of(ref);
	r->title = r->title.n ? r->title : r->ref;
	if (!kind_put(c, record, str_fmt(c->arena, "%.*s.create", STR_ARG(r->kind->name))))
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
}

static struct role *put_role(struct test_case *t, struct call *c, const char *ref, str right)
{
	struct role *r = kind_new(c->arena, &kinds[KIND_ROLE]);
	str *list = NEW(c->arena, str, 1);

	list[0] = right;
	r->rights = (struct words){list, 1};
	r->rec.state = ROLE_STATE_EFFECTIVE;
	put(t, c, r, ref);
	return r;
}

static struct access_grant *put_grant(
	struct test_case *t, struct call *c, const char *ref, const char *person, const char *role)
{
	struct access_grant *g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	g->rec.state = ACCESS_GRANT_STATE_GRANTED;
	g->identity = str_of(person);
	g->role = str_of(role);
	put(t, c, g, ref);
	return g;
}

static void update(struct test_case *t, struct call *c, void *record)
{
	struct rec *r = record;

	if (!kind_put(c, record, str_fmt(c->arena, "%.*s.update", STR_ARG(r->kind->name))))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(r->ref), c->err.text);
}

/* Whether P07 has the right to read risks now; the call is the program again afterwards. */
static bool may(struct call *c, str product)
{
	struct who program = c->who;
	bool ok = ident_load(c, S("P07")) && call_could(c, CAN_RISK_READ, product);

	c->who = program;
	err_clear(&c->err);
	return ok;
}

struct scene {
	struct person *person;
	struct role *role;
	struct access_grant *grant;
};

static struct scene make_scene(struct test_case *t, struct call *c)
{
	struct scene s = {.person = kind_new(c->arena, &kinds[KIND_PERSON])};

	s.person->rec.state = PERSON_STATE_ACTIVE;
	s.person->post = S("Engineer");
	put(t, c, s.person, "P07");
	s.role = put_role(t, c, "R-1", S("risk.read"));
	s.grant = put_grant(t, c, "GRA-1", "P07", "R-1");
	CHECK(may(c, S("")));
	return s;
}

TEST(only_the_states_in_force_give_rights, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);

	for (int i = 0; i < kinds[KIND_PERSON].state_count; i++) {
		str name = kinds[KIND_PERSON].state[i].name;
		s.person->rec.state = i;
		update(t, c, s.person);
		CHECK_INT(may(c, S("")), str_eq(name, S("active")) || str_eq(name, S("leaving")));
	}
	s.person->rec.state = PERSON_STATE_ACTIVE;
	update(t, c, s.person);
	for (int i = 0; i < kinds[KIND_ROLE].state_count; i++) {
		/* What was approved goes on counting while it is revised. */
		s.role->rec.state = i;
		update(t, c, s.role);
		CHECK_INT(may(c, S("")), i != ROLE_STATE_RETIRED);
	}
	s.role->rec.state = ROLE_STATE_EFFECTIVE;
	update(t, c, s.role);
	for (int i = 0; i < kinds[KIND_ACCESS_GRANT].state_count; i++) {
		str name = kinds[KIND_ACCESS_GRANT].state[i].name;
		s.grant->rec.state = i;
		update(t, c, s.grant);
		CHECK_INT(
			may(c, S("")), !str_eq(name, S("revoked")) && !str_eq(name, S("refused")));
	}
	store_close(t, c);
}

TEST(what_nobody_approved_gives_no_rights, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	struct role *draft = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct access_grant *asked = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	struct who program = c->who;
	s.grant->rec.state = ACCESS_GRANT_STATE_REVOKED;
	update(t, c, s.grant);
	CHECK(!may(c, S("")));
	CHECK(ident_load(c, S("P07")));
	CHECK_INT(c->who.grant_count, 0);
	c->who = program;
	asked->identity = S("P07");
	asked->role = S("R-1");
	put(t, c, asked, "GRA-2");
	CHECK(!may(c, S("")));
	draft->rights = s.role->rights;
	put(t, c, draft, "R-2");
	put_grant(t, c, "GRA-3", "P07", "R-2");
	CHECK(!may(c, S("")));
	draft->rec.state = ROLE_STATE_EFFECTIVE;
	update(t, c, draft);
	CHECK(may(c, S("")));
	store_close(t, c);
}

TEST(a_grant_holds_from_its_first_day_to_its_last, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	int64_t today = day_of_time(c->now_us);

	for (int from = -2; from <= 2; from++)
		for (int until = -2; until <= 2; until++) {
			s.grant->from = from == -2 ? DAY_NONE : today + from;
			s.grant->until = until == -2 ? DAY_NONE : today + until;
			update(t, c, s.grant);
			CHECK_INT(may(c, S("")), from <= 0 && (until == -2 || until >= 0));
		}
	store_close(t, c);
}

TEST(an_alternate_has_the_same_rights, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);

	s.grant->alternate = true;
	s.grant->resource = S("The archive alone");
	update(t, c, s.grant);
	CHECK(may(c, S("")) && may(c, S("PRD-1")));
	store_close(t, c);
}

TEST(a_right_taken_from_a_role_or_a_grant_is_gone, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);

	s.role->rights.item[0] = S("asset.read");
	update(t, c, s.role);
	CHECK(!may(c, S("")));
	s.role->rights.count = 0;
	update(t, c, s.role);
	CHECK(!may(c, S("")));
	s.role->rights = (struct words){(str[]){S("risk.read")}, 1};
	update(t, c, s.role);
	CHECK(may(c, S("")));
	put_role(t, c, "R-2", S("asset.read"));
	s.grant->role = S("R-2");
	update(t, c, s.grant);
	CHECK(!may(c, S("")));
	store_close(t, c);
}

TEST(the_grants_of_others_and_for_other_products_do_not_count, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	struct person *other = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct product *one = kind_new(c->arena, &kinds[KIND_PRODUCT]);

	other->rec.state = PERSON_STATE_ACTIVE;
	put(t, c, other, "P08");
	put(t, c, one, "PRD-1");
	s.grant->scope = S("PRD-1");
	update(t, c, s.grant);
	CHECK(may(c, S("PRD-1")) && !may(c, S("PRD-2")));
	s.grant->identity = S("P08");
	update(t, c, s.grant);
	CHECK(!may(c, S("PRD-1")) && !may(c, S("")));
	store_close(t, c);
}

static const char *const products[] = {"", "PRD-1", "PRD-2"};

/* Where the right to read risks holds, of a role of one product that was granted for another. */
static void check_reach(struct test_case *t, struct call *c, int granted, int of_role)
{
	for (int at = 1; at < 3; at++) {
		bool is_granted = granted == 0 || granted == at;
		bool is_of_role = of_role == 0 || of_role == at;
		if (may(c, str_of(products[at])) != (is_granted && is_of_role))
			test_fail(t, __FILE__, __LINE__, "granted %d, role %d, at %d", granted,
				of_role, at);
	}
}

TEST(a_role_of_a_product_gives_nothing_elsewhere, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);

	for (int i = 1; i < 3; i++)
		put(t, c, kind_new(c->arena, &kinds[KIND_PRODUCT]), products[i]);
	for (int granted = 0; granted < 3; granted++)
		for (int of_role = 0; of_role < 3; of_role++) {
			s.grant->scope = str_of(products[granted]);
			update(t, c, s.grant);
			s.role->rec.product = str_of(products[of_role]);
			update(t, c, s.role);
			check_reach(t, c, granted, of_role);
		}
	store_close(t, c);
}

TEST(who_is_loaded_is_that_person_and_nobody_else_is, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	struct who program = c->who;
	struct buf id;

	CHECK(ident_load(c, S("P07")));
	CHECK_STR(c->who.ref, S("P07"));
	CHECK_STR(c->who.name, S("P07"));
	CHECK_STR(c->who.post, S("Engineer"));
	CHECK(!c->who.is_system);
	CHECK_INT(c->who.grant_count, 1);
	buf_init(&id, t->arena, 64);
	buf_add(&id, S("person:"));
	struct uuid uuid;
	memcpy(&uuid, &s.person->rec.id, sizeof uuid);
	uuid_print(&id, uuid);
	CHECK_STR(c->who.actor, buf_str(&id));
	CHECK_STR(ident_actor(t->arena, S("short")), S("person:?"));
	CHECK(!ident_load(c, S("P09")));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_STR(c->who.ref, S(""));
	CHECK(!c->who.is_system && c->who.grant_count == 0);
	err_clear(&c->err);
	c->who = program;
	store_close(t, c);
}

/* Who leads a team, stands in for its leader, or has a seat in it or stands in there. */
TEST(a_team_is_of_those_who_have_a_seat_in_it, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct who program = c->who;
	struct person *other = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct team *team = kind_new(c->arena, &kinds[KIND_TEAM]);
	struct team_seat seat[2] = {{.function = S("One")}, {.function = S("Two")}};

	make_scene(t, c);
	other->rec.state = PERSON_STATE_ACTIVE;
	put(t, c, other, "P08");
	put(t, c, team, "TEA-1");
	for (int i = 0; i < 8; i++) {
		str me = S("P07");
		team->lead = i == 1 ? me : S("P08");
		team->lead_alternate = i == 2 ? me : S("P08");
		team->seat.item = seat;
		team->seat.count = i == 7 ? 0 : 2;
		seat[0].holder = i == 3 ? me : S("P08");
		seat[0].alternate = i == 4 ? me : S("");
		seat[1].holder = i == 5 ? me : S("P08");
		seat[1].alternate = i == 6 ? me : S("");
		update(t, c, team);
		CHECK(ident_load(c, me));
		CHECK_INT(c->who.team_count, i >= 1 && i <= 6);
		if (c->who.team_count)
			CHECK_STR(c->who.team[0], S("TEA-1"));
		c->who = program;
	}
	team->lead = S("P07");
	for (int i = 0; i < kinds[KIND_TEAM].state_count; i++) {
		team->rec.state = i;
		update(t, c, team);
		CHECK(ident_load(c, S("P07")));
		CHECK_INT(
			c->who.team_count, !str_eq(kinds[KIND_TEAM].state[i].name, S("disbanded")));
		c->who = program;
	}
	store_close(t, c);
}

TEST(every_one_of_many_grants_is_read, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct who program = c->who;

	make_scene(t, c);
	for (int i = 2; i <= 70; i++) {
		put_grant(t, c, cstr(c->arena, str_fmt(c->arena, "GRA-%d", i)), "P07", "R-1");
		CHECK(ident_load(c, S("P07")));
		CHECK_INT(c->who.grant_count, i);
		for (isize k = 0; k < c->who.grant_count; k++)
			CHECK_STR(c->who.grant[k].role, S("R-1"));
		c->who = program;
	}
	store_close(t, c);
}

/* What the record of the person says counts at once, for each way in. */
TEST(who_may_not_sign_in_comes_in_by_no_way, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	struct person *other = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct who program = c->who;
	str value;

	/* Somebody else may. */
	other->rec.state = PERSON_STATE_ACTIVE;
	other->sign_in = S("bob");
	other->sign_in_web = other->sign_in_cli = true;
	put(t, c, other, "P08");
	CHECK(token_make(c, S("P07"), S("ci"), S("*"), 9, &value));
	CHECK(credential_put(c, S("P07"), S("ada"), S("hash")));
	CHECK(token_make(c, S("P07"), S("ci"), S("*"), 9, &value));
	for (int mask = 0; mask < 8; mask++) {
		s.person->sign_in = mask & 1 ? S("ada") : S("");
		s.person->sign_in_web = mask & 2;
		s.person->sign_in_cli = mask & 4;
		update(t, c, s.person);
		CHECK_INT(ident_enter(c, S("P07"), WAY_WEB), (mask & 3) == 3);
		CHECK(c->who.ref.n || (mask & 3) != 3);
		err_clear(&c->err);
		CHECK_INT(ident_enter(c, S("P07"), WAY_TOKEN), (mask & 1) && (mask & 6));
		err_clear(&c->err);
		CHECK_INT(token_load(c, value), (mask & 1) && (mask & 6));
		err_clear(&c->err);
		c->who = program;
	}
	s.person->rec.state = PERSON_STATE_LEFT;
	update(t, c, s.person);
	CHECK(!ident_enter(c, S("P07"), WAY_WEB));
	err_clear(&c->err);
	c->who = program;
	store_close(t, c);
}

TEST(the_name_of_a_password_is_nobody_elses, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct scene s = make_scene(t, c);
	struct person *other = kind_new(c->arena, &kinds[KIND_PERSON]);

	CHECK(credential_put(c, S("P07"), S("ada"), S("hash")));
	s.person->sign_in = S("ada");
	CHECK(person_may_change(c, NULL, s.person));
	s.person->sign_in = S("ada2");
	CHECK(person_may_change(c, NULL, s.person));
	other->rec.ref = S("P08");
	CHECK(person_may_change(c, NULL, other));
	other->sign_in = S("bob");
	CHECK(person_may_change(c, NULL, other));
	other->sign_in = S("ada");
	CHECK(!person_may_change(c, NULL, other));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK_STR(c->err.issues->field, S("sign_in"));
	err_clear(&c->err);
	/* A new record, which has no reference yet. */
	other->rec.ref = S("");
	CHECK(!person_may_change(c, NULL, other));
	err_clear(&c->err);
	store_close(t, c);
}

/* ---- incompatible roles: pairs of grants over products, days, states and both directions ---- */

struct pair {
	bool names, named;         /* the new role names the held one; the other way */
	int scope[2];               /* of held and new: 0 everywhere, else a product */
	int64_t from[2], until[2];  /* days from today on; 99 is for ever */
	int state; /* of the grant that is held, which was granted before */
};

static str scope_word(int scope)
{
	static const str word[] = {S_INIT(""), S_INIT("PRD-1"), S_INIT("PRD-2")};

	return word[scope];
}

static bool must_refuse(const struct pair *p)
{
	/* One that is being revised goes on counting, with the days it was granted for. */
	bool counts = p->state != ACCESS_GRANT_STATE_REVOKED &&
		p->state != ACCESS_GRANT_STATE_REFUSED;
	bool same = !p->scope[0] || !p->scope[1] || p->scope[0] == p->scope[1];

	return (p->names || p->named) && counts && same && p->from[0] <= p->until[1] &&
		p->from[1] <= p->until[0];
}

static void set_days(struct call *c, const struct pair *p, int which, struct access_grant *g)
{
	int64_t today = day_of_time(c->now_us);

	g->scope = scope_word(p->scope[which]);
	g->from = today + p->from[which];
	g->until = p->until[which] == 99 ? DAY_NONE : today + p->until[which];
}

static void draw_pair(uint64_t *seed, struct pair *p)
{
	p->names = test_random(seed, 2);
	p->named = test_random(seed, 3) == 0;
	p->state = (int)test_random(seed, kinds[KIND_ACCESS_GRANT].state_count);
	for (int i = 0; i < 2; i++) {
		p->scope[i] = (int)test_random(seed, 3);
		p->from[i] = test_random(seed, 4);
		p->until[i] = test_random(seed, 2) ? 99 : p->from[i] + test_random(seed, 4);
	}
}

TEST(incompatible_roles_are_not_granted_together, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	uint64_t seed = (uint64_t)clock_mono();

	printf("# seed %" PRIu64 "\n", seed);
	for (int i = 0; i < 200 && !t->failures; i++) {
		struct pair p;
		str one = str_fmt(t->arena, "R-%dA", i), two = str_fmt(t->arena, "R-%dB", i);
		str person = str_fmt(t->arena, "P%d", i + 100);
		struct person *who = kind_new(c->arena, &kinds[KIND_PERSON]);
		draw_pair(&seed, &p);
		put(t, c, who, cstr(t->arena, person));
		struct role *a = put_role(t, c, cstr(t->arena, one), S("risk.read"));
		struct role *b = put_role(t, c, cstr(t->arena, two), S("risk.read"));
		a->incompatible = (struct words){&two, p.named};
		b->incompatible = (struct words){&one, p.names};
		update(t, c, a);
		update(t, c, b);
		struct access_grant *g = put_grant(t, c,
			cstr(t->arena, str_fmt(t->arena, "GRA-%d", i + 100)),
			cstr(t->arena, person), cstr(t->arena, one));
		set_days(c, &p, 0, g);
		update(t, c, g);
		g->rec.state = p.state;
		update(t, c, g);
		struct access_grant *x = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
		x->identity = person;
		x->role = two;
		set_days(c, &p, 1, x);
		CHECK_INT(grant_allowed(c, x), !must_refuse(&p));
		err_clear(&c->err);
	}
	store_close(t, c);
}

TEST_MAIN()
