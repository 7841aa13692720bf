#!/bin/sh
# Our HTTP parser against node's: whatever node refuses, we refuse.
# Run from the root of the tree, after "make BUILD=test unit".
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
tool=${WARD_HTTP_ACCEPTS:-build/${BUILD:-test}/tool/http_accepts}
[ -x "$tool" ] || { echo "1..0 # SKIP $tool is not built"; exit 0; }
exec node test/shell/http_node.js "$tool" test/fuzz/corpus/http
