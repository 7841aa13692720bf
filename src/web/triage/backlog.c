/* The backlog: requirements on their way to a tracker, and what it says of them. */
#include "pages.h"
#include "threat/backlog/backlog.h"
#include "web/triage/backlog_view.h"

/* ---- as a file ---- */

static bool send_file(struct call *c, struct request *q, struct http_reply *out)
{
	bool json = str_eq(q->ending, S("json"));
	bool jira = str_eq(form_value(&q->query, S("for")), S("jira"));
	struct buf b;

	if (!json && !str_eq(q->ending, S("csv")))
		return FAIL(&c->err, ERR_MISSING, "the backlog comes as .csv or .json");
	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	if (!backlog_export(c, q->product,
		    json           ? BACKLOG_GITHUB
			    : jira ? BACKLOG_JIRA
				   : BACKLOG_CSV,
		    &b))
		return false;
	reply_file(out, json ? S("application/json") : S("text/csv; charset=utf-8"),
		buf_str(&b));
	return true;
}

/* ---- the page ---- */

static bool load(struct call *c, const struct request *q, struct backlog_view *v)
{
	const struct kind *k = &kinds[KIND_REQUIREMENT];
	struct query query = {.limit = LIMIT_PAGE_ROWS};

	if (!page_read(c, q, &v->page))
		return false;
	query.from = (isize)(v->page - 1) * LIMIT_PAGE_ROWS;
	if (q->product.n) {
		query.filter_count = 1;
		query.filter[0] =
			(struct filter){.field = kind_field(k, S("product")), .value = q->product};
	}
	if (!str_int(form_value(&q->query, S("items")), 1, INT32_MAX, &v->items) ||
		!str_int(form_value(&q->query, S("changed")), 0, INT32_MAX, &v->changed))
		v->items = 0;
	return kind_list(c, k, &query, &v->list);
}

static bool show(struct call *c, struct request *q, struct http_reply *out)
{
	struct backlog_view *v = NEW(c->arena, struct backlog_view, 1);
	struct err e = c->err;

	err_clear(&c->err);
	v->call = c;
	v->has_error = e.code != ERR_NONE;
	v->issues = e.issues;
	v->wrong = err_text(&e);
	v->reason = form_value(&q->form, S("reason"));
	if (!load(c, q, v) || !frame_make(c, q, S("Backlog"), S("model"), &v->frame))
		return false;
	v->frame.is_error = v->has_error;
	v->may_import = c->at_us == TIME_NONE && call_could_some(c, CAN_REQUIREMENT_WRITE);
	v->page_url = str_fmt(c->arena, "%.*s?", STR_ARG(scoped(&v->frame, S("/model/backlog"))));
	frame_crumb(&v->frame, S("Threat model"), scoped(&v->frame, S("/model")));
	struct buf *b = reply_page(c, out);
	backlog_page_html(b, v);
	reply_done(out, b);
	if (v->has_error)
		out->status = e.code == ERR_CONFLICT ? 409 : 422;
	return true;
}

bool web_backlog(struct call *c, struct request *q, struct http_reply *out)
{
	return q->ending.n ? send_file(c, q, out) : show(c, q, out);
}

/* ---- back from the tracker ---- */

static const struct form_field *file_of(const struct form *form)
{
	for (isize i = 0; i < form->count; i++)
		if (str_eq(form->field[i].name, S("file")) && form->field[i].value.n)
			return &form->field[i];
	return NULL;
}

bool web_backlog_import(struct call *c, struct request *q, struct http_reply *out)
{
	const struct form_field *file = file_of(&q->form);
	struct backlog_done done;
	bool ok;

	c->reason = str_trim(form_value(&q->form, S("reason")));
	ok = file ? backlog_import(c, file->file.n ? file->file : S("backlog"), file->value, &done)
		  : err_issue(&c->err, S("file"), "File: choose one");
	if (ok)
		return reply_redirect(out,
			str_fmt(c->arena, "/model/backlog?items=%td&changed=%td", done.items,
				done.changed));
	if (!db_ok(c->db) || c->err.code == ERR_FAULT || c->err.code == ERR_DENIED)
		return false;
	return show(c, q, out);
}
