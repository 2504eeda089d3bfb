# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""When did this machine stand still? A process that only sleeps, and one that only syncs a small file, note when that
took too long: what a test measures in such a moment is the machine's doing, not flowspan's."""

import os
import pathlib
import subprocess
import sys
import time

LEAST = 0.05  # seconds beyond what was asked for that are a stall


class Stalls:
    """Watches from its making to stop(). Use a folder of the file system that is tested."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / f"stalls-{time.monotonic_ns()}"
        self.folder.mkdir()
        self.watchers = [subprocess.Popen([sys.executable, "-B", __file__, kind, self.folder])
                         for kind in ("sleep", "sync")]

    def close(self):
        for watcher in self.watchers:
            watcher.kill()
            watcher.wait()

    def seconds(self, begin, end):
        """How long the machine stood still between two moments (time.time_ns()); the worse of processor and disk."""
        return max(sum(max(0, min(b, end) - max(a, begin)) for a, b in self.noted(kind)) / 1e9
                   for kind in ("sleep", "sync"))

    def noted(self, kind):
        path = self.folder / kind
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [tuple(map(int, line.split())) for line in lines]


def watch(kind, folder):
    with open(folder / kind, "w", encoding="ascii") as out, open(folder / f"{kind}.data", "wb", buffering=0) as data:
        while True:
            start = time.time_ns()
            if kind == "sleep":
                time.sleep(0.01)
            else:
                data.write(b"x")
                os.fdatasync(data.fileno())
            end = time.time_ns()
            if end - start > LEAST * 1e9:
                out.write(f"{start} {end}\n")
                out.flush()
            if kind == "sync":
                time.sleep(0.1)


if __name__ == "__main__":
    watch(sys.argv[1], pathlib.Path(sys.argv[2]))
