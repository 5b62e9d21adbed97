# SPDX-License-Identifier: GPL-2.0-or-later
"""D06: Meta refuses our credentials; the password is read again, once, and the call goes on with it."""
import time

import pytest

from calls import business_calls
from lab import numbers
from lab.process import wait_until
from lab.sip import digest

NUMBER = numbers.DTLS_G711  # no other test of this folder calls with it


@pytest.fixture(name="lab")
def fixture_lab(own_lab):
    """No read by the clock, and the answer of a wrong password is a second 407."""
    lab = own_lab(listed=[numbers.DTLS, numbers.SDES, numbers.SDES_G711, NUMBER])
    lab.provision()
    return lab


def stats(lab):
    return lab.rpc("wa_auth.stats")


def change_at_meta(lab, number, password):
    """A new password that nobody has told the SBC of."""
    lab.metasim.command("graph_password", digits=number.digits, app_id=number.app, password=password)


def reads(lab, number, mark):
    return [e for e in lab.metasim.events.since(mark)
            if e["event"] == "graph_request" and e["id"] == number.id and e["edge"] == "settings"]


def invites(lab, mark):
    return [m for _, sent, m in lab.metasim.messages(mark) if not sent and m.method == "INVITE"]


def test_D06_a_changed_password_is_read_once_and_the_call_goes_on(lab, start_wire, user):
    pbx = start_wire(lab)
    lab.metasim.policy(user, wrong_answer=407)
    change_at_meta(lab, numbers.DTLS, "changed-behind-our-back-1")
    mark = lab.metasim.events.mark()
    before = stats(lab)
    call, leg = business_calls(lab, pbx, numbers.DTLS, user, cseq=11, hz=700)
    assert len(reads(lab, numbers.DTLS, mark)) == 1
    seen = invites(lab, mark)
    assert [m.cseq for m in seen] == [11, 12, 13]
    assert len({digest(m.get("Proxy-Authorization"))["nonce"] for m in seen[1:]}) == 2
    assert leg.answered.cseq == 11
    wait_until(lambda: call.stats()["heard"]["audio_ms"] > 200, 10, "WhatsApp has audio: the session was kept")
    assert leg.bye().cseq == 12
    call.wait_ended()
    (bye,) = call.received(lambda m: m.method == "BYE")
    assert bye.cseq == 14
    after = stats(lab)
    assert after["waited"] - before["waited"] == 1
    assert after["answered_new_password"] - before["answered_new_password"] == 1
    assert after["waiting"] == 0
    log = lab.kamailio.daemon.log()
    assert "changed-behind-our-back" not in log
