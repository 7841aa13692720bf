/* What the forms of a report share: how what strangers named is shown to people. */
#ifndef THREAT_REPORT_IN_H
#define THREAT_REPORT_IN_H
#include "base/json.h"

#include "threat/threat_in.h"

/* Characters that are shown of what a stranger chose the length of. */
enum { REPORT_PATH = 4000, REPORT_TITLE = 400, REPORT_ID = 200, REPORT_CELL = 160 };

enum shown_as { SHOWN_PLAIN, SHOWN_XML, SHOWN_MARKDOWN };

/*
 * The first `max` characters of `s`, with … when there are more, escaped for where they go.
 * Characters that move the cursor, turn the direction of writing or cannot be seen are spelled
 * out, as in \u{202e}, so that no name forges a line or reads as another one.
 */
void report_show(struct buf *b, str s, isize max, enum shown_as as);
/* The same, plain, as a string. */
str report_shown(struct arena *a, str s, isize max);
/* "new: ", "was mitigated: ", "look again, the rule changed: ": what the baseline says of `f`. */
void report_change(struct buf *b, const struct threat_finding *f, const struct finding_change *c);
/* "the value "x" of y is not a word that rules know" */
void report_note(struct buf *b, const struct model_note *n);
/* `"key":"value"` and `"key":n`, with a comma before all but the first. */
void report_member(struct buf *b, bool *first, const char *key, str value);
void report_number(struct buf *b, bool *first, const char *key, int64_t n);
#endif
