# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading the settings of 10,000 numbers from a Graph API that takes 50 ms for an answer,
and what calls notice of it.

The whole SBC with calls both ways; Graph is a simulator of its own, so that only the SBC
does both. NUMBERS=n, CALLS=n (of each kind) for other sizes.
"""
import json
import os
import socket
import statistics
import sys
import time
from pathlib import Path

from directory import command
from lab import numbers
from lab.addresses import hostport
from lab.events import Events
from lab.metasim import configuration
from lab.pbx_wire import WirePbx
from lab.process import Daemon, wait_until
from lab.rundir import built
from lab.whole import Lab
from row import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from calls import business_calls, user_calls  # noqa: E402

NUMBERS = int(os.environ.get("NUMBERS", "10000"))
CALLS = int(os.environ.get("CALLS", "40"))
ANSWER_MS = 50
FIRST = 15560000000
GRAPH_PORT, SIP_PORT = 15444, 15062


def many(n=NUMBERS):
    return [numbers.Number(str(FIRST + i), str(206540000000000 + i)) for i in range(n)]


def same_passwords(config):
    """Both simulators are the same Meta."""
    for number in config["numbers"]:
        number["password"] = f"of-{number['digits']}"


class Graph:
    """A simulator for the Graph API alone, with all the numbers."""

    def __init__(self, lab, n=NUMBERS):
        at = lab.addresses
        config = configuration(lab, [*numbers.ALL, *many(n)])
        same_passwords(config)
        config["sip"]["listen"] = hostport((at.meta, SIP_PORT))
        config["graph"].update(listen=hostport((at.meta, GRAPH_PORT)), trace=False)
        path = lab.dir / "graph.json"
        path.write_text(json.dumps(config))
        self.events = Events("graph")
        # in life Graph is elsewhere: it must not take the CPU from the calls
        self.daemon = Daemon(lab, "graph", ["nice", "-n", "19", built("metasim", "build"), "-c", path],
                             on_line=lambda line, at: self.events.add(json.loads(line)), stdin=True)
        self.events.wait(lambda e: e["event"] == "ready", 60, "Graph is ready")
        self.daemon.send(json.dumps({"cmd": "graph_fault", "count": 0, "delay_ms": ANSWER_MS}))
        self.events.wait(lambda e: e["event"] == "result" and e["ok"], 5, "answers take their time")


def fill(redis):
    """The identity of every number, as an operator gives it."""
    with socket.create_connection(redis.address) as sock:
        for start in range(0, NUMBERS, 1000):
            some = many()[start:start + 1000]
            sock.sendall("".join(command(
                "HSET", f"wa:number:{n.digits}", "phone_number_id", n.id, "waba_id", numbers.WABA,
                "app_id", numbers.APP, "trunk", "pbx") for n in some).encode())
            left = len(some)
            while left:
                left -= sock.recv(65536).count(b"\n")


def counter(lab, name):
    group = name.split(":")[0]
    return next(int(line.rpartition("=")[2]) for line in lab.rpc("stats.get_statistics", f"{group}:")
                if line.split(" = ")[0] == name)


def cpu_seconds(lab):
    """Of the process that reads from Graph."""
    pid = next(p["PID"] for p in lab.rpc("core.psx") if p["DSC"] == "wa_settings sync")
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Caller:
    def __init__(self, lab, pbx):
        self.lab, self.pbx, self.n = lab, pbx, 0

    def set_up_ms(self):
        """A call each way: from the first message at one edge to the last answer, together."""
        took = 0
        for calls in (user_calls, business_calls):
            self.n += 1
            call, leg = calls(self.lab, self.pbx, numbers.DTLS, f"16316{self.n:06d}")
            times = [at for at, _, _ in call.messages()]
            took += times[-1] - times[0]
            leg.bye()
            call.wait_ended()
        return took * 1000


def one_round(lab, caller):
    """Asks for all; seconds until all are read, and set-up times meanwhile."""
    done, took = counter(lab, "wa_settings:ok") + total(lab), []
    start = time.monotonic()
    lab.rpc("wa_settings.sync")
    while counter(lab, "wa_settings:ok") < done:
        if len(took) < CALLS:
            took.append(caller.set_up_ms())
        else:
            time.sleep(0.05)
    return time.monotonic() - start, took


def total(lab):
    return lab.rpc("wa_settings.status")["numbers"]


def first_round(lab, numbers_known):
    start = time.monotonic()
    wait_until(lambda: total(lab) == numbers_known, 60, "all numbers are met", lab.kamailio.daemon, pause=0.1)
    wait_until(lambda: counter(lab, "wa_settings:ok") >= numbers_known, 600, "all numbers are read",
               lab.kamailio.daemon, pause=0.1)
    return time.monotonic() - start


def measure():
    with Lab(meta=same_passwords) as lab:
        lab.provision()
        graph = Graph(lab)
        pbx = WirePbx(lab)
        try:
            fill(lab.redis)
            lab.kamailio.restart(GRAPH_URL=f"https://{hostport((lab.addresses.meta, GRAPH_PORT))}")
            yield from measure_in(lab, Caller(lab, pbx))
        finally:
            pbx.stop()
            graph.daemon.stop()


def measure_in(lab, caller):
    known = NUMBERS + len(numbers.PROVISIONED)
    what = f"{known:,} numbers, {ANSWER_MS} ms for an answer"
    yield Row(f"first round, every password is new: {what}", first_round(lab, known), "s")
    quiet = [caller.set_up_ms() for _ in range(CALLS // 2)]
    cpu = cpu_seconds(lab)
    writes = counter(lab, "wa_numbers:writes")
    seconds, beside = one_round(lab, caller)
    cpu = cpu_seconds(lab) - cpu
    quiet += [caller.set_up_ms() for _ in range(CALLS - CALLS // 2)]
    yield Row(f"a round in which nothing changes: {what}", seconds, "s", 60)
    yield Row("writes to Redis in it", counter(lab, "wa_numbers:writes") - writes, "", 0)
    yield Row("CPU of the settings process, each number", cpu / known * 1e6, "us")
    yield Row("a call each way, set up, no round: median", statistics.median(quiet), "ms")
    yield Row("a call each way, set up, beside the round: median", statistics.median(beside), "ms")
    yield Row("the same as a ratio", statistics.median(beside) / statistics.median(quiet), "", 1.5)
    yield Row("slowest of them: no round", max(quiet), "ms")
    yield Row("slowest of them: beside the round", max(beside), "ms")
    yield Row("shared memory in use", int(lab.rpc("core.shmmem")["real_used"]) / 1048576, "MB")
