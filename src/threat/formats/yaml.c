/*
 * YAML as a tree of JSON, over the events of libyaml.  Anchors, aliases and merge keys (`<<`) are
 * resolved here.  What an alias brings is copied, so that every node has a place and a number of
 * its own; how much may be copied is bounded, which is what stops a file whose aliases multiply.
 *
 * Plain `true`, `false`, `null`, `~` and numbers as JSON writes them are what they look like; all
 * else is text.  A null stands where a value is missing.
 */
#include "threat/formats/yaml.h"

#include <yaml.h>

enum {
	YAML_ANCHORS = 1000,     /* of one file */
	YAML_COPIES = 1 << 20,   /* nodes that aliases bring */
	YAML_COMPARES = 1 << 27, /* of keys, while merging */
	YAML_KEY_BYTES = 4096
};

struct anchor {
	str name;
	const struct json *node;
};

/* A container that is open, and the anchor it will have. */
struct open_node {
	struct json *node, *last;
	str anchor, key;
	bool has_key;
};

struct reader {
	struct arena *arena;
	struct err *err;
	str in;
	isize chars, bytes; /* where the last event began, counted both ways */
	isize line, line_start;
	isize count, copies, compares;
	struct anchor anchors[YAML_ANCHORS];
	int anchor_count;
	struct open_node open[LIMIT_JSON_DEPTH + 1];
	int depth;
	struct json *root;
};

/* libyaml counts characters, we count bytes; events come in the order of the text. */
static void step_to(struct reader *r, const yaml_mark_t *mark)
{
	while (r->chars < (isize)mark->index && r->bytes < r->in.n) {
		if (r->in.p[r->bytes] == '\n') {
			r->line++;
			r->line_start = r->bytes + 1;
		}
		r->bytes++;
		while (r->bytes < r->in.n && ((unsigned char)r->in.p[r->bytes] & 0xc0) == 0x80)
			r->bytes++;
		r->chars++;
	}
}

static bool bad(struct reader *r, const char *what)
{
	return err_at(r->err, r->line + 1, r->bytes - r->line_start + 1, "%s", what);
}

static bool no_room(struct reader *r)
{
	return FAIL(
		r->err, ERR_LIMIT, "the YAML text needs more memory than this program gives it");
}

static struct json *new_node(struct reader *r, enum json_type type, str text)
{
	struct json *j = arena_bulk(r->arena, (isize)sizeof *j);

	if (!j) {
		no_room(r);
		return NULL;
	}
	*j = (struct json){.type = type, .text = text, .from = r->bytes, .nth = r->count++};
	return j;
}

/* ---- scalars ---- */

static bool is_number(str s)
{
	struct json_reader number;
	struct err e = {0};

	if (s.n == 0 || s.n > 40 || str_index(S("-0123456789"), s.p[0]) < 0)
		return false;
	json_open(&number, NULL, &e, s);
	return json_next(&number) == JSON_SCALAR && number.type == JSON_NUMBER &&
		json_next(&number) == JSON_END;
}

static struct json *plain(struct reader *r, str s)
{
	static const struct {
		str word;
		enum json_type type;
	} words[] = {{S_INIT(""), JSON_NULL}, {S_INIT("~"), JSON_NULL}, {S_INIT("null"), JSON_NULL},
		{S_INIT("Null"), JSON_NULL}, {S_INIT("NULL"), JSON_NULL},
		{S_INIT("true"), JSON_TRUE}, {S_INIT("True"), JSON_TRUE},
		{S_INIT("TRUE"), JSON_TRUE}, {S_INIT("false"), JSON_FALSE},
		{S_INIT("False"), JSON_FALSE}, {S_INIT("FALSE"), JSON_FALSE}};
	static const str texts[] = {[JSON_NULL] = S_INIT("null"),
		[JSON_FALSE] = S_INIT("false"),
		[JSON_TRUE] = S_INIT("true")};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(s, words[i].word))
			return new_node(r, words[i].type, texts[words[i].type]);
	return new_node(r, is_number(s) ? JSON_NUMBER : JSON_STRING, s);
}

static bool copy_text(struct reader *r, const void *p, size_t n, str *out)
{
	char *to = arena_bulk(r->arena, (isize)n + 1);

	if (!to)
		return no_room(r);
	memcpy(to, p, n);
	*out = (str){to, (isize)n};
	return (str_index(*out, '\0') < 0 && utf8_check(*out) < 0) ||
		bad(r, "a zero byte or bytes that are not UTF-8");
}

/* ---- the tree ---- */

/* Puts a finished or just opened node where it belongs. */
static bool attach(struct reader *r, struct json *j)
{
	struct open_node *in = r->depth ? &r->open[r->depth - 1] : NULL;

	if (!in) {
		if (r->root)
			return bad(r, "one document a file");
		r->root = j;
		return true;
	}
	if (in->node->type == JSON_OBJECT) {
		j->key = in->key;
		in->has_key = false;
	}
	json_append(in->node, &in->last, j);
	return true;
}

static bool remember(struct reader *r, str name, const struct json *node)
{
	if (name.n == 0)
		return true;
	for (int i = 0; i < r->anchor_count; i++)
		if (str_eq(r->anchors[i].name, name)) {
			r->anchors[i].node = node;
			return true;
		}
	if (r->anchor_count == YAML_ANCHORS)
		return bad(r, "more anchors than are read");
	r->anchors[r->anchor_count++] = (struct anchor){name, node};
	return true;
}

/* A copy of what an anchor names; NULL when it is too deep or there is too much of it. */
static struct json *copy(struct reader *r, const struct json *from, int depth)
{
	struct json *last = NULL;

	if (depth > LIMIT_JSON_DEPTH || ++r->copies > YAML_COPIES) {
		bad(r,
			depth > LIMIT_JSON_DEPTH ? "the YAML text is nested too deeply"
						 : "aliases multiply beyond what is read");
		return NULL;
	}
	struct json *j = new_node(r, from->type, from->text);
	if (!j)
		return NULL;
	j->from = from->from;
	j->key = from->key;
	j->count = from->count;
	json_each(item, from)
	{
		struct json *c = copy(r, item, depth + 1);
		if (!c)
			return NULL;
		if (last)
			last->next = c;
		else
			j->first = c;
		last = c;
	}
	return j;
}

static const struct json *find_anchor(struct reader *r, str name)
{
	for (int i = 0; i < r->anchor_count; i++)
		if (str_eq(r->anchors[i].name, name))
			return r->anchors[i].node;
	bad(r, "an alias without its anchor, or inside of it");
	return NULL;
}

/* ---- the end of a mapping ---- */

static int key_order(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return str_cmp((*x)->key, (*y)->key);
}

static bool keys_are_unique(struct reader *r, const struct json *map)
{
	struct arena_mark mark = arena_here(r->arena);
	const struct json **sorted = arena_bulk(r->arena, (map->count + 1) * (isize)sizeof *sorted);
	isize n = 0;
	bool ok = true;

	if (!sorted)
		return no_room(r);
	json_each(item, map) sorted[n++] = item;
	qsort(sorted, (size_t)n, sizeof *sorted, key_order);
	for (isize i = 1; i < n; i++)
		ok = ok &&
			(!str_eq(sorted[i]->key, sorted[i - 1]->key) ||
				str_eq(sorted[i]->key, S("<<")));
	arena_rewind(r->arena, mark);
	return ok || bad(r, "a key stands twice in its mapping");
}

/* Adds the members of `from` that the mapping does not have itself. */
static bool merge_one(struct reader *r, struct open_node *in, const struct json *from)
{
	if (from->type != JSON_OBJECT)
		return bad(r, "<< takes a mapping or a list of them");
	r->compares += (in->node->count + 1) * from->count;
	if (r->compares > YAML_COMPARES)
		return bad(r, "more is merged than is read");
	json_each(item, from)
	{
		if (json_member(in->node, item->key))
			continue;
		struct json *c = copy(r, item, r->depth);
		if (!c)
			return false;
		if (in->last)
			in->last->next = c;
		else
			in->node->first = c;
		in->last = c;
		in->node->count++;
	}
	return true;
}

static bool merge(struct reader *r, struct open_node *in)
{
	const struct json *sources = NULL;
	struct json *before = NULL;

	for (struct json *m = in->node->first; m; m = m->next) {
		if (!str_eq(m->key, S("<<"))) {
			before = m;
			continue;
		}
		if (sources)
			return bad(r, "<< stands twice in its mapping");
		sources = m;
		if (before)
			before->next = m->next;
		else
			in->node->first = m->next;
		in->node->count--;
		in->last = m->next ? in->last : before;
	}
	if (!sources)
		return true;
	if (sources->type == JSON_OBJECT)
		return merge_one(r, in, sources);
	json_each(one, sources)
	{
		if (!merge_one(r, in, one))
			return false;
	}
	return sources->type == JSON_ARRAY || bad(r, "<< takes a mapping or a list of them");
}

/* ---- events ---- */

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct open_node *in = r->depth ? &r->open[r->depth - 1] : NULL;
	bool is_plain =
		e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.plain_implicit;
	str text, anchor = S("");

	if (!copy_text(r, e->data.scalar.value, e->data.scalar.length, &text))
		return false;
	if (in && in->node->type == JSON_OBJECT && !in->has_key) {
		if (text.n > YAML_KEY_BYTES)
			return bad(r, "a key is longer than is read");
		in->key = text;
		in->has_key = true;
		return true;
	}
	if (e->data.scalar.anchor &&
		!copy_text(r, e->data.scalar.anchor,
			(size_t)str_of((char *)e->data.scalar.anchor).n, &anchor))
		return false;
	struct json *j = is_plain ? plain(r, text) : new_node(r, JSON_STRING, text);
	return j && attach(r, j) && remember(r, anchor, j);
}

static bool on_open(struct reader *r, enum json_type type, const yaml_char_t *name)
{
	struct open_node *in = r->depth ? &r->open[r->depth - 1] : NULL;
	str anchor = S("");

	if (in && in->node->type == JSON_OBJECT && !in->has_key)
		return bad(r, "a key is a text");
	if (r->depth == LIMIT_JSON_DEPTH)
		return bad(r, "the YAML text is nested too deeply");
	if (name && !copy_text(r, name, (size_t)str_of((const char *)name).n, &anchor))
		return false;
	struct json *j = new_node(r, type, S(""));
	if (!j || !attach(r, j))
		return false;
	r->open[r->depth++] = (struct open_node){.node = j, .anchor = anchor};
	return true;
}

static bool on_close(struct reader *r)
{
	struct open_node *in = &r->open[r->depth - 1];

	if (in->node->type == JSON_OBJECT && (!keys_are_unique(r, in->node) || !merge(r, in)))
		return false;
	r->depth--;
	return remember(r, in->anchor, in->node);
}

static bool on_alias(struct reader *r, const yaml_event_t *e)
{
	struct open_node *in = r->depth ? &r->open[r->depth - 1] : NULL;

	if (in && in->node->type == JSON_OBJECT && !in->has_key)
		return bad(r, "a key is a text");
	const struct json *from = find_anchor(r, str_of((const char *)e->data.alias.anchor));
	struct json *j = from ? copy(r, from, r->depth) : NULL;
	if (!j)
		return false;
	j->from = r->bytes;
	return attach(r, j);
}

static bool on_event(struct reader *r, const yaml_event_t *e)
{
	step_to(r, &e->start_mark);
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_MAPPING_START_EVENT:
		return on_open(r, JSON_OBJECT, e->data.mapping_start.anchor);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(r, JSON_ARRAY, e->data.sequence_start.anchor);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return on_close(r);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return true;
}

/* What libyaml says, with its own place. */
static bool bad_syntax(struct reader *r, const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR)
		return no_room(r);
	step_to(r, &p->problem_mark);
	return bad(r, p->problem ? p->problem : "this is not YAML");
}

/* What libyaml holds; deleting an event leaves an empty one behind. */
struct opened {
	yaml_parser_t parser;
	yaml_event_t event;
};

static void close_opened(void *opened)
{
	struct opened *o = opened;

	yaml_event_delete(&o->event);
	yaml_parser_delete(&o->parser);
}

const struct json *yaml_read(struct arena *a, struct err *e, str in)
{
	struct reader *r = NEW(a, struct reader, 1);
	struct arena_guard guard;
	struct opened o = {0};
	bool ok = true, done = false;
	isize wrong = utf8_check(in);

	*r = (struct reader){.arena = a, .err = e, .in = in};
	if (in.n > YAML_BYTES) {
		FAIL(e, ERR_LIMIT, "a model in YAML has at most %d bytes", YAML_BYTES);
		return NULL;
	}
	if (wrong >= 0) {
		step_to(r, &(yaml_mark_t){.index = (size_t)utf8_count(str_part(in, 0, wrong))});
		bad(r, "the text is not UTF-8");
		return NULL;
	}
	r->bytes = str_starts(in, S("\xef\xbb\xbf")) ? 3 : 0;
	if (!yaml_parser_initialize(&o.parser)) {
		no_room(r);
		return NULL;
	}
	arena_guard(&guard, close_opened, &o);
	yaml_parser_set_encoding(&o.parser, YAML_UTF8_ENCODING);
	/* With its encoding given, libyaml takes a byte order mark for text. */
	str text = str_part(in, r->bytes, in.n);
	yaml_parser_set_input_string(&o.parser, (const unsigned char *)text.p, (size_t)text.n);
	while (ok && !done) {
		if (!yaml_parser_parse(&o.parser, &o.event)) {
			ok = bad_syntax(r, &o.parser);
			break;
		}
		done = o.event.type == YAML_STREAM_END_EVENT;
		ok = on_event(r, &o.event);
		yaml_event_delete(&o.event);
	}
	arena_unguard(&guard);
	close_opened(&o);
	if (ok && !r->root)
		ok = bad(r, "there is nothing in this file");
	if (!ok)
		return NULL;
	json_number(r->root);
	return r->root;
}
