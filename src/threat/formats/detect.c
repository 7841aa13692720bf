/* The formats, how a file is told from another, and writing one. */
#include "threat/formats/importer.h"
#include "threat/formats/views.h"
#include "threat/formats/xml.h"
#include "threat/formats/yaml.h"

/* OTM comes as both. */
static const struct json *json_or_yaml(struct arena *a, struct err *e, str bytes)
{
	return str_starts(str_trim(bytes), S("{")) ? json_parse(a, e, bytes)
						   : yaml_read(a, e, bytes);
}

static bool text_read(
	struct arena *a, struct err *e, const struct file_source *from, struct model **out)
{
	return model_text_parse(a, e, from->name, from->bytes, out);
}

const struct format formats[MODEL_FORMATS] = {
	[MODEL_TEXT] = {".ward text", NULL, text_read, NULL, NULL},
	[MODEL_DRAGON] = {"OWASP Threat Dragon 2", json_parse, dragon_read, dragon_build,
		dragon_supplement},
	[MODEL_OTM] = {"Open Threat Model 0.2", json_or_yaml, otm_read, otm_build, otm_supplement},
	[MODEL_TM_LIBRARY] = {"OWASP Threat Model Library 1.0", json_parse, tmlib_read, tmlib_build,
		tmlib_supplement},
	[MODEL_CYCLONEDX] = {"CycloneDX 2.0 (draft)", json_parse, cyclonedx_read, cyclonedx_build,
		cyclonedx_supplement},
	[MODEL_DRAGON_1] = {"OWASP Threat Dragon 1", json_parse, dragon_read, NULL, NULL},
	[MODEL_COMPOSER] = {"AWS threat-composer", json_parse, composer_read, NULL, NULL},
	[MODEL_PYTM] = {"OWASP pytm", json_parse, pytm_read, NULL, NULL},
	[MODEL_THREAGILE] = {"Threagile", json_or_yaml, threagile_read, NULL, NULL},
	[MODEL_TM7] = {"Microsoft Threat Modeling Tool", xml_read, tm7_read, NULL, NULL},
};

/* YAML has no sign of its own: a name, or how it begins. */
static bool is_yaml(str name, str head)
{
	static const str ends[] = {S_INIT(".otm"), S_INIT(".yaml"), S_INIT(".yml")};
	static const str begins[] = {
		S_INIT("---"), S_INIT("otmVersion"), S_INIT("threagile_version")};

	for (int i = 0; i < 3; i++)
		if (str_ends(name, ends[i]) || str_starts(head, begins[i]))
			return true;
	return false;
}

/* Reads the tree, too, unless telling the format took one. */
static bool read_source(struct arena *a, struct err *e, enum model_format format,
	struct file_source *from, struct model **out)
{
	const struct format *f = &formats[format];

	if (f->parse && !from->root && !(from->root = f->parse(a, e, from->bytes)))
		return false;
	return f->read(a, e, from, out);
}

static bool is_too_large(struct err *e, str bytes)
{
	return bytes.n > LIMIT_MODEL_BYTES &&
		!FAIL(e, ERR_LIMIT, "a model file has at most %d bytes", LIMIT_MODEL_BYTES);
}

bool model_read_as(struct arena *a, struct err *e, enum model_format format, str name, str bytes,
	struct model **out)
{
	struct file_source from = {.name = name, .bytes = bytes};

	return !is_too_large(e, bytes) && read_source(a, e, format, &from, out);
}

/* The members of the outermost object tell the formats apart, in YAML as in JSON. */
static bool detect_members(struct err *e, const struct json *root, enum model_format *out)
{
	static const struct {
		str one, two;
		enum model_format format;
	} signs[] = {
		{S_INIT("otmVersion"), S_INIT("otmVersion"), MODEL_OTM},
		{S_INIT("technical_assets"), S_INIT("technical_assets"), MODEL_THREAGILE},
		{S_INIT("threagile_version"), S_INIT("threagile_version"), MODEL_THREAGILE},
		{S_INIT("includes"), S_INIT("includes"), MODEL_THREAGILE},
		{S_INIT("specFormat"), S_INIT("specVersion"), MODEL_CYCLONEDX},
		{S_INIT("scope"), S_INIT("trust_zones"), MODEL_TM_LIBRARY},
		{S_INIT("summary"), S_INIT("summary"), MODEL_DRAGON},
		{S_INIT("detail"), S_INIT("detail"), MODEL_DRAGON},
		{S_INIT("mitigationLinks"), S_INIT("threats"), MODEL_COMPOSER},
		{S_INIT("applicationInfo"), S_INIT("threats"), MODEL_COMPOSER},
		{S_INIT("boundaries"), S_INIT("elements"), MODEL_PYTM},
		{S_INIT("elements"), S_INIT("flows"), MODEL_PYTM},
	};

	for (int i = 0; i < COUNT_OF(signs); i++)
		if (json_member(root, signs[i].one) && json_member(root, signs[i].two)) {
			*out = signs[i].format;
			return true;
		}
	return err_at(e, 1, 1,
		json_member(root, S("bomFormat"))
			? "a CycloneDX file before 2.0 holds no threat model that is read"
			: "the format of this file is not one that Ward reads; see "
			  "ward-formats(7)");
}

bool model_read_with(struct arena *a, struct err *e, str name, str bytes,
	const struct model_files *beside, struct model **out)
{
	struct file_source from = {.name = name, .bytes = bytes, .beside = beside};
	str plain = str_starts(bytes, S("\xef\xbb\xbf")) ? str_part(bytes, 3, bytes.n) : bytes;
	str head = plain;
	enum model_format format = MODEL_TEXT;

	head = str_trim(head);
	/* Some editors begin a file with a mark that JSON does not have. */
	if (head.n && head.p[0] == '{')
		from.bytes = plain;
	if (is_too_large(e, bytes))
		return false;
	if (head.n == 0)
		return err_at(e, 1, 1, "there is nothing in this file");
	if (str_starts(head, S("PK\x03\x04")))
		return err_at(e, 1, 1, "this is a ZIP archive; name the file that is in it");
	if (head.p[0] == '<')
		return read_source(a, e, MODEL_TM7, &from, out);
	if (head.p[0] == '{' || is_yaml(name, head)) {
		from.root = json_or_yaml(a, e, bytes);
		if (!from.root || !detect_members(e, from.root, &format))
			return false;
	}
	return read_source(a, e, format, &from, out);
}

bool model_read(struct arena *a, struct err *e, str name, str bytes, struct model **out)
{
	return model_read_with(a, e, name, bytes, NULL, out);
}

/* ---- writing ---- */

static bool print(struct exporter *x, struct buf *b)
{
	if (x->err->code)
		return false;
	json_print(b, x->root, 0);
	buf_char(b, '\n');
	return !b->full || FAIL(x->err, ERR_LIMIT, "the model is too large to be written");
}

/* The model is written, read back and compared; what the format did not carry goes in as text. */
static bool write_tree(struct exporter *x, struct buf *out)
{
	const struct format *f = &formats[x->format];
	struct buf first, parts, more;
	struct model *read;

	buf_init(&first, x->arena, LIMIT_OUTPUT_BYTES);
	buf_init(&parts, x->arena, LIMIT_OUTPUT_BYTES);
	buf_init(&more, x->arena, LIMIT_OUTPUT_BYTES);
	if (!f->build(x))
		return false;
	if (x->ids.n)
		f->supplement(x, S(""), buf_str(&x->ids));
	if (!print(x, &first) ||
		!model_read_as(x->arena, x->err, x->format, S("written"), buf_str(&first), &read))
		return false;
	buf_add(&more, buf_str(&x->ids));
	if (!supplement_find(x, read, &parts, &more))
		return false;
	if (parts.full || more.full || x->ids.full)
		return FAIL(x->err, ERR_LIMIT, "the model is too large to be written");
	if (parts.n || more.n)
		f->supplement(x, buf_str(&parts), buf_str(&more));
	return print(x, out);
}

bool model_write(struct arena *a, struct err *e, const struct model *m, enum model_format format,
	struct buf *out)
{
	struct exporter x = {.arena = a, .err = e, .model = m, .format = format};

	buf_init(&x.ids, a, LIMIT_OUTPUT_BYTES);
	if (format == MODEL_TEXT) {
		model_print(out, m);
		return !out->full || FAIL(e, ERR_LIMIT, "the model is too large to be written");
	}
	if (!formats[format].build)
		return FAIL(e, ERR_INVALID, "%s is read, but not written", formats[format].title);
	return write_tree(&x, out);
}

static bool print_svg(struct arena *a, struct err *e, const struct model *m, struct buf *out)
{
	struct layout *layout;

	if (!layout_make(a, e, m, &layout))
		return false;
	layout_print_svg(out, a, m, layout, &(struct picture){.standalone = true});
	return true;
}

bool model_export(struct arena *a, struct err *e, const struct model *m, str word, struct buf *out)
{
	bool ok = true;

	for (int f = 0; f < MODEL_FORMATS; f++)
		if (str_eq(word, model_format_word((enum model_format)f)))
			return model_write(a, e, m, (enum model_format)f, out);
	if (str_eq(word, S("csv")))
		model_print_csv(out, m);
	else if (str_eq(word, S("mermaid")) || str_eq(word, S("dot")))
		ok = model_print_graph(out, a, e, m, str_eq(word, S("dot")));
	else if (str_eq(word, S("svg")))
		ok = print_svg(a, e, m, out);
	else
		return FAIL(e, ERR_INVALID,
			"there is no format %.*s to write; see ward help convert", STR_ARG(word));
	return ok && (!out->full || FAIL(e, ERR_LIMIT, "the model is too large to be written"));
}
