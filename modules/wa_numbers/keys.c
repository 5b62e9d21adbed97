/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MADV_DONTDUMP */
#include "keys.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../ksr_compat.h"

#include "params.h"

/* Two rings: the one in use, and the one that the next reading goes to. */
typedef struct shared
{
	uint64_t version;
	wa_seal_ring_t ring[2];
} shared_t;

static shared_t *sh = NULL;
static uint64_t have = 0; /* version of wan_params.ring */
static const char *key_file;

static void publish(const wa_seal_ring_t *ring)
{
	uint64_t next = sh->version + 1;

	sh->ring[next & 1] = *ring;
	__atomic_store_n(&sh->version, next, __ATOMIC_RELEASE);
}

const wa_seal_ring_t *wan_keys(void)
{
	for(;;) {
		uint64_t version = __atomic_load_n(&sh->version, __ATOMIC_ACQUIRE);

		if(version == have)
			return &wan_params.ring;
		wan_params.ring = sh->ring[version & 1];
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		/* the same slot is written again only after one more version */
		if(__atomic_load_n(&sh->version, __ATOMIC_RELAXED) == version)
			have = version;
	}
}

int wan_keys_init(const char *path)
{
	char err[512];

	key_file = path;
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(sh == MAP_FAILED) {
		sh = NULL;
		LM_ERR("mmap: %s\n", strerror(errno));
		return -1;
	}
	if(madvise(sh, sizeof(*sh), MADV_DONTDUMP) < 0)
		LM_WARN("a core dump may hold the keys: %s\n", strerror(errno));
	if(wa_seal_ring_load(&wan_params.ring, path, err, sizeof(err)) < 0) {
		LM_ERR("seal_key_file: %s\n", err);
		return -1;
	}
	publish(&wan_params.ring);
	have = sh->version;
	return 0;
}

int wan_keys_reload(char *err, size_t size)
{
	wa_seal_ring_t ring;
	int ret = wa_seal_ring_load(&ring, key_file, err, size);

	if(ret == 0) {
		publish(&ring);
		wan_keys();
	}
	wa_seal_ring_wipe(&ring);
	return ret;
}

int wan_password_aad(
		enum wa_record_kind kind, wa_sv_t key, char *out, size_t size)
{
	return kind == WA_RECORD_TRUNK
				   ? wa_seal_trunk_aad(key, WA_SV("password"), out, size)
				   : wa_seal_aad(key, WA_SV("password"), out, size);
}

void wan_keys_destroy(void)
{
	wa_seal_ring_wipe(&wan_params.ring);
	if(sh == NULL)
		return;
	explicit_bzero(sh, sizeof(*sh));
	munmap(sh, sizeof(*sh));
	sh = NULL;
}
