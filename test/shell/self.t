#!/bin/sh
# Ward's own threat model: what is open or in question is exactly what self/residual.txt explains.
cd "$(dirname "$0")/../.." || exit 1
. test/shell/tap.sh
"$W" check self/model.ward --json >"$T/json" 2>"$T/err"
check "the model is read, with findings" [ $? = 1 ]
check "no word of it is unknown, nothing was left out" [ ! -s "$T/err" ]
perl -MJSON::PP -0ne 'print map { "$_->{id}\n" } grep { $_->{outcome} ne "mitigated" }
	@{decode_json($_)->{threats}}' "$T/json" | LC_ALL=C sort >"$T/found"
sed -E '/^(#|$)/d; s/[ \t].*//' self/residual.txt | LC_ALL=C sort >"$T/known"
check "each has a reason" [ -z "$(sed -E '/^(#|$)/d' self/residual.txt | grep -vE '^[^ ]+ +[A-Z].*[.]$')" ]
check "nothing is open that is not explained, nothing explained that is not open" \
	diff "$T/known" "$T/found"
check "most threats are mitigated, with what" grep -q '"outcome":"mitigated","by":"[^"]' "$T/json"
"$W" convert self/model.ward >"$T/printed"
"$W" convert "$T/printed" >"$T/again"
check "the model survives being printed and read" cmp "$T/printed" "$T/again"
echo "1..$n"
