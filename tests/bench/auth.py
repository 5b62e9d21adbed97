# SPDX-License-Identifier: GPL-2.0-or-later
"""What an answer to Meta's challenge costs, beside Kamailio's own uac module."""
import os
import re
import socket
import statistics
import subprocess
import threading
from pathlib import Path

from lab import numbers
from lab.process import Daemon, wait_until
from lab.rundir import BUILD, ROOT
from lab.whole import Lab
from row import Row

CALLS, PAIRS = 300, 7
CHALLENGE = ('Proxy-Authenticate: Digest realm="wa.meta.vc",nonce="{nonce}",opaque="fedc",'
             'algorithm=MD5,qop="auth"\r\n')
ANSWERED = re.compile(r"answered with=(\w+) ret=(-?\d+) us=(\d+)")
COPIED = re.compile(r"^(?:Via|From|To|Call-ID|CSeq):.*\r\n", re.M | re.I)


class FarEnd:
    """Challenges every INVITE once, and is busy to the second one."""

    def __init__(self, address):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(address)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                raw, peer = self.sock.recvfrom(65536)
            except OSError:
                return
            text = raw.decode()
            if not text.startswith("INVITE "):
                continue
            copied = "".join(COPIED.findall(text)).replace("\r\nCall-ID", ";tag=far\r\nCall-ID", 1)
            answered = "\r\nProxy-Authorization:" in text
            status = "486 Busy Here" if answered else "407 Proxy Authentication Required"
            asked = "" if answered else CHALLENGE.format(nonce=os.urandom(8).hex())
            self.sock.sendto(f"SIP/2.0 {status}\r\n{copied}{asked}Content-Length: 0\r\n\r\n".encode(), peer)


class Caller:
    def __init__(self, host, sbc):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.sock.settimeout(2)
        self.at, self.sbc, self.calls = "%s:%d" % self.sock.getsockname(), sbc, 0

    def _request(self, method, user):
        return (f"{method} sip:{user}@wa.meta.vc SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self.at};branch=z9hG4bKbench{self.calls}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:bench@{self.at}>;tag=b\r\nTo: <sip:{user}@wa.meta.vc>\r\n"
                f"Call-ID: bench-{os.getpid()}-{self.calls}\r\nCSeq: 1 {method}\r\n"
                f"Contact: <sip:bench@{self.at}>\r\nContent-Length: 0\r\n\r\n").encode()

    def call(self, user):
        """One call; returns the code of its final reply, None without one."""
        self.calls += 1
        self.sock.sendto(self._request("INVITE", user), self.sbc)
        mine = f"Call-ID: bench-{os.getpid()}-{self.calls}\r\n".encode()
        while True:
            try:
                reply = self.sock.recv(65536)
            except TimeoutError:
                return None
            code = int(reply.split(b" ", 2)[1])
            if code >= 200 and mine in reply:
                self.sock.sendto(self._request("ACK", user), self.sbc)
                return code


def start(lab, sbc, far):
    define = {"AT": "%s:%d" % sbc, "FAR": "%s:%d" % far, "NUMBER": numbers.DTLS.digits,
              "WASBC_MODULES": BUILD / "modules", "REDIS_URL": lab.redis.url, "SEAL_KEY": lab.dir / "seal.key"}
    run = lab.dir / "bench"
    run.mkdir()
    daemon = Daemon(lab, "bench", [
        "kamailio", "-f", ROOT / "tests/bench/auth.cfg", "-DD", "-E", "-x", "fm", "--atexit=no", "-m", "256", "-M", "8",
        "-Y", run, "-P", run / "kamailio.pid", *(f"--substdef=!{k}!{v}!g" for k, v in define.items())])
    lab.parts.append(daemon)
    return daemon


def cpu_us(run):
    """Microseconds that all processes of the Kamailio in `run` have computed so far."""
    main = int((run / "kamailio.pid").read_text())
    pids = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1000


def median_ratio(means):
    return statistics.median(a / b for a, b in zip(means["wa"], means["uac"]))


def paired(lab):
    """Per route the means of each round: microseconds in the function, and of CPU per call."""
    host = f"127.77.{lab.addresses.index}.6"
    sbc, far = (host, 15060), (host, 15070)
    end = FarEnd(far)
    daemon = start(lab, sbc, far)
    caller = Caller(host, sbc)
    wait_until(lambda: caller.call("wa") == 486, 20, "the bench answers a challenge", daemon)
    caller.call("uac")
    lines = len(ANSWERED.findall(daemon.log()))
    cpu = {"wa": [], "uac": []}
    for pair in range(PAIRS):
        for user in ("uac", "wa") if pair % 2 else ("wa", "uac"):
            before = cpu_us(lab.dir / "bench")
            for _ in range(CALLS):
                code = caller.call(user)
                assert code == 486, f"{user}: {code}\n{daemon.log_tail()}"
            cpu[user].append((cpu_us(lab.dir / "bench") - before) / CALLS)
    wait_until(lambda: len(ANSWERED.findall(daemon.log())) - lines >= 2 * PAIRS * CALLS, 5, "all is logged")
    took = {"wa": [], "uac": []}
    for user, ret, us in ANSWERED.findall(daemon.log())[lines:]:
        assert ret == "1"
        took[user].append(int(us))
    end.sock.close()
    means = {u: [statistics.fmean(t[i:i + CALLS]) for i in range(0, len(t), CALLS)] for u, t in took.items()}
    return means, cpu


def measure():
    said = subprocess.run([BUILD / "tests/bench/auth_digest"], capture_output=True, text=True, check=True).stdout
    for name, rate in re.findall(r"^(\S+) (\d+)$", said, re.M):
        yield Row(f"challenges parsed and answered per core, {name}", int(rate), "/s", 50000, below=False)
    with Lab() as lab:
        lab.provision()
        means, cpu = paired(lab)
    yield Row("wa_auth_answer(), MD5", statistics.median(means["wa"]), "us", 20)
    yield Row("uac_auth(), MD5, same challenge", statistics.median(means["uac"]), "us")
    yield Row(f"ratio, median of {PAIRS} pairs of {CALLS} calls", median_ratio(means), "", 1)
    yield Row("CPU of Kamailio per call, wa_auth_answer()", statistics.median(cpu["wa"]), "us")
    yield Row("CPU of Kamailio per call, uac_auth()", statistics.median(cpu["uac"]), "us")
    yield Row(f"ratio of the whole call, median of {PAIRS} pairs", median_ratio(cpu), "")
