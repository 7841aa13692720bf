/* Whom a request counts for, and whose turn it is. */
#include "http/http_in.h"

static struct known *place_of(struct http_server *s, uint64_t credential)
{
	return &s->known[credential % KNOWN];
}

/* 0 when the head has none. */
static uint64_t credential_of(const struct http_server *s, const struct http_request *q)
{
	str text = s->config.credential ? s->config.credential(s->config.who, q) : S("");

	return text.n ? str_hash(text) : 0;
}

void share_find(struct http_server *s, struct conn *c, const struct http_request *q)
{
	str address = {(const char *)c->peer.address, HTTP_PEER_BYTES};
	uint64_t credential = credential_of(s, q);
	const struct known *k = place_of(s, credential);

	c->is_known = credential && k->credential == credential;
	if (c->is_known)
		c->share = k->share;
	else
		c->share = address.p[0] ? (int)(str_hash(address) % HTTP_SHARES) : HTTP_NOBODY;
}

int http_share_of(str person)
{
	return (int)(str_hash(person) % HTTP_SHARES);
}

void share_learn(struct http_server *s, const struct http_job *job)
{
	uint64_t credential = job->is_known ? credential_of(s, &job->request) : 0;

	if (credential)
		*place_of(s, credential) =
			(struct known){.credential = credential, .share = job->share};
}

uint64_t http_turn(struct http_turns *t, int share)
{
	assert(share >= 0 && share <= HTTP_NOBODY);
	if (t->last[share] < t->now)
		t->last[share] = t->now;
	return ++t->last[share];
}

void http_turn_given(struct http_turns *t, uint64_t turn)
{
	if (turn > t->now)
		t->now = turn;
}
