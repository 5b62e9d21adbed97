# SPDX-License-Identifier: GPL-2.0-or-later
"""G14: a node that is led to another rtpengine than the one that has the call leaves no session behind."""
import types

from calls import user_calls
from lab import numbers, process
from lab.addresses import SBC_HOSTNAME, hostport
from lab.rtpengine import Rtpengine
from lab.whole import second_node


def second_engine(lab):
    at = types.SimpleNamespace(**vars(lab.addresses))
    for name in ("rtpengine_ng", "rtpengine_cli", "rtpengine_http"):
        host, port = getattr(at, name)
        setattr(at, name, (host, port + 100))
    part = types.SimpleNamespace(addresses=at, dir=lab.dir / "engine")
    part.dir.mkdir()
    return Rtpengine(part, ["--port-min=45000", "--port-max=45999"])


def test_G14_a_call_that_ends_at_a_node_that_knows_other_instances_leaves_no_session(own_lab, start_wire, users):
    lab = own_lab()
    lab.provision()
    pbx, engine = start_wire(lab), second_engine(lab)
    try:
        engine.wait_ready()
        # of weight 0: there for who has a call with it, never chosen
        node = second_node(lab, RTPENGINE_SOCK=f"udp:{hostport(engine.address)} udp:{hostport(lab.rtpengine.address)}=0")
        try:
            process.wait_until(lambda: node.rpc("wa_numbers.status")["ready"], 20, "the other node has loaded all")
            call, leg = user_calls(lab, pbx, numbers.SDES, next(users))
            assert leg.call_id in lab.rtpengine.calls() and engine.calls() == []
            lab.metasim.command("resolve", host=SBC_HOSTNAME, to=hostport(node.addresses.sip))
            lab.metasim.command("disconnect")
            call.hangup()
            pbx.sbc = node.addresses.sip_pbx
            leg.reply(200, to=leg.expect("BYE"))
            call.wait_ended()
            process.wait_until(lambda: lab.media_sessions() == [], 20, "neither rtpengine nor the relay has the call")
        finally:
            node.kamailio.stop()
    finally:
        engine.stop()
