/* What the page of the threat model shows. */
#ifndef WEB_MODEL_VIEW_H
#define WEB_MODEL_VIEW_H
#include "threat/threat.h"
#include "trace/trace.h"
#include "web/list_view.h"

struct model_view {
	struct frame frame;
	struct call *call;
	struct list_view threats;
	struct coverage coverage;
	const struct threat_model *record; /* NULL when there is none */
	struct html svg;
	isize zones, elements, flows, assets;
	int64_t applying, open, controls, controls_shown;
};
/* A path of an architecture view, and how many of the facts asked about it are told. */
struct path_row {
	const struct flow *flow;
	str from, to;
	int asked, told;
};
struct architecture_page {
	struct frame frame;
	struct call *call;
	str name, title, about;
	const struct view *record; /* what people say of it, or NULL */
	struct html svg;
	isize elements;
	struct path_row *path;
	isize path_count;
};
enum { VIEWS_SHOWN = 200, VIEWS_GENERATED = 3 };
struct view_line {
	str word, title, about;
};
struct views_page {
	struct frame frame;
	struct call *call;
	struct view_line generated[VIEWS_GENERATED];
	struct list list;
};

struct diagram_view {
	struct frame frame;
	struct call *call;
	struct html svg;
	bool may_edit;
};
/* The diagram of what is recorded; "" when nothing is.  With `v`, badges and figures too. */
CHECKED bool model_svg(struct call *c, struct model_view *v, bool standalone, str picked, str *out);
#endif
