# SPDX-License-Identifier: GPL-2.0-or-later
"""Is the time from Redis to the directory counted?"""
from lab.process import wait_until


def test_the_histogram_is_cumulative_and_complete(redis, start_node):
    one = start_node("one", redis_url=redis.url)
    two = start_node("two", redis_url=redis.url)
    for node in (one, two):
        node.wait_up()
    for i in range(20):
        one.set(f"1555000{i:04d}")
    for node in (one, two):
        wait_until(lambda n=node: n.status()["visible_ms"]["count"] == 20, 15, "all changes are followed", node.daemon)
        seen = node.status()["visible_ms"]
        bounds = [v for k, v in seen.items() if k.startswith("le_")]
        assert bounds == sorted(bounds) and bounds[-1] == 20 and seen["le_5000"] == 20
        counted = node.rpc("stats.fetch", "wa_numbers:")
        assert int(counted["wa_numbers.visible_ms_count"]) == 20
        assert int(counted["wa_numbers.visible_ms_sum"]) == seen["sum"]
        assert int(counted["wa_numbers.visible_ms_le_5000"]) == 20
