/*
 * Replays the corpus of a fuzz target as a plain test: every file below
 * test/fuzz/corpus/<target>/, every prefix of the small ones, and bytes flipped in them; and
 * nothing at all.
 */
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_ARENA_BYTES = 256 << 20, FILE_MAX = 8 << 20, FILES_MAX = 4000, SMALL = 2048 };

static void feed(str s)
{
	LLVMFuzzerTestOneInput((const uint8_t *)s.p, (size_t)s.n);
}

static void feed_variants(struct arena *a, str s)
{
	for (isize n = 0; n < s.n; n++)
		feed((str){s.p, n});
	char *copy = NEW(a, char, s.n + 1);
	for (isize i = 0; i < s.n; i++) {
		memcpy(copy, s.p, (size_t)s.n);
		copy[i] = (char)(copy[i] ^ (1 << (i % 8)));
		feed((str){copy, s.n});
	}
}

int main(int argc, char **argv)
{
	struct arena a;
	struct err e = {0};
	str *files, name = str_of(argv[0]), folder, head;
	isize count;

	(void)argc;
	while ((head = str_cut(&name, '/')).n && name.n)
		;
	name = head;
	if (str_starts(name, S("fuzz_")))
		name = str_part(name, 5, name.n);
	arena_init(&a, os_reserve(REPLAY_ARENA_BYTES), REPLAY_ARENA_BYTES);
	folder = str_fmt(&a, "test/fuzz/corpus/%.*s", STR_ARG(name));
	printf("1..1\n");
	if (!folder_list(&a, folder, FILES_MAX, &files, &count, &e) || count == 0) {
		printf("not ok 1 no corpus in %.*s\n", STR_ARG(folder));
		return 1;
	}
	feed((str){"", 0}); /* what libFuzzer tries first */
	for (isize i = 0; i < count; i++) {
		struct arena_mark mark = arena_here(&a);
		str content;
		if (!file_read(&a, str_fmt(&a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(files[i])),
			    FILE_MAX, &content, &e)) {
			printf("not ok 1 %s\n", e.text);
			return 1;
		}
		feed(content);
		if (content.n <= SMALL)
			feed_variants(&a, content);
		arena_rewind(&a, mark);
	}
	printf("ok 1 %.*s: %td files and their variants\n", STR_ARG(name), count);
	arena_reset(&a);
	arena_reset(&a);
	return 0;
}
