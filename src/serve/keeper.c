#include "serve/keeper.h"

#include "ledger/ledger.h"
#include "os/os.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEPER_ARENA_BYTES = 4 << 20, DESCRIPTORS = 1024 };

/* What one channel needs: its end, and the signer where it is the one that signs. */
struct channel {
	int fd;
	struct signer *signer; /* NULL on password channels */
	const struct err *broken;
	struct arena arena;
};

_Static_assert(sizeof(struct sha256) == sizeof(struct hash), "a hash is a SHA-256");
_Static_assert(KEEPER_CHANNELS == 3, "confine() names them");
_Static_assert((int)KEEPER_PROOF == (int)PROOF_MAX, "a proof fits into a message");

/* The place of the sandbox (seccomp and Landlock come with the issue about processes): no
   descriptor but its own, no core with keys in it, no tracing by others of the same user. */
static void confine(const int fd[KEEPER_CHANNELS])
{
	const struct rlimit none = {0, 0};

	for (int i = STDERR_FILENO + 1; i < DESCRIPTORS; i++)
		if (i != fd[0] && i != fd[1] && i != fd[2])
			close(i);
	/* A signal to the whole group must not end it before the server has had its last entries
	   signed: it ends when its sockets do, and they end with whoever holds the other ends. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* ---- answers ---- */

static void refuse(struct keeper_answer *a, const struct err *e)
{
	*a = (struct keeper_answer){.code = e->code};
	memcpy(a->why, e->text, sizeof a->why);
}

static void answer_state(const struct signer *s, struct keeper_answer *a)
{
	a->count = (uint32_t)s->key.name.n;
	a->state.size = s->last.size;
	memcpy(a->state.root.b, s->last.root.b, HASH_BYTES);
	memcpy(a->state.key.b, s->key.key, sizeof a->state.key.b);
	a->state.mark_key = signer_mark_key(s);
	memcpy(a->state.origin, s->key.name.p, (size_t)s->key.name.n);
}

static void answer_sign(struct channel *c, const struct keeper_question *q, struct keeper_answer *a)
{
	struct err e = {0};
	struct proof proof = {.count = (int)q->count};
	struct hash root;

	memcpy(root.b, q->sign.root.b, HASH_BYTES);
	memcpy(proof.path, q->sign.proof, sizeof proof.path);
	struct arena_mark mark = arena_here(&c->arena);
	if (!signer_sign(c->signer, &c->arena, q->sign.size, root, q->sign.at_us, &proof,
		    &a->signature, &e))
		refuse(a, &e);
	arena_rewind(&c->arena, mark);
}

static void answer_password(struct keeper_question *q, struct keeper_answer *a)
{
	str password = {q->password.text, (isize)q->count};
	struct err e = {0};

	if (q->verb == KEEPER_VERIFY) {
		q->password.hash[PASSWORD_HASH_BYTES - 1] = 0;
		a->matches = password_verify(password, str_of(q->password.hash));
	} else if (!password_hash(password, a->hash)) {
		FAIL(&e, ERR_BUSY, "there is no memory to hash a password; try again");
		refuse(a, &e);
	}
}

/* One question on its channel. */
struct asked {
	struct channel *channel;
	struct keeper_question *question;
	struct keeper_answer *answer;
};

static void sign_within(void *asked)
{
	struct asked *q = asked;

	answer_sign(q->channel, q->question, q->answer);
}

static void answer_sign_within(
	struct channel *c, struct keeper_question *q, struct keeper_answer *a)
{
	struct arena_mark mark = arena_here(&c->arena);
	struct err e = {0};

	if (arena_run(sign_within, &(struct asked){c, q, a}) == ARENA_DONE)
		return;
	arena_rewind(&c->arena, mark);
	FAIL(&e, ERR_BUSY, "there is no memory to sign; try again");
	refuse(a, &e);
}

/* The channel decides what may be asked on it; counts come from the other side and are checked. */
static void answer(struct channel *c, struct keeper_question *q, struct keeper_answer *a)
{
	struct err e = {0};
	bool is_password = q->verb == KEEPER_HASH || q->verb == KEEPER_VERIFY;

	*a = (struct keeper_answer){0};
	if (c->broken->code)
		refuse(a, c->broken);
	else if (c->signer && q->verb == KEEPER_STATE)
		answer_state(c->signer, a);
	else if (c->signer && q->verb == KEEPER_SIGN && q->count <= KEEPER_PROOF)
		answer_sign_within(c, q, a);
	else if (!c->signer && is_password && q->count > 0 && q->count <= KEEPER_PASSWORD_BYTES)
		answer_password(q, a);
	else {
		FAIL(&e, ERR_FAULT, "the keeper does not know this question");
		refuse(a, &e);
	}
}

static void *serve_channel(void *arg)
{
	struct channel *c = arg;
	struct keeper_question q;
	struct keeper_answer a;

	while (keeper_receive(c->fd, &q, sizeof q)) {
		answer(c, &q, &a);
		crypt_wipe(&q, sizeof q);
		if (!keeper_send(c->fd, &a, sizeof a))
			break;
	}
	close(c->fd);
	return NULL;
}

void keeper_serve(const int fd[KEEPER_CHANNELS], str folder)
{
	struct channel channel[KEEPER_CHANNELS] = {0};
	pthread_t thread[KEEPER_CHANNELS];
	bool is_running[KEEPER_CHANNELS] = {0};
	struct signer signer = {0};
	struct err broken = {0};

	arena_open(&channel[0].arena, KEEPER_ARENA_BYTES);
	if (!crypt_init())
		FAIL(&broken, ERR_FAULT, "the cryptographic library does not start");
	else if (!signer_open(&signer, &channel[0].arena, folder, &broken))
		log_fault("keeper-closed", KV("why", err_text(&broken)));
	for (int i = 0; i < KEEPER_CHANNELS; i++) {
		channel[i].fd = fd[i];
		channel[i].broken = &broken;
		channel[i].signer = i == 0 ? &signer : NULL;
		if (i > 0)
			is_running[i] =
				pthread_create(&thread[i], NULL, serve_channel, &channel[i]) == 0;
		if (i > 0 && !is_running[i])
			close(fd[i]);
	}
	serve_channel(&channel[0]);
	for (int i = 1; i < KEEPER_CHANNELS; i++)
		if (is_running[i])
			pthread_join(thread[i], NULL);
	signer_close(&signer);
	arena_close(&channel[0].arena);
}

/* ---- starting ---- */

bool keeper_create(struct arena *a, str folder, str origin, struct err *e)
{
	return signer_create(a, folder, origin, e);
}

bool keeper_pairs(int asker[KEEPER_CHANNELS], int keeper[KEEPER_CHANNELS], struct err *e)
{
	for (int i = 0; i < KEEPER_CHANNELS; i++) {
		int pair[2];
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
			while (i--) {
				close(asker[i]);
				close(keeper[i]);
			}
			return FAIL(e, ERR_FAULT, "no sockets for the keeper: %s", strerror(errno));
		}
		asker[i] = pair[0];
		keeper[i] = pair[1];
	}
	return true;
}

/* What the thread takes with it; it lives in the arena of the one who started it. */
struct start {
	int fd[KEEPER_CHANNELS];
	str folder;
};

static void *run_thread(void *arg)
{
	const struct start *s = arg;

	keeper_serve(s->fd, s->folder);
	return NULL;
}

static bool start_thread(const struct start *s, struct arena *a)
{
	struct start *own = NEW(a, struct start, 1);
	pthread_t thread;

	*own = *s;
	if (pthread_create(&thread, NULL, run_thread, own))
		return false;
	pthread_detach(thread);
	return true;
}

static bool start_process(const struct start *s, int *pid)
{
	pid_t starter = getpid();

	fflush(NULL);
	*pid = fork();
	if (*pid == 0) {
		/* It ends by itself when nobody asks any more; one that hangs does not. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != starter)
			_exit(0);
		confine(s->fd);
		keeper_serve(s->fd, s->folder);
		_exit(0);
	}
	for (int i = 0; i < KEEPER_CHANNELS; i++)
		close(s->fd[i]);
	return *pid > 0;
}

bool keeper_start(struct keeper **out, struct arena *a, str folder, enum keeper_how how, int *pid,
	struct err *e)
{
	struct start s = {.folder = str_dup(a, folder)};
	int asker[KEEPER_CHANNELS];

	*pid = 0;
	if (!keeper_pairs(asker, s.fd, e))
		return false;
	bool ok = how == KEEPER_THREAD ? start_thread(&s, a) : start_process(&s, pid);
	if (!ok) {
		for (int i = 0; i < KEEPER_CHANNELS; i++)
			close(asker[i]);
		return FAIL(e, ERR_FAULT, "the keeper does not start: %s", strerror(errno));
	}
	return keeper_open(out, a, asker, e);
}
