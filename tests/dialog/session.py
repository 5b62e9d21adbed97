# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of a PBX within a call, and what Meta has seen meanwhile."""
from calls import business_calls, user_calls
from lab.sip import Sdp

DIRECTIONS = ("user", "business")


def establish(lab, pbx, number, user, direction, hz=1000, **how):
    """A call that is up. Returns Meta's call and the PBX's leg, whose next CSeq is free."""
    if direction == "business":
        call, leg = business_calls(lab, pbx, number, user, hz=hz, **how)
        invite = call.received(lambda m: m.method == "INVITE")[-1]
        call.wait_received(lambda m: m.method == "ACK" and m.cseq == invite.cseq, "the ACK of the 200")
    else:
        call, leg = user_calls(lab, pbx, number, user, hz=hz, **how)
        leg.cseq = 100  # the PBX's own sequence
    return call, leg


def final(leg, sent, seconds=10):
    """The final reply to a request that the leg has sent."""
    return leg.pbx.wait(lambda m: m.is_reply and m.call_id == leg.call_id and m.cseq == sent.cseq
                        and m.cseq_method == sent.method and m.branch == sent.branch and m.status >= 200,
                        f"a final reply to {sent.method} {sent.cseq}", seconds)


def ask(leg, method, **how):
    return final(leg, leg.request(method, **how))


def reinvite(leg, sdp=None, ack=True, ack_sdp=None, **how):
    """Sends a re-INVITE and, to a 200, the ACK; returns the final reply."""
    sent = leg.request("INVITE", sdp=sdp, **how)
    reply = final(leg, sent)
    if reply.status >= 300:
        leg.request("ACK", cseq=sent.cseq, branch=sent.branch)
    elif ack:
        leg.request("ACK", cseq=sent.cseq, sdp=ack_sdp)
    return reply


def offer(leg, direction="sendrecv", media=None, host=None, version=2):
    """The leg's SDP with another direction, stream or connection address."""
    stream = media or leg.media
    lines = leg.sdp().split("\r\n")
    for i, line in enumerate(lines):
        if line.startswith("o="):
            lines[i] = f"o=- {leg.media.port} {version} IN IP4 {leg.media.host}"
        elif line.startswith("c="):
            lines[i] = f"c=IN IP4 {host or stream.host}"
        elif line.startswith("m="):
            lines[i] = line.replace(str(leg.media.port), str(stream.port), 1)
        elif line.startswith("a=sendrecv"):
            lines[i] = f"a={direction}"
    return "\r\n".join(lines)


def origin(sdp):
    """(session id, version) of an SDP's o= line."""
    fields = next(line for line in sdp.splitlines() if line.startswith("o=")).split()
    return fields[1], int(fields[2])


def direction_of(reply):
    for word in ("sendrecv", "sendonly", "recvonly", "inactive"):
        if f"a={word}" in reply.body:
            return word
    return "sendrecv"


class Undisturbed:
    """with Undisturbed(call): Meta gets no SIP message of this call."""

    def __init__(self, call):
        self.call = call

    def __enter__(self):
        self.before = len(self.call.received())

    def __exit__(self, kind, value, trace):
        if kind is None:
            assert [m.start for m in self.call.received()[self.before:]] == []


__all__ = ["DIRECTIONS", "Sdp", "Undisturbed", "ask", "direction_of", "establish", "final", "offer", "origin",
           "reinvite"]
