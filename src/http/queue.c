/* The two lists between the event loop and the workers: requests go out, answers come back. */
#include "http/http_in.h"
#include "os/os.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static void stand_in_line(struct http_server *s, struct slot *slot)
{
	assert(s->queue_count < s->config.jobs_max);
	slot->turn = http_turn(&s->turns, slot->job.share);
	if (s->queue_count == 0)
		s->last_take = clock_mono();
	s->queue[s->queue_count++] = slot;
}

/* ---- the event thread's side ---- */

void queue_put(struct http_server *s, struct slot *slot)
{
	pthread_mutex_lock(&s->lock);
	stand_in_line(s, slot);
	pthread_cond_signal(&s->has_work);
	pthread_mutex_unlock(&s->lock);
}

bool queue_is_stuck(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	bool is_stuck = s->queue_count > 0 && s->idle_count == 0 &&
		clock_mono() - s->last_take > s->config.stuck_ms * INT64_C(1000);
	pthread_mutex_unlock(&s->lock);
	return is_stuck;
}

/* ---- the workers' side ---- */

/* While it serves; what is left at the end is for whoever is free. */
static bool may_run(const struct http_server *s, const struct slot *slot)
{
	int most = s->config.workers > 1 ? s->config.workers - 1 : s->config.jobs_max;

	return s->is_closed || s->running_of_share[slot->job.share] < most;
}

static void start_running(struct http_server *s, struct slot *slot)
{
	s->running_of_share[slot->job.share]++;
	slot->is_running = true;
}

/* Takes out whose turn it is; NULL when there is nobody, or only those who have their share. */
static struct slot *next_slot(struct http_server *s)
{
	int best = -1;

	for (int i = 0; i < s->queue_count; i++)
		if (may_run(s, s->queue[i]) &&
			(best < 0 || s->queue[i]->turn < s->queue[best]->turn))
			best = i;
	if (best < 0)
		return NULL;
	struct slot *slot = s->queue[best];
	s->queue_count--;
	memmove(&s->queue[best], &s->queue[best + 1],
		(size_t)(s->queue_count - best) * sizeof *s->queue);
	http_turn_given(&s->turns, slot->turn);
	start_running(s, slot);
	return slot;
}

/* Its worker is free again, perhaps for another of the same client. */
static void stop_running(struct http_server *s, struct slot *slot)
{
	if (!slot->is_running)
		return;
	slot->is_running = false;
	s->running_of_share[slot->job.share]--;
	if (s->queue_count)
		pthread_cond_signal(&s->has_work);
}

struct http_job *http_take(struct http_server *s)
{
	struct http_job *job;
	bool is_idle;

	do
		job = http_take_within(s, 60000, &is_idle);
	while (is_idle);
	return job;
}

struct http_job *http_take_within(struct http_server *s, int ms, bool *is_idle)
{
	int64_t until_us = clock_mono() + ms * INT64_C(1000);
	struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
		.tv_nsec = (long)(until_us % 1000000 * 1000)};
	struct slot *slot = NULL;

	*is_idle = false;
	pthread_mutex_lock(&s->lock);
	s->idle_count++;
	while (!(slot = next_slot(s)) && !s->is_closed && !*is_idle)
		*is_idle = pthread_cond_clockwait(&s->has_work, &s->lock, CLOCK_MONOTONIC,
				   &until) == ETIMEDOUT;
	s->idle_count--;
	if (slot) {
		*is_idle = false;
		s->last_take = clock_mono();
		snprintf(slot->job.number, sizeof slot->job.number, "%08" PRIx32 "-%" PRIu64,
			s->mark, ++s->taken);
	}
	pthread_mutex_unlock(&s->lock);
	return slot ? &slot->job : NULL;
}

/* A full counter wakes as well, so that a write that fails is no loss. */
static void wake(struct http_server *s)
{
	uint64_t one = 1;

	(void)!write(s->wake, &one, sizeof one);
}

bool http_claim(struct http_server *s, struct http_job *job, str person)
{
	/* The job is the slot's first member. */
	struct slot *slot = (struct slot *)job;

	pthread_mutex_lock(&s->lock);
	stop_running(s, slot);
	job->share = http_share_of(person);
	job->is_known = true;
	bool runs = may_run(s, slot);
	if (runs)
		start_running(s, slot);
	else
		stand_in_line(s, slot);
	pthread_mutex_unlock(&s->lock);
	return runs;
}

void http_let_go(struct http_server *s, struct http_job *job)
{
	/* The job is the slot's first member. */
	struct slot *slot = (struct slot *)job;

	pthread_mutex_lock(&s->lock);
	stop_running(s, slot);
	pthread_mutex_unlock(&s->lock);
}

void http_answer(struct http_server *s, struct http_job *job)
{
	/* The job is the slot's first member. */
	struct slot *slot = (struct slot *)job;
	bool was_empty;

	assert(job->reply.status != 0);
	pthread_mutex_lock(&s->lock);
	stop_running(s, slot);
	was_empty = s->finished == NULL;
	slot->next = s->finished;
	s->finished = slot;
	pthread_mutex_unlock(&s->lock);
	if (was_empty)
		wake(s);
}

void http_server_stop(struct http_server *s)
{
	int kept = errno;

	atomic_store(&s->must_stop, true);
	wake(s);
	errno = kept;
}
