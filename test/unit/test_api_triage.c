/* Triage over the API: read, decided, answered; late, wrong and without words. */
#include "api.h"

static void put_part(struct test_case *t, struct call *c, const char *json)
{
	const struct json *j = json_parse(c->arena, &c->err, str_of(json));
	const struct kind *k = kind_by_name(json_text(j, S("@type")));
	struct rec *rec = kind_new(c->arena, k);

	rec->ref = json_text(j, S("ref"));
	rec->state = kind_state(k, S("active"));
	CHECK(kind_json_decode(c, rec, json_member(j, S("fields"))));
	api_test_put(t, c, rec);
}

static void put_model(struct test_case *t, struct call *c)
{
	put_part(t, c,
		"{\"@type\":\"zone\",\"ref\":\"Z-1\",\"fields\":{\"title\":\"Ward\","
		"\"exposure\":3}}");
	put_part(t, c,
		"{\"@type\":\"element\",\"ref\":\"C-1\",\"fields\":{\"title\":\"Pump\","
		"\"type\":\"device\",\"zone\":\"Z-1\"}}");
	put_part(t, c,
		"{\"@type\":\"element\",\"ref\":\"C-2\",\"fields\":{\"title\":\"Server\","
		"\"type\":\"process\",\"zone\":\"Z-1\"}}");
	put_part(t, c,
		"{\"@type\":\"flow\",\"ref\":\"F-1\",\"fields\":{\"title\":\"Rate\","
		"\"from\":\"C-2\",\"to\":\"C-1\",\"content\":\"command\",\"property\":["
		"{\"name\":\"content\",\"value\":\"command\"},"
		"{\"name\":\"encryption\",\"value\":\"none\"}]}}");
	CHECK(store_commit(t, c));
}

TEST(triage_is_read_decided_and_answered, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	put_model(t, c);
	out = GET("/api/v1/triage");
	CHECK_REPLY(out, 200);
	const struct json *j = api_test_json(t, &out);
	CHECK(json_member(j, S("items"))->count > 0);
	CHECK(str_find(out.body, S("\"id\":\"unencrypted-inside-zone/F-1\",\"rev\":0")) > 0);
	out = POST("/api/v1/triage/decide",
		"{\"decision\":\"accept\",\"items\":[{\"id\":"
		"\"unencrypted-inside-zone/F-1\",\"rev\":0}]}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/triage/decide",
		"{\"decision\":\"accept\",\"items\":[{\"id\":"
		"\"unencrypted-inside-zone/F-1\",\"rev\":0}],\"reason\":\"a cable\"}");
	CHECK_REPLY(out, 204);
	out = POST("/api/v1/triage/decide",
		"{\"decision\":\"accept\",\"items\":[{\"id\":"
		"\"unencrypted-inside-zone/F-1\",\"rev\":0}],\"reason\":\"a cable\"}");
	CHECK_REPLY(out, 409);
	out = POST("/api/v1/triage/decide", "{\"items\":[{\"id\":\"x\"}]}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/triage/decide", "{\"items\":\"all\",\"what\":1}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/triage/answer",
		"{\"property\":\"authentication\",\"answers\":[\"token\"],"
		"\"parts\":[{\"ref\":\"F-1\",\"rev\":1}],\"claim\":\"design 4\"}");
	CHECK_REPLY(out, 204);
	out = POST("/api/v1/triage/answer",
		"{\"property\":\"authentication\",\"answers\":[\"token\"],"
		"\"parts\":[{\"ref\":\"F-1\",\"rev\":1}]}");
	CHECK_REPLY(out, 409);
	out = POST("/api/v1/triage/answer",
		"{\"property\":\"authentication\",\"answers\":[7],\"parts\":[]}");
	CHECK_REPLY(out, 422);
	out = GET("/api/v1/triage");
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("\"decision\":\"accept\",\"reason\":\"a cable\"")) > 0);
	store_close(t, c);
}

TEST_MAIN()
