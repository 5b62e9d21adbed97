# SPDX-License-Identifier: GPL-2.0-or-later
"""Several apps, their tokens and secrets: taken up while the SBC runs."""
import json
import os

import pytest

from lab import numbers
from lab.process import wait_until

OURS, THEIRS = numbers.READ, numbers.FOREIGN
SECRET = "made-up-app-secret-77"


def write(path, text, mode=0o600):
    """A new file in place of the old one."""
    new = path.with_name(path.name + ".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="ascii") as out:
        out.write(text)
    new.chmod(mode)
    new.rename(path)


def wait_error(lab, number, words):
    """Until the sync of the number says this; "" = it is well."""
    def check():
        error = lab.rpc("wa_settings.show", number.digits)["error"]
        return error == "" if words == "" else words in error
    wait_until(check, 15, f'{number.digits}: "{words}"', lab.kamailio.daemon, pause=0.05)


def app(ctl, lab, app_id):
    found = [a for a in ctl(lab, "app", "list").json if a["app_id"] == app_id]
    return found[0] if found else None


@pytest.fixture(name="other_app")
def fixture_other_app(lab):
    """The number THEIRS belongs to another app, of which the SBC has not heard."""
    lab.job("wa_numbers.set", THEIRS.digits, f"app_id={numbers.OTHER_APP}")
    yield
    lab.metasim.command("graph_token", app_id=numbers.OTHER_APP, secret=None)
    write(lab.dir / "apps", "")
    lab.job("wa_numbers.set", THEIRS.digits, f"app_id={numbers.APP}", "password_file=")
    wait_error(lab, THEIRS, f"none of app {numbers.APP}")


def test_A02_each_number_is_read_with_the_token_of_its_app(lab, ctl, other_app):
    """An app comes with a line in a file, its secret too; nothing is restarted."""
    wait_error(lab, THEIRS, "no token for this app")
    token, secret = lab.dir / "other.token", lab.dir / "other.secret"
    write(token, numbers.OTHER_TOKEN + "\n")
    write(secret, SECRET + "\n")
    mark = lab.metasim.events.mark()
    write(lab.dir / "apps", f"# theirs\n{numbers.OTHER_APP} {token}\n")
    wait_error(lab, THEIRS, "")
    lab.metasim.catch_up()
    assert {e["app_id"] for e in lab.metasim.events.since(mark)
            if e["event"] == "graph_request" and e["id"] == THEIRS.id} == {numbers.OTHER_APP}
    lab.sync(THEIRS)
    assert lab.rpc("wa_numbers.show", THEIRS.digits)["has_password"] == 1
    assert app(ctl, lab, numbers.OTHER_APP)["token"] == "in use"
    # the app demands a proof that whoever has the token also knows its secret
    lab.metasim.command("graph_token", app_id=numbers.OTHER_APP, secret=SECRET)
    lab.sync(THEIRS)
    assert "require an appsecret_proof" in lab.rpc("wa_settings.show", THEIRS.digits)["error"]
    write(lab.dir / "apps", f"{numbers.OTHER_APP} {token} {secret}\n")
    wait_until(lambda: app(ctl, lab, numbers.OTHER_APP)["proof"] == 1, 10, "the secret is known", pause=0.05)
    lab.sync(THEIRS)
    assert lab.rpc("wa_settings.show", THEIRS.digits)["error"] == ""
    for text in (lab.kamailio.daemon.log(), json.dumps(ctl(lab, "app", "list").json)):
        assert SECRET not in text and numbers.OTHER_TOKEN not in text and "appsecret_proof=" not in text
    # a file with a mistake changes nothing, and says which line
    write(lab.dir / "apps", f"{numbers.OTHER_APP} {token} {secret}\nacme /x\n")
    wait_until(lambda: "line 2: an app id is expected" in ctl(lab, "app", "list").words, 10, "the line is named",
               pause=0.05)
    assert ctl(lab, "app", "list").status == 1 and app(ctl, lab, numbers.OTHER_APP)["token"] == "in use"
    # and one without the app takes it away
    write(lab.dir / "apps", "")
    wait_until(lambda: app(ctl, lab, numbers.OTHER_APP) is None, 10, "the app is gone", pause=0.05)
    lab.sync(THEIRS)
    assert "no token for this app" in lab.rpc("wa_settings.show", THEIRS.digits)["error"]


def test_A12_a_refused_token_is_named_and_the_next_one_taken_by_itself(lab, ctl):
    new = "lab-token-that-is-new"
    path = lab.dir / "graph.token"
    try:
        lab.metasim.command("graph_token", app_id=numbers.APP, valid=False)
        done = ctl(lab, "number", "sync", OURS.digits)
        assert done.status == 1 and "graph 190: access token refused: put a new one into the token file" in done.words
        # a file that everybody can read is refused, and named
        write(path, new, 0o644)
        wait_until(lambda: "token_file: readable by everyone" in app(ctl, lab, numbers.APP)["token"], 10,
                   "the file is refused", pause=0.05)
        assert ctl(lab, "app", "list").status == 1
        lab.metasim.command("graph_token", app_id=numbers.APP, token=new, permissions=["whatsapp_business_management"])
        write(path, new)
        wait_error(lab, OURS, "")  # nobody asks
        assert ctl(lab, "app", "list").status == 0
        assert new not in lab.kamailio.daemon.log()
    finally:
        lab.metasim.command("graph_token", app_id=numbers.APP, valid=True)
        write(path, numbers.TOKEN + "\n")
    assert ctl(lab, "number", "sync", OURS.digits).status == 0


def test_A12_a_token_changed_while_meta_refuses_the_old_one_costs_no_failure(lab):
    """By the time the refusal comes the file holds another token: the request is made again with it."""
    new = "lab-token-that-is-newer"
    path = lab.dir / "graph.token"
    mark = lab.metasim.events.mark()

    def asked():
        return [e for e in lab.metasim.events.since(mark) if e["event"] == "graph_request" and e["id"] == OURS.id]
    try:
        lab.metasim.command("graph_token", app_id=numbers.APP, token=new, permissions=["whatsapp_business_management"])
        lab.metasim.command("graph_fault", id=OURS.id, edge="settings", status=401, code=190, delay_ms=60000)
        ticket = lab.rpc("wa_settings.sync", OURS.digits)["ticket"]
        wait_until(asked, 15, "Meta is asked")
        write(path, new)
        lab.metasim.command("graph_release")
        wait_until(lambda: lab.rpc("wa_settings.show", OURS.digits)["answered"] >= ticket, 10, "the number is read")
        state = lab.rpc("wa_settings.show", OURS.digits)
        assert state["error"] == "" and state["failures"] == 0
        wait_until(lambda: [e["status"] for e in asked()] == [401, 200], 15, "both requests are told")
    finally:
        write(path, numbers.TOKEN + "\n")
    lab.sync(OURS)
    assert lab.rpc("wa_settings.show", OURS.digits)["error"] == ""
