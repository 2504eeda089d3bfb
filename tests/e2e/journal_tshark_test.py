# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""tshark opens a journal: the same datagrams, times and addresses, nothing malformed, every checksum right."""

import pathlib
import subprocess
import tempfile
import unittest

from support import flowspan, netflow

RECEIVED = 1_790_000_000_123_456_789
FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "udp.length",
          "cflow.version", "cflow.count", "cflow.sequence", "cflow.srcaddr")
# Every checksum is examined, as Wireshark does not do by itself.
TSHARK = ("tshark", "-n", "-d", "udp.port==2055,cflow", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE")


class JournalTsharkTest(unittest.TestCase):
    def setUp(self):
        flowspan.need("tshark", "capinfos")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def journal(self, lines, max_file_bytes=1 << 20):
        subprocess.run([flowspan.TOOLS / "journal_write", self.folder, str(max_file_bytes)], input="\n".join(lines) + "\n",
                       text=True, check=True)
        return sorted(self.folder.glob("0-*.pcapng"))

    def tshark(self, file, *arguments):
        run = subprocess.run([*TSHARK, "-r", file, *arguments], text=True, capture_output=True, check=True)
        lines = [line for line in run.stderr.splitlines() if "Running as user" not in line]
        self.assertEqual(lines, [])
        return run.stdout.splitlines()

    def fields(self, file):
        wanted = [word for field in FIELDS for word in ("-e", field)]
        return [line.split("\t") for line in self.tshark(file, "-T", "fields", "-E", "occurrence=f", *wanted)]

    def assert_sound(self, file):
        self.assertEqual(self.tshark(file, "-Y", "_ws.malformed || _ws.expert.severity >= warning"), [])

    def test_datagrams_are_the_same(self):
        senders = [("10.0.0.7:40000", "192.0.2.1:2055"), ("10.0.0.8:2055", "[::]:2055"),
                   ("[2001:db8::7]:40001", "[2001:db8::1]:2055"), ("[fe80::1]:1", "[::]:2055")]
        lines, expected = [], []
        for number in range(120):
            sender, receiver = senders[number % len(senders)]
            version, records = (5, 7, 1)[number % 3], 1 + number % 24
            payload = netflow.datagram(records, version=version, sequence=number, now=1_790_000_000)
            received = RECEIVED + number * 1_000_003
            lines.append(f"{received} {sender} {receiver} {number % 5} {payload.hex()}")
            if number % 10 == 0:
                lines.append(f"loss {received} {number}")
            v6 = sender.startswith("[")
            source, port = sender.rsplit(":", 1)
            target = receiver.rsplit(":", 1)[0].strip("[]")
            addresses = ["", "", source.strip("[]"), target] if v6 else [source, target.replace("::", "0.0.0.0"), "", ""]
            expected.append([f"{received // 10**9}.{received % 10**9:09}", *addresses, port, "2055",
                             str(len(payload) + 8), str(version), str(records), "" if version == 1 else str(number),
                             netflow.RECORD["src"]])
        files = self.journal(lines, max_file_bytes=20_000)
        self.assertGreater(len(files), 3)
        self.assertEqual([row for file in files for row in self.fields(file)], expected)
        for file in files:
            self.assert_sound(file)
            info = subprocess.run(["capinfos", file], text=True, capture_output=True, check=True).stdout
            self.assertIn("Name = udp [::]:2055", info)
            self.assertIn("nanoseconds (9)", info)

    def test_the_longest_and_shortest_payloads_are_sound(self):
        lines = [f"{RECEIVED} 10.0.0.7:40000 192.0.2.1:9 0 {'00' * size}" for size in (1, 2, 3, 65507)]
        lines += [f"{RECEIVED} [2001:db8::7]:40000 [2001:db8::1]:9 0 {'00' * size}" for size in (1, 2, 3, 65527)]
        (file,) = self.journal(lines)
        self.assertEqual([row[7] for row in self.fields(file)],
                         [str(size + 8) for size in (1, 2, 3, 65507, 1, 2, 3, 65527)])
        self.assert_sound(file)


if __name__ == "__main__":
    unittest.main()
