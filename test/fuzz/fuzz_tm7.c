#include "fuzz_model.h"
#include "fuzz_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 32 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	struct template *t;
	struct model *m;

	fuzz_model(MODEL_TM7, data, size);
	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	if (!model_read_as(&a, &e, MODEL_TM7, S("f"), (str){(const char *)data, (isize)size}, &m))
		return 0;
	if (!template_own(&a, &e, m, &t)) {
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
		return 0;
	}
	fuzz_evaluate(&a, m, t);
	fuzz_evaluate(&a, fuzz_drawing(&a), t);
	return 0;
}
