#include "threat/model/build.h"

static const struct {
	str word;
	enum part_group group;
} kinds[PART_KINDS] = {
	[PART_IS_ZONE] = {S_INIT("zone"), PART_ZONE},
	[PART_IS_ASSET] = {S_INIT("asset"), PART_ASSET},
	[PART_IS_ACTOR] = {S_INIT("actor"), PART_ELEMENT},
	[PART_IS_PROCESS] = {S_INIT("process"), PART_ELEMENT},
	[PART_IS_STORE] = {S_INIT("store"), PART_ELEMENT},
	[PART_IS_DEVICE] = {S_INIT("device"), PART_ELEMENT},
	[PART_IS_INTERFACE] = {S_INIT("interface"), PART_INTERFACE},
	[PART_IS_FLOW] = {S_INIT("flow"), PART_FLOW},
	[PART_IS_ASSUMPTION] = {S_INIT("assumption"), PART_ASSUMPTION},
	[PART_IS_THREAT] = {S_INIT("threat"), PART_THREAT},
	[PART_IS_MODEL] = {S_INIT("model"), PART_MODEL},
};

str part_kind_word(enum part_kind kind)
{
	assert(kind < PART_KINDS);
	return kinds[kind].word;
}

bool part_kind_parse(str word, enum part_kind *out)
{
	for (int k = 0; k < PART_IS_MODEL; k++)
		if (str_eq(word, kinds[k].word)) {
			*out = (enum part_kind)k;
			return true;
		}
	return false;
}

enum part_group part_group_of(enum part_kind kind)
{
	assert(kind < PART_KINDS);
	return kinds[kind].group;
}

str part_title(const struct part *p)
{
	return p->name.n ? p->name : p->id;
}

str part_value(const struct part *p, str key)
{
	for (const struct prop *q = p->props; q; q = q->next)
		if (str_eq(q->key, key))
			return q->value;
	return S("");
}

bool part_is(const struct part *p, str key, str value)
{
	for (const struct prop *q = p->props; q; q = q->next)
		if (str_eq(q->key, key) && str_eq(q->value, value))
			return true;
	return false;
}

int32_t model_find(const struct model *m, enum part_group group, str id)
{
	for (isize i = 0; i < m->of[group].count; i++)
		if (str_eq(m->of[group].list[i].id, id))
			return (int32_t)i;
	return PART_NONE;
}

bool exposure_parse(str word, int8_t *out)
{
	static const str words[] = {
		S_INIT("own"), S_INIT("low"), S_INIT("medium"), S_INIT("high"), S_INIT("anyone")};

	for (int i = 0; i < 5; i++)
		if (str_eq(word, words[i]) || (word.n == 1 && word.p[0] == '1' + i)) {
			*out = (int8_t)(i + 1);
			return true;
		}
	return false;
}

bool level_parse(str word, int8_t *out)
{
	static const str words[] = {
		S_INIT("low"), S_INIT("medium"), S_INIT("high"), S_INIT("very-high")};

	for (int i = 0; i < 4; i++)
		if (str_eq(word, words[i]) || (word.n == 1 && word.p[0] == '1' + i)) {
			*out = (int8_t)(i + 1);
			return true;
		}
	return false;
}

struct model *model_new(struct arena *a, str file, enum model_format format)
{
	struct model *m = NEW(a, struct model, 1);

	m->file = file;
	m->format = format;
	m->whole = (struct part){.kind = PART_KINDS, .zone = PART_NONE};
	return m;
}

static bool no_room(struct err *e)
{
	return FAIL(e, ERR_LIMIT, "the model needs more memory than this program gives it");
}

struct part *model_add(struct arena *a, struct err *e, struct model *m, enum part_kind kind, str id,
	str name, struct file_place at)
{
	struct parts *parts = &m->of[part_group_of(kind)];

	if (parts->count == LIMIT_MODEL_ELEMENTS) {
		FAIL(e, ERR_LIMIT, "line %d: a model holds at most %d of the kind %.*s", at.line,
			LIMIT_MODEL_ELEMENTS, STR_ARG(part_kind_word(kind)));
		return NULL;
	}
	struct part *list =
		list_grow(a, parts->list, parts->count, &parts->room, (isize)sizeof *list);
	if (!list) {
		no_room(e);
		return NULL;
	}
	parts->list = list;
	struct part *p = &list[parts->count++];
	*p = (struct part){.kind = kind,
		.id = id,
		.name = name,
		.at = at,
		.zone = PART_NONE,
		.from = PART_NONE,
		.to = PART_NONE,
		.target = PART_NONE};
	return p;
}

bool part_add(
	struct arena *a, struct err *e, struct part *p, str key, str value, struct file_place at)
{
	struct prop *q = arena_bulk(a, (isize)sizeof *q);
	bool is_kept = str_starts(key, S("x-"));
	struct prop **first = is_kept ? &p->kept : &p->props;
	struct prop **last = is_kept ? &p->last_kept : &p->last;
	isize count = 0;

	assert(key.n && value.n);
	if (!q)
		return no_room(e);
	for (const struct prop *other = *first; other; other = other->next)
		if (++count == MODEL_PROPS)
			return FAIL(e, ERR_LIMIT, "line %d: one line holds at most %d values",
				at.line, MODEL_PROPS);
	*q = (struct prop){.key = key, .value = value, .at = at};
	if (*last)
		(*last)->next = q;
	else
		*first = q;
	*last = q;
	return true;
}

bool model_lose(
	struct arena *a, struct err *e, struct model *m, struct file_place at, str path, str what)
{
	struct model_loss *loss = arena_bulk(a, (isize)sizeof *loss);

	if (!loss)
		return no_room(e);
	*loss = (struct model_loss){.at = at, .path = path, .what = what};
	if (m->last_loss)
		m->last_loss->next = loss;
	else
		m->losses = loss;
	m->last_loss = loss;
	m->loss_count++;
	return true;
}

str name_clean(struct arena *a, str s)
{
	char *p = NULL;

	s = str_trim(s);
	for (isize i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f)
			continue;
		if (!p) {
			p = arena_bulk(a, s.n);
			if (!p)
				return S("");
			memcpy(p, s.p, (size_t)s.n);
		}
		p[i] = ' ';
	}
	return p ? str_trim((str){p, s.n}) : s;
}

/* ---- finding parts by id: sorted, because a stranger chooses the ids and a hash of ours could be
   made to collide ---- */

static int id_order(const struct part_index *x, int32_t a, int32_t b)
{
	int order = str_cmp(x->parts[a].id, x->parts[b].id);

	return order ? order : (a > b) - (a < b);
}

/* Merges the runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge_runs(const struct part_index *x, const int32_t *in, int32_t *out, isize from,
	isize middle, isize to)
{
	isize left = from, right = middle;

	for (isize i = from; i < to; i++) {
		bool take_left =
			left < middle && (right >= to || id_order(x, in[left], in[right]) <= 0);
		out[i] = take_left ? in[left++] : in[right++];
	}
}

bool part_index_make(
	struct arena *a, struct err *e, const struct parts *parts, struct part_index *x)
{
	isize n = parts->count;
	int32_t *in = arena_bulk(a, (n + 1) * (isize)sizeof *in);
	int32_t *out = arena_bulk(a, (n + 1) * (isize)sizeof *out);

	if (!in || !out)
		return no_room(e);
	*x = (struct part_index){.parts = parts->list, .count = n};
	for (isize i = 0; i < n; i++)
		in[i] = (int32_t)i;
	for (isize run = 1; run < n; run *= 2) {
		for (isize from = 0; from < n; from += 2 * run) {
			isize middle = from + run < n ? from + run : n;
			isize to = middle + run < n ? middle + run : n;
			merge_runs(x, in, out, from, middle, to);
		}
		int32_t *swap = in;
		in = out;
		out = swap;
	}
	x->order = in;
	return true;
}

int32_t part_index_find(const struct part_index *x, str id)
{
	isize low = 0, high = x->count;

	while (low < high) {
		isize middle = low + (high - low) / 2;
		int order = str_cmp(x->parts[x->order[middle]].id, id);
		if (order == 0)
			return x->order[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return PART_NONE;
}

bool model_number(struct arena *a, struct err *e, struct parts *parts, bool made)
{
	struct part_index x;
	isize nth = 0;

	if (!part_index_make(a, e, parts, &x))
		return false;
	str before = S("");
	for (isize i = 0; i < x.count; i++) {
		struct part *p = &parts->list[x.order[i]];
		if (i == 0 || !str_eq(p->id, before))
			nth = 0;
		before = nth == 0 ? p->id : before;
		if (made && !p->made_id)
			continue;
		if (++nth == 1)
			continue;
		if (arena_room(a) < p->id.n + LIMIT_REF)
			return no_room(e);
		p->id = str_fmt(a, "%.*s~%td", STR_ARG(p->id), nth);
	}
	return true;
}

static bool ids_are_unique(struct err *e, const struct part_index *x)
{
	for (isize i = 1; i < x->count; i++) {
		const struct part *one = &x->parts[x->order[i - 1]], *two = &x->parts[x->order[i]];
		if (str_eq(one->id, two->id))
			return err_at(e, two->at.line, two->at.column,
				"the id %.*s is taken already, on line %d", STR_ARG(two->id),
				one->at.line);
	}
	return true;
}

/* ---- resolving ---- */

struct resolver {
	struct arena *arena;
	struct err *err;
	struct model *model;
	struct part_index of[PART_GROUPS];
};

static bool not_there(struct resolver *r, const struct prop *q, const char *what)
{
	return err_at(
		r->err, q->at.line, q->at.column, "there is no %s %.*s", what, STR_ARG(q->value));
}

/* The index that `q` names; "?" is unknown and fine. */
static bool resolve(struct resolver *r, const struct prop *q, enum part_group group,
	const char *what, int32_t *out)
{
	*out = PART_NONE;
	if (str_eq(q->value, S("?")))
		return true;
	*out = part_index_find(&r->of[group], q->value);
	return *out != PART_NONE || not_there(r, q, what);
}

/* The values of `key` as indices in `group`, into p->refs.  "none" says that there are none; zones
   may stand where elements are asked for and are left out. */
static bool resolve_list(struct resolver *r, struct part *p, str key, enum part_group group)
{
	isize count = 0;

	for (const struct prop *q = p->props; q; q = q->next)
		count += str_eq(q->key, key);
	if (count == 0)
		return true;
	p->refs = arena_bulk(r->arena, count * (isize)sizeof *p->refs);
	if (!p->refs)
		return no_room(r->err);
	p->refs_known = true;
	for (const struct prop *q = p->props; q; q = q->next) {
		if (!str_eq(q->key, key))
			continue;
		if (str_eq(q->value, S("?"))) {
			p->refs_known = false;
			continue;
		}
		if (str_eq(q->value, S("none")))
			continue;
		int32_t found = part_index_find(&r->of[group], q->value);
		if (found != PART_NONE)
			p->refs[p->ref_count++] = found;
		else if (group != PART_ELEMENT ||
			part_index_find(&r->of[PART_ZONE], q->value) == PART_NONE)
			return not_there(r, q, group == PART_ELEMENT ? "element or zone" : "asset");
	}
	return true;
}

static bool resolve_levels(struct resolver *r, struct part *p)
{
	static const str keys[] = {S_INIT("c"), S_INIT("i"), S_INIT("a"), S_INIT("s")};

	for (const struct prop *q = p->props; q; q = q->next)
		for (int k = 0; k < COUNT_OF(keys); k++)
			if (str_eq(q->key, keys[k]) && !str_eq(q->value, S("?")) &&
				!level_parse(q->value, &p->level[k]))
				return err_at(r->err, q->at.line, q->at.column,
					"%.*s is not low, medium, high or very-high (1 to 4)",
					STR_ARG(q->value));
	return true;
}

static bool resolve_zone(struct resolver *r, struct part *p)
{
	for (const struct prop *q = p->props; q; q = q->next) {
		if (str_eq(q->key, S("in")) && !resolve(r, q, PART_ZONE, "zone", &p->zone))
			return false;
		if (str_eq(q->key, S("exposure")) && !str_eq(q->value, S("?")) &&
			!exposure_parse(q->value, &p->exposure))
			return err_at(r->err, q->at.line, q->at.column,
				"%.*s is not an exposure: 1 (ours alone) to 5 (anyone)",
				STR_ARG(q->value));
	}
	p->is_line = part_is(p, S("shape"), S("line"));
	return true;
}

static bool resolve_flow(struct resolver *r, struct part *p)
{
	const struct part *zones = r->model->of[PART_ZONE].list;
	int32_t zone;

	for (const struct prop *q = p->props; q; q = q->next) {
		if (str_eq(q->key, S("from")) && !resolve(r, q, PART_ELEMENT, "element", &p->from))
			return false;
		if (str_eq(q->key, S("to")) && !resolve(r, q, PART_ELEMENT, "element", &p->to))
			return false;
		if (!str_eq(q->key, S("via")))
			continue;
		p->detours = true;
		if (!resolve(r, q, PART_ZONE, "zone", &zone))
			return false;
		for (; zone != PART_NONE; zone = zones[zone].zone)
			if (zones[zone].exposure) {
				p->exposure = zones[zone].exposure > p->exposure
					? zones[zone].exposure
					: p->exposure;
				break;
			}
	}
	p->both_ways = part_is(p, S("both-ways"), S("yes"));
	return resolve_list(r, p, S("carries"), PART_ASSET);
}

static bool resolve_threat(struct resolver *r, struct part *p)
{
	static const enum part_group order[] = {
		PART_ELEMENT, PART_FLOW, PART_INTERFACE, PART_ASSET, PART_ZONE};

	for (const struct prop *q = p->props; q; q = q->next) {
		if (!str_eq(q->key, S("at")) || str_eq(q->value, S("?")) || p->target != PART_NONE)
			continue;
		for (int i = 0; i < COUNT_OF(order) && p->target == PART_NONE; i++) {
			p->target = part_index_find(&r->of[order[i]], q->value);
			p->target_group = order[i];
		}
		if (p->target == PART_NONE)
			return not_there(r, q, "element, flow, interface, asset or zone");
	}
	return true;
}

static bool resolve_element(struct resolver *r, struct part *p)
{
	for (const struct prop *q = p->props; q; q = q->next) {
		if (str_eq(q->key, S("in")) && !resolve(r, q, PART_ZONE, "zone", &p->zone))
			return false;
		if (str_eq(q->key, S("part-of")) &&
			!resolve(r, q, PART_ELEMENT, "element", &p->from))
			return false;
	}
	return true;
}

static bool resolve_interface(struct resolver *r, struct part *p)
{
	for (const struct prop *q = p->props; q; q = q->next)
		if (str_eq(q->key, S("of")) && !resolve(r, q, PART_ELEMENT, "element", &p->from))
			return false;
	if (p->from != PART_NONE)
		p->zone = r->model->of[PART_ELEMENT].list[p->from].zone;
	return true;
}

static bool resolve_part(struct resolver *r, struct part *p)
{
	switch (part_group_of(p->kind)) {
	case PART_ZONE:
		return resolve_zone(r, p);
	case PART_ASSET:
		return resolve_levels(r, p) && resolve_list(r, p, S("at"), PART_ELEMENT);
	case PART_ELEMENT:
		return resolve_element(r, p);
	case PART_INTERFACE:
		return resolve_interface(r, p);
	case PART_FLOW:
		return resolve_flow(r, p);
	case PART_THREAT:
		return resolve_threat(r, p);
	case PART_ASSUMPTION:
	case PART_MODEL:
	case PART_GROUPS:
		break;
	}
	return true;
}

/* What a zone lies in, and what an element is part of. */
static int32_t part_around(const struct part *p)
{
	return p->kind == PART_IS_ZONE ? p->zone : p->from;
}

/* A zone or an element that contains itself, or lies deeper than MODEL_DEPTH. */
static bool nesting_ends(struct resolver *r, const struct parts *parts)
{
	for (isize i = 0; i < parts->count; i++) {
		const struct part *p = &parts->list[i];
		str word = p->kind == PART_IS_ZONE ? S("zone") : S("element");
		int depth = 0;
		for (int32_t up = part_around(p); up != PART_NONE;
			up = part_around(&parts->list[up])) {
			if (up == (int32_t)i)
				return err_at(r->err, p->at.line, p->at.column,
					"the %.*s %.*s lies inside itself", STR_ARG(word),
					STR_ARG(p->id));
			if (++depth > MODEL_DEPTH)
				return err_at(r->err, p->at.line, p->at.column,
					"the %.*s %.*s lies more than %d %.*ss deep", STR_ARG(word),
					STR_ARG(p->id), MODEL_DEPTH, STR_ARG(word));
		}
	}
	return true;
}

bool model_finish(struct arena *a, struct err *e, struct model *m)
{
	struct resolver r = {.arena = a, .err = e, .model = m};

	for (int g = 0; g < PART_GROUPS; g++)
		if (!part_index_make(a, e, &m->of[g], &r.of[g]) || !ids_are_unique(e, &r.of[g]))
			return false;
	for (int g = 0; g < PART_GROUPS; g++) {
		for (isize i = 0; i < m->of[g].count; i++)
			if (!resolve_part(&r, &m->of[g].list[i]))
				return false;
		if ((g == PART_ZONE || g == PART_ELEMENT) && !nesting_ends(&r, &m->of[g]))
			return false;
	}
	return true;
}
