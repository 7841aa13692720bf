/* The same for every request: route, who asks, right, day, body, handler; and what went wrong. */
#include "api/api_in.h"
#include "os/os.h"

static enum http_method method_of(const struct http_request *q)
{
	return q->method == HTTP_HEAD ? HTTP_GET : q->method;
}

bool api_writes(const struct http_request *q)
{
	return q->method != HTTP_GET && q->method != HTTP_HEAD && q->method != HTTP_OPTIONS;
}

/* ---- the route ---- */

static str method_name(enum http_method method)
{
	switch (method) {
	case HTTP_GET:
		return S("GET, HEAD");
	case HTTP_POST:
		return S("POST");
	case HTTP_PUT:
		return S("PUT");
	case HTTP_PATCH:
		return S("PATCH");
	case HTTP_DELETE:
		return S("DELETE");
	case HTTP_HEAD:
	case HTTP_OPTIONS:
		break;
	}
	return S("");
}

/* The first route with this path decides which others belong to it: "/ledger" is not a
   ":plural". */
static bool find_route(struct call *c, struct api_request *q)
{
	const struct api_route *first = NULL;
	struct buf allow;

	buf_init(&allow, c->arena, 100);
	for (isize i = 0; i < api_route_count; i++) {
		const struct api_route *r = &api_routes[i];
		if (first ? !str_eq(first->path, r->path)
			  : !http_match(r->path, q->path, q->arg, API_ARGS))
			continue;
		if (!first)
			first = r;
		if (r->method == method_of(q->http)) {
			q->route = r;
			return true;
		}
		buf_add(&allow, allow.n ? S(", ") : S(""));
		buf_add(&allow, method_name(r->method));
	}
	if (!first)
		return FAIL(&c->err, ERR_MISSING,
			"there is nothing at %.*s; see /api/v1/openapi.json", STR_ARG(q->path));
	q->allow = buf_str(&allow);
	return API_FAIL(c, q, 405, ERR_INVALID, "this address takes %.*s", STR_ARG(q->allow));
}

static bool find_kind(struct call *c, struct api_request *q)
{
	if (q->route->right != BY_KIND)
		return true;
	for (int i = 0; i < kind_count && !q->kind; i++)
		if (str_eq(api_plural(c->arena, &kinds[i]), q->arg[0]))
			q->kind = &kinds[i];
	return q->kind ||
		FAIL(&c->err, ERR_MISSING,
			"there is no kind of record \"%.*s\"; /api/v1/kinds lists them",
			STR_ARG(q->arg[0]));
}

static bool knows_parameter(const struct api_request *q, str name)
{
	str known = q->route->query;

	for (str word = str_word(&known); word.n; word = str_word(&known))
		if (str_eq(word, name))
			return true;
	return q->route->reply == REPLY_LIST;
}

/* A misspelt parameter would silently give another answer than was asked for. */
static bool check_parameters(struct call *c, const struct api_request *q)
{
	bool ok = true;

	for (isize i = 0; i < q->query.count; i++)
		if (!knows_parameter(q, q->query.field[i].name))
			ok = err_issue(
				&c->err, q->query.field[i].name, "there is no such parameter here");
	return ok;
}

static bool decode(struct call *c, struct api_request *q)
{
	str path;

	if (!http_unescape(c->arena, q->http->path, &path))
		return FAIL(&c->err, ERR_SYNTAX, "the address cannot be read");
	q->path = path;
	return form_parse_query(c->arena, &c->err, q->http->query, &q->query) && find_route(c, q);
}

/* ---- who asks ---- */

/* A refusal of who asks is 401, and the log knows; a failure of the store stays what it is. */
static bool unknown(struct call *c, struct api_request *q)
{
	if (c->err.code != ERR_DENIED)
		return false;
	q->status = 401;
	log_note_often("api.refused", KV("peer", q->http->peer), KV("why", err_text(&c->err)));
	return false;
}

static bool by_token(struct call *c, struct api_request *q, str header)
{
	str scheme = str_word(&header);

	q->bad_token = true;
	if (!str_eq_fold(scheme, S("Bearer")))
		return API_FAIL(
			c, q, 401, ERR_DENIED, "send an access token: \"Authorization: Bearer …\"");
	return token_load(c, str_trim(header)) || unknown(c, q);
}

bool api_knows(struct call *c, const struct http_request *http)
{
	str header = http_header(http, S("Authorization"));

	return str_eq_fold(str_word(&header), S("Bearer")) && token_load(c, str_trim(header));
}

/* The pages' own scripts, which the browser says so of.  Only reading: a write with nothing but a
   cookie could come from any site. */
static bool by_cookie(struct call *c, struct api_request *q)
{
	str token = http_cookie(q->http, q->cookie);
	str site = http_header(q->http, S("Sec-Fetch-Site"));
	struct session session;

	if (token.n == 0)
		return API_FAIL(
			c, q, 401, ERR_DENIED, "send an access token: \"Authorization: Bearer …\"");
	if (api_writes(q->http))
		return API_FAIL(c, q, 401, ERR_DENIED,
			"writing needs an access token; the session of a browser only reads");
	if (site.n && !str_eq(site, S("same-origin")) && !str_eq(site, S("none")))
		return API_FAIL(c, q, 401, ERR_DENIED, "this request comes from another site");
	if (!session_find(c, token, &session) || !ident_enter(c, session.person, WAY_WEB))
		return unknown(c, q);
	return true;
}

static bool authenticate(struct call *c, struct api_request *q)
{
	str header = http_header(q->http, S("Authorization"));

	if (q->route->right == PUBLIC)
		return true;
	return header.n ? by_token(c, q, header) : by_cookie(c, q);
}

static bool check_right(struct call *c, struct api_request *q)
{
	int right = q->route->right;

	if (right == BY_KIND)
		right = api_writes(q->http) ? q->kind->can_write : q->kind->can_read;
	return right < 0 || call_may_some(c, right);
}

/* ---- bodies and types ---- */

static str media_type(str header)
{
	return str_trim(str_cut(&header, ';'));
}

static bool takes_type(str accept, str type)
{
	str range = media_type(accept), whole = range, main = str_cut(&whole, '/');
	str wanted = str_part(type, 0, str_index(type, '/'));

	if (str_ends(accept, S("q=0")) || str_ends(accept, S("q=0.0")))
		return false;
	return str_eq(range, S("*/*")) || str_eq_fold(range, type) ||
		(str_eq(whole, S("*")) && str_eq_fold(main, wanted));
}

static bool check_accept(struct call *c, struct api_request *q)
{
	bool text = q->route->reply == REPLY_TEXT || q->route->reply == REPLY_PROOF;
	str accept = http_header(q->http, S("Accept"));
	str type = text                           ? S("text/plain")
		: q->route->reply == REPLY_BYTES ? S("application/octet-stream")
						 : S("application/json");

	if (accept.n == 0)
		return true;
	while (accept.n)
		if (takes_type(str_trim(str_cut(&accept, ',')), type))
			return true;
	return API_FAIL(c, q, 406, ERR_INVALID, "this address answers in %.*s", STR_ARG(type));
}

static bool read_body(struct call *c, struct api_request *q)
{
	str type = media_type(http_header(q->http, S("Content-Type")));
	bool patch = q->route->body == BODY_PATCH &&
		str_eq_fold(type, S("application/merge-patch+json"));

	if (q->route->body == NO_BODY)
		return q->http->body.n == 0 ||
			FAIL(&c->err, ERR_INVALID, "this address takes no body");
	if (!patch && !str_eq_fold(type, S("application/json")))
		return API_FAIL(c, q, 415, ERR_INVALID, "send application/json%s",
			q->route->body == BODY_PATCH ? " or application/merge-patch+json" : "");
	if (q->http->body.n > LIMIT_RECORD_BYTES)
		return FAIL(
			&c->err, ERR_LIMIT, "the body is larger than %d bytes", LIMIT_RECORD_BYTES);
	q->body = json_parse(c->arena, &c->err, q->http->body);
	if (!q->body)
		return false;
	return q->body->type == JSON_OBJECT || err_issue(&c->err, S(""), "send a JSON object");
}

/* ---- the order of things ---- */

static bool run(struct call *c, struct api_request *q, struct http_reply *out)
{
	return decode(c, q) && authenticate(c, q) && find_kind(c, q) && check_right(c, q) &&
		check_accept(c, q) && check_parameters(c, q) &&
		call_at(c, form_value(&q->query, S("at"))) && read_body(c, q) &&
		q->route->handler(c, q, out);
}

bool api_answer(
	struct call *c, str cookie, const struct http_request *http, struct http_reply *out)
{
	struct api_request q = {.http = http, .cookie = cookie};

	c->entrance = FROM_API;
	*out = (struct http_reply){.status = 200};
	bool ok = run(c, &q, out);
	if (ok)
		return true;
	if (c->err.code == ERR_NONE)
		FAIL(&c->err, ERR_FAULT, "an answer failed without saying why");
	api_problem(c, &q, out);
	return false;
}

/* ---- what handlers read ---- */

