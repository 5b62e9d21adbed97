# The simulator of Meta's side: SIP over TLS, Graph API, media.
# SPDX-License-Identifier: GPL-2.0-or-later

METASIM_SRC := $(wildcard tools/metasim/*.c)
METASIM_OBJ := $(METASIM_SRC:tools/metasim/%.c=$(BUILD)/tools/metasim/%.o)
METASIM_PKG := libre json-c opus openssl
METASIM_LIBRE := $(firstword $(subst ., ,$(shell pkg-config --modversion libre 2>/dev/null)))
METASIM_CFLAGS = -DLIBRE_MAJOR=$(METASIM_LIBRE) -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 \
	-DUSE_OPENSSL $(subst -I,-isystem ,$(shell pkg-config --cflags $(METASIM_PKG)))
# Debian 13: a name that has changed since libre 1.1
ifeq ($(filter 0 1 2,$(METASIM_LIBRE)),)
METASIM_CFLAGS += -DARRAY_SIZE=RE_ARRAY_SIZE -DHAVE_ATOMIC
endif
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
