/* What the page of the threat model shows. */
#ifndef WEB_MODEL_VIEW_H
#define WEB_MODEL_VIEW_H
#include "threat/triage/triage.h"
#include "trace/trace.h"
#include "web/triage/coverage_view.h"
#include "web/record/list_view.h"

enum { WAITING_SHOWN = 8 };
struct model_view {
	struct frame frame;
	struct call *call;
	struct list_view threats;
	const struct triage *triage;
	struct cover cover;
	const struct triage_item *waiting[WAITING_SHOWN]; /* the worst */
	isize waiting_count;
	const struct threat_model *record; /* NULL when there is none */
	struct html svg;
	isize zones, elements, flows, assets;
	int64_t open, controls, controls_shown;
};
/* Whether nothing waits for a decision or an answer; whether each countermeasure is shown to
   work. */
bool model_is_judged(const struct model_view *v);
bool model_is_answered(const struct model_view *v);
/* The figure of a class: of what is "open", a "question" or "handled". */
int64_t model_total_of(const struct model_view *v, str word, int class);
/* Where a threat is decided. */
str model_waiting_url(const struct model_view *v, const struct triage_item *x);
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
/* For a page: where the picture was not drawn because it is too large (ERR_LIMIT), a sentence takes
   its place.  False when it was not drawn for another reason. */
CHECKED bool picture_or_words(struct call *c, bool drawn, str *svg);
/* The diagram of what is recorded; "" when nothing is.  With `v`, badges and figures too.  One that
   is too large to draw is a sentence in a page, ERR_LIMIT when it stands alone. */
CHECKED bool model_svg(struct call *c, struct model_view *v, bool standalone, str picked, str *out);
#endif
