# SPDX-License-Identifier: GPL-2.0-or-later
"""Methods that Meta does not have: answered here, whatever the direction of the call."""
import pytest

from lab import numbers
from session import DIRECTIONS, Undisturbed, ask, establish


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E03_methods_that_never_reach_meta(lab, pbx, user, direction):
    call, leg = establish(lab, pbx, numbers.DTLS, user, direction)
    with Undisturbed(call):
        assert ask(leg, "REFER", headers=["Refer-To: <sip:other@192.0.2.1>", "Referred-By: <sip:a@192.0.2.1>"]).status == 603
        for method, headers in (("MESSAGE", []), ("SUBSCRIBE", ["Event: dialog", "Expires: 60"]),
                                ("NOTIFY", ["Event: refer", "Subscription-State: active"]), ("PUBLISH", []),
                                ("PRACK", ["RAck: 1 1 INVITE"])):
            refused = ask(leg, method, headers=headers)
            assert refused.status == 405 and "UPDATE" in refused.get("Allow"), method
        assert ask(leg, "OPTIONS").status == 200
        assert ask(leg, "INFO").status == 200
        other = ask(leg, "INFO", sdp="v=0\r\n")
        assert other.status == 415 and "application/dtmf-relay" in other.get("Accept")
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"
