#!/usr/bin/env python3
"""Prints the tables of tasks from results/: for each engine the mean and the standard deviation over seeds.

  python report.py [--results FOLDER] [--into DOCUMENT]

--into writes the tables in the place of those in the document, such as docs/training.md.
"""

import argparse
import json
import statistics
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


def cell(values, digits):
    """A single value has no deviation."""
    if not values:
        return ""
    mean = f"{100 * statistics.mean(values):.{digits}f}"
    return f"{mean} ± {100 * statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def compared(ours, theirs, digits):
    """The difference of the means, and one standard error of it; nothing where it has none."""
    if min(len(ours), len(theirs)) < 2:
        return ""
    difference = statistics.mean(ours) - statistics.mean(theirs)
    error = sum(statistics.variance(values) / len(values) for values in (ours, theirs)) ** 0.5
    return f"{100 * difference:+.{digits}f} ± {100 * error:.{digits}f}"


def header(left, right):
    return f"| task | metric | {left} | {right} | difference | seeds |"


def table(names, left, right, digits=1):
    """The results of two engines, each with a title, under `header`, with so many decimal digits."""
    lines = [header(left[0], right[0]), "|---|---|---|---|---|---|"]
    for name in names:
        values = left[1].get(name, []), right[1].get(name, [])
        counts = [str(len(v)) for v in values]
        seeds = counts[0] if counts[0] == counts[1] else " and ".join(counts)
        metric = SETTINGS["tasks"][name]["metric"]
        cells = [f"`{name}`", f"`{metric}`", *(cell(v, digits) for v in values), compared(*values, digits), seeds]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def replace(document, lines):
    """Writes the table over the one with the same header."""
    old = document.read_text(encoding="utf-8").split("\n")
    start = old.index(lines[0])
    end = next(i for i in range(start, len(old) + 1) if i == len(old) or not old[i].startswith("|"))
    document.write_text("\n".join(old[:start] + lines + old[end:]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    found = results(arguments.results)
    ours, theirs = found.get("swiftlet", {}), found.get("torch", {})
    tables = [table(SETTINGS["tasks"], ("Swiftlet", ours), ("PyTorch", theirs))]
    if narrow := found.get("swiftlet-bfloat16"):
        names = [name for name in SETTINGS["tasks"] if name in narrow]
        tables.append(table(names, ("bfloat16", narrow), ("float32", ours), digits=2))
    print("\n\n".join("\n".join(lines) for lines in tables))
    if arguments.into:
        for lines in tables:
            replace(arguments.into, lines)


if __name__ == "__main__":
    main()
