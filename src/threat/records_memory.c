/* What a thread remembers between calls: rules. */
#include "call/call.h"
#include "os/os.h"
#include "threat/records.h"

enum { RULES_BYTES = 16 << 20 };

struct threat_memory {
	struct arena rules_arena;
	struct rules *rules; /* NULL: not loaded yet */
	const struct vocabulary *words;
};

struct threat_memory *threat_memory_new(struct arena *a)
{
	struct threat_memory *m = NEW(a, struct threat_memory, 1);

	arena_init(&m->rules_arena, os_reserve(RULES_BYTES), RULES_BYTES);
	return m;
}

void threat_memory_clear(struct threat_memory *m)
{
	m->rules = NULL;
	arena_reset(&m->rules_arena);
}

bool rules_get(struct call *c, const struct vocabulary **words, const struct rules **out)
{
	struct threat_memory *m = c->threats;
	struct rules *rules;

	if (m && m->rules) {
		*words = m->words;
		*out = m->rules;
		return true;
	}
	if (!rules_library(m ? &m->rules_arena : c->arena, &c->err, words, &rules)) {
		if (m)
			arena_reset(&m->rules_arena);
		return false;
	}
	if (m) {
		m->rules = rules;
		m->words = *words;
	}
	*out = rules;
	return true;
}
