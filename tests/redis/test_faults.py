# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the directory do when Redis is gone, slow, full, empty or wrong?"""
import re
import signal

import pytest

from lab.errors import LabError
from lab.process import wait_until
from relay import Relay

ONE, TWO, THREE = "15550001111", "15550002222", "15550003333"


def key(digits):
    return f"wa:number:{digits}"


@pytest.fixture(name="relayed")
def fixture_relayed(place, redis, start_node):
    """A node that reaches Redis through a relay of the test's: (node, relay)."""
    return through_relay(place, redis, start_node)


def through_relay(place, redis, start_node, **params):
    host, port = redis.address
    relay = Relay(place, (host, port + 10), redis.address)
    node = start_node(redis_url=relay.url, **params)
    node.wait_up()
    node.set(ONE)
    wait_until(lambda: node.status()["last_id"] != "0-0", 10, "the node is somewhere in the stream")
    return node, relay


def test_G10_what_changed_while_redis_was_cut_off_is_caught_up(redis, relayed, start_node):
    node, relay = relayed
    node.set(TWO)
    other = start_node("other", redis_url=redis.url)
    relay.silent = True
    relay.cut()
    node.wait("is cut off", connected=0)
    other.wait_up()
    other.set(THREE)
    assert other.job("remove", TWO) == ("done", "")
    job = node.queue("set", ONE, "trunk=later")
    assert node.numbers() == {ONE, TWO}
    relay.silent = False
    node.wait_up()
    node.wait_numbers(ONE, THREE)
    assert node.outcome(job) == ("done", "")
    assert redis.command("HGET", key(ONE), "trunk") == "later"
    assert node.daemon.log().count("loaded ") == 1  # by the stream, not all anew


def test_redis_that_hangs_is_left(redis, node):
    redis.daemon.process.send_signal(signal.SIGSTOP)
    job = node.queue("set", ONE, "trunk=later")
    node.wait_error("no answer within 500 ms")
    assert node.numbers() == {ONE, TWO}
    redis.daemon.process.send_signal(signal.SIGCONT)
    assert node.outcome(job) == ("done", "")


def test_redis_that_comes_back_empty_empties_nothing(redis, node):
    redis.stop()
    node.wait("notices", connected=0)
    redis.start()
    redis.wait_ready()
    node.wait_error("Redis holds 0 numbers where there were 2: not taken")
    node.wait("is up again", connected=1)
    assert node.numbers() == {ONE, TWO}
    assert node.daemon.log().count("looks like lost data") == 1
    # what comes in anew counts
    node.set(THREE)
    node.wait_numbers(ONE, TWO, THREE)
    state, reason = node.job("reload")
    assert state == "failed" and "lost" in reason
    assert node.job("reload", "force") == ("done", "")
    assert node.numbers() == {THREE}


def test_a_flush_empties_nothing(redis, node):
    redis.command("FLUSHALL")
    node.wait_error("not taken")
    assert node.numbers() == {ONE, TWO}


def test_a_flush_is_noticed_though_redis_was_written_to_at_once(redis, node, start_node):
    """The stream goes on with later ids, as if nothing were missing."""
    other = start_node("other", redis_url=redis.url)
    other.wait_up()
    redis.command("FLUSHALL")
    other.set(THREE)
    node.wait_error("not taken")
    node.wait_numbers(ONE, TWO, THREE)


def test_a_slow_redis_is_reported_and_keeps_nobody_waiting(place, redis, start_node):
    node, relay = through_relay(place, redis, start_node, redis_timeout=2400)
    relay.delay = 1.3
    job = node.queue("set", ONE, "trunk=slowly")
    node.wait_error("slow: an answer took ")
    # who reads the directory is served while the job waits for Redis
    for _ in range(10):
        assert node.numbers() == {ONE}
    assert node.rpc("wa_numbers.job", job)["state"] == "queued"
    relay.delay = 0
    assert node.outcome(job) == ("done", "")
    assert node.status()["connected"] == 1
    assert len(re.findall(r"is slow: .*calls do not wait", node.daemon.log())) == 1


def test_a_full_redis_takes_the_change_later(redis, node):
    redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis.command("CONFIG", "SET", "maxmemory", "1")  # whatever it takes for itself: 1 MB is too close to that
    job = node.queue("set", ONE, "trunk=later")
    node.wait_error("Redis is full (maxmemory) (OOM")
    assert node.status()["connected"] == 1
    redis.command("CONFIG", "SET", "maxmemory", "0")
    assert node.outcome(job) == ("done", "")
    assert redis.command("HGET", key(ONE), "trunk") == "later"
    log = node.daemon.log()
    assert log.count("takes no change: ") == 1 and log.count("takes changes again") == 1


def test_a_read_only_replica_is_followed_and_changes_wait(redis, start_redis, start_node):
    host, port = redis.address
    replica = start_redis("replica", port + 1, settings=[f"replicaof {host} {port}"])
    master, node = start_node("master", redis_url=redis.url), start_node(redis_url=replica.url)
    master.wait_up()
    node.wait_up()
    job = node.queue("set", TWO, "trunk=later")
    node.wait_error("a read-only replica (READONLY")
    master.set(ONE)
    node.wait_numbers(ONE)  # what others change still comes
    assert node.status()["connected"] == 1
    replica.command("REPLICAOF", "NO", "ONE")
    assert node.outcome(job) == ("done", "")
    node.wait_numbers(ONE, TWO)


def test_a_replica_without_its_master_is_left(redis, start_redis, start_node):
    host, port = redis.address
    replica = start_redis("replica", port + 1, settings=[f"replicaof {host} {port}", "replica-serve-stale-data no"])
    wait_until(lambda: "master_link_status:up" in replica.command("INFO", "replication"), 10, "the replica is in step")
    node = start_node(redis_url=replica.url)
    node.wait_up()
    redis.stop()
    node.wait_error("MASTERDOWN")
    replica.command("REPLICAOF", "NO", "ONE")
    node.wait_up()


def test_a_redis_that_is_loading_is_waited_for(relayed):
    node, relay = relayed
    relay.instead = b"-LOADING Redis is loading the dataset in memory\r\n"
    relay.cut()
    node.wait_error("still loading its data (LOADING")
    assert node.numbers() == {ONE}
    relay.instead = None
    node.wait_up()
    assert "still loading its data" in node.daemon.log()


@pytest.mark.parametrize("method", ["remove", "trunk_remove", "set"])
def test_a_change_whose_answer_is_lost_has_been_made(redis, relayed, method):
    node, relay = relayed
    assert node.job("trunk_set", "pbx", "gateways=sip:127.0.0.4") == ("done", "")
    arguments, changed = {"remove": ([ONE], key(ONE)), "trunk_remove": (["pbx"], "wa:trunk:pbx"),
                          "set": ([TWO, "trunk=x"], key(TWO))}[method]
    relay.lose_answer_of = b"EXEC"
    assert node.job(method, *arguments) == ("done", "")
    assert relay.lost == 1
    assert redis.command("EXISTS", changed) == int(method == "set")


def test_what_was_never_there_cannot_be_removed(redis, node):
    redis.command("DEL", key(ONE))
    assert node.job("remove", ONE) == ("failed", "no such record in Redis")


def test_something_else_under_a_key_harms_nothing(redis, node):
    redis.command("DEL", key(ONE))
    redis.command("LPUSH", key(ONE), "nonsense")
    redis.command("XADD", "wa:changes", "*", "kind", "number", "key", ONE, "op", "set")
    node.wait_log(f"number {ONE}: not readable in Redis and ignored: WRONGTYPE")
    assert node.job("set", ONE, "trunk=x") == ("failed", "what stands under this key in Redis is not a hash")
    assert node.job("reload") == ("done", "")
    assert node.numbers() == {ONE, TWO}
    # the operator's way out
    assert node.job("remove", ONE) == ("done", "")
    node.set(ONE)


def test_nodes_that_share_a_redis_see_each_others_changes(redis, node, start_node):
    other = start_node("other", redis_url=redis.url)
    other.wait_up()
    assert other.numbers() == {ONE, TWO}
    other.set(THREE)
    node.wait_numbers(ONE, TWO, THREE)
    assert node.job("remove", ONE) == ("done", "")
    other.wait_numbers(TWO, THREE)
    assert other.job("trunk_set", "pbx", "gateways=sip:127.0.0.4") == ("done", "")
    wait_until(lambda: node.status()["trunks"] == 1, 10, "the other node has the trunk")


def test_the_stream_cut_short_means_loading_anew(redis, relayed):
    node, relay = relayed
    relay.silent = True
    relay.cut()
    node.wait("is cut off", connected=0)
    redis.command("HSET", key(TWO), "trunk", "x")
    for _ in range(3):
        redis.command("XADD", "wa:changes", "MAXLEN", "1", "*", "kind", "number", "key", THREE, "op", "set")
    relay.silent = False
    node.wait_up()
    node.wait_numbers(ONE, TWO)
    node.wait_log("loading all anew")


def test_start_without_redis(place, start_node, start_redis):
    host, port = place.addresses.redis
    node = start_node(redis_url=f"redis://{host}:{port}")
    node.wait_log("there is no directory yet")
    with pytest.raises(LabError, match="500"):
        node.numbers()
    start_redis()
    node.wait_up()
