#include "call/call.h"

#include "kinds.h"

static bool grants(const struct grant *g, int right)
{
	return (g->right[right / 64] >> (right % 64) & 1) != 0;
}

bool call_could(const struct call *c, int right, str product)
{
	assert(right > 0 && right < RIGHT_COUNT);
	if (c->who.is_system)
		return true;
	for (isize i = 0; i < c->who.grant_count; i++) {
		const struct grant *g = &c->who.grant[i];
		if (grants(g, right) && (g->product.n == 0 || str_eq(g->product, product)))
			return true;
	}
	return false;
}

bool call_could_some(const struct call *c, int right)
{
	assert(right > 0 && right < RIGHT_COUNT);
	for (isize i = 0; i < c->who.grant_count; i++)
		if (grants(&c->who.grant[i], right))
			return true;
	return c->who.is_system;
}

static bool refuse(struct call *c, int right, str product, const char *where)
{
	if (!c->denied) {
		c->denied = right;
		c->denied_at = product;
	}
	return FAIL(&c->err, ERR_DENIED, "you may not do this: it needs the right \"%.*s\"%s%.*s",
		STR_ARG(right_name(right)), where, STR_ARG(product));
}

bool call_may(struct call *c, int right, str product)
{
	if (call_could(c, right, product))
		return true;
	/* Who has it for some product only is told what is missing. */
	return refuse(c, right, product,
		product.n                           ? " for "
			: call_could_some(c, right) ? " for more than single products"
						    : "");
}

bool call_may_some(struct call *c, int right)
{
	return call_could_some(c, right) || refuse(c, right, S(""), "");
}

bool call_holds(const struct call *c, str role, str product)
{
	for (isize i = 0; i < c->who.grant_count; i++) {
		const struct grant *g = &c->who.grant[i];
		if (role.n && str_eq(g->role, role) &&
			(g->product.n == 0 || str_eq(g->product, product)))
			return true;
	}
	return false;
}

bool call_is(const struct call *c, str ref, str product)
{
	if (ref.n == 0)
		return false;
	for (isize i = 0; i < c->who.team_count; i++)
		if (str_eq(c->who.team[i], ref))
			return true;
	return str_eq(c->who.ref, ref) || call_holds(c, ref, product);
}

isize call_scope(const struct call *c, int right, bool *all, const str **product)
{
	str *list = NEW(c->arena, str, c->who.grant_count + 1);
	isize n = 0;

	*all = c->who.is_system;
	*product = list;
	for (isize i = 0; i < c->who.grant_count; i++) {
		const struct grant *g = &c->who.grant[i];
		if (!grants(g, right))
			continue;
		if (g->product.n == 0)
			*all = true;
		else
			list[n++] = g->product;
	}
	return *all ? 0 : n;
}

bool call_at(struct call *c, str at)
{
	int64_t v;

	c->at_us = TIME_NONE;
	if (at.n == 0)
		return true;
	if (day_parse(at, &v)) {
		c->at_us = (v + 1) * DAY_US - 1;
	} else if (str_int(at, 0, INT64_MAX, &v)) {
		c->at_us = db_int(c->db, SQL("SELECT at FROM entry WHERE seq = $1"), V(v));
		if (!c->at_us)
			return FAIL(&c->err, ERR_MISSING, "the ledger has no entry %" PRId64, v);
	} else if (!time_parse(at, &c->at_us)) {
		return err_issue(&c->err, S("at"),
			"give a date like 2026-09-30, a time, or the number of a ledger entry");
	}
	return true;
}

str right_name(int right)
{
	assert(right >= 0 && right < RIGHT_COUNT);
	return rights[right].name;
}

/* One '*' stands for any run of characters. */
static bool is_named(str pattern, str name)
{
	if (str_index(pattern, '*') < 0)
		return str_eq(pattern, name);
	str head = str_cut(&pattern, '*');
	return name.n >= head.n + pattern.n && str_starts(name, head) && str_ends(name, pattern);
}

void right_match(str pattern, uint64_t set[RIGHT_WORDS])
{
	static_assert(RIGHT_COUNT <= RIGHT_WORDS * 64, "the set of rights is too small");
	for (int i = 1; i < RIGHT_COUNT; i++)
		if (is_named(pattern, rights[i].name))
			set[i / 64] |= UINT64_C(1) << (i % 64);
}

bool right_is_named(str pattern)
{
	for (int i = 1; i < RIGHT_COUNT; i++)
		if (is_named(pattern, rights[i].name))
			return true;
	return false;
}
