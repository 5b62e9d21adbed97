# SPDX-License-Identifier: GPL-2.0-or-later
"""C08, C11, C12, C13, D05: every way a call can go, both sides' wire read in full."""
import re

import pytest

import rules
from lab import meta_wire, numbers
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME, hostport
from lab.sip import uri_of

CHALLENGES = {"none": 0, "md5": 1, "both": 1}  # for calls of the business, and how many INVITEs more
PROXY = "<sip:{host};lr;n={n}>"


def proxies(pbx):
    """Two proxies that the PBX has before it, both at its address: requests come to it anyway."""
    return [PROXY.format(host=hostport(pbx.address), n=n) for n in (1, 2)]


def sides(lab, pbx, leg, meta):
    """Both far ends' view of the call. meta: Meta's messages, (sent, Message)."""
    at = lab.addresses
    mine = [(sent, m) for _, sent, m in pbx.trace.since() if m.call_id == leg.call_id]
    return (rules.Side("meta", meta, rf"SIP/2\.0/TLS {re.escape(hostport(at.sip))}"),
            rules.Side("pbx", mine, rf"SIP/2\.0/UDP {re.escape(hostport(at.sip_pbx))}"))


def of_call(call):
    call.meta.catch_up()
    return [(sent, m) for _, sent, m in call.messages()]


def check_both(meta, pbx):
    for side in (meta, pbx):
        rules.check(side)
        rules.one_tag(side)
    # Meta gets its own back, and is shown one address of ours
    for invite in (*meta.got("INVITE"), *([meta.ok] if meta.calls and meta.ok else [])):
        assert re.fullmatch(rf"sip:[\w.-]+@{re.escape(SBC_HOSTNAME)}:\d+;transport=tls", uri_of(invite.get("Contact")))
    above = meta.ok.values("Record-Route") if meta.calls and meta.ok else \
        meta.got("INVITE")[-1].values("Record-Route") if not meta.calls else []
    ours = [r for r in above if r not in meta_wire.ROUTES]
    assert all(re.fullmatch(rf"<sip:{re.escape(SBC_HOSTNAME)}:\d+;transport=tls;wa=[\w.-]+;lr>", r) for r in ours)
    assert len(ours) == (1 if above else 0)
    # the PBX gets Meta's Contact untouched, and of Meta's routes what it has to send back
    if pbx.ok and pbx.calls:
        assert pbx.ok.get("Contact") == meta.ok.get("Contact")
    if not pbx.calls:
        assert pbx.invites[0].get("Contact") == meta.invites[-1].get("Contact")


# the business calls

def outgoing(lab, pbx, user, challenge, cseq):
    lab.metasim.policy(user, challenge=challenge)
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, numbers.DTLS.digits, cseq=cseq, own_routes=proxies(pbx))
    return leg, lab.metasim.rung(user, mark=mark)


def out_bye_pbx(lab, pbx, user, challenge):
    leg, call = outgoing(lab, pbx, user, challenge, 40)
    assert leg.wait_final().status == 200
    call.wait("acked")
    assert leg.bye().cseq == 41
    assert call.wait_ended()["by"] == "business"
    return call, leg, ["ACK", "BYE"], ["180 INVITE", "200 INVITE", "200 BYE"]


def out_bye_meta(lab, pbx, user, challenge):
    leg, call = outgoing(lab, pbx, user, challenge, 50)
    assert leg.wait_final().status == 200
    call.wait("acked")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    assert call.wait_ended()["by"] == "user"
    return call, leg, ["ACK", "200 BYE"], ["180 INVITE", "200 INVITE", "BYE"]


def out_cancel(lab, pbx, user, challenge):
    lab.metasim.policy(user, action="ring")
    leg, call = outgoing(lab, pbx, user, challenge, 60)
    leg.wait_status(180)
    leg.cancel()
    assert leg.wait_final().status == 487
    call.wait_ended()
    return call, leg, ["CANCEL", "ACK"], ["180 INVITE", "200 CANCEL", "487 INVITE"]


def out_refusal(lab, pbx, user, challenge):
    lab.metasim.policy(user, action="decline")
    leg, call = outgoing(lab, pbx, user, challenge, 70)
    assert leg.wait_final().status == 486
    call.wait_ended()
    return call, leg, ["ACK"], ["180 INVITE", "486 INVITE"]


@pytest.mark.parametrize("ending", [out_bye_pbx, out_bye_meta, out_cancel, out_refusal])
@pytest.mark.parametrize("challenge", CHALLENGES)
def test_D05_C12_C13_calls_of_the_business(lab, pbx, user, challenge, ending):
    call, leg, meta_tail, pbx_got = ending(lab, pbx, user, challenge)
    meta, mine = sides(lab, pbx, leg, of_call(call))
    check_both(meta, mine)
    again = ["INVITE", "ACK"] * CHALLENGES[challenge]
    assert meta.labels() == [*again, "INVITE", *meta_tail]
    # 200 and 487 of a CANCEL may overtake each other
    assert sorted(mine.labels()) == sorted(pbx_got)
    assert len(mine.sent("INVITE")) == 1  # the PBX knows of no challenge
    invite = meta.got("INVITE")[-1]
    assert uri_of(invite.get("To")) == invite.uri == f"sip:+{user}@{META_HOSTNAME};transport=tls"
    assert ("Proxy-Authorization" in invite.text) == bool(CHALLENGES[challenge])
    for request in meta.got():
        assert request.call_id == invite.call_id != leg.call_id
    if mine.ok:
        # below ours the PBX's own, above it Meta's, as they came
        routes = mine.ok.values("Record-Route")
        assert routes[-2:] == proxies(pbx) and routes[:-3] == meta.ok.values("Record-Route")[:-1]
        assert ";wa=" in routes[-3] and hostport(lab.addresses.sip_pbx) in routes[-3]


# the WhatsApp user calls

def in_bye_pbx(leg, call):
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    assert leg.bye().status == 200
    call.wait_ended()
    return ["180 INVITE", "200 INVITE", "BYE"], ["INVITE", "ACK", "200 BYE"]


def in_bye_meta(leg, call):
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    return ["180 INVITE", "200 INVITE", "200 BYE"], ["INVITE", "ACK", "BYE"]


def in_cancel(leg, call):
    call.hangup()
    leg.reply(200, to=leg.expect("CANCEL"))
    leg.reply(487)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 487
    return ["180 INVITE", "200 CANCEL", "487 INVITE"], ["INVITE", "CANCEL", "ACK"]


def in_refusal(leg, call):
    leg.reply(486)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 486
    return ["180 INVITE", "486 INVITE"], ["INVITE", "ACK"]


@pytest.fixture(name="asks")
def fixture_asks(lab):
    """Has the SBC challenge Meta or not."""
    yield lambda yes: lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", int(yes))
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 1)


@pytest.mark.parametrize("ending", [in_bye_pbx, in_bye_meta, in_cancel, in_refusal])
@pytest.mark.parametrize("challenges", [0, 1, 2])
def test_C08_C11_C12_C13_calls_of_the_user(lab, pbx, asks, user, challenges, ending):
    asks(challenges > 0)
    # asked twice: the first answer is to a nonce that is none of ours any more
    call = lab.metasim.ring(numbers.DTLS, user, old_nonce=challenges == 2)
    leg = pbx.incoming()
    leg.own_routes = proxies(pbx)
    leg.reply(180)
    lab.metasim.wait("progress", call=call.name, code=180)
    meta_got, pbx_got = ending(leg, call)
    meta, mine = sides(lab, pbx, leg, of_call(call))
    check_both(meta, mine)
    assert len(meta.invites) == challenges + 1
    assert sorted(meta.labels()) == sorted(["407 INVITE"] * challenges + meta_got)
    assert mine.labels() == pbx_got
    # the PBX gets one INVITE, with Meta's routes below ours as they came
    (invite,) = mine.invites
    routes = invite.values("Record-Route")
    assert routes[1:] == meta_wire.ROUTES and ";wa=" in routes[0]
    assert "Authorization" not in invite.text
    if meta.ok:
        # the PBX's proxies are nobody's business, Meta's own stay as they came
        assert meta.ok.values("Record-Route")[1:] == meta_wire.ROUTES
