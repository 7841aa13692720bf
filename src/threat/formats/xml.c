/* XML over the events of expat, which is given the whole text at once. */
#include "threat/formats/xml.h"

#include <expat.h>

/* An element that is open; its members stand in the order of the file. */
struct open_element {
	struct json *node, *last;
	isize text; /* where its text begins in the buffer of texts */
	bool is_nil;
};

/* What an element has of one name. */
struct group {
	struct json *first, *last;
	isize count;
};

struct reader {
	struct arena *arena;
	struct err *err;
	str in;
	XML_Parser parser;
	struct buf text; /* of all open elements, one behind the other */
	struct open_element open[XML_DEPTH];
	int depth;
	isize count; /* of nodes */
	struct group groups[XML_MEMBERS];
	struct json *root;
};

/* Where the parser stands, in bytes.  Before its first event, as of an empty text, expat says -1;
   from 2.9 on it has a function of its own for what a long cannot count. */
static isize here(const struct reader *r)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	int64_t at = XML_GetCurrentByteIndex64(r->parser);
#else
	int64_t at = XML_GetCurrentByteIndex(r->parser);
#endif
	return at < 0 ? 0 : (isize)at;
}

/* The first thing that is wrong ends the reading. */
static void stop(struct reader *r, const char *what)
{
	int64_t line, column;

	json_place(r->in, here(r), &line, &column);
	err_at(r->err, line, column, "%s", what);
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void stop_full(struct reader *r)
{
	FAIL(r->err, ERR_LIMIT, "the XML text needs more memory than this program gives it");
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static struct json *new_node(struct reader *r, enum json_type type, str key)
{
	if (r->count++ == XML_NODES) {
		stop(r, "the XML text has more elements than are read");
		return NULL;
	}
	struct json *j = arena_bulk(r->arena, (isize)sizeof *j);
	if (!j) {
		stop_full(r);
		return NULL;
	}
	*j = (struct json){.type = type, .key = key, .from = here(r)};
	return j;
}

/* A copy of `before` and `s`. */
static bool copy(struct reader *r, str before, str s, str *out)
{
	char *p = arena_bulk(r->arena, before.n + s.n + 1);

	if (!p) {
		stop_full(r);
		return false;
	}
	memcpy(p, before.p, (size_t)before.n);
	memcpy(p + before.n, s.p, (size_t)s.n);
	*out = (str){p, before.n + s.n};
	return true;
}

/* "b:Value" is "Value". */
static str local_name(const char *name)
{
	str all = str_of(name);
	isize colon = str_index(all, ':');

	return str_part(all, colon + 1, all.n);
}

static bool add_text(struct reader *r, struct open_element *in, str key, str text)
{
	struct json *j = new_node(r, JSON_STRING, key);

	if (!j || !copy(r, S(""), text, &j->text))
		return false;
	json_append(in->node, &in->last, j);
	return true;
}

/* ---- the end of an element ---- */

/* The group of a name; elements of one name mostly stand in a row, so the last is tried first. */
static struct group *find_group(struct reader *r, isize *count, isize *last, str key)
{
	if (*last < *count && str_eq(r->groups[*last].first->key, key))
		return &r->groups[*last];
	for (*last = 0; *last < *count; ++*last)
		if (str_eq(r->groups[*last].first->key, key))
			return &r->groups[*last];
	if (*count == XML_MEMBERS) {
		stop(r, "an element has more different parts than are read");
		return NULL;
	}
	r->groups[*count] = (struct group){0};
	return &r->groups[(*count)++];
}

/* A list of the members of one name. */
static struct json *make_list(struct reader *r, const struct group *g)
{
	struct json *list = new_node(r, JSON_ARRAY, g->first->key);

	if (!list)
		return NULL;
	list->from = g->first->from;
	list->first = g->first;
	list->count = g->count;
	for (struct json *j = g->first; j; j = j->next)
		j->key = S("");
	return list;
}

/* The members of an object have different names: those of one name become a list. */
static bool group_members(struct reader *r, struct open_element *in)
{
	isize count = 0, last = 0;

	for (struct json *j = in->node->first, *next; j; j = next) {
		struct group *g = find_group(r, &count, &last, j->key);
		if (!g)
			return false;
		next = j->next;
		j->next = NULL;
		if (g->last)
			g->last->next = j;
		else
			g->first = j;
		g->last = j;
		g->count++;
	}
	in->node->first = in->last = NULL;
	in->node->count = 0;
	for (isize i = 0; i < count; i++) {
		struct group *g = &r->groups[i];
		struct json *j = g->count > 1 ? make_list(r, g) : g->first;
		if (!j)
			return false;
		json_append(in->node, &in->last, j);
	}
	return true;
}

static void on_end(void *data, const char *name)
{
	struct reader *r = data;

	(void)name;
	if (r->err->code)
		return;
	struct open_element *in = &r->open[--r->depth];
	str text = str_part(buf_view(&r->text), in->text, r->text.n);
	bool is_blank = str_trim(text).n == 0;
	struct json *node = in->node;
	r->text.n = in->text;
	if (node->first) {
		if (is_blank || add_text(r, in, S("#text"), text))
			(void)group_members(r, in);
		return;
	}
	if (is_blank) {
		node->type = in->is_nil ? JSON_NULL : JSON_STRING;
		node->text = in->is_nil ? S("null") : S("");
		return;
	}
	node->type = JSON_STRING;
	(void)copy(r, S(""), text, &node->text);
}

/* ---- its beginning ---- */

static bool add_attributes(struct reader *r, struct open_element *in, const char **attributes)
{
	for (int i = 0; attributes[i]; i += 2) {
		str name = local_name(attributes[i]), value = str_of(attributes[i + 1]), key;
		if (i / 2 == XML_ATTRIBUTES || name.n > XML_NAME_BYTES) {
			stop(r, "an element has more or longer attributes than are read");
			return false;
		}
		if (str_starts(str_of(attributes[i]), S("xmlns")))
			continue;
		if (str_eq(name, S("nil"))) {
			in->is_nil = str_eq(value, S("true"));
			continue;
		}
		if (!copy(r, S("@"), name, &key) || !add_text(r, in, key, value))
			return false;
	}
	return true;
}

static void on_start(void *data, const char *name, const char **attributes)
{
	struct reader *r = data;
	str key = local_name(name);

	if (r->err->code)
		return;
	if (r->depth == XML_DEPTH || key.n > XML_NAME_BYTES) {
		stop(r,
			r->depth == XML_DEPTH ? "the XML text is nested too deeply"
					      : "the name of an element is longer than is read");
		return;
	}
	struct json *j = new_node(r, JSON_OBJECT, S(""));
	if (!j || !copy(r, S(""), key, &j->key))
		return;
	if (r->depth)
		json_append(r->open[r->depth - 1].node, &r->open[r->depth - 1].last, j);
	else
		r->root = j;
	struct open_element *in = &r->open[r->depth++];
	*in = (struct open_element){.node = j, .text = r->text.n};
	(void)add_attributes(r, in, attributes);
}

static void on_text(void *data, const char *text, int n)
{
	struct reader *r = data;

	if (r->err->code)
		return;
	buf_add(&r->text, (str){text, n});
	if (r->text.full)
		stop_full(r);
}

static void on_doctype(void *data, const char *name, const char *system_id, const char *public_id,
	int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(data,
		"a document type (<!DOCTYPE) is not read: models have none, and its entities "
		"could grow without end");
}

/* ---- the whole ---- */

static bool parse(struct reader *r)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	enum XML_Status status = XML_Parse(r->parser, r->in.p, (int)r->in.n, XML_TRUE);
	if (status == XML_STATUS_OK || r->err->code)
		return r->err->code == ERR_NONE;
	enum XML_Error error = XML_GetErrorCode(r->parser);
	if (error == XML_ERROR_NO_MEMORY)
		stop_full(r);
	else
		stop(r, XML_ErrorString(error));
	return false;
}

/* Also from inside a callback of the parser, to which nobody returns then. */
static void free_parser(void *parser)
{
	XML_ParserFree(parser);
}

const struct json *xml_read(struct arena *a, struct err *e, str in)
{
	struct reader *r = NEW(a, struct reader, 1);
	isize wrong = utf8_check(in);
	int64_t line, column;

	assert(in.n <= LIMIT_MODEL_BYTES && e->code == ERR_NONE);
	if (wrong >= 0) {
		json_place(in, wrong, &line, &column);
		err_at(e, line, column, "the text is not UTF-8");
		return NULL;
	}
	/* XML has no such character; expat would go on in UTF-16. */
	wrong = str_index(in, '\0');
	if (wrong >= 0) {
		json_place(in, wrong, &line, &column);
		err_at(e, line, column, "a zero byte: the text is not UTF-8");
		return NULL;
	}
	*r = (struct reader){.arena = a, .err = e, .in = in};
	buf_init(&r->text, a, LIMIT_MODEL_BYTES);
	/* Named, so that a declaration of another encoding changes nothing. */
	r->parser = XML_ParserCreate("UTF-8");
	if (!r->parser) {
		FAIL(e, ERR_LIMIT, "there is no memory to read XML");
		return NULL;
	}
	struct arena_guard guard;
	arena_guard(&guard, free_parser, r->parser);
	bool ok = parse(r);
	arena_unguard(&guard);
	XML_ParserFree(r->parser);
	if (!ok)
		return NULL;
	json_number(r->root);
	return r->root;
}

/* ---- looking at the tree ---- */

const struct json *xml_first(const struct json *parent, str name)
{
	const struct json *j = json_member(parent, name);

	return j && j->type == JSON_ARRAY ? j->first : j;
}

const struct json *xml_next(const struct json *item)
{
	/* Only the items of a list have no name of their own. */
	return item->key.n ? NULL : item->next;
}

str xml_text(const struct json *j)
{
	return j && j->type == JSON_STRING ? j->text : json_text(j, S("#text"));
}

str xml_child(const struct json *j, str name)
{
	return xml_text(xml_first(j, name));
}

bool xml_thousandths(str s, int64_t *out)
{
	enum { WHOLE_MAX = 1000000, DIGITS = 3 };
	str number = s, whole = str_cut(&number, '.');
	bool is_negative = str_starts(whole, S("-"));
	int64_t value, part = 0;

	if (!str_int(whole, -WHOLE_MAX, WHOLE_MAX, &value))
		return false;
	for (isize i = 0; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
	for (isize i = 0; i < DIGITS; i++)
		part = part * 10 + (i < number.n ? number.p[i] - '0' : 0);
	*out = value * 1000 + (is_negative ? -part : part);
	return true;
}
