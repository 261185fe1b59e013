"""Runs over files: rows with errors, interruptions and --resume, summaries, --unique."""

import csv
import json
import os
import resource
import signal
import subprocess

import pytest

from conftest import HEADS, wait_until

TEXTS = [f"text number {number}" for number in range(200)]


@pytest.fixture
def state(tmp_path):
    """The progress that the state of an interrupted run records; nil without one."""
    def state(output):
        try:
            line = (tmp_path / f"{output}.partial.state").read_bytes().split(b"\n")[0]
            return json.loads(line)
        except (FileNotFoundError, ValueError):
            return None

    return state


@pytest.fixture
def interrupt(start, state):
    """Runs swiftlet until it has written a number of lines of its standard input, and sends a signal."""
    def interrupt(*arguments, output, lines, number=signal.SIGKILL):
        before = (state(output) or {"records": 0})["records"]
        process = start(*arguments, "--output", output)
        process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        process.stdin.flush()
        wait_until(lambda: (state(output) or {"records": 0})["records"] >= max(len(lines), before))
        process.send_signal(number)
        status = process.wait()
        return status, process.stderr.read().decode()

    return interrupt


def listing(folder, output):
    return sorted(name for name in os.listdir(folder) if name.startswith(output))


# --on-error


BROKEN = {
    "rows.jsonl": '{"text":"Good."}\n{"text":\n{"text":"Bad."}\n[1]\n{"texts":"x"}\n{"text":4}\n{"text":""}\n',
    "rows.csv": b"id,text\n1,Good.\n2\n3,Bad.\n4,a,b\n5,\xff\n6,\xe2\n7,\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_row_stops_the_run_by_default(swiftlet, write, name):
    write(name, BROKEN[name])
    result = swiftlet("classify", "--file", name)
    assert result.status == 65 and len(result.lines) == 1 and f"{name}:" in result.err


@pytest.mark.parametrize("name", BROKEN)
def test_bad_rows_are_skipped_and_listed(swiftlet, write, name):
    write(name, BROKEN[name])
    result = swiftlet("classify", "--file", name, "--on-error", "skip", "--error-file", "errors.jsonl")
    assert [(row["record"], row["text"]) for row in result.rows] == [(1, "Good."), (3, "Bad."), (7, "")]
    assert "4 rows were skipped because of an error (the first is rows." in result.err
    assert "errors.jsonl lists them" in result.err and "1 text was empty" in result.err
    errors = [json.loads(line) for line in (swiftlet.folder / "errors.jsonl").read_text().splitlines()]
    assert [error["record"] for error in errors] == [2, 4, 5, 6]
    assert all(error["file"] == name and error["line"] > 1 and error["reason"] for error in errors)


@pytest.mark.parametrize("name", BROKEN)
def test_bad_rows_are_written_with_null_answers(swiftlet, write, name):
    write(name, BROKEN[name])
    result = swiftlet("classify", "--file", name, "--on-error", "null")
    assert [row["record"] for row in result.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["label"] is None for row in result.rows] == [False, True, False, True, True, True, True]
    assert ["error" in row for row in result.rows] == [False, True, False, True, True, True, False]
    assert "4 rows were left without an answer because of an error" in result.err
    assert "--error-file lists them" in result.err


def test_a_table_has_a_column_of_errors_with_null(swiftlet, write):
    write("rows.csv", BROKEN["rows.csv"])
    assert swiftlet("classify", "--file", "rows.csv", "--on-error", "null", "--output", "a.csv").status == 0
    with open(swiftlet.folder / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["record"] for row in rows] == list("1234567")
    assert [row["error"] for row in rows][:2] == ["", "expected 2 columns, found 1"]
    assert [row["empty"] for row in rows] == ["false"] * 6 + ["true"]


@pytest.mark.parametrize("policy, count", [("stop", 1), ("skip", 2), ("null", 3)])
def test_a_text_that_the_model_refuses_is_an_error_of_its_row(swiftlet, write, policy, count):
    write("masks.txt", "a [MASK]\nno mask\nthe [MASK]\n")
    result = swiftlet("fill-mask", "--model", HEADS / "mask", "--file", "masks.txt", "--on-error", policy)
    assert len(result.lines) == count and (result.status == 0) == (policy != "stop")
    if policy == "null":
        assert "no mask" in result.rows[1]["text"] and result.rows[1]["masks"] == []
        assert "the text" in result.rows[1]["error"]


def test_an_error_of_the_whole_file_stops_any_run(swiftlet, write):
    write("open.csv", 'text\nGood.\n"Bad.\n')
    result = swiftlet("classify", "--file", "open.csv", "--on-error", "skip")
    assert result.status == 65 and "never closed" in result.err


@pytest.mark.parametrize("arguments, words", [
    (["--on-error", "ignore"], "ignore"),
    (["--error-file", "errors.jsonl"], "needs --on-error skip"),
    (["--on-error", "skip", "--error-file", ""], "--error-file needs the name"),
    (["--summary-file", ""], "--summary-file needs the name"),
    (["--group-by", ""], "--group-by needs the name"),
    (["--group-by", "product", "--no-summary"], "--no-summary leaves out"),
])
def test_bad_values_are_misuse(swiftlet, files, arguments, words):
    swiftlet("classify", "--file", "rows.csv", *arguments).is_misuse(words)


@pytest.mark.parametrize("arguments, words", [
    (["--on-error", "skip", "--error-file", "rows.csv"], "is the input rows.csv"),
    (["--on-error", "skip", "--error-file", "a.csv", "--output", "a.csv"], "is the output"),
    (["--summary-file", "rows.csv"], "is the input rows.csv"),
    (["--summary-file", "a.csv", "--output", "a.csv"], "is the output"),
    (["--resume"], "--resume needs --output"),
    (["--resume", "--output", "a.txt"], "does not continue a text"),
    (["--resume", "--output", "/dev/null"], "needs a regular file"),
])
def test_files_that_are_used_twice_and_outputs_without_rows_are_refused(swiftlet, files, arguments, words):
    before = sorted(os.listdir(swiftlet.folder))
    swiftlet("classify", "--file", "rows.csv", *arguments).fails(64, words)
    assert sorted(os.listdir(swiftlet.folder)) == before


def test_texts_of_the_command_line_are_not_resumed(swiftlet):
    swiftlet("classify", "x", "--output", "a.csv", "--resume").fails(64, "needs --file or standard input")


# --resume


@pytest.mark.parametrize("name", ["answers.csv", "answers.tsv", "answers.jsonl"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_run_is_resumed_to_the_same_bytes(swiftlet, interrupt, state, name, number):
    lines = "\n".join(TEXTS) + "\n"
    assert swiftlet("classify", "--output", f"whole-{name}", stdin=lines).status == 0
    for count in [1, 80, 150]:
        resume = ["--resume"] if count > 1 else []
        status, message = interrupt("classify", *resume, output=name, lines=TEXTS[:count], number=number)
        assert listing(swiftlet.folder, name) == [f"{name}.partial", f"{name}.partial.state"]
        if number == signal.SIGINT:
            assert status == 130 and f"--output {name} --resume" in message and message.count("\n") == 1
            assert f"{name}.partial keeps {count} row" in message
    result = swiftlet("classify", "--output", name, "--resume", stdin=lines)
    assert (result.status, result.out, result.err) == (0, "", "")
    whole = (swiftlet.folder / f"whole-{name}").read_bytes()
    assert (swiftlet.folder / name).read_bytes() == whole
    assert listing(swiftlet.folder, name) == [name]


def test_an_array_is_resumed_to_the_same_bytes(swiftlet, interrupt):
    model = ["--model", HEADS / "embed-max"]
    lines = "\n".join(TEXTS) + "\n"
    assert swiftlet("embed", *model, "--output", "whole.npy", stdin=lines).status == 0
    interrupt("embed", *model, output="a.npy", lines=TEXTS[:33])
    assert swiftlet("embed", *model, "--output", "a.npy", "--resume", stdin=lines).status == 0
    assert (swiftlet.folder / "a.npy").read_bytes() == (swiftlet.folder / "whole.npy").read_bytes()


def test_a_run_that_was_killed_in_a_file_goes_on(swiftlet, start, state, write):
    write("long.txt", "".join(f"{text} of a file\n" * 10 for text in TEXTS))
    run = ["classify", "--file", "long.txt", "--threads", "1", "--batch-size", "64"]
    assert swiftlet(*run, "--output", "whole.csv").status == 0
    done = 0
    for _ in range(3):
        process = start(*run, "--output", "a.csv", *(["--resume"] if done else []))
        wait_until(lambda: process.poll() is not None or (state("a.csv") or {"records": 0})["records"] > done)
        process.kill()
        process.wait()
        done = (state("a.csv") or {"records": done})["records"]
    if not (swiftlet.folder / "a.csv").exists():
        assert swiftlet(*run, "--output", "a.csv", "--resume").status == 0
    assert (swiftlet.folder / "a.csv").read_bytes() == (swiftlet.folder / "whole.csv").read_bytes()


def test_bad_rows_are_counted_once_by_a_resumed_run(swiftlet, interrupt, write):
    model = ["--model", HEADS / "mask"]
    lines = [f"a [MASK] {number}" if number % 3 else f"none {number}" for number in range(30)]
    skip = ["--on-error", "skip", "--error-file"]
    whole = "".join(f"{line}\n" for line in lines)
    assert swiftlet("fill-mask", *model, *skip, "all.jsonl", "--output", "whole.jsonl", stdin=whole).status == 0
    interrupt("fill-mask", *model, *skip, "errors.jsonl", output="a.jsonl", lines=lines[:14])
    with open(swiftlet.folder / "errors.jsonl", "a") as file:
        file.write("half a li")
    result = swiftlet(
        "fill-mask", *model, *skip, "errors.jsonl", "--output", "a.jsonl", "--resume", stdin=whole)
    assert result.status == 0
    for name, expected in [("errors.jsonl", "all.jsonl"), ("a.jsonl", "whole.jsonl")]:
        assert (swiftlet.folder / name).read_bytes() == (swiftlet.folder / expected).read_bytes()


def test_a_full_disk_keeps_the_rows(swiftlet, many):
    run = ["classify", "--file", many, "--batch-size", "50", "--output", "a.jsonl"]
    assert swiftlet(*run[:-1], "whole.jsonl").status == 0
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    result = swiftlet(*run, preexec_fn=limit)
    assert result.status == 74 and "cannot write a.jsonl: File too large" in result.err
    assert "a.jsonl.partial keeps" in result.err and "to continue, run: " in result.err
    assert swiftlet(*run, "--resume").status == 0
    assert (swiftlet.folder / "a.jsonl").read_bytes() == (swiftlet.folder / "whole.jsonl").read_bytes()


def test_the_rows_of_an_interrupted_run_are_not_replaced(swiftlet, interrupt):
    interrupt("classify", output="a.csv", lines=TEXTS[:5])
    before = (swiftlet.folder / "a.csv.partial").read_bytes()
    swiftlet("classify", "--output", "a.csv", stdin="x\n").fails(73, "has 5 rows of an interrupted run; give --resume")
    assert (swiftlet.folder / "a.csv.partial").read_bytes() == before
    (swiftlet.folder / "a.csv.partial").unlink()
    assert swiftlet("classify", "--output", "a.csv", stdin="x\n").status == 0
    assert listing(swiftlet.folder, "a.csv") == ["a.csv"]


@pytest.mark.parametrize("arguments, words", [
    (["--top-k", "2"], "--top-k was not given, and is 2 now"),
    (["--model", HEADS / "reranker"], "model was"),
    (["--on-error", "null"], "format was csv, and is csv with errors now"),
])
def test_another_run_is_not_resumed(swiftlet, interrupt, arguments, words):
    interrupt("classify", output="a.csv", lines=TEXTS[:5])
    before = (swiftlet.folder / "a.csv.partial").read_bytes()
    swiftlet("classify", "--output", "a.csv", "--resume", *arguments, stdin="\n".join(TEXTS)).fails(64, words)
    assert (swiftlet.folder / "a.csv.partial").read_bytes() == before


@pytest.mark.parametrize("lines, words", [
    (["another text", *TEXTS[1:]], "has other rows than before"), (TEXTS[:3], "has only 3 rows"),
])
def test_another_input_is_not_resumed(swiftlet, interrupt, lines, words):
    interrupt("classify", output="a.csv", lines=TEXTS[:5])
    before = (swiftlet.folder / "a.csv.partial").read_bytes()
    text = "".join(f"{line}\n" for line in lines)
    result = swiftlet("classify", "--output", "a.csv", "--resume", stdin=text)
    assert result.status == 64 and words in result.err and "delete a.csv.partial to begin again" in result.err
    assert (swiftlet.folder / "a.csv.partial").read_bytes() == before


def test_without_an_interrupted_run_resuming_begins_with_the_first_row(swiftlet):
    result = swiftlet("classify", "--output", "a.csv", "--resume", stdin="x\n")
    assert result.status == 0 and "there is no interrupted run of a.csv" in result.err
    assert listing(swiftlet.folder, "a.csv") == ["a.csv"]


def test_two_runs_do_not_write_one_output(swiftlet, start):
    process = start("classify", "--output", "a.csv")
    wait_until(lambda: listing(swiftlet.folder, "a.csv.partial"))
    for resume in [[], ["--resume"]]:
        swiftlet("classify", "--output", "a.csv", *resume, stdin="x\n").fails(73, "another process is writing it")
    process.stdin.write(b"I loved it.\n")
    process.stdin.close()
    assert process.wait() == 0
    assert (swiftlet.folder / "a.csv").read_text().count("\n") == 2


def test_a_short_run_that_fails_leaves_nothing(swiftlet, write):
    write("invalid.csv", b"text\nfine\n\xff\n")
    assert swiftlet("classify", "--file", "invalid.csv", "--output", "a.csv").status == 65
    assert listing(swiftlet.folder, "a.csv") == []


# --unique


@pytest.mark.parametrize("form", ["a.csv", "a.jsonl"])
def test_unique_texts_give_the_same_bytes(swiftlet, write, form):
    write("repeated.txt", "".join(f"{TEXTS[number * number % 23]}\n" for number in range(300)) + "\n")
    run = ["classify", "--file", "repeated.txt", "--all-scores", "--output"]
    assert swiftlet(*run, f"all-{form}").status == 0
    result = swiftlet(*run, f"unique-{form}", "--unique")
    assert result.status == 0 and "--unique computed 12 of 300 texts; the other 96.0%" in result.err
    assert (swiftlet.folder / f"unique-{form}").read_bytes() == (swiftlet.folder / f"all-{form}").read_bytes()


def test_equal_texts_of_different_pairs_are_different(swiftlet, write):
    write("pairs.csv", "a,b\nx,y\nx,z\nx,y\n")
    run = ["classify", "--file", "pairs.csv", "--text-column", "a", "--pair-column", "b", "--json"]
    result = swiftlet(*run, "--unique")
    assert result.out == swiftlet(*run).out and "computed 2 of 3" in result.err


# The summary


GROUPS = "product,text\nphone,I loved it.\nphone,Dreadful.\ntablet,Wonderful.\nphone,\n,A waste of time.\n"


def test_a_summary_counts_labels_and_groups(swiftlet, write):
    write("groups.csv", GROUPS)
    result = swiftlet("classify", "--file", "groups.csv", "--summary", "--group-by", "product", "--json")
    assert len(result.rows) == 5 and "product" not in result.rows[0]
    words = [line.split() for line in result.err.splitlines()]
    assert ["5", "rows,", "1", "empty"] in words
    assert ["POSITIVE", "2", "50.0%"] in [line[:3] for line in words]
    assert ["phone", "3", "50.0%", "50.0%"] in [line[:4] for line in words]
    assert ["(empty)", "1", "100.0%", "0.0%"] in [line[:4] for line in words]


def test_a_summary_is_written_as_json(swiftlet, write):
    write("groups.csv", GROUPS)
    result = swiftlet("classify", "--file", "groups.csv", "--group-by", "1", "--no-summary", "--json",
                      "--summary-file", "summary.json", "--minimum-score", "0.5")
    assert result.status == 0 and "POSITIVE" not in result.err
    summary = json.loads((swiftlet.folder / "summary.json").read_text())
    assert [summary[name] for name in ["rows", "empty", "truncated", "errors", "undecided"]] == [5, 1, 0, 0, 0]
    assert {label["label"]: label["rows"] for label in summary["labels"]} == {"NEGATIVE": 2, "POSITIVE": 2}
    assert sum(summary["labels"][0]["histogram"]) == 2
    assert [(group["value"], group["rows"]) for group in summary["groups"]] == [("phone", 3), ("tablet", 1), ("", 1)]


def test_groups_of_a_json_file_may_be_of_any_type(swiftlet, write):
    write("groups.jsonl", '{"text":"x","g":1}\n{"text":"y","g":true}\n{"text":"z","g":null}\n{"text":"w"}\n')
    assert swiftlet("classify", "--file", "groups.jsonl", "--group-by", "g", "--summary-file", "s.json").status == 0
    summary = json.loads((swiftlet.folder / "s.json").read_text())
    assert {group["value"]: group["rows"] for group in summary["groups"]} == {"": 2, "1": 1, "true": 1}


def test_a_missing_group_column_is_an_error_before_any_work(swiftlet, write):
    write("groups.csv", GROUPS)
    result = swiftlet("classify", "--file", "groups.csv", "--group-by", "shop", "--output", "a.csv")
    assert result.status == 65 and "--group-by" in result.err and '"shop"' in result.err
    assert listing(swiftlet.folder, "a.csv") == []


def test_a_terminal_gets_a_summary_after_a_file(on_terminal, write):
    write("groups.csv", GROUPS)
    run = ["classify", "--file", "groups.csv", "--output", "a.csv"]
    assert "mean score" in on_terminal(*run)[1]
    assert "mean score" not in on_terminal(*run, "--no-summary")[1]
    assert "mean score" not in on_terminal("classify", "I loved it.")[1]


def test_a_pipe_gets_no_summary_unless_asked(swiftlet, write):
    write("groups.csv", GROUPS)
    assert "mean score" not in swiftlet("classify", "--file", "groups.csv").err
