# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""The program in tests: a collector on a free port over a store of its own, questions to the store, the test tools."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ.get("FLOWSPAN_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = os.environ.get("FLOWSPAN", str(SOURCE / "build/dev/flowspan"))
TOOLS = pathlib.Path(os.environ.get("FLOWSPAN_TOOLS", SOURCE / "build/dev/tools"))
SHARED = pathlib.Path(os.environ.get("FLOWSPAN_SHARED", SOURCE.parent / "shared"))
SANITIZED = bool(os.environ.get("FLOWSPAN_SANITIZE"))
PATIENCE = 120 if SANITIZED else 30  # seconds that anything may take that should take moments

# Segments are finished when the clock passes a multiple of --rotate: with the usual five minutes a test would find its flows
# committed in mid-test, once in a while. The next multiple of this is in July 2027, and then in 2030.
NEVER = "1000d"

# What a flow of the tool `sequenced` calls itself: exporter and number.
EXPORTER_OF = "((dst_lo >> 16) & 65535)"
NUMBER_OF = "(((dst_lo & 65535) << 32) | (src_lo & 4294967295))"


class Failed(AssertionError):
    """A command that should have worked did not."""


def need(*programs):
    """Peers that a test compares with: where one is missing the test fails, because it would prove nothing."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        raise Failed(f"{', '.join(missing)} is missing: ./dev setup installs it; without it this test shows nothing")


def fixture(name):
    path = SHARED / "fixtures" / name
    if not path.exists():
        raise unittest.SkipTest(f"{path} is missing: it holds captures that are not part of this repository")
    return path


def free_port(family=socket.AF_INET, kind=socket.SOCK_DGRAM):
    with socket.socket(family, kind) as probe:
        probe.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=None, every=0.02):
    """What condition() returns as soon as it is true; an error that says `what` was waited for when it never is."""
    end = time.monotonic() + (seconds or PATIENCE)
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise Failed(f"waited {seconds or PATIENCE} s for {what}")
        time.sleep(every)


def stopped(pid):
    """Whether every thread of a process stands still: SIGSTOP reaches them one by one."""
    states = [task.joinpath("stat").read_text().rpartition(")")[2].split()[0]
              for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


def run(*arguments, check=True, env=None, seconds=None, **options):
    """`flowspan ARGUMENTS` to its end."""
    command = [PROGRAM, *map(str, arguments)]
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False,
                          timeout=seconds or 4 * PATIENCE, **options)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done


def answer(*arguments, **options):
    """The rows of a question, as dictionaries."""
    done = run(*arguments, "--format", "json", **options)
    return json.loads(done.stdout)["rows"]


def sql(store, text, **options):
    return answer("sql", text, "--store", store, **options)


def value(store, text, **options):
    """The only value of a question's only row."""
    (row,) = sql(store, text, **options)
    (cell,) = row.values()
    return cell


def tool(name, *arguments, background=False, **options):
    """A test tool: what it says at its end, or with background=True the running process (see finish())."""
    command = [str(TOOLS / name), *map(str, arguments)]
    if background:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **options).stdout)


def finish(process):
    """What a tool in the background says at its end."""
    out, _ = process.communicate()
    if process.returncode != 0:
        raise Failed(f"{process.args} ended with {process.returncode}")
    return json.loads(out)


def send(payloads, port, host="127.0.0.1", source=None):
    """Datagrams from one socket, bound to `source` (address or (address, port)) if it is given."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        if source:
            out.bind(source if isinstance(source, tuple) else (source, 0))
        for payload in payloads:
            out.sendto(payload, (host, port))


class Collector:
    """`flowspan collect` on a free port, or on what `listen` says; ready when the constructor returns."""

    def __init__(self, store, *arguments, listen=None, env=None, wait=True, prefix=(), stdout=None):
        self.store = pathlib.Path(store)
        self.port = free_port()
        listen = [f"127.0.0.1:{self.port}"] if listen is None else listen
        self._out = tempfile.NamedTemporaryFile("w+", prefix="flowspan-out-")
        self._log = tempfile.NamedTemporaryFile("w+", prefix="flowspan-log-")
        command = [*prefix, PROGRAM, "collect", "--store", str(store), "--format", "json", *map(str, arguments)]
        for address in listen:
            command += ["--listen", address]
        if "--rotate" not in arguments:
            command += ["--rotate", NEVER]
        self.process = subprocess.Popen(command, stdout=self._out if stdout is None else stdout, stderr=self._log, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        self.usage = None
        if wait:
            self.wait_ready()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        self._log.flush()
        return pathlib.Path(self._log.name).read_text(errors="replace")

    def wait_ready(self):
        self.wait_log("collecting into")

    def wait_log(self, text):
        wait_until(lambda: text in self.log() or not self.running(), f"'{text}' in the collector's log", every=0.005)
        if text not in self.log():
            raise Failed(f"the collector ended with {self.process.returncode} before it said '{text}':\n{self.log()}")

    def running(self):
        return self.process.poll() is None

    def counters(self):
        """The totals that it published last; {} before the first time."""
        try:
            published = json.loads((self.store / "counters.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return published["totals"] if published.get("pid") == self.pid else {}

    def wait_counter(self, name, least, seconds=None):
        def there():
            if not self.running():
                raise Failed(f"the collector ended with {self.process.returncode}:\n{self.log()}")
            return self.counters().get(name, 0) >= least

        wait_until(there, f"counter {name} of {least}, it is {self.counters().get(name)}", seconds, 0.05)

    def memory(self, kind="RssAnon"):
        """Bytes of memory of its own."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(kind + ":"):
                return int(line.split()[1]) * 1024
        raise Failed(f"the kernel does not tell {kind}")

    def stop(self, how=signal.SIGTERM, seconds=None):
        """Ends it kindly; the summary."""
        if self.running():
            self.process.send_signal(how)
        self.wait_end(seconds)
        if self.process.returncode != 0:
            raise Failed(f"the collector ended with {self.process.returncode}:\n{self.log()}")
        return json.loads(pathlib.Path(self._out.name).read_text())

    def wait_end(self, seconds=None):
        """Its exit code."""
        def ended():
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid == 0:
                return False
            self.usage = usage
            self.process.returncode = os.waitstatus_to_exitcode(status)
            return True

        if self.process.returncode is None:
            try:
                wait_until(ended, f"the collector's end; its log:\n{self.log()}", seconds or 2 * PATIENCE)
            except ChildProcessError:
                self.process.wait()
        return self.process.returncode

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._out.close()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class StoreTest(unittest.TestCase):
    """A test with a folder of its own, in which `store` may be made; collectors are ended with it."""

    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flowspan-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.store = self.folder / "store"

    def collect(self, *arguments, store=None, **options):
        collector = Collector(store or self.store, *arguments, **options)
        self.addCleanup(collector.close)
        return collector

    def sql(self, text, store=None, **options):
        return sql(store or self.store, text, **options)

    def value(self, text, store=None, **options):
        return value(store or self.store, text, **options)

    def count(self, store=None):
        return int(self.value("SELECT count(*) FROM flows", store))

    def numbers(self, store=None):
        """Of sequenced flows: exporter → (flows, different ones, lowest, highest)."""
        rows = self.sql(f"SELECT {EXPORTER_OF} AS e, count(*) AS c, count(DISTINCT {NUMBER_OF}) AS d, "
                        f"min({NUMBER_OF}) AS low, max({NUMBER_OF}) AS high FROM flows GROUP BY e ORDER BY e", store)
        return {int(r["e"]): (int(r["c"]), int(r["d"]), int(r["low"]), int(r["high"])) for r in rows}
