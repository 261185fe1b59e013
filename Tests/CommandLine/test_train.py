"""swiftlet train: plan, events, results, and every message on wrong data, options and folders."""

import itertools
import json
import os
import re
import struct
import subprocess
import time

import pytest

from conftest import BUNDLED, HEADS, LONG_TEXT, PLAIN, PROGRAM, table


def events(result, name):
    return [row for row in result.rows if row["event"] == name]


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


# What is written


def test_a_table_becomes_a_model_that_classifies(train, swiftlet, tmp_path):
    result = train("--epochs", 2)
    [data], [plan], [end] = (events(result, name) for name in ["data", "planned", "result"])
    assert (data["task"], data["training_rows"], data["validation_rows"]) == ("classify", 58, 6)
    assert [label["label"] for label in data["labels"]] == ["bad", "good"]
    assert (plan["total_steps"], len(events(result, "evaluated"))) == (8, 2)
    assert (end["folder"], end["metric"]) == ("out", "accuracy") and len(end["interval"]) == 2
    [answer] = swiftlet("classify", "--model", "out", "I loved it", "--json").rows
    assert answer["label"] in ("good", "bad")
    assert {"config.json", "model.safetensors", "training.json", "README.md"} <= set(os.listdir(tmp_path / "out"))
    assert "checkpoint" not in os.listdir(tmp_path / "out")


def test_the_plan_and_the_result_are_on_standard_error(train):
    lines = train().err.split("\n")
    for start in ["file: reviews.csv", "format: csv", "columns: text", "task: classification", "rows: 58 for training",
                  "labels: 2", "tokens: median", "steps: 12: 3 epochs of 4", "parameters: ", "evaluations: 3",
                  "memory: ", "time: ", "trained 12 steps in ", "best: step ", "accuracy: ", "written: out",
                  "try: swiftlet classify --model out "]:
        assert any(line.startswith(start) for line in lines), start


def test_the_plan_says_which_way_a_metric_is_better(train):
    assert "the best has the highest accuracy" in train("--dry-run").err
    assert "the best has the lowest loss" in train("--dry-run", "--metric", "loss").err


def test_steps_say_how_fast_they_are(train):
    steps = events(train(), "step")
    assert steps and all(step["tokens_per_second"] > 0 for step in steps)


def test_the_command_that_is_shown_at_the_end_runs(train, tmp_path):
    line = next(line for line in train().err.split("\n") if line.startswith("try: "))
    (tmp_path / "swiftlet").symlink_to(PROGRAM)
    ran = subprocess.run(["bash", "-c", line.removeprefix("try: ")], cwd=tmp_path, capture_output=True,
                         env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert ran.returncode == 0 and ran.stdout


def test_evaluate_gives_the_numbers_of_the_training(train, swiftlet, write):
    write("dev.csv", table([("I loved it", "good"), ("Boring", "bad"), ("So", "bad")], "review,label"))
    [end] = events(train("--validation", "dev.csv"), "result")
    [report] = swiftlet("evaluate", "dev.csv", "--model", "out", "--json").rows
    assert report["accuracy"] == end["metrics"]["accuracy"] and report["accuracy_interval"] == end["interval"]
    assert report["calibration_error"] == pytest.approx(end["metrics"]["calibration-error"], abs=1e-5)


def test_the_int8_copy_is_compared_with_the_trained_model(train, swiftlet):
    assert train("--learning-rate", "1e-2").status == 0
    assert swiftlet("quantize", "out", "--output", "int8").status == 0
    [both] = swiftlet("evaluate", "reviews.csv", "--model", "out", "--compare", "--json").rows
    [exact], [copy] = (swiftlet("evaluate", "reviews.csv", "--model", name, "--json").rows for name in ["out", "int8"])
    assert (both["float32"]["accuracy"], both["int8"]["accuracy"]) == (exact["accuracy"], copy["accuracy"])


def test_the_same_seed_gives_the_same_bytes_with_any_threads_and_memory(train, tmp_path):
    runs = {"a": ["--threads", 1], "b": ["--threads", 2], "c": ["--max-memory", "8M"], "d": ["--seed", 1]}
    for name, options in runs.items():
        assert train("--output", name, *options).status == 0
    a, b, c, d = (weights(tmp_path / name) for name in runs)
    assert a == b == c != d


def largest_memory(pid):
    """The largest resident memory of a process so far in bytes; 0 if it has ended."""
    with open(f"/proc/{pid}/status") as file:
        return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:")), 0)


@pytest.fixture
def memory_at_rest(start):
    """The memory of the program and the bundled tokenizer, without a model."""
    process = start("tokenize", "--json")
    process.stdin.write(b"a text\n")
    process.stdin.flush()
    assert process.stdout.readline()
    return largest_memory(process.pid)


@pytest.mark.parametrize("method", ["full", "head", "probe", "setfit"])
def test_the_process_keeps_to_the_memory_limit_to_its_end(swiftlet, start, write, tmp_path, memory_at_rest, method):
    # Passes of 1,024 tokens would take 160 MB more than those of one text, and a second model 130 MB.
    texts = [(f"{LONG_TEXT[:450]} {number} {label}", label) for number in range(16) for label in ["good", "bad"]]
    write("long.csv", table(texts))
    command = ["train", "--model", BUNDLED, "--file", "long.csv", "--validation", "0.3", "--output", "out",
               "--threads", 2, "--method", method]
    if method != "probe":
        command += ["--max-steps", 2]
    refused = swiftlet(*command, "--max-memory", "1K")
    limit = int(re.search(r"needs (\d+) for its longest", refused.err)[1])
    process = start(*command, "--max-memory", limit, "--log", "log.jsonl", stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, largest_memory(process.pid))
        time.sleep(0.005)
    assert process.returncode == 0
    plan = next(row for row in map(json.loads, open(tmp_path / "log.jsonl")) if row["event"] == "planned")
    assert plan["memory"] <= limit and plan["pass_tokens"] < 1024
    # Huge pages are whole, and the written model has a tokenizer of its own.
    assert peak - memory_at_rest <= limit + (40 << 20)


def test_training_json_has_every_argument(train, tmp_path):
    assert train("--learning-rate", "3e-4", "--label-column", "label").status == 0
    found = json.loads((tmp_path / "out/training.json").read_text())
    arguments = found["arguments"]
    assert (arguments["learning-rate"], arguments["label-column"], arguments["file"]) == (
        "0.0003", "label", "reviews.csv")
    assert "--learning-rate" in found["command"]


def test_a_dry_run_prints_the_plan_and_writes_nothing(train, tmp_path):
    before = set(os.listdir(tmp_path))
    result = train("--dry-run")
    assert [row["event"] for row in result.rows] == ["data", "planned"]
    assert "steps: 12" in result.err and set(os.listdir(tmp_path)) == before


def test_a_dry_run_checks_the_output_as_the_training_does(train):
    assert train("--epochs", 1).status == 0
    train("--dry-run", "--output", "out").fails(73, "out holds a trained model")
    assert train("--dry-run", "--output", "out", "--force").status == 0


def test_the_log_has_the_events_of_standard_output(train, tmp_path):
    result = train("--log", "train.jsonl")
    assert (tmp_path / "train.jsonl").read_text() == result.out


def test_a_refused_training_keeps_the_log_of_another(train, write, tmp_path):
    write("train.jsonl", "old\n")
    assert train("--log", "train.jsonl", "--label-column", "stars").status == 65
    assert (tmp_path / "train.jsonl").read_text() == "old\n"


@pytest.mark.parametrize("options", [
    ["--method", "head"], ["--method", "last:1"], ["--freeze", "embeddings"], ["--freeze", "layers:1"],
    ["--layer-decay", 0.8], ["--head-learning-rate", "1e-3"], ["--class-weights", "balanced"],
    ["--class-weights", "1,2"], ["--label-smoothing", 0.1], ["--dropout", 0], ["--schedule", "cosine"],
    ["--gradient-accumulation", 2], ["--group-by-length"], ["--max-length", 8], ["--metric", "macro-f1"],
    ["--patience", 1], ["--evaluate-every", 2], ["--validation", "none"], ["--validation", 0.5],
    ["--keep-checkpoint"], ["--save-every", 2], ["--time-limit", "1h"], ["--max-steps", 3],
], ids=lambda options: " ".join(map(str, options)))
def test_a_training_runs_with(train, options):
    [end] = events(train("--epochs", 1, *options) if "--max-steps" not in options else train(*options), "result")
    assert end["folder"] == "out"


def test_a_kept_checkpoint_stays_and_can_be_continued(train, tmp_path):
    assert train("--keep-checkpoint").status == 0
    assert "state.json" in os.listdir(tmp_path / "out/checkpoint")
    before = weights(tmp_path / "out")
    assert train("--resume").status == 0 and weights(tmp_path / "out") == before
    assert "checkpoint" not in os.listdir(tmp_path / "out")


def test_a_time_limit_writes_the_model_and_a_larger_one_continues(train, tmp_path):
    # A time limit adds an evaluation, whose weights may be the best; without validation the last ones count.
    options = ["--epochs", 1000, "--validation", "none", "--learning-rate", "1e-3"]
    assert train(*options, "--output", "whole").status == 0
    result = train(*options, "--time-limit", "0.1s")
    [end] = events(result, "result")
    assert (end["reason"], end["folder"]) == ("time-limit", "out") and end["step"] < 4000
    assert "run the same command with --resume to continue with a larger --time-limit" in result.err
    assert train(*options, "--time-limit", "1h", "--resume").status == 0
    assert weights(tmp_path / "out") == weights(tmp_path / "whole")


def test_a_trained_model_is_replaced_by_force_only(train, tmp_path):
    assert train().status == 0
    before = weights(tmp_path / "out")
    train("--seed", 1).fails(73, "out holds a trained model; name another folder with --output, or replace")
    assert weights(tmp_path / "out") == before
    assert train("--seed", 1, "--force").status == 0 and weights(tmp_path / "out") != before


# Other tasks

DATA = {
    "multi-label": ("m.csv", table([(f"text {i}", label) for i, label in
                                    zip(range(24), itertools.cycle(["a", "b", "a;b"]))]), "classify"),
    "regression": ("r.csv", table([(f"text {i}", i / 10) for i in range(24)]), "classify"),
    "tag": ("t.conll", "".join(f"Ada B-PER\nmet O\nBob{i} B-PER\n\n" for i in range(24)), "tag"),
    "choose": ("c.jsonl", "".join(json.dumps({"prompt": f"text {i}", "choices": ["a", "b"], "label": i % 2}) + "\n"
                                  for i in range(24)), "choose"),
    "mask": ("m.txt", "".join(f"a film number {i} of rare warmth\n" for i in range(24)), "fill-mask"),
    "embed": ("e.csv", table([(f"text {i}", f"other {i}") for i in range(24)], "anchor,positive"), "embed"),
    "answer": ("q.json", json.dumps({"data": [{"paragraphs": [
        {"context": f"Ada lived in London {i}.", "qas": [
            {"id": str(i), "question": "Where?", "answers": [{"text": "London", "answer_start": 13}]}]}
        for i in range(24)]}]}), "answer"),
}


@pytest.mark.parametrize("task", DATA)
def test_the_task_is_found_or_named_and_the_model_is_for_it(train, write, task):
    name, content, command = DATA[task]
    write(name, content)
    base = HEADS / {"mask": "mask", "choose": "choice"}[task] if task in ("mask", "choose") else PLAIN
    result = train("--model", base, "--file", name, "--epochs", 1, *(["--task", "mask"] if task == "mask" else []))
    [data], [end] = events(result, "data"), events(result, "result")
    assert (data["task"], end["folder"]) == (task, "out")
    assert f"try: swiftlet {command} --model out " in result.err


def test_pairs_are_trained_and_evaluated(train, swiftlet, write):
    rows = [f"premise {i},hypothesis {i},{['yes', 'no'][i % 2]}\n" for i in range(24)]
    write("pairs.csv", "premise,hypothesis,label\n" + "".join(rows))
    assert train("--file", "pairs.csv", "--epochs", 1).status == 0
    [report] = swiftlet("evaluate", "pairs.csv", "--model", "out", "--text-column", "premise", "--pair-column",
                        "hypothesis", "--json").rows
    assert report["count"] == 24


# Several trainings


def test_a_sweep_trains_each_combination_and_writes_the_best(train, tmp_path):
    result = train("--sweep", "learning-rate=1e-4,1e-2", "--sweep", "epochs=1,2")
    assert [row["number"] for row in events(result, "training")] == [1, 2, 3, 4]
    [sweep], [end] = events(result, "sweep"), events(result, "result")
    best = sweep["trainings"][sweep["best"] - 1]
    assert best["value"] == max(row["value"] for row in sweep["trainings"]) == end["value"]
    arguments = json.loads((tmp_path / "out/training.json").read_text())["arguments"]
    assert best["options"] == [f"--{name}={arguments[name]}" for name in ["learning-rate", "epochs"]]


def test_a_sweep_writes_the_lowest_loss(train):
    result = train("--sweep", "learning-rate=1e-2,1e-6", "--metric", "loss", "--epochs", 1)
    [sweep], [end] = events(result, "sweep"), events(result, "result")
    values = [row["value"] for row in sweep["trainings"]]
    assert sweep["metric"] == "loss" and values[0] != values[1]
    assert values[sweep["best"] - 1] == min(values) == end["value"]


def test_a_sweep_with_setfit_writes_the_best(train, write):
    write("few.csv", table([(f"{text} {number}", label) for number in range(4)
                            for text, label in [("I loved it", "good"), ("Boring", "bad")]]))
    result = train("--file", "few.csv", "--validation", 0.5, "--method", "setfit", "--max-steps", 3,
                   "--sweep", "learning-rate=1e-4,1e-3")
    [sweep], [end] = events(result, "sweep"), events(result, "result")
    assert sweep["metric"] == end["metric"] == "accuracy"
    assert sweep["trainings"][sweep["best"] - 1]["value"] == end["value"]


def test_a_training_of_a_sweep_that_breaks_its_weights_fails_alone(train, tmp_path):
    result = train("--sweep", "learning-rate=1e8,1e-3", "--warmup", 0)
    [sweep], [end] = events(result, "sweep"), events(result, "result")
    broken, whole = sweep["trainings"]
    assert broken["value"] is None and "is not a finite number" in broken["failure"] and whole["failure"] is None
    assert sweep["best"] == 2 and whole["value"] == end["value"]
    assert "swiftlet: warning: training 1 failed: the " in result.err
    assert "accuracy failed    --learning-rate=" in result.err


def test_a_sweep_of_failures_is_an_error(train, tmp_path):
    result = train("--sweep", "learning-rate=1e8,2e8", "--warmup", 0)
    assert result.status == 65 and not (tmp_path / "out").exists()
    last = result.err.split("\n")[-2]
    assert "no training of the sweep has a metric that is defined; the last one failed: the " in last


def test_a_cross_validation_prints_mean_and_deviation_and_writes_nothing(train, tmp_path):
    before = set(os.listdir(tmp_path))
    result = train("--cross-validate", 4, "--epochs", 1)
    [end] = events(result, "cross_validation")
    values = [row["metrics"]["accuracy"] for row in events(result, "evaluated")]
    assert end["parts"] == len(values) == 4
    assert end["metrics"]["accuracy"]["mean"] == pytest.approx(sum(values) / 4)
    assert "accuracy: " in result.err and set(os.listdir(tmp_path)) == before
    assert sum(row["validation_examples"] for row in events(result, "planned")) == 64


# Wrong data

ROWS = [(f"{text} {number}", label) for number in range(8) for text, label in [("I loved it", "good"), ("Boring", "bad")]]


@pytest.mark.parametrize("name, content, words", [
    ("a.csv", "review,stars,place\nx,1,a\ny,0,b\n", "label"),
    ("a.csv", table([("x", "good"), ("y", "good")]), 'the only label is "good" (2 times); a classifier needs at least two labels; --label-column'),
    ("a.csv", table([("x", -1), ("y", -1)]), "-1 usually marks test data"),
    ("a.csv", table([*ROWS, ("x", "")]), "a.csv:18: the row has no label; --on-unlabelled-rows skip"),
    ("a.csv", "text,label\n", "a.csv"), ("a.csv", "", "a.csv"),
    ("a.jsonl", '{"text":"x","label":"a"}\n{"text":\n', "a.jsonl:2: "),
    ("a.txt", "one\ntwo\n", "--task mask"), ("a.xlsx", "PK", "a.xlsx"), ("a.bin", "x", "--input-format"),
    ("a.json", "[1]", "a.json"), ("a.conll", "Ada B-PER\nmet\n\n", "a.conll:"),
])
def test_a_file_that_can_not_be_trained_on_is_named(train, write, tmp_path, name, content, words):
    write(name, content)
    result = train("--file", name)
    result.fails(65, words)
    assert name in result.err and not (tmp_path / "out").exists()


def test_rows_that_are_skipped_are_counted(train, write):
    write("a.csv", table([*ROWS, ("x", ""), ("", "good")]))
    result = train("--file", "a.csv", "--on-unlabelled-rows", "skip", "--epochs", 1)
    [data] = events(result, "data")
    assert sum(rows["count"] for rows in data["skipped"]) == 2
    assert result.err.count("swiftlet: warning: left out because they ") == 2, result.err


def test_a_label_with_one_row_is_trained_on_with_a_warning(train, write):
    write("a.csv", table([*ROWS, ("Odd", "rare")]))
    result = train("--file", "a.csv", "--epochs", 1)
    assert 'swiftlet: warning: 1 label has one text, which is in the training part and not in the validation part: "rare"' in (
        result.err)
    [data] = events(result, "data")
    assert [row for row in data["labels"] if row["label"] == "rare"] == [
        {"label": "rare", "training_rows": 1, "validation_rows": 0}]


def test_an_empty_text_can_be_an_error(train, write):
    write("a.csv", table([*ROWS, ("", "good")]))
    train("--file", "a.csv", "--on-empty-rows", "error").fails(65, "a.csv:18: the text is empty")


def test_a_bad_row_can_be_skipped(train, write):
    lines = [json.dumps({"text": text, "label": label}) for text, label in ROWS]
    write("a.jsonl", "\n".join([*lines[:3], '{"text":', *lines[3:]]) + "\n")
    train("--file", "a.jsonl").fails(65, "a.jsonl:4: ")
    [data] = events(train("--file", "a.jsonl", "--on-bad-rows", "skip", "--epochs", 1), "data")
    assert data["skipped"][0]["count"] == 1


def test_overlap_and_duplicates_get_a_warning(train, write):
    write("dev.csv", table([("I loved it 0", "good"), ("Boring", "bad")], "review,label"))
    result = train("--validation", "dev.csv", "--epochs", 1)
    assert "swiftlet: warning: 1 of 2 validation rows have a text of the training data" in result.err


@pytest.mark.parametrize("arguments, status, words", [
    (["--file", "nowhere.csv"], 66, "cannot open nowhere.csv: No such file"),
    (["--validation", "nowhere.csv"], 66, "cannot open nowhere.csv: No such file"),
    (["--file", "."], 66, "it is a folder"),
    (["--model", "nowhere"], 66, "there is no folder nowhere"),
    (["--text-column", "stars"], 65, 'no column "stars"; the file has "review", "label"'),
    (["--label-column", "stars"], 65, 'no column "stars"; the file has "review", "label"'),
    (["--pair-column", "stars"], 65, 'no column "stars"'),
    (["--task", "regression"], 65, 'found "good"'),
    (["--task", "tag"], 65, ".conll"), (["--task", "answer"], 65, "SQuAD"),
    (["--validation", "reviews.csv"], 64, "the validation data are the training data"),
    (["--metric", "f1"], 64, "it has accuracy, macro-f1"),
    (["--loss", "ranking"], 64, "is for --task embed, but the task is classify"),
    (["--class-weights", "1,2,3"], 64, "3 weights, but the data have 2 labels"),
    (["--freeze", "layers:9"], 64, "exceeds the model's 2 layers"),
    (["--method", "last:9"], 64, "exceeds the model's 2 layers"),
    (["--warmup", 99], 64, "--warmup is 99 steps, but the training has 12"),
    (["--max-memory", "1K"], 64, "--max-memory"),
    (["--cross-validate", 99], 64, "is 99, but must be from 2 to 64"),
    (["--resume"], 64, "no checkpoint"),
    (["--log", "reviews.csv"], 64, "--log reviews.csv is the input reviews.csv"),
    (["--log", "nowhere/log"], 73, "cannot write nowhere/log"),
    (["--output", "nowhere/out"], 73, "the folder that contains the output must exist"),
    (["--output", "."], 73, "not empty"),
])
def test_what_can_not_be_trained_is_refused(train, tmp_path, arguments, status, words):
    before = set(os.listdir(tmp_path))
    result = train(*arguments)
    assert result.status == status and words in result.err.split("\n")[-2], result
    assert result.err.split("\n")[-2].startswith("swiftlet: error: ")
    assert set(os.listdir(tmp_path)) == before


def test_the_base_model_is_never_replaced(train, model, tmp_path):
    model("base", PLAIN)
    before = weights(tmp_path / "base")
    train("--model", "base", "--output", "base", "--force").fails(73, "is the base model itself")
    train("--model", "base", "--output", "base/out").fails(73, "inside the folder of the base model")
    assert weights(tmp_path / "base") == before


def test_the_weights_of_an_int8_model_can_not_be_trained(train, int8):
    train("--model", int8).fails(65, "int8")


# A loss that is not a number


def poison(folder, word):
    """Makes the embedding of a word NaN, so that the loss of every text with it is."""
    words = (folder / "vocab.txt").read_text().split("\n")
    file = folder / "model.safetensors"
    data = bytearray(file.resolve().read_bytes())
    size = struct.unpack("<Q", data[:8])[0]
    [tensor] = [value for name, value in json.loads(data[8:8 + size]).items() if name.endswith("word_embeddings.weight")]
    start = 8 + size + tensor["data_offsets"][0] + 4 * tensor["shape"][1] * words.index(word)
    data[start:start + 4] = struct.pack("<f", float("nan"))
    file.unlink()
    file.write_bytes(data)


def test_a_row_that_makes_the_loss_nan_is_named_and_the_checkpoint_before_it_stays(train, model, write, tmp_path):
    model("base", PLAIN)
    poison(tmp_path / "base", "cat")
    write("a.csv", table([*ROWS, *ROWS, ("the cat", "good")]))
    options = ["--model", "base", "--file", "a.csv", "--validation", "none", "--batch-size", 4, "--save-every", 1]
    result = train(*options, "--seed", 3)
    assert result.status == 65 and "Traceback" not in result.err
    last = result.err.split("\n")[-2]
    step = int(last.split("the loss of step ")[1].split(" ")[0])
    assert step > 1 and "is not a finite number; rows: " in last and "a.csv:34" in last
    assert f"The checkpoint of step {step - 1} is kept; lower --learning-rate, or look at these rows" in last
    assert os.listdir(tmp_path / "out") == ["checkpoint"]
    state = json.loads((tmp_path / "out/checkpoint/state.json").read_text())
    assert state["state"]["loop"]["step"] == step - 1
    assert sorted(os.listdir(tmp_path / "out/checkpoint")) == sorted(["state.json", state["tensors"]])


def test_a_learning_rate_that_breaks_the_weights_is_said(train, tmp_path):
    result = train("--learning-rate", "1e8", "--warmup", 0)
    assert result.status == 65 and "swiftlet: warning: learning rate 100000000.0 is high" in result.err
    assert "is not a finite number; rows: reviews.csv:" in result.err.split("\n")[-2]
    assert not (tmp_path / "out").exists()


# What can't be written


def test_a_folder_that_no_user_may_write_to_is_named(train):
    train("--output", "/sys/swiftlet").fails(73, "/sys/swiftlet")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(train, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    train("--output", "locked/out").fails(73, "locked/out")


def test_a_full_disk_is_named(train, tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    result = train("--log", "/dev/full")
    assert result.status == 74 and "/dev/full" in result.err and "No space left" in result.err
