/* What differs between Kamailio 5.6 (Debian 12), 6.0 (Debian 13) and 6.1.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Include this FIRST in every glue file. sr_module.h has to come before any
 * mem/ header: those define DBG_{QM,F,TLSF}_MALLOC, which go into the compile
 * flags string that Kamailio compares when it loads a module.
 *
 * VERSIONVAL comes from the kit's compiler flags (5006003, 6000001, ...).
 */
#ifndef KSR_COMPAT_H
#define KSR_COMPAT_H

#ifndef VERSIONVAL
#error "VERSIONVAL is not set: build with the flags of the kit (make build)"
#endif

#include <kamailio/core/sr_module.h>
#include <kamailio/core/cfg/cfg_struct.h>
#include <kamailio/core/dprint.h>
#include <kamailio/core/kemi.h>
#include <kamailio/core/locking.h>
#include <kamailio/core/mem/mem.h>
#include <kamailio/core/mem/shm_mem.h>
#include <kamailio/core/mod_fix.h>
#include <kamailio/core/pt.h>
#include <kamailio/core/pvar.h>
#include <kamailio/core/rpc.h>
#include <kamailio/core/rpc_lookup.h>
#include <kamailio/core/timer_proc.h>

/* pv_value_t.ri and the pv_get_sintval() family are long since 6.0. */
#if VERSIONVAL >= 6000000
typedef long ksr_pvint_t;
#else
typedef int ksr_pvint_t;
#endif

/* The RPC flag RET_ARRAY was renamed in 6.0. */
#if VERSIONVAL < 6000000
#define RPC_RET_ARRAY RET_ARRAY
#endif

/* Script functions of three and more parameters do not have the type
 * cmd_function; the double cast keeps -Wcast-function-type quiet. */
#define KSR_CMD(f) ((cmd_function)(void (*)(void))(f))

/* A Kamailio str as the string view of lib/, and back. */
#define KSR_SV(s_) ((wa_sv_t){(s_)->s, (size_t)(s_)->len})
#define KSR_STR(sv_) ((str){(char *)(uintptr_t)(sv_).s, (int)(sv_).len})

#define KSR_UNUSED __attribute__((unused))

#endif
