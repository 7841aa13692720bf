/* First, since ours poisons the names that it declares. */
#include <malloc.h>

#include "os/os.h"

#include <sys/mman.h>
#include <sys/resource.h>

void *os_reserve(isize bytes)
{
	void *p = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		arena_give_up(ARENA_NONE_LEFT);
	return p;
}

void os_release(void *block, isize keep, isize bytes)
{
	assert(keep >= 0 && keep <= bytes && keep % 4096 == 0);
	if (bytes > keep)
		madvise((char *)block + keep, (size_t)(bytes - keep), MADV_DONTNEED);
}

void os_trim(void)
{
	malloc_trim(0);
}

void *os_reserve_some(isize bytes)
{
	void *p = mmap(
		NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

atomic_uint *os_shared_counter(void)
{
	void *p = mmap(NULL, sizeof(atomic_uint), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int64_t os_space(void)
{
	struct rlimit space;

	if (getrlimit(RLIMIT_AS, &space) < 0 || space.rlim_cur > INT64_MAX)
		return INT64_MAX;
	return (int64_t)space.rlim_cur;
}

void os_share_heap(void)
{
	mallopt(M_ARENA_MAX, 1);
}

void os_unreserve(void *block, isize bytes)
{
	munmap(block, (size_t)bytes);
}
