/*
 * Nobody alone changes what they or anybody else may do, nor the criteria in force, on any path.
 *
 * One person with every right does what comes to mind, thousands of times over: forms, PATCH, PUT,
 * moves, new records in any state, people and teams of their own making, writes and signed moves
 * past the entrances.  After each step nobody has a right that they did not have before, and the
 * criteria in force say what they said.  WARD_FOUR_EYES_SEED repeats a run.
 */
#include "api.h"
#include "ident/ident.h"
#include "ledger/ledger.h"
#include "web/web.h"

#include <stdlib.h>

enum { STEPS = 4000, PEOPLE = 60, WORK_BYTES = 64 << 20 };

static const int touched[] = {
	KIND_ROLE, KIND_ACCESS_GRANT, KIND_RISK_MODEL, KIND_PERSON, KIND_TEAM, KIND_PRODUCT};

struct world {
	struct test_case *t;
	struct call *store;
	struct arena work;
	uint64_t seed;
	str token, cookie, csrf, criteria;
	int taken; /* answers that kept something */
};

static int draw(struct world *w, int n)
{
	return (int)test_random(&w->seed, n);
}

/* ---- what must not grow ---- */

/* The rights that somebody has, for the organization and for PRD-1. */
static void rights_of(struct world *w, str person, bool has[RIGHT_COUNT * 2])
{
	struct call *c = NEW(&w->work, struct call, 1);

	*c = (struct call){.arena = &w->work,
		.err.arena = &w->work,
		.db = w->store->db,
		.now_us = w->store->now_us,
		.at_us = TIME_NONE};
	memset(has, 0, RIGHT_COUNT * 2 * sizeof *has);
	if (!ident_load(c, person))
		return;
	for (int i = 1; i < RIGHT_COUNT; i++) {
		has[2 * i] = call_could(c, i, S(""));
		has[2 * i + 1] = call_could(c, i, S("PRD-1"));
	}
}

/* What the criteria in force say; every one of them. */
static str criteria_of(struct world *w, struct arena *a)
{
	struct call *c = w->store;
	struct query q = {.limit = 100, .states = 1u << RISK_MODEL_STATE_EFFECTIVE};
	struct list list;
	struct buf b;

	buf_init(&b, a, 1 << 16);
	if (!kind_list(c, &kinds[KIND_RISK_MODEL], &q, &list))
		return S("");
	for (isize i = 0; i < list.count; i++) {
		const struct kind *k = &kinds[KIND_RISK_MODEL];
		for (int f = 0; f < k->field_count; f++)
			if (!k->field[f].is_free)
				buf_fmt(&b, "%.*s;",
					STR_ARG(kind_value(a, list.item[i], &k->field[f])));
	}
	return buf_str(&b);
}

static bool may_all(struct world *w)
{
	bool has[RIGHT_COUNT * 2];

	rights_of(w, S("P1"), has);
	return has[2 * CAN_LOG_IN] && has[2 * CAN_ROLE_WRITE];
}

static void check_all(struct world *w, const bool was[PEOPLE][RIGHT_COUNT * 2], const char *what)
{
	struct test_case *t = w->t;
	bool has[RIGHT_COUNT * 2];

	for (int p = 0; p < PEOPLE; p++) {
		rights_of(w, str_fmt(&w->work, "P%d", p), has);
		for (int i = 2; i < RIGHT_COUNT * 2; i++) {
			if (!has[i] || was[p][i])
				continue;
			test_fail(t, __FILE__, __LINE__, "P%d has %.*s after \"%s\"", p,
				STR_ARG(right_name(i / 2)), what);
			return;
		}
	}
	str now = criteria_of(w, &w->work);
	if (now.n && !str_eq(now, w->criteria))
		test_fail(t, __FILE__, __LINE__, "other criteria are in force after \"%s\": %.*s",
			what, STR_ARG(now));
}

/* ---- what comes to mind ---- */

static struct rec *some(struct world *w)
{
	const struct kind *k = &kinds[touched[draw(w, COUNT_OF(touched))]];
	struct query q = {.limit = 200};
	struct list list;

	/* What was there before is where there is something to win. */
	if (draw(w, 3))
		k = &kinds[touched[draw(w, 3)]];
	if (!kind_list(w->store, k, &q, &list) || !list.count)
		return NULL;
	if (draw(w, 3) && list.count > 3)
		list.count = 3;
	struct rec *rec = list.item[draw(w, (int)list.count)], *pending;
	return draw(w, 3) && pending_get(w->store, rec, &pending) && pending ? pending : rec;
}

static str some_ref(struct world *w)
{
	static const str refs[] = {S_INIT("P1"), S_INIT("P2"), S_INIT("P3"), S_INIT("R-P1"),
		S_INIT("R-P2"), S_INIT("R-P3"), S_INIT("PRD-1"), S_INIT("PRD-2"), S_INIT("")};

	return refs[draw(w, COUNT_OF(refs))];
}

/* A member that decides what somebody may do, with a value that might. */
static str some_member(struct world *w, str *form)
{
	static const char *const names[] = {"identity", "role", "scope", "product", "owner", "lead",
		"sign_in", "state", "rights", "until", "from", "reason", "responsibilities",
		"sign_in_web", "incompatible", "method", "title", "domain", "classification"};
	const char *name = names[draw(w, COUNT_OF(names))];
	str n = str_of(name), value = some_ref(w);

	if (str_eq(n, S("until")) || str_eq(n, S("from")))
		value = draw(w, 2) ? S("2026-01-01") : S("");
	else if (str_eq(n, S("state")))
		value = draw(w, 2) ? S("effective") : S("granted");
	else if (str_eq(n, S("sign_in_web")))
		value = draw(w, 2) ? S("yes") : S("");
	else if (str_eq(n, S("rights")))
		value = S("*");
	*form = str_fmt(&w->work, "%s=%.*s", name, STR_ARG(value));
	if (value.n == 0)
		return str_fmt(&w->work, "\"%s\":null", name);
	if (str_eq(n, S("rights")) || str_eq(n, S("incompatible")))
		return str_fmt(&w->work, "\"%s\":[\"%.*s\"]", name, STR_ARG(value));
	if (str_eq(n, S("sign_in_web")))
		return S("\"sign_in_web\":true");
	return str_fmt(&w->work, "\"%s\":\"%.*s\"", name, STR_ARG(value));
}

static void ask_api(struct world *w, enum http_method method, str target, str body, int64_t rev)
{
	struct ask ask = {.method = method,
		.target = target,
		.token = w->token,
		.body = body,
		.reason = S("tried"),
		.match = rev ? str_fmt(&w->work, "\"%" PRId64 "\"", rev) : S("")};
	struct arena *own = w->store->arena;

	w->store->arena = &w->work;
	w->taken += api_test_ask(w->store, ask).status < 300;
	w->store->arena = own;
}

static void ask_page(struct world *w, str path, str form)
{
	static const struct web_site site = {
		.origin = S_INIT("http://127.0.0.1:8080"), .build = S_INIT("test")};
	struct http_request *q = NEW(&w->work, struct http_request, 1);
	struct call *c = NEW(&w->work, struct call, 1), *store = w->store;
	struct http_reply out = {0};

	*q = (struct http_request){.method = HTTP_POST,
		.target = path,
		.path = path,
		.body = str_fmt(
			&w->work, "csrf=%.*s&reason=tried&%.*s", STR_ARG(w->csrf), STR_ARG(form)),
		.header = {{S("Cookie"), w->cookie}, {S("Host"), S("127.0.0.1:8080")},
			{S("Content-Type"), S("application/x-www-form-urlencoded")}},
		.header_count = 3,
		.peer = S("127.0.0.1")};
	q->content_length = q->body.n;
	*c = (struct call){.arena = &w->work,
		.err.arena = &w->work,
		.db = store->db,
		.ledger = store->ledger,
		.now_us = store->now_us += 1000,
		.at_us = TIME_NONE};
	db_report_to(c->db, &c->err);
	bool saved = db_save(c->db);
	assert(saved);
	ledger_saved(c->ledger);
	if (!web_answer(c, &site, q, NULL, &out) || !db_release(c->db)) {
		db_undo(c->db);
		ledger_undone(c->ledger);
	} else {
		w->taken += out.status == 303;
	}
	if (c->now_us > store->now_us)
		store->now_us = c->now_us;
	db_report_to(c->db, &store->err);
}

/* Past the entrances, with the proof of a password at hand. */
static void act(struct world *w, struct rec *rec, bool moves)
{
	struct call *c = NEW(&w->work, struct call, 1), *store = w->store;

	*c = (struct call){.arena = &w->work,
		.err.arena = &w->work,
		.db = store->db,
		.ledger = store->ledger,
		.now_us = store->now_us += 1000,
		.at_us = TIME_NONE};
	db_report_to(c->db, &c->err);
	bool saved = db_save(c->db), done = false;
	assert(saved);
	ledger_saved(c->ledger);
	if (ident_load(c, S("P1"))) {
		c->signs = true;
		c->reason = S("tried");
		if (!moves) {
			rec->product = draw(w, 2) ? S("") : S("PRD-1");
			rec->owner = S("P1");
		}
		done = moves ? kind_move(c, rec, draw(w, rec->kind->state_count))
			     : kind_put(c, rec,
				       str_fmt(&w->work, "%.*s.update", STR_ARG(rec->kind->name)));
	}
	if (!done || !db_release(c->db)) {
		db_undo(c->db);
		ledger_undone(c->ledger);
	}
	w->taken += done;
	if (c->now_us > store->now_us)
		store->now_us = c->now_us;
	db_report_to(c->db, &store->err);
}

static str plural_of(struct world *w, const struct kind *k)
{
	str lower = str_lower(&w->work, k->plural);
	struct buf b;

	buf_init(&b, &w->work, 100);
	for (isize i = 0; i < lower.n; i++)
		buf_char(&b, lower.p[i] == ' ' ? '-' : lower.p[i]);
	return buf_str(&b);
}

/* One step; says what it was. */
static const char *step(struct world *w)
{
	struct rec *rec = some(w);
	str form, other, one = some_member(w, &form), two = some_member(w, &other);
	str both = str_fmt(&w->work, "%.*s&%.*s", STR_ARG(form), STR_ARG(other));

	if (!rec)
		return "nothing";
	const struct kind *k = rec->kind;
	str at = str_fmt(&w->work, "/api/v1/%.*s", STR_ARG(plural_of(w, k)));
	str there = str_fmt(&w->work, "%.*s/%.*s", STR_ARG(at), STR_ARG(rec->ref));
	str body = str_fmt(&w->work, "{%.*s,\"title\":\"x\"}", STR_ARG(one));
	str to = k->state[draw(w, k->state_count)].name;
	switch (draw(w, 8)) {
	case 0:
		ask_api(w, HTTP_PATCH, there, body, rec->rev - (rec->rev > 1 && !draw(w, 4)));
		return str_fmt(&w->work, "PATCH %.*s %.*s%c", STR_ARG(rec->ref), STR_ARG(body), 0)
			.p;
	case 1:
		ask_api(w, HTTP_PUT, there,
			str_fmt(&w->work, "{\"title\":\"x\",%.*s,%.*s}", STR_ARG(one),
				STR_ARG(two)),
			rec->rev);
		return str_fmt(&w->work, "PUT %.*s %.*s%c", STR_ARG(rec->ref), STR_ARG(one), 0).p;
	case 2:
		ask_api(w, HTTP_POST, str_join(&w->work, there, S("/move")),
			str_fmt(&w->work, "{\"to\":\"%.*s\"}", STR_ARG(to)), rec->rev);
		return str_fmt(&w->work, "move %.*s to %.*s%c", STR_ARG(rec->ref), STR_ARG(to), 0)
			.p;
	case 3:
		ask_api(w, HTTP_POST, at, body, 0);
		return str_fmt(&w->work, "POST %.*s %.*s%c", STR_ARG(at), STR_ARG(body), 0).p;
	case 4:
		ask_page(w, str_fmt(&w->work, "/%.*s", STR_ARG(rec->ref)),
			str_fmt(&w->work, "rev=%" PRId64 "&%.*s", rec->rev, STR_ARG(both)));
		return str_fmt(
			&w->work, "form of %.*s: %.*s%c", STR_ARG(rec->ref), STR_ARG(both), 0)
			.p;
	case 5:
		ask_page(w, str_fmt(&w->work, "/records/%.*s/new", STR_ARG(k->name)),
			str_fmt(&w->work, "title=new&%.*s", STR_ARG(both)));
		return str_fmt(&w->work, "new %.*s: %.*s%c", STR_ARG(k->name), STR_ARG(both), 0).p;
	case 6:
		act(w, rec, true);
		return str_fmt(&w->work, "signed move of %.*s%c", STR_ARG(rec->ref), 0).p;
	default:
		act(w, rec, false);
		return str_fmt(&w->work, "write of %.*s%c", STR_ARG(rec->ref), 0).p;
	}
}

/* A role that lacks nothing to be put in effect again. */
static void fill_role(struct world *w, str ref)
{
	struct test_case *t = w->t;
	struct role *role;
	void *rec;

	CHECK(kind_get(w->store, &kinds[KIND_ROLE], ref, &rec));
	role = rec;
	role->responsibilities = S("Reads");
	api_test_put(t, w->store, role);
}

static void open_world(struct world *w)
{
	struct test_case *t = w->t;
	struct call *c = w->store = store_open(t, S("2026-09-30T08:00:00Z"));
	struct risk_model *m = kind_new(c->arena, &kinds[KIND_RISK_MODEL]);
	struct person *nobody = kind_new(c->arena, &kinds[KIND_PERSON]);
	str secret;

	arena_open(&w->work, WORK_BYTES);
	api_test_product(t, c, S("PRD-1"));
	api_test_product(t, c, S("PRD-2"));
	w->token = api_test_join(t, c, S("P1"), S("*"), S(""));
	(void)api_test_join(t, c, S("P2"), S("*.read log_in"), S(""));
	fill_role(w, S("R-P2"));
	(void)api_test_join(t, c, S("P3"), S("*"), S("PRD-2"));
	nobody->rec.ref = nobody->rec.title = S("P4");
	nobody->rec.state = PERSON_STATE_ACTIVE;
	api_test_put(t, c, nobody);
	m->rec.ref = m->rec.title = S("RSM-1");
	m->rec.state = RISK_MODEL_STATE_EFFECTIVE;
	m->method = 1;
	m->rec.body = S("as approved");
	api_test_put(t, c, m);
	CHECK(session_open(c, S("P1"), S(""), &secret, &w->csrf));
	w->cookie = str_join(t->arena, S("ward-local="), secret);
	CHECK(store_commit(t, c));
	w->criteria = criteria_of(w, t->arena);
	CHECK(str_find(w->criteria, S("as approved")) >= 0);
}

TEST(nobody_alone_changes_rights_or_criteria_on_any_path, "POL-REQ-04")
{
	struct world *w = NEW(t->arena, struct world, 1);
	const char *given = getenv("WARD_FOUR_EYES_SEED");
	bool(*was)[RIGHT_COUNT * 2] =
		arena_bulk(t->arena, (isize)sizeof(bool[PEOPLE][RIGHT_COUNT * 2]));

	w->t = t;
	w->seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono();
	printf("# WARD_FOUR_EYES_SEED=%" PRIu64 "\n", w->seed);
	open_world(w);
	for (int p = 0; p < PEOPLE; p++)
		rights_of(w, str_fmt(t->arena, "P%d", p), was[p]);
	for (int n = 0; n < STEPS && t->failures < 5; n++) {
		const char *what = step(w);
		check_all(w, (const bool(*)[RIGHT_COUNT * 2]) was, what);
		/* Begun anew from time to time, and when the person's own rights ended. */
		if (n % 80 == 79 || !may_all(w))
			store_undo(t, w->store);
		arena_reset(&w->work);
	}
	printf("# %d of %d steps were taken\n", w->taken, STEPS);
	CHECK(w->taken > STEPS / 20);
	arena_close(&w->work);
	store_close(t, w->store);
}

TEST_MAIN()
