/*
 * Which passwords are among the first that are tried.
 *
 * A list of a million leaked ones would be larger than this program and ends where people add "1!".
 * What they are made of is few things: common words, rows of the keyboard, the account's name, the
 * same again.  Each such piece counts for as much as one free character; a password needs
 * UNITS_MIN of them.  NIST SP 800-63B, 3.1.1.2 asks for comparison with common, expected and
 * repetitive values.
 */
#include "ident/ident_in.h"

enum { UNITS_MIN = 6, PERIOD_MAX = 16, ROW_MIN = 3 };

static const str words[] = {S_INIT("password"), S_INIT("passwort"), S_INIT("passphrase"),
	S_INIT("passcode"), S_INIT("pass"), S_INIT("administrator"), S_INIT("administrators"),
	S_INIT("admin"), S_INIT("root"), S_INIT("guest"), S_INIT("user"), S_INIT("login"),
	S_INIT("signin"), S_INIT("letmein"), S_INIT("welcome"), S_INIT("changeme"),
	S_INIT("default"), S_INIT("secret"), S_INIT("security"), S_INIT("secure"), S_INIT("access"),
	S_INIT("system"), S_INIT("server"), S_INIT("service"), S_INIT("support"), S_INIT("manager"),
	S_INIT("test"), S_INIT("testing"), S_INIT("tester"), S_INIT("demo"), S_INIT("sample"),
	S_INIT("example"), S_INIT("temp"), S_INIT("temporary"), S_INIT("master"), S_INIT("hello"),
	S_INIT("iloveyou"), S_INIT("love"), S_INIT("lovely"), S_INIT("baby"), S_INIT("angel"),
	S_INIT("princess"), S_INIT("sunshine"), S_INIT("flower"), S_INIT("butterfly"),
	S_INIT("monkey"), S_INIT("dragon"), S_INIT("tiger"), S_INIT("eagle"), S_INIT("football"),
	S_INIT("baseball"), S_INIT("soccer"), S_INIT("hockey"), S_INIT("superman"),
	S_INIT("batman"), S_INIT("starwars"), S_INIT("pokemon"), S_INIT("shadow"),
	S_INIT("freedom"), S_INIT("whatever"), S_INIT("trustno"), S_INIT("computer"),
	S_INIT("internet"), S_INIT("google"), S_INIT("windows"), S_INIT("linux"), S_INIT("company"),
	S_INIT("office"), S_INIT("hospital"), S_INIT("medical"), S_INIT("device"), S_INIT("ward"),
	S_INIT("doctor"), S_INIT("nurse"), S_INIT("patient"), S_INIT("money"), S_INIT("michael"),
	S_INIT("jordan"), S_INIT("jennifer"), S_INIT("jessica"), S_INIT("thomas"), S_INIT("daniel"),
	S_INIT("charlie"), S_INIT("summer"), S_INIT("winter"), S_INIT("spring"), S_INIT("autumn"),
	S_INIT("january"), S_INIT("february"), S_INIT("march"), S_INIT("april"), S_INIT("june"),
	S_INIT("july"), S_INIT("august"), S_INIT("september"), S_INIT("october"),
	S_INIT("november"), S_INIT("december"), S_INIT("monday"), S_INIT("tuesday"),
	S_INIT("wednesday"), S_INIT("thursday"), S_INIT("friday"), S_INIT("saturday"),
	S_INIT("sunday")};

static const str rows[] = {S_INIT("abcdefghijklmnopqrstuvwxyz"), S_INIT("01234567890"),
	S_INIT("qwertyuiop"), S_INIT("qwertzuiop"), S_INIT("azertyuiop"), S_INIT("asdfghjkl"),
	S_INIT("qsdfghjklm"), S_INIT("zxcvbnm"), S_INIT("yxcvbnm"), S_INIT("1qaz2wsx3edc4rfv"),
	S_INIT("qazwsxedcrfv"), S_INIT("!\"#$%&"), S_INIT("!@#$%^&*()")};

static isize longer(isize a, isize b)
{
	return a > b ? a : b;
}

/* How much of `s` goes along the row from there, forwards or backwards. */
static isize along(str row, isize from, int step, str s)
{
	isize n = 0;

	for (isize at = from; n < s.n && at >= 0 && at < row.n && row.p[at] == s.p[n]; at += step)
		n++;
	return n;
}

static isize row_at(str s)
{
	isize most = 0;

	for (isize i = 0; i < COUNT_OF(rows); i++)
		for (isize at = 0; at < rows[i].n; at++)
			for (int step = -1; step <= 1; step += 2)
				most = longer(most, along(rows[i], at, step, s));
	return most >= ROW_MIN ? most : 0;
}

/* "p@ssw0rd" is read as the word. */
static str plain(struct arena *a, str s)
{
	static const char from[] = "@4031!5$7", to[] = "aaoeiisst";
	char *p = NEW(a, char, s.n + 1);

	for (isize i = 0; i < s.n; i++) {
		p[i] = s.p[i];
		for (isize k = 0; from[k]; k++)
			if (s.p[i] == from[k])
				p[i] = to[k];
	}
	return (str){p, s.n};
}

/* A word, which has letters only, stands in `read` wherever it stands in `s`. */
static isize word_at(str s, str read, str sign_in)
{
	isize most = sign_in.n >= ROW_MIN && str_starts(s, sign_in) ? sign_in.n : 0;

	for (isize i = 0; i < COUNT_OF(words); i++)
		if (str_starts(read, words[i]))
			most = longer(most, words[i].n);
	return most;
}

/* The longest piece that ends at `at` and stands there again. */
static isize again_at(str s, isize at)
{
	for (isize n = PERIOD_MAX; n; n--)
		if (n <= at && str_eq(str_part(s, at - n, at), str_part(s, at, at + n)))
			return n;
	return 0;
}

bool password_is_easy(struct arena *a, str password, str sign_in)
{
	str s = str_lower(a, password), read = plain(a, s), name = str_lower(a, sign_in);
	isize units = 0;

	for (isize at = 0; at < s.n;) {
		isize again = again_at(s, at);
		isize word = word_at(str_part(s, at, s.n), str_part(read, at, s.n), name);
		isize row = row_at(str_part(s, at, s.n));
		isize piece = longer(word, row), step = longer(piece, again);
		units += again == 0 || piece > again;
		at += step ? step : 1;
	}
	return units < UNITS_MIN;
}
