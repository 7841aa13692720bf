/* What differs between revisions: nothing is left out, nothing is said that did not happen. */
#include "kind/kind.h"
#include "kinds.h"
#include "records.h"
#include "store.h"

/* ---- fields ---- */

/* A field's value as the list of changes shows it. */
static str shown(struct arena *a, const void *rec, const struct field *f)
{
	return f->type == FIELD_ROWS ? kind_value(a, rec, f) : kind_value_words(a, rec, f);
}

static void check_diff(struct test_case *t, const struct rec *was, const struct rec *is)
{
	const struct kind *k = is->kind;
	struct change *change;
	isize n = kind_diff(t->arena, was, is, &change), at = 0;

	if (was->state != is->state) {
		CHECK(n > 0);
		CHECK_STR(change[0].field, S("state"));
		CHECK_STR(change[0].before, k->state[was->state].label);
		CHECK_STR(change[0].after, k->state[is->state].label);
		at = 1;
	}
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		if (str_eq(kind_value(t->arena, was, f), kind_value(t->arena, is, f)))
			continue;
		CHECK(at < n);
		if (at == n)
			return;
		CHECK_STR(change[at].field, f->name);
		CHECK_STR(change[at].label, f->label);
		CHECK_STR(change[at].before, shown(t->arena, was, f));
		CHECK_STR(change[at].after, shown(t->arena, is, f));
		at++;
	}
	CHECK_INT(at, n);
}

TEST(every_field_that_differs_is_told_in_order_and_no_other, "REC-REQ-04")
{
	uint64_t state = (uint64_t)clock_mono();

	for (int i = 0; i < kind_count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		struct rec *one = random_record(t->arena, &state, &kinds[i]);
		struct rec *two = random_record(t->arena, &state, &kinds[i]);
		check_diff(t, one, two);
		check_diff(t, one, kind_new(t->arena, &kinds[i]));
		check_diff(t, one, kind_copy(t->arena, &kinds[i], one));
		two->state = one->state;
		check_diff(t, two, one);
		arena_rewind(t->arena, mark);
	}
}

/* `mine` with each field as it was, or as somebody else changed it. */
TEST(every_field_that_one_person_left_alone_is_taken_from_the_other, "")
{
	uint64_t state = (uint64_t)clock_mono();

	for (int i = 0; i < kind_count; i++) {
		struct arena_mark mark = arena_here(t->arena);
		const struct kind *k = &kinds[i];
		struct rec *base = random_record(t->arena, &state, k);
		struct rec *theirs = random_record(t->arena, &state, k);
		struct rec *other = random_record(t->arena, &state, k);
		struct rec *mine = kind_copy(t->arena, k, base);
		kind_merge(mine, base, theirs);
		mine->ref = theirs->ref;
		mine->state = theirs->state;
		CHECK_STR(canonical(t->arena, mine), canonical(t->arena, theirs));
		mine = kind_copy(t->arena, k, other);
		kind_merge(mine, base, theirs);
		for (int n = 0; n < k->field_count; n++) {
			const struct field *f = &k->field[n];
			str was = kind_value(t->arena, base, f),
			    ours = kind_value(t->arena, other, f);
			CHECK_STR(kind_value(t->arena, mine, f),
				str_eq(was, ours) ? kind_value(t->arena, theirs, f) : ours);
		}
		arena_rewind(t->arena, mark);
	}
}

/* ---- rows ---- */

static struct risk *rated(struct call *c, const char *notes)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	str rest = str_of(notes);

	r->rating.item = NEW(c->arena, struct risk_rating, 1000);
	while (rest.n) {
		struct risk_rating *row = &r->rating.item[r->rating.count++];
		*row = (struct risk_rating){.recorded = TIME_NONE,
			.at = INT_NONE, .severity = INT_NONE, .exploitability = INT_NONE};
		str cell = str_cut(&rest, ' ');
		row->note = str_cut(&cell, '/');
		row->level = cell;
	}
	return r;
}

static const struct field *rating(void)
{
	return kind_field(&kinds[KIND_RISK], S("rating"));
}

/* "+2b" for an added row, "-1a" for a removed one, "*1a" for a changed one, by its number. */
static str changes_of(struct call *c, const char *before, const char *after)
{
	struct row_change *change;
	isize n = kind_diff_rows(c->arena, rating(), rated(c, before), rated(c, after), &change);
	struct buf b;

	buf_init(&b, c->arena, 20000);
	for (isize i = 0; i < n; i++) {
		bool gone = !change[i].after;
		const struct risk_rating *row = gone ? change[i].before : change[i].after;
		buf_fmt(&b, "%s%td%.*s",
			gone                       ? "-"
				: change[i].before ? "*"
						   : "+",
			change[i].number, STR_ARG(row->note));
	}
	return buf_str(&b);
}

TEST(rows_that_stayed_are_found_wherever_they_stand, "")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	static const struct {
		const char *before, *after, *changes;
	} cases[] = {{"", "", ""}, {"a b c", "a b c", ""}, {"a b c", "a c", "-2b"},
		{"a c", "x a b c", "+1x+3b"}, {"a/low b", "a/high b", "*1a"},
		{"a b", "c d", "-1a+1c-2b+2d"}, {"a", "", "-1a"}, {"", "a", "+1a"},
		{"a b c d", "d", "-1a-2b-3c"}, {"a", "b c a", "+1b+2c"},
		/* Of two that change places, the upper one has moved. */
		{"a b", "b a", "-1a+2a"}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		CHECK_STR(
			changes_of(&c, cases[i].before, cases[i].after), str_of(cases[i].changes));
}

/* The rows "n1" to "nCOUNT" but for the first `without`. */
static const char *numbered(struct arena *a, int count, int without)
{
	struct buf b;

	buf_init(&b, a, 20000);
	for (int i = 1 + without; i <= count; i++)
		buf_fmt(&b, i > 1 + without ? " n%d" : "n%d", i);
	return cstr(a, buf_str(&b));
}

static isize change_count(struct call *c, int before, int after, int without)
{
	struct row_change *change;

	return kind_diff_rows(c->arena, rating(), rated(c, numbered(c->arena, before, 0)),
		rated(c, numbered(c->arena, after + without, without)), &change);
}

TEST(large_tables_are_compared_place_by_place, "")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};

	/* 250,000 pairs of places, the ends among them, are compared each with each. */
	CHECK_INT(change_count(&c, 499, 499, 1), 2);
	/* Beyond it a row taken out at the top moves all others. */
	CHECK(change_count(&c, 500, 499, 1) > 900);
	CHECK(change_count(&c, 499, 500, 1) > 900);
	CHECK_INT(change_count(&c, 600, 601, 0), 1);
	CHECK_INT(change_count(&c, 900, 600, 0), 300);
}

enum { ROWS = 6 };

/* The most rows that two tables can share in order. */
static int most_in_common(const struct risk *one, const struct risk *two)
{
	int best[ROWS + 1][ROWS + 1] = {0};

	for (isize i = one->rating.count - 1; i >= 0; i--)
		for (isize j = two->rating.count - 1; j >= 0; j--) {
			const struct risk_rating *x = &one->rating.item[i],
						 *y = &two->rating.item[j];
			bool same = str_eq(x->note, y->note) && str_eq(x->level, y->level);
			int without =
				best[i + 1][j] > best[i][j + 1] ? best[i + 1][j] : best[i][j + 1];
			best[i][j] = same && best[i + 1][j + 1] + 1 > without
				? best[i + 1][j + 1] + 1
				: without;
		}
	return best[0][0];
}

/* Marks the rows that were told of, each of which is what it is said to be. */
static void note_changes(struct test_case *t, const struct risk *was, const struct risk *is,
	bool gone[ROWS], bool come[ROWS])
{
	struct row_change *change;
	isize n = kind_diff_rows(t->arena, rating(), was, is, &change);

	for (isize i = 0; i < n; i++) {
		const struct risk_rating *before = change[i].before, *after = change[i].after;
		CHECK(before || after);
		if (before)
			gone[before - was->rating.item] = true;
		if (after)
			come[after - is->rating.item] = true;
		CHECK_INT(change[i].number,
			after ? after - is->rating.item + 1 : before - was->rating.item + 1);
		CHECK(!before || !after || str_eq(before->note, after->note) ||
			(before->level.n && str_eq(before->level, after->level)));
	}
}

/* What is not told of must be there on both sides, in order, and be as much as can be. */
static void check_rows(struct test_case *t, const struct risk *was, const struct risk *is)
{
	bool gone[ROWS] = {0}, come[ROWS] = {0};
	isize kept = 0, j = 0;

	note_changes(t, was, is, gone, come);
	for (isize i = 0; i < was->rating.count; i++) {
		if (gone[i])
			continue;
		while (j < is->rating.count && come[j])
			j++;
		CHECK(j < is->rating.count &&
			str_eq(was->rating.item[i].note, is->rating.item[j].note) &&
			str_eq(was->rating.item[i].level, is->rating.item[j].level));
		j++;
		kept++;
	}
	for (; j < is->rating.count; j++)
		CHECK(come[j]);
	CHECK_INT(kept, most_in_common(was, is));
}

static const char *random_rows(struct arena *a, uint64_t *state)
{
	isize n = (isize)test_random(state, ROWS + 1);
	struct buf b;

	buf_init(&b, a, 200);
	for (isize i = 0; i < n; i++)
		buf_fmt(&b, "%s%c%s", i ? " " : "", "abc"[test_random(state, 3)],
			test_random(state, 3) ? "" : "/x");
	return cstr(a, buf_str(&b));
}

TEST(what_is_not_told_of_rows_stayed_and_is_as_much_as_can_be, "")
{
	uint64_t state = (uint64_t)clock_mono();

	for (int round = 0; round < 500; round++) {
		struct arena_mark mark = arena_here(t->arena);
		struct call c = {.arena = t->arena, .err.arena = t->arena};
		const char *before = random_rows(t->arena, &state);
		const char *after = random_rows(t->arena, &state);
		check_rows(t, rated(&c, before), rated(&c, after));
		arena_rewind(t->arena, mark);
	}
}

TEST_MAIN()
