"""swiftlet classify on texts of its command line: formats, scores, decisions."""

import csv
import io
import re

import pytest

from conftest import BUNDLED, HEADS


def test_a_good_review_is_positive_in_json_without_a_terminal(swiftlet):
    result = swiftlet("classify", "I loved every minute of it.")
    assert [row["label"] for row in result.rows] == ["POSITIVE"]
    assert result.err == ""


def test_csv_has_a_header_and_a_row_for_each_text(swiftlet):
    result = swiftlet("classify", "I loved it.", "A complete waste of time.", "--format", "csv")
    assert len(result.lines) == 3
    assert result.lines[2].startswith("2,A complete waste of time.,NEGATIVE,0.")


def test_csv_is_quoted_for_pythons_reader(swiftlet):
    text = 'a "quoted", text\nof two lines'
    result = swiftlet("classify", text, "--format", "csv")
    assert list(csv.reader(io.StringIO(result.out)))[1][:2] == ["1", text]
    swiftlet("classify", 'a "quoted", text', "--format", "csv").shows('1,"a ""quoted"", text",')


def test_a_table_has_percents(swiftlet):
    swiftlet("classify", "I loved it.", "--format", "table").shows("%")


def test_scores_are_listed_on_request(swiftlet):
    [row] = swiftlet("classify", "I loved it.", "--json", "--all-scores").rows
    assert [score["label"] for score in row["scores"]] == ["POSITIVE", "NEGATIVE"]
    [row] = swiftlet("classify", "I loved it.", "--json", "--top-k", 1).rows
    assert len(row["scores"]) == 1


def test_the_function_none_gives_raw_outputs(swiftlet):
    [row] = swiftlet("classify", "I loved it.", "--function", "none", "--json").rows
    assert row["score"] > 1


def test_an_empty_text_has_no_answer_and_a_warning(swiftlet):
    result = swiftlet("classify", "")
    result.shows('"text":"","label":null,"score":null,"empty":true}')
    assert "swiftlet: warning: 1 text was empty and left without an answer (text 1)" in result.err


def test_a_text_may_begin_with_a_dash(swiftlet):
    swiftlet("classify", "--", "-5 stars").shows('"text":"-5 stars"')


@pytest.mark.parametrize("options", [["--model", BUNDLED], ["--gemm", "native"], ["--threads", 1]],
                         ids=["model", "gemm", "threads"])
def test_the_score_is_the_same_with(swiftlet, options):
    [row], [expected] = swiftlet("classify", "I loved it.", *options).rows, swiftlet("classify", "I loved it.").rows
    assert row["label"] == expected["label"] == "POSITIVE"
    assert abs(row["score"] - expected["score"]) < 1e-5


def test_the_bundled_folder_is_the_default_model(swiftlet):
    result = swiftlet("classify", "I loved it.", "--model", BUNDLED)
    assert result.rows and result == swiftlet("classify", "I loved it.")


def test_a_pair_is_classified(swiftlet):
    result = swiftlet("classify", "--model", HEADS / "reranker", "--pair", "It was not bad", "A good film.", "--json")
    result.shows('"label":"RELEVANT"')


# Decisions


def test_minimum_score_decides_or_abstains(swiftlet):
    def classify(*options):
        return swiftlet("classify", "I loved it.", "so", "--minimum-score", 0.9, *options)

    assert [row["decision"] for row in classify("--json").rows] == ["POSITIVE", None]
    assert re.fullmatch(r"2,so,[A-Z]+,0\.\d+,,false,false", classify("--format", "csv").lines[2])
    table = classify("--format", "table").out
    assert [mark for mark in table if mark in "✓?"] == ["✓", "?"]


def test_without_a_threshold_nothing_is_decided(swiftlet):
    [row] = swiftlet("classify", "I loved it.", "--json").rows
    assert not {"decision", "accepted"} & row.keys()


def test_thresholds_accept_labels(swiftlet):
    def accepted(*options):
        [row] = swiftlet("classify", "I loved it.", "--json", *options).rows
        return [each["label"] for each in row["accepted"]]

    assert accepted("--function", "sigmoid", "--threshold", 0.5) == ["POSITIVE"]
    assert accepted("--threshold", 0.6, "--label-threshold", "negative=0") == ["POSITIVE", "NEGATIVE"]
    assert accepted("--label-threshold", "1=1") == []


def test_accepted_labels_have_a_column_and_rows(swiftlet):
    def classify(format):
        return swiftlet("classify", "I loved it.", "--threshold", 0.6, "--label-threshold", "negative=0",
                        "--format", format)

    classify("csv").shows(",POSITIVE;NEGATIVE")
    assert classify("table").out.count("✓") == 2


def test_temperature_lowers_the_score(swiftlet):
    [sure], [unsure] = (swiftlet("classify", "so", "--temperature", heat, "--json").rows for heat in (1, 4))
    assert 0.5 < unsure["score"] < sure["score"]


def test_raw_outputs_have_thresholds_of_any_size(swiftlet):
    [row] = swiftlet("classify", "so", "--function", "none", "--minimum-score", -1000, "--json").rows
    assert row["decision"]


@pytest.mark.parametrize("options, words", [
    (["--minimum-score", 80], "--minimum-score must be between 0 and 1"),
    (["--threshold=-0.5"], "--threshold"),
    (["--label-threshold", "maybe=0.5"], 'unknown label "maybe"; the model has 0 NEGATIVE, 1 POSITIVE'),
    (["--label-threshold", "0=0.5", "--label-threshold", "negative=0.6"], '"NEGATIVE" has two thresholds'),
])
def test_thresholds_that_the_model_cannot_have_are_refused(swiftlet, options, words):
    swiftlet("classify", "x", *options).fails(64, words)
