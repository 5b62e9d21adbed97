/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wa_nft.h"

#define CHAIN(policy)                                                          \
	"{\"chain\":{\"family\":\"inet\",\"table\":\"filter\",\"name\":\"input\","   \
	"\"handle\":1,\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,"          \
	"\"policy\":\"" policy "\"}}"
#define RULE(expr)                                                             \
	",{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chain\":\"input\","  \
	"\"handle\":4,\"expr\":[" expr "]}}"
#define MATCH(left, right)                                                     \
	"{\"match\":{\"op\":\"==\",\"left\":" left ",\"right\":" right "}}"
#define DPORT(proto) "{\"payload\":{\"protocol\":\"" proto "\",\"field\":\"dport\"}}"
#define STATE "{\"ct\":{\"key\":\"state\"}}"
#define ACCEPT "{\"accept\":null}"
#define RETURN "{\"return\":null}"
#define RULESET(items) "{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\"}}," items "]}"

static char why[160];

static enum wa_nft_verdict judge(const char *text)
{
	return wa_nft_judge(wa_sv_from(text), "tcp", 5061, why, sizeof(why));
}

static void test_open_without_a_chain_that_drops(void **state)
{
	(void)state;
	assert_int_equal(judge("{\"nftables\":[]}"), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("accept"))), WA_NFT_OPEN);
}

static void test_shut_where_nothing_accepts(void **state)
{
	(void)state;
	assert_int_equal(judge(RULESET(CHAIN("drop"))), WA_NFT_SHUT);
	assert_string_equal(why, "chain inet filter input drops it");
	/* answers, ssh, loopback, UDP of that number, another interface's lo */
	assert_int_equal(
			judge(RULESET(CHAIN("drop") RULE(MATCH(STATE, "[\"established\",\"related\"]") "," ACCEPT)
							RULE(MATCH(DPORT("tcp"), "22") "," ACCEPT)
							RULE(MATCH(DPORT("udp"), "5061") "," ACCEPT)
							RULE(MATCH("{\"meta\":{\"key\":\"iifname\"}}", "\"lo\"") "," ACCEPT)
							RULE(MATCH("{\"payload\":{\"protocol\":\"icmp\",\"field\":\"type\"}}",
									"\"echo-request\"") "," ACCEPT))),
			WA_NFT_SHUT);
	/* a last rule instead of a policy */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE("{\"counter\":{\"packets\":0}},"
														"{\"reject\":{\"type\":\"icmpx\"}}"))),
			WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"match\":{\"op\":\"!=\",\"left\":" DPORT(
							"tcp") ",\"right\":5061}}," ACCEPT))),
			WA_NFT_SHUT);
}

static void test_open_where_a_rule_accepts(void **state)
{
	static const char *const rules[] = {RULE(MATCH(DPORT("tcp"), "5061") "," ACCEPT),
			RULE(MATCH(DPORT("tcp"), "{\"set\":[22,5061]}") "," ACCEPT),
			RULE(MATCH(DPORT("th"), "{\"set\":[{\"range\":[5060,5070]}]}") "," ACCEPT),
			RULE(MATCH(DPORT("tcp"), "{\"range\":[5000,6000]}") "," ACCEPT),
			RULE(MATCH("{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}}",
					"\"@meta\"") "," MATCH(DPORT("tcp"), "5061") "," ACCEPT),
			RULE(MATCH(STATE, "\"new\"") "," MATCH("{\"meta\":{\"key\":\"l4proto\"}}",
					"\"tcp\"") "," ACCEPT),
			",{\"set\":{\"family\":\"inet\",\"table\":\"filter\",\"name\":\"sip\",\"type\":"
			"\"inet_service\",\"elem\":[{\"elem\":{\"val\":5061,\"comment\":\"Meta\"}}]}}" RULE(
					MATCH(DPORT("tcp"), "\"@sip\"") "," ACCEPT)};
	char text[2048];

	(void)state;
	for(size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		snprintf(text, sizeof(text), "{\"nftables\":[" CHAIN("drop") "%s]}", rules[i]);
		assert_int_equal(judge(text), WA_NFT_OPEN);
	}
}

static void test_another_table_does_not_open(void **state)
{
	(void)state;
	assert_int_equal(judge(RULESET(CHAIN("drop") ",{\"rule\":{\"family\":\"inet\",\"table\":\"other\","
								   "\"chain\":\"input\",\"expr\":[" ACCEPT "]}}")),
			WA_NFT_SHUT);
}

#define VMAP(key, data) "{\"vmap\":{\"key\":" key ",\"data\":{\"set\":[" data "]}}}"
#define DROP "{\"drop\":null}"
#define LIMIT "{\"limit\":{\"rate\":9,\"per\":\"second\",\"inv\":true}},"
#define SADDR "{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}}"
#define COUNTER "{\"counter\":{\"packets\":0,\"bytes\":0}},"
#define RULE_IN(chain, expr)                                                   \
	",{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chain\":\"" chain "\"," \
	"\"handle\":5,\"expr\":[" expr "]}}"

static void test_what_a_rule_drops(void **state)
{
	(void)state;
	/* a host without a policy, and one rule against the port */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(DPORT("tcp"), "5061") "," COUNTER DROP))), WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(
							 MATCH(DPORT("tcp"), "5061") ",{\"reject\":{\"type\":\"tcp reset\"}}"))),
			WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(DPORT("tcp"), "5062") "," DROP))), WA_NFT_OPEN);
	/* the first that is of it counts */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(DPORT("tcp"), "5061") "," ACCEPT)
									RULE(DROP))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(DROP)
									RULE(MATCH(DPORT("tcp"), "5061") "," ACCEPT))), WA_NFT_SHUT);
	/* some are banned, or too fast; some others' state is none */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(SADDR, "\"@banned\"") "," DROP))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(DPORT("tcp"), "5061") "," LIMIT DROP))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(STATE, "\"invalid\"") "," DROP))), WA_NFT_OPEN);
}

static void test_jumps_are_followed(void **state)
{
	(void)state;
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", MATCH(DPORT("tcp"), "5061") "," ACCEPT))), WA_NFT_OPEN);
	/* a chain that nobody jumps to */
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE_IN("sip", MATCH(DPORT("tcp"), "5061") "," ACCEPT))), WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE("{\"goto\":{\"target\":\"sip\"}}")
									RULE_IN("sip", DROP))), WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(MATCH(SADDR, "\"192.0.2.1\"") ",{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", DROP))), WA_NFT_OPEN);
	/* nft would not take it: it has an end all the same */
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"jump\":{\"target\":\"input\"}}")
									RULE("{\"jump\":{\"target\":\"input\"}}"))), WA_NFT_SHUT);
}

static void test_who_returns_leaves_the_chain_alone(void **state)
{
	(void)state;
	/* our port goes back, all else ends there */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE("{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", MATCH(DPORT("tcp"), "5061") "," RETURN)
									RULE_IN("sip", DROP))), WA_NFT_OPEN);
	/* what comes behind is not for it */
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", MATCH(DPORT("tcp"), "5061") "," RETURN)
									RULE_IN("sip", ACCEPT))), WA_NFT_SHUT);
	/* somebody goes back, somebody else does not */
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE("{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", MATCH(SADDR, "\"192.0.2.1\"") "," RETURN)
									RULE_IN("sip", DROP))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"jump\":{\"target\":\"sip\"}}")
									RULE_IN("sip", MATCH(SADDR, "\"192.0.2.1\"") "," RETURN)
									RULE_IN("sip", ACCEPT))), WA_NFT_OPEN);
}

static void test_verdict_maps(void **state)
{
	(void)state;
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE(VMAP(STATE, "[\"established\"," ACCEPT "],[\"invalid\"," DROP "]"))
									RULE(VMAP(DPORT("tcp"), "[22," ACCEPT "],[5061," ACCEPT "]")))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE(VMAP(DPORT("tcp"), "[22," ACCEPT "]")))), WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("accept") RULE(VMAP(DPORT("tcp"), "[5061," DROP "]")))), WA_NFT_SHUT);
	assert_int_equal(judge(RULESET(CHAIN("drop") ",{\"map\":{\"family\":\"inet\",\"table\":\"filter\",\"name\":\"in\","
									"\"elem\":[[\"eth0\",{\"jump\":{\"target\":\"sip\"}}],[\"lo\"," ACCEPT "]]}}"
									RULE("{\"vmap\":{\"key\":{\"meta\":{\"key\":\"iifname\"}},\"data\":\"@in\"}}")
									RULE_IN("sip", MATCH(DPORT("tcp"), "5061") "," ACCEPT))), WA_NFT_OPEN);
	assert_int_equal(judge(RULESET(CHAIN("drop") RULE("{\"vmap\":3}") RULE("{\"vmap\":{\"data\":\"@\"}}"))), WA_NFT_SHUT);
}

static void test_no_ruleset(void **state)
{
	(void)state;
	assert_int_equal(judge(""), WA_NFT_UNKNOWN);
	assert_int_equal(judge("[]"), WA_NFT_UNKNOWN);
	assert_int_equal(judge("{\"nftables\":{}}"), WA_NFT_UNKNOWN);
	assert_int_equal(judge("{\"nftables\":[null,1,[],{\"chain\":null},{\"rule\":3}]}"), WA_NFT_OPEN);
}

/* As nft 1.0.6 prints it of: ct state established,related accept; iif lo accept; icmp
 * type echo-request accept; tcp dport { 22, 8080-8090 } accept; ip saddr @metanets tcp
 * dport 5061 accept; udp dport 30000-49999 accept. */
static const char real[] =
		"{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\",\"release_name\":\"Lester Gooch #5\",\"json_schem"
		"a_version\":1}},{\"table\":{\"family\":\"inet\",\"name\":\"filter\",\"handle\":1}},{\"set\":{\"family\":\""
		"inet\",\"name\":\"metanets\",\"table\":\"filter\",\"type\":\"ipv4_addr\",\"handle\":2,\"flags\":[\"interva"
		"l\"],\"elem\":[{\"prefix\":{\"addr\":\"31.13.24.0\",\"len\":21}},{\"prefix\":{\"addr\":\"57.144.0.0\",\"le"
		"n\":14}}]}},{\"chain\":{\"family\":\"inet\",\"table\":\"filter\",\"name\":\"input\",\"handle\":1,\"type\":\""
		"filter\",\"hook\":\"input\",\"prio\":0,\"policy\":\"drop\"}},{\"rule\":{\"family\":\"inet\",\"table\":\"filt"
		"er\",\"chain\":\"input\",\"handle\":3,\"expr\":[{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}}"
		",\"right\":[\"established\",\"related\"]}},{\"accept\":null}]}},{\"rule\":{\"family\":\"inet\",\"table\""
		":\"filter\",\"chain\":\"input\",\"handle\":4,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\""
		"iif\"}},\"right\":\"lo\"}},{\"accept\":null}]}},{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chai"
		"n\":\"input\",\"handle\":5,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"icmp\",\""
		"field\":\"type\"}},\"right\":\"echo-request\"}},{\"accept\":null}]}},{\"rule\":{\"family\":\"inet\",\"ta"
		"ble\":\"filter\",\"chain\":\"input\",\"handle\":7,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{"
		"\"protocol\":\"tcp\",\"field\":\"dport\"}},\"right\":{\"set\":[22,{\"range\":[8080,8090]}]}}},{\"accept"
		"\":null}]}},{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chain\":\"input\",\"handle\":8,\"expr\":["
		"{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"right\":\"@metan"
		"ets\"}},{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}},\"right\""
		":5061}},{\"accept\":null}]}},{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chain\":\"input\",\"ha"
		"ndle\":9,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"udp\",\"field\":\"dport\"}"
		"},\"right\":{\"range\":[30000,49999]}}},{\"accept\":null}]}}]}";

static void test_what_nft_prints(void **state)
{
	wa_sv_t text = wa_sv_from(real);

	(void)state;
	assert_int_equal(wa_nft_judge(text, "tcp", 5061, why, sizeof(why)), WA_NFT_OPEN);
	assert_int_equal(wa_nft_judge(text, "tcp", 8085, why, sizeof(why)), WA_NFT_OPEN);
	assert_int_equal(wa_nft_judge(text, "udp", 31000, why, sizeof(why)), WA_NFT_OPEN);
	assert_int_equal(wa_nft_judge(text, "tcp", 5062, why, sizeof(why)), WA_NFT_SHUT);
	assert_int_equal(wa_nft_judge(text, "udp", 5061, why, sizeof(why)), WA_NFT_SHUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_open_without_a_chain_that_drops),
			cmocka_unit_test(test_shut_where_nothing_accepts),
			cmocka_unit_test(test_open_where_a_rule_accepts),
			cmocka_unit_test(test_another_table_does_not_open),
			cmocka_unit_test(test_what_a_rule_drops),
			cmocka_unit_test(test_jumps_are_followed),
			cmocka_unit_test(test_who_returns_leaves_the_chain_alone),
			cmocka_unit_test(test_verdict_maps),
			cmocka_unit_test(test_no_ruleset),
			cmocka_unit_test(test_what_nft_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
