/* Who somebody is and what they may do today: person, grants in force, the roles these name. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"

enum { GRANTS_MAX = 64 };

/* The patterns of a role, as the store holds them: a JSON array of texts. */
static void add_rights(struct call *c, str patterns, uint64_t set[RIGHT_WORDS])
{
	struct err e = {.arena = c->arena};
	const struct json *list = json_parse(c->arena, &e, patterns);

	json_each(pattern, list) if (pattern->type == JSON_STRING) right_match(pattern->text, set);
}

str ident_actor(struct arena *a, str id)
{
	struct uuid u = {{0}};
	struct buf b;

	if (id.n != (isize)sizeof u.b)
		return S("person:?");
	memcpy(u.b, id.p, sizeof u.b);
	buf_init(&b, a, 64);
	buf_add(&b, S("person:"));
	uuid_print(&b, u);
	return buf_str(&b);
}

static void take_person(struct call *c, const struct rows *r)
{
	c->who.ref = str_dup(c->arena, rows_str(r, 0));
	c->who.actor = ident_actor(c->arena, rows_blob(r, 1));
	c->who.name = str_dup(c->arena, rows_str(r, 2));
	c->who.post = str_dup(c->arena, rows_str(r, 3));
}

static void take_grant(struct call *c, const struct rows *r, struct grant *out)
{
	out->product = str_dup(c->arena, rows_str(r, 4));
	if (!rows_is_null(r, 5))
		add_rights(c, str_dup(c->arena, rows_str(r, 5)), out->right);
}

bool ident_load(struct call *c, str person)
{
	struct grant *grant = NEW(c->arena, struct grant, GRANTS_MAX);
	struct rows r;
	isize n = 0;

	c->who = (struct who){.ref = S("")};
	db_query(c->db, &r,
		SQL("SELECT p.ref, p.id, p.f_title, p.f_post, g.f_scope, g.f_rights FROM person p"
		    " LEFT JOIN (SELECT g.ref, g.f_identity, g.f_scope, r.f_rights"
		    " FROM access_grant g JOIN role r ON r.ref = g.f_role AND r.until IS NULL"
		    " AND r.state = 'effective' WHERE g.until IS NULL AND g.f_identity = $1"
		    " AND g.state IN ('granted', 'reviewed') AND (g.f_from IS NULL OR g.f_from <= "
		    "$2)"
		    " AND (g.f_until IS NULL OR g.f_until >= $2)) g ON g.f_identity = p.ref"
		    " WHERE p.ref = $1 AND p.until IS NULL AND p.state IN ('active', 'leaving')"
		    " ORDER BY g.ref LIMIT 64"),
		V(person), V(day_of_time(c->now_us)));
	while (n < GRANTS_MAX && rows_next(&r)) {
		if (n == 0)
			take_person(c, &r);
		take_grant(c, &r, &grant[n++]);
	}
	if (!rows_done(&r))
		return false;
	if (n == 0)
		return FAIL(&c->err, ERR_DENIED, "this account is not active");
	c->who.grant = grant;
	c->who.grant_count = n;
	return true;
}
