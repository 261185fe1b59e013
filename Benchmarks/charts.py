#!/usr/bin/env python3
"""Fills in docs/performance.md and draws its charts from what compare.py found.

  python charts.py RESULTS.json [--into FOLDER]

FOLDER (default: docs) gets performance.md and performance/*.svg; the page's own words are those of
Benchmarks/performance.md, and of Benchmarks/missed.md and missed-bfloat16.md on what is missed. Needs only
Python.
"""

import argparse
import json
import re
from pathlib import Path

from bfloat16 import bfloat16_part
from marks import all_marks, marks_part, missed_part
from results import BATCHES, Results, text, threads_of
from svg import Canvas, bar_panel, line_panel
from tables import (
    conditions,
    latency_tables,
    limit_table,
    price_table,
    start_table,
    throughput_tables,
    tiers_table,
    tokenizer_table,
)

DOCS = Path(__file__).resolve().parent.parent / "docs"
COLOURS = {
    "Swiftlet": "#d9480f",
    "ONNX Runtime": "#1971c2",
    "OpenVINO": "#2b8a3e",
    "CTranslate2": "#862e9c",
    "PyTorch": "#868e96",
    "PyTorch, autocast": "#adb5bd",
    "PyTorch, compiled": "#343a40",
}


def draw(results, folder):
    """The charts of float32 and int8, and those of bfloat16 if it was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_latency(results, folder)
    main, bfloat16 = results.restricted("float32", "int8"), results.restricted("bfloat16")
    draw_throughput(main, folder / "throughput.svg")
    draw_start(main, folder / "start.svg")
    if bfloat16.precisions:
        draw_throughput(bfloat16, folder / "throughput-bfloat16.svg")


def draw_latency(results, folder):
    for precision in results.precisions:
        canvas = Canvas(880, 400, f"Latency of one text, {precision}: milliseconds by tokens")
        width = 820 / max(len(results.threads), 1)
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


def draw_throughput(results, path):
    draw_bars(
        path,
        "Texts per second, all cores (more is better)",
        results,
        [(name, lambda e, case=case: results.rate(e, case)[0]) for case, name in BATCHES.items()],
    )


def draw_start(results, path):
    draw_bars(
        path,
        "Start and memory (less is better)",
        results,
        [
            ("first answer, seconds", lambda e: results.cold(e, "first_answer_s")),
            ("resident after 512 tokens, MB", lambda e: results.cold(e, "resident_after_512_mb")),
        ],
    )


def draw_bars(path, title, results, panels):
    """A column of panels for each precision, a row for each figure."""
    if not results.precisions:
        return
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


def kept_part(path, name):
    """What another script wrote into a place of the page."""
    old = path.read_text() if path.exists() else ""
    found = re.search(f"<!-- begin: {name} -->\n(.*?)\n?<!-- end: {name} -->", old, re.DOTALL)
    return found[1] if found else ""


def words_of(name):
    """What was written by hand."""
    path = Path(__file__).parent / name
    return path.read_text() if path.exists() else ""


def kept_section(path):
    """What Benchmarks/server/compare.py wrote at the end of the page."""
    old = path.read_text() if path.exists() else ""
    at = old.find("\n## Over HTTP\n")
    return old[at:] if at >= 0 else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument(
        "--into", type=Path, default=DOCS, help="default: the docs of the repository"
    )
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)
    everything = Results(json.loads(arguments.results.read_text()))
    results = everything.restricted("float32", "int8")
    draw(everything, arguments.into / "performance")
    marks = all_marks(results, results.precisions)
    path = arguments.into / "performance.md"
    page = fill_in(
        (Path(__file__).parent / "performance.md").read_text(),
        {
            "conditions": conditions(results),
            "marks": marks_part(marks),
            "missed": missed_part(marks, words_of("missed.md")),
            "latency": latency_tables(results),
            "throughput": throughput_tables(results),
            "start": start_table(results),
            "limit": limit_table(results),
            "bfloat16": bfloat16_part(everything, words_of("missed-bfloat16.md"))
            or kept_part(path, "bfloat16")
            or "Not measured.",
            "tiers": tiers_table(results),
            "price": price_table(results),
            "tokenizer": tokenizer_table(results),
            "training": kept_part(path, "training") or "Not measured.",
            "training-bfloat16": kept_part(path, "training-bfloat16") or "Not measured.",
        },
    )
    path.write_text(page + kept_section(path))
    print(f"written to {arguments.into / 'performance.md'}")


if __name__ == "__main__":
    main()
