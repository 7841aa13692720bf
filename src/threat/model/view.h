/*
 * The architecture views of a premarket file, chosen from a model.
 */
#ifndef THREAT_MODEL_VIEW_H
#define THREAT_MODEL_VIEW_H
#include "threat/model/model.h"

/* The views that a premarket file shows of every system and that follow from the model.  Those of
   security use cases are chosen by people. */
enum architecture_view {
	VIEW_GLOBAL,        /* everything */
	VIEW_MULTI_PATIENT, /* how what many devices share can make them harm their patients */
	VIEW_UPDATE         /* the ways of new software, from its origin to the device */
};
/* "global", "multi-patient", "update"; false for another word. */
CHECKED bool view_parse(str word, enum architecture_view *out);

/* What a view shows: one flag an element, one a flow.  The ends of its flows need no flag. */
struct view_choice {
	bool *element, *flow;
};
/* A choice of nothing. */
CHECKED bool view_choice_make(
	struct arena *a, struct err *e, const struct model *m, struct view_choice *out);
/* Adds nothing to a choice but what the view shows; the choice must be one of nothing. */
void view_choose(const struct model *m, enum architecture_view view, struct view_choice *v);
/* The chosen part of a model, to be drawn: zones, elements and flows without what they carry. */
CHECKED bool view_model(struct arena *a, struct err *e, const struct model *m,
	struct view_choice *v, struct model **out);
#endif
