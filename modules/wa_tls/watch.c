/* New certificates are put in use when their files change; old ones are warned of.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tls.reload makes new contexts; connections that are up keep the old ones, so no
 * call is dropped. A certificate and its key are two files: they are put in use
 * when they fit each other, and until then the old ones serve on.
 */
#include "../ksr_compat.h"

#include "watch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kamailio/core/cfg/cfg_struct.h>

#define TICK_US 200000
#define TICKS_PER_LOOK 5
#define DAY 86400

typedef struct shared
{
	gen_lock_t lock;
	watch_state_t state;
	unsigned asked, done;
} shared_t;

static shared_t *shared;
static const char *tls_config;
static int days_warned;

int watch_init(const char *config, int warn_days)
{
	tls_config = config;
	days_warned = warn_days;
	shared = shm_malloc(sizeof(*shared));
	if(shared == NULL) {
		LM_ERR("no shared memory\n");
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	return lock_init(&shared->lock) != NULL ? 0 : -1;
}

void watch_destroy(void)
{
	if(shared != NULL)
		shm_free(shared);
	shared = NULL;
}

void watch_state(watch_state_t *out)
{
	lock_get(&shared->lock);
	*out = shared->state;
	lock_release(&shared->lock);
}

static long days_left(const certificate_t *c)
{
	return (long)((c->not_after - time(NULL)) / DAY);
}

long watch_days(void)
{
	static watch_state_t s;
	long least = -1;

	watch_state(&s);
	for(size_t i = 0; i < s.certs.n; i++)
		if(s.certs.c[i].is_server
				&& (least < 0 || days_left(&s.certs.c[i]) < least))
			least = days_left(&s.certs.c[i]);
	return least < 0 ? -1 : least;
}

static void warn(const certificates_t *certs)
{
	for(size_t i = 0; i < certs->n; i++) {
		long days = days_left(&certs->c[i]);

		if(certs->c[i].not_after <= time(NULL))
			LM_ERR("event=certificate_expired file=%s: Meta refuses it, users' "
				   "calls fail\n",
					certs->c[i].path);
		else if(days < days_warned)
			LM_WARN("event=certificate_expires file=%s days=%ld\n",
					certs->c[i].path, days);
	}
}

/* An rpc_t of which only what tls.reload calls does anything. */
static char fault[CERT_TEXT];

static void take_fault(void *ctx KSR_UNUSED, int code KSR_UNUSED, char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if(vsnprintf(fault, sizeof(fault), fmt, ap) < 0)
		fault[0] = '\0';
	va_end(ap);
}

static int take_text(void *ctx KSR_UNUSED, char *fmt KSR_UNUSED, ...)
{
	return 0;
}

static int call_tls_reload(char error[CERT_TEXT])
{
	static char name[] = "tls.reload";
	rpc_export_t *found = find_rpc_export(name, 0);
	rpc_t rpc = {.fault = take_fault, .rpl_printf = take_text};

	if(found == NULL) {
		(void)!snprintf(error, CERT_TEXT, "tls.so has no tls.reload");
		return -1;
	}
	fault[0] = '\0';
	found->function(&rpc, NULL);
	(void)!snprintf(error, CERT_TEXT, "%s", fault);
	return fault[0] == '\0' ? 0 : -1;
}

static void show(const certificates_t *certs, const char *error, bool reloaded)
{
	lock_get(&shared->lock);
	memcpy(shared->state.error, error, CERT_TEXT);
	if(certs != NULL)
		shared->state.certs = *certs;
	if(reloaded) {
		shared->state.reloads++;
		shared->state.reloaded = time(NULL);
	}
	lock_release(&shared->lock);
}

static void reload(void)
{
	static certificates_t certs;
	char error[CERT_TEXT] = "";

	if(certificates_read(tls_config, &certs, error) < 0
			|| call_tls_reload(error) < 0) {
		LM_ERR("the certificates in use stay, the new ones are refused: %s\n",
				error);
		show(NULL, error, false);
		return;
	}
	LM_NOTICE("event=certificates_reloaded files=%zu\n", certs.n);
	show(&certs, error, true);
	warn(&certs);
}

static void first_look(void)
{
	static certificates_t certs;
	char error[CERT_TEXT] = "";

	(void)certificates_read(tls_config, &certs, error);
	show(&certs, error, false);
	warn(&certs);
}

static unsigned asked(void)
{
	unsigned n;

	lock_get(&shared->lock);
	n = shared->asked;
	lock_release(&shared->lock);
	return n;
}

void watch_run(void)
{
	uint64_t known = certificates_stamp(tls_config);
	time_t warned = time(NULL);

	first_look();
	for(unsigned tick = 1;; tick++) {
		unsigned wanted = asked();
		uint64_t now = known;

		cfg_update();
		if(tick % TICKS_PER_LOOK == 0)
			now = certificates_stamp(tls_config);
		if(now != known || wanted != shared->done)
			reload();
		known = now;
		lock_get(&shared->lock);
		shared->done = wanted;
		lock_release(&shared->lock);
		if(time(NULL) >= warned + DAY) {
			warned = time(NULL);
			warn(&shared->state.certs);
		}
		usleep(TICK_US);
	}
}

int watch_reload(void)
{
	unsigned mine, done = 0;
	watch_state_t s;

	lock_get(&shared->lock);
	mine = ++shared->asked;
	lock_release(&shared->lock);
	for(int i = 0; i < 100 && (int)(mine - done) > 0; i++) {
		usleep(50000);
		lock_get(&shared->lock);
		done = shared->done;
		lock_release(&shared->lock);
	}
	watch_state(&s);
	return (int)(mine - done) <= 0 && s.error[0] == '\0' ? 0 : -1;
}
