# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's rtpengine: user space, one interface per side of the SBC.

WASBC_RTPENGINE_ROOT names the root of another Debian: its rtpengine is run, by its own
loader and libraries, on this kernel and among this machine's files.
"""
import os
import random
import re
import socket
import subprocess
import urllib.request
from pathlib import Path

from .addresses import hostport
from .errors import LabError
from .process import Daemon, wait_until
from .rundir import ROOT


def command():
    """How rtpengine is called: this machine's, or another Debian's."""
    root = os.environ.get("WASBC_RTPENGINE_ROOT")
    if not root:
        return ["rtpengine"]
    root = Path(root)
    loader = next(root.glob("lib64/ld-linux-*.so.*"), None)
    if loader is None or not (root / "usr/bin/rtpengine").exists():
        raise LabError(f"WASBC_RTPENGINE_ROOT={root} has no rtpengine: tests/rtpengine/root makes one that has")
    libraries = [path for path in (root / "usr/lib").glob("*-linux-gnu*") if path.is_dir()]
    return [loader, "--library-path", ":".join(map(str, [*libraries, *(p / "pulseaudio" for p in libraries)])),
            root / "usr/bin/rtpengine"]


def version():
    """"10.5.3.5", of the one that is run."""
    said = subprocess.run([*map(str, command()), "--version"], capture_output=True, text=True, timeout=20,
                          env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"}, check=False)
    found = re.search(r"Version:? *(\d[\d.]*\d)", said.stdout + said.stderr)
    if found is None:
        raise LabError(f"rtpengine does not say its version: {said.stderr.strip()[-300:]}")
    return found.group(1)


class Rtpengine:
    def __init__(self, lab, extra=()):
        at = lab.addresses
        self.address, self.http = at.rtpengine_ng, at.rtpengine_http
        self.daemon = Daemon(lab, "rtpengine", [
            *command(), "--config-file=none", "--foreground", "--log-stderr", "--log-level=6",
            "--no-log-timestamps", "--table=-1",
            f"--interface=meta/{at.meta_side}", f"--interface=pbx/{at.pbx_side}",
            f"--listen-ng={hostport(at.rtpengine_ng)}", f"--listen-cli={hostport(at.rtpengine_cli)}",
            f"--listen-http={hostport(at.rtpengine_http)}",
            "--port-min=30000", "--port-max=39999", "--delete-delay=0", "--num-threads=2", *extra],
            env={"OPENSSL_CONF": str(ROOT / "rtpengine/openssl.cnf")})

    def wait_ready(self):
        wait_until(lambda: (self.ng("ping") or {}).get("result") == "pong", 30,
                   "rtpengine answers ng ping", self.daemon)

    def ng(self, command, **members):
        """One ng command; returns the reply, None when there is none: where nobody listens that is known at once."""
        cookie = b"%08x" % random.getrandbits(32)
        request = {"command": command, **{k.replace("_", "-"): v for k, v in members.items()}}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            try:
                sock.connect(self.address)
                sock.send(cookie + b" " + bencode(request))
                while True:
                    got, _, body = sock.recv(65536).partition(b" ")
                    if got == cookie:
                        return bdecode(body)[0]
            except OSError:
                return None

    def calls(self):
        """Call-IDs of the sessions it holds."""
        return (self.ng("list", limit=1000) or {}).get("calls", [])

    def transcoded(self):
        """{"opus/48000/2 -> PCMU/8000": packets so far}"""
        with urllib.request.urlopen(f"http://{hostport(self.http)}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        found = re.findall(r'^rtpengine_transcode_packets_total\{.*?chain="([^"]*)".*?\} (\d+)', text, re.M)
        return {chain: int(packets) for chain, packets in found}

    def stop(self):
        self.daemon.stop()


def bencode(value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in value.items()) + b"e"


def bdecode(text, at=0):
    """Decodes one value; returns it and where it ended."""
    kind = text[at:at + 1]
    if kind == b"i":
        end = text.index(b"e", at)
        return int(text[at + 1:end]), end + 1
    if kind in b"ld":
        items, at = [], at + 1
        while text[at:at + 1] != b"e":
            item, at = bdecode(text, at)
            items.append(item)
        return (items if kind == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    colon = text.index(b":", at)
    end = colon + 1 + int(text[at:colon])
    return text[colon + 1:end].decode("utf-8", "replace"), end
