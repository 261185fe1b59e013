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


def latency(engine, configuration, workload):
    answer = {"latency": {}}
    for length in configuration["seqs"]:
        prepared = engine.prepare([workload["latency"][str(length)]])
        load = MachineLoad()
        times = sample(
            lambda: engine.run(prepared),
            configuration["warm_time"],
            configuration["min_time"],
            configuration["min_iters"],
            configuration["max_iters"],
        )
        answer["latency"][str(length)] = {"times_ms": [t * 1e3 for t in times], **load.since()}
    check = workload["check"]
    texts = [ids[: sum(mask)] for ids, mask in zip(check["ids"], check["mask"])]
    groups = [[text] for text in texts] if engine.checks_one_by_one else [texts]
    logits = [row for group in groups for row in engine.run(engine.prepare(group)).tolist()]
    return {**answer, "check_logits": logits}


def throughput(engine, configuration, workload):
    streams = configuration["streams"]
    cases = {
        f"b32s{length}": [workload["batch32"][str(length)]] * streams
        for length in configuration["thr_cases"]
    }
    for size in configuration["mixed_bs"]:
        cases[f"mixed_bs{size}"] = workload["mixed_batches"][str(size)]
    answer = {"throughput": {}}
    for name, batches in cases.items():
        prepared = [engine.prepare(batch) for batch in batches]
        load = MachineLoad()
        times = sample(
            lambda: engine.run_all(prepared, streams),
            0,
            configuration["thr_time"],
            configuration["min_batches"],
            warm_runs=1,
        )
        answer["throughput"][name] = {
            "texts": sum(map(len, batches)),
            "times_s": times,
            **load.since(),
        }
    return answer


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
        measure = {"latency": latency, "throughput": throughput}[configuration["mode"]]
        print(json.dumps(measure(engine, configuration, workload)), flush=True)
    # Some engines take a second to end, or do not.
    os._exit(0)


if __name__ == "__main__":
    main()
