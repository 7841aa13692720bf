#!/bin/sh
# The layout against Graphviz: on our examples at most a quarter more crossings than dot makes.
cd "$(dirname "$0")/../.." || exit 1
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
command -v dot >/dev/null || { echo "1..0 # SKIP dot of Graphviz is not installed"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0
for model in examples/models/*.ward examples/surgerycloud/model.ward self/model.ward; do
	n=$((n + 1))
	"$W" render "$model" -q >"$T/ours.svg" && "$W" convert "$model" --to dot -q >"$T/model.dot" &&
		dot -Tplain "$T/model.dot" >"$T/dot.plain" || echo "Bail out! $model is not drawn"
	# shellcheck disable=SC2046
	set -- $(perl test/shell/crossings.pl "$T/ours.svg" "$T/dot.plain")
	name="$model: $1 crossings, dot has $2; $3 flows on another"
	if [ -n "$3" ] && [ $(($1 * 4)) -le $(($2 * 5)) ] && [ "$3" = 0 ]; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
	fi
done
echo "1..$n"
