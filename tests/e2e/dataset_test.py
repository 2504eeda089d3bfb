# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: timeout 600
"""dataset.sqlite3 beside the store: the same flows, once, whatever happened to the collector."""

import random
import signal
import sqlite3
import subprocess
import time
import unittest

from support import dataset, flowspan, netflow, sequenced
from support.flowspan import StoreTest


class DatasetTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "dataset.sqlite3"

    def collect(self, *arguments, **options):
        return super().collect("--sqlite", self.file, *arguments, **options)

    def send(self, collector, flows, first=0, **options):
        flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--flows", flows, "--first", first, "--rate",
                      60_000, **options)

    def same(self):
        self.assertEqual(dataset.of_dataset(self.file), dataset.of_store(self.store))

    def test_every_column(self):
        """What GDP's readers expect, from v1, v5 and v7."""
        collector = self.collect()
        now = int(time.time()) - 5
        records = [netflow.record(src="172.25.35.42", dst="10.1.1.1", proto=17, src_port=1024, dst_port=53,
                                  first=2_990_001, last=2_999_002)]
        flowspan.send([netflow.datagram(records, now=now)], collector.port)
        before = time.time()
        flowspan.wait_until(lambda: dataset.count(self.file) == 1, "the flow in the dataset, while it is collected")
        (row,) = dataset.rows(self.file)
        self.assertEqual(row[:10], (1, netflow.UPTIME, now, 2_990_001, 2_999_002, "172.25.35.42", "10.1.1.1", 17, 1024,
                                    53))
        self.assertLess(abs(row[10] - before), 10)
        self.assertIsInstance(row[10], float)
        names = tuple(name for _, name, *_ in dataset.rows(self.file, "PRAGMA table_info(Flow)"))
        self.assertEqual(names, dataset.COLUMNS)
        summary = collector.stop()
        self.assertEqual((summary["sqlite_flows"], summary["output_skipped_flows"]), (1, 0))
        self.same()

    def test_a_clean_run(self):
        collector = self.collect("--rotate", "1s", "--workers", 2)
        self.send(collector, 20_000)
        collector.wait_counter("flows", 20_000)
        summary = collector.stop()
        self.assertEqual(summary["sqlite_flows"], 20_000)
        self.same()
        self.assertEqual(list((self.store / "journal").iterdir()), [], "both have read the journals")

    def test_the_sqlite_shell_reads_it_while_it_grows(self):
        flowspan.need("sqlite3")
        collector = self.collect()
        load = sequenced.Load(self.folder, collector.port, "--rate", 20_000, "--seconds", 3600)
        self.addCleanup(load.close)
        seen = []
        for _ in range(20):
            done = subprocess.run(["sqlite3", self.file, "SELECT count(*), max(ID) FROM Flow"], capture_output=True,
                                  text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            flows, highest = done.stdout.strip().split("|")
            self.assertEqual(flows, highest or "0")
            seen.append(int(flows))
            time.sleep(0.15)
        self.assertEqual(seen, sorted(seen))
        self.assertGreater(seen[-1], seen[0])
        load.stop()
        time.sleep(0.3)
        collector.stop()
        self.assertEqual(dataset.numbers(self.file), dataset.store_numbers(self.store))

    def test_a_fresh_start_clears_it_unless_it_is_to_be_kept(self):
        for number, (flags, expected) in enumerate([((), 300), ((), 300), (("--sqlite-keep",), 600), ((), 300)]):
            collector = self.collect(*flags)
            self.send(collector, 300, 300 * number)
            collector.wait_counter("flows", 300)
            collector.stop()
            ids = [row[0] for row in dataset.rows(self.file)]
            self.assertEqual(ids, list(range(1, expected + 1)))
        self.assertIn("cleared", collector.log())

    def test_another_store_makes_a_fresh_start(self):
        collector = self.collect()
        self.send(collector, 300)
        collector.wait_counter("sqlite_flows", 300)
        collector.kill()
        self.store = self.folder / "another"
        collector = self.collect()
        self.send(collector, 600)
        collector.wait_counter("flows", 600)
        collector.stop()
        self.same()
        self.assertEqual(dataset.count(self.file), 600)

    def refused(self, says):
        done = flowspan.run("collect", "--store", self.store, "--sqlite", self.file, "--listen",
                            f"127.0.0.1:{flowspan.free_port()}", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(says, done.stderr)

    def make(self, *statements):
        self.file.unlink(missing_ok=True)
        with sqlite3.connect(self.file) as db:
            for statement in statements:
                db.execute(statement)
        db.close()

    def refused_untouched(self, says):
        before = self.file.read_bytes()
        self.refused(says)
        self.assertTrue(self.file.read_bytes() == before, "it was changed")
        self.assertEqual([path.name for path in self.folder.glob(self.file.name + "*")], [self.file.name])

    def test_what_is_no_dataset_is_refused_and_left_alone(self):
        self.file.write_text("my thesis\n")
        self.refused_untouched("is no SQLite database")
        self.make("CREATE TABLE bookmarks (url TEXT)")
        self.refused_untouched("a database of something else")
        self.make("CREATE TABLE Flow (ID INTEGER PRIMARY KEY, bytes INTEGER)")
        self.refused_untouched("other columns than a dataset")
        self.make(dataset.MAKE, "INSERT INTO Flow (IP_SOURCE) VALUES ('10.0.0.1')")
        self.refused_untouched("flows that flowspan did not write")

    def test_one_collector_fills_it(self):
        self.collect()
        self.store = self.folder / "another"
        self.refused("is locked; wait for or stop process")

    def test_a_dataset_of_gdp_can_be_added_to(self):
        self.make(dataset.MAKE, "INSERT INTO Flow (IP_SOURCE) VALUES ('10.0.0.1')")
        collector = self.collect("--sqlite-keep")
        self.send(collector, 30)
        collector.wait_counter("flows", 30)
        collector.stop()
        self.assertEqual([row[0] for row in dataset.rows(self.file)], list(range(1, 32)))

    def test_a_locked_dataset_makes_the_journal_wait(self):
        collector = self.collect("--rotate", "1s")
        lock = sqlite3.connect(self.file, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.send(collector, 3000)
        collector.wait_counter("committed_flows", 3000)
        collector.wait_counter("output_failures", 1)
        self.assertIn("is locked by another program", collector.log())
        self.assertGreater(len(list((self.store / "journal").iterdir())), 0)
        self.assertEqual(dataset.count(self.file), 0)
        lock.execute("COMMIT")
        lock.close()
        flowspan.wait_until(lambda: dataset.count(self.file) == 3000, "the flows that waited")
        collector.stop()
        self.same()

    def test_what_it_did_not_get_before_the_end_it_gets_at_the_next_start(self):
        collector = self.collect()
        lock = sqlite3.connect(self.file, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.send(collector, 3000)
        collector.wait_counter("flows", 3000)
        collector.stop()  # the store has them all
        self.assertIn("was not given 3,000 flows: they wait in the journal, and the next start goes on there",
                      collector.log())
        lock.close()
        self.collect().stop()
        self.assertEqual(dataset.count(self.file), 3000)
        self.same()

    def test_the_store_has_priority(self):
        """A dataset that takes nothing must not keep the store from collecting: it skips, and says how many."""
        collector = self.collect("--rotate", "1s", "--journal-max", "16MiB")
        lock = sqlite3.connect(self.file, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        for n in range(18):  # 35 MB of datagrams
            self.send(collector, 40_000, 40_000 * n)
            collector.wait_counter("committed_flows", 40_000 * (n + 1))
        lock.execute("COMMIT")
        lock.close()
        summary = collector.stop()
        self.assertEqual((summary["journal_drops"], summary["flows"]), (0, 720_000))
        self.assertGreater(summary["output_skipped_flows"], 0)
        self.assertIn("cannot follow and skipped", collector.log())
        self.assertEqual(dataset.count(self.file) + summary["output_skipped_flows"], 720_000)
        self.assertEqual(dataset.count(self.file), summary["sqlite_flows"])

    def test_kills_at_random_moments(self):
        dice = random.Random(7)
        port = flowspan.free_port()
        load = sequenced.Load(self.folder, port, "--rate", 20_000, "--seconds", 3600, "--exporters", 3)
        self.addCleanup(load.close)
        # Another number of workers, too: what a worker that is no more had left is read all the same.
        for workers in (2, 2, 1, 2, 1, 2):
            collector = self.collect("--rotate", "1s", "--workers", workers, listen=[f"127.0.0.1:{port}"])
            time.sleep(0.2 + dice.random() * 1.5)
            collector.kill()
            collector.close()
        collector = self.collect("--rotate", "1s", listen=[f"127.0.0.1:{port}"])
        time.sleep(0.5)
        load.stop()
        time.sleep(0.3)
        collector.stop()
        numbers = dataset.numbers(self.file)
        self.assertEqual(numbers, dataset.store_numbers(self.store))
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertGreater(len(numbers), 20_000)
        self.assertEqual(list((self.store / "journal").iterdir()), [])

    def test_what_kills_the_decoder_is_in_neither(self):
        """Put aside by the recovery, it does not kill the output that reads the journal again."""
        poison = netflow.datagram([netflow.record(src="10.66.66.66")], now=1_700_000_000)
        fault = {"FLOWSPAN_FAULT_POISON": poison[:12].hex()}
        collector = self.collect(env=fault)
        self.send(collector, 300)
        collector.wait_counter("sqlite_flows", 300)
        flowspan.send([poison], collector.port)
        collector.wait_end()
        for _ in range(5):
            collector = self.collect(env=fault, wait=False)
            flowspan.wait_until(lambda: "collecting into" in collector.log() or not collector.running(), "a start")
            if collector.running():
                break
        self.assertTrue(collector.running(), collector.log())
        self.send(collector, 300, 300)
        collector.wait_counter("sqlite_flows", 300)
        collector.stop()
        self.same()
        self.assertEqual(dataset.count(self.file), 600)

    def test_a_crash_without_the_dataset_in_between_is_told(self):
        collector = self.collect()
        self.send(collector, 300)
        collector.wait_counter("sqlite_flows", 300)
        collector.kill()
        collector = StoreTest.collect(self)
        self.send(collector, 300, 300)
        collector.wait_counter("flows", 300)
        collector.stop()
        collector = self.collect()
        collector.stop()
        self.assertIn("lacks flows", collector.log())


class ImportTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "old.sqlite3"

    def make(self, rows):
        with sqlite3.connect(self.file) as db:
            db.execute(dataset.MAKE)
            db.executemany(f"INSERT INTO Flow ({','.join(dataset.COLUMNS[1:])}) VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        db.close()

    def test_there_and_back(self):
        """Captures, to a dataset, to a store, to a dataset: nothing that a dataset tells has changed."""
        flows = [netflow.record(src=f"10.0.0.{n}", dst_port=n, first=netflow.UPTIME - 100 * n) for n in range(30)]
        capture = netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(flows)])
        first, second = self.folder / "first.sqlite3", self.folder / "second.sqlite3"
        flowspan.run("read", capture, "--store", self.store, "--sqlite", first)
        self.assertEqual(dataset.of_dataset(first), dataset.of_store(self.store))
        again = self.folder / "again"
        flowspan.run("read", first, "--store", again, "--sqlite", second)
        self.assertEqual(dataset.of_dataset(second), dataset.of_dataset(first))
        self.assertEqual(dataset.of_store(again), dataset.of_dataset(first))
        twice = flowspan.run("read", first, "--store", again, check=False)
        self.assertEqual(twice.returncode, 2)
        itself = flowspan.run("read", first, "--store", again, "--sqlite", first, check=False)
        self.assertEqual(itself.returncode, 2)
        self.assertIn("cannot be read into itself", itself.stderr)
        self.assertIn("was imported on", twice.stderr)
        self.assertEqual(self.count(again), 30)

    def test_a_dataset_of_gdp(self):
        self.make([(5000, 1_488_369_600, 1000, 4000, "172.25.35.42", "10.0.0.1", 6, 40000, 80, 1_488_369_600.25),
                   (None, 1_488_369_601, 1_488_369_590_123, 1_488_369_600_456, "2001:db8::1", "2001:db8::2", 17, 1, 53,
                    1_488_369_601.5),
                   (1000, 1_488_369_602, 4_294_967_000, 500, "10.0.0.3", None, None, None, None, None)])
        flowspan.run("read", self.file, "--store", self.store)
        rows = self.sql("SELECT received_time, sys_uptime, first_time, last_time, src_addr, dst_addr, ip_version, proto, "
                        "src_port, dst_port, exporter, bytes, tos, export_version FROM flows ORDER BY received_time")
        self.assertEqual([tuple(row.values()) for row in rows], [
            ("2017-03-01T12:00:00.250Z", 5000, "2017-03-01T11:59:56Z", "2017-03-01T11:59:59Z", "172.25.35.42",
             "10.0.0.1", 4, 6, 40000, 80, None, None, None, None),
            ("2017-03-01T12:00:01.500Z", None, "2017-03-01T11:59:50.123Z", "2017-03-01T12:00:00.456Z", "2001:db8::1",
             "2001:db8::2", 6, 17, 1, 53, None, None, None, None),
            ("2017-03-01T12:00:02Z", 1000, "2017-03-01T12:00:00.704Z", "2017-03-01T12:00:01.500Z", "10.0.0.3", None, 4,
             None, None, None, None, None, None, None)])

    def test_rows_that_are_no_flows_are_counted_and_named(self):
        good = (5000, 1_488_369_600, 1000, 4000, "10.0.0.1", "10.0.0.2", 6, 40000, 80, 1_488_369_600.0)

        def with_value(place, value):
            return (*good[:place], value, *good[place + 1:])

        bad = [with_value(4, "not an address"), with_value(4, "10.0.0.256"), with_value(6, 256), with_value(7, -1),
               with_value(8, "http"), with_value(2, 1 << 32), with_value(9, "yesterday"), with_value(9, float("inf"))]
        self.make([good, *bad, good])
        done = flowspan.run("read", self.file, "--store", self.store, "--format", "json")
        self.assertEqual(self.count(), 2)
        self.assertIn('"skipped_rows":8', done.stdout)
        for words in ("skipped 2 rows because of IP_SOURCE: row 2: 'not an address' is no address",
                      "because of PROTO: row 4: '256' is no protocol", "because of DEST_PROTO: row 6: 'http' is no port",
                      "because of FIRST", "because of timestamp"):
            self.assertIn(words, done.stderr)

    def test_a_database_of_something_else(self):
        with sqlite3.connect(self.file) as db:
            db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.close()
        done = flowspan.run("read", self.file, "--store", self.store, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("a database of something else", done.stderr)

    def test_a_kill_between_two_transactions(self):
        """The dataset is filled in several, beside a collector: the same file, read again, goes on where it stood."""
        any_flow = netflow.record()
        flows = [(0x0a000000 + n).to_bytes(4, "big") + any_flow[4:] for n in range(120_000)]
        capture = netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(flows[n:n + 30], sequence=n)
                                                              for n in range(0, len(flows), 30)])
        collector = self.collect("--sqlite", self.file)
        command = ("read", capture, "--store", self.store, "--sqlite", self.file)
        done = flowspan.run(*command, check=False, env={"FLOWSPAN_FAULT": "sqlite.before_commit:kill:2"})
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
        self.assertEqual(dataset.count(self.file), 100_000)
        flowspan.run(*command)
        self.assertEqual(flowspan.run(*command, check=False).returncode, 2, "both have it now")
        collector.stop()
        (row,) = dataset.rows(self.file, "SELECT count(*), count(DISTINCT IP_SOURCE), max(ID) FROM Flow")
        self.assertEqual(row, (120_000, 120_000, 120_000))
        self.assertEqual(self.count(), 120_000)
        # Once more, on purpose, and killed in the middle: the rest comes with the next attempt, and nothing comes twice.
        done = flowspan.run(*command, "--again", check=False, env={"FLOWSPAN_FAULT": "sqlite.before_commit:kill:2"})
        self.assertEqual((done.returncode, dataset.count(self.file)), (-signal.SIGKILL, 220_000), done.stderr)
        flowspan.run(*command)
        self.assertEqual((self.count(), dataset.count(self.file)), (240_000, 240_000))

    def test_a_dataset_that_has_missed_an_import_gets_it(self):
        capture = netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(30)])
        flowspan.run("read", capture, "--store", self.store)
        flowspan.run("read", capture, "--store", self.store, "--sqlite", self.file)
        self.assertEqual((self.count(), dataset.count(self.file)), (30, 30))
        done = flowspan.run("read", capture, "--store", self.store, "--sqlite", self.file, check=False)
        self.assertEqual(done.returncode, 2)
        flowspan.run("read", capture, "--store", self.store, "--sqlite", self.file, "--again")
        self.assertEqual((self.count(), dataset.count(self.file)), (60, 60))


if __name__ == "__main__":
    unittest.main()
