/* CSV as RFC 4180 has it: what is written, what reads back, and what is refused on which line. */
#include "kind/kind.h"
#include "kinds.h"
#include "test.h"

enum { CELLS_MAX = 400 };

static str put(struct test_case *t, str s)
{
	struct buf b;

	buf_init(&b, t->arena, 2 * s.n + 10);
	csv_put(&b, s);
	return buf_str(&b);
}

TEST(a_cell_is_quoted_when_it_must_be, "")
{
	static const struct {
		const char *text, *written;
	} want[] = {{"", ""}, {"plain words", "plain words"}, {"a,b", "\"a,b\""},
		{"say \"so\"", "\"say \"\"so\"\"\""}, {"a\nb", "\"a\nb\""}, {"a\rb", "\"a\rb\""},
		{"b,", "\"b,\""}, {",b", "\",b\""}, {"it's", "it's"}, {"a=1", "a=1"}};

	for (isize i = 0; i < COUNT_OF(want); i++)
		CHECK_STR(put(t, str_of(want[i].text)), str_of(want[i].written));
}

/* OWASP: = + - @, tab and carriage return start a formula in one spreadsheet or another. */
TEST(no_cell_begins_like_a_formula, "")
{
	for (int c = 1; c < 0x80; c++) {
		char text[] = {(char)c, '1', 0};
		bool starts = str_index(S("=+-@\t\r'"), (char)c) >= 0;
		str written = put(t, str_of(text));
		CHECK_INT(str_starts(written, S("\"'")), starts);
	}
}

TEST(every_text_reads_back, "")
{
	static const str piece[] = {S_INIT(","), S_INIT("\""), S_INIT("\r"), S_INIT("\n"),
		S_INIT("'"), S_INIT("="), S_INIT("-"), S_INIT("a"), S_INIT("\xc3\xa9"), S_INIT(" "),
		S_INIT("\t"), S_INIT("\r\n")};
	uint64_t random = 5;

	for (int round = 0; round < 2000; round++) {
		struct buf line, text[3];
		struct err e = {0};
		struct words cells;
		int64_t at = 1, breaks = 0;
		buf_init(&line, t->arena, 400);
		for (int k = 0; k < 3; k++) {
			buf_init(&text[k], t->arena, 60);
			for (int64_t n = test_random(&random, 6); n > 0; n--)
				buf_add(&text[k], piece[test_random(&random, COUNT_OF(piece))]);
			for (isize i = 0; i < text[k].n; i++)
				breaks += text[k].p[i] == '\n';
			if (k)
				buf_char(&line, ',');
			csv_put(&line, buf_str(&text[k]));
		}
		buf_add(&line, round % 2 ? S("\r\n") : S("\n"));
		buf_add(&line, S("next"));
		str rest = buf_str(&line);
		CHECK(csv_next(t->arena, &e, &rest, &at, &cells));
		CHECK_INT(cells.count, 3);
		for (int k = 0; k < 3; k++)
			CHECK_STR(cells.item[k], buf_str(&text[k]));
		CHECK_STR(rest, S("next"));
		CHECK_INT(at, 2 + breaks);
	}
}

TEST(lines_in_another_form_are_refused_with_their_number, "")
{
	static const struct {
		const char *text;
		int64_t line;
	} bad[] = {{"\"open", 7}, {"\"open\nstill", 7}, {"\"a\"b", 7}, {"\"a\n\" b", 8},
		{"a\"b", 7}, {"a,b\"", 7}, {"a\rb", 7}, {"\"a\"\rb", 7}, {"\"", 7}, {"\"\"\"", 7}};
	struct words cells;

	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err e = {0};
		str rest = str_of(bad[i].text);
		int64_t line = 7;
		CHECK(!csv_next(t->arena, &e, &rest, &line, &cells));
		CHECK_INT(e.code, ERR_SYNTAX);
		CHECK_INT(e.line, bad[i].line);
	}
}

TEST(the_end_of_a_file_needs_no_line_end, "")
{
	static const char *const text[] = {
		"a,b", "a,b\n", "a,b\r\n", "a,b\r", "\"a\",\"b\"", "\"a\",\"b\"\r\n"};
	struct err e = {0};
	struct words cells;
	int64_t line = 1;

	for (isize i = 0; i < COUNT_OF(text); i++) {
		str rest = str_of(text[i]);
		CHECK(csv_next(t->arena, &e, &rest, &line, &cells));
		CHECK_INT(cells.count, 2);
		CHECK_STR(cells.item[1], S("b"));
		CHECK_INT(rest.n, 0);
		CHECK_INT(line, i + 2);
		CHECK(!csv_next(t->arena, &e, &rest, &line, &cells));
		CHECK_INT(e.code, ERR_NONE);
	}
	str rest = S("\na,\n,\n");
	CHECK(csv_next(t->arena, &e, &rest, &line, &cells) && cells.count == 1);
	CHECK(csv_next(t->arena, &e, &rest, &line, &cells) && cells.count == 2);
	CHECK(csv_next(t->arena, &e, &rest, &line, &cells) && cells.count == 2);
	CHECK_INT(rest.n, 0);
}

TEST(a_line_has_at_most_400_cells, "")
{
	for (int n = CELLS_MAX - 1; n <= CELLS_MAX + 1; n++) {
		struct err e = {0};
		struct words cells;
		struct buf b;
		int64_t line = 1;
		buf_init(&b, t->arena, 4 * CELLS_MAX);
		for (int i = 0; i < n; i++)
			buf_add(&b, i ? S(",x") : S("x"));
		str rest = buf_str(&b);
		CHECK_INT(csv_next(t->arena, &e, &rest, &line, &cells), n <= CELLS_MAX);
		CHECK_INT(n <= CELLS_MAX ? cells.count : e.code, n <= CELLS_MAX ? n : ERR_LIMIT);
	}
}

TEST(a_quoted_cell_is_at_most_as_long_as_a_record, "")
{
	for (int over = 0; over < 2; over++) {
		struct err e = {0};
		struct words cells;
		int64_t line = 1;
		isize n = LIMIT_RECORD_BYTES + over;
		char *p = NEW(t->arena, char, LIMIT_RECORD_BYTES + 3);
		memset(p, 'x', (size_t)n + 2);
		p[0] = p[n + 1] = '"';
		str rest = {p, n + 2};
		CHECK_INT(csv_next(t->arena, &e, &rest, &line, &cells), !over);
		CHECK_INT(e.code, over ? ERR_LIMIT : ERR_NONE);
	}
}

TEST(each_line_of_a_file_ends, "")
{
	struct risk *r = kind_new(t->arena, &kinds[KIND_RISK]);
	struct buf b;

	buf_init(&b, t->arena, 10000);
	kind_csv_head(&b, &kinds[KIND_RISK]);
	CHECK(str_starts(buf_str(&b), S("ref,state,")) && str_ends(buf_str(&b), S("\r\n")));
	b.n = 0;
	r->rec.ref = S("RSK-1");
	kind_csv_line(&b, t->arena, r);
	CHECK(str_starts(buf_str(&b), S("RSK-1,")) && str_ends(buf_str(&b), S("\r\n")));
}

TEST_MAIN()
