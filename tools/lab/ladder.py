# SPDX-License-Identifier: GPL-2.0-or-later
"""How does a call look? Three columns: WhatsApp, the SBC, the PBX.

    ms     WhatsApp            SBC                PBX
       0       |---- INVITE --->|                  |
"""

WIDTH = 26


class Step:
    """One message: at (s), between WhatsApp and SBC ("meta") or SBC and PBX
    ("pbx"), to the right or not, and what to write above the arrow."""

    def __init__(self, at, leg, right, label):
        self.at, self.leg, self.right, self.label = at, leg, right, label


def arrow(label, right):
    label = label if len(label) <= WIDTH - 6 else label[:WIDTH - 7] + "…"
    text = f" {label} ".center(WIDTH - 1, "─")
    return f"{text}>" if right else f"<{text}"


def draw(steps, indent="  "):
    """Text lines, times in ms from the first step."""
    steps = sorted(steps, key=lambda s: s.at)
    if not steps:
        return [f"{indent}(no message seen)"]
    start = steps[0].at
    blank = " " * WIDTH
    heads = "WhatsApp".ljust(WIDTH - 1) + "SBC".center(5) + "PBX".rjust(WIDTH - 1)
    lines = [f"{indent}{'ms':>6}  {heads}"]
    for step in steps:
        mine = arrow(step.label, step.right)
        left, right = (mine, blank) if step.leg == "meta" else (blank, mine)
        lines.append(f"{indent}{(step.at - start) * 1000:6.0f}  │{left}│{right}│")
    return lines


def steps(meta, pbxes=(), wires=(), since=0):
    """Steps from what was seen: `meta` is metasim's messages(), `wires` are WireMetas;
    of the PBXes' traces what follows the mark `since`."""
    found = [Step(at, "meta", sent, label(message)) for at, sent, message in meta
             if message.cseq_method != "OPTIONS"]
    for wire in wires:
        found += [Step(at, "meta", sent, label(message)) for at, sent, message in wire.trace.since()]
    for pbx in pbxes:
        found += [Step(at, "pbx", not sent, label(message)) for at, sent, message in pbx.trace.since(since)]
    return found


def label(message):
    signed = message.get("Proxy-Authorization") or message.get("Authorization")
    return f"{message.label} + digest" if signed else message.label
