/* Who may read which entries of the ledger, what stands beside them, and the record it is about. */
#include "kind/entry.h"

#include "base/json.h"

#include "crypt/crypt.h"
#include "kind/kind_in.h"

/* "RSK-12" of "risk:RSK-12"; "" where no reference stands. */
static str named(str object)
{
	str ref = object;

	str_cut(&ref, ':');
	return ref.n && ref.p[0] >= 'A' && ref.p[0] <= 'Z' ? ref : S("");
}

/*
 * The record that an entry is about, or "": "risk.update" of "risk:RSK-12", anything of
 * "link:RSK-12", of "signature:RSK-12" and of "pending:RSK-12".  "session.open" of "person:P04" is
 * about what P04 did, not about their record, and so is whatever else may come.
 */
static str about(str act, str object)
{
	str rest = object, head = str_cut(&rest, ':'), kind = str_cut(&act, '.');
	bool is_record = str_eq(head, kind) || str_eq(head, S("link")) ||
		str_eq(head, S("signature")) || str_eq(head, S("pending"));

	return is_record ? named(object) : S("");
}

/* What is about no record is the organization's, or of who did it. */
static bool may_see_other(const struct call *c, const struct ledger_row *row)
{
	return call_could(c, CAN_LEDGER_READ, S("")) ||
		(c->who.ref.n && str_eq(row->actor, c->who.actor));
}

/* Now, whatever time the page is of. */
static bool seen_now(struct call *c, str ref)
{
	struct err before = c->err;
	int64_t at = c->at_us;

	c->at_us = TIME_NONE;
	bool seen = kind_seen(c, ref);
	c->at_us = at;
	c->err = before;
	return seen;
}

bool entry_seen(struct call *c, const struct ledger_row *row)
{
	str ref = about(row->act, row->object);

	return ref.n ? seen_now(c, ref) : may_see_other(c, row);
}

/* Whether the caller may see the record of the person behind a pseudonym. */
static bool actor_seen(struct call *c, str actor)
{
	struct brief person;
	struct uuid id;
	struct rows r;
	bool seen = false;

	if (str_eq(actor, c->who.actor) || !str_starts(actor, S("person:")))
		return true;
	str_cut(&actor, ':');
	if (!uuid_parse(actor, &id))
		return false;
	db_query(c->db, &r,
		SQL("SELECT kind, ref, title, state, owner, product, classification, review_due,"
		    " changed FROM record WHERE id = $1 AND kind = 'person'"),
		V_BLOB(id.b, (isize)sizeof id.b));
	if (rows_next(&r))
		seen = row_brief(c, &r, 0, &person);
	return rows_done(&r) && seen;
}

/* A name is of a record, too: of a person who is not for the caller the pseudonym is left.  Few
   people write what stands on a page. */
static void name_actors(struct call *c, struct ledger_row *row, isize n)
{
	enum { KNOWN = 32 };
	bool seen[KNOWN];
	str actor[KNOWN];
	isize count = 0;

	for (isize i = 0; i < n; i++) {
		isize k = 0;
		while (k < count && !str_eq(actor[k], row[i].actor))
			k++;
		if (k == count) {
			k = count < KNOWN ? count++ : 0;
			actor[k] = row[i].actor;
			seen[k] = actor_seen(c, row[i].actor);
		}
		if (!seen[k])
			row[i].name = S("");
	}
}

/* The body repeats the fields of the record, the secret ones too. */
static bool may_read_all(struct call *c, str ref)
{
	struct err before = c->err;
	int64_t at = c->at_us;
	struct rec *rec;

	if (ref.n == 0)
		return true;
	c->at_us = TIME_NONE;
	bool ok = kind_get_any(c, ref, &rec) && !rec->hidden;
	c->at_us = at;
	c->err = before;
	return ok;
}

/* All of its record, and of a link both ends. */
static bool may_open(struct call *c, const struct ledger_row *row)
{
	struct err e = {.arena = c->arena};

	if (!may_read_all(c, about(row->act, row->object)))
		return false;
	if (!str_starts(row->object, S("link:")))
		return true;
	/* The other end of a link is named in the body. */
	const struct json *body = json_parse(c->arena, &e, row->body);
	return seen_now(c, json_text(body, S("to")));
}

bool entry_get(struct call *c, int64_t seq, struct ledger_row *out, bool *withheld)
{
	if (!ledger_get(c, seq, out))
		return false;
	if (!entry_seen(c, out))
		return FAIL(&c->err, ERR_MISSING, "entry %" PRId64 " is not for you", seq);
	name_actors(c, out, 1);
	*withheld = out->body.n && !may_open(c, out);
	if (*withheld)
		out->body = S("");
	return c->err.code == ERR_NONE;
}

/* entry_seen() of a page of entries, in few queries; those about one record often come in runs. */
static bool page_seen(struct call *c, const struct ledger_row *row, isize n, bool *seen)
{
	struct brief *brief = NEW(c->arena, struct brief, n + 1);
	isize *which = NEW(c->arena, isize, n + 1);
	str *ref = NEW(c->arena, str, n + 1);
	isize count = 0;

	for (isize i = 0; i < n; i++) {
		str of = about(row[i].act, row[i].object);
		if (of.n && (!count || !str_eq(of, ref[count - 1])))
			ref[count++] = of;
		which[i] = of.n ? count - 1 : -1;
	}
	if (!kind_briefs(c, ref, count, brief))
		return false;
	for (isize i = 0; i < n; i++)
		seen[i] = which[i] < 0 ? may_see_other(c, &row[i]) : brief[which[i]].kind != NULL;
	return true;
}

bool entry_list(struct call *c, str object, int64_t before, isize limit, struct ledger_row **out,
	isize *count, int64_t *more)
{
	enum { PAGES_MAX = 20 };
	bool *seen = NEW(c->arena, bool, limit + 1);
	isize n, kept = 0;

	*out = NEW(c->arena, struct ledger_row, limit + 1);
	*more = before;
	for (int page = 0; page < PAGES_MAX && kept < limit && *more; page++) {
		struct ledger_row *row;
		isize i = 0;
		if (!ledger_list(c, object, *more, limit, &row, &n) || !page_seen(c, row, n, seen))
			return false;
		*more = 0;
		for (; i < n && kept < limit; i++) {
			if (seen[i])
				(*out)[kept++] = row[i];
			*more = row[i].seq;
		}
		if (n < limit && i == n)
			*more = 0;
	}
	*count = kept;
	name_actors(c, *out, kept);
	return c->err.code == ERR_NONE;
}

/* ---- what an entry wrote ---- */

/* The record of an object at a revision, in canonical form. */
static bool canonical_of(struct call *c, str ref, int64_t rev, str *out)
{
	struct buf canonical;
	struct rec *now;
	void *then;

	if (!kind_get_any(c, ref, &now) || !kind_get_rev(c, now->kind, ref, rev, &then))
		return false;
	buf_init(&canonical, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&canonical, then);
	*out = buf_str(&canonical);
	return true;
}

bool entry_written(struct call *c, const struct ledger_row *row, str *out)
{
	const struct json *j = row->body.n ? json_parse(c->arena, &c->err, row->body) : NULL;
	str ref = named(row->object), hex = json_text(j, S("hash"));
	struct sha256 want, have;
	int64_t rev;

	*out = S("");
	if (!hex.n)
		hex = json_text(j, S("signs"));
	if (!ref.n || !hex_parse(hex, want.b, (isize)sizeof want.b) ||
		!json_int(json_member(j, S("rev")), &rev))
		return c->err.code == ERR_NONE;
	if (!canonical_of(c, ref, rev, out))
		return false;
	have = sha256(*out);
	return memcmp(want.b, have.b, sizeof want.b) == 0 ||
		FAIL(&c->err, ERR_TAMPERED, "revision %" PRId64 " of %.*s is not as it was logged",
			rev, STR_ARG(ref));
}

bool entry_disclose(struct call *c, int64_t seq, struct disclosed *out)
{
	struct ledger_row row;
	bool withheld;

	*out = (struct disclosed){.body = true};
	if (!entry_get(c, seq, &row, &withheld))
		return false;
	if (withheld)
		return FAIL(
			&c->err, ERR_DENIED, "you may not read what entry %" PRId64 " says", seq);
	return entry_written(c, &row, &out->record);
}
