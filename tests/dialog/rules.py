# SPDX-License-Identifier: GPL-2.0-or-later
"""Is all that one far end has had of a call what RFC 3261 wants? As strict as a test can be
that knows both sides: every header by which a request or a reply finds its way."""
import re

from lab.sip import param, uri_of

ROUTING = ("Via", "From", "To", "Call-ID", "CSeq")


class Side:
    """One far end's messages of a call, in order: (sent by it, Message).

    via: what the SBC's Via begins with toward this side, as a pattern."""

    def __init__(self, name, messages, via):
        self.name, self.via = name, via
        self.messages, seen = [], set()
        for sent, message in messages:
            if (sent, message.text) not in seen:  # sent again because the machine is slow
                self.messages.append((sent, message))
            seen.add((sent, message.text))
        self.invites = [m for _, m in self.messages if m.method == "INVITE"]
        self.calls = self.sent("INVITE") != []  # this end is the one that calls
        self.ok = next((m for s, m in self.messages if m.status == 200 and m.cseq_method == "INVITE"), None)

    def sent(self, method):
        return [m for s, m in self.messages if s and m.method == method]

    def got(self, method=None):
        return [m for s, m in self.messages if not s and not m.is_reply and method in (None, m.method)]

    def replies(self):
        return [m for s, m in self.messages if not s and m.is_reply]

    def labels(self):
        """What came from the SBC, but 100, which is hop by hop."""
        return [m.method or f"{m.status} {m.cseq_method}" for s, m in self.messages
                if not s and m.status != 100]

    @property
    def target(self):
        """The URI at which this end wants requests of the call."""
        return uri_of((self.invites[-1] if self.calls else self.ok).get("Contact"))

    @property
    def routes(self):
        """The proxies on this end's side, in the order in which a request passes them."""
        if self.calls:
            return self.invites[-1].values("Record-Route")
        below = self.invites[-1].values("Record-Route")
        own = self.ok.values("Record-Route")
        assert own[len(own) - len(below):] == below, "this end has lost a Record-Route of ours"
        return list(reversed(own[:len(own) - len(below)]))


def check(side):
    """Every rule that holds for one side alone."""
    for request in side.got():
        (via,) = request.values("Via")
        assert re.match(rf"{side.via};", via) and request.branch.startswith("z9hG4bK"), via
        assert 0 < int(request.get("Max-Forwards")) < 70
        for name in ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"):
            assert len(request.all(name)) == 1, f"{request} has {request.all(name)} as {name}"
    branches = [m.branch for m in side.got() if m.method not in ("CANCEL", "ACK")]
    assert len(branches) == len(set(branches))
    if not side.calls:
        _invites(side)
    for request in side.got():
        {"ACK": _ack, "CANCEL": _cancel, "BYE": _within, "INVITE": lambda *_: None}[request.method](side, request)
    for reply in side.replies():
        _reply(side, reply)


def _invites(side):
    """What the SBC has sent: one more for each challenge, all of one dialog."""
    first = side.invites[0]
    for count, invite in enumerate(side.invites):
        assert invite.cseq == first.cseq + count
        for name in ("From", "To", "Call-ID", "Contact"):
            assert invite.get(name) == first.get(name)
        assert invite.uri == first.uri
        assert param(invite.get("From"), "tag") and param(invite.get("To"), "tag") is None
        assert len(invite.all("Contact")) == 1 and invite.get("Route") is None


def _ack(side, ack):
    (invite,) = [m for m in side.invites if m.cseq == ack.cseq]
    (final,) = {m.text: m for s, m in side.messages if s and m.is_reply and m.cseq_method == "INVITE"
                and m.cseq == ack.cseq and m.status >= 200}.values()
    assert ack.call_id == invite.call_id and ack.get("From") == invite.get("From")
    assert ack.get("To") == final.get("To") and ack.body == ""
    if final.status == 200:
        assert ack.branch != invite.branch
        assert ack.uri == side.target and ack.values("Route") == side.routes
        return
    # of a refusal: it belongs to the transaction of the INVITE (RFC 3261 17.1.1.3)
    assert ack.branch == invite.branch and ack.uri == invite.uri
    assert ack.values("Route") == invite.values("Route")


def _cancel(side, cancel):
    invite = side.invites[-1]
    assert cancel.branch == invite.branch and cancel.uri == invite.uri and cancel.cseq == invite.cseq
    for name in ("From", "To", "Call-ID", "Route"):
        assert cancel.get(name) == invite.get(name)


def _within(side, request):
    """A request of the SBC within the call."""
    assert request.uri == side.target and request.values("Route") == side.routes
    assert request.call_id == side.ok.call_id
    mine, other = (side.ok.get("To"), side.ok.get("From")) if side.calls else \
        (side.ok.get("From"), side.ok.get("To"))
    for value, known in ((request.get("From"), mine), (request.get("To"), other)):
        assert (uri_of(value), param(value, "tag")) == (uri_of(known), param(known, "tag"))
        assert param(value, "tag")
    if not side.calls:
        assert request.cseq == side.invites[-1].cseq + 1


def _reply(side, reply):
    (request,) = [m for s, m in side.messages if s and m.method == reply.cseq_method and m.cseq == reply.cseq]
    assert (reply.call_id, reply.get("CSeq"), reply.get("From")) == \
        (request.call_id, request.get("CSeq"), request.get("From"))
    tag = param(request.get("To"), "tag")
    if tag or reply.status == 100:
        assert reply.get("To") == request.get("To")
    else:
        assert reply.get("To").startswith(request.get("To") + ";tag=")
    vias, mine = reply.values("Via"), request.values("Via")
    # RFC 3261 18.2.1, RFC 3581: the top one comes back with received and rport filled in
    assert vias[1:] == mine[1:] and len(vias) == len(mine)
    assert re.sub(r";rport=\d+|;received=[^;]+|;rport\b", "", vias[0]) == re.sub(r";rport\b", "", mine[0])
    if reply.cseq_method == "INVITE" and reply.status == 200:
        assert len(reply.all("Contact")) == 1
        below = request.values("Record-Route")
        assert reply.values("Record-Route")[len(reply.values("Record-Route")) - len(below):] == below


def one_tag(side):
    """All final answers of one transaction are of one dialog."""
    by_request = {}
    for reply in side.replies():
        if reply.status > 100:
            by_request.setdefault((reply.cseq, reply.cseq_method), set()).add(param(reply.get("To"), "tag"))
    assert all(len(tags) == 1 for tags in by_request.values()), by_request
