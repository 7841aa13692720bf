#include "base/json.h"

#include "crypt/crypt.h"
#include "ledger/ledger.h"
#include "ledger/stranger.h"
#include "test.h"

static struct leaf sample(void)
{
	struct leaf l = {.act = S("risk.update"),
		.object = S("risk:RSK-114"),
		.actor = S("person:0193"),
		.outcome = S("ok"),
		.reason = S("capa:CA-9"),
		.node = S("n1"),
		.request = S("req-1"),
		.session = S("c2lk"),
		.at_us = INT64_C(1795228512123456),
		.has_body = true,
		.has_personal = true};

	memset(l.id.b, 0x11, sizeof l.id.b);
	memset(l.body.b, 0x22, HASH_BYTES);
	memset(l.personal.b, 0x33, HASH_BYTES);
	return l;
}

static str encode(struct test_case *t, const struct leaf *l)
{
	struct buf b;

	buf_init(&b, t->arena, LIMIT_LEAF_BYTES);
	leaf_encode(&b, l);
	CHECK(!b.full);
	return buf_str(&b);
}

TEST(a_leaf_has_sorted_members_and_no_blanks, "")
{
	struct leaf l = sample();

	CHECK_STR(encode(t, &l),
		S("{\"act\":\"risk.update\",\"actor\":\"person:0193\","
		  "\"at\":\"2026-11-21T02:35:12.123456Z\","
		  "\"body\":\"IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=\","
		  "\"id\":\"11111111-1111-1111-1111-111111111111\",\"node\":\"n1\","
		  "\"object\":\"risk:RSK-114\",\"outcome\":\"ok\","
		  "\"private\":\"MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=\","
		  "\"reason\":\"capa:CA-9\",\"req\":\"req-1\",\"sid\":\"c2lk\",\"v\":1}"));
}

TEST(a_mark_of_a_leaf_reads_back, "")
{
	struct leaf l = sample(), m;
	struct err e = {0};

	l.has_mark = true;
	memset(l.mark.b, 0x44, MARK_BYTES);
	str text = encode(t, &l);
	CHECK(str_find(text,
		      S("\"id\":\"11111111-1111-1111-1111-111111111111\","
			"\"mark\":\"RERERERERERERERERERERA==\",\"node\"")) > 0);
	CHECK(leaf_decode(t->arena, text, &m, &e));
	CHECK(m.has_mark && memcmp(m.mark.b, l.mark.b, MARK_BYTES) == 0);
	/* Bits behind its end, a shorter one and one of nothing are in another form. */
	static const char *const bad[] = {"RERERERERERERERERERERB==", "RERE", ""};
	for (int i = 0; i < COUNT_OF(bad); i++) {
		isize at = str_find(text, S("RERE"));
		str changed = str_fmt(t->arena, "%.*s%s%.*s", STR_ARG(str_part(text, 0, at)),
			bad[i], STR_ARG(str_part(text, at + 24, text.n)));
		CHECK(!leaf_decode(t->arena, changed, &m, &e));
		CHECK_INT(e.code, ERR_SYNTAX);
		err_clear(&e);
	}
}

TEST(a_leaf_is_its_own_canonical_form, "")
{
	struct leaf l = sample();
	struct err e = {0};
	struct buf b;

	l.reason = S("\"quoted\" \\ \x01 \xc3\xa9 / \n");
	str text = encode(t, &l);
	buf_init(&b, t->arena, 2 * LIMIT_LEAF_BYTES);
	json_canonical(&b, t->arena, json_parse(t->arena, &e, text));
	CHECK_STR(buf_str(&b), text);
}

TEST(a_leaf_reads_back, "")
{
	struct leaf l = sample(), m;
	struct err e = {0};

	l.reason = S("\"quoted\" \\ \x01 \xc3\xa9");
	l.session = l.request = l.object = S("");
	l.has_personal = false;
	str text = encode(t, &l);
	CHECK(str_find(text, S("\"sid\"")) < 0 && str_find(text, S("private")) < 0);
	CHECK(leaf_decode(t->arena, text, &m, &e));
	CHECK_STR(m.act, l.act);
	CHECK_STR(m.actor, l.actor);
	CHECK_STR(m.reason, l.reason);
	CHECK_STR(m.object, S(""));
	CHECK_STR(m.outcome, S("ok"));
	CHECK_STR(m.node, S("n1"));
	CHECK_INT(m.at_us, l.at_us);
	CHECK(m.has_body && !m.has_personal);
	CHECK(memcmp(&m.body, &l.body, sizeof l.body) == 0);
	CHECK(memcmp(&m.id, &l.id, sizeof l.id) == 0);
}

TEST(a_leaf_has_only_the_commitments_that_it_makes, "")
{
	for (int mask = 0; mask < 8; mask++) {
		struct leaf l = sample(), m;
		struct err e = {0};
		l.has_body = mask & 1;
		l.has_personal = mask & 2;
		l.has_rows = mask & 4;
		memset(&l.rows, 0x44, sizeof l.rows);
		str text = encode(t, &l);
		const str name[] = {S("body"), S("private"), S("rows"), S("none"), S("")};
		const struct hash *want[] = {mask & 1 ? &l.body : NULL,
			mask & 2 ? &l.personal : NULL, mask & 4 ? &l.rows : NULL, NULL, NULL};
		CHECK(leaf_decode(t->arena, text, &m, &e));
		for (int i = 0; i < 5; i++) {
			const struct hash *got = leaf_part(&m, name[i]);
			CHECK(leaf_part(&l, name[i]) == want[i]);
			CHECK_INT(got != NULL, want[i] != NULL);
			CHECK(!got || !want[i] || memcmp(got, want[i], sizeof *got) == 0);
		}
		CHECK_INT(str_find(text, S("\"rows\"")) >= 0, l.has_rows);
	}
}

TEST(a_leaf_says_what_the_machine_says_of_its_clock, "")
{
	static const int64_t mono[] = {0, 7, 123456789012, LEAF_MONO_MAX};

	for (int i = 0; i < 8; i++) {
		struct leaf l = sample(), m;
		struct err e = {0};
		struct buf b;
		l.boot = S("0123456789abcdef0123456789abcdef");
		l.mono_us = mono[i / 2];
		l.is_synchronized = i & 1;
		str text = encode(t, &l);
		str want = str_fmt(t->arena,
			"=\",\"clock\":{\"boot\":\"0123456789abcdef0123456789abcdef\","
			"\"mono\":%" PRId64 ",\"sync\":%s},\"id\":",
			l.mono_us, i & 1 ? "true" : "false");
		CHECK(str_find(text, want) > 0);
		buf_init(&b, t->arena, 2 * LIMIT_LEAF_BYTES);
		json_canonical(&b, t->arena, json_parse(t->arena, &e, text));
		CHECK_STR(buf_str(&b), text);
		CHECK(leaf_decode(t->arena, text, &m, &e));
		CHECK_STR(m.boot, l.boot);
		CHECK_INT(m.mono_us, l.mono_us);
		CHECK_INT(m.is_synchronized, l.is_synchronized);
	}
}

TEST(a_clock_in_another_form_is_refused, "")
{
	static const char *const clock[] = {"{}", "{\"boot\":\"\",\"mono\":1,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":01,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":-1,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":1e3,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":9007199254740992,\"sync\":true}",
		"{\"boot\":\"a\",\"mono\":1,\"sync\":1}", "{\"boot\":\"a\",\"mono\":1}",
		"{\"mono\":1,\"boot\":\"a\",\"sync\":true}",
		"{\"boot\":\"a\", \"mono\":1,\"sync\":true}", "null", "\"a\""};
	struct leaf l = sample(), m;
	str text = encode(t, &l);
	isize at = str_find(text, S("\"id\""));

	for (int i = 0; i < COUNT_OF(clock); i++) {
		struct err e = {0};
		str bad = str_fmt(t->arena, "%.*s\"clock\":%s,%.*s", (int)at, text.p, clock[i],
			(int)(text.n - at), text.p + at);
		CHECK(!leaf_decode(t->arena, bad, &m, &e));
	}
}

/* Two texts that mean the same would be two leaves; only one is taken. */
TEST(leaves_in_another_form_are_refused, "")
{
	static const struct {
		const char *from, *to;
	} swap[] = {{"{\"act\"", "{ \"act\""}, {"risk.update", "risk\\u002eupdate"},
		{"\"v\":1", "\"v\":2"}, {"\"v\":1}", "\"v\":1}\n"},
		{"\"v\":1}", "\"v\":1,\"w\":1}"}, {"\"sid\":\"c2lk\"", "\"sid\":\"\""},
		{"12.123456Z", "12.12345Z"}, {"\"actor\"", "\"aktor\""}, {"IiIiI=\"", "IiIiJ=\""},
		{"\"n1\"", "1"}, {"11111111-1111-", "111111111111--"}, {",\"v\":1}", "}"},
		{"capa", "ca\\/pa"}, {"capa", "ca\xff"}, {"capa:CA-9\"", "capa:CA-9"},
		{"\"n1\"", "xn1\""}, {"capa", "ca\npa"}, {"capa", "ca\x1fpa"}, {"capa", "ca\\qpa"},
		{"IiIiIiIi", "IiIi"}, {"MzMzMzMz", "MzMz"}, {"\"IiIi", "\"\",\"x\":\"IiIi"}};
	struct leaf l = sample(), m;
	str text = encode(t, &l);

	for (isize i = 0; i < COUNT_OF(swap); i++) {
		struct err e = {0};
		str rest = text, head = str_cut_at(&rest, str_of(swap[i].from));
		CHECK(head.n < text.n);
		str bad = str_fmt(t->arena, "%.*s%s%.*s", STR_ARG(head), swap[i].to, STR_ARG(rest));
		CHECK(!leaf_decode(t->arena, bad, &m, &e));
		CHECK_INT(e.code, ERR_SYNTAX);
	}
}

TEST(a_leaf_beyond_the_limit_is_refused, "")
{
	char long_text[LIMIT_LEAF_BYTES + 1];
	struct leaf l = sample(), m;
	struct err e = {0};
	struct buf b;

	memset(long_text, 'x', sizeof long_text);
	l.reason = (str){long_text, LIMIT_LEAF_BYTES - 200};
	buf_init(&b, t->arena, LIMIT_LEAF_BYTES);
	leaf_encode(&b, &l);
	CHECK(b.full);
	CHECK(!leaf_decode(t->arena, (str){long_text, sizeof long_text}, &m, &e));
	CHECK_INT(e.code, ERR_LIMIT);

	l.reason = S("");
	isize rest = LIMIT_LEAF_BYTES - encode(t, &l).n - S(",\"reason\":\"\"").n;
	l.reason = (str){long_text, rest};
	str longest = encode(t, &l);
	CHECK_INT(longest.n, LIMIT_LEAF_BYTES);
	e = (struct err){0};
	CHECK(leaf_decode(t->arena, longest, &m, &e));
}

/* Computed beside, from the definition: one message, one SHA-256. */
TEST(a_commitment_is_the_hash_of_its_definition, "")
{
	uint8_t salt[SALT_BYTES];
	char message[12 + SALT_BYTES + 4 + 4 + 4 + 2];
	struct hash h, other;

	memset(salt, 7, sizeof salt);
	memcpy(message, "ward/part/1\0", 12);
	memcpy(message + 12, salt, SALT_BYTES);
	memcpy(message + 12 + SALT_BYTES, "\0\0\0\4body\0\0\0\2{}", 14);
	struct sha256 want = sha256((str){message, sizeof message});
	h = leaf_commit(salt, S("body"), S("{}"));
	CHECK(memcmp(&h, &want, sizeof h) == 0);
	other = leaf_commit(salt, S("body{"), S("}"));
	CHECK(memcmp(&h, &other, sizeof h) != 0);
	salt[31] ^= 1;
	other = leaf_commit(salt, S("body"), S("{}"));
	CHECK(memcmp(&h, &other, sizeof h) != 0);
}

/* ---- receipts ---- */

struct log {
	struct secret secret;
	struct verifier_key key;
	str note;
	struct receipt receipt;
};

/* A log of two leaves and the receipt of the second. */
static void make_log(struct test_case *t, struct log *log)
{
	struct hash one = merkle_leaf(S("one")), two = merkle_leaf(S("two"));
	struct checkpoint c = {
		.origin = S("ward.example/t"), .size = 2, .root = merkle_node(&one, &two)};
	struct public_key public;
	struct buf b;

	CHECK(crypt_init());
	sign_keypair(&log->secret, &public);
	log->key = vkey_make(c.origin, &public);
	buf_init(&b, t->arena, 4000);
	checkpoint_print(&b, &c);
	struct signature s = sign_detached(&log->secret, buf_str(&b));
	note_sign_line(&b, &log->key, s.b);
	log->note = buf_str(&b);
	log->receipt = (struct receipt){
		.index = 1, .path = {.count = 1}, .extra = S("two"), .note = buf_str(&b)};
	log->receipt.path.path[0] = one;
}

static str print(struct test_case *t, const struct receipt *r)
{
	struct buf b;

	buf_init(&b, t->arena, RECEIPT_BYTES);
	receipt_print(&b, r);
	CHECK(!b.full);
	return buf_str(&b);
}

TEST(a_receipt_holds_by_itself, "")
{
	struct log log;
	struct receipt r;
	struct checkpoint c;
	struct err e = {0}, f = {0}, g = {0};

	make_log(t, &log);
	str text = print(t, &log.receipt);
	CHECK(str_starts(text, S("c2sp.org/tlog-proof@v1\nextra dHdv\nindex 1\n")));
	CHECK(receipt_check(t->arena, text, S(""), &log.key, 1, &r, &c, &e));
	CHECK_INT(r.index, 1);
	CHECK_STR(r.extra, S("two"));
	CHECK_INT(c.size, 2);
	CHECK_STR(print(t, &r), text);
	CHECK(receipt_check(t->arena, text, S("two"), &log.key, 1, &r, &c, &e));
	CHECK(!receipt_check(t->arena, text, S("one"), &log.key, 1, &r, &c, &f));
	CHECK_INT(f.code, ERR_TAMPERED);
	log.receipt.extra = S("");
	CHECK(!receipt_check(t->arena, print(t, &log.receipt), S(""), &log.key, 1, &r, &c, &g));
	CHECK_INT(g.code, ERR_INVALID);
}

TEST(a_receipt_fails_when_any_byte_changes, "")
{
	struct log log;
	struct receipt r;
	struct checkpoint c;

	make_log(t, &log);
	str text = print(t, &log.receipt);
	char *p = NEW(t->arena, char, text.n);
	memcpy(p, text.p, (size_t)text.n);
	for (isize i = 0; i < text.n; i++) {
		struct err e = {0};
		p[i] ^= 1;
		CHECK(!receipt_check(t->arena, (str){p, text.n}, S(""), &log.key, 1, &r, &c, &e));
		CHECK(e.code != ERR_NONE);
		p[i] ^= 1;
	}
	for (isize n = 0; n < text.n; n++) {
		struct err e = {0};
		CHECK(!receipt_check(t->arena, (str){p, n}, S(""), &log.key, 1, &r, &c, &e));
	}
}

/* A witness vouches for the log, not for itself being one. */
TEST(a_receipt_needs_the_key_of_its_origin, "")
{
	struct log log;
	struct receipt r;
	struct checkpoint c;
	struct err e = {0};
	struct public_key public;
	struct secret secret;
	struct buf b;

	make_log(t, &log);
	sign_keypair(&secret, &public);
	struct verifier_key witness = vkey_make(S("witness.example/w"), &public);
	buf_init(&b, t->arena, 4000);
	buf_add(&b, note_text(log.receipt.note));
	struct signature s = sign_detached(&secret, buf_str(&b));
	note_sign_line(&b, &witness, s.b);
	log.receipt.note = buf_str(&b);
	CHECK(!receipt_check(t->arena, print(t, &log.receipt), S(""), &witness, 1, &r, &c, &e));
	CHECK_INT(e.code, ERR_TAMPERED);

	/* That the log's key is known does not make it have signed. */
	const struct verifier_key both[] = {log.key, witness};
	e = (struct err){0};
	CHECK(!receipt_check(t->arena, print(t, &log.receipt), S(""), both, 2, &r, &c, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
}

/* What was in the place of the answer before does not stand in for what could not be read. */
TEST(a_checkpoint_with_a_spoilt_line_is_not_opened, "")
{
	struct log log;
	struct err e = {0};

	make_log(t, &log);
	struct checkpoint c = {.origin = log.key.name};
	CHECK(checkpoint_open(t->arena, log.note, &log.key, 1, &c, &e));
	str spoilt = str_join(t->arena, log.note, S("no signature\n"));
	CHECK(!checkpoint_open(t->arena, spoilt, &log.key, 1, &c, &e));
	CHECK_INT(e.code, ERR_SYNTAX);
}

static enum err_code parses(struct test_case *t, str text)
{
	struct receipt r;
	struct err e = {0};

	return receipt_parse(t->arena, text, &r, &e) ? ERR_NONE : e.code;
}

/* The text with the first `from` made `to`. */
static str swapped(struct test_case *t, str text, const char *from, const char *to)
{
	str rest = text, head = str_cut_at(&rest, str_of(from));

	CHECK(head.n < text.n);
	return str_join(t->arena, str_join(t->arena, head, str_of(to)), rest);
}

TEST(receipts_have_one_form, "")
{
	static const struct {
		const char *from, *to;
	} swap[] = {{"extra dHdv", "extra "}, {"extra dHdv", "extra d!dv"}, {"index 1", "index -1"},
		{"index 1", "index -0"}, {"index 1", "index 01"}, {"index 1", "index 00"},
		{"index 1", "index "}, {"index 1", "index x"}, {"index 1", "inxex 1"},
		{"index 1\n", ""}, {"@v1", "@v2"}};
	struct log log;

	make_log(t, &log);
	str text = print(t, &log.receipt);
	CHECK_INT(parses(t, text), ERR_NONE);
	CHECK_INT(parses(t, swapped(t, text, "index 1", "index 0")), ERR_NONE);
	CHECK_INT(parses(t, swapped(t, text, "index 1\n", "index 1\nAAAA\n")), ERR_SYNTAX);
	CHECK_INT(parses(t, swapped(t, text, "index 1\n", "index 1\n!\n")), ERR_SYNTAX);
	CHECK_INT(parses(t, S("c2sp.org/tlog-proof@v1\nindex 1\n")), ERR_SYNTAX);
	CHECK_INT(parses(t, S("c2sp.org/tlog-proof@v1\nindex 1\n\n")), ERR_SYNTAX);
	for (isize i = 0; i < COUNT_OF(swap); i++) {
		if (parses(t, swapped(t, text, swap[i].from, swap[i].to)) != ERR_SYNTAX)
			printf("# %s\n", swap[i].to);
		CHECK_INT(parses(t, swapped(t, text, swap[i].from, swap[i].to)), ERR_SYNTAX);
	}
	log.receipt.extra = S("");
	CHECK(str_find(print(t, &log.receipt), S("extra")) < 0);

	char *longest = NEW(t->arena, char, RECEIPT_BYTES + 1);
	memset(longest, 'x', RECEIPT_BYTES + 1);
	memcpy(longest, text.p, (size_t)text.n);
	CHECK_INT(parses(t, (str){longest, RECEIPT_BYTES}), ERR_NONE);
	CHECK_INT(parses(t, (str){longest, RECEIPT_BYTES + 1}), ERR_LIMIT);
}

TEST(a_receipt_has_at_most_as_many_hashes_as_a_tree_is_high, "")
{
	struct log log;

	make_log(t, &log);
	log.receipt.path.count = PROOF_MAX;
	memset(log.receipt.path.path, 7, sizeof log.receipt.path.path);
	str text = print(t, &log.receipt);
	CHECK_INT(parses(t, text), ERR_NONE);
	text = swapped(t, text, "\nBwcH", "\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\nBwcH");
	CHECK_INT(parses(t, text), ERR_SYNTAX);
}

TEST(a_receipt_for_which_there_is_no_memory_is_refused, "")
{
	struct log log;
	struct arena small;
	struct receipt r;
	struct err e = {0};
	char *bytes = NEW(t->arena, char, 5 << 20);

	make_log(t, &log);
	log.receipt.extra = (str){bytes, 5 << 20};
	str text = print(t, &log.receipt);
	arena_init(&small, os_reserve(4 << 20), 4 << 20);
	CHECK(!receipt_parse(&small, text, &r, &e));
	CHECK_INT(e.code, ERR_LIMIT);
}

TEST_MAIN()
