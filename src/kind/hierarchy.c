/*
 * Hierarchies have no rings: nothing is a part of itself, or of a part of its own.
 *
 * Fields and links that kinds/ declares "tree" lead upwards, from a part to the whole or from what
 * is newer to what it replaces.  Before one is written, what stands above what it names is walked;
 * what was met already ends the walk, so that a ring of an older store does not catch it.
 */
#include "kind/kind_in.h"

bool hierarchy_keep(struct call *c, const struct rec *rec, const struct rec *before)
{
	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (!f->is_tree || kind_is_empty(rec, f) ||
			(before && field_is_same(before, rec, f)))
			continue;
		str above = field_text(rec, f);
		if (db_int(c->db, db_built(SQL_CLASS_READ, kind_sql(rec->kind)->above[i]), V(above),
			    V(rec->ref)))
			return err_issue(&c->err, f->name,
				"%.*s: %.*s stands above %.*s already, or is the same",
				STR_ARG(f->label), STR_ARG(rec->ref), STR_ARG(above));
	}
	return db_ok(c->db);
}

bool hierarchy_keep_link(struct call *c, str from, str type, str to)
{
	int64_t count = db_int(c->db,
		SQL("WITH RECURSIVE up(ref) AS (VALUES($1) UNION SELECT l.to_ref FROM up"
		    " JOIN link l ON l.from_ref = up.ref AND l.type = $2 AND l.until IS NULL)"
		    " SELECT count(*) FROM up WHERE ref = $3"),
		V(to), V(type), V(from));

	return db_ok(c->db) &&
		(count == 0 || err_issue(&c->err, S("to"),
				       "%.*s stands above %.*s already, or is the same",
				       STR_ARG(from), STR_ARG(to)));
}
