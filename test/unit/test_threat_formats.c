/* What goes out to another format and comes back is the same model. */
#include "base/json.h"

#include "test.h"
#include "threat/threat.h"

/* ---- comparing ---- */

static isize count_of(const struct prop *q, const struct prop *like)
{
	isize n = 0;

	for (; q; q = q->next)
		n += str_eq(q->key, like->key) && str_eq(q->value, like->value);
	return n;
}

/* Whether everything that `a` says stands in `b`, which may say more. */
static bool holds(const struct json *b, const struct json *a)
{
	if (!b || a->type != b->type)
		return false;
	if (a->type != JSON_OBJECT && a->type != JSON_ARRAY)
		return str_eq(a->text, b->text);
	json_each(item, a)
	{
		bool found = a->type == JSON_OBJECT && holds(json_member(b, item->key), item);
		if (a->type == JSON_ARRAY)
			json_each(other, b)
			{
				found |= holds(other, item);
			}
		if (!found)
			return false;
	}
	return true;
}

static bool json_holds(struct test_case *t, str b, str a)
{
	struct err e = {.arena = t->arena};

	return holds(json_parse(t->arena, &e, b), json_parse(t->arena, &e, a));
}

/* Which values of `a` are missing in `b`; "?" says no more than nothing. */
static void compare_props(
	struct test_case *t, const char *what, const struct part *a, const struct part *b)
{
	for (const struct prop *q = a->props; q; q = q->next)
		if (!str_eq(q->value, S("?")) && count_of(a->props, q) != count_of(b->props, q))
			test_fail(t, __FILE__, __LINE__, "%s: %.*s: %.*s=%.*s is not in both", what,
				STR_ARG(a->id), STR_ARG(q->key), STR_ARG(q->value));
}

static void compare_kept(
	struct test_case *t, const char *what, const struct part *a, const struct part *b)
{
	for (const struct prop *q = a->kept; q; q = q->next) {
		bool found = false;
		for (const struct prop *o = b->kept; o && !found; o = o->next)
			found = str_eq(o->key, q->key) && json_holds(t, o->value, q->value);
		if (!found)
			test_fail(t, __FILE__, __LINE__, "%s: %.*s: %.*s=%.*s is not kept", what,
				STR_ARG(a->id), STR_ARG(q->key), STR_ARG(q->value));
	}
}

/* Everything of `a` is in `b` and, but for what is kept, the other way round. */
static void compare(
	struct test_case *t, const char *what, const struct model *a, const struct model *b)
{
	CHECK_STR(b->name, a->name);
	compare_kept(t, what, &a->whole, &b->whole);
	for (int g = 0; g < PART_GROUPS; g++) {
		if (a->of[g].count != b->of[g].count)
			test_fail(t, __FILE__, __LINE__, "%s: %td of group %d became %td", what,
				a->of[g].count, g, b->of[g].count);
		for (isize i = 0; i < a->of[g].count; i++) {
			const struct part *p = &a->of[g].list[i];
			int32_t at = model_find(b, (enum part_group)g, p->id);
			if (at == PART_NONE) {
				test_fail(t, __FILE__, __LINE__, "%s: %.*s is gone", what,
					STR_ARG(p->id));
				continue;
			}
			const struct part *q = &b->of[g].list[at];
			CHECK_INT(q->kind, p->kind);
			CHECK_STR(part_title(q), part_title(p));
			compare_props(t, what, p, q);
			compare_props(t, what, q, p);
			compare_kept(t, what, p, q);
		}
	}
}

/* ---- round trips ---- */

static struct model *through(
	struct test_case *t, const char *what, const struct model *m, enum model_format format)
{
	struct err e = {.arena = t->arena};
	struct model *again = NULL;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	if (!model_write(t->arena, &e, m, format, &b) ||
		!model_read_as(t->arena, &e, format, S("again"), buf_str(&b), &again)) {
		test_fail(t, __FILE__, __LINE__, "%s: %d: %s", what, (int)format, e.text);
		return NULL;
	}
	compare(t, what, m, again);
	return again;
}

static const enum model_format written[] = {
	MODEL_TEXT, MODEL_DRAGON, MODEL_OTM, MODEL_TM_LIBRARY, MODEL_CYCLONEDX};

/* Through every format, alone and by way of the text. */
static void round_trips(struct test_case *t, const char *what, const struct model *m)
{
	struct model *text = through(t, what, m, MODEL_TEXT);

	for (isize i = 0; text && i < COUNT_OF(written); i++) {
		struct model *once = through(t, what, text, written[i]);
		for (isize k = 0; once && k < COUNT_OF(written); k++)
			through(t, what, once, written[k]);
	}
}

static struct model *read_bytes(struct test_case *t, const char *name, str bytes)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	if (!model_read(t->arena, &e, str_of(name), bytes, &m))
		test_fail(t, __FILE__, __LINE__, "%s:%d:%d: %s", name, (int)e.line, (int)e.column,
			e.text);
	return m;
}

static bool read_file(struct test_case *t, const char *root, const char *path, str *out)
{
	struct err e = {.arena = t->arena};

	return file_read(
		t->arena, str_fmt(t->arena, "%s/%s", root, path), LIMIT_MODEL_BYTES, out, &e);
}

TEST(our_own_models_go_out_and_come_back, "")
{
	static const char *const paths[] = {"self/model.ward", "examples/surgerycloud/model.ward",
		"test/fuzz/corpus/model_text/all.ward", "test/fuzz/corpus/dragon/small.json",
		"test/fuzz/corpus/otm/small.otm"};

	for (isize i = 0; i < COUNT_OF(paths); i++) {
		str bytes = S("");
		struct model *m =
			read_file(t, ".", paths[i], &bytes) ? read_bytes(t, paths[i], bytes) : NULL;
		CHECK(m);
		if (m)
			round_trips(t, paths[i], m);
	}
}

TEST(files_of_others_go_out_and_come_back, "")
{
	static const char *const paths[] = {
		"threat-dragon-v2/owasp-threat-dragon--three-tier-web-app.json",
		"threat-dragon-v2/owasp-threat-dragon--test-reports.json",
		"threat-dragon-v2/uptane-threatmodel--ota-basic.json",
		"threat-dragon-v2/owasp-threat-dragon--v2-new-model.json",
		"otm/iriusrisk-startleft--nested_tz.otm",
		"otm/iriusrisk-startleft--expected_visio_nested_tzs_inside_component.otm",
		"otm/iriusrisk-startleft--MTMT_example_coordinates.otm",
		"otm/iriusrisk-startleft--visio-orphan-dataflows.otm",
		"tm-library/"
		"owasp-www-project-threat-model-library--cryptocurrency-wallet-threat-model.json",
		"cyclonedx-2.0/cyclonedx-specification--valid-threatmodel-simple-2.0.json",
		"cyclonedx-2.0/cyclonedx-specification--valid-vex-mitigating-control-2.0.json",
	};
	const char *root = getenv("WARD_SHARED");

	for (isize i = 0; i < COUNT_OF(paths); i++) {
		str bytes;
		if (!read_file(t, root ? root : "../shared",
			    str_fmt(t->arena, "conformance/threat/%s", paths[i]).p, &bytes)) {
			printf("# skipped: no %s\n", paths[i]);
			continue;
		}
		struct model *m = read_bytes(t, paths[i], bytes);
		if (m)
			round_trips(t, paths[i], m);
	}
}

TEST_MAIN()
