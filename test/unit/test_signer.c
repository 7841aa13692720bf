/* The key and its memory on the disk: what is spoilt is refused, and what was signed stays. */
#include "faults.h"
#include "ledger/ledger.h"
#include "test.h"

#include <unistd.h>

struct place {
	str folder, top;
};

static str in(struct test_case *t, const struct place *p, const char *name)
{
	return str_fmt(t->arena, "%.*s/%s", STR_ARG(p->folder), name);
}

static struct place make_place(struct test_case *t)
{
	struct place p;
	struct err e = {0};

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &p.top, &e));
	p.folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(p.top));
	CHECK(signer_create(t->arena, p.folder, S("ward.example/a"), &e));
	return p;
}

static str read_file(struct test_case *t, str path)
{
	struct err e = {0};
	str text = S("");

	CHECK(file_read(t->arena, path, 10000, &text, &e));
	return text;
}

static void write_file(struct test_case *t, str path, str text)
{
	struct err e = {0};

	CHECK(file_write(t->arena, path, text, 0600, &e));
}

static enum err_code opens(struct test_case *t, const struct place *p)
{
	struct signer s;
	struct err e = {0};

	if (!signer_open(&s, t->arena, p->folder, &e))
		return e.code;
	signer_close(&s);
	return ERR_NONE;
}

/* The text with the first `from` made `to`. */
static str swapped(struct test_case *t, str text, str from, str to)
{
	str rest = text, head = str_cut_at(&rest, from);

	CHECK(head.n < text.n);
	return str_join(t->arena, str_join(t->arena, head, to), rest);
}

TEST(a_key_that_is_not_whole_is_refused, "")
{
	struct place p = make_place(t);
	struct err e = {0};
	str path = in(t, &p, "key"), whole = read_file(t, path);

	CHECK_INT(opens(t, &p), ERR_NONE);
	const str bad[] = {S(""), swapped(t, whole, S("ward-keeper-1"), S("ward-keeper-2")),
		swapped(t, whole, S("ward.example/a"), S("ward example/a")),
		swapped(t, whole, S("ward.example/a\n"), S("ward.example/a\nAAAA\n")),
		swapped(t, whole, S("ward.example/a\n"), S("ward.example/a\n!")),
		str_join(t->arena, whole, S("more\n")), str_part(whole, 0, whole.n - 6),
		S("ward-keeper-1\nward.example/a\nAAAA\n")};
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		write_file(t, path, bad[i]);
		if (opens(t, &p) != ERR_TAMPERED)
			printf("# %td\n", i);
		CHECK_INT(opens(t, &p), ERR_TAMPERED);
	}
	write_file(t, path, whole);
	CHECK_INT(opens(t, &p), ERR_NONE);
	/* A name that none can have, though key and memory agree on it. */
	str state = in(t, &p, "state"), name = S("ward.example/a"), bad_name = S("ward example/a");
	write_file(t, path, swapped(t, whole, name, bad_name));
	write_file(t, state, swapped(t, read_file(t, state), name, bad_name));
	CHECK_INT(opens(t, &p), ERR_TAMPERED);
	CHECK(folder_remove(t->arena, p.top, &e));
}

/* The memory of another log would let this one begin anew. */
TEST(a_memory_that_is_not_of_this_key_is_refused, "")
{
	struct place p = make_place(t);
	struct err e = {0};
	str path = in(t, &p, "state"), whole = read_file(t, path);

	const str bad[] = {S(""), swapped(t, whole, S("ward.example/a"), S("ward.example/b")),
		swapped(t, whole, S("ward.example/a"), S("ward.example/a/b")),
		swapped(t, whole, S("\n0\n"), S("\n-1\n")), str_part(whole, 0, whole.n - 1)};
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		write_file(t, path, bad[i]);
		CHECK_INT(opens(t, &p), ERR_TAMPERED);
	}
	CHECK(unlink(cstr(t->arena, path)) == 0);
	CHECK_INT(opens(t, &p), ERR_TAMPERED);
	CHECK(folder_remove(t->arena, p.top, &e));
}

TEST(what_was_signed_is_remembered_before_the_signature_leaves, "")
{
	struct place p = make_place(t);
	struct signer s;
	struct err e = {0};
	struct signature signature;
	struct hash one = merkle_leaf(S("one")), two = merkle_leaf(S("two"));
	struct hash both = merkle_node(&one, &two);
	struct proof none = {.count = 0}, next = {.count = 1, .path = {two}};
	struct public_key key;
	struct buf b;

	CHECK(signer_open(&s, t->arena, p.folder, &e));
	memcpy(key.b, s.key.key, sizeof key.b);
	CHECK(signer_sign(&s, t->arena, 1, one, 0, &none, &signature, &e));
	struct checkpoint c = {.origin = S("ward.example/a"), .size = 1, .root = one};
	buf_init(&b, t->arena, 4000);
	checkpoint_print(&b, &c);
	CHECK(sign_verify(&key, buf_str(&b), &signature));
	CHECK_STR(read_file(t, in(t, &p, "state")), buf_str(&b));
	/* The same again is signed; another root of the size, or one without proof, is not. */
	CHECK(signer_sign(&s, t->arena, 1, one, 0, &none, &signature, &e));
	CHECK(!signer_sign(&s, t->arena, 1, two, 0, &none, &signature, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	e = (struct err){0};
	CHECK(!signer_sign(&s, t->arena, 2, both, 0, &none, &signature, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK_STR(read_file(t, in(t, &p, "state")), buf_str(&b));
	e = (struct err){0};
	CHECK(signer_sign(&s, t->arena, 2, both, 0, &next, &signature, &e));
	CHECK(!signer_sign(&s, t->arena, 1, one, 0, &none, &signature, &e));
	CHECK_INT(e.code, ERR_TAMPERED);
	CHECK(str_find(str_of(e.text), S("1 are missing")) >= 0);
	signer_close(&s);

	/* Another start remembers; and what cannot be written down is not signed. */
	e = (struct err){0};
	CHECK(signer_open(&s, t->arena, p.folder, &e));
	CHECK_INT(s.last.size, 2);
	CHECK(!signer_sign(&s, t->arena, 1, one, 0, &none, &signature, &e));
	e = (struct err){0};
	CHECK(folder_remove(t->arena, p.top, &e));
	struct hash three = merkle_leaf(S("three")), root = merkle_node(&both, &three);
	struct proof last = {.count = 1, .path = {three}};
	CHECK(!signer_sign(&s, t->arena, 3, root, 0, &last, &signature, &e));
	CHECK_INT(s.last.size, 2);
	signer_close(&s);
}

TEST(names_that_cannot_be_a_log_make_nothing, "")
{
	struct place p;
	struct err e = {0};
	char *name = NEW(t->arena, char, LIMIT_TEXT);

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &p.top, &e));
	p.folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(p.top));
	memset(name, 'x', LIMIT_TEXT);
	const str bad[] = {S(""), S("a b"), S("a+b"), S("a\x01"), {name, LIMIT_TEXT / 4 + 1}};
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err each = {0};
		CHECK(!signer_create(t->arena, p.folder, bad[i], &each));
		CHECK_INT(each.code, ERR_INVALID);
		CHECK(!file_exists(t->arena, p.folder));
	}
	CHECK(signer_create(t->arena, p.folder, (str){name, LIMIT_TEXT / 4}, &e));
	str key = read_file(t, in(t, &p, "key"));
	CHECK(!signer_create(t->arena, p.folder, S("b"), &e));
	CHECK_INT(e.code, ERR_CONFLICT);
	CHECK(str_starts(err_text(&e), S("there is a key in ")));
	CHECK_STR(read_file(t, in(t, &p, "key")), key);
	e = (struct err){0};
	CHECK(folder_remove(t->arena, p.top, &e));
}

TEST(the_key_for_auditors_is_that_of_the_signer, "")
{
	struct place p = make_place(t);
	struct verifier_key key;
	struct signer s;
	struct err e = {0};
	str text = read_file(t, in(t, &p, "vkey"));

	CHECK(str_ends(text, S("\n")));
	CHECK(vkey_parse(t->arena, str_cut(&text, '\n'), &key));
	CHECK_STR(text, S(""));
	CHECK(signer_open(&s, t->arena, p.folder, &e));
	CHECK_STR(key.name, S("ward.example/a"));
	CHECK(memcmp(key.key, s.key.key, sizeof key.key) == 0);
	signer_close(&s);
	CHECK(folder_remove(t->arena, p.top, &e));
}

/* Two keys are two: neither the one nor the other is drawn once for all. */
TEST(every_log_has_a_key_of_its_own, "")
{
	struct place a = make_place(t), b = make_place(t);
	struct err e = {0};

	str key = read_file(t, in(t, &a, "key"));
	struct hash_key mark[3];
	struct signer s[3];

	CHECK(!str_eq(key, read_file(t, in(t, &b, "key"))));
	CHECK(str_ends(key, S("\n")));
	for (int i = 0; i < 3; i++) { /* the first twice */
		CHECK(signer_open(&s[i], t->arena, i < 2 ? a.folder : b.folder, &e));
		mark[i] = signer_mark_key(&s[i]);
	}
	CHECK(memcmp(&mark[0], &mark[1], sizeof mark[0]) == 0);
	CHECK(memcmp(&mark[0], &mark[2], sizeof mark[0]) != 0);
	s[1].key.name = S("ward.example/b"); /* the same secret for another log */
	mark[1] = signer_mark_key(&s[1]);
	CHECK(memcmp(&mark[0], &mark[1], sizeof mark[0]) != 0);
	for (int i = 0; i < 3; i++)
		signer_close(&s[i]);
	CHECK(folder_remove(t->arena, a.top, &e) && folder_remove(t->arena, b.top, &e));
}

TEST(a_folder_that_is_there_is_not_made_a_keeper, "")
{
	struct place p;
	struct err e = {0}, f = {0};

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &p.top, &e));
	p.folder = p.top;
	CHECK(!signer_create(t->arena, p.folder, S("ward.example/a"), &f));
	CHECK(f.code != ERR_NONE && !file_exists(t->arena, in(t, &p, "state")) &&
		!file_exists(t->arena, in(t, &p, "vkey")) &&
		!file_exists(t->arena, in(t, &p, "key")));
	CHECK(folder_remove(t->arena, p.top, &e));
}

/* Whichever sync of the disk fails, no keeper was made; what is left is refused or is whole. */
TEST(a_key_that_could_not_be_written_down_is_none, "")
{
	for (int n = 1; n < 100; n++) {
		struct place p;
		struct err e = {0}, f = {0};
		CHECK(crypt_init());
		CHECK(folder_temp(t->arena, &p.top, &e));
		p.folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(p.top));
		fault_at(FAULT_FSYNC, n, EIO);
		bool ok = signer_create(t->arena, p.folder, S("ward.example/a"), &f);
		bool failed = fault_off();
		CHECK_INT(ok, !failed);
		enum err_code code = opens(t, &p);
		CHECK(code == ERR_NONE || (failed && code == ERR_MISSING));
		CHECK(folder_remove(t->arena, p.top, &e));
		if (!failed) {
			CHECK(n > 3);
			return;
		}
	}
	CHECK(false);
}

/* Nothing of the secret stays where it was put together, nor in a signer that was closed. */
TEST(the_secret_stays_in_its_file, "")
{
	enum { ROOM = 4 << 20 };
	char *block = os_reserve(ROOM);
	struct signer closed = {.last = {.size = 0}}, none = {.last = {.size = 0}};
	struct arena room;
	struct place p;
	struct err e = {0};

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &p.top, &e));
	p.folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(p.top));
	arena_init(&room, block, ROOM);
	CHECK(signer_create(&room, p.folder, S("ward.example/a"), &e));
	str key = read_file(t, in(t, &p, "key"));
	str_cut(&key, '\n');
	str_cut(&key, '\n');
	str secret = str_cut(&key, '\n');
	CHECK_INT(secret.n, 88);
	CHECK(str_find((str){block, ROOM}, secret) < 0);
	CHECK(signer_open(&closed, t->arena, p.folder, &e));
	signer_close(&closed);
	CHECK(memcmp(&closed, &none, sizeof none) == 0);
	arena_reset(&room);
	os_unreserve(block, ROOM);
	CHECK(folder_remove(t->arena, p.top, &e));
}

/* A second signature of the same tree, at another time, is no new memory. */
TEST(what_was_signed_again_is_not_written_anew, "")
{
	struct place p = make_place(t);
	struct signer s;
	struct err e = {0};
	struct signature signature;
	struct hash one = merkle_leaf(S("one"));
	struct proof none = {.count = 0};

	CHECK(signer_open(&s, t->arena, p.folder, &e));
	CHECK(signer_sign(&s, t->arena, 1, one, INT64_C(1790000000000000), &none, &signature, &e));
	str state = read_file(t, in(t, &p, "state"));
	CHECK(signer_sign(&s, t->arena, 1, one, INT64_C(1790000001000000), &none, &signature, &e));
	CHECK_STR(read_file(t, in(t, &p, "state")), state);
	CHECK_STR(err_text(&e), S(""));
	signer_close(&s);
	CHECK(folder_remove(t->arena, p.top, &e));
}

TEST_MAIN()
