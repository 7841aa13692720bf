/*
 * Blocks from the system, each larger than the one before; a pointer moves through the newest.
 *
 * Blocks that nobody holds wait, for all threads, to be used again, so that a page does not pay for
 * mapping memory nor an edit of a large model for its pages: so many of the least size, and so many
 * bytes of larger ones.  They are given back before somebody goes without.
 */
#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 256 << 10, BLOCK_MAX = 16 << 20, SPARE_MAX = 16, LARGE_MAX = 32 << 20, PAGE = 4096 };

struct arena_block {
	struct arena_block *below;
	isize bytes;
};

static pthread_mutex_t spare_lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena_block *spare;
static int small_count;
static isize large_bytes;
static atomic_llong taken, most = INT64_MAX;

void arena_budget(int64_t bytes)
{
	assert(bytes > 0);
	atomic_store(&most, bytes);
}

static void count_spare(const struct arena_block *b, int by)
{
	if (b->bytes == BLOCK)
		small_count += by;
	else
		large_bytes += b->bytes * by;
}

/* One of at least `bytes` and less than twice that. */
static struct arena_block *reuse(isize bytes)
{
	struct arena_block **at = &spare, *b;

	pthread_mutex_lock(&spare_lock);
	while (*at && ((*at)->bytes < bytes || (*at)->bytes / 2 >= bytes))
		at = &(*at)->below;
	b = *at;
	if (b) {
		*at = b->below;
		count_spare(b, -1);
	}
	pthread_mutex_unlock(&spare_lock);
	return b;
}

static bool keep(struct arena_block *b)
{
	bool kept;

	pthread_mutex_lock(&spare_lock);
	kept = b->bytes == BLOCK ? small_count < SPARE_MAX : b->bytes <= LARGE_MAX - large_bytes;
	if (kept) {
		b->below = spare;
		spare = b;
		count_spare(b, 1);
	}
	pthread_mutex_unlock(&spare_lock);
	return kept;
}

static void unmap(struct arena_block *b)
{
	isize bytes = b->bytes;

	munmap(b, (size_t)bytes);
	atomic_fetch_sub(&taken, bytes);
}

static bool give_back_spare(void)
{
	struct arena_block *all;

	pthread_mutex_lock(&spare_lock);
	all = spare;
	spare = NULL;
	small_count = 0;
	large_bytes = 0;
	pthread_mutex_unlock(&spare_lock);
	bool any = all != NULL;
	while (all) {
		struct arena_block *next = all->below;
		unmap(all);
		all = next;
	}
	return any;
}

static struct arena_block *map_block(isize bytes)
{
	if (atomic_fetch_add(&taken, bytes) + bytes > atomic_load(&most)) {
		atomic_fetch_sub(&taken, bytes);
		return NULL;
	}
	struct arena_block *b = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b == MAP_FAILED) {
		atomic_fetch_sub(&taken, bytes);
		return NULL;
	}
	b->bytes = bytes;
	return b;
}

static struct arena_block *take_block(isize bytes)
{
	struct arena_block *b = reuse(bytes);

	if (!b)
		b = map_block(bytes);
	if (!b && give_back_spare())
		b = map_block(bytes);
	return b;
}

static void give_block(struct arena_block *b)
{
	if (!keep(b))
		unmap(b);
}

void arena_init(struct arena *a, void *block, isize size)
{
	assert(block && size >= 2 * ARENA_RESERVE);
	*a = (struct arena){.at = block, .end = (char *)block + size, .size = size};
}

static bool push_block(struct arena *a, isize bytes)
{
	struct arena_block *b = take_block(bytes);

	if (!b)
		return false;
	b->below = a->block;
	a->block = b;
	a->at = (char *)b + sizeof *b;
	a->end = (char *)b + b->bytes;
	return true;
}

void arena_open(struct arena *a, isize size)
{
	assert(size >= 2 * ARENA_RESERVE);
	*a = (struct arena){.size = size};
	if (!push_block(a, ARENA_FIRST))
		arena_give_up(ARENA_NONE_LEFT);
}

/* Half of what is in use is added at a time, so that there are few blocks and little waste. */
static bool grow(struct arena *a, isize bytes)
{
	isize need = (bytes + (isize)sizeof(struct arena_block) + 64 + PAGE - 1) / PAGE * PAGE;
	isize more = a->used / 2 / PAGE * PAGE;

	if (!a->block)
		return false;
	if (more > BLOCK_MAX)
		more = BLOCK_MAX;
	if (more < BLOCK)
		more = BLOCK;
	return push_block(a, need > more ? need : more) ||
		(need < more && push_block(a, need > BLOCK ? need : BLOCK));
}

static char *place(const struct arena *a, isize bytes, isize align)
{
	isize pad = (isize)(-(uintptr_t)a->at & (uintptr_t)(align - 1));

	return bytes <= a->end - a->at - pad ? a->at + pad : NULL;
}

static void *take(struct arena *a, isize bytes, isize align)
{
	char *p = place(a, bytes, align);

	if (!p && grow(a, bytes))
		p = place(a, bytes, align);
	if (!p)
		return NULL;
	a->used += p + bytes - a->at;
	a->at = p + bytes;
	return p;
}

void *arena_take(struct arena *a, isize size, isize align, isize count)
{
	void *p = NULL;

	assert(size > 0 && count >= 0);
	if (count > a->size / size || size * count > a->size - a->used)
		arena_give_up(ARENA_SPENT);
	p = take(a, size * count, align);
	if (!p)
		arena_give_up(a->block ? ARENA_NONE_LEFT : ARENA_SPENT);
	return memset(p, 0, (size_t)(size * count));
}

isize arena_room(const struct arena *a)
{
	isize room = a->size - a->used - ARENA_RESERVE;

	return room > 0 ? room : 0;
}

void *arena_bulk(struct arena *a, isize size)
{
	assert(size >= 0);
	return size <= arena_room(a) - 16 ? take(a, size, 16) : NULL;
}

struct arena_mark arena_here(const struct arena *a)
{
	return (struct arena_mark){.block = a->block, .at = a->at, .used = a->used};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	assert(mark.used <= a->used);
	while (a->block != mark.block) {
		struct arena_block *gone = a->block;
		assert(gone);
		a->block = gone->below;
		a->end = (char *)a->block + a->block->bytes;
		give_block(gone);
	}
	a->at = mark.at;
	a->used = mark.used;
}

void arena_reset(struct arena *a)
{
	struct arena_block *first = a->block;

	if (!first) {
		a->at = a->end - a->size;
		a->used = 0;
		return;
	}
	while (first->below)
		first = first->below;
	arena_rewind(a, (struct arena_mark){.block = first, .at = (char *)first + sizeof *first});
}

void arena_close(struct arena *a)
{
	while (a->block) {
		struct arena_block *gone = a->block;
		a->block = gone->below;
		give_block(gone);
	}
	*a = (struct arena){0};
}

bool arena_fail_at(int64_t n)
{
	return n == 0;
}

bool arena_has_failed(void)
{
	return false;
}
