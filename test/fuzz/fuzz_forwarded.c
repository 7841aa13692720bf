/*
 * What a proxy says of who asks, on any bytes: an address in its own form, that reads as itself.
 * The first byte chooses the header.
 */
#include "http/http.h"
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise ends the process, as the sanitizers do. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_peer p, again;

	if (size == 0 ||
		!http_forwarded((str){(const char *)data + 1, (isize)size - 1}, data[0] & 1, &p))
		return 0;
	must(p.address[0] == 4 || p.address[0] == 6);
	must(str_ends(str_of(p.share), S("/64")) == (p.address[0] == 6));
	must(http_forwarded(str_of(p.name), false, &again));
	must(str_eq(str_of(p.name), str_of(again.name)));
	must(str_eq(str_of(p.share), str_of(again.share)));
	return 0;
}
