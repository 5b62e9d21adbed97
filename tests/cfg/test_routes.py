# SPDX-License-Identifier: GPL-2.0-or-later
"""What kamailio -c does not notice: routes nobody defines or calls, text taken for a value."""
import re

import script

ROUTES = script.routes()
BY_KIND = {(r.kind, r.name): r for r in ROUTES}


def test_every_file_of_the_folder_is_included():
    below = {p for p in script.CFG.rglob("*.cfg") if not p.name.startswith("site")}
    assert below == set(script.files())


def test_no_route_is_defined_twice():
    assert len(BY_KIND) == len(ROUTES)


def test_every_route_that_is_called_is_defined():
    missing = [(r, name) for r in ROUTES for name in script.CALL.findall(r.body) if ("route", name) not in BY_KIND]
    assert not missing


def test_every_route_that_is_armed_is_defined():
    missing = [(r, name) for r in ROUTES for kind, name in script.ARMED.findall(r.body)
               if (script.KIND_OF[kind], name) not in BY_KIND]
    assert not missing


def test_every_route_is_used():
    used = {("route", name) for r in ROUTES for name in script.CALL.findall(r.body)}
    used |= {(script.KIND_OF[kind], name) for r in ROUTES for kind, name in script.ARMED.findall(r.body)}
    unused = [r for r in ROUTES if r.name and r.kind != "event_route" and (r.kind, r.name) not in used]
    assert not unused


def test_routes_are_armed_in_one_place_only():
    assert {r.path.name for r in ROUTES if "t_on_" in r.body} == {"relay.cfg"}


def test_one_file_only_speaks_to_rtpengine():
    assert {r.path.name for r in ROUTES if re.search(r"\brtpengine_\w+\(", r.body)} == {"media.cfg"}


def test_a_route_fits_on_a_screen():
    long = [(r, r.body.count("\n")) for r in ROUTES if r.body.count("\n") > 45]
    assert not long


def test_every_route_is_named_by_its_topic():
    """Upper case, and the topic before the first underscore."""
    odd = [r for r in ROUTES if r.name and r.kind != "event_route" and not re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)*", r.name)]
    assert not odd


def test_a_slot_is_locked_for_what_is_read_in_it_alone():
    """Each key has a slot of its own: to want a second one is to wait for who has it, who may wait for the first."""
    odd = []
    for r in ROUTES:
        for locked, body in re.findall(r'sht_lock\("([^"]+)"\);(.*?)sht_unlock\("\1"\)', r.body, re.S):
            odd += [(r, key) for key in re.findall(r"\$shtx?\(([^)]+)\)", body) if key != locked]
        assert r.body.count("sht_lock(") == r.body.count("sht_unlock("), r
    assert not odd


def test_no_variable_stands_in_a_string_that_is_not_a_parameter():
    """`$var(x) = "a $fU"` and `"$Ri" == ...` are plain text to Kamailio: only a
    function's parameters are filled in."""
    found = []
    for path in script.files():
        if path.parent.name == "route":
            found += [(path.name, text) for text in operands(script.code(path)) if re.search(r"\$[a-z(]", text)]
    assert not found


def operands(text):
    """The strings that an operator stands beside."""
    for match in re.finditer(r'"(?:\\.|[^"\\])*"', text):
        before, after = text[:match.start()].rstrip(), text[match.end():].lstrip()
        if before.endswith(("=", "+", "~")) or after.startswith(("=", "+", "!")):
            yield match.group()
