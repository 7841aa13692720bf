#!/bin/sh
# Every fuzz target builds with libFuzzer and lives through its corpus and a little of what
# libFuzzer makes of it.  FUZZ_SECONDS is how long each may run: 2 here, an hour for a search.
# Prints TAP; run from anywhere.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
count=0 failed=0
export ASAN_OPTIONS=detect_leaks=0

if ! command -v clang >/dev/null 2>&1; then
	echo "1..0 # SKIP clang is not here"
	exit 0
fi
if ! make -s fuzz >"$tmp/log" 2>&1; then
	sed 's/^/# /' "$tmp/log" | tail -20
	printf 'not ok 1 the fuzz targets build\n1..1\n'
	exit 1
fi
for source in test/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	count=$((count + 1))
	mkdir "$tmp/$name"
	if timeout 120 "build/fuzz/fuzz/$name" -max_total_time="${FUZZ_SECONDS:-2}" -timeout=60 \
		-artifact_prefix="$tmp/" "$tmp/$name" "test/fuzz/corpus/${name#fuzz_}" >"$tmp/log" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -20 "$tmp/log" | sed 's/^/# /'
		failed=1
	fi
done
count=$((count + 1))
every="every format of models has a target"
for format in $(sed -n 's/^CHECKED bool \([a-z0-9]*\)_read(.*/\1/p' src/threat/formats/importer.h); do
	[ -e "test/fuzz/fuzz_$format.c" ] || { failed=1 && echo "# fuzz_$format is missing"; }
done
[ $failed = 0 ] && echo "ok $count - $every" || echo "not ok $count - $every"
count=$((count + 1))
every="every target lives"
[ $failed = 0 ] && echo "ok $count - $every" || echo "not ok $count - $every"
echo "1..$count"
exit $failed
