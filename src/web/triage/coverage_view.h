/* What the page of coverage shows. */
#ifndef WEB_COVERAGE_VIEW_H
#define WEB_COVERAGE_VIEW_H
#include "threat/triage/triage.h"
#include "web/web_in.h"

enum { COVER_ROWS = 50 };
struct coverage_view {
	struct frame frame;
	struct call *call;
	struct cover cover;
	const struct cover_row *row; /* of this page */
	isize shown;
	int64_t page;
	str page_url;
	const struct triage *triage;
};
/* "open", "question", "handled", "not applicable", or "" where nothing looks: the worst counts. */
str cover_state(const struct cover_cell *x);
int32_t cover_number(const struct cover_cell *x);
/* "2 open, 1 question, 3 handled": the cell for who does not see it. */
str cover_words(const struct coverage_view *v, const struct cover_cell *x);
str cover_class_name(int class);
/* The rows of triage behind a cell, or the part in the editor when the model answers by itself; ""
   when there is nothing. */
str cover_url(
	const struct coverage_view *v, const struct cover_row *row, const struct cover_cell *x);
#endif
