#!/bin/sh
# A walk over HTTP through a served example store: signing in, every route for every account, forged
# and broken requests, the life of a record, many writers at once, a server that is killed.
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
exec node test/shell/web/walk.mjs "$W"
