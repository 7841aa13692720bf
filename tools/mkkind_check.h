/* The part of mkkind that judges what all files say together; mkkind.c includes it. */

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
		f->free |= of && of->free;
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

/* A table that only grows has a column for when each row was recorded. */
static void check_append(const struct field *f)
{
	bool is_time = !f->append;

	for (int i = 0; f->append && i < f->col_count; i++)
		is_time |= same(f->col[i].name, f->append) && f->col[i].type == TIME;
	if (!is_time)
		die(f->at, "rows %s has no time %s", f->name, f->append);
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
	check_append(f);
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
				die(t->at,
					"link %s is declared on one end only: %s has no "
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

/* A move that somebody with a right of its own makes, or a second person, or with a signature. */
static bool is_approving(const struct move *v)
{
	return v->second_person || v->meaning || v->right;
}

/* Whether a second person or a signature leads to the state. */
static bool is_approved(const struct kind *k, int to)
{
	for (int i = 0; i < k->move_count; i++)
		if (k->move[i].to == to && (k->move[i].second_person || k->move[i].meaning))
			return true;
	return false;
}

/* The states that moves lead to from `from`, as bits; without those that approve when asked. */
static unsigned reached_from(const struct kind *k, int from, bool unapproved)
{
	unsigned reached = 1u << from, before = 0;

	while (reached != before) {
		before = reached;
		for (int i = 0; i < k->move_count; i++)
			if (reached >> k->move[i].from & 1 &&
				!(unapproved && is_approving(&k->move[i])))
				reached |= 1u << k->move[i].to;
	}
	return reached;
}

/* Where a pending revision of the state begins, from where it must come back into force, and not
   without the approval that others need. */
static void check_pending(struct kind *k, int at)
{
	const struct state *s = &k->state[at];
	int from = find_state(k, s->pending);

	if (from < 0)
		die(s->at, "%s has no state %s", k->name, s->pending);
	if (k->state[from].in_force || k->state[from].pending)
		die(s->at, "a pending revision cannot begin in %s, which is held itself",
			s->pending);
	unsigned all = reached_from(k, from, false), alone = reached_from(k, from, true);
	bool comes_back = all >> at & 1;
	for (int i = 0; i < k->state_count; i++) {
		bool holds = k->state[i].in_force && k->state[i].pending;
		comes_back |= holds && (all >> i & 1);
		if (holds && (alone >> i & 1))
			die(s->at, "a pending revision would reach %s without an approval",
				k->state[i].name);
	}
	if (!comes_back)
		die(s->at, "a pending revision that begins in %s never comes into force",
			s->pending);
}

/* An approval is of content, so the declaration says what becomes of content that was approved. */
static void check_approved(const struct kind *k, int to)
{
	const struct state *s = &k->state[to];

	if (is_approved(k, to) && !s->sealed && !s->pending && !s->end)
		die(s->at.line ? s->at : k->at,
			"state %s of %s is approved: say pending= or sealed", s->name, k->name);
	if (s->pending && s->sealed)
		die(s->at, "state %s is sealed: nothing is pending beside it", s->name);
	if (s->open_count && !s->pending && !s->sealed)
		die(s->at, "state %s holds nothing: all fields are open", s->name);
	if (s->finished && s->end)
		die(s->at, "state %s ends: it is finished anyhow", s->name);
}

/* A promise of the declaration needs what keeps it: an approval on the way back into force, and the
   legal hold wherever something is got rid of. */
static void check_state_rules(struct kind *k, int i)
{
	static const char *const gone[] = {
		"disposed", "destroyed", "erased", "scrapped", "shredded"};
	const struct state *s = &k->state[i];

	check_approved(k, i);
	for (int n = 0; n < s->open_count; n++)
		if (!find_field(k, s->open[n]))
			die(s->at, "%s has no field %s", k->name, s->open[n]);
	if (s->pending)
		check_pending(k, i);
	for (size_t n = 0; n < sizeof gone / sizeof *gone; n++)
		if (same(s->name, gone[n]) && !s->disposed)
			die(k->at, "state %s needs \"disposed\": a legal hold forbids it", s->name);
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
			add_right(m, v->at, v->right);
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
	for (int i = 0; i < k->state_count; i++)
		check_state_rules(k, i);
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
			claim(m, m->set[i].at,
				fmt("%s_%s", upper(m->set[i].name), upper(m->set[i].word[j])));
	for (int i = 0; i < m->kind_count; i++) {
		struct kind *k = &m->kind[i];

		claim(m, k->at, fmt("KIND_%s", upper(k->name)));
		claim(m, k->at, k->name);
		for (int j = 0; j < k->state_count; j++)
			claim(m, k->at,
				fmt("%s_STATE_%s", upper(k->name), upper(k->state[j].name)));
		for (int j = 0; j < k->field_count; j++) {
			claim(m, k->field[j].at,
				fmt("%s_F_%s", upper(k->name), upper(k->field[j].name)));
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
		add_right(m, k->at, fmt("%s.read", k->name));
		add_right(m, k->at, fmt("%s.write", k->name));
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
