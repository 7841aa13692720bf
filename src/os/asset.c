#include "os/asset.h"

/* Written by tools/mkasset, sorted by name. */
extern const struct asset_file ward_assets[];
extern const int64_t ward_asset_count;

/* Index of the first asset whose name is not before `name`. */
static isize lower(str name)
{
	isize from = 0, to = (isize)ward_asset_count;

	while (from < to) {
		isize middle = from + (to - from) / 2;
		if (str_cmp(ward_assets[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct asset_file *asset_find(str name)
{
	isize at = lower(name);

	if (at == ward_asset_count || !str_eq(ward_assets[at].name, name))
		return NULL;
	return &ward_assets[at];
}

isize asset_each(str prefix, const struct asset_file **first)
{
	isize from = lower(prefix), to = from;

	while (to < ward_asset_count && str_starts(ward_assets[to].name, prefix))
		to++;
	*first = &ward_assets[from];
	return to - from;
}

str asset_url(str name)
{
	const struct asset_file *a = asset_find(name);

	assert(a && a->url.n);
	return a->url;
}

const struct asset_file *asset_by_url(str path)
{
	const struct asset_file *list;
	isize count = asset_each(S("assets/"), &list);

	for (isize i = 0; i < count; i++)
		if (str_eq(list[i].url, path))
			return &list[i];
	return NULL;
}
