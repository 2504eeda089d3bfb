# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels release
"""`flowspan read` and `flowspan replay`: captures into a store, and out of it again."""

import json
import shutil
import time
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest

NOW = 1_790_000_000


class ReadTest(StoreTest):
    def read(self, *arguments, check=True, store=None):
        return flowspan.run("read", *arguments, "--store", store or self.store, "--format", "json", check=check)

    def refused(self, *arguments, says):
        done = self.read(*arguments, check=False)
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertIn(says, done.stderr)
        return done.stderr

    def payloads(self, count=4, records=30):
        return [netflow.datagram(records, sequence=records * n, now=NOW + n) for n in range(count)]

    def test_pcap_and_pcapng_hold_the_same(self):
        pcap = netflow.write_pcap(self.folder / "a.pcap", self.payloads(), NOW)
        pcapng = netflow.write_pcapng(self.folder / "a.pcapng", self.payloads(), NOW)
        summary = json.loads(self.read(pcap).stdout)
        self.assertEqual((summary["datagrams"], summary["flows"], summary["lost_flows"]), (4, 120, 0))
        self.read(pcapng, store=self.folder / "other")
        text = "SELECT * EXCLUDE (received_time) FROM flows ORDER BY flow_sequence"
        self.assertEqual(self.sql(text), self.sql(text, self.folder / "other"))
        self.assertEqual(self.value("SELECT min(epoch(received_time))::BIGINT FROM flows"), NOW)
        self.assertEqual(self.value("SELECT first(exporter) FROM flows"), "10.99.0.1")

    def test_several_files_at_once(self):
        files = [netflow.write_pcap(self.folder / f"{n}.pcap", self.payloads(n + 1), NOW) for n in range(3)]
        self.read(*files)
        self.assertEqual(self.count(), 30 * 6)

    def test_the_same_file_twice(self):
        pcap = netflow.write_pcap(self.folder / "a.pcap", self.payloads(), NOW)
        self.read(pcap)
        self.refused(pcap, says="--again")
        copy = self.folder / "copy.pcap"
        shutil.copy(pcap, copy)
        self.refused(copy, says="--again")
        self.assertEqual(self.count(), 120)
        self.read(pcap, "--again")
        self.assertEqual(self.count(), 240)

    def test_a_truncated_capture_gives_what_it_has(self):
        whole = netflow.write_pcap(self.folder / "a.pcap", self.payloads(), NOW).read_bytes()
        (self.folder / "cut.pcap").write_bytes(whole[:-100])
        done = self.read(self.folder / "cut.pcap", check=False)
        self.assertIn("cut.pcap", done.stderr)
        self.assertEqual(self.count(), 90)

    def test_what_is_no_capture(self):
        for name, content in (("text", b"no capture at all\n" * 50), ("empty", b""), ("short", b"\xd4\xc3\xb2\xa1\2")):
            (self.folder / name).write_bytes(content)
            self.refused(self.folder / name, says=name)
        self.refused(self.folder / "missing", says="missing")
        self.refused(self.folder, says=str(self.folder))
        self.assertFalse((self.store / "segments").exists() and list((self.store / "segments").rglob("*.parquet")))

    def test_a_capture_without_flows(self):
        fixture = flowspan.fixture("traffic/ipfixprobe/inputs/arp.pcap")
        done = self.read(fixture, check=False)
        self.assertEqual(json.loads(done.stdout)["flows"], 0)
        self.assertEqual(self.count(), 0)

    def test_while_collecting(self):
        collector = self.collect()
        self.read(netflow.write_pcap(self.folder / "a.pcap", self.payloads(), NOW))
        flowspan.send([netflow.datagram(1)], collector.port)
        flowspan.wait_until(lambda: self.count() == 121, "121 flows in an answer")
        collector.stop()
        self.assertEqual(self.count(), 121)

    def test_numbers_are_those_of_the_tool(self):
        sent = flowspan.tool("traffic", "--pcap", self.folder / "t.pcap", "--flows", 10_000, "--exporters", 5)
        summary = json.loads(self.read(self.folder / "t.pcap").stdout)
        for name in ("datagrams", "flows", "bytes", "packets"):
            self.assertEqual(summary[name], sent[name], name)
        self.assertEqual((summary["exporters"], summary["lost_flows"]), (5, 0))


class ReplayTest(StoreTest):
    """What is replayed into a second collector is there again."""

    COLUMNS = "* EXCLUDE (received_time, exporter, exporter_hi, exporter_lo, exporter_port, exporter_name)"

    def all_flows(self, store):
        return self.sql(f"SELECT {self.COLUMNS} FROM flows ORDER BY flow_sequence, src_lo, dst_lo, src_port", store)

    def same_flows(self):
        """Said of the first difference only: unittest takes minutes to lay out thousands."""
        first, second = self.all_flows(self.store), self.all_flows(self.folder / "second")
        self.assertEqual(len(first), len(second))
        for one, other in zip(first, second):
            self.assertEqual(one, other)

    def replayed(self, *files, flows, speed="max"):
        collector = self.collect(store=self.folder / "second")
        flowspan.run("replay", *files, "--to", f"127.0.0.1:{collector.port}", "--speed", speed)
        collector.wait_counter("flows", flows)
        collector.stop()
        self.assertEqual(self.count(self.folder / "second"), flows)

    def test_a_capture(self):
        flowspan.tool("traffic", "--pcap", self.folder / "t.pcap", "--flows", 3000)
        flowspan.run("read", self.folder / "t.pcap", "--store", self.store)
        self.replayed(self.folder / "t.pcap", flows=3000)
        self.same_flows()

    def test_a_journal(self):
        collector = self.collect()
        flowspan.tool("traffic", "--to", f"127.0.0.1:{collector.port}", "--flows", 3000, "--rate", 60_000)
        collector.wait_counter("flows", 3000)
        collector.kill()
        self.replayed(*sorted((self.store / "journal").glob("*.pcapng")), flows=3000)
        self.same_flows()

    def test_its_own_pace(self):
        capture = self.folder / "t.pcap"  # two seconds of it
        flowspan.tool("traffic", "--pcap", capture, "--flows", 600, "--rate", 0, "--flow-rate", 300)
        start = time.monotonic()
        self.replayed(capture, flows=600, speed="2")
        self.assertGreater(time.monotonic() - start, 0.9)


if __name__ == "__main__":
    unittest.main()
