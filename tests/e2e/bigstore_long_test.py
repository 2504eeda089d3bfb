# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
# ctest: labels release
"""Large stores: 10,000 segments, and a year at 5 flows a second. How long do starting, a first answer and merging take,
and how many files does a question meet? Made by the tool traffic_store: its flows are a router's, its times a year's."""

import json
import os
import pathlib
import shutil
import statistics
import tempfile
import time
import unittest

from support import flowspan
from support.flowspan import StoreTest

FAST = "release" in flowspan.PROGRAM
DAY = 86_400
DAYS = int(os.environ.get("FLOWSPAN_STORE_DAYS", "364" if FAST else "60"))
SEGMENTS = int(os.environ.get("FLOWSPAN_STORE_SEGMENTS", "10000" if FAST else "3000"))
GOAL = 0.1  # seconds for a first answer; printed beside what was measured
BOUND = 1.0 if FAST else 3.0  # what a busy machine may make of it


class BigStoreTest(StoreTest):
    def setUp(self):
        super().setUp()
        memory = pathlib.Path("/dev/shm")
        if shutil.disk_usage(memory).free > 8 << 30:  # thousands of fsyncs are not what is measured here
            folder = tempfile.mkdtemp(prefix="flowspan-e2e-", dir=memory)
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
            self.store = pathlib.Path(folder) / "store"

    def make(self, segments, flows, span, end):
        start = time.monotonic()
        made = flowspan.tool("traffic_store", "--store", self.store, "--segments", segments, "--flows", flows, "--span",
                             span, "--end", end)
        print(f"\n{made['segments']:,} segments with {made['flows']:,} flows, {made['file_bytes'] >> 20:,} MiB, made in "
              f"{time.monotonic() - start:.0f} s")

    def ask(self, end, what):
        """The median of five questions about an hour: its answer."""
        words = ("query", "--by", "src_addr", "--from", f"@{end - 3600}", "--to", f"@{end}", "--store", self.store,
                 "--format", "json")
        took = []
        for _ in range(5):
            start = time.monotonic()
            answer = json.loads(flowspan.run(*words).stdout)
            took.append(time.monotonic() - start)
        median = statistics.median(took)
        print(f"{what}: {median:.3f} s (first {took[0]:.3f} s, goal {GOAL} s), {answer['quality']['files']} files")
        self.assertLess(median, BOUND, what)
        self.assertEqual(len(answer["rows"]), 10)
        return answer

    def start(self):
        start = time.monotonic()
        collector = self.collect("--no-compact")
        took = time.monotonic() - start
        flowspan.send([b"\0\5\0\0"], collector.port)
        collector.stop()
        print(f"a collector is ready after {took:.2f} s")
        self.assertLess(took, 5 * BOUND)

    def test_many_segments(self):
        """Five-minute segments, never merged until now."""
        end = int(time.time()) // DAY * DAY
        self.make(SEGMENTS, 1500, 300, end)
        self.start()
        self.ask(end, "the last hour of many segments")
        self.ask(end - SEGMENTS * 150, "an hour in their middle")
        flows = self.count()
        start = time.monotonic()
        done = flowspan.run("store", "compact", "--store", self.store, seconds=600)
        print(f"{done.stdout.strip()} in {time.monotonic() - start:.1f} s")
        everything = json.loads(flowspan.run("query", "--by", "dst_port", "--store", self.store, "--format", "json").stdout)
        print(f"a question about everything meets {everything['quality']['files']} files")
        self.assertLess(everything["quality"]["files"], 1000)
        self.assertEqual(self.count(), flows)
        self.ask(end, "the last hour after merging")
        flowspan.run("store", "verify", "--store", self.store)

    def test_a_year(self):
        """As compaction leaves it: a segment a day, and today's in pieces of five minutes."""
        today = int(time.time()) // DAY * DAY
        self.make(DAYS, 5 * DAY, DAY, today)
        self.make(100, 1500, 300, today + 30_000)
        self.start()
        self.ask(today + 30_000, "the last hour of a year")
        self.ask(today - DAYS * DAY // 2 + 5000, "an hour half a year ago")
        year = json.loads(flowspan.run("query", "--by", "proto", "--store", self.store, "--format", "json").stdout)
        self.assertLess(year["quality"]["files"], 1000)


if __name__ == "__main__":
    unittest.main()
