# SPDX-License-Identifier: GPL-2.0-or-later
"""Who vouches for whom: the lab's certificates, all ECDSA P-256.

A root, an intermediate under it, and leaf certificates that come with the
intermediate, as a public CA hands them out ("full chain"). `stranger` is a
second root nobody trusts.
"""
import ipaddress
import os
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 30


def _named(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alt_name(text):
    kind, value = text.split(":", 1)
    return x509.DNSName(value) if kind == "DNS" else x509.IPAddress(ipaddress.ip_address(value))


def _usage(**what):
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: what.get(name, False) for name in every})


class Certs:
    """File names: <name>.crt (leaf and intermediate), <name>.key, root.crt."""

    def __init__(self, directory):
        self.dir = directory
        self.dir.mkdir(mode=0o700)
        self._issuers = {}  # name: (subject, key, PEM of the certificate)
        self._issuer("root", None)
        self._issuer("intermediate", "root")
        self._issuer("stranger", None)
        self.ca = self.dir / "root.crt"
        self.stranger_ca = self.dir / "stranger.crt"

    def leaf(self, name, *alt_names, issuer="intermediate", days=DAYS):
        """Makes name.crt/name.key valid for alt_names ("DNS:x", "IP:y"), `days` from
        now; fewer than 0: it ended so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(alt_names[0].split(":", 1)[1])
        chain = self._signed(subject, key, issuer, [
            (x509.BasicConstraints(ca=False, path_length=None), True), (_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
            (x509.SubjectAlternativeName([_alt_name(text) for text in alt_names]), False)], days)
        if issuer != "stranger":
            chain += self._issuers[issuer][2]
        return self._write(name, key, chain)

    def _issuer(self, name, above):
        key, subject = ec.generate_private_key(ec.SECP256R1()), _named(f"wa-sbc lab {name}")
        self._issuers[name] = subject, key, b""
        pem = self._signed(subject, key, above or name, [
            (x509.BasicConstraints(ca=True, path_length=0 if above else None), True),
            (_usage(key_cert_sign=True, crl_sign=True), True)], DAYS)
        self._issuers[name] = subject, key, pem
        self._write(name, key, pem)

    def _signed(self, subject, key, issuer, extensions, days):
        """PEM of a certificate."""
        by, by_key, _ = self._issuers[issuer]
        end = datetime.now(timezone.utc) + timedelta(days=days)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(min(datetime.now(timezone.utc), end) - timedelta(days=1)).not_valid_after(end))
        extensions = [*extensions, (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
                      (x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), False)]
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(by_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _write(self, name, key, chain):
        crt, secret = self.dir / f"{name}.crt", self.dir / f"{name}.key"
        crt.write_bytes(chain)
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                        serialization.NoEncryption()))
        return crt, secret
