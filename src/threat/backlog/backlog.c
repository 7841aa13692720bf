/* Requirements out to a tracker, in the form that it takes. */
#include "base/json.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/backlog/backlog.h"

struct listing {
	struct call *call;
	struct buf *out;
	const struct link *refines, *counters; /* by `from` */
	isize refines_count, counters_count;
	isize put;
};

bool backlog_format_parse(str word, enum backlog_format *out)
{
	static const str words[] = {S_INIT("csv"), S_INIT("jira"), S_INIT("github")};

	for (int i = 0; i < COUNT_OF(words); i++)
		if (str_eq(word, words[i])) {
			*out = (enum backlog_format)i;
			return true;
		}
	return false;
}

/* ---- what stands behind a requirement ---- */

static bool is_of(const struct link *l, str ref, int kind)
{
	return str_eq(l->from, ref) && l->other.kind->id == kind;
}

/* "CM-1 Encrypt in transit; CM-4 …", and the threats that these counter. */
static void put_behind(const struct listing *l, str ref, struct buf *controls, struct buf *threats)
{
	for (isize i = link_first_from(l->refines, l->refines_count, ref);
		i < l->refines_count && str_eq(l->refines[i].from, ref); i++) {
		const struct brief *control = &l->refines[i].other;
		if (!is_of(&l->refines[i], ref, KIND_CONTROL))
			continue;
		buf_fmt(controls, "%s%.*s %.*s", controls->n ? "; " : "", STR_ARG(control->ref),
			STR_ARG(control->title));
		for (isize n = link_first_from(l->counters, l->counters_count, control->ref);
			n < l->counters_count && str_eq(l->counters[n].from, control->ref); n++)
			buf_fmt(threats, "%s%.*s %.*s", threats->n ? "; " : "",
				STR_ARG(l->counters[n].to), STR_ARG(l->counters[n].other.title));
	}
}

struct behind {
	str controls, threats;
};

static struct behind behind(const struct listing *l, const struct requirement *r)
{
	struct buf controls, threats;

	buf_init(&controls, l->call->arena, LIMIT_RECORD_BYTES);
	buf_init(&threats, l->call->arena, LIMIT_RECORD_BYTES);
	put_behind(l, r->rec.ref, &controls, &threats);
	return (struct behind){buf_str(&controls), buf_str(&threats)};
}

static str word_of(const struct listing *l, const struct requirement *r, const char *field)
{
	return kind_value_words(l->call->arena, r, kind_field(r->rec.kind, str_of(field)));
}

static str title_with_id(const struct listing *l, const struct requirement *r)
{
	return str_fmt(l->call->arena, "[%.*s] %.*s", STR_ARG(r->rec.ref), STR_ARG(r->rec.title));
}

/* The text of an item: requirement, acceptance criteria, why. */
static str text_of(const struct listing *l, const struct requirement *r, const char *head)
{
	struct behind x = behind(l, r);
	struct buf b;
	const struct {
		const char *title;
		str text;
	} part[] = {{"Requirement", r->statement}, {"Acceptance criteria", r->acceptance},
		{"Verified by", word_of(l, r, "verification")}, {"Controls", x.controls},
		{"Threats countered", x.threats}};

	buf_init(&b, l->call->arena, LIMIT_RECORD_BYTES);
	for (isize i = 0; i < COUNT_OF(part); i++)
		if (part[i].text.n)
			buf_fmt(&b, "%s%s%s\n\n%.*s", b.n ? "\n\n" : "", head, part[i].title,
				STR_ARG(part[i].text));
	return buf_str(&b);
}

/* ---- the formats ---- */

static void put_line(struct buf *b, const str *cell, isize count)
{
	for (isize i = 0; i < count; i++) {
		if (i)
			buf_char(b, ',');
		csv_put(b, cell[i]);
	}
	buf_add(b, S("\r\n"));
}

static void put_csv(const struct listing *l, const struct requirement *r)
{
	struct behind x = behind(l, r);
	const str cell[] = {r->rec.ref, r->rec.title, r->statement, r->acceptance,
		word_of(l, r, "verification"), word_of(l, r, "priority"), r->rec.product,
		x.controls, x.threats, r->rec.kind->state[r->rec.state].name, r->backlog,
		r->backlog_state, r->backlog_assignee};

	put_line(l->out, cell, COUNT_OF(cell));
}

static void put_jira(const struct listing *l, const struct requirement *r)
{
	str labels = str_fmt(l->call->arena, "security %.*s", STR_ARG(r->rec.ref));
	const str cell[] = {title_with_id(l, r), S("Task"), text_of(l, r, "h3. "),
		word_of(l, r, "priority"), labels, r->rec.ref, r->backlog, r->backlog_state,
		r->backlog_assignee};

	put_line(l->out, cell, COUNT_OF(cell));
}

static void put_github(const struct listing *l, const struct requirement *r)
{
	struct buf *b = l->out;
	bool first = true;

	buf_add(b, l->put ? S(",\n{") : S("\n{"));
	json_put_text(b, &first, S("external_id"), r->rec.ref);
	json_put_text(b, &first, S("title"), title_with_id(l, r));
	json_put_text(b, &first, S("body"), text_of(l, r, "### "));
	json_put_key(b, &first, S("labels"));
	buf_add(b, S("[\"security\",\"requirement\"]"));
	if (r->backlog.n)
		json_put_text(b, &first, S("key"), r->backlog);
	if (r->backlog_state.n)
		json_put_text(b, &first, S("state"), r->backlog_state);
	if (r->backlog_assignee.n) {
		json_put_key(b, &first, S("assignees"));
		buf_char(b, '[');
		json_put_string(b, r->backlog_assignee);
		buf_char(b, ']');
	}
	buf_char(b, '}');
}

static void put_head(struct buf *b, enum backlog_format format)
{
	switch (format) {
	case BACKLOG_CSV:
		buf_add(b,
			S("id,title,requirement,acceptance,verification,priority,product,controls,"
			  "threats,state,key,status,assignee\r\n"));
		return;
	case BACKLOG_JIRA:
		buf_add(b,
			S("Summary,Issue Type,Description,Priority,Labels,External ID,Issue key,"
			  "Status,Assignee\r\n"));
		return;
	case BACKLOG_GITHUB:
		buf_char(b, '[');
		return;
	}
}

static void put_item(struct listing *l, const struct requirement *r, enum backlog_format format)
{
	static void (*const put[])(const struct listing *l, const struct requirement *r) = {
		[BACKLOG_CSV] = put_csv, [BACKLOG_JIRA] = put_jira, [BACKLOG_GITHUB] = put_github};

	put[format](l, r);
	l->put++;
}

bool backlog_export(struct call *c, str product, enum backlog_format format, struct buf *b)
{
	const struct kind *k = &kinds[KIND_REQUIREMENT];
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct listing l = {.call = c, .out = b};
	struct link *refines, *counters;
	struct list list;

	if (product.n) {
		q.filter_count = 1;
		q.filter[0] =
			(struct filter){.field = kind_field(k, S("product")), .value = product};
	}
	if (!kind_list(c, k, &q, &list) ||
		!link_list_type(c, S("refines"), &refines, &l.refines_count) ||
		!link_list_type(c, S("counters"), &counters, &l.counters_count))
		return false;
	l.refines = refines;
	l.counters = counters;
	put_head(b, format);
	for (isize i = 0; i < list.count; i++) {
		const struct requirement *r = list.item[i];
		if (r->rec.state != REQUIREMENT_STATE_RETIRED)
			put_item(&l, r, format);
	}
	if (format == BACKLOG_GITHUB)
		buf_add(b, S("\n]\n"));
	return !b->full || FAIL(&c->err, ERR_LIMIT, "the backlog is too large for one file");
}
