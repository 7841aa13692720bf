/* Guards of flows: each refuses, names the field, and lets pass what is repaired. */
#include "store.h"

#include <stdarg.h>

#define TODAY INT64_C(20726) /* 2026-09-30 */

/* A call that needs no store: who asks, and when. */
static struct call asks(struct test_case *t, str who)
{
	return (struct call){.arena = t->arena, .err = {.arena = t->arena}, .who = {.ref = who},
		.now_us = TODAY * DAY_US, .at_us = TIME_NONE};
}

/* Runs the guard: "" when it lets pass, else the fields it names. */
static str verdict(struct test_case *t, str who, move_guard *guard, const void *rec)
{
	struct call c = asks(t, who);
	struct buf b;
	bool ok = guard(&c, rec);

	buf_init(&b, t->arena, 4096);
	for (const struct issue *i = c.err.issues; i; i = i->next) {
		buf_add(&b, b.n ? S(" ") : S(""));
		buf_add(&b, i->field);
		CHECK(i->text.n > 10);
	}
	CHECK(ok == (c.err.code == ERR_NONE));
	CHECK(ok == (b.n == 0));
	return buf_str(&b);
}

#define REFUSES(guard, rec, fields) CHECK_STR(verdict(t, S("P01"), guard, rec), S(fields))
#define ALLOWS(guard, rec)          CHECK_STR(verdict(t, S("P01"), guard, rec), S(""))

static void *empty(struct test_case *t, int kind)
{
	return kind_new(t->arena, &kinds[kind]);
}

TEST(a_change_is_reviewed_for_risks_before_approval, "")
{
	struct change_ *x = empty(t, KIND_CHANGE);

	REFUSES(change_risk_reviewed, x, "risk_review");
	x->risk_review = RISK_REVIEW_NOT_NEEDED;
	REFUSES(change_risk_reviewed, x, "risk_review_note");
	x->risk_review_note = S("  \t");
	REFUSES(change_risk_reviewed, x, "risk_review_note");
	x->risk_review_note = S("a typo in a label");
	ALLOWS(change_risk_reviewed, x);
	x->risk_review = RISK_REVIEW_DONE;
	REFUSES(change_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = TODAY + 1;
	REFUSES(change_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = TODAY;
	ALLOWS(change_risk_reviewed, x);
	x->risk_review = RISK_REVIEW_MISSING;
	REFUSES(change_risk_reviewed, x, "risk_review");
}

TEST(a_corrective_action_is_reviewed_or_waived_before_it_starts, "")
{
	struct action *x = empty(t, KIND_ACTION);

	x->type = ACTION_TYPE_ACTIVITY;
	ALLOWS(action_risk_reviewed, x);
	x->type = ACTION_TYPE_CORRECTION;
	REFUSES(action_risk_reviewed, x, "risk_review");
	x->type = ACTION_TYPE_CORRECTIVE;
	REFUSES(action_risk_reviewed, x, "risk_review");
	x->risk_review = RISK_REVIEW_NOT_NEEDED;
	REFUSES(action_risk_reviewed, x, "risk_review");
	x->risk_review = RISK_REVIEW_DONE;
	REFUSES(action_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = TODAY + 1;
	REFUSES(action_risk_reviewed, x, "risk_reviewed");
	x->risk_reviewed = TODAY;
	ALLOWS(action_risk_reviewed, x);
	x->risk_review = RISK_REVIEW_WAIVED;
	REFUSES(action_risk_reviewed, x, "waiver");
	x->waiver = S("the pump had to be stopped at once");
	x->waiver_by = S("P02");
	REFUSES(action_risk_reviewed, x, "waiver");
	x->waiver_review_due = TODAY + 7;
	ALLOWS(action_risk_reviewed, x);
}

TEST(a_nonconformity_closes_with_cause_similar_cases_and_effect, "")
{
	struct finding *x = empty(t, KIND_FINDING);

	x->grade = FINDING_GRADE_STRENGTH;
	ALLOWS(finding_may_close, x);
	x->grade = FINDING_GRADE_MAJOR;
	REFUSES(finding_may_close, x, "cause similar effective");
	x->no_cause_reason = S("the maker is gone");
	x->similar_note = S("none found at the other sites");
	REFUSES(finding_may_close, x, "effective");
	x->effective = EFFECTIVENESS_PARTLY;
	REFUSES(finding_may_close, x, "effective");
	x->effective = EFFECTIVENESS_EFFECTIVE;
	ALLOWS(finding_may_close, x);
	x->grade = FINDING_GRADE_MINOR;
	x->no_cause_reason = S("");
	REFUSES(finding_may_close, x, "cause");
}

TEST(an_incident_stays_open_with_a_temporary_measure, "")
{
	struct incident *x = empty(t, KIND_INCIDENT);
	struct incident_temporary measure[2] = {{.what = S("filter"), .removed = TODAY * DAY_US},
		{.what = S("second filter"), .removed = TIME_NONE}};

	ALLOWS(incident_may_close, x);
	x->temporary.item = measure;
	x->temporary.count = 2;
	REFUSES(incident_may_close, x, "temporary");
	measure[1].removed = 0; /* 1970 is a time, too */
	ALLOWS(incident_may_close, x);
}

TEST(a_scope_says_what_it_leaves_out_and_who_decided, "")
{
	struct scope *x = empty(t, KIND_SCOPE);
	struct scope_exclusion out = {.what = S("The canteen"), .decision = S("")};

	REFUSES(scope_exclusions_decided, x, "exclusions");
	x->exclusions = EXCLUSIONS_NONE;
	ALLOWS(scope_exclusions_decided, x);
	x->exclusions = EXCLUSIONS_LISTED;
	REFUSES(scope_exclusions_decided, x, "exclusion");
	x->exclusion.item = &out;
	x->exclusion.count = 1;
	REFUSES(scope_exclusions_decided, x, "exclusion");
	out.decision = S("DEC-1");
	ALLOWS(scope_exclusions_decided, x);
}

TEST(a_management_review_has_all_thirteen_inputs, "")
{
	enum { INPUTS = REVIEW_INPUT_M - REVIEW_INPUT_A + 1 };
	struct review *x = empty(t, KIND_REVIEW);
	struct review_input input[INPUTS] = {{0}};

	CHECK_INT(INPUTS, 13);
	for (int i = 0; i < INPUTS; i++)
		input[i] = (struct review_input){.letter = REVIEW_INPUT_A + i, .shown = S("shown")};
	x->input.item = input;
	x->input.count = INPUTS - 1;
	REFUSES(review_inputs_complete, x, "input");
	x->input.count = INPUTS;
	ALLOWS(review_inputs_complete, x);
	for (int i = 0; i < INPUTS; i++) {
		input[i].shown = S(" ");
		REFUSES(review_inputs_complete, x, "input");
		input[i].shown = S("shown");
	}
}

TEST(author_and_approver_of_a_document_differ, "")
{
	struct document *x = empty(t, KIND_DOCUMENT);

	REFUSES(document_author_differs, x, "author");
	x->author = S("P01");
	REFUSES(document_author_differs, x, "author");
	x->author = S("P02");
	ALLOWS(document_author_differs, x);
}

TEST(a_document_on_hold_is_not_disposed_of, "")
{
	struct document *x = empty(t, KIND_DOCUMENT);

	REFUSES(document_may_dispose, x, "disposal");
	x->disposal = S("shredded, seen by P03");
	ALLOWS(document_may_dispose, x);
	x->rec.legal_hold = true;
	REFUSES(document_may_dispose, x, "legal_hold");
}

TEST(a_decision_that_lets_something_pass_has_end_and_subject, "")
{
	struct decision *x = empty(t, KIND_DECISION);
	struct decision_subject subject = {.record = S("RSK-1")};

	x->type = DECISION_TYPE_GATE;
	ALLOWS(decision_allowed, x);
	x->type = DECISION_TYPE_EXCLUSION;
	REFUSES(decision_allowed, x, "until");
	x->type = DECISION_TYPE_EXCEPTION;
	REFUSES(decision_allowed, x, "until");
	x->until = TODAY + 30;
	ALLOWS(decision_allowed, x);
	x->type = DECISION_TYPE_RISK_ACCEPTANCE;
	REFUSES(decision_allowed, x, "subject");
	x->subject.item = &subject;
	x->subject.count = 1;
	ALLOWS(decision_allowed, x);
}

TEST(nobody_grants_to_themselves, "")
{
	struct access_grant *x = empty(t, KIND_ACCESS_GRANT);

	x->identity = x->requested_by = S("P01");
	REFUSES(grant_allowed, x, "identity requested_by");
	x->identity = S("P02");
	REFUSES(grant_allowed, x, "requested_by");
	x->requested_by = S("P02");
	ALLOWS(grant_allowed, x);
	x->from = TODAY;
	x->until = TODAY - 1;
	REFUSES(grant_allowed, x, "until");
	x->until = TODAY;
	ALLOWS(grant_allowed, x);
}

TEST(a_response_plan_holds_what_the_standard_asks, "")
{
	struct plan *x = empty(t, KIND_PLAN);
	struct plan_step step = {.what = S("call the hospitals")};

	x->type = PLAN_TYPE_PRODUCT_SECURITY;
	ALLOWS(plan_complete, x);
	x->type = PLAN_TYPE_RESPONSE;
	REFUSES(plan_complete, x, "purpose threshold activators communication stand_down step");
	x->purpose = x->threshold = x->activators = x->communication = S("said");
	x->step.item = &step;
	x->step.count = 1;
	REFUSES(plan_complete, x, "stand_down");
	x->stand_down = S("said");
	ALLOWS(plan_complete, x);
}

TEST(a_policy_takes_effect_only_when_found_valid, "")
{
	struct access_policy *x = empty(t, KIND_ACCESS_POLICY);
	static const int wrong[] = {0, VALIDATION_NOT_VALIDATED, VALIDATION_WARNINGS, VALIDATION_INVALID};

	for (isize i = 0; i < COUNT_OF(wrong); i++) {
		x->validation = wrong[i];
		REFUSES(policy_is_valid, x, "validation");
	}
	x->validation = VALIDATION_VALID;
	ALLOWS(policy_is_valid, x);
}

/* ---- acceptance: against criteria and grants of a store ---- */

static void store(struct test_case *t, struct call *c, void *rec, const char *ref, str state)
{
	struct rec *r = rec;

	r->ref = r->title = str_of(ref);
	if (state.n)
		r->state = kind_state(r->kind, state);
	assert(r->state >= 0);
	if (!kind_put(c, r, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
}

static void store_grant(struct test_case *t, struct call *c, const char *ref, str role, int64_t until)
{
	struct access_grant *g = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);

	g->identity = S("P01");
	g->role = role;
	g->from = TODAY - 10;
	g->until = until;
	g->reason = S("test");
	store(t, c, g, ref, S("granted"));
}

static void store_criteria(struct test_case *t, struct call *c)
{
	static struct risk_model_cell cell[] = {{.exploitability = 1, .severity = 1, .level = S_INIT("Low")},
		{.exploitability = 2, .severity = 2, .level = S_INIT("High")},
		{.exploitability = 5, .severity = 5, .level = S_INIT("Unacceptable")}};
	static struct risk_model_acceptance level[] = {
		{.level = S_INIT("Low"), .rank = 1, .roles = S_INIT("R-1/R-12"), .controlled = true,
			.release = true},
		{.level = S_INIT("High"), .rank = 2, .roles = S_INIT("R-12 + R-13"), .release = true},
		{.level = S_INIT("Unacceptable"), .rank = 3, .roles = S_INIT("")}};
	struct risk_model *m = kind_new(c->arena, &kinds[KIND_RISK_MODEL]);

	m->cell = (struct risk_model_cell_rows){cell, COUNT_OF(cell)};
	m->acceptance = (struct risk_model_acceptance_rows){level, COUNT_OF(level)};
	store(t, c, m, "CRI-1", S("effective"));
}

/* What the guard says to P01, who may read everything. */
static str acceptance(struct test_case *t, struct call *c, const struct risk *r)
{
	struct grant all = {.product = S("")};
	struct who was = c->who;
	str field = S("");

	right_match(S("*"), all.right);
	c->who = (struct who){.ref = S("P01"), .grant = &all, .grant_count = 1};
	if (!risk_may_accept(c, r)) {
		CHECK_INT(c->err.code, ERR_INVALID);
		field = c->err.issues ? c->err.issues->field : S("?");
	}
	c->who = was;
	err_clear(&c->err);
	return field;
}

TEST(a_risk_is_accepted_by_the_role_of_its_level, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.owner = S("P02");
	r->residual_severity = r->residual_exploitability = 2;
	CHECK_STR(acceptance(t, c, r), S("criteria"));
	store_criteria(t, c);
	store(t, c, kind_new(c->arena, &kinds[KIND_PERSON]), "P01", S(""));
	store(t, c, kind_new(c->arena, &kinds[KIND_ROLE]), "R-1", S(""));
	store(t, c, kind_new(c->arena, &kinds[KIND_ROLE]), "R-12", S(""));
	CHECK_STR(acceptance(t, c, r), S("owner"));
	/* "R-12" begins like R-1, but is another role; a grant that ended yesterday is none. */
	store_grant(t, c, "GRA-1", S("R-1"), DAY_NONE);
	store_grant(t, c, "GRA-2", S("R-12"), TODAY - 1);
	CHECK_STR(acceptance(t, c, r), S("owner"));
	store_grant(t, c, "GRA-3", S("R-12"), TODAY);
	CHECK_STR(acceptance(t, c, r), S(""));
	/* Above the lowest level the owner is not the acceptor. */
	r->rec.owner = S("P01");
	CHECK_STR(acceptance(t, c, r), S("owner"));
	r->residual_severity = r->residual_exploitability = 1;
	CHECK_STR(acceptance(t, c, r), S(""));
	/* Nobody accepts the highest, nor what the criteria do not know. */
	r->rec.owner = S("P02");
	r->residual_severity = r->residual_exploitability = 5;
	CHECK_STR(acceptance(t, c, r), S("residual_severity"));
	r->residual_severity = 4;
	CHECK_STR(acceptance(t, c, r), S("residual_severity"));
	store_close(t, c);
}

/* ---- identifiers ---- */

static bool udi_ok(struct test_case *t, str value)
{
	struct call c = asks(t, S("P01"));

	udi_di(&c, S("udi_di"), value);
	CHECK(c.err.code == ERR_NONE || str_eq(c.err.issues->field, S("udi_di")));
	return c.err.code == ERR_NONE;
}

TEST(device_identifiers_are_those_of_the_three_agencies, "")
{
	CHECK(udi_ok(t, S("00614141123452")));
	CHECK(udi_ok(t, S("04012345678901")));
	CHECK(udi_ok(t, S("+A123BJC5D6E71")));
	CHECK(udi_ok(t, S("=/A9999XYZ100T0474")));
	CHECK(!udi_ok(t, S("00614141123453")));
	CHECK(!udi_ok(t, S("0614141123452")));
	CHECK(!udi_ok(t, S("006141411234520")));
	CHECK(!udi_ok(t, S("0061414112345x")));
	CHECK(!udi_ok(t, S("+A12")));
	CHECK(!udi_ok(t, S("A123BJC5D6E71")));
}

TEST_MAIN()
