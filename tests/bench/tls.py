# SPDX-License-Identifier: GPL-2.0-or-later
"""A storm of TLS handshakes, good ones and broken off ones: how many, and what stays in memory.

WASBC_BENCH_SECONDS (20) is how long; 600 for a run that a release is judged by.
"""
import os
import socket
import ssl
import threading
import time

from lab.addresses import SBC_HOSTNAME
from lab.whole import Lab
from row import Row

SECONDS = int(os.environ.get("WASBC_BENCH_SECONDS", "20"))
THREADS = 4


class Storm:
    """Handshakes of one thread: every third one breaks off after its first message."""

    def __init__(self, lab, until):
        self.lab, self.until = lab, until
        self.good = self.bad = self.failed = 0
        self.context = ssl.create_default_context(cafile=lab.certs.ca)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        n = 0
        while time.monotonic() < self.until:
            n += 1
            with socket.create_connection(self.lab.addresses.sip, 10,
                                          source_address=(self.lab.addresses.meta, 0)) as plain:
                if n % 3 == 0:
                    self._break_off(plain)
                else:
                    self._finish(plain)

    def _break_off(self, plain):
        outgoing = ssl.MemoryBIO()
        hello = self.context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=SBC_HOSTNAME)
        try:
            hello.do_handshake()
        except ssl.SSLWantReadError:
            data = outgoing.read()
        plain.sendall(data[:len(data) // (1 + self.bad % 3)])
        self.bad += 1

    def _finish(self, plain):
        try:
            with self.context.wrap_socket(plain, server_hostname=SBC_HOSTNAME):
                self.good += 1
        except OSError:
            self.failed += 1


def used(lab):
    return int(lab.rpc("core.shmmem")["used"])


def measure():
    with Lab() as lab:
        lab.provision()
        pids = {p["PID"] for p in lab.rpc("core.psx")}
        storm(lab, 3)  # what is allocated once
        before = used(lab)
        runs = storm(lab, SECONDS)
        took = sum(r.good + r.bad for r in runs)
        yield Row("handshakes, a third of them broken off", took / SECONDS, "1/s")
        yield Row("handshakes that failed", sum(r.failed for r in runs), "", 0, below=True)
        yield Row("growth of shared memory", (used(lab) - before) / max(took, 1), "B each", 20, below=True)
        gone = len(pids - {p["PID"] for p in lab.rpc("core.psx")})
        yield Row("processes that are gone", gone, "", 0, below=True)


def storm(lab, seconds):
    until = time.monotonic() + seconds
    runs = [Storm(lab, until) for _ in range(THREADS)]
    for run in runs:
        run.thread.join()
    # connections that are over are freed a moment later
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and lab.rpc("wa_door.status")["meta"]["connections"] > 0:
        time.sleep(0.2)
    return runs
