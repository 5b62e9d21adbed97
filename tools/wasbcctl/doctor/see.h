/* What several groups of checks look at. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WASBCCTL_DOCTOR_SEE_H
#define WASBCCTL_DOCTOR_SEE_H

#include "doctor.h"
#include "probe.h"

/** Whom certificates are verified with: a PEM file, "" = the system's. */
const char *see_ca(doctor_t *d);

/** How far the address of our own name is good for (resolve_scope()); -1: it has
 * none. */
int see_scope(doctor_t *d);

/** A TLS connection to our own socket that faces Meta, asking for `name`. */
void see_ourselves(doctor_t *d, const char *name, int max_version, probe_t *out);

/** Has Meta asked about the number now, and waits for it: what wa_settings.show
 * says then; NULL: `*why` says why not. */
json_object *see_settings(doctor_t *d, const char **why);

/** Has Meta something else in `field` than was applied? NULL: in a field that has
 * no line of its own. */
bool see_drifts(doctor_t *d, const char *field);

/** Is the number in service at Meta, as the directory knows it? */
bool see_is_on(doctor_t *d);

#endif
