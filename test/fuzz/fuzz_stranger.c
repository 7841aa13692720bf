/* Proofs of consistency and of the latest entry, openings, bundles and names of tiles, from
   strangers.  The first byte says which. */
#include "ledger/stranger.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 64 << 20 };
static struct arena arena;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void try_consistency(str in, struct buf *b)
{
	struct checkpoint old, new;
	struct consistency p;
	struct err e = {0}, f = {0};

	if (consistency_parse(&arena, in, &p, &e)) {
		consistency_print(b, &p);
		must(str_eq(buf_str(b), in));
	} else {
		must(e.code != ERR_NONE);
	}
	/* No key is known: nothing may hold. */
	must(!consistency_check(&arena, in, in, NULL, 0, &old, &new, &f) && f.code != ERR_NONE);
}

static void try_latest(str in, struct buf *b)
{
	struct latest *p = NEW(&arena, struct latest, 1);
	struct checkpoint c;
	struct err e = {0}, f = {0};

	if (latest_parse(&arena, in, p, &e)) {
		latest_print_head(b, p);
		buf_add(b, p->leaves);
		buf_char(b, '\n');
		buf_add(b, p->note);
		must(str_eq(buf_str(b), in));
	} else {
		must(e.code != ERR_NONE);
	}
	must(!latest_check(&arena, in, NULL, 0, p, &c, &f) && f.code != ERR_NONE);
}

static void try_openings(str in, struct buf *b)
{
	struct opening o[OPENINGS_MAX];
	struct leaf leaf = {.has_body = true, .has_personal = true};
	struct err e = {0}, f = {0};
	int count;

	if (!opening_parse(in, o, &count, &e)) {
		must(e.code != ERR_NONE);
		return;
	}
	for (int i = 0; i < count; i++)
		opening_print(b, &o[i]);
	must(str_eq(buf_str(b), in));
	/* Nobody finds the value of a commitment of zeros. */
	must(count == 0 || !opening_check(&arena, &leaf, o, count, &f));
}

static void try_bundle(str in, struct buf *b)
{
	str rest = in, leaf;

	while (bundle_next(&rest, &leaf))
		must(bundle_add(b, leaf));
	must(str_eq(buf_str(b), str_part(in, 0, in.n - rest.n)));
}

static void try_tile(str in, struct buf *b)
{
	struct tile_place t;

	if (tile_parse(in, &t)) {
		tile_print(b, &t);
		must(str_eq(buf_str(b), in));
		must(tile_is_within(&t, UINT64_C(1) << 63) || t.level > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(str in, struct buf * b) = {
		try_consistency, try_latest, try_openings, try_bundle, try_tile};
	struct buf b;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	arena_reset(&arena);
	must(crypt_init());
	if (size == 0)
		return 0;
	buf_init(&b, &arena, 8 << 20);
	tries[data[0] % COUNT_OF(tries)]((str){(const char *)data + 1, (isize)size - 1}, &b);
	return 0;
}
