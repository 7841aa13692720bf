/* The documents that are written from live records: plan and security concept. */
#include "document/document.h"
#include "ledger/ledger.h"
#include "web/model/model_view.h"

static bool facts_make(struct call *c, struct document_facts *out)
{
	struct checkpoint point;
	struct buf hex;
	int64_t at;
	str note;

	*out = (struct document_facts){
		.generator = S("Ward " WARD_VERSION), .made_us = c->now_us, .link_base = S("/")};
	if (!ledger_newest(c, &note, &point, &at))
		return false;
	if (note.n) {
		buf_init(&hex, c->arena, 80);
		hex_print(&hex, point.root.b, HASH_BYTES);
		out->ledger_size = (int64_t)point.size;
		out->ledger_root = buf_str(&hex);
		out->store = point.origin;
	}
	out->diagram_alt =
		S("Data flow diagram of the recorded zones, elements and flows; the tables that "
		  "follow hold the same.");
	if (model_svg(c, NULL, true, S(""), &out->diagram))
		return true;
	if (c->err.code != ERR_LIMIT)
		return false;
	err_clear(&c->err);
	out->diagram = S("");
	out->diagram_is_too_large = true;
	return true;
}

typedef bool write_document(
	struct call *c, str ref, const struct document_facts *facts, struct report *out);

static bool answer(struct call *c, struct request *q, write_document *write, struct http_reply *out)
{
	struct report *d = NEW(c->arena, struct report, 1);
	struct document_facts facts;
	struct buf b;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	if (!facts_make(c, &facts) || !write(c, q->arg[0], &facts, d) ||
		!document_html(&b, d, &c->err))
		return false;
	reply_file(out, S("text/html; charset=utf-8"), buf_str(&b));
	return true;
}

bool web_plan(struct call *c, struct request *q, struct http_reply *out)
{
	return answer(c, q, document_plan, out);
}

bool web_concept(struct call *c, struct request *q, struct http_reply *out)
{
	return answer(c, q, document_concept, out);
}
