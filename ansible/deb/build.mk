# Debian packages for the release that this machine runs.
# SPDX-License-Identifier: GPL-2.0-or-later

.PHONY: deb
deb: ## packages wasbc and wasbc-media into build/deb/
	@kamailio/setup.sh build-essential pkg-config cmake patch xz-utils ca-certificates debhelper fakeroot git \
		kamailio kamailio-tls-modules kamailio-json-modules kamailio-extra-modules \
		libssl-dev libcurl4-openssl-dev libjson-c-dev libhiredis-dev libopus-dev
	@$(MAKE) --no-print-directory deb-of-kit

# A make of its own: the first one was begun when Kamailio may not have been there.
.PHONY: deb-of-kit
deb-of-kit: kit
	@ansible/deb/build $(BUILD)/deb $(KIT)
