/* What a site says of the page. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_PAGE_PARAMS_H
#define WA_PAGE_PARAMS_H

typedef struct page_params
{
	char *listen; /* ADDRESS:PORT, "" = no page */
	char *file;	  /* the page, one HTML file */
	char *hosts;  /* further names that a browser may know it by, spaces between */
	char *socket; /* where JSON-RPC is served, a datagram socket */
} page_params_t;

extern page_params_t page_params;

#endif
