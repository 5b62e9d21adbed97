# SPDX-License-Identifier: GPL-2.0-or-later
"""One call with baresip in Meta's place: `baresip_call.py in|out`, in a namespace. Prints what was heard, as JSON."""
import json
import sys

from baresip_meta import BaresipMeta

from lab import numbers, process
from lab.pbx_wire import WirePbx
from lab.whole import Lab

PORT = 15099
SBC = "10.77.1.1"


def measured(tone):
    return {"hz": tone.hz, "dbov": tone.dbov, "purity": tone.purity}


def main(direction):
    # baresip's connections come from the address they go to: in a namespace they may be Meta's, too
    # and baresip asks DNS, not the hosts file, for a name that stands in a Record-Route
    site = {"META_NEXT_HOP": f"sip:10.77.1.3:{PORT};transport=tls", "META_SOURCES": "10.77.1.3/32,10.77.1.1/32",
            "SBC_HOSTNAME": SBC}
    with Lab(site=site) as lab:
        lab.provision()
        lab.set_password(numbers.DTLS, "for-baresip-1")
        pbx, meta = WirePbx(lab), BaresipMeta(lab, numbers.DTLS, "for-baresip-1", PORT)
        try:
            meta.wait_ready()
            if direction == "in":
                meta.command("dial", f"sip:+{numbers.DTLS.digits}@{SBC}")
                leg = pbx.incoming()
                leg.answer(hz=1000)
                leg.expect("ACK")
            else:
                leg = pbx.call(numbers.USER, numbers.DTLS.digits)
                reply = leg.wait_final()
                assert reply.status == 200, reply.start
                leg.play(1000)
            process.wait_until(lambda: leg.media.heard().seconds > 3, 30, "the PBX hears baresip", pause=0.2)
            if direction == "in":
                meta.hangup()
                leg.reply(200, to=leg.expect("BYE"))
            else:
                assert leg.bye().status == 200
            meta.wait_event("CALL_CLOSED")
            challenged = sum(not sent and m.is_reply and m.status == 407 for _, sent, m in meta.trace.since())
            print(json.dumps({"whatsapp": measured(meta.heard()), "pbx": measured(leg.media.heard()),
                              "challenged": challenged}))
        finally:
            meta.stop()
            pbx.stop()


if __name__ == "__main__":
    main(sys.argv[1])
