#!/usr/bin/env python3
"""Fills in docs/performance.md and draws its charts from what compare.py found.

  python charts.py RESULTS.json [--into FOLDER]

FOLDER (default: docs) gets performance.md and performance/*.svg; the page's own words are those of
Benchmarks/performance.md, and of Benchmarks/missed.md on what is missed. Needs nothing but Python.
"""

import argparse
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

from svg import Canvas, bar_panel, line_panel

DOCS = Path(__file__).resolve().parent.parent / "docs"
COLOURS = {
    "Swiftlet": "#d9480f",
    "ONNX Runtime": "#1971c2",
    "OpenVINO": "#2b8a3e",
    "CTranslate2": "#862e9c",
    "PyTorch": "#868e96",
    "PyTorch, compiled": "#343a40",
}
BATCHES = {
    "b32s32": "32 texts of 32 tokens",
    "b32s128": "32 texts of 128 tokens",
    "mixed": "256 texts of mixed length",
}


class Results:
    """What compare.py wrote, by what is asked of it."""

    def __init__(self, data):
        self.data = data
        self.engines = data["engines"]
        self.most = max((int(t) for e in self.engines.values() for t in e["latency"]), default=1)

    def of(self, precision):
        return [engine for engine in self.engines.values() if engine["precision"] == precision]

    @property
    def precisions(self):
        return [p for p in ("float32", "int8") if self.of(p)]

    @property
    def threads(self):
        return sorted({int(count) for e in self.engines.values() for count in e["latency"]})

    @property
    def lengths(self):
        cases = (c for e in self.engines.values() for l in e["latency"].values() for c in l)
        return sorted({int(case) for case in cases})

    @staticmethod
    def latency(engine, threads, length):
        return engine["latency"].get(str(threads), {}).get(str(length), {}).get("median_ms")

    @staticmethod
    def rate(engine, case):
        """The best over all arrangements, and which it was."""
        found = [
            (figures["texts_per_s"], arrangement, name)
            for arrangement, cases in engine["throughput"].items()
            for name, figures in cases.items()
            if name == case or (case == "mixed" and name.startswith("mixed_"))
        ]
        return max(found, default=(None, None, None))

    @staticmethod
    def tier(engine, isa, length):
        return engine["tiers"].get(isa, {}).get(str(length), {}).get("median_ms")

    @staticmethod
    def cold(engine, key):
        return engine.get("cold", {}).get(key)


def text(value, decimals=None):
    if value is None:
        return "–"
    if decimals is None:
        decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{decimals}f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def bold_best(values, cells, least=True):
    known = [value for value in values if value is not None]
    if not known:
        return cells
    best = min(known) if least else max(known)
    return [f"**{c}**" if v == best else c for v, c in zip(values, cells)]


def columns(rows, least):
    """Rows (title, values) with the best of each column in bold."""
    marked = [
        bold_best(column, [text(v) for v in column], least) for column in zip(*(r[1] for r in rows))
    ]
    return [[title, *cells] for (title, _), cells in zip(rows, zip(*marked))] if marked else []


def conditions(results):
    data = results.data
    machine, versions = data["machine"], data["versions"]
    lines = [
        f"{machine['processor']}, {machine['processors']} processors, {machine['memory_gb']} GB, "
        f"Linux {machine['kernel']}, huge pages `{machine['transparent_huge_pages']}`; "
        f"{data['date']}, {data['rounds']} round{'s' * (data['rounds'] != 1)} in "
        f"{data['minutes']} minutes. "
        f"Swiftlet {versions['swiftlet']} ({versions['swift']}), "
        f"ONNX Runtime {versions['onnxruntime']}, OpenVINO {versions['openvino'].split('-')[0]}, "
        f"CTranslate2 {versions['ctranslate2']}, PyTorch {versions['torch']}, "
        f"tokenizers {versions['tokenizers']}, Python {versions['python']}."
    ]
    if data["isa"]:
        lines.append(f"All engines that can be are restricted to `{data['isa']}`.")
    if data["left_out"]:
        lines.append(f"For lack of time left out: {', '.join(data['left_out'])}.")
    lines += disturbances(data)
    rows = [
        (engine["title"], precision, f"{engine['logit_difference']:.1e}")
        for precision in results.precisions
        for engine in results.of(precision)
        if engine["logit_difference"] is not None
    ]
    agreement = table(["engine", "precision", "largest difference of a logit from PyTorch's"], rows)
    failures = [
        f"- {engine['title']} ({engine['precision']}): {kind}: {reason}"
        for engine in data["engines"].values()
        for kind, reason in engine["errors"].items()
    ]
    return "\n\n".join([" ".join(lines), *(["\n".join(failures)] if failures else []), agreement])


def disturbances(data):
    """What else happened on the machine, as far as it can be seen."""
    if data["quick"]:
        yield "**A short run, which only shows that all works: no figure here is a result.**"
    figures = [figure for engine in data["engines"].values() for figure in figures_of(engine)]
    if not figures:
        return
    others, stolen, spread = (
        sorted(figure[key] for figure in figures)
        for key in ("others_percent", "stolen_percent", "spread")
    )
    middle = len(figures) // 2
    yield (
        f"Other processes had {others[middle]:.0f} % of the machine in the worst round of the "
        f"median figure and {others[-1]:.0f} % in the worst of all; the hypervisor took "
        f"{stolen[middle]:.0f} % and {stolen[-1]:.0f} %."
    )
    if max(figure["rounds"] for figure in figures) > 1:
        yield (
            f"The slowest round of a figure took {spread[middle]:.2f} times as long as its fastest "
            f"in the median, {spread[-1]:.2f} times in the worst: so much does this machine vary."
        )
    if not data["quick"] and others[middle] > 5:
        yield "**The machine was busy with other things: the figures are no result.**"


def figures_of(engine):
    for kind in ("latency", "throughput", "tiers"):
        for cases in engine[kind].values():
            yield from cases.values()


def swiftlet_and_best(results, precision, figure, least):
    """Swiftlet's figure, and the best of the others with its title."""
    engines = results.of(precision)
    own = next((figure(e) for e in engines if e["title"] == "Swiftlet"), None)
    others = [(figure(e), e["title"]) for e in engines if e["title"] != "Swiftlet"]
    others = [pair for pair in others if pair[0] is not None]
    if own is None or not others:
        return None
    return own, (min if least else max)(others)


@dataclass(frozen=True)
class Mark:
    """One thing that Swiftlet holds itself to: reached when `found` is at least `goal`."""

    group: str
    what: str
    precision: str
    goal: float
    found: float
    #: Swiftlet's figure, with its unit.
    own: str
    #: The best of the others, with its unit, and its name.
    other: str = ""
    title: str = ""

    @property
    def is_reached(self):
        return self.found >= self.goal

    @property
    def factor(self):
        # Cut, not rounded: what is missed must not look as if it were reached.
        return f"{math.floor(100 * self.found) / 100:.2f}"


GOALS = {
    # latency up to 128 tokens, above, batches of 32, mixed load, 2 threads over 1, the limit
    "float32": (1.3, 1.2, 1.2, 1.5, 1.7, 0.85),
    "int8": (1.5, 1.35, 1.5, 1.9, 1.6, 0.6),
}


def threads_of(count):
    return f"{count} thread{'s' * (count != 1)}"


def latency_marks(results, precision):
    for threads in results.threads:
        for length in results.lengths:
            found = swiftlet_and_best(
                results, precision, lambda e, n=threads, l=length: results.latency(e, n, l), True
            )
            if found:
                own, (other, title) = found
                yield Mark(
                    f"one text of up to 128 tokens, {threads_of(threads)}"
                    if length <= 128
                    else f"one text of 256 or 512 tokens, {threads_of(threads)}",
                    f"{length} tokens, {threads_of(threads)}",
                    precision,
                    GOALS[precision][0 if length <= 128 else 1],
                    other / own,
                    f"{text(own)} ms",
                    f"{text(other)} ms",
                    title,
                )


def throughput_marks(results, precision):
    for case, name in BATCHES.items():
        found = swiftlet_and_best(
            results, precision, lambda e, c=case: results.rate(e, c)[0], False
        )
        if found:
            own, (other, title) = found
            yield Mark(
                "256 texts of mixed length, all cores"
                if case == "mixed"
                else "batches of 32, all cores",
                name,
                precision,
                GOALS[precision][3 if case == "mixed" else 2],
                own / other,
                f"{text(own)} texts/s",
                f"{text(other)} texts/s",
                title,
            )


def start_marks(results, precision):
    for key, what, goal, unit, decimals in (
        ("first_answer_s", "cold start", 2, "s", 3),
        ("resident_after_512_mb", "resident memory after 512 tokens", 1, "MB", 0),
    ):
        found = swiftlet_and_best(results, precision, lambda e, k=key: results.cold(e, k), True)
        if found:
            own, (other, title) = found
            yield Mark(
                what,
                what,
                precision,
                goal,
                other / own,
                f"{text(own, decimals)} {unit}",
                f"{text(other, decimals)} {unit}",
                title,
            )


def scaling_marks(results, precision):
    """Swiftlet held against itself with one thread."""
    own = next((e for e in results.of(precision) if e["title"] == "Swiftlet"), None)
    for length in results.lengths:
        pair = [results.latency(own, count, length) for count in (1, 2)] if own else [None]
        if length >= 64 and None not in pair:
            yield Mark(
                "2 threads over 1, from 64 tokens on",
                f"2 threads over 1, {length} tokens",
                precision,
                GOALS[precision][4],
                pair[0] / pair[1],
                f"{text(pair[1])} ms",
                f"{text(pair[0])} ms",
                "Swiftlet, 1 thread",
            )


def limit_marks(results, precision):
    for result in (results.data.get("swiftlet") or {}).get("results", []):
        configuration = result["configuration"]
        if configuration["choices"]["precision"] != precision:
            continue
        for row in result["latency"]:
            if row["tokens"] >= 64:
                threads = threads_of(configuration["threads"])
                yield Mark(
                    f"share of the machine's limit, from 64 tokens on, {threads}",
                    f"share of the limit, {row['tokens']} tokens, {threads}",
                    precision,
                    GOALS[precision][5],
                    row["share_of_limit"],
                    f"{text(row['median_ms'])} ms",
                )


def all_marks(results):
    kinds = (latency_marks, scaling_marks, throughput_marks, limit_marks, start_marks)
    return [mark for kind in kinds for p in results.precisions for mark in kind(results, p)]


def summary_of_marks(marks):
    """A row for each group: how many are reached, and the lowest factor."""
    rows = []
    for group in dict.fromkeys(mark.group for mark in marks):
        cells = [group]
        for precision in GOALS:
            of = [m for m in marks if m.group == group and m.precision == precision]
            if not of:
                cells.append("–")
                continue
            reached = sum(mark.is_reached for mark in of)
            lowest = min(of, key=lambda mark: mark.found).factor
            cell = f"{reached} of {len(of)}" if len(of) > 1 else "yes" if reached else "no"
            cell = cell if reached == len(of) else f"**{cell}**"
            cells.append(f"{cell} (goal {of[0].goal:g}, {'lowest ' * (len(of) > 1)}{lowest})")
        rows.append(cells)
    return table(["goal", *GOALS], rows)


def marks_part(results):
    marks = all_marks(results)
    if not marks:
        return "Nothing was measured that could be held against another engine."
    reached = sum(mark.is_reached for mark in marks)
    rows = [
        [
            mark.what,
            mark.precision,
            mark.own,
            mark.other,
            mark.title,
            mark.factor,
            f"{mark.goal:g}",
            "yes" if mark.is_reached else "**no**",
        ]
        for mark in marks
    ]
    header = ["what", "precision", "Swiftlet", "fastest other", "which", "factor", "goal", ""]
    parts = [
        f"{reached} of {len(marks)} are reached.",
        summary_of_marks(marks),
        "One by one:",
        table(header, rows),
    ]
    return "\n\n".join(parts)


def missed_part(results, words):
    """What is missed in this run, and what was written about it by hand."""
    missed = [mark for mark in all_marks(results) if not mark.is_reached]
    if not missed:
        listing = "In this run, none is missed."
    else:
        listing = "In this run these are missed:\n\n" + "\n".join(
            f"- {mark.precision}, {mark.what}: {mark.factor} of {mark.goal:g}"
            for mark in missed
        )
    return "\n\n".join(part for part in (listing, words.strip()) if part)


def latency_tables(results):
    parts = []
    for precision in results.precisions:
        for threads in results.threads:
            rows = [
                (e["title"], [results.latency(e, threads, length) for length in results.lengths])
                for e in results.of(precision)
            ]
            heading = f"{precision}, {threads_of(threads)}"
            parts.append(
                table([f"{heading}: tokens", *map(str, results.lengths)], columns(rows, True))
            )
    return "\n\n".join(parts)


def throughput_tables(results):
    parts = []
    for precision in results.precisions:
        rows = [
            (e["title"], [results.rate(e, case)[0] for case in BATCHES])
            for e in results.of(precision)
        ]
        if all(value is None for _, values in rows for value in values):
            continue
        arrangements = []
        for engine in results.of(precision):
            _, arrangement, case = results.rate(engine, "mixed")
            callers, threads = arrangement.split("x") if arrangement else ("", "")
            size = case.removeprefix("mixed_bs") if case else ""
            arrangements.append(
                f"batches of {size}, {callers} x {threads} threads" if case else "–"
            )
        cells = columns(rows, False)
        header = [f"{precision}: texts/s", *BATCHES.values(), "arrangement for the mixed load"]
        parts.append(table(header, [row + [a] for row, a in zip(cells, arrangements)]))
    return "\n\n".join(parts)


def start_table(results):
    rows = []
    for precision in results.precisions:
        for engine in results.of(precision):
            if "cold" not in engine:
                continue
            cold = engine["cold"]
            rows.append(
                [
                    engine["title"],
                    precision,
                    text(cold["first_answer_s"]),
                    text(cold["resident_after_512_mb"], 0),
                    text(cold["private_after_512_mb"], 0),
                    text(cold["peak_mb"], 0),
                ]
            )
    header = ["engine", "precision", "first answer, s", "resident, MB", "of it private", "at most"]
    return table(header, rows)


def limit_table(results):
    own = results.data.get("swiftlet")
    if not own or not own["results"]:
        return "Not measured."
    rows, lengths = [], [row["tokens"] for row in own["results"][0]["latency"]]
    for result in own["results"]:
        configuration = result["configuration"]
        limit = result["limits"]["weight_products_per_s"] / 1e9
        reads = result["limits"]["memory_reads_bytes_per_s"] / 1e9
        precision = configuration["choices"]["precision"]
        name = f"{precision}, {threads_of(configuration['threads'])}"
        for title, key in (("", "share_of_limit"), ("best to best", "best_share_of_limit")):
            shares = [f"{100 * row[key]:.0f} %" for row in result["latency"]]
            limits = ["", ""] if title else [f"{limit:.0f}", f"{reads:.1f}"]
            rows.append([title or name, *limits, *shares])
    header = ["tokens", "limit, 10⁹ op/s", "memory, GB/s", *map(str, lengths)]
    return table(header, rows)


def price_table(results):
    """What ten million texts cost with each engine's best arrangement on all cores."""
    price, cores = results.data["price_per_core_hour"], results.most
    parts = []
    for precision in results.precisions:
        rows = []
        for engine in results.of(precision):
            cells = []
            for case in BATCHES:
                rate = results.rate(engine, case)[0]
                dollars = 1e7 / rate * cores / 3600 * price if rate else None
                cells.append(f"{text(rate / cores)} · ${dollars:.2f}" if rate else "–")
            rows.append([engine["title"], *cells])
        if any(cell != "–" for row in rows for cell in row[1:]):
            header = [f"{precision}: texts/s per core · 10 million", *BATCHES.values()]
            parts.append(table(header, rows))
    if not parts:
        return "Not measured."
    return f"At ${price:g} for an hour of one core:\n\n" + "\n\n".join(parts)


def tiers_table(results):
    rows = []
    tiers = [tier for e in results.engines.values() for tier in e["tiers"].values()]
    lengths = sorted({int(case) for tier in tiers for case in tier})
    for isa in ("avx2", "baseline"):
        for precision in results.precisions:
            of = [e for e in results.of(precision) if isa in e["tiers"]]
            cells = columns(
                [(e["title"], [results.tier(e, isa, n) for n in lengths]) for e in of], True
            )
            rows += [[isa, precision, *row] for row in cells]
    if not rows:
        return "Not measured."
    return table(["instruction set", "precision", "engine", *map("{} tokens".format, lengths)], rows)


def tokenizer_table(results):
    own = (results.data.get("swiftlet") or {}).get("tokenizer")
    if not own:
        return "Not measured."

    def row(name, seconds):
        rate, megabytes = own["texts"] / seconds, own["bytes"] / seconds / 1e6
        return [name, f"{rate:,.0f}", f"{megabytes:.1f}"]

    rows = [row("Swiftlet, text by text, 1 thread", own["seconds"])]
    others = results.data.get("tokenizers") or {}
    for count, name in (("one", "1 thread"), ("all", "all cores")):
        if count in others:
            if count == "one":
                seconds = others[count]["one_by_one_s"]
                rows.append(row(f"tokenizers, text by text, {name}", seconds))
            rows.append(row(f"tokenizers, in batches, {name}", others[count]["batch_s"]))
    same = all(o["tokens"] == own["tokens"] for o in others.values())
    words = (
        f"{own['texts']} texts of {own['bytes'] // own['texts']} bytes and "
        f"{own['tokens'] // own['texts']} tokens on average, over and over. Swiftlet loads its "
        f"tokenizer in {own['loading_s'] * 1e3:.1f} ms."
    )
    if others:
        words += " Both find the same number of tokens." if same else " They differ in the tokens."
    return words + "\n\n" + table(["", "texts/s", "MB/s"], rows)


def draw(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for precision in results.precisions:
        canvas = Canvas(880, 400, f"Latency of one text, {precision}: milliseconds by tokens")
        width = 820 / len(results.threads)
        for index, threads in enumerate(results.threads):
            series = [
                (e["title"], COLOURS[e["title"]], points)
                for e in results.of(precision)
                if (
                    points := [
                        (length, value)
                        for length in results.lengths
                        if (value := results.latency(e, threads, length))
                    ]
                )
            ]
            title = f"{threads_of(threads)}"
            line_panel(canvas, 44 + index * width, 70, width - 40, 250, title, series)
        canvas.legend(44, 382, [(e["title"], COLOURS[e["title"]]) for e in results.of(precision)])
        canvas.save(folder / f"latency-{precision}.svg")
    draw_bars(
        folder / "throughput.svg",
        "Texts per second, all cores (more is better)",
        results,
        [(name, lambda e, case=case: results.rate(e, case)[0]) for case, name in BATCHES.items()],
    )
    draw_bars(
        folder / "start.svg",
        "Start and memory (less is better)",
        results,
        [
            ("first answer, seconds", lambda e: results.cold(e, "first_answer_s")),
            ("resident after 512 tokens, MB", lambda e: results.cold(e, "resident_after_512_mb")),
        ],
    )


def draw_bars(path, title, results, panels):
    """A column of panels for each precision, a row for each figure."""
    most = max(len(results.of(precision)) for precision in results.precisions)
    height = 34 + 24 * most
    canvas = Canvas(880, 56 + height * len(panels), title)
    width = 850 / len(results.precisions)
    for column, precision in enumerate(results.precisions):
        for row, (name, figure) in enumerate(panels):
            bars = [
                (e["title"], COLOURS[e["title"]], value)
                for e in results.of(precision)
                if (value := figure(e)) is not None
            ]
            left, top = 20 + column * width, 56 + row * height
            bar_panel(canvas, left, top, width - 20, f"{precision}: {name}", bars, text)
    canvas.save(path)


def fill_in(page, parts):
    for name, content in parts.items():
        pattern = re.compile(f"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise SystemExit(f"performance.md has no place for {name}")
        page = pattern.sub(lambda match, new=content: f"{match[1]}{new}\n{match[2]}", page)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument(
        "--into", type=Path, default=DOCS, help="default: the docs of the repository"
    )
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    results = Results(json.loads(arguments.results.read_text()))
    draw(results, arguments.into / "performance")
    words = Path(__file__).parent / "missed.md"
    page = fill_in(
        (Path(__file__).parent / "performance.md").read_text(),
        {
            "conditions": conditions(results),
            "marks": marks_part(results),
            "missed": missed_part(results, words.read_text() if words.exists() else ""),
            "latency": latency_tables(results),
            "throughput": throughput_tables(results),
            "start": start_table(results),
            "limit": limit_table(results),
            "tiers": tiers_table(results),
            "price": price_table(results),
            "tokenizer": tokenizer_table(results),
        },
    )
    (arguments.into / "performance.md").write_text(page)
    print(f"written to {arguments.into / 'performance.md'}")


if __name__ == "__main__":
    main()
