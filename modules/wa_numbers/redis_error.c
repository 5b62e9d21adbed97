/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_error.h"

#include <stdio.h>
#include <string.h>

static const struct
{
	const char *word;
	enum wan_error kind;
	const char *meaning;
} known[] = {
		{"LOADING", WAN_ERROR_AWAY, "Redis is still loading its data"},
		{"MASTERDOWN", WAN_ERROR_AWAY, "a replica that has lost its master"},
		{"NOAUTH", WAN_ERROR_AWAY, "Redis asks for a password"},
		{"WRONGPASS", WAN_ERROR_AWAY, "Redis does not accept user and password"},
		{"ERR max number of clients", WAN_ERROR_AWAY, "Redis is full of clients"},
		{"DENIED", WAN_ERROR_AWAY, "Redis is in protected mode"},
		{"BUSY", WAN_ERROR_AWAY, "Redis is busy with a script"},
		{"UNBLOCKED", WAN_ERROR_AWAY, "Redis is a master no more"},
		{"CLUSTERDOWN", WAN_ERROR_AWAY, "the Redis cluster is down"},
		{"MOVED", WAN_ERROR_AWAY, "a Redis cluster, which is not supported"},
		{"READONLY", WAN_ERROR_WRITE, "a read-only replica"},
		{"OOM", WAN_ERROR_WRITE, "Redis is full (maxmemory)"},
		{"MISCONF", WAN_ERROR_WRITE, "Redis cannot save its data"},
		{"NOREPLICAS", WAN_ERROR_WRITE, "Redis has too few replicas"},
		{"NOPERM", WAN_ERROR_WRITE, "the Redis user lacks a permission"},
};

enum wan_error wan_error_explain(const char *error, char *why, size_t size)
{
	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strlen(known[i].word);

		if(strncmp(error, known[i].word, len) != 0
				|| (error[len] != ' ' && error[len] != '\0'))
			continue;
		/* cut if too long: it is for people */
		if(snprintf(why, size, "%s (%s)", known[i].meaning, error) < 0)
			why[0] = '\0';
		return known[i].kind;
	}
	return WAN_ERROR_OTHER;
}
