# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: timeout 180
"""What `flowspan simulate` sends, taken by nfcapd, pmacct's nfacctd and tshark without complaint."""

import contextlib
import json
import os
import signal
import subprocess
import time
import unittest

from support import flowspan
from support.flowspan import StoreTest, free_port


class PeersTest(StoreTest):
    """nfcapd and pmacct's nfacctd take it without complaint."""

    def start(self, command, log, ready):
        out = open(self.folder / "peer.out", "w")
        self.addCleanup(out.close)
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        self.addCleanup(self.kill, process)
        flowspan.wait_until(lambda: log.exists() and ready in log.read_text(), f"'{ready}' of {command[0]}")
        time.sleep(0.2)  # it says so before it receives
        return process

    def kill(self, process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # nfacctd's plugins too
        process.wait()

    def end(self, process):
        process.send_signal(signal.SIGINT)
        process.wait(flowspan.PATIENCE)

    def send(self, port, *arguments):
        done = flowspan.run("simulate", "--to", f"127.0.0.1:{port}", "--flows", 3000, "--rate", 3000, "--flat",
                            "--exporters", 3, "--format", "json", *arguments)
        return json.loads(done.stdout)

    def nfcapd(self, version, *arguments):
        flowspan.need("nfcapd", "nfdump")
        files = self.folder / version
        files.mkdir()
        log = self.folder / "peer.out"
        port = free_port()
        process = self.start(["nfcapd", "-w", files, "-b", "127.0.0.1", "-p", str(port)], log, "Startup")
        said = self.send(port, "--protocol", version, *arguments)
        time.sleep(0.5)  # nfcapd does not tell what it has
        self.end(process)
        text = log.read_text()
        self.assertIn("Sequence Errors: 0, Bad Packets: 0", text)
        for word in ("rror", "arning", "orrupt", "nexpected", "skip", "unknown"):
            self.assertNotIn(word, text.replace("Sequence Errors: 0", ""))
        dump = subprocess.run(["nfdump", "-R", files, "-o", "json"], capture_output=True, text=True, check=True,
                              env={**os.environ, "TZ": "UTC"})
        return said, json.loads(dump.stdout)

    def test_nfcapd(self):
        for version in ("v1", "v5", "v7"):
            with self.subTest(version):
                said, flows = self.nfcapd(version)
                self.assertEqual(len(flows), said["flows"])
                self.assertEqual(sum(flow["in_bytes"] for flow in flows), said["bytes"])
                self.assertEqual(sum(flow["in_packets"] for flow in flows), said["packets"])

    def test_nfcapd_scales_what_is_sampled(self):
        said, flows = self.nfcapd("v5", "--sampling", 100)
        self.assertEqual(len(flows), said["flows"])
        self.assertEqual(sum(flow["in_bytes"] for flow in flows), 100 * said["bytes"])

    def test_nfacctd(self):
        flowspan.need("nfacctd")
        port = free_port()
        log, out = self.folder / "nfacctd.log", self.folder / "nfacctd.json"
        settings = {"daemonize": "false", "nfacctd_ip": "127.0.0.1", "nfacctd_port": port, "plugins": "print",
                    "aggregate": "peer_src_ip,flows", "print_output": "json", "print_output_file": out,
                    "print_output_file_append": "true", "print_refresh_time": 1, "logfile": log}
        (self.folder / "nfacctd.conf").write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
        process = self.start(["nfacctd", "-f", str(self.folder / "nfacctd.conf")], log, "JSON: setting object handlers")
        said = self.send(port)

        def rows():
            return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []

        flowspan.wait_until(lambda: sum(row["flows"] for row in rows()) >= said["flows"], "nfacctd's flows")
        self.end(process)
        self.assertEqual({row["peer_ip_src"] for row in rows()}, {"127.0.1.1", "127.0.1.2", "127.0.1.3"})
        for name in ("flows", "packets", "bytes"):
            self.assertEqual(sum(row[name] for row in rows()), said[name])
        for word in ("WARN", "ERROR", "discarded"):
            self.assertNotIn(word, log.read_text())

    def test_tshark_finds_nothing_malformed(self):
        flowspan.need("tshark")
        for version in ("v1", "v5", "v7", "v8"):
            capture = self.folder / f"{version}.pcap"
            done = flowspan.run("simulate", "--pcap", capture, "--protocol", version, "--flows", 20_000, "--rate", 300,
                                "--exporters", 2, "--sampling", 2, "--with", "restart", "--format", "json")
            said = json.loads(done.stdout)
            command = ["tshark", "-n", "-r", str(capture), "-d", "udp.port==2055,cflow",
                       "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
            odd = subprocess.run([*command, "-Y", "_ws.malformed || _ws.expert"], capture_output=True, text=True,
                                 check=True)
            self.assertEqual(odd.stdout, "")
            counts = subprocess.run([*command, "-T", "fields", "-e", "cflow.count"], capture_output=True, text=True,
                                    check=True).stdout.split()
            self.assertEqual(len(counts), said["datagrams"])
            if version != "v8":  # whose records are sums
                self.assertEqual(sum(map(int, counts)), said["flows"])


if __name__ == "__main__":
    unittest.main()
