/*
 * The brake of a name: NIST SP 800-63B, 5.2.2, lets nobody have more than 100 failures in a row on
 * one account, from however many addresses.  An account that is locked would be a weapon against
 * its owner.  After BRAKE_FREE failures a name is therefore tried once in BRAKE_S seconds only,
 * but as often as ever from a place where it was right within KNOWN_DAYS.
 *
 * A name that nobody has is braked like any other: the brake must not tell which names there are.
 * What is stored are MACs with a key of the process (session.c), so that a restart begins anew.
 */
#include "crypt/crypt.h"
#include "ident/ident_in.h"

enum { SECOND_US = 1000000, BRAKE_FREE = 100, BRAKE_S = 900, KNOWN_DAYS = 30, PLACES_MAX = 8 };

static str name_key(struct call *c, str name)
{
	return str_fmt(c->arena, "name:%.*s", STR_ARG(sign_in_mac(c, name, S(""))));
}

/* The places of one name have one beginning, so that they can be counted. */
static str known_key(struct call *c, str name, str from)
{
	str mac = from.n ? sign_in_mac(c, name, from) : S("");

	return str_fmt(
		c->arena, "known:%.*s:%.*s", STR_ARG(sign_in_mac(c, name, S(""))), STR_ARG(mac));
}

/* Who is signed in was right in this session: strangers elsewhere do not make them wait. */
bool brake_look(struct call *c, str name, str from, int64_t *until_us)
{
	int64_t known_us = c->now_us - KNOWN_DAYS * DAY_US, failures = 0, last = 0;
	struct rows r;

	*until_us = 0;
	if (str_starts(from, S(CREDENTIAL_SESSION)))
		return true;
	if (db_int(c->db,
		    SQL("SELECT count(*) FROM sign_in_failure WHERE sign_in = $1 AND last > $2"),
		    V(known_key(c, name, from)), V(known_us)) > 0)
		return true;
	db_query(c->db, &r, SQL("SELECT failures, last FROM sign_in_failure WHERE sign_in = $1"),
		V(name_key(c, name)));
	if (rows_next(&r)) {
		failures = rows_int(&r, 0);
		last = rows_int(&r, 1);
	}
	if (failures >= BRAKE_FREE)
		*until_us = last + (int64_t)BRAKE_S * SECOND_US;
	return rows_done(&r);
}

bool brake_failed(struct call *c, str name)
{
	return db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, 1, $2)"
			 " ON CONFLICT(sign_in) DO UPDATE SET failures ="
			 " sign_in_failure.failures + 1, last = excluded.last"),
		V(name_key(c, name)), V(c->now_us));
}

bool brake_worked(struct call *c, str name, str from)
{
	str places = known_key(c, name, S(""));

	db_exec(c->db, SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in = $1"),
		V(name_key(c, name)));
	db_exec(c->db,
		SQL_FREE("INSERT INTO sign_in_failure(sign_in, failures, last) VALUES($1, 0, $2)"
			 " ON CONFLICT(sign_in) DO UPDATE SET last = excluded.last"),
		V(known_key(c, name, from)), V(c->now_us));
	return db_exec(c->db,
		SQL_FREE("DELETE FROM sign_in_failure WHERE substr(sign_in, 1, $1) = $2 AND last <"
			 " (SELECT last FROM sign_in_failure WHERE substr(sign_in, 1, $1) = $2"
			 " ORDER BY last DESC LIMIT 1 OFFSET $3)"),
		V((int64_t)places.n), V(places), V((int64_t)PLACES_MAX - 1));
}

/* Those that were tried least go first: names that a stranger invents push out none that is
   braked. */
bool brake_forget(struct call *c)
{
	db_exec(c->db,
		SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in LIKE '%:%' AND last < $1"),
		V(c->now_us - KNOWN_DAYS * DAY_US));
	return db_exec(c->db,
		SQL_FREE("DELETE FROM sign_in_failure WHERE sign_in IN (SELECT sign_in FROM"
			 " sign_in_failure WHERE sign_in LIKE 'name:%' ORDER BY failures DESC,"
			 " last DESC LIMIT 1000000 OFFSET $1)"),
		V((int64_t)SIGN_IN_PAIRS_MAX));
}
