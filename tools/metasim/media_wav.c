/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_wav.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <re/re.h>

enum
{
	WAV_HEADER = 44
};

struct wav
{
	FILE *f;
	uint32_t rate;
	uint32_t bytes; /* of audio */
	bool failed;
};

static uint8_t *le(uint8_t *p, uint32_t v, size_t bytes)
{
	for(size_t i = 0; i < bytes; i++, v >>= 8)
		*p++ = (uint8_t)v;
	return p;
}

static uint8_t *tag(uint8_t *p, const char *four)
{
	memcpy(p, four, 4);
	return p + 4;
}

static int header(struct wav *w)
{
	uint8_t h[WAV_HEADER], *p = h;

	p = tag(p, "RIFF");
	p = le(p, WAV_HEADER - 8 + w->bytes, 4);
	p = tag(p, "WAVE");
	p = tag(p, "fmt ");
	p = le(p, 16, 4); /* size of this chunk */
	p = le(p, 1, 2);  /* PCM */
	p = le(p, 1, 2);  /* channels */
	p = le(p, w->rate, 4);
	p = le(p, w->rate * 2, 4); /* bytes a second */
	p = le(p, 2, 2);		   /* bytes a sample */
	p = le(p, 16, 2);
	p = tag(p, "data");
	(void)le(p, w->bytes, 4);
	return fwrite(h, sizeof(h), 1, w->f) == 1 ? 0 : EIO;
}

static void destructor(void *arg)
{
	struct wav *w = arg;

	if(w->f == NULL)
		return;
	if(fseek(w->f, 0, SEEK_SET) == 0)
		(void)header(w);
	(void)fclose(w->f);
}

int wav_open(struct wav **wp, const char *path, unsigned rate)
{
	struct wav *w = mem_zalloc(sizeof(*w), destructor);
	int err;

	if(w == NULL)
		return ENOMEM;
	w->rate = rate;
	w->f = fopen(path, "wb");
	err = w->f ? header(w) : errno;
	if(err)
		mem_deref(w);
	else
		*wp = w;
	return err;
}

void wav_write(struct wav *w, const int16_t *pcm, size_t n)
{
	uint8_t buf[2];

	if(w == NULL || w->failed)
		return;
	for(size_t i = 0; i < n && !w->failed; i++) {
		(void)le(buf, (uint16_t)pcm[i], 2);
		w->failed = fwrite(buf, sizeof(buf), 1, w->f) != 1;
		w->bytes += w->failed ? 0 : 2;
	}
}
