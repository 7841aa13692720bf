/*
 * The editor on a recorded system of 1,000 elements and 1,500 flows: what a request spends on model
 * and findings, at first, when nothing changed, and when one flow did.
 */
#include "bench.h"
#include "threat/records/records.h"

enum { ARENA = 1 << 30, ROUNDS = 9, ELEMENTS = 1000, ZONES = 50 };

struct test_case *test_all; /* the fixture brings the runner along */

static void write_model(struct buf *b)
{
	static const char *const kind[] = {"process", "store", "device", "actor", "process"};
	static const char *const flow[] = {
		"protocol=https encryption=tls authentication=device-certificate", "",
		"protocol=http encryption=none authentication=none"};

	for (int i = 0; i < ZONES; i++)
		buf_fmt(b, "zone Z%d \"Zone %d\" exposure=%d\nasset A%d \"Asset %d\" c=%d at=E%d\n",
			i, i, 1 + i % 5, i, i, 1 + i % 4, i);
	for (int i = 0; i < ELEMENTS; i++)
		buf_fmt(b, "%s E%d \"Part %d\" in=Z%d audited=yes\n", kind[i % COUNT_OF(kind)], i,
			i, i * 7 % ZONES);
	for (int i = 0; i < ELEMENTS * 3 / 2; i++)
		buf_fmt(b, "flow F%d E%d -> E%d \"Reports\" carries=A%d content=data %s\n", i,
			i * 7919 % ELEMENTS, (i * 337 + 1) % ELEMENTS, i % ZONES,
			flow[i % COUNT_OF(flow)]);
}

static bool load(struct call *c)
{
	struct model *m;
	struct buf b;
	isize count;

	buf_init(&b, c->arena, LIMIT_MODEL_BYTES);
	write_model(&b);
	c->reason = S("a system to be measured");
	return model_read(c->arena, &c->err, S("bench.ward"), buf_str(&b), &m) &&
		records_from_model(c, m, S("bench.ward"), S(""), &count);
}

/* One flow says another thing. */
static bool change(struct call *c, int round)
{
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct list list;

	if (!kind_list(c, &kinds[KIND_FLOW], &q, &list))
		return false;
	struct rec *rec = list.item[round * 37 % list.count];
	c->now_us += 1000000;
	return kind_set(c, rec, kind_field(rec->kind, S("property")),
		       round % 2 ? S("[{\"name\":\"encryption\",\"value\":\"none\"}]")
				 : S("[{\"name\":\"protocol\",\"value\":\"http\"}]")) &&
		kind_put(c, rec, S("flow.update"));
}

static bool measure(struct call *c, struct arena *work, const char *figure, bool changes,
	bool remembers, double budget)
{
	struct threat_memory *memory = c->threats;
	struct arena *own = c->arena;
	double ms[ROUNDS];
	struct judged j;
	bool ok = true;

	for (int i = 0; ok && i < ROUNDS; i++) {
		ok = !changes || change(c, i);
		c->arena = work;
		c->threats = remembers ? memory : NULL;
		int64_t t0 = cpu_ns();
		ok = ok && model_judge(c, NULL, &j);
		ms[i] = (double)(cpu_ns() - t0) / 1e6;
		c->arena = own;
		c->threats = memory;
		arena_reset(work);
	}
	if (ok)
		at_most(figure, median(ms, ROUNDS), budget, "ms CPU");
	return ok;
}

int main(void)
{
	struct test_case test = {.name = "editor"};
	struct arena a, work;

	arena_init(&a, os_reserve(ARENA), ARENA);
	arena_init(&work, os_reserve(ARENA), ARENA);
	test.arena = &a;
	struct call *c = store_open(&test, S("2025-11-01T08:00:00Z"));
	c->threats = threat_memory_new(&a);
	bool ok = load(c) &&
		measure(c, &work, "editor: model and findings of 1000 elements, read anew", false,
			false, 0) &&
		measure(c, &work, "editor: the same remembered, nothing changed", false, true, 0) &&
		measure(c, &work, "editor: the same remembered, one flow changed", true, true, 0);
	if (!ok)
		fprintf(stderr, "editor: %s\n", c->err.text);
	threat_memory_clear(c->threats);
	store_close(&test, c);
	return !ok || test.failures > 0;
}
