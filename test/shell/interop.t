#!/bin/sh
# What leaves the ledger, checked by a program that shares no code with ward: Go's golang.org/x/mod/sumdb.
# Whole copies are taken by both, damaged ones by neither.
cd "$(dirname "$0")/../.." || exit 1
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
command -v go >/dev/null || { echo "1..0 # SKIP Go is not installed: apt-get install golang-go golang-golang-x-mod-dev"; exit 0; }
[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] ||
	{ echo "1..0 # SKIP golang-golang-x-mod-dev is not installed"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0
check() { # NAME COMMAND...
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$T/now" 2>"$T/err"; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		sed 's/^/# /' "$T/now" "$T/err" | head -20
	fi
	mv "$T/now" "$T/out"
}
refused() { ! "$@"; }
exits() { # CODE COMMAND...
	want=$1
	shift
	"$@"
	got=$?
	[ "$got" = "$want" ] || { echo "exit $got, not $want"; return 1; }
}

GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$T/cache" go build -o "$T/stranger" test/interop/stranger.go ||
	{ echo "not ok 1 the program builds"; echo "1..1"; exit 1; }
S=$T/stranger
export WARD_STORE="$T/s"
"$W" init --demo "$T/s" >/dev/null || exit 1
key=$(cat "$T/s/keeper/vkey")
go() { "$S" "$@"; }
ward() { "$W" "$@" --key "$key"; }

# ---- a log that grew ----
check "a log is exported" "$W" ledger export "$T/old"
cp "$T/old/checkpoint" "$T/paper"
check "Go takes it, with an inclusion proof of every entry" go log "$key" "$T/old"
check "so does ward, without the store" ward verify "$T/old"
check "and with the checkpoint on paper" ward verify "$T/old" --checkpoint "$T/paper"
"$W" user setup >/dev/null && "$W" user setup >/dev/null
cp -r "$T/old" "$T/new"
check "a second export adds what is new" "$W" ledger export "$T/new"
check "two more entries are in it" grep -q " 2 of them new" "$T/out"
check "Go: the new log continues the old one" go grow "$key" "$T/old" "$T/new"
check "ward: the new log continues the one on paper" ward verify "$T/new" --checkpoint "$T/paper"
check "the old log does not hold the new checkpoint" exits 5 ward verify "$T/old" --checkpoint "$T/new/checkpoint"

# ---- consistency ----
check "a proof of consistency" "$W" ledger consistency "$T/paper" -o "$T/c"
check "Go takes it" go consistency "$key" "$T/c" "$T/paper"
check "ward takes it" ward verify "$T/c" --checkpoint "$T/paper"
check "it is about this checkpoint alone" exits 2 ward verify "$T/c" --checkpoint "$T/new/checkpoint"
check "Go says so, too" refused go consistency "$key" "$T/c" "$T/new/checkpoint"
check "without the checkpoint that one keeps it proves nothing" exits 2 ward verify "$T/c"

# ---- receipts ----
size=$(sed -n 2p "$T/new/checkpoint")
several() { # CHECKER: a receipt of entries around the edges of tiles
	for i in 0 1 255 256 257 511 512 1023 4095 4096 $((size - 2)) $((size - 1)); do
		"$W" prove "$i" --open-private -o "$T/r" && "$@" "$T/r" || return 1
	done
}
check "Go takes receipts with everything opened" several "$S" receipt "$key"
check "ward takes them" several "$W" verify --key "$key"
check "a receipt that opens" "$W" prove RSK-09 --open -o "$T/r"
check "shows Go what was approved" go receipt "$key" "$T/r"
check "the record itself" grep -q '^record .*Slow patching leaves known holes' "$T/out"
check "and ward" ward verify "$T/r"
check "the record itself" grep -q 'title: Slow patching leaves known holes' "$T/out"
check "a receipt that opens nothing" "$W" prove RSK-09 -o "$T/bare"
check "says nothing of it" refused grep -q "Slow patching" "$T/bare"
check "and holds in Go" go receipt "$key" "$T/bare"
check "and in ward" ward verify "$T/bare"

# ---- the latest ----
check "a proof of the latest entry" "$W" prove RSK-09 --latest --open -o "$T/l"
check "Go takes it" go latest "$key" "$T/l"
behind=$(sed -n 's/.*, \([0-9]*\) behind it, \([0-9]*\) name.*/\1 \2/p' "$T/out")
check "ward takes it" ward verify "$T/l" --json
check "both count the same" grep -q "\"later\":${behind% *},\"naming\":${behind#* }," "$T/out"

# ---- damaged copies: neither takes one ----
# flip FILE SEED: one bit of one byte, drawn by the seed.
flip() {
	perl -e 'my ($f, $seed) = @ARGV; srand($seed); local $/; open(my $h, "<:raw", $f) or die; my $b = <$h>; close $h;
		my $at = int(rand(length $b)); substr($b, $at, 1) ^= chr(1 << int(rand(8)));
		open($h, ">:raw", $f) or die; print $h $b; close $h; print STDERR "byte $at of $f\n"' "$1" "$2"
}
# neither COUNT FILE -- GO WORDS -- WARD WORDS: every damaged FILE is refused by both.
neither() {
	count=$1 file=$2 gowords=$3 wardwords=$4
	cp "$file" "$T/whole"
	i=0 bad=0
	while [ $i -lt "$count" ]; do
		i=$((i + 1))
		cp "$T/whole" "$file"
		flip "$file" $i
		# shellcheck disable=SC2086
		"$S" $gowords >/dev/null 2>&1 && { echo "Go takes seed $i"; bad=1; }
		# shellcheck disable=SC2086
		timeout 60 "$W" verify $wardwords --key "$key" >/dev/null 2>&1
		got=$?
		case $got in
		2 | 3 | 5) ;;
		*) echo "ward exits $got at seed $i"; bad=1 ;;
		esac
	done
	cp "$T/whole" "$file"
	[ $bad = 0 ]
}
check "100 damaged receipts" neither 100 "$T/r" "receipt $key $T/r" "$T/r"
check "100 damaged proofs of consistency" neither 100 "$T/c" "consistency $key $T/c $T/paper" "$T/c --checkpoint $T/paper"
check "100 damaged proofs of the latest entry" neither 100 "$T/l" "latest $key $T/l" "$T/l"
files() {
	find "$T/new" -type f | sort >"$T/files"
	# Partial tiles of the export before are there too; nobody reads those of another size.
	size=$(sed -n 2p "$T/new/checkpoint") before=$(sed -n 2p "$T/paper")
	grep -v "p/$((before % 256))$" "$T/files"
}
all=0
for file in $(files); do
	neither 2 "$file" "log $key $T/new" "$T/new" >"$T/one" 2>&1 || { all=1; sed "s|^|# $file: |" "$T/one"; }
done
check "each file of the export damaged twice" test $all = 0
check "and whole again" go log "$key" "$T/new"

# ---- other keys ----
"$W" init --origin ward.example/other "$T/other" >/dev/null || exit 1
other=$(cat "$T/other/keeper/vkey")
check "the key of another log opens nothing" refused "$S" receipt "$other" "$T/r"
check "in ward neither" exits 5 "$W" verify "$T/r" --key "$other"
check "another log is not written over this one" exits 6 "$W" ledger export "$T/new" --store "$T/other"
echo "1..$n"
