#!/usr/bin/env python3
"""Fills in docs/performance.md and draws its charts from what compare.py found.

  python charts.py RESULTS.json [--into FOLDER]

FOLDER (default: docs) gets performance.md and performance/*.svg; the page's own words are those of
Benchmarks/performance.md. Needs nothing but Python.
"""

import argparse
import json
import re
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
        f"{data['date']}, {data['rounds']} round{'s' * (data['rounds'] > 1)} in "
        f"{data['minutes']} minutes. "
        f"Swiftlet {versions['swiftlet']} ({versions['swift']}), "
        f"ONNX Runtime {versions['onnxruntime']}, OpenVINO {versions['openvino'].split('-')[0]}, "
        f"CTranslate2 {versions['ctranslate2']}, PyTorch {versions['torch']}, "
        f"Python {versions['python']}."
    ]
    if data["isa"]:
        lines.append(f"All engines that can be are restricted to `{data['isa']}`.")
    others = [f["others_percent"] for e in data["engines"].values() for f in figures_of(e)]
    if others:
        ordered = sorted(others)
        lines.append(
            f"Other processes had {ordered[len(ordered) // 2]:.0f} % of the machine in the median "
            f"figure and {ordered[-1]:.0f} % in the worst."
        )
    if data["quick"]:
        lines.append(
            "**A short run, which only shows that all works: no figure here is a result.**"
        )
    elif others and sorted(others)[len(others) // 2] > 5:
        lines.append("**The machine was busy with other things: the figures are no result.**")
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


def figures_of(engine):
    for kind in ("latency", "throughput"):
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


def mark_rows(results):
    """(what, precision, the goal, the factor reached, the other engine) for each mark."""
    goals = {"float32": (1.3, 1.2, 1.2, 1.5), "int8": (1.5, 1.35, 1.5, 1.9)}
    for precision in results.precisions:
        short, long, batch, mixed = goals[precision]
        for threads in results.threads:
            for length in results.lengths:
                found = swiftlet_and_best(
                    results,
                    precision,
                    lambda e, n=threads, l=length: results.latency(e, n, l),
                    True,
                )
                if found:
                    own, (other, title) = found
                    what = f"latency, {length} tokens, {threads} thread{'s' * (threads > 1)}"
                    yield what, precision, short if length <= 128 else long, other / own, title
        for case, name in BATCHES.items():
            found = swiftlet_and_best(
                results, precision, lambda e, c=case: results.rate(e, c)[0], False
            )
            if found:
                own, (other, title) = found
                yield name, precision, mixed if case == "mixed" else batch, own / other, title
        for key, what, goal in (
            ("first_answer_s", "cold start", 2),
            ("resident_after_512_mb", "resident memory after 512 tokens", 1),
        ):
            found = swiftlet_and_best(results, precision, lambda e, k=key: results.cold(e, k), True)
            if found:
                own, (other, title) = found
                yield what, precision, goal, other / own, title


def own_goals(results):
    """Swiftlet held against itself: more threads, and the machine's limit."""
    for precision in results.precisions:
        own = next((e for e in results.of(precision) if e["title"] == "Swiftlet"), None)
        goal = {"float32": 1.7, "int8": 1.6}[precision]
        for length in results.lengths:
            pair = [results.latency(own, count, length) for count in (1, 2)] if own else [None]
            if length >= 64 and None not in pair:
                yield f"2 threads over 1, {length} tokens", precision, goal, pair[0] / pair[1]
    for result in (results.data.get("swiftlet") or {}).get("results", []):
        configuration = result["configuration"]
        precision = configuration["choices"]["precision"]
        for row in result["latency"]:
            if row["tokens"] >= 64:
                threads = configuration["threads"]
                yield (
                    f"share of the limit, {row['tokens']} tokens, {threads} thread{'s' * (threads > 1)}",
                    precision,
                    {"float32": 0.85, "int8": 0.6}[precision],
                    row["share_of_limit"],
                )


def marks(results):
    rows = [
        [what, precision, f"{goal:g}", f"{found:.2f}", "yes" if found >= goal else "**no**", title]
        for what, precision, goal, found, title in mark_rows(results)
    ]
    rows += [
        [what, precision, f"{goal:g}", f"{found:.2f}", "yes" if found >= goal else "**no**", ""]
        for what, precision, goal, found in own_goals(results)
    ]
    reached = sum(row[4] == "yes" for row in rows)
    header = ["what", "precision", "goal", "reached", "", "the fastest other"]
    summary = f"{reached} of {len(rows)} goals are reached."
    return summary + "\n\n" + table(header, rows)


def latency_tables(results):
    parts = []
    for precision in results.precisions:
        for threads in results.threads:
            rows = [
                (e["title"], [results.latency(e, threads, length) for length in results.lengths])
                for e in results.of(precision)
            ]
            heading = f"{precision}, {threads} thread{'s' * (threads > 1)}"
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


def limit_tables(results):
    own = results.data.get("swiftlet")
    if not own:
        return ""
    parts = []
    rows, lengths = [], [row["tokens"] for row in own["results"][0]["latency"]]
    for result in own["results"]:
        configuration = result["configuration"]
        limit = result["limits"]["weight_products_per_s"] / 1e9
        reads = result["limits"]["memory_reads_bytes_per_s"] / 1e9
        shares = [f"{100 * row['share_of_limit']:.0f} %" for row in result["latency"]]
        precision = configuration["choices"]["precision"]
        rows.append(
            [f"{precision}, {configuration['threads']}", f"{limit:.0f}", f"{reads:.1f}", *shares]
        )
    header = ["precision, threads: tokens", "limit, 10⁹ op/s", "memory, GB/s", *map(str, lengths)]
    parts.append(table(header, rows))
    rows = []
    for result in own["results"]:
        configuration = result["configuration"]
        threads = configuration["threads"]
        for row in result["throughput"]:
            hours = 1e7 / row["texts_per_s"] * threads / 3600
            rows.append(
                [
                    f"{configuration['choices']['precision']}, {threads}",
                    row["name"],
                    text(row["texts_per_s"]),
                    text(row["texts_per_s"] / threads),
                    f"{100 * row['share_of_limit']:.0f} %",
                    f"{hours * own['price_per_core_hour']:.2f}",
                ]
            )
    header = [
        "precision, threads",
        "load",
        "texts/s",
        "per core",
        "of the limit",
        f"$ for 10 million, at ${own['price_per_core_hour']:g} per core-hour",
    ]
    parts.append(table(header, rows))
    tokenizer = own.get("tokenizer")
    if tokenizer:
        rate = tokenizer["bytes"] / tokenizer["seconds"] / 1e6
        texts = tokenizer["texts"] / tokenizer["seconds"]
        parts.append(
            f"The tokenizer does {rate:.1f} MB or {texts:,.0f} texts per second on one thread, and "
            f"is loaded in {tokenizer['loading_s'] * 1e3:.1f} ms."
        )
    return "\n\n".join(parts)


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
            title = f"{threads} thread{'s' * (threads > 1)}"
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
    page = fill_in(
        (Path(__file__).parent / "performance.md").read_text(),
        {
            "conditions": conditions(results),
            "marks": marks(results),
            "latency": latency_tables(results),
            "throughput": throughput_tables(results),
            "start": start_table(results),
            "limit": limit_tables(results),
        },
    )
    (arguments.into / "performance.md").write_text(page)
    print(f"written to {arguments.into / 'performance.md'}")


if __name__ == "__main__":
    main()
