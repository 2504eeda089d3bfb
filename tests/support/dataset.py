# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""The dataset (dataset.sqlite3), read with Python's own SQLite and compared with the store."""

import contextlib
import ipaddress
import sqlite3

from support import flowspan

COLUMNS = ("ID", "SYS_UPTIME", "UNIXS", "FIRST", "LAST", "IP_SOURCE", "IP_DEST", "PROTO", "SOURCE_PROTO", "DEST_PROTO",
           "timestamp")
MAKE = ("CREATE TABLE Flow (ID INTEGER PRIMARY KEY AUTOINCREMENT, SYS_UPTIME INTEGER, UNIXS INTEGER, FIRST INTEGER, "
        "LAST INTEGER, IP_SOURCE TEXT, IP_DEST TEXT, PROTO INTEGER, SOURCE_PROTO INTEGER, DEST_PROTO INTEGER, "
        "timestamp REAL)")
# What the table says of a flow, asked of the store: FIRST and LAST are the router's SysUptime.
SAME_OF_THE_STORE = """
  SELECT sys_uptime AS SYS_UPTIME, CAST(floor(epoch(export_time)) AS BIGINT) AS UNIXS,
         (CAST(sys_uptime AS BIGINT) - (epoch_ms(export_time) - epoch_ms(first_time)) + 4294967296) % 4294967296 AS FIRST,
         (CAST(sys_uptime AS BIGINT) - (epoch_ms(export_time) - epoch_ms(last_time)) + 4294967296) % 4294967296 AS LAST,
         src_addr AS IP_SOURCE, dst_addr AS IP_DEST, proto AS PROTO, src_port AS SOURCE_PROTO, dst_port AS DEST_PROTO,
         epoch_us(received_time) AS us
  FROM flows"""


def rows(file, text="SELECT * FROM Flow ORDER BY ID"):
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(text).fetchall()


def count(file):
    return rows(file, "SELECT count(*) FROM Flow")[0][0]


def key(row):
    return tuple(-1 if value is None else value for value in row)


def of_dataset(file):
    """Its rows, ordered, the time of arrival in whole microseconds."""
    return sorted(((*row[1:10], round(row[10] * 1e6)) for row in rows(file)), key=key)


def of_store(store):
    """What the dataset should hold."""
    names = ("SYS_UPTIME", "UNIXS", "FIRST", "LAST", "IP_SOURCE", "IP_DEST", "PROTO", "SOURCE_PROTO", "DEST_PROTO", "us")
    return sorted((tuple(row[name] for name in names) for row in flowspan.sql(store, SAME_OF_THE_STORE, seconds=300)),
                  key=key)


def numbers(file):
    """Of sequenced flows: [(exporter, number)], in order."""
    found = []
    for source, destination in rows(file, "SELECT IP_SOURCE, IP_DEST FROM Flow"):
        low, high = int(ipaddress.IPv4Address(source)), int(ipaddress.IPv4Address(destination))
        found.append((high >> 16, (high & 65535) << 32 | low))
    return sorted(found)


def store_numbers(store):
    text = f"SELECT {flowspan.EXPORTER_OF} AS e, {flowspan.NUMBER_OF} AS n FROM flows"
    return sorted((int(row["e"]), int(row["n"])) for row in flowspan.sql(store, text, seconds=300))
