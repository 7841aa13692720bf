/* The rule language; ward-rule(5) is its reference. */
#include "threat/model/build.h"
#include "threat/rules/rule_in.h"

/* ---- the lines of a rule ---- */

static bool read_on(struct rule_reader *r)
{
	enum part_kind kind;

	do {
		if (!rule_kind_parse(r->token, &kind))
			return rule_wrong(r, "not a kind of part: ", r->token);
		if (r->rule.kinds && part_group_of(kind) != r->rule.group)
			return rule_wrong(
				r, "a rule is about kinds of one group, not also ", r->token);
		r->rule.group = part_group_of(kind);
		r->rule.kinds |= 1u << kind;
		rule_step(r);
	} while (rule_accept(r, S(",")));
	return true;
}

static bool read_handled(struct rule_reader *r)
{
	if (!rule_accept(r, S("by")))
		return rule_wrong(r, "by was expected after handled", S(""));
	if (r->rule.handler_count == RULE_HANDLERS)
		return rule_wrong(r, "too many handled by lines", S(""));
	struct rule_handler *h = &r->rule.handlers[r->rule.handler_count++];
	if (!rule_read_condition(r, &h->when))
		return false;
	if (!r->is_text)
		return rule_wrong(r, "the evidence in quotes was expected, not ", r->token);
	h->words = r->token;
	rule_step(r);
	return true;
}

static bool read_ask(struct rule_reader *r)
{
	struct rule_code c = {0};

	do {
		if (r->rule.ask_count == RULE_ASKS)
			return rule_wrong(r, "a rule asks for too many facts", S(""));
		struct rule_ask *ask = &r->rule.asks[r->rule.ask_count];
		if (!rule_read_path(r, &c, &ask->name))
			return false;
		ask->prop = c.prop;
		ask->side = c.side;
		r->rule.ask_count++;
	} while (rule_accept(r, S(",")));
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
		{S_INIT("availability"), IMPACT_AVAILABILITY}, {S_INIT("safety"), IMPACT_SAFETY}};

	if (!level_parse(r->token, &r->rule.impact)) {
		bool found = false;
		if (!rule_accept(r, S("carried")) && !rule_accept(r, S("held")))
			return rule_wrong(r, "not an impact: ", r->token);
		for (int i = 0; i < COUNT_OF(sides); i++)
			if (rule_is(r, sides[i].word)) {
				r->rule.impact_from = sides[i].from;
				found = true;
			}
		if (!found)
			return rule_wrong(r,
				"not confidentiality, integrity, availability or safety: ",
				r->token);
	}
	rule_step(r);
	if (!rule_accept(r, S("likelihood")))
		return true;
	if (!rule_is(r, S("exposure")) && !exposure_parse(r->token, &r->rule.likelihood))
		return rule_wrong(r, "not a likelihood: ", r->token);
	rule_step(r);
	return true;
}

/* The text between { and its }, which may run over lines. */
static bool read_block(struct rule_reader *r, str *out)
{
	if (!rule_is(r, S("{")))
		return rule_wrong(r, "{ was expected, not ", r->token);
	isize from = r->at;
	while (r->at < r->in.n && r->in.p[r->at] != '}')
		if (r->in.p[r->at++] == '\n') {
			r->line++;
			r->line_start = r->at;
		}
	if (r->at == r->in.n)
		return rule_wrong(r, "the { of this example is not closed", S(""));
	*out = str_part(r->in, from, r->at);
	r->at++;
	rule_step(r);
	return true;
}

static bool read_example(struct rule_reader *r, int says)
{
	if (r->rule.example_count == RULE_EXAMPLES)
		return rule_wrong(r, "too many examples", S(""));
	struct rule_example *x = &r->rule.examples[r->rule.example_count++];
	x->at = r->token_at;
	x->says = says == EXAMPLE_FIRES ? EXAMPLE_FIRES
		: says == EXAMPLE_ASKS  ? EXAMPLE_ASKS
					: EXAMPLE_SILENT;
	return read_block(r, &x->text);
}

static bool read_collapse(struct rule_reader *r)
{
	if (!rule_accept(r, S("by")) || r->rule.group != PART_FLOW ||
		!(rule_is(r, S("from")) || rule_is(r, S("to"))))
		return rule_wrong(r, "a rule on flows may collapse by from or to", S(""));
	r->rule.collapse = rule_is(r, S("from")) ? COLLAPSE_FROM : COLLAPSE_TO;
	rule_step(r);
	return true;
}

/* Which of the facts that a rule asks for its precondition looks at. */
static void mark_deciding_asks(struct rule *rule)
{
	for (int32_t i = 0; i < rule->ask_count; i++)
		for (int32_t k = 0; k < rule->when.count; k++) {
			const struct rule_code *c = &rule->when.code[k];
			if (c->op <= OP_KNOWN && c->prop == rule->asks[i].prop &&
				c->side == rule->asks[i].side)
				rule->deciding |= 1u << i;
		}
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
		return rule_wrong(
			r, "a rule has at least title, stride, on and when: ", rule->name);
	if (!fires || !silent)
		return rule_wrong(r,
			"a rule shows an example where it fires and one where it is silent: ",
			rule->name);
	if (r->rules->count == RULES_COUNT)
		return rule_wrong(r, "too many rules", S(""));
	struct rule *list = list_grow(
		r->arena, r->rules->list, r->rules->count, &r->rules->room, (isize)sizeof *list);
	if (!list)
		return FAIL(r->err, ERR_LIMIT, "the rules need more memory than they are given");
	r->rules->list = list;
	rule->setting = r->setting;
	mark_deciding_asks(rule);
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
			return rule_wrong(r, "there is a rule of this name already: ", r->token);
	if (rule_line_ends(r) || r->is_text)
		return rule_wrong(r, "a rule has a name", S(""));
	rule_step(r);
	if (rule_accept(r, S("rev"))) {
		if (!str_int(r->token, 1, 9999, &rev))
			return rule_wrong(r, "not a revision: ", r->token);
		rule_step(r);
	}
	r->rule.rev = (int32_t)rev;
	r->in_rule = true;
	return true;
}

/* The names one by one, to be resolved, and the line as it stands, to be shown. */
static bool read_treat(struct rule_reader *r)
{
	struct rule *rule = &r->rule;
	isize from = r->at - r->token.n;

	if (!rule_read_names(r, rule->treats, RULE_TREATS, &rule->treat_count))
		return false;
	rule->treat = str_trim(str_part(r->in, from, r->at));
	return true;
}

static bool read_more_of_rule(struct rule_reader *r)
{
	struct rule *rule = &r->rule;

	if (rule_accept(r, S("handled")))
		return read_handled(r);
	if (rule_accept(r, S("ask")))
		return read_ask(r);
	if (rule_accept(r, S("collapse")))
		return read_collapse(r);
	if (rule_accept(r, S("impact")))
		return read_weights(r);
	if (rule_accept(r, S("treat")))
		return read_treat(r);
	if (rule_accept(r, S("replaces")))
		return rule_read_names(r, rule->replaces, RULE_REPLACES, &rule->replace_count);
	if (rule_accept(r, S("refs")))
		return rule_read_rest(r, &rule->refs);
	if (rule_accept(r, S("fires")))
		return read_example(r, EXAMPLE_FIRES);
	if (rule_accept(r, S("asks")))
		return read_example(r, EXAMPLE_ASKS);
	if (rule_accept(r, S("silent")))
		return read_example(r, EXAMPLE_SILENT);
	return rule_wrong(r, "a rule has no line that begins with ", r->token);
}

/* Joined by `and` with the lines before; the text is kept for those who read the rule. */
static bool read_when(struct rule_reader *r)
{
	struct rule *rule = &r->rule;
	isize from = r->at;

	rule_step(r);
	if (!rule_read_condition(r, &rule->when))
		return false;
	str line = str_trim(str_part(r->in, from, r->at - r->token.n));
	rule->when_text = rule->when_text.n
		? str_fmt(r->arena, "%.*s\n    and %.*s", STR_ARG(rule->when_text), STR_ARG(line))
		: line;
	return true;
}

static bool read_rule_line(struct rule_reader *r)
{
	struct rule *rule = &r->rule;

	if (rule_accept(r, S("end")))
		return end_rule(r);
	if (rule_accept(r, S("title")))
		return rule_read_text(r, &rule->title);
	if (rule_accept(r, S("why")))
		return rule_read_text(r, &rule->why);
	if (rule_accept(r, S("on")))
		return read_on(r);
	if (rule_accept(r, S("stride"))) {
		rule->has_stride = stride_parse(r->token, &rule->stride);
		if (!rule->has_stride)
			return rule_wrong(r, "not a category: ", r->token);
		rule_step(r);
		return true;
	}
	if (rule_is(r, S("when")) || rule_is(r, S("and"))) {
		if (!rule->kinds || rule_is(r, S("when")) != (rule->when.count == 0))
			return rule_wrong(r, "on, then when, then and lines: ", r->token);
		return read_when(r);
	}
	if (!rule->kinds)
		return rule_wrong(r, "on comes before ", r->token);
	return read_more_of_rule(r);
}

static bool read_line(struct rule_reader *r)
{
	if (r->in_rule)
		return read_rule_line(r);
	if (r->in_counter)
		return counter_read_line(r);
	if (rule_accept(r, S("countermeasure")))
		return counter_begin(r);
	if (rule_accept(r, S("rule")))
		return begin_rule(r);
	if (rule_accept(r, S("setting")))
		return read_block(r, &r->setting);
	return rule_wrong(r, "rule, setting or countermeasure was expected, not ", r->token);
}

/* A line and nothing behind what it states; leaves the reader where the next one begins. */
static void read_whole_line(struct rule_reader *r)
{
	r->nesting = 0;
	rule_step(r);
	if (!rule_line_ends(r) && !r->failed && read_line(r) && !rule_line_ends(r))
		rule_wrong(r, "the line should end before ", r->token);
	while (r->at < r->in.n && r->in.p[r->at] != '\n')
		r->at++;
	if (r->at < r->in.n) {
		r->at++;
		r->line++;
		r->line_start = r->at;
	}
}

struct rules *rules_new(struct arena *a, const struct vocabulary *v)
{
	struct rules *rules = NEW(a, struct rules, 1);

	rules->vocabulary = v;
	return rules;
}

/* A name in a finished rule that nobody declares. */
static bool nobody(
	struct err *e, const struct rule *rule, const struct rule_name *n, const char *what)
{
	FAIL(e, ERR_SYNTAX, "%.*s:%d:%d: %s%.*s", STR_ARG(rule->file), n->at.line, n->at.column,
		what, STR_ARG(n->name));
	e->line = n->at.line;
	e->column = n->at.column;
	return false;
}

static bool link_rule(struct err *e, const struct rules *rules, struct rule *rule)
{
	for (int32_t i = 0; i < rule->treat_count; i++) {
		struct rule_name *n = &rule->treats[i];
		const struct countermeasure *c = countermeasure_find(rules, n->name);
		if (!c)
			return nobody(e, rule, n, "there is no countermeasure ");
		n->number = (int32_t)(c - rules->counters);
	}
	for (int32_t i = 0; i < rule->replace_count; i++) {
		struct rule_name *n = &rule->replaces[i];
		const struct rule *other = rule_find(rules, n->name);
		if (!other)
			return nobody(e, rule, n, "there is no rule ");
		if (other->group != rule->group || other->collapse != COLLAPSE_NONE ||
			rule->collapse != COLLAPSE_NONE)
			return nobody(e, rule, n,
				"a rule replaces those about the same parts that do not collapse, "
				"not ");
		n->number = other->order;
	}
	return true;
}

/* Lifts a rule above those that it replaces; false when it was there already. */
static bool lift(const struct rules *rules, struct rule *rule)
{
	int32_t before = rule->rank;

	for (int32_t i = 0; i < rule->replace_count; i++) {
		int32_t below = rules->list[rule->replaces[i].number].rank;
		rule->rank = rule->rank > below ? rule->rank : below + 1;
	}
	return rule->rank > before;
}

bool rules_link(struct arena *a, struct err *e, struct rules *rules)
{
	bool lifted = true;

	for (isize i = 0; i < rules->count; i++)
		if (!link_rule(e, rules, &rules->list[i]))
			return false;
	/* Rules that replace each other in a circle would all be gone, and rise for ever here. */
	while (lifted) {
		lifted = false;
		for (isize i = 0; i < rules->count; i++) {
			struct rule *r = &rules->list[i];
			lifted |= lift(rules, r);
			if (r->rank > RULE_RANKS)
				return nobody(e, r, &r->replaces[0],
					"rules replace each other in a circle, or too many in a "
					"row, at ");
		}
	}
	return sieve_make(a, e, rules);
}

bool rules_parse(struct arena *a, struct err *e, str file, str text, struct rules *rules)
{
	struct rule_reader *r = NEW(a, struct rule_reader, 1);
	isize before = rules->count, counters = rules->counter_count;

	*r = (struct rule_reader){
		.arena = a, .err = e, .file = file, .in = text, .line = 1, .rules = rules};
	rules->sieve = NULL;
	rules->at_ends = NULL;
	if (text.n > LIMIT_RECORD_BYTES || utf8_check(text) >= 0)
		return FAIL(e, ERR_SYNTAX, "%.*s:1:1: not UTF-8, or too long", STR_ARG(file));
	while (!r->failed && r->at < r->in.n) {
		read_whole_line(r);
		if (e->code)
			break;
	}
	if (!r->failed && !e->code && r->in_rule)
		rule_wrong(r, "the rule has no end: ", r->rule.name);
	if (!r->failed && !e->code && r->in_counter)
		rule_wrong(r, "the countermeasure has no end: ", r->counter.name);
	if (r->failed || e->code) {
		rules->count = before;
		rules->counter_count = counters;
	}
	return !r->failed && !e->code;
}
