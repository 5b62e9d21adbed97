# Tests: unit programs under sanitizers, and everything that proves the product.
# SPDX-License-Identifier: GPL-2.0-or-later

# tests/unit/test_X.c -> build/tests/unit/test_X, linked with all of modules/lib
# compiled again under AddressSanitizer and UndefinedBehaviorSanitizer.
SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
UNIT_LIB_OBJ := $(LIB_SRC:modules/lib/%.c=$(BUILD)/tests/lib/%.o)
UNIT_LIBS := -lcmocka -lssl -lcrypto -ljson-c -lopus -lm

$(BUILD)/tests/lib/%.o: modules/lib/%.c
	@mkdir -p $(@D)
	@$(CC) $(SAN) $(WARN) -std=gnu11 -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	@$(CC) $(SAN) $(WARN) -std=gnu11 -Imodules/lib -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(UNIT_LIB_OBJ)
	@echo "  LD  $@"
	@$(CC) $(SAN) -o $@ $^ $(UNIT_LIBS)

# The simulator's media files are taken into their tests; they use libre.
$(BUILD)/tests/unit/test_media_%: SAN += -isystem /usr/include/re
$(BUILD)/tests/unit/test_media_%: UNIT_LIBS += -lre

.PRECIOUS: $(BUILD)/tests/lib/%.o $(BUILD)/tests/unit/%.o
-include $(UNIT_LIB_OBJ:.o=.d) $(UNIT:%=%.d)

.PHONY: unit testable test-rtpengine test-debian
unit: $(UNIT)

testable: setup
	@$(MAKE) --no-print-directory build

test: testable ## unit tests, configuration, then the running SBC
	@tests/suite test

conformance: testable ## which of the behaviours in tests/conformance.md are proven
	@tests/suite conformance

test-rtpengine: testable ## the media tests against each rtpengine (10.5, 12.5, 26)
	@tests/rtpengine/run

SUITE ?= trixie
test-debian: ## both commands in a fresh root of another Debian (SUITE=trixie)
	@tests/debian/run $(SUITE)

lint: ## read the sources without running them
	@tests/lint

include tests/bench/build.mk

include tests/fuzz/build.mk
