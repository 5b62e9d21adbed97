# SPDX-License-Identifier: GPL-2.0-or-later
"""The routing script as text: which routes it defines, which it names, where."""
import re
from pathlib import Path

CFG = Path(__file__).resolve().parents[2] / "cfg"
DEFINITION = re.compile(r"^(request_route|reply_route|route|branch_route|onreply_route|failure_route|event_route)"
                        r"(?:\[([\w:-]+)\])?\s*\{", re.M)
CALL = re.compile(r'\b(?:route\(|wa_auth_wait\(")(\w+)[")]')
ARMED = re.compile(r'\bt_on_(branch|reply|failure)\("(\w+)"\)')
KIND_OF = {"branch": "branch_route", "reply": "onreply_route", "failure": "failure_route"}


def files():
    """Every file that kamailio.cfg includes, in order, and itself."""
    top = CFG / "kamailio.cfg"
    names = re.findall(r'^include_file "([^"]+\.cfg)"', top.read_text(), re.M)
    return [top, *(CFG / name for name in names)]


def code(path):
    """The text of a file, comments blanked so that offsets and lines stay."""
    def blank(match):
        return " " * len(match.group()) if match.group().startswith("#") else match.group()
    return re.sub(r'"(?:\\.|[^"\\])*"|#(?!!)[^\n]*', blank, path.read_text())


class Route:
    def __init__(self, path, kind, name, body, line):
        self.path, self.kind, self.name, self.body, self.line = path, kind, name, body, line

    def __repr__(self):
        return f"{self.path.name}:{self.line} {self.kind}[{self.name}]"


def routes():
    return [route for path in files() for route in routes_of(path)]


def routes_of(path):
    text = code(path)
    found = list(DEFINITION.finditer(text))
    for match, following in zip(found, [*found[1:], None]):
        body = text[match.end():following.start() if following else len(text)]
        end = body.index("\n}") if "\n}" in body else len(body)
        yield Route(path, match.group(1), match.group(2) or "", body[:end], text[:match.start()].count("\n") + 1)
