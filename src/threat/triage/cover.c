/* Coverage: what was found at each part by class of STRIDE, and what became of it. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/engine/engine.h"
#include "threat/model/build.h"
#include "threat/rules/compiled.h"
#include "threat/triage/triage.h"

static const enum part_group shown[] = {PART_ELEMENT, PART_INTERFACE, PART_FLOW};

struct covering {
	struct call *call;
	const struct triage *t;
	struct cover *out;
	int32_t *row[PART_GROUPS]; /* of a part, its row plus one; 0: it has none */
	bool looks[PART_KINDS][COVER_STRIDE];
};

/* ---- which parts ---- */

static bool names(const struct words *products, str product)
{
	for (isize i = 0; i < products->count; i++)
		if (str_eq(products->item[i], product))
			return true;
	return false;
}

/* Elements name the products that they are part of; what names none belongs to all. */
static bool is_part_of(const struct rec *rec, str product)
{
	const struct element *e =
		rec->kind->id == KIND_ELEMENT ? (const struct element *)rec : NULL;

	if (str_eq(rec->product, product) || (e && names(&e->products, product)))
		return true;
	return rec->product.n == 0 && (!e || e->products.count == 0);
}

/* Takes the parts of a kind that are of other products out. */
static bool leave_out(struct covering *w, enum part_group group, int kind, str product)
{
	const struct parts *parts = &w->t->findings->model->of[group];
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct part_index index;
	struct list list;

	if (!part_index_make(w->call->arena, &w->call->err, parts, &index) ||
		!kind_list(w->call, &kinds[kind], &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		const struct rec *rec = list.item[i];
		int32_t at = part_index_find(&index, rec->ref);
		if (at != PART_NONE && !is_part_of(rec, product))
			w->row[group][at] = 0;
	}
	return true;
}

static bool choose_parts(struct covering *w, str product)
{
	static const int kind_of[] = {KIND_ELEMENT, KIND_INTERFACE, KIND_FLOW};
	const struct model *m = w->t->findings->model;
	isize room = 0;

	for (int g = 0; g < COUNT_OF(shown); g++) {
		isize n = m->of[shown[g]].count;
		w->row[shown[g]] = NEW(w->call->arena, int32_t, n + 1);
		for (isize i = 0; i < n; i++)
			w->row[shown[g]][i] = 1;
		room += n;
		if (product.n && n && !leave_out(w, shown[g], kind_of[g], product))
			return false;
	}
	w->out->row = NEW(w->call->arena, struct cover_row, room + 1);
	for (int g = 0; g < COUNT_OF(shown); g++)
		for (isize i = 0; i < m->of[shown[g]].count; i++) {
			if (!w->row[shown[g]][i])
				continue;
			w->out->row[w->out->count].part = &m->of[shown[g]].list[i];
			w->row[shown[g]][i] = (int32_t)++w->out->count;
		}
	return true;
}

/* ---- what became of what was found ---- */

static void note_rules(struct covering *w)
{
	for (isize i = 0; i < rules_count(w->t->rules); i++) {
		const struct rule *r = rule_at(w->t->rules, i);
		for (int k = 0; (int)r->stride < COVER_STRIDE && k < PART_KINDS; k++)
			if (r->kinds & 1u << k)
				w->looks[k][r->stride] = true;
	}
	for (isize i = 0; i < w->out->count; i++)
		for (int s = 0; s < COVER_STRIDE; s++)
			w->out->row[i].cell[s].looked = w->looks[w->out->row[i].part->kind][s];
}

/* The class of an item; COVER_STRIDE for one that is not of STRIDE. */
static int class_of(const struct triage_item *item)
{
	static_assert(STRIDE_ELEVATION_OF_PRIVILEGE - STRIDE_SPOOFING == THREAT_ELEVATION,
		"the classes of records and rules");
	int class = item->finding ? (int)item->finding->stride
				  : item->record->category - STRIDE_SPOOFING;

	return class >= 0 && class < COVER_STRIDE ? class : COVER_STRIDE;
}

/* What an item counts as in its cell; NULL for what is no longer there. */
static int32_t *count_of(struct cover_cell *cell, const struct triage_item *item)
{
	switch (item->place) {
	case TRIAGE_OPEN:
	case TRIAGE_AGAIN:
		return &cell->open;
	case TRIAGE_ASKED:
		return &cell->asked;
	case TRIAGE_DECIDED:
		return item->record->rec.state == THREAT_STATE_NOT_APPLICABLE ? &cell->away
									      : &cell->handled;
	case TRIAGE_LEAVING:
		return item->finding ? &cell->handled : NULL;
	case TRIAGE_GONE:
	case TRIAGE_PLACES:
		break;
	}
	return NULL;
}

static struct cover_row *row_of(const struct covering *w, const struct part *p)
{
	enum part_group g = part_group_of(p->kind);
	int32_t row = w->row[g] ? w->row[g][p - w->t->findings->model->of[g].list] : 0;

	return row ? &w->out->row[row - 1] : NULL;
}

static void count_item(struct covering *w, const struct triage_item *item)
{
	int class = class_of(item);

	for (isize i = 0; class < COVER_STRIDE && i < item->part_count; i++) {
		struct cover_row *row = row_of(w, item->part[i]);
		int32_t *n = row ? count_of(&row->cell[class], item) : NULL;
		if (!n)
			continue;
		++*n;
		++*count_of(&w->out->total[class], item);
	}
}

/* What the model answers by itself is not an item of triage. */
static void count_mitigated(struct covering *w)
{
	const struct findings *all = w->t->findings;
	bool *is_item = NEW(w->call->arena, bool, all->count + 1);

	for (isize i = 0; i < w->t->count; i++)
		if (w->t->item[i].finding)
			is_item[w->t->item[i].finding - all->list] = true;
	for (isize i = 0; i < all->count; i++) {
		const struct threat_finding *f = &all->list[i];
		struct cover_row *row = row_of(w, f->part);
		if (is_item[i] || !row || (int)f->stride >= COVER_STRIDE ||
			f->outcome != THREAT_IS_MITIGATED)
			continue;
		row->cell[f->stride].handled++;
		row->cell[f->stride].by_model++;
		w->out->total[f->stride].handled++;
		w->out->total[f->stride].by_model++;
	}
}

bool triage_cover(struct call *c, const struct triage *t, str product, struct cover *out)
{
	struct covering *w = NEW(c->arena, struct covering, 1);

	*out = (struct cover){0};
	w->call = c;
	w->t = t;
	w->out = out;
	if (!choose_parts(w, product))
		return false;
	note_rules(w);
	for (isize i = 0; i < t->count; i++)
		count_item(w, &t->item[i]);
	count_mitigated(w);
	return true;
}
