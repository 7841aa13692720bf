/* What the pages of product security show. */
#ifndef WEB_SECURITY_VIEW_H
#define WEB_SECURITY_VIEW_H
#include "catalog/catalog.h"
#include "ledger/ledger.h"
#include "risk/risk.h"
#include "trace/trace.h"
#include "web/record/list_view.h"

enum { BARS_MAX = 8, COMING_MAX = 6, TASKS_SHOWN = 5, ENTRIES_SHOWN = 6 };

struct coming {
	struct brief record;
	int64_t day;
};
struct overview_view {
	struct frame frame;
	struct call *call;
	struct risk_matrix matrix;
	int64_t threats, threats_open, controls, controls_shown, actions, actions_late, oldest_days;
	struct readiness_bar bar[BARS_MAX];
	isize bar_count;
	struct coming coming[COMING_MAX];
	isize coming_count;
	struct ledger_row *entry;
	isize entry_count;
	str headline;
};
struct risks_view {
	struct frame frame;
	struct call *call;
	struct list_view list;
	struct risk_matrix matrix;
	enum risk_stage_shown stage;
	str before_url, after_url, matrix_url;
};
/* "S4 E2" of a risk, "–" when not rated. */
str risk_pair(struct call *c, const struct risk *r, enum risk_stage_shown stage);
/* The filtered register behind a cell of the matrix. */
str risk_cell_url(
	const struct frame *f, int severity, int exploitability, enum risk_stage_shown stage);

/* The short name of a step of a scale: "critical" of "critical: permanent …". */
str scale_name(str label);

/* Seven cells a row: more rows and the page is no longer calm. */
enum { CHAINS_SHOWN = 48 };

struct trace_view {
	struct frame frame;
	struct call *call;
	struct chain *chain; /* of this page */
	isize count, shown;
	struct trace_counts counts;
	bool only_broken;
	str csv_url;
	int64_t page;
};
struct readiness_view {
	struct frame frame;
	struct call *call;
	struct readiness_bar catalog[CATALOG_MAX];
	isize count;
};
enum { READINESS_ROWS = 60 };
struct readiness_one_view {
	struct frame frame;
	struct call *call;
	struct readiness readiness;
	bool only_gaps;
	const struct readiness_entry *row[READINESS_ROWS]; /* of this page */
	isize shown, total;
	int64_t page;
	str page_url;
};
#endif
