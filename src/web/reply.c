/* Answers: pages, redirections, files; and the headers that guard each of them. */
#include "pages.h"
#include "web/web_in.h"

/* Pages run our script and style alone; a file runs nothing, and is not framed as a page. */
static const str page_policy =
	S_INIT("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	       "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
	       "frame-ancestors 'none'");
static const str file_policy =
	S_INIT("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
	       "sandbox");

static void guard(struct http_reply *out, str policy)
{
	http_reply_header(out, S("Content-Security-Policy"), policy);
	http_reply_header(out, S("X-Content-Type-Options"), S("nosniff"));
	http_reply_header(out, S("Referrer-Policy"), S("same-origin"));
	http_reply_header(out, S("Cross-Origin-Opener-Policy"), S("same-origin"));
	http_reply_header(out, S("Cache-Control"), S("no-store"));
}

struct buf *reply_page(struct call *c, struct http_reply *out)
{
	struct buf *b = NEW(c->arena, struct buf, 1);

	buf_init(b, c->arena, PAGE_BYTES);
	out->type = S("text/html; charset=utf-8");
	guard(out, page_policy);
	return b;
}

void reply_done(struct http_reply *out, const struct buf *b)
{
	out->body = buf_view(b);
	if (!b->full)
		return;
	*out = (struct http_reply){
		.status = 500, .type = S("text/plain"), .body = S("the page is too large\n")};
	guard(out, page_policy);
}

bool reply_redirect(struct http_reply *out, str path)
{
	assert(str_starts(path, S("/")) && !str_starts(path, S("//")));
	*out = (struct http_reply){.status = 303, .type = S("text/plain; charset=utf-8")};
	http_reply_header(out, S("Location"), path);
	guard(out, page_policy);
	return true;
}

void reply_file(struct http_reply *out, str type, str body)
{
	*out = (struct http_reply){.status = 200, .type = type, .body = body};
	guard(out, file_policy);
}

void reply_keep(struct http_reply *out, bool by_all)
{
	for (int i = 0; i < out->header_count; i++)
		if (str_eq(out->header[i].name, S("Cache-Control")))
			out->header[i].value = by_all
				? S("public, max-age=31536000, immutable")
				: S("private, max-age=31536000, immutable");
}

void web_answer_plain(struct arena *a, int status, str text, struct http_reply *out)
{
	struct buf b;

	*out = (struct http_reply){.status = status, .type = S("text/html; charset=utf-8")};
	guard(out, page_policy);
	if (status == 503)
		http_reply_header(out, S("Retry-After"), S("2"));
	buf_init(&b, a, PAGE_BYTES);
	plain_page_html(&b, http_status_text(status), text);
	out->body = buf_str(&b);
}
