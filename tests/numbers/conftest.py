# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures: a Redis and nodes of the directory, for one test alone."""
import sys
from pathlib import Path

import pytest

from lab.redis import Redis

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "redis"))

from node import Node, Place  # noqa: E402


@pytest.fixture(name="place")
def fixture_place(addresses):
    held = Place(addresses)
    yield held
    held.stop()


@pytest.fixture(name="start_redis")
def fixture_start_redis(place):
    """The Redis of this test; again, after its end, it is empty."""
    def start():
        redis = place.add(Redis(place))
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
