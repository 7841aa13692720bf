/* The commands that take models from other tools and give them back: convert and import. */
#include "base/json.h"

#include "cli/cli_in.h"
#include "crypt/crypt.h"
#include "threat/records/records.h"
#include "threat/formats/formats.h"

/* ---- convert ---- */

int command_convert(struct cli *c)
{
	struct model *model;
	str to = cli_option(c, S("to")), given, bytes;

	if (!cli_one_file(c, &given) || !cli_model_read(c, given, &model, &bytes))
		return cli_fail(c);
	cli_say_losses(c, model);
	if (!model_export(c->arena, &c->err, model, to.n ? to : S("ward"), &c->out))
		return cli_fail(c);
	return cli_deliver(c, EXIT_FINE);
}

/* ---- import ---- */

static void put_count(struct buf *b, bool *first, const char *key, isize count)
{
	json_put_key(b, first, str_of(key));
	buf_int(b, count);
}

static void print_json(struct buf *b, const struct model *m)
{
	bool first = true;

	buf_char(b, '{');
	json_put_key(b, &first, S("format"));
	json_put_string(b, model_format_word(m->format));
	put_count(b, &first, "elements", m->of[PART_ELEMENT].count);
	put_count(b, &first, "flows", m->of[PART_FLOW].count);
	put_count(b, &first, "zones", m->of[PART_ZONE].count);
	put_count(b, &first, "assets", m->of[PART_ASSET].count);
	put_count(b, &first, "threats", m->of[PART_THREAT].count);
	json_put_key(b, &first, S("unmapped"));
	buf_char(b, '[');
	for (const struct model_loss *l = m->losses; l; l = l->next) {
		bool start = true;
		buf_add(b, l == m->losses ? S("\n{") : S(",\n{"));
		json_put_key(b, &start, S("path"));
		json_put_string(b, l->path);
		put_count(b, &start, "line", l->at.line);
		put_count(b, &start, "column", l->at.column);
		json_put_key(b, &start, S("what"));
		json_put_string(b, l->what);
		buf_char(b, '}');
	}
	buf_add(b, S("]}\n"));
}

static void print_text(struct buf *b, const struct model *m)
{
	static const struct {
		enum part_group group;
		const char *word;
	} rows[] = {{PART_ZONE, "zones"}, {PART_ELEMENT, "elements"},
		{PART_INTERFACE, "interfaces"}, {PART_FLOW, "flows"}, {PART_ASSET, "assets"},
		{PART_ASSUMPTION, "assumptions"}, {PART_THREAT, "threats"}};

	buf_fmt(b, "%.*s: %.*s%s%.*s\n", STR_ARG(m->file), STR_ARG(model_format_word(m->format)),
		m->name.n ? ", " : "", STR_ARG(m->name));
	for (isize i = 0; i < COUNT_OF(rows); i++)
		buf_fmt(b, "%8td %s\n", m->of[rows[i].group].count, rows[i].word);
	buf_fmt(b, m->loss_count ? "%8td without a counterpart:\n" : "%8td without a counterpart\n",
		m->loss_count);
	for (const struct model_loss *l = m->losses; l; l = l->next)
		buf_fmt(b, "%.*s:%d:%d: %.*s%s%.*s\n", STR_ARG(m->file), l->at.line, l->at.column,
			STR_ARG(l->path), l->path.n ? ": " : "", STR_ARG(l->what));
}

/* "model.otm, SHA-256 …": where each record says that it comes from. */
static bool describe_source(struct cli *c, str path, str *out)
{
	struct sha256 hash;
	struct buf hex;

	if (!cli_model_digest(c, path, &hash))
		return false;
	buf_init(&hex, c->arena, 2 * sizeof hash.b);
	hex_print(&hex, hash.b, sizeof hash.b);
	while (str_index(path, '/') >= 0)
		(void)str_cut(&path, '/');
	str name = utf8_head(path, 100);
	*out = str_fmt(c->arena, "%.*s, SHA-256 %.*s", STR_ARG(name), STR_ARG(buf_str(&hex)));
	return true;
}

/* All of it or nothing: one transaction. */
static int import_records(struct cli *c, const struct model *m)
{
	struct cli_store s;
	isize count = 0;
	str source;

	if (str_eq(m->file, S("stdin")))
		return cli_usage(c, "records say which file they come from; name one");
	bool ok = describe_source(c, m->file, &source) && cli_store_open(c, true, &s);
	if (!ok)
		return cli_fail(c);
	ok = records_from_model(&s.call, m, source, cli_option(c, S("product")), &count) ||
		cli_model_place(&s.call.err, c->arena, m->file);
	if (ok)
		buf_fmt(&c->out, "%.*s: %td records\n", STR_ARG(m->file), count);
	return cli_store_end(&s, ok);
}

int command_import(struct cli *c)
{
	struct model *model;
	str given, bytes;

	if (!c->word_count)
		return cli_usage(c, "name the file of a model; see ward help import");
	if (!cli_one_file(c, &given) || !cli_model_read(c, given, &model, &bytes))
		return cli_fail(c);
	if (!cli_has(c, S("dry-run"))) {
		cli_say_losses(c, model);
		return import_records(c, model);
	}
	if (cli_json(c))
		print_json(&c->out, model);
	else
		print_text(&c->out, model);
	return cli_deliver(c, EXIT_FINE);
}
