/*
 * Says what our reader and writer make of JSON: json_canonical <LINES
 *
 * For each line of standard input, a JSON text, prints its canonical form (RFC 8785), or "refused".
 */
#include "base/json.h"

#include "os/os.h"

enum { INPUT_MAX = 64 << 20, TOOL_ARENA_BYTES = 512 << 20, LINE_MAX_BYTES = 1 << 20 };

static void judge(struct arena *a, str line)
{
	struct err e = {.arena = a};
	const struct json *j = json_parse(a, &e, line);
	struct buf b;

	if (!j) {
		puts("refused");
		return;
	}
	buf_init(&b, a, LINE_MAX_BYTES);
	json_canonical(&b, a, j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

int main(void)
{
	struct err e = {0};
	struct arena a;
	str in;

	arena_init(&a, os_reserve(TOOL_ARENA_BYTES), TOOL_ARENA_BYTES);
	if (!file_read(&a, S("-"), INPUT_MAX, &in, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	while (in.n) {
		struct arena_mark mark = arena_here(&a);
		judge(&a, str_cut(&in, '\n'));
		arena_rewind(&a, mark);
	}
	arena_reset(&a);
	return 0;
}
