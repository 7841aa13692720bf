/* The difference of two models in words that a reviewer would use. */
#include "threat/picture/picture.h"
#include "threat/report/diff.h"
#include "threat/report/report_in.h"
#include "threat/rules/compiled.h"
#include "threat/rules/rules.h"

enum {
	COMMENT_BYTES = 60000,
	COMMENT_TAIL = 24000, /* of them kept for threats */
	PART_ROWS = 80,
	THREAT_ROWS = 40,
	CHANGE_ROWS = 6, /* of one part */
	VALUE_SHOWN = 200
};

struct teller {
	struct buf *b;
	struct arena *scratch;
	const struct model_diff *d;
	enum shown_as as;
};

static void put(const struct teller *t, str s, isize max)
{
	show_text(t->b, s, max, t->as);
}

static void put_quoted(const struct teller *t, str s, isize max)
{
	buf_add(t->b, t->as == SHOWN_MARKDOWN ? S("“") : S("\""));
	put(t, s, max);
	buf_add(t->b, t->as == SHOWN_MARKDOWN ? S("”") : S("\""));
}

static str turn_word(enum threat_turn turn)
{
	static const str words[TURN_COUNT] = {
		S_INIT("opened"), S_INIT("asked"), S_INIT("closed"), S_INIT("gone")};

	return words[turn];
}

static str sign_word(enum diff_sign sign)
{
	static const str words[DIFF_SIGNS] = {
		S_INIT("same"), S_INIT("added"), S_INIT("changed"), S_INIT("removed")};

	return words[sign];
}

static str what_word(enum diff_what what)
{
	static const str words[] = {S_INIT("renamed"), S_INIT("kind"), S_INIT("moved"),
		S_INIT("rewired"), S_INIT("property")};

	return words[what];
}

/* ---- parts ---- */

/* process api "API management" */
static void put_part(const struct teller *t, const struct part *p)
{
	buf_add(t->b, part_kind_word(p->kind));
	buf_char(t->b, ' ');
	put(t, p->id, REPORT_ID);
	if (p->name.n) {
		buf_char(t->b, ' ');
		put_quoted(t, p->name, VALUE_SHOWN);
	}
}

static void put_zone(const struct teller *t, const struct model *m, const struct part *p)
{
	if (p->zone == PART_NONE)
		buf_add(t->b, S("no known zone"));
	else
		put_quoted(t, part_title(&m->of[PART_ZONE].list[p->zone]), VALUE_SHOWN);
}

static bool stands_in_zone(const struct part *p)
{
	enum part_group g = part_group_of(p->kind);

	return (g == PART_ELEMENT || g == PART_ZONE) && p->zone != PART_NONE;
}

/* What a property is called: the levels of an asset have letters in models. */
static str key_words(const struct part *p, str key)
{
	static const str letters[][2] = {{S_INIT("c"), S_INIT("confidentiality")},
		{S_INIT("i"), S_INIT("integrity")}, {S_INIT("a"), S_INIT("availability")},
		{S_INIT("s"), S_INIT("safety")}};

	for (isize i = 0; p->kind == PART_IS_ASSET && i < COUNT_OF(letters); i++)
		if (str_eq(key, letters[i][0]))
			return letters[i][1];
	return key;
}

static void put_value(const struct teller *t, str value)
{
	if (value.n == 0)
		buf_add(t->b, S("not stated"));
	else if (str_eq(value, S("?")))
		buf_add(t->b, S("unknown"));
	else
		put(t, value, VALUE_SHOWN);
}

static void put_change(const struct teller *t, const struct part_diff *p, const struct prop_diff *q)
{
	switch (q->what) {
	case DIFF_NAME:
		buf_add(t->b, S("renamed, was "));
		put_quoted(t, q->was, VALUE_SHOWN);
		return;
	case DIFF_KIND:
		buf_fmt(t->b, "is a %.*s now, was a %.*s", STR_ARG(q->is), STR_ARG(q->was));
		return;
	case DIFF_ZONE:
		buf_add(t->b, S("moved from "));
		put_zone(t, t->d->was, p->was);
		buf_add(t->b, S(" to "));
		put_zone(t, t->d->is, p->is);
		return;
	case DIFF_ENDS:
		buf_add(t->b, S("rewired, goes "));
		put(t, q->is, 2 * REPORT_ID);
		buf_add(t->b, S("; went "));
		put(t, q->was, 2 * REPORT_ID);
		return;
	case DIFF_PROP:
		put(t, key_words(p->is, q->key), REPORT_ID);
		buf_add(t->b, S(" is "));
		put_value(t, q->is);
		buf_add(t->b, S("; was "));
		put_value(t, q->was);
		return;
	}
}

/* ", in "Ours"": where a part that came or went stands. */
static void put_where(const struct teller *t, const struct part_diff *p)
{
	const struct part *part = p->is ? p->is : p->was;

	if (!stands_in_zone(part))
		return;
	buf_add(t->b, S(", in "));
	put_zone(t, p->is ? t->d->is : t->d->was, part);
}

static void put_part_line(
	const struct teller *t, const struct part_diff *p, const struct prop_diff *q)
{
	put_part(t, p->is ? p->is : p->was);
	if (q) {
		buf_add(t->b, S(": "));
		put_change(t, p, q);
	} else {
		put_where(t, p);
	}
}

/* A line for what was added or removed, one for each change of what stayed. */
static void put_part_lines(const struct teller *t, const struct part_diff *p, str head)
{
	const struct prop_diff *q = p->props;

	do {
		buf_add(t->b, head);
		put_part_line(t, p, q);
		buf_char(t->b, '\n');
		q = q ? q->next : NULL;
	} while (q);
}

/* ---- threats ---- */

static void put_because(const struct teller *t, const struct threat_diff *one)
{
	str by = one->now ? finding_by(t->scratch, one->now) : S("");

	switch (one->turn) {
	case TURN_OPENED:
		if (one->was)
			buf_fmt(t->b, "; was %.*s", STR_ARG(outcome_word(one->was->outcome)));
		return;
	case TURN_ASKED:
		if (one->was)
			buf_fmt(t->b, "; was %.*s", STR_ARG(outcome_word(one->was->outcome)));
		buf_add(t->b, S("; not known: "));
		put(t, by, VALUE_SHOWN);
		return;
	case TURN_CLOSED:
		buf_fmt(t->b, "; was %.*s, now ", STR_ARG(outcome_word(one->was->outcome)));
		put(t, by, VALUE_SHOWN);
		return;
	case TURN_GONE:
		buf_fmt(t->b, "; was %.*s, %s", STR_ARG(outcome_word(one->was->outcome)),
			one->part_is_gone ? "its part is gone" : "no longer applies");
		return;
	case TURN_COUNT:
		return;
	}
}

static void put_threat(const struct teller *t, const struct threat_diff *one)
{
	struct arena_mark mark = arena_here(t->scratch);
	str title = one->now ? finding_title(t->scratch, t->d->now, one->now) : one->was->title;

	if (one->turn == TURN_OPENED)
		buf_fmt(t->b, "%.*s: ", STR_ARG(level_word(one->now->level)));
	put(t, title, REPORT_TITLE);
	buf_add(t->b, S(" ("));
	put(t, one->now ? one->now->rule->name : one->was->rule, REPORT_ID);
	buf_add(t->b, S(" at "));
	put(t, one->now ? one->now->part->id : one->was->target, REPORT_ID);
	buf_char(t->b, ')');
	put_because(t, one);
	buf_char(t->b, '\n');
	arena_rewind(t->scratch, mark);
}

/* ---- text and Markdown ---- */

static const char *plural(isize n)
{
	return n == 1 ? "" : "s";
}

static void put_counts(const struct teller *t)
{
	const isize *signs = t->d->signs, *turns = t->d->turns;

	buf_fmt(t->b,
		"%td part%s added, %td removed, %td changed; threats: %td newly open, "
		"%td new question%s, %td closed, %td gone\n",
		signs[DIFF_ADDED], plural(signs[DIFF_ADDED]), signs[DIFF_REMOVED],
		signs[DIFF_CHANGED], turns[TURN_OPENED], turns[TURN_ASKED],
		plural(turns[TURN_ASKED]), turns[TURN_CLOSED], turns[TURN_GONE]);
}

str part_diff_words(struct arena *a, const struct model_diff *d, const struct part_diff *p,
	const struct prop_diff *q)
{
	struct buf b;
	struct teller t = {.b = &b, .d = d};

	buf_init(&b, a, LIMIT_PROSE);
	put_part_line(&t, p, q);
	return buf_str(&b);
}

str threat_diff_words(struct arena *a, const struct model_diff *d, const struct threat_diff *one)
{
	str title = one->now ? finding_title(a, d->now, one->now) : one->was->title;
	struct buf b;
	struct teller t = {.b = &b, .scratch = a, .d = d};

	buf_init(&b, a, LIMIT_PROSE);
	put(&t, title, REPORT_TITLE);
	put_because(&t, one);
	return buf_str(&b);
}

void diff_print_text(struct buf *b, struct arena *scratch, const struct model_diff *d)
{
	static const str heads[DIFF_SIGNS] = {
		S_INIT("  "), S_INIT("+ "), S_INIT("~ "), S_INIT("- ")};
	static const str turns[TURN_COUNT] = {S_INIT("! newly open: "), S_INIT("? asked: "),
		S_INIT("= closed: "), S_INIT("- gone: ")};
	struct teller t = {.b = b, .scratch = scratch, .d = d};

	assert(b->arena != scratch);
	if (!str_eq(d->was->name, d->is->name)) {
		buf_add(b, S("~ system: renamed, was "));
		put_quoted(&t, d->was->name, VALUE_SHOWN);
		buf_add(b, S(", is "));
		put_quoted(&t, d->is->name, VALUE_SHOWN);
		buf_char(b, '\n');
	}
	for (isize i = 0; i < d->part_count; i++)
		put_part_lines(&t, &d->parts[i], heads[d->parts[i].sign]);
	for (isize i = 0; i < d->threat_count; i++) {
		buf_add(b, turns[d->threats[i].turn]);
		put_threat(&t, &d->threats[i]);
	}
	put_counts(&t);
}

/* A part with two hundred changed properties must not fill the comment. */
static void put_comment_part(const struct teller *t, const struct part_diff *p, str head)
{
	isize n = 0;

	buf_add(t->b, head);
	put_part(t, p->is ? p->is : p->was);
	if (!p->props)
		put_where(t, p);
	for (const struct prop_diff *q = p->props; q; q = q->next, n++) {
		if (n >= CHANGE_ROWS)
			continue;
		buf_add(t->b, n ? S("\n  - ") : S(": "));
		put_change(t, p, q);
	}
	if (n > CHANGE_ROWS)
		buf_fmt(t->b, "\n  - … and %td more", n - CHANGE_ROWS);
	buf_char(t->b, '\n');
}

static void put_comment_parts(const struct teller *t)
{
	static const str heads[DIFF_SIGNS] = {S_INIT(""), S_INIT("- **added** "),
		S_INIT("- **changed** "), S_INIT("- **removed** ")};
	isize shown = 0, count = t->d->part_count;

	if (count)
		buf_char(t->b, '\n');
	while (shown < count && shown < PART_ROWS && t->b->n < COMMENT_BYTES - COMMENT_TAIL) {
		const struct part_diff *p = &t->d->parts[shown++];
		put_comment_part(t, p, heads[p->sign]);
	}
	if (shown < count)
		buf_fmt(t->b, "- … and %td more parts\n", count - shown);
}

static void put_comment_threats(const struct teller *t, enum threat_turn turn)
{
	static const str heads[TURN_COUNT] = {
		S_INIT("Newly open"), S_INIT("New questions"), S_INIT("Closed"), S_INIT("Gone")};
	isize shown = 0, count = t->d->turns[turn];

	if (count == 0)
		return;
	buf_fmt(t->b, "\n**%.*s: %td**\n\n", STR_ARG(heads[turn]), count);
	for (isize i = 0; i < t->d->threat_count; i++) {
		if (t->d->threats[i].turn != turn || shown == THREAT_ROWS ||
			t->b->n >= COMMENT_BYTES)
			continue;
		buf_add(t->b, S("- "));
		put_threat(t, &t->d->threats[i]);
		shown++;
	}
	if (shown < count)
		buf_fmt(t->b, "- … and %td more\n", count - shown);
}

void diff_print_markdown(struct buf *b, struct arena *scratch, const struct model_diff *d)
{
	struct teller t = {.b = b, .scratch = scratch, .d = d, .as = SHOWN_MARKDOWN};

	assert(b->arena != scratch);
	buf_add(b, S("### What changed in "));
	put(&t, d->is->name.n ? d->is->name : d->is->file, VALUE_SHOWN);
	buf_add(b, S("\n\n"));
	put_counts(&t);
	put_comment_parts(&t);
	for (enum threat_turn turn = TURN_OPENED; turn < TURN_COUNT; turn++)
		put_comment_threats(&t, turn);
}

/* ---- JSON ---- */

static void put_optional(struct buf *b, bool *first, const char *key, str value)
{
	if (value.n)
		json_put_text(b, first, str_of(key), value);
	else {
		json_put_key(b, first, str_of(key));
		buf_add(b, S("null"));
	}
}

static void put_json_part(struct buf *b, const struct part_diff *p)
{
	const struct part *part = p->is ? p->is : p->was;
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("change"), sign_word(p->sign));
	json_put_text(b, &first, S("kind"), part_kind_word(part->kind));
	json_put_text(b, &first, S("id"), part->id);
	if (p->was && p->is && !str_eq(p->was->id, p->is->id))
		json_put_text(b, &first, S("was"), p->was->id);
	json_put_text(b, &first, S("name"), part->name);
	json_put_key(b, &first, S("properties"));
	buf_char(b, '[');
	for (const struct prop_diff *q = p->props; q; q = q->next) {
		bool inner = true;
		buf_add(b, q == p->props ? S("{") : S(",{"));
		json_put_text(b, &inner, S("change"), what_word(q->what));
		json_put_text(b, &inner, S("property"), q->key);
		put_optional(b, &inner, "old", q->was);
		put_optional(b, &inner, "new", q->is);
		buf_char(b, '}');
	}
	buf_add(b, S("]}"));
}

static void put_json_threat(struct buf *b, struct arena *scratch, const struct model_diff *d,
	const struct threat_diff *t)
{
	const struct threat_finding *f = t->now;
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("change"), turn_word(t->turn));
	json_put_text(b, &first, S("id"), f ? finding_id(scratch, f) : t->was->id);
	json_put_text(b, &first, S("rule"), f ? f->rule->name : t->was->rule);
	json_put_text(b, &first, S("stride"), stride_word(f ? f->stride : t->was->stride));
	json_put_text(b, &first, S("target"), f ? f->part->id : t->was->target);
	put_optional(b, &first, "old", t->was ? outcome_word(t->was->outcome) : S(""));
	put_optional(b, &first, "new", f ? outcome_word(f->outcome) : S(""));
	json_put_text(b, &first, S("by"), f ? finding_by(scratch, f) : S(""));
	json_put_text(b, &first, S("title"), f ? finding_title(scratch, d->now, f) : t->was->title);
	buf_char(b, '}');
}

void diff_print_json(struct buf *b, struct arena *scratch, const struct model_diff *d)
{
	bool first = true;

	assert(b->arena != scratch);
	buf_char(b, '{');
	json_put_text(b, &first, S("old"), d->was->file);
	json_put_text(b, &first, S("new"), d->is->file);
	for (enum diff_sign s = DIFF_ADDED; s < DIFF_SIGNS; s++)
		json_put_int(b, &first, sign_word(s), d->signs[s]);
	for (enum threat_turn turn = TURN_OPENED; turn < TURN_COUNT; turn++)
		json_put_int(b, &first, turn_word(turn), d->turns[turn]);
	json_put_key(b, &first, S("parts"));
	buf_char(b, '[');
	for (isize i = 0; i < d->part_count; i++) {
		if (i)
			buf_char(b, ',');
		put_json_part(b, &d->parts[i]);
	}
	buf_char(b, ']');
	json_put_key(b, &first, S("threats"));
	buf_char(b, '[');
	for (isize i = 0; i < d->threat_count; i++) {
		struct arena_mark mark = arena_here(scratch);
		if (i)
			buf_char(b, ',');
		put_json_threat(b, scratch, d, &d->threats[i]);
		arena_rewind(scratch, mark);
	}
	buf_add(b, S("]}\n"));
}
