# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels tsan release
"""`flowspan collect` as its user meets it: where it listens, what it tells, what it refuses, how it ends."""

import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest, free_port, send

SUMMARY = ("datagrams", "flows", "bytes", "packets", "exporters", "lost_flows", "kernel_drops", "ring_drops",
           "decode_errors", "segments", "seconds")


class ListenTest(StoreTest):
    def test_several_ports_and_families(self):
        v4, v6, any_host = free_port(), free_port(socket.AF_INET6), free_port()
        collector = self.collect(listen=[f"127.0.0.1:{v4}", f"[::1]:{v6}", f":{any_host}"])
        send([netflow.datagram(3)], v4)
        send([netflow.datagram(4, version=7)], v6, "::1")
        send([netflow.datagram(5, version=1)], any_host)
        send([netflow.datagram(6)], any_host, "::1")
        collector.wait_counter("flows", 18)
        summary = collector.stop()
        self.assertEqual(summary["datagrams"], 4)
        rows = self.sql("SELECT export_version AS v, exporter AS e, count(*) AS n FROM flows GROUP BY ALL ORDER BY n")
        self.assertEqual([(r["v"], r["e"], int(r["n"])) for r in rows],
                         [(5, "127.0.0.1", 3), (7, "::1", 4), (1, "127.0.0.1", 5), (5, "::1", 6)])

    def test_a_multicast_group_is_joined(self):
        port = free_port()
        collector = self.collect(listen=[f"239.7.7.7%lo:{port}"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            out.sendto(netflow.datagram(2), ("239.7.7.7", port))
        collector.wait_counter("flows", 2)
        self.assertEqual(collector.stop()["flows"], 2)

    def test_many_exporters_over_four_workers(self):
        collector = self.collect("--workers", 4)
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--exporters", 40, "--flows", 600,
                             "--rate", 60_000)
        collector.wait_counter("flows", sent["flows"])
        workers = json.loads((self.store / "counters.json").read_text())["workers"]
        workers = workers.values() if isinstance(workers, dict) else workers
        summary = collector.stop()
        self.assertEqual((summary["flows"], summary["exporters"], summary["lost_flows"]), (24_000, 40, 0))
        self.assertEqual(len(list(workers)), 4)
        self.assertEqual(self.numbers(), {e: (600, 600, 0, 599) for e in range(40)})

    def test_workers_can_become_fewer_and_more(self):
        for workers, low in ((4, 0), (1, 300), (3, 600)):
            collector = self.collect("--workers", workers)
            flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--exporters", 8, "--flows", 300,
                          "--first", low, "--rate", 60_000)
            collector.wait_counter("flows", 2400)
            summary = collector.stop()
            self.assertEqual(summary["lost_flows"], 0, "another number of workers looks like a loss")
        self.assertEqual(self.numbers(), {e: (900, 900, 0, 899) for e in range(8)})

    def test_only_allowed_networks(self):
        collector = self.collect("--allow", "127.0.1.0/30")
        send([netflow.datagram(5)], collector.port, source="127.0.1.9")
        send([netflow.datagram(1)], collector.port, source="127.0.1.1")
        collector.wait_counter("flows", 1)
        summary = collector.stop()
        self.assertEqual((summary["datagrams"], summary["flows"], summary["refused_datagrams"]), (1, 1, 1))
        self.assertEqual(self.count(), 1)


class SummaryTest(StoreTest):
    def test_numbers_are_what_was_sent(self):
        collector = self.collect()
        sent = flowspan.tool("traffic", "--to", f"127.0.0.1:{collector.port}", "--flows", 3000, "--rate", 60_000,
                             "--exporters", 3)
        collector.wait_counter("flows", 3000)
        summary = collector.stop()
        self.assertFalse([name for name in SUMMARY if name not in summary])
        for name in ("datagrams", "flows", "bytes", "packets"):
            self.assertEqual(summary[name], sent[name], name)
        self.assertEqual(summary["exporters"], 3)
        self.assertEqual([summary[n] for n in ("lost_flows", "kernel_drops", "ring_drops", "decode_errors")], [0] * 4)
        self.assertGreaterEqual(summary["segments"], 1)
        self.assertGreater(summary["seconds"], 0)
        rows = self.sql("SELECT count(*) AS flows, sum(bytes) AS bytes, sum(packets) AS packets FROM flows")
        self.assertEqual({name: int(n) for name, n in rows[0].items()}, {n: sent[n] for n in rows[0]})

    def test_lost_flows_are_told_from_reordered_ones(self):
        collector = self.collect()
        order = [0, 10, 30, 20, 40, 100]  # 20 comes late; 50 to 99 never
        send([netflow.datagram(10, sequence=n) for n in order], collector.port)
        collector.wait_counter("flows", 60)
        summary = collector.stop()
        self.assertEqual((summary["lost_flows"], summary["decode_errors"]), (50, 0))

    def test_garbage_is_counted(self):
        collector = self.collect()
        good = netflow.datagram(4)
        send([b"", b"\0", b"\0\5", b"\0\x2a" + bytes(40), good[:-1], good], collector.port)
        collector.wait_counter("datagrams", 6)
        summary = collector.stop()
        self.assertEqual(summary["datagrams"], 6)
        self.assertEqual(summary["flows"], 3 + 4, "whole records of a truncated datagram are kept")
        self.assertGreaterEqual(summary["decode_errors"], 4)

    def test_interrupt_ends_kindly(self):
        collector = self.collect()
        send([netflow.datagram(7)], collector.port)
        collector.wait_counter("flows", 7)
        self.assertEqual(collector.stop(signal.SIGINT)["flows"], 7)
        self.assertEqual(self.count(), 7)

    def test_a_signal_at_once_after_the_start(self):
        self.assertEqual(self.collect().stop()["flows"], 0)
        self.assertEqual(self.collect().stop()["flows"], 0)


class LiveTest(StoreTest):
    def test_a_question_sees_flows_of_this_second(self):
        collector = self.collect()
        for n in range(1, 4):
            send([netflow.datagram(10, sequence=10 * n)], collector.port)
            start = time.monotonic()
            flowspan.wait_until(lambda: self.count() == 10 * n, f"{10 * n} flows in an answer", 5)
            self.assertLess(time.monotonic() - start, 5 if flowspan.SANITIZED else 2)
        self.assertEqual(list(self.store.glob("segments/**/*.parquet")), [], "nothing was committed: it was live")
        done = flowspan.run("query", "--store", self.store, "--by", "src_addr", "--last", "1h", "--format", "json")
        self.assertIn("live", done.stdout)
        collector.stop()
        self.assertEqual(self.count(), 30)

    def test_killed_flows_are_answered_without_a_collector(self):
        collector = self.collect()
        send([netflow.datagram(10)], collector.port)
        flowspan.wait_until(lambda: self.count() == 10, "10 flows in an answer")
        collector.kill()
        self.assertEqual(self.count(), 10, "they are in the journal")
        self.assertEqual(self.collect().stop()["flows"], 0, "what was recovered was not received now")
        self.assertEqual(self.count(), 10)

    def test_segments_are_rotated_by_time(self):
        collector = self.collect("--rotate", "1s")
        for n in range(4):
            send([netflow.datagram(10, sequence=10 * n)], collector.port)
            collector.wait_counter("segments", n + 1)
        collector.stop()
        self.assertEqual(self.count(), 40)


class ReloadTest(StoreTest):
    def test_sighup(self):
        config = self.folder / "flowspan.toml"
        config.write_text('allow = ["127.0.1.1/32"]\nworkers = 1\n')
        collector = self.collect("--config", config)
        send([netflow.datagram(1)], collector.port, source="127.0.1.2")
        send([netflow.datagram(2)], collector.port, source="127.0.1.1")
        collector.wait_counter("flows", 2)
        config.write_text('allow = ["127.0.1.0/24"]\nworkers = 2\n')
        collector.process.send_signal(signal.SIGHUP)
        collector.wait_log("reloaded: allow")
        collector.wait_log("not reloaded, needs a restart: workers")
        send([netflow.datagram(4)], collector.port, source="127.0.1.2")
        collector.wait_counter("flows", 6)
        config.write_text("no sense = \n")
        collector.process.send_signal(signal.SIGHUP)
        collector.wait_log("not reloaded")
        send([netflow.datagram(8)], collector.port, source="127.0.1.2")
        collector.wait_counter("flows", 14)
        collector.stop()

    def test_on_segment(self):
        seen = self.folder / "seen"
        collector = self.collect("--rotate", "1s", "--on-segment", f"echo %f %n >> {seen}")
        send([netflow.datagram(5)], collector.port)
        flowspan.wait_until(lambda: seen.exists() and "\n" in seen.read_text(), "the command")
        file, rows = seen.read_text().split()
        self.assertTrue(pathlib.Path(file).exists(), file)
        self.assertEqual(rows, "5")
        collector.stop()


class RefusalTest(StoreTest):
    """What cannot work ends at once with a sentence that says what to do."""

    def refused(self, *arguments, store=None, says=(), **options):
        collector = self.collect(*arguments, store=store, wait=False, **options)
        code = collector.wait_end()
        log = collector.log()
        self.assertIn(code, (1, 2), log)
        for word in says:
            self.assertIn(word, log)
        self.assertNotIn("terminate", log)

    def test_a_second_collector(self):
        first = self.collect()
        self.refused(says=[str(first.pid), str(self.store)])
        send([netflow.datagram(1)], first.port)
        first.wait_counter("flows", 1)
        first.stop()

    def test_a_taken_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            self.refused(listen=[f"127.0.0.1:{port}"], says=[str(port), str(os.getpid())])

    def test_a_port_that_needs_rights(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to become somebody else")
        limit = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text().strip()
        self.folder.chmod(0o777)
        self.refused(listen=["127.0.0.1:514"], says=["514"], prefix=self.nobody(),
                     ) if int(limit) > 514 else self.skipTest("this machine lets everybody have all ports")

    def test_a_store_that_is_not_writable(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to become somebody else")
        self.store.mkdir()
        self.folder.chmod(0o755)
        self.refused(says=[str(self.store)], prefix=self.nobody())

    @staticmethod
    def nobody():
        return ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")

    def test_a_store_of_a_newer_format(self):
        self.collect().stop()
        with sqlite3.connect(self.store / "catalog.sqlite3") as catalog:
            (version,) = catalog.execute("PRAGMA user_version").fetchone()
            catalog.execute(f"PRAGMA user_version = {version + 41}")
        self.refused(says=["newer", str(self.store)])

    def test_a_store_that_is_a_file(self):
        self.store.write_text("something else")
        self.refused(says=[str(self.store)])

    def test_a_group_on_an_interface_that_is_not_there(self):
        self.refused(listen=[f"239.7.7.7%nothere0:{free_port()}"], says=["nothere0"])

    def test_wrong_usage(self):
        for words in (["--listen", "nonsense"], ["--workers", "0"], ["--rotate-size", "12 potatoes"], ["--what"]):
            done = flowspan.run("collect", "--store", self.store, *words, check=False)
            self.assertEqual(done.returncode, 2, f"{words}: {done.stderr}")
            self.assertIn(words[-1] if len(words) > 1 else words[0], done.stderr)
        self.assertFalse(self.store.exists())


class PrivilegeTest(StoreTest):
    def test_user_after_binding(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to become somebody else")
        self.folder.chmod(0o777)
        collector = self.collect("--user", "nobody")
        owner = pathlib.Path(f"/proc/{collector.pid}/status").read_text()
        self.assertIn("Uid:\t65534\t65534", owner)
        send([netflow.datagram(1)], collector.port)
        collector.wait_counter("flows", 1)
        collector.stop()
        self.assertEqual((self.store / "catalog.sqlite3").stat().st_uid, 65534)


class CounterTest(StoreTest):
    def test_a_kernel_drop_is_counted_and_answered(self):
        """A small buffer and a collector that stands still: the kernel drops, the summary and an answer say so."""
        collector = self.collect("--receive-buffer", "64KiB")
        os.kill(collector.pid, signal.SIGSTOP)
        sent = flowspan.tool("sequenced", "--to", f"127.0.0.1:{collector.port}", "--flows", 60_000, "--rate", 0)
        os.kill(collector.pid, signal.SIGCONT)
        collector.wait_counter("flows", 30)
        send([netflow.datagram(1)], collector.port, source="127.0.9.9")  # drops are told with the next datagram
        flowspan.wait_until(lambda: collector.counters()["kernel_drops"] > 0, "kernel drops")
        collector.wait_counter("exporters", 2)
        summary = collector.stop()
        self.assertEqual(summary["flows"] - 1 + 30 * summary["kernel_drops"], sent["flows"])
        done = flowspan.run("sql", "SELECT 1", "--store", self.store)
        self.assertRegex(done.stderr, "(?i)lost|drop")

    def test_the_journal_opens_in_tshark(self):
        flowspan.need("tshark")
        collector = self.collect()
        send([netflow.datagram(3)], collector.port)
        flowspan.wait_until(lambda: self.count() == 3, "3 flows in an answer")
        (journal,) = (self.store / "journal").glob("*.pcapng")
        done = subprocess.run(["tshark", "-r", journal, "-d", f"udp.port=={collector.port},cflow", "-T", "fields", "-e",
                               "cflow.count"], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout.split(), ["3"], done.stderr)
        collector.stop()


if __name__ == "__main__":
    unittest.main()
