/* The state machine of a record: who may move it, when, and with what signature. */
#include "crypt/crypt.h"
#include "kind/kind_in.h"
#include "ledger/ledger.h"

static int move_right(const struct kind *k, const struct move *m)
{
	return m->right ? m->right : k->can_write;
}

isize kind_moves(struct call *c, const void *record, const struct move **out, isize max)
{
	const struct rec *rec = record;
	isize n = 0;

	for (int i = 0; i < rec->kind->move_count && n < max; i++) {
		const struct move *m = &rec->kind->move[i];
		if (m->from == rec->state && call_could(c, move_right(rec->kind, m), rec->product))
			out[n++] = m;
	}
	return n;
}

static bool allowed(struct call *c, const struct rec *rec, const struct move *m)
{
	if (!call_may(c, move_right(rec->kind, m), rec->product))
		return false;
	if (m->second_person && !approval_by_other(c, rec))
		return false;
	for (int i = 0; i < m->require_count; i++) {
		const struct field *f = &rec->kind->field[m->requires[i]];
		if (kind_is_empty(rec, f))
			err_issue(&c->err, f->name, "%.*s: needed before \"%.*s\"",
				STR_ARG(f->label), STR_ARG(m->label));
	}
	bool may_go = approval_may_dispose(c, rec, m->to);
	bool is_ready = !m->guard || m->guard(c, rec);
	assert((may_go && is_ready) || c->err.code != ERR_NONE);
	if (m->meaning.n && !c->signs && !c->who.is_system)
		err_issue(&c->err, S("password"), "sign with your password: \"%.*s\"",
			STR_ARG(m->meaning));
	return c->err.code == ERR_NONE;
}

/* 21 CFR 11.50 and 11.70: the signer's printed name, the time, the meaning, bound to the exact
   content by its hash. */
bool kind_sign(struct call *c, const struct rec *rec, str meaning)
{
	struct buf canonical, body;
	struct sha256 hash;

	buf_init(&canonical, c->arena, LIMIT_RECORD_BYTES);
	kind_json(&canonical, rec);
	hash = sha256(buf_str(&canonical));
	db_exec(c->db,
		SQL_CHANGE("INSERT INTO signature(ref, rev, signer, name, meaning, hash, at)"
			   " VALUES($1, $2, $3, $4, $5, $6, $7)"),
		V(rec->ref), V(rec->rev), V(c->who.ref), V(c->who.name), V(meaning),
		V_BLOB(hash.b, (isize)sizeof hash.b), V(c->now_us));
	buf_init(&body, c->arena, 4096);
	buf_fmt(&body, "{\"rev\":%" PRId64 ",\"signs\":\"", rec->rev);
	hex_print(&body, hash.b, (isize)sizeof hash.b);
	buf_add(&body, S("\",\"meaning\":"));
	json_put_string(&body, meaning);
	buf_char(&body, '}');
	return ledger_append(c,
		&(struct entry){.act = S("sign"),
			.outcome = S("ok"),
			.body = buf_str(&body),
			.object = str_fmt(c->arena, "signature:%.*s", STR_ARG(rec->ref))});
}

/* A move from what is in force to where its revision begins leaves it in force. */
static bool is_revision(const struct call *c, const struct rec *rec, int to)
{
	return !c->who.is_loader && rec->kind->state[rec->state].pending == to + 1;
}

static bool move_record(struct call *c, struct rec *rec, int to)
{
	struct rec *now;

	if (!record_now(c, rec, 0, &now))
		return false;
	if (now->rev != rec->rev)
		return FAIL(&c->err, ERR_CONFLICT,
			"%.*s was saved by somebody else: revision %" PRId64
			" is not the latest, %" PRId64 " is",
			STR_ARG(rec->ref), rec->rev, now->rev);
	keep_hidden(rec, now);
	if (is_revision(c, rec, to))
		return pending_open(c, rec, now);
	rec->state = to;
	return kind_check(c, rec) && standing_keep(c, now, rec) && approval_keep(c, now, rec) &&
		pending_leave(c, now, to) &&
		record_write(c, rec, now,
			str_fmt(c->arena, "%.*s.move", STR_ARG(rec->kind->name)));
}

bool kind_move(struct call *c, void *record, int to)
{
	struct rec *rec = record;

	for (int i = 0; i < rec->kind->move_count; i++) {
		const struct move *m = &rec->kind->move[i];
		if (m->from != rec->state || m->to != to)
			continue;
		if (!allowed(c, rec, m))
			return false;
		c->now_us++;
		bool ok = (rec->base ? pending_move(c, rec, to) : move_record(c, rec, to)) &&
			(m->meaning.n == 0 || kind_sign(c, rec, m->meaning));
		if (!ok)
			drop_hidden(rec);
		return ok;
	}
	str wanted = to >= 0 && to < rec->kind->state_count ? rec->kind->state[to].label : S("?");
	return FAIL(&c->err, ERR_CONFLICT, "%.*s cannot go from \"%.*s\" to \"%.*s\"",
		STR_ARG(rec->ref), STR_ARG(rec->kind->state[rec->state].label), STR_ARG(wanted));
}

/* Revisions that were signed come in runs. */
static bool judge(struct call *c, const struct rec *of, struct signed_by *list, isize count)
{
	bool holds = false;
	int64_t rev = 0;

	for (isize i = 0; i < count; i++) {
		if (list[i].rev != rev && !approval_holds_for(c, of, list[i].rev, &holds))
			return false;
		rev = list[i].rev;
		list[i].holds = holds;
	}
	return true;
}

/* The printed name is a copy from the record of the signer, who may not be for the caller. */
static bool name_signers(struct call *c, struct signed_by *list, isize count)
{
	struct brief *signer = NEW(c->arena, struct brief, count + 1);
	str *ref = NEW(c->arena, str, count + 1);

	for (isize i = 0; i < count; i++)
		ref[i] = list[i].signer;
	if (!kind_briefs(c, ref, count, signer))
		return false;
	for (isize i = 0; i < count; i++)
		if (!signer[i].kind && !c->who.is_system)
			list[i].name = list[i].signer;
	return true;
}

bool signature_list(
	struct call *c, const struct rec *of, struct signed_by **out, isize *count)
{
	enum { SIGNATURES_MAX = 200 };
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;
	struct rows r;

	*out = NEW(c->arena, struct signed_by, SIGNATURES_MAX);
	*count = 0;
	db_query(c->db, &r,
		SQL("SELECT rev, signer, name, meaning, at FROM signature"
		    " WHERE ref = $1 AND at <= $2 ORDER BY at DESC, signer LIMIT 200"),
		V(of->ref), V(at));
	while (rows_next(&r)) {
		struct signed_by *s = &(*out)[(*count)++];
		s->rev = rows_int(&r, 0);
		s->signer = str_dup(c->arena, rows_str(&r, 1));
		s->name = str_dup(c->arena, rows_str(&r, 2));
		s->meaning = str_dup(c->arena, rows_str(&r, 3));
		s->at = rows_int(&r, 4);
	}
	return rows_done(&r) && name_signers(c, *out, *count) &&
		judge(c, of, *out, *count);
}
