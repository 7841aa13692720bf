/* What a store's file holds comes from outside: damage is told as damage, and ends nobody's
   process. */
#include "store.h"
#include "test.h"

static const char *const hostile[] = {"x'0102'", "''", "'['", "'{\"a\":1}'", "'\xff\xfe'", "-1",
	"9223372036854775807", "-9223372036854775808", "'zzz'", "NULL", "'[1,{\"x\":[]}]'",
	"x'000000000000000000000000000000000000'"};

/* A risk with something in every field that takes a text. */
static void put_risk(struct test_case *t, struct call *c)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);

	p->rec.ref = S("P1");
	p->rec.title = S("Ada");
	p->rec.state = PERSON_STATE_ACTIVE;
	CHECK(kind_put(c, p, S("person.create")));
	r->rec.ref = S("RSK-1");
	r->rec.title = S("A risk");
	r->domain = RISK_DOMAIN_ORGANIZATION;
	r->rec.owner = S("P1");
	CHECK(kind_put(c, r, S("risk.create")));
	CHECK(store_commit(t, c));
}

/* All that pages, files and the API do with what was read. */
static void use(struct call *c, const struct rec *rec)
{
	struct buf b;

	buf_init(&b, c->arena, LIMIT_OUTPUT_BYTES);
	kind_json(&b, rec);
	kind_csv_line(&b, c->arena, rec);
	for (int i = 0; i < rec->kind->field_count; i++) {
		kind_value(c->arena, rec, &rec->kind->field[i]);
		kind_value_words(c->arena, rec, &rec->kind->field[i]);
	}
}

static void look(struct test_case *t, struct call *c)
{
	struct query q = {.limit = 100};
	struct list list;
	void *rec = NULL;

	err_clear(&c->err);
	if (kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec))
		use(c, rec);
	else
		CHECK(c->err.code == ERR_TAMPERED || c->err.code == ERR_MISSING);
	err_clear(&c->err);
	if (kind_list(c, &kinds[KIND_RISK], &q, &list))
		for (isize i = 0; i < list.count; i++)
			use(c, list.item[i]);
	else
		CHECK_INT(c->err.code, ERR_TAMPERED);
	err_clear(&c->err);
}

static void damage(struct test_case *t, struct call *c, str column)
{
	for (isize i = 0; i < COUNT_OF(hostile); i++) {
		struct err e = {0};
		CHECK(db_save(c->db));
		/* STRICT tables and NOT NULL refuse some: those cannot be there. */
		if (db_script(c->db,
			    str_fmt(t->arena, "UPDATE risk SET \"%.*s\" = %s", STR_ARG(column),
				    hostile[i]),
			    &e))
			look(t, c);
		db_undo(c->db);
		err_clear(&c->err);
	}
}

TEST(damage_in_any_column_is_told_or_shown_and_ends_nothing, "")
{
	static const str head[] = {S_INIT("id"), S_INIT("rev"), S_INIT("since"), S_INIT("until"),
		S_INIT("by_actor"), S_INIT("why"), S_INIT("state"), S_INIT("ref")};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct kind *k = &kinds[KIND_RISK];

	put_risk(t, c);
	for (isize i = 0; i < COUNT_OF(head); i++)
		damage(t, c, head[i]);
	for (int i = 0; i < k->field_count; i++)
		damage(t, c, str_fmt(t->arena, "f_%.*s", STR_ARG(k->field[i].name)));
	store_close(t, c);
}

TEST(a_short_id_is_damage_with_the_name_of_its_record, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct err e = {0};
	void *rec;

	put_risk(t, c);
	CHECK(db_script(c->db, S("UPDATE risk SET id = x'0102'"), &e));
	CHECK(!kind_get(c, &kinds[KIND_RISK], S("RSK-1"), &rec));
	CHECK_INT(c->err.code, ERR_TAMPERED);
	CHECK(str_find(err_text(&c->err), S("RSK-1 is damaged")) >= 0);
	err_clear(&c->err);
	store_close(t, c);
}

TEST_MAIN()
