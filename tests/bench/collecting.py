# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""flowspan collect and nfcapd -y, sent the same datagrams: CPU and bytes of each flow that they stored."""

import json
import pathlib
import re
import shutil
import time

import measure
from measure import Wrong, say

BUFFER = 64 << 20


class Traffic:
    """The same datagrams each time."""

    def __init__(self, tool, options):
        self.tool = tool
        self.options = options
        self.start = int(time.time())

    def command(self, *more):
        words = [self.tool, "--flows", self.options.flows, "--seed", self.options.seed, "--start", self.start,
                 "--exporters", self.options.exporters, "--flow-rate", self.options.rate]
        return [*words, *more]

    def send(self, port):
        out, _, _ = measure.run(self.command("--rate", self.options.rate, "--to", f"127.0.0.1:{port}"))
        sent = json.loads(out)
        if sent["refused"]:
            raise Wrong(f"the kernel refused {sent['refused']} datagrams: nobody listened")
        return sent


def send_and_stop(process, traffic, port):
    """(what was sent, kernel drops, CPU, peak memory): nothing is left in the socket when the process is ended."""
    measure.wait_for(lambda: measure.udp_socket(port) is not None or not process.alive(), f"port {port}")
    time.sleep(0.5)
    sent = traffic.send(port)
    if not process.alive():
        raise Wrong(f"{process.command[0]} ended while it was sent to:\n{process.log.read_text()}")
    measure.wait_for(lambda: measure.udp_socket(port)[0] == 0, "an empty socket")
    drops = measure.udp_socket(port)[1]
    time.sleep(0.3)
    cpu, _, memory = process.stop()
    return sent, drops, cpu, memory


def result(sent, drops, cpu, memory, flows, size):
    lost = sent["flows"] - flows
    return {"flows": flows, "lost": lost, "drops": drops, "cpu": cpu / flows * 1e6, "bytes": size / flows,
            "memory": memory, "late_ms": sent["late_ms"]}


def flowspan(program, traffic, folder, port):
    store = pathlib.Path(folder) / "flowspan"
    shutil.rmtree(store, ignore_errors=True)
    process = measure.Process([program, "collect", "--store", store, "--listen", f"127.0.0.1:{port}",
                               "--receive-buffer", "64MiB", "--format", "json"], folder, "flowspan")
    measure.wait_for(lambda: "collecting into" in process.log.read_text() or not process.alive(), "flowspan")
    sent, drops, cpu, memory = send_and_stop(process, traffic, port)
    summary = json.loads(process.out.read_text())
    out, _, _ = measure.run([program, "sql", "SELECT count(*) AS n FROM flows", "--store", store, "--format", "json"])
    flows = int(json.loads(out)["rows"][0]["n"])
    dropped = sum(summary[name] for name in ("kernel_drops", "ring_drops", "journal_drops") if name in summary)
    if dropped < drops:
        raise Wrong(f"the kernel dropped {drops} datagrams, flowspan counted {dropped}")
    return store, result(sent, dropped, cpu, memory, flows, measure.bytes_in(store, without=("reserve",)))


def nfcapd(traffic, folder, port):
    files = pathlib.Path(folder) / "nfcapd"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    process = measure.Process(["nfcapd", "-y", "-w", files, "-b", "127.0.0.1", "-p", port, "-B", BUFFER], folder,
                              "nfcapd")
    sent, drops, cpu, memory = send_and_stop(process, traffic, port)
    out, _, _ = measure.run(["nfdump", "-R", files, "-I"])
    flows = int(re.search(r"^Flows: (\d+)", out, re.MULTILINE)[1])
    return files, result(sent, drops, cpu, memory, flows, measure.bytes_in(files))


def pairs(program, traffic, folder, count, port):
    """Interleaved, whoever is first in one pair is second in the next. (store, nfcapd's folder, pairs of results)"""
    found = []
    store = files = None
    for number in range(count):
        results = {}
        for name in ("flowspan", "nfcapd") if number % 2 == 0 else ("nfcapd", "flowspan"):
            if name == "flowspan":
                store, results[name] = flowspan(program, traffic, folder, port)
            else:
                files, results[name] = nfcapd(traffic, folder, port)
            r = results[name]
            say(f"  pair {number + 1} {name:<9} {r['cpu']:6.3f} s CPU and {r['bytes']:5.2f} MB a million flows, "
                f"peak {r['memory'] >> 20} MiB, {r['lost']} flows lost ({r['drops']} datagrams), "
                f"sender late {r['late_ms']:.0f} ms")
        found.append((results["flowspan"], results["nfcapd"]))
    return store, files, found


def read(program, traffic, folder, count):
    """`flowspan read` of the same datagrams in a capture: (CPU, wall) of a million flows, each time."""
    capture = pathlib.Path(folder) / "traffic.pcap"
    say("  writing the capture")
    sent = json.loads(measure.run(traffic.command("--pcap", capture))[0])
    found = []
    for number in range(count):
        store = pathlib.Path(folder) / "read"
        shutil.rmtree(store, ignore_errors=True)
        process = measure.Process([program, "read", capture, "--store", store, "--format", "json"], folder, "read")
        cpu, seconds, _ = process.wait()
        flows = json.loads(process.out.read_text())["flows"]
        if flows != sent["flows"]:
            raise Wrong(f"flowspan read stored {flows} of {sent['flows']} flows")
        found.append((cpu / flows * 1e6, seconds / flows * 1e6))
        say(f"  read {number + 1}: {found[-1][0]:.3f} s CPU, {found[-1][1]:.3f} s a million flows")
    capture.unlink()
    return found
