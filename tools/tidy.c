/*
 * tidy: what a program can check of doc's rules of style and layers.
 *
 *	tidy            from the root of the repository; looks at every file git tracks
 *	tidy FILE…      looks at these
 *
 * Prints "file:line: what" for each finding; exits 1 when there was one.  The tables below are
 * the rules.  C is read without comments and literals, not parsed: the checks are about shape.
 *
 * Over the whole tree it also looks for what is dead: a line of these tables that nothing needs, a
 * function that a header declares and nobody calls, a claim whose test is gone.
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

/* ---- layers: a folder may include what is lower, and what is named ---- */

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
	{"call", 31, " ", " http "},
	{"kind", 31, " call ", " http "},
	{"ident", 40, " ", " http "},
	{"catalog", 40, " ", " http "},
	{"trace", 40, " ", " http "},
	{"risk", 45, " ", " http "},
	{"threat", 50, " ", " http "},
	{"guards", 50, " ", " http "},
	{"document", 50, " ", " http "},
	{"demo", 50, " threat ", " http "},
	{"web", 60, " ", " "},
	{"api", 60, " ", " "},
	{"cli", 60, " ", " "},
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
	{"records", " model rules report "},
	{"triage", " model rules engine report records "},
	{"backlog", " "},
};

/* ---- pure files: bytes in, bytes out; they include neither the store nor the system ---- */

static const struct {
	const char *below, *except; /* paths begin so, and not so; NULL is not an exception */
} pure[] = {
	{"src/base/", NULL},
	{"src/ledger/consistency.c", NULL},
	{"src/ledger/latest.c", NULL},
	{"src/ledger/leaf.c", NULL},
	{"src/ledger/mark.c", NULL},
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
static const char *const impure[] = {"db/", "os/os.h", "call/", "kind/", "ident/", "catalog/",
	"trace/", "risk/", "guards/"};

/* ---- words that may stand only below some paths; "" is nowhere ---- */

static const struct {
	const char *word, *below[4];
	bool is_call; /* only when '(' follows */
} banned[] = {
	{"malloc", {"src/base/", "tools/"}, true},
	{"calloc", {"tools/"}, true},
	{"realloc", {""}, true},
	{"free", {"src/base/", "tools/"}, true},
	{"strlen", {"src/base/", "tools/"}, true},
	{"strcpy", {"tools/"}, true},
	{"strcat", {""}, true},
	{"strcmp", {"tools/"}, true},
	{"sprintf", {""}, true},
	{"vsprintf", {""}, true},
	{"system", {""}, true},
	{"popen", {"tools/"}, true},
	{"execv", {""}, true},
	{"execve", {""}, true},
	{"execvp", {""}, true},
	{"execl", {""}, true},
	{"execlp", {""}, true},
	{"setjmp", {"src/base/unwind.c"}, true},
	{"longjmp", {"src/base/unwind.c"}, true},
	{"alloca", {""}, true},
	/* What declares and defines it, and the one folder that may build SQL. */
	{"db_built", {"src/kind/", "src/db/db.h", "src/db/sqlite.c"}, true},
	{"html_trusted", {"src/web/", "test/"}, true},
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

/* What people read is English, not another language in English words.  The phrases stand in two
   pieces, so that this file does not hold them. */
static void check_english(const char *file, int line, const char *s)
{
	static const char *const phrase[][2] = {{"this is ", "no "}, {"\\\" is ", "no "},
		{"%.*s is ", "no "}, {"is no ", "part of"}, {"are no ", "part of"},
		{"nothing ", "any more"}, {"was ", "faster"}, {"linked ", "so\""},
		{"session is ", "over"}, {"token is ", "over"}};
	char whole[64];

	if (!is_c(file) && !ends(file, ".html") && !ends(file, ".kind"))
		return;
	for (size_t i = 0; i < sizeof phrase / sizeof *phrase; i++) {
		snprintf(whole, sizeof whole, "%s%s", phrase[i][0], phrase[i][1]);
		const char *hit = strstr(s, whole);
		if (hit && !strstr(hit, "no longer"))
			found(file, line, "\"%s\": say it in plain English (is not a …)", whole);
	}
}

static const char *find_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = s; (p = strstr(p, word)); p += n)
		if ((p == s || !is_word(p[-1])) && !is_word(p[n]))
			return p;
	return NULL;
}

/* Which permission a line of banned[] gives the file; -1 when none. */
static int permission(size_t row, const char *file)
{
	for (int i = 0; i < 4 && banned[row].below[i]; i++)
		if (banned[row].below[i][0] && starts(file, banned[row].below[i]))
			return i;
	return -1;
}

static bool permission_used[sizeof banned / sizeof *banned][4];

/* The word as a name of its own, not a member's, and called where only calls count. */
static bool uses(const char *s, size_t row)
{
	size_t n = strlen(banned[row].word);

	for (const char *hit = s; (hit = find_word(hit, banned[row].word)); hit += n)
		if ((hit == s || hit[-1] != '.') && (!banned[row].is_call || hit[n] == '('))
			return true;
	return false;
}

static void check_permission(const char *file, int line, size_t row)
{
	int given = permission(row, file);

	if (given < 0)
		found(file, line, "%s() has no place here", banned[row].word);
	else
		permission_used[row][given] = true;
}

static void check_banned(const char *file, int line, const char *s)
{
	const char *hit;

	if (s[0] == '#')
		return;
	for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
		if (uses(s, i))
			check_permission(file, line, i);
	hit = find_word(s, "goto");
	if (hit && !starts(hit, "goto out;") && !starts(hit, "goto done;"))
		found(file, line, "goto to another label than out or done");
}

/* ---- layers ---- */

enum { LAYERS = sizeof layers / sizeof *layers, ROOMS = sizeof rooms / sizeof *rooms };
static bool layer_seen[LAYERS], layer_up[LAYERS][LAYERS]; /* folders there are; who includes up */
static bool room_seen[ROOMS], room_includes[ROOMS][ROOMS];

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
	if (from >= 0)
		layer_seen[from] = true;
	to = layer_of(target, (size_t)(slash - target));
	if (from < 0)
		found(file, line, "the folder is in no layer; add it to tools/tidy.c");
	if (from < 0 || to < 0 || from == to)
		return;
	bool is_up = layers[to].layer >= layers[from].layer;
	layer_up[from][to] |= is_up;
	if (names(layers[from].never, layers[to].folder) ||
		(is_up && !names(layers[from].also, layers[to].folder)))
		found(file, line, "%s may not include %s (layers)", layers[from].folder,
			layers[to].folder);
}

/* The room of a path behind "threat/", or -1. */
static int room_of(const char *path)
{
	char word[32];

	snprintf(word, sizeof word, "%.*s", (int)strcspn(path, "/"), path);
	for (int i = 0; i < ROOMS; i++)
		if (strcmp(rooms[i].room, word) == 0)
			return i;
	return -1;
}

static void check_room(const char *file, int line, const char *s)
{
	static const char own[] = "src/threat/", include[] = "#include \"threat/";
	const char *here = file + sizeof own - 1, *there = s + sizeof include - 1;

	if (!starts(file, own) || !starts(s, include))
		return;
	int from = room_of(here), to = room_of(there);
	if (from >= 0)
		room_seen[from] = true;
	if (from >= 0 && from == to)
		return;
	if (from >= 0 && to >= 0 && names(rooms[from].may, rooms[to].room))
		room_includes[from][to] = true;
	else
		found(file, line, "%.*s may not include %.*s (rooms of threat)",
			(int)strcspn(here, "/"), here, (int)strcspn(there, "/"), there);
}

/* A header "x_in.h" is for its own folder and those below. */
static void check_private(const char *file, int line, const char *s)
{
	const char *target = s + 10, *end, *slash;

	if (!starts(file, "src/") || !starts(s, "#include \""))
		return;
	end = strchr(target, '"');
	if (!end || end - target < 5 || strncmp(end - 5, "_in.h", 5) != 0)
		return;
	for (slash = end; slash > target && *slash != '/'; slash--)
		;
	if (strncmp(file + 4, target, (size_t)(slash - target)) != 0 ||
		file[4 + (slash - target)] != '/')
		found(file, line, "%.*s is for the files of its own folder", (int)(end - target),
			target);
}

static bool pure_seen[sizeof pure / sizeof *pure], except_seen[sizeof pure / sizeof *pure];

static bool is_pure(const char *file)
{
	bool is = false;

	for (size_t i = 0; i < sizeof pure / sizeof *pure; i++) {
		if (!starts(file, pure[i].below))
			continue;
		pure_seen[i] = true;
		if (pure[i].except && starts(file, pure[i].except))
			except_seen[i] = true;
		else
			is = true;
	}
	return is;
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

/* ---- routes ---- */

/* One line of a table, from "R(" to its parenthesis: a right must be in it. */
static void check_route(const char *file, int line, const char *s)
{
	int depth = 0;
	size_t n = 1;

	do {
		depth += (s[n] == '(') - (s[n] == ')');
		n++;
	} while (depth && s[n]);
	char *entry = malloc(n + 1);
	memcpy(entry, s, n);
	entry[n] = 0;
	if (!strstr(entry, " CAN_") && !find_word(entry, "PUBLIC") &&
		!find_word(entry, "SIGNED_IN") && !find_word(entry, "BY_KIND"))
		found(file, line, "a route without a right");
	free(entry);
}

/* The tables of routes, from the copy without literals.  A table that has none, or a line in
   another form, would not be checked, and is a finding itself. */
static void check_routes(const char *file)
{
	const char *table = strstr(code, "_routes[] = {"), *end;
	int line = 1, count = 0;

	if (!starts(file, "src/") || !ends(file, "/routes.c"))
		return;
	end = table ? strstr(table, "\n};") : NULL;
	for (const char *s = code; *s && end && s < end; s++) {
		line += *s == '\n';
		if (s < table || *s != '\n' || s[1] != '\t' || s[2] == '\t')
			continue;
		if (starts(s + 2, "R(")) {
			check_route(file, line, s + 2);
			count++;
		} else {
			found(file, line, "a line of the table that is not R(...)");
		}
	}
	if (!count)
		found(file, 1, "no route is seen here: the check of routes is dead");
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
	check_english(file, line, s);
	if (!is_c(file))
		return;
	check_include(file, line, s);
	check_room(file, line, s);
	check_private(file, line, s);
	check_pure(file, line, s);
	check_banned(file, line, blanked);
	check_function(file, line, blanked, f);
}

/* ---- what headers declare, and who names it ---- */

enum { EXPORTS = 1 << 14, NAME_BYTES = 64 };
/* Names by their hash; a place without a name is free. */
static struct export {
	char name[NAME_BYTES], header[200];
	int line;
	int sources, headers; /* files that name it, and other headers */
	int here;             /* how often its own header does */
	int last;             /* the file counted last */
} exports[EXPORTS];
static int file_number;
static bool collects; /* the first walk over the tree */

static struct export *export_of(const char *name, size_t n)
{
	size_t at = 5381;

	for (size_t i = 0; i < n; i++)
		at = at * 33 + (unsigned char)name[i];
	for (at %= EXPORTS; exports[at].name[0]; at = (at + 1) % EXPORTS)
		if (strlen(exports[at].name) == n && strncmp(exports[at].name, name, n) == 0)
			break;
	return &exports[at];
}

/* The name of the function that a line declares, which begins in the first column with a type; 0
   bytes when there is none. */
static size_t declared(const char *s, size_t *from)
{
	size_t paren = strcspn(s, "(\n");

	if (!isalpha((unsigned char)*s) || s[paren] != '(' || starts(s, "typedef") ||
		starts(s, "static "))
		return 0;
	for (*from = paren; *from && is_word(s[*from - 1]); --*from)
		;
	return *from && !starts(s + *from, "__attribute__") ? paren - *from : 0;
}

/* Functions that a header declares. */
static void collect_exports(const char *file)
{
	size_t from, bytes;
	int line = 1;

	for (const char *s = code; *s; line++) {
		bytes = declared(s, &from);
		if (bytes && bytes < NAME_BYTES) {
			struct export *e = export_of(s + from, bytes);
			snprintf(e->name, sizeof e->name, "%.*s", (int)bytes, s + from);
			snprintf(e->header, sizeof e->header, "%s", file);
			e->line = line;
		}
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
}

/* A name in a file: of a header of ours, or of anything else. */
static void count_name(const char *file, bool is_header, const char *name, size_t n)
{
	struct export *e = export_of(name, n);
	bool is_own = is_header && strcmp(file, e->header) == 0;

	e->here += is_own;
	if (!e->name[0] || e->last == file_number)
		return;
	e->last = file_number;
	e->headers += is_header && !is_own;
	e->sources += !is_header;
}

/* Counts the names in a file.  Pages, kinds and tests call functions, too. */
static void count_words(const char *file)
{
	bool is_header = starts(file, "src/") && ends(file, ".h");
	size_t n;

	if (collects && is_header)
		collect_exports(file);
	if (collects)
		return;
	file_number++;
	for (const char *s = is_c(file) ? code : text; *s; s += n ? n : 1) {
		for (n = 0; is_word(s[n]); n++)
			;
		if (n)
			count_name(file, is_header, s, n);
	}
}

static void check_exports(void)
{
	for (int i = 0; i < EXPORTS; i++) {
		const struct export *e = &exports[i];
		if (e->name[0] && e->sources < 2 && e->headers == 0 && e->here < 2)
			found(e->header, e->line, "%s() is declared here and used in no other file",
				e->name);
	}
}

/* ---- lines of the tables above that nothing needs ---- */

static void dead(const char *what, const char *of)
{
	found("tools/tidy.c", 1, "nothing needs %s %s; take it away", what, of);
}

/* Words of a list that nobody includes. */
static void check_list(const char *list, const char *const *name, const bool *used, int count,
	const char *of)
{
	char what[200];

	for (int i = 0; i < count; i++)
		if (names(list, name[i]) && !used[i]) {
			snprintf(what, sizeof what, "the leave to include %s for", name[i]);
			dead(what, of);
		}
}

static void check_permissions(void)
{
	char what[200];

	for (size_t i = 0; i < sizeof pure / sizeof *pure; i++)
		if (!pure_seen[i] || (pure[i].except && !except_seen[i]))
			dead("the pure", pure_seen[i] ? pure[i].except : pure[i].below);
	for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
		for (int k = 0; k < 4 && banned[i].below[k]; k++)
			if (banned[i].below[k][0] && !permission_used[i][k]) {
				snprintf(what, sizeof what, "the leave to call %s() below",
					banned[i].word);
				dead(what, banned[i].below[k]);
			}
}

static void check_tables(void)
{
	const char *layer[LAYERS], *room[ROOMS];

	for (int i = 0; i < LAYERS; i++)
		layer[i] = layers[i].folder;
	for (int i = 0; i < ROOMS; i++)
		room[i] = rooms[i].room;
	for (int i = 0; i < LAYERS; i++) {
		if (!layer_seen[i])
			dead("the layer of", layer[i]);
		check_list(layers[i].also, layer, layer_up[i], LAYERS, layer[i]);
	}
	for (int i = 0; i < ROOMS; i++) {
		if (!room_seen[i])
			dead("the room", room[i]);
		check_list(rooms[i].may, room, room_includes[i], ROOMS, room[i]);
	}
	check_permissions();
}

#include "tidy_claims.h"

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
	check_routes(file);
	count_words(file);
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

/* Each file that git tracks; false when git does not say. */
static bool walk(void (*look)(const char *file))
{
	char name[1000];
	FILE *list = popen("git ls-files", "r");

	if (!list)
		return false;
	while (fgets(name, sizeof name, list)) {
		name[strcspn(name, "\n")] = 0;
		look(name);
	}
	return pclose(list) == 0;
}

/* Headers first: what they declare is looked for in all files. */
static void look_at_header(const char *file)
{
	if (!starts(file, "src/") || !ends(file, ".h") || !load(file))
		return;
	blank_literals();
	count_words(file);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	if (argc > 1)
		return findings ? 1 : 0;
	collects = true;
	if (!walk(look_at_header))
		return 2;
	collects = false;
	if (!walk(check_file))
		return 2;
	check_exports();
	check_tables();
	check_claims();
	return findings ? 1 : 0;
}
