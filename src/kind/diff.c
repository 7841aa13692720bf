/* What differs between revisions, and what two people changed at the same time. */
#include "kind/kind_in.h"

/* Rows are compared each with each up to this many pairs, beyond it place by place. */
enum { PAIRS_MAX = 250000 };

static str shown(struct arena *a, const void *rec, const struct field *f)
{
	return f->type == FIELD_ROWS ? kind_value(a, rec, f) : kind_value_words(a, rec, f);
}

isize kind_diff(struct arena *a, const void *before, const void *after, struct change **out)
{
	const struct rec *was = before, *is = after;
	const struct kind *k = is->kind;
	isize n = 0;

	*out = NEW(a, struct change, k->field_count + 1);
	if (was->state != is->state)
		(*out)[n++] = (struct change){S("state"), S("State"), k->state[was->state].label,
			k->state[is->state].label};
	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		if (field_is_same(before, after, f))
			continue;
		(*out)[n++] = (struct change){f->name, f->label, shown(a, before, f),
			shown(a, after, f)};
	}
	return n;
}

void kind_merge(void *mine, const void *base, const void *theirs)
{
	const struct kind *k = ((const struct rec *)mine)->kind;

	for (int i = 0; i < k->field_count; i++) {
		const struct field *f = &k->field[i];
		if (field_is_same(mine, base, f))
			field_copy(mine, theirs, f);
	}
}

/* ---- rows ---- */

/* One side of the comparison: the rows, and each as text. */
struct side {
	const struct field *field;
	const char *item;
	str *text;
	isize count;
};

static struct side side_of(struct arena *a, const struct field *f, const void *rec)
{
	const struct any_rows *rows = kind_slot(rec, f);
	struct side s = {.field = f, .item = rows->item, .count = rows->count};

	s.text = NEW(a, str, s.count + 1);
	for (isize i = 0; i < s.count; i++) {
		const char *row = s.item + i * f->row_size;
		for (int n = 0; n < f->col_count; n++)
			s.text[i] = str_fmt(a, "%.*s%d:%.*s\n", STR_ARG(s.text[i]), n,
				STR_ARG(kind_value(a, row, &f->col[n])));
	}
	return s;
}

static const void *row_at(const struct side *s, isize i)
{
	return s->item + i * s->field->row_size;
}

/* Whether two rows may be one that was changed: they share a cell that is not empty. */
static bool rows_alike(struct arena *a, const struct field *f, const void *one, const void *two)
{
	for (int n = 0; n < f->col_count; n++) {
		str value = kind_value(a, one, &f->col[n]);
		if (value.n && str_eq(value, kind_value(a, two, &f->col[n])))
			return true;
	}
	return false;
}

/* Adds what became of the rows [i, i_end) and [j, j_end), none of which is on both sides. */
static isize add_gap(struct arena *a, const struct side *was, const struct side *is, isize i,
	isize i_end, isize j, isize j_end, struct row_change *out)
{
	isize n = 0;

	for (; i < i_end || j < j_end; i++, j++) {
		const void *before = i < i_end ? row_at(was, i) : NULL;
		const void *after = j < j_end ? row_at(is, j) : NULL;
		if (before && after && !rows_alike(a, was->field, before, after)) {
			out[n++] = (struct row_change){before, NULL, i + 1};
			before = NULL;
		}
		out[n++] = (struct row_change){before, after, after ? j + 1 : i + 1};
	}
	return n;
}

/* The length of the longest common sequence of [i, …) and [j, …), at [i * (is->count + 1) + j];
   NULL when there are too many pairs. */
static const uint16_t *common_lengths(
	struct arena *a, const struct side *was, const struct side *is)
{
	isize wide = is->count + 1;

	if ((was->count + 1) * wide > PAIRS_MAX)
		return NULL;
	uint16_t *length = NEW(a, uint16_t, (was->count + 1) * wide);
	for (isize i = was->count - 1; i >= 0; i--)
		for (isize j = is->count - 1; j >= 0; j--) {
			uint16_t down = length[(i + 1) * wide + j],
				 right = length[i * wide + j + 1];
			length[i * wide + j] = str_eq(was->text[i], is->text[j])
				? (uint16_t)(length[(i + 1) * wide + j + 1] + 1)
				: down > right ? down
					       : right;
		}
	return length;
}

isize kind_diff_rows(struct arena *a, const struct field *f, const void *before, const void *after,
	struct row_change **out)
{
	struct side was = side_of(a, f, before), is = side_of(a, f, after);
	const uint16_t *length = common_lengths(a, &was, &is);
	isize wide = is.count + 1, i = 0, j = 0, from_i = 0, from_j = 0, n = 0;

	*out = NEW(a, struct row_change, was.count + is.count + 1);
	while (i < was.count && j < is.count) {
		if (str_eq(was.text[i], is.text[j])) {
			n += add_gap(a, &was, &is, from_i, i, from_j, j, *out + n);
			from_i = ++i;
			from_j = ++j;
		} else if (!length) {
			i++;
			j++;
		} else if (length[(i + 1) * wide + j] >= length[i * wide + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	return n + add_gap(a, &was, &is, from_i, was.count, from_j, is.count, *out + n);
}
