/* An editor's changes, as records: each goes the way of any other revision. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "threat/records/records.h"
#include "threat/model/build.h"

struct acting {
	struct call *call;
	struct acts_done *done;
};

static const struct kind *part_kind(str name)
{
	const struct kind *k = kind_by_name(name);

	return k && (k->id == KIND_ZONE || k->id == KIND_ELEMENT || k->id == KIND_FLOW) ? k : NULL;
}

/* "new:1" is what it became; any other word stays. */
static str resolve(const struct acting *a, str word)
{
	for (isize i = 0; i < a->done->count; i++)
		if (str_eq(a->done->made[i].as, word))
			return a->done->made[i].ref;
	return word;
}

/* ---- add ---- */

/* What an earlier sending of the same act added: "" when it is new. */
static bool find_added(struct call *c, const struct kind *k, str uid, str *ref)
{
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT ref, 'element' AS kind FROM element WHERE until IS NULL"
		    " AND f_external_id = $1 AND $2 = 'element'"
		    " UNION ALL SELECT ref, 'flow' FROM flow WHERE until IS NULL"
		    " AND f_external_id = $1 AND $2 = 'flow'"
		    " UNION ALL SELECT ref, 'zone' FROM zone WHERE until IS NULL"
		    " AND f_external_id = $1 AND $2 = 'zone' ORDER BY 1 LIMIT 1"),
		V(uid), V(k->name));
	*ref = rows_next(&r) ? str_dup(c->arena, rows_str(&r, 0)) : S("");
	return rows_done(&r);
}

static bool read_fields(const struct acting *a, struct rec *rec, const struct json *act)
{
	const struct json *fields = json_member(act, S("fields"));

	if (!fields || fields->type != JSON_OBJECT)
		return err_issue(&a->call->err, S("fields"), "an act names its fields");
	if (!kind_json_decode(a->call, rec, fields))
		return false;
	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (f->type == FIELD_REF)
			*(str *)kind_slot(rec, f) = resolve(a, *(str *)kind_slot(rec, f));
	}
	return true;
}

static bool remember(struct acting *a, str as, str ref)
{
	if (a->done->count == ACTS_MAX)
		return FAIL(&a->call->err, ERR_LIMIT, "more than %d acts at once", ACTS_MAX);
	a->done->made[a->done->count++] = (struct act_made){as, ref};
	return true;
}

static bool act_add(struct acting *a, const struct json *act)
{
	const struct kind *k = part_kind(json_text(act, S("kind")));
	str uid = json_text(act, S("uid")), ref;
	struct rec *rec;

	if (!k || uid.n == 0)
		return err_issue(&a->call->err, S("kind"),
			"what is added is a zone, an element or a flow, and has a uid");
	if (!find_added(a->call, k, uid, &ref))
		return false;
	if (ref.n)
		return remember(a, json_text(act, S("as")), ref);
	rec = kind_new(a->call->arena, k);
	if (!read_fields(a, rec, act) ||
		!kind_set(a->call, rec, kind_field(k, S("external_id")), uid) ||
		!kind_put(a->call, rec, str_fmt(a->call->arena, "%.*s.create", STR_ARG(k->name))))
		return false;
	return remember(a, json_text(act, S("as")), rec->ref);
}

/* ---- set, retire, restore ---- */

static bool load(const struct acting *a, const struct json *act, struct rec **out)
{
	str ref = resolve(a, json_text(act, S("ref")));

	if (!kind_get_any(a->call, ref, out))
		return false;
	return part_kind((*out)->kind->name) ||
		FAIL(&a->call->err, ERR_MISSING, "%.*s is not part of a diagram", STR_ARG(ref));
}

/* A part that the same array added has the revision the array does not know. */
static bool is_current(const struct acting *a, const struct json *act, const struct rec *rec)
{
	const struct json *rev = json_member(act, S("rev"));
	int64_t known;

	for (isize i = 0; i < a->done->count; i++)
		if (str_eq(a->done->made[i].ref, rec->ref))
			return true;
	return rev && json_int(rev, &known) && known == rec->rev;
}

static bool refuse(const struct acting *a, const struct rec *rec)
{
	return FAIL(&a->call->err, ERR_CONFLICT, "%.*s was changed meanwhile: revision %" PRId64,
		STR_ARG(rec->ref), rec->rev);
}

static bool act_set(struct acting *a, const struct json *act)
{
	struct change *change;
	struct rec *rec, *wanted;

	if (!load(a, act, &rec))
		return false;
	wanted = kind_copy(a->call->arena, rec->kind, rec);
	if (!read_fields(a, wanted, act))
		return false;
	if (kind_diff(a->call->arena, rec, wanted, &change) == 0)
		return true;
	if (!is_current(a, act, rec))
		return refuse(a, rec);
	return kind_put(a->call, wanted,
		str_fmt(a->call->arena, "%.*s.update", STR_ARG(rec->kind->name)));
}

/* What still points at a part, so that it cannot go: "" when nothing does. */
static bool find_user(struct call *c, str ref, str *user)
{
	struct rows r;

	db_query(c->db, &r,
		SQL("SELECT ref FROM flow WHERE until IS NULL AND state <> 'retired'"
		    " AND (f_from = $1 OR f_to = $1)"
		    " UNION ALL SELECT ref FROM element WHERE until IS NULL AND state <> 'retired'"
		    " AND f_zone = $1"
		    " UNION ALL SELECT ref FROM zone WHERE until IS NULL AND state <> 'retired'"
		    " AND f_parent = $1 ORDER BY 1 LIMIT 1"),
		V(ref));
	*user = rows_next(&r) ? str_dup(c->arena, rows_str(&r, 0)) : S("");
	return rows_done(&r);
}

static bool act_move(struct acting *a, const struct json *act, str state)
{
	struct rec *rec;
	str user;

	if (!load(a, act, &rec))
		return false;
	int to = kind_state(rec->kind, state);
	if (rec->state == to)
		return true;
	if (!is_current(a, act, rec))
		return refuse(a, rec);
	if (str_eq(state, S("retired"))) {
		if (!find_user(a->call, rec->ref, &user))
			return false;
		if (user.n)
			return FAIL(&a->call->err, ERR_CONFLICT, "%.*s is still used by %.*s",
				STR_ARG(rec->ref),
				STR_ARG(kind_seen(a->call, user)
						? user
						: S("a record that you may not see")));
	}
	return kind_move(a->call, rec, to);
}

/* ---- place ---- */

static struct view *new_view(struct call *c)
{
	struct view *v = kind_new(c->arena, &kinds[KIND_VIEW]);

	v->rec.title = S("Data flow diagram");
	v->type = VIEW_TYPE_DIAGRAM;
	return v;
}

static void drop_place(struct view *v, str part)
{
	isize kept = 0;

	for (isize i = 0; i < v->place.count; i++)
		if (!str_eq(v->place.item[i].part, part))
			v->place.item[kept++] = v->place.item[i];
	v->place.count = kept;
}

/* A zone has a size, an element has none of its own. */
static bool fits_part(const struct acting *a, const struct view_place *p)
{
	struct brief b;

	if (!kind_brief(a->call, p->part, &b))
		return a->call->err.code == ERR_NONE &&
			err_issue(&a->call->err, S("places"), "there is no %.*s", STR_ARG(p->part));
	return (b.kind->id == KIND_ZONE) == (p->w != INT_NONE) ||
		err_issue(&a->call->err, S("places"),
			"%.*s: a zone is placed with its size, "
			"and nothing else is",
			STR_ARG(p->part));
}

/* [reference, x, y], for a zone [reference, x, y, w, h]; nulls take the place away. */
static bool read_place(const struct acting *a, const struct json *at, struct view_place *out)
{
	int64_t *to[] = {&out->x, &out->y, &out->w, &out->h};
	const struct json *first = at->type == JSON_ARRAY ? at->first : NULL;
	int given = 0;

	*out = (struct view_place){.x = INT_NONE, .y = INT_NONE, .w = INT_NONE, .h = INT_NONE};
	if (!first || first->type != JSON_STRING)
		return err_issue(&a->call->err, S("places"), "a place begins with a reference");
	out->part = resolve(a, first->text);
	for (const struct json *n = first->next; n; n = n->next, given++)
		if (given == COUNT_OF(to) || (n->type != JSON_NULL && !json_int(n, to[given])))
			return err_issue(&a->call->err, S("places"),
				"x, y, w and h of a place are whole numbers");
	if ((given != 2 && given != 4) || (out->x == INT_NONE) != (out->y == INT_NONE) ||
		(out->w == INT_NONE) != (out->h == INT_NONE))
		return err_issue(&a->call->err, S("places"),
			"a place is [reference, x, y], of a zone [reference, x, y, w, h]");
	return out->x == INT_NONE || fits_part(a, out);
}

static void merge_places(
	struct arena *arena, const struct view_place *places, isize count, struct view *v)
{
	struct view_place *list = NEW(arena, struct view_place, v->place.count + count + 1);

	for (isize i = 0; i < v->place.count; i++)
		list[i] = v->place.item[i];
	v->place.item = list;
	for (isize i = 0; i < count; i++) {
		drop_place(v, places[i].part);
		if (places[i].x != INT_NONE)
			v->place.item[v->place.count++] = places[i];
	}
}

bool diagram_place(struct call *c, const struct view_place *places, isize count)
{
	const struct view *before;
	struct change *change;
	struct view *v;

	if (!diagram_view(c, &before))
		return false;
	v = before ? kind_copy(c->arena, &kinds[KIND_VIEW], before) : new_view(c);
	merge_places(c->arena, places, count, v);
	if (before ? kind_diff(c->arena, before, v, &change) == 0 : v->place.count == 0)
		return true;
	return kind_put(c, v, before ? S("view.update") : S("view.create"));
}

static bool act_place(struct acting *a, const struct json *act)
{
	const struct json *places = json_member(act, S("places"));
	struct call *c = a->call;
	isize given = 0;

	if (!places || places->type != JSON_ARRAY)
		return err_issue(&c->err, S("places"), "places are an array");
	json_each(at, places) given++;
	if (given > LIMIT_ROWS)
		return FAIL(&c->err, ERR_LIMIT, "more than %d places at once", LIMIT_ROWS);
	struct view_place *list = NEW(c->arena, struct view_place, given + 1);
	given = 0;
	json_each(at, places)
	{
		if (!read_place(a, at, &list[given++]))
			return false;
	}
	return diagram_place(c, list, given);
}

/* ---- all of them ---- */

static bool act_one(struct acting *a, const struct json *act)
{
	str word = act->type == JSON_OBJECT ? json_text(act, S("act")) : S("");

	if (str_eq(word, S("add")))
		return act_add(a, act);
	if (str_eq(word, S("set")))
		return act_set(a, act);
	if (str_eq(word, S("retire")))
		return act_move(a, act, S("retired"));
	if (str_eq(word, S("restore")))
		return act_move(a, act, S("active"));
	if (str_eq(word, S("place")))
		return act_place(a, act);
	return err_issue(&a->call->err, S("act"),
		"an act is add, set, retire, restore or place, not \"%.*s\"", STR_ARG(word));
}

bool model_act_json(struct call *c, const struct json *acts, struct acts_done *out)
{
	struct acting a = {c, out};
	isize count = 0;

	out->count = 0;
	if (!acts || acts->type != JSON_ARRAY)
		return err_issue(&c->err, S("acts"), "acts are an array");
	json_each(act, acts)
	{
		if (count++ == ACTS_MAX)
			return FAIL(&c->err, ERR_LIMIT, "more than %d acts at once", ACTS_MAX);
		if (!act_one(&a, act))
			return false;
	}
	return true;
}

bool model_act(struct call *c, str json, struct acts_done *out)
{
	const struct json *acts = json_parse(c->arena, &c->err, json);

	out->count = 0;
	return acts && model_act_json(c, acts, out);
}
