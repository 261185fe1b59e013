"""swiftlet evaluate: columns, labels, reports, and the comparison of precisions."""

import pytest

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


def test_compare_shows_both_precisions(evaluate):
    evaluate("rows.tsv", "--compare").shows("labels that changed   0 of 3")
    [report] = evaluate("rows.tsv", "--compare", "--json").rows
    assert report["count"] == report["float32"]["correct"] == report["int8"]["correct"] == 3
    assert report["changed_labels"] == 0 and 0 < report["largest_logit_difference"] < 1


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
