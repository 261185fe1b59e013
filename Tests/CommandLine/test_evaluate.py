"""swiftlet evaluate: columns, labels, reports, and the comparison of precisions."""

import csv
import json
import pathlib
import signal
import time

import pytest

from conftest import BAD, GOOD, ROOT, table, wait_until

pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def evaluate(swiftlet):
    return lambda *arguments, **options: swiftlet("evaluate", *arguments, **options)


def test_the_report_has_accuracy_classes_and_confusion(evaluate):
    evaluate("rows.tsv").shows("accuracy")
    [report] = evaluate("rows.tsv", "--json").rows
    assert (report["count"], report["correct"], report["accuracy"]) == (3, 3, 1)
    assert report["classes"][0]["label"] == "NEGATIVE" and report["classes"][0]["precision"] == 1
    assert report["confusion"] == [[1, 0], [0, 2]]


def test_labels_are_names_in_any_case(evaluate, write):
    write("named.csv", "review,stars\nI loved it.,positive\nDreadful.,Negative\n")
    [report] = evaluate("named.csv", "--text-column", "review", "--label-column", "stars", "--json").rows
    assert (report["count"], report["correct"]) == (2, 2)


def test_columns_have_numbers_without_a_header(evaluate, write):
    write("bare.tsv", "1\tI loved it.\n")
    [report] = evaluate("bare.tsv", "--no-header", "--text-column", 2, "--label-column", 1, "--json").rows
    assert (report["count"], report["correct"]) == (1, 1)


def test_standard_input_is_read(evaluate, swiftlet):
    table = (swiftlet.folder / "rows.tsv").read_text()
    [report] = evaluate("-", "--input-format", "tsv", "--json", stdin=table).rows
    assert report["count"] == 3


def test_empty_texts_are_left_out_with_a_warning(evaluate, write):
    write("gaps.csv", 'text,label\n"I loved it.",1\n,0\n"  ",0\nDreadful,0\n')
    result = evaluate("gaps.csv", "--json")
    [report] = result.rows
    assert (report["empty"], report["count"], report["correct"]) == (2, 2, 2)
    assert "2 texts were empty and left out of the counts" in result.err


@pytest.mark.parametrize("options", [[], ["--compare"]], ids=["plain", "compare"])
def test_an_unknown_label_is_named_with_its_line_and_the_known_ones(evaluate, write, options):
    write("unknown.csv", "text,label\nfine,1\nso-so,meh\n")
    evaluate("unknown.csv", *options).fails(
        65, 'unknown.csv:3: unknown label "meh"; the model has 0 NEGATIVE, 1 POSITIVE')


@pytest.mark.parametrize("name, content", [
    ("header.csv", "text,label\n"), ("empty.csv", ""), ("unlabelled.txt", "a\nb\n"),
])
def test_a_file_without_labelled_rows_is_refused(evaluate, write, name, content):
    write(name, content)
    evaluate(name).fails(65, name)


def test_a_missing_file_is_refused(evaluate):
    evaluate("nowhere.tsv").fails(66, "nowhere.tsv")


@pytest.mark.parametrize("instruction_set", ["", "baseline"])
def test_compare_shows_every_precision_of_the_machine(evaluate, instruction_set):
    environment = {"SWIFTLET_ISA": instruction_set} if instruction_set else {}
    text = evaluate("rows.tsv", "--compare", environment=environment).out
    [report] = evaluate("rows.tsv", "--compare", "--json", environment=environment).rows
    assert report["count"] == report["float32"]["correct"] == report["int8"]["correct"] == 3
    assert report["changed_labels"] == 0 and 0 < report["largest_logit_difference"] < 1
    assert report["int8"]["largest_logit_difference"] == report["largest_logit_difference"]
    assert "changed: labels that differ from float32's, of 3" in text
    if report["bfloat16"] is None:
        assert "bfloat16 is left out: the processor or SWIFTLET_ISA lacks AVX512_BF16" in text
    else:
        assert instruction_set == "" and "left out" not in text
        assert report["bfloat16"]["changed_labels"] == 0
        assert 0 < report["bfloat16"]["largest_logit_difference"] < 0.1


def test_an_int8_model_can_be_evaluated_and_not_compared(evaluate, int8):
    evaluate("rows.tsv", "--model", int8).shows("accuracy")
    evaluate("rows.tsv", "--model", int8, "--compare").fails(65, "int8")


def test_the_report_has_an_interval_and_a_calibration_error(evaluate):
    [report] = evaluate("rows.tsv", "--json").rows
    low, high = report["accuracy_interval"]
    assert (round(low, 4), high) == (0.4385, 1)
    assert 0 < report["calibration_error"] < 0.2 and 0 < report["log_loss"] < 0.2
    evaluate("rows.tsv").shows("95 % interval 43.85% to 100.00%; calibration error 0.0")


def test_a_temperature_changes_the_calibration_and_not_the_accuracy(evaluate):
    [usual], [flat] = (evaluate("rows.tsv", "--json", "--temperature", heat).rows for heat in (1, 10))
    assert usual["calibration_error"] < flat["calibration_error"] and usual["accuracy"] == flat["accuracy"]


def test_the_surest_mistakes_have_text_and_scores(evaluate, write):
    write("wrong.csv", "text,label\nI loved it.,0\nDreadful.,0\nFine.,0\nWonderful!,0\n")
    [report] = evaluate("wrong.csv", "--errors", 2, "--json").rows
    scores = [error["score"] for error in report["errors"]]
    assert len(scores) == 2 and scores[0] >= scores[1] > 0.5
    first = report["errors"][0]
    assert (first["expected"], first["predicted"]) == ("NEGATIVE", "POSITIVE")
    assert first["score"] + first["expected_score"] == pytest.approx(1) and first["line"] in (2, 5)
    evaluate("wrong.csv", "--errors", 1).shows("surest mistakes:\nline  expected  predicted")


def test_without_mistakes_the_list_is_empty(evaluate):
    [report] = evaluate("rows.tsv", "--errors", 5, "--json").rows
    assert report["errors"] == []
    evaluate("rows.tsv", "--errors", 5).shows("All answers are the expected labels.")


# Labels


@pytest.fixture
def stars(write):
    """Reviews with stars, of which 3 is no label of the model."""
    return write("stars.csv", "text,stars,source\nI loved it.,5,web\nDreadful.,1,app\nIt was on.,3,web\n"
                              "Wonderful!,5.0,web\nA waste of time.,1,\n").name


MAPPED = ["--label-column", "stars", "--map-label", "5=POSITIVE", "--map-label", "1=negative"]


def test_labels_are_mapped_and_unknown_ones_skipped_on_request(evaluate, stars):
    evaluate(stars, *MAPPED).fails(65, 'stars.csv:4: unknown label "3"; the model has 0 NEGATIVE, 1 POSITIVE;')
    result = evaluate(stars, *MAPPED, "--map-label", "4=POSITIVE", "--unknown-labels", "skip", "--json")
    [report] = result.rows
    assert (report["count"], report["correct"], report["unknown_labels"]) == (4, 4, 1)
    assert '1 row without a known label left out of the counts (the first is stars.csv:4, "3")' in result.err
    assert "--map-label 4=POSITIVE was not used" in result.err and "5=POSITIVE was" not in result.err


@pytest.mark.parametrize("options, text", [
    (["--map-label", "5=GOOD"], 'the model has no label "GOOD"'),
    (["--map-label", "POSITIVE=5"], "the file's label comes first: --map-label 5=POSITIVE"),
    (["--map-label", "5"], "--map-label"),
    (["--unknown-labels", "drop"], "--unknown-labels"),
    (["--precision-at", "95"], "--precision-at must be above 0 and at most 1, found 95"),
    (["--recall-at", "0"], "--recall-at must be above 0 and at most 1, found 0"),
    (["--label-issues", "issues.txt"], "must end in .jsonl, .csv or .tsv"),
    (["--issue-filter", "both"], "need --label-issues"),
    (["--issue-filter", "some", "--label-issues", "a.csv"], "prune_by_noise_rate"),
    (["--against", "rows.csv"], "--against needs --duplicates"),
    (["--report", "report.pdf"], "must end in .html"),
    (["--label-separator", ","], "--label-separator is for models with several labels"),
    (["--compare", "--report", "a.html"], "--report is not used by --compare"),
    (["--compare", "--fit-temperature"], "--fit-temperature is not used by --compare"),
])
def test_a_wrong_value_is_refused(evaluate, options, text):
    evaluate("rows.tsv", *options).is_misuse(text)


def test_missing_labels_of_json_are_skipped_on_request(evaluate, write):
    write("gaps.jsonl", '{"text":"I loved it.","label":1}\n{"text":"Dreadful."}\n{"text":"Bad.","label":null}\n')
    [report] = evaluate("gaps.jsonl", "--unknown-labels", "skip", "--json").rows
    assert (report["count"], report["unknown_labels"]) == (1, 2)


def test_figures_of_each_value_of_a_column(evaluate, stars):
    options = [*MAPPED, "--unknown-labels", "skip", "--group-by", "source"]
    [report] = evaluate(stars, *options, "--json").rows
    assert [(group["value"], group["count"]) for group in report["groups"]] == [("web", 2), ("", 1), ("app", 1)]
    assert report["group_by"] == "source" and all(group["accuracy"] == 1 for group in report["groups"])
    evaluate(stars, *options).shows("(empty)")
    evaluate(stars, *MAPPED, "--group-by", "nothing").fails(65, 'nothing')


# Several labels


@pytest.fixture
def several(evaluate):
    return lambda *arguments: evaluate(*arguments, "--model", ROOT / "Tests/Fixtures/checkpoints/multi-label")


def test_a_model_with_several_labels_is_evaluated(several, evaluate, write):
    config = json.loads((ROOT / "Tests/Fixtures/checkpoints/multi-label/config.json").read_text())
    first, second = [config["id2label"][str(index)] for index in (0, 1)]
    write("many.csv", f'text,labels\nhello,"{first}, {second}"\nthere,{second}\nno label,\n')
    write("many.jsonl", "".join(json.dumps(row) + "\n" for row in [
        {"text": "hello", "labels": [first, second]}, {"text": "there", "labels": [1]}, {"text": "no label", "labels": []}]))
    [table], [lines] = (several(name, "--json").rows for name in ("many.csv", "many.jsonl"))
    assert {**table, "file": ""} == {**lines, "file": ""}
    assert table["count"] == 3 and [row["support"] for row in table["classes"][:2]] == [1, 2]
    assert 0 <= table["micro_f1"] <= 1 and len(table["calibration_bins"]) == 15
    several("many.csv", "--precision-at", 0.5, "--fit-temperature").shows("micro F1")
    several("many.csv", "--label-issues", "a.csv").fails(64, "one label for each text")
    several("many.csv", "--compare").fails(64, "one label for each text")
    write("unknown.csv", "text,labels\nhello,nonsense\n")
    several("unknown.csv").fails(65, 'unknown label "nonsense"')


# Thresholds and temperature


@pytest.fixture
def noisy(write):
    """Reviews of which some have the wrong label."""
    rows = [(f"{text} {number}.", label) for number in range(5)
            for label, texts in [(1, GOOD), (0, BAD)] for text in texts]
    rows += [("I loved every minute of it.", 0), ("Dreadful and a waste of time.", 1)]
    return write("noisy.csv", table(rows)).name


def test_thresholds_are_ready_for_classify(evaluate, swiftlet, noisy):
    [report] = evaluate(noisy, "--precision-at", 0.97, "--recall-at", 0.9, "--json").rows
    precise, complete = report["thresholds"]
    assert (precise["precision_at"], complete["recall_at"]) == (0.97, 0.9)
    assert all(label["recall"] >= 0.9 for label in complete["labels"])
    assert all(label["precision"] >= 0.97 for label in precise["labels"] if label["threshold"] is not None)
    rows = swiftlet("classify", "--file", noisy, "--json", *complete["options"]).rows
    labels = [line.rsplit(",", 1)[1] for line in (swiftlet.folder / noisy).read_text().splitlines()[1:]]
    for index, label in enumerate(complete["labels"]):
        accepted = [[score["label"] for score in row["accepted"]] for row in rows]
        hits = sum(label["label"] in names and truth == str(index) for names, truth in zip(accepted, labels))
        assert hits / labels.count(str(index)) == pytest.approx(label["recall"])
    evaluate(noisy, "--recall-at", 0.9).shows("  --label-threshold NEGATIVE=")


def test_the_temperature_lowers_the_log_loss(evaluate, noisy):
    [report] = evaluate(noisy, "--fit-temperature", "--json").rows
    fit = report["temperature"]
    assert fit["after"]["log_loss"] < fit["before"]["log_loss"] == report["log_loss"]
    [calibrated] = evaluate(noisy, "--temperature", fit["value"], "--json").rows
    assert calibrated["calibration_error"] == pytest.approx(fit["after"]["calibration_error"])
    evaluate(noisy, "--fit-temperature").shows(f"  --temperature {fit['value']}\n")


def test_the_ranges_of_the_calibration_error_are_printed_on_request(evaluate, noisy):
    evaluate(noisy, "--calibration-bins").shows("calibration:\n")
    [report] = evaluate(noisy, "--json").rows
    assert sum(row["count"] for row in report["calibration_bins"]) == report["count"] == 42


# Files


def test_label_issues_are_written_surest_first(evaluate, swiftlet, noisy):
    result = evaluate(noisy, "--label-issues", "issues.csv")
    result.shows("labels are probably wrong (prune_by_noise_rate)")
    with open(swiftlet.folder / "issues.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"I loved every minute of it.", "Dreadful and a waste of time."} <= {row["text"] for row in rows}
    assert [float(row["self_confidence"]) for row in rows] == sorted(float(row["self_confidence"]) for row in rows)
    evaluate(noisy, "--label-issues", "issues.jsonl", "--issue-filter", "predicted_neq_given",
             "--issue-rank", "normalized_margin").shows("predicted_neq_given")
    lines = [json.loads(line) for line in (swiftlet.folder / "issues.jsonl").read_text().splitlines()]
    margins = [line["normalized_margin"] for line in lines]
    assert margins == sorted(margins) and all(line["label"] != line["suggested"] for line in lines)


def test_the_page_has_every_section_and_escapes_texts(evaluate, swiftlet, write):
    write("hostile.csv", 'text,label,part\n"<script>alert(1)</script> loved",0,<b>\nDreadful,0,x\nFine,1,x\n')
    evaluate("hostile.csv", "--report", "page.html", "--group-by", "part", "--duplicates", "--fit-temperature",
             "--recall-at", 0.9, "--label-issues", "issues.csv").shows("accuracy")
    page = (swiftlet.folder / "page.html").read_text()
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "&lt;b&gt;" in page
    for title in ["Labels", "Confusion", "Calibration", "Scores of each label", "Temperature", "By part",
                  "Surest mistakes", "Label issues", "Duplicates"]:
        assert f"<h2>{title}</h2>" in page


@pytest.mark.parametrize("option, name", [("--report", "page.html"), ("--label-issues", "issues.csv")])
def test_a_file_that_cannot_be_written_is_named_before_any_work(evaluate, swiftlet, write, option, name):
    evaluate("rows.tsv", option, f"nowhere/{name}").fails(73, f"nowhere/{name}")
    (swiftlet.folder / name).mkdir()
    evaluate("rows.tsv", option, name).fails(73, name)


def test_an_output_is_never_an_input(evaluate, swiftlet):
    content = (swiftlet.folder / "rows.tsv").read_bytes()
    evaluate("rows.tsv", "--label-issues", "rows.tsv").fails(64, "is the input rows.tsv")
    assert (swiftlet.folder / "rows.tsv").read_bytes() == content


def test_duplicates_within_and_between_files(evaluate, write):
    write("dev.csv", "text,label\nI loved it.,1\nI  LOVED it.,0\nDreadful.,0\nNew.,1\n")
    write("train.csv", "text,label\ndreadful.,0\nOther.,1\n")
    write("plain.txt", "dreadful.\n")
    [report] = evaluate("dev.csv", "--duplicates", "--against", "train.csv", "--json").rows
    found = report["duplicates"]
    assert (found["repeated"], found["shared"], found["different_labels"]) == (1, 1, 1)
    assert [[row["line"] for row in group["rows"]] for group in found["groups"]] == [[2, 3], [2, 4]]
    assert found["groups"][1]["rows"][0] == {"file": "train.csv", "line": 2, "label": "NEGATIVE"}
    evaluate("dev.csv", "--duplicates", "--against", "plain.txt").shows("1 text of dev.csv is also in plain.txt")
    evaluate("dev.csv", "--duplicates", "--against", "nowhere.csv").fails(66, "nowhere.csv")


# Interruption


def is_idle(process):
    """Whether all threads sleep, so that everything it was sent is evaluated."""
    for _ in range(10):
        time.sleep(0.1)
        states = [path.read_text().rsplit(")", 1)[1].split()[0]
                  for path in pathlib.Path(f"/proc/{process.pid}/task").glob("*/stat")]
        if states.count("S") < len(states) or len(states) < 2:
            return False
    return True


def test_an_interrupted_run_prints_partial_figures(start, swiftlet):
    row = '{"text":"I loved it.","label":1}\n'.encode()
    process = start("evaluate", "-", "--input-format", "jsonl", "--json", "--label-issues", "issues.csv")
    process.stdin.write(row * 50)
    process.stdin.flush()
    wait_until(lambda: is_idle(process))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    report = json.loads(out)
    assert process.returncode == 130 and report["partial"] is True and report["count"] == 50
    assert b"interrupted after 50 texts; the figures are those of the rows before" in err
    assert not (swiftlet.folder / "issues.csv").exists()
