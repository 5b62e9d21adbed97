# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole SBC: certificates, Redis, rtpengine, Meta and Kamailio, started together.

    with Lab() as lab:
        lab.provision()
"""
import base64
import json
import os
import time
import types

from . import metasim, numbers, rundir
from .addresses import META_HOSTNAME, SBC_HOSTNAME, Addresses
from .certs import Certs
from .errors import LabError
from .kamailio import Kamailio
from .process import complete_lines, wait_until
from .redis import Redis
from .relay import Relay
from .rtpengine import Rtpengine


class Lab:
    """site: values of site.cfg that differ; meta: a function that changes metasim's
    configuration before it starts; listed: the business numbers Meta knows; rtpengine,
    relay: further options of these."""

    app_id = numbers.APP
    number = numbers.DTLS.digits
    user = numbers.USER

    def __init__(self, site=None, meta=None, listed=None, rtpengine=(), relay=()):
        self.listed = listed or numbers.ALL
        self.addresses = Addresses()
        self.parts = []
        self.started = time.monotonic()
        try:
            self.dir = rundir.make(self.addresses.index)
            self._certs()
            self._secrets()
            self.redis = self._add(Redis(self))
            self.rtpengine = self._add(Rtpengine(self, rtpengine))
            self.relay = self._add(Relay(self, relay))
            self.metasim = self._add(metasim.Metasim(self, self.listed, meta))
            self.redis.wait_ready()
            # Kamailio asks once at its start; without an answer it has no media for 5 s
            self.rtpengine.wait_ready()
            self.kamailio = self._add(Kamailio(self, site))
            for part in self.parts:
                part.wait_ready()
        except BaseException:
            self.stop()
            raise

    def _add(self, part):
        self.parts.append(part)
        return part

    def _certs(self):
        self.certs = Certs(self.dir / "certs")
        self.certs.leaf("sbc", f"DNS:{SBC_HOSTNAME}")
        self.certs.leaf("meta", f"DNS:{META_HOSTNAME}")
        self.certs.leaf("graph", f"IP:{self.addresses.graph[0]}")
        # what a test may put in place of the good ones
        self.certs.leaf("meta-other", "DNS:other.example")
        self.certs.leaf("meta-stranger", f"DNS:{META_HOSTNAME}", issuer="stranger")
        self.certs.leaf("client-ours", "DNS:client.sip.fbclientcerts.com")
        self.certs.leaf("client-stranger", "DNS:random.example", issuer="stranger")

    def _secrets(self):
        key = base64.b64encode(os.urandom(32)).decode()
        for name, text in (("seal.key", f"lab1 {key}\n"), ("graph.token", numbers.TOKEN + "\n"),
                           ("apps", "")):
            with open(os.open(self.dir / name, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
                out.write(text)

    def rpc(self, method, *params):
        return self.kamailio.rpc(method, *params)

    def provision(self):
        """Gives the SBC its trunks and the identity of its numbers; waits until it
        has read everything else from Meta."""
        provisioned = [n for n in self.listed if n is not numbers.UNKNOWN]
        wanted = [("wa_numbers.trunk_set", name, *(f"{k}={v}" for k, v in fields.items()))
                  for name, fields in numbers.trunks(self.addresses).items()]
        wanted += [("wa_numbers.set", number.digits, f"phone_number_id={number.id}", f"waba_id={numbers.WABA}",
                    f"app_id={self.app_id}", f"trunk={number.trunk}") for number in provisioned]
        for queued in [self._queue(*job) for job in wanted]:
            self._finish(*queued)
        self.rpc("wa_settings.sync")
        for number in provisioned:
            wait_until(lambda n=number: self._in_service(n), 30,
                       f"{number.digits} is in service", self.kamailio.daemon, pause=0.05)

    def job(self, method, *params):
        """An RPC that queues a job: waits until the job is done."""
        self._finish(*self._queue(method, *params))

    def _queue(self, method, *params):
        return self.rpc(method, *params)["job"], f"{method} {' '.join(params)}"

    def _finish(self, job, what):
        def outcome():
            answer = self.rpc("wa_numbers.job", str(job))
            return answer if answer["state"] != "queued" else None
        answer = wait_until(outcome, 30, f"{what} is done")
        if answer["state"] != "done":
            raise LabError(f"{what}: {answer}")

    def _in_service(self, number):
        """Read from Meta and, if it has a server entry of our app, with its password."""
        seen = self.rpc("wa_numbers.show", number.digits)
        return seen["synced"] != "" and (int(seen["has_password"]) or number.app != self.app_id)

    def sync(self, number):
        """Has the SBC read the number's settings again; returns when they are in use."""
        ticket = self.rpc("wa_settings.sync", number.digits)["ticket"]
        wait_until(lambda: self.rpc("wa_settings.show", number.digits)["answered"] >= ticket, 30,
                   f"{number.digits} is read again", self.kamailio.daemon, pause=0.02)
        self.job("wa_numbers.set", number.digits)  # changes nothing; jobs are done in order

    def set_password(self, number, password):
        """Gives the number a SIP password at Meta, and waits until the SBC has it."""
        self.metasim.command("graph_password", digits=number.digits, app_id=number.app, password=password)
        self.sync(number)

    def call_record(self, call_id):
        """The SBC's record of a call that is over: {key: value}."""
        def record():
            lines = [line for line in self.kamailio.daemon.log().splitlines()
                     if "event=ended " in line and f"call={call_id}" in line.split()]
            return dict(word.partition("=")[::2] for word in lines[-1].split() if "=" in word) if lines else None
        return wait_until(record, 20, f"the call {call_id} is recorded")

    def records(self, call_id):
        """The records that the SBC has written of a call so far."""
        return records(self, call_id)

    def record(self, call_id):
        """The one record of a call that is over."""
        wait_until(lambda: self.records(call_id), 20, f"the call {call_id} has its record")
        (record,) = self.records(call_id)
        return record

    def media_sessions(self):
        """Call-IDs that rtpengine or the relay holds."""
        return sorted({*self.rtpengine.calls(), *self.relay.calls()})

    def stop(self):
        """Stops everything, last started first."""
        while self.parts:
            self.parts.pop().stop()
        self.addresses.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def records(node, call_id):
    """Those of a call that a node, the lab's or a second one, has written so far."""
    path = node.dir / "calls.jsonl"
    lines = complete_lines(path.read_bytes()).decode("utf-8").splitlines() if path.exists() else []
    return [record for record in map(json.loads, lines) if record["call"] == call_id]


def second_node(lab, **site):
    """Another Kamailio beside the lab's: ports and files of its own, the same
    Redis, key file and certificates. It knows nothing but what Redis has.
    site: values of site.cfg that differ."""
    at = types.SimpleNamespace(**vars(lab.addresses))
    at.sip = (at.meta_side, at.sip[1] + 10)
    at.sip_pbx = (at.pbx_side, at.sip_pbx[1] + 10)
    at.sip_pbx_tls = (at.pbx_side, at.sip_pbx_tls[1] + 10)
    at.metrics = (at.metrics[0], at.metrics[1] + 10)
    at.page = (at.page[0], at.page[1] + 10)
    node = types.SimpleNamespace(addresses=at, dir=lab.dir / "b", certs=lab.certs, app_id=lab.app_id,
                                 number=lab.number)
    node.dir.mkdir(mode=0o700)
    node.kamailio = Kamailio(node, {"SEAL_KEY_FILE": lab.dir / "seal.key", "GRAPH_TOKEN_FILE": "", **site})
    node.rpc = node.kamailio.rpc
    node.kamailio.wait_ready()
    return node
