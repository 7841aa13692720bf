/* CVSS vectors: any text is taken or refused with one issue; what is taken has its metrics once. */
#include "call/call.h"
#include "kinds.h"
#include "os/os.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* "/AV:" stands in every vector once. */
static isize count_of(str rest, str what)
{
	isize n = 0;

	while (str_find(rest, what) >= 0) {
		n++;
		(void)str_cut_at(&rest, what);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 4 << 20 };
	static struct arena a;
	struct call c = {.arena = &a, .err = {.arena = &a}};
	str in = {(const char *)data, (isize)size};

	if (!a.base)
		arena_init(&a, os_reserve(BYTES), BYTES);
	if (size <= 4096) {
		cvss(&c, S("cvss"), in);
		if (c.err.code == ERR_NONE)
			must(count_of(in, S("/AV:")) == 1 && count_of(in, S("/PR:")) == 1 && size >= 44);
		else
			must(c.err.code == ERR_INVALID && c.err.issues && !c.err.issues->next);
	}
	arena_reset(&a);
	return 0;
}
