/*
 * Reading a template, in both spellings: a .tb7 file says ID and ParentElement, the template in a
 * .tm7 file Id and ParentId, and lists of texts have items called Value or string.
 */
#include "threat/microsoft/template_in.h"
#include "threat/model/build.h"

enum { TEMPLATE_CATEGORIES = 200 }; /* those behind them are called by their ids */

struct template_reader {
	struct arena *arena;
	struct err *err;
	str bytes; /* of the file */
	struct template *out;
	const struct json *base; /* KnowledgeBase */
	struct filter_reader *filters;
};

static bool no_room(struct template_reader *r)
{
	return FAIL(r->err, ERR_LIMIT, "the template needs more memory than it is given");
}

static bool bad_at(struct template_reader *r, const struct json *j, str what)
{
	int64_t line, column;

	json_place(r->bytes, j->from, &line, &column);
	return err_at(r->err, line, column, "%.*s", STR_ARG(what));
}

/* A sentence about a thing with a name that a stranger chose. */
static bool bad_named(struct template_reader *r, const struct json *j, const char *what, str name)
{
	char text[300];

	snprintf(text, sizeof text, "%s %.*s", what, STR_ARG(utf8_head(name, 60)));
	return bad_at(r, j, str_of(text));
}

static str either(const struct json *j, str one, str two)
{
	str text = str_trim(xml_child(j, one));

	return text.n ? text : str_trim(xml_child(j, two));
}

/* ---- element types ---- */

static bool add_type(struct template_reader *r, const struct json *j)
{
	struct template *t = r->out;
	struct element_type *list =
		list_grow(r->arena, t->types, t->type_count, &t->type_room, (isize)sizeof *list);

	if (!list)
		return no_room(r);
	if (t->type_count == TEMPLATE_TYPES)
		return bad_at(r, j, S("the template has more element types than are read"));
	t->types = list;
	struct element_type *one = &list[t->type_count++];
	*one = (struct element_type){.id = either(j, S("ID"), S("Id")),
		.name = str_trim(xml_child(j, S("Name"))),
		.parent_id = either(j, S("ParentElement"), S("ParentId")),
		.parent = PART_NONE,
		.json = j};
	return one->id.n || bad_at(r, j, S("this element type has no id"));
}

static int by_id(const void *a, const void *b)
{
	const struct element_type *const *x = a, *const *y = b;

	return str_cmp((*x)->id, (*y)->id);
}

int32_t template_type_find(const struct template *t, str id)
{
	isize low = 0, high = t->type_count;

	while (low < high) {
		isize middle = low + (high - low) / 2;
		int order = str_cmp(t->order[middle]->id, id);
		if (order == 0)
			return (int32_t)(t->order[middle] - t->types);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return PART_NONE;
}

/* Finds the parents; a type among its own is refused, and so is one too far from its root. */
static bool find_parents(struct template_reader *r)
{
	struct template *t = r->out;

	for (isize i = 0; i < t->type_count; i++)
		t->types[i].parent = template_type_find(t, t->types[i].parent_id);
	for (isize i = 0; i < t->type_count; i++) {
		int steps = 0;
		for (int32_t up = t->types[i].parent; up != PART_NONE; up = t->types[up].parent)
			if (++steps > TEMPLATE_PARENTS)
				return bad_named(r, t->types[i].json,
					"too many parents, or itself among them, has the type",
					t->types[i].id);
	}
	return true;
}

static bool read_types(struct template_reader *r)
{
	static const str groups[] = {S_INIT("GenericElements"), S_INIT("StandardElements")};
	struct template *t = r->out;

	for (int i = 0; i < COUNT_OF(groups); i++)
		xml_each(j, json_member(r->base, groups[i]), S("ElementType"))
		{
			if (!add_type(r, j))
				return false;
		}
	if (t->type_count == 0)
		return bad_at(r, r->base, S("this template has no element types"));
	t->order = arena_bulk(r->arena, t->type_count * (isize)sizeof *t->order);
	if (!t->order)
		return no_room(r);
	for (isize i = 0; i < t->type_count; i++)
		t->order[i] = &t->types[i];
	qsort(t->order, (size_t)t->type_count, sizeof *t->order, by_id);
	for (isize i = 1; i < t->type_count; i++)
		if (str_eq(t->order[i]->id, t->order[i - 1]->id))
			return bad_named(r, t->order[i]->json, "two element types have the id",
				t->order[i]->id);
	return find_parents(r);
}

/* ---- attributes ---- */

int32_t template_attribute_find(const struct template *t, str name)
{
	for (int32_t i = 0; i < t->attribute_count; i++)
		if (str_eq_fold(t->attributes[i], name))
			return i;
	return PART_NONE;
}

static const struct json *first_value(const struct json *values)
{
	const struct json *first = xml_first(values, S("Value"));

	return first ? first : xml_first(values, S("string"));
}

/* Keeps what a type says of attributes that a filter looks at; of one that it says twice, the
   first.  An attribute without values declares nothing. */
static bool read_values(struct template_reader *r, struct element_type *type)
{
	struct template *t = r->out;
	struct type_value **end = &type->values;

	xml_each(j, json_member(type->json, S("Attributes")), S("Attribute"))
	{
		int32_t number = template_attribute_find(t, str_trim(xml_child(j, S("Name"))));
		const struct json *value = first_value(json_member(j, S("AttributeValues")));
		if (number == PART_NONE || !value)
			continue;
		struct type_value *v = arena_bulk(r->arena, (isize)sizeof *v);
		if (!v)
			return no_room(r);
		*v = (struct type_value){.attribute = number,
			.is_static = str_eq(xml_child(j, S("Mode")), S("Static")),
			.value = xml_text(value)};
		*end = v;
		end = &v->next;
	}
	return true;
}

/* ---- threat types ---- */

static enum threat_class class_of(str category)
{
	static const struct {
		str word;
		enum threat_class class;
	} words[] = {
		{S_INIT("Spoofing"), THREAT_SPOOFING},
		{S_INIT("Tampering"), THREAT_TAMPERING},
		{S_INIT("Repudiation"), THREAT_REPUDIATION},
		{S_INIT("Information Disclosure"), THREAT_DISCLOSURE},
		{S_INIT("Denial Of Service"), THREAT_DENIAL},
		{S_INIT("Elevation Of Privilege"), THREAT_ELEVATION},
		{S_INIT("Patient Safety"), THREAT_SAFETY},
		{S_INIT("Privacy"), THREAT_PRIVACY},
	};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq_fold(category, words[i].word))
			return words[i].class;
	return THREAT_HYGIENE;
}

/* The name of the category with an id; the id itself when nobody has it. */
static str category_name(const struct template_reader *r, str id)
{
	isize nth = 0;

	xml_each(j, json_member(r->base, S("ThreatCategories")), S("ThreatCategory"))
	{
		if (nth++ == TEMPLATE_CATEGORIES)
			break;
		if (str_eq(str_trim(xml_child(j, S("Id"))), id))
			return str_trim(xml_child(j, S("Name")));
	}
	return id;
}

/* A sentence with {source.Name} in it, with the slots of our own rules instead; other braces become
   brackets. */
static bool translate(struct template_reader *r, str text, str *out)
{
	static const str slots[][2] = {{S_INIT("{source.name}"), S_INIT("{from}")},
		{S_INIT("{target.name}"), S_INIT("{to}")},
		{S_INIT("{flow.name}"), S_INIT("{name}")}};
	struct buf b;

	buf_init(&b, r->arena, LIMIT_PROSE);
	text = utf8_head(name_clean(r->arena, text), LIMIT_TEXT);
	for (isize i = 0; i < text.n;) {
		isize step = 1;
		for (int k = 0; k < COUNT_OF(slots) && step == 1; k++) {
			str here = str_part(text, i, i + slots[k][0].n);
			if (!str_eq_fold(here, slots[k][0]))
				continue;
			buf_add(&b, slots[k][1]);
			step = here.n;
		}
		char c = text.p[i];
		if (step == 1)
			buf_char(&b, c == '{' ? '(' : c == '}' ? ')' : c);
		i += step;
	}
	*out = buf_view(&b);
	return !b.full || no_room(r);
}

/* What is printed of a threat type; it stands where rules of our own do. */
static bool describe(struct template_reader *r, const struct json *j, str id)
{
	struct rules *rules = r->out->rules;
	struct rule *list =
		list_grow(r->arena, rules->list, rules->count, &rules->room, (isize)sizeof *list);
	str category = category_name(r, str_trim(xml_child(j, S("Category"))));

	if (!list || arena_room(r->arena) < LIMIT_PROSE)
		return no_room(r);
	rules->list = list;
	struct rule *one = &list[rules->count];
	*one = (struct rule){.name = id,
		.refs = name_clean(r->arena, category),
		.stride = class_of(category),
		.has_stride = true,
		.order = (int32_t)rules->count++,
		.rev = 1,
		.kinds = 1u << PART_IS_FLOW,
		.group = PART_FLOW,
		.handlers[0].words = S("recorded in the model as mitigated"),
		.handler_count = 1};
	return translate(r, either(j, S("ShortTitle"), S("Id")), &one->title) &&
		translate(r, xml_child(j, S("Description")), &one->why);
}

static bool compile(struct template_reader *r, const struct json *filters, str member, str id,
	struct filter *out)
{
	const struct json *j = json_member(filters, member);
	const char *why = "";
	isize column;
	char text[300];

	if (filter_compile(r->filters, xml_text(j), out, &column, &why) || !column)
		return r->err->code == ERR_NONE;
	str name = utf8_head(id, 60);
	snprintf(text, sizeof text, "threat type %.*s, %.*s, column %td: %s", STR_ARG(name),
		STR_ARG(member), column, why);
	return bad_at(r, j, str_of(text));
}

static bool read_threat(struct template_reader *r, const struct json *j)
{
	struct template *t = r->out;
	const struct json *filters = json_member(j, S("GenerationFilters"));
	str id = name_clean(r->arena, xml_child(j, S("Id")));
	struct threat_type *list = list_grow(
		r->arena, t->threats, t->threat_count, &t->threat_room, (isize)sizeof *list);

	if (!list)
		return no_room(r);
	if (id.n == 0)
		return bad_at(r, j, S("this threat type has no id"));
	if (t->threat_count == TEMPLATE_TYPES)
		return bad_at(r, j, S("the template has more threat types than are read"));
	t->threats = list;
	struct threat_type *one = &list[t->threat_count++];
	*one = (struct threat_type){.id = id};
	return compile(r, filters, S("Include"), id, &one->include) &&
		compile(r, filters, S("Exclude"), id, &one->exclude) && describe(r, j, id);
}

static bool read_base(struct template_reader *r)
{
	struct template *t = NEW(r->arena, struct template, 1);

	r->out = t;
	t->rules = rules_new(r->arena, NULL);
	r->filters = NEW(r->arena, struct filter_reader, 1);
	*r->filters = (struct filter_reader){.arena = r->arena, .err = r->err, .template = t};
	if (!read_types(r))
		return false;
	xml_each(j, json_member(r->base, S("ThreatTypes")), S("ThreatType"))
	{
		if (!read_threat(r, j))
			return false;
	}
	for (isize i = 0; i < t->type_count; i++)
		if (!read_values(r, &t->types[i]))
			return false;
	return true;
}

/* ---- the two places of a template ---- */

static bool read_root(struct template_reader *r, const struct json *root, struct template **out)
{
	if (!root)
		return false;
	r->base = str_eq(root->key, S("KnowledgeBase")) ? root
							: json_member(root, S("KnowledgeBase"));
	if (!r->base || r->base->type != JSON_OBJECT)
		return bad_at(r, root, S("there is no template in this file"));
	if (!read_base(r))
		return false;
	*out = r->out;
	return true;
}

bool template_read(struct arena *a, struct err *e, str bytes, struct template **out)
{
	struct template_reader r = {.arena = a, .err = e, .bytes = bytes};

	if (bytes.n > LIMIT_MODEL_BYTES)
		return FAIL(e, ERR_LIMIT, "a template has at most %d bytes", LIMIT_MODEL_BYTES);
	return read_root(&r, xml_read(a, e, bytes), out);
}

bool template_own(struct arena *a, struct err *e, const struct model *m, struct template **out)
{
	struct template_reader r = {.arena = a, .err = e};

	if (!m->drawn)
		return FAIL(e, ERR_INVALID,
			"only a file of the Microsoft Threat Modeling Tool has a template of its "
			"own");
	r.bytes = m->drawn->bytes;
	return read_root(&r, m->drawn->root, out);
}

isize template_type_count(const struct template *t)
{
	return t->type_count;
}

isize template_threat_count(const struct template *t)
{
	return t->threat_count;
}
