# wa-sbc: the only entry point. `make` alone prints what there is.
# SPDX-License-Identifier: GPL-2.0-or-later

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Everything made goes below $(BUILD); nothing is written beside the sources.
BUILD ?= build
CC ?= gcc
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Werror
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2

include kamailio/build.mk
include modules/build.mk
include modules/wa_media/relay/build.mk
include tools/metasim/build.mk
include tools/wasbcctl/build.mk
include ansible/deb/build.mk
include ansible/build.mk
include tests/build.mk

.PHONY: help setup build run test conformance lint clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: ## install what is missing (apt; as root or with sudo)
	@kamailio/setup.sh tests

build: ## modules, simulator and tools into build/
	@kamailio/setup.sh
	@$(MAKE) --no-print-directory kit
	@$(MAKE) --no-print-directory -j$$(nproc) all

.PHONY: all
all: modules relay metasim wasbcctl
	@:

run: build ## the main job: one call each way over loopback (ONCE=1: then stop)
	@tools/lab/run $(if $(ONCE),--once)

clean: ## remove build/
	rm -rf $(BUILD)
