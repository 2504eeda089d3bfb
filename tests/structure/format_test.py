# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Every C++ file is laid out as clang-format 14 lays it out."""

import re
import shutil
import subprocess

import tree

TOOL = shutil.which("clang-format-14")


def check(root):
    paths = [str(path) for folder in ("src", "tests", "include", "examples") for path, _ in tree.cpp(root, folder)]
    if not paths:
        return []
    style = tree.ROOT / ".clang-format"
    command = [TOOL, f"--style=file:{style}", "--dry-run", "-Werror", *paths]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return []
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", run.stderr, re.MULTILINE)))
    return [f"{name}: the layout differs: ./dev format mends it" for name in wrong] or [run.stderr]


class FormatTest(tree.StructureTest):
    check = check
    BAD = [({"src/wire/a.cpp": "int   a ;\n"}, "src/wire/a.cpp: the layout differs")]

    def setUp(self):
        if TOOL is None:
            self.skipTest("clang-format-14 is missing: ./dev setup installs it")
