/*
 * The API from outside, for tests: requests in, replies out, on a store of store.h.
 *
 *	str token;
 *	struct call *c = api_test_open(t, &token);
 *	struct http_reply out = GET("/api/v1/me");
 *	CHECK_REPLY(out, 200);
 *
 * With WARD_API_REPLIES set every reply is printed as a comment, for test/shell/openapi.t, which
 * holds them against the description.
 */
#ifndef TEST_API_H
#define TEST_API_H
#include "base/json.h"

#include "api/api.h"
#include "store.h"

struct ask {
	enum http_method method;
	str target, body, token, match, type, reason, accept, cookie, known, site;
};

/* Stores a record that must be good. */
void api_test_put(struct test_case *t, struct call *c, void *rec);
/* A person with a role of these rights (blanks between), for one product or all; their token. */
str api_test_join(struct test_case *t, struct call *c, str ref, str patterns, str product);
void api_test_product(struct test_case *t, struct call *c, str ref);
/* A store with PRD-1, PRD-2 and P1, who may do everything and has the token. */
struct call *api_test_open(struct test_case *t, str *token);
/* As the server does it: a write inside a savepoint, a read without a ledger. */
struct http_reply api_test_ask_with(struct call *store, const struct ask *ask, struct call *c);
struct http_reply api_test_ask(struct call *store, struct ask ask);
str api_test_header(const struct http_reply *out, str name);
/* The body as JSON; a body that is none is null. */
const struct json *api_test_json(struct test_case *t, const struct http_reply *out);
/* Status, type and headers that every reply has; a problem says its status. */
void api_test_check(struct test_case *t, int line, const struct http_reply *out, int status);
#define ASK(...)   api_test_ask(c, (struct ask){__VA_ARGS__})
#define GET(path_) ASK(.method = HTTP_GET, .target = S(path_), .token = token)
#define POST(path_, body_)                                                                         \
	ASK(.method = HTTP_POST, .target = S(path_), .token = token, .body = S(body_))
#define CHECK_REPLY(out, status) api_test_check(t, __LINE__, &(out), (status))
#endif
