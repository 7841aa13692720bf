/* diff: what lies between two models in files.  It reports; the gate is check with a baseline. */
#include "cli/cli_in.h"
#include "threat/records/records.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_SVG };

static bool read_format(struct cli *c, enum format *out)
{
	static const str words[] = {
		S_INIT("text"), S_INIT("json"), S_INIT("markdown"), S_INIT("svg")};
	int chosen = cli_json(c) ? FORMAT_JSON : FORMAT_TEXT;
	bool ok = cli_choose(c, S("format"), words, COUNT_OF(words), &chosen);

	*out = (enum format)chosen;
	return ok;
}

/* The model in `given`, and what the rules say about it. */
static bool judge(struct cli *c, str given, const struct rules *rules, struct findings **out)
{
	struct model *m;
	str bytes;

	return cli_system_read(c, given, &m, &bytes) &&
		threat_evaluate(c->arena, &c->err, m, rules, false, out);
}

static bool print(struct cli *c, const struct model_diff *d, enum format format)
{
	struct arena scratch;
	bool ok = true;

	cli_scratch_init(&scratch);
	switch (format) {
	case FORMAT_TEXT:
		diff_print_text(&c->out, &scratch, d);
		break;
	case FORMAT_JSON:
		diff_print_json(&c->out, &scratch, d);
		break;
	case FORMAT_MARKDOWN:
		diff_print_markdown(&c->out, &scratch, d);
		break;
	case FORMAT_SVG:
		ok = diff_print_svg(&c->out, c->arena, &c->err, d, true);
		break;
	}
	arena_reset(&scratch);
	return ok;
}

/* The recorded model at two times. */
static int recorded(struct cli *c, enum format format)
{
	str from = cli_option(c, S("from"));
	struct model_diff diff;
	struct cli_store s;

	if (c->word_count)
		return cli_usage(c, "name two files, or a time with --from");
	bool ok = cli_store_open(c, false, &s) &&
		model_changes(&s.call, &from, cli_option(c, S("to")), &diff) &&
		print(c, &diff, format);
	if (!ok && c->err.code == ERR_NONE)
		c->err = s.call.err;
	cli_store_close(&s);
	return ok ? cli_deliver(c, EXIT_FINE) : cli_fail(c);
}

int command_diff(struct cli *c)
{
	struct findings *was, *now;
	struct model_diff diff;
	const struct vocabulary *words;
	struct rules *rules;
	enum format format;

	if (cli_has(c, S("from")) || cli_has(c, S("to")))
		return read_format(c, &format) ? recorded(c, format) : cli_fail(c);
	if (c->word_count != 2)
		return cli_usage(c, "ward diff takes two models: OLD NEW");
	if (str_eq(c->word[0], S("-")) && str_eq(c->word[1], S("-")))
		return cli_usage(c, "only one file can be standard input");
	if (!read_format(c, &format) || !rules_library(c->arena, &c->err, &words, &rules) ||
		!judge(c, c->word[0], rules, &was) || !judge(c, c->word[1], rules, &now) ||
		!model_diff_make(c->arena, &c->err, was, now, &diff))
		return cli_fail(c);
	cli_say_losses(c, was->model);
	cli_say_losses(c, now->model);
	return print(c, &diff, format) ? cli_deliver(c, EXIT_FINE) : cli_fail(c);
}
