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
struct diagram_view {
	struct frame frame;
	struct call *call;
	struct html svg;
	bool may_edit;
};
/* The diagram of what is recorded; "" when nothing is.  With `v`, badges and figures too. */
CHECKED bool model_svg(struct call *c, struct model_view *v, bool standalone, str picked, str *out);
#endif
