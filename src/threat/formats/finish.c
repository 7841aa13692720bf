/* The end of an import: numbers for ids that repeat, what Ward itself put into the file, and the
   rest that is kept. */
#include "threat/formats/importer.h"

bool import_number(struct importer *in, enum part_group group)
{
	struct parts *parts = &in->model->of[group];
	const struct part_index *x = &in->of[group];
	isize run = 1;

	if (!import_index(in, group))
		return false;
	str before = S("");
	for (isize i = 0; i < x->count; i++) {
		struct part *p = &parts->list[x->order[i]];
		run = i && str_eq(p->id, before) ? run + 1 : 1;
		before = run == 1 ? p->id : before;
		if (run == 1)
			continue;
		if (arena_room(in->arena) < p->id.n + LIMIT_REF)
			return import_no_room(in);
		p->id = str_fmt(in->arena, "%.*s~%td", STR_ARG(p->id), run);
	}
	return true;
}

bool import_finish(
	struct importer *in, const struct json *parts, const struct json *more, struct model **out)
{
	in->path = S("");
	/* Threats are copied by hand from element to element in real files, with their ids. */
	if (!import_number(in, PART_THREAT) || !import_supplement(in, parts, more) ||
		!import_keep(in, &in->model->whole, in->root) ||
		!model_finish(in->arena, in->err, in->model))
		return false;
	import_arrange(in);
	*out = in->model;
	return true;
}
