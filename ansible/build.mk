# The playbooks, on booted hosts.
# SPDX-License-Identifier: GPL-2.0-or-later

.PHONY: test-ansible lint-ansible
lint-ansible: ## ansible-lint, production profile
	@kamailio/setup.sh ansible ansible-lint
	@cd ansible && ansible-lint --offline --profile production

# A pair and a cluster are of Debian 12.
TEST_DEBIANS = $(or $(DEBIAN),bookworm $(if $(filter pair cluster,$(PART)),,trixie))
test-ansible: deb build ## playbooks on booted hosts: one host of each Debian, a pair, a cluster (root, hours)
	@kamailio/setup.sh ansible ansible-lint openssh-client systemd-container debootstrap python3-yaml
	@$(MAKE) --no-print-directory lint-ansible
	@. /etc/os-release; for suite in $(TEST_DEBIANS); do \
		[ $$suite = $$VERSION_CODENAME ] || tests/ansible/debs $$suite || exit 1; done
	@cd tests && WASBC_HOSTS=1 WASBC_DEBIANS="$(TEST_DEBIANS)" /usr/bin/python3 -m pytest -c pytest.ini -q -s --timeout=3000 $(or $(PART:%=ansible/test_%.py),ansible)
