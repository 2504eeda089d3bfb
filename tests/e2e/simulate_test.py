# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""`flowspan simulate`: what it sends is what it says, the same for the same seed, and what other programs take."""

import csv
import datetime
import ipaddress
import json
import pathlib
import signal
import socket
import subprocess
import time
import unittest

from support import flowspan, netflow, netflow_v8
from support.flowspan import StoreTest, free_port

START = "2026-11-23T14:00"
MISBEHAVIOUR = "scan,scan,beacon,flood,exfiltration,bruteforce,loss,restart"


def read_labels(path):
    with open(path, newline="") as lines:
        return list(csv.DictReader(lines))


def milliseconds(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def inside(address, network):
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


class CaptureTest(StoreTest):
    def simulate(self, name="a", *arguments, flows=20_000, rate=300, start=START):
        capture = self.folder / f"{name}.pcap"
        done = flowspan.run("simulate", "--pcap", capture, "--flows", flows, "--rate", rate, "--start", start,
                            "--labels", self.folder / f"{name}.csv", "--format", "json", *arguments)
        return capture, json.loads(done.stdout), read_labels(self.folder / f"{name}.csv")

    def test_the_same_seed_gives_the_same_bytes(self):
        bytes_of = []
        for name, seed in (("a", 7), ("b", 7), ("c", 8)):
            capture, _, _ = self.simulate(name, "--seed", seed, "--exporters", 3, "--with", MISBEHAVIOUR, flows=5000)
            bytes_of.append(capture.read_bytes())
        labels = [(self.folder / f"{name}.csv").read_bytes() for name in "abc"]
        self.assertEqual(bytes_of[0], bytes_of[1])
        self.assertEqual(labels[0], labels[1])
        self.assertNotEqual(bytes_of[0], bytes_of[2])
        self.assertNotEqual(labels[0], labels[2])

    def test_the_summary_is_what_an_independent_decoder_finds(self):
        for version in (1, 5, 7):
            capture, said, _ = self.simulate(f"v{version}", "--protocol", f"v{version}", "--exporters", 3,
                                             "--with", "loss")
            flows = packets = octets = datagrams = missing = 0
            upcoming = {}
            previous = 0
            for received, source, payload in netflow.read_pcap(capture):
                head, records = netflow.decode(payload)
                self.assertEqual(head["version"], version)
                self.assertEqual(received // 10**6, head["time_ms"])
                self.assertGreaterEqual(received, previous)
                previous = received
                if version != 1:
                    missing += head["sequence"] - upcoming.get(source, 0)
                    upcoming[source] = head["sequence"] + len(records)
                datagrams += 1
                flows += len(records)
                packets += sum(r["packets"] for r in records)
                octets += sum(r["bytes"] for r in records)
            self.assertEqual((flows, packets, octets, datagrams),
                             (said["flows"], said["packets"], said["bytes"], said["datagrams"]))
            self.assertEqual(flows + said["lost_flows"], 20_000)
            self.assertGreater(said["lost_flows"], 0)
            if version != 1:
                self.assertEqual(set(upcoming), {"172.16.0.1", "172.16.0.2", "172.16.0.3"})
                self.assertEqual(missing, said["lost_flows"])

    def test_sums_of_version_8_have_every_flow(self):
        capture, said, labels = self.simulate("v8", "--protocol", "v8", "--exporters", 3, "--with", "loss")
        records = missing = datagrams = 0
        sums = dict.fromkeys(("flows", "packets", "bytes"), 0)
        upcoming, scheme_of = {}, {}
        for _, source, payload in netflow.read_pcap(capture):
            head, found = netflow_v8.decode(payload)
            self.assertEqual((head["agg_version"], head["reserved"]), (2, 0))
            self.assertEqual(scheme_of.setdefault(source, head["scheme"]), head["scheme"])
            missing += head["sequence"] - upcoming.get(source, 0)
            upcoming[source] = head["sequence"] + len(found)
            datagrams += 1
            records += len(found)
            for name in sums:
                sums[name] += sum(record[name] for record in found)
        self.assertEqual(scheme_of, {"172.16.0.1": 5, "172.16.0.2": 1, "172.16.0.3": 2})
        self.assertEqual(({**sums, "datagrams": datagrams}), {name: said[name] for name in (*sums, "datagrams")})
        self.assertLess(records, 0.8 * sums["flows"])
        self.assertEqual(missing, int(labels[0]["flows"]))
        self.assertGreater(missing, 0)
        done = flowspan.run("read", capture, "--store", self.store, "--format", "json")
        self.assertEqual(json.loads(done.stdout)["lost_flows"], missing)
        self.assertEqual(int(self.value("SELECT sum(flow_count) FROM flows")), said["flows"])

    def test_labels_tell_what_an_independent_decoder_finds(self):
        capture, _, labels = self.simulate("a", "--exporters", 3, "--with", MISBEHAVIOUR, flows=40_000)
        sent = [(source, record) for _, source, payload in netflow.read_pcap(capture)
                for record in netflow.decode(payload)[1]]
        self.assertEqual(sorted(label["kind"] for label in labels), sorted(MISBEHAVIOUR.split(",")))
        for label in labels:
            if label["kind"] in ("loss", "restart"):
                continue

            def matches(source, record, there=label):
                return (source == there["exporter"] and inside(record["src"], there["src"])
                        and inside(record["dst"], there["dst"]) and there["dst_port"] in ("", str(record["dst_port"]))
                        and record["proto"] == int(there["proto"]))

            def answers(source, record, there=label):
                return (source == there["exporter"] and inside(record["dst"], there["src"])
                        and inside(record["src"], there["dst"]) and there["dst_port"] in ("", str(record["src_port"])))

            flows = [record for source, record in sent if matches(source, record)]
            back = [record for source, record in sent if answers(source, record)]
            self.assertEqual(len(flows), int(label["flows"]), label)
            self.assertEqual(len(back), int(label["answers"]), label)
            self.assertGreater(len(flows), 0, label)
            self.assertEqual(sum(r["packets"] for r in flows), int(label["packets"]), label)
            self.assertEqual(sum(r["bytes"] for r in flows), int(label["bytes"]), label)
            self.assertEqual(min(r["first"] for r in flows + back), milliseconds(label["start"]), label)
            self.assertEqual(max(r["last"] for r in flows + back), milliseconds(label["end"]), label)

    def test_labels_tell_what_the_store_finds(self):
        capture, said, labels = self.simulate("a", "--exporters", 3, "--with", MISBEHAVIOUR, flows=40_000)
        done = flowspan.run("read", capture, "--store", self.store, "--format", "json")
        counted = json.loads(done.stdout)
        self.assertEqual(self.count(), said["flows"])
        of_kind = {label["kind"]: label for label in labels}
        self.assertEqual(counted["lost_flows"], int(of_kind["loss"]["flows"]))
        self.assertEqual(counted["exporter_restarts"], 1)
        self.assertEqual(counted.get("decode_errors", 0), 0)
        down = of_kind["restart"]
        self.assertEqual(self.value(f"SELECT count(*) FROM flows WHERE exporter = '{down['exporter']}' AND export_time "
                                    f"BETWEEN '{down['start'][:-1]}' AND '{down['end'][:-1]}'"), 0)
        for label in labels:
            if label["kind"] in ("loss", "restart"):
                continue
            port = f"AND dst_port = {label['dst_port']}" if label["dst_port"] else ""
            (row,) = self.sql(
                f"SELECT count(*) AS flows, sum(packets) AS packets, sum(bytes) AS bytes FROM flows WHERE exporter = "
                f"'{label['exporter']}' AND in_net(src_hi, src_lo, '{label['src']}') AND in_net(dst_hi, dst_lo, "
                f"'{label['dst']}') AND proto = {label['proto']} {port} AND first_time >= '{label['start'][:-1]}' AND "
                f"last_time <= '{label['end'][:-1]}'")
            self.assertEqual({name: int(number) for name, number in row.items()},
                             {name: int(label[name]) for name in ("flows", "packets", "bytes")}, label)

    def test_sampling_is_said_and_thins(self):
        every, said_every, _ = self.simulate("every", flows=20_000)
        sampled, said, _ = self.simulate("sampled", "--sampling", 100, flows=20_000)
        heads = [netflow.decode(payload)[0] for _, _, payload in netflow.read_pcap(sampled)]
        self.assertEqual({head["sampling"] for head in heads}, {2 << 14 | 100})
        self.assertEqual({netflow.decode(p)[0]["sampling"] for _, _, p in netflow.read_pcap(every)}, {0})
        # The same number of records needs many more conversations, and holds fewer packets.
        self.assertLess(said["packets"], said_every["packets"] / 3)
        flowspan.run("read", sampled, "--store", self.store)
        self.assertEqual(self.value("SELECT sum(bytes) FROM flows"), 100 * said["bytes"])

    def test_timeouts_cut_flows_that_join(self):
        capture, _, _ = self.simulate("a", "--active-timeout", "20s", "--idle-timeout", "5s")
        parts = {}
        for _, source, payload in netflow.read_pcap(capture):
            for record in netflow.decode(payload)[1]:
                self.assertLessEqual(record["last"] - record["first"], 20_000)
                key = (source, *(record[name] for name in ("src", "dst", "src_port", "dst_port", "proto")))
                parts.setdefault(key, []).append((record["first"], record["last"]))
        joined = [times for times in parts.values() if len(times) > 1]
        self.assertGreater(len(joined), 100)
        for times in joined:
            for (_, before), (after, _) in zip(times, times[1:]):
                self.assertLess(before, after)


class LiveTest(StoreTest):
    def test_each_exporter_has_an_address(self):
        collector = self.collect()
        done = flowspan.run("simulate", "--to", f"127.0.0.1:{collector.port}", "--flows", 4000, "--rate", 2000,
                            "--flat", "--exporters", 4, "--format", "json")
        said = json.loads(done.stdout)
        collector.wait_counter("flows", said["flows"])
        ended = collector.stop()
        self.assertEqual((ended["flows"], ended["bytes"], ended["packets"]), (4000, said["bytes"], said["packets"]))
        self.assertEqual((ended["lost_flows"], ended.get("decode_errors", 0)), (0, 0))
        rows = self.sql("SELECT exporter, max(abs(epoch_ms(received_time) - epoch_ms(export_time))) AS off FROM flows "
                        "GROUP BY 1 ORDER BY 1")
        self.assertEqual([row["exporter"] for row in rows], [f"127.0.1.{i}" for i in range(1, 5)])
        self.assertEqual(said["exporters"], 4)
        for row in rows:
            self.assertLess(int(row["off"]), 5000)  # the header's clock is the present

    def test_elsewhere_engines_tell_exporters_apart(self):
        port = free_port(socket.AF_INET6)
        collector = self.collect(listen=[f"[::1]:{port}"])
        done = flowspan.run("simulate", "--to", f"[::1]:{port}", "--flows", 600, "--rate", 2000, "--flat",
                            "--exporters", 3)
        self.assertIn("all 3 exporters send from ::1: only their source ports and engine ids tell them apart",
                      done.stderr)
        collector.wait_counter("flows", 600)
        ended = collector.stop()
        self.assertEqual((ended["flows"], ended["lost_flows"]), (600, 0))
        self.assertEqual([row["engine_id"] for row in self.sql("SELECT DISTINCT engine_id FROM flows ORDER BY 1")],
                         [0, 1, 2])

    def test_ctrl_c_ends_with_summary_and_labels(self):
        collector = self.collect()
        labels = self.folder / "labels.csv"
        process = subprocess.Popen([flowspan.PROGRAM, "simulate", "--to", f"127.0.0.1:{collector.port}", "--rate",
                                    "500", "--flat", "--format", "json", "--labels", str(labels), "--with", "scan"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        collector.wait_counter("flows", 300)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=flowspan.PATIENCE)
        self.assertEqual(process.returncode, 0, errors)
        said = json.loads(out)
        self.assertGreaterEqual(said["flows"], 300)
        self.assertGreater(said["seconds"], 0)
        self.assertTrue(labels.read_text().startswith("kind,start,end,exporter,"))
        collector.wait_counter("flows", said["flows"])
        self.assertEqual(collector.stop()["flows"], said["flows"])

    def test_nobody_listening_is_said_once(self):
        done = flowspan.run("simulate", "--to", f"127.0.0.1:{free_port()}", "--flows", 900, "--rate", 900, "--flat")
        self.assertEqual(done.stderr.count("nobody listens there"), 1)
        self.assertIn("flows  ", done.stderr)
        self.assertIn("900", done.stderr)

    def test_it_takes_as_long_as_it_says(self):
        begin = time.monotonic()
        done = flowspan.run("simulate", "--to", f"127.0.0.1:{free_port()}", "--duration", "2s", "--rate", 500, "--flat",
                            "--format", "json", "--quiet")
        took = time.monotonic() - begin
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertGreater(took, 1.9)
        self.assertTrue(600 < said["flows"] < 1500, said)


class MistakesTest(StoreTest):
    def wrong(self, *arguments, says, code=2):
        done = flowspan.run("simulate", *arguments, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_one_sentence_each(self):
        to = ("--to", "127.0.0.1:9")
        self.wrong(says="simulate needs --to HOST:PORT")
        self.wrong(*to, "--pcap", "a.pcap", says="not both")
        self.wrong("--pcap", "a.pcap", says="--pcap: say how much to write with --flows or --duration")
        self.wrong("--to", "nowhere", says="--to: 'nowhere' is no HOST:PORT")
        self.wrong("--to", "no.such.host.invalid:2055", says="--to: cannot find the host", code=1)
        self.wrong(*to, "--protocol", "v9", says="--protocol: simulate does not speak 'v9'")
        self.wrong(*to, "--protocol", "netflow", says="write v1, v5, v7 or v8")
        self.wrong(*to, "--with", "scan,becon", says="there is no misbehaviour 'becon': did you mean 'beacon'?")
        self.wrong(*to, "--with", "rain", says="there is no misbehaviour 'rain': there are scan, beacon")
        self.wrong(*to, "--rate", "0", says="--rate: '0' is no number from")
        self.wrong(*to, "--rate", "nan", says="--rate: 'nan' is no number from")
        self.wrong(*to, "--flows", "-1", says="--flows: '-1' is no number from 1 to")
        self.wrong(*to, "--exporters", "70000", says="--exporters: '70000' is no number from 1 to 4000")
        self.wrong(*to, "--sampling", "20000", says="--sampling: '20000' is no number from 1 to 16383")
        self.wrong(*to, "--active-timeout", "soon", says="--active-timeout: 'soon' is no length of time")
        self.wrong(*to, "--idle-timeout", "1ms", says="--idle-timeout: '1ms' is not from 1s to 1d")
        self.wrong(*to, "--start", "now", says="--start goes with --pcap")
        self.wrong("--pcap", "a.pcap", "--flows", "9", "--start", "1970-01-02", says="--start: NetFlow's clock reaches")
        self.wrong("--pcap", "none/a.pcap", "--flows", "9", says="none/a.pcap", code=1)
        self.wrong("--pcap", "a.pcap", "--flows", "9", "--labels", "none/l.csv", says="none/l.csv", code=1)
        self.assertFalse((pathlib.Path(self.folder) / "a.pcap").exists())


if __name__ == "__main__":
    unittest.main()
