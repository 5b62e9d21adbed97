# Measurements: make bench PART=directory
# SPDX-License-Identifier: GPL-2.0-or-later

BENCH_SRC := $(wildcard tests/bench/wa_bench/*.c)
BENCH_SO := $(BUILD)/tests/bench/wa_bench.so

# A module of the bench alone: what a SIP worker would do, in RPCs with a clock.
$(BENCH_SO): $(BENCH_SRC) $(LIB_A)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(WARN) -std=gnu11 $(KAM_CFLAGS) $(KAM_CPPFLAGS) \
		-DMOD_NAME='"wa_bench"' -DMOD_NAMEID=wa_bench $(KAM_LDFLAGS) -o $@ $^ $(MODULE_LIBS)

$(BUILD)/tests/bench/auth_digest: tests/bench/auth_digest.c $(LIB_A)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(WARN) -std=gnu11 -Imodules/lib -o $@ $^ -lssl -lcrypto -ljson-c

$(BUILD)/tests/bench/relay_load: tests/bench/relay_load.c $(LIB_A)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(WARN) -std=gnu11 -Imodules/lib -o $@ $^ -lssl -lcrypto -ljson-c -lopus

.PHONY: bench
bench: build ## measured values beside their aims (PART=directory: only that part)
	@$(MAKE) --no-print-directory $(BENCH_SO) $(BUILD)/tests/bench/auth_digest $(BUILD)/tests/bench/relay_load
	@tests/bench/run $(PART)
