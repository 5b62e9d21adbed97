# SPDX-License-Identifier: GPL-2.0-or-later
"""A08: what changes at Meta without us is reported and counted, and repaired only where the policy says so."""
import pytest

from desk import apply, audit, bodies, change_elsewhere, ctl, drift, entry, forget, requests, shown, stat, wait_idle
from lab import numbers
from lab.addresses import SBC_HOSTNAME
from lab.process import wait_until

NUMBER = numbers.WRITE


@pytest.fixture(name="wish")
def fixture_wish(lab):
    """Applies wishes for the number; afterwards it is as the lab has it."""
    def wanted(**members):
        apply(lab, entry(NUMBER, **members))
        assert NUMBER.digits not in drift(lab)
    yield wanted
    apply(lab, entry(NUMBER, calling="ENABLED", sip="ENABLED", hostname=SBC_HOSTNAME, port=lab.addresses.sip[1],
                     request_uri_user_params={}, srtp="DTLS", additional_codecs=[]))
    forget(lab, NUMBER)


def server(lab, **members):
    return {"sip": {"servers": [{"hostname": SBC_HOSTNAME, "port": lab.addresses.sip[1], **members}]}}


@pytest.mark.parametrize("field, change", [
    ("hostname", lambda lab: server(lab, hostname="other.example")), ("port", lambda lab: server(lab, port=5099)),
    ("request_uri_user_params", lambda lab: server(lab, request_uri_user_params={"tgrp": "elsewhere"})),
    ("srtp", lambda lab: {"srtp_key_exchange_protocol": "SDES"}),
    ("additional_codecs", lambda lab: {"audio": {"additional_codecs": ["PCMA"]}}),
    ("calling", lambda lab: {"status": "DISABLED"}), ("sip", lambda lab: {"sip": {"status": "DISABLED"}})])
def test_A08_each_field_is_reported_and_not_repaired(lab, wish, field, change):
    wish(calling="ENABLED", sip="ENABLED", hostname=SBC_HOSTNAME, port=lab.addresses.sip[1],
         request_uri_user_params={}, srtp="DTLS", additional_codecs=[], policy={"drift": "report"})
    before, mark = stat(lab, "drift_seen"), lab.metasim.events.mark()
    change_elsewhere(lab, NUMBER, **change(lab))
    lab.sync(NUMBER)
    wait_until(lambda: drift(lab).get(NUMBER.digits) == field, 15, f"{field} is reported")
    assert stat(lab, "drift_seen") == before + 1 and stat(lab, "drifting") == 1
    status, out, _ = ctl(lab, "drift")
    assert status == 4 and out.split("\t")[:2] == [NUMBER.digits, field]
    wait_idle(lab)
    assert not requests(lab, NUMBER, mark)


def test_A08_what_nobody_wants_is_no_drift(lab, wish):
    wish(srtp="DTLS", policy={"drift": "repair"})
    mark = lab.metasim.events.mark()
    change_elsewhere(lab, NUMBER, audio={"additional_codecs": ["PCMA"]})
    lab.sync(NUMBER)
    wait_idle(lab)
    assert NUMBER.digits not in drift(lab) and not requests(lab, NUMBER, mark)


def test_A08_A05_sdes_that_somebody_turned_back_is_repaired(lab, wish):
    wish(srtp="SDES", policy={"drift": "repair"})
    before, mark = stat(lab, "repairs"), lab.metasim.events.mark()
    change_elsewhere(lab, NUMBER, srtp_key_exchange_protocol="DTLS")
    lab.rpc("wa_settings.sync", NUMBER.digits)
    wait_until(lambda: stat(lab, "repairs") == before + 1, 20, "it is repaired", lab.kamailio.daemon)
    assert bodies(lab, NUMBER, mark) == [{"srtp_key_exchange_protocol": "SDES"}]
    wait_until(lambda: shown(lab, NUMBER)["srtp"] == "SDES" and NUMBER.digits not in drift(lab), 10, "all is well")
    line = [x for x in audit(lab, NUMBER) if x["event"] == "write"][-1]
    assert (line["by"], line["kind"], line["old"], line["new"]) == ("policy", "repair", "DTLS", "SDES")


def test_A08_the_wish_outlives_a_restart(own_lab):
    lab = own_lab(listed=[NUMBER])
    lab.provision()
    apply(lab, entry(NUMBER, srtp="SDES", policy={"drift": "report"}))
    lab.kamailio.stop()
    (lab.dir / "kamailio_rpc.sock").unlink(missing_ok=True)
    change_elsewhere(lab, NUMBER, srtp_key_exchange_protocol="DTLS")
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    wait_until(lambda: drift(lab) == {NUMBER.digits: "srtp"}, 20, "the drift is found", lab.kamailio.daemon)
    # and when the wish is forgotten, there is none
    assert ctl(lab, "number", "forget", NUMBER.digits)[0] == 0
    lab.sync(NUMBER)
    wait_until(lambda: not drift(lab), 15, "nothing is wanted any more")
    assert ctl(lab, "number", "forget", NUMBER.digits)[0] == 1
