# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Killed at every fault point, one after the other: nothing is lost that was in the journal, and nothing is doubled."""

import re
import signal
import sqlite3
import time
import unittest

from support import dataset, flowspan, netflow, sequenced
from support.flowspan import Failed, StoreTest

# What is in reach of each test. test_none_is_forgotten compares them with the source.
COLLECTING = ("journal.write", "journal.sync", "segment.before_write", "segment.before_fsync", "segment.after_fsync",
              "segment.after_rename", "catalog.before_commit", "catalog.after_commit")
FILLING = ("sqlite.before_commit", "sqlite.after_commit")
ROLLING = ("journal.roll",)
COMPACTING = ("compact.after_write", "compact.after_rename", "compact.before_commit", "compact.after_commit")
IMPORTING = ("import.before_write", "import.after_fsync", "import.before_commit", "import.after_rename",
             "import.after_commit")
UNLINKING = ("unlink.before", "unlink.after")
RATE = 20_000


class FaultTest(StoreTest):
    def killed(self, command, point, count=1):
        """`flowspan COMMAND` dies at the point, and nowhere else."""
        done = flowspan.run(*command, check=False, env={"FLOWSPAN_FAULT": f"{point}:kill:{count}"})
        if done.returncode != -signal.SIGKILL:
            raise Failed(f"{point} was never passed: {command} ended with {done.returncode}:\n{done.stderr}")

    def die_collecting(self, port, fault, seconds=30, arguments=()):
        collector = self.collect("--rotate", "1s", *arguments, listen=[f"127.0.0.1:{port}"], wait=False,
                                 env={"FLOWSPAN_FAULT": fault})
        try:
            code = collector.wait_end(seconds)
        except Failed as failed:
            raise Failed(f"{fault} was never passed") from failed
        self.assertEqual(code, -signal.SIGKILL, f"{fault}: {collector.log()}")
        collector.close()

    def same_numbers(self, sent, journals):
        """All that was in a journal at a kill is stored, once."""
        missing = sequenced.holes(self.store, sent) if journals else {}
        for exporter, lost in missing.items():
            for number, journal in enumerate(journals):
                self.assertEqual(sequenced.overlap(lost, journal.get(exporter, [])), [],
                                 f"exporter {exporter}: in the journal at kill {number}, and not stored")
        flowspan.run("store", "verify", "--store", self.store)
        self.assertEqual([str(p) for p in self.store.rglob("*.part")], [])

    def test_none_is_forgotten(self):
        """The points of the source are those that this file tests."""
        found = set()
        for path in (flowspan.SOURCE / "src").rglob("*.cpp"):
            if not path.stem.endswith("_test") and path.parent.name != "base":
                found |= set(re.findall(r'fault_point\("([a-z._]+)"\)', path.read_text()))
        self.assertEqual(found, {*COLLECTING, *FILLING, *ROLLING, *COMPACTING, *IMPORTING, *UNLINKING})

    def test_collecting(self):
        """Each point at its first and its third passage, and again in the recovery after that."""
        port = flowspan.free_port()
        load = sequenced.Load(self.folder, port, "--rate", RATE, "--seconds", 3600, "--exporters", 2)
        self.addCleanup(load.close)
        journals = []
        for point in COLLECTING:
            for count in (1, 3):
                with self.subTest(point=point, count=count):
                    self.die_collecting(port, f"{point}:kill:{count}")
                    journals.append(sequenced.journal_spans(self.store / "journal"))
        collector = self.collect(listen=[f"127.0.0.1:{port}"])
        time.sleep(0.5)
        load.stop()
        collector.stop()
        self.same_numbers(load.sent["next"], journals)

    def test_filling_a_dataset(self):
        """Killed on either side of the dataset's commit and of the store's, in every order: the dataset's flows are the
        store's."""
        port = flowspan.free_port()
        file = self.folder / "dataset.sqlite3"
        load = sequenced.Load(self.folder, port, "--rate", RATE, "--seconds", 3600, "--exporters", 2)
        self.addCleanup(load.close)
        journals = []
        for point in (*FILLING, *COLLECTING):
            for count in (1, 3):
                with self.subTest(point=point, count=count):
                    self.die_collecting(port, f"{point}:kill:{count}", arguments=("--sqlite", file))
                    journals.append(sequenced.journal_spans(self.store / "journal"))
        collector = self.collect("--sqlite", file, listen=[f"127.0.0.1:{port}"])
        time.sleep(0.5)
        load.stop()
        collector.stop()
        self.same_numbers(load.sent["next"], journals)
        self.assertEqual(dataset.numbers(file), dataset.store_numbers(self.store))

    def leave_journal(self, first, flows=3000):
        """A killed collector that leaves so many flows in its journal."""
        collector = self.collect()
        flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--first", first, "--flows", flows,
                      "--rate", 60_000)
        flowspan.wait_until(lambda: self.count() == first + flows, f"{first + flows} flows in an answer")
        collector.kill()
        collector.close()

    def test_recovering(self):
        """Killed twice at the same point while the journal is recovered: it is no killing datagram's doing."""
        for number, point in enumerate(COLLECTING[2:]):
            with self.subTest(point=point):
                self.leave_journal(3000 * number)
                for _ in range(1 if point == "catalog.after_commit" else 2):
                    self.die_collecting(flowspan.free_port(), f"{point}:kill")
                self.collect().stop()
                flows = 3000 * (number + 1)
                self.assertEqual(self.numbers(), {0: (flows, flows, 0, flows - 1)})
        self.same_numbers([0], [])
        self.assertEqual(self.quarantined(), [])

    def quarantined(self):
        folder = self.store / "quarantine"
        return list(folder.iterdir()) if folder.exists() else []

    def test_recovering_that_never_ends_well(self):
        """Killed six times in a row, nothing is lost: what is not stored lies in quarantine, and can be had from it."""
        self.leave_journal(0)
        for _ in range(6):
            hasty = self.collect(wait=False, env={"FLOWSPAN_FAULT": "segment.before_write:kill"})
            flowspan.wait_until(lambda: not hasty.running() or self.quarantined(), "its end")
            if hasty.running():
                hasty.kill()
            hasty.close()
        collector = self.collect()
        if self.quarantined():
            flowspan.run("replay", *self.quarantined(), "--to", f"127.0.0.1:{collector.port}", "--speed", "max")
            collector.wait_counter("flows", 3000)
        collector.stop()
        self.assertEqual(self.numbers(), {0: (3000, 3000, 0, 2999)})

    def test_rolling(self):
        """A journal file is full after 64 MiB."""
        port = flowspan.free_port()
        load = sequenced.Load(self.folder, port, "--rate", 300_000, "--seconds", 60, "--exporters", 2)
        self.addCleanup(load.close)
        self.die_collecting(port, "journal.roll:kill")
        journals = [sequenced.journal_spans(self.store / "journal")]
        load.stop()
        self.collect(listen=[f"127.0.0.1:{port}"]).stop()
        self.same_numbers(load.sent["next"], journals)

    def segments(self, count=4):
        """A store with that many segments of 300 flows."""
        for n in range(count):
            collector = self.collect()
            flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--flows", 300, "--first", 300 * n,
                          "--rate", 60_000)
            collector.wait_counter("flows", 300)
            collector.stop()
        return 300 * count

    def test_compacting(self):
        flows = self.segments()
        command = ("store", "compact", "--all", "--store", self.store)
        for point in COMPACTING:
            with self.subTest(point=point):
                self.killed(command, point)
                self.assertEqual(self.numbers(), {0: (flows, flows, 0, flows - 1)})
        flowspan.run(*command)
        self.assertEqual(self.numbers(), {0: (flows, flows, 0, flows - 1)})
        flowspan.run("store", "verify", "--store", self.store)

    def test_importing(self):
        for number, point in enumerate(IMPORTING):
            with self.subTest(point=point):
                store = self.folder / f"store{number}"
                payloads = [netflow.datagram(30, sequence=30 * n) for n in range(20)]
                command = ("read", netflow.write_pcap(self.folder / f"{point}.pcap", payloads), "--store", store)
                self.killed(command, point)
                stored = self.count(store)
                self.assertIn(stored, (0, 600), "an import is there or it is not")
                again = flowspan.run(*command, check=False)
                self.assertEqual(again.returncode == 0, stored == 0, f"{stored} flows, then: {again.stderr}")
                self.assertEqual(self.count(store), 600)
                flowspan.run("store", "verify", "--store", store)

    def test_importing_into_a_dataset_too(self):
        file = self.folder / "dataset.sqlite3"
        for number, point in enumerate((*IMPORTING, *FILLING)):
            with self.subTest(point=point):
                payloads = [netflow.datagram(30, sequence=30 * n + 10_000 * number) for n in range(20)]
                command = ("read", netflow.write_pcap(self.folder / f"{point}.pcap", payloads), "--store", self.store,
                           "--sqlite", file)
                self.killed(command, point)
                again = flowspan.run(*command, check=False)
                self.assertIn(again.returncode, (0, 2), again.stderr)
                self.assertEqual((self.count(), dataset.count(file)), (600 * (number + 1),) * 2)

    def test_unlinking(self):
        """Files that left the catalog long ago are removed when a collector runs."""
        flows = self.segments(3)
        flowspan.run("store", "compact", "--all", "--store", self.store)
        files = len(list(self.store.rglob("*.parquet")))
        self.assertEqual(files, 4, "the inputs stay for those who read them")
        with sqlite3.connect(self.store / "catalog.sqlite3") as catalog:
            changed = catalog.execute("UPDATE retired SET retired_at = retired_at - 3600000000000").rowcount
        self.assertEqual(changed, 3)
        for point in UNLINKING:
            with self.subTest(point=point):
                self.die_collecting(flowspan.free_port(), f"{point}:kill", 90)
                self.assertEqual(self.numbers(), {0: (flows, flows, 0, flows - 1)})
        collector = self.collect()
        flowspan.wait_until(lambda: len(list(self.store.rglob("*.parquet"))) == 1, "the removal of three files", 90)
        collector.stop()
        self.assertEqual(self.numbers(), {0: (flows, flows, 0, flows - 1)})


if __name__ == "__main__":
    unittest.main()
