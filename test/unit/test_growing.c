/* Tables that only grow: for each, what may and may not become of its rows. */
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

static struct grant everything;

static void become_person(struct call *c)
{
	right_match(S("*"), everything.right);
	c->who = (struct who){
		.ref = S("P1"), .actor = S("person:1"), .grant = &everything, .grant_count = 1};
	c->reason = S("test");
}

static void fill(struct test_case *t, struct call *c, void *rec, const struct field *f, int count,
	const char *mark)
{
	for (int i = 0; i < count; i++) {
		const struct field *x = &f[i];
		str v = x->type == FIELD_ENUM                            ? x->set->word[0].name
			: x->type == FIELD_REF                           ? S("P1")
			: x->type == FIELD_INT                           ? S("1")
			: x->type == FIELD_DATE                          ? S("2026-01-01")
			: x->type == FIELD_TIME                          ? S("2026-01-01T00:00:00Z")
			: x->type == FIELD_TEXT || x->type == FIELD_PROSE ? str_of(mark)
									 : S("");
		if (x->required && kind_is_empty(rec, x))
			CHECK(kind_set(c, rec, x, v));
	}
}

/* Adds a row that says `mark` wherever it says something. */
static void add(struct test_case *t, struct call *c, void *rec, const struct field *f,
	const char *mark)
{
	struct any_rows *rows = kind_slot(rec, f), old = *rows;
	char *item = arena_take(
		c->arena, f->row_size, (isize) _Alignof(max_align_t), old.count + 1);

	if (old.count)
		memcpy(item, old.item, (size_t)(old.count * f->row_size));
	rows->item = item;
	char *row = item + rows->count++ * f->row_size;
	for (int i = 0; i < f->col_count; i++)
		CHECK(kind_set(c, row, &f->col[i], S("")));
	fill(t, c, row, f->col, f->col_count, mark);
}

static void *load(struct test_case *t, struct call *c, const struct kind *k, str ref)
{
	void *rec = NULL;

	CHECK(kind_get(c, k, ref, &rec));
	return rec;
}

static int64_t recorded(const void *rec, const struct field *f, isize i)
{
	const struct any_rows *rows = kind_slot(rec, f);

	return *(const int64_t *)kind_slot(
		(const char *)rows->item + i * f->row_size, &f->col[f->append - 1]);
}

static void refused(struct test_case *t, struct call *c, void *rec, const struct field *f)
{
	CHECK(!kind_put(c, rec, S("test.update")));
	CHECK_INT(c->err.code, ERR_INVALID);
	CHECK_STR(c->err.issues ? c->err.issues->field : S(""), f->name);
	err_clear(&c->err);
}

/* Nothing of a row that was saved: fewer of them, another time, another text. */
static void check_changes(
	struct test_case *t, struct call *c, const struct kind *k, const struct field *f, str ref)
{
	const struct field *time = &f->col[f->append - 1];
	struct rec *rec;
	struct any_rows *rows;

	rec = load(t, c, k, ref);
	rows = kind_slot(rec, f);
	rows->count = 0;
	refused(t, c, rec, f);
	rec = load(t, c, k, ref);
	rows = kind_slot(rec, f);
	CHECK(kind_set(c, rows->item, time, S("2001-01-01T00:00:00Z")));
	refused(t, c, rec, f);
	for (int i = 0; i < f->col_count; i++) {
		rec = load(t, c, k, ref);
		rows = kind_slot(rec, f);
		if (f->col[i].type != FIELD_TEXT && f->col[i].type != FIELD_PROSE)
			continue;
		CHECK(kind_set(c, rows->item, &f->col[i], S("else")));
		refused(t, c, rec, f);
	}
}

/* A new row behind; then the old ones again. */
static void check_growth(
	struct test_case *t, struct call *c, const struct kind *k, const struct field *f, str ref)
{
	const struct field *time = &f->col[f->append - 1];
	struct rec *rec = load(t, c, k, ref);
	struct any_rows *rows = kind_slot(rec, f);
	int64_t first = recorded(rec, f, 0);

	/* A new row behind, and the old one without its time, as a form may send it. */
	CHECK(kind_set(c, rows->item, time, S("")));
	add(t, c, rec, f, "second");
	c->now_us += 1000;
	CHECK(kind_put(c, rec, S("test.update")));
	rec = load(t, c, k, ref);
	CHECK_INT(recorded(rec, f, 0), first);
	CHECK(recorded(rec, f, 1) >= first + 1000);
	/* Only the first of two, or what may be left out of one. */
	rows = kind_slot(rec, f);
	for (int i = 0; i < f->col_count; i++) {
		rec = load(t, c, k, ref);
		rows = kind_slot(rec, f);
		if (i == f->append - 1 || f->col[i].required)
			continue;
		str other = f->col[i].type == FIELD_ENUM ? f->col[i].set->word[0].name
			: f->col[i].type == FIELD_REF    ? S("P1")
			: f->col[i].type == FIELD_INT    ? S("1")
			: f->col[i].type == FIELD_TIME   ? S("2026-01-01T00:00:00Z")
							 : S("else");
		CHECK(kind_set(c, rows->item, &f->col[i], other));
		refused(t, c, rec, f);
	}
	/* The rest of the record changes, and the rows need not. */
	rec = load(t, c, k, ref);
	rec->title = S("Two");
	CHECK(kind_put(c, rec, S("test.update")));
	CHECK_INT(recorded(load(t, c, k, ref), f, 0), first);
	/* What brings records from elsewhere brings their rows. */
	rec = load(t, c, k, ref);
	rows = kind_slot(rec, f);
	CHECK(kind_set(c, rows->item, time, S("2001-01-01T00:00:00Z")));
	c->who.is_loader = true;
	CHECK(kind_put(c, rec, S("test.update")));
	c->who.is_loader = false;
	CHECK(recorded(load(t, c, k, ref), f, 0) < first);
	rec = load(t, c, k, ref);
	/* Nor in another order. */
	rows = kind_slot(rec, f);
	rows->item = (char *)rows->item + f->row_size;
	rows->count = 1;
	refused(t, c, rec, f);
}

static void check_table(
	struct test_case *t, struct call *c, const struct kind *k, const struct field *f)
{
	const struct field *time = &f->col[f->append - 1];
	struct rec *rec = kind_new(c->arena, k);
	struct any_rows *rows = kind_slot(rec, f);

	rec->title = S("One");
	fill(t, c, rec, k->field, k->field_count, "2026-01-01");
	add(t, c, rec, f, "first");
	/* Whatever somebody says: the time is that of the call. */
	CHECK(kind_set(c, rows->item, time, S("2001-01-01T00:00:00Z")));
	CHECK(kind_put(c, rec, S("test.create")));
	int64_t first = recorded(load(t, c, k, rec->ref), f, 0);
	CHECK_INT(first, c->now_us);
	check_changes(t, c, k, f, rec->ref);
	check_growth(t, c, k, f, rec->ref);
}

TEST(rows_that_were_saved_stay, "REC-REQ-03")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	int count = 0;

	store_put(t, c, "person", "P1", "active", NULL);
	become_person(c);
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].field_count; n++)
			if (kinds[i].field[n].append) {
				check_table(t, c, &kinds[i], &kinds[i].field[n]);
				count++;
			}
	CHECK_INT(count, 4);
	store_close(t, c);
}

TEST_MAIN()
