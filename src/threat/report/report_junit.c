/*
 * The XML of JUnit, as build servers read it: a suite is the model, a test case is a finding.
 * There is no standard of it; what stands here is what the schemas in use have in common.  A case
 * has the id of its finding as its name, so that servers follow it from build to build.
 */
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"

static void put_attribute(struct buf *b, const char *name, str value, isize max)
{
	buf_fmt(b, " %s=\"", name);
	show_text(b, value, max, SHOWN_XML);
	buf_char(b, '"');
}

static void put_body(struct buf *b, const struct check_report *r, const struct threat_finding *f)
{
	show_text(b, r->path, REPORT_PATH, SHOWN_XML);
	buf_fmt(b, ":%d:%d", f->part->at.line, f->part->at.column);
	if (f->rule->why.n) {
		buf_char(b, '\n');
		show_text(b, f->rule->why, LIMIT_TEXT, SHOWN_XML);
	}
	if (f->rule->treat.n) {
		buf_add(b, S("\ncountermeasures: "));
		show_text(b, f->rule->treat, LIMIT_TEXT, SHOWN_XML);
	}
	if (f->rule->refs.n) {
		buf_add(b, S("\nreferences: "));
		show_text(b, f->rule->refs, LIMIT_TEXT, SHOWN_XML);
	}
}

static void put_outcome(struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	const struct threat_finding *f = &r->now->list[i];
	str message, by = finding_by(scratch, f);
	struct buf words;

	buf_init(&words, scratch, LIMIT_PROSE);
	report_change(&words, f, &r->change[i]);
	show_text(&words, finding_title(scratch, r->now, f), REPORT_TITLE, SHOWN_PLAIN);
	message = buf_str(&words);
	if (f->outcome == THREAT_IS_OPEN) {
		buf_add(b, S("<failure"));
		put_attribute(b, "message", message, LIMIT_TEXT);
		put_attribute(b, "type", level_word(f->level), REPORT_ID);
		buf_char(b, '>');
		put_body(b, r, f);
		buf_add(b, S("</failure>"));
		return;
	}
	if (f->outcome == THREAT_IS_MITIGATED) {
		buf_add(b, S("<system-out>"));
		show_text(b, message, LIMIT_TEXT, SHOWN_XML);
		buf_add(b, S("\nhandled: "));
		show_text(b, by, LIMIT_TEXT, SHOWN_XML);
		buf_add(b, S("</system-out>"));
		return;
	}
	if (f->outcome == THREAT_IS_QUESTION)
		message = str_join(scratch, message, str_join(scratch, S("; not known: "), by));
	else
		message = str_join(scratch, S("does not apply: "), message);
	buf_add(b, S("<skipped"));
	put_attribute(b, "message", message, LIMIT_TEXT);
	buf_add(b, S("/>"));
}

static void put_case(struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	const struct threat_finding *f = &r->now->list[i];

	buf_add(b, S("<testcase"));
	put_attribute(b, "classname", stride_word(f->stride), REPORT_ID);
	put_attribute(b, "name", finding_id(scratch, f), LIMIT_PROSE);
	put_attribute(b, "file", r->path, REPORT_PATH);
	buf_fmt(b, " line=\"%d\">", f->part->at.line);
	put_outcome(b, scratch, r, i);
	buf_add(b, S("</testcase>\n"));
}

static void put_counts(struct buf *b, const struct findings *f)
{
	buf_fmt(b, " tests=\"%td\" failures=\"%td\" errors=\"0\" skipped=\"%td\">\n", f->count,
		f->tally[THREAT_IS_OPEN],
		f->tally[THREAT_IS_QUESTION] + f->tally[THREAT_IS_NOT_APPLICABLE]);
}

static void put_since(struct buf *b, const struct check_report *r)
{
	buf_add(b, S("<system-out>since "));
	show_text(b, r->base->file, REPORT_PATH, SHOWN_XML);
	buf_fmt(b, ": %td newly open, %td new questions, %td gone, %td to look at again",
		r->worse[THREAT_IS_OPEN], r->worse[THREAT_IS_QUESTION], r->gone_count,
		r->again_count);
	for (isize i = 0; i < r->gone_count; i++) {
		const struct baseline_finding *was = r->gone[i];
		buf_add(b, S("\ngone: "));
		show_text(b, was->id, REPORT_ID, SHOWN_XML);
		buf_add(b, S(": "));
		show_text(b, was->title, REPORT_TITLE, SHOWN_XML);
		buf_fmt(b, "; was %.*s", STR_ARG(outcome_word(was->outcome)));
	}
	buf_add(b, S("</system-out>\n"));
}

void report_print_junit(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	assert(b->arena != scratch);
	buf_add(b,
		S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ward check\""));
	put_counts(b, r->now);
	buf_add(b, S("<testsuite"));
	put_attribute(b, "name", r->path, REPORT_PATH);
	put_counts(b, r->now);
	for (isize i = 0; i < r->now->count; i++) {
		struct arena_mark mark = arena_here(scratch);
		put_case(b, scratch, r, i);
		arena_rewind(scratch, mark);
	}
	if (r->base)
		put_since(b, r);
	buf_add(b, S("</testsuite>\n</testsuites>\n"));
}
