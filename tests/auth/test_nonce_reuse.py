# SPDX-License-Identifier: GPL-2.0-or-later
"""D07: a nonce that Meta gave comes again, ahead of its challenge; a refusal costs the normal round."""
import pytest

from calls import business_calls
from lab import numbers
from lab.sip import digest

NUMBER = numbers.SDES_G711


@pytest.fixture(name="reuse", autouse=True)
def fixture_reuse(lab):
    """Switched on at run time, and off again."""
    lab.rpc("cfg.set_now_int", "wasbc", "reuse_nonce", 1)
    yield
    lab.rpc("cfg.set_now_int", "wasbc", "reuse_nonce", 0)


def invites(call):
    return call.received(lambda m: m.method == "INVITE")


def given(invite):
    (header,) = invite.all("Proxy-Authorization")
    return digest(header)


def place(lab, pbx, number, user, cseq=5, **policy):
    """A call from start to end; returns its INVITEs as Meta saw them."""
    if policy:
        lab.metasim.policy(user, **policy)
    call, leg = business_calls(lab, pbx, number, user, cseq=cseq)
    assert leg.answered.cseq == cseq
    assert leg.bye().cseq == cseq + 1
    call.wait_ended()
    (bye,) = call.received(lambda m: m.method == "BYE")
    assert bye.cseq == invites(call)[-1].cseq + 1
    return invites(call)


def change(lab, before, name):
    return lab.rpc("wa_auth.stats")[name] - before[name]


def test_D07_the_second_call_goes_ahead_of_the_challenge(lab, pbx, users):
    first = place(lab, pbx, NUMBER, next(users))
    assert [m.cseq for m in first] == [5, 6]
    known = given(first[1])
    assert known["nc"] == "00000001"
    for count in (2, 3):
        (only,) = place(lab, pbx, NUMBER, next(users))
        ahead = given(only)
        assert only.cseq == 5  # nothing was challenged: nothing is raised
        assert (ahead["nonce"], ahead["opaque"]) == (known["nonce"], known["opaque"])
        assert ahead["nc"] == f"{count:08x}" and ahead["cnonce"] != known["cnonce"]
        assert ahead["uri"] == only.uri


def test_D07_parallel_calls_never_use_a_count_twice(lab, pbx, users):
    place(lab, pbx, NUMBER, next(users))
    callees = [next(users) for _ in range(6)]
    mark = lab.metasim.events.mark()
    legs = [pbx.call(user, NUMBER.digits) for user in callees]
    calls = [lab.metasim.rung(user, mark=mark) for user in callees]
    for call, leg in zip(calls, legs):
        assert leg.wait_final().status == 200
        call.wait_answered()
        leg.bye()
        call.wait_ended()
    counts = [(given(m)["nonce"], given(m)["nc"]) for call in calls for m in invites(call)
              if m.all("Proxy-Authorization")]
    # one that another has overtaken on its way may be refused: a round more
    assert len(counts) >= 6 and len(set(counts)) == len(counts)


def test_D07_a_refusal_costs_only_the_normal_round(lab, pbx, users):
    place(lab, pbx, NUMBER, next(users))
    before = lab.rpc("wa_auth.stats")
    mark = lab.metasim.events.mark()
    ahead, answer = place(lab, pbx, NUMBER, next(users), cseq=9, nonce_reuse=False)
    assert (ahead.cseq, answer.cseq) == (9, 10)
    assert int(given(ahead)["nc"], 16) > 1
    fresh = given(answer)
    assert fresh["nonce"] != given(ahead)["nonce"] and fresh["nc"] == "00000001"
    assert change(lab, before, "ahead_refused") == 1
    # not a word of refused credentials: nothing is read again
    assert change(lab, before, "answer_refused") == change(lab, before, "waited") == 0
    assert change(lab, before, "answered_stale") == 0
    assert not [e for e in lab.metasim.events.since(mark) if e["event"] == "graph_request" and e["id"] == NUMBER.id]


def test_D07_a_changed_password_is_still_noticed_after_it(lab, pbx, users, watch):
    """Ahead, then two answers: the wrong password is read again and the call goes through."""
    watch.provoked.add("digest_response")
    place(lab, pbx, NUMBER, next(users))
    lab.metasim.command("graph_password", digits=NUMBER.digits, app_id=NUMBER.app, password="new-after-the-nonce")
    sent = place(lab, pbx, NUMBER, next(users), wrong_answer=407)
    assert [m.cseq for m in sent] == [5, 6, 7]


def test_D07_who_never_takes_them_gets_none_for_a_while(lab, pbx, users):
    number = numbers.PCMA_SDES
    place(lab, pbx, number, next(users), nonce_reuse=False)
    for _ in range(3):
        assert len(place(lab, pbx, number, next(users), nonce_reuse=False)) == 2
    before = lab.rpc("wa_auth.stats")
    first, second = place(lab, pbx, number, next(users))
    assert first.all("Proxy-Authorization") == [] and given(second)["nc"] == "00000001"
    assert change(lab, before, "ahead") == 0
    # another number is not concerned
    place(lab, pbx, NUMBER, next(users))
    assert len(place(lab, pbx, NUMBER, next(users))) == 1


def test_D07_one_that_is_taken_breaks_the_row_of_refusals(lab, pbx, users):
    number = numbers.PCMA_TRUNK
    refuse, take = {"nonce_reuse": False}, {}
    place(lab, pbx, number, next(users))
    for policy in (refuse, refuse, take, refuse, refuse):
        rounds = len(place(lab, pbx, number, next(users), **policy))
        assert rounds == (2 if policy else 1)
    assert len(place(lab, pbx, number, next(users))) == 1


def test_D07_a_403_costs_the_nonce_too(lab, pbx, users):
    """Meta may say 403 for a nonce it does not know any more: the next call must not run into that again."""
    place(lab, pbx, NUMBER, next(users))
    unwilling = next(users)
    lab.metasim.policy(unwilling, permitted=False)
    before = lab.rpc("wa_auth.stats")
    assert pbx.call(unwilling, NUMBER.digits).wait_final().status == 403
    assert change(lab, before, "ahead") == change(lab, before, "ahead_refused") == 1
    first, _ = place(lab, pbx, NUMBER, next(users))
    assert first.all("Proxy-Authorization") == []


def test_D07_switched_off_nothing_is_sent_ahead(lab, pbx, users):
    place(lab, pbx, NUMBER, next(users))
    lab.rpc("cfg.set_now_int", "wasbc", "reuse_nonce", 0)
    first, second = place(lab, pbx, NUMBER, next(users))
    assert first.all("Proxy-Authorization") == [] and len(second.all("Proxy-Authorization")) == 1
