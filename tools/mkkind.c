/*
 * mkkind: reads the declarations of records and writes their tables.
 *
 *	mkkind OUTDIR FILE...            writes OUTDIR/kinds.h and OUTDIR/kinds.c
 *	mkkind --lock FILE...            prints the schema: what stored data depends on
 *	mkkind --held-by LOCK FILE...    fails when a line of the file LOCK no longer holds
 *
 * A FILE is NAME.kind (a kind, or the envelope), NAME.enum (word sets) or NAME.def (rights); the
 * syntax is in kinds/README.md.  Data only: no logic is generated.  The first mistake ends the run
 * with its file and line.
 *
 * Memory is never given back: the program lives for a moment.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINE_BYTES = 400,
	NAME_BYTES = 40,
	WORD_BYTES = 60,
	KINDS = 100,
	FIELDS = 90,
	COLS = 32,
	STATES = 16,
	MOVES = 40,
	LINKS = 40,
	LINK_KINDS = 24,
	CLAUSES = 60,
	SETS = 250,
	WORDS = 60,
	REFS = 16,
	REQUIRES = 16,
	RIGHTS = 511, /* call.h holds 512 */
	NAMES = 9000,
	CHECKS = 60
};

struct place {
	const char *file;
	int line;
};

enum type { TEXT, PROSE, INT, FLAG, DATE, TIME, ENUM, REF, WORDLIST, ROWS, TYPES };

static const char *const type_names[TYPES] = {
	"text", "prose", "int", "flag", "date", "time", "enum", "ref", "words", "rows"};

struct set {
	struct place at;
	char *name;
	char *word[WORDS], *label[WORDS];
	int count;
	bool used;
};

struct field {
	struct place at;
	char *name, *label, *help, *unit, *check, *set;
	enum type type;
	bool required, secret, in_list, is_envelope;
	bool has_min, has_max;
	int64_t min, max;
	char *ref[REFS];
	int ref_count;
	struct field *col;
	int col_count;
};

struct state {
	char *name, *label;
	bool in_force, end;
};

struct move {
	struct place at;
	int from, to;
	char *label, *right, *meaning, *guard;
	bool second_person;
	char *require[REQUIRES];
	int require_count;
};

struct linktype {
	struct place at;
	char *type, *label;
	bool outgoing;
	char *kind[LINK_KINDS]; /* none: any */
	int kind_count;
};

struct clause {
	char *catalog, *id;
};

struct kind {
	struct place at;
	char *name, *prefix, *title, *plural, *area, *about;
	struct field field[FIELDS];
	int field_count;
	struct state state[STATES];
	int state_count;
	struct move move[MOVES];
	int move_count;
	struct linktype link[LINKS];
	int link_count;
	struct clause clause[CLAUSES];
	int clause_count;
};

struct right {
	char *name, *label;
};

struct model {
	struct kind kind[KINDS];
	int kind_count;
	struct kind envelope;
	struct set set[SETS];
	int set_count;
	struct right right[RIGHTS];
	int right_count;
	struct {
		char *name;
		struct place at;
	} name[NAMES]; /* every identifier that is written */
	int name_count;
	char *check[CHECKS];
	bool check_is_guard[CHECKS];
	int check_count;
};

/* A line being read. */
struct line {
	struct place at;
	char *p;
};

static _Noreturn void die(struct place at, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static _Noreturn void die(struct place at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (at.line)
		fprintf(stderr, "%s:%d: ", at.file, at.line);
	else
		fprintf(stderr, "%s: ", at.file);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *fmt(const char *format, ...)
{
	va_list args;
	char *out = NULL;

	va_start(args, format);
	if (vasprintf(&out, format, args) < 0)
		abort();
	va_end(args);
	return out;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- words of a line ---- */

/* The next word or quoted string; NULL at the end of the line or at a comment. */
static char *next(struct line *l)
{
	char *start, *end;

	while (*l->p == ' ' || *l->p == '\t')
		l->p++;
	if (!*l->p || *l->p == '#')
		return NULL;
	if (*l->p == '"') {
		start = l->p + 1;
		end = strchr(start, '"');
		if (!end)
			die(l->at, "a quoted text is not closed");
		l->p = end + 1;
	} else {
		start = l->p;
		end = start + strcspn(start, " \t");
		l->p = end;
	}
	return strndup(start, (size_t)(end - start));
}

static char *need(struct line *l, const char *what)
{
	char *w = next(l);

	if (!w || !*w)
		die(l->at, "%s is missing", what);
	return w;
}

static char *need_quoted(struct line *l, const char *what)
{
	while (*l->p == ' ' || *l->p == '\t')
		l->p++;
	if (*l->p != '"')
		die(l->at, "%s must stand in quotes", what);
	return need(l, what);
}

static const char *const c_keywords[] = {"auto", "break", "case", "char", "const", "continue",
	"default", "do", "double", "else", "enum", "extern", "float", "for", "goto", "if", "inline",
	"int", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static",
	"struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "asm",
	"bool", "true", "false", "typeof", "str", "isize"};

static bool is_keyword(const char *name)
{
	for (size_t i = 0; i < sizeof c_keywords / sizeof *c_keywords; i++)
		if (same(name, c_keywords[i]))
			return true;
	return false;
}

static void check_name(struct place at, const char *name, const char *what)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (!islower((unsigned char)name[0]) || name[n])
		die(at, "%s \"%s\" must be lower-case letters, digits and _", what, name);
	if (n >= NAME_BYTES)
		die(at, "%s \"%s\" is longer than %d letters", what, name, NAME_BYTES - 1);
}

/* A name that becomes the name of a struct or a part of one. */
static char *need_name(struct line *l, const char *what)
{
	char *name = need(l, what);

	check_name(l->at, name, what);
	return name;
}

/* Words of data may have hyphens and begin with a digit; they become parts of names. */
static void check_word(struct place at, const char *word)
{
	if (!*word || word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		die(at, "word \"%s\" must be lower-case letters, digits, _ and -", word);
	if (strlen(word) >= WORD_BYTES)
		die(at, "word \"%s\" is longer than %d letters", word, WORD_BYTES - 1);
}

static int64_t number(struct place at, const char *text)
{
	char *end = NULL;

	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (errno || !*text || *end)
		die(at, "\"%s\" is not a number", text);
	return n;
}

/* Splits at `sep` into at most `max` parts. */
static int split(struct place at, const char *text, const char *sep, char **out, int max)
{
	char *copy = strdup(text), *rest = copy, *part;
	int n = 0;

	while ((part = strsep(&rest, sep))) {
		if (!*part)
			die(at, "\"%s\" has an empty part", text);
		if (n == max)
			die(at, "\"%s\" has more than %d parts", text, max);
		out[n++] = part;
	}
	return n;
}

/* "in_force" → "In force". */
static char *words_of(const char *name)
{
	char *out = strdup(name);

	for (char *p = out; *p; p++)
		if (*p == '_')
			*p = ' ';
	out[0] = (char)toupper((unsigned char)out[0]);
	return out;
}

/* "Risk models" → "risk models"; "SBOMs" stays. */
static char *in_sentence(const char *title)
{
	char *out = strdup(title);

	if (!isupper((unsigned char)out[1]))
		out[0] = (char)tolower((unsigned char)out[0]);
	return out;
}

static char *upper(const char *name)
{
	char *out = strdup(name);

	for (char *p = out; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return out;
}

/* ---- declarations ---- */

static void add_check(struct model *m, struct place at, char *name, bool is_guard)
{
	check_name(at, name, "function");
	for (int i = 0; i < m->check_count; i++) {
		if (!same(m->check[i], name))
			continue;
		if (m->check_is_guard[i] != is_guard)
			die(at, "%s cannot check both a field and a move", name);
		return;
	}
	if (m->check_count == CHECKS)
		die(at, "more than %d check functions", CHECKS);
	m->check[m->check_count] = name;
	m->check_is_guard[m->check_count++] = is_guard;
}

static struct right *add_right(struct model *m, struct place at, char *name, char *label)
{
	if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz_.")])
		die(at, "right \"%s\" must be lower-case letters, _ and .", name);
	for (int i = 0; i < m->right_count; i++)
		if (same(m->right[i].name, name))
			return &m->right[i];
	if (m->right_count == RIGHTS)
		die(at, "more than %d rights", RIGHTS);
	m->right[m->right_count] = (struct right){name, label};
	return &m->right[m->right_count++];
}

static void read_type(struct line *l, struct field *f)
{
	char *text = need(l, "the type"), *arg = strchr(text, ':');
	int t = 0;

	if (arg)
		*arg++ = 0;
	while (t < ROWS && !same(text, type_names[t]))
		t++;
	if (t == ROWS)
		die(l->at, "\"%s\" is not a type", text);
	f->type = (enum type)t;
	if ((f->type == ENUM || f->type == REF) != (arg && *arg))
		die(l->at, f->type == ENUM || f->type == REF ? "%s needs a name after a colon"
							     : "%s takes nothing after a colon",
			text);
	if (f->type == ENUM)
		f->set = arg;
	if (f->type == REF && !same(arg, "any"))
		f->ref_count = split(l->at, arg, "|", f->ref, REFS);
}

/* The words after the type: required, max=200, label "..." and so on. */
static void read_attributes(struct model *m, struct line *l, struct field *f)
{
	for (char *w; (w = next(l));) {
		if (same(w, "required"))
			f->required = true;
		else if (same(w, "list"))
			f->in_list = true;
		else if (same(w, "secret"))
			f->secret = true;
		else if (same(w, "label"))
			f->label = need_quoted(l, "the label");
		else if (same(w, "help"))
			f->help = need_quoted(l, "the help");
		else if (same(w, "unit"))
			f->unit = need_quoted(l, "the unit");
		else if (!strncmp(w, "min=", 4)) {
			f->min = number(l->at, w + 4);
			f->has_min = true;
		} else if (!strncmp(w, "max=", 4)) {
			f->max = number(l->at, w + 4);
			f->has_max = true;
		} else if (!strncmp(w, "check=", 6)) {
			f->check = w + 6;
			add_check(m, l->at, f->check, false);
		} else
			die(l->at, "\"%s\" is not known here", w);
	}
	if (!f->label)
		die(l->at, "%s has no label", f->name);
	if (f->has_min && f->type != INT)
		die(l->at, "min= is for int");
	if (f->has_max && f->type > INT && f->type < WORDLIST)
		die(l->at, "max= is for text, prose, int, words and rows");
	if (f->unit && f->type != INT)
		die(l->at, "unit is for int");
	if (f->has_min && f->has_max && f->min > f->max)
		die(l->at, "min= is above max=");
	if (f->required && f->type == FLAG)
		die(l->at, "a flag cannot be required: it is yes or no");
}

static void read_field(struct model *m, struct kind *k, struct line *l, bool is_rows)
{
	struct field *f = &k->field[k->field_count];

	if (k->field_count == FIELDS)
		die(l->at, "%s has more than %d fields", k->name, FIELDS);
	f->at = l->at;
	f->name = need_name(l, "the field's name");
	for (int i = 0; i < k->field_count; i++)
		if (same(k->field[i].name, f->name))
			die(l->at, "field %s is declared twice, first in line %d", f->name,
				k->field[i].at.line);
	if (is_rows) {
		f->type = ROWS;
		f->col = calloc(COLS, sizeof *f->col);
	} else
		read_type(l, f);
	read_attributes(m, l, f);
	k->field_count++;
}

static void read_col(struct model *m, struct kind *k, struct line *l)
{
	struct field *rows = k->field_count ? &k->field[k->field_count - 1] : NULL;

	if (!rows || rows->type != ROWS)
		die(l->at, "a col must follow rows");
	if (rows->col_count == COLS)
		die(l->at, "%s has more than %d columns", rows->name, COLS);

	struct field *f = &rows->col[rows->col_count];
	f->at = l->at;
	f->name = need_name(l, "the column's name");
	for (int i = 0; i < rows->col_count; i++)
		if (same(rows->col[i].name, f->name))
			die(l->at, "column %s is declared twice, first in line %d", f->name,
				rows->col[i].at.line);
	read_type(l, f);
	read_attributes(m, l, f);
	if (f->in_list)
		die(l->at, "a column cannot be in lists");
	rows->col_count++;
}

static int find_state(const struct kind *k, const char *name)
{
	for (int i = 0; i < k->state_count; i++)
		if (same(k->state[i].name, name))
			return i;
	return -1;
}

static int need_state(const struct kind *k, struct line *l, const char *what)
{
	char *name = need(l, what);
	int i = find_state(k, name);

	if (i < 0)
		die(l->at, "%s is not a state of %s", name, k->name);
	return i;
}

static struct move *add_move(struct kind *k, struct line *l, int from, int to)
{
	for (int i = 0; i < k->move_count; i++)
		if (k->move[i].from == from && k->move[i].to == to)
			return &k->move[i];
	if (k->move_count == MOVES)
		die(l->at, "%s has more than %d moves", k->name, MOVES);
	k->move[k->move_count] = (struct move){.at = l->at, .from = from, .to = to};
	return &k->move[k->move_count++];
}

static void read_flow(struct kind *k, struct line *l)
{
	if (k->state_count)
		die(l->at, "a kind has one flow");
	for (;;) {
		char *name = need_name(l, "a state"), *arrow;

		if (find_state(k, name) >= 0)
			die(l->at, "state %s stands twice in the flow", name);
		if (k->state_count == STATES)
			die(l->at, "%s has more than %d states", k->name, STATES);
		k->state[k->state_count++] = (struct state){.name = name, .label = words_of(name)};
		if (k->state_count > 1)
			add_move(k, l, k->state_count - 2, k->state_count - 1);
		arrow = next(l);
		if (!arrow)
			return;
		if (!same(arrow, ">"))
			die(l->at, "expected > between states, not \"%s\"", arrow);
	}
}

/* `state NAME` after the flow adds to a state of it, or declares one beside the straight line. */
static void read_state(struct kind *k, struct line *l)
{
	char *name = need_name(l, "the state");
	int i = find_state(k, name);

	if (!k->state_count)
		die(l->at, "a state must follow the flow");
	if (i < 0) {
		if (k->state_count == STATES)
			die(l->at, "%s has more than %d states", k->name, STATES);
		i = k->state_count++;
		k->state[i] = (struct state){.name = name, .label = words_of(name)};
	}
	for (char *w; (w = next(l));) {
		if (same(w, "label"))
			k->state[i].label = need_quoted(l, "the label");
		else if (same(w, "in_force"))
			k->state[i].in_force = true;
		else if (same(w, "end"))
			k->state[i].end = true;
		else
			die(l->at, "\"%s\" is not known here", w);
	}
}

static void read_move(struct model *m, struct kind *k, struct line *l)
{
	int from = need_state(k, l, "the state before");
	char *arrow = need(l, ">");

	if (!same(arrow, ">"))
		die(l->at, "expected > between states, not \"%s\"", arrow);

	int to = need_state(k, l, "the state after");
	if (from == to)
		die(l->at, "a move must change the state");
	struct move *v = add_move(k, l, from, to);
	if (v->label || v->right || v->guard)
		die(l->at, "this move is declared twice, first in line %d", v->at.line);
	v->at = l->at;
	for (char *w; (w = next(l));) {
		if (same(w, "label"))
			v->label = need_quoted(l, "the label");
		else if (same(w, "needs"))
			v->right = need(l, "the right");
		else if (same(w, "signed"))
			v->meaning = need_quoted(l, "the meaning of the signature");
		else if (same(w, "second_person"))
			v->second_person = true;
		else if (same(w, "requires"))
			v->require_count = split(
				l->at, need(l, "the fields"), ",", v->require, REQUIRES);
		else if (!strncmp(w, "check=", 6)) {
			v->guard = w + 6;
			add_check(m, l->at, v->guard, true);
		} else
			die(l->at, "\"%s\" is not known here", w);
	}
}

static void read_links(struct kind *k, struct line *l)
{
	struct linktype *t = &k->link[k->link_count];

	if (k->link_count == LINKS)
		die(l->at, "%s has more than %d link types", k->name, LINKS);
	t->at = l->at;
	t->type = need_name(l, "the link's type");

	char *way = need(l, "to or from");
	if (!same(way, "to") && !same(way, "from"))
		die(l->at, "expected to or from, not \"%s\"", way);
	t->outgoing = same(way, "to");

	char *kinds = need(l, "the kinds of the other end");
	if (!same(kinds, "any"))
		t->kind_count = split(l->at, kinds, "|", t->kind, LINK_KINDS);
	char *w = next(l);
	if (!w || !same(w, "label"))
		die(l->at, "link %s has no label", t->type);
	t->label = need_quoted(l, "the label");
	if ((w = next(l)))
		die(l->at, "\"%s\" is not known here", w);
	for (int i = 0; i < k->link_count; i++)
		if (same(k->link[i].type, t->type) && k->link[i].outgoing == t->outgoing)
			die(l->at, "link %s is declared twice, first in line %d", t->type,
				k->link[i].at.line);
	k->link_count++;
}

static void read_clause(struct kind *k, struct line *l)
{
	for (char *catalog; (catalog = next(l));) {
		if (k->clause_count == CLAUSES)
			die(l->at, "%s has more than %d clauses", k->name, CLAUSES);
		k->clause[k->clause_count++] =
			(struct clause){catalog, need(l, "the entry of the catalogue")};
	}
}

static const char *const areas[] = {"model", "risks", "requirements", "trace", "vulnerabilities",
	"programme", "readiness", "audits", "actions", "response", "documents", "people"};

static struct kind *read_head(struct model *m, struct line *l)
{
	struct kind *k = &m->kind[m->kind_count];

	if (m->kind_count == KINDS)
		die(l->at, "more than %d kinds", KINDS);
	k->at = l->at;
	k->name = need_name(l, "the kind's name");
	if (is_keyword(k->name))
		die(l->at, "%s is a word of C and cannot name a kind", k->name);
	for (char *w; (w = next(l));) {
		if (same(w, "prefix"))
			k->prefix = need(l, "the prefix");
		else if (same(w, "title"))
			k->title = need_quoted(l, "the title");
		else if (same(w, "plural"))
			k->plural = need_quoted(l, "the plural");
		else if (same(w, "area"))
			k->area = need(l, "the area");
		else
			die(l->at, "\"%s\" is not known here", w);
	}
	if (!k->prefix || !k->title || !k->plural || !k->area)
		die(l->at, "a kind needs prefix, title, plural and area");
	if (k->prefix[strspn(k->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		die(l->at, "prefix %s must be capital letters", k->prefix);
	for (int i = 0; i < m->kind_count; i++) {
		if (same(m->kind[i].name, k->name))
			die(l->at, "kind %s is declared twice, first in %s", k->name,
				m->kind[i].at.file);
		if (same(m->kind[i].prefix, k->prefix))
			die(l->at, "prefix %s is that of %s too", k->prefix, m->kind[i].name);
	}
	size_t a = 0, n = sizeof areas / sizeof *areas;
	while (a < n && !same(k->area, areas[a]))
		a++;
	if (a == n)
		die(l->at, "there is no area %s", k->area);
	m->kind_count++;
	return k;
}

/* One line of a kind after its head. */
static void read_kind_line(struct model *m, struct kind *k, char *word, struct line *l)
{
	if (same(word, "field"))
		read_field(m, k, l, false);
	else if (same(word, "rows"))
		read_field(m, k, l, true);
	else if (same(word, "col"))
		read_col(m, k, l);
	else if (same(word, "links"))
		read_links(k, l);
	else if (k == &m->envelope)
		die(l->at, "\"%s\" is not known in the envelope", word);
	else if (same(word, "flow"))
		read_flow(k, l);
	else if (same(word, "state"))
		read_state(k, l);
	else if (same(word, "move"))
		read_move(m, k, l);
	else if (same(word, "clause"))
		read_clause(k, l);
	else
		die(l->at, "\"%s\" is not known here", word);
}

static void read_set_words(struct set *s, struct line *l)
{
	for (char *w; (w = next(l));) {
		check_word(l->at, w);
		if (s->count == WORDS)
			die(l->at, "set %s has more than %d words", s->name, WORDS);
		for (int i = 0; i < s->count; i++)
			if (same(s->word[i], w))
				die(l->at, "word %s stands twice in set %s", w, s->name);
		s->word[s->count] = w;
		s->label[s->count++] = need_quoted(l, "the word's label");
	}
}

/* `enum NAME word "Label" ...`; lines that begin with a blank continue the set. */
static void read_enum_line(struct model *m, struct line *l, bool indented)
{
	struct set *s = &m->set[m->set_count];

	if (indented) {
		if (!m->set_count)
			die(l->at, "words before any set");
		read_set_words(s - 1, l);
		return;
	}
	char *w = need(l, "enum");
	if (!same(w, "enum"))
		die(l->at, "\"%s\" is not known here", w);
	if (m->set_count == SETS)
		die(l->at, "more than %d sets", SETS);
	s->at = l->at;
	s->name = need_name(l, "the set's name");
	for (int i = 0; i < m->set_count; i++)
		if (same(m->set[i].name, s->name))
			die(l->at, "set %s is declared twice, first in line %d", s->name,
				m->set[i].at.line);
	m->set_count++;
	read_set_words(s, l);
}

static void read_right_line(struct model *m, struct line *l)
{
	char *w = need(l, "right"), *name, *label;
	int before = m->right_count;

	if (!same(w, "right"))
		die(l->at, "\"%s\" is not known here", w);
	name = need(l, "the right");
	label = need_quoted(l, "the right's label");
	add_right(m, l->at, name, label);
	if (m->right_count == before)
		die(l->at, "right %s is declared twice", name);
}

/* Keeps the first comment of a file, up to two blanks, as what the kind is about. */
static char *about_of(const char *comment)
{
	while (*comment == '#' || *comment == ' ')
		comment++;
	const char *end = strstr(comment, "  ");
	return strndup(comment, end ? (size_t)(end - comment) : strlen(comment));
}

static void read_file(struct model *m, const char *path)
{
	char text[LINE_BYTES + 2], *about = NULL;
	struct place at = {path, 0};
	struct kind *k = NULL;
	const char *end = strrchr(path, '.');
	FILE *in = fopen(path, "r");

	if (!in)
		die(at, "%s", strerror(errno));
	if (!end || (!same(end, ".kind") && !same(end, ".enum") && !same(end, ".def")))
		die(at, "a file must end in .kind, .enum or .def");
	while (fgets(text, sizeof text, in)) {
		size_t n = strlen(text);
		struct line l = {{path, ++at.line}, text};

		if (n && text[n - 1] == '\n')
			text[n - 1] = 0;
		else if (n > LINE_BYTES)
			die(l.at, "the line is longer than %d bytes", LINE_BYTES);
		if (text[0] == '#' && !about)
			about = about_of(text);
		l.p += strspn(l.p, " \t");
		if (!*l.p || *l.p == '#')
			continue;
		if (same(end, ".enum"))
			read_enum_line(m, &l, l.p > text);
		else if (same(end, ".def"))
			read_right_line(m, &l);
		else {
			char *word = next(&l);

			if (k)
				read_kind_line(m, k, word, &l);
			else if (same(word, "kind"))
				k = read_head(m, &l);
			else if (same(word, "envelope"))
				k = &m->envelope;
			else
				die(l.at, "a kind must begin with \"kind\"");
			if (k == &m->envelope && !k->name) {
				k->name = strdup("envelope");
				k->at = l.at;
			}
			if (k && !k->about)
				k->about = about ? about : strdup("");
		}
	}
	fclose(in);
	if (same(end, ".kind") && !k)
		die(at, "the file declares nothing");
	if (k && k != &m->envelope && !*k->about)
		die(k->at, "kind %s does not say in a first comment what it is", k->name);
	if (k && k != &m->envelope && !k->state_count)
		die(k->at, "kind %s has no flow", k->name);
}

/* ---- what only holds when all is read ---- */

static struct kind *find_kind(struct model *m, const char *name)
{
	for (int i = 0; i < m->kind_count; i++)
		if (same(m->kind[i].name, name))
			return &m->kind[i];
	return NULL;
}

static struct field *find_field(struct kind *k, const char *name)
{
	for (int i = 0; i < k->field_count; i++)
		if (same(k->field[i].name, name))
			return &k->field[i];
	return NULL;
}

/*
 * The final fields of a kind: title, then its own in their order, then what is left of the
 * envelope.  A field of the envelope that the kind declares again takes label, help, required,
 * list and place from the kind; its type stays.
 */
static void merge_fields(struct model *m, struct kind *k)
{
	struct kind *e = &m->envelope;
	struct field *all = calloc(2 * FIELDS, sizeof *all), *title = find_field(k, "title");
	int n = 0;

	all[n++] = title ? *title : *find_field(e, "title");
	for (int i = 0; i < k->field_count; i++) {
		struct field *f = &k->field[i], *of = find_field(e, f->name);

		if (of && (of->type != f->type || (f->set && !same(f->set, of->set))))
			die(f->at, "%s is %s in the envelope, line %d, and cannot change its type",
				f->name, type_names[of->type], of->at.line);
		f->is_envelope = of != NULL;
		if (of && !f->help)
			f->help = of->help;
		if (f != title)
			all[n++] = *f;
	}
	all[0].is_envelope = true;
	for (int i = 0; i < e->field_count; i++) {
		struct field *f = &e->field[i];

		f->is_envelope = true;
		if (!same(f->name, "title") && !find_field(k, f->name))
			all[n++] = *f;
	}
	if (n > FIELDS)
		die(k->at, "%s has more than %d fields", k->name, FIELDS);
	memcpy(k->field, all, (size_t)n * sizeof *all);
	k->field_count = n;
}

static void merge_links(struct model *m, struct kind *k)
{
	for (int i = 0; i < m->envelope.link_count; i++) {
		struct linktype *t = &m->envelope.link[i];

		for (int j = 0; j < k->link_count; j++)
			if (same(k->link[j].type, t->type) && k->link[j].outgoing == t->outgoing)
				die(k->link[j].at, "link %s is declared in the envelope, line %d",
					t->type, t->at.line);
		if (k->link_count == LINKS)
			die(k->at, "%s has more than %d link types", k->name, LINKS);
		k->link[k->link_count++] = *t;
	}
}

static void check_field(struct model *m, struct field *f)
{
	if (f->set) {
		int i = 0;

		while (i < m->set_count && !same(m->set[i].name, f->set))
			i++;
		if (i == m->set_count)
			die(f->at, "there is no word set %s", f->set);
		m->set[i].used = true;
	}
	for (int i = 0; i < f->ref_count; i++)
		if (!find_kind(m, f->ref[i]))
			die(f->at, "there is no kind %s", f->ref[i]);
	if (f->type == ROWS && !f->col_count)
		die(f->at, "rows %s has no col", f->name);
	for (int i = 0; i < f->col_count; i++)
		check_field(m, &f->col[i]);
}

static bool names_kind(const struct linktype *t, const char *kind)
{
	for (int i = 0; i < t->kind_count; i++)
		if (same(t->kind[i], kind))
			return true;
	return t->kind_count == 0;
}

/* Whether `other` declares the opposite end of the link `t` of kind `k`. */
static bool is_answered(const struct kind *other, const struct linktype *t, const struct kind *k)
{
	for (int i = 0; i < other->link_count; i++) {
		const struct linktype *o = &other->link[i];

		if (same(o->type, t->type) && o->outgoing != t->outgoing && names_kind(o, k->name))
			return true;
	}
	return false;
}

/*
 * Both ends declare a link.  A link to any kind is declared by whatever kinds want it, at least
 * one; a link that the envelope declares holds for all of them.
 */
static void check_links(struct model *m, struct kind *k)
{
	for (int i = 0; i < k->link_count; i++) {
		struct linktype *t = &k->link[i];
		int answers = 0;

		for (int j = 0; j < t->kind_count; j++) {
			struct kind *other = find_kind(m, t->kind[j]);

			if (!other)
				die(t->at, "there is no kind %s", t->kind[j]);
			if (!is_answered(other, t, k))
				die(t->at, "link %s is declared on one end only: %s has no "
					   "\"links %s %s %s\"",
					t->type, other->name, t->type, t->outgoing ? "from" : "to",
					k->name);
		}
		for (int j = 0; !t->kind_count && j < m->kind_count; j++)
			answers += is_answered(&m->kind[j], t, k);
		if (!t->kind_count && !answers)
			die(t->at, "link %s is declared on one end only", t->type);
	}
}

static void check_moves(struct model *m, struct kind *k)
{
	for (int i = 0; i < k->move_count; i++) {
		struct move *v = &k->move[i];

		for (int j = 0; j < v->require_count; j++)
			if (!find_field(k, v->require[j]))
				die(v->at, "%s has no field %s", k->name, v->require[j]);
		if (!v->label)
			v->label = fmt("Mark as %s", in_sentence(k->state[v->to].label));
		if (v->right)
			add_right(m, v->at, v->right,
				fmt("%s: %s", k->plural, in_sentence(v->label)));
	}
	for (int i = 0; i < k->state_count; i++) {
		bool reached = i == 0, left = false;

		for (int j = 0; j < k->move_count; j++) {
			reached |= k->move[j].to == i;
			left |= k->move[j].from == i;
		}
		if (!reached)
			die(k->at, "no move leads to state %s", k->state[i].name);
		k->state[i].end |= !left;
	}
}

/* Two things may not get one name in C. */
static void claim(struct model *m, struct place at, char *name)
{
	for (int i = 0; i < m->name_count; i++)
		if (same(m->name[i].name, name))
			die(at, "%s is also declared by %s:%d", name, m->name[i].at.file,
				m->name[i].at.line);
	if (m->name_count == NAMES)
		die(at, "more than %d names", NAMES);
	m->name[m->name_count].at = at;
	m->name[m->name_count++].name = name;
}

static void claim_names(struct model *m)
{
	for (int i = 0; i < m->right_count; i++)
		claim(m, (struct place){"rights", 0}, fmt("CAN_%s", upper(m->right[i].name)));
	for (int i = 0; i < m->set_count; i++)
		for (int j = 0; j < m->set[i].count; j++)
			claim(m, m->set[i].at, fmt("%s_%s", upper(m->set[i].name),
						       upper(m->set[i].word[j])));
	for (int i = 0; i < m->kind_count; i++) {
		struct kind *k = &m->kind[i];

		claim(m, k->at, fmt("KIND_%s", upper(k->name)));
		claim(m, k->at, k->name);
		for (int j = 0; j < k->state_count; j++)
			claim(m, k->at, fmt("%s_STATE_%s", upper(k->name),
						upper(k->state[j].name)));
		for (int j = 0; j < k->field_count; j++) {
			claim(m, k->field[j].at, fmt("%s_F_%s", upper(k->name),
							 upper(k->field[j].name)));
			if (k->field[j].type == ROWS)
				claim(m, k->field[j].at, fmt("%s_%s", k->name, k->field[j].name));
		}
	}
}

static void resolve(struct model *m)
{
	struct place nowhere = {"kinds", 0};

	if (!m->envelope.name || !find_field(&m->envelope, "title"))
		die(nowhere, "no file declares the envelope with a title");
	for (int i = 0; i < m->kind_count; i++) {
		struct kind *k = &m->kind[i];

		merge_fields(m, k);
		merge_links(m, k);
		add_right(m, k->at, fmt("%s.read", k->name), fmt("Read %s", in_sentence(k->plural)));
		add_right(m, k->at, fmt("%s.write", k->name),
			fmt("Write %s", in_sentence(k->plural)));
	}
	for (int i = 0; i < m->kind_count; i++) {
		struct kind *k = &m->kind[i];

		for (int j = 0; j < k->field_count; j++)
			check_field(m, &k->field[j]);
		check_links(m, k);
		check_moves(m, k);
	}
	for (int i = 0; i < m->set_count; i++)
		if (!m->set[i].used)
			die(m->set[i].at, "no field uses the word set %s", m->set[i].name);
	claim_names(m);
}

/* ---- kinds.h ---- */

/* Structs of kind.h whose names a kind may want: such a kind's struct ends in _. */
static const char *tag_of(const char *name)
{
	return same(name, "change") ? fmt("%s_", name) : name;
}

static const char *member_of(const char *name)
{
	return is_keyword(name) ? fmt("%s_", name) : name;
}

static const char *ctype_of(const struct field *f)
{
	static const char *const names[TYPES] = {"str ", "str ", "int64_t ", "bool ", "int64_t ",
		"int64_t ", "int ", "str ", "struct words ", NULL};

	return names[f->type];
}

static void write_struct(FILE *h, const struct kind *k)
{
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];

		if (f->type != ROWS)
			continue;
		fprintf(h, "\nstruct %s_%s {\n", k->name, f->name);
		for (int j = 0; j < f->col_count; j++)
			fprintf(h, "\t%s%s;\n", ctype_of(&f->col[j]), member_of(f->col[j].name));
		fprintf(h, "};\nstruct %s_%s_rows {\n\tstruct %s_%s *item;\n\tisize count;\n};\n",
			k->name, f->name, k->name, f->name);
	}
	fprintf(h, "\n/* %s */\nstruct %s {\n\tstruct rec rec;\n", k->about, tag_of(k->name));
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];

		if (f->is_envelope)
			continue;
		if (f->type == ROWS)
			fprintf(h, "\tstruct %s_%s_rows %s;\n", k->name, f->name,
				member_of(f->name));
		else
			fprintf(h, "\t%s%s;\n", ctype_of(f), member_of(f->name));
	}
	fprintf(h, "};\nenum {\n");
	for (int i = 0; i < k->state_count; i++)
		fprintf(h, "\t%s_STATE_%s,\n", upper(k->name), upper(k->state[i].name));
	fprintf(h, "};\nenum {\n");
	for (int i = 0; i < k->field_count; i++)
		fprintf(h, "\t%s_F_%s,\n", upper(k->name), upper(k->field[i].name));
	fprintf(h, "};\n");
}

static void write_header(const struct model *m, FILE *h)
{
	fprintf(h, "/* Written by mkkind from kinds/; change those. */\n#ifndef KINDS_H\n"
		   "#define KINDS_H\n#include \"kind/kind.h\"\n\nenum kind_id {\n");
	for (int i = 0; i < m->kind_count; i++)
		fprintf(h, "\tKIND_%s,\n", upper(m->kind[i].name));
	fprintf(h, "\tKIND_COUNT\n};\n\nenum right {\n\tCAN_NOTHING,\n");
	for (int i = 0; i < m->right_count; i++)
		fprintf(h, "\tCAN_%s,\n", upper(m->right[i].name));
	fprintf(h, "\tRIGHT_COUNT\n};\nstruct right_info {\n\tstr name, label;\n};\n"
		   "/* By enum right; the first is no right. */\n"
		   "extern const struct right_info rights[RIGHT_COUNT];\n\n"
		   "/* Functions that declarations name. */\n");
	for (int i = 0; i < m->check_count; i++)
		fprintf(h, "%s %s;\n", m->check_is_guard[i] ? "move_guard" : "field_check",
			m->check[i]);
	for (int i = 0; i < m->set_count; i++) {
		const struct set *s = &m->set[i];

		fprintf(h, "\nenum {\n");
		for (int j = 0; j < s->count; j++)
			fprintf(h, "\t%s_%s%s,\n", upper(s->name), upper(s->word[j]),
				j ? "" : " = 1");
		fprintf(h, "};\n");
	}
	for (int i = 0; i < m->kind_count; i++)
		write_struct(h, &m->kind[i]);
	fprintf(h, "#endif\n");
}

/* ---- kinds.c ---- */

static void put_text(FILE *c, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(c, ".%s = S_INIT(\"", name);
	for (; *text; text++)
		fprintf(c, *text == '\\' || *text == '"' ? "\\%c" : "%c", *text);
	fprintf(c, "\"), ");
}

static void put_limits(FILE *c, const struct field *f)
{
	const char *limit[TYPES] = {[TEXT] = "LIMIT_TEXT", [PROSE] = "LIMIT_PROSE",
		[INT] = "1000000000", [WORDLIST] = "100", [ROWS] = "LIMIT_ROWS"};

	if (f->has_min)
		fprintf(c, ".min = %" PRId64 ", ", f->min);
	if (f->has_max)
		fprintf(c, ".max = %" PRId64 ", ", f->max);
	else if (limit[f->type])
		fprintf(c, ".max = %s, ", limit[f->type]);
}

/* One descriptor; `owner` names the struct, `path` begins the names of tables beside it. */
static void put_field(FILE *c, const struct field *f, const char *owner, const char *path)
{
	fprintf(c, "\t{");
	put_text(c, "name", f->name);
	put_text(c, "label", f->label);
	put_text(c, "help", f->help);
	put_text(c, "unit", f->unit);
	fprintf(c, ".type = FIELD_%s, ", upper(type_names[f->type]));
	fprintf(c, "%s%s%s%s", f->required ? ".required = true, " : "",
		f->secret ? ".secret = true, " : "", f->in_list ? ".in_list = true, " : "",
		f->is_envelope ? ".is_envelope = true, " : "");
	put_limits(c, f);
	if (f->set)
		fprintf(c, ".set = &set_%s, ", f->set);
	if (f->ref_count)
		fprintf(c, ".refs = %s_%s_refs, .ref_count = %d, ", path, f->name, f->ref_count);
	if (f->type == ROWS)
		fprintf(c, ".col = %s_%s_cols, .col_count = %d, "
			   ".row_size = (isize)sizeof(struct %s_%s), ",
			path, f->name, f->col_count, path, f->name);
	if (f->check)
		fprintf(c, ".check = %s, ", f->check);
	fprintf(c, ".at = (isize)offsetof(struct %s, %s%s)},\n", owner,
		f->is_envelope ? "rec." : "", f->is_envelope ? f->name : member_of(f->name));
}

static void put_kinds(FILE *c, char *const *kind, int count)
{
	for (int i = 0; i < count; i++)
		fprintf(c, "%sKIND_%s", i ? ", " : "", upper(kind[i]));
	fprintf(c, "};\n");
}

static void put_refs(FILE *c, const struct field *f, const char *path)
{
	if (!f->ref_count)
		return;
	fprintf(c, "static const int %s_%s_refs[] = {", path, f->name);
	put_kinds(c, f->ref, f->ref_count);
}

static void write_fields(FILE *c, const struct kind *k)
{
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];

		put_refs(c, f, k->name);
		if (f->type != ROWS)
			continue;
		char *row = fmt("%s_%s", k->name, f->name);
		for (int j = 0; j < f->col_count; j++)
			put_refs(c, &f->col[j], row);
		fprintf(c, "static const struct field %s_cols[] = {\n", row);
		for (int j = 0; j < f->col_count; j++)
			put_field(c, &f->col[j], row, row);
		fprintf(c, "};\n");
	}
	fprintf(c, "static const struct field %s_fields[] = {\n", k->name);
	for (int i = 0; i < k->field_count; i++)
		put_field(c, &k->field[i], tag_of(k->name), k->name);
	fprintf(c, "};\n");
}

static void write_flow(FILE *c, const struct kind *k)
{
	fprintf(c, "static const struct state %s_states[] = {\n", k->name);
	for (int i = 0; i < k->state_count; i++) {
		fprintf(c, "\t{");
		put_text(c, "name", k->state[i].name);
		put_text(c, "label", k->state[i].label);
		fprintf(c, ".in_force = %d, .is_end = %d},\n", k->state[i].in_force,
			k->state[i].end);
	}
	fprintf(c, "};\n");
	for (int i = 0; i < k->move_count; i++) {
		const struct move *v = &k->move[i];

		if (!v->require_count)
			continue;
		fprintf(c, "static const int %s_requires_%d[] = {", k->name, i);
		for (int j = 0; j < v->require_count; j++)
			fprintf(c, "%s%s_F_%s", j ? ", " : "", upper(k->name),
				upper(v->require[j]));
		fprintf(c, "};\n");
	}
	if (k->move_count)
		fprintf(c, "static const struct move %s_moves[] = {\n", k->name);
	for (int i = 0; i < k->move_count; i++) {
		const struct move *v = &k->move[i];

		fprintf(c, "\t{.from = %d, .to = %d, .second_person = %d, ", v->from, v->to,
			v->second_person);
		put_text(c, "label", v->label);
		put_text(c, "meaning", v->meaning);
		if (v->right)
			fprintf(c, ".right = CAN_%s, ", upper(v->right));
		if (v->guard)
			fprintf(c, ".guard = %s, ", v->guard);
		if (v->require_count)
			fprintf(c, ".requires = %s_requires_%d, .require_count = %d, ", k->name, i,
				v->require_count);
		fprintf(c, "},\n");
	}
	fprintf(c, k->move_count ? "};\n" : "");
}

static void write_links(FILE *c, const struct kind *k)
{
	for (int i = 0; i < k->link_count; i++) {
		if (!k->link[i].kind_count)
			continue;
		fprintf(c, "static const int %s_link_%d[] = {", k->name, i);
		put_kinds(c, k->link[i].kind, k->link[i].kind_count);
	}
	if (k->link_count)
		fprintf(c, "static const struct linktype %s_links[] = {\n", k->name);
	for (int i = 0; i < k->link_count; i++) {
		const struct linktype *t = &k->link[i];

		fprintf(c, "\t{");
		put_text(c, "type", t->type);
		put_text(c, "label", t->label);
		if (t->kind_count)
			fprintf(c, ".kinds = %s_link_%d, .kind_count = %d, ", k->name, i,
				t->kind_count);
		fprintf(c, ".outgoing = %d},\n", t->outgoing);
	}
	fprintf(c, k->link_count ? "};\n" : "");
	if (k->clause_count)
		fprintf(c, "static const struct clause %s_clauses[] = {\n", k->name);
	for (int i = 0; i < k->clause_count; i++)
		fprintf(c, "\t{S_INIT(\"%s\"), S_INIT(\"%s\")},\n", k->clause[i].catalog,
			k->clause[i].id);
	fprintf(c, k->clause_count ? "};\n" : "");
}

static void write_kind(FILE *c, const struct kind *k)
{
	fprintf(c, "\t{.id = KIND_%s, ", upper(k->name));
	put_text(c, "name", k->name);
	put_text(c, "prefix", k->prefix);
	put_text(c, "title", k->title);
	put_text(c, "plural", k->plural);
	put_text(c, "about", k->about);
	put_text(c, "area", k->area);
	fprintf(c, "\n\t .field = %s_fields, .field_count = %d, .size = (isize)sizeof(struct %s),\n",
		k->name, k->field_count, tag_of(k->name));
	fprintf(c, "\t .state = %s_states, .state_count = %d, ", k->name, k->state_count);
	if (k->move_count)
		fprintf(c, ".move = %s_moves, .move_count = %d, ", k->name, k->move_count);
	if (k->link_count)
		fprintf(c, "\n\t .link = %s_links, .link_count = %d, ", k->name, k->link_count);
	if (k->clause_count)
		fprintf(c, ".clause = %s_clauses, .clause_count = %d, ", k->name, k->clause_count);
	fprintf(c, "\n\t .can_read = CAN_%s_READ, .can_write = CAN_%s_WRITE},\n", upper(k->name),
		upper(k->name));
}

static void write_tables(const struct model *m, FILE *c)
{
	fprintf(c, "/* Written by mkkind from kinds/; change those. */\n#include \"kinds.h\"\n\n"
		   "const struct right_info rights[RIGHT_COUNT] = {\n\t{S_INIT(\"\"), S_INIT(\"\")},\n");
	for (int i = 0; i < m->right_count; i++) {
		fprintf(c, "\t{");
		put_text(c, "name", m->right[i].name);
		put_text(c, "label", m->right[i].label);
		fprintf(c, "},\n");
	}
	fprintf(c, "};\n\n");
	for (int i = 0; i < m->set_count; i++) {
		const struct set *s = &m->set[i];

		fprintf(c, "static const struct word %s_words[] = {\n", s->name);
		for (int j = 0; j < s->count; j++) {
			fprintf(c, "\t{");
			put_text(c, "name", s->word[j]);
			put_text(c, "label", s->label[j]);
			fprintf(c, "},\n");
		}
		fprintf(c, "};\nstatic const struct wordset set_%s = "
			   "{S_INIT(\"%s\"), %s_words, %d};\n",
			s->name, s->name, s->name, s->count);
	}
	for (int i = 0; i < m->kind_count; i++) {
		fprintf(c, "\n");
		write_fields(c, &m->kind[i]);
		write_flow(c, &m->kind[i]);
		write_links(c, &m->kind[i]);
	}
	fprintf(c, "\nconst struct kind kinds[] = {\n");
	for (int i = 0; i < m->kind_count; i++)
		write_kind(c, &m->kind[i]);
	fprintf(c, "};\nconst int kind_count = KIND_COUNT;\n");
}

/* ---- the lock ---- */

static void lock_field(FILE *out, const char *kind, const char *rows, const struct field *f)
{
	fprintf(out, "field %s %s%s%s %s%s%s\n", kind, rows, *rows ? "." : "", f->name,
		type_names[f->type], f->set ? ":" : "", f->set ? f->set : "");
	for (int i = 0; i < f->col_count; i++)
		lock_field(out, kind, f->name, &f->col[i]);
}

/* What stored data depends on, a line each: taking one away or changing it breaks stores. */
static void write_lock(const struct model *m, FILE *out)
{
	for (int i = 0; i < m->set_count; i++)
		for (int j = 0; j < m->set[i].count; j++)
			fprintf(out, "word %s %s\n", m->set[i].name, m->set[i].word[j]);
	for (int i = 0; i < m->kind_count; i++) {
		const struct kind *k = &m->kind[i];

		fprintf(out, "kind %s %s\n", k->name, k->prefix);
		for (int j = 0; j < k->state_count; j++)
			fprintf(out, "state %s %s\n", k->name, k->state[j].name);
		for (int j = 0; j < k->field_count; j++)
			lock_field(out, k->name, "", &k->field[j]);
		for (int j = 0; j < k->link_count; j++)
			fprintf(out, "link %s %s %s\n", k->name, k->link[j].type,
				k->link[j].outgoing ? "to" : "from");
	}
}

static void check_lock(const struct model *m, const char *path)
{
	char *now = NULL, text[LINE_BYTES];
	size_t size = 0;
	struct place at = {path, 0};
	FILE *in = fopen(path, "r"), *out = open_memstream(&now, &size);

	if (!in || !out)
		die(at, "%s", strerror(errno));
	fprintf(out, "\n");
	write_lock(m, out);
	fclose(out);
	while (fgets(text, sizeof text, in)) {
		at.line++;
		if (!strstr(now, fmt("\n%s", text)))
			die(at, "\"%.*s\" no longer holds: what stores depend on is retired, "
				"never removed or changed",
				(int)strcspn(text, "\n"), text);
	}
	fclose(in);
}

static FILE *open_out(const char *dir, const char *name)
{
	char *path = fmt("%s/%s", dir, name);
	FILE *out = fopen(path, "w");

	if (!out)
		die((struct place){path, 0}, "%s", strerror(errno));
	return out;
}

int main(int argc, char **argv)
{
	struct model *m = calloc(1, sizeof *m);
	bool lock = argc > 1 && same(argv[1], "--lock");
	bool held = argc > 2 && same(argv[1], "--held-by");

	if (argc < 3 || !m) {
		fprintf(stderr, "usage: mkkind OUTDIR | --lock | --held-by LOCK  FILE...\n");
		return 2;
	}
	for (int i = held ? 3 : 2; i < argc; i++)
		read_file(m, argv[i]);
	resolve(m);
	if (held) {
		check_lock(m, argv[2]);
		return 0;
	}
	if (lock) {
		write_lock(m, stdout);
		return fflush(stdout) != 0;
	}
	FILE *h = open_out(argv[1], "kinds.h"), *c = open_out(argv[1], "kinds.c");
	write_header(m, h);
	write_tables(m, c);
	if (fclose(h) || fclose(c))
		die((struct place){argv[1], 0}, "%s", strerror(errno));
	return 0;
}
