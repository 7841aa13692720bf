/*
 * What a check says, in five forms, and what of it is new since an earlier check.
 */
#ifndef THREAT_REPORT_REPORT_H
#define THREAT_REPORT_REPORT_H
#include "threat/formats/formats.h"
#include "threat/report/finding.h"

/* A finding of an earlier check; what did not apply then is not among them. */
struct baseline_finding {
	str id, rule, target, title;
	enum threat_outcome outcome;
	enum threat_class stride;
	int32_t rev; /* of its rule then; 0 when nobody wrote it down */
};

struct baseline {
	str file;
	struct baseline_finding *list; /* by id, each once */
	isize count;
};

/* What `f` says now, for later comparison.  ERR_LIMIT when the arena is too small. */
CHECKED bool baseline_of(
	struct arena *a, struct err *e, const struct findings *f, struct baseline **out);
/* The findings of an earlier state: `bytes` are a model of any format, judged by `rules`, or what
   report_print_json() printed once.  Without rules, for findings of something else, only the
   latter.  Fails as model_read_with() does. */
CHECKED bool baseline_read(struct arena *a, struct err *e, const struct rules *rules, str file,
	str bytes, const struct model_files *beside, struct baseline **out);

/* How one finding stands to the baseline. */
struct finding_change {
	const struct baseline_finding *was; /* NULL: new, or not applicable now */
	bool is_new;
	bool is_worse; /* new, or mitigated < question < open went up */
	bool again;    /* the rule was revised: what was decided about it deserves another look */
};

/* All that a report says; report_make() fills it. */
struct check_report {
	const struct findings *now;
	const struct baseline *base;          /* NULL: there is nothing to compare with */
	struct finding_change *change;        /* one a finding */
	const struct baseline_finding **gone; /* what was worst first, then by id */
	isize gone_count, again_count;
	isize worse[THREAT_IS_OPEN + 1]; /* by the outcome now */
	str path;  /* of the model's file, where relative from the root of its repository */
	str bytes; /* of that file: columns count characters there; "" counts bytes */
};

/* Compares by the id of the findings alone, so that neither names nor places matter.  `base` may
   be NULL.  ERR_LIMIT when there is no room, or an id is longer than LIMIT_PROSE. */
CHECKED bool report_make(struct arena *a, struct err *e, const struct findings *now,
	const struct baseline *base, struct check_report *out);

/*
 * Five forms of one report.  What strangers named is shown with its control characters and marks of
 * direction spelled out, and cut where it is long, but for ids in JSON.  The same report gives the
 * same bytes.  `scratch` is another arena than that of `b`.
 */
/* "file:line:column: warning[rule]: …" a finding, then one line that counts. */
void report_print_text(struct buf *b, struct arena *scratch, const struct check_report *r);
/* {"model":…,"elements":n,"flows":n,"zones":n,"assets":n,"threats":[…]}.
   With a baseline every threat has "since", and what is gone follows. */
void report_print_json(struct buf *b, struct arena *scratch, const struct check_report *r);
/* SARIF 2.1.0: open threats as failures and questions as open results; with findings that
   threat_evaluate() kept for `all`, what is mitigated passes. */
void report_print_sarif(
	struct buf *b, struct arena *scratch, const struct check_report *r, bool with_passed);
/* JUnit's XML: a test case a finding. */
void report_print_junit(struct buf *b, struct arena *scratch, const struct check_report *r);
/* A comment on a change; at most 60,000 bytes, worst first. */
void report_print_markdown(struct buf *b, struct arena *scratch, const struct check_report *r);
#endif
