/* The words of the rule files, one line at a time. */
#include "threat/rules/rule_in.h"

bool rule_wrong(struct rule_reader *r, const char *what, str word)
{
	if (!r->failed)
		FAIL(r->err, ERR_SYNTAX, "%.*s:%d:%d: %s%.*s", STR_ARG(r->file), r->token_at.line,
			r->token_at.column, what, STR_ARG(word));
	r->err->line = r->token_at.line;
	r->err->column = r->token_at.column;
	r->failed = true;
	return false;
}

static void skip_blanks(struct rule_reader *r)
{
	while (r->at < r->in.n) {
		char c = r->in.p[r->at];
		/* Inside brackets a condition may run over several lines. */
		bool is_break = c == '\n' && r->nesting > 0;
		if (c != ' ' && c != '\t' && c != '\r' && !is_break)
			break;
		r->at++;
		if (is_break) {
			r->line++;
			r->line_start = r->at;
		}
	}
}

static bool is_sign(char c)
{
	return c == '=' || c == '<' || c == '>' || c == '!';
}

static bool ends_word(char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case '"':
	case '(':
	case ')':
	case ',':
	case '{':
	case '}':
	case '#':
		return true;
	default:
		return false;
	}
}

void rule_step(struct rule_reader *r)
{
	skip_blanks(r);
	r->is_text = false;
	r->token = S("");
	r->token_at = (struct file_place){r->line, (int32_t)(r->at - r->line_start + 1)};
	if (r->at == r->in.n || r->in.p[r->at] == '\n' || r->in.p[r->at] == '#')
		return;
	isize from = r->at;
	char c = r->in.p[r->at++];
	if (c == '"') {
		while (r->at < r->in.n && r->in.p[r->at] != '"' && r->in.p[r->at] != '\n')
			r->at++;
		r->token = str_part(r->in, from + 1, r->at);
		r->is_text = true;
		if (r->at == r->in.n || r->in.p[r->at++] != '"')
			rule_wrong(r, "a text does not end on its line", S(""));
		return;
	}
	if (str_index(S("(),{}"), c) >= 0) {
		r->token = str_part(r->in, from, r->at);
		return;
	}
	while (r->at < r->in.n && !ends_word(r->in.p[r->at]) &&
		is_sign(r->in.p[r->at]) == is_sign(c))
		r->at++;
	r->token = str_part(r->in, from, r->at);
}

bool rule_is(const struct rule_reader *r, str word)
{
	return !r->is_text && str_eq(r->token, word);
}

bool rule_accept(struct rule_reader *r, str word)
{
	if (!rule_is(r, word))
		return false;
	rule_step(r);
	return true;
}

bool rule_line_ends(const struct rule_reader *r)
{
	return r->token.n == 0 && !r->is_text;
}

bool rule_read_text(struct rule_reader *r, str *out)
{
	if (!r->is_text)
		return rule_wrong(r, "a text in quotes was expected, not ", r->token);
	*out = r->token;
	rule_step(r);
	return true;
}

bool rule_read_rest(struct rule_reader *r, str *out)
{
	isize from = r->at - r->token.n;

	while (r->at < r->in.n && r->in.p[r->at] != '\n' && r->in.p[r->at] != '#')
		r->at++;
	*out = str_trim(str_part(r->in, from, r->at));
	rule_step(r);
	return true;
}

bool rule_read_names(struct rule_reader *r, struct rule_name *list, int32_t limit, int32_t *count)
{
	do {
		if (rule_line_ends(r) || r->is_text)
			return rule_wrong(r, "a name was expected, not ", r->token);
		if (*count == limit)
			return rule_wrong(r, "too many names: ", r->token);
		list[(*count)++] = (struct rule_name){.name = r->token, .at = r->token_at};
		rule_step(r);
	} while (rule_accept(r, S(",")));
	return true;
}

bool rule_kind_parse(str word, enum part_kind *out)
{
	if (!str_eq(word, part_kind_word(PART_IS_MODEL)))
		return part_kind_parse(word, out);
	*out = PART_IS_MODEL;
	return true;
}

/* ---- words of results ---- */

static const str strides[THREAT_COUNT] = {S_INIT("spoofing"), S_INIT("tampering"),
	S_INIT("repudiation"), S_INIT("information-disclosure"), S_INIT("denial-of-service"),
	S_INIT("elevation-of-privilege"), S_INIT("safety"), S_INIT("privacy"), S_INIT("hygiene")};

str stride_word(enum threat_class s)
{
	assert(s < THREAT_COUNT);
	return strides[s];
}

bool stride_parse(str word, enum threat_class *out)
{
	for (int i = 0; i < THREAT_COUNT; i++)
		if (str_eq(word, strides[i])) {
			*out = (enum threat_class)i;
			return true;
		}
	return false;
}
