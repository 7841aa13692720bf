/*
 * What rules ask about the parts of the example: the example's own model file says it word by word,
 * its tables in sentences.  The records get the file's words as properties, so that the store is
 * judged as the file is.
 */
#include "demo/demo_in.h"
#include "os/asset.h"
#include "threat/engine/engine.h"
#include "threat/formats/formats.h"

static void add_facts(struct loader *l, const struct vocabulary *words, const struct part *p)
{
	struct draft *d = find(l, p->id);

	/* People of the file are accounts in the tables, not elements. */
	if (!d || !kind_field(d->rec->kind, S("property")))
		return;
	for (const struct prop *q = p->props; q; q = q->next)
		if (vocabulary_has_words(words, p->kind, q->key) && !str_eq(q->value, S("?")))
			add_row(l, d, S("property"),
				PAIRS({S("name"), q->key}, {S("value"), q->value}));
}

void model_facts(struct loader *l)
{
	static const enum part_group groups[] = {
		PART_ASSET, PART_ELEMENT, PART_INTERFACE, PART_FLOW};
	const struct asset_file *file = asset_find(S("examples/surgerycloud/model.ward"));
	const struct vocabulary *words;
	struct rules *rules;
	struct model *m;

	assert(file);
	if (!rules_library(l->c->arena, &l->c->err, &words, &rules) ||
		!model_read(l->c->arena, &l->c->err, file->name, file->bytes, &m))
		return;
	for (isize g = 0; g < COUNT_OF(groups); g++)
		for (isize i = 0; i < m->of[groups[g]].count; i++)
			add_facts(l, words, &m->of[groups[g]].list[i]);
}
