# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""`flowspan read` of captures in which nobody exported what this version speaks."""

import json
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest

NOW = 1_790_000_000


class ReadNothingTest(StoreTest):
    def read(self, *files):
        return flowspan.run("read", *files, "--store", self.store, "--format", "json", check=False)

    def test_it_is_said_and_not_recorded(self):
        dns = netflow.write_pcap(self.folder / "dns.pcap", [b"\x12\x34\1\0" + bytes(30)] * 5, NOW, port=53)
        for _ in range(2):  # the second time it is not "imported already"
            done = self.read(dns)
            self.assertEqual(done.returncode, 1)
            self.assertIn("dns.pcap holds no flows of NetFlow 1, 5, 7 or 8 (UDP datagrams: 5", done.stderr)
            self.assertNotIn("--again", done.stderr)
            self.assertEqual(json.loads(done.stdout)["flows"], 0)
        self.assertEqual(self.count(), 0)

    def test_a_capture_without_packets(self):
        done = self.read(netflow.write_pcap(self.folder / "empty.pcap", [], NOW))
        self.assertEqual(done.returncode, 1)
        self.assertIn("empty.pcap holds no flows of NetFlow 1, 5, 7 or 8 (and no UDP datagrams at all)", done.stderr)

    def test_the_other_files_are_imported(self):
        nothing = netflow.write_pcap(self.folder / "dns.pcap", [bytes(30)], NOW, port=53)
        flows = netflow.write_pcap(self.folder / "flows.pcap", [netflow.datagram(30, now=NOW)], NOW)
        done = self.read(nothing, flows)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["flows"], 30)
        self.assertEqual(self.count(), 30)

    def test_beside_other_traffic(self):
        mixed = netflow.write_pcap(self.folder / "mixed.pcap", [bytes(30), netflow.datagram(1, now=NOW)], NOW)
        self.assertEqual(self.read(mixed).returncode, 0)
        self.assertEqual(self.count(), 1)


if __name__ == "__main__":
    unittest.main()
