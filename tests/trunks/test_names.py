# SPDX-License-Identifier: GPL-2.0-or-later
"""C02, D12: gateways by name, against a DNS server of the test's own (RFC 3263)."""
import pytest
from own_trunk import NUMBER, set_trunk

from lab import numbers, process
from lab.dns import Dns
from lab.pbx_wire import WirePbx
from lab.whole import Lab


@pytest.fixture(name="lab", scope="module")
def fixture_lab():
    """A lab whose gateways are looked up at lab.dns."""
    dns = Dns()
    try:
        with Lab(site={"NAMESERVER": dns.address}, listed=[numbers.NO_TRUNK]) as lab:
            lab.provision()
            lab.dns = dns
            yield lab
    finally:
        dns.stop()


@pytest.fixture(name="start")
def fixture_start(lab, start_pbx, watch):
    """start(transport, n): a PBX at a port of its own."""
    watch.lab(lab)
    host, port = lab.addresses.pbx_sip
    return lambda transport, n=0: start_pbx(WirePbx, lab, name=f"{transport}{n}", address=(host, port + 3200 + n),
                                            transport=transport)


def found(lab, name):
    """The addresses of a trunk's first gateway, once it was looked up."""
    def looked_up():
        gateway = lab.rpc("wa_trunk.show", name)["gateways"][0]
        return gateway if gateway["addresses"] or gateway["error"] else None
    gateway = process.wait_until(looked_up, 20, f"the gateway of {name} is looked up", lab.kamailio.daemon, pause=0.1)
    return gateway["addresses"].split()


def test_C02_names_are_looked_up_as_rfc_3263_has_it(lab, watch):
    watch.lab(lab)
    dns, at = lab.dns, "192.0.2.{}".format
    for n in range(1, 10):
        dns.a(f"h{n}.test", at(n))
    # the service of the lowest order that we speak; its targets by priority, then weight
    dns.naptr("naptr.test", 1, 1, "SIP+D2S", "_sip._sctp.naptr.test")
    dns.naptr("naptr.test", 2, 1, "SIP+D2U", "h9.test", flags="a")
    dns.naptr("naptr.test", 20, 1, "SIP+D2U", "_sip._udp.naptr.test")
    dns.naptr("naptr.test", 10, 9, "SIP+D2U", "_sip._udp.naptr.test")
    dns.naptr("naptr.test", 10, 5, "SIP+D2T", "_sip._tcp.naptr.test")
    dns.srv("_sip._tcp.naptr.test", 20, 0, 5073, "h3.test")
    dns.srv("_sip._tcp.naptr.test", 10, 1, 5071, "h1.test")
    dns.srv("_sip._tcp.naptr.test", 10, 9, 5072, "h2.test")
    dns.srv("_sip._udp.naptr.test", 1, 1, 5079, "h9.test")
    dns.srv("_sip._udp.srv.test", 1, 1, 5074, "h4.test")
    dns.srv("_sips._tcp.srv.test", 1, 1, 5075, "h5.test")
    dns.a("srv.test", at(99))
    dns.a("two.test", at(6), at(7), "2001:db8::7")
    dns.cname("alias.test", "h8.test")
    expected = {
        "naptr.test": [f"sip:{at(2)}:5072;transport=tcp", f"sip:{at(1)}:5071;transport=tcp",
                       f"sip:{at(3)}:5073;transport=tcp"],
        "srv.test": [f"sip:{at(4)}:5074;transport=udp"],
        "srv.test;transport=tls": [f"sip:{at(5)}:5075;transport=tls"],
        "srv.test;transport=tcp": [f"sip:{at(99)}:5060;transport=tcp"],
        "srv.test:5090": [f"sip:{at(99)}:5090;transport=udp"],
        "h1.test;transport=tls": [f"sip:{at(1)}:5061;transport=tls"],
        "two.test": [f"sip:{at(6)}:5060;transport=udp", f"sip:{at(7)}:5060;transport=udp",
                     "sip:[2001:db8::7]:5060;transport=udp"],
        "alias.test:5080;transport=tcp": [f"sip:{at(8)}:5080;transport=tcp"],
        "nowhere.test": []}
    names = {name: f"n{n}" for n, name in enumerate(expected)}
    for name, trunk in names.items():
        lab.job("wa_numbers.trunk_set", trunk, f"gateways=sip:{name}", "options=0")
    try:
        assert {name: found(lab, trunk) for name, trunk in names.items()} == expected
    finally:
        for trunk in names.values():
            lab.job("wa_numbers.trunk_remove", trunk)
    # with a port nothing but the address is asked for
    assert ("alias.test", 1) in dns.asked and ("alias.test", 35) not in dns.asked
    assert ("_sip._tcp.alias.test", 33) not in dns.asked


def test_C02_C14_a_call_tries_the_targets_of_a_name_in_order(lab, start, user):
    """Of the first nobody listens; the second takes it, and may use the number itself."""
    pbx, host = start("tcp"), lab.addresses.pbx
    lab.dns.a("a.pbx.test", host)
    lab.dns.srv("_sip._tcp.pbx.test", 10, 0, pbx.address[1] + 90, "a.pbx.test")
    lab.dns.srv("_sip._tcp.pbx.test", 20, 0, pbx.address[1], "a.pbx.test")
    set_trunk(lab, gateways="sip:pbx.test;transport=tcp")
    assert len(found(lab, "own")) == 2
    call = lab.metasim.ring(NUMBER, user)
    leg = pbx.incoming()
    assert leg.invite.uri == f"sip:+{NUMBER.digits}@pbx.test;transport=tcp"
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, NUMBER.digits)
    assert leg.wait_final().status == 200
    call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    assert leg.bye().status == 200
    call.wait_ended()


@pytest.mark.parametrize("named", [True, False], ids=["its name", "another"])
def test_D12_a_gateway_by_tls_has_its_name_in_its_certificate(lab, start, user, named):
    name = f"{'good' if named else 'bad'}.pbx.test"
    pbx = start("tls", 5 + named)
    lab.certs.leaf(name, f"DNS:{name if named else 'other.test'}")
    pbx.wires.context.load_cert_chain(lab.certs.dir / f"{name}.crt", lab.certs.dir / f"{name}.key")
    lab.dns.naptr(name, 1, 1, "SIPS+D2T", f"_sips._tcp.{name}")
    lab.dns.srv(f"_sips._tcp.{name}", 1, 1, pbx.address[1], "a.pbx.test")
    lab.dns.a("a.pbx.test", lab.addresses.pbx)
    set_trunk(lab, gateways=f"sip:{name}")
    found(lab, "own")
    # the other's handshake fails, and that is noticed when no answer has come
    lab.rpc("cfg.set_now_int", "wasbc", "answer_timeout", 4000 if named else 1500)
    call = lab.metasim.ring(NUMBER, user)
    if named:
        leg = pbx.incoming()
        leg.reply(486)
        leg.expect("ACK")
    assert call.wait_ended()["code"] == (486 if named else 503)
    assert bool(pbx.received()) == named
