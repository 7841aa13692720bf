/* Threagile models of several files: the input is cut at form feeds, and every file that one of
   them names gets the next piece. */
#include "os/os.h"
#include "threat/formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { BYTES = 32 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	str rest = {(const char *)data, (isize)size};
	struct model *m;

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	struct model_files *beside = NEW(&a, struct model_files, 1);
	str own = str_cut(&rest, '\f');
	bool ok = model_files_named(&a, &e, PART_NONE, own, beside);
	for (int32_t i = 0; ok && i < beside->count; i++) {
		beside->file[i].bytes = str_cut(&rest, '\f');
		ok = model_files_named(&a, &e, i, beside->file[i].bytes, beside);
	}
	if (!ok || !model_read_with(&a, &e, S("m.yaml"), own, beside, &m)) {
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
		return 0;
	}
	for (const struct model_loss *l = m->losses; l; l = l->next)
		assert(l->at.line > 0 && l->at.column > 0);
	return 0;
}
