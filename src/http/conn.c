/* The life of one connection.  Everything here runs in the event thread and never waits. */
#include "http/http_in.h"
#include "os/os.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	PAGE = 4096,                /* of a buffer that stays when its connection is idle */
	LINGER_BYTES_MAX = 1 << 20, /* dropped after our last word */
	RETRY_AFTER_S = 1,
	REFUSAL_BYTES = 512,
	PIECE = 1 << 20 /* of a file, before others have their turn */
};

#define NEVER INT64_MAX

static int number_of(const struct http_server *s, const struct conn *c)
{
	return (int)(c - s->conn);
}

static void wait_until(struct http_server *s, struct conn *c, int64_t deadline)
{
	c->deadline = deadline;
	if (deadline < s->next_due)
		s->next_due = deadline;
}

static void wait_ms(struct http_server *s, struct conn *c, int ms)
{
	wait_until(s, c, s->now + ms * INT64_C(1000));
}

/* A total that grows with what has arrived: a body slower than body_rate is cut, however
   evenly it drips. */
static void wait_for_body(struct http_server *s, struct conn *c, isize arrived)
{
	wait_until(s, c,
		c->body_from + s->config.body_ms * INT64_C(1000) +
			arrived * INT64_C(1000000) / s->config.body_rate);
}

/* ---- opening and closing ---- */

bool conn_open(struct http_server *s, int fd, const struct http_peer *peer)
{
	int i = s->free_conn >= 0 ? s->free_conn : s->used_conn;
	struct conn *c = &s->conn[i];
	uint32_t generation = c->generation + 1 ? c->generation + 1 : 1;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)i};

	assert(s->conn_count < s->config.connections_max && c->state == CONN_FREE);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		return false;
	if (s->free_conn >= 0)
		s->free_conn = c->next_free;
	else
		s->used_conn++;
	*c = (struct conn){.fd = fd, .state = CONN_HEAD, .generation = generation};
	c->in = s->in_block + (isize)i * HTTP_HEAD_BYTES;
	c->peer = c->own = *peer;
	s->conn_count++;
	wait_ms(s, c, s->config.head_ms);
	return true;
}

static void free_slot(struct http_server *s, struct conn *c)
{
	struct slot *slot = c->slot;

	c->slot = NULL;
	if (slot->is_upload)
		s->upload_count--;
	s->jobs_of_share[slot->counted]--;
	arena_reset(&slot->arena);
	http_reply_drop(&slot->job.reply);
	slot->is_upload = false;
	slot->body = NULL;
	slot->job.reply = (struct http_reply){0};
	slot->job.memo = NULL;
	slot->next = s->free_slot;
	s->free_slot = slot;
}

static void shrink(struct conn *c)
{
	if (c->in_peak > PAGE)
		os_release(c->in, PAGE, HTTP_HEAD_BYTES);
	c->in_peak = 0;
}

/* Gives up what is left of an answer. */
static void drop_leaving(struct http_server *s, struct conn *c)
{
	if (c->out.block)
		os_unreserve(c->out.block, c->out.block_n);
	s->leaving_n -= c->out.block_n;
	if (c->out.file_n)
		close(c->out.file);
	s->files_n -= c->out.file_n;
	c->out = (struct leaving){0};
}

void conn_close(struct http_server *s, struct conn *c)
{
	assert(c->state != CONN_FREE && c->state != CONN_JOB);
	s->waiting_count -= c->state == CONN_WAIT;
	if (c->slot)
		free_slot(s, c);
	drop_leaving(s, c);
	close(c->fd);
	shrink(c);
	c->state = CONN_FREE;
	c->next_free = s->free_conn;
	s->free_conn = number_of(s, c);
	s->conn_count--;
}

/* We have said all.  A close now would, with bytes of the client unread, reset the connection
   and could take our answer from the client (RFC 9112, 9.6). */
static void linger(struct http_server *s, struct conn *c)
{
	shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGER;
	c->dropped_n = 0;
	wait_ms(s, c, s->config.linger_ms);
}

bool conn_send_refusal(int fd, int status, bool is_head)
{
	char room[REFUSAL_BYTES], text[80];
	struct buf b = {.p = room, .cap = sizeof room, .max = sizeof room};
	struct http_reply r = {.status = status, .type = S("text/plain; charset=utf-8")};
	str reason = http_status_text(status);

	snprintf(text, sizeof text, "%d %.*s\n", status, STR_ARG(reason));
	r.body = str_of(text);
	if (status == 503)
		http_reply_header(&r, S("Retry-After"), S("1"));
	http_print_head(&b, &r, false, clock_now(&(struct clock){0}));
	if (!is_head)
		buf_add(&b, r.body);
	assert(!b.full);
	return send(fd, b.p, (size_t)b.n, MSG_NOSIGNAL | MSG_DONTWAIT) == b.n;
}

/* Answers by itself and ends the conversation: where this request ends is not known, or does
   not matter.  Returns whether there is more to do. */
static bool refuse(struct http_server *s, struct conn *c, int status, bool is_head)
{
	if (!conn_send_refusal(c->fd, status, is_head)) {
		conn_close(s, c);
		return false;
	}
	linger(s, c);
	return true;
}

/* ---- reading ---- */

/* Reads into `to`; 0 when nothing is there now, or when the connection is over and closed. */
static isize receive(struct http_server *s, struct conn *c, char *to, isize room)
{
	ssize_t n;

	assert(room > 0);
	if (!c->may_read)
		return 0;
	do
		n = recv(c->fd, to, (size_t)room, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		/* A short read has emptied the socket; what comes later is a new event.  The end
		   that came before is not. */
		c->may_read = n == room || c->has_ended;
		return n;
	}
	if (n < 0 && errno == EAGAIN)
		c->may_read = false;
	else
		conn_close(s, c);
	return 0;
}

static bool fill(struct http_server *s, struct conn *c)
{
	isize n = receive(s, c, c->in + c->in_n, HTTP_HEAD_BYTES - c->in_n);

	if (n == 0)
		return false;
	c->in_n += n;
	if (c->in_n > c->in_peak)
		c->in_peak = c->in_n;
	if (c->is_idle)
		wait_ms(s, c, s->config.head_ms);
	c->is_idle = false;
	if (c->state == CONN_BODY)
		wait_for_body(s, c, c->in_n - c->head_n);
	return true;
}

/* Those whom nothing tells apart have no share. */
static int jobs_of(const struct http_server *s, const struct conn *c)
{
	return c->share == HTTP_NOBODY ? 0 : s->jobs_of_share[c->share];
}

/* Three quarters of all jobs are for one client at the most. */
static bool may_have_job(const struct http_server *s, const struct conn *c)
{
	int jobs_max = s->config.jobs_max;

	return s->free_slot && jobs_of(s, c) < jobs_max - jobs_max / 4;
}

/* A free slot, in which the request has been parsed, becomes the connection's. */
static struct slot *take_slot(struct http_server *s, struct conn *c)
{
	struct slot *slot = s->free_slot;

	assert(slot && !c->slot);
	s->free_slot = slot->next;
	slot->conn = number_of(s, c);
	slot->counted = slot->job.share = c->share;
	slot->job.is_known = c->is_known;
	s->jobs_of_share[c->share]++;
	c->slot = slot;
	return slot;
}

static bool hand_over(struct http_server *s, struct conn *c, str body)
{
	struct http_request *q = &c->slot->job.request;

	q->body = body;
	q->peer = str_of(c->peer.name);
	q->share = str_of(c->peer.share);
	c->state = CONN_JOB;
	wait_until(s, c, NEVER);
	queue_put(s, c->slot);
	return false;
}

/* Every job is taken, or as many as one client may have: a flood of small requests is over in a
   moment, and so the request stands in line for a while, in the connection's own buffer. */
static bool stand_in_line(struct http_server *s, struct conn *c)
{
	c->state = CONN_WAIT;
	c->wait_number = ++s->wait_last;
	s->waiting_count++;
	wait_ms(s, c, s->config.queue_ms);
	return false;
}

static bool start_job(struct http_server *s, struct conn *c, const struct http_request *q)
{
	/* Nobody overtakes those who wait. */
	if (!may_have_job(s, c) || (s->waiting_count && c->wait_number == 0))
		return stand_in_line(s, c);
	c->wait_number = 0;
	assert(q == &s->free_slot->job.request);
	take_slot(s, c);
	return hand_over(s, c, (str){c->in + c->head_n, c->whole_n - c->head_n});
}

static int at_least_one(int n)
{
	return n > 0 ? n : 1;
}

/* Large bodies of this client that are arriving.  For those whom nothing tells apart only the limit
   for all holds. */
static int count_uploads(const struct http_server *s, const struct conn *c)
{
	int count = 0;

	if (c->share == HTTP_NOBODY)
		return 0;
	for (int i = 0; i < s->config.jobs_max; i++)
		count += s->slots[i].is_upload && s->slots[i].counted == c->share;
	return count;
}

/* A body too large for the connection's buffer goes into the arena of a job. */
static bool start_upload(struct http_server *s, struct conn *c, const struct http_request *q)
{
	int most = at_least_one(s->config.jobs_max / 2);

	int refused =
		s->config.judge_upload ? s->config.judge_upload(s->config.who, q, &c->share) : 0;

	if (refused)
		return refuse(s, c, refused, q->method == HTTP_HEAD);
	if (!s->free_slot || s->upload_count >= most ||
		count_uploads(s, c) >= at_least_one(s->config.jobs_max / 8))
		return refuse(s, c, 503, q->method == HTTP_HEAD);
	struct slot *slot = take_slot(s, c);
	slot->is_upload = true;
	s->upload_count++;
	slot->body = arena_bulk(&slot->arena, (isize)q->content_length);
	if (!slot->body) {
		free_slot(s, c);
		return refuse(s, c, 503, q->method == HTTP_HEAD);
	}
	c->whole_n = c->in_n;
	c->body_n = c->in_n - c->head_n;
	if (c->body_n)
		memcpy(slot->body, c->in + c->head_n, (size_t)c->body_n);
	wait_for_body(s, c, c->body_n);
	return true;
}

/* The head is whole: hands the request over, or waits for its body. */
static bool start_body(struct http_server *s, struct conn *c, const struct http_request *q)
{
	int64_t length = q->content_length > 0 ? q->content_length : 0;
	bool must_invite = q->expects_continue && c->in_n == c->head_n;

	c->whole_n = c->head_n;
	if (length <= c->in_n - c->head_n) {
		c->whole_n += (isize)length;
		return start_job(s, c, q);
	}
	c->state = CONN_BODY;
	c->body_from = s->now;
	if (length <= HTTP_HEAD_BYTES - c->head_n) {
		c->whole_n += (isize)length;
		wait_for_body(s, c, c->in_n - c->head_n);
	} else if (!start_upload(s, c, q)) {
		return false;
	} else if (c->state != CONN_BODY) {
		return true;
	}
	const str invitation = S("HTTP/1.1 100 Continue\r\n\r\n");
	if (must_invite &&
		send(c->fd, invitation.p, (size_t)invitation.n, MSG_NOSIGNAL) != invitation.n) {
		conn_close(s, c);
		return false;
	}
	return true;
}

static struct http_request *parse_room(struct http_server *s)
{
	return s->free_slot ? &s->free_slot->job.request : &s->spare;
}

/* Only a line's end can change the parser's mind.  Without this a head that arrives byte by
   byte would cost its length squared. */
static bool is_worth_parsing(const struct conn *c)
{
	str fresh = {c->in + c->parsed_n, c->in_n - c->parsed_n};

	return fresh.n > 0 &&
		(c->parsed_n == 0 || c->in_n == HTTP_HEAD_BYTES || str_index(fresh, '\n') >= 0);
}

static bool step_head(struct http_server *s, struct conn *c)
{
	struct http_request *q = parse_room(s);
	int status;

	if (!is_worth_parsing(c))
		return fill(s, c);
	c->parsed_n = c->in_n;
	switch (http_parse((str){c->in, c->in_n}, s->config.body_max, q, &c->head_n, &status)) {
	case HTTP_BAD:
		return refuse(s, c, status, q->method == HTTP_HEAD);
	case HTTP_MORE:
		return fill(s, c);
	case HTTP_WHOLE:
		break;
	}
	if (!peer_of_request(s->config.forwarded, q, &c->peer))
		c->peer = c->own;
	share_find(s, c, q);
	return start_body(s, c, q);
}

static bool step_small_body(struct http_server *s, struct conn *c)
{
	struct http_request *q = parse_room(s);
	int status;

	if (c->in_n < c->whole_n)
		return fill(s, c);
	/* The slot in which the head was parsed first may be another's by now. */
	bool is_whole = http_parse((str){c->in, c->in_n}, s->config.body_max, q, &c->head_n,
				&status) == HTTP_WHOLE;
	assert(is_whole);
	return start_job(s, c, q);
}

static bool step_large_body(struct http_server *s, struct conn *c)
{
	struct slot *slot = c->slot;
	isize length = (isize)slot->job.request.content_length;
	isize n = receive(s, c, slot->body + c->body_n, length - c->body_n);

	if (n == 0)
		return false;
	c->body_n += n;
	wait_for_body(s, c, c->body_n);
	if (c->body_n < length)
		return true;
	slot->is_upload = false;
	s->upload_count--;
	return hand_over(s, c, (str){slot->body, length});
}

static bool step_linger(struct http_server *s, struct conn *c)
{
	isize n = receive(s, c, s->scrap, (isize)sizeof s->scrap);

	c->dropped_n += n;
	if (c->dropped_n > LINGER_BYTES_MAX) {
		conn_close(s, c);
		return false;
	}
	return n > 0;
}

/* ---- answering ---- */

/* The answer is away.  What the client has sent meanwhile is the next request. */
static bool finish(struct http_server *s, struct conn *c)
{
	if (c->slot)
		free_slot(s, c);
	drop_leaving(s, c);
	if (!c->keeps_alive) {
		linger(s, c);
		return true;
	}
	c->in_n -= c->whole_n;
	if (c->in_n)
		memmove(c->in, c->in + c->whole_n, (size_t)c->in_n);
	else
		shrink(c);
	c->parsed_n = c->head_n = c->whole_n = c->body_n = 0;
	c->state = CONN_HEAD;
	c->is_idle = c->in_n == 0;
	wait_ms(s, c, c->is_idle ? s->config.idle_ms : s->config.head_ms);
	return true;
}

/* What the system has taken from us and the client has not yet: megabytes, for who is slow. */
static isize queued_n(const struct conn *c)
{
	int n = 0;

	return ioctl(c->fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

static isize share_of_answer(const struct http_server *s)
{
	return (isize)s->config.answer_ms * s->config.answer_rate / 1000;
}

/* The client has so long for so much, and then again: what the system took at once gives no
   credit. */
static void wait_for_reader(struct http_server *s, struct conn *c)
{
	c->due_n = c->sent_n + share_of_answer(s);
	c->queued_n = queued_n(c);
	wait_ms(s, c, s->config.answer_ms);
}

/* Whether the client has read what it had to although the system took nothing from us: it asks for
   more when a third of what it holds has gone. */
static bool has_read(const struct http_server *s, const struct conn *c)
{
	isize sent = c->sent_n - (c->due_n - share_of_answer(s));

	return c->state == CONN_ANSWER &&
		sent + c->queued_n - queued_n(c) >= share_of_answer(s);
}

static isize leaving_of_client(const struct http_server *s, const struct conn *c)
{
	isize n = 0;

	for (int i = 0; c->share != HTTP_NOBODY && i < s->used_conn; i++)
		if (s->conn[i].state != CONN_FREE && s->conn[i].share == c->share)
			n += s->conn[i].out.block_n;
	return n;
}

/* What the client has not taken moves into memory of the connection, and the job is free.  False
   when there is no room for it, and the connection is cut. */
static bool leave_slot(struct http_server *s, struct conn *c)
{
	struct leaving *out = &c->out;
	isize text_n = out->head.n + out->body.n;
	isize n = text_n > c->sent_n ? text_n - c->sent_n : 0;
	str head = str_part(out->head, c->sent_n, out->head.n);
	str body = str_part(out->body, c->sent_n - out->head.n, out->body.n);
	char *block = NULL;

	if (n && n <= s->config.leaving_max - s->leaving_n &&
		n <= s->config.leaving_max / 4 - leaving_of_client(s, c))
		block = os_reserve_some(n);
	if (n && !block) {
		log_fault_often("answer.cut", KV("peer", str_of(c->peer.name)));
		conn_close(s, c);
		return false;
	}
	if (head.n)
		memcpy(block, head.p, (size_t)head.n);
	if (body.n)
		memcpy(block + head.n, body.p, (size_t)body.n);
	s->leaving_n += n;
	*out = (struct leaving){.body = {block, n},
		.block = block,
		.block_n = n,
		.file = out->file,
		.file_n = out->file_n};
	c->sent_n = c->sent_n > text_n ? c->sent_n - text_n : 0;
	free_slot(s, c);
	wait_for_reader(s, c);
	return true;
}

/* Sends from the file of an answer, whose head is away. */
static ssize_t send_file(struct conn *c)
{
	const struct leaving *out = &c->out;
	off_t at = c->sent_n - out->head.n - out->body.n;
	isize left = out->file_n - at;

	return sendfile(c->fd, out->file, &at, (size_t)(left < PIECE ? left : PIECE));
}

static ssize_t send_text(struct conn *c)
{
	const struct leaving *out = &c->out;
	str left[2] = {str_part(out->head, c->sent_n, out->head.n),
		str_part(out->body, c->sent_n - out->head.n, out->body.n)};
	struct iovec part[2];
	struct msghdr m = {.msg_iov = part};

	/* sendmsg is writev that raises no SIGPIPE. */
	for (int i = 0; i < 2; i++)
		if (left[i].n)
			part[m.msg_iovlen++] =
				(struct iovec){.iov_base = (void *)(uintptr_t)left[i].p,
					.iov_len = (size_t)left[i].n};
	return sendmsg(c->fd, &m, MSG_NOSIGNAL | (out->file_n ? MSG_MORE : 0));
}

/* One system call; false when the client takes no more now or is gone. */
static bool step_answer(struct http_server *s, struct conn *c)
{
	const struct leaving *out = &c->out;
	isize text_n = out->head.n + out->body.n;

	if (!c->may_write)
		return false;
	ssize_t n = c->sent_n < text_n ? send_text(c) : send_file(c);
	/* A file that ends early is an error of the disk. */
	if (n == 0)
		errno = EIO;
	if (n <= 0 && errno == EAGAIN) {
		c->may_write = false;
		return false;
	}
	if (n <= 0 && errno != EINTR) {
		conn_close(s, c);
		return false;
	}
	c->sent_n += n > 0 ? n : 0;
	if (c->sent_n >= c->due_n)
		wait_for_reader(s, c);
	if (c->sent_n == text_n + out->file_n)
		return finish(s, c);
	/* The next piece of a file is sent when others have had their turn. */
	s->has_pieces |= c->sent_n > text_n;
	return c->sent_n <= text_n;
}

/* ---- the machine ---- */

/* Takes one step; false when there is nothing to do before the next event. */
static bool step(struct http_server *s, struct conn *c)
{
	switch (c->state) {
	case CONN_HEAD:
		return step_head(s, c);
	case CONN_BODY:
		return c->slot ? step_large_body(s, c) : step_small_body(s, c);
	case CONN_ANSWER:
		return step_answer(s, c);
	case CONN_LINGER:
		return step_linger(s, c);
	case CONN_FREE:
	case CONN_WAIT:
	case CONN_JOB:
		break;
	}
	return false;
}

static void run(struct http_server *s, struct conn *c)
{
	while (step(s, c))
		;
}

/* As run(), after which no answer lies in a slot. */
static void run_answer(struct http_server *s, struct conn *c)
{
	while (c->state == CONN_ANSWER && step(s, c))
		;
	if (c->state == CONN_ANSWER && c->slot && !leave_slot(s, c))
		return;
	run(s, c);
}

void conn_go_on(struct http_server *s)
{
	s->has_pieces = false;
	for (int i = 0; i < s->used_conn; i++)
		if (s->conn[i].state == CONN_ANSWER && s->conn[i].out.file_n)
			run_answer(s, &s->conn[i]);
}

void conn_event(struct http_server *s, int i, uint32_t events)
{
	struct conn *c = &s->conn[i];

	if (events & (EPOLLIN | EPOLLRDHUP))
		c->may_read = true;
	if (events & EPOLLRDHUP)
		c->has_ended = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		c->may_write = true;
	/* While a worker has the request nothing can be given up; answering will fail. */
	if (events & (EPOLLHUP | EPOLLERR) && c->state != CONN_JOB)
		conn_close(s, c);
	else
		run(s, c);
}

/* The client that has the fewest jobs is first, then who came first; NULL when all that wait have
   their share. */
static struct conn *first_in_line(struct http_server *s)
{
	struct conn *first = NULL;
	int fewest = 0;

	for (int i = 0; i < s->used_conn; i++) {
		struct conn *c = &s->conn[i];
		if (c->state != CONN_WAIT || !may_have_job(s, c))
			continue;
		int jobs = jobs_of(s, c);
		if (first &&
			(jobs > fewest || (jobs == fewest && c->wait_number > first->wait_number)))
			continue;
		first = c;
		fewest = jobs;
	}
	return first;
}

void conn_serve_waiting(struct http_server *s)
{
	while (s->waiting_count && s->free_slot) {
		struct conn *c = first_in_line(s);

		if (!c)
			return;
		/* All of the request is in the connection's buffer: it is parsed again, into the
		   job that it gets. */
		s->waiting_count--;
		c->state = CONN_HEAD;
		c->parsed_n = 0;
		run(s, c);
	}
}

static isize files_of_client(const struct http_server *s, const struct conn *c)
{
	isize n = 0;

	for (int i = 0; c->share != HTTP_NOBODY && i < s->used_conn; i++)
		if (s->conn[i].state != CONN_FREE && s->conn[i].share == c->share)
			n += s->conn[i].out.file_n;
	return n;
}

/* Files that wait for their readers are bounded as well: above that the answer is 503. */
static void judge_file(struct http_server *s, const struct conn *c, struct http_reply *r)
{
	isize n = (isize)r->file_bytes, most = s->config.files_max;

	if (n == 0 || (n <= most - s->files_n && n <= most / 4 - files_of_client(s, c)))
		return;
	http_reply_drop(r);
	*r = (struct http_reply){.status = 503,
		.type = S("text/plain; charset=utf-8"),
		.body = S("Too many large files are being sent; try again later.\n")};
	http_reply_header(r, S("Retry-After"), S("60"));
}

/* The file is the connection's from now on. */
static void take_file(struct http_server *s, struct conn *c, struct http_reply *r)
{
	c->out.file = r->file;
	c->out.file_n = (isize)r->file_bytes;
	s->files_n += c->out.file_n;
	r->file_bytes = 0;
}

void conn_answer(struct http_server *s, struct slot *slot)
{
	struct conn *c = &s->conn[slot->conn];
	struct http_job *job = &slot->job;
	struct buf b = {
		.p = slot->head, .cap = HTTP_REPLY_HEAD_BYTES, .max = HTTP_REPLY_HEAD_BYTES};

	assert(c->state == CONN_JOB && c->slot == slot);
	share_learn(s, job);
	judge_file(s, c, &job->reply);
	c->state = CONN_ANSWER;
	c->keeps_alive = job->request.keep_alive && !job->reply.close && s->stop_by == 0;
	http_print_head(&b, &job->reply, c->keeps_alive, clock_now(&(struct clock){0}));
	if (b.full) {
		/* A header as long as a stranger's text: too long for anybody to read. */
		log_fault_often("reply_head_too_long", KV("target", job->request.path));
		if (refuse(s, c, 500, job->request.method == HTTP_HEAD)) {
			free_slot(s, c);
			run(s, c);
		}
		return;
	}
	c->out = (struct leaving){.head = buf_str(&b),
		.body = job->request.method == HTTP_HEAD ? S("") : job->reply.body};
	if (job->reply.file_bytes && job->request.method != HTTP_HEAD)
		take_file(s, c, &job->reply);
	c->sent_n = 0;
	wait_for_reader(s, c);
	run_answer(s, c);
}

void conn_expire(struct http_server *s, struct conn *c)
{
	bool has_begun = c->state == CONN_BODY || (c->state == CONN_HEAD && c->in_n > 0);

	if (has_read(s, c)) {
		wait_for_reader(s, c);
		return;
	}
	if (c->state == CONN_ANSWER)
		log_fault_often("answer.unread", KV("peer", str_of(c->peer.name)));
	/* The client may learn why; if it does not read, so be it. */
	if (has_begun || c->state == CONN_WAIT)
		conn_send_refusal(c->fd, has_begun ? 408 : 503, false);
	conn_close(s, c);
}
