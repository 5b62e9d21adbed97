# SPDX-License-Identifier: GPL-2.0-or-later
"""What does this SIP message say? As much of RFC 3261 as a test has to read."""
import re

COMPACT = {"v": "via", "f": "from", "t": "to", "m": "contact", "i": "call-id", "l": "content-length",
           "c": "content-type", "k": "supported", "s": "subject", "e": "content-encoding"}


class Message:
    """A parsed message; `text` is what stood on the wire."""

    def __init__(self, text):
        self.text = text
        head, _, self.body = text.replace("\r\n", "\n").partition("\n\n")
        lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip()
            self.headers.append((COMPACT.get(name.lower(), name), value.strip()))
        self.is_reply = self.start.startswith("SIP/2.0 ")
        words = self.start.split(" ", 2)
        self.status = int(words[1]) if self.is_reply else None
        self.reason = words[2] if self.is_reply and len(words) > 2 else None
        self.method = None if self.is_reply else words[0]
        self.uri = None if self.is_reply else words[1]

    def all(self, name):
        """Every value of a header, one per line it stands in, in order."""
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def values(self, name):
        """Like all(), with comma-separated values taken apart."""
        return [v for line in self.all(name) for v in split_list(line)]

    @property
    def cseq(self):
        return int(self.get("CSeq", "0 ").split()[0])

    @property
    def cseq_method(self):
        return self.get("CSeq", "0 ?").split()[1]

    @property
    def call_id(self):
        return self.get("Call-ID")

    @property
    def branch(self):
        return param(self.values("Via")[0], "branch")

    @property
    def label(self):
        """What a ladder shows: "INVITE" or "200 OK"."""
        return self.method or f"{self.status} {self.reason or ''}".strip()

    def __repr__(self):
        return f"<{self.label} {self.cseq} {self.cseq_method} {self.call_id}>"


def from_stream(data):
    """Takes whole messages off what a connection has brought: (messages, rest)."""
    found = []
    while b"\r\n\r\n" in data:
        head, _, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
        size = int(Message(head.decode("utf-8", "replace")).get("Content-Length", "0"))
        if len(rest) < size:
            break
        found.append(Message((head + b"\r\n\r\n" + rest[:size]).decode("utf-8", "replace")))
        data = rest[size:]
    return found, data


def split_list(value):
    """Takes a header value apart at its commas, not at those within <> or ""."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, char in enumerate(value):
        if char == '"' and value[i - 1:i] != "\\":
            quoted = not quoted
        elif not quoted and char in "<>":
            depth += 1 if char == "<" else -1
        elif not quoted and depth == 0 and char == ",":
            parts.append(value[start:i].strip())
            start = i + 1
    return [p for p in [*parts, value[start:].strip()] if p]


def uri_of(value):
    """The URI in a From, To, Contact or Route value, without <>."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def user_of(uri):
    return uri.split(":", 1)[1].rpartition("@")[0].split(";")[0]


def host_of(uri):
    """Host without port and parameters."""
    rest = uri.split(":", 1)[1]
    return re.split(r"[;?>]", rest.rpartition("@")[2])[0].rsplit(":", 1)[0] if "[" not in rest \
        else rest[rest.index("["):rest.index("]") + 1]


def param(value, name):
    """A ;parameter of a header value (outside <>), None when absent."""
    tail = re.sub(r"<[^>]*>", "", value)
    found = re.search(rf";\s*{re.escape(name)}(?:\s*=\s*(\"[^\"]*\"|[^;,\s]*))?(?=[;,\s]|$)", tail, re.I)
    return (found.group(1) or "").strip('"') if found else None


def digest(value):
    """The parameters of a challenge or of credentials: scheme dropped, names in lower case."""
    scheme, _, rest = value.partition(" ")
    found = re.findall(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', rest)
    return {"scheme": scheme, **{name.lower(): quoted or plain for name, quoted, plain in found}}


class Sdp:
    """One audio stream's worth of SDP."""

    def __init__(self, text):
        self.text = text
        self.lines = text.replace("\r\n", "\n").strip().split("\n")
        media = [i for i, line in enumerate(self.lines) if line.startswith("m=")]
        self.media_count = len(media)
        _, port, self.proto, *self.formats = self.lines[media[0]][2:].split() if media else ("", "0", "")
        self.port = int(port.split("/")[0])

    def attributes(self, name):
        """Values of every a=name line ("" for a flag)."""
        return [line[2:].partition(":")[2] for line in self.lines
                if line.startswith("a=") and line[2:].partition(":")[0] == name]

    def has(self, name):
        return bool(self.attributes(name))

    @property
    def address(self):
        found = [line.split()[-1] for line in self.lines if line.startswith("c=")]
        return found[-1] if found else None

    @property
    def codecs(self):
        """{payload type: "opus/48000/2"}, the static ones filled in."""
        static = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000"}
        mapped = dict(a.split(None, 1) for a in self.attributes("rtpmap"))
        return {pt: mapped.get(pt, static.get(pt, "?")) for pt in self.formats}

    def payload_type(self, name):
        """Number of the first codec whose rtpmap begins with `name`, or None."""
        for number, codec in self.codecs.items():
            if codec.lower().startswith(name.lower()):
                return int(number)
        return None
