/* Links between records: typed, directed, with their own history. */
#include "kind/kind_in.h"
#include "ledger/ledger.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Columns type, from, to, note, since, confirmed, when the end asked for changed, then the other
   end's brief. */
static bool row_link(struct call *c, const struct rows *r, str ref, struct link *out)
{
	*out = (struct link){0};
	if (!row_brief(c, r, 7, &out->other))
		return false;
	out->type = str_dup(c->arena, rows_str(r, 0));
	out->from = str_dup(c->arena, rows_str(r, 1));
	out->to = str_dup(c->arena, rows_str(r, 2));
	out->note = str_dup(c->arena, rows_str(r, 3));
	out->since = rows_int(r, 4);
	out->outgoing = str_eq(out->from, ref);
	out->changed = later(rows_int(r, 6), out->other.changed);
	out->suspect = out->changed >= rows_int(r, 5);
	return true;
}

static bool collect(struct call *c, struct rows *r, str ref, struct link **out, isize *count)
{
	struct link *list = NULL;
	isize room = 0;

	*count = 0;
	while (rows_next(r)) {
		if (*count == room) {
			struct link *more = NEW(c->arena, struct link, room * 2 + 16);
			if (room)
				memcpy(more, list, (size_t)room * sizeof *list);
			list = more;
			room = room * 2 + 16;
		}
		*count += row_link(c, r, ref, &list[*count]);
	}
	*out = list;
	return rows_done(r);
}

bool link_list(struct call *c, str ref, struct link **out, isize *count)
{
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	db_query(c->db, &r,
		SQL("SELECT l.type, l.from_ref, l.to_ref, l.note, l.since, l.confirmed,"
		    " (SELECT changed FROM record WHERE ref = $1), r.kind, r.ref,"
		    " r.title, r.state, r.owner, r.product, r.classification, r.review_due, "
		    "r.changed"
		    " FROM link l JOIN record r"
		    " ON r.ref = CASE WHEN l.from_ref = $1 THEN l.to_ref ELSE l.from_ref END"
		    " WHERE (l.from_ref = $1 OR l.to_ref = $1) AND l.since <= $2"
		    " AND (l.until IS NULL OR l.until > $2)"
		    " ORDER BY l.type, length(r.ref), r.ref LIMIT $3"),
		V(ref), V(at), V(LIMIT_LINKS));
	return collect(c, &r, ref, out, count);
}

bool link_list_type(struct call *c, str type, struct link **out, isize *count)
{
	enum { ALL_MAX = 100000 };
	struct rows r;
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;

	db_query(c->db, &r,
		SQL("SELECT l.type, l.from_ref, l.to_ref, l.note, l.since, l.confirmed, 0, r.kind, "
		    "r.ref,"
		    " r.title, r.state, r.owner, r.product, r.classification, r.review_due, "
		    "r.changed"
		    " FROM link l JOIN record r ON r.ref = l.to_ref"
		    " WHERE l.type = $1 AND l.since <= $2 AND (l.until IS NULL OR l.until > $2)"
		    " ORDER BY length(l.from_ref), l.from_ref, length(l.to_ref), l.to_ref"
		    " LIMIT $3"),
		V(type), V(at), V(ALL_MAX + 1));
	if (!collect(c, &r, S(""), out, count))
		return false;
	return *count <= ALL_MAX ||
		FAIL(&c->err, ERR_LIMIT, "more than %d links of one type", ALL_MAX);
}

/* References in the order of link_list_type(): by length, then by bytes. */
static int ref_order(str a, str b)
{
	return a.n != b.n ? (a.n < b.n ? -1 : 1) : str_cmp(a, b);
}

isize link_first_from(const struct link *link, isize count, str ref)
{
	isize from = 0, to = count;

	while (from < to) {
		isize middle = from + (to - from) / 2;
		if (ref_order(link[middle].from, ref) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool end_allowed(const struct linktype *l, const struct kind *other)
{
	for (int i = 0; i < l->kind_count; i++)
		if (l->kinds[i] == other->id)
			return true;
	return l->kind_count == 0;
}

static const struct linktype *declared(const struct kind *from, str type, const struct kind *to)
{
	for (int i = 0; i < from->link_count; i++)
		if (from->link[i].outgoing && str_eq(from->link[i].type, type) &&
			end_allowed(&from->link[i], to))
			return &from->link[i];
	return NULL;
}

static bool log_link(struct call *c, str act, str from, str type, str to, str note)
{
	struct buf b;
	bool first = true;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&b, '{');
	json_put_key(&b, &first, S("type"));
	json_put_string(&b, type);
	json_put_key(&b, &first, S("to"));
	json_put_string(&b, to);
	if (note.n) {
		json_put_key(&b, &first, S("note"));
		json_put_string(&b, note);
	}
	if (c->reason.n) {
		json_put_key(&b, &first, S("words"));
		json_put_string(&b, c->reason);
	}
	buf_char(&b, '}');
	/* Which refuses what could not be written. */
	return ledger_append(c,
		&(struct entry){.act = act,
			.outcome = S("ok"),
			.body = buf_str(&b),
			.object = str_fmt(c->arena, "link:%.*s", STR_ARG(from))});
}

/* Both ends, visible and, for the first, writable by the caller. */
static bool ends(struct call *c, str from, str to, struct brief *a, struct brief *b)
{
	if (!kind_brief(c, from, a))
		return FAIL(&c->err, ERR_MISSING, "there is no %.*s", STR_ARG(from));
	if (!kind_brief(c, to, b))
		return err_issue(&c->err, S("to"), "there is no %.*s", STR_ARG(to));
	return call_may(c, a->kind->can_write, a->product);
}

/* To a time after what the change follows, also when the clock was set back since. */
static void step_past(struct call *c, int64_t last_us)
{
	c->now_us = later(c->now_us, last_us) + 1;
}

bool link_add(struct call *c, str from, str type, str to, str note)
{
	struct brief a, b;

	if (!ends(c, from, to, &a, &b))
		return false;
	const struct linktype *t = declared(a.kind, type, b.kind);
	if (!t)
		return err_issue(&c->err, S("type"), "a %.*s has no link \"%.*s\" to a %.*s",
			STR_ARG(a.kind->name), STR_ARG(type), STR_ARG(b.kind->name));
	if (!utf8_is_text(note) || utf8_count(note) > LIMIT_TEXT)
		return err_issue(
			&c->err, S("note"), "the note is too long or holds control characters");
	if (db_int(c->db,
		    SQL("SELECT count(*) FROM link WHERE from_ref = $1 AND type = $2 AND to_ref = "
			"$3"
			" AND until IS NULL"),
		    V(from), V(type), V(to)))
		return FAIL(&c->err, ERR_CONFLICT, "%.*s and %.*s are linked already",
			STR_ARG(from), STR_ARG(to));
	if (t->is_tree && !hierarchy_keep_link(c, from, type, to))
		return false;
	step_past(c, later(a.changed, b.changed));
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO link(from_ref, type, to_ref, since, until, note, by_actor, "
			   "confirmed)"
			   " VALUES($1, $2, $3, $4, NULL, $5, $6, $4)"),
		V(from), V(type), V(to), V(c->now_us), V(note), V(c->who.ref));
	return log_link(c, S("link.add"), from, type, to, note);
}

bool link_remove(struct call *c, str from, str type, str to)
{
	struct brief a, b;

	if (!ends(c, from, to, &a, &b))
		return false;
	c->now_us++;
	db_exec(c->db,
		SQL_CHANGE("UPDATE link SET until = CASE WHEN since < $1 THEN $1 ELSE since + 1 END"
			   " WHERE from_ref = $2 AND type = $3 AND to_ref = $4 AND until IS NULL"),
		V(c->now_us), V(from), V(type), V(to));
	if (db_changed(c->db) == 0)
		return FAIL(&c->err, ERR_MISSING, "there is no link \"%.*s\" from %.*s to %.*s",
			STR_ARG(type), STR_ARG(from), STR_ARG(to));
	return log_link(c, S("link.remove"), from, type, to, S(""));
}

bool link_confirm(struct call *c, str from, str type, str to, int64_t seen_us)
{
	struct brief a, b;

	if (!ends(c, from, to, &a, &b))
		return false;
	int64_t changed = later(a.changed, b.changed);
	int64_t confirmed = db_int(c->db,
		SQL("SELECT confirmed FROM link WHERE from_ref = $1 AND type = $2 AND to_ref = $3"
		    " AND until IS NULL"),
		V(from), V(type), V(to));
	if (!confirmed)
		return FAIL(&c->err, ERR_MISSING, "there is no link \"%.*s\" from %.*s to %.*s",
			STR_ARG(type), STR_ARG(from), STR_ARG(to));
	if (changed > seen_us)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s or %.*s changed after you looked at them: look again", STR_ARG(from),
			STR_ARG(to));
	if (changed < confirmed)
		return FAIL(&c->err, ERR_CONFLICT,
			"neither %.*s nor %.*s changed since their link was confirmed",
			STR_ARG(from), STR_ARG(to));
	step_past(c, changed);
	db_exec(c->db,
		SQL_CHANGE("UPDATE link SET confirmed = $1 WHERE from_ref = $2 AND type = $3 AND "
			   "to_ref = $4 AND until IS NULL"),
		V(c->now_us), V(from), V(type), V(to));
	return log_link(c, S("link.confirm"), from, type, to, S(""));
}
