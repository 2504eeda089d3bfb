# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: timeout 300
"""T and C of `flowspan duration`, and the newest N flows, against the datagrams that were sent: computed here, from what
went over the wire, without flowspan and without SQL."""

import collections
import csv
import ipaddress
import io
import json
import random
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest, send


def random_flow(dice, source):
    """What a router could say, most of it from few sources; some flows last no time, some end before they begin."""
    first = netflow.UPTIME - dice.randrange(1, 600_000)
    lasts = dice.choice([0, 1, 999, 1000, 1001, dice.randrange(60_000), dice.randrange(600_000), -dice.randrange(1, 5000)])
    return {"src": f"10.{source % 2}.{dice.randrange(3)}.{source}", "dst": f"192.0.2.{dice.randrange(4)}",
            "dst_port": dice.choice([53, 80, 443]), "first": first, "last": first + lasts}


def datagrams_of(flows, sizes, engine=0):
    """The flows in datagrams of these sizes, over and over; and their order of arrival with it."""
    payloads, at, sequence = [], 0, 0
    while at < len(flows):
        part = flows[at:at + sizes[len(payloads) % len(sizes)]]
        records = [netflow.record(**flow) for flow in part]
        payloads.append(netflow.datagram(records, sequence=sequence, engine=engine))
        at += len(part)
        sequence += len(part)
    return payloads


def durations(flows, key, unit="ms", plus_one=True):
    """key → (T, C), by the definition: LAST and FIRST of each record, one after the other."""
    total, count = collections.defaultdict(lambda: None), collections.Counter()
    for flow in flows:
        name = key(flow)
        count[name] += 1
        length = flow["last"] - flow["first"]
        if length < 0:
            continue
        if unit == "s":
            length //= 1000
        total[name] = (total[name] or 0) + length + (1 if plus_one else 0)
    return {name: (total[name], count[name]) for name in count}


def source(flow):
    return flow["src"]


def network(bits, flow):
    return str(ipaddress.ip_network(f"{flow['src']}/{bits}", strict=False))


class DurationTest(StoreTest):
    def ask(self, *arguments):
        done = flowspan.run("duration", "--store", self.store, "--top", "0", "--format", "json", *arguments)
        return json.loads(done.stdout)

    def found(self, *arguments, keys=("src_addr",)):
        rows = self.ask(*arguments)["rows"]
        found = {tuple(row[key] for key in keys): (row["T"], row["C"]) for row in rows}
        self.assertEqual(len(found), len(rows))
        return {key[0] if len(key) == 1 else key: value for key, value in found.items()}

    def check_all(self, flows, *scope):
        """Every unit and several keys over the same flows."""
        for unit in ("ms", "s"):
            self.assertEqual(self.found(*scope, "--unit", unit), durations(flows, source, unit))
            self.assertEqual(self.found(*scope, "--unit", unit, "--no-plus-one"), durations(flows, source, unit, False))
        self.assertEqual(self.found(*scope, "--by", "src_addr,dst_addr", keys=("src_addr", "dst_addr")),
                         durations(flows, lambda flow: (flow["src"], flow["dst"])))
        self.assertEqual(self.found(*scope, "--by", "src_addr/24", keys=("src_addr/24",)),
                         durations(flows, lambda flow: network(24, flow)))
        self.assertEqual(self.found(*scope, "--by", "src_addr/16,dst_port", keys=("src_addr/16", "dst_port")),
                         durations(flows, lambda flow: (network(16, flow), flow["dst_port"])))


class CollectedTest(DurationTest):
    """One exporter sends in bursts, the collector turns most of it into segments; the rest is in the journal."""

    def setUp(self):
        super().setUp()
        dice = random.Random(3)
        self.flows = [random_flow(dice, dice.randrange(20)) for _ in range(700)]
        payloads = datagrams_of(self.flows, [30, 1, 7, 30, 13])
        third = len(payloads) // 3
        sent = 0
        for part in (payloads[:third], payloads[third:2 * third]):  # each collector leaves a segment
            collector = self.collect("--rotate", "1h")
            send(part, collector.port)
            sent = sum(int.from_bytes(payload[2:4], "big") for payload in part)
            collector.wait_counter("flows", sent)
            self.assertEqual(collector.stop()["flows"], sent)
        collector = self.collect("--rotate", "1h")
        last = payloads[2 * third:]
        send(last, collector.port)
        self.live = sum(int.from_bytes(payload[2:4], "big") for payload in last)
        collector.wait_counter("flows", self.live)

    def test_all_flows_and_the_newest_across_journal_and_segments(self):
        self.check_all(self.flows)
        self.check_all(self.flows[-100:], "--newest", 100)
        quality = self.ask("--newest", 100)["quality"]
        self.assertEqual(quality["live"]["flows"], self.live)
        self.assertEqual(quality["newest"]["flows"], 100)
        self.assertGreater(self.live, 150)
        # Around the ends of the journal, of the segment before it, of datagrams, of everything.
        for newest in (1, 2, 29, 30, 31, self.live - 1, self.live, self.live + 1, self.live + 17, 500, 699, 700):
            self.assertEqual(self.found("--newest", newest), durations(self.flows[-newest:], source), newest)
        self.assertIsNone(self.ask("--newest", 701)["quality"]["newest"]["received_from"])
        self.assertEqual(self.found("--newest", 10**19), durations(self.flows, source))

    def test_the_newest_in_lists_and_groups_and_sql(self):
        rows = flowspan.answer("query", "--store", self.store, "--newest", 250)
        self.assertEqual([(row["src_addr"], row["dst_addr"], row["dst_port"]) for row in rows],
                         [(flow["src"], flow["dst"], flow["dst_port"]) for flow in self.flows[-250:]])
        rows = flowspan.answer("query", "--store", self.store, "--newest", 250, "--by", "dst_port", "--sum", "flows")
        self.assertEqual({row["dst_port"]: row["flows"] for row in rows},
                         collections.Counter(flow["dst_port"] for flow in self.flows[-250:]))
        (row,) = flowspan.answer("sql", "SELECT count(*) AS n FROM flows", "--store", self.store, "--newest", 250)
        self.assertEqual(row["n"], 250)
        self.assertEqual(len(flowspan.answer("query", "--store", self.store, "--newest", 250, "--top", 3)), 3)

    def test_what_has_no_duration_is_told(self):
        backwards = sum(flow["last"] < flow["first"] for flow in self.flows)
        self.assertGreater(backwards, 10)
        notes = self.ask()["quality"]["notes"]
        self.assertEqual(notes, ["T = sum(LAST - FIRST + 1) in ms, C = number of flows",
                                 f"{backwards} flows end before they begin: in C, not in T"])
        done = flowspan.run("duration", "--store", self.store, "--top", 1)
        self.assertIn(f"; {backwards} flows end before they begin: in C, not in T\n", done.stderr)

    def test_order_top_and_formats(self):
        every = durations(self.flows, source)
        rows = flowspan.answer("duration", "--store", self.store)
        longest = sorted(every, key=lambda name: (-every[name][0], int(ipaddress.ip_address(name))))
        self.assertEqual([row["src_addr"] for row in rows], longest[:10])
        rows = flowspan.answer("duration", "--store", self.store, "--order", "C", "--top", 3)
        most = sorted(every, key=lambda name: (-every[name][1], int(ipaddress.ip_address(name))))
        self.assertEqual([row["src_addr"] for row in rows], most[:3])
        rows = flowspan.answer("duration", "--store", self.store, "--order", "src_addr:desc", "--top", 2)
        addresses = sorted(every, key=lambda name: int(ipaddress.ip_address(name)))
        self.assertEqual([row["src_addr"] for row in rows], addresses[-1:-3:-1])
        text = flowspan.run("duration", "--store", self.store, "--format", "csv", "--top", 2).stdout
        self.assertEqual([(row["src_addr"], int(row["T"]), int(row["C"])) for row in csv.DictReader(io.StringIO(text))],
                         [(name, *every[name]) for name in longest[:2]])
        lines = flowspan.run("duration", "--store", self.store, "--top", 2).stdout.splitlines()
        self.assertEqual(lines[0].split(), ["src_addr", "T", "C"])
        self.assertEqual(lines[1].split(), [longest[0], *(f"{number:,}" for number in every[longest[0]])])
        text = flowspan.run("duration", "--store", self.store, "--explain", "--newest", 100).stdout
        (row, *_) = flowspan.answer("sql", text, "--store", self.store, "--newest", 100)
        self.assertEqual(row["C"], durations(self.flows[-100:], source)[row["src_addr"]][1])


class ImportedTest(DurationTest):
    """Captures whose datagrams say themselves when they came; several in the same microsecond."""

    def test_a_window_and_the_newest_that_share_a_time(self):
        dice = random.Random(7)
        begin = 1_790_000_000
        hours = []
        for hour in range(3):
            flows = [random_flow(dice, dice.randrange(9)) for _ in range(120)]
            hours.append(flows)
            when = begin + 3600 * hour
            payloads = [netflow.datagram([netflow.record(**flow) for flow in flows[at:at + 30]], now=when)
                        for at in range(0, 120, 30)]
            path = self.folder / f"{hour}.pcap"
            netflow.write_pcap(path, payloads, when)
            data = bytearray(path.read_bytes())  # write_pcap counts microseconds: all in the same one
            at = 24
            while at < len(data):
                data[at + 4:at + 8] = bytes(4)
                at += 16 + int.from_bytes(data[at + 8:at + 12], "little")
            path.write_bytes(data)
            flowspan.run("read", path, "--store", self.store)
        flows = sum(hours, [])
        self.check_all(flows)
        window = ["--time", "received", "--from", f"@{begin + 3600}", "--to", f"@{begin + 7200}"]
        self.check_all(hours[1], *window)
        self.assertEqual(self.ask(*window)["quality"]["files"], 1)
        self.check_all(hours[0] + hours[1], "--time", "received", "--to", f"@{begin + 7200}")
        for newest in (1, 13, 100, 119, 120, 121, 200, 240, 300, 359, 360):
            self.assertEqual(self.found("--newest", newest), durations(flows[-newest:], source), newest)
        self.assertEqual(self.ask("--newest", 100)["quality"]["files"], 1)
        ends = begin + 3500  # by the exporter's clock, when nothing else is said
        self.check_all([flow for hour, part in enumerate(hours) for flow in part
                        if 1000 * (begin + 3600 * hour) + flow["last"] - netflow.UPTIME >= 1000 * ends], "--from", f"@{ends}")


class UsageTest(DurationTest):
    def wrong(self, *arguments, says):
        done = flowspan.run(*arguments, "--store", self.store, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn(says, done.stderr)

    def test_mistakes_are_named(self):
        for verb in ("duration", "query"):
            self.wrong(verb, "--newest", "0", says="--newest: '0' is no number of flows: write e.g. 100")
            self.wrong(verb, "--newest", "x", says="--newest: 'x' is no number of flows: write e.g. 100")
            self.wrong(verb, "--newest", "-5", says="--newest")
            for window in (["--last", "1h"], ["--from", "now-1h"], ["--to", "now"]):
                self.wrong(verb, "--newest", "100", *window, says="--newest and a window (--from, --to, --last) contradict")
        self.wrong("duration", "--unit", "sec", says="--unit: there is no unit 'sec': did you mean 's'?")
        self.wrong("duration", "--unit", "fortnight", says="--unit: there is no unit 'fortnight': write ms or s")
        self.wrong("duration", "--order", "D", says="--order: there is no column 'D'")
        self.wrong("duration", "--order", "bytes", says="--order: bytes is not in --by")
        self.wrong("duration", "--by", "scr_addr", says="did you mean 'src_addr'?")
        self.wrong("duration", "--top", "many", says="'many' is no number of rows")
        self.wrong("duration", "--plus-two", says="there is no flag --plus-two")

    def test_an_empty_store_has_no_durations(self):
        self.collect().stop()
        self.assertEqual(self.ask()["rows"], [])
        self.assertEqual(self.ask("--newest", 100)["rows"], [])


if __name__ == "__main__":
    unittest.main()
