/* What stands around records: their history and links, search, the ledger. */
#include "api/api_in.h"
#include "kind/entry.h"

/* ---- history ---- */

static void put_revision(struct buf *b, const struct kind *k, const struct revision *r)
{
	bool first = true;

	buf_char(b, '{');
	api_put_int(b, &first, S("rev"), r->rev);
	api_put_time(b, &first, S("since"), r->since);
	api_put_text(b, &first, S("by"), r->by);
	api_put_some(b, &first, S("why"), r->why);
	api_put_text(b, &first, S("state"), api_state_word(k, r->state));
	if (r->is_pending)
		api_put_bool(b, &first, S("pending"), true);
	buf_char(b, '}');
}

static bool put_changes(
	struct call *c, const struct api_request *q, int64_t from, int64_t to, struct buf *b)
{
	struct change *change;
	void *before, *after;

	if (!kind_get_rev(c, q->kind, q->arg[1], from, &before) ||
		!kind_get_rev(c, q->kind, q->arg[1], to, &after))
		return false;
	isize count = kind_diff(c->arena, before, after, &change);
	buf_add(b, S(",\"changes\":["));
	for (isize i = 0; i < count; i++) {
		bool first = true;
		buf_add(b, i ? S(",{") : S("{"));
		api_put_text(b, &first, S("field"), change[i].field);
		api_put_text(b, &first, S("label"), change[i].label);
		api_put_text(b, &first, S("before"), change[i].before);
		api_put_text(b, &first, S("after"), change[i].after);
		buf_char(b, '}');
	}
	buf_char(b, ']');
	return true;
}

bool api_history(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct revision *revision;
	int64_t from, to;
	isize count;
	void *rec;
	bool ok;

	ok = api_number(c, q, S("from"), 1, INT64_MAX, 0, &from);
	ok = api_number(c, q, S("to"), 1, INT64_MAX, 0, &to) && ok;
	if (ok && !from != !to)
		ok = err_issue(&c->err, from ? S("to") : S("from"), "give both revisions, or none");
	if (!ok || !kind_get(c, q->kind, q->arg[1], &rec) ||
		!kind_history(c, q->kind, q->arg[1], &revision, &count))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_revision(b, q->kind, &revision[i]);
	}
	buf_char(b, ']');
	if (from && !put_changes(c, q, from, to, b))
		return false;
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

/* ---- links ---- */

static void put_link(struct buf *b, const struct link *l)
{
	bool first = true;

	buf_char(b, '{');
	api_put_text(b, &first, S("type"), l->type);
	api_put_text(b, &first, S("from"), l->from);
	api_put_text(b, &first, S("to"), l->to);
	api_put_some(b, &first, S("note"), l->note);
	api_put_bool(b, &first, S("suspect"), l->suspect);
	api_put_time(b, &first, S("since"), l->since);
	api_put_time(b, &first, S("changed"), l->changed);
	json_put_key(b, &first, S("other"));
	api_put_brief(b, &l->other);
	buf_char(b, '}');
}

bool api_links(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct link *link;
	isize count;
	void *rec;

	if (!kind_get(c, q->kind, q->arg[1], &rec) || !link_list(c, q->arg[1], &link, &count))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		put_link(b, &link[i]);
	}
	buf_add(b, S("]}\n"));
	return api_done(c, out, b);
}

bool api_link(struct call *c, struct api_request *q, struct http_reply *out)
{
	str type = json_text(q->body, S("type")), to = json_text(q->body, S("to"));
	str note = str_trim(json_text(q->body, S("note")));
	bool first = true;
	void *rec;

	if (!api_members(c, q->body, S("type to note reason")) || !api_reason(c, q) ||
		!kind_get(c, q->kind, q->arg[1], &rec) || !link_add(c, q->arg[1], type, to, note))
		return false;
	struct buf *b = api_reply(c, out);
	out->status = 201;
	buf_char(b, '{');
	api_put_text(b, &first, S("type"), type);
	api_put_text(b, &first, S("from"), q->arg[1]);
	api_put_text(b, &first, S("to"), to);
	api_put_some(b, &first, S("note"), note);
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

bool api_link_confirm(struct call *c, struct api_request *q, struct http_reply *out)
{
	str type = json_text(q->body, S("type")), to = json_text(q->body, S("to"));
	int64_t seen_us;
	void *rec;

	if (!api_members(c, q->body, S("type to seen reason")) || !api_reason(c, q))
		return false;
	if (!time_parse(json_text(q->body, S("seen")), &seen_us))
		return err_issue(&c->err, S("seen"), "give \"changed\" of the link as you saw it");
	if (!kind_get(c, q->kind, q->arg[1], &rec) ||
		!link_confirm(c, q->arg[1], type, to, seen_us))
		return false;
	out->status = 204;
	api_headers(out);
	return true;
}

bool api_unlink(struct call *c, struct api_request *q, struct http_reply *out)
{
	void *rec;

	if (!api_reason(c, q) || !kind_get(c, q->kind, q->arg[1], &rec) ||
		!link_remove(c, q->arg[1], form_value(&q->query, S("type")),
			form_value(&q->query, S("to"))))
		return false;
	out->status = 204;
	api_headers(out);
	return true;
}

/* ---- search ---- */

bool api_search(struct call *c, struct api_request *q, struct http_reply *out)
{
	str words = str_trim(form_value(&q->query, S("q")));
	struct hits found;

	if (words.n == 0)
		return err_issue(&c->err, S("q"), "give the words to look for");
	if (!kind_search(c, words, &found))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < found.count; i++) {
		buf_add(b, i ? S(",\n") : S("\n"));
		api_put_brief(b, &found.item[i]);
	}
	buf_add(b, found.more ? S("],\"more\":true}\n") : S("],\"more\":false}\n"));
	return api_done(c, out, b);
}

/* ---- the ledger ---- */

static void put_entry(struct buf *b, bool *first, const struct ledger_row *e)
{
	api_put_int(b, first, S("seq"), e->seq);
	api_put_time(b, first, S("at"), e->at);
	api_put_text(b, first, S("act"), e->act);
	api_put_some(b, first, S("object"), e->object);
	api_put_text(b, first, S("actor"), e->actor);
	api_put_some(b, first, S("name"), e->name);
	api_put_text(b, first, S("outcome"), e->outcome);
	api_put_some(b, first, S("reason"), e->reason);
	json_put_key(b, first, S("hash"));
	buf_char(b, '"');
	hex_print(b, e->hash.b, HASH_BYTES);
	buf_char(b, '"');
}

bool api_ledger(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct ledger_row *row;
	int64_t before, limit, more;
	isize count;
	bool ok;

	ok = api_number(c, q, S("limit"), 1, API_ROWS_MAX, API_ROWS, &limit);
	ok = api_number(c, q, S("before"), 0, INT64_MAX, -1, &before) && ok;
	if (!ok ||
		!entry_list(c, str_trim(form_value(&q->query, S("object"))), before, (isize)limit,
			&row, &count, &more))
		return false;
	struct buf *b = api_reply(c, out);
	buf_add(b, S("{\"items\":["));
	for (isize i = 0; i < count; i++) {
		bool first = true;
		buf_add(b, i ? S(",\n{") : S("\n{"));
		put_entry(b, &first, &row[i]);
		buf_char(b, '}');
	}
	buf_char(b, ']');
	/* "before" of the next page; there is none after entry 0. */
	if (more > 0)
		buf_fmt(b, ",\"next\":%" PRId64, more);
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

static bool seq_of(struct call *c, const struct api_request *q, int64_t *out)
{
	return str_int(q->arg[0], 0, INT64_MAX, out) ||
		FAIL(&c->err, ERR_MISSING, "the ledger has no entry \"%.*s\"", STR_ARG(q->arg[0]));
}

bool api_ledger_entry(struct call *c, struct api_request *q, struct http_reply *out)
{
	bool first = true, withheld;
	struct ledger_row row;
	int64_t seq;

	if (!seq_of(c, q, &seq) || !entry_get(c, seq, &row, &withheld))
		return false;
	struct buf *b = api_reply(c, out);
	buf_char(b, '{');
	put_entry(b, &first, &row);
	api_put_text(b, &first, S("leaf"), row.leaf);
	if (row.body.n) {
		json_put_key(b, &first, S("body"));
		buf_add(b, row.body);
	}
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}

/* The parameter "open": what the proof opens is for those who may read it of the entry. */
static bool read_open(
	struct call *c, const struct api_request *q, int64_t seq, struct disclosed *out)
{
	str open = form_value(&q->query, S("open"));

	*out = (struct disclosed){0};
	if (str_eq(open, S("true")))
		return entry_disclose(c, seq, out);
	return open.n == 0 || str_eq(open, S("false")) ||
		err_issue(&c->err, S("open"), "true or false");
}

bool api_ledger_proof(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct disclosed open;
	struct ledger_row row;
	bool withheld;
	struct buf b;
	int64_t seq;

	buf_init(&b, c->arena, RECEIPT_BYTES);
	/* A proof holds the leaf, which names the record. */
	return seq_of(c, q, &seq) && entry_get(c, seq, &row, &withheld) &&
		read_open(c, q, seq, &open) && ledger_prove(c, seq, &open, &b) &&
		api_text(out, buf_str(&b));
}

enum { LATEST_SUFFIX = 20000 }; /* ward prove --latest has no such limit */

/* The leaves of all later entries go out with it, whatever they are about. */
bool api_ledger_latest(struct call *c, struct api_request *q, struct http_reply *out)
{
	str object = str_trim(form_value(&q->query, S("object")));
	struct disclosed open;
	struct buf b;
	int64_t seq;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	if (object.n == 0)
		return err_issue(&c->err, S("object"), "give an object such as risk:RSK-12");
	return call_may(c, CAN_LEDGER_READ, S("")) && ledger_latest(c, object, &seq) &&
		read_open(c, q, seq, &open) &&
		ledger_prove_latest(c, seq, &open, LATEST_SUFFIX, &b) && api_text(out, buf_str(&b));
}

bool api_ledger_consistency(struct call *c, struct api_request *q, struct http_reply *out)
{
	int64_t old, new;
	struct buf b;
	bool ok;

	ok = api_number(c, q, S("old"), 0, INT64_MAX, -1, &old);
	ok = api_number(c, q, S("new"), 1, INT64_MAX, 0, &new) && ok;
	if (ok && old < 0)
		ok = err_issue(&c->err, S("old"), "give the size of the older checkpoint");
	buf_init(&b, c->arena, CONSISTENCY_BYTES);
	return ok && ledger_prove_consistency(c, (uint64_t)old, NULL, (uint64_t) new, &b) &&
		api_text(out, buf_str(&b));
}

bool api_ledger_checkpoint(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct checkpoint point;
	str note;

	(void)q;
	if (!ledger_checkpoint_of(c, 0, &note, &point))
		return false;
	return api_text(out, note);
}

/* ---- the log as a stranger reads it (C2SP tlog-tiles) ---- */

static bool answer_tile(struct call *c, const struct tile_place *t, struct http_reply *out)
{
	if (!ledger_tile(c, t, &out->body))
		return false;
	out->type = S("application/octet-stream");
	api_headers(out);
	return true;
}

bool api_ledger_tile(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct tile_place t;

	if (!tile_parse(q->arg[0], &t) || t.level == TILE_ENTRIES)
		return FAIL(&c->err, ERR_MISSING, "the ledger has no tile \"%.*s\"",
			STR_ARG(q->arg[0]));
	return answer_tile(c, &t, out);
}

bool api_ledger_entries(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct tile_place t;

	if (!tile_parse(str_fmt(c->arena, "entries/%.*s", STR_ARG(q->arg[0])), &t))
		return FAIL(&c->err, ERR_MISSING, "the ledger has no entries \"%.*s\"",
			STR_ARG(q->arg[0]));
	return call_may(c, CAN_LEDGER_READ, S("")) && answer_tile(c, &t, out);
}
