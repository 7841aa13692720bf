#include "risk/criteria.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"

static enum risk_class class_of(int rank, bool controlled)
{
	if (!controlled)
		return RISK_BAD;
	return rank <= 1 ? RISK_GOOD : RISK_WARN;
}

static void read_levels(struct arena *a, const struct risk_model *m, struct criteria *out)
{
	out->level = NEW(a, struct risk_level, m->acceptance.count + 1);
	for (isize i = 0; i < m->acceptance.count; i++) {
		const struct risk_model_acceptance *from = &m->acceptance.item[i];
		struct risk_level *l = &out->level[out->level_count++];
		l->name = from->level;
		l->rank = from->rank == INT_NONE ? out->level_count : (int)from->rank;
		l->colour = from->colour;
		l->controlled = from->controlled;
		l->release = from->release;
		l->roles = from->roles;
		l->class = class_of(l->rank, l->controlled);
	}
}

static bool on_scale(int64_t v)
{
	return v >= 1 && v <= RISK_SCALE;
}

/* Of two rows for one cell the later counts. */
static void read_cells(const struct risk_model *m, struct criteria *out)
{
	for (isize i = 0; i < m->cell.count; i++) {
		const struct risk_model_cell *cell = &m->cell.item[i];
		if (!on_scale(cell->exploitability) || !on_scale(cell->severity))
			continue;
		const struct risk_level *row = criteria_row(out, cell->level);
		out->cell[cell->exploitability][cell->severity] = row;
		out->word[cell->exploitability][cell->severity] = row ? row->name : cell->level;
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

static void read_set(struct arena *a, const struct risk_model *m, struct criteria *out)
{
	*out = (struct criteria){.ref = m->rec.ref,
		.title = m->rec.title,
		.product = m->rec.product,
		.rev = m->rec.rev,
		.model = m};
	read_levels(a, m, out);
	read_cells(m, out);
	read_scales(m, out);
}

bool criteria_load(struct call *c, struct criteria_sets *out)
{
	struct query q = {.limit = LIMIT_LIST_ROWS, .states = 1u << RISK_MODEL_STATE_EFFECTIVE};
	struct who asks = c->who;
	struct list list;

	*out = (struct criteria_sets){0};
	c->who = (struct who){.ref = S("system"), .actor = S("system"), .is_system = true};
	bool ok = kind_list(c, &kinds[KIND_RISK_MODEL], &q, &list);
	c->who = asks;
	if (!ok)
		return false;
	if (list.total > list.count)
		return FAIL(&c->err, ERR_LIMIT, "there are more than %d sets of risk criteria",
			LIMIT_LIST_ROWS);
	out->set = NEW(c->arena, struct criteria, list.count + 1);
	for (isize i = 0; i < list.count; i++)
		read_set(c->arena, list.item[i], &out->set[out->count++]);
	return true;
}

/* Of the sets of exactly this product. */
static const struct criteria *set_of(const struct criteria_sets *sets, str product, str named)
{
	const struct criteria *first = NULL;

	for (isize i = 0; i < sets->count; i++) {
		const struct criteria *k = &sets->set[i];
		if (!str_eq(k->product, product))
			continue;
		if (str_eq(k->ref, named))
			return k;
		if (!first)
			first = k;
	}
	return first;
}

const struct criteria *criteria_for(const struct criteria_sets *sets, str product, str named)
{
	static const struct criteria none = {.ref = S_INIT("")};
	const struct criteria *own = product.n ? set_of(sets, product, named) : NULL;
	const struct criteria *all = own ? own : set_of(sets, S(""), named);

	return all ? all : &none;
}

const struct risk_level *criteria_level(
	const struct criteria *k, int64_t severity, int64_t exploitability)
{
	return on_scale(severity) && on_scale(exploitability) ? k->cell[exploitability][severity]
							      : NULL;
}

str criteria_word(const struct criteria *k, int64_t severity, int64_t exploitability)
{
	return on_scale(severity) && on_scale(exploitability) ? k->word[exploitability][severity]
							      : S("");
}

const struct risk_level *criteria_row(const struct criteria *k, str name)
{
	for (int i = 0; i < k->level_count; i++)
		if (str_eq_fold(k->level[i].name, name))
			return &k->level[i];
	return NULL;
}
