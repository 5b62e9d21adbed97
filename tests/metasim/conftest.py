# SPDX-License-Identifier: GPL-2.0-or-later
"""metasim alone, and the wire SBC that tries it."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab import metasim, numbers, rundir  # noqa: E402
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME, Addresses  # noqa: E402
from lab.certs import Certs  # noqa: E402
from wire_sbc import WireSbc  # noqa: E402

PASSWORD = "made-up-password-of-the-number"


class Bench:
    """As much of a lab as metasim and its harness need."""

    def __init__(self, change=None):
        self.addresses = Addresses()
        self.dir = rundir.make(self.addresses.index)
        self.certs = Certs(self.dir / "certs")
        self.certs.leaf("sbc", f"DNS:{SBC_HOSTNAME}")
        self.certs.leaf("sbc-other", "DNS:other.example")
        self.certs.leaf("sbc-stranger", f"DNS:{SBC_HOSTNAME}", issuer="stranger")
        self.certs.leaf("meta", f"DNS:{META_HOSTNAME}")
        self.certs.leaf("client", "DNS:client.sip.fbclientcerts.com")
        self.certs.leaf("graph", f"IP:{self.addresses.graph[0]}")

        def quiet(config):
            config["media"].update(rtp_timeout_start_ms=200000, rtp_timeout_call_ms=200000)
            for number in config["numbers"]:
                number["password"] = PASSWORD
            if change:
                change(config)
        self.meta = metasim.Metasim(self, [numbers.SDES, SDES_GROUPED], quiet)
        self.meta.wait_ready()
        self.mark = 0

    def violations(self, mark=0):
        """The rules broken since `mark`."""
        self.meta.command("stats")  # events come in order: all earlier ones are here
        return {v.partition(":")[0] for v in self.meta.violations(mark)}

    def stop(self):
        self.meta.stop()
        self.addresses.release()


SDES_GROUPED = numbers.Number("15550001111", "106540352242922", srtp="SDES",
                              params={"tgrp": "wacall", "trunk-context": "byoc.example.com"})


@pytest.fixture(name="make_bench")
def fixture_make_bench():
    made = []

    def make(change=None):
        made.append(Bench(change))
        return made[-1]
    yield make
    for bench in made:
        bench.stop()


@pytest.fixture(name="shared_bench", scope="module")
def fixture_shared_bench():
    bench = Bench()
    yield bench
    bench.stop()


@pytest.fixture(name="bench")
def fixture_bench(shared_bench):
    """One metasim for a file of tests; it forgets everything after each."""
    shared_bench.mark = shared_bench.meta.events.mark()
    yield shared_bench
    shared_bench.meta.calls.clear()
    shared_bench.meta.command("reset")


@pytest.fixture(name="hasty_bench")
def fixture_hasty_bench(make_bench):
    """Of a Meta whose patience ends after a twentieth of the time."""
    return make_bench(lambda config: config.update(timers={"scale": 0.05}))


@pytest.fixture(name="start_sbc")
def fixture_start_sbc():
    """start_sbc(bench, cert=..., ask=...): for what `sbc` is not enough."""
    running = []

    def start(bench, **how):
        running.append(WireSbc(bench, **how))
        return running[-1]
    yield start
    for wire in running:
        wire.stop()


@pytest.fixture(name="sbc")
def fixture_sbc(bench, start_sbc):
    return start_sbc(bench)


@pytest.fixture(name="password")
def fixture_password():
    return PASSWORD
