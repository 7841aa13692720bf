/*
 * The diagram editor: the page, the state it shows, and the changes it sends.
 *
 * The server draws; the script says what the person did and shows what came of it.
 */
#include "pages.h"
#include "threat/records/records.h"
#include "web/model/model_view.h"

/* ---- page ---- */

bool web_diagram(struct call *c, struct request *q, struct http_reply *out)
{
	struct diagram_view *v = NEW(c->arena, struct diagram_view, 1);
	struct buf b;

	if (q->ending.n && !str_eq(q->ending, S("json")))
		return FAIL(&c->err, ERR_MISSING, "the diagram's state comes as .json");
	if (q->ending.n) {
		buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
		if (!model_state_print(c, &b, NULL))
			return false;
		reply_file(out, S("application/json"), buf_str(&b));
		return true;
	}
	str svg;

	v->call = c;
	v->may_edit = c->at_us == TIME_NONE && call_could_some(c, CAN_ELEMENT_WRITE);
	if (!model_svg(c, NULL, false, S(""), &svg) ||
		!frame_make(c, q, S("Draw the model"), S("model"), &v->frame))
		return false;
	v->svg = html_trusted(svg);
	frame_crumb(&v->frame, S("Threat model"), S("/model"));
	struct buf *page = reply_page(c, out);
	diagram_page_html(page, v);
	reply_done(out, page);
	return true;
}

/* ---- changes ---- */

/* The script shows the sentence beside what the person did; nothing of the acts is kept. */
static void answer_refusal(struct call *c, struct http_reply *out)
{
	int status = http_status_of(c->err.code);
	bool first = true, none = true;
	struct buf b;

	buf_init(&b, c->arena, LIMIT_RECORD_BYTES);
	buf_char(&b, '{');
	json_put_text(&b, &first, S("error"), err_text(&c->err));
	json_put_key(&b, &first, S("issues"));
	buf_char(&b, '[');
	for (const struct issue *i = c->err.issues; i; i = i->next) {
		bool first_word = true;
		if (!none)
			buf_char(&b, ',');
		none = false;
		buf_char(&b, '{');
		json_put_text(&b, &first_word, S("field"), i->field);
		json_put_text(&b, &first_word, S("text"), i->text);
		buf_char(&b, '}');
	}
	buf_add(&b, S("]}\n"));
	err_clear(&c->err);
	reply_file(out, S("application/json"), buf_str(&b));
	out->status = status;
}

bool web_diagram_act(struct call *c, struct request *q, struct http_reply *out)
{
	struct acts_done *done = NEW(c->arena, struct acts_done, 1);
	struct buf b;

	c->reason = str_trim(form_value(&q->form, S("reason")));
	if (c->reason.n == 0)
		c->reason = S("Changed in the diagram");
	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	if (model_act(c, form_value(&q->form, S("acts")), done) && model_state_print(c, &b, done)) {
		reply_file(out, S("application/json"), buf_str(&b));
		return true;
	}
	if (c->err.code == ERR_FAULT || c->err.code == ERR_TAMPERED || !db_ok(c->db))
		return false;
	answer_refusal(c, out);
	return true;
}
