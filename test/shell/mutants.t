#!/bin/sh
# Every rule of test/mutants/run finds its place in a small source, and none finds one elsewhere;
# an explanation that fits nothing is an error.  The mutants themselves: `make mutants`.
cd "$(dirname "$0")/../.." || exit 1
run=$PWD/test/mutants/run
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
n=0

ok() { # what, command...
	n=$((n + 1))
	what=$1
	shift
	"$@" && echo "ok $n $what" || echo "not ok $n $what"
}
list() { (cd "$tree" && "$run" LIST=1 AREAS=areas EXPLAINED=explained "$@"); }
# says TEXT: a body of a function that is changed as the lines of standard input say.
says() {
	printf 'void f(void)\n{\n%s\n}\n' "$1" >"$tree/x.c"
	sed 's/^/x.c:/' >"$tree/want"
	list >"$tree/got" 2>&1
	sort "$tree/got" >"$tree/got.sorted"
	sort "$tree/want" | diff - "$tree/got.sorted" >"$tree/diff" || { sed 's/^/# /' "$tree/diff"; return 1; }
}
printf 'x! x.c none\n' >"$tree/areas"

ok "comparisons and limits" says '	x = a < b;' <<'END'
3: compare: x = a <= b;
3: limit: x = a < -1 + b;
END
ok "equality" says '	x = a == b;' <<'END'
3: compare: x = a != b;
END
ok "what an if asks" says '	if (ready(a))' <<'END'
3: never: if ((ready(a)) && 0)
3: always: if ((ready(a)) || 1)
END
ok "what a while asks" says '	while (ready(a))' <<'END'
3: never: while ((ready(a)) && 0)
END
ok "an if of one comparison is not turned round as well" says '	if (a == b)' <<'END'
3: never: if ((a == b) && 0)
3: always: if ((a == b) || 1)
END
ok "operands" says '	return a(1, 2) && b;' <<'END'
3: operand: return 1 && b;
3: operand: return a(1, 2) && 1;
END
ok "operands over two lines keep the lines" says '	x = a || b(1,
		2) || c;' <<'END'
3: operand: x = 0 || b(1,
3: operand: x = a || 0
4: operand: 2) || 0;
END
ok "statements" says '	call(a, b);
	bad |= c;
	plain = d;' <<'END'
3: statement: call(a, b); -> ;
4: statement: bad |= c; -> ;
END
ok "conditions and comparisons of SQL, over literals" says '	q(SQL("SELECT a FROM t WHERE a = $1 AND (b IS NULL"
		" OR b <= $2) ORDER BY a"));' <<'END'
3: statement: q(SQL("SELECT a FROM t WHERE a = $1 AND (b IS NULL" -> ;
3: where: q(SQL("SELECT a FROM t WHERE (1 = 1 OR a = $1) AND (b IS NULL"
3: where: q(SQL("SELECT a FROM t WHERE a = $1 AND (1 = 1 OR (b IS NULL"
4: sql: " OR b < $2) ORDER BY a"));
END
ok "comments, literals, directives and asserts stay" says '	/* if (a < b) */
	assert(a < b && c);
	assert(a < b &&
		c < d);
	x = "a < b"; // if (c)
#if a < b
#endif' </dev/null

printf 'void f(void)\n{\n\tbad |= c;\n}\n' >"$tree/x.c"
printf 'file: x.c\nrule: statement\nline: bad |= c; -> ;\nwhy: A reason.\n' >"$tree/explained"
list >/dev/null
ok "an explanation fits" test $? = 0
printf '\nfile: x.c\nrule: statement\nline: bad |= d; -> ;\nwhy: A reason.\n' >>"$tree/explained"
list >"$tree/got"
ok "one that fits nothing is an error" test $? = 1
ok "and is said" grep -qF 'explains nothing any more: x.c: statement: bad |= d; -> ;' "$tree/got"
printf 'file: x.c\nrule: statement\nline: bad |= c; -> ;\n' >"$tree/explained"
list >"$tree/got" 2>&1
ok "one without a reason is an error" test $? != 0
rm "$tree/explained"
ok "the same sample for the same seed" test "$(list SAMPLE=1 SEED=7)" = "$(list SAMPLE=1 SEED=7)"

"$run" LIST=1 >"$tree/got" 2>&1
ok "what is explained of this source is still there" test $? = 0
grep '^explain' "$tree/got" | sed 's/^/# /'
echo "1..$n"
