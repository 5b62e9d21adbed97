# The kit: headers and compiler flags of exactly the installed Kamailio.
# SPDX-License-Identifier: GPL-2.0-or-later

KAM_PACKAGE := $(shell dpkg-query -W -f='$${source:Version}' kamailio 2>/dev/null || echo none)
KIT := $(BUILD)/kit/$(KAM_PACKAGE)

$(KIT)/kamailio.mk: kamailio/fetch-source.sh kamailio/kit.sh
	@kamailio/fetch-source.sh $(KIT)
	@kamailio/kit.sh $(KIT)/src $(KIT)
