/* The model and the backlog over the API: drawn, read, refused; issues out and their state back. */
#include "api.h"

#define ADD_PUMP                                                                                   \
	"{\"act\":\"add\",\"as\":\"new:1\",\"uid\":\"u1\",\"kind\":\"element\",\"fields\":{"       \
	"\"title\":"                                                                               \
	"\"Pump\",\"type\":\"device\"}}"

TEST(the_model_is_drawn_and_read, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	out = POST("/api/v1/model/acts",
		"{\"acts\":[" ADD_PUMP ",{\"act\":\"place\",\"places\":[[\"new:1\",10,20]]}],"
		"\"reason\":\"from the wiki\"}");
	CHECK_REPLY(out, 200);
	CHECK_STR(out.body, S("{\"made\":{\"new:1\":\"C-1\"}}\n"));
	out = POST("/api/v1/model/acts", "{\"acts\":[" ADD_PUMP "]}");
	CHECK_STR(out.body, S("{\"made\":{\"new:1\":\"C-1\"}}\n"));
	CHECK(store_commit(t, c));
	out = GET("/api/v1/model");
	CHECK_REPLY(out, 200);
	const struct json *j = api_test_json(t, &out), *part = json_member(j, S("parts"))->first;
	CHECK_INT(json_member(j, S("parts"))->count, 1);
	CHECK_STR(json_text(part, S("kind")), S("element"));
	CHECK_INT(json_member(part, S("placed"))->count, 4);
	CHECK(json_member(j, S("findings"))->count > 0);
	CHECK(str_find(out.body, S("from the wiki")) < 0);
	out = GET("/api/v1/elements/C-1/history");
	CHECK(str_find(out.body, S("from the wiki")) > 0);
	store_close(t, c);
}

TEST(the_model_is_a_file_and_has_a_past, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	out = POST("/api/v1/model/acts", "{\"acts\":[" ADD_PUMP "]}");
	CHECK_REPLY(out, 200);
	CHECK(store_commit(t, c));
	out = ASK(.target = S("/api/v1/model/file"), .token = token);
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("device C-1 \"Pump\"")) > 0);
	out = ASK(.target = S("/api/v1/model/file?as=otm"), .token = token);
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("\"otmVersion\"")) >= 0);
	out = ASK(.target = S("/api/v1/model/file?as=pdf"), .token = token);
	CHECK_REPLY(out, 422);
	out = GET("/api/v1/model/changes?from=2000-01-01");
	CHECK_REPLY(out, 200);
	const struct json *j = api_test_json(t, &out);
	CHECK_INT(json_member(j, S("parts"))->count, 1);
	CHECK_STR(json_text(json_member(j, S("parts"))->first, S("change")), S("added"));
	CHECK(json_member(j, S("threats"))->count > 0);
	out = GET("/api/v1/model/changes?from=2000-01-01&to=2000-01-02");
	CHECK_REPLY(out, 200);
	CHECK_INT(json_member(api_test_json(t, &out), S("parts"))->count, 0);
	out = GET("/api/v1/model/changes");
	CHECK_REPLY(out, 200);
	CHECK_INT(json_member(api_test_json(t, &out), S("parts"))->count, 1);
	out = ASK(.target = S("/api/v1/model/changes?from=2026-02-01&to=2026-01-01"),
		.token = token);
	CHECK_REPLY(out, 422);
	out = ASK(.target = S("/api/v1/model/changes?from=soon"), .token = token);
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST(acts_are_refused_whole, "")
{
	static const struct {
		const char *body;
		int status;
	} bad[] = {{"{}", 422}, {"{\"acts\":1}", 422}, {"{\"acts\":[],\"what\":1}", 422},
		{"{\"acts\":[" ADD_PUMP
		 ",{\"act\":\"set\",\"ref\":\"C-9\",\"rev\":1,\"fields\":{}}]}",
			404},
		{"{\"acts\":[{\"act\":\"explode\"}]}", 422}, {"[]", 422},
		{"{\"acts\":[{\"act\":\"place\",\"places\":[[\"C-1\",1]]}]}", 422}};
	str token;
	struct call *c = api_test_open(t, &token);

	for (int i = 0; i < COUNT_OF(bad); i++) {
		struct http_reply out = ASK(.method = HTTP_POST, .target = S("/api/v1/model/acts"),
			.token = token, .body = str_of(bad[i].body));
		CHECK_REPLY(out, bad[i].status);
	}
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM element")), 0);
	store_close(t, c);
}

TEST(the_backlog_goes_out_and_comes_back, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	out = POST("/api/v1/requirements",
		"{\"title\":\"Encrypt the link\",\"acceptance\":\"A capture shows no data\"}");
	CHECK_REPLY(out, 201);
	CHECK(store_commit(t, c));
	out = GET("/api/v1/backlog");
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("\"external_id\":\"REQ-1\"")) > 0);
	out = POST("/api/v1/backlog/import",
		"{\"file\":\"b.csv\",\"content\":\"id,key,status\\nREQ-1,SEC-7,Done\\n\"}");
	CHECK_REPLY(out, 200);
	CHECK_STR(out.body, S("{\"items\":1,\"changed\":1}\n"));
	out = POST("/api/v1/backlog/import",
		"{\"content\":\"[{\\\"title\\\":\\\"[REQ-1] x\\\",\\\"state\\\":\\\"open\\\"}]\"}");
	CHECK_STR(out.body, S("{\"items\":1,\"changed\":1}\n"));
	out = GET("/api/v1/requirements/REQ-1");
	CHECK(str_find(out.body, S("\"backlog\":\"SEC-7\",\"backlog_state\":\"open\"")) > 0);
	out = POST("/api/v1/backlog/import",
		"{\"file\":\"b.csv\",\"content\":\"id,key\\nREQ-9,SEC-8\\n\"}");
	CHECK_REPLY(out, 400);
	CHECK(str_find(out.body, S("b.csv:2:1")) > 0);
	out = POST("/api/v1/backlog/import", "{\"content\":\"\"}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/backlog/import", "{\"content\":7}");
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST_MAIN()
