/* What a value may be, at its limit and one past it; times asked for; patterns of rights. */
#include "store.h"

/* Whether kind_check() has an issue of the field, and nothing else has one. */
static bool is_refused(struct call *c, const void *rec, const char *field)
{
	bool ok = kind_check(c, rec), found = false, other = false;

	for (const struct issue *i = c->err.issues; i; i = i->next) {
		found |= str_eq(i->field, str_of(field));
		other |= !str_eq(i->field, str_of(field));
	}
	err_clear(&c->err);
	return !ok && found && !other;
}

static bool is_taken(struct call *c, const void *rec)
{
	bool ok = kind_check(c, rec);

	err_clear(&c->err);
	return ok;
}

static struct risk *good_risk(struct call *c)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.title = S("A risk");
	r->rec.owner = S("P1");
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	return r;
}

static str repeated(struct call *c, const char *one, isize n)
{
	struct buf b;

	buf_init(&b, c->arena, 4 * n + 16);
	for (isize i = 0; i < n; i++)
		buf_add(&b, str_of(one));
	return buf_str(&b);
}

/* Its program speaks of references that come later; so the caller is a person. */
static struct call *open_store(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct rec *p = kind_new(c->arena, &kinds[KIND_PERSON]);

	p->ref = p->title = S("P1");
	CHECK(kind_put(c, p, S("person.create")));
	c->who.is_system = false;
	return c;
}

TEST(texts_are_as_long_as_they_may_be_in_characters, "REC-REQ-05")
{
	struct call *c = open_store(t);
	struct risk *r = good_risk(c);
	str word = S("two\nlines");

	CHECK(is_taken(c, r));
	r->rec.title = repeated(c, "ü", 300);
	CHECK(is_taken(c, r));
	r->rec.title = repeated(c, "ü", 301);
	CHECK(is_refused(c, r, "title"));
	r->rec.title = S("two\nlines");
	CHECK(is_refused(c, r, "title"));
	r->rec.title = S("A risk");
	r->event = S("two\nlines"); /* prose */
	CHECK(is_taken(c, r));
	r->rec.tags = (struct words){&word, 1};
	CHECK(is_refused(c, r, "tags"));
	word = repeated(c, "ü", 200);
	CHECK(is_taken(c, r));
	word = repeated(c, "ü", 201);
	CHECK(is_refused(c, r, "tags"));
	store_close(t, c);
}

TEST(numbers_days_and_times_keep_to_their_range, "REC-REQ-05")
{
	struct call *c = open_store(t);
	struct risk *r = good_risk(c);

	r->inherent_severity = 1;
	CHECK(is_taken(c, r));
	r->inherent_severity = 5;
	CHECK(is_taken(c, r));
	r->inherent_severity = 6;
	CHECK(is_refused(c, r, "inherent_severity"));
	r->inherent_severity = 0;
	CHECK(is_refused(c, r, "inherent_severity"));
	r->inherent_severity = INT_NONE;
	r->rec.review_due = DAY_MAX;
	CHECK(is_taken(c, r));
	r->rec.review_due = DAY_MAX + 1;
	CHECK(is_refused(c, r, "review_due"));
	r->rec.review_due = DAY_MIN - 1;
	CHECK(is_refused(c, r, "review_due"));
	r->rec.review_due = DAY_NONE;
	r->rec.happened_at = (DAY_MAX + 1) * DAY_US - 1;
	CHECK(is_taken(c, r));
	r->rec.happened_at = (DAY_MAX + 1) * DAY_US;
	CHECK(is_refused(c, r, "happened_at"));
	r->rec.happened_at = DAY_MIN * DAY_US - 1;
	CHECK(is_refused(c, r, "happened_at"));
	store_close(t, c);
}

TEST(references_are_there_and_of_the_right_kind, "REC-REQ-05")
{
	struct call *c = open_store(t);
	struct risk *r = good_risk(c);

	r->rec.product = S("P1"); /* a person is no product */
	CHECK(is_refused(c, r, "product"));
	r->rec.product = S("PRD-404");
	CHECK(is_refused(c, r, "product"));
	store_close(t, c);
}

TEST(a_table_has_as_many_rows_as_it_may, "REC-REQ-05")
{
	enum { MANY = 201 };
	struct call *c = open_store(t);
	struct risk *r = good_risk(c);

	r->rating.item = NEW(c->arena, struct risk_rating, MANY);
	for (int i = 0; i < MANY; i++)
		r->rating.item[i] = (struct risk_rating){
			.at = c->now_us, .stage = 1, .severity = 1, .exploitability = 1};
	r->rating.count = MANY - 1;
	CHECK(is_taken(c, r));
	r->rating.count = MANY;
	CHECK(is_refused(c, r, "rating"));
	r->rating.count = 1;
	r->rating.item[0].severity = 6;
	CHECK(is_refused(c, r, "rating.0.severity"));
	store_close(t, c);
}

TEST(an_entry_that_is_not_there_is_no_time, "REC-REQ-04")
{
	struct call *c = open_store(t);

	CHECK(call_at(c, S("0")) && c->at_us != TIME_NONE);
	CHECK(call_at(c, S("")) && c->at_us == TIME_NONE);
	CHECK(!call_at(c, S("999")));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	CHECK(!call_at(c, S("soon")));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(call_at(c, S("2026-09-30")));
	CHECK_INT(c->at_us % DAY_US, DAY_US - 1); /* the end of that day */
	store_close(t, c);
}

static bool matches(str pattern, int right)
{
	uint64_t set[RIGHT_WORDS] = {0};

	right_match(pattern, set);
	return set[right / 64] >> (right % 64) & 1;
}

TEST(patterns_of_rights_do_not_overlap_themselves, "POL-REQ-02")
{
	CHECK(matches(S("risk.read"), CAN_RISK_READ));
	CHECK(matches(S("risk.*"), CAN_RISK_READ) && matches(S("*.read"), CAN_RISK_READ));
	CHECK(matches(S("*"), CAN_RISK_READ) && matches(S("ri*ad"), CAN_RISK_READ));
	CHECK(!matches(S("risk.read*.read"), CAN_RISK_READ));
	CHECK(!matches(S("risk"), CAN_RISK_READ) && !matches(S("*.write"), CAN_RISK_READ));
	CHECK(!matches(S("risk.*"), CAN_RISK_MODEL_READ));
}

TEST(the_first_refusal_is_the_one_remembered, "")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};

	CHECK(!call_may(&c, CAN_RISK_WRITE, S("PRD-1")));
	CHECK(!call_may(&c, CAN_RISK_READ, S("PRD-2")));
	CHECK_INT(c.denied, CAN_RISK_WRITE);
	CHECK_STR(c.denied_at, S("PRD-1"));
}

TEST(what_belongs_to_no_product_takes_a_grant_without_one, "POL-REQ-03")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	struct grant g = {.product = S("PRD-1"), .role = S("R-X")};

	right_match(S("risk.write"), g.right);
	c.who = (struct who){.ref = S("P1"), .grant = &g, .grant_count = 1};
	CHECK(call_could(&c, CAN_RISK_WRITE, S("PRD-1")));
	CHECK(!call_could(&c, CAN_RISK_WRITE, S("PRD-2")));
	CHECK(!call_could(&c, CAN_RISK_WRITE, S("")));
	CHECK(call_could_some(&c, CAN_RISK_WRITE) && !call_could_some(&c, CAN_RISK_READ));
	CHECK(call_is(&c, S("R-X"), S("PRD-1")) && !call_is(&c, S("R-X"), S("PRD-2")));
	CHECK(!call_is(&c, S("R-X"), S("")) && !call_is(&c, S(""), S("")));
	CHECK(call_is(&c, S("P1"), S("PRD-2")) && !call_holds(&c, S("P1"), S("PRD-1")));
	g.product = S("");
	CHECK(call_could(&c, CAN_RISK_WRITE, S("")) && call_could(&c, CAN_RISK_WRITE, S("PRD-2")));
	CHECK(call_is(&c, S("R-X"), S("")) && call_holds(&c, S("R-X"), S("PRD-2")));
}

TEST_MAIN()
