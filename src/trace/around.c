/* What leads to one record and what follows from it. */
#include "trace/trace_in.h"

enum { FOUND_MAX = 256 };

/* One end found, and the one it was found from. */
struct step {
	str ref, via;
};

static bool is_link_kind(const struct kind *k)
{
	return k && (k->id == KIND_THREAT || k->id == KIND_RISK || k->id == KIND_CONTROL ||
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
		SQL("WITH RECURSIVE edge(up, down) AS ("
		    "SELECT from_ref, to_ref FROM link WHERE type = 'raises'"
		    " AND since <= $2 AND (until IS NULL OR until > $2)"
		    " UNION ALL SELECT to_ref, from_ref FROM link WHERE type IN ('counters', 'treats',"
		    " 'refines', 'verifies', 'shows') AND since <= $2 AND (until IS NULL OR until > $2)),"
		    " path(ref, via, depth) AS ("
		    "SELECT up, down, 1 FROM edge WHERE down = $1"
		    " UNION SELECT edge.up, edge.down, path.depth + 1 FROM path JOIN edge"
		    " ON edge.down = path.ref WHERE path.depth < 6)"
		    " SELECT ref, via, depth FROM path ORDER BY depth, length(ref), ref, via LIMIT 256"),
		V(ref), V(at));
	return read_steps(c, &r, step, count);
}

static bool steps_down(struct call *c, str ref, struct step *step, isize *count)
{
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	db_query(c->db, &r,
		SQL("WITH RECURSIVE edge(up, down) AS ("
		    "SELECT from_ref, to_ref FROM link WHERE type = 'raises'"
		    " AND since <= $2 AND (until IS NULL OR until > $2)"
		    " UNION ALL SELECT to_ref, from_ref FROM link WHERE type IN ('counters', 'treats',"
		    " 'refines', 'verifies', 'shows') AND since <= $2 AND (until IS NULL OR until > $2)),"
		    " path(ref, via, depth) AS ("
		    "SELECT down, up, 1 FROM edge WHERE up = $1"
		    " UNION SELECT edge.down, edge.up, path.depth + 1 FROM path JOIN edge"
		    " ON edge.up = path.ref WHERE path.depth < 6)"
		    " SELECT ref, via, depth FROM path ORDER BY depth, length(ref), ref, via LIMIT 256"),
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
