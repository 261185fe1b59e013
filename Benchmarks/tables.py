"""The tables of docs/performance.md, of what compare.py found."""

from results import BATCHES, table, text, threads_of


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
        lines.append(f"All engines that can be restricted are restricted to `{data['isa']}`.")
    if data["left_out"]:
        lines.append(f"Skipped for lack of time: {', '.join(data['left_out'])}.")
    lines += disturbances(data)
    rows = [
        (engine["title"], precision, f"{engine['logit_difference']:.1e}")
        for precision in results.precisions
        for engine in data["engines"].values()
        if engine["precision"] == precision and engine["logit_difference"] is not None
    ]
    agreement = table(["engine", "precision", "largest difference of a logit from PyTorch's in float32"], rows)
    failures = [
        f"- {engine['title']} ({engine['precision']}): {kind}: {reason}"
        for engine in data["engines"].values()
        for kind, reason in engine["errors"].items()
    ]
    return "\n\n".join([" ".join(lines), *(["\n".join(failures)] if failures else []), agreement])


def disturbances(data):
    """What else happened on the machine, as far as it can be seen."""
    if data["quick"]:
        yield "**A short run that only checks the setup: its figures are not results.**"
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
            f"in the median and {spread[-1]:.2f} times in the worst case."
        )
    if not data["quick"] and others[middle] > 5:
        yield "**The machine was busy with other work: the figures are not results.**"


def figures_of(engine):
    for kind in ("latency", "throughput", "tiers"):
        for cases in engine[kind].values():
            yield from cases.values()


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
                    text(cold["first_answer_s"], 3),
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
    lengths = results.tier_lengths
    for isa in ("avx2", "baseline"):
        for precision in results.precisions:
            of = results.of(precision, isa)
            cells = columns(
                [(e["title"], [results.tier(e, isa, n) for n in lengths]) for e in of], True
            )
            rows += [[isa, precision, *row] for row in cells]
    if not rows:
        return "Not measured."
    return table(
        ["instruction set", "precision", "engine", *map("{} tokens".format, lengths)], rows
    )


def tokenizer_table(results):
    own = (results.data.get("swiftlet") or {}).get("tokenizer")
    if not own:
        return "Not measured."

    def row(name, seconds):
        rate, megabytes = own["texts"] / seconds, own["bytes"] / seconds / 1e6
        return [name, f"{rate:,.0f}", f"{megabytes:.1f}"]

    both = results.data.get("tokenizers") or {}
    rows, tokens = [], {own["tokens"]}
    for way, key, counts in (
        ("text by text", "one_by_one_s", ["one"]),
        ("in batches", "batch_s", ["one", "all"]),
    ):
        for found in (both[count] for count in counts if count in both):
            threads = "1 thread" if found["threads"] == 1 else f"{found['threads']} threads"
            for title, side in (("Swiftlet", "swiftlet"), ("tokenizers", "tokenizers")):
                rows.append(row(f"{title}, {way}, {threads}", found[side][key]))
                tokens.add(found[side]["tokens"])
    if not both:
        rows = [row("Swiftlet, text by text, 1 thread", own["seconds"])]
    words = (
        f"{own['texts']} texts of {own['bytes'] // own['texts']} bytes and "
        f"{own['tokens'] // own['texts']} tokens on average, repeated. Swiftlet loads its "
        f"tokenizer in {own['loading_s'] * 1e3:.1f} ms."
    )
    if both:
        words += (
            " The two were measured alternating; a batch is 16 times all texts. Text by text, Swiftlet returns only"
            " ids; all other rows include offsets and masks."
            + (" Both find the same number of tokens." if len(tokens) == 1 else "")
            + (" They differ in the tokens." if len(tokens) > 1 else "")
        )
    return words + "\n\n" + table(["", "texts/s", "MB/s"], rows)
