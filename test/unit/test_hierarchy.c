/*
 * No ring in any hierarchy: every field and link that is declared a tree, with random parents,
 * against a walk over an array.
 */
#include "kind/kind.h"
#include "kinds.h"
#include "store.h"

enum { NODES = 7, TRIES = 60 };

struct forest {
	str ref[NODES];
	int parent[NODES]; /* -1: none */
};

/* Whether `above` is `node` or stands above it. */
static bool reaches(const struct forest *f, int node, int above)
{
	while (node >= 0 && node != above)
		node = f->parent[node];
	return node >= 0;
}

static void plant(struct test_case *t, struct call *c, const struct kind *k, struct forest *f)
{
	for (int i = 0; i < NODES; i++) {
		struct rec *rec = kind_new(c->arena, k);
		rec->title = S("Part");
		for (int n = 0; n < k->field_count; n++) {
			const struct field *x = &k->field[n];
			str v = x->type == FIELD_ENUM  ? x->set->word[0].name
				: x->type == FIELD_REF ? S("P1")
				: x->type == FIELD_INT ? S("1")
						       : S("2026-01-01");
			if (x->required && kind_is_empty(rec, x))
				CHECK(kind_set(c, rec, x, v));
		}
		CHECK(kind_put(c, rec, S("test.create")));
		f->ref[i] = rec->ref;
		f->parent[i] = -1;
	}
}

static void try_field(struct test_case *t, struct call *c, const struct kind *k,
	const struct field *x, uint64_t *random)
{
	struct forest f;

	plant(t, c, k, &f);
	for (int i = 0; i < TRIES; i++) {
		int node = (int)test_random(random, NODES);
		int up = (int)test_random(random, NODES + 1);
		bool is_ring = up < NODES && reaches(&f, up, node);
		void *rec = NULL;
		CHECK(kind_get(c, k, f.ref[node], &rec));
		CHECK(kind_set(c, rec, x, up < NODES ? f.ref[up] : S("")));
		if (kind_put(c, rec, S("test.update")) == is_ring)
			test_fail(t, __FILE__, __LINE__, "%.*s.%.*s: %d under %d",
				STR_ARG(k->name), STR_ARG(x->name), node, up);
		if (is_ring)
			CHECK_STR(c->err.issues ? c->err.issues->field : S(""), x->name);
		else
			f.parent[node] = up < NODES ? up : -1;
		err_clear(&c->err);
	}
}

TEST(no_field_makes_a_ring, "REC-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	uint64_t random = (uint64_t)clock_mono();
	int count = 0;

	printf("# seed %" PRIu64 "\n", random);
	store_put(t, c, "person", "P1", "active", NULL);
	for (int i = 0; i < kind_count; i++)
		for (int n = 0; n < kinds[i].field_count; n++)
			if (kinds[i].field[n].is_tree) {
				try_field(t, c, &kinds[i], &kinds[i].field[n], &random);
				count++;
			}
	CHECK(count >= 8);
	store_close(t, c);
}

/* A link of the type from each to each, while there is no ring; and ended ones do not count. */
TEST(no_link_makes_a_ring, "REC-REQ-07")
{
	struct call *c = store_open(t, S("2026-09-30T08:00:00Z"));
	uint64_t random = (uint64_t)clock_mono();
	struct forest f;

	plant(t, c, &kinds[KIND_REQUIREMENT], &f);
	for (int i = 0; i < 4 * TRIES; i++) {
		int node = (int)test_random(&random, NODES), up = (int)test_random(&random, NODES);
		bool is_ring = reaches(&f, up, node);
		if (f.parent[node] >= 0 && test_random(&random, 2)) {
			CHECK(link_remove(c, f.ref[node], S("part_of"), f.ref[f.parent[node]]));
			f.parent[node] = -1;
			continue;
		}
		if (f.parent[node] >= 0)
			continue;
		CHECK(link_add(c, f.ref[node], S("part_of"), f.ref[up], S("")) == !is_ring);
		if (is_ring)
			CHECK_STR(c->err.issues ? c->err.issues->field : S(""), S("to"));
		f.parent[node] = is_ring ? -1 : up;
		err_clear(&c->err);
	}
	store_close(t, c);
}

TEST_MAIN()
