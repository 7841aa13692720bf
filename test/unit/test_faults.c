/*
 * The n-th allocation, write and fsync fails, for n = 1, 2, … until none is left to fail: in
 * requests that read, in requests that write, in an import, in a commit, in a signature.
 *
 * Whatever fails, the process lives and nothing leaks (AddressSanitizer looks); an answer is the
 * whole one or a refusal; the store holds all of a change or nothing of it, and the edge of the
 * ledger in memory is that of the store.  WARD_FAULTS=all tries every n, else they are sampled
 * where there are many.
 */
#include "api/api.h"
#include "faults.h"
#include "ident/ident.h"
#include "ledger/ledger.h"
#include "store.h"
#include "test.h"
#include "threat/records/records.h"
#include "trace/trace.h"
#include "web/web.h"

enum { WORK_BYTES = 64 << 20, DENSE = 60, SPARSE = 12 };

struct scene {
	struct test_case *t;
	struct call *store;
	struct arena work;
	struct trace_memory *memory;
	struct threat_memory *threats;
	str cookie, token, path;
	struct model *model;
	/* One request. */
	enum http_method method;
	str target, body;
	struct http_reply reply;
	bool kept;
};

static void put(struct scene *s, void *rec)
{
	struct test_case *t = s->t;

	if (!kind_put(s->store, rec, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%s", s->store->err.text);
}

/* A person who may do everything, with a session and a token. */
static void make_person(struct scene *s)
{
	struct test_case *t = s->t;
	struct call *c = s->store;
	struct person *person = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct role *role = kind_new(c->arena, &kinds[KIND_ROLE]);
	struct access_grant *grant = kind_new(c->arena, &kinds[KIND_ACCESS_GRANT]);
	str token = S(""), csrf;

	person->rec.ref = S("P1");
	person->rec.title = S("Ada Example");
	person->rec.state = PERSON_STATE_ACTIVE;
	person->sign_in = S("ada");
	person->sign_in_web = true;
	put(s, person);
	role->rec.ref = S("R-ALL");
	role->rec.title = S("All");
	role->rec.state = ROLE_STATE_EFFECTIVE;
	role->rights.item = NEW(c->arena, str, 1);
	role->rights.item[role->rights.count++] = S("*");
	put(s, role);
	grant->rec.title = S("Grant");
	grant->rec.state = ACCESS_GRANT_STATE_GRANTED;
	grant->identity = person->rec.ref;
	grant->role = role->rec.ref;
	put(s, grant);
	CHECK(token_make(c, person->rec.ref, S("test"), S("*"), 30, &s->token));
	CHECK(session_open(c, person->rec.ref, S(""), &token, &csrf));
	s->cookie = str_join(c->arena, S("ward-local="), token);
}

static void read_model(struct scene *s)
{
	struct test_case *t = s->t;
	struct err e = {.arena = t->arena};

	CHECK(model_read(t->arena, &e, S("m.ward"),
		S("system Pump\nzone in \"Inside\" exposure=1\nzone out exposure=5\n"
		  "asset lib \"Library\" c=high at=pump\ndevice pump \"Pump\" in=in\n"
		  "store data in=out\nflow f pump -> data \"Talk\" protocol=http carries=lib\n"
		  "threat T1 \"Taken\" at=pump stride=\"Information disclosure\" status=open\n"),
		&s->model));
}

static void find_path(struct scene *s)
{
	struct test_case *t = s->t;
	struct rows r;

	db_query(s->store->db, &r,
		SQL("SELECT file FROM pragma_database_list ORDER BY seq LIMIT 1"));
	if (rows_next(&r))
		s->path = str_dup(t->arena, rows_str(&r, 0));
	CHECK(rows_done(&r));
}

static void open_scene(struct test_case *t, struct scene *s)
{
	isize count;

	*s = (struct scene){.t = t, .store = store_open(t, S("2026-09-30T08:00:00Z"))};
	arena_open(&s->work, WORK_BYTES);
	s->memory = trace_memory_new(t->arena);
	s->threats = threat_memory_new(t->arena);
	make_person(s);
	read_model(s);
	CHECK(records_from_model(s->store, s->model, S("m.ward"), S(""), &count));
	CHECK(store_commit(t, s->store));
	find_path(s);
}

static void forget(struct scene *s)
{
	trace_memory_clear(s->memory);
	threat_memory_clear(s->threats);
	arena_reset(&s->work);
}

static void close_scene(struct scene *s)
{
	forget(s);
	arena_close(&s->work);
	store_close(s->t, s->store);
}

/* The next n: each of the first, then fewer and fewer. */
static int64_t after(int64_t n)
{
	const char *how = getenv("WARD_FAULTS");

	return how && str_eq(str_of(how), S("all")) ? n + 1 : n + 1 + (n > DENSE ? n / SPARSE : 0);
}

/* ---- requests ---- */

static void answer(void *scene)
{
	static const struct web_site site = {
		.origin = S_INIT("http://127.0.0.1:8080"), .build = S_INIT("test")};
	struct scene *s = scene;
	struct http_request *q = NEW(&s->work, struct http_request, 1);
	struct call *c = NEW(&s->work, struct call, 1);
	bool is_api = str_starts(s->target, S("/api/"));
	str rest = s->target;

	s->reply.status = 0;
	s->kept = false;
	c->arena = c->err.arena = &s->work;
	c->db = s->store->db;
	c->now_us = s->store->now_us + 1000;
	c->at_us = TIME_NONE;
	c->threats = s->threats;
	threat_memory_begin(s->threats);
	if (s->method == HTTP_GET) {
		c->memory = s->memory;
		trace_memory_begin(s->memory);
	} else {
		c->ledger = s->store->ledger;
	}
	db_report_to(c->db, &c->err);
	*q = (struct http_request){.method = s->method,
		.target = s->target,
		.path = str_cut(&rest, '?'),
		.query = rest,
		.body = s->body,
		.content_length = s->body.n ? s->body.n : -1,
		.peer = S("127.0.0.1"),
		.header = {{S("Host"), S("127.0.0.1:8080")}, {S("Cookie"), s->cookie}},
		.header_count = 2};
	if (is_api)
		q->header[1] = (struct http_header){S("Authorization"),
			str_join(&s->work, S("Bearer "), s->token)};
	if (s->body.n)
		q->header[q->header_count++] =
			(struct http_header){S("Content-Type"), S("application/json")};
	s->kept = is_api ? api_answer(c, S("ward-local"), q, &s->reply)
			 : web_answer(c, &site, q, NULL, &s->reply);
}

/* Runs with the n-th allocation failing; false when none was left to fail. */
static bool run_short(struct scene *s, void (*work)(void *), int64_t n, enum arena_end *end)
{
	arena_fail_at(n);
	*end = arena_run(work, s);
	bool failed = arena_has_failed();
	arena_fail_at(0);
	return failed;
}

static void read_short(struct scene *s, str target)
{
	struct test_case *t = s->t;
	enum arena_end end;
	int64_t n = 1;
	str whole;

	s->method = HTTP_GET;
	s->target = target;
	s->body = S("");
	db_rollback(s->store->db);
	CHECK(db_begin_read(s->store->db, &s->store->err));
	answer(s);
	CHECK_INT(s->reply.status, 200);
	whole = str_dup(t->arena, s->reply.body);
	for (bool failed = true; failed; n = after(n)) {
		db_rollback(s->store->db);
		forget(s);
		CHECK(db_begin_read(s->store->db, &s->store->err));
		failed = run_short(s, answer, n, &end);
		if (end == ARENA_DONE && s->reply.status < 400 && !str_eq(s->reply.body, whole))
			test_fail(t, __FILE__, __LINE__,
				"%.*s with allocation %" PRId64 ": %d, but not the whole answer",
				STR_ARG(target), n, s->reply.status);
		if (end == ARENA_DONE && s->reply.status == 0)
			test_fail(t, __FILE__, __LINE__, "%.*s: no answer", STR_ARG(target));
		if (t->failures > 5)
			break;
	}
	printf("# %.*s: %" PRId64 " allocations\n", STR_ARG(target), n);
	db_rollback(s->store->db);
	forget(s);
	CHECK(db_begin(s->store->db, &s->store->err));
}

TEST(a_page_is_whole_or_refused_whichever_allocation_fails, "")
{
	static const str targets[] = {S_INIT("/"), S_INIT("/risks"), S_INIT("/model"),
		S_INIT("/model/triage"), S_INIT("/records/element.csv"), S_INIT("/ledger"),
		S_INIT("/search?q=pump"), S_INIT("/R-ALL"), S_INIT("/trace")};
	struct scene s;

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_fail_at(0);
	open_scene(t, &s);
	for (isize i = 0; i < COUNT_OF(targets); i++)
		read_short(&s, targets[i]);
	close_scene(&s);
}

TEST(an_answer_of_the_api_is_whole_or_refused_whichever_allocation_fails, "")
{
	static const str targets[] = {S_INIT("/api/v1/elements"), S_INIT("/api/v1/model"),
		S_INIT("/api/v1/ledger"), S_INIT("/api/v1/openapi.json"),
		S_INIT("/api/v1/search?q=pump")};
	struct scene s;

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_fail_at(0);
	open_scene(t, &s);
	for (isize i = 0; i < COUNT_OF(targets); i++)
		read_short(&s, targets[i]);
	close_scene(&s);
}

/* ---- writing ---- */

struct stored {
	int64_t records, entries, links, edge;
};

static struct stored stored_in(struct call *c)
{
	return (struct stored){db_int(c->db, SQL("SELECT count(*) FROM record")),
		db_int(c->db, SQL("SELECT count(*) FROM entry")),
		db_int(c->db, SQL("SELECT count(*) FROM link")), 0};
}

static bool same(struct stored a, struct stored b)
{
	return a.records == b.records && a.entries == b.entries && a.links == b.links;
}

/* A log opened anew has the edge of the one in memory, and everything in it hashes to it. */
static void check_ledger(struct scene *s)
{
	struct test_case *t = s->t;
	struct call *c = s->store;
	struct ledger_report report = {.arena = t->arena};
	struct ledger *again = NULL;

	db_rollback(c->db);
	err_clear(&c->err);
	CHECK(ledger_open(&again, t->arena, c->db, &c->err));
	if (again)
		CHECK_INT(ledger_size(again), ledger_size(c->ledger));
	CHECK(db_begin_read(c->db, &c->err));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM entry")), ledger_size(c->ledger));
	CHECK(ledger_verify(c->db, t->arena, &(struct ledger_known){0}, NULL, &report, &c->err));
	CHECK_INT(report.finding_count, 0);
	db_rollback(c->db);
	CHECK(db_begin(c->db, &c->err));
}

static void write_short(struct scene *s, void (*work)(void *))
{
	struct test_case *t = s->t;
	struct call *c = s->store;
	enum arena_end end;
	int64_t n = 1;

	for (bool failed = true; failed && t->failures < 5; n = after(n)) {
		struct stored before = stored_in(c);
		forget(s);
		CHECK(db_save(c->db));
		ledger_saved(c->ledger);
		s->kept = false;
		failed = run_short(s, work, n, &end);
		if (end != ARENA_DONE || !s->kept || !db_release(c->db)) {
			db_undo(c->db);
			ledger_undone(c->ledger);
			s->kept = false;
		}
		db_report_to(c->db, &c->err);
		if (same(stored_in(c), before) == s->kept)
			test_fail(t, __FILE__, __LINE__,
				"allocation %" PRId64 ": half of it is stored", n);
		if (!failed)
			CHECK(s->kept);
		if (s->kept)
			CHECK(store_commit(t, c));
	}
	printf("# %" PRId64 " allocations\n", n);
	check_ledger(s);
}

TEST(a_change_is_stored_whole_or_not_at_all_whichever_allocation_fails, "")
{
	struct scene s;

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_fail_at(0);
	open_scene(t, &s);
	s.method = HTTP_POST;
	s.target = S("/api/v1/risks");
	s.body = S("{\"title\":\"A risk\",\"domain\":\"organization\",\"owner\":\"P1\"}");
	write_short(&s, answer);
	close_scene(&s);
}

static void sign_in(void *scene)
{
	struct scene *s = scene;
	struct call *c = NEW(&s->work, struct call, 1);
	str token, csrf;

	*c = *s->store;
	c->arena = c->err.arena = &s->work;
	db_report_to(c->db, &c->err);
	s->kept = session_open(c, S("P1"), S(""), &token, &csrf);
}

TEST(a_sign_in_is_stored_whole_or_not_at_all_whichever_allocation_fails, "")
{
	struct scene s;

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_fail_at(0);
	open_scene(t, &s);
	write_short(&s, sign_in);
	close_scene(&s);
}

static void import(void *scene)
{
	struct scene *s = scene;
	struct call *c = NEW(&s->work, struct call, 1);
	isize count;

	*c = *s->store;
	c->arena = c->err.arena = &s->work;
	db_report_to(c->db, &c->err);
	s->kept = records_from_model(c, s->model, S("m.ward"), S(""), &count);
}

TEST(an_import_is_stored_whole_or_not_at_all_whichever_allocation_fails, "")
{
	struct scene s;
	struct err e = {.arena = t->arena};

	if (!arena_fail_at(0) || !arena_fail_at(1)) {
		test_skip(t, "this build gives memory in blocks");
		return;
	}
	arena_fail_at(0);
	open_scene(t, &s);
	CHECK(model_read(t->arena, &e, S("n.ward"),
		S("system Second\nzone z2 exposure=2\nprocess a2 in=z2\nprocess b2 in=z2\n"
		  "flow f2 a2 -> b2\n"),
		&s.model));
	write_short(&s, import);
	close_scene(&s);
}

/* ---- the disk ---- */

/* As the server does when it is started again. */
static void restart(struct scene *s)
{
	struct test_case *t = s->t;
	struct call *c = s->store;

	db_rollback(c->db);
	db_close(c->db);
	err_clear(&c->err);
	CHECK(db_open(&c->db, t->arena, s->path, DB_WRITER, &c->err));
	CHECK(ledger_open(&c->ledger, t->arena, c->db, &c->err));
	CHECK(db_begin(c->db, &c->err));
}

/* One change inside its savepoint; whether it shall be kept. */
static bool change(struct scene *s)
{
	struct call *c = s->store;

	if (!db_save(c->db))
		return false;
	ledger_saved(c->ledger);
	answer(s);
	if (s->kept && db_release(c->db))
		return true;
	db_undo(c->db);
	ledger_undone(c->ledger);
	return false;
}

/* One change with its commit while the disk fails.  False when nothing was left to fail. */
static bool commit_failing(struct scene *s, enum fault kind, int64_t n, int why)
{
	struct test_case *t = s->t;
	struct call *c = s->store;
	struct stored before = stored_in(c);

	forget(s);
	fault_at(kind, n, why);
	bool ok = change(s);
	err_clear(&c->err);
	db_report_to(c->db, &c->err);
	bool committed = db_commit(c->db);
	bool failed = fault_off();
	if (committed)
		ledger_committed(c->ledger);
	else
		ledger_rolled_back(c->ledger);
	bool is_broken = db_is_broken(c->db);
	CHECK(committed || c->err.code == ERR_FAULT);
	CHECK(!failed || why == ENOSPC || is_broken || committed);
	CHECK(!is_broken || why != ENOSPC || kind == FAULT_FSYNC);
	db_rollback(c->db);
	err_clear(&c->err);
	if (is_broken)
		CHECK(!db_begin(c->db, &c->err));
	err_clear(&c->err);
	restart(s);
	struct stored now = stored_in(c);
	/* What a disk that failed has kept is known to nobody before: all of it, or nothing. */
	CHECK(now.records - before.records == now.entries - before.entries);
	CHECK(now.records - before.records <= 1);
	CHECK(!ok || !committed || now.records == before.records + 1);
	CHECK(committed || is_broken || same(now, before));
	return failed;
}

static void disk_fails(struct test_case *t, enum fault kind, int why)
{
	struct scene s;
	int64_t n = 1;

	open_scene(t, &s);
	s.method = HTTP_POST;
	s.target = S("/api/v1/risks");
	s.body = S("{\"title\":\"A risk\",\"domain\":\"organization\",\"owner\":\"P1\"}");
	while (commit_failing(&s, kind, n, why) && t->failures < 5)
		n++;
	printf("# %" PRId64 " failures\n", n - 1);
	CHECK(n > 1);
	check_ledger(&s);
	close_scene(&s);
}

TEST(a_commit_is_whole_or_refused_whichever_write_fails, "LED-REQ-07")
{
	disk_fails(t, FAULT_WRITE, EIO);
}

TEST(a_commit_is_whole_or_refused_whichever_write_finds_the_disk_full, "LED-REQ-07")
{
	disk_fails(t, FAULT_WRITE, ENOSPC);
}

TEST(a_commit_is_whole_or_refused_whichever_fsync_fails, "LED-REQ-07")
{
	disk_fails(t, FAULT_FSYNC, EIO);
}

/* The keeper writes down what it signs before it signs: a disk that fails leaves a state that is
   the one before or the one after. */
TEST(a_signature_is_written_down_or_not_given_whichever_write_fails, "LED-REQ-07")
{
	static const enum fault kinds_of[] = {FAULT_WRITE, FAULT_FSYNC};
	struct err e = {.arena = t->arena};
	str folder;

	CHECK(folder_temp(t->arena, &folder, &e));
	CHECK(signer_create(
		t->arena, str_join(t->arena, folder, S("/k")), S("ward.example/x"), &e));
	for (int k = 0; k < 2; k++)
		for (int64_t n = 1; n < 20; n++) {
			struct signer s = {0};
			struct signature signature;
			struct proof none = {0};
			struct hash root = merkle_empty();
			err_clear(&e);
			CHECK(signer_open(
				&s, t->arena, str_join(t->arena, folder, S("/k")), &e));
			fault_at(kinds_of[k], n, EIO);
			bool ok = signer_sign(&s, t->arena, 0, root, 0, &none, &signature, &e);
			bool failed = fault_off();
			CHECK(ok || failed);
			signer_close(&s);
			if (!failed)
				break;
		}
	err_clear(&e);
	CHECK(folder_remove(t->arena, folder, &e));
}

TEST_MAIN()
