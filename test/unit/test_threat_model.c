#include "test.h"
#include "threat/formats/formats.h"
#include "threat/picture/picture.h"

static struct model *read_text(struct test_case *t, str text)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	if (!model_read_as(t->arena, &e, MODEL_TEXT, S("m.ward"), text, &m))
		test_fail(t, __FILE__, __LINE__, "%d:%d %s", (int)e.line, (int)e.column, e.text);
	return m;
}

static str print(struct test_case *t, const struct model *m)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	model_print(&b, m);
	return buf_str(&b);
}

TEST(text_model_reads_what_it_prints, "")
{
	struct model *m = read_text(t,
		S("system SurgeryCloud # the cloud\n"
		  "zone net \"Internet\" exposure anyone\n"
		  "zone sc \"Ours\" exposure=1 in net\n"
		  "asset report \"Surgery \\\"report\\\"\" c high i very-high a=2 data health-data "
		  "at app, db\n"
		  "actor surgeon \"Surgeon\" in net; process app tech \"a, b\" in net\n"
		  "store db in=sc encrypted\n"
		  "interface db.sql of db port=5432\n"
		  "flow app -> db \"Store\" https tls1.3 carries report\n"
		  "flow app -> db \"Again\" carries=?\n"
		  "flow F9 surgeon <-> app\n"
		  "flow ? -> app\n"
		  "assumption A1 \"Nobody leaks\" fails=\"all is lost\"\n"
		  "threat T-12 \"Malicious file\" at=db stride=tampering -> C-1, C-2\n"));
	if (!m)
		return;
	const struct part *flows = m->of[PART_FLOW].list;
	CHECK_STR(m->name, S("SurgeryCloud"));
	CHECK_INT(m->of[PART_FLOW].count, 4);
	CHECK_STR(flows[0].id, S("app->db"));
	CHECK_STR(flows[1].id, S("app->db~2"));
	CHECK(flows[0].refs_known && flows[0].ref_count == 1);
	CHECK(!flows[1].refs_known);
	CHECK(flows[2].both_ways && flows[3].from == PART_NONE);
	CHECK_INT(m->of[PART_ASSET].list[0].level[1], 4);
	CHECK_INT(m->of[PART_ASSET].list[0].ref_count, 2);
	CHECK_INT(m->of[PART_ZONE].list[1].zone, 0);
	CHECK_INT(m->of[PART_ELEMENT].list[1].at.line, 5);
	CHECK_INT(m->of[PART_ELEMENT].list[1].at.column, 33);
	CHECK_INT(m->of[PART_THREAT].list[0].target_group, PART_ELEMENT);
	str once = print(t, m);
	struct model *again = read_text(t, once);
	if (again)
		CHECK_STR(print(t, again), once);
}

TEST(text_errors_name_line_and_column, "")
{
	static const struct {
		const char *text;
		int line, column;
	} cases[] = {
		{"zone a\nzone a\n", 2, 1},
		{"process p in nowhere\n", 1, 14},
		{"process p\nflow p -> q\n", 2, 11},
		{"zone a in b\nzone b in a\n", 1, 1},
		{"zone a in a\n", 1, 1},
		{"thing x\n", 1, 1},
		{"zone\n", 1, 5},
		{"zone a exposure 6\n", 1, 17},
		{"zone a \"open\n", 1, 8},
		{"asset x c=enormous\n", 1, 11},
		{"flow a b\n", 1, 9},
		{"process p in\n", 1, 13},
		{"process p key=a,\n", 1, 17},
		{"system A\nsystem B\n", 2, 1},
		{"zone a \"x\\q\"\n", 1, 10},
		{"process p\nasset x at=p, r\n", 2, 15},
		{"process \xff\n", 1, 9},
		{"interface i of=nobody\n", 1, 16},
		{"zone a\nzone b in a id a\n", 2, 13},
		{"process p id=q\n", 1, 11},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		CHECK(!model_read_as(t->arena, &e, MODEL_TEXT, S("m"), str_of(cases[i].text), &m));
		CHECK_INT(e.code, ERR_SYNTAX);
		if (e.line != cases[i].line || e.column != cases[i].column)
			test_fail(t, __FILE__, __LINE__, "case %d: %d:%d %s", i, (int)e.line,
				(int)e.column, e.text);
		CHECK(!m);
	}
}

/* However many flows lie between the same two, and however far apart they stand: none is refused,
   and each has the number of its place. */
TEST(flows_between_the_same_two_are_numbered_in_their_order, "")
{
	enum { PAIRS = 40, FLOWS = 4000 };
	uint64_t random = 7;
	int32_t nth[PAIRS][PAIRS] = {0};
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_MODEL_BYTES);
	for (int i = 0; i < PAIRS; i++)
		buf_fmt(&b, "process p%d\n", i);
	for (int i = 0; i < FLOWS; i++)
		buf_fmt(&b, "flow p%d -> p%d\n", (int)test_random(&random, PAIRS) % 3,
			(int)test_random(&random, PAIRS));
	CHECK(model_read_as(t->arena, &e, MODEL_TEXT, S("m"), buf_str(&b), &m));
	for (isize i = 0; m && i < m->of[PART_FLOW].count; i++) {
		const struct part *p = &m->of[PART_FLOW].list[i];
		int32_t n = ++nth[p->from][p->to];
		str id = str_fmt(t->arena, "p%d->p%d", p->from, p->to);
		CHECK_STR(p->id, n == 1 ? id : str_fmt(t->arena, "%.*s~%d", STR_ARG(id), n));
	}
	CHECK_INT(m ? m->of[PART_FLOW].count : 0, FLOWS);
}

/* Conformance files are read where the checkout lies beside them. */
static bool shared_file(struct test_case *t, const char *path, str *out)
{
	const char *root = getenv("WARD_SHARED");
	struct err e = {.arena = t->arena};

	if (file_read(t->arena,
		    str_fmt(t->arena, "%s/conformance/threat/%s", root ? root : "../shared", path),
		    LIMIT_MODEL_BYTES, out, &e))
		return true;
	return test_skip(t, "there is no %s", path);
}

TEST(foreign_models_come_over_whole, "")
{
	static const struct {
		const char *path;
		int elements, flows, zones, threats;
	} cases[] = {
		{"threat-dragon-v2/owasp-threat-dragon--three-tier-web-app.json", 3, 3, 2, 2},
		{"threat-dragon-v2/owasp-threat-dragon--test-reports.json", 24, 9, 4, 8},
		{"threat-dragon-v2/uptane-threatmodel--ota-basic.json", 6, 5, 3, 6},
		{"threat-dragon-v2/owasp-threat-dragon--v2-new-model.json", 0, 0, 0, 0},
		{"otm/iriusrisk-startleft--nested_tz.otm", 4, 2, 3, -1},
		{"otm/iriusrisk-startleft--expected_visio_nested_tzs_inside_component.otm", 2, 0, 2,
			-1},
		{"otm/iriusrisk-startleft--MTMT_example_coordinates.otm", 8, 14, 2, -1},
		{"otm/iriusrisk-startleft--visio-orphan-dataflows.otm", 6, 5, 1, -1},
		{"otm/iriusrisk-startleft--otm_file_example_yaml.otm", 22, 22, 2, 0},
		{"threat-dragon-v1/owasp-threat-dragon--enter-the-dragon-4.json", 3, 4, 2, 3},
		{"tm-library/"
		 "owasp-www-project-threat-model-library--cryptocurrency-wallet-threat-model.json",
			14, 11, 3, 3},
		{"cyclonedx-2.0/cyclonedx-specification--valid-threatmodel-simple-2.0.json", 0, 0,
			0, 1},
		{"threat-composer/"
		 "awslabs-threat-composer--ThreatModelingForBuilders-Exercise4.tc.json",
			0, 0, 0, 10},
		{"pytm/owasp-pytm--input.json", 3, 4, 2, 0},
		{"pytm/owasp-pytm--tm.json", 8, 11, 3, 138},
		{"threagile/threagile-threagile--stub.yaml", 2, 1, 1, 1},
	};

	for (int i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		str bytes;
		if (!shared_file(t, cases[i].path, &bytes))
			continue;
		CHECK(model_read(t->arena, &e, str_of(cases[i].path), bytes, &m));
		if (!m)
			continue;
		CHECK_INT(m->of[PART_ELEMENT].count, cases[i].elements);
		CHECK_INT(m->of[PART_FLOW].count, cases[i].flows);
		CHECK_INT(m->of[PART_ZONE].count, cases[i].zones);
		if (cases[i].threats >= 0)
			CHECK_INT(m->of[PART_THREAT].count, cases[i].threats);
		str once = print(t, m);
		struct model *again = read_text(t, once);
		if (again)
			CHECK_STR(print(t, again), once);
	}
}

TEST(foreign_files_that_are_none_are_refused_with_a_place, "")
{
	static const char *const paths[] = {
		"threat-dragon-v2/owasp-threat-dragon--v2-malformed-new-model.json",
		"otm/iriusrisk-startleft--otm_without_version.otm",
		"cyclonedx-2.0/"
		"cyclonedx-specification--invalid-threatmodel-missing-bomref-2.0.json",
		"tm-library/owasp-threat-dragon--tmbom-pytm-example.cdx.json",
		"threat-dragon-v1/owasp-threat-dragon--malformed-new-model.json",
		"drawio/iriusrisk-startleft--not_xml.drawio",
		"tm7/microsoft-tm-file-parser--BillionLaughs.tm7"};

	for (int i = 0; i < COUNT_OF(paths); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		str bytes;
		if (!shared_file(t, paths[i], &bytes))
			continue;
		CHECK(!model_read(t->arena, &e, str_of(paths[i]), bytes, &m));
		CHECK(e.code == ERR_SYNTAX && e.line > 0 && e.column > 0 && !m);
	}
}

TEST(dragon_takes_membership_from_geometry_and_keeps_hanging_flows, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	CHECK(model_read(t->arena, &e, S("d.json"),
		S("{\"summary\":{\"title\":\"T\"},\"detail\":{\"diagrams\":[{\"cells\":["
		  "{\"id\":\"out\",\"shape\":\"trust-boundary-box\",\"position\":{\"x\":0,\"y\":0},"
		  "\"size\":{\"width\":500,\"height\":500},\"data\":{\"type\":\"tm.BoundaryBox\","
		  "\"name\":\"O\"}},"
		  "{\"id\":\"in\",\"shape\":\"trust-boundary-box\",\"position\":{\"x\":10.5,\"y\":"
		  "10},"
		  "\"size\":{\"width\":200,\"height\":200},\"data\":{\"type\":\"tm.BoundaryBox\","
		  "\"name\":\"I\"}},"
		  "{\"id\":\"line\",\"shape\":\"trust-broundary-curve\"},\n"
		  "{\"id\":\"p\",\"shape\":\"process\",\"position\":{\"x\":20,\"y\":20},"
		  "\"size\":{\"width\":50,\"height\":50},\"data\":{\"type\":\"tm.Process\","
		  "\"name\":\"P\\nQ\"},"
		  "\"threats\":[{\"id\":\"x\",\"title\":\"Bad\",\"status\":\"Not Applicable\"}]},"
		  "{\"id\":\"f\",\"shape\":\"flow\",\"source\":{\"cell\":\"p\"},\"target\":{\"x\":"
		  "1,\"y\":2},"
		  "\"data\":{\"type\":\"tm.Flow\",\"name\":\"\",\"isEncrypted\":false,"
		  "\"isPublicNetwork\":true}}]}]}}"),
		&m));
	if (!m)
		return;
	const struct part *f = &m->of[PART_FLOW].list[0], *p = &m->of[PART_ELEMENT].list[0];
	CHECK_INT(m->of[PART_ZONE].list[1].zone, 0);
	CHECK_INT(m->of[PART_ZONE].list[0].zone, PART_NONE);
	CHECK(m->of[PART_ZONE].list[2].is_line);
	CHECK_INT(p->zone, 1);
	CHECK_STR(p->name, S("P Q"));
	CHECK(f->from == 0 && f->to == PART_NONE);
	CHECK_STR(part_value(f, S("medium")), S("internet"));
	/* An unchecked box is what the tool writes unasked; it is not a no. */
	CHECK_INT(part_value(f, S("encryption")).n, 0);
	CHECK_STR(part_value(&m->of[PART_THREAT].list[0], S("status")), S("not-applicable"));
	isize lost = 0;
	for (const struct model_loss *l = m->losses; l; l = l->next)
		lost += !l->is_kept;
	CHECK_INT(lost, 2);
	CHECK_INT(m->losses->at.line, 1);
	/* A name with a line break in it is kept as it was, too; so are places and sizes. */
	CHECK_STR(p->kept->key, S("x-threat-dragon"));
	CHECK(str_find(p->kept->value, S("\"name\":\"P\\nQ\"")) >= 0);
	CHECK(str_find(p->kept->value, S("\"position\":{\"x\":20,\"y\":20}")) >= 0);
}

TEST_MAIN()
