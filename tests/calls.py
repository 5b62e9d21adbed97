# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls nearly every test makes, up to the point where the test takes over."""
from lab import process


def user_calls(lab, pbx, number, user, hz=None, codecs=("PCMU", "PCMA"), event_pt=None, **options):
    """WhatsApp user rings the business, the PBX answers; hz: the PBX's tone.
    Returns Meta's call and the PBX's leg, both established."""
    call = lab.metasim.ring(number, user, **options)
    leg = pbx.incoming(codecs=codecs, event_pt=event_pt)
    leg.reply(180)
    leg.answer(hz=hz)
    call.wait_answered()
    leg.expect("ACK")
    return call, leg


def business_calls(lab, pbx, number, user, hz=None, **how):
    """The PBX rings a WhatsApp user who answers. Returns Meta's call and the PBX's leg."""
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, number.digits, **how)
    reply = leg.wait_final()
    assert reply.status == 200, reply.start
    if hz is not None:
        leg.play(hz)
    call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    return call, leg


def both_hear(call, heard, seconds=1.2):
    """Waits until either end has had that much audio; returns Meta's statistics
    and the PBX's tone. heard: the PBX's function."""
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > seconds * 1000, 20, "WhatsApp has audio",
                       pause=0.1)
    process.wait_until(lambda: heard().seconds > seconds, 20, "the PBX has audio", pause=0.1)
    return call.stats(), heard()


def meta_heard(stats, hz):
    """Did Meta hear that tone for a while? The last moment may be a late packet's hole."""
    return any(abs(tone["hz"] - hz) < 10 and tone["ms"] >= 190 for tone in stats["heard"]["tones"])


def nothing_in_clear(stats):
    """F13: every packet toward Meta was SRTP that Meta could open, none before the answer."""
    assert stats["srtp"]["clear"] == 0 and stats["srtp"]["clear_rtcp"] == 0
    assert stats["srtp"]["undecryptable"] == 0
    assert stats["srtp"]["before_keys_discarded"] == 0
    assert stats["early"]["packets"] == 0
