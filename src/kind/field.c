/* Values of fields: finding them, as data, for people, and back. */
#include "kind/kind_in.h"

const struct kind *kind_by_name(str name)
{
	for (int i = 0; i < kind_count; i++)
		if (str_eq(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

const struct kind *kind_by_prefix(str prefix)
{
	for (int i = 0; i < kind_count; i++)
		if (str_eq(kinds[i].prefix, prefix))
			return &kinds[i];
	return NULL;
}

const struct field *kind_field(const struct kind *k, str name)
{
	for (int i = 0; i < k->field_count; i++)
		if (str_eq(k->field[i].name, name))
			return &k->field[i];
	return NULL;
}

str kind_reason_name(const struct kind *k)
{
	return kind_field(k, S("reason")) ? S("why") : S("reason");
}

int kind_state(const struct kind *k, str name)
{
	for (int i = 0; i < k->state_count; i++)
		if (str_eq(k->state[i].name, name))
			return i;
	return -1;
}

str kind_word(const struct field *f, int value)
{
	return value >= 1 && value <= f->set->count ? f->set->word[value - 1].name : S("");
}

int kind_word_find(const struct wordset *set, str word)
{
	for (int i = 0; i < set->count; i++)
		if (str_eq(set->word[i].name, word))
			return i + 1;
	return 0;
}

/* Records come from arenas and are never const objects; only this place takes the const away. */
void *kind_slot(const void *rec, const struct field *f)
{
	return (char *)(uintptr_t)rec + f->at;
}

str field_text(const void *rec, const struct field *f)
{
	return *(const str *)kind_slot(rec, f);
}

int64_t field_number(const void *rec, const struct field *f)
{
	return *(const int64_t *)kind_slot(rec, f);
}

bool kind_is_empty(const void *rec, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		return field_text(rec, f).n == 0;
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		return field_number(rec, f) == INT_NONE;
	case FIELD_FLAG:
		return !*(const bool *)kind_slot(rec, f);
	case FIELD_ENUM:
		return *(const int *)kind_slot(rec, f) == 0;
	case FIELD_WORDS:
		return ((const struct words *)kind_slot(rec, f))->count == 0;
	case FIELD_ROWS:
		return ((const struct any_rows *)kind_slot(rec, f))->count == 0;
	}
	assert(false && "field type");
	return true;
}

void field_clear(void *rec, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		*(str *)kind_slot(rec, f) = S("");
		break;
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		*(int64_t *)kind_slot(rec, f) = INT_NONE;
		break;
	case FIELD_FLAG:
		*(bool *)kind_slot(rec, f) = false;
		break;
	case FIELD_ENUM:
		*(int *)kind_slot(rec, f) = 0;
		break;
	case FIELD_WORDS:
		*(struct words *)kind_slot(rec, f) = (struct words){0};
		break;
	case FIELD_ROWS:
		*(struct any_rows *)kind_slot(rec, f) = (struct any_rows){0};
		break;
	}
}

static isize field_bytes(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		return (isize)sizeof(str);
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		return (isize)sizeof(int64_t);
	case FIELD_FLAG:
		return (isize)sizeof(bool);
	case FIELD_ENUM:
		return (isize)sizeof(int);
	case FIELD_WORDS:
		return (isize)sizeof(struct words);
	case FIELD_ROWS:
		return (isize)sizeof(struct any_rows);
	}
	assert(false && "field type");
	return 0;
}

void field_copy(void *to, const void *from, const struct field *f)
{
	memcpy(kind_slot(to, f), kind_slot(from, f), (size_t)field_bytes(f->type));
}

void *kind_new(struct arena *a, const struct kind *k)
{
	struct rec *r = arena_take(a, k->size, (isize) _Alignof(max_align_t), 1);

	for (int i = 0; i < k->field_count; i++)
		field_clear(r, &k->field[i]);
	r->kind = k;
	r->ref = r->by = r->why = S("");
	r->since = r->until = TIME_NONE;
	return r;
}

void *kind_copy(struct arena *a, const struct kind *k, const void *rec)
{
	void *copy = arena_take(a, k->size, (isize) _Alignof(max_align_t), 1);

	return memcpy(copy, rec, (size_t)k->size);
}

static str print_day(struct arena *a, int64_t day, void (*print)(struct buf *, int64_t))
{
	struct buf b;

	buf_init(&b, a, 64);
	print(&b, day);
	return buf_str(&b);
}

static str print_json(struct arena *a, const void *rec, const struct field *f)
{
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	field_json(&b, rec, f);
	return buf_str(&b);
}

str kind_value(struct arena *a, const void *rec, const struct field *f)
{
	if (kind_is_empty(rec, f))
		return S("");
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		return field_text(rec, f);
	case FIELD_INT:
		return print_day(a, field_number(rec, f), buf_int);
	case FIELD_DATE:
		return print_day(a, field_number(rec, f), day_print);
	case FIELD_TIME:
		return print_day(a, field_number(rec, f), time_print);
	case FIELD_FLAG:
		return S("yes");
	case FIELD_ENUM:
		return kind_word(f, *(const int *)kind_slot(rec, f));
	case FIELD_WORDS:
	case FIELD_ROWS:
		return print_json(a, rec, f);
	}
	assert(false && "field type");
	return S("");
}

static str print_words(struct arena *a, const struct words *w)
{
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	for (isize i = 0; i < w->count; i++) {
		if (i)
			buf_add(&b, S(", "));
		buf_add(&b, w->item[i]);
	}
	return buf_str(&b);
}

str kind_value_words(struct arena *a, const void *rec, const struct field *f)
{
	if (kind_is_empty(rec, f))
		return S("");
	switch (f->type) {
	case FIELD_DATE:
		return print_day(a, field_number(rec, f), day_print_words);
	case FIELD_TIME:
		return print_day(a, field_number(rec, f), time_print_words);
	case FIELD_ENUM:
		return f->set->word[*(const int *)kind_slot(rec, f) - 1].label;
	case FIELD_WORDS:
		return print_words(a, kind_slot(rec, f));
	case FIELD_ROWS: {
		isize n = ((const struct any_rows *)kind_slot(rec, f))->count;
		return str_fmt(a, n == 1 ? "%td row" : "%td rows", n);
	}
	case FIELD_INT:
		return f->unit.n
			? str_fmt(a, "%" PRId64 " %.*s", field_number(rec, f), STR_ARG(f->unit))
			: kind_value(a, rec, f);
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
	case FIELD_FLAG:
		return kind_value(a, rec, f);
	}
	assert(false && "field type");
	return S("");
}

static bool set_enum(struct call *c, void *rec, const struct field *f, str value)
{
	int word = kind_word_find(f->set, value);

	if (!word)
		return err_issue(&c->err, f->name, "%.*s: \"%.*s\" is not one of its words",
			STR_ARG(f->label), STR_ARG(value));
	*(int *)kind_slot(rec, f) = word;
	return true;
}

static bool set_flag(struct call *c, void *rec, const struct field *f, str value)
{
	bool yes = str_eq(value, S("yes")) || str_eq(value, S("true")) || str_eq(value, S("1"));

	if (!yes && !str_eq(value, S("no")) && !str_eq(value, S("false")) && !str_eq(value, S("0")))
		return err_issue(&c->err, f->name, "%.*s: give yes or no", STR_ARG(f->label));
	*(bool *)kind_slot(rec, f) = yes;
	return true;
}

static bool set_number(struct call *c, void *rec, const struct field *f, str value)
{
	int64_t *to = kind_slot(rec, f);

	if (f->type == FIELD_INT && !str_int(value, INT64_MIN + 1, INT64_MAX, to))
		return err_issue(&c->err, f->name, "%.*s: give a whole number", STR_ARG(f->label));
	if (f->type == FIELD_DATE && !day_parse(value, to))
		return err_issue(
			&c->err, f->name, "%.*s: give a date like 2026-09-30", STR_ARG(f->label));
	if (f->type == FIELD_TIME && !time_parse(value, to))
		return err_issue(&c->err, f->name,
			"%.*s: give a time in UTC like 2026-09-30T06:41:00Z", STR_ARG(f->label));
	return true;
}

static bool set_json(struct call *c, void *rec, const struct field *f, str value)
{
	struct err e = {.arena = c->arena};
	const struct json *j = json_parse(c->arena, &e, value);

	if (!j)
		return err_issue(&c->err, f->name,
			"%.*s: %s (line %" PRId64 ", column %" PRId64 ")", STR_ARG(f->label),
			e.text, e.line, e.column);
	return field_json_decode(c, rec, f, j);
}

bool kind_set(struct call *c, void *rec, const struct field *f, str value)
{
	field_clear(rec, f);
	if (value.n == 0)
		return true;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		*(str *)kind_slot(rec, f) = value;
		return true;
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		return set_number(c, rec, f, value);
	case FIELD_FLAG:
		return set_flag(c, rec, f, value);
	case FIELD_ENUM:
		return set_enum(c, rec, f, value);
	case FIELD_WORDS:
	case FIELD_ROWS:
		return set_json(c, rec, f, value);
	}
	assert(false && "field type");
	return false;
}

bool words_are_same(const struct words *one, const struct words *other)
{
	for (isize i = 0; i < one->count && one->count == other->count; i++)
		if (!str_eq(one->item[i], other->item[i]))
			return false;
	return one->count == other->count;
}

static bool rows_are_same(
	const struct any_rows *one, const struct any_rows *other, const struct field *f)
{
	if (one->count != other->count)
		return false;
	for (isize i = 0; i < one->count; i++)
		for (int n = 0; n < f->col_count; n++)
			if (!field_is_same((const char *)one->item + i * f->row_size,
				    (const char *)other->item + i * f->row_size, &f->col[n]))
				return false;
	return true;
}

/* Recurses once, into the columns of rows. */
bool field_is_same(const void *one, const void *other, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
	case FIELD_REF:
		return str_eq(field_text(one, f), field_text(other, f));
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_TIME:
		return field_number(one, f) == field_number(other, f);
	case FIELD_FLAG:
		return *(const bool *)kind_slot(one, f) == *(const bool *)kind_slot(other, f);
	case FIELD_ENUM:
		return *(const int *)kind_slot(one, f) == *(const int *)kind_slot(other, f);
	case FIELD_WORDS:
		return words_are_same(kind_slot(one, f), kind_slot(other, f));
	case FIELD_ROWS:
		return rows_are_same(kind_slot(one, f), kind_slot(other, f), f);
	}
	assert(false && "field type");
	return false;
}
