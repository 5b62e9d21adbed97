/* metasim: Meta's side of WhatsApp Business Calling, to test an SBC against.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "config.h"
#include "control.h"
#include "event.h"
#include "graph.h"
#include "media.h"
#include "policy.h"
#include "sip_call.h"
#include "store.h"

enum
{
	EXIT_USAGE = 2, /* also: bad configuration */
};

static const char usage[] =
		"usage: metasim [-s] -c FILE\n"
		"  -c FILE  configuration (JSON)\n"
		"  -s       stay when standard input ends (else metasim ends too)\n"
		"Commands are read from standard input, events written to standard "
		"output, one JSON object a line.\n";

static void on_signal(int sig)
{
	(void)sig;
	re_cancel();
}

/* epoll knows no regular files; select() takes them as always readable. */
static int choose_poll(void)
{
	struct stat st;

	if(fstat(STDIN_FILENO, &st) == 0
			&& (S_ISREG(st.st_mode)
					|| (S_ISCHR(st.st_mode) && !isatty(STDIN_FILENO))))
		return poll_method_set(METHOD_SELECT);
	return 0;
}

static int load_numbers(char *why, size_t size)
{
	struct json_object *numbers = arg_get(config.root, "numbers");
	size_t n = numbers ? json_object_array_length(numbers) : 0;
	int err = store_init();

	for(size_t i = 0; !err && i < n; i++)
		err = store_add(json_object_array_get_idx(numbers, i), why, size);
	return err;
}

/* Meta's own time-outs shrink with everything else. */
static void scale_media(struct json_object *media)
{
	static const struct
	{
		const char *name;
		unsigned ms;
	} timeouts[] = {
		{"rtp_timeout_start_ms", 20000},
		{"rtp_timeout_call_ms", 30000},
	};

	for(size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		int ms = arg_int(media, timeouts[i].name, (int)timeouts[i].ms);

		json_object_object_add(media, timeouts[i].name,
				json_object_new_int((int)config_ms((unsigned)ms)));
	}
}

static int start_all(char *why, size_t size)
{
	struct json_object *graph = arg_get(config.root, "graph");
	struct json_object *media = arg_get(config.root, "media");
	int err = load_numbers(why, size);

	if(!err)
		err = policy_init(arg_get(config.root, "policy"), why, size);
	if(!err && media == NULL) {
		snprintf(why, size, "\"media\" is missing");
		err = EINVAL;
	}
	if(!err) {
		scale_media(media);
		err = media_init(media, why, size);
	}
	if(!err)
		err = sip_core_start(why, size);
	if(!err && graph)
		err = graph_init(graph, why, size);
	return err;
}

static void stop_all(void)
{
	control_close();
	sip_core_stop();
	graph_close();
	media_close();
	policy_close();
	store_close();
	config_close();
	event_close();
}

static void say_ready(void)
{
	struct json_object *ev = event_new("ready");
	char text[64];

	re_snprintf(text, sizeof(text), "%J", &config.listen);
	event_str(ev, "sip", text);
	event_str(ev, "graph",
			arg_str(arg_get(config.root, "graph"), "listen", NULL));
	event_emit(ev);
}

static int complain(const char *why)
{
	fprintf(stderr, "metasim: %s\n", why);
	return EXIT_USAGE;
}

static int serve(const char *file, int stay)
{
	char why[512] = "";
	int err = config_load(file, why, sizeof(why));

	if(!err)
		err = start_all(why, sizeof(why));
	if(!err)
		err = control_start(stay);
	if(err) {
		stop_all();
		return complain(*why ? why : strerror(err));
	}
	say_ready();
	err = re_main(on_signal);
	event_text("bye", "metasim ends");
	stop_all();
	return err ? complain(strerror(err)) : 0;
}

int main(int argc, char *argv[])
{
	const char *file = NULL;
	int opt, stay = 0, code;

	while((opt = getopt(argc, argv, "c:sh")) != -1) {
		if(opt == 'c')
			file = optarg;
		else if(opt == 's')
			stay = 1;
		else {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : EXIT_USAGE;
		}
	}
	if(file == NULL || optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	if(libre_init() != 0 || choose_poll() != 0)
		return complain("libre does not start");
	code = serve(file, stay);
	libre_close();
	return code;
}
