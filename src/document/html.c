/*
 * Prints a document as one HTML file: no script, nothing from outside.
 *
 * Every text passes text_out() or escape(), the only places where characters become markup.
 * The diagram is embedded as an image, in which a browser runs no script and loads nothing, so
 * that not even a picture made of hostile names can reach the page.
 */
#include "document/document.h"

/* clang-format off: a rule a line. */
static const char style[] =
	"@page{size:A4;margin:18mm 16mm 20mm;"
	"@bottom-left{content:\"Draft generated from live records\";"
	"font:8pt system-ui,sans-serif;"
	"color:#54504a}@bottom-right{content:\"Page \" counter(page) \" of \" counter(pages);"
	"font:8pt system-ui,sans-serif;color:#54504a}}\n"
	"@page :first{@bottom-left{content:\"\"}}:root{color-scheme:light}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:24px;max-width:1040px;background:#fff;color:#1c1b19;"
	"font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
	"sans-serif}\n"
	"h1{font-size:34px;line-height:1.15;margin:0 0 4px;letter-spacing:-.02em}\n"
	"h2{font-size:23px;line-height:1.25;margin:48px 0 12px;padding-top:14px;"
	"border-top:2px solid #0a6664;letter-spacing:-.01em}\n"
	"h3{font-size:17px;margin:30px 0 8px}h4{font-size:15px;margin:22px 0 6px}\n"
	"h2,h3,h4{break-after:avoid}.no{color:#69655d;font-weight:500;margin-right:.5em}\n"
	"p,ul,ol,dl{margin:0 0 12px}.pre{white-space:pre-line}p,li,dd{max-width:80ch}\n"
	"a{color:#0a6664;text-underline-offset:.18em}\n"
	"a:focus-visible{outline:2px solid #0a6664;outline-offset:2px}\n"
	"header.cover{padding:40px 0 8px}.sub{font-size:19px;color:#54504a;margin:0 0 24px}\n"
	".state{display:inline-block;margin:0 0 20px;padding:3px 10px;border:1px solid #b97a12;"
	"background:#faebc8;color:#6b4700;border-radius:4px;font-weight:600}\n"
	"dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:6px 24px}\n"
	"dt{color:#54504a}dd{margin:0;overflow-wrap:anywhere}\n"
	"figure.t{margin:14px 0 18px;overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.4}\n"
	"caption{text-align:left;color:#54504a;padding:0 0 6px;font-size:13px}\n"
	"th,td{text-align:left;vertical-align:top;padding:6px 8px;"
	"border-bottom:1px solid #e4e1da}\n"
	"thead th{border-bottom:1.5px solid #8a857a;background:#f8f7f4;font-weight:600}\n"
	"tbody th{font-weight:600}tbody a{white-space:nowrap}\n"
	"tbody tr:first-child{break-before:avoid}caption{break-after:avoid}\n"
	"tr{break-inside:avoid}thead{display:table-header-group}td,th{white-space:pre-line}\n"
	"td{overflow-wrap:break-word}tbody th{overflow-wrap:normal}\n"
	".late{background:#f9dfd9;color:#8a1f12;font-weight:600}\n"
	".bad{background:#f9dfd9;color:#8a1f12}.warn{background:#fbe3d0;color:#7a3a00}\n"
	".note{background:#faebc8;color:#6b4700}.good{background:#e0ede3;color:#1f5138}\n"
	".missing{background:#fff;color:#8a1f12;box-shadow:inset 0 0 0 1px #b83a26}\n"
	".missing a{color:inherit}\n"
	".gap{margin:12px 0;padding:10px 14px;border:1px dashed #b83a26;"
	"border-left:5px solid #b83a26;background:#fdf3f0;break-inside:avoid}\n"
	".gap p{margin:0}.gap b{color:#8a1f12}.fill{color:#54504a}\n"
	".gaps{border:1px solid #b83a26;padding:6px 20px 10px;margin:28px 0;border-radius:4px}\n"
	".gaps.none{border-color:#3f7d5a}\n"
	".gaps h2,nav h2{border:0;margin:10px 0 8px;padding:0;font-size:18px}\n"
	".gaps ol{padding-left:2.2em;font-size:13px}nav>ol{columns:2;column-gap:40px}\n"
	"nav>ol>li{break-inside:avoid}nav ol{list-style:none;padding:0}\n"
	"nav ol ol{padding-left:1.6em}nav li{margin:2px 0}figure.p{margin:16px 0}\n"
	"figure.p img{max-width:100%;height:auto;border:1px solid #e4e1da}\n"
	"figcaption{color:#54504a;font-size:13px}.break{break-before:page}\n"
	"footer{margin-top:48px;padding-top:10px;border-top:1px solid #e4e1da;color:#54504a;"
	"font-size:13px}\n"
	"@media print{\n"
	"body{padding:0;max-width:none;font-size:10pt}table,caption{font-size:8.5pt}\n"
	"h1{font-size:26pt}h2{font-size:16pt;margin-top:24pt}h3{font-size:12pt}\n"
	"a{color:inherit;text-decoration:none}figure.t{overflow:visible}\n"
	"header.cover{padding-top:40mm}.gaps,nav+*{break-before:page}.gaps{border:0;padding:0}\n"
	".late,.bad,.warn,.note,.good,.missing,.gap,thead th,.state{print-color-adjust:exact;"
	"-webkit-print-color-adjust:exact}}\n";

/* clang-format on */

/* The one place where text becomes HTML; good in content and in quoted attributes. */
static void escape(struct buf *b, str s)
{
	isize from = 0;

	for (isize i = 0; i < s.n; i++) {
		str with = s.p[i] == '&' ? S("&amp;")
			: s.p[i] == '<'  ? S("&lt;")
			: s.p[i] == '>'  ? S("&gt;")
			: s.p[i] == '"'  ? S("&quot;")
			: s.p[i] == '\'' ? S("&#39;")
					 : S("");
		if (!with.n)
			continue;
		buf_add(b, str_part(s, from, i));
		buf_add(b, with);
		from = i + 1;
	}
	buf_add(b, str_part(s, from, s.n));
}

static bool in_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '_';
}

static bool is_known(const struct report *d, str word)
{
	isize low = 0, high = d->ref_count;

	if (word.n == 0 || word.n > LIMIT_REF || !d->facts.link_base.n)
		return false;
	while (low < high) {
		isize mid = low + (high - low) / 2;
		int order = str_cmp(d->ref[mid], word);
		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Escaped text in which references of known records are links. */
static void text_out(struct buf *b, const struct report *d, str s)
{
	isize from = 0, at = 0;

	while (at < s.n) {
		isize end = at;
		while (end < s.n && in_word(s.p[end]))
			end++;
		str word = str_part(s, at, end);
		if (is_known(d, word)) {
			escape(b, str_part(s, from, at));
			buf_add(b, S("<a href=\""));
			escape(b, d->facts.link_base);
			escape(b, word);
			buf_add(b, S("\">"));
			escape(b, word);
			buf_add(b, S("</a>"));
			from = end;
		}
		at = end > at ? end : at + 1;
	}
	escape(b, str_part(s, from, s.n));
}

/* "4.2" → s4-2, an id. */
static void chapter_id(struct buf *b, str chapter)
{
	buf_char(b, 's');
	for (isize i = 0; i < chapter.n; i++)
		buf_char(b, chapter.p[i] == '.' ? '-' : chapter.p[i]);
}

static str mark_class(enum mark m)
{
	switch (m) {
	case MARK_NONE:
		return S("");
	case MARK_MISSING:
		return S(" class=missing");
	case MARK_LATE:
		return S(" class=late");
	case MARK_GOOD:
		return S(" class=good");
	case MARK_NOTE:
		return S(" class=note");
	case MARK_WARN:
		return S(" class=warn");
	case MARK_BAD:
		return S(" class=bad");
	}
	assert(false && "mark");
	return S("");
}

static void heading_out(struct buf *b, const struct report *d, const struct block *k)
{
	int level = k->level + 1;

	buf_fmt(b, "<h%d id=\"", level);
	chapter_id(b, k->chapter);
	buf_fmt(b, "\"><span class=no>%.*s</span>", STR_ARG(k->chapter));
	text_out(b, d, k->text);
	buf_fmt(b, "</h%d>\n", level);
}

static void list_out(struct buf *b, const struct report *d, const struct block *k)
{
	bool terms = k->type == BLOCK_TERMS;

	if (!k->item)
		return;
	buf_add(b, terms ? S("<dl>\n") : S("<ul>\n"));
	for (const struct item *i = k->item; i; i = i->next) {
		if (terms) {
			buf_add(b, S("<dt>"));
			text_out(b, d, i->term);
			buf_add(b, S("</dt>"));
		}
		buf_fmt(b, "<%s%.*s>", terms ? "dd" : "li", STR_ARG(mark_class(i->mark)));
		text_out(b, d, i->text);
		buf_add(b, terms ? S("</dd>\n") : S("</li>\n"));
	}
	buf_add(b, terms ? S("</dl>\n") : S("</ul>\n"));
}

static void cell_out(struct buf *b, const struct report *d, const struct cell *cell, bool is_head)
{
	buf_add(b, is_head ? S("<th scope=row") : S("<td"));
	buf_add(b, mark_class(cell->mark));
	buf_char(b, '>');
	if (cell->gap)
		buf_fmt(b, "<a href=\"#gap-%d\">missing</a>", cell->gap);
	else
		text_out(b, d, cell->text);
	buf_add(b, is_head ? S("</th>") : S("</td>"));
}

static void table_out(struct buf *b, const struct report *d, const struct block *k)
{
	buf_fmt(b,
		"<figure class=t role=group aria-labelledby=\"t-%d\"><table><caption "
		"id=\"t-%d\">Table %d. ",
		k->number, k->number, k->number);
	text_out(b, d, k->text);
	buf_add(b, S("</caption>\n<thead><tr>"));
	for (int i = 0; i < k->columns; i++) {
		buf_add(b, S("<th scope=col>"));
		text_out(b, d, k->head[i]);
		buf_add(b, S("</th>"));
	}
	buf_add(b, S("</tr></thead>\n<tbody>\n"));
	for (const struct row *r = k->row; r; r = r->next) {
		buf_add(b, S("<tr>"));
		for (int i = 0; i < k->columns; i++)
			cell_out(b, d, &r->cell[i], i == 0);
		buf_add(b, S("</tr>\n"));
	}
	buf_add(b, S("</tbody></table></figure>\n"));
}

static void figure_out(struct buf *b, const struct report *d, const struct block *k)
{
	buf_add(b, S("<figure class=p><img src=\"data:image/svg+xml;base64,"));
	base64_print(b, k->svg.p, k->svg.n);
	buf_add(b, S("\" alt=\""));
	escape(b, k->more);
	buf_fmt(b, "\"><figcaption>Figure %d. ", k->number);
	text_out(b, d, k->text);
	buf_add(b, S("</figcaption></figure>\n"));
}

static void gap_out(struct buf *b, const struct report *d, const struct block *k)
{
	buf_fmt(b, "<div class=gap id=\"gap-%d\"><p><b>Gap %d.</b> ", k->number, k->number);
	text_out(b, d, k->text);
	buf_add(b, S(" <span class=fill>"));
	text_out(b, d, k->more);
	buf_add(b, S("</span></p></div>\n"));
}

static void block_out(struct buf *b, const struct report *d, const struct block *k)
{
	switch (k->type) {
	case BLOCK_HEADING:
		heading_out(b, d, k);
		return;
	case BLOCK_PARAGRAPH:
		buf_add(b, S("<p class=pre>"));
		text_out(b, d, k->text);
		buf_add(b, S("</p>\n"));
		return;
	case BLOCK_LIST:
	case BLOCK_TERMS:
		list_out(b, d, k);
		return;
	case BLOCK_TABLE:
		table_out(b, d, k);
		return;
	case BLOCK_FIGURE:
		figure_out(b, d, k);
		return;
	case BLOCK_GAP:
		gap_out(b, d, k);
		return;
	}
	assert(false && "block type");
}

static void fact_out(struct buf *b, str term, str text)
{
	if (!text.n)
		return;
	buf_add(b, S("<dt>"));
	escape(b, term);
	buf_add(b, S("</dt><dd>"));
	escape(b, text);
	buf_add(b, S("</dd>\n"));
}

static void cover_out(struct buf *b, const struct report *d)
{
	struct buf text;

	buf_add(b, S("<header class=cover>\n<h1>"));
	escape(b, d->title);
	buf_add(b, S("</h1>\n<p class=sub>"));
	escape(b, d->product);
	buf_add(b, S("</p>\n<p class=state>"));
	escape(b, d->state);
	buf_add(b, S("</p>\n<dl>\n"));
	fact_out(b, S("Product"), d->product);
	fact_out(b, S("Record"), d->product_ref);
	fact_out(b, S("Version"), d->version);
	fact_out(b, S("Organization"), d->facts.store);
	buf_init(&text, d->arena, LIMIT_TEXT);
	time_print_words(&text, d->facts.made_us);
	buf_add(&text, S(" UTC"));
	fact_out(b, S("Made"), buf_str(&text));
	if (d->facts.ledger_size > 0) {
		buf_init(&text, d->arena, LIMIT_TEXT);
		buf_fmt(&text, "%" PRId64 " entries, root %.*s", d->facts.ledger_size,
			STR_ARG(d->facts.ledger_root));
		fact_out(b, S("Ledger"), buf_str(&text));
	}
	fact_out(b, S("Made by"), d->facts.generator);
	buf_add(b, S("</dl>\n</header>\n"));
}

static void gaps_out(struct buf *b, const struct report *d)
{
	if (!d->gap_count) {
		buf_add(b,
			S("<section class=\"gaps none\"><h2>No gaps</h2><p>Every record and field "
			  "that this"
			  " document asks for is there.</p></section>\n"));
		return;
	}
	buf_fmt(b,
		"<section class=gaps><h2>%d gap%s</h2>\n<p>Records or fields that this document "
		"asks for and"
		" the store does not hold. Each is also marked in its place.</p>\n<ol>\n",
		d->gap_count, d->gap_count == 1 ? "" : "s");
	for (const struct block *k = d->block; k; k = k->next) {
		if (k->type != BLOCK_GAP)
			continue;
		buf_fmt(b, "<li><a href=\"#gap-%d\">Section %.*s</a>: ", k->number,
			STR_ARG(k->chapter));
		text_out(b, d, k->text);
		buf_add(b, S("</li>\n"));
	}
	buf_add(b, S("</ol></section>\n"));
}

/* Two levels; a list of level 2 stands inside the item before it. */
static void contents_out(struct buf *b, const struct report *d)
{
	int open = 0;

	buf_add(b, S("<nav aria-labelledby=contents><h2 id=contents>Contents</h2>\n<ol>"));
	for (const struct block *k = d->block; k; k = k->next) {
		if (k->type != BLOCK_HEADING || k->level > 2)
			continue;
		if (k->level > open && open)
			buf_add(b, S("\n<ol>"));
		else if (k->level < open)
			buf_add(b, S("</li></ol></li>"));
		else if (open)
			buf_add(b, S("</li>"));
		buf_add(b, S("\n<li><a href=\"#"));
		chapter_id(b, k->chapter);
		buf_fmt(b, "\">%.*s ", STR_ARG(k->chapter));
		escape(b, k->text);
		buf_add(b, S("</a>"));
		open = k->level;
	}
	buf_add(b,
		open == 2           ? S("</li></ol></li></ol></nav>\n")
			: open == 1 ? S("</li></ol></nav>\n")
				    : S("</ol></nav>\n"));
}

bool document_html(struct buf *b, const struct report *d, struct err *e)
{
	buf_add(b,
		S("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
		  "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n<title>"));
	escape(b, d->title);
	buf_add(b, S(" - "));
	escape(b, d->product);
	buf_add(b, S("</title>\n<style>\n"));
	buf_add(b, str_of(style));
	buf_add(b, S("</style>\n</head>\n<body>\n"));
	cover_out(b, d);
	buf_add(b, S("<main>\n"));
	gaps_out(b, d);
	contents_out(b, d);
	for (const struct block *k = d->block; k; k = k->next)
		block_out(b, d, k);
	buf_add(b, S("</main>\n<footer>End of the document.</footer>\n</body>\n</html>\n"));
	return !b->full || FAIL(e, ERR_LIMIT, "the document is larger than this server makes");
}
