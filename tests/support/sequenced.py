# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Which numbered flows of the tool `sequenced` were sent when, are in a journal, are stored, and are missing."""

import bisect
import pathlib
import time

from support import flowspan, netflow


def spans(numbers):
    """Sorted numbers as [(first, last)] without holes."""
    found = []
    for n in numbers:
        if found and n == found[-1][1] + 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


def journal_spans(folder):
    """exporter → spans of the numbers in the journals of a folder."""
    by_exporter = {}
    for exporter, number in netflow.journal_numbers(folder):
        by_exporter.setdefault(exporter, set()).add(number)
    return {exporter: spans(sorted(numbers)) for exporter, numbers in by_exporter.items()}


class Load:
    """The tool `sequenced` in the background, with what it had sent at any moment."""

    def __init__(self, folder, port, *arguments):
        self.progress = pathlib.Path(folder) / f"progress-{time.monotonic_ns()}"
        self.process = flowspan.tool("sequenced", "--to", f"127.0.0.1:{port}", "--progress", self.progress, *arguments,
                                     background=True)
        flowspan.wait_until(lambda: self.progress.exists() and self.progress.stat().st_size > 0, "the sender")

    def stop(self):
        self.process.terminate()
        self.sent = flowspan.finish(self.process)
        self.lines = {}
        for line in self.progress.read_text().splitlines():
            when, exporter, number = map(int, line.split())
            times, numbers = self.lines.setdefault(exporter, ([], []))
            times.append(when)
            numbers.append(number)
        return self.sent

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def surely_sent(self, exporter, when):
        """The number after the last that was sent before `when` (time.time_ns())."""
        times, numbers = self.lines[exporter]
        place = bisect.bisect_right(times, when)
        return numbers[place - 1] if place else 0

    def maybe_sent(self, exporter, when):
        """As surely_sent(), with the burst that was on its way."""
        times, numbers = self.lines[exporter]
        return numbers[min(bisect.bisect_right(times, when), len(numbers) - 1)]


def holes(store, sent):
    """exporter → [(first missing, last missing)], of the numbers below sent[exporter]; an error when a flow is stored
    twice or was never sent."""
    e, n = flowspan.EXPORTER_OF, flowspan.NUMBER_OF
    rows = flowspan.sql(store, "SELECT e, n, after FROM (SELECT e, n, lead(n) OVER (PARTITION BY e ORDER BY n) AS after "
                               f"FROM (SELECT {e} AS e, {n} AS n FROM flows)) WHERE after IS NULL OR after <> n + 1 "
                               "ORDER BY e, n", seconds=300)
    lows = {int(r["e"]): int(r["low"]) for r in
            flowspan.sql(store, f"SELECT {e} AS e, min({n}) AS low FROM flows GROUP BY e", seconds=300)}
    found = {exporter: [] for exporter in range(len(sent))}
    for exporter, low in lows.items():
        if low > 0:
            found[exporter].append((0, low - 1))
    for row in rows:
        exporter, number = int(row["e"]), int(row["n"])
        after = sent[exporter] if row["after"] is None else int(row["after"])
        if number == after and row["after"] is not None:
            raise AssertionError(f"flow {number} of exporter {exporter} is stored twice")
        if number >= sent[exporter]:
            raise AssertionError(f"flow {number} of exporter {exporter} was never sent")
        if after > number + 1:
            found[exporter].append((number + 1, after - 1))
    for exporter in range(len(sent)):
        if exporter not in lows:
            found[exporter].append((0, sent[exporter] - 1))
    return found


def overlap(one, other):
    """Numbers in both lists of spans."""
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d)]
