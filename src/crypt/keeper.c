#include "crypt/keeper.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct keeper {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int fd[KEEPER_CHANNELS];
	bool is_busy[KEEPER_CHANNELS];
	int in_line; /* verifications that wait */
	struct public_key key;
	str origin;
};

bool keeper_send(int fd, const void *message, isize n)
{
	ssize_t done;

	do
		done = send(fd, message, (size_t)n, MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);
	return done == n;
}

bool keeper_receive(int fd, void *message, isize n)
{
	ssize_t done;

	do
		done = recv(fd, message, (size_t)n, MSG_TRUNC);
	while (done < 0 && errno == EINTR);
	return done == n;
}

/* ---- channels ---- */

static int find_free(const struct keeper *k, int from, int end)
{
	for (int i = from; i < end; i++)
		if (!k->is_busy[i])
			return i;
	return -1;
}

/* A free channel for the question, waited for; -1 when too many of its kind wait already. */
static int channel_take(struct keeper *k, uint32_t verb)
{
	bool is_verify = verb == KEEPER_VERIFY, is_password = is_verify || verb == KEEPER_HASH;
	int from = is_password ? 1 : 0, end = is_password ? KEEPER_CHANNELS : 1, found;

	pthread_mutex_lock(&k->lock);
	found = find_free(k, from, end);
	if (found < 0 && !(is_verify && k->in_line == KEEPER_WAITING)) {
		k->in_line += is_verify;
		while ((found = find_free(k, from, end)) < 0)
			pthread_cond_wait(&k->freed, &k->lock);
		k->in_line -= is_verify;
	}
	if (found >= 0)
		k->is_busy[found] = true;
	pthread_mutex_unlock(&k->lock);
	return found;
}

static void channel_free(struct keeper *k, int channel)
{
	pthread_mutex_lock(&k->lock);
	k->is_busy[channel] = false;
	pthread_cond_broadcast(&k->freed);
	pthread_mutex_unlock(&k->lock);
}

/* Asks on a free channel of the right sort.  A refusal becomes the error. */
static bool ask(
	struct keeper *k, const struct keeper_question *q, struct keeper_answer *a, struct err *e)
{
	int channel = channel_take(k, q->verb);

	if (channel < 0)
		return FAIL(
			e, ERR_BUSY, "too many passwords are being checked; try again in a moment");
	bool ok = keeper_send(k->fd[channel], q, sizeof *q) &&
		keeper_receive(k->fd[channel], a, sizeof *a);

	channel_free(k, channel);
	if (!ok)
		return FAIL(e, ERR_FAULT, "the keeper of the keys does not answer; restart ward");
	if (a->code == ERR_NONE)
		return true;
	a->why[sizeof a->why - 1] = 0;
	return FAIL(e, a->code <= ERR_FAULT ? (enum err_code)a->code : ERR_FAULT, "%s", a->why);
}

/* ---- questions ---- */

static bool ask_state(struct keeper *k, struct keeper_answer *a, struct err *e)
{
	struct keeper_question q = {.verb = KEEPER_STATE};

	if (!ask(k, &q, a, e))
		return false;
	return (a->count > 0 && a->count <= KEEPER_ORIGIN_BYTES) ||
		FAIL(e, ERR_FAULT, "the keeper answers nonsense");
}

bool keeper_open(struct keeper **out, struct arena *a, const int fd[KEEPER_CHANNELS], struct err *e)
{
	struct keeper *k = NEW(a, struct keeper, 1);
	struct keeper_answer answer;

	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->freed, NULL);
	memcpy(k->fd, fd, sizeof k->fd);
	if (!ask_state(k, &answer, e)) {
		keeper_close(k);
		return false;
	}
	k->key = answer.state.key;
	k->origin = str_dup(a, (str){answer.state.origin, (isize)answer.count});
	crypt_wipe(&answer, sizeof answer);
	*out = k;
	return true;
}

void keeper_close(struct keeper *k)
{
	for (int i = 0; i < KEEPER_CHANNELS; i++) {
		close(k->fd[i]);
		k->fd[i] = -1;
	}
	pthread_cond_destroy(&k->freed);
	pthread_mutex_destroy(&k->lock);
}

bool keeper_ask_state(struct keeper *k, struct keeper_state *out, struct err *e)
{
	struct keeper_answer a;

	if (!ask_state(k, &a, e))
		return false;
	*out = (struct keeper_state){.origin = k->origin,
		.key = k->key,
		.size = a.state.size,
		.root = a.state.root,
		.mark_key = a.state.mark_key};
	crypt_wipe(&a, sizeof a);
	return true;
}

bool keeper_ask_sign(struct keeper *k, uint64_t size, struct sha256 root, int64_t at_us,
	const struct sha256 *proof, int count, struct signature *out, struct err *e)
{
	struct keeper_question q = {.verb = KEEPER_SIGN, .count = (uint32_t)count};
	struct keeper_answer a;

	assert(count >= 0 && count <= KEEPER_PROOF);
	q.sign.size = size;
	q.sign.root = root;
	q.sign.at_us = at_us;
	memcpy(q.sign.proof, proof, (size_t)count * sizeof *proof);
	if (!ask(k, &q, &a, e))
		return false;
	*out = a.signature;
	return true;
}

static bool put_password(struct keeper_question *q, str password, struct err *e)
{
	if (password.n == 0 || password.n > KEEPER_PASSWORD_BYTES)
		return FAIL(e, ERR_INVALID, "a password has 1 to %d bytes", KEEPER_PASSWORD_BYTES);
	q->count = (uint32_t)password.n;
	memcpy(q->password.text, password.p, (size_t)password.n);
	return true;
}

bool keeper_ask_hash(struct keeper *k, str password, char out[PASSWORD_HASH_BYTES], struct err *e)
{
	struct keeper_question q = {.verb = KEEPER_HASH};
	struct keeper_answer a;

	if (!put_password(&q, password, e))
		return false;
	bool ok = ask(k, &q, &a, e);
	crypt_wipe(&q, sizeof q);
	if (ok)
		memcpy(out, a.hash, PASSWORD_HASH_BYTES);
	return ok;
}

bool keeper_ask_verify(struct keeper *k, str password, str hash, bool *matches, struct err *e)
{
	struct keeper_question q = {.verb = KEEPER_VERIFY};
	struct keeper_answer a;

	*matches = false;
	if (hash.n >= PASSWORD_HASH_BYTES)
		return FAIL(e, ERR_FAULT, "the stored password hash is too long");
	if (!put_password(&q, password, e))
		return false;
	memcpy(q.password.hash, hash.p, (size_t)hash.n);
	bool ok = ask(k, &q, &a, e);
	crypt_wipe(&q, sizeof q);
	*matches = ok && a.matches == 1;
	return ok;
}
