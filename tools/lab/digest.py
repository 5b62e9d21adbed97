# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP digest as the far ends of the SBC compute it, independent of the SBC's own."""
import hashlib
import os

from . import sip

HASHES = {"MD5": lambda t: hashlib.md5(t.encode(), usedforsecurity=False).hexdigest(),
          "SHA-256": lambda t: hashlib.sha256(t.encode()).hexdigest(),
          "SHA-512-256": lambda t: hashlib.new("sha512_256", t.encode()).hexdigest()}


def response(given, password, method, body=""):
    """The response that fits `given`, credentials or what is to become some, by RFC 7616 3.4.1 or,
    without qop, RFC 2069."""
    name = given.get("algorithm", "MD5")
    h = HASHES[name.removesuffix("-sess")]
    a1 = h(f"{given['username']}:{given['realm']}:{password}")
    if name.endswith("-sess"):
        a1 = h(f"{a1}:{given['nonce']}:{given['cnonce']}")
    a2 = f"{method}:{given['uri']}"
    if given.get("qop") == "auth-int":
        a2 += ":" + h(body)
    if "qop" not in given:
        return h(f"{a1}:{given['nonce']}:{h(a2)}")
    return h(f"{a1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{h(a2)}")


def answer(challenge, username, password, method, uri, nc="00000001", cnonce=None):
    """Value of the header that answers a challenge (a header's value) with qop auth."""
    asked = sip.digest(challenge)
    given = {"username": username, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri,
             "cnonce": cnonce or os.urandom(8).hex(), "qop": "auth", "nc": nc}
    bare = {"qop": "auth", "nc": nc}
    for name in ("algorithm", "opaque"):
        if name in asked:
            given[name] = asked[name]
    if "algorithm" in asked:
        bare["algorithm"] = asked["algorithm"]
    given["response"] = response(given, password, method)
    return "Digest " + ", ".join(f"{name}={value}" if name in bare else f'{name}="{value}"'
                                 for name, value in given.items())
