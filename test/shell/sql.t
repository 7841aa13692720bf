#!/bin/sh
# Every SQL literal of the program prepares against the schema: a wrong column name is found here,
# not by a user.  (Statements that kind/ builds are prepared by the tests of every kind.)
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
command -v sqlite3 >/dev/null || { echo "1..0 # SKIP sqlite3 is not installed"; exit 0; }
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
{
	echo 'CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;'
	cat test/golden/ddl.sqlite.sql
} | sqlite3 "$tmp/store.db" || { echo "1..1"; echo "not ok 1 - the schema loads"; exit 0; }
node test/shell/sql.js src >"$tmp/statements" || exit 1
# What verification makes for itself, to look into the index of words.
words='CREATE VIRTUAL TABLE temp.place USING fts5vocab(main, search, instance)'
n=0
echo "1..$(wc -l <"$tmp/statements")"
while IFS='	' read -r place sql; do
	n=$((n + 1))
	if printf '%s;\nEXPLAIN %s;\n' "$words" "$sql" | sqlite3 "$tmp/store.db" >"$tmp/out" 2>&1; then
		echo "ok $n - $place"
	else
		sed 's/^/# /' "$tmp/out"
		echo "not ok $n - $place"
	fi
done <"$tmp/statements"
