/*
 * Filters of threat types: compiled to reverse Polish, so that evaluating one needs no recursion.
 *
 *	filter = any;  any = all { "or" all };  all = one { "and" one }
 *	one    = "not" one | "(" any ")" | subject "is" 'text' | "flow" "crosses" 'text'
 */
#include "threat/microsoft/template_in.h"

static bool wrong(struct scanner *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '(' || c == ')' || c == '\'';
}

/* Steps to the next word: a bracket, a text in quotes without them, or what stands between. */
static bool step(struct scanner *s)
{
	str t = s->text;

	while (s->at < t.n && is_blank(t.p[s->at]))
		s->at++;
	s->from = s->at;
	s->is_quoted = s->at < t.n && t.p[s->at] == '\'';
	if (s->is_quoted) {
		isize n = str_index(str_part(t, s->at + 1, t.n), '\'');
		if (n < 0)
			return wrong(s, "this quote is never closed");
		s->word = str_part(t, s->at + 1, s->at + 1 + n);
		s->at += n + 2;
		return true;
	}
	if (s->at < t.n && (t.p[s->at] == '(' || t.p[s->at] == ')'))
		s->at++;
	else
		while (s->at < t.n && !ends_word(t.p[s->at]))
			s->at++;
	s->word = str_part(t, s->from, s->at);
	return true;
}

static bool is_word(const struct scanner *s, str word)
{
	return !s->is_quoted && str_eq_fold(s->word, word);
}

static bool emit(struct scanner *s, struct filter_code code)
{
	if (s->count == TEMPLATE_CODE)
		return wrong(s, "the filter is longer than is read");
	s->code[s->count++] = code;
	return true;
}

static bool read_side(struct scanner *s, str word, uint8_t *side)
{
	static const str sides[] = {S_INIT("source"), S_INIT("target"), S_INIT("flow")};

	for (uint8_t i = 0; i < FILTER_SIDES; i++)
		if (str_eq_fold(word, sides[i])) {
			*side = i;
			return true;
		}
	return wrong(s, "source, target or flow was expected");
}

/* The number of an attribute; a new one is added to those that filters look at. */
static bool read_attribute(struct scanner *s, str name, int32_t *out)
{
	struct template *t = s->r->template;

	*out = template_attribute_find(t, name);
	if (*out != PART_NONE)
		return true;
	if (t->attribute_count == TEMPLATE_ATTRIBUTES)
		return wrong(s, "the filters look at more different attributes than are read");
	*out = (int32_t)t->attribute_count;
	t->attributes[t->attribute_count++] = name;
	return true;
}

/* A text in quotes, and the step behind it. */
static bool read_text(struct scanner *s, str *out)
{
	if (!s->is_quoted)
		return wrong(s, "a text in single quotes was expected");
	*out = s->word;
	return step(s);
}

/* Who, and "is" or "crosses"; `*name` is that of the attribute, or "". */
static bool read_subject(struct scanner *s, struct filter_code *code, str *name)
{
	*name = s->word;
	str side = str_cut(name, '.');
	bool has_name = side.n < s->word.n;

	if (s->is_quoted || !read_side(s, side, &code->side))
		return wrong(s, "source, target or flow was expected");
	if (has_name && name->n == 0)
		return wrong(s, "the name of an attribute is missing");
	if (!step(s))
		return false;
	bool may_cross = !has_name && code->side == FILTER_FLOW;
	code->op = has_name ? FILTER_VALUE : FILTER_IS;
	if (may_cross && is_word(s, S("crosses")))
		code->op = FILTER_CROSSES;
	else if (!is_word(s, S("is")))
		return wrong(s, may_cross ? "is or crosses was expected" : "is was expected");
	return step(s);
}

/* "source is 'X'", "flow crosses 'X'", "target.name is 'X'". */
static bool read_term(struct scanner *s)
{
	struct filter_code code = {.number = PART_NONE};
	str name;

	if (!read_subject(s, &code, &name) || !read_text(s, &code.text))
		return false;
	if (code.op != FILTER_VALUE)
		code.number = template_type_find(s->r->template, code.text);
	else if (!read_attribute(s, name, &code.number))
		return false;
	return emit(s, code);
}

static bool read_any(struct scanner *s);

static bool read_one(struct scanner *s)
{
	bool is_not = is_word(s, S("not")), ok;

	if (!is_not && !is_word(s, S("(")))
		return s->word.n || s->is_quoted ? read_term(s)
						 : wrong(s, "a condition is missing");
	if (s->depth == TEMPLATE_NESTING)
		return wrong(s, "the filter is nested too deeply");
	s->depth++;
	if (is_not) {
		ok = step(s) && read_one(s) && emit(s, (struct filter_code){.op = FILTER_NOT});
	} else {
		ok = step(s) && read_any(s) &&
			(is_word(s, S(")")) || wrong(s, "a bracket is not closed")) && step(s);
	}
	s->depth--;
	return ok;
}

static bool read_all(struct scanner *s)
{
	if (!read_one(s))
		return false;
	while (is_word(s, S("and")))
		if (!step(s) || !read_one(s) || !emit(s, (struct filter_code){.op = FILTER_AND}))
			return false;
	return true;
}

static bool read_any(struct scanner *s)
{
	if (!read_all(s))
		return false;
	while (is_word(s, S("or")))
		if (!step(s) || !read_all(s) || !emit(s, (struct filter_code){.op = FILTER_OR}))
			return false;
	return true;
}

bool filter_compile(
	struct filter_reader *r, str text, struct filter *out, isize *column, const char **why)
{
	struct scanner *s = &r->scanner;

	*s = (struct scanner){.r = r, .text = text};
	*out = (struct filter){0};
	*column = 0;
	if (str_trim(text).n == 0)
		return true;
	bool ok = step(s) && read_any(s) &&
		(s->from == text.n || wrong(s, "and, or or the end was expected"));
	if (!ok) {
		*column = s->from + 1;
		*why = s->why;
		return false;
	}
	out->code = arena_bulk(r->arena, s->count * (isize)sizeof *out->code);
	if (!out->code)
		return FAIL(r->err, ERR_LIMIT, "the template needs more memory than it is given");
	memcpy(out->code, s->code, (size_t)s->count * sizeof *s->code);
	out->count = s->count;
	return true;
}
