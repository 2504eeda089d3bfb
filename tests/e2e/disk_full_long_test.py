# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""A disk that fills: collecting goes on with the oldest flows retired, or stops loudly and goes on by itself when there
is room; what was committed can be read all the time."""

import os
import subprocess
import time
import unittest

from support import flowspan, netflow
from support.flowspan import Failed, StoreTest, send
from support.stalls import Stalls

SIZE = 288 << 20
RATE = 200_000


class DiskFullTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "flowspan-test", self.disk],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            if os.geteuid() == 0:
                raise Failed(f"cannot mount a small disk: {done.stderr}")
            self.skipTest("needs root, to mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)
        self.store = self.disk / "store"

    def free(self):
        disk = os.statvfs(self.disk)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leave):
        """Somebody else's file takes all but `leave` bytes."""
        ballast = self.disk / "ballast"
        with open(ballast, "ab") as out:
            while self.free() > leave:
                out.write(bytes(min(1 << 20, self.free() - leave)))
                out.flush()
        return ballast

    def whole(self):
        """The numbers from the lowest to the highest are there, once."""
        ((count, different, low, high),) = self.numbers().values()
        self.assertEqual(count, different)
        return count, low, high

    def test_the_oldest_give_way(self):
        """More is sent than the disk holds."""
        collector = self.collect("--rotate", "2s", "--no-compact")
        stalls = Stalls(self.folder)
        self.addCleanup(stalls.close)
        begin = time.time_ns()
        load = flowspan.tool("traffic", "--to", f"127.0.0.1:{collector.port}", "--flows", 60 * RATE, "--rate", RATE,
                             background=True)
        least = SIZE
        while load.poll() is None:
            least = min(least, self.free())
            self.assertTrue(collector.running(), collector.log())
            time.sleep(0.2)
        sent = flowspan.finish(load)
        self.assertGreater(self.count(), 0)
        summary = collector.stop()
        dropped = sum(summary[name] for name in ("kernel_drops", "ring_drops", "journal_drops"))
        print(f"\n{sent['flows']:,} flows sent, {self.count():,} stored, at least {least >> 20} MiB free, {dropped} "
              "datagrams dropped")
        self.assertEqual(summary["flows"] + 30 * dropped, sent["flows"])
        stood_still = stalls.seconds(begin, time.time_ns())
        if dropped == 0 or stood_still < 1:
            self.assertEqual(dropped, 0, "retention came too late")
        else:
            print(f"*** THE MACHINE STOOD STILL for {stood_still:.1f} s: drops are no fault, and were counted ***")
        self.assertIn("retired", collector.log())
        stored = self.count()
        self.assertLess(stored, sent["flows"], "the disk was not full: the test shows nothing")
        self.assertGreater(stored, 1_000_000)
        flowspan.run("store", "verify", "--store", self.store)

    def test_no_room_at_all_and_then_room(self):
        collector = self.collect("--rotate", "1s", "--min-free", "0%")
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--flows", 30_000, "--rate", 60_000)
        collector.wait_counter("committed_flows", sent["flows"])
        ballast = self.fill(0)
        load = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--first", 30_000, "--rate", 30_000,
                             "--seconds", 40, background=True)
        self.addCleanup(load.stdout.close)
        self.addCleanup(load.kill)
        try:
            flowspan.wait_until(lambda: "full" in collector.log() or "space" in collector.log(), "a word on the full disk")
            self.assertGreaterEqual(self.count(), 0)
            until = time.monotonic() + 12
            while time.monotonic() < until:
                self.assertTrue(collector.running(), collector.log())
                self.fill(0)  # what it frees is taken, too
                time.sleep(0.2)
            self.value("SELECT count(*) FROM flows")  # a question is answered
        finally:
            ballast.unlink()
        done = flowspan.finish(load)
        collector.wait_counter("datagrams", 1)
        time.sleep(1)
        summary = collector.stop()
        count, low, high = self.whole()
        total = sent["flows"] + done["flows"]
        dropped = sum(summary[name] for name in ("kernel_drops", "ring_drops", "journal_drops"))
        print(f"\n{total:,} sent, {count:,} stored ({low:,} to {high:,}), {dropped} datagrams dropped, "
              f"{summary['journal_write_failures']} failed writes")
        self.assertEqual(high + 1, done["next"][0], "it did not go on when there was room")
        self.assertEqual(summary["flows"] + 30 * dropped, total)
        flowspan.run("store", "verify", "--store", self.store)

    def test_no_room_to_begin_with(self):
        self.fill(0)
        collector = self.collect(wait=False)
        try:
            code = collector.wait_end(5)
        except Failed:
            code = None
        if code is None:  # it may as well wait for room
            self.assertRegex(collector.log(), "full|space")
            return
        self.assertEqual(code, 1)
        self.assertRegex(collector.log(), "full|space")
        self.assertNotIn("terminate", collector.log())

    def test_an_import_that_does_not_fit(self):
        flowspan.tool("traffic", "--pcap", self.folder / "t.pcap", "--flows", 600_000)
        flowspan.run("read", netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(30)]), "--store", self.store)
        ballast = self.fill(4 << 20)
        done = flowspan.run("read", self.folder / "t.pcap", "--store", self.store, check=False)
        self.assertEqual(done.returncode, 1, "it cannot have fitted")
        self.assertRegex(done.stderr, "full|space")
        self.assertEqual(self.count(), 30)
        ballast.unlink()
        flowspan.run("read", self.folder / "t.pcap", "--store", self.store)
        self.assertEqual(self.count(), 600_030)

    def test_a_collector_that_ends_while_the_disk_is_full(self):
        collector = self.collect("--min-free", "0%")
        send([netflow.datagram(30)], collector.port)
        flowspan.wait_until(lambda: self.count() == 30, "30 flows in an answer")
        ballast = self.fill(0)
        collector.process.terminate()
        time.sleep(3)
        collector.kill()  # it may be waiting for room
        ballast.unlink()
        self.collect().stop()
        self.assertEqual(self.count(), 30)


if __name__ == "__main__":
    unittest.main()
