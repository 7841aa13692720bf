/*
 * Threagile's `includes`: files beside a model that say more of it.  They are put together as
 * Threagile does it: mappings member by member, lists without what stands in them already, yes
 * before no; two texts for one field are a conflict, but where Threagile itself joins them.
 *
 * A file is taken once, whoever names it, so that a circle ends; nothing above the folder of the
 * model's own file can be named.
 */
#include "threat/formats/importer.h"
#include "threat/formats/yaml.h"

enum {
	INCLUDE_COMPARES = 1 << 25, /* of keys and values, while merging */
	INCLUDE_JOINED = 1 << 16    /* bytes of a text that is put together */
};

/* ---- which files there are ---- */

/* The folder of a file; "" for that of the model. */
static str folder_of(str path)
{
	isize n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return str_part(path, 0, n > 0 ? n - 1 : 0);
}

/* The path `given` in a file in `folder`, from the folder of the model's own file; "" when it is
   none or leads out of there. */
static str path_from(struct arena *a, str folder, str given)
{
	struct buf b;

	buf_init(&b, a, MODEL_PATH);
	buf_add(&b, folder);
	if (str_starts(given, S("/")) || str_index(given, '\\') >= 0)
		return S("");
	while (given.n) {
		str segment = str_cut(&given, '/');
		if (segment.n == 0 || str_eq(segment, S(".")))
			continue;
		if (str_eq(segment, S(".."))) {
			if (b.n == 0)
				return S("");
			b.n = folder_of(buf_view(&b)).n;
			continue;
		}
		if (b.n)
			buf_char(&b, '/');
		buf_add(&b, segment);
	}
	return b.full ? S("") : buf_str(&b);
}

static bool is_named(const struct model_files *files, str path)
{
	for (int32_t i = 0; i < files->count; i++)
		if (str_eq(files->file[i].path, path))
			return true;
	return str_eq(files->own, path);
}

/* Adds what one entry of the list names. */
static bool take_name(struct arena *a, struct err *e, int32_t by, str bytes,
	const struct json *entry, struct model_files *files)
{
	str folder = by == PART_NONE ? S("") : folder_of(files->file[by].path);
	str path = entry->type == JSON_STRING ? path_from(a, folder, entry->text) : S("");
	int64_t line, column;

	json_place(bytes, entry->from, &line, &column);
	if (path.n == 0)
		return err_at(e, line, column,
			"this is not a path of a file in the folder of the model or below it");
	if (is_named(files, path))
		return true;
	if (files->count == MODEL_FILES)
		return err_at(e, line, column, "a model includes at most %d files", MODEL_FILES);
	files->file[files->count++] =
		(struct model_file){.path = path, .by = by, .at = {(int32_t)line, (int32_t)column}};
	return true;
}

static bool take_names(struct arena *a, struct err *e, int32_t by, str bytes,
	const struct json *root, struct model_files *files)
{
	const struct json *list = json_member(root, S("includes"));

	if (!list || list->type != JSON_ARRAY)
		return true;
	json_each(entry, list)
	{
		if (!take_name(a, e, by, bytes, entry, files))
			return false;
	}
	return true;
}

bool model_files_named(
	struct arena *a, struct err *e, int32_t by, str bytes, struct model_files *files)
{
	struct arena_mark mark = arena_here(a);
	struct err own = {.arena = a};
	int32_t before = files->count;

	if (str_find(bytes, S("includes:")) < 0)
		return true;
	const struct json *root = yaml_read(a, &own, bytes);
	/* What is wrong with a file is said when the model is read. */
	bool ok =
		!root || take_names(a, e, by, bytes, root, files) || source_inside(e, a, files, by);
	if (ok && files->count == before)
		arena_rewind(a, mark);
	return ok;
}

bool model_file_bad(struct err *e, struct arena *a, const struct model_files *files, int32_t file,
	const char *what)
{
	const struct model_file *f = &files->file[file];

	return err_at(e, f->at.line, f->at.column, "%.*s %s", STR_ARG(f->path), what) ||
		source_inside(e, a, files, f->by);
}

/* ---- putting them together ---- */

struct merging {
	struct arena *arena;
	struct err *err;
	const struct file_source *from;
	isize compares;
};

/* `what` at a node of a file beside the model, whose nodes are numbered on. */
static bool bad(struct merging *m, const struct json *j, const char *what)
{
	const struct model_files *files = m->from->beside;
	int64_t line, column;
	int32_t k = 0;

	while (k + 1 < files->count && source_begin(m->from, k + 1) <= j->from)
		k++;
	json_place(files->file[k].bytes, j->from - source_begin(m->from, k), &line, &column);
	return err_at(m->err, line, column, "%s", what) ||
		source_inside(m->err, m->arena, files, k);
}

static bool count(struct merging *m, const struct json *j, isize compares)
{
	m->compares += compares;
	return m->compares <= INCLUDE_COMPARES || bad(m, j, "more is merged than is read");
}

static struct json *find(const struct json *object, str key)
{
	for (struct json *item = object->first; item; item = item->next)
		if (str_eq(item->key, key))
			return item;
	return NULL;
}

/* Where the next item of a container goes. */
static struct json **end_of(struct json *container)
{
	struct json **end = &container->first;

	while (*end)
		end = &(*end)->next;
	return end;
}

static struct json **append(struct json *to, struct json **end, struct json *item)
{
	item->next = NULL;
	*end = item;
	to->count++;
	return &item->next;
}

static bool has_value(const struct json *list, const struct json *value)
{
	json_each(item, list)
	{
		if (!item->first && item->type == value->type && str_eq(item->text, value->text))
			return true;
	}
	return false;
}

static bool merge_list(struct merging *m, struct json *to, const struct json *from)
{
	struct json **end = end_of(to), *next;

	if (!count(m, from, (to->count + from->count) * from->count))
		return false;
	for (struct json *item = from->first; item; item = next) {
		next = item->next;
		if (item->first || !has_value(to, item))
			end = append(to, end, item);
	}
	return true;
}

/* These grow with every file that has something to say. */
static bool is_joined(str key)
{
	return str_eq(key, S("management_summary_comment")) || str_starts(key, S("justification_"));
}

static bool merge_text(struct merging *m, struct json *to, const struct json *from)
{
	struct buf b;

	if (from->text.n == 0 || str_eq_fold(to->text, from->text))
		return true;
	if (to->text.n == 0) {
		to->text = from->text;
		return true;
	}
	if (!is_joined(to->key))
		return bad(m, from, "another file of this model says otherwise");
	buf_init(&b, m->arena, INCLUDE_JOINED);
	buf_add(&b, to->text);
	buf_add(&b, S("\n<br><br>\n"));
	buf_add(&b, from->text);
	to->text = buf_view(&b);
	return !b.full || bad(m, from, "the text grows beyond what is read");
}

static bool merge_object(struct merging *m, struct json *to, const struct json *from);

static bool merge_value(struct merging *m, struct json *to, struct json *from)
{
	bool is_flag = to->type == JSON_FALSE || to->type == JSON_TRUE;

	if (from->type == JSON_NULL)
		return true;
	if (to->type == JSON_NULL || (to->type == JSON_FALSE && from->type == JSON_TRUE)) {
		from->next = to->next;
		*to = *from;
		return true;
	}
	if (is_flag && (from->type == JSON_FALSE || from->type == JSON_TRUE))
		return true;
	if (to->type != from->type)
		return bad(m, from, "another file of this model has something else here");
	switch (to->type) {
	case JSON_OBJECT:
		return merge_object(m, to, from);
	case JSON_ARRAY:
		return merge_list(m, to, from);
	case JSON_NUMBER:
		/* How a diagram is drawn: the first number stands. */
		return true;
	case JSON_STRING:
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		break;
	}
	return merge_text(m, to, from);
}

/* As deep as both trees are. */
static bool merge_object(struct merging *m, struct json *to, const struct json *from)
{
	struct json **end = end_of(to), *next;

	if (!count(m, from, (to->count + from->count) * from->count))
		return false;
	for (struct json *item = from->first; item; item = next) {
		struct json *old = find(to, item->key);
		next = item->next;
		if (old && !merge_value(m, old, item))
			return false;
		if (!old)
			end = append(to, end, item);
	}
	return true;
}

/* Makes the nodes of a tree stand behind those of the files before it. */
static void move(struct json *j, isize by)
{
	for (; j; j = j->next) {
		j->from += by;
		move(j->first, by);
	}
}

static bool merge_file(struct merging *m, struct json *to, int32_t k)
{
	const struct model_file *file = &m->from->beside->file[k];
	const struct json *read = yaml_read(m->arena, m->err, file->bytes);

	if (!read)
		return source_inside(m->err, m->arena, m->from->beside, k);
	struct json root = *read;
	root.from += source_begin(m->from, k);
	move(root.first, source_begin(m->from, k));
	if (root.type != JSON_OBJECT)
		return bad(m, &root, "a model is an object");
	/* What it names stands in the list of files. */
	for (struct json **at = &root.first; *at; at = &(*at)->next)
		if (str_eq((*at)->key, S("includes"))) {
			*at = (*at)->next;
			break;
		}
	return merge_object(m, to, &root);
}

bool threagile_include(
	struct arena *a, struct err *e, const struct file_source *from, struct file_source *out)
{
	const struct json *includes = json_member(from->root, S("includes"));
	struct merging m = {.arena = a, .err = e, .from = from};
	isize bytes = 0;

	*out = *from;
	if (!includes || includes->type == JSON_NULL || !includes->count)
		return true;
	if (!from->beside || !from->beside->count) {
		int64_t line, column;
		json_place(from->bytes, includes->from, &line, &column);
		return err_at(e, line, column,
			"this model includes other files, which are not at hand; give the file of "
			"the model by its name, or let Threagile write one file of them");
	}
	for (int32_t k = 0; k < from->beside->count; k++)
		bytes += from->beside->file[k].bytes.n;
	if (bytes > YAML_BYTES)
		return FAIL(e, ERR_LIMIT, "the files of a model have at most %d bytes together",
			YAML_BYTES);
	struct json *root = NEW(a, struct json, 1);
	*root = *from->root;
	for (int32_t k = 0; k < from->beside->count; k++)
		if (!merge_file(&m, root, k))
			return false;
	json_number(root);
	out->root = root;
	return true;
}
