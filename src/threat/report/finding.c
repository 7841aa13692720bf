/* One finding in words. */
#include "threat/report/finding.h"

#include "threat/rules/compiled.h"

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
