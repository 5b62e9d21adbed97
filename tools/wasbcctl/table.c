/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rpc.h"

#define COLUMNS_MAX 16

static void print_json(json_object *obj)
{
	puts(json_object_to_json_string_ext(
			obj, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* Values come from Meta and from people: a tab would move columns, an escape
 * sequence would speak to the terminal. */
static void print_cell(const char *text, size_t width)
{
	size_t len = 0;

	for(; *text != '\0'; text++, len++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	for(; len < width; len++)
		putchar(' ');
}

void ctl_print_text(const char *text)
{
	print_cell(text, 0);
}

void ctl_print_column(const char *text, size_t width)
{
	for(size_t i = 0; i < width; i++) {
		unsigned char c = *text != '\0' ? (unsigned char)*text++ : ' ';

		putchar(c < ' ' || c > '~' ? ' ' : c);
	}
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

void ctl_print_list(
		const ctl_opts_t *o, json_object *list, const char *const *columns)
{
	bool table = isatty(STDOUT_FILENO);
	size_t width[COLUMNS_MAX] = {0}, n = json_object_array_length(list);

	if(o->json) {
		print_json(list);
		return;
	}
	for(size_t c = 0; table && columns[c] != NULL; c++) {
		width[c] = strlen(columns[c]);
		for(size_t i = 0; i < n; i++)
			width[c] = max_size(width[c],
					strlen(ctl_member(
							json_object_array_get_idx(list, i), columns[c])));
	}
	for(size_t c = 0; table && columns[c] != NULL; c++) {
		print_cell(columns[c], columns[c + 1] != NULL ? width[c] + 2 : 0);
		if(columns[c + 1] == NULL)
			putchar('\n');
	}
	for(size_t i = 0; i < n; i++) {
		for(size_t c = 0; columns[c] != NULL; c++) {
			bool last = columns[c + 1] == NULL;

			print_cell(ctl_member(
							   json_object_array_get_idx(list, i), columns[c]),
					table && !last ? width[c] + 2 : 0);
			if(!table || last)
				putchar(last ? '\n' : '\t');
		}
	}
}

/* Members of members get a line each, too: "meta.networks", "certificates.0.days". */
static void flatten(json_object *out, const char *prefix, const char *name, json_object *value)
{
	char full[192], index[24];

	(void)!snprintf(full, sizeof(full), "%s%s%s", prefix, *prefix != '\0' ? "." : "", name);
	if(json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member) flatten(out, full, key, member);
	} else if(json_object_is_type(value, json_type_array)) {
		for(size_t i = 0; i < json_object_array_length(value); i++) {
			(void)!snprintf(index, sizeof(index), "%zu", i);
			flatten(out, full, index, json_object_array_get_idx(value, i));
		}
	} else {
		json_object_object_add(out, full, json_object_get(value));
	}
}

void ctl_print_object(const ctl_opts_t *o, json_object *obj)
{
	bool table = isatty(STDOUT_FILENO);
	json_object *flat;
	size_t width = 0;

	if(o->json || !json_object_is_type(obj, json_type_object)) {
		print_json(obj);
		return;
	}
	flat = json_object_new_object();
	json_object_object_foreach(obj, key, value) flatten(flat, "", key, value);
	json_object_object_foreach(flat, path, leaf)
	{
		(void)leaf;
		width = max_size(width, strlen(path));
	}
	json_object_object_foreach(flat, name, member)
	{
		print_cell(name, table ? width + 2 : 0);
		if(!table)
			putchar('\t');
		print_cell(member != NULL ? json_object_get_string(member) : "", 0);
		putchar('\n');
	}
	json_object_put(flat);
}
