/* Errors: the first stays, issues are kept up to a limit, and texts are cut between characters. */
#include "base/utf8.h"

#include "test.h"

TEST(the_first_error_stays_with_its_place, "")
{
	struct err e = {.arena = t->arena};

	CHECK(!err_at(&e, 3, 7, "what %d", 1));
	CHECK(!err_at(&e, 4, 8, "what %d", 2));
	CHECK(!FAIL(&e, ERR_FAULT, "what %d", 3));
	CHECK_INT(e.code, ERR_SYNTAX);
	CHECK(e.line == 3 && e.column == 7);
	CHECK_STR(err_text(&e), S("what 1"));
	err_clear(&e);
	CHECK(e.code == ERR_NONE && e.line == 0 && err_text(&e).n == 0 && e.arena == t->arena);
	CHECK(!FAIL(&e, ERR_FAULT, "what %d", 4));
	CHECK(!err_at(&e, 5, 9, "what %d", 5));
	CHECK_INT(e.code, ERR_FAULT);
	CHECK(e.line == 0 && e.column == 0);
	CHECK_STR(err_text(&e), S("what 4"));
}

/* A text of `n` bytes: letters, then one character of two bytes. */
static const char *text_of(struct test_case *t, isize n)
{
	char *p = NEW(t->arena, char, n + 1);

	memset(p, 'a', (size_t)n);
	memcpy(p + n - 2, "\xc3\xa4", 2);
	return p;
}

TEST(a_text_is_cut_at_399_bytes_or_before_the_character_there, "")
{
	for (isize n = 390; n < 410; n++) {
		struct err e = {.arena = t->arena}, at = {.arena = t->arena},
			   issue = {.arena = t->arena};
		isize want = n < 400 ? n : n == 400 ? 398 : 399;
		CHECK(!FAIL(&e, ERR_FAULT, "%s", text_of(t, n)));
		CHECK(!err_at(&at, 1, 1, "%s", text_of(t, n)));
		CHECK(!err_issue(&issue, S("f"), "%s", text_of(t, n)));
		CHECK_INT(err_text(&e).n, want);
		CHECK_INT(err_text(&at).n, want);
		CHECK_INT(issue.issues->text.n, want);
		CHECK(utf8_check(err_text(&e)) < 0 && utf8_check(issue.issues->text) < 0);
		CHECK_STR(err_text(&e), str_part(str_of(text_of(t, n)), 0, want));
	}
}

TEST(issues_are_kept_in_order_up_to_their_limit, "")
{
	struct err e = {.arena = t->arena};
	int count = 0;

	for (int i = 0; i < ISSUES_MAX + 5; i++) {
		CHECK(!err_issue(&e, str_fmt(t->arena, "f%d", i), "issue %d", i));
		CHECK_INT(e.issue_count, i < ISSUES_MAX ? i + 1 : ISSUES_MAX);
	}
	CHECK_INT(e.code, ERR_INVALID);
	CHECK_STR(err_text(&e), S("issue 0"));
	for (const struct issue *i = e.issues; i; i = i->next, count++) {
		CHECK_STR(i->field, str_fmt(t->arena, "f%d", count));
		CHECK_STR(i->text, str_fmt(t->arena, "issue %d", count));
	}
	CHECK_INT(count, ISSUES_MAX);
}

TEST_MAIN()
