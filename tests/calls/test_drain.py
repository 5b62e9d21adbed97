# SPDX-License-Identifier: GPL-2.0-or-later
"""G09: a node that is drained takes no new calls, and ends with its last one if it is to."""
import subprocess

import pytest

from calls import business_calls
from lab import numbers
from lab.kamailio import RpcError
from lab.process import wait_until
from lab.rundir import built


def options(lab, pbx):
    """The status of an OPTIONS of the PBX."""
    target = "sip:" + ":".join(map(str, lab.addresses.sip_pbx))
    mark = pbx.trace.mark()
    pbx.send(f"OPTIONS {target} SIP/2.0\r\nVia: SIP/2.0/UDP {pbx.address[0]}:{pbx.address[1]};rport;"
             f"branch=z9hG4bKdrain{mark}\r\nMax-Forwards: 70\r\nFrom: <sip:pbx@{pbx.address[0]}>;tag=d{mark}\r\n"
             f"To: <{target}>\r\nCall-ID: drain-{mark}@{pbx.address[0]}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
    return pbx.wait(lambda m: m.is_reply and m.cseq_method == "OPTIONS", "an answer to OPTIONS", mark=mark).status


@pytest.fixture(name="drained")
def fixture_drained(lab):
    yield lambda: lab.rpc("wa_calls.drain")
    lab.rpc("wa_calls.undrain")


def test_G09_no_new_calls_and_running_ones_go_on(lab, pbx, users, drained):
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    assert options(lab, pbx) == 200
    assert drained() == {"drain": "on", "calls": 1}
    assert options(lab, pbx) == 503
    refused = pbx.call(next(users), numbers.SDES.digits)
    reply = refused.wait_final()
    assert reply.status == 503 and reply.get("Retry-After") == "30" and '"draining"' in reply.get("Reason")
    rung = lab.metasim.ring(numbers.DTLS, next(users))
    assert rung.wait_ended()["code"] == 503
    assert lab.record(refused.call_id)["cause"] == "draining"
    assert leg.bye().status == 200
    call.wait_ended()
    assert lab.record(leg.call_id)["cause"] == "bye_pbx"
    assert lab.rpc("wa_calls.undrain")["drain"] == "off"
    assert options(lab, pbx) == 200
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    leg.bye()
    call.wait_ended()


def test_G09_a_word_that_is_none(lab):
    with pytest.raises(RpcError) as error:
        lab.rpc("wa_calls.drain", "now")
    assert error.value.code == 400


def test_G09_then_it_ends_with_the_last_call(own_lab, start_wire, users):
    lab = own_lab(listed=[numbers.DTLS, numbers.SDES])
    lab.provision()
    pbx = start_wire(lab)
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    socket = str(lab.dir / "kamailio_rpc.sock")
    done = subprocess.run([built("bin/wasbcctl", "wasbcctl"), "-s", socket, "drain", "--exit"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "exit" in done.stdout
    assert options(lab, pbx) == 503
    assert not lab.kamailio.daemon.ended()
    assert leg.bye().status == 200
    call.wait_ended()
    wait_until(lab.kamailio.daemon.ended, 20, "Kamailio has ended")
    assert lab.record(leg.call_id)["cause"] == "bye_pbx"
    assert "the last call is over" in lab.kamailio.daemon.log()
