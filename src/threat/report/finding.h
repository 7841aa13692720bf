/*
 * One finding in words: its id, its sentence, by what it is handled.
 */
#ifndef THREAT_REPORT_FINDING_H
#define THREAT_REPORT_FINDING_H
#include "threat/engine/engine.h"

str outcome_word(enum threat_outcome o); /* "open", "mitigated", "question", "not-applicable" */
CHECKED bool outcome_parse(str word, enum threat_outcome *out);
str level_word(enum threat_level l); /* "note", "warning", "error" */
str finding_id(struct arena *a, const struct threat_finding *f);
/* The sentence of the rule with the names of this target in it. */
str finding_title(struct arena *a, const struct findings *all, const struct threat_finding *f);
/* Mitigated: the evidence, in the rule's words.  Question: the facts that are missing. */
str finding_by(struct arena *a, const struct threat_finding *f);
#endif
