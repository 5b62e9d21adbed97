# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a Redis and a node of the directory, for one test alone."""
import pytest

from lab.redis import Redis
from node import Node, Place


@pytest.fixture(name="place")
def fixture_place(addresses, watch):
    held = Place(addresses)
    watch.places = [held]
    yield held
    held.stop()


@pytest.fixture(name="start_redis")
def fixture_start_redis(place):
    """start_redis(name, port=..., settings=...)"""
    def start(name="redis", port=None, **how):
        host, usual = place.addresses.redis
        redis = place.add(Redis(place, name, (host, port or usual), **how))
        redis.wait_ready()
        return redis
    return start


@pytest.fixture(name="redis")
def fixture_redis(start_redis):
    return start_redis()


@pytest.fixture(name="start_node")
def fixture_start_node(place):
    """start_node(name, redis_url=..., ...)"""
    return lambda *args, **params: place.add(Node(place, *args, **params))


@pytest.fixture(name="node")
def fixture_node(redis, start_node):
    """A node that follows `redis` and knows two numbers."""
    made = start_node(redis_url=redis.url)
    made.wait_up()
    for digits in ("15550001111", "15550002222"):
        made.set(digits)
    return made


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for place in getattr(getattr(item, "watch", None), "places", ()):
            for log in sorted(place.dir.glob("*.log")):
                report.sections.append((log.name, "\n".join(log.read_text("utf-8", "replace").splitlines()[-40:])))
