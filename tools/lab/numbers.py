# SPDX-License-Identifier: GPL-2.0-or-later
"""Which business numbers and trunks are there, and what does each stand for?

Meta knows the numbers with these settings (its configuration), the SBC is given
only their identity and reads the rest from Meta's Graph API, as in life.
"""

APP = "670843887433847"
OTHER_APP = "770000000000001"
WABA = "102290129340398"
TOKEN = "lab-token-that-opens-nothing"
OTHER_TOKEN = "lab-token-of-another-app"


class Number:
    """srtp None: never set, so absent from what Meta answers (means DTLS)."""

    def __init__(self, digits, phone_number_id, trunk="pbx", srtp=None, codecs=(), sip="ENABLED", server=True,
                 params=None, app=APP):
        self.digits, self.id, self.trunk, self.app = digits, phone_number_id, trunk, app
        self.srtp, self.codecs, self.sip, self.server, self.params = srtp, codecs, sip, server, params

    def meta_config(self, hostname, port):
        """The number as metasim's configuration has it."""
        server = {"hostname": hostname, "port": port}
        if self.params:
            server["request_uri_user_params"] = self.params
        calling = {"status": "ENABLED", "sip": {"status": self.sip, "servers": [server] if self.server else []}}
        if self.srtp:
            calling["srtp_key_exchange_protocol"] = self.srtp
        if self.codecs:
            calling["audio"] = {"additional_codecs": list(self.codecs)}
        display = f"+{self.digits[0]} {self.digits[1:4]}-{self.digits[4:7]}-{self.digits[7:]}"
        return {"id": self.id, "waba_id": WABA, "digits": self.digits, "display": display,
                "verified_name": "Lab", "app_id": self.app, "settings": {"calling": calling}}


DTLS = Number("15550001111", "106540352242922")
SDES = Number("15550002222", "106540352242923", srtp="SDES")
DTLS_G711 = Number("15550003333", "106540352242924", srtp="DTLS", codecs=("PCMA", "PCMU"))
SDES_G711 = Number("15550004444", "106540352242925", srtp="SDES", codecs=("PCMA", "PCMU"))
SIP_OFF = Number("15550005555", "106540352242926", sip="DISABLED")
FOREIGN = Number("15550006666", "106540352242927", app=OTHER_APP)  # no entry of our app: no password
GROUPED = Number("15550008888", "106540352242929", trunk="",
                 params={"tgrp": "wacall", "trunk-context": "byoc.example.com"})
GROUPED_CONTEXT = Number("15550008881", "106540352242932", trunk="",
                         params={"tgrp": "wacall", "context": "byoc.example.com"})
GROUPED_LONG = Number("15550008882", "106540352242933", trunk="",
                      params={"tgrp": "g" * 128, "trunk-context": "c" * 128})
GROUPED_AND_TRUNK = Number("15550008883", "106540352242934", trunk="pbx", params=GROUPED.params)
OTHER_TRUNK = Number("15550008884", "106540352242935", trunk="other")
NO_TRUNK = Number("15550008885", "106540352242936", trunk="")
NO_GATEWAY = Number("15550009999", "106540352242930", trunk="down")
OPUS_TRUNK = Number("15550007777", "106540352242928", trunk="opus")
OPUS_SDES = Number("15550007778", "106540352242931", trunk="opus", srtp="SDES")
G722_TRUNK = Number("15550007779", "106540352242937", trunk="g722")
G722_SDES = Number("15550007780", "106540352242938", trunk="g722", srtp="SDES")
PCMA_TRUNK = Number("15550007781", "106540352242939", trunk="pcma")
PCMA_SDES = Number("15550007782", "106540352242940", trunk="pcma", srtp="SDES")
READ = Number("15550006000", "106540352242941")  # what the tests of reading settings change
WRITE = Number("15550006001", "106540352242943")  # what the tests of writing settings change
ROTATE = Number("15550006002", "106540352242944", srtp="SDES")  # whose password they change
UNKNOWN = Number("15550000000", "106540352242942")  # Meta's, but the SBC is not told of it
PROVISIONED = [DTLS, SDES, DTLS_G711, SDES_G711, SIP_OFF, FOREIGN, GROUPED, GROUPED_CONTEXT, GROUPED_LONG,
               GROUPED_AND_TRUNK, OTHER_TRUNK, NO_TRUNK, NO_GATEWAY, OPUS_TRUNK, OPUS_SDES, G722_TRUNK,
               G722_SDES, PCMA_TRUNK, PCMA_SDES, READ, WRITE, ROTATE]
ALL = [*PROVISIONED, UNKNOWN]

USER = "16315551111"


def trunks(addresses):
    """{name: {field: value}} as the operator gives them."""
    host, port = addresses.pbx_sip
    gateway = f"sip:{host}:{port};transport=udp"
    other = f"sip:{host}:{port + 1000};transport=udp"
    found = {"pbx": {"gateways": gateway, "codecs": "PCMU,PCMA"},
            "opus": {"gateways": gateway, "codecs": "OPUS"},
            "g722": {"gateways": gateway, "codecs": "G722"},
            "pcma": {"gateways": gateway, "codecs": "PCMA"},
            "other": {"gateways": other, "codecs": "PCMU,PCMA"},
            "group": {"gateways": other, "codecs": "PCMU,PCMA", "tgrp": "wacall", "context": "byoc.example.com"},
            "long": {"gateways": other, "codecs": "PCMU,PCMA", "tgrp": "g" * 128, "context": "c" * 128},
            "down": {"gateways": f"sip:{host}:{port + 2000};transport=tcp", "codecs": "PCMU,PCMA"}}
    # between two tests there is no PBX that would answer OPTIONS
    return {name: {"options": "0", **fields} for name, fields in found.items()}
