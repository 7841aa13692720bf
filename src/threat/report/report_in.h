/* What the forms of a report share: how what strangers named is shown to people. */
#ifndef THREAT_REPORT_IN_H
#define THREAT_REPORT_IN_H
#include "base/json.h"
#include "base/show.h"

#include "threat/report/report.h"

/* Characters that are shown of what a stranger chose the length of. */
enum { REPORT_PATH = 4000, REPORT_TITLE = 400, REPORT_ID = 200, REPORT_CELL = 160 };

/* "new: ", "was mitigated: ", "look again, the rule changed: ": what the baseline says of `f`. */
void report_change(struct buf *b, const struct threat_finding *f, const struct finding_change *c);
/* "the value "x" of y is not a word that rules know" */
void report_note(struct buf *b, const struct model_note *n);
#endif
