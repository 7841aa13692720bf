/* The model and the backlog for programs: what the editor shows and does, and issues. */
#include "api/api_in.h"
#include "threat/backlog/backlog.h"
#include "threat/records/records.h"

bool api_model(struct call *c, struct api_request *q, struct http_reply *out)
{
	(void)q;
	struct buf *b = api_reply(c, out);

	return model_state_print(c, b, NULL) && api_done(c, out, b);
}

/* Members of the body, of which one is an array. */
static bool check_acts(struct call *c, const struct json *body)
{
	bool ok = true;

	json_each(m, body) if (!str_eq(m->key, S("acts")) && !str_eq(m->key, S("reason"))) ok =
		err_issue(&c->err, m->key, "there is no member \"%.*s\" here", STR_ARG(m->key));
	return ok;
}

bool api_model_acts(struct call *c, struct api_request *q, struct http_reply *out)
{
	struct acts_done *done = NEW(c->arena, struct acts_done, 1);
	bool first = true, none = true;

	if (!check_acts(c, q->body) || !api_reason(c, q) ||
		!model_act_json(c, json_member(q->body, S("acts")), done))
		return false;
	struct buf *b = api_reply(c, out);
	buf_char(b, '{');
	json_put_key(b, &first, S("made"));
	buf_char(b, '{');
	for (isize i = 0; i < done->count; i++)
		if (done->made[i].as.n)
			api_put_text(b, &none, done->made[i].as, done->made[i].ref);
	buf_add(b, S("}}\n"));
	return api_done(c, out, b);
}

bool api_model_changes(struct call *c, struct api_request *q, struct http_reply *out)
{
	enum { SCRATCH_BYTES = 4 << 20 };
	struct model_diff diff;
	struct arena scratch;
	str from = form_value(&q->query, S("from"));

	if (!model_changes(c, &from, form_value(&q->query, S("to")), &diff))
		return false;
	void *block = arena_bulk(c->arena, SCRATCH_BYTES);
	if (!block)
		return FAIL(&c->err, ERR_LIMIT, "the models need more memory than there is");
	arena_init(&scratch, block, SCRATCH_BYTES);
	struct buf *b = api_reply(c, out);
	diff_print_json(b, &scratch, &diff);
	arena_reset(&scratch);
	return api_done(c, out, b);
}

bool api_model_file(struct call *c, struct api_request *q, struct http_reply *out)
{
	str as = form_value(&q->query, S("as"));
	struct model *m;
	struct buf b;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	if (!model_recorded(c, &m) ||
		!model_export(c->arena, &c->err, m, as.n ? as : S("ward"), &b))
		return false;
	if (b.full)
		return FAIL(&c->err, ERR_LIMIT, "the model is too large for one file");
	return api_text(out, buf_str(&b));
}

bool api_backlog(struct call *c, struct api_request *q, struct http_reply *out)
{
	(void)q;
	struct buf *b = api_reply(c, out);

	return backlog_export(c, S(""), BACKLOG_GITHUB, b) && api_done(c, out, b);
}

bool api_backlog_import(struct call *c, struct api_request *q, struct http_reply *out)
{
	str file = json_text(q->body, S("file")), content = json_text(q->body, S("content"));
	struct backlog_done done;
	bool first = true;

	if (!api_members(c, q->body, S("file content reason")) || !api_reason(c, q))
		return false;
	if (content.n == 0)
		return err_issue(&c->err, S("content"), "the file is empty");
	if (!backlog_import(c, file.n ? file : S("backlog"), content, &done))
		return false;
	struct buf *b = api_reply(c, out);
	buf_char(b, '{');
	api_put_int(b, &first, S("items"), done.items);
	api_put_int(b, &first, S("changed"), done.changed);
	buf_add(b, S("}\n"));
	return api_done(c, out, b);
}
