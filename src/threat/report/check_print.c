/* The words of findings, and what `ward check` says as text and as JSON. */
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"

/* ---- text ---- */

static void print_finding(
	struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	static const str steps[] = {S_INIT("does not apply: "), S_INIT("handled: "), S_INIT("? ")};
	const struct threat_finding *f = &r->now->list[i];
	str by = finding_by(scratch, f);

	show_text(b, r->now->model->file, REPORT_PATH, SHOWN_PLAIN);
	buf_fmt(b, ":%d:%d: %.*s[%.*s]: ", f->part->at.line, f->part->at.column,
		STR_ARG(level_word(f->level)), STR_ARG(f->rule->name));
	report_change(b, f, &r->change[i]);
	if (f->outcome != THREAT_IS_OPEN)
		buf_add(b, steps[f->outcome]);
	show_text(b, finding_title(scratch, r->now, f), REPORT_TITLE, SHOWN_PLAIN);
	buf_add(b, S(" ("));
	show_text(b, f->part->id, REPORT_ID, SHOWN_PLAIN);
	buf_char(b, ')');
	if (by.n)
		buf_fmt(b, f->outcome == THREAT_IS_QUESTION ? "; not known: %.*s" : "; %.*s",
			STR_ARG(by));
	buf_char(b, '\n');
}

static void print_gone(
	struct buf *b, const struct check_report *r, const struct baseline_finding *was)
{
	show_text(b, r->base->file, REPORT_PATH, SHOWN_PLAIN);
	buf_add(b, S(": gone["));
	show_text(b, was->rule, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S("]: "));
	show_text(b, was->title, REPORT_TITLE, SHOWN_PLAIN);
	buf_add(b, S(" ("));
	show_text(b, was->target, REPORT_ID, SHOWN_PLAIN);
	buf_fmt(b, "); was %.*s\n", STR_ARG(outcome_word(was->outcome)));
}

static void print_note(struct buf *b, const struct findings *f, const struct model_note *n)
{
	show_text(b, f->model->file, REPORT_PATH, SHOWN_PLAIN);
	buf_fmt(b, ":%d:%d: note[vocabulary]: ", n->prop->at.line, n->prop->at.column);
	report_note(b, n);
	buf_char(b, '\n');
}

void report_print_text(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	const struct findings *f = r->now;

	assert(b->arena != scratch);
	for (isize i = 0; i < f->note_count; i++)
		print_note(b, f, &f->notes[i]);
	for (isize i = 0; i < f->count; i++) {
		struct arena_mark mark = arena_here(scratch);
		print_finding(b, scratch, r, i);
		arena_rewind(scratch, mark);
	}
	for (isize i = 0; i < r->gone_count; i++)
		print_gone(b, r, r->gone[i]);
	buf_fmt(b, "%td open, %td questions, %td mitigated (%td elements, %td flows, %td rules)\n",
		f->tally[THREAT_IS_OPEN], f->tally[THREAT_IS_QUESTION],
		f->tally[THREAT_IS_MITIGATED], f->model->of[PART_ELEMENT].count,
		f->model->of[PART_FLOW].count, f->rules->count);
	if (!r->base)
		return;
	buf_add(b, S("since "));
	show_text(b, r->base->file, REPORT_PATH, SHOWN_PLAIN);
	buf_fmt(b, ": %td newly open, %td new questions, %td gone, %td to look at again\n",
		r->worse[THREAT_IS_OPEN], r->worse[THREAT_IS_QUESTION], r->gone_count,
		r->again_count);
}

/* ---- JSON ---- */

static void put_threat(struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	const struct threat_finding *f = &r->now->list[i];
	const struct finding_change *change = &r->change[i];
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), finding_id(scratch, f));
	json_put_text(b, &first, S("rule"), f->rule->name);
	json_put_int(b, &first, S("rev"), f->rule->rev);
	json_put_text(b, &first, S("stride"), stride_word(f->stride));
	json_put_text(b, &first, S("target"), f->part->id);
	json_put_text(b, &first, S("outcome"), outcome_word(f->outcome));
	json_put_text(b, &first, S("by"), finding_by(scratch, f));
	json_put_text(b, &first, S("title"), finding_title(scratch, r->now, f));
	if (change->is_new || change->was)
		json_put_text(b, &first, S("since"), change->is_new ? S("new") : S("same"));
	if (change->was && change->was->outcome != f->outcome)
		json_put_text(b, &first, S("was"), outcome_word(change->was->outcome));
	if (change->again) {
		json_put_key(b, &first, S("again"));
		buf_add(b, S("true"));
	}
	buf_char(b, '}');
}

static void put_gone(struct buf *b, const struct baseline_finding *was)
{
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("id"), was->id);
	json_put_text(b, &first, S("rule"), was->rule);
	if (was->rev)
		json_put_int(b, &first, S("rev"), was->rev);
	json_put_text(b, &first, S("stride"), stride_word(was->stride));
	json_put_text(b, &first, S("target"), was->target);
	json_put_text(b, &first, S("outcome"), outcome_word(was->outcome));
	json_put_text(b, &first, S("title"), was->title);
	buf_char(b, '}');
}

void report_print_json(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	const struct model *m = r->now->model;
	bool first = true;

	assert(b->arena != scratch);
	buf_char(b, '{');
	json_put_text(b, &first, S("model"), m->name.n ? m->name : m->file);
	json_put_int(b, &first, S("elements"), m->of[PART_ELEMENT].count);
	json_put_int(b, &first, S("flows"), m->of[PART_FLOW].count);
	json_put_int(b, &first, S("zones"), m->of[PART_ZONE].count);
	json_put_int(b, &first, S("assets"), m->of[PART_ASSET].count);
	json_put_key(b, &first, S("threats"));
	buf_char(b, '[');
	for (isize i = 0; i < r->now->count; i++) {
		struct arena_mark mark = arena_here(scratch);
		if (i)
			buf_char(b, ',');
		put_threat(b, scratch, r, i);
		arena_rewind(scratch, mark);
	}
	buf_char(b, ']');
	if (r->base) {
		json_put_text(b, &first, S("baseline"), r->base->file);
		json_put_key(b, &first, S("gone"));
		for (isize i = 0; i < r->gone_count; i++) {
			buf_char(b, i ? ',' : '[');
			put_gone(b, r->gone[i]);
		}
		buf_add(b, r->gone_count ? S("]") : S("[]"));
	}
	buf_add(b, S("}\n"));
}
