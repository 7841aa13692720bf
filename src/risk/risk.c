#include "risk/risk.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "trace/trace.h"

static bool on_scale(int64_t v)
{
	return v >= 1 && v <= RISK_SCALE;
}

const struct risk_level *risk_level_of(
	const struct criteria_sets *sets, const struct risk *r, enum risk_stage_shown stage)
{
	const struct criteria *k = criteria_for(sets, r->rec.product, r->criteria);

	return stage == RISK_BEFORE
		? criteria_level(k, r->inherent_severity, r->inherent_exploitability)
		: criteria_level(k, r->residual_severity, r->residual_exploitability);
}

static void name_cells(struct risk_matrix *m)
{
	for (int s = 1; s <= RISK_SCALE; s++)
		for (int e = 1; e <= RISK_SCALE; e++) {
			const struct risk_level *l = criteria_level(&m->criteria, s, e);
			m->cell[s][e].level = l ? l->name : S("");
			m->cell[s][e].class = l ? l->class : RISK_CLASS_NONE;
		}
}

static void count_risk(
	struct risk_matrix *m, const struct risk_rated *r, enum risk_stage_shown stage)
{
	int64_t s = stage == RISK_BEFORE ? r->inherent_severity : r->residual_severity;
	int64_t e = stage == RISK_BEFORE ? r->inherent_exploitability : r->residual_exploitability;
	const struct criteria *k = criteria_for(&m->sets, r->product, r->criteria);
	const struct risk_level *before =
		criteria_level(k, r->inherent_severity, r->inherent_exploitability);
	const struct risk_level *after =
		criteria_level(k, r->residual_severity, r->residual_exploitability);

	if (r->state == RISK_STATE_CLOSED)
		return;
	m->total++;
	if (on_scale(s) && on_scale(e))
		m->cell[s][e].count++;
	/* Until its treatment is rated, a risk stands where it was before. */
	const struct risk_level *now = after ? after : before;
	m->above += now && !now->controlled;
	m->waiting += r->state != RISK_STATE_ACCEPTED;
}

bool risk_matrix(struct call *c, str product, enum risk_stage_shown stage, struct risk_matrix *out)
{
	const struct risk_rated *rating;
	isize count;

	*out = (struct risk_matrix){.total = 0};
	if (!criteria_load(c, &out->sets) || !trace_ratings(c, product, &rating, &count))
		return false;
	out->criteria = *criteria_for(&out->sets, product, S(""));
	name_cells(out);
	for (isize i = 0; i < count; i++)
		count_risk(out, &rating[i], stage);
	return true;
}

str risk_class_word(enum risk_class class)
{
	switch (class) {
	case RISK_GOOD:
		return S("good");
	case RISK_WARN:
		return S("warn");
	case RISK_BAD:
		return S("bad");
	case RISK_CLASS_NONE:
		break;
	}
	return S("");
}
