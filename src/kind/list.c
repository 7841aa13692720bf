/* Lists: filtered, sorted, counted, in two statements, with the caller's rights in the query. */
#include "kind/kind_in.h"

enum { LIST_SQL = 40000 };

/* " IN ('a', 'b')" of the states with a bit. */
static void add_in_states(struct building *b, const struct kind *k, uint32_t states)
{
	const char *before = " IN (";

	for (int i = 0; i < k->state_count; i++) {
		if (!(states >> i & 1))
			continue;
		buf_fmt(&b->text, "%s'%.*s'", before, STR_ARG(k->state[i].name));
		before = ", ";
	}
	buf_add(&b->text, states ? S(")") : S(" IS NULL"));
}

/* The revisions asked for, and what the caller may see by how the record stands now. */
static void add_which(struct building *b, const struct call *c, const struct kind *k)
{
	if (c->at_us == TIME_NONE) {
		buf_add(&b->text, S(" WHERE t.until IS NULL"));
		add_visible(b, c, k, "t");
		return;
	}
	buf_fmt(&b->text, " JOIN \"%.*s\" n ON n.ref = t.ref AND n.until IS NULL",
		STR_ARG(k->name));
	buf_add(&b->text, S(" WHERE t.since <= "));
	add_value(b, V(c->at_us));
	buf_add(&b->text, S(" AND (t.until IS NULL OR t.until > "));
	add_value(b, V(c->at_us));
	buf_char(&b->text, ')');
	add_visible(b, c, k, "n");
}

static struct value filter_value(const struct filter *f)
{
	int64_t number = 0;

	switch (f->field->type) {
	case FIELD_INT:
		return str_int(f->value, INT64_MIN, INT64_MAX, &number) ? V(number) : V_NULL;
	case FIELD_DATE:
		return day_parse(f->value, &number) ? V(number) : V_NULL;
	case FIELD_TIME:
		return time_parse(f->value, &number) ? V(number) : V_NULL;
	case FIELD_FLAG:
		return V(1);
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_ENUM:
	case FIELD_REF:
	case FIELD_WORDS:
	case FIELD_ROWS:
		return V(f->value);
	}
	assert(false && "field type");
	return V_NULL;
}

static void add_filter(struct building *b, const struct filter *f)
{
	if (!f->field) {
		buf_add(&b->text, S(" AND t.state = "));
		add_value(b, V(f->value));
		return;
	}
	buf_fmt(&b->text, " AND t.\"f_%.*s\" ", STR_ARG(f->field->name));
	/* An empty value, and "no" of a flag, ask for records in which the field is not filled. */
	if (f->value.n == 0 || (f->field->type == FIELD_FLAG && str_eq(f->value, S("no")))) {
		buf_add(&b->text, S("IS NULL"));
		return;
	}
	buf_add(&b->text, f->is_below ? S("< ") : S("= "));
	add_value(b, filter_value(f));
}

/* A pattern for what contains `s`, letter by letter: "%" and "_" are not more than themselves. */
static str contains(struct arena *a, str s)
{
	struct buf b;

	buf_init(&b, a, 2 * s.n + 8);
	buf_char(&b, '%');
	for (isize i = 0; i < s.n; i++) {
		if (str_index(S("%_\\"), s.p[i]) >= 0)
			buf_char(&b, '\\');
		buf_char(&b, s.p[i]);
	}
	buf_char(&b, '%');
	return buf_str(&b);
}

static void add_conditions(
	struct building *b, struct call *c, const struct kind *k, const struct query *q)
{
	add_which(b, c, k);
	if (q->states) {
		buf_add(&b->text, S(" AND t.state"));
		add_in_states(b, k, q->states);
	}
	for (int i = 0; i < q->filter_count; i++)
		add_filter(b, &q->filter[i]);
	if (q->text.n) {
		buf_add(&b->text, S(" AND lower(t.\"f_title\") LIKE "));
		add_value(b, V(contains(c->arena, str_lower(c->arena, q->text))));
		buf_add(&b->text, S(" ESCAPE '\\'"));
	}
}

static void start(struct building *b, struct call *c)
{
	*b = (struct building){.count = 1};
	buf_init(&b->text, c->arena, LIST_SQL);
}

/* The text must outlive the statement, which the connection keeps: equal texts are interned. */
static struct value *finish(struct building *b, struct call *c)
{
	b->v[0] = db_built(SQL_CLASS_READ, db_intern(c->db, buf_str(&b->text)));
	return b->v;
}

bool kind_tally(struct call *c, const struct kind *k, const struct query *q, int64_t *out)
{
	struct building b;

	start(&b, c);
	buf_fmt(&b.text, "SELECT count(*) FROM \"%.*s\" t", STR_ARG(k->name));
	add_conditions(&b, c, k, q);
	finish(&b, c);
	*out = db_int_values(c->db, b.v, b.count);
	return db_ok(c->db);
}

static void add_order(struct building *b, const struct query *q)
{
	const char *way = q->descending ? "DESC" : "ASC";

	buf_add(&b->text, S(" ORDER BY "));
	if (q->sort)
		buf_fmt(&b->text, "t.\"f_%.*s\" %s NULLS LAST, length(t.ref), t.ref",
			STR_ARG(q->sort->name), way);
	else
		buf_fmt(&b->text, "length(t.ref) %s, t.ref %s", way, way);
	buf_add(&b->text, S(" LIMIT "));
	add_value(b, V(q->limit));
	buf_add(&b->text, S(" OFFSET "));
	add_value(b, V(q->from));
}

static void add_item(struct call *c, struct list *out, isize *room, struct rec *rec)
{
	if (out->count == *room) {
		void **more = NEW(c->arena, void *, *room * 2 + 16);
		if (out->count)
			memcpy(more, out->item, (size_t)out->count * sizeof *more);
		out->item = more;
		*room = *room * 2 + 16;
	}
	out->item[out->count++] = rec;
}

/* Selects `columns` of the rows that the list has, in its order. */
static void ask(struct call *c, const struct kind *k, const struct query *q, str columns,
	struct rows *r)
{
	struct building b;

	assert(q->limit > 0 && q->limit <= LIMIT_LIST_ROWS && q->filter_count <= QUERY_FILTERS);
	start(&b, c);
	buf_add(&b.text, columns);
	add_conditions(&b, c, k, q);
	add_order(&b, q);
	finish(&b, c);
	db_query_values(c->db, r, b.v, b.count);
}

/* Which revision of which record. */
struct revision_of {
	str ref;
	int64_t rev;
};

/* The order is found without the texts: the engine sorts all that it is asked for in memory. */
static bool find_order(struct call *c, const struct kind *k, const struct query *q,
	struct revision_of **out, isize *count)
{
	isize room = 0;
	struct rows r;

	*out = NULL;
	*count = 0;
	str columns =
		str_fmt(c->arena, "SELECT t.ref, t.rev FROM \"%.*s\" t", STR_ARG(k->name));
	ask(c, k, q, columns, &r);
	while (rows_next(&r)) {
		if (*count == room) {
			struct revision_of *more = NEW(c->arena, struct revision_of, room * 2 + 64);
			if (room)
				memcpy(more, *out, (size_t)room * sizeof *more);
			*out = more;
			room = room * 2 + 64;
		}
		(*out)[(*count)++] = (struct revision_of){
			.ref = str_dup(c->arena, rows_str(&r, 0)), .rev = rows_int(&r, 1)};
	}
	return rows_done(&r);
}

bool kind_each(struct call *c, const struct kind *k, const struct query *q,
	bool (*each)(void *who, const void *rec), void *who)
{
	struct revision_of *order;
	isize count;
	struct rows r;

	if (!find_order(c, k, q, &order, &count))
		return false;
	struct arena_mark mark = arena_here(c->arena);
	for (isize i = 0; i < count; i++) {
		db_query(c->db, &r, db_built(SQL_CLASS_READ, kind_sql(k)->get_rev), V(order[i].ref),
			V(order[i].rev));
		struct rec *rec = rows_next(&r) ? row_record(c, k, &r) : NULL;
		if (!rows_done(&r) || c->err.code != ERR_NONE)
			return false;
		if (rec && (!record_hide(c, rec) || !each(who, rec)))
			return false;
		arena_rewind(c->arena, mark);
	}
	return true;
}

bool kind_list(struct call *c, const struct kind *k, const struct query *q, struct list *out)
{
	isize room = 0;
	struct rows r;

	*out = (struct list){0};
	ask(c, k, q, kind_sql(k)->columns, &r);
	while (rows_next(&r)) {
		struct rec *rec = row_record(c, k, &r);
		if (!record_hide(c, rec))
			return false;
		add_item(c, out, &room, rec);
	}
	if (!rows_done(&r))
		return false;
	if (c->err.code)
		return false;
	/* A list that ends before its limit has counted itself. */
	out->total = q->from + out->count;
	return (out->count > 0 || q->from == 0) && out->count < q->limit
		? true
		: kind_tally(c, k, q, &out->total);
}
