# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of the business: what Meta sees of them."""
import hashlib
import re

import pytest

from calls import business_calls
from lab import numbers
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME
from lab.sip import digest, host_of, uri_of, user_of

ALGORITHMS = {"MD5": lambda t: hashlib.md5(t.encode(), usedforsecurity=False).hexdigest(),
              "SHA-256": lambda t: hashlib.sha256(t.encode()).hexdigest()}


def invites(call):
    return call.received(lambda m: m.method == "INVITE")


def challenges(call):
    """The challenges of Meta's 407, by algorithm."""
    (reply,) = call.sent(lambda m: m.status == 407)
    return {c.get("algorithm", "MD5"): c for c in map(digest, reply.all("Proxy-Authenticate"))}


def answer_to(call):
    (header,) = invites(call)[1].all("Proxy-Authorization")
    return digest(header)


def fits(given, password, method="INVITE"):
    """Is this the response to its own realm, nonce, uri and cnonce?"""
    h = ALGORITHMS[given.get("algorithm", "MD5")]
    ha1 = h(f"{given['username']}:{given['realm']}:{password}")
    ha2 = h(f"{method}:{given['uri']}")
    return given["response"] == h(f"{ha1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:auth:{ha2}")


def test_D01_uris_of_the_invite(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    for invite in invites(call):
        assert invite.uri == f"sip:+{user}@{META_HOSTNAME};transport=tls"
        to = uri_of(invite.get("To"))
        assert (user_of(to), host_of(to)) == (f"+{user}", META_HOSTNAME)
        sender = uri_of(invite.get("From"))
        assert (user_of(sender), host_of(sender)) == (f"+{numbers.DTLS.digits}", SBC_HOSTNAME)
        contact = uri_of(invite.get("Contact"))
        assert host_of(contact) == SBC_HOSTNAME
        assert "transport=tls" in contact


def test_D02_one_md5_challenge_is_answered(lab, pbx, user):
    lab.set_password(numbers.DTLS, "the-one-that-is-known-to-us")
    lab.metasim.policy(user, challenge="md5")
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    asked = challenges(call)["MD5"]
    given = answer_to(call)
    assert given["username"] == numbers.DTLS.digits
    assert given["realm"] == asked["realm"] and given["nonce"] == asked["nonce"]
    assert given["opaque"] == asked["opaque"]
    assert given["qop"] == "auth" and given["nc"] == "00000001"
    assert given.get("algorithm", "MD5") == "MD5" and fits(given, "the-one-that-is-known-to-us")
    assert re.fullmatch(r"[0-9A-Za-z+/=_-]{8,}", given["cnonce"])
    assert "Proxy-Authorization" not in invites(call)[0].text


def test_D02_each_answer_has_a_fresh_cnonce(lab, pbx, users):
    cnonces = set()
    for user in (next(users), next(users), next(users)):
        lab.metasim.policy(user, challenge="md5")
        call, leg = business_calls(lab, pbx, numbers.DTLS, user)
        leg.bye()
        call.wait_ended()
        cnonces.add(answer_to(call)["cnonce"])
    assert len(cnonces) == 3


def test_D03_of_sha256_and_md5_the_former_with_its_own_values(lab, pbx, user):
    lab.set_password(numbers.DTLS, "the-one-that-is-known-to-us")
    lab.metasim.policy(user, challenge="both")
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    asked = challenges(call)
    assert set(asked) == {"SHA-256", "MD5"}
    assert asked["SHA-256"]["nonce"] != asked["MD5"]["nonce"]
    given = answer_to(call)
    assert given["algorithm"] == "SHA-256"
    assert (given["nonce"], given["opaque"]) == (asked["SHA-256"]["nonce"], asked["SHA-256"]["opaque"])
    assert fits(given, "the-one-that-is-known-to-us")


def test_D03_md5_by_configuration(own_lab, start_wire):
    lab = own_lab(site={"AUTH_ALGORITHMS": "MD5"}, listed=[numbers.DTLS])
    lab.provision()
    lab.metasim.policy(numbers.USER, challenge="both")
    call, leg = business_calls(lab, start_wire(lab), numbers.DTLS, numbers.USER)
    leg.bye()
    asked, given = challenges(call)["MD5"], answer_to(call)
    assert given.get("algorithm", "MD5") == "MD5"
    assert (given["nonce"], given["opaque"]) == (asked["nonce"], asked["opaque"])


@pytest.mark.parametrize("challenge", ["md5", "both"])
def test_D04_digest_uri_request_uri_and_to_agree(lab, pbx, user, challenge):
    lab.metasim.policy(user, challenge=challenge)
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    again = invites(call)[1]
    assert answer_to(call)["uri"] == again.uri == uri_of(again.get("To"))


def test_D05_the_second_invite_has_the_next_cseq_and_all_that_follows_fits(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user, cseq=41)
    call.wait("acked")  # another worker could be quicker with the BYE
    assert leg.answered.cseq == 41  # mapped back: the PBX has sent only one
    assert leg.bye().cseq == 42
    call.wait_ended()
    first, second = invites(call)
    assert second.cseq == first.cseq + 1
    assert (first.call_id, first.get("From")) == (second.call_id, second.get("From"))
    assert first.branch != second.branch
    acks = call.received(lambda m: m.method == "ACK")
    assert [a.cseq for a in acks] == [first.cseq, second.cseq]  # of the 407, of the 200
    (bye,) = call.received(lambda m: m.method == "BYE")
    assert bye.cseq == second.cseq + 1
    assert {m.cseq for m in pbx.received(lambda m: m.is_reply and m.cseq_method == "INVITE")} == {41}


def test_D05_cancel_fits_the_sequence(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    leg = pbx.call(user, cseq=7)
    leg.wait_status(180)
    cancel = leg.cancel()
    assert leg.wait_final().status == 487
    pbx.wait(lambda m: m.is_reply and m.cseq_method == "CANCEL" and m.cseq == cancel.cseq and m.status == 200,
             "200 to CANCEL")
    call = lab.metasim.rung(user)
    call.wait_ended()
    (seen,) = call.received(lambda m: m.method == "CANCEL")
    assert seen.cseq == invites(call)[1].cseq and seen.branch == invites(call)[1].branch


def test_D05_bye_of_meta_reaches_the_pbx(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    assert call.wait_ended()["by"] == "user"
    (reply,) = call.received(lambda m: m.is_reply and m.cseq_method == "BYE")
    assert reply.status == 200


def nothing_reached_meta(lab, mark):
    return [m for _, sent, m in lab.metasim.messages(mark) if not sent and m.method == "INVITE"] == []


def test_D08_a_caller_that_is_not_ours_is_403(lab, pbx, user):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, number="15559999999")
    assert leg.wait_final().status == 403
    assert nothing_reached_meta(lab, mark)


@pytest.mark.parametrize("number", [numbers.SIP_OFF, numbers.FOREIGN], ids=["SIP disabled", "no password"])
def test_D08_a_number_that_cannot_call_is_told_why(lab, pbx, user, number):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, number=number.digits)
    reply = leg.wait_final()
    assert reply.status in (480, 503)
    assert re.match(r'399 \S+ ".+"', reply.get("Warning", ""))
    assert nothing_reached_meta(lab, mark)


def test_D11_ringing_is_relayed_without_media_and_ends_after_the_set_time(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    before = lab.rpc("cfg.get", "wasbc", "ring_timeout")
    lab.rpc("cfg.set_now_int", "wasbc", "ring_timeout", 1500)
    try:
        mark = lab.metasim.events.mark()
        leg = pbx.call(user, lab.number)
        ringing = leg.wait_status(180)
        assert ringing.body == ""
        call = lab.metasim.rung(user, mark=mark)
        refused = leg.wait_final()
        assert refused.status == 480 and "ring_timeout" in refused.get("Reason")
        call.wait_received(lambda m: m.method == "CANCEL", "CANCEL")
    finally:
        lab.rpc("cfg.set_now_int", "wasbc", "ring_timeout", before)
