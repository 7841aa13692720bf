/* Which records show a kind of evidence: one table, and nothing else knows. */
#include "catalog/catalog_in.h"

/* A record counts in the revision that held at $1 (µs); some must still hold on the day $2. */
#define THEN(x)                x ".since <= $1 AND (" x ".until IS NULL OR " x ".until > $1)"
/* What a statement finds is a record, and the other one that makes it evidence, or ''. */
#define QUERY(other, from)     "SELECT t.ref, " other " FROM " from " ORDER BY length(t.ref), t.ref"
#define WHERE(kind, condition) QUERY("''", "\"" kind "\" t WHERE " THEN("t") " AND " condition)
#define BY(other, kind, condition)                                                                 \
	QUERY(other, "\"" kind "\" t, " condition " AND " THEN("t"))

#define REPORTED "('reported', 'followed_up', 'closed')"
/* The role is granted to somebody. */
#define HELD                                                                                       \
	BY("g.ref", "role",                                                                        \
		"access_grant g WHERE t.state = 'effective' AND g.f_role = t.ref"                  \
		" AND g.state IN ('granted', 'reviewed') AND " THEN("g"))
#define LINKED(kind, type, condition)                                                              \
	BY("l.to_ref", kind,                                                                       \
		"link l WHERE l.from_ref = t.ref AND l.type = '" type "' AND " THEN(               \
			"l") " AND " condition)
/* A test that verifies the requirement passed. */
#define PASSED                                                                                     \
	BY("v.ref", "requirement",                                                                 \
		"link l, test v WHERE t.f_acceptance IS NOT NULL AND l.to_ref = t.ref"             \
		" AND l.type = 'verifies' AND " THEN("l") " AND v.ref = l.from_ref"                \
		" AND v.f_result IN ('pass', 'pass_with_findings') AND " THEN("v"))
/* What was signed, and what a link ties together that neither end changed since. */
#define SIGNED                                                                                     \
	QUERY("''",                                                                                \
		"(SELECT DISTINCT ref FROM signature WHERE at <= $1"                               \
		" AND (meaning LIKE 'approve%' OR meaning LIKE 'endorse%')) t")
#define TRACED                                                                                     \
	QUERY("t.other",                                                                           \
		"(SELECT l.from_ref AS ref, l.to_ref AS other FROM link l, record a, record b"     \
		" WHERE " THEN(                                                                    \
			"l") " AND l.type IN ('raises', 'treats', 'counters', 'mitigates',"        \
			     " 'refines', 'verifies', 'causes')"                                   \
			     " AND a.ref = l.from_ref AND b.ref = l.to_ref"                        \
			     " AND a.changed < l.confirmed AND b.changed < l.confirmed) t")

static const struct proof {
	str evidence;
	bool is_dated; /* the statement has $2 */
	struct value sql;
} proofs[] = {
#define READS(text_)                                                                               \
	{                                                                                          \
		.type = VALUE_SQL, .class = SQL_CLASS_READ, .text = S_INIT(text_)                  \
	}
#define PROOF(word, text)                                                                          \
	{                                                                                          \
		S_INIT(word), false, READS(text)                                                   \
	}
#define DATED(word, text)                                                                          \
	{                                                                                          \
		S_INIT(word), true, READS(text)                                                    \
	}
/* What is in a state, and what is of a type and in a state. */
#define STATE(word, kind, state) PROOF(word, WHERE(kind, "t.state = '" state "'"))
#define TYPED(word, kind, type, state)                                                             \
	PROOF(word, WHERE(kind, "t.f_type = '" type "' AND t.state = '" state "'"))
	DATED("acceptance",
		WHERE("decision",
			"t.f_type IN ('risk_acceptance', 'exception', 'exclusion')"
			" AND t.state IN ('decided', 'in_force')"
			" AND (t.f_until IS NULL OR t.f_until >= $2)")),
	PROOF("access-review",
		WHERE("campaign",
			"t.f_type = 'access_review' AND t.state = 'closed'"
			" AND t.f_done IS NOT NULL")),
	STATE("access-rule", "access_policy", "effective"),
	PROOF("access-rule", HELD),
	PROOF("activity",
		WHERE("action",
			"t.f_type = 'activity' AND t.state <> 'dropped'"
			" AND t.f_owner IS NOT NULL AND t.f_due IS NOT NULL")),
	PROOF("advisory",
		WHERE("message",
			"t.f_type = 'advisory' AND t.state NOT IN ('drafted', 'cleared')")),
	PROOF("advisory", WHERE("disclosure", "t.f_published IS NOT NULL")),
	STATE("advisory", "vex", "published"),
	DATED("agreement",
		WHERE("document",
			"t.f_type = 'agreement' AND t.state = 'effective'"
			" AND (t.f_valid_until IS NULL OR t.f_valid_until >= $2)")),
	PROOF("anomaly", WHERE("anomaly", "t.f_release IS NOT NULL AND t.state <> 'open'")),
	PROOF("approval", SIGNED),
	PROOF("assessment", WHERE("assessment", "t.f_type <> 'audit' AND t.state IN " REPORTED)),
	PROOF("asset",
		WHERE("asset",
			"t.state = 'in_use' AND t.f_owner IS NOT NULL"
			" AND t.f_confidentiality IS NOT NULL AND t.f_integrity IS NOT NULL"
			" AND t.f_availability IS NOT NULL")),
	PROOF("audit", WHERE("programme", "t.f_type = 'audit' AND t.state <> 'draft'")),
	PROOF("audit", WHERE("assessment", "t.f_type = 'audit' AND t.state IN " REPORTED)),
	TYPED("backup", "evidence", "backup", "accepted"),
	PROOF("change",
		WHERE("change",
			"t.f_risk_review IN ('done', 'not_needed', 'waived')"
			" AND t.state IN ('approved', 'implemented', 'verified', 'closed')")),
	STATE("communication", "communication", "effective"),
	PROOF("communication",
		WHERE("message",
			"t.f_direction = 'out' AND t.state NOT IN ('drafted', 'cleared')")),
	PROOF("component", WHERE("element", "t.state = 'active' AND t.f_model IS NOT NULL")),
	PROOF("component", WHERE("component", "t.state = 'in_use' AND t.f_sbom IS NOT NULL")),
	DATED("context",
		WHERE("issue",
			"t.state <> 'closed' AND t.f_reviewed IS NOT NULL"
			" AND (t.f_review_due IS NULL OR t.f_review_due >= $2)")),
	PROOF("control", WHERE("control", "t.state = 'operating' AND t.f_last_test IS NOT NULL")),
	PROOF("corrective-action",
		WHERE("action",
			"t.f_type IN ('corrective', 'improvement')"
			" AND t.f_effect_result = 'effective'")),
	PROOF("corrective-action", WHERE("finding", "t.f_effective = 'effective'")),
	PROOF("countermeasure", LINKED("control", "counters", "t.f_domain = 'product'")),
	PROOF("credential", WHERE("identity", "t.state = 'active' AND t.f_credential IS NOT NULL")),
	STATE("criteria", "risk_model", "effective"),
	TYPED("data-map", "document", "record_of_processing", "effective"),
	PROOF("data-map", WHERE("process", "t.f_personal_data = 1 AND t.state = 'effective'")),
	PROOF("device", WHERE("device", "t.f_installed IS NOT NULL AND t.f_serial IS NOT NULL")),
	PROOF("device", WHERE("product", "t.f_udi_di IS NOT NULL")),
	PROOF("disclosure", WHERE("disclosure", "t.state <> 'received'")),
	PROOF("disclosure",
		WHERE("document",
			"t.f_type = 'policy' AND t.state = 'effective'"
			" AND lower(t.f_title) LIKE '%disclosure%'")),
	STATE("document", "document", "effective"),
	PROOF("exercise", WHERE("exercise", "t.state IN ('evaluated', 'closed')")),
	STATE("flow", "flow", "active"),
	PROOF("hazard", WHERE("hazard", "t.state <> 'identified'")),
	PROOF("identity",
		WHERE("identity",
			"t.state = 'active'"
			" AND (t.f_owner IS NOT NULL OR t.f_person IS NOT NULL)")),
	STATE("identity", "person", "active"),
	PROOF("incident", WHERE("incident", "t.f_log IS NOT NULL AND t.f_ended IS NOT NULL")),
	STATE("interface", "interface", "active"),
	PROOF("label",
		WHERE("document",
			"t.f_type IN ('label', 'instruction', 'disclosure_statement')"
			" AND t.state = 'effective'")),
	TYPED("log", "campaign", "log_review", "closed"),
	TYPED("log", "evidence", "log", "accepted"),
	PROOF("management-review",
		WHERE("review", "t.state IN ('signed', 'outputs_tracked', 'closed')")),
	PROOF("metric", WHERE("metric", "t.state = 'active' AND t.f_measurement IS NOT NULL")),
	PROOF("milestone",
		WHERE("decision",
			"t.f_type = 'gate'"
			" AND t.state NOT IN ('proposed', 'revoked', 'refused')")),
	PROOF("nonconformity", WHERE("finding", "t.f_grade IN ('major', 'minor')")),
	PROOF("objective",
		WHERE("objective",
			"t.state <> 'draft' AND t.f_judged IS NOT NULL")),
	PROOF("objective",
		BY("l.from_ref", "objective",
			"link l WHERE t.state <> 'draft' AND l.to_ref = t.ref"
			" AND l.type = 'measures' AND " THEN("l"))),
	PROOF("obligation", WHERE("obligation", "t.state = 'in_force' AND t.f_addressed = 'yes'")),
	STATE("party", "party", "active"),
	STATE("person", "person", "active"),
	PROOF("plan",
		WHERE("plan",
			"t.state IN ('effective', 'activated', 'standing_down', 'recovering')")),
	TYPED("plan", "document", "plan", "effective"),
	TYPED("policy", "document", "policy", "effective"),
	STATE("policy", "access_policy", "effective"),
	STATE("process", "process", "effective"),
	TYPED("process", "document", "procedure", "effective"),
	PROOF("product", WHERE("product", "t.state <> 'concept'")),
	PROOF("release",
		WHERE("release",
			"t.f_sbom IS NOT NULL AND t.f_signature IS NOT NULL"
			" AND t.f_released IS NOT NULL")),
	PROOF("report",
		WHERE("document", "t.f_type = 'report' AND t.state IN ('approved', 'effective')")),
	PROOF("requirement", PASSED),
	STATE("resource", "resource", "provided"),
	PROOF("review", WHERE("assessment", "t.f_type = 'work_review' AND t.state IN " REPORTED)),
	PROOF("review",
		WHERE("document", "t.f_type = 'review' AND t.state IN ('approved', 'effective')")),
	PROOF("risk",
		WHERE("risk",
			"t.f_criteria IS NOT NULL"
			" AND t.state NOT IN ('identified', 'analysed')")),
	PROOF("role", HELD),
	PROOF("sbom", WHERE("sbom", "t.f_completeness = 'complete' AND t.state = 'complete'")),
	STATE("scope", "scope", "effective"),
	PROOF("session", WHERE("access_policy", "t.state = 'effective' AND t.f_rule IS NOT NULL")),
	TYPED("site", "unit", "site", "active"),
	TYPED("site", "asset", "place", "in_use"),
	PROOF("submission", WHERE("deliverable", "t.state IN ('ready', 'submitted')")),
	DATED("supplier",
		WHERE("party",
			"t.f_type = 'supplier' AND t.state = 'active'"
			" AND t.f_rated IS NOT NULL"
			" AND (t.f_review_due IS NULL OR t.f_review_due >= $2)")),
	PROOF("supplier", WHERE("assessment", "t.f_type = 'supplier' AND t.state IN " REPORTED)),
	PROOF("support",
		WHERE("component", "t.f_support IS NOT NULL AND t.f_end_of_support IS NOT NULL")),
	PROOF("support", WHERE("product", "t.f_support_until IS NOT NULL")),
	PROOF("support", WHERE("release", "t.f_supported_until IS NOT NULL")),
	PROOF("test", WHERE("test", "t.f_last_run IS NOT NULL AND t.f_result IS NOT NULL")),
	TYPED("test-report", "evidence", "test_report", "accepted"),
	PROOF("test-report",
		WHERE("document",
			"t.f_type = 'report' AND t.state IN ('approved', 'effective')"
			" AND lower(t.f_title) LIKE '%test%'")),
	PROOF("threat", WHERE("threat", "t.state IN ('answered', 'closed')")),
	STATE("threat-model", "threat_model", "approved"),
	PROOF("trace", TRACED),
	PROOF("training",
		WHERE("campaign", "t.f_type IN ('training', 'awareness') AND t.state = 'closed'")),
	DATED("training",
		WHERE("qualification",
			"t.state IN ('valid', 'expiring')"
			" AND (t.f_until IS NULL OR t.f_until >= $2)")),
	PROOF("treatment",
		WHERE("action",
			"t.f_type = 'treatment' AND t.state NOT IN ('proposed', 'dropped')")),
	PROOF("treatment",
		WHERE("decision",
			"t.f_type = 'treatment_choice'"
			" AND t.state IN ('decided', 'in_force')")),
	PROOF("treatment", LINKED("control", "treats", "t.state = 'operating'")),
	PROOF("update",
		WHERE("release", "t.f_released IS NOT NULL AND t.f_supersedes IS NOT NULL")),
	PROOF("update", WHERE("device", "t.f_installed IS NOT NULL AND t.f_release IS NOT NULL")),
	STATE("view", "view", "approved"),
	PROOF("vulnerability", WHERE("vulnerability", "t.f_decision IS NOT NULL")),
	STATE("vulnerability", "vex", "published"),
	STATE("zone", "zone", "active"),
};

bool evidence_is_known(str word)
{
	for (isize i = 0; i < COUNT_OF(proofs); i++)
		if (str_eq(proofs[i].evidence, word))
			return true;
	return false;
}

/* What the caller may not see shows them nothing: neither by its title, nor by turning a gap of
   another record into a proof. */
static bool is_shown(struct call *c, const struct rows *r)
{
	str other = rows_str(r, 1);

	return kind_seen(c, rows_str(r, 0)) && (other.n == 0 || kind_seen(c, other));
}

static bool is_in(const str *ref, isize n, str one)
{
	bool found = false;

	for (isize i = 0; i < n; i++)
		found |= str_eq(ref[i], one);
	return found;
}

/* Adds references of the records that `p` finds to the `n` that there are, up to `max`; returns how
   many there are then. */
static isize find_proof(struct call *c, const struct proof *p, str *ref, isize n, isize max)
{
	int64_t at = c->at_us == TIME_NONE ? INT64_MAX : c->at_us;
	int64_t today = (c->at_us == TIME_NONE ? c->now_us : c->at_us) / DAY_US;
	struct rows r;

	if (p->is_dated)
		db_query(c->db, &r, p->sql, V(at), V(today));
	else
		db_query(c->db, &r, p->sql, V(at));
	while (n < max && rows_next(&r))
		if (!is_in(ref, n, rows_str(&r, 0)) && is_shown(c, &r))
			ref[n++] = str_dup(c->arena, rows_str(&r, 0));
	return rows_done(&r) ? n : 0;
}

static struct shown *known(struct shown_list *list, str word)
{
	for (isize i = 0; i < list->count; i++)
		if (str_eq(list->item[i].word, word))
			return &list->item[i];
	return NULL;
}

const struct shown *evidence_get(struct call *c, struct shown_list *list, str word)
{
	static const struct shown none;
	struct shown *e = known(list, word);
	str ref[EVIDENCE_FOUND];
	isize n = 0;

	if (e)
		return e;
	if (list->count == EVIDENCE_MAX)
		return &none;
	for (isize i = 0; i < COUNT_OF(proofs); i++)
		if (str_eq(proofs[i].evidence, word))
			n = find_proof(c, &proofs[i], ref, n,
				list->with_records ? EVIDENCE_FOUND : 1);
	e = &list->item[list->count++];
	*e = (struct shown){.word = word, .is_shown = n > 0};
	if (!list->with_records || n == 0)
		return e;
	struct brief *found = NEW(c->arena, struct brief, n);
	e->record = NEW(c->arena, struct brief, EVIDENCE_RECORDS);
	if (!kind_briefs(c, ref, n, found))
		return e;
	for (isize i = 0; i < n && e->record_count < EVIDENCE_RECORDS; i++)
		if (found[i].kind)
			e->record[e->record_count++] = found[i];
	return e;
}
