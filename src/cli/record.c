/*
 * The commands that read records: show, list, search, history, export.
 *
 * They read the files of the store, alone or beside a server, in one snapshot, with the rights of
 * the program itself: whoever may read the files sees everything in them.
 */
#include "base/json.h"

#include "cli/cli_in.h"
#include "kind/kind.h"

enum { SHOW_LABEL = 26, CELL_MAX = 32, TITLE_MAX = 100, COLUMNS_MAX = 12 };

/* ---- what the words of the command mean ---- */

/* "risk", "risks", "RSK" and "access grants" or "access-grants" name a kind. */
static const struct kind *find_kind(struct cli *c, str word)
{
	const struct kind *k = kind_by_name(word);

	for (int i = 0; !k && i < kind_count; i++) {
		str plural = str_lower(c->arena, kinds[i].plural);
		bool same = plural.n == word.n && word.n;
		for (isize at = 0; same && at < word.n; at++) {
			char a = word.p[at], b = plural.p[at];
			same = a == b || ((a == '-' || a == '_') && b == ' ');
		}
		if (same)
			k = &kinds[i];
	}
	if (!k)
		k = kind_by_prefix(word);
	if (!k)
		FAIL(&c->err, ERR_INVALID,
			"there is no kind \"%.*s\"; kinds are named as risk, risks or RSK",
			STR_ARG(word));
	return k;
}

static bool can_filter(const struct field *f)
{
	return f->type != FIELD_PROSE && f->type != FIELD_WORDS && f->type != FIELD_ROWS;
}

static bool add_filter(
	struct cli *c, struct call *call, const struct kind *k, str word, struct query *q)
{
	str value = word, name = str_cut(&value, '=');
	bool is_state = str_eq(name, S("state"));
	const struct field *f = kind_field(k, name);

	if (str_index(word, '=') < 0)
		return FAIL(&c->err, ERR_INVALID, "a filter is NAME=VALUE, not \"%.*s\"",
			STR_ARG(word));
	if (!is_state && (!f || !can_filter(f)))
		return FAIL(&c->err, ERR_INVALID, "%.*s cannot be narrowed by \"%.*s\"",
			STR_ARG(k->plural), STR_ARG(name));
	if (q->filter_count == QUERY_FILTERS)
		return FAIL(&c->err, ERR_INVALID, "at most %d filters", QUERY_FILTERS);
	if (is_state && kind_state(k, value) < 0)
		return FAIL(&c->err, ERR_INVALID, "\"%.*s\" is not a state of a %.*s",
			STR_ARG(value), STR_ARG(k->name));
	if (!is_state && value.n) {
		void *scratch = kind_new(c->arena, k);
		if (!kind_set(call, scratch, f, value)) {
			c->err = call->err;
			return false;
		}
		value = kind_value(c->arena, scratch, f);
	}
	q->filter[q->filter_count++] =
		(struct filter){.field = is_state ? NULL : f, .value = value};
	return true;
}

static bool read_query(struct cli *c, struct call *call, const struct kind *k, struct query *q)
{
	str sort = cli_option(c, S("sort"));
	int64_t limit = LIMIT_LIST_ROWS;

	*q = (struct query){
		.text = cli_option(c, S("text")), .descending = cli_has(c, S("descending"))};
	for (int i = 1; i < c->word_count; i++)
		if (!add_filter(c, call, k, c->word[i], q))
			return false;
	for (int i = 0; i < c->option_count; i++)
		if (str_eq(c->option[i].name, S("filter")) &&
			!add_filter(c, call, k, c->option[i].value, q))
			return false;
	if (sort.n && !str_eq(sort, S("ref"))) {
		q->sort = kind_field(k, sort);
		if (!q->sort || !can_filter(q->sort))
			return FAIL(&c->err, ERR_INVALID, "%.*s cannot be sorted by \"%.*s\"",
				STR_ARG(k->plural), STR_ARG(sort));
	}
	if (cli_has(c, S("limit")) &&
		!str_int(cli_option(c, S("limit")), 1, LIMIT_LIST_ROWS, &limit))
		return FAIL(&c->err, ERR_INVALID, "--limit takes a number from 1 to %d",
			LIMIT_LIST_ROWS);
	q->limit = (isize)limit;
	return true;
}

/* ---- JSON ---- */

static void put_time(struct buf *b, bool *first, str key, int64_t at)
{
	json_put_key(b, first, key);
	buf_char(b, '"');
	time_print(b, at);
	buf_char(b, '"');
}

/* The canonical form with the revision in front, as the API writes it; the object stays open. */
static void put_record(struct buf *b, const struct rec *rec)
{
	struct buf canonical;
	bool first = true;

	buf_init(&canonical, b->arena, LIMIT_RECORD_BYTES * 2);
	kind_json(&canonical, rec);
	buf_char(b, '{');
	json_put_key(b, &first, S("rev"));
	buf_int(b, rec->rev);
	put_time(b, &first, S("since"), rec->since);
	json_put_text(b, &first, S("by"), rec->by);
	if (rec->why.n)
		json_put_text(b, &first, S("why"), rec->why);
	buf_char(b, ',');
	buf_add(b, str_part(buf_str(&canonical), 1, canonical.n - 1));
	b->full |= canonical.full;
}

static void put_brief(struct buf *b, const struct brief *r)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("kind"), r->kind->name);
	json_put_text(b, &first, S("ref"), r->ref);
	json_put_text(b, &first, S("title"), r->title);
	json_put_text(b, &first, S("state"), r->state);
	if (r->owner.n)
		json_put_text(b, &first, S("owner"), r->owner);
	if (r->product.n)
		json_put_text(b, &first, S("product"), r->product);
	buf_char(b, '}');
}

static void put_link(struct buf *b, const struct link *l)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("type"), l->type);
	json_put_text(b, &first, S("from"), l->from);
	json_put_text(b, &first, S("to"), l->to);
	json_put_key(b, &first, S("suspect"));
	buf_add(b, l->suspect ? S("true") : S("false"));
	put_time(b, &first, S("since"), l->since);
	json_put_key(b, &first, S("other"));
	put_brief(b, &l->other);
	buf_char(b, '}');
}

static void put_list(struct buf *b, const struct list *list)
{
	buf_fmt(b, "{\"total\":%" PRId64 ",\"items\":[", list->total);
	for (isize i = 0; i < list->count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_record(b, list->item[i]);
		buf_char(b, '}');
	}
	buf_add(b, S("]}\n"));
}

/* ---- show ---- */

static void put_label(struct buf *b, str label)
{
	buf_fmt(b, "%.*s:", STR_ARG(label));
	for (isize n = utf8_count(label) + 1; n < SHOW_LABEL; n++)
		buf_char(b, ' ');
}

/* Lines after the first are set under it. */
static void put_value(struct buf *b, str label, str value)
{
	put_label(b, label);
	for (bool first = true; value.n; first = false) {
		str line = str_cut(&value, '\n');
		buf_fmt(b, "%s%.*s\n", first ? "" : "                          ", STR_ARG(line));
	}
}

static void put_rows(struct buf *b, struct arena *a, const struct rec *rec, const struct field *f)
{
	const struct any_rows *rows = kind_slot(rec, f);

	buf_fmt(b, "%.*s:\n", STR_ARG(f->label));
	for (isize i = 0; i < rows->count; i++) {
		const char *row = (const char *)rows->item + i * f->row_size;
		buf_add(b, S("  -"));
		for (int col = 0; col < f->col_count; col++)
			if (!kind_is_empty(row, &f->col[col]))
				buf_fmt(b, " %.*s: %.*s;", STR_ARG(f->col[col].label),
					STR_ARG(kind_value_words(a, row, &f->col[col])));
		buf_char(b, '\n');
	}
}

static void show_text(struct cli *c, const struct rec *rec, const struct link *link, isize links)
{
	const struct kind *k = rec->kind;
	struct buf *b = &c->out;

	buf_fmt(b, "%.*s  %.*s  [%.*s]\n%.*s\n\n", STR_ARG(rec->ref), STR_ARG(k->title),
		STR_ARG(k->state[rec->state].label), STR_ARG(rec->title));
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		if (kind_is_empty(rec, f) || str_eq(f->name, S("title")))
			continue;
		if (f->type == FIELD_ROWS)
			put_rows(b, c->arena, rec, f);
		else
			put_value(b, f->label, kind_value_words(c->arena, rec, f));
	}
	put_label(b, S("Revision"));
	buf_fmt(b, "%" PRId64 ", ", rec->rev);
	time_print_words(b, rec->since);
	buf_fmt(b, ", %.*s\n", STR_ARG(rec->by));
	if (rec->why.n)
		put_value(b, S("Reason"), rec->why);
	buf_add(b, links ? S("\nLinks\n") : S(""));
	for (isize i = 0; i < links; i++)
		buf_fmt(b, "  %-12.*s %s %-10.*s %.*s%s\n", STR_ARG(link[i].type),
			link[i].outgoing ? "->" : "<-", STR_ARG(link[i].other.ref),
			STR_ARG(link[i].other.title), link[i].suspect ? "  (suspect)" : "");
}

/* With --pending, what is pending beside what is in force. */
static bool choose_pending(struct cli *c, struct call *call, struct rec **rec)
{
	struct rec *pending;

	if (!cli_has(c, S("pending")))
		return true;
	if (call->at_us != TIME_NONE)
		return FAIL(&call->err, ERR_INVALID,
			"what is pending is pending now: leave --at out");
	if (!pending_get(call, *rec, &pending))
		return false;
	if (!pending)
		return FAIL(&call->err, ERR_MISSING, "%.*s has no pending revision",
			STR_ARG((*rec)->ref));
	*rec = pending;
	return true;
}

int command_show(struct cli *c)
{
	struct cli_store s;
	struct link *link;
	struct rec *rec;
	isize links;

	if (c->word_count != 1)
		return cli_usage(c, "name one record, as in ward show RSK-09");
	if (!cli_store_open(c, false, &s) || !call_at(&s.call, cli_option(c, S("at"))))
		return cli_store_deliver(&s, false);
	if (!kind_get_any(&s.call, c->word[0], &rec) || !choose_pending(c, &s.call, &rec) ||
		!link_list(&s.call, c->word[0], &link, &links))
		return cli_store_deliver(&s, false);
	if (!cli_json(c)) {
		show_text(c, rec, link, links);
		return cli_store_deliver(&s, true);
	}
	put_record(&c->out, rec);
	buf_add(&c->out, S(",\"links\":["));
	for (isize i = 0; i < links; i++) {
		buf_add(&c->out, i ? S(",\n") : S("\n"));
		put_link(&c->out, &link[i]);
	}
	buf_add(&c->out, S("]}\n"));
	return cli_store_deliver(&s, true);
}

/* ---- list, export ---- */

/* One line, at most `max` characters. */
static str cell_of(struct arena *a, str value, isize max)
{
	isize n = 0, at = 0;
	str line = str_cut(&value, '\n');

	while (at < line.n && n < max) {
		at++;
		while (at < line.n && ((unsigned char)line.p[at] & 0xc0) == 0x80)
			at++;
		n++;
	}
	return at < line.n ? str_join(a, str_part(line, 0, at), S("…")) : line;
}

/* A table for a terminal: reference, state, what the kind shows in lists; the title, which may be
   long, comes last. */
struct table {
	const struct field *field[COLUMNS_MAX];
	isize width[COLUMNS_MAX + 2], columns;
	str *cell;
};

static void fill_row(struct cli *c, struct table *t, isize row, const struct rec *rec)
{
	str *at = t->cell + row * t->columns;

	at[0] = rec ? rec->ref : S("REF");
	at[1] = rec ? rec->kind->state[rec->state].label : S("STATE");
	for (isize i = 2; i < t->columns; i++) {
		const struct field *f = t->field[i - 2];
		at[i] = rec ? cell_of(c->arena, kind_value(c->arena, rec, f), CELL_MAX) : f->name;
	}
	for (isize i = 0; i < t->columns; i++)
		if (utf8_count(at[i]) > t->width[i])
			t->width[i] = utf8_count(at[i]);
}

static void put_row(struct cli *c, const struct table *t, isize row, const struct rec *rec)
{
	for (isize i = 0; i < t->columns; i++) {
		str s = t->cell[row * t->columns + i];
		buf_add(&c->out, s);
		for (isize n = utf8_count(s); n < t->width[i] + 2; n++)
			buf_char(&c->out, ' ');
	}
	buf_add(&c->out, rec ? cell_of(c->arena, rec->title, TITLE_MAX) : S("TITLE"));
	buf_char(&c->out, '\n');
}

static void list_text(struct cli *c, const struct kind *k, const struct list *list)
{
	struct table t = {.columns = 2};

	for (int i = 0; i < k->field_count && t.columns < COLUMNS_MAX + 2; i++)
		if (k->field[i].in_list && !str_eq(k->field[i].name, S("title")))
			t.field[t.columns++ - 2] = &k->field[i];
	t.cell = NEW(c->arena, str, (list->count + 1) * t.columns);
	for (isize i = 0; i <= list->count; i++)
		fill_row(c, &t, i, i ? list->item[i - 1] : NULL);
	for (isize i = 0; i <= list->count; i++)
		put_row(c, &t, i, i ? list->item[i - 1] : NULL);
}

static void list_csv(struct cli *c, const struct kind *k, const struct list *list)
{
	kind_csv_head(&c->out, k);
	for (isize i = 0; i < list->count; i++)
		kind_csv_line(&c->out, c->arena, list->item[i]);
}

enum shape { SHAPE_TEXT, SHAPE_JSON, SHAPE_CSV };

static bool read_shape(struct cli *c, enum shape *out)
{
	str format = cli_option(c, S("format"));
	bool is_text = !format.n || str_eq(format, S("text"));

	*out = cli_json(c)                                         ? SHAPE_JSON
		: cli_has(c, S("csv")) || str_eq(format, S("csv")) ? SHAPE_CSV
								   : SHAPE_TEXT;
	return *out != SHAPE_TEXT || is_text ||
		FAIL(&c->err, ERR_INVALID, "--format takes text, csv or json");
}

static int run_list(struct cli *c, enum shape shape)
{
	const struct kind *k = find_kind(c, c->word[0]);
	struct cli_store s;
	struct query q;
	struct list list;

	if (!k)
		return cli_fail(c);
	if (!cli_store_open(c, false, &s) || !call_at(&s.call, cli_option(c, S("at"))) ||
		!read_query(c, &s.call, k, &q) || !kind_list(&s.call, k, &q, &list))
		return cli_store_deliver(&s, false);
	if (shape == SHAPE_JSON)
		put_list(&c->out, &list);
	else if (shape == SHAPE_CSV)
		list_csv(c, k, &list);
	else
		list_text(c, k, &list);
	if (list.total > list.count && !cli_has(c, S("limit")))
		cli_say("%td of %" PRId64 " records; narrow the list", list.count, list.total);
	return cli_store_deliver(&s, true);
}

int command_list(struct cli *c)
{
	enum shape shape;

	if (!c->word_count)
		return cli_usage(c, "name a kind, as in ward list risks");
	return read_shape(c, &shape) ? run_list(c, shape) : cli_fail(c);
}

int command_export(struct cli *c)
{
	enum shape shape;

	if (!c->word_count)
		return cli_usage(c, "name a kind, as in ward export risks --format csv");
	if (str_eq(c->word[0], S("backlog")))
		return cli_export_backlog(c);
	if (str_eq(c->word[0], S("model")))
		return cli_export_model(c);
	if (!read_shape(c, &shape))
		return cli_fail(c);
	return shape == SHAPE_TEXT ? cli_usage(c, "choose --format csv or --format json")
				   : run_list(c, shape);
}

/* ---- search ---- */

int command_search(struct cli *c)
{
	struct cli_store s;
	struct hits found;
	struct buf words;

	if (!c->word_count)
		return cli_usage(c, "name the words to look for");
	buf_init(&words, c->arena, LIMIT_TEXT);
	for (int i = 0; i < c->word_count; i++)
		buf_fmt(&words, "%s%.*s", i ? " " : "", STR_ARG(c->word[i]));
	if (words.full)
		return cli_usage(c, "that is too much to look for");
	if (!cli_store_open(c, false, &s) || !kind_search(&s.call, buf_str(&words), &found))
		return cli_store_deliver(&s, false);
	if (cli_json(c))
		buf_add(&c->out, S("{\"items\":["));
	for (isize i = 0; i < found.count; i++) {
		if (cli_json(c)) {
			buf_add(&c->out, i ? S(",\n") : S("\n"));
			put_brief(&c->out, &found.item[i]);
			continue;
		}
		buf_fmt(&c->out, "%-10.*s %-16.*s %-14.*s %.*s\n", STR_ARG(found.item[i].ref),
			STR_ARG(found.item[i].kind->title), STR_ARG(found.item[i].state),
			STR_ARG(found.item[i].title));
	}
	if (cli_json(c))
		buf_add(&c->out, found.more ? S("],\"more\":true}\n") : S("],\"more\":false}\n"));
	else if (found.more)
		cli_say("these are the first %d of more: another word finds fewer", SEARCH_ROWS);
	return cli_store_deliver(&s, true);
}

/* ---- history ---- */

static void put_revision_text(
	struct buf *b, const struct revision *r, const struct change *change, isize changes)
{
	buf_fmt(b, "revision %" PRId64 "  ", r->rev);
	time_print_words(b, r->since);
	buf_fmt(b, "  %.*s  [%.*s]\n", STR_ARG(r->by), STR_ARG(r->state));
	if (r->why.n)
		buf_fmt(b, "  reason: %.*s\n", STR_ARG(r->why));
	for (isize i = 0; i < changes; i++)
		buf_fmt(b, "  %.*s: %.*s -> %.*s\n", STR_ARG(change[i].label),
			STR_ARG(change[i].before), STR_ARG(change[i].after));
}

static void put_revision_json(
	struct buf *b, const struct revision *r, const struct change *change, isize changes)
{
	bool first = true;

	buf_char(b, '{');
	json_put_key(b, &first, S("rev"));
	buf_int(b, r->rev);
	put_time(b, &first, S("since"), r->since);
	json_put_text(b, &first, S("by"), r->by);
	if (r->why.n)
		json_put_text(b, &first, S("why"), r->why);
	json_put_text(b, &first, S("state"), r->state);
	buf_add(b, S(",\"changes\":["));
	for (isize i = 0; i < changes; i++) {
		first = true;
		buf_add(b, i ? S(",{") : S("{"));
		json_put_text(b, &first, S("field"), change[i].field);
		json_put_text(b, &first, S("before"), change[i].before);
		json_put_text(b, &first, S("after"), change[i].after);
		buf_char(b, '}');
	}
	buf_add(b, S("]}"));
}

static bool put_history(struct cli *c, struct call *call, str ref)
{
	struct revision *revision;
	struct rec *now;
	isize count;

	if (!kind_get_any(call, ref, &now) ||
		!kind_history(call, now->kind, ref, &revision, &count))
		return false;
	buf_add(&c->out, cli_json(c) ? S("{\"items\":[") : S(""));
	for (isize i = 0; i < count; i++) {
		struct change *change = NULL;
		isize changes = 0;
		void *before, *after;
		if (!kind_get_rev(call, now->kind, ref, revision[i].rev, &after) ||
			!kind_get_before(call, after, &before))
			return false;
		if (before)
			changes = kind_diff(c->arena, before, after, &change);
		if (!cli_json(c)) {
			put_revision_text(&c->out, &revision[i], change, changes);
			continue;
		}
		buf_add(&c->out, i ? S(",\n") : S("\n"));
		put_revision_json(&c->out, &revision[i], change, changes);
	}
	buf_add(&c->out, cli_json(c) ? S("]}\n") : S(""));
	return true;
}

int command_history(struct cli *c)
{
	struct cli_store s;

	if (c->word_count != 1)
		return cli_usage(c, "name one record, as in ward history RSK-09");
	return cli_store_deliver(
		&s, cli_store_open(c, false, &s) && put_history(c, &s.call, c->word[0]));
}
