/* The rules that come with the program: every file of rules/, which is part of it,
   so that one version says the same wherever it runs. */
#include "os/asset.h"
#include "threat/engine/engine.h"
#include "threat/rules/compiled.h"

bool rules_library(
	struct arena *a, struct err *e, const struct vocabulary **words, struct rules **out)
{
	const struct asset_file *file, *vocabulary = asset_find(S("rules/vocabulary.def"));
	isize n = asset_each(S("rules/"), &file);
	struct vocabulary *v;

	assert(vocabulary);
	if (!vocabulary_parse(a, e, vocabulary->name, vocabulary->bytes, &v))
		return false;
	*words = v;
	*out = rules_new(a, v);
	for (isize i = 0; i < n; i++)
		if (&file[i] != vocabulary &&
			!rules_parse(a, e, file[i].name, file[i].bytes, *out))
			return false;
	return rules_link(a, e, *out) && rules_check(a, e, *out);
}
