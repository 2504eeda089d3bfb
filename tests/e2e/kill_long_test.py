# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
"""kill -9 at random under load: what was in the journal at a kill is stored, nothing is stored twice, and what is
missing was on its way at a kill: never more than the ring and the socket's buffer hold."""

import os
import random
import statistics
import time
import unittest

from support import flowspan, sequenced
from support.flowspan import StoreTest

KILLS = int(os.environ.get("FLOWSPAN_KILLS", "100"))
RATE = 30_000
EXPORTERS = 4
RING = 4 << 20
BUFFER = 1 << 20
# A datagram takes 1,524 bytes of the ring; a socket may book twice its buffer and books 2,304 bytes for each.
MOST_LOST = (RING // 1524 + 2 * BUFFER // 2304) * 30


class Kill:
    """What is known of one kill."""

    def __init__(self, journal, before, after):
        self.journal = journal  # exporter → spans in the journal when it was dead
        self.before = before    # time.time_ns()
        self.after = after
        self.ready = None       # when the next collector was


class KillTest(StoreTest):
    def start(self, port, workers):
        return self.collect("--rotate", "1s", "--ring", RING, "--receive-buffer", BUFFER, "--workers", workers,
                            listen=[f"127.0.0.1:{port}"])

    def kills(self, count, workers=2, seed=None, destroy_journal=False):
        """Kills `count` collectors; (the load, its kills, seconds of each start)."""
        dice = random.Random(seed)
        port = flowspan.free_port()
        collector = self.start(port, workers)
        load = sequenced.Load(self.folder, port, "--rate", RATE, "--seconds", 3600, "--exporters", EXPORTERS)
        self.addCleanup(load.close)
        done, starts = [], []
        for number in range(count):
            time.sleep(dice.choice((0.02, 0.2, 0.5, 1.1)) * (0.5 + dice.random()))
            before = time.time_ns()
            collector.kill()
            after = time.time_ns()
            collector.close()
            done.append(Kill(sequenced.journal_spans(self.store / "journal"), before, after))
            if destroy_journal:
                self.destroy_journal()
            start = time.monotonic()
            if number % 10 == 9:  # killed while it recovers, too
                hasty = self.collect("--rotate", "1s", listen=[f"127.0.0.1:{flowspan.free_port()}"], wait=False)
                time.sleep(dice.random() * 0.2)
                hasty.kill()
                hasty.close()
            collector = self.start(port, workers)
            starts.append(time.monotonic() - start)
            done[-1].ready = time.time_ns()
        time.sleep(0.5)
        load.stop()
        sent = load.sent["next"]
        flowspan.wait_until(lambda: collector.counters().get("datagrams", 0) > 0, "counters")
        time.sleep(0.5)
        collector.stop()
        return load, sent, done, starts

    def destroy_journal(self):
        """Zeros for all blocks after the first ones, as if they had never been written."""
        for path in (self.store / "journal").glob("*.pcapng"):
            size = path.stat().st_size
            with open(path, "r+b") as journal:
                journal.seek(min(1024, size))
                journal.write(bytes(size - min(1024, size)))

    def check(self, load, sent, kills):
        """How many flows each kill cost of those that had been sent before it."""
        missing = sequenced.holes(self.store, sent)
        costs = []
        for exporter in range(EXPORTERS):
            explained = []
            begun = 0  # what was sent when the killed collector was ready
            for number, kill in enumerate(kills):
                lost = sequenced.overlap(missing[exporter], kill.journal.get(exporter, []))
                self.assertEqual(lost, [], f"exporter {exporter}: in the journal at kill {number}, and not stored")
                least = load.surely_sent(exporter, kill.before)
                most = load.maybe_sent(exporter, kill.ready)
                explained.append((least - MOST_LOST, most))
                costs.append(sum(b - a + 1 for a, b in sequenced.overlap(missing[exporter], [(begun, least - 1)])))
                begun = most
            for hole in missing[exporter]:
                self.assertTrue(any(a <= hole[0] and hole[1] <= b for a, b in explained),
                                f"exporter {exporter}: {hole} is missing, and no kill explains it")
        return costs

    def test_kills_at_random(self):
        seed = int(os.environ.get("FLOWSPAN_SEED", time.time_ns() % 100_000))
        print(f"\nFLOWSPAN_SEED={seed}")
        load, sent, kills, starts = self.kills(KILLS, seed=seed)
        costs = self.check(load, sent, kills)
        flowspan.run("store", "verify", "--store", self.store)
        self.assertEqual(list((self.store / "quarantine").glob("*")) if (self.store / "quarantine").exists() else [],
                         [], "a kill is no datagram that kills the decoder")
        stored = self.count()
        print(f"{KILLS} kills: {sum(sent):,} flows sent, {stored:,} stored; a kill cost one exporter "
              f"{statistics.mean(costs):.0f} flows that had been sent before it (at most {max(costs)}, "
              f"{max(costs) * EXPORTERS / RATE * 1000:.0f} ms); started again in {statistics.median(starts):.2f} s "
              f"(at most {max(starts):.2f} s)")
        self.assertGreater(stored, 0.3 * sum(sent))

    def test_without_a_journal_it_fails(self):
        """The control: where the journal is gone before the next start, the check says so."""
        load, sent, kills, _ = self.kills(3, seed=1, destroy_journal=True)
        with self.assertRaises(AssertionError):
            self.check(load, sent, kills)


if __name__ == "__main__":
    unittest.main()
