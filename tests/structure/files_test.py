# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Files are short, say their licence, have names that mean something, and nothing of one machine."""

import re

import tree

LIMIT = 500
WARN = 300
SPDX = ["SPDX-FileCopyrightText: 2026 The flowspan authors", "SPDX-License-Identifier: Apache-2.0"]
EMPTY_WORDS = re.compile(r"utils?|commons?|helpers?|misc|stuff")
# Spelled so that this file does not hold them itself.
LEAKS = re.compile(r"/(?:work|farm)" + r"/|https?://[a-z0-9.-]*" + r"registry")


def check(root):
    faults = []
    for path, text in tree.hand_written(root):
        lines = text.splitlines()
        if len(lines) > LIMIT:
            faults.append(f"{path}: {len(lines)} lines: more than {LIMIT}, split it by idea")
        elif len(lines) > WARN:
            print(f"warning: {path}: {len(lines)} lines")
        head = lines[1:] if lines[:1] and lines[0].startswith("#!") else lines
        if [line.lstrip("/# ") for line in head[:2]] != SPDX:
            faults.append(f"{path}: does not begin with the two SPDX lines")
        if path.suffix == ".hpp" and "#pragma once" not in lines:
            faults.append(f"{path}: has no #pragma once")
        if path.suffix == ".hpp" and re.search(r"^\s*using namespace", text, re.MULTILINE):
            faults.append(f"{path}: using namespace in a header")
    for path in tree.files(root):
        for part in path.parts:
            if EMPTY_WORDS.fullmatch(part.split(".")[0]) or re.search(r"_(utils?|helpers?|misc)\b", part.split(".")[0]):
                faults.append(f"{path}: {part} says nothing: name what it does")
        if path.suffix in tree.SUFFIXES | {".md", ".json", ".toml", ".txt", ".yml", ""}:
            text = (root / path).read_text(encoding="utf-8", errors="replace")
            for match in LEAKS.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                faults.append(f"{path}:{line}: {match[0]}: a path of one machine or a registry's host")
    return faults


HEAD = f"// {SPDX[0]}\n// {SPDX[1]}\n"


class FilesTest(tree.StructureTest):
    check = check
    BAD = [
        ({"src/wire/a.cpp": HEAD + "\n" * LIMIT}, f"more than {LIMIT}"),
        ({"src/wire/a.cpp": "int a;\n"}, "does not begin with the two SPDX lines"),
        ({"src/wire/a.hpp": HEAD}, "no #pragma once"),
        ({"src/wire/a.hpp": HEAD + "#pragma once\nusing namespace std;\n"}, "using namespace in a header"),
        ({"src/utils/a.cpp": HEAD}, "utils says nothing"),
        ({"src/wire/helpers.cpp": HEAD}, "helpers.cpp says nothing"),
        ({"src/wire/string_utils.cpp": HEAD}, "string_utils.cpp says nothing"),
        ({"README.md": "\nsee /wo" + "rk/main\n"}, "README.md:2: "),
        ({"README.md": "https://a." + "registry.example/x\n"}, "registry"),
    ]
