/* Triage over a store: findings joined with records, every decision, answers, rules that change. */
#include "store.h"
#include "threat/records/records.h"
#include "threat/triage/triage.h"

#define TODAY S("2026-09-30T08:00:00Z")

/* A pump at a bed and a server of ours: one flow says nothing, one says that it is in the clear. */
static struct call *open_model(struct test_case *t)
{
	struct call *c = store_open(t, TODAY);

	store_put(t, c, "person", "P01", "active", NULL);
	store_put(t, c, "zone", "Z-1", "active", "exposure", "3", NULL);
	store_put(t, c, "zone", "Z-2", "active", "exposure", "1", NULL);
	store_put(t, c, "asset", "A-1", "in_use", "owner", "P01", "type", "information", "safety",
		"5", "confidentiality", "high", "integrity", "high", "availability", "high",
		"property", "[{\"name\":\"class\",\"value\":\"health-data\"}]", NULL);
	store_put(t, c, "element", "C-1", "active", "type", "device", "zone", "Z-1", "safety", "4",
		NULL);
	store_put(t, c, "element", "C-2", "active", "type", "process", "zone", "Z-2", NULL);
	store_put(t, c, "flow", "F-1", "active", "from", "C-1", "to", "C-2", NULL);
	store_put(t, c, "flow", "F-2", "active", "from", "C-1", "to", "C-2", "property",
		"[{\"name\":\"encryption\",\"value\":\"none\"},"
		"{\"name\":\"protocol\",\"value\":\"http\"}]",
		NULL);
	CHECK(link_add(c, S("F-1"), S("carries"), S("A-1"), S("")));
	CHECK(link_add(c, S("F-2"), S("carries"), S("A-1"), S("")));
	return c;
}

static struct triage *state(struct test_case *t, struct call *c)
{
	struct triage *all = NEW(c->arena, struct triage, 1);

	if (!triage_make(c, &all))
		test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
	return all;
}

static const struct triage_item *item(struct test_case *t, struct call *c, const char *key)
{
	static const struct triage_item none = {.place = TRIAGE_PLACES};
	const struct triage *all = state(t, c);

	for (isize i = 0; i < all->count; i++)
		if (str_eq(all->item[i].key, str_of(key)))
			return &all->item[i];
	test_fail(t, __FILE__, __LINE__, "there is no item %s", key);
	return &none;
}

static const struct triage_question *question(
	struct test_case *t, const struct triage *all, const char *property, enum part_group g)
{
	static const struct triage_question none;

	for (isize i = 0; i < all->question_count; i++)
		if (str_eq(all->question[i].property, str_of(property)) &&
			all->question[i].group == g)
			return &all->question[i];
	test_fail(t, __FILE__, __LINE__, "nobody asks for %s", property);
	return &none;
}

static int64_t entries(struct call *c)
{
	return db_int(c->db, SQL("SELECT count(*) FROM entry"));
}

static bool decide_as(struct call *c, struct triage_decision *d, const char *word, const char *key,
	int64_t rev, const char *reason)
{
	struct triage_pick pick = {str_of(key), rev};

	d->word = str_of(word);
	d->pick = &pick;
	d->count = 1;
	c->reason = str_of(reason);
	return triage_decide(c, d);
}

static bool decide(struct call *c, const char *word, const char *key, const char *reason)
{
	return decide_as(c, &(struct triage_decision){0}, word, key, 0, reason);
}

static str linked(struct test_case *t, struct call *c, str ref, const char *type)
{
	struct link *link;
	isize count;

	CHECK(link_list(c, ref, &link, &count));
	for (isize i = 0; i < count; i++)
		if (str_eq(link[i].type, str_of(type)))
			return link[i].other.ref;
	return S("");
}

static const char *const in_clear = "health-data-in-clear/F-2";

TEST(what_the_rules_see_waits_for_a_decision_or_a_fact, "")
{
	struct call *c = open_model(t);
	const struct triage_item *open = item(t, c, in_clear);

	CHECK_INT(open->place, TRIAGE_OPEN);
	CHECK(!open->record);
	CHECK_STR(open->target, S("F-2"));
	CHECK_INT(open->safety, 4);
	CHECK_INT(item(t, c, "health-data-in-clear/F-1")->place, TRIAGE_ASKED);
	const struct triage *all = state(t, c);
	CHECK(all->tally[TRIAGE_OPEN] > 0 && all->tally[TRIAGE_ASKED] > 0);
	for (isize i = 1; i < all->count; i++)
		CHECK(all->item[i - 1].safety >= all->item[i].safety);
	const struct triage_question *q = question(t, all, "encryption", PART_FLOW);
	CHECK_INT(q->part_count, 1);
	CHECK_STR(q->part[0].ref, S("F-1"));
	CHECK_INT(q->part[0].rev, 1);
	CHECK(q->word_count > 3 && q->is_list && q->findings >= 1);
	store_close(t, c);
}

TEST(an_answer_closes_its_questions_and_is_a_revision, "")
{
	struct call *c = open_model(t);
	struct triage_pick part = {S("F-1"), 1};
	str words[] = {S("tls")};
	int64_t size = entries(c);
	struct rec *rec;

	c->reason = S("seen in the capture");
	CHECK(triage_answer(c, S("encryption"), words, 1, S("capture 12"), &part, 1));
	CHECK_INT(entries(c), size + 1);
	CHECK(kind_get_any(c, S("F-1"), &rec));
	const struct flow *f = (const struct flow *)rec;
	CHECK_INT(rec->rev, 2);
	CHECK_STR(rec->why, S("seen in the capture"));
	CHECK_INT(f->property.count, 1);
	CHECK_STR(f->property.item[0].value, S("tls"));
	CHECK_STR(f->property.item[0].claim, S("capture 12"));
	const struct triage *all = state(t, c);
	for (isize i = 0; i < all->count; i++)
		CHECK(!str_eq(all->item[i].key, S("health-data-in-clear/F-1")));
	/* The same answer again changes nothing; another one replaces the row. */
	part.rev = 2;
	CHECK(triage_answer(c, S("encryption"), words, 1, S("capture 12"), &part, 1));
	CHECK_INT(entries(c), size + 1);
	str two[] = {S("tls"), S("vpn")};
	CHECK(triage_answer(c, S("encryption"), two, 2, S(""), &part, 1));
	CHECK(kind_get_any(c, S("F-1"), &rec));
	CHECK_INT(((const struct flow *)rec)->property.count, 2);
	store_close(t, c);
}

TEST(not_known_yet_stays_a_question_and_says_so, "")
{
	struct call *c = open_model(t);
	struct triage_pick part = {S("F-1"), 1};
	str words[] = {S("?")};

	CHECK(triage_answer(c, S("encryption"), words, 1, S(""), &part, 1));
	const struct triage_question *q = question(t, state(t, c), "encryption", PART_FLOW);
	CHECK_INT(q->part_count, 1);
	CHECK(q->part[0].is_unknown);
	store_close(t, c);
}

TEST(a_wrong_or_stale_answer_leaves_no_trace, "")
{
	struct call *c = open_model(t);
	struct triage_pick parts[] = {{S("F-1"), 1}, {S("F-2"), 7}};
	str tls[] = {S("tls")}, bad[] = {S("magic")}, both[] = {S("yes"), S("no")};
	struct rec *rec;

	CHECK(store_commit(t, c));
	CHECK(!triage_answer(c, S("encryption"), tls, 1, S(""), parts, 2));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	store_undo(t, c);
	CHECK(kind_get_any(c, S("F-1"), &rec));
	CHECK_INT(rec->rev, 1);
	CHECK(!triage_answer(c, S("encryption"), bad, 1, S(""), parts, 1));
	CHECK_STR(c->err.issues->field, S("answer"));
	store_undo(t, c);
	CHECK(!triage_answer(c, S("supervised"), both, 2, S(""), parts, 1));
	CHECK_STR(c->err.issues->field, S("answer"));
	store_undo(t, c);
	CHECK(!triage_answer(c, S("second-factor"), both, 1, S(""), parts, 1));
	CHECK_STR(c->err.issues->field, S("property"));
	store_undo(t, c);
	CHECK(!triage_answer(c, S("encryption"), tls, 0, S(""), parts, 0));
	CHECK_INT(c->err.issue_count, 2);
	store_close(t, c);
}

TEST(each_decision_is_a_threat_in_its_state_with_its_reason, "")
{
	static const struct {
		const char *word, *state;
	} way[] = {{"accept", "answered"}, {"dismiss", "not_applicable"}};
	for (isize i = 0; i < COUNT_OF(way); i++) {
		struct call *c = open_model(t);
		CHECK(!decide(c, way[i].word, in_clear, " "));
		CHECK_STR(c->err.issues->field, S("reason"));
		err_clear(&c->err);
		CHECK_INT(item(t, c, in_clear)->place, TRIAGE_OPEN);
		CHECK(decide(c, way[i].word, in_clear, "the room is locked"));
		const struct triage_item *one = item(t, c, in_clear);
		CHECK_INT(one->place, TRIAGE_DECIDED);
		CHECK_STR(one->record->rec.kind->state[one->record->rec.state].name,
			str_of(way[i].state));
		CHECK_STR(one->record->reason, S("the room is locked"));
		CHECK_STR(one->record->rec.why, S("the room is locked"));
		CHECK_STR(kind_word(kind_field(one->record->rec.kind, S("decision")),
				  one->record->decision),
			str_of(way[i].word));
		CHECK(str_starts(one->record->rule, S("health-data-in-clear rev ")));
		CHECK_STR(linked(t, c, one->record->rec.ref, "targets"), S("F-2"));
		store_close(t, c);
	}
}

TEST(an_assumption_is_tracked_and_shakes_what_rests_on_it, "")
{
	struct call *c = open_model(t);
	struct triage_decision d = {
		.assumption = S("The network of the ward is closed"), .if_fails = S("Readable")};
	struct rec *rec;

	CHECK(!decide(c, "assume", in_clear, ""));
	CHECK_STR(c->err.issues->field, S("assumption"));
	err_clear(&c->err);
	CHECK(decide_as(c, &d, "assume", in_clear, 0, ""));
	const struct triage_item *one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_DECIDED);
	CHECK_INT(one->record->rec.state, THREAT_STATE_NOT_APPLICABLE);
	str ref = linked(t, c, one->record->rec.ref, "rests_on");
	CHECK_STR(ref, S("ASM-1"));
	CHECK(kind_get_any(c, ref, &rec));
	CHECK_STR(rec->title, S("The network of the ward is closed"));
	CHECK(kind_move(c, rec, ASSUMPTION_STATE_FAILED));
	one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_AGAIN);
	CHECK(str_find(one->again, S("assumption")) >= 0);
	store_close(t, c);
}

TEST(a_threat_goes_to_somebody_else_by_name, "")
{
	struct call *c = open_model(t);
	struct triage_decision d = {.to = S("The hospital")};

	CHECK(!decide(c, "transfer", in_clear, "in the contract"));
	CHECK_STR(c->err.issues->field, S("to"));
	err_clear(&c->err);
	CHECK(decide_as(c, &d, "transfer", in_clear, 0, "in the contract"));
	CHECK_STR(item(t, c, in_clear)->record->transferred_to, S("The hospital"));
	store_close(t, c);
}

TEST(mitigation_makes_a_control_and_its_requirement_once, "")
{
	struct call *c = open_model(t);
	struct triage_pick picks[] = {{str_of(in_clear), 0}, {S("health-data-in-clear/F-1"), 0}};
	struct triage_decision d = {.word = S("mitigate"), .pick = picks, .count = 2};
	struct rec *rec;

	c->reason = S("");
	CHECK(triage_decide(c, &d));
	const struct triage_item *one = item(t, c, in_clear);
	str control = linked(t, c, one->record->rec.ref, "counters");
	CHECK_STR(control, S("CM-1"));
	CHECK_STR(linked(t, c, item(t, c, "health-data-in-clear/F-1")->record->rec.ref, "counters"),
		control);
	CHECK_STR(linked(t, c, control, "refines"), S("REQ-1"));
	CHECK(kind_get_any(c, S("REQ-1"), &rec));
	const struct requirement *r = (const struct requirement *)rec;
	CHECK(r->statement.n > 20 && str_starts(r->acceptance, S("- ")));
	CHECK(r->verification > 0 && r->fda_category > 0);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM link WHERE from_ref = 'REQ-1'"
			      " AND type = 'applies_to'")),
		2);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM control WHERE until IS NULL")), 1);
	/* The same entry of the catalogue once more finds the control that is there. */
	struct triage_decision again = {.control = S("CM-1")};
	CHECK(decide_as(c, &again, "mitigate", in_clear, one->record->rec.rev, "still so"));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM control WHERE until IS NULL")), 1);
	again.control = S("encrypt-in-transit");
	CHECK(decide_as(c, &again, "mitigate", in_clear, item(t, c, in_clear)->record->rec.rev,
		"once more"));
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM control WHERE until IS NULL")), 1);
	again.control = S("nothing-of-that-name");
	CHECK(!decide_as(
		c, &again, "mitigate", in_clear, item(t, c, in_clear)->record->rec.rev, ""));
	CHECK_STR(c->err.issues->field, S("control"));
	store_close(t, c);
}

TEST(a_risk_is_raised_for_several_threats, "")
{
	struct call *c = open_model(t);
	struct triage_pick picks[] = {{str_of(in_clear), 0}, {S("health-data-in-clear/F-1"), 0}};
	struct triage_decision d = {.word = S("risk"),
		.pick = picks,
		.count = 2,
		.title = S("Patient data is read"),
		.owner = S("P01")};
	struct rec *rec;

	CHECK(triage_decide(c, &d));
	const struct triage_item *one = item(t, c, in_clear);
	CHECK_INT(one->record->rec.state, THREAT_STATE_ASSESSED);
	CHECK_STR(linked(t, c, one->record->rec.ref, "raises"), S("RSK-1"));
	CHECK(kind_get_any(c, S("RSK-1"), &rec));
	CHECK_STR(rec->owner, S("P01"));
	struct triage_decision other = {.risk = S("RSK-9")};
	CHECK(!decide_as(c, &other, "risk", in_clear, one->record->rec.rev, ""));
	CHECK_STR(c->err.issues->field, S("risk"));
	store_close(t, c);
}

TEST(who_decides_second_is_told, "")
{
	struct call *c = open_model(t);
	int64_t size;

	CHECK(decide(c, "accept", in_clear, "first"));
	size = entries(c);
	CHECK(!decide(c, "dismiss", in_clear, "second"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK_INT(entries(c), size);
	CHECK_STR(item(t, c, in_clear)->record->reason, S("first"));
	CHECK(!decide(c, "accept", "health-data-in-clear/F-9", "nothing"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(!decide(c, "ponder", in_clear, "nothing"));
	CHECK_STR(c->err.issues->field, S("decision"));
	store_close(t, c);
}

TEST(a_revised_rule_asks_to_look_again, "")
{
	struct call *c = open_model(t);
	struct threat *record;

	CHECK(decide(c, "accept", in_clear, "fine"));
	record = kind_copy(c->arena, &kinds[KIND_THREAT], item(t, c, in_clear)->record);
	record->rule = S("health-data-in-clear rev 0");
	c->reason = S("an older rule");
	CHECK(kind_put(c, record, S("threat.update")));
	const struct triage_item *one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_AGAIN);
	CHECK(decide_as(c, &(struct triage_decision){0}, "accept", in_clear, one->record->rec.rev,
		"still fine"));
	CHECK_INT(item(t, c, in_clear)->place, TRIAGE_DECIDED);
	store_close(t, c);
}

TEST(what_the_rules_no_longer_see_is_set_aside_and_comes_back, "")
{
	struct call *c = open_model(t);
	struct rec *flow;

	CHECK(decide(c, "accept", in_clear, "fine"));
	CHECK(!decide_as(c, &(struct triage_decision){0}, "gone", in_clear,
		item(t, c, in_clear)->record->rec.rev, ""));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(kind_get_any(c, S("F-2"), &flow));
	CHECK(kind_move(c, flow, FLOW_STATE_RETIRED));
	const struct triage_item *one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_LEAVING);
	str ref = one->record->rec.ref;
	CHECK(!decide_as(
		c, &(struct triage_decision){0}, "accept", in_clear, one->record->rec.rev, "no"));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(decide_as(
		c, &(struct triage_decision){0}, "gone", in_clear, one->record->rec.rev, ""));
	one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_GONE);
	CHECK_STR(one->record->reason, S("fine"));
	CHECK(kind_move(c, flow, FLOW_STATE_ACTIVE));
	one = item(t, c, in_clear);
	CHECK_INT(one->place, TRIAGE_AGAIN);
	CHECK_STR(one->record->rec.ref, ref);
	CHECK(decide_as(c, &(struct triage_decision){0}, "dismiss", in_clear, one->record->rec.rev,
		"another reason"));
	CHECK_INT(item(t, c, in_clear)->record->rec.state, THREAT_STATE_NOT_APPLICABLE);
	store_close(t, c);
}

/* The record of a threat at F-2, brought to a state, and the flow then retired. */
static int64_t leave_from(struct test_case *t, struct call *c, const char *word, int to)
{
	struct threat *record;
	struct rec *flow;

	CHECK(decide(c, word, in_clear, "as it was"));
	record = kind_copy(c->arena, &kinds[KIND_THREAT], item(t, c, in_clear)->record);
	if (record->rec.state != to)
		CHECK(kind_move(c, record, to));
	CHECK(kind_get_any(c, S("F-2"), &flow) && kind_move(c, flow, FLOW_STATE_RETIRED));
	return item(t, c, in_clear)->record->rec.rev;
}

TEST(a_threat_is_gone_from_any_state, "")
{
	static const struct {
		const char *word;
		int state;
	} way[] = {{"dismiss", THREAT_STATE_NOT_APPLICABLE}, {"accept", THREAT_STATE_CLOSED}};

	for (int i = 0; i < COUNT_OF(way); i++) {
		struct call *c = open_model(t);
		int64_t rev = leave_from(t, c, way[i].word, way[i].state);
		CHECK_INT(item(t, c, in_clear)->place, TRIAGE_LEAVING);
		CHECK(decide_as(c, &(struct triage_decision){0}, "gone", in_clear, rev, ""));
		CHECK_INT(item(t, c, in_clear)->place, TRIAGE_GONE);
		CHECK_STR(item(t, c, in_clear)->record->reason, S("as it was"));
		store_close(t, c);
	}
}

TEST(what_people_wrote_down_is_triaged_too, "")
{
	struct call *c = open_model(t);

	store_put(t, c, "threat", "THR-7", "identified", "category", "tampering", "impact", "3",
		NULL);
	store_put(t, c, "threat", "THR-8", "identified", "category", "spoofing", NULL);
	store_put(t, c, "threat", "THR-9", "answered", "category", "spoofing", "applies", "yes",
		NULL);
	CHECK(link_add(c, S("THR-7"), S("targets"), S("F-1"), S("")));
	const struct triage_item *one = item(t, c, "THR-7");
	CHECK_INT(one->place, TRIAGE_OPEN);
	CHECK(one->rule == NULL && one->finding == NULL);
	CHECK_STR(one->target, S("F-1"));
	CHECK_INT(one->safety, 4);
	CHECK_INT(one->impact, 3);
	CHECK_STR(item(t, c, "THR-8")->target, S(""));
	CHECK_INT(item(t, c, "THR-9")->place, TRIAGE_DECIDED);
	/* No rule says what would help. */
	CHECK(!decide_as(
		c, &(struct triage_decision){0}, "mitigate", "THR-7", one->record->rec.rev, ""));
	CHECK_INT(c->err.code, ERR_INVALID);
	err_clear(&c->err);
	CHECK(!decide_as(
		c, &(struct triage_decision){0}, "gone", "THR-7", one->record->rec.rev, ""));
	CHECK_INT(c->err.code, ERR_CONFLICT);
	err_clear(&c->err);
	CHECK(decide_as(c, &(struct triage_decision){0}, "dismiss", "THR-7", one->record->rec.rev,
		"sealed"));
	CHECK(decide_as(c, &(struct triage_decision){.control = S("encrypt-in-transit")},
		"mitigate", "THR-8", item(t, c, "THR-8")->record->rec.rev, ""));
	CHECK_INT(item(t, c, "THR-7")->record->rec.state, THREAT_STATE_NOT_APPLICABLE);
	CHECK_STR(item(t, c, "THR-7")->record->rule_key, S(""));
	CHECK_INT(item(t, c, "THR-8")->place, TRIAGE_DECIDED);
	CHECK(linked(t, c, S("THR-8"), "counters").n > 0);
	store_close(t, c);
}

static const struct cover_cell *cell(
	struct test_case *t, const struct cover *cover, const char *part, enum threat_class class)
{
	static const struct cover_cell none;

	for (isize i = 0; i < cover->count; i++)
		if (str_eq(cover->row[i].part->id, str_of(part)))
			return &cover->row[i].cell[class];
	test_fail(t, __FILE__, __LINE__, "there is no row %s", part);
	return &none;
}

static void cover(struct test_case *t, struct call *c, const char *product, struct cover *out)
{
	CHECK(triage_cover(c, state(t, c), str_of(product), out));
}

TEST(coverage_says_what_became_of_what_was_found, "")
{
	struct call *c = open_model(t);
	struct cover before, after;

	cover(t, c, "", &before);
	CHECK_INT(before.count, 4);
	const struct cover_cell *x = cell(t, &before, "F-2", THREAT_DISCLOSURE);
	CHECK(x->open > 0 && x->looked);
	CHECK(cell(t, &before, "F-1", THREAT_DISCLOSURE)->asked > 0);
	store_put(t, c, "threat", "THR-7", "answered", "category", "repudiation", "applies", "yes",
		NULL);
	store_put(t, c, "threat", "THR-8", "not_applicable", "category", "repudiation", "reason",
		"none", NULL);
	store_put(t, c, "threat", "THR-9", "identified", "category", "safety", NULL);
	for (int i = 0; i < 2; i++) {
		CHECK(link_add(c, S("THR-7"), S("targets"), i ? S("C-2") : S("F-2"), S("")));
		CHECK(link_add(c, i ? S("THR-8") : S("THR-9"), S("targets"), S("F-2"), S("")));
	}
	CHECK(decide(c, "accept", in_clear, "fine"));
	cover(t, c, "", &after);
	CHECK_INT(cell(t, &after, "F-2", THREAT_DISCLOSURE)->open, x->open - 1);
	CHECK_INT(cell(t, &after, "F-2", THREAT_DISCLOSURE)->handled, x->handled + 1);
	for (int i = 0; i < 2; i++) {
		const char *part = i ? "C-2" : "F-2";
		CHECK_INT(cell(t, &after, part, THREAT_REPUDIATION)->handled,
			cell(t, &before, part, THREAT_REPUDIATION)->handled + 1);
	}
	CHECK_INT(cell(t, &after, "F-2", THREAT_REPUDIATION)->away, 1);
	CHECK_INT(after.total[THREAT_REPUDIATION].handled,
		before.total[THREAT_REPUDIATION].handled + 2);
	CHECK_INT(after.total[THREAT_SPOOFING].open, before.total[THREAT_SPOOFING].open);
	store_close(t, c);
}

TEST(coverage_of_a_product_has_its_parts, "")
{
	struct call *c = open_model(t);
	struct cover one;

	store_put(t, c, "product", "PRD-1", "on_market", NULL);
	store_put(t, c, "product", "PRD-2", "on_market", NULL);
	store_put(t, c, "element", "C-5", "active", "type", "process", "zone", "Z-1", "products",
		"[\"PRD-1\"]", NULL);
	store_put(t, c, "flow", "F-5", "active", "from", "C-5", "to", "C-2", "product", "PRD-1",
		NULL);
	cover(t, c, "", &one);
	CHECK_INT(one.count, 6);
	cover(t, c, "PRD-1", &one);
	CHECK_INT(one.count, 6);
	cover(t, c, "PRD-2", &one);
	CHECK_INT(one.count, 4);
	for (isize i = 0; i < one.count; i++)
		CHECK(!str_eq(one.row[i].part->id, S("C-5")) &&
			!str_eq(one.row[i].part->id, S("F-5")));
	store_close(t, c);
}

static bool leads_to(const struct triage *all, const char *property, enum part_group g,
	const char *part, const char *ref, const char *anchor)
{
	struct triage_question q = {.property = str_of(property), .group = g};
	struct triage_part p = {.ref = str_of(part)};
	struct triage_lead lead[TRIAGE_LEADS];
	isize count = triage_leads(all, &q, &p, lead);

	for (isize i = 0; i < count; i++)
		if (str_eq(lead[i].ref, str_of(ref)) && str_eq(lead[i].anchor, str_of(anchor)))
			return true;
	return false;
}

TEST(what_follows_from_others_leads_to_where_it_is_said, "")
{
	struct call *c = open_model(t);

	store_put(t, c, "asset", "A-2", "in_use", "owner", "P01", "type", "information", NULL);
	store_put(t, c, "element", "C-3", "active", "type", "store", NULL);
	store_put(t, c, "flow", "F-3", "active", "from", "C-2", "to", "C-3", NULL);
	CHECK(link_add(c, S("F-1"), S("carries"), S("A-2"), S("")));
	CHECK(link_add(c, S("A-2"), S("resides_in"), S("C-2"), S("")));
	const struct triage *all = state(t, c);
	CHECK(leads_to(all, "carries-class", PART_FLOW, "F-1", "A-2", "property"));
	CHECK(!leads_to(all, "carries-class", PART_FLOW, "F-1", "A-1", "property"));
	CHECK(leads_to(all, "carries-integrity", PART_FLOW, "F-1", "A-2", "integrity"));
	CHECK(leads_to(all, "carries-class", PART_FLOW, "F-3", "F-3", ""));
	CHECK(leads_to(all, "holds-class", PART_ELEMENT, "C-2", "A-2", "property"));
	CHECK(leads_to(all, "holds-class", PART_ELEMENT, "C-3", "C-3", ""));
	CHECK(leads_to(all, "receives", PART_ELEMENT, "C-3", "F-3", "content"));
	CHECK(leads_to(all, "exposure", PART_ELEMENT, "C-3", "C-3", "zone"));
	CHECK(leads_to(all, "reached-by", PART_ELEMENT, "C-2", "Z-2", "exposure"));
	CHECK(leads_to(all, "exposure", PART_FLOW, "F-3", "C-3", "zone"));
	CHECK(leads_to(all, "exposure", PART_FLOW, "F-99", "F-99", ""));
	store_close(t, c);
}

TEST(a_zone_says_its_facts_and_a_flow_by_its_fields, "")
{
	struct call *c = open_model(t);
	struct triage_pick part = {S("Z-1"), 1};
	str words[] = {S("yes")};
	struct model *m;

	store_put(t, c, "flow", "F-3", "active", "from", "C-2", "to", "C-1", "content", "command",
		"both_ways", "yes", NULL);
	store_put(t, c, "flow", "F-4", "active", "from", "C-2", "to", "C-1", "content", "code",
		"property", "[{\"name\":\"content\",\"value\":\"data\"}]", NULL);
	c->reason = S("");
	CHECK(triage_answer(c, S("filtered"), words, 1, S("ruleset 12"), &part, 1));
	CHECK(model_from_records(c, NULL, &m));
	CHECK_STR(part_value(&m->of[PART_ZONE].list[0], S("filtered")), S("yes"));
	CHECK_STR(part_value(&m->of[PART_FLOW].list[2], S("content")), S("command"));
	CHECK(m->of[PART_FLOW].list[2].both_ways);
	CHECK_STR(part_value(&m->of[PART_FLOW].list[3], S("content")), S("data"));
	store_close(t, c);
}

TEST(what_the_model_answers_keeps_its_record, "")
{
	struct call *c = open_model(t);
	struct triage_pick part = {S("F-2"), 1};
	str words[] = {S("tls")};
	struct threat *record;

	CHECK(decide(c, "accept", in_clear, "fine"));
	c->reason = S("");
	CHECK(triage_answer(c, S("encryption"), words, 1, S(""), &part, 1));
	CHECK_INT(item(t, c, in_clear)->place, TRIAGE_DECIDED);
	record = kind_copy(c->arena, &kinds[KIND_THREAT], item(t, c, in_clear)->record);
	CHECK(kind_move(c, record, THREAT_STATE_GONE));
	CHECK_INT(item(t, c, in_clear)->place, TRIAGE_GONE);
	store_close(t, c);
}

TEST_MAIN()
