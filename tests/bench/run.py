#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""./dev bench: flowspan beside nfdump, on this machine, in these minutes.

Collecting: `flowspan collect` and `nfcapd -y` in turn, each sent the same datagrams at the same rate; CPU of the whole
process (user and kernel, threads and children) and bytes of all files, for a million flows stored. Asking: four
questions to both, about what they stored; wall time of the command. Reading: `flowspan read` of the same datagrams.
"""

import argparse
import datetime
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import asking
import collecting
import measure
from measure import Wrong, median, say

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, default=20_000_000, help="sent to each collector each time (20000000)")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each (5)")
    parser.add_argument("--rate", type=int, default=900_000, help="flows a second (900000)")
    parser.add_argument("--exporters", type=int, default=4, help="senders (4)")
    parser.add_argument("--seed", type=int, default=1, help="another seed is other traffic (1)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="build/release")
    parser.add_argument("--folder", type=pathlib.Path, help="where files are written (a new folder in TMPDIR)")
    parser.add_argument("--no-read", action="store_true", help="leave out `flowspan read`")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/benchmarks.md has it")
    return parser.parse_args()


def ratio_row(name, ours, theirs, digits, goal):
    ratios = [a / b for a, b in zip(ours, theirs)]
    return (name, f"{median(ours):.{digits}f}", f"{median(theirs):.{digits}f}", f"{median(ratios):.2f}",
            measure.spread(ratios), goal)


def collect_rows(pairs):
    def column(key):
        return [a[key] for a, _ in pairs], [b[key] for _, b in pairs]

    rows = [ratio_row("collect: CPU s a million flows", *column("cpu"), 3, "≤ 1.0"),
            ratio_row("collect: bytes a flow", *column("bytes"), 1, "≤ 0.6")]
    ours, theirs = column("memory")
    rows.append(("collect: peak memory MiB", f"{median(ours) / 2**20:.0f}", f"{median(theirs) / 2**20:.0f}",
                 f"{median([a / b for a, b in zip(ours, theirs)]):.2f}", "", ""))
    lost, its = column("lost")
    rows.append(("collect: flows lost, all runs", str(sum(lost)), str(sum(its)), "", "", "0"))
    return rows


def ask_rows(found):
    rows = []
    for question, times, _, more in found:
        ratios = [b / a for a, b in times]
        rows.append((question.name + ": s", f"{median([a for a, _ in times]):.3f}",
                     f"{median([b for _, b in times]):.3f}", f"{median(ratios):.1f} times faster",
                     measure.spread(ratios), f"≥ {question.goal}"))
        if more:
            theirs = median([b for _, b in times])
            rows.append(("… with bytes, packets and flows: s", f"{median(more):.3f}", f"{theirs:.3f}",
                         f"{theirs / median(more):.1f} times faster", measure.spread([theirs / a for a in more]), ""))
    return rows


def read_rows(reads, pairs):
    if not reads:
        return []
    nfcapd = median([b["cpu"] for _, b in pairs])
    cpu, wall = median([a for a, _ in reads]), median([b for _, b in reads])
    return [("read a capture: CPU s a million flows (nfcapd: receiving)", f"{cpu:.3f}", f"{nfcapd:.3f}",
             f"{cpu / nfcapd:.2f}", measure.spread([a / nfcapd for a, _ in reads]), "≤ 1.0"),
            ("read a capture: wall s a million flows", f"{wall:.3f}", "", "", "", "")]


def table(rows, markdown):
    head = ("median of the pairs", "flowspan", "nfdump", "ratio", "of the pairs", "goal")
    if markdown:
        lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * 5]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return "\n".join("  ".join(word.ljust(width) if i == 0 else word.rjust(width)
                               for i, (word, width) in enumerate(zip(row, widths))) for row in [head, *rows])


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def conditions(options, program):
    return [measure.machine(), datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            version([program, "--version"]), version(["nfcapd", "-V"]),
            f"{options.flows:,} flows of {options.exporters} exporters at {options.rate:,} a second, "
            f"{options.pairs} pairs, receive buffers of 64 MiB, seed {options.seed}"]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bench(options, folder):
    program = options.build / "flowspan"
    tool = options.build / "tools/traffic"
    for needed in (program, tool):
        if not needed.exists():
            raise Wrong(f"{needed} is missing: ./dev bench builds it")
    for peer in ("nfcapd", "nfdump"):
        if shutil.which(peer) is None:
            raise Wrong(f"{peer} is missing: ./dev setup installs it")
    told = conditions(options, program)
    for line in told:
        say(line)
    load = os.getloadavg()[0]
    if load > 0.7:
        say(f"CAUTION: the machine is busy (load {load:.1f}): ratios hold better than times, but not by much")
    traffic = collecting.Traffic(tool, options)
    with measure.receive_buffers(collecting.BUFFER):
        store, files, pairs = collecting.pairs(program, traffic, folder, options.pairs, free_port())
    complete = pairs[-1][0]["lost"] == 0 and pairs[-1][1]["lost"] == 0
    answers = asking.ask(program, store, files, options.pairs, complete)
    reads = [] if options.no_read else collecting.read(program, traffic, folder, options.pairs)
    print("\n".join("- " + line if options.markdown else line for line in told) + "\n")
    print(table(collect_rows(pairs) + read_rows(reads, pairs) + ask_rows(answers), options.markdown))
    for question, _, agree, _ in answers:
        if agree != "same answer":
            print(f"{question.name}: {agree}")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="flowspan-bench-") as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            bench(options, folder)
        except Wrong as wrong:
            say(f"bench: {wrong}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
