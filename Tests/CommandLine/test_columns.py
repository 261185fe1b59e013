"""--keep-columns: columns of the input in the output."""

import csv
import json

import pytest

from conftest import HEADS


@pytest.fixture
def tables(write):
    """Reviews in two tables with different columns, and in JSON Lines."""
    write("first.csv", "id,text,city,label,stars\nr1,Good film.,Rome,1,4.50\nr2,Bad film.,,0,\n")
    write("second.csv", "text,country,city\nFine film.,Italy,\"Bari, Italy\"\n")
    write("rows.jsonl", '{"text":"Good film.","stars":4.50,"ok":true,"tags":["a", "b"],"note":null,"who":"x"}\n'
                        '{"text":"Bad film.","more":{"a" : NaN},"who":7}\n')


@pytest.fixture
def keep(swiftlet, tables):
    """Runs classify with --keep-columns."""
    def keep(columns, *files, format="jsonl", **options):
        return swiftlet("classify", "--file", *files, "--keep-columns", columns, "--format", format, **options)

    return keep


def rows(result):
    assert result.status == 0
    return list(csv.DictReader(result.out.splitlines()))


def test_a_table_has_the_columns_after_the_text(keep):
    result = keep("stars,city", "first.csv", format="csv")
    assert result.lines[0] == "record,id,text,stars,city,label,score,truncated,empty"
    assert [line.split(",")[3:5] for line in result.lines[1:]] == [["4.50", "Rome"], ["", ""]]


def test_all_columns_are_those_that_the_output_does_not_have_already(keep):
    result = keep("all", "first.csv", format="csv")
    assert result.lines[0] == "record,id,text,city,input_label,stars,label,score,truncated,empty"
    assert [(row["input_label"], row["label"]) for row in rows(result)] == [("1", "POSITIVE"), ("0", "NEGATIVE")]


def test_json_has_the_type_of_the_source(keep):
    result = keep("all", "rows.jsonl")
    assert result.lines[0].startswith(
        '{"record":1,"text":"Good film.","stars":4.50,"ok":true,"tags":["a","b"],"note":null,"who":"x","label":')
    assert result.lines[1].startswith('{"record":2,"text":"Bad film.","more":{"a":null},"who":7,"label":')
    [first, _] = keep("stars,2", "first.csv").rows
    assert (first["stars"], first["text"], first["input_text"]) == ("4.50", "Good film.", "Good film.")


def test_a_table_of_json_has_the_keys_of_the_first_object(keep):
    result = keep("all", "rows.jsonl", format="csv")
    assert result.lines[0] == "record,text,stars,ok,tags,note,who,label,score,truncated,empty"
    assert [(row["stars"], row["ok"], row["tags"], row["note"], row["who"]) for row in rows(result)] == [
        ("4.50", "true", '["a","b"]', "", "x"), ("", "", "", "", "7")]
    assert 'swiftlet: note: 1 row has columns that are not in the header and were left out (the first is "more" at' \
        ' rows.jsonl:2)' in result.err


def test_a_key_that_an_object_lacks_is_null(keep):
    assert [row["stars"] for row in keep("stars", "rows.jsonl").rows] == [4.5, None]
    assert [row["stars"] for row in rows(keep("stars", "rows.jsonl", format="csv"))] == ["4.50", ""]


def test_files_with_different_headers_have_all_columns(keep):
    result = keep("all", "first.csv", "second.csv", format="csv")
    assert result.lines[0] == (
        "file,record,id,text,city,input_label,stars,country,label,score,truncated,empty")
    assert [(row["city"], row["stars"], row["country"]) for row in rows(result)] == [
        ("Rome", "4.50", ""), ("", "", ""), ("Bari, Italy", "", "Italy")]
    assert result.err == ""
    assert "stars" not in keep("all", "first.csv", "second.csv").rows[2]


def test_a_column_that_one_file_lacks_is_refused_before_any_work(keep):
    for format in ["csv", "jsonl"]:
        keep("country", "second.csv", "first.csv", format=format).fails(65, 'first.csv: no column "country"')
    keep("nope", "rows.jsonl").fails(65, 'no column "nope"')


def test_standard_input_has_columns_if_its_format_does(keep, swiftlet):
    table = (swiftlet.folder / "first.csv").read_text()
    result = keep("all", "-", "--input-format", "csv", format="csv", stdin=table)
    assert result.out == keep("all", "first.csv", format="csv").out
    keep("all", "-", stdin="Good film.\n").fails(65, "lines of text have no columns to keep")
    swiftlet("classify", "x", "--keep-columns", "city", "--json").fails(64, "--keep-columns needs --file")


def test_without_a_header_columns_have_numbers(keep, write):
    write("plain.csv", "a,Good film.,Rome\n")
    result = keep("3,1", "plain.csv", "--no-header", "--text-column", 2, format="csv")
    assert result.lines[0] == "record,text,3,1,label,score,truncated,empty"
    assert result.lines[1].startswith("1,Good film.,Rome,a,")


@pytest.mark.parametrize("format", ["table", "txt"])
def test_a_format_for_people_has_no_place(keep, format):
    if format == "table":
        keep("city", "first.csv", format="table").is_misuse("needs a format with columns, not table")
    else:
        keep("city", "first.csv", "--output", "a.txt", format="table").is_misuse("not table")


def test_a_terminal_says_how_to_see_them(on_terminal, tables):
    status, shown = on_terminal("classify", "--file", "first.csv", "--keep-columns", "city")
    assert status == 64 and "add --format csv, tsv or jsonl" in shown.replace("\r\n", " ")


def test_every_row_of_a_text_has_them(swiftlet, tables):
    result = swiftlet("tag", "--model", HEADS / "tokens", "--file", "first.csv", "--keep-columns", "city",
                      "--aggregation", "none", "--format", "csv")
    found = [(row["id"], row["city"]) for row in rows(result)]
    assert len(found) > 2 and set(found) == {("r1", "Rome"), ("r2", "")}
    result = swiftlet("embed", "--model", HEADS / "embed-max", "--file", "first.csv", "--keep-columns", "all", "--json")
    assert [json.dumps(row["city"]) for row in result.rows] == ['"Rome"', '""']


def test_an_output_can_be_labelled_again(keep, swiftlet):
    assert keep("all", "first.csv", "--output", "a.csv", format="csv").status == 0
    result = keep("all", "a.csv", format="csv")
    assert result.lines[0] == ("record,id,text,input_record,city,input_input_label,stars,input_label,input_score,"
                               "input_truncated,input_empty,label,score,truncated,empty")
