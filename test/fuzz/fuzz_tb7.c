#include "fuzz_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 32 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	struct template *t;

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	if (template_read(&a, &e, (str){(const char *)data, (isize)size}, &t))
		fuzz_evaluate(&a, fuzz_drawing(&a), t);
	else
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
	return 0;
}
