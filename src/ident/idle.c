/*
 * When each session was last used, for its idle end.
 *
 * In memory, because a page that is read must not cost a write: the store would turn a row and an
 * entry over for every click.  After a restart of the server all sessions count as used when it
 * began; their absolute end, which stands in the store, does not move.  The table is bounded: the
 * session that was idle longest gives up its seat, and counts as used when the server began too,
 * which ends it sooner, never later.
 */
#include "ident/ident_in.h"

#include <pthread.h>

enum { SETS = 1024, WAYS = 8 };

struct seat {
	uint64_t session;
	int64_t used_us;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct seat seats[SETS][WAYS];
static int64_t began_us;

/* The seat of the session, or the one that has been idle longest; `*found` tells which. */
static struct seat *seat_of(uint64_t session, bool *found)
{
	struct seat *set = seats[session % SETS], *oldest = set;

	*found = false;
	for (int i = 0; i < WAYS; i++) {
		if (set[i].session == session && set[i].used_us) {
			*found = true;
			return &set[i];
		}
		if (set[i].used_us < oldest->used_us)
			oldest = &set[i];
	}
	return oldest;
}

/* With the mutex held. */
static bool is_over(const uint8_t *id, int64_t since_us, int64_t now_us, bool uses)
{
	uint64_t session;
	bool found;

	memcpy(&session, id, sizeof session);
	if (!began_us)
		began_us = now_us;
	struct seat *seat = seat_of(session, &found);
	int64_t used = found ? seat->used_us : since_us > began_us ? since_us : began_us;
	bool over = now_us - used >= SESSION_IDLE_US;
	if (uses && !over)
		*seat = (struct seat){session, now_us};
	return over;
}

bool idle_over(const uint8_t *id, int64_t since_us, int64_t now_us)
{
	pthread_mutex_lock(&mutex);
	bool over = is_over(id, since_us, now_us, false);
	pthread_mutex_unlock(&mutex);
	return over;
}

bool idle_use(const uint8_t *id, int64_t since_us, int64_t now_us)
{
	pthread_mutex_lock(&mutex);
	bool over = is_over(id, since_us, now_us, true);
	pthread_mutex_unlock(&mutex);
	return !over;
}
