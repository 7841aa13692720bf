/* What lies between two models: parts by id, threats by the id of their findings. */
#include "threat/report/diff.h"

#include "threat/model/build.h"

struct differ {
	struct arena *arena;
	struct err *err;
	struct model_diff *d;
	struct part_index was[PART_GROUPS], is[PART_GROUPS];
	int32_t *new_to_old[PART_GROUPS];
};

static bool no_room(struct err *e)
{
	return FAIL(e, ERR_LIMIT, "the difference needs more memory than this program gives it");
}

/* ---- which part is which ---- */

/* The number of a part whose id only it has, or PART_NONE. */
static int32_t find_alone(const struct part_index *x, str id)
{
	isize low = 0, high = x->count;

	while (low < high) {
		isize middle = low + (high - low) / 2;
		if (str_cmp(x->parts[x->order[middle]].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == x->count || !str_eq(x->parts[x->order[low]].id, id))
		return PART_NONE;
	bool is_alone = low + 1 == x->count || !str_eq(x->parts[x->order[low + 1]].id, id);
	return is_alone ? x->order[low] : PART_NONE;
}

/* The flows that have a made id, a name and no partner yet, by name. */
static bool index_by_name(struct differ *w, const struct parts *flows, const int32_t *partner,
	struct part_index *x, int32_t **numbers)
{
	struct parts named = {
		.list = arena_bulk(w->arena, (flows->count + 1) * (isize)sizeof *named.list)};

	*numbers = arena_bulk(w->arena, (flows->count + 1) * (isize)sizeof **numbers);
	if (!named.list || !*numbers)
		return no_room(w->err);
	for (isize i = 0; i < flows->count; i++) {
		const struct part *p = &flows->list[i];
		if (partner[i] != PART_NONE || !p->made_id || !p->name.n)
			continue;
		(*numbers)[named.count] = (int32_t)i;
		named.list[named.count] = *p;
		named.list[named.count++].id = p->name;
	}
	return part_index_make(w->arena, w->err, &named, x);
}

/* "app -> api "Upload"" that became "app -> gateway "Upload"" is a flow with another end, not one
   that went and one that came. */
static bool match_rewired(struct differ *w)
{
	const struct parts *was = &w->d->was->of[PART_FLOW], *is = &w->d->is->of[PART_FLOW];
	int32_t *to_new = w->d->old_to_new[PART_FLOW], *to_old = w->new_to_old[PART_FLOW];
	int32_t *old_numbers, *new_numbers;
	struct part_index by_old, by_new;

	if (!index_by_name(w, was, to_new, &by_old, &old_numbers) ||
		!index_by_name(w, is, to_old, &by_new, &new_numbers))
		return false;
	for (isize i = 0; i < by_new.count; i++) {
		str name = by_new.parts[i].name;
		int32_t one = find_alone(&by_old, name);
		if (one == PART_NONE || find_alone(&by_new, name) != (int32_t)i)
			continue;
		const struct part *old = &by_old.parts[one], *new = &by_new.parts[i];
		if (!str_eq(part_value(old, S("from")), part_value(new, S("from"))) &&
			!str_eq(part_value(old, S("to")), part_value(new, S("to"))))
			continue;
		to_new[old_numbers[one]] = new_numbers[i];
		to_old[new_numbers[i]] = old_numbers[one];
	}
	return true;
}

static bool match_group(struct differ *w, enum part_group g)
{
	const struct parts *was = &w->d->was->of[g], *is = &w->d->is->of[g];

	w->d->old_to_new[g] = arena_bulk(w->arena, (was->count + 1) * (isize)sizeof(int32_t));
	w->new_to_old[g] = arena_bulk(w->arena, (is->count + 1) * (isize)sizeof(int32_t));
	if (!w->d->old_to_new[g] || !w->new_to_old[g])
		return no_room(w->err);
	if (!part_index_make(w->arena, w->err, was, &w->was[g]) ||
		!part_index_make(w->arena, w->err, is, &w->is[g]))
		return false;
	for (isize i = 0; i < was->count; i++)
		w->d->old_to_new[g][i] = part_index_find(&w->is[g], was->list[i].id);
	for (isize i = 0; i < is->count; i++)
		w->new_to_old[g][i] = part_index_find(&w->was[g], is->list[i].id);
	return g != PART_FLOW || match_rewired(w);
}

/* ---- what differs in a part ---- */

static bool add_prop(
	struct differ *w, struct part_diff *part, enum diff_what what, str key, str was, str is)
{
	struct prop_diff *one = arena_bulk(w->arena, (isize)sizeof *one), **end = &part->props;

	if (!one)
		return no_room(w->err);
	while (*end)
		end = &(*end)->next;
	*one = (struct prop_diff){.what = what, .key = key, .was = was, .is = is};
	*end = one;
	return true;
}

/* What is told in words of its own and not as a property. */
static bool is_told(const struct part *p, str key)
{
	enum part_group g = part_group_of(p->kind);

	if (g == PART_FLOW)
		return str_eq(key, S("from")) || str_eq(key, S("to"));
	return (g == PART_ZONE || g == PART_ELEMENT) && str_eq(key, S("in"));
}

/* The values of a part, by key and then by value: neither order means anything in a model. */
struct sorted {
	const struct prop *list[MODEL_PROPS];
	isize count;
};

static int prop_order(const struct prop *a, const struct prop *b)
{
	int order = str_cmp(a->key, b->key);

	return order ? order : str_cmp(a->value, b->value);
}

static void sort_props(const struct part *p, struct sorted *out)
{
	out->count = 0;
	for (const struct prop *q = p->props; q; q = q->next) {
		isize at = out->count++;
		for (; at > 0 && prop_order(out->list[at - 1], q) > 0; at--)
			out->list[at] = out->list[at - 1];
		out->list[at] = q;
	}
}

/* How many values from `at` on have this key. */
static isize run_of(const struct sorted *s, isize at, str key)
{
	isize n = 0;

	while (at + n < s->count && str_eq(s->list[at + n]->key, key))
		n++;
	return n;
}

static bool join_values(struct differ *w, const struct prop *const *values, isize n, str *out)
{
	struct buf b;

	buf_init(&b, w->arena, LIMIT_MODEL_BYTES);
	for (isize i = 0; i < n; i++) {
		if (i)
			buf_add(&b, S(", "));
		buf_add(&b, values[i]->value);
	}
	*out = buf_view(&b);
	return !b.full || no_room(w->err);
}

static bool compare_props(struct differ *w, struct part_diff *part)
{
	struct sorted was, is;
	isize i = 0, k = 0;
	str one, two;

	sort_props(part->was, &was);
	sort_props(part->is, &is);
	while (i < was.count || k < is.count) {
		bool from_is = i == was.count ||
			(k < is.count && str_cmp(is.list[k]->key, was.list[i]->key) < 0);
		str key = from_is ? is.list[k]->key : was.list[i]->key;
		isize n = run_of(&was, i, key), m = run_of(&is, k, key), same = 0;
		while (same < n && same < m &&
			str_eq(was.list[i + same]->value, is.list[k + same]->value))
			same++;
		if ((same < n || same < m) && !is_told(part->is, key) &&
			(!join_values(w, was.list + i, n, &one) ||
				!join_values(w, is.list + k, m, &two) ||
				!add_prop(w, part, DIFF_PROP, key, one, two)))
			return false;
		i += n;
		k += m;
	}
	return true;
}

/* The id of a part that another one names, "" when nobody knows which. */
static str id_of(const struct model *m, enum part_group g, int32_t index)
{
	return index == PART_NONE ? S("") : m->of[g].list[index].id;
}

static bool ends_text(struct differ *w, const struct model *m, const struct part *p, str *out)
{
	str from = id_of(m, PART_ELEMENT, p->from), to = id_of(m, PART_ELEMENT, p->to);
	struct buf b;

	buf_init(&b, w->arena, LIMIT_MODEL_BYTES);
	buf_add(&b, from.n ? from : S("?"));
	buf_add(&b, S(" -> "));
	buf_add(&b, to.n ? to : S("?"));
	*out = buf_view(&b);
	return !b.full || no_room(w->err);
}

static bool compare_place(struct differ *w, struct part_diff *part, enum part_group g)
{
	const struct part *was = part->was, *is = part->is;
	str one, two;

	if (g == PART_ZONE || g == PART_ELEMENT) {
		one = id_of(w->d->was, PART_ZONE, was->zone);
		two = id_of(w->d->is, PART_ZONE, is->zone);
		return str_eq(one, two) || add_prop(w, part, DIFF_ZONE, S("in"), one, two);
	}
	if (g != PART_FLOW)
		return true;
	return ends_text(w, w->d->was, was, &one) && ends_text(w, w->d->is, is, &two) &&
		(str_eq(one, two) || add_prop(w, part, DIFF_ENDS, S("ends"), one, two));
}

static bool compare_part(struct differ *w, struct part_diff *part)
{
	const struct part *was = part->was, *is = part->is;

	if (!str_eq(was->name, is->name) &&
		!add_prop(w, part, DIFF_NAME, S("name"), was->name, is->name))
		return false;
	if (was->kind != is->kind &&
		!add_prop(w, part, DIFF_KIND, S("kind"), part_kind_word(was->kind),
			part_kind_word(is->kind)))
		return false;
	return compare_place(w, part, part_group_of(is->kind)) && compare_props(w, part);
}

static bool diff_group(struct differ *w, enum part_group g)
{
	const struct parts *was = &w->d->was->of[g], *is = &w->d->is->of[g];

	for (isize i = 0; i < is->count; i++) {
		int32_t old = w->new_to_old[g][i];
		struct part_diff one = {.is = &is->list[i],
			.was = old == PART_NONE ? NULL : &was->list[old],
			.sign = old == PART_NONE ? DIFF_ADDED : DIFF_CHANGED};
		if (one.was && !compare_part(w, &one))
			return false;
		if (one.was && !one.props)
			one.sign = DIFF_SAME;
		else
			w->d->parts[w->d->part_count++] = one;
		w->d->signs[one.sign]++;
	}
	for (isize i = 0; i < was->count; i++)
		if (w->d->old_to_new[g][i] == PART_NONE) {
			w->d->parts[w->d->part_count++] =
				(struct part_diff){.sign = DIFF_REMOVED, .was = &was->list[i]};
			w->d->signs[DIFF_REMOVED]++;
		}
	return true;
}

/* ---- threats ---- */

/* TURN_COUNT when there is nothing to tell: it is as it was, or was handled from its beginning. */
static enum threat_turn turn_of(const struct threat_finding *f, const struct finding_change *c)
{
	enum threat_outcome was = c->was ? c->was->outcome : THREAT_IS_NOT_APPLICABLE;

	if (f->outcome == was)
		return TURN_COUNT;
	if (f->outcome == THREAT_IS_OPEN)
		return TURN_OPENED;
	if (f->outcome == THREAT_IS_QUESTION)
		return TURN_ASKED;
	return f->outcome == THREAT_IS_MITIGATED && was >= THREAT_IS_QUESTION ? TURN_CLOSED
									      : TURN_COUNT;
}

static bool is_in_new(const struct differ *w, str id)
{
	for (int g = 0; g < PART_GROUPS; g++)
		if (part_index_find(&w->is[g], id) != PART_NONE)
			return true;
	/* Some rules are about the model as a whole, which is there. */
	return str_eq(id, part_kind_word(PART_IS_MODEL));
}

static void add_threat(struct model_diff *d, const struct threat_diff *one)
{
	d->threats[d->threat_count++] = *one;
	d->turns[one->turn]++;
}

static bool diff_threats(struct differ *w, const struct findings *was)
{
	struct model_diff *d = w->d;
	struct baseline *base;
	struct check_report r;

	if (!baseline_of(w->arena, w->err, was, &base) ||
		!report_make(w->arena, w->err, d->now, base, &r))
		return false;
	d->threats = arena_bulk(
		w->arena, (d->now->count + r.gone_count + 1) * (isize)sizeof *d->threats);
	if (!d->threats)
		return no_room(w->err);
	for (enum threat_turn turn = TURN_OPENED; turn < TURN_GONE; turn++)
		for (isize i = 0; i < d->now->count; i++)
			if (turn_of(&d->now->list[i], &r.change[i]) == turn)
				add_threat(d,
					&(struct threat_diff){.turn = turn,
						.now = &d->now->list[i],
						.was = r.change[i].was});
	for (isize i = 0; i < r.gone_count; i++)
		if (r.gone[i]->outcome >= THREAT_IS_QUESTION)
			add_threat(d,
				&(struct threat_diff){.turn = TURN_GONE,
					.was = r.gone[i],
					.part_is_gone = !is_in_new(w, r.gone[i]->target)});
	return true;
}

bool model_diff_make(struct arena *a, struct err *e, const struct findings *was,
	const struct findings *now, struct model_diff *out)
{
	struct model_diff d = {.was = was->model, .is = now->model, .now = now};
	struct differ w = {.arena = a, .err = e, .d = &d};
	isize most = 0;

	for (int g = 0; g < PART_GROUPS; g++)
		most += d.was->of[g].count + d.is->of[g].count;
	d.parts = arena_bulk(a, (most + 1) * (isize)sizeof *d.parts);
	if (!d.parts)
		return no_room(e);
	for (int g = 0; g < PART_GROUPS; g++)
		if (!match_group(&w, (enum part_group)g))
			return false;
	for (int g = 0; g < PART_GROUPS; g++)
		if (!diff_group(&w, (enum part_group)g))
			return false;
	if (!diff_threats(&w, was))
		return false;
	*out = d;
	return true;
}

/* ---- the picture: a model of what is and of what was ---- */

struct both {
	struct model model;
	int32_t *zones, *elements; /* of each then, its index in `model` */
	enum diff_sign *sign[PART_GROUPS];
};

static int32_t follow(const int32_t *map, int32_t index)
{
	return index == PART_NONE ? PART_NONE : map[index];
}

/* The group as it is, and behind it what was removed.  `*map` gets the new index of each old. */
static bool unite(struct arena *a, struct err *e, const struct model_diff *d, enum part_group g,
	struct both *both, int32_t **map)
{
	const struct parts *was = &d->was->of[g], *is = &d->is->of[g];
	isize room = was->count + is->count + 1, n = is->count;
	struct part *list = arena_bulk(a, room * (isize)sizeof *list);
	enum diff_sign *sign = arena_bulk(a, room * (isize)sizeof *sign);

	*map = arena_bulk(a, (was->count + 1) * (isize)sizeof **map);
	if (!list || !sign || !*map)
		return no_room(e);
	memset(sign, 0, (size_t)room * sizeof *sign);
	if (n)
		memcpy(list, is->list, (size_t)n * sizeof *list);
	for (isize i = 0; i < was->count; i++) {
		(*map)[i] = d->old_to_new[g][i];
		if ((*map)[i] != PART_NONE)
			continue;
		(*map)[i] = (int32_t)n;
		list[n] = was->list[i];
		sign[n++] = DIFF_REMOVED;
	}
	both->model.of[g] = (struct parts){.list = list, .count = n, .room = room};
	both->sign[g] = sign;
	for (isize i = 0; i < d->part_count; i++) {
		const struct part_diff *p = &d->parts[i];
		if (p->is && part_group_of(p->is->kind) == g)
			sign[p->is - is->list] = p->sign;
	}
	return true;
}

/* What was removed lies where it lay.  Zones of both models in each other may be deeper than
   either; the removed ones then stand for themselves. */
static void place_removed(const struct model_diff *d, struct both *both)
{
	const struct parts *is = d->is->of;
	struct parts *of = both->model.of;

	for (isize z = is[PART_ZONE].count; z < of[PART_ZONE].count; z++)
		of[PART_ZONE].list[z].zone = follow(both->zones, of[PART_ZONE].list[z].zone);
	for (isize z = is[PART_ZONE].count; z < of[PART_ZONE].count; z++) {
		int depth = 0;
		for (int32_t up = of[PART_ZONE].list[z].zone;
			up != PART_NONE && depth <= MODEL_DEPTH; up = of[PART_ZONE].list[up].zone)
			depth++;
		if (depth > MODEL_DEPTH)
			of[PART_ZONE].list[z].zone = PART_NONE;
	}
	for (isize i = is[PART_ELEMENT].count; i < of[PART_ELEMENT].count; i++) {
		struct part *p = &of[PART_ELEMENT].list[i];
		p->zone = follow(both->zones, p->zone);
		/* Another one may have been put in its place. */
		p->is_placed = false;
	}
	for (isize i = is[PART_FLOW].count; i < of[PART_FLOW].count; i++) {
		struct part *p = &of[PART_FLOW].list[i];
		p->from = follow(both->elements, p->from);
		p->to = follow(both->elements, p->to);
	}
}

/* How many threats of a part are newly open; the worst gives the tone. */
static bool count_opened(struct arena *a, struct err *e, const struct model_diff *d,
	enum part_group g, isize count, const struct badge **out)
{
	isize bytes = (count + 1) * (isize)sizeof(struct badge);
	struct badge *list = arena_bulk(a, bytes);

	if (!list)
		return no_room(e);
	memset(list, 0, (size_t)bytes);
	for (isize i = 0; i < d->threat_count; i++) {
		const struct threat_diff *t = &d->threats[i];
		if (t->turn != TURN_OPENED || part_group_of(t->now->part->kind) != g)
			continue;
		struct badge *b = &list[t->now->part - d->is->of[g].list];
		b->count++;
		if (t->now->level == THREAT_ERROR)
			b->tone = BADGE_BAD;
		else if (t->now->level == THREAT_WARNING && b->tone == BADGE_PLAIN)
			b->tone = BADGE_WARN;
	}
	*out = list;
	return true;
}

bool diff_print_svg(
	struct buf *b, struct arena *a, struct err *e, const struct model_diff *d, bool standalone)
{
	struct both both = {.model = *d->is};
	struct picture p = {.link = standalone ? S("#") : S("/"), .standalone = standalone};
	struct layout *layout;
	int32_t *flows;

	if (!unite(a, e, d, PART_ZONE, &both, &both.zones) ||
		!unite(a, e, d, PART_ELEMENT, &both, &both.elements) ||
		!unite(a, e, d, PART_FLOW, &both, &flows))
		return false;
	place_removed(d, &both);
	if (!count_opened(a, e, d, PART_ELEMENT, both.model.of[PART_ELEMENT].count, &p.element) ||
		!count_opened(a, e, d, PART_FLOW, both.model.of[PART_FLOW].count, &p.flow) ||
		!layout_make(a, e, &both.model, &layout))
		return false;
	p.zone_sign = both.sign[PART_ZONE];
	p.element_sign = both.sign[PART_ELEMENT];
	p.flow_sign = both.sign[PART_FLOW];
	layout_print_svg(b, a, &both.model, layout, &p);
	return true;
}
