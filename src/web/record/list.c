/* Lists: of one kind, of an area, of what a search found, of what waits for me. */
#include "pages.h"
#include "web/record/list_view.h"
#include "web/web_in.h"

/* ---- one kind ---- */

/* A secret field must not be found out by asking for its value, nor by the order of a list. */
static bool is_sort(const struct field *f)
{
	return f && !f->secret && f->type != FIELD_ROWS && f->type != FIELD_WORDS;
}

/* A field the list can be narrowed by: all but long texts, times, tables and sets of words. */
static bool is_filter(const struct field *f)
{
	if (f->secret)
		return false;
	return f->type == FIELD_ENUM || f->type == FIELD_REF || f->type == FIELD_FLAG ||
		f->type == FIELD_INT || f->type == FIELD_DATE || f->type == FIELD_TEXT;
}

static bool add_filter(struct query *out, const struct field *f, str value)
{
	if (out->filter_count == QUERY_FILTERS)
		return false;
	out->filter[out->filter_count++] = (struct filter){.field = f, .value = value};
	return true;
}

/* What the address names that is not a field of the kind. */
static bool is_own_word(str name)
{
	static const str own[] = {S_INIT("at"), S_INIT("page"), S_INIT("sort"), S_INIT("q"),
		S_INIT("view"), S_INIT("stage"), S_INIT("pick")};

	for (isize i = 0; i < COUNT_OF(own); i++)
		if (str_eq(own[i], name))
			return true;
	return false;
}

static bool read_filter(
	struct call *c, const struct kind *k, const struct form_field *given, struct query *out)
{
	const struct field *f = kind_field(k, given->name);

	if (is_own_word(given->name) || given->value.n == 0)
		return true;
	if (str_eq(given->name, S("state"))) {
		if (kind_state(k, given->value) < 0)
			return err_issue(&c->err, given->name, "\"%.*s\" is not a state of a %.*s",
				STR_ARG(given->value), STR_ARG(k->title));
		return add_filter(out, NULL, given->value) ||
			err_issue(&c->err, given->name, "too many filters");
	}
	if (!f || !is_filter(f))
		return err_issue(&c->err, given->name, "%.*s cannot be filtered by \"%.*s\"",
			STR_ARG(k->plural), STR_ARG(given->name));
	str value = str_eq(given->value, S("none")) ? S("") : given->value;
	return add_filter(out, f, value) || err_issue(&c->err, given->name, "too many filters");
}

bool list_query(struct call *c, const struct request *q, const struct kind *k, struct query *out)
{
	str sort = form_value(&q->query, S("sort"));
	int64_t page;

	*out = (struct query){
		.text = str_trim(form_value(&q->query, S("q"))), .limit = LIMIT_PAGE_ROWS};
	for (isize i = 0; i < q->query.count; i++)
		if (!read_filter(c, k, &q->query.field[i], out))
			return false;
	if (q->product.n && !add_filter(out, kind_field(k, S("product")), q->product))
		return err_issue(&c->err, S("product"), "too many filters");
	if (str_starts(sort, S("-"))) {
		out->descending = true;
		sort = str_part(sort, 1, sort.n);
	}
	out->sort = kind_field(k, sort);
	if (sort.n && !is_sort(out->sort))
		return err_issue(&c->err, S("sort"), "%.*s cannot be sorted by \"%.*s\"",
			STR_ARG(k->plural), STR_ARG(sort));
	if (!page_read(c, q, &page))
		return false;
	out->from = (isize)(page - 1) * LIMIT_PAGE_ROWS;
	if (q->ending.n) {
		out->from = 0;
		out->limit = LIMIT_LIST_ROWS;
	}
	return true;
}

/* The address of this list without page and sort, ending in what a further word may follow. */
static str base_url(struct call *c, const struct request *q, bool with_sort)
{
	struct buf b;

	buf_init(&b, c->arena, 4 * HTTP_TARGET_BYTES);
	buf_add(&b, q->http->path);
	buf_add(&b, S("?"));
	for (isize i = 0; i < q->query.count; i++) {
		const struct form_field *f = &q->query.field[i];
		if (str_eq(f->name, S("page")) || f->value.n == 0)
			continue;
		if (!with_sort && str_eq(f->name, S("sort")))
			continue;
		html_query(&b, f->name);
		buf_char(&b, '=');
		html_query(&b, f->value);
		buf_char(&b, '&');
	}
	return buf_back(&b, '&') ? buf_str(&b)
				 : str_fmt(c->arena, "%.*s?list=", STR_ARG(q->http->path));
}

bool list_view_make(struct call *c, struct request *q, const struct kind *k, struct list_view *v)
{
	if (!page_read(c, q, &v->page))
		return false;
	v->call = c;
	v->kind = k;
	v->query = &q->query;
	v->page_url = base_url(c, q, true);
	v->sort_url = base_url(c, q, false);
	v->sort = form_value(&q->query, S("sort"));
	v->file_url = q->http->path;
	v->query_text = q->http->query;
	v->csv_url =
		str_fmt(c->arena, "%.*s.csv?%.*s", STR_ARG(q->http->path), STR_ARG(q->http->query));
	v->json_url = str_fmt(
		c->arena, "%.*s.json?%.*s", STR_ARG(q->http->path), STR_ARG(q->http->query));
	v->may_create = c->at_us == TIME_NONE && call_could_some(c, k->can_write);
	for (int i = 0; i < k->field_count && v->column_count < COLUMNS_MAX; i++)
		if (k->field[i].in_list && !str_eq(k->field[i].name, S("title")))
			v->column[v->column_count++] = &k->field[i];
	for (int i = 0; i < k->field_count && v->filter_count < SELECTS_MAX; i++)
		if (k->field[i].type == FIELD_ENUM && k->field[i].in_list)
			v->filter[v->filter_count++] = &k->field[i];
	return true;
}

str list_filter_value(const struct list_view *v, str name)
{
	return form_value(v->query, name);
}

str list_cell(const struct list_view *v, const void *rec, const struct field *f)
{
	return kind_value_words(v->call->arena, rec, f);
}

bool list_is_late(const struct list_view *v, const void *rec)
{
	const struct rec *r = rec;

	return rec_review_is_late(r, day_of_time(v->call->now_us));
}

static bool kind_of(struct call *c, str name, const struct kind **out)
{
	*out = kind_by_name(name);
	return *out ||
		FAIL(&c->err, ERR_MISSING, "there is no kind of record \"%.*s\"", STR_ARG(name));
}

bool web_records(struct call *c, struct request *q, struct http_reply *out)
{
	struct list_view *v = NEW(c->arena, struct list_view, 1);
	const struct kind *k;
	struct query query;

	if (!kind_of(c, q->arg[0], &k) || !call_may_some(c, k->can_read) ||
		!list_query(c, q, k, &query))
		return false;
	if (q->ending.n)
		return list_file(c, q, k, &query, out);
	if (!kind_list(c, k, &query, &v->list))
		return false;
	if (!list_view_make(c, q, k, v) || !frame_make(c, q, k->plural, k->area, &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	records_page_html(b, v);
	reply_done(out, b);
	return true;
}

/* ---- an area: the kinds of a place ---- */

static const struct place *place_of(str key)
{
	for (const struct place *p = nav_places; p->key.n; p++)
		if (str_eq(p->key, key))
			return p;
	return NULL;
}

/* The conditions are those of the list behind the count: the reader's rights, the product. */
bool area_tally(struct call *c, struct area_view *v, str product)
{
	struct buf today;

	buf_init(&today, c->arena, 16);
	day_print(&today, day_of_time(c->now_us));
	for (int i = 0; i < v->kind_count; i++) {
		const struct kind *k = v->kind[i].kind;
		struct filter belongs = {.field = kind_field(k, S("product")), .value = product};
		struct query q = {.filter = {belongs}, .filter_count = product.n > 0};
		if (!kind_tally(c, k, &q, &v->kind[i].count))
			return false;
		q.filter[q.filter_count++] =
			(struct filter){.field = kind_field(k, S("review_due")),
				.value = buf_str(&today),
				.is_below = true};
		q.states = ~kind_ended(k);
		if (!kind_tally(c, k, &q, &v->kind[i].late))
			return false;
	}
	return true;
}

bool web_area(struct call *c, struct request *q, struct http_reply *out)
{
	struct area_view *v = NEW(c->arena, struct area_view, 1);
	const struct place *p = place_of(str_part(q->path, 1, q->path.n));

	if (!p || !call_may_some(c, p->right))
		return p ? false : FAIL(&c->err, ERR_MISSING, "there is no such place");
	v->call = c;
	for (int i = 0; i < kind_count && v->kind_count < AREA_KINDS; i++)
		if (str_eq(kinds[i].area, p->key) && call_could_some(c, kinds[i].can_read))
			v->kind[v->kind_count++].kind = &kinds[i];
	if (!area_tally(c, v, q->product) || !frame_make(c, q, p->name, p->key, &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	area_page_html(b, v);
	reply_done(out, b);
	return true;
}

str area_url(const struct area_view *v, const struct kind *k)
{
	return scoped(&v->frame, str_fmt(v->call->arena, "/records/%.*s", STR_ARG(k->name)));
}

/* ---- search ---- */

bool web_search(struct call *c, struct request *q, struct http_reply *out)
{
	struct search_view *v = NEW(c->arena, struct search_view, 1);
	str words = str_trim(form_value(&q->query, S("q")));
	struct brief hit;

	/* A reference typed in the box jumps, in capitals or not. */
	if (words.n && words.n <= LIMIT_REF &&
		(kind_brief(c, words, &hit) || kind_brief(c, str_upper(c->arena, words), &hit)))
		return reply_redirect(out, record_url(c, hit.ref));
	if (!db_ok(c->db))
		return false;
	v->call = c;
	v->words = words;
	if (!kind_search(c, words, &v->found) ||
		!frame_make(c, q, S("Search"), S("search"), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	search_page_html(b, v);
	reply_done(out, b);
	return true;
}

/* ---- tasks ---- */

bool web_tasks(struct call *c, struct request *q, struct http_reply *out)
{
	struct tasks_view *v = NEW(c->arena, struct tasks_view, 1);

	v->call = c;
	if (!frame_make(c, q, S("My tasks"), S("tasks"), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	tasks_page_html(b, v);
	reply_done(out, b);
	return true;
}
