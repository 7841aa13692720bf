/* What the importers of JSON formats share. */
#ifndef THREAT_FORMATS_IN_H
#define THREAT_FORMATS_IN_H
#include "base/json.h"

#include "threat/threat_in.h"

struct importer {
	struct arena *arena;
	struct err *err;
	struct model *model;
	isize *lines; /* where each line of the file begins */
	isize line_count;
	int32_t threat_count;
};

CHECKED bool import_begin(struct importer *in, str bytes);
/* Line and column of a value, in logarithmic time. */
struct file_place import_place(const struct importer *in, const struct json *j);
/* The same as an error: "…" at `j`. */
bool import_bad(const struct importer *in, const struct json *j, const char *what);
CHECKED bool import_lose(struct importer *in, const struct json *j, const char *what);
/* Adds `key=value`; an empty value adds nothing. */
CHECKED bool import_add(
	struct importer *in, struct part *p, const char *key, str value, const struct json *at);
/* A threat that the file records at `target`; ids of files repeat, so we count. */
struct part *import_threat(struct importer *in, const struct json *at, str name, str target);
/* A number of any JSON form, cut to whole ones; 0 when there is none or it is beyond reason. */
int64_t import_whole(const struct json *j);
#endif
