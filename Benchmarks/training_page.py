#!/usr/bin/env python3
"""Fills in the section on training of docs/performance.md from what compare_training.py found.

  python training_page.py RESULTS.json [--into FOLDER]

FOLDER (default: docs) must have performance.md, as charts.py writes it. What is missed is explained in
Benchmarks/missed-training.md and missed-training-bfloat16.md. Needs only Python.
"""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

from charts import DOCS, fill_in, kept_part, words_of
from results import table, text, threads_of

@dataclass(frozen=True)
class Goals:
    """The targets of a precision; what it lacks has none."""

    #: By model and case, Swiftlet's rate over PyTorch's best: padded to the longest text of a batch, and grouped
    #: by length.
    rates: dict
    #: By model, of whole steps of 32 texts of 128 tokens: the share of the machine's limit, and Swiftlet's rate
    #: over its own in float32.
    shares: dict = field(default_factory=dict)
    float32: dict = field(default_factory=dict)
    #: Of the same steps: two threads over one, and the shares of PyTorch's memory and start.
    scaling: float | None = None
    memory: float | None = None
    start: float | None = None


GOALS = {
    "float32": Goals(
        rates={
            "distilbert-base": {"128": (1.25, None), "sst2": (3, 1.3), "mixed": (3.75, 1.3)},
            "minilm-l6": {"128": (1.5, None), "sst2": (2.5, 1.5), "mixed": (3, 1.5)},
        },
        shares={"distilbert-base": 0.75, "minilm-l6": 0.65},
        scaling=1.8,
        memory=0.55,
        start=0.2,
    ),
    "bfloat16": Goals(
        rates={"distilbert-base": {"128": (1.25, None), "sst2": (3, 1.3)}}, float32={"distilbert-base": 1.6}
    ),
}

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


def restricted(data, precision):
    """What was measured in a precision, by the names that it has in float32."""
    suffix, results = "-bfloat16", []
    for entry in data["results"]:
        figures = {
            name.removesuffix(suffix): found
            for name, found in entry["figures"].items()
            if name.endswith(suffix) == (precision == "bfloat16")
        }
        results += [entry | {"figures": figures}] if figures else []
    return data | {"results": results}


def rate_marks(entry, goals):
    own = entry["figures"]["swiftlet"]["tokensPerSecond"]
    pair = goals.rates.get(entry["model"], {}).get(entry["case"], (None, None))
    for arrangement, goal in zip(("padded", "grouped"), pair):
        found = best(entry["figures"], arrangement)
        if found and goal:
            other = found["tokensPerSecond"]
            what = f"{title_of(entry)}, PyTorch {arrangement}"
            yield TrainingMark(what, goal, own / other, f"{text(own)} tokens/s", f"{text(other)} tokens/s")


def limit_marks(entry, goals):
    if entry["model"] not in goals.shares:
        return
    own = entry["figures"]["swiftlet"]
    limit = f"{own['limitOperationsPerSecond'] / 1e9:.0f} · 10⁹ op/s"
    rate = f"{own['limitOperationsPerSecond'] * own['shareOfLimit'] / 1e9:.0f} · 10⁹ op/s"
    what = f"share of the limit, {title_of(entry)}"
    yield TrainingMark(what, goals.shares[entry["model"]], own["shareOfLimit"], rate, limit)


def cost_marks(entry, goals):
    """Memory and start, as shares of the smallest that PyTorch needs."""
    own = entry["figures"]["swiftlet"]
    others = [f for name, f in entry["figures"].items() if name != "swiftlet"]
    for key, what, goal, unit, decimals in (
        ("peakMegabytes", "peak memory", goals.memory, "MB", 0),
        ("secondsToFirstStep", "start to first step", goals.start, "s", 2),
    ):
        if others and goal:
            other = min(f[key] for f in others)
            pair = (f"{text(value, decimals)} {unit}" for value in (own[key], other))
            yield TrainingMark(f"{what}, {title_of(entry)}", goal, own[key] / other, *pair, is_most=True)


def scaling_marks(entry, results, goals):
    for one in results if goals.scaling else []:
        is_same = all(one[key] == entry[key] for key in ("model", "case"))
        if is_same and one["threads"] == 1 and entry["threads"] == 2:
            single, double = (e["figures"]["swiftlet"]["tokensPerSecond"] for e in (one, entry))
            what = f"2 threads over 1, {entry['model']}, {CASES[entry['case']]}"
            yield TrainingMark(
                what, goals.scaling, double / single, f"{text(double)} tokens/s", f"{text(single)} tokens/s"
            )


def float32_marks(entry, float32, goals):
    """Swiftlet held against itself in float32, in the same run."""
    for other in float32["results"] if entry["model"] in goals.float32 else []:
        is_same = all(other[key] == entry[key] for key in ("model", "case", "threads"))
        if is_same and "swiftlet" in other["figures"]:
            own, found = (e["figures"]["swiftlet"]["tokensPerSecond"] for e in (entry, other))
            what = f"over float32, {title_of(entry)}"
            goal = goals.float32[entry["model"]]
            yield TrainingMark(what, goal, own / found, f"{text(own)} tokens/s", f"{text(found)} tokens/s")


def all_marks(data, precision):
    goals, float32 = GOALS[precision], restricted(data, "float32")
    results = [entry for entry in restricted(data, precision)["results"] if "swiftlet" in entry["figures"]]
    most = max((entry["threads"] for entry in results), default=1)
    marks = []
    for entry in (entry for entry in results if entry["threads"] == most):
        marks += rate_marks(entry, goals)
        if entry["case"] == "128":
            marks += [*limit_marks(entry, goals), *scaling_marks(entry, results, goals)]
            marks += [*float32_marks(entry, float32, goals), *cost_marks(entry, goals)]
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


def training_part(data, precision, words):
    """None if nothing was measured in the precision."""
    own = restricted(data, precision)
    if not own["results"]:
        return None
    marks = all_marks(data, precision)
    missed = [mark for mark in marks if not mark.is_reached]
    header = ["what", "Swiftlet", "other", "factor or share", "goal", ""]
    parts = [
        conditions(own),
        f"{len(marks) - len(missed)} of {len(marks)} targets are reached.",
        table(header, [mark.row for mark in marks]),
    ]
    if missed:
        parts += [words.strip()] if words.strip() else []
    return "\n\n".join([*parts, "All figures:", figures_table(own)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--into", type=Path, default=DOCS, help="default: the docs of the repository")
    arguments = parser.parse_args()
    data = json.loads(arguments.results.read_text())
    path = arguments.into / "performance.md"
    parts = {}
    for name, precision in (("training", "float32"), ("training-bfloat16", "bfloat16")):
        found = training_part(data, precision, words_of(f"missed-{name}.md"))
        parts[name] = found or kept_part(path, name) or "Not measured."
        print(f"{parts[name]}\n" if found else f"{precision} was not measured\n")
    path.write_text(fill_in(path.read_text(), parts))
    print(f"written to {path}")


if __name__ == "__main__":
    main()
