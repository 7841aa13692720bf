#!/bin/sh
# The processes of a served store hold together, whichever of them is killed, and end together.
cd "$(dirname "$0")/../.." || exit 1
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
[ -r /proc/self/stat ] || { echo "1..0 # SKIP there is no /proc"; exit 0; }
D=$(mktemp -d)
N=0
MONITOR=
cleanup()
{
	[ -n "$MONITOR" ] && kill -9 "$MONITOR" 2>/dev/null
	rm -rf "$D"
}
trap cleanup EXIT INT TERM

check()
{
	N=$((N + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $N $2"
	else
		echo "not ok $N $2"
		sed 's/^/# /' "$D/log"
	fi
}

# The child of a process; "" when there is none.
child_of()
{
	for stat in /proc/[0-9]*/stat; do
		sed -n "s/^\([0-9]*\) ([^)]*) [RSDT] $1 .*/\1/p" "$stat" 2>/dev/null
	done | head -1
}

# Repeats a condition for 20 seconds: machines are slow.
wait_for()
{
	for _ in $(seq 200); do
		eval "$1" && return 0
		sleep 0.1
	done
	return 1
}

is_gone()
{
	# A zombie has ended.
	! grep -q '^[0-9]* ([^)]*) [RSDT] ' "/proc/$1/stat" 2>/dev/null
}

# Serves in a group of its own, so that a signal can go to all as a terminal's does.
serve()
{
	: >"$D/log"
	WARD_HUNG_AFTER=3 setsid "$W" serve --store "$D/s" --listen "unix:$D/sock" 2>"$D/log" >/dev/null &
	MONITOR=$!
	SERVER= KEEPER=
	wait_for 'SERVER=$(child_of "$MONITOR"); [ -n "$SERVER" ]' &&
		wait_for 'KEEPER=$(child_of "$SERVER"); [ -n "$KEEPER" ]' && sleep 0.5
}

"$W" init "$D/s" >/dev/null 2>"$D/log" || { cat "$D/log"; echo "1..1"; echo "not ok 1 init"; exit 1; }

serve
check $? "monitor, server and keeper run"

# The private half of the key in the memory of a process, as of the keeper, which has to be found.
holds_key()
{
	python3 - "$1" "$D/s/keeper/key" <<-'EOF'
		import base64, re, sys
		key = base64.b64decode(open(sys.argv[2]).read().split()[-1])[:32]
		with open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as memory:
		    for line in open(f"/proc/{sys.argv[1]}/maps"):
		        begin, end = (int(x, 16) for x in re.match(r"(\w+)-(\w+) r", line).groups()) \
		            if re.match(r"\w+-\w+ r", line) else (0, 0)
		        try:
		            memory.seek(begin)
		            if key in memory.read(end - begin):
		                sys.exit(0)
		        except (OSError, ValueError, OverflowError):
		            pass
		sys.exit(1)
	EOF
}
if command -v python3 >/dev/null && holds_key "$KEEPER" 2>/dev/null; then
	! holds_key "$SERVER" 2>"$D/log" && ! holds_key "$MONITOR" 2>"$D/log"
	check $? "the signing key is in the memory of the keeper alone"
else
	N=$((N + 1)) && echo "ok $N # SKIP the memory of a process cannot be read here"
fi

OLD_SERVER=$SERVER OLD_KEEPER=$KEEPER
kill -9 "$KEEPER"
wait_for 'SERVER=$(child_of "$MONITOR"); [ -n "$SERVER" ] && [ "$SERVER" != "$OLD_SERVER" ] &&
	KEEPER=$(child_of "$SERVER") && [ -n "$KEEPER" ] && [ "$KEEPER" != "$OLD_KEEPER" ]'
check $? "a keeper that is killed is started anew"
grep -q keeper.died "$D/log"
check $? "the log tells of it"

OLD_SERVER=$SERVER OLD_KEEPER=$KEEPER
kill -9 "$SERVER"
wait_for 'SERVER=$(child_of "$MONITOR"); [ -n "$SERVER" ] && [ "$SERVER" != "$OLD_SERVER" ] &&
	KEEPER=$(child_of "$SERVER") && [ -n "$KEEPER" ]'
check $? "a server that is killed is started anew"
wait_for 'is_gone "$OLD_KEEPER"'
check $? "its keeper ends with it"

OLD_SERVER=$SERVER
kill -STOP -"$MONITOR"
sleep 5
kill -CONT -"$MONITOR"
sleep 2
[ "$(child_of "$MONITOR")" = "$OLD_SERVER" ] && ! grep -q server.hung "$D/log"
check $? "all of them stopped and continued, as by Ctrl+Z, is no server that hangs"

OLD_SERVER=$SERVER OLD_KEEPER=$KEEPER
kill -STOP "$SERVER"
wait_for 'SERVER=$(child_of "$MONITOR"); [ -n "$SERVER" ] && [ "$SERVER" != "$OLD_SERVER" ] &&
	KEEPER=$(child_of "$SERVER") && [ -n "$KEEPER" ] && [ "$KEEPER" != "$OLD_KEEPER" ]'
check $? "a server that hangs is ended and started anew"
grep -q server.hung "$D/log"
check $? "and the log tells of that too"
sleep 5
[ "$(child_of "$MONITOR")" = "$SERVER" ]
check $? "one that is only idle is left alone"

OLD_SERVER=$SERVER OLD_KEEPER=$KEEPER
kill -STOP "$KEEPER"
wait_for 'SERVER=$(child_of "$MONITOR"); [ -n "$SERVER" ] && [ "$SERVER" != "$OLD_SERVER" ] &&
	KEEPER=$(child_of "$SERVER") && [ -n "$KEEPER" ] && [ "$KEEPER" != "$OLD_KEEPER" ]'
check $? "a keeper that hangs is started anew, though nobody asks it"
wait_for 'is_gone "$OLD_KEEPER"'
check $? "and the old one is gone"

kill -9 "$MONITOR"
wait_for 'is_gone "$SERVER" && is_gone "$KEEPER"'
check $? "server and keeper end with the monitor"
wait "$MONITOR" 2>/dev/null

serve
check $? "and the store can be served again at once"
kill -INT -"$MONITOR"
wait "$MONITOR"
check $? "a signal to the whole group ends it in order"
! grep -q checkpoint.failed "$D/log"
check $? "and its last entries are signed"
is_gone "$SERVER" && wait_for 'is_gone "$KEEPER"'
check $? "nothing is left"
MONITOR=

echo "1..$N"
