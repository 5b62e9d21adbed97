# SPDX-License-Identifier: GPL-2.0-or-later
"""G02: what comes from Meta's side goes to a trunk's gateway or nowhere, whatever it names."""
import itertools

import pytest

from lab import meta_wire, numbers
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME, hostport
from lab.sip import param

FOREIGN = "192.0.2.77:5060"


@pytest.fixture(name="wire")
def fixture_wire(lab, watch):
    wire = meta_wire.WireMeta(lab)
    watch.wires.append(wire)
    yield wire
    wire.stop()


def targets(lab):
    """Hosts that a request of Meta might want to reach through us."""
    return {"meta": META_HOSTNAME, "next hop": hostport(lab.addresses.metasim_sip), "foreign": FOREIGN}


@pytest.mark.parametrize("target", ["meta", "next hop", "foreign"])
def test_G02_a_request_uri_of_elsewhere_goes_nowhere(lab, pbx, wire, user, target):
    """Its host decides nothing: the user part is one of our numbers, or nobody's."""
    mark = lab.metasim.events.mark()
    for called in ("16315559999", "US.123456"):
        dialog = wire.dialog(called, user, uri=f"sip:{called}@{targets(lab)[target]};transport=tls")
        assert dialog.invite().status == 404
    lab.metasim.catch_up()
    assert lab.metasim.messages(mark) == [] and pbx.received() == []


@pytest.mark.parametrize("header, target", itertools.product(["Route", "To", "From", "Contact"], ["meta", "next hop", "foreign"]))
def test_G02_no_header_leads_a_call_elsewhere(lab, pbx, wire, user, header, target):
    """A call that is good in all else rings at the trunk's gateway, and nothing else is sent anywhere."""
    host = targets(lab)[target]
    extra = {"Route": [f"Route: <sip:{host};transport=tls;lr>"]}.get(header, [])
    mark = lab.metasim.events.mark()
    dialog = wire.dialog(numbers.SDES.digits, user, headers=extra)
    replaced = {"To": (f"To: <sip:+{numbers.SDES.digits}@{SBC_HOSTNAME}>", f"To: <sip:+{user}@{host}>"),
                "From": (f"<sip:+{user}@{META_HOSTNAME}>;tag=", f"<sip:+{user}@{host}>;tag="),
                "Contact": (f"Contact: <sip:+{user}@{META_HOSTNAME}", f"Contact: <sip:+{user}@{host}")}.get(header)
    if replaced:
        send = wire.send
        wire.send = lambda text: send(text.replace(*replaced))
    lab.set_password(numbers.SDES, "known-to-this-test")
    challenge = dialog.invite()
    assert challenge.status == 407
    dialog.start(dialog.credentials(challenge, "known-to-this-test"))
    leg = pbx.incoming()
    assert leg.invite.get("Route") is None and hostport(pbx.address) in leg.invite.uri
    assert param(leg.invite.get("To"), "tag") is None
    leg.reply(486)
    leg.expect("ACK")
    assert dialog.final().status == 486
    lab.metasim.catch_up()
    assert [m for _, sent, m in lab.metasim.messages(mark) if not sent] == []


@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE", "REGISTER", "SUBSCRIBE", "BYE", "PUBLISH"])
def test_G02_other_requests_are_never_relayed(lab, pbx, wire, user, method):
    mark = lab.metasim.events.mark()
    dialog = wire.dialog(numbers.SDES.digits, user, uri=f"sip:+{user}@{META_HOSTNAME};transport=tls",
                         headers=[f"Route: <sip:{FOREIGN};transport=tcp;lr>"])
    dialog.cseq = 1
    dialog._request(method, [], "")
    reply = wire.wait(lambda m: m.is_reply and m.call_id == dialog.call_id, f"a reply to {method}")
    assert reply.status in (200, 403, 405, 481)
    lab.metasim.catch_up()
    assert lab.metasim.messages(mark) == [] and pbx.received() == []


def test_G02_hops_are_counted(lab, pbx, wire, user):
    dialog = wire.dialog(numbers.SDES.digits, user)
    send = wire.send
    wire.send = lambda text: send(text.replace("Max-Forwards: 69", "Max-Forwards: 0"))
    assert dialog.invite().status == 483
    assert pbx.received() == []
