/* The guards in every combination of what they look at; what each asks for is said here anew. */
#include "call/call.h"
#include "kind/kind.h"
#include "kinds.h"
#include "test.h"

static struct call *pure_call(struct test_case *t)
{
	struct call *c = NEW(t->arena, struct call, 1);

	c->arena = c->err.arena = t->arena;
	c->who.ref = S("P02");
	CHECK(time_parse(S("2026-09-30T08:00:00Z"), &c->now_us));
	return c;
}

/* The fields that the guard refuses, in order and with a blank behind each; "" when it passes. */
static str refused(struct test_case *t, struct call *c, move_guard *guard, const void *rec)
{
	struct buf b;
	bool ok = guard(c, rec);

	buf_init(&b, t->arena, 400);
	CHECK_INT(ok, c->err.code == ERR_NONE);
	for (const struct issue *i = c->err.issues; i; i = i->next) {
		buf_add(&b, i->field);
		buf_char(&b, ' ');
	}
	err_clear(&c->err);
	return buf_str(&b);
}

/* Nothing, blanks, and something. */
static const str said[] = {S_INIT(""), S_INIT(" \n"), S_INIT("Said.")};

TEST(a_change_is_reviewed_by_today_or_says_why_not, "ISO 28000 8.4")
{
	struct call *c = pure_call(t);
	struct change_ *x = kind_new(t->arena, &kinds[KIND_CHANGE]);
	int64_t today = day_of_time(c->now_us);
	const int64_t day[] = {DAY_NONE, today - 1, today, today + 1};

	for (int review = 0; review <= RISK_REVIEW_WAIVED; review++)
		for (isize i = 0; i < COUNT_OF(day); i++)
			for (isize note = 0; note < 3; note++) {
				x->risk_review = review;
				x->risk_reviewed = day[i];
				x->risk_review_note = said[note];
				str want = review == RISK_REVIEW_NOT_NEEDED
					? (note == 2 ? S("") : S("risk_review_note "))
					: review != RISK_REVIEW_DONE ? S("risk_review ")
					: i == 1 || i == 2           ? S("")
								     : S("risk_reviewed ");
				CHECK_STR(refused(t, c, change_risk_reviewed, x), want);
			}
}

TEST(a_corrective_action_is_reviewed_or_waived_with_all_three, "ISO 28000 10.2")
{
	struct call *c = pure_call(t);
	struct action *x = kind_new(t->arena, &kinds[KIND_ACTION]);
	int64_t today = day_of_time(c->now_us);
	const int type[] = {ACTION_TYPE_CORRECTIVE, ACTION_TYPE_CORRECTION};

	CHECK_STR(refused(t, c, action_risk_reviewed, x), S(""));
	for (isize k = 0; k < COUNT_OF(type); k++) {
		x->type = type[k];
		x->risk_review = RISK_REVIEW_NOT_NEEDED;
		CHECK_STR(refused(t, c, action_risk_reviewed, x), S("risk_review "));
		x->risk_review = RISK_REVIEW_DONE;
		x->risk_reviewed = DAY_NONE;
		CHECK_STR(refused(t, c, action_risk_reviewed, x), S("risk_reviewed "));
		x->risk_reviewed = today + 1;
		CHECK_STR(refused(t, c, action_risk_reviewed, x), S("risk_reviewed "));
		x->risk_reviewed = today;
		CHECK_STR(refused(t, c, action_risk_reviewed, x), S(""));
		x->risk_review = RISK_REVIEW_WAIVED;
		for (int mask = 0; mask < 8; mask++) {
			x->waiver = mask & 1 ? S("Danger.") : S(" ");
			x->waiver_by = mask & 2 ? S("P01") : S("");
			x->waiver_review_due = mask & 4 ? today : DAY_NONE;
			CHECK_STR(refused(t, c, action_risk_reviewed, x),
				mask == 7 ? S("") : S("waiver "));
		}
	}
}

TEST(a_nonconformity_of_either_grade_says_all_three, "ISO 28000 10.2")
{
	struct call *c = pure_call(t);
	struct finding *x = kind_new(t->arena, &kinds[KIND_FINDING]);
	const int grade[] = {FINDING_GRADE_MAJOR, FINDING_GRADE_MINOR};
	const int similar[] = {0, ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES};

	x->grade = FINDING_GRADE_STRENGTH;
	CHECK_STR(refused(t, c, finding_may_close, x), S(""));
	for (int i = 0; i < 2 * 3 * 3 * 4 * 3 * 2; i++) {
		int rest = i / 2, cause = rest % 3, none = rest / 3 % 3, like = rest / 9 % 4;
		int note = rest / 36 % 3, works = rest / 108;
		x->grade = grade[i % 2];
		x->cause = said[cause];
		x->no_cause_reason = said[none];
		x->similar = similar[like];
		x->similar_note = said[note];
		x->effective = works ? EFFECTIVENESS_EFFECTIVE : 0;
		str want = str_fmt(t->arena, "%s%s%s", cause == 2 || none == 2 ? "" : "cause ",
			like > 1 || note == 2 ? "" : "similar ", works ? "" : "effective ");
		CHECK_STR(refused(t, c, finding_may_close, x), want);
	}
}

/* One of three is open, and each in turn is the one; what stands behind the three is not asked. */
TEST(each_temporary_measure_and_each_exclusion_counts, "ISO 28000 8.6.5, 4.3")
{
	struct call *c = pure_call(t);
	struct incident *x = kind_new(t->arena, &kinds[KIND_INCIDENT]);
	struct scope *y = kind_new(t->arena, &kinds[KIND_SCOPE]);
	struct incident_temporary *measure = NEW(t->arena, struct incident_temporary, 4);
	struct scope_exclusion *left_out = NEW(t->arena, struct scope_exclusion, 4);

	x->temporary.item = measure;
	y->exclusion.item = left_out;
	x->temporary.count = y->exclusion.count = 3;
	y->exclusions = EXCLUSIONS_LISTED;
	measure[3].removed = TIME_NONE;
	for (int open = 0; open <= 3; open++) {
		for (int i = 0; i < 3; i++) {
			measure[i].removed = i == open ? TIME_NONE : c->now_us;
			left_out[i].decision = i == open ? S("") : S("DEC-1");
		}
		CHECK_STR(refused(t, c, incident_may_close, x), open < 3 ? S("temporary ") : S(""));
		CHECK_STR(refused(t, c, scope_exclusions_decided, y),
			open < 3 ? S("exclusion ") : S(""));
	}
	y->exclusion.count = 0;
	CHECK_STR(refused(t, c, scope_exclusions_decided, y), S("exclusion "));
	y->exclusions = EXCLUSIONS_NONE;
	CHECK_STR(refused(t, c, scope_exclusions_decided, y), S(""));
	y->exclusions = 0;
	CHECK_STR(refused(t, c, scope_exclusions_decided, y), S("exclusions "));
}

TEST(each_input_of_the_management_review_is_missed, "ISO 28000 9.3.2")
{
	struct call *c = pure_call(t);
	struct review *x = kind_new(t->arena, &kinds[KIND_REVIEW]);
	struct review_input *input = NEW(t->arena, struct review_input, 14);

	x->input.item = input;
	x->input.count = 13;
	for (int missing = 0; missing <= 13; missing++) {
		for (int i = 0; i < 13; i++)
			input[i] = (struct review_input){
				.letter = REVIEW_INPUT_A + i, .shown = said[i == missing ? 1 : 2]};
		input[13] = (struct review_input){ /* not of the review any more */
			.letter = REVIEW_INPUT_A + missing, .shown = said[2]};
		bool ok = review_inputs_complete(c, x);
		CHECK_INT(ok, missing == 13);
		CHECK_INT(c->err.issues != NULL, missing < 13);
		if (c->err.issues) {
			str want = str_fmt(t->arena, "input %c of ", 'a' + missing);
			CHECK(str_starts(c->err.issues->text, want));
			CHECK(!c->err.issues->next);
		}
		err_clear(&c->err);
	}
}

TEST(the_program_approves_a_document_and_an_author_does_not, "ISO 28000 7.5.2")
{
	struct call *c = pure_call(t);
	struct document *x = kind_new(t->arena, &kinds[KIND_DOCUMENT]);
	const str author[] = {S_INIT(""), S_INIT("P02"), S_INIT("P03")};

	for (int i = 0; i < 3; i++) {
		x->author = author[i];
		c->who.is_system = false;
		CHECK_STR(refused(t, c, document_author_differs, x), i < 2 ? S("author ") : S(""));
		c->who.is_system = c->who.is_loader = true;
		CHECK_STR(refused(t, c, document_author_differs, x), S(""));
	}
}

TEST(a_disposal_is_told, "ISO 28000 7.5.3")
{
	struct call *c = pure_call(t);
	struct document *x = kind_new(t->arena, &kinds[KIND_DOCUMENT]);

	for (isize i = 0; i < 3; i++) {
		x->disposal = said[i];
		CHECK_STR(refused(t, c, document_may_dispose, x), i < 2 ? S("disposal ") : S(""));
	}
}

/* A caller with the right for one product. */
static void give(struct test_case *t, struct call *c, const char *right, const char *product)
{
	struct grant *grant = NEW(t->arena, struct grant, 1);

	right_match(str_of(right), grant->right);
	grant->product = str_of(product);
	c->who.grant = grant;
	c->who.grant_count = 1;
}

TEST(a_grant_is_approved_by_who_may_for_its_scope, "")
{
	struct call *c = pure_call(t);
	struct access_grant *x = kind_new(t->arena, &kinds[KIND_ACCESS_GRANT]);
	static const char *const scope[] = {"", "PRD-1", "PRD-2"};

	x->identity = S("P03");
	for (int own = 0; own < 3; own++)
		for (int of = 0; of < 3; of++) {
			give(t, c, "access_grant.approve", scope[own]);
			x->scope = str_of(scope[of]);
			CHECK_INT(grant_allowed(c, x), own == 0 || own == of);
			err_clear(&c->err);
		}
	give(t, c, "access_grant.read", "");
	x->identity = c->who.ref;
	CHECK(!grant_allowed(c, x));
	CHECK_INT(c->err.code, ERR_DENIED);
	CHECK(!c->err.issues); /* who may not approve is told nothing else */
}

TEST(a_decision_that_accepts_says_until_when_or_what, "")
{
	struct call *c = pure_call(t);
	struct decision *x = kind_new(t->arena, &kinds[KIND_DECISION]);
	const int type[] = {
		DECISION_TYPE_EXCEPTION, DECISION_TYPE_EXCLUSION, DECISION_TYPE_RISK_ACCEPTANCE};

	for (int i = 0; i < 3; i++)
		for (int mask = 0; mask < 4; mask++) {
			x->type = type[i];
			x->until = mask & 1 ? 20 : DAY_NONE;
			x->subject.count = mask & 2 ? 1 : 0;
			CHECK_STR(refused(t, c, decision_allowed, x),
				i < 2 ? (mask & 1 ? S("") : S("until "))
				      : (mask & 2 ? S("") : S("subject ")));
		}
}

TEST(a_grant_is_for_another_asked_by_another_and_ends_after_it_begins, "")
{
	struct call *c = pure_call(t);
	struct access_grant *x = kind_new(t->arena, &kinds[KIND_ACCESS_GRANT]);
	const int64_t day[] = {DAY_NONE, 19, 20, 21};

	give(t, c, "access_grant.approve", "");
	for (int i = 0; i < 4 * 4 * 4; i++) {
		int64_t from = day[i / 4 % 4], until = day[i / 16];
		x->identity = i & 1 ? S("P02") : S("P03");
		x->requested_by = i & 2 ? S("P02") : S("P04");
		x->from = from;
		x->until = until;
		bool wrong = from != DAY_NONE && until != DAY_NONE && until < from;
		str want = str_fmt(t->arena, "%s%s%s", i & 1 ? "identity " : "",
			i & 2 ? "requested_by " : "", wrong ? "until " : "");
		CHECK_STR(refused(t, c, grant_allowed, x), want);
	}
}

static bool is_device(struct call *c, str value)
{
	udi_di(c, S("udi_di"), value);
	bool ok = c->err.code == ERR_NONE;
	err_clear(&c->err);
	return ok;
}

/* GS1: the digits weighted 3, 1, 3, ... from the left of fourteen sum to a multiple of ten. */
TEST(one_check_digit_of_ten_is_right, "")
{
	struct call *c = pure_call(t);
	uint64_t random = 11;

	for (int round = 0; round < 500; round++) {
		char text[15] = {0};
		int sum = 0;
		for (int i = 0; i < 13; i++) {
			text[i] = (char)('0' + test_random(&random, 10));
			sum += (text[i] - '0') * (i % 2 ? 1 : 3);
		}
		for (int last = 0; last < 10; last++) {
			text[13] = (char)('0' + last);
			CHECK_INT(is_device(c, str_of(text)), (sum + last) % 10 == 0);
		}
	}
}

TEST(a_device_identifier_is_of_one_of_three_agencies, "")
{
	struct call *c = pure_call(t);
	static const char *const bad[] = {"", "abc", "0401234567890", "040123456789011",
		"0401234567890/", "0401234567890:", "/4012345678901", ":4012345678901", "+A123",
		"=A123", "A12345", "*A12345"};

	CHECK(is_device(c, S("04012345678901")));
	CHECK(!is_device(c, S("4012345678901"))); /* a GTIN of 13 digits with its check digit */
	for (char ch = '!'; ch < 'A'; ch++)
		for (int i = 0; i < 140 && (ch < '0' || ch > '9'); i++) {
			char text[15] = "04012345678901";
			text[13] = (char)('0' + i % 10);
			text[i / 10] = ch;
			if (i < 10 && (ch == '+' || ch == '='))
				continue;
			CHECK(!is_device(c, str_of(text)));
		}
	CHECK(is_device(c, S("+A1234")));
	CHECK(is_device(c, S("=A1234")));
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		if (is_device(c, str_of(bad[i])))
			printf("# %s\n", bad[i]);
		CHECK(!is_device(c, str_of(bad[i])));
	}
}

static bool is_right(struct call *c, struct role *r, const char *word)
{
	str both[] = {S("risk.read"), str_of(word)};

	r->rights = (struct words){both, 2};
	err_clear(&c->err);
	if (kind_check(c, r))
		return true;
	for (const struct issue *i = c->err.issues; i; i = i->next)
		if (str_eq(i->field, S("rights")))
			return false;
	return true;
}

TEST(a_role_gives_rights_that_there_are, "POL-REQ-02")
{
	static const char *const bad[] = {"risk.wrtie", "risk", "*.*.*x", "", "Risk.read"};
	static const char *const good[] = {"risk.read", "risk.*", "*.read", "*"};
	struct call *c = pure_call(t);
	struct role *r = kind_new(t->arena, &kinds[KIND_ROLE]);

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK(is_right(c, r, good[i]));
	for (isize i = 0; i < COUNT_OF(bad); i++)
		CHECK(!is_right(c, r, bad[i]));
	for (int i = 1; i < RIGHT_COUNT; i++)
		CHECK(right_is_named(right_name(i)));
	CHECK(!right_is_named(rights[0].name));
}

TEST_MAIN()
