/*
 * The commands about a model in a file: check, render, convert.
 *
 * They need no store.  The rules and their vocabulary are inside the program, so that the same
 * version says the same about the same file wherever it runs.
 */
#include "cli/cli_in.h"
#include "threat/threat.h"

enum { MODEL_SCRATCH_BYTES = 8 << 20 };

/* ---- reading ---- */

static bool is_folder(struct cli *c, str path)
{
	return file_exists(c->arena, str_join(c->arena, path, S("/.")));
}

/* The file meant by `given`: itself, or the model in a folder, where a repository keeps it. */
static bool find_model(struct cli *c, str given, str *path)
{
	static const str places[] = {S_INIT("security/model.ward"), S_INIT("model.ward")};

	*path = given;
	if (given.n && (str_eq(given, S("-")) || !is_folder(c, given)))
		return true;
	for (isize i = 0; i < COUNT_OF(places); i++) {
		*path = given.n ? str_fmt(c->arena, "%.*s/%.*s", STR_ARG(given), STR_ARG(places[i]))
				: places[i];
		if (file_exists(c->arena, *path))
			return true;
	}
	return FAIL(&c->err, ERR_MISSING,
		"there is no security/model.ward and no model.ward in %.*s; name a file",
		STR_ARG(given.n ? given : S("this folder")));
}

/* A syntax error gets its place in front, in the form that editors jump to. */
static bool place_error(struct cli *c, str name)
{
	struct err *e = &c->err;

	if (e->code == ERR_SYNTAX && e->line > 0) {
		str text = str_dup(c->arena, err_text(e));
		snprintf(e->text, sizeof e->text, "%.*s:%" PRId64 ":%" PRId64 ": %.*s",
			STR_ARG(name), e->line, e->column, STR_ARG(text));
	} else if (e->code == ERR_SYNTAX || e->code == ERR_LIMIT) {
		str text = str_dup(c->arena, err_text(e));
		snprintf(e->text, sizeof e->text, "%.*s: %.*s", STR_ARG(name), STR_ARG(text));
	}
	return false;
}

static bool read_model(struct cli *c, struct model **out)
{
	str path, bytes;

	if (c->word_count > 1)
		return FAIL(&c->err, ERR_INVALID, "one file at a time");
	if (!find_model(c, c->word_count ? c->word[0] : S(""), &path) ||
		!file_read(c->arena, path, LIMIT_MODEL_BYTES, &bytes, &c->err))
		return false;
	str name = str_eq(path, S("-")) ? S("stdin") : path;
	if (!model_read(c->arena, &c->err, name, bytes, out))
		return place_error(c, name);
	/* A wrong or empty file must not pass a gate in silence. */
	return (*out)->of[PART_ELEMENT].count || (*out)->of[PART_ZONE].count ||
		FAIL(&c->err, ERR_SYNTAX, "%.*s:1:1: there is no zone and no element in this file",
			STR_ARG(name));
}

/* Scratch for what is printed line by line. */
static void scratch_init(struct arena *a)
{
	arena_init(a, os_reserve(MODEL_SCRATCH_BYTES), MODEL_SCRATCH_BYTES);
}

static void say_losses(struct cli *c, const struct model *m)
{
	if (cli_has(c, S("quiet")))
		return;
	for (const struct model_loss *l = m->losses; l; l = l->next)
		fprintf(stderr, "%.*s:%d:%d: not taken over: %.*s%s%.*s\n", STR_ARG(m->file),
			l->at.line, l->at.column, STR_ARG(l->path), l->path.n ? ": " : "",
			STR_ARG(l->what));
}

/* ---- check ---- */

enum fail_on { FAIL_ON_OPEN, FAIL_ON_QUESTION, FAIL_ON_NEVER };

static bool read_fail_on(struct cli *c, enum fail_on *out)
{
	str word = cli_option(c, S("fail-on"));

	*out = FAIL_ON_OPEN;
	if (str_eq(word, S("question")))
		*out = FAIL_ON_QUESTION;
	else if (str_eq(word, S("never")))
		*out = FAIL_ON_NEVER;
	else if (cli_has(c, S("fail-on")) && !str_eq(word, S("open")))
		return FAIL(&c->err, ERR_INVALID, "--fail-on takes open, question or never");
	return true;
}

static int verdict(const struct findings *f, enum fail_on level)
{
	bool open = f->tally[THREAT_IS_OPEN] > 0, question = f->tally[THREAT_IS_QUESTION] > 0;

	if (level == FAIL_ON_NEVER)
		return EXIT_FINE;
	return open || (question && level == FAIL_ON_QUESTION) ? EXIT_FINDINGS : EXIT_FINE;
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
	bool json = cli_json(c);
	struct arena scratch;
	struct findings *found;
	const struct vocabulary *words;
	struct model *model;
	struct rules *rules;
	enum fail_on level;
	str format = cli_option(c, S("format"));

	if (cli_has(c, S("explain")))
		return explain(c, cli_option(c, S("explain")));
	if (cli_has(c, S("format")) && !json && !str_eq(format, S("text")))
		return cli_usage(c, "--format takes text or json");
	if (!read_fail_on(c, &level) || !read_model(c, &model) ||
		!rules_library(c->arena, &c->err, &words, &rules) ||
		!threat_evaluate(c->arena, &c->err, model, rules, cli_has(c, S("all")), &found))
		return cli_fail(c);
	say_losses(c, model);
	scratch_init(&scratch);
	if (json)
		findings_print_json(&c->out, &scratch, found);
	else
		findings_print_text(&c->out, &scratch, found);
	arena_reset(&scratch);
	return cli_deliver(c, verdict(found, level));
}

/* ---- render ---- */

/* A badge counts what is open; its tone is that of the worst. */
static void count_badges(struct cli *c, const struct findings *f, struct picture *out)
{
	const struct parts *of = f->model->of;
	struct badge *element = NEW(c->arena, struct badge, of[PART_ELEMENT].count + 1);
	struct badge *flow = NEW(c->arena, struct badge, of[PART_FLOW].count + 1);

	for (isize i = 0; i < f->count; i++) {
		const struct threat_finding *one = &f->list[i];
		enum part_group group = part_group_of(one->part->kind);
		if (one->outcome != THREAT_IS_OPEN || (group != PART_ELEMENT && group != PART_FLOW))
			continue;
		struct badge *b =
			(group == PART_FLOW ? flow : element) + (one->part - of[group].list);
		b->count++;
		if (one->level == THREAT_ERROR)
			b->tone = BADGE_BAD;
		else if (one->level == THREAT_WARNING && b->tone == BADGE_PLAIN)
			b->tone = BADGE_WARN;
	}
	out->element = element;
	out->flow = flow;
}

int command_render(struct cli *c)
{
	struct picture picture = {.standalone = true};
	struct arena scratch;
	struct findings *found;
	const struct vocabulary *words;
	struct layout *layout;
	struct model *model;
	struct rules *rules;

	if (!read_model(c, &model) || !rules_library(c->arena, &c->err, &words, &rules) ||
		!threat_evaluate(c->arena, &c->err, model, rules, false, &found) ||
		!layout_make(c->arena, &c->err, model, &layout))
		return cli_fail(c);
	say_losses(c, model);
	count_badges(c, found, &picture);
	scratch_init(&scratch);
	layout_print_svg(&c->out, &scratch, model, layout, &picture);
	arena_reset(&scratch);
	return cli_deliver(c, EXIT_FINE);
}

/* ---- convert ---- */

int command_convert(struct cli *c)
{
	struct model *model;
	str to = cli_option(c, S("to"));

	if (to.n && !str_eq(to, S("ward")))
		return cli_usage(c, "--to takes ward: models are written as .ward text");
	if (!read_model(c, &model))
		return cli_fail(c);
	say_losses(c, model);
	model_print(&c->out, model);
	return cli_deliver(c, EXIT_FINE);
}
