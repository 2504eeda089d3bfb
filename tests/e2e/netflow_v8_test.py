# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""NetFlow v8: every field of every aggregation scheme against tshark's dissector; collected, asked and accounted for.

Where tshark reads a record differently (`as_cisco` undoes it):

- schemes 5, 13 and 14: it takes the first of the two prefix lengths for the source's. CAIDA's cflowd 2.1, flow-tools
  and pmacct take it for the destination's, and so do we;
- scheme 9: it looks for the interfaces behind the type of service. Cisco draws them before it ("NetFlow ToS-Based
  Router Aggregation", figure 2), and flow-tools and pmacct read them there;
- the header: it calls the last four bytes reserved. Cisco's figure 1 has the sampling interval in the first two.
"""

import pathlib
import random
import tempfile
import unittest

from support import flowspan, netflow, tshark
from support import netflow_v8 as v8
from support.flowspan import StoreTest
from support.tshark import mapped, milliseconds, octets

WRAP = 1 << 32
# What the decoder says of every datagram, whatever is in it.
SENDER = {"received_time", "exporter_hi", "exporter_lo", "exporter_port", "datagram", "record"}
ALWAYS = {"ip_version": 4, "src_hi": 0, "dst_hi": 0, "next_hop_hi": 0, "bypassed_router_hi": 0}


def random_record(scheme, rng, uptime):
    """Any bytes, but times of the last days: tshark calls an end before its start an error, and so it is."""
    last = (uptime - rng.randrange(86_400_000)) % WRAP
    times = {"first": (last - rng.randrange(86_400_000)) % WRAP, "last": last}
    widths = {"B": 8, "H": 16, "I": 32}
    values = {name: rng.getrandbits(widths[width]) for name, width in v8.SCHEMES[scheme]}
    if rng.randrange(3):
        values["reserved"] = values["pad"] = values["marked_tos"] = values["extra_pkts"] = 0
    return v8.record(scheme, **{**values, **times})


def edge_cases():
    """Of every scheme: random fields, both ends of every field, wraps, counts and lengths that lie."""
    rng = random.Random(8)
    for scheme in v8.SCHEMES:
        for uptime in (0, 5_000, 3_600_000, WRAP - 1):
            for count in (1, 2, 24):
                records = [random_record(scheme, rng, uptime) for _ in range(count)]
                yield v8.datagram(scheme, records, rng.randrange(WRAP), rng.randrange(WRAP) + 0.25, uptime,
                                  (rng.randrange(256), rng.randrange(256)), rng.randrange(65536), rng.randrange(2))
        for byte, uptime in ((b"\0", 0), (b"\xff", WRAP - 1)):
            yield v8.datagram(scheme, [byte * v8.size(scheme)], now=1_700_000_000, uptime=uptime)
        yield v8.datagram(scheme, 1, now=1_700_000_000, agg_version=0)  # as Junos has it
        yield v8.datagram(scheme, 2, now=1_700_000_000, count=1)
        yield v8.datagram(scheme, 3, now=1_700_000_000)[:-1]
        yield v8.datagram(scheme, 1, now=1_700_000_000) + bytes(1400)  # as Catalyst switches fill them up


def as_cisco(scheme, pdu):
    """tshark's fields of a record, where it reads others than Cisco writes."""
    if scheme in (5, 13, 14):
        return {**pdu, "cflow.srcmask": pdu["cflow.dstmask"], "cflow.dstmask": pdu["cflow.srcmask"]}
    if scheme == 9:
        behind = int(pdu["cflow.tos"], 16) << 8 | octets(pdu["cflow.padding"])
        ahead = int(pdu["cflow.inputint"])
        return {**pdu, "cflow.inputint": str(behind), "cflow.outputint": str(octets(pdu["cflow.reserved"])),
                "cflow.tos": hex(ahead >> 8), "cflow.padding": f"{ahead & 0xFF:02x}",
                "cflow.reserved": f"{int(pdu['cflow.outputint']):04x}"}
    return pdu


NUMBERS = {"flows": "flow_count", "packets": "packets", "octets": "bytes", "inputint": "in_if", "outputint": "out_if",
           "srcas": "src_as", "dstas": "dst_as", "srcmask": "src_mask", "dstmask": "dst_mask", "srcport": "src_port",
           "dstport": "dst_port", "protocol": "proto"}
ADDRESSES = {"srcnet": "src_lo", "srcaddr": "src_lo", "dstnet": "dst_lo", "dstaddr": "dst_lo",
             "routersc": "bypassed_router_lo"}
LEFTOVERS = {"padding": ("v8.pad", 2), "reserved": ("v8.reserved", 4), "marked_tos": ("v8.marked_tos", 2),
             "extra_packets": ("v8.extra_pkts", 8)}


def expected_header(layer):
    """flowspan's columns from tshark's header fields, and what goes to `extra`."""
    stamp = layer["cflow.timestamp_tree"]
    reserved = octets(layer["cflow.reserved"])
    sampling = reserved >> 16
    row = {"export_version": 8, "sys_uptime": milliseconds(layer["cflow.sysuptime"]) % WRAP,
           "export_time": int(stamp["cflow.unix_secs"]) * 10**9 + int(stamp["cflow.unix_nsecs"]),
           "flow_sequence": int(layer["cflow.sequence"]), "engine_type": int(layer["cflow.engine_type"]),
           "engine_id": int(layer["cflow.engine_id"]), "agg_scheme": int(layer["cflow.aggmethod"]),
           "sampling_mode": sampling >> 14}
    if sampling & 0x3FFF:
        row["sampling_rate"] = sampling & 0x3FFF
    return row, {"v8.header_reserved": f"0x{reserved & 0xFFFF:04x}"} if reserved & 0xFFFF else {}


def expected_record(pdu, row, extra):
    """All of flowspan's columns that are not NULL, from all of tshark's fields."""
    fields = {name.removeprefix("cflow."): value for name, value in pdu.items()}
    times = fields.pop("timedelta_tree")
    del fields["timedelta"]
    flow = {**ALWAYS, **row}
    for name, column in (("start", "first_time"), ("end", "last_time")):
        behind = (row["sys_uptime"] - milliseconds(times[f"cflow.time{name}"])) % WRAP
        flow[column] = row["export_time"] // 1_000_000 - (behind - WRAP if behind >= WRAP // 2 else behind)
    rest = dict(extra)
    for name, value in fields.items():
        if name in NUMBERS:
            flow[NUMBERS[name]] = int(value)
        elif name in ADDRESSES:
            flow[ADDRESSES[name]] = mapped(value)
        elif name == "tos":
            flow["tos"] = int(value, 16)
        else:
            leftover, digits = LEFTOVERS[name]  # an error for a field that nobody knows
            if octets(value):
                rest[leftover] = f"0x{octets(value):0{digits}x}"
    return {**flow, "extra": rest} if rest else flow


class TsharkAgrees(unittest.TestCase):
    maxDiff = None

    def test_every_field_of_every_scheme(self):
        payloads = list(edge_cases())
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            layers = tshark.dissect(payloads, folder)
            outcomes = tshark.decode_dump(payloads, folder)
        compared = dict.fromkeys(v8.SCHEMES, 0)
        self.assertEqual((len(layers), len(outcomes)), (len(payloads), len(payloads)))
        for number, (layer, outcome) in enumerate(zip(layers, outcomes)):
            with self.subTest(datagram=number, payload=payloads[number].hex()):
                compared[int(layer["cflow.aggmethod"])] += self.compare(layer, outcome)
        self.assertGreater(min(compared.values()), 100)

    def compare(self, layer, outcome):
        row, extra = expected_header(layer)
        pdus = [value for key, value in layer.items() if key.startswith("pdu ")]
        self.assertEqual(outcome["flows"], len(pdus))
        self.assertEqual(outcome.get("error") == "truncated_records", len(pdus) < int(layer["cflow.count"]))
        for pdu, record in zip(pdus, outcome["records"], strict=True):
            expected = expected_record(as_cisco(row["agg_scheme"], pdu), row, extra)
            said = {name: value for name, value in record.items() if name not in SENDER}
            self.assertEqual(said, expected)
        return len(pdus)


class CollectedTest(StoreTest):
    def send(self, payloads):
        flowspan.send(payloads, self.collector.port)

    def test_aggregates_are_rows_that_say_how_many_flows_they_are(self):
        self.collector = self.collect()
        for scheme in v8.SCHEMES:
            self.send([v8.datagram(scheme, 2, sequence=10 * scheme)])
        self.send([netflow.datagram(3)])
        self.collector.wait_counter("flows", 2 * len(v8.SCHEMES) + 3)
        question = """SELECT agg_scheme, count(*) AS rows, sum(coalesce(flow_count, 1)) AS flows,
          any_value(src_addr) AS src, any_value(dst_addr) AS dst, any_value(next_hop) AS next_hop,
          any_value(bypassed_router) AS router, any_value(tos) AS tos, any_value(src_as) AS src_as
          FROM flows GROUP BY ALL ORDER BY agg_scheme NULLS FIRST"""
        live = self.sql(question)
        self.collector.stop()
        stored = self.sql(question)
        self.assertEqual(stored, live)
        flows = [None, *v8.SCHEMES]
        self.assertEqual([row["agg_scheme"] for row in stored], flows)
        for row, scheme in zip(stored, flows):
            with self.subTest(scheme=scheme):
                names = {name for name, _ in v8.SCHEMES[scheme]} if scheme else {"src", "dst", "tos", "src_as"}
                known = v8.RECORD if scheme else netflow.RECORD
                self.assertEqual(int(row["rows"]), 2 if scheme else 3)
                self.assertEqual(int(row["flows"]), 14 if "flows" in names else int(row["rows"]))
                for name in ("src", "dst", "tos", "src_as"):
                    self.assertEqual(row[name], known[name] if name in names else None)
                self.assertEqual(row["router"], known["router_sc"] if "router_sc" in names else None)
                self.assertEqual(row["next_hop"], None if scheme else netflow.RECORD["next_hop"])

    def test_each_scheme_has_losses_of_its_own(self):
        self.collector = self.collect()
        self.send([v8.datagram(1, 2, sequence=100), v8.datagram(13, 2, sequence=5000), v8.datagram(1, 2, sequence=102),
                   v8.datagram(13, 2, sequence=5009), v8.datagram(1, 1, sequence=104), v8.datagram(99, [bytes(28)]),
                   v8.datagram(3, 1, agg_version=7)])
        self.collector.wait_counter("datagrams", 7)
        self.collector.wait_counter("flows", 9)
        self.collector.stop()
        (row,) = flowspan.answer("account", "--store", self.store, "--by", "total")
        self.assertEqual(int(row["network"]), 7)
        self.assertEqual(int(row["announced"]), 16)
        self.assertEqual(int(row["difference"]), 0)
        self.assertEqual(int(row["refused_unknown_aggregation"]), 2)


if __name__ == "__main__":
    unittest.main()
