# The RTP relay: a program beside Kamailio, without a line of it.
# SPDX-License-Identifier: GPL-2.0-or-later

RELAY_SRC := $(wildcard modules/wa_media/relay/*.c)
RELAY_OBJ := $(RELAY_SRC:%.c=$(BUILD)/%.o)
RELAY := $(BUILD)/bin/wasbc-relay

$(BUILD)/modules/wa_media/relay/%.o: modules/wa_media/relay/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) $(HARDEN) $(WARN) -std=gnu11 -fPIE -MMD -MP -c -o $@ $<

$(RELAY): $(RELAY_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ -Wl,--as-needed -lopus -lpthread

.PHONY: relay
relay: $(RELAY) ## the RTP relay between rtpengine and the PBXes

-include $(RELAY_OBJ:.o=.d)
