#!/bin/sh
# What is taken away is gone from what is made of it: pages, kinds, objects, tests.  The tree is copied, and
# a compiler that only makes empty files stands in for the real one.
cd "$(dirname "$0")/../.." || exit 1
command -v git >/dev/null && git rev-parse --git-dir >/dev/null 2>&1 || { echo "1..0 # SKIP not a clone"; exit 0; }
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
mkdir "$T/tree"
git ls-files -z | xargs -0 tar cf - 2>/dev/null | tar xf - -C "$T/tree"
cat >"$T/cc" <<'CC'
#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
: >"$out"
chmod +x "$out"
CC
chmod +x "$T/cc"
cd "$T/tree" || exit 1
unset MAKEFLAGS MAKELEVEL BUILD
n=0
check() { # NAME COMMAND...
	n=$((n + 1))
	name=$1
	shift
	if "$@" >"$T/out" 2>&1; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		sed 's/^/# /' "$T/out" | head -20
	fi
}
not() { ! "$@"; }
build() { make -s "$@" CC="$T/cc"; }
lib=build/release/libward.a

check "everything is made" build build/ward
page=$(ls pages/*/*.html | head -1) kind=$(ls kinds/*/*.kind | head -1)
word=$(sed -n 's/.*{% page \([a-z_]*\)(.*/\1/p' "$page" | head -1)
check "the page is in it" grep -q "${word}_html" build/gen/pages.c
before=$(cksum <build/gen/pages.c)
check "made again, nothing is" build build/gen/pages.c
check "the pages are as they were" [ "$before" = "$(cksum <build/gen/pages.c)" ]
rm "$page"
touch -d '-1 hour' pages pages/*
check "a page is taken away" build build/gen/pages.c
check "it is gone, whatever the times say" not grep -q "${word}_html" build/gen/pages.c
cp "$kind" "$T/kept"
name=$(sed -n 's/^kind \([a-z_]*\).*/\1/p' "$kind" | head -1)
check "the kind is in it" grep -q "kind $name " "$kind"
rm "$kind"
touch -d '-1 hour' kinds kinds/*
check "a kind is taken away: mkkind is asked, and says what is missing" not build build/gen/kinds.c
cp "$T/kept" "$kind"
touch src/base/gone.c
check "a source is added" build $lib
check "its object is in the archive" sh -c "ar t $lib | grep -qx gone.o"
rm src/base/gone.c
check "and taken away" build $lib
check "its object is not in the archive" not sh -c "ar t $lib | grep -qx gone.o"
touch test/unit/test_gone.c
check "a test is added" build BUILD=test unit
check "its program is there" [ -x build/test/unit/test_gone ]
rm test/unit/test_gone.c
check "and taken away" build BUILD=test unit
check "its program is not run again" [ ! -e build/test/unit/test_gone ]
check "the others are" [ -x build/test/unit/test_base ]

# ---- make format ----
if command -v git-clang-format >/dev/null; then
	git init -q . && git add -A && git -c user.name=t -c user.email=t@example.org commit -qm t
	printf '\nint   apart  ;\n' >>src/base/hex.c
	check "format lays out what was changed" make -s format
	check "that line" grep -qx 'int apart;' src/base/hex.c
	check "and no other line of any file" [ "$(git diff --numstat)" = "2	0	src/base/hex.c" ]
else
	echo "ok $((n + 1)) # SKIP git-clang-format is not installed"
	n=$((n + 1))
fi
echo "1..$n"
