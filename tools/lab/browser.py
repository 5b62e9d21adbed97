# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium without a window, spoken to through a pipe (--remote-debugging-pipe): no driver is needed."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ("chromium-headless-shell", "chromium")


class BrowserError(Exception):
    pass


class Browser:
    """One browser with one page."""

    def __init__(self):
        program = next((found for found in map(shutil.which, PROGRAMS) if found), None)
        if program is None:
            raise BrowserError("no chromium: make setup")
        self.home = tempfile.mkdtemp(prefix="wasbc-browser-")
        there, self.to = os.pipe()
        self.back, here = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{there} 4>&{here}', program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", "--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb",
             "--disable-background-networking", "--host-resolver-rules=MAP *.example 127.0.0.1", f"--user-data-dir={self.home}", "about:blank"],
            pass_fds=(there, here), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home})
        os.close(there)
        os.close(here)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        self.session = self.send("Target.attachToTarget", targetId=self._first_page(), flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def _first_page(self):
        """It may come after the first answers to us."""
        self.send("Target.setDiscoverTargets", discover=True)
        deadline = time.monotonic() + 30
        while True:
            for event in self.events:
                if event.get("method") == "Target.targetCreated" and event["params"]["targetInfo"]["type"] == "page":
                    return event["params"]["targetInfo"]["targetId"]
            self.events.append(self._read(deadline))

    def _read(self, deadline):
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, deadline - time.monotonic()))[0]:
                raise BrowserError("the browser does not answer")
            more = os.read(self.back, 1 << 16)
            if not more:
                raise BrowserError("the browser has ended")
            self.buffer += more
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def send(self, method, seconds=30, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + seconds
        while True:
            seen = self._read(deadline)
            if seen.get("id") == self.number:
                if "error" in seen:
                    raise BrowserError(f"{method}: {seen['error']}")
                return seen["result"]
            self.events.append(seen)

    def evaluate(self, script):
        result = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise BrowserError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def open(self, url):
        self.send("Page.navigate", url=url)

    def wait(self, script, seconds=20):
        """Until the script is true; its value. It waits in the page, where what it waits for happens."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                value = self.evaluate("new Promise(done => { let left = 20; const look = () => { let v; try { v = (" + script +
                                      "); } catch { v = null; } if (v || --left < 0) done(v); else setTimeout(look, 50); }; look(); })")
            except BrowserError:  # another page has come meanwhile
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                raise BrowserError(f"not seen in {seconds} s: {script}\n{self.text()}")

    def text(self):
        return self.evaluate("document.body ? document.body.innerText : ''")

    def size(self, width, height, dark=False, phone=False):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.wait(f"document.documentElement.clientWidth === {width}")

    def key(self, key, code=None, text=None):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        how = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper()))}
        self.send("Input.dispatchKeyEvent", type="keyDown", **how, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **how)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def picture(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """What the page's policy forbade, what failed in its script, what it asked of others."""
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"].get("exception", {}).get("description", str(params)))
            elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"]["text"])
        return found

    def asked(self):
        """Every address that was asked for."""
        return [event["params"]["request"]["url"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]

    def close(self):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.back)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
