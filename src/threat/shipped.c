/* The rules inside the program, so that one version says the same wherever it runs. */
#include "os/asset.h"
#include "threat/threat_in.h"

bool rules_shipped(struct arena *a, struct err *e, struct rules **out)
{
	const struct asset_file *file, *words = asset_find(S("rules/vocabulary.def"));
	struct vocabulary *v;
	isize n = asset_each(S("rules/"), &file);

	assert(words);
	if (!vocabulary_parse(a, e, words->name, words->bytes, &v))
		return false;
	*out = rules_new(a, v);
	for (isize i = 0; i < n; i++)
		if (&file[i] != words && !rules_parse(a, e, file[i].name, file[i].bytes, *out))
			return false;
	return rules_link(e, *out);
}
