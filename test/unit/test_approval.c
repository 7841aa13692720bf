/* What was approved stays so; who may write what; legal hold; who somebody is today. */
#include "ident/ident.h"
#include "kind/entry.h"
#include "store.h"

/* ---- small stores ---- */

static void put(struct test_case *t, struct call *c, void *record)
{
	struct rec *rec = record;
	const char *act = rec->rev ? "update" : "create";

	if (!kind_put(c, rec, str_fmt(c->arena, "%.*s.%s", STR_ARG(rec->kind->name), act)))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(rec->ref), c->err.text);
}

static void *new_record(struct call *c, int kind, str ref, int state)
{
	struct rec *rec = kind_new(c->arena, &kinds[kind]);

	rec->ref = rec->title = ref;
	rec->state = state;
	return rec;
}

static void put_role(struct test_case *t, struct call *c, str ref, str right)
{
	struct role *r = new_record(c, KIND_ROLE, ref, ROLE_STATE_EFFECTIVE);

	r->responsibilities = S("Said");
	r->rights.item = NEW(c->arena, str, 1);
	r->rights.item[0] = right;
	r->rights.count = 1;
	put(t, c, r);
}

static void put_grant(struct test_case *t, struct call *c, str ref, str person, str role, str scope)
{
	struct access_grant *g = new_record(c, KIND_ACCESS_GRANT, ref, ACCESS_GRANT_STATE_GRANTED);

	g->identity = person;
	g->role = role;
	g->scope = scope;
	g->from = day_of_time(c->now_us);
	g->reason = S("test");
	put(t, c, g);
}

/* Four people; P1 to P3 may do everything, P4 everything of PRD-1. */
static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	put(t, c, new_record(c, KIND_PRODUCT, S("PRD-1"), 0));
	put(t, c, new_record(c, KIND_PRODUCT, S("PRD-2"), 0));
	put_role(t, c, S("R-ALL"), S("*"));
	for (int i = 1; i <= 4; i++) {
		str person = str_fmt(c->arena, "P%d", i);
		put(t, c, new_record(c, KIND_PERSON, person, PERSON_STATE_ACTIVE));
		put_grant(t, c, str_fmt(c->arena, "GRA-%d", i), person, S("R-ALL"),
			i == 4 ? S("PRD-1") : S(""));
	}
	CHECK(store_commit(t, c));
	return c;
}

static void become(struct test_case *t, struct call *c, str person)
{
	CHECK(ident_load(c, person));
	c->reason = S("test");
	c->signs = true;
}

static void *in_force(struct test_case *t, struct call *c, int kind, str ref)
{
	void *rec = NULL;

	CHECK(kind_get(c, &kinds[kind], ref, &rec));
	return rec ? rec : kind_new(c->arena, &kinds[kind]);
}

/* What somebody would edit: the pending revision where there is one. */
static void *get(struct test_case *t, struct call *c, int kind, str ref)
{
	void *rec = in_force(t, c, kind, ref);
	struct rec *pending = NULL;

	CHECK(pending_get(c, rec, &pending));
	return pending ? (void *)pending : rec;
}

/* Refused, with this code and, of ERR_INVALID, an issue of this field; leaves no trace. */
static void check_refused(struct test_case *t, struct call *c, bool ok, enum err_code code,
	const char *field, int line)
{
	bool found = *field == 0;

	for (const struct issue *i = c->err.issues; i; i = i->next)
		found |= str_eq(i->field, str_of(field));
	if (ok || c->err.code != code || !found)
		test_fail(t, __FILE__, line, "not refused so: %s", c->err.text);
	store_undo(t, c);
}
#define REFUSED(ok, code, field) check_refused(t, c, (ok), (code), (field), __LINE__)

static bool save(struct call *c, void *record)
{
	struct rec *rec = record;

	return kind_put(c, rec, str_fmt(c->arena, "%.*s.update", STR_ARG(rec->kind->name)));
}

static void move(struct test_case *t, struct call *c, int kind, str ref, int to)
{
	if (!kind_move(c, get(t, c, kind, ref), to))
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(ref), c->err.text);
	for (const struct issue *i = c->err.issues; i; i = i->next)
		printf("# %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	CHECK(store_commit(t, c));
}

/* ---- seals ---- */

TEST(a_role_in_force_changes_under_four_eyes_and_counts_meanwhile, "POL-REQ-02")
{
	struct call *c = open_store(t);

	put_role(t, c, S("R-X"), S("risk.read"));
	put(t, c, new_record(c, KIND_PERSON, S("P5"), PERSON_STATE_ACTIVE));
	put_grant(t, c, S("GRA-5"), S("P5"), S("R-X"), S(""));
	CHECK(store_commit(t, c));
	become(t, c, S("P1"));
	struct role *r = get(t, c, KIND_ROLE, S("R-X"));
	r->rec.classification = CLASSIFICATION_INTERNAL; /* no part of what was approved */
	CHECK(save(c, r) && store_commit(t, c));
	CHECK_INT(r->rec.state, ROLE_STATE_EFFECTIVE);
	r = get(t, c, KIND_ROLE, S("R-X"));
	r->rights.item[0] = S("risk.write");
	CHECK(save(c, r) && store_commit(t, c));

	become(t, c, S("P5"));
	CHECK(call_could(c, CAN_RISK_READ, S("")) && !call_could(c, CAN_RISK_WRITE, S("")));
	become(t, c, S("P1"));
	REFUSED(kind_move(c, get(t, c, KIND_ROLE, S("R-X")), ROLE_STATE_EFFECTIVE), ERR_DENIED, "");
	become(t, c, S("P2"));
	move(t, c, KIND_ROLE, S("R-X"), ROLE_STATE_EFFECTIVE);
	become(t, c, S("P5"));
	CHECK(!call_could(c, CAN_RISK_READ, S("")) && call_could(c, CAN_RISK_WRITE, S("")));
	become(t, c, S("P1"));
	move(t, c, KIND_ROLE, S("R-X"), ROLE_STATE_RETIRED);
	become(t, c, S("P5"));
	CHECK(!call_could(c, CAN_RISK_WRITE, S("")));
	store_close(t, c);
}

TEST(a_grant_is_changed_by_others_and_counts_until_it_is_granted_anew, "POL-REQ-02")
{
	struct call *c = open_store(t);
	struct access_grant *g;

	put_role(t, c, S("R-X"), S("risk.read"));
	CHECK(store_commit(t, c));
	become(t, c, S("P2"));
	g = get(t, c, KIND_ACCESS_GRANT, S("GRA-2"));
	g->rec.classification = CLASSIFICATION_INTERNAL;
	REFUSED(save(c, g), ERR_DENIED, ""); /* one's own, whatever the change */
	REFUSED(kind_move(
			c, get(t, c, KIND_ACCESS_GRANT, S("GRA-2")), ACCESS_GRANT_STATE_REQUESTED),
		ERR_DENIED, "");
	become(t, c, S("P1"));
	g = get(t, c, KIND_ACCESS_GRANT, S("GRA-2"));
	g = get(t, c, KIND_ACCESS_GRANT, S("GRA-3"));
	g->identity = S("P1");
	REFUSED(save(c, g), ERR_DENIED, ""); /* to oneself */
	g = get(t, c, KIND_ACCESS_GRANT, S("GRA-2"));
	g->role = S("R-X");
	CHECK(save(c, g) && store_commit(t, c));
	REFUSED(kind_move(c, get(t, c, KIND_ACCESS_GRANT, S("GRA-2")), ACCESS_GRANT_STATE_GRANTED),
		ERR_DENIED, "");
	become(t, c, S("P2"));
	CHECK(call_could(c, CAN_RISK_WRITE, S(""))); /* as it was granted */
	become(t, c, S("P3"));
	move(t, c, KIND_ACCESS_GRANT, S("GRA-2"), ACCESS_GRANT_STATE_GRANTED);
	become(t, c, S("P2"));
	CHECK(call_could(c, CAN_RISK_READ, S("")) && !call_could(c, CAN_RISK_WRITE, S("")));
	become(t, c, S("P3"));
	move(t, c, KIND_ACCESS_GRANT, S("GRA-2"), ACCESS_GRANT_STATE_REQUESTED);
	move(t, c, KIND_ACCESS_GRANT, S("GRA-2"), ACCESS_GRANT_STATE_REFUSED);
	become(t, c, S("P2"));
	CHECK(call_could_some(c, CAN_RISK_READ)); /* what was refused is the change */
	become(t, c, S("P3"));
	CHECK(kind_move(c, in_force(t, c, KIND_ACCESS_GRANT, S("GRA-2")),
		ACCESS_GRANT_STATE_REVOKED));
	CHECK(store_commit(t, c));
	become(t, c, S("P2"));
	CHECK(!call_could_some(c, CAN_RISK_READ)); /* ended while it was revised */
	store_close(t, c);
}

TEST(an_acceptance_is_of_what_was_accepted_until_the_change_is, "RSK-REQ-07")
{
	struct call *c = open_store(t);
	struct risk *r = new_record(c, KIND_RISK, S("RSK-1"), RISK_STATE_ACCEPTED);
	struct signed_by *list;
	isize n;

	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->rec.owner = S("P3");
	r->residual_severity = 3;
	put(t, c, r);
	CHECK(store_commit(t, c));
	become(t, c, S("P1"));
	r = get(t, c, KIND_RISK, S("RSK-1"));
	CHECK(kind_sign(c, &r->rec, S("accept the residual risk")));
	r->rec.review_due = 20800;
	r->rec.classification = CLASSIFICATION_RESTRICTED;
	CHECK(save(c, r) && store_commit(t, c));
	CHECK_INT(r->rec.state, RISK_STATE_ACCEPTED);
	CHECK(signature_list(c, &r->rec, &list, &n) && n == 1 && list[0].holds);
	r->residual_severity = 1;
	CHECK(save(c, r) && store_commit(t, c));
	CHECK_INT(r->rec.state, RISK_STATE_EVALUATED);
	r = get(t, c, KIND_RISK, S("RSK-1"));
	CHECK_INT(r->rec.state, RISK_STATE_EVALUATED);
	CHECK_INT(r->residual_severity, 1);
	CHECK(signature_list(c, &r->rec, &list, &n) && n == 1 && !list[0].holds);
	r = in_force(t, c, KIND_RISK, S("RSK-1"));
	CHECK_INT(r->rec.state, RISK_STATE_ACCEPTED);
	CHECK_INT(r->residual_severity, 3);
	CHECK(signature_list(c, &r->rec, &list, &n) && n == 1 && list[0].holds);
	store_close(t, c);
}

/* ---- the second person ---- */

static struct document *put_document(struct test_case *t, struct call *c)
{
	struct document *d = new_record(c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_DRAFT);

	d->type = DOCUMENT_TYPE_POLICY;
	d->author = S("P4");
	d->rec.product = S("PRD-1");
	put(t, c, d);
	CHECK(store_commit(t, c));
	return d;
}

static bool approve(struct test_case *t, struct call *c, str person)
{
	become(t, c, person);
	return kind_move(c, get(t, c, KIND_DOCUMENT, S("DOC-1")), DOCUMENT_STATE_APPROVED);
}

TEST(who_wrote_since_the_last_approval_is_no_second_person, "POL-REQ-04")
{
	struct call *c = open_store(t);

	become(t, c, S("P1"));
	put_document(t, c);
	become(t, c, S("P2"));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_IN_REVIEW);
	REFUSED(approve(t, c, S("P1")), ERR_DENIED, ""); /* wrote it first */
	REFUSED(approve(t, c, S("P2")), ERR_DENIED, ""); /* sent it */
	become(t, c, S("P3"));
	struct document *d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->summary = S("All of it anew");
	CHECK(save(c, d) && store_commit(t, c));
	REFUSED(approve(t, c, S("P3")), ERR_DENIED, ""); /* wrote what would be approved */
	REFUSED(approve(t, c, S("P2")), ERR_DENIED, ""); /* sent it, whoever wrote since */
	/* Sending back writes nothing: who did it may approve what others made of it. */
	become(t, c, S("P4"));
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	CHECK_INT(d->rec.rev, 3);
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_CHANGES_REQUESTED);
	become(t, c, S("P3"));
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->author = S("P3");
	CHECK(save(c, d) && store_commit(t, c));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_IN_REVIEW);
	CHECK(approve(t, c, S("P4")) && store_commit(t, c));

	/* A new round begins: who wrote before the approval did not write this one. */
	become(t, c, S("P4"));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_DRAFT);
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->summary = S("A second version");
	CHECK(save(c, d) && store_commit(t, c));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_IN_REVIEW);
	REFUSED(approve(t, c, S("P4")), ERR_DENIED, "");
	CHECK(approve(t, c, S("P1")) && store_commit(t, c));
	store_close(t, c);
}

TEST(a_move_takes_its_own_right_beside_the_one_to_write, "POL-REQ-02")
{
	struct call *c = open_store(t);
	const struct move *out[8];

	put_role(t, c, S("R-W"), S("document.write"));
	put_role(t, c, S("R-R"), S("*.read"));
	put(t, c, new_record(c, KIND_PERSON, S("P5"), PERSON_STATE_ACTIVE));
	put_grant(t, c, S("GRA-5"), S("P5"), S("R-W"), S(""));
	put_grant(t, c, S("GRA-6"), S("P5"), S("R-R"), S(""));
	become(t, c, S("P1"));
	put_document(t, c);
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_IN_REVIEW);
	REFUSED(approve(t, c, S("P5")), ERR_DENIED, "");
	CHECK_INT(c->denied, CAN_DOCUMENT_APPROVE);
	isize n = kind_moves(c, get(t, c, KIND_DOCUMENT, S("DOC-1")), out, 8);
	for (isize i = 0; i < n; i++)
		CHECK(out[i]->right == 0);
	CHECK(approve(t, c, S("P2")));
	store_close(t, c);
}

/* ---- scope ---- */

static void put_risk(struct test_case *t, struct call *c, str ref, str product)
{
	struct risk *r = new_record(c, KIND_RISK, ref, 0);

	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->rec.owner = S("P1");
	r->rec.product = product;
	put(t, c, r);
}

static bool move_product(struct test_case *t, struct call *c, str ref, str product)
{
	struct risk *r = get(t, c, KIND_RISK, ref);

	r->rec.product = product;
	r->event = S("moved");
	return save(c, r);
}

TEST(a_grant_for_one_product_writes_in_it_and_nowhere_else, "POL-REQ-02")
{
	struct call *c = open_store(t);
	const struct move *out[8];

	put_risk(t, c, S("RSK-1"), S("PRD-1"));
	put_risk(t, c, S("RSK-2"), S("PRD-2"));
	put_risk(t, c, S("RSK-3"), S(""));
	CHECK(store_commit(t, c));
	become(t, c, S("P4"));
	CHECK(kind_seen(c, S("RSK-1")) && !kind_seen(c, S("RSK-2")) && kind_seen(c, S("RSK-3")));
	CHECK(move_product(t, c, S("RSK-1"), S("PRD-1")) && store_commit(t, c));
	REFUSED(move_product(t, c, S("RSK-1"), S("PRD-2")), ERR_DENIED, "");
	REFUSED(move_product(t, c, S("RSK-1"), S("")), ERR_DENIED, "");
	REFUSED(move_product(t, c, S("RSK-3"), S("PRD-1")), ERR_DENIED, "");
	REFUSED(move_product(t, c, S("RSK-3"), S("")), ERR_DENIED, "");
	REFUSED(kind_move(c, get(t, c, KIND_RISK, S("RSK-3")), RISK_STATE_CLOSED), ERR_DENIED, "");
	CHECK_INT(kind_moves(c, get(t, c, KIND_RISK, S("RSK-3")), out, 8), 0);
	CHECK(kind_moves(c, get(t, c, KIND_RISK, S("RSK-1")), out, 8) > 0);
	/* What is not for somebody is not written by them, whatever they think it is. */
	struct risk *other = new_record(c, KIND_RISK, S("RSK-2"), 0);
	other->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	other->rec.owner = S("P1");
	other->rec.product = S("PRD-1");
	other->rec.rev = 1;
	REFUSED(save(c, other), ERR_MISSING, "");
	store_close(t, c);
}

TEST(a_grant_is_written_with_the_right_for_its_scope, "POL-REQ-02")
{
	struct call *c = open_store(t);
	struct access_grant *g = new_record(c, KIND_ACCESS_GRANT, S("GRA-9"), 0);

	become(t, c, S("P4"));
	g->identity = S("P3");
	g->role = S("R-ALL");
	g->rec.product = S("PRD-1");
	REFUSED(kind_put(c, g, S("access_grant.create")), ERR_DENIED, ""); /* for everything */
	g->scope = S("PRD-2");
	g->rec.rev = 0;
	REFUSED(kind_put(c, g, S("access_grant.create")), ERR_DENIED, "");
	g->scope = S("PRD-1");
	g->rec.rev = 0;
	CHECK(kind_put(c, g, S("access_grant.create")) && store_commit(t, c));
	g->scope = S("");
	REFUSED(save(c, g), ERR_DENIED, "");
	/* Nor is a grant for everything taken into one's own scope. */
	become(t, c, S("P1"));
	g = new_record(c, KIND_ACCESS_GRANT, S("GRA-10"), 0);
	g->identity = S("P3");
	g->role = S("R-ALL");
	g->rec.product = S("PRD-1");
	CHECK(kind_put(c, g, S("access_grant.create")) && store_commit(t, c));
	become(t, c, S("P4"));
	g->scope = S("PRD-1");
	REFUSED(save(c, g), ERR_DENIED, "");
	store_close(t, c);
}

/* ---- the legal hold, protection, identity, order ---- */

TEST(nothing_on_hold_is_disposed_of_whatever_its_kind, "")
{
	struct call *c = open_store(t);
	int tried = 0;

	become(t, c, S("P1"));
	for (int i = 0; i < kind_count; i++)
		for (int m = 0; m < kinds[i].move_count; m++) {
			const struct move *v = &kinds[i].move[m];
			if (!kinds[i].state[v->to].is_disposed)
				continue;
			struct rec *rec = kind_new(c->arena, &kinds[i]);
			bool held = false;
			rec->state = v->from;
			rec->legal_hold = true;
			CHECK(!kind_move(c, rec, v->to));
			for (const struct issue *x = c->err.issues; x; x = x->next)
				held |= str_eq(x->field, S("legal_hold"));
			CHECK(held || v->second_person);
			store_undo(t, c);
			tried++;
		}
	CHECK(tried >= 3);
	struct document *d = new_record(c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_ARCHIVED);
	d->type = DOCUMENT_TYPE_POLICY;
	d->disposal = S("Shredded, seen by P2");
	d->rec.legal_hold = true;
	put(t, c, d);
	CHECK(store_commit(t, c));
	become(t, c, S("P2"));
	REFUSED(kind_move(c, get(t, c, KIND_DOCUMENT, S("DOC-1")), DOCUMENT_STATE_DISPOSED),
		ERR_INVALID, "legal_hold");
	become(t, c, S("P3"));
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->rec.legal_hold = false;
	CHECK(save(c, d) && store_commit(t, c));
	become(t, c, S("P2"));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_DISPOSED);
	store_close(t, c);
}

TEST(a_protected_report_is_for_those_named_and_names_somebody, "")
{
	struct call *c = open_store(t);
	struct message *m = new_record(c, KIND_MESSAGE, S("MSG-1"), 0);
	str named[] = {S("P2")};

	become(t, c, S("P1"));
	m->direction = DIRECTION_IN;
	m->type = MESSAGE_TYPE_COMPLAINT;
	m->is_protected = true;
	REFUSED(kind_put(c, m, S("message.create")), ERR_INVALID, "need_to_know");
	m->rec.need_to_know = (struct words){named, 1};
	CHECK(kind_put(c, m, S("message.create")) && store_commit(t, c));
	const struct ledger_row entry = {.act = S("message.create"), .object = S("message:MSG-1")};
	CHECK(!kind_seen(c, S("MSG-1")) && !entry_seen(c, &entry));
	become(t, c, S("P2"));
	CHECK(kind_seen(c, S("MSG-1")) && entry_seen(c, &entry));
	store_close(t, c);
}

TEST(who_left_has_no_rights_and_a_role_must_be_in_force, "POL-REQ-02")
{
	struct call *c = open_store(t);

	put(t, c, new_record(c, KIND_PERSON, S("P6"), PERSON_STATE_LEFT));
	put(t, c, new_record(c, KIND_PERSON, S("P7"), PERSON_STATE_LEAVING));
	put(t, c, new_record(c, KIND_PERSON, S("P8"), PERSON_STATE_INVITED));
	put_grant(t, c, S("GRA-6"), S("P6"), S("R-ALL"), S(""));
	CHECK(store_commit(t, c));
	CHECK(ident_load(c, S("P7")) && c->who.grant_count == 0);
	REFUSED(ident_load(c, S("P6")), ERR_DENIED, "");
	REFUSED(ident_load(c, S("P8")), ERR_DENIED, "");
	REFUSED(ident_load(c, S("P9")), ERR_DENIED, "");
	store_close(t, c);
}

TEST(there_is_no_limit_of_products_in_what_somebody_may_see, "POL-REQ-02")
{
	enum { MANY = 100 };
	struct call *c = open_store(t);
	struct query q = {.limit = MANY + 1};
	struct list list;

	put_role(t, c, S("R-X"), S("risk.read"));
	put(t, c, new_record(c, KIND_PERSON, S("P5"), PERSON_STATE_ACTIVE));
	for (int i = 0; i < MANY; i++) {
		str product = str_fmt(c->arena, "PRD-%d", 100 + i);
		put(t, c, new_record(c, KIND_PRODUCT, product, 0));
		put_grant(t, c, str_fmt(c->arena, "GRA-%d", 100 + i), S("P5"), S("R-X"), product);
		put_risk(t, c, str_fmt(c->arena, "RSK-%d", 100 + i), product);
	}
	CHECK(store_commit(t, c));
	become(t, c, S("P5"));
	CHECK(kind_list(c, &kinds[KIND_RISK], &q, &list));
	CHECK_INT(list.count, MANY);
	CHECK_INT(list.total, MANY);
	CHECK(kind_seen(c, S("RSK-199")));
	store_close(t, c);
}

TEST(a_reference_is_given_once_and_revisions_follow_each_other, "")
{
	struct call *c = open_store(t);

	put_risk(t, c, S("RSK-1"), S(""));
	CHECK(store_commit(t, c));
	struct risk *twin = new_record(c, KIND_RISK, S("RSK-1"), 0);
	twin->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	twin->rec.owner = S("P1");
	REFUSED(kind_put(c, twin, S("risk.create")), ERR_INVALID, "ref");
	struct risk *r = get(t, c, KIND_RISK, S("RSK-1"));
	int64_t first = r->rec.since;
	c->now_us = first - 60000000; /* the clock went back */
	r->event = S("later all the same");
	CHECK(save(c, r));
	CHECK(r->rec.since > first);
	store_close(t, c);
}

/* ---- who decides who knows ---- */

static void name_self(struct rec *rec, int how, str *room)
{
	room[0] = S("P5");
	if (how == 0)
		rec->need_to_know = (struct words){room, 1};
	else if (how == 1)
		rec->owner = S("P5");
	else if (how == 2)
		rec->classification = CLASSIFICATION_RESTRICTED;
	else
		rec->product = S("PRD-1");
}

/* P5 writes everything and reads nothing that is restricted. */
static void put_writer(struct test_case *t, struct call *c)
{
	put_role(t, c, S("R-RW"), S("*.write"));
	put_role(t, c, S("R-RR"), S("*.read"));
	put(t, c, new_record(c, KIND_PERSON, S("P5"), PERSON_STATE_ACTIVE));
	put_grant(t, c, S("GRA-5"), S("P5"), S("R-RW"), S(""));
	struct role *r = get(t, c, KIND_ROLE, S("R-RR"));
	r->rights.item = NEW(c->arena, str, 2);
	r->rights.item[0] = S("vulnerability.read");
	r->rights.item[1] = S("document.read");
	r->rights.count = 2;
	put(t, c, r);
	put_grant(t, c, S("GRA-6"), S("P5"), S("R-RR"), S(""));
}

TEST(who_may_know_is_not_changed_by_who_does_not, "POL-REQ-02")
{
	struct call *c = open_store(t);
	str room[1];

	put_writer(t, c);
	for (int i = 1; i <= 3; i++) {
		struct vulnerability *v =
			new_record(c, KIND_VULNERABILITY, str_fmt(c->arena, "CVE-%d", i), 0);
		v->rec.owner = S("P1");
		if (i < 3)
			v->details = S("Hidden");
		put(t, c, v);
		if (i == 2) { /* a secret of a past revision is one */
			v->details = S("");
			put(t, c, v);
		}
	}
	CHECK(store_commit(t, c));
	become(t, c, S("P5"));
	for (int i = 1; i <= 3; i++)
		for (int how = 0; how < 4; how++) {
			str ref = str_fmt(c->arena, "CVE-%d", i);
			struct rec *rec = get(t, c, KIND_VULNERABILITY, ref);
			name_self(rec, how, room);
			if (i < 3) {
				REFUSED(save(c, rec), ERR_DENIED, "");
			} else {
				CHECK(save(c, rec));
				store_undo(t, c);
			}
		}
	struct rec *rec = get(t, c, KIND_VULNERABILITY, S("CVE-1"));
	rec->body = S("Whatever else is theirs to write");
	CHECK(save(c, rec) && store_commit(t, c));
	become(t, c, S("P1"));
	rec = get(t, c, KIND_VULNERABILITY, S("CVE-1"));
	name_self(rec, 0, room);
	CHECK(save(c, rec) && store_commit(t, c));
	become(t, c, S("P5"));
	struct vulnerability *v = get(t, c, KIND_VULNERABILITY, S("CVE-1"));
	CHECK_STR(v->details, S("Hidden"));
	store_close(t, c);
}

TEST(need_to_know_names_people_roles_and_teams, "")
{
	struct call *c = open_store(t);
	str word[1];
	static const char *const bad[] = {"P99", "everybody", "PRD-1", "DOC-1", ""};
	static const char *const good[] = {"P1", "R-ALL", "TEA-1"};

	put(t, c, new_record(c, KIND_TEAM, S("TEA-1"), 0));
	put_document(t, c);
	become(t, c, S("P1"));
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct rec *rec = get(t, c, KIND_DOCUMENT, S("DOC-1"));
		word[0] = str_of(bad[i]);
		rec->need_to_know = (struct words){word, 1};
		REFUSED(save(c, rec), ERR_INVALID, "need_to_know");
	}
	for (isize i = 0; i < COUNT_OF(good); i++) {
		struct rec *rec = get(t, c, KIND_DOCUMENT, S("DOC-1"));
		word[0] = str_of(good[i]);
		rec->need_to_know = (struct words){word, 1};
		CHECK(save(c, rec) && store_commit(t, c));
	}
	store_close(t, c);
}

static void take_seat(struct team *x, int seat, str who)
{
	static struct team_seat row[1];

	row[0] = (struct team_seat){.function = S("Lead")};
	if (seat == 0)
		x->lead = who;
	else if (seat == 1)
		x->lead_alternate = who;
	else if (seat == 2)
		row[0].holder = who;
	else
		row[0].alternate = who;
	if (seat > 1) {
		x->seat.item = row;
		x->seat.count = 1;
	}
}

TEST(nobody_lets_themselves_into_a_team, "POL-REQ-02")
{
	struct call *c = open_store(t);

	put_role(t, c, S("R-X"), S("risk.read"));
	put(t, c, new_record(c, KIND_TEAM, S("TEA-1"), 0));
	CHECK(store_commit(t, c));
	become(t, c, S("P1"));
	for (int seat = 0; seat < 4; seat++) {
		const str self[] = {S("P1"), S("R-ALL")}, other[] = {S("P2"), S("R-X")};
		for (isize i = 0; i < COUNT_OF(self); i++) {
			struct team *x = get(t, c, KIND_TEAM, S("TEA-1"));
			take_seat(x, seat, self[i]);
			REFUSED(save(c, x), ERR_DENIED, "");
			x = get(t, c, KIND_TEAM, S("TEA-1"));
			take_seat(x, seat, other[i]);
			CHECK(save(c, x));
			store_undo(t, c);
		}
	}
	struct team *x = new_record(c, KIND_TEAM, S("TEA-2"), 0);
	x->lead = S("P1");
	REFUSED(kind_put(c, x, S("team.create")), ERR_DENIED, "");
	become(t, c, S("P2"));
	x = get(t, c, KIND_TEAM, S("TEA-1"));
	x->lead = S("P1");
	CHECK(save(c, x) && store_commit(t, c));
	become(t, c, S("P1")); /* who has a seat may write the rest */
	x = get(t, c, KIND_TEAM, S("TEA-1"));
	x->mission = S("Answer");
	CHECK(save(c, x) && store_commit(t, c));
	store_close(t, c);
}

/* ---- roles of a product ---- */

static void put_product_role(struct test_case *t, struct call *c, int state)
{
	struct role *r = new_record(c, KIND_ROLE, S("R-X"), state);

	r->responsibilities = S("Said");
	r->rights.item = NEW(c->arena, str, 1);
	r->rights.item[0] = S("risk.write");
	r->rights.count = 1;
	r->rec.product = S("PRD-1");
	put(t, c, r);
}

TEST(a_role_of_a_product_gives_rights_within_it, "POL-REQ-02")
{
	struct call *c = open_store(t);
	static const char *const scopes[] = {"", "PRD-1", "PRD-2"};

	put_product_role(t, c, ROLE_STATE_EFFECTIVE);
	for (int i = 0; i < 3; i++) {
		str person = str_fmt(c->arena, "P%d", i + 5);
		put(t, c, new_record(c, KIND_PERSON, person, PERSON_STATE_ACTIVE));
		put_grant(t, c, str_fmt(c->arena, "GRA-%d", i + 5), person, S("R-X"),
			str_of(scopes[i]));
	}
	CHECK(store_commit(t, c));
	for (int i = 0; i < 3; i++) {
		become(t, c, str_fmt(c->arena, "P%d", i + 5));
		CHECK(call_could(c, CAN_RISK_WRITE, S("PRD-1")) == (i < 2));
		CHECK(!call_could(c, CAN_RISK_WRITE, S("PRD-2")));
		CHECK(!call_could(c, CAN_RISK_WRITE, S("")));
		CHECK(!call_holds(c, S("R-X"), S("")));
	}
	become(t, c, S("P1"));
	/* One that was granted wider is revised, not granted so again, and revoked. */
	move(t, c, KIND_ACCESS_GRANT, S("GRA-5"), ACCESS_GRANT_STATE_REQUESTED);
	become(t, c, S("P2"));
	REFUSED(kind_move(c, get(t, c, KIND_ACCESS_GRANT, S("GRA-5")), ACCESS_GRANT_STATE_GRANTED),
		ERR_INVALID, "scope");
	move(t, c, KIND_ACCESS_GRANT, S("GRA-7"), ACCESS_GRANT_STATE_REVOKED);
	for (int i = 0; i < 3; i++) {
		struct access_grant *g = new_record(c, KIND_ACCESS_GRANT, S("GRA-9"), 0);
		g->identity = S("P3");
		g->role = S("R-X");
		g->scope = str_of(scopes[i]);
		if (i == 1) {
			CHECK(kind_put(c, g, S("access_grant.create")));
			store_undo(t, c);
		} else {
			REFUSED(kind_put(c, g, S("access_grant.create")), ERR_INVALID, "scope");
		}
	}
	store_close(t, c);
}

static bool approve_role(struct test_case *t, struct call *c, str person)
{
	become(t, c, person);
	return kind_move(c, get(t, c, KIND_ROLE, S("R-X")), ROLE_STATE_EFFECTIVE);
}

TEST(nobody_approves_a_role_they_hold_or_beyond_their_scope, "POL-REQ-02")
{
	struct call *c = open_store(t);

	put_product_role(t, c, ROLE_STATE_DRAFT);
	put_grant(t, c, S("GRA-5"), S("P2"), S("R-X"), S("PRD-1"));
	CHECK(store_commit(t, c));
	REFUSED(approve_role(t, c, S("P2")), ERR_DENIED, ""); /* would hold it */
	CHECK(approve_role(t, c, S("P4"))); /* approves in PRD-1, where all of it is */
	store_undo(t, c);
	c->who = (struct who){.ref = S("system"), .is_system = true, .is_loader = true};
	put_grant(t, c, S("GRA-6"), S("P3"), S("R-X"), S("PRD-2"));
	CHECK(store_commit(t, c));
	REFUSED(approve_role(t, c, S("P4")), ERR_DENIED, "");
	CHECK(approve_role(t, c, S("P1")) && store_commit(t, c));
	store_close(t, c);
}

/* ---- what was approved ---- */

static void fill_required(struct test_case *t, struct call *c, struct rec *rec);

/* A record that a field may name, which is made when it is wanted. */
static str named(struct test_case *t, struct call *c, int kind)
{
	str ref = kind == KIND_PERSON ? S("P1")
		: kind == KIND_PRODUCT
		? S("PRD-1")
		: str_fmt(c->arena, "Y-%d", kind);

	if (db_int(c->db, SQL("SELECT count(*) FROM record WHERE ref = $1"), V(ref)) == 0) {
		struct rec *rec = new_record(c, kind, ref, 0);
		fill_required(t, c, rec);
		put(t, c, rec);
	}
	return ref;
}

/* Fills what the kind requires: the first word of a set, a record, a text. */
static void fill_required(struct test_case *t, struct call *c, struct rec *rec)
{
	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (!f->required || !kind_is_empty(rec, f))
			continue;
		str v = f->type == FIELD_ENUM  ? f->set->word[0].name
			: f->type == FIELD_REF ? named(t, c, f->refs[0])
			: f->type == FIELD_INT ? S("1")
					       : S("2026-01-01");
		if (!kind_set(c, rec, f, v))
			test_fail(t, __FILE__, __LINE__, "%.*s", STR_ARG(f->name));
	}
}

static void check_held(struct test_case *t, struct call *c, const struct kind *k, int state)
{
	str ref = str_fmt(c->arena, "X-%d%d", k->id, state);
	struct rec *rec = new_record(c, k->id, ref, state);

	c->who = (struct who){.ref = S("system"),
		.actor = S("system"),
		.is_system = true,
		.is_loader = true};
	fill_required(t, c, rec);
	rec->owner = S("P2");
	put(t, c, rec);
	CHECK(store_commit(t, c));
	become(t, c, S("P1"));
	rec = get(t, c, k->id, ref);
	rec->classification = CLASSIFICATION_INTERNAL; /* no part of it */
	put(t, c, rec);
	CHECK_INT(rec->state, state);
	rec->body = S("Something else");
	put(t, c, rec);
	CHECK(store_commit(t, c));
	CHECK_INT(rec->state, k->state[state].pending - 1);
	CHECK(rec->base);
	rec = in_force(t, c, k->id, ref);
	CHECK_INT(rec->state, state);
	CHECK_STR(rec->body, S(""));
	CHECK_INT(rec->classification, CLASSIFICATION_INTERNAL);
}

TEST(content_that_was_approved_stays_and_the_change_is_pending, "POL-REQ-04")
{
	struct call *c = open_store(t);
	int count = 0;

	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].state_count; n++)
			if (kinds[i].state[n].pending) {
				check_held(t, c, &kinds[i], n);
				count++;
			}
	CHECK(count > 50);
	store_close(t, c);
}

/* Whatever a second person or a signature leads to is held, or nothing follows. */
TEST(every_approved_state_holds_what_was_approved, "POL-REQ-04")
{
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].move_count; n++) {
			const struct move *m = &kinds[i].move[n];
			const struct state *to = &kinds[i].state[m->to];
			CHECK(!(m->second_person || m->meaning.n) || to->pending || to->is_sealed ||
				to->is_end);
		}
}

TEST(who_takes_a_hold_off_does_not_dispose_of_the_record, "")
{
	struct call *c = open_store(t);
	struct document *d = new_record(c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_ARCHIVED);

	d->type = DOCUMENT_TYPE_POLICY;
	d->disposal = S("Shredded, seen by P2");
	d->rec.legal_hold = true;
	put(t, c, d);
	CHECK(store_commit(t, c));
	become(t, c, S("P3"));
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->rec.legal_hold = false;
	CHECK(save(c, d) && store_commit(t, c));
	become(t, c, S("P1")); /* a later revision by somebody else changes nothing of that */
	d = get(t, c, KIND_DOCUMENT, S("DOC-1"));
	d->rec.review_due = 20900;
	CHECK(save(c, d) && store_commit(t, c));
	become(t, c, S("P3"));
	REFUSED(kind_move(c, get(t, c, KIND_DOCUMENT, S("DOC-1")), DOCUMENT_STATE_DISPOSED),
		ERR_DENIED, "");
	become(t, c, S("P2"));
	move(t, c, KIND_DOCUMENT, S("DOC-1"), DOCUMENT_STATE_DISPOSED);
	store_close(t, c);
}

TEST_MAIN()
