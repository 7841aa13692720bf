/* The ledger: entries, proofs, the newest checkpoint. */
#include "kind/entry.h"
#include "pages.h"
#include "web/ledger/ledger_view.h"
#include "web/web_in.h"

enum { ENTRIES_PAGE = 100 };

/* "risk:RSK-12" links to its record. */
str ledger_ref(const struct ledger_row *e)
{
	str rest = e->object;

	str_cut(&rest, ':');
	return rest.n && rest.p[0] >= 'A' && rest.p[0] <= 'Z' ? rest : S("");
}

/* "risk.update" of risk:RSK-12 in words: "changed RSK-12". */
str ledger_words(const struct ledger_row *e)
{
	static const struct {
		str act, words;
	} table[] = {
		{S_INIT("session.open"), S_INIT("signed in")},
		{S_INIT("session.close"), S_INIT("signed out")},
		{S_INIT("session.refused"), S_INIT("a sign-in was refused")},
		{S_INIT("access.denied"), S_INIT("was refused")},
		{S_INIT("storage.filling"), S_INIT("said that the disk fills")},
		{S_INIT("credential.set"), S_INIT("set a password for")},
		{S_INIT("link.add"), S_INIT("linked")},
		{S_INIT("link.confirm"), S_INIT("confirmed a link of")},
		{S_INIT("link.remove"), S_INIT("removed a link of")},
		{S_INIT("sign"), S_INIT("signed")},
	};

	for (isize i = 0; i < COUNT_OF(table); i++)
		if (str_eq(table[i].act, e->act))
			return table[i].words;
	if (str_ends(e->act, S(".create")))
		return S("recorded");
	if (str_ends(e->act, S(".move")))
		return S("moved");
	return str_ends(e->act, S(".update")) ? S("changed") : e->act;
}

bool web_ledger(struct call *c, struct request *q, struct http_reply *out)
{
	struct ledger_view *v = NEW(c->arena, struct ledger_view, 1);
	str before = form_value(&q->query, S("before"));
	int64_t from = -1;

	v->call = c;
	v->object = str_trim(form_value(&q->query, S("object")));
	if (before.n && !str_int(before, 0, INT64_MAX, &from))
		return FAIL(&c->err, ERR_INVALID, "\"before\" takes the number of an entry");
	if (!entry_list(c, v->object, before.n ? from : -1, ENTRIES_PAGE, &v->row, &v->count,
		    &v->more) ||
		!ledger_newest(c, &v->note, &v->point, &v->signed_us) ||
		!ledger_last_verified(c, &v->verified) ||
		!frame_make(c, q, S("Ledger"), S("ledger"), &v->frame))
		return false;
	v->total = db_int(c->db, SQL("SELECT count(*) FROM entry"));
	struct buf hex;
	buf_init(&hex, c->arena, 80);
	hex_print(&hex, v->point.root.b, HASH_BYTES);
	v->root = buf_str(&hex);
	struct buf *b = reply_page(c, out);
	ledger_page_html(b, v);
	reply_done(out, b);
	return true;
}

static bool seq_of(struct call *c, str arg, int64_t *out)
{
	return str_int(arg, 0, INT64_MAX, out) ||
		FAIL(&c->err, ERR_MISSING, "the ledger has no entry \"%.*s\"", STR_ARG(arg));
}

bool web_ledger_entry(struct call *c, struct request *q, struct http_reply *out)
{
	struct entry_view *v = NEW(c->arena, struct entry_view, 1);
	struct buf hash;
	int64_t seq;

	if (!seq_of(c, q->arg[0], &seq) || !entry_get(c, seq, &v->row, &v->is_withheld))
		return false;
	v->call = c;
	buf_init(&hash, c->arena, 80);
	hex_print(&hash, v->row.hash.b, HASH_BYTES);
	v->hash = buf_str(&hash);
	if (!frame_make(c, q, str_fmt(c->arena, "Entry %" PRId64, seq), S("ledger"), &v->frame))
		return false;
	frame_crumb(&v->frame, S("Ledger"), S("/ledger"));
	struct buf *b = reply_page(c, out);
	entry_page_html(b, v);
	reply_done(out, b);
	return true;
}

bool web_ledger_proof(struct call *c, struct request *q, struct http_reply *out)
{
	struct disclosed open = {0};
	struct ledger_row row;
	bool withheld;
	struct buf b;
	int64_t seq;

	buf_init(&b, c->arena, RECEIPT_BYTES);
	/* A proof holds the leaf, which names the record. */
	if (!seq_of(c, q->arg[0], &seq) || !entry_get(c, seq, &row, &withheld) ||
		(form_value(&q->query, S("open")).n && !entry_disclose(c, seq, &open)) ||
		!ledger_prove(c, seq, &open, &b))
		return false;
	reply_file(out, S("text/plain; charset=utf-8"), buf_str(&b));
	return true;
}

bool web_ledger_checkpoint(struct call *c, struct request *q, struct http_reply *out)
{
	struct checkpoint point;
	str note;

	(void)q;
	if (!ledger_checkpoint_of(c, 0, &note, &point))
		return false;
	reply_file(out, S("text/plain; charset=utf-8"), note);
	return true;
}

/* ---- the log as a stranger reads it (C2SP tlog-tiles) ---- */

/* What is full never changes.  Entries are for one reader: no cache on the way keeps them. */
static void answer_tile(struct http_reply *out, const struct tile_place *t, str body)
{
	reply_file(out, S("application/octet-stream"), body);
	if (t->width == TILE_WIDTH)
		reply_keep(out, t->level != TILE_ENTRIES);
}

bool web_ledger_tile(struct call *c, struct request *q, struct http_reply *out)
{
	struct tile_place t;
	str body;

	if (!tile_parse(q->arg[0], &t) || t.level == TILE_ENTRIES)
		return FAIL(&c->err, ERR_MISSING, "the ledger has no tile \"%.*s\"",
			STR_ARG(q->arg[0]));
	if (!ledger_tile(c, &t, &body))
		return false;
	answer_tile(out, &t, body);
	return true;
}

bool web_ledger_entries(struct call *c, struct request *q, struct http_reply *out)
{
	struct tile_place t;
	str body;

	if (!tile_parse(str_fmt(c->arena, "entries/%.*s", STR_ARG(q->arg[0])), &t))
		return FAIL(&c->err, ERR_MISSING, "the ledger has no entries \"%.*s\"",
			STR_ARG(q->arg[0]));
	if (!call_may(c, CAN_LEDGER_READ, S("")) || !ledger_tile(c, &t, &body))
		return false;
	answer_tile(out, &t, body);
	return true;
}
