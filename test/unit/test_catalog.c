/* Catalogues: every file of catalogs/ loads, once, strictly; readiness follows the records. */
#include "catalog/catalog.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "store.h"

static const str catalogs[] = {S_INIT("21cfr11"), S_INIT("21cfr820-2025"),
	S_INIT("fda-deliverables"), S_INIT("fda-postmarket-2016"), S_INIT("fda-premarket-2025"),
	S_INIT("fda-security-controls"), S_INIT("fdca-524b"), S_INIT("gdpr-security"),
	S_INIT("hipaa-security-rule"), S_INIT("iec-81001-5-1"), S_INIT("iso-14971-2019"),
	S_INIT("iso-22342-2023"), S_INIT("iso-27001-2013-annex-a"),
	S_INIT("iso-27001-2022-annex-a"), S_INIT("iso-27001-2022-clauses"),
	S_INIT("iso-28000-2022"), S_INIT("jsp2"), S_INIT("mdr-annex-i-cyber"),
	S_INIT("medical-iam"), S_INIT("nist-800-218"), S_INIT("qmsr-iso-13485"),
	S_INIT("sbom-minimum-elements"), S_INIT("security-management-plan"),
	S_INIT("threat-modeling")};
static const str crosswalks[] = {S_INIT("21cfr820-2025--qmsr-iso-13485"),
	S_INIT("fda-deliverables--fda-premarket-2025"),
	S_INIT("fda-premarket-2025--iso-27001-2022-annex-a"),
	S_INIT("fda-premarket-2025--iso-28000-2022"),
	S_INIT("fda-security-controls--iso-27001-2022-annex-a"),
	S_INIT("fdca-524b--fda-premarket-2025"),
	S_INIT("hipaa-security-rule--iso-27001-2022-annex-a"),
	S_INIT("iec-81001-5-1--fda-premarket-2025"),
	S_INIT("iso-27001-2013-annex-a--iso-27001-2022-annex-a"),
	S_INIT("iso-28000-2022--iso-22342-2023"), S_INIT("iso-28000-2022--iso-27001-2022-annex-a"),
	S_INIT("iso-28000-2022--iso-27001-2022-clauses"),
	S_INIT("mdr-annex-i-cyber--fda-premarket-2025"),
	S_INIT("medical-iam--iso-27001-2013-annex-a"),
	S_INIT("medical-iam--iso-27001-2022-annex-a"), S_INIT("nist-800-218--iec-81001-5-1"),
	S_INIT("security-management-plan--fda-premarket-2025"),
	S_INIT("threat-modeling--fda-premarket-2025")};

/* Tests run in the root of the repository. */
static bool load_file(struct test_case *t, struct call *c, str name)
{
	str text;

	CHECK(file_read(c->arena, name, LIMIT_RECORD_BYTES, &text, &c->err));
	return catalog_load(c, name, text);
}

static void load_one(struct test_case *t, struct call *c, const char *folder, str id)
{
	if (!load_file(t, c, str_fmt(c->arena, "%s/%.*s.json", folder, STR_ARG(id))))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
}

/* Crosswalks come first, as in the order of the program's files for most catalogues. */
static void load_all(struct test_case *t, struct call *c)
{
	for (isize i = 0; i < COUNT_OF(crosswalks); i++)
		load_one(t, c, "catalogs/crosswalks", crosswalks[i]);
	load_one(t, c, "catalogs", S("vocab"));
	for (isize i = 0; i < COUNT_OF(catalogs); i++)
		load_one(t, c, "catalogs", catalogs[i]);
}

TEST(every_catalogue_and_crosswalk_loads_once, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	uint64_t size;
	void *rec;

	load_all(t, c);
	CHECK(store_commit(t, c));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM framework")), COUNT_OF(catalogs));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM mapping")), COUNT_OF(crosswalks));
	CHECK(kind_get(c, &kinds[KIND_FRAMEWORK], S("FRM-fda-premarket-2025"), &rec));
	const struct framework *f = rec;
	CHECK_STR(f->catalogue, S("fda-premarket-2025"));
	CHECK_INT(f->kind, FRAMEWORK_KIND_GUIDANCE);
	CHECK_INT(f->rec.state, FRAMEWORK_STATE_PUBLISHED);
	CHECK_INT(f->requirement.count, 150);
	CHECK_STR(f->requirement.item[1].entry, S("IV.A"));
	CHECK_STR(f->requirement.item[1].parent, S("IV"));
	CHECK_INT(f->requirement.item[1].level, REQUIREMENT_LEVEL_SHOULD);
	CHECK_INT(f->requirement.item[1].phase, PHASE_ALL);
	CHECK_STR(f->requirement.item[1].expects,
		S("process: quality procedures that name security; risk: security risk file"));
	size = ledger_size(c->ledger);
	load_all(t, c);
	CHECK(store_commit(t, c));
	CHECK_INT(ledger_size(c->ledger), size);
	store_close(t, c);
}

TEST(crosswalks_name_only_entries_that_exist, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	const struct mapping *m;
	bool backwards;

	load_all(t, c);
	for (isize i = 0; i < COUNT_OF(crosswalks); i++) {
		str to = crosswalks[i], from = str_cut_at(&to, S("--"));
		void *ends[2];
		CHECK(crosswalk_find(c, from, to, &m, &backwards));
		CHECK(m && !backwards && m->map.count > 0);
		CHECK(m && kind_get(c, &kinds[KIND_FRAMEWORK], m->source, &ends[0]));
		CHECK(m && kind_get(c, &kinds[KIND_FRAMEWORK], m->target, &ends[1]));
		for (isize n = 0; m && n < 2 * m->map.count; n++) {
			const struct framework *f = ends[n % 2];
			str entry = n % 2 ? m->map.item[n / 2].to : m->map.item[n / 2].from;
			bool found = false;
			for (isize q = 0; q < f->requirement.count && !found; q++)
				found = str_eq(f->requirement.item[q].entry, entry);
			if (!found)
				test_fail(t, __FILE__, __LINE__, "%.*s has no %.*s",
					STR_ARG(f->catalogue), STR_ARG(entry));
		}
	}
	CHECK(crosswalk_find(c, S("fda-premarket-2025"), S("fdca-524b"), &m, &backwards));
	CHECK(m && backwards);
	CHECK(crosswalk_find(c, S("jsp2"), S("fdca-524b"), &m, &backwards));
	CHECK(!m && !backwards);
	store_close(t, c);
}

/* ---- a small catalogue ---- */

#define HEAD                                                                                       \
	"{\"id\":\"tiny\",\"title\":\"Tiny\",\"version\":\"1\",\"publisher\":\"Nobody\",\"url\":"  \
	"\"https://ward.example\","                                                                \
	"\"kind\":\"practice\",\"notes\":\"For a test.\",\"requirements\":[\n"
#define ENTRY(id, parent, level, phase, evidence, question)                                        \
	"{\"id\":\"" id "\",\"parent\":" parent                                                    \
	",\"title\":\"T\",\"text\":\"X\",\"level\":\"" level "\",\"phase\":\"" phase               \
	"\",\"evidence\":[" evidence "],\"question\":\"" question "\"}"
#define TOP ENTRY("1", "null", "info", "all", "", "") ",\n"
#define PAIRS(relation, to)                                                                        \
	"{\"id\":\"a--b\",\"from\":\"a\",\"to\":\"b\",\"notes\":\"N\",\"mappings\":[{\"from\":["   \
	"\"1\"],\"to\":[" to "],"                                                                  \
	"\"relation\":\"" relation "\",\"rationale\":\"R\"}]}"

static const char tiny[] = HEAD TOP ENTRY(
	"1.1", "\"1\"", "shall", "plan", "\"criteria: a scale\"", "Q?") ",\n" ENTRY("1.2", "\"1\"",
	"should", "all", "\"criteria: a scale\",\"zone: all of them\"",
	"Q?") ",\n" ENTRY("1.2-1", "\"1.2\"", "may", "all", "\"zone: all of them\"", "Q?") "]}";

TEST(broken_files_are_refused_with_file_and_place, "")
{
	static const struct {
		const char *name, *json, *error;
	} bad[] = {
		{"tiny", HEAD "]", "catalogs/tiny.json:2:2: "},
		{"tiny", "{}",
			"catalogs/tiny.json:1:1: this is neither a catalogue nor a crosswalk"},
		{"other", HEAD "]}", "catalogs/other.json:1:7: the id is not the file's name"},
		{"tiny", HEAD ENTRY("1", "null", "must", "all", "", "") "]}",
			"catalogs/tiny.json:2:56: \"must\" is not a level"},
		{"tiny", HEAD ENTRY("1", "null", "info", "later", "", "") "]}",
			"catalogs/tiny.json:2:71: \"later\" is not a phase"},
		{"tiny", HEAD ENTRY("1", "null", "may", "all", "\"proof: x\"", "Q?") "]}",
			"catalogs/tiny.json:2:88: \"proof\" is not a kind of evidence"},
		{"tiny", HEAD ENTRY("1", "null", "may", "all", "\"zone\"", "Q?") "]}",
			"catalogs/tiny.json:2:88: evidence is a kind, a colon and words without a "
			"semicolon"},
		{"tiny", HEAD ENTRY("1", "null", "may", "all", "", "Q?") "]}",
			"catalogs/tiny.json:2:1: evidence and a question belong to every entry but "
			"those of "
			"level info"},
		{"tiny", HEAD ENTRY("1", "\"0\"", "info", "all", "", "") "]}",
			"catalogs/tiny.json:2:1: the parent 0 does not come before it"},
		{"tiny", HEAD TOP ENTRY("1", "null", "info", "all", "", "") "]}",
			"catalogs/tiny.json:3:1: the entry 1 comes twice"},
		{"tiny", HEAD ENTRY("1 2", "null", "info", "all", "", "") "]}",
			"catalogs/tiny.json:2:7: this is not an identifier of an entry"},
		{"tiny", HEAD "{\"id\":\"1\"}]}", "catalogs/tiny.json:2:1: \"parent\" is missing"},
		{"a--b", PAIRS("same", "\"1\""), "\"same\" is not a relation"},
		{"a--b", PAIRS("equal", ""), "a side is empty"},
		{"a--b", PAIRS("equal", "\"1\",\"1\""), "the pair 1, 1 comes twice"},
		{"a--c", PAIRS("equal", "\"1\""), "the id is not the file's name"},
	};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (isize i = 0; i < COUNT_OF(bad); i++) {
		str name = str_fmt(c->arena, "catalogs/%s.json", bad[i].name);
		CHECK(!catalog_load(c, name, str_of(bad[i].json)));
		CHECK_INT(c->err.code, ERR_SYNTAX);
		if (str_find(err_text(&c->err), str_of(bad[i].error)) < 0 ||
			!str_starts(err_text(&c->err), name))
			test_fail(t, __FILE__, __LINE__, "%td: %s", i, c->err.text);
		store_undo(t, c);
	}
	CHECK(catalog_load(
		c, S("catalogs/crosswalks/a--b.json"), S(PAIRS("equal", "\"1\",\"2\""))));
	CHECK(c->err.code == ERR_NONE);
	store_close(t, c);
}

TEST(a_changed_catalogue_is_a_revision, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	void *rec;

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(tiny)));
	CHECK(catalog_load(c, S("catalogs/tiny.json"),
		S(HEAD TOP ENTRY("2", "null", "info", "all", "", "") "]}")));
	CHECK(kind_get(c, &kinds[KIND_FRAMEWORK], S("FRM-tiny"), &rec));
	const struct framework *f = rec;
	CHECK_INT(f->rec.rev, 2);
	CHECK_INT(f->requirement.count, 2);
	CHECK_STR(f->rec.why, S("Built-in catalogue catalogs/tiny.json"));
	CHECK_STR(c->reason, S(""));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

/* ---- readiness ---- */

static void put(struct test_case *t, struct call *c, int kind, str title, str state)
{
	struct rec *rec = kind_new(c->arena, &kinds[kind]);

	rec->title = title;
	rec->state = kind_state(&kinds[kind], state);
	if (kind == KIND_ZONE)
		((struct zone *)rec)->exposure = 3;
	if (!kind_put(c, rec, S("test.create")))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
}

static void check_tiny(struct test_case *t, struct call *c, enum readiness_state a,
	enum readiness_state b, enum readiness_state d)
{
	struct readiness r = {0};

	CHECK(readiness(c, S("tiny"), &r));
	CHECK_INT(r.entry_count, 4);
	CHECK_INT(r.entry[0].state, READY_INFO);
	CHECK_INT(r.entry[1].state, a);
	CHECK_INT(r.entry[2].state, b);
	CHECK_INT(r.entry[3].state, d);
	CHECK_INT(r.bar.total, 3);
	CHECK_INT(r.bar.met, (a == READY_MET) + (b == READY_MET) + (d == READY_MET));
	CHECK_INT(r.bar.met + r.bar.partly + r.bar.gap, 3);
}

TEST(a_gap_is_met_when_the_record_appears_and_was_a_gap_before, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness r = {0};
	int64_t before;

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(tiny)));
	check_tiny(t, c, READY_GAP, READY_GAP, READY_GAP);
	put(t, c, KIND_RISK_MODEL, S("Draft"), S("draft"));
	check_tiny(t, c, READY_GAP, READY_GAP, READY_GAP);
	before = c->now_us;
	c->now_us += DAY_US;
	for (int i = 0; i < 7; i++)
		put(t, c, KIND_RISK_MODEL, S("Five by five"), S("effective"));
	check_tiny(t, c, READY_MET, READY_PARTLY, READY_GAP);
	CHECK(readiness(c, S("tiny"), &r));
	CHECK_INT(r.entry[2].depth, 1);
	CHECK_INT(r.entry[3].depth, 2);
	CHECK_INT(r.entry[2].line_count, 2);
	CHECK_STR(r.entry[2].line[0].kind, S("criteria"));
	CHECK_STR(r.entry[2].line[0].detail, S("a scale"));
	CHECK_INT(r.entry[2].line[0].record_count, EVIDENCE_RECORDS);
	CHECK_STR(r.entry[2].line[0].record[0].title, S("Five by five"));
	CHECK(!r.entry[2].line[1].is_shown);
	put(t, c, KIND_ZONE, S("Ward"), S("active"));
	check_tiny(t, c, READY_MET, READY_MET, READY_MET);
	c->at_us = before;
	check_tiny(t, c, READY_GAP, READY_GAP, READY_GAP);
	store_close(t, c);
}

TEST(records_show_nothing_to_who_may_not_read_them, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct grant grant = {.product = S("")};
	struct readiness r = {0};

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(tiny)));
	put(t, c, KIND_ZONE, S("Ward"), S("active"));
	right_match(S("framework.read"), grant.right);
	c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
	CHECK(readiness(c, S("tiny"), &r));
	CHECK_INT(r.entry[3].state, READY_GAP);
	CHECK_INT(r.entry[3].line[0].record_count, 0);
	right_match(S("zone.read"), grant.right);
	CHECK(readiness(c, S("tiny"), &r));
	CHECK_INT(r.entry[3].state, READY_MET);
	CHECK_INT(r.entry[3].line[0].record_count, 1);
	grant = (struct grant){.product = S("")};
	CHECK(!readiness(c, S("tiny"), &r));
	CHECK_INT(c->err.code, ERR_MISSING);
	store_close(t, c);
}

static const char asked[] = HEAD TOP ENTRY("1.1", "\"1\"", "shall", "plan",
	"\"requirement: proven ones\"", "Q?") ",\n" ENTRY("1.2", "\"1\"", "shall", "plan",
	"\"countermeasure: of the product\"", "Q?") ",\n" ENTRY("1.3", "\"1\"", "shall", "plan",
	"\"role: held\"", "Q?") "]}";

/* A requirement passed by a test, a countermeasure of a threat, a role that is held: where the
   other one is hidden, the first shows no more than it does by itself. */
TEST(what_makes_a_record_evidence_is_seen_as_well, "")
{
	static const char *const others[] = {"TST-1", "THR-1", "GRA-1"};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct grant grant = {.product = S("")};
	struct who program = c->who;

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(asked)));
	store_put(t, c, "person", "P1", "active", NULL);
	store_put(t, c, "requirement", "REQ-1", "agreed", "acceptance", "Shown", NULL);
	store_put(t, c, "test", "TST-1", "run", "result", "pass", NULL);
	store_put(t, c, "control", "CM-1", "planned", "domain", "product", NULL);
	store_put(t, c, "threat", "THR-1", "identified", "category", "tampering", NULL);
	store_put(t, c, "role", "R-1", "effective", NULL);
	store_put(t, c, "access_grant", "GRA-1", "granted", "identity", "P1", "role", "R-1", NULL);
	CHECK(link_add(c, S("TST-1"), S("verifies"), S("REQ-1"), S("")));
	CHECK(link_add(c, S("CM-1"), S("counters"), S("THR-1"), S("")));
	right_match(S("*.read"), grant.right);
	grant.right[CAN_RESTRICTED_READ / 64] &= ~(UINT64_C(1) << (CAN_RESTRICTED_READ % 64));
	for (int hidden = -1; hidden < COUNT_OF(others); hidden++) {
		struct readiness r = {0};
		c->who = program;
		for (int i = 0; i < COUNT_OF(others); i++) {
			struct rec *rec;
			CHECK(kind_get_any(c, str_of(others[i]), &rec));
			rec->classification = i == hidden ? CLASSIFICATION_RESTRICTED
							  : CLASSIFICATION_INTERNAL;
			CHECK(kind_put(c, rec, S("test.update")));
		}
		c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
		CHECK(readiness(c, S("tiny"), &r));
		for (int i = 0; i < COUNT_OF(others); i++)
			CHECK_INT(r.entry[i + 1].state, i == hidden ? READY_GAP : READY_MET);
	}
	store_close(t, c);
}

TEST(the_bars_agree_with_the_catalogues_one_by_one, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness_bar *bar = NEW(c->arena, struct readiness_bar, CATALOG_MAX), five[5];
	struct readiness r = {0};
	isize count;

	load_all(t, c);
	put(t, c, KIND_RISK_MODEL, S("Five by five"), S("effective"));
	put(t, c, KIND_ZONE, S("Ward"), S("active"));
	put(t, c, KIND_SCOPE, S("All of it"), S("effective"));
	CHECK(catalog_list(c, bar, CATALOG_MAX, &count));
	CHECK_INT(count, COUNT_OF(catalogs));
	for (isize i = 0; i < count; i++) {
		CHECK_STR(bar[i].id, catalogs[i]);
		CHECK(readiness(c, catalogs[i], &r));
		CHECK_STR(bar[i].title, r.bar.title);
		CHECK_INT(bar[i].met, r.bar.met);
		CHECK_INT(bar[i].partly, r.bar.partly);
		CHECK_INT(bar[i].gap, r.bar.gap);
		CHECK_INT(bar[i].total, r.bar.total);
	}
	CHECK(readiness_summary(c, five, 5, &count));
	CHECK_INT(count, 5);
	CHECK_STR(five[0].id, S("fda-premarket-2025"));
	CHECK(five[0].partly > 0);
	CHECK_INT(five[4].total, 93);
	store_close(t, c);
}

static struct framework *put_framework(
	struct test_case *t, struct call *c, str ref, str catalogue, str title)
{
	struct framework *f = kind_new(c->arena, &kinds[KIND_FRAMEWORK]);

	f->rec.ref = ref;
	f->rec.title = title;
	f->rec.state = kind_state(&kinds[KIND_FRAMEWORK], S("published"));
	f->catalogue = catalogue;
	if (!kind_put(c, &f->rec, S("framework.create")))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	return f;
}

TEST(bars_are_for_who_may_read_frameworks, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct grant grant = {.product = S("")};
	struct readiness_bar bar[5];
	isize count;

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(tiny)));
	right_match(S("risk.read"), grant.right);
	c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
	CHECK(!catalog_list(c, bar, 5, &count));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK_INT(count, 0);
	err_clear(&c->err);
	CHECK(!readiness_summary(c, bar, 5, &count));
	CHECK_INT(c->err.code, ERR_DENIED);
	err_clear(&c->err);
	right_match(S("framework.read"), grant.right);
	CHECK(catalog_list(c, bar, 5, &count));
	CHECK_INT(count, 1);
	store_close(t, c);
}

TEST(of_two_frameworks_with_one_catalogue_the_first_counts, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness_bar bar[5];
	isize count;

	put_framework(t, c, S("FRM-b"), S("same"), S("Second"));
	put_framework(t, c, S("FRM-a"), S("same"), S("First"));
	put_framework(t, c, S("FRM-c"), S("another"), S("Alone"));
	put_framework(t, c, S("FRM-d"), S(""), S("Of no catalogue"));
	CHECK(catalog_list(c, bar, 5, &count));
	CHECK_INT(count, 2);
	CHECK_STR(bar[0].title, S("Alone"));
	CHECK_STR(bar[1].title, S("First"));
	CHECK_INT(bar[1].total, 0);
	for (isize max = 0; max < 4; max++) {
		CHECK(catalog_list(c, bar, max, &count));
		CHECK_INT(count, max < 2 ? max : 2);
	}
	store_close(t, c);
}

/* A catalogue that was loaded later, and one that has changed since. */
TEST(bars_of_an_earlier_time_are_those_of_the_revision_then, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness_bar bar[5];
	int64_t start = c->now_us;
	isize count;

	struct framework *f = put_framework(t, c, S("FRM-a"), S("same"), S("Then"));
	int64_t then = f->rec.since;
	c->now_us = start + DAY_US;
	f->rec.title = S("Now");
	CHECK(kind_put(c, &f->rec, S("framework.update")));
	int64_t now = f->rec.since;
	const struct {
		int64_t at;
		isize count;
		str title;
	} want[] = {{then - 1, 0, S("")}, {then, 1, S("Then")}, {now - 1, 1, S("Then")},
		{now, 1, S("Now")}, {now + 1, 1, S("Now")}, {TIME_NONE, 1, S("Now")}};
	for (isize i = 0; i < COUNT_OF(want); i++) {
		c->at_us = want[i].at;
		CHECK(catalog_list(c, bar, 5, &count));
		CHECK_INT(count, want[i].count);
		if (count)
			CHECK_STR(bar[0].title, want[i].title);
	}
	store_close(t, c);
}

TEST(a_catalogue_that_is_not_there_is_said_and_a_summary_keeps_its_limit, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness r = {0};
	struct readiness_bar bar[5];
	isize count;

	CHECK(!readiness(c, S("nothing"), &r));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	put_framework(t, c, S("FRM-a"), S("iso-14971-2019"), S("Risk"));
	put_framework(t, c, S("FRM-b"), S("fda-premarket-2025"), S("Premarket"));
	for (isize max = 0; max < 4; max++) {
		CHECK(readiness_summary(c, bar, max, &count));
		CHECK_INT(count, max < 2 ? max : 2);
	}
	CHECK_STR(bar[0].title, S("Premarket"));
	CHECK_STR(bar[1].title, S("Risk"));
	store_close(t, c);
}

/* Forty words of evidence are shown and judged; what stands behind them is not counted. */
TEST(an_entry_is_judged_by_at_most_forty_words_of_evidence, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct framework *f = put_framework(t, c, S("FRM-many"), S("many"), S("Many"));
	struct framework_requirement *q = NEW(c->arena, struct framework_requirement, 1);
	struct readiness r = {0};
	struct buf b;

	for (int words = 39; words <= 42; words++) {
		buf_init(&b, c->arena, 4000);
		for (int i = 0; i < words; i++)
			buf_fmt(&b, "%szone: %d", i ? "; " : "", i);
		*q = (struct framework_requirement){.entry = S("1"),
			.heading = S("One"),
			.assessable = 1,
			.expects = buf_str(&b)};
		f->requirement.item = q;
		f->requirement.count = 1;
		CHECK(kind_put(c, &f->rec, S("framework.update")));
		CHECK(readiness(c, S("many"), &r));
		CHECK_INT(r.entry[0].line_count, words < 40 ? words : 40);
		CHECK_INT(r.entry[0].state, READY_GAP);
	}
	/* The figure of the overview says the same: so many that are there, and one that is not. */
	put(t, c, KIND_ZONE, S("Ward"), S("active"));
	for (int there = 38; there <= 42; there++) {
		enum readiness_state want = there < 40 ? READY_PARTLY : READY_MET;
		struct readiness_bar bar;
		isize count;
		buf_init(&b, c->arena, 4000);
		for (int i = 0; i <= there; i++)
			buf_fmt(&b, "%s%s: %d", i ? "; " : "", i < there ? "zone" : "criteria", i);
		q->expects = buf_str(&b);
		CHECK(kind_put(c, &f->rec, S("framework.update")));
		CHECK(readiness(c, S("many"), &r));
		CHECK_INT(r.entry[0].state, want);
		CHECK(catalog_list(c, &bar, 1, &count));
		CHECK(count == 1 && bar.met == (want == READY_MET));
		CHECK_INT(bar.partly, want == READY_PARTLY);
	}
	store_close(t, c);
}

/* Frameworks that people made need not be as ours are: nothing expected, no such parent. */
TEST(entries_that_are_not_as_ours_are_judged_all_the_same, "")
{
	static const struct {
		const char *entry, *parent, *expects;
		int depth;
		bool is_assessed;
	} rows[] = {{"1", "", "", 0, true}, {"1.1", "1", "zone: a", 1, true},
		{"1.1.1", "1.1", "", 2, false}, {"2", "nowhere", "zone: b", 0, true},
		{"3", "3", "zone: c", 0, false}, {"4", "5", "", 0, true},
		{"5", "1.1.1", "zone: d", 3, true}, {"6", "", "zone: e", 0, false}};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct framework *f = put_framework(t, c, S("FRM-own"), S("own"), S("Own"));
	struct readiness_bar bar[2];
	struct readiness r = {0};
	isize count;

	f->requirement.item = NEW(c->arena, struct framework_requirement, COUNT_OF(rows));
	f->requirement.count = COUNT_OF(rows);
	for (isize i = 0; i < COUNT_OF(rows); i++)
		f->requirement.item[i] =
			(struct framework_requirement){.entry = str_of(rows[i].entry),
				.parent = str_of(rows[i].parent),
				.heading = S("H"),
				.assessable = rows[i].is_assessed,
				.expects = str_of(rows[i].expects)};
	CHECK(kind_put(c, &f->rec, S("framework.update")));
	CHECK(readiness(c, S("own"), &r));
	for (isize i = 0; i < COUNT_OF(rows); i++) {
		CHECK_INT(r.entry[i].depth, rows[i].depth);
		CHECK_INT(r.entry[i].state,
			rows[i].is_assessed && rows[i].expects[0] ? READY_GAP : READY_INFO);
	}
	CHECK_INT(r.bar.total, 3);
	CHECK(catalog_list(c, bar, 2, &count));
	CHECK_INT(count, 1);
	CHECK_INT(bar[0].total, 3);
	store_close(t, c);
}

TEST(a_framework_that_one_may_not_see_has_no_bar, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct framework *f = put_framework(t, c, S("FRM-a"), S("hidden"), S("Hidden"));
	struct grant grant = {.product = S("")};
	struct readiness_bar bar[5];
	isize count;

	put_framework(t, c, S("FRM-b"), S("open"), S("Open"));
	CHECK(kind_set(c, &f->rec, kind_field(f->rec.kind, S("classification")), S("restricted")));
	CHECK(kind_put(c, &f->rec, S("framework.update")));
	right_match(S("framework.read"), grant.right);
	for (int may = 0; may < 2; may++) {
		if (may)
			right_match(S("restricted.read"), grant.right);
		c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
		CHECK(catalog_list(c, bar, 5, &count));
		CHECK_INT(count, 1 + may);
		CHECK_STR(bar[count - 1].title, S("Open"));
	}
	store_close(t, c);
}

TEST(rows_that_are_damaged_have_no_figures, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct readiness_bar bar[5];
	isize count;

	CHECK(catalog_load(c, S("catalogs/tiny.json"), str_of(tiny)));
	CHECK(catalog_list(c, bar, 5, &count));
	CHECK(db_exec(c->db, SQL_FREE("UPDATE framework SET f_requirement = '[{'")));
	CHECK(!catalog_list(c, bar, 5, &count));
	CHECK(c->err.code != ERR_NONE);
	store_close(t, c);
}

/* Only as it is now, and only for who may read it. */
TEST(a_crosswalk_is_found_by_what_it_joins_now, "")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	struct grant grant = {.product = S("")};
	const struct mapping *found;
	struct who all = c->who;
	bool backwards;
	void *rec;

	put_framework(t, c, S("FRM-a"), S("a"), S("A"));
	put_framework(t, c, S("FRM-b"), S("b"), S("B"));
	put_framework(t, c, S("FRM-c"), S("c"), S("C"));
	CHECK(catalog_load(c, S("catalogs/crosswalks/a--b.json"), S(PAIRS("equal", "\"1\""))));
	CHECK(crosswalk_find(c, S("a"), S("b"), &found, &backwards) && found && !backwards);
	right_match(S("framework.read"), grant.right);
	c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
	CHECK(!crosswalk_find(c, S("a"), S("b"), &found, &backwards));
	CHECK(c->err.code != ERR_NONE);
	err_clear(&c->err);
	CHECK(!crosswalk_find(c, S("b"), S("a"), &found, &backwards));
	err_clear(&c->err);
	c->who = all;
	CHECK(crosswalk_find(c, S("a"), S("b"), &found, &backwards) && found);
	CHECK(kind_get(c, &kinds[KIND_MAPPING], found->rec.ref, &rec));
	struct mapping *m = rec;
	m->target = S("FRM-c");
	c->reason = S("a test");
	CHECK(kind_put(c, &m->rec, S("mapping.update")));
	CHECK(crosswalk_find(c, S("a"), S("b"), &found, &backwards) && !found);
	CHECK(crosswalk_find(c, S("a"), S("c"), &found, &backwards) && found && !backwards);
	CHECK(crosswalk_find(c, S("c"), S("a"), &found, &backwards) && found && backwards);
	CHECK(crosswalk_find(c, S("b"), S("c"), &found, &backwards) && !found);
	store_close(t, c);
}

TEST_MAIN()
