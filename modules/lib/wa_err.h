/* Error numbers of lib/ and of the modules' C APIs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A function that can fail returns 0 or one of these. They become Kamailio's
 * script return values in exactly one place per module.
 */
#ifndef WA_ERR_H
#define WA_ERR_H

enum wa_err
{
	WA_OK = 0,
	WA_ENOMEM = -1,	  /* out of memory */
	WA_EPARSE = -2,	  /* malformed input */
	WA_ETOOLONG = -3, /* does not fit the buffer or a stated limit */
	WA_ERANGE = -4,	  /* number out of range */
	WA_ENOENT = -5,	  /* no such thing */
	WA_EAUTH = -6,	  /* authentication or integrity check failed */
	WA_EKEY = -7,	  /* no key, or an unknown key id */
	WA_ETYPE = -8,	  /* a field has the wrong type */
	WA_EUNSUP = -9,	  /* well-formed, but nothing we support */
	WA_EBUSY = -10,	  /* queue full; try again later */
	WA_EIO = -11,	  /* read, write or connection failed */
	WA_ESTALE = -12,  /* expired */
	WA_EREPLAY = -13, /* used before */
	WA_ENOTREADY = -14 /* not loaded yet */
};

/** A short English text for an error; never NULL. */
const char *wa_strerror(int err);

#endif
