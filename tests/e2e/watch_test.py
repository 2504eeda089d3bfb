# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
# ctest: serial timeout 240
"""The screen on a real terminal (tmux): it moves, takes keys, fits its size, and leaves the terminal as it was."""

import json
import os
import re
import signal
import subprocess
import time
import unittest
import uuid

from support import flowspan, netflow
from support.flowspan import PROGRAM, StoreTest, free_port, send, tool, wait_until

PROMPT = "PROMPT>"


class Terminal:
    """A shell in tmux."""

    def __init__(self, folder, width=80, height=24):
        flowspan.need("tmux")
        self.name = f"flowspan-{uuid.uuid4().hex}"
        self.folder = folder
        env = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        subprocess.run([*self.tmux(), "new-session", "-d", "-x", str(width), "-y", str(height),
                        f"env PS1='{PROMPT}' bash --norc --noprofile"], check=True, env=env, cwd=folder)

    def tmux(self):
        return ["tmux", "-u", "-L", self.name, "-f", "/dev/null"]

    def ask(self, *arguments):
        return subprocess.run([*self.tmux(), *arguments], check=True, capture_output=True, text=True).stdout

    def screen(self):
        return self.ask("capture-pane", "-p")

    def keys(self, *keys):
        self.ask("send-keys", *keys)

    def start(self, *words):
        self.keys("clear; " + " ".join(map(str, words)), "Enter")

    def wait(self, *texts, seconds=None):
        """The screen, once all of these stand on it."""
        def there():
            screen = self.screen()
            return screen if all(text in screen for text in texts) else None

        try:
            return wait_until(there, f"{texts} on the screen", seconds, 0.05)
        except flowspan.Failed as failed:
            raise flowspan.Failed(f"{failed}; it shows:\n{self.screen()}") from None

    def pids(self):
        """What the shell runs."""
        shell = self.ask("display-message", "-p", "#{pane_pid}").strip()
        done = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=False)
        return [int(line) for line in done.stdout.split()]

    def resize(self, width, height):
        self.ask("resize-window", "-x", str(width), "-y", str(height))

    def restored(self):
        """The shell is back, on the normal screen, with cursor, echo and lines."""
        self.wait(PROMPT)
        state = self.ask("display-message", "-p", "#{alternate_on}#{cursor_flag}#{mouse_any_flag}#{keypad_flag}").strip()
        self.start("stty -a")
        settings = self.wait("speed", "icanon")
        return state == "0100" and not re.search(r"-(icanon|echo|isig|icrnl|opost)\b", settings)

    def close(self):
        subprocess.run([*self.tmux(), "kill-server"], check=False, capture_output=True)


class ScreenTest(StoreTest):
    def terminal(self, **options):
        terminal = Terminal(self.folder, **options)
        self.addCleanup(terminal.close)
        terminal.wait(PROMPT)
        return terminal

    def traffic(self, port, rate=2000, exporters=2):
        process = tool("traffic", "--to", f"127.0.0.1:{port}", "--rate", rate, "--exporters", exporters, "--flows",
                       100_000_000, background=True)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process

    def watch(self, terminal, *arguments):
        terminal.start(PROGRAM, "watch", "--store", self.store, "--tz", "UTC", *arguments)


class WatchTest(ScreenTest):
    def test_a_live_collector(self):
        terminal = self.terminal()
        self.watch(terminal)
        terminal.wait("no store yet", "waiting for a store")
        collector = self.collect()
        sender = self.traffic(collector.port)
        first = terminal.wait(f"collector {collector.pid}, up", "127.0.1.1", "127.0.1.2", "v5", "30.0")
        number = r"^ *(\d+) (?:TCP|UDP|ICMP)"
        newest = int(re.search(number, first, re.MULTILINE)[1])
        wait_until(lambda: int(re.search(number, terminal.screen(), re.MULTILINE)[1]) > newest, "newer flows")
        rate = wait_until(lambda: (m := re.search(r"^ ([\d,]+) flows/s", terminal.screen(), re.MULTILINE)) and
                          int(m[1].replace(",", "")), "a rate")
        self.assertTrue(500 < rate < 5000, rate)
        terminal.keys("4", "z")
        terminal.wait("4 Who to whom ─ 1m,", "█")
        terminal.keys("3", "d")
        terminal.wait("3 Durations ─ 1m,", "T/C ms")
        terminal.keys("2", "t")
        wait_until(lambda: re.search(r"\d\d:\d\d:\d\d\.\d{3}", terminal.screen()), "times by the clock")
        terminal.keys("/", "TCP", "Enter")
        terminal.wait("'TCP':")
        wait_until(lambda: "UDP" not in terminal.screen(), "rows with TCP only")
        terminal.keys("Space")
        terminal.wait("PAUSED")
        terminal.keys("Space", "Escape", "z")
        terminal.resize(160, 50)
        terminal.wait("1 Streams", "2 Flows", "3 Durations", "4 Who to whom", "T/C ms", "ToS", "First")
        wait_until(lambda: re.search("Streams.*Durations", terminal.screen()), "panels side by side")
        terminal.resize(40, 20)
        wait_until(lambda: "2 Flows" in (s := terminal.screen()) and "1 Streams" not in s, "one panel on 40 columns")
        terminal.resize(80, 24)

        sender.kill()
        collector.kill()
        terminal.wait(f"collector {collector.pid} died", "2 Flows", "127.0.1.1")
        collector = self.collect()
        terminal.wait(f"collector {collector.pid}, up")
        collector.stop()
        terminal.wait("no collector is running", "127.0.1.1")
        terminal.keys("q")
        self.assertTrue(terminal.restored())

    def test_durations_are_those_of_the_duration_command(self):
        collector = self.collect()
        end = netflow.UPTIME
        records = [netflow.record(src=source, first=first, last=last) for source, first, last in
                   (("10.0.0.1", end - 5000, end - 1000), ("10.0.0.1", end - 1000, end - 2000),
                    ("10.0.0.2", end - 1000, end - 1001), ("10.0.0.2", end - 1000, end - 3000), ("10.0.0.3", end, end))]
        send([netflow.datagram(records)], collector.port)
        collector.wait_counter("flows", 5)
        rows = flowspan.answer("duration", "--store", self.store)
        self.assertEqual([(row["src_addr"], row["T"], row["C"]) for row in rows],
                         [("10.0.0.1", 4001, 2), ("10.0.0.3", 1, 1), ("10.0.0.2", None, 2)])
        terminal = self.terminal(width=100)
        self.watch(terminal)
        terminal.keys("3", "z", "d", "W")
        screen = terminal.wait("3 Durations ─ all,", "10.0.0.2", "3 flows end before they begin: in C, not in T")
        found = re.findall(r"^(10\.\d\.\d\.\d) +([\d,]+ )? *(\d+)(?= |$)", screen, re.MULTILINE)
        self.assertEqual([(source, int(t.replace(",", "")) if t else None, int(c)) for source, t, c in found],
                         [(row["src_addr"], row["T"], row["C"]) for row in rows])

    def test_the_terminal_is_restored_whatever_ends_it(self):
        terminal = self.terminal()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
            with self.subTest(number.name):
                self.watch(terminal, "--mouse")
                terminal.wait("no store yet")
                (pid,) = terminal.pids()
                os.kill(pid, number)
                self.assertTrue(terminal.restored(), terminal.screen())
        self.watch(terminal)
        terminal.wait("no store yet")
        terminal.keys("C-c")
        self.assertTrue(terminal.restored())

    def test_what_nobody_can_catch_shows_that_these_tests_can_fail(self):
        terminal = self.terminal()
        self.watch(terminal)
        terminal.wait("no store yet")
        (pid,) = terminal.pids()
        os.kill(pid, signal.SIGKILL)
        self.assertFalse(terminal.restored())

    def test_it_can_be_suspended(self):
        terminal = self.terminal()
        self.watch(terminal)
        terminal.wait("no store yet")
        terminal.keys("C-z")
        terminal.wait("Stopped", PROMPT)
        terminal.start("fg")
        terminal.wait("no store yet", "1 Streams")
        terminal.keys("q")
        self.assertTrue(terminal.restored())

    def test_without_colours_and_without_utf8(self):
        terminal = self.terminal()
        terminal.start(f"NO_COLOR=1 LC_ALL=C {PROGRAM} watch --store {self.store}")
        terminal.wait("- 1 Streams -", "no store yet")
        coloured = terminal.ask("capture-pane", "-p", "-e")
        self.assertNotRegex(coloured, r"\x1b\[[0-9;]*(3[0-7]|38;5)")
        terminal.keys("q")
        self.assertTrue(terminal.restored())

    def test_a_closed_terminal_ends_it(self):
        terminal = self.terminal()
        self.watch(terminal)
        terminal.wait("no store yet")
        (pid,) = terminal.pids()
        terminal.close()
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of watch")


class CollectScreenTest(ScreenTest):
    def start(self, terminal):
        port = free_port()
        terminal.start(PROGRAM, "collect", "--tui", "--store", self.store, "--listen", f"127.0.0.1:{port}")
        terminal.wait("collector ", ", up")
        self.traffic(port)
        terminal.wait("127.0.1.1")
        return port

    def test_it_asks_before_it_stops(self):
        terminal = self.terminal()
        self.start(terminal)
        terminal.keys("q")
        terminal.wait("Stop collecting?")
        terminal.keys("n")
        wait_until(lambda: "Stop collecting?" not in terminal.screen(), "the question's end")
        terminal.keys("C-z")  # a collector that stood still would lose what comes
        terminal.keys("q", "y")
        self.assertIn("collected in", terminal.wait("committed_flows", PROMPT))
        self.assertTrue(terminal.restored())
        self.assertGreater(self.count(), 0)

    def test_messages_do_not_tear_it(self):
        terminal = self.terminal()
        self.start(terminal)
        (pid,) = terminal.pids()
        os.kill(pid, signal.SIGHUP)  # reloads, and says so
        terminal.wait("reloaded: nothing has changed")
        terminal.keys("m")
        terminal.wait("── Messages", "reloaded: nothing has changed")
        self.assertNotIn("info:", terminal.screen())
        terminal.keys("Escape", "C-c")
        terminal.wait("collected in", PROMPT)
        self.assertTrue(terminal.restored())

    def test_it_goes_on_without_its_screen(self):
        terminal = self.terminal()
        self.start(terminal)
        terminal.keys("q", "l")
        terminal.wait("flows/s,", "exporters")
        terminal.keys("C-c")
        terminal.wait("collected in", PROMPT)

    def outlives_its_terminal(self, terminal, port):
        (pid,) = terminal.pids()
        terminal.close()
        time.sleep(2.5)  # what it tells each second goes nowhere
        before = self.count()
        self.traffic(port)
        wait_until(lambda: self.count() > before, "flows after the terminal was closed")
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of collect")
        self.assertEqual(list((self.store / "journal").iterdir()), [], "it did not end cleanly")

    def test_a_closed_terminal_does_not_end_it(self):
        terminal = self.terminal()
        self.outlives_its_terminal(terminal, self.start(terminal))

    def test_nor_does_it_end_a_collector_without_screen(self):
        terminal = self.terminal()
        port = free_port()
        terminal.start(PROGRAM, "collect", "--store", self.store, "--listen", f"127.0.0.1:{port}")
        terminal.wait("flows/s,")
        self.outlives_its_terminal(terminal, port)

    def test_a_crash_leaves_the_terminal_as_it_was(self):
        terminal = self.terminal()
        self.start(terminal)
        (pid,) = terminal.pids()
        os.kill(pid, signal.SIGSEGV)
        self.assertTrue(terminal.restored(), terminal.screen())


class DemoTest(ScreenTest):
    def test_it_shows_moving_flows(self):
        terminal = self.terminal()
        began = time.monotonic()
        terminal.start(f"TMPDIR={self.folder} {PROGRAM} demo")
        terminal.wait("1 Streams", "127.0.1.4", "TCP", "3 Durations", "4 Who to whom")
        took = time.monotonic() - began
        print(f"\nthe demo showed flows after {took:.1f} s")  # five on an idle machine, and machines are noisy
        self.assertLess(took, flowspan.PATIENCE)
        first = terminal.screen()
        wait_until(lambda: terminal.screen() != first, "moving flows")
        (pid,) = terminal.pids()
        terminal.keys("q")
        terminal.wait("Stop collecting?")
        terminal.keys("y")
        terminal.wait("sqlite_flows", PROMPT)
        self.assertTrue(terminal.restored())
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertEqual([path.name for path in self.folder.glob("flowspan-demo-*")], [], "it leaves its store behind")

    def test_it_ends_with_its_terminal(self):
        terminal = self.terminal()
        terminal.start(f"TMPDIR={self.folder} {PROGRAM} demo")
        terminal.wait("1 Streams", "127.0.1.4")
        (pid,) = terminal.pids()
        terminal.close()
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of the demo")
        self.assertEqual(list(self.folder.glob("flowspan-demo-*")), [])

    def test_what_a_killed_one_left_is_removed_by_the_next(self):
        def folders():
            return list(self.folder.glob("flowspan-demo-*"))

        env = {"TMPDIR": str(self.folder)}
        first = subprocess.Popen([PROGRAM, "demo", "--quiet"], env={**os.environ, **env})
        self.addCleanup(lambda: (first.kill(), first.wait()))
        wait_until(lambda: list(self.folder.glob("flowspan-demo-*/flowspan-data/counters.json")), "a demo that collects")
        (left,) = folders()
        done = flowspan.run("demo", "--duration", "1s", env=env)  # beside one that runs
        self.assertNotIn("removed", done.stderr)
        self.assertEqual(folders(), [left])
        first.kill()
        first.wait()
        self.assertEqual(folders(), [left])
        done = flowspan.run("demo", "--duration", "1s", env=env)
        self.assertEqual(len(re.findall(f"info: removed {left}, left by a demo that was killed\n", done.stderr)), 1, done.stderr)
        self.assertEqual(folders(), [])

    def test_what_it_stored_can_be_kept(self):
        done = flowspan.run("demo", "--store", f"{self.store}/", "--duration", "4s", "--rate", 1000, "--quiet",
                            "--format", "json")
        flows = self.count()
        self.assertGreater(flows, 1000)
        self.assertEqual(json.loads(done.stdout)["sqlite_flows"], flows)
        self.assertTrue((self.folder / "store.dataset.sqlite3").exists())

    def test_a_network_that_cannot_be(self):
        done = flowspan.run("demo", "--with", "earthquake", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("earthquake", done.stderr)


class NoTerminalTest(ScreenTest):
    def test_watch_prints_lines(self):
        collector = self.collect()
        self.traffic(collector.port)
        with subprocess.Popen([PROGRAM, "watch", "--store", str(self.store)], stdout=subprocess.PIPE, text=True) as watch:
            line = watch.stdout.readline()
            began = time.monotonic()
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [\d,]+ flows/s, .* from 2 exporters")
            watch.stdout.readline()
            self.assertAlmostEqual(time.monotonic() - began, 10, delta=3)
            watch.send_signal(signal.SIGINT)
            self.assertEqual(watch.wait(flowspan.PATIENCE), 0)
        self.assertRegex(collector.log(), r"info: [\d,]+ flows/s, [\d,]+ flows from 2 exporters")

    def test_quiet_says_nothing(self):
        collector = self.collect("--quiet", wait=False)
        collector.wait_counter("datagrams", 0)
        sender = self.traffic(collector.port)
        time.sleep(11.5)  # longer than from line to line
        sender.kill()
        self.assertEqual(collector.log(), "")

    def test_collect_says_that_a_screen_needs_a_terminal(self):
        done = flowspan.run("collect", "--tui", "--store", self.store, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--tui needs a terminal", done.stderr)


if __name__ == "__main__":
    unittest.main()
