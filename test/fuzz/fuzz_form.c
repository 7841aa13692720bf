/*
 * Forms on any bytes.  The first line is the Content-Type, the rest the body; without a line's
 * end all of it is a query.
 */
#include "http/http.h"
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 64 << 20 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_form(const struct form *f)
{
	must(f->count >= 0 && f->count <= LIMIT_FORM_FIELDS);
	for (isize i = 0; i < f->count; i++) {
		const struct form_field *field = &f->field[i];
		must(utf8_check(field->name) < 0 && str_index(field->name, 0) < 0);
		must(utf8_check(field->file) < 0 && utf8_check(field->type) < 0);
		must((field->file.n > 0) == (field->type.n > 0));
		if (field->file.n)
			continue;
		must(utf8_check(field->value) < 0 && str_index(field->value, 0) < 0);
		must(str_index(field->value, '\r') < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct form f;
	struct err e = {0};
	str rest = {(const char *)data, (isize)size}, type;

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	e.arena = &arena;
	type = str_cut(&rest, '\n');
	if (rest.n == 0 ? form_parse_query(&arena, &e, type, &f)
			: form_parse(&arena, &e, type, rest, &f))
		check_form(&f);
	else
		must(e.code == ERR_SYNTAX || e.code == ERR_LIMIT);
	arena_reset(&arena);
	return 0;
}
