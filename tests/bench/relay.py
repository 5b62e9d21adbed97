# SPDX-License-Identifier: GPL-2.0-or-later
"""What the RTP relay costs per call, and how long it keeps a packet."""
import socket
import subprocess
import tempfile
from pathlib import Path

from lab.process import wait_until
from lab.rundir import BUILD
from row import Row

CONTROL = ("127.77.0.2", 12226)
MANY, FEW, SECONDS = 200, 20, 5
PER_CALL = 100  # packets a second, both ways together


def answers(relay):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        try:
            sock.connect(CONTROL)
            sock.send(b"x d7:command4:pinge")
            return sock.recv(100).startswith(b"x d")
        except OSError:
            assert relay.poll() is None, "the relay has ended"
            return False


def load(calls, *how):
    """(packets sent, received, median us, p99 us) up and down; packets in all, CPU seconds"""
    with tempfile.TemporaryDirectory() as run, subprocess.Popen(
            [BUILD / "bin/wasbc-relay", "--control=%s:%d" % CONTROL, "--inner=127.77.0.2:12228",
             "--outer=127.77.0.2", "--ports=20000-29999", f"--state={run}/calls", "--max-calls=2000"],
            stderr=subprocess.DEVNULL) as relay:
        try:
            wait_until(lambda: answers(relay), 10, "the relay answers")
            said = subprocess.run([BUILD / "tests/bench/relay_load", "%s:%d" % CONTROL, str(calls), str(SECONDS),
                                   str(relay.pid), *how], capture_output=True, text=True, check=True).stdout
        finally:
            relay.terminate()
    up, down, cost = (line.split() for line in said.splitlines())
    return [int(n) for n in up], [int(n) for n in down], int(cost[0]), float(cost[1])


def measure():
    assert Path(BUILD / "bin/wasbc-relay").exists()
    up, down, packets, cpu = load(MANY)
    yield Row(f"calls per core, by the CPU time of {MANY}", packets / cpu / PER_CALL, "calls", 1000, below=False)
    yield Row("lost under that load", 100 * (1 - (up[1] + down[1]) / (up[0] + down[0])), "%")
    yield Row("delay under that load, from the PBX, median", up[2] / 1000, "ms")
    up, down, packets, cpu = load(MANY // 2, "opus")
    yield Row(f"calls per core with PCMA and Opus, by the CPU time of {MANY // 2}", packets / cpu / PER_CALL, "calls", 150, below=False)
    yield Row("lost under that load", 100 * (1 - (up[1] + down[1]) / (up[0] + down[0])), "%")
    up, down, _, _ = load(FEW)
    yield Row(f"delay with {FEW} calls, from the PBX, median", up[2] / 1000, "ms", 1)
    yield Row("  99th percentile", up[3] / 1000, "ms")
    yield Row("  to the PBX, median", down[2] / 1000, "ms", 1)
    yield Row("  99th percentile", down[3] / 1000, "ms")
