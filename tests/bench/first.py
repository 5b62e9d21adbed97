# SPDX-License-Identifier: GPL-2.0-or-later
"""How long after the answer Meta has our first SRTP packet, with a PBX that says nothing."""
import statistics

from lab import numbers
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab
from row import Row

CALLS = 40
AIMS = {"SDES": (numbers.SDES, 50), "DTLS": (numbers.DTLS, 250)}


def first_ms(lab, pbx, number, user):
    call = lab.metasim.ring(number, user)
    leg = pbx.incoming()
    leg.answer()
    call.wait_answered()
    wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 20, "WhatsApp got a packet")
    took = call.stats()["first"]["rx_ms"]
    leg.bye()
    call.wait_ended()
    return took


def measure():
    with Lab() as lab:
        lab.provision()
        pbx = WirePbx(lab)
        try:
            for keys, (number, aim) in AIMS.items():
                took = sorted(first_ms(lab, pbx, number, f"16319{n:06d}") for n in range(CALLS))
                yield Row(f"{keys}: answer to first packet, median of {CALLS}", statistics.median(took), "ms")
                yield Row("  99th percentile", took[-1 - CALLS // 100], "ms", aim)
        finally:
            pbx.stop()
