# What the shell tests of the program share; each reads it with ". test/shell/tap.sh" from the root
# of the tree.  check prints one line of TAP; run starts the program under test ($W), whose standard
# output and error stay in $T/out and $T/err for what is asked next.  $T goes when the test ends.
# shellcheck shell=sh
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'chmod -R u+rwX "$T"; rm -rf "$T"' EXIT
: >"$T/out" >"$T/err"
n=0

# check NAME CONDITION...: runs the condition; what it and the program said is told when it fails.
check() {
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$T/said" 2>&1; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		cut -c1-300 "$T/said" "$T/out" "$T/err" | head -30 | sed 's/^/# /'
	fi
}
# run CODE ARGS...: the program ends with CODE, within two minutes.
run() {
	want=$1
	shift
	timeout 120 "$W" "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$want" ] || { echo "exit $got, not $want"; return 1; }
}
out_has() { grep -qF -- "$1" "$T/out"; }
err_has() { grep -qF -- "$1" "$T/err"; }
# runs_and_says CODE TEXT ARGS...: the same, and TEXT stands on standard output.
runs_and_says() { code=$1 text=$2; shift 2; run "$code" "$@" && out_has "$text"; }
# fails_and_says CODE TEXT ARGS...: TEXT stands on standard error, nothing on standard output.
fails_and_says() {
	code=$1 text=$2
	shift 2
	run "$code" "$@" && err_has "$text" && [ ! -s "$T/out" ]
}
json() { perl -MJSON::PP -0ne 'exit !eval { decode_json($_); 1 }' "$T/out"; }
