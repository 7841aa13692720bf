/*
 * What was approved stays in force until what changes it is approved itself.
 *
 * Random people do random acts on records of every kind that approves: they write, fill in, send,
 * approve, refuse, withdraw.  Beside the store a model is kept, of a text for each line and of who
 * wrote it since it was last approved, and after every act what is in force is compared with it.
 * Guards, which ask about other records, are left out.  WARD_ACTS is how many acts
 * there are, WARD_SEED the beginning of their row.
 */
#include "ident/ident.h"
#include "kind/entry.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "store.h"

#include <stdlib.h>

enum { PEOPLE = 5, MOVES = 40, FIELDS = 120, RECORDS = 3 };

/* A text, and who wrote of it since it was last approved, as bits. */
struct line {
	int64_t text; /* the act that wrote it; 0: nobody did */
	uint32_t authors;
	bool is_approved; /* since it was written, by somebody with the right for that */
	bool is_there;
};
struct subject {
	str ref;
	struct line force, pending;
};
struct stage {
	struct kind kind;
	struct move move[MOVES];
	struct field field[FIELDS];
	struct subject subject[RECORDS];
	uint64_t random;
	int64_t acts, done, entered, withdrawn, refused;
};

static struct grant everything;

static void become(struct call *c, int person)
{
	static const str people[PEOPLE] = {
		S_INIT("P0"), S_INIT("P1"), S_INIT("P2"), S_INIT("P3"), S_INIT("P4")};

	right_match(S("*"), everything.right);
	c->who = (struct who){.ref = people[person],
		.actor = S("person:1"),
		.grant = &everything,
		.grant_count = 1};
	c->signs = true;
	c->reason = S("test");
}

static struct call *open_stage(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (int i = 0; i < PEOPLE; i++)
		store_put(t, c, "person", (char[]){'P', (char)('0' + i), 0}, "active", NULL);
	CHECK(store_commit(t, c));
	return c;
}

/* The kind without what asks about other records, and without what must be filled in. */
static void take_kind(struct test_case *t, struct stage *s, const struct kind *k)
{
	s->kind = *k;
	s->kind.guard = NULL;
	CHECK(k->move_count <= MOVES);
	for (int i = 0; i < k->move_count; i++) {
		s->move[i] = k->move[i];
		s->move[i].guard = NULL;
		s->move[i].require_count = 0;
	}
	s->kind.move = s->move;
	CHECK(k->field_count <= FIELDS);
	for (int i = 0; i < k->field_count; i++) {
		s->field[i] = k->field[i];
		s->field[i].ref_count = 0; /* any record will do */
	}
	s->kind.field = s->field;
}

static bool is_held(const struct kind *k, int state)
{
	return k->state[state].pending != 0;
}

static void *load(struct test_case *t, struct call *c, struct stage *s, struct subject *x)
{
	void *rec = NULL;

	CHECK(kind_get(c, &s->kind, x->ref, &rec));
	return rec;
}

static struct rec *load_pending(struct test_case *t, struct call *c, const struct rec *in_force)
{
	struct rec *pending = NULL;

	CHECK(pending_get(c, in_force, &pending));
	return pending;
}

static str text_of(struct arena *a, int64_t text)
{
	return text ? str_fmt(a, "Text %" PRId64, text) : S("");
}

/* ---- acts, and what the model becomes ---- */

static bool write(struct call *c, struct stage *s, struct subject *x, struct rec *rec, int who)
{
	bool is_pending = rec->base || is_held(&s->kind, rec->state);
	struct line *line = is_pending ? &x->pending : &x->force;

	rec->body = text_of(c->arena, s->acts);
	if (!kind_put(c, rec, S("test.update")))
		return false;
	if (is_pending && !line->is_there)
		line->authors = 0;
	line->is_there = true;
	line->text = s->acts;
	line->authors |= 1u << who;
	line->is_approved = false;
	return true;
}

/* A field that is no content: it holds at once. */
static bool fill(struct call *c, struct stage *s, struct rec *rec)
{
	rec->review_due = 20000 + s->acts;
	return kind_put(c, rec, S("test.update"));
}

static bool move_force(
	struct test_case *t, struct call *c, struct stage *s, struct subject *x, struct rec *rec,
	const struct move *m, int who)
{
	int from = rec->state;

	if (!kind_move(c, rec, m->to))
		return false;
	if (s->kind.state[from].pending == m->to + 1) {
		x->pending = (struct line){.text = x->force.text, .is_there = true};
		return true;
	}
	if (m->second_person) {
		CHECK(!(x->force.authors >> who & 1));
		x->force.authors = 0;
	}
	if (!is_held(&s->kind, m->to))
		x->pending.is_there = false;
	return true;
}

static bool move_pending(
	struct test_case *t, struct call *c, struct stage *s, struct subject *x, struct rec *rec,
	const struct move *m, int who)
{
	if (!kind_move(c, rec, m->to))
		return false;
	if (m->second_person) {
		CHECK(!(x->pending.authors >> who & 1));
		x->pending.authors = 0;
	}
	x->pending.is_approved |= m->second_person || m->meaning.n || m->right;
	if (!rec->base) {
		CHECK(x->pending.is_approved);
		x->force = x->pending;
		x->pending.is_there = false;
		s->entered++;
	}
	return true;
}

/* A move of the record's flow that starts in its state, or NULL. */
static const struct move *draw_move(struct stage *s, const struct rec *rec)
{
	int from = (int)test_random(&s->random, s->kind.move_count);

	for (int i = 0; i < s->kind.move_count; i++) {
		const struct move *m = &s->kind.move[(from + i) % s->kind.move_count];
		if (m->from == rec->state)
			return m;
	}
	return NULL;
}

static bool act(struct test_case *t, struct call *c, struct stage *s, struct subject *x, int who)
{
	struct rec *rec = load(t, c, s, x), *pending = load_pending(t, c, rec);
	struct rec *chosen = pending && test_random(&s->random, 3) ? pending : rec;
	const struct move *m = draw_move(s, chosen);
	int64_t what = test_random(&s->random, 10);

	become(c, who);
	if (what < 3)
		return write(c, s, x, chosen, who);
	if (what == 3)
		return fill(c, s, chosen);
	if (what == 4 && pending && !test_random(&s->random, 3)) {
		x->pending.is_there = !pending_withdraw(c, pending);
		s->withdrawn += !x->pending.is_there;
		return !x->pending.is_there;
	}
	if (!m)
		return false;
	return chosen == pending ? move_pending(t, c, s, x, chosen, m, who)
				 : move_force(t, c, s, x, chosen, m, who);
}

/* ---- what must hold ---- */

static void check(struct test_case *t, struct call *c, struct stage *s, struct subject *x)
{
	const struct rec *rec = load(t, c, s, x), *pending = load_pending(t, c, rec);

	CHECK_STR(rec->body, text_of(c->arena, x->force.text));
	CHECK((pending != NULL) == x->pending.is_there);
	if (pending) {
		CHECK_STR(pending->body, text_of(c->arena, x->pending.text));
		CHECK_INT(pending->review_due, rec->review_due);
		CHECK(is_held(&s->kind, rec->state));
	}
}

static void begin(struct test_case *t, struct call *c, struct stage *s)
{
	for (int i = 0; i < RECORDS; i++) {
		struct rec *rec = kind_new(c->arena, &s->kind);
		struct subject *x = &s->subject[i];
		*x = (struct subject){.ref = str_fmt(t->arena, "X-%d%d", s->kind.id, i)};
		become(c, i);
		rec->ref = x->ref;
		rec->title = S("One");
		for (int n = 0; n < s->kind.field_count; n++) {
			const struct field *f = &s->kind.field[n];
			str v = f->type == FIELD_ENUM   ? f->set->word[0].name
				: f->type == FIELD_INT  ? S("1")
				: f->type == FIELD_DATE ? S("2026-01-01")
							: S("P1");
			if (f->required && kind_is_empty(rec, f))
				CHECK(kind_set(c, rec, f, v));
		}
		/* What a required reference names is for another test. */
		c->who.is_system = c->who.is_loader = true;
		CHECK(kind_put(c, rec, S("test.create")));
		x->force = (struct line){.authors = 1u << i, .is_there = true};
	}
}

static void play(struct test_case *t, struct call *c, struct stage *s, int64_t acts)
{
	begin(t, c, s);
	CHECK(store_commit(t, c));
	for (int64_t i = 0; i < acts && t->failures == 0; i++) {
		struct subject *x = &s->subject[test_random(&s->random, RECORDS)];
		struct subject before = *x;
		struct arena_mark mark = arena_here(c->arena);
		int who = (int)test_random(&s->random, PEOPLE);
		s->acts++;
		if (act(t, c, s, x, who)) {
			s->done++;
			CHECK(store_commit(t, c));
		} else {
			*x = before;
			s->refused++;
			store_undo(t, c);
		}
		check(t, c, s, x);
		arena_rewind(c->arena, mark);
		if (t->failures)
			printf("# %.*s %.*s, act %" PRId64 "\n", STR_ARG(s->kind.name),
				STR_ARG(x->ref), s->acts);
	}
}

TEST(whoever_acts_what_is_in_force_was_approved_by_others, "POL-REQ-04")
{
	const char *given = getenv("WARD_ACTS");
	int64_t acts = given ? strtoll(given, NULL, 10) : 6000, kinds_played = 0;
	struct stage *s = NEW(t->arena, struct stage, 1);

	const char *seed = getenv("WARD_SEED");
	s->random = seed ? strtoull(seed, NULL, 10) : (uint64_t)clock_mono();
	printf("# WARD_SEED=%" PRIu64 "\n", s->random);
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].state_count; n++)
			if (kinds[i].state[n].pending) {
				kinds_played++;
				break;
			}
	for (int i = 0; i < kind_count && t->failures == 0; i++) {
		bool has = false;
		for (int n = 0; n < kinds[i].state_count; n++)
			has |= kinds[i].state[n].pending != 0;
		if (!has)
			continue;
		struct call *c = open_stage(t);
		take_kind(t, s, &kinds[i]);
		play(t, c, s, acts / kinds_played);
		store_close(t, c);
	}
	printf("# %" PRId64 " acts, %" PRId64 " done, %" PRId64 " refused, %" PRId64
	       " came into force, %" PRId64 " withdrawn\n",
		s->acts, s->done, s->refused, s->entered, s->withdrawn);
	CHECK(s->entered > acts / 200 && s->withdrawn > acts / 1000);
}

/* ---- what happens beside it ---- */

static struct document *in_effect(struct test_case *t, struct call *c)
{
	struct document *d = kind_new(c->arena, &kinds[KIND_DOCUMENT]);

	d->rec.ref = S("DOC-1");
	d->rec.title = S("Procedure");
	d->rec.state = DOCUMENT_STATE_EFFECTIVE;
	d->type = DOCUMENT_TYPE_PROCEDURE;
	d->summary = S("First");
	d->author = S("P0");
	d->effective_on = 20000;
	CHECK(kind_put(c, d, S("document.create")));
	return d;
}

static void read_both(struct test_case *t, struct call *c, struct document **force,
	struct document **pending)
{
	void *rec = NULL;
	struct rec *other = NULL;

	CHECK(kind_get(c, &kinds[KIND_DOCUMENT], S("DOC-1"), &rec));
	CHECK(pending_get(c, rec, &other));
	*force = rec;
	*pending = (struct document *)other;
}

static void change(struct test_case *t, struct call *c, int who, struct document *d)
{
	become(c, who);
	if (!kind_put(c, d, S("document.update")))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	CHECK(store_commit(t, c));
}

static bool go(struct call *c, int who, struct document *d, int to)
{
	become(c, who);
	return kind_move(c, d, to);
}

/* One save of both: the free field holds at once, the content is pending. */
TEST(what_is_no_content_holds_at_once, "POL-REQ-04")
{
	struct call *c = open_stage(t);
	struct document *d = in_effect(t, c), *force, *pending;

	d->summary = S("Second");
	d->rec.review_due = 21000;
	change(t, c, 1, d);
	read_both(t, c, &force, &pending);
	CHECK_INT(force->rec.review_due, 21000);
	CHECK_STR(force->summary, S("First"));
	CHECK_INT(force->rec.state, DOCUMENT_STATE_EFFECTIVE);
	CHECK_INT(pending->rec.review_due, 21000);
	CHECK_STR(pending->summary, S("Second"));
	CHECK_INT(pending->rec.state, DOCUMENT_STATE_DRAFT);
	CHECK(pending->rec.rev > force->rec.rev && force->rec.rev > 1);
	/* A free field alone, on either, is one value, and nothing is overtaken by it. */
	pending->rec.review_due = 22000;
	change(t, c, 2, pending);
	read_both(t, c, &force, &pending);
	force->rec.review_due = 23000;
	change(t, c, 2, force);
	read_both(t, c, &force, &pending);
	CHECK_INT(pending->rec.review_due, 23000);
	CHECK(go(c, 1, pending, DOCUMENT_STATE_IN_REVIEW));
	CHECK(go(c, 3, pending, DOCUMENT_STATE_APPROVED) && pending->rec.base);
	CHECK(go(c, 1, pending, DOCUMENT_STATE_EFFECTIVE) && !pending->rec.base);
	CHECK(store_commit(t, c));
	read_both(t, c, &force, &pending);
	CHECK(!pending);
	CHECK_STR(force->summary, S("Second"));
	CHECK_INT(force->rec.review_due, 23000);
	store_close(t, c);
}

/* What brings approvals from elsewhere changes what is in force behind a pending revision. */
TEST(what_was_overtaken_is_brought_together_before_it_counts, "POL-REQ-04")
{
	struct call *c = open_stage(t);
	struct who loader = c->who;
	struct document *d = in_effect(t, c), *force, *pending;

	d->summary = S("Second");
	change(t, c, 1, d);
	CHECK(go(c, 1, d, DOCUMENT_STATE_IN_REVIEW) && store_commit(t, c));
	read_both(t, c, &force, &pending);
	c->who = loader;
	force->distribution = S("Everybody");
	CHECK(kind_put(c, force, S("document.update")) && store_commit(t, c));
	read_both(t, c, &force, &pending);
	CHECK_STR(pending->summary, S("Second"));
	CHECK_STR(pending->distribution, S("Everybody"));
	CHECK(!go(c, 3, pending, DOCUMENT_STATE_APPROVED));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	store_undo(t, c);
	/* Who saves the two together wrote that. */
	read_both(t, c, &force, &pending);
	change(t, c, 3, pending);
	CHECK_INT(pending->rec.state, DOCUMENT_STATE_IN_REVIEW);
	CHECK(!go(c, 3, pending, DOCUMENT_STATE_APPROVED));
	store_undo(t, c);
	read_both(t, c, &force, &pending);
	CHECK(go(c, 2, pending, DOCUMENT_STATE_APPROVED));
	CHECK(go(c, 3, pending, DOCUMENT_STATE_EFFECTIVE) && store_commit(t, c));
	read_both(t, c, &force, &pending);
	CHECK_STR(force->summary, S("Second"));
	CHECK_STR(force->distribution, S("Everybody"));
	store_close(t, c);
}

/* There is one at a time; it ends with what it would change, and its number is never another's. */
TEST(a_pending_revision_ends_with_what_it_would_change, "POL-REQ-04")
{
	struct call *c = open_stage(t);
	struct document *d = in_effect(t, c), *force, *pending, *second;
	struct revision *list;
	isize count;
	void *old;

	d->summary = S("Second");
	change(t, c, 1, d);
	read_both(t, c, &force, &pending);
	second = kind_copy(c->arena, &kinds[KIND_DOCUMENT], force);
	second->summary = S("Other");
	become(c, 2);
	CHECK(!kind_put(c, second, S("document.update")));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	store_undo(t, c);
	CHECK(go(c, 2, force, DOCUMENT_STATE_WITHDRAWN) && store_commit(t, c));
	read_both(t, c, &force, &pending);
	CHECK(!pending);
	CHECK(kind_history(c, &kinds[KIND_DOCUMENT], S("DOC-1"), &list, &count));
	CHECK_INT(count, 3);
	for (isize i = 0; i < count; i++) {
		CHECK_INT(list[i].rev, count - i);
		CHECK_INT(list[i].is_pending, i == 1);
		CHECK(kind_get_rev(c, &kinds[KIND_DOCUMENT], S("DOC-1"), list[i].rev, &old));
		CHECK_STR(((struct document *)old)->summary, i == 1 ? S("Second") : S("First"));
	}
	become(c, 1);
	CHECK(!pending_withdraw(c, &d->rec));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	store_undo(t, c);
	store_close(t, c);
}

/* Who may see a pending revision is who may see the record as it stands now, by any number. */
TEST(a_pending_revision_is_as_hidden_as_its_record, "POL-REQ-01")
{
	struct call *c = open_stage(t);
	struct document *d = in_effect(t, c), *force, *pending;
	struct grant reads = {.product = S("")};
	const struct kind *k = &kinds[KIND_DOCUMENT];
	void *rec;

	d->summary = S("Second");
	change(t, c, 1, d);
	right_match(S("document.read"), reads.right);
	right_match(S("ledger.read"), reads.right);
	for (int hidden = 0; hidden < 2; hidden++) {
		struct ledger_row *row;
		isize count;
		int64_t more;
		become(c, 4);
		c->who.grant = &reads;
		CHECK(kind_get_rev(c, k, S("DOC-1"), d->rec.rev, &rec) == !hidden);
		CHECK_INT(c->err.code, hidden ? ERR_MISSING : ERR_NONE);
		err_clear(&c->err);
		CHECK(entry_list(c, S("pending:DOC-1"), INT64_MAX, 10, &row, &count, &more));
		CHECK_INT(count, !hidden);
		become(c, 1);
		read_both(t, c, &force, &pending);
		force->rec.classification = CLASSIFICATION_RESTRICTED;
		force->rec.owner = S("P1");
		change(t, c, 1, force);
	}
	store_close(t, c);
}

static struct risk *hidden_risk(struct test_case *t, struct call *c, const struct grant *grant)
{
	void *rec = NULL;

	become(c, 4);
	c->who.grant = (struct grant *)(uintptr_t)grant;
	CHECK(kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec));
	CHECK(((struct rec *)rec)->hidden);
	CHECK_STR(((struct risk *)rec)->details, S(""));
	return rec;
}

static str details(struct test_case *t, struct call *c)
{
	void *rec = NULL;

	become(c, 0);
	CHECK(kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec));
	return ((struct risk *)rec)->details;
}

/* Saved and moved by who does not see them, secret fields stay; and what is refused goes back
   without them, in what is in force as in what is pending. */
TEST(what_is_hidden_stays_as_it_is, "POL-REQ-01")
{
	struct call *c = open_stage(t);
	struct grant writes = {.product = S("")};
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.ref = S("RSK-1");
	r->rec.title = S("Risk");
	r->rec.owner = S("P0");
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->details = S("Hidden");
	CHECK(kind_put(c, r, S("risk.create")) && store_commit(t, c));
	right_match(S("risk.read"), writes.right);
	right_match(S("risk.write"), writes.right);
	for (int pending = 0; pending < 2; pending++) {
		r = hidden_risk(t, c, &writes);
		CHECK(!kind_move(c, r, RISK_STATE_ANALYSED)); /* without a scenario */
		CHECK_STR(r->details, S(""));
		store_undo(t, c);
		r = hidden_risk(t, c, &writes);
		r->rec.title = S("");
		CHECK(!kind_put(c, r, S("risk.update")));
		CHECK_STR(r->details, S(""));
		store_undo(t, c);
		r = hidden_risk(t, c, &writes);
		r->rec.rev += 7;
		CHECK(!kind_put(c, r, S("risk.update")));
		CHECK_STR(r->details, S(""));
		store_undo(t, c);
		r = hidden_risk(t, c, &writes);
		r->scenario = str_fmt(c->arena, "Scenario %d", pending);
		CHECK(kind_put(c, r, S("risk.update")) && store_commit(t, c));
		CHECK_STR(details(t, c), S("Hidden"));
		r = hidden_risk(t, c, &writes);
		CHECK(kind_move(c, r, RISK_STATE_ANALYSED) && store_commit(t, c));
		CHECK_STR(details(t, c), S("Hidden"));
		/* Again from the beginning. */
		become(c, 0);
		c->who.is_system = c->who.is_loader = true;
		void *rec = NULL;
		CHECK(kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec));
		r = rec;
		r->rec.state = RISK_STATE_IDENTIFIED;
		r->scenario = S("");
		CHECK(kind_put(c, r, S("risk.update")) && store_commit(t, c));
	}
	store_close(t, c);
}

/* A pending revision, too: the secret of what is in force is that of the change. */
TEST(what_is_hidden_is_not_lost_by_a_revision, "POL-REQ-01")
{
	struct call *c = open_stage(t);
	struct grant writes = {.product = S("")};
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	struct rec *pending = NULL;

	r->rec.ref = S("RSK-1");
	r->rec.title = S("Risk");
	r->rec.owner = S("P0");
	r->rec.state = RISK_STATE_ACCEPTED;
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->details = S("Hidden");
	CHECK(kind_put(c, r, S("risk.create")) && store_commit(t, c));
	right_match(S("risk.read"), writes.right);
	right_match(S("risk.write"), writes.right);
	for (int i = 0; i < 2; i++) {
		r = hidden_risk(t, c, &writes);
		if (i)
			CHECK(pending_get(c, &r->rec, &pending) && pending->hidden);
		struct risk *edit = i ? (struct risk *)pending : r;
		CHECK_STR(edit->details, S(""));
		edit->event = str_fmt(c->arena, "Event %d", i);
		CHECK(kind_put(c, edit, S("risk.update")) && edit->rec.base);
		CHECK(store_commit(t, c));
		become(c, 0);
		void *rec = NULL;
		CHECK(kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec));
		CHECK(pending_get(c, rec, &pending));
		CHECK_STR(((struct risk *)pending)->details, S("Hidden"));
		CHECK_STR(((struct risk *)pending)->event, edit->event);
	}
	store_close(t, c);
}

/* A move is made by who has its right and reads the record, without the right to write. */
TEST(a_move_takes_its_own_right_alone, "POL-REQ-02")
{
	struct call *c = open_stage(t);
	struct document *d = in_effect(t, c), *force, *pending;
	struct grant only = {.product = S("")};

	d->summary = S("Second");
	change(t, c, 1, d);
	CHECK(go(c, 1, d, DOCUMENT_STATE_IN_REVIEW) && store_commit(t, c));
	right_match(S("document.read"), only.right);
	for (int i = 0; i < 2; i++) {
		read_both(t, c, &force, &pending);
		become(c, 4);
		c->who.grant = &only;
		bool done = kind_move(c, pending, DOCUMENT_STATE_APPROVED);
		CHECK(done == (i == 1));
		if (!done) {
			CHECK_INT(c->err.code, ERR_DENIED);
			store_undo(t, c);
		}
		right_match(S("document.approve"), only.right);
	}
	CHECK(store_commit(t, c));
	read_both(t, c, &force, &pending);
	pending->summary = S("Third");
	become(c, 4);
	c->who.grant = &only;
	CHECK(!kind_put(c, pending, S("document.update")));
	CHECK_INT(c->err.code, ERR_DENIED);
	store_undo(t, c);
	store_close(t, c);
}

TEST_MAIN()
