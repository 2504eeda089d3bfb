# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""What an exporter sends to `collect --mirror` with nfcapd behind it: both tell the same flows, field by field."""

import json
import os
import re
import signal
import subprocess
import time
import unittest

from support import flowspan
from support.flowspan import Failed, StoreTest

# nfdump leaves out of its JSON what is zero in a whole group of fields. Prefix lengths are not compared: nfcapd 1.7.1
# stores 0 for those of versions 5 and 7 (tshark_agree_test.py has them).
FIELDS = ("first", "last", "src", "dst", "src_port", "dst_port", "proto", "tcp_flags", "tos", "packets", "bytes",
          "in_if", "out_if", "src_as", "dst_as", "next_hop", "icmp")
QUESTION = """SELECT strftime(first_time, '%Y-%m-%dT%H:%M:%S.%g') AS first,
  strftime(last_time, '%Y-%m-%dT%H:%M:%S.%g') AS last, src_addr AS src, dst_addr AS dst, src_port, dst_port, proto,
  tcp_flags, tos, packets, bytes, in_if, out_if, src_as, dst_as, next_hop, icmp_type, icmp_code,
  export_version, exporter FROM flows"""
FLAGS = "CEUAPRSF"  # nfdump's letters, 0x80 first


def of_nfdump(flow):
    icmp = (flow.get("icmp_type"), flow.get("icmp_code"))
    word = flow.get("tcp_flags", "........")
    flags = sum(0x80 >> i for i, letter in enumerate(word) if letter == FLAGS[i])
    return (flow["first"], flow["last"], flow["src4_addr"], flow["dst4_addr"], flow.get("src_port", 0),
            flow.get("dst_port", 0), flow["proto"], flags, flow.get("src_tos", 0), flow["in_packets"],
            flow["in_bytes"], flow.get("input_snmp", 0), flow.get("output_snmp", 0), flow.get("src_as", 0),
            flow.get("dst_as", 0), flow.get("ip4_next_hop", "0.0.0.0"), icmp)


def of_flowspan(row):
    icmp = row["proto"] == 1
    value = {name: row[name] for name in row}
    value["icmp"] = (row["icmp_type"], row["icmp_code"]) if icmp else (None, None)
    if icmp:  # nfdump tells them in words of their own instead
        value["src_port"] = value["dst_port"] = 0
    for name in ("packets", "bytes"):
        value[name] = int(value[name])
    for name in ("src_as", "dst_as"):
        value[name] = value[name] or 0  # version 1 does not say them; nfdump has zeros then
    return tuple(value[name] for name in FIELDS)


class MirrorTest(StoreTest):
    def setUp(self):
        super().setUp()
        flowspan.need("nfcapd", "nfdump", "softflowd")
        self.files = self.folder / "nfcapd"
        self.files.mkdir()
        port = flowspan.free_port()
        self.nfcapd_log = open(self.folder / "nfcapd.log", "w+")
        self.addCleanup(self.nfcapd_log.close)
        self.nfcapd = subprocess.Popen(["nfcapd", "-w", self.files, "-b", "127.0.0.1", "-p", str(port)],
                                       stdout=self.nfcapd_log, stderr=self.nfcapd_log)
        self.addCleanup(self.end_nfcapd)
        flowspan.wait_until(lambda: "Startup" in (self.folder / "nfcapd.log").read_text(), "nfcapd")
        time.sleep(0.1)  # it says so before it receives
        self.collector = self.collect("--mirror", f"127.0.0.1:{port}")

    def end_nfcapd(self):
        if self.nfcapd.poll() is None:
            self.nfcapd.send_signal(signal.SIGTERM)
            self.nfcapd.wait(flowspan.PATIENCE)

    def compare(self, least):
        """Both collectors have ended; returns flowspan's rows."""
        self.collector.stop()
        self.end_nfcapd()
        dump = subprocess.run(["nfdump", "-R", self.files, "-o", "json"], capture_output=True, text=True, check=True,
                              env={**os.environ, "TZ": "UTC"})
        theirs = sorted((of_nfdump(flow) for flow in json.loads(dump.stdout)), key=repr)
        rows = self.sql(QUESTION)
        ours = sorted((of_flowspan(row) for row in rows), key=repr)
        self.assertGreaterEqual(len(theirs), least)
        self.assertEqual(len(ours), len(theirs))
        for mine, its in zip(ours, theirs):
            self.assertEqual(dict(zip(FIELDS, mine)), dict(zip(FIELDS, its)))
        return rows

    def received(self, flows):
        """Waits until both have taken so many flows."""
        self.collector.wait_counter("flows", flows)
        time.sleep(0.5)  # nfcapd does not tell; the mirror sends at once

    def softflowd(self, version, capture):
        """What it exports of a capture, with the capture's times (-a), and at most 20 flows in a datagram (-m): it
        puts 30 into those of version 1, of which nfcapd refuses all beyond Cisco's 24."""
        done = subprocess.run(["softflowd", "-r", capture, "-a", "-m", "20", "-v", str(version), "-n",
                               f"127.0.0.1:{self.collector.port}", "-d", "-p", self.folder / "pid", "-c", "none"],
                              capture_output=True, text=True, check=True)
        exported = re.search(r"Flows exported: (\d+)", done.stdout + done.stderr)
        if not exported:
            raise Failed(f"softflowd does not say what it exported:\n{done.stdout}{done.stderr}")
        return int(exported[1])


class SoftflowdTest(MirrorTest):
    # Of minutes or hours each; others were joined from captures of several years.
    CAPTURES = ("mixed", "bstats", "http", "sip", "smtp", "ssdp", "dns", "ntp", "mqtt", "rtsp", "netbios")

    def export(self, version):
        folder = flowspan.fixture("traffic/ipfixprobe/inputs")
        flows = sum(self.softflowd(version, folder / f"{name}.pcap") for name in self.CAPTURES)
        self.received(flows)
        rows = self.compare(40)
        self.assertEqual(len(rows), flows)
        self.assertEqual({row["export_version"] for row in rows}, {version})
        self.assertEqual({row["exporter"] for row in rows}, {"127.0.0.1"})

    def test_version_1(self):
        self.export(1)

    def test_version_5(self):
        self.export(5)


class TrafficTest(MirrorTest):
    """The same with fields that softflowd leaves zero."""

    def export(self, version):
        sent = flowspan.tool("traffic", "--to", f"127.0.0.1:{self.collector.port}", "--flows", 20_000, "--rate", 50_000,
                             "--version", version)
        self.received(sent["flows"])
        self.assertEqual(len(self.compare(sent["flows"])), sent["flows"])

    def test_version_5(self):
        self.export(5)

    def test_version_7(self):
        self.export(7)

    def test_a_difference_is_found(self):
        """The control: a datagram that did not come through flowspan makes the two differ."""
        sent = flowspan.tool("traffic", "--to", f"127.0.0.1:{self.collector.port}", "--flows", 300, "--rate", 50_000)
        self.received(sent["flows"])
        with open(next(self.files.glob("nfcapd.current*")), "rb"):
            pass  # nfcapd is there
        self.collector.stop()
        extra = self.collect()
        flowspan.tool("traffic", "--to", f"127.0.0.1:{extra.port}", "--flows", 30, "--rate", 50_000, "--seed", 2)
        extra.wait_counter("flows", 30)
        self.collector = extra
        with self.assertRaises(AssertionError):
            self.compare(300)


if __name__ == "__main__":
    unittest.main()
