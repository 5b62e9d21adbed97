# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: metrics: what the running SBC shows, in what form, and to whom."""
import re
import socket
import urllib.error

import pytest

import exposition
from calls import business_calls
from exposition import scrape, text
from lab import numbers
from lab.errors import LabError
from lab.process import wait_until


def test_G08_the_form_is_right_and_every_group_is_there(lab):
    samples = scrape(lab)
    for prefix in ("wasbc_auth_", "wasbc_media_", "wasbc_numbers_", "wasbc_settings_", "wasbc_tls_"):
        assert any(name.startswith(prefix) for name in samples), prefix
    assert exposition.value(samples, "wasbc_numbers_connected") == 1
    assert exposition.value(samples, "wasbc_redis_lag_seconds_count") > 0
    # the lab's certificates last for days, not for hours
    assert exposition.value(samples, "wasbc_certificate_readable") == 1
    assert exposition.value(samples, "wasbc_certificate_seconds") > 86400


def test_G08_calls_by_leg_direction_result_and_reason(lab, pbx, users):
    before = scrape(lab)
    user, refused = next(users), next(users)
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(180)
    lab.metasim.wait("progress", call=call.name, code=180)  # two workers may take a 180 and a 200 in either order
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    wait_until(lambda: lab.rpc("wa_calls.show", leg.call_id)["first_ms"] >= 0, 10, "the first packet went out")
    during = scrape(lab)
    assert exposition.value(during, "wasbc_calls", direction="in", state="answered") == 1
    leg.bye()
    call.wait_ended()
    lab.metasim.policy(refused, refuse={"code": 403, "reason": "No Approved Call Permission Found"})
    leg = pbx.call(refused, numbers.DTLS.digits)
    leg.wait_final()
    lab.record(leg.call_id)
    after = scrape(lab)

    def grown(name, **labels):
        return exposition.value(after, name, **labels) - exposition.value(before, name, **labels)
    assert grown("wasbc_calls_total", leg="pbx", direction="in", result="ended", reason="bye_pbx") == 1
    assert grown("wasbc_calls_total", leg="meta", direction="out", result="failed", reason="permission_missing") == 1
    assert grown("wasbc_attempts_total", direction="in") == 1 and grown("wasbc_attempts_total", direction="out") == 1
    for name in ("setup", "answer", "call", "first_packet"):
        assert grown(f"wasbc_{name}_seconds_count", direction="in") == 1, name
        assert grown(f"wasbc_{name}_seconds_count", direction="out") == 0, name
    assert exposition.value(after, "wasbc_calls") == 0


def test_G08_no_number_is_in_it(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    seen = text(lab)
    leg.bye()
    call.wait_ended()
    # labels and names hold nothing that could be a telephone number
    assert not re.search(r"\d{7}", re.sub(r" -?[\d.]+$", "", seen, flags=re.M))
    assert user not in seen and numbers.DTLS.digits not in seen


def ask(lab, request):
    with socket.create_connection(lab.addresses.metrics, 5) as sock:
        sock.sendall(request)
        sock.settimeout(10)
        answer = b""
        while True:
            more = sock.recv(65536)
            if not more:
                return answer
            answer += more


@pytest.mark.parametrize("request_, status", [
    (b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", b"404"), (b"POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    (b"GET /ping HTTP/1.0\r\n\r\n", b"200"), (b"GET metrics HTTP/1.1\r\n\r\n", b"400"),
    (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400"), (b"A" * 5000, b"400")], ids=["404", "405", "ping", "path", "tls", "long"])
def test_G08_what_else_is_asked_there(lab, request_, status):
    try:
        answer = ask(lab, request_)
    except ConnectionResetError:
        answer = b"HTTP/1.1 400"  # more was sent than is ever read
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert scrape(lab)


def test_G08_slow_readers_do_not_keep_others_out(lab):
    """More connections than there are places, that say nothing: the next one is served when they are dropped."""
    idle = [socket.create_connection(lab.addresses.metrics, 5) for _ in range(40)]
    try:
        def served():
            try:
                return text(lab)
            except (OSError, urllib.error.URLError):
                return None
        wait_until(served, 20, "somebody else is served", pause=0.2)
    finally:
        for sock in idle:
            sock.close()


def test_G08_nobody_is_served_on_a_socket_for_sip(lab):
    with socket.create_connection(lab.addresses.sip_pbx, 5, source_address=(lab.addresses.pbx, 0)) as sock:
        sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        sock.settimeout(1)
        try:
            assert b"wasbc" not in sock.recv(65536)
        except OSError:
            pass


def test_G08_an_address_that_is_none_stops_the_start(own_lab):
    with pytest.raises(LabError):
        own_lab(site={"METRICS_LISTEN": "nowhere"}, listed=[numbers.DTLS])
