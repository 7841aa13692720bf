#include "api.h"
#include "ledger/stranger.h"

#define RISK "{\"title\":\"Slow patching\",\"domain\":\"product_security\",\"owner\":\"P1\""

/* Stores a checkpoint of all there is, as if the keeper had signed it. */
static void sign_all(struct test_case *t, struct call *c)
{
	struct edge *edge = NEW(t->arena, struct edge, 1);
	struct checkpoint point = {.origin = S("ward.example/api")};
	struct rows r;
	struct buf b;

	db_query(c->db, &r, SQL("SELECT leaf FROM entry ORDER BY seq"));
	while (rows_next(&r))
		CHECK(edge_add(edge, merkle_leaf(rows_blob(&r, 0)), NULL, NULL));
	CHECK(rows_done(&r));
	point.size = edge->size;
	point.root = edge_root(edge);
	buf_init(&b, t->arena, NOTE_BYTES);
	checkpoint_print(&b, &point);
	buf_add(&b, S("\n— ward.example/api AAAA\n"));
	CHECK(db_exec(c->db,
		SQL_LEDGER("INSERT INTO checkpoint(size, note, at) VALUES ($1, $2, 0)"),
		V((int64_t)point.size), V(buf_str(&b))));
}

/* Whether the extra data of a proof holds a text. */
static bool opens(struct test_case *t, str proof, str what)
{
	isize at = str_find(proof, S("\nextra "));

	if (at < 0)
		return false;
	str line = str_part(proof, at + S("\nextra ").n, proof.n);
	line = str_cut(&line, '\n');
	char *bytes = arena_bulk(t->arena, line.n + 1);
	isize n;
	return base64_parse(line, bytes, line.n, &n) && str_find((str){bytes, n}, what) >= 0;
}

/* Two risks, one with a secret, and three readers of the ledger. */
struct readers {
	struct call *c;
	str admin, all, scoped;
	int64_t seq; /* of the risk with the secret, of PRD-2 */
};

static struct readers open_readers(struct test_case *t)
{
	struct readers r = {0};
	struct http_reply out;
	struct call *c = r.c = api_test_open(t, &r.admin);

	r.all = api_test_join(t, c, S("P2"), S("risk.read ledger.read"), S(""));
	r.scoped = api_test_join(
		t, c, S("P3"), S("risk.read ledger.read restricted.read"), S("PRD-1"));
	CHECK(store_commit(t, c));
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = r.admin,
		.body = S(RISK ",\"product\":\"PRD-2\",\"details\":\"the key is 1234\"}"));
	CHECK_REPLY(out, 201);
	out = ASK(.method = HTTP_POST, .target = S("/api/v1/risks"), .token = r.admin,
		.body = S(RISK ",\"product\":\"PRD-1\"}"));
	CHECK_REPLY(out, 201);
	sign_all(t, c);
	r.seq = db_int(c->db, SQL("SELECT max(seq) FROM entry WHERE object = 'risk:RSK-1'"));
	return r;
}

TEST(a_proof_opens_for_those_who_may_read_all_of_the_record, "")
{
	struct readers r = open_readers(t);
	struct call *c = r.c;
	str path = str_fmt(t->arena, "/api/v1/ledger/%" PRId64 "/proof", r.seq);
	str open = str_join(t->arena, path, S("?open=true"));
	struct http_reply out = ASK(.target = open, .token = r.admin);

	CHECK_REPLY(out, 200);
	CHECK(opens(t, out.body, S("\nopen body ")) && opens(t, out.body, S("\nrecord ")));
	CHECK(opens(t, out.body, S("the key is 1234")));
	/* Bare, it tells nobody what the record says. */
	out = ASK(.target = path, .token = r.all);
	CHECK_REPLY(out, 200);
	CHECK(opens(t, out.body, S("risk:RSK-1")) && !opens(t, out.body, S("open ")));
	out = ASK(.target = open, .token = r.all);
	CHECK_REPLY(out, 403);
	/* Of a record of another product there is not even a bare one. */
	out = ASK(.target = open, .token = r.scoped);
	CHECK_REPLY(out, 404);
	out = ASK(.target = path, .token = r.scoped);
	CHECK_REPLY(out, 404);
	out = ASK(.target = str_join(t->arena, path, S("?open=1")), .token = r.admin);
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST(the_latest_entry_is_proven_to_those_who_may_read_all_of_the_ledger, "")
{
	static const char path[] = "/api/v1/ledger/latest?object=risk:RSK-1";
	struct readers r = open_readers(t);
	struct call *c = r.c;
	struct http_reply out = ASK(.target = str_of(path), .token = r.all);

	CHECK_REPLY(out, 200);
	CHECK(str_starts(out.body, S("ward-latest-proof@v1\nindex ")));
	CHECK(str_find(out.body, S("1234")) < 0);
	out = ASK(.target = str_of(path), .token = r.scoped);
	CHECK_REPLY(out, 403);
	str open = str_join(t->arena, str_of(path), S("&open=true"));
	out = ASK(.target = open, .token = r.all);
	CHECK_REPLY(out, 403);
	out = ASK(.target = open, .token = r.admin);
	CHECK_REPLY(out, 200);
	CHECK(opens(t, out.body, S("the key is 1234")));
	out = ASK(.target = S("/api/v1/ledger/latest?object=risk:RSK-99"), .token = r.all);
	CHECK_REPLY(out, 404);
	out = ASK(.target = S("/api/v1/ledger/latest"), .token = r.all);
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST(hashes_are_for_all_and_entries_for_readers_of_all, "")
{
	struct readers r = open_readers(t);
	struct call *c = r.c;
	int64_t size = db_int(c->db, SQL("SELECT max(seq) + 1 FROM entry"));
	str tile = str_fmt(t->arena, "0/000.p/%" PRId64, size);
	str entries = str_fmt(t->arena, "/api/v1/ledger/tile/entries/000.p/%" PRId64, size);
	str more = str_fmt(t->arena, "/api/v1/ledger/tile/0/000.p/%" PRId64, size + 1);
	struct http_reply out =
		ASK(.target = str_join(t->arena, S("/api/v1/ledger/tile/"), tile));

	CHECK_REPLY(out, 200);
	CHECK_STR(out.type, S("application/octet-stream"));
	CHECK_INT(out.body.n, size * HASH_BYTES);
	out = ASK(.target = more);
	CHECK_REPLY(out, 404);
	out = ASK(.target = S("/api/v1/ledger/tile/0/000"));
	CHECK_REPLY(out, 404);
	out = ASK(.target = S("/api/v1/ledger/tile/0/../000"));
	CHECK_REPLY(out, 404);
	out = ASK(.target = entries);
	CHECK_REPLY(out, 401);
	out = ASK(.target = entries, .token = r.scoped);
	CHECK_REPLY(out, 403);
	out = ASK(.target = entries, .token = r.all);
	CHECK_REPLY(out, 200);
	str rest = out.body, leaf;
	for (int64_t i = 0; i < size; i++)
		CHECK(bundle_next(&rest, &leaf));
	CHECK_INT(rest.n, 0);
	store_close(t, c);
}

TEST(consistency_is_proven_to_anybody, "")
{
	struct readers r = open_readers(t);
	struct call *c = r.c;
	struct http_reply out = ASK(.target = S("/api/v1/ledger/consistency?old=3"));

	CHECK_REPLY(out, 200);
	CHECK(str_starts(out.body, S("ward-consistency-proof@v1\nold 3\n")));
	out = ASK(.target = S("/api/v1/ledger/consistency?old=99999"));
	CHECK_REPLY(out, 404);
	out = ASK(.target = S("/api/v1/ledger/consistency?old=3&new=4"));
	CHECK_REPLY(out, 404);
	out = ASK(.target = S("/api/v1/ledger/consistency"));
	CHECK_REPLY(out, 422);
	store_close(t, c);
}

TEST_MAIN()
