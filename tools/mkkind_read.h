/* The part of mkkind that reads; mkkind.c includes it. */

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

/* Words of C, and names that base.h takes away. */
static const char *const c_keywords[] = {"auto", "break", "case", "char", "const", "continue",
	"default", "do", "double", "else", "enum", "extern", "float", "for", "goto", "if", "inline",
	"int", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static",
	"struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "asm",
	"bool", "true", "false", "typeof", "str", "isize", "free", "malloc", "popen", "rand",
	"system"};

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

static void add_check(struct model *m, struct place at, char *name, enum check_of of)
{
	check_name(at, name, "function");
	for (int i = 0; i < m->check_count; i++) {
		if (!same(m->check[i], name))
			continue;
		if (m->check_of[i] != of)
			die(at, "%s cannot check both a field and a move", name);
		return;
	}
	if (m->check_count == CHECKS)
		die(at, "more than %d check functions", CHECKS);
	m->check[m->check_count] = name;
	m->check_of[m->check_count++] = of;
}

static struct right *add_right(struct model *m, struct place at, char *name)
{
	if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz_.")])
		die(at, "right \"%s\" must be lower-case letters, _ and .", name);
	for (int i = 0; i < m->right_count; i++)
		if (same(m->right[i].name, name))
			return &m->right[i];
	if (m->right_count == RIGHTS)
		die(at, "more than %d rights", RIGHTS);
	m->right[m->right_count] = (struct right){name};
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
		die(l->at,
			f->type == ENUM || f->type == REF ? "%s needs a name after a colon"
							  : "%s takes nothing after a colon",
			text);
	if (f->type == ENUM)
		f->set = arg;
	if (f->type == REF && !same(arg, "any"))
		f->ref_count = split(l->at, arg, "|", f->ref, REFS);
}

/* A word that stands alone. */
static bool read_flag(struct field *f, const char *w)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {{"required", &f->required}, {"list", &f->in_list}, {"secret", &f->secret},
		{"free", &f->free}, {"tree", f->type == REF ? &f->tree : NULL}};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (same(w, flags[i].word) && flags[i].flag) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

static void read_attribute(struct model *m, struct line *l, struct field *f, char *w)
{
	if (read_flag(f, w))
		return;
	if (!strncmp(w, "append=", 7) && f->type == ROWS)
		f->append = w + 7;
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
		add_check(m, l->at, f->check, OF_FIELD);
	} else if (!strncmp(w, "names=", 6) && f->type == WORDLIST)
		f->ref_count = split(l->at, w + 6, "|", f->ref, REFS);
	else
		die(l->at, "\"%s\" is not known here", w);
}

/* The words after the type, required, max=200, label "..." and so on; they must suit it. */
static void read_attributes(struct model *m, struct line *l, struct field *f)
{
	for (char *w; (w = next(l));)
		read_attribute(m, l, f, w);
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

/* What forms, addresses and answers call something else.  "reason" was taken before it was one:
   there the reason of a change is "why". */
static void check_reserved(const struct line *l, const char *name)
{
	static const char *const taken[] = {
		"why", "rev", "base", "ref", "id", "by", "state", "csrf", "links"};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (same(name, taken[i]))
			die(l->at, "the pages and the API say something else with the name %s",
				name);
}

static void read_field(struct model *m, struct kind *k, struct line *l, bool is_rows)
{
	struct field *f = &k->field[k->field_count];

	if (k->field_count == FIELDS)
		die(l->at, "%s has more than %d fields", k->name, FIELDS);
	f->at = l->at;
	f->name = need_name(l, "the field's name");
	check_reserved(l, f->name);
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

/* What the engine holds in a state: kind/approval.c, kind/finished.c. */
static void read_state_rule(struct state *s, char *w, const struct line *l)
{
	if (same(w, "sealed"))
		s->sealed = true;
	else if (same(w, "disposed"))
		s->disposed = true;
	else if (same(w, "finished"))
		s->finished = true;
	else if (!strncmp(w, "pending=", 8))
		s->pending = w + 8;
	else if (!strncmp(w, "open=", 5))
		s->open_count = split(l->at, w + 5, ",", s->open, OPENS);
	else
		die(l->at, "\"%s\" is not known here", w);
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
	k->state[i].at = l->at;
	for (char *w; (w = next(l));) {
		if (same(w, "label"))
			k->state[i].label = need_quoted(l, "the label");
		else if (same(w, "in_force"))
			k->state[i].in_force = true;
		else if (same(w, "end"))
			k->state[i].end = true;
		else
			read_state_rule(&k->state[i], w, l);
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
	if (v->has_line)
		die(l->at, "this move is declared twice, first in line %d", v->at.line);
	v->at = l->at;
	v->has_line = true;
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
			v->require_count =
				split(l->at, need(l, "the fields"), ",", v->require, REQUIRES);
		else if (!strncmp(w, "check=", 6)) {
			v->guard = w + 6;
			add_check(m, l->at, v->guard, OF_MOVE);
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
	w = next(l);
	t->tree = w && same(w, "tree");
	if (t->tree)
		w = next(l);
	if (w)
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

static bool is_area(const char *name)
{
	for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
		if (same(name, areas[i]))
			return true;
	return false;
}

static void read_head_words(struct model *m, struct kind *k, struct line *l)
{
	for (char *w; (w = next(l));) {
		if (same(w, "prefix"))
			k->prefix = need(l, "the prefix");
		else if (same(w, "title"))
			k->title = need_quoted(l, "the title");
		else if (same(w, "plural"))
			k->plural = need_quoted(l, "the plural");
		else if (same(w, "area"))
			k->area = need(l, "the area");
		else if (!strncmp(w, "check=", 6)) {
			k->check = w + 6;
			add_check(m, l->at, k->check, OF_KIND);
		} else
			die(l->at, "\"%s\" is not known here", w);
	}
	if (!k->prefix || !k->title || !k->plural || !k->area)
		die(l->at, "a kind needs prefix, title, plural and area");
}

static struct kind *read_head(struct model *m, struct line *l)
{
	struct kind *k = &m->kind[m->kind_count];

	if (m->kind_count == KINDS)
		die(l->at, "more than %d kinds", KINDS);
	k->at = l->at;
	k->name = need_name(l, "the kind's name");
	if (is_keyword(k->name))
		die(l->at, "%s is a word of C and cannot name a kind", k->name);
	read_head_words(m, k, l);
	if (k->prefix[strspn(k->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		die(l->at, "prefix %s must be capital letters", k->prefix);
	for (int i = 0; i < m->kind_count; i++) {
		if (same(m->kind[i].name, k->name))
			die(l->at, "kind %s is declared twice, first in %s", k->name,
				m->kind[i].at.file);
		if (same(m->kind[i].prefix, k->prefix))
			die(l->at, "prefix %s is that of %s too", k->prefix, m->kind[i].name);
	}
	if (!is_area(k->area))
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
	char *w = need(l, "right"), *name;
	int before = m->right_count;

	if (!same(w, "right"))
		die(l->at, "\"%s\" is not known here", w);
	name = need(l, "the right");
	add_right(m, l->at, name);
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

/* The line that begins a kind or the envelope. */
static struct kind *read_begin(struct model *m, struct line *l, const char *about)
{
	char *word = next(l);
	struct kind *k = &m->envelope;

	if (same(word, "kind"))
		k = read_head(m, l);
	else if (!same(word, "envelope"))
		die(l->at, "a kind must begin with \"kind\"");
	if (k == &m->envelope && !k->name) {
		k->name = strdup("envelope");
		k->at = l->at;
	}
	if (!k->about)
		k->about = strdup(about ? about : "");
	return k;
}

/* The next line of the file, without its end; false behind the last. */
static bool read_line(FILE *in, char text[LINE_BYTES + 2], struct place *at)
{
	if (!fgets(text, LINE_BYTES + 2, in))
		return false;
	at->line++;
	size_t n = strlen(text);
	if (n && text[n - 1] == '\n')
		text[n - 1] = 0;
	else if (n > LINE_BYTES)
		die(*at, "the line is longer than %d bytes", LINE_BYTES);
	return true;
}

/* What a file of one kind must have said at its end. */
static void check_whole(const struct model *m, struct place at, const struct kind *k)
{
	if (!k)
		die(at, "the file declares nothing");
	if (k == &m->envelope)
		return;
	if (!*k->about)
		die(k->at, "kind %s does not say in a first comment what it is", k->name);
	if (!k->state_count)
		die(k->at, "kind %s has no flow", k->name);
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
	while (read_line(in, text, &at)) {
		struct line l = {at, text};

		if (text[0] == '#' && !about)
			about = about_of(text);
		l.p += strspn(l.p, " \t");
		if (!*l.p || *l.p == '#')
			continue;
		if (same(end, ".enum"))
			read_enum_line(m, &l, l.p > text);
		else if (same(end, ".def"))
			read_right_line(m, &l);
		else if (k)
			read_kind_line(m, k, next(&l), &l);
		else
			k = read_begin(m, &l, about);
	}
	fclose(in);
	if (same(end, ".kind"))
		check_whole(m, at, k);
}
