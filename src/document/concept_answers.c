/* The security concept: chapters 3, what is done about it; 4 to 6, what it rests on and lacks. */
#include "document/document_in.h"

/* ---- 3 What is done about it ---- */

static enum mark control_mark(const struct control *m)
{
	switch (m->rec.state) {
	case CONTROL_STATE_OPERATING:
		return m->is_partly ? MARK_NOTE : MARK_GOOD;
	case CONTROL_STATE_DEGRADED:
		return MARK_WARN;
	default:
		return MARK_NOTE;
	}
}

static void controls(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Measure"), S_INIT("What"), S_INIT("Effect"),
		S_INIT("Category"), S_INIT("State"), S_INIT("Threats"), S_INIT("Requirements")};

	document_heading(r->d, 2, S("Countermeasures"));
	if (!k->controls.count) {
		document_gap(r->d, S("No countermeasure is recorded."),
			S("Create controls of the domain product and link them to the threats they "
			  "counter."));
		return;
	}
	struct block *t = document_table(r->d,
		S("Countermeasures, with what they answer and what they ask for"), head,
		COUNT_OF(head));
	for (isize i = 0; i < k->controls.count; i++) {
		const struct control *m = k->controls.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = m->rec.ref;
		row[1].text = m->rec.title;
		row[2].text = document_dash(document_word(m, S("effect")));
		row[3].text = document_dash(document_word(m, S("fda_category")));
		str when = m->rec.state < CONTROL_STATE_OPERATING ? document_day(r, m->planned_for)
								  : S("");
		row[4] = document_marked(
			document_text(r->d, "%.*s%s%s%.*s", STR_ARG(document_state(m)),
				m->is_partly ? ", only partly" : "", when.n ? ", for " : "",
				STR_ARG(when)),
			control_mark(m));
		row[5].text = document_dash(document_refs_to(
			r, document_links_from(&k->counters, m->rec.ref), &k->threats));
		row[6] = document_needed(document_refs_from(
			r, document_links_to(&k->refines, m->rec.ref), &k->every_requirement));
	}
	document_table_end(r->d, t);
}

static enum mark result_mark(int result)
{
	switch (result) {
	case TEST_RESULT_PASS:
		return MARK_GOOD;
	case TEST_RESULT_PASS_WITH_FINDINGS:
	case TEST_RESULT_BLOCKED:
		return MARK_NOTE;
	case TEST_RESULT_FAIL:
		return MARK_BAD;
	default:
		return MARK_NONE;
	}
}

/* The tests of a requirement with their last results, marked by the worst. */
static struct cell tests_of(struct reading *r, const struct concept_records *k, str requirement)
{
	struct span s = document_links_to(&k->verifies, requirement);
	enum mark worst = MARK_NONE;
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < s.count; i++) {
		const struct test *t = document_read_find(&k->tests, s.item[i].from);
		if (!t)
			continue;
		enum mark m = t->result ? result_mark(t->result) : MARK_NOTE;
		worst = m > worst ? m : worst;
		document_join_add(&j,
			document_text(r->d, "%.*s %.*s", STR_ARG(t->rec.ref),
				STR_ARG(t->result ? document_word(t, S("result")) : S("Not run"))));
	}
	str text = document_join_end(r, &j);
	return text.n ? document_marked(text, worst) : document_needed(text);
}

static void requirements(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Requirement"), S_INIT("What"),
		S_INIT("Acceptance criterion"), S_INIT("From"), S_INIT("Backlog"), S_INIT("State"),
		S_INIT("Tests")};

	document_heading(r->d, 2, S("Security requirements"));
	if (!k->requirements.count) {
		document_gap(r->d, S("No security requirement is recorded."),
			S("Refine each countermeasure into requirements with an acceptance "
			  "criterion."));
		return;
	}
	struct block *t = document_table(r->d,
		S("Requirements with their acceptance criteria and tests"), head, COUNT_OF(head));
	for (isize i = 0; i < k->requirements.count; i++) {
		const struct requirement *q = k->requirements.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = q->rec.ref;
		row[1].text = q->statement.n ? q->statement : q->rec.title;
		row[2] = document_needed(q->acceptance);
		row[3] = document_needed(
			document_refs_to(r, document_links_from(&k->refines, q->rec.ref), NULL));
		row[4].text = document_dash(q->backlog);
		row[5] = document_marked(document_state(q),
			q->rec.state == REQUIREMENT_STATE_VERIFIED         ? MARK_GOOD
				: q->rec.state == REQUIREMENT_STATE_FAILED ? MARK_BAD
									   : MARK_NOTE);
		row[6] = tests_of(r, k, q->rec.ref);
	}
	document_table_end(r->d, t);
}

static void tests(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Test"), S_INIT("Verifies"), S_INIT("Method"),
		S_INIT("Level"), S_INIT("Result"), S_INIT("Last run"), S_INIT("Evidence")};

	document_heading(r->d, 2, S("Tests and results"));
	if (!k->tests.count) {
		document_gap(r->d, S("No test of these requirements is recorded."),
			S("Record tests, link them to the requirements they verify, and enter "
			  "their runs."));
		return;
	}
	struct block *t =
		document_table(r->d, S("Tests of the security requirements"), head, COUNT_OF(head));
	for (isize i = 0; i < k->tests.count; i++) {
		const struct test *one = k->tests.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = one->rec.ref;
		row[1].text = document_refs_to(
			r, document_links_from(&k->verifies, one->rec.ref), &k->requirements);
		row[2] = document_needed(one->method.n ? one->method : one->rec.title);
		row[3].text = document_dash(document_word(one, S("level")));
		row[4] = one->result
			? document_marked(document_word(one, S("result")), result_mark(one->result))
			: document_marked(S("Not run"), MARK_NOTE);
		row[5].text = document_dash(document_day(r, one->last_run));
		row[6].text = document_dash(document_refs_from(
			r, document_links_to(&k->shows, one->rec.ref), &k->evidence));
	}
	document_table_end(r->d, t);
}

void document_concept_answers(struct reading *r, const struct concept_records *k)
{
	document_heading(r->d, 1, S("What is done about it"));
	controls(r, k);
	requirements(r, k);
	tests(r, k);
	document_heading(r->d, 2, S("Residual risks"));
	if (k->risks.count)
		document_risk_table(
			r, &k->risks, S("Risks before and after the countermeasures"));
	else
		document_gap(r->d, S("No risk is recorded."),
			S("Record the risks that the applicable threats raise, and rate them."));
}

/* ---- 4 Assumptions, 5 Roles, 6 Open points ---- */

static void assumptions(struct reading *r, const struct concept_records *k)
{
	static const str head[] = {S_INIT("Assumption"), S_INIT("What"), S_INIT("If it fails"),
		S_INIT("Valid until"), S_INIT("State"), S_INIT("Users are told")};

	document_heading(r->d, 1, S("Assumptions"));
	if (!k->assumptions.count) {
		document_gap(r->d, S("No assumption is recorded."),
			S("Record what the model takes for granted, and what happens if it "
			  "fails."));
		return;
	}
	struct block *t =
		document_table(r->d, S("What the concept takes for granted"), head, COUNT_OF(head));
	for (isize i = 0; i < k->assumptions.count; i++) {
		const struct assumption *a = k->assumptions.item[i];
		bool failed = a->rec.state == ASSUMPTION_STATE_FAILED;
		struct cell *row = document_row(r->d, t);
		row[0].text = a->rec.ref;
		row[1].text = a->rec.title;
		row[2] = document_needed(a->if_fails);
		row[3] = a->valid_until == DAY_NONE
			? document_marked(document_dash(S("")), MARK_NONE)
			: document_due(r, a->valid_until, S(""), false);
		row[4] = document_marked(document_state(a), failed ? MARK_BAD : MARK_NONE);
		row[5].text = a->tell_users ? S("Yes") : S("No");
	}
	document_table_end(r->d, t);
}

/* Not gaps of the documentation but work that is not finished. */
static isize open_points(struct reading *r, const struct concept_records *k, struct block *list)
{
	isize n = 0;

	for (isize i = 0; i < k->tests.count; i++) {
		const struct test *t = k->tests.item[i];
		if (t->result != TEST_RESULT_FAIL && t->result != TEST_RESULT_BLOCKED)
			continue;
		document_item(r->d, list, S(""),
			document_text(r->d, "%.*s %.*s: %.*s", STR_ARG(t->rec.ref),
				STR_ARG(t->rec.title), STR_ARG(document_word(t, S("result")))));
		n++;
	}
	for (isize i = 0; i < k->controls.count; i++) {
		const struct control *m = k->controls.item[i];
		if (m->rec.state == CONTROL_STATE_OPERATING && !m->is_partly)
			continue;
		document_item(r->d, list, S(""),
			document_text(r->d, "%.*s %.*s: %.*s%s", STR_ARG(m->rec.ref),
				STR_ARG(m->rec.title), STR_ARG(document_state(m)),
				m->is_partly ? ", only partly in place" : ""));
		n++;
	}
	for (isize i = 0; i < k->risks.count; i++) {
		const struct risk *s = k->risks.item[i];
		if (s->rec.state == RISK_STATE_ACCEPTED || s->rec.state == RISK_STATE_CLOSED)
			continue;
		document_item(r->d, list, S(""),
			document_text(r->d, "%.*s %.*s: %.*s, not accepted", STR_ARG(s->rec.ref),
				STR_ARG(s->rec.title), STR_ARG(document_state(s))));
		n++;
	}
	return n;
}

void document_concept_rest(struct reading *r, const struct concept_records *k)
{
	assumptions(r, k);
	document_heading(r->d, 1, S("Roles"));
	for (isize i = 0; i < k->models.count; i++)
		document_prose(
			r->d, ((const struct threat_model *)k->models.item[i])->participants);
	document_role_table(r, &k->grants, &k->identities);
	document_heading(r->d, 1, S("Open points"));
	int gaps = r->d->gap_count;
	document_paragraph(r->d,
		gaps ? document_text(r->d,
			       "The records have %d gap%s, listed at the front. Work that is not "
			       "finished:",
			       gaps, gaps == 1 ? "" : "s")
		     : S("The records have no gaps. Work that is not finished:"));
	if (!open_points(r, k, document_list(r->d)))
		document_paragraph(r->d,
			S("Nothing: every test has passed, every countermeasure is in place and "
			  "every risk"
			  " is accepted."));
}
