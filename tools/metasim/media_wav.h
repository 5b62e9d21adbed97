/* A WAV file, 16 bit mono, written as the audio comes in.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_WAV_H
#define METASIM_MEDIA_WAV_H

#include <stddef.h>
#include <stdint.h>

struct wav;

/** mem_deref() completes the file. Returns 0 or an errno value. */
int wav_open(struct wav **wp, const char *path, unsigned rate);

/** A failing disk ends the recording, not the call. */
void wav_write(struct wav *w, const int16_t *pcm, size_t n);

#endif
