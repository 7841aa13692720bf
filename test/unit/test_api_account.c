/* Sessions and tokens over the API; what is taken away is gone with the next request. */
#include "api.h"
#include "ident/ident.h"
#include "kinds.h"

static struct http_reply ask(
	struct call *c, enum http_method method, str target, str token, str body)
{
	return ASK(.method = method, .target = target, .token = token, .body = body);
}

/* A token made over the API; "" when it was refused, with `status`. */
static str make(struct test_case *t, struct call *c, str token, str body, int status)
{
	struct http_reply out = ask(c, HTTP_POST, S("/api/v1/tokens"), token, body);

	CHECK_INT(out.status, status);
	return status == 201 ? str_dup(t->arena, json_text(api_test_json(t, &out), S("token")))
			     : S("");
}

static int status_of(struct call *c, str token)
{
	return ask(c, HTTP_GET, S("/api/v1/risks"), token, S("")).status;
}

#define RISK "{\"title\":\"Pump stops\",\"owner\":\"P1\",\"domain\":\"product_security\"}"

TEST(a_token_that_only_reads_writes_nothing, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	str reader = make(t, c, token,
		S("{\"name\":\"ci\",\"scope\":\"*.read\",\"until\":\"2026-10-20\"}"), 201);

	CHECK_INT(status_of(c, reader), 200);
	CHECK_INT(ask(c, HTTP_POST, S("/api/v1/risks"), token, S(RISK)).status, 201);
	static const struct {
		enum http_method method;
		const char *target, *body;
	} writes[] = {
		{HTTP_POST, "/api/v1/risks", RISK},
		{HTTP_PUT, "/api/v1/risks/RSK-1", RISK},
		{HTTP_PATCH, "/api/v1/risks/RSK-1", "{\"title\":\"x\"}"},
		{HTTP_POST, "/api/v1/risks/RSK-1/move", "{\"to\":\"assessed\"}"},
		{HTTP_POST, "/api/v1/risks/RSK-1/links", "{\"type\":\"x\",\"to\":\"RSK-1\"}"},
		{HTTP_DELETE, "/api/v1/risks/RSK-1/links?type=x&to=RSK-1", ""},
		{HTTP_POST, "/api/v1/risks/RSK-1/links/confirm", "{\"type\":\"x\"}"},
		{HTTP_POST, "/api/v1/triage/decide", "{}"},
		{HTTP_POST, "/api/v1/triage/answer", "{}"},
		{HTTP_POST, "/api/v1/model/acts", "{}"},
		{HTTP_POST, "/api/v1/backlog/import", "{}"},
		{HTTP_POST, "/api/v1/tokens", "{}"},
		{HTTP_DELETE, "/api/v1/tokens?token=x", ""},
		{HTTP_DELETE, "/api/v1/sessions?session=all", ""},
	};
	for (isize i = 0; i < COUNT_OF(writes); i++)
		CHECK_INT(ask(c, writes[i].method, str_of(writes[i].target), reader,
				  str_of(writes[i].body))
				  .status,
			403);
	store_close(t, c);
}

TEST(a_token_of_one_product_sees_no_other, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	str one = make(t, c, token,
		S("{\"name\":\"ci\",\"scope\":\"* PRD-1\",\"until\":\"2026-10-20\"}"), 201);

	for (int i = 1; i <= 2; i++) {
		str body = str_fmt(t->arena,
			"{\"title\":\"Risk\",\"owner\":\"P1\",\"domain\":\"product_security\","
			"\"product\":\"PRD-%d\"}",
			i);
		CHECK_INT(ask(c, HTTP_POST, S("/api/v1/risks"), one, body).status,
			i == 1 ? 201 : 403);
		CHECK_INT(ask(c, HTTP_POST, S("/api/v1/risks"), token, body).status, 201);
	}
	struct http_reply out = ask(c, HTTP_GET, S("/api/v1/risks"), one, S(""));
	CHECK(str_find(out.body, S("PRD-1")) > 0);
	CHECK(str_find(out.body, S("PRD-2")) < 0);
	store_close(t, c);
}

TEST(a_token_makes_none_that_is_more_or_lasts_longer, "")
{
	static const struct {
		const char *scope, *until;
		int status;
	} cases[] = {
		{"token.make risk.read PRD-1", "2026-10-05", 201},
		{"risk.read PRD-1", "2026-10-19", 201},
		{"risk.read PRD-1", "2026-10-21", 403},
		{"risk.read PRD-2", "2026-10-05", 403},
		{"risk.read PRD-1 PRD-2", "2026-10-05", 403},
		{"risk.read", "2026-10-05", 403},
		{"risk.* PRD-1", "2026-10-05", 403},
		{"* PRD-1", "2026-10-05", 403},
		{"*", "2026-10-05", 403},
	};
	str token;
	struct call *c = api_test_open(t, &token);
	str maker = make(t, c, token,
		S("{\"name\":\"m\",\"scope\":\"token.make risk.read PRD-1\","
		  "\"until\":\"2026-10-20\"}"),
		201);

	for (isize i = 0; i < COUNT_OF(cases); i++)
		make(t, c, maker,
			str_fmt(t->arena, "{\"name\":\"x\",\"scope\":\"%s\",\"until\":\"%s\"}",
				cases[i].scope, cases[i].until),
			cases[i].status);
	store_close(t, c);
}

TEST(a_token_needs_a_name_a_scope_and_an_end, "")
{
	static const char *const bad[] = {"{}", "{\"name\":\"x\",\"scope\":\"*\"}",
		"{\"name\":\"x\",\"until\":\"2026-10-20\"}",
		"{\"scope\":\"*\",\"until\":\"2026-10-20\"}",
		"{\"name\":\"x\",\"scope\":\"*\",\"until\":\"2026-09-30\"}",
		"{\"name\":\"x\",\"scope\":\"*\",\"until\":\"2027-10-02\"}",
		"{\"name\":\"x\",\"scope\":\"*\",\"until\":\"never\"}",
		"{\"name\":\"x\",\"scope\":\"nothing\",\"until\":\"2026-10-20\"}",
		"{\"name\":\"x\",\"scope\":\"*\",\"until\":\"2026-10-20\",\"days\":\"9\"}"};
	str token;
	struct call *c = api_test_open(t, &token);

	for (isize i = 0; i < COUNT_OF(bad); i++)
		make(t, c, token, str_of(bad[i]), 422);
	CHECK(token_make(c, S("P1"), S("long"), S("*"), TOKEN_DAYS_MAX, &token));
	CHECK(store_commit(t, c));
	make(t, c, token, S("{\"name\":\"x\",\"scope\":\"*\",\"until\":\"2027-09-30\"}"), 201);
	store_close(t, c);
}

TEST(whose_tokens_and_sessions_somebody_sees, "")
{
	str token, cookie, csrf;
	struct call *c = api_test_open(t, &token);
	str plain = api_test_join(t, c, S("P7"), S("log_in risk.* token.make"), S(""));

	CHECK(session_open(c, S("P1"), S(""), &cookie, &csrf));
	CHECK(session_open(c, S("P7"), S(""), &cookie, &csrf));
	CHECK_INT(ask(c, HTTP_GET, S("/api/v1/tokens"), plain, S("")).status, 200);
	CHECK_INT(ask(c, HTTP_GET, S("/api/v1/sessions"), plain, S("")).status, 200);
	CHECK_INT(ask(c, HTTP_GET, S("/api/v1/tokens?person=P1"), plain, S("")).status, 403);
	CHECK_INT(ask(c, HTTP_GET, S("/api/v1/sessions?person=P1"), plain, S("")).status, 403);
	CHECK_INT(ask(c, HTTP_DELETE, S("/api/v1/sessions?person=P1&session=all"), plain, S(""))
			  .status,
		403);
	make(t, c, plain,
		S("{\"name\":\"x\",\"person\":\"P1\",\"scope\":\"*\",\"until\":\"2026-10-01\"}"),
		403);
	CHECK_INT(ask(c, HTTP_DELETE, S("/api/v1/sessions"), token, S("")).status, 422);
	struct http_reply out = ask(c, HTTP_GET, S("/api/v1/sessions?person=P7"), token, S(""));
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, csrf) < 0 && str_find(out.body, cookie) < 0);
	CHECK_INT(ask(c, HTTP_DELETE, S("/api/v1/sessions?person=P7&session=all"), token, S(""))
			  .status,
		204);
	CHECK_INT(ASK(.method = HTTP_GET, .target = S("/api/v1/risks"),
			  .cookie = str_join(t->arena, S("ward-local="), cookie))
			  .status,
		401);
	store_close(t, c);
}

/* ---- what is taken away ---- */

enum taken {
	TOKEN_REVOKED,
	SESSION_ENDED,
	GRANT_ENDED,
	GRANT_OVER,
	ROLE_RETIRED,
	PERSON_LEFT,
	NEW_PASSWORD,
	TAKEN_COUNT
};

static void change(struct test_case *t, struct call *c, enum kind_id kind, str ref, int state)
{
	void *rec = NULL;

	CHECK(kind_get(c, &kinds[kind], ref, &rec));
	if (!rec)
		return;
	((struct rec *)rec)->state = state;
	if (kind == KIND_ACCESS_GRANT && state == ACCESS_GRANT_STATE_GRANTED)
		((struct access_grant *)rec)->until = day_of_time(c->now_us) - 1;
	api_test_put(t, c, rec);
}

static void take(struct test_case *t, struct call *c, enum taken what, str token)
{
	str person, id, scope;
	struct list list;

	CHECK(kind_list(c, &kinds[KIND_ACCESS_GRANT], &(struct query){.limit = 10}, &list));
	str grant = ((struct rec *)list.item[list.count - 1])->ref;
	for (isize i = 0; i < list.count; i++)
		if (str_eq(((struct access_grant *)list.item[i])->identity, S("P7")))
			grant = ((struct rec *)list.item[i])->ref;
	switch (what) {
	case TOKEN_REVOKED:
		CHECK(token_find(c, token, &person, &id, &scope) && token_revoke(c, id));
		break;
	case SESSION_ENDED:
		CHECK(session_end(c, S("P7"), S("")));
		break;
	case GRANT_ENDED:
		change(t, c, KIND_ACCESS_GRANT, grant, ACCESS_GRANT_STATE_REVOKED);
		break;
	case GRANT_OVER:
		change(t, c, KIND_ACCESS_GRANT, grant, ACCESS_GRANT_STATE_GRANTED);
		break;
	case ROLE_RETIRED:
		change(t, c, KIND_ROLE, S("R-P7"), ROLE_STATE_RETIRED);
		break;
	case PERSON_LEFT:
		change(t, c, KIND_PERSON, S("P7"), PERSON_STATE_LEFT);
		break;
	case NEW_PASSWORD:
		CHECK(credential_put(c, S("P7"), S("ada"), S("hash")));
		break;
	case TAKEN_COUNT:
		break;
	}
}

/* No request after it comes through, by token or by session, unless it is what the other kind of
   key stands on alone. */
TEST(what_was_taken_away_is_gone_with_the_next_request, "")
{
	str all;

	for (enum taken what = 0; what < TAKEN_COUNT; what++) {
		struct call *c = api_test_open(t, &all);
		str token = api_test_join(t, c, S("P7"), S("*"), S("")), cookie, csrf;
		CHECK(session_open(c, S("P7"), S(""), &cookie, &csrf));
		cookie = str_join(t->arena, S("ward-local="), cookie);
		struct ask by_cookie = {
			.method = HTTP_GET, .target = S("/api/v1/risks"), .cookie = cookie};
		CHECK_INT(status_of(c, token), 200);
		CHECK_INT(api_test_ask(c, by_cookie).status, 200);
		take(t, c, what, token);
		CHECK(store_commit(t, c));
		CHECK((status_of(c, token) < 300) == (what == SESSION_ENDED));
		CHECK((api_test_ask(c, by_cookie).status < 300) == (what == TOKEN_REVOKED));
		store_close(t, c);
	}
}

TEST_MAIN()
