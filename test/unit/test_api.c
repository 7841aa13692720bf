/* The API from outside: requests in, replies out, on a store. */
#include "api.h"
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "store.h"

static bool has_issue(const struct json *problem, str field)
{
	json_each(issue, json_member(problem, S("issues"))) if (str_eq(json_text(issue, S("field")),
									field)) return true;
	return false;
}

/* The items of a list; what is none has no items. */
static isize item_count(const struct json *j)
{
	const struct json *items = json_member(j, S("items"));

	return items ? items->count : -1;
}

static const struct json *first_item(const struct json *j)
{
	const struct json *items = json_member(j, S("items"));

	return items ? items->first : NULL;
}

static int64_t entries(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM entry"));
}

#define RISK "{\"title\":\"Pump runs dry\",\"domain\":\"safety\",\"owner\":\"P1\""

static struct call *open_store_with_risk(struct test_case *t, str *token_out)
{
	struct call *c = api_test_open(t, token_out);
	str token = *token_out;
	struct http_reply out = POST("/api/v1/risks", RISK "}");

	CHECK_REPLY(out, 201);
	return c;
}

/* ---- records that hold anything ---- */

static uint64_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static str random_text(struct arena *a, uint64_t *s, int64_t max, bool prose)
{
	static const str pieces[] = {S_INIT("a"), S_INIT("Z "), S_INIT("\""), S_INIT("\\"),
		S_INIT("é"), S_INIT("日"), S_INIT("𝄞"), S_INIT("</x>"), S_INIT("'"), S_INIT("\t"),
		S_INIT("0"), S_INIT("\n")};
	int64_t count = 1 + (int64_t)(draw(s) % 12);
	struct buf b;

	buf_init(&b, a, 400);
	if (count > max / 4 && max)
		count = max / 4 ? max / 4 : 1;
	buf_char(&b, 'x');
	for (int64_t i = 1; i < count; i++)
		buf_add(&b, pieces[draw(s) % (uint64_t)(COUNT_OF(pieces) - !prose)]);
	return buf_str(&b);
}

static int64_t random_number(uint64_t *s, const struct field *f)
{
	static const int64_t edges[] = {
		0, 1, -1, INT64_MAX, INT64_MIN + 1, INT64_C(9007199254740993)};
	uint64_t width = (uint64_t)f->max - (uint64_t)f->min + 1;

	if (f->min || f->max)
		return (int64_t)((uint64_t)f->min + (width ? draw(s) % width : draw(s)));
	return edges[draw(s) % (uint64_t)COUNT_OF(edges)];
}

/* The one record of each kind that all may refer to. */
static str pool_ref(struct arena *a, int kind)
{
	return str_fmt(a, "%.*s-900", STR_ARG(kinds[kind].prefix));
}

/* Fills a field; empty ones stay at times.  Recurses once, into rows. */
static void fill(struct arena *a, uint64_t *s, void *rec, const struct field *f, bool only_required)
{
	void *slot = kind_slot(rec, f);

	if (!f->required && (only_required || f->check || draw(s) % 3 == 0))
		return;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
		*(str *)slot = random_text(a, s, f->max, f->type == FIELD_PROSE);
		break;
	case FIELD_INT:
		*(int64_t *)slot = random_number(s, f);
		break;
	case FIELD_FLAG:
		*(bool *)slot = true;
		break;
	case FIELD_DATE:
		*(int64_t *)slot = DAY_MIN + (int64_t)(draw(s) % (uint64_t)(DAY_MAX - DAY_MIN));
		break;
	case FIELD_TIME:
		*(int64_t *)slot = (int64_t)(draw(s) % 40000) * DAY_US + (int64_t)draw(s);
		break;
	case FIELD_ENUM:
		*(int *)slot = 1 + (int)(draw(s) % (uint64_t)f->set->count);
		break;
	case FIELD_REF:
		*(str *)slot =
			pool_ref(a, f->ref_count ? f->refs[draw(s) % (uint64_t)f->ref_count] : 0);
		break;
	case FIELD_WORDS: {
		struct words *w = slot;
		w->count = 1 + (isize)(draw(s) % 3);
		w->item = NEW(a, str, w->count);
		for (isize i = 0; i < w->count; i++)
			w->item[i] = f->ref_count
				? pool_ref(a, f->refs[draw(s) % (uint64_t)f->ref_count])
				: random_text(a, s, 200, false);
		break;
	}
	case FIELD_ROWS: {
		struct any_rows *rows = slot;
		rows->count = 1 + (isize)(draw(s) % 3);
		rows->item = arena_take(a, f->row_size, (isize) _Alignof(max_align_t), rows->count);
		for (isize i = 0; i < rows->count; i++)
			for (int n = 0; n < f->col_count; n++) {
				char *row = (char *)rows->item + i * f->row_size;
				if (f->col[n].type == FIELD_INT || f->col[n].type == FIELD_DATE ||
					f->col[n].type == FIELD_TIME)
					*(int64_t *)kind_slot(row, &f->col[n]) = INT_NONE;
				fill(a, s, row, &f->col[n], false);
			}
		break;
	}
	}
}

static struct rec *random_record(
	struct arena *a, uint64_t *s, const struct kind *k, bool only_required)
{
	struct rec *rec = kind_new(a, k);

	for (int i = 0; i < k->field_count; i++)
		fill(a, s, rec, &k->field[i], only_required);
	/* What is protected is seen, and so given back, to who is named. */
	if (kind_field(k, S("is_protected"))) {
		rec->need_to_know.item = NEW(a, str, 1);
		rec->need_to_know.item[0] = S("P1");
		rec->need_to_know.count = 1;
	}
	return rec;
}

static str canonical(struct arena *a, const struct rec *rec)
{
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	kind_json(&b, rec);
	return buf_str(&b);
}

/* The canonical form without its head, as somebody sends it who makes a new record. */
static str fields_json(struct arena *a, const struct rec *rec)
{
	str all = canonical(a, rec);
	str head = str_fmt(a, "\"state\":\"%.*s\"", STR_ARG(rec->kind->state[rec->state].name));
	isize at = str_find(all, head) + head.n;

	at += at < all.n && all.p[at] == ',';
	return str_fmt(a, "{%.*s", STR_ARG(str_part(all, at, all.n)));
}

static str address(struct arena *a, const struct kind *k)
{
	str plural = str_lower(a, k->plural);
	struct buf b;

	buf_init(&b, a, 200);
	buf_add(&b, S("/api/v1/"));
	for (isize i = 0; i < plural.n; i++)
		buf_char(&b, plural.p[i] == ' ' ? '-' : plural.p[i]);
	return buf_str(&b);
}

/* When a row of a table that only grows was recorded is for the program to say. */
static void take_recorded(struct rec *sent, const struct rec *got)
{
	for (int i = 0; i < sent->kind->field_count; i++) {
		const struct field *f = &sent->kind->field[i];
		const struct any_rows *one = kind_slot(sent, f), *two = kind_slot(got, f);
		for (isize n = 0; f->append && n < one->count && n < two->count; n++) {
			const struct field *x = &f->col[f->append - 1];
			*(int64_t *)kind_slot((char *)one->item + n * f->row_size, x) =
				*(const int64_t *)kind_slot((char *)two->item + n * f->row_size, x);
		}
	}
}

/* The rows of such tables stay in what takes the place of a record. */
static void keep_rows(struct rec *two, const struct rec *one)
{
	for (int i = 0; i < two->kind->field_count; i++)
		if (two->kind->field[i].append)
			*(struct any_rows *)kind_slot(two, &two->kind->field[i]) =
				*(const struct any_rows *)kind_slot(one, &two->kind->field[i]);
}

/* What came back is what was sent, told from the reply alone. */
static void check_same(
	struct test_case *t, struct call *c, const struct http_reply *out, struct rec *sent)
{
	const struct json *j = api_test_json(t, out);
	struct rec *got = kind_new(t->arena, sent->kind);

	got->ref = sent->ref = json_text(j, S("ref"));
	got->state = kind_state(sent->kind, json_text(j, S("state")));
	CHECK(kind_json_decode(c, got, j));
	take_recorded(sent, got);
	CHECK_STR(canonical(t->arena, got), canonical(t->arena, sent));
	err_clear(&c->err);
}

TEST(every_kind_takes_and_gives_back_any_valid_record, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	uint64_t seed = (uint64_t)clock_mono();

	printf("# records drawn from %" PRIu64 "\n", seed);
	for (int i = 0; i < kind_count; i++) {
		struct rec *pool = random_record(t->arena, &seed, &kinds[i], true);
		pool->ref = pool_ref(t->arena, i);
		api_test_put(t, c, pool);
	}
	CHECK(store_commit(t, c));
	for (int i = 0; i < kind_count; i++) {
		const struct kind *k = &kinds[i];
		struct rec *one = random_record(t->arena, &seed, k, false);
		struct rec *two = random_record(t->arena, &seed, k, false);
		struct http_reply made = ASK(.method = HTTP_POST, .target = address(t->arena, k),
			.token = token, .body = fields_json(t->arena, one));
		CHECK_REPLY(made, 201);
		if (made.status != 201)
			continue;
		check_same(t, c, &made, one);
		str place = api_test_header(&made, S("Location"));
		CHECK_STR(place,
			str_fmt(t->arena, "%.*s/%.*s", STR_ARG(address(t->arena, k)),
				STR_ARG(one->ref)));
		struct http_reply got = ASK(.method = HTTP_GET, .target = place, .token = token);
		CHECK_REPLY(got, 200);
		check_same(t, c, &got, one);
		keep_rows(two, one);
		struct http_reply replaced = ASK(.method = HTTP_PUT, .target = place,
			.token = token, .match = S("\"1\""), .reason = S("test"),
			.body = fields_json(t->arena, two));
		CHECK_REPLY(replaced, 200);
		two->state = one->state;
		check_same(t, c, &replaced, two);
	}
	CHECK(store_commit(t, c));
	store_close(t, c);
}

/* ---- what goes wrong ---- */

TEST(members_that_the_program_writes_agree_or_are_refused, "")
{
	static const struct {
		const char *name, *value;
	} wrong[] = {{"rev", "2"}, {"rev", "\"1\""}, {"id", "\"x\""}, {"since", "\"2020-01-01\""},
		{"until", "\"2030-01-01\""}, {"by", "\"P9\""}, {"by", "1"}, {"why", "\"because\""},
		{"state", "\"accepted\""}, {"@type", "\"threat\""}, {"ref", "\"RSK-9\""},
		{"other", "\"x\""}};
	str token, place = S("/api/v1/risks/RSK-1");
	struct call *c = api_test_open(t, &token);
	struct http_reply out = POST("/api/v1/risks", RISK ", \"ref\": \"RSK-1\"}");

	CHECK_REPLY(out, 201);
	for (isize i = 0; i < COUNT_OF(wrong); i++) {
		out = ASK(.method = HTTP_PATCH, .target = place, .token = token,
			.match = S("\"1\""), .reason = S("test"),
			.body = str_fmt(t->arena, "{\"%s\": %s, \"body\": \"New\"}", wrong[i].name,
				wrong[i].value));
		CHECK_REPLY(out, 422);
		CHECK(has_issue(api_test_json(t, &out), str_of(wrong[i].name)));
	}
	out = POST("/api/v1/risks", RISK ", \"rev\": 7}");
	CHECK_REPLY(out, 422);
	struct http_reply got = ASK(.method = HTTP_GET, .target = place, .token = token);
	CHECK_REPLY(got, 200);
	out = ASK(.method = HTTP_PUT, .target = place, .token = token, .match = S("\"1\""),
		.reason = S("test"), .body = got.body);
	CHECK_REPLY(out, 200);
	store_close(t, c);
}

TEST(who_does_not_say_who_asks_gets_401, "")
{
	str token, day;
	struct call *c = api_test_open(t, &token);
	struct http_reply out = ASK(.target = S("/api/v1/risks"));

	CHECK_REPLY(out, 401);
	CHECK_STR(api_test_header(&out, S("WWW-Authenticate")), S("Bearer realm=\"ward\""));
	out = ASK(.target = S("/api/v1/risks"), .token = S("guess"));
	CHECK_REPLY(out, 401);
	CHECK(str_find(api_test_header(&out, S("WWW-Authenticate")), S("invalid_token")) > 0);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .body = S(RISK "}"));
	CHECK_REPLY(out, 401);
	CHECK(token_make(c, S("P1"), S("short"), S("*"), 1, &day));
	out = ASK(.target = S("/api/v1/me"), .token = day);
	CHECK_REPLY(out, 200);
	c->now_us += DAY_US;
	out = ASK(.target = S("/api/v1/me"), .token = day);
	CHECK_REPLY(out, 401);
	out = GET("/api/v1/me");
	CHECK_REPLY(out, 200);
	store_close(t, c);
}

TEST(a_browser_session_reads_and_never_writes, "")
{
	str token, cookie, csrf;
	struct call *c = api_test_open(t, &token);

	CHECK(session_open(c, S("P1"), S(""), &cookie, &csrf));
	cookie = str_join(t->arena, S("ward-local="), cookie);
	struct http_reply out = ASK(.target = S("/api/v1/risks"), .cookie = cookie);
	CHECK_REPLY(out, 200);
	out = ASK(.target = S("/api/v1/risks"), .cookie = cookie, .site = S("same-origin"));
	CHECK_REPLY(out, 200);
	out = ASK(.target = S("/api/v1/risks"), .cookie = cookie, .site = S("cross-site"));
	CHECK_REPLY(out, 401);
	int64_t before = entries(c);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .cookie = cookie,
		.body = S(RISK "}"));
	CHECK_REPLY(out, 401);
	CHECK_INT(entries(c), before);
	store_close(t, c);
}

TEST(addresses_methods_and_types_that_are_not_there_are_told, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out = GET("/api/v1/nothing/here/at/all");

	CHECK_REPLY(out, 404);
	out = GET("/api/v1/gadgets");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-404");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/PRD-1");
	CHECK_REPLY(out, 404);
	out = ASK(.method = HTTP_DELETE, .target = S("/api/v1/products/PRD-1"), .token = token);
	CHECK_REPLY(out, 405);
	CHECK_STR(api_test_header(&out, S("Allow")), S("GET, HEAD, PUT, PATCH"));
	out = POST("/api/v1/ledger", "{}");
	CHECK_REPLY(out, 405);
	CHECK_STR(api_test_header(&out, S("Allow")), S("GET, HEAD"));
	out = ASK(.method = HTTP_OPTIONS, .target = S("/api/v1/risks"), .token = token);
	CHECK_REPLY(out, 405);
	out = ASK(.target = S("/api/v1/risks"), .token = token, .accept = S("text/html, image/*"));
	CHECK_REPLY(out, 406);
	out = ASK(.target = S("/api/v1/risks"), .token = token,
		.accept = S("text/html, application/*;q=0.5"));
	CHECK_REPLY(out, 200);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = token,
		.type = S("text/plain"), .body = S(RISK "}"));
	CHECK_REPLY(out, 415);
	out = GET("/api/v1/risks/RSK-1?color=red");
	CHECK_REPLY(out, 422);
	CHECK(has_issue(api_test_json(t, &out), S("color")));
	out = ASK(.method = HTTP_HEAD, .target = S("/api/v1/products/PRD-1"), .token = token);
	CHECK_REPLY(out, 200);
	store_close(t, c);
}

TEST(json_that_cannot_be_read_is_told_with_its_place, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	int64_t before = entries(c);
	struct http_reply out = POST("/api/v1/risks", "{\"title\":\"a\",\n  \"title\":\"b\"}");

	CHECK_REPLY(out, 400);
	CHECK_STR(json_text(api_test_json(t, &out), S("line")), S("2"));
	CHECK_STR(json_text(api_test_json(t, &out), S("column")), S("3"));
	out = POST("/api/v1/risks", "{\"title\":");
	CHECK_REPLY(out, 400);
	out = POST("/api/v1/risks", "[1]");
	CHECK_REPLY(out, 422);
	char *large = NEW(t->arena, char, LIMIT_RECORD_BYTES + 1);
	memset(large, ' ', LIMIT_RECORD_BYTES + 1);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = token,
		.body = {large, LIMIT_RECORD_BYTES + 1});
	CHECK_REPLY(out, 413);
	CHECK_INT(entries(c), before);
	store_close(t, c);
}

TEST(all_wrong_fields_are_told_at_once, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	int64_t before = entries(c);
	struct http_reply out = POST("/api/v1/risks",
		"{\"domain\":\"kitchen\",\"owner\":\"P404\",\"residual_severity\":9,\"colour\":"
		"\"red\","
		"\"review_due\":\"2026-02-30\",\"multi_patient\":\"yes\",\"state\":\"accepted\","
		"\"@type\":\"threat\",\"ref\":\"THR-7\",\"rating\":[{\"stage\":\"inherent\","
		"\"hue\":"
		"1}]}");
	const struct json *j = api_test_json(t, &out);
	int domain = 0;

	CHECK_REPLY(out, 422);
	CHECK(has_issue(j, S("title")));
	CHECK(has_issue(j, S("domain")));
	CHECK(has_issue(j, S("owner")));
	CHECK(has_issue(j, S("residual_severity")));
	CHECK(has_issue(j, S("colour")));
	CHECK(has_issue(j, S("review_due")));
	CHECK(has_issue(j, S("multi_patient")));
	CHECK(has_issue(j, S("state")));
	CHECK(has_issue(j, S("@type")));
	CHECK(has_issue(j, S("ref")));
	CHECK(has_issue(j, S("rating")));
	json_each(issue, json_member(j, S("issues"))) domain +=
		str_eq(json_text(issue, S("field")), S("domain"));
	CHECK_INT(domain, 1);
	CHECK_INT(entries(c), before);
	store_close(t, c);
}

/* ---- revisions ---- */

TEST(revisions_are_entity_tags, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out =
		POST("/api/v1/risks", RISK ",\"scenario\":\"dry\",\"tags\":[\"a\"]}");

	CHECK_REPLY(out, 201);
	CHECK_STR(api_test_header(&out, S("ETag")), S("\"1\""));
	CHECK_STR(api_test_header(&out, S("Location")), S("/api/v1/risks/RSK-1"));
	out = ASK(.target = S("/api/v1/risks/RSK-1"), .token = token, .known = S("\"7\", W/\"1\""));
	CHECK_REPLY(out, 304);
	CHECK_INT(out.body.n, 0);
	out = ASK(.target = S("/api/v1/risks/RSK-1"), .token = token, .known = S("\"7\""));
	CHECK_REPLY(out, 200);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.body = S("{\"scenario\":null}"));
	CHECK_REPLY(out, 428);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("*"), .body = S("{\"scenario\":null}"));
	CHECK_REPLY(out, 428);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .type = S("application/merge-patch+json; charset=utf-8"),
		.body = S("{\"scenario\":null,\"treatment_plan\":\"fill it\"}"));
	CHECK_REPLY(out, 200);
	CHECK_STR(api_test_header(&out, S("ETag")), S("\"2\""));
	CHECK(!json_member(api_test_json(t, &out), S("scenario")));
	CHECK_STR(json_text(api_test_json(t, &out), S("treatment_plan")), S("fill it"));
	CHECK(json_member(api_test_json(t, &out), S("tags")));
	out = ASK(.method = HTTP_PUT, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .body = S(RISK "}"));
	CHECK_REPLY(out, 412);
	CHECK_STR(json_text(json_member(api_test_json(t, &out), S("current")), S("treatment_plan")),
		S("fill it"));
	CHECK_STR(json_text(json_member(api_test_json(t, &out), S("current")), S("rev")), S("2"));
	CHECK_STR(api_test_header(&out, S("ETag")), S("\"2\""));
	out = ASK(.method = HTTP_PUT, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("W/\"2\""), .body = S(RISK "}"));
	CHECK_REPLY(out, 412);
	out = ASK(.method = HTTP_PUT, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"2\""), .body = S(RISK "}"));
	CHECK_REPLY(out, 200);
	CHECK(!json_member(api_test_json(t, &out), S("tags")));
	CHECK(!json_member(api_test_json(t, &out), S("treatment_plan")));
	out = GET("/api/v1/risks/RSK-1?rev=1");
	CHECK_REPLY(out, 200);
	CHECK_STR(json_text(api_test_json(t, &out), S("scenario")), S("dry"));
	store_close(t, c);
}

TEST(the_past_is_shown_and_never_written, "")
{
	str token;
	struct call *c = open_store_with_risk(t, &token);
	struct http_reply out;

	c->now_us += 3 * DAY_US;
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .body = S("{\"title\":\"Later\"}"));
	CHECK_REPLY(out, 200);
	out = GET("/api/v1/risks/RSK-1?at=2026-09-30");
	CHECK_STR(json_text(api_test_json(t, &out), S("title")), S("Pump runs dry"));
	out = GET("/api/v1/risks?at=2026-09-30");
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("Pump runs dry")) > 0);
	out = GET("/api/v1/risks/RSK-1?at=2026-09-29");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-1?at=99999");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-1?at=yesterday");
	CHECK_REPLY(out, 422);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1?at=2026-09-30"),
		.token = token, .match = S("\"1\""), .body = S("{\"title\":\"Rewritten\"}"));
	CHECK_REPLY(out, 422);
	out = GET("/api/v1/risks/RSK-1/history?from=1&to=2");
	CHECK_REPLY(out, 200);
	const struct json *change = json_member(api_test_json(t, &out), S("changes"));
	CHECK_INT(change ? change->count : 0, 1);
	CHECK_STR(json_text(change ? change->first : NULL, S("after")), S("Later"));
	out = GET("/api/v1/risks/RSK-1/history?from=1");
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST(records_in_force_change_with_a_reason_only, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/people/P1"), .token = token,
		.match = S("\"1\""), .body = S("{\"post\":\"Security officer\"}"));
	CHECK_REPLY(out, 422);
	CHECK(has_issue(api_test_json(t, &out), S("reason")));
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/people/P1"), .token = token,
		.match = S("\"1\""),
		.body = S("{\"post\":\"Security officer\",\"reason\":\"new post\"}"));
	CHECK_REPLY(out, 200);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/people/P1"), .token = token,
		.match = S("\"2\""), .body = S("{\"post\":\"Nurse\"}"),
		.reason = S("changed again"));
	CHECK_REPLY(out, 200);
	out = GET("/api/v1/people/P1/history");
	CHECK_STR(json_text(first_item(api_test_json(t, &out)), S("why")), S("changed again"));
	CHECK_STR(json_text(first_item(api_test_json(t, &out)), S("state")), S("active"));
	/* A kind with a field of that name takes the reason from the header. */
	struct resource *r = kind_new(t->arena, &kinds[KIND_RESOURCE]);
	r->rec.ref = S("RES-1");
	r->rec.title = S("A resource");
	r->type = RESOURCE_TYPE_BUDGET;
	r->rec.state = RESOURCE_STATE_PROVIDED;
	api_test_put(t, c, &r->rec);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/resources/RES-1"), .token = token,
		.match = S("\"1\""), .body = S("{\"reason\":\"first account\"}"));
	CHECK_REPLY(out, 422);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/resources/RES-1"), .token = token,
		.match = S("\"1\""), .body = S("{\"reason\":\"first account\"}"),
		.reason = S("was empty"));
	CHECK_REPLY(out, 200);
	CHECK_STR(json_text(api_test_json(t, &out), S("reason")), S("first account"));
	store_close(t, c);
}

TEST(moves_follow_the_flow, "")
{
	str token;
	struct call *c = open_store_with_risk(t, &token);
	struct http_reply out;

	out = POST("/api/v1/risks/RSK-1/move", "{\"to\":\"accepted\"}");
	CHECK_REPLY(out, 409);
	out = POST("/api/v1/risks/RSK-1/move", "{\"to\":\"heaven\"}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/risks/RSK-1/move", "{\"to\":\"analysed\"}");
	CHECK_REPLY(out, 422);
	CHECK(has_issue(api_test_json(t, &out), S("scenario")));
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks/RSK-1/move"), .token = token,
		.match = S("\"9\""), .body = S("{\"to\":\"closed\"}"));
	CHECK_REPLY(out, 412);
	out = POST("/api/v1/risks/RSK-1/move", "{\"to\":\"closed\",\"reason\":\"not ours\"}");
	CHECK_REPLY(out, 200);
	CHECK_STR(json_text(api_test_json(t, &out), S("state")), S("closed"));
	CHECK_STR(api_test_header(&out, S("ETag")), S("\"2\""));
	store_close(t, c);
}

/* ---- rights ---- */

TEST(rights_hold_as_on_the_pages, "")
{
	str admin, token;
	struct call *c = api_test_open(t, &admin), asked;
	struct http_reply out;

	token = api_test_join(t, c, S("P2"), S("risk.read risk.write ledger.read"), S("PRD-1"));
	CHECK(store_commit(t, c));
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = admin,
		.body = S(RISK ",\"product\":\"PRD-2\"}"));
	CHECK_REPLY(out, 201);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = admin,
		.body = S(RISK ",\"product\":\"PRD-1\",\"details\":\"the key is 1234\"}"));
	CHECK_REPLY(out, 201);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = admin,
		.body = S(RISK ",\"product\":\"PRD-1\",\"classification\":\"restricted\"}"));
	CHECK_REPLY(out, 201);
	int64_t before = entries(c);

	/* A kind they may not read at all; the refusal is noted for the ledger. */
	out = api_test_ask_with(
		c, &(struct ask){.target = S("/api/v1/people"), .token = token}, &asked);
	CHECK_REPLY(out, 403);
	CHECK_INT(asked.denied, CAN_PERSON_READ);
	out = POST("/api/v1/people", "{\"title\":\"Mallory\"}");
	CHECK_REPLY(out, 403);
	/* Records that they may not know of. */
	out = GET("/api/v1/risks/RSK-1");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-3");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-3/history");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks/RSK-3/links");
	CHECK_REPLY(out, 404);
	out = GET("/api/v1/risks");
	CHECK_REPLY(out, 200);
	CHECK_STR(json_text(api_test_json(t, &out), S("total")), S("1"));
	/* Writing elsewhere than where the grant holds. */
	out = POST("/api/v1/risks", RISK ",\"product\":\"PRD-2\"}");
	CHECK_REPLY(out, 403);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-2"), .token = token,
		.match = S("\"1\""), .body = S("{\"product\":\"PRD-2\"}"));
	CHECK_REPLY(out, 403);
	CHECK_INT(entries(c), before);
	store_close(t, c);
}

TEST(hidden_fields_stay_hidden_and_as_they_are, "")
{
	str admin, token;
	struct call *c = api_test_open(t, &admin);
	struct http_reply out;

	token = api_test_join(t, c, S("P2"), S("risk.read risk.write ledger.read"), S(""));
	CHECK(store_commit(t, c));
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = admin,
		.body = S(RISK ",\"details\":\"the key is 1234\"}"));
	CHECK_REPLY(out, 201);
	CHECK(str_find(out.body, S("1234")) > 0);
	out = GET("/api/v1/risks/RSK-1");
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("1234")) < 0);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .body = S("{\"details\":\"mine\"}"));
	CHECK_REPLY(out, 422);
	CHECK(has_issue(api_test_json(t, &out), S("details")));
	out = ASK(.method = HTTP_PUT, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .body = S(RISK ",\"scenario\":\"new\"}"));
	CHECK_REPLY(out, 200);
	CHECK(str_find(out.body, S("1234")) < 0);
	out = ASK(.target = S("/api/v1/risks/RSK-1"), .token = admin);
	CHECK(str_find(out.body, S("1234")) > 0);
	out = GET("/api/v1/risks?details=the+key+is+1234");
	CHECK_REPLY(out, 422);
	out = GET("/api/v1/risks?sort=details");
	CHECK_REPLY(out, 422);
	/* The ledger repeats what was written. */
	int64_t seq = db_int(c->db,
		SQL("SELECT max(seq) FROM entry WHERE object = 'risk:RSK-1'"
		    " AND act = 'risk.create'"));
	str entry = str_fmt(t->arena, "/api/v1/ledger/%" PRId64, seq);
	out = ASK(.target = entry, .token = token);
	CHECK_REPLY(out, 200);
	CHECK(!json_member(api_test_json(t, &out), S("body")));
	out = ASK(.target = entry, .token = admin);
	CHECK(json_member(api_test_json(t, &out), S("body")));
	store_close(t, c);
}

/* ---- lists, links, the ledger ---- */

TEST(lists_are_narrowed_sorted_and_paged, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out;

	for (int i = 1; i <= 7; i++) {
		out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = token,
			.body = str_fmt(t->arena, RISK ",\"residual_severity\":%d%s}", 1 + i % 5,
				i % 2 ? ",\"product\":\"PRD-1\",\"multi_patient\":true" : ""));
		CHECK_REPLY(out, 201);
	}
	out = GET("/api/v1/risks?limit=3&sort=-residual_severity&product=PRD-1");
	CHECK_REPLY(out, 200);
	const struct json *j = api_test_json(t, &out);
	CHECK_STR(json_text(j, S("total")), S("4"));
	CHECK_STR(json_text(first_item(j), S("residual_severity")), S("4"));
	str next = json_text(j, S("next"));
	CHECK_STR(next, S("/api/v1/risks?from=3&limit=3&sort=-residual_severity&product=PRD-1"));
	out = ASK(.target = next, .token = token);
	j = api_test_json(t, &out);
	CHECK_INT(item_count(j), 1);
	CHECK(!json_member(j, S("next")));
	out = GET("/api/v1/risks?multi_patient=true");
	CHECK_STR(json_text(api_test_json(t, &out), S("total")), S("4"));
	out = GET("/api/v1/risks?multi_patient=false&state=identified");
	CHECK_STR(json_text(api_test_json(t, &out), S("total")), S("3"));
	out = GET("/api/v1/risks?q=PUMP&product=");
	CHECK_STR(json_text(api_test_json(t, &out), S("total")), S("3"));
	out = GET("/api/v1/risks?domain=kitchen&limit=0&sort=weight&weight=1&state=ill&from=-1");
	CHECK_REPLY(out, 422);
	j = api_test_json(t, &out);
	CHECK(has_issue(j, S("domain")) && has_issue(j, S("limit")) && has_issue(j, S("sort")));
	CHECK(has_issue(j, S("weight")) && has_issue(j, S("state")) && has_issue(j, S("from")));
	out = GET("/api/v1/search?q=pump+dry");
	CHECK_REPLY(out, 200);
	CHECK_INT(item_count(api_test_json(t, &out)), 7);
	out = GET("/api/v1/search");
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST(links_are_made_shown_confirmed_and_removed, "")
{
	str token;
	struct call *c = open_store_with_risk(t, &token);
	/* Who may change one end alone, the `to` end, confirms nothing. */
	str reader = api_test_join(t, c, S("P2"), S("risk.read product.*"), S(""));
	struct http_reply out;

	out = POST("/api/v1/risks/RSK-1/links",
		"{\"type\":\"threatens\",\"to\":\"PRD-1\",\"note\":\"x\"}");
	CHECK_REPLY(out, 201);
	out = POST("/api/v1/risks/RSK-1/links", "{\"type\":\"threatens\",\"to\":\"PRD-1\"}");
	CHECK_REPLY(out, 409);
	out = POST("/api/v1/risks/RSK-1/links", "{\"type\":\"eats\",\"to\":\"PRD-1\",\"hue\":1}");
	CHECK_REPLY(out, 422);
	out = POST("/api/v1/risks/RSK-1/links", "{\"type\":\"eats\",\"to\":\"PRD-1\"}");
	CHECK_REPLY(out, 422);
	CHECK(has_issue(api_test_json(t, &out), S("type")));
	out = GET("/api/v1/products/PRD-1/links");
	CHECK_REPLY(out, 200);
	const struct json *item = first_item(api_test_json(t, &out));
	CHECK_STR(json_text(item, S("from")), S("RSK-1"));
	CHECK_STR(json_text(json_member(item, S("other")), S("state")), S("identified"));
	out = POST("/api/v1/risks/RSK-1/links/confirm",
		"{\"type\":\"threatens\",\"to\":\"PRD-1\",\"seen\":\"2026-10-01T00:00:00Z\"}");
	CHECK_REPLY(out, 409);
	out = ASK(.method = HTTP_PATCH, .target = S("/api/v1/risks/RSK-1"), .token = token,
		.match = S("\"1\""), .body = S("{\"title\":\"Pump runs wet\"}"));
	CHECK_REPLY(out, 200);
	out = GET("/api/v1/risks/RSK-1/links");
	item = first_item(api_test_json(t, &out));
	CHECK(json_bool(json_member(item, S("suspect")), false));
	str seen = json_text(item, S("changed"));
	out = POST("/api/v1/risks/RSK-1/links/confirm",
		"{\"type\":\"threatens\",\"to\":\"PRD-1\",\"seen\":\"today\"}");
	CHECK_REPLY(out, 422);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks/RSK-1/links/confirm"),
		.token = reader,
		.body = str_fmt(t->arena,
			"{\"type\":\"threatens\",\"to\":\"PRD-1\",\"seen\":\"%.*s\"}",
			STR_ARG(seen)));
	CHECK_REPLY(out, 403);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks/RSK-1/links/confirm"),
		.token = token,
		.body = str_fmt(t->arena,
			"{\"type\":\"threatens\",\"to\":\"PRD-1\",\"seen\":\"%.*s\","
			"\"reason\":\"still so\"}",
			STR_ARG(seen)));
	CHECK_REPLY(out, 204);
	out = GET("/api/v1/products/PRD-1/links");
	item = first_item(api_test_json(t, &out));
	CHECK(!json_bool(json_member(item, S("suspect")), true));
	out = ASK(.method = HTTP_DELETE,
		.target = S("/api/v1/risks/RSK-1/links?type=threatens&to=PRD-1"), .token = token,
		.reason = S("wrong one"));
	CHECK_REPLY(out, 204);
	CHECK_INT(out.body.n, 0);
	out = ASK(.method = HTTP_DELETE,
		.target = S("/api/v1/risks/RSK-1/links?type=threatens&to=PRD-1"), .token = token);
	CHECK_REPLY(out, 404);
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(the_ledger_is_read_page_by_page, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply out = GET("/api/v1/ledger?limit=2");

	CHECK_REPLY(out, 200);
	const struct json *j = api_test_json(t, &out);
	CHECK_INT(item_count(j), 2);
	out = ASK(.target = str_fmt(t->arena, "/api/v1/ledger?limit=2&before=%.*s",
			  STR_ARG(json_text(j, S("next")))),
		.token = token);
	CHECK_REPLY(out, 200);
	out = GET("/api/v1/ledger?object=person:P1");
	CHECK_INT(item_count(api_test_json(t, &out)), 2);
	out = GET("/api/v1/ledger/0");
	CHECK_REPLY(out, 200);
	CHECK_STR(json_text(api_test_json(t, &out), S("object")), S("product:PRD-1"));
	out = GET("/api/v1/ledger/9999");
	CHECK_REPLY(out, 404);
	/* Nothing is signed yet: a proof is for later, a checkpoint is not there. */
	out = GET("/api/v1/ledger/0/proof");
	CHECK_REPLY(out, 503);
	CHECK_STR(api_test_header(&out, S("Retry-After")), S("2"));
	out = ASK(.target = S("/api/v1/ledger/checkpoint"));
	CHECK_REPLY(out, 404);
	store_close(t, c);
}

TEST(the_description_is_public_and_always_the_same, "")
{
	str token;
	struct call *c = api_test_open(t, &token);
	struct http_reply one = ASK(.target = S("/api/v1/openapi.json"));
	struct http_reply two = ASK(.target = S("/api/v1/openapi.json"));

	CHECK_REPLY(one, 200);
	CHECK(str_eq(one.body, two.body));
	CHECK_STR(json_text(api_test_json(t, &one), S("openapi")), S("3.1.0"));
	one = GET("/api/v1");
	CHECK_REPLY(one, 200);
	one = GET("/api/v1/kinds");
	CHECK_REPLY(one, 200);
	CHECK_INT(item_count(api_test_json(t, &one)), kind_count);
	store_close(t, c);
}

TEST(an_answer_without_a_call_is_a_problem_too, "")
{
	struct http_reply out;

	api_answer_plain(t->arena, 503, S("The server is busy."), &out);
	CHECK_REPLY(out, 503);
	CHECK_STR(api_test_header(&out, S("Retry-After")), S("2"));
}

TEST_MAIN()
