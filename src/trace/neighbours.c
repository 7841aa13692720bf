/* What leads to one record and what follows from it. */
#include "trace/trace_in.h"

enum { FOUND_MAX = 256 };

/* One end found, and the one it was found from. */
struct step {
	str ref, via;
};

static bool is_link_kind(const struct kind *k)
{
	return k &&
		(k->id == KIND_THREAT || k->id == KIND_RISK || k->id == KIND_CONTROL ||
			k->id == KIND_REQUIREMENT || k->id == KIND_TEST || k->id == KIND_EVIDENCE);
}

static bool read_steps(struct call *c, struct rows *r, struct step *step, isize *count)
{
	*count = 0;
	while (*count < FOUND_MAX && rows_next(r)) {
		step[*count].ref = str_dup(c->arena, rows_str(r, 0));
		step[(*count)++].via = str_dup(c->arena, rows_str(r, 1));
	}
	return rows_done(r);
}

/* Nearest first.  "raises" is stored from the upper end, the others from the lower one. */
static bool steps_up(struct call *c, str ref, struct step *step, isize *count)
{
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	db_query(c->db, &r,
		SQL("WITH RECURSIVE path(ref, via, depth) AS ("
		    "SELECT CAST($1 AS TEXT), '', 0 UNION"
		    " SELECT CASE WHEN l.type = 'raises' THEN l.from_ref ELSE l.to_ref END, "
		    "path.ref,"
		    " path.depth + 1 FROM path JOIN link l ON (l.to_ref = path.ref AND l.type = "
		    "'raises')"
		    " OR (l.from_ref = path.ref AND l.type IN ('counters', 'treats', 'refines',"
		    " 'verifies', 'shows'))"
		    " WHERE path.depth < 6 AND l.since <= $2 AND (l.until IS NULL OR l.until > $2))"
		    " SELECT ref, via FROM path WHERE depth > 0"
		    " ORDER BY depth, length(ref), ref, via LIMIT 256"),
		V(ref), V(at));
	return read_steps(c, &r, step, count);
}

static bool steps_down(struct call *c, str ref, struct step *step, isize *count)
{
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	db_query(c->db, &r,
		SQL("WITH RECURSIVE path(ref, via, depth) AS ("
		    "SELECT CAST($1 AS TEXT), '', 0 UNION"
		    " SELECT CASE WHEN l.type = 'raises' THEN l.to_ref ELSE l.from_ref END, "
		    "path.ref,"
		    " path.depth + 1 FROM path JOIN link l ON (l.from_ref = path.ref AND l.type = "
		    "'raises')"
		    " OR (l.to_ref = path.ref AND l.type IN ('counters', 'treats', 'refines',"
		    " 'verifies', 'shows'))"
		    " WHERE path.depth < 6 AND l.since <= $2 AND (l.until IS NULL OR l.until > $2))"
		    " SELECT ref, via FROM path WHERE depth > 0"
		    " ORDER BY depth, length(ref), ref, via LIMIT 256"),
		V(ref), V(at));
	return read_steps(c, &r, step, count);
}

static isize find_ref(const struct brief *list, isize count, str ref)
{
	for (isize i = 0; i < count; i++)
		if (str_eq(list[i].ref, ref))
			return i;
	return -1;
}

/* Keeps what may be read, once each, when it was reached from something kept. */
static bool keep(struct call *c, str ref, const struct step *step, isize count, struct brief **out,
	isize *kept, bool *is_cut)
{
	str *refs = NEW(c->arena, str, count + 1);
	struct brief *brief = NEW(c->arena, struct brief, count + 1);

	for (isize i = 0; i < count; i++)
		refs[i] = step[i].ref;
	if (!kind_briefs(c, refs, count, brief))
		return false;
	*out = NEW(c->arena, struct brief, TRACE_OF_MAX);
	*kept = 0;
	*is_cut |= count == FOUND_MAX;
	for (isize i = 0; i < count; i++) {
		bool reached = str_eq(step[i].via, ref) || find_ref(*out, *kept, step[i].via) >= 0;
		if (!is_link_kind(brief[i].kind) || !reached || str_eq(step[i].ref, ref) ||
			find_ref(*out, *kept, step[i].ref) >= 0)
			continue;
		if (*kept == TRACE_OF_MAX) {
			*is_cut = true;
			break;
		}
		(*out)[(*kept)++] = brief[i];
	}
	return true;
}

bool trace_of(struct call *c, str ref, struct trace_around *out)
{
	struct step *step = NEW(c->arena, struct step, FOUND_MAX);
	struct brief self = {0};
	isize count;

	static_assert(TRACE_OF_STEPS == 6 && FOUND_MAX == 256, "the statements hold these numbers");
	*out = (struct trace_around){0};
	if (!kind_brief(c, ref, &self))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(ref));
	return steps_up(c, ref, step, &count) &&
		keep(c, ref, step, count, &out->up, &out->up_count, &out->is_cut) &&
		steps_down(c, ref, step, &count) &&
		keep(c, ref, step, count, &out->down, &out->down_count, &out->is_cut);
}
