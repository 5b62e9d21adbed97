#!/bin/sh
# Makes what a module build needs from an unpacked Kamailio source:
#
#   kit.sh SRC OUT
#
#   OUT/include/kamailio/   headers of core, lib and modules
#   OUT/kamailio.mk         compiler flags, for make
#
# Kamailio compares two strings when it loads a module, version and compile
# flags, byte for byte. The flags come from its own build system; the result is
# checked here against a module of the installed package.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu
src=$(cd "${1:?usage: kit.sh SRC OUT}" && pwd)
out=$(mkdir -p "${2:?usage: kit.sh SRC OUT}" && cd "$2" && pwd)
cc=${CC:-gcc}
arch=$($cc -print-multiarch)
moddir=/usr/lib/$arch/kamailio/modules

die() { rm -f "$out/kamailio.mk"; echo "kit.sh: $*" >&2; exit 1; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

rm -rf "$out/include"
mkdir -p "$out/include/kamailio"
(cd "$src/src" && find core lib modules -name '*.h' -print0 | tar -cf - --null -T -) |
	tar -xf - -C "$out/include/kamailio"

version=$(sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\)[[:space:]]*=[[:space:]]*//p' \
	"$src/src/Makefile.defs" | paste -sd.)
case $version in
5.* | 6.0.*) # packaged with the Makefile build; cfg-defs writes into the tree: work on a copy
	mkdir -p "$tmp/src/modules"
	cp "$src"/src/Makefile* "$tmp/src/"
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$tmp/src" cfg-defs FLAVOUR=kamailio \
		prefix=/usr cfg_target=/etc/kamailio/ LIBDIR="lib/$arch" CC="$cc" > "$tmp/log" 2>&1 ||
		{ cat "$tmp/log" >&2; die "kamailio's make cfg-defs failed"; }
	defs=$(sed -n 's/^C_DEFS=[[:space:]]*//p; s/^CC_PMUTEX_OPTS=[[:space:]]*//p' "$tmp/src/config.mak" | paste -sd' ')
	;;
*) # packaged with CMake: only its definitions are evaluated
	mkdir "$tmp/probe"
	ln -s "$src/cmake" "$tmp/probe/cmake"
	: > "$tmp/probe/probe.c"
	cat > "$tmp/probe/CMakeLists.txt" <<-EOF
	cmake_minimum_required(VERSION 3.13)
	project(kamailio VERSION $version LANGUAGES C)
	set(RELEASE "\${PROJECT_VERSION}")
	math(EXPR VERSIONVAL "\${PROJECT_VERSION_MAJOR}*1000000+\${PROJECT_VERSION_MINOR}*1000+\${PROJECT_VERSION_PATCH}")
	set(MAIN_NAME kamailio)
	set(CFG_NAME kamailio)
	include(GNUInstallDirs)
	include(cmake/defs.cmake)
	add_library(probe OBJECT probe.c)
	target_link_libraries(probe PRIVATE common_modules)
	EOF
	cmake -S "$tmp/probe" -B "$tmp/b" -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=None \
		-DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc \
		-DCMAKE_INSTALL_LOCALSTATEDIR=/var > "$tmp/log" 2>&1 ||
		{ cat "$tmp/log" >&2; die "kamailio's CMake definitions failed"; }
	# make's quoting to ours: -DA=\"b\" and -DA="\"b c\"" become -DA='"b"'
	defs=$(sed -n 's/^C_DEFINES = //p' "$tmp/b/CMakeFiles/probe.dir/flags.make" |
		sed -e "s/=\"\\\\\"\([^\"]*\)\\\\\"\"/='\"\1\"'/g" -e "s/=\\\\\"\([^\"]*\)\\\\\"/='\"\1\"'/g")
	;;
esac

printf '%s\n' '#include <stdio.h>' '#include <kamailio/core/ver_defs.h>' \
	'int main(void) { puts(SER_FULL_VERSION); puts(SER_COMPILE_FLAGS); return 0; }' > "$tmp/ident.c"
eval "$cc -w -isystem '$out/include' $defs -o '$tmp/ident' '$tmp/ident.c'"
"$tmp/ident" > "$tmp/ident.txt"
tr '\0' '\n' < "$moddir/sl.so" > "$tmp/sl.txt"
while IFS= read -r line; do
	grep -aqxF -- "$line" "$tmp/sl.txt" ||
		die "version or flags differ from the installed kamailio's: $line"
done < "$tmp/ident.txt"

cat > "$out/kamailio.mk" <<EOF
# made by kamailio/kit.sh from kamailio $version
KAM_CPPFLAGS := -isystem $out/include $defs
KAM_CFLAGS := -fPIC -fno-strict-overflow -pthread
KAM_LDFLAGS := -shared -pthread -Wl,-Bsymbolic-functions
KAM_MODDIR := $moddir
EOF
echo "  kit for $(head -1 "$tmp/ident.txt"): agrees with the installed package"
