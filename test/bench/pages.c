/*
 * Pages: CPU of whole requests through web_answer(), on the demo store and on one with a hundred
 * times the risks, threats, controls, requirements and tests and the links between them.  The same
 * page must ask the store the same number of times on both.
 */
#include "bench.h"
#include "demo/demo.h"
#include "ident/ident.h"
#include "ledger/ledger.h"
#include "threat/records/records.h"
#include "trace/trace.h"
#include "web/web.h"

#include <zlib.h>

enum { ARENA = 1 << 30, ROUNDS = 15, SPENT_MS = 300, TIMES = 100, ORIGINALS = 500 };

struct test_case *test_all; /* the fixture brings the runner along */

static const struct page {
	const char *path;
	double small, large; /* budgets in ms CPU */
	bool fixed;          /* as many queries for more data */
} pages[] = {{"/", 3, 3, true}, {"/risks", 3, 3, true}, {"/records/risk", 3, 3, true},
	{"/records/requirement", 3, 3, true}, {"/RSK-09", 1, 1, true}, {"/model", 3, 3, true},
	{"/trace", 3, 3, true}, {"/readiness", 3, 3, true}, {"/ledger", 3, 3, true}};

struct bench {
	struct test_case test;
	struct call *store;
	struct arena work; /* of a request */
	struct trace_memory *memory;
	struct threat_memory *threats;
	str cookie;
	int64_t queries[COUNT_OF(pages)];
	struct {
		str from;
		const struct kind *kind;
		void *rec;
		str copy;
	} original[ORIGINALS];
	int originals;
};

static bool load(struct bench *b)
{
	struct demo_report report = {0};
	struct demo_files files;
	struct call *c = b->store;
	str token, csrf;

	if (!file_read(c->arena, S("examples/surgerycloud/tables.json"), 8 << 20, &files.tables,
		    &c->err) ||
		!file_read(c->arena, S("examples/surgerycloud/extra.json"), 8 << 20, &files.extra,
			&c->err) ||
		!demo_load(c, &files, &report) || !session_open(c, S("P15"), S(""), &token, &csrf))
		return false;
	b->cookie = str_fmt(c->arena, "ward-local=%.*s", STR_ARG(token));
	return store_commit(&b->test, c);
}

/* ---- a hundred times as much ---- */

static bool read_originals(struct bench *b)
{
	static const int kind[] = {
		KIND_RISK, KIND_THREAT, KIND_CONTROL, KIND_REQUIREMENT, KIND_TEST};
	struct query q = {.limit = ORIGINALS};
	struct list list;

	for (int k = 0; k < COUNT_OF(kind); k++) {
		if (!kind_list(b->store, &kinds[kind[k]], &q, &list))
			return false;
		for (isize i = 0; i < list.count && b->originals < ORIGINALS; i++) {
			struct rec *rec = list.item[i];
			b->original[b->originals].from = rec->ref;
			b->original[b->originals].kind = rec->kind;
			b->original[b->originals++].rec = rec;
		}
	}
	return true;
}

static str copy_of(const struct bench *b, str ref)
{
	for (int i = 0; i < b->originals; i++)
		if (str_eq(b->original[i].from, ref))
			return b->original[i].copy;
	return S("");
}

static bool copy_all(struct bench *b, struct link **links, const isize *link_count)
{
	struct call *c = b->store;

	for (int i = 0; i < b->originals; i++) {
		struct rec *rec = kind_copy(c->arena, b->original[i].kind, b->original[i].rec);
		rec->rev = 0;
		rec->ref = S("");
		if (!kind_put(c, rec, S("bench.copy")))
			return false;
		b->original[i].copy = str_dup(b->test.arena, rec->ref);
	}
	for (int i = 0; i < b->originals; i++)
		for (isize n = 0; n < link_count[i]; n++) {
			const struct link *l = &links[i][n];
			str to = copy_of(b, l->to);
			if (l->outgoing && to.n &&
				!link_add(c, b->original[i].copy, l->type, to, l->note))
				return false;
		}
	return true;
}

static bool multiply(struct bench *b)
{
	struct call *c = b->store;
	struct link **links = NEW(c->arena, struct link *, ORIGINALS);
	isize *count = NEW(c->arena, isize, ORIGINALS);
	struct arena *own = c->arena;

	c->reason = S("a hundred times as much, to be measured");
	if (!read_originals(b))
		return false;
	for (int i = 0; i < b->originals; i++)
		if (!link_list(c, b->original[i].from, &links[i], &count[i]))
			return false;
	for (int n = 1; n < TIMES; n++) {
		c->arena = &b->work;
		bool ok = copy_all(b, links, count);
		c->arena = own;
		if (!ok)
			return false;
		arena_reset(&b->work);
		c->now_us += 1000000;
	}
	return store_commit(&b->test, c);
}

/* ---- requests ---- */

static bool ask(struct bench *b, const char *path, struct http_reply *out, int64_t *queries)
{
	static const struct web_site site = {
		.origin = S_INIT("http://127.0.0.1:8080"), .build = S_INIT(WARD_VERSION)};
	struct http_request q = {.method = HTTP_GET,
		.target = str_of(path),
		.path = str_of(path),
		.header = {{S("Cookie"), b->cookie}, {S("Host"), S("127.0.0.1:8080")}},
		.header_count = 2,
		.content_length = -1,
		.peer = S("127.0.0.1")};
	struct call *c = NEW(&b->work, struct call, 1);
	int64_t before = db_query_count(b->store->db);

	c->arena = c->err.arena = &b->work;
	c->db = b->store->db;
	c->memory = b->memory;
	trace_memory_begin(b->memory);
	c->threats = b->threats;
	threat_memory_begin(b->threats);
	c->now_us = b->store->now_us;
	c->at_us = TIME_NONE;
	if (!db_begin_read(c->db, &c->err))
		return false;
	bool ok = web_answer(c, &site, &q, NULL, out);
	db_rollback(c->db);
	*queries = db_query_count(c->db) - before;
	if (!ok || out->status != 200)
		fprintf(stderr, "%s: %d %s\n", path, out->status, c->err.text);
	return ok && out->status == 200;
}

/* As a proxy would send it. */
static isize gzip_bytes(struct arena *a, str body)
{
	uLongf n = compressBound((uLong)body.n);
	Bytef *to = arena_bulk(a, (isize)n);

	/* zlib's frame has 6 bytes, that of gzip 18. */
	return to && compress2(to, &n, (const Bytef *)body.p, (uLong)body.n, 6) == Z_OK
		? (isize)n + 12
		: -1;
}

static bool measure(struct bench *b, int at, bool is_large)
{
	const struct page *p = &pages[at];
	const char *data = is_large ? "x100" : "demo";
	double ms[ROUNDS], spent = 0;
	int rounds = 0;
	struct http_reply reply;
	char figure[100];
	int64_t queries = 0;
	isize gzip = 0;

	for (; rounds < ROUNDS && (rounds < 3 || spent < SPENT_MS); rounds++) {
		arena_reset(&b->work);
		int64_t t0 = cpu_ns();
		if (!ask(b, p->path, &reply, &queries))
			return false;
		ms[rounds] = (double)(cpu_ns() - t0) / 1e6;
		spent += ms[rounds];
		gzip = rounds == 0 ? gzip_bytes(&b->work, reply.body) : gzip;
	}
	snprintf(figure, sizeof figure, "page %s, %s: request", p->path, data);
	at_most(figure, median(ms, rounds), is_large ? p->large : p->small, "ms CPU");
	snprintf(figure, sizeof figure, "page %s, %s: queries", p->path, data);
	at_most(figure, (double)queries, 12, "");
	snprintf(figure, sizeof figure, "page %s, %s: gzip of %d B", p->path, data,
		(int)reply.body.n);
	at_most(figure, (double)gzip, 15000, "B");
	/* A list longer than its page is counted: one query more, however long it is. */
	if (is_large && p->fixed && queries > b->queries[at] + 1) {
		fprintf(stderr, "%s: %d queries on the demo, %d on %d times the data\n", p->path,
			(int)b->queries[at], (int)queries, TIMES);
		b->test.failures++;
	}
	b->queries[at] = queries;
	return true;
}

static bool measure_all(struct bench *b, bool is_large)
{
	db_rollback(b->store->db);
	for (int i = 0; i < COUNT_OF(pages); i++)
		if (!measure(b, i, is_large))
			return false;
	arena_reset(&b->work);
	return db_begin(b->store->db, &b->store->err);
}

/* What a page pays when somebody has just written, and the first one after a start. */
static bool measure_changed(struct bench *b)
{
	struct call *c = b->store;
	struct http_reply reply;
	double ms[ROUNDS];
	int64_t queries, t0;
	struct rec *rec;

	for (int i = 0; i < ROUNDS; i++) {
		if (!db_begin(c->db, &c->err) || !kind_get_any(c, S("RSK-09"), &rec) ||
			!kind_put(c, rec, S("bench.update")) || !store_commit(&b->test, c))
			return false;
		db_rollback(c->db);
		arena_reset(&b->work);
		t0 = cpu_ns();
		if (!ask(b, "/", &reply, &queries))
			return false;
		ms[i] = (double)(cpu_ns() - t0) / 1e6;
	}
	at_most("page /, x100, after a change: request", median(ms, ROUNDS), 15, "ms CPU");
	trace_memory_clear(b->memory);
	arena_reset(&b->work);
	t0 = cpu_ns();
	if (!ask(b, "/", &reply, &queries))
		return false;
	at_most("page /, x100, first after the start: request", (double)(cpu_ns() - t0) / 1e6, 0,
		"ms CPU");
	return true;
}

int main(void)
{
	static struct bench b;
	struct arena a;

	arena_init(&a, os_reserve(ARENA), ARENA);
	arena_init(&b.work, os_reserve(ARENA), ARENA);
	b.test.name = "pages";
	b.test.arena = &a;
	b.memory = trace_memory_new(&a);
	b.threats = threat_memory_new(&a);
	b.store = store_open(&b.test, S("2025-11-01T08:00:00Z"));
	if (!load(&b) || !measure_all(&b, false))
		b.test.failures++;
	int64_t t0 = cpu_ns(), size = (int64_t)ledger_size(b.store->ledger);
	if (!b.test.failures && multiply(&b)) {
		at_most("x100: records copied", b.originals * (TIMES - 1), 0, "");
		at_most("a record or link written with its entry, in one large transaction",
			(double)(cpu_ns() - t0) / 1000 /
				(double)((int64_t)ledger_size(b.store->ledger) - size),
			0, "us");
		if (!measure_all(&b, true))
			b.test.failures++;
		db_rollback(b.store->db);
		if (!measure_changed(&b) || !db_begin(b.store->db, &b.store->err))
			b.test.failures++;
	} else {
		b.test.failures++;
	}
	if (b.test.failures)
		fprintf(stderr, "pages: %s\n", b.store->err.text);
	trace_memory_clear(b.memory);
	threat_memory_clear(b.threats);
	store_close(&b.test, b.store);
	return b.test.failures > 0;
}
