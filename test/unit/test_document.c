/* Documents: blocks, the HTML printer, the management plan and the security concept. */
#include "document/document.h"
#include "kind/kind.h"
#include "store.h"
#include "test.h"

enum { HTML_MAX = 8 << 20 };

static const struct document_facts facts = {
	.generator = S_INIT("Ward test"),
	.store = S_INIT("Example <Clinic> & Co"),
	.made_us = INT64_C(1790755200000000), /* 2026-09-30 08:00 */
	.ledger_size = 42,
	.ledger_root = S_INIT("c2Ftc2Ft"),
	.link_base = S_INIT("/"),
	.diagram =
		S_INIT("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
	.diagram_alt = S_INIT("One \"app\" & one store"),
};

static str html_of(struct test_case *t, struct call *c, bool concept, const char *ref)
{
	struct report d;
	struct buf b;

	buf_init(&b, c->arena, HTML_MAX);
	bool ok = concept ? document_concept(c, str_of(ref), &facts, &d)
			  : document_plan(c, str_of(ref), &facts, &d);
	if (!ok || !document_html(&b, &d, &c->err))
		test_fail(t, __FILE__, __LINE__, "no document: %s", c->err.text);
	return buf_str(&b);
}

static bool has(str text, const char *what)
{
	return str_find(text, str_of(what)) >= 0;
}

/* All texts are there, one after the other. */
static bool in_order(str text, const char *const *what)
{
	for (; *what; what++) {
		isize at = str_find(text, str_of(*what));
		if (at < 0)
			return false;
		text = str_part(text, at + 1, text.n);
	}
	return true;
}

static struct call *store_with_product(struct test_case *t)
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	store_put(t, c, "product", "PRD-1", "on_market", "title", "SurgeryCloud", "version", "4.2",
		"safety_class", "a", "intended_use", "Reports", "support_until", "2031-12-31",
		NULL);
	store_put(t, c, "product", "PRD-2", "on_market", "title", "Other thing", NULL);
	return c;
}

/* ---- blocks and HTML ---- */

TEST(hostile_text_stays_text, "")
{
	static const str head[] = {S_INIT("<h>"), S_INIT("B")};
	struct report d;
	struct buf b;
	struct err e = {.arena = t->arena};
	const char *evil = "</td></table><script>alert('x')</script>\" onload=\"y\" & <b>";

	document_start(&d, t->arena, &facts);
	d.title = d.product = d.version = d.product_ref = d.state = str_of(evil);
	document_heading(&d, 1, str_of(evil));
	document_prose(&d, str_of(evil));
	struct block *table = document_table(&d, str_of(evil), head, 2);
	struct cell *row = document_row(&d, table);
	row[0].text = str_of(evil);
	row[1] = document_needed(S(" "));
	document_table_end(&d, table);
	document_item(&d, document_terms(&d), str_of(evil), str_of(evil));
	document_item(&d, document_list(&d), S(""), str_of(evil));
	document_gap(&d, str_of(evil), str_of(evil));
	document_figure(&d, str_of(evil), str_of(evil), facts.diagram);
	CHECK(document_end(&d, &e));
	buf_init(&b, t->arena, HTML_MAX);
	CHECK(document_html(&b, &d, &e));
	str html = buf_str(&b);
	CHECK(!has(html, "<script"));
	CHECK(!has(html, "onload=\""));
	CHECK(!has(html, "</td></table>"));
	CHECK(!has(html, "<b>&"));
	CHECK(has(html,
		"&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;y&quot; &amp; "
		"&lt;b&gt;"));
	CHECK(has(html, "<th scope=col>&lt;h&gt;</th>"));
	CHECK(has(html, "2 gaps"));
}

TEST(references_become_links_only_as_whole_words, "")
{
	struct report d;
	struct buf b;
	struct err e = {.arena = t->arena};

	document_start(&d, t->arena, &facts);
	document_know(&d, S("RSK-2"));
	document_know(&d, S("A1"));
	document_heading(&d, 1, S("Title"));
	document_paragraph(&d, S("RSK-2, RSK-21 and XRSK-2; (A1) A1b A-A1"));
	CHECK(document_end(&d, &e));
	buf_init(&b, t->arena, HTML_MAX);
	CHECK(document_html(&b, &d, &e));
	CHECK(has(buf_str(&b),
		"<a href=\"/RSK-2\">RSK-2</a>, RSK-21 and XRSK-2; (<a href=\"/A1\">A1</a>) A1b "
		"A-A1</p>"));

	d.facts.link_base = S("");
	buf_init(&b, t->arena, HTML_MAX);
	CHECK(document_html(&b, &d, &e));
	CHECK(has(buf_str(&b), "RSK-2, RSK-21 and XRSK-2"));
}

TEST(prose_becomes_paragraphs_and_lists, "")
{
	struct report d;
	struct err e = {.arena = t->arena};

	document_start(&d, t->arena, &facts);
	document_prose(&d, S("One\ntwo\n\nThree:\n- a\n- b\n\n* c"));
	CHECK(document_end(&d, &e));
	const struct block *k = d.block;
	CHECK_STR(k->text, S("One\ntwo"));
	k = k->next;
	CHECK_STR(k->text, S("Three:"));
	k = k->next;
	CHECK_INT(k->type, BLOCK_LIST);
	CHECK_STR(k->item->text, S("a"));
	CHECK_STR(k->item->next->text, S("b"));
	CHECK(!k->item->next->next);
	k = k->next;
	CHECK_STR(k->item->text, S("c"));
	CHECK(!k->next);
}

TEST(headings_number_themselves, "")
{
	struct report d;
	static const int level[] = {1, 2, 2, 3, 1, 2};
	static const char *const want[] = {"1", "1.1", "1.2", "1.2.1", "2", "2.1"};

	document_start(&d, t->arena, &facts);
	for (isize i = 0; i < COUNT_OF(level); i++)
		document_heading(&d, level[i], S("H"));
	const struct block *k = d.block;
	for (isize i = 0; i < COUNT_OF(want); i++, k = k->next)
		CHECK_STR(k->chapter, str_of(want[i]));
}

TEST(missing_cells_make_one_gap_a_column, "")
{
	static const str head[] = {S_INIT("Record"), S_INIT("Owner"), S_INIT("Due")};
	static const char *const names[] = {"ACT-1", "ACT-2", "ACT-3"};
	struct report d;

	document_start(&d, t->arena, &facts);
	struct block *table = document_table(&d, S("T"), head, 3);
	for (isize i = 0; i < 3; i++) {
		struct cell *row = document_row(&d, table);
		row[0].text = str_of(names[i]);
		row[1] = document_needed(i == 1 ? S("Ada") : S(""));
		row[2] = document_needed(S("today"));
	}
	document_table_end(&d, table);
	CHECK_INT(d.gap_count, 1);
	CHECK_STR(table->next->text,
		S("\342\200\234Owner\342\200\235 is not filled in for ACT-1, ACT-3."));
	CHECK_INT(table->row->cell[1].gap, 1);
	CHECK_INT(table->row->next->cell[1].gap, 0);
}

TEST(a_document_without_room_is_refused_whole, "")
{
	struct report d;
	struct err e = {.arena = t->arena};
	struct arena small;
	char *block = arena_bulk(t->arena, 2 * ARENA_RESERVE);

	CHECK(block != NULL);
	arena_init(&small, block, 2 * ARENA_RESERVE);
	document_start(&d, &small, &facts);
	for (int i = 0; i < 100000; i++)
		document_paragraph(&d, S("text"));
	CHECK(!document_end(&d, &e));
	CHECK_INT(e.code, ERR_LIMIT);
	struct block *table = document_table(&d, S("T"), NULL, DOCUMENT_COLUMNS);
	document_row(&d, table)[DOCUMENT_COLUMNS - 1].text = S("kept from harm");
	document_item(&d, document_list(&d), S(""), S("too"))->text = S("x");
	arena_reset(&small);
}

/* ---- the plan ---- */

TEST(a_plan_of_nothing_recorded_shows_every_section_and_its_gaps, "security-management-plan")
{
	static const char *const order[] = {"<main>", "Purpose and scope</h2>",
		"Security objectives</h2>", "Organization</h2>", "Activities and deliverables</h2>",
		"Security requirements</h3>", "Architecture and design reviews</h3>",
		"Threat modeling</h3>", "Risk assessments</h3>", "Verification and validation</h3>",
		"After release</h3>", "Integration with risk management</h2>",
		"Tools and methods</h2>", "Schedule</h2>", "Inputs</h2>", "Approval</h2>",
		"</main>", NULL};
	static const char *const gaps[] = {"No security management plan is recorded",
		"No release of the product", "No scope record covers the plan",
		"No activity names a phase", "No interface is described to",
		"is not filled in for Authenticity, integrity, Authorization, Availability, "
		"Confidentiality, Secure",
		"No role of the organization", "who may accept a risk",
		"No activity is planned for: Threat modeling",
		"No activity is planned for: After release", "No risk criteria are recorded",
		"No hazard of the product", "No risk of the product",
		"No method of threat modeling", "No tool for testing", "No procedure",
		"No gate is planned", "The input &quot;Development plan&quot; has no document",
		"The input &quot;User needs&quot;",
		"The input &quot;Change impact assessment&quot;",
		"The input &quot;Safety risk management plan&quot;",
		"There is no plan record that could be approved"};
	struct call *c = store_with_product(t);
	str html = html_of(t, c, false, "PRD-1");

	CHECK(in_order(html, order));
	for (isize i = 0; i < COUNT_OF(gaps); i++)
		if (!has(html, gaps[i]))
			test_fail(t, __FILE__, __LINE__, "no gap: %s", gaps[i]);
	CHECK(has(html, "Example &lt;Clinic&gt; &amp; Co"));
	CHECK(has(html, "42 entries, root c2Ftc2Ft"));
	store_close(t, c);
}

static void put_people(struct test_case *t, struct call *c)
{
	store_put(t, c, "person", "P01", "active", "title", "Ada", NULL);
	store_put(t, c, "person", "P02", "active", "title", "Bob", NULL);
	store_put(t, c, "role", "R-SRM", "effective", "title", "Security risk manager",
		"responsibilities", "Process", "authorities", "Accepts Low", NULL);
	store_put(t, c, "access_grant", "GRA-1", "granted", "title", "g", "identity", "P01", "role",
		"R-SRM", NULL);
	store_put(t, c, "access_grant", "GRA-2", "granted", "title", "g", "identity", "P02", "role",
		"R-SRM", "alternate", "yes", NULL);
	store_put(t, c, "access_grant", "GRA-3", "granted", "title", "g", "identity", "P02", "role",
		"R-SRM", "until", "2026-09-29", NULL);
}

static void put_plan(struct test_case *t, struct call *c)
{
	put_people(t, c);
	store_put(t, c, "plan", "PLN-1", "effective", "title", "Plan", "type", "product_security",
		"owner", "R-SRM", "purpose", "Keep patients safe.", NULL);
	store_put(t, c, "scope", "SCP-2", "effective", "title", "Scope of the plan", "of", "plan",
		"boundaries", "All of it", "exclusions", "listed", "exclusion",
		"[{\"what\":\"Hospital records\",\"why\":\"not ours\"}]", NULL);
	store_tie(t, c, "PLN-1", "covers", "PRD-1");
	store_tie(t, c, "SCP-2", "covers", "PLN-1");
	store_put(t, c, "objective", "OBJ-3", "on_track", "title", "Always there", "fda_objective",
		"availability", "measure", "hours without network", "target", "8 h", "owner",
		"R-SRM", "due", "2026-08-31", "status_note", "7 h", NULL);
	store_put(t, c, "action", "ACT-5", "doing", "title", "Threat modeling session", "type",
		"activity", "owner", "R-SRM", "phase", "design", "due", "2026-09-15", "deliverable",
		"TM-1", "rationale", "Holes are seen early", NULL);
	store_put(t, c, "action", "ACT-6", "done", "title", "Penetration test", "type", "activity",
		"owner", "R-SRM", "phase", "verify", "due", "2026-09-01", NULL);
	store_put(t, c, "decision", "MS-1", "proposed", "title", "Design reviewed", "type", "gate",
		"due", "2026-10-30", "owner", "R-SRM", NULL);
	store_tie(t, c, "MS-1", "waits_for", "ACT-5");
	store_tie(t, c, "MS-1", "waits_for", "ACT-6");
	store_put(t, c, "document", "DOC-9", "effective", "title",
		"Development plan of SurgeryCloud", "type", "plan", "version", "2.0", "approved",
		"2026-01-01", "review_due", "2027-01-01", NULL);
}

TEST(gaps_vanish_when_their_records_are_there, "security-management-plan")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	str html = html_of(t, c, false, "PRD-1");
	CHECK(has(html, "<p class=pre>Keep patients safe.</p>"));
	CHECK(!has(html, "No security management plan is recorded"));
	CHECK(!has(html, "No scope record covers the plan"));
	CHECK(has(html, "Hospital records"));
	CHECK(!has(html, "No activity names a phase"));
	CHECK(has(html,
		"Authenticity, integrity, Authorization, Confidentiality, Secure and timely "
		"updates."));
	CHECK(!has(html, "No activity is planned for: Threat modeling"));
	CHECK(!has(html, "No activity is planned for: Verification"));
	CHECK(has(html, "No activity is planned for: After release"));
	CHECK(!has(html, "No gate is planned"));
	CHECK(!has(html, "The input &quot;Development plan&quot;"));
	CHECK(has(html, "The input &quot;User needs&quot;"));
	CHECK(has(html, "Revision 1 of <a href=\"/PLN-1\">PLN-1</a> is not signed"));
	CHECK(has(html,
		"\342\200\234Deliverable\342\200\235 is not filled in for <a "
		"href=\"/ACT-6\">ACT-6</a>."));
	store_close(t, c);
}

TEST(the_plan_judges_by_the_day_of_the_call, "security-management-plan")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	str html = html_of(t, c, false, "PLN-1");
	CHECK(has(html, "15 Sep 2026\nlate by 15 days"));
	CHECK(!has(html, "1 Sep 2026\nlate"));
	CHECK(has(html, "31 Aug 2026\nlate by 30 days"));
	CHECK(has(html, "Proposed, 1 condition open"));
	/* A grant that ended yesterday holds nothing today. */
	CHECK(has(html,
		"<td><a href=\"/P01\">P01</a> Ada</td><td><a href=\"/P02\">P02</a> Bob</td>"));
	store_close(t, c);
}

TEST(records_of_other_products_stay_out, "")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	store_put(t, c, "action", "ACT-7", "doing", "title", "Of another product", "type",
		"activity", "product", "PRD-2", NULL);
	str html = html_of(t, c, false, "PRD-1");
	CHECK(!has(html, "Of another product"));
	CHECK(!has(html, "Other thing"));
	CHECK(has(html_of(t, c, false, "PRD-2"), "Of another product"));
	store_close(t, c);
}

static void put_criteria(struct test_case *t, struct call *c)
{
	store_put(t, c, "risk_model", "CRI-1", "effective", "title", "Criteria", "method", "matrix",
		"cell",
		"[{\"exploitability\":4,\"severity\":5,\"level\":\"High\"},{\"exploitability\":1,"
		"\"severity\":5,\"level\":\"Low\"}]",
		"acceptance",
		"[{\"level\":\"Low\",\"rank\":1,\"colour\":\"green\",\"roles\":\"R-SRM\","
		"\"controlled\":true,\"release\":true},"
		"{\"level\":\"High\",\"rank\":2,\"colour\":\"red\"}]",
		NULL);
	store_put(t, c, "risk", "RSK-1", "treated", "title", "Wrong dose", "domain",
		"product_security", "owner", "R-SRM", "product", "PRD-1", "inherent_severity", "5",
		"inherent_exploitability", "4", "residual_severity", "5", "residual_exploitability",
		"1", NULL);
}

TEST(risks_are_counted_by_level_and_tied_to_hazards, "security-management-plan")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	put_criteria(t, c);
	str html = html_of(t, c, false, "PRD-1");
	CHECK(has(html, "<th scope=row class=good>Low</th><td>0</td><td>1</td>"));
	CHECK(has(html, "<th scope=row class=bad>High</th><td>1</td><td>0</td>"));
	CHECK(has(html,
		"No hazard and no reason why no patient is harmed: <a href=\"/RSK-1\">RSK-1</a>."));
	CHECK(has(html, "Risks that nobody has accepted yet"));
	CHECK(has(html,
		"<td><a href=\"/R-SRM\">R-SRM</a> Security risk "
		"manager</td><td>Yes</td><td>Yes</td>"));

	store_put(t, c, "hazard", "HZ-1", "evaluated", "title", "Overdose", "severity", "5", "harm",
		"Death", NULL);
	store_tie(t, c, "RSK-1", "causes", "HZ-1");
	html = html_of(t, c, false, "PRD-1");
	CHECK(!has(html, "No hazard and no reason"));
	CHECK(has(html, "Overdose"));
	store_close(t, c);
}

TEST(hostile_records_stay_text, "")
{
	const char *evil = "\"><script>alert(1)</script><img src=x onerror='y'>";
	struct call *c = store_with_product(t);

	put_plan(t, c);
	store_put(t, c, "risk_model", "CRI-9", "effective", "title", evil, "policy", evil, NULL);
	store_put(t, c, "role", "R-EVIL", "effective", "title", evil, "authorities", evil, NULL);
	store_put(t, c, "threat_model", "TM-9", "draft", "title", evil, "product", "PRD-1",
		"method", evil, NULL);
	store_put(t, c, "element", "C09", "active", "title", evil, "type", "store", "technology",
		evil, NULL);
	store_put(t, c, "threat", "THR-9", "assessed", "title", evil, "category", "spoofing",
		"reason", evil, NULL);
	store_put(t, c, "action", "ACT-9", "doing", "title", evil, "type", "activity",
		"deliverable", evil, NULL);
	for (int concept = 0; concept < 2; concept ++) {
		str html = html_of(t, c, concept, "PRD-1");
		CHECK(has(html, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
		CHECK(!has(html, "<script"));
		CHECK(!has(html, "<img src=x"));
	}
	store_close(t, c);
}

TEST(same_records_same_bytes, "")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	put_criteria(t, c);
	CHECK_STR(html_of(t, c, false, "PRD-1"), html_of(t, c, false, "PRD-1"));
	CHECK_STR(html_of(t, c, true, "PRD-1"), html_of(t, c, true, "PRD-1"));
	store_close(t, c);
}

/* Statements that both documents take. */
static int64_t queries(struct test_case *t, struct call *c)
{
	int64_t before = db_query_count(c->db);

	html_of(t, c, false, "PRD-1");
	html_of(t, c, true, "PRD-1");
	return db_query_count(c->db) - before;
}

TEST(more_records_take_no_more_queries, "")
{
	struct call *c = store_with_product(t);

	put_plan(t, c);
	put_criteria(t, c);
	int64_t few = queries(t, c);
	CHECK(few > 40);
	for (int i = 0; i < 20; i++) {
		store_put(t, c, "risk", cstr(c->arena, str_fmt(c->arena, "RSK-1%d", i)),
			"identified", "title", "R", "domain", "product_security", "owner", "R-SRM",
			"product", "PRD-1", NULL);
		store_put(t, c, "action", cstr(c->arena, str_fmt(c->arena, "ACT-1%d", i)), "doing",
			"title", "A", "type", "activity", NULL);
		store_put(t, c, "threat", cstr(c->arena, str_fmt(c->arena, "THR-1%d", i)),
			"identified", "title", "T", "category", "tampering", NULL);
	}
	CHECK_INT(queries(t, c), few);
	store_close(t, c);
}

TEST(a_document_of_no_product_is_missing, "")
{
	struct call *c = store_with_product(t);
	struct report d;

	CHECK(!document_plan(c, S("PRD-9"), &facts, &d));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	CHECK(!document_concept(c, S(""), &facts, &d));
	CHECK_INT(c->err.code, ERR_MISSING);
	err_clear(&c->err);
	store_close(t, c);
}

/* A document about what somebody may not see is missing, as the record is. */
TEST(a_document_does_not_tell_what_is_there, "")
{
	struct call *c = store_with_product(t);
	struct grant grant = {.product = S("")};
	struct report d;

	store_put(t, c, "objective", "OBJ-1", "draft", "title", "Takeover", "classification",
		"restricted", NULL);
	CHECK(link_add(c, S("OBJ-1"), S("covers"), S("PRD-1"), S("")));
	CHECK(document_plan(c, S("OBJ-1"), &facts, &d));
	right_match(S("*.read"), grant.right);
	grant.right[CAN_RESTRICTED_READ / 64] &= ~(UINT64_C(1) << (CAN_RESTRICTED_READ % 64));
	c->who = (struct who){.ref = S("P01"), .grant = &grant, .grant_count = 1};
	CHECK(document_plan(c, S("PRD-1"), &facts, &d));
	for (int i = 0; i < 2; i++) {
		CHECK(!(i ? document_plan(c, S("OBJ-1"), &facts, &d)
			  : document_concept(c, S("OBJ-1"), &facts, &d)));
		CHECK_INT(c->err.code, ERR_MISSING);
		CHECK_STR(err_text(&c->err), S("there is no OBJ-1"));
		err_clear(&c->err);
	}
	store_close(t, c);
}

/* ---- the concept ---- */

static void put_model(struct test_case *t, struct call *c)
{
	put_people(t, c);
	put_criteria(t, c);
	store_put(t, c, "threat_model", "TM-1", "approved", "title", "Model", "product", "PRD-1",
		"version", "2", "method", "STRIDE", NULL);
	store_put(t, c, "zone", "Z1", "active", "title", "Internet", "exposure", "5", "controller",
		"nobody", "model", "TM-1", NULL);
	store_put(t, c, "element", "C01", "active", "title", "App", "type", "process", "zone", "Z1",
		"model", "TM-1", NULL);
	store_put(t, c, "element", "C02", "active", "title", "Store", "type", "store", "zone", "Z1",
		"model", "TM-1", NULL);
	store_put(t, c, "element", "C03", "active", "title", "Foreign part", "type", "store",
		"zone", "Z1", "model", "TM-1", "products", "[\"PRD-2\"]", NULL);
	store_put(t, c, "flow", "F01", "active", "title", "Upload", "from", "C01", "to", "C02",
		"protocol", "HTTPS", "authentication", "token", "is_encrypted", "no",
		"carries_text", "reports", NULL);
	store_put(t, c, "asset", "A01", "in_use", "title", "Report", "type", "information",
		"confidentiality", "very_high", "integrity", "high", "availability", "low", "owner",
		"R-SRM", NULL);
	store_tie(t, c, "F01", "carries", "A01");
	store_put(t, c, "threat", "THR-1", "assessed", "title", "Log-in stolen", "category",
		"spoofing", "applies", "yes", "model", "TM-1", NULL);
	store_put(t, c, "threat", "THR-2", "not_applicable", "title", "Text changed", "category",
		"tampering", "applies", "no", "reason", "signed", "model", "TM-1", NULL);
	store_tie(t, c, "THR-1", "targets", "C01");
	store_tie(t, c, "THR-2", "targets", "F01");
	store_put(t, c, "control", "CM-1", "operating", "title", "Second factor", "domain",
		"product", "product", "PRD-1", NULL);
	store_put(t, c, "requirement", "REQ-1", "implemented", "title", "Two factors", "product",
		"PRD-1", "acceptance", "Refused with one", NULL);
	store_tie(t, c, "REQ-1", "refines", "CM-1");
}

TEST(the_concept_answers_the_three_questions, "")
{
	static const char *const order[] = {"<main>", "What is being developed</h2>",
		"Data flow diagram</h3>", "data:image/svg+xml;base64,",
		"alt=\"One &quot;app&quot; &amp; one store\"", "Trust zones</h3>", "Internet",
		"Components</h3>", "Data flows</h3>", "HTTPS", "Assets</h3>", "Very high",
		"What could go wrong</h2>", "Log-in stolen", "Text changed", "signed",
		"What is done about it</h2>", "Second factor", "Refused with one",
		"Residual risks</h3>", "Wrong dose", "Assumptions</h2>", "Roles</h2>",
		"Open points</h2>", "</main>", NULL};
	struct call *c = store_with_product(t);

	put_model(t, c);
	str html = html_of(t, c, true, "PRD-1");
	CHECK(in_order(html, order));
	CHECK(!has(html, "<script"));
	CHECK(!has(html, "Foreign part"));
	CHECK(has(html, "<td class=bad>None</td>"));
	CHECK(has(html,
		"without a countermeasure or an accepted risk: <a href=\"/THR-1\">THR-1</a>."));
	CHECK(has(html, "No threat of the category &quot;Repudiation&quot;"));
	CHECK(!has(html, "No threat of the category &quot;Spoofing&quot;"));
	CHECK(has(html, "No test of these requirements"));

	store_tie(t, c, "CM-1", "counters", "THR-1");
	store_put(t, c, "test", "TST-1", "run", "title", "Sign in", "method", "by hand", "result",
		"fail", NULL);
	store_tie(t, c, "TST-1", "verifies", "REQ-1");
	html = html_of(t, c, true, "TM-1");
	CHECK(!has(html, "without a countermeasure or an accepted risk"));
	CHECK(!has(html, "No test of these requirements"));
	CHECK(has(html, "<td class=bad><a href=\"/TST-1\">TST-1</a> Failed</td>"));
	CHECK(has(html, "<li><a href=\"/TST-1\">TST-1</a> Sign in: Failed</li>"));
	store_close(t, c);
}

TEST_MAIN()
