# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: the operator's page, in a browser; G06: what it never shows, and to whom nothing is shown."""
import base64
import hashlib
import json
import os
import re
import signal
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from calls import business_calls
from lab import numbers
from lab.addresses import hostport
from lab.browser import Browser
from lab.errors import LabError
from lab.process import wait_until
from lab.whole import Lab

VIEWS = ("overview", "calls", "failures", "numbers", "trunks")


@pytest.fixture(name="chromium", scope="module")
def fixture_chromium():
    with Browser() as browser:
        yield browser


@pytest.fixture(name="page")
def fixture_page(chromium, lab):
    """The page, and nothing that its policy forbade or that failed in its script."""
    chromium.events.clear()
    chromium.size(1280, 900)
    chromium.open(f"http://{hostport(lab.addresses.page)}/")
    chromium.wait("document.querySelectorAll('.tile').length > 5")
    yield chromium
    assert chromium.complaints() == []
    assert all(url.startswith((f"http://{hostport(lab.addresses.page)}/", "data:")) for url in chromium.asked())


def go(page, view):
    page.evaluate(f"location.hash = '{view}'")
    page.wait(f"document.querySelector('#view').dataset.view === '{view}'")


def refuse(lab, pbx, user, reason="No Approved Call Permission Found"):
    lab.metasim.policy(user, refuse={"code": 403, "reason": reason})
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_final()
    lab.record(leg.call_id)
    return leg


def row_of(lab, leg):
    """The button of a call that is over."""
    ident = next(r["id"] for r in lab.rpc("wa_calls.recent", "all", "100")["calls"] if r["call"] == leg.call_id)
    return f"[...document.querySelectorAll('[data-key]')].find(node => node.dataset.key === 'call-{ident}')"


def test_G08_numbers_trunks_calls_failures_and_a_ladder(page, lab, pbx, users):
    user = next(users)
    failed = refuse(lab, pbx, user)
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    page.evaluate("refresh()")
    page.wait("document.querySelectorAll('svg.plot').length === 4 && document.querySelector('#node').innerText === 'in service'")
    go(page, "calls")
    page.wait(f"[...document.querySelectorAll('td')].some(cell => cell.innerText.includes('{numbers.DTLS.digits}'))")
    leg.bye()
    call.wait_ended()
    go(page, "trunks")
    page.wait("[...document.querySelectorAll('summary b')].some(name => name.innerText === 'pbx')")
    page.evaluate("[...document.querySelectorAll('summary')].find(s => s.innerText.includes('pbx')).click()")
    page.wait(f"[...document.querySelectorAll('.gateways code')].some(code => code.innerText.includes('{lab.addresses.pbx}'))")
    go(page, "failures")
    page.wait(f"Boolean({row_of(lab, failed)})")
    assert "ask the user for permission" in page.text()
    page.evaluate(row_of(lab, failed) + ".click()")
    steps = page.wait("document.querySelectorAll('.ladder .arrow').length >= 8 && "
                      "[...document.querySelectorAll('.ladder .arrow')].map(arrow => arrow.innerText)")
    assert steps[0] == "INVITE (SDP)" and "INVITE + digest (SDP)" in steps
    assert "403 No Approved Call Permission Found" in steps
    assert user not in page.text() and user[:4] + "***" in page.text()


def test_G08_a_number_is_found_and_shown(page, lab):
    go(page, "numbers")
    page.wait("document.querySelectorAll('tbody tr').length > 10")
    page.evaluate("document.querySelector('#digits').focus()")
    page.type(numbers.SDES.digits[:-1])
    page.key("Enter", text="\r")
    page.wait(f"document.querySelector('tbody') && [...document.querySelectorAll('tbody button')].every(b => "
              f"b.innerText.startsWith('{numbers.SDES.digits[:-1]}'))")
    page.evaluate(f"[...document.querySelectorAll('tbody button')].find(b => b.innerText === '{numbers.SDES.digits}').click()")
    page.wait("document.querySelector('#detail').open")
    shown = page.text()
    assert "SDES" in shown and numbers.SDES.id in shown
    assert numbers.TOKEN not in shown
    page.evaluate("document.querySelector('#close').click(); search.digits = ''; searchMore(true).then(refresh)")


def test_G06_what_strangers_write_stays_text(page, lab, pbx, user):
    evil = '<img src=x onerror="document.title=1">'
    failed = refuse(lab, pbx, user, reason=f"Denied {evil}")
    go(page, "failures")
    page.evaluate("refresh()")
    page.wait(f"Boolean({row_of(lab, failed)})")
    page.evaluate(row_of(lab, failed) + ".click()")
    page.wait("document.querySelectorAll('.ladder .arrow').length > 3")
    assert evil in page.text()
    assert page.evaluate("document.images.length") == 0 and page.evaluate("document.title") != "1"


def test_G08_by_keyboard_alone(page, lab, pbx, user):
    refuse(lab, pbx, user)
    page.evaluate("document.body.focus()")
    for _ in range(4):  # to the content, Overview, Calls, Failures
        page.key("Tab")
    page.key("Enter", text="\r")
    page.wait("location.hash === '#failures' && document.querySelector('#view').dataset.view === 'failures'")
    page.wait("document.querySelectorAll('#view td button').length > 0")
    for _ in range(10):
        page.key("Tab")
        if page.evaluate("document.activeElement.classList.contains('plain')"):
            break
    key = page.evaluate("document.activeElement.dataset.key")
    assert key.startswith("call-")
    page.key("Enter", text="\r")
    page.wait("document.querySelector('#detail').open && document.querySelector('#detail').contains(document.activeElement)")
    page.key("Escape")
    page.wait("!document.querySelector('#detail').open")
    # the page has been drawn anew meanwhile, and the focus is where it was
    page.evaluate("refresh()")
    page.wait(f"document.activeElement.dataset.key === '{key}'")


def brightness(page):
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


def test_G08_on_a_telephone_nothing_stands_over_the_edge_by_day_and_by_night(page, lab, pbx, user):
    refuse(lab, pbx, user)
    page.size(360, 740, dark=True, phone=True)
    assert brightness(page) < 200
    page.size(360, 740, phone=True)
    assert brightness(page) > 600
    for view in VIEWS:
        go(page, view)
        page.evaluate("refresh()")
        assert page.evaluate("document.documentElement.scrollWidth <= 360"), view


def test_G08_an_sbc_that_does_not_answer_is_told(page, lab):
    """The alarm goes away when there are answers again."""
    page.send("Network.setBlockedURLs", urls=["*/api/*"])
    page.evaluate("refresh()")
    page.wait("document.querySelector('#node').innerText === 'no answer' && document.querySelector('#trouble').innerText")
    page.send("Network.setBlockedURLs", urls=[])
    page.evaluate("refresh()")
    page.wait("document.querySelector('#node').innerText === 'in service' && !document.querySelector('#trouble').innerText")
    page.events.clear()  # the browser has complained of what was blocked


MANY = [f"1999{n:07d}" for n in range(200)]
EVIL = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


@pytest.fixture(name="crowd", scope="module")
def fixture_crowd():
    """An SBC with 201 numbers, of which Meta says what it likes."""
    with Lab(listed=[numbers.DTLS]) as lab:
        lab.provision()
        lab.metasim.command("graph_fault", phone_number_id="9" * 15, status=400, code=100, message=f"Unsupported {EVIL}", count=0)
        jobs = [lab.rpc("wa_numbers.set", digits, f"phone_number_id={'9' * 15}", "trunk=pbx")["job"] for digits in MANY]
        wait_until(lambda: lab.rpc("wa_numbers.job", str(jobs[-1]))["state"] == "done", 20, "they are known")
        wait_until(lambda: EVIL in lab.rpc("wa_numbers.show", MANY[0])["sync_error"], 20, "Meta's answer is known")
        yield lab


@pytest.fixture(name="crowded")
def fixture_crowded(chromium, crowd, watch):
    """Its page."""
    watch.lab(crowd)
    chromium.events.clear()
    chromium.size(1280, 900)
    chromium.open(f"http://{hostport(crowd.addresses.page)}/")
    chromium.wait("document.querySelectorAll('.tile').length > 5")
    return crowd


@pytest.mark.usefixtures("crowded")
def test_G08_G06_many_numbers_and_what_meta_says_of_them(chromium):
    """Page by page, none twice and none missing; Meta's words stay text, in the list and in what is shown of one."""
    page = chromium
    go(page, "numbers")
    page.wait("document.querySelectorAll('tbody tr').length >= 20")
    # as when it is drawn anew in the midst of a search
    page.evaluate("Promise.all([searchMore(true), searchMore(true)]).then(refresh)")
    shown = page.evaluate("document.querySelectorAll('tbody tr').length")
    assert shown == page.evaluate("new Set(search.found.rows.map(row => row.digits)).size") and shown >= 20
    # and while its form asks for other ones than are there
    page.evaluate("search.state = 'error'; refresh()")
    page.wait("document.querySelectorAll('thead th').length === 3")
    page.evaluate("search.state = ''; refresh()")
    page.wait("document.querySelectorAll('tbody tr').length >= 20 && document.querySelectorAll('thead th').length === 6")
    while page.evaluate("Boolean(document.querySelector('[data-key=more]'))"):
        page.evaluate("document.querySelector('[data-key=more]').click()")
        shown = page.wait(f"document.querySelectorAll('tbody tr').length > {shown} && document.querySelectorAll('tbody tr').length")
    listed = page.evaluate("[...document.querySelectorAll('tbody button')].map(button => button.innerText)")
    assert sorted(listed) == sorted([*MANY, numbers.DTLS.digits]) and "201 shown, 201 in all" in page.text()
    assert EVIL in page.text()
    page.evaluate(f"[...document.querySelectorAll('tbody button')].find(b => b.innerText === '{MANY[0]}').click()")
    page.wait("document.querySelector('#detail').open")
    assert EVIL in page.evaluate("document.querySelector('#detail').innerText")
    assert page.evaluate("document.images.length") == 0 and page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.title") == "Numbers · wa-sbc"
    page.size(360, 740, phone=True)
    page.evaluate("document.querySelector('#close').click()")
    assert page.evaluate("document.documentElement.scrollWidth <= 360")
    assert chromium.complaints() == []


def test_G08_an_sbc_that_is_killed_is_told_and_found_again(chromium, crowded):
    """The page stays open: what it showed stays, with the alarm, until there are answers again."""
    page = chromium
    go(page, "numbers")
    page.wait("document.querySelectorAll('tbody tr').length >= 20")
    crowded.kamailio.crash()
    page.evaluate("refresh()")
    page.wait("document.querySelector('#node').innerText === 'no answer' && document.querySelector('#trouble').innerText")
    assert page.evaluate("document.querySelectorAll('tbody tr').length") >= 20
    crowded.kamailio.start()
    crowded.kamailio.wait_ready()
    page.evaluate("refresh()")
    page.wait("document.querySelector('#node').innerText === 'in service' && !document.querySelector('#trouble').innerText")
    page.events.clear()  # the browser has complained of what it could not reach


# --- without a browser --------------------------------------------------------------------------


def ask(lab, path, method="GET", **headers):
    """(status, headers, body)"""
    request = urllib.request.Request(f"http://{hostport(lab.addresses.page)}{path}", method=method,
                                     headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_G08_the_policy_names_this_script_and_this_style(lab):
    status, headers, body = ask(lab, "/")
    assert status == 200
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    for tag, rule in ((b"script", "script-src"), (b"style", "style-src")):
        inside = body.split(b"<" + tag + b">")[1].split(b"</" + tag + b">")[0]
        assert policy[rule] == "'sha256-%s'" % base64.b64encode(hashlib.sha256(inside).digest()).decode()
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert headers["Cache-Control"] == "no-store"


def test_G06_only_our_own_page_asks(lab):
    """A page elsewhere, whose name leads here (DNS rebinding) or that makes a browser ask, gets nothing."""
    path = "/api/wa_calls.stats"
    status, headers, body = ask(lab, path)
    assert status == 200 and "calls" in json.loads(body)["result"]
    assert "Access-Control-Allow-Origin" not in headers
    assert ask(lab, path, Host="evil.example")[0] == 421 and ask(lab, "/", Host="evil.example")[0] == 421
    assert ask(lab, path, Host=f"{lab.addresses.page[0]}.evil.example")[0] == 421
    assert ask(lab, path, Sec_Fetch_Site="cross-site")[0] == 403
    assert ask(lab, path, Sec_Fetch_Site="same-site")[0] == 403
    assert ask(lab, path, Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("path, status", [
    ("/api/wa_calls.hangup?p=x", 404), ("/api/wa_numbers.set?p=1", 404), ("/api/wa_calls.drain", 404), ("/api/core.kill", 404),
    ("/api/", 404), ("/index.html", 404), ("/api/wa_calls.list?q=1", 400), ("/api/wa_calls.list?p=%00", 400),
    ("/api/wa_calls.list?p=" + "1" * 301, 400)])
def test_G06_nothing_can_be_changed_from_there(lab, path, status):
    assert ask(lab, path)[0] == status


def test_G08_faults_are_told_and_other_methods_refused(lab):
    assert ask(lab, "/", method="POST")[0] == 405
    status, _, body = ask(lab, "/api/wa_numbers.show?p=1")
    assert status == 200 and json.loads(body)["error"]["code"] == 400
    # what would break out of the question's JSON stays a text in it
    status, _, body = ask(lab, "/api/wa_calls.recent?p=all&p=1&p=%22%5D%2C%22method%22%3A%22core.kill%22")
    assert status == 200 and json.loads(body)["result"]["calls"] == []


def test_G08_an_rpc_that_hangs_keeps_nobody_waiting(lab):
    """The process that answers is stopped: whoever asks it is told so, and the page is served meanwhile."""
    (pid,) = [process["PID"] for process in lab.rpc("core.psx") if process["DSC"] == "JSONRPCS DATAGRAM"]
    os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as pool:
            hanging = pool.submit(ask, lab, "/api/wa_calls.stats")
            assert ask(lab, "/")[0] == 200 and not hanging.done()
            assert hanging.result(20)[0] == 504
    finally:
        os.kill(pid, signal.SIGCONT)
    assert ask(lab, "/api/wa_calls.stats")[0] == 200


def test_G08_a_page_that_is_not_there_stops_the_start(own_lab):
    with pytest.raises(LabError):
        own_lab(site={"PAGE_FILE": "/nowhere/index.html"}, listed=[numbers.DTLS])
