/* The `.ward` format; ward-model(5) is its reference. */
#include "threat/model/build.h"

enum token_kind { T_WORD, T_TEXT, T_EQUALS, T_COMMA, T_ARROW, T_BOTH, T_END, T_BAD };

struct token {
	enum token_kind kind;
	str text;
	struct file_place at;
};

struct reader {
	struct arena *arena;
	struct err *err;
	str in;
	isize at, line_start;
	int32_t line;
	struct token now;
	struct model *model;
	bool has_system;
	bool is_file; /* a whole file, not what Ward put into one of another format */
};

static bool complain(struct reader *r, struct file_place at, const char *what, str word)
{
	return err_at(
		r->err, at.line, at.column, "%s%s%.*s", what, word.n ? ": " : "", STR_ARG(word));
}

static struct file_place here(const struct reader *r)
{
	return (struct file_place){r->line, (int32_t)(r->at - r->line_start + 1)};
}

/* A text between two `quote`s on one line, with \" \' \\ \n \t. */
static bool read_quoted(struct reader *r, char quote)
{
	static const char from[] = "\"'\\nt", to[] = "\"'\\\n\t";
	struct file_place start = here(r);
	isize end = ++r->at, n = 0;

	while (end < r->in.n && r->in.p[end] != quote && r->in.p[end] != '\n')
		end += r->in.p[end] == '\\' ? 2 : 1;
	if (end >= r->in.n || r->in.p[end] != quote)
		return complain(r, start, "a quoted text does not end on its line", S(""));
	char *p = arena_bulk(r->arena, end - r->at + 1);
	if (!p)
		return FAIL(r->err, ERR_LIMIT, "the model needs more memory than it is given");
	for (; r->at < end; r->at++) {
		char c = r->in.p[r->at];
		if (c == '\\') {
			struct file_place place = here(r);
			isize which = str_index((str){from, sizeof from - 1}, r->in.p[++r->at]);
			if (which < 0)
				return complain(r, place,
					"an escape other than \\\" \\' \\\\ \\n \\t", S(""));
			c = to[which];
		}
		p[n++] = c;
	}
	r->at = end + 1;
	r->now.text = (str){p, n};
	return true;
}

static bool ends_word(char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case '"':
	case '\'':
	case '=':
	case ',':
	case ';':
		return true;
	default:
		return false;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Blanks, and a comment up to the end of its line. */
static void skip_blanks(struct reader *r)
{
	while (r->at < r->in.n && is_blank(r->in.p[r->at]))
		r->at++;
	if (r->at < r->in.n && r->in.p[r->at] == '#')
		while (r->at < r->in.n && r->in.p[r->at] != '\n')
			r->at++;
}

/* A word without quotes; the arrows are words of their own kind. */
static void read_word(struct reader *r)
{
	isize from = r->at;

	while (r->at < r->in.n && !ends_word(r->in.p[r->at]))
		r->at++;
	r->now.text = str_part(r->in, from, r->at);
	r->now.kind = str_eq(r->now.text, S("->")) ? T_ARROW
		: str_eq(r->now.text, S("<->"))    ? T_BOTH
						   : T_WORD;
}

static bool next(struct reader *r)
{
	skip_blanks(r);
	r->now = (struct token){.kind = T_END, .at = here(r)};
	if (r->at == r->in.n)
		return true;
	char c = r->in.p[r->at];
	if (c == '\n' || c == ';')
		return true;
	if (c == '"' || c == '\'') {
		r->now.kind = c == '"' ? T_TEXT : T_WORD;
		return read_quoted(r, c) || !(r->now.kind = T_BAD);
	}
	if (c == '=' || c == ',') {
		r->now.kind = c == '=' ? T_EQUALS : T_COMMA;
		r->at++;
		return true;
	}
	read_word(r);
	return true;
}

/* Steps over the end of a statement; the token before it must have been T_END. */
static void step_line(struct reader *r)
{
	if (r->at < r->in.n && r->in.p[r->at++] == '\n') {
		r->line++;
		r->line_start = r->at;
	}
}

/* Words that stand alone and the property they state. */
static bool read_flag(str word, str *key, str *value)
{
	static const struct {
		str word, key, value;
	} flags[] = {
		{S_INIT("encrypted"), S_INIT("encryption"), S_INIT("yes")},
		{S_INIT("https"), S_INIT("protocol"), S_INIT("https")},
		{S_INIT("http"), S_INIT("protocol"), S_INIT("http")},
		{S_INIT("mqtt"), S_INIT("protocol"), S_INIT("mqtt")},
		{S_INIT("fhir"), S_INIT("protocol"), S_INIT("fhir")},
		{S_INIT("hl7v2"), S_INIT("protocol"), S_INIT("hl7v2")},
		{S_INIT("dicom"), S_INIT("protocol"), S_INIT("dicom")},
		{S_INIT("tls1.0"), S_INIT("protocol"), S_INIT("tls1.0")},
		{S_INIT("tls1.1"), S_INIT("protocol"), S_INIT("tls1.1")},
		{S_INIT("tls1.2"), S_INIT("protocol"), S_INIT("tls1.2")},
		{S_INIT("tls1.3"), S_INIT("protocol"), S_INIT("tls1.3")},
	};

	for (int i = 0; i < COUNT_OF(flags); i++)
		if (str_eq(word, flags[i].word)) {
			*key = flags[i].key;
			*value = flags[i].value;
			return true;
		}
	return false;
}

/* The one name of a key that has two. */
static str plain_key(str key)
{
	static const str names[][2] = {
		{S_INIT("tech"), S_INIT("technology")},
		{S_INIT("data"), S_INIT("class")},
		{S_INIT("confidentiality"), S_INIT("c")},
		{S_INIT("integrity"), S_INIT("i")},
		{S_INIT("availability"), S_INIT("a")},
	};

	for (int i = 0; i < COUNT_OF(names); i++)
		if (str_eq(key, names[i][0]))
			return names[i][1];
	return key;
}

static bool read_values(struct reader *r, struct part *p, str key)
{
	do {
		if (!next(r))
			return false;
		if ((r->now.kind != T_WORD && r->now.kind != T_TEXT) || r->now.text.n == 0)
			return complain(r, r->now.at, "a value is missing after", key);
		if (!part_add(r->arena, r->err, p, key, r->now.text, r->now.at) || !next(r))
			return false;
	} while (r->now.kind == T_COMMA);
	return true;
}

/* "key value", "key=value", "key=a, b" and flags, up to the end of the statement. */
static bool read_props(struct reader *r, struct part *p)
{
	while (r->now.kind != T_END) {
		struct token word = r->now;
		str key, value;
		if (word.kind == T_ARROW && p->kind == PART_IS_THREAT) {
			if (!read_values(r, p, S("counter")))
				return false;
			continue;
		}
		if (word.kind != T_WORD || word.text.n == 0)
			return complain(r, word.at, "a property was expected", word.text);
		/* Files of other formats say so what we call a part whose id they cannot have. */
		if (r->is_file && str_eq(word.text, S("id")))
			return complain(
				r, word.at, "the id of a part stands behind its kind", S(""));
		isize back = r->at;
		if (!next(r))
			return false;
		if (r->now.kind != T_EQUALS && read_flag(word.text, &key, &value)) {
			if (!part_add(r->arena, r->err, p, key, value, word.at))
				return false;
			continue;
		}
		if (r->now.kind != T_EQUALS)
			r->at = back;
		if (!read_values(r, p, plain_key(word.text)))
			return false;
	}
	return true;
}

static bool read_name(struct reader *r, struct part *p)
{
	if (r->now.kind != T_TEXT)
		return true;
	p->name = name_clean(r->arena, r->now.text);
	return next(r);
}

static bool is_arrow(const struct token *t)
{
	return t->kind == T_ARROW || t->kind == T_BOTH;
}

/* The ends of a flow: the word before the arrow, and the one the reader stands on. */
static bool add_ends(struct reader *r, struct part *p, const struct token *from, bool both)
{
	const struct token *to = &r->now;

	return part_add(r->arena, r->err, p, S("from"), from->text, from->at) &&
		part_add(r->arena, r->err, p, S("to"), to->text, to->at) &&
		(!both || part_add(r->arena, r->err, p, S("both-ways"), S("yes"), to->at));
}

/* "[id] from -> to"; the id may be left out. */
static bool read_flow_head(struct reader *r, struct part *p)
{
	struct token first = r->now, from;

	if (!next(r))
		return false;
	from = first;
	if (r->now.kind == T_WORD) {
		from = r->now;
		p->id = first.text;
		if (!next(r))
			return false;
	}
	if (!is_arrow(&r->now))
		return complain(r, r->now.at, "-> or <-> was expected", r->now.text);
	bool both = r->now.kind == T_BOTH;
	if (!next(r))
		return false;
	if (r->now.kind != T_WORD || r->now.text.n == 0 || from.text.n == 0)
		return complain(r, r->now.at, "the id of an element was expected", r->now.text);
	if (!add_ends(r, p, &from, both))
		return false;
	if (from.at.column == first.at.column && from.at.line == first.at.line) {
		if (arena_room(r->arena) < first.text.n + r->now.text.n + LIMIT_TEXT)
			return FAIL(
				r->err, ERR_LIMIT, "the model needs more memory than it is given");
		p->id = str_fmt(r->arena, "%.*s->%.*s", STR_ARG(first.text), STR_ARG(r->now.text));
		p->made_id = true;
	}
	return next(r);
}

static bool read_system(struct reader *r, struct file_place at)
{
	if (r->has_system)
		return complain(r, at, "a model has one system line", S(""));
	if (r->now.kind != T_WORD && r->now.kind != T_TEXT)
		return complain(r, r->now.at, "the name of the system was expected", r->now.text);
	r->has_system = true;
	if (r->now.text.n)
		r->model->name = name_clean(r->arena, r->now.text);
	if (!next(r) || !read_props(r, &r->model->whole))
		return false;
	const struct prop *first = r->model->whole.props;
	return !first ||
		complain(r, first->at, "nothing but x-FORMAT may follow the name of the system",
			first->key);
}

static bool read_statement(struct reader *r)
{
	struct token word = r->now;
	enum part_kind kind;

	if (word.kind != T_WORD)
		return complain(
			r, word.at, "a line begins with a word such as process or flow", S(""));
	if (!next(r))
		return false;
	if (str_eq(word.text, S("system")))
		return read_system(r, word.at);
	if (!part_kind_parse(word.text, &kind))
		return complain(r, word.at,
			"a line begins with system, zone, asset, actor, process, store, device, "
			"interface, flow, assumption or threat, not",
			word.text);
	if (r->now.kind != T_WORD || r->now.text.n == 0)
		return complain(r, r->now.at, "an id was expected after", word.text);
	/* Other formats clean their ids; one that cleaning would change could not travel. */
	if (!str_eq(name_clean(r->arena, r->now.text), r->now.text))
		return complain(
			r, r->now.at, "an id holds no control characters or outer blanks", S(""));
	struct part *p = model_add(r->arena, r->err, r->model, kind, r->now.text, S(""), word.at);
	if (!p)
		return false;
	if (kind == PART_IS_FLOW ? !read_flow_head(r, p) : !next(r))
		return false;
	return read_name(r, p) && read_props(r, p);
}

static bool add_text(struct arena *a, struct err *e, struct model *m, str bytes, bool is_file)
{
	struct reader r = {
		.arena = a, .err = e, .in = bytes, .line = 1, .model = m, .is_file = is_file};

	if (str_starts(bytes, S("\xef\xbb\xbf")))
		r.at = r.line_start = 3;
	while (r.at < r.in.n) {
		if (!next(&r))
			return false;
		if (r.now.kind != T_END && !read_statement(&r))
			return false;
		step_line(&r);
	}
	/* "app->api", and "app->api~2" for the second flow between the two. */
	return model_number(a, e, &m->of[PART_FLOW], true);
}

bool model_text_add(struct arena *a, struct err *e, struct model *m, str bytes)
{
	return add_text(a, e, m, bytes, false);
}

bool model_text_parse(struct arena *a, struct err *e, str name, str bytes, struct model **out)
{
	struct model *m = model_new(a, name, MODEL_TEXT);
	isize wrong = utf8_check(bytes);
	isize zero = str_index(bytes, '\0');

	if (bytes.n > LIMIT_MODEL_BYTES)
		return FAIL(e, ERR_LIMIT, "a model file has at most %d bytes", LIMIT_MODEL_BYTES);
	if (wrong < 0 || (zero >= 0 && zero < wrong))
		wrong = zero;
	if (wrong >= 0) {
		str rest = str_part(bytes, 0, wrong);
		int32_t line = 1;
		while (str_index(rest, '\n') >= 0) {
			str_cut(&rest, '\n');
			line++;
		}
		return err_at(
			e, line, rest.n + 1, "the text is not UTF-8, or a zero byte is in it");
	}
	if (!add_text(a, e, m, bytes, true) || !model_finish(a, e, m))
		return false;
	*out = m;
	return true;
}

/* ---- printing ---- */

static void print_quoted(struct buf *b, str s, char quote)
{
	buf_char(b, quote);
	for (isize i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == quote || c == '\\')
			buf_char(b, '\\');
		if (c == '\n')
			buf_add(b, S("\\n"));
		else
			buf_char(b, c);
	}
	buf_char(b, quote);
}

static bool is_plain_word(str s)
{
	for (isize i = 0; i < s.n; i++)
		if (ends_word(s.p[i]))
			return false;
	return s.n > 0 && s.p[0] != '#' && !str_eq(s, S("->")) && !str_eq(s, S("<->"));
}

static void print_word(struct buf *b, str s, char quote)
{
	if (is_plain_word(s))
		buf_add(b, s);
	else
		print_quoted(b, s, quote);
}

static void print_flow_head(struct buf *b, const struct part *p)
{
	if (!p->made_id) {
		print_word(b, p->id, '\'');
		buf_char(b, ' ');
	}
	str from = part_value(p, S("from")), to = part_value(p, S("to"));
	print_word(b, from.n ? from : S("?"), '\'');
	buf_add(b, p->both_ways ? S(" <-> ") : S(" -> "));
	print_word(b, to.n ? to : S("?"), '\'');
}

static bool is_in_head(const struct part *p, str key)
{
	return p->kind == PART_IS_FLOW &&
		(str_eq(key, S("from")) || str_eq(key, S("to")) || str_eq(key, S("both-ways")));
}

static void print_props(struct buf *b, const struct part *p)
{
	str key = S("");

	for (const struct prop *q = p->props; q; q = q->next) {
		if (is_in_head(p, q->key))
			continue;
		if (str_eq(q->key, key)) {
			buf_add(b, S(", "));
		} else {
			buf_char(b, ' ');
			print_word(b, q->key, '\'');
			buf_char(b, '=');
		}
		print_word(b, q->value, '"');
		key = q->key;
	}
	/* JSON is full of double quotes; between single ones it stays readable. */
	for (const struct prop *q = p->kept; q; q = q->next) {
		buf_char(b, ' ');
		print_word(b, q->key, '\'');
		buf_char(b, '=');
		print_quoted(b, q->value, '\'');
	}
	buf_char(b, '\n');
}

void part_print(struct buf *b, const struct part *p)
{
	buf_add(b, part_kind_word(p->kind));
	buf_char(b, ' ');
	if (p->kind == PART_IS_FLOW)
		print_flow_head(b, p);
	else
		print_word(b, p->id, '\'');
	if (p->name.n) {
		buf_char(b, ' ');
		print_quoted(b, p->name, '"');
	}
	print_props(b, p);
}

void model_print(struct buf *b, const struct model *m)
{
	if (m->name.n || m->whole.kept) {
		buf_add(b, S("system "));
		print_quoted(b, m->name, '"');
		print_props(b, &m->whole);
	}
	for (int g = 0; g < PART_GROUPS; g++) {
		if (m->of[g].count && b->n)
			buf_char(b, '\n');
		for (isize i = 0; i < m->of[g].count; i++)
			part_print(b, &m->of[g].list[i]);
	}
}
