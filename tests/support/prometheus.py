# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text format, read by the letter (what is not exactly as its documentation says is an error), and collectors
that serve it."""

import re
import socket
import urllib.error
import urllib.request

from support.flowspan import StoreTest, free_port, wait_until

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
# Base units, at the end or before _total (Prometheus' "metric and label naming").
FOREIGN_UNITS = re.compile(r"_(ms|milliseconds|minutes|hours|kb|mb|gb|kilobytes|megabytes|percent|bits)(_|$)")


class Wrong(AssertionError):
    """Not Prometheus' text format."""


class Family:
    """All numbers of one name: {((label, value), …): number}."""

    def __init__(self, name, text, kind):
        self.name, self.help, self.kind, self.samples = name, text, kind, {}

    def label_names(self):
        return {tuple(name for name, _ in labels) for labels in self.samples}

    def sum(self, **labels):
        wanted = set(labels.items())
        return sum(value for key, value in self.samples.items() if wanted <= set(key))


def read_sample(line):
    name = NAME.match(line)
    rest = line[name.end():] if name else ""
    labels = []
    if rest.startswith("{"):
        inside, closed, rest = rest[1:], False, ""
        while match := LABEL.match(inside):
            labels.append((match[1], re.sub(r'\\.', lambda e: ESCAPES[e[0]], match[2])))
            inside = inside[match.end():]
            if inside.startswith("}"):
                closed, rest = True, inside[1:]
                break
            if not inside.startswith(","):
                break
            inside = inside[1:]
        if not closed:
            raise Wrong(f"labels that do not end: {line}")
    if not name or not rest.startswith(" ") or not VALUE.fullmatch(rest[1:]):
        raise Wrong(f"no sample: {line}")
    if len({key for key, _ in labels}) != len(labels):
        raise Wrong(f"a label twice: {line}")
    return name[0], tuple(labels), float(rest[1:].replace("Inf", "inf"))


def check_family(family):
    if not family.help or not family.samples or family.kind not in ("counter", "gauge"):
        raise Wrong(f"{family.name}: help, samples or type is missing")
    if (family.kind == "counter") != family.name.endswith("_total"):
        raise Wrong(f"{family.name}: a counter, and only a counter, ends in _total")
    if not family.name.startswith(("flowspan_", "process_")) or FOREIGN_UNITS.search(family.name):
        raise Wrong(f"{family.name}: has the wrong prefix or unit")
    if family.kind == "counter" and min(family.samples.values()) < 0:
        raise Wrong(f"{family.name}: a counter below nothing")
    if len(family.label_names()) != 1:
        raise Wrong(f"{family.name}: not all have the same labels")


def read(text):
    """name → Family."""
    families, family = {}, None
    if text and not text.endswith("\n"):
        raise Wrong("the last line does not end")
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("# HELP "):
            _, _, name, help_text = line.split(" ", 3)
            kind = next(lines, "").split(" ")
            if kind[:3] != ["#", "TYPE", name] or len(kind) != 4 or not NAME.fullmatch(name):
                raise Wrong(f"no type follows: {line}")
            if name in families:
                raise Wrong(f"{name} is told in two places")
            family = families[name] = Family(name, help_text, kind[3])
            continue
        name, labels, value = read_sample(line)
        if family is None or name != family.name:
            raise Wrong(f"without a head: {line}")
        if labels in family.samples:
            raise Wrong(f"twice: {line}")
        family.samples[labels] = value
    for family in families.values():
        check_family(family)
    return families


def scrape(port, host="127.0.0.1"):
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=20) as answer:
        if answer.headers["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8":
            raise Wrong(f"content type {answer.headers['Content-Type']}")
        return read(answer.read().decode())


def ask(port, path, host="127.0.0.1"):
    """Status and text."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class MonitoredTest(StoreTest):
    """Collectors with --metrics on the port `web`."""

    def monitored(self, *arguments, **options):
        self.web = free_port(kind=socket.SOCK_STREAM)
        return self.collect("--metrics", f"127.0.0.1:{self.web}", *arguments, **options)

    def scrape(self):
        return scrape(self.web)

    def wait_metric(self, name, least, **labels):
        def there():
            families = self.scrape()
            return families if families[name].sum(**labels) >= least else None

        return wait_until(there, f"{least} of {name}")

    def everything_on(self):
        """A collector that has something to tell in every metric."""
        toml = self.folder / "flowspan.toml"
        toml.write_text('[[exporter]]\nmatch = "127.0.0.1"\nname = "edge \\"one\\" \\\\ Ä"\n'
                        '[[exporter]]\nmatch = "127.0.0.9"\n[[exporter]]\nmatch = "10.0.0.0/8"\nname = "no address"\n')
        return self.monitored("--config", toml, "--mirror", f"127.0.0.1:{free_port()}", "--workers", 2,
                              "--on-segment", "true", "--rotate", "1s", "--sqlite", self.folder / "dataset.sqlite3")
