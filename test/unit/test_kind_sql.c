/* The schema and the statements of every kind: what is declared is there, in words of both
   engines. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "kinds.h"
#include "records.h"
#include "store.h"

static struct call *open_store(struct test_case *t)
{
	return store_open(t, S("2026-09-30T08:00:00Z"));
}

/* "ref TEXT! p1, id BLOB!, …": a column that is never NULL has "!", one of the key its place. */
static str columns_of(struct call *c, str table)
{
	struct rows r;
	struct buf b;

	buf_init(&b, c->arena, 64000);
	db_query(c->db, &r,
		SQL("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY cid"),
		V(table));
	while (rows_next(&r)) {
		buf_fmt(&b, "%s%.*s %.*s%s", b.n ? ", " : "", STR_ARG(rows_str(&r, 0)),
			STR_ARG(rows_str(&r, 1)), rows_int(&r, 2) ? "!" : "");
		if (rows_int(&r, 3))
			buf_fmt(&b, " p%d", (int)rows_int(&r, 3));
	}
	return rows_done(&r) ? buf_str(&b) : S("failed");
}

static const char *column_type(const struct field *f)
{
	return f->type == FIELD_INT || f->type == FIELD_FLAG || f->type == FIELD_DATE ||
			f->type == FIELD_TIME
		? "INTEGER"
		: "TEXT";
}

static void check_kind_table(struct test_case *t, struct call *c, const struct kind *k)
{
	int refs = 1;
	struct buf b;

	buf_init(&b, t->arena, 64000);
	buf_fmt(&b,
		"ref TEXT! p1, id BLOB!, rev INTEGER! p2, since INTEGER!, until INTEGER, by_actor "
		"TEXT!, why TEXT!, state TEXT!");
	for (int i = 0; i < k->field_count; i++) {
		buf_fmt(&b, ", f_%.*s %s", STR_ARG(k->field[i].name), column_type(&k->field[i]));
		refs += k->field[i].type == FIELD_REF;
	}
	CHECK_STR(columns_of(c, k->name), buf_str(&b));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM pragma_foreign_key_list($1) WHERE \"table\" = "
			      "'record' AND \"to\" = 'ref'"),
			  V(k->name)),
		refs);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM pragma_index_list($1) WHERE partial = 1 AND "
			      "((name = $1 "
			      "|| '_current' AND \"unique\" = 1) OR (name = $1 || '_order' AND "
			      "\"unique\" = 0))"),
			  V(k->name)),
		2);
}

TEST(every_kind_has_a_table_of_its_fields, "REC-REQ-02")
{
	struct call *c = open_store(t);

	for (int i = 0; i < kind_count; i++)
		check_kind_table(t, c, &kinds[i]);
	CHECK_STR(columns_of(c, S("record")),
		S("ref TEXT! p1, id BLOB!, kind TEXT!, prefix TEXT!, number INTEGER, rev INTEGER!, "
		  "title "
		  "TEXT!, state TEXT!, owner TEXT!, product TEXT!, classification TEXT!, "
		  "review_due "
		  "INTEGER, changed INTEGER!"));
	CHECK_STR(columns_of(c, S("link")),
		S("from_ref TEXT! p1, type TEXT! p2, to_ref TEXT! p3, since INTEGER! p4, until "
		  "INTEGER, "
		  "note TEXT!, by_actor TEXT!, confirmed INTEGER!"));
	CHECK_STR(columns_of(c, S("signature")),
		S("ref TEXT! p1, rev INTEGER! p2, signer TEXT! p3, name TEXT!, meaning TEXT! p4, "
		  "hash "
		  "BLOB!, at INTEGER!"));
	CHECK_STR(columns_of(c, S("search")), S("ref , kind , title , body "));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name IN "
			      "('record_kind', 'record_prefix', 'record_owner', 'link_current', "
			      "'link_to', 'link_type')")),
		6);
	store_close(t, c);
}

/* Types are held, and what is current is so once. */
TEST(the_store_refuses_what_the_schema_forbids, "REC-REQ-02")
{
	const struct value wrong[] = {SQL_FREE("UPDATE asset SET rev = 'one'"),
		SQL_FREE("UPDATE record SET changed = 'now'"),
		SQL_FREE("UPDATE link SET since = 'now'"),
		SQL_FREE("INSERT INTO asset(ref, id, rev, since, by_actor, why, state) SELECT ref, "
			 "id, 9, "
			 "since, by_actor, why, state FROM asset WHERE ref = 'A-1'"),
		SQL_FREE("INSERT INTO link(from_ref, type, to_ref, since, note, by_actor, "
			 "confirmed) "
			 "SELECT from_ref, type, to_ref, 9, note, by_actor, confirmed FROM link"),
		SQL_FREE("INSERT INTO signature(ref, rev, signer, name, meaning, hash, at) "
			 "VALUES('A-9', "
			 "1, 'P1', 'P', 'seen', x'00', 1)"),
		SQL_FREE("UPDATE asset SET ref = 'A-9' WHERE ref = 'A-2'"),
		SQL_FREE("UPDATE record SET title = NULL")};
	struct call *c = open_store(t);

	for (int i = 0; i < 2; i++) {
		struct asset *a = kind_new(c->arena, &kinds[KIND_ASSET]);
		a->rec.title = S("Thing");
		a->type = 1;
		CHECK(kind_put(c, a, S("asset.create")));
	}
	CHECK(link_add(c, S("A-1"), S("depends_on"), S("A-2"), S("")) && store_commit(t, c));
	for (isize i = 0; i < COUNT_OF(wrong); i++) {
		if (db_exec_values(c->db, &wrong[i], 1))
			test_fail(t, __FILE__, __LINE__, "statement %td", i);
		store_undo(t, c);
	}
	/* A field names a record before it is there, but not for long. */
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET f_owner = 'P404'")));
	CHECK(!db_commit(c->db));
	store_undo(t, c);
	store_close(t, c);
}

static int count_of(str text, const char *what)
{
	int n = 0;

	for (isize at = str_find(text, str_of(what)); at >= 0; at = str_find(text, str_of(what))) {
		text = str_part(text, at + str_of(what).n, text.n);
		n++;
	}
	return n;
}

TEST(the_schema_is_worded_for_its_engine, "")
{
	struct buf sqlite, other;
	int columns = 0;

	buf_init(&sqlite, t->arena, 8 << 20);
	buf_init(&other, t->arena, 8 << 20);
	kind_ddl(&sqlite, S("sqlite"));
	kind_ddl(&other, S("postgresql"));
	str one = buf_str(&sqlite), two = buf_str(&other);
	/* A table of each kind, of records, links, signatures, pending revisions; and of search,
	   which is virtual. */
	CHECK_INT(count_of(one, "CREATE TABLE "), kind_count + 4);
	CHECK_INT(count_of(one, ") STRICT;\n"), kind_count + 4);
	CHECK_INT(count_of(one, "CREATE VIRTUAL TABLE search USING fts5("), 1);
	CHECK_INT(count_of(one, "BIGINT") + count_of(one, "BYTEA"), 0);
	CHECK_INT(count_of(two, "CREATE TABLE "), kind_count + 5);
	CHECK_INT(count_of(two, "CREATE TABLE search("), 1);
	CHECK_INT(count_of(two, "STRICT") + count_of(two, "VIRTUAL") + count_of(two, "BLOB") +
			count_of(two, "INTEGER"),
		0);
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].field_count; n++)
			columns += str_eq(str_of(column_type(&kinds[i].field[n])), S("INTEGER"));
	CHECK_INT(count_of(one, " INTEGER"), columns + 3 * kind_count + 15);
	CHECK_INT(count_of(two, " BIGINT"), columns + 3 * kind_count + 15);
	CHECK_INT(count_of(one, "CREATE INDEX") + count_of(one, "CREATE UNIQUE INDEX"),
		2 * kind_count + 7);
	CHECK_INT(count_of(two, "CREATE INDEX") + count_of(two, "CREATE UNIQUE INDEX"),
		2 * kind_count + 7);
}

/* ---- statements ---- */

/* Another record of the kind that may follow `r`. */
static struct rec *changed(struct arena *a, uint64_t *state, const struct rec *r)
{
	struct rec *other = random_record(a, state, r->kind);

	other->ref = r->ref;
	other->id = r->id;
	other->rev = r->rev;
	other->state = r->state;
	other->need_to_know = r->need_to_know;
	return other;
}

static void check_statements(struct test_case *t, struct call *c, const struct kind *k)
{
	uint64_t state = (uint64_t)clock_mono();
	struct rec *one = random_record(t->arena, &state, k);
	struct revision *list;
	void *rec;
	isize count;

	one->need_to_know = (struct words){.item = NEW(t->arena, str, 1), .count = 1};
	one->need_to_know.item[0] = S("P1");
	CHECK(kind_put(c, one, S("test.create")));
	str first = canonical(t->arena, one);
	int64_t since = one->since;
	struct rec *two = changed(t->arena, &state, one);
	c->reason = S("because");
	CHECK(kind_put(c, two, S("test.update")));
	if (c->err.code)
		test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(k->name), c->err.text);
	CHECK(kind_get(c, k, one->ref, &rec));
	CHECK_STR(canonical(t->arena, rec), canonical(t->arena, two));
	CHECK(kind_get_rev(c, k, one->ref, 1, &rec));
	CHECK_STR(canonical(t->arena, rec), first);
	CHECK_INT(((struct rec *)rec)->until, two->since);
	c->at_us = since;
	CHECK(kind_get(c, k, one->ref, &rec));
	CHECK_INT(((struct rec *)rec)->rev, 1);
	c->at_us = two->since - 1;
	CHECK(kind_get(c, k, one->ref, &rec));
	CHECK_INT(((struct rec *)rec)->rev, 1);
	c->at_us = two->since;
	CHECK(kind_get(c, k, one->ref, &rec));
	CHECK_INT(((struct rec *)rec)->rev, 2);
	c->at_us = TIME_NONE;
	CHECK(kind_history(c, k, one->ref, &list, &count));
	CHECK_INT(count, 2);
	CHECK_INT(list[0].rev, 2);
	CHECK_STR(list[0].why, S("because"));
	err_clear(&c->err);
}

TEST(every_kind_is_written_closed_and_read_by_its_statements, "REC-REQ-02")
{
	struct call *c = open_store(t);

	for (int i = 0; i < kind_count; i++) {
		c->reason = S("");
		check_statements(t, c, &kinds[i]);
	}
	store_close(t, c);
}

/* Somebody who sees a record and not its secrets does not say who else does, if it has any. */
static void check_secrets(struct test_case *t, struct call *c, const struct kind *k)
{
	uint64_t state = 1;
	struct who program = c->who;
	struct grant g = {0};
	void *seen;

	for (int i = -1; i < k->field_count; i++) {
		if (i >= 0 && !k->field[i].secret)
			continue;
		struct rec *r = random_record(t->arena, &state, k);
		for (int n = 0; n < k->field_count; n++)
			if (k->field[n].secret && n != i)
				*(str *)kind_slot(r, &k->field[n]) = S("");
			else if (n == i)
				*(str *)kind_slot(r, &k->field[n]) = S("the secret words");
			else if (k->field[n].type == FIELD_ROWS)
				((struct any_rows *)kind_slot(r, &k->field[n]))->count = 0;
		r->classification = 0;
		r->product = S("");
		r->state = 0;
		r->need_to_know.count = 0;
		CHECK(kind_put(c, r, S("test.create")));
		right_match(S("*"), g.right);
		g.right[CAN_RESTRICTED_READ / 64] &= ~(UINT64_C(1) << (CAN_RESTRICTED_READ % 64));
		c->who = (struct who){
			.ref = S("P1"), .actor = S("person:1"), .grant = &g, .grant_count = 1};
		c->reason = S("said");
		if (kind_get(c, k, r->ref, &seen)) {
			for (int n = 0; n < k->field_count; n++)
				if (k->field[n].type == FIELD_REF &&
					!kind_is_empty(seen, &k->field[n]))
					*(str *)kind_slot(seen, &k->field[n]) = S("P9");
			((struct rec *)seen)->classification = CLASSIFICATION_INTERNAL;
			bool ok = kind_put(c, seen, S("test.update"));
			if ((!ok && c->err.code == ERR_DENIED) != (i >= 0))
				test_fail(t, __FILE__, __LINE__, "%.*s: %s", STR_ARG(k->name),
					c->err.text);
		}
		err_clear(&c->err);
		c->who = program;
	}
}

TEST(any_secret_field_of_a_record_is_one, "POL-REQ-02")
{
	struct call *c = open_store(t);
	struct rec *p = kind_new(c->arena, &kinds[KIND_PERSON]);

	p->ref = p->title = S("P9");
	CHECK(kind_put(c, p, S("person.create")));
	for (int i = 0; i < kind_count; i++) {
		bool any = false;
		for (int n = 0; n < kinds[i].field_count; n++)
			any |= kinds[i].field[n].secret;
		if (any)
			check_secrets(t, c, &kinds[i]);
	}
	store_close(t, c);
}

TEST_MAIN()
