# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: labels release
"""The command line as a user meets it: help, mistakes and exit codes, questions and their formats, check, store."""

import csv
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
import unittest

from support import flowspan, netflow
from support.flowspan import StoreTest, free_port, send

VERBS = {"collect": [], "read": [], "query": [], "sql": [], "duration": [], "watch": [], "account": [], "check": [],
         "replay": [], "simulate": [], "demo": [],
         "store": ["info", "verify", "views", "compact"]}


class HelpTest(unittest.TestCase):
    def test_every_verb_explains_itself_with_an_example(self):
        program = flowspan.run("--help").stdout
        for verb, subs in VERBS.items():
            self.assertRegex(program, rf"\n  {verb} ")
            for words in [[verb]] + [[verb, sub] for sub in subs]:
                text = flowspan.run(*words, "--help").stdout
                self.assertRegex(text, r"Examples?:\n  flowspan " + " ".join(words), words)

    def test_version(self):
        self.assertRegex(flowspan.run("--version").stdout, r"^flowspan \d+\.\d+\.\d+\n$")

    def test_every_key_of_the_configuration_is_a_flag(self):
        text = flowspan.run("collect", "--help").stdout
        example = (flowspan.SOURCE / "examples/flowspan.toml").read_text()
        for key in re.findall(r"^(\w+) = ", example, re.MULTILINE):
            self.assertRegex(text, rf"--(no-)?{key.replace('_', '-')}\b")


class MistakesTest(StoreTest):
    def wrong(self, *arguments, says, code=2):
        done = flowspan.run(*arguments, check=False, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("flowspan"), done.stderr)

    def test_words_that_are_none(self):
        self.wrong(says="say what to do: collect, read")
        self.wrong("qurey", says="there is no verb 'qurey': did you mean 'query'?")
        self.wrong("frobnicate", says="there is no verb 'frobnicate': there are collect")
        self.wrong("store", says="say what to do: info, verify, views, compact")
        self.wrong("store", "inof", says="did you mean 'info'?")
        self.wrong("store", "info", "more", says="'more' is a word too many")
        self.wrong("collect", "--rotat", "5m", says="there is no flag --rotat: did you mean '--rotate'?")
        self.wrong("collect", "--frobnicate", says="flowspan collect: there is no flag --frobnicate")
        self.wrong("query", "--tpo=5", says="did you mean '--top'?")

    def test_values_that_are_none(self):
        self.wrong("collect", "--rotate", "soon", says="--rotate: 'soon' is no length of time")
        self.wrong("collect", "--listen", "nowhere", says="--listen: ")
        self.wrong("collect", "--workers", "0", says="--workers: '0' is no number from 1 to 256")
        self.wrong("query", "--format", "xml", says="'xml' is no format: write table, csv, json or ndjson")
        self.wrong("query", "--top", "ten", says="'ten' is no number of rows")
        self.wrong("query", "--last", "5", says="--last: '5' is no length of time")
        self.wrong("query", "--from", "yesterday", says="--from: 'yesterday' is no time")
        self.wrong("query", "--tz", "Nowhere/At_All", says="there is no time zone 'Nowhere/At_All'")
        self.wrong("query", "--by", "scr_addr", says="there is no column 'scr_addr': did you mean 'src_addr'?")
        self.wrong("query", "--by", says="--by")
        self.wrong("replay", "x.pcap", "--to", "127.0.0.1:2055", "--speed", "fast", says="'fast' is no speed")

    def test_what_is_missing(self):
        self.wrong("read", says="read needs a file")
        self.wrong("replay", says="replay needs a file")
        self.wrong("replay", "x.pcap", says="replay needs --to HOST:PORT")
        self.wrong("sql", says="sql needs a statement")
        self.wrong("replay", self.folder / "none.pcap", "--to", "127.0.0.1:2055", says="none.pcap", code=1)
        self.wrong("query", "--store", self.folder / "none", says=f"{self.folder}/none", code=1)
        self.wrong("collect", "--config", "none.toml", says="none.toml", code=1)

    def test_a_filter_is_not_here_yet(self):
        self.wrong("query", "src ip 10.0.0.1", says="query takes no filter yet")
        self.wrong("query", "--by", "src_addr", "dst", "port", "53", says="so 'dst port 53' cannot be understood")

    def test_a_wrong_configuration_is_named(self):
        (self.folder / "flowspan.toml").write_text('rotate = "5m"\nkeepp = "1d"\n')
        for verb in (["collect"], ["query"], ["store", "info"]):
            self.wrong(*verb, says="flowspan.toml:2: flowspan has no key 'keepp': did you mean 'keep'?")


class QueryTest(StoreTest):
    def setUp(self):
        super().setUp()
        self.now = int(time.time()) - 120
        flows = [netflow.record(src=f"10.0.{n % 2}.{n}", dst_port=443 if n % 3 else 53, bytes=1000 + n, packets=n + 1)
                 for n in range(30)]
        path = netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(flows, now=self.now)], self.now)
        flowspan.run("read", path, "--store", self.store)

    def query(self, *arguments, **options):
        return flowspan.run("query", "--store", self.store, *arguments, **options)

    def test_formats_tell_the_same(self):
        question = ["--by", "dst_port", "--sum", "bytes,packets,flows"]
        expected = [{"dst_port": 443, "bytes": 20_300, "packets": 320, "flows": 20},
                    {"dst_port": 53, "bytes": 10_135, "packets": 145, "flows": 10}]
        self.assertEqual(json.loads(self.query(*question, "--format", "json").stdout)["rows"], expected)
        lines = self.query(*question, "--format", "ndjson").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines], expected)
        raw = subprocess.run([flowspan.PROGRAM, "query", "--store", str(self.store), *question, "--format", "csv"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        self.assertTrue(raw.endswith(b"\r\n"))
        rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
        self.assertEqual([{k: int(v) for k, v in row.items()} for row in rows], expected)
        self.assertEqual(self.query(*question).stdout,
                         "dst_port     bytes  packets  flows\n"
                         "     443  19.8 KiB      320     20\n"
                         "      53   9.9 KiB      145     10\n")

    def test_groups_order_and_top(self):
        rows = flowspan.answer("query", "--store", self.store, "--by", "src_addr/24", "--sum", "flows", "--order",
                               "src_addr/24")
        self.assertEqual(rows, [{"src_addr/24": "10.0.0.0/24", "flows": 15}, {"src_addr/24": "10.0.1.0/24", "flows": 15}])
        self.assertEqual(len(self.query("--format", "ndjson").stdout.splitlines()), 10)
        self.assertEqual(len(self.query("--format", "ndjson", "--top", "0").stdout.splitlines()), 30)
        first = json.loads(self.query("--order", "bytes", "--top", "1", "--format", "ndjson").stdout)
        self.assertEqual((first["src_addr"], first["bytes"]), ("10.0.1.29", 1029))

    def test_windows(self):
        def flows(*window):
            rows = flowspan.answer("query", "--store", self.store, "--by", "proto", "--sum", "flows", *window)
            return sum(row["flows"] for row in rows)

        self.assertEqual(flows("--last", "1h"), 30)
        self.assertEqual(flows("--last", "30s"), 0)
        self.assertEqual(flows("--from", f"@{self.now}", "--time", "received"), 30)
        self.assertEqual(flows("--to", f"@{self.now}", "--time", "received"), 0)
        self.assertEqual(flows("--from", f"@{self.now - 3}", "--last", "1s", "--time", "active"), 30)
        self.assertEqual(flows("--from", f"@{self.now - 3}", "--last", "1s", "--time", "first"), 0)
        (row,) = flowspan.answer("sql", "SELECT count(*) AS n FROM flows", "--store", self.store, "--last", "30s")
        self.assertEqual(row["n"], 0)

    def test_the_truth_ends_every_answer(self):
        done = self.query("--by", "proto")
        self.assertIn("all times; 1 file with 30 flows;", done.stderr)
        self.assertIn("nothing known lost", done.stderr)
        quality = json.loads(self.query("--by", "proto", "--format", "json", "--last", "1h").stdout)["quality"]
        self.assertEqual((quality["files"], quality["flows_in_files"], quality["live"]), (1, 30, None))
        self.assertEqual(quality["window"]["time"], "last")

    def test_explain_prints_sql_that_sql_understands(self):
        question = ["--by", "src_addr,dst_port", "--top", "3"]
        text = self.query(*question, "--explain").stdout
        asked = flowspan.run("sql", text, "--store", self.store, "--format", "csv").stdout
        self.assertEqual(asked, self.query(*question, "--format", "csv").stdout)

    def test_wrong_sql_is_wrong_usage(self):
        done = flowspan.run("sql", "SELECT nothing FROM flows", "--store", self.store, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing", done.stderr)

    def test_a_reader_that_leaves_is_no_crash(self):
        command = f"'{flowspan.PROGRAM}' sql 'SELECT * FROM flows, range(100000)' --store '{self.store}' --format csv"
        done = subprocess.run(["bash", "-c", f"{command} | head -n 1; echo ${{PIPESTATUS[0]}}"], capture_output=True,
                              text=True, check=True)
        self.assertIn(done.stdout.splitlines()[-1], ("141", "1"))

    def test_the_configuration_names_and_scales(self):
        config = self.folder / "named.toml"
        config.write_text(f'store = "{self.store}"\n[[exporter]]\nmatch = "10.99.0.1"\nname = "edge"\nsampling = 100\n'
                          'interfaces = {1 = "uplink"}\n')
        question = ["query", "--config", config, "--by", "exporter_name,in_if_name", "--sum", "packets"]
        self.assertEqual(flowspan.answer(*question), [{"exporter_name": "edge", "in_if_name": "uplink", "packets": 46_500}])
        self.assertEqual(flowspan.answer(*question, "--raw")[0]["packets"], 465)

    def test_times_in_another_zone(self):
        (row,) = flowspan.answer("sql", "SELECT TIMESTAMP_MS '2026-07-01 12:00:00.5' AS t", "--store", self.store, "--tz",
                                 "Europe/Prague")
        self.assertEqual(row["t"], "2026-07-01T14:00:00.500+02:00")


class LiveTest(StoreTest):
    def test_a_question_sees_the_flows_of_this_second(self):
        collector = self.collect("--rotate", "1h")
        send([netflow.datagram(7)], collector.port)
        collector.wait_counter("flows", 7)
        answer = json.loads(flowspan.run("query", "--store", self.store, "--by", "proto", "--sum", "flows", "--format",
                                         "json").stdout)
        self.assertEqual(answer["rows"], [{"proto": 6, "flows": 7}])
        self.assertEqual((answer["quality"]["files"], answer["quality"]["live"]["flows"]), (0, 7))
        self.assertEqual(collector.stop()["flows"], 7)


class StoreVerbTest(StoreTest):
    def setUp(self):
        super().setUp()
        path = netflow.write_pcap(self.folder / "a.pcap", [netflow.datagram(5)])
        flowspan.run("read", path, "--store", self.store)
        flowspan.run("read", path, "--store", self.store, "--again")

    def store_verb(self, *arguments, **options):
        return flowspan.run("store", *arguments, "--store", self.store, **options)

    def test_info(self):
        info = json.loads(self.store_verb("info", "--format", "json").stdout)
        self.assertEqual((info["flows"], info["segments"], len(info["imports"])), (10, 2, 2))
        self.assertRegex(self.store_verb("info").stdout, r"(?m)^flows +10$")

    def test_verify_finds_what_is_broken(self):
        self.assertIn("the store is sound", self.store_verb("verify", "--deep").stderr)
        next(self.store.glob("segments/**/*.parquet")).unlink()
        done = self.store_verb("verify", "--format", "json", check=False)
        self.assertEqual(done.returncode, 1)
        answer = json.loads(done.stdout)
        self.assertFalse(answer["quality"]["sound"])
        self.assertEqual(answer["rows"][0]["finding"], "error")

    def test_views_name_the_files(self):
        text = self.store_verb("views").stdout
        for path in self.store.glob("segments/**/*.parquet"):
            self.assertIn(str(path.resolve()), text)

    def test_compact(self):
        self.assertIn("merges", json.loads(self.store_verb("compact", "--all", "--format", "json").stdout)["rows"][0])
        self.assertEqual(self.count(), 10)


class CheckTest(StoreTest):
    def check_rows(self, *arguments, code=0):
        done = flowspan.run("check", "--store", self.store, "--format", "json", *arguments, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return {row["what"]: row for row in json.loads(done.stdout)["rows"]}

    def test_all_is_well(self):
        port = free_port()
        rows = self.check_rows("--listen", f"127.0.0.1:{port}")
        for what in ("configuration", f"listen 127.0.0.1:{port}", f"buffer 127.0.0.1:{port}", "store", "disk", "clock",
                     "open files"):
            self.assertIn(what, rows)
            self.assertNotEqual(rows[what]["verdict"], "error", rows[what])
        self.assertFalse(self.store.exists())

    def test_a_port_that_is_taken(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
            holder.bind(("127.0.0.1", 0))
            port = holder.getsockname()[1]
            row = self.check_rows("--listen", f"127.0.0.1:{port}", code=1)[f"listen 127.0.0.1:{port}"]
        self.assertEqual(row["verdict"], "error")
        self.assertIn(str(os.getpid()), row["text"])

    def test_a_collector_that_runs_is_named(self):
        collector = self.collect()
        row = self.check_rows("--listen", f"127.0.0.1:{free_port()}")["store"]
        self.assertEqual(row["verdict"], "warning")
        self.assertIn(str(collector.pid), row["text"])

    def test_a_store_of_a_newer_format(self):
        self.collect().stop()
        with sqlite3.connect(self.store / "catalog.sqlite3") as catalog:
            catalog.execute("PRAGMA user_version = 999")
        row = self.check_rows("--listen", f"127.0.0.1:{free_port()}", code=1)["store"]
        self.assertIn("newer", row["text"])

    def test_users_and_configuration(self):
        rows = self.check_rows("--listen", f"127.0.0.1:{free_port()}", "--user", "nobody-of-this-name", code=1)
        self.assertIn("there is no user", rows["user"]["text"])
        config = self.folder / "flowspan.toml"
        config.write_text("rotate = 5\n")
        done = flowspan.run("check", "--config", config, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("flowspan.toml:1: rotate takes a string", done.stdout)

    def test_nfcapd_is_translated(self):
        text = flowspan.run("check", "--from-nfcapd", f"-p {free_port()} -w {self.folder} -t 60 -y -D").stdout
        self.assertIn("# -D: ", text)
        config = self.folder / "translated.toml"
        config.write_text(text)
        done = flowspan.run("check", "--config", config, "--format", "json")
        self.assertIn(str(config), done.stdout)
        done = flowspan.run("check", "--from-nfcapd", "-q", check=False)
        self.assertEqual(done.returncode, 2)


class ReplayTest(StoreTest):
    def capture(self, count=20):
        payloads = [netflow.datagram(3, sequence=3 * n) for n in range(count)]
        return netflow.write_pcap(self.folder / "a.pcap", payloads)

    def test_a_capture_is_sent_to_a_collector(self):
        collector = self.collect()
        done = flowspan.run("replay", self.capture(), "--to", f"127.0.0.1:{collector.port}", "--speed", "max")
        self.assertIn("sent 20 datagrams", done.stderr)
        collector.wait_counter("flows", 60)
        self.assertEqual(collector.stop()["lost_flows"], 0)

    def test_nobody_listens(self):
        done = flowspan.run("replay", self.capture(), "--to", f"127.0.0.1:{free_port()}", "--speed", "0.0001", check=False)
        self.assertIn("nobody listens there", done.stderr)

    def test_it_can_be_stopped(self):
        path = self.folder / "slow.pcap"
        with open(path, "wb") as out:
            for n in range(2):
                single = netflow.write_pcap(self.folder / "one.pcap", [netflow.datagram()], 1_790_000_000 + 3600 * n)
                out.write(single.read_bytes()[24 if n else 0:])
        process = subprocess.Popen([flowspan.PROGRAM, "replay", str(path), "--to", f"127.0.0.1:{free_port()}"],
                                   stderr=subprocess.PIPE, text=True)
        status = f"/proc/{process.pid}/status"
        mask = 1 << (signal.SIGINT - 1)

        def handles_interrupts():
            with open(status, encoding="ascii") as lines:
                caught = next(line for line in lines if line.startswith("SigCgt:"))
            return int(caught.split()[1], 16) & mask

        flowspan.wait_until(handles_interrupts, "replay to handle SIGINT")
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=flowspan.PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertIn("stopped: sent 1 datagrams", log)

    def test_a_file_without_datagrams(self):
        empty = netflow.write_pcap(self.folder / "empty.pcap", [])
        done = flowspan.run("replay", empty, "--to", "127.0.0.1:9", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no UDP datagram", done.stderr)
