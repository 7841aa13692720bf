/*
 * Evaluating a template: each threat type against each flow of the drawings, as they are drawn.
 *
 * A line goes through its source, its handle and its target; drawn as a curve it is the parabola
 * through them, here as straight pieces.  It crosses a boundary where the two intersect; a line
 * that ends on a boundary does not cross it.
 */
#include "threat/microsoft/template_in.h"
#include "threat/model/build.h"
#include "threat/model/model.h"

enum { PIECES = 40, RECTANGLE = 5 };

struct dot {
	double x, y;
};

/* A line as points, and the area it covers. */
struct path {
	struct dot dots[PIECES + 1];
	int count;
	struct dot least, most;
};

/* What the template knows of one shape. */
struct typed {
	int32_t type, generic;
	str *values; /* one for each attribute that filters look at; p is NULL where nobody says */
};

/* A verdict that somebody recorded. */
struct recorded {
	str type;
	int32_t flow;
	enum threat_outcome outcome;
};

struct evaluation {
	struct arena *arena;
	struct err *err;
	const struct model *model;
	const struct tm7 *drawn;
	const struct template *template;
	struct typed *typed; /* one a shape */
	int32_t *nodes;      /* the shape of each element */
	struct recorded *recorded;
	isize recorded_count;
	const struct tm7_shape *flow, *end[FILTER_SIDES]; /* at hand */
	int32_t *crossed;                                 /* shapes that the flow crosses */
	isize crossed_count;
	int64_t work;
	struct findings *out;
	isize room;
	bool all;
};

static bool no_room(struct evaluation *v)
{
	return FAIL(v->err, ERR_LIMIT, "the model has more threats than there is memory for");
}

static bool too_much(struct evaluation *v)
{
	return FAIL(v->err, ERR_LIMIT, "this template on this model takes more than %d comparisons",
		TEMPLATE_WORK);
}

/* ---- what each shape is ---- */

/* The first value of the type or a parent; only fixed ones with `fixed`. */
static str inherited(struct evaluation *v, int32_t type, int32_t attribute, bool fixed)
{
	const struct element_type *types = v->template->types;

	for (; type != PART_NONE; type = types[type].parent)
		for (const struct type_value *one = types[type].values; one; one = one->next) {
			v->work++;
			if (one->attribute == attribute && (one->is_static || !fixed))
				return one->value;
		}
	return (str){NULL, 0};
}

static void read_values(struct evaluation *v, const struct tm7_shape *s, struct typed *out)
{
	const struct template *t = v->template;
	const struct json *properties = json_member(s->value, S("Properties"));
	struct tm7_attribute a;

	xml_each(property, properties, S("anyType"))
	{
		tm7_attribute_read(property, &a);
		int32_t n = a.name.n ? template_attribute_find(t, a.name) : PART_NONE;
		if (n != PART_NONE && a.value.p)
			out->values[n] = a.value;
	}
	for (int32_t n = 0; n < t->attribute_count; n++) {
		str fixed = inherited(v, out->type, n, true);
		if (fixed.p)
			out->values[n] = fixed;
		else if (!out->values[n].p)
			out->values[n] = inherited(v, out->type, n, false);
	}
}

static bool read_shapes(struct evaluation *v)
{
	const struct tm7 *drawn = v->drawn;
	const struct template *t = v->template;
	isize elements = v->model->of[PART_ELEMENT].count;
	isize values = drawn->count * t->attribute_count * (isize)sizeof(str);

	v->typed = arena_bulk(v->arena, drawn->count * (isize)sizeof *v->typed);
	v->nodes = arena_bulk(v->arena, (elements + 1) * (isize)sizeof *v->nodes);
	v->crossed = arena_bulk(v->arena, (drawn->count + 1) * (isize)sizeof *v->crossed);
	str *list = arena_bulk(v->arena, values + 1);
	if (!v->typed || !v->nodes || !v->crossed || !list)
		return no_room(v);
	memset(list, 0, (size_t)values);
	for (isize i = 0; i < drawn->count; i++) {
		const struct tm7_shape *s = &drawn->list[i];
		v->typed[i] = (struct typed){.type = template_type_find(t, s->type),
			.generic = template_type_find(t, s->generic),
			.values = list + i * t->attribute_count};
		read_values(v, s, &v->typed[i]);
		if (v->work > TEMPLATE_WORK)
			return too_much(v);
		if (s->kind == TM7_NODE)
			v->nodes[s->part] = (int32_t)i;
	}
	return true;
}

/* ---- lines ---- */

static struct dot dot_of(struct tm7_point p)
{
	return (struct dot){(double)p.x, (double)p.y};
}

static void add_dot(struct path *p, struct dot d)
{
	if (p->count == 0)
		p->least = p->most = d;
	p->least.x = d.x < p->least.x ? d.x : p->least.x;
	p->least.y = d.y < p->least.y ? d.y : p->least.y;
	p->most.x = d.x > p->most.x ? d.x : p->most.x;
	p->most.y = d.y > p->most.y ? d.y : p->most.y;
	p->dots[p->count++] = d;
}

/* The curve is of the second degree and passes its handle half-way. */
static void draw_line(const struct tm7_shape *s, struct path *out)
{
	struct dot a = dot_of(s->source), h = dot_of(s->handle), b = dot_of(s->target);
	struct dot pull = {2 * h.x - (a.x + b.x) / 2, 2 * h.y - (a.y + b.y) / 2};
	int pieces = s->has_handle ? PIECES : 1;

	out->count = 0;
	for (int i = 0; i <= pieces; i++) {
		double u = (double)i / pieces, w = 1 - u;
		add_dot(out,
			(struct dot){w * w * a.x + 2 * w * u * pull.x + u * u * b.x,
				w * w * a.y + 2 * w * u * pull.y + u * u * b.y});
	}
}

static void draw_box(const struct tm7_shape *s, struct path *out)
{
	struct dot a = dot_of(s->at), size = dot_of(s->size), b = {a.x + size.x, a.y + size.y};
	struct dot corners[RECTANGLE] = {a, {b.x, a.y}, b, {a.x, b.y}, a};

	out->count = 0;
	for (int i = 0; i < RECTANGLE; i++)
		add_dot(out, corners[i]);
}

/* On which side of the line from p to q the point r lies: positive, negative, 0 on it. */
static double side(struct dot p, struct dot q, struct dot r)
{
	return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
}

/* Whether piece `i` of `a` crosses the piece from r to s.  A point on the line counts to one side
   of it, so that a line through the corner of two pieces crosses once; the ends of `a` are on it
   without crossing. */
static bool piece_crosses(const struct path *a, int i, struct dot r, struct dot s)
{
	struct dot p = a->dots[i], q = a->dots[i + 1];
	double from = side(r, s, p), to = side(r, s, q);
	bool ends_on = (i == 0 && from == 0) || (i + 2 == a->count && to == 0);

	return !ends_on && (from > 0) != (to > 0) && (side(p, q, r) > 0) != (side(p, q, s) > 0);
}

static bool crosses(struct evaluation *v, const struct path *a, const struct path *b)
{
	if (a->most.x < b->least.x || b->most.x < a->least.x || a->most.y < b->least.y ||
		b->most.y < a->least.y)
		return false;
	v->work += a->count * b->count;
	for (int i = 0; i + 1 < a->count; i++)
		for (int k = 0; k + 1 < b->count; k++)
			if (piece_crosses(a, i, b->dots[k], b->dots[k + 1]))
				return true;
	return false;
}

/* Which boundaries of its drawing, shapes [first, end), the flow at hand crosses. */
static void find_crossed(struct evaluation *v, isize first, isize end)
{
	struct path line, wall;

	v->crossed_count = 0;
	draw_line(v->flow, &line);
	for (isize i = first; i < end; i++) {
		const struct tm7_shape *s = &v->drawn->list[i];
		if (s->kind == TM7_BOX)
			draw_box(s, &wall);
		else if (s->kind == TM7_WALL)
			draw_line(s, &wall);
		else
			continue;
		v->work++;
		if (crosses(v, &line, &wall))
			v->crossed[v->crossed_count++] = (int32_t)i;
	}
}

/* ---- filters ---- */

static const struct typed *typed_of(const struct evaluation *v, const struct tm7_shape *s)
{
	return &v->typed[s - v->drawn->list];
}

static bool is_of_type(
	const struct evaluation *v, const struct tm7_shape *s, const struct filter_code *c)
{
	const struct typed *t = typed_of(v, s);

	if (str_eq(c->text, S("ROOT")))
		return false;
	if (c->number == PART_NONE)
		return str_eq(s->type, c->text) || str_eq(s->generic, c->text);
	if (t->generic == c->number)
		return true;
	for (int32_t up = t->type; up != PART_NONE; up = v->template->types[up].parent)
		if (up == c->number)
			return true;
	return false;
}

static bool is_crossed(struct evaluation *v, const struct filter_code *c)
{
	v->work += v->crossed_count;
	for (isize i = 0; i < v->crossed_count; i++)
		if (is_of_type(v, &v->drawn->list[v->crossed[i]], c))
			return true;
	return false;
}

static bool filter_holds(struct evaluation *v, const struct filter *f)
{
	bool stack[TEMPLATE_CODE + 1];
	int top = 0;

	v->work += f->count;
	for (int32_t i = 0; i < f->count; i++) {
		const struct filter_code *c = &f->code[i];
		const struct tm7_shape *s = v->end[c->side];
		switch ((enum filter_op)c->op) {
		case FILTER_IS:
			stack[top++] = is_of_type(v, s, c);
			break;
		case FILTER_CROSSES:
			stack[top++] = is_crossed(v, c);
			break;
		case FILTER_VALUE:
			stack[top++] = typed_of(v, s)->values[c->number].p &&
				str_eq(typed_of(v, s)->values[c->number], c->text);
			break;
		case FILTER_AND:
			top--;
			stack[top - 1] = stack[top - 1] && stack[top];
			break;
		case FILTER_OR:
			top--;
			stack[top - 1] = stack[top - 1] || stack[top];
			break;
		case FILTER_NOT:
			stack[top - 1] = !stack[top - 1];
			break;
		}
	}
	assert(top == (f->count ? 1 : 0));
	return top && stack[0];
}

/* ---- what people recorded ---- */

static int by_threat(const void *a, const void *b)
{
	const struct recorded *x = a, *y = b;

	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	return str_cmp(x->type, y->type);
}

static bool read_recorded(struct evaluation *v)
{
	const struct parts *threats = &v->model->of[PART_THREAT];

	v->recorded = arena_bulk(v->arena, (threats->count + 1) * (isize)sizeof *v->recorded);
	if (!v->recorded)
		return no_room(v);
	for (isize i = 0; i < threats->count; i++) {
		const struct part *p = &threats->list[i];
		bool is_mitigated = part_is(p, S("status"), S("mitigated"));
		bool is_settled = is_mitigated || part_is(p, S("status"), S("not-applicable"));
		if (!is_settled || p->target == PART_NONE || p->target_group != PART_FLOW)
			continue;
		v->recorded[v->recorded_count++] = (struct recorded){part_value(p, S("ref")),
			p->target, is_mitigated ? THREAT_IS_MITIGATED : THREAT_IS_NOT_APPLICABLE};
	}
	qsort(v->recorded, (size_t)v->recorded_count, sizeof *v->recorded, by_threat);
	return true;
}

static enum threat_outcome outcome_of(const struct evaluation *v, str type)
{
	struct recorded key = {.type = type, .flow = v->flow->part};
	const struct recorded *found =
		bsearch(&key, v->recorded, (size_t)v->recorded_count, sizeof key, by_threat);

	return found ? found->outcome : THREAT_IS_OPEN;
}

/* ---- findings ---- */

static bool add_finding(struct evaluation *v, isize threat)
{
	struct findings *out = v->out;
	const struct part *flow = &v->model->of[PART_FLOW].list[v->flow->part];
	const struct rule *rule = &v->template->rules->list[threat];
	enum threat_outcome outcome = outcome_of(v, rule->name);

	out->tally[outcome]++;
	if (outcome == THREAT_IS_NOT_APPLICABLE && !v->all)
		return true;
	struct threat_finding *list =
		list_grow(v->arena, out->list, out->count, &v->room, (isize)sizeof *list);
	if (!list)
		return no_room(v);
	out->list = list;
	list[out->count++] = (struct threat_finding){.rule = rule,
		.part = flow,
		.because = flow,
		.outcome = outcome,
		.stride = rule->stride,
		.level = THREAT_WARNING,
		.handler = outcome == THREAT_IS_MITIGATED ? 0 : -1,
		.merged = 1};
	return true;
}

static bool evaluate_flow(struct evaluation *v, isize first, isize end)
{
	const struct part *flow = &v->model->of[PART_FLOW].list[v->flow->part];

	if (flow->from == PART_NONE || flow->to == PART_NONE)
		return true;
	v->end[FILTER_SOURCE] = &v->drawn->list[v->nodes[flow->from]];
	v->end[FILTER_TARGET] = &v->drawn->list[v->nodes[flow->to]];
	v->end[FILTER_FLOW] = v->flow;
	if (v->end[FILTER_SOURCE]->drawing != v->flow->drawing ||
		v->end[FILTER_TARGET]->drawing != v->flow->drawing)
		return true;
	find_crossed(v, first, end);
	for (isize i = 0; i < v->template->threat_count; i++) {
		const struct threat_type *t = &v->template->threats[i];
		if (v->work > TEMPLATE_WORK)
			return too_much(v);
		if (filter_holds(v, &t->include) && !filter_holds(v, &t->exclude) &&
			!add_finding(v, i))
			return false;
	}
	return true;
}

/* The other shapes of all drawings stand before all flows, both by drawing. */
static bool evaluate_flows(struct evaluation *v)
{
	const struct tm7_shape *list = v->drawn->list;
	isize first = 0, end = 0;

	for (isize i = 0; i < v->drawn->count; i++) {
		if (list[i].kind != TM7_FLOW)
			continue;
		while (list[first].drawing < list[i].drawing && first < i)
			first++;
		end = end < first ? first : end;
		while (end < i && list[end].kind != TM7_FLOW &&
			list[end].drawing == list[i].drawing)
			end++;
		v->flow = &list[i];
		if (!evaluate_flow(v, first, end))
			return false;
	}
	return true;
}

bool template_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct template *t, bool all, struct findings **out)
{
	struct evaluation v = {
		.arena = a, .err = e, .model = m, .drawn = m->drawn, .template = t, .all = all};

	if (!m->drawn)
		return FAIL(e, ERR_INVALID,
			"a template applies to a file of the Microsoft Threat Modeling Tool");
	v.out = NEW(a, struct findings, 1);
	v.out->model = m;
	v.out->rules = t->rules;
	if (!read_shapes(&v) || !read_recorded(&v) || !evaluate_flows(&v))
		return false;
	*out = v.out;
	return true;
}

/* ---- what no longer follows ---- */

static int by_name(const void *a, const void *b)
{
	const str *x = a, *y = b;

	return str_cmp(*x, *y);
}

bool template_stale(struct arena *a, struct err *e, const struct model *m, const struct template *t,
	bool *stale)
{
	const struct parts *threats = &m->of[PART_THREAT];
	struct findings *found;

	if (!template_evaluate(a, e, m, t, true, &found))
		return false;
	struct recorded *list = arena_bulk(a, (found->count + 1) * (isize)sizeof *list);
	str *names = arena_bulk(a, (t->threat_count + 1) * (isize)sizeof *names);
	if (!list || !names)
		return FAIL(e, ERR_LIMIT, "the model has more threats than there is memory for");
	for (isize i = 0; i < t->threat_count; i++)
		names[i] = t->threats[i].id;
	for (isize i = 0; i < found->count; i++)
		list[i] = (struct recorded){found->list[i].rule->name,
			(int32_t)(found->list[i].part - m->of[PART_FLOW].list), THREAT_IS_OPEN};
	qsort(names, (size_t)t->threat_count, sizeof *names, by_name);
	qsort(list, (size_t)found->count, sizeof *list, by_threat);
	for (isize i = 0; i < threats->count; i++) {
		const struct part *p = &threats->list[i];
		struct recorded key = {part_value(p, S("ref")), p->target, THREAT_IS_OPEN};
		stale[i] = p->target != PART_NONE && p->target_group == PART_FLOW &&
			bsearch(&key.type, names, (size_t)t->threat_count, sizeof *names,
				by_name) &&
			!bsearch(&key, list, (size_t)found->count, sizeof *list, by_threat);
	}
	return true;
}
