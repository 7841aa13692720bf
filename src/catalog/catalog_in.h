/* What only the files of catalog/ need. */
#ifndef CATALOG_CATALOG_IN_H
#define CATALOG_CATALOG_IN_H
#include "call/call.h"
#include "catalog/catalog.h"
#include "kind/kind.h"
#include "kinds.h"

enum {
	EVIDENCE_MAX = 100,  /* kinds of evidence */
	EVIDENCE_FOUND = 16, /* records looked at, to find some that the caller may read */
};

/* A kind of evidence, and what the store has of it. */
struct shown {
	str word;
	bool is_shown;
	struct brief *record; /* at most EVIDENCE_RECORDS, only when they were asked for */
	isize record_count;
};

/* What was worked out so far in one call; each kind of evidence once. */
struct shown_list {
	struct shown item[EVIDENCE_MAX];
	isize count;
	bool with_records;
};

bool evidence_is_known(str word);
/* What the store has of the kind `word`; nothing of a kind that is not known, which a framework
   written by hand may ask for.  Errors show in c->err. */
const struct shown *evidence_get(struct call *c, struct shown_list *list, str word);
#endif
