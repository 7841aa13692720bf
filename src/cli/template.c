/* What `ward check` asks: our rules, or the filters of a template of the other tool. */
#include "threat/microsoft/template.h"

#include "cli/cli_in.h"

/* "own" is the template inside the file of the model. */
static bool read_template(struct cli *c, const struct model *m, str given, struct template **out)
{
	str bytes;

	if (str_eq(given, S("own")))
		return template_own(c->arena, &c->err, m, out) ||
			cli_model_place(&c->err, c->arena, m->file);
	return (file_read(c->arena, given, LIMIT_MODEL_BYTES, &bytes, &c->err) &&
		       template_read(c->arena, &c->err, bytes, out)) ||
		cli_model_place(&c->err, c->arena, given);
}

bool cli_evaluate(
	struct cli *c, const struct model *m, const struct rules *rules, struct findings **out)
{
	struct template *t;
	bool all = cli_has(c, S("all"));

	if (!cli_has(c, S("template")))
		return threat_evaluate(c->arena, &c->err, m, rules, all, out);
	return read_template(c, m, cli_option(c, S("template")), &t) &&
		template_evaluate(c->arena, &c->err, m, t, all, out);
}
