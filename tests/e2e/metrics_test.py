# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels tsan
"""`collect --metrics`: every counter as Prometheus wants it, /healthz and /readyz."""

import json
import socket
import subprocess
import time

from support import flowspan, netflow, prometheus
from support.flowspan import free_port, send, wait_until
from support.prometheus import MonitoredTest, ask

# Numbers of the summary at the end, and what tells them here.
SUMS = {
    "datagrams": "flowspan_received_datagrams_total", "received_bytes": "flowspan_received_bytes_total",
    "refused_datagrams": "flowspan_refused_datagrams_total", "flows": "flowspan_flows_total",
    "kernel_drops": "flowspan_kernel_dropped_datagrams_total", "ring_drops": "flowspan_ring_dropped_datagrams_total",
    "journal_drops": "flowspan_journal_dropped_datagrams_total", "decode_errors": "flowspan_decode_errors_total",
    "reordered_flows": "flowspan_reordered_flows_total", "duplicate_datagrams": "flowspan_duplicate_datagrams_total",
    "exporter_restarts": "flowspan_exporter_restarts_total", "sequence_resets": "flowspan_sequence_resets_total",
    "clock_steps": "flowspan_clock_steps_total", "receive_errors": "flowspan_receive_errors_total",
    "journal_write_failures": "flowspan_journal_write_failures_total",
    "commit_failures": "flowspan_commit_failures_total", "exporters": "flowspan_exporters",
    "mirror_refused": "flowspan_mirror_refused_datagrams_total", "segments": "flowspan_segments_committed_total",
    "segment_bytes": "flowspan_segment_written_bytes_total", "committed_flows": "flowspan_committed_flows_total",
    "bytes": "flowspan_exported_bytes_total", "packets": "flowspan_exported_packets_total",
    "ring_high_water_bytes": "flowspan_ring_high_water_bytes", "miscounted_ranges": "flowspan_miscounted_ranges_total",
    "hook_failures": "flowspan_hook_failures_total", "sqlite_flows": "flowspan_output_flows_total",
    "output_skipped_flows": "flowspan_output_skipped_flows_total",
    "output_failures": "flowspan_output_failures_total",
}


class TellTest(MonitoredTest):
    def test_what_the_summary_tells(self):
        collector = self.everything_on()
        before = self.scrape()
        ten = [netflow.datagram(30, sequence=30 * n) for n in (0, 1, 3, 2, 2, 6)]
        send(ten, collector.port, source="127.0.0.1")
        send([b"", b"\0\5", b"\0\x63" + bytes(30)], collector.port, source="127.0.0.1")
        send([netflow.datagram(7)], collector.port, source="127.0.0.5")
        self.wait_metric("flowspan_committed_flows_total", 187)
        self.wait_metric("flowspan_output_flows_total", 187)
        sums = self.wait_metric("flowspan_decode_errors_total", 3)
        named = {dict(key)["exporter"]: value for key, value in sums["flowspan_exporter_flows_total"].samples.items()}
        self.assertEqual(named, {'edge "one" \\ Ä': 180, "127.0.0.9": 0, "other": 7})
        self.assertEqual(sums["flowspan_decode_errors_total"].samples[(("reason", "unknown_version"),)], 1)
        self.assertEqual(sums["flowspan_flows_waiting"].sum(), 0)
        for name in ("flows", "lost_flows", "recovered_flows"):
            self.assertEqual(sums[f"flowspan_exporter_{name}_total"].sum(), sums[f"flowspan_{name}_total"].sum(), name)
        self.assertAlmostEqual(sums["flowspan_last_commit_timestamp_seconds"].sum(), time.time(), delta=60)
        self.assertAlmostEqual(sums["process_resident_memory_bytes"].sum(), collector.memory("VmRSS"), delta=32 << 20)
        summary = collector.stop()
        told = {name: sums[metric].sum() for name, metric in SUMS.items()}
        self.assertEqual(told, {name: summary[name] for name in SUMS})
        self.assertEqual(sums["flowspan_lost_flows_total"].sum() - sums["flowspan_recovered_flows_total"].sum(),
                         summary["lost_flows"])
        self.assertEqual(summary["lost_flows"], 60)
        by_reason = {f"decode_errors_{dict(key)['reason']}": value
                     for key, value in sums["flowspan_decode_errors_total"].samples.items()}
        self.assertEqual(by_reason, {name: value for name, value in summary.items() if name in by_reason})
        told_elsewhere = {"lost_flows", "journal_bytes", "seconds", *by_reason}
        self.assertEqual(set(summary), set(SUMS) | told_elsewhere, "a number of the summary has no metric")
        self.never_back(before, sums)

    def never_back(self, before, after):
        for name, family in before.items():
            if family.kind == "counter":
                for labels, value in family.samples.items():
                    self.assertGreaterEqual(after[name].samples[labels], value, f"{name}{labels}")

    def test_counters_never_go_back(self):
        """Also not when late datagrams take back losses, again and again."""
        collector = self.monitored("--rotate", "1s")
        before = self.scrape()
        for n in range(15):
            send([netflow.datagram(30, sequence=30 * (4 * n + k)) for k in (0, 3)], collector.port)
            time.sleep(0.15)
            send([netflow.datagram(30, sequence=30 * (4 * n + k)) for k in (2, 1)], collector.port)
            time.sleep(0.15)
            now = self.scrape()
            self.never_back(before, now)
            before = now
        collector.wait_counter("flows", 1800)
        summary = collector.stop()
        self.assertEqual((summary["flows"], summary["lost_flows"]), (1800, 0))
        self.assertGreater(before["flowspan_recovered_flows_total"].sum(), 0)

    def test_the_store_and_the_disk(self):
        collector = self.monitored("--rotate", "1s", "--receive-buffer", "128KiB")
        send([netflow.datagram(20)], collector.port)
        families = self.wait_metric("flowspan_store_flows", 20)  # asked every five seconds
        self.assertEqual(families["flowspan_store_segments"].sum(), 1)
        self.assertEqual(families["flowspan_store_bytes"].sum(), families["flowspan_segment_written_bytes_total"].sum())
        self.assertGreater(families["flowspan_disk_size_bytes"].sum(), families["flowspan_disk_free_bytes"].sum())
        self.assertEqual(families["flowspan_receive_buffer_bytes"].sum(), 128 << 10)
        self.assertEqual(families["flowspan_min_free_ratio"].sum(), 0.05)
        version = flowspan.run("--version").stdout.split()[1]
        self.assertEqual(families["flowspan_build_info"].samples, {(("version", version),): 1})

    def test_nobody_listens_unless_asked(self):
        collector = self.collect()
        sockets = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
        self.assertNotIn(f"pid={collector.pid},", sockets)


class AddressTest(MonitoredTest):
    def test_ipv6_and_all_addresses(self):
        port = free_port(socket.AF_INET6, socket.SOCK_STREAM)
        self.collect("--metrics", f"[::1]:{port}")
        self.assertEqual(ask(port, "/healthz", "[::1]"), (200, "ok\n"))
        self.assertIn("flowspan_flows_total", prometheus.scrape(port, "[::1]"))
        any_port = free_port(kind=socket.SOCK_STREAM)
        self.collect("--metrics", f":{any_port}", store=self.folder / "b")
        for host in ("127.0.0.1", "[::1]"):
            self.assertEqual(ask(any_port, "/readyz", host), (200, "ok\n"))

    def test_a_taken_port_is_one_sentence(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            arguments = ["--store", self.store, "--listen", f"127.0.0.1:{free_port()}"]
            done = flowspan.run("collect", *arguments, "--metrics", f"127.0.0.1:{port}", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.strip().count("\n"), 0, done.stderr)
            self.assertIn(f"cannot listen on TCP 127.0.0.1:{port} (--metrics): the port is taken", done.stderr)
            (self.folder / "flowspan.toml").write_text(f'metrics = "127.0.0.1:{port}"\n')
            done = flowspan.run("check", "--config", self.folder / "flowspan.toml", "--format", "json", check=False)
            found = [row for row in json.loads(done.stdout)["rows"] if row["what"] == f"metrics 127.0.0.1:{port}"]
            self.assertEqual([row["verdict"] for row in found], ["error"])

    def test_what_is_no_address(self):
        for word in ("nowhere", "::1:9109", "239.1.1.1:9109"):
            done = flowspan.run("collect", "--store", self.store, "--metrics", word, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--metrics: ", done.stderr)


class HealthTest(MonitoredTest):
    def test_ready_only_once_it_collects(self):
        first = self.collect()
        send([netflow.datagram(30, sequence=30 * n) for n in range(10)], first.port)
        first.wait_counter("flows", 300)
        first.kill()
        first.close()
        collector = self.monitored(wait=False, env={"FLOWSPAN_FAULT": "segment.before_write:stall"})
        collector.wait_log("metrics on http://")
        status, text = ask(self.web, "/readyz")
        self.assertEqual((status, text.split(":")[0]), (503, "starting"))
        self.assertEqual(ask(self.web, "/healthz"), (200, "ok\n"))
        self.assertEqual(self.scrape()["flowspan_ready"].sum(), 0)
        collector.wait_ready()
        self.assertEqual(ask(self.web, "/readyz"), (200, "ok\n"))
        self.assertEqual(self.scrape()["flowspan_ready"].sum(), 1)
        self.assertEqual(self.scrape()["flowspan_flows_total"].sum(), 0)  # those were the last run's
        collector.stop()

    def test_answers_while_a_killing_datagram_is_looked_for(self):
        """The search runs in a child process, which is a copy of one with a thread that serves."""
        first = self.collect()
        send([netflow.datagram(30), netflow.datagram(29, version=7), netflow.datagram(28, version=1)], first.port)
        first.wait_counter("flows", 87)
        first.kill()
        first.close()
        poison = {"FLOWSPAN_FAULT_POISON": "0007"}
        for _ in range(2):
            dying = self.monitored(wait=False, env=poison)
            self.assertNotEqual(dying.wait_end(), 0)  # a signal; a sanitizer makes an exit code of it
            dying.close()
        collector = self.monitored(env=poison)
        self.assertEqual(self.scrape()["flowspan_quarantined_stretches"].sum(), 1)
        self.assertEqual(self.count(), 58)
        collector.stop()

    def test_not_ready_while_it_stops(self):
        collector = self.monitored(env={"FLOWSPAN_FAULT": "segment.before_write:stall"})
        send([netflow.datagram(30)], collector.port)
        collector.wait_counter("flows", 30)
        collector.process.terminate()
        wait_until(lambda: ask(self.web, "/readyz") != (200, "ok\n"), "its stopping", 1.5)
        self.assertEqual(ask(self.web, "/readyz"), (503, "stopping: what was received is being stored\n"))
        self.assertEqual(collector.stop()["committed_flows"], 30)

    def test_a_journal_that_cannot_be_written(self):
        full = self.folder / "the-disk-is-full"
        collector = self.monitored(env={"FLOWSPAN_FAULT": "journal.write:no-space", "FLOWSPAN_FAULT_WHILE": str(full)})
        self.assertEqual(ask(self.web, "/healthz"), (200, "ok\n"))
        full.touch()
        send([netflow.datagram(30)], collector.port)
        status, text = wait_until(lambda: [answer for answer in [ask(self.web, "/healthz")] if answer[0] != 200],
                                  "trouble with the journal")[0]
        self.assertEqual(status, 503)
        self.assertRegex(text, r"^the journal cannot be written: [^\n]*\n$")
        families = self.scrape()
        self.assertEqual(families["flowspan_healthy"].sum(), 0)
        self.assertGreater(families["flowspan_journal_write_failures_total"].sum(), 5)
        full.unlink()
        wait_until(lambda: ask(self.web, "/healthz")[0] == 200, "its recovery")
        self.assertEqual(collector.stop()["flows"], 30)
