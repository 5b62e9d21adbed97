# SPDX-License-Identifier: GPL-2.0-or-later
"""D10: what Meta refuses gets a stable word, on the wire and in the log, and is not tried again."""
import pytest

from lab import numbers

NUMBER_ID = numbers.DTLS.id
ROWS = [
    (400, "Asset not found", "number_not_registered"),
    (400, "invalid business phone number", "number_not_registered"),
    (403, f"SIP server x.example from INVITE does not match any SIP server configured for phone number id {NUMBER_ID}",
     "hostname_mismatch"),
    (403, "No Approved Call Permission Found", "permission_missing"),
    (403, "The app 1 configured for SIP server x.example is not authorized", "app_not_authorized"),
    (403, "Business Initiated Connected Call Per Day Limit Hit", "limit_pair_day"),
    (403, "Duplicate call", "duplicate_call"),
    (403, "Invalid digest response", "meta_auth"),
    (403, 'Proxy auth uri does not match SIP "to" uri', "meta_auth_uri"),
    (403, "Payment issue", "payment"),
    (403, "SDP validation error", "meta_sdp"),
    (403, "Something new", "meta_forbidden"),
    (404, "Not Found", "meta_not_found"),
    (408, "RTP Timeout", "meta_no_media"),
    (480, "Temporarily Unavailable", "unreachable"),
    (486, "Busy Here", "declined"),
    (500, "Internal Server Error", "meta_error"),
    (503, "Service Unavailable", "meta_busy"),
]


@pytest.mark.parametrize("code, phrase, cause", ROWS, ids=[f"{r[0]}-{r[2]}-{i}" for i, r in enumerate(ROWS)])
def test_D10_each_row_of_meta_has_its_word(lab, pbx, user, code, phrase, cause):
    lab.metasim.policy(user, challenge="md5", refuse={"code": code, "reason": phrase})
    leg = pbx.call(user, numbers.DTLS.digits)
    reply = leg.wait_final()
    assert reply.status == code
    assert reply.get("Reason") == f'SIP;cause={code};text="{cause}"'
    assert f'"{cause}"' in reply.get("Warning")
    call = lab.metasim.rung(user)
    # the first and the one with credentials: a refusal is not tried again
    assert len(call.received(lambda m: m.method == "INVITE")) == 2
    (line,) = [text for text in lab.kamailio.daemon.log().splitlines()
               if "event=failed" in text and f"call={leg.call_id}" in text]
    assert f"cause={cause} " in line and f"code={code} " in line


def test_D10_the_caller_s_cancel_has_a_word_too(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_status(180)
    leg.cancel()
    assert leg.wait_final().status == 487
    (line,) = [text for text in lab.kamailio.daemon.log().splitlines()
               if "event=cancelled" in text and f"call={leg.call_id}" in text]
    assert "cause=cancelled " in line


@pytest.mark.parametrize("code, cause", [(404, "pbx_not_found"), (480, "pbx_no_answer"), (486, "pbx_busy"),
                                         (603, "pbx_declined"), (403, "pbx_refused")])
def test_D10_refusals_of_the_pbx_have_one_as_well(lab, pbx, user, code, cause):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(code)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == code
    (line,) = [text for text in lab.kamailio.daemon.log().splitlines()
               if "event=failed" in text and f"call={leg.call_id}" in text]
    assert f"cause={cause} " in line


def test_D10_the_running_sbc_shows_the_dictionary(lab):
    words = {row["code"]: row for row in lab.rpc("wa_calls.reasons")}
    assert {row[2] for row in ROWS} <= set(words)
    assert words["permission_missing"]["class"] == "user" and words["permission_missing"]["remedy"]
