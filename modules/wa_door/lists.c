/* Where a side's networks come from: configuration, a file, an operator.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "lists.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kamailio/core/locking.h>
#include <kamailio/core/mem/shm_mem.h>

#include "../lib/wa_err.h"
#include "counters.h"

#define FILE_MAX (4 * 1024 * 1024) /* a registry's whole answer */
#define NETWORKS_MAX 50000		   /* before they are merged */

lists_params_t lists_params = {{"", ""}, {"", ""}};

/* The files as they were when they were read last, by the keeper or for an operator:
 * what one has forced is not refused by the other. */
static struct read_files
{
	gen_lock_t lock;
	struct stat at[DOOR_SIDES];
} *read_files;

static int refuse(char error[LISTS_ERROR], int err, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

static int refuse(char error[LISTS_ERROR], int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if(vsnprintf(error, LISTS_ERROR, fmt, ap) < 0)
		error[0] = '\0';
	va_end(ap);
	return err;
}

/* A refreshed list that is absurd must not open the door to the world, nor shut
 * Meta out. */
static int check_sane(enum door_side side, const wa_range_t *r, size_t n,
		char error[LISTS_ERROR])
{
	door_set_info_t now;
	const wa_range_t *at;
	const char *why;
	char text[WA_ADDR_TEXT] = "all together";

	if(side != DOOR_META)
		return 0;
	if(wa_ranges_sane(r, n, &why, &at) < 0)
		return refuse(error, WA_ERANGE, "%s: %s",
				at != NULL ? wa_addr_text(&at->lo, text) : text, why);
	door_set_info(side, &now);
	if(wa_ranges_count4(r, n) < now.addresses4 / 2)
		return refuse(error, WA_ERANGE,
				"less than half of the %llu addresses now in use",
				(unsigned long long)now.addresses4);
	return 0;
}

static int parse(wa_sv_t text, wa_range_t *r, size_t *n,
		char error[LISTS_ERROR])
{
	wa_sv_t bad = {"", 0};
	int err = wa_ranges_read(text, r, NETWORKS_MAX, n, &bad);

	if(err == 0 && *n > DOOR_RANGES)
		err = WA_ETOOLONG;
	if(err == WA_ETOOLONG)
		return refuse(error, err, "more networks than fit (%d)", DOOR_RANGES);
	if(err < 0 && bad.len == 0)
		return refuse(error, err, "no network in it");
	if(err < 0)
		return refuse(error, err,
				"\"%.*s\" is neither an address nor a network such as "
				"192.0.2.0/24",
				bad.len > 40 ? 40 : (int)bad.len, bad.s);
	return 0;
}

static int take(enum door_side side, wa_sv_t text, bool check,
		const char *from, char error[LISTS_ERROR])
{
	wa_range_t *r = malloc(NETWORKS_MAX * sizeof(*r));
	size_t n;
	int err;

	if(r == NULL)
		return refuse(error, WA_ENOMEM, "out of memory");
	err = parse(text, r, &n, error);
	if(err == 0 && check)
		err = check_sane(side, r, n, error);
	if(err == 0)
		door_set_put(side, r, n, from);
	free(r);
	return err;
}

/* The whole file; free() it. */
static char *slurp(const char *path, size_t *len, char error[LISTS_ERROR])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	ssize_t n = -1;

	if(fd < 0 || fstat(fd, &st) < 0)
		(void)refuse(error, WA_EIO, "%s", strerror(errno));
	else if(!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		(void)refuse(error, WA_EIO, "no file, or larger than 4 MiB");
	else if((text = malloc((size_t)st.st_size + 1)) == NULL)
		(void)refuse(error, WA_ENOMEM, "out of memory");
	else if((n = read(fd, text, (size_t)st.st_size)) < 0)
		(void)refuse(error, WA_EIO, "%s", strerror(errno));
	if(fd >= 0)
		close(fd);
	if(n < 0) {
		free(text);
		return NULL;
	}
	*len = (size_t)n;
	return text;
}

static void tell(enum door_side side, int err, const char *error)
{
	door_set_info_t info;

	if(err < 0) {
		door_set_fail(side, error);
		door_count(COUNT_LISTS_REFUSED);
		LM_ERR("the networks of %s stay as they are, the new list is "
			   "refused: %s\n",
				door_side_name[side], error);
		return;
	}
	door_set_info(side, &info);
	LM_NOTICE("networks of %s: %zu, with %llu IPv4 addresses, by %s\n",
			door_side_name[side], info.networks,
			(unsigned long long)info.addresses4, info.from);
}

static void note_read(enum door_side side)
{
	struct stat now;

	if(stat(lists_params.file[side], &now) < 0)
		return;
	lock_get(&read_files->lock);
	read_files->at[side] = now;
	lock_release(&read_files->lock);
}

int lists_read_file(enum door_side side, bool force, char error[LISTS_ERROR])
{
	size_t len = 0;
	char *text;
	int err = WA_EIO;

	note_read(side); /* before: a change meanwhile is seen the next time */
	text = slurp(lists_params.file[side], &len, error);
	if(text != NULL)
		err = take(side, (wa_sv_t){text, len}, !force, "file", error);
	free(text);
	tell(side, err, error);
	return err;
}

int lists_set(enum door_side side, wa_sv_t text, bool force,
		char error[LISTS_ERROR])
{
	int err = take(side, text, !force, "operator", error);

	tell(side, err, error);
	return err;
}

int lists_check(const char *text, char error[LISTS_ERROR])
{
	wa_range_t *r = malloc(NETWORKS_MAX * sizeof(*r));
	size_t n;
	int err = WA_ENOMEM;

	if(r != NULL)
		err = parse(wa_sv_from(text), r, &n, error);
	free(r);
	return err;
}

int lists_init(void)
{
	char error[LISTS_ERROR];

	read_files = shm_malloc(sizeof(*read_files));
	if(read_files == NULL || lock_init(&read_files->lock) == NULL) {
		LM_ERR("no shared memory, or no lock\n");
		return -1;
	}
	memset(read_files->at, 0, sizeof(read_files->at));
	for(int side = 0; side < DOOR_SIDES; side++) {
		if(take(side, wa_sv_from(lists_params.list[side]), false,
				   "configuration", error)
				< 0) {
			LM_ERR("%s_sources: %s\n", door_side_name[side], error);
			return -1;
		}
		if(lists_params.file[side][0] == '\0')
			continue;
		(void)lists_read_file(side, false, error);
	}
	return 0;
}

static bool has_changed(enum door_side side)
{
	struct stat now, last;

	if(stat(lists_params.file[side], &now) < 0)
		return false;
	lock_get(&read_files->lock);
	last = read_files->at[side];
	lock_release(&read_files->lock);
	return now.st_ino != last.st_ino || now.st_size != last.st_size
		   || now.st_mtim.tv_sec != last.st_mtim.tv_sec
		   || now.st_mtim.tv_nsec != last.st_mtim.tv_nsec;
}

void lists_destroy(void)
{
	if(read_files != NULL)
		shm_free(read_files);
	read_files = NULL;
}

void lists_watch(void)
{
	char error[LISTS_ERROR];

	for(int side = 0; side < DOOR_SIDES; side++)
		if(lists_params.file[side][0] != '\0' && has_changed(side))
			(void)lists_read_file(side, false, error);
}
