/* What flows ask for and a declaration cannot say: each guard refuses, then lets through. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

/* Whether the guard lets the record through; forgets the issues.  `field` is the first refused. */
static bool passes(struct call *c, move_guard *guard, const void *rec, str *field)
{
	bool ok = guard(c, rec);

	*field = c->err.issues ? c->err.issues->field : S("");
	if (ok != (c->err.code == ERR_NONE))
		*field = S("the answer and the error differ");
	err_clear(&c->err);
	return ok;
}

#define REFUSED(guard, rec, name)                                                                  \
	do {                                                                                       \
		CHECK(!passes(c, guard, rec, &field));                                             \
		CHECK_STR(field, S(name));                                                         \
	} while (0)
#define PASSED(guard, rec) CHECK(passes(c, guard, rec, &field))

static struct call *pure_call(struct test_case *t)
{
	struct call *c = NEW(t->arena, struct call, 1);

	c->arena = c->err.arena = t->arena;
	c->who.ref = S("P02");
	CHECK(time_parse(S("2026-09-30T08:00:00Z"), &c->now_us));
	return c;
}

TEST(a_change_needs_its_risk_review_before_or_a_reason, "ISO 28000 8.4")
{
	struct call *c = pure_call(t);
	struct change_ *x = kind_new(t->arena, &kinds[KIND_CHANGE]);
	int64_t today = day_of_time(c->now_us);
	str field;

	REFUSED(change_risk_reviewed, x, "risk_review");
	x->risk_review = RISK_REVIEW_DONE;
	REFUSED(change_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = today + 1;
	REFUSED(change_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = today;
	PASSED(change_risk_reviewed, x);
	x->risk_review = RISK_REVIEW_NOT_NEEDED;
	REFUSED(change_risk_reviewed, x, "risk_review_note");
	x->risk_review_note = S("A new label on a door.");
	PASSED(change_risk_reviewed, x);
}

TEST(a_corrective_action_needs_its_risk_review_or_a_whole_waiver, "ISO 28000 10.2")
{
	struct call *c = pure_call(t);
	struct action *x = kind_new(t->arena, &kinds[KIND_ACTION]);
	str field;

	x->type = ACTION_TYPE_ACTIVITY;
	PASSED(action_risk_reviewed, x);
	x->type = ACTION_TYPE_CORRECTIVE;
	REFUSED(action_risk_reviewed, x, "risk_review");
	x->risk_review = RISK_REVIEW_DONE;
	REFUSED(action_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = day_of_time(c->now_us) + 1;
	REFUSED(action_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed--;
	PASSED(action_risk_reviewed, x);
	x->risk_review = RISK_REVIEW_WAIVED;
	x->waiver = S("People were in danger.");
	x->waiver_by = S("P01");
	REFUSED(action_risk_reviewed, x, "waiver");
	x->waiver_review_due = day_of_time(c->now_us) + 14;
	PASSED(action_risk_reviewed, x);
}

TEST(a_nonconformity_closes_only_with_cause_similar_cases_and_effect, "ISO 28000 10.2")
{
	struct call *c = pure_call(t);
	struct finding *x = kind_new(t->arena, &kinds[KIND_FINDING]);
	str field;

	x->grade = FINDING_GRADE_STRENGTH;
	PASSED(finding_may_close, x);
	x->grade = FINDING_GRADE_MINOR;
	REFUSED(finding_may_close, x, "cause");
	x->cause = S("No reminder.");
	x->similar = ANSWER_UNKNOWN;
	REFUSED(finding_may_close, x, "similar");
	x->similar = ANSWER_NO;
	REFUSED(finding_may_close, x, "effective");
	x->effective = EFFECTIVENESS_EFFECTIVE;
	PASSED(finding_may_close, x);
}

TEST(an_incident_stays_open_while_a_temporary_measure_does, "ISO 28000 8.6.5")
{
	struct call *c = pure_call(t);
	struct incident *x = kind_new(t->arena, &kinds[KIND_INCIDENT]);
	struct incident_temporary filter = {
		.what = S("Filter"), .since = c->now_us, .removed = TIME_NONE};
	str field;

	PASSED(incident_may_close, x);
	x->temporary.item = &filter;
	x->temporary.count = 1;
	REFUSED(incident_may_close, x, "temporary");
	filter.removed = c->now_us;
	PASSED(incident_may_close, x);
}

TEST(a_scope_says_what_it_leaves_out_and_who_decided, "ISO 28000 4.3")
{
	struct call *c = pure_call(t);
	struct scope *x = kind_new(t->arena, &kinds[KIND_SCOPE]);
	struct scope_exclusion left_out = {.what = S("Sales"), .why = S("No products there")};
	str field;

	REFUSED(scope_exclusions_decided, x, "exclusions");
	x->exclusions = EXCLUSIONS_NONE;
	PASSED(scope_exclusions_decided, x);
	x->exclusions = EXCLUSIONS_LISTED;
	REFUSED(scope_exclusions_decided, x, "exclusion");
	x->exclusion.item = &left_out;
	x->exclusion.count = 1;
	REFUSED(scope_exclusions_decided, x, "exclusion");
	left_out.decision = S("DEC-1");
	PASSED(scope_exclusions_decided, x);
}

TEST(a_management_review_needs_all_thirteen_inputs, "ISO 28000 9.3.2")
{
	struct call *c = pure_call(t);
	struct review *x = kind_new(t->arena, &kinds[KIND_REVIEW]);
	struct review_input *inputs = NEW(t->arena, struct review_input, 13);
	str field;

	x->input.item = inputs;
	for (int i = 0; i < 13; i++)
		inputs[i] =
			(struct review_input){.letter = REVIEW_INPUT_A + i, .shown = S("Shown")};
	x->input.count = 13;
	PASSED(review_inputs_complete, x);
	inputs[3].shown = S(" ");
	REFUSED(review_inputs_complete, x, "input");
	x->input.count = 0;
	CHECK(!review_inputs_complete(c, x));
	int issues = 0;
	for (const struct issue *i = c->err.issues; i; i = i->next)
		issues++;
	CHECK_INT(issues, 13);
}

TEST(author_and_grantee_do_not_approve_themselves, "")
{
	struct call *c = pure_call(t);
	struct document *d = kind_new(t->arena, &kinds[KIND_DOCUMENT]);
	struct access_grant *g = kind_new(t->arena, &kinds[KIND_ACCESS_GRANT]);
	struct grant all = {.product = S("")};
	str field;

	right_match(S("*"), all.right);
	c->who.grant = &all;
	c->who.grant_count = 1;
	REFUSED(document_author_differs, d, "author"); /* it might be anybody */
	d->author = S("P02");
	REFUSED(document_author_differs, d, "author");
	d->author = S("P03");
	PASSED(document_author_differs, d);
	g->identity = S("P02");
	REFUSED(grant_allowed, g, "identity");
	g->identity = S("P03");
	g->requested_by = S("P02");
	REFUSED(grant_allowed, g, "requested_by");
	g->requested_by = S("P04");
	g->from = 20;
	g->until = 19;
	REFUSED(grant_allowed, g, "until");
	g->until = 20;
	PASSED(grant_allowed, g);
}

TEST(a_disposal_is_told_and_a_plan_is_whole, "")
{
	struct call *c = pure_call(t);
	struct document *d = kind_new(t->arena, &kinds[KIND_DOCUMENT]);
	struct plan *p = kind_new(t->arena, &kinds[KIND_PLAN]);
	struct plan_step step = {.what = S("Revoke sessions")};
	str field;

	REFUSED(document_may_dispose, d, "disposal");
	d->disposal = S("Shredded, seen by P01");
	PASSED(document_may_dispose, d);
	p->type = PLAN_TYPE_RESPONSE;
	p->purpose = p->threshold = p->activators = p->communication = S("Said");
	REFUSED(plan_complete, p, "stand_down");
	p->stand_down = S("Said");
	REFUSED(plan_complete, p, "step");
	p->step.item = &step;
	p->step.count = 1;
	PASSED(plan_complete, p);
}

TEST(device_identifiers_have_their_check_digit, "")
{
	struct call *c = pure_call(t);

	udi_di(c, S("udi_di"), S("04012345678901"));
	CHECK_INT(c->err.code, ERR_NONE);
	udi_di(c, S("udi_di"), S("04012345678902"));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	udi_di(c, S("udi_di"), S("abc"));
	CHECK_INT(c->err.code, ERR_INVALID);
}

/* ---- acceptance of risks, in a store ---- */

static void put(struct test_case *t, struct call *c, void *rec, str ref)
{
	struct rec *r = rec;

	r->ref = ref;
	if (!kind_put(c, rec, str_fmt(c->arena, "%.*s.create", STR_ARG(r->kind->name)))) {
		test_fail(t, __FILE__, __LINE__, "%.*s not stored: %s", STR_ARG(ref), c->err.text);
		for (const struct issue *i = c->err.issues; i; i = i->next)
			printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	}
}

static void put_person(struct test_case *t, struct call *c, str ref)
{
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);

	p->rec.title = ref;
	p->rec.state = PERSON_STATE_ACTIVE;
	put(t, c, p, ref);
}

static void grant(struct test_case *t, struct call *c, str person, str role, str scope)
{
	struct role *r = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct access_grant *g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	r->rec.title = role;
	r->rec.state = ROLE_STATE_EFFECTIVE;
	put(t, c, r, role);
	g->rec.title = role;
	g->rec.state = ACCESS_GRANT_STATE_GRANTED;
	g->identity = person;
	g->role = role;
	g->scope = scope;
	put(t, c, g, str_fmt(c->arena, "GRA-%.*s", STR_ARG(role)));
}

static void put_criteria(struct test_case *t, struct call *c, str roles)
{
	struct risk_model *m = kind_new(c->arena, &kinds[KIND_RISK_MODEL]);
	struct risk_model_cell cells[] = {
		{.exploitability = 2, .severity = 3, .level = S("Medium")},
		{.exploitability = 5, .severity = 5, .level = S("Unacceptable")}};
	struct risk_model_acceptance levels[] = {{.level = S("Medium"),
							 .rank = 2,
							 .controlled = true,
							 .release = true,
							 .roles = roles},
		{.level = S("Unacceptable"), .rank = 4, .roles = roles}};

	m->rec.title = S("Criteria");
	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->cell.item = cells;
	m->cell.count = COUNT_OF(cells);
	m->acceptance.item = levels;
	m->acceptance.count = COUNT_OF(levels);
	put(t, c, m, S("CRI-1"));
}

static struct risk *put_risk(struct test_case *t, struct call *c)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.title = S("A risk");
	r->rec.owner = S("P09");
	r->rec.state = RISK_STATE_TREATED;
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->residual_severity = 3;
	r->residual_exploitability = 2;
	put(t, c, r, S("RSK-1"));
	return r;
}

/* As somebody who may do everything, with the roles that the store gives them. */
static void become(struct test_case *t, struct call *c, str person)
{
	CHECK(ident_load(c, person));
	struct grant *all = NEW(c->arena, struct grant, c->who.grant_count + 1);
	if (c->who.grant_count)
		memcpy(all, c->who.grant, (size_t)c->who.grant_count * sizeof *all);
	right_match(S("*"), all[c->who.grant_count++].right);
	c->who.grant = all;
}

TEST(a_risk_is_accepted_by_the_roles_that_the_criteria_name, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	struct risk *r = put_risk(t, c);
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "criteria");
	c->who.is_system = c->who.is_loader = true;
	put_criteria(t, c, S("R-PSLX / R-CEO"));
	grant(t, c, S("P02"), S("R-PSL"), S(""));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner"); /* part of a role's name is not the role */
	c->who.is_system = c->who.is_loader = true;
	grant(t, c, S("P02"), S("R-CEO"), S(""));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	r->rec.owner = S("P02");
	REFUSED(risk_may_accept, r, "owner");
	r->rec.owner = S("P09");
	r->residual_severity = r->residual_exploitability = 5;
	REFUSED(risk_may_accept, r, "residual_severity");
	store_close(t, c);
}

TEST(roles_beside_each_other_must_both_sign, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_criteria(t, c, S("R-PSL R-QA"));
	struct risk *r = put_risk(t, c);
	grant(t, c, S("P02"), S("R-PSL"), S(""));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");
	become(t, c, S("P09"));
	c->who.is_system = c->who.is_loader = true;
	grant(t, c, S("P09"), S("R-QA"), S(""));
	become(t, c, S("P09"));
	CHECK(kind_sign(c, &r->rec, S("accept the residual risk")));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	store_close(t, c);
}

TEST(a_role_for_another_product_does_not_accept, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct product *p = kind_new(c->arena, &kinds[KIND_PRODUCT]);
	str field;

	p->rec.title = S("Another");
	put(t, c, p, S("PRD-2"));
	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_criteria(t, c, S("R-PSL"));
	struct risk *r = put_risk(t, c);
	grant(t, c, S("P02"), S("R-PSL"), S("PRD-2"));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");
	store_close(t, c);
}

TEST(where_two_must_sign_one_is_not_enough, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct decision *d = kind_new(c->arena, &kinds[KIND_DECISION]);
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_person(t, c, S("P08"));
	put_criteria(t, c, S("R-XX / R-PSL + R-QA"));
	struct risk *r = put_risk(t, c);
	r->rec.owner = S("P08");
	c->reason = S("looked at again");
	CHECK(kind_put(c, r, S("risk.update")));
	grant(t, c, S("P02"), S("R-PSL"), S(""));
	grant(t, c, S("P09"), S("R-QA"), S(""));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");

	c->who.is_system = c->who.is_loader = true;
	d->rec.title = S("Acceptance");
	d->type = DECISION_TYPE_RISK_ACCEPTANCE;
	d->rec.state = DECISION_STATE_DECIDED;
	put(t, c, d, S("DEC-1"));
	CHECK(link_add(c, S("DEC-1"), S("concerns"), S("RSK-1"), S("")));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");
	CHECK(kind_sign(
		c, &d->rec, S("decide"))); /* the caller's own signature is not a second one */
	REFUSED(risk_may_accept, r, "owner");
	become(t, c, S("P09"));
	CHECK(kind_sign(c, &d->rec, S("decide")));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);

	r->rationale = S("Changed after the other signed.");
	c->now_us += 1000000;
	CHECK(kind_put(c, r, S("risk.update")));
	REFUSED(risk_may_accept, r, "owner");
	store_close(t, c);
}

/* A decided decision about RSK-1 as the second person signed it, and what happened then. */
enum signed_case {
	AS_SUBJECT,
	BY_LINK,
	NAMES_NOTHING,
	LINKED_AFTER,
	LINKED_ANEW,
	TYPE_AFTER,
	TYPE_BEFORE,
	SUBJECT_AFTER,
	REWORDED,
	REVOKED,
	SIGNED_CASES
};

static void link_risk(struct test_case *t, struct call *c, str ref)
{
	CHECK(link_add(c, ref, S("concerns"), S("RSK-1"), S("")));
}

static struct decision *new_decision(
	struct test_case *t, struct call *c, str ref, enum signed_case how)
{
	static struct decision_subject subject = {.record = S_INIT("RSK-1"), .rev = INT_NONE};
	struct decision *d = kind_new(c->arena, &kinds[KIND_DECISION]);

	d->rec.title = S("Acceptance");
	d->type = how == TYPE_AFTER ? DECISION_TYPE_GATE : DECISION_TYPE_RISK_ACCEPTANCE;
	d->rec.state = DECISION_STATE_DECIDED;
	if (how != BY_LINK && how < NAMES_NOTHING) {
		d->subject.item = &subject;
		d->subject.count = 1;
	}
	put(t, c, d, ref);
	if (how == BY_LINK || how >= LINKED_ANEW)
		if (how != SUBJECT_AFTER)
			link_risk(t, c, ref);
	c->now_us += 1000000;
	return d;
}

static void after_signature(
	struct test_case *t, struct call *c, struct decision *d, enum signed_case how)
{
	static struct decision_subject subject = {.record = S_INIT("RSK-1"), .rev = INT_NONE};

	c->now_us += 1000000;
	if (how == LINKED_AFTER)
		link_risk(t, c, d->rec.ref);
	if (how == LINKED_ANEW) {
		CHECK(link_remove(c, d->rec.ref, S("concerns"), S("RSK-1")));
		link_risk(t, c, d->rec.ref);
	}
	if (how == TYPE_AFTER)
		d->type = DECISION_TYPE_RISK_ACCEPTANCE;
	if (how == TYPE_BEFORE)
		d->type = DECISION_TYPE_GATE;
	if (how == SUBJECT_AFTER) {
		d->subject.item = &subject;
		d->subject.count = 1;
	}
	if (how == REWORDED)
		d->conditions = S("None");
	if (how == REVOKED)
		d->rec.state = DECISION_STATE_REVOKED;
	if (how >= TYPE_AFTER)
		CHECK(kind_put(c, d, S("decision.update")));
}

TEST(a_second_signature_is_of_an_acceptance_that_named_the_risk, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_person(t, c, S("P08"));
	put_criteria(t, c, S("R-PSL + R-QA"));
	struct risk *r = put_risk(t, c);
	r->rec.owner = S("P08");
	c->reason = S("looked at again");
	CHECK(kind_put(c, r, S("risk.update")));
	grant(t, c, S("P02"), S("R-PSL"), S(""));
	grant(t, c, S("P09"), S("R-QA"), S(""));
	CHECK(store_commit(t, c));
	for (int how = 0; how < SIGNED_CASES; how++) {
		become(t, c, S("P09"));
		c->who.is_system = c->who.is_loader = true;
		c->reason = S("test");
		struct decision *d = new_decision(
			t, c, str_fmt(c->arena, "DEC-%d", how + 1), (enum signed_case)how);
		CHECK(kind_sign(c, &d->rec, S("decide")));
		after_signature(t, c, d, (enum signed_case)how);
		become(t, c, S("P02"));
		printf("# case %d\n", how);
		if (how < NAMES_NOTHING)
			PASSED(risk_may_accept, r);
		else
			REFUSED(risk_may_accept, r, "owner");
		store_undo(t, c);
	}
	store_close(t, c);
}

TEST(only_the_signature_of_another_on_this_revision_is_the_second, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct access_grant *g;
	void *rec = NULL;
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_person(t, c, S("P08"));
	put_criteria(t, c, S("R-PSL + R-QA"));
	grant(t, c, S("P02"), S("R-PSL"), S(""));
	grant(t, c, S("P09"), S("R-QA"), S(""));
	struct risk *r = put_risk(t, c);
	r->rec.owner = S("P08");
	c->reason = S("looked at again");
	CHECK(kind_put(c, r, S("risk.update")));
	/* Holding both roles makes nobody two people. */
	g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	g->rec.title = S("Both");
	g->rec.state = ACCESS_GRANT_STATE_GRANTED;
	g->identity = S("P02");
	g->role = S("R-QA");
	put(t, c, g, S("GRA-BOTH"));
	become(t, c, S("P02"));
	CHECK(kind_sign(c, &r->rec, S("accept the residual risk")));
	REFUSED(risk_may_accept, r, "owner");
	become(t, c, S("P09"));
	CHECK(kind_sign(c, &r->rec, S("accept the residual risk")));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	/* What was signed is a revision: the next one has no signature yet. */
	c->now_us += 1000000;
	r->rationale = S("Other words");
	c->reason = S("changed");
	CHECK(kind_put(c, r, S("risk.update")));
	REFUSED(risk_may_accept, r, "owner");
	become(t, c, S("P09"));
	CHECK(kind_sign(c, &r->rec, S("accept the residual risk")));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	/* The other's grant ran out. */
	c->who.is_system = c->who.is_loader = true;
	CHECK(kind_get(c, &kinds[KIND_ACCESS_GRANT], S("GRA-R-QA"), &rec));
	g = rec;
	g->until = day_of_time(c->now_us) - 1;
	c->reason = S("ends");
	CHECK(kind_put(c, g, S("access_grant.update")));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");
	store_close(t, c);
}

TEST(who_holds_the_role_that_owns_a_risk_does_not_accept_it, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_criteria(t, c, S("R-CEO"));
	struct risk *r = put_risk(t, c);
	grant(t, c, S("P02"), S("R-CEO"), S(""));
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	r->rec.owner = S("R-CEO");
	REFUSED(risk_may_accept, r, "owner");
	store_close(t, c);
}

TEST(criteria_under_revision_count_as_they_were_approved, "RSK-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	void *rec = NULL;
	str field;

	put_person(t, c, S("P02"));
	put_person(t, c, S("P09"));
	put_criteria(t, c, S("R-CEO"));
	struct risk *r = put_risk(t, c);
	grant(t, c, S("P02"), S("R-CEO"), S(""));
	CHECK(kind_get(c, &kinds[KIND_RISK_MODEL], S("CRI-1"), &rec));
	struct risk_model *m = rec;
	struct grant everything = {.product = S("")};
	right_match(S("*"), everything.right);
	c->who = (struct who){
		.ref = S("P09"), .actor = S("person:9"), .grant = &everything, .grant_count = 1};
	m->acceptance.item[0].roles = S("R-NOBODY");
	c->reason = S("revised");
	CHECK(kind_put(c, m, S("risk_model.update")));
	CHECK(m->rec.base);
	become(t, c, S("P02"));
	PASSED(risk_may_accept, r);
	c->who.is_system = c->who.is_loader = true;
	CHECK(kind_get(c, &kinds[KIND_RISK_MODEL], S("CRI-1"), &rec));
	m = rec;
	m->acceptance.item[0].roles = S("R-NOBODY");
	CHECK(kind_put(c, m, S("risk_model.update")));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "owner");
	c->who.is_system = c->who.is_loader = true;
	m->rec.state = RISK_MODEL_STATE_SUPERSEDED;
	CHECK(kind_put(c, m, S("risk_model.update")));
	become(t, c, S("P02"));
	REFUSED(risk_may_accept, r, "criteria");
	store_close(t, c);
}

TEST(a_policy_takes_effect_after_it_was_found_valid, "")
{
	struct call *c = pure_call(t);
	struct access_policy *p = kind_new(t->arena, &kinds[KIND_ACCESS_POLICY]);
	str field;

	REFUSED(policy_is_valid, p, "validation");
	p->validation = VALIDATION_VALID;
	PASSED(policy_is_valid, p);
}

TEST_MAIN()
