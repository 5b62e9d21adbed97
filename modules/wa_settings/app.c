/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app.h"

#include "../ksr_compat.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_apps.h"
#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "clock.h"
#include "params.h"
#include "state.h"

#define APPS_FILE_MAX 65536
#define PAUSE_MAX_MS (3600 * 1000) /* whatever Meta asks for */
#define USAGE_HIGH 90			   /* per cent: rounds leave the rest to operators */
#define USAGE_SLOW_MS (60 * 1000)

static wst_app_t apps[WA_APPS_MAX];
static unsigned n_apps;
static unsigned n_params; /* of them by parameter: apps_file does not touch them */

/* As read last; zero = not read. */
static struct stat file_seen;

static wst_app_t *find_exact(wa_sv_t id)
{
	for(unsigned i = 0; i < n_apps; i++)
		if(wa_sv_eq(wa_sv_from(apps[i].id), id))
			return &apps[i];
	return NULL;
}

wst_app_t *wst_app_find(wa_sv_t id)
{
	wst_app_t *app = id.len > 0 ? find_exact(id) : NULL;

	if(app == NULL || app->gone)
		app = find_exact(WA_SV(""));
	if(app == NULL && id.len == 0 && n_apps > 0)
		app = &apps[0];
	return app != NULL && !app->gone ? app : NULL;
}

wst_app_t *wst_app_at(unsigned i)
{
	return i < n_apps ? &apps[i] : NULL;
}

static int set_files(wst_app_t *app, const char *token, const char *secret)
{
	if(strcmp(app->token.path, token) != 0
			&& wst_secret_set_path(&app->token, "token_file", token) < 0)
		return WA_ETOOLONG;
	if(strcmp(app->secret.path, secret) != 0
			&& wst_secret_set_path(&app->secret, "secret_file", secret) < 0)
		return WA_ETOOLONG;
	return 0;
}

/* Its entry, or a new one. NULL: the table is full, or a name too long. */
static wst_app_t *add(wa_sv_t id, const char *token, const char *secret)
{
	wst_app_t *app = find_exact(id);

	if(app == NULL) {
		if(n_apps == WA_APPS_MAX)
			return NULL;
		app = &apps[n_apps];
		memset(app, 0, sizeof(*app));
		if(wa_sv_copy(app->id, sizeof(app->id), id) < 0)
			return NULL;
		n_apps++;
	}
	if(set_files(app, token, secret) < 0) {
		LM_ERR("app %s: the name of a file is too long\n", app->id);
		return NULL;
	}
	app->gone = false;
	return app;
}

static void add_line(const wa_app_line_t *line)
{
	char token[WST_PATH_SIZE], secret[WST_PATH_SIZE];
	wst_app_t *app = NULL;

	if(wa_sv_copy(token, sizeof(token), line->token_file) == 0
			&& wa_sv_copy(secret, sizeof(secret), line->secret_file) == 0)
		app = add(line->id, token, secret);
	if(app == NULL)
		LM_ERR("apps_file: app %.*s is left out\n", WA_SV_ARG(line->id));
}

/* All or nothing: a file with a mistake changes nothing. */
static void take_file(wa_sv_t text)
{
	wa_app_line_t lines[WA_APPS_MAX];
	char why[WA_ERROR_SIZE];
	int n = wa_apps_parse(lines, text, why, sizeof(why));

	if(n < 0) {
		wst_status_apps(why);
		LM_ERR("%s: %s: the apps stay as they were\n", wst_params.apps_file, why);
		return;
	}
	for(unsigned i = n_params; i < n_apps; i++)
		apps[i].gone = true;
	for(int i = 0; i < n; i++)
		add_line(&lines[i]);
	for(unsigned i = 0; i < n_apps; i++)
		wst_app_show(&apps[i]);
	wst_status_apps("");
	LM_INFO("%s: %d apps\n", wst_params.apps_file, n);
}

static void read_file(int fd)
{
	static char text[APPS_FILE_MAX];
	struct stat st;
	ssize_t n;

	if(fstat(fd, &st) < 0
			|| (st.st_mtim.tv_sec == file_seen.st_mtim.tv_sec
					&& st.st_mtim.tv_nsec == file_seen.st_mtim.tv_nsec
					&& st.st_ino == file_seen.st_ino
					&& st.st_size == file_seen.st_size))
		return;
	file_seen = st;
	n = read(fd, text, sizeof(text));
	if(n < 0 || (size_t)n == sizeof(text))
		wst_status_apps(n < 0 ? strerror(errno) : "longer than 64 KiB");
	else
		take_file((wa_sv_t){text, (size_t)n});
}

static void look_at_file(void)
{
	int fd;

	if(wst_params.apps_file == NULL)
		return;
	fd = open(wst_params.apps_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if(fd < 0) {
		wst_status_apps(strerror(errno));
		return;
	}
	read_file(fd);
	close(fd);
}

void wst_app_init(void)
{
	const char *secret = wst_params.secret_file ? wst_params.secret_file : "";

	if(wst_params.token_file != NULL)
		add(wst_params.app_id, wst_params.token_file, secret);
	n_params = n_apps;
	wst_app_refresh();
}

void wst_app_refresh(void)
{
	look_at_file();
	for(unsigned i = 0; i < n_apps; i++)
		if(!apps[i].gone)
			(void)wst_app_ready(&apps[i], false);
}

static const char *make_proof(wst_app_t *app, bool force)
{
	if(app->secret.path[0] == '\0') {
		app->proof[0] = '\0';
		return NULL;
	}
	if(wst_secret_refresh(&app->secret, force) < 0)
		return app->secret.error;
	if(app->proof[0] != '\0' && app->proof_token == app->token.generation
			&& app->proof_secret == app->secret.generation)
		return NULL;
	if(wa_proof(app->proof, wa_sv_from(app->secret.text),
			   wa_sv_from(app->token.text))
			< 0)
		return "out of memory";
	app->proof_token = app->token.generation;
	app->proof_secret = app->secret.generation;
	return NULL;
}

const char *wst_app_ready(wst_app_t *app, bool force)
{
	const char *why = NULL;

	if(wst_secret_refresh(&app->token, force) < 0)
		why = app->token.error;
	else
		why = make_proof(app, force);
	wst_app_show(app);
	return why;
}

static uint64_t until(uint64_t at, uint64_t now)
{
	return at > now ? at - now : 0;
}

uint64_t wst_app_wait_ms(const wst_app_t *app, bool urgent, uint64_t now)
{
	uint64_t ms = until(app->paused_until_ms, now);
	uint64_t slow = until(app->slow_until_ms, now);
	uint64_t turn = until(app->next_ms, now);

	if(urgent)
		return ms;
	ms = ms > slow ? ms : slow;
	return ms > turn ? ms : turn;
}

void wst_app_count(wst_app_t *app, uint64_t now)
{
	if(wst_params.rate == 0)
		return;
	/* ten requests may come in a bunch: the loop has a grain of its own */
	if(app->next_ms + 10 * 1000 / wst_params.rate < now)
		app->next_ms = now - 10 * 1000 / wst_params.rate;
	app->next_ms += 1000 / wst_params.rate;
}

uint64_t wst_app_pause(wst_app_t *app, uint64_t ms, uint64_t now)
{
	app->pauses++;
	if(ms == 0)
		ms = wa_backoff(app->pauses, wst_params.retry_min_ms,
				wst_params.retry_max_ms, fastrand());
	if(ms > PAUSE_MAX_MS)
		ms = PAUSE_MAX_MS;
	if(now + ms > app->paused_until_ms)
		app->paused_until_ms = now + ms;
	wst_app_show(app);
	return ms;
}

void wst_app_usage(wst_app_t *app, const wa_graph_usage_t *u, uint64_t now)
{
	app->usage = u->percent;
	if(u->percent >= USAGE_HIGH)
		app->slow_until_ms = now + USAGE_SLOW_MS;
	if(u->regain_minutes > 0)
		(void)wst_app_pause(app, (uint64_t)u->regain_minutes * 60 * 1000, now);
}

static const char *what_is_wrong(const wst_app_t *app)
{
	if(app->gone)
		return "no longer in apps_file";
	return app->token.error[0] != '\0' ? app->token.error : app->secret.error;
}

void wst_app_show(const wst_app_t *app)
{
	uint64_t now = wst_now_ms();
	wst_app_show_t show = {.secret = app->secret.path[0] != '\0',
			.gone = app->gone,
			.usage = app->usage,
			.in_flight = app->in_flight,
			.queued = app->queued,
			.tokens = app->token.generation};
	uint64_t pause = until(app->paused_until_ms, now);

	memcpy(show.id, app->id, sizeof(show.id));
	/* both have the size of their destination */
	wa_sv_copy(show.error, sizeof(show.error), wa_sv_from(what_is_wrong(app)));
	if(pause > 0)
		show.paused_until = wst_wall(app->paused_until_ms);
	wst_status_app((unsigned)(app - apps), &show);
}
