# SPDX-License-Identifier: GPL-2.0-or-later
"""D05, D09: the sequence of a challenged call outlives the node; parallel calls; a callee that is no number."""
import pytest

from calls import business_calls
from lab import numbers
from lab.sip import digest, uri_of


def invites(call):
    return call.received(lambda m: m.method == "INVITE")


def in_sequence(call, cseq):
    """All that Meta has had of the call counts from the answered INVITE on."""
    first, second = invites(call)
    assert (first.cseq, second.cseq) == (cseq, cseq + 1)
    (bye,) = call.received(lambda m: m.method == "BYE")
    assert bye.cseq == second.cseq + 1
    assert bye.call_id == second.call_id


def test_D05_after_a_crash_the_bye_of_the_pbx_fits(own_lab, start_wire):
    lab = own_lab(listed=[numbers.DTLS])
    lab.provision()
    pbx = start_wire(lab)
    call, leg = business_calls(lab, pbx, numbers.DTLS, numbers.USER, cseq=77)
    other, other_leg = business_calls(lab, pbx, numbers.DTLS, "16315551112", cseq=5)
    for ringing in (call, other):
        ringing.wait("acked")
    lab.kamailio.crash_and_restart()
    reply = leg.bye()
    assert (reply.status, reply.cseq) == (200, 78)
    call.wait_ended()
    in_sequence(call, 77)
    # and the other side's still reaches the PBX
    other.hangup()
    other_leg.reply(200, to=other_leg.expect("BYE"))
    assert other.wait_ended()["by"] == "user"


def test_D05_parallel_calls_of_one_number_keep_their_sequences(lab, pbx, users):
    callees = {next(users): 100 * n for n in range(1, 9)}
    mark = lab.metasim.events.mark()
    legs = {user: pbx.call(user, numbers.DTLS.digits, cseq=cseq) for user, cseq in callees.items()}
    for user, leg in legs.items():
        assert leg.wait_final().status == 200
        assert leg.answered.cseq == callees[user]
    nonces = set()
    for user, leg in legs.items():
        call = lab.metasim.rung(user, mark=mark)
        call.wait_answered()
        assert leg.bye().cseq == callees[user] + 1
        call.wait_ended()
        in_sequence(call, callees[user])
        nonces.add(digest(invites(call)[1].get("Proxy-Authorization"))["nonce"])
    assert len(nonces) == len(callees)


def test_D05_a_cancel_right_after_the_challenge_fits(lab, pbx, users):
    """Meta has only just been answered when the PBX gives up."""
    for cseq in (3, 30, 300):
        user = next(users)
        lab.metasim.policy(user, action="ring", challenge=["md5", "both+stale"])
        mark = lab.metasim.events.mark()
        leg = pbx.call(user, numbers.DTLS.digits, cseq=cseq)
        call = lab.metasim.rung(user, mark=mark)
        leg.wait_status(180)
        leg.cancel()
        assert leg.wait_final().status == 487
        call.wait_ended()
        (cancel,) = call.received(lambda m: m.method == "CANCEL")
        assert cancel.cseq == invites(call)[-1].cseq == cseq + 2


@pytest.mark.parametrize("callee", ["US.13491208655302741918", "BR.1A2b3c4D"])
def test_D09_a_callee_that_is_no_number_is_called_as_he_is(lab, pbx, callee):
    call, leg = business_calls(lab, pbx, numbers.DTLS, callee, cseq=8)
    first, second = invites(call)
    uri = f"sip:{callee}@wa.meta.vc;transport=tls"
    assert first.uri == second.uri == uri_of(second.get("To")) == uri
    given = digest(second.get("Proxy-Authorization"))
    assert given["uri"] == uri and given["username"] == numbers.DTLS.digits
    assert leg.bye().cseq == 9
    call.wait_ended()
    in_sequence(call, 8)
