/*
 * Where facts are stated that no part says of itself: what a flow carries and an element holds
 * stands in links to assets and on these, how exposed something is on its zone.
 */
#include "call/call.h"
#include "threat/engine/engine.h"
#include "threat/triage/triage.h"

struct leading {
	const struct model *m;
	struct triage_lead *out;
	isize count;
};

static void lead(struct leading *l, str ref, str anchor, str words)
{
	for (isize i = 0; i < l->count; i++)
		if (str_eq(l->out[i].ref, ref) && str_eq(l->out[i].anchor, anchor))
			return;
	if (l->count < TRIAGE_LEADS)
		l->out[l->count++] = (struct triage_lead){ref, anchor, words};
}

/* The last word of "carries-class", as the field of an asset that says it. */
static str asset_field(str property)
{
	str rest = property;

	(void)str_cut(&rest, '-');
	return str_eq(rest, S("class")) ? S("property") : rest;
}

static bool is_said(const struct part *asset, str field)
{
	static const str levels[] = {S_INIT("confidentiality"), S_INIT("integrity"),
		S_INIT("availability"), S_INIT("safety")};
	str class = part_value(asset, S("class"));

	for (int i = 0; i < COUNT_OF(levels); i++)
		if (str_eq(field, levels[i]))
			return asset->level[i] > 0;
	return class.n && !str_eq(class, S("?"));
}

static void lead_to_asset(struct leading *l, const struct part *asset, str field)
{
	if (!is_said(asset, field))
		lead(l, asset->id, field,
			str_eq(field, S("property")) ? S("say its class") : S("say its level"));
}

static void lead_carried(struct leading *l, const struct part *flow, str property)
{
	const struct part *assets = l->m->of[PART_ASSET].list;

	for (int32_t i = 0; i < flow->ref_count; i++)
		lead_to_asset(l, &assets[flow->refs[i]], asset_field(property));
	if (l->count == 0)
		lead(l, flow->id, S(""), S("link the assets that it carries"));
}

static void lead_held(struct leading *l, const struct part *element, str property)
{
	const struct parts *assets = &l->m->of[PART_ASSET];
	int32_t self = (int32_t)(element - l->m->of[PART_ELEMENT].list);

	for (isize i = 0; i < assets->count; i++)
		for (int32_t n = 0; n < assets->list[i].ref_count; n++)
			if (assets->list[i].refs[n] == self)
				lead_to_asset(l, &assets->list[i], asset_field(property));
	if (l->count == 0)
		lead(l, element->id, S(""), S("link the assets that are there"));
}

/* What comes in is what the flows to it say that they bring. */
static void lead_received(struct leading *l, const struct part *element)
{
	const struct parts *flows = &l->m->of[PART_FLOW];
	int32_t self = (int32_t)(element - l->m->of[PART_ELEMENT].list);

	for (isize i = 0; i < flows->count; i++) {
		const struct part *f = &flows->list[i];
		str content = part_value(f, S("content"));
		if ((f->to == self || f->from == self) &&
			(content.n == 0 || str_eq(content, S("?"))))
			lead(l, f->id, S("content"),
				S("say whether it is data, code or a command"));
	}
}

static void lead_exposed(struct leading *l, const struct part *element)
{
	if (element->zone == PART_NONE)
		lead(l, element->id, S("zone"), S("say in which zone it lies"));
	else
		lead(l, l->m->of[PART_ZONE].list[element->zone].id, S("exposure"),
			S("say how exposed the zone is"));
}

isize triage_leads(const struct triage *t, const struct triage_question *q,
	const struct triage_part *part, struct triage_lead *out)
{
	struct leading l = {.m = t->findings->model, .out = out};
	int32_t at = model_find(l.m, q->group, part->ref);
	const struct part *p = at == PART_NONE ? NULL : &l.m->of[q->group].list[at];
	const struct part *elements = l.m->of[PART_ELEMENT].list;

	if (p && str_starts(q->property, S("carries-"))) {
		lead_carried(&l, p, q->property);
	} else if (p && str_starts(q->property, S("holds-"))) {
		lead_held(&l, p, q->property);
	} else if (p && str_eq(q->property, S("receives"))) {
		lead_received(&l, p);
	} else if (p && q->group == PART_ELEMENT) {
		lead_exposed(&l, p);
	} else if (p && p->from != PART_NONE) {
		lead_exposed(&l, &elements[p->from]);
		if (p->to != PART_NONE)
			lead_exposed(&l, &elements[p->to]);
	}
	if (l.count == 0)
		lead(&l, part->ref, S(""), S("say there what is known"));
	return l.count;
}
