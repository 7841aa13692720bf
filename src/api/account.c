/* Sessions and access tokens over the API: what the page /account does, for programs. */
#include "api/api_in.h"

/* Whose: the caller's own unless the request names somebody else. */
static str person_of(const struct call *c, str given)
{
	return given.n ? given : c->who.ref;
}

static bool done(struct http_reply *out)
{
	out->status = 204;
	api_headers(out);
	return true;
}

/* ---- sessions ---- */

bool api_sessions(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct session *list;
	isize count;

	if (!session_list(c, person_of(c, form_value(&q->query, S("person"))), &list, &count))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < count; i++) {
		bool first = true;
		buf_add(b, i ? S(",\n{") : S("\n{"));
		api_put_text(b, &first, S("id"), list[i].id);
		api_put_time(b, &first, S("since"), list[i].since);
		api_put_time(b, &first, S("until"), list[i].expires);
		buf_char(b, '}');
	}
	buf_add(b, S("]}\n"));
	return api_done(c, out, b);
}

/* "all" is a word, so that an id that was left out by mistake ends nothing. */
bool api_session_end(struct call *c, struct api_request *q, struct http_reply *out)
{
	str id = form_value(&q->query, S("session"));

	if (id.n == 0)
		return err_issue(&c->err, S("session"), "give the id of a session, or \"all\"");
	return api_reason(c, q) &&
		session_end(c, person_of(c, form_value(&q->query, S("person"))),
			str_eq(id, S("all")) ? S("") : id) &&
		done(out);
}

/* ---- access tokens ---- */

static void put_token(struct buf *b, const struct token *t)
{
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("id"), t->id);
	api_put_text(b, &first, S("name"), t->name);
	api_put_text(b, &first, S("scope"), t->scope);
	api_put_time(b, &first, S("since"), t->since);
	api_put_time(b, &first, S("until"), t->expires);
	if (t->revoked != TIME_NONE)
		api_put_time(b, &first, S("revoked"), t->revoked);
	buf_char(b, '}');
}

bool api_tokens(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct token *list;
	isize count;

	if (!token_list(c, person_of(c, form_value(&q->query, S("person"))), &list, &count))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_token(b, &list[i]);
	}
	buf_add(b, S("]}\n"));
	return api_done(c, out, b);
}

/* The value is in this answer and nowhere else. */
bool api_token_make(struct call *c, struct api_request *q, struct http_reply *out)
{
	str scope = str_trim(json_text(q->body, S("scope"))), value;
	int64_t day = 0, days = 0;
	bool first = true;

	if (!api_members(c, q->body, S("person name scope until reason")) || !api_reason(c, q))
		return false;
	if (day_parse(json_text(q->body, S("until")), &day))
		days = day - day_of_time(c->now_us);
	if (days < 1 || days > TOKEN_DAYS_MAX)
		return err_issue(&c->err, S("until"),
			"give the day on which the token ends, at most %d days from now",
			TOKEN_DAYS_MAX);
	if (!token_make(c, person_of(c, json_text(q->body, S("person"))),
		    str_trim(json_text(q->body, S("name"))), scope, days, &value))
		return false;
	struct buf *b = api_reply(c, out);
	out->status = 201;
	buf_char(b, '{');
	api_put_text(b, &first, S("token"), value);
	api_put_text(b, &first, S("scope"), scope);
	api_put_time(b, &first, S("until"), c->now_us + days * DAY_US);
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

bool api_token_revoke(struct call *c, struct api_request *q, struct http_reply *out)
{
	return api_reason(c, q) && token_revoke(c, form_value(&q->query, S("token"))) && done(out);
}
