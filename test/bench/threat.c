/* The threat engine on made-up systems of 1,000, 3,000 and 10,000 elements, 1.5 flows each. */
#include "threat/engine/engine.h"
#include "threat/formats/formats.h"
#include "threat/picture/picture.h"
#include "threat/rules/compiled.h"

#include "bench.h"

enum { ARENA = 1 << 30, ROUNDS = 3, ZONES = 50 };

struct test_case *test_all; /* the fixture brings the runner along */

/* Five sorts of elements and three of flows, half of what the rules ask about left unsaid.  Flows
   go from anywhere to anywhere, or to the next element, which spares the processor's caches. */
static void write_model(struct buf *b, int elements, bool is_near)
{
	static const char *const element[][2] = {
		{"process", "process-type=service software-class=maintained validates-input=yes"},
		{"store", "store-type=database backup=yes at-rest=disk"},
		{"device", "device-type=gateway secure-boot=yes at-rest=disk"},
		{"actor", "actor-type=system"}, {"process", "process-type=function audited=yes"}};
	static const char *const flow[] = {
		"protocol=https encryption=tls authentication=device-certificate", "",
		"protocol=http encryption=none authentication=none"};

	buf_add(b, S("system \"Bench\"\n"));
	for (int i = 0; i < ZONES; i++)
		buf_fmt(b, "zone Z%d \"Zone %d\" exposure=%d\n", i, i, 1 + i % 5);
	for (int i = 0; i < ZONES; i++)
		buf_fmt(b, "asset A%d \"Asset %d\" class=health-data c=%d i=%d a=%d at=E%d\n", i, i,
			1 + i % 4, 1 + i / 2 % 4, 1 + i / 3 % 4, i);
	for (int i = 0; i < elements; i++)
		buf_fmt(b, "%s E%d \"Part %d\" in=Z%d %s\n", element[i % COUNT_OF(element)][0], i,
			i, i * 7 % ZONES, element[i % COUNT_OF(element)][1]);
	for (int i = 0; i < elements * 3 / 2; i++)
		buf_fmt(b, "flow F%d E%d -> E%d \"Reports\" carries=A%d content=data %s\n", i,
			(int)((int64_t)i * (is_near ? 1 : 7919) % elements),
			(int)(((int64_t)i * (is_near ? 1 : 104729) + 1) % elements), i % ZONES,
			flow[i % COUNT_OF(flow)]);
}

static double measure(struct arena *a, const struct rules *rules, int elements, bool is_near)
{
	struct arena_mark mark = arena_here(a);
	double read[ROUNDS], run[ROUNDS], us;
	char figure[100];
	struct err e = {.arena = a};
	struct findings *f;
	struct model *m;
	struct buf b;

	buf_init(&b, a, LIMIT_MODEL_BYTES);
	write_model(&b, elements, is_near);
	struct arena_mark text = arena_here(a);
	for (int i = 0; i < ROUNDS; i++) {
		arena_rewind(a, text);
		int64_t t0 = cpu_ns();
		bool ok = model_read_as(a, &e, MODEL_TEXT, S("bench.ward"), buf_str(&b), &m);
		int64_t t1 = cpu_ns();
		if (!ok || !threat_evaluate(a, &e, m, rules, false, &f)) {
			fprintf(stderr, "threat: %s\n", err_text(&e).p);
			return -1;
		}
		run[i] = (double)(cpu_ns() - t1) / 1e6;
		read[i] = (double)(t1 - t0) / 1e6;
	}
	us = median(run, ROUNDS);
	isize found = f->count;
	arena_rewind(a, mark);
	if (is_near)
		return us * 1000 / elements;
	snprintf(figure, sizeof figure, "threats: rules on %d elements, %d flows (%d findings)",
		elements, elements * 3 / 2, (int)found);
	at_most(figure, us, elements == 10000 ? 100 : 0, "ms CPU");
	snprintf(figure, sizeof figure, "threats: reading the text of %d elements", elements);
	at_most(figure, median(read, ROUNDS), 0, "ms CPU");
	return us * 1000 / elements;
}

/* The model with one flow saying something else; all other parts keep their statements. */
static struct model *edit_flow(struct arena *a, const struct model *m, int edit)
{
	static const char *const says[] = {"none", "tls", "vpn"};
	struct model *edited = NEW(a, struct model, 1);
	struct parts *flows = &edited->of[PART_FLOW];
	struct prop *said = NEW(a, struct prop, 1);

	*edited = *m;
	flows->list = NEW(a, struct part, flows->count);
	memcpy(flows->list, m->of[PART_FLOW].list, (size_t)flows->count * sizeof *flows->list);
	struct part *flow = &flows->list[edit * 37 % flows->count];
	*said = (struct prop){.key = S("encryption"),
		.value = str_of(says[edit % COUNT_OF(says)]),
		.next = flow->props};
	flow->props = said;
	return edited;
}

/* What an edit costs in an editor, which keeps what it knows of the model before in one of two
   arenas by turns. */
static bool measure_edit(struct arena *a, const struct rules *rules, int elements, double budget)
{
	enum { EDITS = 20 };
	struct arena_mark mark = arena_here(a);
	struct err e = {.arena = a};
	struct arena turn[2];
	struct findings *f;
	struct model *m;
	double ms[EDITS];
	char figure[100];
	struct buf b;

	for (int i = 0; i < 2; i++)
		arena_open(&turn[i], ARENA);
	buf_init(&b, a, LIMIT_MODEL_BYTES);
	write_model(&b, elements, false);
	if (!model_read_as(a, &e, MODEL_TEXT, S("bench.ward"), buf_str(&b), &m) ||
		!threat_evaluate(&turn[1], &e, m, rules, false, &f))
		return false;
	for (int i = 0; i < EDITS; i++) {
		m = edit_flow(a, m, i);
		arena_reset(&turn[i % 2]);
		int64_t t0 = cpu_ns();
		if (!threat_evaluate_again(&turn[i % 2], &e, m, f, &f))
			return false;
		ms[i] = (double)(cpu_ns() - t0) / 1e6;
	}
	for (int i = 0; i < 2; i++)
		arena_close(&turn[i]);
	snprintf(figure, sizeof figure, "threats: an edit among %d elements, %d flows", elements,
		elements * 3 / 2);
	at_most(figure, median(ms, EDITS), budget, "ms CPU");
	arena_rewind(a, mark);
	return true;
}

/* The picture: places, ways and labels of 50 and of 1,000 elements. */
static bool measure_layout(struct arena *a, int elements, double budget)
{
	struct arena_mark mark = arena_here(a);
	struct err e = {.arena = a};
	struct layout *l;
	struct model *m;
	double ms[ROUNDS];
	char figure[100];
	struct buf b;

	buf_init(&b, a, LIMIT_MODEL_BYTES);
	write_model(&b, elements, false);
	if (!model_read_as(a, &e, MODEL_TEXT, S("bench.ward"), buf_str(&b), &m))
		return false;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t t0 = cpu_ns();
		if (!layout_make(a, &e, m, &l))
			return false;
		ms[i] = (double)(cpu_ns() - t0) / 1e6;
	}
	snprintf(figure, sizeof figure, "picture: layout of %d elements, %d flows", elements,
		elements * 3 / 2);
	at_most(figure, median(ms, ROUNDS), budget, "ms CPU");
	arena_rewind(a, mark);
	return true;
}

/* What every start of a command that judges pays. */
static bool measure_library(struct arena *a)
{
	const struct vocabulary *v;
	double load[ROUNDS], examples[ROUNDS];
	struct rules *rules;

	for (int i = 0; i < ROUNDS; i++) {
		struct arena_mark mark = arena_here(a);
		struct err e = {.arena = a};
		int64_t t0 = cpu_ns();
		bool ok = rules_library(a, &e, &v, &rules);
		int64_t t1 = cpu_ns();
		if (!ok || !rules_check(a, &e, rules)) {
			fprintf(stderr, "rules: %s\n", err_text(&e).p);
			return false;
		}
		examples[i] = (double)(cpu_ns() - t1) / 1e6;
		load[i] = (double)(t1 - t0) / 1e6;
		arena_rewind(a, mark);
	}
	at_most("rules: loading the library, examples included", median(load, ROUNDS), 0, "ms CPU");
	at_most("rules: running the examples", median(examples, ROUNDS), 5, "ms CPU");
	return true;
}

int main(void)
{
	static const int size[] = {1000, 3000, 10000};
	double per[COUNT_OF(size)], near[COUNT_OF(size)];
	struct err e = {0};
	const struct vocabulary *v;
	struct rules *rules;
	struct rusage use;
	struct arena a;

	arena_init(&a, os_reserve(ARENA), ARENA);
	e.arena = &a;
	if (!measure_library(&a))
		return 1;
	if (!rules_library(&a, &e, &v, &rules)) {
		fprintf(stderr, "rules: %s\n", err_text(&e).p);
		return 1;
	}
	for (int i = 0; i < COUNT_OF(size); i++) {
		per[i] = measure(&a, rules, size[i], false);
		near[i] = measure(&a, rules, size[i], true);
		if (per[i] < 0 || near[i] < 0)
			return 1;
	}
	at_most("threats: us per element at 1,000", per[0], 0, "us");
	at_most("threats: us per element at 10,000", per[2], 0, "us");
	at_most("threats: per element, 10,000 against 1,000", per[2] / per[0], 0, "x");
	at_most("threats: the same with flows to the next element (linear is 1)", near[2] / near[0],
		1.3, "x");
	if (!measure_layout(&a, 50, 5) || !measure_layout(&a, 1000, 300))
		return 1;
	getrusage(RUSAGE_SELF, &use);
	at_most("threats: peak memory, reading and rules at 10,000", (double)use.ru_maxrss / 1024,
		64, "MiB");
	if (!measure_edit(&a, rules, 1000, 1) || !measure_edit(&a, rules, 10000, 0))
		return 1;
	return 0;
}
