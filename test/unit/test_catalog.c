/* Catalogues: every file of catalogs/ loads, once, strictly; readiness follows the records. */
#include "catalog/catalog.h"
#include "kind/kind.h"
/* There is a kind of record called test, and test.h has a struct of that name. */
#define test test_record
#include "kinds.h"
#undef test
#include "ledger/ledger.h"
#include "store.h"

static const str catalogs[] = {S_INIT("21cfr11"), S_INIT("21cfr820-2025"), S_INIT("fda-deliverables"),
	S_INIT("fda-postmarket-2016"), S_INIT("fda-premarket-2025"), S_INIT("fda-security-controls"),
	S_INIT("fdca-524b"), S_INIT("gdpr-security"), S_INIT("hipaa-security-rule"), S_INIT("iec-81001-5-1"),
	S_INIT("iso-14971-2019"), S_INIT("iso-22342-2023"), S_INIT("iso-27001-2013-annex-a"),
	S_INIT("iso-27001-2022-annex-a"), S_INIT("iso-27001-2022-clauses"), S_INIT("iso-28000-2022"),
	S_INIT("jsp2"), S_INIT("mdr-annex-i-cyber"), S_INIT("medical-iam"), S_INIT("nist-800-218"),
	S_INIT("qmsr-iso-13485"), S_INIT("sbom-minimum-elements"), S_INIT("security-management-plan"),
	S_INIT("threat-modeling")};
static const str crosswalks[] = {S_INIT("21cfr820-2025--qmsr-iso-13485"),
	S_INIT("fda-deliverables--fda-premarket-2025"), S_INIT("fda-premarket-2025--iso-27001-2022-annex-a"),
	S_INIT("fda-premarket-2025--iso-28000-2022"), S_INIT("fda-security-controls--iso-27001-2022-annex-a"),
	S_INIT("fdca-524b--fda-premarket-2025"), S_INIT("hipaa-security-rule--iso-27001-2022-annex-a"),
	S_INIT("iec-81001-5-1--fda-premarket-2025"), S_INIT("iso-27001-2013-annex-a--iso-27001-2022-annex-a"),
	S_INIT("iso-28000-2022--iso-22342-2023"), S_INIT("iso-28000-2022--iso-27001-2022-annex-a"),
	S_INIT("iso-28000-2022--iso-27001-2022-clauses"), S_INIT("mdr-annex-i-cyber--fda-premarket-2025"),
	S_INIT("medical-iam--iso-27001-2013-annex-a"), S_INIT("medical-iam--iso-27001-2022-annex-a"),
	S_INIT("nist-800-218--iec-81001-5-1"), S_INIT("security-management-plan--fda-premarket-2025"),
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

TEST_MAIN()
