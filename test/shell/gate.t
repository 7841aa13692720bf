#!/bin/sh
# The gate: the reports of ward check in every form, beside a baseline; and the difference of models.
cd "$(dirname "$0")/../.." || exit 1
R=$PWD
. test/shell/tap.sh
cd "$T" || exit 1
out_lacks() { ! grep -qF -- "$1" out; }
sarif() { perl "$R/test/shell/sarif.pl" out; }
junit() {
	perl "$R/test/shell/xml.pl" out || return 1
	! command -v xmllint >/dev/null || xmllint --noout out
}
# ask EXPRESSION: of the JSON on standard output, which is $d.
ask() { perl -MJSON::PP -0ne 'my $d = decode_json($_); exit !('"$1"')' out; }
same() { cmp out "$1"; }

# One threat open, one mitigated, one in question, whatever else the rules say.
cat >old.ward <<'M'
system "Pump"
zone net "Internet" exposure=5
zone ours "Ours" exposure=1
asset record "Record" class=health-data c=4 i=4 a=3
process app "App" in=net
process api "API" in=ours
store db "Store" in=ours
flow f1 app -> api "Upload" carries=record protocol=http encryption=none
flow f2 app -> api "Report" carries=record protocol=https encryption=tls
flow f3 app -> api "Query" carries=record
flow app -> db "Direct" carries=record encryption=tls
M
# f1 closed, f2 opened, f3 answered, another flow added, the store gone, names and lines changed.
cat >new.ward <<'M'
system "Pump"

# A line more.
zone net "Internet" exposure=5
zone ours "Our own" exposure=1
zone edge "Edge" exposure=4
asset record "Record" class=health-data c=4 i=4 a=3
process app "App" in=net
device api "Gateway" in=edge
flow f1 app -> api "Upload of reports" carries=record protocol=https encryption=tls
flow f2 app -> api "Report" carries=record protocol=http encryption=none
flow f3 app -> api "Query" carries=record protocol=https encryption=tls
flow app -> api "Direct" carries=record encryption=tls
flow f4 api -> app "Answer" carries=record protocol=http encryption=none
M
I=health-data-in-clear

# ---- SARIF ----
check "SARIF" run 1 check old.ward --format sarif
check "it is what the standard and services ask for" sarif
check "it names the rule, the place and the element" ask '
	grep { $_->{ruleId} eq "'$I'" && $_->{kind} eq "fail" && $_->{level} ne "none" &&
		$_->{locations}[0]{physicalLocation}{artifactLocation}{uri} eq "old.ward" &&
		$_->{locations}[0]{physicalLocation}{region}{startLine} == 8 &&
		$_->{locations}[0]{logicalLocations}[0]{name} eq "f1" } @{$d->{runs}[0]{results}}'
check "a question is an open result" ask '
	grep { $_->{properties}{finding} eq "'$I'/f3" && $_->{kind} eq "open" &&
		$_->{message}{text} =~ /Not known: encryption/ } @{$d->{runs}[0]{results}}'
check "what is mitigated is not an alert" ask '!grep { $_->{kind} eq "pass" } @{$d->{runs}[0]{results}}'
check "the help of a rule tells its countermeasures" ask '
	grep { $_->{id} eq "'$I'" && $_->{help}{text} =~ /\nCountermeasure encrypt-in-transit: \w/ }
		@{$d->{runs}[0]{tool}{driver}{rules}}'
check "every rule is there, with its weaknesses" ask '
	@{$d->{runs}[0]{tool}{driver}{rules}} > 40 && @{$d->{runs}[0]{taxonomies}[0]{taxa}} > 20'
check "with --all what is handled passes" run 1 check old.ward --format sarif --all
check "and that is valid too" sarif
check "with its evidence" ask '
	grep { $_->{kind} eq "pass" && $_->{message}{text} =~ /handled: encrypted in transit/ }
		@{$d->{runs}[0]{results}}'
prints() {
	"$W" check "$1" --format sarif --fail-on never | perl -MJSON::PP -0ne '
		print "$_->{partialFingerprints}{primaryLocationLineHash} $_->{properties}{finding}\n"
			for @{decode_json($_)->{runs}[0]{results}}' | sort
}
prints old.ward >prints.one
{ echo '# moved'; sed 's/"Upload"/"Sent"/; s/"App"/"Tablet"/; s/"Pump"/"Drip"/' old.ward; } >renamed.ward
prints renamed.ward >prints.two
check "there are fingerprints" [ -s prints.one ]
check "renamed and moved, they are the same" cmp prints.one prints.two
mkdir -p "a b" && cp old.ward "a b/ü#.ward"
check "a path with blanks and signs" run 1 check "./a b/ü#.ward" --format sarif
check "is escaped, and relative" ask '
	$d->{runs}[0]{artifacts}[0]{location}{uri} eq "a%20b/%C3%BC%23.ward"'
check "an absolute path below this folder is relative too" run 1 check "$T/old.ward" --format sarif
check "from here" sarif
printf 'zone z exposure=5; process p in=z note="äöü"; process q in=z; flow f p -> q encryption=none' >line.ward
check "columns" run 0 check line.ward --format sarif --fail-on never
check "count characters, not bytes" ask '
	grep { $_->{locations}[0]{logicalLocations}[0]{name} eq "q" &&
		$_->{locations}[0]{physicalLocation}{region}{startColumn} == 47 } @{$d->{runs}[0]{results}}'
printf 'zone z exposure=5\nprocess p in=z colour=red\n' >word.ward
check "a word that no rule knows" run 0 check word.ward --format sarif --fail-on never
check "is a remark on the run" ask '
	$d->{runs}[0]{invocations}[0]{toolExecutionNotifications}[0]{message}{text} =~ /"colour" of p is not a word/'
check "valid" sarif

# ---- JUnit ----
check "JUnit" run 1 check old.ward --format junit
check "it is well-formed, and its sums are right" junit
check "open is a failure" grep -qE "name=\"$I/f1\" [^>]*line=\"8\"><failure message=\"[^\"]+\" type=\"(error|warning)\"" out
check "a question is skipped" grep -qE "name=\"$I/f3\" [^>]*><skipped message=\"[^\"]*not known: encryption" out
check "mitigated has its evidence" sh -c "grep -A1 'name=\"$I/f2\"' out | grep -q 'handled: encrypted in transit</system-out>'"
run 1 check old.ward --format junit --all
check "with --all too" junit

# ---- Markdown ----
check "Markdown begins with the verdict" runs_and_says 1 "### Threats of Pump: " check old.ward --format markdown
check "it has a table" out_has '| Level | Threat | Category | Countermeasures | Where |'
check "questions stand by property" grep -qE '^- \*\*encryption\*\* of [0-9]+: ' out
awk 'BEGIN { print "zone n exposure=5; zone o exposure=1; asset r class=health-data c=4 i=4 a=4"
	print "process a in=n; process b in=o"
	for (i = 0; i < 3000; i++) print "flow g" i " a -> b carries=r encryption=none protocol=http" }' >many.ward
check "of many threats" run 1 check many.ward --format markdown
check "fifty are shown" [ "$(grep -c '^| \(error\|warning\|note\)' out)" = 50 ]
check "the rest is a number" grep -qE '^… and [0-9]{4,} more\.$' out
check "errors first" [ "$(grep '^| \(error\|warning\|note\)' out | cut -d' ' -f2 | uniq | head -1)" = error ]
check "the comment is short enough" [ "$(wc -c <out)" -lt 65000 ]
check "SARIF of many" run 1 check many.ward --format sarif
check "is valid" sarif

# ---- a baseline ----
"$W" check old.ward --json --fail-on never >old.json
for base in old.ward old.json; do
	check "beside $base" run 1 check new.ward --baseline $base --json
	check "what was mitigated and is open says so ($base)" ask '
		grep { $_->{id} eq "'$I'/f2" && $_->{since} eq "same" && $_->{was} eq "mitigated" &&
			$_->{outcome} eq "open" } @{$d->{threats}}'
	check "new is new ($base)" ask 'grep { $_->{id} eq "'$I'/f4" && $_->{since} eq "new" } @{$d->{threats}}'
	check "the same is the same ($base)" ask '
		grep { $_->{since} eq "same" && !exists $_->{was} } @{$d->{threats}}'
	check "gone is gone ($base)" ask '
		$d->{baseline} eq "'$base'" && grep { $_->{id} eq "'$I'/app->db" && $_->{outcome} eq "mitigated" } @{$d->{gone}}'
	check "every member of before is there ($base)" ask '
		!grep { my $x = $_; grep { !exists $x->{$_} } qw(id rule stride target outcome by title rev) } @{$d->{threats}}'
	for format in sarif junit; do
		run 1 check new.ward --baseline $base --format $format
		check "$format with $base is valid" $format
	done
done
run 1 check new.ward --baseline old.ward --format sarif
check "SARIF: new, updated" ask '
	2 == grep { "$_->{properties}{finding} $_->{baselineState}" =~ m{^'$I'/(f4 new|f2 updated)$} }
		@{$d->{runs}[0]{results}}'
check "SARIF: what is gone is not an alert, and told" ask '
	grep { $_->{finding} eq "'$I'/app->db" } @{$d->{runs}[0]{properties}{gone}}'
check "JUnit: new" sh -c "'$W' check new.ward --baseline old.ward --format junit | grep -q 'name=\"$I/f4\".*message=\"new: '"
check "JUnit: gone" sh -c "'$W' check new.ward --baseline old.ward --format junit | grep -q '^gone: $I/app-&gt;db: '"
check "Markdown: new" sh -c "'$W' check new.ward --baseline old.ward --format markdown | grep -q '\*\*new\*\*.*| f4, line 14 |'"
check "Markdown: gone" sh -c "'$W' check new.ward --baseline old.ward --format markdown | grep -q 'gone since old.ward'"
check "text: new" runs_and_says 1 "]: new: " check new.ward --baseline old.ward
check "text: was" out_has "[$I]: was mitigated: "
check "text: gone" grep -qE "^old.ward: gone\[$I\]: .* \(app->db\); was mitigated$" out
check "text: a line that counts" grep -qE '^since old.ward: [0-9]+ newly open, [0-9]+ new questions, [0-9]+ gone, 0 to look at again$' out
perl -pe 's/"rev":\d+,//g' old.json >before.json
check "a report of before there were revisions" run 1 check new.ward --baseline before.json --json
check "asks for no second look" ask '!grep { exists $_->{again} } @{$d->{threats}}'

# ---- when the gate closes ----
check "nothing new: the default still says what is open" run 1 check old.ward --baseline old.ward
check "nothing new: new-open lets pass" run 0 check renamed.ward --baseline old.ward --fail-on new-open
check "nothing new: new-question lets pass" run 0 check renamed.ward --baseline old.json --fail-on new-question
check "mitigated before and open now is new enough" run 1 check new.ward --baseline old.ward --fail-on new-open
sed '/^flow f1/d' old.ward >without.ward
{ cat without.ward; echo 'flow f9 app -> api carries=record protocol=mqtt'; } >asks.ward
check "a new question passes new-open" run 0 check asks.ward --baseline without.ward --fail-on new-open
check "and not new-question" run 1 check asks.ward --baseline without.ward --fail-on new-question
check "never" run 0 check new.ward --baseline old.ward --fail-on never
check "new-open without a baseline is not a gate" fails_and_says 2 "--fail-on new-open needs --baseline" check new.ward --fail-on new-open
check "one standard input" fails_and_says 2 "only one file" check - --baseline -
check "the baseline from standard input" sh -c "'$W' check new.ward --baseline - --fail-on new-open <old.ward >out 2>err; [ \$? = 1 ]"

# ---- baselines of nonsense ----
bad() { # NAME FILE
	check "$1 is not a baseline" fails_and_says 3 "$2:" check new.ward --baseline "$2"
	check "$1 is not a model to compare" fails_and_says 3 "$2:" diff "$2" new.ward
	check "$1 is none the other way" fails_and_says 3 "$2:" diff old.ward "$2"
}
: >empty.ward; bad "an empty file" empty.ward
head -c 200 old.json >cut.json; bad "a report cut short" cut.json
printf '\177ELF\002\001\000' >binary; bad "a binary file" binary
printf '{"a":1}' >other.json; bad "JSON of something else" other.json
perl -e 'print "[" x 100000' >deep.json; bad "a file nested 100,000 deep" deep.json
head -c 4096 /dev/urandom >noise; bad "noise" noise
wrong() { # NAME JSON TEXT
	printf '{"model":"m","elements":1,"threats":[%s]}' "$2" >wrong.json
	check "$1" fails_and_says 3 "wrong.json:1:" check new.ward --baseline wrong.json
	check "it says what is wrong with it" grep -qF "$3" err
}
G='"rule":"r","target":"t","title":"x","stride":"spoofing"'
wrong "a threat without id" "{$G,\"outcome\":\"open\"}" "has no id"
wrong "an outcome of nobody's" "{\"id\":\"i\",$G,\"outcome\":\"fine\"}" "not an outcome"
wrong "a revision that is none" "{\"id\":\"i\",$G,\"outcome\":\"open\",\"rev\":\"two\"}" "not the revision"
wrong "a threat that is a number" "7" "has no id"
check "no such baseline" fails_and_says 4 "No such file" check new.ward --baseline nowhere

perl -MJSON::PP -0ne 'print JSON::PP->new->canonical->encode(decode_json($_))' old.json >sorted.json
check "the members of a report stand in any order" run 0 check old.ward --baseline sorted.json --fail-on new-question

# ---- diff ----
check "a model and itself" runs_and_says 0 "0 parts added, 0 removed, 0 changed; threats: 0 newly open, 0 new questions, 0 closed, 0 gone" diff old.ward old.ward
check "that is all" [ "$(wc -l <out)" = 1 ]
check "models that differ" run 0 diff old.ward new.ward
cat >want <<'D'
~ zone ours "Our own": renamed, was "Ours"
+ zone edge "Edge"
~ device api "Gateway": renamed, was "API"
~ device api "Gateway": is a device now, was a process
~ device api "Gateway": moved from "Ours" to "Edge"
- store db "Store", in "Ours"
~ flow f1 "Upload of reports": renamed, was "Upload"
~ flow f1 "Upload of reports": encryption is tls; was none
~ flow f1 "Upload of reports": protocol is https; was http
~ flow f2 "Report": encryption is none; was tls
~ flow f2 "Report": protocol is http; was https
~ flow f3 "Query": encryption is tls; was not stated
~ flow f3 "Query": protocol is https; was not stated
~ flow app->api "Direct": rewired, goes app -> api; went app -> db
+ flow f4 "Answer"
D
grep '^[-+~] \(zone\|asset\|actor\|process\|store\|device\|flow\)' out >parts
check "their parts, in order" cmp parts want
check "what is newly open, and what it was" grep -qE "^! newly open: .*\($I at f2\); was mitigated$" out
check "what is new" grep -qE "^! newly open: .*\($I at f4\)$" out
check "what is closed, by what" grep -qE "^= closed: .*\($I at f1\); was open, now encrypted in transit$" out
check "questions that were answered" grep -qE "^= closed: .*\($I at f3\); was question, now encrypted in transit$" out
cp out one
run 0 diff old.ward new.ward
check "twice the same bytes" same one
sed 's/protocol=https encryption=tls/encryption=tls protocol=https/' new.ward >turned.ward
check "the order of properties is not a difference" runs_and_says 0 "0 changed" diff new.ward turned.ward
printf 'zone z\nprocess a in=z tags=x,y\n' >one.ward; printf 'zone z\nprocess a in=z tags=y,x\n' >two.ward
check "nor is that of values" runs_and_says 0 "0 changed" diff one.ward two.ward
check "diff as JSON" run 0 diff old.ward new.ward --json
check "has the parts" ask '
	$d->{added} == 2 && $d->{removed} == 1 && $d->{changed} == 6 &&
	grep { $_->{id} eq "f2" && grep { $_->{property} eq "encryption" && $_->{old} eq "tls" && $_->{new} eq "none" }
		@{$_->{properties}} } @{$d->{parts}}'
check "null where nothing was stated" ask '
	grep { $_->{id} eq "f3" && !grep { defined $_->{old} } @{$_->{properties}} } @{$d->{parts}}'
check "and the threats" ask '
	grep { $_->{id} eq "'$I'/f1" && $_->{change} eq "closed" && $_->{old} eq "open" && $_->{by} eq "encrypted in transit" }
		@{$d->{threats}}'
check "diff as Markdown" runs_and_says 0 '- **removed** store db “Store”, in “Ours”' diff old.ward new.ward --format markdown
check "diff as a picture" run 0 diff old.ward new.ward --format svg
check "what was added has a class" grep -qE '<a [^>]*class="added" aria-label="added: ' out
check "and a sign" grep -q '<text class="lab added"[^>]*>+ f4' out
check "what was removed is drawn, dashed" grep -qE 'class="removed" aria-label="removed: Store' out
check "by its style" out_has '.removed .node:not(.fill),.removed .flow{stroke:#8a1f12;stroke-dasharray:7 5}'
check "and its sign" out_has '>− </text>'
check "what changed has a sign" out_has '>~ </text>'
check "a legend tells the signs" out_has '+ added · ~ changed · − removed, dashed'
check "it is well-formed" sh -c '! command -v xmllint >/dev/null || xmllint --noout out'
cp out one
run 0 diff old.ward new.ward --format svg
check "the picture is the same each time" same one
run 0 render new.ward
check "a picture of one model has no legend" out_lacks 'class="legend"'
check "two models are needed" fails_and_says 2 "two models" diff old.ward
check "one standard input at most" fails_and_says 2 "only one file" diff - -
check "a bad format" fails_and_says 2 "markdown or svg" diff old.ward new.ward --format sarif
check "another format than .ward" sh -c "'$W' convert old.ward >printed.ward && '$W' diff old.ward printed.ward | grep -q '^0 parts added, 0 removed, 0 changed'"
# Zones inside each other, deeper together than either model may be.
awk 'BEGIN { print "zone z0"; for (i = 1; i < 32; i++) print "zone z" i " in=z" i-1; print "process p in=z31" }' >deep.ward
awk 'BEGIN { print "zone y0"; for (i = 1; i < 32; i++) print "zone y" i " in=y" i-1; print "zone z0 in=y31"; print "process q in=z0" }' >deeper.ward
check "deep zones" run 0 diff deep.ward deeper.ward --format svg
check "are all drawn" [ "$(grep -c 'class="zone ' out)" -ge 32 ]

# ---- hostile names ----
perl -CO -e '
	my $evil = "\\n::error::x\x{202e}gnp.exe\x{2028}a|b`c`<script>alert(1)</script>]]>&amp;\@team #1 [x](javascript:y) http://evil.example www.evil.example \x{1}\x{9b}2J\x{feff}\x{fffe}";
	my $long = "L" x 10000;
	print "system \"$evil\"\nzone z \"$evil\" exposure=5\nzone o \"$long\" exposure=1\n";
	print "asset r \"$evil\" class=health-data c=4 i=4 a=4\nprocess a \"$evil\" in=z\nprocess b \"$long\" in=o\n";
	print "flow \x27f|<x>]]>\x{202e}`\x27 a -> b \"$evil\" carries=r encryption=none protocol=http\n";
	print "flow \x27$long\x27 a -> b \"$long\" carries=r\n";
	print "flow g a -> b carries=r protocol=\"$evil\"\n"' >evil.ward
perl -CSD -pe 's/encryption=none/encryption=tls/; s/"(L+)"/"M$1"/; $_ = "" if /^flow g/' evil.ward >milder.ward
hidden() { # the characters that forge lines and turn the direction of writing
	! perl -CSD -ne 'exit 1 if /[\x00-\x08\x0b-\x1f\x7f-\x9f\x{202a}-\x{202e}\x{2028}\x{2029}\x{feff}\x{fffe}]/' out
}
clean() { ! hidden; }
for format in text markdown junit sarif; do
	check "hostile names, $format" run 1 check evil.ward --baseline milder.ward --format $format
	[ $format = sarif ] || check "nothing hidden, $format" clean
	[ $format = sarif ] || check "no line is forged, $format" sh -c '! grep -q "^::error" out'
done
check "hostile names, SARIF is valid" sarif
run 1 check evil.ward --baseline milder.ward --format junit
check "hostile names, XML is valid" junit
run 1 check evil.ward --baseline milder.ward --format markdown
check "no markup of strangers" sh -c '! grep -qE "<script|[^\\\\]\|b|[^\\\\]\]\(javascript" out'
check "nobody is called" sh -c '! grep -qE "@team" out'
check "nothing becomes a link" sh -c '! grep -qE "http://|www\.e" out'
check "rows stay rows" sh -c '! grep "^| " out | grep -vqE "^(\| ([^|\\\\]|\\\\.)*){5}\|$"'
check "the comment stays short" [ "$(wc -c <out)" -lt 65000 ]
check "hostile names, JSON" run 1 check evil.ward --baseline milder.ward --json
check "has them exactly" ask 'grep { $_->{target} eq "f|<x>]]>\x{202e}`" } @{$d->{threats}}'
run 0 check evil.ward --json --fail-on never
cp out evil.json
check "and is a baseline" run 0 check evil.ward --baseline evil.json --fail-on new-question
for format in text markdown; do
	check "hostile names, diff $format" run 0 diff milder.ward evil.ward --format $format
	check "nothing hidden, diff $format" clean
done
check "the comment of a difference stays short" [ "$(wc -c <out)" -lt 65000 ]
check "hostile names, diff JSON" run 0 diff evil.ward milder.ward --json
check "can be read" ask '1'
check "hostile names, picture" run 0 diff evil.ward milder.ward --format svg
check "has no markup of strangers" out_lacks "<script"
check "nothing hidden, picture" clean
check "and is well-formed" sh -c '! command -v xmllint >/dev/null || xmllint --noout out'
echo "1..$n"
