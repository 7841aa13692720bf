/* What the page of changes of the model shows. */
#ifndef WEB_CHANGES_VIEW_H
#define WEB_CHANGES_VIEW_H
#include "threat/report/diff.h"
#include "web/web_in.h"

enum { CHANGES_SHOWN = 100 };
struct change_line {
	str sign, words, url; /* url "" for what is gone */
};
struct changes_view {
	struct frame frame;
	struct call *call;
	str from, to; /* as asked for; `to` "" is now */
	struct model_diff diff;
	struct change_line *part, *threat; /* at most CHANGES_SHOWN each, and how many there are */
	isize part_lines, parts, threat_lines, threats;
	struct html svg;
};
#endif
