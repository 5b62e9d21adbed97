# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kamailio that has the directory and nothing else: up in a fraction of a second,
and any number of them."""
import base64
import itertools
import os

from lab import rundir
from lab.addresses import hostport
from lab.errors import LabError
from lab.kamailio import Kamailio
from lab.process import Daemon, wait_until

MASTER = "wasbc"


class Place:
    """The addresses and the directory that the daemons of one test share."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.dir = rundir.make(addresses.index)
        self.parts = []
        key = base64.b64encode(os.urandom(32)).decode()
        self.secret("seal.key", f"k1 {key}\n")

    def secret(self, name, text):
        path = self.dir / name
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")
        return path

    def add(self, part):
        self.parts.append(part)
        return part

    def stop(self):
        while self.parts:
            self.parts.pop().stop()


class Node(Kamailio):
    """params: of wa_numbers, by name."""

    ports = itertools.count(16000)

    def __init__(self, place, name="node", tls=False, **params):
        self.lab, self.dir, self.name = place, place.dir / name, name
        self.dialogs = itertools.count(1)
        self.dir.mkdir(mode=0o700)
        modules = rundir.BUILD / "modules"
        values = {"seal_key_file": place.dir / "seal.key", "redis_timeout": 500, **params}
        lines = ["#!KAMAILIO", "debug=2", "log_stderror=yes", "children=2", "disable_tcp=yes",
                 f"listen=udp:{hostport((place.addresses.pbx_side, next(self.ports)))}",
                 *(['loadmodule "tls.so"', f'loadmodule "{modules}/wa_tls.so"'] if tls else []),
                 'loadmodule "jsonrpcs.so"', 'loadmodule "kex.so"', f'loadmodule "{modules}/wa_numbers.so"',
                 'modparam("jsonrpcs", "transport", 4)',
                 f'modparam("jsonrpcs", "dgram_socket", "{self.dir}/kamailio_rpc.sock")']
        for param, value in values.items():
            shown = value if isinstance(value, int) else f'"{value}"'
            lines.append(f'modparam("wa_numbers", "{param}", {shown})')
        (self.dir / "node.cfg").write_text("\n".join([*lines, "request_route { drop; }", ""]))
        self.start()

    def start(self):
        self.daemon = Daemon(self.lab, self.name, [
            "kamailio", "-f", self.dir / "node.cfg", "-DD", "-E", "-x", "fm", "--atexit=no", "-m", "64", "-M", "8",
            "-Y", self.dir, "-P", self.dir / "kamailio.pid"])
        # the socket is there before it is known whether the other modules start
        wait_until(self._answers, 15, "the node answers RPC", self.daemon)

    def _answers(self):
        try:
            return self.rpc("core.uptime", seconds=0.3)
        except LabError:
            return None

    def status(self):
        return self.rpc("wa_numbers.status")

    def errors(self):
        """How often Redis was lost, or refused something."""
        (found,) = self.rpc("stats.get_statistics", "redis_errors")
        return int(found.rpartition("=")[2])

    def wait(self, what, **wanted):
        """Until all these fields of wa_numbers.status are so."""
        def check():
            status = self.status()
            return all(status[key] == value for key, value in wanted.items())
        wait_until(check, 15, f"{self.name} {what}", self.daemon, pause=0.02)

    def wait_up(self):
        self.wait("follows Redis", connected=1, ready=1, loading=0)

    def wait_error(self, text):
        wait_until(lambda: text in self.status()["last_error"], 15, f"{self.name} says {text!r}", self.daemon,
                   pause=0.02)

    def wait_log(self, text):
        wait_until(lambda: text in self.daemon.log(), 15, f"{self.name} logs {text!r}", self.daemon, pause=0.02)

    def queue(self, method, *params):
        return str(self.rpc(f"wa_numbers.{method}", *params)["job"])

    def outcome(self, job):
        """(state, reason) once the job is no longer queued."""
        def done():
            answer = self.rpc("wa_numbers.job", job)
            return answer if answer["state"] != "queued" else None
        answer = wait_until(done, 15, f"job {job} of {self.name} has an end", self.daemon, pause=0.02)
        return answer["state"], answer.get("error", "")

    def job(self, method, *params):
        return self.outcome(self.queue(method, *params))

    def set(self, digits, **fields):
        fields = fields or {"phone_number_id": digits[::-1]}
        assert self.job("set", digits, *(f"{k}={v}" for k, v in fields.items())) == ("done", "")

    def numbers(self):
        return {n["digits"] for n in self.rpc("wa_numbers.list")["numbers"]}

    def wait_numbers(self, *digits):
        wait_until(lambda: self.numbers() == set(digits), 15, f"{self.name} knows {digits}", self.daemon, pause=0.02)
