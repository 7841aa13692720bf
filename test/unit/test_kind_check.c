/* What holds for every record, tried on a kind of its own: each limit, and one past it. */
#include "call/call.h"
#include "db/db.h"
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

struct sample_row {
	str name;
	int64_t count;
};
struct sample_rows {
	struct sample_row *item;
	isize count;
};
struct sample {
	struct rec rec;
	str line, prose, endless, any, risk;
	int64_t number, open, below, above, day, time;
	struct words tags, risks;
	struct sample_rows rows;
};

static void not_bad(struct call *c, str field, str value)
{
	if (str_eq(value, S("bad")))
		err_issue(&c->err, field, "bad is refused");
}

static const int risk_only[] = {KIND_RISK};
static const struct field columns[] = {{.name = S_INIT("name"),
					       .label = S_INIT("Name"),
					       .type = FIELD_TEXT,
					       .required = true,
					       .max = 3,
					       .at = offsetof(struct sample_row, name)},
	{.name = S_INIT("count"),
		.label = S_INIT("Count"),
		.type = FIELD_INT,
		.min = 1,
		.max = 2,
		.at = offsetof(struct sample_row, count)}};
static const struct field fields[] = {{.name = S_INIT("line"),
					      .label = S_INIT("Line"),
					      .type = FIELD_TEXT,
					      .required = true,
					      .max = 5,
					      .at = offsetof(struct sample, line)},
	{.name = S_INIT("prose"),
		.label = S_INIT("Prose"),
		.type = FIELD_PROSE,
		.max = 8,
		.at = offsetof(struct sample, prose)},
	{.name = S_INIT("endless"),
		.label = S_INIT("Endless"),
		.type = FIELD_PROSE,
		.check = not_bad,
		.at = offsetof(struct sample, endless)},
	{.name = S_INIT("below"),
		.label = S_INIT("Below"),
		.type = FIELD_INT,
		.min = -2,
		.at = offsetof(struct sample, below)},
	{.name = S_INIT("above"),
		.label = S_INIT("Above"),
		.type = FIELD_INT,
		.max = 2,
		.at = offsetof(struct sample, above)},
	{.name = S_INIT("any"),
		.label = S_INIT("Any"),
		.type = FIELD_REF,
		.at = offsetof(struct sample, any)},
	{.name = S_INIT("risk"),
		.label = S_INIT("Risk"),
		.type = FIELD_REF,
		.refs = risk_only,
		.ref_count = 1,
		.at = offsetof(struct sample, risk)},
	{.name = S_INIT("number"),
		.label = S_INIT("Number"),
		.type = FIELD_INT,
		.min = 2,
		.max = 4,
		.at = offsetof(struct sample, number)},
	{.name = S_INIT("open"),
		.label = S_INIT("Open"),
		.type = FIELD_INT,
		.at = offsetof(struct sample, open)},
	{.name = S_INIT("day"),
		.label = S_INIT("Day"),
		.type = FIELD_DATE,
		.at = offsetof(struct sample, day)},
	{.name = S_INIT("time"),
		.label = S_INIT("Time"),
		.type = FIELD_TIME,
		.at = offsetof(struct sample, time)},
	{.name = S_INIT("tags"),
		.label = S_INIT("Tags"),
		.type = FIELD_WORDS,
		.at = offsetof(struct sample, tags)},
	{.name = S_INIT("risks"),
		.label = S_INIT("Risks"),
		.type = FIELD_WORDS,
		.refs = risk_only,
		.ref_count = 1,
		.at = offsetof(struct sample, risks)},
	{.name = S_INIT("rows"),
		.label = S_INIT("Rows"),
		.type = FIELD_ROWS,
		.max = 2,
		.col = columns,
		.col_count = COUNT_OF(columns),
		.row_size = sizeof(struct sample_row),
		.at = offsetof(struct sample, rows)}};
static const struct kind sample_kind = {.id = KIND_RISK,
	.name = S_INIT("sample"),
	.field = fields,
	.field_count = COUNT_OF(fields),
	.size = sizeof(struct sample)};

static struct sample whole(void)
{
	return (struct sample){.rec.kind = &sample_kind,
		.line = S("Line"),
		.number = INT_NONE,
		.open = INT_NONE,
		.below = INT_NONE,
		.above = INT_NONE,
		.day = DAY_NONE,
		.time = TIME_NONE};
}

/* The fields refused, in order, each with a blank behind it. */
static str refused(struct test_case *t, struct call *c, const struct sample *x)
{
	struct buf b;
	bool ok = kind_check(c, x);

	buf_init(&b, t->arena, 400);
	CHECK_INT(ok, c->err.code == ERR_NONE);
	for (const struct issue *i = c->err.issues; i; i = i->next) {
		buf_add(&b, i->field);
		buf_char(&b, ' ');
	}
	err_clear(&c->err);
	return buf_str(&b);
}

static struct call *pure_call(struct test_case *t)
{
	struct call *c = NEW(t->arena, struct call, 1);

	c->arena = c->err.arena = t->arena;
	return c;
}

TEST(a_text_has_at_most_its_characters_and_a_line_no_breaks, "")
{
	struct call *c = pure_call(t);
	static const struct {
		const char *text;
		bool in_line, in_prose;
	} want[] = {{"12345", true, true}, {"123456", false, true}, {"12345678", false, true},
		{"123456789", false, false},
		{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", true, true},
		{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", false, true},
		{"a\nb", false, true}, {"\nab", false, true},
		{"a\x01"
		 "b",
			false, false},
		{"a\x7f"
		 "b",
			false, false}};

	for (isize i = 0; i < COUNT_OF(want); i++) {
		struct sample x = whole();
		x.line = str_of(want[i].text);
		CHECK_STR(refused(t, c, &x), want[i].in_line ? S("") : S("line "));
		x = whole();
		x.prose = str_of(want[i].text);
		CHECK_STR(refused(t, c, &x), want[i].in_prose ? S("") : S("prose "));
	}
	struct sample x = whole();
	x.line = S("");
	x.endless = S("No limit is declared here.");
	CHECK_STR(refused(t, c, &x), S("line "));
	x = whole();
	x.endless = S("bad");
	CHECK_STR(refused(t, c, &x), S("endless "));
	x = whole();
	x.any = S("RSK-1"); /* without a store nobody can say */
	CHECK_STR(refused(t, c, &x), S(""));
	x.line = x.prose = S("a\x01");
	CHECK(!kind_check(c, &x));
	CHECK_STR(c->err.issues->text, S("Line: control characters and line breaks are not taken"));
	CHECK_STR(c->err.issues->next->text, S("Prose: control characters are not taken"));
}

TEST(a_number_lies_between_its_ends, "")
{
	struct call *c = pure_call(t);

	for (int64_t i = 0; i < 7; i++) {
		struct sample x = whole();
		x.number = i;
		x.open = i * 1000000;
		CHECK_STR(refused(t, c, &x), i >= 2 && i <= 4 ? S("") : S("number "));
	}
	for (int64_t i = -4; i < 5; i++) {
		struct sample x = whole();
		x.below = x.above = i;
		x.open = i * (INT64_MAX / 4);
		CHECK_STR(refused(t, c, &x),
			i < -2           ? S("below above ")
				: i < 0  ? S("above ")
				: i == 0 ? S("")
				: i <= 2 ? S("below ")
					 : S("below above "));
	}
}

TEST(a_year_has_at_most_four_digits, "")
{
	struct call *c = pure_call(t);
	const int64_t day[] = {DAY_MIN - 1, DAY_MIN, DAY_MAX, DAY_MAX + 1};
	for (int i = 0; i < 4; i++) {
		struct sample x = whole();
		x.day = day[i];
		CHECK_STR(refused(t, c, &x), i == 1 || i == 2 ? S("") : S("day "));
		x = whole();
		x.time = i < 2 ? day[i] * DAY_US + (i ? 0 : DAY_US - 1)
			       : day[i] * DAY_US + (i == 2 ? DAY_US - 1 : 0);
		CHECK_STR(refused(t, c, &x), i == 1 || i == 2 ? S("") : S("time "));
	}
}

TEST(a_tag_has_at_most_200_characters_and_each_is_looked_at, "")
{
	struct call *c = pure_call(t);
	char text[201];
	str item[2] = {S("first"), {text, 200}};
	struct sample x = whole();

	memset(text, 'x', sizeof text);
	x.tags = (struct words){item, 2};
	CHECK_STR(refused(t, c, &x), S(""));
	item[1].n = 201;
	CHECK_STR(refused(t, c, &x), S("tags "));
	item[1] = S("two\nlines");
	CHECK_STR(refused(t, c, &x), S("tags "));
}

TEST(a_table_has_at_most_its_rows_and_each_cell_is_looked_at, "")
{
	struct call *c = pure_call(t);
	struct sample_row row[3] = {{S("abc"), 1}, {S("abc"), 2}, {S("abc"), INT_NONE}};
	struct sample x = whole();

	x.rows = (struct sample_rows){row, 2};
	CHECK_STR(refused(t, c, &x), S(""));
	x.rows.count = 3;
	CHECK_STR(refused(t, c, &x), S("rows "));
	x.rows.count = 2;
	row[1].name = S("abcd");
	row[0].count = 3;
	CHECK_STR(refused(t, c, &x), S("rows.0.count rows.1.name "));
	row[0].name = S("");
	CHECK_STR(refused(t, c, &x), S("rows.0.name rows.0.count rows.1.name "));
}

TEST(a_reference_names_a_record_that_is_there_of_a_kind_allowed, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct person *p = kind_new(c->arena, &kinds[KIND_PERSON]);
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);
	struct sample x = whole();

	p->rec.ref = p->rec.title = S("P07");
	CHECK(kind_put(c, &p->rec, S("person.create")));
	r->rec.ref = r->rec.title = S("RSK-7");
	r->rec.owner = S("P07");
	r->domain = 1;
	CHECK(kind_put(c, &r->rec, S("risk.create")));
	x.any = x.risk = S("P07");
	CHECK_STR(refused(t, c, &x), S("")); /* the program may name what it writes next */
	c->who.is_system = false;
	CHECK_STR(refused(t, c, &x), S("risk "));
	x.any = x.risk = S("RSK-7");
	CHECK_STR(refused(t, c, &x), S(""));
	x.any = x.risk = S("RSK-8");
	CHECK_STR(refused(t, c, &x), S("any risk "));
	/* In a list each of them, and of other lists none. */
	str item[2] = {S("RSK-7"), S("RSK-8")};
	x.any = x.risk = S("");
	x.tags = x.risks = (struct words){item, 2};
	CHECK_STR(refused(t, c, &x), S("risks "));
	item[1] = S("P07");
	CHECK_STR(refused(t, c, &x), S("risks "));
	item[1] = S("RSK-7");
	CHECK_STR(refused(t, c, &x), S(""));
	c->who.is_system = c->who.is_loader = true;
	store_close(t, c);
}

/* A guard named one field; of the rest only other fields are added. */
TEST(the_rest_adds_what_was_not_yet_named, "")
{
	struct call *c = pure_call(t);
	struct sample x = whole();

	x.line = S("");
	x.number = 9;
	kind_check_rest(c, &x);
	CHECK_INT(c->err.code, ERR_NONE);
	err_issue(&c->err, S("line"), "from a guard");
	kind_check_rest(c, &x);
	CHECK_INT(c->err.issue_count, 2);
	CHECK_STR(c->err.issues->text, S("from a guard"));
	CHECK_STR(c->err.issues->next->field, S("number"));
	CHECK(!c->err.issues->next->next && c->err.last == c->err.issues->next);
	err_issue(&c->err, S("later"), "after all");
	CHECK_STR(c->err.last->field, S("later"));
	CHECK(c->err.issues->next->next == c->err.last);
}

TEST_MAIN()
