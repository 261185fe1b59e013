#!/usr/bin/env python3
"""Measures swiftlet-server against the usual way to serve a model with Python.

  compare.py --server SWIFTLET_SERVER --worker SWIFTLET_BENCHMARK --model MODEL --int8-model MODEL
             --onnx INT8.onnx --workload FILE --root FOLDER --output RESULTS.json [--docs FILE]

Both servers are up all the time, with all cores each, and one of them idle: at each level of
concurrency they take turns, every round in the other order. A figure is the median of the rounds'.
The engine without a server takes turns with them: it computes all the texts at once at the end of
each round, and one text at a time alternately with the server for the latency that the server adds. It
is given token ids, so that what the server adds includes the tokenizer.
"""

import argparse
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from texts import KnownTexts

HERE = Path(__file__).resolve().parent
#: What a 99th percentile may be; the first is the one that Swiftlet is held to.
LIMITS_MS = (50, 100, 200)
TITLES = {"swiftlet": "swiftlet-server", "peer": "FastAPI, gunicorn, ONNX Runtime"}


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]


class Server:
    """A process group that listens; ended with all its workers."""

    def __init__(self, name, command, port, log, environment=None):
        self.name, self.port = name, port
        self.log = open(log, "wb")
        self.process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def wait(self):
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} did not start; see {self.log.name}")

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(40)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self.process.kill()

    def resident_mb(self):
        """Of all its processes, what they share counted once."""
        total = 0
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and os.getpgid(int(folder.name)) == self.process.pid:
                    rollup = (folder / "smaps_rollup").read_text()
                    total += int(rollup.split("\nPss:")[1].split()[0])
            except (OSError, IndexError):
                continue
        return total / 1e3


class Child:
    """A process that answers lines with lines of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return json.loads(self.line())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


class Caller:
    """One connection, one request after another, through the socket itself."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def times_ms(self, text, seconds):
        body = json.dumps({"inputs": text}).encode()
        head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        times, end, warm = [], time.perf_counter() + seconds, 3
        while time.perf_counter() < end or len(times) < 5:
            begin = time.perf_counter()
            self.socket.sendall(request)
            answer = self.socket.recv(65536)
            while not self.is_whole(answer):
                more = self.socket.recv(65536)
                if not more:
                    raise SystemExit("the server closed the connection")
                answer += more
            took = 1e3 * (time.perf_counter() - begin)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"the server answered {answer[:200]}")
            warm -= 1
            if warm < 0:
                times.append(took)
        self.tokens = self.header(answer, b"x-compute-tokens")
        return times

    @staticmethod
    def header(answer, name):
        for line in answer.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
            key, _, value = line.partition(b":")
            if key.lower() == name:
                return int(value)
        return None

    def is_whole(self, answer):
        head, separator, body = answer.partition(b"\r\n\r\n")
        return bool(separator) and len(body) >= (self.header(answer, b"content-length") or 0)


def start_engine(arguments, mode, inputs, **settings):
    """The engine alone, as a worker that waits for the name of a case; `inputs` replaces some of the
    workload's."""
    workload, path = (arguments.root / f"{mode}{end}" for end in ("-workload.json", ".json"))
    workload.write_text(json.dumps(json.loads(arguments.workload.read_text()) | inputs))
    configuration = {
        "mode": mode, "takes_turns": True, "threads": os.cpu_count(), "streams": 1,
        "model_dir": str(arguments.int8_model), "inputs": str(workload), **settings,
    }  # fmt: skip
    path.write_text(json.dumps(configuration))
    engine = Child([arguments.worker, "worker", path, "--precision", "int8"])
    while engine.line().strip() != "@READY":
        pass
    return engine


def measure_load(arguments, servers, known):
    """For each server what it did at each level, and the texts per second of the engine alone."""
    path = arguments.root / "texts.json"
    path.write_text(json.dumps([text for text, _ in known]))
    batches = {"all": [[ids for _, ids in known]]}
    engine = start_engine(
        arguments, "throughput", {"mixed_batches": batches}, thr_time=arguments.seconds / 2
    )
    engine_rates = []
    loads = {s.name: Child([sys.executable, HERE / "load.py", s.port, path]) for s in servers}
    raw = {s.name: {level: [] for level in arguments.levels} for s in servers}
    for server in servers:
        loads[server.name].ask(f"4 {min(3, arguments.seconds)}")
    for turn in range(arguments.rounds):
        for level in arguments.levels:
            for server in servers if turn % 2 == 0 else servers[::-1]:
                result = loads[server.name].ask(f"{level} {arguments.seconds}")
                if set(result["statuses"]) != {"200"}:
                    print(f"{server.name}: {result['statuses']}", file=sys.stderr)
                raw[server.name][level].append(result)
                print(
                    f"round {turn + 1}, {level:3} clients, {server.name:9}"
                    f"{result['rate']:8.1f}/s  p50 {result['p50_ms']:7.2f}  p99 {result['p99_ms']:7.2f} ms",
                    flush=True,
                )
        alone = engine.ask("mixed_bsall")
        engine_rates.append(alone["texts"] / statistics.median(alone["times_s"]))
        print(f"round {turn + 1}, the engine alone {engine_rates[-1]:.1f}/s", flush=True)
    for child in (*loads.values(), engine):
        child.stop()
    keys = ("rate", "p50_ms", "p90_ms", "p99_ms")
    load = {
        name: {
            level: {key: statistics.median(r[key] for r in results) for key in keys}
            for level, results in levels.items()
        }
        for name, levels in raw.items()
    }
    return load, statistics.median(engine_rates)


def measure_added(arguments, server, texts):
    """For each length the engine's median, the server's, and the difference."""
    known = {str(length): texts.text(length) for length in arguments.lengths}
    worker = start_engine(
        arguments, "latency", {"latency": {length: ids for length, (_, ids) in known.items()}},
        seqs=arguments.lengths, warm_time=0.05, min_time=arguments.turn, min_iters=5,
        max_iters=100_000,
    )  # fmt: skip
    caller = Caller(server.port)
    engine, served = ({length: [] for length in known} for _ in range(2))
    for _ in range(arguments.turns):
        for length, (text, ids) in known.items():
            engine[length].append(statistics.median(worker.ask(length)["times_ms"]))
            served[length].append(statistics.median(caller.times_ms(text, arguments.turn)))
            if caller.tokens not in (None, len(ids)):
                raise SystemExit(f"the server read {caller.tokens} tokens, the engine {len(ids)}")
    worker.stop()
    result = {}
    for length in known:
        # Differences of neighbouring turns: what happens to the machine happens to both.
        added = statistics.median(s - e for s, e in zip(served[length], engine[length]))
        result[length] = {
            "engine_ms": statistics.median(engine[length]),
            "server_ms": statistics.median(served[length]),
            "added_ms": added,
        }
        print(f"{length:>4} tokens: {result[length]}", flush=True)
    return result


def within(limit, levels):
    """The highest rate of a level whose p99 is within a limit, and that level."""
    fit = [(r["rate"], level) for level, r in levels.items() if r["p99_ms"] <= limit]
    return max(fit) if fit else None


def row(*cells):
    return f"| {' | '.join(map(str, cells))} |"


def report(results):
    """The section for docs/performance.md."""
    lines = [row("requests/s (clients)", *(f"p99 ≤ {limit} ms" for limit in LIMITS_MS), "resident memory, MB")]
    lines += [row("---", *["--:"] * (len(LIMITS_MS) + 1))]
    best = {name: [within(limit, levels) for limit in LIMITS_MS] for name, levels in results["load"].items()}
    for name, title in TITLES.items():
        cells = [f"{found[0]:.0f} ({found[1]})" if found else "–" for found in best[name]]
        lines.append(row(title, *cells, f"{results['memory_mb'][name]:.0f}"))
    pairs = zip(best["swiftlet"], best["peer"])
    factors = [f"{ours[0] / theirs[0]:.2f}" if ours and theirs else "–" for ours, theirs in pairs]
    lines.append(row("Swiftlet's over the other's", *factors, ""))
    alone, tokens = results["engine_rate"], results["mean_tokens"]
    highest = max(r["rate"] for r in results["load"]["swiftlet"].values())
    lines += ["", f"The engine alone computes the same texts, {tokens:.1f} tokens on average, all at once, at {alone:.0f} per second; the server's highest rate is {highest / alone:.0%} of that."]
    lines += ["", "By the number of clients, each of which waits for its answer before its next request:", ""]
    lines += [row("clients", *(f"{t}: requests/s | p50, ms | p99, ms" for t in TITLES.values()))]
    lines += [row(*["--:"] * 7)]
    for level in results["levels"]:
        cells = []
        for name in TITLES:
            r = results["load"][name][level]
            cells += [f"{r['rate']:.0f}", f"{r['p50_ms']:.1f}", f"{r['p99_ms']:.1f}"]
        lines.append(row(level, *cells))
    lines += ["", "One request at a time, in milliseconds (medians; a client in Python, through the loopback interface):", ""]
    lines += [row("tokens", "engine alone", "over HTTP", "added"), row(*["--:"] * 4)]
    for length, r in results["added"].items():
        lines.append(row(length, f"{r['engine_ms']:.2f}", f"{r['server_ms']:.2f}", f"{r['added_ms']:.2f}"))
    lines += ["", f"On {results['machine']}, {results['date']}; {results['rounds']} rounds of {results['seconds']:g} s for each number of clients."]
    return "\n".join(lines)


def fill_in(path, section):
    """Puts the section between its markers, at the end of the page where there are none yet."""
    begin, end = "<!-- begin: server -->", "<!-- end: server -->"
    text = path.read_text()
    if begin not in text:
        text = f"{text.rstrip()}\n\n{(HERE / 'performance.md').read_text().strip()}\n"
    head, rest = text.split(begin, 1)
    tail = rest.split(end, 1)[1]
    path.write_text(f"{head}{begin}\n{section}\n{end}{tail}")


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("server", "worker", "model", "int8-model", "onnx", "workload", "root", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--docs", type=Path, help="a page with the markers of this section")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="for a server and a level")
    numbers = lambda text: [int(each) for each in text.split(",")]
    parser.add_argument("--levels", type=numbers, default=[1, 2, 4, 8, 12, 16, 24, 32, 64])
    parser.add_argument("--lengths", type=numbers, default=[8, 16, 32, 64, 128])
    parser.add_argument("--turns", type=int, default=15, help="of added latency")
    parser.add_argument("--turn", type=float, default=0.4, help="seconds")
    parser.add_argument("--quick", action="store_true", help="in half a minute, to see that it works")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.levels = 1, 1.5, [1, 4, 8, 16]
        arguments.turns, arguments.turn, arguments.lengths = 3, 0.1, [8, 32]
    return arguments


def main():
    arguments = parsed_arguments()
    arguments.root.mkdir(parents=True, exist_ok=True)
    texts = KnownTexts(arguments.model / "vocab.txt")
    ports = {name: free_port() for name in TITLES}
    servers = [
        Server(
            "swiftlet",
            [arguments.server, "--model-id", arguments.int8_model, "--hostname", "127.0.0.1",
             "--port", str(ports["swiftlet"])],
            ports["swiftlet"], arguments.root / "swiftlet.log", {"LOG_LEVEL": "warn"},
        ),
        Server(
            "peer",
            [sys.executable, "-m", "gunicorn", "--config", HERE / "gunicorn.conf.py", "--chdir",
             HERE, "--bind", f"127.0.0.1:{ports['peer']}", "peer:app"],
            ports["peer"], arguments.root / "peer.log",
            {"SWIFTLET_PEER_MODEL": str(arguments.model.resolve()),
             "SWIFTLET_PEER_ONNX": str(arguments.onnx.resolve())},
        ),
    ]  # fmt: skip
    try:
        for server in servers:
            server.wait()
        known = list(texts.mixed(256))
        load, engine_rate = measure_load(arguments, servers, known)
        memory = {server.name: server.resident_mb() for server in servers}
        servers[1].stop()
        added = measure_added(arguments, servers[0], texts)
    finally:
        for server in servers:
            server.stop()
    results = {
        "machine": f"{os.cpu_count()} × {processor()}",
        "date": time.strftime("%Y-%m-%d"),
        "rounds": arguments.rounds, "seconds": arguments.seconds, "levels": arguments.levels,
        "load": load, "memory_mb": memory, "added": added, "engine_rate": engine_rate,
        "mean_tokens": statistics.mean(len(ids) for _, ids in known),
    }  # fmt: skip
    arguments.output.write_text(json.dumps(results, indent=1))
    print(section := report(results))
    if arguments.docs:
        fill_in(arguments.docs, section)


if __name__ == "__main__":
    main()
