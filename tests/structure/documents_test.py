# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""Links between the documents lead somewhere."""

import re

import tree

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check(root):
    faults = []
    for path in tree.files(root):
        if path.suffix == ".md":
            text = re.sub(r"```.*?```", "", (root / path).read_text(encoding="utf-8"), flags=re.DOTALL)
            for target in LINK.findall(text):
                elsewhere = "://" in target or target.startswith("mailto:")
                if not elsewhere and not (root / path.parent / target).exists():
                    faults.append(f"{path}: the link to {target} leads nowhere")
    return faults


class DocumentsTest(tree.StructureTest):
    check = check
    BAD = [({"docs/a.md": "see [b](b.md)\n"}, "docs/a.md: the link to b.md leads nowhere")]
