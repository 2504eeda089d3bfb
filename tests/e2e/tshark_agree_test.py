# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Every field of NetFlow v1, v5 and v7 as flowspan decodes it, against tshark's cflow dissector."""

import pathlib
import random
import struct
import tempfile
import unittest

from support import flowspan, tshark
from support.tshark import first, mapped, milliseconds, octets

GOLDEN = flowspan.SOURCE / "tests/golden/wire"
WRAP = 1 << 32


def header(version, count, sequence=77, uptime=3_600_000, secs=1_700_000_000, nsecs=250_000_000, engine=(3, 9),
           sampling=0x4000 | 100, reserved=0):
    head = struct.pack(">HHIII", version, count, uptime, secs, nsecs)
    if version == 5:
        head += struct.pack(">IBBH", sequence, *engine, sampling)
    if version == 7:
        head += struct.pack(">II", sequence, reserved)
    return head


def random_record(version, rng, uptime):
    """Any bytes, but times of the last days: tshark calls an end before its start an error, and so it is."""
    tail = {1: 12, 5: 12, 7: 16}[version]
    last = (uptime - rng.randrange(86_400_000)) % WRAP
    first = (last - rng.randrange(86_400_000)) % WRAP
    body = bytearray(rng.randbytes(24) + struct.pack(">II", first, last) + rng.randbytes(4 + tail))
    if rng.randrange(3):
        body[36] = 0
    return bytes(body)


def edge_cases():
    """Datagrams of every version: random fields, both ends of every field, wraps, counts and lengths that lie."""
    rng = random.Random(2)
    for version in (1, 5, 7):
        length = 52 if version == 7 else 48
        for uptime in (0, 1, 5_000, 3_600_000, WRAP // 2, WRAP - 1):
            for count in (1, 2, 24):
                records = b"".join(random_record(version, rng, uptime) for _ in range(count))
                yield header(version, count, sequence=rng.randrange(WRAP), uptime=uptime, secs=rng.randrange(WRAP),
                             nsecs=rng.randrange(10**9), engine=(rng.randrange(256), rng.randrange(256)),
                             sampling=rng.randrange(65536), reserved=rng.randrange(2)) + records
        for byte in (b"\0", b"\xff"):
            yield header(version, 1, uptime=0 if byte == b"\0" else WRAP - 1) + byte * length
        # Began before the wrap of SysUptime, ended after it, and after the header was written.
        for first, last in ((WRAP - 2000, 4000), (WRAP - 2000, WRAP - 1000), (4000, 5196)):
            yield header(version, 1, uptime=5000) + struct.pack(">24xII", first, last).ljust(length, b"\0")
        icmp = bytearray(length)
        icmp[34:36] = b"\x03\x01"
        icmp[38] = 1
        yield header(version, 1) + icmp
        yield header(version, 1) + bytes(length) * 2  # more bytes than counted
        yield header(version, 3) + bytes(length) * 2 + bytes(length - 1)  # fewer
        yield header(version, 1, nsecs=1_000_000_000) + bytes(length)


def fixtures():
    folder = flowspan.SHARED / "fixtures/wire"
    names = ["PACKET_V1.bin", "PACKET_V5.bin", "netflow5_test_invalid01.dat", "netflow5_test_invalid02.dat",
             "netflow5_test_juniper_mx80.dat", "netflow5_test_microtik.dat"]
    for name in names:
        found = [path for path in folder.glob(f"*/{name}")] or [GOLDEN / name]
        yield found[0].read_bytes()
    found = list(folder.glob("*/netflow5.dat")) or [GOLDEN / "netflow5.dat"]
    rest = found[0].read_bytes()
    while rest:  # twelve datagrams, one after the other
        length = 24 + 48 * int.from_bytes(rest[2:4], "big")
        yield rest[:length]
        rest = rest[length:]


def expected_header(layer):
    """flowspan's columns from tshark's header fields."""
    version = int(layer["cflow.version"])
    stamp = layer["cflow.timestamp_tree"]
    secs, nsecs = int(stamp["cflow.unix_secs"]), int(stamp["cflow.unix_nsecs"])
    good = nsecs < 10**9
    row = {"export_version": version, "sys_uptime": milliseconds(layer["cflow.sysuptime"]) % WRAP,
           "export_time": secs * 10**9 + (nsecs if good else 0)}
    extra = {} if good else {"unix_nsecs": f"0x{nsecs:08x}"}
    if version != 1:
        row["flow_sequence"] = int(layer["cflow.sequence"])
    if version == 5:
        row["engine_type"] = int(layer["cflow.engine_type"])
        row["engine_id"] = int(layer["cflow.engine_id"])
        row["sampling_mode"] = int(layer["cflow.samplingmode"])
        rate = int(layer["cflow.samplerate"])
        row["sampling_rate"] = rate or None
    if version == 7 and octets(layer["cflow.reserved"]):
        extra["v7.reserved"] = f"0x{octets(layer['cflow.reserved']):08x}"
    return row, extra


def expected_record(version, pdu, row, extra):
    """flowspan's columns from tshark's record fields, and what goes to `extra`."""
    times = pdu["cflow.timedelta_tree"]
    uptime = {name: milliseconds(times[f"cflow.time{name}"]) % WRAP for name in ("start", "end")}

    def wall(at):
        behind = (row["sys_uptime"] - at) % WRAP
        return row["export_time"] // 1_000_000 - (behind - WRAP if behind >= WRAP // 2 else behind)

    port, proto = int(pdu["cflow.dstport"]), int(pdu["cflow.protocol"])
    flow = {
        "src_lo": mapped(pdu["cflow.srcaddr"]), "dst_lo": mapped(pdu["cflow.dstaddr"]),
        "next_hop_lo": mapped(pdu["cflow.nexthop"]), "in_if": int(pdu["cflow.inputint"]),
        "out_if": int(pdu["cflow.outputint"]), "packets": int(pdu["cflow.packets"]), "bytes": int(pdu["cflow.octets"]),
        "first_time": wall(uptime["start"]), "last_time": wall(uptime["end"]), "src_port": int(pdu["cflow.srcport"]),
        "dst_port": port, "tcp_flags": int(first(pdu["cflow.tcpflags"]), 16), "proto": proto,
        "tos": int(first(pdu["cflow.tos"]), 16),
    }
    rest = dict(extra)

    def leftover(name, value, digits):
        if value:
            rest[name] = f"0x{value:0{digits}x}"

    padding = pdu.get("cflow.padding")
    if version == 1:
        pad1, statistics = padding
        leftover("v1.pad1", octets(pad1), 4)
        for name, value in zip(("tcp_retx_cnt", "tcp_retx_secs", "tcp_misseq_cnt"), bytes.fromhex(
                statistics.replace(":", ""))):
            leftover(f"v1.{name}", value, 2)
        leftover("v1.reserved", octets(pdu["cflow.reserved"]), 8)
    else:
        for name in ("src_as", "dst_as", "src_mask", "dst_mask"):
            flow[name] = int(pdu["cflow." + name.replace("_", "")])
    if version == 5:
        pad1, pad2 = padding
        leftover("v5.pad1", octets(pad1), 2)
        leftover("v5.pad2", octets(pad2), 4)
    if version == 7:
        # tshark calls the flags at byte 36 flags and those at 46 padding.
        leftover("v7.flags1", int(pdu["cflow.flags"], 16), 2)
        flow["valid_fields"] = octets(first(padding))
        flow["bypassed_router_lo"] = mapped(pdu["cflow.routersc"])
    return {**row, **flow, "extra": rest or None}


class TsharkAgrees(unittest.TestCase):
    maxDiff = None

    def compare(self, payloads):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            layers = tshark.dissect(payloads, folder)
            outcomes = tshark.decode_dump(payloads, folder)
        self.assertEqual(len(layers), len(payloads))
        self.assertEqual(len(outcomes), len(payloads))
        compared = 0
        for number, (layer, outcome) in enumerate(zip(layers, outcomes)):
            with self.subTest(datagram=number, payload=payloads[number].hex()):
                compared += self.compare_datagram(layer, outcome)
        return compared

    def compare_datagram(self, layer, outcome):
        version = int(layer["cflow.version"])
        row, extra = expected_header(layer)
        pdus = [value for key, value in layer.items() if key.startswith("pdu ")]
        whole = [pdu for pdu in pdus if "cflow.protocol" in pdu and self.is_whole(version, pdu)]
        self.assertEqual(outcome["flows"], len(whole))
        self.assertEqual(len(outcome["records"]), len(whole))
        count = int(layer["cflow.count"])
        self.assertEqual(outcome.get("error") == "truncated_records", len(whole) < count)
        for pdu, record in zip(whole, outcome["records"]):
            expected = expected_record(version, pdu, row, extra)
            self.assertEqual({name: record.get(name) for name in expected}, expected)
            self.assertEqual(record["exporter_lo"], 0xFFFF << 32 | 0x0A010001)
            self.assertEqual((record["ip_version"], record["src_hi"], record["dst_hi"]), (4, 0, 0))
        return len(whole)

    @staticmethod
    def is_whole(version, pdu):
        last = {1: "cflow.reserved", 5: "cflow.padding", 7: "cflow.routersc"}[version]
        return last in pdu and (version != 5 or isinstance(pdu[last], list))

    def test_the_datagrams_of_real_devices(self):
        self.assertGreater(self.compare(list(fixtures())), 150)

    def test_edge_cases(self):
        self.assertGreater(self.compare(list(edge_cases())), 500)


if __name__ == "__main__":
    unittest.main()
