/* What importers share: places, what was taken and what is kept. */
#include "threat/formats/importer.h"

#include <stdarg.h>

enum { MARK_TAKEN = 1, MARK_OPEN = 2 };

bool import_no_room(struct importer *in)
{
	return FAIL(in->err, ERR_LIMIT, "the file needs more memory than it is given");
}

/* ---- places ---- */

isize source_begin(const struct file_source *from, int32_t file)
{
	isize begin = from->bytes.n + 1;

	for (int32_t i = 0; i < file; i++)
		begin += from->beside->file[i].bytes.n + 1;
	return begin;
}

static int32_t files_beside(const struct file_source *from)
{
	return from->beside ? from->beside->count : 0;
}

/* Where the model's own file leads to this one. */
static struct file_place place_of_file(const struct model_files *files, int32_t file)
{
	while (files->file[file].by != PART_NONE)
		file = files->file[file].by;
	return files->file[file].at;
}

bool source_inside(struct err *e, struct arena *a, const struct model_files *files, int32_t file)
{
	if (file == PART_NONE || e->code != ERR_SYNTAX)
		return false;
	str text = str_dup(a, err_text(e));
	struct file_place at = place_of_file(files, file);
	int64_t line = e->line, column = e->column;
	err_clear(e);
	return err_at(e, at.line, at.column, "%.*s:%" PRId64 ":%" PRId64 ": %.*s",
		STR_ARG(files->file[file].path), line, column, STR_ARG(text));
}

static isize count_lines(str bytes)
{
	isize count = 1;

	for (isize i = 0; i < bytes.n; i++)
		count += bytes.p[i] == '\n';
	return count;
}

static void add_lines(struct importer *in, str bytes, isize begin)
{
	in->lines[in->line_count++] = begin;
	for (isize i = 0; i < bytes.n; i++)
		if (bytes.p[i] == '\n')
			in->lines[in->line_count++] = begin + i + 1;
}

static bool find_lines(struct importer *in)
{
	const struct file_source *from = in->from;
	isize count = count_lines(from->bytes);

	for (int32_t i = 0; i < files_beside(from); i++)
		count += count_lines(from->beside->file[i].bytes);
	in->lines = arena_bulk(in->arena, count * (isize)sizeof *in->lines);
	if (!in->lines)
		return import_no_room(in);
	add_lines(in, from->bytes, 0);
	for (int32_t i = 0; i < files_beside(from); i++)
		add_lines(in, from->beside->file[i].bytes, source_begin(from, i));
	return true;
}

bool import_begin(struct importer *in, struct arena *a, struct err *e, enum model_format format,
	const struct file_source *from)
{
	const struct json *root = from->root;

	in->arena = a;
	in->err = e;
	in->from = from;
	in->root = root;
	if (!find_lines(in))
		return false;
	if (root->type != JSON_OBJECT)
		return import_bad(in, root, "a model is an object");
	isize nodes = json_nodes(root);
	in->marks = arena_bulk(a, nodes);
	if (!in->marks)
		return import_no_room(in);
	memset(in->marks, 0, (size_t)nodes);
	import_open(in, root);
	in->model = model_new(a, from->name, format);
	return true;
}

/* The last line that begins at or before byte `at`. */
static isize line_at(const struct importer *in, isize at)
{
	isize low = 0, high = in->line_count;

	while (high - low > 1) {
		isize middle = low + (high - low) / 2;
		if (in->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The place of a value in its own file, and which file that is. */
static struct file_place place_in(const struct importer *in, const struct json *j, int32_t *file)
{
	isize line, first = 0;

	*file = PART_NONE;
	if (!j)
		return (struct file_place){1, 1};
	line = line_at(in, j->from);
	for (int32_t i = 0; i < files_beside(in->from); i++) {
		isize begin = source_begin(in->from, i);
		if (begin > j->from)
			break;
		*file = i;
		first = line_at(in, begin);
	}
	return (struct file_place){
		(int32_t)(line - first) + 1, (int32_t)(j->from - in->lines[line]) + 1};
}

struct file_place import_place(const struct importer *in, const struct json *j)
{
	int32_t file;
	struct file_place at = place_in(in, j, &file);

	return file == PART_NONE ? at : place_of_file(in->from->beside, file);
}

bool import_bad(const struct importer *in, const struct json *j, const char *format, ...)
{
	char text[sizeof in->err->text];
	int32_t file;
	struct file_place at = place_in(in, j, &file);
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	return err_at(in->err, at.line, at.column, "%s", text) ||
		source_inside(in->err, in->arena, in->from->beside, file);
}

/* "above.name[nth]" in the arena; without room it is `above`, for it is only a help to people. */
static str path_below(struct importer *in, str above, str name, isize nth)
{
	isize room = above.n + name.n + 32;
	char *p = arena_bulk(in->arena, room);

	if (!p)
		return above;
	int n = snprintf(p, (size_t)room, "%.*s%s%.*s", STR_ARG(above),
		above.n && name.n ? "." : "", STR_ARG(name));
	if (nth >= 0)
		n += snprintf(p + n, (size_t)(room - n), "[%td]", nth);
	return (str){p, n};
}

void import_enter(struct importer *in, str above, const char *name, isize nth)
{
	in->path = path_below(in, above, str_of(name), nth);
}

void import_below(struct importer *in, str key)
{
	if (key.n < LIMIT_TEXT)
		in->path = path_below(in, in->path, key, -1);
}

static bool lose(struct importer *in, const struct json *j, str path, const char *what)
{
	str text = str_of(what);
	int32_t file;
	struct file_place at = place_in(in, j, &file);

	if (file != PART_NONE) {
		if (arena_room(in->arena) < LIMIT_TEXT + MODEL_PATH)
			return import_no_room(in);
		text = str_fmt(in->arena, "%.*s:%d:%d: %s",
			STR_ARG(in->from->beside->file[file].path), at.line, at.column, what);
		at = place_of_file(in->from->beside, file);
	}
	return model_lose(in->arena, in->err, in->model, at, path, text);
}

bool import_lose(struct importer *in, const struct json *j, const char *what)
{
	str key = j && j->key.n < LIMIT_TEXT ? j->key : S("");

	return lose(in, j, key.n ? path_below(in, in->path, key, -1) : in->path, what);
}

bool import_miss(struct importer *in, const struct json *j, const char *what)
{
	if (!import_lose(in, j, what))
		return false;
	in->model->last_loss->is_missing = true;
	return true;
}

/* ---- taking ---- */

const struct json *import_take(struct importer *in, const struct json *j)
{
	if (j)
		in->marks[j->nth] |= MARK_TAKEN;
	return j;
}

const struct json *import_open(struct importer *in, const struct json *j)
{
	if (j)
		in->marks[j->nth] |= MARK_OPEN;
	return j;
}

const struct json *import_object(struct importer *in, const struct json *j, str key)
{
	const struct json *m = json_member(j, key);

	return m && m->type == JSON_OBJECT ? import_open(in, m) : NULL;
}

bool import_list(struct importer *in, const struct json *j, str key, const struct json **out)
{
	const struct json *m = json_member(j, key);

	*out = NULL;
	if (!m || m->type == JSON_NULL)
		return true;
	if (m->type != JSON_ARRAY)
		return import_bad(in, m, "%.*s is a list", STR_ARG(key));
	*out = import_open(in, m);
	return true;
}

str import_text(struct importer *in, const struct json *j, str key)
{
	const struct json *m = json_member(j, key);

	if (!m || (m->type != JSON_STRING && m->type != JSON_NUMBER))
		return S("");
	import_take(in, m);
	return m->text;
}

str import_name(struct importer *in, const struct json *j, str key)
{
	str raw = json_text(j, key), clean = name_clean(in->arena, raw);

	if (raw.n && str_eq(raw, clean))
		import_text(in, j, key);
	return clean;
}

str import_system(struct importer *in, const struct json *j, str key)
{
	str name = import_name(in, j, key);

	return str_eq(name, system_unnamed) ? S("") : name;
}

bool import_flag(struct importer *in, const struct json *j, str key)
{
	const struct json *m = json_member(j, key);

	return json_bool(m, false) && import_take(in, m);
}

str import_word(struct importer *in, const struct json *j)
{
	if (!j || j->type != JSON_STRING || j->text.n >= LIMIT_TEXT ||
		arena_room(in->arena) < LIMIT_TEXT)
		return S("");
	str word = str_lower(in->arena, j->text);
	if (str_eq(word, j->text))
		import_take(in, j);
	return word;
}

bool import_add(
	struct importer *in, struct part *p, const char *key, str value, const struct json *at)
{
	return value.n == 0 ||
		part_add(in->arena, in->err, p, str_of(key), value, import_place(in, at));
}

bool import_copy(
	struct importer *in, struct part *p, const char *key, const struct json *j, str from)
{
	return import_add(in, p, key, import_text(in, j, from), json_member(j, from));
}

struct part *import_part(
	struct importer *in, const struct json *j, enum part_kind kind, str id_key, str name_key)
{
	str id = import_name(in, j, id_key), name = import_name(in, j, name_key);

	if (id.n == 0) {
		import_bad(in, j, "this has no %.*s", STR_ARG(id_key));
		return NULL;
	}
	return model_add(in->arena, in->err, in->model, kind, id, str_eq(id, name) ? S("") : name,
		import_place(in, j));
}

struct part *import_threat(struct importer *in, const struct json *at, str id, str name, str target)
{
	if (id.n == 0) {
		char *made = arena_bulk(in->arena, 16);
		if (!made) {
			import_no_room(in);
			return NULL;
		}
		id.n = snprintf(made, 16, "T%td", in->model->of[PART_THREAT].count + 1);
		id.p = made;
	}
	struct part *p = model_add(in->arena, in->err, in->model, PART_IS_THREAT, id,
		str_eq(id, name) ? S("") : name, import_place(in, at));
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

/* ---- references ---- */

bool import_index(struct importer *in, enum part_group group)
{
	return part_index_make(in->arena, in->err, &in->model->of[group], &in->of[group]);
}

bool import_each(struct importer *in, const struct json *j, const char *key,
	bool (*take)(struct importer *in, const struct json *item))
{
	const struct json *list;
	str above = in->path;
	isize nth = 0;

	if (!import_list(in, j, str_of(key), &list))
		return false;
	json_each(item, list)
	{
		import_enter(in, above, key, nth++);
		if (item->type == JSON_OBJECT && !take(in, import_open(in, item)))
			return false;
	}
	in->path = above;
	return true;
}

static bool add_ref(struct importer *in, struct part *p, const char *key, const struct json *j,
	enum part_group group)
{
	str id = j->type == JSON_STRING ? name_clean(in->arena, j->text) : S("");

	if (id.n == 0)
		return true;
	if (part_index_find(&in->of[group], id) == PART_NONE)
		return import_miss(in, j, "there is no such part in the file");
	if (str_eq(id, j->text))
		import_take(in, j);
	return part_is(p, str_of(key), id) || import_add(in, p, key, id, j);
}

bool import_ref(struct importer *in, struct part *p, const char *key, const struct json *j,
	str from, enum part_group group)
{
	const struct json *m = json_member(j, from);

	return !m || add_ref(in, p, key, m, group);
}

bool import_refs(struct importer *in, struct part *p, const char *key, const struct json *j,
	str from, enum part_group group)
{
	const struct json *list;

	if (!import_list(in, j, from, &list))
		return false;
	json_each(item, list)
	{
		if (!add_ref(in, p, key, item, group))
			return false;
	}
	return true;
}

bool import_placements(struct importer *in, struct part *p, const struct json *j, str key)
{
	json_each(place, json_member(j, S("placements")))
	{
		str id = name_clean(in->arena, json_text(place, key));
		if (part_index_find(&in->of[PART_ELEMENT], id) == PART_NONE) {
			if (!import_miss(in, place, "there is no such data store"))
				return false;
		} else if (!part_is(p, S("at"), id) && !import_add(in, p, "at", id, place)) {
			return false;
		}
	}
	return true;
}

/* ---- keeping ---- */

/* Whether anything of `j` was not taken.  An opened container counts for what is in it. */
static bool is_left(const struct importer *in, const struct json *j)
{
	uint8_t mark = in->marks[j->nth];

	if (mark & MARK_TAKEN)
		return false;
	if (!(mark & MARK_OPEN))
		return true;
	json_each(item, j)
	{
		if (is_left(in, item))
			return true;
	}
	return false;
}

static void print_left(const struct importer *in, struct buf *b, const struct json *j)
{
	bool first = true;

	if (!(in->marks[j->nth] & MARK_OPEN)) {
		json_print(b, j, -1);
		return;
	}
	buf_char(b, j->type == JSON_OBJECT ? '{' : '[');
	json_each(item, j)
	{
		if (!is_left(in, item))
			continue;
		if (j->type == JSON_OBJECT)
			json_put_key(b, &first, item->key);
		else if (!first)
			buf_char(b, ',');
		first = false;
		print_left(in, b, item);
	}
	buf_char(b, j->type == JSON_OBJECT ? '}' : ']');
}

/* Whether a value says anything: not null, false, "" or empty. */
static bool says_something(const struct json *j)
{
	switch (j->type) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return j->text.n > 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return j->first != NULL;
	case JSON_TRUE:
	case JSON_NUMBER:
		break;
	}
	return true;
}

static bool is_quiet(const struct importer *in, str key)
{
	str words = str_of(in->quiet ? in->quiet : "");

	for (str word = str_word(&words); word.n; word = str_word(&words))
		if (str_eq(word, key))
			return true;
	return false;
}

/* Lists what is left of `j`, the drawing's own words excepted. */
static bool list_left(struct importer *in, const struct json *j, str path)
{
	isize nth = 0;

	json_each(item, j)
	{
		isize here = j->type == JSON_ARRAY ? nth++ : -1;
		if (!is_left(in, item) || is_quiet(in, item->key))
			continue;
		bool is_open = in->marks[item->nth] & MARK_OPEN;
		if (!is_open && !says_something(item))
			continue;
		str below = item->key.n < LIMIT_TEXT ? path_below(in, path, item->key, here) : path;
		if (is_open) {
			if (!list_left(in, item, below))
				return false;
			continue;
		}
		if (!lose(in, item, below, "the model has no word for this; it is kept"))
			return false;
		in->model->last_loss->is_kept = true;
	}
	return true;
}

bool import_keep(struct importer *in, struct part *p, const struct json *j)
{
	str word = model_format_word(in->model->format);
	struct buf b;

	import_open(in, j);
	if (is_left(in, j)) {
		buf_init(&b, in->arena, LIMIT_MODEL_BYTES);
		print_left(in, &b, j);
		if (b.full || arena_room(in->arena) < LIMIT_TEXT)
			return import_no_room(in);
		str key = str_fmt(in->arena, "x-%.*s", STR_ARG(word));
		if (!part_add(in->arena, in->err, p, key, buf_str(&b), import_place(in, j)) ||
			!list_left(in, j, in->path))
			return false;
	}
	import_take(in, j);
	return true;
}

/* ---- the end ---- */
