/* Nobody outside writes lines into our log, or fills the disk with it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio logs what it cannot parse as it came. To syslog it goes through a
 * function that can be replaced; to standard error by fprintf(stderr), whose
 * stream can be replaced: glibc's `stderr` is a variable.
 */
#define _GNU_SOURCE
#include "../ksr_compat.h"

#include "log_guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "../lib/wa_logline.h"
#include "conf.h"
#include "door.h"

static wa_logline_budget_t budget; /* of this process */

/* Whether the line may be written; says first how many were not. */
static bool may_write(bool is_error, void (*say)(const char *))
{
	static pid_t owner;
	unsigned before, limit = door_conf(error_lines);
	char text[96];
	bool may;

	if(!is_error || limit == 0)
		return true;
	/* what the main process has used up is no business of its children */
	if(owner != getpid()) {
		owner = getpid();
		memset(&budget, 0, sizeof(budget));
	}
	may = wa_logline_take(&budget, door_now(), limit, &before);
	if(before > 0
			&& snprintf(text, sizeof(text),
					   "event=log_flood lines=%u: errors and warnings that were "
					   "left out",
					   before)
					   > 0)
		say(text);
	return may;
}

static void say_syslog(const char *text)
{
	syslog(LOG_WARNING | LOG_LOCAL0, "%s", text);
}

static void to_syslog(int priority, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static void to_syslog(int priority, const char *format, ...)
{
	static char raw[8192], line[WA_LOGLINE_MAX + 8];
	va_list ap;
	int n;

	if(!may_write(LOG_PRI(priority) <= LOG_WARNING, say_syslog))
		return;
	va_start(ap, format);
	n = vsnprintf(raw, sizeof(raw), format, ap);
	va_end(ap);
	if(n < 0)
		return;
	if((size_t)n >= sizeof(raw))
		n = (int)sizeof(raw) - 1;
	wa_logline_clean(line, (wa_sv_t){raw, (size_t)n});
	syslog(priority, "%s", line);
}

static void put_line(const char *text, size_t len)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)text, len},
			{(void *)(uintptr_t)"\n", 1}};

	while(writev(STDERR_FILENO, parts, 2) < 0 && errno == EINTR)
		;
}

static void say_stderr(const char *text)
{
	put_line(text, strlen(text));
}

/* "12(30413) ": how each line of this process begins. */
static bool begins_line(wa_sv_t text)
{
	wa_sv_t rest = text, no;
	unsigned long n, pid;

	no = wa_sv_trim(wa_sv_cut(&rest, '('));
	return wa_sv_ulong(no, 99999, &n) == 0
		   && wa_sv_ulong(wa_sv_cut(&rest, ')'), INT32_MAX, &pid) == 0
		   && (pid_t)pid == getpid() && rest.len > 0 && rest.s[0] == ' ';
}

static char raw_line[WA_LOGLINE_MAX]; /* as far as it has come */
static size_t raw_len;

static void flush_line(void)
{
	static char line[WA_LOGLINE_MAX + 8];
	size_t n = wa_logline_clean(line, (wa_sv_t){raw_line, raw_len});

	put_line(line, n);
	raw_len = 0;
}

static void collect(wa_sv_t part)
{
	size_t room = sizeof(raw_line) - raw_len;
	size_t n = part.len < room ? part.len : room;

	memcpy(raw_line + raw_len, part.s, n);
	raw_len += n;
}

/* One fprintf() comes in parts (of 128 bytes with a newer glibc), and any of them
 * may end with a line break from outside. What follows one without the beginning
 * of a line of ours is marked as what it is. */
static ssize_t to_stderr(void *cookie KSR_UNUSED, const char *text, size_t len)
{
	static bool left_out;
	wa_sv_t part = {text, len};

	if(raw_len == 0 && begins_line(part))
		left_out = !may_write(wa_logline_is_error(part), say_stderr);
	else if(raw_len == 0 && !left_out)
		collect(WA_SV("  | "));
	if(left_out)
		return (ssize_t)len;
	collect(part);
	if(len > 0 && text[len - 1] == '\n')
		flush_line();
	return (ssize_t)len;
}

static FILE *plain; /* standard error as it was */

int log_guard_init(void)
{
	cookie_io_functions_t io = {.write = to_stderr};
	FILE *guarded = fopencookie(NULL, "w", io);

	if(guarded == NULL || setvbuf(guarded, NULL, _IONBF, 0) != 0) {
		LM_ERR("no stream for the log: %s\n", strerror(errno));
		return -1;
	}
	plain = stderr;
	stderr = guarded;
	km_log_func_set(to_syslog);
	return 0;
}

void log_guard_end(void)
{
	if(plain == NULL)
		return;
	stderr = plain;
	km_log_func_set(&syslog);
}
