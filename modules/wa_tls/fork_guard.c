/* OpenSSL state of its own for each forked process (Kamailio before 5.7.5).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Debian 12's Kamailio 5.6 uses OpenSSL in the main process before it forks.
 * OpenSSL 3 keeps error queues and random generators per thread, found through
 * pthread keys; tls.so puts OpenSSL's memory into shared memory, so all children
 * inherit the same pointers and free them twice: two concurrent TLS clients
 * crash it within seconds (Kamailio issues 3695, 3791). Kamailio 5.7.5 brought
 * tls_threads_mode for this.
 *
 * Here each child forgets the inherited pointers at its fork; OpenSSL then makes
 * new state at first use. Which keys are OpenSSL's is found out by watching what
 * appears in a thread that has used nothing but OpenSSL.
 */
#include "../ksr_compat.h"

#include "fork_guard.h"

#if VERSIONVAL >= 5007005

int fork_guard_init(void)
{
	LM_DBG("not needed with Kamailio " VERSION "\n");
	return 0;
}

#else

#include <pthread.h>

#include <openssl/err.h>
#include <openssl/rand.h>

#define KEYS_MAX 128

static pthread_key_t openssl_keys[KEYS_MAX];
static unsigned n_openssl_keys;

static void forget_thread_state(void)
{
	for(unsigned i = 0; i < n_openssl_keys; i++)
		pthread_setspecific(openssl_keys[i], NULL);
}

/* Runs in a thread of its own: no key has a value yet. NULL = success. */
static void *find_keys(void *arg)
{
	unsigned char sample[16];

	ERR_clear_error();
	ERR_set_mark();
	ERR_pop_to_mark();
	if(RAND_bytes(sample, sizeof(sample)) != 1
			|| RAND_priv_bytes(sample, sizeof(sample)) != 1)
		return arg;
	for(pthread_key_t k = 0; k < KEYS_MAX; k++)
		if(pthread_getspecific(k) != NULL)
			openssl_keys[n_openssl_keys++] = k;
	return NULL;
}

int fork_guard_init(void)
{
	pthread_t thread;
	void *failed = NULL;
	char mark;

	if(pthread_create(&thread, NULL, find_keys, &mark) != 0
			|| pthread_join(thread, &failed) != 0 || failed != NULL) {
		LM_ERR("cannot find OpenSSL's thread keys\n");
		return -1;
	}
	if(n_openssl_keys == 0) {
		LM_ERR("OpenSSL shows no thread keys: concurrent TLS would crash\n");
		return -1;
	}
	if(pthread_atfork(NULL, NULL, forget_thread_state) != 0) {
		LM_ERR("pthread_atfork failed\n");
		return -1;
	}
	LM_INFO("each process gets its own OpenSSL state (%u keys)\n",
			n_openssl_keys);
	return 0;
}

#endif
