/*
 * Who sees a record: one answer on every path, and the answer of the table in kind/visible.c.
 *
 * Draws products, people, roles, teams, grants and records, says for each pair of a person and a
 * record what must be, by a rule written here anew, and asks every path: page, old revision, past,
 * history, brief, search, list and count of now and of then, ledger, chains, model.  A failure
 * prints the seed; WARD_VISIBLE_SEED draws the same again.
 */
#include "ident/ident.h"
#include "kind/entry.h"
#include "ledger/ledger.h"
#include "store.h"
#include "threat/model/model.h"
#include "threat/records/records.h"
#include "trace/trace.h"
#include "web/record/list_view.h"

#include <stdlib.h>

enum {
	PRODUCTS = 3,
	PEOPLE = 8,
	ROLES = 4,
	TEAMS = 3,
	GRANTS = 24,
	RECORDS = 240,
	NAMES = 3,
	DOINGS = 80,
	WORK_BYTES = 64 << 20
};

static const int drawn_kinds[] = {KIND_RISK, KIND_MESSAGE, KIND_ELEMENT, KIND_DECISION};

struct drawn_grant {
	int person, role, product; /* product -1: everywhere */
	bool counts;
};
/* One revision's envelope. */
struct drawn_rev {
	str owner, product, name[NAMES];
	int name_count, classification;
	bool is_protected;
	int64_t review_due;
};
struct drawn_record {
	const struct kind *kind;
	str ref, word;
	struct drawn_rev rev[2];
};
struct world {
	uint64_t seed;
	bool may_read[ROLES][COUNT_OF(drawn_kinds)], may_restricted[ROLES], may_ledger[ROLES];
	bool role_counts[ROLES];
	bool in_team[TEAMS][PEOPLE + ROLES];
	struct drawn_grant grant[GRANTS];
	struct drawn_record record[RECORDS];
	int64_t between_us; /* after the first revisions, before the second */
};

static str name_of(struct arena *a, const char *prefix, int i)
{
	return str_fmt(a, "%s%d", prefix, i + 1);
}

static int draw(struct world *w, int n)
{
	return (int)test_random(&w->seed, n);
}

static void put(struct test_case *t, struct call *c, void *record, const char *act)
{
	struct rec *rec = record;

	c->reason = S("drawn");
	if (kind_put(c, rec, str_fmt(c->arena, "%.*s.%s", STR_ARG(rec->kind->name), act)))
		return;
	test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(rec->ref), c->err.text);
	for (const struct issue *i = c->err.issues; i; i = i->next)
		printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	err_clear(&c->err);
}

static void *new_record(struct call *c, int kind, str ref, int state)
{
	struct rec *rec = kind_new(c->arena, &kinds[kind]);

	rec->ref = rec->title = ref;
	rec->state = state;
	return rec;
}

/* ---- drawing ---- */

static void draw_role(struct test_case *t, struct call *c, struct world *w, int i)
{
	struct role *r = new_record(c, KIND_ROLE, name_of(c->arena, "R-", i), ROLE_STATE_EFFECTIVE);

	w->role_counts[i] = i == 0 || draw(w, 5) > 0;
	if (!w->role_counts[i])
		r->rec.state = ROLE_STATE_DRAFT;
	r->rights.item = NEW(c->arena, str, COUNT_OF(drawn_kinds) + 3);
	for (int k = 0; k < COUNT_OF(drawn_kinds); k++) {
		w->may_read[i][k] = i == 0 || draw(w, 4) > 0;
		if (w->may_read[i][k])
			r->rights.item[r->rights.count++] =
				str_fmt(c->arena, "%.*s.read", STR_ARG(kinds[drawn_kinds[k]].name));
	}
	w->may_restricted[i] = draw(w, 3) == 0;
	if (w->may_restricted[i])
		r->rights.item[r->rights.count++] = S("restricted.read");
	w->may_ledger[i] = draw(w, 2) == 0;
	if (w->may_ledger[i])
		r->rights.item[r->rights.count++] = S("ledger.read");
	r->rights.item[r->rights.count++] = S("person.read");
	put(t, c, r, "create");
}

static void draw_team(struct test_case *t, struct call *c, struct world *w, int i)
{
	struct team *x = new_record(c, KIND_TEAM, name_of(c->arena, "TEA-", i), TEAM_STATE_READY);
	int lead = draw(w, PEOPLE), seat = draw(w, PEOPLE + ROLES), other = draw(w, PEOPLE);

	x->lead = name_of(c->arena, "P", lead);
	x->seat.item = NEW(c->arena, struct team_seat, 1);
	x->seat.count = 1;
	x->seat.item[0] = (struct team_seat){.function = S("Seat"),
		.holder = seat < PEOPLE ? name_of(c->arena, "P", seat)
					: name_of(c->arena, "R-", seat - PEOPLE),
		.alternate = name_of(c->arena, "P", other)};
	w->in_team[i][lead] = w->in_team[i][seat] = w->in_team[i][other] = true;
	if (draw(w, 4) == 0) {
		x->rec.state = TEAM_STATE_DISBANDED;
		memset(w->in_team[i], 0, sizeof w->in_team[i]);
	}
	put(t, c, x, "create");
}

/* Not begun, run out, only asked for, revoked: four ways not to count. */
static void draw_grant(struct test_case *t, struct call *c, struct world *w, int i)
{
	struct access_grant *g = new_record(
		c, KIND_ACCESS_GRANT, name_of(c->arena, "GRA-", i), ACCESS_GRANT_STATE_GRANTED);
	struct drawn_grant *d = &w->grant[i];
	int64_t today = day_of_time(c->now_us);
	int why_not = draw(w, 12);

	*d = (struct drawn_grant){
		draw(w, PEOPLE), draw(w, ROLES), draw(w, PRODUCTS + 1) - 1, why_not >= 4};
	g->identity = name_of(c->arena, "P", d->person);
	g->role = name_of(c->arena, "R-", d->role);
	if (d->product >= 0)
		g->scope = name_of(c->arena, "PRD-", d->product);
	g->from = why_not == 0 ? today + 1 : today;
	g->until = why_not == 1 ? today - 1 : draw(w, 2) ? today : DAY_NONE;
	if (why_not == 2)
		g->rec.state = ACCESS_GRANT_STATE_REQUESTED;
	if (why_not == 3)
		g->rec.state = ACCESS_GRANT_STATE_REVOKED;
	if (why_not > 9)
		g->rec.state = ACCESS_GRANT_STATE_REVIEWED;
	put(t, c, g, "create");
}

static str draw_name(struct call *c, struct world *w)
{
	int n = draw(w, PEOPLE + ROLES + TEAMS);

	if (n < PEOPLE)
		return name_of(c->arena, "P", n);
	return n < PEOPLE + ROLES ? name_of(c->arena, "R-", n - PEOPLE)
				  : name_of(c->arena, "TEA-", n - PEOPLE - ROLES);
}

static void draw_envelope(
	struct call *c, struct world *w, const struct kind *k, struct drawn_rev *d)
{
	int owner = draw(w, PEOPLE + ROLES), product = draw(w, PRODUCTS + 2);

	*d = (struct drawn_rev){.owner = owner < PEOPLE ? name_of(c->arena, "P", owner)
							: name_of(c->arena, "R-", owner - PEOPLE),
		.classification = draw(w, 8) < 4 ? CLASSIFICATION_RESTRICTED : draw(w, 4),
		.is_protected = k->id == KIND_MESSAGE && draw(w, 2),
		.name_count = draw(w, NAMES + 1),
		.review_due = draw(w, 2) ? DAY_NONE : day_of_time(c->now_us) + draw(w, 9) - 4};
	if (product < PRODUCTS)
		d->product = name_of(c->arena, "PRD-", product);
	for (int i = 0; i < d->name_count; i++)
		d->name[i] = draw_name(c, w);
}

static void set_envelope(struct rec *rec, struct drawn_rev *d)
{
	rec->owner = d->owner;
	rec->product = d->product;
	rec->classification = d->classification;
	rec->need_to_know = (struct words){d->name, d->name_count};
	rec->review_due = d->review_due;
	if (rec->kind->id == KIND_MESSAGE)
		((struct message *)rec)->is_protected = d->is_protected;
}

static void fill_required(void *record)
{
	struct rec *rec = record;

	if (rec->kind->id == KIND_RISK) {
		((struct risk *)rec)->domain = RISK_DOMAIN_PRODUCT_SECURITY;
		((struct risk *)rec)->details = S("thesecretword");
	} else if (rec->kind->id == KIND_MESSAGE) {
		((struct message *)rec)->direction = 1;
		((struct message *)rec)->type = 1;
	} else if (rec->kind->id == KIND_ELEMENT) {
		((struct element *)rec)->type = 1;
	} else {
		((struct decision *)rec)->type = 1;
	}
}

static void draw_records(struct test_case *t, struct call *c, struct world *w)
{
	struct rec *rec[RECORDS];

	for (int i = 0; i < RECORDS; i++) {
		struct drawn_record *d = &w->record[i];
		d->kind = &kinds[drawn_kinds[draw(w, COUNT_OF(drawn_kinds))]];
		d->word = str_fmt(c->arena, "word%dx", i);
		draw_envelope(c, w, d->kind, &d->rev[0]);
		draw_envelope(c, w, d->kind, &d->rev[1]);
		rec[i] = kind_new(c->arena, d->kind);
		rec[i]->title = d->word;
		fill_required(rec[i]);
		set_envelope(rec[i], &d->rev[0]);
		put(t, c, rec[i], "create");
		d->ref = rec[i]->ref;
	}
	w->between_us = c->now_us += 1000;
	for (int i = 0; i < RECORDS; i++) {
		if (draw(w, 4) == 0) {
			w->record[i].rev[1] = w->record[i].rev[0];
			continue;
		}
		set_envelope(rec[i], &w->record[i].rev[1]);
		put(t, c, rec[i], "update");
	}
}

/* What people did that is about no record, although most of it names one. */
static void draw_doings(struct test_case *t, struct call *c, struct world *w)
{
	static const char *const acts[] = {"session.open", "session.close", "token.make",
		"credential.set", "access.denied", "setup.issue"};
	struct who program = c->who;

	for (int i = 0; i < DOINGS; i++) {
		str person = name_of(c->arena, "P", draw(w, PEOPLE));
		const char *act = acts[draw(w, COUNT_OF(acts))];
		str object = draw(w, 4) ? str_join(c->arena, S("person:"), person) : S("");
		if (str_eq(str_of(act), S("access.denied")))
			object = S("product:PRD-1");
		CHECK(ident_load(c, person));
		c->who.is_system = c->who.is_loader = true;
		CHECK(ledger_append(c,
			&(struct entry){.act = str_of(act),
				.outcome = S("ok"),
				.body = S("{}"),
				.object = object}));
	}
	c->who = program;
}

static void draw_world(struct test_case *t, struct call *c, struct world *w)
{
	const char *given = getenv("WARD_VISIBLE_SEED");

	w->seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_mono();
	printf("# WARD_VISIBLE_SEED=%" PRIu64 "\n", w->seed);
	for (int i = 0; i < PRODUCTS; i++)
		put(t, c, new_record(c, KIND_PRODUCT, name_of(c->arena, "PRD-", i), 0), "create");
	for (int i = 0; i < PEOPLE; i++) {
		struct rec *p = new_record(
			c, KIND_PERSON, name_of(c->arena, "P", i), PERSON_STATE_ACTIVE);
		p->classification = draw(w, 2) ? CLASSIFICATION_RESTRICTED : CLASSIFICATION_PUBLIC;
		put(t, c, p, "create");
	}
	for (int i = 0; i < ROLES; i++)
		draw_role(t, c, w, i);
	for (int i = 0; i < TEAMS; i++)
		draw_team(t, c, w, i);
	for (int i = 0; i < GRANTS; i++)
		draw_grant(t, c, w, i);
	draw_records(t, c, w);
	draw_doings(t, c, w);
	CHECK(store_commit(t, c));
}

/* ---- what must be ---- */

static int product_of(str ref)
{
	return ref.n ? ref.p[ref.n - 1] - '1' : -1;
}

/* Whether the person holds the role for the product (-1: the organization). */
static bool holds(const struct world *w, int person, int role, int product)
{
	for (int i = 0; i < GRANTS; i++) {
		const struct drawn_grant *g = &w->grant[i];
		if (g->counts && w->role_counts[role] && g->person == person && g->role == role &&
			(g->product < 0 || g->product == product))
			return true;
	}
	return false;
}

static bool is_called(const struct world *w, int person, str name, int product)
{
	int n = name.p[name.n - 1] - '1';

	if (name.p[0] == 'P')
		return n == person;
	if (name.p[0] == 'R')
		return holds(w, person, n, product);
	for (int r = 0; r < ROLES; r++)
		if (w->in_team[n][PEOPLE + r] && holds(w, person, r, -1))
			return true;
	return w->in_team[n][person];
}

static bool has_right(const struct world *w, int person, const bool *of_role, int stride,
	int product, bool any_product)
{
	for (int i = 0; i < GRANTS; i++) {
		const struct drawn_grant *g = &w->grant[i];
		if (g->counts && g->person == person && w->role_counts[g->role] &&
			of_role[g->role * stride] &&
			(any_product || g->product < 0 || g->product == product))
			return true;
	}
	return false;
}

static bool is_named(const struct world *w, int person, const struct drawn_rev *d)
{
	int product = product_of(d->product);

	if (is_called(w, person, d->owner, product))
		return true;
	for (int i = 0; i < d->name_count; i++)
		if (is_called(w, person, d->name[i], product))
			return true;
	return false;
}

static bool must_know(const struct world *w, int person, const struct drawn_rev *d)
{
	return is_named(w, person, d) ||
		(!d->is_protected &&
			has_right(w, person, w->may_restricted, 1, product_of(d->product), false));
}

static bool must_see(const struct world *w, int person, const struct drawn_record *r)
{
	const struct drawn_rev *d = &r->rev[1];
	int k = 0;

	while (drawn_kinds[k] != r->kind->id)
		k++;
	if (!has_right(w, person, &w->may_read[0][k], COUNT_OF(drawn_kinds), product_of(d->product),
		    d->product.n == 0))
		return false;
	if (!d->is_protected && d->classification != CLASSIFICATION_RESTRICTED)
		return true;
	return must_know(w, person, d);
}

/* ---- what each path says ---- */

/* Every path below: its name, and whether it shows the record to the caller. */
typedef bool path(struct call *c, const struct world *w, const struct drawn_record *r);

static bool by_page(struct call *c, const struct world *w, const struct drawn_record *r)
{
	void *rec;

	(void)w;
	return kind_get(c, r->kind, r->ref, &rec);
}

static bool by_first_revision(struct call *c, const struct world *w, const struct drawn_record *r)
{
	void *rec;

	(void)w;
	return kind_get_rev(c, r->kind, r->ref, 1, &rec);
}

static bool by_past(struct call *c, const struct world *w, const struct drawn_record *r)
{
	void *rec;

	c->at_us = w->between_us;
	return kind_get(c, r->kind, r->ref, &rec);
}

static bool by_history(struct call *c, const struct world *w, const struct drawn_record *r)
{
	struct revision *v;
	isize n;

	(void)w;
	return kind_history(c, r->kind, r->ref, &v, &n);
}

static bool by_brief(struct call *c, const struct world *w, const struct drawn_record *r)
{
	struct brief b[1] = {{0}};

	(void)w;
	return kind_briefs(c, &r->ref, 1, b) && b[0].kind;
}

static bool by_search(struct call *c, const struct world *w, const struct drawn_record *r)
{
	struct hits found;

	(void)w;
	return kind_search(c, r->word, &found) && found.count == 1 &&
		str_eq(found.item[0].ref, r->ref);
}

static bool in_list(struct call *c, const struct drawn_record *r)
{
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct list list;
	int64_t tally;
	bool found = false;

	if (!kind_list(c, r->kind, &q, &list) || !kind_tally(c, r->kind, &q, &tally))
		return false;
	assert(list.total == list.count && tally == list.count);
	for (isize i = 0; i < list.count; i++)
		found |= str_eq(((struct rec *)list.item[i])->ref, r->ref);
	return found;
}

static bool by_list(struct call *c, const struct world *w, const struct drawn_record *r)
{
	(void)w;
	return in_list(c, r);
}

static bool by_list_of_then(struct call *c, const struct world *w, const struct drawn_record *r)
{
	c->at_us = w->between_us;
	return in_list(c, r);
}

static bool by_entry(struct call *c, const struct world *w, const struct drawn_record *r)
{
	str object = str_fmt(c->arena, "%.*s:%.*s", STR_ARG(r->kind->name), STR_ARG(r->ref));
	struct ledger_row *row;
	int64_t more;
	isize n;

	(void)w;
	if (!entry_list(c, object, -1, 10, &row, &n, &more))
		return false;
	const struct ledger_row created = {
		.act = str_fmt(c->arena, "%.*s.create", STR_ARG(r->kind->name)), .object = object};
	assert(entry_seen(c, &created) == (n > 0));
	return n > 0;
}

static const struct {
	const char *name;
	path *shows;
} paths[] = {{"page", by_page}, {"revision 1", by_first_revision}, {"the past", by_past},
	{"history", by_history}, {"brief", by_brief}, {"search", by_search}, {"list", by_list},
	{"list of then", by_list_of_then}, {"ledger", by_entry}};

static void ask_paths(struct test_case *t, struct call *c, const struct world *w, int person)
{
	struct arena *own = c->arena, work;

	arena_init(&work, os_reserve(WORK_BYTES), WORK_BYTES);
	for (int i = 0; i < RECORDS; i++) {
		const struct drawn_record *r = &w->record[i];
		bool must = must_see(w, person, r);
		for (int p = 0; p < COUNT_OF(paths); p++) {
			c->arena = c->err.arena = &work;
			bool shows = paths[p].shows(c, w, r);
			if (shows != must)
				test_fail(t, __FILE__, __LINE__, "P%d, %.*s: %s %s it", person + 1,
					STR_ARG(r->ref), paths[p].name, shows ? "shows" : "hides");
			err_clear(&c->err);
			c->at_us = TIME_NONE;
			c->arena = c->err.arena = own;
			arena_reset(&work);
		}
	}
}

static bool in_model(const struct model *m, str ref)
{
	for (int g = 0; g < PART_GROUPS; g++)
		for (isize i = 0; i < m->of[g].count; i++)
			if (str_eq(m->of[g].list[i].id, ref))
				return true;
	return false;
}

static void ask_model(struct test_case *t, struct call *c, const struct world *w, int person)
{
	struct model *now, *then;

	CHECK(model_from_records(c, NULL, &now));
	c->at_us = w->between_us;
	CHECK(model_from_records(c, NULL, &then));
	c->at_us = TIME_NONE;
	for (int i = 0; i < RECORDS; i++) {
		const struct drawn_record *r = &w->record[i];
		if (r->kind->id != KIND_ELEMENT)
			continue;
		CHECK_INT(in_model(now, r->ref), must_see(w, person, r));
		CHECK_INT(in_model(then, r->ref), must_see(w, person, r));
	}
}

static void ask_secrets(struct test_case *t, struct call *c, const struct world *w, int person)
{
	struct hits found;

	/* Whoever asks: the search index has no secret. */
	CHECK(kind_search(c, S("thesecretword"), &found) && found.count == 0);
	for (int i = 0; i < RECORDS; i++) {
		const struct drawn_record *r = &w->record[i];
		void *now, *then;
		if (r->kind->id != KIND_RISK || !must_see(w, person, r))
			continue;
		CHECK(kind_get(c, r->kind, r->ref, &now));
		CHECK(kind_get_rev(c, r->kind, r->ref, 1, &then));
		bool must = must_know(w, person, &r->rev[1]);
		CHECK_INT(((struct risk *)now)->details.n > 0, must);
		CHECK_INT(((struct risk *)then)->details.n > 0, must);
	}
}

/* A count must not tell of what a page would not. */
static void ask_chains(struct test_case *t, struct call *c, const struct world *w, int person)
{
	const struct risk_rated *rated;
	isize n, must = 0;

	for (int i = 0; i < RECORDS; i++)
		must += w->record[i].kind->id == KIND_RISK && must_see(w, person, &w->record[i]);
	CHECK(trace_ratings(c, S(""), &rated, &n));
	CHECK_INT(n, must);
	c->at_us = w->between_us;
	CHECK(trace_ratings(c, S(""), &rated, &n));
	CHECK_INT(n, must);
	c->at_us = TIME_NONE;
}

/* One by one: what the list leaves out is not there under its number, nor as a proof. */
static void ask_doings(struct test_case *t, struct call *c, bool wide)
{
	int64_t size = (int64_t)ledger_size(c->ledger);
	struct disclosed open;
	struct ledger_row row;
	bool withheld;

	for (int64_t seq = size - DOINGS; seq < size; seq++) {
		bool got = entry_get(c, seq, &row, &withheld);
		err_clear(&c->err);
		CHECK_INT(entry_disclose(c, seq, &open), got);
		err_clear(&c->err);
		CHECK_INT(got, wide || str_eq(row.actor, c->who.actor));
	}
}

static const struct drawn_record *drawn_of(const struct world *w, str ref)
{
	for (int i = 0; i < RECORDS; i++)
		if (str_eq(w->record[i].ref, ref))
			return &w->record[i];
	return NULL;
}

/* One entry of the list: whether it may be there, and whom it names; true when it is a doing. */
static bool ask_entry(struct test_case *t, struct call *c, const struct world *w, int person,
	bool wide, const struct ledger_row *row)
{
	str ref = row->object, head = row->act;
	bool own = str_eq(row->actor, c->who.actor), withheld;
	bool is_doing = !kind_by_name(str_cut(&head, '.'));
	struct ledger_row one;

	str_cut(&ref, ':');
	const struct drawn_record *r = drawn_of(w, ref);
	if (r && !must_see(w, person, r))
		test_fail(t, __FILE__, __LINE__, "P%d sees an entry of %.*s", person + 1,
			STR_ARG(ref));
	if (is_doing && !wide && !own)
		test_fail(t, __FILE__, __LINE__, "P%d sees %.*s of %.*s", person + 1,
			STR_ARG(row->act), STR_ARG(row->name));
	CHECK(entry_get(c, row->seq, &one, &withheld));
	CHECK_STR(one.name, row->name);
	if (!own && !str_eq(row->actor, S("system")) && row->name.n && !kind_seen(c, row->name))
		test_fail(t, __FILE__, __LINE__, "P%d reads the name %.*s", person + 1,
			STR_ARG(row->name));
	return is_doing;
}

/* Every entry of the log. */
static void ask_ledger(struct test_case *t, struct call *c, const struct world *w, int person)
{
	bool wide = has_right(w, person, w->may_ledger, 1, -1, false);
	int64_t doings = 0, names = 0;

	for (int64_t more = -1; more;) {
		struct ledger_row *row;
		isize n;
		CHECK(entry_list(c, S(""), more, 200, &row, &n, &more));
		for (isize i = 0; i < n; i++) {
			doings += ask_entry(t, c, w, person, wide, &row[i]);
			names += row[i].name.n > 0;
		}
	}
	if (wide)
		CHECK_INT(doings, DOINGS);
	/* One's own name at least. */
	CHECK(names > 0 || doings == 0);
	ask_doings(t, c, wide);
}

TEST(every_path_shows_a_record_to_the_same_people, "POL-REQ-02")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct world *w = NEW(t->arena, struct world, 1);
	struct threat_memory *memory = threat_memory_new(t->arena);
	struct trace_memory *chains = trace_memory_new(t->arena);

	draw_world(t, c, w);
	for (int person = 0; person < PEOPLE; person++) {
		CHECK(ident_load(c, name_of(t->arena, "P", person)));
		ask_paths(t, c, w, person);
		ask_secrets(t, c, w, person);
		ask_model(t, c, w, person);
		ask_chains(t, c, w, person);
		ask_ledger(t, c, w, person);
		/* The same out of what a thread remembers for everybody. */
		c->threats = memory;
		c->memory = chains;
		threat_memory_begin(memory);
		trace_memory_begin(chains);
		ask_model(t, c, w, person);
		ask_chains(t, c, w, person);
		c->threats = NULL;
		c->memory = NULL;
	}
	threat_memory_clear(memory);
	trace_memory_clear(chains);
	store_close(t, c);
}

/* The number beside the name of a list is the number of its rows, for every reader. */
static void ask_area(struct test_case *t, struct call *c, str product)
{
	struct area_view *v = NEW(t->arena, struct area_view, 1);
	struct request ask = {.product = product};

	for (isize k = 0; k < COUNT_OF(drawn_kinds); k++)
		v->kind[v->kind_count++].kind = &kinds[drawn_kinds[k]];
	v->kind[v->kind_count++].kind = &kinds[KIND_ROLE];
	CHECK(area_tally(c, v, product));
	for (int i = 0; i < v->kind_count; i++) {
		struct query q;
		struct list list;
		int64_t late = 0;
		CHECK(list_query(c, &ask, v->kind[i].kind, &q));
		q.limit = LIMIT_LIST_ROWS;
		CHECK(kind_list(c, v->kind[i].kind, &q, &list));
		for (isize r = 0; r < list.count; r++) {
			int64_t due = ((const struct rec *)list.item[r])->review_due;
			late += due != DAY_NONE && due < day_of_time(c->now_us);
		}
		CHECK_INT(v->kind[i].count, list.total);
		CHECK_INT(v->kind[i].late, late);
	}
}

TEST(areas_count_what_their_lists_show, "POL-REQ-02")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct world *w = NEW(t->arena, struct world, 1);

	draw_world(t, c, w);
	for (int person = 0; person < PEOPLE; person++) {
		CHECK(ident_load(c, name_of(t->arena, "P", person)));
		ask_area(t, c, S(""));
		for (int i = 0; i < PRODUCTS; i++)
			ask_area(t, c, name_of(t->arena, "PRD-", i));
	}
	store_close(t, c);
}

TEST_MAIN()
