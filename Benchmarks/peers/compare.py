#!/usr/bin/env python3
"""Measures Swiftlet and other engines side by side and writes results.json.

  python compare.py --root FOLDER --model MODEL --workload FILE --swiftlet BINARY --output FILE

In a round all engines are loaded, each in a process of its own, for one kind of measurement after
another, and take turns at each of its cases, some tenths of a second at a time and each time
beginning with another engine: what happens to the machine happens to all alike. A figure is the
median of its turns' medians.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from engines import ENGINES

HERE = Path(__file__).resolve().parent
TEXTS = HERE.parent / "texts" / "sample.txt"
LENGTHS = [8, 16, 32, 64, 128, 256, 512]
SWIFTLET = {"swiftlet": "float32", "swiftlet-bfloat16": "bfloat16", "swiftlet-int8": "int8"}
KINDS = ["latency", "throughput", "cold", "tiers"]
# Compiling takes the first one longer than its measurements; the model in bfloat16 is faster than the second.
ON_REQUEST = ("pytorch-compiled", "pytorch-bfloat16-autocast")
# Lengths of the texts that are measured with less than the best instruction set.
TIER_LENGTHS = [32, 128]
# An arrangement of a load below this share of an engine's best in the first round is not repeated.
WORTH_REPEATING = 0.88
# Seconds to keep for what Swiftlet says of itself, and for the tokenizers.
RESERVE = 150
# What the other engines may be told about instruction sets; ONNX Runtime can't be restricted.
RESTRICTIONS = {
    "avx512": {},
    "avx2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "CT2_FORCE_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "baseline": {
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "CT2_FORCE_CPU_ISA": "GENERIC",
        "OPENBLAS_CORETYPE": "Nehalem",
    },
}


def quantile(values, share):
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def processor_fields():
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def precision_of(name):
    return SWIFTLET.get(name) or ENGINES[name].precision


def has_bfloat16():
    """Whether the processor multiplies bfloat16."""
    return "avx512_bf16" in processor_fields().get("flags", "").split()


def default_engines(isa):
    """All but some, and those of bfloat16 only where the processor multiplies it and may."""
    names = [name for name in [*SWIFTLET, *ENGINES] if name not in ON_REQUEST]
    if isa is None and has_bfloat16():
        return names
    print("bfloat16 is not measured: " + (f"--isa {isa}" if isa else "the processor has no AVX512_BF16"))
    return [name for name in names if precision_of(name) != "bfloat16"]


def tiers():
    """Which engines are measured with less than the best instruction set. MKL, which multiplies
    PyTorch's matrices, has nothing less than AVX2 for processors that are not Intel's."""
    heeds = processor_fields().get("vendor_id") == "GenuineIntel"
    return {
        "avx2": ("swiftlet", "swiftlet-int8", "pytorch", "pytorch-onednn"),
        "baseline": ("swiftlet", *(["pytorch"] if heeds else []), "pytorch-onednn"),
    }


def processor():
    """Its name, and since that may be only the maker's, its family, model and vectors."""
    fields = processor_fields()
    name = fields.get("model name") or platform.processor() or "unknown"
    if "flags" not in fields:
        return name
    flags = fields["flags"].split()
    vectors = [
        flag
        for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
        if flag in flags
    ]
    return (
        f"{name} (family {fields['cpu family']}, model {fields['model']}; "
        f"{', '.join(vectors) or 'no AVX2'})"
    )


def describe_machine():
    total = Path("/proc/meminfo").read_text().split()[1]
    pages = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(int(total) / 1e6, 1),
        "kernel": platform.release(),
        "transparent_huge_pages": pages.read_text().strip() if pages.exists() else "",
        "load_at_start": os.getloadavg()[0],
    }


def describe_versions(arguments):
    versions = {
        "python": platform.python_version(),
        "tokenizers": importlib.metadata.version("tokenizers"),
    }
    for engine in ENGINES.values():
        try:
            versions[engine.package] = importlib.metadata.version(engine.package)
        except importlib.metadata.PackageNotFoundError:
            versions[engine.package] = "not installed"
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False)
    versions["swift"] = (swift.stdout.splitlines() or ["unknown"])[0]
    commit = subprocess.run(
        ["git", "-C", HERE, "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    versions["swiftlet"] = commit.stdout.strip() or "unknown"
    return versions


@dataclass(frozen=True)
class Kind:
    """One way to measure, in which every engine has its turn before the next kind comes."""

    title: str
    mode: str
    #: of one call
    threads: int
    #: calls at the same time
    streams: int = 1
    #: Measured in each so-manieth round.
    every: int = 1
    isa: str | None = None

    @property
    def arrangement(self):
        return str(self.threads) if self.mode == "latency" else f"{self.streams}x{self.threads}"


def takes_part(engine, kind, turn):
    if engine.is_for_tiers and not kind.isa:
        return False
    return turn % engine.every == 0 and (kind.streams == 1 or engine.takes_streams)


class Runner:
    """Starts workers and reads their answers."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = arguments.root / "run"
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, threads, isa):
        keep = {
            k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_", "OPENBLAS_"))
        }
        # PyTorch and CTranslate2 read the first; numpy, which only pads, must not start threads.
        keep.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1")
        keep.update(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")
        keep = {k: v for k, v in keep.items() if not k.startswith("SWIFTLET_")}
        keep.update(RESTRICTIONS[isa] if isa else {})
        return keep

    def start(self, name, configuration, isa):
        path = self.folder / "configuration.json"
        path.write_text(json.dumps(configuration))
        if name in SWIFTLET:
            command = [self.arguments.swiftlet, "worker", path, "--precision", SWIFTLET[name]]
            command += ["--isa", isa] if isa else []
        else:
            command = [sys.executable, HERE / "worker.py", name, self.arguments.root, path]
        log = self.folder / f"{name}-{configuration['mode']}.log"
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            env=self.environment(configuration["threads"], isa),
        )
        return process, self.watch(process), log

    def watch(self, process):
        """Ends a process that takes too long."""
        watch = threading.Timer(self.arguments.timeout, process.kill)
        watch.daemon = True
        watch.start()
        return watch

    def cold(self, name, configuration, isa):
        """Seconds from the start of the process, and what memory it has at each step."""
        begin = time.perf_counter()
        process, watch, log = self.start(name, configuration, isa)
        found, paused = {}, 0.0
        for line in process.stdout:
            step = line.strip()
            if step not in ("@LOADED", "@FIRST", "@SEQ512"):
                continue
            seen = time.perf_counter()
            found[step[1:].lower()] = {"seconds": seen - begin - paused, **memory(process.pid)}
            process.stdin.write("\n")
            process.stdin.flush()
            paused += time.perf_counter() - seen
        process.wait()
        watch.cancel()
        if "seq512" not in found:
            raise RuntimeError(failure(process, log))
        return {
            "loaded_s": found["loaded"]["seconds"],
            "first_answer_s": found["first"]["seconds"],
            "resident_mb": found["first"]["resident_mb"],
            "resident_after_512_mb": found["seq512"]["resident_mb"],
            "private_after_512_mb": found["seq512"]["private_mb"],
            "peak_mb": found["seq512"]["peak_mb"],
        }


class Worker:
    """An engine that is loaded, and measures what it is asked when it is asked.

    Raises RuntimeError when the process has ended."""

    def __init__(self, runner, name, configuration, isa):
        self.runner = runner
        self.process, watch, self.log = runner.start(name, configuration, isa)
        self.read(watch)

    def measure(self, case):
        return json.loads(self.ask(case))

    def close(self):
        """What it has to say at its end."""
        answer = json.loads(self.ask(""))
        self.process.wait()
        return answer

    def ask(self, line):
        watch = self.runner.watch(self.process)
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self.read(watch)

    def read(self, watch):
        """The next line that is an answer; engines print all sorts of things."""
        for line in self.process.stdout:
            if line.startswith(("{", "@READY")):
                watch.cancel()
                return line
        watch.cancel()
        self.process.wait()
        raise RuntimeError(failure(self.process, self.log))


def failure(process, log):
    lines = log.read_text(errors="replace").strip().splitlines()
    return f"status {process.returncode}: {lines[-1] if lines else 'no message'}"[:300]


def memory(process):
    fields = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name.rstrip(":")] = int(value) / 1024
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            fields["peak"] = int(line.split()[1]) / 1024
    return {
        "resident_mb": fields["Rss"],
        "private_mb": fields["Private_Clean"] + fields["Private_Dirty"],
        "peak_mb": fields["peak"],
    }


def summarise_latency(rounds):
    times = [time for one in rounds for time in one["times_ms"]]
    medians = [quantile(one["times_ms"], 0.5) for one in rounds]
    return {
        "median_ms": quantile(medians, 0.5),
        "p10_ms": quantile(times, 0.1),
        "p90_ms": quantile(times, 0.9),
        "p99_ms": quantile(times, 0.99),
        "best_round_ms": min(medians),
        "samples": len(times),
        **conditions(rounds, medians),
    }


def summarise_throughput(rounds):
    medians = [quantile(one["times_s"], 0.5) for one in rounds]
    texts = rounds[0]["texts"]
    return {
        "texts_per_s": texts / quantile(medians, 0.5),
        "best_round_texts_per_s": texts / min(medians),
        "samples": sum(len(one["times_s"]) for one in rounds),
        **conditions(rounds, medians),
    }


def conditions(rounds, medians):
    """How far the rounds lie apart, and what others had of the machine in the worst of them."""
    return {
        "rounds": len(rounds),
        "spread": max(medians) / min(medians),
        "others_percent": max(one["others_pct"] for one in rounds),
        "stolen_percent": max(one["steal_pct"] for one in rounds),
    }


def summarise_start(starts):
    """The quickest start, and the memory that is there in the median of all."""
    best = min(starts, key=lambda start: start["first_answer_s"])
    memory = [key for key in best if key.endswith("_mb")]
    return {**best, **{key: quantile([start[key] for start in starts], 0.5) for key in memory}}


class Comparison:
    """All rounds of all engines, and what came of them."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.runner = Runner(arguments)
        self.workload = json.loads(arguments.workload.read_text())
        reference = arguments.root / "reference.json"
        self.reference = json.loads(reference.read_text())
        self.tiers = tiers()
        self.raw = {
            name: {"latency": {}, "throughput": {}, "tiers": {}, "cold": []}
            for name in arguments.engines
        }
        self.differences = {}
        self.errors = {name: {} for name in arguments.engines}
        self.begin = time.time()
        self.left_out = []

    def kinds(self):
        every = self.arguments.threads
        most = max(every)
        kinds = [
            Kind(f"latency, {count} thread{'s' * (count > 1)}", "latency", count) for count in every
        ]
        kinds.append(Kind(f"throughput, 1 x {most} threads", "throughput", most, every=2))
        if most > 1:
            kinds.append(Kind(f"throughput, {most} x 1 thread", "throughput", 1, most, every=2))
        kinds.append(Kind("cold start", "cold", most, every=2))
        kinds = [kind for kind in kinds if kind.mode in self.arguments.kinds]
        if "tiers" in self.arguments.kinds and not self.arguments.isa:
            kinds += [Kind(f"latency, {isa}", "latency", 1, every=2, isa=isa) for isa in self.tiers]
        return kinds

    def engines(self, kind, turn):
        """Those that take part, beginning with another one in each round."""
        names = [
            name
            for name in self.arguments.engines
            if (not kind.isa or name in self.tiers[kind.isa])
            and (name in SWIFTLET or takes_part(ENGINES[name], kind, turn))
        ]
        shift = turn % len(names) if names else 0
        return names[shift:] + names[:shift]

    def loads(self, name, kind):
        """The lengths of batches of 32, and the sizes of batches of mixed length."""
        lengths = [32] if self.arguments.quick else [32, 128]
        sizes = [32] if self.arguments.quick else [8, 32]
        if name in SWIFTLET:
            # Without padding, all texts may come at once, and one by one nothing is wasted either.
            sizes = sizes + ([256] if kind.streams == 1 else [1])
        return (
            [length for length in lengths if self.is_worth(name, kind, f"b32s{length}")],
            [size for size in sizes if self.is_worth(name, kind, f"mixed_bs{size}")],
        )

    def is_worth(self, name, kind, case):
        """Whether a load in one arrangement was near the engine's best in the rounds before."""
        load = case.split("_")[0]
        found = {
            (arrangement, other): summarise_throughput(rounds)["texts_per_s"]
            for arrangement, cases in self.raw[name]["throughput"].items()
            for other, rounds in cases.items()
            if other.split("_")[0] == load
        }
        rate = found.get((kind.arrangement, case))
        return rate is None or rate >= WORTH_REPEATING * max(found.values())

    def configuration(self, name, kind):
        arguments, quick = self.arguments, self.arguments.quick
        lengths, sizes = self.loads(name, kind) if kind.mode == "throughput" else ([], [])
        return {
            "mode": kind.mode,
            "takes_turns": kind.mode != "cold",
            "threads": kind.threads,
            "streams": kind.streams,
            "model_dir": str(arguments.int8_model if name == "swiftlet-int8" else arguments.model),
            "inputs": str(arguments.workload),
            "seqs": TIER_LENGTHS if kind.isa else arguments.lengths,
            "warm_time": 0.05,
            "min_time": 0.1 if quick else arguments.time,
            "min_iters": 3,
            "max_iters": 20_000,
            "thr_time": 0.1 if quick else 2 * arguments.time,
            "min_batches": 1,
            "thr_cases": lengths,
            "mixed_bs": sizes,
            "cold_ids": {length: self.workload["latency"][length] for length in ("16", "512")},
        }

    def run(self):
        took = {}
        for turn in range(self.arguments.rounds):
            for kind in self.kinds():
                if turn % kind.every:
                    continue
                begin = time.time()
                left = self.arguments.minutes * 60 - RESERVE - (begin - self.begin)
                if turn and took[kind] > left:
                    self.left_out.append(f"{kind.title} of round {turn + 1}")
                    print(f"no time left for {self.left_out[-1]}", flush=True)
                    continue
                self.start_all(kind, turn) if kind.mode == "cold" else self.take_turns(kind, turn)
                took[kind] = time.time() - begin

    def start_all(self, kind, turn):
        """The cold starts of all engines."""
        for name in self.engines(kind, turn):
            configuration = self.configuration(name, kind)
            time.sleep(0.2)
            try:
                starts = [
                    self.runner.cold(name, configuration, self.arguments.isa)
                    for _ in range(self.arguments.starts)
                ]
            except RuntimeError as error:
                self.fail(name, kind, error)
                continue
            self.raw[name]["cold"] += starts
            first = min(start["first_answer_s"] for start in starts)
            self.tell(kind, name, f"first answer after {first:.3f} s")

    def take_turns(self, kind, turn):
        """Loads all engines, and measures them alternately at every case."""
        workers = {}
        for name in self.engines(kind, turn):
            configuration = self.configuration(name, kind)
            if kind.mode == "throughput" and not self.cases(configuration):
                continue
            try:
                worker = Worker(self.runner, name, configuration, kind.isa or self.arguments.isa)
            except RuntimeError as error:
                self.fail(name, kind, error)
                continue
            workers[name] = (worker, self.cases(configuration))
        laps = 1 if kind.mode == "throughput" else self.arguments.laps
        for lap in range(laps):
            self.take_lap(kind, workers, lap)
            self.tell(kind, f"lap {lap + 1} of {laps}", f"{len(workers)} engines")
        for name, (worker, _) in workers.items():
            try:
                self.compare(name, kind, worker.close())
            except RuntimeError as error:
                self.fail(name, kind, error)

    def take_lap(self, kind, workers, lap):
        """One turn of every engine at every case."""
        every = list(dict.fromkeys(case for _, cases in workers.values() for case in cases))
        for number, case in enumerate(every):
            names = [name for name, (_, cases) in workers.items() if case in cases]
            shift = (lap + number) % len(names)
            for name in names[shift:] + names[:shift]:
                time.sleep(0.1)  # the threads of the engine before may spin for a while
                try:
                    samples = workers[name][0].measure(case)
                except RuntimeError as error:
                    self.fail(name, kind, error)
                    del workers[name]
                    continue
                of = self.raw[name]["tiers" if kind.isa else kind.mode]
                place = of.setdefault(kind.isa or kind.arrangement, {})
                place.setdefault(case, []).append(samples)

    def cases(self, configuration):
        if configuration["mode"] == "latency":
            return [str(length) for length in configuration["seqs"]]
        batches = [f"b32s{length}" for length in configuration["thr_cases"]]
        return batches + [f"mixed_bs{size}" for size in configuration["mixed_bs"]]

    def compare(self, name, kind, answer):
        """Holds an engine's logits against PyTorch's."""
        if "check_logits" not in answer:
            return
        pairs = zip(answer["check_logits"], self.reference, strict=True)
        largest = max(abs(a - b) for row in pairs for a, b in zip(*row, strict=True))
        self.differences[name] = max(largest, self.differences.get(name, 0))
        self.tell(kind, name, f"logits differ by {largest:.1e}")

    def fail(self, name, kind, error):
        self.errors[name][kind.title] = str(error)
        self.tell(kind, name, f"FAILED, {error}")

    def tell(self, kind, who, what):
        took = time.time() - self.begin
        print(f"[{took:5.0f} s] {kind.title:26s} {who:18s} {what}", flush=True)

    def summary(self):
        return {name: self.summary_of(name, raw) for name, raw in self.raw.items()}

    def summary_of(self, name, raw):
        def each(rounds_of, summarise):
            return {
                arrangement: {case: summarise(rounds) for case, rounds in cases.items()}
                for arrangement, cases in rounds_of.items()
            }

        return {
            "title": "Swiftlet" if name in SWIFTLET else ENGINES[name].title,
            "precision": precision_of(name),
            "logit_difference": self.differences.get(name),
            "errors": self.errors[name],
            "latency": each(raw["latency"], summarise_latency),
            "throughput": each(raw["throughput"], summarise_throughput),
            "tiers": each(raw["tiers"], summarise_latency),
            **({"cold": summarise_start(raw["cold"])} if raw["cold"] else {}),
        }


def own_benchmark(arguments, engines):
    """What `swiftlet-benchmark` says of itself: shares of the limit, and its tokenizer."""
    path = arguments.root / "run" / "swiftlet.json"
    precisions = ",".join(SWIFTLET[name] for name in engines)
    command = [arguments.swiftlet, "--model", arguments.model, "--json", path]
    command += ["--int8-model", arguments.int8_model, "--sections", "latency,tokenizer"]
    command += ["--threads", ",".join(map(str, arguments.threads)), "--precision", precisions]
    command += ["--lengths", ",".join(map(str, arguments.lengths))]
    command += ["--quick"] if arguments.quick else ["--time", "1.2"]
    command += ["--isa", arguments.isa] if arguments.isa else []
    done = subprocess.run(list(map(str, command)), check=False)
    return json.loads(path.read_text()) if done.returncode == 0 else None


def compare_tokenizers(arguments):
    """Swiftlet's tokenizer and the package `tokenizers`, measured alternately, on one thread and on all."""
    found = {}
    processors = len(os.sched_getaffinity(0))
    for name, threads in [("one", 1)] + ([("all", processors)] if processors > 1 else []):
        command = [sys.executable, HERE / "tokenizing.py", arguments.model, TEXTS]
        command += ["0.2" if arguments.quick else "2", arguments.swiftlet, threads]
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(f"tokenizers failed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            return None
        found[name] = json.loads(done.stdout) | {"threads": threads}
    return found


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse():
    processors = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="what setup.py made")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--int8-model", type=Path, required=True, help="the same, quantised")
    parser.add_argument("--workload", type=Path, required=True)
    parser.add_argument("--swiftlet", type=Path, required=True, help="swiftlet-benchmark's binary")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        help=f"default: all but {', '.join(ON_REQUEST)}; bfloat16 where the processor has AVX512_BF16",
    )
    parser.add_argument("--threads", type=numbers, default=sorted({1, min(2, processors), processors}))
    parser.add_argument("--lengths", type=numbers, default=LENGTHS)
    parser.add_argument(
        "--kinds",
        default=KINDS,
        type=lambda text: text.split(","),
        help="latency, throughput, cold, and tiers for less than the best instruction set",
    )
    parser.add_argument("--isa", choices=RESTRICTIONS, help="restrict all engines that can be")
    parser.add_argument(
        "--rounds", type=int, default=3, help="every second one is of latency alone"
    )
    parser.add_argument(
        "--laps", type=int, default=3, help="turns of each engine at a latency, in a round"
    )
    parser.add_argument("--starts", type=int, default=2, help="cold starts in each round")
    parser.add_argument(
        "--time",
        type=float,
        default=0.3,
        help="seconds for a latency at a turn; throughput: twice",
    )
    parser.add_argument(
        "--minutes", type=float, default=36, help="leave later rounds out to keep to this time"
    )
    parser.add_argument("--price-per-core-hour", type=float, default=0.04, help="in dollars")
    parser.add_argument("--timeout", type=float, default=180, help="seconds for one process")
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that all works"
    )
    arguments = parser.parse_args()
    arguments.engines = arguments.engines or default_engines(arguments.isa)
    if arguments.quick:
        arguments.rounds = arguments.starts = arguments.laps = 1
    if min(arguments.rounds, arguments.laps) < 1:
        parser.error("--rounds and --laps must be at least 1")
    if not set(arguments.kinds) <= set(KINDS):
        parser.error(f"--kinds may name {', '.join(KINDS)}")
    unknown = [name for name in arguments.engines if name not in {**SWIFTLET, **ENGINES}]
    if unknown:
        parser.error(
            f"no engine {', '.join(unknown)}; there are {', '.join([*SWIFTLET, *ENGINES])}"
        )
    return arguments


def main():
    arguments = parse()
    comparison = Comparison(arguments)
    begin = time.strftime("%Y-%m-%d %H:%M")
    machine = describe_machine()
    comparison.run()
    machine["load_at_end"] = os.getloadavg()[0]
    lengths = [len(text) for text in comparison.workload["mixed"]]
    results = {
        "date": begin,
        "quick": arguments.quick,
        "rounds": arguments.rounds,
        "seconds_per_figure": arguments.time,
        "isa": arguments.isa,
        "left_out": comparison.left_out,
        "price_per_core_hour": arguments.price_per_core_hour,
        "machine": machine,
        "versions": describe_versions(arguments),
        "mixed": {"texts": len(lengths), "tokens": sum(lengths)},
        "engines": comparison.summary(),
    }
    working = [
        name for name in arguments.engines if name in SWIFTLET and not comparison.errors[name]
    ]
    if working:
        results["swiftlet"] = own_benchmark(arguments, working)
        results["tokenizers"] = compare_tokenizers(arguments)
    results["minutes"] = round((time.time() - comparison.begin) / 60, 1)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
