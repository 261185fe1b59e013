"""swiftlet distill: plan, events, table, interruption, and messages on wrong teachers and data."""

import json
import os
import signal

import pytest

from conftest import HEADS, PLAIN, wait_until

TEXTS = [f"{text} {number}" for number in range(10) for text in ["great film", "boring plot", "the best cat"]]


def events(result, name):
    return [row for row in result.rows if row["event"] == name]


@pytest.fixture
def distill(swiftlet, write):
    """Runs swiftlet distill on unlabelled texts with a tiny teacher, unless the arguments name others."""
    write("texts.txt", "".join(text + "\n" for text in TEXTS))

    def distill(*arguments, run=swiftlet, **options):
        words = list(map(str, arguments))
        for flag, value in [("--teacher", PLAIN), ("--file", "texts.txt"), ("--output", "out")]:
            if flag not in words and not (flag == "--output" and "--dry-run" in words):
                words += [flag, str(value)]
        return run("distill", *words, **options)

    return distill


def test_texts_become_a_smaller_model_that_classifies(distill, swiftlet, tmp_path):
    result = distill("--layers", 1)
    names = [row["event"] for row in result.rows]
    assert names[:3] == ["data", "distillation", "planned"] and names[-2:] == ["result", "comparison"]
    [made], [end], [table] = (events(result, name) for name in ["distillation", "result", "comparison"])
    assert (made["layers"], made["alpha"], made["measures_agreement"]) == ([0], 1, True)
    assert end["folder"] == "out" and "checkpoint" not in os.listdir(tmp_path / "out")
    assert (table["teacher"]["layers"], table["student"]["layers"], table["teacher"]["value"]) == (2, 1, 1)
    assert table["share_kept"] == table["student"]["value"] == end["value"]
    [answer] = swiftlet("classify", "--model", "out", "great film", "--json").rows
    assert answer["label"] in ("NEGATIVE", "POSITIVE")


def test_the_plan_and_the_table_are_on_standard_error(distill):
    lines = distill("--layers", 1).err.split("\n")
    for start in ["teacher: ", "student: DistilBERT with layer 0 of the teacher", "loss: the teacher's answers",
                  "teacher's answers: 240 bytes", "metrics: agreement", "teacher  ", "student  ", "texts/s: "]:
        assert any(line.startswith(start) for line in lines), start


def test_labels_are_learned_and_training_json_has_every_argument(distill, write, tmp_path):
    rows = [f"{text},{['', 'positive', 'NEGATIVE'][number % 3]}\n" for number, text in enumerate(TEXTS)]
    write("some.csv", "text,label\n" + "".join(rows))
    result = distill("--file", "some.csv", "--temperature", 4, "--hidden-weight", 0.5)
    assert events(result, "distillation")[0]["alpha"] == 0.5
    found = json.loads((tmp_path / "out/training.json").read_text())
    assert (found["distillation"]["temperature"], found["distillation"]["layers"]) == (4, [0])
    assert found["arguments"]["hidden-weight"] == "0.5" and found["arguments"]["teacher"] == str(PLAIN)
    assert "at temperature 4" in (tmp_path / "out/README.md").read_text()


def test_a_student_can_be_narrower(distill, swiftlet, tmp_path):
    result = distill("--layers", 1, "--width", 10)
    [made], [table] = events(result, "distillation"), events(result, "comparison")
    assert made["width"] == 10 and table["student"]["parameters"] < table["teacher"]["parameters"] / 2
    assert "student: DistilBERT with layer 0 of the teacher, 10 wide" in result.err
    assert json.loads((tmp_path / "out/config.json").read_text())["dim"] == 10
    assert swiftlet("classify", "--model", "out", "great film", "--json").status == 0


def test_the_scores_of_a_student_can_be_calibrated(distill, write, tmp_path):
    write("some.csv", "text,label\n" + "".join(
        f"{text},{['positive', 'NEGATIVE'][number % 2]}\n" for number, text in enumerate(TEXTS)))
    assert distill("--file", "some.csv", "--calibrate", "--validation", 0.3).status == 0
    assert json.loads((tmp_path / "out/training.json").read_text())["temperature"] > 0


def test_a_dry_run_writes_nothing(distill, tmp_path):
    before = set(os.listdir(tmp_path))
    assert events(distill("--dry-run"), "planned") and set(os.listdir(tmp_path)) == before


def test_an_interrupted_distillation_continues_to_the_same_bytes(distill, start, tmp_path):
    options = ["--epochs", 20, "--batch-size", 2, "--save-every", 1, "--validation", "none"]
    process = distill(*options, "--output", "stopped", run=start)
    wait_until(lambda: (tmp_path / "stopped/checkpoint/state.json").exists())
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert distill(*options, "--output", "stopped", "--resume").status == 0
    assert distill(*options, "--output", "whole").status == 0
    stopped, whole = ((tmp_path / name / "model.safetensors").read_bytes() for name in ["stopped", "whole"])
    assert stopped == whole


def test_a_student_with_a_kept_checkpoint_can_be_continued(distill, tmp_path):
    assert distill("--keep-checkpoint").status == 0
    before = (tmp_path / "out/model.safetensors").read_bytes()
    assert distill("--resume").status == 0
    assert (tmp_path / "out/model.safetensors").read_bytes() == before
    assert "checkpoint" not in os.listdir(tmp_path / "out")


def test_a_time_limit_writes_the_student_and_a_larger_one_continues(distill, tmp_path):
    options = ["--epochs", 1000, "--validation", "none", "--learning-rate", "1e-3"]
    assert distill(*options, "--output", "whole").status == 0
    [end] = events(distill(*options, "--time-limit", "0.1s"), "result")
    assert (end["reason"], end["folder"]) == ("time-limit", "out")
    assert distill(*options, "--time-limit", "1h", "--resume").status == 0
    stopped, whole = ((tmp_path / name / "model.safetensors").read_bytes() for name in ["out", "whole"])
    assert stopped == whole


@pytest.mark.parametrize("arguments, status, words", [
    (["--teacher", "nowhere"], 66, "nowhere"),
    (["--teacher", HEADS / "questions"], 65, "can't teach"),
    (["--layers", 9], 64, "the teacher has 2 layers"),
    (["--model", PLAIN], 64, "is the teacher"),
    (["--output", PLAIN], 73, "is the base model itself"),
    (["--alpha", 0.5], 64, "no row has a true label"),
    (["--width", 7], 64, "--width is 7, but must be a multiple of 5"),
    (["--width", 10, "--hidden-weight", 1], 64, "compares rows of equal width"),
    (["--distilbert"], 64, "--distilbert is not used by a distillation"),
    (["--task", "tag"], 64, "the teacher is for classify"),
    (["--calibrate"], 64, "fits its numbers on validation rows with true labels"),
    (["--resume"], 64, "no checkpoint"),
])
def test_what_is_wrong_is_said_before_any_work(distill, tmp_path, arguments, status, words):
    before = set(os.listdir(tmp_path))
    distill(*arguments).fails(status, words)
    assert set(os.listdir(tmp_path)) == before


def test_a_label_that_the_teacher_does_not_have_names_its_row(distill, write):
    write("wrong.csv", "text,label\ngreat film,POSITIVE\nboring plot,awful\n")
    distill("--file", "wrong.csv").fails(65, 'wrong.csv:3: unknown label "awful"')
