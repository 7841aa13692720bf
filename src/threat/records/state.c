/*
 * The state that an editor shows, as JSON: the picture, each record with its revision and its box,
 * and what the rules say.
 */
#include "base/json.h"

#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"

enum { PICTURE_BYTES = 4 << 20 };

struct drawn {
	const struct model *model;
	struct layout *layout;
	const struct findings *findings;
	const struct vocabulary *words;
};

static bool draw(struct call *c, struct drawn *d)
{
	const struct view *view;
	struct judged judged;

	if (!diagram_view(c, &view) || !model_judge(c, view, &judged))
		return false;
	d->model = judged.model;
	d->findings = judged.findings;
	d->words = judged.words;
	return layout_make(c->arena, &c->err, d->model, &d->layout);
}

/* A badge counts what is open or asked; it is loud when something is open. */
static struct badge *badges_of(struct call *c, const struct drawn *d, enum part_group group)
{
	struct badge *badge = NEW(c->arena, struct badge, d->model->of[group].count + 1);

	for (isize i = 0; i < d->findings->count; i++) {
		const struct threat_finding *f = &d->findings->list[i];
		if (part_group_of(f->part->kind) != group ||
			(f->outcome != THREAT_IS_OPEN && f->outcome != THREAT_IS_QUESTION))
			continue;
		struct badge *to = &badge[f->part - d->model->of[group].list];
		to->count++;
		if (f->outcome == THREAT_IS_OPEN)
			to->tone = f->level == THREAT_ERROR ? BADGE_BAD : BADGE_WARN;
	}
	return badge;
}

static void put_box(struct buf *b, bool *first, str key, struct box x)
{
	json_put_key(b, first, key);
	buf_fmt(b, "[%d,%d,%d,%d]", x.x, x.y, x.w, x.h);
}

static void put_element(struct buf *b, bool *first, const struct drawn *d, int32_t at)
{
	const struct part *p = &d->model->of[PART_ELEMENT].list[at];

	put_box(b, first, S("box"), layout_element(d->layout, at));
	if (p->is_placed)
		put_box(b, first, S("placed"), (struct box){p->x, p->y, 0, 0});
}

/* A zone is drawn at least as large as the place it was given. */
static void put_zone(struct buf *b, bool *first, const struct drawn *d, int32_t at)
{
	const struct part *p = &d->model->of[PART_ZONE].list[at];

	put_box(b, first, S("box"), layout_zone(d->layout, at));
	if (p->is_placed)
		put_box(b, first, S("placed"), (struct box){p->x, p->y, p->w, p->h});
}

static void put_place(struct buf *b, bool *first, const struct drawn *d, const struct rec *rec)
{
	int32_t at;

	if (rec->kind->id == KIND_ELEMENT &&
		(at = model_find(d->model, PART_ELEMENT, rec->ref)) != PART_NONE)
		put_element(b, first, d, at);
	else if (rec->kind->id == KIND_ZONE &&
		(at = model_find(d->model, PART_ZONE, rec->ref)) != PART_NONE)
		put_zone(b, first, d, at);
}

static bool put_records(
	struct call *c, struct buf *b, bool *first_of_all, const struct drawn *d, int kind)
{
	struct query q = {.limit = LIMIT_LIST_ROWS};
	struct list list;

	if (!call_could_some(c, kinds[kind].can_read))
		return true;
	if (!kind_list(c, &kinds[kind], &q, &list))
		return false;
	for (isize i = 0; i < list.count; i++) {
		const struct rec *rec = list.item[i];
		bool first = true;
		if (!*first_of_all)
			buf_char(b, ',');
		*first_of_all = false;
		buf_fmt(b, "\n{\"rev\":%" PRId64 ",\"kind\":", rec->rev);
		json_put_string(b, rec->kind->name);
		first = false;
		put_place(b, &first, d, rec);
		json_put_key(b, &first, S("record"));
		kind_json(b, rec);
		buf_char(b, '}');
	}
	return true;
}

static void put_findings(struct call *c, struct buf *b, const struct drawn *d)
{
	bool none = true;

	for (isize i = 0; i < d->findings->count; i++) {
		const struct threat_finding *f = &d->findings->list[i];
		bool first = true;
		if (!none)
			buf_char(b, ',');
		none = false;
		buf_add(b, S("\n{"));
		json_put_text(b, &first, S("id"), finding_id(c->arena, f));
		json_put_text(b, &first, S("target"), f->part->id);
		json_put_text(b, &first, S("outcome"), outcome_word(f->outcome));
		json_put_text(b, &first, S("stride"), stride_word(f->stride));
		json_put_text(b, &first, S("title"), finding_title(c->arena, d->findings, f));
		json_put_text(b, &first, S("by"), finding_by(c->arena, f));
		buf_char(b, '}');
	}
}

static void put_picture(struct call *c, struct buf *b, bool *first, const struct drawn *d)
{
	struct picture p = {.link = S("/"),
		.picked = S(""),
		.element = badges_of(c, d, PART_ELEMENT),
		.flow = badges_of(c, d, PART_FLOW)};
	struct buf svg;

	buf_init(&svg, c->arena, PICTURE_BYTES);
	layout_print_svg(&svg, c->arena, d->model, d->layout, &p);
	json_put_text(b, first, S("svg"), svg.full ? S("") : buf_str(&svg));
}

static const int shown[] = {KIND_ZONE, KIND_ELEMENT, KIND_FLOW};

/* A field that the inspector offers: what fits in a line and is the kind's own. */
static bool is_offered(const struct field *f)
{
	bool is_line = f->type == FIELD_TEXT || f->type == FIELD_INT || f->type == FIELD_FLAG ||
		f->type == FIELD_ENUM;
	bool is_part = f->type == FIELD_REF && f->ref_count > 0 &&
		(f->refs[0] == KIND_ZONE || f->refs[0] == KIND_ELEMENT);

	if (str_eq(f->name, S("title")))
		return true;
	return !f->is_envelope && !str_eq(f->name, S("external_id")) && (is_line || is_part);
}

static void put_choices(struct buf *b, bool *first, const struct field *f)
{
	json_put_key(b, first, S("words"));
	buf_char(b, '[');
	for (int i = 0; i < f->set->count; i++) {
		buf_add(b, i ? S(",[") : S("["));
		json_put_string(b, f->set->word[i].name);
		buf_char(b, ',');
		json_put_string(b, f->set->word[i].label);
		buf_char(b, ']');
	}
	buf_char(b, ']');
}

static void put_refs(struct buf *b, bool *first, const struct field *f)
{
	json_put_key(b, first, S("refs"));
	buf_char(b, '[');
	for (int i = 0; i < f->ref_count; i++) {
		if (i)
			buf_char(b, ',');
		json_put_string(b, kinds[f->refs[i]].name);
	}
	buf_char(b, ']');
}

static void put_field(struct buf *b, const struct field *f)
{
	static const str types[] = {[FIELD_TEXT] = S_INIT("text"),
		[FIELD_INT] = S_INIT("int"),
		[FIELD_FLAG] = S_INIT("flag"),
		[FIELD_ENUM] = S_INIT("enum"),
		[FIELD_REF] = S_INIT("ref")};
	bool first = true;

	buf_char(b, '{');
	json_put_text(b, &first, S("name"), f->name);
	json_put_text(b, &first, S("label"), f->label);
	if (f->help.n)
		json_put_text(b, &first, S("help"), f->help);
	json_put_text(b, &first, S("type"), types[f->type]);
	json_put_key(b, &first, S("required"));
	buf_add(b, f->required ? S("true") : S("false"));
	if (f->type == FIELD_ENUM)
		put_choices(b, &first, f);
	if (f->type == FIELD_REF)
		put_refs(b, &first, f);
	if (f->type == FIELD_INT && f->min != INT64_MIN) {
		json_put_key(b, &first, S("min"));
		buf_fmt(b, "%" PRId64 ",\"max\":%" PRId64, f->min, f->max);
	}
	buf_char(b, '}');
}

/* What a copy of a part has too: what the kind itself says of it, but for its id in a file and for
   tables that name other parts. */
static bool is_copied(const struct field *f)
{
	bool is_table = f->type == FIELD_ROWS && !str_eq(f->name, S("property"));

	return str_eq(f->name, S("title")) || str_eq(f->name, S("product")) ||
		(!f->is_envelope && !is_table && !str_eq(f->name, S("external_id")));
}

static void put_copied(struct buf *b, bool *first, const struct kind *k)
{
	bool none = true;

	json_put_key(b, first, k->name);
	buf_char(b, '[');
	for (int i = 0; i < k->field_count; i++) {
		if (!is_copied(&k->field[i]))
			continue;
		if (!none)
			buf_char(b, ',');
		none = false;
		json_put_string(b, k->field[i].name);
	}
	buf_char(b, ']');
}

/* What does not change while somebody draws: fields of the kinds, words of the rules. */
static void put_fixed(struct buf *b, bool *first, const struct drawn *d)
{
	bool first_kind = true, first_copied = true;

	json_put_key(b, first, S("kinds"));
	buf_char(b, '{');
	for (isize k = 0; k < COUNT_OF(shown); k++) {
		bool none = true;
		json_put_key(b, &first_kind, kinds[shown[k]].name);
		buf_char(b, '[');
		for (int i = 0; i < kinds[shown[k]].field_count; i++) {
			if (!is_offered(&kinds[shown[k]].field[i]))
				continue;
			if (!none)
				buf_char(b, ',');
			none = false;
			put_field(b, &kinds[shown[k]].field[i]);
		}
		buf_char(b, ']');
	}
	buf_char(b, '}');
	json_put_key(b, first, S("copied"));
	buf_char(b, '{');
	for (isize k = 0; k < COUNT_OF(shown); k++)
		put_copied(b, &first_copied, &kinds[shown[k]]);
	buf_char(b, '}');
	json_put_key(b, first, S("vocabulary"));
	vocabulary_print_json(b, d->words);
}

bool model_state_print(struct call *c, struct buf *b, const struct acts_done *done)
{
	bool first = true, none = true;
	struct drawn d;

	if (!draw(c, &d))
		return false;
	buf_char(b, '{');
	put_picture(c, b, &first, &d);
	json_put_key(b, &first, S("made"));
	buf_char(b, '{');
	bool first_made = true;
	for (isize i = 0; done && i < done->count; i++)
		json_put_text(b, &first_made, done->made[i].as, done->made[i].ref);
	buf_char(b, '}');
	json_put_key(b, &first, S("parts"));
	buf_char(b, '[');
	for (isize i = 0; i < COUNT_OF(shown); i++)
		if (!put_records(c, b, &none, &d, shown[i]))
			return false;
	buf_char(b, ']');
	json_put_key(b, &first, S("findings"));
	buf_char(b, '[');
	put_findings(c, b, &d);
	buf_char(b, ']');
	if (!done)
		put_fixed(b, &first, &d);
	buf_add(b, S("}\n"));
	return true;
}
