/*
 * The second signature that accepting a risk may need, one condition at a time.
 *
 * RSK-1 of PRD-1 is accepted by R-A together with R-B.  P2 holds R-A and accepts; P3 holds R-B, and
 * has signed the risk or the decision DEC-1 about it.  Around that stands what must not count:
 * P4, who holds R-C and signed both, and DEC-2, an acceptance of RSK-2 that P3 signed.  Each row
 * changes a little and says whether the risk is accepted then.
 *
 * Revisions are words: of a role D (draft), E (effective), R (retired); of a grant Q (requested),
 * G (granted), V (reviewed), K (revoked), F (refused).
 */
#include "ident/ident.h"
#include "risk/risk.h"
#include "store.h"

enum { TODAY = 20726 }; /* 2026-09-30 */

enum signed_what { DECISION, RISK, EARLIER_RISK, NOTHING };
enum named { BY_LINK, AS_SUBJECT, AS_OTHER_SUBJECT, BY_OTHER_LINK, BY_LINK_OF_OTHER_TYPE, NOT };

/* What is 0 or "" is as in the first row; days are counted from today. */
static const struct situation {
	bool accepts;
	enum signed_what what;
	enum named named;
	const char *role, *role_product, *grant, *scope; /* R-B, and the grant of it */
	int from, until;
	const char *signer;
	int type, state; /* of the decision */
	bool is_open;    /* is proposed */
	bool is_timed;
	int early_us;    /* how long before the risk became what it is it was signed */
	const char *own; /* the role that the caller holds */
} situations[] = {{.accepts = true}, {.accepts = true, .what = RISK}, {.what = NOTHING},
	{.what = EARLIER_RISK},
	/* how the decision names the risk */
	{.accepts = true, .named = AS_SUBJECT}, {.named = AS_OTHER_SUBJECT},
	{.named = BY_OTHER_LINK}, {.named = BY_LINK_OF_OTHER_TYPE}, {.named = NOT},
	/* what it is */
	{.type = DECISION_TYPE_GATE}, {.type = DECISION_TYPE_EXCEPTION},
	{.accepts = true, .state = DECISION_STATE_IN_FORCE}, {.is_open = true},
	{.state = DECISION_STATE_REVOKED}, {.state = DECISION_STATE_STALE},
	/* when it was signed */
	{.accepts = true, .named = AS_SUBJECT, .is_timed = true},
	{.named = AS_SUBJECT, .is_timed = true, .early_us = 1},
	{.accepts = true, .named = AS_SUBJECT, .is_timed = true, .early_us = -1},
	/* who signed */
	{.signer = "P4"}, {.what = RISK, .signer = "P4"}, {.signer = "P2"},
	{.signer = "P2", .own = "R-A R-B"}, {.what = RISK, .signer = "P2", .own = "R-A R-B"},
	{.what = RISK, .signer = "P2"},
	/* the role */
	{.role = "ER"}, {.accepts = true, .role = "ED"}, {.role = "D"},
	{.what = RISK, .role = "ER"}, {.accepts = true, .what = RISK, .role = "ED"},
	{.what = RISK, .role = "D"}, {.accepts = true, .role_product = "PRD-1"},
	{.role_product = "PRD-2"}, {.accepts = true, .what = RISK, .role_product = "PRD-1"},
	{.what = RISK, .role_product = "PRD-2"},
	/* the grant */
	{.accepts = true, .grant = "V"}, {.grant = "Q"}, {.accepts = true, .grant = "GQ"},
	{.grant = "GK"}, {.grant = "GKQ"}, {.grant = "QF"},
	{.accepts = true, .what = RISK, .grant = "V"}, {.what = RISK, .grant = "Q"},
	{.accepts = true, .what = RISK, .grant = "GQ"}, {.what = RISK, .grant = "GK"},
	{.what = RISK, .grant = "QF"},
	/* where and when it holds */
	{.accepts = true, .scope = "PRD-1"}, {.scope = "PRD-2"},
	{.accepts = true, .what = RISK, .scope = "PRD-1"}, {.what = RISK, .scope = "PRD-2"},
	{.accepts = true, .from = -1}, {.from = 1}, {.accepts = true, .until = 1}, {.until = -1},
	{.what = RISK, .from = 1}, {.what = RISK, .until = -1},
	/* the caller */
	{.own = "R-C"}, {.accepts = true, .own = "R-A R-B"}, {.what = NOTHING, .own = "R-A R-B"}};

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
	if (!kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name)))) {
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(rec->ref), c->err.text);
		err_clear(&c->err);
	}
}

static void *new_record(struct call *c, int kind, str ref)
{
	struct rec *rec = kind_new(c->arena, &kinds[kind]);

	rec->ref = rec->title = ref;
	return rec;
}

static void put_role(
	struct test_case *t, struct call *c, str ref, const char *revisions, const char *product)
{
	struct role *r = new_record(c, KIND_ROLE, ref);

	r->responsibilities = S("Said");
	r->rec.product = str_of(product);
	for (const char *p = revisions; *p; p++) {
		r->rec.state = *p == 'D' ? ROLE_STATE_DRAFT
			: *p == 'E'      ? ROLE_STATE_EFFECTIVE
					 : ROLE_STATE_RETIRED;
		put(t, c, r);
	}
}

static void put_grant(struct test_case *t, struct call *c, str ref, str person, str role,
	const char *revisions, const struct situation *s)
{
	struct access_grant *g = new_record(c, KIND_ACCESS_GRANT, ref);

	g->identity = person;
	g->role = role;
	g->scope = or (s->scope, "");
	g->from = day(s->from);
	g->until = day(s->until);
	for (const char *p = revisions; *p; p++) {
		g->rec.state = *p == 'Q' ? ACCESS_GRANT_STATE_REQUESTED
			: *p == 'G'      ? ACCESS_GRANT_STATE_GRANTED
			: *p == 'V'      ? ACCESS_GRANT_STATE_REVIEWED
			: *p == 'K'      ? ACCESS_GRANT_STATE_REVOKED
					 : ACCESS_GRANT_STATE_REFUSED;
		put(t, c, g);
	}
}

static void put_criteria(struct test_case *t, struct call *c)
{
	struct risk_model *m = new_record(c, KIND_RISK_MODEL, S("CRI-1"));
	struct risk_model_cell cell = {.exploitability = 2, .severity = 3, .level = S("Medium")};
	struct risk_model_acceptance row = {.level = S("Medium"),
		.rank = 2,
		.controlled = true,
		.release = true,
		.roles = S("R-A + R-B")};

	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->cell.item = &cell;
	m->acceptance.item = &row;
	m->cell.count = m->acceptance.count = 1;
	put(t, c, m);
}

static struct risk *put_risk(struct test_case *t, struct call *c, str ref)
{
	struct risk *r = new_record(c, KIND_RISK, ref);

	r->rec.owner = S("P9");
	r->rec.product = S("PRD-1");
	r->rec.state = RISK_STATE_TREATED;
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->residual_severity = 3;
	r->residual_exploitability = 2;
	put(t, c, r);
	return r;
}

static struct decision *put_decision(
	struct test_case *t, struct call *c, str ref, const struct situation *s)
{
	struct decision_subject *subject = NEW(c->arena, struct decision_subject, 1);
	struct decision *d = new_record(c, KIND_DECISION, ref);

	d->type = s->type ? s->type : DECISION_TYPE_RISK_ACCEPTANCE;
	d->rec.state = s->is_open ? DECISION_STATE_PROPOSED
		: s->state        ? s->state
				  : DECISION_STATE_DECIDED;
	if (s->named == AS_SUBJECT || s->named == AS_OTHER_SUBJECT) {
		*subject = (struct decision_subject){
			.record = s->named == AS_SUBJECT ? S("RSK-1") : S("RSK-2"),
			.rev = INT_NONE};
		d->subject.item = subject;
		d->subject.count = 1;
	}
	put(t, c, d);
	if (s->named == BY_LINK || s->named == BY_LINK_OF_OTHER_TYPE)
		CHECK(link_add(c, ref, S("concerns"), S("RSK-1"), S("")));
	if (s->named == BY_OTHER_LINK)
		CHECK(link_add(c, ref, S("concerns"), S("RSK-2"), S("")));
	if (s->named == BY_LINK_OF_OTHER_TYPE)
		CHECK(db_exec(c->db,
			SQL_CHANGE("UPDATE link SET type = 'activates' WHERE from_ref = $1"),
			V(ref)));
	return d;
}

static void become_program(struct call *c)
{
	c->who = (struct who){.ref = S("system"),
		.actor = S("system"),
		.is_system = true,
		.is_loader = true};
	c->reason = S("test");
}

static void sign_as(struct test_case *t, struct call *c, str person, void *record)
{
	CHECK(ident_load(c, person));
	CHECK(kind_sign(c, record, S("accept")));
	become_program(c);
}

/* People, roles and grants; the caller's are the last. */
static void put_people(struct test_case *t, struct call *c, const struct situation *s)
{
	static const struct situation plain = {0};
	str own = or (s->own, "R-A");
	int n = 0;

	put_role(t, c, S("R-A"), "E", "");
	put_role(t, c, S("R-B"), s->role ? s->role : "E", s->role_product ? s->role_product : "");
	put_role(t, c, S("R-C"), "EDEDE", "");
	put_grant(t, c, S("GRA-3"), S("P3"), S("R-B"), s->grant ? s->grant : "G", s);
	put_grant(t, c, S("GRA-4"), S("P4"), S("R-C"), "GQGQG", &plain);
	for (str role; (role = str_word(&own)).n; n++)
		put_grant(t, c, str_fmt(c->arena, "GRA-%d", 20 + n), S("P2"), role, "G", &plain);
}

static void try(struct test_case *t, struct call *c, int number)
{
	const struct situation *s = &situations[number];
	struct decision *other;

	become_program(c);
	put_people(t, c, s);
	put_criteria(t, c);
	struct risk *beside = put_risk(t, c, S("RSK-2"));
	put(t, c, beside); /* of the revision that RSK-1 will have */
	sign_as(t, c, S("P3"), beside);
	struct risk *r = put_risk(t, c, S("RSK-1"));
	str signer = or (s->signer, "P3");
	if (s->what == EARLIER_RISK)
		sign_as(t, c, signer, r);
	c->now_us += 1000000;
	r->rationale = S("looked at again");
	put(t, c, r);
	sign_as(t, c, S("P4"), r);
	other = put_decision(t, c, S("DEC-2"), &(struct situation){.named = BY_OTHER_LINK});
	sign_as(t, c, S("P3"), other);
	/* Decisions are put so that they have the same numbers of revisions. */
	c->now_us = r->rec.since - 1000;
	struct decision *d = put_decision(t, c, S("DEC-1"), s);
	c->now_us = r->rec.since + (s->is_timed ? -s->early_us : 1000);
	sign_as(t, c, S("P4"), d);
	if (!str_eq(signer, S("P4")) && (s->what == DECISION || s->what == RISK))
		sign_as(t, c, signer, s->what == RISK ? (void *)r : (void *)d);
	c->now_us += 1000000;
	CHECK(ident_load(c, S("P2")));
	bool ok = risk_may_accept(c, r);
	if (ok != s->accepts)
		test_fail(t, __FILE__, __LINE__, "row %d is %s: %s", number,
			ok ? "accepted" : "refused", c->err.text);
	if (!ok && c->err.issues) {
		CHECK_STR(c->err.issues->field, S("owner"));
		bool holds_none = str_find(c->err.issues->text, S("a role you do not hold")) > 0;
		CHECK_INT(holds_none, str_eq(or (s->own, ""), S("R-C")));
	}
	CHECK(ok || c->err.issues);
	store_undo(t, c);
}

static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	CHECK_INT(day_of_time(c->now_us), TODAY);
	for (int i = 2; i <= 9; i++) {
		struct person *p = new_record(c, KIND_PERSON, str_fmt(c->arena, "P%d", i));
		p->rec.state = PERSON_STATE_ACTIVE;
		put(t, c, p);
	}
	put(t, c, new_record(c, KIND_PRODUCT, S("PRD-1")));
	put(t, c, new_record(c, KIND_PRODUCT, S("PRD-2")));
	CHECK(store_commit(t, c));
	return c;
}

TEST(the_second_signature_is_of_who_may_and_about_this_risk, "RSK-REQ-07")
{
	struct call *c = open_store(t);

	for (int i = 0; i < COUNT_OF(situations); i++) {
		int64_t now_us = c->now_us;
		try(t, c, i);
		c->now_us = now_us;
	}
	store_close(t, c);
}

/* Of many decisions that the other signed all but the oldest were reworded since. */
TEST(two_hundred_signed_decisions_are_looked_at, "RSK-REQ-07")
{
	static const struct situation plain = {0};
	struct call *c = open_store(t);

	become_program(c);
	put_people(t, c, &plain);
	put_criteria(t, c);
	struct risk *r = put_risk(t, c, S("RSK-1"));
	for (int i = 0; i <= 200; i++) {
		become_program(c);
		struct decision *d =
			put_decision(t, c, str_fmt(c->arena, "DEC-%d", 100 + i), &plain);
		sign_as(t, c, S("P3"), d);
		d->conditions = S("None");
		if (i > 0)
			put(t, c, d);
		if (i >= 199) {
			CHECK(ident_load(c, S("P2")));
			CHECK_INT(risk_may_accept(c, r), i == 199);
			err_clear(&c->err);
		}
	}
	/* One that holds, before all those that do not. */
	become_program(c);
	sign_as(t, c, S("P3"), put_decision(t, c, S("DEC-900"), &plain));
	CHECK(ident_load(c, S("P2")));
	CHECK(risk_may_accept(c, r));
	store_close(t, c);
}

/* ---- levels ---- */

/* Of the ratings 1 to 4: rank 1, rank 2, may not be released, no level. */
static void put_levels(struct test_case *t, struct call *c)
{
	struct risk_model *m = new_record(c, KIND_RISK_MODEL, S("CRI-1"));
	struct risk_model_cell cell[3];
	struct risk_model_acceptance row[3];

	for (int i = 0; i < 3; i++) {
		cell[i] = (struct risk_model_cell){.exploitability = i + 1,
			.severity = i + 1,
			.level = str_fmt(c->arena, "Level %d", i + 1)};
		row[i] = (struct risk_model_acceptance){.level = cell[i].level,
			.rank = i + 1,
			.controlled = true,
			.release = i < 2,
			.roles = S("R-A")};
	}
	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->cell.item = cell;
	m->acceptance.item = row;
	m->cell.count = m->acceptance.count = 3;
	put(t, c, m);
}

TEST(a_level_says_whether_the_owner_or_anybody_may_accept, "RSK-REQ-07")
{
	static const char *const field[] = {"", "owner", "residual_severity", "residual_severity"};
	static const struct situation plain = {0};
	struct call *c = open_store(t);

	become_program(c);
	put_people(t, c, &plain);
	put_levels(t, c);
	struct risk *r = put_risk(t, c, S("RSK-1"));
	for (int i = 0; i < 8; i++) {
		bool owns = i % 2;
		r->rec.owner = owns ? S("P2") : S("P9");
		r->residual_severity = r->residual_exploitability = i / 2 + 1;
		CHECK(ident_load(c, S("P2")));
		bool ok = risk_may_accept(c, r);
		CHECK_INT(ok, i / 2 == 0 || (i / 2 == 1 && !owns));
		CHECK(ok || str_eq(c->err.issues->field, str_of(field[i / 2])));
		err_clear(&c->err);
		/* The program accepts what may be accepted at all. */
		become_program(c);
		CHECK_INT(risk_may_accept(c, r), i / 2 < 2);
		err_clear(&c->err);
	}
	store_close(t, c);
}

TEST(who_cannot_be_asked_about_is_not_said_to_lack_a_role, "")
{
	static const char *const sql[] = {"ALTER TABLE signature RENAME TO x",
		"ALTER TABLE risk_model RENAME TO x", "ALTER TABLE decision RENAME TO x"};
	static const struct situation plain = {0};
	struct call *c = open_store(t);

	become_program(c);
	put_people(t, c, &plain);
	put_criteria(t, c);
	struct risk *r = put_risk(t, c, S("RSK-1"));
	CHECK(store_commit(t, c));
	for (int i = 0; i < COUNT_OF(sql); i++) {
		CHECK(ident_load(c, S("P2")));
		CHECK(db_script(c->db, str_of(sql[i]), &c->err));
		CHECK(!risk_may_accept(c, r));
		CHECK_INT(c->err.code, ERR_FAULT);
		CHECK(!c->err.issues);
		store_undo(t, c);
	}
	store_close(t, c);
}

/* ---- plans ---- */

/* Each of what is needed is left out, and is blank; and a plan of another kind needs none of it. */
TEST(a_response_plan_has_all_of_its_parts, "ISO 28000 8.6.4")
{
	static const char *const field[] = {
		"purpose", "threshold", "activators", "communication", "stand_down", "step"};
	struct plan_step step = {0};
	struct call *c = NEW(t->arena, struct call, 1);

	c->arena = c->err.arena = t->arena;
	for (int i = 0; i <= COUNT_OF(field); i++) {
		struct plan *p = kind_new(t->arena, &kinds[KIND_PLAN]);
		str *text[] = {&p->purpose, &p->threshold, &p->activators, &p->communication,
			&p->stand_down};
		for (int k = 0; k < COUNT_OF(text); k++)
			*text[k] = k == i ? S(" \n") : S("Said");
		p->step.item = &step;
		p->step.count = i != COUNT_OF(text);
		CHECK_INT(plan_complete(c, p), i == COUNT_OF(field));
		if (i < COUNT_OF(field)) {
			CHECK_STR(c->err.issues->field, str_of(field[i]));
			CHECK(!c->err.issues->next);
		}
		err_clear(&c->err);
		p->type = PLAN_TYPE_PRODUCT_SECURITY;
		CHECK(plan_complete(c, p));
	}
}

TEST(a_policy_that_was_not_found_valid_takes_no_effect, "")
{
	struct call *c = NEW(t->arena, struct call, 1);
	struct access_policy *p = kind_new(t->arena, &kinds[KIND_ACCESS_POLICY]);

	c->arena = c->err.arena = t->arena;
	CHECK(!policy_is_valid(c, p));
	CHECK_STR(c->err.issues->field, S("validation"));
	p->validation = VALIDATION_VALID;
	CHECK(policy_is_valid(c, p));
}

TEST_MAIN()
