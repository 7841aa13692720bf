/* What the page of somebody's sessions and tokens shows. */
#ifndef WEB_ACCESS_ACCOUNT_VIEW_H
#define WEB_ACCESS_ACCOUNT_VIEW_H
#include "web/web_in.h"

struct account_view {
	struct frame frame;
	str person; /* whose; the reader unless an administrator asked for somebody else */
	bool is_own, manages; /* manages: may look at those of others */
	struct session *session;
	isize session_count;
	bool has_tokens; /* the reader may make tokens for this person */
	struct token *token;
	isize token_count;
	str value; /* of the token just made: shown once */
	const struct issue *issues;
	str name, scope, days; /* as they were typed */
	struct call *call;
};
/* "in force", "revoked 30 Sep 2026, 08:00", "over". */
str token_words(const struct account_view *v, const struct token *t);
#endif
