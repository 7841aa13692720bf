/* A model for other eyes: tables and drawings that nobody reads back. */
#include "threat/formats/views.h"

/* ---- CSV (RFC 4180), safe to open in a spreadsheet ---- */

static void put_escaped(struct buf *b, str s)
{
	for (isize i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_char(b, '"');
		buf_char(b, s.p[i]);
	}
}

/* A cell that begins like a formula is run as one by spreadsheets; an apostrophe stops that. */
static void open_cell(struct buf *b, str s)
{
	bool is_formula = s.n && str_index(S("=+-@\t\r'"), s.p[0]) >= 0;

	buf_add(b, is_formula ? S("\"'") : S("\""));
	put_escaped(b, s);
}

static void put_cell(struct buf *b, str s)
{
	open_cell(b, s);
	buf_char(b, '"');
}

/* The columns of their own; everything else stands in the last one, as in `.ward` text. */
static const str columns[] = {S_INIT("in"), S_INIT("from"), S_INIT("to"), S_INIT("at"),
	S_INIT("stride"), S_INIT("status"), S_INIT("severity"), S_INIT("description")};

static bool is_column(str key)
{
	for (isize i = 0; i < COUNT_OF(columns); i++)
		if (str_eq(key, columns[i]))
			return true;
	return false;
}

/* The values of a property with commas between them. */
static void put_values(struct buf *b, const struct part *p, str key)
{
	bool first = true;

	for (const struct prop *q = p->props; q; q = q->next) {
		if (!str_eq(q->key, key))
			continue;
		if (first) {
			open_cell(b, q->value);
		} else {
			buf_add(b, S(", "));
			put_escaped(b, q->value);
		}
		first = false;
	}
	buf_add(b, first ? S("\"\"") : S("\""));
}

static void put_rest(struct buf *b, const struct part *p)
{
	bool first = true;

	for (const struct prop *q = p->props; q; q = q->next) {
		if (is_column(q->key))
			continue;
		if (first) {
			open_cell(b, q->key);
		} else {
			buf_add(b, S("; "));
			put_escaped(b, q->key);
		}
		buf_char(b, '=');
		put_escaped(b, q->value);
		first = false;
	}
	buf_add(b, first ? S("\"\"") : S("\""));
}

static void put_line(struct buf *b, const struct part *p)
{
	put_cell(b, part_kind_word(p->kind));
	buf_char(b, ',');
	put_cell(b, p->id);
	buf_char(b, ',');
	put_cell(b, p->name);
	for (isize k = 0; k < COUNT_OF(columns); k++) {
		buf_char(b, ',');
		put_values(b, p, columns[k]);
	}
	buf_char(b, ',');
	put_rest(b, p);
	buf_add(b, S("\r\n"));
}

void model_print_csv(struct buf *b, const struct model *m)
{
	buf_add(b, S("kind,id,name"));
	for (isize i = 0; i < COUNT_OF(columns); i++) {
		buf_char(b, ',');
		buf_add(b, columns[i]);
	}
	buf_add(b, S(",properties\r\n"));
	for (int g = 0; g < PART_GROUPS; g++)
		for (isize i = 0; i < m->of[g].count; i++)
			put_line(b, &m->of[g].list[i]);
}

/* ---- Mermaid and DOT: zones in zones ---- */

/* What lies in each zone; the last place of `zone` and `element` is for what lies in none. */
struct nest {
	const struct model *m;
	int32_t *zone, *next_zone, *element, *next_element;
	bool is_dot;
};

static int32_t *links(struct arena *a, isize count)
{
	int32_t *p = arena_bulk(a, (count + 1) * (isize)sizeof *p);

	if (p)
		memset(p, 0xff, (size_t)(count + 1) * sizeof *p);
	return p;
}

static bool nest_make(struct arena *a, struct nest *n)
{
	isize zones = n->m->of[PART_ZONE].count, elements = n->m->of[PART_ELEMENT].count;

	n->zone = links(a, zones);
	n->next_zone = links(a, zones);
	n->element = links(a, zones);
	n->next_element = links(a, elements);
	if (!n->zone || !n->next_zone || !n->element || !n->next_element)
		return false;
	for (isize i = zones - 1; i >= 0; i--) {
		int32_t in = n->m->of[PART_ZONE].list[i].zone;
		isize at = in == PART_NONE ? zones : in;
		n->next_zone[i] = n->zone[at];
		n->zone[at] = (int32_t)i;
	}
	for (isize i = elements - 1; i >= 0; i--) {
		int32_t in = n->m->of[PART_ELEMENT].list[i].zone;
		isize at = in == PART_NONE ? zones : in;
		n->next_element[i] = n->element[at];
		n->element[at] = (int32_t)i;
	}
	return true;
}

/* A label in double quotes.  Mermaid knows entities, DOT backslashes; neither may see markup. */
static void put_label(struct buf *b, const struct nest *n, str s)
{
	buf_char(b, '"');
	for (isize i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (n->is_dot && (c == '"' || c == '\\')) {
			buf_char(b, '\\');
			buf_char(b, c);
		} else if (!n->is_dot && str_index(S("\"<>&#;`"), c) >= 0) {
			buf_fmt(b, "#%d;", c);
		} else {
			buf_char(b, c == '\n' || c == '\r' ? ' ' : c);
		}
	}
	buf_char(b, '"');
}

static void put_tabs(struct buf *b, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_char(b, '\t');
}

static void put_element(struct buf *b, const struct nest *n, int32_t i, int depth)
{
	/* Shapes of the data flow diagram: box, circle, cylinder, and a hexagon for a device. */
	static const struct {
		const char *open, *close, *shape;
	} shapes[PART_KINDS] = {
		[PART_IS_ACTOR] = {"[", "]", "box"},
		[PART_IS_PROCESS] = {"([", "])", "ellipse"},
		[PART_IS_STORE] = {"[(", ")]", "cylinder"},
		[PART_IS_DEVICE] = {"{{", "}}", "hexagon"},
	};
	const struct part *p = &n->m->of[PART_ELEMENT].list[i];

	put_tabs(b, depth);
	buf_fmt(b, "e%d", i);
	buf_add(b, n->is_dot ? S(" [label=") : str_of(shapes[p->kind].open));
	put_label(b, n, part_title(p));
	if (n->is_dot)
		buf_fmt(b, ", shape=%s];", shapes[p->kind].shape);
	else
		buf_add(b, str_of(shapes[p->kind].close));
	buf_char(b, '\n');
}

/* As deep as zones may lie in each other. */
static void put_zone(struct buf *b, const struct nest *n, isize zone, int depth)
{
	bool is_zone = zone < n->m->of[PART_ZONE].count;

	if (is_zone) {
		put_tabs(b, depth);
		buf_fmt(b, n->is_dot ? "subgraph cluster_z%td { label=" : "subgraph z%td [", zone);
		put_label(b, n, part_title(&n->m->of[PART_ZONE].list[zone]));
		buf_add(b, n->is_dot ? S(";\n") : S("]\n"));
	}
	for (int32_t i = n->element[zone]; i >= 0; i = n->next_element[i])
		put_element(b, n, i, depth + 1);
	for (int32_t i = n->zone[zone]; i >= 0; i = n->next_zone[i])
		put_zone(b, n, i, depth + 1);
	if (is_zone) {
		put_tabs(b, depth);
		buf_add(b, n->is_dot ? S("}\n") : S("end\n"));
	}
}

/* A flow whose end hangs in the air gets a point of its own there. */
static void put_end(struct buf *b, int32_t element, isize flow, char side)
{
	if (element == PART_NONE)
		buf_fmt(b, "%c%td", side, flow);
	else
		buf_fmt(b, "e%d", element);
}

static void put_flow(struct buf *b, const struct nest *n, isize i)
{
	const struct part *p = &n->m->of[PART_FLOW].list[i];
	const int32_t ends[2] = {p->from, p->to};

	for (int k = 0; k < 2; k++)
		if (ends[k] == PART_NONE)
			buf_fmt(b, n->is_dot ? "\t%c%td [shape=point];\n" : "\t%c%td(( ))\n",
				k ? 't' : 'f', i);
	buf_char(b, '\t');
	put_end(b, p->from, i, 'f');
	buf_add(b, n->is_dot ? S(" -> ") : p->both_ways ? S(" <-->") : S(" -->"));
	if (n->is_dot) {
		put_end(b, p->to, i, 't');
		buf_add(b, S(" [label="));
		put_label(b, n, p->name);
		buf_add(b, p->both_ways ? S(", dir=both];\n") : S("];\n"));
		return;
	}
	if (p->name.n) {
		buf_char(b, '|');
		put_label(b, n, p->name);
		buf_char(b, '|');
	}
	buf_char(b, ' ');
	put_end(b, p->to, i, 't');
	buf_char(b, '\n');
}

bool model_print_graph(
	struct buf *b, struct arena *scratch, struct err *e, const struct model *m, bool is_dot)
{
	struct nest n = {.m = m, .is_dot = is_dot};

	if (!nest_make(scratch, &n))
		return FAIL(e, ERR_LIMIT, "the model needs more memory than there is");
	if (is_dot) {
		buf_add(b, S("digraph "));
		put_label(b, &n, m->name.n ? m->name : S("model"));
		buf_add(b, S(" {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n"));
	} else {
		buf_add(b, S("flowchart LR\n"));
	}
	put_zone(b, &n, m->of[PART_ZONE].count, 0);
	for (isize i = 0; i < m->of[PART_FLOW].count; i++)
		put_flow(b, &n, i);
	if (is_dot)
		buf_add(b, S("}\n"));
	return true;
}
