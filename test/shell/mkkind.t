#!/bin/sh
# mkkind: the declarations in kinds/ hold together, and every mistake is told with file and line.
# Prints TAP; run from anywhere.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
count=0 failed=0

ok() # ok STATUS NAME
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# The parts of mkkind are included, and make does not see them change.
rm -f build/tools/mkkind
make -s build/tools/mkkind || exit 1
mkkind=build/tools/mkkind
data=test/data/mkkind
base="$data/words.enum $data/envelope.kind $data/good.kind $data/nice.kind"
all="kinds/words.enum kinds/rights.def kinds/envelope.kind
	$(ls kinds/*/*.kind)"

# What the compiler is given for generated files, as the Makefile has it.
flags=$(make -s -n -B BUILD=release build/release/gen/kinds.o 2>/dev/null | sed -n 's/^cc \(.*\) -c -o .*/\1/p' | tail -1 | sed "s/-MMD -MP//; s/'//g")

[ -n "$flags" ]
ok $? "the compiler's flags are those of the Makefile"

compiles() # compiles DIR
{
	# The header that both include is checked with the rest of the sources, not here.
	cc $flags -Wno-error=comment -Isrc -I"$1" -c -o "$1/kinds.o" "$1/kinds.c" 2>"$1/log" ||
		{ sed 's/^/# /' "$1/log"; return 1; }
}

mkdir "$tmp/small" "$tmp/all"
$mkkind "$tmp/small" $base && compiles "$tmp/small"
ok $? "a small set of declarations becomes tables that compile"
grep -q 'int64_t default_;' "$tmp/small/kinds.h" && grep -q 'str system_;' "$tmp/small/kinds.h"
ok $? "a member that C or base.h would refuse gets an underscore"
grep -q '"A \\\\ and tone"' "$tmp/small/kinds.c"
ok $? "a backslash in a label is escaped"
[ "$(sed -n '/nice_fields\[\]/,/^};/p' "$tmp/small/kinds.c" | sed -n 's/.*\.name = S_INIT("\([a-z]*\)").*/\1/p' | tr '\n' ' ')" = "title default classification log tags " ]
ok $? "title comes first, own fields next, the rest of the envelope last"
$mkkind "$tmp/all" $all && compiles "$tmp/all"
ok $? "the kinds of the program become tables that compile"
[ "$(grep -c '^	KIND_[A-Z_]*,$' "$tmp/all/kinds.h")" -eq "$(ls kinds/*/*.kind | wc -l)" ]
ok $? "there is one kind for each file"
for file in kinds/*/*.kind; do
	area=$(basename "$(dirname "$file")")
	grep -q "^kind $(basename "$file" .kind) .* area $area\$" "$file" || echo "# $file"
done >"$tmp/strays"
cat "$tmp/strays"
[ ! -s "$tmp/strays" ]
ok $? "each kind stands in the folder of its area"

while read -r file message; do
	case $file in
	*.kind) got=$($mkkind "$tmp" $base "$data/$file" 2>&1) && got="accepted" ;;
	*) got=$($mkkind "$tmp" "$data/$file" $base 2>&1) && got="accepted" ;;
	esac
	case $got in
	*"$message") ok 0 "$file is refused" ;;
	*)
		ok 1 "$file is refused"
		echo "# expected: $message"
		echo "# got:      $got"
		;;
	esac
done <"$data/expected"
[ "$(ls $data/bad_* | wc -l)" -eq "$(wc -l <$data/expected)" ]
ok $? "every bad file has its message"

$mkkind --lock $all | cmp -s - kinds/LOCK
ok $? "kinds/LOCK is up to date (else: build/tools/mkkind --lock FILES >kinds/LOCK, and read the difference)"
$mkkind --held-by kinds/LOCK $all
ok $? "every line of kinds/LOCK holds"
$mkkind --held-by $data/gone.lock $base 2>&1 | grep -q 'gone.lock:3: "field good weight int" no longer holds'
ok $? "a field that was taken away is refused"
$mkkind --held-by $data/retyped.lock $base 2>&1 | grep -q 'retyped.lock:2: "field good title prose" no longer holds'
ok $? "a field that changed its type is refused"

# A LOCK that was written anew must still hold what the last tagged release promised.
last=$(git describe --tags --abbrev=0 2>/dev/null)
if [ -n "$last" ] && git show "$last:kinds/LOCK" >"$tmp/last.lock" 2>/dev/null; then
	$mkkind --held-by "$tmp/last.lock" $all
	ok $? "what $last promised to stored data holds"
else
	ok 0 "what the last release promised to stored data holds # SKIP no release yet"
fi

for catalogs in catalogs "${WARD_SHARED:-../shared}/catalogs" none; do
	[ -d "$catalogs" ] && break
done
if [ "$catalogs" = none ]; then
	ok 0 "every clause is an entry of a catalogue # SKIP no catalogues here"
else
	for file in "$catalogs"/*.json; do
		name=$(basename "$file" .json)
		sed -n 's/^ *{\{0,1\} *"id": *"\([^"]*\)".*/\1/p' "$file" | sed "s|^|$name |"
	done | sort -u >"$tmp/entries"
	awk '$1 == "clause" { for (i = 2; i < NF; i += 2) print $i, $(i + 1) }' kinds/*/*.kind |
		sort -u >"$tmp/clauses"
	comm -23 "$tmp/clauses" "$tmp/entries" >"$tmp/unknown"
	sed 's/^/# no such entry: /' "$tmp/unknown"
	[ -s "$tmp/clauses" ] && [ ! -s "$tmp/unknown" ]
	ok $? "every clause is an entry of a catalogue"
fi

echo "1..$count"
exit $failed
