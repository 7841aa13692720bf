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

TEST(checkpoints_have_one_form, "")
{
	static const char *const bad[] = {"", "\n", "o\n1\n", "o\n01\n%s\n", "o\n-1\n%s\n",
		"o\n+1\n%s\n", "o\n1\n%s", "\n1\n%s\n", "o\n1\n%s\n\n", "o\n\n%s\n", "o\n1\nAAAA\n",
		"o\n1 \n%s\n", "o\n9223372036854775808\n%s\n"};
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
		bool have = note_open_by(t->arena, note, key, count, &signed_text, signed_by, &each);
		if (have != want)
			printf("# %.*s: %s\n", STR_ARG(json_text(j, S("why"))), each.text);
		CHECK_INT(have, want);
		if (!have || !want)
			continue;
		++*good;
		CHECK_STR(signed_text, json_member(j, S("text")) ? json_text(j, S("text"))
								: note_text(note));
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
