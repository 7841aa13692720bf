/* The diagram as SVG.  Colours are classes of the page's style; a file of its own brings a plain
   one. */
#include "base/show.h"

#include "threat/model/build.h"
#include "threat/model/model.h"
#include "threat/picture/layout_in.h"

struct sketch {
	struct buf *b;
	struct arena *scratch;
	const struct model *m;
	const struct layout *l;
	const struct picture *p;
	str id;
};

static void put_text(struct buf *b, str s)
{
	show_text(b, s, s.n, SHOWN_XML);
}

/* A path segment of an address: everything but letters, digits and -._~ as %XX. */
static void put_address(struct buf *b, str s)
{
	static const char digits[] = "0123456789ABCDEF";

	for (isize i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || str_index(S("-._~"), s.p[i]) >= 0;
		if (plain) {
			buf_char(b, s.p[i]);
		} else {
			buf_char(b, '%');
			buf_char(b, digits[c >> 4]);
			buf_char(b, digits[c & 15]);
		}
	}
}

/* The head of `s` that fits into `width` pixels of letters `tenths` wide, with … when cut. */
static void put_fitted(struct buf *b, str s, int32_t width, int32_t tenths)
{
	isize fit = width * 10 / tenths;

	if (utf8_count(s) <= fit) {
		put_text(b, s);
		return;
	}
	put_text(b, str_trim(utf8_head(s, fit - 1)));
	buf_add(b, S("…"));
}

/* What became of part `i`; pictures of one model have no signs. */
static enum diff_sign sign_of(const enum diff_sign *signs, isize i)
{
	return signs ? signs[i] : DIFF_SAME;
}

static str sign_class(enum diff_sign sign)
{
	static const str words[DIFF_SIGNS] = {
		S_INIT(""), S_INIT("added"), S_INIT("changed"), S_INIT("removed")};

	return words[sign];
}

/* "+ ", in front of a name: the difference is seen without colour, too. */
static void put_sign(struct buf *b, enum diff_sign sign)
{
	static const str marks[DIFF_SIGNS] = {S_INIT(""), S_INIT("+ "), S_INIT("~ "), S_INIT("− ")};

	buf_add(b, marks[sign]);
}

/* "added: ", for a screen reader. */
static void put_sign_words(struct buf *b, enum diff_sign sign)
{
	if (sign == DIFF_SAME)
		return;
	buf_add(b, sign_class(sign));
	buf_add(b, S(": "));
}

static void put_style(struct buf *b)
{
	buf_add(b,
		S("<style>text{font-family:Inter,system-ui,sans-serif;fill:#1c1b19}"
		  ".zone{fill:#fff;fill-opacity:.72;stroke:#8a857a;stroke-width:1.25;stroke-"
		  "dasharray:5 4}"
		  ".zone-name{font-size:13.5px;font-weight:620}.zone-note{font-size:12.5px;fill:#"
		  "54504a}"
		  ".node{fill:#fff;stroke:#54504a;stroke-width:1.4}.node.fill{stroke:none}.node."
		  "open{fill:none}"
		  ".name{font-size:14.5px;font-weight:600;text-anchor:middle}"
		  ".kind{font-size:12.5px;fill:#54504a;text-anchor:middle}"
		  ".flow{fill:none;stroke:#54504a;stroke-width:1.5}.head-mark{fill:#54504a}"
		  ".lab{font-size:12.5px;fill:#54504a;text-anchor:middle;stroke-width:5px}"
		  ".lab,.zone-name,.zone-note{paint-order:stroke;stroke:#fff;stroke-linejoin:round}"
		  ".zone-name,.zone-note{stroke-width:4px}"
		  ".badge circle{fill:#fff;stroke:#8a857a;stroke-width:1.25}"
		  ".badge text{font-size:12px;font-weight:620;text-anchor:middle}"
		  ".badge.warn circle{fill:#faebc8;stroke:#b97a12}.badge.warn text{fill:#6b4700}"
		  ".badge.bad circle{fill:#f9dfd9;stroke:#b83a26}.badge.bad text{fill:#8a1f12}"
		  ".picked .node{stroke:#0a6664;stroke-width:2.25;fill:#e1efed}"
		  ".sign{font-size:18px;font-weight:700;text-anchor:middle}"
		  ".added .node:not(.fill),.added "
		  ".flow,.zone.added{stroke:#1d6b3c;stroke-width:2.5}"
		  ".changed .node:not(.fill),.changed "
		  ".flow,.zone.changed{stroke:#8a5a00;stroke-width:2.5}"
		  ".removed .node:not(.fill),.removed .flow{stroke:#8a1f12;stroke-dasharray:7 5}"
		  ".zone.removed{stroke:#8a1f12;stroke-dasharray:2 6}"
		  ".removed .name,.removed .kind{text-decoration:line-through}"
		  ".legend{font-size:12.5px;fill:#54504a}</style>\n"));
}

enum { LEGEND_H = 30 };

static void put_head(const struct sketch *k)
{
	struct buf *b = k->b;
	int32_t height = k->l->height + (k->p->element_sign ? LEGEND_H : 0);
	const struct parts *of = k->m->of;
	isize zones = 0;

	for (isize z = 0; z < of[PART_ZONE].count; z++)
		zones += k->l->zones[z].w > 0;
	/* A small picture is not blown up to the width of the page. */
	buf_fmt(b,
		"<svg class=\"dfd\" viewBox=\"%d %d %d %d\" width=\"%d\" role=\"group\" "
		"aria-labelledby=\"",
		k->l->x, k->l->y, k->l->width, height, k->l->width);
	put_text(b, k->id);
	buf_add(b, S("-t "));
	put_text(b, k->id);
	buf_add(b, S("-d\""));
	if (k->p->standalone)
		buf_fmt(b, " xmlns=\"http://www.w3.org/2000/svg\" height=\"%d\"", height);
	buf_add(b, S(">\n<title id=\""));
	put_text(b, k->id);
	buf_add(b,
		k->p->element_sign ? S("-t\">What changed in ") : S("-t\">Data flow diagram of "));
	put_text(b, k->m->name.n ? k->m->name : k->m->file);
	buf_add(b, S("</title>\n<desc id=\""));
	put_text(b, k->id);
	buf_fmt(b, "-d\">%td elements and %td flows in %td trust zones. ", of[PART_ELEMENT].count,
		of[PART_FLOW].count, zones);
	buf_add(b, S("The same content is listed under Elements.</desc>\n"));
	if (k->p->standalone)
		put_style(b);
	buf_add(b, S("<defs><marker id=\""));
	put_text(b, k->id);
	buf_add(b,
		S("-tip\" viewBox=\"0 0 10 10\" refX=\"8.5\" refY=\"5\" markerWidth=\"8\" "
		  "markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">"
		  "<path class=\"head-mark\" d=\"M0 .8 9 5 0 9.2z\"/></marker></defs>\n"));
}

static void put_zone(const struct sketch *k, isize z)
{
	const struct part *p = &k->m->of[PART_ZONE].list[z];
	enum diff_sign sign = sign_of(k->p->zone_sign, z);
	struct box x = k->l->zones[z];

	if (!x.w)
		return;
	buf_fmt(k->b,
		"<rect class=\"zone%s%.*s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		"rx=\"12\"",
		sign ? " " : "", STR_ARG(sign_class(sign)), x.x, x.y, x.w, x.h);
	if (k->p->link.n) {
		buf_add(k->b, S(" data-zone=\""));
		put_text(k->b, p->id);
		buf_char(k->b, '"');
	}
	buf_add(k->b, S("/>\n"));
}

enum { ID_SHOWN = 30 };

/* Over the flows, which may pass behind it. */
static void put_zone_name(const struct sketch *k, isize z)
{
	static const str notes[] = {S_INIT("Exposure not stated"), S_INIT("Ours alone"),
		S_INIT("Few can reach it"), S_INIT("Some can reach it"),
		S_INIT("Many can reach it"), S_INIT("Anyone can reach it")};
	const struct part *p = &k->m->of[PART_ZONE].list[z];
	enum diff_sign sign = sign_of(k->p->zone_sign, z);
	struct box x = k->l->zones[z];

	if (!x.w)
		return;
	buf_fmt(k->b, "<text class=\"zone-name\" x=\"%d\" y=\"%d\">", x.x + 14, x.y + 19);
	put_sign(k->b, sign);
	/* An id that a tool made up is not a name. */
	str name = p->name.n || utf8_count(p->id) <= ID_SHOWN ? part_title(p) : S("No name");
	put_fitted(k->b, name, x.w - 24 - (sign ? 16 : 0), 84);
	buf_add(k->b, S("</text>"));
	if (p->zone == PART_NONE) {
		buf_fmt(k->b, "<text class=\"zone-note\" x=\"%d\" y=\"%d\">", x.x + 14, x.y + 35);
		buf_add(k->b, notes[p->exposure]);
		buf_add(k->b, S("</text>"));
	}
	buf_char(k->b, '\n');
}

static void put_badge(const struct sketch *k, const struct badge *badge, int32_t x, int32_t y)
{
	static const str tones[] = {S_INIT("badge"), S_INIT("badge warn"), S_INIT("badge bad")};

	if (badge->count == 0)
		return;
	buf_fmt(k->b,
		" <g class=\"%.*s\"><circle cx=\"%d\" cy=\"%d\" r=\"10.5\"/><text x=\"%d\" "
		"y=\"%d\">%d</text></g>",
		STR_ARG(tones[badge->tone]), x, y, x, y + 4, badge->count);
}

static void put_threats(struct buf *b, const struct badge *badge)
{
	if (badge && badge->count)
		buf_fmt(b, " %d %s", badge->count, badge->count == 1 ? "threat" : "threats");
}

static void put_link(const struct sketch *k, const struct part *p, enum diff_sign sign)
{
	buf_add(k->b, S("<a href=\""));
	put_text(k->b, k->p->link);
	put_address(k->b, p->id);
	buf_char(k->b, '"');
	if (k->p->picked.n && str_eq(k->p->picked, p->id))
		buf_add(k->b, S(" class=\"picked\" aria-current=\"true\""));
	else if (sign)
		buf_fmt(k->b, " class=\"%.*s\"", STR_ARG(sign_class(sign)));
	buf_add(k->b, S(" aria-label=\""));
	put_sign_words(k->b, sign);
}

/* A rounded path: corners of straight parts are cut by a small curve. */
static void put_path(struct buf *b, const struct route *r)
{
	enum { CORNER = 6 };
	const struct point *at = r->points;

	buf_fmt(b, "M%d %d", at[0].x, at[0].y);
	for (int32_t i = 1; i < r->point_count; i++) {
		bool last = i == r->point_count - 1;
		int32_t in_x = at[i].x - at[i - 1].x, in_y = at[i].y - at[i - 1].y;
		int32_t out_x = last ? 0 : at[i + 1].x - at[i].x,
			out_y = last ? 0 : at[i + 1].y - at[i].y;
		int32_t in = (in_x < 0 ? -in_x : in_x) + (in_y < 0 ? -in_y : in_y);
		int32_t away = (out_x < 0 ? -out_x : out_x) + (out_y < 0 ? -out_y : out_y);
		if (last || in < 2 * CORNER || away < 2 * CORNER) {
			buf_fmt(b, "L%d %d", at[i].x, at[i].y);
			continue;
		}
		buf_fmt(b, "L%d %dQ%d %d %d %d", at[i].x - in_x * CORNER / in,
			at[i].y - in_y * CORNER / in, at[i].x, at[i].y,
			at[i].x + out_x * CORNER / away, at[i].y + out_y * CORNER / away);
	}
}

static void put_flow(const struct sketch *k, isize i)
{
	const struct part *p = &k->m->of[PART_FLOW].list[i];
	const struct part *elements = k->m->of[PART_ELEMENT].list;
	const struct route *r = &k->l->routes[i];

	if (!r->drawn)
		return;
	put_link(k, p, sign_of(k->p->flow_sign, i));
	put_text(k->b, part_title(p));
	buf_add(k->b, S(" Flow from "));
	put_text(k->b, part_title(&elements[p->from]));
	buf_add(k->b, S(" to "));
	put_text(k->b, part_title(&elements[p->to]));
	put_threats(k->b, k->p->flow ? &k->p->flow[i] : NULL);
	buf_add(k->b, S("\"><path class=\"flow\" marker-end=\"url(#"));
	put_text(k->b, k->id);
	buf_add(k->b, S("-tip)\""));
	if (p->both_ways) {
		buf_add(k->b, S(" marker-start=\"url(#"));
		put_text(k->b, k->id);
		buf_add(k->b, S("-tip)\""));
	}
	buf_add(k->b, S(" d=\""));
	put_path(k->b, r);
	buf_add(k->b, S("\"/></a>\n"));
}

/* After all flows, so that no line runs over a word. */
static void put_flow_label(const struct sketch *k, isize i)
{
	const struct part *p = &k->m->of[PART_FLOW].list[i];
	enum diff_sign sign = sign_of(k->p->flow_sign, i);
	struct box at = k->l->routes[i].label;

	if (!k->l->routes[i].drawn || !at.w)
		return;
	buf_fmt(k->b, "<text class=\"lab%s%.*s\" aria-hidden=\"true\" x=\"%d\" y=\"%d\">",
		sign ? " " : "", STR_ARG(sign_class(sign)), at.x + at.w / 2, at.y + 12);
	put_sign(k->b, sign);
	put_fitted(k->b, layout_label(p), at.w, 70);
	buf_add(k->b, S("</text>"));
	if (k->p->flow)
		put_badge(k, &k->p->flow[i], at.x + at.w + (sign ? 20 : 9), at.y + 7);
	buf_char(k->b, '\n');
}

static str kind_words(const struct part *p)
{
	static const str words[] = {[PART_IS_ACTOR] = S_INIT("External"),
		[PART_IS_PROCESS] = S_INIT("Process"),
		[PART_IS_STORE] = S_INIT("Data store"),
		[PART_IS_DEVICE] = S_INIT("Device")};

	return words[p->kind];
}

static void put_shape(const struct sketch *k, const struct part *p, struct box x)
{
	if (p->kind == PART_IS_STORE) {
		buf_fmt(k->b,
			"<rect class=\"node fill\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>"
			"<path class=\"node open\" d=\"M%d %dh%dM%d %dh%d\"/>",
			x.x, x.y, x.w, x.h, x.x, x.y, x.w, x.x, x.y + x.h, x.w);
		return;
	}
	int32_t round = p->kind == PART_IS_PROCESS ? (x.h < 60 ? x.h / 2 : 30)
		: p->kind == PART_IS_DEVICE        ? 8
						   : 0;
	buf_fmt(k->b,
		"<rect class=\"node\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
		x.x, x.y, x.w, x.h, round);
}

/* The name in the middle of the box, on two lines where it is too long for one; says whether. */
static bool put_name(const struct sketch *k, str name, struct box x)
{
	enum { ROOM = 20, LETTER_TENTHS = 88 };
	int32_t middle = x.y + x.h / 2, fit = (x.w - ROOM) * 10 / LETTER_TENTHS;
	isize cut = -1;

	for (isize i = 0; utf8_count(name) > fit && i < name.n; i++)
		if (name.p[i] == ' ' && utf8_count(str_part(name, 0, i)) <= fit)
			cut = i;
	buf_fmt(k->b, "<text class=\"name\" x=\"%d\" y=\"%d\">", x.x + x.w / 2,
		middle - (cut < 0 ? 2 : 11));
	put_fitted(k->b, cut < 0 ? name : str_part(name, 0, cut), x.w - ROOM, LETTER_TENTHS);
	buf_add(k->b, S("</text>"));
	if (cut < 0)
		return false;
	buf_fmt(k->b, " <text class=\"name\" x=\"%d\" y=\"%d\">", x.x + x.w / 2, middle + 5);
	put_fitted(k->b, str_part(name, cut + 1, name.n), x.w - ROOM, LETTER_TENTHS);
	buf_add(k->b, S("</text>"));
	return true;
}

/* "Process C01": what stands below the name, and in the name that a screen reader says. */
static void put_kind(const struct sketch *k, const struct part *p)
{
	buf_add(k->b, kind_words(p));
	if (p->name.n && utf8_count(p->id) <= 8) {
		buf_char(k->b, ' ');
		put_text(k->b, p->id);
	}
}

static void put_element(const struct sketch *k, isize i)
{
	const struct part *p = &k->m->of[PART_ELEMENT].list[i];
	enum diff_sign sign = sign_of(k->p->element_sign, i);
	struct box x = k->l->spots[i].box;
	int32_t middle = x.y + x.h / 2;

	put_link(k, p, sign);
	put_text(k->b, part_title(p));
	buf_char(k->b, ' ');
	put_kind(k, p);
	put_threats(k->b, k->p->element ? &k->p->element[i] : NULL);
	buf_add(k->b, S("\">"));
	put_shape(k, p, x);
	middle += put_name(k, part_title(p), x) ? 6 : 0;
	buf_fmt(k->b, " <text class=\"kind\" x=\"%d\" y=\"%d\">", x.x + x.w / 2, middle + 15);
	put_kind(k, p);
	buf_add(k->b, S("</text>"));
	if (sign) {
		buf_fmt(k->b, " <text class=\"sign\" x=\"%d\" y=\"%d\">", x.x + 14, x.y + 19);
		put_sign(k->b, sign);
		buf_add(k->b, S("</text>"));
	}
	if (k->p->element)
		put_badge(k, &k->p->element[i], x.x + x.w - 12, x.y + 2);
	buf_add(k->b, S("</a>\n"));
}

void layout_print_svg(struct buf *b, struct arena *scratch, const struct model *m,
	const struct layout *l, const struct picture *p)
{
	struct sketch k = {.b = b, .scratch = scratch, .m = m, .l = l, .p = p};

	k.id = p->id.n ? p->id : S("dfd");
	put_head(&k);
	/* Outer zones before inner ones, so that the inner ones lie on top. */
	for (int depth = 0; depth <= MODEL_DEPTH; depth++)
		for (isize z = 0; z < m->of[PART_ZONE].count; z++) {
			int up = 0;
			for (int32_t o = m->of[PART_ZONE].list[z].zone; o != PART_NONE;
				o = m->of[PART_ZONE].list[o].zone)
				up++;
			if (up == depth)
				put_zone(&k, z);
		}
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		put_flow(&k, i);
	for (isize z = 0; z < m->of[PART_ZONE].count; z++)
		put_zone_name(&k, z);
	for (isize i = 0; i < m->of[PART_ELEMENT].count; i++)
		put_element(&k, i);
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		put_flow_label(&k, i);
	if (p->element_sign)
		buf_fmt(b,
			"<text class=\"legend\" x=\"%d\" y=\"%d\">+ added · ~ changed · "
			"− removed, dashed · a number: threats newly open</text>\n",
			l->x + 20, l->y + l->height + 14);
	buf_add(b, S("</svg>\n"));
}
