# SPDX-License-Identifier: GPL-2.0-or-later
"""E05: of the PBX nothing reaches Meta, of Meta's inner side the PBX sees what it has to send back."""
import pytest

from calls import business_calls, user_calls
from lab import numbers
from marks import Telltale, proxy_of

# what may be sent within a call, and must not cross
WITHIN = ["OPTIONS", "INFO", "UPDATE", "MESSAGE", "REFER", "NOTIFY", "SUBSCRIBE", "PUBLISH", "INVITE"]


@pytest.fixture(name="telltale")
def fixture_telltale(pbx):
    telltale = Telltale(pbx)
    yield telltale
    telltale.stop()


def heard_by_meta(lab, mark):
    """Every SIP message that reached Meta, of a call or not."""
    lab.metasim.catch_up()
    return [m for _, sent, m in lab.metasim.messages(mark) if not sent]


def final(pbx, request):
    return pbx.wait(lambda m: m.is_reply and m.call_id == request.call_id and m.cseq == request.cseq
                    and m.cseq_method == request.method and m.status >= 200, f"a final reply to {request.method}")


def pester(pbx, leg):
    """All that a PBX may ask for within a call."""
    for method in WITHIN:
        request = leg.request(method, sdp=leg.sdp() if method in ("INVITE", "UPDATE") else None)
        if final(pbx, request).status == 200 and method == "INVITE":
            leg.request("ACK", cseq=request.cseq)


def calls_out(lab, pbx, user, **how):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, numbers.DTLS.digits, own_routes=[proxy_of(pbx)], **how)
    return leg, lab.metasim.rung(user, mark=mark)


def out_bye(lab, pbx, user):
    leg, call = calls_out(lab, pbx, user)
    assert leg.wait_final().status == 200
    call.wait("acked")
    pester(pbx, leg)
    assert leg.bye().status == 200
    call.wait_ended()
    return leg, {"INVITE", "ACK", "BYE"}


def out_bye_of_meta(lab, pbx, user):
    leg, call = calls_out(lab, pbx, user)
    assert leg.wait_final().status == 200
    call.wait("acked")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    return leg, {"INVITE", "ACK", "200 BYE"}


def out_cancel(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    leg, call = calls_out(lab, pbx, user)
    leg.wait_status(180)
    leg.cancel()
    assert leg.wait_final().status == 487
    call.wait_ended()
    return leg, {"INVITE", "ACK", "CANCEL"}


def out_refusal(lab, pbx, user):
    lab.metasim.policy(user, action="decline")
    leg, call = calls_out(lab, pbx, user)
    assert leg.wait_final().status == 486
    call.wait_ended()
    return leg, {"INVITE", "ACK"}


def comes_in(lab, pbx, user, early=True):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.own_routes = [proxy_of(pbx)]
    for status in (180, 183) if early else (180,):
        leg.reply(status, sdp=leg.sdp() if status == 183 else None)
        lab.metasim.wait("progress", call=call.name, code=status)
    return leg, call


def in_bye(lab, pbx, user):
    leg, call = comes_in(lab, pbx, user)
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    pester(pbx, leg)
    assert leg.bye().status == 200
    call.wait_ended()
    return leg, {"180 INVITE", "183 INVITE", "200 INVITE", "BYE"}


def in_bye_of_meta(lab, pbx, user):
    leg, call = comes_in(lab, pbx, user)
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    return leg, {"180 INVITE", "183 INVITE", "200 INVITE", "200 BYE"}


def in_cancel(lab, pbx, user):
    leg, call = comes_in(lab, pbx, user)
    call.hangup()
    leg.reply(200, to=leg.expect("CANCEL"))
    leg.reply(487)
    leg.expect("ACK")
    call.wait_ended()
    return leg, {"180 INVITE", "183 INVITE", "200 CANCEL", "487 INVITE"}


def in_refusal(status, seen):
    def ending(lab, pbx, user):
        leg, call = comes_in(lab, pbx, user, early=False)
        leg.reply(status)
        leg.expect("ACK")
        assert call.wait_ended()["code"] == seen
        return leg, {"180 INVITE", f"{seen} INVITE"}
    ending.__name__ = f"in_{status}"
    return ending


@pytest.mark.parametrize("ending", [
    out_bye, out_bye_of_meta, out_cancel, out_refusal, in_bye, in_bye_of_meta, in_cancel,
    in_refusal(486, 486), in_refusal(603, 603), in_refusal(302, 480), in_refusal(401, 503), in_refusal(500, 500)])
def test_E05_nothing_of_the_pbx_reaches_meta(lab, pbx, telltale, user, ending):
    mark = lab.metasim.events.mark()
    leg, kinds = ending(lab, pbx, user)
    if ending.__name__.startswith("out"):
        telltale.secrets.add(leg.call_id)
    heard = heard_by_meta(lab, mark)
    assert telltale.found_in(m.text for m in heard) == {}
    # the messages that were to be looked at were there, and of those within the call none
    labels = {m.method or f"{m.status} {m.cseq_method}" for m in heard}
    assert kinds <= labels
    assert {m.method for m in heard if not m.is_reply} <= {"INVITE", "ACK", "BYE", "CANCEL"}


# what of Meta's is nobody's business on the PBX's side
INNER = ["2803:6080", "Facebook", "X-FB-External", "Proxy-Authenticate", "X-Inner"]
# of SDP, by how its lines begin: what is sealed in a header is random, and may say any few letters
INNER_SDP = ("a=ice", "a=candidate", "a=fingerprint", "a=setup", "a=crypto", "a=ssrc", "a=msid", "a=mid", "a=group", "b=",
             "a=rtcp-fb")


def is_inner(line, addresses):
    return any(word in line for word in (*INNER, *addresses)) or line.startswith(INNER_SDP) or \
        (line.startswith("m=") and "SAVP" in line)


def shown(pbx):
    """Every line that the PBX was shown."""
    return [line for m in pbx.received() for line in m.text.split("\r\n")]


@pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])
@pytest.mark.parametrize("way", [user_calls, business_calls])
def test_E05_of_meta_the_pbx_sees_what_it_has_to_send_back(lab, pbx, user, number, way):
    how = {"headers": {"X-Inner": "host.fbinfra.net"}} if way is user_calls else {}
    call, leg = way(lab, pbx, number, user, hz=1000, **how)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    lines = shown(pbx)
    addresses = [lab.addresses.meta, lab.addresses.meta_side]
    assert [line for line in lines if is_inner(line, addresses)] == []
    # of its inner hosts the PBX gets the route, for it has to come back
    assert {line.partition(":")[0] for line in lines if "fbinfra" in line} == {"Record-Route"}
    # and nobody has asked for the address of any name of either side
    names = [entry["name"] for entry in lab.rpc("dns.view") or []]
    assert [name for name in names if "meta" in name or "fbinfra" in name or "pbx" in name] == []
