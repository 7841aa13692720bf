/* A model from a file becomes records: everything or nothing, in one transaction. */
#include "base/json.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"
#include "threat/model/build.h"
#include "threat/rules/rules.h"

enum {
	PLACES_MAX = 2000,    /* of a view */
	PLACE_REACH = 100000, /* as far as they may lie, in pixels */
	PLACE_BELOW = 300     /* from an element to the drawing below it */
};

struct writing {
	struct call *call;
	const struct model *model;
	str source, product, holder; /* the threat model that holds them, or "" */
	struct part_index of[PART_GROUPS];
	str *refs[PART_GROUPS]; /* of what is written already */
	isize count;
	isize places_taken; /* in the view of the diagram */
	int64_t below;      /* where there is room in it */
};

/* A record on its way, and the notes for what it has no field for. */
struct draft {
	struct writing *w;
	const struct part *part;
	struct rec *rec;
	struct buf notes;
};

/* ---- one record ---- */

static void note(struct draft *d, str key, str value)
{
	if (d->notes.n)
		buf_char(&d->notes, '\n');
	buf_fmt(&d->notes, "%.*s: %.*s\n", STR_ARG(key), STR_ARG(value));
}

/* Whether `value` fits a field of one line. */
static bool fits(const struct field *f, str value)
{
	return f->type == FIELD_PROSE
		? utf8_is_text(value)
		: utf8_count(value) <= f->max && utf8_is_text(value) && str_index(value, '\n') < 0;
}

/* Sets a field, or notes a value that it does not hold. */
static bool set(struct draft *d, const char *field, str value)
{
	const struct field *f = kind_field(d->rec->kind, str_of(field));

	assert(f);
	if (value.n == 0 || str_eq(value, S("?")))
		return true;
	if ((f->type == FIELD_TEXT || f->type == FIELD_PROSE) && !fits(f, value)) {
		note(d, str_of(field), name_clean(d->w->call->arena, value));
		return true;
	}
	return kind_set(d->w->call, d->rec, f, value);
}

static bool begin(struct writing *w, const char *kind, const struct part *p, struct draft *d)
{
	enum { TITLE = 300 };
	struct call *c = w->call;
	const struct kind *k = kind_by_name(str_of(kind));
	str title = p ? part_title(p) : w->model->name, id = p ? p->id : S("");

	assert(k);
	if (arena_room(c->arena) < 4 * LIMIT_PROSE)
		return FAIL(&c->err, ERR_LIMIT, "the model needs more memory than there is");
	*d = (struct draft){.w = w, .part = p, .rec = kind_new(c->arena, k)};
	buf_init(&d->notes, c->arena, LIMIT_PROSE);
	d->rec->title = utf8_head(title.n ? title : S("Threat model"), TITLE);
	if (d->rec->title.n < title.n)
		note(d, S("title"), title);
	d->rec->product = w->product;
	str source =
		str_fmt(c->arena, "%.*s%s%.*s", STR_ARG(w->source), id.n ? " " : "", STR_ARG(id));
	if (!set(d, "origin", S("imported")) || !set(d, "origin_source", source))
		return false;
	return !kind_field(k, S("model")) || set(d, "model", w->holder);
}

static bool finish(struct draft *d)
{
	struct call *c = d->w->call;

	if (d->notes.full)
		return FAIL(&c->err, ERR_LIMIT, "%.*s says more than a record holds",
			STR_ARG(d->rec->title));
	d->rec->body = str_trim(buf_str(&d->notes));
	if (!kind_put(c, d->rec, str_fmt(c->arena, "%.*s.create", STR_ARG(d->rec->kind->name))))
		return false;
	d->w->count++;
	if (d->part) {
		enum part_group g = part_group_of(d->part->kind);
		d->w->refs[g][d->part - d->w->model->of[g].list] = d->rec->ref;
	}
	return true;
}

static str ref_of(const struct writing *w, enum part_group g, int32_t index)
{
	return index == PART_NONE ? S("") : w->refs[g][index];
}

/* The values of a property with commas between them. */
static str joined(struct draft *d, const char *key)
{
	struct buf b;

	buf_init(&b, d->w->call->arena, LIMIT_PROSE);
	for (const struct prop *q = d->part->props; q; q = q->next) {
		if (!str_eq(q->key, str_of(key)) || str_eq(q->value, S("?")))
			continue;
		if (b.n)
			buf_add(&b, S(", "));
		buf_add(&b, q->value);
	}
	return buf_str(&b);
}

static bool is_among(str key, const char *words)
{
	str list = str_of(words);

	for (str word = str_word(&list); word.n; word = str_word(&list))
		if (str_eq(word, key))
			return true;
	return false;
}

/* What a record says for a value: the zone that a flow passes through has a reference there. */
static str record_word(const struct draft *d, const struct prop *q)
{
	if (d->part->kind != PART_IS_FLOW || !str_eq(q->key, S("via")))
		return q->value;
	return ref_of(d->w, PART_ZONE, model_find(d->w->model, PART_ZONE, q->value));
}

/* All properties but those that have a field or a link go into the table of properties, from which
   the model is made again; what is too long for it goes into the notes. */
static bool set_properties(struct draft *d, const char *elsewhere)
{
	const struct field *f = kind_field(d->rec->kind, S("property"));
	struct buf b;
	bool first = true;

	buf_init(&b, d->w->call->arena, LIMIT_RECORD_BYTES);
	buf_char(&b, '[');
	for (const struct prop *q = d->part->props; q; q = q->next) {
		if (is_among(q->key, elsewhere) || str_eq(q->value, S("?")))
			continue;
		str value = record_word(d, q);
		if (!f || !fits(&f->col[0], q->key) || !fits(&f->col[1], value)) {
			note(d, q->key, q->value);
			continue;
		}
		bool start = true;
		buf_add(&b, first ? S("{") : S(",{"));
		first = false;
		json_put_key(&b, &start, f->col[0].name);
		json_put_string(&b, q->key);
		json_put_key(&b, &start, f->col[1].name);
		json_put_string(&b, value);
		buf_char(&b, '}');
	}
	buf_char(&b, ']');
	return first || (!b.full && kind_set(d->w->call, d->rec, f, buf_str(&b)));
}

/* ---- the kinds ---- */

static bool put_holder(struct writing *w, str product)
{
	struct draft d;
	void *found;

	if (!product.n)
		return true;
	if (!kind_get(w->call, kind_by_name(S("product")), product, &found))
		return false;
	w->product = product;
	if (!begin(w, "threat_model", NULL, &d) || !set(&d, "product", product) ||
		!set(&d, "file", w->model->file) || !finish(&d))
		return false;
	w->holder = d.rec->ref;
	return true;
}

/* An exposure that nobody stated is taken as the worst, and the record says so. */
static bool put_zone(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_ZONE].list[i];
	struct draft d;

	if (w->refs[PART_ZONE][i].n)
		return true;
	if (p->zone != PART_NONE && !put_zone(w, p->zone))
		return false;
	if (!begin(w, "zone", p, &d) ||
		!set(&d, "exposure",
			p->exposure ? str_fmt(w->call->arena, "%d", p->exposure) : S("5")) ||
		!set(&d, "controller", part_value(p, S("controlled-by"))) ||
		!set(&d, "parent", ref_of(w, PART_ZONE, p->zone)))
		return false;
	if (!p->exposure &&
		!set(&d, "assumption",
			S("The imported model states no exposure; the worst is assumed.")))
		return false;
	return set_properties(&d, "exposure controlled-by in") && finish(&d);
}

static bool put_element(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_ELEMENT].list[i];
	struct draft d;

	if (w->refs[PART_ELEMENT][i].n)
		return true;
	if (p->from != PART_NONE && !put_element(w, p->from))
		return false;
	return begin(w, "element", p, &d) && set(&d, "type", part_kind_word(p->kind)) &&
		set(&d, "zone", ref_of(w, PART_ZONE, p->zone)) &&
		set(&d, "parent", ref_of(w, PART_ELEMENT, p->from)) &&
		set(&d, "technology", joined(&d, "technology")) &&
		set(&d, "out_of_scope",
			part_is(p, S("out-of-scope"), S("yes")) ? S("yes") : S("")) &&
		set(&d, "external_id", p->id) && set_properties(&d, "in part-of technology") &&
		finish(&d);
}

static bool put_interface(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_INTERFACE].list[i];
	struct draft d;
	str direction = part_value(p, S("direction"));

	if (p->from == PART_NONE)
		return err_at(&w->call->err, p->at.line, p->at.column,
			"nobody says of which element %.*s is an interface", STR_ARG(p->id));
	return begin(w, "interface", p, &d) &&
		set(&d, "element", ref_of(w, PART_ELEMENT, p->from)) &&
		set(&d, "port", joined(&d, "port")) && set(&d, "shipped", joined(&d, "state")) &&
		set(&d, "direction", is_among(direction, "in out both") ? direction : S("")) &&
		set_properties(&d, "of port state direction") && finish(&d);
}

static bool put_asset(struct writing *w, isize i)
{
	static const str kinds_of_data[][2] = {{S_INIT("health-data"), S_INIT("health")},
		{S_INIT("personal-data"), S_INIT("personal")},
		{S_INIT("safety-data"), S_INIT("safety")},
		{S_INIT("safety-function"), S_INIT("safety_function")},
		{S_INIT("secret"), S_INIT("secret")}, {S_INIT("log"), S_INIT("log")},
		{S_INIT("code"), S_INIT("code")},
		{S_INIT("configuration"), S_INIT("configuration")},
		{S_INIT("intellectual-property"), S_INIT("intellectual")},
		{S_INIT("business"), S_INIT("business")}};
	static const char *const sides[] = {"confidentiality", "integrity", "availability"};
	static const str levels[] = {
		S_INIT(""), S_INIT("low"), S_INIT("medium"), S_INIT("high"), S_INIT("very_high")};
	const struct part *p = &w->model->of[PART_ASSET].list[i];
	str class = part_value(p, S("class"));
	struct draft d;

	if (!begin(w, "asset", p, &d) ||
		!set(&d, "type", str_eq(class, S("code")) ? S("software") : S("information")))
		return false;
	for (int k = 0; k < COUNT_OF(kinds_of_data); k++)
		if (str_eq(class, kinds_of_data[k][0]) &&
			!set(&d, "data_kind", kinds_of_data[k][1]))
			return false;
	for (int k = 0; k < 3; k++)
		if (!set(&d, sides[k], levels[p->level[k]]))
			return false;
	return set(&d, "description", part_value(p, S("description"))) &&
		set_properties(&d, "c i a at description") && finish(&d);
}

static bool set_protection(struct draft *d)
{
	static const char *const fields[] = {"protocol", "port", "authentication", "encryption"};

	for (int i = 0; i < COUNT_OF(fields); i++)
		if (!set(d, fields[i], joined(d, fields[i])))
			return false;
	return true;
}

static bool put_flow(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_FLOW].list[i];
	str content = part_value(p, S("content"));
	struct draft d;

	if (p->from == PART_NONE || p->to == PART_NONE)
		return err_at(&w->call->err, p->at.line, p->at.column,
			"the flow %.*s has an end that nobody knows; a record needs both",
			STR_ARG(part_title(p)));
	return begin(w, "flow", p, &d) && set(&d, "from", ref_of(w, PART_ELEMENT, p->from)) &&
		set(&d, "to", ref_of(w, PART_ELEMENT, p->to)) &&
		set(&d, "both_ways", p->both_ways ? S("yes") : S("")) &&
		set(&d, "content", is_among(content, "data command code") ? content : S("")) &&
		set_protection(&d) && set(&d, "external_id", p->id) &&
		set_properties(&d, "from to carries port") && finish(&d);
}

static bool put_assumption(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_ASSUMPTION].list[i];
	struct draft d;

	return begin(w, "assumption", p, &d) && set(&d, "if_fails", part_value(p, S("fails"))) &&
		set_properties(&d, "fails") && finish(&d);
}

/* "Information disclosure" is information-disclosure; an unknown word makes it a matter of the
   model's own tidiness, and the notes keep the word. */
static str category(struct draft *d)
{
	struct arena *a = d->w->call->arena;
	str given = part_value(d->part, S("stride")), word = S("");
	enum threat_class class;

	if (given.n && given.n < LIMIT_REF) {
		char *p = NEW(a, char, given.n + 1);
		for (isize i = 0; i < given.n; i++)
			p[i] = given.p[i] == ' ' ? '-' : given.p[i];
		word = str_lower(a, (str){p, given.n});
	}
	if (stride_parse(word, &class))
		return stride_word(class);
	note(d, S("category"), given.n ? given : S("not stated"));
	return S("hygiene");
}

static bool put_threat(struct writing *w, isize i)
{
	const struct part *p = &w->model->of[PART_THREAT].list[i];
	struct draft d;

	return begin(w, "threat", p, &d) && set(&d, "category", category(&d)) &&
		set(&d, "scenario", part_value(p, S("description"))) &&
		set_properties(&d, "at stride description") && finish(&d);
}

/* ---- links ---- */

/* A link for every value of `key`, to whichever of the groups has it. */
static bool link_values(struct writing *w, const struct part *p, str from, const char *key,
	const char *type, const enum part_group *groups, int group_count)
{
	for (const struct prop *q = p->props; q; q = q->next) {
		int32_t at = PART_NONE;
		int g = 0;
		if (!str_eq(q->key, str_of(key)))
			continue;
		for (; g < group_count && at == PART_NONE; g++)
			at = part_index_find(&w->of[groups[g]], q->value);
		if (at != PART_NONE &&
			!link_add(w->call, from, str_of(type), ref_of(w, groups[g - 1], at), S("")))
			return false;
	}
	return true;
}

static bool put_links(struct writing *w)
{
	static const enum part_group anywhere[] = {
		PART_ELEMENT, PART_FLOW, PART_INTERFACE, PART_ASSET, PART_ZONE};
	static const enum part_group places[] = {PART_ELEMENT, PART_ZONE}, assets[] = {PART_ASSET};
	static const struct {
		enum part_group group;
		const char *key, *type;
		const enum part_group *to;
		int to_count;
	} links[] = {{PART_ASSET, "at", "resides_in", places, 2},
		{PART_FLOW, "carries", "carries", assets, 1},
		{PART_THREAT, "at", "targets", anywhere, COUNT_OF(anywhere)}};

	for (int k = 0; k < COUNT_OF(links); k++) {
		const struct parts *parts = &w->model->of[links[k].group];
		for (isize i = 0; i < parts->count; i++)
			if (!link_values(w, &parts->list[i], w->refs[links[k].group][i],
				    links[k].key, links[k].type, links[k].to, links[k].to_count))
				return false;
	}
	return true;
}

/* ---- places ---- */

/* Where the drawing of these elements may begin in the diagram; false when it may not, because
   elements that nobody placed are drawn by our own layout, which a place would end. */
static bool find_room(struct writing *w, bool *out)
{
	const struct kind *element = kind_by_name(S("element"));
	struct query q = {.limit = 1};
	const struct view *view;
	struct list found;

	if (!diagram_view(w->call, &view) || !kind_list(w->call, element, &q, &found))
		return false;
	for (isize i = 0; view && i < view->place.count; i++) {
		const struct view_place *at = &view->place.item[i];
		int64_t end = at->y + (at->h == INT_NONE ? 0 : at->h) + PLACE_BELOW;
		w->below = end > w->below ? end : w->below;
	}
	w->places_taken = view ? view->place.count : 0;
	*out = w->places_taken > 0 || found.count == 0;
	return true;
}

static bool put_places(struct writing *w)
{
	static const enum part_group groups[] = {PART_ZONE, PART_ELEMENT};
	const struct parts *of = w->model->of;
	isize room = of[PART_ZONE].count + of[PART_ELEMENT].count, count = 0;

	if (room + w->places_taken > PLACES_MAX)
		return true;
	struct view_place *list = NEW(w->call->arena, struct view_place, room + 1);
	for (int g = 0; g < COUNT_OF(groups); g++)
		for (isize i = 0; i < of[groups[g]].count; i++) {
			const struct part *p = &of[groups[g]].list[i];
			bool is_zone = groups[g] == PART_ZONE;
			if (!p->is_placed)
				continue;
			if (p->y + w->below > PLACE_REACH)
				return true;
			list[count++] = (struct view_place){.part = w->refs[groups[g]][i],
				.x = p->x,
				.y = p->y + w->below,
				.w = is_zone ? p->w : INT_NONE,
				.h = is_zone ? p->h : INT_NONE};
		}
	return count == 0 || diagram_place(w->call, list, count);
}

/* ---- the whole ---- */

/* The first reference to nothing, as an error. */
static bool is_complete(struct call *c, const struct model *m)
{
	for (const struct model_loss *l = m->losses; l; l = l->next)
		if (l->is_missing)
			return err_at(&c->err, l->at.line, l->at.column, "%.*s%s%.*s",
				STR_ARG(l->path), l->path.n ? ": " : "", STR_ARG(l->what));
	return true;
}

/* The same file a second time would double everything. */
static bool is_new(struct writing *w)
{
	static const struct {
		enum part_group group;
		const char *kind;
	} kinds_of[] = {{PART_ZONE, "zone"}, {PART_ELEMENT, "element"}, {PART_ASSET, "asset"},
		{PART_THREAT, "threat"}};

	for (int k = 0; k < COUNT_OF(kinds_of); k++) {
		const struct kind *kind = kind_by_name(str_of(kinds_of[k].kind));
		const struct parts *parts = &w->model->of[kinds_of[k].group];
		if (parts->count == 0)
			continue;
		struct query q = {.filter_count = 1, .limit = 1};
		struct list found;
		q.filter[0] = (struct filter){.field = kind_field(kind, S("origin_source")),
			.value = str_fmt(w->call->arena, "%.*s %.*s", STR_ARG(w->source),
				STR_ARG(parts->list[0].id))};
		if (!kind_list(w->call, kind, &q, &found))
			return false;
		if (found.count)
			return FAIL(&w->call->err, ERR_CONFLICT,
				"this file was imported before: %.*s is of it",
				STR_ARG(((const struct rec *)found.item[0])->ref));
	}
	return true;
}

static bool prepare(struct writing *w)
{
	struct call *c = w->call;

	for (int g = 0; g < PART_GROUPS; g++) {
		isize n = w->model->of[g].count + 1;
		w->refs[g] = arena_bulk(c->arena, n * (isize)sizeof **w->refs);
		if (!w->refs[g])
			return FAIL(
				&c->err, ERR_LIMIT, "the model needs more memory than there is");
		memset(w->refs[g], 0, (size_t)n * sizeof **w->refs);
		if (!part_index_make(c->arena, &c->err, &w->model->of[g], &w->of[g]))
			return false;
	}
	return true;
}

static bool put_all(struct writing *w)
{
	static const struct {
		enum part_group group;
		bool (*put)(struct writing *w, isize i);
	} rest[] = {{PART_INTERFACE, put_interface}, {PART_ASSET, put_asset}, {PART_FLOW, put_flow},
		{PART_ASSUMPTION, put_assumption}, {PART_THREAT, put_threat}};

	for (isize i = 0; i < w->model->of[PART_ZONE].count; i++)
		if (!put_zone(w, i))
			return false;
	for (isize i = 0; i < w->model->of[PART_ELEMENT].count; i++)
		if (!put_element(w, i))
			return false;
	for (int k = 0; k < COUNT_OF(rest); k++)
		for (isize i = 0; i < w->model->of[rest[k].group].count; i++)
			if (!rest[k].put(w, i))
				return false;
	return put_links(w);
}

bool records_from_model(
	struct call *c, const struct model *m, str source, str product, isize *count)
{
	struct writing w = {.call = c, .model = m, .source = source};
	bool has_room;

	if (!is_complete(c, m) || !prepare(&w) || !is_new(&w) || !find_room(&w, &has_room) ||
		!put_holder(&w, product) || !put_all(&w) || (has_room && !put_places(&w)))
		return false;
	*count = w.count;
	return true;
}
