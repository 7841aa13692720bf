/* Conditions, compiled to short postfix code in which `and` and `or` skip what cannot matter. */
#include "threat/rules/rule_in.h"

static bool emit(struct rule_reader *r, struct rule_code code)
{
	if (r->code_count == RULE_CODE)
		return rule_wrong(r, "the condition is too long", S(""));
	r->depth += code.op <= OP_KNOWN ? 1 : code.op == OP_AND || code.op == OP_OR ? -1 : 0;
	if (r->depth > RULE_STACK)
		return rule_wrong(r, "the condition is nested too deeply", S(""));
	r->code[r->code_count++] = code;
	return true;
}

/* "prop", "from.prop", "to.prop", "of.prop", "carries prop", "holds prop", "crosses trust". */
const struct vocabulary_prop *rule_read_path(struct rule_reader *r, struct rule_code *c, str *name)
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
			rule_wrong(
				r, "only flows have from. and to., only interfaces of.: ", *name);
			return NULL;
		}
		group = PART_ELEMENT;
	}
	rule_step(r);
	if (str_eq(word, S("carries")) || str_eq(word, S("holds")) || str_eq(word, S("crosses"))) {
		word = str_fmt(r->arena, "%.*s-%.*s", STR_ARG(word), STR_ARG(r->token));
		*name = word;
		rule_step(r);
	}
	int32_t found = vocabulary_prop_find(r->rules->vocabulary, group, word);
	uint32_t kinds = found < 0 ? 0 : r->rules->vocabulary->props[group][found].kinds;
	if (found < 0 || (c->side == SIDE_SELF && !(r->rule.kinds & kinds))) {
		r->token_at = at;
		rule_wrong(r, "the vocabulary has no such property here: ", *name);
		return NULL;
	}
	c->prop = (int16_t)found;
	return &r->rules->vocabulary->props[group][found];
}

static bool read_word_bit(struct rule_reader *r, const struct vocabulary_prop *p, int32_t *bit)
{
	*bit = p->words < 0 ? -1 : word_find(&r->rules->vocabulary->lists[p->words], r->token);
	if (*bit < 0)
		return rule_wrong(r, "the vocabulary has no such value here: ", r->token);
	rule_step(r);
	return true;
}

static bool read_set(struct rule_reader *r, const struct vocabulary_prop *p, uint64_t *mask)
{
	int32_t bit;

	if (!rule_is(r, S("(")))
		return rule_wrong(r, "( was expected after in, not ", r->token);
	r->nesting++;
	rule_step(r);
	do {
		if (!read_word_bit(r, p, &bit))
			return false;
		*mask |= UINT64_C(1) << bit;
	} while (rule_accept(r, S(",")));
	r->nesting--;
	return rule_accept(r, S(")")) || rule_wrong(r, ") was expected, not ", r->token);
}

static bool read_order(struct rule_reader *r, struct rule_code c, const struct vocabulary_prop *p)
{
	bool negate = r->token.p[0] == '<',
	     next_one = str_eq(r->token, S(">")) || str_eq(r->token, S("<="));
	int32_t bit;

	if (p->words < 0 || !r->rules->vocabulary->lists[p->words].is_scale)
		return rule_wrong(r, "only a scale has an order: ", p->name);
	rule_step(r);
	if (!read_word_bit(r, p, &bit))
		return false;
	c.op = OP_AT_LEAST;
	c.mask = UINT64_C(1) << (bit + next_one);
	return emit(r, c) && (!negate || emit(r, (struct rule_code){.op = OP_NOT}));
}

/* "carries class health-data" has no sign; a property alone means yes. */
static bool read_bare_value(
	struct rule_reader *r, const struct vocabulary_prop *p, str name, uint64_t *mask)
{
	const struct vocabulary *v = r->rules->vocabulary;
	int32_t bit = p->words < 0 ? -1 : word_find(&v->lists[p->words], r->token);

	if (bit >= 0 && !r->is_text)
		rule_step(r);
	else
		bit = p->words < 0 ? -1 : word_find(&v->lists[p->words], S("yes"));
	if (bit < 0)
		return rule_wrong(r, "=, in or a value was expected after ", name);
	*mask = UINT64_C(1) << bit;
	return true;
}

static bool read_test(struct rule_reader *r)
{
	struct rule_code c = {.op = OP_ANY};
	bool negate = false, known = rule_accept(r, S("known"));
	int32_t bit = 0;
	str name;

	const struct vocabulary_prop *p = rule_read_path(r, &c, &name);
	if (!p)
		return false;
	if (known) {
		c.op = OP_KNOWN;
		return emit(r, c);
	}
	if (rule_accept(r, S("in"))) {
		if (!read_set(r, p, &c.mask))
			return false;
	} else if (rule_is(r, S("<")) || rule_is(r, S(">")) || rule_is(r, S("<=")) ||
		rule_is(r, S(">="))) {
		return read_order(r, c, p);
	} else if (rule_is(r, S("=")) || rule_is(r, S("!="))) {
		negate = rule_is(r, S("!="));
		rule_step(r);
		if (!read_word_bit(r, p, &bit))
			return false;
		c.mask = UINT64_C(1) << bit;
	} else if (!read_bare_value(r, p, name, &c.mask)) {
		return false;
	}
	return emit(r, c) && (!negate || emit(r, (struct rule_code){.op = OP_NOT}));
}

static bool read_or(struct rule_reader *r);

static bool read_not(struct rule_reader *r)
{
	if (rule_accept(r, S("not"))) {
		if (r->nots++ >= RULE_STACK)
			return rule_wrong(r, "the condition is nested too deeply", S(""));
		bool ok = read_not(r);
		r->nots--;
		return ok && emit(r, (struct rule_code){.op = OP_NOT});
	}
	if (!rule_is(r, S("(")))
		return read_test(r);
	if (r->nesting >= RULE_STACK)
		return rule_wrong(r, "the condition is nested too deeply", S(""));
	r->nesting++;
	rule_step(r);
	if (!read_or(r))
		return false;
	r->nesting--;
	return rule_accept(r, S(")")) || rule_wrong(r, ") was expected, not ", r->token);
}

/* What the left side decides alone makes the right one not worth a look: the jump stands behind the
   left side and leads behind the operator. */
static bool read_joined(struct rule_reader *r, bool (*side)(struct rule_reader *r), str word,
	enum rule_op op, enum rule_op jump)
{
	if (!side(r))
		return false;
	while (rule_accept(r, word)) {
		int32_t from = r->code_count;
		if (!emit(r, (struct rule_code){.op = (uint8_t)jump}) || !side(r) ||
			!emit(r, (struct rule_code){.op = (uint8_t)op}))
			return false;
		r->code[from].prop = (int16_t)(r->code_count - from);
	}
	return true;
}

static bool read_and(struct rule_reader *r)
{
	return read_joined(r, read_not, S("and"), OP_AND, OP_SKIP_NO);
}

static bool read_or(struct rule_reader *r)
{
	return read_joined(r, read_and, S("or"), OP_OR, OP_SKIP_YES);
}

bool rule_read_condition(struct rule_reader *r, struct rule_condition *c)
{
	int32_t before = c->count;

	r->code_count = 0;
	r->depth = 0;
	r->nesting = 0;
	r->nots = 0;
	for (int32_t i = 0; i < before; i++)
		if (!emit(r, c->code[i]))
			return false;
	if (before && !emit(r, (struct rule_code){.op = OP_SKIP_NO}))
		return false;
	if (!read_or(r) || (before && !emit(r, (struct rule_code){.op = OP_AND})))
		return false;
	if (before)
		r->code[before].prop = (int16_t)(r->code_count - before);
	c->code = NEW(r->arena, struct rule_code, r->code_count);
	memcpy(c->code, r->code, (size_t)r->code_count * sizeof *c->code);
	c->count = r->code_count;
	return true;
}
