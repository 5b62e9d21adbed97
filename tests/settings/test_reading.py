# SPDX-License-Identifier: GPL-2.0-or-later
"""What the SBC reads of its numbers from Meta."""
import json
import re

import pytest

from lab import numbers
from lab.addresses import SBC_HOSTNAME

SECRET = "never-to-be-seen-outside-9f31"


def read_again(lab):
    """Reads numbers.READ once more; returns the Graph request that the SBC made."""
    mark = lab.metasim.events.mark()
    lab.sync(numbers.READ)
    return lab.metasim.events.wait(
        lambda e: e["event"] == "graph_request" and e["id"] == numbers.READ.id and e["edge"] == "settings",
        15, "a read of the settings", mark)


def answer_with(lab, servers=None, **calling):
    """Meta's next answer for numbers.READ is of the test's own making."""
    body = {"calling": {"status": "ENABLED", "sip": {"status": "ENABLED", "servers": servers or [server()]},
                        **calling}}
    lab.metasim.command("graph_fault", id=numbers.READ.id, edge="settings", body=json.dumps(body), count=1)


def server(**members):
    return {"hostname": SBC_HOSTNAME, "app_id": int(numbers.APP), "sip_user_password": SECRET, **members}


def shown(lab):
    return lab.rpc("wa_numbers.show", numbers.READ.digits)


def test_A01_settings_are_read_with_token_and_credentials(lab):
    request = read_again(lab)
    assert request["method"] == "GET" and request["status"] == 200
    assert request["version"] == "v25.0"
    assert "include_sip_credentials=true" in request["query"]
    assert request["app_id"] == numbers.APP  # whose bearer token it came with


def test_A01_the_version_is_configuration(own_lab):
    lab = own_lab(site={"GRAPH_VERSION": "v21.0"}, listed=[numbers.DTLS])
    lab.provision()
    lab.metasim.catch_up()
    requests = [e for e in lab.metasim.events.since() if e["event"] == "graph_request"]
    assert {e["version"] for e in requests} == {"v21.0"}
    assert {e["status"] for e in requests} == {200}


OTHER = {"hostname": "sip.other.example", "app_id": int(numbers.OTHER_APP), "sip_user_password": "of-another-app"}


@pytest.mark.parametrize("servers", [[OTHER, server()], [server(), OTHER], [server(app_id=numbers.APP)]],
                         ids=["ours last", "ours first", "app_id as text"])
def test_A02_the_password_of_our_app_is_taken(lab, pbx, user, restored, servers):
    answer_with(lab, servers)
    read_again(lab)
    # Meta is told the same password; a call proves which one the SBC has
    lab.metasim.command("graph_password", digits=numbers.READ.digits, app_id=numbers.APP, password=SECRET)
    call = lab.metasim.ring(numbers.READ, user)
    pbx.incoming().reply(486)
    assert call.wait_ended()["code"] == 486


def test_A02_an_entry_of_another_app_alone_gives_no_password(lab):
    assert int(lab.rpc("wa_numbers.show", numbers.FOREIGN.digits)["has_password"]) == 0


def test_A02_the_password_is_sealed_and_never_printed(lab, restored):
    answer_with(lab)
    read_again(lab)
    stored = lab.redis.command("HGET", f"wa:number:{numbers.READ.digits}", "password")
    assert re.fullmatch(r"[\w.-]+:[A-Za-z0-9+/]+=*", stored), "sealed: key id and base64"
    everything = " ".join(str(lab.redis.command("HGETALL", f"wa:number:{n.digits}"))
                          for n in numbers.PROVISIONED)
    assert SECRET not in everything
    for method, *params in (["wa_numbers.show", numbers.READ.digits], ["wa_numbers.list"],
                            ["wa_settings.list"], ["wa_settings.status"], ["wa_numbers.status"]):
        assert SECRET not in json.dumps(lab.rpc(method, *params)), method
    assert SECRET not in lab.kamailio.daemon.log()
    token = numbers.TOKEN
    assert token not in lab.kamailio.daemon.log()
    assert token not in json.dumps(lab.rpc("wa_settings.status"))


def test_A03_a_missing_key_exchange_means_dtls(lab, restored):
    answer_with(lab, srtp_key_exchange_protocol="SDES")
    read_again(lab)
    assert shown(lab)["srtp"] == "SDES"
    answer_with(lab)
    read_again(lab)
    assert shown(lab)["srtp"] == "DTLS"


@pytest.mark.parametrize("given, port", [({"port": 5071}, 5071), ({"port": "5072"}, 5072), ({}, 5061)],
                         ids=["integer", "text", "absent"])
def test_A03_port_in_every_form(lab, restored, given, port):
    answer_with(lab, [server(port=6000)])
    read_again(lab)
    answer_with(lab, [server(**given)])
    read_again(lab)
    assert int(shown(lab)["port"]) == port
