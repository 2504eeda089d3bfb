# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial
# ctest: timeout 300
"""`flowspan account` balances to the flow, and each of its numbers is what the test knows it sent, lost and broke."""

import json
import signal
import socket
import sqlite3
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest

FATES = ("network", "kernel", "ring", "journal", "down", "quarantined", "undecodable", "unclear")
FAULTS = "release" not in flowspan.PROGRAM  # other builds have no fault points
BUFFER = "16KiB"  # the kernel books 2,304 bytes and more for a datagram of 1,464


class Engine:
    """An engine of an exporter, which knows what it announced, and what became of it."""

    def __init__(self, exporters, ip, engine=0, version=5, first=0):
        self.exporters, self.ip, self.engine, self.version = exporters, ip, engine, version
        self.sequence, self.uptime = first, 3_000_000
        self.expected = exporters.expected.setdefault(ip, dict.fromkeys(("announced", "stored", *FATES), 0))

    def next(self, flows=30):
        """The datagram that comes next, announced and not sent."""
        made = netflow.datagram(flows, self.version, self.sequence, engine=self.engine, uptime=self.uptime)
        self.sequence += flows
        if self.version != 1:
            self.expected["announced"] += flows
        return made

    def send(self, datagrams=1, flows=30):
        self.exporters.send(self.ip, [self.next(flows) for _ in range(datagrams)])
        self.expected["stored"] += datagrams * flows

    def lose(self, fate, datagrams=1, flows=30):
        lost = [self.next(flows) for _ in range(datagrams)]
        self.expected[fate] += datagrams * flows
        return lost

    def restart(self):
        """Its next flows are numbered anew, and its uptime begins anew."""
        self.sequence, self.uptime = 0, 10_000


class Exporters:
    """Senders with addresses of their own, 127.0.0.x, a socket each."""

    def __init__(self, port):
        self.port, self.sockets, self.expected, self.datagrams = port, {}, {}, 0

    def send(self, ip, payloads):
        if ip not in self.sockets:
            self.sockets[ip] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[ip].bind((ip, 0))
        for payload in payloads:
            self.sockets[ip].sendto(payload, ("127.0.0.1", self.port))
            self.datagrams += 1

    def close(self):
        for sender in self.sockets.values():
            sender.close()


class AccountTest(StoreTest):
    def start(self, *arguments, port=None, **options):
        """A collector and its exporters."""
        port = port or flowspan.free_port()
        collector = self.collect(*arguments, listen=[f"127.0.0.1:{port}"], **options)
        collector.port = port
        return collector

    def exporters(self, collector):
        made = Exporters(collector.port)
        self.addCleanup(made.close)
        return made

    def account(self, *arguments, store=None):
        return json.loads(flowspan.run("account", "--store", store or self.store, "--format", "json", *arguments).stdout)

    def by_exporter(self):
        answer = self.account("--by", "exporter")
        self.assertTrue(answer["quality"]["balances"], answer)
        return {row["exporter"]: row for row in answer["rows"]}

    def check(self, exporters, waiting=False):
        """Each number of each exporter. In hours, too, where the sums are the same and each hour balances."""
        rows = self.by_exporter()
        for ip, expected in exporters.expected.items():
            row = rows[ip]
            found = {name: row[name] for name in expected}
            if waiting:
                found["stored"] += row["waiting"]
            self.assertEqual(found, expected, f"{ip}: {row}")
            self.assertEqual(row["difference"], 0)
        hours = self.account()["rows"]
        self.assertEqual([row["difference"] for row in hours], [0] * len(hours))
        self.assertEqual(sum(row["announced"] or 0 for row in hours), sum(r["announced"] or 0 for r in rows.values()))
        return rows

    def received(self, collector, exporters, before=0):
        """Waits until all that was sent is journalled or was dropped."""
        def all_there():
            told = collector.counters()
            return told.get("datagrams", 0) + told.get("kernel_drops", 0) >= exporters.datagrams - before
        flowspan.wait_until(all_there, f"{exporters.datagrams - before} datagrams: {collector.counters()}")

    def test_loss_reordering_duplicates_restarts_and_garbage(self):
        collector = self.start()
        exporters = self.exporters(collector)
        one, two = Engine(exporters, "127.0.0.11", 1), Engine(exporters, "127.0.0.11", 2, first=1_000_000)
        seven = Engine(exporters, "127.0.0.12", version=7)
        old = Engine(exporters, "127.0.0.13", version=1)
        for engine in (one, two, seven, old):
            engine.send(3)
        one.lose("network", 2)
        two.lose("network", 1, flows=7)
        exporters.send("127.0.0.11", [b"", b"\0\5", b"garbage that no version begins with"])
        for engine in (one, two, seven, old):
            engine.send(2, flows=11)
        late = seven.lose("network", 3)
        seven.send()
        exporters.send(seven.ip, late[1:2])  # late, but it comes
        seven.expected["network"] -= 30
        seven.expected["stored"] += 30
        twice = one.next()
        exporters.send(one.ip, [twice, twice])
        one.expected["stored"] += 60
        # Damaged: 12 of 30 flows can be read, and of another nothing but the header.
        cut, hollow = two.next(), two.next()
        exporters.send(two.ip, [cut[:24 + 12 * 48 + 20], hollow[:24 + 40]])
        two.expected["stored"] += 12
        two.expected["undecodable"] += 18 + 30
        two.send()
        one.restart()
        one.send(4)
        one.lose("network", 1)
        one.send()
        self.received(collector, exporters)
        exporters.expected["127.0.0.13"]["announced"] = None  # v1 numbers nothing
        live = self.check(exporters, waiting=True)
        self.assertEqual((live[one.ip]["stored"], live[one.ip]["repeated"], live[one.ip]["restarts"]), (0, 30, 1))
        self.assertEqual((live[seven.ip]["late"], live[old.ip]["not_numbered"]), (30, 3 * 30 + 22))
        collector.stop()
        rows = self.check(exporters)
        self.assertEqual([row["waiting"] for row in rows.values()], [0, 0, 0])
        self.assertEqual({name: value for name, value in rows[one.ip].items() if name.startswith("refused_") and value},
                         {"refused_datagrams": 5, "refused_empty": 1, "refused_truncated_header": 1,
                          "refused_unknown_version": 1, "refused_no_records": 1, "refused_truncated_records": 1})
        for name in ("announced", "stored", "network", "undecodable", "late"):
            waited = live[one.ip][name] + (live[one.ip]["waiting"] if name == "stored" else 0)
            self.assertEqual(waited, rows[one.ip][name], name)
        self.assertEqual(self.count(), sum(row["stored"] for row in rows.values()))
        truth = json.loads(flowspan.run("query", "--store", self.store, "--format", "json").stdout)["quality"]["lost"]
        self.assertEqual((truth["on_the_way"], truth["undecodable"], truth["decode_errors"]),
                         (sum(row["network"] for row in rows.values()), 48, 5))

    def overrun(self, collector, exporters, engines, lost=None):
        """Stops the collector and sends more than its socket holds; kernel drops are whatever was too much."""
        collector.process.send_signal(signal.SIGSTOP)
        flowspan.wait_until(lambda: flowspan.stopped(collector.process.pid), "every thread of the collector to stop")
        for _ in range(100):
            for engine in engines:
                exporters.send(engine.ip, [engine.next()])
        if lost:
            lost.next(60)  # and this on the way, at the same time
        collector.process.send_signal(signal.SIGCONT)
        self.received(collector, exporters)
        for engine in engines:
            engine.send()
        self.received(collector, exporters)

    def flows_of(self, ip):
        return int(self.value(f"SELECT count(*) FROM flows WHERE exporter = '{ip}'"))

    def test_kernel_drops_are_whose_they_are(self):
        collector = self.start("--receive-buffer", BUFFER)
        exporters = self.exporters(collector)
        engines = [Engine(exporters, f"127.0.0.{n}", n) for n in (21, 22, 23)]
        for engine in engines:
            engine.send()
        self.received(collector, exporters)
        engines[0].lose("network", 4)  # before, and noticed before
        engines[0].send()
        self.received(collector, exporters)
        self.overrun(collector, exporters, engines)
        engines[1].lose("network", 5)
        engines[1].send()
        exporters.send("127.0.0.24", [b"garbage"])
        self.received(collector, exporters)
        drops = collector.stop()["kernel_drops"]
        self.assertGreater(drops, 100)
        rows = self.by_exporter()
        for engine in engines:
            expected = engine.expected
            expected["stored"] = self.flows_of(engine.ip)
            expected["kernel"] = expected["announced"] - expected["stored"] - expected["network"]
        self.check(exporters)
        self.assertEqual(sum(engine.expected["kernel"] for engine in engines), 30 * drops)
        quality = self.account()["quality"]
        self.assertEqual((quality["machine"]["kernel"], quality["machine"]["not_placed"]), (drops, 0))
        self.assertEqual(rows["127.0.0.24"]["announced"], None)

    def test_what_cannot_be_told_apart_is_not(self):
        collector = self.start("--receive-buffer", BUFFER)
        exporters = self.exporters(collector)
        engines = [Engine(exporters, f"127.0.0.{n}", n) for n in (31, 32)]
        for engine in engines:
            engine.send()
        self.received(collector, exporters)
        self.overrun(collector, exporters, engines, lost=engines[1])
        drops = collector.stop()["kernel_drops"]
        rows = self.by_exporter()
        for engine in engines:
            row = rows[engine.ip]
            self.assertEqual(row["network"], 0)
            # The kernel may have dropped some before, in a stretch of their own: those are told apart.
            self.assertEqual(row["kernel"] + row["unclear"], engine.expected["announced"] - self.flows_of(engine.ip))
        kernel, unclear = (sum(row[name] for row in rows.values()) for name in ("kernel", "unclear"))
        self.assertEqual(kernel + unclear, 30 * drops + 60)
        self.assertGreater(unclear, 60)
        quality = self.account()["quality"]
        self.assertEqual((quality["machine"]["kernel"], quality["machine"]["not_placed"]), (drops, drops - kernel // 30))
        self.assertIn("lost on the way or here", flowspan.run("account", "--store", self.store).stderr)

    def test_a_kill_and_what_came_while_nobody_listened(self):
        collector = self.start()
        exporters = self.exporters(collector)
        engine, other = Engine(exporters, "127.0.0.41"), Engine(exporters, "127.0.0.42", 9)
        for one in (engine, other):
            one.send(10)
        engine.lose("network", 3)
        engine.send()
        self.received(collector, exporters)
        self.check(exporters, waiting=True)
        collector.kill()
        self.check(exporters, waiting=True)  # the journal is still there
        engine.lose("down", 7)
        before = exporters.datagrams
        collector = self.start(port=exporters.port)
        engine.send(2)
        other.send(2)
        other.lose("network")
        other.send()
        self.received(collector, exporters, before)
        self.check(exporters, waiting=True)
        collector.stop()
        self.check(exporters)

    @unittest.skipUnless(FAULTS, "a release build has no fault points")
    def test_a_crash_around_the_transaction_counts_nothing_twice(self):
        for point in ("catalog.before_commit", "catalog.after_commit", "segment.after_rename"):
            with self.subTest(point=point):
                self.store = self.folder / point
                collector = self.start("--rotate", "1s", env={"FLOWSPAN_FAULT": f"{point}:kill:1"})
                exporters = self.exporters(collector)
                engine = Engine(exporters, "127.0.0.51")
                engine.send(5)
                engine.lose("network", 2)
                engine.send(5)
                flowspan.wait_until(lambda: not collector.running(), "the crash")
                before = exporters.datagrams
                collector = self.start(port=exporters.port)
                engine.send()
                self.received(collector, exporters, before)
                collector.stop()
                self.check(exporters)

    @unittest.skipUnless(FAULTS, "a release build has no fault points")
    def test_a_ring_that_is_too_small(self):
        collector = self.collect("--ring", "1MiB", env={"FLOWSPAN_FAULT": "journal.write:stall:20"})
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--rate", 100_000, "--seconds", 5)
        flowspan.wait_until(lambda: collector.counters().get("flows", 0) + 30 * collector.counters()["ring_drops"]
                            >= sent["flows"], "all")
        summary = collector.stop()
        (row,) = self.by_exporter().values()
        self.assertGreater(summary["ring_drops"], 0)
        self.assertEqual((row["announced"], row["ring"], row["network"], row["kernel"]),
                         (sent["flows"], 30 * summary["ring_drops"], 0, 0))

    def test_a_journal_that_is_full(self):
        collector = self.collect("--journal-max", "1MiB", "--rotate-size", "64MiB")
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--rate", 400_000, "--seconds", 2)
        flowspan.wait_until(lambda: collector.counters().get("flows", 0) + 30 * collector.counters()["journal_drops"]
                            >= sent["flows"], "all")
        summary = collector.stop()
        (row,) = self.by_exporter().values()
        self.assertGreater(summary["journal_drops"], 0)
        machine = self.account()["quality"]["machine"]
        self.assertEqual((machine["journal"], machine["kernel"]), (summary["journal_drops"], summary["kernel_drops"]))
        self.assertEqual(row["journal"] + row["kernel"] + row["unclear"] + row["network"], row["announced"] - row["stored"])
        if summary["kernel_drops"] == 0:
            self.assertEqual((row["unclear"], row["network"]), (0, 0))

    def test_an_import_has_a_ledger(self):
        sent = [netflow.datagram(10, sequence=n, now=1_790_000_000) for n in (0, 10, 40, 50)]
        flowspan.run("read", netflow.write_pcap(self.folder / "a.pcap", sent, 1_790_000_000), "--store", self.store)
        (row,) = self.account()["rows"]
        self.assertEqual((row["announced"], row["stored"], row["network"], row["hour"]),
                         (60, 40, 20, "2026-09-21T14:00:00Z"))

    def test_it_says_by_how_much_it_does_not_balance(self):
        """The control: a ledger that somebody changed."""
        self.test_an_import_has_a_ledger()
        catalog = sqlite3.connect(self.store / "catalog.sqlite3")
        catalog.execute("UPDATE account SET stored = stored - 3")
        catalog.commit()
        catalog.close()
        self.assertIn("3 flows are not accounted for", flowspan.run("account", "--store", self.store).stderr)
        quality = self.account()["quality"]
        self.assertEqual((quality["balances"], quality["not_accounted_for"]), (False, 3))

    def test_words(self):
        sent = [netflow.datagram(10, sequence=0, now=1_790_000_000)]
        for n, source in enumerate(("10.0.0.1", "10.0.1.1", "192.0.2.1")):
            path = netflow.write_pcap(self.folder / f"{n}.pcap", sent, 1_790_000_000 + 3600 * n, source=source)
            flowspan.run("read", path, "--store", self.store)
        (self.folder / "flowspan.toml").write_text('[[exporter]]\nmatch = "10.0.0.0/24"\nname = "edge"\n')
        told = flowspan.run("account", "--store", self.store, "--config", self.folder / "flowspan.toml")
        self.assertRegex(told.stdout, r"10\.0\.0\.1 +edge ")
        self.assertIn("balances: 30 flows announced, 30 stored, 0 waiting, 0 lost", told.stderr)
        self.assertEqual(len(self.account("--by", "hour")["rows"]), 3)
        self.assertEqual(self.account("--by", "total")["rows"][0]["announced"], 30)
        self.assertEqual({row["exporter"] for row in self.account("--exporter", "10.0.0.0/16")["rows"]},
                         {"10.0.0.1", "10.0.1.1"})
        self.assertEqual([row["exporter"] for row in self.account("--from", "2026-09-21T15:00", "--last", "1h")["rows"]],
                         ["10.0.1.1"])
        for wrong in (("--by", "day"), ("--exporter", "nowhere"), ("--from", "x")):
            done = flowspan.run("account", "--store", self.store, *wrong, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
        help_text = flowspan.run("account", "--help").stdout
        self.assertIn("Examples:", help_text)

    def test_nothing_yet(self):
        collector = self.start()
        told = flowspan.run("account", "--store", self.store)
        self.assertIn("nothing is in the ledger", told.stderr)
        collector.stop()


if __name__ == "__main__":
    unittest.main()
