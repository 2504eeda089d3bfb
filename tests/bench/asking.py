# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Four questions to flowspan and to nfdump, about what each stored of the same datagrams: same answers, how fast?"""

import csv
import io
import json
import re

import measure
from measure import Wrong, say

NARROW = "dst port 3389 and bytes > 1000000"


def rows_of(out):
    """Rows of nfdump's csv, which has lines before the head and a summary after the rows."""
    lines = out.splitlines()
    heads = [i for i, line in enumerate(lines) if line.startswith("ts,")]
    if not heads:
        raise Wrong(f"nfdump wrote no csv:\n{out[:500]}")
    rows = []
    for line in lines[heads[0] + 1:]:
        if not line or not line[0].isdigit():
            break
        rows.append(line)
    return list(csv.DictReader(io.StringIO("\n".join([lines[heads[0]], *rows]))))


def stat(out, key):
    return [(row["val"], int(row[key])) for row in rows_of(out)]


class Question:
    def __init__(self, name, goal, flowspan, nfdump, read_flowspan, read_nfdump):
        self.name = name
        self.goal = goal  # how many times faster than nfdump it is to be
        self.flowspan = flowspan
        self.nfdump = nfdump
        self.read_flowspan = read_flowspan  # answer as (key, amount) pairs
        self.read_nfdump = read_nfdump


def pairs_of(out):
    found = []
    for row in rows_of(out):
        found.append((f"{row['sa']} {row['da']}", int(row["ibyt"])))
    return found


def total_flows(out):
    match = re.search(r"total flows: (\d+)", out)
    if not match:
        raise Wrong(f"nfdump wrote no summary:\n{out[-500:]}")
    return [("flows", int(match[1]))]


def top(by, order):
    return ["query", "--by", by, "--sum", order, "--top", "10"]


def top_with_all(question):
    """As nfdump answers, which cannot be told to count less: bytes, packets and flows."""
    words = list(question.flowspan)
    order = words[words.index("--sum") + 1]
    words[words.index("--sum") + 1] = "bytes,packets,flows"
    return [*words, "--order", order]


QUESTIONS = [
    Question("top 10 sources by bytes", 5, top("src_addr", "bytes"),
             ["-s", "srcip/bytes", "-n", "10", "-o", "csv"],
             lambda rows: [(row["src_addr"], int(row["bytes"])) for row in rows],
             lambda out: stat(out, "byt")),
    Question("top 10 destination ports by flows", 10, top("dst_port", "flows"),
             ["-s", "dstport/flows", "-n", "10", "-o", "csv"],
             lambda rows: [(str(row["dst_port"]), int(row["flows"])) for row in rows],
             lambda out: stat(out, "fl")),
    Question("top 10 address pairs by bytes", 7, top("src_addr,dst_addr", "bytes"),
             ["-A", "srcip,dstip", "-O", "bytes", "-n", "10", "-o", "csv"],
             lambda rows: [(f"{row['src_addr']} {row['dst_addr']}", int(row["bytes"])) for row in rows],
             pairs_of),
    Question(f"count of {NARROW}", 10,
             ["sql", "SELECT count(*) AS flows FROM flows WHERE dst_port = 3389 AND bytes > 1000000"],
             ["-o", "null", NARROW],
             lambda rows: [("flows", int(rows[0]["flows"]))], total_flows),
]


def commands(question, program, store, files):
    return ([program, *question.flowspan, "--store", store, "--format", "json"],
            ["nfdump", "-R", files, *question.nfdump])


def same(question, ours, theirs, complete):
    """Whether the answers agree. Without drops to the last byte; with drops there is nothing to compare."""
    mine, its = question.read_flowspan(json.loads(ours)["rows"]), question.read_nfdump(theirs)
    if not complete:
        return "not compared: flows were dropped"
    if sorted(mine) == sorted(its):
        return "same answer"
    # Where the last places have equal amounts, either may stand there.
    if [amount for _, amount in mine] == [amount for _, amount in its] and len(set(mine) & set(its)) >= 8:
        return "same answer"
    raise Wrong(f"{question.name}: the answers differ:\nflowspan {mine}\nnfdump   {its}")


def ask(program, store, files, count, complete):
    """[(question, [(seconds of flowspan, of nfdump)], words on the answers, [seconds of flowspan for all amounts])]"""
    found = []
    for question in QUESTIONS:
        mine, its = commands(question, program, store, files)
        ours, _, _ = measure.run(mine)  # both files are in memory from here on
        theirs, _, _ = measure.run(its)
        agree = same(question, ours, theirs, complete)
        times, cpu = [], []
        for number in range(count):
            if number % 2 == 0:
                a, b = measure.run(mine), measure.run(its)
            else:
                b, a = measure.run(its), measure.run(mine)
            times.append((a[1], b[1]))
            cpu.append((a[2], b[2]))
        more = []
        if "--sum" in mine:
            everything = [program, *top_with_all(question), "--store", store, "--format", "json"]
            more = [measure.run(everything)[1] for _ in range(count)]
        found.append((question, times, agree, more))
        say(f"  {question.name}: {measure.median([a for a, _ in times]):.3f} s ({measure.median([a for a, _ in cpu]):.2f} s "
            f"CPU), nfdump {measure.median([b for _, b in times]):.3f} s ({measure.median([b for _, b in cpu]):.2f} s "
            f"CPU), {agree}")
    return found
