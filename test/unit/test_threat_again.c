/*
 * What makes the engine fast must not change what it says: rules that are sieved out against all
 * rules tried.
 */
#include "test.h"
#include "threat/threat_in.h"

static const char *const models[] = {"examples/models/infusion.ward",
	"examples/models/infusion-hardened.ward", "examples/models/imaging.ward",
	"examples/models/wearable.ward", "examples/models/samd.ward",
	"examples/surgerycloud/model.ward", "self/model.ward"};

static const struct rules *library(struct test_case *t)
{
	struct err e = {.arena = t->arena};
	const struct vocabulary *v;
	struct rules *rules = NULL;

	if (!rules_library(t->arena, &e, &v, &rules))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return rules;
}

static struct model *read_model(struct test_case *t, const char *path)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	str text;

	if (!file_read(t->arena, str_of(path), LIMIT_MODEL_BYTES, &text, &e) ||
		!model_read(t->arena, &e, str_of(path), text, &m))
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
	return m;
}

static bool same_finding(const struct threat_finding *a, const struct threat_finding *b)
{
	return a->rule == b->rule && a->part == b->part && a->because == b->because &&
		a->outcome == b->outcome && a->stride == b->stride && a->level == b->level &&
		a->impact == b->impact && a->likelihood == b->likelihood &&
		a->handler == b->handler && a->missing == b->missing && a->merged == b->merged;
}

/* Two evaluations of one model: every finding and note, in order. */
static bool same_findings(const struct findings *a, const struct findings *b)
{
	if (a->count != b->count || a->note_count != b->note_count)
		return false;
	for (isize i = 0; i < a->count; i++)
		if (!same_finding(&a->list[i], &b->list[i]))
			return false;
	for (isize i = 0; i < a->note_count; i++)
		if (a->notes[i].part != b->notes[i].part || a->notes[i].prop != b->notes[i].prop ||
			a->notes[i].is_value != b->notes[i].is_value)
			return false;
	for (int i = 0; i <= THREAT_IS_OPEN; i++)
		if (a->tally[i] != b->tally[i])
			return false;
	return true;
}

TEST(a_rule_that_is_sieved_out_would_have_found_nothing, "")
{
	const struct rules *rules = library(t);
	struct rules whole = *rules;
	struct err e = {.arena = t->arena};
	isize found = 0;

	whole.sieve = NULL;
	for (int i = 0; i < COUNT_OF(models); i++) {
		struct model *m = read_model(t, models[i]);
		struct findings *sieved, *all;
		if (!m || !threat_evaluate(t->arena, &e, m, rules, false, &sieved) ||
			!threat_evaluate(t->arena, &e, m, &whole, false, &all)) {
			test_fail(t, __FILE__, __LINE__, "%s: %s", models[i], e.text);
			return;
		}
		if (!same_findings(sieved, all))
			test_fail(t, __FILE__, __LINE__, "%s: other findings", models[i]);
		found += all->count;
	}
	CHECK(found > 200);
}

TEST_MAIN()
