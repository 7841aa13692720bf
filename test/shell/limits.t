#!/bin/sh
# What one request, command or disk can not do to the others: a server that is asked for too much
# answers 413, 503 or 507 and lives; it fits into 4 GiB of address space, a command into 1 GiB.
# Run from the root of the tree.
cd "$(dirname "$0")/../.." || exit 1
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
command -v prlimit >/dev/null || { echo "1..0 # SKIP prlimit is not installed"; exit 0; }
W=${WARD:-build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP $W is not built"; exit 0; }
if nm -D "$W" 2>/dev/null | grep -q __asan; then
	echo "1..0 # SKIP a build with AddressSanitizer takes all of the address space"
	exit 0
fi
exec python3 test/shell/limits.py "$W"
