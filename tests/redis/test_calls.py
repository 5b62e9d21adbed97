# SPDX-License-Identifier: GPL-2.0-or-later
"""Real calls through the whole SBC while its Redis is gone, or holds what it should not."""
import signal

import pytest

from calls import business_calls, user_calls
from lab import numbers
from lab.pbx_wire import WirePbx
from lab.process import wait_until


@pytest.fixture(name="site")
def fixture_site(own_lab):
    lab = own_lab(listed=[numbers.DTLS, numbers.SDES])
    lab.provision()
    return lab


def status(lab):
    return lab.rpc("wa_numbers.status")


def written_elsewhere(lab, digits, **fields):
    """What another node does: the record and an entry in the stream."""
    for name, value in fields.items():
        lab.redis.command("HSET", f"wa:number:{digits}", name, value)
    lab.redis.command("XADD", "wa:changes", "*", "kind", "number", "key", digits, "op", "set")


def calls_work(lab, pbx, users):
    for number in (numbers.DTLS, numbers.SDES):
        call, leg = user_calls(lab, pbx, number, next(users))
        leg.bye()
        call.wait_ended()
        call, leg = business_calls(lab, pbx, number, next(users))
        leg.bye()
        call.wait_ended()


def test_G10_calls_go_on_without_redis_and_changes_catch_up(site, start_pbx, users):
    lab, pbx = site, start_pbx(WirePbx, site)
    host, port = lab.addresses.pbx_sip
    other = start_pbx(WirePbx, lab, name="other", address=(host, port + 1000))
    assert lab.redis.command("SAVE") == "OK"  # a Redis of life has a disk
    lab.redis.daemon.process.send_signal(signal.SIGKILL)
    lab.redis.stop()
    wait_until(lambda: status(lab)["connected"] == 0, 15, "the SBC has noticed")
    calls_work(lab, pbx, users)
    lab.redis.start()
    lab.redis.wait_ready()
    written_elsewhere(lab, numbers.SDES.digits, trunk="other")
    wait_until(lambda: lab.rpc("wa_numbers.show", numbers.SDES.digits)["trunk"] == "other", 15,
               "the change of another node has arrived", lab.kamailio.daemon)
    call = lab.metasim.ring(numbers.SDES, next(users))
    other.incoming().reply(486)
    assert call.wait_ended()["code"] == 486
    assert pbx.received() and not other.received(lambda m: "BYE" in m.start)
    lab.set_password(numbers.DTLS, "changed-after-redis-was-gone")  # and a write of our own
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    leg.bye()
    call.wait_ended()


def test_A02_a_sealed_password_moved_to_another_number_does_not_open(site, start_pbx, users):
    lab, pbx = site, start_pbx(WirePbx, site)
    sealed = lab.redis.command("HGET", f"wa:number:{numbers.DTLS.digits}", "password")
    written_elsewhere(lab, numbers.SDES.digits, password=sealed, waba_id="77")
    wait_until(lambda: lab.rpc("wa_numbers.show", numbers.SDES.digits)["waba_id"] == "77", 15, "the SBC has it",
               lab.kamailio.daemon)

    def stored():
        return lab.redis.command("HGET", f"wa:number:{numbers.SDES.digits}", "password")
    assert stored() == sealed
    leg = pbx.call(next(users), numbers.SDES.digits)
    assert leg.wait_final().status != 200
    wait_until(lambda: f"number {numbers.SDES.digits}: its sealed password is refused" in lab.kamailio.daemon.log(), 15,
               "the refusal is logged", lab.kamailio.daemon)
    assert sealed.split(":")[1] not in lab.kamailio.daemon.log()
    # the next reading of Meta's settings seals it anew
    lab.sync(numbers.SDES)
    assert stored() != sealed
    call, leg = business_calls(lab, pbx, numbers.SDES, next(users))
    leg.bye()
    call.wait_ended()
