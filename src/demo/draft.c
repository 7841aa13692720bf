/* Records in the making: rows read, fields set, steps and links planned. */
#include "demo/demo_in.h"

#include <stdarg.h>

enum { MORNING_H = 8 };
#define HOUR_US INT64_C(3600000000)

bool failed(const struct loader *l)
{
	return l->c->err.code != ERR_NONE;
}

void bad_cell(struct loader *l, const char *format, ...)
{
	char text[250];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	FAIL(&l->c->err, ERR_INVALID, "table %.*s, row %.*s, column \"%.*s\": %s",
		STR_ARG(l->table), STR_ARG(l->name), STR_ARG(l->column), text);
}

/* ---- rows ---- */

const struct json *table_rows(struct loader *l, str table)
{
	const struct json *rows = json_member(json_member(l->tables, table), S("rows"));

	if (!rows)
		bad_cell(l, "there is no table %.*s", STR_ARG(table));
	return rows;
}

static void check_used(struct loader *l)
{
	int i = 0;

	json_each(column, l->row)
	{
		if (!(l->used >> i++ & 1)) {
			l->column = column->key;
			bad_cell(l, "nothing reads this column");
		}
	}
}

bool row_next(struct loader *l)
{
	str id;

	if (l->row)
		check_used(l);
	l->row = failed(l) ? NULL : l->next_row;
	if (!l->row)
		return false;
	l->next_row = l->row->next;
	l->used = 0;
	l->column = S("");
	id = l->row->first ? l->row->first->text : S("");
	l->name = id;
	on_day(l, DEMO_FIRST_DAY);
	l->who = S("");
	by(l, l->table_who);
	l->report->table[l->report->table_count - 1].rows++;
	l->report->rows++;
	return true;
}

str cell(struct loader *l, str column)
{
	int i = 0;

	l->column = column;
	json_each(c, l->row)
	{
		if (str_eq(c->key, column)) {
			l->used |= UINT64_C(1) << i;
			return str_trim(c->text);
		}
		i++;
	}
	bad_cell(l, "the row has no such column");
	return S("");
}

/* ---- when and who ---- */

void at_time(struct loader *l, int64_t at_us)
{
	l->at_us = at_us < DEMO_FIRST_DAY * DAY_US ? DEMO_FIRST_DAY * DAY_US + MORNING_H * HOUR_US
						   : at_us;
	if (day_of_time(l->at_us) > DEMO_LAST_DAY)
		bad_cell(l, "this is after the example's last day");
}

void on_day(struct loader *l, int64_t day)
{
	if (day < DEMO_FIRST_DAY)
		day = DEMO_FIRST_DAY;
	at_time(l, day * DAY_US + MORNING_H * HOUR_US);
}

str person_of(struct loader *l, str who)
{
	if (str_starts(who, S("P")))
		return who;
	json_each(role, table_rows(l, S("roles")))
	{
		str holders = json_text(role, S("held by"));
		if (str_eq(json_text(role, S("id")), who))
			return str_word(&holders);
	}
	return S("");
}

void by(struct loader *l, str who)
{
	str person = person_of(l, who);

	if (who.n && person.n == 0)
		bad_cell(
			l, "%.*s is neither a person nor a role that somebody holds", STR_ARG(who));
	l->who = person;
}

/* ---- records ---- */

static struct draft **slot_of(const struct loader *l, str ref)
{
	isize i = (isize)(str_hash_fixed(ref) % DRAFT_INDEX);

	while (l->index[i] && !str_eq(l->index[i]->first->ref, ref))
		i = (i + 1) % DRAFT_INDEX;
	return &l->index[i];
}

struct draft *find(const struct loader *l, str ref)
{
	return *slot_of(l, ref);
}

struct draft *need(struct loader *l, str ref)
{
	struct draft *d = find(l, ref);

	if (d)
		return d;
	bad_cell(l, "there is no record %.*s", STR_ARG(ref));
	/* What follows an error is set on a record that nobody writes. */
	d = NEW(l->c->arena, struct draft, 1);
	d->first = d->rec = kind_new(l->c->arena, &kinds[KIND_PERSON]);
	return d;
}

static int rank_of(int kind)
{
	return kind == KIND_UNIT ? 0 : kind == KIND_PERSON ? RANK_PERSON : RANK_RECORD;
}

static struct step *plan(struct loader *l, enum step_type type, struct draft *of)
{
	struct step *s;

	if (l->step_count == STEPS_MAX) {
		FAIL(&l->c->err, ERR_LIMIT, "the example has more than %d steps", STEPS_MAX);
		l->step_count = 0; /* never written */
	}
	s = &l->step[l->step_count];
	*s = (struct step){.at_us = l->at_us,
		.type = type,
		.of = of,
		.who = l->who,
		.order = l->step_count++,
		.rank = RANK_REVISION,
		.why = S("")};
	return s;
}

/* The number of "RSK-12" under the prefix "RSK"; 0 when it is another's. */
static int64_t number_of(str ref, str prefix)
{
	int64_t n;

	if (!str_starts(ref, prefix) || ref.n <= prefix.n || ref.p[prefix.n] != '-' ||
		!str_int(str_part(ref, prefix.n + 1, ref.n), 0, 99999, &n))
		return 0;
	return n;
}

/* The number after the highest with the kind's prefix, in the tables and among what was made. */
static str next_ref(struct loader *l, const struct kind *k)
{
	int64_t last = 0, n;

	for (isize i = 0; i < l->draft_count; i++) {
		n = number_of(l->draft[i]->rec->ref, k->prefix);
		last = n > last ? n : last;
	}
	json_each(table, l->tables) json_each(row, json_member(table, S("rows")))
	{
		n = number_of(json_text(row, S("id")), k->prefix);
		last = n > last ? n : last;
	}
	return str_fmt(l->c->arena, "%.*s-%" PRId64, STR_ARG(k->prefix), last + 1);
}

struct draft *make(struct loader *l, int kind, str ref)
{
	struct draft *d = NEW(l->c->arena, struct draft, 1), **slot;
	const struct kind *k = &kinds[kind];

	d->first = d->rec = kind_new(l->c->arena, k);
	d->rec->ref = ref.n ? ref : next_ref(l, k);
	d->table = l->report->table_count - 1;
	d->create = d->last = plan(l, STEP_PUT, d);
	d->create->rank = rank_of(kind);
	d->create->rec = d->rec;
	d->rec->origin = ORIGIN_IMPORTED;
	d->rec->origin_source =
		str_fmt(l->c->arena, "worked example SurgeryCloud, %.*s", STR_ARG(l->table));
	slot = slot_of(l, d->rec->ref);
	if (*slot)
		bad_cell(l, "%.*s is there already", STR_ARG(d->rec->ref));
	else if (l->draft_count == DRAFTS_MAX)
		FAIL(&l->c->err, ERR_LIMIT, "the example has more than %d records", DRAFTS_MAX);
	if (failed(l))
		return d;
	*slot = l->draft[l->draft_count++] = d;
	l->report->table[d->table].records++;
	return d;
}

void adopt(struct loader *l, struct rec *stored)
{
	struct draft *d = NEW(l->c->arena, struct draft, 1);

	d->first = d->rec = d->stored = stored;
	d->create = d->last = NEW(l->c->arena, struct step, 1);
	d->create->at_us = l->at_us;
	if (l->draft_count < DRAFTS_MAX)
		*slot_of(l, stored->ref) = l->draft[l->draft_count++] = d;
}

void revise(struct loader *l, struct draft *d, str why)
{
	struct step *s = plan(l, STEP_PUT, d);

	if (d->last && s->at_us < d->last->at_us)
		s->at_us = d->last->at_us;
	s->why = why;
	s->rec = d->rec = kind_copy(l->c->arena, d->rec->kind, d->rec);
	d->last = s;
}

void sign(struct loader *l, struct draft *d, str person, str meaning)
{
	struct step *s = plan(l, STEP_SIGN, d);

	if (d->last && s->at_us < d->last->at_us)
		s->at_us = d->last->at_us;
	s->who = person;
	s->meaning = meaning;
}

/* ---- fields ---- */

static const struct field *field_of(struct loader *l, const struct kind *k, str name)
{
	const struct field *f = kind_field(k, name);

	if (!f)
		bad_cell(l, "%.*s has no field %.*s", STR_ARG(k->name), STR_ARG(name));
	return f;
}

/* A cell's words are a word of the enum, or its label, in any case; blanks stand for "_". */
static int enum_find(const struct wordset *set, struct arena *a, str value)
{
	char *plain = NEW(a, char, value.n + 1);

	for (isize i = 0; i < value.n; i++)
		plain[i] = value.p[i] == ' ' || value.p[i] == '-' ? '_' : value.p[i];
	for (int i = 0; i < set->count; i++)
		if (str_eq_fold(set->word[i].name, (str){plain, value.n}) ||
			str_eq_fold(set->word[i].label, value))
			return i + 1;
	return 0;
}

static struct words split(struct arena *a, str s)
{
	struct words w = {.item = NEW(a, str, s.n + 1)};

	while (s.n) {
		str part = str_trim(str_cut_at(&s, S(", ")));
		if (part.n)
			w.item[w.count++] = part;
	}
	return w;
}

static bool empty_word(str value)
{
	return cell_none(value) || str_eq(value, S("unknown"));
}

static void set_value(struct loader *l, void *base, const struct field *f, str value)
{
	void *slot = kind_slot(base, f);
	bool ok = true;

	if (failed(l) || value.n == 0)
		return;
	if (f->type != FIELD_TEXT && f->type != FIELD_PROSE && f->type != FIELD_ENUM &&
		empty_word(value))
		return;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_PROSE:
		*(str *)slot = value;
		break;
	case FIELD_REF:
		ok = cell_is_ref(value);
		*(str *)slot = value;
		break;
	case FIELD_INT:
		ok = str_int(value, INT64_MIN + 1, INT64_MAX, slot);
		break;
	case FIELD_DATE:
		ok = cell_day(value, slot);
		break;
	case FIELD_TIME:
		ok = time_parse(value, slot) || cell_time(value, slot);
		break;
	case FIELD_ENUM:
		*(int *)slot = enum_find(f->set, l->c->arena, value);
		ok = *(int *)slot || empty_word(value);
		break;
	case FIELD_FLAG:
		ok = str_eq(value, S("yes")) || str_eq(value, S("no"));
		*(bool *)slot = str_eq(value, S("yes"));
		break;
	case FIELD_WORDS:
		*(struct words *)slot = split(l->c->arena, value);
		break;
	case FIELD_ROWS:
		ok = false;
		break;
	}
	if (!ok)
		bad_cell(l, "\"%.*s\" does not fit the field %.*s", STR_ARG(value),
			STR_ARG(f->name));
}

void set(struct loader *l, struct draft *d, str field, str value)
{
	const struct field *f = field_of(l, d->rec->kind, field);

	if (f)
		set_value(l, d->rec, f, value);
}

void set_everywhere(struct loader *l, struct draft *d, str field, str value)
{
	const struct field *f = field_of(l, d->rec->kind, field);

	for (isize i = 0; f && i < l->step_count; i++)
		if (l->step[i].type == STEP_PUT && l->step[i].of == d)
			set_value(l, l->step[i].rec, f, value);
}

static void set_number(
	struct loader *l, struct draft *d, str field, enum field_type type, int64_t value)
{
	const struct field *f = field_of(l, d->rec->kind, field);

	if (f && f->type != type)
		bad_cell(l, "the field %.*s is of another type", STR_ARG(field));
	else if (f)
		*(int64_t *)kind_slot(d->rec, f) = value;
}

void set_int(struct loader *l, struct draft *d, str field, int64_t value)
{
	set_number(l, d, field, FIELD_INT, value);
}

void set_day(struct loader *l, struct draft *d, str field, int64_t day)
{
	set_number(l, d, field, FIELD_DATE, day);
}

void set_time(struct loader *l, struct draft *d, str field, int64_t at_us)
{
	set_number(l, d, field, FIELD_TIME, at_us);
}

void set_words(struct loader *l, struct draft *d, str field, struct words words)
{
	const struct field *f = field_of(l, d->rec->kind, field);

	if (f && f->type != FIELD_WORDS)
		bad_cell(l, "the field %.*s is of another type", STR_ARG(field));
	else if (f)
		*(struct words *)kind_slot(d->rec, f) = words;
}

void set_state(struct loader *l, struct draft *d, str state)
{
	int found = kind_state(d->rec->kind, state);

	if (found < 0)
		bad_cell(l, "%.*s has no state %.*s", STR_ARG(d->rec->kind->name), STR_ARG(state));
	else
		d->rec->state = found;
}

void add_note(struct loader *l, struct draft *d, str label, str words)
{
	if (words.n)
		d->rec->body = str_fmt(l->c->arena, "%.*s%s%.*s: %.*s", STR_ARG(d->rec->body),
			d->rec->body.n ? "\n\n" : "", STR_ARG(label), STR_ARG(words));
}

/* Of a zeroed row. */
static void row_clear(void *row, const struct field *col)
{
	if (col->type == FIELD_INT || col->type == FIELD_DATE || col->type == FIELD_TIME)
		*(int64_t *)kind_slot(row, col) = INT_NONE;
}

/* The rows are copied: an earlier revision keeps its own. */
void add_row(struct loader *l, struct draft *d, str field, const struct pair *pair, isize count)
{
	const struct field *f = field_of(l, d->rec->kind, field);
	struct any_rows *rows;
	char *item;

	if (!f || f->type != FIELD_ROWS) {
		bad_cell(l, "the field %.*s is not a table", STR_ARG(field));
		return;
	}
	rows = kind_slot(d->rec, f);
	item = arena_take(l->c->arena, f->row_size, (isize) _Alignof(max_align_t), rows->count + 1);
	if (rows->count)
		memcpy(item, rows->item, (size_t)(f->row_size * rows->count));
	rows->item = item;
	item += f->row_size * rows->count++;
	struct kind row = {.name = f->name, .field = f->col, .field_count = f->col_count};
	for (int i = 0; i < f->col_count; i++)
		row_clear(item, &f->col[i]);
	for (isize i = 0; i < count; i++) {
		const struct field *col = field_of(l, &row, pair[i].field);
		if (col)
			set_value(l, item, col, pair[i].value);
	}
}

void fill(struct loader *l, struct draft *d, const struct map *map, isize count)
{
	for (isize i = 0; i < count; i++)
		set(l, d, map[i].field, cell(l, map[i].column));
}

str word_for(struct loader *l, const struct word_map *map, isize count, str text)
{
	for (isize i = 0; i < count; i++)
		if (str_starts(text, map[i].from))
			return map[i].to;
	bad_cell(l, "\"%.*s\" is not known here", STR_ARG(text));
	return S("");
}

/* ---- links ---- */

static struct pending *promise(struct loader *l, str type)
{
	struct pending *p;

	if (l->pending_count == PENDING_MAX) {
		FAIL(&l->c->err, ERR_LIMIT, "the example has more than %d links", PENDING_MAX);
		l->pending_count = 0; /* never written */
	}
	p = &l->pending[l->pending_count++];
	*p = (struct pending){.table = l->table,
		.row = l->name,
		.column = l->column,
		.type = type,
		.at_us = l->at_us,
		.who = l->who,
		.report = l->report->table_count - 1,
		.note = S("")};
	return p;
}

void link_to(struct loader *l, str from, str type, str to, str note)
{
	struct pending *p = promise(l, type);

	p->from = from;
	p->to = to;
	p->note = note;
}

void link_cell(struct loader *l, struct draft *from, str type, str text)
{
	struct pending *p = promise(l, type);

	p->from = from->rec->ref;
	p->to = text;
	p->is_cell = true;
}

void link_back(struct loader *l, str text, str type, struct draft *to)
{
	struct pending *p = promise(l, type);

	p->from = to->rec->ref;
	p->to = text;
	p->is_cell = p->is_reversed = true;
}
