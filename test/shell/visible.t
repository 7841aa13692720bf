#!/bin/sh
# Records are read by the engine, which asks who may see them.  SQL of its own that selects from a
# table of records, in an entrance or a trade, stands in test/data/visible with the reason why
# nobody is shown what is not theirs.  Prints TAP; run from anywhere.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
list=test/data/visible
kinds=$(sed -n 's/^kind \([a-z_]*\) .*/\1/p' kinds/*/*.kind | paste -sd'|' -)

# Statements by file: how many times each reads a table of records.
for folder in api catalog cli document guards risk serve threat trace web; do
	[ -d "src/$folder" ] || continue
	grep -rEo "(FROM|JOIN) \\\\?\"?(record|$kinds)\\b" "src/$folder" --include='*.c' |
		cut -d: -f1
done | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\2 \1/' >"$tmp/found"
sed -n 's/^\(src[^ ]* [0-9]*\) .*/\1/p' "$list" | sort >"$tmp/known"

echo 1..3
if cmp -s "$tmp/found" "$tmp/known"; then
	echo "ok 1 - every statement that reads records by itself is known"
else
	diff "$tmp/known" "$tmp/found" | sed 's/^/# /'
	echo "not ok 1 - every statement that reads records by itself is known ($list)"
fi
[ -s "$tmp/found" ] && echo "ok 2 - it finds some" || echo "not ok 2 - it finds some"
grep -qE '^src[^ ]* [0-9]+$' "$list" && echo "not ok 3 - each has its reason" ||
	echo "ok 3 - each has its reason"
