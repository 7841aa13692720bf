/* A report: findings beside an earlier state of them, and how names are shown in it. */
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"

/* ---- showing ---- */

void report_change(struct buf *b, const struct threat_finding *f, const struct finding_change *c)
{
	if (c->is_new)
		buf_add(b, S("new: "));
	if (c->was && c->was->outcome != f->outcome)
		buf_fmt(b, "was %.*s: ", STR_ARG(outcome_word(c->was->outcome)));
	if (c->again)
		buf_add(b, S("look again, the rule changed: "));
}

void report_note(struct buf *b, const struct model_note *n)
{
	buf_add(b, n->is_value ? S("the value \"") : S("the property \""));
	show_text(b, n->is_value ? n->prop->value : n->prop->key, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S("\" of "));
	show_text(b, n->part->id, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S(" is not a word that rules know"));
}

/* ---- comparing ---- */

static bool no_room(struct err *e)
{
	return FAIL(e, ERR_LIMIT, "the comparison needs more memory than this program gives it");
}

/* The finding with this id, or -1. */
static isize find(const struct baseline *base, str id)
{
	isize low = 0, high = base->count;

	while (low < high) {
		isize middle = low + (high - low) / 2;
		int order = str_cmp(base->list[middle].id, id);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* How finding `i` stands to the baseline; marks in `seen` what it found there. */
static void compare(struct check_report *r, isize i, str id, bool *seen)
{
	const struct threat_finding *f = &r->now->list[i];
	struct finding_change *c = &r->change[i];
	isize at = find(r->base, id);

	if (f->outcome == THREAT_IS_NOT_APPLICABLE)
		return;
	c->is_new = at < 0;
	if (at >= 0) {
		seen[at] = true;
		c->was = &r->base->list[at];
		c->again = c->was->rev && f->rule->rev > c->was->rev;
	}
	c->is_worse = c->is_new || f->outcome > c->was->outcome;
	r->worse[f->outcome] += c->is_worse;
	r->again_count += c->again;
}

static bool compare_all(struct arena *a, struct err *e, struct check_report *r)
{
	isize n = r->base->count;
	bool *seen = arena_bulk(a, n + 1);

	r->gone = arena_bulk(a, (n + 1) * (isize)sizeof *r->gone);
	if (!seen || !r->gone)
		return no_room(e);
	memset(seen, 0, (size_t)n + 1);
	for (isize i = 0; i < r->now->count; i++) {
		struct arena_mark mark = arena_here(a);
		if (arena_room(a) < 4 * LIMIT_PROSE)
			return no_room(e);
		compare(r, i, finding_id(a, &r->now->list[i]), seen);
		arena_rewind(a, mark);
	}
	for (int o = THREAT_IS_OPEN; o > THREAT_IS_NOT_APPLICABLE; o--)
		for (isize i = 0; i < n; i++)
			if (!seen[i] && (int)r->base->list[i].outcome == o)
				r->gone[r->gone_count++] = &r->base->list[i];
	return true;
}

bool report_make(struct arena *a, struct err *e, const struct findings *now,
	const struct baseline *base, struct check_report *out)
{
	isize bytes = (now->count + 1) * (isize)sizeof(struct finding_change);
	struct check_report r = {.now = now, .base = base, .path = now->model->file};

	r.change = arena_bulk(a, bytes);
	if (!r.change)
		return no_room(e);
	memset(r.change, 0, (size_t)bytes);
	for (isize i = 0; i < now->count; i++)
		if (now->list[i].part->id.n > LIMIT_PROSE)
			return FAIL(e, ERR_LIMIT,
				"line %d: an id of more than %d bytes is not reported",
				now->list[i].part->at.line, LIMIT_PROSE);
	if (base && !compare_all(a, e, &r))
		return false;
	*out = r;
	return true;
}
