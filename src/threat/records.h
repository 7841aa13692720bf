/*
 * The threat model as the store holds it: zones, elements, flows and assets that are records.
 * The one file of threat/ that knows records; the rest is pure.
 */
#ifndef THREAT_RECORDS_H
#define THREAT_RECORDS_H
#include "threat/threat.h"

struct call;

/* What the caller may read, as of c->at_us.  A fixed number of queries.  A record that names a
   zone or element which is not there is ERR_SYNTAX, as in a file. */
CHECKED bool model_from_records(struct call *c, struct model **out);
#endif
