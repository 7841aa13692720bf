/* The examples of the rules, run as models of their own. */
#include "threat/engine/engine.h"
#include "threat/model/build.h"
#include "threat/rules/compiled.h"

static bool example_fails(
	struct err *e, const struct rule *r, const struct rule_example *x, const char *why)
{
	FAIL(e, ERR_SYNTAX, "%.*s:%d:%d: the example of %.*s %s", STR_ARG(r->file), x->at.line,
		x->at.column, STR_ARG(r->name), why);
	e->line = x->at.line;
	e->column = x->at.column;
	return false;
}

static bool check_example(struct arena *a, struct err *e, const struct rules *one,
	const struct rule *r, const struct rule_example *x)
{
	static const char *const broken[] = {"should be open and is not", "should ask and does not",
		"should be silent and is not"};
	str text = str_join(a, str_join(a, r->setting, S("\n")), x->text);
	struct err inner = {.arena = a};
	struct findings *f;
	struct model *m;
	bool good = false;

	if (!model_text_parse(a, &inner, r->file, text, &m) ||
		!threat_evaluate(a, &inner, m, one, false, &f))
		return example_fails(e, r, x, inner.text);
	if (f->note_count) {
		const struct prop *q = f->notes[0].prop;
		str strange = f->notes[0].is_value ? q->value : q->key;
		return example_fails(e, r, x,
			cstr(a,
				str_fmt(a, "uses %.*s, which the vocabulary lacks",
					STR_ARG(strange))));
	}
	if (x->says == EXAMPLE_FIRES)
		good = f->tally[THREAT_IS_OPEN] > 0;
	else if (x->says == EXAMPLE_ASKS)
		good = f->tally[THREAT_IS_OPEN] == 0 && f->tally[THREAT_IS_QUESTION] > 0;
	else
		good = f->tally[THREAT_IS_OPEN] + f->tally[THREAT_IS_QUESTION] == 0;
	return good || example_fails(e, r, x, broken[x->says]);
}

bool rules_check(struct arena *a, struct err *e, const struct rules *rules)
{
	for (isize i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->list[i];
		for (int32_t k = 0; k < r->example_count; k++) {
			struct arena_mark mark = arena_here(a);
			struct rules one = {.vocabulary = rules->vocabulary,
				.list = &rules->list[i],
				.count = 1};
			bool ok = check_example(a, e, &one, r, &r->examples[k]);
			arena_rewind(a, mark);
			if (!ok)
				return false;
		}
	}
	return true;
}
