/*
 * The threat model as the store holds it: zones, elements, flows and assets that are records, read
 * and written.  The files of threat/ that know records; the rest is pure.
 */
#ifndef THREAT_RECORDS_H
#define THREAT_RECORDS_H
#include "threat/threat.h"

struct call;

/* What the caller may read, as of c->at_us.  A fixed number of queries.  A record that names a
   zone or element which is not there is ERR_SYNTAX, as in a file. */
CHECKED bool model_from_records(struct call *c, struct model **out);

/*
 * Writes the parts of `m` as new records with their links, in the caller's transaction, and how
 * many into `*count`.  `source` says where they come from (a file with its hash) and stands in
 * each; `product` is "" or the reference of the product that they belong to, which then gets a
 * threat model that holds them.  What a record has no field for goes into its notes; what was kept
 * for other formats stays in the file.
 *
 * Fails with ERR_SYNTAX and the place when the file refers to what it does not hold, or a flow has
 * an end that nobody knows; with ERR_CONFLICT when records of this source are there; and as writing
 * records does.  The caller rolls back.
 */
CHECKED bool records_from_model(
	struct call *c, const struct model *m, str source, str product, isize *count);
#endif
