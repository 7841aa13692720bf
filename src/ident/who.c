/* Who somebody is and what they may do today: person, grants in force, the roles these name. */
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

static bool load_grants(struct call *c, int64_t today)
{
	struct grant *grant = NEW(c->arena, struct grant, GRANTS_MAX);
	isize n = 0;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT g.f_scope, r.f_rights FROM access_grant g"
		    " JOIN role r ON r.ref = g.f_role AND r.until IS NULL AND r.state = 'effective'"
		    " WHERE g.until IS NULL AND g.f_identity = $1 AND g.state IN ('granted', "
		    "'reviewed')"
		    " AND (g.f_from IS NULL OR g.f_from <= $2) AND (g.f_until IS NULL OR g.f_until "
		    ">= $2)"
		    " ORDER BY g.ref LIMIT 64"),
		V(c->who.ref), V(today));
	while (n < GRANTS_MAX && rows_next(&r)) {
		grant[n].product = str_dup(c->arena, rows_str(&r, 0));
		if (!rows_is_null(&r, 1))
			add_rights(c, str_dup(c->arena, rows_str(&r, 1)), grant[n].right);
		n++;
	}
	c->who.grant = grant;
	c->who.grant_count = n;
	return rows_done(&r);
}

static str print_id(struct call *c, str bytes)
{
	struct buf b;

	buf_init(&b, c->arena, 64);
	buf_add(&b, S("person:"));
	hex_print(&b, bytes.p, bytes.n);
	return buf_str(&b);
}

bool ident_load(struct call *c, str person)
{
	struct rows r;
	bool found = false;

	c->who = (struct who){.ref = S("")};
	db_query(c->db, &r,
		SQL("SELECT ref, id, f_title FROM person WHERE ref = $1 AND until IS NULL"
		    " AND state IN ('active', 'leaving')"),
		V(person));
	if (rows_next(&r)) {
		found = true;
		c->who.ref = str_dup(c->arena, rows_str(&r, 0));
		c->who.actor = print_id(c, rows_blob(&r, 1));
		c->who.name = str_dup(c->arena, rows_str(&r, 2));
	}
	if (!rows_done(&r))
		return false;
	if (!found)
		return FAIL(&c->err, ERR_DENIED, "this account is not active");
	return load_grants(c, day_of_time(c->now_us));
}
