/* The event loop, and the two lists between it and the workers. */
#include "crypt/crypt.h"
#include "http/http_in.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 128,          /* taken from the system at once */
	ACCEPTS = 64,          /* of new clients in one round; the others have their turn between */
	ACCEPT_PAUSE_MS = 100, /* when we are out of descriptors */
	CONNECTIONS_MOST = 65536,
	JOBS_MOST = 4096
};

/* What epoll tells apart from connections, whose generation is never 0. */
enum { EVENT_LISTENER = 1, EVENT_WAKE = 2 };

/* ---- starting and closing ---- */

/* False when a deadline is negative. */
static bool take_default(int *value, int standard)
{
	if (*value == 0)
		*value = standard;
	return *value > 0;
}

static bool take_defaults(struct http_config *c)
{
	return take_default(&c->head_ms, 10000) && take_default(&c->body_ms, 10000) &&
		take_default(&c->body_rate, 16000) && take_default(&c->answer_ms, 30000) &&
		take_default(&c->answer_rate, 4000) && take_default(&c->idle_ms, 30000) &&
		take_default(&c->queue_ms, 5000) && take_default(&c->linger_ms, 2000) &&
		take_default(&c->stop_ms, 5000) && take_default(&c->beat_ms, 5000) &&
		take_default(&c->stuck_ms, 60000);
}

static bool check_config(struct http_config *c, struct err *e)
{
	if (c->leaving_max == 0)
		c->leaving_max = 256 << 20;
	if (c->files_max == 0)
		c->files_max = (isize)4 << 30;
	if (!take_defaults(c) || c->leaving_max < 0 || c->files_max < 0)
		return FAIL(e, ERR_INVALID, "a deadline must not be negative");
	if (c->connections_max < 1 || c->connections_max > CONNECTIONS_MOST ||
		c->connections_per_peer < 1)
		return FAIL(e, ERR_INVALID, "the number of connections must be 1 to %d",
			CONNECTIONS_MOST);
	if (c->jobs_max < 1 || c->jobs_max > JOBS_MOST)
		return FAIL(e, ERR_INVALID, "the number of requests at once must be 1 to %d",
			JOBS_MOST);
	if (c->body_max < 0 || c->body_max > c->job_arena_bytes - 2 * ARENA_RESERVE)
		return FAIL(e, ERR_INVALID,
			"a job's memory must hold the largest body and %d bytes more",
			2 * ARENA_RESERVE);
	return true;
}

static bool watch(struct http_server *s, int fd, uint64_t id)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = id};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

/* Both are reserved, not taken: pages that no request or answer has touched are not there. */
static isize in_block_bytes(const struct http_config *c)
{
	return (isize)c->connections_max * HTTP_HEAD_BYTES;
}

static isize head_block_bytes(const struct http_config *c)
{
	return (isize)c->jobs_max * HTTP_REPLY_HEAD_BYTES;
}

static void make_slots(struct http_server *s)
{
	int count = s->config.jobs_max;

	s->slots = NEW(&s->arena, struct slot, count);
	s->queue = NEW(&s->arena, struct slot *, count);
	for (int i = 0; i < count; i++) {
		struct slot *slot = &s->slots[i];
		slot->head = s->head_block + (isize)i * HTTP_REPLY_HEAD_BYTES;
		arena_open(&slot->arena, s->config.job_arena_bytes);
		slot->job.arena = &slot->arena;
		slot->next = s->free_slot;
		s->free_slot = slot;
	}
}

bool http_server_start(struct http_server **out, const struct http_config *config, struct err *e)
{
	struct http_config c = *config;
	struct arena a;
	isize bytes;

	if (!check_config(&c, e))
		return false;
	bytes = (isize)sizeof(struct http_server) + 4 * ARENA_RESERVE +
		c.connections_max * (isize)sizeof(struct conn) +
		c.jobs_max * ((isize)sizeof(struct slot) + 64);
	arena_open(&a, bytes);
	struct http_server *s = NEW(&a, struct http_server, 1);
	s->arena = a;
	s->config = c;
	s->free_conn = -1;
	s->next_due = INT64_MAX;
	crypt_random(&s->mark, sizeof s->mark);
	s->conn = NEW(&s->arena, struct conn, c.connections_max);
	s->in_block = os_reserve(in_block_bytes(&c));
	s->head_block = os_reserve(head_block_bytes(&c));
	make_slots(s);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->has_work, NULL);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fcntl(c.listener, F_SETFL, O_NONBLOCK) < 0 || !watch(s, s->wake, EVENT_WAKE) ||
		!watch(s, c.listener, EVENT_LISTENER)) {
		FAIL(e, ERR_FAULT, "cannot listen for requests: %s", strerror(errno));
		http_server_close(s);
		return false;
	}
	*out = s;
	return true;
}

void http_server_close(struct http_server *s)
{
	struct arena a;
	struct http_config c = s->config;

	for (int i = 0; i < s->used_conn; i++)
		if (s->conn[i].state != CONN_FREE) {
			/* A request that was not answered in time; its worker is gone. */
			s->conn[i].state = CONN_LINGER;
			conn_close(s, &s->conn[i]);
		}
	for (int i = 0; i < c.jobs_max; i++)
		arena_close(&s->slots[i].arena);
	os_unreserve(s->in_block, in_block_bytes(&c));
	os_unreserve(s->head_block, head_block_bytes(&c));
	/* Of one that there never was, nothing is closed. */
	close(s->epoll);
	close(s->wake);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->has_work);
	a = s->arena;
	arena_close(&a);
}

/* ---- the event thread's side ---- */

static void take_answers(struct http_server *s)
{
	struct slot *list, *next;
	uint64_t count;

	/* First the counter, then the list: what is added between wakes us again. */
	ssize_t n = read(s->wake, &count, sizeof count);
	assert(n == (ssize_t)sizeof count || errno == EAGAIN);
	pthread_mutex_lock(&s->lock);
	list = s->finished;
	s->finished = NULL;
	pthread_mutex_unlock(&s->lock);
	for (; list; list = next) {
		next = list->next;
		conn_answer(s, list);
	}
}

/* Connections of the same client.  A Unix socket is a proxy's, whose clients are not told
   apart here. */
static int count_peer(const struct http_server *s, const unsigned char *address)
{
	int count = 0;

	if (address[0] == 0)
		return 0;
	for (int i = 0; i < s->used_conn; i++)
		count += s->conn[i].state != CONN_FREE &&
			memcmp(s->conn[i].peer.address, address, HTTP_PEER_BYTES) == 0;
	return count;
}

/* The address with the most connections, by the first of them; a sieve of counts under a keyed hash
   keeps it linear. */
static const unsigned char *greediest(const struct http_server *s)
{
	uint16_t count[HTTP_SHARES] = {0};
	const unsigned char *out = NULL;
	int most = 0;

	for (int i = 0; i < s->used_conn; i++) {
		const struct conn *c = &s->conn[i];
		if (c->state == CONN_FREE)
			continue;
		str address = {(const char *)c->peer.address, HTTP_PEER_BYTES};
		int n = ++count[str_hash(address) % HTTP_SHARES];
		if (n > most) {
			most = n;
			out = c->peer.address;
		}
	}
	return out;
}

/* Closes the connection that has asked nothing for the longest time, of the address unless NULL.
   False when each of them is at work. */
static bool make_room(struct http_server *s, const unsigned char *address)
{
	struct conn *oldest = NULL;

	for (int i = 0; i < s->used_conn; i++) {
		struct conn *c = &s->conn[i];
		if (c->state != CONN_HEAD ||
			(address && memcmp(c->peer.address, address, HTTP_PEER_BYTES) != 0))
			continue;
		if (!oldest || c->deadline < oldest->deadline)
			oldest = c;
	}
	if (oldest)
		conn_close(s, oldest);
	return oldest != NULL;
}

/* Who holds many connections and asks nothing loses the oldest, before anybody is refused. */
static bool has_room(struct http_server *s, const struct http_peer *peer)
{
	if (count_peer(s, peer->address) >= s->config.connections_per_peer &&
		!make_room(s, peer->address))
		return false;
	return s->conn_count < s->config.connections_max || make_room(s, greediest(s)) ||
		make_room(s, NULL);
}

static void admit(struct http_server *s, int fd, const struct sockaddr_storage *from)
{
	struct http_peer peer;
	int one = 1;

	peer_of_socket(from, &peer);
	if (!has_room(s, &peer)) {
		conn_send_refusal(fd, 503, false);
		close(fd);
		return;
	}
	/* A Unix socket has nothing to delay, and refuses. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (!conn_open(s, fd, &peer))
		close(fd);
}

static void listen_again(struct http_server *s, bool on)
{
	struct epoll_event ev = {.events = on ? EPOLLIN : 0, .data.u64 = EVENT_LISTENER};

	int end = epoll_ctl(s->epoll, EPOLL_CTL_MOD, s->config.listener, &ev);
	assert(end == 0);
	s->accept_from = on ? 0 : s->now + ACCEPT_PAUSE_MS * INT64_C(1000);
}

bool server_is_short(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return true;
	default:
		return false;
	}
}

/* Whatever kept one client out, the listener tells of the others again in the next round. */
static void accept_some(struct http_server *s)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof from;
		int fd = accept4(s->config.listener, (struct sockaddr *)&from, &size,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(s, fd, &from);
			continue;
		}
		int error = errno;
		/* That somebody waits is known of the first alone.  Who asks nothing makes room. */
		if (!server_is_short(error) || i > 0)
			return;
		if (!make_room(s, NULL)) {
			/* The listener stays ready, and we would spin. */
			log_fault_often("accept_failed", KV("why", str_of(strerror(error))));
			listen_again(s, false);
			return;
		}
	}
}

static void expire(struct http_server *s)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < s->used_conn; i++) {
		struct conn *c = &s->conn[i];
		if (c->state != CONN_FREE && c->deadline <= s->now)
			conn_expire(s, c);
		if (c->state != CONN_FREE && c->deadline < next)
			next = c->deadline;
	}
	s->next_due = next;
}

static bool is_busy(const struct conn *c)
{
	return c->state == CONN_JOB || c->state == CONN_ANSWER;
}

/* Accepts nothing more, cuts what has not been asked completely, lets the workers go once the
   queue is empty. */
static void begin_stop(struct http_server *s)
{
	s->stop_by = s->now + s->config.stop_ms * INT64_C(1000);
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->config.listener, NULL);
	s->accept_from = 0;
	for (int i = 0; i < s->used_conn; i++) {
		struct conn *c = &s->conn[i];
		if (c->state == CONN_HEAD || c->state == CONN_BODY || c->state == CONN_WAIT)
			conn_close(s, c);
	}
	pthread_mutex_lock(&s->lock);
	s->is_closed = true;
	pthread_cond_broadcast(&s->has_work);
	pthread_mutex_unlock(&s->lock);
}

static bool is_over(struct http_server *s)
{
	if (s->stop_by == 0)
		return false;
	for (int i = 0; s->now < s->stop_by && i < s->used_conn; i++)
		if (is_busy(&s->conn[i]))
			return false;
	pthread_mutex_lock(&s->lock);
	s->queue_count = 0;
	pthread_mutex_unlock(&s->lock);
	return true;
}

int server_wait_ms(const struct http_server *s, int64_t now)
{
	int64_t due = s->next_due, beat = s->config.beat_ms * INT64_C(1000);

	if (s->has_pieces)
		return 0;
	if (s->accept_from && s->accept_from < due)
		due = s->accept_from;
	if (s->stop_by && s->stop_by < due)
		due = s->stop_by;
	if (due <= now)
		return 0;
	/* Rounded up, so that it is not woken too early again and again. */
	return (int)(((due - now > beat ? beat : due - now) + 999) / 1000);
}

static void dispatch(struct http_server *s, const struct epoll_event *ev)
{
	uint32_t generation = (uint32_t)(ev->data.u64 >> 32), i = (uint32_t)ev->data.u64;

	if (ev->data.u64 == EVENT_LISTENER)
		accept_some(s);
	else if (ev->data.u64 == EVENT_WAKE)
		take_answers(s);
	else if (s->conn[i].generation == generation && s->conn[i].state != CONN_FREE)
		conn_event(s, (int)i, ev->events);
}

void server_round(struct http_server *s)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(s->epoll, ev, EVENTS, server_wait_ms(s, clock_mono()));

	assert(n >= 0 || errno == EINTR);
	s->now = clock_mono();
	if (s->config.beat && !queue_is_stuck(s))
		s->config.beat(s->config.who);
	for (int i = 0; i < n; i++)
		dispatch(s, &ev[i]);
	if (s->accept_from && s->accept_from <= s->now)
		listen_again(s, true);
	if (s->next_due <= s->now)
		expire(s);
	if (s->has_pieces)
		conn_go_on(s);
	conn_serve_waiting(s);
	if (s->stop_by == 0 && atomic_load(&s->must_stop))
		begin_stop(s);
}

void http_server_run(struct http_server *s)
{
	while (!is_over(s))
		server_round(s);
}
