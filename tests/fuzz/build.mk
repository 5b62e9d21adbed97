# Fuzzing: make fuzz [FUZZ_SECONDS=60] [FUZZ="sdp ng"]
# SPDX-License-Identifier: GPL-2.0-or-later

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_NAMES := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
FUZZ ?= $(FUZZ_NAMES)
FUZZ_OUT := $(BUILD)/tests/fuzz
FUZZ_OBJ := $(LIB_SRC:modules/lib/%.c=$(FUZZ_OUT)/lib/%.o)
FUZZ_CFLAGS := -O1 -g -fno-omit-frame-pointer -std=gnu11 $(WARN) -Imodules/lib -Itests/fuzz
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all

$(FUZZ_OUT)/lib/%.o: modules/lib/%.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_SAN) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(FUZZ_OUT)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/entry.c tests/fuzz/fuzz.h $(FUZZ_OBJ)
	@echo "  LD  $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_SAN) -fsanitize=fuzzer -DFUZZ_TARGET=fuzz_$* \
		-o $@ $< tests/fuzz/entry.c $(FUZZ_OBJ) -lssl -lcrypto -ljson-c -lopus

# The corpus is replayed by a unit test of the ordinary compiler.
FUZZ_REPLAY := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/tests/replay/%.o)
$(BUILD)/tests/replay/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	@$(CC) $(SAN) $(WARN) -std=gnu11 -Imodules/lib -MMD -MP -c -o $@ $<
$(BUILD)/tests/unit/test_fuzz_corpus.o: SAN += -Itests/fuzz -DCORPUS='"$(CURDIR)/tests/fuzz/corpus"'
$(BUILD)/tests/unit/test_fuzz_corpus: $(FUZZ_REPLAY)


# Stands in for malloc() in this program alone: see tests/unit/oom.h.
$(BUILD)/tests/unit/test_oom: $(BUILD)/tests/unit/oom.o

.PRECIOUS: $(FUZZ_OUT)/lib/%.o $(BUILD)/tests/replay/%.o
-include $(FUZZ_OBJ:.o=.d) $(FUZZ_REPLAY:.o=.d)

.PHONY: fuzz
fuzz: setup ## fuzz what parses, FUZZ_SECONDS=60 each (FUZZ="sdp ng": only these)
	@kamailio/setup.sh clang libclang-rt-dev
	@$(MAKE) --no-print-directory -j2 $(FUZZ:%=$(FUZZ_OUT)/fuzz_%)
	@tests/fuzz/run $(FUZZ_OUT) $(FUZZ_SECONDS) $(FUZZ)

# The running SBC, its modules built with sanitizers that are loaded before Kamailio.
SANITIZED := $(BUILD)/sanitized

.PHONY: fuzz-sip
fuzz-sip: build ## mutated call flows against a running SBC with sanitized modules, FUZZ_SIP_SECONDS=600
	@mkdir -p $(SANITIZED)/kit && ln -sfn $(CURDIR)/$(KIT) $(SANITIZED)/kit/$(KAM_PACKAGE)
	@$(MAKE) --no-print-directory BUILD=$(SANITIZED) HARDEN= \
		CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" modules
	@tests/security/mutate.py $(or $(FUZZ_SIP_SECONDS),600)
