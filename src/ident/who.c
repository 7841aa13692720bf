/* Who somebody is and what they may do today: person, grants in force, the roles these name. */
#include "crypt/crypt.h"
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"

enum { TEAMS_MAX = 1000 };

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

/* Room doubles whenever the count is a power of two. */
static struct grant *next_grant(struct call *c)
{
	isize n = c->who.grant_count++;
	struct grant *list = c->who.grant;

	if ((n & (n - 1)) == 0) {
		list = NEW(c->arena, struct grant, n * 2 + 1);
		if (n)
			memcpy(list, c->who.grant, (size_t)n * sizeof *list);
		c->who.grant = list;
	}
	return &list[n];
}

/* A role of a product gives its rights within that product, however wide it was granted. */
static void take_grant(struct call *c, const struct rows *r)
{
	str scope = rows_str(r, 4), product = rows_str(r, 7);
	struct grant *g;

	if (rows_is_null(r, 5) || (scope.n && product.n && !str_eq(scope, product)))
		return;
	g = next_grant(c);
	g->product = str_dup(c->arena, product.n ? product : scope);
	g->role = str_dup(c->arena, rows_str(r, 5));
	if (!rows_is_null(r, 6))
		add_rights(c, str_dup(c->arena, rows_str(r, 6)), g->right);
}

/* A role in a seat counts when it is held everywhere: a team belongs to no product. */
static bool has_seat(struct call *c, const struct rows *r)
{
	struct err e = {.arena = c->arena};

	if (call_is(c, rows_str(r, 1), S("")) || call_is(c, rows_str(r, 2), S("")))
		return true;
	const struct json *seats = json_parse(c->arena, &e, str_dup(c->arena, rows_str(r, 3)));
	bool found = false;
	json_each(seat, seats) found |= call_is(c, json_text(seat, S("holder")), S("")) ||
		call_is(c, json_text(seat, S("alternate")), S(""));
	return found;
}

static bool load_teams(struct call *c)
{
	str *team = NEW(c->arena, str, TEAMS_MAX);
	isize count = 0;
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT ref, f_lead, f_lead_alternate, f_seat FROM team"
		    " WHERE until IS NULL AND state <> 'disbanded' ORDER BY ref LIMIT 1000"));
	while (rows_next(&r)) {
		assert(count < TEAMS_MAX);
		if (has_seat(c, &r))
			team[count++] = str_dup(c->arena, rows_str(&r, 0));
	}
	/* Set at the end: a team that sits in a team is not looked into. */
	c->who.team = team;
	c->who.team_count = count;
	return rows_done(&r);
}

bool ident_load(struct call *c, str person)
{
	bool is_there = false;
	struct rows r;

	c->who = (struct who){.ref = S("")};
	db_query(c->db, &r,
		SQL("SELECT p.ref, p.id, p.f_title, p.f_post, g.f_scope, r.ref, r.f_rights,"
		    " r.f_product"
		    " FROM person p"
		    " LEFT JOIN access_grant g ON g.f_identity = p.ref AND " GRANT_COUNTS
		    " LEFT JOIN role r ON r.ref = g.f_role AND " ROLE_COUNTS
		    " WHERE p.ref = $1 AND p.until IS NULL AND p.state IN ('active', 'leaving')"
		    " ORDER BY g.ref LIMIT 10000"),
		V(person), V(day_of_time(c->now_us)));
	while (rows_next(&r)) {
		if (!is_there)
			take_person(c, &r);
		is_there = true;
		take_grant(c, &r);
	}
	if (!rows_done(&r))
		return false;
	if (!is_there)
		return FAIL(&c->err, ERR_DENIED, "this account is not active");
	return load_teams(c);
}

bool ident_enter(struct call *c, str person, enum way way)
{
	int64_t ways = db_int(c->db,
		SQL("SELECT count(*) FROM person WHERE ref = $1 AND until IS NULL"
		    " AND f_sign_in <> '' AND (f_sign_in_web = 1"
		    " OR (f_sign_in_cli = 1 AND $2 = 1))"),
		V(person), V(way == WAY_TOKEN));

	if (!ident_load(c, person))
		return false;
	if (ways > 0)
		return true;
	c->who = (struct who){.ref = S("")};
	return db_ok(c->db) && FAIL(&c->err, ERR_DENIED, "this account may not sign in this way");
}
