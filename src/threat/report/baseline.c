/* The findings of an earlier state, by id. */
#include "base/json.h"

#include "threat/report/report.h"
#include "threat/rules/compiled.h"

static bool no_room(struct err *e)
{
	return FAIL(e, ERR_LIMIT, "the baseline needs more memory than this program gives it");
}

/* Merges the runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge_runs(const struct baseline_finding *in, struct baseline_finding *out, isize from,
	isize middle, isize to)
{
	isize left = from, right = middle;

	for (isize i = from; i < to; i++) {
		bool take_left =
			left < middle && (right >= to || str_cmp(in[left].id, in[right].id) <= 0);
		out[i] = take_left ? in[left++] : in[right++];
	}
}

/* By id; of several with one id the first stays. */
static bool sort(struct arena *a, struct err *e, struct baseline *base)
{
	isize n = base->count;
	struct baseline_finding *in = base->list,
				*out = arena_bulk(a, (n + 1) * (isize)sizeof *out);

	if (!out)
		return no_room(e);
	for (isize run = 1; run < n; run *= 2) {
		for (isize from = 0; from < n; from += 2 * run) {
			isize middle = from + run < n ? from + run : n;
			merge_runs(in, out, from, middle, middle + run < n ? middle + run : n);
		}
		struct baseline_finding *swap = in;
		in = out;
		out = swap;
	}
	base->list = in;
	base->count = 0;
	for (isize i = 0; i < n; i++)
		if (i == 0 || !str_eq(in[i].id, in[base->count - 1].id))
			in[base->count++] = in[i];
	return true;
}

static struct baseline *baseline_new(struct arena *a, struct err *e, str file, isize count)
{
	struct baseline *base = NEW(a, struct baseline, 1);

	base->file = file;
	base->list = arena_bulk(a, (count + 1) * (isize)sizeof *base->list);
	if (base->list)
		return base;
	no_room(e);
	return NULL;
}

bool baseline_of(struct arena *a, struct err *e, const struct findings *f, struct baseline **out)
{
	struct baseline *base = baseline_new(a, e, f->model->file, f->count);

	if (!base)
		return false;
	for (isize i = 0; i < f->count; i++) {
		const struct threat_finding *one = &f->list[i];
		if (one->outcome == THREAT_IS_NOT_APPLICABLE)
			continue;
		if (arena_room(a) < 4 * LIMIT_PROSE + 2 * one->part->id.n)
			return no_room(e);
		base->list[base->count++] = (struct baseline_finding){.id = finding_id(a, one),
			.rule = one->rule->name,
			.target = one->part->id,
			.title = finding_title(a, f, one),
			.outcome = one->outcome,
			.stride = one->stride,
			.rev = one->rule->rev};
	}
	if (!sort(a, e, base))
		return false;
	*out = base;
	return true;
}

/* ---- what was printed as JSON ---- */

static bool bad(struct err *e, str bytes, const struct json *at, const char *what)
{
	int64_t line, column;

	json_place(bytes, at->from, &line, &column);
	return err_at(e, line, column, "%s", what);
}

/* The string member `key`, which must be there and hold something. */
static bool take(struct err *e, str bytes, const struct json *threat, const char *key, str *out)
{
	const struct json *j = json_member(threat, str_of(key));

	if (!j || j->type != JSON_STRING || j->text.n == 0) {
		int64_t line, column;
		json_place(bytes, threat->from, &line, &column);
		return err_at(e, line, column, "a threat of this report has no %s", key);
	}
	*out = j->text;
	return true;
}

static bool take_threat(
	struct err *e, str bytes, const struct json *j, struct baseline_finding *out)
{
	const struct json *rev = json_member(j, S("rev"));
	str stride = S(""), outcome = S("");
	int64_t n = 0;

	if (!take(e, bytes, j, "id", &out->id) || !take(e, bytes, j, "rule", &out->rule) ||
		!take(e, bytes, j, "target", &out->target) ||
		!take(e, bytes, j, "title", &out->title) || !take(e, bytes, j, "stride", &stride) ||
		!take(e, bytes, j, "outcome", &outcome))
		return false;
	if (!stride_parse(stride, &out->stride))
		return bad(e, bytes, json_member(j, S("stride")), "this is not a category");
	if (!outcome_parse(outcome, &out->outcome))
		return bad(e, bytes, json_member(j, S("outcome")), "this is not an outcome");
	if (rev && (!json_int(rev, &n) || n < 0 || n > INT32_MAX))
		return bad(e, bytes, rev, "this is not the revision of a rule");
	out->rev = (int32_t)n;
	return true;
}

static bool baseline_parse(struct arena *a, struct err *e, str file, str bytes,
	const struct json *threats, struct baseline **out)
{
	struct baseline *base = baseline_new(a, e, file, threats->count);

	if (!base)
		return false;
	json_each(j, threats)
	{
		struct baseline_finding *one = &base->list[base->count];
		*one = (struct baseline_finding){.rev = 0};
		if (!take_threat(e, bytes, j, one))
			return false;
		base->count += one->outcome != THREAT_IS_NOT_APPLICABLE;
	}
	if (!sort(a, e, base))
		return false;
	*out = base;
	return true;
}

/* What report_print_json() prints, and no format of models has. */
static const struct json *threats_of(const struct json *root)
{
	const struct json *model = json_member(root, S("model")),
			  *elements = json_member(root, S("elements")),
			  *threats = json_member(root, S("threats"));
	bool is_ours = model && model->type == JSON_STRING && elements &&
		elements->type == JSON_NUMBER && threats && threats->type == JSON_ARRAY;

	return is_ours ? threats : NULL;
}

bool baseline_read(struct arena *a, struct err *e, const struct rules *rules, str file, str bytes,
	const struct model_files *beside, struct baseline **out)
{
	struct findings *found;
	struct model *m;

	if (bytes.n > LIMIT_MODEL_BYTES)
		return FAIL(e, ERR_LIMIT, "a baseline has at most %d bytes", LIMIT_MODEL_BYTES);
	if (str_starts(str_trim(bytes), S("{"))) {
		struct arena_mark mark = arena_here(a);
		const struct json *root = json_parse(a, e, bytes);
		if (!root)
			return false;
		if (threats_of(root))
			return baseline_parse(a, e, file, bytes, threats_of(root), out);
		arena_rewind(a, mark);
	}
	if (!rules)
		return err_at(e, 1, 1, "the baseline of a template is what --format json printed");
	if (!model_read_with(a, e, file, bytes, beside, &m))
		return false;
	if (!m->of[PART_ELEMENT].count && !m->of[PART_ZONE].count)
		return err_at(e, 1, 1, "there is no zone and no element in this file");
	return threat_evaluate(a, e, m, rules, false, &found) && baseline_of(a, e, found, out);
}
