# SPDX-License-Identifier: GPL-2.0-or-later
"""Key exchange: what is offered, what is answered, who does what first."""
import re

import pytest

from calls import both_hear, business_calls, meta_heard, nothing_in_clear, user_calls
from lab import numbers, process
from lab.sip import Sdp

CRYPTO = re.compile(r"(\d+) AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}")


def sdp_of(messages):
    """The SDP in the last of the messages that has one."""
    return Sdp([m.body for m in messages if m.body][-1])


def answer_of(call):
    return sdp_of(call.received(lambda m: m.status == 200 and m.cseq_method == "INVITE"))


def offer_of(call):
    return sdp_of(call.received(lambda m: m.method == "INVITE"))


def test_F01_answer_to_an_ice_lite_dtls_offer(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000, media={"tone_hz": 700})
    offer = sdp_of(call.sent(lambda m: m.method == "INVITE"))
    assert offer.has("ice-lite") and offer.attributes("setup") == ["actpass"]
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    answer = answer_of(call)
    assert answer.proto == "UDP/TLS/RTP/SAVPF" and answer.attributes("setup") == ["active"]
    assert re.match(r"sha-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}$", answer.attributes("fingerprint")[0])
    assert not answer.has("ice-lite") and answer.has("ice-ufrag") and answer.has("candidate")
    assert answer.has("rtcp-mux") and not answer.has("crypto")
    assert stats["ice"]["nominated"] and stats["ice"]["role_conflicts"] == 0
    assert stats["dtls"]["role"] == "server" and stats["dtls"]["up"]
    assert stats["dtls"]["unchecked"] == 0 and stats["dtls"]["before_nomination"] == 0
    assert stats["dtls"]["peer_key"].startswith("EC")
    assert abs(heard.hz - 700) < 5


@pytest.mark.parametrize("direction", ["user", "business"])
def test_F01_a_meta_that_takes_dtls_only_once_ice_is_finished(lab, pbx, user, direction):
    """Not a flight of ours is lost to it: it would come again a second later."""
    media = {"tone_hz": 700, "dtls_after_nomination": True}
    if direction == "user":
        call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000, media=media)
    else:
        lab.metasim.policy(user, media=media)
        call, leg = business_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    assert stats["dtls"]["before_nomination"] == 0
    assert stats["dtls"]["first_ms"] >= stats["ice"]["nominated_ms"]
    assert abs(heard.hz - 700) < 5 and meta_heard(stats, 1000)


@pytest.mark.parametrize("setup", ["passive", "active"])
def test_F02_offer_that_either_role_may_answer(lab, pbx, user, setup):
    lab.metasim.policy(user, media={"setup": setup, "tone_hz": 700})
    call, leg = business_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    offer = offer_of(call)
    assert offer.proto == "UDP/TLS/RTP/SAVPF" and offer.attributes("setup") == ["actpass"]
    assert not offer.has("ice-lite") and not offer.has("crypto")
    assert stats["dtls"]["role"] == {"passive": "server", "active": "client"}[setup]
    assert stats["ice"]["nominated"] and meta_heard(stats, 1000)
    assert abs(heard.hz - 700) < 5


def test_F02_an_answer_that_comes_again_leaves_the_keys_alone(lab, pbx, user):
    """The PBX is slow with its ACK, and Meta repeats the 200 OK: by then the keys are there."""
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, numbers.DTLS.digits)
    call = lab.metasim.rung(user, mark=mark)
    answer = leg.wait_status(200)
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > 200, 10, "WhatsApp has heard silence")
    mark = pbx.trace.mark()
    again = pbx.wait(lambda m: m.is_reply and m.call_id == leg.call_id and m.status == 200, "the 200 again", 10, mark)
    assert again.body == answer.body
    leg.wait_final()
    leg.play(1000)
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 1000) < 10, 10, "WhatsApp hears the PBX")
    assert leg.bye().status == 200
    nothing_in_clear(call.stats())


def one_crypto(sdp):
    (line,) = sdp.attributes("crypto")
    found = CRYPTO.fullmatch(line)
    assert found, line
    return int(found.group(1))


def no_ice(sdp):
    for name in ("ice-ufrag", "ice-pwd", "ice-lite", "ice-options", "candidate", "fingerprint", "setup"):
        assert not sdp.has(name), name


def test_F03_sdes_offer_has_one_suite_and_no_ice(lab, pbx, user):
    lab.metasim.policy(user, media={"tone_hz": 700})
    call, leg = business_calls(lab, pbx, numbers.SDES, user, hz=1000)
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    offer = offer_of(call)
    assert offer.proto == "RTP/SAVP"
    one_crypto(offer)
    no_ice(offer)
    assert stats["key_exchange"] == "SDES" and "AES_CM_128_HMAC_SHA1_80" in stats["suite"]
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5


def test_F03_sdes_answer_echoes_the_tag(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.SDES, user, hz=1000, media={"tone_hz": 700})
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    offered = one_crypto(sdp_of(call.sent(lambda m: m.method == "INVITE")))
    answer = answer_of(call)
    assert answer.proto == "RTP/SAVP" and one_crypto(answer) == offered
    no_ice(answer)
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5


@pytest.mark.parametrize("tag", [2, 7, 999999999])
def test_F03_any_tag_is_echoed(lab, pbx, user, tag):
    call, leg = user_calls(lab, pbx, numbers.SDES, user, hz=1000, media={"tone_hz": 700, "crypto_tag": tag})
    stats, heard = both_hear(call, leg.media.heard, seconds=0.5)
    leg.bye()
    assert one_crypto(answer_of(call)) == tag
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5


SUITES = ["AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80", "NULL_HMAC_SHA1_80", "F8_128_HMAC_SHA1_80"]


@pytest.mark.parametrize("suite", SUITES)
def test_F03_an_offer_without_metas_suite_is_refused(lab, pbx, user, suite):
    call = lab.metasim.ring(numbers.SDES, user, media={"crypto_suite": suite})
    ended = call.wait_ended()
    assert ended["code"] == 488, ended
    assert pbx.received(lambda m: m.method == "INVITE") == []
    (offer,) = call.sent(lambda m: m.method == "INVITE" and m.get("Proxy-Authorization"))
    assert offer.call_id not in lab.rtpengine.calls()


@pytest.mark.parametrize("suite", SUITES[:2])
def test_F03_an_answer_with_another_suite_ends_the_call(lab, pbx, user, suite):
    lab.metasim.policy(user, media={"crypto_suite": suite})
    leg = pbx.call(user, numbers.SDES.digits)
    assert leg.wait_final().status == 503
    call = lab.metasim.rung(user)
    assert call.wait_ended()["by"] == "business"
    process.wait_until(lambda: lab.rtpengine.calls() == [], 20, "rtpengine has no session left")


def drifts(lab):
    (line,) = lab.rpc("stats.get_statistics", "key_exchange_drift")
    return int(line.rpartition("=")[2])


@pytest.mark.parametrize("number, offered", [(numbers.SDES, "DTLS"), (numbers.DTLS, "SDES")],
                         ids=["SDES-number", "DTLS-number"])
def test_F04_a_call_follows_the_offer_and_drift_is_raised(lab, pbx, user, number, offered):
    before, mark = drifts(lab), len(lab.kamailio.daemon.log())
    call, leg = user_calls(lab, pbx, number, user, hz=1000, media={"srtp": offered, "tone_hz": 700})
    stats, heard = both_hear(call, leg.media.heard, seconds=0.5)
    leg.bye()
    assert stats["key_exchange"] == offered
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5
    assert drifts(lab) == before + 1
    own = "dtls" if offered == "SDES" else "sdes"
    assert f"directory={own} offered={offered.lower()} call={call.messages()[0][2].call_id}" in \
        lab.kamailio.daemon.log()[mark:]


@pytest.mark.parametrize("number, keys", [(numbers.SDES, "SDES"), (numbers.DTLS, "DTLS")], ids=["SDES", "DTLS"])
def test_F04_each_number_has_its_own_keys_and_no_drift(lab, pbx, users, number, keys):
    before = drifts(lab)
    call, leg = user_calls(lab, pbx, number, next(users))
    leg.bye()
    assert call.stats()["key_exchange"] == keys
    call, leg = business_calls(lab, pbx, number, next(users))
    leg.bye()
    assert call.stats()["key_exchange"] == keys
    assert drifts(lab) == before
