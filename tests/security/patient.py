# SPDX-License-Identifier: GPL-2.0-or-later
"""A PBX that has the patience which UDP asks for, where a flood fills the SBC's socket."""
import threading

from lab.pbx_wire import WirePbx

EVERY = 0.5  # seconds: T1


def wants_answer(message):
    """Does something have to come back for it? (RFC 3261 17.1, 13.3.1.4)"""
    if message.is_reply:
        return message.cseq_method == "INVITE" and 200 <= message.status < 300
    return message.method != "ACK"


class PatientPbx(WirePbx):
    """Repeats what is not answered yet. (A reply and an ACK that are lost are asked for by the SBC.)"""

    def __init__(self, lab):
        self._unanswered, self._lock, self._over = [], threading.Lock(), threading.Event()
        super().__init__(lab)
        self._repeater = threading.Thread(target=self._repeat, daemon=True)
        self._repeater.start()

    def send(self, text):
        message = super().send(text)
        if wants_answer(message):
            with self._lock:
                self._unanswered.append(message)
        return message

    def _is_done(self, message):
        def answers(entry):
            _, sent, other = entry
            if sent or (other.call_id, other.cseq) != (message.call_id, message.cseq):
                return False
            if message.is_reply:
                return other.method == "ACK"
            return other.is_reply and other.cseq_method == message.method and (
                other.status >= 200 or message.method == "INVITE")
        return self.trace.find(answers) is not None

    def _repeat(self):
        while not self._over.wait(EVERY):
            with self._lock:
                self._unanswered = [m for m in self._unanswered if not self._is_done(m)]
                left = list(self._unanswered)
            for message in left:
                self.wires.send(message)

    def stop(self):
        self._over.set()
        self._repeater.join(5)
        super().stop()
