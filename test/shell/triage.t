#!/bin/sh
# Triage, the backlog and the recorded model on the command line: what waits, what goes out and comes
# back, what changed.
cd "$(dirname "$0")/../.." || exit 1
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
export WARD_STORE="$T/store"
n=0

# check NAME CODE ARGS...: the program ends with CODE.
check() {
	n=$((n + 1)) name=$1 want=$2
	shift 2
	"$W" "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$want" ] && { echo "ok $n $name"; return; }
	echo "not ok $n $name: exit $got, not $want"
	sed 's/^/# /' "$T/out" "$T/err" | head -20
}
# has NAME FILE TEXT: the file holds the text.
has() {
	n=$((n + 1))
	grep -qF -- "$3" "$T/$2" && { echo "ok $n $1"; return; }
	echo "not ok $n $1: no $3"
	sed 's/^/# /' "$T/$2" | head -20
}
# holds NAME PERL: the expression over $d, the output as JSON, is true.
holds() {
	n=$((n + 1))
	perl -MJSON::PP -0ne 'BEGIN { $e = shift } my $d = decode_json($_); exit !eval $e' "$2" "$T/out" &&
		{ echo "ok $n $1"; return; }
	echo "not ok $n $1"
	head -c 600 "$T/out" | sed 's/^/# /'
}

"$W" init --demo "$WARD_STORE" >"$T/out" 2>&1 || { echo "1..0 # SKIP no demo store"; exit 0; }

check "what waits is listed" 0 triage
has "questions first" out "question  "
has "then what is open" out "open      "
has "and counted" out "with a question"
check "as JSON" 0 triage --json
holds "with places, questions and answers" \
	'$d->{counts}{open} > 0 && $d->{questions}[0]{findings} > 1 && @{$d->{questions}[0]{answers}} > 1'
holds "the worst first" \
	'my @s = map { $_->{safety} } @{$d->{items}}; !grep { $s[$_] > $s[$_ - 1] } 1 .. $#s'
check "what is open may fail a build" 1 triage --fail-on open
check "or not" 0 triage --fail-on never
check "a bad word of --fail-on" 2 triage --fail-on maybe
check "a word too many" 2 triage everything

check "the backlog needs a format" 2 export backlog
has "and says which" err "jira"
check "the backlog as CSV" 0 export backlog --format csv -o "$T/own.csv"
has "with acceptance and controls" own.csv "acceptance"
check "for Jira" 0 export backlog --format jira -o "$T/jira.csv"
has "with ids in titles" jira.csv "[REQ-01]"
check "for GitHub" 0 export backlog --format github
holds "as issues" '@$d > 20 && $d->[0]{title} =~ /^\[REQ-/ && $d->[0]{body} =~ /Acceptance/'
check "of one product" 0 export backlog --format github --product PRD-99
holds "which may have none" '@$d == 0'
for f in own jira; do
	check "$f is read back" 0 import-backlog "$T/$f.csv"
	has "and changes nothing" out ", 0 requirements changed"
done

printf 'id,key,status,assignee\nREQ-01,SEC-1,In Progress,ada\nREQ-02,SEC-2,Done,\n' >"$T/state.csv"
check "the state of the tracker" 0 import-backlog "$T/state.csv" --reason "weekly"
has "is taken over" out "2 items, 2 requirements changed"
check "the same file again" 0 import-backlog "$T/state.csv"
has "changes nothing" out "2 items, 0 requirements changed"
check "the requirement has it" 0 show REQ-01 --json
holds "with key, state and assignee" '$d->{backlog} eq "SEC-1" && $d->{backlog_state} eq "In Progress" &&
	$d->{backlog_assignee} eq "ada"'
check "and in its history the reason" 0 history REQ-01
has "as given" out "weekly"

printf 'id,status\nREQ-01,Open\nREQ-99,Open\nREQ-02,Open,more\n' >"$T/bad.csv"
check "a file with bad rows" 3 import-backlog "$T/bad.csv"
has "names the first" err "bad.csv:3:1: there is no requirement REQ-99"
has "and the second" err "bad.csv:4:1: this row has not as many cells"
check "is not taken in part" 0 show REQ-01 --json
holds "at all" '$d->{backlog_state} eq "In Progress"'
check "a file that is not there" 4 import-backlog "$T/none.csv"
check "no file" 2 import-backlog
check "the model as text" 0 export model -o "$T/now.ward"
has "with its parts" now.ward "device C15 \"TheatreLink G2 gateway\""
has "and the threats recorded" now.ward "threat THR-01"
check "which the gate reads" 1 check "$T/now.ward"
for f in otm threat-dragon tm-library cyclonedx csv mermaid dot svg; do
	check "as $f" 0 export model --format $f -o "$T/model.$f"
done
check "and a tool's file is read again" 1 check "$T/model.otm" -q
check "no such format" 2 export model --format visio
check "the model of another day" 0 export model --at 2000-01-01 -o "$T/none.ward"
n=$((n + 1))
grep -q "^zone" "$T/none.ward" && echo "not ok $n had nothing" || echo "ok $n had nothing"
check "what came since" 0 diff --from 2000-01-01
has "is told" out "+ device C15"
check "for programs" 0 diff --from 2000-01-01 --to 2000-02-01 --json
holds "nothing, then" '@{$d->{parts}} == 0 && $d->{added} == 0'
check "on the picture" 0 diff --from 2000-01-01 --format svg -o "$T/changes.svg"
has "with signs" changes.svg 'class="added"'
check "times in the wrong order" 2 diff --from 2026-09-01 --to 2026-08-01
check "no time" 2 diff --from soon
check "a time and files" 2 diff --from 2026-09-01 a.ward b.ward
check "the ledger agrees" 0 verify
echo "1..$n"
