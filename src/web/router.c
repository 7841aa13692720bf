/* The same for every request: route, session, token, right, handler; and what went wrong. */
#include "crypt/keeper.h"
#include "os/asset.h"
#include "os/os.h"
#include "pages.h"
#include "web/web_in.h"

/* The hash of nothing anybody knows: what sign-ins with an unknown name are checked against. */
static const str no_one =
	S_INIT("$argon2id$v=19$m=65536,t=3,p=1$"
	       "U2lnbmluc3dpdGhvdXRuYW1l$GGl6cDWUfNvlQIDx5vX5s5sPZf0ZAqzAcWTSfFqOV8s");

static bool split_ending(struct request *q)
{
	static const str endings[] = {S_INIT("csv"), S_INIT("json"), S_INIT("svg"), S_INIT("html")};

	for (isize i = 0; i < COUNT_OF(endings); i++) {
		isize n = q->path.n - endings[i].n - 1;
		if (n > 0 && q->path.p[n] == '.' && str_ends(q->path, endings[i])) {
			q->ending = endings[i];
			q->path.n = n;
			return true;
		}
	}
	return false;
}

static const struct route *find(enum http_method method, str path, str *args)
{
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (isize i = 0; i < web_route_count; i++)
		if (web_routes[i].method == method && http_match(web_routes[i].path, path, args, 3))
			return &web_routes[i];
	return NULL;
}

bool web_has_place(str word)
{
	for (isize i = 0; i < web_route_count; i++) {
		str rest = str_part(web_routes[i].path, 1, web_routes[i].path.n);
		if (str_eq(str_cut(&rest, '/'), word))
			return true;
	}
	return false;
}

bool web_writes(const struct http_request *q)
{
	return q->method != HTTP_GET && q->method != HTTP_HEAD;
}

/* ---- what went wrong ---- */

static str title_of(int status)
{
	switch (status) {
	case 400:
		return S("This request cannot be read");
	case 403:
		return S("You may not do this");
	case 404:
		return S("There is nothing here");
	case 409:
		return S("This does not go together with what is stored");
	case 422:
		return S("Something needs to be put right");
	case 503:
		return S("The server is busy");
	default:
		return S("This did not work");
	}
}

/* The page of an error, in the frame when there is a session. */
static void answer_error(struct call *c, struct request *q, struct http_reply *out)
{
	struct err e = c->err;
	int status = http_status_of(e.code);
	struct frame f;

	if (e.code == ERR_FAULT || e.code == ERR_TAMPERED) {
		log_fault("request.failed", KV("path", q->path), KV("why", err_text(&e)));
		snprintf(e.text, sizeof e.text,
			"The server could not do this; its log says why, in the lines of request "
			"%.*s. Nothing was changed.",
			STR_ARG(c->request));
	}
	err_clear(&c->err);
	if (c->who.ref.n == 0 || !db_ok(c->db) || !frame_make(c, q, title_of(status), S(""), &f)) {
		web_answer_plain(c->arena, status, err_text(&e), out);
	} else {
		struct buf *b = reply_page(c, out);
		error_page_html(b, &f, err_text(&e), e.issues);
		reply_done(out, b);
		out->status = status;
	}
	c->err.code = e.code;
}

/* ---- session, token, right ---- */

str web_cookie_name(const struct web_site *site)
{
	if (site->is_secure)
		return S("__Host-ward");
	return site->cookie[0] ? str_of(site->cookie) : S("ward-local");
}

str web_cookie(const struct request *q)
{
	return http_cookie(q->http, web_cookie_name(q->site));
}

static bool same_origin(const struct request *q)
{
	str origin = http_header(q->http, S("Origin"));
	str site = http_header(q->http, S("Sec-Fetch-Site"));
	str host = http_header(q->http, S("Host"));

	if (site.n && !str_eq(site, S("same-origin")))
		return false;
	if (origin.n == 0)
		return true; /* old browsers, and tools, which must still know the token */
	if (q->site->origin.n)
		return str_eq(origin, q->site->origin);
	isize scheme = str_find(origin, S("://"));
	return scheme >= 0 && str_eq(str_part(origin, scheme + 3, origin.n), host);
}

/* Same origin and the session's token: CSRF is the router's business, never a handler's. */
static bool check_token(struct call *c, struct request *q)
{
	if (!same_origin(q))
		return FAIL(&c->err, ERR_DENIED, "this form was sent from another site");
	if (q->session.csrf.n && !str_eq(form_value(&q->form, S("csrf")), q->session.csrf))
		return FAIL(&c->err, ERR_DENIED,
			"this form is from another session: load the page again");
	return true;
}

static bool load_session(struct call *c, struct request *q)
{
	str token = web_cookie(q);

	if (token.n == 0)
		return FAIL(&c->err, ERR_DENIED, "sign in first");
	return session_find(c, token, &q->session) && ident_enter(c, q->session.person, WAY_WEB);
}

bool web_is_public(const struct http_request *http)
{
	str args[3];
	const struct route *r = find(http->method, http->path, args);

	return r && r->right == PUBLIC;
}

bool web_knows(struct call *c, const struct web_site *site, const struct http_request *http)
{
	struct request q = {.http = http, .site = site};

	return load_session(c, &q);
}

/* Where to go after the sign-in: only a path of ours. */
static bool to_sign_in(struct call *c, struct request *q, struct http_reply *out)
{
	struct buf b;

	err_clear(&c->err);
	buf_init(&b, c->arena, 4096);
	buf_add(&b, S("/login"));
	if (q->http->method == HTTP_GET && !str_eq(q->path, S("/"))) {
		buf_add(&b, S("?to="));
		html_query(&b, q->http->target);
	}
	/* An address too long to be come back to. */
	return reply_redirect(out, b.full ? S("/login") : buf_str(&b));
}

static bool decode(struct call *c, struct request *q)
{
	str path;

	if (!http_unescape(c->arena, q->http->path, &path))
		return FAIL(&c->err, ERR_SYNTAX, "the address cannot be read");
	q->path = path;
	if (!form_parse_query(c->arena, &c->err, q->http->query, &q->query))
		return false;
	if (q->http->body.n == 0)
		return true;
	return form_parse(c->arena, &c->err, http_header(q->http, S("Content-Type")), q->http->body,
		&q->form);
}

static bool answer_asset(const struct request *q, struct http_reply *out)
{
	const struct asset_file *a = asset_by_url(q->path);

	if (!a)
		return false;
	bool gzip =
		a->gzip.n && str_find(http_header(q->http, S("Accept-Encoding")), S("gzip")) >= 0;
	*out = (struct http_reply){
		.status = 200, .type = a->type, .body = gzip ? a->gzip : a->bytes};
	http_reply_header(out, S("Cache-Control"), S("public, max-age=31536000, immutable"));
	http_reply_header(out, S("X-Content-Type-Options"), S("nosniff"));
	if (gzip)
		http_reply_header(out, S("Content-Encoding"), S("gzip"));
	http_reply_header(out, S("Vary"), S("Accept-Encoding"));
	return true;
}

/* ---- the order of things ---- */

static const struct route *find_route(struct request *q)
{
	const struct route *r = find(q->http->method, q->path, q->arg);

	if (!r && split_ending(q))
		r = find(q->http->method, q->path, q->arg);
	return r;
}

/* Session, scope, token and right: what every route but the public ones asks first. */
static bool admit(struct call *c, struct request *q, const struct route **r)
{
	if (!*r && scope_read(c, q))
		*r = find_route(q);
	if (!*r)
		return FAIL(&c->err, ERR_MISSING, "there is no page at %.*s", STR_ARG(q->path));
	if (web_writes(q->http) && !check_token(c, q))
		return false;
	if ((*r)->right > 0 && !call_may_some(c, (*r)->right))
		return false;
	c->signs = q->proof && q->proof->good && str_eq(q->proof->person, c->who.ref);
	return call_at(c, form_value(&q->query, S("at")));
}

static bool run(struct call *c, struct request *q, struct http_reply *out)
{
	const struct route *r;

	if (!decode(c, q))
		return false;
	if (q->http->method == HTTP_GET && answer_asset(q, out))
		return true;
	r = find_route(q);
	if (r && r->right == PUBLIC)
		return (!web_writes(q->http) || check_token(c, q)) && r->handler(c, q, out);
	if (!load_session(c, q))
		return c->err.code == ERR_DENIED && to_sign_in(c, q, out);
	return admit(c, q, &r) && r->handler(c, q, out);
}

bool web_answer(struct call *c, const struct web_site *site, const struct http_request *http,
	const struct web_proof *proof, struct http_reply *out)
{
	struct request q = {.http = http, .site = site, .proof = proof, .path = http->path};

	c->entrance = FROM_WEB;
	*out = (struct http_reply){.status = 200};
	bool ok = run(c, &q, out);
	if (!ok && c->err.code == ERR_NONE)
		FAIL(&c->err, ERR_FAULT, "a page failed without saying why");
	if (!ok)
		answer_error(c, &q, out);
	return q.keeps ? db_ok(c->db) : ok && out->status < 400;
}

bool page_read(struct call *c, const struct request *q, int64_t *page)
{
	enum { PAGES_MAX = 100000 };
	str given = form_value(&q->query, S("page"));

	*page = 1;
	return given.n == 0 || str_int(given, 1, PAGES_MAX, page) ||
		err_issue(&c->err, S("page"), "there is no such page");
}

bool web_could_prove(const struct request *q)
{
	str name = form_value(&q->form, S("name")), password = form_value(&q->form, S("password"));

	return name.n > 0 && utf8_count(name) <= SIGN_IN_MAX && password.n > 0 &&
		password.n <= KEEPER_PASSWORD_BYTES;
}

/* A link that is in force, and a password that will do: nothing else is worth the time. */
static bool may_set_up(struct call *c, const struct request *q)
{
	return setup_valid(c, form_value(&q->form, S("token"))) &&
		password_check(c, S("password"), form_value(&q->form, S("password")),
			str_trim(form_value(&q->form, S("sign_in"))));
}

/* Whether the password of this request may be looked at at all, on a form that has one. */
static bool may_prove(struct call *c, struct request *q, enum form_column *form)
{
	str args[3];
	const struct route *r;

	if (!decode(c, q) || !(r = find(q->http->method, q->path, args)) ||
		r->form < FORM_PASSWORD)
		return false;
	*form = r->form;
	if (r->form == FORM_SETUP)
		return check_token(c, q) && may_set_up(c, q);
	return web_could_prove(q) && (r->right == PUBLIC || load_session(c, q)) &&
		check_token(c, q);
}

bool web_asks_proof(struct call *c, const struct web_site *site, const struct http_request *http,
	str *turn, bool *is_known)
{
	struct request q = {.http = http, .site = site};
	enum form_column form;

	if (!may_prove(c, &q, &form))
		return false;
	*is_known = q.session.person.n > 0;
	*turn = *is_known ? q.session.person : http->share;
	return true;
}

/* Where tries of a password come from: a session, so that nobody who has none makes those who are
   signed in wait; else the address. */
static str proof_place(struct call *c, const struct request *q)
{
	return q->session.person.n ? str_join(c->arena, S(CREDENTIAL_SESSION), q->session.id)
				   : q->http->share;
}

static void prove(struct call *c, const struct request *q, struct web_proof *out)
{
	str hash;

	if (!credential_find(c, form_value(&q->form, S("name")), proof_place(c, q), &out->person,
		    &hash)) {
		out->wait = str_dup(c->arena, err_text(&c->err));
		return;
	}
	/* Who is signed in proves to be that person; whose other name it is, is not told. */
	if (q->session.person.n && !str_eq(out->person, q->session.person)) {
		out->person = S("");
		return;
	}
	/* An unknown name is checked against some hash all the same: time must not tell. */
	if (keeper_ask_verify(c->keeper, form_value(&q->form, S("password")),
		    hash.n ? hash : no_one, &out->good, &c->err))
		out->good = out->good && out->person.n;
	else if (c->err.code != ERR_INVALID)
		out->wait = str_dup(c->arena, err_text(&c->err));
}

/* Hashes the password that the form chooses. */
static void hash_fresh(struct call *c, str fresh, struct web_proof *out)
{
	char *hash = NEW(c->arena, char, PASSWORD_HASH_BYTES);

	if (keeper_ask_hash(c->keeper, fresh, hash, &c->err))
		out->hash = str_of(hash);
	else
		out->wait = str_dup(c->arena, err_text(&c->err));
}

bool web_proof_refused(struct call *c, struct request *q)
{
	const struct web_proof *p = q->proof;

	if (p->wait.n)
		return err_issue(&c->err, S("password"), "%.*s", STR_ARG(p->wait));
	if (p->person.n == 0)
		return err_issue(
			&c->err, S("name"), "give the name that you yourself sign in with");
	q->keeps = credential_failed(c, form_value(&q->form, S("name")), proof_place(c, q));
	return q->keeps && err_issue(&c->err, S("password"), "the password is not right");
}

bool web_fresh_hash(struct call *c, const struct request *q, str field)
{
	const struct web_proof *p = q->proof;

	if (p && p->hash.n)
		return true;
	str why = p && p->wait.n ? p->wait
				 : S("the password could not be stored at this moment; try again");
	return err_issue(&c->err, field, "%.*s", STR_ARG(why));
}

/* For oneself, or somebody else as an administrator; the handler says what is wrong with it. */
static bool may_change(struct call *c, const struct request *q)
{
	str person = form_value(&q->form, S("person")), sign_in;

	if (person.n == 0)
		person = c->who.ref;
	return (str_eq(person, c->who.ref) || call_could(c, CAN_USER_MANAGE, S(""))) &&
		credential_name(c, person, &sign_in) &&
		password_check(c, S("fresh"), form_value(&q->form, S("fresh")), sign_in);
}

void web_prove(struct call *c, const struct web_site *site, const struct http_request *http,
	struct web_proof *out)
{
	struct request q = {.http = http, .site = site};
	enum form_column form;

	if (!may_prove(c, &q, &form))
		return;
	out->asked = true;
	if (form == FORM_SETUP)
		hash_fresh(c, form_value(&q.form, S("password")), out);
	else
		prove(c, &q, out);
	if (form == FORM_CHANGE && out->good && may_change(c, &q))
		hash_fresh(c, form_value(&q.form, S("fresh")), out);
}
