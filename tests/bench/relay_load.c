/* Load for the RTP relay: N calls, both ways, a packet each 20 ms.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     relay_load CONTROL N SECONDS PID [opus]
 *
 * All PBXes are one socket here, told apart by the relay's port; rtpengine's ends are
 * a socket each. Payloads carry the time they were sent at. Prints: packets sent and
 * received each way, median and 99th percentile of the relay's delay in us; then the
 * packets that the relay has sent in its life, and its CPU seconds. With "opus" the
 * PBXes have PCMA and rtpengine Opus, both of noise; then there are no delays.
 */
#define _GNU_SOURCE
#include <opus/opus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wa_ng.h"
#include "wa_relay_msg.h"

#define SLICES 20 /* of 20 ms: calls do not speak all at once */
#define PACKET 172
#define DELAYS 4000000

struct end
{
	int fd; /* rtpengine's */
	wa_endpoint_t outer;
	uint16_t seq;
};

static struct end *ends;
static int calls, pbx, control, poller;
static wa_endpoint_t inner;
static unsigned sent[2], got[2];
static uint8_t noise[2][PACKET - 12]; /* PCMA, Opus */
static size_t noise_len[2];		  /* 0: the payload is the time */
static uint32_t *delays[2], n_delays[2];

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int udp(const char *host, wa_endpoint_t *at)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 4 << 20;

	if(fd < 0 || wa_endpoint_address(wa_sv_from(host), at) < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	len = wa_endpoint_sockaddr(at, &ss);
	if(bind(fd, (struct sockaddr *)&ss, len) < 0)
		die("bind");
	len = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &len);
	wa_endpoint_from(&ss, at);
	return fd;
}

static void ask(wa_relay_msg_t *m, wa_ben_t *reply)
{
	static char out[WA_RELAY_MSG_MAX], in[WA_RELAY_MSG_MAX];
	wa_buf_t b = wa_buf_on(out, sizeof(out));
	struct pollfd p = {.fd = control, .events = POLLIN};
	wa_sv_t cookie;
	ssize_t len;

	m->cookie = WA_SV("load");
	if(wa_relay_msg_write(m, &b) < 0 || send(control, b.s, b.len, 0) < 0
			|| poll(&p, 1, 5000) <= 0 || (len = recv(control, in, sizeof(in), 0)) < 0
			|| wa_ng_reply((wa_sv_t){in, (size_t)len}, &cookie, reply) < 0)
		die("the relay does not answer");
}

static void get(const wa_ben_t *d, const char *key, wa_endpoint_t *out)
{
	wa_ben_t v;

	if(wa_ben_get(d, wa_sv_from(key), WA_BEN_STR, &v) < 0
			|| wa_endpoint_parse(v.body, out) < 0)
		die("the relay has no room");
}

static void open_call(int i, const wa_endpoint_t *pbx_at)
{
	char id[32];
	wa_relay_msg_t m;
	wa_ben_t reply;
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = (uint32_t)i}};

	snprintf(id, sizeof(id), "load-%d", i);
	m = wa_relay_msg(WA_RELAY_OPEN, wa_sv_from(id));
	ask(&m, &reply);
	get(&reply, "outer", &ends[i].outer);
	get(&reply, "inner", &inner);
	m = wa_relay_msg(WA_RELAY_JOIN, wa_sv_from(id));
	ends[i].fd = udp("127.0.0.1", &m.engine);
	m.pbx = *pbx_at;
	m.has_up = m.has_down = m.has_format = true;
	if(noise_len[0] > 0) {
		m.codec = WA_CODEC_OPUS;
		m.pt = 111;
		wa_relay_map_add(&m.up, 8, 111, WA_RELAY_PCMA, WA_RELAY_OPUS);
		wa_relay_map_add(&m.down, 111, 8, WA_RELAY_PCMA, WA_RELAY_OPUS);
	} else {
		m.codec = WA_CODEC_PCMU;
		wa_relay_map_add(&m.up, 0, 0, WA_RELAY_PCMU, WA_RELAY_PCMU);
		wa_relay_map_add(&m.down, 0, 0, WA_RELAY_PCMU, WA_RELAY_PCMU);
	}
	m.start = 0;
	ask(&m, &reply);
	epoll_ctl(poller, EPOLL_CTL_ADD, ends[i].fd, &ev);
}

static void put(int fd, const wa_endpoint_t *to, struct end *e, int way)
{
	uint8_t p[PACKET] = {0};
	wa_rtp_t rtp = {.seq = e->seq, .ts = e->seq * 160u, .ssrc = 7};
	size_t payload = noise_len[way] > 0 ? noise_len[way] : PACKET - 12;
	int64_t now = now_us();
	struct sockaddr_storage ss;
	socklen_t len = wa_endpoint_sockaddr(to, &ss);

	if(noise_len[way] > 0) {
		rtp.pt = way ? 111 : 8;
		rtp.ts = e->seq * (way ? 960u : 160u);
		memcpy(p + 12, noise[way], payload);
	} else {
		memcpy(p + 12, &now, sizeof(now));
	}
	wa_rtp_write(p, &rtp);
	sent[way] += sendto(fd, p, 12 + payload, 0, (struct sockaddr *)&ss, len) == (ssize_t)(12 + payload);
}

static void take(int fd, int way)
{
	uint8_t p[2048];
	ssize_t len;

	while((len = recv(fd, p, sizeof(p), 0)) > 0) {
		int64_t at;

		if(noise_len[way] > 0) {
			got[way] += len > 15; /* silence of the relay's own has three octets */
			continue;
		}
		if(len != PACKET || p[1] != (p[1] & 0x80))
			continue;
		memcpy(&at, p + 12, sizeof(at));
		if(at <= 0 || p[20] == 0xff) /* silence of the relay's own */
			continue;
		got[way]++;
		if(n_delays[way] < DELAYS)
			delays[way][n_delays[way]++] = (uint32_t)(now_us() - at);
	}
}

static void receive_until(int64_t until)
{
	struct epoll_event ev[256];
	int64_t left;

	while((left = until - now_us()) > 0) {
		int n = epoll_wait(poller, ev, 256, left < 1000 ? 0 : (int)(left / 1000));

		for(int i = 0; i < n; i++) {
			if(ev[i].data.u32 == UINT32_MAX)
				take(pbx, 1);
			else
				take(ends[ev[i].data.u32].fd, 0);
		}
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double cpu_of(const char *pid)
{
	char path[64], text[1024], *p;
	unsigned long user, kernel;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "r");
	if(f == NULL)
		die(path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	p = strrchr(text, ')');
	if(p == NULL || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
		die("stat");
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

/* Silence included, which it sends where we are late. */
static int64_t relay_packets(void)
{
	static const char *const names[] = {"up", "silence", "down"};
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_STATS, (wa_sv_t){NULL, 0});
	wa_ben_t reply, v;
	int64_t sum = 0;

	ask(&m, &reply);
	for(int i = 0; i < 3; i++)
		if(wa_ben_get(&reply, wa_sv_from(names[i]), WA_BEN_INT, &v) == 0)
			sum += v.num;
	return sum;
}

/* What costs most: nothing in it can be foreseen. */
static void make_noise(void)
{
	OpusEncoder *e = opus_encoder_create(8000, 1, OPUS_APPLICATION_VOIP, NULL);
	opus_int16 pcm[160];
	unsigned seed = 1;
	int len = 0;

	for(int n = 0; e != NULL && n < 10; n++) {
		for(int i = 0; i < 160; i++) {
			seed = seed * 1103515245u + 12345u;
			pcm[i] = (opus_int16)(seed >> 19);
			noise[0][i] = (uint8_t)(seed >> 16 & 0xbf);
		}
		opus_encoder_ctl(e, OPUS_SET_BITRATE(20000));
		len = opus_encode(e, pcm, 160, noise[1], sizeof(noise[1]));
	}
	if(len <= 0)
		die("opus");
	noise_len[0] = 160;
	noise_len[1] = (size_t)len;
}

int main(int argc, char **argv)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = UINT32_MAX}};
	struct rlimit lim;
	struct sockaddr_storage ss;
	wa_endpoint_t at, pbx_at;
	int64_t due, end;
	socklen_t len;

	if(argc < 5 || argc > 6 || wa_endpoint_parse(wa_sv_from(argv[1]), &at) < 0)
		return 2;
	calls = (int)strtol(argv[2], NULL, 10);
	if(argc == 6)
		make_noise();
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	ends = calloc((size_t)calls, sizeof(*ends));
	for(int way = 0; way < 2; way++)
		delays[way] = malloc(DELAYS * sizeof(uint32_t));
	poller = epoll_create1(0);
	pbx = udp("127.0.0.1", &pbx_at);
	epoll_ctl(poller, EPOLL_CTL_ADD, pbx, &ev);
	control = socket(AF_INET, SOCK_DGRAM, 0);
	len = wa_endpoint_sockaddr(&at, &ss);
	if(connect(control, (struct sockaddr *)&ss, len) < 0)
		die("connect");
	for(int i = 0; i < calls; i++)
		open_call(i, &pbx_at);
	due = now_us();
	end = due + strtol(argv[3], NULL, 10) * 1000000;
	while(due < end) {
		for(int slice = 0; slice < SLICES; slice++) {
			for(int i = slice; i < calls; i += SLICES) {
				ends[i].seq++;
				put(pbx, &ends[i].outer, &ends[i], 0);
				put(ends[i].fd, &inner, &ends[i], 1);
			}
			due += 20000 / SLICES;
			receive_until(due);
		}
	}
	receive_until(now_us() + 200000);
	for(int way = 0; way < 2; way++) {
		qsort(delays[way], n_delays[way], sizeof(uint32_t), by_size);
		printf("%u %u %u %u\n", sent[way], got[way],
				n_delays[way] ? delays[way][n_delays[way] / 2] : 0,
				n_delays[way] ? delays[way][n_delays[way] - 1 - n_delays[way] / 100] : 0);
	}
	printf("%lld %.3f\n", (long long)relay_packets(), cpu_of(argv[4]));
	return 0;
}
