# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does with a wanted file, and what Meta then has."""
import json
import subprocess

from lab.process import wait_until
from lab.rundir import built


def ctl(lab, *words, text=None):
    """wasbcctl: (exit status, standard output, standard error)."""
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", *words],
                          input=text, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout, done.stderr


def entry(number, **members):
    return {"number": "+" + number.digits, "phone_number_id": number.id, **members}


def wanted_file(lab, *entries, name="wanted.json", **more):
    path = lab.dir / name
    path.write_text(json.dumps({"numbers": list(entries), **more}))
    return path


def apply(lab, *entries, **more):
    """Applies a file with these entries: what became of each number."""
    status, out, err = ctl(lab, "--json", "apply", wanted_file(lab, *entries, **more))
    assert status == 0, err
    return json.loads(out)


def plan(lab, *entries):
    """{field: (wanted, stored, meta)} of what differs, for a file with one number."""
    status, out, err = ctl(lab, "--json", "plan", wanted_file(lab, *entries, name="plan.json"))
    assert status in (0, 4), err
    rows = json.loads(out)[0]["fields"]
    differs = {r["field"]: (r["wanted"], r["stored"], r["meta"]) for r in rows if r["differs"]}
    assert (status == 4) == bool(differs)
    return differs


def requests(lab, number, mark=0, method="POST"):
    """What Meta was asked about the number's settings."""
    lab.metasim.catch_up()
    return [e for e in lab.metasim.events.since(mark) if e["event"] == "graph_request" and e["id"] == number.id
            and e["edge"] == "settings" and e["method"] == method]


def bodies(lab, number, mark=0):
    """The "calling" of each POST that was served."""
    found = []
    for request in requests(lab, number, mark):
        if request["status"] != 200:
            continue
        body = request["body"]
        found.append((json.loads(body) if isinstance(body, str) else body)["calling"])
    return found


def change_elsewhere(lab, number, **calling):
    """Somebody writes settings of the number without the SBC."""
    lab.metasim.command("graph_settings", digits=number.digits, app_id=number.app, calling=calling)


def drift(lab):
    """{digits: fields}"""
    found, cursor = {}, 0
    while True:
        page = lab.rpc("wa_settings.list", str(cursor), "250", "drift")
        found.update({n["digits"]: n["drift"] for n in page["numbers"]})
        cursor = page["next"]
        if not cursor:
            return found


def audit(lab, number):
    """Lines of the audit stream about the number, oldest first."""
    lines = lab.redis.command("XRANGE", "wa:audit", "-", "+")
    found = [dict(zip(pairs[::2], pairs[1::2])) for _, pairs in lines]
    return [line for line in found if line["number"] == number.digits]


def forget(lab, number):
    """Nothing is wanted of the number any more."""
    lab.redis.command("DEL", f"wa:wanted:{number.digits}")
    lab.redis.command("XADD", "wa:changes", "*", "kind", "wanted", "key", number.digits, "op", "del")


def stat(lab, name):
    return int(lab.rpc("stats.fetchn", f"wa_settings.{name}")[f"wa_settings.{name}"])


def shown(lab, number):
    return lab.rpc("wa_numbers.show", number.digits)


def wait_idle(lab):
    wait_until(lambda: not lab.rpc("wa_settings.tasks")["tasks"], 20, "no task is running", lab.kamailio.daemon)
