/* The security management plan: chapter 5, how security and safety risk fit together. */
#include "document/document_in.h"

enum {
	LEVELS = 5,
	HAZARD_SEVERITY = 2
}; /* from this severity on, harm belongs in the safety file */

/* One scale in its row's cells 1 to 5; false when the criteria do not have it. */
static bool scale_row(
	struct reading *r, const struct risk_model *m, int dimension, struct cell row[LEVELS + 1])
{
	bool found = false;

	for (isize i = 0; i < m->scale.count; i++) {
		const struct risk_model_scale *s = &m->scale.item[i];
		if (s->dimension != dimension || s->level < 1 || s->level > LEVELS)
			continue;
		row[s->level].text = s->meaning.n && !str_eq(s->meaning, s->label)
			? document_text(r->d, "%.*s: %.*s", STR_ARG(s->label), STR_ARG(s->meaning))
			: s->label;
		found = true;
	}
	for (int level = 1; level <= LEVELS; level++)
		row[level] = document_needed(row[level].text);
	return found;
}

static void scales(struct reading *r, const struct risk_model *m)
{
	static const str head[] = {
		S_INIT("Scale"), S_INIT("1"), S_INIT("2"), S_INIT("3"), S_INIT("4"), S_INIT("5")};
	const struct field *scale = kind_field(&kinds[KIND_RISK_MODEL], S("scale"));
	const struct wordset *set = scale->col[0].set;
	struct block *t = NULL;

	assert(set);
	document_heading(r->d, 2, S("Scales"));
	for (int dimension = 1; dimension <= set->count; dimension++) {
		struct cell row[LEVELS + 1] = {{.text = set->word[dimension - 1].label}};
		if (!scale_row(r, m, dimension, row))
			continue;
		if (!t)
			t = document_table(r->d,
				S("Scales that every security and safety rating uses"), head,
				COUNT_OF(head));
		memcpy(document_row(r->d, t), row, sizeof row);
	}
	if (t)
		document_table_end(r->d, t);
	else
		document_gap(r->d, S("The criteria have no scales."),
			S("Fill in the scales of the risk criteria."));
}

static void matrix(struct reading *r, const struct criteria *k)
{
	static const str head[] = {S_INIT("Exploitability"), S_INIT("Severity 1"),
		S_INIT("Severity 2"), S_INIT("Severity 3"), S_INIT("Severity 4"),
		S_INIT("Severity 5")};

	document_heading(r->d, 2, S("Matrix"));
	if (!k->model->cell.count) {
		document_gap(r->d, S("The criteria have no matrix."),
			S("Fill in the matrix of the risk criteria."));
		return;
	}
	struct block *t = document_table(r->d,
		document_text(r->d, "Level of risk by %.*s", STR_ARG(k->ref)), head,
		COUNT_OF(head));
	for (int e = LEVELS; e >= 1; e--) {
		struct cell *row = document_row(r->d, t);
		row[0].text = document_text(r->d, "Exploitability %d", e);
		for (int s = 1; s <= LEVELS; s++) {
			str level = criteria_word(k, s, e);
			row[s] = level.n ? document_marked(level, document_criteria_mark(k, level))
					 : document_needed(level);
		}
	}
	document_table_end(r->d, t);
}

static void criteria(struct reading *r, const struct plan_records *p)
{
	const struct risk_model *m = p->criteria;

	document_heading(r->d, 2, S("Criteria"));
	if (!m && p->levels->ref.n) {
		document_gap(r->d, S("The risk criteria in effect are not for the reader."),
			S("Ask somebody who may read them for this plan."));
		return;
	}
	if (!m && p->models.count) {
		document_gap(r->d, S("No risk criteria are in effect for the product."),
			S("Have the product's criteria approved, or some that hold for every "
			  "product."));
		return;
	}
	if (!m) {
		document_gap(r->d, S("No risk criteria are recorded."),
			S("Create risk criteria with scales, a matrix and who may accept which "
			  "level."));
		return;
	}
	struct block *t = document_terms(r->d);
	document_item(r->d, t, S("Criteria"),
		document_text(r->d, "%.*s %.*s", STR_ARG(m->rec.ref), STR_ARG(m->rec.title)));
	document_item(r->d, t, S("Version"),
		document_text(r->d, "%.*s%srevision %" PRId64, STR_ARG(m->rec.version),
			m->rec.version.n ? ", " : "", m->rec.rev));
	document_item(r->d, t, S("State"), document_state(m));
	document_item(r->d, t, S("Method"), document_dash(document_word(m, S("method"))));
	document_item(r->d, t, S("Several patients"),
		m->raise_multi_patient ? S("A risk that may harm several patients needs the next "
					   "higher authority.")
				       : S("A risk that may harm several patients needs no higher "
					   "authority; it is judged for the group."));
	document_prose(r->d, m->appetite);
	document_prose(r->d, m->policy);
}

static void hazards(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Hazard"), S_INIT("What"), S_INIT("Harm"),
		S_INIT("Severity"), S_INIT("Probability without attack"),
		S_INIT("Security causes")};

	document_heading(r->d, 2, S("Hazards and their security causes"));
	if (!p->hazards.count) {
		document_gap(r->d, S("No hazard of the product is recorded."),
			S("Take over the hazards of the safety risk file and link the risks that "
			  "may cause them."));
		return;
	}
	struct block *t = document_table(r->d,
		S("Hazards with the security risks that may cause them"), head, COUNT_OF(head));
	for (isize i = 0; i < p->hazards.count; i++) {
		const struct hazard *h = p->hazards.item[i];
		struct cell *row = document_row(r->d, t);
		row[0].text = h->rec.ref;
		row[1].text = h->rec.title;
		row[2] = document_needed(h->harm);
		row[3].text = document_int(r, h->severity);
		row[4].text = document_dash(document_int(r, h->probability));
		row[5].text = document_dash(document_refs_from(
			r, document_links_to(&p->causes, h->rec.ref), &p->risks));
	}
	document_table_end(r->d, t);
}

/* Risks that may harm a patient, without a hazard and without a reason. */
static void unlinked(struct reading *r, const struct plan_records *p)
{
	struct joined j;

	document_join_start(r, &j);
	for (isize i = 0; i < p->risks.count; i++) {
		const struct risk *k = p->risks.item[i];
		if (k->rec.state != RISK_STATE_CLOSED && k->inherent_severity != INT_NONE &&
			k->inherent_severity >= HAZARD_SEVERITY && !str_trim(k->safety_reason).n &&
			!document_links_from(&p->causes, k->rec.ref).count)
			document_join_add(&j, k->rec.ref);
	}
	str refs = document_join_end(r, &j);
	if (refs.n)
		document_gap(r->d,
			document_text(r->d,
				"No hazard and no reason why no patient is harmed: %.*s.",
				STR_ARG(refs)),
			S("Link each of these risks to the hazard it may cause, or say why there "
			  "can be no harm."));
}

static void transfer(struct reading *r, const struct plan_records *p)
{
	const struct risk_model *m = p->criteria;

	document_heading(r->d, 2, S("From security to safety and back"));
	if (p->plan)
		document_prose(r->d, p->plan->risk_integration);
	if (m)
		document_prose(r->d, m->transfer_rule);
	if ((!m || !m->transfer_rule.n) && (!p->plan || !p->plan->risk_integration.n))
		document_gap(r->d,
			S("It is not said when a security risk enters the safety risk file, nor "
			  "the way back."),
			S("Fill in the plan's \"Security and safety risk together\" or the "
			  "criteria's transfer rule."));
	document_heading(r->d, 2, S("Review of risks"));
	if (m && m->review_rule.n)
		document_prose(r->d, m->review_rule);
	else
		document_gap(r->d, S("It is not said when risks are looked at again."),
			S("Fill in the review rule of the risk criteria."));
}

/* The risks of this level, each by its own criteria; "" for those that are not rated. */
static int64_t count_level(
	const struct reading *r, const struct plan_records *p, str level, bool after)
{
	int64_t n = 0;

	for (isize i = 0; i < p->risks.count; i++) {
		const struct risk *k = p->risks.item[i];
		int64_t e = after ? k->residual_exploitability : k->inherent_exploitability;
		int64_t s = after ? k->residual_severity : k->inherent_severity;
		n += str_eq_fold(criteria_word(document_criteria_of(r, k), s, e), level);
	}
	return n;
}

/* The level that first appears in the matrix where exploitability and severity add up to `at`: so
   the levels come from the lowest to the highest. */
static str new_level(const struct criteria *k, int at)
{
	for (int e = 1; e <= LEVELS; e++) {
		str level = criteria_word(k, at - e, e);
		bool is_known = !level.n;
		for (int x = 1; x <= LEVELS && !is_known; x++)
			for (int y = 1; y <= LEVELS && x + y < at && !is_known; y++)
				is_known = str_eq_fold(k->word[x][y], level);
		if (!is_known)
			return level;
	}
	return S("");
}

static void level_line(struct reading *r, struct block *t, struct cell name, int64_t before,
	int64_t after)
{
	struct cell *row = document_row(r->d, t);

	row[0] = name;
	row[1].text = document_int(r, before);
	row[2].text = document_int(r, after);
}

static void levels(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {
		S_INIT("Level"), S_INIT("Before controls"), S_INIT("After controls")};
	const struct criteria *k = p->levels;

	document_heading(r->d, 2, S("Risks by level"));
	if (!k->ref.n || !k->model->cell.count || !p->risks.count) {
		document_gap(r->d,
			p->risks.count ? S("The risks cannot be counted by level without criteria.")
				       : S("No risk of the product is recorded."),
			p->risks.count
				? S("Fill in the matrix of the risk criteria.")
				: S("Record the risks that the threats raise, and rate them."));
		return;
	}
	struct block *t = document_table(r->d,
		document_text(r->d, "The %td security risks by level", p->risks.count), head,
		COUNT_OF(head));
	int64_t before = p->risks.count, after = p->risks.count;
	for (int at = 2; at <= 2 * LEVELS; at++) {
		str level = new_level(k, at);
		if (!level.n)
			continue;
		int64_t in = count_level(r, p, level, false), out = count_level(r, p, level, true);
		level_line(r, t, document_marked(level, document_criteria_mark(k, level)), in, out);
		before -= in;
		after -= out;
	}
	int64_t open = count_level(r, p, S(""), false), left = count_level(r, p, S(""), true);
	if (before > open || after > left)
		level_line(r, t, (struct cell){.text = S("Levels of other criteria")},
			before - open, after - left);
	level_line(r, t, (struct cell){.text = S("Not rated")}, open, left);
	document_table_end(r->d, t);
}

static void open_acceptances(struct reading *r, const struct plan_records *p)
{
	static const str head[] = {S_INIT("Risk"), S_INIT("What may happen"), S_INIT("Owner"),
		S_INIT("After controls"), S_INIT("State"), S_INIT("Who may accept")};
	struct block *t = NULL;

	document_heading(r->d, 2, S("Risks waiting for a decision"));
	for (isize i = 0; i < p->risks.count; i++) {
		const struct risk *k = p->risks.item[i];
		bool expired = k->acceptance_until != DAY_NONE && k->acceptance_until < r->day;
		if (k->rec.state == RISK_STATE_CLOSED ||
			(k->rec.state == RISK_STATE_ACCEPTED && !expired))
			continue;
		if (!t)
			t = document_table(r->d, S("Risks that nobody has accepted yet"), head,
				COUNT_OF(head));
		struct cell *row = document_row(r->d, t);
		const struct risk_level *level = criteria_level(document_criteria_of(r, k),
			k->residual_severity, k->residual_exploitability);
		row[0].text = k->rec.ref;
		row[1].text = k->rec.title;
		row[2] = document_needed(document_name(r, k->rec.owner));
		row[3] = document_rating(r, k, k->residual_exploitability, k->residual_severity);
		row[4].text = expired ? document_text(r->d, "Acceptance ended %.*s",
						STR_ARG(document_day(r, k->acceptance_until)))
				      : document_state(k);
		row[5].text = document_dash(level ? level->roles : S(""));
	}
	if (t)
		document_table_end(r->d, t);
	else if (p->risks.count)
		document_paragraph(r->d, S("Every risk of the products is accepted or closed."));
	else
		document_paragraph(r->d, S("No risk is recorded, so none waits."));
}

void document_plan_risk(struct reading *r, const struct plan_records *p)
{
	document_heading(r->d, 1, S("Integration with risk management"));
	criteria(r, p);
	if (p->criteria) {
		scales(r, p->criteria);
		matrix(r, p->levels);
	}
	transfer(r, p);
	hazards(r, p);
	unlinked(r, p);
	levels(r, p);
	open_acceptances(r, p);
}
