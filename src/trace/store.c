/* The records and links of the chains, read at once, and read again where the ledger moved. */
#include "trace/trace_in.h"

enum { NODES_MAX = 400000 };

/* ---- statements ---- */

/* `t` is the revision asked for, `n` the one of now, by which the record is seen or not. */
#define HEAD                                                                                       \
	"SELECT t.ref, t.f_title, t.state, t.f_owner, t.f_product, t.f_review_due, t.since,"       \
	" n.f_product, n.f_owner, n.f_classification, n.f_need_to_know, NULL, "
/* After them: word, answer, reason, until, four ratings, products. */
#define NO2      "NULL, NULL, "
#define NO4      NO2 NO2
#define OF(kind) " FROM " kind " t JOIN " kind " n ON n.ref = t.ref AND n.until IS NULL"
#define THREAT   "t.f_category, t.f_applies, t.f_reason, " NO4 "NULL, NULL" OF("threat")
#define RISK                                                                                       \
	"t.f_criteria, NULL, NULL, t.f_acceptance_until, t.f_inherent_severity,"                   \
	" t.f_inherent_exploitability,"                                                            \
	" t.f_residual_severity, t.f_residual_exploitability, NULL" OF("risk")
#define CONTROL     "t.f_domain, " NO4 NO2 "NULL, NULL" OF("control")
#define REQUIREMENT NO4 NO4 "NULL" OF("requirement")
#define TEST        "t.f_result, " NO4 NO2 "NULL, NULL" OF("test")
#define EVIDENCE    NO2 "NULL, t.f_valid_until, " NO4 "NULL" OF("evidence")
#define ELEMENT     NO4 NO4 "t.f_products" OF("element")
#define FLOW        NO4 NO4 "NULL" OF("flow")
/* The revisions that held at $1; the current one of the record $1. */
#define THEN " WHERE t.since <= $1 AND (t.until IS NULL OR t.until > $1) ORDER BY 1 LIMIT 400001"
#define ONE  " WHERE t.ref = $1 AND t.until IS NULL ORDER BY 1 LIMIT 1"
#define READS(text_)                                                                               \
	{                                                                                          \
		.type = VALUE_SQL, .class = SQL_CLASS_READ, .text = S_INIT(text_)                  \
	}

static const struct layer_source {
	int kind;
	struct value then, one;
} source[LAYERS] = {
	[LAYER_THREAT] = {KIND_THREAT, READS(HEAD THREAT THEN), READS(HEAD THREAT ONE)},
	[LAYER_RISK] = {KIND_RISK, READS(HEAD RISK THEN), READS(HEAD RISK ONE)},
	[LAYER_CONTROL] = {KIND_CONTROL, READS(HEAD CONTROL THEN), READS(HEAD CONTROL ONE)},
	[LAYER_REQUIREMENT] = {KIND_REQUIREMENT, READS(HEAD REQUIREMENT THEN),
		READS(HEAD REQUIREMENT ONE)},
	[LAYER_TEST] = {KIND_TEST, READS(HEAD TEST THEN), READS(HEAD TEST ONE)},
	[LAYER_EVIDENCE] = {KIND_EVIDENCE, READS(HEAD EVIDENCE THEN), READS(HEAD EVIDENCE ONE)},
	[LAYER_ELEMENT] = {KIND_ELEMENT, READS(HEAD ELEMENT THEN), READS(HEAD ELEMENT ONE)},
	[LAYER_FLOW] = {KIND_FLOW, READS(HEAD FLOW THEN), READS(HEAD FLOW ONE)},
};

int layer_kind(enum layer layer)
{
	assert(layer >= 0 && layer < LAYERS);
	return source[layer].kind;
}

const struct kind *node_kind(const struct node *n)
{
	return &kinds[layer_kind(n->layer)];
}

/* ---- references ---- */

static struct slot *slot_of(const struct index *x, str ref)
{
	uint64_t i = str_hash(ref) & x->mask;

	while (x->slot[i].ref.n && !str_eq(x->slot[i].ref, ref))
		i = (i + 1) & x->mask;
	return &x->slot[i];
}

static int32_t node_of(const struct chain_store *s, str ref)
{
	const struct slot *found = slot_of(&s->index, ref);

	return found->ref.n ? found->node : -1;
}

static bool grow_index(struct call *c, struct chain_store *s)
{
	uint64_t size = s->index.slot ? (s->index.mask + 1) * 4 : 1024;

	struct slot *slot = arena_bulk(c->arena, (isize)(size * sizeof *slot));
	if (!slot)
		return FAIL(&c->err, ERR_LIMIT, "more records than fit in memory here");
	memset(slot, 0, size * sizeof *slot);
	s->index = (struct index){slot, size - 1};
	for (int32_t i = 0; i < s->count; i++)
		*slot_of(&s->index, s->node[i].ref) = (struct slot){s->node[i].ref, i};
	return true;
}

/* Room for one more of `count` things; what was there before stays in the arena as waste. */
static bool grow(struct call *c, void *list, int32_t count, int32_t *room, isize size, void **out)
{
	*out = list;
	if (count < *room)
		return true;
	int32_t more = *room ? *room * 2 : 256;
	void *p = arena_bulk(c->arena, more * size);
	if (!p)
		return FAIL(&c->err, ERR_LIMIT, "more records than fit in memory here");
	if (count)
		memcpy(p, list, (size_t)(count * size));
	*room = more;
	*out = p;
	return true;
}

/* ---- records ---- */

static int64_t day_at(const struct rows *r, int column)
{
	return rows_is_null(r, column) ? DAY_NONE : rows_int(r, column);
}

static int64_t int_at(const struct rows *r, int column)
{
	return rows_is_null(r, column) ? INT_NONE : rows_int(r, column);
}

static int word_at(const struct rows *r, int column, const struct kind *k, str field)
{
	return rows_is_null(r, column)
		? 0
		: kind_word_find(kind_field(k, field)->set, rows_str(r, column));
}

static bool read_products(struct call *c, const struct rows *r, struct words *out)
{
	const struct kind *k = &kinds[KIND_ELEMENT];
	struct element *e;

	if (rows_is_null(r, 20))
		return true;
	e = kind_new(c->arena, k);
	if (!kind_set(c, e, kind_field(k, S("products")), str_dup(c->arena, rows_str(r, 20))))
		return FAIL(&c->err, ERR_FAULT, "the stored products cannot be read");
	*out = e->products;
	return true;
}

static void read_word(const struct rows *r, const struct kind *k, struct node *n)
{
	if (n->layer == LAYER_THREAT)
		n->category = word_at(r, 12, k, S("category"));
	else if (n->layer == LAYER_CONTROL)
		n->domain = word_at(r, 12, k, S("domain"));
	else if (n->layer == LAYER_TEST)
		n->result = word_at(r, 12, k, S("result"));
}

static bool read_node(struct call *c, const struct rows *r, enum layer layer, struct node *n)
{
	const struct kind *k = &kinds[source[layer].kind];
	int state = kind_state(k, rows_str(r, 2));

	*n = (struct node){.layer = layer,
		.ref = str_dup(c->arena, rows_str(r, 0)),
		.title = str_dup(c->arena, rows_str(r, 1)),
		.owner = str_dup(c->arena, rows_str(r, 3)),
		.product = str_dup(c->arena, rows_str(r, 4)),
		.state = state < 0 ? 0 : state,
		.review_due = day_at(r, 5),
		.since = rows_int(r, 6),
		.until = day_at(r, 15),
		.has_reason = str_trim(rows_str(r, 14)).n > 0};
	if (!row_standing(c, k, r, 7, &n->now))
		return false;
	read_word(r, k, n);
	if (layer == LAYER_THREAT)
		n->applies = word_at(r, 13, k, S("applies"));
	n->ratings = (struct risk_rated){
		.state = n->state,
		.inherent_severity = int_at(r, 16),
		.inherent_exploitability = int_at(r, 17),
		.residual_severity = int_at(r, 18),
		.residual_exploitability = int_at(r, 19),
		.product = n->product};
	if (layer == LAYER_RISK)
		n->ratings.criteria = str_dup(c->arena, rows_str(r, 12));
	return read_products(c, r, &n->products);
}

/* A record already there keeps its place. */
static bool take_node(struct call *c, struct chain_store *s, const struct rows *r, enum layer layer)
{
	int32_t at = node_of(s, rows_str(r, 0));
	void *list;

	if (at >= 0)
		return read_node(c, r, layer, &s->node[at]);
	if (s->count == NODES_MAX || arena_room(c->arena) < ARENA_RESERVE)
		return FAIL(&c->err, ERR_LIMIT, "more than %d records in chains: more than fit",
			s->count);
	if (!grow(c, s->node, s->count, &s->room, (isize)sizeof *s->node, &list))
		return false;
	s->node = list;
	if (!read_node(c, r, layer, &s->node[s->count]))
		return false;
	s->count++;
	if ((uint64_t)s->count * 2 > s->index.mask)
		return grow_index(c, s);
	*slot_of(&s->index, s->node[s->count - 1].ref) =
		(struct slot){s->node[s->count - 1].ref, s->count - 1};
	return true;
}

/* ---- links ---- */

static const struct {
	str type;
	int8_t edge;
} link_edge[] = {{S_INIT("raises"), EDGE_RISKS}, {S_INIT("counters"), EDGE_COUNTERS},
	{S_INIT("treats"), EDGE_TREATS}, {S_INIT("refines"), EDGE_REQUIREMENTS},
	{S_INIT("verifies"), EDGE_TESTS}, {S_INIT("shows"), EDGE_EVIDENCE},
	{S_INIT("targets"), EDGE_TARGETS}, {S_INIT("satisfies"), EDGES},
	{S_INIT("part_of"), EDGES}};

static bool take_link(struct call *c, struct chain_store *s, const struct rows *r)
{
	struct half_link l = {node_of(s, rows_str(r, 1)), node_of(s, rows_str(r, 2)), EDGES};
	str type = rows_str(r, 0);
	void *list;

	for (isize i = 0; i < COUNT_OF(link_edge); i++)
		if (str_eq(type, link_edge[i].type))
			l.edge = link_edge[i].edge;
	if (l.from < 0)
		return true;
	if (s->link_count == TRACE_LINKS_MAX)
		return FAIL(&c->err, ERR_LIMIT, "more than %d links: more than this page takes",
			TRACE_LINKS_MAX);
	if (!grow(c, s->link, s->link_count, &s->link_room, (isize)sizeof *s->link, &list))
		return false;
	s->link = list;
	s->link[s->link_count++] = l;
	return true;
}

static bool take_links(struct call *c, struct chain_store *s, struct rows *r)
{
	bool ok = true;

	while (ok && rows_next(r))
		ok = take_link(c, s, r);
	return rows_done(r) && ok;
}

/*
 * Links are read here as pairs and not with link_list_type(), which makes a brief of each end: the
 * records are there already.
 */
#define CHAIN_TYPES                                                                                \
	"type IN ('raises', 'counters', 'treats', 'refines', 'verifies', 'shows', 'targets',"      \
	" 'satisfies', 'part_of')"

static bool load_links(struct call *c, int64_t at_us, struct chain_store *s)
{
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT type, from_ref, to_ref FROM link WHERE " CHAIN_TYPES
		    " AND since <= $1 AND (until IS NULL OR until > $1) ORDER BY 2, 3 LIMIT "
		    "400001"),
		V(at_us));
	return take_links(c, s, &r);
}

static bool reload_links(struct call *c, str from, struct chain_store *s)
{
	int32_t at = node_of(s, from), kept = 0;
	struct rows r;

	if (at < 0)
		return true;
	for (int32_t i = 0; i < s->link_count; i++)
		if (s->link[i].from != at)
			s->link[kept++] = s->link[i];
	s->link_count = kept;
	db_query(c->db, &r,
		SQL("SELECT type, from_ref, to_ref FROM link WHERE from_ref = $1 AND " CHAIN_TYPES
		    " AND until IS NULL ORDER BY 2, 3 LIMIT 5000"),
		V(from));
	return take_links(c, s, &r);
}

/* ---- all of it ---- */

static bool load_layer(
	struct call *c, enum layer layer, const struct value *v, struct chain_store *s)
{
	struct rows r;
	bool ok = true;

	db_query_values(c->db, &r, v, 2);
	while (ok && rows_next(&r))
		ok = take_node(c, s, &r, layer);
	return rows_done(&r) && ok;
}

static bool load_all(struct call *c, int64_t at_us, struct chain_store *s)
{
	if (!grow_index(c, s))
		return false;
	for (int i = 0; i < LAYERS; i++)
		if (!load_layer(
			    c, (enum layer)i, (const struct value[]){source[i].then, V(at_us)}, s))
			return false;
	return load_links(c, at_us, s);
}

bool chain_store_load(struct call *c, struct arena *a, int64_t at_us, struct chain_store *s)
{
	struct arena *own = c->arena;

	*s = (struct chain_store){0};
	c->arena = a;
	bool ok = load_all(c, at_us, s);
	c->arena = own;
	return ok;
}

static bool reload_record(struct call *c, str kind, str ref, struct chain_store *s)
{
	const struct kind *k = kind_by_name(kind);

	for (int i = 0; k && i < LAYERS; i++)
		if (source[i].kind == k->id)
			return load_layer(
				c, (enum layer)i, (const struct value[]){source[i].one, V(ref)}, s);
	return true;
}

static bool is_in_layer(str kind)
{
	const struct kind *k = kind_by_name(kind);

	for (int i = 0; k && i < LAYERS; i++)
		if (source[i].kind == k->id)
			return true;
	return false;
}

bool chain_store_update(
	struct call *c, struct arena *a, int64_t seq, struct chain_store *s, bool *moved)
{
	str *object = NEW(c->arena, str, CHAIN_CHANGES_MAX);
	struct arena *own = c->arena;
	isize count = 0;
	bool ok = true;
	struct rows r;

	*moved = false;
	db_query(c->db, &r,
		SQL("SELECT DISTINCT object FROM entry WHERE seq >= $1 ORDER BY object LIMIT 256"),
		V(seq));
	while (count < CHAIN_CHANGES_MAX && rows_next(&r))
		object[count++] = str_dup(own, rows_str(&r, 0));
	if (!rows_done(&r))
		return false;
	c->arena = a;
	/* Links last: both their ends are there by then. */
	for (int links = 0; links < 2; links++)
		for (isize i = 0; ok && i < count; i++) {
			str ref = object[i], kind = str_cut(&ref, ':');
			if (str_eq(kind, S("link")) != links)
				continue;
			*moved |= links || is_in_layer(kind);
			ok = links ? reload_links(c, ref, s) : reload_record(c, kind, ref, s);
		}
	c->arena = own;
	return ok;
}
