/* A model read from the records of a store, so that pages and documents show what is recorded. */
#include "threat/records.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/threat_in.h"

enum { ROWS_OF_MODEL = 20000 };

struct reading {
	struct call *call;
	struct model *model;
	str product;
};

/* A field's value as data; "" when the kind has no such field or it is empty. */
static str value_of(const struct reading *r, const void *rec, const char *field)
{
	const struct field *f = kind_field(((const struct rec *)rec)->kind, str_of(field));

	return f ? kind_value(r->call->arena, rec, f) : S("");
}

static bool say(const struct reading *r, struct part *p, const char *key, str value)
{
	return value.n == 0 ||
		part_add(r->call->arena, &r->call->err, p, str_of(key), value,
			(struct file_place){0, 0});
}

/* What is no longer part of the system is no longer drawn. */
static bool is_retired(const struct rec *rec)
{
	return str_eq(rec->kind->state[rec->state].name, S("retired"));
}

static bool each_record(struct reading *r, const char *kind_name,
	bool (*take)(struct reading *r, const struct rec *rec))
{
	const struct kind *k = kind_by_name(str_of(kind_name));
	struct query q = {.limit = ROWS_OF_MODEL};
	struct list list;

	assert(k);
	if (!call_could(r->call, k->can_read, S("")))
		return true;
	if (!kind_list(r->call, k, &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++)
		if (!is_retired(list.item[i]) && !take(r, list.item[i]))
			return false;
	return true;
}

static struct part *add(struct reading *r, enum part_kind kind, const struct rec *rec)
{
	return model_add(r->call->arena, &r->call->err, r->model, kind, rec->ref, rec->title,
		(struct file_place){0, 0});
}

/* "very_high" of an enumeration is "very-high" in models. */
static str level_of(const struct reading *r, const void *rec, const char *field)
{
	str word = value_of(r, rec, field);

	return str_eq(word, S("very_high")) ? S("very-high") : word;
}

static bool take_properties(struct reading *r, struct part *p, const struct rec *rec)
{
	const struct field *f = kind_field(rec->kind, S("property"));
	const struct any_rows *rows = kind_slot(rec, f);

	for (isize i = 0; i < rows->count; i++) {
		const char *row = (const char *)rows->item + i * f->row_size;
		str key = kind_value(r->call->arena, row, &f->col[0]);
		str value = kind_value(r->call->arena, row, &f->col[1]);
		if (key.n && value.n &&
			!part_add(r->call->arena, &r->call->err, p, key, value,
				(struct file_place){0, 0}))
			return false;
	}
	return true;
}

static bool take_zone(struct reading *r, const struct rec *rec)
{
	struct part *p = add(r, PART_IS_ZONE, rec);

	return p && say(r, p, "exposure", value_of(r, rec, "exposure")) &&
		say(r, p, "in", value_of(r, rec, "parent")) &&
		say(r, p, "controlled-by", value_of(r, rec, "controller")) &&
		take_properties(r, p, rec);
}

/* Harm has five steps in records and four in models: the two worst are one. */
static str harm_of(const struct reading *r, const void *rec)
{
	str step = value_of(r, rec, "safety");

	return str_eq(step, S("5")) ? S("4") : step;
}

static bool take_asset(struct reading *r, const struct rec *rec)
{
	struct part *p = add(r, PART_IS_ASSET, rec);

	return p && say(r, p, "c", level_of(r, rec, "confidentiality")) &&
		say(r, p, "i", level_of(r, rec, "integrity")) &&
		say(r, p, "a", level_of(r, rec, "availability")) &&
		say(r, p, "s", harm_of(r, rec)) && take_properties(r, p, rec);
}

static enum part_kind element_kind(str type)
{
	enum part_kind kind;

	return part_kind_parse(type, &kind) ? kind : PART_IS_PROCESS;
}

static bool take_element(struct reading *r, const struct rec *rec)
{
	struct part *p = add(r, element_kind(value_of(r, rec, "type")), rec);

	return p && say(r, p, "in", value_of(r, rec, "zone")) &&
		say(r, p, "technology", value_of(r, rec, "technology")) &&
		take_properties(r, p, rec);
}

static bool take_interface(struct reading *r, const struct rec *rec)
{
	if (model_find(r->model, PART_ELEMENT, value_of(r, rec, "element")) == PART_NONE)
		return true;
	struct part *p = add(r, PART_IS_INTERFACE, rec);

	return p && say(r, p, "of", value_of(r, rec, "element")) &&
		say(r, p, "port", value_of(r, rec, "port")) && take_properties(r, p, rec);
}

/* A field that means the same as a property; the property goes first. */
static bool say_unless(const struct reading *r, struct part *p, const char *key, str value)
{
	return part_value(p, str_of(key)).n || say(r, p, key, value);
}

/* A flow to what is retired, or not for the caller, has nowhere to go. */
static bool take_flow(struct reading *r, const struct rec *rec)
{
	if (model_find(r->model, PART_ELEMENT, value_of(r, rec, "from")) == PART_NONE ||
		model_find(r->model, PART_ELEMENT, value_of(r, rec, "to")) == PART_NONE)
		return true;
	struct part *p = add(r, PART_IS_FLOW, rec);

	return p && take_properties(r, p, rec) &&
		say_unless(r, p, "content", value_of(r, rec, "content")) &&
		say_unless(r, p, "both-ways", value_of(r, rec, "both_ways")) &&
		say(r, p, "from", value_of(r, rec, "from")) &&
		say(r, p, "to", value_of(r, rec, "to")) &&
		say(r, p, "note", value_of(r, rec, "protocol")) &&
		say(r, p, "port", value_of(r, rec, "port"));
}

static bool take_assumption(struct reading *r, const struct rec *rec)
{
	struct part *p = add(r, PART_IS_ASSUMPTION, rec);

	return p && say(r, p, "fails", value_of(r, rec, "if_fails"));
}

/* `asset resides_in element` and `flow carries asset` are links of the store. */
static bool take_links(struct reading *r, const char *type, enum part_group group, const char *key)
{
	struct link *link;
	isize count;

	if (!link_list_type(r->call, str_of(type), &link, &count))
		return false;
	for (isize i = 0; i < count; i++) {
		int32_t at = model_find(r->model, group, link[i].from);
		enum part_group other = group == PART_FLOW ? PART_ASSET : PART_ELEMENT;
		if (at == PART_NONE || model_find(r->model, other, link[i].to) == PART_NONE)
			continue;
		if (!say(r, &r->model->of[group].list[at], key, link[i].to))
			return false;
	}
	return true;
}

/* Zones that are retired or not for the caller enclose nothing: where they did is unknown. */
static void forget_zones(struct reading *r, enum part_group group)
{
	struct parts *parts = &r->model->of[group];

	for (isize i = 0; i < parts->count; i++)
		for (struct prop *q = parts->list[i].props; q; q = q->next)
			if (str_eq(q->key, S("in")) &&
				model_find(r->model, PART_ZONE, q->value) == PART_NONE)
				q->value = S("?");
}

static void take_places(struct reading *r, const struct view *view)
{
	for (isize i = 0; view && i < view->place.count; i++) {
		const struct view_place *at = &view->place.item[i];
		bool is_zone = at->w != INT_NONE && at->h != INT_NONE;
		enum part_group group = is_zone ? PART_ZONE : PART_ELEMENT;
		int32_t part = model_find(r->model, group, at->part);
		if (part == PART_NONE)
			continue;
		struct part *p = &r->model->of[group].list[part];
		p->is_placed = true;
		p->x = (int32_t)at->x;
		p->y = (int32_t)at->y;
		p->w = is_zone ? (int32_t)at->w : 0;
		p->h = is_zone ? (int32_t)at->h : 0;
	}
}

bool diagram_view(struct call *c, const struct view **out)
{
	const struct kind *k = &kinds[KIND_VIEW];
	struct query q = {.limit = 100,
		.filter_count = 1,
		.filter = {{kind_field(k, S("type")), S("diagram")}}};
	struct list list;

	*out = NULL;
	if (!call_could(c, k->can_read, S("")))
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

bool model_from_records(struct call *c, const struct view *view, struct model **out)
{
	struct reading r = {.call = c, .model = model_new(c->arena, S("records"), MODEL_TEXT)};

	if (!r.model)
		return FAIL(&c->err, ERR_LIMIT, "the model needs more memory than there is");
	if (!each_record(&r, "zone", take_zone) || !each_record(&r, "asset", take_asset) ||
		!each_record(&r, "element", take_element) ||
		!each_record(&r, "interface", take_interface) ||
		!each_record(&r, "flow", take_flow) ||
		!each_record(&r, "assumption", take_assumption) ||
		!take_links(&r, "carries", PART_FLOW, "carries") ||
		!take_links(&r, "resides_in", PART_ASSET, "at"))
		return false;
	forget_zones(&r, PART_ZONE);
	forget_zones(&r, PART_ELEMENT);
	take_places(&r, view);
	if (!model_finish(c->arena, &c->err, r.model))
		return false;
	*out = r.model;
	return true;
}
