/*
 * Architecture views: one model, several pictures of it (FDA premarket guidance 2025, V.B.2 and
 * Appendix 2).  A view chooses flows and elements; the ends of a chosen flow are chosen with it,
 * and the zones around what is chosen.
 */
#include "threat/model/build.h"
#include "threat/model/view.h"

bool view_parse(str word, enum architecture_view *out)
{
	static const str words[] = {[VIEW_GLOBAL] = S_INIT("global"),
		[VIEW_MULTI_PATIENT] = S_INIT("multi-patient"),
		[VIEW_UPDATE] = S_INIT("update")};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(words[i], word)) {
			*out = (enum architecture_view)i;
			return true;
		}
	return false;
}

bool view_choice_make(
	struct arena *a, struct err *e, const struct model *m, struct view_choice *out)
{
	out->element = arena_bulk(a, m->of[PART_ELEMENT].count + 1);
	out->flow = arena_bulk(a, m->of[PART_FLOW].count + 1);
	if (!out->element || !out->flow)
		return FAIL(e, ERR_LIMIT, "the view needs more memory than it is given");
	memset(out->element, 0, (size_t)m->of[PART_ELEMENT].count + 1);
	memset(out->flow, 0, (size_t)m->of[PART_FLOW].count + 1);
	return true;
}

static bool is_whole(const struct part *f)
{
	return f->from != PART_NONE && f->to != PART_NONE;
}

/* Whether one of the assets that a flow carries is of the class. */
static bool carries_class(const struct model *m, const struct part *f, str class)
{
	for (int32_t i = 0; i < f->ref_count; i++)
		if (part_is(&m->of[PART_ASSET].list[f->refs[i]], S("class"), class))
			return true;
	return false;
}

/* New software on its way: what a view of updates and patches is about. */
static bool is_update(const struct model *m, const struct part *f)
{
	return part_is(f, S("content"), S("code")) || carries_class(m, f, S("code"));
}

/* What can make a device harm somebody: commands, software, limits and functions of therapy. */
static bool is_steering(const struct model *m, const struct part *f)
{
	return part_is(f, S("content"), S("command")) || is_update(m, f) ||
		carries_class(m, f, S("safety-data")) || carries_class(m, f, S("safety-function"));
}

static void choose_flows(const struct model *m,
	bool (*is)(const struct model *, const struct part *), struct view_choice *v)
{
	const struct parts *flows = &m->of[PART_FLOW];

	for (isize i = 0; i < flows->count; i++)
		if (is_whole(&flows->list[i]) && is(m, &flows->list[i]))
			v->flow[i] = true;
}

/*
 * Many patients come to harm through what their devices share.  From every process and store that
 * no patient has alone, the steering flows are followed; those from which a device is reached stay.
 */
static void choose_shared(const struct model *m, struct view_choice *v)
{
	const struct parts *flows = &m->of[PART_FLOW], *elements = &m->of[PART_ELEMENT];
	bool grows = true;

	/* Backwards: which elements lead to a device. */
	for (isize i = 0; i < elements->count; i++)
		v->element[i] = elements->list[i].kind == PART_IS_DEVICE;
	while (grows) {
		grows = false;
		for (isize i = 0; i < flows->count; i++) {
			const struct part *f = &flows->list[i];
			if (!is_whole(f) || !is_steering(m, f) || !v->element[f->to] ||
				v->element[f->from])
				continue;
			v->element[f->from] = grows = true;
		}
	}
	/* A flow between two devices is of one patient, one from what is shared is of many. */
	for (isize i = 0; i < flows->count; i++) {
		const struct part *f = &flows->list[i];
		v->flow[i] = is_whole(f) && is_steering(m, f) && v->element[f->to] &&
			elements->list[f->from].kind != PART_IS_DEVICE;
	}
	memset(v->element, 0, (size_t)elements->count + 1);
}

void view_choose(const struct model *m, enum architecture_view view, struct view_choice *v)
{
	switch (view) {
	case VIEW_GLOBAL:
		memset(v->element, 1, (size_t)m->of[PART_ELEMENT].count);
		memset(v->flow, 1, (size_t)m->of[PART_FLOW].count);
		return;
	case VIEW_MULTI_PATIENT:
		choose_shared(m, v);
		return;
	case VIEW_UPDATE:
		choose_flows(m, is_update, v);
		return;
	}
	assert(false && "architecture view");
}

/* ---- the part of the model ---- */

/* Places are those of the whole: a part of it is laid out anew. */
static bool copy_props(struct arena *a, struct err *e, const struct part *from, struct part *to)
{
	/* What is carried, and the way, is not drawn and may lie outside of the view.  Places are
	   those of the whole: a part of it is laid out anew. */
	for (const struct prop *q = from->props; q; q = q->next)
		if (!str_eq(q->key, S("carries")) && !str_eq(q->key, S("via")) &&
			!part_add(a, e, to, q->key, q->value, q->at))
			return false;
	return true;
}

static bool copy_parts(struct arena *a, struct err *e, const struct model *m, enum part_group group,
	const bool *chosen, struct model *out)
{
	for (isize i = 0; i < m->of[group].count; i++) {
		const struct part *p = &m->of[group].list[i];
		if (!chosen[i])
			continue;
		struct part *to = model_add(a, e, out, p->kind, p->id, p->name, p->at);
		if (!to || !copy_props(a, e, p, to))
			return false;
	}
	return true;
}

/* Around every chosen element, up to the outermost. */
static void choose_zones(const struct model *m, const struct view_choice *v, bool *zone)
{
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		for (int32_t z = v->element[i] ? m->of[PART_ELEMENT].list[i].zone : PART_NONE;
			z != PART_NONE; z = m->of[PART_ZONE].list[z].zone)
			zone[z] = true;
}

bool view_model(struct arena *a, struct err *e, const struct model *m, struct view_choice *v,
	struct model **out)
{
	struct model *part = model_new(a, m->file, m->format);
	bool *zone = arena_bulk(a, m->of[PART_ZONE].count + 1);

	if (!part || !zone)
		return FAIL(e, ERR_LIMIT, "the view needs more memory than it is given");
	memset(zone, 0, (size_t)m->of[PART_ZONE].count + 1);
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		if (v->flow[i] && is_whole(&m->of[PART_FLOW].list[i])) {
			v->element[m->of[PART_FLOW].list[i].from] = true;
			v->element[m->of[PART_FLOW].list[i].to] = true;
		}
	choose_zones(m, v, zone);
	part->name = m->name;
	if (!copy_parts(a, e, m, PART_ZONE, zone, part) ||
		!copy_parts(a, e, m, PART_ELEMENT, v->element, part) ||
		!copy_parts(a, e, m, PART_FLOW, v->flow, part) || !model_finish(a, e, part))
		return false;
	*out = part;
	return true;
}
