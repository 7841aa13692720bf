/* What a tracker says of its items, back on the requirements. */
#include "base/json.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/backlog/backlog.h"

/* What a file says of one item; what it does not speak of stays. */
enum { SAYS_ID, SAYS_KEY, SAYS_STATE, SAYS_ASSIGNEE, SAYS };
struct said {
	str text;
	bool is_there;
	int64_t line, column;
};
struct backlog_row {
	struct said says[SAYS];
	struct requirement *record;
};

struct importing {
	struct call *call; /* NULL while a file is only read */
	struct arena *arena;
	struct err *err;
	str file, bytes;
	struct backlog_row *row;
	isize count, room;
};

/* One issue a place; the code says that the file cannot be read. */
static bool wrong(struct importing *m, const struct said *at, const char *what, str word)
{
	str text = str_fmt(m->arena, "%.*s:%" PRId64 ":%" PRId64 ": %s%.*s", STR_ARG(m->file),
		at->line, at->column, what, STR_ARG(word));

	err_at(m->err, at->line, at->column, "%.*s", STR_ARG(text));
	return err_issue(m->err, S(""), "%.*s", STR_ARG(text));
}

static struct backlog_row *add_row(struct importing *m)
{
	if (m->count == m->room) {
		isize room = m->room * 2 + 64;
		struct backlog_row *more = arena_bulk(m->arena, room * (isize)sizeof *more);
		if (!more || m->count == LIMIT_LIST_ROWS) {
			FAIL(m->err, ERR_LIMIT, "the backlog has too many items");
			return NULL;
		}
		if (m->count)
			memcpy(more, m->row, (size_t)m->count * sizeof *more);
		m->row = more;
		m->room = room;
	}
	m->row[m->count] = (struct backlog_row){0};
	return &m->row[m->count++];
}

/* "REQ-12" of "[REQ-12] Encrypt in transit"; "" when it does not begin so. */
static str id_of_title(str title)
{
	str id = str_part(title, 1, title.n);

	if (!str_starts(title, S("[")) || str_index(title, ']') < 0)
		return S("");
	return str_cut(&id, ']');
}

/* ---- CSV ---- */

/* The names that columns have, ours and Jira's; the first of each kind counts. */
static const struct {
	str name;
	int says;
} columns[] = {{S_INIT("id"), SAYS_ID}, {S_INIT("external id"), SAYS_ID}, {S_INIT("key"), SAYS_KEY},
	{S_INIT("issue key"), SAYS_KEY}, {S_INIT("status"), SAYS_STATE},
	{S_INIT("assignee"), SAYS_ASSIGNEE}};

struct head {
	isize at[SAYS]; /* of each column, -1 when there is none */
	isize title;
	isize count;
};

static bool read_head(struct importing *m, const struct words *cells, struct head *out)
{
	const struct said first = {.line = 1, .column = 1};

	*out = (struct head){.at = {-1, -1, -1, -1}, .title = -1, .count = cells->count};
	for (isize i = 0; i < cells->count; i++) {
		str name = str_trim(cells->item[i]);
		for (isize n = 0; n < COUNT_OF(columns); n++)
			if (str_eq_fold(name, columns[n].name) && out->at[columns[n].says] < 0)
				out->at[columns[n].says] = i;
		if (str_eq_fold(name, S("title")) || str_eq_fold(name, S("summary")))
			out->title = i;
	}
	if (out->at[SAYS_ID] < 0 && out->title < 0)
		return wrong(m, &first, "the head names neither an id nor a title", S(""));
	if (out->at[SAYS_KEY] < 0 && out->at[SAYS_STATE] < 0 && out->at[SAYS_ASSIGNEE] < 0)
		return wrong(m, &first, "the head names neither key, status nor assignee", S(""));
	return true;
}

/* Where cell `cell` of the line that begins at `text` stands. */
static struct said place_of(str text, int64_t line, isize cell)
{
	struct said at = {.line = line, .column = 1};
	bool is_quoted = false;

	for (isize i = 0; i < text.n && cell > 0; i++) {
		is_quoted = is_quoted != (text.p[i] == '"');
		cell -= text.p[i] == ',' && !is_quoted;
		at.column++;
		if (text.p[i] == '\n') {
			at.line++;
			at.column = 1;
		}
	}
	return at;
}

static struct said cell_at(const struct words *cells, isize cell, str text, int64_t line)
{
	struct said s = place_of(text, line, cell);

	s.text = str_trim(cells->item[cell]);
	s.is_there = true;
	return s;
}

static bool read_line(struct importing *m, const struct head *head, const struct words *cells,
	str text, int64_t line)
{
	struct said at = {.line = line, .column = 1};
	struct backlog_row *row;

	if (cells->count == 1 && cells->item[0].n == 0)
		return true;
	if (cells->count != head->count)
		return wrong(m, &at, "this row has not as many cells as the head", S(""));
	row = add_row(m);
	if (!row)
		return false;
	for (int i = 0; i < SAYS; i++)
		if (head->at[i] >= 0)
			row->says[i] = cell_at(cells, head->at[i], text, line);
	if (row->says[SAYS_ID].text.n == 0 && head->title >= 0) {
		row->says[SAYS_ID] = cell_at(cells, head->title, text, line);
		row->says[SAYS_ID].text = id_of_title(row->says[SAYS_ID].text);
	}
	return true;
}

/* What cannot be cut into cells, named with its place; the end of the file is no fault. */
static bool at_end(struct importing *m)
{
	struct err *e = m->err;
	struct said at = {.line = e->line, .column = e->column};
	str why = str_dup(m->arena, err_text(e));

	if (e->code != ERR_SYNTAX || e->issue_count)
		return e->code == ERR_NONE;
	err_clear(e);
	return wrong(m, &at, "", why);
}

static bool read_csv(struct importing *m)
{
	str rest = m->bytes;
	struct words cells;
	struct head head;
	int64_t line = 1;
	struct err *e = m->err;

	if (rest.n == 0)
		return wrong(m, &(struct said){.line = 1, .column = 1}, "the file is empty", S(""));
	if (!csv_next(m->arena, e, &rest, &line, &cells))
		return at_end(m);
	if (!read_head(m, &cells, &head))
		return false;
	for (;;) {
		int64_t began = line;
		str text = rest;
		if (!csv_next(m->arena, e, &rest, &line, &cells))
			return at_end(m) || e->code == ERR_SYNTAX;
		/* A bad row is told, and the next one read: all of them at once. */
		if (!read_line(m, &head, &cells, text, began) && e->code != ERR_SYNTAX)
			return false;
	}
}

/* ---- issues as JSON ---- */

static struct said member_at(struct importing *m, const struct json *j)
{
	struct said s = {0};

	json_place(m->bytes, j->from, &s.line, &s.column);
	s.is_there = true;
	s.text = j->type == JSON_STRING || j->type == JSON_NUMBER ? str_trim(j->text) : S("");
	return s;
}

/* GitHub names a person by an object with a login; the export by the login. */
static const struct json *login_of(const struct json *person)
{
	const struct json *login = json_member(person, S("login"));

	return login ? login : person;
}

static const struct json *assignee_of(const struct json *issue)
{
	const struct json *all = json_member(issue, S("assignees"));
	const struct json *one = json_member(issue, S("assignee"));

	if (one && one->type != JSON_NULL)
		return login_of(one);
	if (all && all->type == JSON_ARRAY)
		return all->first ? login_of(all->first) : all;
	return one;
}

static bool read_issue(struct importing *m, const struct json *issue)
{
	const struct json *id = json_member(issue, S("external_id"));
	const struct json *title = json_member(issue, S("title"));
	const struct json *number = json_member(issue, S("number"));
	const struct json *key = number ? number : json_member(issue, S("key"));
	const struct json *state = json_member(issue, S("state"));
	const struct json *assignee = assignee_of(issue);
	struct backlog_row *row;

	if (issue->type != JSON_OBJECT || (!id && !title)) {
		struct said at = member_at(m, issue);
		return wrong(m, &at, "this is not an issue with a title", S(""));
	}
	row = add_row(m);
	if (!row)
		return false;
	row->says[SAYS_ID] = member_at(m, id ? id : title);
	if (!id)
		row->says[SAYS_ID].text = id_of_title(row->says[SAYS_ID].text);
	if (key)
		row->says[SAYS_KEY] = member_at(m, key);
	if (number)
		row->says[SAYS_KEY].text = str_fmt(m->arena, "#%.*s", STR_ARG(number->text));
	if (state)
		row->says[SAYS_STATE] = member_at(m, state);
	if (assignee)
		row->says[SAYS_ASSIGNEE] = member_at(m, assignee);
	return true;
}

static bool read_json(struct importing *m)
{
	struct err *e = m->err;
	const struct json *issues = json_parse(m->arena, e, m->bytes);

	if (!issues) {
		struct said at = {.line = e->line, .column = e->column};
		str why = str_dup(m->arena, err_text(e));
		if (e->code != ERR_SYNTAX)
			return false;
		err_clear(e);
		return wrong(m, &at, "", why);
	}
	if (issues->type != JSON_ARRAY) {
		struct said at = member_at(m, issues);
		return wrong(m, &at, "a backlog is an array of issues", S(""));
	}
	json_each(issue, issues) if (!read_issue(m, issue) && e->code != ERR_SYNTAX) return false;
	return true;
}

/* ---- onto the records ---- */

static int by_id(const void *a, const void *b)
{
	const struct backlog_row *one = *(const struct backlog_row *const *)a;
	const struct backlog_row *two = *(const struct backlog_row *const *)b;
	int order = str_cmp(one->says[SAYS_ID].text, two->says[SAYS_ID].text);

	return order ? order : one < two ? -1 : 1;
}

/* Nothing may be said twice: which of two is true, nobody knows. */
static bool check_twice(struct importing *m)
{
	const struct backlog_row **list =
		arena_bulk(m->arena, (m->count + 1) * (isize)sizeof(struct backlog_row *));

	if (!list)
		return FAIL(m->err, ERR_LIMIT, "the backlog has too many items");
	for (isize i = 0; i < m->count; i++)
		list[i] = &m->row[i];
	if (m->count)
		qsort(list, (size_t)m->count, sizeof *list, by_id);
	for (isize i = 1; i < m->count; i++) {
		const struct said *id = &list[i]->says[SAYS_ID];
		if (id->text.n && str_eq(id->text, list[i - 1]->says[SAYS_ID].text))
			wrong(m, id, "there is a row before with the id ", id->text);
	}
	return true;
}

static const struct field *field_of(int says)
{
	static const str names[SAYS] = {[SAYS_KEY] = S_INIT("backlog"),
		[SAYS_STATE] = S_INIT("backlog_state"),
		[SAYS_ASSIGNEE] = S_INIT("backlog_assignee")};

	return kind_field(&kinds[KIND_REQUIREMENT], names[says]);
}

static void check_texts(struct importing *m, const struct backlog_row *row)
{
	for (int i = SAYS_KEY; i < SAYS; i++) {
		const struct said *s = &row->says[i];
		if (!s->is_there)
			continue;
		if (!utf8_is_text(s->text) || str_index(s->text, '\n') >= 0)
			wrong(m, s, "this holds control characters", S(""));
		else if (utf8_count(s->text) > field_of(i)->max)
			wrong(m, s, "this is too long: ", utf8_head(s->text, 40));
	}
}

static bool find_requirement(struct importing *m, struct backlog_row *row)
{
	const struct said *id = &row->says[SAYS_ID];
	struct call *c = m->call;
	struct brief b;
	void *rec;

	if (id->text.n == 0)
		return wrong(m, id, "this row has no id such as REQ-12", S(""));
	if (!kind_brief(c, id->text, &b))
		return wrong(m, id, "there is no requirement ", id->text);
	if (b.kind->id != KIND_REQUIREMENT)
		return wrong(m, id, "this is not a requirement: ", id->text);
	if (!kind_get(c, b.kind, id->text, &rec))
		return false;
	row->record = rec;
	return true;
}

static bool put_row(struct importing *m, const struct backlog_row *row, isize *changed)
{
	struct call *c = m->call;
	struct requirement *wanted = kind_copy(c->arena, row->record->rec.kind, row->record);
	struct change *change;

	for (int i = SAYS_KEY; i < SAYS; i++)
		if (row->says[i].is_there)
			*(str *)kind_slot(wanted, field_of(i)) = row->says[i].text;
	if (kind_diff(c->arena, row->record, wanted, &change) == 0)
		return true;
	++*changed;
	return kind_put(c, wanted, S("requirement.update"));
}

static bool read_all(struct importing *m)
{
	str head = str_trim(m->bytes);
	isize bad = utf8_check(m->bytes);

	if (bad >= 0)
		return FAIL(
			m->err, ERR_SYNTAX, "%.*s: byte %td is not UTF-8", STR_ARG(m->file), bad);
	if (str_starts(m->bytes, S("\xEF\xBB\xBF")))
		m->bytes = str_part(m->bytes, 3, m->bytes.n);
	if (!(str_starts(head, S("[")) || str_starts(head, S("{")) ? read_json(m) : read_csv(m)))
		return false;
	if (!check_twice(m))
		return false;
	for (isize i = 0; i < m->count; i++)
		check_texts(m, &m->row[i]);
	return true;
}

bool backlog_read(struct arena *a, struct err *e, str file, str bytes, isize *items)
{
	struct importing m = {.arena = a, .err = e, .file = file, .bytes = bytes};
	bool ok = read_all(&m) && e->code == ERR_NONE;

	*items = m.count;
	return ok;
}

bool backlog_import(struct call *c, str file, str bytes, struct backlog_done *out)
{
	struct importing m = {
		.call = c, .arena = c->arena, .err = &c->err, .file = file, .bytes = bytes};

	*out = (struct backlog_done){0};
	if (!read_all(&m))
		return false;
	for (isize i = 0; i < m.count; i++)
		if (!find_requirement(&m, &m.row[i]) && c->err.code != ERR_SYNTAX)
			return false;
	if (c->err.code != ERR_NONE)
		return false;
	if (c->reason.n == 0)
		c->reason = str_fmt(c->arena, "As the backlog says: %.*s", STR_ARG(file));
	for (isize i = 0; i < m.count; i++)
		if (!put_row(&m, &m.row[i], &out->changed))
			return false;
	out->items = m.count;
	return true;
}
