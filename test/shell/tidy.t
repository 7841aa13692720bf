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
put x.sh 'a \n'; fires x.sh 'blanks at the end of the line'

for call in 'malloc(1)' 'free(p)' 'sprintf(b, s)' 'system("x")' 'execv(a, b)' 'setjmp(b)' 'alloca(1)'; do
	put src/risk/x.c "	$call;\n"; fires src/risk/x.c "${call%%(*}() has no place here"
done
put src/risk/x.c '	db_built(c);\n'; fires src/risk/x.c 'db_built() has no place here'
put src/kind/x.c '	db_built(c);\n'; quiet src/kind/x.c 'db_built in kind'
put src/catalog/x.c '	db_built(c);\n'; fires src/catalog/x.c 'db_built() has no place here'
put src/db/x.c '	db_built(c);\n'; fires src/db/x.c 'db_built() has no place here'
put src/risk/x.c '	html_trusted(s);\n'; fires src/risk/x.c 'html_trusted() has no place here'
put src/document/x.c '	html_trusted(s);\n'; quiet src/document/x.c 'html_trusted in document'
put src/risk/x.c '	/* malloc(1) */ f("free(p)"); my_free(p);\n'; quiet src/risk/x.c 'words in comments, literals and other names'
put src/risk/x.c '	goto again;\n'; fires src/risk/x.c 'goto to another label than out or done'
put src/risk/x.c '	goto out;\n'; quiet src/risk/x.c 'goto out'

put x.h 'int a;\n'; fires x.h 'a header begins with a comment'
put test/fuzz/fuzz_x.c 'int a;\n'; fires test/fuzz/fuzz_x.c 'no file in test/fuzz/corpus/x'
put test/fuzz/corpus/x/1 'a'; put test/fuzz/fuzz_x.c 'int a;\n'; quiet test/fuzz/fuzz_x.c 'a fuzz target with a corpus'
put src/web/routes.c '\t{GET, "/x", web_x, NO_FORM},\n'; fires src/web/routes.c 'a route without a right'
put src/api/routes.c '\t{HTTP_GET, "/x", api_x, NO_FORM},\n'; fires src/api/routes.c 'a route without a right'
put src/web/routes.c '\t{GET, "/x", web_x, CAN_READ, NO_FORM},\n\t{GET, "/y", y, PUBLIC, NO_FORM},\n'
quiet src/web/routes.c 'routes with a right'
put x.c "/* TO""DO later */\n"; fires x.c 'work to do without the number of an issue'
put x.c "/* TO""DO(#12) later */\n"; quiet x.c 'work to do with its issue'
head -c 500001 /dev/zero >x.bin; fires x.bin '500001 bytes; 500000 is the limit'
for name in util misc common helper manager; do
	put "src/risk/$name.c" 'int a;\n'; fires "src/risk/$name.c" "a name that says nothing: \"$name\""
done
put x.md "see /ho""me/me\n"; fires x.md 'the path of a machine'
echo "1..$n"
