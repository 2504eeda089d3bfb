# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""The same datagrams, decoded by tshark's cflow dissector and by flowspan's decoder."""

import ipaddress
import json
import struct
import subprocess

from support import flowspan, netflow


def dissect(payloads, folder):
    """For each datagram its `cflow` layer: header fields, and records; values of a repeated name in a list."""
    flowspan.need("tshark")
    capture = netflow.write_pcap(folder / "datagrams.pcap", payloads, now=1_700_000_001, port=2055)
    command = ["tshark", "-n", "-r", str(capture), "-d", "udp.port==2055,cflow", "-T", "json", "--no-duplicate-keys"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return [packet["_source"]["layers"].get("cflow", {}) for packet in json.loads(done.stdout)]


def decode_dump(payloads, folder):
    """For each datagram what decode_dump says of it, and its records."""
    listing = folder / "datagrams.list"
    listing.write_bytes(b"".join(struct.pack(">H", len(payload)) + payload for payload in payloads))
    done = subprocess.run([flowspan.TOOLS / "decode_dump", listing], capture_output=True, text=True, check=True)
    outcomes = []
    for line in map(json.loads, done.stdout.splitlines()):
        if "record" in line:
            outcomes[-1]["records"].append(line)
        else:
            outcomes.append({**line, "records": []})
    return outcomes


def milliseconds(text):
    """tshark's seconds with nine decimals, exactly."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    seconds, fraction = digits.split(".")
    assert int(fraction) % 1_000_000 == 0, text
    return sign * (int(seconds) * 1000 + int(fraction) // 1_000_000)


def mapped(text):
    """The lower half of an IPv4 address, as flowspan keeps it."""
    return 0xFFFF << 32 | int(ipaddress.IPv4Address(text))


def octets(text):
    """A number from tshark's 01:02."""
    return int(text.replace(":", ""), 16)


def first(value):
    return value[0] if isinstance(value, list) else value
