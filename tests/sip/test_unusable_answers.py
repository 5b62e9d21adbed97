# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that no call can be made of, and that nothing is left of them."""
import re

import pytest
from lab import numbers, process, sip
from lab.meta_wire import SDP, WireMeta
from lab.pbx_wire import Leg

NAME = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 media.pbx.example\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
IMAGE = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=image 9 udptl t38\r\n"


def no_session_left(lab):
    process.wait_until(lambda: lab.rtpengine.calls() == [], 20, "rtpengine has no session left")


def in_dialog(dialog, method, contact, to):
    return "\r\n".join([
        f"{method} {contact} SIP/2.0", f"Via: SIP/2.0/TLS [2803:6080::1]:4361;rport;branch=z9hG4bKPj{method}{dialog.tag}",
        "Max-Forwards: 70", f"From: {dialog.last.get('From')}", f"To: {to}", f"Call-ID: {dialog.call_id}",
        f"CSeq: {dialog.cseq + (method == 'BYE')} {method}", "Content-Length: 0", "", ""])


@pytest.fixture(name="meta")
def fixture_meta(lab):
    """Meta's side that does nothing by itself; its address is enough."""
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 0)
    wire = WireMeta(lab)
    yield wire
    wire.stop()
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 1)


@pytest.mark.parametrize("sdp", [None, IMAGE, NAME], ids=["none", "image", "name"])
def test_G14_answer_of_the_pbx_without_media_ends_both_legs(lab, pbx, meta, user, sdp):
    dialog = meta.dialog(numbers.SDES.digits, user)
    dialog.start()
    leg = pbx.incoming()
    answer = leg.reply(200, sdp=sdp)
    reply = dialog.final()
    assert reply.status == 503 and reply.body == ""
    ack = leg.expect("ACK")
    assert ack.cseq == leg.invite.cseq and ack.uri == sip.uri_of(answer.get("Contact"))
    bye = leg.expect("BYE")
    assert bye.cseq == leg.invite.cseq + 1 and bye.get("To") == answer.get("To")
    leg.reply(200, to=bye)
    pbx.send(answer.text)  # as if our ACK were lost
    pbx.wait(lambda m: m.method == "ACK" and m.call_id == leg.call_id, "the ACK again", mark=pbx.trace.mark() - 1)
    finals = [m for _, sent, m in meta.trace.since(0) if not sent and m.call_id == dialog.call_id and m.status >= 200]
    assert [m.status for m in finals] == [503]
    no_session_left(lab)


def test_second_answer_of_a_forking_pbx_is_hung_up(lab, pbx, meta, user):
    dialog = meta.dialog(numbers.SDES.digits, user)
    dialog.start()
    leg = pbx.incoming()
    first = leg.answer()
    assert dialog.final().status == 200
    leg.tag = "otherphone"
    second = leg.answer()
    bye = leg.expect("BYE")
    assert bye.get("To") == second.get("To")
    leg.reply(200, to=bye)
    answers = [m for _, sent, m in meta.trace.since(0)
               if not sent and m.call_id == dialog.call_id and m.status == 200]
    assert [sip.param(m.get("To"), "tag") for m in answers] == [sip.param(first.get("To"), "tag")]
    contact = sip.uri_of(answers[0].get("Contact"))
    for method in ("ACK", "BYE"):
        meta.send(in_dialog(dialog, method, contact, answers[0].get("To")))
        pbx.wait(lambda m, sought=method: m.method == sought and m.get("To") == first.get("To"), method)
    no_session_left(lab)


def test_G14_caller_with_too_long_an_address_leaves_no_session(lab, pbx, user):
    leg = Leg(pbx, ("PCMU",))
    send = pbx.send
    pbx.send = lambda text: send(text.replace("Contact: <sip:pbx@", f"Contact: <sip:{'p' * 900}@"))
    try:
        leg.invite_out(user, lab.number)
        assert leg.wait_final().status == 513
    finally:
        pbx.send = send
    no_session_left(lab)


@pytest.mark.parametrize("proxies", [9, 17], ids=["long", "many"])
def test_G14_caller_behind_more_proxies_than_can_be_carried_is_refused(lab, pbx, user, proxies):
    """Meta's BYE could not find the way back through them."""
    seen = lab.metasim.events.mark()
    routes = [f"<sip:{'p' * (90 if proxies == 9 else 1)}@{pbx.address[0]};lr>" for _ in range(proxies)]
    assert pbx.call(user, lab.number, own_routes=routes).wait_final().status == 513
    assert [e for e in lab.metasim.events.since(seen) if e["event"] == "incoming"] == []
    no_session_left(lab)


def test_E05_body_that_is_no_sdp_stays_with_the_pbx(lab, pbx, meta, user):
    dialog = meta.dialog(numbers.SDES.digits, user)
    dialog.start()
    leg = pbx.incoming()
    text = leg.reply(183, sdp="o=- 1 1 IN IP4 192.0.2.77\r\n").text
    pbx.send(text.replace("application/sdp", "multipart/mixed;boundary=b").replace("183", "182"))
    meta.wait(lambda m: m.call_id == dialog.call_id and m.status == 182, "182")
    leg.reply(486)
    assert dialog.final().status == 486
    assert all("192.0.2.77" not in m.text for _, sent, m in meta.trace.since(0) if not sent)
    no_session_left(lab)


@pytest.mark.parametrize("contact", ["", "Contact: *\r\n", f"Contact: <sip:{'q' * 900}@192.0.2.1>\r\n",
                                     "Contact: <sip:a|b@192.0.2.1>\r\n",
                                     "Contact: <sip:pbx@192.0.2.1>\r\n" + "Record-Route: <sip:192.0.2.2;lr>\r\n" * 20],
                         ids=["none", "star", "long", "bar", "routes"])
def test_G14_answer_with_an_address_nobody_could_reach_is_refused(lab, pbx, meta, user, contact):
    dialog = meta.dialog(numbers.SDES.digits, user)
    dialog.start()
    leg = pbx.incoming()
    send = pbx.send
    pbx.send = lambda text: send(re.sub(r"Contact: [^\r]*\r\n", contact, text))
    try:
        leg.answer()
    finally:
        pbx.send = send
    assert dialog.final().status == 503
    assert all("192.0.2." not in m.text for _, sent, m in meta.trace.since(0) if not sent)
    no_session_left(lab)


def test_E05_route_of_the_pbx_stays_with_the_pbx(lab, pbx, user):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, lab.number, headers=["Route: <sip:192.0.2.7;lr>"])
    assert leg.wait_final().status == 200
    call = lab.metasim.rung(user, mark=mark)
    assert [m.get("Route") for m in call.received(lambda m: m.method == "INVITE")] == [None, None]
    assert leg.bye().status == 200
    no_session_left(lab)


@pytest.mark.parametrize("method", ["ACK", "BYE"])
def test_E05_body_within_a_call_stays_with_the_pbx(lab, pbx, user, method):
    mark = lab.metasim.events.mark()
    leg = Leg(pbx, ("PCMU",))
    request = leg.request
    leg.request = lambda m, **kw: request(m, **({"sdp": IMAGE} if m == method else {}), **kw) if m != "INVITE" \
        else request(m, **kw)
    leg.invite_out(user, lab.number)
    assert leg.wait_final().status == 200
    call = lab.metasim.rung(user, mark=mark)
    call.wait("acked")  # another worker could be quicker with the BYE
    assert leg.bye().status == 200
    got = call.received(lambda m: m.method == method)
    assert got and all(m.body == "" and m.get("Content-Type") is None for m in got)
    no_session_left(lab)


@pytest.mark.parametrize("new", [("Contact: <sip:pbx@", "Contact: <sip:p|bx@"), (">;tag=", ";x=a|b>;tag="),
                                 ("Call-ID: ", "Call-ID: a|")], ids=["contact", "from", "callid"])
def test_E05_bar_in_what_is_sealed_is_refused(lab, pbx, user, new):
    leg = Leg(pbx, ("PCMU",))
    send = pbx.send
    pbx.send = lambda text: send(text.replace(*new))
    try:
        leg.invite_out(user, lab.number)
        if new[0] == "Call-ID: ":
            leg.call_id = "a|" + leg.call_id
        reply = pbx.wait(lambda m: m.is_reply and m.call_id == leg.call_id and m.status >= 200, "a refusal")
    finally:
        pbx.send = send
    assert reply.status == 400
    no_session_left(lab)


def test_F13_offer_of_plain_rtp_is_refused(lab, meta, user):
    dialog = meta.dialog(numbers.SDES.digits, user)
    dialog.cseq += 1
    dialog.last = dialog._request("INVITE", [], SDP.replace("RTP/SAVP", "RTP/AVP"))
    assert dialog.final().status == 488
    no_session_left(lab)
