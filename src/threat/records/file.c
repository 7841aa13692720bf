/* The recorded model as a file holds it, and what became of it between two times. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"
#include "threat/model/build.h"
#include "threat/report/diff.h"

enum { THREATS_MAX = 20000 };

static bool say(struct call *c, struct part *p, const char *key, str value)
{
	return value.n == 0 ||
		part_add(c->arena, &c->err, p, str_of(key), value, (struct file_place){0, 0});
}

/* What other tools call it; what is gone is said to nobody. */
static str status_of(const struct threat *t)
{
	switch (t->rec.state) {
	case THREAT_STATE_IDENTIFIED:
	case THREAT_STATE_ASSESSED:
		return S("open");
	case THREAT_STATE_NOT_APPLICABLE:
		return S("not-applicable");
	case THREAT_STATE_GONE:
		return S("");
	default:
		return S("mitigated");
	}
}

static bool add_threat(struct call *c, struct model *m, const struct threat *t)
{
	str status = status_of(t);
	struct part *p;

	if (status.n == 0)
		return true;
	p = model_add(c->arena, &c->err, m, PART_IS_THREAT, t->rec.ref, t->rec.title,
		(struct file_place){0, 0});
	if (!p)
		return false;
	/* The model is finished already: what is added now is resolved here. */
	p->target = PART_NONE;
	return say(c, p, "stride",
		       kind_value(c->arena, t, kind_field(t->rec.kind, S("category")))) &&
		say(c, p, "status", status) && say(c, p, "description", t->scenario);
}

/* Threats that people recorded, at those of their targets that are in the model. */
static bool add_threats(struct call *c, struct model *m)
{
	static const enum part_group groups[] = {
		PART_ELEMENT, PART_FLOW, PART_INTERFACE, PART_ASSET, PART_ZONE};
	struct query q = {.limit = THREATS_MAX};
	struct link *link;
	struct list list;
	isize count;

	if (!call_could_some(c, CAN_THREAT_READ))
		return true;
	if (!kind_list(c, &kinds[KIND_THREAT], &q, &list) ||
		!link_list_type(c, S("targets"), &link, &count))
		return false;
	for (isize i = 0; i < list.count; i++)
		if (!add_threat(c, m, list.item[i]))
			return false;
	for (isize i = 0; i < count; i++) {
		int32_t at = model_find(m, PART_THREAT, link[i].from), to = PART_NONE;
		int g = -1;
		while (at != PART_NONE && to == PART_NONE && ++g < COUNT_OF(groups))
			to = model_find(m, groups[g], link[i].to);
		if (to == PART_NONE)
			continue;
		struct part *p = &m->of[PART_THREAT].list[at];
		if (!say(c, p, "at", link[i].to))
			return false;
		if (p->target == PART_NONE) {
			p->target_group = groups[g];
			p->target = to;
		}
	}
	return true;
}

bool model_recorded(struct call *c, struct model **out)
{
	struct model *m;
	struct query q = {.limit = 1};
	struct list list;

	if (!model_from_records(c, NULL, &m))
		return false;
	m->name = S("Recorded model");
	if (call_could_some(c, CAN_THREAT_MODEL_READ)) {
		if (!kind_list(c, &kinds[KIND_THREAT_MODEL], &q, &list))
			return false;
		if (list.count)
			m->name = ((const struct rec *)list.item[0])->title;
	}
	if (!add_threats(c, m))
		return false;
	*out = m;
	return true;
}

static bool judge_at(struct call *c, int64_t at_us, str name, struct findings **out)
{
	int64_t now = c->at_us;
	const struct vocabulary *words;
	const struct rules *rules;
	const struct view *view;
	struct model *m;

	c->at_us = at_us;
	bool ok = diagram_view(c, &view) && model_from_records(c, view, &m) &&
		rules_get(c, &words, &rules) &&
		threat_evaluate(c->arena, &c->err, m, rules, false, out);
	c->at_us = now;
	if (ok)
		m->file = m->name = name;
	return ok;
}

/* A time in words, or what the call shows when there are none. */
static bool read_time(struct call *c, str word, int64_t *out)
{
	int64_t shown = c->at_us;
	bool ok = word.n == 0 || call_at(c, word);

	*out = c->at_us;
	c->at_us = shown;
	return ok;
}

static str day_before(struct call *c, int64_t to_us)
{
	enum { DAYS = 30 };
	struct buf b;

	buf_init(&b, c->arena, LIMIT_REF);
	day_print(&b, (to_us == TIME_NONE ? c->now_us : to_us) / DAY_US - DAYS);
	return buf_str(&b);
}

bool model_changes(struct call *c, str *from, str to, struct model_diff *out)
{
	struct findings *was, *is;
	int64_t from_us, to_us;

	if (!read_time(c, to, &to_us))
		return false;
	if (from->n == 0)
		*from = day_before(c, to_us);
	if (!read_time(c, *from, &from_us))
		return false;
	if (to_us != TIME_NONE && from_us > to_us)
		return err_issue(&c->err, S("from"), "the first time lies behind the second");
	return judge_at(c, from_us, S("the recorded model"), &was) &&
		judge_at(c, to_us, S("the recorded model"), &is) &&
		model_diff_make(c->arena, &c->err, was, is, out);
}
