#!/bin/sh
# Installs what is missing: `deps.sh build` the packages of debian/control's Build-Depends,
# `deps.sh test` also what the tests need.  Says what it installs; uses sudo when not root.
set -eu
cd "$(dirname "$0")/.."

need=$(sed -n 's/^Build-Depends: //p' debian/control | tr ',' '\n' | tr -d ' ')
if [ "${1:-build}" = test ]; then
	need="$need perl sqlite3 clang libclang-rt-dev clang-format pmccabe mandoc chromium"
	need="$need graphviz" # the yardstick of the layout
	need="$need golang-go golang-golang-x-mod-dev" # a stranger's check of the ledger
	command -v node >/dev/null 2>&1 || need="$need nodejs"
	command -v npm >/dev/null 2>&1 || need="$need npm"
fi

missing=
for p in $need; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' ||
		missing="$missing $p"
done
[ -n "$missing" ] || exit 0

root=
[ "$(id -u)" = 0 ] || root=sudo
echo "Installing from Debian:$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get -qq -o DPkg::Lock::Timeout=300 update
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
	--no-install-recommends install $missing >/dev/null
