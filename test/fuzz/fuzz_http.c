/*
 * The request parser on any bytes: views stay inside, a head that was taken holds what its
 * verdict promises, and no cut of it says something else first.
 */
#include "http/http.h"
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 1 << 20, FUZZ_ARENA_BYTES = 8 << 20 };

/* A broken promise ends the process, as the sanitizers do. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool lies_in(str part, str whole)
{
	uintptr_t from = (uintptr_t)whole.p, at = (uintptr_t)part.p;

	return part.n == 0 || (at >= from && at + (uintptr_t)part.n <= from + (uintptr_t)whole.n);
}

static void check_whole(struct arena *a, const struct http_request *q, str head)
{
	str out;

	must(str_ends(head, S("\r\n\r\n")) && head.n <= HTTP_HEAD_BYTES);
	must(lies_in(q->target, head) && q->target.n > 0 && q->target.n <= HTTP_TARGET_BYTES);
	must(str_eq(q->path, S("/")) || lies_in(q->path, head));
	must(lies_in(q->query, head));
	must(q->header_count >= 0 && q->header_count <= HTTP_HEADERS);
	for (int i = 0; i < q->header_count; i++) {
		str value = q->header[i].value;
		must(lies_in(q->header[i].name, head) && lies_in(value, head));
		must(q->header[i].name.n > 0 && utf8_check(value) < 0);
		must(str_index(value, '\r') < 0 && str_index(value, '\n') < 0);
		must(str_index(value, 0) < 0);
	}
	must(q->content_length >= -1 && q->content_length <= BODY_MAX);
	must(http_header(q, S("transfer-encoding")).n == 0);
	must(lies_in(http_cookie(q, S("sid")), head));
	if (http_unescape(a, q->path, &out))
		must(utf8_check(out) < 0 && str_index(out, 0) < 0 && out.n <= q->path.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct http_request q;
	isize used, again;
	int status, other;
	str in = {(const char *)data, (isize)size};

	if (!arena.size)
		arena_init(&arena, os_reserve(FUZZ_ARENA_BYTES), FUZZ_ARENA_BYTES);
	enum http_parsed verdict = http_parse(in, BODY_MAX, &q, &used, &status);
	must((verdict == HTTP_BAD) == (status >= 400 && status <= 505));
	if (verdict == HTTP_WHOLE) {
		check_whole(&arena, &q, str_part(in, 0, used));
		/* What follows the head changes nothing. */
		must(http_parse(str_part(in, 0, used), BODY_MAX, &q, &again, &other) == HTTP_WHOLE);
		must(again == used);
	}
	/* Half of what is not bad is not bad. */
	if (verdict != HTTP_BAD)
		must(http_parse(str_part(in, 0, in.n / 2), BODY_MAX, &q, &again, &other) !=
			HTTP_BAD);
	arena_reset(&arena);
	return 0;
}
