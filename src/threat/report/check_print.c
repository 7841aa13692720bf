/* The words of findings, and what `ward check` says as text and as JSON. */
#include "threat/report/report_in.h"

str outcome_word(enum threat_outcome o)
{
	static const str words[] = {
		S_INIT("not-applicable"), S_INIT("mitigated"), S_INIT("question"), S_INIT("open")};

	assert(o <= THREAT_IS_OPEN);
	return words[o];
}

bool outcome_parse(str word, enum threat_outcome *out)
{
	for (int o = 0; o <= THREAT_IS_OPEN; o++)
		if (str_eq(word, outcome_word((enum threat_outcome)o))) {
			*out = (enum threat_outcome)o;
			return true;
		}
	return false;
}

str level_word(enum threat_level l)
{
	static const str words[] = {S_INIT("note"), S_INIT("warning"), S_INIT("error")};

	assert(l <= THREAT_ERROR);
	return words[l];
}

str rule_name(const struct rule *r)
{
	return r->name;
}

str rule_refs(const struct rule *r)
{
	return r->refs;
}

str rule_why(const struct rule *r)
{
	return r->why;
}

int32_t rule_rev(const struct rule *r)
{
	return r->rev;
}

str finding_id(struct arena *a, const struct threat_finding *f)
{
	struct buf b;

	/* Not str_fmt: a stranger chose how long the id is. */
	buf_init(&b, a, f->rule->name.n + 1 + f->part->id.n);
	buf_add(&b, f->rule->name);
	buf_char(&b, '/');
	buf_add(&b, f->part->id);
	return buf_str(&b);
}

static str end_title(const struct model *m, int32_t element)
{
	return element == PART_NONE ? S("somebody unknown")
				    : part_title(&m->of[PART_ELEMENT].list[element]);
}

/* "reports and videos": what a flow carries, or "data" when nobody said. */
static void put_assets(struct buf *b, const struct model *m, const struct part *p)
{
	enum { NAMED = 3 };

	if (p->kind != PART_IS_FLOW || p->ref_count == 0) {
		buf_add(b, S("data"));
		return;
	}
	for (int32_t i = 0; i < p->ref_count && i < NAMED; i++) {
		if (i)
			buf_add(b, i + 1 == p->ref_count ? S(" and ") : S(", "));
		buf_add(b, part_title(&m->of[PART_ASSET].list[p->refs[i]]));
	}
	if (p->ref_count > NAMED)
		buf_add(b, S(" and more"));
}

/* "https, tls1.2": all that is said of a property. */
static void put_values(struct buf *b, const struct part *p, str key)
{
	bool first = true;

	for (const struct prop *q = p->props; q; q = q->next)
		if (str_eq(q->key, key)) {
			buf_add(b, first ? S("") : S(", "));
			buf_add(b, q->value);
			first = false;
		}
	if (first)
		buf_add(b, S("unknown"));
}

static void put_slot(struct buf *b, const struct model *m, const struct threat_finding *f, str slot)
{
	const struct part *p = f->because;

	if (str_eq(slot, S("from")) || str_eq(slot, S("of")))
		buf_add(b, end_title(m, p->from));
	else if (str_eq(slot, S("to")))
		buf_add(b, end_title(m, p->to));
	else if (str_eq(slot, S("assets")))
		put_assets(b, m, p);
	else if (str_eq(slot, S("id")))
		buf_add(b, f->part->id);
	else if (str_eq(slot, S("name")))
		buf_add(b, part_title(f->part));
	else
		put_values(b, p, slot);
}

str finding_title(struct arena *a, const struct findings *all, const struct threat_finding *f)
{
	str rest = f->rule->title;
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	while (rest.n) {
		bool has_slot = str_index(rest, '{') >= 0;
		buf_add(&b, str_cut(&rest, '{'));
		if (has_slot)
			put_slot(&b, all->model, f, str_cut(&rest, '}'));
	}
	if (f->merged > 1)
		buf_fmt(&b, " (%d flows)", f->merged);
	return buf_str(&b);
}

str finding_by(struct arena *a, const struct threat_finding *f)
{
	struct buf b;

	if (f->outcome == THREAT_IS_MITIGATED)
		return f->rule->handlers[f->handler].words;
	if (f->outcome != THREAT_IS_QUESTION)
		return S("");
	buf_init(&b, a, LIMIT_TEXT);
	for (int32_t i = 0; i < f->rule->ask_count; i++) {
		if (!(f->missing & 1u << i))
			continue;
		if (b.n)
			buf_add(&b, S(", "));
		buf_add(&b, f->rule->asks[i].name);
	}
	return buf_str(&b);
}

/* ---- text ---- */

static void print_finding(
	struct buf *b, struct arena *scratch, const struct check_report *r, isize i)
{
	static const str steps[] = {S_INIT("does not apply: "), S_INIT("handled: "), S_INIT("? ")};
	const struct threat_finding *f = &r->now->list[i];
	str by = finding_by(scratch, f);

	report_show(b, r->now->model->file, REPORT_PATH, SHOWN_PLAIN);
	buf_fmt(b, ":%d:%d: %.*s[%.*s]: ", f->part->at.line, f->part->at.column,
		STR_ARG(level_word(f->level)), STR_ARG(f->rule->name));
	report_change(b, f, &r->change[i]);
	if (f->outcome != THREAT_IS_OPEN)
		buf_add(b, steps[f->outcome]);
	report_show(b, finding_title(scratch, r->now, f), REPORT_TITLE, SHOWN_PLAIN);
	buf_add(b, S(" ("));
	report_show(b, f->part->id, REPORT_ID, SHOWN_PLAIN);
	buf_char(b, ')');
	if (by.n)
		buf_fmt(b, f->outcome == THREAT_IS_QUESTION ? "; not known: %.*s" : "; %.*s",
			STR_ARG(by));
	buf_char(b, '\n');
}

static void print_gone(
	struct buf *b, const struct check_report *r, const struct baseline_finding *was)
{
	report_show(b, r->base->file, REPORT_PATH, SHOWN_PLAIN);
	buf_add(b, S(": gone["));
	report_show(b, was->rule, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S("]: "));
	report_show(b, was->title, REPORT_TITLE, SHOWN_PLAIN);
	buf_add(b, S(" ("));
	report_show(b, was->target, REPORT_ID, SHOWN_PLAIN);
	buf_fmt(b, "); was %.*s\n", STR_ARG(outcome_word(was->outcome)));
}

static void print_note(struct buf *b, const struct findings *f, const struct model_note *n)
{
	report_show(b, f->model->file, REPORT_PATH, SHOWN_PLAIN);
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
	report_show(b, r->base->file, REPORT_PATH, SHOWN_PLAIN);
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
	report_member(b, &first, "id", finding_id(scratch, f));
	report_member(b, &first, "rule", f->rule->name);
	report_number(b, &first, "rev", f->rule->rev);
	report_member(b, &first, "stride", stride_word(f->stride));
	report_member(b, &first, "target", f->part->id);
	report_member(b, &first, "outcome", outcome_word(f->outcome));
	report_member(b, &first, "by", finding_by(scratch, f));
	report_member(b, &first, "title", finding_title(scratch, r->now, f));
	if (change->is_new || change->was)
		report_member(b, &first, "since", change->is_new ? S("new") : S("same"));
	if (change->was && change->was->outcome != f->outcome)
		report_member(b, &first, "was", outcome_word(change->was->outcome));
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
	report_member(b, &first, "id", was->id);
	report_member(b, &first, "rule", was->rule);
	if (was->rev)
		report_number(b, &first, "rev", was->rev);
	report_member(b, &first, "stride", stride_word(was->stride));
	report_member(b, &first, "target", was->target);
	report_member(b, &first, "outcome", outcome_word(was->outcome));
	report_member(b, &first, "title", was->title);
	buf_char(b, '}');
}

void report_print_json(struct buf *b, struct arena *scratch, const struct check_report *r)
{
	const struct model *m = r->now->model;
	bool first = true;

	assert(b->arena != scratch);
	buf_char(b, '{');
	report_member(b, &first, "model", m->name.n ? m->name : m->file);
	report_number(b, &first, "elements", m->of[PART_ELEMENT].count);
	report_number(b, &first, "flows", m->of[PART_FLOW].count);
	report_number(b, &first, "zones", m->of[PART_ZONE].count);
	report_number(b, &first, "assets", m->of[PART_ASSET].count);
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
		report_member(b, &first, "baseline", r->base->file);
		json_put_key(b, &first, S("gone"));
		for (isize i = 0; i < r->gone_count; i++) {
			buf_char(b, i ? ',' : '[');
			put_gone(b, r->gone[i]);
		}
		buf_add(b, r->gone_count ? S("]") : S("[]"));
	}
	buf_add(b, S("}\n"));
}
