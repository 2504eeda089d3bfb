# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
"""Readers that ask all the time while segments are committed, merged and retired: every answer is what had been sent by
its time, without a hole, a double or a missing file. FLOWSPAN_READER_MINUTES says how long (2)."""

import os
import statistics
import threading
import time
import unittest

from support import flowspan, sequenced
from support.flowspan import EXPORTER_OF, NUMBER_OF, StoreTest
from support.stalls import Stalls

MINUTES = float(os.environ.get("FLOWSPAN_READER_MINUTES", "2"))
RATE = 20_000
EXPORTERS = 3
LATE = 1.0  # seconds that a flow may need from the sender into an answer, besides those that the machine stood still
QUESTION = (f"SELECT {EXPORTER_OF} AS e, count(*) AS c, count(DISTINCT {NUMBER_OF}) AS d, min({NUMBER_OF}) AS low, "
            f"max({NUMBER_OF}) AS high, sum(bytes) AS b FROM flows GROUP BY e")


class Answer:
    def __init__(self, before, after, rows, stderr):
        self.before = before
        self.after = after
        self.rows = {int(r["e"]): {name: int(value) for name, value in r.items()} for r in rows}
        self.stderr = stderr


class Reader(threading.Thread):
    def __init__(self, store):
        super().__init__()
        self.store = store
        self.answers = []
        self.failure = None
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set() and self.failure is None:
            try:
                before = time.time_ns()
                rows = flowspan.sql(self.store, QUESTION)
                self.answers.append(Answer(before, time.time_ns(), rows, ""))
            except AssertionError as error:
                self.failure = str(error)


def bytes_of(low, high):
    """Sum of 1000 + i mod 1000003 for i from low to high."""
    def below(n):
        rounds, rest = divmod(n, 1_000_003)
        return rounds * (1_000_003 * 1_000_002 // 2) + rest * (rest - 1) // 2

    return 1000 * (high - low + 1) + below(high + 1) - below(low)


class ReadersTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.stalls = Stalls(self.folder)
        self.addCleanup(self.stalls.close)

    def check(self, answers, load):
        """Seconds that the last flow of each answer was behind the sender."""
        behind = []
        previous = {}
        for answer in answers:
            for exporter, row in answer.rows.items():
                self.assertEqual(row["c"], row["d"], "a flow is there twice")
                self.assertEqual(row["c"], row["high"] - row["low"] + 1, "there is a hole")
                self.assertEqual(row["b"], bytes_of(row["low"], row["high"]), "bytes of other flows")
                low, high = previous.get(exporter, (0, 0))
                self.assertGreaterEqual(row["high"], high, "an answer goes back")
                self.assertGreaterEqual(row["low"], low, "retired flows are there again")
                self.assertLess(row["high"], load.maybe_sent(exporter, answer.after), "flows of the future")
                stood_still = self.stalls.seconds(answer.before - int(5 * LATE * 1e9), answer.after)
                late = int((LATE + stood_still) * 1e9)
                self.assertGreaterEqual(row["high"] + 1, load.surely_sent(exporter, answer.before - late),
                                        "flows that had been sent are not there")
                missing = load.surely_sent(exporter, answer.before) - row["high"] - 1
                behind.append(max(0.0, missing / (RATE / EXPORTERS)))
                previous[exporter] = (row["low"], row["high"])
        return behind

    def test_all_the_time(self):
        collector = self.collect("--rotate", "1s", "--workers", 2, "--keep-bytes", "3MiB")
        load = sequenced.Load(self.folder, collector.port, "--rate", RATE, "--seconds", 3600, "--exporters", EXPORTERS)
        self.addCleanup(load.close)
        flowspan.wait_until(lambda: collector.counters().get("flows", 0) > 1000, "flows")
        readers = [Reader(self.store) for _ in range(2)]
        for reader in readers:
            reader.start()
        end = time.monotonic() + 60 * MINUTES
        merges = 0
        while time.monotonic() < end and not any(reader.failure for reader in readers):
            time.sleep(2)
            done = flowspan.run("store", "compact", "--all", "--store", self.store, check=False)
            merges += done.returncode == 0
        for reader in readers:
            reader.enough.set()
        for reader in readers:
            reader.join()
        load.stop()
        summary = collector.stop()
        for reader in readers:
            self.assertIsNone(reader.failure)
        behind = [late for reader in readers for late in self.check(reader.answers, load)]
        asked = sum(len(reader.answers) for reader in readers)
        lows = {exporter: row["low"] for exporter, row in readers[0].answers[-1].rows.items()}
        print(f"\n{asked} answers in {MINUTES:g} minutes, {summary['segments']} segments, {merges} merges, flows below "
              f"{lows} retired; the last flow of an answer was {statistics.mean(behind) * 1000:.0f} ms behind the sender "
              f"(at most {max(behind) * 1000:.0f} ms)")
        self.assertGreater(asked, 20 * MINUTES)
        self.assertGreater(min(lows.values()), 0, "nothing was retired: the test shows less than it should")
        self.assertGreater(merges, 0)
        self.assertEqual(summary["lost_flows"], 0)

    def test_a_wrong_answer_is_found(self):
        """The control: answers with a hole, a double, a step back or too little are told from right ones."""
        load = sequenced.Load(self.folder, flowspan.free_port(), "--rate", 3000, "--seconds", 1)
        self.addCleanup(load.close)
        time.sleep(0.5)
        load.stop()
        now = load.lines[0][0][-1] + 1
        good = {"e": 0, "c": 300, "d": 300, "low": 0, "high": 299, "b": bytes_of(0, 299)}
        first = now - int(0.9e9)
        self.check([Answer(first, now, [good], "")], load)
        for wrong in ({"c": 301}, {"d": 299}, {"c": 299, "d": 299}, {"b": 1}, {"c": 10**6, "d": 10**6, "high": 10**6 - 1}):
            with self.assertRaises(AssertionError, msg=str(wrong)):
                self.check([Answer(first, now, [{**good, **wrong}], "")], load)
        with self.assertRaises(AssertionError):
            self.check([Answer(first, now, [good], ""), Answer(first, now, [{**good, "c": 30, "d": 30, "high": 29}], "")],
                       load)
        with self.assertRaises(AssertionError):  # asked two seconds after the end, and still not all there
            self.check([Answer(now + int(2e9), now + int(3e9), [good], "")], load)


if __name__ == "__main__":
    unittest.main()
