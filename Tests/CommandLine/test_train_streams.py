"""swiftlet train on a terminal, and when it is interrupted, killed and resumed."""

import json
import os
import re
import resource
import signal
import subprocess

import pytest

from conftest import PLAIN, PROGRAM, wait_until

# Long enough to be interrupted, and at most some seconds long.
LONG = ["train", "--model", PLAIN, "--file", "reviews.csv", "--epochs", 400, "--evaluate-every", 100,
        "--learning-rate", "1e-3"]

pytestmark = pytest.mark.usefixtures("reviews")


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


@pytest.fixture
def interrupted(start):
    """Starts the long training into `out`, and sends a signal after its first step."""
    def interrupted(number, *options):
        process = start(*LONG, "--output", "out", *options)
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                break
        process.send_signal(number)
        process.stdout.read()
        return process.wait(), process.stderr.read().decode()

    return interrupted


@pytest.fixture
def complete(swiftlet, tmp_path):
    """The weights of the long training without an interruption."""
    assert swiftlet(*LONG, "--output", "complete").status == 0
    return weights(tmp_path / "complete")


def test_an_interrupt_saves_and_prints_the_command_that_continues(interrupted, complete, tmp_path):
    status, errors = interrupted(signal.SIGINT)
    assert status == 130
    last = errors.split("\n")[-2]
    found = re.fullmatch(r"swiftlet: error: interrupted; step \d+ of 1600 is saved; to continue, run: (.*)", last)
    assert found and found[1].startswith(f"{PROGRAM} train ") and found[1].endswith(" --output out --resume")
    assert os.listdir(tmp_path / "out") == ["checkpoint"]
    assert subprocess.run(["bash", "-c", found[1]], cwd=tmp_path, capture_output=True).returncode == 0
    assert weights(tmp_path / "out") == complete


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["SIGTERM", "SIGHUP"])
def test_other_signals_save_too(interrupted, tmp_path, number, status):
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("nohup, under which a program ignores the signal")
    found, errors = interrupted(number)
    assert found == status and errors.split("\n")[-2].endswith(" --resume")
    assert "state.json" in os.listdir(tmp_path / "out/checkpoint")


def test_a_killed_training_continues_from_its_last_checkpoint(interrupted, complete, swiftlet, tmp_path):
    assert interrupted(signal.SIGKILL, "--save-every", 1)[0] == -signal.SIGKILL
    assert swiftlet(*LONG, "--output", "out", "--resume").status == 0
    assert weights(tmp_path / "out") == complete


def test_a_file_system_without_space_stops_a_training_that_continues_later(start, complete, swiftlet, tmp_path):
    process = start(*LONG, "--output", "out", "--save-every", 1)
    wait_until(lambda: (tmp_path / "out/checkpoint/state.json").exists())
    # The file size limit is reached like the end of a disk; the signal that comes with it is not.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    process.stdout.read()
    errors = process.stderr.read().decode().split("\n")
    assert process.wait() == 73
    assert errors[-2].startswith("swiftlet: error: ") and "out/checkpoint/" in errors[-2], errors
    assert "File too large" in errors[-2]
    state = json.loads((tmp_path / "out/checkpoint/state.json").read_text())
    assert {state["tensors"], "state.json"} <= set(os.listdir(tmp_path / "out/checkpoint"))
    assert not [name for name in os.listdir(tmp_path / "out/checkpoint") if name.endswith(".tmp")]
    assert swiftlet(*LONG, "--output", "out", "--resume").status == 0
    assert weights(tmp_path / "out") == complete


def test_a_second_training_into_the_same_folder_is_refused(start, complete, swiftlet, tmp_path):
    process = start(*LONG, "--output", "out", "--log-every", 1)
    process.stdout.readline()
    wait_until(lambda: (tmp_path / "out/checkpoint/lock").exists())
    for options in [[], ["--force"]]:
        swiftlet(*LONG, "--output", "out", *options).fails(73, "another training writes to out; wait for its end")
    process.stdout.read()
    assert process.wait() == 0 and weights(tmp_path / "out") == complete
    assert "checkpoint" not in os.listdir(tmp_path / "out")


def test_an_interrupted_probe_writes_nothing(start, tmp_path):
    process = start("train", "--model", PLAIN, "--file", "reviews.csv", "--output", "out", "--method", "probe")
    process.send_signal(signal.SIGINT)
    errors = process.stderr.read().decode()
    # A fast machine ends before the signal.
    if process.wait() != 0:
        assert process.returncode in (130, -signal.SIGINT) and "is saved" not in errors
        assert not (tmp_path / "out").exists()


def test_an_interrupted_training_needs_resume_or_force_and_the_same_options(interrupted, swiftlet):
    assert interrupted(signal.SIGINT)[0] == 130
    again = [*LONG, "--output", "out"]
    swiftlet(*again).fails(64, "continue it with --resume, or start again with --force")
    result = swiftlet(*again, "--resume", "--batch-size", 8)
    assert result.status in (64, 65) and "batch-size" in result.err
    assert swiftlet(*again[:-6], "--output", "out", "--epochs", 1, "--force").status in (0, 64)


def test_the_log_is_continued(interrupted, swiftlet, tmp_path):
    assert interrupted(signal.SIGINT, "--log", "log")[0] == 130
    before = (tmp_path / "log").read_text()
    result = swiftlet(*LONG, "--output", "out", "--log", "log", "--resume")
    assert (tmp_path / "log").read_text() == before + result.out and before


def test_a_sweep_that_is_interrupted_writes_nothing(start, tmp_path):
    process = start(*LONG, "--output", "out", "--sweep", "seed=1,2")
    for line in process.stdout:
        if json.loads(line)["event"] == "step":
            break
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait() == 130
    assert process.stderr.read().endswith(b"swiftlet: error: interrupted; nothing was written\n")
    assert not (tmp_path / "out").exists()


def test_a_closed_pipe_saves_and_ends_by_its_signal(start, tmp_path):
    process = start(*LONG, "--output", "out", "--log-every", 1)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == -signal.SIGPIPE
    assert "state.json" in os.listdir(tmp_path / "out/checkpoint")


# On a terminal

SHORT = ["train", "--model", str(PLAIN), "--file", "reviews.csv", "--output", "out"]


def test_a_terminal_shows_plan_live_line_table_and_result(on_terminal):
    status, shown = on_terminal(*SHORT)
    assert status == 0 and '{"event"' not in shown
    for text in ["steps: 12: 3 epochs of 4", "epoch 0.25/3 · step 1/12 · loss ", " tok/s", " left",
                 " epoch  step  train loss  val loss  accuracy  best      time", "★", "written: out"]:
        assert text in shown, text
    assert len(re.findall(r"^ +\d\.00 +\d+ ", shown.replace("\r\x1b[K", "\n"), re.MULTILINE)) == 3


def test_no_progress_hides_the_live_line_alone(on_terminal):
    _, shown = on_terminal(*SHORT, "--no-progress")
    assert "tok/s" not in shown and "train loss" in shown


def test_json_on_a_terminal_has_every_event(on_terminal):
    _, shown = on_terminal(*SHORT, "--json")
    assert '{"event":"planned"' in shown and '{"event":"result"' in shown


@pytest.mark.parametrize("columns", [30, 60])
def test_the_live_line_and_the_table_fit_the_terminal(on_terminal, columns):
    _, shown = on_terminal(*SHORT, columns=columns)
    drawn = re.findall(r"\r([^\r\n]*)\x1b\[K", shown)
    rows = re.findall(r"^ *(?:epoch|step|\d+\.00|\d+) .*", shown.replace("\r\x1b[K", "\n").replace("\r", ""), re.MULTILINE)
    assert drawn and rows
    assert all(len(line) < columns for line in drawn) and all(len(row) <= columns for row in rows)
