#!/bin/sh
# The command line: usage, exit codes, models good and bad, records, and a ledger that was tampered with.
cd "$(dirname "$0")/../.." || exit 1
. test/shell/tap.sh
export WARD_STORE="$T/none"
M=$PWD/examples/surgerycloud/model.ward

# feed CODE ARGS...: the same with the standard input of the caller.
feed() {
	want=$1
	shift
	"$W" "$@" >"$T/out" 2>"$T/err"
	got=$?
	[ "$got" = "$want" ] || { echo "exit $got, not $want"; return 1; }
}
runs_json() { code=$1; shift; run "$code" "$@" && json; }

# ---- usage ----
check "help names every group" runs_and_says 0 "trust" help
check "help of a command begins with examples" runs_and_says 0 "ward check security/model.ward" help check
check "COMMAND --help is the same" runs_and_says 0 "Usage: ward verify" verify --help
check "version" runs_and_says 0 "ward $(cat VERSION)" version
check "a typing error is answered with the nearest name" fails_and_says 2 "did you mean check?" chekc
check "an unknown command is never run" fails_and_says 2 "see ward help" frobnicate
check "an unknown option" fails_and_says 2 "no option --frob" check --frob
check "an option without its value" fails_and_says 2 "needs a value" check --format
check "a value where none goes" fails_and_says 2 "takes no value" check --all=yes
check "an argument that is not UTF-8" fails_and_says 2 "not UTF-8" check "$(printf '\377')"
check "a bad word of an option" fails_and_says 2 "new-question or never" check "$M" --fail-on maybe
check "a mode for what is no socket" fails_and_says 2 "0660 for its group" serve --socket-mode 0660
check "a mode that is none" fails_and_says 2 "0660 for its group" serve --listen unix:/none/x --socket-mode 0770
check "a bad format" fails_and_says 2 "junit or markdown" check "$M" --format xml
many=$(awk 'BEGIN { for (i = 0; i < 100; i++) printf "w%d ", i }')
# shellcheck disable=SC2086
check "too many arguments" fails_and_says 2 "too many arguments" search $many
for shell in bash zsh fish; do
	check "completion for $shell knows every command" runs_and_says 0 prove completion $shell
done
"$W" completion bash >"$T/completion"
check "completion for bash is a script" bash -n "$T/completion"
check "completion of no known shell" fails_and_says 2 "bash, zsh or fish" completion tcsh

# ---- check ----
check "check finds what is open" runs_and_says 1 " open, " check "$M"
check "its text has file, line and column" grep -qE "^$M:[0-9]+:[0-9]+: (note|warning|error)\[" "$T/out"
check "--fail-on never" run 0 check "$M" --fail-on never
check "JSON" runs_json 1 check "$M" --format json
check "its outcomes are those of the manual" perl -MJSON::PP -0ne '
	my $d = decode_json($_); my %w = map { $_ => 1 } qw(open mitigated question);
	exit !(@{$d->{threats}} && !grep { !$w{$_->{outcome}} } @{$d->{threats}})' "$T/out"
cp "$T/out" "$T/one"
run 1 check "$M" --json
check "twice the same bytes" cmp -s "$T/one" "$T/out"
check "--all shows what does not apply" runs_and_says 1 '"not-applicable"' check "$M" --all --json
check "-o writes a file and nothing else" run 1 check "$M" -o "$T/report"
check "the file has it" grep -q ' open, ' "$T/report"
mkfifo "$T/pipe"
timeout 10 cat "$T/pipe" >"$T/piped" &
reader=$!
check "-o to a pipe writes into it" run 1 check "$M" -o "$T/pipe"
wait $reader
check "the pipe stays one" [ -p "$T/pipe" ]
check "and carried the report" cmp -s "$T/piped" "$T/report"
check "-o to a folder is refused" fails_and_says 2 "is a folder" check "$M" -o "$T"
mkdir -p "$T/repo/security" && cp "$M" "$T/repo/security/"
check "a folder means its security/model.ward" runs_and_says 1 "repo/security/model.ward:" check "$T/repo"
printf 'zone A exposure=1\nprocess p in=A\nflow p -> p carries=none protocol=json authentication=not-needed encryption=not-needed\n' >"$T/quiet.ward"
check "a dash is standard input" feed 1 check - <"$M"
check "--explain prints a rule with its reason" runs_and_says 0 "proves nothing" check --explain label-as-proof
check "its treatment and its examples" grep -qE '^(treat unique-device-identity:|fires  [{])' "$T/out"
check "--explain of no rule" fails_and_says 4 "no rule nonsense" check --explain nonsense
check "--explain takes no file" fails_and_says 2 "no file" check "$M" --explain flood
check "nothing open is exit code 0" run 0 check "$T/quiet.ward"
cat >"$T/dragon.json" <<'J'
{"version":"2.0","summary":{"title":"Small"},"detail":{"contributors":[],"diagrams":[{"id":0,
"title":"D","diagramType":"STRIDE","cells":[
{"id":"a","shape":"actor","zIndex":1,"position":{"x":0,"y":0},"size":{"width":100,"height":60},
"data":{"type":"tm.Actor","name":"Nurse","threats":[]}},
{"id":"b","shape":"process","zIndex":2,"position":{"x":300,"y":0},"size":{"width":100,"height":60},
"data":{"type":"tm.Process","name":"Portal","threats":[]}},
{"id":"c","shape":"flow","zIndex":3,"source":{"cell":"a"},"target":{"cell":"b"},
"data":{"type":"tm.Flow","name":"Sign in","protocol":"http","isEncrypted":false,
"isPublicNetwork":true,"threats":[]}}]}]}}
J
sed 's/"source":{"cell":"a"}/"source":{"x":1,"y":2}/' "$T/dragon.json" >"$T/hang.json"
cat >"$T/otm.json" <<'J'
{"otmVersion":"0.2.0","project":{"name":"Small","id":"small"},
"trustZones":[{"id":"net","name":"Internet","type":"internet","risk":{"trustRating":0}},
{"id":"us","name":"Ours","type":"private","risk":{"trustRating":100}}],
"components":[{"id":"a","name":"Browser","type":"web-client","parent":{"trustZone":"net"}},
{"id":"b","name":"Server","type":"web-service","parent":{"trustZone":"us"}}],
"dataflows":[{"id":"f","name":"Request","source":"a","destination":"b"}]}
J
sed 's/"destination":"b"/"destination":"gone"/' "$T/otm.json" >"$T/missing.otm"
tr -d '\n' <"$T/missing.otm" >"$T/one" && mv "$T/one" "$T/missing.otm"
for format in dragon otm; do
	check "check reads $format" runs_json 0 check "$T/$format.json" --json --fail-on never
	check "convert $format to ward" run 0 convert "$T/$format.json" --to ward -o "$T/$format.ward"
	check "the result can be read" run 0 check "$T/$format.ward" --fail-on never
	check "and printed again is the same" run 0 convert "$T/$format.ward"
	check "byte for byte ($format)" cmp -s "$T/out" "$T/$format.ward"
done
canon() { perl -MJSON::PP -0777 -ne 'print JSON::PP->new->canonical->encode(decode_json($_))' "$1"; }
for format in otm threat-dragon csv mermaid dot svg; do
	check "convert writes $format" run 0 convert "$M" --to $format --out "$T/model.$format"
	check "and more than a line of it" [ "$(wc -l <"$T/model.$format")" -gt 1 ]
done
run 0 convert "$M" -o "$T/first.ward"
for format in otm threat-dragon; do
	cp "$T/model.$format" "$T/model.json"
	check "import reads what convert wrote ($format)" runs_json 0 import "$T/model.json" --dry-run --json
	run 0 convert "$T/model.json" -q -o "$T/back.ward"
	sort "$T/first.ward" >"$T/a"; sed "s/ x-[a-z.-]*='[^']*'//g" "$T/back.ward" | sort >"$T/b"
	check "nothing of the model is lost by way of $format" [ "$(grep -c ^interface "$T/a")" = "$(grep -c ^interface "$T/b")" ]
	check "and written again it is the same file ($format)" run 0 convert "$T/back.ward" --to $format -o "$T/again.json"
	check "but for the order of members ($format)" [ "$(canon "$T/again.json")" = "$(canon "$T/model.json")" ]
done
check "a format that nobody knows" fails_and_says 2 "no format visio" convert "$M" --to visio
check "import says what is not taken over" runs_and_says 0 "cells[2].source" import "$T/hang.json" --dry-run
check "import wants a file" fails_and_says 2 "name the file" import --dry-run
check "render makes an SVG" runs_and_says 0 "<svg" render "$M"

# ---- files and templates of the Microsoft tool ----
TM7=test/fuzz/corpus/tm7/two-drawings.tm7
TB7=test/fuzz/corpus/tb7/small.tb7
check "import reads tm7" runs_json 0 import $TM7 --dry-run --json
check "and counts its threats" out_has '"threats":6'
check "check reads tm7 with our rules" runs_json 1 check $TM7 --json
check "its own template says what else" runs_and_says 1 "TH2]: Sniffing of Sign in (f-in)" check $TM7 --template own
check "what was mitigated there is" out_has "recorded in the model as mitigated"
check "and what was set aside is not told" [ "$(grep -c Set.rate "$T/out")" = 0 ]
check "but with --all" runs_and_says 1 "does not apply: Sniffing of Set rate" check $TM7 --template own --all
run 1 check $TM7 --template own --json -q; cp "$T/out" "$T/own.json"
check "a template of its own file says the same" run 1 check $TM7 --template $TB7 --json -q
check "byte for byte (template)" cmp -s "$T/out" "$T/own.json"
sed "s/target is '[^']*' and/target is and/" $TB7 >"$T/bad.tb7"
check "a wrong filter is named" run 3 check $TM7 --template "$T/bad.tb7"
check "with file, threat type and column" grep -qE "bad.tb7:[0-9]+:[0-9]+: threat type TH3, Include, column 11: a text" "$T/err"
check "a template is not a model" fails_and_says 3 "a template, not a model" check $TB7
check "a model without a template of its own" fails_and_says 2 "template of its own" check "$M" --template own
check "a template for a model of another tool" fails_and_says 2 "Threat Modeling Tool" check "$M" --template $TB7
check "what was printed is a baseline" run 0 check $TM7 --template own --baseline "$T/own.json" --fail-on new-open
check "an earlier model is none" fails_and_says 3 "what --format json printed" check $TM7 --template own --baseline $TM7
check "SARIF of a template" runs_json 1 check $TM7 --template own --format sarif
check "a template that is not there" fails_and_says 4 "No such file" check $TM7 --template "$T/none.tb7"

# ---- bad files: a place, exit code 3, nothing on standard output ----
bad() { # NAME FILE
	check "$1 is refused" run 3 check "$2"
	check "$1: no word on standard output" [ ! -s "$T/out" ]
	check "$1: the message names the file" err_has "$2:"
}
: >"$T/empty.ward"; bad "an empty file" "$T/empty.ward"
head -c 300 "$T/dragon.json" >"$T/cut.json"; bad "a truncated file" "$T/cut.json"
check "its place is told" grep -qE "cut.json:[0-9]+:[0-9]+: " "$T/err"
printf '\177ELF\002\001\001\000\000\000' >"$T/binary"; bad "a binary file" "$T/binary"
printf 'zone A exposure=1\nprocess p in=B\n' >"$T/ref.ward"; bad "a reference to nothing" "$T/ref.ward"
check "line and column of it" err_has "ref.ward:2:"
perl -e 'print "{\"a\":" x 100000' >"$T/deep.json"; bad "a file nested 100,000 deep" "$T/deep.json"
printf '{"a":1,"a":2}' >"$T/twice.json"; bad "a key twice" "$T/twice.json"
printf '<tm/>' >"$T/x.xml"; bad "XML of nobody" "$T/x.xml"
printf 'PK\003\004rest' >"$T/zip.tm7"; bad "an archive called tm7" "$T/zip.tm7"
cp test/fuzz/corpus/tm7/bomb.tm7 "$T/bomb.tm7"; bad "an entity bomb" "$T/bomb.tm7"
check "its place is told (bomb)" err_has "bomb.tm7:1:13: a document type"
head -c 9000 "$TM7" >"$T/torn.tm7"; bad "a truncated tm7" "$T/torn.tm7"
sed 's/<a:Key>n-app<[/]a:Key>/<a:Key>n-pump<\/a:Key>/; s/>n-app<[/]Guid>/>n-pump<\/Guid>/' "$TM7" >"$T/double.tm7"
bad "a Guid twice" "$T/double.tm7"
printf '\377\376<\000T\000' >"$T/utf16.tm7"; bad "UTF-16" "$T/utf16.tm7"
sed '/<DrawingSurfaceList>/,/<[/]DrawingSurfaceList>/d' "$TM7" >"$T/undrawn.tm7"; bad "a tm7 without drawings" "$T/undrawn.tm7"
perl -e 'print "<ThreatModel>", "<a><b/>&#120;</a>" x 3_500_000, "</ThreatModel>"' >"$T/wide.tm7"
bad "60 MB of elements" "$T/wide.tm7"
perl -e 'print "<ThreatModel>", "<a>nonsense</a>" x 6_700_000' >"$T/huge.tm7"; bad "100 MB of nonsense" "$T/huge.tm7"
rm -f "$T/wide.tm7" "$T/huge.tm7"
truncate -s 100M "$T/huge.otm"; bad "a file of 100 MB" "$T/huge.otm"
printf 'threagile_version: 1\na: &a [x, x, x, x, x, x, x, x]\n' >"$T/bomb.yaml"
for i in b:a c:b d:c e:d f:e g:f h:g i:h j:i; do
	printf '%s: &%s [*%s, *%s, *%s, *%s, *%s, *%s]\n' ${i%:*} ${i%:*} ${i#*:} ${i#*:} ${i#*:} ${i#*:} ${i#*:} ${i#*:}
done >>"$T/bomb.yaml"
bad "aliases that multiply" "$T/bomb.yaml"
check "the place of it" grep -qE "bomb.yaml:[0-9]+:[0-9]+: aliases multiply" "$T/err"
check "import refuses as check does" run 3 import "$T/bomb.yaml" --dry-run
: >"$T/blank.json"
check "a blank file is not a model" fails_and_says 3 "blank.json:1:1: there is nothing" import "$T/blank.json" --dry-run
truncate -s 100M "$T/huge.json"
check "a file that is too large has a place, too" fails_and_says 3 "huge.json:1:1: " import "$T/huge.json" --dry-run
rm "$T/huge.json"
mkdir -p "$T/several/parts"
printf 'title: Pump\nincludes: [parts/a.yaml]\n' >"$T/several/model.yaml"
printf 'technical_assets:\n  A: {id: a, type: process, odd: 1}\n' >"$T/several/parts/a.yaml"
check "a model of several files" runs_and_says 0 "1 elements" import "$T/several/model.yaml" --dry-run
check "places in them" runs_and_says 0 "model.yaml:2:12: technical_assets.A.odd: parts/a.yaml:2:34:" \
	import "$T/several/model.yaml" --dry-run
own=$(realpath "$W")
check "the same from its own folder" sh -c 'cd "$1" && "$2" import model.yaml --dry-run | grep -q "1 elements"' \
	sh "$T/several" "$own"
ln -s /etc/hostname "$T/several/parts/b.yaml"
printf 'title: Pump\nincludes: [parts/b.yaml]\n' >"$T/several/link.yaml"
check "no link leads out of the folder" fails_and_says 3 "link.yaml:2:12: parts/b.yaml is not there, or not below" \
	check "$T/several/link.yaml"
printf 'title: Pump\nincludes: [gone.yaml]\n' >"$T/several/gone.yaml.yaml"
check "a file that is missing is named" fails_and_says 3 "2:12: gone.yaml is not there" check "$T/several/gone.yaml.yaml"
sed '1i threagile_version: 1' "$T/several/model.yaml" >"$T/several/main.yaml"
check "standard input has no folder" feed 3 convert - <"$T/several/main.yaml"
check "and says so" grep -q "stdin:3:11: .* not at hand" "$T/err"
printf '{"otmVersion":"0.2.0","project":{},"components":[{"id":"a"},{"id":"a"}]}' >"$T/ids.otm"
bad "an id twice" "$T/ids.otm"
check "a file that is not there" fails_and_says 4 "No such file" check "$T/nowhere"
long=$(awk 'BEGIN { while (i++ < 5000) printf "x" }')
check "a path of 5,000 bytes" fails_and_says 2 "cannot open" check "$long"
check "two files" fails_and_says 2 "one file" check "$M" "$M"

# ---- stores ----
check "no store" fails_and_says 4 "there is no store" status
check "a file instead of a store" fails_and_says 4 "there is no store" status --store "$M"
mkdir "$T/junk" && head -c 8192 /dev/urandom >"$T/junk/ward.db"
check "a store of noise" run 5 status --store "$T/junk"
export WARD_STORE="$T/store"
check "init" runs_and_says 0 "/setup?token=" init "$T/store"
no_account() { [ "$(sqlite3 "$T/store/ward.db" "SELECT count(*) FROM credential")" = 0 ]; }
if command -v sqlite3 >/dev/null; then
	check "there is no account in a new store" no_account
else
	n=$((n + 1)) && echo "ok $n # SKIP there is no sqlite3"
fi
check "init does not overwrite" fails_and_says 6 "exists already" init "$T/store"
check "the folder is ours alone" [ "$(stat -c %a "$T/store" "$T/store/ward.db" "$T/store/keeper/key" | tr '\n' ' ')" = "700 600 600 " ]
check "status has six lines" run 0 status
check "seven of them" [ "$(wc -l <"$T/out")" = 7 ]
check "status as JSON" runs_json 0 status --json
check "doctor is content" run 0 doctor
check "doctor says what is not used yet" out_has "not used yet"
chmod 644 "$T/store/keeper/key"
check "doctor sees a key open to others" runs_and_says 1 '"health":"bad"' doctor --json
chmod 600 "$T/store/keeper/key"
check "doctor without a store" run 1 doctor --store "$T/none"
check "a record that is not there" fails_and_says 4 "there is no RSK-1" show RSK-1
check "a kind that is none" fails_and_says 2 "there is no kind" list frogs
check "a filter on nothing" fails_and_says 2 "cannot be narrowed" list frameworks frog=1
check "a bad day" fails_and_says 2 "give a date like 2026-09-30" show FRM-x --at tomorrow
check "a kind by name, title and prefix" run 0 list framework
cp "$T/out" "$T/one"
run 0 list frameworks
check "title" cmp -s "$T/one" "$T/out"
run 0 list FRM
check "prefix" cmp -s "$T/one" "$T/out"
R=$(awk 'NR == 2 { print $1 }' "$T/one")
check "show" runs_and_says 0 "$R" show "$R"
check "show has values" grep -qE '^[A-Z][a-z ]+: +[^ ]' "$T/out"
check "show as JSON" runs_json 0 show "$R" --json
check "list as JSON" runs_json 0 list frameworks --limit 3 --json
check "three of them" [ "$(grep -c '"rev"' "$T/out")" = 3 ]
check "export CSV" runs_and_says 0 "ref,state" export frameworks --format csv
check "export needs a format" fails_and_says 2 "choose --format" export frameworks
check "history" runs_and_says 0 "revision 1" history "$R"
check "history as JSON" runs_json 0 history "$R" --json
check "search" run 0 search security
check "search as JSON" runs_json 0 search security --json
check "readiness lists catalogues" runs_and_says 0 "iso-28000-2022" readiness
check "readiness as JSON" runs_json 0 readiness --json
check "readiness of one" runs_and_says 0 "gaps of" readiness iso-28000-2022 --gaps
check "gaps as JSON" runs_json 0 readiness iso-28000-2022 --gaps --json
check "of none" run 4 readiness no-such-catalogue
check "trace of nothing" runs_and_says 0 "0 chains, 0 whole, 0 broken" trace
check "trace as JSON" runs_json 0 trace --json
check "nobody can sign in to a new store" run 0 user list
check "and the list is empty" [ ! -s "$T/out" ]
check "a new one-time address" runs_and_says 0 "/setup?token=" user setup
check "a password for nobody" fails_and_says 4 "nobody signs in" user password ada
check "a token for nobody" fails_and_says 4 "nobody signs in" user token ada --name ci
check "a token without a name" fails_and_says 2 "--name" user token ada
check "a token for ever" fails_and_says 2 "--days takes" user token ada --name ci --days 9999
check "tokens of nobody" fails_and_says 4 "nobody signs in" user tokens ada
check "a token that is none" run 4 user revoke 0123456789abcdef
check "a wrong verb" fails_and_says 2 "ward user setup" user frob
run 0 init --demo "$T/people"
check "a token for somebody" run 0 user token mei --name ci --store "$T/people"
check "is listed" runs_and_says 0 "ci" user tokens mei --store "$T/people"
check "may what its person may" eval 'grep -q "ci .*  \*$" "$T/out"'
id=$(cut -c1-16 "$T/out")
check "until a day" out_has "until"
locked() { flock "$T/people/writer.lock" "$W" "$@" --store "$T/people" >"$T/out" 2>"$T/err" </dev/null; }
check "while another program writes" locked user tokens mei
check "it can be ended" runs_and_says 0 "no longer works" user revoke "$id" --store "$T/people"
check "once" run 4 user revoke "$id" --store "$T/people"
check "and says so" runs_and_says 0 "revoked" user tokens mei --store "$T/people"
check "a token that only reads" run 0 user token mei --name looks --read-only --store "$T/people"
check "says so" runs_and_says 0 "looks" user tokens mei --store "$T/people"
check "in its scope" eval 'grep -q "looks .*  \*\.read$" "$T/out"'
check "the ledger knows" run 0 verify "$T/people"

# ---- views ----
check "a view of a model" runs_and_says 0 "<svg" render "$M" --view update -q
check "a view that is none" fails_and_says 2 "--view takes" render "$M" --view nothing -q

# ---- a model as records ----
check "a file that refers to nothing is refused" fails_and_says 3 "missing.otm:1:" import "$T/missing.otm"
check "and nothing of it is there" [ -z "$("$W" list zone --csv | sed 1d)" ]
check "import makes records" runs_and_says 0 "5 records" import "$T/otm.json"
check "they can be listed" runs_and_says 0 "Browser" list element
check "with their source" runs_and_says 0 "SHA-256" show C-1
check "the same file again is refused" fails_and_says 6 "imported before" import "$T/otm.json"
check "a loose end of a flow is not a record" fails_and_says 3 "an end that nobody knows" import $TM7 -q
sed '/>f-air</,/<[/]a:Value>/s/>0000[0-9-]*</>n-pump</' $TM7 >"$T/whole.tm7"
check "a tm7 makes records" runs_and_says 0 "21 records" import "$T/whole.tm7" -q
check "a stale threat among them" runs_and_says 0 "stale" export threat --json
check "a product that is not there" run 4 import "$T/dragon.json" --product PRD-99
check "the store is whole" run 0 verify

# ---- one writer at a time ----
( exec 9>>"$T/store/writer.lock"; flock 9; : >"$T/locked"; exec sleep 20 ) &
holder=$!
while [ ! -e "$T/locked" ]; do sleep 0.05; done
check "a second writer is refused" fails_and_says 6 "another ward writes" user setup
check "so is a second server" fails_and_says 6 "another ward writes" serve --listen "unix:$T/sock2"
check "before it says that it serves" [ "$(wc -l <"$T/err")" = 1 ]
check "and before it makes its socket" [ ! -e "$T/sock2" ]
check "in one process too" fails_and_says 6 "another ward writes" serve --one-process --listen "unix:$T/sock2"
check "readers are not" run 0 status
check "verify neither" run 0 verify
kill $holder; wait $holder 2>/dev/null

"$W" serve --listen "unix:$T/sock" >"$T/served" 2>&1 </dev/null &
server=$!
tries=0
while [ ! -S "$T/sock" ] && [ $tries -lt 600 ]; do sleep 0.1; tries=$((tries + 1)); done
while flock -n "$T/store/writer.lock" true && [ $tries -lt 600 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
check "a served store verifies" runs_and_says 0 "intact: " verify
check "its status can be asked" run 0 status
check "nothing else writes to it" fails_and_says 6 "another ward writes" user setup
run 0 init "$T/beside"
check "nor takes its socket" fails_and_says 6 "in use by another program" serve --store "$T/beside" --listen "unix:$T/sock"
check "which is still there" [ -S "$T/sock" ]
kill $server; wait $server 2>/dev/null
check "afterwards again" run 0 user setup

echo mine >"$T/file"
for address in 0.0.0.0:0 192.0.2.1:0 "[::]:0" "[2001:db8::1]:0"; do
	check "nothing beyond loopback is listened to: $address" fails_and_says 2 "is not loopback" serve --listen "$address"
done
check "a file is not a place for a socket" fails_and_says 6 "in use" serve --listen "unix:$T/file"
check "and stays" [ "$(cat "$T/file")" = mine ]

# ---- a disk that takes no more: a file may not grow beyond a limit ----
full() { # NAME ARGS...: fails with a sentence under each limit
	name=$1
	shift
	for blocks in 0 2 16 32; do
		{ (ulimit -f $blocks && exec "$W" "$@") 2>&1 </dev/null; echo "exit $?"; } | cat >"$T/err"
		check "$name, $blocks blocks" err_has "exit 70"
		check "it says what to do" err_has "the disk is full or takes no more"
	done
}
entries() { run 0 verify >/dev/null; sed -n 's/^intact: \([0-9]*\) entries.*/\1/p' "$T/out"; }
before=$(entries)
full "a change on a full disk" user setup
check "nothing came of it" [ "$(entries)" = "$before" ]
check "with room it works again" run 0 user setup
check "and is one entry more" [ "$(entries)" = "$((before + 1))" ]
full "a new store on a full disk" init "$T/full"
check "nothing is left of it" [ ! -e "$T/full" ]
mkdir "$T/full" && : >"$T/full/mine"
full "a new store in a folder that is there" init "$T/full"
check "what was in it stays, alone" [ "$(ls -A "$T/full")" = mine ]
check "with room it can be made there" run 0 init "$T/full"

# ---- verify, prove ----
check "a new store verifies" runs_and_says 0 "intact: " verify
check "verify as JSON" runs_json 0 verify --json
check "verify of a folder" runs_and_says 0 "intact: " verify "$T/store"
check "quiet says nothing" run 0 verify -q
check "nothing" [ ! -s "$T/out" ]
check "prove an entry" run 0 prove 0 -o "$T/0.tlog-proof"
check "prove a record" run 0 prove "$R" -o "$T/r.tlog-proof"
check "no such entry" fails_and_says 4 "no entry 99999999" prove 99999999
check "a proof that says what was written" run 0 prove "$R" --open -o "$T/open.tlog-proof"
check "a proof that nothing came later" run 0 prove "$R" --latest --open -o "$T/latest"
check "not of an entry by its number" fails_and_says 4 "" prove 0 --latest
check "the log as files" runs_and_says 0 "tiles and" ledger export "$T/log"
check "a proof of consistency" run 0 ledger consistency 10 -o "$T/ten"
check "of more than there is" fails_and_says 4 "not 99999999" ledger consistency 99999999
check "ledger alone" fails_and_says 2 "ward ledger export DIR" ledger
check "ledger with another word" fails_and_says 2 "ward ledger export DIR" ledger import "$T/log"
check "export without a folder" fails_and_says 2 "ward ledger export DIR" ledger export
mkdir "$T/taken" && echo "mine" >"$T/taken/checkpoint"
check "export over something else" fails_and_says 6 "is not a checkpoint" ledger export "$T/taken"
check "which stays" grep -q mine "$T/taken/checkpoint"
cp "$T/store/keeper/vkey" "$T/vkey"
export WARD_STORE="$T/none"
check "what was written, without the store" runs_and_says 0 "the record as it was:" verify "$T/open.tlog-proof" --key "$T/vkey"
check "its title" out_has "title: "
check "as JSON" runs_json 0 verify "$T/open.tlog-proof" --key "$T/vkey" --json
check "the latest, without the store" runs_and_says 0 "is the last that wrote" verify "$T/latest" --key "$T/vkey"
check "as JSON" runs_json 0 verify "$T/latest" --key "$T/vkey" --json
check "a log of files, without the store" runs_and_says 0 "intact: " verify "$T/log" --key "$T/vkey"
check "as JSON" runs_json 0 verify "$T/log" --key "$T/vkey" --json
check "a checkpoint where none goes" fails_and_says 2 "brings its own" verify "$T/latest" --key "$T/vkey" --checkpoint "$T/log/checkpoint"
check "consistency needs the older checkpoint" fails_and_says 2 "give it with --checkpoint" verify "$T/ten" --key "$T/vkey"
check "of the size that it is about" fails_and_says 2 "the proof about 10" verify "$T/ten" --key "$T/vkey" --checkpoint "$T/log/checkpoint"
rm "$T"/log/tile/entries/000*/*
check "a file of the log is gone" fails_and_says 5 "tile/entries/000" verify "$T/log" --key "$T/vkey"
check "a proof holds without the store" runs_and_says 0 "the proof holds" verify "$T/r.tlog-proof" --key "$T/vkey"
check "the record it is about" out_has ":$R"
check "the key itself as a word" run 0 verify "$T/0.tlog-proof" --key "$(cat "$T/vkey")" --json
check "no key" fails_and_says 4 "--key" verify "$T/0.tlog-proof"
sed 's/index 0/index 1/' "$T/0.tlog-proof" >"$T/moved"
check "a proof of another place" fails_and_says 5 "" verify "$T/moved" --key "$T/vkey"
head -n 2 "$T/0.tlog-proof" >"$T/short"
check "a proof cut short" fails_and_says 3 "" verify "$T/short" --key "$T/vkey"
run 0 init "$T/other"
check "a key of another ledger" run 5 verify "$T/0.tlog-proof" --key "$T/other/keeper/vkey"

export WARD_STORE="$T/t"
# tamper NAME SQL TEXT: after the change behind our back, verify says TEXT and ends with 5.
tamper() {
	rm -rf "$T/t" && cp -r "$T/store" "$T/t"
	for t in entry tile checkpoint; do
		echo "DROP TRIGGER ${t}_not_updated; DROP TRIGGER ${t}_not_deleted;"
	done | sqlite3 "$T/t/ward.db"
	sqlite3 "$T/t/ward.db" "PRAGMA foreign_keys=OFF; $2" || echo "# sqlite3 failed"
	check "$1" runs_and_says 5 "$3" verify
}
if command -v sqlite3 >/dev/null; then
	check "the ledger refuses our own mistakes" eval \
		'! sqlite3 "$T/store/ward.db" "UPDATE entry SET act = '\''x'\'' WHERE seq = 5" 2>"$T/err"'
	tamper "a changed leaf" "UPDATE entry SET leaf = CAST(replace(leaf, '\"n1\"', '\"n2\"') AS BLOB) WHERE seq = 5" "entry 5 "
	tamper "a changed column" "UPDATE entry SET act = 'nothing' WHERE seq = 6" "entry 6"
	tamper "a changed part" "UPDATE entry_body SET value = x'7b7d' WHERE seq = 7 AND part = 'body'" 'entry 7: its part "body" was changed'
	tamper "a part taken away" "DELETE FROM entry_body WHERE seq = 8 AND part = 'private'" "entry 8"
	tamper "an entry taken away" "DELETE FROM entry WHERE seq = 9" "9"
	tamper "the end cut off" "DELETE FROM checkpoint; DELETE FROM entry WHERE seq > 10; DELETE FROM entry_body WHERE seq > 10; DELETE FROM tile" "missing"
	tamper "a changed record" "UPDATE framework SET f_title = 'Mine' WHERE ref = '$R' AND until IS NULL" "framework:$R is not as entry"
	tamper "a changed checkpoint" "UPDATE checkpoint SET note = replace(note, 'ward', 'wart')" "checkpoint"
	check "tampering as JSON" runs_json 5 verify --json
	sqlite3 "$T/other/ward.db" "UPDATE setting SET value = '999' WHERE name = 'schema'"
	check "a store of a newer program is left alone" fails_and_says 6 "newer ward" status --store "$T/other"
	check "verify finds that nobody wrote that" runs_and_says 5 "its schema is 999" verify "$T/other"
	check "it is not written to" fails_and_says 6 "newer ward" user setup --store "$T/other"
	check "nor served" fails_and_says 6 "newer ward" serve --store "$T/other" --listen "unix:$T/sock2"
	mkfifo "$T/hold"
	sqlite3 "$T/store/ward.db" <"$T/hold" >/dev/null 2>&1 &
	holder=$!
	{
		echo "BEGIN IMMEDIATE; INSERT INTO setting VALUES('held', 'yes');"
		echo ".shell touch $T/held"
		while [ ! -e "$T/held" ]; do sleep 0.05; done
		check "a store that another program holds" fails_and_says 6 "another program holds the store" \
			user setup --store "$T/store" >&3
		check "can be read" run 0 status --store "$T/store" >&3
		echo "ROLLBACK;"
	} 3>&1 >"$T/hold"
	wait $holder
	check "and written to afterwards" run 0 user setup --store "$T/store"
fi
rm -rf "$T/t" && cp -r "$T/store" "$T/t" && run 0 user setup
check "the keeper remembers what it signed" run 0 verify
cp "$T/store/ward.db" "$T/t/ward.db"; rm -f "$T/t/ward.db-wal" "$T/t/ward.db-shm"
check "an older copy put back is found" runs_and_says 5 "missing" verify
check "and not served" fails_and_says 5 "is older than the keeper" serve --store "$T/t" --listen "unix:$T/sock3"
for place in "" /keeper /keeper/key; do
	chmod o+r "$T/store$place"
	check "a store whose ${place:-folder} others may read is not served" fails_and_says 4 "run chmod go=" \
		serve --store "$T/store" --listen "unix:$T/sock4"
	chmod go= "$T/store$place"
done
ln -s victim "$T/out.new" && echo keep >"$T/victim"
run 0 render examples/surgerycloud/model.ward --output "$T/out"
check "an output never follows a link that others planted" sh -c "[ \"\$(cat $T/victim)\" = keep ] && [ ! -L $T/out ]"
echo "1..$n"
