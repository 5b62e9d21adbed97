# SPDX-License-Identifier: GPL-2.0-or-later
"""Signalling and media apart: two active signalling hosts with one directory, two media hosts; hosts that come, go and die."""
import itertools
import json
import threading
import time

import pytest

from lab import numbers, sip
from lab.addresses import SBC_HOSTNAME
from lab.errors import LabError
from lab.process import wait_until

from hosts import NETS, Host
from outside import CA, Outside

pytestmark = pytest.mark.timeout(3000)

SIGNALLING, MEDIA = ("sig1", "sig2"), ("media1", "media2")
# Redis and Sentinels are on hosts that stay.
STORE = {"wasbc_redis": ("sig1", "media1"), "wasbc_sentinel": ("sig1", "sig2", "media1")}
NUMBERS = (numbers.SDES, numbers.DTLS)


class Cluster:
    def __init__(self, networks):
        self.hosts = {name: Host(networks, name, "bookworm", 31 + i) for i, name in enumerate(SIGNALLING + MEDIA)}
        first = self.hosts["sig1"]
        self.outside = Outside(networks, first.address["meta"], first.address["pbx"], list(NUMBERS))
        self.names = {host.address[net]: name for name, host in self.hosts.items() for net in NETS}
        self.users = (f"1631557{n:04d}" for n in itertools.count())
        for host in self.hosts.values():
            host.write(CA[1:], self.outside.certs.ca.read_text())
            host.boot()

    def consists_of(self, *names):
        """Writes the inventory."""
        def of(group):
            return [name for name in group if name in names]
        self.outside.inventory(
            {"wasbc_signalling": of(SIGNALLING), "wasbc_media": of(MEDIA), **{g: of(h) for g, h in STORE.items()}},
            {name: {"ansible_host": host.address["cluster"],
                    **{f"wasbc_{net}_address": host.address[net] for net in NETS}}
             for name, host in self.hosts.items() if name in names})

    def through(self, name):
        """Meta and the PBX turn to that signalling host from now on."""
        host = self.hosts[name]
        self.outside.metasim.command("resolve", host=SBC_HOSTNAME, to=f"{host.address['meta']}:5061")
        self.outside.metasim.command("disconnect")
        self.outside.pbx.sbc = (host.address["pbx"], 5060)

    def call(self, way, number):
        """A call that both sides hear: Meta's side, the PBX's, and the names of the hosts of its media: rtpengine's and the relay's."""
        place = {"in": self.outside.call_in, "out": self.outside.call_out}[way]
        call, leg = place(number, next(self.users))
        hears(call, leg)
        return call, leg, self.media(call, leg, way)

    def media(self, call, leg, way):
        toward_meta = call.received(lambda m: m.body and (m.method == "INVITE") == (way == "out"))[-1]
        return tuple(self.names[address] for address in (sip.Sdp(toward_meta.body).address, leg.remote_sdp.address))

    def end(self, call, leg):
        assert leg.bye(20).status == 200
        call.wait_ended()

    def kamctl(self, name, *words):
        return json.loads(self.hosts[name].run("wasbcctl --json " + " ".join(words)))


def hears(call, leg):
    """From now on another half second each way."""
    since = call.stats()["heard"]["audio_ms"]
    wait_until(lambda: call.stats()["heard"]["audio_ms"] > since + 500, 30, "WhatsApp hears the PBX", pause=0.1)
    had = len(leg.media.packets)
    wait_until(lambda: len(leg.media.packets) > had + 25, 30, "the PBX hears WhatsApp", pause=0.1)
