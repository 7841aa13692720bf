/*
 * tidy: what a program can check of doc's rules of style and layers.
 *
 *	tidy            from the root of the repository; looks at every file git tracks
 *	tidy FILE…      looks at these
 *
 * Prints "file:line: what" for each finding; exits 1 when there was one.  The tables below are
 * the rules.  C is read without comments and literals, not parsed: the checks are about shape.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SOURCE_MAX = 8 << 20,
	FILE_BYTES = 500000,
	FILE_LINES = 1000,
	FUNCTION_LINES = 70,
	BRANCHES = 15,
	COLUMNS = 100
};

/* ---- layers (DESIGN.md, section 3): a folder may include what is lower, and what is named ---- */

/* The ledger names call, which is above it: an entry belongs to the call that made it.  The
   example (demo) reads its own model file, and is loaded by the command line. */
static const struct {
	const char *folder;
	int layer;
	const char *also, *never; /* folders, " a b " */
} layers[] = {
	{"base", 0, " ", " "},
	{"os", 1, " ", " "},
	{"crypt", 1, " ", " "},
	{"http", 20, " ", " "},
	{"db", 20, " ", " "},
	{"ledger", 30, " call ", " http "},
	{"policy", 30, " ", " http "},
	{"call", 31, " ", " http "},
	{"kind", 31, " call ", " http "},
	{"ident", 40, " ", " http "},
	{"catalog", 40, " ", " http "},
	{"trace", 40, " ", " http "},
	{"risk", 50, " ", " http "},
	{"threat", 50, " ", " http "},
	{"product", 50, " ", " http "},
	{"guards", 50, " ", " http "},
	{"document", 50, " ", " http "},
	{"demo", 50, " threat ", " http "},
	{"web", 60, " ", " "},
	{"api", 60, " ", " "},
	{"cli", 60, " ", " "},
	{"jobs", 60, " ", " "},
	{"serve", 70, " ", " "},
};

/* ---- the rooms of threat: each may include those named, and its own ---- */

static const struct {
	const char *room, *may;
} rooms[] = {
	{"model", " "},
	{"rules", " model "},
	{"engine", " model rules "},
	{"picture", " model "},
	{"formats", " model picture "},
	{"report", " model rules engine picture formats "},
	{"microsoft", " model rules engine formats "},
	{"records", " model rules engine picture formats report "},
	{"triage", " model rules engine report records "},
	{"backlog", " "},
};

/* ---- pure files: bytes in, bytes out; they include neither the store nor the system ---- */

static const struct {
	const char *below, *except; /* paths begin so, and not so; NULL is no exception */
} pure[] = {
	{"src/base/", NULL},
	{"src/ledger/consistency.c", NULL},
	{"src/ledger/latest.c", NULL},
	{"src/ledger/leaf.c", NULL},
	{"src/ledger/merkle.c", NULL},
	{"src/ledger/note.c", NULL},
	{"src/ledger/opening.c", NULL},
	{"src/ledger/proof.c", NULL},
	{"src/ledger/range.c", NULL},
	{"src/ledger/tile.c", NULL},
	{"src/threat/model/", NULL},
	{"src/threat/rules/", NULL},
	{"src/threat/engine/", NULL},
	{"src/threat/report/", NULL},
	{"src/threat/picture/", NULL},
	{"src/threat/formats/", NULL},
	{"src/threat/microsoft/", NULL},
};
static const char *const impure[] = {"db/", "os/os.h", "call/", "kind/"};

/* ---- words that may stand only below some paths; "" is nowhere ---- */

static const struct {
	const char *word, *below[4];
	bool is_call; /* only when '(' follows */
} banned[] = {
	{"malloc", {"src/base/", "src/os/", "tools/"}, true},
	{"calloc", {"src/base/", "src/os/", "tools/"}, true},
	{"realloc", {"src/base/", "src/os/", "tools/"}, true},
	{"free", {"src/base/", "src/os/", "tools/"}, true},
	{"strlen", {"src/base/", "src/os/", "tools/", "test/"}, true},
	{"strcpy", {"src/base/", "src/os/", "tools/"}, true},
	{"strcat", {"tools/"}, true},
	{"strcmp", {"src/base/", "src/os/", "tools/"}, true},
	{"sprintf", {""}, true},
	{"vsprintf", {""}, true},
	{"system", {""}, true},
	{"popen", {"tools/"}, true},
	{"execv", {"src/os/"}, true},
	{"execve", {"src/os/"}, true},
	{"execvp", {"src/os/"}, true},
	{"execl", {"src/os/"}, true},
	{"execlp", {"src/os/"}, true},
	{"setjmp", {"src/base/unwind.c"}, true},
	{"longjmp", {"src/base/unwind.c"}, true},
	{"alloca", {""}, true},
	/* What declares and defines it, and the one folder that may build SQL. */
	{"db_built", {"src/kind/", "src/db/db.h", "src/db/sqlite.c"}, true},
	{"html_trusted", {"src/web/", "src/document/", "test/"}, true},
};

static const char *const vague_names[] = {
	"util", "utils", "misc", "common", "helper", "helpers", "manager"};
/* Written in two pieces, so that this file does not name them. */
static const char *const machine_paths[] = {"/wo"
					    "rk/",
	"/ho"
	"me/",
	"/ro"
	"ot/"};

static int findings;
static char text[SOURCE_MAX], code[SOURCE_MAX]; /* the file; the same, literals blanked */
static size_t text_bytes;

static void __attribute__((format(printf, 3, 4)))
found(const char *file, int line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("%s:%d: ", file, line);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	findings++;
}

static bool starts(const char *s, const char *head)
{
	return strncmp(s, head, strlen(head)) == 0;
}

static bool ends(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

static bool is_c(const char *file)
{
	return ends(file, ".c") || ends(file, ".h");
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What the literal or comment `in` (0: code) becomes at byte `*i` of the text; bytes that belong
   to it are blanked in code. */
static char blank_step(char in, size_t *i)
{
	char c = text[*i], next = text[*i + 1];

	if (in == '/')
		return c == '\n' ? 0 : in;
	if (in == '*') {
		if (c != '*' || next != '/')
			return in;
		code[++*i] = ' ';
		return 0;
	}
	if (c == '\\') {
		++*i;
		code[*i] = next == '\n' ? '\n' : ' ';
	} else if (c == in) {
		code[*i] = c;
		return 0;
	}
	return in;
}

/* The literal or comment that begins at byte `*i`, or 0. */
static char blank_begin(size_t *i)
{
	char c = text[*i], next = text[*i + 1];

	if (c == '"')
		return c;
	/* 1'000 is a number of other languages; a quote behind a letter begins no literal. */
	if (c == '\'' && (*i == 0 || !isalnum((unsigned char)text[*i - 1])))
		return c;
	if (c != '/' || (next != '/' && next != '*'))
		return 0;
	code[*i] = ' ';
	if (next == '*')
		code[++*i] = ' ';
	return next;
}

/* Copies text to code with comments and the insides of literals as blanks; lines stay. */
static void blank_literals(void)
{
	char in = 0; /* '"', '\'', '/' to the end of the line, '*' to its end */

	for (size_t i = 0; i < text_bytes; i++) {
		code[i] = in && text[i] != '\n' ? ' ' : text[i];
		in = in ? blank_step(in, &i) : blank_begin(&i);
	}
	code[text_bytes] = 0;
}

/* ---- checks of a line ---- */

static void check_shape(const char *file, int line, const char *s, size_t n)
{
	int column = 0;
	bool is_wide_free = ends(file, ".md") || !(is_c(file) || ends(file, ".sh"));

	for (size_t i = 0; i < n; i++)
		if (s[i] == '\t')
			column = column / 8 * 8 + 8;
		else if (((unsigned char)s[i] & 0xc0) != 0x80)
			column++;
	if (!is_wide_free && column > COLUMNS)
		found(file, line, "%d columns; %d is the limit", column, COLUMNS);
	if (n && (s[n - 1] == ' ' || s[n - 1] == '\t') && !ends(file, ".md"))
		found(file, line, "blanks at the end of the line");
}

static void check_words(const char *file, int line, const char *s)
{
	const char *hit = strstr(s,
		"TO"
		"DO");

	if (hit && hit[4] != '(' && is_c(file))
		found(file, line, "a note of work to do without the number of an issue");
	for (size_t i = 0; i < sizeof machine_paths / sizeof *machine_paths; i++)
		if (strstr(s, machine_paths[i]))
			found(file, line, "the path of a machine, \"%s\"", machine_paths[i]);
}

static const char *find_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = s; (p = strstr(p, word)); p += n)
		if ((p == s || !is_word(p[-1])) && !is_word(p[n]))
			return p;
	return NULL;
}

static bool is_below(const char *file, const char *const below[4])
{
	for (int i = 0; i < 4 && below[i]; i++)
		if (below[i][0] && starts(file, below[i]))
			return true;
	return false;
}

static void check_banned(const char *file, int line, const char *s)
{
	const char *hit;

	if (s[0] == '#')
		return;
	for (size_t i = 0; i < sizeof banned / sizeof *banned; i++) {
		hit = find_word(s, banned[i].word);
		if (!hit || is_below(file, banned[i].below) || (hit > s && hit[-1] == '.'))
			continue;
		if (!banned[i].is_call || hit[strlen(banned[i].word)] == '(')
			found(file, line, "%s() has no place here", banned[i].word);
	}
	hit = find_word(s, "goto");
	if (hit && !starts(hit, "goto out;") && !starts(hit, "goto done;"))
		found(file, line, "goto to another label than out or done");
}

/* ---- layers ---- */

static int layer_of(const char *folder, size_t n)
{
	for (int i = 0; i < (int)(sizeof layers / sizeof *layers); i++)
		if (strlen(layers[i].folder) == n && strncmp(layers[i].folder, folder, n) == 0)
			return i;
	return -1;
}

static bool names(const char *list, const char *folder)
{
	char padded[64];

	snprintf(padded, sizeof padded, " %s ", folder);
	return strstr(list, padded) != NULL;
}

static void check_include(const char *file, int line, const char *s)
{
	const char *own = file + 4, *target = s + 10, *slash, *own_slash = strchr(own, '/');
	int from, to;

	if (!starts(file, "src/") || !own_slash || !starts(s, "#include \""))
		return;
	slash = strchr(target, '/');
	if (!slash)
		return;
	from = layer_of(own, (size_t)(own_slash - own));
	to = layer_of(target, (size_t)(slash - target));
	if (from < 0)
		found(file, line, "the folder is in no layer; add it to tools/tidy.c");
	if (from < 0 || to < 0 || from == to)
		return;
	bool is_up = layers[to].layer >= layers[from].layer;
	if (names(layers[from].never, layers[to].folder) ||
		(is_up && !names(layers[from].also, layers[to].folder)))
		found(file, line, "%s may not include %s (layers)", layers[from].folder,
			layers[to].folder);
}

/* The room of a path behind "threat/", as a word. */
static void room_of(const char *path, char out[32])
{
	snprintf(out, 32, "%.*s", (int)strcspn(path, "/"), path);
}

static void check_room(const char *file, int line, const char *s)
{
	static const char own[] = "src/threat/", include[] = "#include \"threat/";
	char from[32], to[32];

	if (!starts(file, own) || !starts(s, include))
		return;
	room_of(file + sizeof own - 1, from);
	room_of(s + sizeof include - 1, to);
	if (strcmp(from, to) == 0)
		return;
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		if (strcmp(rooms[i].room, from) == 0 && names(rooms[i].may, to))
			return;
	found(file, line, "%s may not include %s (rooms of threat)", from, to);
}

static bool is_pure(const char *file)
{
	for (size_t i = 0; i < sizeof pure / sizeof *pure; i++)
		if (starts(file, pure[i].below) &&
			!(pure[i].except && starts(file, pure[i].except)))
			return true;
	return false;
}

/* What the file itself includes; what its headers include is not followed. */
static void check_pure(const char *file, int line, const char *s)
{
	if (!starts(s, "#include \"") || !is_pure(file))
		return;
	for (size_t i = 0; i < sizeof impure / sizeof *impure; i++)
		if (starts(s + 10, impure[i]))
			found(file, line, "a pure file may not include %.*s",
				(int)strcspn(s + 10, "\""), s + 10);
}

/* ---- functions ---- */

/* Decisions as pmccabe counts them (its first column): a switch is one. */
static int decisions(const char *s)
{
	static const char *const word[] = {"if", "for", "while", "switch"};
	int n = 0;

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		for (const char *p = s; (p = find_word(p, word[i])); p++)
			n++;
	for (const char *p = s; *p; p++)
		if (*p == '?' || (p[0] == '&' && p[1] == '&') || (p[0] == '|' && p[1] == '|'))
			n++, p += *p != '?';
	return n;
}

struct function {
	int begin, branches; /* line of the opening brace, 0 outside */
};

/* A function's braces stand alone in the first column (the layout of make format). */
static void check_function(const char *file, int line, const char *s, struct function *f)
{
	if (!f->begin && strcmp(s, "{") == 0) {
		*f = (struct function){.begin = line, .branches = 1};
	} else if (f->begin && s[0] == '}') {
		if (line - f->begin - 1 > FUNCTION_LINES)
			found(file, f->begin, "a function of %d lines; %d is the limit",
				line - f->begin - 1, FUNCTION_LINES);
		if (f->branches > BRANCHES)
			found(file, f->begin, "a function with %d branches; %d is the limit",
				f->branches, BRANCHES);
		f->begin = 0;
	} else if (f->begin) {
		f->branches += decisions(s);
	}
}

static void check_route(const char *file, int line, const char *s)
{
	const char *p = s + strspn(s, " \t");

	if (strcmp(file, "src/web/routes.c") != 0 && strcmp(file, "src/api/routes.c") != 0)
		return;
	if (!starts(p, "{GET,") && !starts(p, "{POST,") && !starts(p, "{ GET,") &&
		!starts(p, "{ POST,") && !starts(p, "{PUT,") && !starts(p, "{PATCH,") &&
		!starts(p, "{DELETE,") && !starts(p, "{HTTP_"))
		return;
	if (!strstr(p, " CAN_") && !find_word(p, "PUBLIC") && !find_word(p, "BY_KIND"))
		found(file, line, "a route without a right");
}

/* ---- files ---- */

static void check_name(const char *file)
{
	for (const char *p = file; *p;) {
		size_t n = strcspn(p, "/.");
		for (size_t i = 0; i < sizeof vague_names / sizeof *vague_names; i++)
			if (strlen(vague_names[i]) == n && strncmp(p, vague_names[i], n) == 0)
				found(file, 1, "a name that says nothing: \"%s\"", vague_names[i]);
		p += n;
		p += *p != 0;
	}
}

static void check_corpus(const char *file)
{
	char command[400], name[200];
	FILE *f;

	if (!starts(file, "test/fuzz/fuzz_") || !ends(file, ".c") || strchr(file, '\''))
		return;
	snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - 17), file + 15);
	snprintf(command, sizeof command, "find 'test/fuzz/corpus/%s' -type f 2>/dev/null", name);
	f = popen(command, "r");
	if (f && fgetc(f) == EOF)
		found(file, 1, "no file in test/fuzz/corpus/%s", name);
	if (f)
		pclose(f);
}

static bool load(const char *file)
{
	struct stat s;
	FILE *f;

	if (stat(file, &s) != 0 || !S_ISREG(s.st_mode))
		return false;
	if (s.st_size > FILE_BYTES)
		found(file, 1, "%ld bytes; %d is the limit", (long)s.st_size, FILE_BYTES);
	f = fopen(file, "rb");
	if (!f)
		return false;
	text_bytes = fread(text, 1, sizeof text - 2, f);
	fclose(f);
	text[text_bytes] = 0;
	return memchr(text, 0, text_bytes) == NULL;
}

/* One line, from both copies. */
static void check_line(const char *file, int line, char *s, char *blanked, struct function *f)
{
	check_shape(file, line, s, strlen(s));
	check_words(file, line, s);
	if (!is_c(file))
		return;
	check_include(file, line, s);
	check_room(file, line, s);
	check_pure(file, line, s);
	check_banned(file, line, blanked);
	check_function(file, line, blanked, f);
	check_route(file, line, s);
}

static void check_file(const char *file)
{
	struct function f = {0};
	int line = 1;

	check_name(file);
	check_corpus(file);
	/* Files for tools of this kind are bad on purpose. */
	if (!load(file) || starts(file, "test/data/") || starts(file, "test/fuzz/corpus/"))
		return;
	blank_literals();
	if (ends(file, ".h") && !starts(text, "/*"))
		found(file, 1, "a header begins with a comment that says what it promises");
	for (char *s = text, *b = code; *s; line++) {
		size_t n = strcspn(s, "\n");
		bool is_last = s[n] == 0;
		s[n] = b[n] = 0;
		check_line(file, line, s, b, &f);
		s += n + !is_last;
		b += n + !is_last;
	}
	if (is_c(file) && line - 1 > FILE_LINES)
		found(file, line - 1, "a file of %d lines; %d is the limit", line - 1, FILE_LINES);
}

int main(int argc, char **argv)
{
	char name[1000];
	FILE *list;

	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	if (argc > 1)
		return findings ? 1 : 0;
	list = popen("git ls-files", "r");
	if (!list)
		return 2;
	while (fgets(name, sizeof name, list)) {
		name[strcspn(name, "\n")] = 0;
		check_file(name);
	}
	if (pclose(list) != 0)
		return 2;
	return findings ? 1 : 0;
}
