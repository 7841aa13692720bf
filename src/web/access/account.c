/* Where somebody is signed in, and what their programs come in with: seen and ended while Ward
   serves. */
#include "pages.h"
#include "web/access/account_view.h"

str token_words(const struct account_view *v, const struct token *t)
{
	struct call *c = v->call;

	if (t->revoked != TIME_NONE)
		return str_join(c->arena, S("revoked "), time_words(c, t->revoked));
	return str_join(c->arena, t->expires > c->now_us ? S("until ") : S("over since "),
		time_words(c, t->expires));
}

/* Whose page it is: the reader's own unless the request names somebody else. */
static str person_of(const struct call *c, const struct form *form)
{
	str person = form_value(form, S("person"));

	return person.n ? person : c->who.ref;
}

static bool show(struct call *c, struct request *q, struct account_view *v, struct http_reply *out)
{
	v->call = c;
	v->is_own = str_eq(v->person, c->who.ref);
	v->manages = call_could(c, CAN_SESSION_MANAGE, S(""));
	v->has_tokens = call_could_some(c, CAN_TOKEN_MAKE) &&
		(v->is_own || call_could(c, CAN_USER_MANAGE, S("")));
	if (!session_list(c, v->person, &v->session, &v->session_count) ||
		(v->has_tokens && !token_list(c, v->person, &v->token, &v->token_count)) ||
		!frame_make(c, q, S("Sessions and tokens"), S(""), &v->frame))
		return false;
	struct buf *b = reply_page(c, out);
	account_page_html(b, v);
	reply_done(out, b);
	out->status = v->issues ? 422 : 200;
	return true;
}

bool web_account(struct call *c, struct request *q, struct http_reply *out)
{
	struct account_view *v = NEW(c->arena, struct account_view, 1);

	v->person = person_of(c, &q->query);
	v->scope = S("*.read");
	v->days = S("90");
	return show(c, q, v, out);
}

/* Back to the page; who ended the session they asked with comes to the sign-in. */
static bool back(struct call *c, str person, struct http_reply *out)
{
	struct buf b;

	buf_init(&b, c->arena, 400);
	buf_add(&b, S("/account?person="));
	html_query(&b, person);
	return reply_redirect(out, buf_str(&b));
}

/* "all" is a word, so that a form that lost its id ends nothing. */
bool web_session_end(struct call *c, struct request *q, struct http_reply *out)
{
	str person = person_of(c, &q->form), id = form_value(&q->form, S("id"));

	if (id.n == 0)
		return FAIL(&c->err, ERR_INVALID, "say which session is to end");
	return session_end(c, person, str_eq(id, S("all")) ? S("") : id) && back(c, person, out);
}

bool web_token_revoke(struct call *c, struct request *q, struct http_reply *out)
{
	return token_revoke(c, form_value(&q->form, S("id"))) &&
		back(c, person_of(c, &q->form), out);
}

/* The value is in this answer and nowhere else: there is no redirection to carry it. */
bool web_token_make(struct call *c, struct request *q, struct http_reply *out)
{
	struct account_view *v = NEW(c->arena, struct account_view, 1);
	int64_t days;

	v->person = person_of(c, &q->form);
	v->name = str_trim(form_value(&q->form, S("name")));
	v->scope = str_trim(form_value(&q->form, S("scope")));
	v->days = str_trim(form_value(&q->form, S("days")));
	if (!str_int(v->days, 1, TOKEN_DAYS_MAX, &days))
		days = 0; /* token_make says what is possible */
	if (!token_make(c, v->person, v->name, v->scope, days, &v->value)) {
		if (c->err.code != ERR_INVALID)
			return false;
		v->issues = c->err.issues;
		err_clear(&c->err);
	}
	return show(c, q, v, out);
}
