#include "base/json.h"

#include "crypt/crypt.h"
#include "ledger/ledger.h"
#include "test.h"

/* The example of c2sp.org/signed-note. */
static const char example_key[] =
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char example[] =
	"This is an example message.\n\n"
	"— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
	"RKuwHjG1Yu72IneyaQM=\n";

TEST(the_example_of_the_specification_opens, "")
{
	struct verifier_key key;
	struct err e = {0};
	struct buf b;
	str text;

	CHECK(vkey_parse(t->arena, str_of(example_key), &key));
	CHECK_STR(key.name, S("example.com/foo"));
	buf_init(&b, t->arena, 1000);
	vkey_print(&b, &key);
	CHECK_STR(buf_str(&b), str_of(example_key));
	CHECK(note_open(t->arena, str_of(example), &key, 1, &text, &e));
	CHECK_STR(text, S("This is an example message.\n"));
	CHECK_STR(note_text(str_of(example)), S("This is an example message.\n"));
}

TEST(keys_that_are_not_whole_are_refused, "")
{
	static const char *const bad[] = {"", "example.com/foo",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"exa mple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q=="};
	struct verifier_key key;

	for (isize i = 0; i < COUNT_OF(bad); i++)
		CHECK(!vkey_parse(t->arena, str_of(bad[i]), &key));
}

TEST(a_note_of_ours_opens_until_a_byte_of_it_changes, "")
{
	struct secret secret;
	struct public_key public;
	struct checkpoint c = {.origin = S("ward.example/tester"),
				  .size = 7,
				  .root = merkle_empty()},
			  d;
	struct err e = {0};
	struct buf b;
	str text;

	CHECK(crypt_init());
	sign_keypair(&secret, &public);
	struct verifier_key key = vkey_make(c.origin, &public);
	buf_init(&b, t->arena, 4000);
	checkpoint_print(&b, &c);
	struct signature s = sign_detached(&secret, buf_str(&b));
	note_sign_line(&b, &key, s.b);
	CHECK(note_open(t->arena, buf_str(&b), &key, 1, &text, &e));
	CHECK(checkpoint_parse(text, &d, &e));
	CHECK_STR(d.origin, c.origin);
	CHECK_INT(d.size, 7);
	CHECK(memcmp(&d.root, &c.root, sizeof d.root) == 0);
	for (isize i = 0; i < b.n; i++) {
		struct err each = {0};
		b.p[i] ^= 1;
		CHECK(!note_open(t->arena, buf_str(&b), &key, 1, &text, &each));
		CHECK(each.code != ERR_NONE);
		b.p[i] ^= 1;
	}
}

TEST(a_checkpoint_says_when_it_was_signed_and_lets_others_say_more, "")
{
	struct checkpoint c = {.origin = S("ward.example/tester"),
				  .size = 7,
				  .root = merkle_empty(),
				  .at_us = INT64_C(1795228512123456)},
			  d;
	struct err e = {0};
	struct buf b;

	buf_init(&b, t->arena, 4000);
	checkpoint_print(&b, &c);
	CHECK(str_ends(buf_str(&b), S("=\nat 2026-11-21T02:35:12.123456Z\n")));
	CHECK(checkpoint_parse(buf_str(&b), &d, &e));
	CHECK_INT(d.at_us, c.at_us);
	buf_add(&b, S("attic\n"));
	CHECK(checkpoint_parse(buf_str(&b), &d, &e));
	CHECK_INT(d.at_us, c.at_us);
	c.at_us = 0;
	b.n = 0;
	checkpoint_print(&b, &c);
	buf_add(&b, S("at noon\n"));
	CHECK(checkpoint_parse(buf_str(&b), &d, &e));
	CHECK_INT(d.at_us, 0);
	CHECK_INT(d.size, 7);
}

/* White space as Unicode 15 lists it, White_Space=yes. */
static bool is_white(int c)
{
	static const int white[] = {0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000,
		0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a,
		0x2028, 0x2029, 0x202f, 0x205f, 0x3000};

	for (isize i = 0; i < COUNT_OF(white); i++)
		if (c == white[i])
			return true;
	return false;
}

TEST(the_name_of_a_key_has_no_white_space_and_no_plus, "")
{
	for (int c = 1; c < 0x3100; c++) {
		struct buf b;
		buf_init(&b, t->arena, 16);
		buf_char(&b, 'a');
		utf8_put(&b, (uint32_t)c);
		bool want = !is_white(c) && c != '+';
		if (key_name_check(buf_str(&b)) != want)
			printf("# U+%04X\n", (unsigned)c);
		CHECK_INT(key_name_check(buf_str(&b)), want);
		CHECK_INT(key_name_check(str_part(buf_str(&b), 1, b.n)), want);
	}
	CHECK(!key_name_check(S("")));
	CHECK(!key_name_check(S("\xff")));
	CHECK(!key_name_check(S("a\xff")));
	CHECK(!key_name_check(S("+a")));
}

/* ---- notes that are signed here ---- */

struct hand {
	struct secret secret;
	struct verifier_key key;
};

static struct hand make_hand(str name)
{
	struct hand s;
	struct public_key public;

	sign_keypair(&s.secret, &public);
	s.key = vkey_make(name, &public);
	return s;
}

/* The text with a line of the signer, whose bytes after the id are the signature's first `n`. */
static str sign_with(struct test_case *t, const struct hand *s, str text, int n)
{
	uint8_t bytes[4 + SIGNATURE_BYTES + 8] = {0};
	struct signature signature = sign_detached(&s->secret, text);
	struct buf b;

	memcpy(bytes, s->key.id, 4);
	memcpy(bytes + 4, signature.b, SIGNATURE_BYTES);
	buf_init(&b, t->arena, NOTE_BYTES + 1000);
	buf_add(&b, text);
	buf_add(&b, S("\n— "));
	buf_add(&b, s->key.name);
	buf_char(&b, ' ');
	base64_print(&b, bytes, 4 + n);
	buf_char(&b, '\n');
	return buf_str(&b);
}

static enum err_code opens(struct test_case *t, str note, const struct verifier_key *key)
{
	struct err e = {0};
	str text;

	return note_open(t->arena, note, key, 1, &text, &e) ? ERR_NONE : e.code;
}

TEST(a_key_whose_name_has_a_blank_is_refused_with_its_right_id, "")
{
	CHECK(crypt_init());
	struct hand s = make_hand(S("a b"));
	struct verifier_key key;
	struct buf b;

	buf_init(&b, t->arena, 200);
	vkey_print(&b, &s.key);
	CHECK(!vkey_parse(t->arena, buf_str(&b), &key));
}

TEST(a_signature_has_its_length_and_not_a_byte_more, "")
{
	CHECK(crypt_init());
	struct hand s = make_hand(S("a"));

	CHECK_INT(opens(t, sign_with(t, &s, S("x\n"), SIGNATURE_BYTES), &s.key), ERR_NONE);
	CHECK_INT(opens(t, sign_with(t, &s, S("x\n"), SIGNATURE_BYTES + 1), &s.key), ERR_TAMPERED);
	CHECK_INT(opens(t, sign_with(t, &s, S("x\n"), SIGNATURE_BYTES - 1), &s.key), ERR_TAMPERED);
	/* Of a key that is not known here, a signature may be of any kind, but it is there. */
	str note = sign_with(t, &s, S("x\n"), SIGNATURE_BYTES);
	CHECK_INT(opens(t, str_join(t->arena, note, S("— b AAAAAAA=\n")), &s.key), ERR_NONE);
	CHECK_INT(opens(t, str_join(t->arena, note, S("— b AAAAAA==\n")), &s.key), ERR_SYNTAX);
	CHECK_INT(opens(t, str_join(t->arena, note, S("— b AAAA\n")), &s.key), ERR_SYNTAX);
	CHECK_INT(opens(t, str_join(t->arena, note, S("— b+c AAAAAAA=\n")), &s.key), ERR_SYNTAX);
}

TEST(a_note_is_text_without_control_characters, "")
{
	CHECK(crypt_init());
	struct hand s = make_hand(S("a"));
	static const char *const bad[] = {"x\x1fy\n", "\x01\n", "x\ty\n", "\xff\n", "x\xff\n"};

	for (isize i = 0; i < COUNT_OF(bad); i++)
		CHECK_INT(opens(t, sign_with(t, &s, str_of(bad[i]), SIGNATURE_BYTES), &s.key),
			ERR_SYNTAX);
	CHECK_INT(opens(t, sign_with(t, &s, S("\n"), SIGNATURE_BYTES), &s.key), ERR_NONE);
	CHECK_INT(opens(t, sign_with(t, &s, S(""), SIGNATURE_BYTES), &s.key), ERR_SYNTAX);
	CHECK_INT(opens(t, sign_with(t, &s, S(" \n"), SIGNATURE_BYTES), &s.key), ERR_NONE);
}

TEST(a_note_has_at_most_its_limit_of_bytes, "")
{
	CHECK(crypt_init());
	struct hand s = make_hand(S("a"));
	char *p = NEW(t->arena, char, NOTE_BYTES + 2);
	isize frame = sign_with(t, &s, S("\n"), SIGNATURE_BYTES).n - 1;

	memset(p, 'x', NOTE_BYTES);
	p[NOTE_BYTES - frame - 1] = '\n';
	str note = sign_with(t, &s, (str){p, NOTE_BYTES - frame}, SIGNATURE_BYTES);
	CHECK_INT(note.n, NOTE_BYTES);
	CHECK_INT(opens(t, note, &s.key), ERR_NONE);
	p[NOTE_BYTES - frame - 1] = 'x';
	p[NOTE_BYTES - frame] = '\n';
	note = sign_with(t, &s, (str){p, NOTE_BYTES - frame + 1}, SIGNATURE_BYTES);
	CHECK_INT(opens(t, note, &s.key), ERR_LIMIT);
}

TEST(only_the_keys_that_were_given_count_and_each_answers_for_itself, "")
{
	CHECK(crypt_init());
	struct hand one = make_hand(S("a")), two = make_hand(S("b"));
	struct verifier_key key[2] = {one.key, two.key};
	bool signed_by[2] = {true, true};
	struct err e = {0};
	str text;

	/* The second key stands behind the only one given. */
	signed_by[1] = false;
	CHECK(!note_open_by(t->arena, sign_with(t, &two, S("x\n"), SIGNATURE_BYTES), key, 1, &text,
		signed_by, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	e = (struct err){0};
	signed_by[0] = signed_by[1] = true;
	/* What stood in the answer before counts for nothing; what stands behind it stays. */
	CHECK(note_open_by(t->arena, sign_with(t, &one, S("x\n"), SIGNATURE_BYTES), key, 1, &text,
		signed_by, &e));
	CHECK(signed_by[0] && signed_by[1]);
	CHECK(note_open_by(t->arena, sign_with(t, &one, S("x\n"), SIGNATURE_BYTES), key, 2, &text,
		signed_by, &e));
	CHECK(signed_by[0] && !signed_by[1]);
}

TEST(checkpoints_have_one_form, "")
{
	static const char *const bad[] = {"", "\n", "o\n1\n", "o\n01\n%s\n", "o\n-1\n%s\n",
		"o\n+1\n%s\n", "o\n-0\n%s\n", "o\n+0\n%s\n", "o\n00\n%s\n", "o\n1\n%s", "\n1\n%s\n",
		"o\n1\n%s\n\n", "o\n\n%s\n", "o\n1\nAAAA\n", "o\n1 \n%s\n",
		"o\n9223372036854775808\n%s\n"};
	static const char root[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
	struct checkpoint c;
	struct err e = {0};

	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err each = {0};
		str text = str_of(bad[i]), head = str_cut_at(&text, S("%s"));
		if (head.n < str_of(bad[i]).n)
			text = str_join(t->arena, head, str_join(t->arena, str_of(root), text));
		else
			text = head;
		CHECK(!checkpoint_parse(text, &c, &each));
		CHECK_INT(each.code, ERR_SYNTAX);
	}
	CHECK(checkpoint_parse(str_fmt(t->arena, "o\n0\n%s\nmore\n", root), &c, &e));
	CHECK_INT(c.size, 0);
	CHECK(checkpoint_parse(str_fmt(t->arena, "o\n10\n%s\n", root), &c, &e));
	CHECK_INT(c.size, 10);
	CHECK(checkpoint_parse(str_fmt(t->arena, "o\n9223372036854775807\n%s\n", root), &c, &e));
	CHECK_INT(c.size, INT64_MAX);
}

static bool shared_text(struct test_case *t, const char *name, str *out)
{
	const char *shared = getenv("WARD_SHARED");
	str path =
		str_fmt(t->arena, "%s/conformance/ledger/%s", shared ? shared : "../shared", name);
	struct err e = {0};

	if (!file_exists(t->arena, path)) {
		test_skip(t, "%.*s is not there", STR_ARG(path));
		return false;
	}
	bool ok = file_read(t->arena, path, 8 << 20, out, &e);
	CHECK(ok);
	return ok;
}

static str bytes_of(struct test_case *t, str base64)
{
	char *p = NEW(t->arena, char, base64.n + 1);
	isize n = 0;

	CHECK(base64_parse(base64, p, base64.n, &n));
	return (str){p, n};
}

static void check_signers(struct test_case *t, const struct json *j, const struct verifier_key *key,
	const bool *signed_by, int count)
{
	int64_t wanted = 0, have = 0;

	json_each(name, json_member(j, S("signers"))) for (int i = 0; i < count;
							   i++) if (str_eq(key[i].name, name->text))
	{
		CHECK(signed_by[i]);
		wanted++;
	}
	for (int i = 0; i < count; i++)
		have += signed_by[i];
	CHECK_INT(have, wanted);
}

/* Opens the notes of a file, a line each, and counts those that hold. */
static void judge_notes(struct test_case *t, str text, int64_t *good, int64_t *all)
{
	struct verifier_key key[8];
	struct err e = {0};
	int count = 0;

	CHECK(crypt_init());
	const struct json *head = json_parse(t->arena, &e, str_cut(&text, '\n'));
	json_each(name, json_member(head, S("trusted")))
		CHECK(vkey_parse(t->arena, name->text, &key[count++]));
	CHECK_INT(count, 2);
	for (; text.n; ++*all) {
		const struct json *j = json_parse(t->arena, &e, str_cut(&text, '\n'));
		struct err each = {0};
		bool signed_by[8];
		str signed_text, note = bytes_of(t, json_text(j, S("note")));
		bool want = json_bool(json_member(j, S("ok")), false);
		bool have =
			note_open_by(t->arena, note, key, count, &signed_text, signed_by, &each);
		if (have != want)
			printf("# %.*s: %s\n", STR_ARG(json_text(j, S("why"))), each.text);
		CHECK_INT(have, want);
		if (!have || !want)
			continue;
		++*good;
		CHECK_STR(signed_text,
			json_member(j, S("text")) ? json_text(j, S("text")) : note_text(note));
		check_signers(t, j, key, signed_by, count);
	}
}

TEST(notes_are_judged_as_the_specification_says, "")
{
	struct err e = {0};
	int64_t good = 0, all = 0;
	str text;

	CHECK(file_read(t->arena, S("test/data/ledger/notes.jsonl"), 1 << 20, &text, &e));
	judge_notes(t, text, &good, &all);
	CHECK_INT(good, 8);
	CHECK_INT(all, 24);
}

TEST(notes_are_judged_as_go_does, "")
{
	int64_t good = 0, all = 0;
	str text;

	if (!shared_text(t, "notes/notes.jsonl", &text))
		return;
	judge_notes(t, text, &good, &all);
	CHECK_INT(good, 40);
	CHECK_INT(all, 203);
}

/* A log written by Tessera: its signatures, roots, tiles, and that each size continues the one
   before. */
TEST(a_log_of_tessera_verifies, "")
{
	struct edge *edge = NEW(t->arena, struct edge, 1);
	struct verifier_key key;
	struct err e = {0};
	str vkey, bundle, tile;

	CHECK(crypt_init());
	if (!shared_text(t, "tlog-tiles-log/vkey", &vkey))
		return;
	CHECK(vkey_parse(t->arena, str_trim(vkey), &key));
	CHECK(shared_text(t, "tlog-tiles-log/tile/entries/000.p/5", &bundle));
	CHECK(shared_text(t, "tlog-tiles-log/tile/0/000.p/5", &tile));
	CHECK_INT(tile.n, 5 * HASH_BYTES);
	for (int size = 1; size <= 5; size++) {
		char name[64];
		struct checkpoint c;
		str note, text;
		isize n = (unsigned char)bundle.p[0] << 8 | (unsigned char)bundle.p[1];
		struct hash leaf = merkle_leaf(str_part(bundle, 2, 2 + n));
		CHECK(memcmp(leaf.b, tile.p + (size - 1) * HASH_BYTES, HASH_BYTES) == 0);
		bundle = str_part(bundle, 2 + n, bundle.n);
		CHECK(edge_add(edge, leaf, NULL, NULL));
		snprintf(name, sizeof name, "tlog-tiles-log/checkpoint.%d", size);
		CHECK(shared_text(t, name, &note));
		CHECK(note_open(t->arena, note, &key, 1, &text, &e));
		CHECK(checkpoint_parse(text, &c, &e));
		struct hash root = edge_root(edge);
		CHECK_INT(c.size, size);
		CHECK(memcmp(&c.root, &root, sizeof root) == 0);
	}
}

TEST_MAIN()
