/* A model made of records, so that pages and documents show what is recorded. */
#include "threat/model/build.h"
#include "threat/model/model.h"
#include "threat/records/records_in.h"

struct assembling {
	struct arena *arena;
	struct err *err;
	struct model *model;
	struct part_index zones, assets, elements;
};

static bool add(struct assembling *x, struct part *p, str key, str value)
{
	return part_add(x->arena, x->err, p, key, value, p->at);
}

static str said(const struct model_source *s, const char *key)
{
	return part_value(&s->said, str_of(key));
}

/* A flow to what is retired, or not for the reader, leads nowhere; an interface of it neither. */
static bool has_ends(const struct assembling *x, const struct model_source *s)
{
	switch (s->said.kind) {
	case PART_IS_FLOW:
		return part_index_find(&x->elements, said(s, "from")) != PART_NONE &&
			part_index_find(&x->elements, said(s, "to")) != PART_NONE;
	case PART_IS_INTERFACE:
		return part_index_find(&x->elements, said(s, "of")) != PART_NONE;
	default:
		return true;
	}
}

static bool add_links(struct assembling *x, struct part *p, const struct model_source *s)
{
	bool is_flow = p->kind == PART_IS_FLOW;
	const struct part_index *others = is_flow ? &x->assets : &x->elements;

	for (isize i = 0; i < s->link_count; i++)
		if (part_index_find(others, s->link[i]) != PART_NONE &&
			!add(x, p, is_flow ? S("carries") : S("at"), s->link[i]))
			return false;
	return true;
}

/* The part with its own statements. */
static bool add_part(struct assembling *x, const struct model_source *s)
{
	const struct part *from = &s->said;
	struct part *p =
		model_add(x->arena, x->err, x->model, from->kind, from->id, from->name, from->at);

	for (const struct prop *q = from->props; p && q; q = q->next)
		if (!add(x, p, q->key, q->value))
			return false;
	return p && (from->kind != PART_IS_FLOW || add_links(x, p, s));
}

static bool add_group(struct assembling *x, const struct source_list *l, const struct call *reader)
{
	for (isize i = 0; i < l->count; i++) {
		const struct model_source *s = &l->item[i];
		if (!s->is_retired && (!reader || standing_seen(reader, &s->now)) &&
			has_ends(x, s) && !add_part(x, s))
			return false;
	}
	return true;
}

/* Where assets are can be said when it is known which elements there are. */
static bool place_assets(struct assembling *x, const struct source_list *l)
{
	struct parts *assets = &x->model->of[PART_ASSET];
	isize next = 0;

	for (isize i = 0; i < l->count && next < assets->count; i++)
		if (str_eq(l->item[i].said.id, assets->list[next].id) &&
			!add_links(x, &assets->list[next++], &l->item[i]))
			return false;
	return true;
}

/* What is retired, not for the reader, or only a word that somebody typed: where it would be is
   unknown. */
static void forget_absent(struct assembling *x, enum part_group group)
{
	struct parts *parts = &x->model->of[group];

	for (isize i = 0; i < parts->count; i++)
		for (struct prop *q = parts->list[i].props; q; q = q->next) {
			bool is_zone = str_eq(q->key, S("in")) || str_eq(q->key, S("via"));
			const struct part_index *among = is_zone ? &x->zones : &x->elements;
			if ((is_zone || str_eq(q->key, S("part-of"))) &&
				part_index_find(among, q->value) == PART_NONE)
				q->value = S("?");
		}
}

static int32_t outer_of(const struct assembling *x, int32_t zone)
{
	str in = part_value(&x->model->of[PART_ZONE].list[zone], S("in"));

	return in.n ? part_index_find(&x->zones, in) : PART_NONE;
}

/* Records may say that zones lie in each other in a circle.  Where one of them lies counts as
   unknown then, so that the model is shown and somebody can put it right. */
static void break_circles(struct assembling *x)
{
	struct parts *zones = &x->model->of[PART_ZONE];

	for (int32_t z = 0; z < zones->count; z++) {
		int depth = 0;
		for (int32_t up = outer_of(x, z); up != PART_NONE && depth <= MODEL_DEPTH;
			up = outer_of(x, up))
			depth++;
		for (struct prop *q = zones->list[z].props; q && depth > MODEL_DEPTH; q = q->next)
			if (str_eq(q->key, S("in")))
				q->value = S("?");
	}
}

static bool index_of(struct assembling *x, enum part_group g, struct part_index *out)
{
	return part_index_make(x->arena, x->err, &x->model->of[g], out);
}

bool model_assemble(struct arena *a, struct err *e, const struct sources *s,
	const struct call *reader, struct model **out)
{
	struct assembling x = {
		.arena = a, .err = e, .model = model_new(a, S("records"), MODEL_TEXT)};
	const struct source_list *of = s->of;

	x.model->name = S("the system");
	if (!add_group(&x, &of[PART_ZONE], reader) || !index_of(&x, PART_ZONE, &x.zones) ||
		!add_group(&x, &of[PART_ASSET], reader) || !index_of(&x, PART_ASSET, &x.assets) ||
		!add_group(&x, &of[PART_ELEMENT], reader) ||
		!index_of(&x, PART_ELEMENT, &x.elements) ||
		!add_group(&x, &of[PART_INTERFACE], reader) ||
		!add_group(&x, &of[PART_FLOW], reader) ||
		!add_group(&x, &of[PART_ASSUMPTION], reader) || !place_assets(&x, &of[PART_ASSET]))
		return false;
	forget_absent(&x, PART_ZONE);
	forget_absent(&x, PART_ELEMENT);
	forget_absent(&x, PART_FLOW);
	break_circles(&x);
	if (!model_finish(a, e, x.model))
		return false;
	*out = x.model;
	return true;
}

/* ---- where they stand ---- */

bool model_place(struct call *c, struct model *m, const struct view *view)
{
	static const enum part_group groups[] = {PART_ELEMENT, PART_ZONE};
	struct part_index index[COUNT_OF(groups)];

	for (int g = 0; g < COUNT_OF(groups); g++) {
		struct parts *parts = &m->of[groups[g]];
		if (!part_index_make(c->arena, &c->err, parts, &index[g]))
			return false;
		for (isize i = 0; i < parts->count; i++)
			parts->list[i].is_placed = false;
	}
	for (isize i = 0; view && i < view->place.count; i++) {
		const struct view_place *at = &view->place.item[i];
		bool is_zone = at->w != INT_NONE && at->h != INT_NONE;
		int32_t part = part_index_find(&index[is_zone], at->part);
		if (part == PART_NONE)
			continue;
		struct part *p = &m->of[groups[is_zone]].list[part];
		p->is_placed = true;
		p->x = (int32_t)at->x;
		p->y = (int32_t)at->y;
		p->w = is_zone ? (int32_t)at->w : 0;
		p->h = is_zone ? (int32_t)at->h : 0;
	}
	return true;
}

bool view_of_type(struct call *c, int type, const struct view **out)
{
	const struct kind *k = &kinds[KIND_VIEW];
	const struct field *f = kind_field(k, S("type"));
	struct query q = {.limit = LIMIT_LIST_ROWS,
		.filter_count = 1,
		.filter = {{.field = f, .value = kind_word(f, type)}}};
	struct list list;

	*out = NULL;
	if (!call_could_some(c, k->can_read))
		return true;
	if (!kind_list(c, k, &q, &list))
		return false;
	for (isize i = 0; i < list.count && !*out; i++) {
		const struct view *view = list.item[i];
		if (view->rec.state != VIEW_STATE_SUPERSEDED)
			*out = view;
	}
	return true;
}

bool diagram_view(struct call *c, const struct view **out)
{
	return view_of_type(c, VIEW_TYPE_DIAGRAM, out);
}
