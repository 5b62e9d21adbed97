/* Where Redis is; what is shown of it never has the password.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_redis_url.h"

void fuzz_redis_url(const uint8_t *data, size_t size)
{
	wa_redis_url_t url;
	char shown[512];

	if(wa_redis_url_parse(fuzz_text(data, size), &url) < 0) {
		FUZZ_CHECK(url.password[0] == '\0' && url.host[0] == '\0');
		return;
	}
	FUZZ_CHECK(memchr(url.host, '\0', sizeof(url.host)) != NULL);
	FUZZ_CHECK(memchr(url.user, '\0', sizeof(url.user)) != NULL);
	FUZZ_CHECK(memchr(url.password, '\0', sizeof(url.password)) != NULL);
	FUZZ_CHECK(wa_redis_url_show(&url, shown, sizeof(shown)) == 0);
	FUZZ_CHECK(strchr(shown, '@') == NULL || strchr(url.host, '@') != NULL);
}
