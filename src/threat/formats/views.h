/* A model as a table and as the text of two drawing programs; none of them is read back. */
#ifndef THREAT_VIEWS_H
#define THREAT_VIEWS_H
#include "threat/model/model.h"

/* One line a part: kind, id, name, ends, and what else it says. */
void model_print_csv(struct buf *b, const struct model *m);
/* Zones as nested boxes, elements and flows, for Graphviz or Mermaid. */
CHECKED bool model_print_graph(
	struct buf *b, struct arena *scratch, struct err *e, const struct model *m, bool is_dot);
#endif
