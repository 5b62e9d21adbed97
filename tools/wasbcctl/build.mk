# The operator's command: build/bin/wasbcctl.
# SPDX-License-Identifier: GPL-2.0-or-later

WASBCCTL := $(BUILD)/bin/wasbcctl
WASBCCTL_OBJ := $(patsubst tools/wasbcctl/%.c,$(BUILD)/wasbcctl/%.o,$(wildcard tools/wasbcctl/*.c tools/wasbcctl/*/*.c))

.PHONY: wasbcctl
wasbcctl: $(WASBCCTL) ## the operator's command

$(BUILD)/wasbcctl/%.o: tools/wasbcctl/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) $(HARDEN) $(WARN) -std=gnu11 -fPIE -MMD -MP -c -o $@ $<

# What is wanted is checked by the same code as in the modules.
$(WASBCCTL): $(WASBCCTL_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ -ljson-c -lssl -lcrypto -lresolv

-include $(WASBCCTL_OBJ:.o=.d)
