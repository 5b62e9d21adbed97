# SPDX-License-Identifier: GPL-2.0-or-later
"""G08, G06: copies of messages by HEPv3."""
import re

import pytest

from calls import business_calls, user_calls
from hep import Receiver, Sngrep
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


@pytest.fixture(name="sngrep")
def fixture_sngrep(lab):
    sngrep = Sngrep(lab)
    switch(lab, hostport(sngrep.address))
    wait_until(lambda: lab.rpc("wa_trace.status")["hep"] == hostport(sngrep.address), 10, "copies are sent")
    yield sngrep
    switch(lab, "")
    sngrep.stop()


def whole_call(lab, pbx, user, begin=business_calls):
    """A call with SDES that is over: Meta's end of it, its Call-IDs (at the PBX, at Meta), its ladder."""
    call, leg = begin(lab, pbx, numbers.SDES, user)
    if begin is business_calls:
        call.wait("acked")  # ACK and BYE go through two workers, which may take them in either order
    leg.bye()
    call.wait_ended()
    row = wait_until(lambda: [r for r in lab.rpc("wa_calls.recent")["calls"] if r["call"] == leg.call_id], 10, "it is over")[0]
    ids = (row["call"], row["meta_call"] or row["call"])
    wait_until(lambda: [s for s in lab.rpc("wa_trace.ladder", *ids)["messages"]
                        if s["method"] == "BYE" and s["what"] == "200 OK"][1:], 10, "both sides answered BYE")
    return call, ids, lab.rpc("wa_trace.ladder", *ids)["messages"]


def test_G08_G06_homer_sees_a_whole_call_and_nothing_that_opens_something(lab, pbx, user, receiver):
    """Every message of both legs, decrypted; passwords' answers and SDES keys are not in it."""
    call, ids, steps = whole_call(lab, pbx, user)
    packets = receiver.wait(len(steps), *ids)
    assert sorted(p.message.label for p in packets) == sorted(s["what"] for s in steps)
    to_meta = [p for p in packets if p.dst == lab.addresses.metasim_sip and p.message.method == "INVITE"]
    to_meta.sort(key=lambda p: p.message.cseq)  # each goes through a process of its own
    assert [p.src for p in to_meta] == [lab.addresses.sip] * 2 and {p.protocol for p in to_meta} == {6}
    signed = to_meta[1].message.get("Proxy-Authorization")
    assert 'response="xxx' in signed and "nonce=" in signed
    # what really went over the wire had both
    real = [m for _, sent, m in lab.metasim.messages(call=call.name) if not sent and m.get("Proxy-Authorization")][0]
    assert 'response="xxx' not in real.get("Proxy-Authorization") and "inline:xxxx" not in real.text
    assert real.call_id == to_meta[1].message.call_id and len(real.text.encode()) == len(to_meta[1].raw)
    texts = [p.message.text for p in packets]
    assert any("inline:xxxx" in text for text in texts)
    for line in "\n".join(texts).splitlines():
        assert "inline:" not in line or set(line.partition("inline:")[2].split("|")[0].strip()) == {"x"}, line
    assert not any(p.message.cseq_method == "OPTIONS" for p in receiver.packets)


def has_all(lab, rows, ids, steps):
    """Whether these are the messages of a call's ladder, both legs of it, each the right way."""
    named = dict(zip(("pbx", "meta"), ids))
    expected = [(named[s["side"]], s["side"], s["way"], s["method"], s["what"].split()[0]) for s in steps]
    ours = {hostport(lab.addresses.sip_pbx): "pbx", hostport(lab.addresses.sip): "meta"}
    seen = []
    for row in (row for row in rows if row["sip.Call-ID"] in ids):
        assert row["_ws.malformed"] == ""
        src, dst = (f"{row[f'ip.{end}']}:{row[f'udp.{end}port']}" for end in ("src", "dst"))
        way, side = ("in", ours[dst]) if dst in ours else ("out", ours.get(src))
        seen.append((row["sip.Call-ID"], side, way, row["sip.CSeq.method"], row["sip.Status-Code"] or row["sip.Method"]))
    # a repetition may come later
    return set(seen) == set(expected) and len(seen) >= len(expected) and {side for _, side, *_ in seen} == {"pbx", "meta"}


def test_G08_G06_sngrep_shows_whole_calls_and_nothing_that_opens_something(lab, pbx, users, sngrep):
    """A far end that others wrote: what it captured is read by tshark."""
    _, *first = whole_call(lab, pbx, next(users), user_calls)  # by a connection that Meta has opened
    call, *second = whole_call(lab, pbx, next(users))
    for ids, steps in (first, second):
        wait_until(lambda c={*ids}, n=len(steps): sngrep.has(c) >= n, 20, "sngrep has it all", sngrep.daemon)
    rows = sngrep.rows()
    assert has_all(lab, rows, *first) and has_all(lab, rows, *second)
    # what really went over the wire
    real = "\n".join(m.text for _, _, m in lab.metasim.messages(call=call.name))
    secrets = re.findall(r'response="?([0-9a-f]{32,64})', real) + re.findall(r"inline:([A-Za-z0-9+/=]+)", real)
    assert len(set(secrets)) >= 3  # the digest's answer, a key of either side
    assert [s for s in secrets if s.encode() in sngrep.written()] == []
    assert b"inline:xxxx" in sngrep.written() and b'response="xxxx' in sngrep.written()


def test_G08_a_target_that_is_none_is_refused(lab):
    before = lab.rpc("wa_trace.status")["hep"]
    with pytest.raises(RpcError):
        switch(lab, "nowhere")
    assert lab.rpc("wa_trace.status")["hep"] == before
