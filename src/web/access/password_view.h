/* What the page of a new password shows. */
#ifndef WEB_ACCESS_PASSWORD_VIEW_H
#define WEB_ACCESS_PASSWORD_VIEW_H
#include "web/web_in.h"

struct password_view {
	struct frame frame;
	str person, sign_in;
	bool is_own;
	const struct issue *issues;
};
#endif
