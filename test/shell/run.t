#!/bin/sh
# What test/run says of tests that pass, fail, die, take too long and do not run, in a tree of
# its own.
cd "$(dirname "$0")/../.." || exit 1
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
mkdir -p "$T/test/shell" "$T/test/browser" "$T/build/tools" "$T/build/test/unit" "$T/build/test/fuzz"
cp test/run test/keep "$T/test/"
printf '#!/bin/sh\n' >"$T/build/tools/tidy"
printf 'unit fuzz:\n' >"$T/Makefile"
chmod +x "$T/build/tools/tidy"
n=0

# put PATH LINES: a test of that tree that prints the lines; of those that begin with "!" the rest
# is a command.
put() {
	{
		echo '#!/bin/sh'
		printf '%b\n' "$2" | sed "s/^!\\(.*\\)/\\1/; t; s/'/'\\\\\\\\''/g; s/.*/echo '&'/"
	} >"$T/$1"
	chmod +x "$T/$1"
}
says() { # NAME CODE LINE...: how test/run ends, and what stands in what it prints.
	n=$((n + 1))
	what=$1 want=$2
	shift 2
	(cd "$T" && unset CI WARD_FAST MAKEFLAGS MAKELEVEL && sh test/run) >"$T/out" 2>&1
	got=$?
	for line; do grep -qF -- "$line" "$T/out" || got="$got without \"$line\""; done
	[ "$got" = "$want" ] && echo "ok $n $what" && return
	echo "not ok $n $what: $got"
	sed 's/^/# /' "$T/out"
}

put build/test/unit/test_a '1..2\nok 1 one\nok 2 two'
put build/test/fuzz/fuzz_a '1..1\nok 1 three'
put test/shell/a.t '1..1\nok 1 four'
put test/browser/run 'ok 1 five\n1..1'
says "all pass" 0 "5 passed, 0 failed, 0 skipped"
put test/shell/b.t '1..2\nok 1 six # SKIP not here\nok 2 seven'
put test/shell/c.t '1..0 # SKIP there is no go'
says "what did not run is counted and named" 0 "6 passed, 0 failed, 2 skipped" \
	"six # SKIP not here" "c.t.tap:1..0 # SKIP there is no go"
put build/test/unit/test_b '1..2\n# seed 7\n# file.c:9: not so\nnot ok 1 eight\nok 2 nine\n!exit 1'
says "what failed has its name, its reason and its seed" 1 "7 passed, 1 failed, 2 skipped" \
	"not ok 1 eight" "# file.c:9: not so" "# seed 7" "test_b.tap:"
rm "$T/build/test/unit/test_b"
put build/test/unit/test_c '1..2\nok 1 ten\n!kill -9 $$'
says "what dies has failed" 1 "7 passed, 1 failed, 2 skipped" "build/test/unit/test_c"
rm "$T/build/test/unit/test_c"
put test/shell/d.t '1..3\nok 1 eleven'
says "so has what ends too early" 1 "7 passed, 1 failed, 2 skipped" "test/shell/d.t"
rm "$T/test/shell/d.t"
sed -i 's/group shell 300/group shell 1/' "$T/test/run"
put test/shell/e.t '1..1\nok 1 twelve\n!exec sleep 5'
says "and what takes too long" 1 "7 passed, 1 failed, 2 skipped" "test/shell/e.t"
echo "1..$n"
