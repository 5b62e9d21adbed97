# SPDX-License-Identifier: GPL-2.0-or-later
"""aiortc as the media of Meta: ICE, DTLS-SRTP, RTP and Opus that share no line with rtpengine or the simulator."""
import asyncio
import fractions
import threading
import time

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription

from lab import audio

RATE, FRAME = 48000, 960


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz, level):
        super().__init__()
        second = audio.sine(hz, level, 1, RATE)
        self.samples = [max(-32768, min(32767, round(s * 32767))) for s in second]
        self.started, self.count = None, 0

    async def recv(self):
        self.started = self.started or time.monotonic()
        await asyncio.sleep(max(0, self.started + self.count / RATE - time.monotonic()))
        at = self.count % RATE
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(b"".join(s.to_bytes(2, "little", signed=True)
                                        for s in self.samples[at:at + FRAME]))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.count, fractions.Fraction(1, RATE)
        self.count += FRAME
        return frame


class AiortcEnd:
    """One call's media at this address, in a loop and thread of its own.

    One address: of several, aioice nominates each as it is checked and takes the last one, where
    RFC 5245 (8.1.1.2) takes the one with the highest priority.
    """

    def __init__(self, address, hz=700, level=-20.0):
        aioice.ice.get_host_addresses = lambda **_: [address]
        self.loop = asyncio.new_event_loop()
        self.heard_samples = []
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.pc = self._do(self._make(hz, level))

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def _make(self, hz, level):
        pc = RTCPeerConnection()
        pc.addTrack(Tone(hz, level))
        pc.on("track", lambda track: asyncio.ensure_future(self._listen(track)))
        return pc

    async def _listen(self, track):
        while True:
            try:
                frame = await track.recv()
            except Exception:  # aiortc's MediaStreamError, at the end
                return
            values = memoryview(bytes(frame.planes[0])).cast("h")[:frame.samples * len(frame.layout.channels)]
            self.heard_samples += [v / 32768 for v in values[::len(frame.layout.channels)]]

    def heard(self):
        return audio.measure(audio.resample(list(self.heard_samples), RATE))

    def offer(self):
        async def make():
            await self.pc.setLocalDescription(await self.pc.createOffer())
            return self.pc.localDescription.sdp
        return self._do(make())

    def accept(self, sdp):
        self._do(self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer")))

    def answer(self, sdp):
        async def make():
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await self.pc.setLocalDescription(await self.pc.createAnswer())
            return self.pc.localDescription.sdp
        return self._do(make())

    def state(self):
        return self.pc.connectionState

    def close(self):
        self._do(self.pc.close())
