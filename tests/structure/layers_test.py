# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of src/ includes only what its line in src/LAYERS names, and LAYERS never points up."""

import re

import tree


def read_layers(root):
    layers = {}
    for line in (root / "src/LAYERS").read_text().splitlines():
        if match := re.fullmatch(r"([a-z]+):((?: +[a-z]+)*) *", line):
            layers[match[1]] = match[2].split()
    return layers


def check(root):
    layers = read_layers(root)
    faults = []
    seen = []
    for folder, below in layers.items():
        upward = [other for other in below if other not in seen]
        faults += [f"src/LAYERS: {folder} names {other}, which does not stand above it" for other in upward]
        seen.append(folder)
    order = re.search(r"foreach\(folder ([a-z ]+)\)", (root / "src/CMakeLists.txt").read_text())
    if not order or order[1].split() != seen:
        faults.append("src/CMakeLists.txt: its folders are not those of src/LAYERS, in that order")
    for path, text in tree.cpp(root, "src"):
        folder = path.parts[1]
        if folder not in layers:
            faults.append(f"{path}: src/LAYERS has no line for {folder}")
            continue
        for line, name, quoted in tree.includes(text):
            other = name.split("/")[0]
            if quoted and other == "support" and path.stem.endswith("_test"):
                continue
            if quoted and "/" not in name or ".." in name:
                faults.append(f'{path}:{line}: "{name}": say the folder, "{folder}/{name}"')
            elif quoted and other not in [folder, *layers[folder]]:
                faults.append(f"{path}:{line}: {folder} may not include {other}: see src/LAYERS")
            elif not quoted and other in layers and name.endswith(".hpp"):
                faults.append(f'{path}:{line}: write "{name}" in quotes')
    return faults


def bad(layers="base:\nflow: base\n", order="base flow", **sources):
    names = {key.replace("__", "/") + ".cpp": text for key, text in sources.items()}
    return {"src/LAYERS": layers, "src/CMakeLists.txt": f"foreach(folder {order})", **names}


class LayersTest(tree.StructureTest):
    check = check
    BAD = [
        (bad(src__base__a='#include "flow/b.hpp"\n'), "src/base/a.cpp:1: base may not include flow"),
        (bad(src__flow__a='\n#include "../base/b.hpp"\n'), "src/flow/a.cpp:2: \"../base/b.hpp\": say the folder"),
        (bad(src__flow__a='#include "b.hpp"\n'), 'say the folder, "flow/b.hpp"'),
        (bad(src__flow__a="#include <base/b.hpp>\n"), "in quotes"),
        (bad(src__odd__a=""), "no line for odd"),
        (bad(layers="base: flow\nflow: base\n"), "base names flow, which does not stand above it"),
        (bad(order="flow base"), "src/CMakeLists.txt"),
    ]
