# SPDX-License-Identifier: GPL-2.0-or-later
"""A Prometheus that scrapes the lab, with the product's rules."""
import json
import shutil
import urllib.parse
import urllib.request

from lab.addresses import hostport
from lab.errors import LabError
from lab.process import Daemon, wait_until
from lab.rundir import ROOT

CONFIG = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: wasbc
    static_configs: [{{targets: ["{sbc}"]}}]
  - job_name: rtpengine
    static_configs: [{{targets: ["{rtpengine}"]}}]
"""


class Prometheus:
    def __init__(self, lab):
        self.dir = lab.dir / "prometheus"
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir()
        at = lab.addresses
        self.address = (at.backend, 19466)
        (self.dir / "prometheus.yml").write_text(CONFIG.format(
            rules=ROOT / "tools/monitoring/alerts.yml", sbc=hostport(at.metrics), rtpengine=hostport(at.rtpengine_http)))
        self.daemon = Daemon(lab, "prometheus", [
            "prometheus", f"--config.file={self.dir}/prometheus.yml", f"--storage.tsdb.path={self.dir}/data",
            f"--web.listen-address={hostport(self.address)}", "--log.level=warn"])

    def get(self, path, **query):
        url = f"http://{hostport(self.address)}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, text):
        """The samples that a query has now; raises urllib's HTTPError if it is none."""
        return self.get("query", query=text)["result"]

    def unanswered(self, queries, seconds=20):
        """Those of the queries that never have a result. A scrape that a busy machine makes too late takes
        all figures away until the next one."""
        left = list(queries)

        def none():
            left[:] = [text for text in left if not self.query(text)]
            return not left
        try:
            wait_until(none, seconds, "all queries have results", self.daemon, pause=0.2)
        except LabError:
            pass
        return left

    def wait(self, text, seconds=30):
        def result():
            try:
                return self.query(text)
            except OSError:
                return None
        return wait_until(result, seconds, f"Prometheus has a result of {text}", self.daemon, pause=0.2)

    def stop(self):
        self.daemon.stop()
