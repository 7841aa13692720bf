/* The part of mkkind that writes; mkkind.c includes it. */

/* ---- kinds.h ---- */

/* kind.h has a struct change, err.h a struct issue: the structs of those kinds end in _. */
static const char *tag_of(const char *name)
{
	return same(name, "change") || same(name, "issue") ? fmt("%s_", name) : name;
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
	fprintf(h,
		"/* Written by mkkind from kinds/; change those. */\n#ifndef KINDS_H\n"
		"#define KINDS_H\n#include \"kind/kind.h\"\n\nenum kind_id {\n");
	for (int i = 0; i < m->kind_count; i++)
		fprintf(h, "\tKIND_%s,\n", upper(m->kind[i].name));
	fprintf(h, "\tKIND_COUNT\n};\n\nenum right {\n\tCAN_NOTHING,\n");
	for (int i = 0; i < m->right_count; i++)
		fprintf(h, "\tCAN_%s,\n", upper(m->right[i].name));
	fprintf(h,
		"\tRIGHT_COUNT\n};\nstruct right_info {\n\tstr name;\n};\n"
		"/* By enum right; the first is not a right. */\n"
		"extern const struct right_info rights[RIGHT_COUNT];\n\n"
		"/* Functions that declarations name. */\n");
	for (int i = 0; i < m->check_count; i++)
		fprintf(h, "%s %s;\n",
			(const char *[]){"field_check", "move_guard", "kind_guard"}[m->check_of[i]],
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
	const char *limit[TYPES] = {[TEXT] = "LIMIT_TEXT",
		[PROSE] = "LIMIT_PROSE",
		[INT] = "1000000000",
		[WORDLIST] = "100",
		[ROWS] = "LIMIT_ROWS"};

	if (f->has_min)
		fprintf(c, ".min = %" PRId64 ", ", f->min);
	if (f->has_max)
		fprintf(c, ".max = %" PRId64 ", ", f->max);
	else if (limit[f->type])
		fprintf(c, ".max = %s, ", limit[f->type]);
}

/* One descriptor; `owner` names the struct, `path` begins the names of tables beside it. */
/* What the engine holds of a field: kind/hierarchy.c, kind/append.c. */
static void put_rules(FILE *c, const struct field *f)
{
	if (f->tree)
		fprintf(c, ".is_tree = true, ");
	for (int i = 0; f->append && i < f->col_count; i++)
		if (same(f->col[i].name, f->append))
			fprintf(c, ".append = %d, ", i + 1);
}

static void put_field(FILE *c, const struct field *f, const char *owner, const char *path)
{
	fprintf(c, "\t{");
	put_text(c, "name", f->name);
	put_text(c, "label", f->label);
	put_text(c, "help", f->help);
	put_text(c, "unit", f->unit);
	fprintf(c, ".type = FIELD_%s, ", upper(type_names[f->type]));
	fprintf(c, "%s%s%s%s%s", f->required ? ".required = true, " : "",
		f->secret ? ".secret = true, " : "", f->in_list ? ".in_list = true, " : "",
		f->free ? ".is_free = true, " : "", f->is_envelope ? ".is_envelope = true, " : "");
	put_limits(c, f);
	if (f->set)
		fprintf(c, ".set = &set_%s, ", f->set);
	if (f->ref_count)
		fprintf(c, ".refs = %s_%s_refs, .ref_count = %d, ", path, f->name, f->ref_count);
	if (f->type == ROWS)
		fprintf(c,
			".col = %s_%s_cols, .col_count = %d, "
			".row_size = (isize)sizeof(struct %s_%s), ",
			path, f->name, f->col_count, path, f->name);
	put_rules(c, f);
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

/* The fields of a list, by their index. */
static void put_indices(FILE *c, const struct kind *k, char *const *field, int count)
{
	for (int i = 0; i < count; i++)
		fprintf(c, "%s%s_F_%s", i ? ", " : "", upper(k->name), upper(field[i]));
	fprintf(c, "};\n");
}

static void write_flow(FILE *c, const struct kind *k)
{
	for (int i = 0; i < k->state_count; i++) {
		if (!k->state[i].open_count)
			continue;
		fprintf(c, "static const int %s_open_%s[] = {", k->name, k->state[i].name);
		put_indices(c, k, k->state[i].open, k->state[i].open_count);
	}
	fprintf(c, "static const struct state %s_states[] = {\n", k->name);
	for (int i = 0; i < k->state_count; i++) {
		fprintf(c, "\t{");
		put_text(c, "name", k->state[i].name);
		put_text(c, "label", k->state[i].label);
		fprintf(c, ".in_force = %d, .is_end = %d", k->state[i].in_force, k->state[i].end);
		fprintf(c, ", .is_sealed = %d, .is_disposed = %d, .is_finished = %d",
			k->state[i].sealed, k->state[i].disposed, k->state[i].finished);
		if (k->state[i].pending)
			fprintf(c, ", .pending = %d", find_state(k, k->state[i].pending) + 1);
		if (k->state[i].open_count)
			fprintf(c, ", .open = %s_open_%s, .open_count = %d", k->name,
				k->state[i].name, k->state[i].open_count);
		fprintf(c, "},\n");
	}
	fprintf(c, "};\n");
	for (int i = 0; i < k->move_count; i++) {
		const struct move *v = &k->move[i];

		if (!v->require_count)
			continue;
		fprintf(c, "static const int %s_requires_%d[] = {", k->name, i);
		put_indices(c, k, v->require, v->require_count);
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
		fprintf(c, ".outgoing = %d, .is_tree = %d},\n", t->outgoing, t->tree);
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
	fprintf(c,
		"\n\t .field = %s_fields, .field_count = %d, "
		".size = (isize)sizeof(struct %s),\n",
		k->name, k->field_count, tag_of(k->name));
	fprintf(c, "\t .state = %s_states, .state_count = %d, ", k->name, k->state_count);
	if (k->move_count)
		fprintf(c, ".move = %s_moves, .move_count = %d, ", k->name, k->move_count);
	if (k->link_count)
		fprintf(c, "\n\t .link = %s_links, .link_count = %d, ", k->name, k->link_count);
	if (k->clause_count)
		fprintf(c, ".clause = %s_clauses, .clause_count = %d, ", k->name, k->clause_count);
	if (k->check)
		fprintf(c, "\n\t .guard = %s, ", k->check);
	fprintf(c, "\n\t .can_read = CAN_%s_READ, .can_write = CAN_%s_WRITE},\n", upper(k->name),
		upper(k->name));
}

static void write_tables(const struct model *m, FILE *c)
{
	fprintf(c,
		"/* Written by mkkind from kinds/; change those. */\n#include \"kinds.h\"\n\n"
		"const struct right_info rights[RIGHT_COUNT] = {\n"
		"\t{S_INIT(\"\")},\n");
	for (int i = 0; i < m->right_count; i++) {
		fprintf(c, "\t{");
		put_text(c, "name", m->right[i].name);
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
		fprintf(c,
			"};\nstatic const struct wordset set_%s = "
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
			die(at,
				"\"%.*s\" no longer holds: what stores depend on is retired, "
				"never removed or changed",
				(int)strcspn(text, "\n"), text);
	}
	fclose(in);
}
