# SPDX-License-Identifier: GPL-2.0-or-later
"""wasbcctl doctor: all green on a lab that is well, and each fault its own line.

One lab for all of it, which each test leaves well again.
"""
import contextlib
import json
import os
import signal
import subprocess

import pytest
from answerers import Gateway
from firewall import Ruleset

import calls
from lab import numbers, process
from lab.addresses import SBC_HOSTNAME, hostport
from lab.dns import Dns
from lab.pbx_wire import WirePbx
from lab.relay import SecondRelay
from lab.rundir import built
from lab.whole import Lab

N = numbers.DTLS
BOTH = ["whatsapp_business_management", "whatsapp_business_messaging"]


class Patient:
    """A lab whose every line of the doctor is green."""

    def __init__(self):
        self.lab, self.ruleset = Lab(), None
        self.second_relay = SecondRelay(self.lab)
        self.second_relay.introduce()
        self.lab.provision()
        self.dns = Dns(self.lab.addresses.backend)
        self.dns.a(SBC_HOSTNAME, self.lab.addresses.sip[0])
        self.gateway = Gateway(self.lab.addresses.pbx_sip)
        host, port = self.lab.addresses.pbx_sip
        # before there is a gateway: when one is asked next is settled when it is asked
        self.lab.rpc("cfg.set_now_int", "wa_trunk", "ping_interval", 1)
        self.lab.job("wa_numbers.trunk_set", "asked", f"gateways=sip:{host}:{port};transport=tcp", "codecs=PCMU")
        self.prove()
        self.wait_gateway("up")

    @contextlib.contextmanager
    def pbx(self):
        """A PBX takes calls of the number meanwhile."""
        self.lab.job("wa_numbers.set", N.digits, "trunk=pbx")
        pbx = WirePbx(self.lab)
        try:
            yield pbx
        finally:
            pbx.stop()
            self.lab.job("wa_numbers.set", N.digits, "trunk=asked")

    def prove(self):
        """One call each way: both passwords are proven."""
        with self.pbx() as pbx:
            _, leg = calls.user_calls(self.lab, pbx, N, "16315557001")
            leg.bye()
            _, leg = calls.business_calls(self.lab, pbx, N, "16315557001")
            leg.bye()

    def wait_gateway(self, state):
        """Gateways are asked each second; one silence counts only while it is waited for."""
        self.lab.rpc("cfg.set_now_int", "wa_trunk", "down_after", 1)
        process.wait_until(lambda: self.lab.rpc("wa_trunk.show", "asked")["gateways"][0]["state"] == state, 20,
                           f"the gateway is {state}", self.lab.kamailio.daemon)
        self.lab.rpc("cfg.set_now_int", "wa_trunk", "down_after", 5)

    def doctor(self, *words):
        """(exit status, {check: line})"""
        before = self.ruleset.before() if self.ruleset else []
        done = subprocess.run(
            [*before, built("bin/wasbcctl", "build"), "-s", self.lab.dir / "kamailio_rpc.sock", "-t", "20", "--json",
             "doctor", "--nameserver", self.dns.address, *words], capture_output=True, text=True, timeout=60, check=False)
        lines = json.loads(done.stdout) if done.stdout else []
        assert len({line["check"] for line in lines}) == len(lines)
        secrets = [numbers.TOKEN, *(self.lab.dir / "seal.key").read_text().split()[1:]]
        assert not [s for s in secrets if s in done.stdout + done.stderr]
        return done.returncode, {line["check"]: line for line in lines}

    def change(self, **calling):
        """Somebody writes settings of the number elsewhere."""
        self.lab.metasim.command("graph_settings", digits=N.digits, app_id=numbers.APP, calling=calling)

    def stop(self):
        self.gateway.stop()
        self.dns.stop()
        self.second_relay.stop()
        self.lab.stop()


@pytest.fixture(name="patient", scope="module")
def fixture_patient():
    patient = Patient()
    yield patient
    patient.stop()


@pytest.fixture(autouse=True)
def fixture_watched(patient, watch):
    watch.lab(patient.lab)


def all_green(patient):
    status, lines = patient.doctor(N.digits)
    assert {name: line for name, line in lines.items() if line["state"] != "green"} == {}
    assert status == 0


def reds(lines):
    return {name for name, line in lines.items() if line["state"] == "red"}


# --- faults: each a context in which exactly one line is red ---------------------------------

@contextlib.contextmanager
def other_certificate(patient, **how):
    certs = patient.lab.certs
    good = {name: (certs.dir / name).read_bytes() for name in ("sbc.crt", "sbc.key")}
    names = [how.pop("name", f"DNS:{SBC_HOSTNAME}")]
    certs.leaf("sbc", *names, **how)
    patient.lab.kamailio.rpc("wa_tls.reload")
    yield
    for name, text in good.items():
        (certs.dir / name).write_bytes(text)
    patient.lab.kamailio.rpc("wa_tls.reload")


def certificate_of_another_name(patient):
    return other_certificate(patient, name="DNS:other.example")


def certificate_expired(patient):
    return other_certificate(patient, days=-1)


def certificate_of_a_stranger(patient):
    return other_certificate(patient, issuer="stranger")


@contextlib.contextmanager
def no_name_in_dns(patient):
    good, patient.dns.records = patient.dns.records, {}
    yield
    patient.dns.records = good


@contextlib.contextmanager
def another_address_in_dns(patient):
    good, patient.dns.records = patient.dns.records, {}
    patient.dns.a(SBC_HOSTNAME, patient.lab.addresses.backend)
    yield
    patient.dns.records = good


@contextlib.contextmanager
def meta_is_another_server(patient):
    certs = patient.lab.certs.dir
    patient.lab.metasim.command("tls_reload", cert=str(certs / "meta-other.crt"), key=str(certs / "meta-other.key"))
    yield
    patient.lab.metasim.command("tls_reload", cert=str(certs / "meta.crt"), key=str(certs / "meta.key"))


@contextlib.contextmanager
def token_refused(patient):
    patient.lab.metasim.command("graph_token", app_id=numbers.APP, valid=False)
    yield
    patient.lab.metasim.command("graph_token", app_id=numbers.APP, valid=True)


@contextlib.contextmanager
def permission_lost(patient):
    patient.lab.metasim.command("graph_token", app_id=numbers.APP, permissions=BOTH[1:])
    yield
    patient.lab.metasim.command("graph_token", app_id=numbers.APP, permissions=BOTH)


@contextlib.contextmanager
def graph_broken(patient):
    patient.lab.metasim.command("graph_fault", id=N.id, status=500, code=2, count=0)
    yield
    patient.lab.metasim.command("graph_fault_clear")


@contextlib.contextmanager
def clock_off(patient):
    patient.lab.metasim.command("graph_option", clock_off_s=90)
    yield
    patient.lab.metasim.command("graph_option", clock_off_s=0)


@contextlib.contextmanager
def redis_away(patient):
    redis = patient.lab.redis
    redis.command("SAVE")
    redis.stop()
    process.wait_until(lambda: not patient.lab.rpc("wa_numbers.status")["connected"], 10, "Redis is missed")
    yield
    redis.start()
    redis.wait_ready()
    process.wait_until(lambda: patient.lab.rpc("wa_numbers.status")["connected"], 20, "Redis is followed")


@contextlib.contextmanager
def stopped(daemon):
    os.kill(daemon.process.pid, signal.SIGSTOP)
    yield
    os.kill(daemon.process.pid, signal.SIGCONT)


def rtpengine_away(patient):
    return stopped(patient.lab.rtpengine.daemon)


def one_relay_of_two_away(patient):
    return stopped(patient.second_relay.daemon)


@contextlib.contextmanager
def both_relays_away(patient):
    with stopped(patient.lab.relay.daemon), stopped(patient.second_relay.daemon):
        yield


@contextlib.contextmanager
def with_ruleset(patient, *rules, policy="drop"):
    """What this host's nftables let in, as the kernel has it; the lab's packets do not pass there."""
    patient.ruleset = Ruleset(patient.lab.dir / "nft", rules, policy)
    yield
    patient.ruleset = None


def sip_port(patient):
    return f"tcp dport {patient.lab.addresses.sip[1]}"


def sip_not_let_in(patient):
    return with_ruleset(patient, "tcp dport 22 accept", "udp dport 1024-65535 accept")


def media_not_let_in(patient):
    return with_ruleset(patient, f"ip saddr @theirs {sip_port(patient)} accept")


def sip_dropped_by_a_rule(patient):
    return with_ruleset(patient, f"{sip_port(patient)} counter drop", policy="accept")


@contextlib.contextmanager
def with_pattern(patient, digits=N.digits):
    """The number, and the trunk that it used, have had too many refusals."""
    patient.lab.rpc("cfg.set_now_int", "wasbc", "pattern_refusals", 1)
    patient.lab.rpc("cfg.set_now_int", "wasbc", "pattern_block", 600)
    with patient.pbx() as pbx:
        for user in ("16315557004", "16315557005"):
            patient.lab.metasim.policy(user, refuse={"code": 480, "reason": "Temporarily Unavailable"})
            assert pbx.call(user, digits).wait_final().status == 480
        process.wait_until(lambda: {row["name"] for row in patient.lab.rpc("wa_calls.blocked")} == {digits, "pbx"}, 10,
                           "number and trunk are blocked")
    patient.lab.rpc("cfg.set_now_int", "wasbc", "pattern_refusals", 0)
    yield
    for row in patient.lab.rpc("wa_calls.blocked"):
        patient.lab.rpc("wa_calls.unblock", row["name"])


def number_blocked(patient):
    return with_pattern(patient)


@contextlib.contextmanager
def trunk_blocked(patient):
    with with_pattern(patient, numbers.SDES.digits):
        patient.lab.job("wa_numbers.set", N.digits, "trunk=pbx")
        yield
        patient.lab.job("wa_numbers.set", N.digits, "trunk=asked")


@contextlib.contextmanager
def gateway_down(patient):
    patient.gateway.stop()
    patient.wait_gateway("down")
    yield
    patient.gateway = Gateway(patient.lab.addresses.pbx_sip)
    patient.wait_gateway("up")


@contextlib.contextmanager
def drained(patient):
    patient.lab.rpc("wa_calls.drain")
    yield
    patient.lab.rpc("wa_calls.undrain")


@contextlib.contextmanager
def changed(patient, **calling):
    sip = {"status": "ENABLED", "servers": [{"hostname": SBC_HOSTNAME, "port": patient.lab.addresses.sip[1]}]}
    patient.change(**calling)
    yield
    patient.change(status="ENABLED", sip=sip)


def other_hostname_at_meta(patient):
    return changed(patient, sip={"status": "ENABLED", "servers": [
        {"hostname": "other.example", "port": patient.lab.addresses.sip[1]}]})


def other_port_at_meta(patient):
    return changed(patient, sip={"status": "ENABLED", "servers": [{"hostname": SBC_HOSTNAME, "port": 5099}]})


def sip_off(patient):
    return changed(patient, sip={"status": "DISABLED"})


def calling_off(patient):
    return changed(patient, status="DISABLED")


@contextlib.contextmanager
def wanted(patient, **fields):
    entry = {"number": "+" + N.digits, "phone_number_id": N.id, "srtp": "DTLS", **fields}
    path = patient.lab.dir / "wanted.json"
    path.write_text(json.dumps({"numbers": [entry]}))
    socket = patient.lab.dir / "kamailio_rpc.sock"
    subprocess.run([built("bin/wasbcctl", "build"), "-s", socket, "apply", path], check=True, capture_output=True,
                   timeout=60)
    yield
    entry.update(srtp="DTLS", additional_codecs=[], call_icon_visibility="DEFAULT")
    path.write_text(json.dumps({"numbers": [entry]}))
    subprocess.run([built("bin/wasbcctl", "build"), "-s", socket, "apply", path], check=True, capture_output=True,
                   timeout=60)
    subprocess.run([built("bin/wasbcctl", "build"), "-s", socket, "number", "forget", N.digits], check=True,
                   capture_output=True, timeout=60)


@contextlib.contextmanager
def srtp_flipped(patient):
    with wanted(patient, srtp="SDES"):
        patient.change(srtp_key_exchange_protocol="DTLS")
        yield


@contextlib.contextmanager
def codecs_taken_away(patient):
    with wanted(patient, additional_codecs=["PCMA", "PCMU"]):
        patient.change(audio={"additional_codecs": []})
        yield


@contextlib.contextmanager
def icon_changed(patient):
    with wanted(patient, call_icon_visibility="DEFAULT"):
        patient.change(call_icon_visibility="DISABLE_ALL")
        yield


@contextlib.contextmanager
def health_blocked(patient):
    patient.lab.metasim.command("graph_health", digits=N.digits, can_receive_call_sip={"APP": "BLOCKED"})
    yield
    patient.lab.metasim.command("graph_health", digits=N.digits)


@contextlib.contextmanager
def restricted(patient):
    patient.lab.metasim.command("graph_restrict", digits=N.digits, restrictions=[
        {"type": "RESTRICTED_USER_INITIATED_CALLING", "reason": "pickup rate", "expiration": 4000000000}])
    yield
    patient.lab.metasim.command("graph_restrict", digits=N.digits)


def set_id(patient, phone_number_id):
    """Until Meta was asked by that id."""
    mark = patient.lab.metasim.events.mark()
    patient.lab.job("wa_numbers.set", N.digits, f"phone_number_id={phone_number_id}")
    patient.lab.metasim.wait("graph_request", mark=mark, id=phone_number_id)


@contextlib.contextmanager
def id_of_another_number(patient):
    set_id(patient, numbers.WRITE.id)
    yield
    set_id(patient, N.id)
    patient.doctor(N.digits)  # its own password is back, and not proven
    patient.prove()


@contextlib.contextmanager
def no_such_id(patient):
    set_id(patient, "999999999999999")
    yield
    set_id(patient, N.id)


@contextlib.contextmanager
def trunk_leads_to_the_telephone_network(patient):
    patient.lab.job("wa_numbers.trunk_set", "asked", "pstn=1")
    yield
    patient.lab.job("wa_numbers.trunk_set", "asked", "pstn=0")


@contextlib.contextmanager
def meta_answers_with_another_password(patient):
    patient.lab.metasim.ring(N, "16315557002", password="another one").wait_ended()
    yield
    patient.lab.metasim.ring(N, "16315557002").wait_ended()  # the gateway is busy; the digest comes first


@contextlib.contextmanager
def meta_refuses_our_password(patient):
    user = "16315557003"
    patient.lab.metasim.policy(user, refuse={"code": 403, "reason": "Invalid digest response", "count": 1})
    with patient.pbx() as pbx:
        assert pbx.call(user, N.digits).wait_final().status == 403
    yield
    patient.prove()


FAULTS = {
    "name": [certificate_of_another_name], "expiry": [certificate_expired], "chain": [certificate_of_a_stranger],
    "dns": [no_name_in_dns, another_address_in_dns], "meta_tls": [meta_is_another_server],
    "token": [token_refused], "permission": [permission_lost], "graph": [graph_broken], "clock": [clock_off],
    "redis": [redis_away], "rtpengine": [rtpengine_away], "relay": [one_relay_of_two_away, both_relays_away], "gateways": [gateway_down],
    "draining": [drained], "hostname": [other_hostname_at_meta], "port": [other_port_at_meta],
    "sip": [sip_off], "calling": [calling_off], "srtp": [srtp_flipped], "codecs": [codecs_taken_away],
    "wanted": [icon_changed], "health": [health_blocked], "restriction": [restricted],
    "phone_number_id": [id_of_another_number, no_such_id], "trunk": [trunk_leads_to_the_telephone_network],
    "firewall": [sip_not_let_in, media_not_let_in, sip_dropped_by_a_rule], "blocked": [number_blocked, trunk_blocked],
    "verified": [meta_answers_with_another_password], "answered": [meta_refuses_our_password],
}
CASES = [(line, fault) for line, faults in FAULTS.items() for fault in faults]


def test_G08_doctor_finds_all_green(patient):
    all_green(patient)


@pytest.mark.parametrize("line, fault", CASES, ids=[fault.__name__ for _, fault in CASES])
def test_G08_doctor_shows_a_fault_in_its_own_line(patient, line, fault):
    with fault(patient):
        status, lines = patient.doctor(N.digits)
    assert reds(lines) == {line}
    assert lines[line]["remedy"] and lines[line]["found"]
    assert status == 1


def test_G08_doctor_finds_all_green_when_the_faults_are_mended(patient):
    all_green(patient)


def test_G08_doctor_sees_what_the_firewall_lets_in(patient):
    """A rule that knows Meta's networks, behind one that bans some; media from everywhere."""
    with with_ruleset(patient, "ct state established,related accept", "ip saddr @banned drop",
                      f"ip saddr @theirs {sip_port(patient)} accept", "udp dport 1024-65535 accept"):
        status, lines = patient.doctor()
    assert lines["firewall"]["state"] == "green" and "nftables lets TCP" in lines["firewall"]["found"]
    assert "UDP" in lines["firewall"]["found"] and status == 0


def test_G08_doctor_says_which_relay_is_silent(patient):
    with one_relay_of_two_away(patient):
        _, lines = patient.doctor()
    assert "1 of 2" in lines["relay"]["found"] and hostport(patient.second_relay.address) in lines["relay"]["found"]


def test_G08_doctor_without_a_number_looks_at_the_node(patient):
    status, lines = patient.doctor()
    assert reds(lines) == set() and status == 0
    assert "redis" in lines and "trunks" in lines and "number" not in lines


def test_G08_doctor_says_that_a_number_is_not_known(patient):
    status, lines = patient.doctor(numbers.UNKNOWN.digits)
    assert reds(lines) == {"number"} and status == 1
    assert "wasbcctl number set" in lines["number"]["remedy"]


def test_G08_doctor_says_how_a_number_is_written(patient):
    status, lines = patient.doctor("+1 555-000-1111")
    assert lines["number"]["state"] == "yellow" and N.digits in lines["number"]["found"]
    assert reds(lines) == set() and status == 0


def test_G08_doctor_says_whose_the_server_entry_is(patient):
    status, lines = patient.doctor(numbers.FOREIGN.digits)
    assert reds(lines) == {"server"} and status == 1


def test_G08_doctor_tells_that_kamailio_is_not_there(patient, tmp_path):
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", tmp_path / "none", "doctor"], capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode == 3 and "is it running?" in done.stderr


def test_G08_doctor_speaks_in_colours_on_a_terminal_only(patient):
    words = [str(built("bin/wasbcctl", "build")), "-t", "20", "-s", str(patient.lab.dir / "kamailio_rpc.sock"), "doctor",
             "--nameserver", patient.dns.address]
    piped = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout
    assert "\033" not in piped and all(line.count("\t") == 3 for line in piped.splitlines())
    assert "\033[32mgreen" in on_terminal(words, TERM="xterm")
    for plain in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
        text = on_terminal(words, **plain)
        assert "\033" not in text and "\r\ngreen   redis  " in text


def on_terminal(words, **env):
    """What a command prints on a terminal."""
    try:
        master, slave = os.openpty()
    except OSError as err:
        pytest.skip(f"no pseudo-terminal can be made here (is /dev/pts mounted?): {err}")
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(words, stdout=slave, stderr=subprocess.DEVNULL, env={**environment, **env}, timeout=60, check=False)
    os.close(slave)
    text = b""
    try:
        while part := os.read(master, 65536):
            text += part
    except OSError:
        pass  # that was all
    os.close(master)
    return text.decode()
