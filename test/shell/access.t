#!/bin/sh
# Cookies, origins, sessions, passwords and tokens of a served store, behind a proxy with TLS and on
# plain loopback.
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
W=${WARD:-$PWD/build/ward}
[ -x "$W" ] || { echo "1..0 # SKIP there is no $W; build it first"; exit 0; }
exec node test/shell/web/access.mjs "$W"
