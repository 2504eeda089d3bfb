# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Input that no friend would send: a counter or a sentence for each, never a crash, never growing memory.

Not here: a wall clock that is set back an hour. A test may not set the machine's, and a time namespace shifts only the
monotonic one; src/pipeline tests it with clocks of its own.
"""

import random
import socket
import struct
import time
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest, send

GROWTH = 24 << 20  # bytes that memory may grow by where it has to be flat: buffers that are used for the first time


class UnkindTest(StoreTest):
    def test_ten_thousand_exporters(self):
        collector = self.collect()
        sent = 0
        for high in range(40):
            for low in range(1, 251):
                send([netflow.datagram(2, sequence=0)], collector.port, source=f"127.1.{high}.{low}")
                sent += 2
        collector.wait_counter("flows", sent)
        start = time.monotonic()
        summary = collector.stop()
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual((summary["exporters"], summary["flows"], summary["lost_flows"]), (10_000, 20_000, 0))
        self.assertEqual(int(self.value("SELECT count(DISTINCT exporter) FROM flows")), 10_000)
        again = self.collect()  # the state of them all is loaded again
        send([netflow.datagram(2, sequence=2)], again.port, source="127.1.7.7")
        again.wait_counter("flows", 2)
        self.assertEqual(again.stop()["lost_flows"], 0)

    def test_a_thousand_ports(self):
        """It is one exporter all the same."""
        collector = self.collect("--workers", 2)
        for n in range(1000):
            send([netflow.datagram(1, sequence=n)], collector.port, source=("127.0.0.5", 20_000 + n))
        collector.wait_counter("flows", 1000)
        summary = collector.stop()
        self.assertEqual((summary["exporters"], summary["flows"], summary["lost_flows"]), (1, 1000, 0))

    def test_every_length_and_version(self):
        collector = self.collect()
        payloads = []
        for version in [*range(13), 0xFFFF]:
            for length in range(101):
                payloads.append((struct.pack(">HH", version, 30) + bytes(range(100)))[:length])
        send(payloads, collector.port)
        collector.wait_counter("datagrams", len(payloads))
        summary = collector.stop()
        self.assertEqual(summary["datagrams"], len(payloads))
        self.assertGreater(summary["decode_errors"], 1200)
        self.assertEqual(self.count(), summary["flows"])

    def flood(self, collector, seconds, source_of):
        """As many datagrams as Python sends; each from another source."""
        dice = random.Random(1)
        end = time.monotonic() + seconds
        sent = 0
        while time.monotonic() < end:
            for _ in range(100):
                version = dice.choice((0, 2, 3, 4, 6, 11, 99, 0xFFFF))
                send([struct.pack(">H", version) + dice.randbytes(dice.randrange(400))], collector.port,
                     source=source_of(dice))
                sent += 1
        return sent

    def test_a_flood_of_unknown_versions(self):
        """From sources that are made up: memory stays flat, real exporters are heard."""
        collector = self.collect("--workers", 2)
        spoofed = lambda dice: f"127.{dice.randrange(1, 255)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        sent = self.flood(collector, 8, spoofed)
        collector.wait_counter("datagrams", sent)
        before = collector.memory()
        send([netflow.datagram(7)], collector.port, source="127.0.0.9")
        more = self.flood(collector, 10, spoofed)
        collector.wait_counter("datagrams", sent + more + 1)
        after = collector.memory()
        summary = collector.stop()
        print(f"\n{sent + more:,} datagrams of made-up senders: memory {before >> 20} to {after >> 20} MiB, "
              f"log of {len(collector.log())} bytes")
        self.assertEqual(summary["flows"], 7)
        self.assertGreaterEqual(summary["decode_errors"], 0.99 * (sent + more))
        self.assertLess(after - before, GROWTH)
        self.assertLess(len(collector.log()), 100_000, "the log is flooded, too")

    def test_sequences_out_of_nowhere(self):
        """Random sequence numbers and clocks: flows are kept, the account does not go mad."""
        dice = random.Random(2)
        collector = self.collect()
        payloads = [netflow.datagram(1, sequence=dice.getrandbits(32), now=dice.getrandbits(32),
                                     uptime=dice.getrandbits(32)) for _ in range(2000)]
        send(payloads, collector.port)
        collector.wait_counter("flows", 2000)
        summary = collector.stop()
        self.assertEqual(self.count(), 2000)
        self.assertLess(summary["lost_flows"], 2000 * 1_000_000)

    def test_the_largest_datagram(self):
        collector = self.collect()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(netflow.datagram(30) + bytes(65_507 - 24 - 30 * 48), ("127.0.0.1", collector.port))
        collector.wait_counter("datagrams", 1)
        summary = collector.stop()
        self.assertEqual(summary["flows"], 30)
        self.assertGreaterEqual(summary["decode_errors"], 1)

    def test_no_descriptors_left(self):
        """A collector that may open few files still ends with a sentence or works."""
        collector = self.collect(wait=False, prefix=("prlimit", "--nofile=16:16"))
        flowspan.wait_until(lambda: not collector.running() or "collecting into" in collector.log(), "a word")
        if collector.running():
            collector.stop()
        else:
            self.assertIn("flowspan: ", collector.log())
            self.assertIn(collector.wait_end(), (1, 2))


if __name__ == "__main__":
    unittest.main()
