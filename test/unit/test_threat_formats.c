/* What goes out to another format and comes back is the same model. */
#include "base/json.h"

#include "test.h"
#include "threat/formats/formats.h"
#include "threat/picture/picture.h"

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
		for (isize k = 0; once && k < COUNT_OF(written); k++) {
			struct arena_mark mark = arena_here(t->arena);
			through(t, what, once, written[k]);
			arena_rewind(t->arena, mark);
		}
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
		"test/fuzz/corpus/otm/small.otm", "test/fuzz/corpus/otm/small.yaml",
		"test/fuzz/corpus/tmlib/small.json", "test/fuzz/corpus/cyclonedx/small.json",
		"test/fuzz/corpus/dragon/version1.json", "test/fuzz/corpus/composer/small.json",
		"test/fuzz/corpus/pytm/read.json", "test/fuzz/corpus/pytm/written.json",
		"test/fuzz/corpus/threagile/small.yaml", "test/fuzz/corpus/tm7/two-drawings.tm7"};

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
		"otm/iriusrisk-startleft--otm_file_example_yaml.otm",
		"threat-dragon-v1/owasp-threat-dragon--enter-the-dragon-4.json",
		"threat-composer/"
		"awslabs-threat-composer--ThreatModelingForBuilders-Exercise4.tc.json",
		"pytm/owasp-pytm--input.json",
		"pytm/owasp-pytm--tm.json",
		"threagile/threagile-threagile--stub.yaml",
		"tm7/iriusrisk-startleft--MTMT_nested_tz.tm7",
		"tm7/microsoft-tm-file-parser--sample2.tm7",
	};
	const char *root = getenv("WARD_SHARED");

	for (isize i = 0; i < COUNT_OF(paths); i++) {
		str bytes;
		if (!read_file(t, root ? root : "../shared",
			    str_fmt(t->arena, "conformance/threat/%s", paths[i]).p, &bytes)) {
			test_skip(t, "there is no %s", paths[i]);
			continue;
		}
		struct model *m = read_bytes(t, paths[i], bytes);
		if (m)
			round_trips(t, paths[i], m);
	}
}

/* ---- what each importer understands ---- */

static str value(const struct model *m, enum part_group g, const char *id, const char *key)
{
	int32_t at = model_find(m, g, str_of(id));

	return at == PART_NONE ? S("(no such part)") : part_value(&m->of[g].list[at], str_of(key));
}

static struct model *read_own(struct test_case *t, const char *path)
{
	str bytes = S("");

	if (!read_file(t, "test/fuzz/corpus", path, &bytes)) {
		test_fail(t, __FILE__, __LINE__, "cannot read %s", path);
		return NULL;
	}
	return read_bytes(t, path, bytes);
}

TEST(threagile_is_read_with_anchors_merge_keys_and_links, "")
{
	struct model *m = read_own(t, "threagile/small.yaml");

	if (!m)
		return;
	CHECK_STR(m->name, S("Pumpe f\xc3\xbcr Station 3"));
	CHECK_INT(m->format, MODEL_THREAGILE);
	/* From the merge keys; what a mapping says itself is stronger. */
	CHECK_STR(value(m, PART_ELEMENT, "db", "at-rest"), S("none"));
	CHECK_STR(value(m, PART_ELEMENT, "db", "out-of-scope"), S("yes"));
	CHECK_STR(value(m, PART_ELEMENT, "pump", "at-rest"), S("disk"));
	CHECK_STR(value(m, PART_ELEMENT, "pump", "technology"), S("iot-device"));
	CHECK_STR(value(m, PART_ELEMENT, "nurse", "actor-type"), S("person"));
	CHECK_STR(value(m, PART_ZONE, "rack", "in"), S("ward"));
	CHECK_STR(value(m, PART_FLOW, "pump>ask-server", "protocol"), S("sql"));
	CHECK_STR(value(m, PART_FLOW, "pump>ask-server", "encryption"), S("vpn"));
	CHECK_STR(value(m, PART_FLOW, "pump>ask-server", "authentication"), S("password"));
	CHECK_STR(value(m, PART_THREAT, "unencrypted-asset@db", "at"), S("db"));
	CHECK_STR(value(m, PART_THREAT, "unencrypted-asset@db", "status"), S("accepted"));
	CHECK_STR(value(m, PART_THREAT, "T1", "at"), S("pump"));
	CHECK_INT(m->of[PART_ASSET].list[0].level[0], 2);
	const struct model_loss *l = m->losses;
	while (l && l->is_kept)
		l = l->next;
	CHECK(l && str_eq(l->what, S("there is no such data asset")) && l->at.line == 21);
}

/* Reads `files`, the first of which is the model's own, as an entrance does it. */
static struct model *read_together(
	struct test_case *t, struct err *e, const char *const (*files)[2], int count)
{
	struct model_files *beside = NEW(t->arena, struct model_files, 1);
	struct model *m = NULL;

	beside->own = str_of(files[0][0]);
	if (!model_files_named(t->arena, e, PART_NONE, str_of(files[0][1]), beside))
		return NULL;
	for (int32_t i = 0; i < beside->count; i++) {
		for (int k = 0; k < count; k++)
			if (str_eq(beside->file[i].path, str_of(files[k][0])))
				beside->file[i].bytes = str_of(files[k][1]);
		if (!model_files_named(t->arena, e, i, beside->file[i].bytes, beside))
			return NULL;
	}
	return model_read_with(t->arena, e, str_of(files[0][0]), str_of(files[0][1]), beside, &m)
		? m
		: NULL;
}

TEST(threagile_models_of_several_files_are_put_together, "")
{
	static const char *const files[][2] = {
		{"m.yaml",
			"threagile_version: 1.0.0\ntitle: Pump\n"
			"includes: [./parts/web.yaml, zones.yaml]\n"
			"technical_assets:\n  Web: {id: web, type: process, out_of_scope: false,\n"
			"    technologies: [tool], communication_links: null}\n"},
		{"parts/web.yaml",
			"title: pump\nincludes: [../zones.yaml, ../m.yaml, more/db.yaml]\n"
			"technical_assets:\n  Web:\n    out_of_scope: true\n"
			"    technologies: [tool, web-server]\n    communication_links:\n"
			"      Store: {target: db, protocol: https}\n"
			"      Lost: {target: gone}\n"},
		{"parts/more/db.yaml",
			"technical_assets:\n  DB: {id: db, type: datastore, odd: 1}\n"},
		{"zones.yaml",
			"trust_boundaries:\n  Z: {id: z, technical_assets_inside: [web, db]}\n"
			"custom_risk_categories:\n  - {id: c, title: C, stride: tampering,\n"
			"      risks_identified: {R: {severity: low, "
			"most_relevant_technical_asset: web}}}\n"},
	};
	struct err e = {.arena = t->arena};
	struct model *m = read_together(t, &e, files, COUNT_OF(files));

	CHECK_STR(err_text(&e), S(""));
	if (!m)
		return;
	CHECK_STR(m->name, S("Pump"));
	CHECK_INT(m->of[PART_ELEMENT].count, 2);
	CHECK_STR(value(m, PART_ELEMENT, "web", "out-of-scope"), S("yes"));
	CHECK_STR(value(m, PART_ELEMENT, "db", "in"), S("z"));
	CHECK_STR(value(m, PART_FLOW, "web>store", "to"), S("db"));
	CHECK_STR(value(m, PART_THREAT, "T1", "stride"), S("tampering"));
	CHECK_STR(value(m, PART_THREAT, "T1", "at"), S("web"));
	/* Each word of the list once. */
	isize words = 0;
	for (const struct prop *q = m->of[PART_ELEMENT].list[0].props; q; q = q->next)
		words += str_eq(q->key, S("technology"));
	CHECK_INT(words, 2);
	/* What is said of a file beside the model names it, from where the model does. */
	const struct model_loss *l = m->losses;
	while (l && l->is_kept)
		l = l->next;
	CHECK(l && l->at.line == 3 && l->at.column == 12);
	CHECK(l && str_starts(l->what, S("parts/web.yaml:9:22: there is no such technical asset")));
	CHECK_INT(m->of[PART_ELEMENT].list[1].at.line, 3);
}

TEST(files_of_a_threagile_model_that_do_not_fit_are_refused, "")
{
	static const struct {
		const char *main, *beside, *reason;
	} cases[] = {
		{"includes: [/etc/passwd]\n", "", "this is not a path of a file in the folder"},
		{"includes: [a/../../b.yaml]\n", "", "this is not a path"},
		{"includes: [3]\n", "", "this is not a path"},
		{"includes: ['b\\c']\n", "", "this is not a path"},
		{"includes: [b.yaml]\ntitle: A\n", "title: B\n",
			"b.yaml:1:8: another file of this model says otherwise"},
		{"includes: [b.yaml]\nquestions: {a: b}\n", "questions: [a]\n",
			"b.yaml:1:12: another file of this model has something else here"},
		{"includes: [b.yaml]\n", "title: [\n", "b.yaml:2:1: "},
		{"includes: [b.yaml]\n", "", "b.yaml:1:1: there is nothing"},
		{"includes: [b.yaml]\n", "- a\n", "b.yaml:1:1: a model is an object"},
		{"includes: [b.yaml]\n", "technical_assets: {A: {communication_links: [a]}}\n",
			"b.yaml:1:45: this is a mapping"},
		{"includes: [b.yaml]\n", "includes: [../c.yaml]\n",
			"b.yaml:1:12: this is not a path"},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		const char *const files[][2] = {
			{"m.yaml", cases[i].main}, {"b.yaml", cases[i].beside}};
		struct err e = {.arena = t->arena};
		CHECK(!read_together(t, &e, files, 2));
		CHECK(e.code == ERR_SYNTAX && e.line == 1 && e.column == 12);
		if (!str_starts(err_text(&e), str_of(cases[i].reason)))
			test_fail(t, __FILE__, __LINE__, "%d: %s", i, e.text);
	}
}

TEST(pytm_is_read_in_both_forms, "")
{
	struct model *m = read_own(t, "pytm/written.json"), *in = read_own(t, "pytm/read.json");

	if (!m || !in)
		return;
	CHECK_INT(m->of[PART_ELEMENT].count, 2);
	CHECK_STR(value(m, PART_ELEMENT, "DB", "at-rest"), S("disk"));
	CHECK_STR(value(m, PART_ELEMENT, "User", "out-of-scope"), S("yes"));
	CHECK_STR(value(m, PART_ASSET, "Key", "c"), S("very-high"));
	CHECK_STR(value(m, PART_FLOW, "f", "encryption"), S("yes"));
	CHECK_STR(value(m, PART_THREAT, "T1", "ref"), S("INP03"));
	CHECK_INT(m->of[PART_THREAT].list[2].target_group, PART_FLOW);
	/* Names of flows repeat; the second one gets a number. */
	CHECK_STR(value(in, PART_FLOW, "Ask~2", "port"), S("5432"));
	CHECK_STR(value(in, PART_ZONE, "Inside", "in"), S("Net"));
}

TEST(threat_composer_gives_threats_with_countermeasures_and_assets, "")
{
	struct model *m = read_own(t, "composer/small.json");

	if (!m)
		return;
	CHECK_INT(m->of[PART_ELEMENT].count, 0);
	CHECK_INT(m->of[PART_ASSET].count, 2);
	CHECK_INT(m->of[PART_ASSUMPTION].count, 1);
	CHECK_STR(value(m, PART_THREAT, "t", "stride"), S("tampering"));
	CHECK_STR(value(m, PART_THREAT, "t", "severity"), S("High"));
	CHECK_STR(value(m, PART_THREAT, "t~2", "status"), S("mitigated"));
	CHECK_INT(m->of[PART_THREAT].list[0].target_group, PART_ASSET);
}

TEST(threat_dragon_1_has_its_names_in_the_drawing, "")
{
	struct model *m = read_own(t, "dragon/version1.json");

	if (!m)
		return;
	CHECK_INT(m->format, MODEL_DRAGON_1);
	CHECK_STR(m->of[PART_ELEMENT].list[0].name, S("Web server"));
	CHECK_STR(m->of[PART_FLOW].list[0].name, S("Ask"));
	CHECK_STR(value(m, PART_FLOW, "f", "from"), S("a"));
	CHECK(m->of[PART_ZONE].list[0].is_line);
	CHECK_STR(value(m, PART_THREAT, "T1", "status"), S("open"));
}

/* What another tool changed wins; what it removed stays removed; the rest comes back. */
TEST(a_visit_to_another_tool_keeps_what_it_changed, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = read_bytes(t, "m.ward",
		S("system Pump\nzone z exposure=2\ndevice pump \"Pump\" in=z secure-boot=yes\n"
		  "store log in=z append-only=yes\ninterface usb of=pump connector=usb\n"));
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	if (!m || !model_write(t->arena, &e, m, MODEL_OTM, &b)) {
		CHECK(false);
		return;
	}
	str text = buf_str(&b), rest = text,
	    head = str_cut_at(&rest, S("\"Pump\",\n\t\t\t\"type\""));
	CHECK(rest.n > 0);
	str changed = str_fmt(
		t->arena, "%.*s\"Pump 2\",\n\t\t\t\"type\"%.*s", STR_ARG(head), STR_ARG(rest));
	/* The store goes as a whole. */
	isize from = str_find(changed, S("\"id\": \"log\""));
	isize open = from, close = from;
	while (open > 0 && changed.p[open] != '{')
		open--;
	while (changed.p[close] != '\n' || changed.p[close + 3] != '}')
		close++;
	while (open > 0 && changed.p[open] != ',')
		open--;
	changed = str_join(
		t->arena, str_part(changed, 0, open), str_part(changed, close + 4, changed.n));
	struct model *again = read_bytes(t, "m.otm", changed);
	if (!again)
		return;
	CHECK_INT(again->of[PART_ELEMENT].count, 1);
	CHECK_STR(again->of[PART_ELEMENT].list[0].name, S("Pump 2"));
	CHECK_INT(again->of[PART_ELEMENT].list[0].kind, PART_IS_DEVICE);
	CHECK_STR(value(again, PART_ELEMENT, "pump", "secure-boot"), S("yes"));
	CHECK_INT(again->of[PART_INTERFACE].count, 1);
}

/* ---- what is refused ---- */

static str repeated(struct test_case *t, const char *what, int n)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	for (int i = 0; i < n; i++)
		buf_add(&b, str_of(what));
	return buf_str(&b);
}

static str laughs(struct test_case *t)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	buf_add(&b, S("threagile_version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"));
	for (int i = 1; i < 12; i++)
		buf_fmt(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
			i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	return buf_str(&b);
}

TEST(hostile_files_are_refused_with_a_place_and_a_reason, "")
{
	const struct {
		const char *name;
		str bytes;
		const char *reason;
	} cases[] = {
		{"bomb.yaml", laughs(t), "aliases multiply"},
		{"deep.yaml", repeated(t, "[", 100000), "nested too deeply"},
		{"deep.json", repeated(t, "{\"a\":", 100000), "nested too deeply"},
		{"self.yaml", S("threagile_version: 1\na: &a [*a]\n"), "inside of it"},
		{"twice.yaml", S("otmVersion: 1\na: 1\na: 2\n"), "stands twice"},
		{"two.yaml", S("--- {}\n--- {}\n"), "one document"},
		{"bytes.yaml", S("title: \xff\n"), "not UTF-8"},
		{"tab.yaml", S("a:\n\t- b\n"), "token"},
		{"merge.yaml", S("technical_assets:\n  <<: 3\n"), "<< takes a mapping"},
		{"none.yaml", S("a: b\n"), "not one that Ward reads"},
		{"empty.yaml", S("# nothing\n"), "nothing in this file"},
		{"include.yaml", S("threagile_version: 1\nincludes: [a.yaml]\n"),
			"includes other files, which are not at hand"},
		{"cycle.yaml",
			S("technical_assets:\ntrust_boundaries: {A: {id: a, "
			  "trust_boundaries_nested: [b]}, "
			  "B: {id: b, trust_boundaries_nested: [a]}}\n"),
			"lies inside itself"},
		{"ids.yaml", S("technical_assets: {A: {id: x}, B: {id: x}}\n"), "taken already"},
		{"list.yaml", S("technical_assets: [a]\n"), "a mapping of titles"},
		{"cycle.otm",
			S("{\"otmVersion\":\"0.2.0\",\"project\":{},\"trustZones\":[{\"id\":\"a\","
			  "\"parent\":"
			  "{\"trustZone\":\"b\"}},{\"id\":\"b\",\"parent\":{\"trustZone\":\"a\"}}]"
			  "}"),
			"lies inside itself"},
		{"ids.json", S("{\"elements\":[{\"name\":\"a\"},{\"name\":\"a\"}],\"flows\":[]}"),
			"taken already"},
		{"nameless.json", S("{\"elements\":[{\"inBoundary\":\"a\"}],\"flows\":[]}"),
			"no name"},
		{"utf16.json", S("\xff\xfe{\0}\0"), "not UTF-8"},
		{"utf16.tm7", (str){"<\0T\0/\0>\0", 8}, "zero byte"},
		{"blank.json", S("\xef\xbb\xbf \n"), "nothing in this file"},
		{"old.cdx.json", S("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"}"),
			"before 2.0"},
		{"parts.otm",
			S("{\"otmVersion\":\"0.2.0\",\"project\":{},\"components\":[{\"id\":\"a\","
			  "\"parent\":{\"component\":\"b\"}},{\"id\":\"b\","
			  "\"parent\":{\"component\":\"a\"}}]}"),
			"the element a lies inside itself"},
		{"parts.ward", S("process a part-of=b\nprocess b part-of=a\n"),
			"the element a lies inside itself"},
		{"kept.ward", S("process p\nsystem S y-otm=1\n"), "nothing but x-FORMAT"},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		CHECK(!model_read(t->arena, &e, str_of(cases[i].name), cases[i].bytes, &m));
		CHECK(!m && e.code == ERR_SYNTAX && e.line > 0 && e.column > 0);
		if (str_find(err_text(&e), str_of(cases[i].reason)) < 0)
			test_fail(t, __FILE__, __LINE__, "%s: %s", cases[i].name, e.text);
	}
}

TEST(places_in_yaml_are_those_of_the_bytes, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	CHECK(!model_read(t->arena, &e, S("p.yaml"),
		S("threagile_version: 1\r\ntitle: \xc3\xa4\xc3\xb6\r\n\xc3\xbc: {a: 1, a: 2}\r\n"),
		&m));
	CHECK_INT(e.line, 3);
	CHECK_INT(e.column, 16);
}

TEST(a_byte_order_mark_is_no_text, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = read_bytes(t, "b.yaml",
		S("\xef\xbb\xbfotmVersion: 0.2.0\nproject: {name: P}\ntrustZones: []\n"));

	CHECK(m && str_eq(m->name, S("P")));
	CHECK(!model_read(t->arena, &e, S("b.yaml"),
		S("\xef\xbb\xbfotmVersion: 0.2.0\nproject: {a: 1, a: 2}\n"), &m));
	CHECK_INT(e.line, 2);
	CHECK_INT(e.column, 21);
}

/* The file's bytes as a tree hold what those of `what` hold. */
static void goes_back(
	struct test_case *t, const char *name, enum model_format format, str bytes, str what)
{
	struct err e = {.arena = t->arena};
	struct model *m = read_bytes(t, name, bytes);
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	CHECK(m && model_write(t->arena, &e, m, format, &b));
	CHECK(json_holds(t, buf_str(&b), what));
	if (m)
		round_trips(t, name, m);
}

/* A list of threats with something else in it, as hand-made files have. */
TEST(what_is_no_threat_among_threats_is_kept, "")
{
	str otm = S("{\"otmVersion\":\"0.2.0\",\"project\":{\"name\":\"P\",\"id\":\"p\"},"
		    "\"components\":[{\"id\":\"a\",\"threats\":[null,\"x\",{\"threat\":\"t\"},"
		    "[{}]]}],\"threats\":[{\"id\":\"t\",\"name\":\"T\"}]}");
	str dragon = S("{\"summary\":{\"title\":\"P\"},\"detail\":{\"diagrams\":[{\"cells\":["
		       "{\"id\":\"a\",\"shape\":\"process\",\"data\":{\"threats\":["
		       "[{}],7,{\"id\":\"t\",\"title\":\"T\"}]}}]}]}}");

	goes_back(t, "t.otm", MODEL_OTM, otm, otm);
	goes_back(t, "t.json", MODEL_DRAGON, dragon, dragon);
}

/* A boundary that its author left without a name does not get its id for one. */
TEST(what_has_no_name_in_threat_dragon_gets_none, "")
{
	str bytes = S("{\"summary\":{\"title\":\"P\"},\"detail\":{\"diagrams\":[{\"cells\":["
		      "{\"id\":\"z\",\"shape\":\"trust-boundary-box\","
		      "\"position\":{\"x\":1,\"y\":2},\"size\":{\"width\":3,\"height\":4},"
		      "\"data\":{\"type\":\"tm.BoundaryBox\",\"name\":\"\"}}]}]}}");

	goes_back(t, "n.json", MODEL_DRAGON, bytes, bytes);
}

TEST(threat_dragon_1_is_told_by_its_number, "")
{
	struct model *m = read_bytes(t, "n.json",
		S("{\"version\":\"1.6.1\",\"summary\":{\"title\":\"P\"},"
		  "\"detail\":{\"contributors\":[],\"diagrams\":[]}}"));

	CHECK(m && m->format == MODEL_DRAGON_1);
}

/* ---- drawings ---- */

#define CELL(id, x, y)                                                                             \
	"{\"id\":\"" id "\",\"shape\":\"process\",\"data\":{\"type\":\"tm.Process\"},"             \
	"\"position\":{\"x\":" #x ",\"y\":" #y "},\"size\":{\"width\":100,\"height\":100}}"
#define DRAWN(first, second)                                                                       \
	"{\"summary\":{\"title\":\"P\"},\"detail\":{\"diagrams\":[{\"cells\":[" first              \
	"]},{\"cells\":[" second "]}]}}"

static const struct part *element(const struct model *m, const char *id)
{
	int32_t at = m ? model_find(m, PART_ELEMENT, str_of(id)) : PART_NONE;
	static const struct part none = {0};

	return at == PART_NONE ? &none : &m->of[PART_ELEMENT].list[at];
}

TEST(a_drawing_of_threat_dragon_looks_as_its_author_drew_it, "")
{
	struct model *m = read_bytes(t, "d.json",
		S(DRAWN(CELL("a", 50, 60) "," CELL("b", 350, 60) "," CELL("c", 50, 260),
			CELL("d", -500, -900))));

	/* Wide enough apart as it is; the second drawing stands below the first. */
	CHECK_INT(element(m, "a")->x, 0);
	CHECK_INT(element(m, "b")->x, 300);
	CHECK_INT(element(m, "b")->y, element(m, "a")->y);
	CHECK_INT(element(m, "c")->y, 200);
	CHECK(element(m, "d")->is_placed && element(m, "d")->x == 0);
	CHECK(element(m, "d")->y > element(m, "c")->y + 62);
}

TEST(a_drawing_is_stretched_as_far_as_our_boxes_need, "")
{
	struct model *m =
		read_bytes(t, "d.json", S(DRAWN(CELL("a", 0, 0) "," CELL("b", 150, 0), "")));

	/* 150 would leave no room beside a box of 176: half as much again, and it does. */
	CHECK(element(m, "a")->is_placed);
	CHECK_INT(element(m, "b")->x - element(m, "a")->x, 225);
	CHECK_INT(element(m, "b")->y, element(m, "a")->y);
}

TEST(a_drawing_that_cannot_be_clear_is_drawn_by_our_own_layout, "")
{
	static const char *const drawn[] = {
		/* On top of each other. */
		DRAWN(CELL("a", 0, 0) "," CELL("b", 10, 10), ""),
		/* One of two has no place. */
		DRAWN(CELL("a", 0, 0),
			"{\"id\":\"b\",\"shape\":\"process\",\"data\":{\"type\":\"tm.Process\"}}"),
		/* Farther out than a picture reaches. */
		DRAWN(CELL("a", 0, 0) "," CELL("b", 900000, 0), ""),
		DRAWN(CELL("a", 0, 0) "," CELL("b", 9e99, 99999999999999999999), ""),
		/* A zone around two, and a third between them that is only half in it. */
		DRAWN("{\"id\":\"z\",\"shape\":\"trust-boundary-box\",\"position\":{\"x\":0,\"y\":"
		      "0},"
		      "\"size\":{\"width\":900,\"height\":120},\"data\":{\"type\":"
		      "\"tm.BoundaryBox\"}}," CELL("a", 0, 0) "," CELL("b", 800, 0) "," CELL(
			      "c", 400, 50),
			""),
	};

	for (int i = 0; i < COUNT_OF(drawn); i++) {
		struct model *m = read_bytes(t, "d.json", str_of(drawn[i]));
		CHECK(m && m->of[PART_ELEMENT].count >= 2);
		for (isize k = 0; m && k < m->of[PART_ELEMENT].count; k++)
			CHECK(!m->of[PART_ELEMENT].list[k].is_placed);
	}
}

/* Places in OTM count from the part around. */
TEST(a_drawing_of_otm_counts_from_the_part_around, "")
{
	static const char text[] =
		"otmVersion: 0.2.0\nproject: {name: P, id: p}\n"
		"representations: [{id: code, type: code}, {id: d, type: diagram}]\n"
		"trustZones:\n"
		"  - {id: z, name: Z, risk: {trustRating: 1}, representations: ["
		"{representation: d, position: {x: 1000, y: 500}, size: {width: 9, height: 9}}]}\n"
		"components:\n"
		"  - {id: a, name: A, type: t, parent: {trustZone: z}, representations: ["
		"{representation: code}, "
		"{representation: d, position: {x: 10, y: 20}, size: {width: 80, height: 80}}]}\n"
		"  - {id: b, name: B, type: t, parent: {component: a}, representations: ["
		"{representation: d, position: {x: 400, y: 20}, size: {width: 80, height: 80}}]}\n"
		"  - {id: c, name: C, type: t, representations: ["
		"{representation: d, position: {x: 10, y: 20}, size: {width: 80, height: 80}}]}\n";
	struct model *m = read_bytes(t, "d.otm", str_of(text));

	CHECK_INT(element(m, "a")->x - element(m, "c")->x, 1000);
	CHECK_INT(element(m, "a")->y - element(m, "c")->y, 500);
	CHECK_INT(element(m, "b")->x - element(m, "a")->x, 400);
	CHECK_INT(element(m, "b")->y - element(m, "a")->y, 20);
	/* The zone is smaller than anything that could be drawn, and stands around its parts. */
	CHECK(m && !m->of[PART_ZONE].list[0].is_placed);
}

/* A zone is where it was drawn, as large as it was; where two that are apart in the model lie on
   each other in the drawing, they are drawn around what is in them. */
TEST(zones_are_where_they_were_drawn, "")
{
#define ZONE(id, x)                                                                                \
	"{\"id\":\"" id "\",\"shape\":\"trust-boundary-box\",\"position\":{\"x\":" #x              \
	",\"y\":100},"                                                                             \
	"\"size\":{\"width\":400,\"height\":300},\"data\":{\"type\":\"tm.BoundaryBox\"}},"
	struct model *m = read_bytes(t, "d.json",
		S(DRAWN(ZONE("y", 0) ZONE("z", 500) CELL("a", 150, 200) "," CELL("b", 650, 200),
			"")));
	struct model *lie = read_bytes(t, "d.json",
		S(DRAWN(ZONE("y", 0) ZONE("z", 350) CELL("a", 100, 200) "," CELL("b", 550, 200),
			"")));
	const struct part *z = m ? &m->of[PART_ZONE].list[1] : NULL;

	CHECK(z && z->is_placed && z->x == 500 && z->y == 0 && z->w == 400 && z->h == 300);
	CHECK_INT(element(m, "a")->x, 150 + 50 - 88);
	CHECK(lie && !lie->of[PART_ZONE].list[0].is_placed);
	CHECK(element(lie, "a")->is_placed);
}

TEST(what_is_only_read_is_not_written, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = read_own(t, "pytm/read.json");
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	CHECK(m && !model_write(t->arena, &e, m, MODEL_PYTM, &b));
	CHECK_INT(e.code, ERR_INVALID);
}

TEST_MAIN()
