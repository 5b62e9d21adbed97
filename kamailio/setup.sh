#!/bin/sh
# Installs Debian packages, if any is missing: without an argument what building
# and running need, with "tests" what testing needs besides, else the packages
# named. Touches nothing else: daemons that a package would start are kept from
# starting, and services that run already are left alone.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

to_run='
build-essential pkg-config cmake ca-certificates patch xz-utils
kamailio kamailio-tls-modules kamailio-json-modules kamailio-extra-modules kamailio-utils-modules
rtpengine-daemon redis-server openssl
libssl-dev libcurl4-openssl-dev libjson-c-dev libhiredis-dev
libre-dev libopus-dev
baresip-core sox iproute2 procps python3 python3-cryptography
'
# chromium: the operator's page is tested in it; prometheus: alerts and dashboard;
# nftables: what doctor says of a firewall; sngrep: copies by HEP; pyte: a terminal's screen; h2: a Graph API with HTTP/2;
# gdb: holds a process at the moment that a test is about.
to_test='
libcmocka-dev sip-tester tshark chromium-headless-shell prometheus nftables sngrep gdb
python3-pytest python3-pytest-xdist python3-pytest-timeout python3-jsonschema python3-h2 python3-pyte
'
case $* in
'') packages=$to_run ;;
tests) packages="$to_run $to_test" ;;
*) packages=$* ;;
esac

missing=
for p in $packages; do
	case $(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null || :) in
	ii*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "  installing:$missing"
as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo > /dev/null ||
		{ echo "setup.sh: packages are missing and this is not root: run once as root, or install sudo" >&2; exit 1; }
	as_root=sudo
fi

log=$(mktemp)
policy=
cleanup() {
	rm -f "$log"
	[ -z "$policy" ] || $as_root rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# Without this the packages' scripts would start redis, kamailio and rtpengine.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	policy=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" > /dev/null
	$as_root chmod 755 "$policy"
fi

# One line for what went wrong, and what to do about it.
apt() {
	# shellcheck disable=SC2086 # $missing is a list
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 --no-install-recommends "$@" > "$log" 2>&1 || {
		why=$(sed -n 's/^E: //p' "$log" | head -n 1)
		echo "setup.sh: apt-get $1 failed: ${why:-$(tail -n 1 "$log")} (is the network up, and no other apt running?)" >&2
		exit 1
	}
}
apt update
# shellcheck disable=SC2086
apt install $missing
