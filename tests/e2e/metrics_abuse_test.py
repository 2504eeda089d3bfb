# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels tsan
"""What strangers do to the port of `collect --metrics`: it costs no flow, little memory and no answer."""

import pathlib
import socket
import time

from support import flowspan
from support.flowspan import SANITIZED
from support.prometheus import MonitoredTest, ask


class AbuseTest(MonitoredTest):
    def open(self, say=b""):
        client = socket.create_connection(("127.0.0.1", self.web), timeout=20)
        self.addCleanup(client.close)
        client.setblocking(False)
        try:
            client.sendall(say)
        except (BlockingIOError, ConnectionError):
            pass  # it reads no more, or has cut us off: both are right
        return client

    def test_collecting_goes_on_undisturbed(self):
        """Silence, halves, floods and nonsense at the port, while flows come: none is lost, memory stays, scrapes work."""
        collector = self.monitored()
        load = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--rate", 20_000, "--seconds", 6,
                             background=True)
        self.wait_metric("flowspan_flows_total", 20_000)
        before = collector.memory()
        silent = [self.open() for _ in range(200)]
        half = [self.open(b"GET /metrics HTTP/1.1\r\nHost: x\r\n") for _ in range(100)]
        long = [self.open(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * (1 << 20)) for _ in range(20)]
        nonsense = [self.open(b"\0\xff" * 4000 + b"\r\n\r\n") for _ in range(50)]
        unread = [self.open(b"GET /metrics HTTP/1.1\r\n\r\n" * 50) for _ in range(100)]
        started = time.monotonic()
        for _ in range(30):
            self.scrape()
        self.assertLess(time.monotonic() - started, 60 if SANITIZED else 10)
        threads = len(list(pathlib.Path(f"/proc/{collector.pid}/task").iterdir()))
        families = self.scrape()
        self.assertLess(families["process_open_fds"].sum(), 150)
        grown = collector.memory() - before
        sent = flowspan.finish(load)
        collector.wait_counter("flows", sent["flows"])
        self.assertLess(threads, 20)
        if not SANITIZED:
            self.assertLess(grown, 24 << 20)
        for clients in (silent, half, long, nonsense, unread):
            for client in clients:
                client.close()
        summary = collector.stop()
        drops = [summary[name] for name in ("kernel_drops", "ring_drops", "journal_drops", "lost_flows")]
        self.assertEqual((summary["flows"], drops), (sent["flows"], [0, 0, 0, 0]))

    def test_a_request_without_end_takes_no_memory(self):
        collector = self.monitored()
        before = most = collector.memory()
        with socket.create_connection(("127.0.0.1", self.web), timeout=20) as client, self.assertRaises(OSError):
            client.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
            for _ in range(50):
                most = max(most, collector.memory())
                client.sendall(b"x" * (1 << 20))
        if not SANITIZED:
            self.assertLess(most - before, 2 << 20)

    def test_a_thousand_questions_cost_no_memory(self):
        collector = self.monitored()
        for _ in range(100):
            ask(self.web, "/metrics")
        before = collector.memory()
        for _ in range(100 if SANITIZED else 1000):
            ask(self.web, "/metrics")
        if not SANITIZED:
            self.assertLess(collector.memory() - before, 2 << 20)

    def test_connections_that_stay_are_cut(self):
        self.monitored()
        clients = [self.open(say) for say in (b"", b"GET /metrics HTTP/1.1\r\n")]
        for client in clients:
            client.settimeout(30)
            self.assertEqual(client.recv(100), b"")
