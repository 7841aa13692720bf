/* Records as JSON: the canonical form, and reading what others send. */
#include "kind/kind_in.h"

static void rows_json(struct buf *b, const struct any_rows *rows, const struct field *f)
{
	buf_char(b, '[');
	for (isize i = 0; i < rows->count; i++) {
		const char *row = (const char *)rows->item + i * f->row_size;
		bool first = true;
		if (i)
			buf_char(b, ',');
		buf_char(b, '{');
		for (int n = 0; n < f->col_count; n++) {
			if (kind_is_empty(row, &f->col[n]))
				continue;
			json_put_key(b, &first, f->col[n].name);
			field_json(b, row, &f->col[n]);
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void words_json(struct buf *b, const struct words *w)
{
	buf_char(b, '[');
	for (isize i = 0; i < w->count; i++) {
		if (i)
			buf_char(b, ',');
		json_put_string(b, w->item[i]);
	}
	buf_char(b, ']');
}

/* Recurses once, into the columns of rows, which are no rows themselves. */
void field_json(struct buf *b, const void *rec, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		json_put_string(b, field_text(rec, f));
		break;
	case FIELD_INT:
		buf_int(b, field_number(rec, f));
		break;
	case FIELD_FLAG:
		buf_add(b, S("true"));
		break;
	case FIELD_DATE:
		buf_char(b, '"');
		day_print(b, field_number(rec, f));
		buf_char(b, '"');
		break;
	case FIELD_TIME:
		buf_char(b, '"');
		time_print(b, field_number(rec, f));
		buf_char(b, '"');
		break;
	case FIELD_ENUM:
		json_put_string(b, kind_word(f, *(const int *)kind_slot(rec, f)));
		break;
	case FIELD_WORDS:
		words_json(b, kind_slot(rec, f));
		break;
	case FIELD_ROWS:
		rows_json(b, kind_slot(rec, f), f);
		break;
	}
}

void kind_json(struct buf *b, const void *rec)
{
	const struct rec *r = rec;
	bool first = true;

	buf_char(b, '{');
	json_put_key(b, &first, S("@type"));
	json_put_string(b, r->kind->name);
	json_put_key(b, &first, S("ref"));
	json_put_string(b, r->ref);
	json_put_key(b, &first, S("state"));
	json_put_string(b, r->kind->state[r->state].name);
	for (int i = 0; i < r->kind->field_count; i++) {
		const struct field *f = &r->kind->field[i];
		if (kind_is_empty(rec, f))
			continue;
		json_put_key(b, &first, f->name);
		field_json(b, rec, f);
	}
	buf_char(b, '}');
}

static bool wrong_type(struct call *c, const struct field *f, const char *wanted)
{
	return err_issue(&c->err, f->name, "%.*s: %s was expected", STR_ARG(f->label), wanted);
}

static bool words_decode(struct call *c, void *rec, const struct field *f, const struct json *j)
{
	struct words *w = kind_slot(rec, f);

	if (j->type != JSON_ARRAY)
		return wrong_type(c, f, "a list of texts");
	if (j->count > LIMIT_ROWS)
		return err_issue(&c->err, f->name, "%.*s: more than %d texts", STR_ARG(f->label),
			LIMIT_ROWS);
	w->item = NEW(c->arena, str, j->count);
	json_each(item, j)
	{
		if (item->type != JSON_STRING)
			return wrong_type(c, f, "a list of texts");
		w->item[w->count++] = item->text;
	}
	return true;
}

static bool row_decode(struct call *c, void *row, const struct field *f, const struct json *j)
{
	bool ok = true;

	for (int i = 0; i < f->col_count; i++)
		field_clear(row, &f->col[i]);
	if (j->type != JSON_OBJECT)
		return wrong_type(c, f, "a list of objects");
	json_each(member, j)
	{
		const struct field *col = NULL;
		for (int i = 0; i < f->col_count; i++)
			if (str_eq(f->col[i].name, member->key))
				col = &f->col[i];
		if (!col)
			ok = err_issue(&c->err, f->name, "%.*s has no column \"%.*s\"",
				STR_ARG(f->label), STR_ARG(member->key));
		else
			ok = field_json_decode(c, row, col, member) && ok;
	}
	return ok;
}

static bool rows_decode(struct call *c, void *rec, const struct field *f, const struct json *j)
{
	struct any_rows *rows = kind_slot(rec, f);
	bool ok = true;

	if (j->type != JSON_ARRAY)
		return wrong_type(c, f, "a list of objects");
	if (j->count > LIMIT_ROWS)
		return err_issue(
			&c->err, f->name, "%.*s: more than %d rows", STR_ARG(f->label), LIMIT_ROWS);
	rows->item = arena_take(c->arena, f->row_size, (isize) _Alignof(max_align_t), j->count);
	json_each(item, j) ok =
		row_decode(c, (char *)rows->item + rows->count++ * f->row_size, f, item) && ok;
	return ok;
}

bool field_json_decode(struct call *c, void *rec, const struct field *f, const struct json *j)
{
	field_clear(rec, f);
	if (j->type == JSON_NULL)
		return true;
	switch (f->type) {
	case FIELD_WORDS:
		return words_decode(c, rec, f, j);
	case FIELD_ROWS:
		return rows_decode(c, rec, f, j);
	case FIELD_FLAG:
		if (j->type != JSON_TRUE && j->type != JSON_FALSE)
			return wrong_type(c, f, "true or false");
		*(bool *)kind_slot(rec, f) = j->type == JSON_TRUE;
		return true;
	case FIELD_INT:
		if (j->type != JSON_NUMBER)
			return wrong_type(c, f, "a whole number");
		return kind_set(c, rec, f, j->text);
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_ENUM:
	case FIELD_REF:
		if (j->type != JSON_STRING)
			return wrong_type(c, f, "a text");
		return kind_set(c, rec, f, j->text);
	}
	assert(false && "field type");
	return false;
}

/* What a reply holds beside the fields; a client may send it back, and only state must agree. */
static bool is_head(str key)
{
	static const str heads[] = {S_INIT("@type"), S_INIT("ref"), S_INIT("state"), S_INIT("id"),
		S_INIT("rev"), S_INIT("base"), S_INIT("since"), S_INIT("until"), S_INIT("by"),
		S_INIT("why"), S_INIT("reason")};

	for (isize i = 0; i < COUNT_OF(heads); i++)
		if (str_eq(heads[i], key))
			return true;
	return false;
}

bool kind_json_decode(struct call *c, void *rec, const struct json *j)
{
	const struct rec *r = rec;
	bool ok = true;

	if (j->type != JSON_OBJECT)
		return err_issue(&c->err, S(""), "a record is a JSON object");
	json_each(m, j)
	{
		const struct field *f = kind_field(r->kind, m->key);
		if (f)
			ok = field_json_decode(c, rec, f, m) && ok;
		else if (!is_head(m->key))
			ok = err_issue(&c->err, m->key, "%.*s has no field \"%.*s\"",
				STR_ARG(r->kind->title), STR_ARG(m->key));
	}
	return ok;
}
