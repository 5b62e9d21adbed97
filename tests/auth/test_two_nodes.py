# SPDX-License-Identifier: GPL-2.0-or-later
"""C05: two nodes with one key file and one Redis judge each other's nonces; C03: guessing is bounded."""
import base64
import hashlib
import hmac
import os
import struct
import time

import pytest

from lab import numbers, sip
from lab.addresses import SBC_HOSTNAME
from lab.errors import LabError
from lab.meta_wire import WireMeta
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab, second_node

NUMBER, GUESSED = numbers.SDES, numbers.SDES_G711
PASSWORD = "shared-by-both-nodes"
LIFETIME, SKEW, MAX_WRONG = 60, 30, 100


def knows(node):
    try:
        return int(node.kamailio.rpc("wa_numbers.show", NUMBER.digits)["has_password"])
    except LabError:
        return False


@pytest.fixture(name="nodes", scope="module")
def fixture_nodes():
    with Lab(listed=[NUMBER, GUESSED]) as lab:
        lab.provision()
        for number in (NUMBER, GUESSED):
            lab.set_password(number, PASSWORD)
        other = second_node(lab)
        try:
            wait_until(lambda: knows(other), 15, "node B knows the number")
            yield lab, other
        finally:
            other.kamailio.stop()


class Side:
    """Meta's connections to both nodes, and the PBX behind them."""

    def __init__(self, nodes):
        self.lab, self.other = nodes
        self.a, self.b = WireMeta(self.lab), WireMeta(self.other)
        self.pbx = WirePbx(self.lab)

    def refuse(self, node):
        """The PBX has a call of that node, and is busy."""
        self.pbx.sbc = node.addresses.sip_pbx
        self.pbx.incoming().reply(486)

    def stop(self):
        for part in (self.a, self.b, self.pbx):
            part.stop()


@pytest.fixture(name="side")
def fixture_side(nodes):
    side = Side(nodes)
    yield side
    side.stop()


def stats(node):
    return node.kamailio.rpc("wa_auth.stats")


def judge(side, wire, credentials):
    """Sends an INVITE with these credentials: what the node counts it as, and its reply."""
    node = wire.lab
    before = stats(node)
    dialog = wire.dialog(NUMBER.digits, numbers.USER)
    dialog.start(credentials)
    names = [n for n in before if n == "verified" or n.startswith("verify_")]
    after = wait_until(lambda: next((s for s in [stats(node)] if any(s[n] > before[n] for n in names)), None), 15,
                       "the credentials are judged")
    (outcome,) = [n for n in names if after[n] > before[n]]
    if outcome == "verified":
        side.refuse(node)
    return outcome, dialog.final()


def challenge_of(wire, number=NUMBER):
    dialog = wire.dialog(number.digits, numbers.USER)
    reply = dialog.invite()
    assert reply.status == 407
    return dialog, reply


def test_C05_a_nonce_of_node_a_is_verified_by_node_b_once_per_count(side):
    dialog, asked = challenge_of(side.a)
    first = dialog.credentials(asked, PASSWORD)
    assert judge(side, side.b, first)[0] == "verified"
    outcome, reply = judge(side, side.b, first)
    assert outcome == "verify_replayed" and reply.status == 407
    assert sip.digest(reply.get("Proxy-Authenticate"))["nonce"] != sip.digest(asked.get("Proxy-Authenticate"))["nonce"]
    second = dialog.credentials(asked, PASSWORD, nc="00000002")
    assert judge(side, side.b, second)[0] == "verified"
    assert judge(side, side.b, second)[0] == "verify_replayed"


def test_C05_and_the_other_way_round_after_a_restart(side, nodes):
    lab, other = nodes
    dialog, asked = challenge_of(side.b)
    other.kamailio.stop()
    other.kamailio.start()
    other.kamailio.wait_ready()
    wait_until(lambda: knows(other), 15, "node B knows the number")
    assert judge(side, side.a, dialog.credentials(asked, PASSWORD))[0] == "verified"
    again = WireMeta(other)
    try:
        assert judge(side, again, dialog.credentials(asked, PASSWORD, nc="00000002"))[0] == "verified"
    finally:
        again.stop()


def made(key, age, realm=SBC_HOSTNAME):
    """A 407 as a node whose key file holds `key` has sent it `age` seconds ago."""
    issued = struct.pack(">I", int(time.time()) - age) + os.urandom(8)
    own = hmac.new(key, b"wa-nonce key", hashlib.sha256).digest()
    mac = hmac.new(own, issued + realm.encode(), hashlib.sha256).hexdigest()
    nonce, opaque = issued.hex() + mac[:32], mac[32:48]
    return sip.Message("SIP/2.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Digest "
                       f'realm="{realm}", nonce="{nonce}", opaque="{opaque}", qop="auth"\r\n\r\n')


@pytest.mark.parametrize("age, outcome", [
    (0, "verified"), (LIFETIME - 5, "verified"), (LIFETIME + 5, "verify_stale"), (86400, "verify_stale"),
    (-SKEW + 5, "verified"), (-SKEW - 30, "verify_stale")])
def test_C05_a_nonce_lives_a_minute(side, nodes, age, outcome):
    name, key = (nodes[0].dir / "seal.key").read_text().split()
    assert name == "lab1"
    dialog = side.a.dialog(NUMBER.digits, numbers.USER)
    seen, reply = judge(side, side.a, dialog.credentials(made(base64.b64decode(key), age), PASSWORD))
    assert seen == outcome
    if outcome == "verify_stale":
        assert reply.status == 407 and sip.digest(reply.get("Proxy-Authenticate"))["stale"] == "true"


def test_C05_a_nonce_of_a_stranger_is_none(side):
    dialog = side.a.dialog(NUMBER.digits, numbers.USER)
    seen, reply = judge(side, side.a, dialog.credentials(made(os.urandom(32), 0), PASSWORD))
    assert seen == "verify_stale" and reply.status == 407


def test_C03_guessing_is_counted_told_and_bounded_per_number(side, nodes):
    """Meta's own range is where a guesser would have to be; other numbers are not concerned."""
    lab = nodes[0]
    lab.rpc("cfg.set_now_int", "wa_door", "error_lines", 0)  # each of them is to be read here
    before = stats(lab)
    dialog, asked = challenge_of(side.a, GUESSED)
    for guess in range(MAX_WRONG):
        assert dialog.invite(dialog.credentials(asked, f"guess {guess}")).status == 403
    after = stats(lab)
    assert after["verify_wrong"] - before["verify_wrong"] == MAX_WRONG and after["verify_locked"] == 0
    # from here on the right one looks like any other
    dialog, asked = challenge_of(side.a, GUESSED)
    assert dialog.invite(dialog.credentials(asked, PASSWORD)).status == 403
    assert stats(lab)["verify_locked"] == 1
    log = lab.kamailio.daemon.log()
    assert f"the response is wrong (number {MAX_WRONG} of this address)" in log
    assert f"not looked at: {MAX_WRONG} wrong answers of this address before" in log
    assert "guess 1" not in log and PASSWORD not in log
    dialog, asked = challenge_of(side.a)
    assert judge(side, side.a, dialog.credentials(asked, PASSWORD))[0] == "verified"
