#include "base/list.h"

#include <assert.h>
#include <string.h>

void *list_grow(struct arena *a, void *list, isize count, isize *room, isize size)
{
	assert(count >= 0 && count <= *room && size > 0);
	if (count < *room)
		return list;
	isize more = *room ? *room * 2 : 16;
	char *p = arena_bulk(a, more * size);
	if (!p)
		return NULL;
	if (count)
		memcpy(p, list, (size_t)(count * size));
	*room = more;
	return p;
}
