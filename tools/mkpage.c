/*
 * mkpage: compiles pages to C.
 *
 *	mkpage OUT PAGE.html…        writes OUT/pages.c and OUT/pages.h
 *
 * A page file holds includes and pages; between them only blanks and {# remarks #}.
 *
 *	{% include "x.h" %}          copied to pages.h, for the types of arguments
 *	{% page NAME(ARGS) %}…{% end %}   void NAME_html(struct buf *w, ARGS)
 *	{{ EXPR }}                   a value; the escaper follows from where it stands
 *	{% if E %} {% elif E %} {% else %} {% end %}
 *	{% for INIT; COND; STEP %}…{% end %}
 *	{% let TYPE NAME = EXPR %}   a variable until the end of the block
 *	{% use NAME(ARGS) %}         another page, here
 *	{% attr "checked" EXPR %}    in a tag: the attribute, when EXPR is true
 *	{% body %}                   makes the page a layout: what stands before it becomes
 *	                             NAME_open_html, what follows NAME_close_html
 *	{% in NAME(ARGS) %}…{% end %}     the inside within layout NAME (ARGS are written twice)
 *
 * The tool follows the HTML through the whole page.  Where no escaper is safe (script, style,
 * comment, event handler, style attribute, unquoted value, a name) the build stops.  All
 * branches of an if, and the body of a for, must leave the HTML where they found it or where
 * the others leave it, so that what follows always stands in one known place.
 *
 * Blanks: a run of blanks in text or in a tag becomes one, a line that holds only directives
 * vanishes; <pre> and <textarea> are kept as they are.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SOURCE_MAX = 1 << 20, DEPTH_MAX = 32, PAGES_MAX = 1000, NAME_MAX_ = 64, LITERAL_MAX = 2000 };

enum place {
	TEXT,
	TAG_OPEN, /* behind '<' */
	TAG_NAME,
	IN_TAG,   /* between attributes, behind a blank */
	NAME_END, /* between attributes, a blank is still needed */
	ATTR_NAME,
	AFTER_NAME, /* behind the blank after an attribute's name */
	BEFORE_VALUE,
	VALUE,
	UNQUOTED,
	COMMENT,
	DECLARATION, /* <!doctype … */
	RAW,         /* script, style */
	RCDATA       /* title, textarea: text without tags */
};

/* Where in an address the value of an attribute stands. */
enum url {
	URL_NONE,  /* the attribute holds no address */
	URL_START, /* nothing yet */
	URL_HEAD,  /* letters that may still become a scheme */
	URL_OPEN,  /* began with a value: no ':' may follow before '/', '?' or '#' */
	URL_PATH,
	URL_QUERY
};

struct context {
	enum place place;
	char tag[16], attr[32]; /* names, in lower case */
	char quote, head[12];   /* of a value; the letters of its scheme */
	enum url url;
	bool is_closing, has_refresh, has_content;
	bool in_pre;
	char tail[4]; /* last bytes of a comment */
};

enum block { BLOCK_IF, BLOCK_FOR, BLOCK_IN, BLOCK_PAGE };

struct frame {
	enum block block;
	int line;
	struct context entry, exit;
	bool has_exit, has_else;
	char call[1000]; /* BLOCK_IN: NAME and ARGS */
};

/* The tool is one run over its files: what it knows is here. */
static struct {
	const char *file;
	char source[SOURCE_MAX];
	const char *at;
	int line;
	struct context c;
	struct frame frame[DEPTH_MAX];
	int depth;
	char literal[LITERAL_MAX];
	int literal_bytes, literal_line;
	bool blank_due;  /* a blank inside a tag that is written only when something follows */
	bool was_blank;  /* the last literal byte in text was a blank */
	char page[NAME_MAX_], args[1000];
	bool has_body;
	char *known[PAGES_MAX];
	int known_count;
	FILE *out, *code; /* pages.c; the page at hand, gathered until its name is settled */
	char *gathered, *includes, *protos;
	size_t gathered_bytes, include_bytes, proto_bytes;
	FILE *include_file, *proto_file; /* the two parts of pages.h */
} m;

static void __attribute__((noreturn, format(printf, 2, 3)))
stop_at(int line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "%s:%d: ", m.file, line);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

#define stop(...) stop_at(m.line, __VA_ARGS__)

/* ---- literal output ---- */

static void flush(void)
{
	if (!m.literal_bytes)
		return;
	fprintf(m.code, "\tbuf_add(w, S(\"");
	for (int i = 0; i < m.literal_bytes; i++) {
		unsigned char c = (unsigned char)m.literal[i];
		if (c == '\n' && i + 1 < m.literal_bytes)
			fprintf(m.code, "\\n\"\n\t\t\"");
		else if (c == '\n')
			fprintf(m.code, "\\n");
		else if (c == '\t')
			fprintf(m.code, "\\t");
		else if (c == '"' || c == '\\' || c == '?') /* '?': no trigraphs */
			fprintf(m.code, "\\%c", c);
		else
			fputc(c, m.code);
	}
	fprintf(m.code, "\"));\n");
	m.literal_bytes = 0;
}

static void emit(char c)
{
	if (m.literal_bytes >= LITERAL_MAX - 4 && ((unsigned char)c & 0xc0) != 0x80)
		flush();
	m.literal[m.literal_bytes++] = c;
	m.was_blank = c == ' ' || c == '\n';
}

static void emit_due_blank(void)
{
	if (m.blank_due)
		emit(' ');
	m.blank_due = false;
}

/* Writes one byte of the page, blanks in text and tags made small. */
static void put(char c, enum place before)
{
	bool is_blank = isspace((unsigned char)c) != 0;
	bool in_tag = before >= TAG_NAME && before <= AFTER_NAME;

	if (before == TEXT && is_blank && !m.c.in_pre) {
		if (!m.was_blank)
			emit(c == '\n' ? '\n' : ' ');
		else if (c == '\n' && m.literal_bytes && m.literal[m.literal_bytes - 1] == ' ')
			m.literal[m.literal_bytes - 1] = '\n';
		return;
	}
	if (in_tag && is_blank) {
		m.blank_due = true;
		return;
	}
	if (c == '>' && in_tag)
		m.blank_due = false;
	emit_due_blank();
	emit(c);
}

/* ---- where we stand ---- */

/* Whether `name` is one of the words of `list`, " a b ". */
static bool is_one_of(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *hit = n ? strstr(list, name) : NULL;

	while (hit && (hit[-1] != ' ' || hit[n] != ' '))
		hit = strstr(hit + 1, name);
	return hit != NULL;
}

#define URL_ATTRS                                                                                  \
	" href src action formaction cite data poster xlink:href background manifest longdesc "

static void name_add(char *name, size_t room, char c)
{
	size_t n = strlen(name);

	if (n + 1 >= room)
		stop("the name \"%s…\" is too long", name);
	name[n] = (char)tolower((unsigned char)c);
	name[n + 1] = 0;
}

static void attr_named(void)
{
	const char *a = m.c.attr;

	if (strncmp(a, "on", 2) == 0)
		stop("\"%s\": the content policy allows no event handler in a page; use a data- "
		     "attribute and ward.js", a);
	if (strcmp(a, "style") == 0)
		stop("\"style\": the content policy allows no style attribute; use a class");
	if (strcmp(m.c.tag, "meta") == 0 && strcmp(a, "http-equiv") == 0)
		m.c.has_refresh = true;
	if (m.c.has_refresh && m.c.has_content)
		stop("a value in the content of <meta http-equiv>");
}

static void tag_end(void)
{
	struct context *c = &m.c;
	bool is_script = is_one_of(" script style ", c->tag);
	bool is_rcdata = is_one_of(" title textarea ", c->tag);

	c->place = TEXT;
	if (strcmp(c->tag, "pre") == 0)
		c->in_pre = !c->is_closing;
	if (!c->is_closing && is_script)
		c->place = RAW;
	else if (!c->is_closing && is_rcdata)
		c->place = RCDATA;
	else
		c->tag[0] = 0;
	c->attr[0] = 0;
	c->is_closing = c->has_refresh = c->has_content = false;
	c->tail[0] = 0;
}

static void value_begin(char quote)
{
	struct context *c = &m.c;

	c->place = quote ? VALUE : UNQUOTED;
	c->quote = quote;
	c->head[0] = 0;
	c->url = is_one_of(URL_ATTRS, c->attr) ? URL_START : URL_NONE;
}

static void value_end(void)
{
	m.c.place = NAME_END;
	m.c.url = URL_NONE;
	m.c.quote = 0;
	m.c.head[0] = m.c.attr[0] = 0;
}

/* A literal byte of an attribute that holds an address. */
static void url_step(char c)
{
	struct context *x = &m.c;

	if (x->url == URL_NONE || x->url == URL_QUERY)
		return;
	if (c == '?' || c == '#') {
		x->url = URL_QUERY;
	} else if (x->url == URL_PATH) {
		return;
	} else if (c == '/') {
		x->url = URL_PATH;
	} else if (c == ':') {
		if (x->url == URL_OPEN)
			stop("a ':' behind a value could make it a scheme; begin with '/'");
		if (!is_one_of(" http https mailto tel ", x->head))
			stop("the scheme \"%s:\" is not allowed in \"%s\"", x->head, x->attr);
		x->url = URL_PATH;
	} else if (x->url == URL_START || x->url == URL_HEAD) {
		x->url = URL_HEAD;
		if (strlen(x->head) + 1 < sizeof x->head)
			name_add(x->head, sizeof x->head, c);
	}
}

static void step_tag_name(char c)
{
	struct context *x = &m.c;

	if (x->place == TAG_OPEN && c == '/' && !x->is_closing) {
		x->is_closing = true;
		return;
	}
	if (x->place == TAG_OPEN && c == '!') {
		x->place = strncmp(m.at, "!--", 3) == 0 ? COMMENT : DECLARATION;
		x->is_closing = false;
		return;
	}
	if (x->place == TAG_OPEN && !isalpha((unsigned char)c))
		stop("'<' begins no tag here; write &lt;");
	x->place = TAG_NAME;
	if (c == '>')
		tag_end();
	else if (isspace((unsigned char)c))
		x->place = IN_TAG;
	else if (c == '/')
		x->place = NAME_END;
	else if (isalnum((unsigned char)c) || c == '-')
		name_add(x->tag, sizeof x->tag, c);
	else
		stop("'%c' in the name of a tag", c);
}

static void attr_begin(char c)
{
	if (c == '=' || c == '"' || c == '\'' || c == '<' || c == '`')
		stop("'%c' where the name of an attribute should stand", c);
	m.c.place = ATTR_NAME;
	m.c.attr[0] = 0;
	name_add(m.c.attr, sizeof m.c.attr, c);
}

static void step_in_tag(char c)
{
	struct context *x = &m.c;

	if (c == '>')
		tag_end();
	else if (isspace((unsigned char)c))
		x->place = x->place == AFTER_NAME ? AFTER_NAME : IN_TAG;
	else if (c == '/')
		x->place = NAME_END;
	else if (x->place == AFTER_NAME && c == '=')
		x->place = BEFORE_VALUE;
	else if (x->place == NAME_END)
		stop("a blank must stand before '%c'", c);
	else
		attr_begin(c);
}

static void step_attr_name(char c)
{
	struct context *x = &m.c;

	if (c != '=' && c != '>' && c != '/' && !isspace((unsigned char)c)) {
		if (c == '"' || c == '\'' || c == '<')
			stop("'%c' in the name of an attribute", c);
		name_add(x->attr, sizeof x->attr, c);
		return;
	}
	attr_named();
	if (c == '=')
		x->place = BEFORE_VALUE;
	else if (c == '>')
		tag_end();
	else
		x->place = c == '/' ? NAME_END : AFTER_NAME;
}

static void step_value(char c)
{
	struct context *x = &m.c;

	if (x->place == BEFORE_VALUE) {
		if (isspace((unsigned char)c))
			return;
		if (c == '>')
			stop("the attribute \"%s\" has no value behind '='", x->attr);
		value_begin(c == '"' || c == '\'' ? c : 0);
		if (x->place == UNQUOTED)
			url_step(c);
	} else if (x->place == VALUE) {
		if (c == x->quote)
			value_end();
		else
			url_step(c);
	} else if (c == '>') {
		value_end();
		tag_end();
	} else if (isspace((unsigned char)c)) {
		value_end();
		x->place = IN_TAG;
	} else {
		url_step(c);
	}
}

/* Whether `</name` stands here, as the end of a script, style, title or textarea. */
static bool is_own_end(void)
{
	size_t n = strlen(m.c.tag);
	char after;

	if (m.at[0] != '<' || m.at[1] != '/' || strncasecmp(m.at + 2, m.c.tag, n) != 0)
		return false;
	after = m.at[2 + n];
	return after == '>' || after == '/' || isspace((unsigned char)after);
}

static void step_inert(char c)
{
	struct context *x = &m.c;

	if (x->place == DECLARATION) {
		if (c == '>') {
			x->place = TEXT;
			x->tag[0] = 0;
		}
	} else if (x->place == COMMENT) {
		memmove(x->tail, x->tail + 1, 2);
		x->tail[2] = c;
		if (memcmp(x->tail, "-->", 3) == 0) {
			x->place = TEXT;
			memset(x->tail, 0, sizeof x->tail);
		}
	} else if (is_own_end()) {
		x->place = TAG_OPEN;
		x->tag[0] = 0;
	}
}

/* Takes one literal byte of the page. */
static void step(char c)
{
	enum place before = m.c.place;

	switch (before) {
	case TEXT:
		if (c == '<') {
			m.c.place = TAG_OPEN;
			m.c.tag[0] = 0;
			m.c.is_closing = false;
		}
		break;
	case TAG_OPEN:
	case TAG_NAME:
		step_tag_name(c);
		break;
	case IN_TAG:
	case NAME_END:
	case AFTER_NAME:
		step_in_tag(c);
		break;
	case ATTR_NAME:
		step_attr_name(c);
		break;
	case BEFORE_VALUE:
	case VALUE:
	case UNQUOTED:
		step_value(c);
		break;
	case COMMENT:
	case DECLARATION:
	case RAW:
	case RCDATA:
		step_inert(c);
		break;
	}
	put(c, before);
}

/* The escaper of a value that stands here; ends the build where none is safe. */
static const char *escaper(void)
{
	struct context *x = &m.c;

	switch (x->place) {
	case TEXT:
	case RCDATA:
		return "html_text";
	case VALUE:
		break;
	case UNQUOTED:
	case BEFORE_VALUE:
		stop("a value in the unquoted attribute \"%s\"; quote it", x->attr);
	case COMMENT:
	case DECLARATION:
		stop("a value inside a comment or declaration");
	case RAW:
		stop("a value inside <%s>; pass it in a data- attribute", x->tag);
	default:
		stop("a value as, or within, the name of a tag or attribute");
	}
	if (is_one_of(" srcset srcdoc ping ", x->attr))
		stop("a value in \"%s\"", x->attr);
	if (strcmp(x->tag, "meta") == 0 && strcmp(x->attr, "content") == 0) {
		x->has_content = true;
		if (x->has_refresh)
			stop("a value in the content of <meta http-equiv>");
	}
	if (x->url == URL_START) {
		x->url = URL_OPEN;
		return "html_url";
	}
	if (x->url == URL_HEAD)
		x->url = URL_OPEN;
	return x->url == URL_NONE ? "html_attr" : x->url == URL_QUERY ? "html_query" : "html_seg";
}

/* ---- branches ---- */

/* A name is finished where a directive begins, and needs a blank before the next one. */
static void settle(void)
{
	struct context *x = &m.c;

	if (x->place == ATTR_NAME)
		attr_named();
	if (x->place == TAG_OPEN || x->place == BEFORE_VALUE ||
		(x->place >= UNQUOTED && x->place <= RAW))
		stop("a directive inside a name, comment, script or unquoted value");
	if (x->place == AFTER_NAME)
		x->place = IN_TAG;
	if (x->place == TAG_NAME || x->place == ATTR_NAME)
		x->place = NAME_END;
	if (x->place == IN_TAG || x->place == NAME_END)
		x->attr[0] = 0;
}

static bool is_between_attrs(enum place p)
{
	return p == IN_TAG || p == NAME_END;
}

/* Makes `a` the context behind two branches, if there is one. */
static bool merge(struct context *a, const struct context *b)
{
	if (is_between_attrs(a->place) && is_between_attrs(b->place))
		a->place = a->place == b->place ? a->place : NAME_END;
	else if (a->place != b->place)
		return false;
	if (a->url != b->url) {
		/* Behind the first '/' both escapers are the same: a branch may add the '?'. */
		if (a->url < URL_PATH || b->url < URL_PATH)
			return false;
		a->url = URL_QUERY;
	}
	if (a->url == URL_HEAD && strcmp(a->head, b->head) != 0)
		return false;
	a->has_refresh |= b->has_refresh;
	a->has_content |= b->has_content;
	return strcmp(a->tag, b->tag) == 0 && strcmp(a->attr, b->attr) == 0 &&
		a->quote == b->quote && a->is_closing == b->is_closing && a->in_pre == b->in_pre;
}

static struct frame *top(const char *directive)
{
	if (m.depth == 0)
		stop("{%% %s %%} outside a page", directive);
	return &m.frame[m.depth - 1];
}

static struct frame *push(enum block block)
{
	struct frame *f = &m.frame[m.depth];

	if (m.depth == DEPTH_MAX)
		stop("blocks nest deeper than %d", DEPTH_MAX);
	m.depth++;
	*f = (struct frame){.block = block, .line = m.line, .entry = m.c};
	return f;
}

static void branch_end(struct frame *f)
{
	if (!f->has_exit)
		f->exit = m.c;
	else if (!merge(&f->exit, &m.c))
		stop("this branch of the block of line %d leaves the HTML in another place than "
		     "the one before", f->line);
	f->has_exit = true;
}

/* ---- directives ---- */

/* Cuts a name off the start of `*s`, and the blanks behind it. */
static void word(char **s, char name[NAME_MAX_])
{
	int n = 0;

	while (isalnum((unsigned char)**s) || **s == '_') {
		if (n == NAME_MAX_ - 1)
			stop("a name is too long");
		name[n++] = *(*s)++;
	}
	name[n] = 0;
	*s += strspn(*s, " \t\n");
}

static void line_mark(void)
{
	flush();
	fprintf(m.code, "#line %d \"%s\"\n", m.line, m.file);
}

/* Splits "NAME(ARGS)"; returns what stands between the outer parentheses. */
static char *call_split(char *s, char name[NAME_MAX_])
{
	size_t n;

	word(&s, name);
	n = strlen(s);
	if (!*name || *s != '(' || s[n - 1] != ')')
		stop("expected NAME(ARGUMENTS)");
	s[n - 1] = 0;
	if (n > sizeof m.args)
		stop("the arguments are too long");
	return s + 1 + strspn(s + 1, " \t\n");
}

static void gather(void)
{
	m.code = open_memstream(&m.gathered, &m.gathered_bytes);
	if (!m.code)
		stop("no memory");
}

/* Writes the function gathered so far; `part` is "", "_open" or "_close". */
static void function_end(const char *part)
{
	const char *comma = m.args[0] ? ", " : "";

	flush();
	fclose(m.code);
	fprintf(m.proto_file, "void %s%s_html(struct buf *w%s%s);\n", m.page, part, comma, m.args);
	if (*part) /* half a layout need not use every argument */
		fprintf(m.out, "#pragma GCC diagnostic push\n"
			"#pragma GCC diagnostic ignored \"-Wunused-parameter\"\n");
	fprintf(m.out, "void %s%s_html(struct buf *w%s%s)\n{\n\t(void)w;\n%s}\n", m.page, part,
		comma, m.args, m.gathered);
	if (*part)
		fprintf(m.out, "#pragma GCC diagnostic pop\n");
	fputc('\n', m.out);
	free(m.gathered);
	m.gathered = NULL;
}

static void do_page(char *s)
{
	char name[NAME_MAX_];

	if (m.depth)
		stop("{%% page %%} inside a page");
	strcpy(m.args, call_split(s, name));
	for (int i = 0; i < m.known_count; i++)
		if (strcmp(m.known[i], name) == 0)
			stop("a second page \"%s\"", name);
	if (m.known_count == PAGES_MAX)
		stop("more than %d pages", PAGES_MAX);
	m.known[m.known_count++] = strdup(name);
	strcpy(m.page, name);
	m.has_body = false;
	m.c = (struct context){.place = TEXT};
	m.was_blank = true;
	push(BLOCK_PAGE);
	gather();
}

static void do_include(char *s)
{
	size_t n = strlen(s);

	if (m.depth)
		stop("{%% include %%} inside a page");
	if (n < 3 || s[0] != '"' || s[n - 1] != '"')
		stop("expected {%% include \"file.h\" %%}");
	fprintf(m.include_file, "#include %s\n", s);
}

static void do_body(char *s)
{
	struct frame *f = top("body");

	if (*s)
		stop("{%% body %%} takes nothing");
	if (f->block != BLOCK_PAGE || m.has_body)
		stop("{%% body %%} stands once, outside every block of its page");
	if (m.c.place != TEXT)
		stop("{%% body %%} inside a tag");
	function_end("_open");
	m.has_body = true;
	gather();
}

/* `if`, `for`: a block around what follows. */
static void do_block(enum block block, char *s)
{
	const char *verb = block == BLOCK_IF ? "if" : "for";
	int semicolons = 0;

	top(verb);
	settle();
	for (char *p = s; *p; p++)
		semicolons += *p == ';';
	if (!*s || semicolons != (block == BLOCK_FOR ? 2 : 0))
		stop(block == BLOCK_FOR ? "expected {%% for INIT; CONDITION; STEP %%}"
					: "expected {%% if CONDITION %%}");
	line_mark();
	fprintf(m.code, "\t%s (%s) {\n", verb, s);
	push(block);
}

static void do_else(const char *verb, char *s)
{
	struct frame *f = top(verb);
	bool has_test = strcmp(verb, "elif") == 0;

	if (f->block != BLOCK_IF || f->has_else)
		stop("{%% %s %%} without an if", verb);
	if (has_test != (*s != 0))
		stop(has_test ? "expected {%% elif CONDITION %%}" : "{%% else %%} takes nothing");
	settle();
	branch_end(f);
	m.c = f->entry;
	f->has_else = !has_test;
	line_mark();
	if (has_test)
		fprintf(m.code, "\t} else if (%s) {\n", s);
	else
		fprintf(m.code, "\t} else {\n");
}

static void do_end(char *s)
{
	struct frame *f = top("end");

	if (*s)
		stop("{%% end %%} takes nothing");
	settle();
	if (f->block == BLOCK_PAGE) {
		if (m.c.place != TEXT || m.c.in_pre)
			stop("page \"%s\" ends inside <%s", m.page, m.c.in_pre ? "pre" : m.c.tag);
		function_end(m.has_body ? "_close" : "");
		m.depth--;
		return;
	}
	if (f->block == BLOCK_IN) {
		if (!merge(&m.c, &f->entry))
			stop("the inside of the layout of line %d ends in another place", f->line);
		line_mark();
		fprintf(m.code, "\t}\n\t%s;\n", f->call);
		m.depth--;
		return;
	}
	branch_end(f);
	/* Without an else, and in a loop, nothing may run at all. */
	m.c = f->entry;
	if (!f->has_else)
		branch_end(f);
	m.c = f->exit;
	flush();
	fprintf(m.code, "\t}\n");
	m.depth--;
}

static void do_let(char *s)
{
	top("let");
	settle();
	if (!strchr(s, '='))
		stop("expected {%% let TYPE NAME = EXPRESSION %%}");
	line_mark();
	fprintf(m.code, "\t%s;\n", s);
}

static void do_use(const char *verb, char *s)
{
	bool is_in = verb[0] == 'i';
	char name[NAME_MAX_], *args = call_split(s, name);

	top(verb);
	if (m.c.place != TEXT)
		stop("{%% %s %%} inside a tag or value; a page is whole HTML", verb);
	line_mark();
	fprintf(m.code, "\t%s%s_html(w%s%s);\n", name, is_in ? "_open" : "",
		*args ? ", " : "", args);
	m.was_blank = false;
	if (!is_in)
		return;
	fprintf(m.code, "\t{\n");
	snprintf(push(BLOCK_IN)->call, sizeof m.frame[0].call, "%s_close_html(w%s%s)", name,
		*args ? ", " : "", args);
}

static void do_attr(char *s)
{
	char *end;

	top("attr");
	if (*s != '"' || !(end = strchr(s + 1, '"')) || !end[1])
		stop("expected {%% attr \"name\" CONDITION %%}");
	*end = 0;
	for (char *p = s + 1; *p; p++)
		if (!islower((unsigned char)*p) && *p != '-')
			stop("'%c' in the name of an attribute", *p);
	settle();
	if (!is_between_attrs(m.c.place))
		stop("{%% attr %%} outside a tag");
	snprintf(m.c.attr, sizeof m.c.attr, "%s", s + 1);
	attr_named();
	m.c.attr[0] = 0;
	/* The blank that is due is written by whatever comes, the attribute or its follower. */
	m.blank_due = false;
	m.c.place = NAME_END;
	end += 1 + strspn(end + 1, " \t\n");
	line_mark();
	fprintf(m.code, "\tif (%s)\n\t\tbuf_add(w, S(\" %s\"));\n", end, s + 1);
}

static void directive(char *s)
{
	char verb[NAME_MAX_];

	word(&s, verb);
	if (strcmp(verb, "attr") != 0)
		emit_due_blank();
	if (strcmp(verb, "page") == 0)
		do_page(s);
	else if (strcmp(verb, "include") == 0)
		do_include(s);
	else if (strcmp(verb, "body") == 0)
		do_body(s);
	else if (strcmp(verb, "if") == 0)
		do_block(BLOCK_IF, s);
	else if (strcmp(verb, "for") == 0)
		do_block(BLOCK_FOR, s);
	else if (strcmp(verb, "elif") == 0 || strcmp(verb, "else") == 0)
		do_else(verb, s);
	else if (strcmp(verb, "end") == 0)
		do_end(s);
	else if (strcmp(verb, "let") == 0)
		do_let(s);
	else if (strcmp(verb, "use") == 0 || strcmp(verb, "in") == 0)
		do_use(verb, s);
	else if (strcmp(verb, "attr") == 0)
		do_attr(s);
	else
		stop("unknown directive \"%s\"", verb);
}

static void value(char *s)
{
	const char *name;

	if (m.depth == 0)
		stop("a value outside a page");
	if (!*s)
		stop("an empty value");
	name = escaper();
	line_mark();
	fprintf(m.code, "\t%s(w, (%s));\n", name, s);
	m.was_blank = false;
}

/* ---- files ---- */

/* The end mark `close` behind `p`, string and character literals of C skipped. */
static const char *find_close(const char *p, const char *close)
{
	char quote = 0;

	for (; *p; p++) {
		if (quote && *p == '\\' && p[1])
			p++;
		else if (quote)
			quote = *p == quote ? 0 : quote;
		else if (p[0] == close[0] && p[1] == close[1])
			return p;
		else if (close[0] != '#' && (*p == '"' || *p == '\''))
			quote = *p;
	}
	return NULL;
}

/* Whether only blanks stand between the start of the line and `p`. */
static bool begins_line(const char *p)
{
	while (p > m.source && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == m.source || p[-1] == '\n';
}

/* Takes the braces at m.at with all that is inside. */
static void braces(void)
{
	static char text[SOURCE_MAX];
	const char *close = m.at[1] == '{' ? "}}" : m.at[1] == '%' ? "%}" : "#}";
	const char *begin = m.at + 2, *end = find_close(begin, close);
	bool alone = close[0] != '}' && begins_line(m.at);
	char *s = text;
	size_t n;

	if (!end)
		stop("\"{%c\" without \"%s\"", m.at[1], close);
	n = (size_t)(end - begin);
	memcpy(text, begin, n);
	text[n] = 0;
	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = 0;
	s += strspn(s, " \t\n");
	if (close[0] == '}')
		value(s);
	else if (close[0] == '%')
		directive(s);
	for (; m.at < end + 2; m.at++)
		m.line += *m.at == '\n';
	/* A line of its own vanishes, and the blanks that begin the next: one went before. */
	end = m.at + strspn(m.at, " \t");
	if (alone && *end == '\n' && (m.c.place == TEXT || m.c.place == RCDATA)) {
		m.at = end + 1;
		m.line++;
		m.was_blank = true;
	}
}

static void compile(const char *file)
{
	FILE *in = fopen(file, "r");
	size_t n;

	m.file = file;
	m.line = 1;
	if (!in)
		stop("cannot be read");
	n = fread(m.source, 1, sizeof m.source - 1, in);
	fclose(in);
	if (n == sizeof m.source - 1)
		stop("the file is larger than %d bytes", SOURCE_MAX);
	m.source[n] = 0;
	for (m.at = m.source; *m.at;) {
		if (m.at[0] == '{' && (m.at[1] == '{' || m.at[1] == '%' || m.at[1] == '#')) {
			braces();
			continue;
		}
		if (m.depth)
			step(*m.at);
		else if (!isspace((unsigned char)*m.at))
			stop("text outside a page");
		m.line += *m.at == '\n';
		m.at++;
	}
	if (m.depth)
		stop_at(m.frame[m.depth - 1].line, "this block has no {%% end %%}");
}

static FILE *create(const char *folder, const char *name)
{
	char path[4000];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

static void close_whole(FILE *f)
{
	if (ferror(f) || fclose(f) != 0) {
		perror("mkpage");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	char *pages;
	size_t page_bytes;
	FILE *f;

	if (argc < 2) {
		fprintf(stderr, "usage: mkpage OUT PAGE.html...\n");
		return 2;
	}
	m.out = open_memstream(&pages, &page_bytes);
	m.include_file = open_memstream(&m.includes, &m.include_bytes);
	m.proto_file = open_memstream(&m.protos, &m.proto_bytes);
	for (int i = 2; i < argc; i++)
		compile(argv[i]);
	fclose(m.out);
	fclose(m.include_file);
	fclose(m.proto_file);

	/* Only now is anything written: a page that stops the build leaves no half file. */
	f = create(argv[1], "pages.h");
	fprintf(f, "/* Written by tools/mkpage from pages/. */\n#ifndef PAGES_H\n#define PAGES_H\n"
		"#include \"web/html.h\"\n%s\n%s#endif\n", m.includes, m.protos);
	close_whole(f);
	f = create(argv[1], "pages.c");
	fprintf(f, "/* Written by tools/mkpage from pages/. */\n#include \"pages.h\"\n\n%s", pages);
	close_whole(f);
	return 0;
}
