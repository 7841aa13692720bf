/* The records of the model: read at once, and read again where the ledger moved. */
#include "threat/model/build.h"
#include "threat/model/model.h"
#include "threat/records/records_in.h"

struct reading {
	struct call *call;
	struct arena *arena; /* of the sources */
	struct sources *sources;
};

/* ---- one record ---- */

static bool no_room(struct call *c)
{
	return FAIL(&c->err, ERR_LIMIT, "the model needs more memory than there is");
}

/* Words that live as long as the sources. */
static bool keep(const struct reading *r, str s, str *out)
{
	char *p = NULL;

	*out = s;
	if (r->arena == r->call->arena || s.n == 0)
		return true;
	p = arena_bulk(r->arena, s.n);
	if (!p)
		return no_room(r->call);
	memcpy(p, s.p, (size_t)s.n);
	out->p = p;
	return true;
}

/* A field's value as data; "" when the kind has no such field or it is empty. */
static str value_of(const struct reading *r, const void *rec, const char *field)
{
	const struct field *f = kind_field(((const struct rec *)rec)->kind, str_of(field));

	return f ? kind_value(r->call->arena, rec, f) : S("");
}

/* `key` lives as long as the sources. */
static bool say(const struct reading *r, struct part *p, str key, str value)
{
	return value.n == 0 ||
		(keep(r, value, &value) && part_add(r->arena, &r->call->err, p, key, value, p->at));
}

/* "very_high" of an enumeration is "very-high" in models. */
static str level_of(str word)
{
	return str_eq(word, S("very_high")) ? S("very-high") : word;
}

/* Harm has five steps in records and four in models: the two worst are one. */
static str harm_of(str step)
{
	return str_eq(step, S("5")) ? S("4") : step;
}

static const struct said {
	enum part_group group;
	const char *field;
	str key;
} fields[] = {{PART_ZONE, "exposure", S_INIT("exposure")}, {PART_ZONE, "parent", S_INIT("in")},
	{PART_ZONE, "controller", S_INIT("controlled-by")},
	{PART_ASSET, "confidentiality", S_INIT("c")}, {PART_ASSET, "integrity", S_INIT("i")},
	{PART_ASSET, "availability", S_INIT("a")}, {PART_ASSET, "safety", S_INIT("s")},
	{PART_ELEMENT, "zone", S_INIT("in")}, {PART_ELEMENT, "technology", S_INIT("technology")},
	{PART_INTERFACE, "element", S_INIT("of")}, {PART_INTERFACE, "port", S_INIT("port")},
	{PART_FLOW, "content", S_INIT("content")}, {PART_FLOW, "both_ways", S_INIT("both-ways")},
	{PART_FLOW, "from", S_INIT("from")}, {PART_FLOW, "to", S_INIT("to")},
	{PART_FLOW, "protocol", S_INIT("note")}, {PART_FLOW, "port", S_INIT("port")},
	{PART_ASSUMPTION, "if_fails", S_INIT("fails")}};

static bool say_fields(
	const struct reading *r, enum part_group g, struct part *p, const struct rec *rec)
{
	for (int i = 0; i < COUNT_OF(fields); i++) {
		/* A property that means the same goes first. */
		if (fields[i].group != g || part_value(p, fields[i].key).n)
			continue;
		str value = value_of(r, rec, fields[i].field);
		if (g == PART_ASSET)
			value = str_eq(fields[i].key, S("s")) ? harm_of(value) : level_of(value);
		if (!say(r, p, fields[i].key, value))
			return false;
	}
	return true;
}

/* People type these: what a record has a field or a link for is said there, and a harm that is none
   of the levels would be an error of the whole model. */
static bool is_usable(str key, str value)
{
	static const str elsewhere[] = {S_INIT("in"), S_INIT("from"), S_INIT("to"), S_INIT("of"),
		S_INIT("carries"), S_INIT("at"), S_INIT("exposure")};
	static const str levels[] = {S_INIT("c"), S_INIT("i"), S_INIT("a"), S_INIT("s")};
	int8_t level;

	for (int i = 0; i < COUNT_OF(elsewhere); i++)
		if (str_eq(key, elsewhere[i]))
			return false;
	for (int i = 0; i < COUNT_OF(levels); i++)
		if (str_eq(key, levels[i]) && !level_parse(value, &level))
			return false;
	/* Such a key keeps what another format said, in its own notation. */
	return key.n && value.n && !str_starts(key, S("x-"));
}

static bool say_properties(const struct reading *r, struct part *p, const struct rec *rec)
{
	const struct field *f = kind_field(rec->kind, S("property"));
	const struct any_rows *rows = f ? kind_slot(rec, f) : NULL;

	for (isize i = 0; rows && i < rows->count; i++) {
		const char *row = (const char *)rows->item + i * f->row_size;
		str key = kind_value(r->call->arena, row, &f->col[0]);
		str value = kind_value(r->call->arena, row, &f->col[1]);
		if (is_usable(key, value) && (!keep(r, key, &key) || !say(r, p, key, value)))
			return false;
	}
	return true;
}

static enum part_kind part_kind_of(const struct reading *r, enum part_group g, const void *rec)
{
	static const enum part_kind of[] = {[PART_ZONE] = PART_IS_ZONE,
		[PART_ASSET] = PART_IS_ASSET,
		[PART_INTERFACE] = PART_IS_INTERFACE,
		[PART_FLOW] = PART_IS_FLOW,
		[PART_ASSUMPTION] = PART_IS_ASSUMPTION};
	enum part_kind kind;

	if (g != PART_ELEMENT)
		return of[g];
	return part_kind_parse(value_of(r, rec, "type"), &kind) &&
			part_group_of(kind) == PART_ELEMENT
		? kind
		: PART_IS_PROCESS;
}

/* What is no longer part of the system is no longer drawn. */
static bool is_retired(const struct rec *rec)
{
	return str_eq(rec->kind->state[rec->state].name, S("retired"));
}

/* Who may see it.  Of a revision of the past, which was listed for the caller, it is not asked. */
static bool keep_standing(const struct reading *r, const struct rec *rec, struct standing *out)
{
	*out = record_standing(rec);
	if (!keep(r, out->product, &out->product) || !keep(r, out->owner, &out->owner))
		return false;
	const struct words *from = &rec->need_to_know;
	str *item = arena_bulk(r->arena, (from->count + 1) * (isize)sizeof *item);
	if (!item)
		return no_room(r->call);
	for (isize i = 0; i < from->count; i++)
		if (!keep(r, from->item[i], &item[i]))
			return false;
	out->need_to_know.item = item;
	return true;
}

/* Everything but the links. */
static bool make_source(
	const struct reading *r, enum part_group g, const struct rec *rec, struct model_source *out)
{
	*out = (struct model_source){
		.said.kind = part_kind_of(r, g, rec), .is_retired = is_retired(rec)};
	return keep(r, rec->ref, &out->said.id) && keep(r, rec->title, &out->said.name) &&
		keep_standing(r, rec, &out->now) &&
		(g != PART_FLOW || say_properties(r, &out->said, rec)) &&
		say_fields(r, g, &out->said, rec) &&
		(g == PART_FLOW || say_properties(r, &out->said, rec));
}

/* ---- lists of them ---- */

/* Of a group up to assumptions. */
static const struct kind *source_kind(enum part_group g)
{
	static const int of[PART_ASSUMPTION + 1] = {[PART_ZONE] = KIND_ZONE,
		[PART_ASSET] = KIND_ASSET,
		[PART_ELEMENT] = KIND_ELEMENT,
		[PART_INTERFACE] = KIND_INTERFACE,
		[PART_FLOW] = KIND_FLOW,
		[PART_ASSUMPTION] = KIND_ASSUMPTION};

	return &kinds[of[g]];
}

/* By reference as people count: F-9 before F-10; as kind_list() has them. */
static int ref_order(str a, str b)
{
	return a.n != b.n ? (a.n < b.n ? -1 : 1) : str_cmp(a, b);
}

/* Where the reference stands, or would. */
static isize find_place(const struct source_list *l, str ref)
{
	isize low = 0, high = l->count;

	while (low < high) {
		isize middle = low + (high - low) / 2;
		if (ref_order(l->item[middle].said.id, ref) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct model_source *find_source(const struct source_list *l, str ref)
{
	isize at = find_place(l, ref);

	return at < l->count && str_eq(l->item[at].said.id, ref) ? &l->item[at] : NULL;
}

static bool put_source(
	const struct reading *r, struct source_list *l, isize at, const struct model_source *new)
{
	struct model_source *list =
		list_grow(r->arena, l->item, l->count, &l->room, (isize)sizeof *list);

	if (!list)
		return no_room(r->call);
	l->item = list;
	memmove(&list[at + 1], &list[at], (size_t)(l->count - at) * sizeof *list);
	list[at] = *new;
	l->count++;
	return true;
}

static bool load_group(const struct reading *r, enum part_group g)
{
	struct query q = {.limit = LIMIT_LIST_ROWS};
	const struct kind *k = source_kind(g);
	struct source_list *l = &r->sources->of[g];
	struct list list;

	if (!call_could_some(r->call, k->can_read))
		return true;
	if (!kind_list(r->call, k, &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		struct model_source s;
		if (!make_source(r, g, list.item[i], &s) || !put_source(r, l, l->count, &s))
			return false;
	}
	return true;
}

/* ---- links ---- */

static bool add_link(const struct reading *r, struct model_source *s, str to)
{
	/* Room doubles whenever the count is a power of two. */
	bool is_full = (s->link_count & (s->link_count - 1)) == 0;
	str *list = s->link;

	if (is_full) {
		list = arena_bulk(r->arena, (s->link_count * 2 + 1) * (isize)sizeof *list);
		if (!list)
			return no_room(r->call);
		if (s->link_count)
			memcpy(list, s->link, (size_t)s->link_count * sizeof *list);
		s->link = list;
	}
	return keep(r, to, &list[s->link_count++]);
}

/* Rows of type, from and to, each list in order. */
static bool take_links(const struct reading *r, struct rows *rows)
{
	bool ok = true;

	while (ok && rows_next(rows)) {
		bool carries = str_eq(rows_str(rows, 0), S("carries"));
		const struct source_list *l = &r->sources->of[carries ? PART_FLOW : PART_ASSET];
		struct model_source *s = find_source(l, rows_str(rows, 1));
		ok = !s || add_link(r, s, str_dup(r->call->arena, rows_str(rows, 2)));
	}
	return rows_done(rows) && ok;
}

#define LINKS    "SELECT type, from_ref, to_ref FROM link WHERE type IN ('carries', 'resides_in') "
#define IN_ORDER "ORDER BY from_ref, length(to_ref), to_ref "

static bool load_links(const struct reading *r)
{
	int64_t at = r->call->at_us == TIME_NONE ? INT64_MAX : r->call->at_us;
	struct rows rows;

	db_query(r->call->db, &rows,
		SQL(LINKS "AND since <= $1 AND (until IS NULL OR until > $1) " IN_ORDER
			  "LIMIT 400000"),
		V(at));
	return take_links(r, &rows);
}

static bool reload_links(const struct reading *r, str from)
{
	static const enum part_group groups[] = {PART_FLOW, PART_ASSET};
	struct rows rows;

	for (int i = 0; i < COUNT_OF(groups); i++) {
		struct model_source *s = find_source(&r->sources->of[groups[i]], from);
		if (!s)
			continue;
		s->link_count = 0;
		db_query(r->call->db, &rows,
			SQL(LINKS "AND from_ref = $1 AND until IS NULL " IN_ORDER "LIMIT 5000"),
			V(from));
		return take_links(r, &rows);
	}
	return true;
}

/* ---- all of it ---- */

bool sources_load(struct call *c, struct arena *a, struct sources *out)
{
	struct reading r = {c, a, out};

	*out = (struct sources){0};
	for (int g = 0; g <= PART_ASSUMPTION; g++)
		if (!load_group(&r, (enum part_group)g))
			return false;
	return load_links(&r);
}

static bool reload_record(const struct reading *r, enum part_group g, str ref)
{
	struct source_list *l = &r->sources->of[g];
	isize at = find_place(l, ref);
	struct model_source new;
	void *rec;

	if (!kind_get(r->call, source_kind(g), ref, &rec) || !make_source(r, g, rec, &new))
		return false;
	if (at == l->count || !str_eq(l->item[at].said.id, ref))
		return put_source(r, l, at, &new);
	new.link = l->item[at].link;
	new.link_count = l->item[at].link_count;
	l->item[at] = new;
	return true;
}

static bool reload(const struct reading *r, str object, bool links, bool *changed)
{
	str ref = object, kind = str_cut(&ref, ':');

	if (links != str_eq(kind, S("link")))
		return true;
	if (links) {
		*changed = true;
		return reload_links(r, ref);
	}
	for (int g = 0; g <= PART_ASSUMPTION; g++)
		if (str_eq(kind, source_kind((enum part_group)g)->name)) {
			*changed = true;
			return reload_record(r, (enum part_group)g, ref);
		}
	return true;
}

bool sources_update(struct call *c, struct arena *a, int64_t seq, struct sources *s, bool *changed)
{
	str *object = NEW(c->arena, str, SOURCE_CHANGES_MAX);
	struct reading r = {c, a, s};
	isize count = 0;
	struct rows rows;

	*changed = false;
	db_query(c->db, &rows,
		SQL("SELECT DISTINCT object FROM entry WHERE seq >= $1 ORDER BY object LIMIT 256"),
		V(seq));
	while (count < SOURCE_CHANGES_MAX && rows_next(&rows))
		object[count++] = str_dup(c->arena, rows_str(&rows, 0));
	if (!rows_done(&rows))
		return false;
	/* Links last: their records are there by then. */
	for (int links = 0; links < 2; links++)
		for (isize i = 0; i < count; i++)
			if (!reload(&r, object[i], links, changed))
				return false;
	return true;
}
