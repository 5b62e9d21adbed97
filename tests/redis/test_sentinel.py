# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the directory find the master, and follow it when it changes?"""
import pytest

from lab.addresses import hostport
from lab.process import wait_until
from lab.redis import Redis
from node import MASTER
from relay import Relay

ONE, TWO, THREE = "15550001111", "15550002222", "15550003333"
SENTINEL_PASSWORD = "made-up-for-the-sentinel"


class Cluster:
    """A master, a replica and a Sentinel."""

    def __init__(self, place, start_redis):
        host, port = place.addresses.redis
        self.ports = [port, port + 1]
        self.redis = [start_redis(f"redis{i}", p, settings=[f"replicaof {host} {port}"] if i else [])
                      for i, p in enumerate(self.ports)]
        self.sentinel = place.add(Redis(
            place, "sentinel", (host, 26379), sentinel=True, password=SENTINEL_PASSWORD, settings=[
                f"sentinel monitor {MASTER} {host} {port} 1", f"sentinel down-after-milliseconds {MASTER} 60000",
                f"sentinel failover-timeout {MASTER} 2000"]))
        self.sentinel.wait_ready()
        wait_until(lambda: self.sentinel.command("SENTINEL", "replicas", MASTER), 15, "the Sentinel knows the replica")
        wait_until(lambda: "master_link_status:up" in self.redis[1].command("INFO", "replication"), 15,
                   "the replica is in step")

    def appoint(self, redis):
        """What a fail-over comes to, without its waiting."""
        self.sentinel.command("SENTINEL", "REMOVE", MASTER)
        redis.command("REPLICAOF", "NO", "ONE")
        self.sentinel.command("SENTINEL", "MONITOR", MASTER, *map(str, redis.address), "1")

    def master(self):
        return int(self.sentinel.command("SENTINEL", "get-master-addr-by-name", MASTER)[1])


@pytest.fixture(name="cluster")
def fixture_cluster(place, start_redis):
    return Cluster(place, start_redis)


@pytest.fixture(name="guided")
def fixture_guided(place, cluster, start_node):
    """A node that asks a Sentinel that is not there, then the one that is."""
    host = place.addresses.backend
    file = place.secret("sentinel.pass", SENTINEL_PASSWORD)
    node = start_node(redis_url="redis://unused", redis_master=MASTER, redis_sentinel_password_file=file,
                      redis_sentinels=f"{host}:26378,{hostport(cluster.sentinel.address)}")
    node.wait_up()
    node.set(ONE)
    assert f":{cluster.ports[0]}/" in node.daemon.log()
    return node


def test_a_dead_master_is_replaced(cluster, guided):
    # the others are not to be replaced for a moment without processor
    assert cluster.sentinel.command("SENTINEL", "SET", MASTER, "down-after-milliseconds", "300") == "OK"
    cluster.redis[0].stop()
    assert guided.numbers() == {ONE}
    job = guided.queue("set", TWO, "trunk=x")
    assert guided.outcome(job) == ("done", "")
    assert cluster.master() == cluster.ports[1]
    assert cluster.redis[1].command("HGET", f"wa:number:{TWO}", "trunk") == "x"
    guided.wait_numbers(ONE, TWO)
    assert SENTINEL_PASSWORD not in guided.daemon.log()


def test_a_master_that_becomes_a_replica_is_left_at_once(cluster, guided):
    old, new = cluster.redis
    cluster.appoint(new)
    old.command("REPLICAOF", *map(str, new.address))
    guided.set(THREE)
    assert new.command("EXISTS", f"wa:number:{THREE}") == 1
    # told by XREAD (UNBLOCKED) or by the write (READONLY), whichever comes first
    guided.wait_log(f"Redis at redis://{hostport(old.address)}/0 is away: ")
    guided.wait_log(f"following Redis at redis://{hostport(new.address)}")


def test_a_master_that_the_others_have_left_behind_is_left(cluster, guided):
    """It knows nothing of its successor, as after a split network."""
    cluster.appoint(cluster.redis[1])
    guided.wait_log("another Redis is the master now")
    guided.set(TWO)
    assert cluster.redis[1].command("EXISTS", f"wa:number:{TWO}") == 1


def test_a_replica_is_not_taken_for_the_master(cluster, start_node, place):
    host, port = cluster.redis[1].address
    place.secret("lying.pass", SENTINEL_PASSWORD)
    cluster.sentinel.command("SENTINEL", "REMOVE", MASTER)
    cluster.sentinel.command("SENTINEL", "MONITOR", MASTER, host, port, "2")
    node = start_node(redis_url="redis://unused", redis_master=MASTER,
                      redis_sentinel_password_file=place.dir / "lying.pass",
                      redis_sentinels=hostport(cluster.sentinel.address))
    node.wait_error("but it is a replica")
    assert node.status()["ready"] == 0


@pytest.fixture(name="lost")
def fixture_lost(cluster, guided, place, start_node):
    """start(near): a node whose Sentinel knows no master, of a Redis near it."""
    guided.stop()
    cluster.sentinel.command("SENTINEL", "REMOVE", MASTER)

    def start(near, **more):
        return start_node("lost", redis_url="redis://unused", redis_master=MASTER, redis_near=near,
                          redis_sentinel_password_file=place.dir / "sentinel.pass",
                          redis_sentinels=hostport(cluster.sentinel.address), **more)
    return start


def test_G10_a_replica_nearby_gives_the_numbers_until_the_master_is_found(cluster, lost):
    master, replica = cluster.redis
    wait_until(lambda: replica.command("EXISTS", f"wa:number:{ONE}") == 1, 15, "the replica has the number")
    replica.command("REPLICAOF", "NO", "ONE")
    master.command("HSET", f"wa:number:{TWO}", "trunk", "x")
    master.command("XADD", "wa:changes", "*", "kind", "number", "key", TWO, "op", "set")
    node = lost(replica.url)
    node.wait("knows what the replica does", ready=1, connected=0)
    assert node.numbers() == {ONE}
    cluster.appoint(master)
    node.wait_numbers(ONE, TWO)
    assert node.daemon.log().count("loaded ") == 1, "followed from where the replica was, not loaded anew"
    assert replica.command("EXISTS", f"wa:number:{TWO}") == 0


def test_a_redis_nearby_that_has_nothing_is_not_taken_for_the_truth(cluster, lost):
    replica = cluster.redis[1]
    replica.command("REPLICAOF", "NO", "ONE")
    replica.command("FLUSHALL")
    node = lost(replica.url)
    node.wait_log("does not help: it has nothing yet")
    assert node.status()["ready"] == 0
    cluster.appoint(cluster.redis[0])
    node.wait_up()
    assert node.numbers() == {ONE}


def test_a_redis_nearby_that_is_away_is_said(cluster, lost, place):
    node = lost(f"redis://{place.addresses.backend}:1")
    node.wait_log("the Redis near us at redis://")
    cluster.appoint(cluster.redis[0])
    node.wait_up()
    assert node.numbers() == {ONE}


def test_G10_a_redis_nearby_that_breaks_off_hides_no_change(cluster, lost, place, start_node):
    """The numbers of the snapshot serve on: what is newer has to come from the master, all of it."""
    master, replica = cluster.redis
    file = place.dir / "numbers.snapshot"
    before = start_node("before", redis_url=master.url, snapshot_file=file)
    before.wait_up()
    before.stop()
    master.command("HSET", f"wa:number:{TWO}", "trunk", "x")
    master.command("XADD", "wa:changes", "*", "kind", "number", "key", TWO, "op", "set")
    wait_until(lambda: replica.command("EXISTS", f"wa:number:{TWO}") == 1, 15, "the replica has the number")
    host, port = replica.address
    relay = Relay(place, (host, port + 10), replica.address)
    relay.lose_answer_of = b"SCAN"
    node = lost(relay.url, snapshot_file=file)
    node.wait_log("does not help")
    node.wait("has the snapshot", ready=1, connected=0)
    assert node.numbers() == {ONE}
    cluster.appoint(master)
    node.wait_numbers(ONE, TWO)


def test_an_unknown_master_is_named(cluster, start_node):
    node = start_node(redis_url="redis://unused", redis_master="nobody",
                      redis_sentinels=f":{SENTINEL_PASSWORD}@{hostport(cluster.sentinel.address)}")
    node.wait_error("no master of the name nobody")
