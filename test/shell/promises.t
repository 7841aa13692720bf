#!/bin/sh
# What declarations of records say is acted on: every right is asked for, every member of the tables
# that mkkind writes is read, and a field whose help promises something names its test in
# test/data/promises.  Prints TAP; run from anywhere.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
count=0
list=test/data/promises

# none FILE NAME: the test holds when the file is empty, and shows it otherwise.
none()
{
	count=$((count + 1))
	sed 's/^/# /' "$1"
	[ -s "$1" ] && echo "not ok $count - $2" || echo "ok $count - $2"
}

# asked_for RIGHTS: those that neither the source nor a move asks for.
asked_for()
{
	sed -n 's/^right \([a-z_.]*\).*/\1/p' "$1" | while read -r right; do
		name=CAN_$(echo "$right" | tr 'a-z.' 'A-Z_')
		grep -rqw "$name" src || grep -rqE "needs $right( |\$)" kinds || echo "$right"
	done
}

# read_members HEADER: members of the descriptors that nothing reads.
read_members()
{
	sed -n '/^struct \(word\|wordset\|field\|state\|move\|linktype\|clause\|kind\) {/,/^};/p' "$1" |
		sed 's|/\*.*||' | grep -E '^	.*;' | sed -E 's/^	(const )?(struct |enum )?[a-z_0-9]+ //; s/[;* ]//g' |
		tr ',' '\n' | sort -u | while read -r member; do
		grep -rqE "(->|\.)$member\b" src pages --include='*.c' --include='*.html' --include='*.h' || echo "$member"
	done
}

# promising FILES: "KIND FIELD" of each help that says what happens or does not.
promising()
{
	words='never|always|cannot|nobody|automatic|is checked|locked|hidden|refused|not granted|seen by|see a|shown only'
	words="$words|seen only|no password|counts (as|from)|which criteria|in this system|must all|whatever right|needs one|may use|in Ward|the same rights|narrow"
	awk '/^kind /{k=$2} /^envelope/{k="envelope"} /^  *(field|col|rows) /{print k, $0}' "$@" |
		grep -iE "help \".*($words)" | awk '{print $1, $3}'
}

asked_for kinds/rights.def >"$tmp/out"
none "$tmp/out" "each right is asked for somewhere"
read_members src/kind/kind.h >"$tmp/out"
none "$tmp/out" "each member of a descriptor is read somewhere"

promising kinds/envelope.kind kinds/*/*.kind | sort -u >"$tmp/said"
sed -n 's/^\([a-z_]* [a-z_]*\) test.*/\1/p' "$list" | sort -u >"$tmp/listed"
comm -23 "$tmp/said" "$tmp/listed" >"$tmp/out"
none "$tmp/out" "each help that promises something names its test in $list"
comm -13 "$tmp/said" "$tmp/listed" >"$tmp/out"
none "$tmp/out" "the list names no help that promises nothing"
grep -v '^#' "$list" | while read -r kind field file name; do
	file=${file%:}
	grep -qE "^TEST\($name," "$file" || echo "$kind $field: $file has no test $name"
done >"$tmp/out"
none "$tmp/out" "each test that is named exists"

# It finds what it is for.
sed '1a right nobody.asks' kinds/rights.def >"$tmp/rights.def"
[ "$(asked_for "$tmp/rights.def")" = nobody.asks ] || echo "the right is not missed" >"$tmp/out"
sed 's/^	bool in_force;/	bool in_force;\n	bool is_never_read;/' src/kind/kind.h >"$tmp/kind.h"
[ "$(read_members "$tmp/kind.h")" = is_never_read ] || echo "the member is not missed" >>"$tmp/out"
sed 's/^  field  title .*/  field  title text label "Title" help "Nobody ever changes it."/' kinds/envelope.kind >"$tmp/envelope.kind"
promising "$tmp/envelope.kind" | grep -qx 'envelope title' || echo "the promise is not missed" >>"$tmp/out"
none "$tmp/out" "a right that nobody asks for, a member that nobody reads and a promise are found"
echo "1..$count"
