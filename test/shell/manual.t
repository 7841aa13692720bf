#!/bin/sh
# Manuals against the program: ward-api(7) lists the members of every answer that the description of
# the API has, and no other; ward-ledger(7) lists what stands in the bodies of entries.  Prints TAP.
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
count=0

ok() # ok STATUS NAME
{
	count=$((count + 1))
	[ "$1" -eq 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}

# The members that the files which write entries put into JSON, but for the help of commands.
bodies()
{
	grep -rl 'ledger_append(' src --include='*.c' | grep -v '^src/cli/' | while read -r file; do
		grep -oE 'json_put_key\([^;]*S\("[a-z_]+"\)' "$file" | grep -oE '"[a-z_]+"' | tr -d '"'
		grep -oE '\\"[a-z_]+\\":' "$file" | tr -d '\\":'
	done | sort -u
}

# Those that the part "Bodies" of a manual lacks.
unsaid()
{
	sed -n '/^\.Ss Bodies/,/^\.Ss Rows/p' "$1" >"$tmp/part"
	bodies | while read -r member; do
		grep -qE "^\.Ql $member( |\$)" "$tmp/part" || echo "# $member"
	done
}

unsaid man/ward-ledger.7 >"$tmp/out"
cat "$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "ward-ledger(7) names every member of an entry's body"
[ "$(bodies | wc -l)" -gt 20 ] && grep -v '^\.Ql several' man/ward-ledger.7 >"$tmp/less" &&
	[ "$(unsaid "$tmp/less")" = "# several" ]
ok $? "a member that is not named is found"

# The limits of base/limits.h that the part LIMITS of a manual lacks, as a manual writes them.
unlimited()
{
	sed -n '/^\.Sh LIMITS/,/^\.Sh EXIT/p' "$1" | tr '\n' ' ' >"$tmp/part"
	sed -n 's/^\tLIMIT_\([A-Z_]*\) *= *\([0-9]*\)\( << \([0-9]*\)\)\{0,1\}.*/\1 \2 \4/p' src/base/limits.h |
		while read -r name number shift; do
			case $name-$shift in
			*-30) text="$number GiB" ;;
			*-20) text="$number MiB" ;;
			*_MS-) text="$((number / 1000)) seconds" ;;
			*) text=$(echo "$number" | sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta') ;;
			esac
			grep -qE "(^|[^0-9,])$text([^0-9,]|,[^0-9]|$)" "$tmp/part" || echo "# $name: $text"
		done
}
unlimited man/ward.1 >"$tmp/out"
cat "$tmp/out"
[ ! -s "$tmp/out" ]
ok $? "ward(1) names every limit"
sed 's/16 words/17 words/; s/2,000 rows/12,000 rows/' man/ward.1 >"$tmp/less"
[ "$(unlimited "$tmp/less" | tr '\n' ' ')" = "# ROWS: 2,000 # SEARCH_WORDS: 16 " ]
ok $? "limits that are named otherwise are found"

if command -v node >/dev/null; then
	node test/shell/manual.js man/ward-api.7
	ok $? "ward-api(7) names the members of every answer, and no other"
	grep -v '^\.Ql suspect' man/ward-api.7 >"$tmp/less"
	[ "$(node test/shell/manual.js "$tmp/less")" = "# link has suspect, the manual does not say so" ]
	ok $? "a member of an answer that is not named is found"
else
	count=$((count + 1))
	echo "ok $count - ward-api(7) names the members of every answer # SKIP node is not installed"
fi
echo "1..$count"
