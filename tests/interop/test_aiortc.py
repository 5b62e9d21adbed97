# SPDX-License-Identifier: GPL-2.0-or-later
"""aiortc in Meta's place: a second WebRTC stack offers, and answers, and is heard."""
import importlib.util
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import namespace  # noqa: E402


@pytest.mark.parametrize("direction", ["in", "out"])
def test_F01_F02_F06_F10_aiortc_is_heard_and_hears(direction):
    """It offers PCMU and PCMA beside Opus; the number has Opus alone."""
    if importlib.util.find_spec("aiortc") is None:
        pytest.skip("aiortc is not installed: apt-get install python3-aiortc")
    found = namespace.run("aiortc_call.py", direction)
    assert found["state"] == "connected"
    for who, hz in (("whatsapp", 1000), ("pbx", 700)):
        tone = found[who]
        assert abs(tone["hz"] - hz) < 10 and abs(tone["dbov"] + 20) < 3 and tone["purity"] > 0.9, (who, tone)
