# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: figures with labels that the modules write themselves, and voice quality call by call."""
import exposition
from calls import user_calls
from exposition import scrape
from lab import numbers
from lab.addresses import hostport
from lab.process import wait_until


def test_G08_gateways_relays_and_the_sync(lab):
    samples = scrape(lab)
    uri = f"sip:{hostport(lab.addresses.pbx_sip)};transport=udp"
    assert exposition.value(samples, "wasbc_gateway_up", trunk="pbx", gateway=uri) == 1
    assert exposition.value(samples, "wasbc_trunk_gateways", trunk="pbx") == 1
    relay = f"udp:{hostport(lab.addresses.relay_control)}"
    assert exposition.value(samples, "wasbc_relay_up", relay=relay) == 1
    assert exposition.value(samples, "wasbc_relay_calls_max", relay=relay) > 0
    assert exposition.value(samples, "wasbc_settings_unread") == 0
    assert samples["wasbc_settings_oldest_sync_seconds"][0][1] >= 0
    assert exposition.value(samples, "wasbc_calls_max") == 4096


def test_G08_G07_the_voice_of_a_call(lab, pbx, user):
    """Both ends report what they got, and what rtpengine makes of that is counted."""
    before = scrape(lab)
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000, media={"tone_hz": 700})
    wait_until(lambda: min(call.stats()["rtcp"][way] for way in ("sent", "received")) >= 2, 30, "reports crossed", pause=0.2)
    assert exposition.value(scrape(lab), "wasbc_trunk_calls", trunk="pbx") >= 1
    leg.bye()
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert 3 < record["mos"] <= 5 and record["loss"] is not None and record["jitter"] is not None
    after = scrape(lab)
    for name in ("mos", "loss_ratio", "jitter_seconds"):
        grown = [exposition.value(samples, f"wasbc_call_{name}_count", direction="in") for samples in (before, after)]
        assert grown[1] - grown[0] == 1, name
    grown = [exposition.value(samples, "wasbc_call_mos_sum", direction="in") for samples in (before, after)]
    assert abs(grown[1] - grown[0] - record["mos"]) < 0.01
    assert 300 < lab.rpc("wa_calls.history", "2")["mos"][-1] + lab.rpc("wa_calls.history", "2")["mos"][-2]
