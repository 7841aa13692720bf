/*
 * fill STORE COUNT [unmarked]: adds so many risks to a store that nobody serves, with their
 * entries, for tests of how Ward behaves when there is much.  Each has a scenario, an owner and
 * ratings; every third belongs to the first product.  It has nothing signed, as a server that is
 * killed; unmarked, it does what somebody can who may write the store's file but has no key.
 */
#include "crypt/crypt.h"
#include "kinds.h"
#include "ledger/ledger.h"
#include "serve/keeper.h"
#include "store.h"

enum { ARENA = 256 << 20, BATCH = 256 };

struct test_case *test_all; /* the fixture brings the runner along */

static bool put_risk(struct call *c, int64_t n)
{
	struct risk *r = kind_new(c->arena, &kinds[KIND_RISK]);

	r->rec.title = str_fmt(c->arena, "Risk %" PRId64 " of an infusion order that changes", n);
	r->rec.owner = S("P02");
	r->rec.product = n % 3 ? S("") : S("PRD-1");
	r->scenario = str_fmt(c->arena,
		"Somebody on the network of ward %" PRId64
		" changes the rate of a running infusion.",
		n % 997);
	r->domain = RISK_DOMAIN_PRODUCT_SECURITY;
	r->inherent_severity = n % 5 + 1;
	r->inherent_exploitability = n / 5 % 5 + 1;
	r->residual_severity = r->inherent_severity;
	r->residual_exploitability = 1;
	return kind_put(c, r, S("risk.create"));
}

static bool put_batch(struct call *c, int64_t from, int64_t to)
{
	if (!db_begin(c->db, &c->err))
		return false;
	for (int64_t n = from; n < to; n++) {
		struct arena_mark mark = arena_here(c->arena);
		if (!put_risk(c, n))
			return false;
		arena_rewind(c->arena, mark);
	}
	if (!db_commit(c->db))
		return false;
	ledger_committed(c->ledger);
	return true;
}

static bool keep(struct call *c, const char *folder)
{
	str keys = str_fmt(c->arena, "%s/keeper", folder);
	struct keeper *k;
	int pid;

	return keeper_start(&k, c->arena, keys, KEEPER_THREAD, &pid, &c->err) &&
		ledger_keep(c->ledger, c->arena, c->db, k, &c->err);
}

/* STORE COUNT [unmarked] */
static bool read_words(int argc, char **argv, int64_t *count, bool *is_unmarked)
{
	*is_unmarked = argc == 4 && str_eq(str_of(argv[3]), S("unmarked"));
	return (argc == 3 || *is_unmarked) && str_int(str_of(argv[2]), 1, 10000000, count);
}

int main(int argc, char **argv)
{
	struct arena a;
	int64_t count = 0;
	struct call c = {.at_us = TIME_NONE,
		.who = {.ref = S("system"),
			.name = S("Fill"),
			.actor = S("system"),
			.is_system = true}};

	bool is_unmarked;
	if (!read_words(argc, argv, &count, &is_unmarked) || !crypt_init())
		return 2;
	arena_init(&a, os_reserve(ARENA), ARENA);
	c.arena = c.err.arena = &a;
	c.now_us = clock_now(&(struct clock){0});
	bool ok = db_open(&c.db, &a, str_fmt(&a, "%s/ward.db", argv[1]), DB_WRITER, &c.err) &&
		ledger_open(&c.ledger, &a, c.db, &c.err) && (is_unmarked || keep(&c, argv[1]));
	for (int64_t n = 0; ok && n < count; n += BATCH)
		ok = put_batch(&c, n, n + BATCH < count ? n + BATCH : count);
	if (!ok) {
		fprintf(stderr, "fill: %s\n", c.err.text);
		for (const struct issue *i = c.err.issues; i; i = i->next)
			fprintf(stderr, "%.*s: %.*s\n", STR_ARG(i->field), STR_ARG(i->text));
	}
	if (c.db)
		db_close(c.db);
	return ok ? 0 : 1;
}
