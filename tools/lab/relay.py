# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's RTP relay, between rtpengine and the PBX."""
import random
import socket

from .addresses import hostport
from .process import Daemon, wait_until
from .rtpengine import bdecode, bencode
from .rundir import built


class Relay:
    def __init__(self, lab, extra=()):
        at = lab.addresses
        self.lab, self.address = lab, at.relay_control
        self.argv = [built("bin/wasbc-relay", "build"), f"--control={hostport(at.relay_control)}",
                     f"--inner={hostport(at.relay_inner)}", f"--outer={at.pbx_side}", "--ports=20000-29999",
                     f"--state={lab.dir}/relay-calls", "--max-calls=500", "--rtcp=1000", "--threads=2", *extra]
        self.start()

    def start(self):
        self.daemon = Daemon(self.lab, "relay", self.argv)

    def wait_ready(self):
        wait_until(lambda: (self.ask("ping") or {}).get("result") == "ok", 30, "the RTP relay answers",
                   self.daemon)

    def ask(self, command, seconds=10, **members):
        """One command; returns the reply, None when there is none: where nobody listens that is known at once."""
        cookie = b"%016x" % random.getrandbits(64)
        request = {"command": command, **{k.replace("_", "-"): v for k, v in members.items()}}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(seconds)
            try:
                sock.connect(self.address)
                sock.send(cookie + b" " + bencode(request))
                while True:
                    got, _, body = sock.recv(65536).partition(b" ")
                    if got == cookie:
                        return bdecode(body)[0]
            except OSError:
                return None

    def call(self, call_id):
        """What it knows of a call."""
        return self.ask("query", call_id=call_id)

    def calls(self):
        """Call-IDs of those it holds."""
        return (self.ask("list", max=1000) or {}).get("calls", [])

    def kill(self):
        self.daemon.kill()

    def stop(self):
        self.daemon.stop()


class SecondRelay(Relay):
    """Beside the lab's own, on ports of its own; Kamailio has to be told of it."""

    def __init__(self, lab):
        host, inner = lab.addresses.relay_inner
        self.lab, self.address = lab, (host, inner + 2)
        self.argv = [*lab.relay.argv, f"--control={hostport(self.address)}", f"--inner={host}:{inner + 4}",
                     "--ports=15000-15999", f"--state={lab.dir}/relay-calls-2"]
        self.start()
        self.wait_ready()

    def start(self):
        self.daemon = Daemon(self.lab, "relay-2", self.argv)

    def introduce(self):
        """Has Kamailio use both from now on; it is started anew."""
        kamailio = self.lab.kamailio
        kamailio.site["RELAY_SOCK"] += f" udp:{hostport(self.address)}"
        kamailio.write_site()
        kamailio.crash_and_restart()
