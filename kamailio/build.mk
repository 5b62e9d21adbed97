# The kit: headers and compiler flags of exactly the installed Kamailio.
# SPDX-License-Identifier: GPL-2.0-or-later

KAM_PACKAGE := $(shell dpkg-query -W -f='$${source:Version}' kamailio 2>/dev/null || echo none)
KIT := $(BUILD)/kit/$(KAM_PACKAGE)

# Not a rule for $(KIT)/kamailio.mk itself: make would then fetch it whenever it
# reads the Makefile, before `setup` has installed Kamailio.
.PHONY: kit
kit:
	@[ "$(KAM_PACKAGE)" != none ] || { echo "kamailio is not installed: run make setup" >&2; exit 1; }
	@[ -e $(KIT)/kamailio.mk ] || { kamailio/fetch-source.sh $(KIT) && kamailio/kit.sh $(KIT)/src $(KIT); }
