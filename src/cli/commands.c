/* The table of commands, and what every command shares: options, errors, output. */
#include "cli/cli_in.h"

#include <stdarg.h>
#include <unistd.h>

#define COMMAND(name_, group_, usage_, summary_, options_, run_)                                   \
	{.name = S_INIT(name_), .group = S_INIT(group_), .usage = S_INIT(usage_),                      \
		.summary = S_INIT(summary_), .options = S_INIT(options_), .run = (run_)}

const struct command commands[] = {
	COMMAND("init", "start", "[DIR] [--demo] [--origin NAME]",
		"make a store; prints the one-time address for the first administrator",
		"demo origin= store=", command_init),
	COMMAND("serve", "start", "[--store DIR] [--listen ADDR]", "serve pages and API",
		"store= listen= one-process", command_serve),
	COMMAND("demo", "start", "[--listen ADDR]",
		"serve a throw-away store with the worked example", "listen= one-process", command_demo),
	COMMAND("help", "start", "[COMMAND]", "this text, or that of a command", "", command_help),
	COMMAND("version", "start", "", "the version", "", command_version),
};
const int command_count = COUNT_OF(commands);

enum { CLI_ARENA_BYTES = 1 << 30, OUT_MAX = 256 << 20 };

/* ---- options ---- */

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

bool cli_json(const struct cli *c)
{
	return cli_has(c, S("json")) || str_eq(cli_option(c, S("format")), S("json"));
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

static int read_option(struct cli *c, const struct command *command, str arg, char **rest)
{
	str value = arg, name = str_cut(&value, '=');
	bool with_value, has_value = str_index(arg, '=') >= 0;
	int used = 0;

	if (!takes(command, name, &with_value)) {
		cli_say("ward %.*s has no option --%.*s; see ward help %.*s", STR_ARG(command->name),
			STR_ARG(name), STR_ARG(command->name));
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
	if (c->option_count == OPTIONS_MAX)
		return -1;
	c->option[c->option_count].name = name;
	c->option[c->option_count++].value = value;
	return used;
}

static int read_words(struct cli *c, const struct command *command, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 0; i < argc; i++) {
		str arg = str_of(argv[i]);
		if (utf8_check(arg) >= 0) {
			cli_say("argument %d is not UTF-8", i + 1);
			return EXIT_USAGE;
		}
		if (!only_words && str_eq(arg, S("--"))) {
			only_words = true;
		} else if (!only_words && str_starts(arg, S("--"))) {
			int used = read_option(c, command, str_part(arg, 2, arg.n), &argv[i + 1]);
			if (used < 0)
				return EXIT_USAGE;
			i += used;
		} else if (c->word_count < WORDS_MAX) {
			c->word[c->word_count++] = arg;
		} else {
			cli_say("too many arguments");
			return EXIT_USAGE;
		}
	}
	return EXIT_FINE;
}

/* ---- output ---- */

void cli_say(const char *format, ...)
{
	va_list ap;

	fputs("ward: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int cli_usage(struct cli *c, const char *why)
{
	(void)c;
	cli_say("%s", why);
	return EXIT_USAGE;
}

int cli_fail(struct cli *c)
{
	for (const struct issue *i = c->err.issues; i; i = i->next)
		if (i->field.n)
			fprintf(stderr, "ward: %.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
		else
			fprintf(stderr, "ward: %.*s\n", STR_ARG(i->text));
	if (!c->err.issues)
		cli_say("%s", c->err.text);
	switch (c->err.code) {
	case ERR_INVALID:
	case ERR_LIMIT:
		return EXIT_USAGE;
	case ERR_SYNTAX:
		return EXIT_INPUT;
	case ERR_DENIED:
	case ERR_MISSING:
		return EXIT_DENIED;
	case ERR_TAMPERED:
		return EXIT_TAMPERED;
	case ERR_CONFLICT:
	case ERR_BUSY:
		return EXIT_BUSY;
	case ERR_NONE:
	case ERR_FAULT:
		break;
	}
	return EXIT_FAULT;
}

int cli_done(struct cli *c, int code)
{
	str rest = buf_str(&c->out);

	if (c->out.full) {
		cli_say("the output is larger than this program writes");
		return EXIT_FAULT;
	}
	if (fwrite(rest.p ? rest.p : "", 1, (size_t)rest.n, stdout) != (size_t)rest.n || fflush(stdout)) {
		cli_say("the output could not be written");
		return EXIT_FAULT;
	}
	return code;
}

/* ---- help ---- */

static const struct command *find(str name)
{
	for (int i = 0; i < command_count; i++)
		if (str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void help_all(struct buf *b)
{
	str group = S("");

	buf_add(b, S("ward: security management for makers of medical-device software\n\n"
		     "usage: ward COMMAND [options]\n"));
	for (int i = 0; i < command_count; i++) {
		if (!str_eq(group, commands[i].group)) {
			group = commands[i].group;
			buf_fmt(b, "\n%.*s\n", STR_ARG(group));
		}
		buf_fmt(b, "  %-12.*s %.*s\n", STR_ARG(commands[i].name), STR_ARG(commands[i].summary));
	}
	buf_add(b, S("\nward help COMMAND tells more of one; man ward of all.\n"
		     "Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 input unreadable, 4 not permitted\n"
		     "or not found, 5 integrity failure, 6 conflict or busy, 70 our fault.\n"));
}

int command_help(struct cli *c)
{
	const struct command *one = c->word_count ? find(c->word[0]) : NULL;

	if (c->word_count && !one)
		return cli_usage(c, "there is no such command; see ward help");
	if (one)
		buf_fmt(&c->out, "usage: ward %.*s %.*s\n\n%.*s\n", STR_ARG(one->name),
			STR_ARG(one->usage), STR_ARG(one->summary));
	else
		help_all(&c->out);
	return cli_done(c, EXIT_FINE);
}

int command_version(struct cli *c)
{
	buf_add(&c->out, S("ward " WARD_VERSION "\n"));
	return cli_done(c, EXIT_FINE);
}

/* ---- the run ---- */

static int run(struct cli *c, int argc, char **argv)
{
	str name = argc > 1 ? str_of(argv[1]) : S("help");
	const struct command *command = find(name);

	if (str_eq(name, S("--version")))
		return command_version(c);
	if (str_eq(name, S("--help")) || str_eq(name, S("-h")))
		return command_help(c);
	if (!command) {
		cli_say("there is no command \"%.*s\"; see ward help", STR_ARG(name));
		return EXIT_USAGE;
	}
	if (argc > 2 && str_eq(str_of(argv[2]), S("--help"))) {
		c->word[c->word_count++] = name;
		return command_help(c);
	}
	int code = argc > 2 ? read_words(c, command, argc - 2, argv + 2) : EXIT_FINE;
	return code ? code : command->run(c);
}

int cli_main(int argc, char **argv, const struct cli_host *host)
{
	struct arena arena;
	struct cli *c;

	arena_init(&arena, os_reserve(CLI_ARENA_BYTES), CLI_ARENA_BYTES);
	c = NEW(&arena, struct cli, 1);
	c->host = host;
	c->arena = c->err.arena = &arena;
	buf_init(&c->out, &arena, OUT_MAX);
	int code = run(c, argc, argv);
	arena_reset(&arena);
	return code;
}
