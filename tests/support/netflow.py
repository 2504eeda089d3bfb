# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""NetFlow v1, v5 and v7 datagrams, and the captures that hold them: written and read without flowspan."""

import ipaddress
import pathlib
import struct
import time

UPTIME = 3_000_000  # ms, of the datagrams made here
RECORD = {
    "src": "10.0.0.1", "dst": "192.0.2.1", "next_hop": "10.0.0.254", "in_if": 1, "out_if": 2, "packets": 10,
    "bytes": 1000, "first": UPTIME - 5000, "last": UPTIME - 1000, "src_port": 40000, "dst_port": 443, "flags": 0x1B,
    "proto": 6, "tos": 0, "src_as": 0, "dst_as": 64500, "src_mask": 24, "dst_mask": 22,
}


def address(text):
    return ipaddress.IPv4Address(text).packed


def record(version=5, **fields):
    flow = {**RECORD, **fields}
    head = address(flow["src"]) + address(flow["dst"]) + address(flow["next_hop"])
    head += struct.pack(">HHIIIIHH", *(flow[name] for name in
                        ("in_if", "out_if", "packets", "bytes", "first", "last", "src_port", "dst_port")))
    if version == 1:
        return head + struct.pack(">HBBB7x", 0, flow["proto"], flow["tos"], flow["flags"])
    head += struct.pack(">BBBBHHBBH", 0, flow["flags"], flow["proto"], flow["tos"], flow["src_as"], flow["dst_as"],
                        flow["src_mask"], flow["dst_mask"], 0)
    return head + (address("10.0.0.253") if version == 7 else b"")


def datagram(records=None, version=5, sequence=0, now=None, uptime=UPTIME, engine=0, sampling=0, count=None):
    """`records`: encoded ones, or a number of equal ones."""
    if records is None or isinstance(records, int):
        records = [record(version)] * (1 if records is None else records)
    now = time.time() if now is None else now
    head = struct.pack(">HHIII", version, len(records) if count is None else count, uptime, int(now),
                       int(now % 1 * 1e9))
    if version == 5:
        head += struct.pack(">IHH", sequence, engine, sampling)
    if version == 7:
        head += struct.pack(">II", sequence, 0)
    return head + b"".join(records)


def frame(payload, source="10.99.0.1", port=2055, target="10.99.0.2"):
    """An Ethernet frame with a UDP datagram."""
    udp = struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, address(source), address(target))
    total = sum(struct.unpack(">10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:]
    return bytes.fromhex("020000000001 020000000002 0800") + head + udp


def write_pcap(path, payloads, now=None, **addressing):
    now = time.time() if now is None else now
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, payload in enumerate(payloads):
            data = frame(payload, **addressing)
            out.write(struct.pack("<IIII", int(now), i, len(data), len(data)) + data)
    return pathlib.Path(path)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def write_pcapng(path, payloads, now=None, **addressing):
    now = int((time.time() if now is None else now) * 1e6)
    with open(path, "wb") as out:
        out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        out.write(block(1, struct.pack("<HHI", 1, 0, 0)))
        for i, payload in enumerate(payloads):
            data = frame(payload, **addressing)
            head = struct.pack("<IIIII", 0, (now + i) >> 32, (now + i) & 0xFFFFFFFF, len(data), len(data))
            out.write(block(6, head + data))
    return pathlib.Path(path)


def journal_payloads(path):
    """The UDP payloads in a journal file, as far as its blocks are whole. Not flowspan's own reader, on purpose."""
    data = pathlib.Path(path).read_bytes()
    place = 0
    while place + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, place)
        if length < 12 or length % 4 or place + length > len(data):
            return
        if struct.unpack_from("<I", data, place + length - 4)[0] != length:
            return
        if kind == 6:
            captured = struct.unpack_from("<I", data, place + 20)[0]
            packet = data[place + 28:place + 28 + captured]
            if packet[:1] and packet[0] >> 4 == 4:
                yield packet[(packet[0] & 15) * 4 + 8:]
            elif packet[:1] and packet[0] >> 4 == 6:
                yield packet[48:]
        place += length


def journal_numbers(folder):
    """(exporter, number) of each flow of the tool `sequenced` in the journals of a folder."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.pcapng")):
        for payload in journal_payloads(path):
            if len(payload) < 24 or payload[:2] != b"\0\5":
                continue
            count = struct.unpack_from(">H", payload, 2)[0]
            for i in range(min(count, (len(payload) - 24) // 48)):
                src, dst = struct.unpack_from(">II", payload, 24 + 48 * i)
                found.append((dst >> 16, (dst & 0xFFFF) << 32 | src))
    return found


def read_pcap(path):
    """(time in ns, source address, UDP payload) of each frame of a nanosecond pcap file as `simulate` writes it."""
    data = pathlib.Path(path).read_bytes()
    assert struct.unpack_from("<I", data)[0] == 0xA1B23C4D, "no pcap file with nanoseconds"
    place = 24
    while place < len(data):
        seconds, nanoseconds, captured, length = struct.unpack_from("<IIII", data, place)
        assert captured == length
        packet = data[place + 16:place + 16 + captured]
        yield seconds * 10**9 + nanoseconds, str(ipaddress.IPv4Address(packet[26:30])), packet[42:]
        place += 16 + captured


def decode(payload):
    """(header, records) of a datagram, as dictionaries; times of a record are ms since 1970."""
    version, count, uptime, seconds, nanoseconds = struct.unpack_from(">HHIII", payload)
    sequence = struct.unpack_from(">I", payload, 16)[0] if version != 1 else None
    engine, sampling = struct.unpack_from(">HH", payload, 20) if version == 5 else (0, 0)
    head = {"version": version, "count": count, "uptime": uptime, "sequence": sequence, "engine": engine,
            "sampling": sampling, "time_ms": seconds * 1000 + nanoseconds // 10**6}
    start, length = {1: (16, 48), 5: (24, 48), 7: (24, 52)}[version]
    assert len(payload) == start + count * length
    records = []
    for place in range(start, len(payload), length):
        src, dst, hop = (str(ipaddress.IPv4Address(payload[place + i:place + i + 4])) for i in (0, 4, 8))
        in_if, out_if, packets, octets, first, last, src_port, dst_port = struct.unpack_from(
            ">HHIIIIHH", payload, place + 12)
        proto, tos, flags = payload[place + 38:place + 41]
        if version != 1:
            flags, proto, tos = payload[place + 37:place + 40]
        boot = head["time_ms"] - uptime
        records.append({"src": src, "dst": dst, "next_hop": hop, "in_if": in_if, "out_if": out_if, "packets": packets,
                        "bytes": octets, "first": boot + first, "last": boot + last, "src_port": src_port,
                        "dst_port": dst_port, "flags": flags, "proto": proto, "tos": tos})
    return head, records
