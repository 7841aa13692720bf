/*
 * What makes the engine fast must not change what it says: rules that are sieved out against all
 * rules tried, and a model evaluated after an edit against the same evaluated as if new.
 */
#include "test.h"
#include "threat/engine/engine.h"
#include "threat/formats/formats.h"
#include "threat/model/build.h"
#include "threat/rules/compiled.h"

static const char *const models[] = {"examples/models/infusion.ward",
	"examples/models/infusion-hardened.ward", "examples/models/imaging.ward",
	"examples/models/wearable.ward", "examples/models/samd.ward",
	"examples/surgerycloud/model.ward", "self/model.ward"};

static const struct rules *library(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	const struct vocabulary *v;
	struct rules *rules = NULL;

	if (!rules_library(t->arena, &e, &v, &rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

static struct model *read_model(struct test_case *t, const char *path)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	str text;

	if (!file_read(t->arena, str_of(path), LIMIT_MODEL_BYTES, &text, &e) ||
		!model_read(t->arena, &e, str_of(path), text, &m))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return m;
}

/* Each evaluation has its own part for the model as a whole. */
static bool same_part(const struct part *a, const struct part *b)
{
	return a == b || (a->kind == PART_IS_MODEL && b->kind == PART_IS_MODEL);
}

/* A hub that all flows touch, chains without proof, zones in zones, assets in several places. */
static struct model *made_up(struct test_case *t)
{
	enum { PARTS = 40 };
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	for (int i = 0; i < 6; i++)
		buf_fmt(&b, i ? "zone Z%d in=Z%d exposure=%d\n" : "zone Z%d\n", i, i / 2, i);
	for (int i = 0; i < 8; i++)
		buf_fmt(&b, "asset A%d c=%d i=4 s=%d class=%s at=E%d, E%d\n", i, 1 + i % 4,
			1 + i / 2 % 4, i % 2 ? "health-data" : "code", i, 3 * i);
	for (int i = 0; i < PARTS; i++)
		buf_fmt(&b, "%s E%d in=Z%d audited=%s\n", i % 3 ? "process" : "device", i, i % 6,
			i % 2 ? "yes" : "no");
	for (int i = 0; i < PARTS; i++)
		buf_fmt(&b,
			"interface I%d of=E%d connector=usb\n"
			"flow F%d E0 -> E%d carries=A%d content=data protocol=http\n"
			"flow G%d E%d -> E%d authentication=none content=command\n",
			i, i, i, i, i % 8, i, i, (i + 1) % PARTS);
	if (!model_read(t->arena, &e, S("made up"), buf_str(&b), &m))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return m;
}

static bool same_finding(const struct threat_finding *a, const struct threat_finding *b)
{
	return a->rule == b->rule && same_part(a->part, b->part) &&
		same_part(a->because, b->because) && a->outcome == b->outcome &&
		a->stride == b->stride && a->level == b->level && a->impact == b->impact &&
		a->likelihood == b->likelihood && a->handler == b->handler &&
		a->missing == b->missing && a->merged == b->merged;
}

/* Two evaluations of one model: every finding and note, in order. */
static bool same_findings(const struct findings *a, const struct findings *b)
{
	if (a->count != b->count || a->note_count != b->note_count)
		return false;
	for (isize i = 0; i < a->count; i++)
		if (!same_finding(&a->list[i], &b->list[i]))
			return false;
	for (isize i = 0; i < a->note_count; i++)
		if (a->notes[i].part != b->notes[i].part || a->notes[i].prop != b->notes[i].prop ||
			a->notes[i].is_value != b->notes[i].is_value)
			return false;
	for (int i = 0; i <= THREAT_IS_OPEN; i++)
		if (a->tally[i] != b->tally[i])
			return false;
	return true;
}

TEST(a_rule_that_is_sieved_out_would_have_found_nothing, "")
{
	const struct rules *rules = library(t);
	struct rules whole = *rules;
	struct err e = {.arena = t->arena};
	isize found = 0;

	whole.sieve = NULL;
	for (int i = 0; i < COUNT_OF(models); i++) {
		struct model *m = read_model(t, models[i]);
		struct findings *sieved, *all;
		if (!m || !threat_evaluate(t->arena, &e, m, rules, false, &sieved) ||
			!threat_evaluate(t->arena, &e, m, &whole, false, &all)) {
			test_fail(t, __FILE__, __LINE__, "%s: %s", models[i], e.text);
			return;
		}
		if (!same_findings(sieved, all))
			test_fail(t, __FILE__, __LINE__, "%s: other findings", models[i]);
		found += all->count;
	}
	CHECK(found > 200);
}

/* ---- edits at random ---- */

enum { EDITS = 3200, ROUND = 40 };

/* A model that comes of another by one edit. */
struct editing {
	struct test_case *t;
	const struct rules *rules;
	const struct model *from;
	struct model *to;
	struct err err;
	uint64_t random;
	isize number; /* of new parts */
	str removed;  /* id of a part that is left out, with what refers to it; "" none */
};

static isize draw(struct editing *x, isize n)
{
	return n ? (isize)test_random(&x->random, n) : 0;
}

static str any_id(struct editing *x, enum part_group g)
{
	const struct parts *parts = &x->from->of[g];
	str id = parts->count ? parts->list[draw(x, parts->count)].id : S("?");

	return str_eq(id, x->removed) ? S("?") : id;
}

static bool is_reference(str key)
{
	static const str keys[] = {S_INIT("in"), S_INIT("from"), S_INIT("to"), S_INIT("of"),
		S_INIT("part-of"), S_INIT("carries"), S_INIT("at"), S_INIT("via")};

	for (int i = 0; i < COUNT_OF(keys); i++)
		if (str_eq(key, keys[i]))
			return true;
	return false;
}

static void add(struct editing *x, struct part *p, str key, str value)
{
	if (!part_add(x->t->arena, &x->err, p, key, value, p->at))
		test_fail(x->t, __FILE__, __LINE__, "%s", x->err.text);
}

/* A property of the vocabulary with one of its words, a word of nobody's, or "?". */
static void add_any_word(struct editing *x, struct part *p)
{
	const struct vocabulary *v = x->rules->vocabulary;
	enum part_group g = part_group_of(p->kind);
	const struct vocabulary_prop *prop = &v->props[g][draw(x, v->prop_count[g])];
	isize chance = draw(x, 20);

	if (is_reference(prop->name) || prop->is_derived)
		return;
	if (str_eq(prop->name, S("c")) || str_eq(prop->name, S("s")))
		add(x, p, prop->name, str_fmt(x->t->arena, "%d", 1 + (int)draw(x, 4)));
	else if (prop->words < 0 || chance == 0)
		add(x, p, prop->name, chance == 0 ? S("?") : S("4"));
	else if (chance == 1)
		add(x, p, prop->name, S("nonsense"));
	else
		add(x, p, prop->name,
			v->lists[prop->words].words[draw(x, v->lists[prop->words].count)]);
}

/* A reference as that kind of part has them. */
static void add_any_reference(struct editing *x, struct part *p)
{
	enum part_group g = part_group_of(p->kind);

	if (g == PART_FLOW && draw(x, 4) == 0)
		add(x, p, S("via"), any_id(x, PART_ZONE));
	else if (g == PART_FLOW)
		add(x, p, S("carries"), any_id(x, PART_ASSET));
	else if (g == PART_ASSET)
		add(x, p, S("at"), any_id(x, PART_ELEMENT));
	else if (g == PART_ELEMENT || g == PART_ZONE)
		add(x, p, S("in"), any_id(x, PART_ZONE));
	if (g == PART_ZONE)
		add(x, p, S("exposure"), str_fmt(x->t->arena, "%d", 1 + (int)draw(x, 5)));
}

/* A property that a later one of the same name replaces, but for lists. */
static bool is_replaced(const struct prop *q)
{
	for (const struct prop *n = q->next; n; n = n->next)
		if (str_eq(n->key, q->key) && !str_eq(n->key, S("carries")) &&
			!str_eq(n->key, S("at")))
			return true;
	return false;
}

/* The part as it was, some of what it says left out and something else said. */
static void edit_part(struct editing *x, struct part *p, const struct prop *said)
{
	struct part all = *p;
	isize count = 0, what = draw(x, 4), out = -1;

	for (const struct prop *q = said; q; q = q->next) {
		add(x, &all, q->key, q->value);
		count++;
	}
	if (what == 0)
		out = draw(x, count + 1);
	else if (what == 1)
		add_any_reference(x, &all);
	else
		add_any_word(x, &all);
	isize i = 0;
	for (const struct prop *q = all.props; q; q = q->next, i++)
		if ((i != out || is_reference(q->key)) && !is_replaced(q))
			add(x, p, q->key, q->value);
	if (part_group_of(p->kind) == PART_ELEMENT && draw(x, 10) == 0)
		p->kind = (enum part_kind)(PART_IS_ACTOR + draw(x, 4));
}

static bool says_removed(const struct editing *x, const struct part *p)
{
	for (const struct prop *q = p->props; q; q = q->next)
		if (x->removed.n && is_reference(q->key) && str_eq(q->value, x->removed))
			return true;
	return false;
}

static struct part *put(struct editing *x, enum part_kind kind, str id, struct file_place at)
{
	struct part *p = model_add(x->t->arena, &x->err, x->to, kind, id, S(""), at);

	if (!p)
		test_fail(x->t, __FILE__, __LINE__, "%s", x->err.text);
	return p;
}

/* A part of the earlier model: left out, as it was, without what is gone, or changed. */
static void keep_part(struct editing *x, const struct part *p, bool is_edited)
{
	bool loses = says_removed(x, p);

	if (str_eq(p->id, x->removed))
		return;
	if (loses && (p->kind == PART_IS_FLOW || p->kind == PART_IS_INTERFACE) && draw(x, 2))
		return;
	struct part *copy = put(x, p->kind, p->id, p->at);
	if (is_edited) {
		edit_part(x, copy, p->props);
		return;
	}
	/* Half of them keep the very statements, as who edits a model does. */
	if (!loses && draw(x, 2)) {
		copy->props = p->props;
		copy->last = p->last;
		return;
	}
	for (const struct prop *q = p->props; q; q = q->next)
		if (!loses || !is_reference(q->key) || !str_eq(q->value, x->removed))
			add(x, copy, q->key, q->value);
}

static void put_new(struct editing *x, enum part_group g)
{
	static const enum part_kind kind[] = {[PART_ZONE] = PART_IS_ZONE,
		[PART_ASSET] = PART_IS_ASSET,
		[PART_ELEMENT] = PART_IS_PROCESS,
		[PART_INTERFACE] = PART_IS_INTERFACE,
		[PART_FLOW] = PART_IS_FLOW,
		[PART_ASSUMPTION] = PART_IS_ASSUMPTION};
	isize line = draw(x, 100);
	struct part *p = put(x, kind[g], str_fmt(x->t->arena, "NEW%d", (int)++x->number),
		(struct file_place){(int32_t)line, 1});

	if (g == PART_FLOW) {
		add(x, p, S("from"), any_id(x, PART_ELEMENT));
		add(x, p, S("to"), any_id(x, PART_ELEMENT));
	} else if (g == PART_INTERFACE) {
		add(x, p, S("of"), any_id(x, PART_ELEMENT));
	}
	for (int i = 0; i < 3; i++)
		add_any_word(x, p);
	if (draw(x, 3))
		add_any_reference(x, p);
}

/* One edit; the model may be one that cannot be, such as zones in each other. */
static bool edit(struct editing *x)
{
	enum part_group g = (enum part_group)draw(x, PART_ASSUMPTION + 1);
	isize what = draw(x, 10), at = draw(x, x->from->of[g].count + 1);

	x->err = (struct err){.arena = x->t->arena};
	x->to = model_new(x->t->arena, S("edited"), MODEL_TEXT);
	x->removed = S("");
	if (what == 0)
		x->removed = any_id(x, g);
	for (int k = 0; k < PART_THREAT; k++) {
		const struct parts *parts = &x->from->of[k];
		for (isize i = 0; i < parts->count; i++) {
			bool here = k == (int)g && i == at;
			if (here && what == 1)
				put_new(x, g);
			keep_part(x, &parts->list[i], here && what > 1);
		}
		if (k == (int)g && at == parts->count && what == 1)
			put_new(x, g);
	}
	return model_finish(x->t->arena, &x->err, x->to);
}

/* Edits one after the other, each evaluated on what the one before left. */
static isize edit_many(struct editing *x, struct model *m, bool all)
{
	struct test_case *t = x->t;
	struct findings *again, *whole;
	struct err e = {.arena = t->arena};
	isize done = 0;

	if (!threat_evaluate(t->arena, &e, m, x->rules, all, &again))
		return 0;
	x->from = m;
	for (int i = 0; i < ROUND; i++) {
		if (!edit(x))
			continue;
		if (!threat_evaluate_again(t->arena, &e, x->to, again, &again) ||
			!threat_evaluate(t->arena, &e, x->to, x->rules, all, &whole) ||
			!same_findings(again, whole)) {
			test_fail(t, __FILE__, __LINE__, "edit %d of %.*s: other findings %s", i,
				STR_ARG(m->file), e.text);
			return done;
		}
		x->from = x->to;
		done++;
	}
	return done;
}

TEST(an_edited_model_is_judged_as_if_it_were_new, "")
{
	struct editing x = {.t = t, .rules = library(t), .random = 7};
	struct rules unlinked = *x.rules;
	isize done = 0;

	unlinked.sieve = NULL;
	unlinked.at_ends = NULL;
	for (int round = 0; round < EDITS / ROUND && !t->failures; round++) {
		struct arena_mark mark = arena_here(t->arena);
		int at = round % (COUNT_OF(models) + 1);
		struct model *m = at == COUNT_OF(models) ? made_up(t) : read_model(t, models[at]);
		const struct rules *linked = x.rules;
		/* As records have it: all parts in one place. */
		for (int g = 0; m && round % 3 == 0 && g < PART_GROUPS; g++)
			for (isize i = 0; i < m->of[g].count; i++)
				m->of[g].list[i].at = (struct file_place){0, 0};
		if (round % 8 == 5)
			x.rules = &unlinked;
		if (m)
			done += edit_many(&x, m, round % 8 == 6);
		x.rules = linked;
		arena_rewind(t->arena, mark);
	}
	CHECK(done > EDITS / 2);
}

TEST_MAIN()
