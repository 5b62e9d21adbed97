# SPDX-License-Identifier: GPL-2.0-or-later
"""Who vouches for whom: the lab's certificates, all ECDSA P-256.

A root, an intermediate under it, and leaf certificates that come with the
intermediate, as a public CA hands them out ("full chain"). `stranger` is a
second root nobody trusts.
"""
import subprocess

from .errors import LabError
from .process import program

DAYS = "30"


class Certs:
    """File names: <name>.crt (leaf and intermediate), <name>.key, ca.crt."""

    def __init__(self, directory):
        self.dir = directory
        self.dir.mkdir(mode=0o700)
        self._root("root")
        self._signed("intermediate", "/CN=wa-sbc lab intermediate", "root",
                     "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign")
        self._root("stranger")
        self.ca = self.dir / "root.crt"
        self.stranger_ca = self.dir / "stranger.crt"

    def leaf(self, name, *alt_names, issuer="intermediate"):
        """Makes name.crt/name.key valid for alt_names ("DNS:x", "IP:y")."""
        common = alt_names[0].split(":", 1)[1]
        self._signed(name, f"/CN={common}", issuer,
                     "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                     "extendedKeyUsage=serverAuth,clientAuth\n"
                     f"subjectAltName={','.join(alt_names)}")
        chain = self.dir / f"{name}.crt"
        if issuer != "stranger":
            chain.write_bytes(chain.read_bytes() + (self.dir / f"{issuer}.crt").read_bytes())
        return chain, self.dir / f"{name}.key"

    def _root(self, name):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", DAYS,
                      "-subj", f"/CN=wa-sbc lab {name}",
                      "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _signed(self, name, subject, issuer, extensions):
        (self.dir / f"{name}.ext").write_text(extensions + "\n")
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key",
                      "-CAcreateserial", "-days", DAYS, "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def _openssl(self, *argv):
        done = subprocess.run([program("openssl"), *argv], cwd=self.dir, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise LabError(f"openssl {argv[0]} failed: {done.stderr.strip().splitlines()[-1]}")
