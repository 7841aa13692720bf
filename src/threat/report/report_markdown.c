/*
 * A comment on a change, in the Markdown that code hosting services share.  It is bounded, because
 * they refuse comments beyond 65,536 characters, and long ones are not read: the worst first, the
 * rest as a number.
 */
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"

enum {
	COMMENT_BYTES = 60000,
	COMMENT_TAIL = 14000, /* of them kept for questions and what is gone */
	THREAT_ROWS = 50,
	GONE_ROWS = 20,
	QUESTION_ROWS = 20,
	QUESTION_PARTS = 5 /* named with each question */
};

/* ---- the worst ---- */

static int score(const struct threat_finding *f)
{
	return (f->impact ? f->impact : 3) * (f->likelihood ? f->likelihood : 3);
}

/* Level, then what is worse than before, then the score; equals stay in the order of the file. */
static bool is_worse(const struct check_report *r, isize a, isize b)
{
	const struct threat_finding *one = &r->now->list[a], *two = &r->now->list[b];

	if (one->level != two->level)
		return one->level > two->level;
	if (r->change[a].is_worse != r->change[b].is_worse)
		return r->change[a].is_worse;
	return score(one) > score(two);
}

/* The open findings that come first, into `out`; returns how many. */
static isize pick_worst(const struct check_report *r, isize out[THREAT_ROWS])
{
	isize n = 0;

	for (isize i = 0; i < r->now->count; i++) {
		if (r->now->list[i].outcome != THREAT_IS_OPEN)
			continue;
		if (n == THREAT_ROWS && !is_worse(r, i, out[n - 1]))
			continue;
		isize at = n < THREAT_ROWS ? n++ : n - 1;
		while (at > 0 && is_worse(r, i, out[at - 1])) {
			out[at] = out[at - 1];
			at--;
		}
		out[at] = i;
	}
	return n;
}

static void put_row(struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	const struct threat_finding *f = &r->now->list[i];
	const struct finding_change *c = &r->change[i];

	buf_fmt(b, "| %.*s", STR_ARG(level_word(f->level)));
	if (c->is_new)
		buf_add(b, S(", **new**"));
	else if (c->is_worse)
		buf_fmt(b, ", **was %.*s**", STR_ARG(outcome_word(c->was->outcome)));
	if (c->again)
		buf_add(b, S(", look again: the rule changed"));
	buf_add(b, S(" | "));
	show_text(b, finding_title(scratch, r->now, f), REPORT_CELL, SHOWN_MARKDOWN);
	buf_fmt(b, " | %.*s | ", STR_ARG(stride_word(f->stride)));
	show_text(b, f->rule->treat, REPORT_CELL, SHOWN_MARKDOWN);
	buf_add(b, S(" | "));
	show_text(b, f->part->id, REPORT_CELL / 2, SHOWN_MARKDOWN);
	buf_fmt(b, ", line %d |\n", f->part->at.line);
}

static void put_threats(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	isize worst[THREAT_ROWS], n = pick_worst(r, worst), shown = 0;

	if (n == 0)
		return;
	buf_add(b,
		S("\n| Level | Threat | Category | Countermeasures | Where |\n"
		  "|---|---|---|---|---|\n"));
	while (shown < n && b->n < COMMENT_BYTES - COMMENT_TAIL) {
		struct arena_mark mark = arena_here(scratch);
		put_row(b, scratch, r, worst[shown++]);
		arena_rewind(scratch, mark);
	}
	if (shown < r->now->tally[THREAT_IS_OPEN])
		buf_fmt(b, "\n… and %td more.\n", r->now->tally[THREAT_IS_OPEN] - shown);
}

/* ---- questions by property: one answer closes many ---- */

struct question {
	str property;
	isize count; /* parts of which it is not known */
	const struct part *part[QUESTION_PARTS], *last;
};

struct questions {
	struct question *list;
	isize count;
};

static void ask(struct questions *q, str property, const struct part *p)
{
	struct question *one = q->list, *end = q->list + q->count;

	while (one < end && !str_eq(one->property, property))
		one++;
	if (one == end) {
		*one = (struct question){.property = property};
		q->count++;
	}
	/* Findings come by part, so that a part asked about by several rules is the last one. */
	if (one->last == p)
		return;
	if (one->count < QUESTION_PARTS)
		one->part[one->count] = p;
	one->count++;
	one->last = p;
}

/* Properties by how many parts lack them; there are no more of them than the rules ask for. */
static bool gather(struct arena *scratch, const struct findings *f, struct questions *q)
{
	isize most = 0;

	for (isize i = 0; i < f->rules->count; i++)
		most += f->rules->list[i].ask_count;
	*q = (struct questions){.list = arena_bulk(scratch, (most + 1) * (isize)sizeof *q->list)};
	if (!q->list)
		return false;
	for (isize i = 0; i < f->count; i++) {
		const struct threat_finding *one = &f->list[i];
		if (one->outcome != THREAT_IS_QUESTION)
			continue;
		for (int32_t k = 0; k < one->rule->ask_count; k++)
			if (one->missing & 1u << k)
				ask(q, one->rule->asks[k].name, one->part);
	}
	for (isize i = 1; i < q->count; i++) {
		struct question one = q->list[i];
		isize at = i;
		for (; at > 0 && q->list[at - 1].count < one.count; at--)
			q->list[at] = q->list[at - 1];
		q->list[at] = one;
	}
	return true;
}

static void put_question(struct buf *b, const struct question *q)
{
	buf_add(b, S("- **"));
	show_text(b, q->property, REPORT_CELL / 4, SHOWN_MARKDOWN);
	buf_fmt(b, "** of %td: ", q->count);
	for (isize i = 0; i < q->count && i < QUESTION_PARTS; i++) {
		if (i)
			buf_add(b, S(", "));
		show_text(b, q->part[i]->id, REPORT_CELL / 4, SHOWN_MARKDOWN);
	}
	if (q->count > QUESTION_PARTS)
		buf_fmt(b, " and %td more", q->count - QUESTION_PARTS);
	buf_char(b, '\n');
}

static void put_questions(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	isize count = r->now->tally[THREAT_IS_QUESTION], shown = 0;
	struct questions q;

	if (count == 0 || !gather(scratch, r->now, &q))
		return;
	buf_fmt(b, "\n<details><summary>%td %s: what nobody stated</summary>\n\n", count,
		count == 1 ? "question" : "questions");
	while (shown < q.count && shown < QUESTION_ROWS && b->n < COMMENT_BYTES - COMMENT_TAIL / 2)
		put_question(b, &q.list[shown++]);
	if (shown < q.count)
		buf_fmt(b, "- … and %td more properties\n", q.count - shown);
	buf_add(b, S("\n</details>\n"));
}

/* ---- the whole ---- */

static void put_gone(struct buf *b, const struct check_report *r)
{
	isize shown = 0;

	if (r->gone_count == 0)
		return;
	buf_fmt(b, "\n<details><summary>%td gone since ", r->gone_count);
	show_text(b, r->base->file, REPORT_CELL / 2, SHOWN_XML);
	buf_add(b, S("</summary>\n\n"));
	while (shown < r->gone_count && shown < GONE_ROWS && b->n < COMMENT_BYTES) {
		const struct baseline_finding *was = r->gone[shown++];
		buf_add(b, S("- "));
		show_text(b, was->title, REPORT_CELL, SHOWN_MARKDOWN);
		buf_add(b, S(" ("));
		show_text(b, was->target, REPORT_CELL / 4, SHOWN_MARKDOWN);
		buf_fmt(b, "), was %.*s\n", STR_ARG(outcome_word(was->outcome)));
	}
	if (shown < r->gone_count)
		buf_fmt(b, "- … and %td more\n", r->gone_count - shown);
	buf_add(b, S("\n</details>\n"));
}

static const char *plural(isize n)
{
	return n == 1 ? "" : "s";
}

/* The verdict, so that nobody has to read on to know it. */
static void put_headline(struct buf *b, const struct check_report *r)
{
	const isize *tally = r->now->tally;
	isize open = tally[THREAT_IS_OPEN], worse = r->worse[THREAT_IS_OPEN];

	buf_add(b, S("### Threats of "));
	show_text(b, r->now->model->name.n ? r->now->model->name : r->path, REPORT_CELL / 2,
		SHOWN_MARKDOWN);
	if (r->base && worse)
		buf_fmt(b, ": %td newly open", worse);
	else if (r->base)
		buf_add(b, S(": nothing newly open"));
	else if (open == 0)
		buf_add(b, S(": nothing open"));
	else
		buf_fmt(b, ": %td open", open);
	buf_fmt(b, "\n\n**%td open**", open);
	if (r->base)
		buf_fmt(b, " (%td newly)", worse);
	buf_fmt(b, " · %td question%s", tally[THREAT_IS_QUESTION],
		plural(tally[THREAT_IS_QUESTION]));
	if (r->base)
		buf_fmt(b, " (%td new)", r->worse[THREAT_IS_QUESTION]);
	buf_fmt(b, " · %td mitigated", tally[THREAT_IS_MITIGATED]);
	if (r->base)
		buf_fmt(b, " · %td gone", r->gone_count);
	if (r->again_count)
		buf_fmt(b, " · %td to look at again", r->again_count);
	buf_char(b, '\n');
}

void report_print_markdown(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	assert(b->arena != scratch);
	put_headline(b, r);
	put_threats(b, scratch, r);
	put_questions(b, scratch, r);
	put_gone(b, r);
}
