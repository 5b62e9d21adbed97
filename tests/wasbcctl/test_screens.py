# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: top and trace on a terminal: as wide as it is, ended by a key, and leaving it as it was."""
import os
import signal
import socket

import pytest
from terminal import Terminal

import calls
from lab import numbers
from lab.process import wait_until
from lab.rundir import built

N = numbers.SDES
SIZES = [(80, 24), (120, 40), (60, 20)]


@pytest.fixture(name="show")
def fixture_show(lab):
    """show(*words, columns=, lines=): wasbcctl in a terminal."""
    made = []

    def show(*words, socket_path=lab.dir / "kamailio_rpc.sock", **how):
        made.append(Terminal([built("bin/wasbcctl", "build"), "-s", socket_path, *words], **how))
        return made[-1]
    yield show
    for terminal in made:
        terminal.close()


@pytest.fixture(name="rows")
def fixture_rows(lab, pbx, users):
    """So many rows of top there are at least: each of these numbers has had a call, and its trunk."""
    each = [numbers.DTLS, numbers.SDES, numbers.DTLS_G711, numbers.SDES_G711, numbers.PCMA_TRUNK, numbers.PCMA_SDES]
    for number in each:
        user = next(users)
        lab.metasim.policy(user, refuse={"code": 486, "reason": "Busy Here"})
        assert pbx.call(user, number.digits).wait_final().status == 486
    return len(each) + 2


def drawn(lines):
    """A whole look: the head, the names of the columns, rows, and how it ends."""
    filled = [line for line in lines if line]
    return len(filled) > 3 and " calls, " in lines[0] and lines[1] == "" and lines[2].startswith("of ") \
        and filled[-1].endswith("q ends") and all(line.split()[0] in ("number", "trunk") for line in filled[2:-1])


@pytest.mark.parametrize("columns, lines", SIZES)
def test_G08_top_fits_the_screen(show, rows, columns, lines):
    seen = show("top", "--interval", "1", columns=columns, lines=lines).wait(drawn, "top is drawn")
    assert len([line for line in seen if line.startswith(("number ", "trunk "))]) >= rows
    assert ("per s" in seen[2]) == (columns >= 80) and ("ago" in seen[2]) == (columns >= 100)
    # causes are whole on each
    assert [line for line in seen if line.endswith(" declined")] and seen[2].endswith("last failure")


def test_G08_top_follows_the_size_of_the_screen(show, rows):
    """At once: the next look would be in an hour."""
    terminal = show("top", "--interval", "3600", columns=80, lines=24)
    terminal.wait(drawn, "top is drawn")
    terminal.resize(120, 8)
    seen = terminal.wait(lambda now: drawn(now) and "ago" in now[2], "it is wider")
    assert len([line for line in seen if line]) == 6 and seen[-1] == ""
    hidden = int(seen[-2].split()[0])
    assert hidden >= rows - 3 and seen[-2] == f"{hidden} more, with fewer calls; q ends"
    terminal.resize(80, 100)  # whatever others have called in this lab
    terminal.wait(lambda now: drawn(now) and "ago" not in now[2] and "more" not in "".join(now), "it is higher")


@pytest.mark.parametrize("words", [("top", "--interval", "3600"), ("trace", N.digits)], ids=["top", "trace"])
@pytest.mark.parametrize("keys, status", [(b"q", 0), (b"\r", 0), (b"xy\x00q", 0), (b"\x03", -signal.SIGINT)],
                         ids=["q", "enter", "other_keys_first", "ctrl_c"])
@pytest.mark.usefixtures("rows")
def test_G08_a_key_ends_it_and_the_terminal_is_as_before(show, words, keys, status):
    terminal = show(*words)
    seen = terminal.wait_text("q ends")
    terminal.wait(lambda _: terminal.takes_keys(), "keys are taken")
    terminal.press(keys)
    assert terminal.ended() == status
    assert terminal.lines()[:3] == seen[:3]  # what was seen last is still there, and no key


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("words", [("top", "--interval", "1"), ("trace", N.digits)], ids=["top", "trace"])
def test_G08_an_sbc_that_goes_meanwhile_is_told(lab, show, tmp_path, words):
    """What is left of one that was killed is a socket that nobody reads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
        dead.bind(str(tmp_path / "dead"))
    path, other = tmp_path / "sock", tmp_path / "other"
    path.symlink_to(lab.dir / "kamailio_rpc.sock")
    other.symlink_to(tmp_path / "dead")
    terminal = show(*words, socket_path=path)
    terminal.wait_text("q ends")
    os.replace(other, path)
    assert terminal.ended() == 3
    terminal.wait_text("is it running?")


@pytest.mark.usefixtures("rows")
def test_G08_a_terminal_that_cannot_gets_one_look(show):
    terminal = show("top", lines=100, TERM="dumb")
    assert terminal.ended() == 0
    terminal.wait_text("answer_rate")
    assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_G08_trace_draws_a_ladder_as_wide_as_the_screen(show, lab, pbx, user, columns):
    terminal = show("trace", N.digits, "--last", "0", columns=columns, lines=40)
    terminal.wait_text("waiting for calls of")
    call, leg = calls.business_calls(lab, pbx, N, user)
    call.wait("acked")  # ACK and BYE go through two workers, which may take them in either order
    leg.bye()
    call.wait_ended()
    ours = wait_until(lambda: [c["id"] for c in lab.rpc("wa_calls.recent")["calls"] if c["call"] == leg.call_id], 15,
                      "it is over")[0]
    seen = terminal.wait(lambda now: any(line.startswith(f"# {ours}  ended:") for line in now), "the call is over")
    short = ours[9:17] if columns < 88 else ours[:17]
    steps = [line for line in seen if line[14:].startswith(short)]
    assert len(steps) >= 14  # a message a line: nothing is wrapped
    at = {line.index(" SBC") for line in steps}
    assert len(at) == 1 and {line.index(" SBC") for line in seen if line.startswith("UTC ")} == at
    assert any("INVITE sdp" in line.split(" SBC ")[-1] for line in steps)
    assert user not in "\n".join(seen)


def test_G08_trace_of_nobody_says_so(show):
    terminal = show("trace", "pbxx")
    terminal.wait_text("pbxx is neither a number nor a trunk here")
    terminal.press(b"q")
    assert terminal.ended() == 0
