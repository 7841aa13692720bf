/*
 * Building a model: what readers of files and of records do, part by part.
 *
 * model_new, model_add and part_add take what was said; model_finish resolves it, and refuses what
 * contradicts itself.  The text of a model, ward-model(5), is read and written here, too.
 */
#ifndef THREAT_MODEL_BUILD_H
#define THREAT_MODEL_BUILD_H
#include "threat/model/model.h"

enum {
	MODEL_PROPS = 200,     /* values of one part */
	MODEL_DEPTH = 32,      /* zones in zones, elements in elements */
	MODEL_PATH = 1000,     /* bytes of the path of a file beside a model */
};

struct model *model_new(struct arena *a, str file, enum model_format format);
/* A new part, or NULL with ERR_LIMIT. */
struct part *model_add(struct arena *a, struct err *e, struct model *m, enum part_kind kind, str id,
	str name, struct file_place at);
/* One more value of `p`; empty keys and values are refused by assertion.  A key that begins with
   "x-" is kept for another format and takes no part in anything else. */
CHECKED bool part_add(
	struct arena *a, struct err *e, struct part *p, str key, str value, struct file_place at);
CHECKED bool model_lose(
	struct arena *a, struct err *e, struct model *m, struct file_place at, str path, str what);
/* Resolves references and levels, and refuses duplicate ids, references to nothing and zones that
   contain themselves, with the place of each. */
CHECKED bool model_finish(struct arena *a, struct err *e, struct model *m);
CHECKED bool exposure_parse(str word, int8_t *out);
CHECKED bool level_parse(str word, int8_t *out);
bool part_is(const struct part *p, str key, str value);

/* ---- text ---- */

CHECKED bool model_text_parse(
	struct arena *a, struct err *e, str name, str bytes, struct model **out);
/* Adds the statements of `bytes`, which are UTF-8, to a model that is being built. */
CHECKED bool model_text_add(struct arena *a, struct err *e, struct model *m, str bytes);
/* One statement, with its line break. */
void part_print(struct buf *b, const struct part *p);

/* The parts of a group by id, while a model is being built. */
struct part_index {
	const struct part *parts;
	int32_t *order;
	isize count;
};
CHECKED bool part_index_make(
	struct arena *a, struct err *e, const struct parts *parts, struct part_index *x);
/* The second and later parts of an id become "id~2", "id~3", … in their order; with `made` only
   those whose id was made from their ends. */
CHECKED bool model_number(struct arena *a, struct err *e, struct parts *parts, bool made);
/* Its index in the group, or PART_NONE. */
int32_t part_index_find(const struct part_index *x, str id);

/* Text of a stranger as a name: line breaks and control characters become blanks, ends are cut. */
str name_clean(struct arena *a, str s);
#endif
