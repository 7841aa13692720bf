/* What a command says: its output, its errors, its exit code. */
#include "cli/cli_in.h"

#include <stdarg.h>

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
	str rest = buf_view(&c->out);

	if (c->out.full) {
		cli_say("the output is larger than this program writes, or than there is memory");
		return EXIT_USAGE;
	}
	if (fwrite(rest.p ? rest.p : "", 1, (size_t)rest.n, stdout) != (size_t)rest.n ||
		fflush(stdout)) {
		cli_say("the output could not be written");
		return EXIT_FAULT;
	}
	return code;
}

int cli_deliver(struct cli *c, int code)
{
	str file = cli_option(c, cli_has(c, S("out")) ? S("out") : S("output"));

	if (!file.n || str_eq(file, S("-")))
		return cli_done(c, code);
	if (c->out.full) {
		cli_say("the output is larger than this program writes, or than there is memory");
		return EXIT_USAGE;
	}
	return file_write(c->arena, file, buf_str(&c->out), 0644, &c->err) ? code : cli_fail(c);
}
