#include "ledger/ledger.h"
#include "serve/keeper.h"
#include "test.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEAVES = 20 };

static bool from_leaves(void *from, int level, uint64_t index, struct hash *out)
{
	const struct hash *leaf = from;

	if (level > 0 || index >= LEAVES)
		return false;
	*out = leaf[index];
	return true;
}

/* A keeper of a new key in a new folder, and a history of twenty leaves. */
struct bench {
	struct keeper *keeper;
	str folder;
	int pid;
	struct hash leaf[LEAVES];
};

static int thread_count(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 2; /* . and .. */
}

/* A child forked while another thread holds the allocator's lock would wait for ever: the keeper
   is started before any thread, and a keeper that was a thread must have ended. */
static void wait_until_alone(struct test_case *t)
{
	for (int i = 0; i < 500 && thread_count() > 1; i++)
		usleep(10000);
	CHECK_INT(thread_count(), 1);
}

static void start(struct test_case *t, struct bench *b, enum keeper_how how)
{
	struct err e = {0};

	if (how == KEEPER_PROCESS)
		wait_until_alone(t);

	CHECK(keeper_start(&b->keeper, t->arena, b->folder, how, &b->pid, &e));
	CHECK_STR(err_text(&e), S(""));
}

static void stop(struct test_case *t, struct bench *b)
{
	int status = -1;

	keeper_close(b->keeper);
	if (b->pid > 0) {
		CHECK_INT(waitpid(b->pid, &status, 0), b->pid);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

static void open_bench(struct test_case *t, struct bench *b, enum keeper_how how)
{
	struct err e = {0};
	str folder;

	CHECK(crypt_init());
	CHECK(folder_temp(t->arena, &folder, &e));
	b->folder = str_fmt(t->arena, "%.*s/keeper", STR_ARG(folder));
	for (int i = 0; i < LEAVES; i++)
		b->leaf[i] = merkle_leaf(str_fmt(t->arena, "leaf-%d", i));
	CHECK(keeper_create(t->arena, b->folder, S("ward.example/test"), &e));
	start(t, b, how);
}

static void close_bench(struct test_case *t, struct bench *b)
{
	struct err e = {0};

	stop(t, b);
	CHECK(folder_remove(t->arena, str_part(b->folder, 0, b->folder.n - 7), &e));
}

/* Asks for a signature of `size` leaves with the proof from `from` leaves. */
static bool ask(struct bench *b, uint64_t from, uint64_t size, struct signature *s, struct err *e)
{
	struct sha256 root, path[PROOF_MAX];
	struct proof p = {.count = 0};
	struct hash h;

	if (!merkle_root_at(from_leaves, b->leaf, size, &h) ||
		(from <= size && !merkle_prove_consistency(from_leaves, b->leaf, from, size, &p)))
		return false;
	memcpy(&root, &h, sizeof root);
	memcpy(path, p.path, sizeof path);
	return keeper_ask_sign(b->keeper, size, root, 0, path, p.count, s, e);
}

static bool signature_holds(
	struct test_case *t, struct bench *b, uint64_t size, const struct signature *s)
{
	struct keeper_state state;
	struct err e = {0};
	struct buf text;

	CHECK(keeper_ask_state(b->keeper, &state, &e));
	struct checkpoint c = {.origin = state.origin, .size = size};
	CHECK(merkle_root_at(from_leaves, b->leaf, size, &c.root));
	CHECK_INT(state.size, size);
	CHECK(memcmp(&state.root, &c.root, HASH_BYTES) == 0);
	buf_init(&text, t->arena, 1000);
	checkpoint_print(&text, &c);
	return sign_verify(&state.key, buf_str(&text), s);
}

TEST(the_keeper_signs_what_grows, "")
{
	struct bench b = {0};
	struct keeper_state state;
	struct signature s;
	struct err e = {0};

	open_bench(t, &b, KEEPER_PROCESS);
	CHECK(b.pid > 0);
	CHECK(keeper_ask_state(b.keeper, &state, &e));
	CHECK_STR(state.origin, S("ward.example/test"));
	CHECK_INT(state.size, 0);
	CHECK(ask(&b, 0, 5, &s, &e));
	CHECK(signature_holds(t, &b, 5, &s));
	CHECK(ask(&b, 5, 13, &s, &e));
	CHECK(signature_holds(t, &b, 13, &s));
	/* The same again is not a harm: after a crash between signing and storing it is needed. */
	CHECK(ask(&b, 13, 13, &s, &e));
	CHECK(signature_holds(t, &b, 13, &s));
	CHECK_INT(e.code, ERR_NONE);
	close_bench(t, &b);
}

TEST(the_keeper_refuses_rollback_and_fork, "")
{
	struct bench b = {0};
	struct signature s;
	struct err none = {0}, less = {0}, fork = {0}, again = {0}, unproven = {0};

	open_bench(t, &b, KEEPER_THREAD);
	CHECK(ask(&b, 0, 13, &s, &none));
	CHECK(!ask(&b, 13, 8, &s, &less));
	CHECK_INT(less.code, ERR_TAMPERED);
	CHECK_STR(err_text(&less),
		S("the ledger has 8 entries, but 13 were signed: 5 are missing; was an older backup"
		  " restored?"));
	/* Without the proof from 13, the right tree is refused too. */
	CHECK(!ask(&b, 12, 20, &s, &unproven));
	CHECK_INT(unproven.code, ERR_TAMPERED);
	b.leaf[3] = b.leaf[4];
	CHECK(!ask(&b, 13, 20, &s, &fork));
	CHECK_INT(fork.code, ERR_TAMPERED);
	CHECK(!ask(&b, 13, 13, &s, &again));
	CHECK_INT(again.code, ERR_TAMPERED);
	b.leaf[3] = merkle_leaf(S("leaf-3"));
	CHECK(ask(&b, 13, 20, &s, &none));
	CHECK(signature_holds(t, &b, 20, &s));
	close_bench(t, &b);
}

TEST(the_keeper_remembers_across_a_restart, "")
{
	struct bench b = {0};
	struct keeper_state before, after;
	struct signature s;
	struct err e = {0}, less = {0};

	open_bench(t, &b, KEEPER_PROCESS);
	CHECK(ask(&b, 0, 13, &s, &e));
	CHECK(keeper_ask_state(b.keeper, &before, &e));
	stop(t, &b);
	start(t, &b, KEEPER_PROCESS);
	CHECK(keeper_ask_state(b.keeper, &after, &e));
	CHECK(memcmp(&before.key, &after.key, sizeof after.key) == 0);
	CHECK_INT(after.size, 13);
	CHECK(!ask(&b, 0, 12, &s, &less));
	CHECK(ask(&b, 13, 14, &s, &e));
	close_bench(t, &b);
}

TEST(a_keeper_without_its_memory_signs_nothing, "")
{
	struct bench b = {0};
	struct err e = {0}, lost = {0}, twice = {0};
	struct stat s;
	str state;

	open_bench(t, &b, KEEPER_THREAD);
	CHECK(stat(cstr(t->arena, b.folder), &s) == 0 && (s.st_mode & 0777) == 0700);
	state = str_fmt(t->arena, "%.*s/state", STR_ARG(b.folder));
	CHECK(stat(cstr(t->arena, state), &s) == 0 && (s.st_mode & 0777) == 0600);
	CHECK(stat(cstr(t->arena, str_fmt(t->arena, "%.*s/key", STR_ARG(b.folder))), &s) == 0 &&
		(s.st_mode & 0777) == 0600);
	CHECK(!keeper_create(t->arena, b.folder, S("ward.example/test"), &twice));
	CHECK_INT(twice.code, ERR_CONFLICT);
	keeper_close(b.keeper);
	CHECK(file_write(t->arena, state, S("ward.example/test\n0\n"), 0600, &e));
	CHECK(!keeper_start(&b.keeper, t->arena, b.folder, KEEPER_THREAD, &b.pid, &lost));
	CHECK_INT(lost.code, ERR_TAMPERED);
	CHECK(folder_remove(t->arena, str_part(b.folder, 0, b.folder.n - 7), &e));
}

TEST(a_log_needs_a_name_that_keys_can_have, "")
{
	static const char *const bad[] = {"", "a b", "a+b", "a\nb",
		"a\xc2\xa0"
		"b"};

	CHECK(crypt_init());
	for (isize i = 0; i < COUNT_OF(bad); i++) {
		struct err e = {0};
		CHECK(!keeper_create(t->arena, S("/nonexistent/keeper"), str_of(bad[i]), &e));
		CHECK_INT(e.code, ERR_INVALID);
	}
}

struct login {
	struct keeper *keeper;
	str password, hash;
	bool asked, matches;
	enum err_code code;
};

static void *login(void *arg)
{
	struct login *l = arg;
	struct err e = {0};

	l->asked = keeper_ask_verify(l->keeper, l->password, l->hash, &l->matches, &e);
	__atomic_store_n(&l->code, e.code, __ATOMIC_RELEASE);
	return NULL;
}

TEST(the_keeper_judges_passwords_for_many_at_once, "")
{
	struct bench b = {0};
	char hash[PASSWORD_HASH_BYTES], long_password[KEEPER_PASSWORD_BYTES + 1];
	enum { AT_ONCE = KEEPER_CHANNELS - 1 + KEEPER_WAITING };
	struct login l[AT_ONCE];
	pthread_t thread[AT_ONCE];
	struct err e = {0}, empty = {0}, too_long = {0};
	struct signature s;

	open_bench(t, &b, KEEPER_PROCESS);
	CHECK(keeper_ask_hash(b.keeper, S("a long pass phrase"), hash, &e));
	for (int i = 0; i < AT_ONCE; i++) {
		l[i] = (struct login){.keeper = b.keeper,
			.password = i % 2 ? S("another pass phrase") : S("a long pass phrase"),
			.hash = str_of(hash)};
		CHECK(pthread_create(&thread[i], NULL, login, &l[i]) == 0);
	}
	/* Meanwhile a signature does not wait for them. */
	CHECK(ask(&b, 0, 5, &s, &e));
	for (int i = 0; i < AT_ONCE; i++) {
		pthread_join(thread[i], NULL);
		CHECK(l[i].asked);
		CHECK_INT(l[i].matches, i % 2 == 0);
	}
	CHECK(!keeper_ask_hash(b.keeper, S(""), hash, &empty));
	CHECK_INT(empty.code, ERR_INVALID);
	memset(long_password, 'x', sizeof long_password);
	CHECK(!keeper_ask_hash(
		b.keeper, (str){long_password, sizeof long_password}, hash, &too_long));
	CHECK_INT(too_long.code, ERR_INVALID);
	close_bench(t, &b);
}

/* Says yes to the next question on a channel. */
static bool say_yes(int fd)
{
	struct keeper_question q;
	struct keeper_answer a = {.matches = 1};

	return keeper_receive(fd, &q, sizeof q) && keeper_send(fd, &a, sizeof a);
}

/* The test is the keeper here: it takes a question of every channel and lets those behind wait. */
TEST(more_passwords_than_may_wait_are_refused_at_once, "")
{
	enum { CHANNELS = KEEPER_CHANNELS - 1, ALL = CHANNELS + KEEPER_WAITING + 1 };
	struct keeper_answer state = {.count = 4, .state.origin = "test"}, yes = {.matches = 1};
	int asker[KEEPER_CHANNELS], end[KEEPER_CHANNELS], refused = 0, done = 0;
	struct keeper_question q;
	struct login l[ALL];
	pthread_t thread[ALL];
	struct err e = {0};
	struct keeper *k;

	CHECK(keeper_pairs(asker, end, &e) && keeper_send(end[0], &state, sizeof state));
	CHECK(keeper_open(&k, t->arena, asker, &e));
	for (int i = 0; i < ALL; i++) {
		l[i] = (struct login){.keeper = k, .password = S("any"), .hash = S("any")};
		CHECK(pthread_create(&thread[i], NULL, login, &l[i]) == 0);
		if (i < CHANNELS)
			CHECK(keeper_receive(end[1 + i], &q, sizeof q));
	}
	/* One of the last two waits, the other is refused while every channel is still busy. */
	for (int n = 0; n < 1000 && !refused; n++) {
		usleep(5000);
		for (int i = CHANNELS; i < ALL; i++)
			refused += __atomic_load_n(&l[i].code, __ATOMIC_ACQUIRE) == ERR_BUSY;
	}
	CHECK_INT(refused, 1);
	CHECK(keeper_send(end[1], &yes, sizeof yes));
	CHECK(say_yes(end[1]));
	CHECK(keeper_send(end[2], &yes, sizeof yes));
	for (int i = 0; i < ALL; i++) {
		pthread_join(thread[i], NULL);
		done += l[i].asked && l[i].matches;
	}
	CHECK_INT(done, ALL - 1);
	keeper_close(k);
	for (int i = 0; i < KEEPER_CHANNELS; i++)
		close(end[i]);
}

/* A compromised server may send anything. */
TEST(the_keeper_survives_nonsense, "")
{
	struct keeper_question q = {.verb = 99};
	struct keeper_answer a;
	struct bench b = {0};
	struct err e = {0};
	int asker[KEEPER_CHANNELS], end[KEEPER_CHANNELS];

	open_bench(t, &b, KEEPER_THREAD);
	stop(t, &b);
	CHECK(keeper_pairs(asker, end, &e));
	wait_until_alone(t);
	int pid = fork();
	if (pid == 0) {
		for (int i = 0; i < KEEPER_CHANNELS; i++)
			close(asker[i]);
		keeper_serve(end, b.folder);
		_exit(0);
	}
	for (int i = 0; i < KEEPER_CHANNELS; i++)
		close(end[i]);
	CHECK(keeper_send(asker[0], &q, sizeof q) && keeper_receive(asker[0], &a, sizeof a));
	CHECK_INT(a.code, ERR_FAULT);
	q = (struct keeper_question){.verb = KEEPER_SIGN, .count = 4000000000u};
	CHECK(keeper_send(asker[0], &q, sizeof q) && keeper_receive(asker[0], &a, sizeof a));
	CHECK_INT(a.code, ERR_FAULT);
	/* A password channel does not sign, the signing one does not hash. */
	q = (struct keeper_question){.verb = KEEPER_SIGN};
	CHECK(keeper_send(asker[1], &q, sizeof q) && keeper_receive(asker[1], &a, sizeof a));
	CHECK_INT(a.code, ERR_FAULT);
	q = (struct keeper_question){.verb = KEEPER_HASH, .count = KEEPER_PASSWORD_BYTES + 1};
	CHECK(keeper_send(asker[1], &q, sizeof q) && keeper_receive(asker[1], &a, sizeof a));
	CHECK_INT(a.code, ERR_FAULT);
	/* Half a message ends the channel. */
	CHECK(keeper_send(asker[2], &q, 10));
	CHECK(!keeper_receive(asker[2], &a, sizeof a));
	for (int i = 0; i < KEEPER_CHANNELS; i++)
		close(asker[i]);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	CHECK(folder_remove(t->arena, str_part(b.folder, 0, b.folder.n - 7), &e));
}

TEST_MAIN()
