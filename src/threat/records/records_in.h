/* What the files share that read a model from records. */
#ifndef THREAT_RECORDS_IN_H
#define THREAT_RECORDS_IN_H
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"
#include "threat/model/model.h"

/* What a record says of its part, with nothing resolved, and who may see it. */
struct model_source {
	struct part said; /* kind, id, name and statements */
	struct standing now; /* who may see it */
	bool is_retired;
	str *link; /* of a flow: assets it carries; of an asset: elements that hold it */
	isize link_count;
};

struct source_list {
	struct model_source *item; /* by reference, as people count */
	isize count, room;
};

/* The records of the model by group of part, whoever may see them. */
struct sources {
	struct source_list of[PART_GROUPS];
};

/* Reads them as of c->at_us, with the rights of the caller, into `a`. */
CHECKED bool sources_load(struct call *c, struct arena *a, struct sources *out);
enum { SOURCE_CHANGES_MAX = 256 };
/* Reads again, with the rights of the caller, what the entries of the ledger from `seq` on are
   about, at most SOURCE_CHANGES_MAX of them; `*changed` when that was anything of the model.  Fails
   in the middle: then the sources are of no more use. */
CHECKED bool sources_update(
	struct call *c, struct arena *a, int64_t seq, struct sources *s, bool *changed);
/* Makes the model of what the caller may see (`reader` NULL: of everything) and is not retired.  It
   uses the words of the sources. */
CHECKED bool model_assemble(struct arena *a, struct err *e, const struct sources *s,
	const struct call *reader, struct model **out);
/* Says where elements and zones stand; those that `view` (or NULL) lacks stand nowhere. */
CHECKED bool model_place(struct call *c, struct model *m, const struct view *view);
#endif
