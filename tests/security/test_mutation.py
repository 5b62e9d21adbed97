# SPDX-License-Identifier: GPL-2.0-or-later
"""Real calls, changed here and there, against the running SBC; `make fuzz-sip` does it for ten minutes."""
import mutate


def test_changed_messages_end_no_process_and_the_next_call_works(own_lab):
    lab = own_lab()
    lab.provision()
    sent, failed = mutate.attack(lab, 5, 20261125)
    assert failed is None and sent >= 100


def test_a_process_that_is_gone_is_noticed(own_lab, monkeypatch):
    lab = own_lab()
    lab.provision()
    pids = iter([{1}, {2}])
    monkeypatch.setattr(mutate.Target, "pids", lambda self: next(pids))
    assert mutate.attack(lab, 5, 1)[1] == "a process is gone"
