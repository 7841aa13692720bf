#!/bin/sh
# Strangers at the door of a served example: what they may do costs others nothing.
cd "$(dirname "$0")/../.." || exit 1
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
exec python3 test/shell/doors.py "$W"
