/* What the page of the backlog shows. */
#ifndef WEB_BACKLOG_VIEW_H
#define WEB_BACKLOG_VIEW_H
#include "web/web_in.h"

struct backlog_view {
	struct frame frame;
	struct call *call;
	struct list list; /* requirements */
	int64_t page;
	str page_url;
	bool may_import;
	int64_t items, changed; /* of the import before; items 0: none */
	bool has_error;
	const struct issue *issues;
	str wrong, reason;
};
#endif
