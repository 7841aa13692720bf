/* The worked example as records: everything is there, and as the mapping says. */
#include "demo/demo.h"
#include "ident/ident.h"
#include "ledger/ledger.h"
#include "store.h"

/* ---- refusals ---- */

/* Loads the tables with `from` replaced by `to` once, and gives the error's text. */
static str refusal(struct test_case *t, const char *from, const char *to)
{
	struct demo_report *report = NEW(t->arena, struct demo_report, 1);
	struct call *c = store_open(t, S("2025-11-01T06:00:00Z"));
	str tables = store_example(t, "tables.json"), text;
	isize at = str_find(tables, str_of(from));

	CHECK(at >= 0);
	text = str_fmt(t->arena, "%.*s%s%.*s", (int)at, tables.p, to,
		(int)(tables.n - at - str_of(from).n), tables.p + at + str_of(from).n);
	struct demo_files files = {text, store_example(t, "extra.json")};
	CHECK(!demo_load(c, &files, report));
	text = str_dup(t->arena, err_text(&c->err));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record")), 0);
	store_close(t, c);
	return text;
}

TEST(a_column_that_nothing_reads_is_refused, "")
{
	CHECK_STR(refusal(t, "\"exposure 1 to 5\": \"5\",",
			  "\"exposure 1 to 5\": \"5\", \"colour\": \"red\","),
		S("table zones, row Z1, column \"colour\": nothing reads this column"));
}

TEST(a_column_that_is_missing_is_refused, "")
{
	CHECK_STR(refusal(t, "\"exposure 1 to 5\": \"5\",", ""),
		S("table zones, row Z1, column \"exposure 1 to 5\": the row has no such column"));
}

TEST(a_cell_that_does_not_fit_is_refused, "")
{
	CHECK_STR(refusal(t, "\"E4 S5 Unacceptable\"", "\"E4 S5 High\""),
		S("table risks, row RSK-03, column \"before\": the criteria give another class"));
}

TEST(a_reference_to_nothing_is_refused, "")
{
	CHECK_STR(refusal(t, "\"countermeasures\": \"CM-01 CM-02\"",
			  "\"countermeasures\": \"CM-01 CM-99\""),
		S("table threats, row THR-01, column \"countermeasures\": there is no record "
		  "CM-99"));
}

TEST(a_table_that_nothing_reads_is_refused, "")
{
	CHECK_STR(refusal(t, "\"organization\": {",
			  "\"weather\": {\"title\": \"\", \"rows\": []}, \"organization\": {"),
		S("nothing reads the table weather"));
}

/* ---- the store that comes of it ---- */

static int64_t count(struct test_case *t, struct call *c, int kind)
{
	struct query q = {0};
	int64_t n = -1;

	CHECK(kind_tally(c, &kinds[kind], &q, &n));
	return n;
}

static void *get(struct test_case *t, struct call *c, int kind, const char *ref)
{
	void *rec = kind_new(t->arena, &kinds[kind]);

	if (!kind_get(c, &kinds[kind], str_of(ref), &rec))
		test_fail(t, __FILE__, __LINE__, "%s: %s", ref, c->err.text);
	return rec;
}

static isize links(struct test_case *t, struct call *c, const char *ref, const char *type)
{
	struct link *list;
	isize n, found = 0;

	CHECK(link_list(c, str_of(ref), &list, &n));
	for (isize i = 0; i < n; i++)
		found += str_eq(list[i].type, str_of(type));
	return found;
}

static int64_t day(struct test_case *t, const char *text)
{
	int64_t d = 0;

	CHECK(day_parse(str_of(text), &d));
	return d;
}

static void check_counts(struct test_case *t, struct call *c)
{
	static const struct {
		int kind, count;
	} wanted[] = {
		{KIND_UNIT, 4},
		{KIND_ISSUE, 12},
		{KIND_PARTY, 13 + 10},
		{KIND_OBLIGATION, 14 + 13},
		{KIND_SCOPE, 3},
		{KIND_PERSON, 20},
		{KIND_ROLE, 17 + 10},
		{KIND_CAMPAIGN, 7 + 7},
		{KIND_COMPETENCE, 7},
		{KIND_OBJECTIVE, 12},
		{KIND_METRIC, 12 + 1},
		{KIND_PRODUCT, 4},
		{KIND_RELEASE, 7},
		{KIND_SBOM, 7},
		{KIND_DEVICE, 496},
		{KIND_IDENTITY, 12 + 20 + 496},
		{KIND_THREAT_MODEL, 1},
		{KIND_ZONE, 8},
		{KIND_ELEMENT, 26 + 1},
		{KIND_INTERFACE, 18},
		{KIND_FLOW, 30},
		{KIND_ASSET, 22},
		{KIND_ASSUMPTION, 10},
		{KIND_THREAT, 42},
		{KIND_CONTROL, 40},
		{KIND_REQUIREMENT, 40},
		{KIND_TEST, 39},
		{KIND_EVIDENCE, 38},
		{KIND_RISK_MODEL, 1},
		{KIND_RISK, 30},
		{KIND_HAZARD, 6},
		{KIND_VIEW, 10},
		{KIND_COMPONENT, 22},
		{KIND_VULNERABILITY, 12},
		{KIND_ANOMALY, 4},
		{KIND_ACCESS_POLICY, 1},
		{KIND_PLAN, 6},
		{KIND_FINDING, 3 + 4},
		{KIND_ASSESSMENT, 4 + 9},
		{KIND_INCIDENT, 1 + 5},
		{KIND_EXERCISE, 3},
		{KIND_REVIEW, 1},
		{KIND_CHANGE, 6},
		{KIND_DOCUMENT, 20 + 8 + 1},
		{KIND_PROGRAMME, 1},
		{KIND_COMMUNICATION, 8},
		{KIND_DISCLOSURE, 4},
		{KIND_MESSAGE, 3},
		{KIND_DELIVERABLE, 13},
		{KIND_PROCESS, 10},
		{KIND_TEAM, 2},
		{KIND_RESOURCE, 12},
		{KIND_STRATEGY, 2},
	};

	for (isize i = 0; i < COUNT_OF(wanted); i++)
		if (count(t, c, wanted[i].kind) != wanted[i].count)
			test_fail(t, __FILE__, __LINE__, "%.*s: %" PRId64 ", not %d",
				STR_ARG(kinds[wanted[i].kind].name), count(t, c, wanted[i].kind),
				wanted[i].count);
}

/* What is planted in the example is there for the checks to find. */
static void check_planted(struct test_case *t, struct call *c)
{
	const struct person *p18 = get(t, c, KIND_PERSON, "P18");
	const struct document *doc16 = get(t, c, KIND_DOCUMENT, "DOC-16");
	const struct change_ *chg5 = get(t, c, KIND_CHANGE, "CHG-5");
	const struct action *ca4 = get(t, c, KIND_ACTION, "CA-4");

	CHECK_INT(links(t, c, "THR-40", "counters"), 1);
	CHECK_INT(links(t, c, "THR-41", "counters"), 0);
	CHECK_INT(links(t, c, "THR-42", "counters"), 0);
	CHECK_INT(links(t, c, "REQ-37", "verifies"), 1);
	CHECK_INT(links(t, c, "REQ-38", "verifies"), 0);
	CHECK_INT(links(t, c, "REQ-39", "verifies"), 0);
	CHECK_INT(links(t, c, "REQ-40", "verifies"), 0);
	CHECK_INT(links(t, c, "REQ-40", "refines"), 0);
	CHECK_INT(((struct test *)get(t, c, KIND_TEST, "TST-27"))->result, TEST_RESULT_FAIL);
	CHECK_INT(((struct risk *)get(t, c, KIND_RISK, "RSK-18"))->rec.state, RISK_STATE_TREATED);
	CHECK_INT(((struct issue_ *)get(t, c, KIND_ISSUE, "CTX-12"))->rec.review_due,
		day(t, "2026-04-02"));
	CHECK_STR(((struct component *)get(t, c, KIND_COMPONENT, "SW-19"))->supplier_name, S(""));
	CHECK_STR(((struct vulnerability *)get(t, c, KIND_VULNERABILITY, "VUL-11"))->score, S(""));
	CHECK_STR(((struct anomaly *)get(t, c, KIND_ANOMALY, "ANO-04"))->assessment_text, S(""));
	CHECK_STR(((struct identity *)get(t, c, KIND_IDENTITY, "IDN-12"))->rec.owner, S(""));
	CHECK(((struct plan *)get(t, c, KIND_PLAN, "PLN-4"))->exercised == DAY_NONE);
	CHECK_INT(((struct device *)get(t, c, KIND_DEVICE, "DEV-011"))->last_seen,
		day(t, "2026-05-11"));
	CHECK_STR(doc16->author, S("P17"));
	CHECK_INT(chg5->risk_review, RISK_REVIEW_MISSING);
	CHECK_INT(ca4->risk_review, RISK_REVIEW_MISSING);
	CHECK_INT(ca4->rec.state, ACTION_STATE_DOING);
	CHECK_INT(p18->rec.state, PERSON_STATE_LEFT);
	CHECK_INT(p18->until, day(t, "2026-06-30"));
	CHECK_INT(db_int(c->db,
			  SQL("SELECT f_revoked_on FROM access_grant WHERE f_identity = 'P18'"
			      " AND until IS NULL AND state = 'revoked'")),
		day(t, "2026-09-26"));
}

static isize signatures(struct test_case *t, struct call *c, str ref, struct signed_by **out)
{
	struct rec *rec;
	isize n = -1;

	CHECK(kind_get_any(c, ref, &rec) && signature_list(c, rec, out, &n));
	return n;
}

static void check_signatures(struct test_case *t, struct call *c)
{
	struct signed_by *s;

	CHECK_INT(signatures(t, c, S("RSK-14"), &s), 1);
	CHECK_STR(s[0].signer, S("P03"));
	CHECK_INT(day_of_time(s[0].at), day(t, "2026-09-01"));
	CHECK_INT(signatures(t, c, S("RSK-03"), &s), 2);
	CHECK_INT(signatures(t, c, S("RSK-29"), &s), 0);
	CHECK_INT(signatures(t, c, S("DOC-16"), &s), 1);
	CHECK_STR(s[0].signer, S("P17"));
	CHECK_STR(s[0].name, S("Noor Haddad"));
}

static int64_t installed(struct call *c, str version)
{
	return db_int(c->db,
		SQL("SELECT count(*) FROM device WHERE until IS NULL AND f_installed = $1"),
		V(version));
}

static void check_fleet(struct test_case *t, struct call *c)
{
	CHECK_INT(installed(c, S("2.6.0")), 45);
	CHECK_INT(installed(c, S("2.5.2")), 29);
	CHECK_INT(installed(c, S("2.4.9")), 12);
	CHECK_INT(installed(c, S("3.1.4")), 168);
	CHECK_INT(installed(c, S("3.0.9")), 242);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(DISTINCT f_serial) FROM device WHERE until IS NULL")),
		496);
	CHECK_INT(
		db_int(c->db,
			SQL("SELECT count(*) FROM device WHERE until IS NULL AND f_last_seen < $1"),
			V(DEMO_LAST_DAY - 7)),
		2);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM device WHERE until IS NULL AND length(ref) = 7"
			      " AND ref > 'DEV-012' AND (f_certificate_until < $1 OR "
			      "f_certificate_until > $2)"),
			  V(day(t, "2027-01-01")), V(day(t, "2027-12-31"))),
		0);
	CHECK_STR(((struct device *)get(t, c, KIND_DEVICE, "DEV-013"))->serial, S("TL2-000104"));
	CHECK_INT(((struct product *)get(t, c, KIND_PRODUCT, "PRD-3"))->fleet, 410);
}

/* An earlier day shows what was known on it. */
static void check_time(struct test_case *t, struct call *c)
{
	int64_t now = count(t, c, KIND_RISK), then;
	const struct risk *r;

	c->at_us = day(t, "2026-01-01") * DAY_US;
	then = count(t, c, KIND_RISK);
	CHECK_INT(now, 30);
	CHECK_INT(then, 1);
	CHECK_INT(count(t, c, KIND_PERSON), 20);
	c->at_us = day(t, "2026-03-01") * DAY_US;
	CHECK_INT(count(t, c, KIND_THREAT), 36);
	CHECK_INT(count(t, c, KIND_RELEASE), 2);
	r = get(t, c, KIND_RISK, "RSK-03");
	CHECK_INT(r->rec.state, RISK_STATE_EVALUATED);
	CHECK(r->residual_severity == INT_NONE);
	c->at_us = day(t, "2026-07-15") * DAY_US;
	CHECK_INT(((struct risk *)get(t, c, KIND_RISK, "RSK-03"))->rec.state, RISK_STATE_TREATED);
	c->at_us = day(t, "2026-04-02") * DAY_US + 9 * INT64_C(3600000000);
	CHECK_INT(((struct incident *)get(t, c, KIND_INCIDENT, "INC-1"))->log.count, 7);
	CHECK_INT(((struct incident *)get(t, c, KIND_INCIDENT, "INC-1"))->rec.state,
		INCIDENT_STATE_CONTAINED);
	c->at_us = TIME_NONE;
	r = get(t, c, KIND_RISK, "RSK-03");
	CHECK_INT(r->rec.state, RISK_STATE_ACCEPTED);
	CHECK_INT(r->inherent_exploitability, 4);
	CHECK_INT(r->residual_exploitability, 1);
	CHECK_INT(r->rating.count, 3);
	CHECK_INT(((struct incident *)get(t, c, KIND_INCIDENT, "INC-1"))->log.count, 17);
	CHECK_INT(((struct incident *)get(t, c, KIND_INCIDENT, "INC-1"))->rec.state,
		INCIDENT_STATE_CLOSED);
	CHECK_INT(db_int(c->db, SQL("SELECT max(changed) FROM record")) / DAY_US, DEMO_LAST_DAY);
}

static void check_refs_of(struct test_case *t, struct call *c, const struct rec *rec)
{
	struct brief b;

	for (int i = 0; i < rec->kind->field_count; i++) {
		const struct field *f = &rec->kind->field[i];
		if (f->type != FIELD_REF || kind_is_empty(rec, f))
			continue;
		str ref = *(const str *)kind_slot(rec, f);
		if (!kind_brief(c, ref, &b))
			test_fail(t, __FILE__, __LINE__, "%.*s.%.*s is %.*s, which is not there",
				STR_ARG(rec->ref), STR_ARG(f->name), STR_ARG(ref));
	}
}

static void check_whole(struct test_case *t, struct call *c)
{
	struct link *list;
	isize n, suspect = 0;

	for (int k = 0; k < kind_count; k++) {
		struct query q = {.limit = 1000};
		struct list all;
		CHECK(kind_list(c, &kinds[k], &q, &all));
		for (isize i = 0; i < all.count && k != KIND_IDENTITY && k != KIND_DEVICE; i++)
			check_refs_of(t, c, all.item[i]);
	}
	CHECK(link_list(c, S("RSK-03"), &list, &n));
	for (isize i = 0; i < n; i++)
		suspect += list[i].suspect;
	CHECK(n > 5);
	CHECK_INT(suspect, 0);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM link l LEFT JOIN record r ON r.ref = l.to_ref"
			      " WHERE r.ref IS NULL")),
		0);
}

/* The accounts can do what their roles say, and no more. */
static void check_accounts(struct test_case *t, struct call *c)
{
	struct who program = c->who;

	CHECK_INT(demo_account_count, 4);
	CHECK(ident_load(c, S("P15")));
	CHECK(call_could(c, CAN_LEDGER_READ, S("")));
	CHECK(call_could(c, CAN_RISK_READ, S("PRD-1")));
	CHECK(call_could(c, CAN_FINDING_WRITE, S("")));
	CHECK(!call_could(c, CAN_RISK_WRITE, S("")));
	CHECK(!call_could(c, CAN_DOCUMENT_APPROVE, S("")));
	CHECK(ident_load(c, S("P09")));
	CHECK(call_could(c, CAN_RISK_ACCEPT, S("")));
	CHECK(call_could(c, CAN_DOCUMENT_APPROVE, S("")));
	CHECK(!call_could(c, CAN_LEDGER_READ, S("")));
	CHECK(!call_could(c, CAN_USER_MANAGE, S("")));
	CHECK(ident_load(c, S("P05")));
	CHECK(call_could(c, CAN_THREAT_WRITE, S("")));
	CHECK(!call_could(c, CAN_RISK_ACCEPT, S("")));
	CHECK(!ident_load(c, S("P18")));
	err_clear(&c->err);
	c->who = program;
}

/* Whoever acts for a person, the loader or a session, the ledger names them by one pseudonym. */
static void check_one_actor(struct test_case *t, struct call *c)
{
	struct who before = c->who;
	struct rows r;
	int persons = 0;

	db_query(c->db, &r,
		SQL("SELECT p.ref, e.actor, count(DISTINCT x.actor) FROM person p"
		    " JOIN record rec ON rec.ref = p.ref"
		    " JOIN risk k ON k.by_actor = p.ref"
		    " JOIN entry e ON e.object = 'risk:' || k.ref AND e.at = k.since"
		    " JOIN entry x ON x.actor = e.actor"
		    " WHERE p.until IS NULL AND p.state = 'active' GROUP BY p.ref, e.actor"
		    " ORDER BY p.ref"));
	while (rows_next(&r)) {
		str ref = str_dup(t->arena, rows_str(&r, 0));
		str actor = str_dup(t->arena, rows_str(&r, 1));
		if (ident_load(c, ref))
			CHECK_STR(c->who.actor, actor);
		err_clear(&c->err);
		persons++;
	}
	CHECK(rows_done(&r));
	CHECK(persons > 0);
	c->who = before;
}

TEST(the_worked_example_is_a_store, "")
{
	struct demo_report *r = NEW(t->arena, struct demo_report, 1);
	struct call *c = store_open(t, S("2025-11-01T06:00:00Z"));
	struct demo_files files = {store_example(t, "tables.json"), store_example(t, "extra.json")};
	int64_t began = clock_mono();

	if (!demo_load(c, &files, r)) {
		test_fail(t, __FILE__, __LINE__, "not loaded: %s", c->err.text);
		return;
	}
	CHECK(store_commit(t, c));
	printf("# %td records in %td revisions, %td links, %td signatures in %d ms\n", r->records,
		r->revisions, r->links, r->signatures, (int)((clock_mono() - began) / 1000));
	CHECK_INT(r->rows, 732);
	CHECK_INT(r->records, db_int(c->db, SQL("SELECT count(*) FROM record")));
	CHECK_INT(r->links, db_int(c->db, SQL("SELECT count(*) FROM link WHERE until IS NULL")));
	CHECK(ledger_size(c->ledger) >= (uint64_t)(r->revisions + r->links + r->signatures));
	CHECK_INT(day_of_time(c->now_us), DEMO_LAST_DAY);
	CHECK(c->who.is_system);
	check_counts(t, c);
	check_planted(t, c);
	check_signatures(t, c);
	check_fleet(t, c);
	check_time(t, c);
	check_whole(t, c);
	check_accounts(t, c);
	check_one_actor(t, c);
	store_close(t, c);
}

TEST_MAIN()
