/*
 * The command that draws a model in a file; and how every command reads one.
 *
 * They need no store.  The rules and their vocabulary are inside the program, so that the same
 * version says the same about the same file wherever it runs.
 */
#include "cli/cli_in.h"
#include "crypt/crypt.h"
#include "threat/model/view.h"
#include "threat/picture/picture.h"
#include "threat/report/report.h"

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

/* A syntax error gets its place in front, in the form that editors jump to.  A file that is too
   large is one that cannot be read, too. */
bool cli_model_place(struct err *e, struct arena *a, str file)
{
	str text = str_dup(a, err_text(e));

	if (e->code == ERR_SYNTAX && e->line > 0) {
		snprintf(e->text, sizeof e->text, "%.*s:%" PRId64 ":%" PRId64 ": %.*s",
			STR_ARG(file), e->line, e->column, STR_ARG(text));
	} else if (e->code == ERR_SYNTAX || e->code == ERR_LIMIT) {
		snprintf(e->text, sizeof e->text, "%.*s:1:1: %.*s", STR_ARG(file), STR_ARG(text));
		e->code = ERR_SYNTAX;
	}
	return false;
}

/* The bytes of the file, or of standard input, and what it is called in messages. */
static bool read_file(struct cli *c, str path, str *name, str *bytes)
{
	*name = str_eq(path, S("-")) ? S("stdin") : path;
	return file_read(c->arena, path, LIMIT_MODEL_BYTES, bytes, &c->err) ||
		(c->err.code == ERR_LIMIT && cli_model_place(&c->err, c->arena, *name));
}

/* The files that the model at `path` includes.  They lie in its folder or below it, with all links
   followed; standard input has no folder. */
static bool read_beside(struct cli *c, str path, str bytes, struct model_files *files)
{
	isize slash = path.n;

	if (str_eq(path, S("-")))
		return true;
	while (slash > 0 && path.p[slash - 1] != '/')
		slash--;
	str folder = slash ? str_part(path, 0, slash) : S("./");
	files->own = str_part(path, slash, path.n);
	bool ok = model_files_named(c->arena, &c->err, PART_NONE, bytes, files);
	for (int32_t i = 0; ok && i < files->count; i++) {
		struct model_file *f = &files->file[i];
		struct err own = {.arena = c->arena};
		str full = str_join(c->arena, folder, f->path);
		if (!file_is_below(c->arena, folder, full))
			return model_file_bad(&c->err, c->arena, files, i,
				"is not there, or not below the folder of the model");
		if (!file_read(c->arena, full, LIMIT_MODEL_BYTES, &f->bytes, &own))
			return model_file_bad(&c->err, c->arena, files, i, "cannot be read");
		ok = model_files_named(c->arena, &c->err, i, f->bytes, files);
	}
	return ok;
}

/* All that the model in `given` is made of. */
static bool read_files(struct cli *c, str given, str *name, str *bytes, struct model_files **beside)
{
	str path;

	*beside = NEW(c->arena, struct model_files, 1);
	return find_model(c, given, &path) && read_file(c, path, name, bytes) &&
		(read_beside(c, path, *bytes, *beside) ||
			cli_model_place(&c->err, c->arena, *name));
}

bool cli_model_read(struct cli *c, str given, struct model **out, str *bytes)
{
	struct model_files *beside;
	str name;

	return read_files(c, given, &name, bytes, &beside) &&
		(model_read_with(c->arena, &c->err, name, *bytes, beside, out) ||
			cli_model_place(&c->err, c->arena, name));
}

bool cli_model_digest(struct cli *c, str given, struct sha256 *out)
{
	struct model_files *beside;
	str name, bytes;

	if (!read_files(c, given, &name, &bytes, &beside))
		return false;
	str *pieces = NEW(c->arena, str, beside->count + 1);
	pieces[0] = bytes;
	for (int32_t i = 0; i < beside->count; i++)
		pieces[i + 1] = beside->file[i].bytes;
	*out = sha256_of(pieces, beside->count + 1);
	return true;
}

bool cli_system_read(struct cli *c, str given, struct model **out, str *bytes)
{
	return cli_model_read(c, given, out, bytes) &&
		((*out)->of[PART_ELEMENT].count || (*out)->of[PART_ZONE].count ||
			FAIL(&c->err, ERR_SYNTAX,
				"%.*s:1:1: there is no zone and no element in this file",
				STR_ARG((*out)->file)));
}

bool cli_baseline_read(struct cli *c, str given, const struct rules *rules, struct baseline **out)
{
	struct model_files *beside;
	str name, bytes;

	return read_files(c, given, &name, &bytes, &beside) &&
		(baseline_read(c->arena, &c->err, rules, name, bytes, beside, out) ||
			cli_model_place(&c->err, c->arena, name));
}

bool cli_one_file(struct cli *c, str *given)
{
	*given = c->word_count ? c->word[0] : S("");
	return c->word_count <= 1 || FAIL(&c->err, ERR_INVALID, "one file at a time");
}

/* Scratch for what is printed line by line. */
void cli_scratch_init(struct arena *a)
{
	arena_open(a, MODEL_SCRATCH_BYTES);
}

void cli_say_losses(struct cli *c, const struct model *m)
{
	if (cli_has(c, S("quiet")))
		return;
	for (const struct model_loss *l = m->losses; l; l = l->next)
		if (!l->is_kept)
			fprintf(stderr, "%.*s:%d:%d: not taken over: %.*s%s%.*s\n",
				STR_ARG(m->file), l->at.line, l->at.column, STR_ARG(l->path),
				l->path.n ? ": " : "", STR_ARG(l->what));
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

/* The part of the model that --view names; all of it without one. */
static bool choose_view(struct cli *c, struct model **m)
{
	struct view_choice choice;
	enum architecture_view view;

	if (!cli_has(c, S("view")))
		return true;
	if (!view_parse(cli_option(c, S("view")), &view))
		return FAIL(&c->err, ERR_INVALID, "--view takes global, multi-patient or update");
	if (!view_choice_make(c->arena, &c->err, *m, &choice))
		return false;
	view_choose(*m, view, &choice);
	return view_model(c->arena, &c->err, *m, &choice, m);
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
	str given, bytes;

	if (!cli_one_file(c, &given) || !cli_system_read(c, given, &model, &bytes) ||
		!choose_view(c, &model) || !rules_library(c->arena, &c->err, &words, &rules) ||
		!threat_evaluate(c->arena, &c->err, model, rules, false, &found) ||
		!layout_make(c->arena, &c->err, model, &layout))
		return cli_fail(c);
	cli_say_losses(c, model);
	count_badges(c, found, &picture);
	cli_scratch_init(&scratch);
	layout_print_svg(&c->out, &scratch, model, layout, &picture);
	arena_reset(&scratch);
	return cli_deliver(c, EXIT_FINE);
}
