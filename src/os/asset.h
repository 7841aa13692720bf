/*
 * Assets: the files that live inside the program.  tools/mkasset puts every file below assets/,
 * rules/, catalogs/ and examples/ there; what the program reads at run time is one file.
 *
 * A name is the path in the source tree, "catalogs/iso-28000-2022.json".  What is below assets/
 * is served, under an address with the hash of its content, so it may be cached for ever.
 */
#ifndef OS_ASSET_H
#define OS_ASSET_H
#include "base/base.h"

struct asset_file {
	str name, bytes;
	str gzip; /* the bytes compressed, for assets/ when that is smaller; else "" */
	str hash; /* of the content, 16 hexadecimal digits; also its ETag */
	str url;  /* "/a/<hash>/ward.css" for assets/, else "" */
	str type; /* media type, "text/css; charset=utf-8" */
};

/* NULL when there is none of that name. */
const struct asset_file *asset_find(str name);
/* The assets whose names begin with `prefix`, in the order of bytes; `*first` is an array. */
isize asset_each(str prefix, const struct asset_file **first);
/* The address of an asset that exists below assets/; another name is our mistake. */
str asset_url(str name);
/* What a path such as "/a/<hash>/ward.css" asks for; NULL for an unknown name or another hash. */
const struct asset_file *asset_by_url(str path);
#endif
