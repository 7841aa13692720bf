/* Loading: a file of catalogs/ becomes a record, strictly and only when it changed. */
#include "catalog/catalog_in.h"
#include "crypt/crypt.h"

#include <stdarg.h>

/* Raised when the same file makes another record than before, so that stores take it anew. */
#define LOADER "1\n"

/* A file while it is read; every complaint is about a place in it. */
struct reading {
	struct call *c;
	str name, text;
	const struct json *top;
	str hash; /* of the file and the loader */
};

__attribute__((format(printf, 3, 4))) static bool wrong(
	struct reading *r, const struct json *at, const char *format, ...)
{
	char text[200];
	int64_t line, column;
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	json_place(r->text, at->from, &line, &column);
	return err_at(&r->c->err, line, column, "%.*s:%" PRId64 ":%" PRId64 ": %s",
		STR_ARG(r->name), line, column, text);
}

/* The members of `obj` are exactly `keys`, in any order. */
static bool has_keys(struct reading *r, const struct json *obj, const str *keys, int count)
{
	if (obj->type != JSON_OBJECT)
		return wrong(r, obj, "an object was expected");
	for (int i = 0; i < count; i++)
		if (!json_member(obj, keys[i]))
			return wrong(r, obj, "\"%.*s\" is missing", STR_ARG(keys[i]));
	json_each(member, obj)
	{
		bool known = false;
		for (int i = 0; i < count && !known; i++)
			known = str_eq(member->key, keys[i]);
		if (!known)
			return wrong(r, member, "\"%.*s\" is not known here", STR_ARG(member->key));
	}
	return true;
}

static bool take_text(struct reading *r, const struct json *obj, str key, str *out)
{
	const struct json *j = json_member(obj, key);

	if (!j || j->type != JSON_STRING || str_trim(j->text).n != j->text.n)
		return wrong(r, j ? j : obj, "\"%.*s\" must be a text without blanks around it",
			STR_ARG(key));
	*out = j->text;
	return true;
}

/* The same for a text that must not be empty. */
static bool take_words(struct reading *r, const struct json *obj, str key, str *out)
{
	if (!take_text(r, obj, key, out))
		return false;
	return out->n > 0 || wrong(r, json_member(obj, key), "\"%.*s\" is empty", STR_ARG(key));
}

static bool take_enum(
	struct reading *r, const struct json *obj, str key, const struct wordset *set, int *out)
{
	str word;

	if (!take_words(r, obj, key, &word))
		return false;
	*out = kind_word_find(set, word);
	return *out ||
		wrong(r, json_member(obj, key), "\"%.*s\" is not a %.*s", STR_ARG(word),
			STR_ARG(key));
}

static bool take_array(struct reading *r, const struct json *obj, str key, const struct json **out)
{
	*out = json_member(obj, key);
	if (!*out || (*out)->type != JSON_ARRAY)
		return wrong(r, *out ? *out : obj, "\"%.*s\" must be a list", STR_ARG(key));
	return (*out)->count <= LIMIT_ROWS || wrong(r, *out, "more than %d entries", LIMIT_ROWS);
}

/* Letters, digits, dots, brackets and dashes: what identifiers of sources are made of. */
static bool is_entry(str id)
{
	for (isize i = 0; i < id.n; i++) {
		char ch = id.p[i];
		bool letter = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
		if (!letter && !(ch >= '0' && ch <= '9') && ch != '.' && ch != '-' && ch != '(' &&
			ch != ')')
			return false;
	}
	return id.n > 0;
}

static bool take_entry(struct reading *r, const struct json *j, str *out)
{
	*out = j->text;
	return (j->type == JSON_STRING && is_entry(j->text)) ||
		wrong(r, j, "this is not an identifier of an entry");
}

/* Lower-case letters, digits and dashes, and short enough to be part of a reference. */
static bool take_catalog_id(struct reading *r, const struct json *obj, str key, str *out)
{
	if (!take_words(r, obj, key, out))
		return false;
	bool good = out->n <= CATALOG_ID_MAX;
	for (isize i = 0; i < out->n; i++) {
		char ch = out->p[i];
		good &= (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-';
	}
	return good ||
		wrong(r, json_member(obj, key), "\"%.*s\" is not an id of a catalogue",
			STR_ARG(*out));
}

/* The id at the top is the file's name. */
static bool is_named(struct reading *r, str id)
{
	str base = str_part(r->name, 0, r->name.n - 5);

	while (str_index(base, '/') >= 0)
		str_cut(&base, '/');
	return str_eq(base, id) ||
		wrong(r, json_member(r->top, S("id")), "the id is not the file's name");
}

static const struct wordset *set_of(const struct kind *k, int field, str col)
{
	const struct field *f = &k->field[field];

	for (int i = 0; i < f->col_count; i++)
		if (str_eq(f->col[i].name, col))
			return f->col[i].set;
	assert(false && "column");
	return NULL;
}

/* ---- catalogues ---- */

/* "kind: detail" of each evidence, with semicolons between. */
static bool take_evidence(struct reading *r, const struct json *obj, str *out)
{
	const struct json *list;
	struct buf b;

	if (!take_array(r, obj, S("evidence"), &list))
		return false;
	buf_init(&b, r->c->arena, LIMIT_TEXT);
	json_each(item, list)
	{
		str detail = item->text, word = str_cut_at(&detail, S(": "));
		if (item->type != JSON_STRING || detail.n == 0 || str_index(item->text, ';') >= 0)
			return wrong(r, item,
				"evidence is a kind, a colon and words without a semicolon");
		if (!evidence_is_known(word))
			return wrong(r, item, "\"%.*s\" is not a kind of evidence", STR_ARG(word));
		if (b.n)
			buf_add(&b, S("; "));
		buf_add(&b, item->text);
	}
	*out = buf_str(&b);
	return true;
}

/* An entry of information asks for nothing, every other one asks and says what shows it; parents
   come first, and an identifier comes once. */
static bool check_entry(
	struct reading *r, const struct json *obj, const struct framework_requirement_rows *rows)
{
	const struct framework_requirement *q = &rows->item[rows->count];
	bool parent_known = q->parent.n == 0;

	for (isize i = 0; i < rows->count; i++) {
		if (str_eq(rows->item[i].entry, q->entry))
			return wrong(r, obj, "the entry %.*s comes twice", STR_ARG(q->entry));
		parent_known |= str_eq(rows->item[i].entry, q->parent);
	}
	if (!parent_known)
		return wrong(r, obj, "the parent %.*s does not come before it", STR_ARG(q->parent));
	if (q->assessable != (q->expects.n > 0) || q->assessable != (q->question.n > 0))
		return wrong(r, obj,
			"evidence and a question belong to every entry but those of level info");
	return true;
}

static bool take_requirement(
	struct reading *r, const struct json *obj, struct framework_requirement_rows *rows)
{
	static const str keys[] = {S_INIT("id"), S_INIT("parent"), S_INIT("title"), S_INIT("text"),
		S_INIT("level"), S_INIT("phase"), S_INIT("evidence"), S_INIT("question")};
	const struct kind *k = &kinds[KIND_FRAMEWORK];
	struct framework_requirement *q = &rows->item[rows->count];
	const struct json *parent;

	q->weight = INT_NONE;
	if (!has_keys(r, obj, keys, (int)COUNT_OF(keys)) ||
		!take_entry(r, json_member(obj, S("id")), &q->entry) ||
		!take_words(r, obj, S("title"), &q->heading) ||
		!take_words(r, obj, S("text"), &q->text) ||
		!take_enum(r, obj, S("level"), set_of(k, FRAMEWORK_F_REQUIREMENT, S("level")),
			&q->level) ||
		!take_enum(r, obj, S("phase"), set_of(k, FRAMEWORK_F_REQUIREMENT, S("phase")),
			&q->phase) ||
		!take_evidence(r, obj, &q->expects) ||
		!take_text(r, obj, S("question"), &q->question))
		return false;
	parent = json_member(obj, S("parent"));
	if (parent->type != JSON_NULL && !take_entry(r, parent, &q->parent))
		return false;
	q->assessable = q->level != REQUIREMENT_LEVEL_INFO;
	if (!check_entry(r, obj, rows))
		return false;
	rows->count++;
	return true;
}

static bool take_catalog(struct reading *r, struct framework *f)
{
	static const str keys[] = {S_INIT("id"), S_INIT("title"), S_INIT("version"),
		S_INIT("publisher"), S_INIT("url"), S_INIT("kind"), S_INIT("notes"),
		S_INIT("requirements")};
	const struct json *list;

	if (!has_keys(r, r->top, keys, (int)COUNT_OF(keys)) ||
		!take_catalog_id(r, r->top, S("id"), &f->catalogue) || !is_named(r, f->catalogue) ||
		!take_words(r, r->top, S("title"), &f->rec.title) ||
		!take_words(r, r->top, S("version"), &f->edition) ||
		!take_words(r, r->top, S("publisher"), &f->issuer) ||
		!take_words(r, r->top, S("url"), &f->url) ||
		!take_words(r, r->top, S("notes"), &f->rec.body) ||
		!take_enum(r, r->top, S("kind"), kinds[KIND_FRAMEWORK].field[FRAMEWORK_F_KIND].set,
			&f->kind) ||
		!take_array(r, r->top, S("requirements"), &list))
		return false;
	f->requirement = (struct framework_requirement_rows){
		NEW(r->c->arena, struct framework_requirement, list->count), 0};
	json_each(item, list) if (!take_requirement(r, item, &f->requirement)) return false;
	f->hash = r->hash;
	f->rec.state = FRAMEWORK_STATE_PUBLISHED;
	return true;
}

/* ---- crosswalks ---- */

static bool add_pair(struct reading *r, const struct json *at, struct mapping_map_rows *rows,
	struct mapping_map *pair)
{
	if (rows->count == LIMIT_ROWS)
		return wrong(r, at, "more than %d pairs", LIMIT_ROWS);
	for (isize i = 0; i < rows->count; i++)
		if (str_eq(rows->item[i].from, pair->from) && str_eq(rows->item[i].to, pair->to))
			return wrong(r, at, "the pair %.*s, %.*s comes twice", STR_ARG(pair->from),
				STR_ARG(pair->to));
	rows->item[rows->count++] = *pair;
	return true;
}

/* Several entries on a side mean each with each. */
static bool take_mapping(struct reading *r, const struct json *obj, struct mapping_map_rows *rows)
{
	static const str keys[] = {
		S_INIT("from"), S_INIT("to"), S_INIT("relation"), S_INIT("rationale")};
	struct mapping_map pair = {.strength = INT_NONE};
	const struct json *from, *to;

	if (!has_keys(r, obj, keys, (int)COUNT_OF(keys)) || !take_array(r, obj, S("from"), &from) ||
		!take_array(r, obj, S("to"), &to) ||
		!take_enum(r, obj, S("relation"),
			set_of(&kinds[KIND_MAPPING], MAPPING_F_MAP, S("relation")),
			&pair.relation) ||
		!take_words(r, obj, S("rationale"), &pair.reason))
		return false;
	if (from->count == 0 || to->count == 0)
		return wrong(r, obj, "a side is empty");
	json_each(a, from) json_each(b, to) if (!take_entry(r, a, &pair.from) ||
		!take_entry(r, b, &pair.to) || !add_pair(r, obj, rows, &pair)) return false;
	return true;
}

static bool take_crosswalk(struct reading *r, struct mapping *m)
{
	static const str keys[] = {
		S_INIT("id"), S_INIT("from"), S_INIT("to"), S_INIT("notes"), S_INIT("mappings")};
	struct arena *a = r->c->arena;
	const struct json *list;
	str from, to;

	if (!has_keys(r, r->top, keys, (int)COUNT_OF(keys)) ||
		!take_words(r, r->top, S("id"), &m->catalogue) || !is_named(r, m->catalogue) ||
		!take_catalog_id(r, r->top, S("from"), &from) ||
		!take_catalog_id(r, r->top, S("to"), &to) ||
		!take_words(r, r->top, S("notes"), &m->method) ||
		!take_array(r, r->top, S("mappings"), &list))
		return false;
	if (!str_eq(m->catalogue, str_fmt(a, "%.*s--%.*s", STR_ARG(from), STR_ARG(to))))
		return wrong(r, json_member(r->top, S("id")), "the id is not made of both ends");
	m->rec.title = str_fmt(a, "%.*s to %.*s", STR_ARG(from), STR_ARG(to));
	m->source = catalog_ref(a, from);
	m->target = catalog_ref(a, to);
	m->map = (struct mapping_map_rows){NEW(a, struct mapping_map, LIMIT_ROWS), 0};
	json_each(item, list) if (!take_mapping(r, item, &m->map)) return false;
	m->hash = r->hash;
	m->rec.state = MAPPING_STATE_PUBLISHED;
	return true;
}

/* ---- storing ---- */

/* The revision there is, and the file it was made of; `rev` 0 when there is none. */
static bool find_stored(struct call *c, int kind, str id, str *ref, int64_t *rev, str *hash)
{
	struct rows rows;

	*rev = 0;
	if (kind == KIND_FRAMEWORK)
		db_query(c->db, &rows,
			SQL("SELECT ref, rev, f_hash FROM framework WHERE until IS NULL"
			    " AND f_catalogue = $1 ORDER BY ref LIMIT 1"),
			V(id));
	else
		db_query(c->db, &rows,
			SQL("SELECT ref, rev, f_hash FROM mapping WHERE until IS NULL"
			    " AND f_catalogue = $1 ORDER BY ref LIMIT 1"),
			V(id));
	if (rows_next(&rows)) {
		*ref = str_dup(c->arena, rows_str(&rows, 0));
		*rev = rows_int(&rows, 1);
		*hash = str_dup(c->arena, rows_str(&rows, 2));
	}
	return rows_done(&rows);
}

static bool put(struct reading *r, void *rec, str act)
{
	struct call *c = r->c;
	str reason = c->reason;
	bool was_loader = c->who.is_loader;

	c->reason = str_fmt(c->arena, "Built-in catalogue %.*s", STR_ARG(r->name));
	c->who.is_loader = true;
	bool ok = kind_put(c, rec, act);
	c->who.is_loader = was_loader;
	c->reason = reason;
	if (!ok && c->err.code == ERR_INVALID) {
		struct err was = c->err;
		c->err.code = ERR_NONE;
		return FAIL(&c->err, ERR_INVALID, "%.*s: %s", STR_ARG(r->name), was.text);
	}
	return ok;
}

static bool load(struct reading *r, int kind)
{
	struct rec *rec = kind_new(r->c->arena, &kinds[kind]);
	str ref = S(""), hash = S("");
	int64_t rev;
	bool is_catalog = kind == KIND_FRAMEWORK;

	if (!find_stored(r->c, kind, json_text(r->top, S("id")), &ref, &rev, &hash))
		return false;
	if (rev && str_eq(hash, r->hash))
		return true;
	if (is_catalog ? !take_catalog(r, (struct framework *)rec)
		       : !take_crosswalk(r, (struct mapping *)rec))
		return false;
	rec->ref = rev       ? ref
		: is_catalog ? catalog_ref(r->c->arena, json_text(r->top, S("id")))
			     : S("");
	rec->rev = rev;
	rec->origin = ORIGIN_IMPORTED;
	rec->origin_source = r->name;
	return put(r, rec, rev ? S("catalog.update") : S("catalog.load"));
}

str catalog_ref(struct arena *a, str id)
{
	return str_fmt(a, "FRM-%.*s", STR_ARG(id));
}

bool catalog_load(struct call *c, str name, str json)
{
	struct reading r = {.c = c, .name = name, .text = json};
	struct err e = {.arena = c->arena};
	struct sha256 hash;
	struct buf b;

	assert(c->db && name.n > 5 && str_ends(name, S(".json")));
	r.top = json_parse(c->arena, &e, json);
	if (!r.top && e.code == ERR_SYNTAX)
		return err_at(&c->err, e.line, e.column, "%.*s:%" PRId64 ":%" PRId64 ": %s",
			STR_ARG(name), e.line, e.column, e.text);
	if (!r.top)
		return FAIL(&c->err, e.code, "%.*s: %s", STR_ARG(name), e.text);
	hash = sha256_of((str[]){S(LOADER), json}, 2);
	buf_init(&b, c->arena, 2 * (isize)sizeof hash.b);
	hex_print(&b, hash.b, (isize)sizeof hash.b);
	r.hash = buf_str(&b);
	if (json_member(r.top, S("requirements")))
		return load(&r, KIND_FRAMEWORK);
	if (json_member(r.top, S("mappings")))
		return load(&r, KIND_MAPPING);
	if (json_member(r.top, S("relations")) && json_member(r.top, S("levels")))
		return true;
	return wrong(&r, r.top, "this is neither a catalogue nor a crosswalk");
}
