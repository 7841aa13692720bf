#!/bin/sh
# Pages of a store of 70,000 records (WARD_RECORDS=100000 is the bar; a busy machine needs room), asked
# for by people who may not see all of it: each is
# answered, for 50 ms of the server's CPU at the most.  Run from the root of the tree.
cd "$(dirname "$0")/../.." || exit 1
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
[ -r /proc/self/schedstat ] || { echo "1..0 # SKIP this system does not say what CPU a thread took"; exit 0; }
W=${WARD:-build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP $W is not built"; exit 0; }
if nm -D "$W" 2>/dev/null | grep -q __asan; then
	echo "1..0 # SKIP a build with AddressSanitizer takes several times the CPU"
	exit 0
fi
# Records are written by the release build whatever is tested: a sanitizer would take minutes.
make -s BUILD=release build/release/tool/fill >/dev/null 2>&1 ||
	{ echo "1..0 # SKIP build/release/tool/fill cannot be built"; exit 0; }
exec python3 test/shell/large.py "$W" build/release/tool/fill
