# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""NetFlow v8 datagrams of all 14 aggregation schemes, written and read without flowspan."""

import ipaddress
import struct
import time

from support.netflow import UPTIME

SUMS = "I:flows I:packets I:bytes I:first I:last"
# Of each scheme the parts of a record in their order, with their width as the module struct has it (Cisco, "NetFlow
# Export Datagram Format", "NetFlow ToS-Based Router Aggregation").
SCHEMES = {number: [part.split(":")[::-1] for part in parts.split()] for number, parts in {
    1: f"{SUMS} H:src_as H:dst_as H:in_if H:out_if",
    2: f"{SUMS} B:proto B:pad H:reserved H:src_port H:dst_port",
    3: f"{SUMS} I:src B:src_mask B:pad H:src_as H:in_if H:reserved",
    4: f"{SUMS} I:dst B:dst_mask B:pad H:dst_as H:out_if H:reserved",
    5: f"{SUMS} I:src I:dst B:dst_mask B:src_mask H:reserved H:src_as H:dst_as H:in_if H:out_if",
    6: "I:dst I:packets I:bytes I:first I:last H:out_if B:tos B:marked_tos I:extra_pkts I:router_sc",
    7: "I:dst I:src I:packets I:bytes I:first I:last H:out_if H:in_if B:tos B:marked_tos H:reserved I:extra_pkts "
       "I:router_sc",
    8: "I:dst I:src H:dst_port H:src_port I:packets I:bytes I:first I:last H:out_if H:in_if B:tos B:proto "
       "B:marked_tos B:pad I:extra_pkts I:router_sc",
    9: f"{SUMS} H:src_as H:dst_as H:in_if H:out_if B:tos B:pad H:reserved",
    10: f"{SUMS} B:proto B:tos H:reserved H:src_port H:dst_port H:in_if H:out_if",
    11: f"{SUMS} I:src B:src_mask B:tos H:src_as H:in_if H:reserved",
    12: f"{SUMS} I:dst B:dst_mask B:tos H:dst_as H:out_if H:reserved",
    13: f"{SUMS} I:src I:dst B:dst_mask B:src_mask B:tos B:pad H:src_as H:dst_as H:in_if H:out_if",
    14: f"{SUMS} I:src I:dst B:dst_mask B:src_mask B:tos B:proto H:src_port H:dst_port H:in_if H:out_if",
}.items()}
CATALYST = (6, 7, 8)
RECORD = {
    "flows": 7, "packets": 40, "bytes": 30_000, "first": UPTIME - 5000, "last": UPTIME - 1000, "src": "10.1.0.0",
    "dst": "192.0.2.0", "src_mask": 16, "dst_mask": 24, "src_as": 64500, "dst_as": 64501, "in_if": 1, "out_if": 2,
    "src_port": 40000, "dst_port": 443, "proto": 6, "tos": 0, "pad": 0, "reserved": 0, "marked_tos": 0, "extra_pkts": 0,
    "router_sc": "10.0.0.254",
}


def layout(scheme):
    return ">" + "".join(width for _, width in SCHEMES[scheme])


def size(scheme):
    return struct.calcsize(layout(scheme))


def record(scheme, **fields):
    known = {**RECORD, **fields}
    values = [known[name] for name, _ in SCHEMES[scheme]]
    return struct.pack(layout(scheme), *(int(ipaddress.IPv4Address(v)) if isinstance(v, str) else v for v in values))


def datagram(scheme, records=1, sequence=0, now=None, uptime=UPTIME, engine=(0, 0), sampling=0, reserved=0,
             agg_version=2, count=None):
    """`records`: encoded ones, or a number of equal ones."""
    if isinstance(records, int):
        records = [record(scheme)] * records
    now = time.time() if now is None else now
    head = struct.pack(">HHIII", 8, len(records) if count is None else count, uptime, int(now), int(now % 1 * 1e9))
    head += struct.pack(">IBBBBHH", sequence, *engine, scheme, agg_version, sampling, reserved)
    return head + b"".join(records)


def decode(payload):
    """(header, records) as dictionaries: addresses as text, times of records in ms of the router's uptime."""
    version, count, uptime, seconds, nanoseconds = struct.unpack_from(">HHIII", payload)
    sequence, *engine, scheme, agg_version, sampling, reserved = struct.unpack_from(">IBBBBHH", payload, 16)
    assert version == 8 and len(payload) == 28 + count * size(scheme)
    head = {"version": 8, "count": count, "uptime": uptime, "sequence": sequence, "engine": tuple(engine),
            "scheme": scheme, "agg_version": agg_version, "sampling": sampling, "reserved": reserved,
            "time_ms": seconds * 1000 + nanoseconds // 10**6}
    records = []
    for place in range(28, len(payload), size(scheme)):
        values = struct.unpack_from(layout(scheme), payload, place)
        flow = dict(zip((name for name, _ in SCHEMES[scheme]), values))
        for name in ("src", "dst", "router_sc"):
            if name in flow:
                flow[name] = str(ipaddress.IPv4Address(flow[name]))
        records.append(flow)
    return head, records
