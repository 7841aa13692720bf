/* A new password while Ward serves: one's own, or as an administrator somebody else's. */
#include "pages.h"
#include "web/access/password_view.h"

static bool show(struct call *c, struct request *q, str person, struct http_reply *out)
{
	struct password_view *v = NEW(c->arena, struct password_view, 1);

	v->person = person;
	v->is_own = str_eq(person, c->who.ref);
	v->issues = c->err.issues;
	err_clear(&c->err);
	if (!v->is_own && !call_may(c, CAN_USER_MANAGE, S("")))
		return false;
	if (!credential_name(c, person, &v->sign_in) ||
		!frame_make(c, q, S("New password"), S(""), &v->frame))
		return false;
	v->frame.is_error = v->issues;
	struct buf *b = reply_page(c, out);
	password_page_html(b, v);
	reply_done(out, b);
	out->status = v->issues ? 422 : 200;
	return true;
}

static str person_of(const struct call *c, const struct form *form)
{
	str person = form_value(form, S("person"));

	return person.n ? person : c->who.ref;
}

bool web_password(struct call *c, struct request *q, struct http_reply *out)
{
	return show(c, q, person_of(c, &q->query), out);
}

/* An open browser is not enough to take an account over: the password so far is asked for, and is
   tried and counted as at the sign-in. */
static bool check_proof(struct call *c, struct request *q)
{
	const struct web_proof *p = q->proof;

	if (c->signs)
		return true;
	if (!p || !p->asked)
		return err_issue(
			&c->err, S("password"), "give your name and your present password");
	return web_proof_refused(c, q);
}

static bool set(struct call *c, const struct request *q, str person)
{
	str fresh = form_value(&q->form, S("fresh")), sign_in;

	return (str_eq(person, c->who.ref) || call_may(c, CAN_USER_MANAGE, S(""))) &&
		credential_name(c, person, &sign_in) &&
		password_check(c, S("fresh"), fresh, sign_in) &&
		web_fresh_hash(c, q, S("fresh")) &&
		credential_put(c, person, sign_in, q->proof->hash);
}

/* One's own session ends with it. */
bool web_password_set(struct call *c, struct request *q, struct http_reply *out)
{
	str person = person_of(c, &q->form);

	if (check_proof(c, q) && set(c, q, person))
		return reply_redirect(
			out, str_eq(person, c->who.ref) ? S("/login") : S("/account"));
	if (!db_ok(c->db) || c->err.code != ERR_INVALID)
		return false;
	return show(c, q, person, out);
}
