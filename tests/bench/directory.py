# SPDX-License-Identifier: GPL-2.0-or-later
"""The directory at carrier size: memory, loading, look-ups, and how soon a change is seen.

A Redis and two nodes of its own on loopback; look-ups are made in a process of Kamailio,
through the API that the other modules use (wa_bench). NUMBERS=n for another size.
"""
import base64
import os
import socket
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import rundir
from lab.addresses import Addresses
from lab.process import Daemon, wait_until
from lab.redis import Redis
from row import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "redis"))

from node import Node, Place  # noqa: E402

FIRST = 15550000000
NUMBERS = int(os.environ.get("NUMBERS", "1000000"))
CHANGES = 200
# 28 bytes of nonce and tag, a password of 32
SEALED = "k1:" + base64.b64encode(bytes(60)).decode()


class BenchNode(Node):
    """With memory for a million numbers, and wa_bench."""

    def start(self):
        path = self.dir / "node.cfg"
        text = path.read_text()
        module = f'loadmodule "{rundir.BUILD}/tests/bench/wa_bench.so"\n'
        if module not in text:
            path.write_text(text.replace("modparam(", module + "modparam(", 1))
        self.daemon = Daemon(self.lab, self.name, [
            "kamailio", "-f", path, "-DD", "-E", "-x", "fm", "--atexit=no", "-m", "1024", "-M", "16",
            "-Y", self.dir, "-P", self.dir / "kamailio.pid"])
        wait_until((self.dir / "kamailio_rpc.sock").exists, 30, "the node listens for RPC", self.daemon)

    def wait_loaded(self, numbers, seconds=300):
        def loaded():
            status = self.status()
            return status["ready"] and not status["loading"] and status["numbers"] == numbers
        wait_until(loaded, seconds, f"{numbers} numbers are loaded", self.daemon, pause=0.2)

    def shared_memory(self):
        return int(self.rpc("core.shmmem")["real_used"])

    def reload(self):
        job = self.queue("reload")
        wait_until(lambda: self.rpc("wa_numbers.job", job)["state"] == "done", 300, "the reload is done",
                   self.daemon, pause=0.2)
        return self.status()["load_ms"]

    def lookup_ns(self, count):
        answer = self.rpc("wa_bench.lookup", str(FIRST), count, 1000000, seconds=60)
        assert not answer["missing"]
        return float(answer["ns"])


def command(*words):
    parts = [f"*{len(words)}\r\n"]
    parts += [f"${len(word)}\r\n{word}\r\n" for word in words]
    return "".join(parts)


def record(i, app):
    return command("HSET", f"wa:number:{FIRST + i}", "phone_number_id", str(106540000000000 + i),
                   "waba_id", "102290129340398", "app_id", app, "trunk", "pbx", "hostname", "sbc.example.com",
                   "port", "5061", "srtp", "SDES", "codecs", "OPUS,PCMA", "tgrp", "whatsapp",
                   "context", "byoc.example.com", "calling", "1", "sip", "1", "password", SEALED,
                   "password_since", "1700000000", "synced", "1700000000", "version", "3")


def fill(redis, first, end, app="670843887433847"):
    """Numbers first to end, as a sync leaves them."""
    with socket.create_connection(redis.address) as sock:
        for start in range(first, end, 1000):
            some = range(start, min(start + 1000, end))
            sock.sendall("".join(record(i, app) for i in some).encode())
            left = len(some)
            while left:
                left -= sock.recv(65536).count(b"\n")


def now_us():
    return time.time_ns() // 1000


def visible_ms(redis, nodes):
    """Milliseconds from before the write in Redis until calls see it, on each node."""
    took = [[] for _ in nodes]
    with ThreadPoolExecutor(len(nodes)) as pool:
        for n in range(CHANGES):
            digits = str(FIRST + n % NUMBERS)
            waits = [pool.submit(node.rpc, "wa_bench.wait", digits, f"t{n}", 5000, seconds=6) for node in nodes]
            time.sleep(0.01)  # both are looking by now
            start = now_us()
            redis.command("EVAL", "redis.call('HSET', KEYS[1], 'trunk', ARGV[1]) "
                          "redis.call('XADD', 'wa:changes', '*', 'kind', 'number', 'key', ARGV[2], 'op', 'set')",
                          "1", f"wa:number:{digits}", f"t{n}", digits)
            for wait, result in zip(waits, took):
                result.append((int(wait.result()) - start) / 1000)
    return took


def beside_reload(redis, node):
    """A reload in which every record is another: the slowest look-up meanwhile."""
    fill(redis, 0, NUMBERS, "670843887430000")
    ms = node.status()["load_ms"]
    job = node.queue("reload")
    answer = node.rpc("wa_bench.slowest", str(FIRST), NUMBERS, ms, seconds=ms / 1000 + 60)
    wait_until(lambda: node.rpc("wa_numbers.job", job)["state"] == "done", 300, "the reload is done", pause=0.2)
    return answer, node.status()["load_ms"]


def list_ms(node):
    """The longest time that one page takes, with a filter that nothing matches."""
    cursor, longest = 0, 0
    while True:
        start = time.monotonic()
        cursor = node.rpc("wa_numbers.list", str(cursor), "250", "trunk=none")["next"]
        longest = max(longest, time.monotonic() - start)
        if not cursor:
            return longest * 1000


def start_without_redis(node, redis):
    """Seconds until a node that was ended takes its snapshot up."""
    node.daemon.stop(60)
    redis.stop()
    (node.dir / "kamailio_rpc.sock").unlink(missing_ok=True)
    node.start()
    began = time.monotonic()
    wait_until(lambda: node.status()["ready"], 60, "the snapshot is taken", node.daemon, pause=0.02)
    return time.monotonic() - began


def measure():
    place = Place(Addresses())
    try:
        yield from measure_in(place)
    finally:
        place.stop()
        place.addresses.release()


def measure_in(place):
    redis = place.add(Redis(place))
    redis.wait_ready()
    node = place.add(BenchNode(place, "one", redis_url=redis.url))
    node.wait_up()
    empty = node.shared_memory()
    done = 0
    for count in (1, 1000, NUMBERS):
        fill(redis, done, count)
        done = count
        node.reload()
        yield Row(f"look-up among {count:,}, mean CPU time", node.lookup_ns(count) / 1000, "us", 1)
    yield Row("shared memory per number", (node.shared_memory() - empty) / NUMBERS, "bytes", 512)
    other = place.add(BenchNode(place, "two", redis_url=redis.url, snapshot_file=place.dir / "snapshot",
                                snapshot_interval=1))
    other.wait_loaded(NUMBERS)
    yield Row(f"full load of {NUMBERS:,}, nothing known before", other.status()["load_ms"] / 1000, "s", 30)
    wait_until(lambda: other.status()["snapshot_written"], 120, "the first snapshot is written", pause=0.2)
    for name, took in zip(("one", "two"), visible_ms(redis, [node, other])):
        yield Row(f"write in Redis to visibility, node {name}, median", statistics.median(took), "ms", 100)
        yield Row(f"write in Redis to visibility, node {name}, longest of {CHANGES}", max(took), "ms", 100)
    slow, ms = beside_reload(redis, node)
    yield Row("reload with every record changed", ms / 1000, "s", 30)
    yield Row("look-ups beside it", slow["count"], "")
    yield Row("of them with a wrong answer", slow["wrong"], "", 0)
    yield Row("slowest of them that kept the CPU", slow["slowest_on_cpu_us"] / 1000, "ms", 1)
    yield Row("slowest of all, the kernel's scheduling included", slow["slowest_us"] / 1000, "ms")
    yield Row("of all, longer than 1 ms", slow["over_1ms"], "")
    yield Row("longest page of a list with a filter", list_ms(node), "ms")
    yield Row("size of the snapshot on disk", other.status()["snapshot_kbytes"] / 1024, "MB")
    yield Row("start without Redis, until the snapshot is in use", start_without_redis(other, redis), "s")
