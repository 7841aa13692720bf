/*
 * check: the gate.  What can go wrong with the system in a model file, beside an earlier state of
 * it if there is one, in the form that people, build servers and code hosting services read.
 */
#include "cli/cli_in.h"
#include "threat/report/report.h"

#include <unistd.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF, FORMAT_JUNIT, FORMAT_MARKDOWN };
enum fail_on {
	FAIL_ON_OPEN,
	FAIL_ON_QUESTION,
	FAIL_ON_NEW_OPEN,
	FAIL_ON_NEW_QUESTION,
	FAIL_ON_NEVER
};

static bool read_format(struct cli *c, enum format *out)
{
	static const str words[] = {S_INIT("text"), S_INIT("json"), S_INIT("sarif"),
		S_INIT("junit"), S_INIT("markdown")};
	int chosen = cli_json(c) ? FORMAT_JSON : FORMAT_TEXT;
	bool ok = cli_choose(c, S("format"), words, COUNT_OF(words), &chosen);

	*out = (enum format)chosen;
	return ok;
}

static bool read_fail_on(struct cli *c, enum fail_on *out)
{
	static const str words[] = {S_INIT("open"), S_INIT("question"), S_INIT("new-open"),
		S_INIT("new-question"), S_INIT("never")};
	int chosen = FAIL_ON_OPEN;

	if (!cli_choose(c, S("fail-on"), words, COUNT_OF(words), &chosen))
		return false;
	*out = (enum fail_on)chosen;
	return !str_starts(words[chosen], S("new-")) || cli_has(c, S("baseline")) ||
		FAIL(&c->err, ERR_INVALID, "--fail-on %.*s needs --baseline",
			STR_ARG(words[chosen]));
}

static int verdict(const struct check_report *r, enum fail_on level)
{
	const isize *tally = r->now->tally, *worse = r->worse;
	bool fails[] = {
		[FAIL_ON_OPEN] = tally[THREAT_IS_OPEN] > 0,
		[FAIL_ON_QUESTION] = tally[THREAT_IS_OPEN] + tally[THREAT_IS_QUESTION] > 0,
		[FAIL_ON_NEW_OPEN] = worse[THREAT_IS_OPEN] > 0,
		[FAIL_ON_NEW_QUESTION] = worse[THREAT_IS_OPEN] + worse[THREAT_IS_QUESTION] > 0,
		[FAIL_ON_NEVER] = false,
	};

	return fails[level] ? EXIT_FINDINGS : EXIT_FINE;
}

/* Our rules do not judge an earlier model for a template; what was printed then will do. */
static bool read_baseline(struct cli *c, const struct rules *rules, struct baseline **out)
{
	*out = NULL;
	if (cli_has(c, S("template")))
		rules = NULL;
	return !cli_has(c, S("baseline")) ||
		cli_baseline_read(c, cli_option(c, S("baseline")), rules, out);
}

/* A path below the folder we stand in, as one that begins there: what reports are compared and
   uploaded by is the same on every machine. */
static str from_here(struct cli *c, str path)
{
	enum { PATH_BYTES = 4096 };
	char *here = NEW(c->arena, char, PATH_BYTES);

	if (!str_starts(path, S("/")) || !getcwd(here, PATH_BYTES))
		return path;
	str folder = str_of(here);
	bool is_below =
		str_starts(path, folder) && path.n > folder.n + 1 && path.p[folder.n] == '/';
	return is_below ? str_part(path, folder.n + 1, path.n) : path;
}

static void print(struct cli *c, const struct check_report *r, enum format format)
{
	struct arena scratch;

	cli_scratch_init(&scratch);
	switch (format) {
	case FORMAT_TEXT:
		report_print_text(&c->out, &scratch, r);
		break;
	case FORMAT_JSON:
		report_print_json(&c->out, &scratch, r);
		break;
	case FORMAT_SARIF:
		report_print_sarif(&c->out, &scratch, r, cli_has(c, S("all")));
		break;
	case FORMAT_JUNIT:
		report_print_junit(&c->out, &scratch, r);
		break;
	case FORMAT_MARKDOWN:
		report_print_markdown(&c->out, &scratch, r);
		break;
	}
	arena_reset(&scratch);
}

/* A rule for those who judge what it says; needs no model. */
static int explain(struct cli *c, str name)
{
	const struct vocabulary *words;
	struct rules *rules;

	if (c->word_count || cli_json(c))
		return cli_usage(c, "--explain takes the name of a rule, and no file or format");
	if (!rules_library(c->arena, &c->err, &words, &rules))
		return cli_fail(c);
	const struct rule *r = rule_find(rules, name);
	if (!r) {
		FAIL(&c->err, ERR_MISSING,
			"there is no rule %.*s; a check names its rules in [brackets]",
			STR_ARG(name));
		return cli_fail(c);
	}
	rule_print(&c->out, rules, r);
	return cli_deliver(c, EXIT_FINE);
}

int command_check(struct cli *c)
{
	struct baseline *base;
	struct findings *found;
	struct check_report report;
	struct model *model;
	const struct vocabulary *words;
	struct rules *rules;
	enum fail_on level;
	enum format format;
	str bytes;

	if (cli_has(c, S("explain")))
		return explain(c, cli_option(c, S("explain")));
	if (c->word_count > 1)
		return cli_usage(c, "one file at a time");
	if (c->word_count && str_eq(c->word[0], S("-")) &&
		str_eq(cli_option(c, S("baseline")), S("-")))
		return cli_usage(c, "only one file can be standard input");
	if (!read_format(c, &format) || !read_fail_on(c, &level) ||
		!cli_system_read(c, c->word_count ? c->word[0] : S(""), &model, &bytes) ||
		!rules_library(c->arena, &c->err, &words, &rules) ||
		!read_baseline(c, rules, &base) || !cli_evaluate(c, model, rules, &found) ||
		!report_make(c->arena, &c->err, found, base, &report))
		return cli_fail(c);
	cli_say_losses(c, model);
	report.path = from_here(c, model->file);
	report.bytes = bytes;
	print(c, &report, format);
	return cli_deliver(c, verdict(&report, level));
}
