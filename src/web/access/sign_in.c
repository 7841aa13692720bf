/* Signing in and out, and setup links. */
#include "pages.h"
#include "web/web_in.h"

/* Only a path of ours: "/RSK-12", never "//elsewhere". */
static str safe_path(str to)
{
	bool ours = str_starts(to, S("/")) && !str_starts(to, S("//")) && str_index(to, '\\') < 0;

	for (isize i = 0; ours && i < to.n; i++)
		ours = to.p[i] > ' ' && to.p[i] < 127;
	return ours ? to : S("/");
}

static bool show_sign_in(struct call *c, const struct request *q, str to, str name, str wrong,
	struct http_reply *out)
{
	struct buf *b = reply_page(c, out);

	sign_in_page_html(b, to, name, wrong, q->site->is_demo);
	reply_done(out, b);
	out->status = wrong.n ? 422 : 200;
	return true;
}

bool web_sign_in(struct call *c, struct request *q, struct http_reply *out)
{
	return show_sign_in(c, q, safe_path(form_value(&q->query, S("to"))), S(""), S(""), out);
}

static void set_cookie(
	struct call *c, const struct request *q, str token, int64_t seconds, struct http_reply *out)
{
	str name = web_cookie_name(q->site);
	str flags = q->site->is_secure ? S("; Secure") : S("");

	http_reply_header(out, S("Set-Cookie"),
		str_fmt(c->arena,
			"%.*s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%" PRId64 "%.*s",
			STR_ARG(name), STR_ARG(token), seconds, STR_ARG(flags)));
}

static bool enter(struct call *c, struct request *q, str person, str to, struct http_reply *out)
{
	str token, csrf;

	if (!ident_enter(c, person, WAY_WEB) || !call_may_some(c, CAN_LOG_IN) ||
		!session_open(c, person, web_cookie(q), &token, &csrf) || !reply_redirect(out, to))
		return false;
	set_cookie(c, q, token, (int64_t)SESSION_HOURS * 3600, out);
	return true;
}

/* Whether the person may come in at all.  Who left learns no more than that name or password
   are not right: anything else would tell that it was. */
static bool may_enter(struct call *c, str person)
{
	bool ok = ident_enter(c, person, WAY_WEB) && call_may_some(c, CAN_LOG_IN);

	if (!ok && c->err.code == ERR_DENIED) {
		err_clear(&c->err);
		c->who = (struct who){0};
		c->denied = 0;
	}
	return ok;
}

/* The answer of a failure is kept: the count of failures and its entry must be.  What cannot
   succeed is not counted, and costs nothing: it guesses nothing. */
bool web_sign_in_try(struct call *c, struct request *q, struct http_reply *out)
{
	str to = safe_path(form_value(&q->form, S("to"))), name = form_value(&q->form, S("name"));
	const struct web_proof *p = q->proof;

	if (p && p->good && may_enter(c, p->person))
		return credential_worked(c, name, q->http->share) &&
			enter(c, q, p->person, to, out);
	if (c->err.code)
		return false;
	if (p && p->wait.n)
		return show_sign_in(c, q, to, name, p->wait, out);
	if (!web_could_prove(q))
		return show_sign_in(
			c, q, to, name, S("The name or the password is not right."), out);
	if (!credential_failed(c, name, q->http->share))
		return false;
	q->keeps = true;
	return show_sign_in(c, q, to, name, S("The name or the password is not right."), out);
}

bool web_sign_out(struct call *c, struct request *q, struct http_reply *out)
{
	if (!session_close(c, web_cookie(q)) || !reply_redirect(out, S("/login")))
		return false;
	set_cookie(c, q, S(""), 0, out);
	return true;
}

/* ---- setup links ---- */

static bool show_setup(struct call *c, str token, const struct issue *issues, str name, str sign_in,
	struct http_reply *out)
{
	struct buf *b = reply_page(c, out);

	setup_page_html(b, token, issues, name, sign_in, setup_is_first(c));
	reply_done(out, b);
	out->status = issues ? 422 : 200;
	return true;
}

bool web_setup(struct call *c, struct request *q, struct http_reply *out)
{
	str token = form_value(&q->query, S("token"));

	if (!setup_valid(c, token))
		return FAIL(&c->err, ERR_DENIED,
			"this setup link is not valid any more; make a new one with ward user "
			"setup");
	return show_setup(c, token, NULL, S(""), S(""), out);
}

bool web_setup_do(struct call *c, struct request *q, struct http_reply *out)
{
	str token = form_value(&q->form, S("token")),
	    name = str_trim(form_value(&q->form, S("title")));
	str sign_in = str_trim(form_value(&q->form, S("sign_in")));
	str password = form_value(&q->form, S("password")), person;

	if (!setup_valid(c, token))
		return FAIL(&c->err, ERR_DENIED, "this setup link is not valid any more");
	if (name.n == 0)
		err_issue(&c->err, S("title"), "give your name");
	if (sign_in.n == 0)
		err_issue(&c->err, S("sign_in"), "give a name to sign in with");
	if (utf8_count(sign_in) > SIGN_IN_MAX)
		err_issue(&c->err, S("sign_in"),
			"the name to sign in with has more than %d characters", SIGN_IN_MAX);
	if (!credential_free(c, S(""), sign_in) && !db_ok(c->db))
		return false;
	if (!password_check(c, S("password"), password, sign_in) || c->err.code ||
		!web_fresh_hash(c, q, S("password"))) {
		const struct issue *issues = c->err.issues;
		err_clear(&c->err);
		return show_setup(c, token, issues, name, sign_in, out);
	}
	return setup_use(c, token) &&
		setup_person(c, name, sign_in, q->proof->hash, &person) &&
		enter(c, q, person, S("/"), out);
}
