/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINES_DEFAULT 24
#define COLUMNS_DEFAULT 80

static struct termios before;
static bool is_taken; /* `before` holds what it was */

bool screen_is_one(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

bool screen_has_colours(void)
{
	const char *no = getenv("NO_COLOR");

	return screen_is_one() && (no == NULL || *no == '\0');
}

screen_size_t screen_size(void)
{
	struct winsize w;
	screen_size_t s = {LINES_DEFAULT, COLUMNS_DEFAULT};

	if(ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0)
		s = (screen_size_t){w.ws_row, w.ws_col};
	return s;
}

static void take_keys(void)
{
	struct termios now = before;

	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &now);
}

static void give_back(void)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Ends as the signal would have ended it: the shell sees why. */
static void on_end(int sig)
{
	give_back();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void on_stop(int sig)
{
	(void)sig;
	give_back();
	(void)raise(SIGSTOP);
}

/* In the background the terminal is another's. */
static void on_continue(int sig)
{
	(void)sig;
	if(tcgetpgrp(STDIN_FILENO) == getpgrp())
		take_keys();
}

/* That it came is enough: it ends poll(). */
static void on_resize(int sig)
{
	(void)sig;
}

static void catch(int sig, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = sig == SIGWINCH ? 0 : SA_RESTART;
	(void)sigaction(sig, &action, NULL);
}

void screen_open(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

	catch(SIGWINCH, on_resize);
	if(is_taken || tcgetattr(STDIN_FILENO, &before) != 0)
		return;
	is_taken = true;
	for(size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		catch(ends[i], on_end);
	catch(SIGTSTP, on_stop);
	catch(SIGCONT, on_continue);
	take_keys();
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Of all that was typed: is there a key that ends it? */
static bool is_end(void)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	for(ssize_t i = 0; i < n; i++)
		if(keys[i] != '\0' && strchr("qQ\r\n\004", keys[i]) != NULL)
			return true;
	return n <= 0;
}

bool screen_wait(int ms)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	long until = now_ms() + ms, left = ms;
	int n = 0;

	for(; left > 0; left = until - now_ms()) {
		n = poll(&p, 1, (int)left);
		if(n <= 0) /* time is over, or another size */
			return true;
		if(is_end())
			return false;
	}
	return true;
}

void screen_close(void)
{
	if(is_taken)
		give_back();
	is_taken = false;
}
