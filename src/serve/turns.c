/* Whose password is checked next: a bounded line in which everybody has turns of their own. */
#include "serve/turns.h"

#include <pthread.h>

struct waiting {
	struct http_job *job;
	char key[TURN_KEY_BYTES];
	bool is_known;
	uint64_t turn;
};

struct turns {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	struct waiting line[TURNS_MAX];
	int count;
	uint64_t now[2]; /* the turn that was given last, to strangers and to the known */
	bool strangers_next;
	bool is_closed;
};

struct turns *turns_open(struct arena *a)
{
	struct turns *t = NEW(a, struct turns, 1);

	pthread_mutex_init(&t->mutex, NULL);
	pthread_cond_init(&t->some, NULL);
	return t;
}

static bool same_key(const struct waiting *a, const struct waiting *b)
{
	return a->is_known == b->is_known && memcmp(a->key, b->key, sizeof a->key) == 0;
}

static int count_of(const struct turns *t, const struct waiting *w)
{
	int count = 0;

	for (int i = 0; i < t->count; i++)
		count += same_key(&t->line[i], w);
	return count;
}

/* One turn after the last that the key waits for; the second of a key stands behind the first of
   everybody. */
static uint64_t next_turn(const struct turns *t, const struct waiting *w)
{
	uint64_t last = t->now[w->is_known];

	for (int i = 0; i < t->count; i++)
		if (same_key(&t->line[i], w) && t->line[i].turn > last)
			last = t->line[i].turn;
	return last + 1;
}

static struct waiting take_out(struct turns *t, int i)
{
	struct waiting out = t->line[i];

	t->count--;
	memmove(&t->line[i], &t->line[i + 1], (size_t)(t->count - i) * sizeof t->line[0]);
	return out;
}

/* The last one of whoever has the most in line; of as many, strangers before the known. */
static int who_yields(const struct turns *t)
{
	int worst = 0, most = -1;

	for (int i = 0; i < t->count; i++) {
		int n = 2 * count_of(t, &t->line[i]) + !t->line[i].is_known;
		if (n < most || (n == most && t->line[i].turn < t->line[worst].turn))
			continue;
		most = n;
		worst = i;
	}
	return worst;
}

/* Makes room in a full line.  NULL: there is some; the newcomer itself, when nobody has more. */
static struct http_job *make_room(struct turns *t, const struct waiting *w)
{
	if (t->count < TURNS_MAX)
		return NULL;
	int i = who_yields(t);
	int own = count_of(t, w);
	bool is_before = w->is_known && !t->line[i].is_known && own == 0;
	if (!is_before && count_of(t, &t->line[i]) <= own + 1)
		return w->job;
	return take_out(t, i).job;
}

struct http_job *turns_put(struct turns *t, struct http_job *job, str key, bool is_known)
{
	struct waiting w = {.job = job, .is_known = is_known};
	struct http_job *refused;

	if (key.n)
		memcpy(w.key, key.p, (size_t)(key.n < TURN_KEY_BYTES ? key.n : TURN_KEY_BYTES));
	pthread_mutex_lock(&t->mutex);
	refused = t->is_closed ? job : make_room(t, &w);
	if (refused != job) {
		w.turn = next_turn(t, &w);
		t->line[t->count++] = w;
		pthread_cond_signal(&t->some);
	}
	pthread_mutex_unlock(&t->mutex);
	return refused;
}

/* The earliest turn of those asked for; -1 when none of them waits. */
static int find_first(const struct turns *t, bool is_known)
{
	int first = -1;

	for (int i = 0; i < t->count; i++)
		if (t->line[i].is_known == is_known &&
			(first < 0 || t->line[i].turn < t->line[first].turn))
			first = i;
	return first;
}

struct http_job *turns_take(struct turns *t)
{
	struct http_job *job = NULL;

	pthread_mutex_lock(&t->mutex);
	while (t->count == 0 && !t->is_closed)
		pthread_cond_wait(&t->some, &t->mutex);
	if (!t->is_closed) {
		int i = find_first(t, !t->strangers_next);
		if (i < 0)
			i = find_first(t, t->strangers_next);
		struct waiting w = take_out(t, i);
		t->now[w.is_known] = w.turn;
		t->strangers_next = w.is_known;
		job = w.job;
	}
	pthread_mutex_unlock(&t->mutex);
	return job;
}

void turns_close(struct turns *t)
{
	pthread_mutex_lock(&t->mutex);
	t->is_closed = true;
	pthread_cond_broadcast(&t->some);
	pthread_mutex_unlock(&t->mutex);
}
