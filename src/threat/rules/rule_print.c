/* What is known of a rule, for those who judge what it says. */
#include "threat/rules/compiled.h"

isize rules_count(const struct rules *rules)
{
	return rules->count;
}

const struct rule *rule_at(const struct rules *rules, isize i)
{
	assert(i >= 0 && i < rules->count);
	return &rules->list[i];
}

const struct rule *rule_find(const struct rules *rules, str name)
{
	for (isize i = 0; i < rules->count; i++)
		if (str_eq(rules->list[i].name, name))
			return &rules->list[i];
	return NULL;
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

str rule_title(const struct rule *r)
{
	return r->title;
}

enum threat_class rule_stride(const struct rule *r)
{
	return r->stride;
}

const struct countermeasure *rule_countermeasure(
	const struct rules *rules, const struct rule *r, isize i)
{
	return i >= 0 && i < r->treat_count ? &rules->counters[r->treats[i].number] : NULL;
}

static void put_line(struct buf *b, const char *head, str text)
{
	if (text.n)
		buf_fmt(b, "%s%.*s\n", head, STR_ARG(text));
}

static void put_countermeasure(struct buf *b, const struct countermeasure *c)
{
	buf_fmt(b, "\ntreat %.*s: %.*s\n", STR_ARG(c->name), STR_ARG(c->title));
	put_line(b, "  requirement  ", c->require);
	for (int32_t i = 0; i < c->accept_count; i++)
		put_line(b, "  accepted if  ", c->accept[i]);
	buf_fmt(b, "  verified by  %.*s: %.*s\n  FDA          ", STR_ARG(c->method),
		STR_ARG(c->verify));
	for (int32_t i = 0; i < c->fda_count; i++)
		buf_fmt(b, "%s%.*s", i ? ", " : "", STR_ARG(c->fda[i]));
	buf_char(b, '\n');
	put_line(b, "  see also     ", c->maps);
}

void rule_print(struct buf *b, const struct rules *rules, const struct rule *r)
{
	static const char *const says[] = {"fires", "asks", "silent"};
	bool first = true;

	buf_fmt(b, "%.*s (revision %d, %.*s:%d)\n", STR_ARG(r->name), r->rev, STR_ARG(r->file),
		r->at.line);
	put_line(b, "  ", r->title);
	put_line(b, "  ", r->why);
	buf_fmt(b, "\nkind  %.*s\non    ", STR_ARG(stride_word(r->stride)));
	for (int k = 0; k < PART_KINDS; k++)
		if (r->kinds & 1u << k) {
			buf_fmt(b, "%s%.*s", first ? "" : ", ",
				STR_ARG(part_kind_word((enum part_kind)k)));
			first = false;
		}
	buf_fmt(b, "\nwhen  %.*s\n", STR_ARG(r->when_text));
	for (int32_t i = 0; i < r->handler_count; i++)
		put_line(b, "ok if ", r->handlers[i].words);
	for (int32_t i = 0; i < r->ask_count; i++)
		put_line(b, "asks  ", r->asks[i].name);
	for (int32_t i = 0; i < r->replace_count; i++)
		put_line(b, "instead of ", r->replaces[i].name);
	put_line(b, "refs  ", r->refs);
	for (int32_t i = 0; i < r->treat_count; i++)
		put_countermeasure(b, &rules->counters[r->treats[i].number]);
	buf_char(b, '\n');
	for (int32_t i = 0; i < r->example_count; i++)
		buf_fmt(b, "%-6s {%.*s}\n", says[r->examples[i].says],
			STR_ARG(r->examples[i].text));
}
