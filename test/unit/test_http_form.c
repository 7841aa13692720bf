/* Forms: what is taken of them, what is refused, and how much. */
#include "http/http.h"
#include "test.h"

static bool query(struct test_case *t, str s, struct form *f, struct err *e)
{
	*e = (struct err){0};
	return form_parse(t->arena, e, S("application/x-www-form-urlencoded; charset=utf-8"), s, f);
}

TEST(the_first_field_of_a_name_is_found_in_a_form_of_any_length, "")
{
	uint64_t random = 11;

	for (int count = 0; count <= LIMIT_FORM_FIELDS; count = count * 2 + 5) {
		struct err e = {0};
		struct form f;
		struct buf b;
		buf_init(&b, t->arena, 1 << 20);
		for (int i = 0; i < count; i++)
			buf_fmt(&b, "%sn%d=%d", i ? "&" : "", (int)test_random(&random, count), i);
		CHECK(query(t, buf_str(&b), &f, &e));
		CHECK(!form_has(&f, S("n")) && !form_has(&f, S("")));
		for (int name = 0; name <= count; name++) {
			str wanted = str_fmt(t->arena, "n%d", name), value = S("");
			bool is_there = false;
			for (isize i = 0; i < f.count && !is_there; i++)
				if ((is_there = str_eq(f.field[i].name, wanted)))
					value = f.field[i].value;
			CHECK_STR(form_value(&f, wanted), value);
			CHECK_INT(form_has(&f, wanted), is_there);
		}
	}
}

TEST(urlencoded_forms_are_decoded, "")
{
	struct form f;
	struct err e;

	CHECK(query(t, S("a=1&&b=x+y%2B&a=2&c&=d&e=1%0D%0A2%0A3%0D"), &f, &e));
	CHECK_INT(f.count, 6);
	CHECK_STR(form_value(&f, S("a")), S("1"));
	CHECK_STR(f.field[2].value, S("2"));
	CHECK_STR(form_value(&f, S("b")), S("x y+"));
	CHECK_STR(form_value(&f, S("c")), S(""));
	CHECK_STR(form_value(&f, S("")), S("d"));
	CHECK_STR(form_value(&f, S("e")), S("1\n2\n3\n"));
	CHECK_STR(form_value(&f, S("none")), S(""));
	CHECK(query(t, S(""), &f, &e));
	CHECK_INT(f.count, 0);
	CHECK(!query(t, S("a=%ff"), &f, &e));
	CHECK_INT(e.code, ERR_SYNTAX);
	CHECK(!query(t, S("ok=1&b=%0"), &f, &e));
	CHECK_INT(e.column, 6);
	CHECK(!query(t, S("a\0=1"), &f, &e));
	CHECK(!query(t, S("a=%00"), &f, &e));
	CHECK(!query(t, S("a=\xff"), &f, &e));
}

TEST(forms_have_their_limit_of_fields, "")
{
	struct form f;
	struct err e;
	struct buf b;

	buf_init(&b, t->arena, 100000);
	for (int i = 0; i < LIMIT_FORM_FIELDS; i++)
		buf_add(&b, S("a=1&"));
	CHECK(query(t, buf_str(&b), &f, &e));
	CHECK_INT(f.count, LIMIT_FORM_FIELDS);
	buf_add(&b, S("a"));
	CHECK(!query(t, buf_str(&b), &f, &e));
	CHECK_INT(e.code, ERR_LIMIT);
}

#define PART(disposition, more, content)                                                           \
	"--B\r\nContent-Disposition: " disposition "\r\n" more "\r\n" content "\r\n"

static bool multipart(struct test_case *t, str body, struct form *f)
{
	struct err e = {0};

	if (form_parse(t->arena, &e, S("multipart/form-data; boundary=B"), body, f))
		return true;
	CHECK_INT(e.code, ERR_SYNTAX);
	CHECK(e.column > 0 && e.column <= body.n + 1);
	return false;
}

TEST(multipart_forms_are_read, "")
{
	struct form f;

	CHECK(multipart(t,
		S(PART("form-data; name=\"a\"", "", "1\r\r\n2") PART(
			"FORM-DATA;filename=\"x\xc3\xa4;.bin\" ; name=\"f\"",
			"content-type: image/png\r\nContent-Transfer-Encoding: binary\r\n",
			"\r\n--\0\xff\r\n--C\r\n") PART("form-data; name=\"none\"; filename=\"\"",
			"Content-Type: application/octet-stream\r\n", "") "--B--\r\n"),
		&f));
	CHECK_INT(f.count, 3);
	CHECK_STR(form_value(&f, S("a")), S("1\n\n2"));
	CHECK_STR(f.field[0].file, S(""));
	CHECK_STR(f.field[1].file, S("x\xc3\xa4;.bin"));
	CHECK_STR(f.field[1].type, S("image/png"));
	CHECK_STR(f.field[1].value, S("\r\n--\0\xff\r\n--C\r\n"));
	CHECK_STR(f.field[2].file, S(""));
	CHECK_STR(f.field[2].type, S(""));
	CHECK_INT(f.field[2].value.n, 0);
	CHECK(multipart(t, S("--B--"), &f));
	CHECK_INT(f.count, 0);
	CHECK(multipart(t, S(PART("form-data; name=a; filename=b", "", "\xff") "--B--"), &f));
	CHECK_STR(f.field[0].type, S("application/octet-stream"));
	CHECK(multipart(t, S(PART("form-data; name=a ; filename=b", "", "1") "--B--"), &f));
	CHECK_STR(f.field[0].name, S("a"));
	CHECK_STR(f.field[0].file, S("b"));
	CHECK(multipart(t, S(PART("form-data; name=\"\"", "", "\r\n\r1") "--B--\r\n"), &f));
	CHECK_STR(form_value(&f, S("")), S("\n\n1"));
	CHECK(form_has(&f, S("")) && !form_has(&f, S("a")));
}

TEST(headers_of_a_part_that_say_nothing_new_are_taken, "")
{
	static const str good[] = {
		S_INIT(PART("form-data; name=a", "Content-Transfer-Encoding: 7bit\r\n", "1")
			"--B--"),
		S_INIT(PART("form-data; name=a", "Content-Transfer-Encoding: 8BIT\r\n", "1")
			"--B--"),
		S_INIT(PART("form-data; name=a", "content-transfer-encoding: binary\r\n",
			"1") "--B--"),
		S_INIT(PART("form-data; name=a", "X-Other: base64\r\n", "1") "--B--"),
		S_INIT(PART("form-data; name=a",
			"A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\nG: 1\r\n",
			"1") "--B--"),
	};
	struct form f;

	for (isize i = 0; i < COUNT_OF(good); i++)
		if (!multipart(t, good[i], &f) || !str_eq(form_value(&f, S("a")), S("1")))
			test_fail(t, __FILE__, __LINE__, "number %td was not read", i);
}

/* A part whose second header has `n` bytes with its line end. */
static str with_long_header(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	memset(p, 'x', (size_t)n);
	return str_fmt(t->arena, PART("form-data; name=a", "A: %.*s\r\n", "1") "--B--",
		(int)(n - S("A: \r\n").n), p);
}

TEST(a_header_of_a_part_ends_within_4_KiB, "")
{
	struct form f;

	CHECK(multipart(t, with_long_header(t, 4096), &f));
	CHECK(!multipart(t, with_long_header(t, 4097), &f));
	CHECK(!multipart(t, with_long_header(t, 6000), &f));
}

TEST(malformed_multipart_forms_are_refused, "")
{
	static const str bad[] = {
		S_INIT(""),
		S_INIT("--B"),
		S_INIT("--B\r\n"),
		S_INIT("--Bx--\r\n"),
		S_INIT("preamble\r\n--B--\r\n"),
		S_INIT("--B--\r\nepilogue"),
		S_INIT("--B\n--B--"),
		S_INIT("xyz--"),
		S_INIT("--B\r\n--"),
		S_INIT("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1234--"),
		S_INIT(PART("form-data; name=", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=a; filename=", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"; filename=b", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\" xfilename=b", "", "1") "--B--"),
		S_INIT(PART("form-data; name=a b", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\x01\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=a; filename=\"b\x7f\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=a; filename=\"b\xff\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=a", "A: \x01\r\n", "1") "--B--"),
		S_INIT(PART("form-data; name=a", "A: \xff\r\n", "1") "--B--"),
		S_INIT("--B \r\n--B--"),
		S_INIT(PART("form-data; name=\"a\"", "", "1")),
		S_INIT(PART("form-data; name=\"a\"", "", "1") "--B"),
		S_INIT(PART("form-data; name=\"a\"", "", "1") "--B-"),
		S_INIT("--B\r\n\r\n1\r\n--B--"),
		S_INIT("--B\r\nContent-Type: a/b\r\n\r\n1\r\n--B--"),
		S_INIT(PART("attachment; name=\"a\"", "", "1") "--B--"),
		S_INIT(PART("form-data", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\" x", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\";", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"; name=\"b\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"; filename*=UTF-8''b", "", "1") "--B--"),
		S_INIT(PART(
			"form-data; name=\"a\"; filename=\"b\"; filename=\"c\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"\xff\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\0\"", "", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"", "", "\xff") "--B--"),
		S_INIT(PART("form-data; name=\"a\"", "", "\0") "--B--"),
		S_INIT(PART("form-data; name=\"a\"", "A b: c\r\n", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"", "no colon\r\n", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"", "Content-Transfer-Encoding: base64\r\n",
			"1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"",
			"Content-Disposition: form-data; name=\"b\"\r\n", "1") "--B--"),
		S_INIT(PART("form-data; name=\"a\"",
			"A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\nG: 1\r\nH: 1\r\n",
			"1") "--B--"),
	};
	struct form f;

	for (isize i = 0; i < COUNT_OF(bad); i++)
		if (multipart(t, bad[i], &f))
			test_fail(t, __FILE__, __LINE__, "number %td was read", i);
}

TEST(a_form_says_what_is_wrong_with_it, "")
{
	static const struct {
		str body, text;
	} list[] = {
		{S_INIT(PART("form-data", "", "1") "--B--"), S_INIT("a part has no name")},
		{S_INIT(PART("form-data; name=a", "Content-Disposition: form-data\r\n", "1")
			 "--B--"),
			S_INIT("a part has two names")},
		{S_INIT(PART("inline; name=a", "", "1") "--B--"),
			S_INIT("a part is not form-data")},
	};
	struct form f;

	for (isize i = 0; i < COUNT_OF(list); i++) {
		struct err e = {0};
		CHECK(!form_parse(t->arena, &e, S("multipart/form-data; boundary=B"), list[i].body,
			&f));
		CHECK_STR(str_of(e.text),
			str_join(t->arena, S("the form is malformed: "), list[i].text));
	}
}

TEST(multipart_forms_have_their_limit_of_fields, "")
{
	struct form f;
	struct err e = {0};
	struct buf b;

	buf_init(&b, t->arena, 400000);
	for (int i = 0; i < LIMIT_FORM_FIELDS; i++)
		buf_add(&b, S(PART("form-data; name=\"a\"", "", "1")));
	CHECK(multipart(t, str_join(t->arena, buf_str(&b), S("--B--")), &f));
	CHECK_INT(f.count, LIMIT_FORM_FIELDS);
	buf_add(&b, S(PART("form-data; name=\"a\"", "", "1") "--B--"));
	CHECK(!form_parse(t->arena, &e, S("multipart/form-data; boundary=B"), buf_str(&b), &f));
	CHECK_INT(e.code, ERR_LIMIT);
}

/* `boundary=` and `n` letters. */
static str type_with_boundary(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n);

	memset(p, 'x', (size_t)n);
	return str_fmt(t->arena, "multipart/form-data; boundary=%.*s", (int)n, p);
}

TEST(a_boundary_has_70_characters_at_most, "")
{
	struct form f;
	struct err e = {0};

	for (isize n = 1; n <= 72; n++) {
		str type = type_with_boundary(t, n), mark = str_part(type, 30, type.n);
		str body = str_fmt(t->arena, "--%.*s--", STR_ARG(mark));
		CHECK_INT(form_parse(t->arena, &e, type, body, &f), n <= 70);
	}
}

static bool is_taken(struct test_case *t, str type, str body)
{
	struct err e = {0};
	struct form f;
	bool ok = form_parse(t->arena, &e, type, body, &f);

	CHECK_INT(e.code, ok ? ERR_NONE : ERR_SYNTAX);
	return ok;
}

TEST(content_types_of_forms_are_taken_or_refused, "")
{
	static const str good[] = {S_INIT("multipart/form-data; boundary=B"),
		S_INIT("multipart/form-data; charset=utf-8 ; boundary=B"),
		S_INIT("Multipart/Form-Data;charset=utf-8; BOUNDARY=\"B\"")};
	static const str bad[] = {S_INIT("multipart/form-data"), S_INIT(";boundary=B"),
		S_INIT("multipart/form-data; boundary="),
		S_INIT("multipart/form-data; boundary=\"B"),
		S_INIT("multipart/form-data; boundary=B;"),
		S_INIT("multipart/form-data; boundary=B; a="),
		S_INIT("multipart/form-data; a b=c; boundary=B"),
		S_INIT("multipart/form-data; boundary=A; boundary=B"),
		S_INIT("multipart/form-data; boundary=B; boundary=B"),
		S_INIT("multipart/mixed; boundary=B"), S_INIT("application/json"), S_INIT("")};

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK(is_taken(t, good[i], S("--B--")));
	for (isize i = 0; i < COUNT_OF(bad); i++)
		if (is_taken(t, bad[i], S("--B--")))
			test_fail(t, __FILE__, __LINE__, "%.*s was taken", STR_ARG(bad[i]));
	CHECK(is_taken(t, S("application/x-www-form-urlencoded"), S("a=1")));
	CHECK(!is_taken(t, S("multipart/form-data"), S("----")));
	CHECK(!is_taken(t, S("multipart/form-data; boundary=\"\""), S("----")));
	CHECK(!is_taken(t, S("multipart/form-data; boundary=\"\x01\""), S("--\x01--")));
	CHECK(!is_taken(t, S("multipart/form-data; boundary=\"\xff\""), S("--\xff--")));
}

/* ---- room ---- */

TEST(empty_pieces_are_no_fields, "")
{
	struct form f;
	struct err e;
	struct buf b;

	buf_init(&b, t->arena, 3 * LIMIT_FORM_FIELDS);
	for (int i = 0; i < 2 * LIMIT_FORM_FIELDS; i++)
		buf_char(&b, '&');
	buf_add(&b, S("a=1"));
	CHECK(query(t, buf_str(&b), &f, &e));
	CHECK_INT(f.count, 1);
}

TEST(a_form_has_nothing_of_the_one_before, "")
{
	struct arena_mark mark = arena_here(t->arena);
	struct form f;
	struct err e;

	CHECK(query(t, S("a=1&b=2&c=3"), &f, &e));
	CHECK_STR(form_value(&f, S("b")), S("2"));
	arena_rewind(t->arena, mark);
	CHECK(query(t, S("a=1"), &f, &e));
	CHECK(!form_has(&f, S("b")) && !form_has(&f, S("c")));
	CHECK_STR(form_value(&f, S("b")), S(""));
}

/* A handler asks for each of the fields by its name. */
TEST(names_of_a_long_form_are_not_looked_for_one_by_one, "")
{
	struct form f;
	struct err e;
	struct buf b;

	buf_init(&b, t->arena, 100000);
	for (int i = 0; i < LIMIT_FORM_FIELDS; i++)
		buf_fmt(&b, "n%d=&", i);
	CHECK(query(t, buf_str(&b), &f, &e));
	CHECK(f.first);
}

/* What a form needs beyond its body, in an arena that has `room` bytes left. */
static enum err_code code_with_room(struct test_case *t, str type, str body, isize room)
{
	struct arena small;
	struct err e = {0};
	struct form f;

	arena_open(&small, 2 * ARENA_RESERVE);
	char *used = arena_bulk(&small, arena_room(&small) - room);
	CHECK(used);
	bool ok = form_parse(&small, &e, type, body, &f);
	arena_close(&small);
	CHECK_INT(ok, e.code == ERR_NONE);
	return e.code;
}

TEST(a_form_that_the_arena_has_no_room_for_is_refused, "")
{
	const str urlencoded = S("application/x-www-form-urlencoded");
	const str multi = S("multipart/form-data; boundary=B");
	char *p = NEW(t->arena, char, 5000);
	memset(p, 'x', 5000);
	str plain = str_fmt(t->arena, "a=%.*s", 5000, p);
	str parts = str_fmt(t->arena, PART("form-data; name=a", "", "\r%.*s") "--B--", 5000, p);

	CHECK_INT(code_with_room(t, urlencoded, plain, 100), ERR_LIMIT);
	CHECK_INT(code_with_room(t, urlencoded, plain, 3000), ERR_LIMIT);
	CHECK_INT(code_with_room(t, urlencoded, plain, 20000), ERR_NONE);
	CHECK_INT(code_with_room(t, multi, parts, 100), ERR_LIMIT);
	CHECK_INT(code_with_room(t, multi, parts, 3000), ERR_LIMIT);
	CHECK_INT(code_with_room(t, multi, parts, 20000), ERR_NONE);
}

TEST_MAIN()
