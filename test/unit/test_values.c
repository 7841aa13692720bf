/* Values of fields: as data, as JSON, for people, and back; of a kind of its own, whose tables have
   neighbours that must not be taken for theirs. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "records.h"
#include "test.h"

struct sample_row {
	str name;
	int64_t count, nobody;
};
struct sample {
	struct rec rec;
	str text, prose, about, other;
	int64_t number, days, day, time, nobody;
	bool flag;
	int word;
	struct words tags;
	struct {
		struct sample_row *item;
		isize count;
	} rows;
};

/* In each table the first and the last belong to nobody. */
static const struct word words[] = {{S_INIT("before"), S_INIT("Before")},
	{S_INIT("low"), S_INIT("Low")}, {S_INIT("high"), S_INIT("High")},
	{S_INIT("behind"), S_INIT("Behind")}};
static const struct wordset set = {.name = S_INIT("set"), .word = words + 1, .count = 2};
static const struct state states[] = {{.name = S_INIT("before")},
	{.name = S_INIT("draft"), .label = S_INIT("Draft")},
	{.name = S_INIT("done"), .label = S_INIT("Done")}, {.name = S_INIT("behind")}};
#define COLUMN(name_, label_, type_)                                                               \
	{                                                                                          \
		.name = S_INIT(#name_), .label = S_INIT(label_), .type = (type_),                  \
		.at = offsetof(struct sample_row, name_)                                           \
	}
static const struct field columns[] = {COLUMN(name, "Before", FIELD_TEXT),
	COLUMN(name, "Name", FIELD_TEXT), COLUMN(count, "Count", FIELD_INT),
	COLUMN(nobody, "Behind", FIELD_INT)};
#define FIELD(name_, label_, type_, ...)                                                           \
	{                                                                                          \
		.name = S_INIT(#name_), .label = S_INIT(label_), .type = (type_),                  \
		.at = offsetof(struct sample, name_), __VA_ARGS__                                  \
	}
static const struct field fields[] = {FIELD(other, "Before", FIELD_TEXT, 0),
	FIELD(text, "Text", FIELD_TEXT, 0), FIELD(prose, "Prose", FIELD_PROSE, 0),
	FIELD(about, "About", FIELD_REF, 0), FIELD(number, "Number", FIELD_INT, 0),
	FIELD(day, "Day", FIELD_DATE, 0), FIELD(time, "Time", FIELD_TIME, 0),
	FIELD(flag, "Flag", FIELD_FLAG, 0), FIELD(word, "Word", FIELD_ENUM, .set = &set),
	FIELD(tags, "Tags", FIELD_WORDS, 0),
	FIELD(rows, "Rows", FIELD_ROWS, .col = columns + 1, .col_count = 2,
		.row_size = sizeof(struct sample_row)),
	FIELD(days, "Days", FIELD_INT, .unit = S_INIT("days")),
	FIELD(nobody, "Behind", FIELD_INT, 0)};
static const struct kind sample_kind = {.name = S_INIT("sample"),
	.title = S_INIT("Sample"),
	.field = fields + 1,
	.field_count = COUNT_OF(fields) - 2,
	.state = states + 1,
	.state_count = 2,
	.size = sizeof(struct sample)};

static struct sample *full(struct arena *a)
{
	struct sample *s = kind_new(a, &sample_kind);

	s->rec.ref = S("S-1");
	s->rec.state = 1;
	s->text = S("a \"b\"");
	s->prose = S("x\ny");
	s->about = S("S-2");
	s->other = S("nobody's");
	s->number = -5;
	s->days = 30;
	s->day = 20726; /* 2026-09-30 */
	s->time = INT64_C(1790750460000000);
	s->flag = true;
	s->word = 2;
	s->tags.item = NEW(a, str, 3);
	s->tags.item[0] = S("one");
	s->tags.item[1] = S("two");
	s->tags.item[2] = S("behind");
	s->tags.count = 2;
	s->rows.item = NEW(a, struct sample_row, 3);
	s->rows.item[0] = (struct sample_row){.name = S("r"), .count = 1};
	s->rows.item[1] = (struct sample_row){.name = S(""), .count = 2};
	s->rows.item[2] = (struct sample_row){.name = S("behind"), .count = 3};
	s->rows.count = 2;
	return s;
}

static const struct field *field(const char *name)
{
	return kind_field(&sample_kind, str_of(name));
}

/* ---- finding ---- */

TEST(what_a_table_has_is_found_and_its_neighbours_are_not, "")
{
	for (int i = 0; i < kind_count; i++) {
		CHECK(kind_by_name(kinds[i].name) == &kinds[i]);
		CHECK(kind_by_prefix(kinds[i].prefix) == &kinds[i]);
		for (int n = 0; n < kinds[i].field_count; n++)
			CHECK(kind_field(&kinds[i], kinds[i].field[n].name) == &kinds[i].field[n]);
		for (int n = 0; n < kinds[i].state_count; n++)
			CHECK_INT(kind_state(&kinds[i], kinds[i].state[n].name), n);
	}
	CHECK(!kind_by_name(S("nothing")) && !kind_by_prefix(S("ZZ")));
	CHECK(field("text") == &fields[1] && field("days") == &fields[COUNT_OF(fields) - 2]);
	CHECK(!field("other") && !field("nobody"));
	CHECK_INT(kind_state(&sample_kind, S("draft")), 0);
	CHECK_INT(kind_state(&sample_kind, S("done")), 1);
	CHECK_INT(kind_state(&sample_kind, S("before")), -1);
	CHECK_INT(kind_state(&sample_kind, S("behind")), -1);
	CHECK_INT(kind_word_find(&set, S("low")), 1);
	CHECK_INT(kind_word_find(&set, S("high")), 2);
	CHECK_INT(kind_word_find(&set, S("before")), 0);
	CHECK_INT(kind_word_find(&set, S("behind")), 0);
	CHECK_STR(kind_word(field("word"), 0), S(""));
	CHECK_STR(kind_word(field("word"), 1), S("low"));
	CHECK_STR(kind_word(field("word"), 2), S("high"));
	CHECK_STR(kind_word(field("word"), 3), S(""));
}

/* ---- writing ---- */

TEST(the_canonical_form_has_every_field_in_order_and_no_empty_one, "REC-REQ-01")
{
	struct sample *s = full(t->arena);

	CHECK_STR(canonical(t->arena, s),
		S("{\"@type\":\"sample\",\"ref\":\"S-1\",\"state\":\"done\",\"text\":\"a "
		  "\\\"b\\\"\","
		  "\"prose\":\"x\\ny\",\"about\":\"S-2\",\"number\":-5,"
		  "\"day\":\"2026-09-30\",\"time\":\"2026-09-30T06:41:00.000000Z\",\"flag\":true,"
		  "\"word\":\"high\",\"tags\":[\"one\",\"two\"],"
		  "\"rows\":[{\"name\":\"r\",\"count\":1},{\"count\":2}],\"days\":30}"));
	s = kind_new(t->arena, &sample_kind);
	CHECK_STR(canonical(t->arena, s),
		S("{\"@type\":\"sample\",\"ref\":\"\",\"state\":\"draft\"}"));
	for (int i = 0; i < sample_kind.field_count; i++)
		CHECK(kind_is_empty(s, &sample_kind.field[i]));
	CHECK_INT(s->rec.since, TIME_NONE);
	CHECK_INT(s->rec.until, TIME_NONE);
	CHECK_INT(s->nobody, 0);
}

/* As data, and for people. */
TEST(a_value_is_shown_as_data_and_in_words, "")
{
	static const struct {
		const char *field, *data, *words;
	} cases[] = {{"text", "a \"b\"", "a \"b\""}, {"prose", "x\ny", "x\ny"},
		{"about", "S-2", "S-2"}, {"number", "-5", "-5"}, {"days", "30", "30 days"},
		{"day", "2026-09-30", "30 Sep 2026"},
		{"time", "2026-09-30T06:41:00.000000Z", "30 Sep 2026 06:41"},
		{"flag", "yes", "yes"}, {"word", "high", "High"},
		{"tags", "[\"one\",\"two\"]", "one, two"},
		{"rows", "[{\"name\":\"r\",\"count\":1},{\"count\":2}]", "2 rows"}};
	struct sample *s = full(t->arena), *empty = kind_new(t->arena, &sample_kind);

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		const struct field *f = field(cases[i].field);
		CHECK(!kind_is_empty(s, f));
		CHECK_STR(kind_value(t->arena, s, f), str_of(cases[i].data));
		CHECK_STR(kind_value_words(t->arena, s, f), str_of(cases[i].words));
		CHECK_STR(kind_value(t->arena, empty, f), S(""));
		CHECK_STR(kind_value_words(t->arena, empty, f), S(""));
	}
	s->rows.count = 1;
	CHECK_STR(kind_value_words(t->arena, s, field("rows")), S("1 row"));
}

/* ---- reading ---- */

struct taken {
	const char *field, *given;
	const char *value; /* as data afterwards; NULL: refused */
	const char *said;  /* what the issue says */
};

static void check_taken(struct test_case *t, const struct taken *x, bool is_json)
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	const struct field *f = field(x->field);
	struct sample *s = full(t->arena);
	const struct json *j = is_json ? json_parse(t->arena, &c.err, str_of(x->given)) : NULL;
	str text = str_fmt(t->arena, "{\"%s\":%s}", x->field, x->given);
	bool ok = is_json ? kind_json_decode(&c, s, json_parse(t->arena, &c.err, text))
			  : kind_set(&c, s, f, str_of(x->given));

	CHECK(!is_json || j);
	if (ok != (x->value != NULL) || ok != (c.err.code == ERR_NONE))
		test_fail(
			t, __FILE__, __LINE__, "%s %s: %d, %s", x->field, x->given, ok, c.err.text);
	for (isize i = 0; i < s->rows.count; i++)
		CHECK_INT(s->rows.item[i].nobody, 0);
	if (x->value) {
		CHECK_STR(kind_value(t->arena, s, f), str_of(x->value));
		return;
	}
	CHECK_INT(c.err.code, ERR_INVALID);
	CHECK_STR(c.err.issues->field, str_of(x->field));
	CHECK_STR(c.err.issues->text, str_of(x->said));
}

TEST(a_value_is_taken_from_text_or_refused_with_a_sentence, "REC-REQ-05")
{
	static const char flag[] = "Flag: give yes or no";
	static const struct taken cases[] = {{"text", "new", "new", NULL}, {"text", "", "", NULL},
		{"prose", "a\nb", "a\nb", NULL}, {"about", "X-1", "X-1", NULL},
		{"number", "7", "7", NULL}, {"number", "", "", NULL},
		{"number", "9223372036854775807", "9223372036854775807", NULL},
		{"number", "-9223372036854775807", "-9223372036854775807", NULL},
		/* The number that stands for none. */
		{"number", "-9223372036854775808", NULL, "Number: give a whole number"},
		{"number", "2026-09-30", NULL, "Number: give a whole number"},
		{"day", "2027-01-02", "2027-01-02", NULL}, {"day", "", "", NULL},
		{"day", "12", NULL, "Day: give a date like 2026-09-30"},
		{"time", "2027-01-02T03:04:05Z", "2027-01-02T03:04:05.000000Z", NULL},
		{"time", "", "", NULL},
		{"time", "2027-01-02", NULL, "Time: give a time in UTC like 2026-09-30T06:41:00Z"},
		{"flag", "yes", "yes", NULL}, {"flag", "true", "yes", NULL},
		{"flag", "1", "yes", NULL}, {"flag", "no", "", NULL}, {"flag", "false", "", NULL},
		{"flag", "0", "", NULL}, {"flag", "", "", NULL}, {"flag", "maybe", NULL, flag},
		{"flag", "yes ", NULL, flag}, {"word", "low", "low", NULL}, {"word", "", "", NULL},
		{"word", "behind", NULL, "Word: \"behind\" is not one of its words"},
		{"tags", "[\"x\"]", "[\"x\"]", NULL}, {"tags", "", "", NULL},
		{"tags", "[]", "", NULL}, {"rows", "[{\"count\":3}]", "[{\"count\":3}]", NULL},
		{"rows", "", "", NULL}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		check_taken(t, &cases[i], false);
}

TEST(text_that_is_not_json_is_refused_with_its_place, "REC-REQ-05")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	struct sample *s = full(t->arena);

	CHECK(!kind_set(&c, s, field("tags"), S("[\n \"a\" \"b\"]")));
	CHECK_INT(c.err.code, ERR_INVALID);
	CHECK_STR(c.err.issues->field, S("tags"));
	CHECK(str_starts(c.err.issues->text, S("Tags: ")));
	CHECK(str_ends(c.err.issues->text, S("(line 2, column 6)")));
}

TEST(a_value_is_taken_from_json_or_refused_with_a_sentence, "REC-REQ-05")
{
	static const char text[] = "Text: a text was expected";
	static const struct taken cases[] = {{"text", "\"new\"", "new", NULL},
		{"text", "null", "", NULL}, {"text", "5", NULL, text}, {"text", "[]", NULL, text},
		{"prose", "true", NULL, "Prose: a text was expected"},
		{"day", "5", NULL, "Day: a text was expected"},
		{"day", "\"2027-01-02\"", "2027-01-02", NULL},
		{"time", "\"2027-01-02T03:04:05Z\"", "2027-01-02T03:04:05.000000Z", NULL},
		{"word", "\"low\"", "low", NULL}, {"word", "1", NULL, "Word: a text was expected"},
		{"number", "7", "7", NULL}, {"number", "null", "", NULL},
		{"number", "\"7\"", NULL, "Number: a whole number was expected"},
		{"number", "7.5", NULL, "Number: give a whole number"},
		{"flag", "true", "yes", NULL}, {"flag", "false", "", NULL},
		{"flag", "null", "", NULL}, {"flag", "1", NULL, "Flag: true or false was expected"},
		{"flag", "\"yes\"", NULL, "Flag: true or false was expected"},
		{"tags", "[\"x\",\"y\"]", "[\"x\",\"y\"]", NULL}, {"tags", "null", "", NULL},
		{"tags", "\"x\"", NULL, "Tags: a list of texts was expected"},
		{"tags", "[\"x\",1]", NULL, "Tags: a list of texts was expected"},
		{"rows", "[{\"count\":3},{\"name\":\"z\"}]", "[{\"count\":3},{\"name\":\"z\"}]",
			NULL},
		{"rows", "null", "", NULL},
		{"rows", "{}", NULL, "Rows: a list of objects was expected"},
		{"rows", "[1]", NULL, "Rows: a list of objects was expected"},
		{"rows", "[[],{}]", NULL, "Rows: a list of objects was expected"},
		{"rows", "[{\"before\":1}]", NULL, "Rows has no column \"before\""},
		{"rows", "[{\"nobody\":\"x\",\"count\":1},{}]", NULL,
			"Rows has no column \"nobody\""}};

	for (isize i = 0; i < COUNT_OF(cases); i++)
		check_taken(t, &cases[i], true);
}

/* What is wrong with a cell is said of its column, and whatever follows does not take it back. */
TEST(a_cell_that_is_refused_refuses_the_record, "REC-REQ-05")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	struct sample *s = full(t->arena);
	static const char *const cases[] = {"{\"rows\":[{\"count\":\"x\"}]}",
		"{\"rows\":[{\"count\":\"x\",\"name\":\"y\"}]}",
		"{\"rows\":[{\"count\":\"x\"},{\"count\":1}],\"text\":\"good\"}"};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		const struct json *j = json_parse(t->arena, &c.err, str_of(cases[i]));
		CHECK(j && !kind_json_decode(&c, s, j));
		CHECK_INT(c.err.issue_count, 1);
		CHECK_STR(c.err.issues->field, S("count"));
		err_clear(&c.err);
	}
}

/* `count` times `item`, in brackets. */
static const struct json *many(struct call *c, const char *name, const char *item, int count)
{
	struct buf b;

	buf_init(&b, c->arena, 64 + (isize)count * 16);
	buf_fmt(&b, "{\"%s\":[", name);
	for (int i = 0; i < count; i++)
		buf_fmt(&b, "%s%s", i ? "," : "", item);
	buf_add(&b, S("]}"));
	return json_parse(c->arena, &c->err, buf_str(&b));
}

TEST(a_list_in_json_has_at_most_its_items, "REC-REQ-05")
{
	static const struct {
		const char *field, *item, *said;
	} cases[] = {{"tags", "\"x\"", "Tags: more than 2000 texts"},
		{"rows", "{\"count\":1}", "Rows: more than 2000 rows"}};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct call c = {.arena = t->arena, .err.arena = t->arena};
		struct sample *s = full(t->arena);
		CHECK(kind_json_decode(&c, s, many(&c, cases[i].field, cases[i].item, LIMIT_ROWS)));
		CHECK_INT(((struct any_rows *)kind_slot(s, field(cases[i].field)))->count,
			LIMIT_ROWS);
		CHECK(!kind_json_decode(
			&c, s, many(&c, cases[i].field, cases[i].item, LIMIT_ROWS + 1)));
		CHECK_STR(c.err.issues->text, str_of(cases[i].said));
	}
}

TEST(what_a_reply_holds_beside_the_fields_may_be_sent_back, "")
{
	struct call c = {.arena = t->arena, .err.arena = t->arena};
	struct sample *s = full(t->arena);
	str before = canonical(t->arena, s);
	const struct json *j = json_parse(t->arena, &c.err,
		S("{\"@type\":1,\"ref\":1,\"state\":1,\"id\":1,\"rev\":1,\"since\":1,\"until\":1,"
		  "\"by\":1,"
		  "\"why\":1,\"reason\":1}"));

	CHECK(j && kind_json_decode(&c, s, j));
	CHECK_STR(canonical(t->arena, s), before);
	/* What is refused stays refused, whatever stands behind it. */
	j = json_parse(t->arena, &c.err,
		S("{\"reasons\":1,\"flag\":7,\"other\":\"x\",\"text\":\"good\",\"rev\":1}"));
	CHECK(j && !kind_json_decode(&c, s, j));
	CHECK_INT(c.err.issue_count, 3);
	CHECK_STR(c.err.issues->text, S("Sample has no field \"reasons\""));
	CHECK_STR(c.err.last->text, S("Sample has no field \"other\""));
	CHECK_STR(s->other, S("nobody's"));
	CHECK_STR(s->text, S("good"));
	err_clear(&c.err);
	CHECK(!kind_json_decode(&c, s, json_parse(t->arena, &c.err, S("[]"))));
	CHECK_STR(c.err.issues->text, S("a record is a JSON object"));
}

TEST_MAIN()
