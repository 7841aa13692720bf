#include "risk/risk.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "trace/trace.h"

static enum risk_class class_of(int rank, bool controlled)
{
	if (!controlled)
		return RISK_BAD;
	return rank <= 1 ? RISK_GOOD : RISK_WARN;
}

static void read_levels(const struct risk_model *m, struct criteria *out)
{
	for (isize i = 0; i < m->acceptance.count && out->level_count < RISK_LEVELS; i++) {
		const struct risk_model_acceptance *a = &m->acceptance.item[i];
		struct risk_level *l = &out->level[out->level_count++];
		l->name = a->level;
		l->rank = a->rank == INT_NONE ? out->level_count : (int)a->rank;
		l->controlled = a->controlled;
		l->release = a->release;
		l->roles = a->roles;
		l->class = class_of(l->rank, l->controlled);
	}
}

static bool on_scale(int64_t v)
{
	return v >= 1 && v <= RISK_SCALE;
}

static void read_cells(const struct risk_model *m, struct criteria *out)
{
	for (isize i = 0; i < m->cell.count; i++) {
		const struct risk_model_cell *cell = &m->cell.item[i];
		if (!on_scale(cell->exploitability) || !on_scale(cell->severity))
			continue;
		for (int n = 0; n < out->level_count; n++)
			if (str_eq(out->level[n].name, cell->level))
				out->cell[cell->exploitability][cell->severity] = n + 1;
	}
}

static void read_scales(const struct risk_model *m, struct criteria *out)
{
	for (isize i = 0; i < m->scale.count; i++) {
		const struct risk_model_scale *s = &m->scale.item[i];
		if (!on_scale(s->level))
			continue;
		if (s->dimension == RISK_DIMENSION_SEVERITY)
			out->severity[s->level] = s->label;
		else if (s->dimension == RISK_DIMENSION_EXPLOITABILITY)
			out->exploitability[s->level] = s->label;
	}
}

/* The criteria in effect (the first effective risk_model).  `out->ref` is "" when there is none. */
static bool criteria_load(struct call *c, struct criteria *out)
{
	struct query q = {.limit = 2, .in_force = true};
	struct list list;

	*out = (struct criteria){.ref = S("")};
	if (!kind_list(c, &kinds[KIND_RISK_MODEL], &q, &list))
		return false;
	if (list.count == 0)
		return true;
	const struct risk_model *m = list.item[0];
	out->ref = m->rec.ref;
	out->title = m->rec.title;
	out->rev = m->rec.rev;
	read_levels(m, out);
	read_cells(m, out);
	read_scales(m, out);
	return true;
}

/* NULL when a rating is missing or the matrix has no such cell. */
static const struct risk_level *criteria_level(
	const struct criteria *k, int64_t severity, int64_t exploitability)
{
	if (!on_scale(severity) || !on_scale(exploitability))
		return NULL;
	int n = k->cell[exploitability][severity];
	return n ? &k->level[n - 1] : NULL;
}

const struct risk_level *risk_level_of(
	const struct criteria *k, const struct risk *r, enum risk_stage_shown stage)
{
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
	const struct risk_level *before =
		criteria_level(&m->criteria, r->inherent_severity, r->inherent_exploitability);
	const struct risk_level *after =
		criteria_level(&m->criteria, r->residual_severity, r->residual_exploitability);

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
	if (!criteria_load(c, &out->criteria) || !trace_ratings(c, product, &rating, &count))
		return false;
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
