#!/bin/sh
# What the program generates is what was read and approved: schema, API description, access.
# After a change that is meant: make golden, read the difference, commit it.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
echo 1..4
BUILD=${BUILD:-test} test/golden/write "$tmp" 2>"$tmp/err" || sed 's/^/# /' "$tmp/err"
n=0
for f in ddl.sqlite.sql ddl.postgres.sql access.txt openapi.json; do
	n=$((n + 1))
	if cmp -s "$tmp/$f" "test/golden/$f"; then
		echo "ok $n - $f"
	else
		diff "test/golden/$f" "$tmp/$f" | head -10 | sed 's/^/# /'
		echo "not ok $n - $f differs; make golden, and read the difference"
	fi
done
