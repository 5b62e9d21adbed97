# SPDX-License-Identifier: GPL-2.0-or-later
"""One call with aiortc in Meta's place: `aiortc_call.py in|out`, in a namespace. Prints what was heard, as JSON."""
import json
import sys

from aiortc_end import AiortcEnd
from meta_server import MetaServer

from lab import numbers, process, sip
from lab.addresses import hostport
from lab.meta_wire import WireMeta
from lab.pbx_wire import WirePbx
from lab.whole import Lab

PORT = 15099


def site(lab_net):
    return {"META_NEXT_HOP": f"sip:{lab_net}.1.3:{PORT};transport=tls"}


def both_hear(end, leg):
    process.wait_until(lambda: end.heard().seconds > 1.5 and leg.media.heard().seconds > 1.5, 30, "both hear", pause=0.2)
    tones = {"whatsapp": end.heard(), "pbx": leg.media.heard()}
    return {"state": end.state(), **{who: {"hz": t.hz, "dbov": t.dbov, "purity": t.purity, "hole": t.hole}
                                     for who, t in tones.items()}}


def user_rings(lab, pbx):
    meta, end = WireMeta(lab), AiortcEnd(lab.addresses.meta)
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 0)
    dialog = meta.dialog(numbers.DTLS.digits, numbers.USER, sdp=end.offer())
    dialog.start()
    leg = pbx.incoming()
    leg.answer(hz=1000)
    reply = dialog.final()
    end.accept(reply.body)
    contact = sip.uri_of(reply.get("Contact"))
    meta.send(request("ACK", dialog, contact, reply.get("To")))
    leg.expect("ACK")
    result = both_hear(end, leg)
    meta.send(request("BYE", dialog, contact, reply.get("To")))
    leg.reply(200, to=leg.expect("BYE"))
    return result


def request(method, dialog, contact, to):
    return "\r\n".join([
        f"{method} {contact} SIP/2.0", f"Via: SIP/2.0/TLS [2803:6080::1]:4361;rport;branch=z9hG4bKPj{method}{dialog.tag}",
        "Max-Forwards: 70", f"From: {dialog.last.get('From')}", f"To: {to}", f"Call-ID: {dialog.call_id}",
        f"CSeq: {dialog.cseq + (method == 'BYE')} {method}", "Content-Length: 0", "", ""])


def business_rings(lab, pbx):
    end = AiortcEnd(lab.addresses.meta)
    server = MetaServer(lab, end.answer, PORT)
    leg = pbx.call(numbers.USER, numbers.DTLS.digits)
    reply = leg.wait_final()
    assert reply.status == 200, reply.start
    leg.play(1000)
    server.wait("ACK")
    result = both_hear(end, leg)
    leg.bye()
    server.wait("BYE")
    return result


def main(direction):
    net = "10.77"
    with Lab(site=site(net)) as lab:
        lab.provision()
        assert hostport(lab.addresses.metasim_sip).startswith(net)
        pbx = WirePbx(lab)
        try:
            result = (user_rings if direction == "in" else business_rings)(lab, pbx)
        finally:
            pbx.stop()
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
