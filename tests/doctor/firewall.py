# SPDX-License-Identifier: GPL-2.0-or-later
"""A ruleset of nftables in a kernel of its own, which one command takes for the host's.

The command runs in a mount namespace where /usr/sbin/nft makes a network namespace, loads the rules there with
the real nft, and lists what the kernel then has. Neither the host's rules nor its packets are touched.
"""
import os
import shutil
import subprocess

import pytest

NFT = "/usr/sbin/nft"
TABLE = """table inet filter {
	set theirs {
		type ipv4_addr; flags interval
		elements = { 192.0.2.0/24 }
	}
	set banned {
		type ipv4_addr; flags timeout
	}
	chain input {
		type filter hook input priority 0; policy %s
		%s
	}
}
"""


class Ruleset:
    def __init__(self, folder, rules, policy):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.inside, self.rules = folder / "inside", folder / "rules"
        shutil.copy(NFT, folder / "nft")
        self.rules.write_text(TABLE % (policy, "\n\t\t".join(rules)))
        self.inside.write_text("#!/bin/sh\n"
                               f"exec unshare --net sh -c '{folder}/nft -f {self.rules} && exec {folder}/nft \"$@\"' nft \"$@\"\n")
        self.inside.chmod(0o755)
        self.try_it()

    def before(self):
        """What to write before a command."""
        rooted = [] if os.getuid() == 0 else ["--map-root-user"]
        return ["unshare", "--mount", *rooted, "sh", "-c", f'mount --bind {self.inside} {NFT} && exec "$@"', "sh"]

    def try_it(self):
        done = subprocess.run([*self.before(), NFT, "-j", "list", "ruleset"], capture_output=True, text=True, timeout=20,
                              check=False)
        if done.stderr.startswith(("unshare:", "mount:")):
            pytest.skip(f"needs namespaces of its own: {done.stderr.strip()}")
        assert done.returncode == 0 and '"policy"' in done.stdout, done.stderr
