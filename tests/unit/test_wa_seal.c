/* Sealing: a published AES-GCM vector, the binding to a place, the key file.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "wa_base64.h"
#include "wa_err.h"
#include "wa_seal.h"

/* 32 bytes of 0x00 and of 0x01 */
#define KEY0 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static void ring_of(wa_seal_ring_t *ring, const char *text)
{
	unsigned line;
	const char *why;

	assert_int_equal(
			wa_seal_ring_parse(ring, wa_sv_from(text), &line, &why), 0);
}

static wa_sv_t password_aad(const char *digits, char *buf)
{
	assert_int_equal(wa_seal_aad(wa_sv_from(digits), WA_SV("password"), buf,
							 WA_SEAL_AAD_SIZE),
			0);
	return wa_sv_from(buf);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = 0;

	for(; hex[2 * n] != '\0'; n++) {
		unsigned v;

		assert_int_equal(sscanf(hex + 2 * n, "%2x", &v), 1);
		out[n] = (uint8_t)v;
	}
	return n;
}

/* Test case 16 of "The Galois/Counter Mode of Operation": the text form has
 * nonce, tag and ciphertext in this order. */
static void published_vector(void **state)
{
	uint8_t key[32], blob[128], aad[32], plain[64];
	char key_text[64], blob_text[200], file[80], sealed[220];
	wa_seal_ring_t ring;
	wa_secret_t out;
	size_t n, aad_len;

	(void)state;
	from_hex("feffe9928665731c6d6a8f9467308308"
			 "feffe9928665731c6d6a8f9467308308",
			key);
	aad_len = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad);
	n = from_hex("cafebabefacedbaddecaf888"
				 "76fc6ece0f4e1768cddf8853bb2d551b"
				 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1"
				 "aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
			blob);
	from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
			 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
			plain);
	assert_int_equal(
			wa_base64_encode(key, sizeof(key), key_text, sizeof(key_text)), 0);
	assert_int_equal(
			wa_base64_encode(blob, n, blob_text, sizeof(blob_text)), 0);
	snprintf(file, sizeof(file), "nist %s\n", key_text);
	snprintf(sealed, sizeof(sealed), "nist:%s", blob_text);
	ring_of(&ring, file);
	assert_int_equal(wa_seal_open(&ring, wa_sv_from(sealed),
							 (wa_sv_t){(char *)aad, aad_len}, &out),
			0);
	assert_int_equal(out.len, 60);
	assert_memory_equal(out.s, plain, 60);
}

static void seals_and_opens(void **state)
{
	wa_seal_ring_t ring;
	char aad[WA_SEAL_AAD_SIZE], text[WA_SEAL_TEXT_SIZE];
	char again[WA_SEAL_TEXT_SIZE], longest[WA_PASSWORD_SIZE + 1];
	wa_secret_t out;

	(void)state;
	ring_of(&ring, "k1 " KEY1 "\n");
	memset(longest, 'x', sizeof(longest));
	for(size_t len = 0; len < WA_PASSWORD_SIZE; len++) {
		wa_sv_t plain = {longest, len};

		assert_int_equal(wa_seal(&ring, plain, password_aad("15550001111", aad),
								 text, sizeof(text)),
				0);
		assert_int_equal(wa_seal_open(&ring, wa_sv_from(text),
								 wa_sv_from(aad), &out),
				0);
		assert_true(wa_sv_eq((wa_sv_t){out.s, out.len}, plain));
	}
	assert_int_equal(wa_seal(&ring, (wa_sv_t){longest, WA_PASSWORD_SIZE},
							 wa_sv_from(aad), text, sizeof(text)),
			WA_ETOOLONG);
	/* a nonce is never used twice */
	wa_seal(&ring, WA_SV("a"), wa_sv_from(aad), text, sizeof(text));
	wa_seal(&ring, WA_SV("a"), wa_sv_from(aad), again, sizeof(again));
	assert_string_not_equal(text, again);
}

static void moved_to_another_place(void **state)
{
	wa_seal_ring_t ring;
	char aad[WA_SEAL_AAD_SIZE], text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;

	(void)state;
	ring_of(&ring, "k1 " KEY1 "\n");
	wa_seal(&ring, WA_SV("made up"), password_aad("15550001111", aad), text,
			sizeof(text));
	assert_int_equal(wa_seal_open(&ring, wa_sv_from(text),
							 password_aad("15550001112", aad), &out),
			WA_EAUTH);
	assert_int_equal(out.len, 0);
	assert_string_equal(out.s, "");
	wa_seal_aad(WA_SV("15550001111"), WA_SV("token"), aad, sizeof(aad));
	assert_int_equal(wa_seal_open(&ring, wa_sv_from(text), wa_sv_from(aad),
							 &out),
			WA_EAUTH);
}

static void every_changed_character(void **state)
{
	wa_seal_ring_t ring;
	char aad[WA_SEAL_AAD_SIZE], text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;

	(void)state;
	ring_of(&ring, "k1 " KEY1 "\n");
	wa_seal(&ring, WA_SV("made up"), password_aad("15550001111", aad), text,
			sizeof(text));
	for(size_t i = 0; text[i] != '\0'; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(wa_seal_open(&ring, wa_sv_from(text),
									 wa_sv_from(aad), &out),
				0);
		text[i] = was;
	}
}

static void key_rotation(void **state)
{
	wa_seal_ring_t old, both, fresh;
	char aad[WA_SEAL_AAD_SIZE], text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;

	(void)state;
	ring_of(&old, "k0 " KEY0 "\n");
	ring_of(&both, "# the new one first\nk1\t" KEY1 "\r\n\n k0 " KEY0);
	ring_of(&fresh, "k1 " KEY1 "\n");
	wa_seal(&old, WA_SV("made up"), password_aad("15550001111", aad), text,
			sizeof(text));
	assert_int_equal(wa_seal_open(&both, wa_sv_from(text), wa_sv_from(aad),
							 &out),
			0);
	assert_string_equal(out.s, "made up");
	assert_true(wa_seal_is_current(&old, wa_sv_from(text)));
	assert_false(wa_seal_is_current(&both, wa_sv_from(text)));
	assert_int_equal(wa_seal_open(&fresh, wa_sv_from(text), wa_sv_from(aad),
							 &out),
			WA_EKEY);
}

static void malformed_seals(void **state)
{
	static const struct
	{
		const char *text;
		int err;
	} rows[] = {{"", WA_EPARSE}, {":", WA_EPARSE}, {"k1", WA_EPARSE},
			{"k1:", WA_EPARSE}, {"k 1:AAAA", WA_EPARSE}, {"k2:AAAA", WA_EKEY},
			{"k1:!!!!", WA_EPARSE}, {"k1:AAAA", WA_EPARSE},
			{"k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", WA_EAUTH}};
	wa_seal_ring_t ring, empty = {.n = 0};
	char text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;

	(void)state;
	ring_of(&ring, "k1 " KEY1 "\n");
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(wa_seal_open(&ring, wa_sv_from(rows[i].text),
								 WA_SV("wa:number:1:password"), &out),
				rows[i].err);
	assert_int_equal(wa_seal(&empty, WA_SV("x"), WA_SV("y"), text,
							 sizeof(text)),
			WA_EKEY);
	assert_false(wa_seal_is_current(&empty, WA_SV("k1:")));
	assert_int_equal(wa_seal(&ring, WA_SV("x"), WA_SV("y"), text, 10),
			WA_ETOOLONG);
}

static void bad_key_files_name_the_line(void **state)
{
	static const struct
	{
		const char *text;
		unsigned line;
		const char *why;
	} rows[] = {{"", 0, "no key"}, {"# only words\n", 0, "no key"},
			{"k1\n", 1, "expected"}, {"#\nk1 " KEY1 "\nk1 " KEY0, 3, "twice"},
			{"k1 AAAA\n", 1, "shorter"}, {"k1 " KEY1 "AAAA", 1, "longer"},
			{"k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 1,
					"longer"},
			{"k1 " KEY1 "\n\nk2 *", 3, "not base64"},
			{"a:b " KEY1, 1, "key id"},
			{"12345678901234567 " KEY1, 1, "key id"}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_seal_ring_t ring;
		unsigned line = 99;
		const char *why = NULL;

		assert_int_equal(wa_seal_ring_parse(&ring, wa_sv_from(rows[i].text),
								 &line, &why),
				WA_EPARSE);
		assert_int_equal(line, rows[i].line);
		assert_non_null(strstr(why, rows[i].why));
		assert_int_equal(ring.n, 0);
	}
}

static void too_many_keys(void **state)
{
	char text[WA_SEAL_KEYS_MAX * 64 + 64] = "";
	wa_seal_ring_t ring;
	unsigned line;
	const char *why;
	size_t len = 0;

	(void)state;
	for(int i = 0; i <= WA_SEAL_KEYS_MAX; i++)
		len += (size_t)snprintf(
				text + len, sizeof(text) - len, "k%d " KEY1 "\n", i);
	assert_int_equal(
			wa_seal_ring_parse(&ring, wa_sv_from(text), &line, &why),
			WA_EPARSE);
	assert_int_equal(line, WA_SEAL_KEYS_MAX + 1);
}

static void load_file(const char *text, mode_t mode, int expected,
		const char *in_message)
{
	char path[] = "/tmp/wa_seal_test_XXXXXX", err[200] = "";
	int fd = mkstemp(path);
	wa_seal_ring_t ring;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	assert_int_equal(
			wa_seal_ring_load(&ring, path, err, sizeof(err)), expected);
	if(expected < 0) {
		assert_non_null(strstr(err, path));
		assert_non_null(strstr(err, in_message));
		assert_null(strstr(err, "AQEB")); /* no content in a message */
	} else {
		assert_int_equal(ring.n, 1);
	}
	unlink(path);
}

static void key_files(void **state)
{
	char err[200] = "";
	wa_seal_ring_t ring;

	(void)state;
	load_file("k1 " KEY1 "\n", 0600, 0, "");
	load_file("k1 " KEY1 "\n", 0440, 0, "");
	load_file("k1 " KEY1 "\n", 0604, WA_EIO, "others");
	load_file("k1 " KEY1 "\n", 0660, WA_EIO, "others");
	load_file("#\nk1 AQEB\n", 0600, WA_EPARSE, "line 2");
	assert_int_equal(
			wa_seal_ring_load(&ring, "/nonexistent", err, sizeof(err)), WA_EIO);
	assert_non_null(strstr(err, "No such file"));
	assert_int_equal(
			wa_seal_ring_load(&ring, "/tmp", err, sizeof(err)), WA_EIO);
	assert_non_null(strstr(err, "not a regular file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(published_vector),
			cmocka_unit_test(seals_and_opens),
			cmocka_unit_test(moved_to_another_place),
			cmocka_unit_test(every_changed_character),
			cmocka_unit_test(key_rotation),
			cmocka_unit_test(malformed_seals),
			cmocka_unit_test(bad_key_files_name_the_line),
			cmocka_unit_test(too_many_keys),
			cmocka_unit_test(key_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
