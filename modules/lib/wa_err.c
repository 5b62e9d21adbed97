/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_err.h"

const char *wa_strerror(int err)
{
	switch(err) {
		case WA_OK:
			return "no error";
		case WA_ENOMEM:
			return "out of memory";
		case WA_EPARSE:
			return "malformed";
		case WA_ETOOLONG:
			return "too long";
		case WA_ERANGE:
			return "out of range";
		case WA_ENOENT:
			return "not found";
		case WA_EAUTH:
			return "authentication failed";
		case WA_EKEY:
			return "no such key";
		case WA_ETYPE:
			return "wrong type";
		case WA_EUNSUP:
			return "not supported";
		case WA_EBUSY:
			return "busy";
		case WA_EIO:
			return "input/output error";
		case WA_ESTALE:
			return "expired";
		case WA_EREPLAY:
			return "used before";
		case WA_ENOTREADY:
			return "not loaded yet";
		default:
			return "unknown error";
	}
}
