/* Answers: JSON, texts, and what went wrong as application/problem+json (RFC 9457). */
#include "api/api_in.h"
#include "crypt/crypt.h"
#include "os/os.h"

/* What programs branch on: the status and the word of its type. */
static const struct {
	int status;
	str word, title;
} problems[] = {
	{400, S_INIT("syntax"), S_INIT("This request cannot be read")},
	{401, S_INIT("unauthenticated"), S_INIT("Say who asks")},
	{403, S_INIT("denied"), S_INIT("This is not permitted")},
	{404, S_INIT("missing"), S_INIT("There is nothing here")},
	{405, S_INIT("method"), S_INIT("This method is not taken here")},
	{406, S_INIT("not-acceptable"), S_INIT("This type of answer cannot be given")},
	{409, S_INIT("conflict"), S_INIT("This cannot be done as things stand")},
	{412, S_INIT("stale"), S_INIT("Somebody else has changed this record")},
	{413, S_INIT("limit"), S_INIT("This is larger than this server takes")},
	{415, S_INIT("media-type"), S_INIT("This type of content is not taken")},
	{422, S_INIT("invalid"), S_INIT("Something needs to be put right")},
	{428, S_INIT("precondition"), S_INIT("Say which revision you changed")},
	{429, S_INIT("too-many"), S_INIT("Too many requests")},
	{500, S_INIT("fault"), S_INIT("The server could not do this")},
	{503, S_INIT("busy"), S_INIT("The server is busy")},
	{507, S_INIT("memory"), S_INIT("The server has no memory left for this")},
};

/* ---- members ---- */

void api_put_text(struct buf *b, bool *first, str key, str value)
{
	json_put_key(b, first, key);
	json_put_string(b, value);
}

void api_put_some(struct buf *b, bool *first, str key, str value)
{
	if (value.n)
		api_put_text(b, first, key, value);
}

void api_put_int(struct buf *b, bool *first, str key, int64_t value)
{
	json_put_key(b, first, key);
	buf_int(b, value);
}

void api_put_bool(struct buf *b, bool *first, str key, bool value)
{
	json_put_key(b, first, key);
	buf_add(b, value ? S("true") : S("false"));
}

void api_put_time(struct buf *b, bool *first, str key, int64_t time_us)
{
	json_put_key(b, first, key);
	buf_char(b, '"');
	time_print(b, time_us);
	buf_char(b, '"');
}

static void put_value(struct buf *b, struct arena *a, const void *rec, const struct field *f)
{
	str value = kind_value(a, rec, f);

	switch (f->type) {
	case FIELD_INT:
	case FIELD_WORDS:
	case FIELD_ROWS:
		buf_add(b, value);
		break;
	case FIELD_FLAG:
		buf_add(b, S("true"));
		break;
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_ENUM:
	case FIELD_REF:
		json_put_string(b, value);
		break;
	}
}

void api_put_record(struct buf *b, struct arena *a, const void *record)
{
	const struct rec *rec = record;
	const struct kind *k = rec->kind;
	bool first = true;
	struct uuid id;
	struct buf text;

	memcpy(id.b, rec->id.b, sizeof id.b);
	buf_init(&text, a, UUID_TEXT_BYTES);
	uuid_print(&text, id);
	buf_char(b, '{');
	api_put_text(b, &first, S("@type"), k->name);
	api_put_text(b, &first, S("ref"), rec->ref);
	api_put_text(b, &first, S("state"), k->state[rec->state].name);
	for (int i = 0; i < k->field_count; i++) {
		if (kind_is_empty(rec, &k->field[i]))
			continue;
		json_put_key(b, &first, k->field[i].name);
		put_value(b, a, rec, &k->field[i]);
	}
	api_put_text(b, &first, S("id"), buf_str(&text));
	api_put_int(b, &first, S("rev"), rec->rev);
	if (rec->base)
		api_put_int(b, &first, S("base"), rec->base);
	if (!kind_field(k, S("since")))
		api_put_time(b, &first, S("since"), rec->since);
	api_put_text(b, &first, S("by"), rec->by);
	buf_char(b, '}');
}

void api_put_brief(struct buf *b, const struct brief *brief)
{
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("kind"), brief->kind->name);
	api_put_text(b, &first, S("ref"), brief->ref);
	api_put_text(b, &first, S("title"), brief->title);
	api_put_text(b, &first, S("state"), api_state_word(brief->kind, brief->state));
	api_put_some(b, &first, S("owner"), brief->owner);
	api_put_some(b, &first, S("product"), brief->product);
	api_put_time(b, &first, S("changed"), brief->changed);
	buf_char(b, '}');
}

str api_state_word(const struct kind *k, str label)
{
	for (int i = 0; i < k->state_count; i++)
		if (str_eq(k->state[i].label, label))
			return k->state[i].name;
	return label;
}

/* ---- answers ---- */

void api_headers(struct http_reply *out)
{
	http_reply_header(
		out, S("Content-Security-Policy"), S("default-src 'none'; frame-ancestors 'none'"));
	http_reply_header(out, S("X-Content-Type-Options"), S("nosniff"));
	http_reply_header(out, S("Cache-Control"), S("no-store"));
}

struct buf *api_reply(struct call *c, struct http_reply *out)
{
	struct buf *b = NEW(c->arena, struct buf, 1);

	out->type = S("application/json");
	api_headers(out);
	buf_init(b, c->arena, LIMIT_OUTPUT_BYTES);
	return b;
}

bool api_done(struct call *c, struct http_reply *out, const struct buf *b)
{
	if (b->full)
		return FAIL(&c->err, ERR_LIMIT, "the answer is too large; ask for fewer rows");
	out->body = buf_str(b);
	return true;
}

bool api_text(struct http_reply *out, str text)
{
	out->type = S("text/plain; charset=utf-8");
	out->body = text;
	api_headers(out);
	return true;
}

/* ---- problems ---- */

static void put_issues(struct buf *b, bool *first, const struct issue *issues)
{
	if (!issues)
		return;
	json_put_key(b, first, S("issues"));
	buf_char(b, '[');
	for (const struct issue *i = issues; i; i = i->next) {
		bool one = true;
		buf_add(b, i == issues ? S("{") : S(",{"));
		api_put_text(b, &one, S("field"), i->field);
		api_put_text(b, &one, S("text"), i->text);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void begin_problem(struct buf *b, bool *first, int status, str text)
{
	isize n = 0;

	while (n < COUNT_OF(problems) - 1 && problems[n].status != status)
		n++;
	buf_add(b, S("{\"type\":\"urn:ward:problem:"));
	buf_add(b, problems[n].word);
	buf_char(b, '"');
	*first = false;
	api_put_text(b, first, S("title"), problems[n].title);
	api_put_int(b, first, S("status"), status);
	api_put_text(b, first, S("detail"), text);
}

static void begin_reply(struct http_reply *out, int status)
{
	*out = (struct http_reply){.status = status, .type = S("application/problem+json")};
	api_headers(out);
	if (status == 503)
		http_reply_header(out, S("Retry-After"), S("2"));
}

void api_answer_plain(struct arena *a, int status, str text, struct http_reply *out)
{
	struct buf b;
	bool first;

	begin_reply(out, status);
	buf_init(&b, a, 4096);
	begin_problem(&b, &first, status, text);
	buf_char(&b, '}');
	out->body = buf_str(&b);
}

/* What the person need not know goes to the log; they learn only that nothing was changed. */
static void keep_to_ourselves(const struct api_request *q, struct err *e)
{
	log_fault("request.failed", KV("path", q->http->path), KV("why", err_text(e)));
	snprintf(e->text, sizeof e->text, "%s",
		"The server could not do this; its log says why.  Nothing was changed.");
	e->issues = NULL;
}

void api_problem(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct err e = c->err;
	int status = q->status && e.code != ERR_FAULT ? q->status : http_status_of(e.code);
	struct buf b;
	bool first;

	if (status == 500)
		keep_to_ourselves(q, &e);
	begin_reply(out, status);
	if (status == 401)
		http_reply_header(out, S("WWW-Authenticate"),
			q->bad_token ? S("Bearer realm=\"ward\", error=\"invalid_token\"")
				     : S("Bearer realm=\"ward\""));
	if (status == 405)
		http_reply_header(out, S("Allow"), q->allow);
	if (status == 415 && q->route->body == BODY_PATCH)
		http_reply_header(out, S("Accept-Patch"),
			S("application/merge-patch+json, application/json"));
	if (q->newer)
		http_reply_header(out, S("ETag"),
			str_fmt(c->arena, "\"%" PRId64 "\"", ((const struct rec *)q->newer)->rev));
	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	begin_problem(&b, &first, status, err_text(&e));
	if (utf8_check(q->http->path) < 0)
		api_put_text(&b, &first, S("instance"), q->http->path);
	api_put_some(&b, &first, S("request"), c->request);
	if (e.line) {
		api_put_int(&b, &first, S("line"), e.line);
		api_put_int(&b, &first, S("column"), e.column);
	}
	put_issues(&b, &first, e.issues);
	if (q->newer) {
		json_put_key(&b, &first, S("current"));
		api_put_record(&b, c->arena, q->newer);
	}
	buf_char(&b, '}');
	out->body = buf_str(&b);
	err_clear(&c->err);
	c->err.code = e.code;
}
