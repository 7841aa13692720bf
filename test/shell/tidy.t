#!/bin/sh
# Every check of tools/tidy fires on a small bad tree, and none on a good one.
cd "$(dirname "$0")/../.." || exit 1
[ -x build/tools/tidy ] || make -s build/tools/tidy || exit 1
tidy=$PWD/build/tools/tidy
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1
n=0

# fires FILE "what it says": FILE was just written; it alone is looked at, then removed.
fires() {
	n=$((n + 1))
	got=$("$tidy" "$1")
	if [ $? = 1 ] && printf '%s\n' "$got" | grep -qF "$2"; then
		echo "ok $n says: $2"
	else
		printf 'not ok %d says: %s\n# got %s\n' $n "$2" "$got"
	fi
	rm -f "$1"
}
quiet() {
	n=$((n + 1))
	got=$("$tidy" "$1") && [ -z "$got" ] && echo "ok $n quiet: $2" ||
		printf 'not ok %d quiet: %s\n# got %s\n' $n "$2" "$got"
	rm -f "$1"
}
put() { # FILE, printf format
	mkdir -p "$(dirname "$1")"
	# shellcheck disable=SC2059
	printf "$2" >"$1"
}
repeat() { awk -v n="$1" -v s="$2" 'BEGIN { while (n-- > 0) print s }'; }

put src/base/x.c '#include "os/os.h"\n'; fires src/base/x.c 'base may not include os (layers)'
put src/risk/x.c '#include "threat/threat.h"\n'; fires src/risk/x.c 'risk may not include threat (layers)'
put src/kind/x.c '#include "http/http.h"\n'; fires src/kind/x.c 'kind may not include http (layers)'
put src/call/x.c '#include "kind/kind.h"\n'; fires src/call/x.c 'call may not include kind (layers)'
put src/web/x.c '#include "api/api.h"\n'; fires src/web/x.c 'web may not include api (layers)'
put src/new/x.c '#include "base/base.h"\n'; fires src/new/x.c 'the folder is in no layer'
put src/web/x.c '#include "kind/kind.h"\n#include "http/http.h"\n'; quiet src/web/x.c 'web includes kind and http'
put src/kind/x.c '#include "call/call.h"\n'; quiet src/kind/x.c 'kind includes call'
put src/ledger/x.c '#include "call/call.h"\n'; quiet src/ledger/x.c 'ledger includes call'
put src/demo/x.c '#include "guards/guards.h"\n'; fires src/demo/x.c 'demo may not include guards (layers)'
put src/demo/x.c '#include "threat/threat.h"\n'; quiet src/demo/x.c 'demo includes threat'
put src/cli/x.c '#include "demo/demo.h"\n'; quiet src/cli/x.c 'cli includes demo'

put src/base/x.c '#include "os/os.h"\n'; fires src/base/x.c 'a pure file may not include os/os.h'
put src/ledger/note.c '#include "db/db.h"\n'; fires src/ledger/note.c 'a pure file may not include db/db.h'
for room in model rules engine report picture formats microsoft; do
	for header in db/db.h call/call.h kind/kind.h os/os.h; do
		put src/threat/$room/x.c "#include \"$header\"\n"
		fires src/threat/$room/x.c "a pure file may not include $header"
	done
done
put src/threat/records/records.c '#include "db/db.h"\n'; quiet src/threat/records/records.c 'records of threat include db'
put src/threat/model/x.c '#include "threat/rules/rules.h"\n'
fires src/threat/model/x.c 'model may not include rules (rooms of threat)'
put src/threat/formats/x.c '#include "threat/microsoft/tm7.h"\n'
fires src/threat/formats/x.c 'formats may not include microsoft (rooms of threat)'
put src/threat/triage/x.c '#include "threat/records/records.h"\n'; quiet src/threat/triage/x.c 'triage includes records'
put src/ledger/signer.c '#include "os/os.h"\n'; quiet src/ledger/signer.c 'the signer includes os'

{ printf 'void f(void)\n{\n'; repeat 71 '	g();'; echo '}'; } >x.c; fires x.c 'a function of 71 lines; 70 is the limit'
{ printf 'void f(void)\n{\n'; repeat 70 '	g();'; echo '}'; } >x.c; quiet x.c 'a function of 70 lines'
{ printf 'void f(void)\n{\n'; repeat 15 '	if (a)'; echo '}'; } >x.c; fires x.c 'a function with 16 branches; 15 is the limit'
{ printf 'void f(void)\n{\n'; repeat 14 '	if (a)'; echo '}'; } >x.c; quiet x.c 'a function with 15 branches'
repeat 1001 'int a;' >x.c; fires x.c 'a file of 1001 lines; 1000 is the limit'
{ printf '\t'; printf 'x%.0s' $(seq 93); echo; } >x.c; fires x.c '101 columns; 100 is the limit'
{ printf '\t'; printf 'x%.0s' $(seq 92); echo; } >x.c; quiet x.c '100 columns'
for phrase in 'this is no date' 'it is no part of a model' 'they are no part of it' 'opens nothing any more' 'your session is over' 'Somebody else was faster'; do
	put src/web/x.c "	say(\"$phrase\");\n"; fires src/web/x.c 'say it in plain English'
done
put src/web/x.c '	say("there is no risk RSK-1, and this is no longer open");\n'; quiet src/web/x.c 'plain English'
put x.sh 'a \n'; fires x.sh 'blanks at the end of the line'

for call in 'malloc(1)' 'free(p)' 'sprintf(b, s)' 'system("x")' 'execv(a, b)' 'setjmp(b)' 'alloca(1)'; do
	put src/risk/x.c "	$call;\n"; fires src/risk/x.c "${call%%(*}() has no place here"
done
put src/risk/x.c '	q.free(p), free(p);\n'; fires src/risk/x.c 'free() has no place here'
put src/risk/x.c '	db_built(c);\n'; fires src/risk/x.c 'db_built() has no place here'
put src/kind/x.c '	db_built(c);\n'; quiet src/kind/x.c 'db_built in kind'
put src/catalog/x.c '	db_built(c);\n'; fires src/catalog/x.c 'db_built() has no place here'
put src/db/x.c '	db_built(c);\n'; fires src/db/x.c 'db_built() has no place here'
put src/risk/x.c '	html_trusted(s);\n'; fires src/risk/x.c 'html_trusted() has no place here'
put src/document/x.c '	html_trusted(s);\n'; fires src/document/x.c 'html_trusted() has no place here'
put src/web/x.c '	html_trusted(s);\n'; quiet src/web/x.c 'html_trusted in web'
put src/risk/x.c '	/* malloc(1) */ f("free(p)"); my_free(p);\n'; quiet src/risk/x.c 'words in comments, literals and other names'
put src/risk/x.c '	goto again;\n'; fires src/risk/x.c 'goto to another label than out or done'
put src/risk/x.c '	goto out;\n'; quiet src/risk/x.c 'goto out'

put x.h 'int a;\n'; fires x.h 'a header begins with a comment'
put test/fuzz/fuzz_x.c 'int a;\n'; fires test/fuzz/fuzz_x.c 'no file in test/fuzz/corpus/x'
put test/fuzz/corpus/x/1 'a'; put test/fuzz/fuzz_x.c 'int a;\n'; quiet test/fuzz/fuzz_x.c 'a fuzz target with a corpus'
put x.c "/* TO""DO later */\n"; fires x.c 'work to do without the number of an issue'
put x.c "/* TO""DO(#12) later */\n"; quiet x.c 'work to do with its issue'
head -c 500001 /dev/zero >x.bin; fires x.bin '500001 bytes; 500000 is the limit'
for name in util misc common helper manager; do
	put "src/risk/$name.c" 'int a;\n'; fires "src/risk/$name.c" "a name that says nothing: \"$name\""
done
put x.md "see /ho""me/me\n"; fires x.md 'the path of a machine'

# ---- the tree as it is, with one thing changed ----
root=$OLDPWD
git -C "$root" rev-parse --git-dir >/dev/null 2>&1 || { echo "1..$n"; exit; }
mkdir tree && (cd "$root" && git ls-files -z | xargs -0 tar cf - 2>/dev/null) | tar xf - -C tree
cd tree && git init -q . && git add -A
got=$("$tidy")
n=$((n + 1))
[ -z "$got" ] && echo "ok $n the tree is tidy" || printf 'not ok %d the tree is tidy\n# %s\n' $n "$got"
# changed FILE SCRIPT "what it says": the file of the tree goes through sed, then comes back.
changed() {
	n=$((n + 1))
	cp "$1" ../kept
	sed "$2" ../kept >"$1"
	if cmp -s ../kept "$1"; then
		echo "not ok $n $1 is not changed by $2"
	elif "$tidy" | grep -qF "$3"; then
		echo "ok $n says: $3"
	else
		printf 'not ok %d says: %s\n' $n "$3"
	fi
	cp ../kept "$1"
}
web=src/web/routes.c api=src/api/routes.c
changed $web 's/web_tasks, CAN_TASKS_READ/web_tasks, 0/' 'a route without a right'
changed $web 's/web_sign_out, SIGNED_IN/web_sign_out, 0/' 'a route without a right'
changed $api 's/api_kinds, SIGNED_IN/api_kinds, 0/' 'a route without a right'
changed $api 's/api_consistency, PUBLIC/api_consistency, 0/; s/api_ledger_consistency, PUBLIC/x, 0/' 'a route without a right'
changed $web 's/	R(GET, "\/tasks"/	{GET, "\/tasks"/' 'a line of the table that is not R(...)'
changed $web 's/^	R(/	Q(/' 'no route is seen here'
changed $api 's/api_routes\[\] = {/api_paths[] = {/' 'no route is seen here'
changed src/kind/store.c 's/#include "kind\/kind_in.h"/&\n#include "web\/web_in.h"/' 'web/web_in.h is for the files of its own folder'
changed src/risk/risk.h 's/#endif/void risk_nobody(void);\n&/' 'risk_nobody() is declared here and used in no other file'
rm -rf src/trace
n=$((n + 1))
"$tidy" | grep -qF 'nothing needs the layer of trace' && echo "ok $n a folder that is gone" || echo "not ok $n a folder that is gone"
changed src/ledger/note.c '1i#include "db/db.h"' 'a pure file may not include db/db.h'
rm src/ledger/note.c
n=$((n + 1))
"$tidy" | grep -qF 'nothing needs the pure src/ledger/note.c' && echo "ok $n a pure file that is gone" || echo "not ok $n a pure file that is gone"
sed -i 's/db_built(/db_other(/g' src/kind/*.c
n=$((n + 1))
"$tidy" | grep -qF 'nothing needs the leave to call db_built() below src/kind/' && echo "ok $n a leave that nothing uses" ||
	echo "not ok $n a leave that nothing uses"
sed -i 's/"call\/call.h"/"base\/base.h"/' src/ledger/*.[ch]
n=$((n + 1))
"$tidy" | grep -qF 'nothing needs the leave to include call for ledger' && echo "ok $n an include that nobody makes" ||
	echo "not ok $n an include that nobody makes"
claims=doc/claims.md
test=$(sed -n 's/.*`\(test\/unit\/[a-z_]*\.c: [a-z_0-9]*\)`.*/\1/p' $claims | head -1)
changed $claims "s|$test|$test""_not|" 'has no test'
changed $claims "s|$test|test/unit/none.c: x|" 'test/unit/none.c has no test'
changed $claims 's/`test.unit.test_argon2.c: [a-z_]*`/none/' 'a claim without its mechanism or its test'
changed $claims 's/`src.crypt.crypt.c`/none/' 'a claim without its mechanism or its test'
changed $claims 's/`src.crypt.crypt.c`/`src.crypt.none.c`/' 'there is no src.crypt.none.c'
changed $claims 's/^| [^|]*|/| Ward is perfect. |/' 'stands neither in README.md nor in SECURITY.md'
changed $claims '/^| There is no default account/d' 'no row holds "There is no default account."'
changed README.md 's/^## Security model/## Security/' 'README.md has no "## Security model "'
changed README.md 's/^## Security model/&\nAll of it is proven. /' 'no row holds "All of it is proven."'
changed $claims '/^| /d' 'no claim is seen here'
echo "1..$n"
