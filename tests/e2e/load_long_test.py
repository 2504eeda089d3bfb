# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
# ctest: labels release
"""Under load: nothing dropped, every drop counted, memory flat, and a disk that stalls loses nothing."""

import os
import signal
import time
import unittest

from support import flowspan
from support.flowspan import StoreTest
from support.stalls import Stalls

FAST = "release" in flowspan.PROGRAM  # other builds are not optimized, but have fault points
RATE = int(os.environ.get("FLOWSPAN_LOAD", "900000" if FAST else "300000"))  # flows a second, 30 in a datagram
SECONDS = int(os.environ.get("FLOWSPAN_LOAD_SECONDS", "30" if FAST else "10"))
RUNS, GOOD = 5, 3
LATE_MS = 250  # a sender that comes so late sends bursts that the rate does not mean
STILL = 1.0  # seconds that the machine may stand still in a run that is to show something


def say(text):
    print(f"\n*** {text} ***", flush=True)


class LoadTest(StoreTest):
    def one_run(self, number, rate=RATE):
        """(nothing dropped and memory flat, the machine kept up)"""
        store = self.folder / f"store{number}"
        collector = self.collect("--receive-buffer", "64MiB", store=store)
        begin = time.time_ns()
        load = flowspan.tool("traffic", "--to", f"127.0.0.1:{collector.port}", "--flows", rate * SECONDS, "--rate", rate,
                             "--exporters", 4, "--seed", number, background=True)
        memory = []
        while load.poll() is None:
            memory.append(collector.memory())
            time.sleep(1)
        sent = flowspan.finish(load)
        stood_still = self.stalls.seconds(begin, time.time_ns())
        time.sleep(0.3)
        summary = collector.stop(seconds=240)
        stored = self.count(store)
        dropped = sum(summary[name] for name in ("kernel_drops", "ring_drops", "journal_drops"))
        # Every drop is counted: all datagrams have 30 flows but the last.
        self.assertEqual(summary["datagrams"] + summary["kernel_drops"], sent["datagrams"])
        self.assertLessEqual(abs(sent["flows"] - stored - 30 * dropped), 30)
        self.assertEqual(summary["flows"], stored)
        print(f"run {number}: {sent['flows']:,} flows in {sent['seconds']:.1f} s, {stored:,} stored, {dropped} datagrams "
              f"dropped, memory {', '.join(str(size >> 20) for size in memory)} MiB, sender late {sent['late_ms']:.0f} ms, "
              f"the machine stood still for {stood_still:.1f} s, ring at most "
              f"{summary['ring_high_water_bytes'] >> 10} KiB", flush=True)
        return dropped == 0 and self.flat(memory), sent["late_ms"] < LATE_MS and stood_still < STILL

    @unittest.skipIf(flowspan.SANITIZED, "a sanitizer is no measure of speed")
    def test_three_runs_of_five_without_a_drop(self):
        self.stalls = Stalls(self.folder)
        self.addCleanup(self.stalls.close)
        print()
        runs = []
        while len(runs) < RUNS and sum(good for good, _ in runs) < GOOD:
            runs.append(self.one_run(len(runs)))
        if sum(good for good, _ in runs) == GOOD:
            return
        if sum(not good and kept_up for good, kept_up in runs) <= RUNS - GOOD:
            say(f"THIS MACHINE IS TOO SLOW for {RATE:,} flows/s: in {sum(not kept_up for _, kept_up in runs)} of {RUNS} "
                f"runs it stood still, or the sender itself came more than {LATE_MS} ms late. Nothing is shown about "
                "drops; all of them were counted")
            return
        self.fail(f"fewer than {GOOD} of {RUNS} runs without a drop and with flat memory")

    def flat(self, memory):
        """Within 5 % (or 8 MiB) of each other in the last two thirds of the time."""
        rest = memory[len(memory) // 3:]
        return max(rest) - min(rest) <= max(0.05 * max(rest), 8 << 20)

    def test_a_drop_is_counted(self):
        """The control: a collector that stands still for a second, with a small buffer, drops, and counts it."""
        collector = self.collect("--receive-buffer", "256KiB")
        load = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--rate", 300_000, "--seconds", 2,
                             background=True)
        time.sleep(0.5)
        collector.process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        collector.process.send_signal(signal.SIGCONT)
        sent = flowspan.finish(load)
        time.sleep(0.3)
        summary = collector.stop()
        self.assertGreater(summary["kernel_drops"], 0)
        self.assertEqual(sent["flows"], summary["flows"] + 30 * summary["kernel_drops"])
        self.assertEqual(summary["lost_flows"], 30 * summary["kernel_drops"])


class StallTest(StoreTest):
    """A disk that takes nothing for two seconds: fault points, so only in builds that have them."""

    RATE = 100_000

    def stalled(self, point, *arguments):
        collector = self.collect(*arguments, env={"FLOWSPAN_FAULT": f"{point}:stall:20"})
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--rate", self.RATE, "--seconds", 6)
        time.sleep(0.3)
        return sent, collector.stop()

    def test_the_journal_stalls(self):
        if FAST:
            self.skipTest("a release build has no fault points")
        sent, summary = self.stalled("journal.write")
        self.assertGreater(summary["ring_high_water_bytes"], self.RATE / 30 * 1524, "it did not stall")
        self.assertEqual((summary["flows"], summary["lost_flows"], summary["ring_drops"], summary["kernel_drops"]),
                         (sent["flows"], 0, 0, 0))
        self.assertEqual(self.count(), sent["flows"])

    def test_a_ring_that_is_too_small_says_so(self):
        if FAST:
            self.skipTest("a release build has no fault points")
        sent, summary = self.stalled("journal.write", "--ring", "1MiB")
        self.assertGreater(summary["ring_drops"], 0)
        self.assertEqual(sent["flows"], summary["flows"] + 30 * (summary["ring_drops"] + summary["kernel_drops"]))
        self.assertEqual(self.count(), summary["flows"])


if __name__ == "__main__":
    unittest.main()
