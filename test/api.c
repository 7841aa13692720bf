/* Requests to the API, for tests. */
#include "api.h"

#include "ident/ident.h"
#include "ledger/ledger.h"

/* ---- people and what they may do ---- */

void api_test_put(struct test_case *t, struct call *c, void *rec)
{
	if (!kind_put(c, rec, S("test.create"))) {
		test_fail(t, __FILE__, __LINE__, "not put: %s", c->err.text);
		for (const struct issue *i = c->err.issues; i; i = i->next)
			printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	}
}

/* A person with a role of these rights (blanks between), for one product or all; their token. */
str api_test_join(struct test_case *t, struct call *c, str ref, str patterns, str product)
{
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct access_grant *grant = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	str token = S("");

	person->rec.ref = ref;
	person->rec.title = str_join(c->arena, S("Person "), ref);
	person->rec.state = PERSON_STATE_ACTIVE;
	person->sign_in = ref;
	person->sign_in_web = true;
	api_test_put(t, c, person);
	role->rec.ref = str_join(c->arena, S("R-"), ref);
	role->rec.title = role->rec.ref;
	role->rec.state = ROLE_STATE_EFFECTIVE;
	role->rights.item = NEW(c->arena, str, 20);
	for (str word = str_word(&patterns); word.n; word = str_word(&patterns))
		role->rights.item[role->rights.count++] = word;
	api_test_put(t, c, role);
	grant->rec.title = str_join(c->arena, S("Grant of "), ref);
	grant->rec.state = ACCESS_GRANT_STATE_GRANTED;
	grant->identity = ref;
	grant->role = role->rec.ref;
	grant->scope = product;
	api_test_put(t, c, grant);
	CHECK(token_make(c, ref, S("test"), S("*"), 30, &token));
	return token;
}

void api_test_product(struct test_case *t, struct call *c, str ref)
{
	struct product *product = kind_new(c->arena, &kinds[KIND_PRODUCT]);

	product->rec.ref = ref;
	product->rec.title = ref;
	api_test_put(t, c, product);
}

struct call *api_test_open(struct test_case *t, str *token)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	api_test_product(t, c, S("PRD-1"));
	api_test_product(t, c, S("PRD-2"));
	*token = api_test_join(t, c, S("P1"), S("*"), S(""));
	CHECK(store_commit(t, c));
	return c;
}

/* ---- requests ---- */

static void add_header(struct http_request *q, str name, str value)
{
	if (value.n)
		q->header[q->header_count++] = (struct http_header){name, value};
}

static str method_word(enum http_method method)
{
	static const str words[] = {S_INIT("get"), S_INIT("head"), S_INIT("post"), S_INIT("put"),
		S_INIT("patch"), S_INIT("delete"), S_INIT("options")};

	return words[method];
}

static void print_line(str s)
{
	for (isize i = 0; i < s.n; i++)
		putchar(s.p[i] == '\n' ? ' ' : s.p[i]);
	putchar('\n');
}

static void print_reply(const struct ask *ask, const struct http_reply *out)
{
	if (!getenv("WARD_API_REPLIES") || ask->method == HTTP_HEAD)
		return;
	printf("#reply %.*s %.*s %d %.*s ", STR_ARG(method_word(ask->method)), STR_ARG(ask->target),
		out->status, STR_ARG(out->type));
	print_line(str_eq(out->type, S("application/octet-stream")) ? S("") : out->body);
	if (ask->body.n == 0 || out->status >= 300)
		return;
	printf("#taken %.*s %.*s ", STR_ARG(method_word(ask->method)), STR_ARG(ask->target));
	print_line(ask->body);
}

/* As the server does it: a write inside a savepoint, a read without a ledger. */
struct http_reply api_test_ask_with(struct call *store, const struct ask *ask, struct call *c)
{
	struct http_request *q = NEW(store->arena, struct http_request, 1);
	struct http_reply out;
	str query = ask->target;

	*c = (struct call){.arena = store->arena, .db = store->db, .at_us = TIME_NONE};
	c->err.arena = c->arena;
	c->now_us = store->now_us += 1000;
	q->method = ask->method;
	q->target = ask->target;
	q->path = str_cut(&query, '?');
	q->query = query;
	q->body = ask->body;
	if (ask->token.n)
		add_header(q, S("Authorization"), str_join(store->arena, S("Bearer "), ask->token));
	add_header(q, S("If-Match"), ask->match);
	add_header(q, S("If-None-Match"), ask->known);
	add_header(q, S("Content-Type"),
		ask->type.n           ? ask->type
			: ask->body.n ? S("application/json")
				      : S(""));
	add_header(q, S("X-Reason"), ask->reason);
	add_header(q, S("Accept"), ask->accept);
	add_header(q, S("Cookie"), ask->cookie);
	add_header(q, S("Sec-Fetch-Site"), ask->site);
	db_report_to(store->db, &c->err);
	bool writes = api_writes(q), kept;
	if (writes) {
		c->ledger = store->ledger;
		bool saved = db_save(store->db);
		assert(saved);
		ledger_saved(store->ledger);
	}
	kept = api_answer(c, S("ward-local"), q, &out);
	if (writes && !(kept && db_release(store->db))) {
		assert(!kept);
		db_undo(store->db);
		ledger_undone(store->ledger);
	}
	if (c->now_us > store->now_us)
		store->now_us = c->now_us;
	db_report_to(store->db, &store->err);
	print_reply(ask, &out);
	return out;
}

struct http_reply api_test_ask(struct call *store, struct ask ask)
{
	struct call *c = NEW(store->arena, struct call, 1);

	return api_test_ask_with(store, &ask, c);
}

str api_test_header(const struct http_reply *out, str name)
{
	for (int i = 0; i < out->header_count; i++)
		if (str_eq_fold(out->header[i].name, name))
			return out->header[i].value;
	return S("");
}

/* The body as JSON; a body that is none is null. */
const struct json *api_test_json(struct test_case *t, const struct http_reply *out)
{
	static const struct json nothing = {.type = JSON_NULL};
	struct err e = {.arena = t->arena};
	const struct json *j = json_parse(t->arena, &e, out->body);

	if (!j)
		test_fail(t, __FILE__, __LINE__, "no JSON: %s", e.text);
	return j ? j : &nothing;
}

/* Status, type and headers that every reply has; a problem says its status. */
void api_test_check(struct test_case *t, int line, const struct http_reply *out, int status)
{
	if (out->status != status)
		test_fail(t, __FILE__, line, "status %d, not %d: %.*s", out->status, status,
			STR_ARG(out->body));
	CHECK_STR(api_test_header(out, S("X-Content-Type-Options")), S("nosniff"));
	CHECK_STR(api_test_header(out, S("Cache-Control")), S("no-store"));
	CHECK(str_starts(
		api_test_header(out, S("Content-Security-Policy")), S("default-src 'none'")));
	if (out->status < 400)
		return;
	CHECK_STR(out->type, S("application/problem+json"));
	const struct json *j = api_test_json(t, out);
	CHECK_STR(json_text(j, S("status")), str_fmt(t->arena, "%d", out->status));
	CHECK(str_starts(json_text(j, S("type")), S("urn:ward:problem:")));
	CHECK(json_text(j, S("title")).n && json_text(j, S("detail")).n);
}
