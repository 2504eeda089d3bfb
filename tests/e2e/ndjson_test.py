# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: timeout 300
"""--output ndjson: into a pipe, a file, to a TCP peer: every flow of the store, once, with backpressure."""

import json
import os
import socket
import threading
import time
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest

LEFT_OUT = {"exporter_hi", "exporter_lo", "src_hi", "src_lo", "dst_hi", "dst_lo", "next_hop_hi", "next_hop_lo",
            "bypassed_router_hi", "bypassed_router_lo", "exporter_name", "in_if_name", "out_if_name"}


def number(flow):
    """Of a flow of the tool `sequenced`: (exporter, number)."""
    low, high = (int.from_bytes(netflow.address(flow[name]), "big") for name in ("src_addr", "dst_addr"))
    return high >> 16, (high & 65535) << 32 | low


class Peer:
    """A TCP listener that reads lines, and can be broken."""

    def __init__(self, port=0):
        self.server = socket.create_server(("127.0.0.1", port))
        self.port = self.server.getsockname()[1]
        self.data = b""
        self.connections = 0
        self.current = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                self.current, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            whole = b""
            try:
                while got := self.current.recv(1 << 16):
                    whole += got
            except OSError:
                pass
            self.data += whole[:whole.rfind(b"\n") + 1]

    def close(self):
        self.server.close()
        if self.current:
            self.current.close()


class SlowPeer:
    """Reads a little now and then, for ever, until it hurries."""

    def __init__(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.bind(("127.0.0.1", 0))
        self.server.listen()
        self.port = self.server.getsockname()[1]
        self.data = b""
        self.hurry = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection, _ = self.server.accept()
        with connection:
            while got := connection.recv(4096):
                self.data += got
                self.hurry.wait(0.1)

    def close(self):
        self.hurry.set()
        self.server.close()


class NdjsonTest(StoreTest):
    def send(self, collector, flows, first=0, rate=60_000):
        flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--flows", flows, "--first", first, "--rate",
                      rate)

    def check(self, lines, flows):
        self.assertEqual(sorted(number(json.loads(line)) for line in lines), [(0, n) for n in range(flows)])

    def test_every_field_as_the_view_has_it(self):
        file = self.folder / "flows.ndjson"
        collector = self.collect("--output", f"ndjson:{file}")
        icmp = netflow.record(proto=1, src_port=0, dst_port=0x0301, bytes=7, packets=3)
        flowspan.send([netflow.datagram([netflow.record(tos=4), icmp], sampling=0x4000 | 100),
                       netflow.datagram([netflow.record(1)], version=1),
                       netflow.datagram([netflow.record(7)], version=7)], collector.port)
        collector.wait_counter("ndjson_flows", 4)
        collector.stop()
        lines = sorted((json.loads(line) for line in file.read_text().splitlines()), key=json.dumps)
        store = sorted(({name: value for name, value in row.items() if value is not None and name not in LEFT_OUT}
                        for row in self.sql("SELECT * FROM flows")), key=json.dumps)
        for row in store:
            if "extra" in row:
                row["extra"] = json.loads(row["extra"])
        self.assertEqual(lines, store)
        self.assertEqual({line["bytes"] for line in lines if line["proto"] == 1}, {700})
        self.assertEqual({(line["icmp_type"], line["icmp_code"]) for line in lines if line["proto"] == 1}, {(3, 1)})

    def test_a_file_is_appended_to(self):
        file = self.folder / "flows.ndjson"
        for n in range(2):
            collector = self.collect("--output", f"ndjson:{file}", "--rotate", "1s")
            self.send(collector, 3000, 3000 * n)
            collector.wait_counter("flows", 3000)
            self.assertEqual(collector.stop()["ndjson_flows"], 3000)
        self.check(file.read_text().splitlines(), 6000)
        self.assertEqual(self.count(), 6000)

    def pipe(self, *arguments):
        """A collector whose standard output is a pipe; (collector, the end to read)."""
        out, into = os.pipe()
        collector = self.collect("--output", "ndjson:-", *arguments, stdout=into)
        os.close(into)
        return collector, os.fdopen(out, "rb")

    def test_a_pipe_that_is_slow_loses_nothing(self):
        collector, out = self.pipe("--rotate", "1s")
        self.send(collector, 60_000)
        collector.wait_counter("committed_flows", 60_000)
        self.assertGreater(len(list((self.store / "journal").iterdir())), 0, "the journal waits for the reader")
        self.assertLess(collector.counters()["ndjson_flows"], 60_000)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(out))
        reader.start()
        collector.wait_counter("ndjson_flows", 60_000)
        collector.process.terminate()
        self.assertEqual(collector.wait_end(), 0)
        reader.join()
        self.check(lines, 60_000)
        self.assertIn('"ndjson_flows":60000', collector.log(), "the summary is on stderr")

    def test_a_closed_pipe_ends_the_output_and_not_the_collector(self):
        collector, out = self.pipe()
        self.send(collector, 30)
        self.assertEqual(number(json.loads(out.readline())), (0, 0))
        out.close()
        self.send(collector, 3000, 30)
        collector.wait_log("the output ndjson:- ends: the reader of standard output has closed it")
        collector.wait_counter("flows", 3030)
        collector.process.terminate()
        self.assertEqual(collector.wait_end(), 0)
        self.assertEqual(self.count(), 3030)
        self.assertEqual(list((self.store / "journal").iterdir()), [])

    def test_tcp(self):
        peer = Peer()
        self.addCleanup(peer.close)
        collector = self.collect("--output", f"ndjson:tcp:127.0.0.1:{peer.port}")
        self.send(collector, 6000)
        collector.wait_counter("ndjson_flows", 6000)
        collector.stop()
        flowspan.wait_until(lambda: peer.data.count(b"\n") == 6000, "all lines")
        self.check(peer.data.splitlines(), 6000)
        self.assertEqual(peer.connections, 1)

    def test_a_tcp_peer_that_comes_late(self):
        port = flowspan.free_port(kind=socket.SOCK_STREAM)
        collector = self.collect("--output", f"ndjson:tcp:127.0.0.1:{port}")
        self.send(collector, 3000)
        collector.wait_counter("output_failures", 1)
        self.assertIn("cannot reach tcp", collector.log())
        peer = Peer(port)
        self.addCleanup(peer.close)
        collector.wait_counter("ndjson_flows", 3000)
        collector.stop()
        flowspan.wait_until(lambda: peer.data.count(b"\n") == 3000, "all lines")
        self.check(peer.data.splitlines(), 3000)

    def test_a_tcp_connection_that_breaks(self):
        """What the peer's kernel acknowledged is not sent again; what it did not is."""
        peer = Peer()
        self.addCleanup(peer.close)
        collector = self.collect("--output", f"ndjson:tcp:127.0.0.1:{peer.port}")
        for n in range(5):
            self.send(collector, 3000, 3000 * n)
            collector.wait_counter("ndjson_flows", 3000 * (n + 1))
            time.sleep(0.2)  # until the peer has read what it acknowledged
            peer.current.shutdown(socket.SHUT_RDWR)
            flowspan.wait_until(lambda: peer.data.count(b"\n") == 3000 * (n + 1), "the lines of a connection", 5)
        self.send(collector, 3000, 15_000)
        collector.wait_counter("ndjson_flows", 18_000)
        collector.stop()
        flowspan.wait_until(lambda: peer.data.count(b"\n") >= 18_000, "all lines")
        self.check(peer.data.splitlines(), 18_000)
        self.assertEqual(peer.connections, 6)

    def test_a_dead_peer_does_not_keep_the_collector_from_ending(self):
        collector = self.collect("--output", f"ndjson:tcp:127.0.0.1:{flowspan.free_port(kind=socket.SOCK_STREAM)}")
        self.send(collector, 300)
        collector.wait_counter("flows", 300)
        summary = collector.stop()
        self.assertEqual((summary["output_skipped_flows"], summary["ndjson_flows"]), (300, 0))
        self.assertIn("was not given 300 flows", collector.log())
        self.assertEqual(list((self.store / "journal").iterdir()), [])

    def test_a_slow_peer_does_not_keep_the_collector_from_ending(self):
        """It would take the lines for minutes, and always moves."""
        peer = SlowPeer()
        self.addCleanup(peer.close)
        collector = self.collect("--output", f"ndjson:tcp:127.0.0.1:{peer.port}")
        self.send(collector, 60_000)
        collector.wait_counter("flows", 60_000)
        flowspan.wait_until(lambda: b"\n" in peer.data, "a line")
        summary = collector.stop()
        given, left = summary["ndjson_flows"], summary["output_skipped_flows"]
        self.assertEqual(given + left, 60_000)
        self.assertGreater(left, 0)
        self.assertIn(f"was not given {left:,} flows; the store has them", collector.log())
        self.assertEqual(self.count(), 60_000)
        self.assertEqual(list((self.store / "journal").iterdir()), [])
        peer.hurry.set()  # the kernels may still hold what was not acknowledged
        peer.thread.join()
        lines = peer.data[:peer.data.rfind(b"\n") + 1].splitlines()
        self.assertGreaterEqual(len(lines), given)
        self.check(lines, len(lines))

    def test_after_a_crash_it_begins_with_what_is_recovered(self):
        file = self.folder / "flows.ndjson"
        collector = self.collect()
        self.send(collector, 3000)
        collector.wait_counter("flows", 3000)
        collector.kill()
        collector = self.collect("--output", f"ndjson:{file}")
        self.send(collector, 3000, 3000)
        collector.wait_counter("flows", 3000)
        collector.stop()
        self.check(file.read_text().splitlines(), 6000)

    def test_mistakes_are_named(self):
        for word, says in (("kafka:host:9092", "there is no output 'kafka:host:9092': write ndjson:- (standard output), "
                                               "ndjson:FILE or ndjson:tcp:HOST:PORT"),
                           ("ndjson:", "says not where"), ("ndjson:tcp:9000", "a target needs a host")):
            done = flowspan.run("collect", "--store", self.store, "--output", word, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)
        done = flowspan.run("collect", "--store", self.store, "--output", "ndjson:/nowhere/at/all", "--listen",
                            f"127.0.0.1:{flowspan.free_port()}", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--output ndjson:/nowhere/at/all: cannot open", done.stderr)

    def test_a_named_pipe_without_a_reader_is_named(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        done = flowspan.run("collect", "--store", self.store, "--output", f"ndjson:{fifo}", "--listen",
                            f"127.0.0.1:{flowspan.free_port()}", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody reads the named pipe", done.stderr)
        reading = os.fdopen(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), "rb")
        self.addCleanup(reading.close)
        collector = self.collect("--output", f"ndjson:{fifo}")
        os.set_blocking(reading.fileno(), True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(reading))
        reader.start()
        self.send(collector, 300)
        collector.wait_counter("ndjson_flows", 300)
        collector.stop()
        reader.join()
        self.check(lines, 300)


if __name__ == "__main__":
    unittest.main()
