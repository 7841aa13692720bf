/* What a thread remembers of rules and model says the same as what is read anew. */
#include "store.h"
#include "threat/records.h"
#include "threat/triage.h"

TEST(rules_are_loaded_once_a_thread, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct vocabulary *words, *other_words;
	const struct rules *rules, *other;

	c->threats = threat_memory_new(t->arena);
	CHECK(rules_get(c, &words, &rules) && rules_count(rules) > 100);
	CHECK(rules_get(c, &other_words, &other) && other == rules && other_words == words);
	threat_memory_clear(c->threats);
	CHECK(rules_get(c, &words, &rules) && rules_count(rules) > 100);
	threat_memory_clear(c->threats);
	c->threats = NULL;
	CHECK(rules_get(c, &words, &rules) && rules_get(c, &words, &other) && other != rules);
	store_close(t, c);
}

TEST_MAIN()
