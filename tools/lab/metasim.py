# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta, as tools/metasim plays it: commands go in, events come out, a JSON object a line."""
import itertools
import json

from . import numbers, sip
from .addresses import META_HOSTNAME, SBC_HOSTNAME, hostport
from .errors import LabError
from .events import Events
from .process import Daemon, wait_until
from .rundir import built


def configuration(lab, listed):
    at, certs = lab.addresses, lab.certs.dir
    return {
        "sip": {"listen": hostport(at.metasim_sip), "domain": META_HOSTNAME,
                "cert": str(certs / "meta.crt"), "key": str(certs / "meta.key"), "ca": str(lab.certs.ca)},
        "resolve": {SBC_HOSTNAME: hostport(at.sip)},
        "numbers": [n.meta_config(SBC_HOSTNAME, at.sip[1]) for n in listed],
        "graph": {"listen": hostport(at.graph), "cert": str(certs / "graph.crt"), "key": str(certs / "graph.key"),
                  "tokens": [{"token": numbers.TOKEN, "app_id": numbers.APP,
                              "permissions": ["whatsapp_business_management", "whatsapp_business_messaging"]},
                             {"token": numbers.OTHER_TOKEN, "app_id": numbers.OTHER_APP,
                              "permissions": ["whatsapp_business_management", "whatsapp_business_messaging"]}]},
        "policy": {"*": {"permitted": True, "day_limit": 100000}},
        "media": {"address": at.meta, "ports": [40000, 40999]}}


class Metasim:
    def __init__(self, lab, listed, change=None):
        self.lab = lab
        config = configuration(lab, listed)
        if change:
            change(config)
        path = lab.dir / "metasim.json"
        path.write_text(json.dumps(config, indent=1))
        self.events = Events("metasim")
        self.ids = itertools.count(1)
        self.calls = []        # still to be ended by settle()
        self.changed = set()   # users whose policy settle() takes back
        self.log = open(lab.dir / "metasim-events.log", "w", encoding="utf-8")
        self.daemon = Daemon(lab, "metasim", [built("metasim", "build"), "-c", path], on_line=self._on_line,
                             stdin=True)

    def _on_line(self, line, at):
        self.log.write(line + "\n")
        self.log.flush()
        try:
            event = json.loads(line)
        except ValueError:
            return
        event["at"] = at
        if event.get("event") == "sip":
            event["message"] = sip.Message(event["text"])
        self.events.add(event)

    def wait_ready(self):
        wait_until(lambda: self.events.find(lambda e: e["event"] == "ready"), 30, "metasim is ready", self.daemon)

    def command(self, cmd, **members):
        """Gives a command; returns its result event, raises LabError if it was refused."""
        mark = self.events.mark()
        self.daemon.send(json.dumps({"cmd": cmd, **members}))
        # results come in the order of the commands
        answer = self.events.wait(lambda e: e["event"] == "result" and e["cmd"] == cmd, 20,
                                  f"the result of {cmd}", mark)
        if not answer["ok"]:
            raise LabError(f"metasim refuses {cmd}: {answer.get('why')}")
        return answer

    def catch_up(self):
        """Until everything has been read that Meta has said so far. Who was answered over SIP knows more
        than the events tell yet: they come by a pipe and a thread of their own."""
        if not self.daemon.ended():
            self.command("sync")

    def policy(self, user, **members):
        """How a WhatsApp user behaves, and what Meta makes of calls to them; see metasim's README."""
        self.command("policy", user=user, set=members)
        self.changed.add(user)

    def ring(self, number, user, **options):
        """A WhatsApp user rings a business number: Meta sends the INVITE."""
        name = f"in{next(self.ids)}"
        call = MetaCall(self, name)
        self.command("call", call=name, **{"from": user, "to": getattr(number, "digits", number)}, **options)
        self.calls.append(call)
        return call

    def rung(self, user, seconds=10, mark=0):
        """The call of a business that reaches `user`."""
        event = self.events.wait(lambda e: e["event"] == "incoming" and e.get("user") == user, seconds,
                                 f"a call to {user}", mark)
        call = MetaCall(self, event["call"])
        self.calls.append(call)
        return call

    def wait(self, kind, seconds=10, mark=0, **members):
        """The first event of that kind with these members."""
        return self.events.wait(
            lambda e: e["event"] == kind and all(e.get(k) == v for k, v in members.items()),
            seconds, " ".join([kind, *(f"{k}={v}" for k, v in members.items())]), mark)

    def messages(self, mark=0, call=None):
        """(time, sent by Meta, Message) of every SIP message, or of one call's."""
        return [(e["at"], e["dir"] == "tx", e["message"]) for e in self.events.since(mark)
                if e["event"] == "sip" and (call is None or e.get("call") == call)]

    def violations(self, mark=0):
        """What Meta would not have put up with, as "rule: detail" (of SIP or of media)."""
        return [f"{e.get('rule') or e['what']}: {e.get('detail') or e['text']}"
                for e in self.events.since(mark) if e["event"] == "violation"]

    def settle(self):
        """Ends what a test has left open, and forgets what it has asked for."""
        for call in self.calls:
            if not call.over():
                call.end()
        self.calls.clear()
        for user in self.changed:
            self.command("policy_clear", user=user)
        self.changed.clear()
        self.command("graph_fault_clear")

    def stop(self):
        self.daemon.stop()
        self.log.close()


class MetaCall:
    """One call as Meta sees it."""

    def __init__(self, meta, name):
        self.meta, self.name = meta, name

    def wait(self, kind, seconds=10):
        return self.meta.wait(kind, seconds, call=self.name)

    def wait_answered(self, seconds=15):
        """Waits for the answer; a call that ends instead is an error that says why."""
        event = self.meta.events.wait(
            lambda e: e.get("call") == self.name and e["event"] in ("answered", "call_ended"), seconds,
            f"call {self.name} answered")
        if event["event"] == "call_ended":
            raise LabError(f"call {self.name} ended: {event.get('code')} {event.get('reason')}")
        return event

    def wait_ended(self, seconds=15):
        return self.wait("call_ended", seconds)

    def over(self):
        return self.meta.events.find(lambda e: e["event"] == "call_ended" and e.get("call") == self.name)

    def messages(self):
        return self.meta.messages(call=self.name)

    def sent(self, match=lambda m: True):
        self.meta.catch_up()
        return [m for _, sent, m in self.messages() if sent and match(m)]

    def received(self, match=lambda m: True):
        self.meta.catch_up()
        return [m for _, sent, m in self.messages() if not sent and match(m)]

    def wait_received(self, match, what, seconds=10):
        """First message of this call that the SBC sent with match(message)."""
        return self.meta.events.wait(
            lambda e: e["event"] == "sip" and e.get("call") == self.name and e["dir"] == "rx"
            and match(e["message"]), seconds, what)["message"]

    def stats(self):
        """Media statistics now, or the last ones of a call that is over."""
        ended = self.over()
        return ended["media"] if ended else self.meta.command("stats", call=self.name)["media"]

    def tone(self, hz, dbov=-20):
        self.meta.command("media_tone", call=self.name, hz=hz, dbov=dbov)

    def hangup(self):
        self.meta.command("hangup", call=self.name)

    def end(self):
        try:
            self.hangup()
        except LabError:
            pass  # it is ending by itself: the event is on its way
        self.wait_ended()
