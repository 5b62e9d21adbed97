/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "shared.h"

#include <sys/random.h>

#include "../lib/wa_err.h"
#include "../lib/wa_tries.h"

#define PROVEN_NUMBERS 4096

typedef struct shared
{
	gen_lock_t lock;
	wa_seal_ring_t keys;
	wa_replay_t *replay;
	wa_tries_t *tries;
	wa_given_t *given;
	wa_proven_table_t *proven;
} shared_t;

static shared_t *shared;
static const char *keys_path = "";

static int random_key(wa_seal_ring_t *ring)
{
	wa_seal_key_t *k = &ring->keys[0];

	*ring = (wa_seal_ring_t){.n = 1};
	if(getrandom(k->key, sizeof(k->key), 0) != (ssize_t)sizeof(k->key)) {
		LM_ERR("no random bytes for the nonce key\n");
		return -1;
	}
	LM_NOTICE("nonce_secret_file is not set: nonces of this node hold on this "
			  "node until it restarts\n");
	return 0;
}

static int load_keys(void)
{
	char err[200];

	if(keys_path[0] == '\0')
		return random_key(&shared->keys);
	if(wa_seal_ring_load(&shared->keys, keys_path, err, sizeof(err)) < 0) {
		LM_ERR("nonce_secret_file: %s\n", err);
		return -1;
	}
	return 0;
}

static int make_tables(const shared_sizes_t *sizes)
{
	void *replay = shm_malloc(wa_replay_size(sizes->nonces));
	void *tries = shm_malloc(wa_tries_size(sizes->sources));
	void *given = shm_malloc(wa_given_size(sizes->given));
	void *proven = shm_malloc(wa_proven_size(PROVEN_NUMBERS));

	if(replay != NULL)
		shared->replay = wa_replay_init(replay, sizes->nonces, sizes->lifetime);
	if(tries != NULL)
		shared->tries = wa_tries_init(tries, sizes->sources, sizes->window);
	if(given != NULL)
		shared->given = wa_given_init(given, sizes->given, &sizes->given_times);
	if(proven != NULL)
		shared->proven = wa_proven_init(proven, PROVEN_NUMBERS);
	if(replay == NULL || tries == NULL || given == NULL || proven == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

int shared_init(const char *key_file, const shared_sizes_t *sizes)
{
	keys_path = key_file;
	shared = shm_malloc(sizeof(*shared));
	if(shared == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if(lock_init(&shared->lock) == NULL) {
		LM_ERR("no lock\n");
		return -1;
	}
	if(load_keys() < 0)
		return -1;
	return make_tables(sizes);
}

void shared_destroy(void)
{
	if(shared == NULL)
		return;
	wa_seal_ring_wipe(&shared->keys);
	if(shared->replay != NULL)
		shm_free(shared->replay);
	if(shared->tries != NULL)
		shm_free(shared->tries);
	if(shared->given != NULL)
		shm_free(shared->given);
	if(shared->proven != NULL)
		shm_free(shared->proven);
	shm_free(shared);
	shared = NULL;
}

int shared_reload(char *err, size_t size)
{
	wa_seal_ring_t ring;
	int ret;

	if(keys_path[0] == '\0') {
		snprintf(err, size, "nonce_secret_file is not set");
		return WA_ENOENT;
	}
	ret = wa_seal_ring_load(&ring, keys_path, err, size);
	if(ret < 0)
		return ret;
	lock_get(&shared->lock);
	shared->keys = ring;
	lock_release(&shared->lock);
	wa_seal_ring_wipe(&ring);
	return 0;
}

void shared_keys(wa_seal_ring_t *out)
{
	lock_get(&shared->lock);
	*out = shared->keys;
	lock_release(&shared->lock);
}

int shared_use(const wa_nonce_id_t *id, uint32_t nc, time_t now)
{
	int err;

	lock_get(&shared->lock);
	err = wa_replay_use(shared->replay, id, nc, now);
	lock_release(&shared->lock);
	return err;
}

void shared_replay_stats(time_t now, wa_replay_stats_t *out)
{
	lock_get(&shared->lock);
	wa_replay_stats(shared->replay, now, out);
	lock_release(&shared->lock);
}

unsigned shared_wrong(wa_sv_t source, wa_sv_t number, time_t now)
{
	uint64_t key = wa_tries_key(source, number);
	unsigned n;

	lock_get(&shared->lock);
	n = wa_tries_add(shared->tries, key, now);
	lock_release(&shared->lock);
	return n;
}

void shared_right(wa_sv_t source, wa_sv_t number)
{
	uint64_t key = wa_tries_key(source, number);

	lock_get(&shared->lock);
	wa_tries_clear(shared->tries, key);
	lock_release(&shared->lock);
}

uint32_t shared_given_put(
		wa_sv_t number, const wa_challenge_t *ch, bool proxy, time_t now)
{
	uint32_t nc;

	lock_get(&shared->lock);
	nc = wa_given_put(shared->given, number, ch, proxy, now);
	lock_release(&shared->lock);
	return nc;
}

int shared_given_take(wa_sv_t number, time_t now, wa_given_nonce_t *out)
{
	int err;

	lock_get(&shared->lock);
	err = wa_given_take(shared->given, number, now, out);
	lock_release(&shared->lock);
	return err;
}

void shared_given_refused(
		wa_sv_t number, wa_sv_t nonce, uint32_t nc, time_t now)
{
	lock_get(&shared->lock);
	wa_given_refused(shared->given, number, nonce, nc, now);
	lock_release(&shared->lock);
}

void shared_given_taken(wa_sv_t number, wa_sv_t nonce)
{
	lock_get(&shared->lock);
	wa_given_taken(shared->given, number, nonce);
	lock_release(&shared->lock);
}

void shared_prove(wa_sv_t number, enum wa_proof_of of, bool right, int64_t ms)
{
	lock_get(&shared->lock);
	wa_proven_put(shared->proven, number, of, right, ms);
	lock_release(&shared->lock);
}

void shared_proven(wa_sv_t number, wa_proven_t *out)
{
	lock_get(&shared->lock);
	wa_proven_get(shared->proven, number, out);
	lock_release(&shared->lock);
}

unsigned shared_wrongs(wa_sv_t source, wa_sv_t number, time_t now)
{
	uint64_t key = wa_tries_key(source, number);
	unsigned n;

	lock_get(&shared->lock);
	n = wa_tries_sum(shared->tries, key, now);
	lock_release(&shared->lock);
	return n;
}
