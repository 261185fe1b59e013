"""Swiftlet's targets, and what it reaches."""

import math
from dataclasses import dataclass

from results import BATCHES, table, text, threads_of


def swiftlet(results, precision):
    return next((e for e in results.of(precision) if e["title"] == "Swiftlet"), None)


def swiftlet_and_best(results, precision, figure, least, isa=None):
    """Swiftlet's figure, and the best of the others with its title."""
    engines = results.of(precision, isa)
    own = next((figure(e) for e in engines if e["title"] == "Swiftlet"), None)
    others = [(figure(e), e["title"]) for e in engines if e["title"] != "Swiftlet"]
    others = [pair for pair in others if pair[0] is not None]
    if own is None or not others:
        return None
    return own, (min if least else max)(others)


@dataclass(frozen=True)
class Mark:
    """A target, which is reached when `found` is at least `goal`."""

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


@dataclass(frozen=True)
class Goals:
    """The targets of a precision, as factors; None where there is none."""

    #: One text of up to 128 tokens, and a longer one.
    short: float
    long: float
    #: Texts of fewer tokens have no target.
    least_tokens: int
    batches: float
    mixed: float
    #: Of the machine's limit, from 64 tokens on.
    share: float
    #: 2 threads over 1, from 64 tokens on.
    threads: float | None = None
    start: float | None = None
    memory: float | None = None
    #: Over Swiftlet in float32, from 64 tokens on.
    float32: float | None = None


GOALS = {
    "float32": Goals(1.3, 1.2, 8, 1.2, 1.5, 0.85, threads=1.7, start=2, memory=1),
    "bfloat16": Goals(1.3, 1.3, 32, 1.25, 1.4, 0.8, float32=1.75),
    "int8": Goals(1.5, 1.35, 8, 1.5, 1.9, 0.6, threads=1.6, start=2, memory=1),
}


def latency_marks(results, precision):
    goals = GOALS[precision]
    shortest = f"{goals.least_tokens} to " if goals.least_tokens > min(results.lengths) else "up to "
    for threads in results.threads:
        for length in (length for length in results.lengths if length >= goals.least_tokens):
            found = swiftlet_and_best(
                results, precision, lambda e, n=threads, l=length: results.latency(e, n, l), True
            )
            if found:
                own, (other, title) = found
                yield Mark(
                    f"one text of {shortest}128 tokens, {threads_of(threads)}"
                    if length <= 128
                    else f"one text of 256 or 512 tokens, {threads_of(threads)}",
                    f"{length} tokens, {threads_of(threads)}",
                    precision,
                    goals.short if length <= 128 else goals.long,
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
                GOALS[precision].mixed if case == "mixed" else GOALS[precision].batches,
                own / other,
                f"{text(own)} texts/s",
                f"{text(other)} texts/s",
                title,
            )


def start_marks(results, precision):
    goals = GOALS[precision]
    for key, what, goal, unit, decimals in (
        ("first_answer_s", "cold start", goals.start, "s", 3),
        ("resident_after_512_mb", "resident memory after 512 tokens", goals.memory, "MB", 0),
    ):
        found = swiftlet_and_best(results, precision, lambda e, k=key: results.cold(e, k), True)
        if found and goal:
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
    if not GOALS[precision].threads:
        return
    own = swiftlet(results, precision)
    for length in results.lengths:
        pair = [results.latency(own, count, length) for count in (1, 2)] if own else [None]
        if length >= 64 and None not in pair:
            yield Mark(
                "2 threads over 1, from 64 tokens on",
                f"2 threads over 1, {length} tokens",
                precision,
                GOALS[precision].threads,
                pair[0] / pair[1],
                f"{text(pair[1])} ms",
                f"{text(pair[0])} ms",
                "Swiftlet, 1 thread",
            )


def float32_marks(results, precision):
    """Swiftlet held against itself in float32, in the same run."""
    goal, pair = GOALS[precision].float32, [swiftlet(results, p) for p in ("float32", precision)]
    if not goal or None in pair:
        return
    for threads in results.threads:
        for length in (length for length in results.lengths if length >= 64):
            other, own = (results.latency(engine, threads, length) for engine in pair)
            if own and other:
                yield Mark(
                    f"over float32, from 64 tokens on, {threads_of(threads)}",
                    f"over float32, {length} tokens, {threads_of(threads)}",
                    precision,
                    goal,
                    other / own,
                    f"{text(own)} ms",
                    f"{text(other)} ms",
                    "Swiftlet, float32",
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
                    GOALS[precision].share,
                    row["share_of_limit"],
                    f"{text(row['median_ms'])} ms",
                )


def tier_marks(results, precision):
    """Held against those that can be restricted to the same instruction set."""
    for isa in ("avx2", "baseline"):
        for length in results.tier_lengths:
            found = swiftlet_and_best(
                results, precision, lambda e, i=isa, l=length: results.tier(e, i, l), True, isa
            )
            if found:
                own, (other, title) = found
                yield Mark(
                    f"held to {isa} like PyTorch, 1 thread",
                    f"held to {isa}, {length} tokens, 1 thread",
                    precision,
                    1,
                    other / own,
                    f"{text(own)} ms",
                    f"{text(other)} ms",
                    title,
                )


def all_marks(results, precisions):
    kinds = (
        latency_marks,
        scaling_marks,
        float32_marks,
        throughput_marks,
        limit_marks,
        start_marks,
        tier_marks,
    )
    return [mark for kind in kinds for p in precisions for mark in kind(results, p)]


def summary_of_marks(marks):
    """A row for each group: how many are reached, and the lowest factor."""
    precisions = [p for p in GOALS if any(mark.precision == p for mark in marks)]
    rows = []
    for group in dict.fromkeys(mark.group for mark in marks):
        cells = [group]
        for precision in precisions:
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
    return table(["goal", *precisions], rows)


def marks_part(marks):
    if not marks:
        return "Nothing was measured that could be compared with another engine."
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
        f"{reached} of {len(marks)} targets are reached.",
        summary_of_marks(marks),
        "In detail:",
        table(header, rows),
    ]
    return "\n\n".join(parts)


def missed_part(marks, words):
    """What is missed in this run, and what was written about it by hand."""
    missed = [mark for mark in marks if not mark.is_reached]
    if not marks:
        listing = ""
    elif not missed:
        listing = "This run reaches all targets."
    else:
        listing = "This run misses these targets:\n\n" + "\n".join(
            f"- {mark.precision}, {mark.what}: {mark.factor} of {mark.goal:g}" for mark in missed
        )
    return "\n\n".join(part for part in (listing, words.strip()) if part)
