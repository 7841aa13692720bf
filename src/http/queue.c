/* The two lists between the event loop and the workers: requests go out, answers come back. */
#include "http/http_in.h"

#include <errno.h>
#include <unistd.h>

/* ---- the event thread's side ---- */

void queue_put(struct http_server *s, struct slot *slot)
{
	pthread_mutex_lock(&s->lock);
	assert(s->queue_count < s->config.jobs_max);
	s->queue[(s->queue_from + s->queue_count) % s->config.jobs_max] = slot;
	s->queue_count++;
	pthread_cond_signal(&s->has_work);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the workers' side ---- */

struct http_job *http_take(struct http_server *s)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&s->lock);
	while (s->queue_count == 0 && !s->is_closed)
		pthread_cond_wait(&s->has_work, &s->lock);
	if (s->queue_count > 0) {
		slot = s->queue[s->queue_from];
		s->queue_from = (s->queue_from + 1) % s->config.jobs_max;
		s->queue_count--;
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

	if (write(s->wake, &one, sizeof one) < 0)
		return;
}

void http_answer(struct http_server *s, struct http_job *job)
{
	/* The job is the slot's first member. */
	struct slot *slot = (struct slot *)job;
	bool was_empty;

	assert(job->reply.status != 0);
	pthread_mutex_lock(&s->lock);
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
