/* A report: findings beside an earlier state of them, and how names are shown in it. */
#include "threat/report/report_in.h"

/* ---- showing ---- */

/* Controls, separators of lines, marks of direction, what takes no room, and noncharacters. */
static bool is_hidden(uint32_t c)
{
	static const uint32_t ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c},
		{0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xe0000, 0xe0fff}};

	for (isize i = 0; i < COUNT_OF(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return (c & 0xfffe) == 0xfffe;
}

static void put_xml(struct buf *b, uint32_t c)
{
	if (c == '&')
		buf_add(b, S("&amp;"));
	else if (c == '<')
		buf_add(b, S("&lt;"));
	else if (c == '>')
		buf_add(b, S("&gt;"));
	else if (c == '"')
		buf_add(b, S("&quot;"));
	else
		utf8_put(b, c);
}

/* Besides marks of Markdown and HTML: no name calls a person (@), links an issue (#) or becomes an
   address (: and the point of www.). */
static void put_markdown(struct buf *b, uint32_t c, uint32_t before)
{
	if (c == '@') {
		buf_add(b, S("@&#8203;"));
		return;
	}
	if ((c < 0x80 && str_index(S("\\`*_{}[]#|~!:$"), (char)c) >= 0) ||
		(c == '.' && (before == 'w' || before == 'W')))
		buf_char(b, '\\');
	put_xml(b, c);
}

void report_show(struct buf *b, str s, isize max, enum shown_as as)
{
	uint32_t before = 0;

	for (isize n = 0; s.n; n++) {
		if (n == max) {
			buf_add(b, S("…"));
			return;
		}
		uint32_t c = utf8_next(&s);
		if (is_hidden(c))
			buf_fmt(b, as == SHOWN_MARKDOWN ? "\\\\u\\{%x\\}" : "\\u{%x}", c);
		else if (as == SHOWN_PLAIN)
			utf8_put(b, c);
		else if (as == SHOWN_XML)
			put_xml(b, c);
		else
			put_markdown(b, c, before);
		before = c;
	}
}

str report_shown(struct arena *a, str s, isize max)
{
	struct buf b;

	buf_init(&b, a, LIMIT_PROSE);
	report_show(&b, s, max, SHOWN_PLAIN);
	return buf_str(&b);
}

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
	report_show(b, n->is_value ? n->prop->value : n->prop->key, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S("\" of "));
	report_show(b, n->part->id, REPORT_ID, SHOWN_PLAIN);
	buf_add(b, S(" is not a word that rules know"));
}

void report_member(struct buf *b, bool *first, const char *key, str value)
{
	json_put_key(b, first, str_of(key));
	json_put_string(b, value);
}

void report_number(struct buf *b, bool *first, const char *key, int64_t n)
{
	json_put_key(b, first, str_of(key));
	buf_int(b, n);
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
