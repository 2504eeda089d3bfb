# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""The guide, the alerts and the dashboard speak of the metrics that are served; and what reads those is strict."""

import json
import re
import unittest

from support import flowspan, netflow, prometheus
from support.flowspan import send
from support.prometheus import MonitoredTest

NAMES = re.compile(r"\b(?:flowspan|process)_[a-z0-9_]+")


class DocumentsTest(MonitoredTest):
    """The guide, the rules and the dashboard speak of what is served."""

    def setUp(self):
        super().setUp()
        collector = self.everything_on()
        send([netflow.datagram(1)], collector.port, source="127.0.0.1")
        self.families = self.wait_metric("flowspan_exporter_flows_total", 1, exporter='edge "one" \\ Ä')

    def test_the_guide_has_every_metric(self):
        guide = (flowspan.SOURCE / "docs/guide/metrics.md").read_text()
        rows = re.findall(r"^\| `([a-z_]+)` \| (counter|gauge) \| ([^|]*) \| ([^|]*) \|$", guide, re.MULTILINE)
        documented = {name: (kind, labels.replace("`", ""), text) for name, kind, labels, text in rows}
        served = {family.name: (family.kind, ", ".join(next(iter(family.label_names()))), family.help)
                  for family in self.families.values()}
        self.assertEqual(documented, served)
        self.assertEqual(len(rows), len(documented))

    def known(self, text, where):
        used = set(NAMES.findall(text))
        self.assertTrue(used, where)
        self.assertEqual(sorted(used - set(self.families)), [], where)

    def test_the_rules_ask_for_what_there_is(self):
        rules = (flowspan.SOURCE / "packaging/prometheus/flowspan.rules.yml").read_text()
        expressions = re.findall(r"^ +expr: (?:>-\n((?: {10,}.*\n)+)|(.*)\n)", rules, re.MULTILINE)
        self.assertEqual(len(expressions), rules.count("- alert:"))
        for parts in expressions:
            self.known("".join(parts), parts)

    def test_the_dashboard_asks_for_what_there_is(self):
        dashboard = json.loads((flowspan.SOURCE / "packaging/grafana/flowspan.json").read_text())
        targets = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(targets), 20)
        for title, expression in targets:
            self.known(expression, title)
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                self.known(variable["definition"], variable["name"])
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


class ReaderTest(unittest.TestCase):
    """The reader of the format finds what is wrong."""

    def test_it_refuses(self):
        head = "# HELP flowspan_a A.\n# TYPE flowspan_a gauge\n"
        self.assertEqual(prometheus.read(head + 'flowspan_a{x="\\"\\\\\\n"} 1.5\n')["flowspan_a"].samples,
                         {(("x", '"\\\n'),): 1.5})
        for text in ("flowspan_a 1\n", head, head + "flowspan_a 1", head + "flowspan_a  1\n", head + "flowspan_b 1\n",
                     head + "flowspan_a 1\nflowspan_a 2\n", head + 'flowspan_a{x="1"} 1\nflowspan_a 1\n',
                     head + 'flowspan_a{x="1} 1\n', head + 'flowspan_a{x="\\q"} 1\n', head + 'flowspan_a{x="1",} 1\n',
                     head.replace("gauge", "counter") + "flowspan_a 1\n", head.replace("gauge", "sum") + "flowspan_a 1\n",
                     head.replace("_a", "_a_ms") + "flowspan_a_ms 1\n", head + 'flowspan_a{x="1",x="2"} 1\n'):
            with self.assertRaises(prometheus.Wrong, msg=text):
                prometheus.read(text)
