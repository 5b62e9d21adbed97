# Kamailio modules: modules/lib (pure C) and one .so per wa_* folder.
# SPDX-License-Identifier: GPL-2.0-or-later

LIB_SRC := $(wildcard modules/lib/*.c)
LIB_OBJ := $(LIB_SRC:modules/%.c=$(BUILD)/modules/%.o)
LIB_A := $(BUILD)/modules/lib.a
MODULE_NAMES := $(notdir $(wildcard modules/wa_*))
MODULES := $(MODULE_NAMES:%=$(BUILD)/modules/%.so)
MODULE_LIBS := -Wl,--as-needed -lssl -lcrypto -lhiredis -lcurl -ljson-c

-include $(KIT)/kamailio.mk

.PHONY: modules
modules: $(MODULES) ## the Kamailio modules

# Pure C: no Kamailio header, hidden symbols (the kamailio binary exports all of
# its own).
$(BUILD)/modules/lib/%.o: modules/lib/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) $(HARDEN) $(WARN) -std=gnu11 -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(LIB_A): $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $(LIB_OBJ)

# Glue: Kamailio's headers by -isystem, its flags from the kit.
define module_rules
$(BUILD)/modules/$(1)/%.o: modules/$(1)/%.c $(wildcard $(KIT)/kamailio.mk)
	@mkdir -p $$(@D)
	@echo "  CC  $$<"
	@$(CC) $(CFLAGS) $(HARDEN) $(WARN) -std=gnu11 $$(KAM_CFLAGS) $$(KAM_CPPFLAGS) \
		-DMOD_NAME='"$(1)"' -DMOD_NAMEID=$(1) -MMD -MP -c -o $$@ $$<

$(BUILD)/modules/$(1).so: $(patsubst modules/%.c,$(BUILD)/modules/%.o,$(wildcard modules/$(1)/*.c)) $(LIB_A)
	@echo "  LD  $$@"
	@$(CC) $$(KAM_LDFLAGS) -Wl,-z,relro,-z,now -o $$@ $$^ $(MODULE_LIBS)
endef
$(foreach m,$(MODULE_NAMES),$(eval $(call module_rules,$(m))))

-include $(LIB_OBJ:.o=.d) $(wildcard $(BUILD)/modules/wa_*/*.d)
