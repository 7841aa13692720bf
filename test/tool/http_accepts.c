/*
 * Says what our parser makes of requests: http_accepts PACK
 *
 * The pack is a row of requests, each preceded by its length as four bytes, highest first.
 * Prints a line for each: "200" when the head is taken, "0" when more must come, else the
 * status of the refusal.
 */
#include "http/http.h"
#include "os/os.h"

enum { PACK_MAX = 64 << 20, BODY_MAX = 1 << 20, TOOL_ARENA_BYTES = PACK_MAX + 4 * ARENA_RESERVE };

static int verdict(str in)
{
	struct http_request q;
	isize used;
	int status;

	switch (http_parse(in, BODY_MAX, &q, &used, &status)) {
	case HTTP_WHOLE:
		return 200;
	case HTTP_MORE:
		return 0;
	case HTTP_BAD:
		break;
	}
	return status;
}

/* The length at the start of `s`, or -1. */
static isize cut_length(str *s)
{
	isize n = 0;

	if (s->n < 4)
		return -1;
	for (int i = 0; i < 4; i++)
		n = n << 8 | (unsigned char)s->p[i];
	*s = str_part(*s, 4, s->n);
	return n <= s->n ? n : -1;
}

int main(int argc, char **argv)
{
	struct arena a;
	struct err e = {0};
	str pack;
	isize n;

	if (argc != 2) {
		fprintf(stderr, "usage: http_accepts PACK\n");
		return 2;
	}
	arena_init(&a, os_reserve(TOOL_ARENA_BYTES), TOOL_ARENA_BYTES);
	if (!file_read(&a, str_of(argv[1]), PACK_MAX, &pack, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	while (pack.n) {
		n = cut_length(&pack);
		if (n < 0) {
			fprintf(stderr, "%s is cut short\n", argv[1]);
			return 1;
		}
		printf("%d\n", verdict(str_part(pack, 0, n)));
		pack = str_part(pack, n, pack.n);
	}
	arena_reset(&a);
	return 0;
}
