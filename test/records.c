/* Records drawn at random; see records.h. */
#include "records.h"

#include "call/call.h"
#include "kinds.h"
#include "test.h"

static str random_text(struct arena *a, uint64_t *state, int64_t max, bool lines)
{
	static const str pieces[] = {S_INIT("a"), S_INIT("Zurich "), S_INIT("\xc3\xa9"),
		S_INIT("\""), S_INIT(","), S_INIT("=1+1"), S_INIT("<b>"), S_INIT("'"), S_INIT("\\"),
		S_INIT("\xf0\x9f\x98\x80"), S_INIT("&amp;"), S_INIT("\t")};
	int64_t count = 1 + test_random(state, 12);
	struct buf b;

	buf_init(&b, a, 4000);
	for (int64_t i = 0; i < count && i < max; i++)
		buf_add(&b, pieces[test_random(state, COUNT_OF(pieces))]);
	if (lines)
		buf_add(&b, S("\nsecond line"));
	return max > 0 ? utf8_head(buf_str(&b), (isize)max) : buf_str(&b);
}

static void fill(struct arena *a, uint64_t *state, void *rec, const struct field *f);

static void fill_rows(struct arena *a, uint64_t *state, void *rec, const struct field *f)
{
	struct any_rows *rows = kind_slot(rec, f);
	isize n = (isize)test_random(state, 3);

	if (f->max > 0 && n > f->max)
		n = (isize)f->max;
	rows->item = arena_take(a, f->row_size, (isize) _Alignof(max_align_t), n);
	rows->count = n;
	for (isize i = 0; i < n; i++)
		for (int k = 0; k < f->col_count; k++) {
			char *row = (char *)rows->item + i * f->row_size;
			struct field col = f->col[k];
			col.required = true; /* no row without content: an empty one is left out */
			fill(a, state, row, &col);
		}
}

/* The words that are checked are names of rights. */
static void fill_words(struct arena *a, uint64_t *state, const struct field *f, struct words *w)
{
	w->count = 1 + (isize)test_random(state, 3);
	w->item = NEW(a, str, w->count);
	for (isize i = 0; i < w->count; i++)
		w->item[i] = f->check ? right_name(1 + (int)test_random(state, RIGHT_COUNT - 1))
				      : str_fmt(a, "tag%d", (int)test_random(state, 100));
}

static void fill(struct arena *a, uint64_t *state, void *rec, const struct field *f)
{
	if (!f->required && test_random(state, 3) == 0)
		return;
	switch (f->type) {
	case FIELD_TEXT:
		*(str *)kind_slot(rec, f) = f->check ? S("") : random_text(a, state, f->max, false);
		break;
	case FIELD_PROSE:
		*(str *)kind_slot(rec, f) = random_text(a, state, f->max, true);
		break;
	case FIELD_INT:
		*(int64_t *)kind_slot(rec, f) =
			f->min + test_random(state, f->max > f->min ? f->max - f->min + 1 : 9);
		break;
	case FIELD_DATE:
		*(int64_t *)kind_slot(rec, f) = test_random(state, 40000);
		break;
	case FIELD_TIME:
		*(int64_t *)kind_slot(rec, f) = test_random(state, INT64_C(1) << 31) * 1000001;
		break;
	case FIELD_FLAG:
		*(bool *)kind_slot(rec, f) = true;
		break;
	case FIELD_ENUM:
		*(int *)kind_slot(rec, f) = 1 + (int)test_random(state, f->set->count);
		break;
	case FIELD_REF:
		/* The store looks at references to records only when it commits. */
		if (f->required)
			*(str *)kind_slot(rec, f) = S("ZZ-1");
		break;
	case FIELD_WORDS:
		fill_words(a, state, f, kind_slot(rec, f));
		break;
	case FIELD_ROWS:
		fill_rows(a, state, rec, f);
		break;
	}
}

struct rec *random_record(struct arena *a, uint64_t *state, const struct kind *k)
{
	struct rec *r = kind_new(a, k);

	for (int i = 0; i < k->field_count; i++)
		fill(a, state, r, &k->field[i]);
	r->title = str_fmt(a, "%.*s %d", STR_ARG(k->title), (int)test_random(state, 1000));
	r->ref = str_fmt(a, "%.*s-9%d", STR_ARG(k->prefix), (int)test_random(state, 100000));
	r->state = (int)test_random(state, k->state_count);
	return r;
}

str canonical(struct arena *a, const void *rec)
{
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	kind_json(&b, rec);
	return buf_str(&b);
}
