# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""A third-party header is included only in the folders that src/OWNERS names; an unknown one nowhere."""

import re

import tree

# Standard C++ headers have no dot; these are C's and the system's.
SYSTEM = re.compile(
    r"[a-z_0-9]+|(?:sys|net|netinet|arpa|linux|bits|asm)/[a-z_0-9]+\.h|"
    r"(?:unistd|fcntl|poll|signal|errno|time|sched|pthread|netdb|ifaddrs|dirent|termios|endian|spawn|malloc|pwd|grp|"
    r"immintrin|cxxabi|execinfo|locale|langinfo)\.h"
)
IN_TESTS = re.compile(r"(gtest|gmock|benchmark)/.*")


def read_owners(root):
    owners = []
    for line in (root / "src/OWNERS").read_text().splitlines():
        if match := re.fullmatch(r"([A-Za-z0-9_.+/]+): +([a-z*. ]+)", line):
            owners.append((match[1], match[2].split()))
    return owners


def fault_of(owners, path, name):
    is_test = path.stem.endswith("_test")
    folder = path.parts[1]
    if SYSTEM.fullmatch(name) or is_test and IN_TESTS.fullmatch(name):
        return None
    for prefix, folders in owners:
        if name.startswith(prefix):
            if folder not in folders and "*" not in folders:
                return f"<{name}> belongs to {', '.join(f for f in folders if f != '.cpp')}: see src/OWNERS"
            if ".cpp" in folders and path.suffix != ".cpp":
                return f"<{name}> may stand in .cpp files only: see src/OWNERS"
            return None
    return f"<{name}> has no owner: give it a line in src/OWNERS"


def check(root):
    owners = read_owners(root)
    faults = []
    for path, text in tree.cpp(root, "src"):
        for line, name, quoted in tree.includes(text):
            fault = None if quoted else fault_of(owners, path, name)
            if fault:
                faults.append(f"{path}:{line}: {fault}")
    return faults


OWNERS = "duckdb.h:  engine\nnlohmann/: store .cpp\nfmt/: *\n"


class OwnersTest(tree.StructureTest):
    check = check
    BAD = [
        ({"src/OWNERS": OWNERS, name: text}, fault)
        for name, text, fault in [
            ("src/query/a.cpp", "#include <duckdb.h>\n", "src/query/a.cpp:1: <duckdb.h> belongs to engine"),
            ("src/store/a.hpp", "\n#include <nlohmann/json.hpp>\n", "a.hpp:2: <nlohmann/json.hpp> may stand in"),
            ("src/wire/a.cpp", "#include <boost/any.hpp>\n", "<boost/any.hpp> has no owner"),
            ("src/wire/a.cpp", "#include <gtest/gtest.h>\n", "<gtest/gtest.h> has no owner"),
        ]
    ]

    def test_owners_may(self):
        owners = [("duckdb.h", ["engine"]), ("fmt/", ["*"])]
        for header in ("duckdb.h", "fmt/core.h", "vector", "sys/stat.h"):
            self.assertIsNone(fault_of(owners, tree.pathlib.Path("src/engine/a.cpp"), header))
