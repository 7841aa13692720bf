/* What the pages of the ledger show. */
#ifndef WEB_LEDGER_VIEW_H
#define WEB_LEDGER_VIEW_H
#include "ledger/ledger.h"
#include "web/web_in.h"

struct ledger_view {
	struct frame frame;
	struct call *call;
	str object, note, root;
	struct checkpoint point;
	int64_t signed_us, more, total;
	struct ledger_verified verified; /* the last time by the server */
	struct ledger_row *row;
	isize count;
};
struct entry_view {
	struct frame frame;
	struct call *call;
	struct ledger_row row;
	bool is_withheld; /* the body is not for this caller */
	str hash;
};
/* The reference an entry is about, or "". */
str ledger_ref(const struct ledger_row *e);
/* What was done, in words. */
str ledger_words(const struct ledger_row *e);
#endif
