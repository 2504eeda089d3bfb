# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of the GDP paper from one simulated stream: its table, and its T and C over the newest 100 flows, held
against plain SQL over the dataset in the sqlite3 shell (docs/guide/gdp.md)."""

import csv
import io
import subprocess
import unittest

from support import flowspan
from support.flowspan import StoreTest

GDP_COLUMNS = ["ID", "SYS_UPTIME", "UNIXS", "FIRST", "LAST", "IP_SOURCE", "IP_DEST", "PROTO", "SOURCE_PROTO", "DEST_PROTO",
               "timestamp"]


class GdpTest(StoreTest):
    def shell(self, statement):
        """Rows of the sqlite3 shell, as dictionaries."""
        flowspan.need("sqlite3")
        done = subprocess.run(["sqlite3", "-header", "-csv", self.folder / "dataset.sqlite3", statement],
                              capture_output=True, text=True, check=True)
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def simulated(self, protocol, flows):
        collector = self.collect("--sqlite", self.folder / "dataset.sqlite3")
        flowspan.run("simulate", "--to", f"127.0.0.1:{collector.port}", "--protocol", protocol, "--rate", 400, "--flat",
                     "--flows", flows, "--seed", 2017, "--quiet")
        collector.wait_counter("flows", flows)
        flowspan.wait_until(lambda: int(self.shell("SELECT count(*) AS c FROM Flow")[0]["c"]) == flows, "rows")
        return collector

    def durations(self, *arguments):
        rows = flowspan.answer("duration", "--top", 0, "--store", self.store, *arguments)
        return {row["src_addr"]: (int(row["T"]), int(row["C"])) for row in rows}

    def figures(self, protocol):
        collector = self.simulated(protocol, 1500)
        table = self.shell("SELECT * FROM Flow ORDER BY ID DESC LIMIT 10")
        self.assertEqual(list(table[0]), GDP_COLUMNS)
        self.assertEqual(len(table), 10)

        plain = "SELECT IP_SOURCE, sum(LAST - FIRST + 1) AS T, count(*) AS C FROM {} GROUP BY IP_SOURCE"
        newest = "(SELECT * FROM Flow ORDER BY ID DESC LIMIT 100)"
        as_sql = lambda rows: {row["IP_SOURCE"]: (int(row["T"]), int(row["C"])) for row in rows}
        for _ in range(2):  # out of the journal, and out of a segment
            self.assertEqual(self.durations("--newest", 100), as_sql(self.shell(plain.format(newest))))
            self.assertEqual(self.durations(), as_sql(self.shell(plain.format("Flow"))))
            if collector.running():
                collector.stop()
        self.assertGreater(len(self.durations("--newest", 100)), 5)
        self.assertEqual(sum(c for _, c in self.durations("--newest", 100).values()), 100)

    def test_v5(self):
        self.figures("v5")

    def test_v1(self):
        self.figures("v1")


if __name__ == "__main__":
    unittest.main()
