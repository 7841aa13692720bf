/* The options and words of a command line. */
#include "cli/cli_in.h"

str cli_option(const struct cli *c, str name)
{
	for (int i = 0; i < c->option_count; i++)
		if (str_eq(c->option[i].name, name))
			return c->option[i].value;
	return S("");
}

bool cli_has(const struct cli *c, str name)
{
	for (int i = 0; i < c->option_count; i++)
		if (str_eq(c->option[i].name, name))
			return true;
	return false;
}

bool cli_choose(struct cli *c, str name, const str *words, int count, int *out)
{
	str given = cli_option(c, name);
	struct buf list;

	if (!cli_has(c, name))
		return true;
	for (int i = 0; i < count; i++)
		if (str_eq(given, words[i])) {
			*out = i;
			return true;
		}
	buf_init(&list, c->arena, LIMIT_TEXT);
	for (int i = 0; i < count; i++) {
		buf_add(&list, i == 0 ? S("") : i + 1 == count ? S(" or ") : S(", "));
		buf_add(&list, words[i]);
	}
	return FAIL(
		&c->err, ERR_INVALID, "--%.*s takes %.*s", STR_ARG(name), STR_ARG(buf_str(&list)));
}

bool cli_json(const struct cli *c)
{
	return cli_has(c, S("json")) || str_eq(cli_option(c, S("format")), S("json"));
}

const struct cli_letter cli_letters[] = {{'o', S_INIT("output")}, {'q', S_INIT("quiet")}};
const int cli_letter_count = COUNT_OF(cli_letters);

/* "-o" as the name it stands for; "" when it is none of the letters. */
static str letter_name(str arg)
{
	for (isize i = 0; i < cli_letter_count; i++)
		if (arg.n == 2 && arg.p[0] == '-' && arg.p[1] == cli_letters[i].letter)
			return cli_letters[i].name;
	return S("");
}

/* Whether the command takes --name, and whether with a value. */
static bool takes(const struct command *command, str name, bool *with_value)
{
	str list = command->options;

	for (str word = str_word(&list); word.n; word = str_word(&list)) {
		*with_value = str_ends(word, S("="));
		if (str_eq(name, str_part(word, 0, word.n - *with_value)))
			return true;
	}
	return false;
}

/* "--at", "-o" without their dashes, letters as the name they stand for. */
static str option_name(str arg)
{
	str name = letter_name(arg);

	return name.n ? name : str_part(arg, str_starts(arg, S("--")) ? 2 : 1, arg.n);
}

bool cli_takes_value(str arg)
{
	bool with_value;

	for (int i = 0; i < command_count; i++)
		if (takes(&commands[i], option_name(arg), &with_value) && with_value)
			return true;
	return false;
}

static int read_option(struct cli *c, const struct command *command, str arg, char **rest)
{
	str value = arg, name = str_cut(&value, '=');
	bool with_value, has_value = str_index(arg, '=') >= 0;
	int used = 0;

	if (!takes(command, name, &with_value)) {
		cli_say("ward %.*s has no option --%.*s; see ward help %.*s",
			STR_ARG(command->name), STR_ARG(name), STR_ARG(command->name));
		return -1;
	}
	if (with_value && !has_value) {
		if (!*rest) {
			cli_say("--%.*s needs a value", STR_ARG(name));
			return -1;
		}
		value = str_of(*rest);
		used = 1;
	}
	if (!with_value && has_value) {
		cli_say("--%.*s takes no value", STR_ARG(name));
		return -1;
	}
	if (c->option_count == OPTIONS_MAX) {
		cli_say("too many options");
		return -1;
	}
	c->option[c->option_count].name = name;
	c->option[c->option_count++].value = value;
	return used;
}

/* How many of `argv` the argument at its front takes; -1 when it is wrong. */
static int read_one(struct cli *c, const struct command *command, char **argv, bool only_words)
{
	str arg = str_of(argv[0]);
	int used;

	if (only_words || arg.n < 2 || arg.p[0] != '-') {
		if (c->word_count == WORDS_MAX) {
			cli_say("too many arguments");
			return -1;
		}
		c->word[c->word_count++] = arg;
		return 1;
	}
	used = read_option(c, command, option_name(arg), &argv[1]);
	return used < 0 ? -1 : used + 1;
}

int cli_read_words(struct cli *c, const struct command *command, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 0; i < argc; i++)
		if (utf8_check(str_of(argv[i])) >= 0) {
			cli_say("argument %d is not UTF-8", i + 1);
			return EXIT_USAGE;
		}
	for (int i = 0; i < argc;) {
		int used = 1;
		if (!only_words && str_eq(str_of(argv[i]), S("--")))
			only_words = true;
		else
			used = read_one(c, command, argv + i, only_words);
		if (used < 0)
			return EXIT_USAGE;
		i += used;
	}
	return EXIT_FINE;
}
