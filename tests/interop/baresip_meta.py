# SPDX-License-Identifier: GPL-2.0-or-later
"""baresip in Meta's place: SIP by TLS with a digest, ICE, DTLS-SRTP, Opus. It stands where the lab's
Meta would have one user, and answers what comes in."""
from lab.addresses import META_HOSTNAME, hostport
from lab.numbers import USER
from lab.pbx_baresip import BaresipPbx


class BaresipMeta(BaresipPbx):
    modules = [*BaresipPbx.modules, "srtp", "dtls_srtp", "ice"]

    def __init__(self, lab, number, password, tls_port):
        """number: the business whose password the user's calls are answered with."""
        self.business, self.password = number, password
        super().__init__(lab, codecs=("OPUS",), name="baresip-meta", transport="tls",
                         address=(lab.addresses.meta, tls_port - 1))

    def settings(self):
        certs = self.lab.certs.dir
        both = self.dir / "meta.key"  # certificate and key in one file
        both.touch(0o600)
        both.write_bytes((certs / "meta.key").read_bytes() + (certs / "meta.crt").read_bytes())
        mine = {"sip_certificate": both, "net_interface": self.address[0],
                "rtcp_mux": "yes"}
        return [*((k, v) for k, v in super().settings() if k not in mine), *mine.items()]

    def account(self, transport):
        proxy = f"sip:{hostport(self.lab.addresses.sip)};transport={transport}"
        return (f"<sip:+{USER}@{META_HOSTNAME};transport={transport}>;auth_user={self.business.digits};"
                f"auth_pass={self.password};outbound=\"{proxy}\";mediaenc=dtls_srtp;medianat=ice")
