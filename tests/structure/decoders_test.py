# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Decoders are pure: src/wire does no I/O, reads no clock, locks nothing, throws nothing, casts no bytes."""

import re

import tree

FORBIDDEN = [
    (r"\bthrow\b", "throws"),
    (r"\bstd::(?:mutex|\w+_lock|lock_guard|condition_variable|j?thread)\b", "locks or starts a thread"),
    (r"(?:_clock::now|\bclock_gettime|\bgettimeofday|[^_\w.>]time)\s*\(\s*(?:NULL|nullptr|0)?\s*\)", "reads a clock"),
    (r"\b(?:printf|fprintf|fopen|puts)\s*\(|\bstd::(?:cout|cerr|ifstream|ofstream)\b", "does I/O"),
    (r"\breinterpret_cast\b", "casts"),
]
MAY_CAST = {"cursor.hpp", "cursor.cpp"}  # the only code that touches raw bytes


def check(root):
    faults = []
    for path, text in tree.cpp(root, "src/wire"):
        if path.stem.endswith("_test"):
            continue
        if any(name == "base/log.hpp" for _, name, _ in tree.includes(text)):
            faults.append(f"{path}: a decoder logs: return and count instead")
        for number, line in enumerate(tree.code(text).splitlines(), 1):
            for pattern, what in FORBIDDEN:
                if re.search(pattern, line) and not (what == "casts" and path.name in MAY_CAST):
                    faults.append(f"{path}:{number}: a decoder {what}")
    return faults


class DecodersTest(tree.StructureTest):
    check = check
    BAD = [
        ({"src/wire/a.cpp": "void f() { throw 1; }\n"}, "src/wire/a.cpp:1: a decoder throws"),
        ({"src/wire/a.cpp": "std::mutex m;\n"}, "locks"),
        ({"src/wire/a.cpp": "\nauto t = std::chrono::system_clock::now();\n"}, "a.cpp:2: a decoder reads a clock"),
        ({"src/wire/a.cpp": 'int x = printf("a");\n'}, "does I/O"),
        ({"src/wire/a.cpp": "auto h = reinterpret_cast<const Header*>(p);\n"}, "casts"),
        ({"src/wire/a.cpp": '#include "base/log.hpp"\n'}, "logs"),
    ]

    def test_comments_are_not_code(self):
        self.assertNotIn("throw", tree.code('// never throw\nint a; /* throw */ auto s = "throw";\n'))
