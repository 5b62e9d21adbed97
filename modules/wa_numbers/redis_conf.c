/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../ksr_compat.h"

#include "../lib/wa_err.h"

#define TIMEOUT_MIN_MS 50
#define TIMEOUT_MAX_MS 60000

static bool is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The file's first line. */
static int read_password(
		const char *parameter, const char *file, char *out, size_t size)
{
	char text[WA_REDIS_SECRET_SIZE + 1];
	wa_sv_t rest, line;
	size_t n;
	int ret;
	FILE *f = fopen(file, "re");

	if(f == NULL) {
		LM_ERR("%s: %s: %s\n", parameter, file, strerror(errno));
		return -1;
	}
	setvbuf(f, NULL, _IONBF, 0); /* no copy of the secret is left behind */
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	rest = (wa_sv_t){text, n};
	line = wa_sv_trim(wa_sv_cut(&rest, '\n'));
	ret = line.len == 0 ? -1 : wa_sv_copy(out, size, line);
	explicit_bzero(text, sizeof(text));
	if(ret < 0)
		LM_ERR("%s: %s: no password in its first line, or too long\n",
				parameter, file);
	return ret < 0 ? -1 : 0;
}

static int read_sentinels(const wan_redis_args_t *args, wan_redis_conf_t *out)
{
	int n = wa_redis_url_list(wa_sv_from(or_empty(args->sentinels)),
			out->sentinels, WAN_SENTINELS_MAX);

	/* not shown: there may be a password in it */
	if(n < 0) {
		LM_ERR("redis_sentinels: expected up to %d times host[:port] or "
			   "rediss://[user:password@]host[:port]\n",
				WAN_SENTINELS_MAX);
		return -1;
	}
	out->n_sentinels = (size_t)n;
	out->master = or_empty(args->master);
	if((n > 0) != is_set(out->master)) {
		LM_ERR("redis_sentinels and redis_master: both or none\n");
		return -1;
	}
	if(n > 0 && out->url.is_unix) {
		LM_ERR("redis_url: Sentinels name no Unix socket: redis:// or "
			   "rediss://\n");
		return -1;
	}
	if(!is_set(args->sentinel_password_file))
		return 0;
	for(size_t i = 0; i < out->n_sentinels; i++)
		if(read_password("redis_sentinel_password_file",
				   args->sentinel_password_file, out->sentinels[i].password,
				   sizeof(out->sentinels[i].password))
				< 0)
			return -1;
	return 0;
}

/* Another place, the same account. */
static int read_near(const wan_redis_args_t *args, wan_redis_conf_t *out)
{
	wa_redis_url_t at;

	if(!is_set(args->near))
		return 0;
	if(wa_redis_url_parse(wa_sv_from(args->near), &at) < 0
			|| at.user[0] != '\0' || at.password[0] != '\0' || at.db != 0) {
		LM_ERR("redis_near: expected redis://host[:port], rediss://host[:port] "
			   "or unix:///path; user, password and database are those of "
			   "redis_url\n");
		explicit_bzero(&at, sizeof(at));
		return -1;
	}
	out->near = out->url;
	memcpy(out->near.host, at.host, sizeof(at.host));
	out->near.port = at.port;
	out->near.is_unix = at.is_unix;
	out->near.is_tls = at.is_tls;
	out->has_near = true;
	return 0;
}

/* OpenSSL must not be touched before Kamailio has forked: what the files hold
 * shows when they are used, whether they can be read shows here. */
static int check_file(const char *parameter, const char *file)
{
	if(*file == '\0' || access(file, R_OK) == 0)
		return 0;
	LM_ERR("%s: %s: %s\n", parameter, file, strerror(errno));
	return -1;
}

static int read_tls(const wan_redis_args_t *args, wan_redis_conf_t *out)
{
	bool needed = out->url.is_tls || (out->has_near && out->near.is_tls);

	for(size_t i = 0; i < out->n_sentinels; i++)
		needed = needed || out->sentinels[i].is_tls;
	out->tls = (wa_stream_tls_t){or_empty(args->ca_file),
			or_empty(args->cert_file), or_empty(args->key_file)};
	out->tls_name = or_empty(args->tls_name);
	if(needed && !is_set(out->tls.ca)) {
		LM_ERR("redis_ca_file is not set: rediss:// needs it\n");
		return -1;
	}
	if(is_set(out->tls.cert) != is_set(out->tls.key)) {
		LM_ERR("redis_cert_file and redis_key_file: both or none\n");
		return -1;
	}
	return check_file("redis_ca_file", out->tls.ca) < 0
						   || check_file("redis_cert_file", out->tls.cert) < 0
						   || check_file("redis_key_file", out->tls.key) < 0
				   ? -1
				   : 0;
}

int wan_redis_conf_read(const wan_redis_args_t *args, wan_redis_conf_t *out)
{
	if(args->timeout < TIMEOUT_MIN_MS || args->timeout > TIMEOUT_MAX_MS) {
		LM_ERR("redis_timeout: %d to %d ms\n", TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
		return -1;
	}
	out->timeout_ms = (unsigned)args->timeout;
	/* not shown: there may be a password in it */
	if(wa_redis_url_parse(wa_sv_from(args->url), &out->url) < 0) {
		LM_ERR("redis_url: expected redis://[user[:password]@]host[:port][/db], "
			   "the same with rediss://, or unix:///path[?db=n]\n");
		return -1;
	}
	if(is_set(args->password_file)
			&& read_password("redis_password_file", args->password_file,
					   out->url.password, sizeof(out->url.password))
					   < 0)
		return -1;
	if(out->url.user[0] != '\0' && out->url.password[0] == '\0') {
		LM_ERR("redis_url names the user %s, but neither it nor redis_password_file "
			   "has a password\n",
				out->url.user);
		return -1;
	}
	return read_sentinels(args, out) < 0 || read_near(args, out) < 0
				   ? -1
				   : read_tls(args, out);
}

int wan_redis_conf_show(const wan_redis_conf_t *conf, char *out, size_t size)
{
	int n;

	if(conf->n_sentinels == 0)
		return wa_redis_url_show(&conf->url, out, size);
	n = snprintf(out, size, "the master %s of %zu Sentinels", conf->master,
			conf->n_sentinels);
	return n < 0 || (size_t)n >= size ? WA_ETOOLONG : 0;
}
