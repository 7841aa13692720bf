/*
 * Threat Dragon, version 2, out.  Cells keep the place and the look that they had; what is new is
 * placed by our own layout, below what is there.
 */
#include "threat/formats/dragon_in.h"

#define ELEMENTS                                                                                   \
	(1u << PART_IS_ACTOR | 1u << PART_IS_PROCESS | 1u << PART_IS_STORE | 1u << PART_IS_DEVICE)

const struct dragon_flag dragon_flags[] = {
	{S_INIT("outOfScope"), ELEMENTS | 1u << PART_IS_FLOW, "out-of-scope", "yes"},
	{S_INIT("isEncrypted"), 1u << PART_IS_FLOW, "encryption", "yes"},
	{S_INIT("isPublicNetwork"), 1u << PART_IS_FLOW, "medium", "internet"},
	{S_INIT("isBidirectional"), 1u << PART_IS_FLOW, "both-ways", "yes"},
	{S_INIT("isEncrypted"), 1u << PART_IS_STORE, "at-rest", "disk"},
	{S_INIT("isALog"), 1u << PART_IS_STORE, "store-type", "log"},
	{S_INIT("isWebApplication"), 1u << PART_IS_PROCESS, "process-type", "application"},
};
const int dragon_flag_count = COUNT_OF(dragon_flags);

static const struct {
	str type, shape;
} cells[PART_KINDS] = {
	[PART_IS_ACTOR] = {S_INIT("tm.Actor"), S_INIT("actor")},
	[PART_IS_PROCESS] = {S_INIT("tm.Process"), S_INIT("process")},
	[PART_IS_DEVICE] = {S_INIT("tm.Process"), S_INIT("process")},
	[PART_IS_STORE] = {S_INIT("tm.Store"), S_INIT("store")},
	[PART_IS_FLOW] = {S_INIT("tm.Flow"), S_INIT("flow")},
	[PART_IS_ZONE] = {S_INIT("tm.BoundaryBox"), S_INIT("trust-boundary-box")},
};

str dragon_type(enum part_kind kind, bool is_line)
{
	assert(kind < PART_KINDS);
	return kind == PART_IS_ZONE && is_line ? S("tm.Boundary") : cells[kind].type;
}

str dragon_shape(enum part_kind kind, bool is_line)
{
	assert(kind < PART_KINDS);
	return kind == PART_IS_ZONE && is_line ? S("trust-boundary-curve") : cells[kind].shape;
}

str dragon_status(str word)
{
	return str_eq(word, S("open"))              ? S("Open")
		: str_eq(word, S("mitigated"))      ? S("Mitigated")
		: str_eq(word, S("not-applicable")) ? S("NotApplicable")
						    : word;
}

/* ---- threats ---- */

/* The recorded threats, those of one target in a row. */
struct threats {
	int32_t *first[PART_GROUPS], *next;
};

/* Chains them backwards, so that each chain is in the order of the model. */
static bool chain_threats(struct exporter *x, struct threats *t)
{
	const struct model *m = x->model;
	isize n = m->of[PART_THREAT].count;

	t->next = arena_bulk(x->arena, (n + 1) * (isize)sizeof *t->next);
	for (int g = 0; g < PART_GROUPS; g++) {
		isize count = m->of[g].count + 1;
		t->first[g] = arena_bulk(x->arena, count * (isize)sizeof **t->first);
		if (!t->next || !t->first[g])
			return FAIL(x->err, ERR_LIMIT, "the model needs more memory than there is");
		memset(t->first[g], 0xff, (size_t)count * sizeof **t->first);
	}
	for (isize i = n - 1; i >= 0; i--) {
		const struct part *p = &m->of[PART_THREAT].list[i];
		if (p->target == PART_NONE)
			continue;
		t->next[i] = t->first[p->target_group][p->target];
		t->first[p->target_group][p->target] = (int32_t)i;
	}
	return true;
}

static struct json *build_threat(struct exporter *x, const struct part *p)
{
	static const char *const words[][2] = {{"type", "stride"}, {"severity", "severity"},
		{"description", "description"}, {"mitigation", "mitigation"}};
	struct json *j = out_kept(x, p);
	str status = part_value(p, S("status"));

	out_text(x, j, S("id"), p->id);
	out_title(x, j, S("title"), p);
	const struct json *old = json_member(j, S("status"));
	bool is_same = old && str_eq(status, S("not-applicable")) &&
		str_eq_fold(old->text, S("not applicable"));
	if (!is_same && !(old && str_eq_fold(old->text, status)))
		out_text(x, j, S("status"), dragon_status(status));
	for (int i = 0; i < COUNT_OF(words); i++)
		out_value(x, j, str_of(words[i][0]), p, str_of(words[i][1]));
	/* The schema asks for all of these. */
	for (int i = 0; i < COUNT_OF(words); i++)
		if (!json_member(j, str_of(words[i][0])))
			out_set(x, j, str_of(words[i][0]), out_new(x, JSON_STRING, S("")));
	return j;
}

/* Where the file had them: inside `data`, or beside it. */
static void build_threats(struct exporter *x, struct json *cell, const struct threats *t,
	enum part_group group, isize i)
{
	bool is_beside = json_member(cell, S("threats")) != NULL;
	struct json *data = out_get(x, cell, S("data"), JSON_OBJECT);
	struct out_list list = out_list(x, is_beside ? cell : data, S("threats"));
	bool has_open = false;

	for (int32_t at = t->first[group][i]; at >= 0; at = t->next[at]) {
		const struct part *p = &x->model->of[PART_THREAT].list[at];
		has_open |= str_eq(part_value(p, S("status")), S("open"));
		out_push(x, &list, build_threat(x, p));
	}
	out_flag(x, data, S("hasOpenThreats"), has_open);
}

/* ---- cells ---- */

static void put_box(struct exporter *x, struct json *cell, struct box b)
{
	struct json *at = out_get(x, cell, S("position"), JSON_OBJECT);
	struct json *size = out_get(x, cell, S("size"), JSON_OBJECT);

	out_number(x, at, S("x"), b.x);
	out_number(x, at, S("y"), b.y + x->drawn.h);
	out_number(x, size, S("width"), b.w);
	out_number(x, size, S("height"), b.h);
}

static void put_name(struct exporter *x, struct json *cell, const struct part *p)
{
	struct json *attrs = out_get(x, cell, S("attrs"), JSON_OBJECT);
	const char *place = p->kind == PART_IS_ZONE ? "headerText" : "text";
	struct json *text = out_get(x, attrs, str_of(place), JSON_OBJECT);

	out_text(x, text, S("text"), part_title(p));
}

/* The words that the schema wants, whether they say anything or not. */
static void put_data(struct exporter *x, struct json *cell, const struct part *p)
{
	struct json *data = out_get(x, cell, S("data"), JSON_OBJECT);

	out_text(x, cell, S("id"), p->id);
	if (!json_member(cell, S("shape")))
		out_set(x, cell, S("shape"),
			out_new(x, JSON_STRING, dragon_shape(p->kind, p->is_line)));
	if (!json_member(data, S("type")))
		out_set(x, data, S("type"),
			out_new(x, JSON_STRING, dragon_type(p->kind, p->is_line)));
	out_title(x, data, S("name"), p);
	out_value(x, data, S("description"), p, S("description"));
	if (!json_member(data, S("description")))
		out_set(x, data, S("description"), out_new(x, JSON_STRING, S("")));
	for (int i = 0; i < dragon_flag_count; i++) {
		const struct dragon_flag *f = &dragon_flags[i];
		if (!(f->kinds & 1u << p->kind))
			continue;
		bool is_set = part_is(p, str_of(f->key), str_of(f->value));
		if (is_set || !json_member(data, f->flag))
			out_flag(x, data, f->flag, is_set);
	}
}

static struct json *build_zone(struct exporter *x, isize i)
{
	const struct part *p = &x->model->of[PART_ZONE].list[i];
	struct json *cell = out_kept(x, p);
	struct json *data = out_get(x, cell, S("data"), JSON_OBJECT);

	put_data(x, cell, p);
	out_flag(x, data, S("isTrustBoundary"), true);
	if (!json_member(cell, S("zIndex")))
		out_number(x, cell, S("zIndex"), -1);
	if (!p->is_line && !json_member(cell, S("position"))) {
		put_box(x, cell, layout_zone(x->layout, i));
		put_name(x, cell, p);
	}
	if (p->is_line && !json_member(cell, S("source")))
		for (int k = 0; k < 2; k++) {
			struct json *end =
				out_get(x, cell, k ? S("target") : S("source"), JSON_OBJECT);
			out_number(x, end, S("x"), 0);
			out_number(x, end, S("y"), x->drawn.h + k * 100);
		}
	return cell;
}

static struct json *build_element(struct exporter *x, const struct threats *t, isize i)
{
	const struct part *p = &x->model->of[PART_ELEMENT].list[i];
	struct json *cell = out_kept(x, p);

	put_data(x, cell, p);
	if (!json_member(cell, S("position"))) {
		put_box(x, cell, layout_element(x->layout, i));
		put_name(x, cell, p);
	}
	if (!json_member(cell, S("zIndex")))
		out_number(x, cell, S("zIndex"), 1);
	build_threats(x, cell, t, PART_ELEMENT, i);
	return cell;
}

static void put_end(struct exporter *x, struct json *cell, str side, int32_t element)
{
	struct json *end = out_get(x, cell, side, JSON_OBJECT);

	if (element != PART_NONE) {
		out_text(x, end, S("cell"), x->model->of[PART_ELEMENT].list[element].id);
	} else if (!end->first) {
		out_number(x, end, S("x"), 0);
		out_number(x, end, S("y"), x->drawn.h);
	}
}

static struct json *build_flow(struct exporter *x, const struct threats *t, isize i)
{
	const struct part *p = &x->model->of[PART_FLOW].list[i];
	struct json *cell = out_kept(x, p);
	struct json *data = out_get(x, cell, S("data"), JSON_OBJECT);
	const struct json *protocol = json_member(data, S("protocol"));

	put_data(x, cell, p);
	put_end(x, cell, S("source"), p->from);
	put_end(x, cell, S("target"), p->to);
	if (!protocol || !str_eq_fold(protocol->text, part_value(p, S("protocol"))))
		out_value(x, data, S("protocol"), p, S("protocol"));
	if (!json_member(data, S("protocol")))
		out_set(x, data, S("protocol"), out_new(x, JSON_STRING, S("")));
	if (!json_member(cell, S("zIndex")))
		out_number(x, cell, S("zIndex"), 10);
	if (p->name.n && !json_member(cell, S("labels"))) {
		struct out_list labels = out_list(x, cell, S("labels"));
		out_push(x, &labels, out_new(x, JSON_STRING, p->name));
	}
	build_threats(x, cell, t, PART_FLOW, i);
	return cell;
}

/* ---- diagrams ---- */

enum { DIAGRAMS_MAX = 1000 };

struct diagrams {
	struct out_list list, *cells;
	isize count;
};

static void new_diagram(struct exporter *x, struct diagrams *d)
{
	struct json *j = out_new(x, JSON_OBJECT, S(""));

	out_number(x, j, S("id"), d->count);
	out_system(x, j, S("title"));
	out_word(x, j, S("diagramType"), "STRIDE");
	out_word(x, j, S("thumbnail"), "./public/content/images/thumbnail.stride.jpg");
	out_word(x, j, S("version"), "2.0");
	out_push(x, &d->list, j);
	d->cells[d->count++] = out_list(x, j, S("cells"));
}

/* Those that were kept, and at least one. */
static bool open_diagrams(struct exporter *x, struct json *detail, struct diagrams *d)
{
	d->list = out_list(x, detail, S("diagrams"));
	d->cells = NEW(x->arena, struct out_list, DIAGRAMS_MAX);
	for (struct json *j = d->list.array->first; j && d->count < DIAGRAMS_MAX - 1; j = j->next)
		if (j->type == JSON_OBJECT)
			d->cells[d->count++] = out_list(x, j, S("cells"));
	if (d->count == 0)
		new_diagram(x, d);
	return !x->err->code;
}

static void put_cell(
	struct exporter *x, struct diagrams *d, const struct part *p, struct json *cell)
{
	int64_t nth = 0;

	for (const struct prop *q = p->kept; q; q = q->next)
		if (str_eq(q->key, S("x-threat-dragon.diagram")) &&
			!str_int(q->value, 0, DIAGRAMS_MAX - 1, &nth))
			nth = 0;
	while (nth >= d->count && !x->err->code)
		new_diagram(x, d);
	if (!x->err->code)
		out_push(x, &d->cells[nth], cell);
}

/* How far down the drawing that was kept goes; what is new stands below. */
static void measure(struct exporter *x, enum part_group g)
{
	for (isize i = 0; i < x->model->of[g].count && !x->err->code; i++) {
		const struct json *cell = out_kept(x, &x->model->of[g].list[i]);
		int64_t end = import_whole(json_member(json_member(cell, S("position")), S("y"))) +
			import_whole(json_member(json_member(cell, S("size")), S("height")));
		if (end > x->drawn.h && end < INT32_MAX / 2)
			x->drawn.h = (int32_t)end;
	}
}

bool dragon_build(struct exporter *x)
{
	const struct parts *of = x->model->of;
	struct threats threats;
	struct diagrams d = {0};

	x->root = out_kept(x, &x->model->whole);
	struct json *summary = out_get(x, x->root, S("summary"), JSON_OBJECT);
	struct json *detail = out_get(x, x->root, S("detail"), JSON_OBJECT);
	measure(x, PART_ZONE);
	measure(x, PART_ELEMENT);
	if (x->err->code || !layout_make(x->arena, x->err, x->model, &x->layout) ||
		!chain_threats(x, &threats) || !open_diagrams(x, detail, &d))
		return false;
	if (!json_member(x->root, S("version")))
		out_word(x, x->root, S("version"), "2.0");
	out_system(x, summary, S("title"));
	for (isize i = 0; i < of[PART_ZONE].count; i++)
		put_cell(x, &d, &of[PART_ZONE].list[i], build_zone(x, i));
	for (isize i = 0; i < of[PART_ELEMENT].count; i++)
		put_cell(x, &d, &of[PART_ELEMENT].list[i], build_element(x, &threats, i));
	for (isize i = 0; i < of[PART_FLOW].count; i++)
		put_cell(x, &d, &of[PART_FLOW].list[i], build_flow(x, &threats, i));
	/* The schema asks for these, too. */
	out_list(x, detail, S("contributors"));
	if (!json_member(detail, S("reviewer")))
		out_set(x, detail, S("reviewer"), out_new(x, JSON_STRING, S("")));
	if (!json_member(detail, S("diagramTop")))
		out_number(x, detail, S("diagramTop"), d.count);
	if (!json_member(detail, S("threatTop")))
		out_number(x, detail, S("threatTop"), of[PART_THREAT].count);
	return !x->err->code;
}

void dragon_supplement(struct exporter *x, str parts, str more)
{
	struct json *ward = out_new(x, JSON_OBJECT, S(""));

	out_text(x, ward, S("parts"), parts);
	out_text(x, ward, S("more"), more);
	out_set(x, x->root, S("ward"), ward);
}
