/* Packets of a PBX's audio that are turned into another codec.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: an octet with both codecs, then packets, each behind an octet with the
 * source's SSRC and how its sequence number goes on, and one with its length in eights.
 */
#include "fuzz.h"

#include "wa_err.h"
#include "wa_voice.h"

#define PACKETS_MAX 64

void fuzz_voice(const uint8_t *data, size_t size)
{
	static const enum wa_codec codecs[] = {
			WA_CODEC_PCMU, WA_CODEC_PCMA, WA_CODEC_G722, WA_CODEC_OPUS};
	static wa_voice_packet_t out[WA_VOICE_PACKETS];
	unsigned seq = 0;
	wa_voice_t *v;

	if(size == 0)
		return;
	v = wa_voice_new(codecs[data[0] & 3], codecs[data[0] >> 2 & 3]);
	FUZZ_CHECK(v != NULL);
	data++;
	size--;
	for(unsigned n = 0; n < PACKETS_MAX && size >= 2; n++) {
		size_t len = data[1] * 8u < size - 2 ? data[1] * 8u : size - 2;
		int made = wa_voice_convert(v, data[0] & 3, (uint16_t)(seq += (data[0] >> 2) - 8), data + 2, len, out);

		FUZZ_CHECK(made == WA_EPARSE || made == WA_EUNSUP || made >= 0);
		FUZZ_CHECK(made <= WA_VOICE_PACKETS);
		for(int i = 0; i < made; i++)
			FUZZ_CHECK(out[i].len > 0 && out[i].len <= WA_VOICE_MAX);
		data += 2 + len;
		size -= 2 + len;
	}
	wa_voice_free(v);
}
