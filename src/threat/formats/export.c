/* Building a tree of JSON over what was kept. */
#include "threat/formats/importer.h"

struct json *out_new(struct exporter *x, enum json_type type, str text)
{
	struct json *j = arena_bulk(x->arena, (isize)sizeof *j);

	if (!j) {
		FAIL(x->err, ERR_LIMIT, "the model needs more memory than this program gives it");
		x->spare = (struct json){.type = JSON_OBJECT};
		return &x->spare;
	}
	*j = (struct json){.type = type, .text = text};
	return j;
}

/* A copy that may be changed; as deep as JSON may be. */
static struct json *copy(struct exporter *x, const struct json *from)
{
	struct json *j = out_new(x, from->type, from->text), *last = NULL;

	j->key = from->key;
	json_each(item, from)
	{
		struct json *c = copy(x, item);
		if (c == &x->spare)
			break;
		json_append(j, &last, c);
	}
	return j;
}

struct json *out_kept(struct exporter *x, const struct part *p)
{
	str word = model_format_word(x->format);
	struct err e = {0};

	for (const struct prop *q = p->kept; q; q = q->next) {
		if (!str_eq(str_part(q->key, 2, q->key.n), word))
			continue;
		const struct json *j = json_parse(x->arena, &e, q->value);
		if (j && j->type == JSON_OBJECT)
			return copy(x, j);
		if (e.code == ERR_LIMIT)
			FAIL(x->err, ERR_LIMIT, "%s", e.text);
		else
			err_at(x->err, q->at.line, q->at.column, "%.*s is not an object of JSON",
				STR_ARG(q->key));
	}
	return out_new(x, JSON_OBJECT, S(""));
}

/* The member `key`, to be changed. */
static struct json *member(struct json *object, str key)
{
	for (struct json *m = object->first; m; m = m->next)
		if (str_eq(m->key, key))
			return m;
	return NULL;
}

void out_set(struct exporter *x, struct json *object, str key, struct json *value)
{
	struct json **at = &object->first;

	if (value == &x->spare || object == &x->spare)
		return;
	while (*at && !str_eq((*at)->key, key))
		at = &(*at)->next;
	value->key = key;
	value->next = *at ? (*at)->next : NULL;
	*at = value;
}

void out_remove(struct json *object, str key)
{
	for (struct json **at = &object->first; *at; at = &(*at)->next)
		if (str_eq((*at)->key, key)) {
			*at = (*at)->next;
			return;
		}
}

struct json *out_get(struct exporter *x, struct json *object, str key, enum json_type type)
{
	struct json *m = member(object, key);

	if (m && m->type == type)
		return m;
	m = out_new(x, type, S(""));
	out_set(x, object, key, m);
	return m;
}

void out_text(struct exporter *x, struct json *object, str key, str text)
{
	const struct json *old = json_member(object, key);

	if (text.n == 0 ||
		(old && old->type == JSON_STRING && str_eq(name_clean(x->arena, old->text), text)))
		return;
	out_set(x, object, key, out_new(x, JSON_STRING, text));
}

void out_value(struct exporter *x, struct json *object, str key, const struct part *p, str prop)
{
	str value = part_value(p, prop);

	if (value.n && !str_eq(value, S("?")))
		out_set(x, object, key, out_new(x, JSON_STRING, value));
}

void out_word(struct exporter *x, struct json *object, str key, const char *word)
{
	out_text(x, object, key, str_of(word));
}

void out_flag(struct exporter *x, struct json *object, str key, bool value)
{
	out_set(x, object, key,
		out_new(x, value ? JSON_TRUE : JSON_FALSE, value ? S("true") : S("false")));
}

void out_number(struct exporter *x, struct json *object, str key, int64_t value)
{
	char *text = arena_bulk(x->arena, 24);
	int n = text ? snprintf(text, 24, "%" PRId64, value) : 0;

	out_set(x, object, key, out_new(x, JSON_NUMBER, n ? (str){text, n} : S("0")));
}

struct out_list out_list(struct exporter *x, struct json *object, str key)
{
	struct out_list list = {.array = out_get(x, object, key, JSON_ARRAY)};

	for (list.last = list.array->first; list.last && list.last->next;)
		list.last = list.last->next;
	return list;
}

void out_push(struct exporter *x, struct out_list *list, struct json *value)
{
	if (value == &x->spare)
		return;
	value->key = S("");
	value->next = NULL;
	if (list->last)
		list->last->next = value;
	else
		list->array->first = value;
	list->last = value;
}

void out_values(struct exporter *x, struct json *object, str key, const struct part *p, str prop)
{
	struct out_list list;
	struct json *kept = member(object, key), *rest = NULL;

	if (kept && kept->type == JSON_ARRAY) {
		rest = kept->first;
		kept->first = NULL;
	}
	if (!rest && part_value(p, prop).n == 0)
		return;
	list = out_list(x, object, key);
	for (const struct prop *q = p->props; q; q = q->next)
		if (str_eq(q->key, prop) && !str_eq(q->value, S("?")) &&
			!str_eq(q->value, S("none")))
			out_push(x, &list, out_new(x, JSON_STRING, q->value));
	if (list.last)
		list.last->next = rest;
	else
		list.array->first = rest;
}

void out_title(struct exporter *x, struct json *object, str key, const struct part *p)
{
	const struct json *old = json_member(object, key);
	bool is_nameless = old && old->type == JSON_STRING && !name_clean(x->arena, old->text).n;

	if (p->name.n || !is_nameless)
		out_text(x, object, key, part_title(p));
}

struct json *out_object(struct exporter *x, str key, str text)
{
	struct json *j = out_new(x, JSON_OBJECT, S(""));

	out_text(x, j, key, text);
	return j;
}

str out_ref(const struct exporter *x, enum part_group group, int32_t index)
{
	if (index == PART_NONE)
		return S("");
	return x->own_ids[group] ? x->own_ids[group][index] : x->model->of[group].list[index].id;
}

const str system_unnamed = S_INIT("Unnamed system");

void out_system(struct exporter *x, struct json *object, str key)
{
	out_text(x, object, key, x->model->name.n ? x->model->name : system_unnamed);
}
