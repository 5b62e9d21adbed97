# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: calls that are over, and what crossed in them."""
from calls import business_calls, user_calls
from lab import numbers
from lab.process import wait_until


def ladder(lab, row):
    return lab.rpc("wa_trace.ladder", row["call"], *([row["meta_call"]] if row["meta_call"] else []))["messages"]


def recent(lab, call_id, which="all"):
    """The row of one call, among the last ones."""
    def row():
        rows = [r for r in lab.rpc("wa_calls.recent", which, "100")["calls"] if r["call"] == call_id]
        return rows[0] if rows else None
    return wait_until(row, 10, f"{call_id} is among the calls that are over")


def whats(steps, side, way):
    return [s["what"] for s in steps if (s["side"], s["way"]) == (side, way)]


def test_G08_the_ladder_of_a_call_of_the_business(lab, pbx, user):
    """Its two legs have different Call-IDs; the digest round is there, what it says is not."""
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    row = recent(lab, leg.call_id)
    assert row["meta_call"] and row["meta_call"] != row["call"] and row["phrase"] == ""
    wait_until(lambda: len(whats(ladder(lab, row), "meta", "out")) == 5 and [
        s for s in ladder(lab, row) if (s["side"], s["way"], s["method"]) == ("pbx", "out", "BYE")], 10, "the BYE is answered")
    steps = ladder(lab, row)
    # ACK and BYE go through two workers, which may take them in either order
    assert sorted(whats(steps, "pbx", "in")) == ["ACK", "BYE", "INVITE"]
    to_meta = [s for s in steps if (s["side"], s["way"]) == ("meta", "out")]
    assert sorted(s["what"] for s in to_meta) == ["ACK", "ACK", "BYE", "INVITE", "INVITE"]
    first, second = [s for s in to_meta if s["what"] == "INVITE"]
    assert (first["credentials"], second["credentials"]) == (0, 1) and second["cseq"] == first["cseq"] + 1
    assert "407" in " ".join(whats(steps, "meta", "in"))
    assert first["sdp"] == 1 and first["far"] == "%s:%d" % lab.addresses.metasim_sip
    assert [s["ms"] for s in steps] == sorted(s["ms"] for s in steps) and steps[0]["ms"] == 0
    assert user not in str(steps) and "response" not in str(steps)


def test_G08_the_ladder_of_a_call_of_a_user(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    row = recent(lab, leg.call_id)
    assert row["result"] == "ended" and row["cause"] == "bye_pbx" and row["meta_call"] == ""
    steps = ladder(lab, row)
    assert whats(steps, "pbx", "out")[0] == "INVITE" and "BYE" in whats(steps, "pbx", "in")
    assert whats(steps, "meta", "in")[0] == "INVITE"
    assert {"407 Proxy Authentication Required", "200 OK", "BYE"} <= set(whats(steps, "meta", "out"))


def test_G08_a_failure_has_its_reason_and_its_remedy(lab, pbx, user):
    lab.metasim.policy(user, refuse={"code": 403, "reason": "No Approved Call Permission Found"})
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_final()
    row = recent(lab, leg.call_id, "failed")
    assert (row["result"], row["cause"], row["code"], row["by"]) == ("failed", "permission_missing", 403, "meta")
    assert row["why"].startswith("no call permission") and row["remedy"].startswith("ask the user")
    assert row["phrase"] == "No Approved Call Permission Found"
    assert user not in str(row) and row["peer"].startswith(user[:4] + "***")
    ours = lab.rpc("wa_calls.recent", "all", "100", numbers.DTLS.digits)["calls"]
    assert row["id"] in [r["id"] for r in ours] and {r["number"] for r in ours} == {numbers.DTLS.digits}
    assert lab.rpc("wa_calls.recent", "all", "100", "nobody")["calls"] == []


def test_G08_what_the_user_ended_is_no_failure(lab, pbx, user):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(180)
    call.hangup()
    leg.expect("CANCEL")
    leg.reply(487)
    assert recent(lab, leg.call_id)["result"] == "cancelled"
    assert leg.call_id not in [r["call"] for r in lab.rpc("wa_calls.recent", "failed", "100")["calls"]]


def test_G08_the_last_minutes_are_known(lab, pbx, user):
    def sums():
        seen = lab.rpc("wa_calls.history", "30")
        assert all(len(seen[name]) == 30 for name in ("calls", "attempts", "answered", "failed", "ended", "mos"))
        return {name: sum(seen[name]) for name in ("attempts", "answered", "ended")}
    before = sums()
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    wait_until(lambda: max(lab.rpc("wa_calls.history", "2")["calls"]) >= 1, 10, "a call is seen")
    leg.bye()
    call.wait_ended()
    recent(lab, leg.call_id)
    after = sums()
    assert all(after[name] > before[name] for name in before)
