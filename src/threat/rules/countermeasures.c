/* The catalogue of countermeasures, in the dress of the rule files; ward-rule(5). */
#include "threat/rules/rule_in.h"

bool counter_begin(struct rule_reader *r)
{
	if (rule_line_ends(r) || r->is_text)
		return rule_wrong(r, "a countermeasure has a name", S(""));
	if (countermeasure_find(r->rules, r->token))
		return rule_wrong(r, "there is a countermeasure of this name already: ", r->token);
	r->counter = (struct countermeasure){.name = r->token, .file = r->file, .at = r->token_at};
	rule_step(r);
	r->in_counter = true;
	return true;
}

static bool counter_end(struct rule_reader *r)
{
	struct countermeasure *c = &r->counter;
	struct rules *rules = r->rules;

	if (!c->title.n || !c->require.n || !c->accept_count || !c->verify.n || !c->fda_count)
		return rule_wrong(r,
			"a countermeasure has title, require, accept, verify and fda: ", c->name);
	if (rules->counter_count == COUNTER_COUNT)
		return rule_wrong(r, "too many countermeasures", S(""));
	struct countermeasure *list = list_grow(r->arena, rules->counters, rules->counter_count,
		&rules->counter_room, (isize)sizeof *list);
	if (!list)
		return FAIL(r->err, ERR_LIMIT, "the rules need more memory than they are given");
	rules->counters = list;
	list[rules->counter_count++] = *c;
	r->in_counter = false;
	return true;
}

static bool read_verify(struct rule_reader *r)
{
	static const str methods[] = {
		S_INIT("test"), S_INIT("analysis"), S_INIT("inspection"), S_INIT("demonstration")};
	bool known = false;

	for (int i = 0; i < COUNT_OF(methods); i++)
		known |= rule_is(r, methods[i]);
	if (!known)
		return rule_wrong(r, "not test, analysis, inspection or demonstration: ", r->token);
	r->counter.method = r->token;
	rule_step(r);
	return rule_read_text(r, &r->counter.verify);
}

static bool read_fda(struct rule_reader *r)
{
	static const str categories[] = {S_INIT("AUTHN"), S_INIT("AUTHZ"), S_INIT("CRYPTO"),
		S_INIT("INTEG"), S_INIT("CONF"), S_INIT("LOG"), S_INIT("RESIL"), S_INIT("UPDATE")};
	struct countermeasure *c = &r->counter;

	do {
		bool known = false;
		for (int i = 0; i < COUNT_OF(categories); i++)
			known |= rule_is(r, categories[i]);
		if (!known)
			return rule_wrong(r, "not a control category: ", r->token);
		if (c->fda_count == COUNTER_FDA)
			return rule_wrong(r, "too many control categories: ", r->token);
		c->fda[c->fda_count++] = r->token;
		rule_step(r);
	} while (rule_accept(r, S(",")));
	return true;
}

bool counter_read_line(struct rule_reader *r)
{
	struct countermeasure *c = &r->counter;

	if (rule_accept(r, S("end")))
		return counter_end(r);
	if (rule_accept(r, S("title")))
		return rule_read_text(r, &c->title);
	if (rule_accept(r, S("require")))
		return rule_read_text(r, &c->require);
	if (rule_accept(r, S("accept"))) {
		if (c->accept_count == COUNTER_ACCEPTS)
			return rule_wrong(r, "too many accept lines", S(""));
		return rule_read_text(r, &c->accept[c->accept_count++]);
	}
	if (rule_accept(r, S("verify")))
		return read_verify(r);
	if (rule_accept(r, S("fda")))
		return read_fda(r);
	if (rule_accept(r, S("maps")))
		return rule_read_text(r, &c->maps);
	return rule_wrong(r, "a countermeasure has no line that begins with ", r->token);
}

isize countermeasures_count(const struct rules *rules)
{
	return rules->counter_count;
}

const struct countermeasure *countermeasure_at(const struct rules *rules, isize i)
{
	assert(i >= 0 && i < rules->counter_count);
	return &rules->counters[i];
}

const struct countermeasure *countermeasure_find(const struct rules *rules, str name)
{
	for (isize i = 0; i < rules->counter_count; i++)
		if (str_eq(rules->counters[i].name, name))
			return &rules->counters[i];
	return NULL;
}
