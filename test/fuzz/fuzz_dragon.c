#include "os/os.h"
#include "threat/threat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 16 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	str in = {(const char *)data, (isize)size};

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	struct model *m;
	struct layout *l;
	struct buf b;

	if (!model_dragon_parse(&a, &e, S("f"), in, &m)) {
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
		return 0;
	}
	buf_init(&b, &a, LIMIT_RECORD_BYTES);
	model_print(&b, m);
	struct model *again;
	assert(b.full || model_text_parse(&a, &e, S("f"), buf_str(&b), &again) ||
		e.code == ERR_LIMIT);
	e = (struct err){.arena = &a};
	if (layout_make(&a, &e, m, &l))
		layout_print_svg(&b, &a, m, l, &(struct picture){.link = S("#")});
	return 0;
}
