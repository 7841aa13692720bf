/* The order of the tables, the resolution of links, and the writing in the order of time. */
#include "base/json.h"

#include "demo/demo_in.h"
#include "ident/ident.h"

struct table {
	str name;
	table_loader *load;
	str who; /* who writes its rows when they do not name anybody; "" is the program */
};

/* In an order in which what a chapter looks up is there. */
static const struct table tables[] = {
	{S_INIT("organization"), table_organization, S_INIT("")},
	{S_INIT("people"), table_people, S_INIT("")},
	{S_INIT("roles"), table_roles, S_INIT("")},
	{S_INIT("context"), table_context, S_INIT("P03")},
	{S_INIT("parties"), table_parties, S_INIT("P03")},
	{S_INIT("suppliers"), table_suppliers, S_INIT("P16")},
	{S_INIT("products"), table_products, S_INIT("P11")},
	{S_INIT("obligations"), table_obligations, S_INIT("P11")},
	{S_INIT("scope"), table_scope, S_INIT("P03")},
	{S_INIT("training"), table_training, S_INIT("P20")},
	{S_INIT("objectives"), table_objectives, S_INIT("P03")},
	{S_INIT("metrics"), table_metrics, S_INIT("P03")},
	{S_INIT("releases"), table_releases, S_INIT("P06")},
	{S_INIT("units"), table_units, S_INIT("P14")},
	{S_INIT("zones"), table_zones, S_INIT("P05")},
	{S_INIT("components"), table_components, S_INIT("P05")},
	{S_INIT("interfaces"), table_interfaces, S_INIT("P05")},
	{S_INIT("assets"), table_assets, S_INIT("P05")},
	{S_INIT("flows"), table_flows, S_INIT("P05")},
	{S_INIT("assumptions"), table_assumptions, S_INIT("P05")},
	{S_INIT("countermeasures"), table_countermeasures, S_INIT("P05")},
	{S_INIT("requirements"), table_requirements, S_INIT("P05")},
	{S_INIT("tests"), table_tests, S_INIT("P19")},
	{S_INIT("criteria"), table_criteria, S_INIT("P03")},
	{S_INIT("hazards"), table_hazards, S_INIT("P13")},
	{S_INIT("risks"), table_risks, S_INIT("P03")},
	{S_INIT("threats"), table_threats, S_INIT("P05")},
	{S_INIT("views"), table_views, S_INIT("P05")},
	{S_INIT("sbom"), table_sbom, S_INIT("P06")},
	{S_INIT("vulnerabilities"), table_vulnerabilities, S_INIT("P08")},
	{S_INIT("anomalies"), table_anomalies, S_INIT("P06")},
	{S_INIT("access"), table_access, S_INIT("P07")},
	{S_INIT("identities"), table_identities, S_INIT("P04")},
	{S_INIT("access_reviews"), table_access_reviews, S_INIT("P03")},
	{S_INIT("agreements"), table_agreements, S_INIT("P16")},
	{S_INIT("documents"), table_documents, S_INIT("P09")},
	{S_INIT("plans"), table_plans, S_INIT("P03")},
	{S_INIT("activities"), table_activities, S_INIT("P03")},
	{S_INIT("milestones"), table_milestones, S_INIT("P03")},
	{S_INIT("nonconformities"), table_nonconformities, S_INIT("P09")},
	{S_INIT("audits"), table_audits, S_INIT("P15")},
	{S_INIT("corrective"), table_corrective, S_INIT("P09")},
	{S_INIT("incident"), table_incident, S_INIT("P02")},
	{S_INIT("events"), table_events, S_INIT("P02")},
	{S_INIT("exercises"), table_exercises, S_INIT("P02")},
	{S_INIT("changes"), table_changes, S_INIT("P06")},
	{S_INIT("reviews"), table_reviews, S_INIT("P03")},
	{S_INIT("communications"), table_communications, S_INIT("P02")},
	{S_INIT("advisories"), table_advisories, S_INIT("P02")},
	{S_INIT("deployments"), table_deployments, S_INIT("P14")},
	{S_INIT("submission"), table_submission, S_INIT("P11")},
	{S_INIT("gaps"), table_gaps, S_INIT("P03")},
};

static const struct table *table_find(str name)
{
	for (isize i = 0; i < COUNT_OF(tables); i++)
		if (str_eq(tables[i].name, name))
			return &tables[i];
	return NULL;
}

static void begin_part(struct loader *l, str name, str who)
{
	assert(l->report->table_count < DEMO_TABLES_MAX);
	l->report->table[l->report->table_count++] = (struct demo_table){.name = name};
	l->table = name;
	l->table_who = who;
	l->name = l->column = S("");
	l->row = l->next_row = NULL;
	on_day(l, DEMO_FIRST_DAY);
	l->who = S("");
	by(l, who);
}

static void read_tables(struct loader *l)
{
	json_each(table, l->tables)
	{
		if (!table_find(table->key))
			FAIL(&l->c->err, ERR_INVALID, "nothing reads the table %.*s",
				STR_ARG(table->key));
	}
	for (isize i = 0; i < COUNT_OF(tables) && !failed(l); i++) {
		l->table = tables[i].name;
		const struct json *rows = table_rows(l, tables[i].name);
		begin_part(l, tables[i].name, tables[i].who);
		l->next_row = rows ? rows->first : NULL;
		tables[i].load(l);
		if (!failed(l) && (l->row || l->next_row))
			bad_cell(l, "not every row was read");
	}
}

/* ---- references ---- */

static bool kind_fits(const struct field *f, const struct kind *k)
{
	for (int i = 0; i < f->ref_count; i++)
		if (f->refs[i] == k->id)
			return true;
	return f->ref_count == 0;
}

/* Recurses once, into the columns of rows. */
static void check_refs(
	struct loader *l, const struct rec *rec, const void *base, const struct field *f)
{
	if (kind_is_empty(base, f))
		return;
	if (f->type == FIELD_ROWS) {
		const struct any_rows *rows = kind_slot(base, f);
		for (isize i = 0; i < rows->count; i++)
			for (int n = 0; n < f->col_count; n++)
				check_refs(l, rec, (const char *)rows->item + i * f->row_size,
					&f->col[n]);
	}
	if (f->type != FIELD_REF)
		return;
	str ref = *(const str *)kind_slot(base, f);
	const struct draft *d = find(l, ref);
	if (!d || !kind_fits(f, d->rec->kind))
		FAIL(&l->c->err, ERR_INVALID, "%.*s, field %.*s: %s %.*s", STR_ARG(rec->ref),
			STR_ARG(f->name), d ? "no place for a record like" : "there is no record",
			STR_ARG(ref));
}

static void check_all_refs(struct loader *l)
{
	for (isize i = 0; i < l->step_count; i++) {
		const struct rec *rec = l->step[i].type == STEP_PUT ? l->step[i].rec : NULL;
		for (int n = 0; rec && n < rec->kind->field_count; n++)
			check_refs(l, rec, rec, &rec->kind->field[n]);
	}
}

/* ---- order ---- */

/* Puts the step after those that create, at the same time, what its record refers to. */
static bool order_step(struct loader *l, struct step *s)
{
	bool moved = false;

	for (int i = 0; i < s->rec->kind->field_count; i++) {
		const struct field *f = &s->rec->kind->field[i];
		if (f->type != FIELD_REF || kind_is_empty(s->rec, f))
			continue;
		const struct draft *to = find(l, *(const str *)kind_slot(s->rec, f));
		const struct step *other = to->create;
		if (other->at_us > s->at_us)
			FAIL(&l->c->err, ERR_INVALID, "%.*s, field %.*s: %.*s was made later",
				STR_ARG(s->rec->ref), STR_ARG(f->name), STR_ARG(to->rec->ref));
		if (to == s->of || other->at_us != s->at_us || other->rank < s->rank)
			continue;
		s->rank = other->rank + 1;
		moved = true;
	}
	return moved;
}

/* So the store never waits for a record, for which it would look through all tables. */
static void order_steps(struct loader *l)
{
	enum { PASSES_MAX = 32 };
	bool moved = true;

	for (int pass = 0; moved && pass < PASSES_MAX && !failed(l); pass++) {
		moved = false;
		for (isize i = 0; i < l->step_count; i++)
			if (l->step[i].type == STEP_PUT && order_step(l, &l->step[i]))
				moved = true;
	}
}

/* ---- links ---- */

enum { SEEN_SIZE = 2 * STEPS_MAX };

/* Whether the link was planned before: the tables show some from both ends. */
static bool seen_before(const struct step **seen, const struct step *s)
{
	uint64_t hash = str_hash_fixed(s->of->rec->ref) * 31 + str_hash_fixed(s->link) * 7 +
		str_hash_fixed(s->to);
	isize i = (isize)(hash % SEEN_SIZE);

	for (; seen[i]; i = (i + 1) % SEEN_SIZE)
		if (seen[i]->of == s->of && str_eq(seen[i]->link, s->link) &&
			str_eq(seen[i]->to, s->to))
			return true;
	seen[i] = s;
	return false;
}

/* Whether the kinds declare such a link. */
static bool declared(const struct kind *from, str type, const struct kind *to)
{
	for (int i = 0; i < from->link_count; i++) {
		const struct linktype *t = &from->link[i];
		if (!t->outgoing || !str_eq(t->type, type))
			continue;
		for (int n = 0; n < t->kind_count; n++)
			if (t->kinds[n] == to->id)
				return true;
		if (t->kind_count == 0)
			return true;
	}
	return false;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A link is made when both ends are there, and confirmed again after the last change of one: what
   changed was looked at by who changed it. */
static void plan_link(
	struct loader *l, const struct step **seen, const struct pending *p, str from, str to)
{
	struct draft *a = find(l, from), *b = find(l, to);
	struct step *s = &l->step[l->step_count];

	l->table = p->table;
	l->name = p->row;
	l->column = p->column;
	if (!a || !b) {
		bad_cell(l, "there is no record %.*s", STR_ARG(a ? to : from));
		return;
	}
	if (!declared(a->rec->kind, p->type, b->rec->kind)) {
		bad_cell(l, "a %.*s has no link \"%.*s\" to a %.*s", STR_ARG(a->rec->kind->name),
			STR_ARG(p->type), STR_ARG(b->rec->kind->name));
		return;
	}
	if (l->step_count + 2 > STEPS_MAX) {
		FAIL(&l->c->err, ERR_LIMIT, "the example has more than %d steps", STEPS_MAX);
		return;
	}
	*s = (struct step){.type = STEP_LINK,
		.of = a,
		.link = p->type,
		.to = b->rec->ref,
		.note = p->note,
		.who = p->who,
		.why = S(""),
		.order = l->step_count,
		.rank = RANK_LINK};
	if (seen_before(seen, s))
		return;
	s->at_us = later(p->at_us, later(a->create->at_us, b->create->at_us));
	l->step_count++;
	l->report->table[p->report].links++;
	l->report->links++;
	int64_t last = later(a->last->at_us, b->last->at_us);
	if (last > s->at_us) {
		l->step[l->step_count] = *s;
		l->step[l->step_count].type = STEP_CONFIRM;
		l->step[l->step_count].at_us = last;
		l->step[l->step_count].order = l->step_count;
		l->step_count++;
	}
}

static void plan_links(struct loader *l)
{
	const struct step **seen = NEW(l->c->arena, const struct step *, SEEN_SIZE);

	for (isize i = 0; i < l->pending_count && !failed(l); i++) {
		struct pending *p = &l->pending[i];
		if (!p->is_cell) {
			plan_link(l, seen, p, p->from, p->to);
			continue;
		}
		struct cell_refs refs = cell_refs(l->c->arena, p->to);
		p->note = cell_none(p->to) ? S("") : refs.note;
		for (isize n = 0; n < refs.count; n++)
			plan_link(l, seen, p, p->is_reversed ? refs.ref[n] : p->from,
				p->is_reversed ? p->from : refs.ref[n]);
	}
}

/* ---- writing ---- */

static int by_time(const void *one, const void *two)
{
	const struct step *a = one, *b = two;

	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	return a->order < b->order ? -1 : 1;
}

static void act_as(struct loader *l, const struct who *program, str person)
{
	const struct draft *d = person.n ? find(l, person) : NULL;

	l->c->who = *program;
	if (d && d->stored) {
		l->c->who.ref = d->stored->ref;
		l->c->who.name = d->stored->title;
		l->c->who.actor = ident_actor(
			l->c->arena, (str){(const char *)d->stored->id.b, sizeof d->stored->id.b});
	}
}

static bool put(struct loader *l, struct step *s)
{
	struct rec *rec = s->rec, *was = s->of->stored;
	const char *what = "create";

	if (was) {
		rec->id = was->id;
		rec->rev = was->rev;
		what = was->state == rec->state ? "update" : "move";
	}
	s->of->stored = rec;
	l->report->revisions++;
	l->report->records += was == NULL;
	return kind_put(l->c, rec, str_fmt(l->c->arena, "%.*s.%s", STR_ARG(rec->kind->name), what));
}

/* Where what changed of an end was content; a state alone leaves the link as it was. */
static bool confirm(struct call *c, const struct step *s)
{
	c->reason = S("confirmed after the change of an end");
	if (link_confirm(c, s->of->rec->ref, s->link, s->to, c->now_us))
		return true;
	bool is_nothing = c->err.code == ERR_CONFLICT;
	if (is_nothing)
		err_clear(&c->err);
	return is_nothing;
}

static bool write_step(struct loader *l, struct step *s)
{
	struct call *c = l->c;

	c->now_us = later(c->now_us, s->at_us);
	c->reason = s->why;
	switch (s->type) {
	case STEP_PUT:
		return put(l, s);
	case STEP_SIGN:
		l->report->signatures++;
		return kind_sign(c, s->of->stored, s->meaning);
	case STEP_CONFIRM:
		return confirm(c, s);
	case STEP_LINK:
		return link_add(c, s->of->rec->ref, s->link, s->to, s->note);
	}
	assert(false && "step");
	return false;
}

/* What the engine says about a record does not name it. */
static bool blame(struct loader *l, const struct step *s)
{
	const struct issue *i = l->c->err.issues;
	struct err *e = &l->c->err;
	str text = str_dup(l->c->arena, i ? i->text : err_text(e));
	str field = i ? i->field : S("");
	enum err_code code = e->code;

	err_clear(e);
	if (s->type == STEP_PUT || s->type == STEP_SIGN)
		return FAIL(e, code, "%.*s, field %.*s: %.*s", STR_ARG(s->of->rec->ref),
			STR_ARG(field), STR_ARG(text));
	return FAIL(e, code, "link %.*s %.*s %.*s: %.*s", STR_ARG(s->of->rec->ref),
		STR_ARG(s->link), STR_ARG(s->to), STR_ARG(text));
}

static bool write_steps(struct loader *l)
{
	struct call *c = l->c;
	struct who program = c->who;
	str reason = c->reason;
	bool ok = true;

	qsort(l->step, (size_t)l->step_count, sizeof *l->step, by_time);
	for (isize i = 0; i < l->step_count && ok; i++) {
		/* What one step needs is given up before the next. */
		struct arena_mark mark = arena_here(c->arena);
		act_as(l, &program, l->step[i].who);
		ok = write_step(l, &l->step[i]);
		if (!ok)
			blame(l, &l->step[i]);
		else
			arena_rewind(c->arena, mark);
	}
	c->who = program;
	c->reason = reason;
	return ok;
}

/* ---- the whole ---- */

/* Frameworks that the store has already count as there from the start. */
static void adopt_frameworks(struct loader *l)
{
	struct query q = {.limit = 200};
	struct list list;

	if (!kind_list(l->c, &kinds[KIND_FRAMEWORK], &q, &list))
		return;
	for (isize i = 0; i < list.count; i++)
		adopt(l, list.item[i]);
}

/* `create` and `last` of the drafts point into the array of steps, which the sorting moves: nothing
   may use them afterwards. */
static bool load_all(struct loader *l, const struct json *extra)
{
	begin_part(l, S("extra"), S("P03"));
	adopt_frameworks(l);
	extra_records(l, extra);
	read_tables(l);
	begin_part(l, S("fleet"), S("R-SVC"));
	if (!failed(l))
		fleet_complete(l);
	begin_part(l, S("extra values"), S("P03"));
	if (!failed(l))
		extra_values(l, extra);
	if (!failed(l))
		check_all_refs(l);
	if (!failed(l))
		order_steps(l);
	if (!failed(l))
		plan_links(l);
	return !failed(l) && write_steps(l);
}

bool demo_load(struct call *c, const struct demo_files *files, struct demo_report *out)
{
	struct loader l = {.c = c, .report = out};
	const struct json *extra;

	assert(c->who.is_system && c->ledger);
	c->who.is_loader = true;
	*out = (struct demo_report){0};
	l.tables = json_parse(c->arena, &c->err, files->tables);
	extra = json_parse(c->arena, &c->err, files->extra);
	if (!l.tables || !extra)
		return false;
	l.index = NEW(c->arena, struct draft *, DRAFT_INDEX);
	l.draft = NEW(c->arena, struct draft *, DRAFTS_MAX);
	l.step = NEW(c->arena, struct step, STEPS_MAX);
	l.pending = NEW(c->arena, struct pending, PENDING_MAX);
	if (!load_all(&l, extra))
		return false;
	c->who.is_loader = false;
	c->now_us = later(c->now_us, DEMO_LAST_DAY * DAY_US + 18 * INT64_C(3600000000));
	return true;
}
