/* Names of tiles and the form of entry bundles, as C2SP tlog-tiles has them.  Pure. */
#include "ledger/stranger.h"

/* Levels and numbers that fit into the tree of ledger.h; more is a name of nothing. */
enum { INDEX_GROUPS = 5 };

/* A number without a sign. */
static bool digits(str s, int64_t min, int64_t max, int64_t *out)
{
	return !str_starts(s, S("-")) && str_int(s, min, max, out);
}

/* The same without a needless zero. */
static bool number(str s, int64_t min, int64_t max, int64_t *out)
{
	return (s.n == 1 || !str_starts(s, S("0"))) && digits(s, min, max, out);
}

/* "x001/x234/067": three digits a group, an x before all but the last. */
static bool parse_index(str path, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < INDEX_GROUPS; i++) {
		str group = str_cut(&path, '/');
		bool more = str_starts(group, S("x"));
		int64_t n;
		group = str_part(group, more, group.n);
		if (group.n != 3 || !digits(group, 0, 999, &n) || (more && i == 0 && n == 0))
			return false;
		*out = *out * 1000 + (uint64_t)n;
		if (!more)
			return path.n == 0;
	}
	return false;
}

bool tile_parse(str path, struct tile_place *out)
{
	isize partial = str_find(path, S(".p/"));
	int64_t level = TILE_ENTRIES, width = TILE_WIDTH;

	*out = (struct tile_place){0};
	if (partial >= 0) {
		str tail = str_part(path, partial + 3, path.n);
		if (!number(tail, 1, TILE_WIDTH - 1, &width))
			return false;
		path = str_part(path, 0, partial);
	}
	if (str_ends(path, S("/")))
		return false;
	str head = str_cut(&path, '/');
	if (!str_eq(head, S("entries")) && !number(head, 0, TREE_LEVELS - 1, &level))
		return false;
	out->level = (int)level;
	out->width = (int)width;
	return parse_index(path, &out->index);
}

void tile_print(struct buf *b, const struct tile_place *t)
{
	uint64_t unit = 1;

	if (t->level == TILE_ENTRIES)
		buf_add(b, S("entries"));
	else
		buf_fmt(b, "%d", t->level);
	while (t->index / unit >= 1000)
		unit *= 1000;
	for (; unit > 1; unit /= 1000)
		buf_fmt(b, "/x%03d", (int)(t->index / unit % 1000));
	buf_fmt(b, "/%03d", (int)(t->index % 1000));
	if (t->width < TILE_WIDTH)
		buf_fmt(b, ".p/%d", t->width);
}

bool tile_is_within(const struct tile_place *t, uint64_t size)
{
	uint64_t count = t->level == TILE_ENTRIES ? size : size >> (8 * t->level);

	return t->index <= count / TILE_WIDTH &&
		(uint64_t)t->width <= count - t->index * TILE_WIDTH;
}

bool bundle_add(struct buf *b, str leaf)
{
	if (leaf.n > UINT16_MAX)
		return false;
	buf_char(b, (char)(leaf.n >> 8));
	buf_char(b, (char)(leaf.n & 0xff));
	buf_add(b, leaf);
	return true;
}

bool bundle_next(str *rest, str *leaf)
{
	if (rest->n < 2)
		return false;
	isize n = (isize)(unsigned char)rest->p[0] << 8 | (unsigned char)rest->p[1];
	if (n > rest->n - 2)
		return false;
	*leaf = str_part(*rest, 2, 2 + n);
	*rest = str_part(*rest, 2 + n, rest->n);
	return true;
}
