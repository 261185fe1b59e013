"""The section on bfloat16 of docs/performance.md, which has its own conditions.

A run on a machine without AVX512_BF16 measures none of it and keeps the section of the last run that did.
"""

from marks import all_marks, marks_part, missed_part
from results import table, threads_of
from tables import columns, conditions, latency_tables, limit_table, start_table, throughput_tables


def precisions_table(results):
    """Swiftlet's latencies in all precisions, of the same run."""
    parts = []
    for threads in results.threads:
        rows = [
            (precision, [results.latency(engine, threads, length) for length in results.lengths])
            for precision in results.precisions
            for engine in results.of(precision)
            if engine["title"] == "Swiftlet"
        ]
        header = [f"Swiftlet, ms, {threads_of(threads)}: tokens", *map(str, results.lengths)]
        parts.append(table(header, columns(rows, True)))
    return "\n\n".join(parts)


def bfloat16_part(results, words):
    """None if the run has nothing of it."""
    own = results.restricted("bfloat16")
    if not any(own.has_more_than_tiers(engine) for engine in own.engines.values()):
        return None
    marks = all_marks(results, ["bfloat16"])
    parts = [
        conditions(own),
        "### Targets in bfloat16",
        marks_part(marks),
        missed_part(marks, words),
        "### Figures in bfloat16",
        "![Latency in bfloat16](performance/latency-bfloat16.svg)",
        latency_tables(own),
        "![Throughput in bfloat16](performance/throughput-bfloat16.svg)",
        throughput_tables(own),
        start_table(own),
        limit_table(own),
        "### float32 and bfloat16",
        precisions_table(results),
    ]
    return "\n\n".join(part for part in parts if part)
