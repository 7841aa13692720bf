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
	OPENS = 40,
	RIGHTS = 511, /* call.h holds 512 */
	NAMES = 9000,
	CHECKS = 60
};

/* What a named function checks. */
enum check_of { OF_FIELD, OF_MOVE, OF_KIND };

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
	char *name, *label, *help, *unit, *check, *set, *append;
	enum type type;
	bool required, secret, in_list, is_envelope, free, tree;
	bool has_min, has_max;
	int64_t min, max;
	char *ref[REFS];
	int ref_count;
	struct field *col;
	int col_count;
};

struct state {
	struct place at;
	char *name, *label, *pending;
	bool in_force, end, finished, sealed, disposed;
	char *open[OPENS]; /* fields that are still filled in here */
	int open_count;
};

struct move {
	struct place at;
	int from, to;
	char *label, *right, *meaning, *guard;
	bool second_person, has_line;
	char *require[REQUIRES];
	int require_count;
};

struct linktype {
	struct place at;
	char *type, *label;
	bool outgoing, tree;
	char *kind[LINK_KINDS]; /* none: any */
	int kind_count;
};

struct clause {
	char *catalog, *id;
};

struct kind {
	struct place at;
	char *name, *prefix, *title, *plural, *area, *about, *check;
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
	char *name;
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
	enum check_of check_of[CHECKS];
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

#include "mkkind_read.h"

#include "mkkind_check.h"

#include "mkkind_write.h"

static FILE *open_out(const char *dir, const char *name)
{
	char *path = fmt("%s/%s", dir, name);
	FILE *out = fopen(path, "w");

	if (!out)
		die((struct place){path, 0}, "%s", strerror(errno));
	return out;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kind *)a)->name, ((const struct kind *)b)->name);
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
	/* In the order of their names, wherever their files stand. */
	qsort(m->kind, (size_t)m->kind_count, sizeof *m->kind, by_name);
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
