#!/usr/bin/env python3
"""Measures Swiftlet and other engines side by side and writes results.json.

  python compare.py --root FOLDER --model MODEL --workload FILE --swiftlet BINARY --output FILE

Every measurement is a process of its own; in each round every engine has its turn at one kind of
measurement before the next kind comes, and each round begins with another engine, so that what
happens to the machine happens to all alike.
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
from pathlib import Path

from engines import ENGINES

HERE = Path(__file__).resolve().parent
LENGTHS = [8, 16, 32, 64, 128, 256, 512]
SWIFTLET = {"swiftlet": "float32", "swiftlet-int8": "int8"}
# What the other engines may be told about instruction sets; ONNX Runtime can't be restricted.
RESTRICTIONS = {
    "avx512": {},
    "avx2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "CT2_FORCE_CPU_ISA": "AVX2",
    },
    "baseline": {
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "ATEN_CPU_CAPABILITY": "default",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "CT2_FORCE_CPU_ISA": "GENERIC",
    },
}


def quantile(values, share):
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


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
    versions = {"python": platform.python_version()}
    for engine in ENGINES.values():
        if engine.package not in versions:
            versions[engine.package] = importlib.metadata.version(engine.package)
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


class Runner:
    """Starts workers and reads their answers."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = arguments.root / "run"
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, threads):
        keep = {
            k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_", "OPENBLAS_"))
        }
        # PyTorch and CTranslate2 read the first; numpy, which only pads, must not start threads.
        keep.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1")
        keep.update(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")
        keep.pop("SWIFTLET_THREADS", None)
        if self.arguments.isa:
            keep.update(RESTRICTIONS[self.arguments.isa])
        return keep

    def start(self, name, configuration):
        path = self.folder / "configuration.json"
        path.write_text(json.dumps(configuration))
        if name in SWIFTLET:
            command = [self.arguments.swiftlet, "worker", path, "--precision", SWIFTLET[name]]
            if self.arguments.isa:
                command += ["--isa", self.arguments.isa]
        else:
            command = [sys.executable, HERE / "worker.py", name, self.arguments.root, path]
        log = self.folder / f"{name}-{configuration['mode']}.log"
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
            env=self.environment(configuration["threads"]),
        )
        watch = threading.Timer(self.arguments.timeout, process.kill)
        watch.daemon = True
        watch.start()
        return process, watch, log

    def measure(self, name, configuration):
        """The worker's JSON; raises RuntimeError where there is none."""
        process, watch, log = self.start(name, configuration)
        output = process.communicate()[0]
        watch.cancel()
        try:
            return json.loads(output.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise RuntimeError(failure(process, log)) from None

    def cold(self, name, configuration):
        """Seconds from the start of the process, and what memory it has at each step."""
        begin = time.perf_counter()
        process, watch, log = self.start(name, configuration)
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
    return {
        "median_ms": quantile(times, 0.5),
        "p10_ms": quantile(times, 0.1),
        "p90_ms": quantile(times, 0.9),
        "p99_ms": quantile(times, 0.99),
        "best_round_ms": min(quantile(one["times_ms"], 0.5) for one in rounds),
        "samples": len(times),
        "others_percent": max(one["others_pct"] for one in rounds),
        "stolen_percent": max(one["steal_pct"] for one in rounds),
    }


def summarise_throughput(rounds):
    times = [time for one in rounds for time in one["times_s"]]
    texts = rounds[0]["texts"]
    return {
        "texts_per_s": texts / quantile(times, 0.5),
        "best_round_texts_per_s": texts / min(quantile(one["times_s"], 0.5) for one in rounds),
        "samples": len(times),
        "others_percent": max(one["others_pct"] for one in rounds),
        "stolen_percent": max(one["steal_pct"] for one in rounds),
    }


class Comparison:
    """All rounds of all engines, and what came of them."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.runner = Runner(arguments)
        self.workload = json.loads(arguments.workload.read_text())
        reference = arguments.root / "reference.json"
        self.reference = json.loads(reference.read_text())
        self.raw = {
            name: {"latency": {}, "throughput": {}, "cold": []} for name in arguments.engines
        }
        self.differences = {}
        self.errors = {name: {} for name in arguments.engines}
        self.begin = time.time()

    def kinds(self):
        """(title, mode, threads of one call, calls at the same time)"""
        every = self.arguments.threads
        most = max(every)
        kinds = [("cold start", "cold", most, 1)]
        kinds += [
            (f"latency, {count} thread{'s' * (count > 1)}", "latency", count, 1) for count in every
        ]
        kinds.append((f"throughput, 1 x {most} threads", "throughput", most, 1))
        if most > 1:
            kinds.append((f"throughput, {most} x 1 thread", "throughput", 1, most))
        return [kind for kind in kinds if kind[1] in self.arguments.kinds]

    def configuration(self, name, mode, threads, streams):
        quick = self.arguments.quick
        sizes = [32] if quick else [8, 32]
        if name in SWIFTLET:
            # Without padding, all texts may come at once, and one by one nothing is wasted either.
            sizes = sizes + ([256] if streams == 1 else [1])
        return {
            "mode": mode,
            "threads": threads,
            "streams": streams,
            "model_dir": str(self.arguments.model),
            "inputs": str(self.arguments.workload),
            "seqs": self.arguments.lengths,
            "warm_time": 0.05 if quick else 0.2,
            "min_time": 0.2 if quick else self.arguments.time,
            "min_iters": 3 if quick else 6,
            "max_iters": 20_000,
            "thr_time": 0.1 if quick else self.arguments.time,
            "min_batches": 1 if quick else 2,
            "thr_cases": [32] if quick else [32, 128],
            "mixed_bs": sizes,
            "cold_ids": {length: self.workload["latency"][length] for length in ("16", "512")},
        }

    def run(self):
        for turn in range(self.arguments.rounds):
            for title, mode, threads, streams in self.kinds():
                shift = turn % len(self.arguments.engines)
                for name in self.arguments.engines[shift:] + self.arguments.engines[:shift]:
                    if streams > 1 and name in ENGINES and not ENGINES[name].takes_streams:
                        continue
                    self.measure(name, title, mode, threads, streams)

    def measure(self, name, title, mode, threads, streams):
        configuration = self.configuration(name, mode, threads, streams)
        time.sleep(0.3)  # threads of the process before may spin for a while
        begin = time.time()
        try:
            if mode == "cold":
                starts = [
                    self.runner.cold(name, configuration) for _ in range(self.arguments.starts)
                ]
                self.raw[name]["cold"] += starts
                note = f"first answer after {min(s['first_answer_s'] for s in starts):.3f} s"
            else:
                answer = self.runner.measure(name, configuration)
                note = self.keep(name, answer, mode, threads, streams)
        except RuntimeError as error:
            self.errors[name][title] = str(error)
            note = f"FAILED, {error}"
        took = time.time() - begin
        print(
            f"[{time.time() - self.begin:5.0f} s] {title:26s} {name:20s} {took:5.1f} s  {note}",
            flush=True,
        )

    def keep(self, name, answer, mode, threads, streams):
        """Files a worker's answer; what to say about it."""
        arrangement = str(threads) if mode == "latency" else f"{streams}x{threads}"
        cases = answer[mode]
        for case, samples in cases.items():
            self.raw[name][mode].setdefault(arrangement, {}).setdefault(case, []).append(samples)
        others = max(samples["others_pct"] for samples in cases.values())
        note = f"others at most {others:.0f} %"
        if "check_logits" in answer:
            pairs = zip(answer["check_logits"], self.reference, strict=True)
            largest = max(abs(a - b) for row in pairs for a, b in zip(*row, strict=True))
            self.differences[name] = max(largest, self.differences.get(name, 0))
            note += f"; logits differ by {largest:.1e}"
        return note

    def summary(self):
        engines = {}
        for name, raw in self.raw.items():
            entry = {
                "title": "Swiftlet" if name in SWIFTLET else ENGINES[name].title,
                "precision": SWIFTLET.get(name) or ENGINES[name].precision,
                "logit_difference": self.differences.get(name),
                "errors": self.errors[name],
                "latency": {
                    threads: {case: summarise_latency(rounds) for case, rounds in cases.items()}
                    for threads, cases in raw["latency"].items()
                },
                "throughput": {
                    arrangement: {
                        case: summarise_throughput(rounds) for case, rounds in cases.items()
                    }
                    for arrangement, cases in raw["throughput"].items()
                },
            }
            if raw["cold"]:
                entry["cold"] = min(raw["cold"], key=lambda start: start["first_answer_s"])
            engines[name] = entry
        return engines


def own_benchmark(arguments, engines):
    """What `swiftlet-benchmark` says of itself: shares of the limit, tokenizer, price."""
    path = arguments.root / "run" / "swiftlet.json"
    precisions = ",".join(SWIFTLET[name] for name in engines)
    command = [arguments.swiftlet, "--model", arguments.model, "--json", path]
    command += ["--threads", ",".join(map(str, arguments.threads)), "--precision", precisions]
    sections = ["tokenizer"] + ["start" if kind == "cold" else kind for kind in arguments.kinds]
    command += [
        "--sections",
        ",".join(sections),
        "--lengths",
        ",".join(map(str, arguments.lengths)),
    ]
    command += ["--quick"] if arguments.quick else []
    command += ["--isa", arguments.isa] if arguments.isa else []
    done = subprocess.run(list(map(str, command)), check=False)
    return json.loads(path.read_text()) if done.returncode == 0 else None


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse():
    processors = os.cpu_count()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="what setup.py made")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--workload", type=Path, required=True)
    parser.add_argument("--swiftlet", type=Path, required=True, help="swiftlet-benchmark's binary")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--engines", default=",".join([*SWIFTLET, *ENGINES]), type=lambda text: text.split(",")
    )
    parser.add_argument("--threads", type=numbers, default=sorted({1, processors}))
    parser.add_argument("--lengths", type=numbers, default=LENGTHS)
    parser.add_argument(
        "--kinds", default="cold,latency,throughput", type=lambda text: text.split(",")
    )
    parser.add_argument("--isa", choices=RESTRICTIONS, help="restrict all engines that can be")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=2, help="cold starts in each round")
    parser.add_argument("--time", type=float, default=1.0, help="seconds for a figure in a round")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one process")
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that all works"
    )
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds = arguments.starts = 1
    if not set(arguments.kinds) <= {"cold", "latency", "throughput"}:
        parser.error("--kinds may name cold, latency and throughput")
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
        "minutes": round((time.time() - comparison.begin) / 60, 1),
        "quick": arguments.quick,
        "rounds": arguments.rounds,
        "seconds_per_figure": arguments.time,
        "isa": arguments.isa,
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
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
