/* OpenSSL's random bytes come from OpenSSL.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When it is loaded, tls.so sets a RAND_METHOD ("cryptorand") whose state is
 * seeded in the main process and copied by the fork: all processes draw the same
 * bytes, for the random of a ServerHello and for its key share. OpenSSL's own
 * generator reseeds from the kernel in each new process.
 */
/* the call that tls.so made is deprecated, and so is the one that undoes it */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "../ksr_compat.h"

#include "random_source.h"

#include <openssl/rand.h>

void random_source_init(void)
{
	RAND_set_rand_method(RAND_OpenSSL());
}
