#!/usr/bin/env python3
"""Prints the tables of tasks from results/: for each engine the mean and the standard deviation over seeds.

  python report.py [FOLDER]
"""

import json
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SETTINGS = json.loads((HERE / "settings.json").read_text())


def results(folder):
    """By engine and task the values of the task's metric, in the order of seeds."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text())
        metric = SETTINGS["tasks"][result["task"]]["metric"]
        found.setdefault(result["engine"], {}).setdefault(result["task"], []).append(result["metrics"][metric])
    return found


def deviation(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def cell(values):
    if not values:
        return ""
    return f"{100 * statistics.mean(values):.1f} ± {100 * deviation(values):.1f}"


def compared(ours, theirs):
    """The difference of the means, and one standard error of it."""
    if not ours or not theirs:
        return ""
    difference = statistics.mean(ours) - statistics.mean(theirs)
    error = sum(deviation(values) ** 2 / len(values) for values in (ours, theirs)) ** 0.5
    return f"{100 * difference:+.1f} ± {100 * error:.1f}"


def print_table(names, left, right):
    """The results of two engines, each with a title."""
    print(f"| task | metric | {left[0]} | {right[0]} | difference |\n|---|---|---|---|---|")
    for name in names:
        values = left[1].get(name, []), right[1].get(name, [])
        cells = [name, SETTINGS["tasks"][name]["metric"], *map(cell, values), compared(*values)]
        print(f"| {' | '.join(cells)} |")


def main():
    found = results(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "results")
    ours, theirs = found.get("swiftlet", {}), found.get("torch", {})
    print_table(SETTINGS["tasks"], ("Swiftlet", ours), ("torch", theirs))
    if narrow := found.get("swiftlet-bfloat16"):
        print()
        print_table(narrow, ("Swiftlet in bfloat16", narrow), ("Swiftlet in float32", ours))


if __name__ == "__main__":
    main()
