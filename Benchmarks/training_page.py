#!/usr/bin/env python3
"""Fills in the section on training of docs/performance.md from what compare_training.py found.

  python training_page.py RESULTS.json [--into FOLDER]

FOLDER (default: docs) must have performance.md, as charts.py writes it. What is missed is explained in
Benchmarks/missed-training.md. Needs only Python.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from charts import DOCS, fill_in
from results import table, text, threads_of

#: Swiftlet's rate over PyTorch's best: padded to the longest text of a batch, and grouped by length.
RATES = {
    "distilbert-base": {"128": (1.25, None), "sst2": (3, 1.3), "mixed": (3.75, 1.3)},
    "minilm-l6": {"128": (1.5, None), "sst2": (2.5, 1.5), "mixed": (3, 1.5)},
}
#: The share of the machine's limit over whole steps of 32 texts of 128 tokens.
SHARES = {"distilbert-base": 0.75, "minilm-l6": 0.65}
#: Two threads over one, and the shares of PyTorch's memory and start; of the same steps.
SCALING, MEMORY, START = 1.8, 0.55, 0.2

CASES = {
    "128": "32 texts of 128 tokens",
    "sst2": "32 texts of SST-2's lengths",
    "mixed": "32 texts of mixed length",
}


@dataclass(frozen=True)
class TrainingMark:
    """A target for `found`, the quotient of Swiftlet's figure and the other one."""

    what: str
    goal: float
    found: float
    own: str
    other: str
    #: Whether less is better.
    is_most: bool = False

    @property
    def is_reached(self):
        return self.found <= self.goal if self.is_most else self.found >= self.goal

    @property
    def row(self):
        goal = f"{'at most ' * self.is_most}{self.goal:g}"
        reached = "yes" if self.is_reached else "**no**"
        return [self.what, self.own, self.other, f"{self.found:.3f}", goal, reached]


def best(figures, arrangement=""):
    """PyTorch's fastest figures in an arrangement."""
    found = [f for name, f in figures.items() if name.startswith(f"pytorch-{arrangement}")]
    return max(found, key=lambda f: f["tokensPerSecond"], default=None)


def title_of(entry):
    return f"{entry['model']}, {CASES[entry['case']]}, {threads_of(entry['threads'])}"


def rate_marks(entry):
    own = entry["figures"]["swiftlet"]["tokensPerSecond"]
    for arrangement, goal in zip(("padded", "grouped"), RATES[entry["model"]][entry["case"]]):
        found = best(entry["figures"], arrangement)
        if found and goal:
            other = found["tokensPerSecond"]
            what = f"{title_of(entry)}, PyTorch {arrangement}"
            yield TrainingMark(what, goal, own / other, f"{text(own)} tokens/s", f"{text(other)} tokens/s")


def limit_mark(entry):
    own = entry["figures"]["swiftlet"]
    limit = f"{own['limitOperationsPerSecond'] / 1e9:.0f} · 10⁹ op/s"
    rate = f"{own['limitOperationsPerSecond'] * own['shareOfLimit'] / 1e9:.0f} · 10⁹ op/s"
    what = f"share of the limit, {title_of(entry)}"
    return TrainingMark(what, SHARES[entry["model"]], own["shareOfLimit"], rate, limit)


def cost_marks(entry):
    """Memory and start, as shares of the smallest that PyTorch needs."""
    own = entry["figures"]["swiftlet"]
    others = [f for name, f in entry["figures"].items() if name != "swiftlet"]
    for key, what, goal, unit, decimals in (
        ("peakMegabytes", "peak memory", MEMORY, "MB", 0),
        ("secondsToFirstStep", "start to first step", START, "s", 2),
    ):
        if others:
            other = min(f[key] for f in others)
            pair = (f"{text(value, decimals)} {unit}" for value in (own[key], other))
            yield TrainingMark(f"{what}, {title_of(entry)}", goal, own[key] / other, *pair, is_most=True)


def scaling_mark(entry, results):
    for one in results:
        is_same = all(one[key] == entry[key] for key in ("model", "case"))
        if is_same and one["threads"] == 1 and entry["threads"] == 2 and "swiftlet" in one["figures"]:
            single, double = (e["figures"]["swiftlet"]["tokensPerSecond"] for e in (one, entry))
            what = f"2 threads over 1, {entry['model']}, {CASES[entry['case']]}"
            yield TrainingMark(
                what, SCALING, double / single, f"{text(double)} tokens/s", f"{text(single)} tokens/s"
            )


def all_marks(data):
    results = [entry for entry in data["results"] if "swiftlet" in entry["figures"]]
    most = max((entry["threads"] for entry in results), default=1)
    marks = []
    for entry in (entry for entry in results if entry["threads"] == most):
        marks += rate_marks(entry)
        if entry["case"] == "128":
            marks += [limit_mark(entry), *scaling_mark(entry, results), *cost_marks(entry)]
    return marks


def figures_table(data):
    rows = []
    for entry in data["results"]:
        for name, found in entry["figures"].items():
            engine = "Swiftlet" if name == "swiftlet" else name.replace("-", ", ").replace("pytorch", "PyTorch")
            share = found.get("shareOfLimit")
            rows.append(
                [
                    title_of(entry),
                    engine,
                    text(found["textsPerSecond"]),
                    text(found["tokensPerSecond"], 0),
                    f"{100 * share:.0f} %" if share else "–",
                    text(found["peakMegabytes"], 0),
                    text(found["secondsToFirstStep"], 2),
                ]
            )
    header = ["steps", "engine", "texts/s", "tokens/s", "share of the limit", "peak, MB", "first step, s"]
    return table(header, rows)


def conditions(data):
    machine = data["machine"]
    others = [f for e in data["results"] for f in e["figures"].values() if "versions" in f]
    versions = others[0]["versions"] if others else {}
    peers = "".join(f", {name} {version}" for name, version in versions.items())
    return (
        f"{machine['processor']}, {machine['processors']} processors, {machine['memory_gb']} GB; {data['date']}, "
        f"{data['rounds']} round{'s' * (data['rounds'] != 1)}. Swiftlet {data['swiftlet']}{peers}."
    )


def training_part(data, words):
    marks = all_marks(data)
    missed = [mark for mark in marks if not mark.is_reached]
    header = ["what", "Swiftlet", "other", "factor or share", "goal", ""]
    parts = [
        conditions(data),
        f"{len(marks) - len(missed)} of {len(marks)} targets are reached.",
        table(header, [mark.row for mark in marks]),
    ]
    if missed:
        parts += [words.strip()] if words.strip() else []
    return "\n\n".join([*parts, "All figures:", figures_table(data)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--into", type=Path, default=DOCS, help="default: the docs of the repository")
    arguments = parser.parse_args()
    words = Path(__file__).parent / "missed-training.md"
    data = json.loads(arguments.results.read_text())
    part = training_part(data, words.read_text() if words.exists() else "")
    path = arguments.into / "performance.md"
    path.write_text(fill_in(path.read_text(), {"training": part}))
    print(f"{part}\n\nwritten to {path}")


if __name__ == "__main__":
    main()
