#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes real call flows here and there and sends them to a running SBC: mutate.py SECONDS [SEED]

`make fuzz-sip` runs it against a lab whose Kamailio has its own modules built with the address and
undefined-behaviour sanitizers. It ends with 1 when a process is gone, a sanitizer has spoken, or a whole
call does not work any more; the seed that led there is said.
"""
import contextlib
import os
import random
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "tools"), str(Path(__file__).resolve().parents[1]),
                str(Path(__file__).resolve().parent)]

from attacker import request  # noqa: E402
from calls import business_calls, user_calls  # noqa: E402
from lab import numbers  # noqa: E402
from lab.addresses import SBC_HOSTNAME, hostport  # noqa: E402
from lab.kamailio import Kamailio  # noqa: E402
from lab.pbx_wire import WirePbx  # noqa: E402
from lab.rundir import BUILD  # noqa: E402
from lab.whole import Lab  # noqa: E402

WORDS = [b"", b"\x00", b"%00", b"\xff", b"99999999999999999999", b"-1", b"0", b";", b";;,", b"<", b">", b'"', b"\\", b"@",
         b"sip:", b"tel:+1", b"[::1", b"%", b"%s%n", b"\r\n", b"\r\n ", b"\r\n\r\n", b"\t", b"a" * 300, b"=" * 40,
         b"Content-Length: 7\r\n", b"Route: <sip:a;lr>\r\n", b"Via: SIP/2.0/UDP x\r\n", b"c=IN IP4 0.0.0.0\r\n",
         b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", b"m=audio 0 RTP/AVP 0\r\n", b"a=fingerprint:sha-256 ", b"lab1."]


class Mutator:
    """The same seed makes the same messages of the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def __call__(self, data):
        for _ in range(self.random.choice((1, 1, 2, 4, 8))):
            data = self.random.choice((self.flip, self.word, self.cut, self.double, self.line, self.swap))(data)
        return data

    def place(self, data):
        return self.random.randrange(len(data) + 1)

    def flip(self, data):
        if not data:
            return data
        at = self.random.randrange(len(data))
        return data[:at] + bytes([self.random.randrange(256)]) + data[at + 1:]

    def word(self, data):
        at = self.place(data)
        return data[:at] + self.random.choice(WORDS) + data[at + self.random.choice((0, 0, 1, 5)):]

    def cut(self, data):
        at = self.place(data)
        return data[:at] + data[at + self.random.randrange(30):]

    def double(self, data):
        a, b = sorted((self.place(data), self.place(data)))
        return (data[:b] + data[a:b] + data[b:])[:12000]

    def line(self, data):
        lines = data.split(b"\r\n")
        self.random.shuffle(lines[1:])
        at = self.random.randrange(len(lines))
        return b"\r\n".join(lines[:at] + self.random.choice(([], [lines[at]] * 2, [lines[at]] * 40)) + lines[at + 1:])

    def swap(self, data):
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        a, b = self.random.randrange(len(lines)), self.random.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Target:
    """A lab, its two ways in, and the messages of real calls to begin with."""

    def __init__(self, lab):
        self.lab = lab
        self.count = 0
        lab.rpc("cfg.set_now_int", "wa_door", "ban_score", 1000000)
        lab.rpc("cfg.set_now_int", "wa_door", "rate", 0)
        lab.rpc("cfg.set_now_int", "wa_door", "trusted_rate", 0)
        pbx = WirePbx(lab)
        mark = lab.metasim.events.mark()
        try:
            self.whole_calls(pbx, "16319000001")
            self.from_pbx = [m.text.encode() for _, sent, m in pbx.trace.since() if sent]
        finally:
            pbx.stop()
        self.from_meta = [e["text"].encode() for e in lab.metasim.events.since(mark)
                          if e["event"] == "sip" and e["dir"] == "tx"]
        self.from_pbx.append(request("OPTIONS", lab.addresses.pbx_sip, lab.addresses.sip_pbx))
        self.processes = self.pids()
        self.context = ssl.create_default_context(cafile=lab.certs.ca)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((lab.addresses.pbx, 0))
        self.tls = self.tcp = None

    def whole_calls(self, pbx, user):
        call, leg = user_calls(self.lab, pbx, numbers.SDES, user)
        leg.bye()
        call.wait_ended()
        call, leg = business_calls(self.lab, pbx, numbers.SDES, user)
        leg.bye()
        call.wait_ended()

    def works(self, user):
        pbx = WirePbx(self.lab)
        try:
            self.whole_calls(pbx, user)
        finally:
            pbx.stop()

    def pids(self):
        return {p["PID"] for p in self.lab.kamailio.rpc("core.psx", seconds=30)}

    def fresh(self, data):
        """Mutated copies of one message are no retransmissions: another branch and Call-ID."""
        self.count += 1
        return data.replace(b"z9hG4bK", b"z9hG4bK%d" % self.count, 1).replace(b"Call-ID: ", b"Call-ID: %d" % self.count, 1)

    def send(self, chosen, mutate):
        at = self.lab.addresses
        if chosen < 0.6:
            self.sock.sendto(mutate(self.fresh(mutate.random.choice(self.from_pbx)))[:60000], at.sip_pbx)
        elif chosen < 0.75:
            self.tcp = self.stream(self.tcp, at.sip_pbx, at.pbx, None,
                                   mutate(self.fresh(mutate.random.choice(self.from_pbx))))
        else:
            self.tls = self.stream(self.tls, at.sip, at.meta, self.context,
                                   mutate(self.fresh(mutate.random.choice(self.from_meta))))

    @staticmethod
    def stream(sock, target, source, context, data):
        """Sends on the connection that is there, on a new one if it has ended."""
        for _ in range(2):
            try:
                if sock is None:
                    sock = socket.create_connection(target, 5, source_address=(source, 0))
                    if context:
                        sock = context.wrap_socket(sock, server_hostname=SBC_HOSTNAME)
                sock.settimeout(2)
                sock.sendall(data)
                sock.settimeout(0)
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
                    while sock.recv(65536):
                        pass
                    sock.close()
                    return None
                return sock
            except OSError:
                if sock is not None:
                    sock.close()
                sock = None
        return None


def spoken(lab):
    """What sanitizers have said, wherever they wrote it."""
    texts = [lab.kamailio.daemon.log(), *(p.read_text("utf-8", "replace") for p in lab.dir.glob("sanitizer*"))]
    return [line for text in texts for line in text.splitlines()
            if "runtime error:" in line or "AddressSanitizer" in line or "signal 11" in line or "signal 6" in line]


def attack(lab, seconds, seed):
    """Returns (messages sent, why it failed or None)."""
    mutate, target, sent = Mutator(seed), Target(lab), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for _ in range(100):
            target.send(mutate.random.random(), mutate)
            sent += 1
        found = spoken(lab)
        if found:
            return sent, found[0]
        if target.pids() != target.processes:
            return sent, "a process is gone"
    try:
        target.works("16319000002")
    except Exception as err:  # pylint: disable=broad-except
        return sent, f"a call does not work any more: {err!r}"
    return sent, None


def sanitized():
    """Values of a site whose modules are built with sanitizers (make fuzz-sip); {} if there are none."""
    modules = BUILD / "sanitized/modules"
    if not modules.is_dir():
        return {}
    libraries = [subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True,
                                check=True).stdout.strip() for name in ("libasan.so", "libubsan.so")]
    Kamailio.env = {"LD_PRELOAD": " ".join(libraries),
                    # fork() copies what is in shared memory: a leak of one process is none
                    "ASAN_OPTIONS": "detect_leaks=0:log_path=sanitizer:abort_on_error=0",
                    "UBSAN_OPTIONS": "print_stacktrace=1:log_path=sanitizer"}
    return {"WASBC_MODULES": modules}


def main(argv):
    seconds = int(argv[1]) if len(argv) > 1 else 600
    seed = int(argv[2]) if len(argv) > 2 else int.from_bytes(os.urandom(4), "big")
    site = sanitized()
    print(f"modules {'with' if site else 'without'} sanitizers", flush=True)
    with Lab(site=site) as lab:
        lab.provision()
        sent, failed = attack(lab, seconds, seed)
        print(f"{sent} messages to {hostport(lab.addresses.sip_pbx)} in {seconds} s, seed {seed}: {failed or 'ok'}")
        if failed:
            print(lab.kamailio.daemon.log_tail())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
