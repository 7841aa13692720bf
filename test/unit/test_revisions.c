/* Writing and reading revisions: references, what is logged, who may, and what is damaged. */
#include "crypt/crypt.h"
#include "kind/kind.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "records.h"
#include "store.h"

static const struct kind *const asset = &kinds[KIND_ASSET];
static struct grant granted;

static struct asset *new_asset(const struct call *c, const char *ref)
{
	struct asset *a = kind_new(c->arena, asset);

	a->rec.ref = str_of(ref);
	a->rec.title = S("Thing");
	a->type = 1;
	return a;
}

/* With two people and a product, which are named. */
static struct call *open_store(struct test_case *t)
{
	static const struct {
		enum kind_id kind;
		const char *ref;
	} named[] = {{KIND_PERSON, "P1"}, {KIND_PERSON, "P9"}, {KIND_PRODUCT, "PRD-1"}};
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));

	for (isize i = 0; i < COUNT_OF(named); i++) {
		struct rec *r = kind_new(c->arena, &kinds[named[i].kind]);
		r->ref = r->title = str_of(named[i].ref);
		CHECK(kind_put(c, r, S("test.create")));
	}
	return c;
}

static void become(struct call *c, const char *ref, const char *patterns)
{
	str rest = str_of(patterns);

	granted = (struct grant){0};
	for (str word = str_word(&rest); word.n; word = str_word(&rest))
		right_match(word, granted.right);
	c->who = (struct who){
		.ref = str_of(ref), .actor = S("person:1"), .grant = &granted, .grant_count = 1};
}

static bool save(struct call *c, void *rec)
{
	return kind_put(c, rec, S("asset.update"));
}

/* Something else each time: what changes nothing is not written. */
static bool save_changed(struct call *c, void *record)
{
	static int64_t day = 20000;
	struct rec *rec = record;

	rec->review_due = day++;
	return save(c, rec);
}

static void check_refused(struct test_case *t, int line, struct call *c, bool ok,
	enum err_code code, const char *field)
{
	if (ok || c->err.code != code ||
		(*field && (!c->err.issues || !str_eq(c->err.issues->field, str_of(field)))))
		test_fail(t, __FILE__, line, "not refused so: %d, %s", ok, c->err.text);
	err_clear(&c->err);
}
#define REFUSED(ok, code, field) check_refused(t, __LINE__, c, (ok), (code), (field))

/* ---- references ---- */

TEST(a_reference_is_letters_digits_and_hyphens_after_a_capital, "")
{
	static const char *const good[] = {
		"A", "Z", "BA", "A-1", "AaZz09-x", "B-", "A2345678901234567890123456789012"};
	static const char *const bad[] = {"@1", "[1", "a-1", "1", "-A", "A/1", "A:1", "A@", "A[",
		"A`", "A{", "A_", "A 1", "A\xc3\xa9", "A1@", "A23456789012345678901234567890123"};
	struct call *c = open_store(t);

	for (isize i = 0; i < COUNT_OF(good); i++)
		CHECK(kind_put(c, new_asset(c, good[i]), S("asset.create")));
	for (isize i = 0; i < COUNT_OF(bad); i++)
		REFUSED(kind_put(c, new_asset(c, bad[i]), S("asset.create")), ERR_INVALID, "ref");
	REFUSED(kind_put(c, new_asset(c, "A-1"), S("asset.create")), ERR_INVALID, "ref");
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM asset")), COUNT_OF(good));
	store_close(t, c);
}

/* The prefix and the number of each, as the summary has them. */
TEST(a_reference_is_a_prefix_and_a_number_or_a_prefix, "")
{
	static const struct {
		const char *ref, *prefix;
		int64_t number;
	} cases[] = {{"A-12", "A", 12}, {"P04", "P", 4}, {"R-PSL", "R-PSL", -1}, {"A-", "A", -1},
		{"A-999999999", "A", 999999999}, {"B-1000000000", "B", -1}, {"A--1", "A-", 1},
		{"A90", "A", 90}, {"C", "C", -1}, {"A-0", "A", 0}, {"X1Y", "X1Y", -1}};
	struct call *c = open_store(t);

	for (isize i = 0; i < COUNT_OF(cases); i++) {
		CHECK(kind_put(c, new_asset(c, cases[i].ref), S("asset.create")));
		if (db_int(c->db,
			    SQL("SELECT count(*) FROM record WHERE ref = $1 AND prefix = $2 AND "
				"coalesce(number, -1) = $3"),
			    V(str_of(cases[i].ref)), V(str_of(cases[i].prefix)),
			    V(cases[i].number)) != 1)
			test_fail(t, __FILE__, __LINE__, "%s", cases[i].ref);
	}
	store_close(t, c);
}

TEST(the_next_number_is_after_the_largest_of_its_prefix, "")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "");

	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_STR(a->rec.ref, S("A-1"));
	CHECK(kind_put(c, new_asset(c, "A-7"), S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "A-3"), S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "A-x"), S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "AB-99"), S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "A"), S("asset.create")));
	a = new_asset(c, "");
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_STR(a->rec.ref, S("A-8"));
	store_close(t, c);
}

TEST(a_record_keeps_the_id_that_says_when_it_was_made, "")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1"), *b = new_asset(c, "A-2");
	void *again;
	int64_t ms = 0;

	CHECK(kind_put(c, a, S("asset.create")));
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | a->rec.id.b[i];
	CHECK_INT(ms, c->now_us / 1000);
	CHECK_INT(a->rec.id.b[6] >> 4, 7);
	CHECK_INT(a->rec.id.b[8] >> 6, 2);
	CHECK(kind_put(c, b, S("asset.create")));
	CHECK(memcmp(a->rec.id.b + 9, b->rec.id.b + 9, 7) != 0);
	struct uid before = a->rec.id;
	CHECK(save(c, a) && kind_get(c, asset, S("A-1"), &again));
	CHECK(memcmp(((struct rec *)again)->id.b, before.b, sizeof before.b) == 0);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM record WHERE id = $1"),
			  V_BLOB(before.b, (isize)sizeof before.b)),
		1);
	store_close(t, c);
}

/* ---- what is written ---- */

/* The body of the newest entry, with the hash of the record cut out. */
static str newest_body(struct test_case *t, struct call *c, const char *act, const void *rec)
{
	struct ledger_row row = {0};
	struct sha256 hash = sha256(canonical(c->arena, rec));
	struct buf hex;

	CHECK(ledger_get(c, db_int(c->db, SQL("SELECT max(seq) FROM entry")), &row));
	CHECK_STR(row.act, str_of(act));
	CHECK_STR(row.object,
		str_fmt(c->arena, "asset:%.*s", STR_ARG(((const struct rec *)rec)->ref)));
	buf_init(&hex, c->arena, 100);
	hex_print(&hex, hash.b, (isize)sizeof hash.b);
	isize at = str_find(row.body, buf_str(&hex));
	CHECK(at > 0);
	if (at < 0)
		return row.body;
	return str_fmt(c->arena, "%.*s#%.*s", STR_ARG(str_part(row.body, 0, at)),
		STR_ARG(str_part(row.body, at + 64, row.body.n)));
}

TEST(an_entry_says_what_changed_and_in_what_words, "")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1");

	a->location = S("hall");
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_STR(newest_body(t, c, "asset.create", a),
		S("{\"rev\":1,\"hash\":\"#\",\"state\":\"planned\",\"after\":{\"title\":\"Thing\","
		  "\"type\":\"information\",\"location\":\"hall\"}}"));
	a->location = S("cellar");
	a->worth = S("much");
	c->reason = S("moved \"it\"");
	CHECK(save(c, a));
	CHECK_STR(newest_body(t, c, "asset.update", a),
		S("{\"rev\":2,\"hash\":\"#\",\"state\":\"planned\",\"before\":{\"location\":"
		  "\"hall\"},"
		  "\"after\":{\"location\":\"cellar\",\"worth\":\"much\"},"
		  "\"words\":\"moved \\\"it\\\"\"}"));
	a->location = S("");
	c->reason = S("");
	CHECK(save(c, a));
	CHECK_STR(newest_body(t, c, "asset.update", a),
		S("{\"rev\":3,\"hash\":\"#\",\"state\":\"planned\","
		  "\"before\":{\"location\":\"cellar\"},\"after\":{}}"));
	a->is_security = true;
	a->rec.tags = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
	a->rec.tags.item[0] = S("red");
	CHECK(save(c, a));
	CHECK_STR(newest_body(t, c, "asset.update", a),
		S("{\"rev\":4,\"hash\":\"#\",\"state\":\"planned\",\"before\":{},"
		  "\"after\":{\"is_security\":true,\"tags\":[\"red\"]}}"));
	CHECK(store_commit(t, c));
	store_close(t, c);
}

TEST(the_summary_of_a_record_follows_its_newest_revision, "")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1");

	CHECK(kind_put(c, new_asset(c, "A-2"), S("asset.create")));
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_INT(
		db_int(c->db,
			SQL("SELECT count(*) FROM record WHERE ref = 'A-1' AND rev = 1 AND title = "
			    "'Thing' AND state = 'planned' AND owner = '' AND product = '' AND "
			    "classification = '' AND review_due IS NULL AND kind = 'asset' AND "
			    "changed = $1"),
			V(c->now_us)),
		1);
	a->rec.title = S("Other");
	a->rec.state = ASSET_STATE_IN_USE;
	a->rec.owner = S("P1");
	a->rec.product = S("PRD-1");
	a->rec.classification = CLASSIFICATION_INTERNAL;
	a->rec.review_due = 20000;
	CHECK(save(c, a));
	CHECK_INT(
		db_int(c->db,
			SQL("SELECT count(*) FROM record WHERE ref = 'A-1' AND rev = 2 AND title = "
			    "'Other' AND state = 'in_use' AND owner = 'P1' AND product = 'PRD-1' "
			    "AND classification = 'internal' AND review_due = 20000 AND "
			    "changed = $1"),
			V(c->now_us)),
		1);
	struct hits hits;
	CHECK(kind_search(c, S("Other"), &hits));
	CHECK_INT(hits.count, 1);
	CHECK_INT(
		db_int(c->db, SQL("SELECT count(*) FROM record WHERE rev = 1 AND title = 'Thing'")),
		1);
	store_close(t, c);
}

/* A record of the kind with `count` long texts of LIMIT_PROSE characters. */
static struct rec *large(struct call *c, const struct kind *k, int count)
{
	uint64_t state = 1;
	struct rec *r = random_record(c->arena, &state, k);
	struct buf text;

	buf_init(&text, c->arena, 4 * LIMIT_PROSE);
	for (int i = 0; i < LIMIT_PROSE; i++)
		buf_add(&text, S("\xf0\x9f\x98\x80"));
	for (int i = 0; i < k->field_count && count; i++)
		if (k->field[i].type == FIELD_PROSE && k->field[i].max >= LIMIT_PROSE &&
			!k->field[i].check) {
			*(str *)kind_slot(r, &k->field[i]) = buf_str(&text);
			count--;
		}
	return count ? NULL : r;
}

TEST(a_record_that_is_too_large_is_refused, "")
{
	struct call *c = open_store(t);
	int found = 0;

	for (int i = 0; i < kind_count && !found; i++) {
		struct rec *most = large(c, &kinds[i], LIMIT_RECORD_BYTES / 4 / LIMIT_PROSE - 1);
		struct rec *more = large(c, &kinds[i], LIMIT_RECORD_BYTES / 4 / LIMIT_PROSE);
		if (!more)
			continue;
		found++;
		most->ref = S("");
		CHECK(kind_put(c, most, S("test.create")));
		more->ref = S("");
		REFUSED(kind_put(c, more, S("test.create")), ERR_LIMIT, "");
	}
	CHECK_INT(found, 1);
	store_undo(t, c);
	store_close(t, c);
}

/* ---- who may write ---- */

TEST(a_save_is_of_the_newest_revision_by_who_may, "REC-REQ-03")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1"), *shut = new_asset(c, "A-2"),
		     *gone = new_asset(c, "A-3");
	struct who program = c->who;

	shut->rec.classification = CLASSIFICATION_RESTRICTED;
	CHECK(kind_put(c, a, S("asset.create")) && kind_put(c, shut, S("asset.create")));
	struct asset *old = kind_copy(c->arena, asset, a);
	CHECK(save_changed(c, a));
	REFUSED(save_changed(c, old), ERR_CONFLICT, "");
	old->rec.rev = 3;
	REFUSED(save_changed(c, old), ERR_CONFLICT, "");
	gone->rec.rev = 1;
	REFUSED(save_changed(c, gone), ERR_MISSING, "");
	become(c, "P1", "asset.read");
	REFUSED(save_changed(c, a), ERR_DENIED, "");
	struct asset *empty = new_asset(c, "A-9");
	empty->rec.title = S("");
	CHECK(!kind_put(c, empty, S("asset.create")));
	CHECK_INT(c->err.issue_count, 0); /* nor told what else is wrong */
	REFUSED(false, ERR_DENIED, "");
	become(c, "P1", "asset.*");
	REFUSED(save_changed(c, shut), ERR_MISSING, "");
	REFUSED(kind_put(c, empty, S("asset.create")), ERR_INVALID, "title");
	/* From a product that is not theirs, and to one. */
	granted.product = S("PRD-1");
	a->rec.product = S("PRD-1");
	REFUSED(save_changed(c, a), ERR_DENIED, "");
	a->rec.product = S("");
	REFUSED(save_changed(c, a), ERR_DENIED, "");
	/* Nothing of it was written. */
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM asset")), 3);
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM asset WHERE until IS NULL")), 2);
	c->who = program;
	store_close(t, c);
}

TEST(revisions_follow_each_other_whatever_the_clock_says, "")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1");
	struct revision *list;
	isize count;

	CHECK(kind_put(c, a, S("asset.create")));
	int64_t first = a->rec.since;
	c->now_us = first - 1;
	CHECK(save_changed(c, a));
	CHECK_INT(a->rec.since, first + 1);
	c->now_us = first - 1000;
	CHECK(save_changed(c, a));
	CHECK_INT(a->rec.since, first + 2);
	c->now_us = first + 2;
	CHECK(save_changed(c, a));
	CHECK_INT(a->rec.since, first + 3);
	c->now_us = first + 1000;
	CHECK(save_changed(c, a));
	CHECK_INT(a->rec.since, first + 1001);
	CHECK(kind_history(c, asset, S("A-1"), &list, &count));
	CHECK_INT(count, 5);
	for (isize i = 0; i < count; i++)
		CHECK_INT(list[i].rev, 5 - i);
	CHECK_INT(db_int(c->db,
			  SQL("SELECT count(*) FROM asset a JOIN asset b ON b.rev = a.rev + 1 "
			      "WHERE a.until = b.since")),
		4);
	store_close(t, c);
}

/* In force, by a person, by an update, without a reason: all four. */
TEST(a_record_in_force_changes_with_a_reason, "REC-REQ-05")
{
	struct call *c = open_store(t);
	struct who program = c->who;

	for (int i = 0; i < 16; i++) {
		bool in_force = i & 1, person = i & 2, update = i & 4, silent = i & 8;
		struct asset *a = new_asset(c, "");
		c->who = program;
		a->rec.state = in_force ? ASSET_STATE_IN_USE : ASSET_STATE_PLANNED;
		CHECK(kind_put(c, a, S("asset.create")));
		if (person)
			become(c, "P1", "asset.*");
		c->reason = silent ? S("") : S("why");
		bool ok = kind_put(c, a, update ? S("asset.update") : S("asset.move"));
		CHECK_INT(ok, !(in_force && person && update && silent));
		if (!ok)
			REFUSED(ok, ERR_INVALID, "reason");
	}
	/* Of a new one nobody asks. */
	become(c, "P1", "asset.*");
	struct asset *a = new_asset(c, "");
	a->rec.state = ASSET_STATE_IN_USE;
	c->reason = S("");
	CHECK(kind_put(c, a, S("asset.create")));
	c->who = program;
	store_close(t, c);
}

static struct message *new_message(struct call *c, bool is_protected, bool owner, bool named)
{
	struct message *m = kind_new(c->arena, &kinds[KIND_MESSAGE]);

	m->rec.title = S("Report");
	m->type = m->direction = 1;
	m->is_protected = is_protected;
	m->rec.owner = owner ? S("P1") : S("");
	m->rec.need_to_know = (struct words){.item = NEW(c->arena, str, 1), .count = named};
	m->rec.need_to_know.item[0] = S("P1");
	return m;
}

TEST(what_is_protected_names_somebody, "POL-REQ-02")
{
	struct call *c = open_store(t);
	struct who program = c->who;

	for (int i = 0; i < 16; i++) {
		bool is_protected = i & 1, owner = i & 2, named = i & 4, person = i & 8;
		c->who = program;
		if (person)
			become(c, "P1", "message.*");
		struct message *m = new_message(c, is_protected, owner, named);
		bool ok = kind_put(c, m, S("message.create"));
		CHECK_INT(ok, !(is_protected && !owner && !named && person));
		if (!ok)
			REFUSED(ok, ERR_INVALID, "need_to_know");
	}
	c->who = program;
	store_close(t, c);
}

/* ---- guards ---- */

static struct {
	const struct rec *before, *after;
	int calls;
	bool refuses;
} asked;

static bool guard(struct call *c, const void *before, const void *after)
{
	asked.calls++;
	asked.before = before;
	asked.after = after;
	return !asked.refuses || FAIL(&c->err, ERR_DENIED, "the guard says no");
}

TEST(a_guard_is_asked_of_every_write_but_the_programs, "")
{
	struct call *c = open_store(t);
	struct who program = c->who;
	struct kind guarded = *asset;
	struct asset *a = new_asset(c, "A-1");

	guarded.guard = guard;
	asked.calls = 0;
	a->rec.kind = &guarded;
	CHECK(kind_put(c, a, S("asset.create")));
	CHECK_INT(asked.calls, 0);
	become(c, "P1", "asset.*");
	CHECK(save_changed(c, a));
	CHECK_INT(asked.calls, 1);
	CHECK(asked.after == &a->rec && asked.before && asked.before->rev == 1);
	struct asset *b = new_asset(c, "A-2");
	b->rec.kind = &guarded;
	CHECK(kind_put(c, b, S("asset.create")));
	CHECK(asked.calls == 2 && !asked.before);
	asked.refuses = true;
	REFUSED(save_changed(c, a), ERR_DENIED, "");
	CHECK_INT(db_int(c->db, SQL("SELECT count(*) FROM asset WHERE rev = 3")), 0);
	asked.refuses = false;
	c->who = program;
	store_close(t, c);
}

/* ---- secrets ---- */

/* An asset all of whose own fields are secret, of every type that there is. */
static struct kind secret_kind(struct call *c)
{
	struct field *f = NEW(c->arena, struct field, asset->field_count + 1);
	struct kind k = *asset;

	memcpy(f, asset->field, (size_t)asset->field_count * sizeof *f);
	for (int i = 0; i < asset->field_count; i++)
		f[i].secret = !f[i].is_envelope && !f[i].required;
	/* The last, which is of the envelope; what stands behind it is nobody's. */
	f[asset->field_count - 1].secret = true;
	f[asset->field_count] = *kind_field(asset, S("title"));
	f[asset->field_count].secret = true;
	k.field = f;
	return k;
}

TEST(who_may_not_know_saves_what_they_do_not_see, "POL-REQ-01")
{
	uint64_t state = (uint64_t)clock_mono();
	struct call *c = open_store(t);
	struct kind k = secret_kind(c);
	struct who program = c->who;
	void *seen, *kept;

	for (int round = 0; round < 10; round++) {
		struct rec *r = random_record(c->arena, &state, &k);
		r->product = S("");
		r->classification = 0;
		r->owner = S("P9");
		r->state = 0;
		r->need_to_know = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
		r->need_to_know.item[0] = S("P9");
		for (int i = 0; i < k.field_count; i++)
			if (k.field[i].type == FIELD_REF && !k.field[i].is_envelope)
				*(str *)kind_slot(r, &k.field[i]) = S("");
		r->origin_source = r->unit = r->retention = S("");
		CHECK(kind_put(c, r, S("asset.create")));
		become(c, "P1", "asset.*");
		c->reason = S("said");
		CHECK(kind_get(c, &k, r->ref, &seen));
		for (int i = 0; i < k.field_count; i++)
			CHECK(!k.field[i].secret || kind_is_empty(seen, &k.field[i]));
		CHECK(((struct rec *)seen)->hidden);
		CHECK_STR(((struct rec *)seen)->title, r->title);
		((struct rec *)seen)->title = r->title = S("New title");
		CHECK(save(c, seen));
		if (c->err.code)
			test_fail(t, __FILE__, __LINE__, "%s", c->err.text);
		become(c, "P9", "asset.*");
		CHECK(kind_get(c, &k, r->ref, &kept));
		CHECK(!((struct rec *)kept)->hidden);
		CHECK_STR(canonical(c->arena, kept), canonical(c->arena, r));
		c->who = program;
		CHECK(kind_get(c, &k, r->ref, &kept));
		CHECK(!((struct rec *)kept)->hidden);
	}
	store_close(t, c);
}

TEST(a_secret_in_the_last_field_is_one, "POL-REQ-01")
{
	struct call *c = open_store(t);
	struct kind k = secret_kind(c);
	struct who program = c->who;
	struct asset *a = new_asset(c, "A-1");
	struct field *f = NEW(c->arena, struct field, k.field_count);
	void *rec;

	memcpy(f, asset->field, (size_t)k.field_count * sizeof *f);
	f[k.field_count - 1].secret = true;
	k.field = f;
	a->rec.tags = (struct words){.item = NEW(c->arena, str, 1), .count = 1};
	a->rec.tags.item[0] = S("red");
	CHECK(f[k.field_count - 1].at == offsetof(struct rec, tags));
	CHECK(kind_put(c, a, S("asset.create")));
	become(c, "P1", "asset.*");
	CHECK(kind_get(c, &k, S("A-1"), &rec));
	CHECK(((struct rec *)rec)->hidden && ((struct rec *)rec)->tags.count == 0);
	c->who = program;
	store_close(t, c);
}

TEST(what_is_hidden_is_missing_however_it_is_asked_for, "POL-REQ-01")
{
	struct call *c = open_store(t);
	struct who program = c->who;
	struct asset *a = new_asset(c, "A-1");
	struct rec *any;
	void *rec;

	CHECK(kind_put(c, a, S("asset.create")));
	int64_t before = c->now_us;
	a->rec.classification = CLASSIFICATION_RESTRICTED;
	CHECK(save(c, a));
	become(c, "P1", "asset.*");
	REFUSED(kind_get(c, asset, S("A-1"), &rec), ERR_MISSING, "");
	REFUSED(kind_get_any(c, S("A-1"), &any), ERR_MISSING, "");
	REFUSED(kind_get_rev(c, asset, S("A-1"), 1, &rec), ERR_MISSING, "");
	c->at_us = before;
	REFUSED(kind_get(c, asset, S("A-1"), &rec), ERR_MISSING, "");
	c->at_us = TIME_NONE;
	c->who = program;
	store_close(t, c);
}

TEST(who_sees_a_secret_may_change_it, "")
{
	struct call *c = open_store(t);
	struct kind k = secret_kind(c);
	struct who program = c->who;
	struct asset *a = new_asset(c, "A-1");
	void *rec;

	a->rec.kind = &k;
	a->rec.owner = S("P9");
	a->location = S("hall");
	CHECK(kind_put(c, a, S("asset.create")));
	become(c, "P9", "asset.*");
	CHECK(kind_get(c, &k, S("A-1"), &rec));
	CHECK_STR(((struct asset *)rec)->location, S("hall"));
	((struct asset *)rec)->location = S("");
	CHECK(!kind_is_empty(rec, kind_field(&k, S("type"))));
	c->who = program;
	CHECK(save(c, rec));
	CHECK(kind_get(c, &k, S("A-1"), &rec));
	CHECK_STR(((struct asset *)rec)->location, S(""));
	/* A kind without secrets has nothing to hide. */
	become(c, "P1", "asset.*");
	CHECK(kind_get(c, asset, S("A-1"), &rec));
	CHECK(!((struct rec *)rec)->hidden);
	c->who = program;
	store_close(t, c);
}

/* ---- reading ---- */

TEST(a_record_is_read_as_it_is_or_was, "REC-REQ-04")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1");
	struct rec *any;
	void *rec;

	CHECK(kind_put(c, a, S("asset.create")));
	CHECK(kind_put(c, new_asset(c, "A-2"), S("asset.create")));
	int64_t first = a->rec.since;
	a->rec.title = S("Second");
	c->reason = S("because");
	CHECK(save(c, a));
	CHECK(kind_get(c, asset, S("A-1"), &rec));
	CHECK_STR(((struct rec *)rec)->title, S("Second"));
	CHECK_STR(((struct rec *)rec)->why, S("because"));
	CHECK_STR(((struct rec *)rec)->by, S("system"));
	CHECK_INT(((struct rec *)rec)->until, TIME_NONE);
	CHECK(kind_get_any(c, S("A-1"), &any) && any->rev == 2);
	CHECK(kind_get_rev(c, asset, S("A-1"), 1, &rec));
	CHECK_STR(((struct rec *)rec)->title, S("Thing"));
	CHECK_INT(((struct rec *)rec)->until, a->rec.since);
	c->at_us = first;
	CHECK(kind_get(c, asset, S("A-1"), &rec) && ((struct rec *)rec)->rev == 1);
	CHECK(kind_get_any(c, S("A-1"), &any) && any->rev == 1);
	c->at_us = first - 1;
	REFUSED(kind_get(c, asset, S("A-1"), &rec), ERR_MISSING, "");
	c->at_us = TIME_NONE;
	REFUSED(kind_get_rev(c, asset, S("A-1"), 3, &rec), ERR_MISSING, "");
	REFUSED(kind_get(c, asset, S("A-3"), &rec), ERR_MISSING, "");
	REFUSED(kind_get_any(c, S("A-3"), &any), ERR_MISSING, "");
	REFUSED(kind_get(c, &kinds[KIND_RISK], S("A-1"), &rec), ERR_MISSING, "");
	store_close(t, c);
}

TEST(a_history_is_for_who_sees_the_record, "POL-REQ-01")
{
	struct call *c = open_store(t);
	struct asset *a = new_asset(c, "A-1");
	struct who program = c->who;
	struct revision *list;
	isize count;

	c->reason = S("first");
	CHECK(kind_put(c, a, S("asset.create")));
	c->reason = S("second");
	a->rec.state = ASSET_STATE_IN_USE;
	CHECK(save(c, a));
	CHECK(kind_put(c, new_asset(c, "A-2"), S("asset.create")));
	CHECK(kind_history(c, asset, S("A-1"), &list, &count));
	CHECK_INT(count, 2);
	CHECK_STR(list[0].why, S("second"));
	CHECK_STR(list[1].why, S("first"));
	CHECK_STR(list[0].state, S("In use"));
	CHECK_STR(list[1].state, S("Planned"));
	CHECK_STR(list[0].by, S("system"));
	CHECK_INT(list[0].since, a->rec.since);
	REFUSED(kind_history(c, asset, S("A-3"), &list, &count), ERR_MISSING, "");
	become(c, "P1", "risk.read");
	REFUSED(kind_history(c, asset, S("A-1"), &list, &count), ERR_MISSING, "");
	c->who = program;
	CHECK(db_exec(c->db, SQL_FREE("UPDATE asset SET state = 'nothing' WHERE rev = 1")));
	CHECK(kind_history(c, asset, S("A-1"), &list, &count));
	CHECK_STR(list[1].state, S(""));
	store_close(t, c);
}

TEST(what_is_damaged_is_told_and_not_shown, "")
{
	static const struct value_text {
		const char *said;
	} said[] = {{"A-1 is damaged in the store; run ward verify"},
		{"A-1 is damaged in the store; run ward verify"},
		{"the stored Tags cannot be read"}, {"the stored Tags cannot be read"}};
	struct call *c = open_store(t);
	const struct value damage[] = {SQL_FREE("UPDATE asset SET id = x'00'"),
		SQL_FREE("UPDATE asset SET state = 'nothing'"),
		SQL_FREE("UPDATE asset SET f_tags = '[1]'"),
		SQL_FREE("UPDATE asset SET f_tags = 'nonsense'")};
	struct revision *list;
	isize count;
	void *rec;

	CHECK(kind_put(c, new_asset(c, "A-1"), S("asset.create")) && store_commit(t, c));
	for (isize i = 0; i < COUNT_OF(damage); i++) {
		struct asset *mine;
		CHECK(kind_get(c, asset, S("A-1"), &rec));
		mine = rec;
		CHECK(db_exec_values(c->db, &damage[i], 1));
		CHECK(!kind_get(c, asset, S("A-1"), &rec));
		CHECK_INT(c->err.code, ERR_TAMPERED);
		CHECK_STR(err_text(&c->err), str_of(said[i].said));
		CHECK_INT(c->err.issue_count, 0);
		err_clear(&c->err);
		CHECK(!save(c, mine));
		store_undo(t, c);
	}
	CHECK(kind_get(c, asset, S("A-1"), &rec));
	CHECK(!db_exec(c->db, SQL_FREE("DELETE FROM nowhere")));
	err_clear(&c->err);
	CHECK(!kind_get(c, asset, S("A-1"), &(void *){NULL}));
	CHECK(!kind_get_rev(c, asset, S("A-1"), 1, &(void *){NULL}));
	CHECK_INT(c->err.code, ERR_NONE); /* not that it is missing */
	CHECK(!kind_history(c, asset, S("A-1"), &list, &count));
	CHECK(!save(c, rec) && !kind_put(c, new_asset(c, ""), S("asset.create")));
	store_undo(t, c);
	store_close(t, c);
}

TEST_MAIN()
