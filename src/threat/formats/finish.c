/* The end of an import: numbers for threats whose ids repeat, what Ward itself put into the file,
   and the rest that is kept. */
#include "threat/formats/importer.h"

bool import_finish(
	struct importer *in, const struct json *parts, const struct json *more, struct model **out)
{
	in->path = S("");
	/* Threats are copied by hand from element to element in real files, with their ids. */
	if (!model_number(in->arena, in->err, &in->model->of[PART_THREAT], false) ||
		!import_supplement(in, parts, more) ||
		!import_keep(in, &in->model->whole, in->root) ||
		!model_finish(in->arena, in->err, in->model))
		return false;
	import_arrange(in);
	*out = in->model;
	return true;
}
