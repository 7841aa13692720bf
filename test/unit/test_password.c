/* Which passwords are among the first that are tried: what counts as one piece, and how many do. */
#include "ident/ident_in.h"
#include "test.h"

/* Characters of which no two make a piece; six units are enough, five are not. */
#define FIVE  "=9v2~"
#define FOUR  "=9v2"
#define THREE "9v2"

static bool is_easy(struct test_case *t, str password)
{
	return password_is_easy(t->arena, password, S("rob.kx"));
}

/* The piece counts as one free character does: with four of those it is easy, with five not. */
static void check_piece(struct test_case *t, str piece)
{
	str four = str_join(t->arena, piece, S(FOUR)), five = str_join(t->arena, piece, S(FIVE));

	if (!is_easy(t, four) || is_easy(t, five))
		test_fail(t, __FILE__, __LINE__, "%.*s is not one piece", STR_ARG(piece));
	four = str_join(t->arena, S(FOUR), piece);
	five = str_join(t->arena, S(FIVE), piece);
	if (!is_easy(t, four) || is_easy(t, five))
		test_fail(t, __FILE__, __LINE__, "%.*s is not one piece at the end",
			STR_ARG(piece));
}

TEST(five_units_are_easy_and_six_are_not, "")
{
	CHECK(is_easy(t, S("")));
	CHECK(is_easy(t, S(FIVE)));
	CHECK(!is_easy(t, S(FIVE "x")));
	CHECK(is_easy(t, S("password" FOUR)));
	CHECK(!is_easy(t, S("password" FIVE)));
	CHECK(!is_easy(t, S("a long enough sentence")));
}

TEST(a_row_of_the_keyboard_is_one_piece_in_both_directions, "")
{
	static const char *const all[] = {"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop",
		"qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm",
		"1qaz2wsx3edc4rfv", "qazwsxedcrfv", "!\"#$%&", "!@#$%^&*()"};

	for (isize i = 0; i < COUNT_OF(all); i++) {
		str row = str_of(all[i]);
		char *back = NEW(t->arena, char, row.n);
		for (isize k = 0; k < row.n; k++)
			back[k] = row.p[row.n - 1 - k];
		check_piece(t, row);
		check_piece(t, (str){back, row.n});
		check_piece(t, str_part(row, 0, 3));
		check_piece(t, str_part(row, row.n - 3, row.n));
		check_piece(t, str_part((str){back, row.n}, 0, 3));
		check_piece(t, str_part((str){back, row.n}, row.n - 3, row.n));
		/* Two of a row are nothing yet. */
		CHECK(!is_easy(t, str_join(t->arena, str_part(row, 0, 2), S(FOUR))));
	}
	check_piece(t, S("QWERTY"));
}

TEST(a_common_word_is_one_piece_however_it_is_spelt, "")
{
	static const char *const all[] = {"password", "passwort", "sunday", "administrator",
		"administrators", "admin", "testing", "love", "ward", "p@ssword", "4dmin",
		"r00t", "s3cret", "adm1n", "adm!n", "te5t", "te$t", "7est", "P@$$w0rd"};

	for (isize i = 0; i < COUNT_OF(all); i++)
		check_piece(t, str_of(all[i]));
	CHECK(!is_easy(t, S("p#ssword")));
}

TEST(the_name_that_signs_in_is_one_piece_from_three_characters_on, "")
{
	CHECK(password_is_easy(t->arena, S("rob.kx" FOUR), S("rob.kx")));
	CHECK(password_is_easy(t->arena, S("ROB.kx" FOUR), S("rob.KX")));
	CHECK(password_is_easy(t->arena, S("rbx" FOUR), S("rbx")));
	CHECK(!password_is_easy(t->arena, S("rbx" FOUR), S("rbxz")));
	CHECK(!password_is_easy(t->arena, S("rb" FOUR), S("rb")));
	CHECK(!password_is_easy(t->arena, S("rb.kx" FOUR), S("rob.kx")));
	/* The longer of name and word. */
	CHECK(password_is_easy(t->arena, S("wardrobe" FOUR), S("wardrobe")));
	CHECK(password_is_easy(t->arena, S("password" FOUR), S("pas")));
	CHECK(!password_is_easy(t->arena, S(FIVE "x"), S("")));
}

TEST(the_same_again_counts_for_nothing, "")
{
	CHECK(is_easy(t, S(FIVE FIVE FIVE)));
	CHECK(is_easy(t, S("wwwwwwwwwwwwwwww")));
	CHECK(!is_easy(t, S("xxxxxxxxx" FIVE)));
	CHECK(is_easy(t, S("xxxxxxxxx" FOUR)));
	CHECK(is_easy(t, S("adminadmin" FOUR)));
	CHECK(!is_easy(t, S("adminadmin" FIVE)));
	/* A word that is longer than what stands there again is a piece. */
	CHECK(is_easy(t, S("aadmin" THREE)));
	CHECK(!is_easy(t, S("aadmin" FOUR)));
	/* Up to sixteen characters, at the end too when only a part fits. */
	CHECK(is_easy(t, S("k9v2k9v2k9v2k9v2k9v2x")));
	CHECK(is_easy(t, S("administratorsk9administratorsk9x")));
	CHECK(!is_easy(t, S("administratorsk9vadministratorsk9v")));
}

TEST_MAIN()
