#!/bin/sh
# Unpacks the source of exactly the installed Kamailio package into DEST/src:
#
#   fetch-source.sh DEST
#
# There is no kamailio-dev package; the headers exist in the source package
# only. Needs no root and changes nothing in the system's apt: a private state
# directory is used, with deb-src entries made from the deb entries that this
# machine has already. apt verifies Release signature, index and checksums.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
dest=${1:?usage: fetch-source.sh DEST}

die() { echo "fetch-source.sh: $*" >&2; exit 1; }

version=$(dpkg-query -W -f='${source:Version}' kamailio 2>/dev/null) ||
	die "kamailio is not installed: run make setup"
[ "$(cat "$dest/src/.version" 2>/dev/null || :)" = "$version" ] && exit 0
echo "  fetching the headers of kamailio $version"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/dl" "$dest"

private() { # private TOOL ARG...: an apt tool on the private state
	tool=$1; shift
	"$tool" -q \
		-o Dir::Etc::sourcelist="$tmp/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$tmp/lists" -o Dir::Cache="$tmp/cache" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o APT::Get::List-Cleanup=0 -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none "$@"
}

apt-get indextargets --format '$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' 2>/dev/null |
	awk -F'|' '$1 == "Packages" && $4 == "main" && $5 == "Debian" {
		line = "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $2 " " $3 " main"
		if (!seen[line]++) print line }' > "$tmp/sources.list"
[ -s "$tmp/sources.list" ] || die "apt has no package lists: run apt-get update"

# Without the option apt calls an index that it could not fetch a success.
private apt-get -o APT::Update::Error-Mode=any update > "$tmp/log" 2>&1 ||
	die "apt cannot read the source index: $(sed -n 's/^E: //p' "$tmp/log" | head -n 1) (is the network up?)"
private apt-get source --only-source --download-only --print-uris "kamailio=$version" 2> "$tmp/log" |
	sed -n "s/^'\([^']*\)' \([^ ]*\) [0-9]* \(SHA[0-9]*:[0-9a-f]*\).*/\1 \2 \3/p" |
	grep -E ' [^ ]*\.(orig|debian)\.tar\.[a-z0-9]+ ' > "$tmp/uris" || :
[ "$(wc -l < "$tmp/uris")" -eq 2 ] ||
	die "no source of kamailio $version in the archive: run apt-get update and apt-get install --only-upgrade kamailio"
while read -r uri name sum; do
	/usr/lib/apt/apt-helper -o APT::Sandbox::User="$(id -un)" \
		download-file "$uri" "$tmp/dl/$name" "$sum" > "$tmp/log" 2>&1 ||
		die "cannot download $name: $(tail -n 1 "$tmp/log") (is the network up?)"
done < "$tmp/uris"

rm -rf "$dest/src"
mkdir "$dest/src"
tar -xf "$tmp"/dl/*.orig.tar.* -C "$dest/src" --strip-components=1 --no-same-owner
tar -xf "$tmp"/dl/*.debian.tar.* -C "$dest/src" --no-same-owner
sed 's/#.*//; s/[[:space:]].*//; /^$/d' "$dest/src/debian/patches/series" |
	while read -r p; do
		patch -s -d "$dest/src" -p1 --no-backup-if-mismatch < "$dest/src/debian/patches/$p"
	done
echo "$version" > "$dest/src/.version"
