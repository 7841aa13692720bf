/*
 * The frame of every fuzz target that reads a model: bytes are either refused with a place, or
 * make a model that can be printed, read again, drawn, and written in every format and read back.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H
#include "os/os.h"
#include "threat/formats/formats.h"
#include "threat/picture/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_write(struct arena *a, const struct model *m, enum model_format format)
{
	struct err e = {.arena = a};
	struct model *again;
	struct buf b;

	buf_init(&b, a, LIMIT_RECORD_BYTES);
	if (!model_write(a, &e, m, format, &b)) {
		/* What is kept may be no JSON, for a person may have touched it. */
		assert(e.code == ERR_LIMIT || e.code == ERR_INVALID ||
			str_find(err_text(&e), S("is not an object of JSON")) > 0);
		return;
	}
	if (!model_read_as(a, &e, format, S("again"), buf_str(&b), &again)) {
		assert(e.code == ERR_LIMIT);
		return;
	}
	for (int g = 0; g < PART_GROUPS; g++)
		assert(again->of[g].count == m->of[g].count);
}

static int fuzz_model(enum model_format format, const uint8_t *data, size_t size)
{
	enum { BYTES = 32 << 20 };
	static struct arena a;
	struct err e = {.arena = &a};
	struct layout *l;
	struct model *m;
	struct buf b;

	if (!a.size)
		arena_init(&a, os_reserve(BYTES), BYTES);
	arena_reset(&a);
	if (!model_read_as(&a, &e, format, S("f"), (str){(const char *)data, (isize)size}, &m)) {
		assert(e.code == ERR_LIMIT || (e.line > 0 && e.column > 0));
		return 0;
	}
	/* Its own format and another one; the inputs differ in length, so all get their turn. */
	fuzz_write(&a, m, format);
	fuzz_write(&a, m, (enum model_format)(size % MODEL_FORMATS));
	e = (struct err){.arena = &a};
	buf_init(&b, &a, LIMIT_RECORD_BYTES);
	if (layout_make(&a, &e, m, &l))
		layout_print_svg(&b, &a, m, l, &(struct picture){.link = S("#")});
	return 0;
}

#define FUZZ_MODEL(format)                                                                         \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		return fuzz_model(format, data, size);                                             \
	}
#endif
