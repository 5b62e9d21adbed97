# The simulator of Meta's side: SIP over TLS, Graph API, media.
# SPDX-License-Identifier: GPL-2.0-or-later

METASIM_SRC := $(wildcard tools/metasim/*.c)
METASIM_OBJ := $(METASIM_SRC:tools/metasim/%.c=$(BUILD)/tools/metasim/%.o)
METASIM_PKG := libre json-c opus openssl
METASIM_CFLAGS = -DLIBRE_MAJOR=$(firstword $(subst ., ,$(shell pkg-config --modversion libre))) \
	-DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -DUSE_OPENSSL \
	$(subst -I,-isystem ,$(shell pkg-config --cflags $(METASIM_PKG)))
METASIM_LIBS = $(shell pkg-config --libs $(METASIM_PKG)) -lm

.PHONY: metasim
metasim: $(BUILD)/metasim ## the simulator of Meta

$(BUILD)/tools/metasim/%.o: tools/metasim/%.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) $(HARDEN) $(WARN) -std=gnu11 $(METASIM_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/metasim: $(METASIM_OBJ)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) -Wl,-z,relro,-z,now -o $@ $^ $(METASIM_LIBS)

-include $(METASIM_OBJ:.o=.d)
