#!/bin/sh
# mkpage refuses every page of test/data/mkpage/bad_* with the sentence beside it, writes nothing
# then, and what it makes of good_all.html compiles and prints good_all.expect.
cd "$(dirname "$0")/../.." || exit 1
mkpage=build/tools/mkpage
data=test/data/mkpage
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
n=0
say() { # status, claim
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n $2" || echo "not ok $n $2"
}

[ -x $mkpage ] || make -s $mkpage || exit 1
for page in $data/bad_*.html; do
	got=$($mkpage "$out" "$page" 2>&1)
	status=$?
	want="$page:$(cat "${page%.html}.expect")"
	[ $status = 1 ] && [ "$got" = "$want" ] && [ ! -e "$out/pages.c" ]
	say $? "refuses $(basename "$page" .html)"
	[ "$got" = "$want" ] || printf '# got  %s\n# want %s\n' "$got" "$want"
done

$mkpage "$out" $data/good_all.html
say $? "compiles good_all.html"
${CC:-gcc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Wconversion -Werror -Isrc -I$data \
	-I"$out" -o "$out/good" "$out/pages.c" $data/good_main.c src/web/html.c src/base/str.c \
	src/base/buf.c src/base/arena.c src/base/unwind.c src/os/memory.c
say $? "what it wrote compiles without a warning"
"$out/good" >"$out/got" && diff -u $data/good_all.expect "$out/got" >"$out/diff"
say $? "every value is escaped for its place"
[ ! -s "$out/diff" ] || sed 's/^/# /' "$out/diff"

sed 's/r->owner/r->ownr/' $data/good_all.html >"$out/typo.html"
$mkpage "$out" "$out/typo.html"
${CC:-gcc} -std=c17 -D_GNU_SOURCE -Isrc -I$data -I"$out" -c -o "$out/typo.o" "$out/pages.c" \
	2>"$out/errors"
grep -q "typo.html:15:.*ownr" "$out/errors"
say $? "an error in an expression names the line of the page"

printf '{%% page p(bool b) %%}{{ b }}{%% end %%}' >"$out/bool.html"
$mkpage "$out" "$out/bool.html"
${CC:-gcc} -std=c17 -D_GNU_SOURCE -Isrc -I"$out" -c -o "$out/bool.o" "$out/pages.c" 2>"$out/errors"
grep -q "_Generic.*_Bool" "$out/errors"
say $? "a bool does not compile as a value"
printf '{%% page p(struct html h) %%}<a title="{{ h }}">x</a>{%% end %%}' >"$out/html.html"
$mkpage "$out" "$out/html.html"
${CC:-gcc} -std=c17 -D_GNU_SOURCE -Isrc -I"$out" -c -o "$out/html.o" "$out/pages.c" 2>"$out/errors"
grep -q "_Generic.*struct html" "$out/errors"
say $? "trusted HTML does not compile inside an attribute"
echo "1..$n"
