/* What the files of wasbcctl share: options, exit codes, the table of nouns.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_H
#define WASBCCTL_H

#include <stdbool.h>

enum ctl_exit
{
	CTL_DONE = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_UNREACHED = 3,
	CTL_DIFFERS = 4 /* plan, drift: not as wanted */
};

typedef struct ctl_opts
{
	const char *socket;
	bool json;
	int timeout_ms; /* for an answer, and for a job to be done */
} ctl_opts_t;

/* A row of a noun's table of verbs. argv[0] is the verb. */
typedef struct ctl_verb
{
	const char *name;
	const char *args; /* for the help text */
	const char *help;
	int min_args; /* after the verb */
	int max_args;
	enum ctl_exit (*run)(const ctl_opts_t *o, int argc, char **argv);
} ctl_verb_t;

typedef struct ctl_noun
{
	const char *name;
	const ctl_verb_t *verbs; /* to a row with name NULL; one with name "" is
								the noun without a verb */
} ctl_noun_t;

extern const ctl_verb_t ctl_number_verbs[];
extern const ctl_verb_t ctl_trunk_verbs[];
extern const ctl_verb_t ctl_app_verbs[];
extern const ctl_verb_t ctl_doctor_verbs[];
extern const ctl_verb_t ctl_knob_verbs[];
extern const ctl_verb_t ctl_status_verbs[];
extern const ctl_verb_t ctl_top_verbs[];
extern const ctl_verb_t ctl_trace_verbs[];
extern const ctl_verb_t ctl_reload_verbs[];
extern const ctl_verb_t ctl_source_verbs[];
extern const ctl_verb_t ctl_ban_verbs[];
extern const ctl_verb_t ctl_tls_verbs[];
extern const ctl_verb_t ctl_plan_verbs[];
extern const ctl_verb_t ctl_apply_verbs[];
extern const ctl_verb_t ctl_audit_verbs[];
extern const ctl_verb_t ctl_tasks_verbs[];
extern const ctl_verb_t ctl_drift_verbs[];
extern const ctl_verb_t ctl_calls_verbs[];
extern const ctl_verb_t ctl_call_verbs[];
extern const ctl_verb_t ctl_drain_verbs[];
extern const ctl_verb_t ctl_undrain_verbs[];
extern const ctl_verb_t ctl_blocked_verbs[];
extern const ctl_verb_t ctl_unblock_verbs[];

/* Verbs of "number" that ask Meta. */
enum ctl_exit ctl_number_sync(const ctl_opts_t *o, int argc, char **argv);
enum ctl_exit ctl_number_health(const ctl_opts_t *o, int argc, char **argv);
enum ctl_exit ctl_number_discover(const ctl_opts_t *o, int argc, char **argv);

#endif
