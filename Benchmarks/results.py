"""What compare.py wrote, and how its figures are written."""

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

    def restricted(self, *precisions):
        """The results of some precisions."""

        def is_kept(result):
            return result["configuration"]["choices"]["precision"] in precisions

        engines = {name: e for name, e in self.engines.items() if e["precision"] in precisions}
        own = self.data.get("swiftlet")
        if own:
            own = own | {"results": [result for result in own["results"] if is_kept(result)]}
        return Results(self.data | {"engines": engines, "swiftlet": own})

    def of(self, precision, isa=None):
        """The engines that were measured with all that the machine has, or held to a tier."""
        return [
            engine
            for engine in self.engines.values()
            if engine["precision"] == precision
            and (isa in engine["tiers"] if isa else self.has_more_than_tiers(engine))
        ]

    @staticmethod
    def has_more_than_tiers(engine):
        return bool(engine["latency"] or engine["throughput"] or "cold" in engine)

    @property
    def precisions(self):
        measured = {engine["precision"] for engine in self.engines.values()}
        return [p for p in ("float32", "bfloat16", "int8") if p in measured]

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

    @property
    def tier_lengths(self):
        tiers = (tier for e in self.engines.values() for tier in e["tiers"].values())
        return sorted({int(case) for tier in tiers for case in tier})

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


def threads_of(count):
    return f"{count} thread{'s' * (count != 1)}"
