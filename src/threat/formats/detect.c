#include "threat/formats/formats_in.h"

bool import_begin(struct importer *in, str bytes)
{
	isize count = 1;

	for (isize i = 0; i < bytes.n; i++)
		count += bytes.p[i] == '\n';
	in->lines = arena_bulk(in->arena, count * (isize)sizeof *in->lines);
	if (!in->lines)
		return FAIL(in->err, ERR_LIMIT, "the file needs more memory than it is given");
	in->lines[in->line_count++] = 0;
	for (isize i = 0; i < bytes.n; i++)
		if (bytes.p[i] == '\n')
			in->lines[in->line_count++] = i + 1;
	return true;
}

struct file_place import_place(const struct importer *in, const struct json *j)
{
	isize low = 0, high = in->line_count;

	if (!j)
		return (struct file_place){1, 1};
	while (high - low > 1) {
		isize middle = low + (high - low) / 2;
		if (in->lines[middle] <= j->from)
			low = middle;
		else
			high = middle;
	}
	return (struct file_place){(int32_t)low + 1, (int32_t)(j->from - in->lines[low]) + 1};
}

bool import_bad(const struct importer *in, const struct json *j, const char *what)
{
	struct file_place at = import_place(in, j);

	return err_at(in->err, at.line, at.column, "%s", what);
}

bool import_lose(struct importer *in, const struct json *j, const char *what)
{
	return model_lose(in->arena, in->err, in->model, import_place(in, j),
		j && j->key.n ? j->key : S(""), str_of(what));
}

bool import_add(
	struct importer *in, struct part *p, const char *key, str value, const struct json *at)
{
	value = name_clean(in->arena, value);
	return value.n == 0 ||
		part_add(in->arena, in->err, p, str_of(key), value, import_place(in, at));
}

struct part *import_threat(struct importer *in, const struct json *at, str name, str target)
{
	char *id = arena_bulk(in->arena, 16);

	if (!id) {
		FAIL(in->err, ERR_LIMIT, "the file needs more memory than it is given");
		return NULL;
	}
	int n = snprintf(id, 16, "T%d", ++in->threat_count);
	struct part *p = model_add(in->arena, in->err, in->model, PART_IS_THREAT, (str){id, n},
		name_clean(in->arena, name), import_place(in, at));
	return p && import_add(in, p, "at", target, at) ? p : NULL;
}

int64_t import_whole(const struct json *j)
{
	enum { REASON = 1000000000 };
	str text = j && j->type == JSON_NUMBER ? j->text : S("");
	int64_t v = 0;

	if (str_index(text, 'e') >= 0 || str_index(text, 'E') >= 0)
		return 0;
	return str_int(str_cut(&text, '.'), -REASON, REASON, &v) ? v : 0;
}

static bool names_yaml(str name)
{
	return str_ends(name, S(".otm")) || str_ends(name, S(".yaml")) || str_ends(name, S(".yml"));
}

bool model_read(struct arena *a, struct err *e, str name, str bytes, struct model **out)
{
	str head = str_starts(bytes, S("\xef\xbb\xbf")) ? str_part(bytes, 3, bytes.n) : bytes;

	head = str_trim(head);
	if (bytes.n > LIMIT_MODEL_BYTES)
		return FAIL(e, ERR_LIMIT, "a model file has at most %d bytes", LIMIT_MODEL_BYTES);
	if (head.n && head.p[0] == '<')
		return err_at(e, 1, 1,
			"this is XML; models are read as .ward text, as Threat Dragon "
			"JSON (version 2) and as OTM JSON");
	if (head.n && head.p[0] == '{') {
		struct arena_mark mark = arena_here(a);
		const struct json *root = json_parse(a, e, bytes);
		if (!root)
			return false;
		bool is_otm = json_member(root, S("otmVersion")) != NULL;
		bool is_dragon = json_member(root, S("summary")) || json_member(root, S("detail"));
		arena_rewind(a, mark);
		if (is_otm)
			return model_otm_parse(a, e, name, bytes, out);
		if (is_dragon)
			return model_dragon_parse(a, e, name, bytes, out);
		return err_at(e, 1, 1,
			"this JSON is neither Threat Dragon (no summary and detail) nor "
			"OTM (no otmVersion)");
	}
	if (str_starts(head, S("otmVersion")) || str_starts(head, S("---")) || names_yaml(name))
		return err_at(e, 1, 1,
			"this is an OTM in YAML or no OTM at all; OTM is read as JSON, "
			"with otmVersion and project");
	return model_text_parse(a, e, name, bytes, out);
}
