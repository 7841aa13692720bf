#include "os/os.h"
#include "threat/engine/engine.h"
#include "threat/rules/compiled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 16 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	str in = {(const char *)data, (isize)size};

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	struct vocabulary *v;
	struct rules *rules;

	if (!vocabulary_parse(&a, &e, S("v"),
		    S("enum yes-no no, yes\nscale level low, high\nproperty flow safe yes-no\n"
		      "property process strength level\nproperty flow from text\nproperty flow to "
		      "text\n"),
		    &v))
		abort();
	rules = rules_new(&a, v);
	if (rules_parse(&a, &e, S("f"), in, rules) && rules_link(&a, &e, rules)) {
		bool ok = rules_check(&a, &e, rules);
		struct buf b;
		assert(ok || e.code);
		buf_init(&b, &a, LIMIT_PROSE);
		for (isize i = 0; i < rules_count(rules); i++)
			rule_print(&b, rules, rule_at(rules, i));
	} else {
		assert(e.code);
	}
	return 0;
}
