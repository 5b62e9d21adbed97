# SPDX-License-Identifier: GPL-2.0-or-later
"""D06: Meta refuses our credentials; the password is read again, once, and the call goes on with it.

Each test has a number of its own: a number's password is not read again for the
sake of a call more often than every ten seconds.
"""
import time

import pytest

from calls import business_calls
from held import held_at, wait_for_cancel
from lab import numbers
from lab.process import wait_until
from lab.sip import digest


@pytest.fixture(name="refusing", autouse=True)
def fixture_refusing(lab, watch):
    """Meta answers wrong credentials with another 407; that is what the tests are about."""
    watch.provoked.update({"digest_response", "undecryptable"})  # the PBX is silent: ../media/test_first_packet.py
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 3000)
    yield
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 3000)


def stats(lab):
    return lab.rpc("wa_auth.stats")


def change_at_meta(lab, number):
    """A new password that nobody has told the SBC of."""
    lab.metasim.command("graph_password", digits=number.digits, app_id=number.app,
                        password=f"changed-behind-our-back-{number.digits}")


def reads(lab, number, mark):
    lab.metasim.catch_up()
    return [e for e in lab.metasim.events.since(mark)
            if e["event"] == "graph_request" and e["id"] == number.id and e["edge"] == "settings"]


def invites(lab, mark):
    lab.metasim.catch_up()
    return [m for _, sent, m in lab.metasim.messages(mark) if not sent and m.method == "INVITE"]


def test_D06_a_changed_password_is_read_once_and_the_call_goes_on(lab, pbx, user):
    number = numbers.PCMA_TRUNK
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    mark, before = lab.metasim.events.mark(), stats(lab)
    call, leg = business_calls(lab, pbx, number, user, cseq=11, hz=700, codecs=("PCMA",))
    assert len(reads(lab, number, mark)) == 1
    seen = invites(lab, mark)
    assert [m.cseq for m in seen] == [11, 12, 13]
    assert len({digest(m.get("Proxy-Authorization"))["nonce"] for m in seen[1:]}) == 2
    assert leg.answered.cseq == 11
    # the session of the first INVITE was kept
    wait_until(lambda: call.stats()["heard"]["audio_ms"] > 200, 10, "WhatsApp has audio")
    assert leg.bye().cseq == 12
    call.wait_ended()
    (bye,) = call.received(lambda m: m.method == "BYE")
    assert bye.cseq == 14
    after = stats(lab)
    assert after["waited"] - before["waited"] == 1
    assert after["answered_new_password"] - before["answered_new_password"] == 1
    assert after["waiting"] == 0
    assert "changed-behind-our-back" not in lab.kamailio.daemon.log()


def refused(lab, leg):
    """The PBX is told, Meta's challenge is not passed on, and no media is left."""
    reply = leg.wait_final()
    assert reply.status == 403
    assert "meta_auth" in reply.get("Warning") and "meta_auth" in reply.get("Reason")
    assert not reply.all("Proxy-Authenticate")
    wait_until(lambda: leg.call_id not in lab.rtpengine.calls(), 15, "the media session is deleted")


def test_D06_a_read_that_brings_nothing_new_ends_in_403(lab, pbx, user):
    number = numbers.PCMA_SDES
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    lab.metasim.command("graph_fault", phone_number_id=number.id, status=500, count=1)
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 14000)
    mark, began = lab.metasim.events.mark(), time.monotonic()
    refused(lab, pbx.call(user, number.digits, codecs=("PCMA",)))
    assert len(reads(lab, number, mark)) == 1 and len(invites(lab, mark)) == 2
    # not the whole time: the answer is known once the read has failed
    assert time.monotonic() - began < 12
    assert "refused again with SHA-256, and no other password was read" in lab.kamailio.daemon.log()
    # soon after, no further read
    mark = lab.metasim.events.mark()
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 300)
    refused(lab, pbx.call(user, number.digits, codecs=("PCMA",)))
    assert reads(lab, number, mark) == []
    lab.sync(number)


def test_D06_a_slow_read_is_waited_for_no_longer_than_the_knob_says_and_blocks_nobody(lab, pbx, users):
    number, other = numbers.G722_SDES, numbers.DTLS
    slow, quick = next(users), next(users)
    lab.metasim.policy(slow, wrong_answer=407)
    change_at_meta(lab, number)
    lab.metasim.command("graph_fault", phone_number_id=number.id, delay_ms=60000, count=1)
    waiting = pbx.call(slow, number.digits, codecs=("G722",))
    wait_until(lambda: stats(lab)["waiting"] == 1, 15, "the call waits")
    call, leg = business_calls(lab, pbx, other, quick)
    assert stats(lab)["waiting"] == 1
    leg.bye()
    call.wait_ended()
    refused(lab, waiting)
    lab.metasim.command("graph_release")
    lab.sync(number)


def test_D06_many_calls_at_once_wait_for_one_read(lab, pbx, users):
    number = numbers.G722_TRUNK
    callees = [next(users) for _ in range(9)]  # twice the workers and one
    for user in callees:
        lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    lab.metasim.command("graph_fault", phone_number_id=number.id, delay_ms=60000, count=1)
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 14000)
    mark = lab.metasim.events.mark()
    legs = [pbx.call(user, number.digits, codecs=("G722",)) for user in callees]
    wait_until(lambda: stats(lab)["waiting"] == len(legs), 15, "all wait")
    lab.metasim.command("graph_release")
    calls = [lab.metasim.rung(user, mark=mark) for user in callees]
    for call, leg in zip(calls, legs):
        assert leg.wait_final().status == 200
        call.wait_answered()
        leg.bye()
        call.wait_ended()
    assert len(reads(lab, number, mark)) == 1
    assert len(invites(lab, mark)) == 3 * len(legs)


def test_D06_a_call_given_up_while_it_waits_ends_at_once(lab, pbx, user):
    number = numbers.OPUS_SDES
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    lab.metasim.command("graph_fault", phone_number_id=number.id, delay_ms=60000, count=1)
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 14000)
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, number.digits, codecs=("OPUS",))
    wait_until(lambda: stats(lab)["waiting"] == 1, 15, "the call waits")
    leg.cancel()
    assert leg.wait_final().status == 487
    lab.metasim.command("graph_release")
    wait_until(lambda: leg.call_id not in lab.rtpengine.calls(), 15, "the media session is deleted")
    wait_until(lambda: stats(lab)["waiting"] == 0, 15, "nobody waits")
    assert len(invites(lab, mark)) == 2
    lab.sync(number)


def test_D06_a_call_given_up_as_it_begins_to_wait_ends_at_once(own_lab, start_wire, user):
    """The CANCEL comes while another process is just about to let the call wait."""
    lab, number = own_lab(), numbers.OPUS_SDES
    lab.provision()
    pbx = start_wire(lab)
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    lab.metasim.command("graph_fault", phone_number_id=number.id, delay_ms=60000, count=1)
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 14000)
    with held_at(lab, "tcp receiver", "t_suspend") as about_to_wait:
        leg = pbx.call(user, number.digits, codecs=("OPUS",))
        about_to_wait.wait()
        leg.cancel()
        wait_for_cancel(lab, leg)
    assert leg.wait_final().status == 487
    lab.metasim.command("graph_release")
    assert lab.record(leg.call_id)["result"] == "cancelled"
    wait_until(lambda: lab.media_sessions() == [], 15, "the media session is deleted")


def test_D06_switched_off_it_is_403_at_once(lab, pbx, user):
    number = numbers.OPUS_TRUNK
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 0)
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, number)
    mark = lab.metasim.events.mark()
    refused(lab, pbx.call(user, number.digits, codecs=("OPUS",)))
    assert reads(lab, number, mark) == [] and len(invites(lab, mark)) == 2
    lab.sync(number)
