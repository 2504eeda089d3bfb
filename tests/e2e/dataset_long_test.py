# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
# ctest: timeout 1800
"""The dataset under load: 200,000 flows a second while others read it, and kills at random."""

import contextlib
import os
import random
import sqlite3
import threading
import time
import unittest

from support import dataset, flowspan, sequenced
from support.flowspan import StoreTest

RATE = int(os.environ.get("FLOWSPAN_SQLITE_RATE", "200000"))
SECONDS = int(os.environ.get("FLOWSPAN_SQLITE_SECONDS", "30"))
KILLS = int(os.environ.get("FLOWSPAN_KILLS", "30"))
MOST_BEHIND = 3  # seconds


def say(text):
    print(f"\n*** {text} ***", flush=True)


class Reader:
    """As DB Browser: asks again and again, with a transaction that stays open for a moment."""

    def __init__(self, file):
        self.file = file
        self.questions = 0
        self.errors = []
        self.slowest = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=1,
                                                isolation_level=None)) as db:
            while not self.stopping.wait(0.2):
                start = time.monotonic()
                try:
                    db.execute("BEGIN")
                    db.execute("SELECT * FROM Flow ORDER BY ID DESC LIMIT 1000").fetchall()
                    db.execute("SELECT max(ID) FROM Flow").fetchall()
                    time.sleep(0.1)
                    db.execute("COMMIT")
                except sqlite3.Error as error:
                    self.errors.append(str(error))
                self.questions += 1
                self.slowest = max(self.slowest, time.monotonic() - start)

    def stop(self):
        self.stopping.set()
        self.thread.join()


class DatasetLoadTest(StoreTest):
    @unittest.skipIf(flowspan.SANITIZED, "a sanitizer is no measure of speed")
    def test_it_sustains_the_rate_while_it_is_read(self):
        file = self.folder / "dataset.sqlite3"
        collector = self.collect("--sqlite", file)
        load = sequenced.Load(self.folder, collector.port, "--rate", RATE, "--seconds", SECONDS, "--exporters", 2)
        self.addCleanup(load.close)
        reader = Reader(file)
        behind = []
        while load.process.poll() is None:
            time.sleep(1)
            totals = collector.counters()
            behind.append(totals.get("flows", 0) - totals.get("sqlite_flows", 0))
        sent = flowspan.finish(load.process)
        reader.stop()
        summary = collector.stop(seconds=240)
        rows = dataset.count(file)
        cpu = collector.usage.ru_utime + collector.usage.ru_stime
        print(f"\n{sent['flows']:,} flows in {sent['seconds']:.1f} s, {rows:,} rows, at most {max(behind):,} flows behind "
              f"(at the end {behind[-1]:,}), {reader.questions} questions meanwhile, the slowest {reader.slowest:.2f} s, "
              f"{cpu:.1f} s of CPU, {file.stat().st_size / rows:.0f} bytes a row", flush=True)
        self.assertEqual(reader.errors, [])
        self.assertGreater(reader.questions, SECONDS)
        self.assertEqual(summary["output_skipped_flows"], 0)
        self.assertEqual((rows, summary["sqlite_flows"]), (self.count(), summary["flows"]))
        if sent["late_ms"] > 250 or summary["kernel_drops"] + summary["ring_drops"] > 0:
            say(f"THIS MACHINE IS TOO SLOW for {RATE:,} flows/s: the sender came {sent['late_ms']:.0f} ms late. "
                "Nothing is shown about speed")
            return
        self.assertLess(max(behind[len(behind) // 2:]), MOST_BEHIND * RATE, "it falls behind")

    def test_kills_at_random(self):
        seed = int(os.environ.get("FLOWSPAN_SEED", time.time_ns() % 100_000))
        print(f"\nFLOWSPAN_SEED={seed}")
        dice = random.Random(seed)
        file = self.folder / "dataset.sqlite3"
        port = flowspan.free_port()
        load = sequenced.Load(self.folder, port, "--rate", 30_000, "--seconds", 3600, "--exporters", 4)
        self.addCleanup(load.close)
        for _ in range(KILLS):
            collector = self.collect("--rotate", "1s", "--sqlite", file, "--workers", dice.choice((1, 2)),
                                     listen=[f"127.0.0.1:{port}"], wait=False)
            time.sleep(dice.choice((0.1, 0.5, 1.0, 2.0)) * (0.5 + dice.random()))
            collector.kill()
            collector.close()
        collector = self.collect("--sqlite", file, listen=[f"127.0.0.1:{port}"])
        time.sleep(0.5)
        load.stop()
        time.sleep(0.5)
        collector.stop(seconds=240)
        numbers = dataset.numbers(file)
        self.assertEqual(len(numbers), len(set(numbers)), "none is doubled")
        self.assertTrue(numbers == dataset.store_numbers(self.store), "its rows are the store's")
        self.assertGreater(len(numbers), 0.2 * sum(load.sent["next"]))
        print(f"{KILLS} kills: {len(numbers):,} rows, the store's own", flush=True)


if __name__ == "__main__":
    unittest.main()
