/* Prints the schema for an engine: ddl sqlite|postgres.  test/golden/ddl.* are its output. */
#include "ident/ident.h"
#include "kind/kind.h"
#include "ledger/ledger.h"
#include "os/os.h"

int main(int argc, char **argv)
{
	enum { BYTES = 64 << 20 };
	struct arena a;
	struct buf b;

	if (argc != 2)
		return 2;
	arena_init(&a, os_reserve(BYTES), BYTES);
	buf_init(&b, &a, 8 << 20);
	kind_ddl(&b, str_of(argv[1]));
	ledger_ddl(&b, str_of(argv[1]));
	ident_ddl(&b, str_of(argv[1]));
	fwrite(b.p, 1, (size_t)b.n, stdout);
	arena_reset(&a);
	return b.full;
}
