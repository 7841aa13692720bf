/*
 * What a thread remembers between calls: the rules, the records of the model, and what the rules
 * say of the whole of it.
 *
 * Records are remembered whoever may see them; each caller gets a model of those that they may see,
 * and the findings of the whole only where that is all.
 */
#include "threat/records/records_in.h"

enum { RULES_BYTES = 16 << 20, MEMORY_BYTES = 256 << 20 };

struct threat_memory {
	struct arena rules_arena;
	struct rules *rules; /* NULL: not loaded yet */
	const struct vocabulary *words;

	struct arena records;
	struct sources sources;
	int64_t size;  /* of the ledger that this is the state of; 0: of none */
	bool is_asked; /* was brought up in this call */
	isize loaded;  /* bytes of records after they were read as a whole */

	/* What is known of the whole model lies in one of two arenas by turns, because the next is
	   judged on what is known of the one before. */
	struct arena turn[2];
	int now;
	struct judged whole; /* findings NULL: of none */
	bool is_judged;      /* it is of the records as they are */
};

struct threat_memory *threat_memory_new(struct arena *a)
{
	struct threat_memory *m = NEW(a, struct threat_memory, 1);

	arena_open(&m->rules_arena, RULES_BYTES);
	arena_open(&m->records, MEMORY_BYTES);
	for (int i = 0; i < 2; i++)
		arena_open(&m->turn[i], MEMORY_BYTES);
	return m;
}

void threat_memory_begin(struct threat_memory *m)
{
	m->is_asked = false;
	/* Nothing of an earlier call looks at the findings before the last ones any more. */
	arena_reset(&m->turn[!m->now]);
}

static void forget_records(struct threat_memory *m)
{
	m->size = 0;
	m->is_asked = false;
	m->is_judged = false;
	m->whole = (struct judged){0};
	arena_reset(&m->records);
	for (int i = 0; i < 2; i++)
		arena_reset(&m->turn[i]);
}

void threat_memory_undone(struct threat_memory *m)
{
	if (m->is_asked)
		forget_records(m);
}

void threat_memory_clear(struct threat_memory *m)
{
	forget_records(m);
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

/* ---- records ---- */

/* Records read anew leave waste behind: the whole is read again when it is most of the memory. */
static bool is_worn(const struct threat_memory *m, int64_t size)
{
	return m->size == 0 || size < m->size || size - m->size > SOURCE_CHANGES_MAX ||
		m->records.used > m->loaded * 2 + ARENA_RESERVE;
}

/* Reads as the program itself: what a caller may see is asked when they get it. */
static bool read_records(struct call *c, struct threat_memory *m, int64_t size)
{
	struct who own = c->who;
	bool changed = true, ok;

	c->who = (struct who){.is_system = true};
	if (is_worn(m, size)) {
		forget_records(m);
		ok = sources_load(c, &m->records, &m->sources);
		m->loaded = m->records.used;
	} else {
		ok = sources_update(c, &m->records, m->size, &m->sources, &changed);
	}
	c->who = own;
	m->is_judged &= !changed;
	return ok;
}

static bool bring_up(struct call *c, struct threat_memory *m)
{
	/* Asked each time, since a call that writes moves the ledger itself. */
	int64_t size = db_int(c->db, SQL("SELECT max(seq) + 1 FROM entry"));
	if (!db_ok(c->db))
		return false;
	if ((size != m->size || size == 0) && !read_records(c, m, size)) {
		forget_records(m);
		return false;
	}
	m->size = size;
	m->is_asked = true;
	return true;
}

/* The records to make a model of; what they are as of another time is not remembered. */
static bool find_sources(struct call *c, struct sources **out)
{
	if (!c->threats || c->at_us != TIME_NONE) {
		*out = NEW(c->arena, struct sources, 1);
		return sources_load(c, c->arena, *out);
	}
	*out = &c->threats->sources;
	return bring_up(c, c->threats);
}

/* What is remembered was read as the program; the rest was read for the caller. */
static const struct call *reader_of(const struct call *c, const struct sources *s)
{
	return c->threats && s == &c->threats->sources ? c : NULL;
}

bool model_from_records(struct call *c, const struct view *view, struct model **out)
{
	struct sources *s;

	return find_sources(c, &s) && model_assemble(c->arena, &c->err, s, reader_of(c, s), out) &&
		model_place(c, *out, view);
}

/* ---- findings ---- */

static bool sees_all(const struct call *c, const struct sources *s)
{
	for (int g = 0; g <= PART_ASSUMPTION; g++)
		for (isize i = 0; i < s->of[g].count; i++)
			if (!standing_seen(c, &s->of[g].item[i].now))
				return false;
	return true;
}

/* The whole model, on what was found in the one before. */
static bool judge_whole(struct call *c, struct threat_memory *m)
{
	struct arena *a = &m->turn[!m->now];
	const struct findings *was = m->whole.findings;
	struct judged new = {.words = m->words, .rules = m->rules};

	arena_reset(a);
	if (!model_assemble(a, &c->err, &m->sources, NULL, &new.model))
		return false;
	if (was ? !threat_evaluate_again(a, &c->err, new.model, was, &new.findings)
		: !threat_evaluate(a, &c->err, new.model, new.rules, false, &new.findings))
		return false;
	m->now = !m->now;
	m->whole = new;
	m->is_judged = true;
	return true;
}

bool model_judge(struct call *c, const struct view *view, struct judged *out)
{
	struct threat_memory *m = c->threats;
	struct sources *s;

	if (!rules_get(c, &out->words, &out->rules) || !find_sources(c, &s))
		return false;
	if (m && s == &m->sources && sees_all(c, s)) {
		if (!m->is_judged && !judge_whole(c, m))
			return false;
		*out = m->whole;
	} else if (!model_assemble(c->arena, &c->err, s, reader_of(c, s), &out->model) ||
		!threat_evaluate(
			c->arena, &c->err, out->model, out->rules, false, &out->findings)) {
		return false;
	}
	return model_place(c, out->model, view);
}
