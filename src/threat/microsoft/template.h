/*
 * Threat templates of the Microsoft Threat Modeling Tool: a .tb7 file, or the template that every
 * .tm7 file carries.  Element types that inherit from each other, their attributes, and threat
 * types with a filter of what they include and one of what they exclude.
 *
 * A filter is compiled once:
 *
 *	or, and, not, ( )                        not binds strongest, or weakest
 *	source is 'TYPE'  target is  flow is     the type or one that inherits from it
 *	flow crosses 'TYPE'                      a boundary of that type, where it is drawn
 *	source.NAME is 'VALUE'  target.  flow.   an attribute, its name without regard to case
 *
 * Nothing is of type ROOT.  Of an attribute, what the type or its parents fix (Static) wins over
 * what is set in the drawing, and that over the first value that they declare.
 */
#ifndef THREAT_TEMPLATE_H
#define THREAT_TEMPLATE_H
#include "threat/engine/engine.h"

enum {
	TEMPLATE_TYPES = 5000,     /* element types, and threat types */
	TEMPLATE_PARENTS = 32,     /* from a type to the last it inherits from */
	TEMPLATE_ATTRIBUTES = 200, /* different ones that filters look at */
	TEMPLATE_CODE = 500,       /* words of one filter, without brackets */
	TEMPLATE_NESTING = 32,     /* brackets and nots in each other */
	TEMPLATE_WORK = 1 << 30    /* comparisons of one evaluation */
};

struct template;

/* A template from a .tb7 or .tm7 file.  A filter that cannot be read is ERR_SYNTAX at the place of
   the filter, and its text names the threat type and the column in the filter. */
CHECKED bool template_read(struct arena *a, struct err *e, str bytes, struct template **out);
/* The template inside the file that `m` was read from; ERR_INVALID when it is of another tool. */
CHECKED bool template_own(
	struct arena *a, struct err *e, const struct model *m, struct template **out);
isize template_type_count(const struct template *t);
isize template_threat_count(const struct template *t);

/*
 * Every threat type against every flow that joins two elements of one drawing: the finding's target
 * is the flow.  A threat that the model records as mitigated or not applicable for the same threat
 * type and flow has that outcome; all others are open.  Findings stand by flow, then by threat
 * type; those that are not applicable are kept only with `all`.
 * ERR_INVALID when the model was not read from a file of the tool; ERR_LIMIT beyond TEMPLATE_WORK.
 */
CHECKED bool template_evaluate(struct arena *a, struct err *e, const struct model *m,
	const struct template *t, bool all, struct findings **out);
/* Which recorded threats of `m` no longer follow from the drawing: `stale` has one for each.  A
   threat of a type that the template does not have was added by a person, and is never stale. */
CHECKED bool template_stale(struct arena *a, struct err *e, const struct model *m,
	const struct template *t, bool *stale);
#endif
