/* The rule language, compiled to short postfix code; ward-rule(5) is its reference. */
#include "threat/threat_in.h"

struct rule_reader {
	struct arena *arena;
	struct err *err;
	str file, in;
	isize at, line_start;
	int32_t line;
	struct rules *rules;
	struct rule rule;
	str setting;
	bool in_rule, failed;
	/* The token: a word, a text in quotes, one sign, or the end of the line (empty). */
	str token;
	bool is_text;
	struct file_place token_at;
	struct rule_code code[RULE_CODE];
	int32_t code_count, depth, nesting, nots;
};

static bool wrong(struct rule_reader *r, const char *what, str word)
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

static void step(struct rule_reader *r)
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
			wrong(r, "a text does not end on its line", S(""));
		return;
	}
	if (str_index(S("(),{}"), c) >= 0) {
		r->token = str_part(r->in, from, r->at);
		return;
	}
	bool is_sign = str_index(S("=<>!"), c) >= 0;
	while (r->at < r->in.n && str_index(S(" \t\r\n\"(),{}#"), r->in.p[r->at]) < 0 &&
		(str_index(S("=<>!"), r->in.p[r->at]) >= 0) == is_sign)
		r->at++;
	r->token = str_part(r->in, from, r->at);
}

static bool is(const struct rule_reader *r, str word)
{
	return !r->is_text && str_eq(r->token, word);
}

static bool accept(struct rule_reader *r, str word)
{
	if (!is(r, word))
		return false;
	step(r);
	return true;
}

static bool is_end(const struct rule_reader *r)
{
	return r->token.n == 0 && !r->is_text;
}

/* ---- conditions ---- */

static bool emit(struct rule_reader *r, struct rule_code code)
{
	if (r->code_count == RULE_CODE)
		return wrong(r, "the condition is too long", S(""));
	r->depth += code.op <= OP_KNOWN ? 1 : code.op == OP_NOT ? 0 : -1;
	if (r->depth > RULE_STACK)
		return wrong(r, "the condition is nested too deeply", S(""));
	r->code[r->code_count++] = code;
	return true;
}

/* "prop", "from.prop", "to.prop", "of.prop", "carries prop", "holds prop", "crosses trust". */
static const struct vocabulary_prop *read_path(
	struct rule_reader *r, struct rule_code *c, str *name)
{
	enum part_group group = r->rule.group;
	struct file_place at = r->token_at;
	str word = r->token;

	*name = word;
	c->side = SIDE_SELF;
	if (str_starts(word, S("from.")) || str_starts(word, S("of."))) {
		c->side = SIDE_FROM;
		str_cut(&word, '.');
	} else if (str_starts(word, S("to."))) {
		c->side = SIDE_TO;
		str_cut(&word, '.');
	}
	bool has_ends = group == PART_FLOW || (group == PART_INTERFACE && c->side == SIDE_FROM);
	if (c->side != SIDE_SELF) {
		if (!has_ends) {
			wrong(r, "only flows have from. and to., only interfaces of.: ", *name);
			return NULL;
		}
		group = PART_ELEMENT;
	}
	step(r);
	if (str_eq(word, S("carries")) || str_eq(word, S("holds")) || str_eq(word, S("crosses"))) {
		word = str_fmt(r->arena, "%.*s-%.*s", STR_ARG(word), STR_ARG(r->token));
		*name = word;
		step(r);
	}
	int32_t found = vocabulary_prop_find(r->rules->vocabulary, group, word);
	uint32_t kinds = found < 0 ? 0 : r->rules->vocabulary->props[group][found].kinds;
	if (found < 0 || (c->side == SIDE_SELF && (r->rule.kinds & ~kinds))) {
		r->token_at = at;
		wrong(r, "the vocabulary has no such property here: ", *name);
		return NULL;
	}
	c->prop = (int16_t)found;
	return &r->rules->vocabulary->props[group][found];
}

static bool read_word_bit(struct rule_reader *r, const struct vocabulary_prop *p, int32_t *bit)
{
	*bit = p->words < 0 ? -1 : word_find(&r->rules->vocabulary->lists[p->words], r->token);
	if (*bit < 0)
		return wrong(r, "the vocabulary has no such value here: ", r->token);
	step(r);
	return true;
}

static bool read_set(struct rule_reader *r, const struct vocabulary_prop *p, uint64_t *mask)
{
	int32_t bit;

	if (!is(r, S("(")))
		return wrong(r, "( was expected after in, not ", r->token);
	r->nesting++;
	step(r);
	do {
		if (!read_word_bit(r, p, &bit))
			return false;
		*mask |= UINT64_C(1) << bit;
	} while (accept(r, S(",")));
	r->nesting--;
	return accept(r, S(")")) || wrong(r, ") was expected, not ", r->token);
}

static bool read_order(struct rule_reader *r, struct rule_code c, const struct vocabulary_prop *p)
{
	bool negate = r->token.p[0] == '<',
	     next_one = str_eq(r->token, S(">")) || str_eq(r->token, S("<="));
	int32_t bit;

	if (p->words < 0 || !r->rules->vocabulary->lists[p->words].is_scale)
		return wrong(r, "only a scale has an order: ", p->name);
	step(r);
	if (!read_word_bit(r, p, &bit))
		return false;
	c.op = OP_AT_LEAST;
	c.mask = UINT64_C(1) << (bit + next_one);
	return emit(r, c) && (!negate || emit(r, (struct rule_code){.op = OP_NOT}));
}

static bool read_test(struct rule_reader *r)
{
	struct rule_code c = {.op = OP_ANY};
	bool negate = false, known = accept(r, S("known"));
	int32_t bit = 0;
	str name;

	const struct vocabulary_prop *p = read_path(r, &c, &name);
	if (!p)
		return false;
	if (known) {
		c.op = OP_KNOWN;
		return emit(r, c);
	}
	if (accept(r, S("in"))) {
		if (!read_set(r, p, &c.mask))
			return false;
	} else if (is(r, S("<")) || is(r, S(">")) || is(r, S("<=")) || is(r, S(">="))) {
		return read_order(r, c, p);
	} else if (is(r, S("=")) || is(r, S("!="))) {
		negate = is(r, S("!="));
		step(r);
		if (!read_word_bit(r, p, &bit))
			return false;
		c.mask = UINT64_C(1) << bit;
	} else {
		/* "carries class health-data" has no sign; a property alone means yes. */
		bit = p->words < 0 ? -1
				   : word_find(&r->rules->vocabulary->lists[p->words], r->token);
		if (bit >= 0 && !r->is_text)
			step(r);
		else
			bit = p->words < 0
				? -1
				: word_find(&r->rules->vocabulary->lists[p->words], S("yes"));
		if (bit < 0)
			return wrong(r, "=, in or a value was expected after ", name);
		c.mask = UINT64_C(1) << bit;
	}
	return emit(r, c) && (!negate || emit(r, (struct rule_code){.op = OP_NOT}));
}

static bool read_or(struct rule_reader *r);

static bool read_not(struct rule_reader *r)
{
	if (accept(r, S("not"))) {
		if (r->nots++ >= RULE_STACK)
			return wrong(r, "the condition is nested too deeply", S(""));
		bool ok = read_not(r);
		r->nots--;
		return ok && emit(r, (struct rule_code){.op = OP_NOT});
	}
	if (!is(r, S("(")))
		return read_test(r);
	if (r->nesting >= RULE_STACK)
		return wrong(r, "the condition is nested too deeply", S(""));
	r->nesting++;
	step(r);
	if (!read_or(r))
		return false;
	r->nesting--;
	return accept(r, S(")")) || wrong(r, ") was expected, not ", r->token);
}

static bool read_and(struct rule_reader *r)
{
	if (!read_not(r))
		return false;
	while (accept(r, S("and")))
		if (!read_not(r) || !emit(r, (struct rule_code){.op = OP_AND}))
			return false;
	return true;
}

static bool read_or(struct rule_reader *r)
{
	if (!read_and(r))
		return false;
	while (accept(r, S("or")))
		if (!read_and(r) || !emit(r, (struct rule_code){.op = OP_OR}))
			return false;
	return true;
}

/* One condition, joined by `and` with the one that stands in `c` already. */
static bool read_condition(struct rule_reader *r, struct rule_condition *c)
{
	int32_t before = c->count;

	r->code_count = 0;
	r->depth = 0;
	r->nesting = 0;
	r->nots = 0;
	for (int32_t i = 0; i < before; i++)
		if (!emit(r, c->code[i]))
			return false;
	if (!read_or(r) || (before && !emit(r, (struct rule_code){.op = OP_AND})))
		return false;
	c->code = NEW(r->arena, struct rule_code, r->code_count);
	memcpy(c->code, r->code, (size_t)r->code_count * sizeof *c->code);
	c->count = r->code_count;
	return true;
}

/* ---- the lines of a rule ---- */

static bool read_on(struct rule_reader *r)
{
	enum part_kind kind;

	do {
		if (!part_kind_parse(r->token, &kind))
			return wrong(r, "not a kind of part: ", r->token);
		if (r->rule.kinds && part_group_of(kind) != r->rule.group)
			return wrong(r, "a rule is about kinds of one group, not also ", r->token);
		r->rule.group = part_group_of(kind);
		r->rule.kinds |= 1u << kind;
		step(r);
	} while (accept(r, S(",")));
	return true;
}

static bool read_handled(struct rule_reader *r)
{
	if (!accept(r, S("by")))
		return wrong(r, "by was expected after handled", S(""));
	if (r->rule.handler_count == RULE_HANDLERS)
		return wrong(r, "too many handled by lines", S(""));
	struct rule_handler *h = &r->rule.handlers[r->rule.handler_count++];
	if (!read_condition(r, &h->when))
		return false;
	if (!r->is_text)
		return wrong(r, "the evidence in quotes was expected, not ", r->token);
	h->words = r->token;
	step(r);
	return true;
}

static bool read_ask(struct rule_reader *r)
{
	struct rule_code c = {0};

	do {
		if (r->rule.ask_count == RULE_ASKS)
			return wrong(r, "a rule asks for too many facts", S(""));
		struct rule_ask *ask = &r->rule.asks[r->rule.ask_count];
		if (!read_path(r, &c, &ask->name))
			return false;
		ask->prop = c.prop;
		ask->side = c.side;
		r->rule.ask_count++;
	} while (accept(r, S(",")));
	return true;
}

/* "impact carried integrity", "impact high", "likelihood medium", "likelihood exposure". */
static bool read_weights(struct rule_reader *r)
{
	static const struct {
		str word;
		enum impact_from from;
	} sides[] = {{S_INIT("confidentiality"), IMPACT_CONFIDENTIALITY},
		{S_INIT("integrity"), IMPACT_INTEGRITY},
		{S_INIT("availability"), IMPACT_AVAILABILITY}};

	if (!level_parse(r->token, &r->rule.impact)) {
		bool found = false;
		if (!accept(r, S("carried")) && !accept(r, S("held")))
			return wrong(r, "not an impact: ", r->token);
		for (int i = 0; i < COUNT_OF(sides); i++)
			if (is(r, sides[i].word)) {
				r->rule.impact_from = sides[i].from;
				found = true;
			}
		if (!found)
			return wrong(
				r, "not confidentiality, integrity or availability: ", r->token);
	}
	step(r);
	if (!accept(r, S("likelihood")))
		return true;
	if (!is(r, S("exposure")) && !exposure_parse(r->token, &r->rule.likelihood))
		return wrong(r, "not a likelihood: ", r->token);
	step(r);
	return true;
}

/* The text between { and its }, which may run over lines. */
static bool read_block(struct rule_reader *r, str *out)
{
	if (!is(r, S("{")))
		return wrong(r, "{ was expected, not ", r->token);
	isize from = r->at;
	while (r->at < r->in.n && r->in.p[r->at] != '}')
		if (r->in.p[r->at++] == '\n') {
			r->line++;
			r->line_start = r->at;
		}
	if (r->at == r->in.n)
		return wrong(r, "the { of this example is not closed", S(""));
	*out = str_part(r->in, from, r->at);
	r->at++;
	step(r);
	return true;
}

static bool read_example(struct rule_reader *r, int says)
{
	if (r->rule.example_count == RULE_EXAMPLES)
		return wrong(r, "too many examples", S(""));
	struct rule_example *x = &r->rule.examples[r->rule.example_count++];
	x->at = r->token_at;
	x->says = says == EXAMPLE_FIRES ? EXAMPLE_FIRES
		: says == EXAMPLE_ASKS  ? EXAMPLE_ASKS
					: EXAMPLE_SILENT;
	return read_block(r, &x->text);
}

static bool read_text(struct rule_reader *r, str *out)
{
	if (!r->is_text)
		return wrong(r, "a text in quotes was expected, not ", r->token);
	*out = r->token;
	step(r);
	return true;
}

/* Everything up to the end of the line, as it stands. */
static bool read_rest(struct rule_reader *r, str *out)
{
	isize from = r->at - r->token.n;

	while (r->at < r->in.n && r->in.p[r->at] != '\n' && r->in.p[r->at] != '#')
		r->at++;
	*out = str_trim(str_part(r->in, from, r->at));
	step(r);
	return true;
}

static bool read_collapse(struct rule_reader *r)
{
	if (!accept(r, S("by")) || r->rule.group != PART_FLOW ||
		!(is(r, S("from")) || is(r, S("to"))))
		return wrong(r, "a rule on flows may collapse by from or to", S(""));
	r->rule.collapse = is(r, S("from")) ? COLLAPSE_FROM : COLLAPSE_TO;
	step(r);
	return true;
}

static bool end_rule(struct rule_reader *r)
{
	struct rule *rule = &r->rule;
	bool fires = false, silent = false;

	for (int32_t i = 0; i < rule->example_count; i++) {
		fires |= rule->examples[i].says != EXAMPLE_SILENT;
		silent |= rule->examples[i].says == EXAMPLE_SILENT;
	}
	if (!rule->title.n || !rule->kinds || !rule->when.count || !rule->has_stride)
		return wrong(r, "a rule has at least title, stride, on and when: ", rule->name);
	if (!fires || !silent)
		return wrong(r,
			"a rule shows an example where it fires and one where it is silent: ",
			rule->name);
	if (r->rules->count == RULES_COUNT)
		return wrong(r, "too many rules", S(""));
	struct rule *list = list_grow(
		r->arena, r->rules->list, r->rules->count, &r->rules->room, (isize)sizeof *list);
	if (!list)
		return FAIL(r->err, ERR_LIMIT, "the rules need more memory than they are given");
	r->rules->list = list;
	rule->setting = r->setting;
	rule->order = (int32_t)r->rules->count;
	list[r->rules->count++] = *rule;
	r->in_rule = false;
	return true;
}

static bool begin_rule(struct rule_reader *r)
{
	int64_t rev = 1;

	r->rule = (struct rule){.name = r->token, .file = r->file, .at = r->token_at};
	for (isize i = 0; i < r->rules->count; i++)
		if (str_eq(r->rules->list[i].name, r->token))
			return wrong(r, "there is a rule of this name already: ", r->token);
	if (is_end(r) || r->is_text)
		return wrong(r, "a rule has a name", S(""));
	step(r);
	if (accept(r, S("rev"))) {
		if (!str_int(r->token, 1, 9999, &rev))
			return wrong(r, "not a revision: ", r->token);
		step(r);
	}
	r->rule.rev = (int32_t)rev;
	r->in_rule = true;
	return true;
}

static bool read_more_of_rule(struct rule_reader *r)
{
	struct rule *rule = &r->rule;

	if (accept(r, S("handled")))
		return read_handled(r);
	if (accept(r, S("ask")))
		return read_ask(r);
	if (accept(r, S("collapse")))
		return read_collapse(r);
	if (accept(r, S("impact")))
		return read_weights(r);
	if (is(r, S("treat")) || is(r, S("refs"))) {
		str *to = is(r, S("treat")) ? &rule->treat : &rule->refs;
		step(r);
		return read_rest(r, to);
	}
	if (accept(r, S("fires")))
		return read_example(r, EXAMPLE_FIRES);
	if (accept(r, S("asks")))
		return read_example(r, EXAMPLE_ASKS);
	if (accept(r, S("silent")))
		return read_example(r, EXAMPLE_SILENT);
	return wrong(r, "a rule has no line that begins with ", r->token);
}

static bool read_rule_line(struct rule_reader *r)
{
	struct rule *rule = &r->rule;

	if (accept(r, S("end")))
		return end_rule(r);
	if (accept(r, S("title")))
		return read_text(r, &rule->title);
	if (accept(r, S("why")))
		return read_text(r, &rule->why);
	if (accept(r, S("on")))
		return read_on(r);
	if (accept(r, S("stride"))) {
		rule->has_stride = stride_parse(r->token, &rule->stride);
		if (!rule->has_stride)
			return wrong(r, "not a category: ", r->token);
		step(r);
		return true;
	}
	if (is(r, S("when")) || is(r, S("and"))) {
		if (!rule->kinds || is(r, S("when")) != (rule->when.count == 0))
			return wrong(r, "on, then when, then and lines: ", r->token);
		step(r);
		return read_condition(r, &rule->when);
	}
	if (!rule->kinds)
		return wrong(r, "on comes before ", r->token);
	return read_more_of_rule(r);
}

static bool read_line(struct rule_reader *r)
{
	if (r->in_rule)
		return read_rule_line(r);
	if (accept(r, S("rule")))
		return begin_rule(r);
	if (accept(r, S("setting")))
		return read_block(r, &r->setting);
	return wrong(r, "rule or setting was expected, not ", r->token);
}

struct rules *rules_new(struct arena *a, const struct vocabulary *v)
{
	struct rules *rules = NEW(a, struct rules, 1);

	rules->vocabulary = v;
	return rules;
}

isize rules_count(const struct rules *rules)
{
	return rules->count;
}

bool rules_parse(struct arena *a, struct err *e, str file, str text, struct rules *rules)
{
	struct rule_reader *r = NEW(a, struct rule_reader, 1);
	isize before = rules->count;

	*r = (struct rule_reader){
		.arena = a, .err = e, .file = file, .in = text, .line = 1, .rules = rules};
	if (text.n > LIMIT_RECORD_BYTES || utf8_check(text) >= 0)
		return FAIL(e, ERR_SYNTAX, "%.*s:1:1: not UTF-8, or too long", STR_ARG(file));
	while (!r->failed && r->at < r->in.n) {
		r->nesting = 0;
		step(r);
		if (!is_end(r) && !r->failed && read_line(r) && !is_end(r))
			wrong(r, "the line should end before ", r->token);
		while (r->at < r->in.n && r->in.p[r->at] != '\n')
			r->at++;
		if (r->at < r->in.n) {
			r->at++;
			r->line++;
			r->line_start = r->at;
		}
		if (e->code)
			break;
	}
	if (!r->failed && !e->code && r->in_rule)
		wrong(r, "the rule has no end: ", r->rule.name);
	if (r->failed || e->code)
		rules->count = before;
	return !r->failed && !e->code;
}
