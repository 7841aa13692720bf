/* The part "rows" of an entry, as a store that was tampered with may hold it. */
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every line that is taken lies within the text, and the text ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str in = {(const char *)data, (isize)size}, rest = in;
	struct row_line line;
	bool bad = false;

	while (row_line_next(&rest, &line, &bad)) {
		if (line.key.p < in.p || line.key.p + line.key.n > in.p + in.n ||
			line.table.n == 0 || line.key.n < 2 || line.key.p[0] != '[')
			abort();
		for (isize i = 0; i < line.key.n; i++)
			if (line.key.p[i] == '\n')
				abort();
	}
	if (!bad && rest.n)
		abort();
	return 0;
}
