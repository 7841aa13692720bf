/* Records of any kind: lists, one, creating, replacing, changing, moving. */
#include "api/api_in.h"
#include "crypt/crypt.h"

static str address(struct call *c, const struct rec *rec)
{
	return str_fmt(c->arena, "/api/v1/%.*s/%.*s", STR_ARG(api_plural(c->arena, rec->kind)),
		STR_ARG(rec->ref));
}

/* ---- lists ---- */

static const struct field *filter_field(const struct kind *k, str name)
{
	const struct field *f = kind_field(k, name);

	return f && api_can_filter(f) ? f : NULL;
}

static bool add_filter(struct call *c, const struct api_request *q, const struct form_field *given,
	struct query *out)
{
	const struct field *f = filter_field(q->kind, given->name);
	struct filter *filter = &out->filter[out->filter_count];
	void *scratch = kind_new(c->arena, q->kind);
	bool is_state = str_eq(given->name, S("state"));

	if (!f && !is_state)
		return err_issue(&c->err, given->name,
			"a list of %.*s cannot be narrowed by \"%.*s\"", STR_ARG(q->kind->plural),
			STR_ARG(given->name));
	if (out->filter_count == QUERY_FILTERS)
		return err_issue(&c->err, given->name, "more than %d conditions", QUERY_FILTERS);
	*filter = (struct filter){.field = is_state ? NULL : f, .value = given->value};
	if (is_state) {
		if (kind_state(q->kind, given->value) < 0)
			return err_issue(&c->err, S("state"), "\"%.*s\" is not a state of a %.*s",
				STR_ARG(given->value), STR_ARG(q->kind->name));
	} else {
		if (!kind_set(c, scratch, f, given->value))
			return false;
		filter->value = kind_value(c->arena, scratch, f);
	}
	out->filter_count++;
	return true;
}

static bool read_sort(struct call *c, const struct api_request *q, struct query *out)
{
	str by = form_value(&q->query, S("sort"));

	out->descending = str_starts(by, S("-"));
	by = str_part(by, out->descending, by.n);
	if (by.n == 0 || str_eq(by, S("ref")))
		return true;
	out->sort = filter_field(q->kind, by);
	return out->sort ||
		err_issue(&c->err, S("sort"), "a list of %.*s cannot be sorted by \"%.*s\"",
			STR_ARG(q->kind->plural), STR_ARG(by));
}

/* Names that the list itself takes; a field with such a name is not for narrowing. */
static bool is_own(const struct api_request *q, str name)
{
	str own = q->route->query;

	for (str word = str_word(&own); word.n; word = str_word(&own))
		if (str_eq(word, name))
			return true;
	return false;
}

static bool read_query(struct call *c, const struct api_request *q, struct query *out)
{
	int64_t limit, from;
	bool ok;

	*out = (struct query){.text = str_trim(form_value(&q->query, S("q")))};
	ok = api_number(c, q, S("limit"), 1, API_ROWS_MAX, API_ROWS, &limit);
	ok = api_number(c, q, S("from"), 0, LIMIT_LIST_ROWS, 0, &from) && ok;
	ok = read_sort(c, q, out) && ok;
	for (isize i = 0; i < q->query.count; i++)
		if (!is_own(q, q->query.field[i].name))
			ok = add_filter(c, q, &q->query.field[i], out) && ok;
	out->limit = (isize)limit;
	out->from = (isize)from;
	return ok;
}

static void put_escaped(struct buf *b, str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (isize i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
			(ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || ch == '.') {
			buf_char(b, (char)ch);
		} else {
			buf_char(b, '%');
			buf_char(b, hex[ch >> 4]);
			buf_char(b, hex[ch & 15]);
		}
	}
}

/* The same list, further down. */
static str next_address(struct call *c, const struct api_request *q, isize from)
{
	struct buf b;

	buf_init(&b, c->arena, 4 * HTTP_TARGET_BYTES);
	buf_add(&b, q->path);
	buf_fmt(&b, "?from=%td", from);
	for (isize i = 0; i < q->query.count; i++) {
		const struct form_field *f = &q->query.field[i];
		if (str_eq(f->name, S("from")))
			continue;
		buf_char(&b, '&');
		put_escaped(&b, f->name);
		buf_char(&b, '=');
		put_escaped(&b, f->value);
	}
	return buf_str(&b);
}

bool api_list(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct query query;
	struct list list;
	bool first = true;

	if (!read_query(c, q, &query) || !kind_list(c, q->kind, &query, &list))
		return false;
	struct buf *b = api_reply(c, out);
	buf_char(b, '{');
	api_put_text(b, &first, S("kind"), q->kind->name);
	api_put_int(b, &first, S("total"), list.total);
	json_put_key(b, &first, S("items"));
	buf_char(b, '[');
	for (isize i = 0; i < list.count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		api_put_record(b, c->arena, list.item[i]);
	}
	buf_char(b, ']');
	isize next = query.from + list.count;
	if (list.count && next < list.total)
		api_put_text(b, &first, S("next"), next_address(c, q, next));
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

/* ---- one record ---- */

static str etag(struct call *c, const struct rec *rec)
{
	return str_fmt(c->arena, "\"%" PRId64 "\"", rec->rev);
}

static bool show(struct call *c, const void *rec, struct http_reply *out)
{
	struct buf *b = api_reply(c, out);

	http_reply_header(out, S("ETag"), etag(c, rec));
	api_put_record(b, c->arena, rec);
	buf_char(b, '\n');
	return api_done(c, out, b);
}

/* What was written is read again: a save fills in secret fields that are not for the caller.  Who
   wrote what they may not see, such as a protected report, is told its reference. */
static bool show_saved(struct call *c, const struct rec *saved, struct http_reply *out)
{
	void *rec;

	if (!kind_seen(c, saved->ref) && c->err.code == ERR_NONE) {
		struct buf *b = api_reply(c, out);
		bool first = true;
		buf_char(b, '{');
		api_put_text(b, &first, S("@type"), saved->kind->name);
		api_put_text(b, &first, S("ref"), saved->ref);
		buf_add(b, S("}\n"));
		return api_done(c, out, b);
	}
	return (saved->base ? kind_get_rev(c, saved->kind, saved->ref, saved->rev, &rec)
			    : kind_get(c, saved->kind, saved->ref, &rec)) &&
		show(c, rec, out);
}

/* Whether one of the entity tags of a header is that of the record; weak ones only `weakly`. */
static bool has_tag(struct call *c, str header, const struct rec *rec, bool weakly)
{
	str want = etag(c, rec);

	while (header.n) {
		str tag = str_trim(str_cut(&header, ','));
		if (weakly && str_starts(tag, S("W/")))
			tag = str_part(tag, 2, tag.n);
		if (str_eq(tag, want))
			return true;
	}
	return false;
}

/* What is in force; with "rev" a revision by its number, or the pending one. */
static bool find_asked(struct call *c, const struct api_request *q, void **out)
{
	struct rec *pending;
	int64_t rev;

	if (!str_eq(form_value(&q->query, S("rev")), S("pending"))) {
		if (!api_number(c, q, S("rev"), 1, INT64_MAX, 0, &rev))
			return false;
		return rev ? kind_get_rev(c, q->kind, q->arg[1], rev, out)
			   : kind_get(c, q->kind, q->arg[1], out);
	}
	if (c->at_us != TIME_NONE)
		return err_issue(&c->err, S("rev"),
			"what is pending is pending now: leave \"at\" out");
	if (!kind_get(c, q->kind, q->arg[1], out) || !pending_get(c, *out, &pending))
		return false;
	*out = pending;
	return pending ||
		FAIL(&c->err, ERR_MISSING, "%.*s has no pending revision", STR_ARG(q->arg[1]));
}

bool api_record(struct call *c, struct api_request *q, struct http_reply *out)
{
	str known = http_header(q->http, S("If-None-Match"));
	void *rec;

	if (!find_asked(c, q, &rec))
		return false;
	if (known.n && has_tag(c, known, rec, true)) {
		out->status = 304;
		http_reply_header(out, S("ETag"), etag(c, rec));
		api_headers(out);
		return true;
	}
	return show(c, rec, out);
}

/* ---- writing ---- */

/* The pending revision when its tag is among those that match, or when the record as it is in force
   has none of them: then it is what somebody else saved. */
static bool find_meant(struct call *c, const struct api_request *q, str match, struct rec **out)
{
	struct rec *pending;
	void *rec;

	if (!kind_get(c, q->kind, q->arg[1], &rec) || !pending_get(c, rec, &pending))
		return false;
	*out = rec;
	if (pending && match.n && !has_tag(c, match, rec, false))
		*out = pending;
	return true;
}

/* Loads the record that a write is about, if it is the revision the caller knows.  A write that
   does not say so could undo somebody's work unseen; "*" says nothing about what was read. */
static bool load(struct call *c, struct api_request *q, bool must_match, struct rec **out)
{
	str match = http_header(q->http, S("If-Match"));

	if (!find_meant(c, q, match, out))
		return false;
	if (match.n == 0 && !must_match)
		return true;
	if (match.n == 0 || str_eq(match, S("*")))
		return API_FAIL(c, q, 428, ERR_INVALID,
			"send If-Match with the ETag of the revision that you changed, such as "
			"\"%" PRId64 "\"",
			(*out)->rev);
	if (has_tag(c, match, *out, false))
		return true;
	q->newer = *out;
	return API_FAIL(c, q, 412, ERR_CONFLICT,
		"%.*s was saved by somebody else: revision %" PRId64 " is the latest",
		STR_ARG((*out)->ref), (*out)->rev);
}

/* A member of the head that says something else than the record is a mistake, not a wish. */
static bool agrees(
	struct call *c, const struct rec *rec, const struct json *body, str key, str have)
{
	const struct json *m = json_member(body, key);

	if (!m || kind_field(rec->kind, key) || (m->type == JSON_STRING && str_eq(m->text, have)))
		return true;
	return err_issue(&c->err, key, "\"%.*s\" is \"%.*s\" here%s", STR_ARG(key), STR_ARG(have),
		str_eq(key, S("state")) ? "; it changes by a move" : "");
}

/* What the program says of a revision; a client may send it back as it was. */
static bool agrees_revision(struct call *c, const struct rec *rec, const struct json *body)
{
	const struct json *m = json_member(body, S("rev"));
	struct buf id, since, until;
	struct uuid u;
	int64_t rev;
	bool ok = true;

	if (m && !kind_field(rec->kind, S("rev")) &&
		!(m->type == JSON_NUMBER && str_int(m->text, 0, INT64_MAX, &rev) &&
			rev == rec->rev))
		ok = err_issue(&c->err, S("rev"),
			"\"rev\" is %" PRId64 " here; the program counts revisions", rec->rev);
	memcpy(u.b, rec->id.b, sizeof u.b);
	buf_init(&id, c->arena, UUID_TEXT_BYTES);
	buf_init(&since, c->arena, 64);
	buf_init(&until, c->arena, 64);
	if (rec->rev) {
		uuid_print(&id, u);
		time_print(&since, rec->since);
		if (rec->until != TIME_NONE)
			time_print(&until, rec->until);
	}
	ok = agrees(c, rec, body, S("id"), buf_str(&id)) && ok;
	ok = agrees(c, rec, body, S("since"), buf_str(&since)) && ok;
	ok = agrees(c, rec, body, S("until"), buf_str(&until)) && ok;
	ok = agrees(c, rec, body, S("by"), rec->by) && ok;
	return agrees(c, rec, body, S("why"), rec->why) && ok;
}

/* Only references with the prefix of the kind: THR-7 is never a risk. */
static bool take_ref(struct call *c, struct rec *rec, const struct json *body)
{
	str ref = json_text(body, S("ref")), prefix = rec->kind->prefix;

	if (ref.n == 0)
		return true;
	char next = ref.n > prefix.n ? ref.p[prefix.n] : 0;
	if (!str_starts(ref, prefix) || !(next == '-' || (next >= '0' && next <= '9')))
		return err_issue(&c->err, S("ref"), "the reference of a %.*s begins with %.*s-",
			STR_ARG(rec->kind->name), STR_ARG(prefix));
	rec->ref = ref;
	return true;
}

static bool guards_secrets(struct call *c, const struct rec *rec, const struct json *body)
{
	bool ok = true;

	for (int i = 0; rec->hidden && i < rec->kind->field_count; i++)
		if (rec->kind->field[i].secret && json_member(body, rec->kind->field[i].name))
			ok = err_issue(&c->err, rec->kind->field[i].name,
				"this field is hidden from you and stays as it is");
	return ok;
}

/* What is said beside the fields: head, reason. */
static bool decode_head(struct call *c, const struct api_request *q, struct rec *rec)
{
	str state = rec->kind->state[rec->state].name;
	bool ok = agrees(c, rec, q->body, S("@type"), rec->kind->name);

	ok = agrees(c, rec, q->body, S("state"), state) && ok;
	if (rec->rev)
		ok = agrees(c, rec, q->body, S("ref"), rec->ref) && ok;
	else
		ok = take_ref(c, rec, q->body) && ok;
	ok = agrees_revision(c, rec, q->body) && ok;
	ok = api_reason(c, q) && ok;
	return ok;
}

/* Sets the fields.  When something cannot be read, the rest is judged all the same, so that all
   issues come at once. */
static bool decode(struct call *c, const struct api_request *q, struct rec *rec)
{
	bool ok;

	/* Every member may be an issue, which costs room and time. */
	if (q->body->count > 2 * rec->kind->field_count + 20)
		return err_issue(&c->err, S(""), "there are more members than a %.*s has fields",
			STR_ARG(rec->kind->name));
	ok = decode_head(c, q, rec);
	ok = guards_secrets(c, rec, q->body) && ok;
	ok = kind_json_decode(c, rec, q->body) && ok;
	if (ok)
		return true;
	kind_check_rest(c, rec);
	return false;
}

bool api_create(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct rec *rec = kind_new(c->arena, q->kind);

	if (!decode(c, q, rec) ||
		!kind_put(c, rec, str_fmt(c->arena, "%.*s.create", STR_ARG(q->kind->name))))
		return false;
	out->status = 201;
	http_reply_header(out, S("Location"), address(c, rec));
	return show_saved(c, rec, out);
}

static bool save(struct call *c, struct api_request *q, struct rec *rec, struct http_reply *out)
{
	return decode(c, q, rec) &&
		kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(q->kind->name))) &&
		show_saved(c, rec, out);
}

static bool load_to_write(struct call *c, struct api_request *q, struct rec **out)
{
	return load(c, q, true, out) && call_may(c, q->kind->can_write, (*out)->product);
}

bool api_replace(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct rec *rec;

	if (!load_to_write(c, q, &rec))
		return false;
	for (int i = 0; i < q->kind->field_count; i++)
		if (!kind_set(c, rec, &q->kind->field[i], S("")))
			return false;
	return save(c, q, rec, out);
}

bool api_change(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct rec *rec;

	return load_to_write(c, q, &rec) && save(c, q, rec, out);
}

static bool has_move(const struct rec *rec, int to)
{
	for (int i = 0; i < rec->kind->move_count; i++)
		if (rec->kind->move[i].from == rec->state && rec->kind->move[i].to == to)
			return true;
	return false;
}

/* What goes to the state `to`: the record, or its pending revision where only that can. */
static bool load_to_move(struct call *c, struct api_request *q, int to, struct rec **out)
{
	struct rec *pending;

	if (!load(c, q, false, out) || (*out)->base || has_move(*out, to))
		return c->err.code == ERR_NONE;
	if (!pending_get(c, *out, &pending))
		return false;
	if (pending && has_move(pending, to))
		*out = pending;
	return true;
}

bool api_move(struct call *c, struct api_request *q, struct http_reply *out)
{
	str word = json_text(q->body, S("to"));
	int to = kind_state(q->kind, word);
	struct rec *rec;

	if (!load_to_move(c, q, to, &rec) || !api_members(c, q->body, S("to reason")) ||
		!api_reason(c, q))
		return false;
	if (to < 0)
		return err_issue(&c->err, S("to"), "\"%.*s\" is not a state of a %.*s",
			STR_ARG(word), STR_ARG(q->kind->name));
	return kind_move(c, rec, to) && show_saved(c, rec, out);
}

/* Ends the pending revision; what is in force is the answer. */
bool api_withdraw(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct rec *pending;
	void *rec;

	if (!api_members(c, q->body, S("reason")) || !api_reason(c, q) ||
		!kind_get(c, q->kind, q->arg[1], &rec) || !pending_get(c, rec, &pending))
		return false;
	if (!pending)
		return FAIL(&c->err, ERR_CONFLICT, "%.*s has no pending revision",
			STR_ARG(q->arg[1]));
	return pending_withdraw(c, pending) && show_saved(c, rec, out);
}
