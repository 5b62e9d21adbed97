# SPDX-License-Identifier: GPL-2.0-or-later
"""G08, G06: copies of messages by HEPv3."""
import pytest

from calls import business_calls
from hep import Receiver
from lab import numbers
from lab.addresses import hostport
from lab.kamailio import RpcError
from lab.process import wait_until


def switch(lab, target):
    """As an operator does it, while calls go on."""
    lab.rpc("cfg.set_now_string", "wa_trace", "hep", target)


@pytest.fixture(name="receiver")
def fixture_receiver(lab):
    receiver = Receiver(lab.addresses.backend)
    switch(lab, hostport(receiver.address))
    wait_until(lambda: lab.rpc("wa_trace.status")["hep"] == hostport(receiver.address), 10, "copies are sent")
    yield receiver
    switch(lab, "")
    receiver.close()


def test_G08_G06_homer_sees_a_whole_call_and_nothing_that_opens_something(lab, pbx, user, receiver):
    """Every message of both legs, decrypted; passwords' answers and SDES keys are not in it."""
    call, leg = business_calls(lab, pbx, numbers.SDES, user)
    leg.bye()
    call.wait_ended()
    row = wait_until(lambda: [r for r in lab.rpc("wa_calls.recent")["calls"] if r["call"] == leg.call_id], 10, "it is over")[0]
    ids = (row["call"], row["meta_call"])
    kept = wait_until(lambda: [s for s in lab.rpc("wa_trace.ladder", *ids)["messages"]
                               if s["method"] == "BYE" and s["what"] == "200 OK"][1:], 10, "both sides answered BYE")
    assert kept
    steps = lab.rpc("wa_trace.ladder", *ids)["messages"]
    packets = receiver.wait(len(steps), *ids)
    assert sorted(p.message.label for p in packets) == sorted(s["what"] for s in steps)
    to_meta = [p for p in packets if p.dst == lab.addresses.metasim_sip and p.message.method == "INVITE"]
    assert [p.src for p in to_meta] == [lab.addresses.sip] * 2 and {p.protocol for p in to_meta} == {6}
    signed = to_meta[1].message.get("Proxy-Authorization")
    assert 'response="xxx' in signed and "nonce=" in signed
    # what really went over the wire had both
    real = [m for _, sent, m in lab.metasim.messages(call=call.name) if not sent and m.get("Proxy-Authorization")][0]
    assert 'response="xxx' not in real.get("Proxy-Authorization") and "inline:x" not in real.text
    assert real.call_id == to_meta[1].message.call_id and len(real.text.encode()) == len(to_meta[1].raw)
    texts = [p.message.text for p in packets]
    assert any("inline:xxxx" in text for text in texts)
    for line in "\n".join(texts).splitlines():
        assert "inline:" not in line or set(line.partition("inline:")[2].split("|")[0].strip()) == {"x"}, line
    assert not any(p.message.cseq_method == "OPTIONS" for p in receiver.packets)


def test_G08_a_target_that_is_none_is_refused(lab):
    before = lab.rpc("wa_trace.status")["hep"]
    with pytest.raises(RpcError):
        switch(lab, "nowhere")
    assert lab.rpc("wa_trace.status")["hep"] == before
