#!/usr/bin/env python3
"""Measures one engine in a process of its own: worker.py ENGINE ROOT CONFIGURATION.json

README.md has the protocol, which `swiftlet-benchmark worker` speaks too.
"""

import json
import os
import sys
import time
from pathlib import Path

from engines import ENGINES

clock = time.perf_counter


class MachineLoad:
    """What others have of the machine from now on."""

    def __init__(self):
        ticks = os.sysconf("SC_CLK_TCK")
        with open("/proc/stat") as file:
            # user nice system idle iowait irq softirq steal
            fields = [int(field) / ticks for field in file.readline().split()[1:9]]
        own = os.times()
        self.moment = clock()
        self.busy = sum(fields) - fields[3] - fields[4]
        self.stolen = fields[7]
        self.own = own.user + own.system

    def since(self):
        end = MachineLoad()
        available = max(end.moment - self.moment, 1e-3) * os.cpu_count()
        others = max(0, end.busy - self.busy - (end.own - self.own))
        return {
            "others_pct": round(100 * others / available, 1),
            "steal_pct": round(100 * (end.stolen - self.stolen) / available, 1),
        }


def sample(function, warm_up, measured, least, most=100_000, warm_runs=2):
    """Seconds of each run, after some that do not count."""
    start, runs = clock(), 0
    while runs < warm_runs or clock() - start < warm_up:
        function()
        runs += 1
    times, first = [], clock()
    while len(times) < most and (clock() - first < measured or len(times) < least):
        begin = clock()
        function()
        times.append(clock() - begin)
    return times


class Latency:
    """One text at a time; a case is its length."""

    def __init__(self, engine, configuration, workload):
        self.engine, self.configuration, self.workload = engine, configuration, workload
        self.cases = [str(length) for length in configuration["seqs"]]

    def measure(self, case):
        prepared = self.engine.prepare([self.workload["latency"][case]])
        load = MachineLoad()
        times = sample(
            lambda: self.engine.run(prepared),
            self.configuration["warm_time"],
            self.configuration["min_time"],
            self.configuration["min_iters"],
            self.configuration["max_iters"],
        )
        return {"times_ms": [t * 1e3 for t in times], **load.since()}

    def closing(self):
        """The logits that all engines must agree on."""
        check, engine = self.workload["check"], self.engine
        texts = [ids[: sum(mask)] for ids, mask in zip(check["ids"], check["mask"])]
        groups = [[text] for text in texts] if engine.checks_one_by_one else [texts]
        logits = [row for group in groups for row in engine.run(engine.prepare(group)).tolist()]
        return {"check_logits": logits}


class Throughput:
    """Many texts; a case is how they come."""

    def __init__(self, engine, configuration, workload):
        self.engine, self.configuration, self.workload = engine, configuration, workload
        self.cases = [f"b32s{length}" for length in configuration["thr_cases"]]
        self.cases += [f"mixed_bs{size}" for size in configuration["mixed_bs"]]

    def batches(self, case):
        if case.startswith("b32s"):
            return [self.workload["batch32"][case[4:]]] * self.configuration["streams"]
        return self.workload["mixed_batches"][case[8:]]

    def measure(self, case):
        batches = self.batches(case)
        prepared = [self.engine.prepare(batch) for batch in batches]
        load = MachineLoad()
        times = sample(
            lambda: self.engine.run_all(prepared, self.configuration["streams"]),
            0,
            self.configuration["thr_time"],
            self.configuration["min_batches"],
            warm_runs=1,
        )
        return {"texts": sum(map(len, batches)), "times_s": times, **load.since()}

    def closing(self):
        return {}


def take_turns(work):
    """Measures the cases that come line by line, until an empty line."""
    print("@READY", flush=True)
    while case := sys.stdin.readline().strip():
        print(json.dumps(work.measure(case)), flush=True)


def cold(engine, configuration):
    """Stops at each step until a line comes, for the parent to look at the memory."""

    def pause(line):
        print(line, flush=True)
        sys.stdin.readline()

    pause("@LOADED")
    engine.run(engine.prepare([configuration["cold_ids"]["16"]]))
    pause("@FIRST")
    prepared = engine.prepare([configuration["cold_ids"]["512"]])
    for _ in range(3):
        engine.run(prepared)
    pause("@SEQ512")


def main():
    name, root, path = sys.argv[1:]
    configuration = json.loads(Path(path).read_text())
    engine = ENGINES[name](Path(root), configuration["model_dir"])
    engine.load(configuration["threads"], configuration["streams"])
    if configuration["mode"] == "cold":
        cold(engine, configuration)
    else:
        workload = json.loads(Path(configuration["inputs"]).read_text())
        mode = configuration["mode"]
        work = {"latency": Latency, "throughput": Throughput}[mode](engine, configuration, workload)
        if configuration.get("takes_turns"):
            take_turns(work)
            print(json.dumps(work.closing()), flush=True)
        else:
            answer = {mode: {case: work.measure(case) for case in work.cases}}
            print(json.dumps({**answer, **work.closing()}), flush=True)
    # Some engines take a second to end, or do not.
    os._exit(0)


if __name__ == "__main__":
    main()
