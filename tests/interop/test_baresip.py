# SPDX-License-Identifier: GPL-2.0-or-later
"""baresip in Meta's place: a third stack's TLS, digest, ICE, DTLS-SRTP and Opus."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import namespace  # noqa: E402


@pytest.mark.parametrize("direction", ["in", "out"])
def test_F01_F02_F06_F10_C03_baresip_is_heard_and_hears(direction):
    found = namespace.run("baresip_call.py", direction)
    assert found["challenged"] == (1 if direction == "in" else 0)
    for who, hz in (("whatsapp", 1000), ("pbx", 700)):
        tone = found[who]
        assert abs(tone["hz"] - hz) < 10 and tone["purity"] > 0.9, (who, tone)
