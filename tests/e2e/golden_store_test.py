# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels release
"""A store that the first version wrote opens in this one and says the same. Its README tells how it was made:

    FLOWSPAN=build/release/flowspan PYTHONPATH=tests python3 tests/e2e/golden_store_test.py --make FOLDER
"""

import json
import os
import pathlib
import shutil
import sqlite3
import sys
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest

GOLDEN = flowspan.SOURCE / "tests" / "golden"
NOW = 1_790_000_000
ALL_FLOWS = "SELECT * FROM flows ORDER BY received_time, exporter_hi, exporter_lo, export_version, src_port, src_lo"
LEFT_OUT = ("reserve", "counters.json", "collector.lock", "compaction.lock")


def stored_datagrams():
    """Of each version one that a router sent, as far as we have one, and one with every field different."""
    records = [{"src": f"10.1.{n}.1", "dst": f"192.0.2.{n}", "next_hop": f"10.0.0.{n}", "in_if": n, "out_if": 1000 + n,
                "packets": 1 << n, "bytes": 1500 << n, "first": netflow.UPTIME - 9000 * n,
                "last": netflow.UPTIME - 100 * n, "src_port": 1000 + n, "dst_port": 53 * n, "flags": n,
                "proto": n % 4 * 5 + 1, "tos": 4 * n, "src_as": 64500 + n, "dst_as": 65000 + n, "src_mask": n,
                "dst_mask": 32 - n} for n in range(1, 9)]
    yield (GOLDEN / "wire" / "PACKET_V1.bin").read_bytes()
    yield (GOLDEN / "wire" / "PACKET_V5.bin").read_bytes()
    for version, sampling in ((1, 0), (5, 0x4064), (7, 0)):
        yield netflow.datagram([netflow.record(version, **record) for record in records], version,
                               sequence=7000 * version, now=NOW - 1.25, engine=0x0203, sampling=sampling)


def make(folder):
    """Writes the store and its flows, as the version of $FLOWSPAN says them. For a new format only."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    flowspan.run("read", netflow.write_pcap("/tmp/golden-store.pcap", stored_datagrams(), NOW), "--store", folder)
    with flowspan.Collector(folder) as collector:  # so that a collector's state is in it
        flowspan.send([netflow.datagram(3, sequence=100, now=NOW), netflow.datagram(2, sequence=110, now=NOW)],
                      collector.port)
        collector.wait_counter("flows", 5)
        collector.stop()
    flows = flowspan.run("sql", ALL_FLOWS, "--store", folder, "--format", "ndjson").stdout
    folder.with_name(folder.name + ".expected.ndjson").write_text(flows)
    for name in LEFT_OUT:
        (folder / name).unlink(missing_ok=True)
    for name in ("tmp", "quarantine"):
        if (folder / name).exists():
            (folder / name).rmdir()  # an error when something is left in it
    catalog = sqlite3.connect(folder / "catalog.sqlite3")
    catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    catalog.close()  # the last to close it removes -wal and -shm


class GoldenStoreTest(StoreTest):
    NAME = "store-format-1"

    def setUp(self):
        super().setUp()
        shutil.copytree(GOLDEN / self.NAME, self.store)
        expected = (GOLDEN / f"{self.NAME}.expected.ndjson").read_text()
        self.expected = [json.loads(line) for line in expected.splitlines()]

    def same_flows(self, rows):
        """In the fields of its time; later ones may stand beside them."""
        self.assertEqual(len(rows), len(self.expected))
        for row, expected in zip(rows, self.expected):
            self.assertEqual({name: row.get(name) for name in expected}, expected)

    def all_flows(self, *arguments):
        done = flowspan.run("sql", ALL_FLOWS, "--store", self.store, "--format", "ndjson", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_it_is_whole(self):
        flowspan.run("store", "verify", "--store", self.store)
        told = flowspan.run("store", "info", "--store", self.store).stdout
        self.assertIn(str(len(self.expected)), told)

    def test_every_field_of_every_flow(self):
        self.assertEqual({row["export_version"] for row in self.expected}, {1, 5, 7})
        self.same_flows(self.all_flows())

    def test_a_query_in_words(self):
        rows = flowspan.answer("query", "--by", "export_version", "--sum", "flows", "--order", "flows", "--top", "0",
                               "--store", self.store)
        told = {int(row["export_version"]): int(row["flows"]) for row in rows}
        for version in (1, 5, 7):
            self.assertEqual(told[version], sum(row["export_version"] == version for row in self.expected))

    def ledger(self):
        """The sums of what was collected."""
        told = flowspan.answer("account", "--by", "exporter", "--exporter", "127.0.0.1", "--store", self.store)
        return told[0] if told else {}

    def test_a_ledger_from_now_on(self):
        """Also where the store was made before there was one."""
        before = self.ledger()
        collector = self.collect()
        flowspan.send([netflow.datagram(1, sequence=120, now=NOW)], collector.port)  # the collector missed eight
        collector.wait_counter("flows", 1)
        collector.stop()
        after = self.ledger()
        self.assertEqual([after.get(name, 0) - before.get(name, 0) for name in ("announced", "stored", "down", "difference")],
                         [9, 1, 8, 0])

    def test_a_question_takes_it_along_if_it_may(self):
        self.all_flows()
        catalog = sqlite3.connect(self.store / "catalog.sqlite3")
        self.assertGreaterEqual(catalog.execute("PRAGMA user_version").fetchone()[0], 2)
        catalog.close()

    def test_it_takes_another_import(self):
        flowspan.run("read", netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(4, now=NOW)], NOW + 60),
                     "--store", self.store)
        self.assertEqual(self.count(), len(self.expected) + 4)
        flowspan.run("store", "verify", "--store", self.store)

    def test_it_collects_on_and_knows_its_exporters(self):
        collector = self.collect()
        flowspan.send([netflow.datagram(1, sequence=115, now=NOW)], collector.port)  # three flows after those it has
        collector.wait_counter("flows", 1)
        summary = collector.stop()
        self.assertEqual((summary["flows"], summary["lost_flows"]), (1, 3))
        self.assertEqual(self.count(), len(self.expected) + 1)

    def test_compacted_it_says_the_same(self):
        flowspan.run("store", "compact", "--all", "--store", self.store)
        self.same_flows(self.all_flows())

    def test_this_version_writes_the_same(self):
        flowspan.run("read", netflow.write_pcap(self.folder / "a.pcap", stored_datagrams(), NOW), "--store",
                     self.folder / "new")
        self.store = self.folder / "new"
        self.expected = [row for row in self.expected if row["exporter"] == "10.99.0.1"]
        self.same_flows(self.all_flows())


class GoldenStore2Test(GoldenStoreTest):
    """The first with a loss ledger."""

    NAME = "store-format-2"

    def test_its_ledger(self):
        told = json.loads(flowspan.run("account", "--by", "exporter", "--store", self.store, "--format", "json").stdout)
        rows = {row["exporter"]: row for row in told["rows"]}
        self.assertEqual((rows["127.0.0.1"]["announced"], rows["127.0.0.1"]["stored"], rows["127.0.0.1"]["network"]),
                         (12, 5, 7))
        self.assertTrue(told["quality"]["balances"])
        self.assertEqual(sum(row["stored"] for row in rows.values()), len(self.expected))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        os.umask(0o027)
        make(sys.argv[2])
    else:
        unittest.main()
