/* First, since ours poisons the names that it declares. */
#include <malloc.h>

#include "os/os.h"

#include <sys/mman.h>

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

void os_unreserve(void *block, isize bytes)
{
	munmap(block, (size_t)bytes);
}
