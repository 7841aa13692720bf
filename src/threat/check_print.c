/* What `ward check` says. */
#include "base/json.h"

#include "threat/threat_in.h"

str outcome_word(enum threat_outcome o)
{
	static const str words[] = {
		S_INIT("not-applicable"), S_INIT("mitigated"), S_INIT("question"), S_INIT("open")};

	assert(o <= THREAT_IS_OPEN);
	return words[o];
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

str rule_treat(const struct rule *r)
{
	return r->treat;
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
	buf_init(&b, a, LIMIT_PROSE);
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

static void print_finding(struct buf *b, struct arena *scratch, const struct findings *all,
	const struct threat_finding *f)
{
	static const str steps[] = {S_INIT("does not apply: "), S_INIT("handled: "), S_INIT("? ")};
	str by = finding_by(scratch, f);

	buf_fmt(b, "%.*s:%d:%d: %.*s[%.*s]: ", STR_ARG(all->model->file), f->part->at.line,
		f->part->at.column, STR_ARG(level_word(f->level)), STR_ARG(f->rule->name));
	if (f->outcome != THREAT_IS_OPEN)
		buf_add(b, steps[f->outcome]);
	buf_add(b, finding_title(scratch, all, f));
	buf_fmt(b, " (%.*s)", STR_ARG(f->part->id));
	if (by.n)
		buf_fmt(b, f->outcome == THREAT_IS_QUESTION ? "; not known: %.*s" : "; %.*s",
			STR_ARG(by));
	buf_char(b, '\n');
}

void findings_print_text(struct buf *b, struct arena *scratch, const struct findings *f)
{
	for (isize i = 0; i < f->note_count; i++) {
		const struct model_note *n = &f->notes[i];
		buf_fmt(b,
			"%.*s:%d:%d: note[vocabulary]: %s \"%.*s\" of %.*s is not a word that "
			"rules know\n",
			STR_ARG(f->model->file), n->prop->at.line, n->prop->at.column,
			n->is_value ? "the value" : "the property",
			STR_ARG(n->is_value ? n->prop->value : n->prop->key), STR_ARG(n->part->id));
	}
	for (isize i = 0; i < f->count; i++) {
		struct arena_mark mark = arena_here(scratch);
		struct buf line;
		buf_init(&line, scratch, LIMIT_PROSE);
		print_finding(&line, scratch, f, &f->list[i]);
		/* The output grows in the same arena, so what it holds may not be given up. */
		if (b->arena != scratch) {
			buf_add(b, buf_str(&line));
			arena_rewind(scratch, mark);
		} else {
			buf_add(b, buf_str(&line));
		}
	}
	buf_fmt(b, "%td open, %td questions, %td mitigated (%td elements, %td flows, %td rules)\n",
		f->tally[THREAT_IS_OPEN], f->tally[THREAT_IS_QUESTION],
		f->tally[THREAT_IS_MITIGATED], f->model->of[PART_ELEMENT].count,
		f->model->of[PART_FLOW].count, f->rules->count);
}

static void put_member(struct buf *b, bool *first, const char *key, str value)
{
	json_put_key(b, first, str_of(key));
	json_put_string(b, value);
}

static void put_count(struct buf *b, bool *first, const char *key, isize n)
{
	json_put_key(b, first, str_of(key));
	buf_int(b, n);
}

void findings_print_json(struct buf *b, struct arena *scratch, const struct findings *f)
{
	const struct model *m = f->model;
	bool first = true;

	buf_char(b, '{');
	put_member(b, &first, "model", m->name.n ? m->name : m->file);
	put_count(b, &first, "elements", m->of[PART_ELEMENT].count);
	put_count(b, &first, "flows", m->of[PART_FLOW].count);
	put_count(b, &first, "zones", m->of[PART_ZONE].count);
	put_count(b, &first, "assets", m->of[PART_ASSET].count);
	json_put_key(b, &first, S("threats"));
	buf_char(b, '[');
	for (isize i = 0; i < f->count; i++) {
		const struct threat_finding *one = &f->list[i];
		bool head = true;
		buf_add(b, i ? S(",{") : S("{"));
		put_member(b, &head, "id", finding_id(scratch, one));
		put_member(b, &head, "rule", one->rule->name);
		put_member(b, &head, "stride", stride_word(one->stride));
		put_member(b, &head, "target", one->part->id);
		put_member(b, &head, "outcome", outcome_word(one->outcome));
		put_member(b, &head, "by", finding_by(scratch, one));
		put_member(b, &head, "title", finding_title(scratch, f, one));
		buf_char(b, '}');
	}
	buf_add(b, S("]}\n"));
}
