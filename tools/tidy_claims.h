/*
 * The part of tidy about what is claimed; tidy.c includes it.  Each row of doc/claims.md names a
 * sentence that stands, a mechanism and a test that are there; and of the parts of README.md and
 * SECURITY.md that say what Ward does, each sentence has a row or leads to where more is said.
 */

static const char claims_file[] = "doc/claims.md";
enum { CLAIMS_MAX = 200 };
static char claims[CLAIMS_MAX][300];
static int claim_count;

/* A file of words as one line, because a claim may run over its end; others as they are. */
static char *words_of(const char *file)
{
	static char whole[SOURCE_MAX];
	FILE *f = fopen(file, "rb");
	size_t n = f ? fread(whole, 1, sizeof whole - 1, f) : 0;

	if (!f)
		return NULL;
	fclose(f);
	whole[n] = 0;
	for (size_t i = 0; i < n && ends(file, ".md"); i++)
		if (whole[i] == '\n') {
			size_t blanks = strspn(whole + i + 1, " ");
			memmove(whole + i + 1, whole + i + 1 + blanks, strlen(whole + i + blanks));
			whole[i] = ' ';
		}
	return whole;
}

static bool file_holds(const char *file, const char *what)
{
	const char *words = words_of(file);

	return words && strstr(words, what);
}

/* The text between backticks in a cell, one after the other. */
static bool next_quoted(const char **s, char *out, size_t room)
{
	const char *from = strchr(*s, '`'), *to = from ? strchr(from + 1, '`') : NULL;

	if (!to)
		return false;
	snprintf(out, room, "%.*s", (int)(to - from - 1), from + 1);
	*s = to + 1;
	return true;
}

/* "test/unit/test_x.c: name of the test" */
static void check_claim_test(int line, char *test)
{
	char *name = strstr(test, ": "), call[300];

	if (!name || !starts(test, "test/")) {
		found(claims_file, line, "\"%s\" is not test/FILE: NAME", test);
		return;
	}
	*name = 0;
	name += 2;
	/* In C a function; else a text in quotes of one of three kinds. */
	const char *quote = ends(test, ".c") ? "(" : "\"'`";
	bool is_there = false;
	for (; *name && *quote && !is_there; quote++) {
		snprintf(call, sizeof call, *quote == '(' ? "TEST(%s," : "%2$c%1$s%2$c", name,
			*quote);
		is_there = file_holds(test, call);
	}
	if (!is_there)
		found(claims_file, line, "%s has no test \"%s\"", test, name);
}

/* | claim | mechanism | test | */
static void check_claim(int line, char *row)
{
	char *cell[3], word[300];
	int tests = 0, mechanisms = 0;

	for (int i = 0; i < 3; i++) {
		cell[i] = row + strspn(row, "| ");
		row = strstr(cell[i], " |");
		if (!row) {
			found(claims_file, line, "a row of less than three cells");
			return;
		}
		*row++ = 0;
	}
	if (claim_count < CLAIMS_MAX)
		snprintf(claims[claim_count++], sizeof claims[0], "%s", cell[0]);
	if (!file_holds("README.md", cell[0]) && !file_holds("SECURITY.md", cell[0]))
		found(claims_file, line, "\"%s\" stands neither in README.md nor in SECURITY.md",
			cell[0]);
	for (const char *s = cell[1]; next_quoted(&s, word, sizeof word); mechanisms++)
		if (!file_holds(word, ""))
			found(claims_file, line, "there is no %s", word);
	for (const char *s = cell[2]; next_quoted(&s, word, sizeof word); tests++)
		check_claim_test(line, word);
	if (!tests || !mechanisms)
		found(claims_file, line, "a claim without its mechanism or its test");
}

/* Where what is claimed stands; of these parts each sentence has a row, or leads elsewhere. */
static const struct {
	const char *file, *begins, *ends;
} claiming[] = {{"README.md", "## What it does ", " ## "}, {"README.md", "## Install ", " ## "},
	{"README.md", "## Security model ", " ## "},
	{"SECURITY.md", "## What Ward protects, and how ", " ## "}};
/* Is some of what lies between the two in a claim? */
static bool is_claimed(const char *part, const char *from, const char *to)
{
	for (int i = 0; i < claim_count; i++)
		for (const char *at = strstr(part, claims[i]); at; at = strstr(at + 1, claims[i]))
			if (at < to && at + strlen(claims[i]) > from)
				return true;
	return false;
}

static bool has_letters(const char *from, const char *to)
{
	while (from < to && !islower((unsigned char)*from))
		from++;
	return from < to;
}

static const char *sentence_end(const char *s)
{
	while (*s && !((*s == '.' || *s == ';') && (s[1] == ' ' || s[1] == 0)))
		s++;
	return *s ? s + 1 : s;
}

static void check_sentences(const char *file, const char *begins, const char *ends_with)
{
	char *words = words_of(file), *part = words ? strstr(words, begins) : NULL;

	if (!part) {
		found(claims_file, 1, "%s has no \"%s\"", file, begins);
		return;
	}
	part += strlen(begins);
	char *end = strstr(part, ends_with);
	if (end)
		*end = 0;
	for (const char *s = part, *to; *s; s = to) {
		to = sentence_end(s);
		s += strspn(s, " ");
		const char *link = strstr(s, "](");
		if ((!link || link >= to) && has_letters(s, to) && !is_claimed(part, s, to))
			found(claims_file, 1, "%s: no row holds \"%.*s\"", file, (int)(to - s), s);
	}
}

static void check_claims(void)
{
	char row[2000];
	FILE *f = fopen(claims_file, "rb");
	int line = 0, rows = 0;

	while (f && fgets(row, sizeof row, f)) {
		line++;
		row[strcspn(row, "\n")] = 0;
		if (!starts(row, "| ") || starts(row, "| claim |") || starts(row, "| ---"))
			continue;
		check_claim(line, row);
		rows++;
	}
	if (f)
		fclose(f);
	if (!rows)
		found(claims_file, 1, "no claim is seen here: the check of claims is dead");
	for (size_t i = 0; i < sizeof claiming / sizeof *claiming; i++)
		check_sentences(claiming[i].file, claiming[i].begins, claiming[i].ends);
}
