#!/bin/sh
# The description of the API holds together, and what the API answers is as described.
# Run from the root of the tree, after "make BUILD=test unit".
cd "$(dirname "$0")/../.." || exit 1
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
tool=${WARD_API_OPENAPI:-build/${BUILD:-test}/tool/api_openapi}
test=${WARD_TEST_API:-build/${BUILD:-test}/unit/test_api}
[ -x "$tool" ] && [ -x "$test" ] || { echo "1..0 # SKIP $tool and $test are not built"; exit 0; }
exec node test/shell/openapi.js "$tool" "$test" "${test}_triage" "${test}_model" "${test}_ledger" \
	"${test}_account"
