#!/bin/sh
# Our JSON against node's: the same texts are refused, and what is taken has the canonical form that
# ECMAScript prints (RFC 8785), over random numbers and strings.
# Run from the root of the tree, after "make BUILD=test unit".
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
tool=${WARD_JSON_CANONICAL:-build/${BUILD:-test}/tool/json_canonical}
[ -x "$tool" ] || { echo "1..0 # SKIP $tool is not built"; exit 0; }
exec node test/shell/json_node.js "$tool"
