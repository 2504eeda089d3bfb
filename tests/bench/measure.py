# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""What processes cost, what folders hold, and what the kernel knows of UDP sockets."""

import contextlib
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import time

RMEM_MAX = pathlib.Path("/proc/sys/net/core/rmem_max")


class Wrong(Exception):
    """The measurement means nothing."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Process:
    """A program until its end, with what it and its children have used. Its output goes to files."""

    def __init__(self, command, folder, name):
        self.command = [str(word) for word in command]
        self.out = pathlib.Path(folder) / f"{name}.out"
        self.log = pathlib.Path(folder) / f"{name}.log"
        with open(self.out, "w") as out, open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=log, stdin=subprocess.DEVNULL)
        self.started = time.perf_counter()

    def alive(self):
        return self.process.poll() is None

    def wait(self, expected=0):
        """(seconds of CPU, seconds, peak memory in bytes)"""
        _, status, usage = os.wait4(self.process.pid, 0)
        seconds = time.perf_counter() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != expected:
            raise Wrong(f"{' '.join(self.command)} ended with {self.process.returncode}:\n{self.log.read_text()}")
        return usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss * 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()


def run(command):
    """(output, seconds of wall time, seconds of CPU)"""
    before = os.times()
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    after = os.times()
    if done.returncode != 0:
        raise Wrong(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, seconds, cpu


def udp_socket(port):
    """(bytes waiting, datagrams dropped) of the IPv4 socket on that port, or None."""
    for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].split(":")[1], 16) == port:
            return int(words[4].split(":")[1], 16), int(words[12])
    return None


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Wrong(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def bytes_in(folder, without=()):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*")
               if path.is_file() and path.name not in without)


@contextlib.contextmanager
def receive_buffers(wanted):
    """nfcapd asks for its buffer with SO_RCVBUF, which this limit cuts: raised for the time of the bench."""
    before = int(RMEM_MAX.read_text())
    if before < wanted:
        try:
            RMEM_MAX.write_text(str(wanted))
        except OSError as error:
            raise Wrong(f"net.core.rmem_max is {before}, so nfcapd gets no buffer of {wanted} bytes: "
                        f"run as root, or sysctl -w net.core.rmem_max={wanted}") from error
        say(f"net.core.rmem_max: {before}, raised to {wanted} until the end")
    try:
        yield
    finally:
        if before < wanted:
            RMEM_MAX.write_text(str(before))


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {platform.release()}"


def median(values):
    return statistics.median(values)


def spread(values):
    return f"{min(values):.2f}–{max(values):.2f}"
