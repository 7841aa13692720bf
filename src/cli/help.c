/* Help, made from the table of commands. */
#include "cli/cli_in.h"

static void help_all(struct buf *b)
{
	str group = S("");

	buf_add(b,
		S("ward: security management for makers of medical-device software\n\n"
		  "usage: ward COMMAND [options]\n"));
	for (int i = 0; i < command_count; i++) {
		if (!str_eq(group, commands[i].group)) {
			group = commands[i].group;
			buf_fmt(b, "\n%.*s\n", STR_ARG(group));
		}
		buf_fmt(b, "  %-12.*s %.*s\n", STR_ARG(commands[i].name),
			STR_ARG(commands[i].summary));
	}
	buf_add(b,
		S("\nward help COMMAND tells more of one; man ward of all.\n"
		  "Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 input unreadable, 4 not "
		  "permitted\n"
		  "or not found, 5 integrity failure, 6 conflict or busy, 70 our fault.\n"));
}

/* Letters to change, add, drop or swap to make `b` of `a`, counted up to a little. */
static int distance(str a, str b)
{
	enum { LONGEST = 24 };
	int row[3][LONGEST + 1] = {0};

	if (a.n > LONGEST || b.n > LONGEST)
		return LONGEST;
	for (isize j = 0; j <= b.n; j++)
		row[0][j] = (int)j;
	for (isize i = 1; i <= a.n; i++) {
		int *now = row[i % 3], *up = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = (int)i;
		for (isize j = 1; j <= b.n; j++) {
			now[j] = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			now[j] = now[j] < up[j] + 1 ? now[j] : up[j] + 1;
			now[j] = now[j] < now[j - 1] + 1 ? now[j] : now[j - 1] + 1;
			bool is_swap = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
				a.p[i - 2] == b.p[j - 1];
			if (is_swap && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return row[a.n % 3][b.n];
}

int cli_unknown(str name)
{
	enum { NEAR = 2 };
	const struct command *nearest = NULL;
	int best = NEAR + 1;

	for (int i = 0; i < command_count; i++) {
		int d = str_starts(commands[i].name, name) ? 1 : distance(name, commands[i].name);
		if (d < best) {
			best = d;
			nearest = &commands[i];
		}
	}
	if (nearest)
		cli_say("there is no command \"%.*s\"; did you mean %.*s?", STR_ARG(name),
			STR_ARG(nearest->name));
	else
		cli_say("there is no command \"%.*s\"; see ward help", STR_ARG(name));
	return EXIT_USAGE;
}

/* The options that a usage line leaves out, too. */
static void help_options(struct buf *b, const struct command *one)
{
	str list = one->options;

	if (!list.n)
		return;
	buf_add(b, S("\nOptions:"));
	for (str word = str_word(&list); word.n; word = str_word(&list)) {
		bool with_value = str_ends(word, S("="));
		str name = str_part(word, 0, word.n - with_value);
		buf_fmt(b, " --%.*s%s", STR_ARG(name), with_value ? " X" : "");
		for (isize i = 0; i < cli_letter_count; i++)
			if (str_eq(cli_letters[i].name, name))
				buf_fmt(b, " (-%c)", cli_letters[i].letter);
	}
	buf_char(b, '\n');
}

static void help_one(struct buf *b, const struct command *one)
{
	str text = one->help, examples = str_cut_at(&text, S("\n\n"));

	buf_fmt(b, "ward %.*s: %.*s\n\n", STR_ARG(one->name), STR_ARG(one->summary));
	if (examples.n)
		buf_add(b, S("Examples:\n"));
	while (examples.n) {
		str line = str_cut(&examples, '\n');
		buf_fmt(b, "  %.*s\n", STR_ARG(line));
	}
	buf_fmt(b, "%sUsage: ward %.*s %.*s\n", one->help.n ? "\n" : "", STR_ARG(one->name),
		STR_ARG(one->usage));
	help_options(b, one);
	if (text.n)
		buf_fmt(b, "\n%.*s", STR_ARG(text));
}

int command_help(struct cli *c)
{
	const struct command *one = c->word_count ? command_find(c->word[0]) : NULL;

	if (c->word_count && !one)
		return cli_unknown(c->word[0]);
	if (one)
		help_one(&c->out, one);
	else
		help_all(&c->out);
	return cli_done(c, EXIT_FINE);
}

int command_version(struct cli *c)
{
	buf_add(&c->out, S("ward " WARD_VERSION "\n"));
	return cli_done(c, EXIT_FINE);
}
