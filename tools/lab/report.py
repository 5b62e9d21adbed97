# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of one call: was it right, and what was measured?"""
from . import sip

TOLERANCE_HZ = 10
QUIETEST = -30.0  # dBov; both ends play -9 and -20
PURITY = 0.85


class Verdict:
    """A call's facts, as (name, text), and the reasons why it was not right."""

    def __init__(self, title):
        self.title, self.facts, self.faults, self.ladder = title, [], [], []

    def fact(self, name, text):
        self.facts.append((name, text))

    def require(self, good, fault):
        if not good:
            self.faults.append(fault)

    @property
    def right(self):
        return not self.faults

    def lines(self, paint):
        verdict = paint("PASS", 32) if self.right else paint("FAIL", 31)
        yield f"{paint(self.title, 1)}  {verdict}"
        yield from self.ladder
        for name, text in self.facts:
            yield f"  {name:<14} {text}"
        for fault in self.faults:
            yield f"  {paint('wrong', 31):<14} {fault}"


def judge(title, call, pbx, heard, played, violations):
    """call: a MetaCall that is over; pbx: (time, sent by PBX, Message) of this call;
    heard: the Tone at the PBX; played: the frequencies (by the PBX, by WhatsApp)."""
    verdict = Verdict(title)
    stats = call.stats()
    by_pbx, by_user = played
    _key_exchange(verdict, stats)
    _codecs(verdict, stats, pbx)
    _answer(verdict, call, pbx)
    _first_packet(verdict, stats)
    _tone(verdict, "WhatsApp hears", stats["heard"]["hz"], stats["heard"]["dbov"], stats["heard"]["purity"], by_pbx)
    _tone(verdict, "PBX hears", heard.hz, heard.dbov, heard.purity, by_user)
    lost, clear = stats["rx"]["lost"], stats["srtp"]["clear"] + stats["srtp"]["clear_rtcp"]
    verdict.fact("packets", f"{stats['rx']['packets']} to WhatsApp, {lost} lost; {clear} in clear, "
                            f"{stats['srtp']['undecryptable']} that did not decrypt; "
                            f"{stats['tx']['packets']} from WhatsApp")
    verdict.require(lost == 0, f"{lost} packets were lost on loopback")
    verdict.require(clear == 0, f"{clear} packets left in clear")
    verdict.require(stats["srtp"]["undecryptable"] == 0, "packets that WhatsApp could not decrypt")
    for violation in violations:
        verdict.require(False, f"Meta objects: {violation}")
    return verdict


def _key_exchange(verdict, stats):
    text = f"{stats['key_exchange']}, {stats['suite']}"
    if stats["key_exchange"] == "DTLS":
        side = {"server": "active (client)", "client": "passive (server)"}[stats["dtls"]["role"]]
        text += f"; SBC {side}, {stats['dtls']['peer_key']}, up {_ms(stats['dtls']['up_ms'])} after the 200 OK"
        verdict.require(stats["dtls"]["up"], "the DTLS handshake did not end")
    verdict.fact("keys", text)


def _codecs(verdict, stats, pbx):
    answers = [m for _, _, m in pbx if m.status == 200 and m.cseq_method == "INVITE" and m.body]
    codec = next(iter(sip.Sdp(answers[-1].body).codecs.values()), "?") if answers else "?"
    verdict.fact("codecs", f"{stats['codec']} toward WhatsApp, {codec} toward the PBX")


def _answer(verdict, call, pbx):
    """From the caller's first INVITE to the 200 OK that the caller got."""
    by_pbx = any(sent and m.method == "INVITE" for _, sent, m in pbx)
    messages = pbx if by_pbx else call.messages()
    invite = next((at for at, _, m in messages if m.method == "INVITE"), None)
    answer = next((at for at, _, m in messages if m.status == 200 and m.cseq_method == "INVITE"), None)
    verdict.require(answer is not None, "the call was never answered")
    if answer is not None:
        verdict.fact("answered", f"{(answer - invite) * 1000:.0f} ms after the INVITE")


def _first_packet(verdict, stats):
    first = stats["first"]
    sender = {"business": "the SBC", "meta": "WhatsApp", "none": "nobody"}[first["sender"]]
    when = f", {_ms(first['rx_ms'])} after the 200 OK" if first["sender"] == "business" else ""
    verdict.fact("first SRTP", f"sent by {sender}{when}")
    verdict.require(first["sender"] == "business", f"the first SRTP packet has to be ours; sent by {sender}")
    verdict.require(stats["early"]["packets"] == 0, "RTP before the 200 OK")


def _tone(verdict, who, hz, dbov, purity, expected):
    verdict.fact(who, f"{hz:.0f} Hz at {dbov:.1f} dBov ({expected} Hz played)")
    verdict.require(abs(hz - expected) <= TOLERANCE_HZ, f"{who} {hz:.0f} Hz instead of {expected} Hz")
    verdict.require(dbov > QUIETEST, f"{who} a tone that is too quiet ({dbov:.1f} dBov)")
    verdict.require(purity > PURITY, f"{who} more than the tone (purity {purity:.2f})")


def _ms(value):
    return "never" if value is None else f"{value:.0f} ms"
