/* Files of the Microsoft Threat Modeling Tool: what is read, and what templates say of it. */
#include "base/json.h"

#include "test.h"
#include "threat/formats/formats.h"
#include "threat/microsoft/template.h"
#include "threat/model/model.h"
#include "threat/report/finding.h"

#define DRAWINGS "test/fuzz/corpus/tm7/two-drawings.tm7"
#define TEMPLATE "test/fuzz/corpus/tb7/small.tb7"

static bool read_bytes(struct test_case *t, str path, str *out)
{
	struct err e = {.arena = t->arena};

	return file_read(t->arena, path, LIMIT_MODEL_BYTES, out, &e);
}

static struct model *read_model(struct test_case *t, str path)
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	str bytes;

	if (!read_bytes(t, path, &bytes) || !model_read(t->arena, &e, path, bytes, &m))
		test_fail(t, __FILE__, __LINE__, "%.*s:%d:%d: %s", STR_ARG(path), (int)e.line,
			(int)e.column, e.text);
	return m;
}

static const struct part *find(
	struct test_case *t, const struct model *m, enum part_group g, const char *id)
{
	int32_t at = m ? model_find(m, g, str_of(id)) : PART_NONE;

	if (at == PART_NONE)
		test_fail(t, __FILE__, __LINE__, "there is no %s", id);
	return at == PART_NONE ? NEW(t->arena, struct part, 1) : &m->of[g].list[at];
}

static str value(struct test_case *t, const struct model *m, enum part_group g, const char *id,
	const char *key)
{
	return part_value(find(t, m, g, id), str_of(key));
}

/* ---- the model ---- */

TEST(drawings_become_elements_zones_and_flows, "")
{
	struct model *m = read_model(t, S(DRAWINGS));

	if (!m)
		return;
	CHECK_STR(m->name, S("Pump station"));
	CHECK_STR(model_format_word(m->format), S("tm7"));
	CHECK_INT(m->of[PART_ELEMENT].count, 5);
	CHECK_INT(m->of[PART_FLOW].count, 5);
	CHECK_INT(m->of[PART_ZONE].count, 3);
	CHECK_INT(m->of[PART_ASSUMPTION].count, 2);
	CHECK_INT(find(t, m, PART_ELEMENT, "n-pump")->kind, PART_IS_DEVICE);
	CHECK_INT(find(t, m, PART_ELEMENT, "n-app")->kind, PART_IS_PROCESS);
	CHECK_INT(find(t, m, PART_ELEMENT, "n-user")->kind, PART_IS_ACTOR);
	CHECK_INT(find(t, m, PART_ELEMENT, "n-db")->kind, PART_IS_STORE);
	CHECK_STR(find(t, m, PART_ELEMENT, "n-app")->name, S("Station  & server"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-pump", "in"), S("z-room"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-app", "in"), S("z-hospital"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-user", "in"), S(""));
	CHECK_STR(value(t, m, PART_ZONE, "z-room", "in"), S("z-hospital"));
	CHECK(find(t, m, PART_ZONE, "w-net")->is_line);
	CHECK_STR(value(t, m, PART_FLOW, "f-in", "from"), S("n-user"));
	CHECK_STR(value(t, m, PART_FLOW, "f-air", "to"), S("?"));
}

TEST(what_people_set_becomes_properties, "")
{
	struct model *m = read_model(t, S(DRAWINGS));

	if (!m)
		return;
	CHECK_STR(value(t, m, PART_FLOW, "f-in", "protocol"), S("https"));
	CHECK_STR(value(t, m, PART_FLOW, "f-in", "encryption"), S("yes"));
	CHECK_STR(value(t, m, PART_FLOW, "f-in", "medium"), S("wifi"));
	/* The first choice is what the tool writes unasked. */
	CHECK_STR(value(t, m, PART_FLOW, "f-cmd", "medium"), S(""));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-app", "validates-input"), S("yes"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-app", "technology"), S("Managed Application"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-db", "at-rest"), S("disk"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-user", "out-of-scope"), S("yes"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-user", "note"), S("works for the hospital"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-user", "actor-type"), S("person"));
	CHECK_STR(value(t, m, PART_ELEMENT, "n-app", "out-of-scope"), S(""));
}

TEST(drawings_are_put_below_each_other, "")
{
	struct model *m = read_model(t, S(DRAWINGS));
	const struct part *user = find(t, m, PART_ELEMENT, "n-user");
	const struct part *db = find(t, m, PART_ELEMENT, "n-db");

	CHECK(user->is_placed && db->is_placed);
	CHECK_INT(user->x, 724);
	CHECK_INT(user->y, 59);
	CHECK_INT(db->x, 0);
	CHECK_INT(db->y, 546);
}

TEST(recorded_threats_keep_state_and_words, "")
{
	struct model *m = read_model(t, S(DRAWINGS));

	if (!m)
		return;
	CHECK_INT(m->of[PART_THREAT].count, 6);
	CHECK_STR(value(t, m, PART_THREAT, "7", "status"), S("mitigated"));
	CHECK_STR(value(t, m, PART_THREAT, "7", "mitigation"),
		S("The reverse proxy asks for a certificate."));
	CHECK_STR(value(t, m, PART_THREAT, "7", "severity"), S("High"));
	CHECK_STR(value(t, m, PART_THREAT, "7", "ref"), S("TH1"));
	CHECK_STR(value(t, m, PART_THREAT, "7", "at"), S("f-in"));
	CHECK_STR(value(t, m, PART_THREAT, "8", "status"), S("not-applicable"));
	CHECK_STR(value(t, m, PART_THREAT, "8", "note"), S("A cable of our own."));
	CHECK_STR(value(t, m, PART_THREAT, "10", "status"), S("open"));
	/* The flow is gone; what people said of its threat is not. */
	CHECK_STR(value(t, m, PART_THREAT, "9", "status"), S("needs-investigation"));
	CHECK_STR(value(t, m, PART_THREAT, "9", "stale"), S("yes"));
	CHECK_STR(value(t, m, PART_THREAT, "9", "at"), S(""));
	CHECK_STR(value(t, m, PART_THREAT, "7", "stale"), S(""));
	/* The flow is there, but the type is about pumps; what a person added stays as it is. */
	CHECK_STR(value(t, m, PART_THREAT, "11", "stale"), S("yes"));
	CHECK_STR(value(t, m, PART_THREAT, "11", "at"), S("f-in"));
	CHECK_STR(value(t, m, PART_THREAT, "11", "mitigation"), S("Was a pump once."));
	CHECK_STR(value(t, m, PART_THREAT, "12", "stale"), S(""));
}

TEST(a_template_that_cannot_be_read_is_told_and_the_model_read, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	str bytes, rest;

	if (!read_bytes(t, S(DRAWINGS), &bytes))
		return;
	rest = bytes;
	str head = str_cut_at(&rest, S("source is 'GE.EI'"));
	bytes = str_fmt(t->arena, "%.*ssource so 'GE.EI'%.*s", STR_ARG(head), STR_ARG(rest));
	CHECK(model_read(t->arena, &e, S("m.tm7"), bytes, &m));
	CHECK(m &&
		str_starts(m->last_loss->what,
			S("which threats are stale is not known: threat "
			  "type TH1, Include, column 8: is was")));
}

TEST(what_has_no_word_is_kept_and_listed, "")
{
	struct model *m = read_model(t, S(DRAWINGS));
	struct err e = {.arena = t->arena};
	isize kept = 0;

	if (!m)
		return;
	const struct part *app = find(t, m, PART_ELEMENT, "n-app");
	CHECK(app->kept && str_eq(app->kept->key, S("x-tm7")));
	const struct json *j = json_parse(t->arena, &e, app->kept->value);
	CHECK_STR(json_text(j, S("TypeId")), S("P.App"));
	CHECK_STR(json_text(j, S("Left")), S("220"));
	CHECK(!json_member(j, S("Guid")));
	CHECK(json_parse(t->arena, &e, m->whole.kept->value) != NULL);
	CHECK(str_find(m->whole.kept->value, S("a note")) > 0);
	CHECK(str_find(m->whole.kept->value, S("Product security")) > 0);
	for (const struct model_loss *l = m->losses; l; l = l->next) {
		CHECK(l->at.line > 1 && l->at.column > 0);
		kept += l->is_kept;
	}
	CHECK_INT(m->loss_count, 9);
	CHECK_INT(kept, 6);
}

/* ---- templates ---- */

static struct template *read_template(struct test_case *t, str bytes)
{
	struct err e = {.arena = t->arena};
	struct template *out = NULL;

	if (!template_read(t->arena, &e, bytes, &out))
		test_fail(t, __FILE__, __LINE__, "%d:%d: %s", (int)e.line, (int)e.column, e.text);
	return out;
}

/* "TYPE/flow TYPE/flow" */
static str evaluate(
	struct test_case *t, const struct model *m, const struct template *template, bool all)
{
	struct err e = {.arena = t->arena};
	struct findings *found;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_PROSE);
	if (!template || !template_evaluate(t->arena, &e, m, template, all, &found)) {
		test_fail(t, __FILE__, __LINE__, "%s", e.text);
		return S("");
	}
	for (isize i = 0; i < found->count; i++) {
		buf_add(&b, i ? S(" ") : S(""));
		buf_add(&b, finding_id(t->arena, &found->list[i]));
	}
	return buf_str(&b);
}

TEST(both_spellings_of_a_template_say_the_same, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = read_model(t, S(DRAWINGS));
	struct template *own = NULL, *other = NULL;
	struct findings *found = NULL;
	str bytes;

	if (!m || !read_bytes(t, S(TEMPLATE), &bytes))
		return;
	CHECK(template_own(t->arena, &e, m, &own));
	other = read_template(t, bytes);
	CHECK(own && other);
	CHECK_INT(template_type_count(own), 14);
	CHECK_INT(template_type_count(other), 14);
	CHECK_INT(template_threat_count(own), 4);
	CHECK_STR(evaluate(t, m, own, true), S("TH1/f-in TH2/f-in TH2/f-cmd TH3/f-cmd"));
	CHECK_STR(evaluate(t, m, other, true), S("TH1/f-in TH2/f-in TH2/f-cmd TH3/f-cmd"));
	CHECK_STR(evaluate(t, m, own, false), S("TH1/f-in TH2/f-in TH3/f-cmd"));
	CHECK(template_evaluate(t->arena, &e, m, own, false, &found));
	CHECK_INT(found->tally[THREAT_IS_OPEN], 2);
	CHECK_INT(found->tally[THREAT_IS_MITIGATED], 1);
	CHECK_INT(found->tally[THREAT_IS_NOT_APPLICABLE], 1);
	CHECK_STR(finding_title(t->arena, found, &found->list[0]), S("Spoofing the Nurse"));
	CHECK_STR(finding_by(t->arena, &found->list[0]), S("recorded in the model as mitigated"));
	CHECK_STR(finding_title(t->arena, found, &found->list[1]), S("Sniffing of Sign in"));
	CHECK_STR(rule_why(found->list[1].rule), S("{name} to {to} may be read (sic)."));
	CHECK_INT(found->list[2].stride, THREAT_SAFETY);
}

/* The small template with other filters for its first threat type and no other one. */
static str with_filters(struct test_case *t, const char *include, const char *exclude)
{
	str rest;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	if (!read_bytes(t, S(TEMPLATE), &rest))
		return S("");
	buf_add(&b, str_cut_at(&rest, S("<ThreatTypes>")));
	buf_fmt(&b,
		"<ThreatTypes><ThreatType><GenerationFilters><Include>%s</Include><Exclude>%s"
		"</Exclude></GenerationFilters><Id>X</Id></ThreatType></ThreatTypes></"
		"KnowledgeBase>",
		include, exclude);
	return buf_str(&b);
}

TEST(filters_mean_what_the_tool_means, "")
{
	static const struct {
		const char *include, *exclude, *fires;
	} cases[] = {
		{"", "", ""},
		{" \n ", "", ""},
		/* Types, and those that they inherit from. */
		{"flow is 'GE.DF'", "", "X/f-in X/f-cmd X/f-round X/f-db"},
		{"flow is 'SE.DF.TMCore.HTTPS'", "", "X/f-in"},
		{"source is 'P.App'", "", "X/f-cmd X/f-round"},
		{"source is 'P.Managed'", "", "X/f-cmd X/f-round"},
		{"source is 'GE.P'", "", "X/f-cmd X/f-round X/f-db"},
		{"source is 'ROOT'", "", ""},
		{"not source is 'ROOT'", "", "X/f-in X/f-cmd X/f-round X/f-db"},
		{"source is 'ge.p'", "", ""},
		/* A type that the template does not have is still what the drawing says it is. */
		{"source is 'P.Unknown'", "", "X/f-db"},
		{"source is 'P.Nobody'", "", ""},
		/* Binding, case and layout. */
		{"source is 'GE.EI' or source is 'GE.P' and target is 'GE.DS'", "",
			"X/f-in X/f-db"},
		{"(source is 'GE.EI' or source is 'GE.P') and target is 'GE.DS'", "", "X/f-db"},
		{"NOT source IS 'GE.P' AND Target is 'GE.P'", "", "X/f-in"},
		{"not(not(source is'GE.EI'))or\n\ttarget is'GE.DS'", "", "X/f-in X/f-db"},
		/* Exclude takes away. */
		{"flow is 'GE.DF'", "target is 'GE.P'", "X/f-cmd X/f-db"},
		{"flow is 'GE.DF'", "flow is 'GE.DF'", ""},
		/* Boundaries, where they are drawn. */
		{"flow crosses 'GE.TB.L'", "", "X/f-in X/f-round"},
		{"flow crosses 'TB.Net'", "", "X/f-in X/f-round"},
		{"flow crosses 'GE.TB.B'", "", "X/f-in X/f-cmd X/f-round"},
		{"flow crosses 'TB.Hospital'", "", "X/f-in X/f-round"},
		/* A fixed value of the type wins over the drawing … */
		{"source.codeType is 'Managed'", "", "X/f-cmd X/f-round"},
		{"source.codeType is 'Unmanaged'", "", ""},
		{"flow.PROVIDESCONFIDENTIALITY is 'Yes'", "", "X/f-in"},
		/* … and the drawing over the first value declared, which else stands. */
		{"source.runningAs is 'System'", "", "X/f-cmd X/f-round"},
		{"source.isolation is 'None'", "", "X/f-cmd X/f-round"},
		{"flow.channel is 'Not Selected'", "", "X/f-cmd X/f-round X/f-db"},
		{"flow.channel is 'Wi-Fi'", "", "X/f-in"},
		{"flow.channel is 'wi-fi'", "", ""},
		{"target.Encrypted is 'Yes'", "", "X/f-db"},
		{"target.nothing is ''", "", ""},
	};
	struct model *m = read_model(t, S(DRAWINGS));

	for (isize i = 0; m && i < COUNT_OF(cases); i++) {
		str got = evaluate(t, m,
			read_template(t, with_filters(t, cases[i].include, cases[i].exclude)),
			true);
		if (!str_eq(got, str_of(cases[i].fires)))
			test_fail(
				t, __FILE__, __LINE__, "%s: %.*s", cases[i].include, STR_ARG(got));
	}
}

TEST(a_wrong_filter_is_named_with_its_column, "")
{
	static const struct {
		const char *filter;
		const char *says;
	} cases[] = {
		{"source", "Include, column 7: is was expected"},
		{"  flow was 'x'", "column 8: is or crosses was expected"},
		{"somebody is 'x'", "column 1: source, target or flow was expected"},
		{"source is x", "column 11: a text in single quotes was expected"},
		{"source is 'x", "column 11: this quote is never closed"},
		{"source crosses 'x'", "column 8: is was expected"},
		{"(source is 'x'", "column 15: a bracket is not closed"},
		{"source is 'x')", "column 14: and, or or the end was expected"},
		{"source is 'x' and", "column 18: a condition is missing"},
		{"source is 'x' target is 'y'", "column 15: and, or or the end was expected"},
		{"source. is 'x'", "column 1: the name of an attribute is missing"},
		{"()", "column 2: source, target or flow was expected"},
		{"'x' is source", "column 1: source, target or flow was expected"},
		{"not", "column 4: a condition is missing"},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct template *out = NULL;
		str says = str_fmt(t->arena, "threat type X, %s%s",
			str_find(str_of(cases[i].says), S("Include")) < 0 ? "Include, " : "",
			cases[i].says);
		CHECK(!template_read(t->arena, &e, with_filters(t, cases[i].filter, ""), &out));
		CHECK(!out && e.code == ERR_SYNTAX && e.line > 1 && e.column > 1);
		CHECK_STR(err_text(&e), says);
	}
}

static str repeated(struct test_case *t, const char *text, int n, const char *end)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_OUTPUT_BYTES);
	for (int i = 0; i < n; i++)
		buf_add(&b, str_of(text));
	buf_add(&b, str_of(end));
	return buf_str(&b);
}

TEST(filters_and_types_have_bounds, "")
{
	const struct {
		str bytes;
		const char *reason;
	} cases[] = {
		{with_filters(t, cstr(t->arena, repeated(t, "(", 33, "")), ""),
			"nested too deeply"},
		{with_filters(t, cstr(t->arena, repeated(t, "not ", 33, "flow is 'x'")), ""),
			"nested too deeply"},
		{with_filters(
			 t, cstr(t->arena, repeated(t, "flow is 'x' or ", 300, "flow is 'x'")), ""),
			"longer than is read"},
		{S("<KnowledgeBase><GenericElements><ElementType><ID>a</ID><ParentElement>b"
		   "</ParentElement></ElementType><ElementType><ID>b</ID><ParentElement>a"
		   "</ParentElement></ElementType></GenericElements></KnowledgeBase>"),
			"itself among them"},
		{S("<KnowledgeBase><GenericElements><ElementType><ID>a</ID></ElementType>"
		   "<ElementType><ID>a</ID></ElementType></GenericElements></KnowledgeBase>"),
			"two element types have the id a"},
		{S("<KnowledgeBase><GenericElements><ElementType/><ElementType/></GenericElements>"
		   "</KnowledgeBase>"),
			"has no id"},
		{S("<KnowledgeBase/>"), "no template"},
		{S("<ThreatModel><a/></ThreatModel>"), "no template"},
		{S("<KnowledgeBase><Manifest/></KnowledgeBase>"), "no element types"},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct template *out = NULL;
		CHECK(!template_read(t->arena, &e, cases[i].bytes, &out));
		CHECK(!out && e.code == ERR_SYNTAX && e.line > 0 && e.column > 0);
		if (str_find(err_text(&e), str_of(cases[i].reason)) < 0)
			test_fail(t, __FILE__, __LINE__, "%s: %s", cases[i].reason, e.text);
	}
}

TEST(templates_are_of_this_tool_alone, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	struct template *own = NULL;

	CHECK(model_read(t->arena, &e, S("m.ward"), S("process p\n"), &m));
	CHECK(!template_own(t->arena, &e, m, &own));
	CHECK_INT(e.code, ERR_INVALID);
}

/* ---- what the tool itself recorded ---- */

static bool shared(struct test_case *t, const char *name, str *path, str *bytes)
{
	const char *root = getenv("WARD_SHARED");

	*path = str_fmt(t->arena, "%s/conformance/threat/%s", root ? root : "../shared", name);
	if (read_bytes(t, *path, bytes))
		return true;
	test_skip(t, "there is no %s", name);
	return false;
}

TEST(the_generated_set_is_the_recorded_one, "")
{
	static const char *const names[] = {
		"tm7/iriusrisk-startleft--MTMT_nested_tz", "tm7/microsoft-tm-file-parser--sample2"};

	for (isize i = 0; i < COUNT_OF(names); i++) {
		struct err e = {.arena = t->arena};
		struct template *own = NULL;
		str path, bytes;
		if (!shared(t, str_fmt(t->arena, "%s.expected.json", names[i]).p, &path, &bytes))
			continue;
		const struct json *want = json_parse(t->arena, &e, bytes);
		if (!shared(t, str_fmt(t->arena, "%s.tm7", names[i]).p, &path, &bytes))
			continue;
		struct model *m = read_model(t, path);
		CHECK(m && template_own(t->arena, &e, m, &own));
		str got = m && own ? evaluate(t, m, own, true) : S("");
		isize found = 0;
		for (str rest = got; rest.n;) {
			str id = str_cut(&rest, ' ');
			bool is_there = false;
			json_each(row, want)
			{
				str key = str_fmt(t->arena, "%.*s/%.*s",
					STR_ARG(json_text(row, S("rule"))),
					STR_ARG(json_text(row, S("flow"))));
				is_there |= str_eq(key, id);
			}
			CHECK(is_there);
			found++;
		}
		CHECK_INT(found, want ? want->count : -1);
		CHECK_INT(m ? m->of[PART_THREAT].count : -1, found);
		for (isize k = 0; m && k < m->of[PART_THREAT].count; k++)
			CHECK_STR(part_value(&m->of[PART_THREAT].list[k], S("stale")), S(""));
	}
}

TEST(the_template_for_medical_devices_is_read, "")
{
	str path, bytes;

	if (!shared(t, "tb7/MedicalDeviceTemplate.tb7", &path, &bytes))
		return;
	struct template *medical = read_template(t, bytes);
	if (!medical)
		return;
	CHECK_INT(template_type_count(medical), 8 + 79);
	CHECK_INT(template_threat_count(medical), 125);
}

TEST(real_files_without_a_drawing_and_with_a_bomb, "")
{
	str path, bytes;

	if (shared(t, "tm7/microsoft-tm-file-parser--NoDiagram.tm7", &path, &bytes)) {
		struct model *m = read_model(t, path);
		CHECK(m && m->of[PART_ELEMENT].count == 0);
	}
	if (shared(t, "tm7/microsoft-tm-file-parser--BillionLaughs.tm7", &path, &bytes)) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		CHECK(!model_read(t->arena, &e, path, bytes, &m));
		CHECK_INT(e.line, 1);
		CHECK(str_find(err_text(&e), S("DOCTYPE")) > 0);
	}
}

/* ---- hostile files ---- */

TEST(bad_files_are_refused_with_a_place_and_a_reason, "")
{
#define MODEL(inside)                                                                              \
	"<ThreatModel><DrawingSurfaceList><DrawingSurfaceModel><Borders>" inside                   \
	"</Borders></DrawingSurfaceModel></DrawingSurfaceList></ThreatModel>"
#define SHAPE(inside)                                                                              \
	"<KeyValueOfguidanyType><Value type=\"StencilEllipse\">" inside "</Value></"               \
	"KeyValueOfguidanyType>"
	const struct {
		str bytes;
		const char *reason;
		int line, column;
	} cases[] = {
		{S("<!DOCTYPE a [<!ENTITY b \"c\">]><ThreatModel>&b;</ThreatModel>"), "DOCTYPE", 1,
			13},
		{S("<ThreatModel>&b;</ThreatModel>"), "undefined entity", 1, 14},
		{repeated(t, "<a>", 100000, ""), "nested too deeply", 1, 91},
		{S("<ThreatModel>\n<Notes/></ThreatModel>"), "DrawingSurfaceList is missing", 1, 1},
		{S("<ThreatModel>\n <a></b></ThreatModel>"), "mismatched tag", 2, 7},
		{S("<ThreatModel>\n<DrawingSurfaceList>"), "no element found", 2, 21},
		{S("<ThreatModel>\n<a>\xff</a></ThreatModel>"), "not UTF-8", 2, 4},
		{S("<?xml version='1.0' encoding='iso-8859-1'?><ThreatModel>\xe4</ThreatModel>"),
			"not UTF-8", 1, 57},
		{S("<Other/>"), "not a model of the Threat Modeling Tool", 1, 1},
		{S("<KnowledgeBase/>"), "a template, not a model", 1, 1},
		{S("PK\x03\x04\x14"), "ZIP archive", 1, 1},
		{S(MODEL(SHAPE("<Left>1</Left>"))), "no Guid", 1, 87},
		{S(MODEL(SHAPE("<Guid>a</Guid>") SHAPE("<Guid>a</Guid>"))), "taken already", 1,
			185},
	};

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		struct err e = {.arena = t->arena};
		struct model *m = NULL;
		CHECK(!model_read(t->arena, &e, S("bad.tm7"), cases[i].bytes, &m));
		CHECK(!m && e.code == ERR_SYNTAX);
		if (str_find(err_text(&e), str_of(cases[i].reason)) < 0 ||
			e.line != cases[i].line || e.column != cases[i].column)
			test_fail(t, __FILE__, __LINE__, "%s: %d:%d: %s", cases[i].reason,
				(int)e.line, (int)e.column, e.text);
	}
}

TEST(elements_of_too_many_names_or_attributes_are_refused, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;
	struct buf b;

	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	buf_add(&b, S("<ThreatModel>"));
	for (int i = 0; i < 300; i++)
		buf_fmt(&b, "<a%d/>", i);
	buf_add(&b, S("</ThreatModel>"));
	CHECK(!model_read(t->arena, &e, S("wide.tm7"), buf_str(&b), &m));
	CHECK(str_find(err_text(&e), S("more different parts")) >= 0);
	buf_init(&b, t->arena, LIMIT_RECORD_BYTES);
	buf_add(&b, S("<ThreatModel"));
	for (int i = 0; i < 40; i++)
		buf_fmt(&b, " a%d='1'", i);
	buf_add(&b, S("/>"));
	err_clear(&e);
	CHECK(!model_read(t->arena, &e, S("wide.tm7"), buf_str(&b), &m));
	CHECK(str_find(err_text(&e), S("more or longer attributes")) >= 0);
}

TEST(a_byte_order_mark_changes_nothing, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	CHECK(model_read(t->arena, &e, S("b.tm7"),
		S("\xef\xbb\xbf<?xml version='1.0' encoding='utf-16'?>\n<ThreatModel>"
		  "<DrawingSurfaceList/></ThreatModel>"),
		&m));
}

TEST(a_flow_to_nothing_is_listed_with_its_place, "")
{
	struct err e = {.arena = t->arena};
	struct model *m = NULL;

	CHECK(model_read(t->arena, &e, S("d.tm7"),
		S("<ThreatModel><DrawingSurfaceList><DrawingSurfaceModel><Lines>\n"
		  "<KeyValueOfguidanyType><Value type='Connector'><Guid>f</Guid>\n<SourceGuid>gone"
		  "</SourceGuid></Value></KeyValueOfguidanyType></Lines></DrawingSurfaceModel>"
		  "</DrawingSurfaceList></ThreatModel>"),
		&m));
	if (!m)
		return;
	CHECK_STR(value(t, m, PART_FLOW, "f", "from"), S("?"));
	CHECK(m->losses && m->losses->is_missing && m->losses->at.line == 3);
}

TEST_MAIN()
